// Compile-time conditions: `$if linux`, `$if T is $int`, `$if debug ?`, `$if sizeof(T) > 4`.
//
// A condition that cannot be decided is an error, in V's wording; it then counts as false.

import type { Expr, TypeNode } from '../ast.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { comptimeDefault } from './comptime_calls.ts';
import { itemNamed, recordValue } from './comptime_items.ts';
import { comptimeType } from './comptime_types.ts';
import { type EvalContext, evaluate, infixValue } from './const_eval.ts';
import type { FnContext } from './context.ts';
import { checkExpr } from './expressions.ts';
import { systemFlag } from './flags.ts';
import { isComplete, matchType, newInference, parametersIn } from './inference.ts';
import { implementsInterface } from './interfaces.ts';
import { memberType, partNames } from './type_facts.ts';

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** `threads` asks whether the program starts any; what was given with `-d` is true. */
function flagValue(c: EvalContext, name: string): boolean | undefined {
  if (name === 'threads') return c.program.startsThreads;
  return c.program.loaded.defines.has(name) ? true : systemFlag(name);
}

function fail(c: EvalContext, message: string, e: Expr): false {
  c.program.error(message, e.span);
  return false;
}

export function comptimeTruth(c: EvalContext, e: Expr): boolean {
  switch (e.kind) {
    case 'bool':
      return e.value;
    case 'paren':
      return comptimeTruth(c, e.inner);
    case 'selector': {
      const truth = c.f && recordTruth(c, e);
      return truth ?? evaluatedTruth(c, e);
    }
    case 'ident':
      return nameTruth(c, e);
    case 'or':
      if (e.how !== '?') return fail(c, 'invalid $if postfix operator, only allow `?`.', e);
      if (e.value.kind !== 'ident')
        return fail(c, 'invalid $if postfix condition, only allow `Indent`.', e.value);
      // Tests are told by `$if test`, not by a flag.
      return e.value.name !== 'test' && c.program.loaded.defines.has(e.value.name);
    case 'prefix':
      if (e.operator === '!') return !comptimeTruth(c, e.value);
      return fail(c, 'invalid $if prefix operator, only allow `!`.', e);
    case 'infix':
      return infixTruth(c, e);
    case 'is': {
      if (!c.f) return fail(c, 'invalid $if condition: is/!is/in/!in', e);
      // A type parameter that nothing binds is of no kind.
      if (isUnbound(c, e.value)) return e.negated;
      // A type without such a part, `int.pointee_type`, is of no kind.
      if (e.value.kind === 'selector' && partNames.has(e.value.name)) {
        const whole = comptimeType(c.f, e.value.value);
        if (whole && !memberType(whole, e.value.name)) return e.negated;
      }
      const type = comptimeType(c.f, e.value) ?? checkExpr(c.f, e.value).type;
      return compatible(c, e.value, type, e.type) !== e.negated;
    }
    case 'comptimeCall':
      return callTruth(c, e);
    default:
      return evaluatedTruth(c, e);
  }
}

function isUnbound(c: EvalContext, e: Expr): boolean {
  if (e.kind !== 'ident' || !/^[A-Z]$/.test(e.name) || !c.f) return false;
  return !c.f.scope.find(e.name) && comptimeType(c.f, e) === undefined;
}

function evaluatedTruth(c: EvalContext, e: Expr): boolean {
  const value = evaluate(c, e);
  return typeof value === 'boolean' ? value : fail(c, 'invalid $if condition', e);
}

function recordTruth(c: EvalContext, e: Expr & { kind: 'selector' }): boolean | undefined {
  const item = c.f && itemNamed(c.f, e.value);
  const value = item && recordValue(item, e.name);
  if (value?.kind === 'bool') return value.value;
  const fact = item?.facts?.[e.name];
  if (fact !== undefined) return fact;
  if (!item || e.value.kind !== 'ident') return undefined;
  return fail(c, `unknown field \`${e.name}\` from ${e.value.name}`, e);
}

function isConst(c: EvalContext, e: Expr & { kind: 'ident' }): boolean {
  return c.program.find(c.program.consts, e.name, e.span) !== undefined;
}

function nameTruth(c: EvalContext, e: Expr & { kind: 'ident' }): boolean {
  const { name } = e;
  const local = c.f?.scope.find(name) !== undefined;
  const declared = local || isConst(c, e);
  // A constant of that name does not hide what the compiler knows of the system.
  const flag = local ? undefined : declared ? systemFlag(name) : flagValue(c, name);
  if (flag !== undefined) return flag;
  if (name === 'linux_or_macos') {
    return fail(c, 'linux_or_macos is deprecated, use `$if linux || macos {` instead', e);
  }
  const value = evaluate(c, e);
  if (typeof value === 'boolean') return value;
  if (!declared) return fail(c, `unknown var: \`${name}\``, e);
  const binding = c.f?.scope.find(name);
  if (binding?.local.mut)
    return fail(c, `\`${name}\` is mut and may have changed since its definition`, e);
  if (value === undefined)
    return fail(c, `definition of \`${name}\` is unknown at compile time`, e);
  const type = c.f ? checkExpr(c.f, e).type.name : 'int';
  return fail(c, `non-bool type \`${type}\` used as $if condition`, e);
}

function infixTruth(c: EvalContext, e: Expr & { kind: 'infix' }): boolean {
  const { operator: op } = e;
  // Both sides are looked at, so that a mistake in either is reported.
  if (op === '&&' || op === '||') {
    const left = comptimeTruth(c, e.left);
    if (op === '&&' && !left) return false;
    const right = comptimeTruth(c, e.right);
    return op === '&&' ? right : left || right;
  }
  if (op === 'in' || op === '!in') return oneOfTypes(c, e);
  if (!comparisons.has(op)) return fail(c, `invalid $if operator: ${op}`, e);
  const [left, right] = [sideValue(c, e.left), sideValue(c, e.right)];
  const truth = infixValue(op, left, right);
  if (typeof truth === 'boolean') return truth;
  const unknown = left === undefined ? e.left : e.right;
  const shown = c.program.textOf(unknown.span);
  const binding = unknown.kind === 'ident' ? c.f?.scope.find(unknown.name) : undefined;
  if (binding?.local.mut)
    return fail(c, `\`${shown}\` is mut and may have changed since its definition`, unknown);
  return fail(c, `definition of \`${shown}\` is unknown at compile time`, e);
}

/** One side of a comparison; `field.name` and the other members of a `$for` variable are known. */
function sideValue(c: EvalContext, e: Expr): ReturnType<typeof evaluate> {
  const item = e.kind === 'selector' && c.f ? itemNamed(c.f, e.value) : undefined;
  const value = item && e.kind === 'selector' ? recordValue(item, e.name) : undefined;
  if (value?.kind === 'string') return value.bytes;
  if (value?.kind === 'int' || value?.kind === 'bool') return value.value;
  if (e.kind === 'ident' && !c.f?.scope.find(e.name) && !isConst(c, e)) {
    const type = c.f && comptimeType(c.f, e);
    if (type) return Buffer.from(type.name).toString('latin1');
  }
  return evaluate(c, e);
}

function callTruth(c: EvalContext, e: Expr & { kind: 'comptimeCall' }): boolean {
  // No C library is there to be found.
  if (e.name === 'pkgconfig') return false;
  if (e.name !== 'd') return fail(c, 'invalid $if condition: unknown ComptimeCall', e);
  const value = comptimeDefault(c, e, 0);
  if (typeof value === 'boolean') return value;
  return fail(c, 'inside $if, only $d() expressions that return bool are allowed', e);
}

/** `$if T in [$int, string]` */
function oneOfTypes(c: EvalContext, e: Expr & { kind: 'infix' }): boolean {
  const { f } = c;
  if (!f) return fail(c, 'invalid $if condition: is/!is/in/!in', e);
  const type = comptimeType(f, e.left) ?? checkExpr(f, e.left).type;
  const list = e.right.kind === 'arrayLiteral' ? e.right.elements : [];
  const found = list.some((x) => {
    if (x.kind === 'typeExpr') return compatible(c, e.left, type, x.type);
    const other = comptimeType(f, x);
    return other !== undefined && typeHolds(c, type, other);
  });
  return found === (e.operator === 'in');
}

/** Whether the type that `left` names is the one (or of the kind) that stands on the right. */
export function compatible(c: EvalContext, left: Expr, type: Type, wanted: TypeNode): boolean {
  if (wanted.kind === 'named' && wanted.name.startsWith('$')) return kindHolds(type, wanted.name);
  if (!c.f) return false;
  const named = parametersIn(c.program, wanted).filter((x) => !c.f?.bindings.has(x));
  if (named.length > 0) return bindsTypes(c.f, type, wanted, named);
  const target = c.f.resolve(wanted);
  const item = itemNamed(c.f, left);
  if (item?.signature && types.unalias(target).kind === 'fn')
    return sameSignature(item.signature, types.unalias(target) as types.FnType);
  return typeHolds(c, type, target);
}

/** `$if T is map[K]V` makes K and V known in the branch. */
function bindsTypes(f: FnContext, type: Type, wanted: TypeNode, names: readonly string[]): boolean {
  const inference = newInference(f.program, names);
  matchType(inference, wanted, type);
  if (!isComplete(inference)) return false;
  const bound = new Map([...f.bindings, ...inference.bindings]);
  if (f.program.resolve(wanted, bound) !== type) return false;
  f.bindings = bound;
  return true;
}

export function typeHolds(c: EvalContext, type: Type, wanted: Type): boolean {
  if (type === wanted) return true;
  if (wanted.kind === 'interface') {
    return type.kind !== 'option' && implementsInterface(c.program, type, wanted) === undefined;
  }
  const [a, b] = [types.unalias(type), types.unalias(wanted)];
  return a.kind === 'fn' && b.kind === 'fn' && sameSignature(a, b);
}

function sameSignature(a: types.FnType, b: types.FnType): boolean {
  return (
    a.result === b.result &&
    a.params.length === b.params.length &&
    a.params.every((p, i) => {
      const q = b.params[i];
      return p.type === q?.type && p.mut === q.mut && p.variadic === q.variadic;
    })
  );
}

/** `$int`, `$struct` and so on: an alias is `$alias` alone, as is what stands in an option. */
export function kindHolds(type: Type, kind: string): boolean {
  const integer =
    type.kind === 'int' && ![types.rune, types.charType, types.voidptr].includes(type);
  const kinds: Record<string, boolean> = {
    $int: integer || type.kind === 'intLiteral',
    $float: type.kind === 'float' || type.kind === 'floatLiteral',
    $string: type === types.string,
    $bool: type === types.bool,
    $struct: type.kind === 'struct',
    $enum: type.kind === 'enum',
    $array: type.kind === 'array' || type.kind === 'fixed',
    $array_dynamic: type.kind === 'array',
    $array_fixed: type.kind === 'fixed',
    $map: type.kind === 'map',
    $sumtype: type.kind === 'sum',
    $interface: type.kind === 'interface',
    $option: type.kind === 'option',
    $alias: type.kind === 'alias',
    $function: type.kind === 'fn',
    $pointer: type.kind === 'ref' || type === types.voidptr,
    $voidptr: type === types.voidptr,
    $shared: type.kind === 'shared',
  };
  return kinds[kind] ?? false;
}

// The values of expressions that are known while compiling: literals, constants, casts, operators,
// `sizeof`, `$if`, `@FN`, members of types, and calls of functions that are one `return`.
//
// Fixed array sizes, enum values and compile-time conditions are such expressions. Undefined means
// that the value is not known; the caller reports what it needed it for.

import type { CallExpr, Expr, FnDecl, IfExpr } from '../ast.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { atValue } from './at_values.ts';
import { comptimeTruth } from './comptime.ts';
import { comptimeDefault } from './comptime_calls.ts';
import { comptimeType } from './comptime_types.ts';
import type { FnContext } from './context.ts';
import { layoutOf } from './layout.ts';
import { foldIntegers, noBindings, type Program } from './program.ts';
import { typeMember } from './type_facts.ts';

/** A string is its bytes, one char each. */
export type Known = bigint | number | string | boolean;

export interface EvalContext {
  readonly program: Program;
  readonly f?: FnContext | undefined;
  /** Arguments of the function being evaluated. */
  readonly names?: ReadonlyMap<string, Known>;
}

const depthMax = 60;

export function evaluate(c: EvalContext, e: Expr, depth = 0): Known | undefined {
  if (depth > depthMax) return undefined;
  const inner = (x: Expr): Known | undefined => evaluate(c, x, depth + 1);
  switch (e.kind) {
    case 'number':
      return /^\d+$|^0[xob]/i.test(e.text) ? BigInt(e.text.toLowerCase()) : Number(e.text);
    case 'string':
      return e.bytes;
    case 'bool':
      return e.value;
    case 'char':
      return BigInt(Buffer.from(e.bytes, 'latin1').toString('utf8').codePointAt(0) ?? 0);
    case 'paren':
      return inner(e.inner);
    case 'ident':
      return identValue(c, e, depth);
    case 'at':
      return atValue(c.program, c.f, e);
    case 'cast':
      return castValue(inner(e.value), resolved(c, e.type));
    case 'prefix':
      return prefixValue(e.operator, inner(e.value));
    case 'infix':
      return infixValue(e.operator, inner(e.left), inner(e.right));
    case 'sizeof': {
      const type = c.f && comptimeType(c.f, e.value);
      if (type) return BigInt(layoutOf(type).size);
      return e.value.kind === 'typeExpr'
        ? BigInt(layoutOf(resolved(c, e.value.type)).size)
        : undefined;
    }
    case 'if':
      return ifValue(c, e, depth);
    case 'selector':
      return selectorValue(c, e);
    case 'call':
      return callValue(c, e, depth);
    case 'comptimeCall':
      return e.name === 'd' ? comptimeDefault(c, e, depth) : undefined;
    default:
      return undefined;
  }
}

function resolved(c: EvalContext, node: import('../ast.ts').TypeNode): Type {
  return c.f ? c.f.resolve(node) : c.program.resolve(node, noBindings);
}

function identValue(c: EvalContext, e: Expr & { kind: 'ident' }, depth: number): Known | undefined {
  const { name } = e;
  const given = c.names?.get(name);
  if (given !== undefined) return given;
  const binding = c.f?.scope.find(name);
  if (binding) {
    const initial = c.program.initialValues.get(binding.local);
    return initial && evaluate(c, initial, depth + 1);
  }
  const symbol = c.program.find(c.program.consts, name, e.span);
  return symbol && evaluate({ program: c.program }, symbol.value, depth + 1);
}

function castValue(value: Known | undefined, to: Type): Known | undefined {
  const t = types.unalias(to);
  if (t.kind === 'float') {
    return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
  }
  if (t.kind === 'string') return typeof value === 'string' ? value : undefined;
  if (t.kind === 'bool') return typeof value === 'boolean' ? value : undefined;
  const base = t.kind === 'enum' ? t.base : t;
  if (base.kind !== 'int') return undefined;
  if (typeof value === 'bigint') return types.wrapToType(value, base);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return types.wrapToType(BigInt(Math.trunc(value)), base);
}

function prefixValue(op: string, value: Known | undefined): Known | undefined {
  if (op === '!') return typeof value === 'boolean' ? !value : undefined;
  if (typeof value === 'bigint') {
    return op === '-' ? -value : op === '~' ? ~value : op === '+' ? value : undefined;
  }
  if (typeof value !== 'number') return undefined;
  return op === '-' ? -value : op === '+' ? value : undefined;
}

export function infixValue(op: string, left?: Known, right?: Known): Known | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (typeof left === 'boolean' && typeof right === 'boolean') {
    if (op === '&&') return left && right;
    if (op === '||') return left || right;
  }
  if (typeof left !== typeof right) {
    const numbers = typeof left !== 'string' && typeof right !== 'string';
    if (!numbers || typeof left === 'boolean' || typeof right === 'boolean') return undefined;
    return infixValue(op, Number(left), Number(right));
  }
  const comparisons: Record<string, boolean> = {
    '==': left === right,
    '!=': left !== right,
    '<': left < right,
    '<=': left <= right,
    '>': left > right,
    '>=': left >= right,
  };
  const compared = comparisons[op];
  if (compared !== undefined) return compared;
  if (typeof left === 'bigint' && typeof right === 'bigint') return foldIntegers(op, left, right);
  if (typeof left === 'string') return op === '+' ? left + (right as string) : undefined;
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  const folded: Record<string, number> = {
    '+': left + right,
    '-': left - right,
    '*': left * right,
    '/': left / right,
    '**': left ** right,
  };
  return folded[op];
}

function ifValue(c: EvalContext, e: IfExpr, depth: number): Known | undefined {
  for (const branch of e.branches) {
    const { condition, body } = branch;
    const holds = !condition
      ? true
      : e.comptime
        ? comptimeTruth(c, condition)
        : evaluate(c, condition, depth + 1);
    if (holds === undefined) return undefined;
    if (!holds) continue;
    const last = body.stmts[body.stmts.length - 1];
    return last?.kind === 'expr' ? evaluate(c, last.value, depth + 1) : undefined;
  }
  return undefined;
}

function selectorValue(c: EvalContext, e: Expr & { kind: 'selector' }): Known | undefined {
  const ofType = c.f ? comptimeType(c.f, e.value) : undefined;
  const type = ofType ?? enumNamed(c, e.value);
  const t = type && types.unalias(type);
  if (t?.kind === 'enum' && t.values.has(e.name)) return t.values.get(e.name);
  if (!type) return moduleConst(c, e);
  const member = typeMember(c.program, type, e.name, e.span);
  if (member?.kind === 'int' || member?.kind === 'bool') return member.value;
  return member?.kind === 'string' ? member.bytes : undefined;
}

function enumNamed(c: EvalContext, e: Expr): Type | undefined {
  if (e.kind !== 'ident') return undefined;
  const decl = c.program.find(c.program.namedDecls, e.name, e.span);
  if (decl?.kind !== 'enum') return undefined;
  return resolved(c, { kind: 'named', name: e.name, args: [], span: e.span });
}

function moduleConst(c: EvalContext, e: Expr & { kind: 'selector' }): Known | undefined {
  if (e.value.kind !== 'ident') return undefined;
  const symbol = c.program.find(c.program.consts, `${e.value.name}.${e.name}`, e.span);
  return symbol && evaluate({ program: c.program }, symbol.value);
}

/** Enum values are computed before functions are known by name. */
function functionDecl(c: EvalContext, callee: Expr & { kind: 'ident' }): FnDecl | undefined {
  const { name, span } = callee;
  const symbol = c.program.find(c.program.functions, name, span);
  if (symbol) return symbol.decl;
  for (const unit of c.program.unitAt(span).module.units) {
    for (const d of unit.decls) {
      if (d.kind === 'fn' && d.name === name && !d.receiver && !d.staticOf) return d;
    }
  }
  return undefined;
}

/** `os.join_path(a, b)`: the paths of templates may be put together. */
function joinedPath(c: EvalContext, e: CallExpr, depth: number): string | undefined {
  const alias = e.callee.kind === 'selector' ? e.callee.value : undefined;
  if (alias?.kind !== 'ident') return undefined;
  if (c.program.moduleNamed(alias.name, alias.span)?.path !== 'os') return undefined;
  const parts = e.args.map((a) => evaluate(c, a.value, depth + 1));
  return parts.every((part) => typeof part === 'string') ? parts.join('/') : undefined;
}

/** `u32(x)`, or a call of a function whose body is one `return`. */
function callValue(c: EvalContext, e: CallExpr, depth: number): Known | undefined {
  const { callee, args } = e;
  if (callee.kind === 'selector' && /^join_path(_single)?$/.test(callee.name))
    return joinedPath(c, e, depth);
  if (callee.kind !== 'ident') return undefined;
  const values = args.map((a) => evaluate(c, a.value, depth + 1));
  const decl = functionDecl(c, callee);
  if (!decl) {
    const node = { kind: 'named', name: callee.name, args: [], span: callee.span } as const;
    const named = c.program.find(c.program.namedDecls, callee.name, callee.span);
    const isType = types.builtinTypes.has(callee.name) || named !== undefined;
    return isType && args.length === 1 ? castValue(values[0], resolved(c, node)) : undefined;
  }
  const { params } = decl.signature;
  const [only, ...more] = decl.body?.stmts ?? [];
  if (params.length !== args.length || more.length > 0 || decl.generics.length > 0)
    return undefined;
  const result = only?.kind === 'return' ? only.values[0] : only?.kind === 'expr' && only.value;
  if (!result) return undefined;
  const names = new Map<string, Known>();
  for (const [i, param] of params.entries()) {
    const value = values[i];
    if (value === undefined) return undefined;
    names.set(param.name, value);
  }
  return evaluate({ program: c.program, names }, result, depth + 1);
}

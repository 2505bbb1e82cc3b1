// Enums: their values, and the methods that V makes for each (docs.md, "Enums" and "Enum as
// flags").

import type { CallExpr, EnumDecl, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { SwitchCase, TBlock, TExpr } from '../typed.ts';
import type { EnumType, Type } from '../types.ts';
import * as types from '../types.ts';
import { checkRowArgs, type Selector } from './builtin_methods.ts';
import { comptimeTruth } from './comptime.ts';
import { integerOf } from './constant_eval.ts';
import { FnContext } from './context.ts';
import { settle } from './convert.ts';
import { bad, checkExpr, checkSettled, intConst, runtime, stringConst } from './expressions.ts';
import { checkPending } from './functions.ts';
import { usedPlace } from './places.ts';
import { foldIntegers, noBindings, type Program } from './program.ts';

const baseNames = ['i8', 'i16', 'i32', 'int', 'i64', 'u8', 'u16', 'u32', 'u64'];

export function buildEnum(p: Program, declared: EnumDecl, name: string): Type {
  const fields = declared.fields.filter((x) =>
    x.conditions.every((c) => comptimeTruth({ program: p }, c.condition) === c.holds),
  );
  const decl = { ...declared, fields };
  const flag = decl.attributes.some((a) => a.name === 'flag');
  const base = decl.base ? p.resolve(decl.base, noBindings) : types.intType;
  if (decl.base && base !== types.errorType && !baseNames.includes(base.name)) {
    const list = baseNames.map((n) => `\`${n}\``).join(',');
    p.error(`\`${base.name}\` is not one of ${list}`, decl.base.span);
  }
  const type: EnumType = {
    kind: 'enum',
    name,
    decl,
    flag,
    base: base.kind === 'int' ? base : types.intType,
    values: new Map<string, bigint>(),
  };
  p.namedTypes.set(name, type);
  checkFields(p, decl, flag);
  if (!fillValues(p, type, (e) => constantValue(p, e, type.values))) {
    // Values of constants and functions that are declared somewhere: known when all of them are.
    p.lateTypes.push(() => {
      fillValues(p, type, (e) => computedValue(p, type, e));
    });
  }
  return type;
}

function checkFields(p: Program, decl: EnumDecl, flag: boolean): void {
  if (decl.fields.length === 0) p.error('enum cannot be empty', decl.nameSpan);
  if (flag && decl.fields.length > 64)
    p.error('when an enum is used as bit field, it must have a max of 64 fields', decl.nameSpan);
  const seen = new Set<string>();
  for (const x of decl.fields) {
    if (seen.has(x.name)) p.error(`duplicate enum field name \`${x.name}\``, x.span);
    seen.add(x.name);
    if (/[A-Z]/.test(x.name))
      p.error(
        `field name \`${x.name}\` cannot contain uppercase letters, use snake_case instead`,
        x.span,
      );
    if (flag && x.value)
      p.error('when an enum is used as a bit field, you can not assign custom values', x.span);
  }
}

/** Gives every field its value; false when one is not known yet. */
function fillValues(
  p: Program,
  type: EnumType,
  evaluate: (e: Expr) => bigint | undefined,
): boolean {
  const { decl, values, flag } = type;
  values.clear();
  const seen = new Set<bigint>();
  const several = decl.attributes.some((a) => a.name === '_allow_multiple_values');
  let next = flag ? 1n : 0n;
  for (const x of decl.fields) {
    if (x.value) {
      const value = evaluate(x.value);
      if (value === undefined) return false;
      next = value;
    }
    checkValue(p, type, x, next, several, seen);
    values.set(x.name, next);
    seen.add(next);
    next = flag ? next * 2n : next + 1n;
  }
  return true;
}

function checkValue(
  p: Program,
  type: EnumType,
  x: EnumDecl['fields'][number],
  value: bigint,
  several: boolean,
  seen: ReadonlySet<bigint>,
): void {
  // V's checker lets an `int` enum hold what 64 bits hold.
  const { low, high } = types.intRange(type.base === types.intType ? types.i64 : type.base);
  const span = x.value?.span ?? x.span;
  if (value < low || value > high) {
    const what = x.value
      ? `enum value \`${value}\` overflows the enum type \`${type.base.name}\`, values of which ` +
        `have to be in [${low}, ${high}]`
      : `enum value overflows type \`${type.base.name}\`, which has a maximum value of ${high}`;
    p.error(what, span);
  } else if (seen.has(value) && !several) {
    p.error(
      `enum value \`${value}\` already exists`,
      span,
      'use `@[_allow_multiple_values]` attribute to allow multiple enum values. Use only when ' +
        'it is needed',
    );
  }
}

/** The value of literals, earlier fields, constants, and operations on them. */
function constantValue(
  p: Program,
  e: Expr,
  values: ReadonlyMap<string, bigint>,
): bigint | undefined {
  if (e.kind === 'prefix' && (e.operator === '-' || e.operator === '~')) {
    const inner = constantValue(p, e.value, values);
    return inner === undefined ? undefined : e.operator === '-' ? -inner : ~inner;
  }
  if (e.kind === 'paren') return constantValue(p, e.inner, values);
  if (e.kind === 'char')
    return BigInt(Buffer.from(e.bytes, 'latin1').toString('utf8').codePointAt(0) ?? 0);
  if (e.kind === 'enumValue') return values.get(e.name);
  if (e.kind === 'infix') {
    const left = constantValue(p, e.left, values);
    const right = constantValue(p, e.right, values);
    return left === undefined || right === undefined
      ? undefined
      : foldIntegers(e.operator, left, right);
  }
  return p.constantInt(e);
}

function computedValue(p: Program, type: EnumType, e: Expr): bigint {
  const known = constantValue(p, e, type.values);
  if (known !== undefined) return known;
  const f = new FnContext(p, type.name, types.voidType, noBindings);
  const value = settle(checkExpr(f, e, type));
  checkPending(p);
  const found = integerOf(value);
  if (found !== undefined) return found;
  if (value.type !== types.errorType)
    p.error('the default value for an enum has to be an integer', e.span);
  return 0n;
}

// --- methods -------------------------------------------------------------------------------------

function allBits(t: EnumType): bigint {
  return (1n << BigInt(t.decl.fields.length)) - 1n;
}

const changes: Readonly<Record<string, '|' | '&' | '^'>> = { set: '|', clear: '&', toggle: '^' };

/** `has`, `all`, `set`, … of a flag enum. */
export function enumMethod(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  value: TExpr,
  t: EnumType,
): TExpr | undefined {
  if (!t.flag) return undefined;
  const { span } = e;
  const { name } = callee;
  if (name === 'is_empty') {
    if (!checkRowArgs(f, e, callee, [])) return bad(span);
    const right = intConst(0, span, value.type);
    return { kind: 'compare', op: '==', left: value, right, type: types.bool, span };
  }
  if (name === 'has' || name === 'all') {
    const args = checkRowArgs(f, e, callee, [value.type]);
    if (!args) return bad(span);
    const mask = settle(args[0] as TExpr);
    if (name === 'all') return runtime('v_string', 'flag_all', [value, mask], types.bool, span);
    const common: TExpr = {
      kind: 'arith',
      op: '&',
      left: value,
      right: mask,
      type: value.type,
      span,
    };
    const none = intConst(0, span, value.type);
    return { kind: 'compare', op: '!=', left: common, right: none, type: types.bool, span };
  }
  const all = name === 'set_all' || name === 'clear_all';
  if (!all && !(name in changes)) return undefined;
  const args = checkRowArgs(f, e, callee, all ? [] : [value.type]);
  if (!args) return bad(span);
  const place = usedPlace(f, callee.value);
  if (!place) {
    f.error(`cannot call the \`mut\` method \`${name}\` on an expression`, callee.span);
    return bad(span);
  }
  const old = f.temporary('old', value.type, span);
  const left: TExpr = { kind: 'local', local: old, type: old.type, span };
  const stmt = {
    kind: 'modify',
    place: referred(place, span),
    old,
    value: changed(t, name, left, args[0], span),
    span,
  } as const;
  const body: TBlock = { stmts: [stmt], value: undefined };
  return { kind: 'block', body, type: types.voidType, span };
}

function referred(place: NonNullable<ReturnType<typeof usedPlace>>, span: Span): typeof place {
  const t = types.unalias(place.type);
  if (t.kind !== 'ref') return place;
  const reference: TExpr = { kind: 'place', place, type: place.type, span };
  return { kind: 'target', reference, type: t.inner, span };
}

function changed(
  t: EnumType,
  name: string,
  left: TExpr,
  mask: TExpr | undefined,
  span: Span,
): TExpr {
  const { type } = left;
  if (!mask) return intConst(name === 'set_all' ? allBits(t) : 0n, span, type);
  const op = changes[name] as '|';
  const right: TExpr = name === 'clear' ? { kind: 'invert', value: mask, type, span } : mask;
  return { kind: 'arith', op, left, right, type, span };
}

// --- static methods ------------------------------------------------------------------------------

/** `T.zero()`, `T.from(x)`, `T.from_string(s)`; undefined when the enum has no such method. */
export function enumStatic(f: FnContext, e: CallExpr, name: string, type: Type): TExpr | undefined {
  const t = types.unalias(type);
  if (t.kind !== 'enum') return undefined;
  const { span } = e;
  if (name === 'zero' && t.flag && e.args.length === 0) return intConst(0, span, type);
  const [arg] = e.args;
  if ((name !== 'from' && name !== 'from_string') || !arg || e.args.length !== 1) return undefined;
  const value = checkSettled(f, arg.value);
  const from = types.unalias(value.type);
  if (from === types.errorType) return bad(span);
  if (name === 'from_string') {
    const result = types.optionOf(type);
    const none: TExpr = { kind: 'atom', name: 'none', type: result, span };
    return byName(t, value, { result, wrap: 'some', otherwise: none }, span);
  }
  const result = types.resultOf(type);
  const found = { result, wrap: 'ok', otherwise: invalidValue(f, result, span) } as const;
  if (from === types.string) return byName(t, value, found, span);
  if (from.kind !== 'int') return invalidValue(f, result, span);
  return t.flag ? flagOf(f, t, value, found, span) : byValue(t, value, found, span);
}

interface Lookup {
  readonly result: Type;
  readonly wrap: 'some' | 'ok';
  readonly otherwise: TExpr;
}

function invalidValue(f: FnContext, result: Type, span: Span): TExpr {
  const call = {
    kind: 'call',
    callee: { kind: 'ident', name: 'error', span },
    typeArgs: [],
    args: [
      {
        mut: false,
        shared: false,
        spread: false,
        name: undefined,
        value: { kind: 'string', bytes: 'invalid value', span },
        span,
      },
    ],
    span,
  } as const;
  const value = checkExpr(f, call);
  return { kind: 'wrap', wrap: { kind: 'err' }, value, type: result, span };
}

function wrapped(value: TExpr, found: Lookup): TBlock {
  const { span } = value;
  const whole: TExpr = {
    kind: 'wrap',
    wrap: { kind: found.wrap },
    value,
    type: found.result,
    span,
  };
  return { stmts: [], value: whole };
}

function byName(t: EnumType, value: TExpr, found: Lookup, span: Span): TExpr {
  const names = [...t.values].map(([name, n]) => [name, n] as const);
  // A flag enum is empty by the empty name.
  const rows = t.flag && found.wrap === 'ok' ? [...names, ['', 0n] as const] : names;
  const cases = rows.map(
    ([name, n]): SwitchCase => ({
      values: [stringConst(Buffer.from(name).toString('latin1'), span)],
      body: wrapped(intConst(n, span, t), found),
    }),
  );
  return select(value, cases, found, span);
}

function byValue(t: EnumType, value: TExpr, found: Lookup, span: Span): TExpr {
  const cases = [...new Set(t.values.values())].map(
    (n): SwitchCase => ({
      values: [intConst(n, span)],
      body: wrapped(intConst(n, span, t), found),
    }),
  );
  return select(value, cases, found, span);
}

function select(subject: TExpr, cases: readonly SwitchCase[], found: Lookup, span: Span): TExpr {
  const otherwise: TBlock = { stmts: [], value: found.otherwise };
  return { kind: 'switch', subject, cases, otherwise, type: found.result, span };
}

/** Any combination of the bits there are is a flag. */
function flagOf(f: FnContext, t: EnumType, value: TExpr, found: Lookup, span: Span): TExpr {
  const held = f.temporary('flags', value.type, span);
  const read: TExpr = { kind: 'local', local: held, type: held.type, span };
  const within = runtime(
    'v_string',
    'flag_within',
    [read, intConst(allBits(t), span)],
    types.bool,
    span,
  );
  const choice: TExpr = {
    kind: 'if',
    condition: within,
    whenTrue: wrapped({ kind: 'convert', value: read, type: t, span }, found),
    otherwise: { stmts: [], value: found.otherwise },
    type: found.result,
    span,
  };
  const keep = { kind: 'let', local: held, value, span } as const;
  return { kind: 'block', body: { stmts: [keep], value: choice }, type: found.result, span };
}

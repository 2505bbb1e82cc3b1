// Lowering of expressions to variables and literals; what has to be evaluated becomes frames of the
// current block.

import {
  type Atom,
  apply,
  applyValue,
  atom,
  binary,
  type Core,
  call,
  caseOf,
  concatBinaries,
  float,
  fun,
  ifTrue,
  integer,
  list,
  tuple,
} from '../core.ts';
import type { Arg, FnInstance, TExpr } from '../typed.ts';
import * as types from '../types.ts';
import {
  floatArith,
  floatFunction,
  floatToInt,
  intArith,
  intToFloat,
  intToInt,
  rounded,
  wrapInt,
} from './arithmetic.ts';
import { lengthOf, readByte, readElement } from './arrays.ts';
import { lowerBranch, merge } from './branches.ts';
import { fallOff, Lowerer } from './lowerer.ts';
import {
  accessPlace,
  isReferenced,
  type PlaceAccess,
  readField,
  referenceTo,
  wrapTag,
} from './places.ts';
import { emptyUnion, unionOf, writeUnion } from './unions.ts';

const ok = atom('ok');

type Lower<K extends TExpr['kind']> = (l: Lowerer, e: Extract<TExpr, { kind: K }>) => Atom;

const table: { [K in TExpr['kind']]: Lower<K> } = {
  int: (_l, e) => integer(e.value),
  float: (_l, e) => lowerFloat(e.value),
  string: (_l, e) => binary(e.bytes),
  bool: (_l, e) => atom(String(e.value)),
  atom: (_l, e) => atom(e.name),
  local: (l, e) => l.readLocal(e.local),
  const: (l, e) => lowerConst(l, e),
  place: (l, e) => accessPlace(l, e.place).get(),
  arith: lowerArith,
  negate: (l, e) => lowerNegate(l, e),
  invert: (l, e) => lowerInvert(l, e),
  not: (l, e) => lowerNot(l, e),
  compare: lowerCompare,
  logic: (l, e) => lowerLogic(l, e),
  convert: lowerConvert,
  wrap: (l, e) => l.b.bind(tuple([atom(wrapTag(e.wrap)), l.expr(e.value)])),
  unwrap: (l, e) => l.b.bind(call('erlang', 'element', ['2', l.expr(e.value)])),
  test: (l, e) => lowerTest(l, e),
  field: (l, e) => readField(l, l.expr(e.value), e.index, e.value.type),
  struct: (l, e) => lowerStruct(l, e),
  update: (l, e) => lowerUpdate(l, e),
  array: (l, e) => lowerArray(l, e),
  tuple: (l, e) => l.b.bind(tuple(exprs(l, e.values))),
  list: (l, e) => l.b.bind(list(exprs(l, e.values))),
  index: (l, e) => {
    const [value, index] = exprs(l, [e.value, e.index]) as [Atom, Atom];
    const name = types.unalias(e.value.type).kind === 'fixed' ? 'get_fixed' : 'get';
    const slow = l.locate(call('v_array', name, [value, index]), e.span);
    return readElement(l.b, value, index, slow);
  },
  concat: (l, e) => lowerConcat(l, exprs(l, e.parts)),
  runtime: (l, e) => lowerRuntime(l, e),
  mutate: (l, e) => lowerMutate(l, e),
  call: (l, e) => lowerCall(l, e),
  callValue: (l, e) => lowerCallValue(l, e),
  fnRef: (l, e) => lowerFnRef(l, e.fn),
  closure: (l, e) => lowerClosure(l, e),
  if: (l, e) => lowerIf(l, e),
  switch: (l, e) => lowerSwitch(l, e),
  block: (l, e) => l.block(e.body) ?? ok,
  addressOf: (l, e) => referenceTo(l, e.place),
  newCell: (l, e) => l.newCell(l.options.cells.fresh(e.value.type), l.expr(e.value)),
  panic: (l, e) => {
    const message = l.expr(e.message);
    // Erlang's own function keeps the V function in the stack trace, a call of ours would not.
    const reason = l.b.bind(tuple([atom('v_panic'), message]));
    l.b.end(l.locate(call('erlang', 'error', [reason]), e.span));
    return ok;
  },
  bad: () => ok,
};

/** The value of an expression; `ok` for one without, or when the block has ended. */
export function lowerExpr(l: Lowerer, e: TExpr): Atom {
  if (l.b.ended !== undefined) return ok;
  return (table[e.kind] as Lower<TExpr['kind']>)(l, e as never);
}

function exprs(l: Lowerer, list_: readonly TExpr[]): Atom[] {
  return list_.map((e) => l.expr(e));
}

function lowerFloat(value: number): Atom {
  if (Number.isNaN(value)) return atom('nan');
  if (!Number.isFinite(value)) return atom(value > 0 ? 'inf' : '-inf');
  return float(value);
}

/** What a constant of a module is kept under. */
export function constantKey(module: string, name: string): Core {
  return tuple([atom('v_const'), atom(module), atom(name)]);
}

function lowerConst(l: Lowerer, e: TExpr & { kind: 'const' }): Atom {
  const { value } = e.info;
  if (value && ['int', 'float', 'string', 'bool'].includes(value.kind)) return l.expr(value);
  return l.b.bind(
    call('persistent_term', 'get', [constantKey(l.options.module, e.info.name)]),
    e.info.name,
  );
}

// --- operators -----------------------------------------------------------------------------------

function numericType(type: types.Type): types.Type {
  const t = types.unalias(type);
  return t.kind === 'enum' ? t.base : t;
}

function lowerArith(l: Lowerer, e: TExpr & { kind: 'arith' }): Atom {
  const [left, right] = exprs(l, [e.left, e.right]) as [Atom, Atom];
  const t = numericType(e.type);
  if (t.kind === 'float') return floatArith(l.b, e.op, left, right, t.bits === 32);
  const type = t.kind === 'int' ? t : types.intType;
  return intArith(l.b, e.op, left, right, type, { locate: (core) => l.locate(core, e.span) });
}

function lowerNegate(l: Lowerer, e: TExpr & { kind: 'negate' | 'invert' | 'not' }): Atom {
  const value = l.expr(e.value);
  const t = numericType(e.type);
  if (t.kind === 'float')
    return rounded(l.b, l.b.bind(call('v_float', 'negate', [value])), t.bits === 32);
  const type = t.kind === 'int' ? t : types.intType;
  const { low, high } = l.b.ranges.of(value, type);
  return wrapInt(l.b, l.b.bind(call('erlang', '-', ['0', value])), type, {
    low: -high,
    high: -low,
  });
}

function lowerNot(l: Lowerer, e: TExpr & { kind: 'negate' | 'invert' | 'not' }): Atom {
  const of = l.expr(e.value);
  const result = l.b.bind(call('erlang', 'not', [of]));
  l.b.ranges.test(result, { kind: 'not', of });
  return result;
}

function lowerInvert(l: Lowerer, e: TExpr & { kind: 'negate' | 'invert' | 'not' }): Atom {
  const inverted = l.b.bind(call('erlang', 'bnot', [l.expr(e.value)]));
  const t = numericType(e.type);
  return t.kind === 'int' && !t.signed ? wrapInt(l.b, inverted, t) : inverted;
}

const orderings: Readonly<Record<string, string>> = { '<': '<', '>': '>', '<=': '=<', '>=': '>=' };

function lowerCompare(l: Lowerer, e: TExpr & { kind: 'compare' }): Atom {
  const [left, right] = exprs(l, [e.left, e.right]) as [Atom, Atom];
  const isFloat = numericType(e.left.type).kind === 'float';
  if (isFloat) return l.b.bindPure(floatCompare(e.op, left, right));
  const bif = e.op === '==' ? '=:=' : e.op === '!=' ? '=/=' : (orderings[e.op] as string);
  const result = l.b.bind(call('erlang', bif, [left, right]));
  noteComparison(l, e, result, left, right);
  return result;
}

/** What the comparison says of integers is known in the branches that it decides. */
function noteComparison(
  l: Lowerer,
  e: TExpr & { kind: 'compare' },
  result: Atom,
  left: Atom,
  right: Atom,
): void {
  const [a, b] = [numericType(e.left.type), numericType(e.right.type)];
  if (a.kind !== 'int' || b.kind !== 'int') return;
  l.b.ranges.narrow(left, types.intRange(a));
  l.b.ranges.narrow(right, types.intRange(b));
  l.b.ranges.test(result, { kind: 'compare', op: e.op, left, right });
}

/** Floats that are numbers compare at once; infinities and NaN are atoms and go the long way. */
function floatCompare(op: string, left: Atom, right: Atom): Core {
  const name = op === '==' ? '==' : op === '!=' ? '/=' : (orderings[op] as string);
  const fast = call('erlang', name, [left, right]);
  const slow = call('v_float', 'compare', [atom(op), left, right]);
  const isLiteral = /^-?\d/.test(right);
  const rest = isLiteral ? fast : ifTrue(call('erlang', 'is_float', [right]), fast, slow);
  return ifTrue(call('erlang', 'is_float', [left]), rest, slow);
}

function lowerLogic(l: Lowerer, e: TExpr & { kind: 'logic' }): Atom {
  const left = l.expr(e.left);
  if (l.b.ended !== undefined) return ok;
  const all = e.op === '&&';
  const right = lowerBranch(l, () => l.expr(e.right), left, all);
  const short = lowerBranch(l, () => atom(String(!all)));
  const branches = all ? [right, short] : [short, right];
  const result = merge(l, branches, true, ([whenTrue, otherwise]) =>
    ifTrue(left, whenTrue as Core, otherwise as Core),
  );
  if (result === undefined) return ok;
  const inner = right.b.ended === undefined ? right.value : undefined;
  if (inner !== undefined) {
    l.b.ranges.adopt(right.b.ranges, inner);
    l.b.ranges.test(result, { kind: 'both', all, left, right: inner });
  }
  return result;
}

function lowerConvert(l: Lowerer, e: TExpr & { kind: 'convert' }): Atom {
  const value = l.expr(e.value);
  const from = numericType(e.value.type);
  const to = numericType(e.type);
  if (from.kind === 'int' && to.kind === 'int') return intToInt(l.b, value, from, to);
  if (from.kind === 'int' && to.kind === 'float') return intToFloat(l.b, value, to.bits === 32);
  if (from.kind === 'float' && to.kind === 'int') return floatToInt(l.b, value, to);
  if (from.kind === 'float' && to.kind === 'float')
    return to.bits < from.bits ? rounded(l.b, value, true) : value;
  return value;
}

function lowerTest(l: Lowerer, e: TExpr & { kind: 'test' }): Atom {
  const value = l.expr(e.value);
  if (e.of === 'option') {
    const clauses = [
      { pattern: "{'some',_}", body: atom('true') },
      { pattern: '_', body: atom('false') },
    ];
    return l.b.bind(caseOf(value, clauses));
  }
  if (e.tags.length === 0) return atom('false');
  // `nil` stands for an interface that was never set.
  const tag = l.b.bind(call('erlang', 'element', ['1', value]));
  const clauses = e.tags.map((t) => ({ pattern: atom(t), body: atom('true') }));
  return l.b.bind(caseOf(tag, [...clauses, { pattern: '_', body: atom('false') }]));
}

// --- building values -----------------------------------------------------------------------------

function lowerStruct(l: Lowerer, e: TExpr & { kind: 'struct' }): Atom {
  const union = unionOf(e.type);
  const values = exprs(l, e.values);
  return union ? emptyUnion(l, union, e.tag, values) : l.b.bindTuple([atom(e.tag), ...values]);
}

function lowerUpdate(l: Lowerer, e: TExpr & { kind: 'update' }): Atom {
  let base = l.expr(e.base);
  const changed = e.changes.map((c) => ({ index: c.index, value: l.expr(c.value) }));
  const union = unionOf(e.type);
  for (const c of changed)
    base = union
      ? writeUnion(l, base, union, c.index, c.value)
      : l.b.bind(call('erlang', 'setelement', [integer(c.index + 2), base, c.value]));
  return base;
}

/** Arrays of up to 32 elements are `{arr, Len, 0, {}, Elements}`; see v_array.erl. */
const leafSize = 32;

function lowerArray(l: Lowerer, e: TExpr & { kind: 'array' }): Atom {
  const elements = exprs(l, e.elements);
  if (elements.length <= leafSize) {
    return l.b.bind(tuple([atom('arr'), integer(elements.length), '0', '{}', tuple(elements)]));
  }
  return l.b.bind(call('v_array', 'from_list', [list(elements)]));
}

function lowerConcat(l: Lowerer, parts: readonly Atom[]): Atom {
  if (parts.length === 0) return binary('');
  if (parts.length === 1) return parts[0] as Atom;
  return l.b.bind(concatBinaries(parts));
}

function lowerRuntime(l: Lowerer, e: TExpr & { kind: 'runtime' }): Atom {
  const args = exprs(l, e.args);
  const pure = e.module === 'erlang';
  const core = pure ? call(e.module, e.name, args) : l.locate(call(e.module, e.name, args), e.span);
  if (e.type === types.never) {
    l.b.end(core);
    return ok;
  }
  const computed = floatFunction(l.b, e.module, e.name, args);
  if (computed !== undefined) return computed;
  const inline = inlined[`${e.module}:${e.name}/${args.length}`];
  return inline ? inline(l, args, core) : bindCount(l, e, core);
}

/** Functions of the runtime that are short enough to stand where they are called. */
const inlined: Readonly<Record<string, (l: Lowerer, args: readonly Atom[], core: Core) => Atom>> = {
  'v_array:len/1': (l, [array]) => lengthOf(l.b, array as Atom),
  'v_string:at/2': (l, [text, index], slow) => readByte(l.b, text as Atom, index as Atom, slow),
};

const counts = new Set(['erlang:byte_size', 'v_map:len']);

function bindCount(l: Lowerer, e: TExpr & { kind: 'runtime' }, core: Core): Atom {
  const result = l.b.bind(core);
  if (counts.has(`${e.module}:${e.name}`)) l.b.ranges.narrow(result, types.countRange);
  return result;
}

function lowerMutate(l: Lowerer, e: TExpr & { kind: 'mutate' }): Atom {
  const access = accessPlace(l, e.place);
  const args = exprs(l, e.args);
  const result = l.b.bind(l.locate(call(e.module, e.name, [access.get(), ...args]), e.span));
  if (e.type === types.voidType) {
    access.set(result);
    return ok;
  }
  const value = l.b.bind(call('erlang', 'element', ['1', result]));
  access.set(l.b.bind(call('erlang', 'element', ['2', result])));
  return value;
}

// --- calls ---------------------------------------------------------------------------------------

interface PreparedArgs {
  readonly values: readonly Atom[];
  readonly outs: readonly PlaceAccess[];
  /** Indices of the `mut` arguments that are passed by reference. */
  readonly byReference: readonly number[];
}

function prepareArgs(l: Lowerer, args: readonly Arg[], fn?: FnInstance): PreparedArgs {
  const outs: PlaceAccess[] = [];
  const byReference: number[] = [];
  const values = args.map((a, i) => {
    if (a.kind === 'value')
      return fn?.params[i]?.borrowed ? lentArgument(l, a.value) : l.expr(a.value);
    if (fn && isReferenced(l, a.place)) {
      byReference.push(i);
      return referenceTo(l, a.place);
    }
    const access = accessPlace(l, a.place);
    outs.push(access);
    return access.get();
  });
  return { values, outs, byReference };
}

/** A value that is lent to a parameter that only reads through its reference needs no cell. */
function lentArgument(l: Lowerer, e: TExpr): Atom {
  const lend = (value: Atom): Atom => l.b.bind(tuple([atom('box'), value]));
  const fresh = freshTarget(l, e);
  if (fresh !== undefined) return lend(fresh);
  if (e.kind === 'addressOf' && !isReferenced(l, e.place))
    return lend(accessPlace(l, e.place).get());
  return l.expr(e);
}

/** Takes a call's result apart: the value, then the new values of the `mut` arguments. */
function finishCall(
  l: Lowerer,
  core: Core,
  outs: readonly PlaceAccess[],
  result: types.Type,
): Atom {
  if (result === types.never) {
    l.b.end(core);
    return ok;
  }
  const returned = l.b.bind(core);
  if (outs.length === 0) return returned;
  const isVoid = result === types.voidType;
  if (isVoid && outs.length === 1) {
    outs[0]?.set(returned);
    return ok;
  }
  const first = isVoid ? 1 : 2;
  const parts = outs.map((_, i) =>
    l.b.bind(call('erlang', 'element', [integer(first + i), returned])),
  );
  const value = isVoid ? ok : l.b.bind(call('erlang', 'element', ['1', returned]));
  outs.forEach((access, i) => {
    access.set(parts[i] as Atom);
  });
  return value;
}

function lowerCall(l: Lowerer, e: TExpr & { kind: 'call' }): Atom {
  const value = plainCall(l, e);
  if (!e.fn.freshResult || l.b.ended !== undefined) return value;
  const t = types.unalias(e.fn.result) as types.WrapType;
  return l.newCell(l.options.cells.fresh(t.inner), value);
}

/** What a fresh reference leads to, without the cell; undefined for other expressions. */
export function freshTarget(l: Lowerer, e: TExpr): Atom | undefined {
  if (e.kind === 'newCell') return l.expr(e.value);
  if (e.kind === 'local' && e.local.unboxed) return l.b.read(e.local);
  return e.kind === 'call' && e.fn.freshResult ? plainCall(l, e) : undefined;
}

function plainCall(l: Lowerer, e: TExpr & { kind: 'call' }): Atom {
  const { values, outs, byReference } = prepareArgs(l, e.args, e.fn);
  if (l.b.ended !== undefined) return ok;
  const fn = l.options.cells.version(e.fn, byReference);
  return finishCall(l, l.locate(apply(fn.name, values), e.span), outs, e.type);
}

function lowerCallValue(l: Lowerer, e: TExpr & { kind: 'callValue' }): Atom {
  const callee = l.expr(e.callee);
  const { values, outs } = prepareArgs(l, e.args);
  if (l.b.ended !== undefined) return ok;
  return finishCall(l, l.locate(applyValue(callee, values), e.span), outs, e.type);
}

function lowerFnRef(l: Lowerer, fn: FnInstance): Atom {
  return l.b.bind(`${atom(fn.name)}/${fn.params.length}`);
}

function lowerClosure(l: Lowerer, e: TExpr & { kind: 'closure' }): Atom {
  const params = e.params.map((p) => l.names.variable(p.name));
  const env = new Map(l.b.env);
  for (const c of e.captures) {
    if (c.byReference) {
      env.set(c.inner.id, l.b.read(c.outer));
      continue;
    }
    const value = l.readLocal(c.outer);
    const { cells } = l.options;
    const held = c.inner.cell ? l.newCell(cells.variable(c.inner), value, c.inner.name) : value;
    env.set(c.inner.id, held);
  }
  e.params.forEach((p, i) => {
    env.set(p.id, params[i] as Atom);
  });
  const outs = e.outs.map((i) => e.params[i] as (typeof e.params)[0]);
  const options = { ...l.options, freshResult: false, result: e.result, outs, returned: undefined };
  const inner = new Lowerer(options, env);
  e.params.forEach((p, i) => {
    if (p.cell) inner.declareLocal(p, params[i] as Atom);
  });
  inner.block(e.body);
  return l.b.bind(
    fun(
      params,
      inner.b.finish(() => fallOff(inner)),
    ),
  );
}

// --- choices -------------------------------------------------------------------------------------

function lowerIf(l: Lowerer, e: TExpr & { kind: 'if' }): Atom {
  const condition = l.expr(e.condition);
  if (l.b.ended !== undefined) return ok;
  if (condition === atom('true')) return l.block(e.whenTrue) ?? ok;
  if (condition === atom('false')) return l.block(e.otherwise) ?? ok;
  const whenTrue = lowerBranch(l, () => l.block(e.whenTrue), condition, true);
  const otherwise = lowerBranch(l, () => l.block(e.otherwise), condition, false);
  const hasValue = e.type !== types.voidType;
  return (
    merge(l, [whenTrue, otherwise], hasValue, ([a, b]) =>
      ifTrue(condition, a as Core, b as Core),
    ) ?? ok
  );
}

function lowerSwitch(l: Lowerer, e: TExpr & { kind: 'switch' }): Atom {
  const subject = l.expr(e.subject);
  if (l.b.ended !== undefined) return ok;
  const bodies = e.cases.map((c) => lowerBranch(l, () => l.block(c.body)));
  const otherwise = lowerBranch(l, () => l.block(e.otherwise));
  const hasValue = e.type !== types.voidType;
  // Several constants with one body are mapped to a number first, so that the body stands in the
  // code once.
  const shared = e.cases.some((c) => c.values.length > 1);
  const key = shared ? l.b.bind(numberCases(l, e, subject)) : subject;
  // Frames are put together later, when the block has ended: what they need is lowered now.
  const patterns = e.cases.map((c, i) => (shared ? integer(i) : l.expr(c.values[0] as TExpr)));
  const make = (done: readonly Core[]): Core => {
    const rows = patterns.map((pattern, i) => ({ pattern, body: done[i] as Core }));
    return caseOf(key, [...rows, { pattern: '_', body: done[done.length - 1] as Core }]);
  };
  return merge(l, [...bodies, otherwise], hasValue, make) ?? ok;
}

function numberCases(l: Lowerer, e: TExpr & { kind: 'switch' }, subject: Atom): Core {
  const rows = e.cases.flatMap((c, i) =>
    c.values.map((v) => ({ pattern: l.expr(v), body: integer(i) })),
  );
  return caseOf(subject, [...rows, { pattern: '_', body: '-1' }]);
}

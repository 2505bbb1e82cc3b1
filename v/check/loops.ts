// The forms of `for`.

import type { Expr, ForInStmt, ForStmt, Stmt } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, LoopTarget, Place, TBlock, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { checkComptimeFor } from './comptime_for.ts';
import type { FnContext } from './context.ts';
import { checkCondition } from './control.ts';
import { coerce, settle, zeroValue } from './convert.ts';
import { bad, checkValue, deref, intConst, localRef, runtime } from './expressions.ts';
import { findMethod } from './members.ts';
import { changesRoot } from './mutation.ts';
import { requireSnakeCase, requireUnreserved } from './name_rules.ts';
import { placeOf, readPlace, throughReferences } from './places.ts';
import { payloadOf, smartcastsWhenTrue, withSmartcasts } from './smartcasts.ts';
import { checkBlock, checkStmt } from './statements.ts';

function inLoop<T>(f: FnContext, label: string | undefined, run: (target: LoopTarget) => T): T {
  const target: LoopTarget = { id: f.program.newLoopId(), label };
  f.loops.push(target);
  try {
    return f.scoped(() => run(target));
  } finally {
    f.loops.pop();
  }
}

export function checkFor(f: FnContext, s: ForStmt): TStmt[] {
  switch (s.kind) {
    case 'forWhile':
      return inLoop(f, s.label, (target) => {
        const condition = s.condition && checkCondition(f, s.condition, 'for');
        const casts = s.condition ? smartcastsWhenTrue(f, s.condition) : [];
        const body = f.scoped(() => withSmartcasts(f, casts, () => checkBlock(f, s.body)));
        return [{ kind: 'loop', target, condition, step: [], body, span: s.span }];
      });
    case 'forC':
      return inLoop(f, s.label, (target) => checkForC(f, s, target));
    case 'forIn':
      if (s.comptime) return checkComptimeFor(f, s);
      return inLoop(f, s.label, (target) => checkForIn(f, s, target));
  }
}

function checkForC(f: FnContext, s: ForStmt & { kind: 'forC' }, target: LoopTarget): TStmt[] {
  // The variable of `for i := 0; …` may change without `mut`.
  const init =
    s.init && s.init.kind === 'assign' && s.init.operator === ':='
      ? ({ ...s.init, targets: s.init.targets.map((t) => ({ ...t, mut: true })) } as Stmt)
      : s.init;
  const before = init ? checkStmt(f, init) : [];
  const condition = s.condition && checkCondition(f, s.condition, 'for');
  const steps: readonly Stmt[] =
    s.step?.kind === 'exprs'
      ? s.step.values.map((value) => ({ kind: 'expr', value, span: value.span }))
      : s.step
        ? [s.step]
        : [];
  const step = steps.flatMap((x) => checkStmt(f, x));
  const body = f.scoped(() => checkBlock(f, s.body));
  const loop: TStmt = { kind: 'loop', target, condition, step, body, span: s.span };
  return [{ kind: 'block', body: { stmts: [...before, loop], value: undefined }, span: s.span }];
}

function checkForIn(f: FnContext, s: ForInStmt, target: LoopTarget): TStmt[] {
  if (s.over.kind === 'range') return checkRange(f, s, s.over, target);
  const over = presentOrEmpty(f, settle(deref(checkValue(f, s.over))));
  const t = types.unalias(over.type);
  if (t === types.errorType) {
    declareNames(f, s, types.errorType, types.errorType);
    checkBlock(f, s.body);
    return [];
  }
  if (t.kind === 'array' || t.kind === 'fixed') return overArray(f, s, over, t.element, target);
  if (t === types.string)
    return overList(
      f,
      s,
      runtime('erlang', 'binary_to_list', [over], types.voidType, s.span),
      types.u8,
      target,
    );
  if (t.kind === 'map') return overMap(f, s, over, t, target);
  const isInterface = t.kind === 'interface' && t.methods.some((m) => m.name === 'next');
  if (isInterface || findMethod(f.program, over.type, 'next'))
    return overIterator(f, s, over, target);
  f.error(`for in: cannot index \`${over.type.name}\``, s.over.span);
  declareNames(f, s, types.errorType, types.errorType);
  checkBlock(f, s.body);
  return [];
}

/** An option of an array or map is iterated over as what it holds, or not at all. */
function presentOrEmpty(f: FnContext, over: TExpr): TExpr {
  const t = types.unalias(over.type);
  if (t.kind !== 'option') return over;
  const inner = types.unalias(t.inner);
  if (inner.kind !== 'array' && inner.kind !== 'fixed' && inner.kind !== 'map') return over;
  const { span } = over;
  const held = f.temporary('over', over.type, span);
  const value = localRef(held, span);
  const condition: TExpr = {
    kind: 'test',
    value,
    tags: ['some'],
    of: 'option',
    type: types.bool,
    span,
  };
  const empty = runtime(inner.kind === 'map' ? 'v_map' : 'v_array', 'new', [], t.inner, span);
  const choice: TExpr = {
    kind: 'if',
    condition,
    whenTrue: { stmts: [], value: payloadOf(value, t.inner, span) },
    otherwise: { stmts: [], value: empty },
    type: t.inner,
    span,
  };
  const stmts: TStmt[] = [{ kind: 'let', local: held, value: over, span }];
  return { kind: 'block', body: { stmts, value: choice }, type: t.inner, span };
}

/** A loop variable must not hide a constant of its module. */
function checkConstName(f: FnContext, n: { readonly name: string; readonly span: Span }): void {
  const name = f.program.fullName(n.name, n.span);
  if (f.program.unitAt(n.span).library || !f.program.consts.has(name)) return;
  f.error(`duplicate of a const name \`${name}\``, n.span);
}

function declareNames(
  f: FnContext,
  s: ForInStmt,
  keyType: Type,
  valueType: Type,
): { key: Local | undefined; value: Local } {
  const { key, value } = s;
  for (const [n, use] of [
    [key, 'key name'],
    [value, 'value name'],
  ] as const) {
    if (!n || n.name === '_') continue;
    requireSnakeCase(f.program, n.name, 'variable name', n.span);
    requireUnreserved(f.program, n.name, use, n.span);
    checkConstName(f, n);
  }
  const k = key && key.name !== '_' ? f.declare(key.name, keyType, key.span, false) : undefined;
  const v = f.declare(value.name, valueType, value.span, value.mut);
  return { key: k, value: v };
}

function checkNotEmpty(f: FnContext, range: Expr & { kind: 'range' }): void {
  const { low, high } = range;
  if (low?.kind !== 'number' || high?.kind !== 'number') return;
  if (Number(low.text) < Number(high.text)) return;
  f.error(`empty range: \`${low.text} .. ${high.text}\` will never execute`, range.span);
}

function checkRange(
  f: FnContext,
  s: ForInStmt,
  range: Expr & { kind: 'range' },
  target: LoopTarget,
): TStmt[] {
  let low = range.low ? checkValue(f, range.low) : intConst(0, s.span);
  let high = range.high ? checkValue(f, range.high) : bad(s.span);
  if (!range.high) f.error('range needs an end', range.span);
  checkNotEmpty(f, range);
  const failed = low.type === types.errorType || high.type === types.errorType;
  const common = failed
    ? types.errorType
    : types.promote(types.unalias(low.type), types.unalias(high.type));
  const type = common && common !== types.intLiteral ? common : types.intType;
  if (!failed && !types.isInteger(low.type)) {
    f.error(`range type can only be an integer type, but got \`${low.type.name}\``, low.span);
  } else if (!failed && (!common || !types.isInteger(high.type))) {
    f.error(`range types do not match`, range.span);
  } else {
    low = coerce(f, low, type) ?? bad(low.span);
    high = coerce(f, high, type) ?? bad(high.span);
  }
  if (range.inclusive)
    f.error('for loop only supports exclusive (`..`) ranges, not inclusive (`...`)', range.span);
  const { value: local } = declareNames(f, { ...s, key: undefined }, types.intType, type);
  // `for i in 0 .. n` counts in untyped integers, which fit whatever number type they meet.
  const untyped = low.kind === 'int' && range.low?.kind === 'number' && type === types.intType;
  if (untyped && s.value.name !== '_') {
    const value: TExpr = { kind: 'local', local, type: types.intLiteral, span: s.value.span };
    f.scope.define(s.value.name, { local, view: { value, place: undefined } });
  }
  const body = f.scoped(() => checkBlock(f, s.body));
  return [{ kind: 'range', target, local, low, high, body, span: s.span }];
}

function overList(
  f: FnContext,
  s: ForInStmt,
  list: TExpr,
  element: Type,
  target: LoopTarget,
): TStmt[] {
  if (s.value.mut) f.error('`for mut` needs an array, fixed array or map', s.value.span);
  const { key, value } = declareNames(f, s, types.intType, element);
  const body = f.scoped(() => checkBlock(f, s.body));
  return [{ kind: 'each', target, key, value, pairs: false, list, body, span: s.span }];
}

function overMap(
  f: FnContext,
  s: ForInStmt,
  over: TExpr,
  t: types.MapType,
  target: LoopTarget,
): TStmt[] {
  if (!s.key) {
    f.error(
      'declare a key and a value variable when iterating a map: `for key, val in map {`\n' +
        'use `_` if you do not need the variable',
      s.span,
    );
  }
  const { key, value } = declareNames(f, s, t.key, t.value);
  const first = key ?? f.temporary('key', t.key, s.span);
  const place = s.value.mut ? placeOf(f, s.over) : undefined;
  if (place && place.type !== types.errorType) {
    value.used = true;
    const base = throughReferences(place, s.span);
    const zero = zeroValue(f, t.value, s.span);
    const at = {
      kind: 'mapIndex',
      base,
      key: localRef(first, s.span),
      zero,
      type: t.value,
    } as const;
    const view = { value: readPlace(at, s.span), place: at };
    if (s.value.name !== '_') f.scope.define(s.value.name, { local: value, view });
  } else if (s.value.mut && !place) {
    f.error('map literal is immutable, it cannot be changed', s.over.span);
  }
  const body = f.scoped(() => checkBlock(f, s.body));
  const root = rootLocal(over);
  if (root && (root.cell || changesRoot(body, root)))
    return overChangingMap(f, s, over, { key: first, value }, body, target);
  const list = runtime('v_map', 'to_list', [over], types.voidType, s.span);
  return [{ kind: 'each', target, key: first, value, pairs: true, list, body, span: s.span }];
}

/**
 * A loop whose body changes the map: values are read when their turn comes, deleted keys are left
 * out, and keys added meanwhile follow at the end, as in V.
 */
function overChangingMap(
  f: FnContext,
  s: ForInStmt,
  over: TExpr,
  names: { readonly key: Local; readonly value: Local },
  body: TBlock,
  target: LoopTarget,
): TStmt[] {
  const { span } = s;
  const cursor = f.temporary('cursor', types.noneType, span);
  const found = f.temporary('found', types.optionOf(types.voidType), span);
  const got = localRef(found, span);
  const next = f.temporary('next', types.noneType, span);
  const step = runtime('v_map', 'step', [over, localRef(cursor, span)], found.type, span);
  const leave: TBlock = { stmts: [{ kind: 'break', target, span }], value: undefined };
  const check: TExpr = {
    kind: 'if',
    condition: { kind: 'test', value: got, tags: ['some'], of: 'option', type: types.bool, span },
    whenTrue: { stmts: [], value: undefined },
    otherwise: leave,
    type: types.voidType,
    span,
  };
  const entry = payloadOf(got, types.voidType, span);
  const stmts: TStmt[] = [
    { kind: 'let', local: found, value: step, span },
    { kind: 'expr', value: check, span },
    { kind: 'unpack', locals: [names.key, names.value, next], value: entry, span },
    {
      kind: 'assign',
      place: { kind: 'local', local: cursor, type: cursor.type },
      value: localRef(next, span),
      span,
    },
    ...body.stmts,
  ];
  const whole: TBlock = { stmts, value: undefined };
  const loop: TStmt = { kind: 'loop', target, condition: undefined, step: [], body: whole, span };
  const start = runtime('v_map', 'cursor', [over], types.noneType, span);
  const first: TStmt = { kind: 'let', local: cursor, value: start, span };
  return [{ kind: 'block', body: { stmts: [first, loop], value: undefined }, span }];
}

/**
 * A loop over an array. V re-reads the array on each turn when it is a variable, so that a body
 * that changes it sees the change; when the body does not, the elements are taken once as a list,
 * which costs no index check a turn.
 */
function overArray(
  f: FnContext,
  s: ForInStmt,
  over: TExpr,
  element: Type,
  target: LoopTarget,
): TStmt[] {
  if (s.value.mut) return overPlace(f, s, element, target);
  const { key, value } = declareNames(f, s, types.intType, element);
  const body = f.scoped(() => checkBlock(f, s.body));
  const root = rootLocal(over);
  if (root && changesRoot(body, root)) {
    return indexLoop(f, s, over, body, target, (i) => {
      const read: TExpr = { kind: 'index', value: over, index: i, type: element, span: s.span };
      const bind: TStmt[] = [{ kind: 'let', local: value, value: read, span: s.span }];
      if (key) bind.push({ kind: 'let', local: key, value: i, span: s.span });
      return bind;
    });
  }
  const list = runtime('v_array', 'to_list', [over], types.voidType, s.span);
  return [{ kind: 'each', target, key, value, pairs: false, list, body, span: s.span }];
}

function rootLocal(e: TExpr): Local | undefined {
  if (e.kind === 'local') return e.local;
  if (e.kind === 'field' || e.kind === 'unwrap') return rootLocal(e.value);
  return undefined;
}

/** `for mut x in a`: x is the element itself, read and written in place. */
function overPlace(f: FnContext, s: ForInStmt, element: Type, target: LoopTarget): TStmt[] {
  const place = placeOf(f, s.over);
  if (!place) {
    f.error('array literal is immutable, it cannot be changed', s.over.span);
    return [];
  }
  if (place.type === types.errorType) return [];
  const counter = f.temporary('i', types.intType, s.span);
  const index = localRef(counter, s.span);
  const at: Place = { kind: 'index', base: place, index, type: element, span: s.span };
  const { key, value } = declareNames(f, s, types.intType, element);
  value.used = true;
  const view = { value: readPlace(at, s.span), place: at };
  f.scope.define(s.value.name, { local: value, view });
  const body = f.scoped(() => checkBlock(f, s.body));
  const bind: TStmt[] = key ? [{ kind: 'let', local: key, value: index, span: s.span }] : [];
  return countingLoop(f, s, counter, readPlace(place, s.span), body, target, bind);
}

function indexLoop(
  f: FnContext,
  s: ForInStmt,
  over: TExpr,
  body: TBlock,
  target: LoopTarget,
  bind: (index: TExpr) => TStmt[],
): TStmt[] {
  const counter = f.temporary('i', types.intType, s.span);
  return countingLoop(f, s, counter, over, body, target, bind(localRef(counter, s.span)));
}

function countingLoop(
  f: FnContext,
  s: ForInStmt,
  counter: Local,
  over: TExpr,
  body: TBlock,
  target: LoopTarget,
  bind: readonly TStmt[],
): TStmt[] {
  const { span } = s;
  const index = localRef(counter, span);
  const length = runtime('v_array', 'len', [over], types.intType, span);
  const condition: TExpr = {
    kind: 'compare',
    op: '<',
    left: index,
    right: length,
    type: types.bool,
    span,
  };
  const step = stepUp(f, counter, span);
  const whole: TBlock = { stmts: [...bind, ...body.stmts], value: undefined };
  const loop: TStmt = { kind: 'loop', target, condition, step: [step], body: whole, span };
  const start: TStmt = { kind: 'let', local: counter, value: intConst(0, span), span };
  return [{ kind: 'block', body: { stmts: [start, loop], value: undefined }, span }];
}

function stepUp(f: FnContext, counter: Local, span: Span): TStmt {
  const next = runtime(
    'erlang',
    '+',
    [localRef(counter, span), intConst(1, span)],
    types.intType,
    span,
  );
  void f;
  return {
    kind: 'assign',
    place: { kind: 'local', local: counter, type: types.intType },
    value: next,
    span,
  };
}

/** A struct with `fn (mut i It) next() ?T` is iterated on a copy. */
function overIterator(f: FnContext, s: ForInStmt, over: TExpr, target: LoopTarget): TStmt[] {
  const { span } = s;
  const name = `iterator ${f.program.offsetOf(span)}`;
  const state = f.temporary(name, over.type, span);
  f.scope.define(name, { local: state, view: undefined });
  const iterator: Expr = { kind: 'ident', name, span: s.over.span };
  const callee: Expr = {
    kind: 'selector',
    value: iterator,
    name: 'next',
    nameSpan: s.over.span,
    span: s.over.span,
  };
  const call = checkValue(f, { kind: 'call', callee, typeArgs: [], args: [], span: s.over.span });
  const result = types.unalias(call.type);
  if (result.kind !== 'option') {
    if (result !== types.errorType)
      f.error('iterator method `next()` must return an Option', s.over.span);
    return [];
  }
  const item = f.temporary('item', call.type, span);
  const got = localRef(item, span);
  const { key, value } = declareNames(f, s, types.intType, result.inner);
  const counter = f.temporary('i', types.intType, span);
  const body = f.scoped(() => checkBlock(f, s.body));
  const test: TExpr = {
    kind: 'test',
    value: got,
    tags: ['some'],
    of: 'option',
    type: types.bool,
    span,
  };
  const leave: TBlock = { stmts: [{ kind: 'break', target, span }], value: undefined };
  const check: TExpr = {
    kind: 'if',
    condition: test,
    whenTrue: { stmts: [], value: undefined },
    otherwise: leave,
    type: types.voidType,
    span,
  };
  const stmts: TStmt[] = [
    { kind: 'let', local: item, value: call, span },
    { kind: 'expr', value: check, span },
    { kind: 'let', local: value, value: payloadOf(got, result.inner, span), span },
  ];
  if (key) {
    stmts.push({ kind: 'let', local: key, value: localRef(counter, span), span });
    stmts.push(stepUp(f, counter, span));
  }
  stmts.push(...body.stmts);
  const loop: TStmt = {
    kind: 'loop',
    target,
    condition: undefined,
    step: [],
    body: { stmts, value: undefined },
    span,
  };
  const start: TStmt[] = [{ kind: 'let', local: state, value: over, span }];
  if (key) start.push({ kind: 'let', local: counter, value: intConst(0, span), span });
  return [{ kind: 'block', body: { stmts: [...start, loop], value: undefined }, span }];
}

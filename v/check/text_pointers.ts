// Pointers to the bytes of a text: `s.str`, and what V's library does with it. Such a pointer is
// the text with an offset, so it can be moved and read; nothing can be written through it. Other
// pointers have no arithmetic.

import type { CallExpr, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { coerce, settle } from './convert.ts';
import { bad, checkValue, deref, runtime } from './expressions.ts';
import { throughReferences, usedPlace } from './places.ts';

type Selector = Expr & { kind: 'selector' };

const pointer = types.refOf(types.u8);

export function isTextPointer(type: Type): boolean {
  const t = types.unalias(type);
  if (t.kind !== 'ref') return false;
  const inner = types.unalias(t.inner);
  return inner === types.u8 || inner === types.charType;
}

/** `s.str` */
export function textPointer(value: TExpr, span: Span): TExpr {
  return runtime('v_text', 'pointer', [value], pointer, span);
}

/** `p + n` and `p - n`. */
export function movedPointer(
  f: FnContext,
  op: string,
  left: TExpr,
  right: TExpr,
  span: Span,
): TExpr | undefined {
  if ((op !== '+' && op !== '-') || !isTextPointer(left.type)) return undefined;
  if (op === '-' && isTextPointer(right.type))
    return runtime('v_text', 'distance', [left, right], types.intType, span);
  if (!types.isInteger(right.type) || !f.insideUnsafe) return undefined;
  const name = op === '+' ? 'forward' : 'back';
  return runtime('v_text', name, [left, settle(right)], left.type, span);
}

/** `p[i]` */
export function pointedByte(value: TExpr, index: TExpr, span: Span): TExpr {
  return runtime('v_text', 'at', [value, index], types.u8, span);
}

/** An argument that is such a pointer; `c'text'` is written where one is wanted. */
function pointerArg(f: FnContext, e: Expr): TExpr {
  const value = checkValue(f, e, pointer);
  const t = types.unalias(value.type);
  if (t === types.string) return textPointer(value, e.span);
  if (isTextPointer(value.type) || t === types.voidptr || t === types.errorType) return value;
  f.error(`cannot use \`${value.type.name}\` as a pointer to text`, e.span);
  return bad(e.span);
}

function numberArg(f: FnContext, e: Expr): TExpr {
  const value = checkValue(f, e, types.intType);
  if (types.isInteger(value.type)) return settle(value);
  if (value.type !== types.errorType) f.error(`\`${value.type.name}\` is no length`, e.span);
  return bad(e.span);
}

type Param = 'pointer' | 'number';

interface Row {
  readonly name: string;
  readonly params: readonly Param[];
  readonly result: Type;
}

const functions: Readonly<Record<string, Row>> = {
  tos: { name: 'part', params: ['pointer', 'number'], result: types.string },
  tos2: { name: 'whole', params: ['pointer'], result: types.string },
  tos3: { name: 'whole', params: ['pointer'], result: types.string },
  tos_clone: { name: 'whole', params: ['pointer'], result: types.string },
  cstring_to_vstring: { name: 'whole', params: ['pointer'], result: types.string },
  vmemcmp: {
    name: 'compare',
    params: ['pointer', 'pointer', 'number'],
    result: types.intType,
  },
  vstrlen: { name: 'length', params: ['pointer'], result: types.intType },
};

const methods: Readonly<Record<string, Row>> = {
  vstring: { name: 'whole', params: [], result: types.string },
  vstring_literal: { name: 'whole', params: [], result: types.string },
  vstring_with_len: { name: 'part', params: ['number'], result: types.string },
  vstring_literal_with_len: { name: 'part', params: ['number'], result: types.string },
  vbytes: { name: 'bytes', params: ['number'], result: types.arrayOf(types.u8) },
};

function called(f: FnContext, e: CallExpr, row: Row, first: readonly TExpr[]): TExpr {
  if (e.args.length !== row.params.length) {
    f.error(`expected ${row.params.length} arguments, but got ${e.args.length}`, e.span);
    return bad(e.span);
  }
  const args = row.params.map((kind, i) => {
    const arg = e.args[i]?.value as Expr;
    return kind === 'pointer' ? pointerArg(f, arg) : numberArg(f, arg);
  });
  return runtime('v_text', row.name, [...first, ...args], row.result, e.span);
}

export function pointerFunction(f: FnContext, e: CallExpr, name: string): TExpr | undefined {
  const row = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (name === 'copy') return copied(f, e);
  return row && called(f, e, row, []);
}

export function pointerMethod(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  receiver: TExpr,
): TExpr | undefined {
  if (!isTextPointer(receiver.type)) return undefined;
  const row = Object.hasOwn(methods, callee.name) ? methods[callee.name] : undefined;
  return row && called(f, e, row, [receiver]);
}

/** `bytes.push_many(pointer, count)` */
export function pushPointed(f: FnContext, e: CallExpr, callee: Selector): TExpr | undefined {
  const [from, count] = e.args;
  if (callee.name !== 'push_many' || !from || !count || e.args.length !== 2) return undefined;
  const probe = f.program.attempt(from.value.span, () => checkValue(f, from.value));
  if (!probe || !isTextPointer(probe.type)) return undefined;
  const source = checkValue(f, from.value);
  const many = numberArg(f, count.value);
  const place = usedPlace(f, callee.value);
  if (!place) return bad(e.span);
  const target = throughReferences(place, e.span);
  const args = [runtime('v_text', 'bytes', [source, many], target.type, e.span)];
  return {
    kind: 'mutate',
    place: target,
    module: 'v_array',
    name: 'push_many',
    args,
    type: types.voidType,
    span: e.span,
  };
}

/** `copy(mut to, from)` copies as many bytes as fit, also into a slice `to[a..b]`. */
function copied(f: FnContext, e: CallExpr): TExpr {
  const [to, from] = e.args;
  if (!to || !from || e.args.length !== 2) {
    f.error(`expected 2 arguments, but got ${e.args.length}`, e.span);
    return bad(e.span);
  }
  const range = to.value.kind === 'index' ? to.value.index : undefined;
  const slice = range?.kind === 'range' && to.value.kind === 'index' ? range : undefined;
  const whole = slice && to.value.kind === 'index' ? to.value.value : to.value;
  const place = usedPlace(f, whole);
  const source = deref(settle(checkValue(f, from.value)));
  const bytes = coerce(f, source, types.arrayOf(types.u8)) ?? source;
  if (!place) {
    f.error('cannot pass expression as `mut`', to.span);
    return bad(e.span);
  }
  const target = throughReferences(place, e.span);
  const none: TExpr = { kind: 'atom', name: 'none', type: types.noneType, span: e.span };
  const low = slice?.low ? numberArg(f, slice.low) : none;
  const high = slice?.high ? numberArg(f, slice.high) : none;
  return {
    kind: 'mutate',
    place: target,
    module: 'v_text',
    name: 'copy',
    args: [low, high, bytes],
    type: types.intType,
    span: e.span,
  };
}

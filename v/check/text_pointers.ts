// Pointers that unsafe code moves, and what V's library does with them. `s.str` is a text with an
// offset: it can be moved and read, but not written through. `a.data` and `&a[i]` refer to elements
// of an array. There is no memory around either: what goes outside is a panic.

import type { CallExpr, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { coerce, settle, zeroValue } from './convert.ts';
import { bad, checkValue, deref, intConst, localRef, runtime } from './expressions.ts';
import { layoutOf } from './layout.ts';
import { throughReferences, usedPlace } from './places.ts';
import { referenceOf } from './references.ts';

type Selector = Expr & { kind: 'selector' };

const pointer = types.refOf(types.u8);

export function isTextPointer(type: Type): boolean {
  const t = types.unalias(type);
  if (t.kind !== 'ref') return false;
  const inner = types.unalias(t.inner);
  return inner === types.u8 || inner === types.charType;
}

/** References to plain values, and `voidptr`: what C code does arithmetic with. */
function isAddress(type: Type): boolean {
  const t = types.unalias(type);
  if (t === types.voidptr) return true;
  return t.kind === 'ref' && ['int', 'float', 'bool', 'ref'].includes(types.unalias(t.inner).kind);
}

/** `a.data`: the first element of an array. */
export function dataPointer(f: FnContext, value: TExpr, span: Span): TExpr {
  f.program.recast.push(value.type);
  const whole = referenceOf(value, types.refOf(value.type));
  return runtime('v_text', 'first', [whole], types.voidptr, span);
}

/** `p[i]` of a reference to what cannot be indexed itself. */
export function isIndexedPointer(type: Type): boolean {
  const t = types.unalias(type);
  if (t.kind !== 'ref') return false;
  return ['int', 'float', 'bool', 'struct', 'ref'].includes(types.unalias(t.inner).kind);
}

/** The reference to the element that `p[i]` is. */
export function pointedElement(f: FnContext, pointer: TExpr, index: TExpr, span: Span): TExpr {
  const t = types.unalias(pointer.type);
  if (t.kind === 'ref') f.program.recast.push(t.inner, types.arrayOf(t.inner));
  return runtime('v_text', 'forward', [pointer, index], pointer.type, span);
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
  const isPointer = isTextPointer(left.type) || isAddress(left.type);
  if ((op !== '+' && op !== '-') || !isPointer || !f.insideUnsafe) return undefined;
  if (op === '-' && (isTextPointer(right.type) || isAddress(right.type)))
    return runtime('v_text', 'distance', [left, right], types.intType, span);
  if (!types.isInteger(right.type)) return undefined;
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
  cstring_intovstring: { name: 'whole', params: ['pointer'], result: types.string },
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

/** C's own names of what V's functions do. */
const cNames: Readonly<Record<string, string>> = {
  memcpy: 'vmemcpy',
  memmove: 'vmemmove',
  memset: 'vmemset',
  memcmp: 'vmemcmp',
  strlen: 'vstrlen',
  malloc: 'malloc',
  free: 'free',
};

/** `C.memcpy(…)` and its like; undefined for any other function of C. */
export function cPointerFunction(f: FnContext, e: CallExpr, name: string): TExpr | undefined {
  const own = Object.hasOwn(cNames, name) ? cNames[name] : undefined;
  return own === undefined ? undefined : pointerFunction(f, e, own);
}

/** `free(x)`: nothing is freed by hand on the BEAM. */
function freed(f: FnContext, e: CallExpr): TExpr {
  const stmts = e.args.map((a) => {
    const value = settle(checkValue(f, a.value));
    return { kind: 'expr', value, span: a.span } as const;
  });
  return { kind: 'block', body: { stmts, value: undefined }, type: types.voidType, span: e.span };
}

export function pointerFunction(f: FnContext, e: CallExpr, name: string): TExpr | undefined {
  const row = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (name === 'copy') return copied(f, e);
  if (name === 'free') return freed(f, e);
  if (allocations.has(name)) return allocated(f, e);
  if (name === 'vmemcpy' || name === 'vmemmove' || name === 'vmemset') return moved(f, e, name);
  if (name === 'memdup') return duplicated(f, e);
  return row && called(f, e, row, []);
}

// --- memory --------------------------------------------------------------------------------------

/** Functions that give bytes of a program's own; here they are zero at first. */
export const allocations: ReadonlySet<string> = new Set([
  'malloc',
  'malloc_noscan',
  'malloc_uncollectable',
  'vcalloc',
  'vcalloc_noscan',
]);

/** An array of so many zeros that pointers lead into. */
function memory(f: FnContext, element: Type, zero: TExpr, count: TExpr, span: Span): TExpr {
  const whole = types.arrayOf(element);
  f.program.recast.push(element, whole);
  const value = runtime('v_array', 'filled', [count, zero], whole, span);
  const cell: TExpr = { kind: 'newCell', value, type: types.refOf(whole), span };
  return runtime('v_text', 'first', [cell], types.refOf(element), span);
}

function allocated(f: FnContext, e: CallExpr): TExpr {
  const [size] = e.args;
  if (!size || e.args.length !== 1) {
    f.error(`expected 1 argument, but got ${e.args.length}`, e.span);
    return bad(e.span);
  }
  const count = numberArg(f, size.value);
  return memory(f, types.u8, intConst(0, e.span, types.u8), count, e.span);
}

/** `&T(malloc(n))`: as many T as there is room for; undefined for any other cast. */
export function allocatedAs(f: FnContext, to: Type, e: Expr): TExpr | undefined {
  const t = types.unalias(to);
  if (e.kind !== 'call' || e.callee.kind !== 'ident' || t.kind !== 'ref') return undefined;
  const { size } = layoutOf(t.inner);
  const [bytes] = e.args;
  const known = f.program.find(f.program.functions, e.callee.name, e.callee.span);
  if (!allocations.has(e.callee.name) || known || !bytes || size === 0) return undefined;
  const total = numberArg(f, bytes.value);
  const count = runtime('erlang', 'div', [total, intConst(size, e.span)], types.intType, e.span);
  return { ...memory(f, t.inner, zeroValue(f, t.inner, e.span), count, e.span), type: to } as TExpr;
}

/** Elements that so many bytes are, where a pointer of the type leads. */
function elementCount(bytes: TExpr, pointer: TExpr): TExpr {
  const t = types.unalias(pointer.type);
  const size = t.kind === 'ref' ? layoutOf(t.inner).size : 1;
  if (size <= 1) return bytes;
  return runtime('erlang', 'div', [bytes, intConst(size, bytes.span)], types.intType, bytes.span);
}

/** The bits of the elements that two pointers to integers lead to, when they differ. */
function differentSizes(to: TExpr, from: TExpr): readonly [number, number] | undefined {
  const bits = (e: TExpr): number | undefined => {
    const t = types.unalias(e.type);
    const inner = t.kind === 'ref' ? types.unalias(t.inner) : undefined;
    return inner?.kind === 'int' && inner !== types.voidptr ? inner.bits : undefined;
  };
  const [a, b] = [bits(to), bits(from)];
  return a === undefined || b === undefined || a === b ? undefined : [a, b];
}

/** `vmemcpy(to, from, n)`, and `vmemset(to, value, n)`. */
function moved(f: FnContext, e: CallExpr, name: string): TExpr {
  const [to, from, bytes] = e.args;
  if (!to || !from || !bytes || e.args.length !== 3) {
    f.error(`expected 3 arguments, but got ${e.args.length}`, e.span);
    return bad(e.span);
  }
  const target = anyPointer(f, to.value);
  const isFill = name === 'vmemset';
  const source = isFill ? numberArg(f, from.value) : anyPointer(f, from.value);
  // The typed one of the two pointers says how large the elements are.
  const typed = types.unalias(target.type) === types.voidptr && !isFill ? source : target;
  const total = numberArg(f, bytes.value);
  const sizes = isFill ? undefined : differentSizes(target, source);
  const t = types.unalias(target.type);
  if (t.kind === 'ref') f.program.recast.push(t.inner, types.arrayOf(t.inner));
  const held = f.temporary('target', target.type, e.span);
  const into = localRef(held, e.span);
  const write = sizes
    ? runtime(
        'v_text',
        'move_bytes',
        [into, intConst(sizes[0], e.span), source, intConst(sizes[1], e.span), total],
        types.voidType,
        e.span,
      )
    : runtime(
        'v_text',
        isFill ? 'fill' : 'move',
        [into, source, elementCount(total, typed)],
        types.voidType,
        e.span,
      );
  const stmts = [
    { kind: 'let', local: held, value: target, span: e.span } as const,
    { kind: 'expr', value: write, span: e.span } as const,
  ];
  const value: TExpr = { ...localRef(held, e.span), type: types.voidptr } as TExpr;
  return { kind: 'block', body: { stmts, value }, type: types.voidptr, span: e.span };
}

function anyPointer(f: FnContext, e: Expr): TExpr {
  const value = checkValue(f, e, pointer);
  const t = types.unalias(value.type);
  return t.kind === 'ref' ? value : pointerArg(f, e);
}

/** `memdup(from, n)` */
function duplicated(f: FnContext, e: CallExpr): TExpr {
  const [from, size] = e.args;
  if (!from || !size || e.args.length !== 2) {
    f.error(`expected 2 arguments, but got ${e.args.length}`, e.span);
    return bad(e.span);
  }
  const bytes = types.arrayOf(types.u8);
  f.program.recast.push(bytes);
  const copy = [pointerArg(f, from.value), numberArg(f, size.value)];
  const value = runtime('v_text', 'bytes', copy, bytes, e.span);
  const cell: TExpr = { kind: 'newCell', value, type: types.refOf(bytes), span: e.span };
  return runtime('v_text', 'first', [cell], types.voidptr, e.span);
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
  if (!probe || (!isTextPointer(probe.type) && !isAddress(probe.type))) return undefined;
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

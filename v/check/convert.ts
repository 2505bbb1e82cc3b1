// Implicit conversions: which values may stand where a type is expected, and the typed node that
// makes them fit.

import type { Span } from '../source.ts';
import type { Local, TExpr } from '../typed.ts';
import type { SumType, Type } from '../types.ts';
import * as types from '../types.ts';
import { fitAnonymous } from './anonymous.ts';
import type { FnContext } from './context.ts';
import { deref } from './expressions.ts';
import { implementsInterface, recordBoxing } from './interfaces.ts';
import { addressOfLocal, referenceOf } from './references.ts';
import { newShared } from './shared.ts';
import { checkDefault, structTag } from './structs.ts';
import { directVariant } from './sums.ts';
import { isPresent } from './tagged.ts';
import { textPointer } from './text_pointers.ts';

/** The tag under which a value of this type travels in a sum type or interface. */
export function tagOf(type: Type): string {
  return type.name;
}

/** Makes `e` fit `to`; undefined when V does not convert implicitly. */
export function coerce(f: FnContext, e: TExpr, to: Type): TExpr | undefined {
  const from = e.type;
  if (from === to || to === types.errorType || from === types.errorType) return e;
  if (from === types.never) return e;
  const target = types.unalias(to);
  const source = types.unalias(from);
  if (target.kind === 'option' || target.kind === 'result')
    return coerceToWrapped(f, e, to, target);
  if (source === target || types.unaliasDeep(source) === types.unaliasDeep(target)) {
    return { ...e, type: to } as TExpr;
  }
  if (source.kind === 'tuple' && target.kind === 'tuple') return coerceTuple(f, e, to, target);
  if (isLiteral(e) && types.isNumber(target)) return coerceLiteral(e, to);
  // A rune literal may stand for a byte or another integer.
  if (e.kind === 'int' && from === types.rune && target.kind === 'int') return coerceLiteral(e, to);
  // `int` and `i32` are the same.
  const isInt = (t: Type): boolean => t === types.intType || t === types.i32;
  if (isInt(source) && isInt(target)) return { ...e, type: to } as TExpr;
  if (types.isNumber(source) && types.isNumber(target)) {
    // A 64-bit integer does not fit a float without loss, so V wants a cast there.
    const loses = source.kind === 'int' && source.bits === 64 && target.kind === 'float';
    const runeByte =
      (source === types.rune && target === types.u8) ||
      (source === types.u8 && target === types.rune);
    const fits = runeByte || (types.promote(source, target) === target && !loses);
    return fits ? { kind: 'convert', value: e, type: to, span: e.span } : undefined;
  }
  if (target.kind === 'sum') return coerceToSum(f, e, to, target);
  if (target.kind === 'interface') return coerceToInterface(f, e, to, target);
  if (target.kind === 'struct') {
    const anonymous = fitAnonymous(e, to);
    if (anonymous) return anonymous;
  }
  if (target.kind === 'shared' && source.kind !== 'shared') {
    const inner = coerce(f, e, target.inner);
    return inner && newShared(f, inner, e.span);
  }
  if (target.kind === 'ref') return coerceToReference(f, e, to, target.inner);
  if (target === types.voidptr && isPointer(source)) {
    if (source.kind === 'ref') f.program.recast.push(source.inner);
    return { ...e, type: to } as TExpr;
  }
  if (source.kind === 'ref' && types.unalias(source.inner) === target) {
    if (e.kind === 'newCell') return { ...e.value, type: to } as TExpr;
    return {
      kind: 'place',
      place: { kind: 'target', reference: e, type: to, span: e.span },
      type: to,
      span: e.span,
    };
  }
  if (source === types.nilType && target.kind === 'fn') return { ...e, type: to } as TExpr;
  if (source.kind === 'fn' && target.kind === 'fn')
    return sameFnShape(source, target) ? ({ ...e, type: to } as TExpr) : undefined;
  return undefined;
}

/** What a `voidptr` may stand for. */
function isPointer(type: Type): boolean {
  return type.kind === 'ref' || type.kind === 'fn' || type === types.nilType;
}

function coerceTuple(f: FnContext, e: TExpr, to: Type, target: types.TupleType): TExpr | undefined {
  if (e.kind !== 'tuple' || e.values.length !== target.types.length) return undefined;
  const values = e.values.map((v, i) => coerce(f, v, target.types[i] as Type));
  if (values.includes(undefined)) return undefined;
  return { ...e, values: values as TExpr[], type: to };
}

function isLiteral(e: TExpr): boolean {
  return e.type.kind === 'intLiteral' || e.type.kind === 'floatLiteral';
}

function coerceLiteral(e: TExpr, to: Type): TExpr | undefined {
  const target = types.unalias(to);
  if (e.kind === 'int') {
    if (target.kind === 'float') return floatConst(Number(e.value), to, target, e.span);
    if (target.kind === 'int') {
      return { ...e, value: types.wrapToType(e.value, target), type: to };
    }
    return target.kind === 'intLiteral' || target.kind === 'floatLiteral' ? e : undefined;
  }
  if (e.kind === 'float')
    return target.kind === 'float' ? floatConst(e.value, to, target, e.span) : undefined;
  if (e.type.kind === 'floatLiteral' && target.kind !== 'float') return undefined;
  return retype(e, to);
}

function floatConst(value: number, type: Type, t: types.FloatType, span: Span): TExpr {
  return { kind: 'float', value: t.bits === 32 ? Math.fround(value) : value, type, span };
}

/**
 * Gives a tree of untyped operations (`1 + f()` never is one, `if c { 1 } else { 2 }` is) a number
 * type.
 */
function retype(e: TExpr, to: Type): TExpr | undefined {
  switch (e.kind) {
    case 'int':
    case 'float':
      return coerceLiteral(e, to);
    case 'const': {
      const number = e.info.value;
      if (e.info.type === to || !number) return { ...e, type: to };
      return coerceLiteral({ ...number, type: e.type, span: e.span } as TExpr, to);
    }
    case 'negate':
    case 'invert': {
      const value = retype(e.value, to);
      return value && { ...e, value, type: to };
    }
    case 'arith': {
      const left = retype(e.left, to);
      const isShift = e.op === '<<' || e.op === '>>' || e.op === '>>>';
      const right = isShift ? e.right : retype(e.right, to);
      return left && right && { ...e, left, right, type: to };
    }
    default:
      return {
        kind: 'convert',
        value: { ...e, type: types.defaultType(e.type) } as TExpr,
        type: to,
        span: e.span,
      };
  }
}

/** Gives an untyped literal its default type; other expressions stay. */
export function settle(e: TExpr): TExpr {
  if (e.type.kind === 'intLiteral') return retype(e, types.intType) ?? e;
  if (e.type.kind === 'floatLiteral') return retype(e, types.f64) ?? e;
  return e;
}

function coerceToWrapped(
  f: FnContext,
  e: TExpr,
  to: Type,
  target: types.WrapType,
): TExpr | undefined {
  const { span } = e;
  if (e.type === types.noneType && target.kind === 'option') {
    return { kind: 'atom', name: 'none', type: to, span };
  }
  const from = types.unalias(e.type);
  if (from === target || types.unaliasDeep(from) === types.unaliasDeep(target))
    return { ...e, type: to } as TExpr;
  // An error is the value of `?IError`, and the failure of every other option or result.
  const holdsError =
    target.kind === 'option' && types.unalias(target.inner) === types.errorInterface;
  const isError =
    (from === types.errorInterface && !holdsError) ||
    (target.kind === 'result' && isErrorValue(f, e, target));
  if (isError) {
    const boxed = coerce(f, e, types.errorInterface);
    return boxed && { kind: 'wrap', wrap: { kind: 'err' }, value: boxed, type: to, span };
  }
  const inner = coerce(f, e, target.inner) ?? referenceToPlain(e, target.inner);
  if (inner) {
    const kind = target.kind === 'option' ? 'some' : 'ok';
    return { kind: 'wrap', wrap: { kind }, value: inner, type: to, span };
  }
  return from.kind === 'option' && target.kind === 'option'
    ? coerceOption(f, e, to, target, from)
    : undefined;
}

/** A value where an option of a reference is wanted is referred to. */
function referenceToPlain(e: TExpr, to: Type): TExpr | undefined {
  const wanted = types.unalias(to);
  if (wanted.kind !== 'ref' || types.unalias(e.type) !== types.unalias(wanted.inner))
    return undefined;
  return referenceOf(e, to);
}

/** An option of a struct fits an option of an interface that it implements, or of a reference. */
function coerceOption(
  f: FnContext,
  e: TExpr,
  to: Type,
  target: types.WrapType,
  from: types.WrapType,
): TExpr | undefined {
  const wanted = types.unalias(target.inner).kind;
  if (!['interface', 'ref', 'fn', 'sum', 'struct'].includes(wanted)) return undefined;
  const { span } = e;
  const held = f.temporary('option', e.type, span);
  const payload: TExpr = {
    kind: 'unwrap',
    value: { kind: 'local', local: held, type: held.type, span },
    type: from.inner,
    span,
  };
  const inner = coerce(f, payload, target.inner) ?? referenceToPlain(payload, target.inner);
  if (!inner) return undefined;
  return mapOption(
    held,
    e,
    { kind: 'wrap', wrap: { kind: 'some' }, value: inner, type: to, span },
    to,
  );
}

/** `whenSome` when the option holds a value, else the option as it is. */
export function mapOption(held: Local, value: TExpr, whenSome: TExpr, to: Type): TExpr {
  const { span } = value;
  const subject: TExpr = { kind: 'local', local: held, type: held.type, span };
  const condition = isPresent(subject, 'option', span);
  const choice: TExpr = {
    kind: 'if',
    condition,
    whenTrue: { stmts: [], value: whenSome },
    otherwise: { stmts: [], value: { ...subject, type: to } as TExpr },
    type: to,
    span,
  };
  const keep = { kind: 'let', local: held, value, span } as const;
  return { kind: 'block', body: { stmts: [keep], value: choice }, type: to, span };
}

/** A struct that implements IError may be returned where `!T` is expected. */
function isErrorValue(f: FnContext, e: TExpr, target: types.WrapType): boolean {
  const from = types.strip(e.type);
  if (from === types.strip(target.inner) || from.kind !== 'struct') return false;
  return (
    coerce(f, e, target.inner) === undefined &&
    implementsInterface(f.program, from, types.errorInterface) === undefined
  );
}

/** Sum types that a value is being made to fit, to stop at those that contain each other. */
const fitting: SumType[] = [];

function coerceToSum(f: FnContext, e: TExpr, to: Type, target: SumType): TExpr | undefined {
  const settled = settle(e);
  const { span } = e;
  const wrapped = (variant: Type, value: TExpr): TExpr => {
    const wrap = { kind: 'sum', tag: tagOf(variant) } as const;
    return { kind: 'wrap', wrap, value, type: to, span };
  };
  const same = directVariant(target, settled.type);
  if (same) return wrapped(same, { ...settled, type: same } as TExpr);
  if (fitting.includes(target)) return undefined;
  fitting.push(target);
  try {
    // A value of a sum type that is itself a variant, or what fits only after conversion.
    for (const variant of target.variants) {
      const { kind } = types.unalias(variant);
      const converts = kind === 'sum' || kind === 'interface' || kind === 'fn';
      if (!converts && !isLiteral(e)) continue;
      const inner = coerce(f, e, variant);
      if (inner) return wrapped(variant, inner);
    }
  } finally {
    fitting.pop();
  }
  return types.unalias(e.type).kind === 'ref' ? coerce(f, deref(e), to) : undefined;
}

function coerceToInterface(
  f: FnContext,
  e: TExpr,
  to: Type,
  target: types.InterfaceType,
): TExpr | undefined {
  const whole = settle(e);
  // What a reference to an interface leads to is such a value already.
  const settled = types.strip(whole.type).kind === 'interface' ? deref(whole) : whole;
  const { span } = e;
  const from = types.unalias(settled.type);
  if (settled.type === types.noneType && target === types.errorInterface) {
    const value: TExpr = { kind: 'atom', name: 'none', type: types.noneType, span };
    return { kind: 'wrap', wrap: { kind: 'box', tag: 'none' }, value, type: to, span };
  }
  if (from.kind === 'interface') {
    // Both are boxes of the same shape, so a wider interface's value serves as it is.
    return implementsInterface(f.program, from, target) === undefined
      ? ({ ...settled, type: to } as TExpr)
      : undefined;
  }
  if (implementsInterface(f.program, settled.type, target) !== undefined) return undefined;
  recordBoxing(f.program, settled.type);
  return {
    kind: 'wrap',
    wrap: { kind: 'box', tag: tagOf(settled.type) },
    value: settled,
    type: to,
    span,
  };
}

function coerceToReference(f: FnContext, e: TExpr, to: Type, inner: Type): TExpr | undefined {
  const zero = f.insideUnsafe && e.kind === 'int' && e.value === 0n;
  if (zero) return { kind: 'atom', name: 'nil', type: to, span: e.span };
  if (e.type === types.nilType) return { ...e, type: to } as TExpr;
  if (f.program.unitAt(e.span).library) {
    // V's own library still writes `unsafe { 0 }` for nil, and texts of C.
    if (e.kind === 'int' && e.value === 0n)
      return { kind: 'atom', name: 'nil', type: to, span: e.span };
    if (e.kind === 'string' && types.unalias(inner) === types.u8)
      return { ...textPointer(e, e.span), type: to };
  }
  const from = types.unalias(e.type);
  // A `mut` parameter is a reference to what was passed.
  if (e.kind === 'local' && from === types.unalias(inner) && isMutParameter(f, e.local))
    return addressOfLocal(e.local, e.span, to);
  if (from === types.voidptr) {
    f.program.recast.push(inner);
    return { ...e, type: to } as TExpr;
  }
  if (from.kind === 'ref' && types.unaliasDeep(from.inner) === types.unaliasDeep(inner))
    return { ...e, type: to } as TExpr;
  // A reference to a variant becomes one to a sum type value of its own.
  if (types.unalias(inner).kind === 'sum' && from.kind === 'ref') {
    const held = coerce(f, deref(e), inner);
    return held && { kind: 'newCell', value: held, type: to, span: e.span };
  }
  // A reference to an interface is a cell of its own, with a box that holds the reference given.
  if (types.unalias(inner).kind !== 'interface') return undefined;
  const value = coerce(f, e, inner);
  return value && { kind: 'newCell', value, type: to, span: e.span };
}

/** A parameter declared `mut`: what the caller passed, not a copy. */
export function isMutParameter(f: FnContext, local: Local): boolean {
  const { decl } = f;
  const declared = decl && [...(decl.receiver ? [decl.receiver] : []), ...decl.signature.params];
  return declared?.some((p) => p.mut && p.name === local.name) ?? false;
}

function sameFnShape(a: types.FnType, b: types.FnType): boolean {
  return (
    types.unaliasDeep(a.result) === types.unaliasDeep(b.result) &&
    a.params.length === b.params.length &&
    a.params.every((p, i) => {
      const q = b.params[i];
      return (
        q !== undefined &&
        p.mut === q.mut &&
        types.unaliasDeep(p.type) === types.unaliasDeep(q.type)
      );
    })
  );
}

/** Coerces or reports `message` at the expression. */
export function coerceOr(
  f: FnContext,
  e: TExpr,
  to: Type,
  message: () => string,
  span: Span = e.span,
): TExpr {
  const converted = coerce(f, e, to);
  if (converted) return converted;
  f.error(message(), span);
  return { kind: 'bad', type: types.errorType, span };
}

/** V's name of the type of a value in messages: literals say so. */
export function shownType(type: Type): string {
  return type.name;
}

/** The value of a declared but unset variable, field or element. */
export function zeroValue(f: FnContext, type: Type, span: Span): TExpr {
  const t = types.unalias(type);
  switch (t.kind) {
    case 'int':
      return { kind: 'int', value: 0n, type, span };
    case 'enum': {
      const [first] = t.values.values();
      return { kind: 'int', value: t.flag ? 0n : (first ?? 0n), type, span };
    }
    case 'float':
      return { kind: 'float', value: 0, type, span };
    case 'bool':
      return { kind: 'bool', value: false, type, span };
    case 'string':
      return { kind: 'string', bytes: '', type, span };
    case 'array':
      return { kind: 'array', elements: [], type, span };
    case 'fixed': {
      const element = zeroValue(f, t.element, span);
      const size: TExpr = { kind: 'int', value: BigInt(t.size), type: types.intType, span };
      return {
        kind: 'runtime',
        module: 'v_array',
        name: 'filled',
        args: [size, element],
        type,
        span,
      };
    }
    case 'chan': {
      const none: TExpr = { kind: 'int', value: 0n, type: types.intType, span };
      return { kind: 'runtime', module: 'v_chan', name: 'new', args: [none], type, span };
    }
    case 'shared':
      return newShared(f, zeroValue(f, t.inner, span), span);
    case 'map':
      return { kind: 'runtime', module: 'v_map', name: 'new', args: [], type, span };
    case 'struct':
      return zeroStruct(f, t, type, span);
    case 'option':
      return { kind: 'atom', name: 'none', type, span };
    case 'sum': {
      const [first] = t.variants;
      if (!first) return { kind: 'bad', type, span };
      const value = zeroValue(f, first, span);
      return { kind: 'wrap', wrap: { kind: 'sum', tag: tagOf(first) }, value, type, span };
    }
    case 'result': {
      const value = zeroValue(f, t.inner, span);
      return { kind: 'wrap', wrap: { kind: 'ok' }, value, type, span };
    }
    case 'tuple':
      return { kind: 'tuple', values: t.types.map((x) => zeroValue(f, x, span)), type, span };
    default:
      return { kind: 'atom', name: 'nil', type, span };
  }
}

/**
 * Structs whose default value is being built. One that holds itself, as the first variant of a sum
 * type, would never be done: the inner one's is the last.
 */
const zeroing: Type[] = [];

function zeroStruct(f: FnContext, t: types.StructType, type: Type, span: Span): TExpr {
  if (zeroing.filter((x) => x === t).length > 1) return { kind: 'atom', name: 'nil', type, span };
  zeroing.push(t);
  try {
    const values = t.fields.map((field) => defaultFieldValue(f, t, field, span));
    return { kind: 'struct', tag: structTag(t), values, type, span };
  } finally {
    zeroing.pop();
  }
}

export function defaultFieldValue(
  f: FnContext,
  owner: types.StructType,
  field: types.Field,
  span: Span,
): TExpr {
  const value = field.decl?.defaultValue;
  if (!value) return zeroValue(f, field.type, span);
  return checkDefault(f, owner, value, field.type);
}

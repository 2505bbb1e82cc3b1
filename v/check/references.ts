// `&x`, and the references that V makes where a value meets `&T`: to variables, into structs and
// arrays, or to a fresh value. Which variables become cells by it is decided after checking, see
// lower/cells.ts.

import type { Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, Place, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { refuseAddress } from './address_rules.ts';
import type { FnContext } from './context.ts';
import { settle } from './convert.ts';
import { bad, checkValue, pathOf, runtime } from './expressions.ts';
import { placeOf } from './places.ts';

/** The place that a reading expression reads; undefined for what is only a value. */
function placeRead(value: TExpr): Place | undefined {
  switch (value.kind) {
    case 'local':
      return { kind: 'local', local: value.local, type: value.local.type };
    case 'place':
      return value.place;
    case 'field': {
      const base = placeRead(value.value);
      return base && { kind: 'field', base, index: value.index, type: value.type };
    }
    case 'index': {
      const base = placeRead(value.value);
      const { index, type, span } = value;
      return base && { kind: 'index', base, index, type, span };
    }
    default:
      return undefined;
  }
}

export function addressOfPlace(place: Place, span: Span, type?: Type): TExpr {
  const wanted = type ?? types.refOf(place.type);
  if (place.kind === 'target') return { ...place.reference, type: wanted } as TExpr;
  return { kind: 'addressOf', place, type: wanted, span };
}

export function addressOfLocal(local: Local, span: Span, type?: Type): TExpr {
  return addressOfPlace({ kind: 'local', local, type: local.type }, span, type);
}

/** A reference of the given type to where a value stands, or to a copy when it stands nowhere. */
export function referenceOf(value: TExpr, type: Type): TExpr {
  const { span } = value;
  if (value.kind === 'const') {
    const name: TExpr = { kind: 'atom', name: value.info.name, type: types.noneType, span };
    return runtime('v_ref', 'constant', [value, name], type, span);
  }
  const place = placeRead(value);
  if (place) return addressOfPlace(place, span, type);
  return { kind: 'newCell', value, type, span };
}

/** `&x` */
export function checkAddressOf(f: FnContext, e: Expr & { kind: 'prefix' }): TExpr {
  const { span } = e;
  const inner = e.value.kind === 'paren' ? e.value.inner : e.value;
  const value = settle(checkValue(f, inner));
  if (value.type === types.errorType || refuseAddress(f, e, value)) return bad(span);
  const cast = f.scope.castOf(pathOf(inner) ?? '');
  if (inner.kind === 'index' && inner.index.kind !== 'range' && !placeRead(value) && !cast) {
    const element = elementAddress(f, inner, span);
    if (element) return element;
  }
  const view = inner.kind === 'ident' ? f.scope.find(inner.name)?.view : cast;
  if (view?.place && view.place.type === value.type) return addressOfPlace(view.place, span);
  return { ...referenceOf(value, types.refOf(value.type)), span } as TExpr;
}

/** `&m[key]`: what no reading expression stands for. */
function elementAddress(f: FnContext, e: Expr & { kind: 'index' }, span: Span): TExpr | undefined {
  const before = f.placesReadOnly;
  f.placesReadOnly = true;
  const place = placeOf(f, e);
  f.placesReadOnly = before;
  return place && place.type !== types.errorType ? addressOfPlace(place, span) : undefined;
}

/** Casts between references, `voidptr` and the integers that stand for addresses. */
export function castPointer(f: FnContext, value: TExpr, to: Type): TExpr | undefined {
  const target = types.unalias(to);
  const from = types.unalias(value.type);
  const { span } = value;
  const isAddress = from.kind === 'ref' || from === types.voidptr || from.kind === 'fn';
  if (target === types.voidptr) {
    if (value.kind === 'int' && value.value === 0n)
      return { kind: 'atom', name: 'nil', type: to, span };
    if (from.kind === 'ref') f.program.recast.push(from.inner);
    return isAddress || from.kind === 'chan' ? ({ ...value, type: to } as TExpr) : undefined;
  }
  if (target.kind === 'int' && isAddress) {
    const address = runtime('v_ref', 'address', [value], types.u64, span);
    return { kind: 'convert', value: address, type: to, span };
  }
  // A reference to an interface or a sum type leads to a box, which holds the reference given.
  const boxes = target.kind === 'ref' ? types.unalias(target.inner).kind : '';
  const boxed = boxes === 'interface' || boxes === 'sum';
  if (boxed && from.kind === 'ref' && types.unalias(from.inner).kind !== boxes) return undefined;
  if (target.kind === 'ref' && isAddress && from !== target) {
    // What the other reference led to is from here on reached, and written, by this one as well.
    if (from.kind === 'ref') f.program.recast.push(from.inner);
    f.program.recast.push(target.inner);
    return { ...value, type: to } as TExpr;
  }
  return target.kind === 'fn' && from === types.voidptr
    ? ({ ...value, type: to } as TExpr)
    : undefined;
}

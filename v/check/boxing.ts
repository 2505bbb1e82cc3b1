// Values that get a box where an interface is wanted: the elements of an array, and a variable that
// is passed as `mut`.

import type { Span } from '../source.ts';
import type { Place, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { coerce } from './convert.ts';
import { runtime } from './expressions.ts';
import { addressOfPlace } from './references.ts';

/** An array of a struct where an array of an interface that it implements is wanted. */
export function boxedArray(f: FnContext, value: TExpr, type: Type): TExpr | undefined {
  const from = types.unalias(value.type);
  const to = types.unalias(type);
  if (from.kind !== 'array' || to.kind !== 'array') return undefined;
  if (types.unalias(to.element).kind !== 'interface') return undefined;
  const { span } = value;
  const param = f.program.newLocal('element', from.element, span);
  const element = coerce(f, { kind: 'local', local: param, type: from.element, span }, to.element);
  if (!element) return undefined;
  const body = { stmts: [{ kind: 'return', value: element, span } as const], value: undefined };
  const convert: TExpr = {
    kind: 'closure',
    params: [param],
    outs: [],
    body,
    result: to.element,
    captures: [],
    type: types.voidType,
    span,
  };
  return runtime('v_array', 'map', [value, convert], type, span);
}

/**
 * A variable passed where `mut x Interface` is wanted. The interface value refers to a struct, so
 * that it can be kept; another value is boxed for the call and unboxed after it.
 */
export function boxedPlace(f: FnContext, place: Place, type: Type, span: Span): Place | undefined {
  const target = types.unalias(type);
  if (target.kind !== 'interface' && target.kind !== 'sum') return undefined;
  if (target.kind === 'interface' && types.unalias(place.type).kind === 'struct') {
    const value = coerce(f, addressOfPlace(place, span), type);
    if (!value) return undefined;
    const reference: TExpr = { kind: 'newCell', value, type: types.refOf(type), span };
    return { kind: 'target', reference, type, span };
  }
  const wrapped = coerce(f, { kind: 'place', place, type: place.type, span }, type);
  if (wrapped?.kind !== 'wrap') return undefined;
  return { kind: 'boxed', base: place, wrap: wrapped.wrap, type };
}

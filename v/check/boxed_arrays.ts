// Arrays of what implements an interface, where an array of the interface is wanted: every element
// gets its box.

import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { coerce } from './convert.ts';
import { runtime } from './expressions.ts';

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

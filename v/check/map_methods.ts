// Methods of maps.

import type { CallExpr } from '../ast.ts';
import type { TExpr } from '../typed.ts';
import type { MapType } from '../types.ts';
import * as types from '../types.ts';
import { checkRowArgs, type Selector } from './builtin_methods.ts';
import type { FnContext } from './context.ts';
import { bad, runtime } from './expressions.ts';
import { throughReferences, usedPlace } from './places.ts';

export function mapMethod(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  value: TExpr,
  t: MapType,
): TExpr | undefined {
  const { span } = e;
  const read = (name: string, result: types.Type): TExpr => {
    const args = checkRowArgs(f, e, callee, []);
    return args ? runtime('v_map', name, [value], result, span) : bad(span);
  };
  const change = (name: string, params: readonly types.Type[]): TExpr => {
    const args = checkRowArgs(f, e, callee, params);
    const place = usedPlace(f, callee.value);
    if (!args || !place) return bad(span);
    return {
      kind: 'mutate',
      place: throughReferences(place, span),
      module: 'v_map',
      name,
      args,
      type: types.voidType,
      span,
    };
  };
  switch (callee.name) {
    case 'keys':
      return read('keys', types.arrayOf(t.key));
    case 'values':
      return read('values', types.arrayOf(t.value));
    case 'clone':
    case 'move':
      return checkRowArgs(f, e, callee, []) ? value : bad(span);
    case 'delete':
      return change('delete', [t.key]);
    case 'reserve':
      return checkRowArgs(f, e, callee, [types.u32])
        ? { kind: 'atom', name: 'ok', type: types.voidType, span }
        : bad(span);
    case 'free':
      return checkRowArgs(f, e, callee, [])
        ? { kind: 'atom', name: 'ok', type: types.voidType, span }
        : bad(span);
    case 'clear':
      return change('clear', []);
    default:
      return undefined;
  }
}

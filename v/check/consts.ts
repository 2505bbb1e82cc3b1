// Module constants: checked when first used, so that they are computed in dependency order.

import type { ConstInfo } from '../typed.ts';
import * as types from '../types.ts';
import { FnContext } from './context.ts';
import { settle } from './convert.ts';
import { checkValue } from './expressions.ts';
import { type ConstSymbol, noBindings, type Program } from './program.ts';

export function checkConst(p: Program, name: string): ConstInfo {
  const symbol = p.consts.get(name) as ConstSymbol;
  if (symbol.state === 'checking') {
    p.error(`cycle in constant \`${name}\``, symbol.info.span);
    symbol.info.type = types.errorType;
  }
  if (symbol.state !== 'new') return symbol.info;
  symbol.state = 'checking';
  const f = new FnContext(p, name, types.voidType, noBindings);
  const value = checkValue(f, symbol.value);
  if (value.kind === 'int' && value.type === types.intLiteral) {
    const { low, high } = types.intRange(types.intType);
    if (value.value < low || value.value > high) {
      p.error(
        'overflow in implicit type `int`, use explicit type casting instead',
        symbol.value.span,
      );
    }
  }
  // A constant keeps an untyped literal's freedom: `const n = 3` can be an i64 where it is used.
  const literal = value.kind === 'int' || value.kind === 'float';
  symbol.info.value = literal ? settle(value) : settle(value);
  symbol.info.type = symbol.info.value.type;
  symbol.state = 'done';
  p.constOrder.push(symbol.info);
  return symbol.info;
}

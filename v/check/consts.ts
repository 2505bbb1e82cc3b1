// Module constants and globals: checked when first used, so that they are computed in dependency
// order.

import type { Span } from '../source.ts';
import type { ConstInfo, Place, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { FnContext } from './context.ts';
import { coerce, settle, zeroValue } from './convert.ts';
import { checkValue } from './expressions.ts';
import { type ConstSymbol, type GlobalSymbol, noBindings, type Program } from './program.ts';

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
  const plain = value.kind === 'int' || value.kind === 'float';
  if (plain && types.defaultType(value.type) !== value.type) symbol.info.untyped = value.type;
  symbol.info.value = wide(value) ?? settle(value);
  symbol.info.type = symbol.info.value.type;
  symbol.state = 'done';
  p.constOrder.push(symbol.info);
  return symbol.info;
}

/** A number that no `int` holds stays what it is until its type is known. */
function wide(value: TExpr): TExpr | undefined {
  if (value.kind !== 'int' || value.type !== types.intLiteral) return undefined;
  const fits = ({ low, high }: { low: bigint; high: bigint }): boolean =>
    value.value >= low && value.value <= high;
  if (fits(types.intRange(types.intType))) return undefined;
  return { ...value, type: fits(types.intRange(types.i64)) ? types.i64 : types.u64 };
}

/** The type of a constant where it is used: one that is a plain number is as untyped as that. */
export function constantType(info: ConstInfo): Type {
  return info.untyped ?? info.type;
}

/** The place of a global variable: what the reference to its cell leads to. */
export function globalPlace(p: Program, symbol: GlobalSymbol, span: Span): Place {
  const { type } = checkGlobal(p, symbol);
  if (type.kind !== 'ref') {
    const local = p.newLocal('bad', types.errorType, span, true);
    return { kind: 'local', local, type: types.errorType };
  }
  const reference = { kind: 'const', info: symbol.info, type, span } as const;
  return { kind: 'target', reference, type: type.inner, span };
}

function mismatch(f: FnContext, value: TExpr, wanted: Type): TExpr {
  const { type, span } = value;
  if (type !== types.errorType)
    f.error(`cannot assign \`${type.name}\` to a global of type \`${wanted.name}\``, span);
  return { kind: 'bad', type: types.errorType, span };
}

export function checkGlobal(p: Program, symbol: GlobalSymbol): ConstInfo {
  const { decl, info } = symbol;
  if (symbol.state === 'checking') {
    p.error(`cycle in global \`${info.name}\``, info.span);
    info.type = types.errorType;
  }
  if (symbol.state !== 'new') return info;
  symbol.state = 'checking';
  const f = new FnContext(p, info.name, types.voidType, noBindings);
  const wanted = decl.type && p.resolve(decl.type, noBindings);
  const given = decl.value && checkValue(f, decl.value, wanted);
  let value =
    given && (wanted ? (coerce(f, given, wanted) ?? mismatch(f, given, wanted)) : settle(given));
  value ??= zeroValue(f, wanted ?? types.errorType, decl.span);
  if (value.type !== types.errorType) {
    info.type = types.refOf(wanted ?? value.type);
    info.value = { kind: 'newCell', value, type: info.type, span: decl.span };
  }
  symbol.state = 'done';
  p.constOrder.push(info);
  return info;
}

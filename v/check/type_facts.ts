// What a type tells while compiling: its number (`typeof(x).idx`, `T.typ`, `field.typ`), and the
// types it is made of (`T.key_type`, `typeof(x).payload_type`, …).

import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { tagOf } from './convert.ts';
import { intConst, stringConst } from './expressions.ts';
import type { Program } from './program.ts';

/** V numbers its built-in types in this order, from 1. */
const builtinOrder: readonly string[] = (
  'void voidptr byteptr charptr i8 i16 i32 int i64 isize u8 u16 u32 u64 usize f32 f64 char bool ' +
  'none string rune array map chan any float_literal int_literal thread IError nil'
).split(' ');

const literalNames: ReadonlyMap<Type, string> = new Map<Type, string>([
  [types.intLiteral, 'int_literal'],
  [types.floatLiteral, 'float_literal'],
]);

/** Bits above a type's index: how many references it goes through, and its flags. */
const indirectionShift = 16;
const flagShift = 24;
const flags = { option: 1, result: 2, shared: 16 } as const;

/** The number of references around a type. */
export function indirectionsOf(type: Type): number {
  let count = 0;
  for (let t = type; t.kind === 'ref' && count < 255; t = t.inner) count++;
  return count;
}

/**
 * The number V programs compare types by. Types that V does not have built in are numbered as they
 * are asked for; `withFlags` adds what `&`, `?`, `!` and `shared` around a type change.
 */
export function typeNumber(p: Program, type: Type, withFlags = true): number {
  const wrapped = type.kind === 'option' || type.kind === 'result' || type.kind === 'shared';
  if (wrapped) {
    const inner = typeNumber(p, type.inner, withFlags);
    const flag = flags[type.kind as keyof typeof flags];
    return withFlags ? inner | (flag << flagShift) : inner;
  }
  if (type.kind === 'ref') {
    let target: Type = type;
    while (target.kind === 'ref') target = target.inner;
    const inner = typeNumber(p, target, withFlags);
    return withFlags ? inner + (indirectionsOf(type) << indirectionShift) : inner;
  }
  const builtin = builtinOrder.indexOf(literalNames.get(type) ?? type.name);
  if (builtin >= 0) return builtin + 1;
  let number = p.typeNumbers.get(type);
  if (number === undefined) {
    // Room is left for the types of V's own builtin module.
    number = 100 + p.typeNumbers.size;
    p.typeNumbers.set(type, number);
  }
  return number;
}

/** What `memberType` knows that not every type has. */
export const partNames: ReadonlySet<string> = new Set([
  'key_type',
  'value_type',
  'element_type',
  'pointee_type',
  'payload_type',
]);

/** `T.key_type` and the like; undefined when the type has no such part, or it is no type. */
export function memberType(type: Type, name: string): Type | undefined {
  const t = types.unalias(type);
  switch (name) {
    case 'typ':
    case 'idx':
      return type;
    case 'unaliased_typ':
      return t;
    case 'key_type':
      return t.kind === 'map' ? t.key : undefined;
    case 'value_type':
    case 'element_type':
      if (t.kind === 'array' || t.kind === 'fixed') return t.element;
      return t.kind === 'map' ? t.value : t.kind === 'chan' ? t.inner : undefined;
    case 'pointee_type': {
      const held = t.kind === 'option' || t.kind === 'result' ? types.unalias(t.inner) : t;
      return held.kind === 'ref' ? held.inner : undefined;
    }
    case 'payload_type':
      return t.kind === 'option' || t.kind === 'result' ? t.inner : undefined;
    default:
      return undefined;
  }
}

/** What a selector on a type gives as a value; undefined when it has no such member. */
export function typeMember(p: Program, type: Type, name: string, span: Span): TExpr | undefined {
  if (name === 'name') return stringConst(Buffer.from(type.name).toString('latin1'), span);
  if (name === 'indirections') return intConst(indirectionsOf(type), span);
  if (name === 'variant_types') {
    const t = types.unalias(type);
    if (t.kind !== 'sum') return undefined;
    const elements = t.variants.map((v) => intConst(typeNumber(p, v), span));
    return { kind: 'array', elements, type: types.arrayOf(types.intType), span };
  }
  const member = memberType(type, name);
  return member && intConst(typeNumber(p, member), span);
}

/** Runs `make` for every type that a sum type or interface value can hold, by its tag. */
export function byTag(
  held: readonly Type[],
  subject: TExpr,
  otherwise: TExpr,
  make: (type: Type) => TExpr,
): TExpr {
  const { span } = subject;
  const cases = held.map((t) => ({
    values: [{ kind: 'atom', name: tagOf(t), type: types.noneType, span } as const],
    body: { stmts: [], value: make(t) },
  }));
  const one = intConst(1, span);
  const tag: TExpr = {
    kind: 'runtime',
    module: 'erlang',
    name: 'element',
    args: [one, subject],
    type: types.noneType,
    span,
  };
  const rest = { stmts: [], value: otherwise };
  return { kind: 'switch', subject: tag, cases, otherwise: rest, type: otherwise.type, span };
}

// V's types after resolution. Structural types are interned, so two types are the same exactly when
// they are the same object. Named types (structs, enums, …) are created empty by the
// collector and filled in place.

import type { EnumDecl, FnDecl, InterfaceDecl, StructDecl, TypeDecl } from './ast.ts';
import type { Span } from './source.ts';

interface Named {
  /** V's own spelling, as `typeof(x).name` and error messages give it. */
  readonly name: string;
}

export interface IntType extends Named {
  readonly kind: 'int';
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
}
export interface FloatType extends Named {
  readonly kind: 'float';
  readonly bits: 32 | 64;
}
/**
 * `bool string void none nil voidptr any` and the untyped literals, and `error` for what failed to
 * check.
 */
export interface SimpleType extends Named {
  readonly kind:
    | 'bool'
    | 'string'
    | 'void'
    | 'none'
    | 'nil'
    | 'intLiteral'
    | 'floatLiteral'
    | 'never'
    | 'error';
}
export interface ArrayType extends Named {
  readonly kind: 'array';
  readonly element: Type;
}
export interface FixedType extends Named {
  readonly kind: 'fixed';
  readonly size: number;
  readonly element: Type;
}
export interface MapType extends Named {
  readonly kind: 'map';
  readonly key: Type;
  readonly value: Type;
}
export interface WrapType extends Named {
  readonly kind: 'option' | 'result' | 'ref' | 'chan' | 'thread' | 'shared';
  readonly inner: Type;
}
export interface TupleType extends Named {
  readonly kind: 'tuple';
  readonly types: readonly Type[];
}
export interface FnParam {
  readonly name: string;
  readonly type: Type;
  readonly mut: boolean;
  readonly variadic: boolean;
}
export interface FnType extends Named {
  readonly kind: 'fn';
  readonly params: readonly FnParam[];
  readonly result: Type;
}

export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly mut: boolean;
  readonly embedded: boolean;
  readonly required: boolean;
  readonly decl: StructDecl['fields'][number] | undefined;
}
export interface StructType extends Named {
  readonly kind: 'struct';
  readonly decl: StructDecl;
  readonly typeArgs: readonly Type[];
  fields: Field[];
  /** Set while fields are being resolved, to find a struct that contains itself. */
  resolved: boolean;
}
export interface EnumType extends Named {
  readonly kind: 'enum';
  readonly decl: EnumDecl;
  readonly flag: boolean;
  readonly base: IntType;
  readonly values: Map<string, bigint>;
}
export interface AliasType extends Named {
  readonly kind: 'alias';
  readonly decl: TypeDecl;
  readonly typeArgs: readonly Type[];
  target: Type;
}
export interface SumType extends Named {
  readonly kind: 'sum';
  readonly decl: TypeDecl;
  variants: Type[];
  readonly typeArgs: readonly Type[];
}
export interface InterfaceMethod {
  readonly name: string;
  readonly mut: boolean;
  readonly type: FnType;
  readonly span: Span;
}
export interface InterfaceType extends Named {
  readonly kind: 'interface';
  readonly decl: InterfaceDecl | undefined;
  readonly typeArgs: readonly Type[];
  methods: InterfaceMethod[];
  fields: Field[];
  readonly embeds: InterfaceType[];
}

export type Type =
  | IntType
  | FloatType
  | SimpleType
  | ArrayType
  | FixedType
  | MapType
  | WrapType
  | TupleType
  | FnType
  | StructType
  | EnumType
  | AliasType
  | SumType
  | InterfaceType;

/** The declaration of a function together with what its type parameters stand for. */
export interface FnSource {
  readonly decl: FnDecl;
  readonly bindings: ReadonlyMap<string, Type>;
}

const int = (name: string, bits: IntType['bits'], signed: boolean): IntType => ({
  kind: 'int',
  name,
  bits,
  signed,
});
const simple = (kind: SimpleType['kind'], name: string): SimpleType => ({ kind, name });

export const i8 = int('i8', 8, true);
export const i16 = int('i16', 16, true);
export const i32 = int('i32', 32, true);
export const intType = int('int', 32, true);
export const i64 = int('i64', 64, true);
export const isize = int('isize', 64, true);
export const u8 = int('u8', 8, false);
export const u16 = int('u16', 16, false);
export const u32 = int('u32', 32, false);
export const u64 = int('u64', 64, false);
export const usize = int('usize', 64, false);
export const rune = int('rune', 32, false);
export const charType = int('char', 8, false);
export const voidptr = int('voidptr', 64, false);
export const f32: FloatType = { kind: 'float', name: 'f32', bits: 32 };
export const f64: FloatType = { kind: 'float', name: 'f64', bits: 64 };
export const bool = simple('bool', 'bool');
export const string = simple('string', 'string');
export const voidType = simple('void', 'void');
export const noneType = simple('none', 'none');
export const nilType = simple('nil', 'nil');
export const intLiteral = simple('intLiteral', 'int literal');
export const floatLiteral = simple('floatLiteral', 'float literal');
/** The type of what does not return: `panic`, `exit`, a block that ends in `return`. */
export const never = simple('never', 'void');
/** Follows a reported error and agrees with everything, so that one mistake gives one message. */
export const errorType = simple('error', 'unknown');

export const builtinTypes: ReadonlyMap<string, Type> = new Map<string, Type>([
  ...[i8, i16, i32, intType, i64, isize, u8, u16, u32, u64, usize, rune, voidptr, f32, f64].map(
    (t) => [t.name, t] as const,
  ),
  ['char', charType],
  ['byte', u8],
  ['bool', bool],
  ['string', string],
  ['void', voidType],
  ['none', noneType],
]);

/** V's built-in error interface: every error value is one. */
export const errorInterface: InterfaceType = {
  kind: 'interface',
  name: 'IError',
  decl: undefined,
  typeArgs: [],
  methods: [],
  fields: [],
  embeds: [],
};

const wrapPrefixes: Readonly<Record<WrapType['kind'], string>> = {
  option: '?',
  result: '!',
  ref: '&',
  chan: 'chan ',
  thread: 'thread ',
  shared: 'shared ',
};

/** The types that were made of a type, and a number for it where a list of types is a key. */
interface Made {
  readonly identity: number;
  array: ArrayType | undefined;
  readonly wraps: Record<WrapType['kind'], WrapType | undefined>;
  readonly fixed: Map<number, FixedType>;
  /** By the type of the values. */
  readonly maps: Map<Type, MapType>;
}

const noWraps: Made['wraps'] = {
  option: undefined,
  result: undefined,
  ref: undefined,
  chan: undefined,
  thread: undefined,
  shared: undefined,
};

interface Interned {
  readonly made: Map<Type, Made>;
  readonly lists: Map<string, TupleType | FnType>;
}

/** What the compiler's own tables name: made before there is any program. */
const lasting: Interned = { made: new Map(), lists: new Map() };
let interned = lasting;

/**
 * A program begins. The types of the one before are forgotten: they would only be in the way, and
 * nothing the compiler does may depend on the programs it has seen before.
 */
export function beginProgram(): void {
  const copied = (m: Made): Made => ({
    ...m,
    wraps: { ...m.wraps },
    fixed: new Map(m.fixed),
    maps: new Map(m.maps),
  });
  interned = {
    made: new Map([...lasting.made].map(([type, made]) => [type, copied(made)])),
    lists: new Map(lasting.lists),
  };
}

function madeOf(type: Type): Made {
  const { made } = interned;
  let row = made.get(type);
  if (!row) {
    row = {
      identity: made.size,
      array: undefined,
      wraps: { ...noWraps },
      fixed: new Map(),
      maps: new Map(),
    };
    made.set(type, row);
  }
  return row;
}

/** Named types may share a name, so what is made of them goes by their identity. */
export function identity(type: Type): number {
  return madeOf(type).identity;
}

export function arrayOf(element: Type): ArrayType {
  const made = madeOf(element);
  made.array ??= { kind: 'array', element, name: `[]${element.name}` };
  return made.array;
}
export function fixedOf(size: number, element: Type): FixedType {
  const { fixed } = madeOf(element);
  let type = fixed.get(size);
  if (!type) {
    type = { kind: 'fixed', size, element, name: `[${size}]${element.name}` };
    fixed.set(size, type);
  }
  return type;
}
export function mapOf(key: Type, value: Type): MapType {
  const { maps } = madeOf(key);
  let type = maps.get(value);
  if (!type) {
    type = { kind: 'map', key, value, name: `map[${key.name}]${value.name}` };
    maps.set(value, type);
  }
  return type;
}

export function wrapOf(kind: WrapType['kind'], inner: Type): WrapType {
  const { wraps } = madeOf(inner);
  let type = wraps[kind];
  if (!type) {
    const prefix = wrapPrefixes[kind];
    type = { kind, inner, name: inner === voidType ? prefix.trim() : prefix + inner.name };
    wraps[kind] = type;
  }
  return type;
}
export const optionOf = (inner: Type): WrapType => wrapOf('option', inner);
export const resultOf = (inner: Type): WrapType => wrapOf('result', inner);
export const refOf = (inner: Type): WrapType => wrapOf('ref', inner);

export function tupleOf(types: readonly Type[]): TupleType {
  const key = `(${types.map(identity).join()})`;
  const known = interned.lists.get(key);
  if (known) return known as TupleType;
  const name = `(${types.map((t) => t.name).join(', ')})`;
  const type: TupleType = { kind: 'tuple', types, name };
  interned.lists.set(key, type);
  return type;
}

export function fnOf(params: readonly FnParam[], result: Type): FnType {
  let key = 'fn';
  for (const p of params)
    key += `${p.mut ? 'm' : ''}${p.variadic ? 'v' : ''}${madeOf(p.type).identity},`;
  key += `:${madeOf(result).identity}`;
  const known = interned.lists.get(key);
  if (known) return known as FnType;
  const show = (p: FnParam): string =>
    `${p.mut ? 'mut ' : ''}${p.variadic ? `...${p.type.name.slice(2)}` : p.type.name}`;
  const tail = result === voidType ? '' : ` ${result.name}`;
  const type: FnType = {
    kind: 'fn',
    params,
    result,
    name: `fn (${params.map(show).join(', ')})${tail}`,
  };
  interned.lists.set(key, type);
  return type;
}

/** The type behind aliases. */
export function unalias(type: Type): Type {
  let t = type;
  for (let i = 0; t.kind === 'alias' && i < 100; i++) t = t.target;
  return t;
}

/** The type with the aliases inside arrays, maps, options and references replaced too. */
export function unaliasDeep(type: Type, depth = 0): Type {
  const t = unalias(type);
  if (depth > 20) return t;
  const inner = (x: Type): Type => unaliasDeep(x, depth + 1);
  switch (t.kind) {
    case 'array':
      return arrayOf(inner(t.element));
    case 'fixed':
      return fixedOf(t.size, inner(t.element));
    case 'map':
      return mapOf(inner(t.key), inner(t.value));
    case 'option':
    case 'result':
    case 'ref':
    case 'chan':
    case 'thread':
    case 'shared':
      return wrapOf(t.kind, inner(t.inner));
    case 'tuple':
      return tupleOf(t.types.map(inner));
    default:
      return t;
  }
}

/** The type behind aliases and references: what `.` reaches through. */
export function strip(type: Type): Type {
  const t = unalias(type);
  return t.kind === 'ref' || t.kind === 'shared' ? strip(t.inner) : t;
}

export function isInteger(type: Type): boolean {
  const t = unalias(type);
  return t.kind === 'int' || t.kind === 'intLiteral';
}
export function isFloat(type: Type): boolean {
  const t = unalias(type);
  return t.kind === 'float' || t.kind === 'floatLiteral';
}
export function isNumber(type: Type): boolean {
  return isInteger(type) || isFloat(type);
}

/** Gives an untyped literal the type it has when nothing else decides. */
export function defaultType(type: Type): Type {
  if (type.kind === 'intLiteral') return intType;
  if (type.kind === 'floatLiteral') return f64;
  return type;
}

export function intRange(type: IntType): { low: bigint; high: bigint } {
  const bits = BigInt(type.bits);
  if (!type.signed) return { low: 0n, high: (1n << bits) - 1n };
  return { low: -(1n << (bits - 1n)), high: (1n << (bits - 1n)) - 1n };
}

/** Lengths, and indices of what is there. */
export const countRange = { low: 0n, high: (1n << 31n) - 1n };

export function wrapToType(value: bigint, type: IntType): bigint {
  return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}

// V's rank of number types; the promotion rules below compare ranks, as V's checker does.
const ranks: readonly Type[] = [
  i8,
  i16,
  i32,
  intType,
  i64,
  isize,
  u8,
  u16,
  u32,
  u64,
  usize,
  f32,
  f64,
  charType,
  voidptr,
  rune,
];

/** The common type of two numbers in an expression, or undefined when V asks for a cast. */
export function promote(left: Type, right: Type): Type | undefined {
  if (left === right) return left;
  if (left.kind === 'intLiteral') return right;
  if (right.kind === 'intLiteral') return left;
  if (left.kind === 'floatLiteral') return right.kind === 'float' ? right : undefined;
  if (right.kind === 'floatLiteral') return left.kind === 'float' ? left : undefined;
  const rank = (t: Type): number => ranks.indexOf(t);
  if (rank(left) < 0 || rank(right) < 0) return undefined;
  const [low, high] = rank(left) < rank(right) ? [left, right] : [right, left];
  if (high === f32) return low === i64 || low === u64 ? undefined : high;
  if (high === f64) return high;
  if (rank(low) >= rank(u8)) return high;
  if (rank(high) <= rank(isize) || high === rune) return low === i64 ? low : high;
  const firstWider: readonly (readonly [Type, Type])[] = [
    [u8, i16],
    [u16, i32],
    [u32, i64],
    [u64, i64],
    [usize, isize],
  ];
  const row = firstWider.find(([unsigned]) => unsigned === high);
  return row && rank(low) >= rank(row[1]) ? low : undefined;
}

// What the variable of a `$for` stands for in one turn: a field, a method, a parameter, a variant,
// an enum value or an attribute. It is a constant value of V's own describing struct (`FieldData`,
// `FunctionData`, …), and where a type is wanted it is the type of what it describes.

import type { Attribute, Expr, FnDecl } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { EnumType, Field, FnParam, FnType, Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { intConst, stringConst } from './expressions.ts';
import type { Program } from './program.ts';
import { indirectionsOf, typeNumber } from './type_facts.ts';

export interface ComptimeItem {
  readonly name: string;
  /** What it is where a type is wanted; an attribute is none. */
  readonly type: Type | undefined;
  /** Its value: a struct of constants. */
  readonly record: TExpr & { kind: 'struct' };
  readonly field?: Field;
  /** Of an enum. */
  readonly value?: string;
  /** A method's type without its receiver. */
  readonly signature?: FnType;
  /** What conditions can ask about a method. */
  readonly facts?: Readonly<Record<string, boolean>>;
}

/** The item that a name stands for, inside a `$for` (also seen from closures in it). */
export function itemNamed(f: FnContext, e: Expr): ComptimeItem | undefined {
  if (e.kind !== 'ident') return undefined;
  for (let c: FnContext | undefined = f; c; c = c.outer) {
    const binding = c.scope.find(e.name);
    if (binding) return binding.item;
  }
  return undefined;
}

/** `field.name`, `method.args` and so on. */
export function recordValue(item: ComptimeItem, name: string): TExpr | undefined {
  const t = types.unalias(item.record.type);
  const index = t.kind === 'struct' ? t.fields.findIndex((x) => x.name === name) : -1;
  return item.record.values[index];
}

// --- building ------------------------------------------------------------------------------

type Members = Readonly<Record<string, TExpr>>;

function record(p: Program, name: string, members: Members, span: Span): ComptimeItem['record'] {
  const type = p.namedTypes.get(name) as types.StructType;
  const values = type.fields.map((x) => members[x.name] as TExpr);
  return { kind: 'struct', tag: type.name, values, type, span };
}

function text(value: string, span: Span): TExpr {
  return stringConst(Buffer.from(value).toString('latin1'), span);
}

function truth(value: boolean, span: Span): TExpr {
  return { kind: 'bool', value, type: types.bool, span };
}

function array(element: Type, elements: readonly TExpr[], span: Span): TExpr {
  return { kind: 'array', elements, type: types.arrayOf(element), span };
}

/** `name: value`, as V shows attributes in `attrs`. */
function shownAttributes(list: readonly Attribute[], span: Span): TExpr {
  const shown = list.map((a) => {
    if (a.value === undefined || a.kind === 'comptime_define') return stringConst(a.name, span);
    const value = a.kind === 'string' ? a.quote + a.value + a.quote : a.value;
    return stringConst(`${a.name}: ${value}`, span);
  });
  return array(types.string, shown, span);
}

function attributeRecord(p: Program, a: Attribute, span: Span): ComptimeItem['record'] {
  const kinds = p.namedTypes.get('AttributeKind') as EnumType;
  const hasArg = a.value !== undefined && a.kind !== 'comptime_define';
  const isCondition = a.kind === 'comptime_define';
  const members = {
    name: stringConst(isCondition ? (a.value ?? '') : a.name, span),
    has_arg: truth(hasArg, span),
    arg: stringConst(hasArg ? (a.value ?? '') : '', span),
    kind: intConst(kinds.values.get(a.kind) ?? 0n, span, kinds),
  };
  return record(p, 'VAttribute', members, span);
}

export function attributeItem(p: Program, a: Attribute, span: Span): ComptimeItem {
  return { name: a.name, type: undefined, record: attributeRecord(p, a, span) };
}

export function fieldItem(p: Program, field: Field, span: Span): ComptimeItem {
  const { type } = field;
  const bare = type.kind === 'option' || type.kind === 'shared' ? type.inner : type;
  const is = (...kinds: readonly Type['kind'][]): TExpr => truth(kinds.includes(bare.kind), span);
  const atomic = field.decl?.type.kind === 'wrap' && field.decl.type.wrapper === 'atomic';
  const members = {
    name: text(field.name, span),
    typ: intConst(typeNumber(p, type, false), span),
    unaliased_typ: intConst(typeNumber(p, types.unalias(type), false), span),
    attrs: shownAttributes(field.decl?.attributes ?? [], span),
    is_pub: truth(field.decl?.public ?? field.embedded, span),
    is_mut: truth(field.mut, span),
    is_embed: truth(field.embedded, span),
    is_shared: truth(type.kind === 'shared', span),
    is_atomic: truth(atomic, span),
    is_option: truth(type.kind === 'option', span),
    is_array: is('array', 'fixed'),
    is_map: is('map'),
    is_chan: is('chan'),
    is_enum: is('enum'),
    is_struct: is('struct'),
    is_alias: is('alias'),
    indirections: intConst(indirectionsOf(bare), span, types.u8),
  };
  return { name: field.name, type, field, record: record(p, 'FieldData', members, span) };
}

export function variantItem(p: Program, type: Type, span: Span): ComptimeItem {
  const typ = intConst(typeNumber(p, type), span);
  return { name: type.name, type, record: record(p, 'VariantData', { typ }, span) };
}

export function valueItem(
  p: Program,
  type: EnumType,
  of: Type,
  name: string,
  span: Span,
): ComptimeItem {
  const decl = type.decl.fields.find((x) => x.name === name);
  const members = {
    name: text(name, span),
    value: intConst(type.values.get(name) ?? 0n, span, types.i64),
    attrs: shownAttributes(decl?.attributes ?? [], span),
  };
  return { name, type: of, value: name, record: record(p, 'EnumData', members, span) };
}

export function paramItem(p: Program, param: FnParam, span: Span): ComptimeItem {
  const members = { typ: intConst(typeNumber(p, param.type), span), name: text(param.name, span) };
  const made = record(p, 'FunctionParam', members, span);
  return { name: param.name, type: param.type, record: made };
}

function methodFacts(decl: FnDecl): Readonly<Record<string, boolean>> {
  const marked = (name: string): boolean => decl.attributes.some((a) => a.name === name);
  const { params } = decl.signature;
  return {
    is_pub: decl.public,
    is_variadic: params[params.length - 1]?.variadic ?? false,
    is_c_variadic: false,
    is_ctor_new: false,
    is_deprecated: marked('deprecated'),
    is_noreturn: marked('noreturn'),
    is_unsafe: marked('unsafe'),
    is_must_use: marked('must_use'),
    is_placeholder: false,
    is_main: false,
    is_test: decl.name.startsWith('test_'),
    is_keep_alive: marked('keep_args_alive'),
    is_method: true,
    is_static_type_method: false,
    no_body: decl.body === undefined,
    is_file_translated: false,
    is_conditional: marked('if'),
    is_expand_simple_interpolation: marked('expand_simple_interpolation'),
  };
}

export function methodItem(p: Program, decl: FnDecl, type: FnType, span: Span): ComptimeItem {
  const source = p.sources.fileAt(decl.nameSpan.start);
  const at = source.locate(decl.nameSpan.start);
  const names = decl.signature.params.map((x) => x.name);
  const params = type.params.map(
    (x, i) => paramItem(p, { ...x, name: names[i] ?? x.name }, span).record,
  );
  const attributes = decl.attributes.map((a) => attributeRecord(p, a, span));
  const named = (name: string): Type => p.namedTypes.get(name) ?? types.errorType;
  const members = {
    name: text(decl.name, span),
    location: text(`${source.path}:${at.line}:${at.column}`, span),
    attrs: shownAttributes(decl.attributes, span),
    attributes: array(named('VAttribute'), attributes, span),
    args: array(named('FunctionParam'), params, span),
    return_type: intConst(typeNumber(p, type.result, false), span),
    typ: intConst(typeNumber(p, type, false), span),
  };
  const made = record(p, 'FunctionData', members, span);
  return { name: decl.name, type, signature: type, facts: methodFacts(decl), record: made };
}

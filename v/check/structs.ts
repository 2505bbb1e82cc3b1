// Struct literals, with defaults, positional values, embedded structs and `...update`.

import type { Expr, StructFieldInit, StructLiteral } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { Field, StructType, Type } from '../types.ts';
import * as types from '../types.ts';
import { anonymousLiteralType, fitAnonymous, isAnonymous, resolveAnonymous } from './anonymous.ts';
import { arrayOfType, checkArrayLiteral } from './arrays.ts';
import { refuseNegative } from './assign.ts';
import { checkStructUse, noteDeprecatedField } from './attribute_rules.ts';
import { checkCast } from './casts.ts';
import { newChannel } from './channels.ts';
import { FnContext } from './context.ts';
import { coerce, defaultFieldValue, zeroValue } from './convert.ts';
import { checkFieldCopy } from './copy_rules.ts';
import { bad, checkValue, deref, localRef } from './expressions.ts';
import { inferStruct } from './generics.ts';
import { findField } from './members.ts';
import { noBindings } from './program.ts';
import { suggest } from './suggest.ts';
import { requirePublicInit, requirePublicStruct, requirePublicTypes } from './visibility.ts';

export function checkStructLiteral(
  f: FnContext,
  e: StructLiteral,
  expected: Type | undefined,
): TExpr {
  const type = literalType(f, e, expected);
  const option = types.unalias(type);
  if (option.kind === 'option') return optionLiteral(f, e, type, option.inner);
  const base = types.strip(type);
  if (type === types.errorType) {
    for (const field of e.fields) checkValue(f, field.value);
    return bad(e.span);
  }
  if (base.kind === 'chan') return newChannel(f, e, base);
  const literal = base.kind === 'struct' || base.kind === 'sum';
  if (literal && types.unalias(type).kind === 'ref') return referredLiteral(f, e, type);
  if (base.kind === 'struct') {
    const isParameter = e.type.kind === 'named' && f.bindings.has(e.type.name);
    // Generic code cannot know what a type argument requires.
    if (isParameter && e.fields.length === 0 && !e.update) return zeroValue(f, type, e.span);
    requirePublicTypes(f.program, e.type);
    checkStructUse(f.program, base, e.span);
    if (!e.update && !isParameter && !isAnonymous(base))
      requirePublicStruct(f.program, type.kind === 'alias' ? type.decl : base.decl, e.span);
    return structOf(f, type, base, e.fields, e.update, e.span);
  }
  const refused = f.program.unitAt(e.span).library ? undefined : notInitialised(base, type);
  if (refused && !(e.type.kind === 'named' && f.bindings.has(e.type.name))) {
    f.error(refused, e.span);
    return bad(e.span);
  }
  if (!e.update) {
    const plain = plainLiteral(f, e, type);
    if (plain) return plain;
  }
  f.error(`unknown struct: ${type.name}`, e.span);
  return bad(e.span);
}

/** Types of which there are no literals with braces. */
function notInitialised(base: Type, type: Type): string | undefined {
  if (base.kind === 'enum') return 'cannot initialize enums';
  if (base.kind === 'interface') return `cannot instantiate interface \`${type.name}\``;
  if (base.kind === 'fn') return 'functions must be defined, not instantiated like structs';
  return undefined;
}

/** `T{…}` where T stands for a reference: a new value and a reference to it. */
function referredLiteral(f: FnContext, e: StructLiteral, type: Type): TExpr {
  const inner = types.strip(type);
  const value =
    inner.kind === 'struct'
      ? structOf(f, inner, inner, e.fields, e.update, e.span)
      : zeroValue(f, inner, e.span);
  return { kind: 'newCell', value, type, span: e.span };
}

/**
 * `?T{…}` is an option that holds a T; `?T{}` is one that holds nothing, except that of a type
 * parameter that is no struct.
 */
function optionLiteral(f: FnContext, e: StructLiteral, type: Type, inner: Type): TExpr {
  const base = types.strip(inner);
  if (e.fields.length === 0 && !e.update) {
    const node = e.type.kind === 'option' ? e.type.inner : undefined;
    const isParameter = node?.kind === 'named' && f.bindings.has(node.name);
    if (!isParameter || base.kind === 'struct') return zeroValue(f, type, e.span);
    const value = zeroValue(f, inner, e.span);
    return { kind: 'wrap', wrap: { kind: 'some' }, value, type, span: e.span };
  }
  if (base.kind !== 'struct') {
    if (base !== types.errorType) f.error(`unknown struct: ${type.name}`, e.span);
    return bad(e.span);
  }
  const value = structOf(f, inner, base, e.fields, e.update, e.span);
  const isReference = types.unalias(inner).kind === 'ref';
  const held: TExpr = isReference ? { kind: 'newCell', value, type: inner, span: e.span } : value;
  return { kind: 'wrap', wrap: { kind: 'some' }, value: held, type, span: e.span };
}

/**
 * `T{…}` where the name is no struct: an array (`Alias{len: 3}`, `T{1, 2}`), a number (`T{0}`), or
 * the zero value of anything.
 */
function plainLiteral(f: FnContext, e: StructLiteral, type: Type): TExpr | undefined {
  const base = types.unalias(type);
  const { fields, span } = e;
  const [first] = fields;
  if (base.kind === 'array' || base.kind === 'fixed') {
    if (!first || fields.every((x) => x.name !== ''))
      return { ...arrayOfType(f, base, fields, span), type } as TExpr;
    const elements = fields.map((x) => x.value);
    const fixed = base.kind === 'fixed';
    const literal = { kind: 'arrayLiteral', elements, fixed, span } as const;
    return { ...checkArrayLiteral(f, literal, base), type } as TExpr;
  }
  if (!first) return zeroValue(f, type, span);
  if (fields.length > 1 || first.name !== '') return undefined;
  if (base === types.bool) {
    const value = checkValue(f, first.value);
    if (value.kind === 'int') return { kind: 'bool', value: value.value !== 0n, type, span };
    return checkCast(f, type, value, span);
  }
  if (!types.isNumber(base) && base !== types.string) return undefined;
  return checkCast(f, type, checkValue(f, first.value, type), span);
}

/** `Foo{…}` of a generic struct takes its arguments from what is expected, or from its fields. */
function literalType(f: FnContext, e: StructLiteral, expected: Type | undefined): Type {
  const node = e.type;
  if (node.kind === 'named' && node.name === 'struct') return anonymousLiteralType(f, e, expected);
  if (node.kind === 'anonStruct') {
    // The fields of a variable of a type of its own can be changed when the variable can.
    const fields = node.decl.fields.map((x) => ({ ...x, mut: true }));
    return resolveAnonymous(f.program, { ...node.decl, fields }, f.bindings);
  }
  if (node.kind !== 'named' || node.args.length > 0) return f.resolve(node);
  const decl = f.program.find(f.program.namedDecls, node.name, node.span);
  if (decl?.kind !== 'struct' || decl.generics.length === 0 || f.bindings.has(node.name))
    return f.resolve(node);
  const hint = expected && types.strip(expected);
  if (hint?.kind === 'struct' && hint.decl === decl) return hint;
  if (e.update && f.program.mayCheckTwice) {
    const { length } = f.hoisted;
    const from = f.program.attempt(e.update.span, () => checkValue(f, e.update as Expr));
    f.hoisted.length = length;
    const base = from && types.strip(from.type);
    if (base?.kind === 'struct' && base.decl === decl) return base;
  }
  const inference = inferStruct(f, decl, e.fields, new Map());
  const missing = decl.generics.find((g) => !inference.bindings.has(g));
  if (missing !== undefined && e.fields.length > 0) {
    const shown = `${decl.name}[${decl.generics.join(', ')}]`;
    f.error(`could not infer generic type \`${missing}\` in generic struct \`${shown}\``, e.span);
    return types.errorType;
  }
  if (missing !== undefined) return f.resolve(node);
  const args = decl.generics.map(
    (name) => ({ kind: 'named', name, args: [], span: node.span }) as const,
  );
  return f.program.resolve({ ...node, args }, inference.bindings);
}

export function structOf(
  f: FnContext,
  type: Type,
  base: StructType,
  inits: readonly StructFieldInit[],
  update: Expr | undefined,
  span: Span,
): TExpr {
  const given = new Map<Field, TExpr>();
  const positional = inits.length > 0 && inits.every((i) => i.name === '');
  if (positional && inits.length !== base.fields.length) {
    const few = inits.length < base.fields.length ? 'few' : 'many';
    f.error(
      `too ${few} fields in \`${base.name}\` literal (expecting ` +
        `${base.fields.length}, got ${inits.length})`,
      span,
    );
  }
  // Embedded structs whose fields are given by name: `Outer{ inner_field: 1 }`.
  const promoted = new Map<Field, StructFieldInit[]>();
  inits.forEach((init, i) => {
    const field = positional ? base.fields[i] : base.fields.find((x) => x.name === init.name);
    if (field) {
      if (given.has(field))
        f.error(`duplicate field name in struct literal: \`${field.name}\``, init.span);
      if (!f.insideUnsafe) requirePublicInit(f.program, base, field.decl, init.span);
      noteDeprecatedField(f.program, [field], init.span);
      given.set(field, fieldValue(f, field, init));
      return;
    }
    const [through] = findField(base, init.name)?.path ?? [];
    if (through) promoted.set(through, [...(promoted.get(through) ?? []), init]);
    else reportUnknown(f, base, init);
  });
  for (const [field, some] of promoted) {
    const inner = types.strip(field.type) as StructType;
    given.set(field, structOf(f, field.type, inner, some, undefined, span));
  }
  if (update) return updated(f, type, base, { given, inits }, update, span);
  if (base.decl.union) return unionOf(f, type, base, given, span);
  const values = base.fields.map((field) => given.get(field) ?? missing(f, base, field, span));
  return { kind: 'struct', tag: structTag(base), values, type, span };
}

/** The fields of a union share their memory: what is given is written into an empty one. */
function unionOf(
  f: FnContext,
  type: Type,
  base: StructType,
  given: ReadonlyMap<Field, TExpr>,
  span: Span,
): TExpr {
  const changes = [...given].map(([field, value]) => ({
    index: base.fields.indexOf(field),
    value,
  }));
  const empty = zeroValue(f, type, span);
  return changes.length === 0 ? empty : { kind: 'update', base: empty, changes, type, span };
}

/** Anonymous structs of any name and mutability share their terms. */
export function structTag(type: StructType): string {
  return isAnonymous(type) ? 'struct' : type.name;
}

function reportUnknown(f: FnContext, base: StructType, init: StructFieldInit): void {
  checkValue(f, init.value);
  const names = base.fields.map((x) => x.name);
  const message = `unknown field \`${init.name}\` in struct literal of type \`${base.name}\``;
  f.error(suggest(message, init.name, names), init.span);
}

function fieldValue(f: FnContext, field: Field, init: StructFieldInit): TExpr {
  const failure = f.failedArgs.get(init.value);
  if (failure) {
    f.program.replay(failure);
    return bad(init.span);
  }
  // The type arguments of a generic struct may have been inferred from the value.
  const known = f.checkedArgs.get(init.value);
  f.checkedArgs.delete(init.value);
  const fitting = known && coerce(f, known, field.type);
  if (fitting) return fitting;
  const value = checkValue(f, init.value, field.type);
  checkFieldCopy(f, field, init.value, value);
  refuseNegative(f, field.type, init.value);
  const converted = coerce(f, value, field.type);
  if (converted) return converted;
  const expected = `expected \`${field.type.name}\`, not \`${value.type.name}\``;
  f.error(`cannot assign to field \`${field.name}\`: ${expected}`, init.span);
  return bad(init.span);
}

function missing(f: FnContext, base: StructType, field: Field, span: Span): TExpr {
  // Generic code may be given a type whose fields it cannot know.
  if (field.required && f.bindings.size === 0)
    f.error(`field \`${base.name}.${field.name}\` must be initialized`, span);
  const isReference = types.unalias(field.type).kind === 'ref';
  // Generic code cannot give what only some type arguments would need.
  const isParameter = field.decl?.type.kind === 'named' && f.bindings.size > 0;
  if (isReference && !isParameter && !field.decl?.defaultValue) {
    f.program.report(
      'error',
      `reference field \`${base.name}.${field.name}\` must be initialized`,
      span,
    );
  }
  return defaultFieldValue(f, base, field, span);
}

function updated(
  f: FnContext,
  type: Type,
  base: StructType,
  changed: { given: ReadonlyMap<Field, TExpr>; inits: readonly StructFieldInit[] },
  update: Expr,
  span: Span,
): TExpr {
  const from = deref(checkValue(f, update, type));
  const { given } = changed;
  const other = types.unalias(from.type);
  if (other.kind !== 'struct') {
    if (other !== types.errorType)
      f.error(`expected struct, found \`${from.type.name}\``, update.span);
    return bad(span);
  }
  if (other !== base && isAnonymous(base) && fitAnonymous(from, base) === undefined)
    return fromOther(f, type, base, changed, { from, other, at: update.span }, span);
  if (other !== base && !isAnonymous(base))
    return fromOther(f, type, base, changed, { from, other, at: update.span }, span);
  const changes = [...given].map(([field, value]) => ({
    index: base.fields.indexOf(field),
    value,
  }));
  return { kind: 'update', base: from, changes, type, span };
}

interface OtherStruct {
  readonly from: TExpr;
  readonly other: StructType;
  readonly at: Span;
}

/** `B{...a}` with an A that has a part of B's fields: the other ones must be given. */
function fromOther(
  f: FnContext,
  type: Type,
  base: StructType,
  changed: { given: ReadonlyMap<Field, TExpr>; inits: readonly StructFieldInit[] },
  { from, other, at }: OtherStruct,
  span: Span,
): TExpr {
  const matching = (x: Field): Field | undefined =>
    base.fields.find((y) => y.name === x.name && y.type === x.type);
  const added = changed.inits.filter((i) => !other.fields.some((x) => x.name === i.name)).length;
  const fits = other.fields.length > 0 && other.fields.every((x) => matching(x) !== undefined);
  if (!fits || other.fields.length + added !== base.fields.length) {
    const message = `struct \`${other.name}\` is not compatible with struct \`${base.name}\``;
    f.error(message, at);
    return bad(span);
  }
  const held = f.temporary('other', from.type, span);
  const values = base.fields.map((field): TExpr => {
    const own = changed.given.get(field);
    if (own) return own;
    const index = other.fields.findIndex((x) => x.name === field.name);
    return { kind: 'field', value: localRef(held, span), index, type: field.type, span };
  });
  const value: TExpr = { kind: 'struct', tag: structTag(base), values, type, span };
  const keep = { kind: 'let', local: held, value: from, span } as const;
  return { kind: 'block', body: { stmts: [keep], value }, type, span };
}

/** Structs whose default values are being made: one that needs itself would never be done. */
const defaulting: StructType[] = [];

/** A field's default value, which is checked in the scope of the module, not of the literal. */
export function checkDefault(f: FnContext, owner: StructType, value: Expr, type: Type): TExpr {
  if (defaulting.includes(owner)) {
    f.error(`invalid recursive struct \`${owner.name}\``, owner.decl.nameSpan);
    return bad(value.span);
  }
  const outside = new FnContext(f.program, owner.name, types.voidType, ownerBindings(owner));
  defaulting.push(owner);
  const checked = checkValue(outside, value, type);
  defaulting.pop();
  const converted = coerce(outside, checked, type);
  if (converted) return converted;
  f.error(`expected \`${type.name}\`, not \`${checked.type.name}\``, value.span);
  return bad(value.span);
}

function ownerBindings(owner: StructType): ReadonlyMap<string, Type> {
  if (owner.typeArgs.length === 0) return noBindings;
  return new Map(owner.decl.generics.map((g, i) => [g, owner.typeArgs[i] as Type] as const));
}

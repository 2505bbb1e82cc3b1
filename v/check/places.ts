// Assignable expressions: what stands left of `=`, before `++`, after `mut`, and left of a method
// that mutates.

import type { Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Place, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { indexOperand, mapKey, sliceBound } from './arrays.ts';
import { noteDeprecatedField } from './attribute_rules.ts';
import { fieldPlace } from './boxes.ts';
import { asSelector } from './comptime_for.ts';
import { globalPlace } from './consts.ts';
import type { FnContext } from './context.ts';
import { settle, zeroValue } from './convert.ts';
import { bad, checkValue, intConst, localRef, pathOf } from './expressions.ts';
import { findField, memberNames } from './members.ts';
import { rootOf } from './mutation.ts';
import { elementItself } from './operators.ts';
import { leavesWithout } from './or.ts';
import { filledPlace, isSmartcast } from './smartcasts.ts';
import { suggest } from './suggest.ts';
import { commonPlace } from './sums.ts';
import { isIndexedPointer, pointedElement } from './text_pointers.ts';
import { requirePublicField } from './visibility.ts';

/**
 * The place an expression denotes; reports why it cannot be changed. Undefined when it denotes none
 * at all (a call's result, a literal): the caller decides whether a temporary will do.
 */
export function placeOf(f: FnContext, e: Expr): Place | undefined {
  switch (e.kind) {
    case 'paren':
      return placeOf(f, e.inner);
    case 'ident':
      return identPlace(f, e);
    case 'selector':
      return selectorPlace(f, e);
    case 'index':
      return indexPlace(f, e);
    case 'comptimeSelector': {
      const written = asSelector(f, e);
      f.fieldsWritable = true;
      const place = written && placeOf(f, written);
      f.fieldsWritable = false;
      return place;
    }
    case 'prefix':
      return e.operator === '*' ? targetPlace(f, e) : undefined;
    case 'or':
      return unwrappedPlace(f, e);
    case 'unsafe': {
      const [only] = e.body.stmts;
      return e.body.stmts.length === 1 && only?.kind === 'expr'
        ? placeOf(f, only.value)
        : undefined;
    }
    default:
      return undefined;
  }
}

/** A place that was reported as bad; using it does no harm. */
export function badPlace(f: FnContext, span: Span): Place {
  return { kind: 'local', local: f.temporary('bad', types.errorType, span), type: types.errorType };
}

function identPlace(f: FnContext, e: Expr & { kind: 'ident' }): Place | undefined {
  const { name, span } = e;
  const binding = f.lookup(name);
  if (!binding) {
    const global = f.program.find(f.program.globals, name, span);
    if (global) return globalPlace(f.program, global, span);
    if (f.program.find(f.program.consts, name, span)) {
      f.error(`cannot modify constant \`${name}\``, span);
      return badPlace(f, span);
    }
    checkValue(f, e);
    return badPlace(f, span);
  }
  const { local, view } = binding;
  if (!f.placesReadOnly) local.changed = true;
  if (f.readLocked.has(local) && !f.placesReadOnly) {
    f.error(`${name} has an \`rlock\` but needs a \`lock\``, span);
    return badPlace(f, span);
  }
  const writable = local.mut || f.placesReadOnly || f.insideUnsafe || f.writable === e;
  if (!writable && local.type !== types.errorType) {
    const what = f.captured.has(local) ? `the closure copy of \`${name}\`` : `\`${name}\``;
    f.error(`${what} is immutable, declare it with \`mut\` to make it mutable`, span);
    return badPlace(f, span);
  }
  if (types.unalias(local.type).kind === 'shared') {
    f.error(`${name} is \`shared\` and must be \`lock\`ed to be passed as \`mut\``, span);
    return badPlace(f, span);
  }
  if (view?.place) return view.place;
  return { kind: 'local', local, type: local.type };
}

/** Follows references from a place to the value they lead to. */
export function throughReferences(place: Place, span: Span): Place {
  const t = types.unalias(place.type);
  if (t.kind !== 'ref') return place;
  const reference: TExpr =
    place.kind === 'local'
      ? { kind: 'local', local: place.local, type: place.type, span }
      : { kind: 'place', place, type: place.type, span };
  return throughReferences({ kind: 'target', reference, type: t.inner, span }, span);
}

/** The place of the object before `.` or `[`; a value that is a reference may be any expression. */
function basePlace(f: FnContext, e: Expr): Place | undefined {
  // A variable is unused only when nothing but assignments to it as a whole names it.
  const binding = e.kind === 'ident' ? f.scope.find(e.name) : undefined;
  if (binding) binding.local.used = true;
  const found = placeOf(f, e);
  const place = found && filledPlace(f, e, found);
  if (place) return throughReferences(place, e.span);
  const value = checkValue(f, e);
  const t = types.unalias(value.type);
  if (t.kind !== 'ref') return undefined;
  return throughReferences(
    { kind: 'target', reference: value, type: t.inner, span: e.span },
    e.span,
  );
}

function selectorPlace(f: FnContext, e: Expr & { kind: 'selector' }): Place | undefined {
  const cast = f.castOf(pathOf(e));
  if (cast?.place) return cast.place;
  const global = globalOfModule(f, e);
  if (global) return global;
  const base = e.name === 'len' ? lengthBase(f, e) : basePlace(f, e.value);
  if (!base) return undefined;
  if (base.type === types.errorType) return base;
  const found = findField(base.type, e.name);
  const owner = types.strip(base.type);
  if (!found && owner.kind === 'sum') {
    const common = commonPlace(base, owner, e.name);
    if (common) return common;
  }
  const required = owner.kind === 'interface' && owner.fields.find((x) => x.name === e.name);
  if (owner.kind === 'interface' && required) {
    if (!required.mut && !f.fieldsWritable) {
      f.error(`field \`${e.name}\` of interface \`${owner.name}\` is immutable`, e.span);
      return badPlace(f, e.span);
    }
    return fieldPlace(f.program, owner, required, base, e.span);
  }
  const length = !found && e.name === 'len' && lengthPlace(f, base, e.span);
  if (length) return length;
  if (!found && isSequence(owner) && ['len', 'cap', 'data', 'str'].includes(e.name)) {
    f.error(`\`${owner.kind}\` can not be modified`, e.span);
    return badPlace(f, e.span);
  }
  if (!found) {
    const what = owner.kind === 'struct' ? 'field named' : 'property';
    const message = `type \`${owner.name}\` has no ${what} \`${e.name}\``;
    f.error(suggest(message, e.name, memberNames(f.program, owner)), e.span);
    return badPlace(f, e.span);
  }
  if (!f.fieldsWritable && f.open !== e)
    requirePublicField(f.program, base.type, found.path, e.nameSpan);
  noteDeprecatedField(f.program, found.path, e.nameSpan);
  if (!found.mut && !f.fieldsWritable && !f.placesReadOnly) {
    f.error(`field \`${e.name}\` of struct \`${owner.name}\` is immutable`, e.span);
    return badPlace(f, e.span);
  }
  let place = base;
  for (const field of found.path) {
    const holder = types.strip(place.type);
    const index = holder.kind === 'struct' ? holder.fields.indexOf(field) : 0;
    place = { kind: 'field', base: throughReferences(place, e.span), index, type: field.type };
  }
  return place;
}

/** `module.name` of a global variable of an imported module. */
function globalOfModule(f: FnContext, e: Expr & { kind: 'selector' }): Place | undefined {
  if (e.value.kind !== 'ident' || f.scope.find(e.value.name)) return undefined;
  const symbol = f.program.find(f.program.globals, `${e.value.name}.${e.name}`, e.span);
  return symbol && globalPlace(f.program, symbol, e.span);
}

function indexPlace(f: FnContext, e: Expr & { kind: 'index' }): Place | undefined {
  const cast = f.castOf(pathOf(e));
  if (cast?.place) return cast.place;
  const base = basePlace(f, e.value);
  if (!base) return undefined;
  const t = types.unalias(base.type);
  const { span } = e;
  if (t === types.errorType) return base;
  // `p[i]` of a pointer: what the pointer leads to was looked up, which has no elements.
  const pointer = base.kind === 'target' && isIndexedPointer(base.reference.type);
  if (pointer && f.insideUnsafe) {
    const index = indexOperand(f, e.index);
    return { ...base, reference: pointedElement(f, base.reference, index, span), span };
  }
  if (e.index.kind === 'range' && t.kind === 'array') return slicePlace(f, e, e.index, base);
  if (t.kind === 'map') {
    const key = mapKey(f, t, e.index);
    return { kind: 'mapIndex', base, key, zero: zeroValue(f, t.value, span), type: t.value };
  }
  if (t.kind === 'array' || t.kind === 'fixed') {
    const index = indexOperand(f, e.index);
    return { kind: 'index', base, index, type: t.element, span };
  }
  if (t === types.string) {
    f.error(
      'cannot assign to s[i] since V strings are immutable\n(note, that variables may be mutable ' +
        'but string values are always immutable, like in Go and Java)',
      span,
    );
  } else {
    f.error(`type \`${base.type.name}\` does not support indexing`, span);
  }
  return badPlace(f, span);
}

/**
 * `mut a[i..j]` as an argument: what the call makes of the slice is written back over the array, as
 * the two share memory in V.
 */
function slicePlace(
  f: FnContext,
  e: Expr & { kind: 'index' },
  range: Expr & { kind: 'range' },
  base: Place,
): Place {
  const { span } = e;
  const low = range.low ? sliceBound(f, range.low) : intConst(0, span);
  const name = `slice${e.gated ? '_gated' : ''}${range.high ? '' : '_from'}`;
  const args = range.high ? [low, sliceBound(f, range.high)] : [low];
  const { type } = base;
  return { kind: 'view', base, module: 'v_array', get: name, set: `set_${name}`, args, type, span };
}

/** `unsafe { s.a.len = n }` changes no field of `s` in V's eyes, so `a` need not be mutable. */
function lengthBase(f: FnContext, e: Expr & { kind: 'selector' }): Place | undefined {
  const before = f.fieldsWritable;
  f.fieldsWritable ||= f.insideUnsafe;
  const base = basePlace(f, e.value);
  f.fieldsWritable = before;
  return base;
}

function isSequence(type: Type): boolean {
  return type === types.string || type.kind === 'array';
}

/** `len` of an array or a text that unsafe code writes to. */
function lengthPlace(f: FnContext, base: Place, span: Span): Place | undefined {
  const t = types.unalias(base.type);
  if (!f.insideUnsafe || (t !== types.string && t.kind !== 'array')) return undefined;
  const length = { kind: 'view', base, get: 'len', set: 'with_length', span } as const;
  return t.kind === 'array'
    ? { ...length, module: 'v_array', args: [zeroValue(f, t.element, span)], type: types.intType }
    : { ...length, module: 'v_string', args: [], type: types.intType };
}

function targetPlace(f: FnContext, e: Expr & { kind: 'prefix' }): Place | undefined {
  const reference = settle(checkValue(f, e.value));
  const t = types.unalias(reference.type);
  if (t.kind === 'ref') return { kind: 'target', reference, type: t.inner, span: e.span };
  // `*x?` of a reference to an option.
  if (e.value.kind === 'or') return placeOf(f, e.value);
  if (elementItself(f, e.value)) return placeOf(f, e.value);
  // `*x = 1` on a `mut x int` parameter changes the parameter itself.
  const named = e.value.kind === 'paren' ? e.value.inner : e.value;
  if (named.kind === 'ident' && f.scope.find(named.name)?.local.mut) return placeOf(f, named);
  if (t !== types.errorType) {
    f.error(
      `invalid indirect of \`${reference.type.name}\`, the type ` +
        `\`${reference.type.name}\` is not a pointer`,
      e.span,
    );
  }
  return badPlace(f, e.span);
}

/** `x?` and `x or { return }`: the value inside an option, when there is one. */
function unwrappedPlace(f: FnContext, e: Expr & { kind: 'or' }): Place | undefined {
  const path = pathOf(e.value);
  const isCast = isSmartcast(f, path);
  const found = f.asOption(path, () => placeOf(f, e.value));
  const base = found && throughReferences(found, e.span);
  if (!base || base.type === types.errorType) return base;
  const t = types.unalias(base.type);
  if (t.kind !== 'option') return isCast ? placeOf(f, e.value) : undefined;
  const { span } = e;
  const held = f.temporary('tried', base.type, span);
  const test = leavesWithout(f, e, t, localRef(held, span));
  return (
    test && { kind: 'payload', base, wrap: { kind: 'some' }, type: t.inner, check: { held, test } }
  );
}

/** A place that something reads and changes: its variable counts as used. */
export function usedPlace(f: FnContext, e: Expr): Place | undefined {
  const place = placeOf(f, e);
  const root = place && rootOf(place);
  if (root) root.used = true;
  return place;
}

export function readPlace(place: Place, span: Span): TExpr {
  if (place.type === types.errorType) return bad(span);
  return { kind: 'place', place, type: place.type, span };
}

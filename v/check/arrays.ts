// Array, fixed array and map literals; indexing and slicing; `in`, `<<` and `+` on arrays.

import type { Expr, IndexExpr, InfixExpr, StructFieldInit } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Place, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { boxedArray } from './boxing.ts';
import { popFromChannel, pushOption } from './channels.ts';
import { withNames } from './closures.ts';
import type { FnContext } from './context.ts';
import { coerce, coerceOr, settle, zeroValue } from './convert.ts';
import { bad, checkValue, deref, intConst, pathOf, runtime } from './expressions.ts';
import { functionInstance, genericFunctionNamed } from './generics.ts';
import { checkOverloadedIndex } from './index_overloads.ts';
import { typeNamed } from './names.ts';
import { throughReferences, usedPlace } from './places.ts';
import { isIndexedPointer, isTextPointer, pointedByte, pointedElement } from './text_pointers.ts';
import { requirePublicTypes } from './visibility.ts';

// --- literals ------------------------------------------------------------------------------------

export function checkArrayLiteral(
  f: FnContext,
  e: Expr & { kind: 'arrayLiteral' },
  expected: Type | undefined,
): TExpr {
  const { span } = e;
  let hint = expected && types.strip(expected);
  if (hint?.kind === 'option' || hint?.kind === 'result') hint = types.strip(hint.inner);
  const hinted = hint?.kind === 'array' || hint?.kind === 'fixed' ? hint.element : undefined;
  if (e.elements.length === 0) {
    if (hint?.kind === 'array') return { kind: 'array', elements: [], type: hint, span };
    f.error('array_init: no type specified (maybe: `[]Type{}` instead of `[]`)', span);
    return bad(span);
  }
  if (e.elements.some((x) => x.kind === 'spread')) return spreadLiteral(f, e, hinted);
  const values = elementValues(f, e.elements, hinted);
  if (values.some((v) => v.type === types.errorType)) return bad(span);
  const element =
    hinted && values.every((v) => coerce(f, v, hinted)) ? hinted : commonElement(values);
  const elements = values.map((v) =>
    coerceOr(
      f,
      v,
      element,
      () => `invalid array element: expected \`${element.name}\`, not \`${v.type.name}\``,
    ),
  );
  const fixed = e.fixed || hint?.kind === 'fixed';
  const type = fixed ? types.fixedOf(elements.length, element) : types.arrayOf(element);
  if (hint?.kind === 'fixed' && hint.size !== elements.length && e.fixed) {
    f.error(`fixed array expects ${hint.size} value(s), but got ${elements.length}`, span);
  }
  return { kind: 'array', elements, type, span };
}

function elementValues(f: FnContext, elements: readonly Expr[], hint: Type | undefined): TExpr[] {
  let known = hint;
  return elements.map((x) => {
    const value = checkValue(f, x, known);
    // The first element gives the type that shorthands (`.red`, `[]`) of the others take.
    if (!known && value.type.kind !== 'intLiteral' && value.type.kind !== 'floatLiteral')
      known = value.type;
    return value;
  });
}

function commonElement(values: readonly TExpr[]): Type {
  const first = (values[0] as TExpr).type;
  const isUntyped = first.kind === 'intLiteral' || first.kind === 'floatLiteral';
  if (!isUntyped) return first;
  let type: Type = first;
  for (const v of values) {
    if (v.type.kind === 'floatLiteral' && type.kind === 'intLiteral') type = v.type;
    else if (types.isNumber(v.type)) type = types.promote(type, v.type) ?? type;
  }
  return types.defaultType(type);
}

function spreadLiteral(
  f: FnContext,
  e: Expr & { kind: 'arrayLiteral' },
  hint: Type | undefined,
): TExpr {
  const { span } = e;
  let element = hint;
  let result: TExpr | undefined;
  for (const x of e.elements) {
    let piece: TExpr;
    if (x.kind === 'spread') {
      piece = deref(checkValue(f, x.value));
      const t = types.unalias(piece.type);
      if (t.kind !== 'array') {
        if (t !== types.errorType)
          f.error(`invalid array update: non-array type \`${piece.type.name}\``, x.span);
        return bad(span);
      }
      element ??= t.element;
    } else {
      const value = settle(checkValue(f, x, element));
      element ??= value.type;
      const want = element;
      const fitted = coerceOr(
        f,
        value,
        want,
        () => `invalid array element: expected \`${want.name}\`, not \`${value.type.name}\``,
      );
      piece = { kind: 'array', elements: [fitted], type: types.arrayOf(element), span: x.span };
    }
    result = result ? concatArrays(result, piece, span) : piece;
  }
  return result ?? bad(span);
}

export function concatArrays(left: TExpr, right: TExpr, span: Span): TExpr {
  return runtime('v_array', 'concat', [left, right], left.type, span);
}

/** `[]T{len: n, cap: m, init: e}` and `[n]T{init: e}`; `index` is known inside `init`. */
export function checkArrayInit(f: FnContext, e: Expr & { kind: 'arrayInit' }): TExpr {
  requirePublicTypes(f.program, e.type);
  const type = f.resolve(e.type);
  const { span } = e;
  if (type === types.errorType) return bad(span);
  if (type.kind !== 'array' && type.kind !== 'fixed') {
    f.error(`cannot initialize \`${type.name}\` with an array literal`, span);
    return bad(span);
  }
  return arrayOfType(f, type, e.fields, span);
}

/** An array of a known type from the `len`, `cap` and `init` of its literal. */
export function arrayOfType(
  f: FnContext,
  type: types.ArrayType | types.FixedType,
  fields: readonly StructFieldInit[],
  span: Span,
): TExpr {
  const known = type.kind === 'array' ? ['len', 'cap', 'init'] : ['init'];
  for (const field of fields) {
    if (!known.includes(field.name)) {
      f.error(
        `wrong field \`${field.name}\`, expecting ${known.map((k) => `\`${k}\``).join(', ')}`,
        field.span,
      );
    }
  }
  const length = type.kind === 'fixed' ? intConst(type.size, span) : sizeField(f, fields, 'len');
  sizeField(f, fields, 'cap');
  if (!length) return { kind: 'array', elements: [], type, span };
  const init = fields.find((x) => x.name === 'init');
  if (!init)
    return runtime('v_array', 'filled', [length, zeroValue(f, type.element, span)], type, span);
  const maker = withNames(f, [['index', types.intType]], init.span, (inner) => {
    const value = checkValue(inner, init.value, type.element);
    // The bare `index` becomes whatever integer the elements are.
    const isIndex = init.value.kind === 'ident' && init.value.name === 'index';
    if (isIndex && types.isInteger(type.element) && value.type === types.intType)
      return { kind: 'convert', value, type: type.element, span: value.span };
    return coerceOr(
      inner,
      value,
      type.element,
      () => `cannot use \`${value.type.name}\` as \`${type.element.name}\``,
    );
  });
  return runtime('v_array', 'tabulate', [length, maker], type, span);
}

function sizeField(
  f: FnContext,
  fields: readonly StructFieldInit[],
  name: string,
): TExpr | undefined {
  const field = fields.find((x) => x.name === name);
  if (!field) return undefined;
  const value = checkValue(f, field.value, types.intType);
  if (value.type === types.errorType) return value;
  if (!types.isInteger(value.type)) {
    f.error(`array ${name} needs to be an int`, field.value.span);
    return bad(field.span);
  }
  if (value.kind === 'int' && value.value < 0n)
    f.error(`array ${name} can not be negative`, field.value.span);
  return settle(value);
}

/** A literal that stands for a key twice. */
function checkKeys(f: FnContext, e: Expr & { kind: 'mapLiteral' }): void {
  const seen = new Set<string>();
  for (const { key } of e.entries) {
    const value = key.kind === 'number' ? Number(key.text) : undefined;
    const text = key.kind === 'string' ? Buffer.from(key.bytes, 'latin1').toString() : undefined;
    const same = value === undefined ? text && `'${text}` : String(value);
    if (same === undefined) continue;
    const shown = text ?? f.program.textOf(key.span);
    if (seen.has(same)) f.error(`duplicate key "${shown}" in map literal`, key.span);
    seen.add(same);
  }
}

export function checkMapLiteral(
  f: FnContext,
  e: Expr & { kind: 'mapLiteral' },
  expected: Type | undefined,
): TExpr {
  const { span } = e;
  if (e.type) requirePublicTypes(f.program, e.type);
  const stated = e.type && f.resolve(e.type);
  let hint = stated ?? (expected && types.strip(expected));
  if (hint?.kind === 'option' || hint?.kind === 'result') hint = types.strip(hint.inner);
  let type = hint?.kind === 'map' ? hint : undefined;
  let result: TExpr | undefined;
  if (e.update) {
    result = deref(checkValue(f, e.update, type));
    const base = types.unalias(result.type);
    if (base.kind !== 'map') {
      f.error('invalid map update: non-map type', e.update.span);
      return bad(span);
    }
    type ??= base;
  }
  const pairs: TExpr[] = [];
  checkKeys(f, e);
  for (const { key, value } of e.entries) {
    const given = checkValue(f, key, type?.key);
    const k = type ? given : settle(given);
    const v = checkValue(f, value, type?.value);
    const s = type ? v : settle(v);
    type ??= types.mapOf(k.type, s.type);
    const { key: keyType, value: valueType } = type;
    const fittedKey = coerceOr(
      f,
      k,
      keyType,
      () => `invalid map key: expected \`${keyType.name}\`, not \`${k.type.name}\``,
    );
    const fitted = coerceOr(
      f,
      s,
      valueType,
      () => `invalid map value: expected \`${valueType.name}\`, not \`${s.type.name}\``,
    );
    pairs.push({
      kind: 'tuple',
      values: [fittedKey, fitted],
      type: types.voidType,
      span: key.span,
    });
  }
  if (!type) {
    f.error('invalid empty map initialisation syntax, use e.g. map[string]int{} instead', span);
    return bad(span);
  }
  const list: TExpr = { kind: 'list', values: pairs, type: types.voidType, span };
  if (result) return runtime('v_map', 'put_all', [result, list], type, span);
  if (pairs.length === 0) return runtime('v_map', 'new', [], type, span);
  return runtime('v_map', 'from_list', [list], type, span);
}

// --- index and slice -----------------------------------------------------------------------------

export function indexOperand(f: FnContext, e: Expr): TExpr {
  const value = settle(checkValue(f, e, types.intType));
  if (value.type === types.errorType) return value;
  const t = types.unalias(value.type);
  if (t.kind !== 'int' && t.kind !== 'enum') {
    f.error(`non-integer index \`${value.type.name}\` (array type \`array\`)`, e.span);
    return bad(e.span);
  }
  if (value.kind === 'int' && value.value < 0n) {
    f.error(`negative index \`${value.value}\``, e.span);
  }
  return value;
}

export function mapKey(f: FnContext, map: types.MapType, e: Expr): TExpr {
  const key = checkValue(f, e, map.key);
  return coerceOr(
    f,
    key,
    map.key,
    () => `invalid key: expected \`${map.key.name}\`, not \`${key.type.name}\``,
    e.span,
  );
}

export function checkIndex(f: FnContext, e: IndexExpr): TExpr {
  const cast = f.castOf(pathOf(e));
  if (cast) {
    checkValue(f, e.value);
    return { ...cast.value, span: e.span };
  }
  const generic = genericFunction(f, e);
  if (generic) return generic;
  const overloaded = checkOverloadedIndex(f, e);
  if (overloaded) return overloaded;
  if (e.parts) {
    f.error('only types with their own `[]` take several indices', e.span);
    return bad(e.span);
  }
  const found = settle(checkValue(f, e.value));
  const { span } = e;
  if (isTextPointer(found.type) && e.index.kind !== 'range')
    return pointedByte(found, indexOperand(f, e.index), span);
  if (isIndexedPointer(found.type) && e.index.kind !== 'range' && f.insideUnsafe)
    return deref(pointedElement(f, found, indexOperand(f, e.index), span));
  const value = deref(found);
  const t = types.unalias(value.type);
  if (t === types.errorType) return bad(span);
  if (e.index.kind === 'range') return checkSlice(f, e, e.index, value, t);
  switch (t.kind) {
    case 'array':
    case 'fixed': {
      const index = indexOperand(f, e.index);
      if (t.kind === 'fixed' && index.kind === 'int' && index.value >= BigInt(t.size)) {
        f.error(`index out of range (index: ${index.value}, len: ${t.size})`, e.index.span);
      }
      return { kind: 'index', value, index, type: t.element, span };
    }
    case 'map': {
      const key = mapKey(f, t, e.index);
      return runtime('v_map', 'get', [value, key, zeroValue(f, t.value, span)], t.value, span);
    }
    case 'string':
      return runtime('v_string', 'at', [value, indexOperand(f, e.index)], types.u8, span);
    default:
      f.error(`type \`${value.type.name}\` does not support indexing`, e.value.span);
      return bad(span);
  }
}

/** `f[int]` without a call: the instance as a value. */
function genericFunction(f: FnContext, e: IndexExpr): TExpr | undefined {
  const symbol = genericFunctionNamed(f, e.value);
  if (!symbol) return undefined;
  const { generics } = symbol.decl;
  const listed = e.index.kind === 'typeExpr' ? e.index.type : undefined;
  const nodes = listed?.kind === 'tuple' ? listed.types : undefined;
  const one = listed ? f.resolve(listed) : typeNamed(f, e.index);
  if (generics.length !== (nodes?.length ?? 1) || !one) return undefined;
  const given = nodes ? nodes.map((n) => f.resolve(n)) : [one];
  const bindings = new Map(generics.map((g, i) => [g, given[i] as Type] as const));
  return functionInstance(f, symbol, bindings, e.span);
}

export function sliceBound(f: FnContext, x: Expr): TExpr {
  const bound = settle(checkValue(f, x, types.intType));
  if (bound.type !== types.errorType && !types.isInteger(bound.type))
    f.error(`non-integer slice index \`${bound.type.name}\``, x.span);
  return bound;
}

function checkSlice(
  f: FnContext,
  e: IndexExpr,
  range: Expr & { kind: 'range' },
  value: TExpr,
  t: Type,
): TExpr {
  const { span } = e;
  const module = t === types.string ? 'v_string' : 'v_array';
  if (t !== types.string && t.kind !== 'array' && t.kind !== 'fixed') {
    f.error(`type \`${value.type.name}\` does not support slicing`, e.value.span);
    return bad(span);
  }
  const low = range.low ? sliceBound(f, range.low) : intConst(0, span);
  const type = t.kind === 'fixed' ? types.arrayOf(t.element) : value.type;
  const name = e.gated ? 'slice_gated' : 'slice';
  if (!range.high) return runtime(module, `${name}_from`, [value, low], type, span);
  return runtime(module, name, [value, low, sliceBound(f, range.high)], type, span);
}

/** `m[k]` and `a[i]` before `or`, `?` or an if-guard: an option instead of a default or a panic. */
export function findIndexed(f: FnContext, e: Expr): TExpr | undefined {
  if (e.kind === 'paren') return findIndexed(f, e.inner);
  if (e.kind === 'prefix' && e.operator === '<-') return popFromChannel(f, e, true);
  if (e.kind === 'infix' && e.operator === '<-') return pushOption(f, e);
  if (e.kind !== 'index') return undefined;
  const value = deref(settle(checkValue(f, e.value)));
  const t = types.unalias(value.type);
  const { span } = e;
  if (e.index.kind === 'range') {
    if (t !== types.string && t.kind !== 'array') return undefined;
    return findSlice(checkSlice(f, e, e.index, value, t));
  }
  if (t.kind === 'map') {
    const inner = types.unalias(t.value);
    // `m[k]?` on a map of options gives the option that is stored.
    if (inner.kind === 'option')
      return runtime(
        'v_map',
        'get',
        [value, mapKey(f, t, e.index), zeroValue(f, t.value, span)],
        t.value,
        span,
      );
    return runtime('v_map', 'find', [value, mapKey(f, t, e.index)], types.optionOf(t.value), span);
  }
  if (t.kind === 'array' || t.kind === 'fixed') {
    const isOption = types.unalias(t.element).kind === 'option';
    const index = indexOperand(f, e.index);
    const type = isOption ? t.element : types.optionOf(t.element);
    return runtime('v_array', isOption ? 'find_option' : 'find', [value, index], type, span);
  }
  if (t !== types.string) return undefined;
  return runtime(
    'v_string',
    'find_at',
    [value, indexOperand(f, e.index)],
    types.optionOf(types.u8),
    span,
  );
}

/** `s[i..j] or { … }`: a result of a string, an option of an array. */
function findSlice(slice: TExpr): TExpr {
  if (slice.kind !== 'runtime') return slice;
  const ofText = slice.module === 'v_string';
  const type = ofText ? types.resultOf(slice.type) : types.optionOf(slice.type);
  return { ...slice, name: `find_${slice.name}`, type };
}

// --- operators -----------------------------------------------------------------------------------

/** `a << x` as an expression statement. */
export function checkPush(f: FnContext, e: InfixExpr): TExpr {
  const place = usedPlace(f, e.left);
  if (!place) {
    f.error('array append cannot be used in an expression', e.span);
    return bad(e.span);
  }
  const target = throughReferences(place, e.span);
  const stmts = checkAppend(f, target, e.right, e.span);
  const [only] = stmts;
  return only?.kind === 'expr' ? only.value : bad(e.span);
}

export function checkAppend(f: FnContext, place: Place, right: Expr, span: Span): TStmt[] {
  const t = types.unalias(place.type);
  if (t.kind !== 'array') return [];
  const push = (name: string, arg: TExpr): TStmt[] => [
    {
      kind: 'expr',
      value: {
        kind: 'mutate',
        place,
        module: 'v_array',
        name,
        args: [arg],
        type: types.voidType,
        span,
      },
      span,
    },
  ];
  const whole = appendedLiteral(f, t, right);
  if (whole) return push('push_many', whole);
  const value = checkValue(f, right, t.element);
  if (value.type === types.errorType) return [{ kind: 'expr', value: bad(span), span }];
  const given = types.unalias(deref(value).type);
  const one = coerce(f, value, t.element) ?? coerce(f, deref(value), t.element);
  // An array of the same type is appended element by element, unless it is a variant itself.
  const isVariant = types.unalias(t.element).kind === 'sum';
  if (one && (given !== t || isVariant)) return push('push', one);
  if (given === t || types.unaliasDeep(given) === types.unaliasDeep(t))
    return push('push_many', deref(value));
  if (given.kind === 'fixed' && given.element === t.element) return push('push_many', deref(value));
  if (given.kind === 'array') {
    const each = coerce(f, deref(value), t) ?? boxedArray(f, deref(value), t);
    if (each) return push('push_many', each);
  }
  f.error(`cannot append \`${value.type.name}\` to \`${place.type.name}\``, right.span);
  return [{ kind: 'expr', value: bad(span), span }];
}

/** The literal on the right of `a << [x, y]` when it lists elements rather than being one. */
function appendedLiteral(f: FnContext, t: types.ArrayType, right: Expr): TExpr | undefined {
  if (right.kind !== 'arrayLiteral' || right.fixed) return undefined;
  const element = types.unalias(t.element);
  if (element.kind === 'array') {
    // `[][]int << [1]` appends one row, `[][]int << [[1]]` a list of rows.
    if (depthOf(right) <= arrayDepth(element)) return undefined;
  } else if (element.kind === 'sum') {
    const fitsWhole = element.variants.some((v) => types.unalias(v).kind === 'array');
    if (fitsWhole) return undefined;
  } else if (element.kind === 'interface' || element.kind === 'fixed') {
    return undefined;
  }
  const whole = checkValue(f, right, t);
  return whole.type === types.errorType ? whole : coerce(f, whole, t);
}

function depthOf(e: Expr | undefined): number {
  return e?.kind === 'arrayLiteral' ? 1 + depthOf(e.elements[0]) : 0;
}

function arrayDepth(type: Type): number {
  const t = types.unalias(type);
  return t.kind === 'array' ? 1 + arrayDepth(t.element) : 0;
}

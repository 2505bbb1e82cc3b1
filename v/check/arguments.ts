// The arguments of a call against the parameters they are for: conversions, places for `mut`
// parameters, and the values that a variadic parameter gathers.

import type { Argument, CallExpr, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Arg, Place, TExpr } from '../typed.ts';
import type { FnParam, Type } from '../types.ts';
import * as types from '../types.ts';
import { boxedArray, boxedPlace } from './boxing.ts';
import { closureParamHint } from './closures.ts';
import type { FnContext } from './context.ts';
import { coerce } from './convert.ts';
import { checkArgumentCopy } from './copy_rules.ts';
import { bad, checkExpr, checkValue, deref } from './expressions.ts';
import { throughReferences, usedPlace } from './places.ts';
import { referenceOf } from './references.ts';
import { reading } from './shared.ts';

export function checkArg(
  f: FnContext,
  a: Argument,
  p: FnParam,
  index: number,
  name: string,
  out: boolean,
): Arg {
  if (a.spread) f.error('only variadic parameters accept `...`', a.span);
  if (p.mut && !a.mut && out) {
    const text = f.program.textOf(a.value.span);
    f.error(
      `function \`${name}\` parameter \`${p.name}\` is \`mut\`, so use \`mut ${text}\` instead`,
      a.span,
    );
  }
  if (a.mut && !p.mut) {
    f.error(`\`${name}\` parameter \`${p.name}\` is not \`mut\`, \`mut\` is not needed\``, a.span);
  }
  if (p.mut && out) return mutArg(f, a, p, index, name);
  f.sharedAllowed = p.type.kind === 'shared';
  checkArgumentCopy(f, p.type, p.mut, a.value);
  const value = reading(f, 'argument', () => checkArgValue(f, a.value, p.type, place(index, name)));
  f.sharedAllowed = false;
  return { kind: 'value', value: fitArg(f, value, p.type, index, name, a.value.span) };
}

const place = (index: number, name: string): string => `in argument ${index + 1} to \`${name}\``;

function checkArgValue(f: FnContext, e: Expr, type: Type, where: string): TExpr {
  const failure = f.failedArgs.get(e);
  if (failure) {
    f.program.replay(failure);
    return bad(e.span);
  }
  const known = f.checkedArgs.get(e);
  f.checkedArgs.delete(e);
  if (known && known.type !== types.voidType && coerce(f, known, type)) return known;
  if (e.kind === 'lambda') return closureParamHint(f, e, type);
  const value = checkExpr(f, e, type);
  if (value.type !== types.voidType) return value;
  f.error(`\`${f.program.textOf(e.span)}\` (no value) used as value ${where}`, e.span);
  return bad(e.span);
}

export function fitArg(
  f: FnContext,
  value: TExpr,
  type: Type,
  index: number,
  name: string,
  span: Span,
): TExpr {
  const converted =
    coerce(f, value, type) ?? coerce(f, deref(value), type) ?? boxedArray(f, deref(value), type);
  if (converted) return converted;
  const t = types.unalias(type);
  // A text where any address will do is referred to.
  if (t === types.voidptr && value.kind === 'string') return { kind: 'newCell', value, type, span };
  // A value where `&T` is wanted: V takes its address; ours goes into a cell of its own.
  if (t.kind === 'ref') {
    const inner = coerce(f, value, t.inner);
    if (inner) return { ...referenceOf(inner, type), span } as TExpr;
  }
  if (value.type !== types.errorType) {
    f.error(
      `cannot use \`${value.type.name}\` as \`${type.name}\` in argument ${index + 1} ` +
        `to \`${name}\``,
      span,
    );
  }
  return bad(span);
}

/** A value nobody else has, passed as `mut`: methods take one, functions do not. */
function mutTemporary(f: FnContext, a: Argument, p: FnParam, index: number, name: string): Arg {
  const { span } = a.value;
  const value = checkValue(f, a.value, p.type);
  if (value.type === types.errorType) return { kind: 'value', value: bad(span) };
  const isReference = types.unalias(value.type).kind === 'ref';
  if (a.value.kind === 'structLiteral' && !name.includes('.')) {
    const shown = f.program.textOf(span);
    f.error(
      'cannot pass a struct initialization as `mut`, you may want to use a variable ' +
        `\`mut var := ${shown}\``,
      span,
    );
  } else if (a.value.kind !== 'structLiteral' && !isReference) {
    f.error('cannot pass expression as `mut`', span);
  }
  const fitted = isReference ? value : fitArg(f, value, p.type, index, name, span);
  const type = isReference ? value.type : types.refOf(p.type);
  const reference: TExpr = isReference ? value : { kind: 'newCell', value: fitted, type, span };
  const place: Place = { kind: 'target', reference, type: p.type, span };
  return { kind: 'mut', place };
}

function mutArg(f: FnContext, a: Argument, p: FnParam, index: number, name: string): Arg {
  const isRef = types.unalias(p.type).kind === 'ref';
  const wanted = types.unalias(p.type);
  const holdsRef = wanted.kind === 'option' && types.unalias(wanted.inner).kind === 'ref';
  // `mut &x` where a value is wanted is `mut x`.
  const of =
    a.value.kind === 'prefix' && a.value.operator === '&' && !isRef && !holdsRef
      ? a.value.value
      : a.value;
  const found = usedPlace(f, of);
  if (!found) {
    return mutTemporary(f, a, p, index, name);
  }
  const place = isRef ? found : throughReferences(found, a.span);
  if (place.type !== types.errorType && types.unalias(place.type) !== types.unalias(p.type)) {
    const boxed = boxedPlace(f, place, p.type, a.span);
    if (boxed) return { kind: 'mut', place: boxed };
    f.error(
      `cannot use \`${place.type.name}\` as \`${p.type.name}\` ` +
        `in argument ${index + 1} to \`${name}\``,
      a.span,
    );
  }
  return { kind: 'mut', place };
}

export function variadicArg(
  f: FnContext,
  e: CallExpr,
  rest: readonly Argument[],
  p: FnParam,
  from: number,
  name: string,
): Arg {
  const array = types.unalias(p.type) as types.ArrayType;
  const [only] = rest;
  if (only?.spread) {
    if (rest.length > 1) f.error('cannot have parameter after array decompose', e.span);
    const value = checkValue(f, only.value, p.type);
    return { kind: 'value', value: fitArg(f, value, p.type, from, name, only.span) };
  }
  // A variadic parameter handed on as a whole.
  if (rest.length === 1 && only) {
    const value = checkArgValue(f, only.value, array.element, place(from, name));
    if (types.unalias(value.type) === array) return { kind: 'value', value };
  }
  const elements = rest.map((a, i) =>
    fitArg(
      f,
      checkArgValue(f, a.value, array.element, place(from + i, name)),
      array.element,
      from + i,
      name,
      a.span,
    ),
  );
  return { kind: 'value', value: { kind: 'array', elements, type: p.type, span: e.span } };
}

// `is`, `as` and smart casts: inside `if x is T { … }` the name (or selector) `x` is the T that it
// holds.

import type { Expr, InfixExpr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, Place, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { heldPlace, heldValue, implementsTest } from './boxes.ts';
import type { FnContext } from './context.ts';
import { settle, tagOf, zeroValue } from './convert.ts';
import {
  bad,
  checkValue,
  deref,
  intConst,
  localRef,
  pathOf,
  runtime,
  stringConst,
} from './expressions.ts';
import { implementsInterface } from './interfaces.ts';
import { placeOf, throughReferences } from './places.ts';
import { variantPath, variantPayload, variantPlace, variantTest } from './sums.ts';
import { isPresent } from './tagged.ts';

/** What a condition being true (or false) says about a path. */
export interface Cast {
  readonly path: string;
  readonly local: Local | undefined;
  readonly value: TExpr;
  readonly place: Place | undefined;
  readonly ofOption: boolean;
}

type IsExpr = Expr & { kind: 'is' };

/** The tags that say an interface value holds `type`, or a report why it cannot. */
function tagsFor(
  f: FnContext,
  subject: Type,
  type: Type,
  span: Span,
  word: string,
): readonly string[] | undefined {
  const base = types.strip(subject);
  if (type === types.errorType || base === types.errorType) return undefined;
  if (base === types.errorInterface && type === types.noneType) return ['None__'];
  if (base.kind === 'interface') {
    const problem = implementsInterface(f.program, type, base);
    if (problem === undefined) return namesOf(f, type);
    f.error(`\`${type.name}\` doesn't implement interface \`${base.name}\``, span);
    return undefined;
  }
  f.error(`\`${word}\` can only be used with interfaces and sum types`, span);
  return undefined;
}

/**
 * Tags of a type, of what it is an alias of, of the other aliases of that, and of references to
 * them: a box may hold a value or a reference to one.
 */
function namesOf(f: FnContext, type: Type): readonly string[] {
  const pointed = types.unalias(type);
  const value = pointed.kind === 'ref' ? pointed.inner : type;
  const base = types.unalias(value);
  const others = [...f.program.namedTypes.values()].filter((t) => types.unalias(t) === base);
  const all = [...new Set([value, base, ...others])];
  return [...all.map(tagOf), ...all.map((t) => tagOf(types.refOf(t)))];
}

export function typeTest(f: FnContext, value: TExpr, type: Type, span: Span, word = 'is'): TExpr {
  const subject = deref(value);
  const base = types.unalias(subject.type);
  // Already cast to it by a test around.
  if (subject.type === type && base.kind !== 'sum' && base.kind !== 'interface')
    return { kind: 'bool', value: true, type: types.bool, span };
  if (type === types.noneType && base.kind === 'option') {
    const some: TExpr = {
      kind: 'test',
      value: subject,
      tags: ['some'],
      of: 'option',
      type: types.bool,
      span,
    };
    return { kind: 'not', value: some, type: types.bool, span };
  }
  if (base.kind === 'sum' && type !== types.errorType) {
    const path = variantPath(base, type);
    if (path) return variantTest(subject, path, span, word === 'match');
    f.error(`\`${base.name}\` has no variant \`${type.name}\``, span);
    return bad(span);
  }
  const named = types.unalias(type);
  if (base.kind === 'interface' && named.kind === 'interface')
    return implementsTest(f.program, base, named, subject, span);
  const tags = tagsFor(f, subject.type, type, span, word);
  if (!tags) return bad(span);
  return { kind: 'test', value: subject, tags, of: 'interface', type: types.bool, span };
}

export function checkIs(f: FnContext, e: IsExpr): TExpr {
  const type = f.resolve(e.type);
  const value = subjectOf(f, e.value, type);
  const test = typeTest(f, value, type, e.span, e.negated ? '!is' : 'is');
  if (test.kind === 'bad' || !e.negated) return test;
  return { kind: 'not', value: test, type: types.bool, span: e.span };
}

/** What `is` looks at: a name that is cast already is the sum type that it was, where need be. */
function subjectOf(f: FnContext, e: Expr, type: Type): TExpr {
  const value = checkValue(f, e);
  const path = pathOf(e);
  const base = types.strip(value.type);
  const fits = base.kind === 'interface' || base.kind === 'option' || base === types.errorType;
  if (fits || (base.kind === 'sum' && variantPath(base, type)) || !isSmartcast(f, path))
    return value;
  return f.withoutCast(path, () => checkValue(f, e));
}

export function checkAs(f: FnContext, e: Expr & { kind: 'as' }): TExpr {
  const seen = settle(deref(checkValue(f, e.value)));
  const path = pathOf(e.value);
  // A name that is cast already is looked at as what it was before.
  const again = seen.type !== f.resolve(e.type) && !isTagged(seen.type) && isSmartcast(f, path);
  const value = again ? f.withoutCast(path, () => settle(deref(checkValue(f, e.value)))) : seen;
  const base = types.unalias(value.type);
  if (value.type === f.resolve(e.type)) return value;
  if (base.kind !== 'option') return castValue(f, value, f.resolve(e.type), e.span);
  const local = f.temporary('cast', value.type, e.span);
  return asOfOption(f, e, local, value, base.inner);
}

function isTagged(type: Type): boolean {
  return ['sum', 'interface', 'option', 'error'].includes(types.strip(type).kind);
}

/** The value of a sum type or interface as the type that it is said to hold, or a panic. */
function castValue(f: FnContext, value: TExpr, type: Type, span: Span): TExpr {
  const base = types.unalias(value.type);
  if (base === type || value.type === type) return { ...value, type } as TExpr;
  const pointed = types.unalias(type);
  if (pointed.kind === 'ref' && types.unalias(pointed.inner).kind === 'interface') {
    const inner = castValue(f, value, pointed.inner, span);
    return inner.kind === 'bad' ? inner : { kind: 'newCell', value: inner, type, span };
  }
  const local = f.temporary('cast', value.type, span);
  const subject = localRef(local, span);
  if (base.kind !== 'sum' && base.kind !== 'interface') {
    if (base !== types.errorType)
      f.error(`cannot cast non-sum type \`${value.type.name}\` using \`as\``, span);
    return bad(span);
  }
  const test = typeTest(f, subject, type, span, 'as');
  if (test.kind === 'bad') return bad(span);
  const tag = runtime('erlang', 'element', [intConst(1, span), subject], types.noneType, span);
  const message: TExpr = {
    kind: 'concat',
    parts: [
      stringConst('as cast: cannot cast `', span),
      runtime('erlang', 'atom_to_binary', [tag], types.string, span),
      stringConst(`\` to \`${type.name}\``, span),
    ],
    type: types.string,
    span,
  };
  const otherwise = {
    stmts: [],
    value: { kind: 'panic', message, type: types.never, span } as const,
  };
  const payload = heldIn(f, subject, base, type, span);
  const whenTrue = { stmts: [], value: payload };
  const choice: TExpr = { kind: 'if', condition: test, whenTrue, otherwise, type, span };
  return {
    kind: 'block',
    body: { stmts: [{ kind: 'let', local, value, span }], value: choice },
    type,
    span,
  };
}

/** `x as T` of an option: its value (V gives a zero one for `none`), cast further when need be. */
function asOfOption(
  f: FnContext,
  e: Expr & { kind: 'as' },
  local: Local,
  value: TExpr,
  inner: Type,
): TExpr {
  const { span } = e;
  const type = f.resolve(e.type);
  const subject = localRef(local, span);
  const condition = isPresent(subject, 'option', span);
  const otherwise = { stmts: [], value: zeroValue(f, inner, span) };
  const whenTrue = { stmts: [], value: payloadOf(subject, inner, span) };
  const choice: TExpr = { kind: 'if', condition, whenTrue, otherwise, type: inner, span };
  const keep = { kind: 'let', local, value, span } as const;
  const whole: TExpr = { kind: 'block', body: { stmts: [keep], value: choice }, type: inner, span };
  return types.unalias(inner) === types.unalias(type) ? whole : castValue(f, whole, type, span);
}

/** The value inside a sum type or interface value that is known to hold a `type`. */
function heldIn(f: FnContext, value: TExpr, base: Type, type: Type, span: Span): TExpr {
  const path = base.kind === 'sum' ? variantPath(base, type) : undefined;
  if (path) return variantPayload(value, path, type, span);
  if (base.kind !== 'interface') return payloadOf(value, type, span);
  if (types.unalias(type).kind === 'interface') return { ...value, type } as TExpr;
  return heldValue(f.program, base, type, value, span);
}

/** A struct seen through an interface that cannot be changed is a reference to V. */
function exposed(value: TExpr, base: Type, place: Place | undefined): TExpr {
  if (base.kind !== 'interface' || place || base === types.errorInterface) return value;
  if (types.unalias(value.type).kind !== 'struct') return value;
  return { kind: 'newCell', value, type: types.refOf(value.type), span: value.span };
}

function placeIn(
  f: FnContext,
  place: Place,
  base: Type,
  type: Type,
  span: Span,
): Place | undefined {
  if (base.kind === 'sum') {
    const variants = variantPath(base, type);
    return variants && variantPlace(place, variants, type);
  }
  if (base.kind === 'option') return { kind: 'payload', base: place, wrap: { kind: 'some' }, type };
  // Both interfaces' values look alike.
  if (types.unalias(type).kind === 'interface') return { ...place, type } as Place;
  return base.kind === 'interface' ? heldPlace(f.program, base, type, place, span) : undefined;
}

export function payloadOf(value: TExpr, type: Type, span: Span): TExpr {
  return { kind: 'unwrap', value, type, span };
}

// --- smart casts -------------------------------------------------------------------------------

/**
 * The cast that makes `e` (an ident, selector or index) a `type`, or undefined when it cannot be
 * named.
 */
export function castTo(f: FnContext, e: Expr, type: Type): Cast | undefined {
  const inner = e.kind === 'paren' ? e.inner : e;
  const path = pathOf(inner);
  if (path === undefined || type === types.errorType) return undefined;
  const value = deref(checkValue(f, inner));
  const base = types.unalias(value.type);
  if (base.kind !== 'sum' && base.kind !== 'interface' && base.kind !== 'option') return undefined;
  const place = silentPlace(f, inner);
  if (base.kind === 'sum' && !variantPath(base, type)) return undefined;
  const payload = place && placeIn(f, place, base, type, inner.span);
  return {
    path,
    local: inner.kind === 'ident' ? f.scope.find(inner.name)?.local : undefined,
    value: exposed(heldIn(f, value, base, type, inner.span), base, place),
    place: payload,
    ofOption: base.kind === 'option',
  };
}

/** The place of a mutable path; undefined (and no error) when it is not mutable. */
function silentPlace(f: FnContext, e: Expr): Place | undefined {
  if (e.kind === 'ident') {
    const binding = f.lookup(e.name);
    if (!binding?.local.mut) return undefined;
    if (binding.view) return binding.view.place;
    const { local } = binding;
    return throughReferences({ kind: 'local', local, type: local.type }, e.span);
  }
  if (e.kind === 'index' && e.index.kind !== 'range' && silentPlace(f, e.value)) {
    const place = f.program.attempt(e.span, () => placeOf(f, e));
    return place?.type === types.errorType ? undefined : place;
  }
  if (e.kind !== 'selector') return undefined;
  const base = silentPlace(f, e.value);
  const owner = base && types.unalias(base.type);
  if (!base || owner?.kind !== 'struct') return undefined;
  const index = owner.fields.findIndex((x) => x.name === e.name);
  const field = owner.fields[index];
  return field && { kind: 'field', base, index, type: field.type };
}

/** The condition inside `_likely_(…)`. */
function likelyOperand(e: Expr): Expr | undefined {
  if (e.kind !== 'call' || e.callee.kind !== 'ident') return undefined;
  const { name } = e.callee;
  return name === '_likely_' || name === '_unlikely_' ? e.args[0]?.value : undefined;
}

export function smartcastsWhenTrue(f: FnContext, e: Expr): Cast[] {
  if (e.kind === 'paren') return smartcastsWhenTrue(f, e.inner);
  if (e.kind === 'is' && !e.negated) return castOfIs(f, e);
  if (e.kind === 'prefix' && e.operator === '!') return smartcastsWhenFalse(f, e.value);
  const hinted = likelyOperand(e);
  if (hinted) return smartcastsWhenTrue(f, hinted);
  if (e.kind !== 'infix') return [];
  if (e.operator === '&&') {
    const left = smartcastsWhenTrue(f, e.left);
    const right = f.scoped(() => withSmartcasts(f, left, () => smartcastsWhenTrue(f, e.right)));
    return [...left, ...right];
  }
  return e.operator === '!=' ? noneCast(f, e) : [];
}

export function smartcastsWhenFalse(f: FnContext, e: Expr): Cast[] {
  if (e.kind === 'paren') return smartcastsWhenFalse(f, e.inner);
  if (e.kind === 'is' && e.negated) return castOfIs(f, e);
  if (e.kind === 'prefix' && e.operator === '!') return smartcastsWhenTrue(f, e.value);
  const hinted = likelyOperand(e);
  if (hinted) return smartcastsWhenFalse(f, hinted);
  if (e.kind !== 'infix') return [];
  if (e.operator === '||')
    return [...smartcastsWhenFalse(f, e.left), ...smartcastsWhenFalse(f, e.right)];
  return e.operator === '==' ? noneCast(f, e) : [];
}

function castOfIs(f: FnContext, e: IsExpr): Cast[] {
  const type = f.resolve(e.type);
  if (type === types.noneType) return [];
  const cast = castTo(f, e.value, type);
  return cast ? [cast] : [];
}

/** An expression without the parentheses or the `unsafe` around it. */
function plainExpr(e: Expr): Expr {
  if (e.kind === 'paren') return plainExpr(e.inner);
  const [only, more] = e.kind === 'unsafe' ? e.body.stmts : [];
  return only?.kind === 'expr' && !more ? plainExpr(only.value) : e;
}

/** `x != none` makes an option variable its value. */
function noneCast(f: FnContext, e: InfixExpr): Cast[] {
  const right = plainExpr(e.right);
  if ((right.kind !== 'none' && right.kind !== 'nil') || pathOf(e.left) === undefined) return [];
  const base = types.unalias(checkValue(f, e.left).type);
  if (base.kind !== 'option') return [];
  const cast = castTo(f, e.left, base.inner);
  return cast ? [cast] : [];
}

/** Puts the casts into the innermost scope and runs. */
export function withSmartcasts<T>(f: FnContext, casts: readonly Cast[], run: () => T): T {
  for (const c of casts) {
    if (c.local)
      f.scope.define(c.path, {
        local: c.local,
        view: { value: c.value, place: c.place, cast: true },
      });
    else f.scope.defineCast(c.path, c.value, c.place);
  }
  return run();
}

/** `assert x is T` casts for the rest of the block, `assert x != none` in later asserts only. */
export function smartcastAsserted(f: FnContext, e: Expr): void {
  const casts = smartcastsWhenTrue(f, e);
  const ofOptions = casts.filter((c) => c.ofOption);
  const others = casts.filter((c) => !c.ofOption);
  withSmartcasts(f, others, () => undefined);
  if (ofOptions.length === 0) return;
  f.scope.asserted ??= [];
  for (const c of ofOptions) f.scope.asserted.push(() => withSmartcasts(f, [c], () => undefined));
}

/** Runs with what the asserts before have shown. */
export function withAsserted<T>(f: FnContext, run: () => T): T {
  return f.scoped(() => {
    const scopes: (typeof f.scope)[] = [];
    for (let s = f.scope.parent; s; s = s.parent) scopes.unshift(s);
    for (const s of scopes) for (const apply of s.asserted ?? []) apply();
    return run();
  });
}

/** Something inside this path or name is seen through a smart cast. */
export function isSmartcast(f: FnContext, path: string | undefined): boolean {
  if (path === undefined) return false;
  return (f.scope.castOf(path) ?? f.scope.find(path)?.view) !== undefined;
}

// --- options that were assigned to ---------------------------------------------------------------

/** After `x = value` an option variable has members, though it is an option still. */
export function noteAssigned(f: FnContext, target: Expr, place: Place, value: TExpr): void {
  const path = pathOf(target);
  if (path === undefined) return;
  f.scope.endCasts(path);
  const t = types.unalias(place.type);
  if (t.kind !== 'option' || target.kind !== 'ident') return;
  const from = types.unalias(value.type);
  const isPlain = from.kind !== 'option' && from !== types.noneType && from !== types.errorType;
  if (!isPlain || value.kind === 'bad') return;
  const { span } = target;
  const whole: TExpr = { kind: 'place', place, type: place.type, span };
  const payload: Place = { kind: 'payload', base: place, wrap: { kind: 'some' }, type: t.inner };
  f.scope.defineFilled(path, { value: payloadOf(whole, t.inner, span), place: payload });
}

/** What `.member` of an option means that was assigned to: the member of its value. */
export function filledValue(f: FnContext, e: Expr, value: TExpr): TExpr {
  if (e.kind !== 'ident' || types.unalias(value.type).kind !== 'option') return value;
  const view = f.scope.filledOf(e.name);
  return view ? { ...view.value, span: e.span } : value;
}

export function filledPlace(f: FnContext, e: Expr, place: Place): Place {
  if (e.kind !== 'ident' || types.unalias(place.type).kind !== 'option') return place;
  return f.scope.filledOf(e.name)?.place ?? place;
}

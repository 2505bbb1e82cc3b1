// Sum types: which variant a type is, also inside variants that are sum types themselves, and the
// fields that all variants have in common (docs.md, "Sum types").

import type { Span } from '../source.ts';
import type { Place, TExpr } from '../typed.ts';
import type { SumType, Type } from '../types.ts';
import * as types from '../types.ts';
import { tagOf } from './convert.ts';
import { deref, intConst, readPath, runtime, stringConst } from './expressions.ts';
import { findField } from './members.ts';

/** How many sum types may be nested in each other before a variant is no longer looked for. */
const nestedSumsMax = 20;

/** The variants to go through to reach `type`, outermost first; undefined when it is none. */
export function variantPath(base: SumType, type: Type): readonly Type[] | undefined {
  const direct = directVariant(base, type);
  if (direct) return [direct];
  if (types.unalias(type) === base) return [];
  const seen = new Set<Type>([base]);
  let level: { readonly sum: SumType; readonly path: readonly Type[] }[] = [
    { sum: base, path: [] },
  ];
  for (let depth = 0; depth < nestedSumsMax && level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { sum, path } of level) {
      for (const variant of sum.variants) {
        const inner = types.unalias(variant);
        if (inner.kind !== 'sum' || seen.has(inner)) continue;
        seen.add(inner);
        const found = directVariant(inner, type);
        if (found) return [...path, variant, found];
        next.push({ sum: inner, path: [...path, variant] });
      }
    }
    level = next;
  }
  return undefined;
}

/** The variant that a type is: itself, or the one that it is another name of. */
export function directVariant(base: SumType, type: Type): Type | undefined {
  if (base.variants.includes(type)) return type;
  const inner = types.unalias(type);
  const named = base.variants.find((v) => v === inner);
  if (named) return named;
  const deep = types.unaliasDeep(type);
  return base.variants.find((v) => {
    const t = types.unaliasDeep(v);
    return t === deep || (t.kind === 'fn' && deep.kind === 'fn' && t.name === deep.name);
  });
}

/** A struct and its aliases may all be variants: for `is` and `as` each is all of them. */
function tagsOf(sum: Type, variant: Type): readonly string[] {
  const base = types.unalias(variant);
  const holder = types.strip(sum);
  if (base.kind !== 'struct' || holder.kind !== 'sum') return [tagOf(variant)];
  return holder.variants.filter((v) => types.unalias(v) === base).map(tagOf);
}

/** Whether a value holds the variant at the end of a path; `match` tells aliases apart. */
export function variantTest(
  subject: TExpr,
  path: readonly Type[],
  span: Span,
  exact = false,
): TExpr {
  let value = subject;
  let test: TExpr | undefined;
  for (const variant of path) {
    const type = types.bool;
    const tags = exact ? [tagOf(variant)] : tagsOf(value.type, variant);
    const one: TExpr = { kind: 'test', value, tags, of: 'sum', type, span };
    test = test ? { kind: 'logic', op: '&&', left: test, right: one, type, span } : one;
    value = { kind: 'unwrap', value, type: variant, span };
  }
  return test ?? { kind: 'bool', value: true, type: types.bool, span };
}

/** The value of the variant at the end of a path, seen as `type`. */
export function variantPayload(
  subject: TExpr,
  path: readonly Type[],
  type: Type,
  span: Span,
): TExpr {
  let value = subject;
  for (const variant of path) value = { kind: 'unwrap', value, type: variant, span };
  return { ...value, type } as TExpr;
}

export function variantPlace(base: Place, path: readonly Type[], type: Type): Place {
  let place = base;
  for (const variant of path) {
    const wrap = { kind: 'sum', tag: tagOf(variant) } as const;
    place = { kind: 'payload', base: place, wrap, type: variant };
  }
  return { ...place, type };
}

/** The variants for which no type is given, neither their own nor those of all that they hold. */
export function unhandledVariants(base: SumType, given: readonly Type[], depth = 0): Type[] {
  if (given.some((g) => types.unalias(g) === base)) return [];
  return base.variants.filter((v) => {
    const inner = types.unalias(v);
    if (given.some((g) => directVariant(base, g) === v)) return false;
    if (inner.kind !== 'sum' || depth > nestedSumsMax) return true;
    return unhandledVariants(inner, given, depth + 1).length > 0;
  });
}

// --- common fields -------------------------------------------------------------------------------

/** The type of a field that all variants have, also those of sum types among them. */
export function commonField(base: SumType, name: string, depth = 0): Type | undefined {
  if (depth > nestedSumsMax) return undefined;
  let type: Type | undefined;
  for (const variant of base.variants) {
    const inner = types.strip(variant);
    const found =
      inner.kind === 'sum' ? commonField(inner, name, depth + 1) : findField(variant, name)?.type;
    if (!found || (type && found !== type)) return undefined;
    type = found;
  }
  return type;
}

/** Reads a field that all variants of a sum type have. */
export function readCommon(
  base: SumType,
  name: string,
  type: Type,
  value: TExpr,
  span: Span,
): TExpr {
  const subject = deref(value);
  const tag = runtime('erlang', 'element', [intConst(1, span), subject], types.noneType, span);
  const cases = base.variants.map((variant) => {
    const payload: TExpr = { kind: 'unwrap', value: subject, type: variant, span };
    const inner = types.strip(variant);
    const read =
      inner.kind === 'sum'
        ? readCommon(inner, name, type, payload, span)
        : readPath(payload, findField(variant, name)?.path ?? [], span);
    const row: TExpr = { kind: 'atom', name: tagOf(variant), type: types.noneType, span };
    return { values: [row], body: { stmts: [], value: read } };
  });
  const message = stringConst('unknown sum type value', span);
  const failure: TExpr = { kind: 'panic', message, type: types.never, span };
  const otherwise = { stmts: [], value: failure };
  return { kind: 'switch', subject: tag, cases, otherwise, type, span };
}

/** The place of a field that all variants, structs themselves, have. */
export function commonPlace(base: Place, sum: SumType, name: string): Place | undefined {
  const type = commonField(sum, name);
  if (!type) return undefined;
  const rows: { tag: string; index: number }[] = [];
  for (const variant of sum.variants) {
    const owner = types.unalias(variant);
    if (owner.kind !== 'struct') return undefined;
    const index = owner.fields.findIndex((x) => x.name === name);
    if (index < 0) return undefined;
    rows.push({ tag: tagOf(variant), index });
  }
  return { kind: 'common', base, rows, type };
}

// Anonymous structs: `struct { name string }` as a type and `struct { name: 'x' }` as a value
// (docs.md, "Anonymous structs"). Two of them with the same fields share one representation.

import type { FieldDecl, StructDecl, StructLiteral } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { Field, StructType, Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { settle } from './convert.ts';
import { checkValue } from './expressions.ts';
import type { Bindings, Program } from './program.ts';

function declOf(fields: readonly FieldDecl[], span: Span): StructDecl {
  return {
    kind: 'struct',
    name: '',
    nameSpan: span,
    generics: [],
    union: false,
    embeds: [],
    implements: [],
    fields,
    public: false,
    attributes: [],
    span,
  };
}

export function isAnonymous(type: Type): boolean {
  return type.kind === 'struct' && type.decl.name === '';
}

/** The type with these fields; defaults and mutability tell types of equal layout apart. */
function anonymous(p: Program, fields: Field[], decl: StructDecl): StructType {
  const key = fields
    .map((x) => {
      const fallback = x.decl?.defaultValue?.span.start ?? '';
      return `${x.mut ? 'mut ' : ''}${x.name} ${types.identity(x.type)} ${fallback}`;
    })
    .join();
  const known = p.anonymousTypes.get(key);
  if (known) return known;
  const name = `struct {${fields.map((x) => `${x.name} ${x.type.name}`).join(', ')}}`;
  const type: StructType = { kind: 'struct', name, decl, typeArgs: [], fields, resolved: true };
  p.anonymousTypes.set(key, type);
  return type;
}

export function resolveAnonymous(p: Program, decl: StructDecl, bindings: Bindings): StructType {
  const fields: Field[] = [];
  for (const x of decl.fields) {
    if (fields.some((other) => other.name === x.name)) {
      p.error(`field name \`${x.name}\` duplicate`, x.span);
      continue;
    }
    const type = p.resolve(x.type, bindings);
    const required = x.attributes.some((a) => a.name === 'required');
    fields.push({ name: x.name, type, mut: x.mut, embedded: false, required, decl: x });
  }
  return anonymous(p, fields, decl);
}

/** The type of `struct { a: 1 }`: the one expected, or one made of the values that it is given. */
export function anonymousLiteralType(
  f: FnContext,
  e: StructLiteral,
  expected: Type | undefined,
): Type {
  let hint = expected && types.strip(expected);
  if (hint?.kind === 'option' || hint?.kind === 'result') hint = types.strip(hint.inner);
  if (hint && isAnonymous(hint))
    return expected && hint === types.unalias(expected) ? expected : hint;
  const fields = e.fields.map((init, i): Field => {
    const name = init.name === '' ? `arg${i}` : init.name;
    const { type } = settle(checkValue(f, init.value));
    return { name, type, mut: true, embedded: false, required: false, decl: undefined };
  });
  return anonymous(f.program, fields, declOf([], e.span));
}

/** One anonymous struct where another with the same fields is expected. */
export function fitAnonymous(e: TExpr, to: Type): TExpr | undefined {
  const from = types.unalias(e.type);
  const target = types.unalias(to);
  if (from.kind !== 'struct' || target.kind !== 'struct') return undefined;
  if (!isAnonymous(from) || !isAnonymous(target)) return undefined;
  const same =
    from.fields.length === target.fields.length &&
    from.fields.every((x, i) => {
      const y = target.fields[i];
      return y?.name === x.name && y.type === x.type;
    });
  return same ? ({ ...e, type: to } as TExpr) : undefined;
}

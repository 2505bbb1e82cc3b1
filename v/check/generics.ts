// Type arguments of generic calls, inferred from the arguments.

import type { Argument, FnDecl, TypeNode } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { settle } from './convert.ts';
import { checkExpr, deref } from './expressions.ts';
import type { Bindings } from './program.ts';

export function inferBindings(
  f: FnContext,
  decl: FnDecl,
  outer: Bindings,
  args: readonly Argument[],
  expected: Type | undefined,
  span: Span,
): Bindings | undefined {
  const bindings = new Map(outer);
  const { params, result } = decl.signature;
  const later: (readonly [TypeNode, Argument])[] = [];
  args.forEach((a, i) => {
    const p = params[Math.min(i, params.length - 1)];
    if (!p) return;
    if (a.value.kind === 'lambda' || a.value.kind === 'fnExpr') later.push([p.type, a]);
    else match(p.type, settle(checkExpr(f, a.value)).type, decl.generics, bindings, f);
  });
  for (const [node, a] of later) {
    if (a.value.kind === 'fnExpr')
      match(node, checkExpr(f, a.value).type, decl.generics, bindings, f);
  }
  if (result && expected) match(result, expected, decl.generics, bindings, f);
  const missing = decl.generics.find((g) => !bindings.has(g));
  if (missing === undefined) return bindings;
  if (![...bindings.values()].includes(types.errorType)) {
    f.error(`could not infer generic type \`${missing}\` in call to \`${decl.name}\``, span);
  }
  return undefined;
}

/**
 * Matches a declared parameter type against the type of an argument, binding the type parameters it
 * names.
 */
function match(
  node: TypeNode,
  type: Type,
  generics: readonly string[],
  into: Map<string, Type>,
  f: FnContext,
): void {
  if (node.kind === 'named') {
    if (generics.includes(node.name)) {
      if (!into.has(node.name)) into.set(node.name, types.defaultType(type));
      return;
    }
    const base = types.strip(type);
    if (node.args.length > 0 && 'typeArgs' in base) {
      node.args.forEach((arg, i) => {
        const bound = base.typeArgs[i];
        if (bound) match(arg, bound, generics, into, f);
      });
    }
    return;
  }
  const t = types.unalias(type);
  switch (node.kind) {
    case 'array':
      if (t.kind === 'array' || t.kind === 'fixed')
        match(node.element, t.element, generics, into, f);
      return;
    case 'fixed':
      if (t.kind === 'fixed') match(node.element, t.element, generics, into, f);
      return;
    case 'map':
      if (t.kind !== 'map') return;
      match(node.key, t.key, generics, into, f);
      match(node.value, t.value, generics, into, f);
      return;
    case 'option':
    case 'result':
      if (node.inner) match(node.inner, t.kind === node.kind ? t.inner : type, generics, into, f);
      return;
    case 'wrap':
      match(
        node.inner,
        node.wrapper === 'ref' ? (t.kind === 'ref' ? t.inner : type) : type,
        generics,
        into,
        f,
      );
      return;
    case 'fnType': {
      if (t.kind !== 'fn') return;
      node.signature.params.forEach((p, i) => {
        const q = t.params[i];
        if (q) match(p.type, q.type, generics, into, f);
      });
      if (node.signature.result) match(node.signature.result, t.result, generics, into, f);
      return;
    }
    default:
      return;
  }
}

export { deref };

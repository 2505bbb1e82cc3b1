// What the type parameters named in a declared type stand for, given the type that meets it
// (V's infer_fn_generic_types): `[]T` against `[]int` makes T an int.

import type { Signature, TypeDecl, TypeNode } from '../ast.ts';
import { genericDepthMax } from '../limits.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { findMethod } from './members.ts';
import type { Program } from './program.ts';

/** Type parameters that are being found out, and those that are known. */
export interface Inference {
  readonly program: Program;
  readonly generics: readonly string[];
  readonly bindings: Map<string, Type>;
  readonly depth: number;
}

export function newInference(
  program: Program,
  generics: readonly string[],
  known: ReadonlyMap<string, Type> = new Map(),
  depth = 0,
): Inference {
  return { program, generics, bindings: new Map(known), depth };
}

export function isComplete(i: Inference): boolean {
  return i.generics.every((g) => i.bindings.has(g));
}

/** A name that V takes for a type parameter: one capital letter that names no type. */
export function isTypeParameter(program: Program, node: TypeNode): boolean {
  if (node.kind !== 'named' || !isParameterName(node.name)) return false;
  return program.find(program.namedDecls, node.name, node.span) === undefined;
}

function isParameterName(name: string): boolean {
  return /^[A-BD-Z]$/.test(name);
}

/** The type parameters that a declared type names, in order. */
export function parametersIn(program: Program, node: TypeNode): string[] {
  const letters = 'ABDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  return letters.filter(
    (x) => mentions(node, x) && !program.find(program.namedDecls, x, node.span),
  );
}

/** The type a node names, when every type parameter in it is known. */
export function knownType(i: Inference, node: TypeNode): Type | undefined {
  if (i.generics.some((g) => !i.bindings.has(g) && mentions(node, g))) return undefined;
  return i.program.resolve(node, i.bindings);
}

/** Whether a declared type names a type parameter. */
export function mentions(node: TypeNode, name: string): boolean {
  const inside = (n: TypeNode | undefined): boolean => n !== undefined && mentions(n, name);
  switch (node.kind) {
    case 'named':
      return node.name === name || node.args.some(inside);
    case 'array':
    case 'fixed':
      return inside(node.element);
    case 'map':
      return inside(node.key) || inside(node.value);
    case 'wrap':
    case 'option':
    case 'result':
      return inside(node.inner);
    case 'tuple':
      return node.types.some(inside);
    case 'fnType':
      return node.signature.params.some((p) => inside(p.type)) || inside(node.signature.result);
    default:
      return false;
  }
}

/** Matches a declared type against a type, binding the type parameters it names. */
export function matchType(i: Inference, node: TypeNode, type: Type): void {
  if (node.kind === 'named') {
    matchNamed(i, node, type);
    return;
  }
  const t = types.unalias(type);
  switch (node.kind) {
    case 'array':
      if (t.kind === 'array' || t.kind === 'fixed') matchType(i, node.element, t.element);
      return;
    case 'fixed':
      if (t.kind === 'fixed') matchType(i, node.element, t.element);
      return;
    case 'map':
      if (t.kind !== 'map') return;
      matchType(i, node.key, t.key);
      matchType(i, node.value, t.value);
      return;
    case 'option':
    case 'result':
      if (node.inner) matchType(i, node.inner, t.kind === node.kind ? t.inner : type);
      return;
    case 'wrap':
      if (t.kind === node.wrapper) matchType(i, node.inner, t.inner);
      else if (node.wrapper === 'ref') matchType(i, node.inner, type);
      return;
    case 'tuple':
      if (t.kind !== 'tuple') return;
      node.types.forEach((n, at) => {
        const part = t.types[at];
        if (part) matchType(i, n, part);
      });
      return;
    case 'fnType':
      if (t.kind === 'fn') matchSignature(i, node.signature, t);
      return;
    default:
      return;
  }
}

function matchSignature(i: Inference, signature: Signature, type: types.FnType): void {
  if (signature.params.length !== type.params.length) return;
  signature.params.forEach((p, at) => {
    const q = type.params[at];
    if (q) matchType(i, p.type, q.type);
  });
  if (signature.result) matchType(i, signature.result, type.result);
}

function matchNamed(i: Inference, node: TypeNode & { kind: 'named' }, type: Type): void {
  if (i.generics.includes(node.name)) {
    if (!i.bindings.has(node.name)) i.bindings.set(node.name, settled(type));
    return;
  }
  if (node.args.length === 0) return;
  const decl = i.program.find(i.program.namedDecls, node.name, node.span);
  if (!decl || decl.kind === 'enum' || i.depth > genericDepthMax) return;
  const same = instanceOfDecl(type, decl);
  if (same) {
    matchArgs(i, node, same.typeArgs);
    return;
  }
  // The type is no instance of the generic one, but may fit what that one stands for.
  const inner = newInference(i.program, decl.generics, new Map(), i.depth + 1);
  if (decl.kind === 'type') matchVariants(inner, decl, type);
  else if (decl.kind === 'interface') {
    for (const wanted of decl.methods) {
      const found = findMethod(i.program, type, wanted.name);
      if (!found || found.params.length !== wanted.signature.params.length + 1) continue;
      matchSignature(inner, wanted.signature, types.fnOf(found.params.slice(1), found.result));
    }
  }
  decl.generics.forEach((g, at) => {
    const bound = inner.bindings.get(g);
    const arg = node.args[at];
    if (bound && arg) matchType(i, arg, bound);
  });
}

function matchArgs(i: Inference, node: TypeNode & { kind: 'named' }, given: readonly Type[]): void {
  node.args.forEach((arg, at) => {
    const bound = given[at];
    if (bound) matchType(i, arg, bound);
  });
}

/** What a literal without a type, or `nil`, makes of a type parameter. */
function settled(type: Type): Type {
  return type === types.nilType ? types.voidptr : types.defaultType(type);
}

/** `type`, or what is behind its aliases and references, when it is an instance of `decl`. */
function instanceOfDecl(
  type: Type,
  decl: object,
): (Type & { readonly typeArgs: readonly Type[] }) | undefined {
  let t = type;
  for (let steps = 0; steps < 100; steps++) {
    if ('typeArgs' in t && t.decl === decl) return t;
    if (t.kind === 'alias') t = t.target;
    else if (t.kind === 'ref' || t.kind === 'shared') t = t.inner;
    else return undefined;
  }
  return undefined;
}

/** An alias stands for its target; a sum type takes each of its variants, the closest one first. */
function matchVariants(i: Inference, decl: TypeDecl, type: Type): void {
  const declOf = (t: Type): string => ('decl' in t && t.decl ? t.decl.name : t.name);
  const shown = declOf(types.strip(type));
  const rank = (v: TypeNode): number => {
    if (v.kind === 'named' && v.name === shown) return 0;
    return v.kind === 'named' && i.generics.includes(v.name) ? 2 : 1;
  };
  const ranked = [...decl.variants].sort((a, b) => rank(a) - rank(b));
  for (const variant of ranked) {
    const before = i.bindings.size;
    matchType(i, variant, type);
    if (i.bindings.size > before && decl.variants.length > 1) return;
  }
}

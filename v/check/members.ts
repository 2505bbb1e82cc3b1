// Looking up fields and methods, also through embedded structs.

import type { FnDecl, TypeNode } from '../ast.ts';
import type { Field, FnParam, StructType, Type } from '../types.ts';
import * as types from '../types.ts';
import { isComplete, matchType, newInference, parametersIn } from './inference.ts';
import { type Bindings, baseName, type FnSymbol, noBindings, type Program } from './program.ts';

export interface FoundField {
  readonly type: Type;
  readonly mut: boolean;
  /** The embedded fields to go through, then the field itself. */
  readonly path: readonly Field[];
}

export function findField(type: Type, name: string): FoundField | undefined {
  const owner = types.strip(type);
  if (owner.kind !== 'struct') return undefined;
  const own = owner.fields.find((f) => f.name === name);
  if (own) return { type: own.type, mut: own.mut, path: [own] };
  for (const embedded of owner.fields) {
    if (!embedded.embedded) continue;
    const inner = findField(embedded.type, name);
    if (inner) return { ...inner, path: [embedded, ...inner.path] };
  }
  return undefined;
}

/** A static method of a type, or of what it is an alias of. */
export function staticOf(p: Program, type: Type, name: string): FnSymbol | undefined {
  for (let t = type; ; t = t.target) {
    const found = p.statics.get(`${t.name.replace(/\[.*$/s, '')}.${name}`);
    if (found || t.kind !== 'alias') return found;
  }
}

export interface FoundMethod {
  readonly symbol: FnSymbol;
  /** The type the method is declared on. */
  readonly owner: Type;
  /** The embedded fields between the receiver and the owner. */
  readonly path: readonly Field[];
  readonly bindings: Bindings;
  /** With the receiver first. Empty for a generic method, whose parameters depend on the call. */
  readonly params: readonly FnParam[];
  readonly result: Type;
}

function receiverNode(decl: FnDecl): TypeNode | undefined {
  const node = decl.receiver?.type;
  return node?.kind === 'wrap' ? node.inner : node;
}

/** Whether a receiver names types in its brackets, as `(s Stack[int])` or `(s Stack[[]T])`. */
export function hasReceiverPattern(decl: FnDecl): boolean {
  const node = receiverNode(decl);
  return node?.kind === 'named' && node.args.some((a) => a.kind !== 'named' || a.name.length > 1);
}

/**
 * What the type parameters in a receiver `(s Stack[T])` stand for; undefined when the method is not
 * for this type.
 */
function receiverBindings(p: Program, symbol: FnSymbol, owner: Type): Bindings | undefined {
  const node = receiverNode(symbol.decl);
  if (node?.kind !== 'named' || node.args.length === 0) return noBindings;
  const inference = newInference(p, parametersIn(p, node));
  matchType(inference, node, owner);
  if (!hasReceiverPattern(symbol.decl)) return inference.bindings;
  if (!isComplete(inference)) return undefined;
  return p.resolve(node, inference.bindings) === types.strip(owner)
    ? inference.bindings
    : undefined;
}

/** The method of a name for this receiver: the one whose receiver says most about its type. */
function chosen(
  p: Program,
  first: FnSymbol,
  owner: Type,
): { symbol: FnSymbol; bindings: Bindings } | undefined {
  const fitting = [first, ...first.overloads].flatMap((symbol) => {
    const bindings = receiverBindings(p, symbol, owner);
    if (!bindings) return [];
    const rank = hasReceiverPattern(symbol.decl) ? bindings.size : 1000;
    return [{ symbol, bindings, rank }];
  });
  return fitting.sort((a, b) => a.rank - b.rank)[0];
}

export function findMethod(p: Program, type: Type, name: string): FoundMethod | undefined {
  for (let t: Type = type; ; ) {
    const found = ownMethod(p, t, name);
    if (found) return found;
    if (t.kind === 'ref' || t.kind === 'shared') t = t.inner;
    else if (t.kind === 'alias') t = t.target;
    else break;
  }
  const base = types.strip(type);
  if (base.kind === 'struct') return embeddedMethod(p, base, name);
  if (base.kind !== 'interface') return undefined;
  for (const embedded of base.embeds) {
    const found = findMethod(p, embedded, name);
    if (found) return found;
  }
  return undefined;
}

function ownMethod(p: Program, type: Type, name: string): FoundMethod | undefined {
  const known = p.foundMethods.get(type)?.get(name);
  if (known) return known;
  const found = lookedUp(p, type, name);
  if (!found) return undefined;
  let ofType = p.foundMethods.get(type);
  if (!ofType) {
    ofType = new Map();
    p.foundMethods.set(type, ofType);
  }
  ofType.set(name, found);
  return found;
}

function lookedUp(p: Program, type: Type, name: string): FoundMethod | undefined {
  const first = p.methods.get(baseName(type))?.get(name);
  const found = first && chosen(p, first, type);
  if (!found) return undefined;
  const { symbol, bindings } = found;
  const { receiver, signature, generics } = symbol.decl;
  if (!receiver) return undefined;
  const generic = generics.some((g) => !bindings.has(g));
  const params = generic
    ? []
    : [receiver, ...signature.params].map((q) => p.resolveParam(q, bindings));
  const result =
    generic || !signature.result ? types.voidType : p.resolve(signature.result, bindings);
  return {
    symbol,
    owner: type,
    path: [],
    bindings,
    params,
    result,
  };
}

function embeddedMethod(p: Program, owner: StructType, name: string): FoundMethod | undefined {
  for (const field of owner.fields) {
    if (!field.embedded) continue;
    const found = findMethod(p, field.type, name);
    if (found) return { ...found, path: [field, ...found.path] };
  }
  return undefined;
}

/** All names after a dot, for suggestions. */
export function memberNames(p: Program, type: Type): string[] {
  const base = types.strip(type);
  const fields = base.kind === 'struct' ? base.fields.map((f) => f.name) : [];
  return [...fields, ...(p.methods.get(baseName(base))?.keys() ?? [])];
}

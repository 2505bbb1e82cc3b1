// Looking up fields and methods, also through embedded structs.

import type { Field, FnParam, StructType, Type } from '../types.ts';
import * as types from '../types.ts';
import { type Bindings, baseName, type FnSymbol, type Program } from './program.ts';

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

/** What the type parameters in a receiver `(s Stack[T])` stand for. */
export function receiverBindings(symbol: FnSymbol, owner: Type): Bindings {
  const node = symbol.decl.receiver?.type;
  const named = node?.kind === 'wrap' ? node.inner : node;
  const base = types.strip(owner);
  if (named?.kind !== 'named' || !('typeArgs' in base)) return new Map();
  const entries = named.args.flatMap((arg, i) => {
    const bound = base.typeArgs[i];
    return arg.kind === 'named' && bound ? [[arg.name, bound] as const] : [];
  });
  return new Map(entries);
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
  return base.kind === 'struct' ? embeddedMethod(p, base, name) : undefined;
}

function ownMethod(p: Program, type: Type, name: string): FoundMethod | undefined {
  const symbol = p.methods.get(baseName(type))?.get(name);
  if (!symbol) return undefined;
  const bindings = receiverBindings(symbol, type);
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
    owner: types.strip(type) === type ? type : type,
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

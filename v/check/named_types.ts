// Named types: structs, enums, aliases, sum types and interfaces, instantiated for their type
// arguments on demand.

import type { EnumDecl, InterfaceDecl, StructDecl, TypeDecl, TypeNode } from '../ast.ts';
import { genericDepthMax } from '../limits.ts';
import type { Span } from '../source.ts';
import type { AliasType, Field, InterfaceType, StructType, SumType, Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { buildEnum } from './enums.ts';
import type { Bindings, Program } from './program.ts';

export type NamedDecl = StructDecl | EnumDecl | TypeDecl | InterfaceDecl;

const plural = (count: number): string => (count === 1 ? '' : 's');

export function instantiateNamed(
  p: Program,
  decl: NamedDecl,
  args: readonly Type[],
  span: Span,
): Type {
  const generics = decl.kind === 'enum' ? [] : decl.generics;
  if (args.includes(types.errorType)) return types.errorType;
  if (generics.length !== args.length) {
    const { name } = decl;
    if (args.length === 0) {
      p.error(
        `generic ${declKind(decl)} \`${name}\` must specify type parameter, e.g. ${name}[int]`,
        span,
      );
    } else {
      const wanted = `${generics.length} generic parameter${plural(generics.length)}`;
      p.error(`\`${name}\` expects ${wanted}, got ${args.length}`, span);
    }
    return types.errorType;
  }
  const full = p.fullName(decl.name, decl.nameSpan);
  const name = args.length > 0 ? `${full}[${args.map((a) => a.name).join(', ')}]` : full;
  const known = p.namedTypes.get(name);
  if (known) return known;
  if (p.genericDepth > genericDepthMax || name.length > 4000) {
    p.error(`the type \`${decl.name}\` needs endless instances of itself`, span);
    return types.errorType;
  }
  const bindings = new Map(generics.map((g, i) => [g, args[i] as Type] as const));
  const deeper = args.length > 0 ? 1 : 0;
  p.genericDepth += deeper;
  const type = build(p, decl, name, args, bindings);
  p.genericDepth -= deeper;
  return type;
}

function declKind(decl: NamedDecl): string {
  if (decl.kind !== 'type') return decl.kind;
  return decl.variants.length > 1 ? 'sumtype' : 'alias';
}

function build(
  p: Program,
  decl: NamedDecl,
  name: string,
  args: readonly Type[],
  b: Bindings,
): Type {
  switch (decl.kind) {
    case 'struct':
      return buildStruct(p, decl, name, args, b);
    case 'enum':
      return buildEnum(p, decl, name);
    case 'interface':
      return buildInterface(p, decl, name, args, b);
    case 'type':
      return buildAliasOrSum(p, decl, name, args, b);
  }
}

function buildStruct(
  p: Program,
  decl: StructDecl,
  name: string,
  args: readonly Type[],
  b: Bindings,
): Type {
  const type: StructType = {
    kind: 'struct',
    name,
    decl,
    typeArgs: args,
    fields: [],
    resolved: false,
  };
  p.namedTypes.set(name, type);
  const fields: Field[] = [];
  for (const node of decl.embeds) {
    const embedded = p.resolve(node, b);
    if (embedded === types.errorType) continue;
    if (types.unalias(embedded).kind !== 'struct') {
      p.error(`cannot embed non-struct \`${embedded.name}\``, node.span);
      continue;
    }
    const short = embedded.name.replace(/\[.*$/s, '').replace(/^.*\./s, '');
    fields.push({
      name: short,
      type: embedded,
      mut: true,
      embedded: true,
      required: false,
      decl: undefined,
    });
  }
  for (const f of decl.fields) {
    if (fields.some((other) => other.name === f.name)) {
      p.error(`field name \`${f.name}\` duplicate`, f.span);
      continue;
    }
    const required = f.attributes.some((a) => a.name === 'required');
    const fieldType = p.resolve(f.type, b);
    fields.push({ name: f.name, type: fieldType, mut: f.mut, embedded: false, required, decl: f });
  }
  type.fields = fields;
  type.resolved = true;
  return type;
}

/** A struct declared in a function; another of the same name elsewhere is another type. */
export function declareLocalStruct(f: FnContext, decl: StructDecl): void {
  const p = f.program;
  const key = `${f.displayName}:${decl.span.start}`;
  let type = p.localTypes.get(key);
  if (!type) {
    let { name } = decl;
    for (let other = 2; p.namedTypes.has(name); other++) name = `${decl.name}@${other}`;
    type = buildStruct(p, decl, name, [], f.bindings);
    p.localTypes.set(key, type);
  }
  f.bindings = new Map([...f.bindings, [decl.name, type]]);
}

/** Reports a struct that contains itself by value: it would have no size. */
export function checkRecursion(p: Program, type: StructType): void {
  const visit = (t: Type, seen: readonly Type[]): boolean => {
    const inner = types.unalias(t);
    if (inner.kind === 'fixed') return visit(inner.element, seen);
    if (inner.kind !== 'struct') return false;
    if (inner === type && seen.length > 0) return true;
    if (seen.includes(inner)) return false;
    return inner.fields.some((f) => visit(f.type, [...seen, inner]));
  };
  if (visit(type, [])) {
    p.error(`invalid recursive struct \`${type.name}\``, type.decl.nameSpan);
  }
}

function buildInterface(
  p: Program,
  decl: InterfaceDecl,
  name: string,
  args: readonly Type[],
  b: Bindings,
): Type {
  const type: InterfaceType = {
    kind: 'interface',
    name,
    decl,
    typeArgs: args,
    methods: [],
    fields: [],
    embeds: [],
  };
  p.namedTypes.set(name, type);
  for (const node of decl.embeds) {
    const embedded = p.resolve(withSameArguments(p, node, decl), b);
    if (embedded.kind !== 'interface') {
      p.error(`interface \`${name}\` can only embed interfaces`, node.span);
      continue;
    }
    type.embeds.push(embedded);
    const isNew = (x: { name: string }, known: readonly { name: string }[]): boolean =>
      !known.some((other) => other.name === x.name);
    type.methods.push(...embedded.methods.filter((m) => isNew(m, type.methods)));
    type.fields.push(...embedded.fields.filter((x) => isNew(x, type.fields)));
  }
  for (const m of decl.methods) {
    if (type.methods.some((other) => other.name === m.name)) continue;
    const params = m.signature.params.map((param) => p.resolveParam(param, b));
    const result = m.signature.result ? p.resolve(m.signature.result, b) : types.voidType;
    type.methods.push({ name: m.name, mut: m.mut, type: types.fnOf(params, result), span: m.span });
  }
  for (const f of decl.fields) {
    const fieldType = p.resolve(f.type, b);
    type.fields.push({
      name: f.name,
      type: fieldType,
      mut: f.mut,
      embedded: false,
      required: false,
      decl: f,
    });
  }
  return type;
}

/** A generic interface embedded without arguments has those of the one around it. */
function withSameArguments(p: Program, node: TypeNode, decl: InterfaceDecl): TypeNode {
  if (node.kind !== 'named' || node.args.length > 0) return node;
  const other = p.namedDecls.get(node.name);
  if (other?.kind !== 'interface' || other.generics.length !== decl.generics.length) return node;
  const args = decl.generics.map(
    (name) => ({ kind: 'named', name, args: [], span: node.span }) as const,
  );
  return { ...node, args };
}

/** What a sum type cannot hold. */
function checkVariant(p: Program, owner: string, node: TypeNode, variant: Type): void {
  if (p.unitAt(node.span).library) return;
  if (variant.kind === 'result') p.error('sum type cannot hold a Result type', node.span);
  const isAlias = variant.kind === 'alias' && types.unalias(variant).kind === 'ref';
  if (variant.kind !== 'ref' && !isAlias) return;
  const held = variant.kind === 'ref' ? variant.inner : variant;
  const short = held.name.replace(/^.*\./s, '');
  const [open, close] = types.unalias(held).kind === 'struct' ? ['{', '}'] : ['(', ')'];
  const what = isAlias ? 'alias as non-reference type' : 'the sum type with non-reference types';
  p.error(
    'sum type cannot hold a reference type',
    node.span,
    `declare ${what}: \`${owner} = ${short} | ...\`\nand use a reference to the sum type ` +
      `instead: \`var := &${owner}(${short}${open}val${close})\``,
  );
}

function buildAliasOrSum(
  p: Program,
  decl: TypeDecl,
  name: string,
  args: readonly Type[],
  b: Bindings,
): Type {
  if (decl.variants.length === 1) {
    const type: AliasType = {
      kind: 'alias',
      name,
      decl,
      typeArgs: args,
      target: types.errorType,
    };
    p.namedTypes.set(name, type);
    type.target = p.resolve(decl.variants[0] as import('../ast.ts').TypeNode, b);
    return type;
  }
  const type: SumType = { kind: 'sum', name, decl, variants: [], typeArgs: args };
  p.namedTypes.set(name, type);
  for (const node of decl.variants) {
    const variant = p.resolve(node, b);
    checkVariant(p, decl.name, node, variant);
    if (variant === type) {
      p.error('sum type cannot hold itself', node.span);
    } else if (type.variants.includes(variant)) {
      // A type argument may be one of the other variants.
      if (args.length > 0) continue;
      p.error(
        `sum type ${name} cannot hold the type \`${variant.name}\` more than once`,
        node.span,
      );
    } else {
      type.variants.push(variant);
    }
  }
  return type;
}

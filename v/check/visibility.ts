// Who may use what another module declares: what is `pub`, and nothing else. Tests may use
// everything, and so may the library, whose modules are written together.

import type { FieldDecl, Signature, TypeNode } from '../ast.ts';
import type { Module } from '../load/modules.ts';
import type { Span } from '../source.ts';
import type { Field, Type } from '../types.ts';
import type { NamedDecl } from './named_types.ts';
import type { Program } from './program.ts';

/** A declaration as far as its visibility goes. */
interface Declared {
  readonly public: boolean;
  readonly nameSpan: Span;
}

/** The declaration is another module's own, and the code at `span` must not use it. */
function isHidden(p: Program, decl: Declared, span: Span): boolean {
  if (decl.public || decl.nameSpan.end === 0) return false;
  const user = p.unitAt(span);
  const owner = p.unitAt(decl.nameSpan);
  return user.module !== owner.module && !owner.module.builtin && !user.library;
}

/** Reports the use of a function or constant (`what`) of another module that is not `pub`. */
export function requirePublic(
  p: Program,
  what: 'function' | 'constant',
  name: string,
  decl: Declared,
  span: Span,
): void {
  if (!p.isTestFile && isHidden(p, decl, span)) p.error(`${what} \`${name}\` is private`, span);
}

/** Methods are private to their module in tests, too. */
export function requirePublicMethod(
  p: Program,
  type: string,
  name: string,
  decl: Declared,
  span: Span,
): void {
  if (isHidden(p, decl, span)) p.error(`method \`${type}.${name}\` is private`, span);
}

/** What V calls a type's declaration. */
export function declKind(d: NamedDecl): string {
  if (d.kind !== 'type') return d.kind;
  if (d.variants.length > 1) return 'sum type';
  return d.variants[0]?.kind === 'fnType' ? 'fn' : 'alias';
}

/** Types are private to their module in tests, too, as their fields are. */
function requirePublicDecl(p: Program, decl: NamedDecl, span: Span): void {
  if (!isHidden(p, decl, span)) return;
  const kind = declKind(decl);
  const name = p.fullName(decl.name, decl.nameSpan);
  const owner = p.unitAt(decl.nameSpan).module.path;
  p.error(
    `${kind === 'fn' ? 'function type' : kind} \`${name}\` was declared as private to module ` +
      `\`${owner}\`, so it can not be used inside module \`${p.unitAt(span).module.path}\``,
    span,
  );
}

/**
 * The types that a node names, where something is declared, made or converted with it: `is`, `as`
 * and `match` may name types that are private.
 */
export function requirePublicTypes(p: Program, node: TypeNode): void {
  if (p.unitAt(node.span).library) return;
  const inner = (n: TypeNode | undefined): void => {
    if (n) requirePublicTypes(p, n);
  };
  switch (node.kind) {
    case 'named': {
      const decl = p.find(p.namedDecls, node.name, node.span);
      if (decl) requirePublicDecl(p, decl, node.span);
      for (const a of node.args) inner(a);
      return;
    }
    case 'array':
    case 'fixed':
      inner(node.element);
      return;
    case 'map':
      inner(node.key);
      inner(node.value);
      return;
    case 'wrap':
    case 'option':
    case 'result':
      inner(node.inner);
      return;
    case 'tuple':
      for (const t of node.types) inner(t);
      return;
    case 'fnType':
      requirePublicSignature(p, node.signature);
      return;
    default:
      return;
  }
}

export function requirePublicSignature(p: Program, { params, result }: Signature): void {
  for (const { type } of params) requirePublicTypes(p, type);
  if (result) requirePublicTypes(p, result);
}

export function requirePublicEnum(p: Program, decl: NamedDecl, span: Span): void {
  const name = p.fullName(decl.name, decl.nameSpan);
  if (isHidden(p, decl, span)) p.error(`enum \`${name}\` is private`, span);
}

/** A literal of another module's struct. */
export function requirePublicStruct(p: Program, decl: NamedDecl, span: Span): void {
  const name = p.fullName(decl.name, decl.nameSpan);
  if (isHidden(p, decl, span)) p.error(`type \`${name}\` is private`, span);
}

/** `import module { name }` */
export function requirePublicSymbol(p: Program, module: Module, name: string, span: Span): void {
  const type = p.namedDecls.get(module.prefix + name);
  if (type && isHidden(p, type, span)) {
    p.error(`module \`${module.path}\` type \`${name}\` is private`, span);
    return;
  }
  const fn = p.functions.get(module.prefix + name);
  if (fn && !p.isTestFile && isHidden(p, fn.decl, span))
    p.error(`module \`${module.path}\` function \`${name}()\` is private`, span);
}

/** The struct, or the alias of one, behind references. */
function ownerOf(type: Type): Type {
  return type.kind === 'ref' || type.kind === 'shared' ? ownerOf(type.inner) : type;
}

/** The module of a field's owner decides: what it embeds of others is its own business. */
function isHiddenField(p: Program, owner: Type, field: FieldDecl | undefined, span: Span): boolean {
  const decl = owner.kind === 'struct' || owner.kind === 'alias' ? owner.decl : undefined;
  // An anonymous struct belongs to nobody.
  if (!decl || decl.name === '' || !field || field.public) return false;
  return isHidden(p, { public: false, nameSpan: decl.nameSpan }, span);
}

/** `x.field` where x is of that type; the path ends at the field. */
export function requirePublicField(
  p: Program,
  type: Type,
  path: readonly Field[],
  span: Span,
): void {
  const owner = ownerOf(type);
  const field = path[path.length - 1]?.decl;
  if (isHiddenField(p, owner, field, span))
    p.error(`field \`${owner.name}.${field?.name}\` is not public`, span);
}

/** `Owner{ field: x }`; `unsafe` may do it. */
export function requirePublicInit(
  p: Program,
  owner: Type,
  field: FieldDecl | undefined,
  span: Span,
): void {
  if (isHiddenField(p, owner, field, span))
    p.error(`cannot access private field \`${field?.name}\` on \`${owner.name}\``, span);
}

// What V refuses in the heads of declarations, apart from names that say nothing: which types
// parameters, results and fields may have, and what attributes ask for.

import type {
  Decl,
  FieldDecl,
  FnDecl,
  InterfaceDecl,
  Param,
  StructDecl,
  TypeNode,
} from '../ast.ts';
import type { Span } from '../source.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { parametersIn } from './inference.ts';
import { requireSnakeCase, requireUnreserved } from './name_rules.ts';
import { noBindings, type Program } from './program.ts';
import { requirePublicSignature, requirePublicTypes } from './visibility.ts';

/** The rules for the declarations that a person wrote; the library's are taken as they are. */
export function checkDeclarations(p: Program, decls: readonly Decl[]): void {
  for (const d of decls) {
    if (d.kind === 'fn') checkFunctionHead(p, d);
    else if (d.kind === 'struct') checkStructHead(p, d);
    else if (d.kind === 'interface') checkInterfaceHead(p, d);
    else if (d.kind === 'type') for (const v of d.variants) requirePublicTypes(p, v);
  }
}

/** The type of a node that names no type parameters; the resolver has reported what is unknown. */
function plainType(p: Program, node: TypeNode): Type | undefined {
  return parametersIn(p, node).length > 0 ? undefined : p.resolve(node, noBindings);
}

// --- functions -----------------------------------------------------------------------------------

function checkFunctionHead(p: Program, d: FnDecl): void {
  if (d.staticOf === 'C' || d.staticOf === 'JS') return;
  const { params, result } = d.signature;
  requirePublicSignature(p, d.signature);
  for (const param of params) checkParam(p, param);
  if (d.name === 'main' && !d.receiver && !d.staticOf && !d.body)
    p.error('function `main` must declare a body', d.span);
  if (result) refuseByte(p, result);
  if (d.receiver && d.name === 'str') checkStr(p, d);
  if (d.receiver && operators.has(d.name)) checkOperator(p, d);
}

function checkParam(p: Program, param: Param): void {
  requireUnreserved(p, param.name, 'a parameter name', nameSpan(param));
  refuseByte(p, param.type);
  if (param.type.kind === 'result')
    p.error('result type arguments are not supported', param.type.span);
  if (!param.mut) return;
  const type = plainType(p, param.type);
  if (!type) return;
  if (!canBeMut(p, type, param.type.span)) {
    const inner = type.kind === 'option' || type.kind === 'result' ? type.inner : type;
    p.error(
      'mutable arguments are only allowed for arrays, interfaces, maps, pointers, structs or ' +
        `their aliases\nreturn values instead: \`fn foo(mut n ${inner.name}) {\` => ` +
        `\`fn foo(n ${inner.name}) ${inner.name} {\``,
      param.type.span,
    );
  }
  const struct = types.unalias(type);
  if (struct.kind === 'struct' && struct.decl.attributes.some((a) => a.name === 'params')) {
    p.error(
      'declaring a mutable parameter that accepts a struct with the `@[params]` attribute is ' +
        'not allowed',
      param.type.span,
    );
  }
}

function nameSpan(param: Param): Span {
  return { start: param.span.start, end: param.span.start + param.name.length };
}

/** V decides while it parses, so a type that is declared further down is taken as it is. */
function canBeMut(p: Program, type: Type, at: Span): boolean {
  const t = type.kind === 'option' ? type.inner : type;
  const decl = t.kind === 'enum' || t.kind === 'alias' ? t.decl : undefined;
  if (decl && (p.unitAt(at).file !== p.unitAt(decl.nameSpan).file || decl.span.start > at.start))
    return true;
  if (t.kind === 'alias') return canBeMut(p, t.target, at);
  const refused = ['int', 'float', 'bool', 'string', 'enum', 'fn', 'thread'];
  return !refused.includes(t.kind) || t === types.voidptr;
}

/** `byte` is the old name of `u8`. */
function refuseByte(p: Program, node: TypeNode): void {
  if (node.kind === 'named' && node.name === 'byte')
    p.error('byte is deprecated, use u8 instead', node.span);
}

function checkStr(p: Program, d: FnDecl): void {
  const { params, result } = d.signature;
  const type = result && plainType(p, result);
  if (type !== types.string) p.error('.str() methods should return `string`', d.span);
  if (params.length > 0) p.error('.str() methods should have 0 arguments', d.span);
}

const operators = new Set(['+', '-', '*', '%', '/', '<', '==']);

function checkOperator(p: Program, d: FnDecl): void {
  const { params, result } = d.signature;
  const [operand] = params;
  if (!operand || params.length !== 1) {
    p.error('operator methods should have exactly 1 argument', d.span);
    return;
  }
  if (result?.kind === 'option' || result?.kind === 'result')
    p.error('return type cannot be Option or Result', result.span);
}

// --- structs and interfaces ----------------------------------------------------------------------

function checkStructHead(p: Program, d: StructDecl): void {
  if (d.name.startsWith('C.')) return;
  for (const node of d.embeds) requireMentioned(p, d, node, `struct \`${d.name}[`, ']');
  for (const x of d.fields) {
    requireSnakeCase(p, x.name, 'field name', wholeField(x));
    if (d.generics.length > 0) requireMentioned(p, d, x.type, `struct \`${d.name}[`, ']');
    checkFieldType(p, x);
  }
  for (const a of d.attributes) {
    if (a.name === 'typedef')
      p.error('`typedef` attribute can only be used with C structs', d.span);
  }
  for (const node of d.implements) {
    const type = plainType(p, node);
    if (type && type !== types.errorType && types.unalias(type).kind !== 'interface')
      p.error(`\`${type.name}\` is not an interface type`, node.span);
  }
}

function wholeField(x: FieldDecl): Span {
  return { start: x.span.start, end: Math.max(x.span.end, x.type.span.end) };
}

function checkFieldType(p: Program, x: FieldDecl): void {
  requirePublicTypes(p, x.type);
  refuseByte(p, x.type);
  if (x.type.kind === 'tuple') p.error('cannot use multi return as field type', x.type.span);
  if (x.type.kind === 'result')
    p.error('struct field does not support storing Result', x.type.span);
  const value = x.defaultValue;
  if (!value) return;
  const type = plainType(p, x.type);
  const t = type && types.unalias(type);
  const [only] = value.kind === 'unsafe' ? value.body.stmts : [];
  const isNil = value.kind === 'nil' || (only?.kind === 'expr' && only.value.kind === 'nil');
  if (isNil && t && t.kind !== 'option' && !isPointer(t))
    p.error('cannot assign `nil` to a non-pointer field', x.type.span);
  const negative = value.kind === 'prefix' && value.operator === '-';
  if (negative && value.value.kind === 'number' && t?.kind === 'int' && !t.signed)
    p.error('cannot assign negative value to unsigned integer type', value.span);
}

function isPointer(t: Type): boolean {
  return t.kind === 'ref' || t.kind === 'fn' || t === types.voidptr || t === types.errorType;
}

function checkInterfaceHead(p: Program, d: InterfaceDecl): void {
  for (const x of d.fields) requireSnakeCase(p, x.name, 'field name', wholeField(x));
  for (const m of d.methods) {
    requireSnakeCase(p, m.name, 'method name', m.span);
    requirePublicSignature(p, m.signature);
    for (const param of m.signature.params)
      requireUnreserved(p, param.name, 'a parameter name', nameSpan(param));
  }
  if (d.generics.length === 0) return;
  const named = [
    ...d.embeds,
    ...d.fields.map((x) => x.type),
    ...d.methods.flatMap(({ signature: s }) => [
      ...s.params.map((q) => q.type),
      ...(s.result ? [s.result] : []),
    ]),
  ];
  for (const node of named) requireMentioned(p, d, node, `interface \`${d.name}<`, '>');
}

/** The type parameters that a generic declaration uses are those that it has. */
function requireMentioned(
  p: Program,
  d: StructDecl | InterfaceDecl,
  node: TypeNode,
  head: string,
  tail: string,
): void {
  if (d.generics.length === 0) return;
  for (const name of parametersIn(p, node)) {
    if (d.generics.includes(name)) continue;
    const shown = `${head}${d.generics.join(', ')}${tail}\``;
    p.error(`generic type name \`${name}\` is not mentioned in ${shown}`, node.span);
  }
}

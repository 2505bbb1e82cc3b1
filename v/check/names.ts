// What names with a dot stand for: `module.name`, `Type.method`.

import type { Expr, TypeNode } from '../ast.ts';
import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { noteDeprecatedElsewhere } from './attribute_rules.ts';
import { checkConst, constantType, globalPlace } from './consts.ts';
import type { FnContext } from './context.ts';
import { valueInstance } from './functions.ts';
import { instantiateNamed } from './named_types.ts';
import { readPlace } from './places.ts';
import type { FnSymbol } from './program.ts';
import { requirePublic, requirePublicEnum } from './visibility.ts';

/** The type a bare name stands for, unless a variable hides it. */
export function typeNamed(f: FnContext, e: Expr): Type | undefined {
  if (e.kind === 'selector') return moduleType(f, e);
  if (e.kind !== 'ident' || f.scope.find(e.name)) return undefined;
  const decl = f.program.find(f.program.namedDecls, e.name, e.span);
  if (!f.bindings.has(e.name) && !decl && !types.builtinTypes.has(e.name) && e.name !== 'IError') {
    return undefined;
  }
  if (decl && decl.kind !== 'enum' && decl.generics.length > 0) return undefined;
  return f.resolve({ kind: 'named', name: e.name, args: [], span: e.span });
}

/** The type that `module.Type` names. */
export function moduleType(
  f: FnContext,
  e: Expr & { kind: 'selector' },
  args: readonly TypeNode[] = [],
): Type | undefined {
  if (e.value.kind !== 'ident' || f.scope.find(e.value.name)) return undefined;
  const name = `${e.value.name}.${e.name}`;
  const decl = f.program.find(f.program.namedDecls, name, e.span);
  if (!decl || (decl.kind !== 'enum' && decl.generics.length !== args.length)) return undefined;
  if (decl.kind === 'enum') {
    const { start } = e.nameSpan;
    requirePublicEnum(f.program, decl, { start, end: e.span.end });
    return instantiateNamed(f.program, decl, [], e.span);
  }
  return f.resolve({ kind: 'named', name, args, span: e.span });
}

/** The static method `Type.name` of a type of this module; the type can be generic. */
export function staticNamed(
  f: FnContext,
  type: Expr & { kind: 'ident' },
  name: string,
): FnSymbol | undefined {
  if (f.scope.find(type.name)) return undefined;
  const decl = f.program.find(f.program.namedDecls, type.name, type.span);
  return decl && f.program.statics.get(`${f.program.fullName(decl.name, decl.nameSpan)}.${name}`);
}

/** `math.pi` or `math.sin`: a constant or function of an imported module. */
export function moduleMember(f: FnContext, e: Expr & { kind: 'selector' }): TExpr | undefined {
  if (e.value.kind !== 'ident' || f.scope.find(e.value.name)) return undefined;
  const module = f.program.moduleNamed(e.value.name, e.span);
  if (!module) return undefined;
  const name = module.prefix + e.name;
  const constant = f.program.consts.get(name);
  if (constant) {
    const declared = { public: constant.public, nameSpan: constant.info.span };
    requirePublic(f.program, 'constant', name, declared, e.nameSpan);
    const { attributes } = constant;
    const marked = { attributes, span: constant.info.span };
    noteDeprecatedElsewhere(f.program, `const \`${name}\``, marked, e.nameSpan);
    const info = checkConst(f.program, name);
    return { kind: 'const', info, type: constantType(info), span: e.span };
  }
  const global = f.program.globals.get(name);
  if (global) return readPlace(globalPlace(f.program, global, e.span), e.span);
  const symbol = f.program.functions.get(name);
  if (!symbol?.params) return undefined;
  requirePublic(f.program, 'function', name, symbol.decl, e.span);
  const fn = valueInstance(f.program, symbol, e.span);
  const type = types.fnOf(symbol.params, symbol.result ?? types.voidType);
  return { kind: 'fnRef', fn, type, span: e.span };
}

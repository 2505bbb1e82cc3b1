// Functions that are Erlang's: declared without a body and with an attribute. They get a body that
// converts the arguments to Erlang terms, calls, and converts what comes back.
//
//     @[erlang: 'module:function']    that function; modules of V's runtime (`v_…`) take and give
//                                     V's values as they are
//     @[erlang]                       no call: the argument as a value of the result's type
//     @[erlang_receive]               a message of the result's type; the parameter, when there is
//                                     one, is a time in milliseconds
//
// docs/v_on_beam.md describes what users see.

import type { FnDecl } from '../ast.ts';
import type { Span } from '../source.ts';
import type { FnInstance, TBlock, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { intConst, localRef, runtime } from './expressions.ts';
import type { Program } from './program.ts';
import { label, opaqueKind, schemaOf, travelsAsItIs } from './schemas.ts';

const attributeNames: readonly string[] = ['erlang', 'erlang_receive'];

/** A function without a body that this file gives one. */
export function isExternal(decl: FnDecl): boolean {
  return !decl.body && decl.attributes.some((a) => attributeNames.includes(a.name));
}

/** Where the function is, when its arguments and result need no conversion. */
export function runtimeTarget(decl: FnDecl): { module: string; name: string } | undefined {
  const value = decl.attributes.find((a) => a.name === 'erlang')?.value;
  const [module, name] = parts(value ?? '');
  return module.startsWith('v_') && name !== '' && !decl.body ? { module, name } : undefined;
}

/** `module:function`, whose function may be an operator (`erlang:=:=`). */
function parts(target: string): [string, string] {
  const colon = target.indexOf(':');
  return colon < 0 ? [target, ''] : [target.slice(0, colon), target.slice(colon + 1)];
}

export function externalBody(p: Program, decl: FnDecl, fn: FnInstance): TBlock {
  const span = decl.nameSpan;
  if (fn.outs.length > 0) p.unsupported('a `mut` parameter of an Erlang function', decl.span);
  const value = externalValue(p, decl, fn, span);
  if (fn.result === types.voidType)
    return { stmts: [{ kind: 'expr', value, span }], value: undefined };
  return { stmts: [{ kind: 'return', value, span }], value: undefined };
}

function externalValue(p: Program, decl: FnDecl, fn: FnInstance, span: Span): TExpr {
  const raw = runtimeTarget(decl);
  if (raw)
    return runtime(
      raw.module,
      raw.name,
      fn.params.map((q) => localRef(q, span)),
      fn.result,
      span,
    );
  if (decl.attributes.some((a) => a.name === 'erlang_receive')) return receive(p, fn, span);
  const args = fn.params.map((q) => encoded(p, localRef(q, span), span));
  const target = decl.attributes.find((a) => a.name === 'erlang')?.value;
  if (target === undefined) return fromTerm(p, args, fn, span);
  const [module, name] = parts(target);
  if (module === '' || name === '') {
    p.error(`\`@[erlang]\` needs \`module:function\`, not \`${target}\``, decl.span);
    return { kind: 'bad', type: types.errorType, span };
  }
  return called(p, module, name, args, fn, span);
}

/** The Erlang term of a V value. */
export function encoded(p: Program, value: TExpr, span: Span): TExpr {
  if (travelsAsItIs(value.type)) return value;
  return runtime('v_term', 'encode', [value, schemaOf(p, value.type, span, false)], term, span);
}

/** What a term is to V before it is looked at. */
const term: Type = types.noneType;

function atom(name: string, span: Span): TExpr {
  return { kind: 'atom', name, type: types.noneType, span };
}

function isAny(type: Type): boolean {
  const t = types.unalias(type);
  return t === types.voidType || (t.kind === 'struct' && opaqueKind(t) === 'any');
}

function called(
  p: Program,
  module: string,
  name: string,
  args: readonly TExpr[],
  fn: FnInstance,
  span: Span,
): TExpr {
  const result = types.unalias(fn.result);
  if (result.kind === 'result') {
    const list: TExpr = { kind: 'list', values: args, type: term, span };
    const schema = schemaOf(p, result.inner, span, true);
    const all = [atom(module, span), atom(name, span), list, schema];
    return runtime('v_term', 'call', all, fn.result, span);
  }
  if (isAny(fn.result)) return runtime(module, name, args, fn.result, span);
  return decoded(p, runtime(module, name, args, term, span), fn.result, `${module}:${name}`, span);
}

/** The V value of a term that must fit; the program panics when it does not. */
export function decoded(p: Program, value: TExpr, type: Type, what: string, span: Span): TExpr {
  if (isAny(type)) return { ...value, type };
  const schema = schemaOf(p, type, span, false);
  return runtime('v_term', 'decode_or_panic', [value, schema, label(what, span)], type, span);
}

function fromTerm(p: Program, args: readonly TExpr[], fn: FnInstance, span: Span): TExpr {
  const [value] = args;
  if (!value || args.length !== 1) {
    p.error('`@[erlang]` without a function needs one parameter', span);
    return { kind: 'bad', type: types.errorType, span };
  }
  const result = types.unalias(fn.result);
  if (result.kind === 'result')
    return runtime(
      'v_term',
      'convert',
      [value, schemaOf(p, result.inner, span, true)],
      result,
      span,
    );
  return decoded(p, value, fn.result, 'conversion', span);
}

function receive(p: Program, fn: FnInstance, span: Span): TExpr {
  const [timeout] = fn.params;
  const time = timeout ? localRef(timeout, span) : intConst(-1, span, types.i64);
  const result = types.unalias(fn.result);
  if (result.kind !== 'result') {
    p.error('`@[erlang_receive]` needs a result type', span);
    return { kind: 'bad', type: types.errorType, span };
  }
  const schema = schemaOf(p, result.inner, span, true);
  return runtime('v_term', 'accept', [time, schema], result, span);
}

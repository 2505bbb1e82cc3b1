// Type arguments of generic calls, inferred from the arguments, and generic functions used as
// values.

import type {
  Argument,
  Expr,
  FnDecl,
  Param,
  Signature,
  StructDecl,
  StructFieldInit,
  TypeNode,
} from '../ast.ts';
import type { Diagnostic, Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { FnParam, Type } from '../types.ts';
import * as types from '../types.ts';
import { withNames } from './closures.ts';
import type { FnContext } from './context.ts';
import { settle } from './convert.ts';
import { checkExpr } from './expressions.ts';
import { valueInstance } from './functions.ts';
import {
  type Inference,
  isComplete,
  knownType,
  matchType,
  mentions,
  newInference,
} from './inference.ts';
import type { Bindings, FnSymbol } from './program.ts';

/** What the type parameters of `decl` stand for in a call; `given` are those known already. */
export function inferBindings(
  f: FnContext,
  decl: FnDecl,
  given: Bindings,
  args: readonly Argument[],
  expected: Type | undefined,
  span: Span,
): Bindings | undefined {
  const { params, result } = decl.signature;
  const inference = newInference(f.program, decl.generics, given);
  const plain = args.filter((a) => a.name === undefined);
  const named = args.filter((a) => a.name !== undefined);
  const paired = plain.flatMap((a, i) => {
    const param = params[Math.min(i, params.length - 1)];
    return param ? [{ a, param }] : [];
  });
  const retries: (() => void)[] = [];
  for (const { a, param } of paired) {
    if (isFunctionArg(f, a.value)) continue;
    const type = argumentType(f, a, param, inference, retries);
    if (type) matchType(inference, param.type, type);
  }
  const last = params[params.length - 1];
  if (named.length > 0 && last) inferFromNamed(f, inference, last.type, named);
  for (const { a, param } of paired) {
    if (isFunctionArg(f, a.value)) inferFromFunction(f, inference, param.type, a.value, retries);
  }
  if (result && expected) matchType(inference, result, expected);
  const missing = decl.generics.find((g) => !inference.bindings.has(g));
  if (missing === undefined) return inference.bindings;
  // What is wrong with an argument explains why nothing can be inferred from it.
  const before = f.program.errorCount;
  for (const again of retries) again();
  if (f.program.errorCount === before) {
    f.error(`could not infer generic type \`${missing}\` in call to \`${decl.name}\``, span);
  }
  return undefined;
}

/** The type of an argument; its checked form is kept for when the call takes it. */
function argumentType(
  f: FnContext,
  a: Argument,
  param: Param,
  inference: Inference,
  retries: (() => void)[],
): Type | undefined {
  const hint = a.mut ? undefined : knownType(inference, param.type);
  const hoisted = f.hoisted.length;
  const failed = (reports: readonly Diagnostic[]): void => {
    // A literal may be right where its type is known.
    const isFinal = hint !== undefined || a.value.kind === 'call' || !f.program.mayCheckTwice;
    if (isFinal && !a.mut) f.failedArgs.set(a.value, reports);
    retries.push(() => f.program.replay(reports));
  };
  const check = (): TExpr => settle(checkExpr(f, a.value, hint));
  const checked = f.program.attempt(a.value.span, check, failed);
  if (!checked || checked.type === types.errorType || a.mut) f.hoisted.length = hoisted;
  if (!checked || checked.type === types.errorType) return undefined;
  if (!a.mut) f.checkedArgs.set(a.value, checked);
  const t = types.unalias(checked.type);
  if (a.mut && param.mut && t.kind === 'ref') return t.inner;
  if (a.spread && t.kind === 'array') return t.element;
  return checked.type;
}

// --- named arguments -----------------------------------------------------------------------------

/** `f(a: 1, b: 2)`: the fields of a generic struct say what its type arguments are. */
function inferFromNamed(
  f: FnContext,
  i: Inference,
  node: TypeNode,
  named: readonly Argument[],
): void {
  if (node.kind === 'wrap') {
    inferFromNamed(f, i, node.inner, named);
    return;
  }
  const decl =
    node.kind === 'named' ? f.program.find(f.program.namedDecls, node.name, node.span) : undefined;
  if (node.kind !== 'named' || decl?.kind !== 'struct') return;
  const inits = named.map((a) => ({ name: a.name ?? '', value: a.value, span: a.span }));
  const inner = inferStruct(f, decl, inits, new Map());
  decl.generics.forEach((g, at) => {
    const bound = inner.bindings.get(g);
    const arg = node.args[at];
    if (bound && arg) matchType(i, arg, bound);
  });
}

/** What a literal's values say about the type arguments of its generic struct. */
export function inferStruct(
  f: FnContext,
  decl: StructDecl,
  inits: readonly StructFieldInit[],
  known: Bindings,
): Inference {
  const i = newInference(f.program, decl.generics, known);
  const positional = inits.length > 0 && inits.every((x) => x.name === '');
  const fieldOf = (init: StructFieldInit, at: number): TypeNode | undefined =>
    (positional ? decl.fields[at] : decl.fields.find((x) => x.name === init.name))?.type;
  const later: (readonly [TypeNode, Expr])[] = [];
  inits.forEach((init, at) => {
    const node = fieldOf(init, at);
    if (!node || !decl.generics.some((g) => mentions(node, g))) return;
    if (isFunctionArg(f, init.value)) {
      later.push([node, init.value]);
      return;
    }
    const { length } = f.hoisted;
    const failed = (reports: readonly Diagnostic[]): void => {
      if (!f.program.mayCheckTwice) f.failedArgs.set(init.value, reports);
    };
    const check = (): TExpr => settle(checkExpr(f, init.value));
    const checked = f.program.attempt(init.value.span, check, failed);
    if (!checked || checked.type === types.errorType) {
      f.hoisted.length = length;
      return;
    }
    f.checkedArgs.set(init.value, checked);
    matchType(i, node, checked.type);
  });
  for (const [node, value] of later) inferFromFunction(f, i, node, value, []);
  return i;
}

// --- functions as arguments ----------------------------------------------------------------------

/** Arguments whose own types depend on what is wanted of them: they are looked at last. */
function isFunctionArg(f: FnContext, e: Expr): boolean {
  if (e.kind === 'lambda' || e.kind === 'fnExpr') return true;
  return genericFunctionNamed(f, e) !== undefined;
}

/** A generic function that stands without type arguments where a value is wanted. */
export function genericFunctionNamed(f: FnContext, e: Expr): FnSymbol | undefined {
  const { program } = f;
  let name: string | undefined;
  if (e.kind === 'ident' && !f.scope.find(e.name)) {
    if (!program.find(program.consts, e.name, e.span)) ({ name } = e);
  } else if (e.kind === 'selector' && e.value.kind === 'ident' && !f.scope.find(e.value.name)) {
    name = `${e.value.name}.${e.name}`;
  }
  const symbol = name === undefined ? undefined : program.find(program.functions, name, e.span);
  return symbol && symbol.decl.generics.length > 0 ? symbol : undefined;
}

/** The signature a declared type has as a function type, in terms of its own type parameters. */
function signatureIn(
  i: Inference,
  node: TypeNode,
): { signature: Signature; inner: Inference; close: () => void } | undefined {
  if (node.kind === 'option' && node.inner) return signatureIn(i, node.inner);
  if (node.kind === 'fnType')
    return { signature: node.signature, inner: i, close: () => undefined };
  const decl =
    node.kind === 'named' ? i.program.find(i.program.namedDecls, node.name, node.span) : undefined;
  const target = decl?.kind === 'type' && decl.variants.length === 1 ? decl.variants[0] : undefined;
  if (node.kind !== 'named' || decl?.kind !== 'type' || target?.kind !== 'fnType') return undefined;
  const known = new Map<string, Type>();
  decl.generics.forEach((g, at) => {
    const arg = node.args[at];
    const type = arg && knownType(i, arg);
    if (type) known.set(g, type);
  });
  const inner = newInference(i.program, decl.generics, known, i.depth + 1);
  const close = (): void =>
    decl.generics.forEach((g, at) => {
      const bound = inner.bindings.get(g);
      const arg = node.args[at];
      if (bound && arg) matchType(i, arg, bound);
    });
  return { signature: target.signature, inner, close };
}

function inferFromFunction(
  f: FnContext,
  i: Inference,
  node: TypeNode,
  e: Expr,
  retries: (() => void)[],
): void {
  const wanted = signatureIn(i, node);
  if (e.kind === 'fnExpr') {
    const type: TypeNode = { kind: 'fnType', signature: e.signature, span: e.span };
    if (e.generics.some((g) => !f.bindings.has(g) && mentions(type, g))) return;
    matchType(i, node, f.resolve(type));
    return;
  }
  if (!f.program.mayCheckTwice) return;
  if (!wanted) {
    const checked = f.program.attempt(e.span, () => checkExpr(f, e));
    if (checked) matchType(i, node, checked.type);
    return;
  }
  const { signature, inner, close } = wanted;
  const params = signature.params.map((p) => knownType(inner, p.type));
  if (e.kind === 'lambda') {
    if (!signature.result || params.length !== e.params.length) return;
    if (params.every((p) => p !== undefined)) {
      const names = params.map((p, at) => [e.params[at] as string, p as Type] as const);
      const make = (): TExpr =>
        withNames(f, names, e.span, (body) => settle(checkExpr(body, e.body)));
      const made = f.program.attempt(e.span, make, (reports) =>
        retries.push(() => f.program.replay(reports)),
      );
      if (made?.kind === 'closure') matchType(inner, signature.result, made.result);
    }
    close();
    return;
  }
  const symbol = genericFunctionNamed(f, e);
  if (!symbol) return;
  const value = newInference(f.program, symbol.decl.generics);
  symbol.decl.signature.params.forEach((p, at) => {
    const type = params[at];
    if (type) matchType(value, p.type, type);
  });
  const { result } = symbol.decl.signature;
  const made = result && knownType(value, result);
  if (made && signature.result) matchType(inner, signature.result, made);
  close();
}

/** A generic function as a value of the function type that is expected. */
export function genericFunctionValue(
  f: FnContext,
  symbol: FnSymbol,
  expected: Type | undefined,
  span: Span,
): TExpr | undefined {
  let wanted = expected && types.unalias(expected);
  if (wanted?.kind === 'option') wanted = types.unalias(wanted.inner);
  if (wanted?.kind !== 'fn') return undefined;
  const i = newInference(f.program, symbol.decl.generics);
  const { signature } = symbol.decl;
  matchType(i, { kind: 'fnType', signature, span }, wanted);
  return isComplete(i) ? functionInstance(f, symbol, i.bindings, span) : undefined;
}

/** The instance of a generic function for given type arguments, as a value. */
export function functionInstance(
  f: FnContext,
  symbol: FnSymbol,
  bindings: Bindings,
  span: Span,
): TExpr {
  const fn = valueInstance(f.program, symbol, span, bindings);
  const params: FnParam[] = symbol.decl.signature.params.map((p) =>
    f.program.resolveParam(p, bindings),
  );
  return { kind: 'fnRef', fn, type: types.fnOf(params, fn.result), span };
}

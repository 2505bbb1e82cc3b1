// Anonymous functions, lambdas, and the functions made of expressions with `it`, `a`, `b` or
// `index`.

import type { Expr, FnExpr, TypeNode } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Capture, Local, TBlock, TExpr, TStmt } from '../typed.ts';
import type { FnParam, Type } from '../types.ts';
import * as types from '../types.ts';
import { FnContext } from './context.ts';
import { coerce, coerceOr, isMutParameter, settle } from './convert.ts';
import { bad, checkExpr, checkValue } from './expressions.ts';
import { diverges } from './flow.ts';
import { needsReturn, warnUnused } from './functions.ts';
import { isComplete, matchType, mentions, newInference } from './inference.ts';
import type { Bindings } from './program.ts';
import { checkBlock, emptySuccess } from './statements.ts';
import { requirePublicSignature } from './visibility.ts';

interface CaptureList {
  readonly list: { outer: Local; inner: Local }[];
}

/**
 * A context for code that runs in a function of its own but sees the variables around it:
 * `a.map(it + n)`. The variables it reads are captured when it is created, which is when it runs.
 */
function innerContext(f: FnContext, result: Type): { inner: FnContext; captured: CaptureList } {
  const inner = new FnContext(f.program, f.displayName, result, f.bindings, f);
  inner.scope = f.scope;
  inner.insideUnsafe = f.insideUnsafe;
  return { inner, captured: { list: [] } };
}

/**
 * A function value of the given parameters whose body is one expression that sees the names around
 * it.
 */
export function withNames(
  f: FnContext,
  names: readonly (readonly [string, Type])[],
  span: Span,
  body: (inner: FnContext) => TExpr,
): TExpr {
  const { inner, captured } = innerContext(f, types.voidType);
  return inner.scoped(() => {
    const params = names.map(([name, type]) => {
      const local = f.program.newLocal(name, type, span);
      local.used = true;
      inner.scope.define(name, { local, view: undefined });
      return local;
    });
    const value = body(inner);
    const block: TBlock = { stmts: [{ kind: 'return', value, span }], value: undefined };
    const type = types.fnOf(
      names.map(([, t]) => ({ name: '', type: t, mut: false, variadic: false })),
      value.type,
    );
    return {
      kind: 'closure',
      params,
      outs: [],
      body: block,
      result: value.type,
      captures: captured.list,
      type,
      span,
    };
  });
}

/** `fn [a, mut b] (x int) int { … }` */
export function checkClosure(f: FnContext, e: FnExpr, expected?: Type): TExpr {
  const { span } = e;
  const bindings = closureBindings(f, e, expected);
  if (!bindings) {
    f.program.unsupported('a generic anonymous function of no known type', span);
    return bad(span);
  }
  requirePublicSignature(f.program, e.signature);
  const params: FnParam[] = e.signature.params.map((p) => f.program.resolveParam(p, bindings));
  const { result: shown } = e.signature;
  const result = shown ? f.program.resolve(shown, bindings) : types.voidType;
  const inner = new FnContext(f.program, 'anon', result, bindings, f);
  const captures: Capture[] = [];
  // A name seen through a smart cast is captured as what it is cast to.
  const kept: TStmt[] = [];
  for (const c of e.captures) {
    const binding = f.scope.find(c.name);
    if (!binding) {
      f.error(`undefined ident: \`${c.name}\``, c.span);
      continue;
    }
    if (binding.item) {
      inner.scope.define(c.name, binding);
      continue;
    }
    binding.local.used = true;
    const held = binding.view?.cast
      ? f.temporary(c.name, binding.view.value.type, c.span)
      : undefined;
    if (held && binding.view)
      kept.push({ kind: 'let', local: held, value: { ...binding.view.value, span }, span });
    const outer = held ?? binding.local;
    const copy = f.program.newLocal(c.name, outer.type, c.span, c.mut);
    // A `mut` capture is the closure's own state, which lives on between its calls.
    if (c.mut) copy.cell = true;
    copy.used = true;
    // Fixed arrays are not copied, and a `mut` parameter is a reference to what was passed.
    const isShared = types.unalias(copy.type).kind === 'fixed' || isMutParameter(f, outer);
    const byReference = c.mut && isShared;
    captures.push({ outer, inner: copy, byReference });
    inner.captured.add(copy);
    inner.scope.define(c.name, { local: copy, view: undefined });
  }
  const locals = params.map((p, i) => {
    const at = e.signature.params[i]?.span ?? span;
    const local = f.program.newLocal(p.name || '_', p.type, at, p.mut);
    local.used = true;
    if (p.name) inner.scope.define(p.name, { local, view: undefined });
    return local;
  });
  const body = inner.scoped(() => checkBlock(inner, e.body));
  if (needsReturn(result) && !diverges(body))
    f.error('missing return at the end of an anonymous function', span);
  warnUnused(inner);
  const whole: TBlock = { stmts: [...inner.atStart, ...body.stmts], value: body.value };
  const outs = params.flatMap((p, i) => (p.mut && types.unalias(p.type).kind !== 'ref' ? [i] : []));
  const type = types.fnOf(params, result);
  const made: TExpr = {
    kind: 'closure',
    params: locals,
    outs,
    body: whole,
    result,
    captures,
    type,
    span,
  };
  return kept.length > 0 ? { kind: 'block', body: { stmts: kept, value: made }, type, span } : made;
}

/** What the type parameters of `fn [T](x T) { … }` stand for, by the function type expected. */
function closureBindings(
  f: FnContext,
  e: FnExpr,
  expected: Type | undefined,
): Bindings | undefined {
  const signature: TypeNode = { kind: 'fnType', signature: e.signature, span: e.span };
  if (e.generics.every((g) => f.bindings.has(g) || !mentions(signature, g))) return f.bindings;
  let wanted = expected && types.unalias(expected);
  if (wanted?.kind === 'option') wanted = types.unalias(wanted.inner);
  if (wanted?.kind !== 'fn') return undefined;
  const inference = newInference(f.program, e.generics, f.bindings);
  matchType(inference, signature, wanted);
  return isComplete(inference) ? inference.bindings : undefined;
}

/** `|x, y| expr` where a function type is expected. */
export function closureParamHint(
  f: FnContext,
  e: Expr & { kind: 'lambda' },
  expected: Type,
): TExpr {
  const t = types.unalias(expected);
  if (t.kind !== 'fn') {
    f.error(
      `lambda expressions can only be used where a function is expected, not \`${expected.name}\``,
      e.span,
    );
    return bad(e.span);
  }
  if (t.params.length < e.params.length) {
    f.error(`expected ${t.params.length} lambda parameters, but got ${e.params.length}`, e.span);
    return bad(e.span);
  }
  const { inner, captured } = innerContext(f, t.result);
  return inner.scoped(() => {
    const params = t.params.map((p, i) => lambdaParam(inner, p, e.params[i], e.span));
    const block = lambdaBody(inner, e.body, t.result);
    const outs = t.params.flatMap((p, i) =>
      p.mut && types.unalias(p.type).kind !== 'ref' ? [i] : [],
    );
    const { result } = t;
    const captures = captured.list;
    return {
      kind: 'closure',
      params,
      outs,
      body: block,
      result,
      captures,
      type: expected,
      span: e.span,
    };
  });
}

/** Parameters that the lambda does not name are there all the same. */
function lambdaParam(f: FnContext, p: FnParam, name: string | undefined, span: Span): Local {
  const local = f.program.newLocal(name ?? '_', p.type, span, p.mut);
  local.used = true;
  if (name !== undefined && name !== '_') f.scope.define(name, { local, view: undefined });
  return local;
}

function lambdaBody(f: FnContext, e: Expr, result: Type): TBlock {
  const { span } = e;
  const t = types.unalias(result);
  const wrapped = t.kind === 'option' || t.kind === 'result';
  const nothing = t === types.voidType || (wrapped && t.inner === types.voidType);
  if (nothing) {
    const value = checkExpr(f, e);
    const isVoid = value.type === types.voidType || value.type === types.never;
    const fitted = wrapped && !isVoid ? coerce(f, value, result) : undefined;
    if (fitted) return { stmts: [{ kind: 'return', value: fitted, span }], value: undefined };
    const answer = wrapped ? emptySuccess(t, result, span) : undefined;
    const stmts: TStmt[] = [
      { kind: 'expr', value, span },
      { kind: 'return', value: answer, span },
    ];
    return { stmts, value: undefined };
  }
  const value = settle(checkValue(f, e, result));
  const message = (): string =>
    `cannot use \`${value.type.name}\` as \`${result.name}\` in a lambda`;
  const fitted = coerceOr(f, value, result, message);
  return { stmts: [{ kind: 'return', value: fitted, span }], value: undefined };
}

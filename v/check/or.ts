// `f() or { … }`, `f()?` and `f()!`.

import type { Block, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TBlock, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { findIndexed } from './arrays.ts';
import type { FnContext } from './context.ts';
import { bindError } from './control.ts';
import { coerce } from './convert.ts';
import { errorOfNone, errorText } from './errors.ts';
import { bad, checkExpr, deref, localRef, pathOf, stringConst } from './expressions.ts';
import { diverges } from './flow.ts';
import { isSmartcast, payloadOf } from './smartcasts.ts';
import { checkBlock, hasEffect } from './statements.ts';
import { isPresent } from './tagged.ts';

export function checkOr(
  f: FnContext,
  e: Expr & { kind: 'or' },
  expected: Type | undefined,
  wantsValue = true,
): TExpr {
  const { span } = e;
  const path = pathOf(e.value);
  const found = f.asOption(
    path,
    () => findIndexed(f, e.value) ?? checkExpr(f, e.value, expected && types.optionOf(expected)),
  );
  // `x?` also unwraps what a reference to an option leads to.
  const value = types.strip(found.type).kind === 'option' ? deref(found) : found;
  const base = types.unalias(value.type);
  if (base === types.errorType) return bad(span);
  if (base.kind !== 'option' && base.kind !== 'result') {
    // After `x != none` the name is already the value, and `x?` says no more.
    if (isSmartcast(f, path) && e.how !== 'block') return checkExpr(f, e.value);
    // One method of a `$for` may fail where another does not.
    if (e.value.kind === 'comptimeSelector' && e.value.call) return value;
    notOptional(f, e);
    return bad(span);
  }
  const held = f.temporary('tried', value.type, span);
  const subject = localRef(held, span);
  const condition = isPresent(subject, base.kind, span);
  let type: Type = wantsValue ? base.inner : types.voidType;
  const payload = type === types.voidType ? undefined : payloadOf(subject, type, span);
  let whenTrue: TBlock = { stmts: [], value: payload };
  const otherwise =
    e.how === 'block' && e.body
      ? orBlock(f, e.body, base, subject, span, { wantsValue, expected })
      : propagate(f, e, base, subject);
  const chosen = otherwise.value?.type ?? types.voidType;
  if (payload && expected && chosen === expected && isWrapped(expected)) {
    whenTrue = { stmts: [], value: coerce(f, payload, expected) ?? bad(span) };
    type = expected;
  }
  const choice: TExpr = { kind: 'if', condition, whenTrue, otherwise, type, span };
  const body: TBlock = { stmts: [{ kind: 'let', local: held, value, span }], value: choice };
  return { kind: 'block', body, type, span };
}

/**
 * A statement that leaves when the option `subject` holds nothing, as `x?` and `x or { return }`
 * do; undefined when the block gives another value instead.
 */
export function leavesWithout(
  f: FnContext,
  e: Expr & { kind: 'or' },
  base: types.WrapType,
  subject: TExpr,
): TExpr | undefined {
  const { span } = e;
  const condition = isPresent(subject, 'option', span);
  const otherwise =
    e.how === 'block' && e.body
      ? orBlock(f, e.body, base, subject, span, { wantsValue: true, expected: undefined })
      : propagate(f, e, base, subject);
  if (!diverges(otherwise)) return undefined;
  const whenTrue: TBlock = { stmts: [], value: undefined };
  return { kind: 'if', condition, whenTrue, otherwise, type: types.voidType, span };
}

function isWrapped(type: Type): boolean {
  const { kind } = types.unalias(type);
  return kind === 'option' || kind === 'result';
}

function notOptional(f: FnContext, e: Expr & { kind: 'or' }): void {
  const isCall = e.value.kind === 'call';
  const name = isCall && e.value.kind === 'call' ? f.program.textOf(e.value.callee.span) : '';
  const subject = isCall ? `function \`${name}\` does not return` : 'expression is not';
  if (e.how === 'block')
    f.error(`unexpected \`or\` block, the ${subject} an Option or a Result`, e.span);
  else if (e.how === '?') f.error(`unexpected \`?\`, the ${subject} an Option`, e.span);
  else f.error(`unexpected \`!\`, the ${subject} a Result`, e.span);
}

function orBlock(
  f: FnContext,
  body: Block,
  base: types.WrapType,
  subject: TExpr,
  span: Span,
  use: { readonly wantsValue: boolean; readonly expected: Type | undefined },
): TBlock {
  return f.scoped(() => {
    const { stmts } = bindError(f, base, subject, span);
    const last = body.stmts[body.stmts.length - 1];
    // A value that nothing needs may stand there all the same.
    const idle = last?.kind === 'expr' && !hasEffect(last.value);
    const wantsValue = (use.wantsValue || idle) && base.inner !== types.voidType;
    const block = checkBlock(f, body, { expected: base.inner, wantsValue });
    const all = [...stmts, ...block.stmts];
    if (!wantsValue || diverges(block)) return { stmts: all, value: block.value };
    const { name } = base.inner;
    if (!block.value) {
      const message =
        body.stmts.length === 0
          ? 'expression requires a non empty `or {}` block'
          : `\`or\` block must provide a default value of type \`${name}\`, or ` +
            `return/continue/break or call a @[noreturn] function like panic(err) or exit(1)`;
      f.error(message, body.span);
      return { stmts: all, value: bad(body.span) };
    }
    const value = coerce(f, block.value, base.inner);
    // `return f() or { none }`: where an option or result is wanted, the block may give one.
    if (!value && use.expected && isWrapped(use.expected)) {
      const wrapped = coerce(f, block.value, use.expected);
      if (wrapped) return { stmts: all, value: wrapped };
    }
    if (!value) {
      const got = block.value.type;
      const wrapped =
        ['option', 'result'].includes(types.unalias(got).kind) || got === types.noneType;
      const message = wrapped
        ? `\`or\` block must provide a value of type \`${name}\`, not \`${got.name}\``
        : `wrong return type \`${got.name}\` in the \`or {}\` block, expected \`${name}\``;
      f.error(message, block.value.span);
    }
    return { stmts: all, value: value ?? bad(body.span) };
  });
}

function resultNotSet(f: FnContext, error: TExpr, span: Span): TExpr {
  const text = (bytes: string): TExpr => ({ kind: 'string', bytes, type: types.string, span });
  const parts = [text('result not set ('), errorText(f, error, span), text(')')];
  return { kind: 'concat', parts, type: types.string, span };
}

/** An error that nothing handles ends a test function; the others of the file still run. */
function testFails(f: FnContext, error: TExpr, span: Span): TBlock {
  const source = f.program.sources.fileAt(span.start);
  const place = `${source.path}:${source.lineOf(span.start)}`;
  const args = [
    stringConst(Buffer.from(place).toString('latin1'), span),
    stringConst(f.displayName, span),
    errorText(f, error, span),
  ];
  const type = types.never;
  const name = 'propagation_failed';
  return { stmts: [], value: { kind: 'runtime', module: 'v_test', name, args, type, span } };
}

/** `f()?` and `f()!` return the failure from the function around; in `main` they panic. */
function propagate(
  f: FnContext,
  e: Expr & { kind: 'or' },
  base: types.WrapType,
  subject: TExpr,
): TBlock {
  const { span } = e;
  const isIndex = e.value.kind === 'index';
  if (e.how === '!' && base.kind === 'option' && !isIndex)
    f.error('to propagate a Result, the call must also return a Result type', span);
  if (e.how === '?' && base.kind === 'result') {
    f.error(
      'propagating a Result like an Option is deprecated, use `foo()!` instead of `foo()?`',
      span,
    );
  }
  const error = base.kind === 'result' ? payloadOf(subject, types.errorInterface, span) : undefined;
  const result = types.unalias(f.result);
  const isTest = /^(\w+\.)?(test_|testsuite_(begin|end)$)/.test(f.displayName);
  if (error && isTest && f.program.isTestFile) return testFails(f, error, span);
  // What a `$for` names by its variable is unwrapped whatever the function around returns.
  const returns = result.kind === 'option' || result.kind === 'result';
  const unwraps = e.value.kind === 'comptimeSelector' && !returns;
  if (f.displayName === 'main' || isTest || f.inConst || unwraps) {
    const message: TExpr = error
      ? resultNotSet(f, error, span)
      : { kind: 'string', bytes: 'option not set ()', type: types.string, span };
    return { stmts: [], value: { kind: 'panic', message, type: types.never, span } };
  }
  if (!returns) {
    const [what, article] =
      base.kind === 'option' ? ['Option', 'an Option'] : ['Result', 'a Result'];
    f.error(`to propagate the ${what} call, \`${f.displayName}\` must return ${article}`, span);
    return { stmts: [], value: bad(span) };
  }
  const failure: TExpr =
    result.kind === 'option'
      ? { kind: 'atom', name: 'none', type: f.result, span }
      : {
          kind: 'wrap',
          wrap: { kind: 'err' },
          value: error ?? errorOfNone(f, span),
          type: f.result,
          span,
        };
  return { stmts: [{ kind: 'return', value: failure, span }], value: undefined };
}

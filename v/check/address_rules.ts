// What has an address (V's rules for `&x`), and when a function returns a reference.

import type { Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { implementsInterface } from './interfaces.ts';
import { findField } from './members.ts';

type Prefix = Expr & { kind: 'prefix' };

const withoutParens = (e: Expr): Expr => (e.kind === 'paren' ? withoutParens(e.inner) : e);

const literals: ReadonlySet<Expr['kind']> = new Set([
  'number',
  'string',
  'interpolation',
  'char',
  'bool',
]);

/** What is only a value: a call's result, a literal, the result of an operation. */
const values: ReadonlySet<Expr['kind']> = new Set([...literals, 'call', 'infix']);

/** Reports `&x` of what V gives no address; true when it did. */
export function refuseAddress(f: FnContext, e: Prefix, value: TExpr): boolean {
  if (f.program.unitAt(e.span).library) return false;
  const problem = addressProblem(f, e, value);
  if (problem) f.error(problem.message, problem.span);
  return problem !== undefined;
}

interface Problem {
  readonly message: string;
  readonly span: Span;
}

function addressProblem(f: FnContext, e: Prefix, value: TExpr): Problem | undefined {
  const inner = withoutParens(e.value);
  const sign = { start: e.span.start, end: e.span.start + 1 };
  const whole = { start: e.span.start, end: inner.span.end };
  if (inner.kind === 'nil') {
    return { message: 'invalid operation: cannot take address of nil', span: sign };
  }
  if (inner.kind === 'prefix' && inner.operator === '&') {
    const at = { start: inner.span.start, end: inner.span.start + 1 };
    const direct = e.value.kind === 'prefix';
    const message = direct
      ? 'unexpected `&`, expecting expression'
      : 'cannot take the address of this expression';
    return { message, span: at };
  }
  if (inner.kind === 'selector') {
    const problem = selectorProblem(f, inner, value, { sign, whole });
    if (problem) return problem;
  }
  const isReference = types.unalias(value.type).kind === 'ref';
  if (isReference && inner.kind !== 'call') return undefined;
  if (values.has(inner.kind) && !isCastCall(value, inner)) {
    const message = `cannot take the address of ${f.program.textOf(inner.span)}`;
    return { message, span: sign };
  }
  return inner.kind === 'index' ? elementProblem(f, inner) : undefined;
}

/** `&T(x)` is a cast, which is written like a call. */
function isCastCall(value: TExpr, e: Expr): boolean {
  if (e.kind !== 'call') return false;
  const made = value.kind === 'call' || value.kind === 'callValue' || value.kind === 'runtime';
  return !made;
}

function selectorProblem(
  f: FnContext,
  e: Expr & { kind: 'selector' },
  value: TExpr,
  at: { readonly sign: Span; readonly whole: Span },
): Problem | undefined {
  if (literals.has(e.value.kind))
    return { message: 'cannot take the address of a literal value', span: at.whole };
  if (e.value.kind === 'structLiteral') {
    const message = 'should not create object instance on the heap to simply access a member';
    return { message, span: at.whole };
  }
  const t = types.unalias(value.type);
  if (t.kind === 'fn' && value.kind === 'closure') {
    const message = `cannot take the address of ${f.program.textOf(e.span)}`;
    return { message, span: at.sign };
  }
  if (t.kind === 'option' && value.kind === 'field' && fieldOf(value, e.name))
    return { message: 'cannot take the address of an Option field', span: at.whole };
  if (value.type.kind === 'map' && !f.insideUnsafe)
    return { message: 'cannot take the address of map values outside `unsafe`', span: at.sign };
  return undefined;
}

function fieldOf(value: TExpr & { kind: 'field' }, name: string): boolean {
  return findField(value.value.type, name) !== undefined;
}

function elementProblem(f: FnContext, e: Expr & { kind: 'index' }): Problem | undefined {
  if (f.insideUnsafe || e.value.kind !== 'ident') return undefined;
  const local = f.scope.find(e.value.name)?.local;
  const { kind } = local?.type ?? types.errorType;
  if (kind === 'array' && local?.mut) {
    const message = 'cannot take the address of mutable array elements outside unsafe blocks';
    return { message, span: e.span };
  }
  if (kind !== 'map') return undefined;
  return { message: 'cannot take the address of map values outside `unsafe`', span: e.span };
}

// --- returning -----------------------------------------------------------------------------------

/** The expression in `unsafe { x }` and parentheses. */
function insideUnsafe(e: Expr): Expr {
  const [only] = e.kind === 'unsafe' ? e.body.stmts : [];
  if (only?.kind === 'expr') return insideUnsafe(only.value);
  return e.kind === 'paren' ? insideUnsafe(e.inner) : e;
}

function isPointer(t: Type): boolean {
  const inner = types.unalias(t);
  return inner.kind === 'ref' || inner === types.voidptr || inner.kind === 'fn';
}

/** A value and a reference do not stand for each other in `return`. */
export function checkReturnedReference(f: FnContext, e: Expr, value: TExpr, result: Type): void {
  if (f.program.unitAt(e.span).library || !f.decl || f.bindings.size > 0) return;
  let wanted = types.unalias(result);
  if (wanted.kind === 'option' || wanted.kind === 'result') wanted = types.unalias(wanted.inner);
  const got = types.unalias(value.type);
  const compared: readonly Type['kind'][] = ['struct', 'int', 'float', 'bool', 'string', 'array'];
  const named = insideUnsafe(e);
  const variable = named.kind === 'ident' ? f.scope.find(named.name) : undefined;
  if (variable && (variable.local.mut || variable.view)) return;
  const name = f.displayName;
  if (got.kind === 'ref' && compared.includes(wanted.kind) && !isPointer(wanted)) {
    f.error(
      `fn \`${name}\` expects you to return a non reference type \`${result.name}\`, but you ` +
        `are returning \`${value.type.name}\` instead`,
      e.span,
      'use `return *pointer` instead of `return pointer`, and just `return value` instead of ' +
        '`return &value`',
    );
  }
  const isError =
    types.unalias(result).kind === 'result' &&
    implementsInterface(f.program, got, types.errorInterface) === undefined;
  if (isPointer(wanted) && compared.includes(got.kind) && !isPointer(got) && !isError) {
    f.error(
      `fn \`${name}\` expects you to return a reference type \`${result.name}\`, but you are ` +
        `returning \`${value.type.name}\` instead`,
      e.span,
    );
  }
}

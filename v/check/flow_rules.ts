// What V says about statements that are never reached, and about functions that never return.

import type { Block, Expr, FnDecl, Stmt } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TStmt } from '../typed.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';

/** What the messages about a statement underline. */
function stmtSpan(s: Stmt): Span {
  return s.kind === 'assign' ? s.operatorSpan : s.span;
}

/** Statements after one that leaves the block. */
export function checkReached(f: FnContext, block: Block): void {
  if (block.stmts.length < 2 || f.program.unitAt(block.span).library) return;
  const at = block.stmts.findIndex(
    (s) =>
      s.kind === 'return' ||
      (s.kind === 'branch' && s.how !== 'goto' && !f.outer && f.loops.length > 0),
  );
  const after = at < 0 ? undefined : block.stmts[at + 1];
  if (!after || after.kind === 'label') return;
  f.error('unreachable code', stmtSpan(after));
}

/** A statement after the call of a function that never returns. */
export function noteAfterNoReturn(f: FnContext, done: readonly TStmt[], next: Stmt): void {
  const [last] = done.slice(-1);
  if (last?.kind !== 'expr' || last.value.kind !== 'call' || last.value.type !== types.never)
    return;
  f.program.report('warning', 'unreachable code after a @[noreturn] call', stmtSpan(next));
}

function returns(block: Block): boolean {
  const inside = (x: unknown): boolean => {
    if (typeof x !== 'object' || x === null) return false;
    if (Array.isArray(x)) return x.some(inside);
    const { kind } = x as { kind?: string };
    if (kind === 'return') return true;
    return kind !== 'fnExpr' && kind !== 'lambda' && Object.values(x).some(inside);
  };
  return inside(block.stmts);
}

/** `for {}` without a body. */
function isEndless(s: Stmt): boolean {
  return s.kind === 'forWhile' && !s.condition && s.body.stmts.length === 0;
}

/**
 * `@[noreturn]` functions; `ended` says whether the last statement is a call of another of them.
 */
export function checkNoReturn(f: FnContext, decl: FnDecl, ended: (e: Expr) => boolean): void {
  const { body, signature, span, attributes } = decl;
  if (!body || !attributes.some((a) => a.name === 'noreturn')) return;
  if (f.program.unitAt(span).library) return;
  if (signature.result) f.error('[noreturn] functions cannot have return types', span);
  if (returns(body)) f.error('[noreturn] functions cannot use return statements', span);
  const last = body.stmts[body.stmts.length - 1];
  if (last && (isEndless(last) || (last.kind === 'expr' && ended(last.value)))) return;
  f.error(
    '@[noreturn] functions should end with a call to another @[noreturn] function, or with an ' +
      'infinite `for {}` loop',
    last ? endSpan(last) : span,
  );
}

/** A loop's messages are about its head. */
function endSpan(s: Stmt): Span {
  if (s.kind !== 'forWhile') return stmtSpan(s);
  const start = s.span.start + 'for '.length;
  return { start, end: start + 1 };
}

// `defer` and `$res()`, the value that the function around a deferred block is returning.

import type { Expr, Stmt } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, TBlock, TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { zeroValue } from './convert.ts';
import { bad, localRef } from './expressions.ts';
import { rootOf, visitBlock } from './mutation.ts';
import { checkBlock } from './statements.ts';

export function checkDefer(f: FnContext, s: Stmt & { kind: 'defer' }): TStmt[] {
  if (f.insideDefer) {
    f.error('`defer` blocks cannot be nested', s.span);
    return [];
  }
  const first = f.temporary('armed', types.bool, s.span);
  f.insideDefer = true;
  const body = f.scoped(() => checkBlock(f, s.body));
  f.insideDefer = false;
  if (!s.atFunctionEnd) return [{ kind: 'defer', body, atFunctionEnd: false, span: s.span }];
  return atFunctionEnd(f, body, first, s.span);
}

/**
 * `defer(fn)` runs at the end of the function if control came past it, and then sees the variables
 * of the block it stands in: both are hoisted to the start of the function.
 */
function atFunctionEnd(f: FnContext, body: TBlock, armed: Local, span: Span): TStmt[] {
  const set = (kind: 'let' | 'assign', value: boolean): TStmt => {
    const truth: TExpr = { kind: 'bool', value, type: types.bool, span };
    if (kind === 'let') return { kind, local: armed, value: truth, span };
    return { kind, place: { kind: 'local', local: armed, type: types.bool }, value: truth, span };
  };
  const outer = new Set<Local>();
  const note = (local: Local | undefined): void => {
    if (local && local.id < armed.id && f.locals.includes(local)) outer.add(local);
  };
  visitBlock(body, {
    write: note,
    expr: (e) =>
      note(e.kind === 'local' ? e.local : e.kind === 'place' ? rootOf(e.place) : undefined),
  });
  for (const local of outer) {
    const value = zeroValue(f, local.type, span);
    f.atStart.push({ kind: 'let', local, value, span });
  }
  f.atStart.push(set('let', false));
  const condition: TExpr = { kind: 'local', local: armed, type: types.bool, span };
  const otherwise: TBlock = { stmts: [], value: undefined };
  const choice: TExpr = {
    kind: 'if',
    condition,
    whenTrue: body,
    otherwise,
    type: types.voidType,
    span,
  };
  const guarded: TBlock = { stmts: [{ kind: 'expr', value: choice, span }], value: undefined };
  return [set('assign', true), { kind: 'defer', body: guarded, atFunctionEnd: true, span }];
}

/** `$res()`, and `$res(i)` of a function that returns several values. */
export function checkResult(f: FnContext, e: Expr & { kind: 'comptimeCall' }): TExpr {
  const { span } = e;
  if (!f.insideDefer) {
    f.error('`res` can only be used in defer blocks', span);
    return bad(span);
  }
  const result = types.unalias(f.result);
  if (result === types.voidType) {
    f.error('`res` can only be used in functions that returns something', span);
    return bad(span);
  }
  f.returned ??= f.temporary('returned', f.result, span);
  const value = localRef(f.returned, span);
  const [index] = e.args;
  if (result.kind !== 'tuple') {
    if (!index) return value;
    f.error('`res` can only be used with an index if the function returns more than 1 value', span);
    return bad(span);
  }
  const at = index?.kind === 'number' ? Number(index.text) : -1;
  const type = result.types[at];
  if (!type) {
    f.error(
      `index of \`res\` must be between 0 and ${result.types.length - 1}`,
      index?.span ?? span,
    );
    return bad(span);
  }
  const place: TExpr = { kind: 'int', value: BigInt(at + 1), type: types.intType, span };
  return { kind: 'runtime', module: 'erlang', name: 'element', args: [place, value], type, span };
}

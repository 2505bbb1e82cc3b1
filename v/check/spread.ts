// `f(...list)` where the list fills the parameters before a variadic one, too.

import type { Argument, CallExpr, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TBlock, TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { settle } from './convert.ts';
import { checkValue, pathOf } from './expressions.ts';

function spreadOf(e: CallExpr): Argument | undefined {
  const last = e.args[e.args.length - 1];
  return last?.spread && !e.args.slice(0, -1).some((a) => a.spread) ? last : undefined;
}

/**
 * A call whose spread list is no variable gets one, so that the list is computed once; undefined
 * when it needs none.
 */
export function withSpreadKept(
  f: FnContext,
  e: CallExpr,
  check: (e: CallExpr) => TExpr,
): TExpr | undefined {
  const last = spreadOf(e);
  if (!last || pathOf(last.value) !== undefined || last.value.kind === 'arrayLiteral')
    return undefined;
  const { span } = last;
  const value = settle(checkValue(f, last.value));
  if (value.type === types.errorType) return undefined;
  return f.scoped(() => {
    const name = `spread list ${f.program.offsetOf(span)}`;
    const local = f.temporary(name, value.type, span);
    f.scope.define(name, { local, view: undefined });
    const kept: Argument = { ...last, value: { kind: 'ident', name, span } };
    const call = check({ ...e, args: [...e.args.slice(0, -1), kept] });
    const keep: TStmt = { kind: 'let', local, value, span };
    const isVoid = call.type === types.voidType || call.type === types.never;
    const body: TBlock = isVoid
      ? { stmts: [keep, { kind: 'expr', value: call, span }], value: undefined }
      : { stmts: [keep], value: call };
    return { kind: 'block', body, type: call.type, span: e.span };
  });
}

/** One argument for each parameter that the list has to fill; a variadic one gets the rest. */
export function expandSpread(
  f: FnContext,
  e: CallExpr,
  params: readonly types.FnParam[],
): readonly Argument[] {
  const last = spreadOf(e);
  const variadic = params[params.length - 1]?.variadic ?? false;
  const before = e.args.length - 1;
  const fixed = params.length - 1;
  if (!last || !variadic || before >= fixed) return e.args;
  const list = types.strip(checkValue(f, last.value).type);
  if (list.kind !== 'array' && list.kind !== 'fixed') return e.args;
  const { span, value } = last;
  const items = params.slice(before, fixed).map((_, i): Argument => {
    const literal = value.kind === 'arrayLiteral' ? value.elements[i] : undefined;
    return argument(literal ?? itemOf(value, i, span), false, span);
  });
  const rest = argument(sliceFrom(value, items.length, span), true, span);
  return [...e.args.slice(0, -1), ...items, rest];
}

function argument(value: Expr, spread: boolean, span: Span): Argument {
  return { mut: false, shared: false, spread, name: undefined, value, span };
}

function itemOf(list: Expr, at: number, span: Span): Expr {
  const index: Expr = { kind: 'number', text: String(at), span };
  return { kind: 'index', value: list, index, gated: false, span };
}

function sliceFrom(list: Expr, at: number, span: Span): Expr {
  const low: Expr = { kind: 'number', text: String(at), span };
  const index: Expr = { kind: 'range', low, high: undefined, inclusive: false, span };
  return { kind: 'index', value: list, index, gated: false, span };
}

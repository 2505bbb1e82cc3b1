// `if` as an expression and as a statement, if-guards and `$if`; the common type of branches.

import type { Expr, IfBranch, IfExpr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, TBlock, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { findIndexed } from './arrays.ts';
import { comptimeTruth } from './comptime.ts';
import type { FnContext } from './context.ts';
import { coerce } from './convert.ts';
import { errorOfOption } from './errors.ts';
import { bad, checkValue, localRef, pathOf } from './expressions.ts';
import { diverges } from './flow.ts';
import {
  payloadOf,
  smartcastsWhenFalse,
  smartcastsWhenTrue,
  withSmartcasts,
} from './smartcasts.ts';
import { checkBlock } from './statements.ts';
import { isPresent } from './tagged.ts';

export const emptyBlock: TBlock = { stmts: [], value: undefined };

export function checkIf(
  f: FnContext,
  e: IfExpr,
  expected: Type | undefined,
  wantsValue = true,
): TExpr {
  if (e.comptime) return checkComptimeIf(f, e, expected, wantsValue);
  const hasElse = e.branches[e.branches.length - 1]?.condition === undefined;
  const value = wantsValue && hasElse;
  if (wantsValue && !hasElse && expected !== undefined) {
    f.error('`if` expression needs `else` clause', e.span);
  }
  const built = ifChain(f, e.branches, 0, expected, value, e.span);
  return value ? unified(f, built, expected, e.span, '`if`') : built;
}

function ifChain(
  f: FnContext,
  branches: readonly IfBranch[],
  at: number,
  expected: Type | undefined,
  wantsValue: boolean,
  span: Span,
): TExpr {
  const branch = branches[at] as IfBranch;
  let hint = expected;
  const rest = (): TBlock => {
    const next = branches[at + 1];
    if (!next) return emptyBlock;
    if (!next.condition)
      return f.scoped(() => checkBlock(f, next.body, { expected: hint, wantsValue }));
    const nested = ifChain(f, branches, at + 1, hint, wantsValue, next.span);
    if (wantsValue) return { stmts: [], value: nested };
    return { stmts: [{ kind: 'expr', value: nested, span: next.span }], value: undefined };
  };
  const cond = branch.condition as Expr;
  if (cond.kind === 'ifGuard') return guardChain(f, cond, branch, rest, expected, wantsValue, span);
  const condition = checkCondition(f, cond, 'if');
  const whenTrue = f.scoped(() =>
    withSmartcasts(f, smartcastsWhenTrue(f, cond), () =>
      checkBlock(f, branch.body, { expected, wantsValue }),
    ),
  );
  hint ??= hintFrom(whenTrue);
  const otherwise = f.scoped(() => withSmartcasts(f, smartcastsWhenFalse(f, cond), rest));
  return { kind: 'if', condition, whenTrue, otherwise, type: types.voidType, span };
}

/** What the branches after this one take `[]`, `.name` and other shorthands to be. */
export function hintFrom(block: TBlock): Type | undefined {
  const type = block.value?.type;
  if (!type || type === types.voidType || type === types.never || type === types.noneType)
    return undefined;
  return type.kind === 'intLiteral' || type.kind === 'floatLiteral' ? undefined : type;
}

export function checkCondition(f: FnContext, e: Expr, what: string): TExpr {
  const condition = checkValue(f, e, types.bool);
  if (condition.type !== types.errorType && types.unalias(condition.type) !== types.bool) {
    const message =
      what === 'if'
        ? `non-bool type \`${condition.type.name}\` used as if condition`
        : `non-bool used as ${what} condition`;
    f.error(message, e.span);
    return bad(e.span);
  }
  return condition;
}

/** `if x := f() { … } else { err … }` */
function guardChain(
  f: FnContext,
  guard: Expr & { kind: 'ifGuard' },
  branch: IfBranch,
  rest: () => TBlock,
  expected: Type | undefined,
  wantsValue: boolean,
  span: Span,
): TExpr {
  const value = f.asOption(
    pathOf(guard.value),
    () => findIndexed(f, guard.value) ?? checkValue(f, guard.value),
  );
  const base = types.unalias(value.type);
  if (base.kind !== 'option' && base.kind !== 'result') {
    if (base !== types.errorType) {
      f.error('if-guard condition should be either Option or Result', guard.value.span);
    }
    return bad(span);
  }
  const held = f.temporary('guard', value.type, span);
  const subject = localRef(held, span);
  const condition = isPresent(subject, base.kind, span);
  const whenTrue = f.scoped(() => {
    const payload = payloadOf(subject, base.inner, span);
    const stmts = bindGuard(f, guard, payload, base.inner);
    const body = checkBlock(f, branch.body, { expected, wantsValue });
    return { stmts: [...stmts, ...body.stmts], value: body.value };
  });
  const otherwise = f.scoped(() => {
    const { stmts } = bindError(f, base, subject, span);
    const body = rest();
    return { stmts: [...stmts, ...body.stmts], value: body.value };
  });
  const choice: TExpr = { kind: 'if', condition, whenTrue, otherwise, type: types.voidType, span };
  const body: TBlock = { stmts: [{ kind: 'let', local: held, value, span }], value: choice };
  return { kind: 'block', body, type: types.voidType, span };
}

function bindGuard(
  f: FnContext,
  guard: Expr & { kind: 'ifGuard' },
  payload: TExpr,
  type: Type,
): TStmt[] {
  const { names, span } = guard;
  if (names.length === 1) {
    const [n] = names;
    if (!n || n.name === '_') return [];
    const local = f.declare(n.name, type, n.span, n.mut);
    return [{ kind: 'let', local, value: payload, span }];
  }
  const parts = types.unalias(type);
  const list = parts.kind === 'tuple' ? parts.types : [];
  if (list.length !== names.length) {
    f.error(`if-guard expects ${names.length} values, but got ${list.length || 1}`, span);
  }
  const locals = names.map((n, i) => f.declare(n.name, list[i] ?? types.errorType, n.span, n.mut));
  return [{ kind: 'unpack', locals, value: payload, span }];
}

/** Declares `err` in an `or` block or the `else` of an if-guard. */
export function bindError(
  f: FnContext,
  base: types.WrapType,
  subject: TExpr,
  span: Span,
): { stmts: TStmt[]; local: Local } {
  const local = f.program.newLocal('err', types.errorInterface, span);
  local.used = true;
  f.scope.define('err', { local, view: undefined });
  const value =
    base.kind === 'result'
      ? payloadOf(subject, types.errorInterface, span)
      : errorOfOption(f, subject, span);
  return { stmts: [{ kind: 'let', local, value, span }], local };
}

/** Gives every branch of a chain the common type of their values. */
export function unified(
  f: FnContext,
  e: TExpr,
  expected: Type | undefined,
  span: Span,
  what: string,
): TExpr {
  const values = branchValues(e);
  const found = values.filter((v): v is TExpr => v !== undefined && v.type !== types.never);
  const [first] = found;
  if (found.some((v) => v.type === types.errorType)) return bad(span);
  // No branch has a value: a statement that happened to stand last.
  if (!first) return values.length === 0 ? ({ ...e, type: types.never } as TExpr) : e;
  const type = commonType(f, found, expected);
  const convert = (v: TExpr): TExpr => {
    const converted = coerce(f, v, type);
    if (converted) return converted;
    f.error(`mismatched types \`${v.type.name}\` and \`${type.name}\` in ${what} branches`, v.span);
    return bad(v.span);
  };
  if (values.some((v) => v === undefined)) {
    f.error(
      `${what} expression requires an expression as the last statement of every branch`,
      span,
    );
    return bad(span);
  }
  return mapBranches(e, convert, type);
}

function commonType(f: FnContext, values: readonly TExpr[], expected: Type | undefined): Type {
  if (expected && values.every((v) => coerce(f, v, expected))) return expected;
  let type = (values[0] as TExpr).type;
  for (const v of values) {
    if (type === types.noneType) type = v.type;
    else if (v.type === types.noneType) continue;
    else type = types.promote(type, v.type) ?? type;
  }
  if (values.some((v) => v.type === types.noneType) && type.kind !== 'option')
    type = types.optionOf(types.defaultType(type));
  return types.defaultType(type);
}

/**
 * The values at the ends of a chain of branches; undefined for one without, nothing for one that
 * leaves.
 */
function branchValues(e: TExpr): (TExpr | undefined)[] {
  const ofBlock = (b: TBlock): (TExpr | undefined)[] => {
    if (diverges(b)) return [];
    if (
      b.value &&
      (b.value.kind === 'if' || b.value.kind === 'block' || b.value.kind === 'switch') &&
      b.value.type === types.voidType
    ) {
      return branchValues(b.value);
    }
    return [b.value];
  };
  if (e.kind === 'if') return [...ofBlock(e.whenTrue), ...ofBlock(e.otherwise)];
  if (e.kind === 'block') return ofBlock(e.body);
  if (e.kind === 'switch')
    return [...e.cases.flatMap((c) => ofBlock(c.body)), ...ofBlock(e.otherwise)];
  return [];
}

function mapBranches(e: TExpr, convert: (v: TExpr) => TExpr, type: Type): TExpr {
  const inBlock = (b: TBlock): TBlock => {
    if (!b.value || diverges(b)) return b;
    const nested =
      (b.value.kind === 'if' || b.value.kind === 'block' || b.value.kind === 'switch') &&
      b.value.type === types.voidType;
    return {
      stmts: b.stmts,
      value: nested ? mapBranches(b.value, convert, type) : convert(b.value),
    };
  };
  if (e.kind === 'if')
    return { ...e, whenTrue: inBlock(e.whenTrue), otherwise: inBlock(e.otherwise), type };
  if (e.kind === 'block') return { ...e, body: inBlock(e.body), type };
  if (e.kind === 'switch') {
    const cases = e.cases.map((c) => ({ ...c, body: inBlock(c.body) }));
    return { ...e, cases, otherwise: inBlock(e.otherwise), type };
  }
  return e;
}

/** `$if`: only the branch whose condition holds is checked at all. */
function checkComptimeIf(
  f: FnContext,
  e: IfExpr,
  expected: Type | undefined,
  wantsValue: boolean,
): TExpr {
  // A condition can make types known: `$if T is []E`.
  const outer = f.bindings;
  for (const branch of e.branches) {
    const truth =
      branch.condition === undefined
        ? true
        : comptimeTruth({ program: f.program, f }, branch.condition);
    if (!truth) continue;
    const body = f.scoped(() => checkBlock(f, branch.body, { expected, wantsValue }));
    f.bindings = outer;
    const type = body.value?.type ?? types.voidType;
    return { kind: 'block', body, type, span: e.span };
  }
  return { kind: 'block', body: emptyBlock, type: types.voidType, span: e.span };
}

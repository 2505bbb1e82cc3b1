// `if`, `match` and `or` as expressions and as statements.

import type { Block, Expr, IfBranch, IfExpr, MatchBranch, MatchExpr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, SwitchCase, TBlock, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { findIndexed } from './arrays.ts';
import { comptimeTruth } from './comptime.ts';
import type { FnContext } from './context.ts';
import { coerce, settle } from './convert.ts';
import { equalityOf } from './equality.ts';
import { errorOfNone, errorOfOption, errorText } from './errors.ts';
import { bad, checkExpr, checkValue, localRef, pathOf, typeNamed } from './expressions.ts';
import { diverges } from './flow.ts';
import {
  type Cast,
  castTo,
  payloadOf,
  smartcastsWhenFalse,
  smartcastsWhenTrue,
  typeTest,
  withSmartcasts,
} from './smartcasts.ts';
import { checkBlock } from './statements.ts';

const emptyBlock: TBlock = { stmts: [], value: undefined };

// --- if ------------------------------------------------------------------------------------------

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
  const rest = (): TBlock => {
    const next = branches[at + 1];
    if (!next) return emptyBlock;
    if (!next.condition) return f.scoped(() => checkBlock(f, next.body, { expected, wantsValue }));
    const nested = ifChain(f, branches, at + 1, expected, wantsValue, next.span);
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
  const otherwise = f.scoped(() => withSmartcasts(f, smartcastsWhenFalse(f, cond), rest));
  return { kind: 'if', condition, whenTrue, otherwise, type: types.voidType, span };
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
  const value = findIndexed(f, guard.value) ?? checkValue(f, guard.value);
  const base = types.unalias(value.type);
  if (base.kind !== 'option' && base.kind !== 'result') {
    if (base !== types.errorType) {
      f.error('if-guard condition should be either Option or Result', guard.value.span);
    }
    return bad(span);
  }
  const held = f.temporary('guard', value.type, span);
  const subject = localRef(held, span);
  const tag = base.kind === 'option' ? 'some' : 'ok';
  const condition: TExpr = {
    kind: 'test',
    value: subject,
    tags: [tag],
    of: base.kind,
    type: types.bool,
    span,
  };
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
function bindError(
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
function unified(
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
  for (const branch of e.branches) {
    const truth = branch.condition === undefined ? true : comptimeTruth(f, branch.condition);
    if (!truth) continue;
    const body = checkBlock(f, branch.body, { expected, wantsValue });
    const type = body.value?.type ?? types.voidType;
    return { kind: 'block', body, type, span: e.span };
  }
  return { kind: 'block', body: emptyBlock, type: types.voidType, span: e.span };
}

// --- match ---------------------------------------------------------------------------------------

export function checkMatch(
  f: FnContext,
  e: MatchExpr,
  expected: Type | undefined,
  wantsValue = true,
): TExpr {
  if (e.comptime) {
    f.program.unsupported('`$match`', e.span);
    return bad(e.span);
  }
  const subject = settle(checkValue(f, e.value));
  if (subject.type === types.errorType) return bad(e.span);
  const base = types.strip(subject.type);
  const held = f.temporary('subject', subject.type, e.span);
  const byType = base.kind === 'sum' || base.kind === 'interface';
  const use = { expected, wantsValue };
  const read = localRef(held, e.value.span);
  const built = byType ? typeMatch(f, e, read, base, use) : valueMatch(f, e, read, use);
  checkExhaustive(f, e, base, byType);
  const typed = wantsValue ? unified(f, built, expected, e.span, '`match`') : built;
  if (typed.type === types.errorType) return typed;
  const body: TBlock = {
    stmts: [{ kind: 'let', local: held, value: subject, span: e.span }],
    value: typed,
  };
  return { kind: 'block', body, type: typed.type, span: e.span };
}

interface Use {
  readonly expected: Type | undefined;
  readonly wantsValue: boolean;
}

function typeMatch(f: FnContext, e: MatchExpr, subject: TExpr, base: Type, use: Use): TExpr {
  const build = (at: number): TBlock => {
    const branch = e.branches[at];
    if (!branch) return emptyMatch(e);
    if (branch.patterns.length === 0) return f.scoped(() => checkBlock(f, branch.body, use));
    const tested = branch.patterns.map((p) => patternType(f, p));
    const tests = tested.map((t, i) =>
      typeTest(f, subject, t, branch.patterns[i]?.span ?? e.span, 'match'),
    );
    const condition = anyOf(tests, branch.span);
    const [only] = tested;
    const casts: Cast[] = [];
    if (tested.length === 1 && only) {
      const cast = castTo(f, e.value, only);
      if (cast) casts.push(cast);
    }
    const whenTrue = f.scoped(() =>
      withSmartcasts(f, casts, () => checkBlock(f, branch.body, use)),
    );
    const otherwise = build(at + 1);
    const value: TExpr = {
      kind: 'if',
      condition,
      whenTrue,
      otherwise,
      type: types.voidType,
      span: branch.span,
    };
    return { stmts: [], value };
  };
  void base;
  return build(0).value ?? bad(e.span);
}

function patternType(f: FnContext, p: Expr): Type {
  if (p.kind === 'typeExpr') return f.resolve(p.type);
  const named = typeNamed(f, p);
  if (named) return named;
  if (p.kind === 'none') return types.noneType;
  if (p.kind === 'structLiteral') return f.resolve(p.type);
  f.error('expected a type as the match pattern', p.span);
  return types.errorType;
}

function anyOf(tests: readonly TExpr[], span: Span): TExpr {
  return tests.reduce(
    (left, right): TExpr => ({ kind: 'logic', op: '||', left, right, type: types.bool, span }),
  );
}

/**
 * What happens when no branch of a match without `else` fits: nothing; an exhaustive match never
 * gets there.
 */
function emptyMatch(e: MatchExpr): TBlock {
  const message: TExpr = {
    kind: 'string',
    bytes: 'match: no branch fits',
    type: types.string,
    span: e.span,
  };
  return { stmts: [], value: { kind: 'panic', message, type: types.never, span: e.span } };
}

function valueMatch(f: FnContext, e: MatchExpr, subject: TExpr, use: Use): TExpr {
  const branches = e.branches.map((branch) => ({
    branch,
    patterns: branch.patterns.map((p) => checkPattern(f, p, subject)),
  }));
  const checked = branches.map(({ branch, patterns }) => ({
    branch,
    patterns,
    body: f.scoped(() => checkBlock(f, branch.body, use)),
  }));
  const constant = checked.every((c) => c.patterns.every((p) => isConstant(p.value)));
  const elseAt = checked.findIndex((c) => c.branch.patterns.length === 0);
  const otherwise = elseAt >= 0 ? (checked[elseAt]?.body ?? emptyBlock) : emptyMatch(e);
  if (constant) {
    const seen = new Set<string>();
    const cases: SwitchCase[] = [];
    for (const c of checked) {
      if (c.branch.patterns.length === 0) continue;
      const values = c.patterns.map((p) => p.value as TExpr).filter((v) => !seen.has(keyOf(v)));
      for (const v of values) seen.add(keyOf(v));
      if (values.length > 0) cases.push({ values, body: c.body });
    }
    return { kind: 'switch', subject, cases, otherwise, type: types.voidType, span: e.span };
  }
  const chain = (at: number): TBlock => {
    const c = checked[at];
    if (!c) return otherwise;
    if (c.branch.patterns.length === 0) return chain(at + 1);
    const condition = anyOf(
      c.patterns.map((p) => p.test()),
      c.branch.span,
    );
    return {
      stmts: [],
      value: {
        kind: 'if',
        condition,
        whenTrue: c.body,
        otherwise: chain(at + 1),
        type: types.voidType,
        span: c.branch.span,
      },
    };
  };
  return chain(0).value ?? bad(e.span);
}

function keyOf(v: TExpr): string {
  return v.kind === 'int' || v.kind === 'bool'
    ? String(v.value)
    : v.kind === 'string'
      ? `s${v.bytes}`
      : '';
}

function isConstant(v: TExpr | undefined): boolean {
  return v?.kind === 'int' || v?.kind === 'string' || v?.kind === 'bool';
}

interface Pattern {
  /** Undefined for a range. */
  readonly value: TExpr | undefined;
  readonly test: () => TExpr;
}

function checkPattern(f: FnContext, p: Expr, subject: TExpr): Pattern {
  const { span } = p;
  const fitted = (e: Expr): TExpr => {
    const value = checkValue(f, e, subject.type);
    if (value.type === types.errorType) return value;
    const converted = coerce(f, value, subject.type);
    if (converted) return converted;
    f.error(
      `cannot match \`${value.type.name}\` value with \`${subject.type.name}\` condition`,
      e.span,
    );
    return bad(e.span);
  };
  if (p.kind !== 'range') {
    const value = fitted(p);
    return { value, test: () => equalityOf(f, subject, value, span) };
  }
  const low = p.low && fitted(p.low);
  const high = p.high && fitted(p.high);
  if (!low || !high) {
    f.error('a range in `match` needs both bounds', span);
    return { value: undefined, test: () => bad(span) };
  }
  const atLeast: TExpr = {
    kind: 'compare',
    op: '>=',
    left: subject,
    right: low,
    type: types.bool,
    span,
  };
  const atMost: TExpr = {
    kind: 'compare',
    op: '<=',
    left: subject,
    right: high,
    type: types.bool,
    span,
  };
  return {
    value: undefined,
    test: () => ({ kind: 'logic', op: '&&', left: atLeast, right: atMost, type: types.bool, span }),
  };
}

function checkExhaustive(f: FnContext, e: MatchExpr, base: Type, byType: boolean): void {
  const elses = e.branches.filter((b) => b.patterns.length === 0);
  if (elses.length > 0) {
    if (e.branches.indexOf(elses[0] as MatchBranch) !== e.branches.length - 1) {
      f.error('`else` must be the last branch of `match`', (elses[0] as MatchBranch).span);
    }
    return;
  }
  const missing = missingCases(f, e, base, byType);
  if (missing === undefined) {
    f.error('match must be exhaustive (add `else {}` at the end)', e.span);
  } else if (missing.length > 0) {
    const list = missing
      .slice(0, 10)
      .map((m) => `\`${m}\``)
      .join(', ');
    f.error(
      `match must be exhaustive (add match branches for: ${list} or \`else {}\` at the end)`,
      e.span,
    );
  }
}

/** Names of the cases that no branch handles; undefined when they cannot be listed. */
function missingCases(
  f: FnContext,
  e: MatchExpr,
  base: Type,
  byType: boolean,
): string[] | undefined {
  const patterns = e.branches.flatMap((b) => b.patterns);
  if (byType && base.kind === 'sum') {
    const handled = patterns.map((p) => patternType(f, p));
    return base.variants.filter((v) => !handled.includes(v)).map((v) => v.name);
  }
  const enumType = types.strip(base);
  if (enumType.kind === 'enum') {
    const handled = new Set(
      patterns.map((p) => (p.kind === 'enumValue' || p.kind === 'selector' ? p.name : '')),
    );
    return [...enumType.values.keys()].filter((n) => !handled.has(n)).map((n) => `.${n}`);
  }
  if (types.unalias(base) === types.bool) {
    const handled = new Set(patterns.map((p) => (p.kind === 'bool' ? String(p.value) : '')));
    return ['true', 'false'].filter((n) => !handled.has(n));
  }
  return undefined;
}

// --- or ------------------------------------------------------------------------------------------

export function checkOr(
  f: FnContext,
  e: Expr & { kind: 'or' },
  expected: Type | undefined,
  wantsValue = true,
): TExpr {
  const { span } = e;
  const value =
    findIndexed(f, e.value) ?? checkExpr(f, e.value, expected && types.optionOf(expected));
  const base = types.unalias(value.type);
  if (base === types.errorType) return bad(span);
  if (base.kind !== 'option' && base.kind !== 'result') {
    // After `x != none` the name is already the value, and `x?` says no more.
    const path = pathOf(e.value);
    const isCast =
      path !== undefined && (f.scope.castOf(path) ?? f.scope.find(path)?.view) !== undefined;
    if (isCast && e.how !== 'block') return value;
    notOptional(f, e);
    return bad(span);
  }
  if (orNone(e, expected) && base.kind === 'option')
    return { ...value, type: types.optionOf(base.inner) } as TExpr;
  const held = f.temporary('tried', value.type, span);
  const subject = localRef(held, span);
  const tag = base.kind === 'option' ? 'some' : 'ok';
  const condition: TExpr = {
    kind: 'test',
    value: subject,
    tags: [tag],
    of: base.kind,
    type: types.bool,
    span,
  };
  const type = wantsValue ? base.inner : types.voidType;
  const payload = type === types.voidType ? undefined : payloadOf(subject, type, span);
  const whenTrue: TBlock = { stmts: [], value: payload };
  const otherwise =
    e.how === 'block' && e.body
      ? orBlock(f, e.body, base, subject, span, wantsValue)
      : propagate(f, e, base, subject);
  const choice: TExpr = { kind: 'if', condition, whenTrue, otherwise, type, span };
  const body: TBlock = { stmts: [{ kind: 'let', local: held, value, span }], value: choice };
  return { kind: 'block', body, type, span };
}

/** `m[k] or { none }` where an option is wanted: the value itself becomes an option. */
function orNone(e: Expr & { kind: 'or' }, expected: Type | undefined): boolean {
  const [only, ...more] = e.body?.stmts ?? [];
  if (expected === undefined || types.unalias(expected).kind !== 'option' || more.length > 0)
    return false;
  return only?.kind === 'expr' && only.value.kind === 'none';
}

function notOptional(f: FnContext, e: Expr & { kind: 'or' }): void {
  const source = f.program.source.text;
  const isCall = e.value.kind === 'call';
  const name =
    isCall && e.value.kind === 'call'
      ? source.slice(e.value.callee.span.start, e.value.callee.span.end)
      : '';
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
  used: boolean,
): TBlock {
  return f.scoped(() => {
    const { stmts } = bindError(f, base, subject, span);
    const wantsValue = used && base.inner !== types.voidType;
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
  if (f.displayName === 'main' || f.displayName.startsWith('test_') || f.inConst) {
    const message: TExpr = error
      ? resultNotSet(f, error, span)
      : { kind: 'string', bytes: 'option not set ()', type: types.string, span };
    return { stmts: [], value: { kind: 'panic', message, type: types.never, span } };
  }
  if (result.kind !== 'option' && result.kind !== 'result') {
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

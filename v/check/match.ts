// `match` as an expression and as a statement: on values and on types, and whether its branches
// cover every case.

import type { Expr, MatchBranch, MatchExpr } from '../ast.ts';
import { bodyCopiesMax } from '../limits.ts';
import type { Span } from '../source.ts';
import type { SwitchCase, TBlock, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { choosesType, chosenBranch } from './comptime_match.ts';
import type { FnContext } from './context.ts';
import { emptyBlock, hintFrom, unified } from './control.ts';
import { coerce, settle } from './convert.ts';
import { equalityOf } from './equality.ts';
import { bad, checkValue, deref, localRef, pathOf } from './expressions.ts';
import { casesSpan, checkBranches, checkElse } from './match_rules.ts';
import { typeNamed } from './names.ts';
import { type Cast, castTo, isSmartcast, typeTest, withSmartcasts } from './smartcasts.ts';
import { checkBlock } from './statements.ts';
import { unhandledVariants } from './sums.ts';

export function checkMatch(
  f: FnContext,
  e: MatchExpr,
  expected: Type | undefined,
  wantsValue = true,
): TExpr {
  const c = { program: f.program, f };
  if (e.comptime || choosesType(c, e)) {
    const chosen = chosenBranch(c, e);
    const body = chosen ? checkBlock(f, chosen.body, { expected, wantsValue }) : emptyBlock;
    return { kind: 'block', body, type: body.value?.type ?? types.voidType, span: e.span };
  }
  const seen = settle(checkValue(f, e.value));
  if (seen.type === types.errorType) return bad(e.span);
  // What an earlier test said does not narrow the types that are matched.
  const uncast = matchesTypes(f, e) && !isByType(seen.type) && isSmartcast(f, pathOf(e.value));
  if (uncast)
    return f.withoutCast(pathOf(e.value), () =>
      matchOn(f, e, settle(checkValue(f, e.value)), expected, wantsValue),
    );
  return matchOn(f, e, seen, expected, wantsValue);
}

function isByType(type: Type): boolean {
  const { kind } = types.strip(type);
  return kind === 'sum' || kind === 'interface';
}

function matchesTypes(f: FnContext, e: MatchExpr): boolean {
  const [first] = e.branches[0]?.patterns ?? [];
  return first !== undefined && (first.kind === 'typeExpr' || typeNamed(f, first) !== undefined);
}

function matchOn(
  f: FnContext,
  e: MatchExpr,
  subject: TExpr,
  expected: Type | undefined,
  wantsValue: boolean,
): TExpr {
  const base = types.strip(subject.type);
  const held = f.temporary('subject', subject.type, e.span);
  const byType = isByType(subject.type);
  const use = { expected, wantsValue };
  const read = localRef(held, e.value.span);
  const built = byType ? typeMatch(f, e, read, use) : valueMatch(f, e, read, use);
  checkBranches(f, e, subject.type);
  checkExhaustive(f, e, base, byType);
  const typed = wantsValue ? unified(f, built, expected, e.span, '`match`') : built;
  if (typed.type === types.errorType) return typed;
  const body: TBlock = {
    stmts: [{ kind: 'let', local: held, value: subject, span: e.span }],
    value: typed,
  };
  return { kind: 'block', body, type: typed.type, span: e.span };
}

/** How many missing cases a message names. */
const casesShownMax = 10;

interface Use {
  readonly expected: Type | undefined;
  readonly wantsValue: boolean;
}

function typeMatch(f: FnContext, e: MatchExpr, subject: TExpr, use: Use): TExpr {
  let { expected } = use;
  const branches = e.branches.flatMap((branch) => separated(f, e, branch));
  const bodyOf = (branch: MatchBranch, casts: readonly Cast[]): TBlock => {
    const before = f.bodyCopies;
    f.bodyCopies *= branches.filter((b) => b.body === branch.body).length;
    const body = f.scoped(() =>
      withSmartcasts(f, casts, () => checkBlock(f, branch.body, { ...use, expected })),
    );
    expected ??= hintFrom(body);
    f.bodyCopies = before;
    return body;
  };
  const build = (at: number): TBlock => {
    const branch = branches[at];
    if (!branch) return emptyMatch(e);
    if (branch.patterns.length === 0) return bodyOf(branch, []);
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
    const whenTrue = bodyOf(branch, casts);
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
  return build(0).value ?? bad(e.span);
}

/**
 * `A, B { … x … }`: what is matched is an A or a B in the body, which therefore is checked (and
 * compiled) once for each type, as V does it. A body that does not name it is shared.
 */
function separated(f: FnContext, e: MatchExpr, branch: MatchBranch): MatchBranch[] {
  const path = pathOf(e.value);
  const copies = branch.patterns.length * f.bodyCopies;
  const body = f.program.textOf(branch.body.span);
  const root = path?.replace(/[.[].*$/s, '') ?? '';
  const named = root !== '' && new RegExp(`\\b${root.replace('$', '')}\\b`).test(body);
  if (!named || branch.patterns.length < 2 || copies > bodyCopiesMax) return [branch];
  return branch.patterns.map((p) => ({ ...branch, patterns: [p] }));
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
  let { expected } = use;
  const checked = branches.map(({ branch, patterns }) => {
    const body = f.scoped(() => checkBlock(f, branch.body, { ...use, expected }));
    expected ??= hintFrom(body);
    return { branch, patterns, body };
  });
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
    const target = deref(subject);
    const behind = target !== subject && p.kind !== 'nil' && checkValue(f, p, target.type);
    const inner = behind && coerce(f, behind, target.type);
    // A reference is matched with a value by what it leads to.
    if (inner && types.unalias(inner.type).kind !== 'ref')
      return { value: undefined, test: () => equalityOf(f, target, inner, span) };
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
  if (e.branches.length === 0) {
    f.error(
      '`match` must have at least two branches including `else`, or an exhaustive set of branches',
      { start: e.span.start, end: e.span.start + 'match'.length },
    );
    return;
  }
  const hasElse = checkElse(f, e);
  const missing = missingCases(f, e, base, byType);
  const isFlag = base.kind === 'enum' && base.flag;
  if (hasElse) {
    const last = e.branches.findLast((b) => b.patterns.length === 0);
    if (missing?.length === 0 && !isFlag && last && !f.program.unitAt(e.span).library)
      f.error('match expression is exhaustive, `else` is unnecessary', casesSpan(last));
    return;
  }
  if (missing === undefined || (isFlag && missing.length === 0)) {
    f.error('match must be exhaustive (add `else {}` at the end)', e.span);
  } else if (missing.length > 0) {
    const shown = missing.slice(0, casesShownMax).map((m) => `\`${m}\``);
    const others = missing.length - casesShownMax;
    const more = others > 0 ? `, and ${others} others ...` : '';
    f.error(
      `match must be exhaustive (add match branches for: ${shown.join(', ')}${more} or ` +
        '`else {}` at the end)',
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
    return unhandledVariants(base, handled).map((v) => v.name);
  }
  const enumType = types.strip(base);
  if (enumType.kind === 'enum') {
    // Names of one value are one case.
    const handled = new Set(
      patterns.map((p) =>
        p.kind === 'enumValue' || p.kind === 'selector' ? enumType.values.get(p.name) : undefined,
      ),
    );
    return [...enumType.values].filter(([, v]) => !handled.has(v)).map(([n]) => `.${n}`);
  }
  if (types.unalias(base) === types.bool) {
    const handled = new Set(patterns.map((p) => (p.kind === 'bool' ? String(p.value) : '')));
    return ['true', 'false'].filter((n) => !handled.has(n));
  }
  return undefined;
}

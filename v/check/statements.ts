// Checking of statements and blocks.

import type { AssignStmt, Block, Expr, Stmt } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Place, TBlock, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { checkAppend } from './arrays.ts';
import { checkLock, checkSpawn, newShared } from './concurrency.ts';
import type { FnContext } from './context.ts';
import { checkIf, checkMatch, checkOr } from './control.ts';
import { coerce, coerceOr, settle } from './convert.ts';
import { bad, checkExpr, checkValue, localRef, stringConst } from './expressions.ts';
import { diverges } from './flow.ts';
import { checkFor } from './loops.ts';
import { rootOf } from './mutation.ts';
import { infixOf } from './operators.ts';
import { placeOf, readPlace } from './places.ts';
import { smartcastAsserted, smartcastsWhenFalse, withSmartcasts } from './smartcasts.ts';
import { strCall } from './str.ts';

export interface BlockUse {
  /** The type the last expression is wanted to have. */
  readonly expected?: Type | undefined;
  /** The block's last expression is its value. */
  readonly wantsValue?: boolean;
}

/** Checks the statements of a block in the current scope. */
export function checkBlock(f: FnContext, block: Block, use: BlockUse = {}): TBlock {
  const stmts: TStmt[] = [];
  const last = block.stmts.length - 1;
  let value: TExpr | undefined;
  for (let i = 0; i <= last; i++) {
    const s = block.stmts[i] as Stmt;
    if (i === last && use.wantsValue && s.kind === 'expr') {
      value = checkExpr(f, s.value, use.expected);
      if (value.type === types.voidType || value.type === types.never) {
        stmts.push({ kind: 'expr', value, span: s.span });
        value = undefined;
      }
      break;
    }
    if (i === last && use.wantsValue && s.kind === 'exprs') {
      const hint = use.expected && types.unalias(use.expected);
      const wanted = hint?.kind === 'tuple' ? hint.types : [];
      const values = s.values.map((v, at) => {
        const part = checkValue(f, v, wanted[at]);
        return wanted[at] ? part : settle(part);
      });
      const type = types.tupleOf(values.map((v) => v.type));
      value = { kind: 'tuple', values, type, span: s.span };
      break;
    }
    stmts.push(...checkStmt(f, s));
    // After `if x !is T { return }` the variable is a T.
    if (s.kind === 'expr' && s.value.kind === 'if' && s.value.branches.length === 1) {
      const [branch] = s.value.branches;
      const done = stmts[stmts.length - 1];
      if (
        branch?.condition &&
        done?.kind === 'expr' &&
        done.value.kind === 'if' &&
        diverges(done.value.whenTrue)
      ) {
        withSmartcasts(f, smartcastsWhenFalse(f, branch.condition), () => undefined);
      }
    }
  }
  return { stmts, value };
}

export function checkStmt(f: FnContext, s: Stmt): TStmt[] {
  switch (s.kind) {
    case 'expr':
      return checkExprStmt(f, s.value, s.span);
    case 'exprs':
      f.error('unused expression', s.span);
      return [];
    case 'assign':
      return s.operator === ':=' ? checkDeclare(f, s) : checkAssign(f, s);
    case 'return':
      return checkReturn(f, s);
    case 'forWhile':
    case 'forC':
    case 'forIn':
      return checkFor(f, s);
    case 'branch':
      return checkBranch(f, s);
    case 'label':
      f.program.unsupported('a `goto` label', s.span);
      return [];
    case 'defer':
      return checkDefer(f, s);
    case 'assert':
      return checkAssert(f, s);
    case 'block':
      return [{ kind: 'block', body: f.scoped(() => checkBlock(f, s.body)), span: s.span }];
    case 'unsupported':
      f.program.unsupported(s.what, s.span);
      return [];
    case 'constDecl':
      return [];
  }
}

/** Expressions that may stand alone as a statement. */
const effects = new Set<Expr['kind']>([
  'call',
  'if',
  'match',
  'or',
  'unsafe',
  'postfix',
  'lock',
  'select',
  'spawn',
  'dump',
  'comptimeCall',
  'comptimeSelector',
  'as',
]);

function checkExprStmt(f: FnContext, e: Expr, span: Span): TStmt[] {
  const isPush = e.kind === 'infix' && (e.operator === '<<' || e.operator === '<-');
  const value = checkEffect(f, e);
  const pushed =
    isPush &&
    (value.kind === 'mutate' || value.kind === 'runtime' || value.type === types.errorType);
  const arrow = e.kind === 'prefix' && e.operator === '<-';
  const inner = e.kind === 'paren' ? e.inner : e;
  if (!effects.has(inner.kind) && !pushed && !arrow && value.type !== types.errorType) {
    const isShift = e.kind === 'infix' && e.operator === '<<';
    f.error(isShift ? 'unused expression' : 'expression evaluated but not used', span);
  }
  if (e.kind === 'call') requireHandled(f, e, value);
  return [{ kind: 'expr', value, span }];
}

/** Checks an expression whose value nobody wants. */
function checkEffect(f: FnContext, e: Expr): TExpr {
  if (e.kind === 'if') return checkIf(f, e, undefined, false);
  if (e.kind === 'match') return checkMatch(f, e, undefined, false);
  if (e.kind === 'or') return checkOr(f, e, undefined, false);
  if (e.kind === 'lock') return checkLock(f, e, undefined, false);
  if (e.kind === 'spawn') return checkSpawn(f, e, false);
  if (e.kind !== 'unsafe') return checkExpr(f, e);
  const body = f.scoped(() => checkBlock(f, e.body));
  return { kind: 'block', body, type: types.voidType, span: e.span };
}

function describe(f: FnContext, e: Expr): string {
  return f.program.source.text
    .slice(e.span.start, e.span.end)
    .replace(/\s*\n\s*/g, ' ')
    .slice(0, 60);
}

/** A call whose option or result nobody looks at is V's error. */
function requireHandled(f: FnContext, e: Expr & { kind: 'call' }, value: TExpr): void {
  const t = types.unalias(value.type);
  if (t.kind !== 'option' && t.kind !== 'result') return;
  const mark = t.kind === 'option' ? '?' : '!';
  const callee = f.program.source.text.slice(e.callee.span.start, e.callee.span.end);
  f.error(
    `${callee}() returns \`${value.type.name}\`, so it should have either an \`or ` +
      `{}\` block, or \`${mark}\` at the end`,
    e.span,
  );
}

// --- declarations and assignments ----------------------------------------------------------------

function plural(count: number, one: string): string {
  return count === 1 ? `${count} ${one}` : `${count} ${one}s`;
}

function checkDeclare(f: FnContext, s: AssignStmt): TStmt[] {
  for (const t of s.targets) {
    if (t.modifier && t.modifier !== 'shared') {
      f.program.unsupported(`a \`${t.modifier}\` variable`, t.span);
      return [];
    }
    if (t.value.kind !== 'ident') {
      f.error(`non-name on the left side of \`:=\``, t.value.span);
      return [];
    }
  }
  const names = s.targets.map((t) => ({
    name: t.value.kind === 'ident' ? t.value.name : '_',
    mut: t.mut,
    span: t.value.span,
  }));
  if (s.values.length === 1 && names.length > 1) return declareFromTuple(f, s, names);
  if (!countsMatch(f, s)) return [];
  f.declaring = names.map((n) => n.name);
  const values = s.values.map((v) => checkInitial(f, v));
  f.declaring = [];
  const stmts: TStmt[] = [];
  // All right sides are evaluated before any name exists.
  names.forEach((n, i) => {
    const given = values[i] as TExpr;
    const isShared = s.targets[i]?.modifier === 'shared';
    const value = isShared && given.type !== types.errorType ? newShared(f, given, s.span) : given;
    const local = f.declare(n.name, value.type, n.span, n.mut);
    stmts.push({ kind: 'let', local, value, span: s.span });
  });
  return stmts;
}

function countsMatch(f: FnContext, s: AssignStmt): boolean {
  if (s.targets.length === s.values.length) return true;
  const left = plural(s.targets.length, 'variable');
  f.error(`assignment mismatch: ${left} ${plural(s.values.length, 'value')}`, s.span);
  return false;
}

function checkInitial(f: FnContext, e: Expr): TExpr {
  const value = checkValue(f, e);
  if (value.type === types.noneType) {
    f.error('cannot assign a `none` value to a variable', e.span);
    return bad(e.span);
  }
  if (value.type === types.nilType) {
    f.error('use of untyped nil in assignment (use `unsafe`)', e.span);
    return bad(e.span);
  }
  if (value.kind === 'int' && value.type === types.intLiteral) {
    const { low, high } = types.intRange(types.intType);
    if (value.value < low || value.value > high) {
      f.error('overflow in implicit type `int`, use explicit type casting instead', e.span);
    }
  }
  if (value.type.kind === 'tuple') {
    f.error(`cannot use multi-value ${value.type.name} in single-value context`, e.span);
    return bad(e.span);
  }
  requireUnwrapped(f, e, value);
  return settle(value);
}

function requireUnwrapped(f: FnContext, e: Expr, value: TExpr): void {
  const t = types.unalias(value.type);
  if (t.kind === 'result' && e.kind === 'call') requireHandled(f, e, value);
}

interface NewName {
  readonly name: string;
  readonly mut: boolean;
  readonly span: Span;
}

function declareFromTuple(f: FnContext, s: AssignStmt, names: readonly NewName[]): TStmt[] {
  const value = checkValue(f, s.values[0] as Expr);
  const parts = tupleParts(f, s, value, names.length);
  const locals = names.map((n, i) => f.declare(n.name, parts[i] ?? types.errorType, n.span, n.mut));
  return [{ kind: 'unpack', locals, value, span: s.span }];
}

function tupleParts(f: FnContext, s: AssignStmt, value: TExpr, count: number): readonly Type[] {
  const t = types.unalias(value.type);
  if (t.kind === 'tuple' && t.types.length === count) return t.types;
  if (t === types.errorType) return [];
  const got = t.kind === 'tuple' ? t.types.length : 1;
  const [first] = s.values;
  if (first?.kind === 'call') {
    const callee = f.program.source.text.slice(first.callee.span.start, first.callee.span.end);
    f.error(
      `assignment mismatch: ${plural(count, 'variable')} but \`${callee}()\` returns ` +
        `${plural(got, 'value')}`,
      s.span,
    );
  } else {
    f.error(`assignment mismatch: ${plural(count, 'variable')} ${plural(got, 'value')}`, s.span);
  }
  return [];
}

function checkAssign(f: FnContext, s: AssignStmt): TStmt[] {
  if (s.operator !== '=') return checkOpAssign(f, s);
  if (s.values.length === 1 && s.targets.length > 1) return assignFromTuple(f, s);
  if (!countsMatch(f, s)) return [];
  if (s.targets.length === 1) {
    const [target] = s.targets;
    const [value] = s.values;
    return target && value ? assignOne(f, target.value, value, s.span) : [];
  }
  return assignParallel(f, s);
}

function assignOne(f: FnContext, target: Expr, valueExpr: Expr, span: Span): TStmt[] {
  if (target.kind === 'ident' && target.name === '_') {
    return [{ kind: 'expr', value: settle(checkValue(f, valueExpr)), span }];
  }
  const place = assignablePlace(f, target);
  const value = checkValue(f, valueExpr, place.type);
  return [
    { kind: 'assign', place, value: assignedValue(f, target, place, value, valueExpr), span },
  ];
}

function assignablePlace(f: FnContext, target: Expr): Place {
  const place = placeOf(f, target);
  if (place) return place;
  f.error(
    target.kind === 'call'
      ? `cannot call function \`${describe(f, target.callee)}()\` on the left side of an assignment`
      : `non-name \`${describe(f, target)}\` on left side of \`=\``,
    target.span,
  );
  return {
    kind: 'local',
    local: f.temporary('bad', types.errorType, target.span),
    type: types.errorType,
  };
}

function assignedValue(
  f: FnContext,
  target: Expr,
  place: Place,
  value: TExpr,
  valueExpr: Expr,
): TExpr {
  const message = (): string =>
    `cannot assign to \`${describe(f, target)}\`: expected \`${place.type.name}\`, ` +
    `not \`${value.type.name}\``;
  if (value.type === types.errorType || place.type === types.errorType) return value;
  return coerceOr(f, value, place.type, message, valueExpr.span);
}

/** `a, b = b, a`: every right side is evaluated before anything is stored. */
function assignParallel(f: FnContext, s: AssignStmt): TStmt[] {
  const places = s.targets.map((t) =>
    t.value.kind === 'ident' && t.value.name === '_' ? undefined : assignablePlace(f, t.value),
  );
  const lets: TStmt[] = [];
  const stores: TStmt[] = [];
  s.values.forEach((v, i) => {
    const place = places[i];
    const target = s.targets[i];
    const checked = checkValue(f, v, place?.type);
    const value =
      place && target ? assignedValue(f, target.value, place, checked, v) : settle(checked);
    const temp = f.temporary('next', value.type, v.span);
    lets.push({ kind: 'let', local: temp, value, span: s.span });
    if (place) stores.push({ kind: 'assign', place, value: localRef(temp, v.span), span: s.span });
  });
  return [...lets, ...stores];
}

function assignFromTuple(f: FnContext, s: AssignStmt): TStmt[] {
  const value = checkValue(f, s.values[0] as Expr);
  const parts = tupleParts(f, s, value, s.targets.length);
  const locals = s.targets.map((t, i) => f.temporary('part', parts[i] ?? types.errorType, t.span));
  const stores = s.targets.flatMap((t, i): TStmt[] => {
    if (t.value.kind === 'ident' && t.value.name === '_') return [];
    const place = assignablePlace(f, t.value);
    const local = locals[i];
    if (!local) return [];
    const part = localRef(local, t.span);
    return [
      {
        kind: 'assign',
        place,
        value: assignedValue(f, t.value, place, part, t.value),
        span: s.span,
      },
    ];
  });
  return [{ kind: 'unpack', locals, value, span: s.span }, ...stores];
}

function checkOpAssign(f: FnContext, s: AssignStmt): TStmt[] {
  const [target] = s.targets;
  const [valueExpr] = s.values;
  if (!target || !valueExpr || s.targets.length > 1 || s.values.length > 1) {
    f.error(`\`${s.operator}\` takes one target and one value`, s.span);
    return [];
  }
  const place = assignablePlace(f, target.value);
  const root = rootOf(place);
  if (root) root.used = true;
  const op = s.operator.slice(0, -1);
  const t = types.unalias(place.type);
  if (t === types.errorType) {
    checkValue(f, valueExpr);
    return [];
  }
  if (op === '<<' && t.kind === 'array') return checkAppend(f, place, valueExpr, s.span);
  const old = f.temporary('old', place.type, s.span);
  const left = localRef(old, target.span);
  const right = checkValue(f, valueExpr, t.kind === 'enum' ? place.type : undefined);
  if (right.type === types.errorType) return [];
  const value = modified(f, s, op, left, right, place, valueExpr);
  return [{ kind: 'modify', place, old, value, span: s.span }];
}

function modified(
  f: FnContext,
  s: AssignStmt,
  op: string,
  left: TExpr,
  right: TExpr,
  place: Place,
  at: Expr,
): TExpr {
  const target = describe(f, s.targets[0]?.value as Expr);
  const type = place.type;
  if (op === '&&' || op === '||') {
    const value = coerceOr(
      f,
      right,
      types.bool,
      () => `right operand for \`${op}\` is not a boolean`,
    );
    return { kind: 'logic', op, left, right: value, type: types.bool, span: s.span };
  }
  const bothNumbers = types.isNumber(type) && types.isNumber(right.type);
  const strings =
    types.unalias(type) === types.string && types.unalias(right.type) === types.string;
  if (!bothNumbers && !strings && types.unalias(type).kind !== types.unalias(right.type).kind) {
    f.error(
      `cannot assign to \`${target}\`: expected \`${type.name}\`, not \`${right.type.name}\``,
      at.span,
    );
    return bad(s.span);
  }
  if (!types.isNumber(type) && types.unalias(type) === types.string && op !== '+') {
    f.error(
      `operator \`${s.operator}\` not defined on left operand type \`${type.name}\``,
      s.targets[0]?.span ?? s.span,
    );
    return bad(s.span);
  }
  const shift = op === '<<' || op === '>>' || op === '>>>';
  if (bothNumbers && !shift) {
    const fitted = coerce(f, right, type);
    if (!fitted) {
      f.error(
        `cannot assign to \`${target}\`: expected \`${type.name}\`, not \`${right.type.name}\``,
        at.span,
      );
      return bad(s.span);
    }
    return infixOf(f, op, left, fitted, s.span, s.span);
  }
  return infixOf(f, op, left, right, s.span, s.span);
}

// --- leaving -----------------------------------------------------------------------------------

function checkReturn(f: FnContext, s: Stmt & { kind: 'return' }): TStmt[] {
  const { span } = s;
  const result = types.unalias(f.result);
  if (f.insideDefer) {
    f.error('`return` is not allowed inside `defer` block', span);
    return [];
  }
  const wrapped = result.kind === 'option' || result.kind === 'result';
  const inner = wrapped ? types.unalias(result.inner) : result;
  if (s.values.length === 0) {
    if (inner !== types.voidType && inner !== types.errorType) {
      f.error(`expected \`${f.result.name}\` argument`, span);
    }
    const value = inner === types.voidType ? emptySuccess(result, f.result, span) : undefined;
    return [{ kind: 'return', value, span }];
  }
  if (f.result === types.voidType) {
    // `return f()` is fine when f returns nothing.
    const [only] = s.values;
    const value = only && s.values.length === 1 ? checkExpr(f, only) : undefined;
    if (
      value &&
      (value.type === types.voidType ||
        value.type === types.never ||
        value.type === types.errorType)
    ) {
      return [
        { kind: 'expr', value, span },
        { kind: 'return', value: undefined, span },
      ];
    }
    f.error('unexpected argument, current function does not return anything', only?.span ?? span);
    return [{ kind: 'return', value: undefined, span }];
  }
  if (s.values.length > 1 || (inner.kind === 'tuple' && s.values.length > 1))
    return returnTuple(f, s, inner);
  const [e] = s.values as [Expr];
  const value = checkValue(f, e, f.result);
  return [{ kind: 'return', value: returned(f, value, f.result, e.span), span }];
}

/** What `return` gives in a function that returns `?` or `!` without a value. */
export function emptySuccess(result: Type, type: Type, span: Span): TExpr | undefined {
  if (result.kind !== 'option' && result.kind !== 'result') return undefined;
  const value: TExpr = { kind: 'atom', name: 'nil', type: types.voidType, span };
  return {
    kind: 'wrap',
    wrap: { kind: result.kind === 'option' ? 'some' : 'ok' },
    value,
    type,
    span,
  };
}

function returned(f: FnContext, value: TExpr, type: Type, span: Span): TExpr {
  const message = (): string =>
    `cannot use \`${value.type.name}\` as type \`${type.name}\` in return argument`;
  return coerceOr(f, referenceTo(value, type), type, message, span);
}

/** A value returned where a reference is wanted gets one. */
function referenceTo(value: TExpr, type: Type): TExpr {
  let wanted = types.unalias(type);
  if (wanted.kind === 'option' || wanted.kind === 'result') wanted = types.unalias(wanted.inner);
  if (wanted.kind !== 'ref' || types.unalias(value.type) !== types.unalias(wanted.inner))
    return value;
  const { span } = value;
  if (value.kind !== 'local') return { kind: 'newCell', value, type: wanted, span };
  value.local.cell = true;
  return { kind: 'addressOf', local: value.local, type: wanted, span };
}

function returnTuple(f: FnContext, s: Stmt & { kind: 'return' }, inner: Type): TStmt[] {
  const { span } = s;
  if (inner.kind !== 'tuple' || inner.types.length !== s.values.length) {
    const wanted = inner.kind === 'tuple' ? inner.types.length : 1;
    f.error(`expected ${plural(wanted, 'argument')}, but got ${s.values.length}`, span);
    return [{ kind: 'return', value: undefined, span }];
  }
  const values = s.values.map((e, i) => {
    const want = inner.types[i] as Type;
    return returned(f, checkValue(f, e, want), want, e.span);
  });
  const tuple: TExpr = { kind: 'tuple', values, type: inner, span };
  return [{ kind: 'return', value: coerce(f, tuple, f.result) ?? tuple, span }];
}

function checkBranch(f: FnContext, s: Stmt & { kind: 'branch' }): TStmt[] {
  if (s.how === 'goto') {
    f.program.unsupported('`goto`', s.span);
    return [];
  }
  const target = s.label ? f.loops.find((l) => l.label === s.label) : f.loops[f.loops.length - 1];
  if (!target) {
    f.error(
      s.label ? `invalid label name \`${s.label}\`` : `${s.how} statement not within a loop`,
      s.span,
    );
    return [];
  }
  return [{ kind: s.how, target, span: s.span }];
}

function checkDefer(f: FnContext, s: Stmt & { kind: 'defer' }): TStmt[] {
  if (f.insideDefer) {
    f.error('`defer` blocks cannot be nested', s.span);
    return [];
  }
  f.insideDefer = true;
  const body = f.scoped(() => checkBlock(f, s.body));
  f.insideDefer = false;
  return [{ kind: 'defer', body, atFunctionEnd: s.atFunctionEnd, span: s.span }];
}

// --- assert ------------------------------------------------------------------------------------

/**
 * A failed assertion prints where it stands, its source and both sides of a comparison, as V does:
 *
 *     file.v:3: FAIL: fn main.main: assert x == 2
 *       left value: x = 1
 *      right value: 2
 */
function checkAssert(f: FnContext, s: Stmt & { kind: 'assert' }): TStmt[] {
  const { span } = s;
  const stmts: TStmt[] = [];
  const sides = assertSides(f, s.condition, stmts);
  const condition = sides?.condition ?? checkValue(f, s.condition, types.bool);
  if (condition.type !== types.errorType && types.unalias(condition.type) !== types.bool) {
    f.error(
      `assert can be used only with \`bool\` expressions, but found ` +
        `\`${condition.type.name}\` instead`,
      s.condition.span,
    );
    return [];
  }
  const message = s.message && checkValue(f, s.message, types.string);
  if (message && types.unalias(message.type) !== types.string && message.type !== types.errorType) {
    f.error('assert allows only a single string as its second argument', s.message?.span ?? span);
    return [];
  }
  const { source } = f.program;
  const where =
    `${source.path}:${source.lineOf(span.start)}: FAIL: fn ` +
    `main.${f.displayName}: assert ${describe(f, s.condition)}`;
  const list = (values: readonly TExpr[]): TExpr => ({
    kind: 'list',
    values,
    type: types.voidType,
    span,
  });
  const args = [
    stringConst(Buffer.from(where).toString('latin1'), span),
    list(sides?.shown ?? []),
    list(message ? [message] : []),
  ];
  const failure: TExpr = {
    kind: 'runtime',
    module: 'v_rt',
    name: 'assert_failed',
    args,
    type: types.never,
    span,
  };
  const negated: TExpr = { kind: 'not', value: condition, type: types.bool, span };
  const check: TExpr = {
    kind: 'if',
    condition: negated,
    whenTrue: { stmts: [{ kind: 'expr', value: failure, span }], value: undefined },
    otherwise: { stmts: [], value: undefined },
    type: types.voidType,
    span,
  };
  smartcastAsserted(f, s.condition);
  return [...stmts, { kind: 'expr', value: check, span }];
}

/** Both sides of an asserted comparison, kept in variables so that the message can show them. */
function assertSides(
  f: FnContext,
  e: Expr,
  stmts: TStmt[],
): { condition: TExpr; shown: readonly TExpr[] } | undefined {
  if (e.kind !== 'infix' || !['==', '!=', '<', '<=', '>', '>='].includes(e.operator))
    return undefined;
  const condition = checkExpr(f, e);
  const compared = condition.kind === 'not' ? condition.value : condition;
  if (compared.kind !== 'compare') return { condition, shown: [] };
  const keep = (value: TExpr): TExpr => {
    if (
      value.kind === 'int' ||
      value.kind === 'string' ||
      value.kind === 'bool' ||
      value.kind === 'atom'
    )
      return value;
    const local = f.temporary('side', value.type, value.span);
    stmts.push({ kind: 'let', local, value, span: e.span });
    return localRef(local, value.span);
  };
  const left = keep(compared.left);
  const right = keep(compared.right);
  const comparison: TExpr = { ...compared, left, right };
  const kept: TExpr = condition.kind === 'not' ? { ...condition, value: comparison } : comparison;
  const shown = [
    stringConst(Buffer.from(describe(f, e.left)).toString('latin1'), e.span),
    strCall(f, left, true),
    stringConst(Buffer.from(describe(f, e.right)).toString('latin1'), e.span),
    strCall(f, right, true),
  ];
  return { condition: kept, shown };
}

export { readPlace };

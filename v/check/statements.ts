// Checking of statements and blocks.

import type { Block, Expr, Stmt } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TBlock, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { checkReturnedReference } from './address_rules.ts';
import { checkAssert } from './assertions.ts';
import { checkAssign, checkDeclare, plural } from './assign.ts';
import { orOfPush } from './channels.ts';
import type { FnContext } from './context.ts';
import { checkIf } from './control.ts';
import { coerce, coerceOr, settle } from './convert.ts';
import { checkDefer } from './defer.ts';
import { checkExpr, checkValue } from './expressions.ts';
import { diverges } from './flow.ts';
import { checkReached, noteAfterNoReturn } from './flow_rules.ts';
import { checkFor } from './loops.ts';
import { checkMatch } from './match.ts';
import { declareLocalStruct } from './named_types.ts';
import { checkOr } from './or.ts';
import { referenceOf } from './references.ts';
import { checkLock } from './shared.ts';
import { smartcastsWhenFalse, withSmartcasts } from './smartcasts.ts';
import { checkSpawn } from './threads.ts';

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
  checkReached(f, block);
  for (let i = 0; i <= last; i++) {
    const s = block.stmts[i] as Stmt;
    noteAfterNoReturn(f, stmts, s);
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
      f.error('expression evaluated but not used', s.span);
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
    case 'structDecl':
      declareLocalStruct(f, s.decl);
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

/** Whether an expression is worth a statement of its own. */
export function hasEffect(e: Expr): boolean {
  return (
    effects.has(e.kind === 'paren' ? e.inner.kind : e.kind) ||
    e.kind === 'infix' ||
    e.kind === 'prefix'
  );
}

function checkExprStmt(f: FnContext, e: Expr, span: Span): TStmt[] {
  const isPush = e.kind === 'infix' && (e.operator === '<<' || e.operator === '<-');
  const push = e.kind === 'infix' ? orOfPush(f, e) : undefined;
  if (push) return checkExprStmt(f, push, span);
  if (e.kind === 'call') f.statementCall = e;
  if (e.kind === 'or') f.statementCall = e.value;
  const value = checkEffect(f, e);
  const pushed =
    isPush &&
    (value.kind === 'mutate' ||
      value.kind === 'block' ||
      value.kind === 'runtime' ||
      value.type === types.errorType);
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
  const before = f.insideUnsafe;
  f.insideUnsafe = true;
  const body = f.scoped(() => checkBlock(f, e.body));
  f.insideUnsafe = before;
  return { kind: 'block', body, type: types.voidType, span: e.span };
}

export function describe(f: FnContext, e: Expr): string {
  return f.program
    .textOf(e.span)
    .replace(/\s*\n\s*/g, ' ')
    .slice(0, 60);
}

/** A call whose result (or option of several values) nobody looks at is V's error. */
export function requireHandled(f: FnContext, e: Expr & { kind: 'call' }, value: TExpr): void {
  const t = types.unalias(value.type);
  const several = t.kind === 'option' && types.unalias(t.inner).kind === 'tuple';
  if (t.kind !== 'result' && !several) return;
  const mark = t.kind === 'option' ? '?' : '!';
  const callee = f.program.textOf(e.callee.span);
  f.error(
    `${callee}() returns \`${value.type.name}\`, so it should have either an \`or ` +
      `{}\` block, or \`${mark}\` at the end`,
    e.span,
  );
}

// --- leaving -----------------------------------------------------------------------------------

function checkReturn(f: FnContext, s: Stmt & { kind: 'return' }): TStmt[] {
  const { span } = s;
  const result = types.unalias(f.result);
  if (f.insideDefer) {
    f.error('`return` not allowed inside `defer` block', span);
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
  checkReturnedReference(f, e, value, f.result);
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
  return referenceOf(value, wanted);
}

function returnTuple(f: FnContext, s: Stmt & { kind: 'return' }, inner: Type): TStmt[] {
  const { span } = s;
  if (inner.kind !== 'tuple' || inner.types.length !== s.values.length) {
    const wanted = inner.kind === 'tuple' ? inner.types.length : 1;
    f.error(`expected ${plural(wanted, 'argument')}, but got ${s.values.length}`, span);
    return [{ kind: 'return', value: undefined, span }];
  }
  // `return none, …` of an option of several values is none as a whole.
  if (s.values[0]?.kind === 'none' && types.unalias(f.result).kind === 'option') {
    const value: TExpr = { kind: 'atom', name: 'none', type: f.result, span };
    return [{ kind: 'return', value, span }];
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

// `shared` variables and fields, and `lock`. The value is owned by an Erlang process, see v_shared
// in the runtime; a variable or field holds that process.

import type { Block, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, Place, TBlock, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { settle } from './convert.ts';
import { bad, checkValue, deref, localRef, pathOf, runtime } from './expressions.ts';
import { readPlace } from './places.ts';
import { checkBlock } from './statements.ts';

/** The process for a value; what is shared already stays what it is. */
export function newShared(f: FnContext, value: TExpr, span: Span): TExpr {
  if (types.unalias(value.type).kind === 'shared') return value;
  const held = deref(value);
  f.program.handed.push(held.type);
  return runtime('v_shared', 'new', [held], types.wrapOf('shared', held.type), span);
}

/** Checks an expression whose `shared` value itself is wanted, not what it holds. */
export function checkHandle(f: FnContext, e: Expr): TExpr {
  const before = f.sharedAllowed;
  f.sharedAllowed = true;
  const value = checkValue(f, e);
  f.sharedAllowed = before;
  return value;
}

/**
 * What a `shared` value that is not locked stands for: itself where that is wanted, else what it
 * holds at this moment. Where V wants a lock, `reading` says so.
 */
export function unlockedValue(f: FnContext, e: Expr, value: TExpr, expected?: Type): TExpr {
  let wanted = expected && types.unalias(expected);
  if (wanted?.kind === 'option' || wanted?.kind === 'result') wanted = types.unalias(wanted.inner);
  if (f.sharedAllowed || wanted?.kind === 'shared' || value.type.kind !== 'shared') return value;
  f.unlockedReads.push(e);
  return runtime('v_shared', 'read', [value], value.type.inner, e.span);
}

/** Checks an operand in which no `shared` value may be read without a lock. */
export function reading<T>(f: FnContext, what: string, check: () => T): T {
  const before = f.unlockedReads.length;
  const result = check();
  const first = f.unlockedReads[before];
  f.unlockedReads.length = before;
  if (first) {
    const action = what === 'argument' ? 'passed' : 'used';
    f.error(
      `\`${textOf(f, first)}\` is \`shared\` and must be \`rlock\`ed or \`lock\`ed to be ` +
        `${action} as non-mut ${what}`,
      first.span,
    );
  }
  return result;
}

function textOf(f: FnContext, e: Expr): string {
  return f.program.sources.textOf(e.span);
}

interface Borrowed {
  readonly expression: Expr;
  readonly handle: Local;
  readonly type: Type;
  readonly readOnly: boolean;
}

/**
 * `lock a, b { … }` borrows the values, runs the block on variables of the same names, and gives
 * them back on every way out of it. `lock { … }` borrows all that the block names.
 */
export function checkLock(
  f: FnContext,
  e: Expr & { kind: 'lock' },
  expected: Type | undefined,
  wantsValue: boolean,
): TExpr {
  const { span } = e;
  return f.scoped(() => {
    const stmts: TStmt[] = [];
    const borrowed: Borrowed[] = [];
    const locked = e.locked.length > 0 ? e.locked : mentioned(f, e.body);
    const names = new Set<string>();
    for (const { value, readOnly } of locked) {
      const name = textOf(f, value);
      if (names.has(name)) f.error(`\`${name}\` is already locked`, value.span);
      names.add(name);
      const found = handleOf(f, value);
      if (!found) return bad(span);
      const handle = f.temporary('handle', found.type, value.span);
      stmts.push({ kind: 'let', local: handle, value: found, span: value.span });
      const { inner } = types.unalias(found.type) as types.WrapType;
      borrowed.push({ expression: value, handle, type: inner, readOnly });
    }
    if (borrowed.length > 0) stmts.push(...borrow(f, borrowed, span));
    const body = f.scoped(() => checkBlock(f, e.body, { expected, wantsValue }));
    const all: TBlock = { stmts: [...stmts, ...body.stmts], value: body.value };
    return { kind: 'block', body: all, type: body.value?.type ?? types.voidType, span };
  });
}

function handleOf(f: FnContext, e: Expr): TExpr | undefined {
  const handle = checkHandle(f, e);
  const t = types.unalias(handle.type);
  if (t.kind === 'shared') return handle;
  if (t !== types.errorType) {
    const what = e.kind === 'ident' ? 'variable' : 'struct element';
    f.error(`\`${textOf(f, e)}\` must be declared as \`shared\` ${what} to be locked`, e.span);
  }
  return undefined;
}

/** The `shared` variables that a block names. */
function mentioned(f: FnContext, body: Block): { value: Expr; readOnly: boolean }[] {
  const found = new Map<string, Expr>();
  const queue: unknown[] = [body];
  while (queue.length > 0) {
    const node = queue.pop();
    if (typeof node !== 'object' || node === null) continue;
    const e = node as Partial<Expr & { kind: 'ident' }>;
    if (e.kind === 'ident' && typeof e.name === 'string') {
      const type = f.scope.find(e.name)?.local.type;
      if (type && types.unalias(type).kind === 'shared') found.set(e.name, node as Expr);
    }
    queue.push(...Object.values(node));
  }
  return [...found.values()].map((value) => ({ value, readOnly: false }));
}

/** Borrows all values at once: the runtime chooses an order in which nobody deadlocks. */
function borrow(f: FnContext, all: readonly Borrowed[], span: Span): TStmt[] {
  // Two names may turn out to be one value: both must then see what is written to it.
  const mayMeet =
    all.some((b) => !b.readOnly) &&
    new Set(all.map((b) => types.unalias(b.type))).size < all.length;
  const locals = all.map((b) => {
    const { expression } = b;
    const name = expression.kind === 'ident' ? expression.name : 'locked';
    const type = mayMeet ? types.refOf(b.type) : b.type;
    const local = f.program.newLocal(name, type, expression.span, !b.readOnly);
    local.used = true;
    if (b.readOnly) f.readLocked.add(local);
    return local;
  });
  const requests = all.map((b): TExpr => {
    const name = b.readOnly ? 'rlock' : 'lock';
    const how: TExpr = { kind: 'atom', name, type: types.noneType, span };
    return { kind: 'tuple', values: [localRef(b.handle, span), how], type: types.voidType, span };
  });
  const list: TExpr = { kind: 'list', values: requests, type: types.voidType, span };
  const tuple = types.tupleOf(locals.map((l) => l.type));
  const values = runtime('v_shared', mayMeet ? 'borrow_cells' : 'borrow', [list], tuple, span);
  all.forEach((b, i) => {
    nameLocked(f, b.expression, locals[i] as Local, b.type);
  });
  return [
    { kind: 'unpack', locals, value: values, span },
    ...(mayMeet ? [] : all.map((b, i) => giveBack(b, locals[i] as Local, span))),
    ...(mayMeet ? [giveCellsBack(list, locals, span)] : []),
  ];
}

/** The locked expression stands for the borrowed value, or for what the borrowed cell holds. */
function nameLocked(f: FnContext, e: Expr, local: Local, type: Type): void {
  const { span } = e;
  const isCell = local.type !== type;
  const reference = localRef(local, span);
  const place: Place = isCell
    ? { kind: 'target', reference, type, span }
    : { kind: 'local', local, type };
  const value = readPlace(place, span);
  if (e.kind !== 'ident') f.scope.defineLocked(pathOf(e) ?? '', value, place);
  else f.scope.define(e.name, { local, view: isCell ? { value, place } : undefined });
}

function later(value: TExpr, span: Span): TStmt {
  const body: TBlock = { stmts: [{ kind: 'expr', value, span }], value: undefined };
  return { kind: 'defer', body, atFunctionEnd: false, span };
}

function giveBack(b: Borrowed, local: Local, span: Span): TStmt {
  const handle = localRef(b.handle, span);
  const args = b.readOnly ? [handle] : [handle, localRef(local, span)];
  const name = b.readOnly ? 'runlock' : 'unlock';
  return later(runtime('v_shared', name, args, types.voidType, span), span);
}

function giveCellsBack(requests: TExpr, locals: readonly Local[], span: Span): TStmt {
  const values = locals.map((l) => localRef(l, span));
  const cells: TExpr = { kind: 'list', values, type: types.voidType, span };
  const args = [requests, cells];
  return later(runtime('v_shared', 'give_back', args, types.voidType, span), span);
}

// --- changes without a lock ---------------------------------------------------------------------

/**
 * `x << v` and `x[i]++` on a `shared` value lock it for themselves: the expression to lock when `e`
 * changes one that is not locked.
 */
export function unlockedShared(f: FnContext, e: Expr): Expr | undefined {
  switch (e.kind) {
    case 'ident': {
      const type = f.scope.find(e.name)?.local.type;
      return type && types.unalias(type).kind === 'shared' ? e : undefined;
    }
    case 'paren':
      return unlockedShared(f, e.inner);
    case 'index':
      return f.castOf(pathOf(e)) ? undefined : unlockedShared(f, e.value);
    case 'selector':
      if (f.castOf(pathOf(e))) return undefined;
      return unlockedShared(f, e.value) ?? sharedField(f, e);
    default:
      return undefined;
  }
}

function sharedField(f: FnContext, e: Expr & { kind: 'selector' }): Expr | undefined {
  const type = pathType(f, e);
  return type && types.unalias(type).kind === 'shared' ? e : undefined;
}

/** The declared type of `a.b.c`; a locked path has the type of what it holds. */
function pathType(f: FnContext, e: Expr): Type | undefined {
  const cast = f.castOf(pathOf(e));
  if (cast) return cast.value.type;
  if (e.kind === 'ident') return f.scope.find(e.name)?.local.type;
  if (e.kind !== 'selector') return undefined;
  const base = pathType(f, e.value);
  const owner = base && types.strip(base);
  return owner?.kind === 'struct' ? owner.fields.find((x) => x.name === e.name)?.type : undefined;
}

/**
 * Makes a change to a `shared` value that is not locked. Its owner makes it, so that the value does
 * not travel; the operands are evaluated here first. `change` gets the changed expression with the
 * operands replaced, and the operand on the right.
 */
export function changeUnlocked(
  f: FnContext,
  shared: Expr,
  target: Expr,
  right: Expr | undefined,
  span: Span,
  change: (target: Expr, right: Expr) => readonly TStmt[],
): TExpr {
  const handle = handleOf(f, shared);
  if (!handle) return bad(span);
  const { inner: type } = types.unalias(handle.type) as types.WrapType;
  const local = f.program.newLocal('value', type, span, true);
  local.used = true;
  return f.scoped(() => {
    const stmts: TStmt[] = [];
    const path = withNamedOperands(f, target, shared, stmts);
    const held = types.unalias(type);
    const hint = held.kind === 'array' && target === shared ? held.element : undefined;
    const operand = right ? named(f, right, stmts, hint) : target;
    const place = { kind: 'local', local, type } as const;
    if (shared.kind === 'ident') f.scope.define(shared.name, { local, view: undefined });
    else f.scope.defineLocked(pathOf(shared) ?? '', localRef(local, span), place);
    const body: TBlock = {
      stmts: [...change(path, operand), { kind: 'return', value: localRef(local, span), span }],
      value: undefined,
    };
    const fnType = types.fnOf([{ name: '', type, mut: false, variadic: false }], type);
    const work: TExpr = {
      kind: 'closure',
      params: [local],
      outs: [],
      body,
      result: type,
      captures: [],
      type: fnType,
      span,
    };
    const value = runtime('v_shared', 'update', [handle, work], types.voidType, span);
    return { kind: 'block', body: { stmts, value }, type: types.voidType, span };
  });
}

/** Evaluates an operand now; the expression that stands for it. */
function named(f: FnContext, e: Expr, stmts: TStmt[], hint?: Type): Expr {
  if (e.kind === 'number' || e.kind === 'string') return e;
  const value = settle(checkValue(f, e, hint));
  // No name in a program looks like this.
  const name = `%${f.program.offsetOf(e.span)}`;
  const local = f.temporary(name, value.type, e.span);
  stmts.push({ kind: 'let', local, value, span: e.span });
  f.scope.define(name, { local, view: undefined });
  return { kind: 'ident', name, span: e.span };
}

/** The same path with its indices replaced by names of what they are. */
function withNamedOperands(f: FnContext, e: Expr, shared: Expr, stmts: TStmt[]): Expr {
  if (e === shared) return e;
  switch (e.kind) {
    case 'paren':
      return withNamedOperands(f, e.inner, shared, stmts);
    case 'selector':
      return { ...e, value: withNamedOperands(f, e.value, shared, stmts) };
    case 'index': {
      const value = withNamedOperands(f, e.value, shared, stmts);
      return { ...e, value, index: named(f, e.index, stmts) };
    }
    default:
      return e;
  }
}

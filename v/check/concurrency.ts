// `spawn`, threads, channels, and `shared` variables with `lock`. All of them are Erlang processes;
// see v_thread, v_chan and v_shared in the runtime. References live in one process only, so they
// cannot be handed to another.

import type { CallExpr, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Arg, Local, TBlock, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { checkRowArgs, type Selector } from './builtin_methods.ts';
import type { FnContext } from './context.ts';
import { coerceOr, settle, zeroValue } from './convert.ts';
import { bad, checkExpr, checkValue, intConst, localRef, runtime } from './expressions.ts';
import { usedPlace } from './places.ts';
import { checkBlock } from './statements.ts';

/** Whether a value of this type can lead to a cell of the process that made it. */
function holdsReference(type: Type, seen: Set<Type> = new Set()): boolean {
  const t = types.unalias(type);
  if (seen.has(t)) return false;
  seen.add(t);
  switch (t.kind) {
    case 'ref':
      return true;
    case 'array':
    case 'fixed':
      return holdsReference(t.element, seen);
    case 'map':
      return holdsReference(t.key, seen) || holdsReference(t.value, seen);
    case 'option':
    case 'result':
    case 'chan':
    case 'shared':
      return holdsReference(t.inner, seen);
    case 'struct':
      return t.fields.some((x) => holdsReference(x.type, seen));
    case 'sum':
      return t.variants.some((x) => holdsReference(x, seen));
    case 'tuple':
      return t.types.some((x) => holdsReference(x, seen));
    default:
      return false;
  }
}

// --- spawn ---------------------------------------------------------------------------------------

export function checkSpawn(f: FnContext, e: Expr & { kind: 'spawn' }, wantsThread = true): TExpr {
  const { span } = e;
  if (e.call.kind !== 'call') {
    f.error('command arguments of `spawn` must be a function call', e.call.span);
    return bad(span);
  }
  const call = checkExpr(f, e.call);
  if (call.type === types.errorType) return bad(span);
  const stmts: TStmt[] = [];
  const keep = (value: TExpr): TExpr => {
    if (holdsReference(value.type))
      f.program.unsupported('handing a reference to another thread', value.span);
    const local = f.temporary('argument', value.type, span);
    stmts.push({ kind: 'let', local, value, span });
    return localRef(local, value.span);
  };
  const ready = withKeptArguments(f, call, keep);
  if (!ready) return bad(span);
  const result = ready.type;
  const isVoid = result === types.voidType || result === types.never;
  const body: TBlock = isVoid
    ? { stmts: [{ kind: 'expr', value: ready, span }], value: undefined }
    : { stmts: [{ kind: 'return', value: ready, span }], value: undefined };
  const type = types.fnOf([], isVoid ? types.voidType : result);
  const work: TExpr = {
    kind: 'closure',
    params: [],
    outs: [],
    body,
    result: type.result,
    captures: [],
    type,
    span,
  };
  const thread = types.wrapOf('thread', type.result);
  const value = runtime(
    'v_thread',
    wantsThread ? 'start' : 'detach',
    [work],
    wantsThread ? thread : types.voidType,
    span,
  );
  return { kind: 'block', body: { stmts, value }, type: value.type, span };
}

/** The call with its arguments evaluated here, in the thread that spawns. */
function withKeptArguments(
  f: FnContext,
  call: TExpr,
  keep: (value: TExpr) => TExpr,
): TExpr | undefined {
  const arg = (a: Arg): Arg | undefined => {
    if (a.kind === 'value') return { kind: 'value', value: keep(a.value) };
    f.program.unsupported('a `mut` argument of a spawned call', call.span);
    return undefined;
  };
  switch (call.kind) {
    case 'call': {
      const args = call.args.map(arg);
      return args.includes(undefined) ? undefined : { ...call, args: args as Arg[] };
    }
    case 'callValue': {
      const { callee } = call;
      if (callee.kind === 'closure') {
        const held = callee.captures.find(
          (c) => holdsReference(c.outer.type) || c.outer.cell || c.inner.cell,
        );
        if (held) f.program.unsupported('handing a reference to another thread', held.inner.span);
      }
      const args = call.args.map(arg);
      const kept = keep(callee);
      return args.includes(undefined) ? undefined : { ...call, callee: kept, args: args as Arg[] };
    }
    case 'runtime':
      return { ...call, args: call.args.map(keep) };
    default:
      f.program.unsupported('spawning this kind of call', call.span);
      return undefined;
  }
}

export function threadMethod(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  value: TExpr,
  t: types.WrapType,
): TExpr | undefined {
  if (callee.name !== 'wait') return undefined;
  if (!checkRowArgs(f, e, callee, [])) return bad(e.span);
  return runtime('v_thread', 'wait', [value], t.inner, e.span);
}

/** `threads.wait()` on `[]thread T` gives `[]T`. */
export function waitForAll(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  value: TExpr,
  thread: types.WrapType,
): TExpr {
  if (!checkRowArgs(f, e, callee, [])) return bad(e.span);
  const type = thread.inner === types.voidType ? types.voidType : types.arrayOf(thread.inner);
  return runtime('v_thread', 'wait_all', [value], type, e.span);
}

// --- channels ------------------------------------------------------------------------------------

/** `chan T{cap: n}` */
export function newChannel(
  f: FnContext,
  e: Expr & { kind: 'structLiteral' },
  type: types.WrapType,
): TExpr {
  const cap = e.fields.find((x) => x.name === 'cap');
  for (const x of e.fields) {
    if (x !== cap)
      f.error(`unknown field \`${x.name}\` in \`chan\` literal, only \`cap\` is known`, x.span);
  }
  const size = cap ? settle(checkValue(f, cap.value, types.intType)) : intConst(0, e.span);
  if (!types.isInteger(size.type) && size.type !== types.errorType)
    f.error('`cap` of a channel must be an integer', size.span);
  return runtime('v_chan', 'new', [size], type, e.span);
}

export function pushToChannel(f: FnContext, left: TExpr, right: Expr, span: Span): TExpr {
  const t = types.unalias(left.type);
  if (t.kind !== 'chan') {
    if (t !== types.errorType)
      f.error(`cannot push on non-channel \`${left.type.name}\``, left.span);
    checkExpr(f, right);
    return bad(span);
  }
  const value = checkValue(f, right, t.inner);
  const fitted = coerceOr(
    f,
    value,
    t.inner,
    () => `cannot push \`${value.type.name}\` on \`${left.type.name}\``,
  );
  if (holdsReference(t.inner)) f.program.unsupported('a reference in a channel', span);
  return runtime('v_chan', 'push', [left, fitted], types.voidType, span);
}

/** `<-ch`: the next value, or the zero value of a closed channel; before `or` an option. */
export function popFromChannel(
  f: FnContext,
  e: Expr & { kind: 'prefix' },
  asOption: boolean,
): TExpr {
  const channel = settle(checkValue(f, e.value));
  const t = types.unalias(channel.type);
  const { span } = e;
  if (t.kind !== 'chan') {
    if (t !== types.errorType) f.error(`<- operator can only be used with \`chan\` types`, span);
    return bad(span);
  }
  if (asOption) return runtime('v_chan', 'find', [channel], types.optionOf(t.inner), span);
  return runtime('v_chan', 'pop', [channel, zeroValue(f, t.inner, span)], t.inner, span);
}

export function channelMethod(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  value: TExpr,
  t: types.WrapType,
): TExpr | undefined {
  const { span } = e;
  const state = f.program.namedTypes.get('ChanState') ?? types.errorType;
  switch (callee.name) {
    case 'close':
      return checkRowArgs(f, e, callee, [])
        ? runtime('v_chan', 'close', [value], types.voidType, span)
        : bad(span);
    case 'try_push': {
      const args = checkRowArgs(f, e, callee, [t.inner]);
      return args ? runtime('v_chan', 'try_push', [value, ...args], state, span) : bad(span);
    }
    case 'try_pop':
      return tryPop(f, e, value, t, state);
    default:
      return undefined;
  }
}

/** `ch.try_pop(mut x)` stores what it got in x and says how it went. */
function tryPop(f: FnContext, e: CallExpr, value: TExpr, t: types.WrapType, state: Type): TExpr {
  const { span } = e;
  const [arg] = e.args;
  const place = arg && usedPlace(f, arg.value);
  if (!place || e.args.length !== 1) {
    f.error('`try_pop` takes one `mut` variable', span);
    return bad(span);
  }
  const how = f.temporary('state', state, span);
  const got = f.temporary('got', t.inner, span);
  const popped = runtime('v_chan', 'try_pop', [value], types.tupleOf([state, t.inner]), span);
  const success: TExpr = {
    kind: 'compare',
    op: '==',
    left: localRef(how, span),
    right: intConst(0, span, state),
    type: types.bool,
    span,
  };
  const store: TStmt = { kind: 'assign', place, value: localRef(got, span), span };
  const choice: TExpr = {
    kind: 'if',
    condition: success,
    whenTrue: { stmts: [store], value: undefined },
    otherwise: { stmts: [], value: undefined },
    type: types.voidType,
    span,
  };
  const stmts: TStmt[] = [
    { kind: 'unpack', locals: [how, got], value: popped, span },
    { kind: 'expr', value: choice, span },
  ];
  return { kind: 'block', body: { stmts, value: localRef(how, span) }, type: state, span };
}

// --- shared variables ----------------------------------------------------------------------------

/** `shared x := value`: the variable holds the process that owns the value. */
export function newShared(f: FnContext, value: TExpr, span: Span): TExpr {
  if (holdsReference(value.type)) f.program.unsupported('a reference in a `shared` variable', span);
  return runtime('v_shared', 'new', [value], types.wrapOf('shared', value.type), span);
}

/**
 * `lock a, b { … }` borrows the values, runs the block on variables of the same names, and gives
 * them back on every way out of it.
 */
export function checkLock(
  f: FnContext,
  e: Expr & { kind: 'lock' },
  expected: Type | undefined,
  wantsValue: boolean,
): TExpr {
  const { span } = e;
  return f.scoped(() => {
    const borrowed: Borrowed[] = [];
    for (const { value, readOnly } of e.locked) {
      const found = sharedVariable(f, value);
      if (!found) return bad(span);
      borrowed.push({ ...found, readOnly, span: value.span });
    }
    const stmts = borrow(f, borrowed, span);
    const body = f.scoped(() => checkBlock(f, e.body, { expected, wantsValue }));
    const all: TBlock = { stmts: [...stmts, ...body.stmts], value: body.value };
    return { kind: 'block', body: all, type: body.value?.type ?? types.voidType, span };
  });
}

interface Borrowed {
  readonly name: string;
  readonly owner: Local;
  readonly type: Type;
  readonly readOnly: boolean;
  readonly span: Span;
}

function sharedVariable(
  f: FnContext,
  e: Expr,
): { name: string; owner: Local; type: Type } | undefined {
  const binding = e.kind === 'ident' ? f.scope.find(e.name) : undefined;
  if (e.kind !== 'ident' || !binding) {
    f.program.unsupported('locking anything but a variable', e.span);
    return undefined;
  }
  const t = types.unalias(binding.local.type);
  if (t.kind !== 'shared') {
    f.error(`\`${e.name}\` must be declared as \`shared\` to be locked`, e.span);
    return undefined;
  }
  binding.local.used = true;
  return { name: e.name, owner: binding.local, type: t.inner };
}

/** Borrows all values at once: the runtime chooses an order in which nobody deadlocks. */
function borrow(f: FnContext, all: readonly Borrowed[], span: Span): TStmt[] {
  const locals = all.map((b) => {
    const local = f.program.newLocal(b.name, b.type, b.span, !b.readOnly);
    local.used = true;
    return local;
  });
  const requests = all.map((b): TExpr => {
    const how: TExpr = {
      kind: 'atom',
      name: b.readOnly ? 'rlock' : 'lock',
      type: types.noneType,
      span,
    };
    return { kind: 'tuple', values: [localRef(b.owner, b.span), how], type: types.voidType, span };
  });
  const list: TExpr = { kind: 'list', values: requests, type: types.voidType, span };
  const values = runtime('v_shared', 'borrow', [list], types.tupleOf(all.map((b) => b.type)), span);
  const stmts: TStmt[] = [{ kind: 'unpack', locals, value: values, span }];
  all.forEach((b, i) => {
    const local = locals[i] as Local;
    const handle = localRef(b.owner, b.span);
    const back = b.readOnly
      ? runtime('v_shared', 'runlock', [handle], types.voidType, span)
      : runtime('v_shared', 'unlock', [handle, localRef(local, span)], types.voidType, span);
    const body: TBlock = { stmts: [{ kind: 'expr', value: back, span }], value: undefined };
    stmts.push({ kind: 'defer', body, atFunctionEnd: false, span });
    f.scope.define(b.name, { local, view: undefined });
  });
  return stmts;
}

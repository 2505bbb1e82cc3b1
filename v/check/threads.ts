// `spawn` and threads. A thread is an Erlang process, see v_thread in the runtime; what references
// in its arguments lead to is kept where several processes reach it.

import type { CallExpr, Expr } from '../ast.ts';
import type { Arg, TBlock, TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';
import { checkRowArgs, type Selector } from './builtin_methods.ts';
import type { FnContext } from './context.ts';
import { zeroValue } from './convert.ts';
import { bad, checkExpr, localRef, runtime } from './expressions.ts';
import { addressOfPlace } from './references.ts';

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
    f.program.handed.push(value.type);
    const local = f.temporary('argument', value.type, span);
    stmts.push({ kind: 'let', local, value, span });
    return localRef(local, value.span);
  };
  const ready = withKeptArguments(f, call, keep);
  if (!ready) return bad(span);
  const result = ready.type;
  f.program.handed.push(result);
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
  const arg = (a: Arg): Arg => {
    if (a.kind === 'value') return { kind: 'value', value: keep(a.value) };
    // The thread works on the caller's variable, not on a copy.
    const { type } = a.place;
    const reference = keep(addressOfPlace(a.place, call.span));
    return { kind: 'mut', place: { kind: 'target', reference, type, span: call.span } };
  };
  switch (call.kind) {
    case 'call': {
      return { ...call, args: call.args.map(arg) };
    }
    case 'callValue': {
      const { callee } = call;
      if (callee.kind === 'closure') {
        for (const c of callee.captures) f.program.handed.push(types.refOf(c.inner.type));
      }
      const args = call.args.map(arg);
      return { ...call, callee: keep(callee), args };
    }
    case 'runtime':
      return { ...call, args: call.args.map(keep) };
    case 'block':
      // A call that `@[if flag ?]` leaves out: the thread has nothing to do.
      if (call.body.stmts.length === 0 && !call.body.value) return call;
      f.program.unsupported('spawning this kind of call', call.span);
      return undefined;
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
  return runtime('v_thread', 'wait', [value, zeroValue(f, t.inner, e.span)], t.inner, e.span);
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
  const { span } = e;
  const result = types.unalias(thread.inner);
  const zero = zeroValue(f, thread.inner, span);
  if (result.kind !== 'option' && result.kind !== 'result') {
    const type = result === types.voidType ? types.voidType : types.arrayOf(thread.inner);
    return runtime('v_thread', 'wait_all', [value, zero], type, span);
  }
  // The first failure is that of all.
  const payload = result.inner === types.voidType ? result.inner : types.arrayOf(result.inner);
  const type = types.wrapOf(result.kind, payload);
  return runtime('v_thread', 'wait_each', [value, zero], type, span);
}

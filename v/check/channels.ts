// Channels: an Erlang process each, see v_chan in the runtime.

import type { CallExpr, Expr, InfixExpr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { checkRowArgs, type Selector } from './builtin_methods.ts';
import type { FnContext } from './context.ts';
import { coerceOr, settle, zeroValue } from './convert.ts';
import { bad, checkExpr, checkValue, deref, intConst, localRef, runtime } from './expressions.ts';
import { usedPlace } from './places.ts';

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
  f.program.handed.push(t.inner);
  return runtime('v_chan', 'push', [left, fitted], types.voidType, span);
}

/** `ch <- x` before `or`: an option that holds nothing when the channel is closed. */
export function pushOption(f: FnContext, e: InfixExpr): TExpr {
  const pushed = pushToChannel(f, settle(deref(checkValue(f, e.left))), e.right, e.span);
  if (pushed.kind !== 'runtime') return pushed;
  return { ...pushed, name: 'push_option', type: types.optionOf(types.voidType) };
}

/**
 * `ch <- x or { … }` as the `or` of the push; undefined when it belongs to x, which is an option
 * or a result.
 */
export function orOfPush(f: FnContext, e: InfixExpr): (Expr & { kind: 'or' }) | undefined {
  const { right } = e;
  if (e.operator !== '<-' || right.kind !== 'or' || right.how !== 'block') return undefined;
  const { length } = f.hoisted;
  const value = f.program.attempt(right.value.span, () => checkValue(f, right.value));
  f.hoisted.length = length;
  const { kind } = value ? types.unalias(value.type) : types.errorType;
  if (kind === 'option' || kind === 'result' || right.value.kind === 'index') return undefined;
  return { ...right, value: { ...e, right: right.value }, span: e.span };
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

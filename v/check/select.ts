// `select { a := <-ch { … } ch <- x { … } 5 * time.second { … } else { … } }`: true when a branch
// ran, false when all channels are closed. See v_chan:select/2 in the runtime.

import type { AssignStmt, Expr, SelectBranch, Stmt } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, SwitchCase, TBlock, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { coerceOr, settle } from './convert.ts';
import { checkValue, deref, intConst, localRef, runtime } from './expressions.ts';
import { placeOf } from './places.ts';
import { checkBlock } from './statements.ts';

interface Branches {
  readonly operations: TExpr[];
  readonly cases: SwitchCase[];
  /** Holds what was received, whatever its type. */
  readonly received: Local;
  wait: TExpr;
}

export function checkSelect(f: FnContext, e: Expr & { kind: 'select' }): TExpr {
  const { span } = e;
  const which = f.temporary('which', types.intType, span);
  const received = f.temporary('received', types.voidType, span);
  const forever: TExpr = { kind: 'atom', name: 'infinity', type: types.i64, span };
  const all: Branches = { operations: [], cases: [], received, wait: forever };
  for (const branch of e.branches) f.scoped(() => checkBranch(f, branch, all));
  const list: TExpr = { kind: 'list', values: all.operations, type: types.voidType, span };
  const type = types.tupleOf([types.intType, types.voidType]);
  const answer = runtime('v_chan', 'select', [list, all.wait], type, span);
  const value: TExpr = {
    kind: 'switch',
    subject: localRef(which, span),
    cases: all.cases,
    otherwise: { stmts: [], value: truth(false, span) },
    type: types.bool,
    span,
  };
  const stmts: TStmt[] = [{ kind: 'unpack', locals: [which, received], value: answer, span }];
  return { kind: 'block', body: { stmts, value }, type: types.bool, span };
}

function truth(value: boolean, span: Span): TExpr {
  return { kind: 'bool', value, type: types.bool, span };
}

function checkBranch(f: FnContext, branch: SelectBranch, all: Branches): void {
  const { condition, span } = branch;
  const add = (index: number, first: readonly TStmt[]): void => {
    const body = checkBlock(f, branch.body);
    const block: TBlock = { stmts: [...first, ...body.stmts], value: truth(true, span) };
    all.cases.push({ values: [intConst(index, span)], body: block });
  };
  if (condition === undefined) {
    all.wait = intConst(0, span, types.i64);
    add(-1, []);
  } else if (condition.kind === 'assign') {
    const store = receive(f, condition, all);
    const index = all.operations.length - 1;
    add(index, store);
  } else if (condition.kind === 'expr' && isArrow(condition.value)) {
    all.operations.push(operation(f, condition.value));
    add(all.operations.length - 1, []);
  } else if (condition.kind === 'expr') {
    const time = settle(checkValue(f, condition.value, types.i64));
    if (!types.isInteger(time.type) && time.type !== types.errorType)
      f.error('invalid type for timeout - expected number', condition.span);
    all.wait = coerceOr(f, time, types.i64, () => 'invalid type for timeout - expected number');
    add(-1, []);
  } else {
    f.error('receive or send statement expected as `select` key', span);
  }
}

function isArrow(e: Expr): boolean {
  return (e.kind === 'infix' || e.kind === 'prefix') && e.operator === '<-';
}

/** `ch <- value` or `<-ch`, as the runtime wants it. */
function operation(f: FnContext, e: Expr): TExpr {
  if (e.kind === 'infix') {
    const { channel, inner } = channelOf(f, e.left);
    const given = checkValue(f, e.right, inner);
    const shown = channel.type.name;
    const value = coerceOr(
      f,
      given,
      inner,
      () => `cannot push \`${given.type.name}\` on \`${shown}\``,
    );
    f.program.handed.push(inner);
    return tuple('push', [channel, value], e.span);
  }
  return tuple('pop', [channelOf(f, (e as Expr & { kind: 'prefix' }).value).channel], e.span);
}

function tuple(name: string, values: readonly TExpr[], span: Span): TExpr {
  const tag: TExpr = { kind: 'atom', name, type: types.noneType, span };
  return { kind: 'tuple', values: [tag, ...values], type: types.voidType, span };
}

function channelOf(f: FnContext, e: Expr): { channel: TExpr; inner: Type } {
  const channel = deref(settle(checkValue(f, e)));
  const t = types.unalias(channel.type);
  if (t.kind === 'chan') return { channel, inner: t.inner };
  if (t !== types.errorType)
    f.error(`<- operator can only be used with \`chan\` types`, channel.span);
  return { channel, inner: types.errorType };
}

/** `x := <-ch` or `x = <-ch`: what puts the received value there. */
function receive(f: FnContext, s: AssignStmt & Stmt, all: Branches): TStmt[] {
  const [target] = s.targets;
  const [value] = s.values;
  if (!target || value?.kind !== 'prefix' || value.operator !== '<-' || s.targets.length > 1) {
    f.error('`<-` receive expression expected', (value ?? s).span);
    all.operations.push(tuple('pop', [], s.span));
    return [];
  }
  const { channel, inner } = channelOf(f, value.value);
  all.operations.push(tuple('pop', [channel], value.span));
  const got: TExpr = { kind: 'local', local: all.received, type: inner, span: value.span };
  const name = target.value;
  if (name.kind === 'ident' && name.name === '_') {
    if (s.operator !== ':=') f.error('cannot send on `_`, use `_ := <- quit` instead', name.span);
    return [];
  }
  if (s.operator !== ':=') {
    const place = placeOf(f, name);
    return place ? [{ kind: 'assign', place, value: got, span: s.span }] : [];
  }
  if (name.kind !== 'ident') {
    f.error('non-name on the left side of `:=`', name.span);
    return [];
  }
  const local = f.declare(name.name, inner, name.span, target.mut);
  return [{ kind: 'let', local, value: got, span: s.span }];
}

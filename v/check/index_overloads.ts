// Indexing of structs that say what it means: `fn (a A) [] (i int) T` and `fn (mut a A) []= (i
// int, v T)` (doc/docs.md, "Operator overloading"). One that takes a `SliceIndex`, or a list of
// them, is given ranges and several indices as well.

import type { AssignStmt, Expr, IndexExpr, Stmt } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { checkExpr, checkValue } from './expressions.ts';
import { type FoundMethod, findMethod } from './members.ts';
import { checkStmt } from './statements.ts';

/** The method `[]` or `[]=` of what is indexed. */
function overloadOf(f: FnContext, e: Expr, name: '[]' | '[]='): FoundMethod | undefined {
  if (!f.program.overloadsIndex || e.kind !== 'index') return undefined;
  const { length } = f.hoisted;
  const { type } = checkValue(f, e.value);
  f.hoisted.length = length;
  return type === types.errorType ? undefined : findMethod(f.program, type, name);
}

/** `a[i]` as a value; undefined when it is no call. */
export function checkOverloadedIndex(f: FnContext, e: IndexExpr): TExpr | undefined {
  const found = overloadOf(f, e, '[]');
  return found && checkExpr(f, callOf(e, found, '[]', e, []));
}

/** `a[i] = v` and `a[i] += v`; undefined when they are no calls. */
export function assignOverloaded(f: FnContext, s: AssignStmt): TStmt[] | undefined {
  const [target] = s.targets;
  const [value] = s.values;
  if (!target || !value || s.targets.length > 1 || s.values.length > 1) return undefined;
  const setter = overloadOf(f, target.value, '[]=');
  if (!setter || target.value.kind !== 'index') return undefined;
  if (s.operator === '=') {
    const call = callOf(target.value, setter, '[]=', s, [value]);
    return [{ kind: 'expr', value: checkExpr(f, call), span: s.span }];
  }
  const getter = overloadOf(f, target.value, '[]');
  return getter && changeOverloaded(f, s, target.value, value, { getter, setter });
}

/** The indices are evaluated once, before the old value is read. */
function changeOverloaded(
  f: FnContext,
  s: AssignStmt,
  target: IndexExpr,
  value: Expr,
  { getter, setter }: { readonly getter: FoundMethod; readonly setter: FoundMethod },
): TStmt[] {
  const { span } = s;
  const stmts: Stmt[] = [];
  const kept = (e: Expr | undefined): Expr | undefined => {
    if (!e || e.kind === 'number' || e.kind === 'ident') return e;
    const name: Expr = { kind: 'ident', name: `index__${stmts.length}`, span: e.span };
    const at = { value: name, mut: false, modifier: undefined, span: e.span };
    const { operatorSpan } = s;
    const keep = { operator: ':=', operatorSpan, targets: [at], values: [e], span } as const;
    stmts.push({ kind: 'assign', ...keep });
    return name;
  };
  const part = (e: Expr): Expr =>
    e.kind === 'range' ? { ...e, low: kept(e.low), high: kept(e.high) } : (kept(e) ?? e);
  const parts = (target.parts ?? [target.index]).map(part);
  const at: IndexExpr = { ...target, index: parts[0] ?? target.index, parts };
  const old = callOf(at, getter, '[]', s, []);
  const operator = s.operator.slice(0, -1);
  const { operatorSpan } = s;
  const changed: Expr = { kind: 'infix', operator, operatorSpan, left: old, right: value, span };
  const call = callOf(at, setter, '[]=', s, [changed]);
  const body = { stmts: [...stmts, { kind: 'expr', value: call, span } as const], span };
  return checkStmt(f, { kind: 'block', body, span });
}

/** The call of the method, with the index as its parameter wants it. */
function callOf(
  e: IndexExpr,
  found: FoundMethod,
  name: string,
  at: { readonly span: Span },
  more: readonly Expr[],
): Expr {
  const { span } = e;
  const wanted = found.params[1]?.type;
  const t = wanted && types.unalias(wanted);
  const list = e.parts ?? [e.index];
  let index: Expr = list[0] ?? e.index;
  if (t?.kind === 'array' && isSliceIndex(t.element))
    index = { kind: 'arrayLiteral', elements: list.map(sliceIndex), fixed: false, span };
  else if (t && isSliceIndex(t)) index = sliceIndex(index);
  const argument = (value: Expr) =>
    ({
      mut: false,
      shared: false,
      spread: false,
      name: undefined,
      value,
      span: value.span,
    }) as const;
  const callee = { kind: 'selector', value: e.value, name, nameSpan: span, span } as const;
  return {
    kind: 'call',
    callee,
    typeArgs: [],
    args: [index, ...more].map(argument),
    span: at.span,
  };
}

function isSliceIndex(type: types.Type): boolean {
  return types.unalias(type).name === 'SliceIndex';
}

function sliceIndex(e: Expr): Expr {
  const { span } = e;
  const field = (name: string, value: Expr) => ({ name, value, span }) as const;
  const yes: Expr = { kind: 'bool', value: true, span };
  const fields =
    e.kind === 'range'
      ? [
          field('is_range', yes),
          ...(e.low ? [field('low', e.low), field('has_low', yes)] : []),
          ...(e.high ? [field('high', e.high), field('has_high', yes)] : []),
        ]
      : [field('value', e)];
  const type = { kind: 'named', name: 'SliceIndex', args: [], span } as const;
  return { kind: 'structLiteral', type, fields, update: undefined, span };
}

// `in` and `!in`: of arrays, maps, ranges, literals and lists of types.

import type { Expr, InfixExpr } from '../ast.ts';
import { joinSpans } from '../source.ts';
import type { TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { coerce, coerceOr, settle } from './convert.ts';
import { equalityFun, isPlainTerm } from './equality.ts';
import { bad, checkValue, deref, runtime } from './expressions.ts';
import { typeNamed } from './names.ts';
import { typeTest } from './smartcasts.ts';
import { testOf } from './tagged.ts';

/** `x in a`, `k in m`, `x in [a, b]`, `x in low..high`, and their negations. */
export function checkIn(f: FnContext, e: InfixExpr): TExpr {
  const negated = e.operator === '!in';
  const found = membership(f, e);
  return negated && found.kind !== 'bad'
    ? { kind: 'not', value: found, type: types.bool, span: e.span }
    : found;
}

function membership(f: FnContext, e: InfixExpr): TExpr {
  const { span } = e;
  if (e.right.kind === 'range') return inRange(f, e, e.right);
  const literal =
    e.right.kind === 'arrayLiteral' && !e.right.elements.some((x) => x.kind === 'spread')
      ? e.right
      : undefined;
  if (literal && e.left.kind !== 'enumValue') return inLiteral(f, e, literal);
  const right = deref(checkValue(f, e.right));
  const t = types.unalias(right.type);
  if (t === types.errorType) return bad(span);
  if (t.kind === 'map') {
    const key = checkValue(f, e.left, t.key);
    const fitted = coerceOr(
      f,
      key,
      t.key,
      () =>
        `left operand to \`${e.operator}\` does not match the map key type: expected ` +
        `\`${t.key.name}\`, not \`${key.type.name}\``,
      joinSpans(e.left.span, e.right.span),
    );
    return runtime('v_map', 'has', [right, fitted], types.bool, span);
  }
  if (t.kind === 'array' || t.kind === 'fixed') {
    const item = checkValue(f, e.left, t.element);
    const fitted = coerceOr(
      f,
      deref(item),
      t.element,
      () =>
        `left operand to \`${e.operator}\` does not match the array element type: ` +
        `expected \`${t.element.name}\`, not \`${item.type.name}\``,
      joinSpans(e.left.span, e.right.span),
    );
    if (isPlainTerm(f.program, t.element))
      return runtime('v_array', 'contains', [right, fitted], types.bool, span);
    return runtime(
      'v_array',
      'contains',
      [right, fitted, equalityFun(f.program, t.element, span)],
      types.bool,
      span,
    );
  }
  if (t === types.string) {
    f.error('use `str.contains(substr)` instead of `substr in str`', span);
    return bad(span);
  }
  f.error(`\`${e.operator}\` can only be used with arrays and maps`, span);
  return bad(span);
}

function inRange(f: FnContext, e: InfixExpr, range: Expr & { kind: 'range' }): TExpr {
  const { span } = e;
  const item = settle(checkValue(f, e.left));
  const low = range.low && coerce(f, checkValue(f, range.low, item.type), item.type);
  const high = range.high && coerce(f, checkValue(f, range.high, item.type), item.type);
  if (!low || !high || item.type === types.errorType) {
    if (item.type !== types.errorType)
      f.error(`\`${item.type.name}\` is an invalid type for range expression`, range.span);
    return bad(span);
  }
  const held = f.temporary('item', item.type, span);
  const read: TExpr = { kind: 'local', local: held, type: item.type, span };
  const atLeast: TExpr = {
    kind: 'compare',
    op: '>=',
    left: read,
    right: low,
    type: types.bool,
    span,
  };
  const below: TExpr = {
    kind: 'compare',
    op: '<',
    left: read,
    right: high,
    type: types.bool,
    span,
  };
  const value: TExpr = {
    kind: 'logic',
    op: '&&',
    left: atLeast,
    right: below,
    type: types.bool,
    span,
  };
  return testOf(held, item, value, span);
}

/** `x in [A, B]` with names of types asks for the type of x's value. */
function inTypes(
  f: FnContext,
  item: TExpr,
  literal: Expr & { kind: 'arrayLiteral' },
): TExpr | undefined {
  const { kind } = types.unalias(item.type);
  if (kind !== 'sum' && kind !== 'interface') return undefined;
  const named = literal.elements.map((x) =>
    x.kind === 'typeExpr' ? f.resolve(x.type) : typeNamed(f, x),
  );
  const { span } = literal;
  const held = f.temporary('item', item.type, span);
  const read: TExpr = { kind: 'local', local: held, type: item.type, span };
  const tests: TExpr[] = [];
  for (const t of named) {
    if (!t) return undefined;
    tests.push(typeTest(f, read, t, span, 'in'));
  }
  const [first] = tests;
  if (!first) return undefined;
  const value = tests.reduce(
    (left, right): TExpr => ({ kind: 'logic', op: '||', left, right, type: types.bool, span }),
  );
  const stmts: TStmt[] = [{ kind: 'let', local: held, value: item, span }];
  return { kind: 'block', body: { stmts, value }, type: types.bool, span };
}

/** The item as the sum type or interface that the elements of the literal are of. */
function asElement(f: FnContext, item: TExpr, literal: Expr & { kind: 'arrayLiteral' }): TExpr {
  const [first] = literal.elements;
  if (first?.kind !== 'call' && first?.kind !== 'cast') return item;
  const { type } = checkValue(f, first, item.type);
  const { kind } = types.unalias(type);
  return kind === 'sum' || kind === 'interface' ? (coerce(f, item, type) ?? item) : item;
}

/** `x in [a, b, c]` compares with each element in turn and builds no array. */
function inLiteral(f: FnContext, e: InfixExpr, literal: Expr & { kind: 'arrayLiteral' }): TExpr {
  const { span } = e;
  const given = settle(deref(checkValue(f, e.left)));
  if (given.type === types.errorType) return bad(span);
  const byType = inTypes(f, given, literal);
  if (byType) return byType;
  const item = asElement(f, given, literal);
  const held = f.temporary('item', item.type, span);
  const read: TExpr = { kind: 'local', local: held, type: item.type, span };
  const tests = literal.elements.map((x): TExpr => {
    const value = checkValue(f, x, item.type);
    const fitted = coerceOr(
      f,
      value,
      item.type,
      () =>
        `left operand to \`${e.operator}\` does not match the array element type: ` +
        `expected \`${value.type.name}\`, not \`${item.type.name}\``,
      joinSpans(e.left.span, e.right.span),
    );
    if (isPlainTerm(f.program, item.type))
      return { kind: 'compare', op: '==', left: read, right: fitted, type: types.bool, span };
    const callee = equalityFun(f.program, item.type, span);
    if (callee.kind !== 'fnRef')
      return { kind: 'compare', op: '==', left: read, right: fitted, type: types.bool, span };
    const args = [read, fitted].map((v) => ({ kind: 'value', value: v }) as const);
    return { kind: 'call', fn: callee.fn, args, type: types.bool, span };
  });
  const never: TExpr = { kind: 'bool', value: false, type: types.bool, span };
  const value =
    tests.length === 0
      ? never
      : tests.reduce(
          (left, right): TExpr => ({
            kind: 'logic',
            op: '||',
            left,
            right,
            type: types.bool,
            span,
          }),
        );
  return testOf(held, item, value, span);
}

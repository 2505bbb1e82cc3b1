// Prefix, infix and postfix operators.

import type { Expr, InfixExpr, PostfixExpr, PrefixExpr } from '../ast.ts';
import { joinSpans, type Span } from '../source.ts';
import type { ArithmeticOperator, CompareOperator, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { checkPush, concatArrays } from './arrays.ts';
import { popFromChannel, pushToChannel } from './channels.ts';
import type { FnContext } from './context.ts';
import { coerce, settle } from './convert.ts';
import { equalityOf } from './equality.ts';
import { bad, checkExpr, checkValue, deref, intConst, pathOf, runtime } from './expressions.ts';
import { instanceOf } from './functions.ts';
import { assignOverloaded } from './index_overloads.ts';
import { findMethod } from './members.ts';
import { checkIn } from './membership.ts';
import { rootOf } from './mutation.ts';
import { usedPlace } from './places.ts';
import { foldIntegers } from './program.ts';
import { checkAddressOf } from './references.ts';
import { changeUnlocked, unlockedShared } from './shared.ts';
import { smartcastsWhenTrue, withSmartcasts } from './smartcasts.ts';
import { movedPointer } from './text_pointers.ts';

const arithmetic = new Set(['+', '-', '*', '/', '%', '**', '&', '|', '^', '<<', '>>', '>>>']);
const bitwise = new Set(['&', '|', '^', '%', '<<', '>>', '>>>']);
const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);

export function checkInfix(f: FnContext, e: InfixExpr, expected: Type | undefined): TExpr {
  const { operator: op } = e;
  if (op === '&&' || op === '||') return checkLogic(f, e);
  if (op === 'in' || op === '!in') return checkIn(f, e);
  if (op === '<-') return pushToChannel(f, settle(deref(checkValue(f, e.left))), e.right, e.span);
  const shared = op === '<<' ? unlockedShared(f, e.left) : undefined;
  if (shared) {
    return changeUnlocked(f, shared, e.left, e.right, e.span, (left, right) => [
      { kind: 'expr', value: checkPush(f, { ...e, left, right }), span: e.span },
    ]);
  }
  const hint = arithmetic.has(op) ? expected : undefined;
  // Whether an option holds something is asked of the option itself.
  const original = e.right.kind === 'none' ? pathOf(e.left) : undefined;
  // `.red == color` takes its type from the other side.
  const other = isShorthandEnum(e.left) && !hint ? checkValue(f, e.right).type : hint;
  let left = f.asOption(original, () => checkValue(f, e.left, other));
  if (op === '<<' && types.strip(left.type).kind === 'array') return checkPush(f, e);
  let right = checkValue(f, e.right, comparisons.has(op) || isEnum(left.type) ? left.type : hint);
  if (left.type === types.errorType || right.type === types.errorType) return bad(e.span);
  const zero = op === '/' || op === '%' ? literalZero(e.right) : undefined;
  if (zero && types.isNumber(left.type)) {
    f.error(`${op === '/' ? 'division' : 'modulo'} by zero`, zero.span);
    return bad(e.span);
  }
  const moved = movedPointer(f, op, left, right, e.span);
  if (moved) return moved;
  right = nilOfZero(f, left, right);
  // `nil` is no reference either: an option of a reference compared with it holds none.
  if (comparisons.has(op) && right.type === types.nilType && isReferenceOption(left.type))
    right = { kind: 'atom', name: 'none', type: types.noneType, span: right.span };
  [left, right] = [derefOperand(left, right), derefOperand(right, left)];
  if (comparesAddresses(e, left, right))
    return { kind: 'compare', op: op as '==', left, right, type: types.bool, span: e.span };
  return infixOf(f, op, left, right, e.span, joinSpans(e.left.span, e.right.span));
}

/** The literal 0 in `0`, `0.0`, `f32(0)`. */
function literalZero(e: Expr): Expr | undefined {
  if (e.kind === 'number') return Number(e.text.replaceAll('_', '')) === 0 ? e : undefined;
  if (e.kind === 'cast') return literalZero(e.value);
  const [only] = e.kind === 'call' ? e.args : [];
  if (e.kind !== 'call' || e.callee.kind !== 'ident' || !only || e.args.length > 1)
    return undefined;
  return types.builtinTypes.has(e.callee.name) ? literalZero(only.value) : undefined;
}

/** `p == &x` compares addresses whatever the references lead to. */
function comparesAddresses(e: InfixExpr, left: TExpr, right: TExpr): boolean {
  if (e.operator !== '==' && e.operator !== '!=') return false;
  const isAddress = (x: Expr): boolean =>
    x.kind === 'prefix' &&
    x.operator === '&' &&
    ['ident', 'selector', 'index'].includes(x.value.kind);
  const both = isReference(left.type) && isReference(right.type);
  return both && (isAddress(e.left) || isAddress(e.right));
}

/** V's own library still compares references with 0. */
function nilOfZero(f: FnContext, left: TExpr, right: TExpr): TExpr {
  const isZero = right.kind === 'int' && right.value === 0n;
  if (!isZero || !isReference(left.type) || !f.program.unitAt(right.span).library) return right;
  return { kind: 'atom', name: 'nil', type: types.nilType, span: right.span };
}

function isReferenceOption(type: Type): boolean {
  const t = types.unalias(type);
  return t.kind === 'option' && types.unalias(t.inner).kind === 'ref';
}

function isEnum(type: Type): boolean {
  return types.strip(type).kind === 'enum';
}

function isShorthandEnum(e: Expr): boolean {
  return e.kind === 'enumValue';
}

/** Operators look through references unless both sides are references that are compared. */
function derefOperand(value: TExpr, other: TExpr): TExpr {
  const bothRefs = types.unalias(value.type).kind === 'ref' && isReference(other.type);
  return bothRefs ? value : deref(value);
}

function isReference(type: Type): boolean {
  const t = types.unalias(type);
  return t.kind === 'ref' || t === types.nilType;
}

/** Builds `left op right` from checked operands; also used for `left op= right`. */
export function infixOf(
  f: FnContext,
  op: string,
  left: TExpr,
  right: TExpr,
  span: Span,
  at: Span,
): TExpr {
  const overloaded = overload(f, op, left, right, span);
  if (overloaded) return overloaded;
  const problem = operandProblem(op, left, right, at);
  if (problem) {
    f.error(problem.message, problem.span);
    return bad(span);
  }
  if (comparisons.has(op)) return compare(f, op as CompareOperator, left, right, span, at);
  return arith(f, op as ArithmeticOperator, left, right, span, at);
}

interface Problem {
  readonly message: string;
  readonly span: Span;
}

function operandProblem(op: string, left: TExpr, right: TExpr, at: Span): Problem | undefined {
  for (const side of [left, right]) {
    const t = types.unalias(side.type);
    if (t.kind !== 'option' && t.kind !== 'result') continue;
    const isNone =
      (op === '==' || op === '!=') &&
      (right.type === types.noneType || left.type === types.noneType);
    if (isNone || (left.type === right.type && t.kind === 'option')) continue;
    const name = t.kind === 'option' ? 'Option' : 'Result';
    return { message: `unwrapped ${name} cannot be used in an infix expression`, span: at };
  }
  const l = types.unalias(left.type);
  const r = types.unalias(right.type);
  if ((l === types.bool || r === types.bool) && l === r && op !== '==' && op !== '!=') {
    const message =
      'bool types only have the following operators defined: `==`, `!=`, `||`, and `&&`';
    return { message, span: at };
  }
  if (l === types.string && r === types.string && op !== '+' && !comparisons.has(op)) {
    const message =
      'string types only have the following operators defined: ' +
      '`==`, `!=`, `<`, `>`, `<=`, `>=`, and `+`';
    return { message, span: at };
  }
  if (
    l.kind === 'enum' &&
    r.kind === 'enum' &&
    op !== '==' &&
    op !== '!=' &&
    !(l.flag && '|&^'.includes(op))
  ) {
    const message = l.flag
      ? 'only `==`, `!=`, `|`, `&`, `^` and `~` are defined on `@[flag]` tagged `enum`, ' +
        'use an explicit cast to `int` if needed'
      : 'only `==` and `!=` are defined on `enum`, use an explicit cast to `int` if needed';
    return { message, span: at };
  }
  return undefined;
}

/** The operator that another one is made of, whether with its sides exchanged, and negated. */
const derived: Readonly<Record<string, readonly [string, boolean, boolean] | undefined>> = {
  '!=': ['==', false, true],
  '>': ['<', true, false],
  '>=': ['<', false, true],
  '<=': ['<', true, true],
};

/** A user's `fn (a T) + (b T) T`; `!=`, `>`, `<=` and `>=` come from `==` and `<`. */
function overload(
  f: FnContext,
  op: string,
  left: TExpr,
  right: TExpr,
  span: Span,
): TExpr | undefined {
  const call = (name: string, a: TExpr, b: TExpr): TExpr | undefined => {
    const found = findMethod(f.program, a.type, name);
    if (!found || types.strip(a.type).kind === 'interface') return undefined;
    const fn = instanceOf(f.program, found.symbol, found.bindings, found.owner);
    const wanted = found.params[1]?.type;
    const arg = wanted && operand(f, b, wanted);
    const self = found.path.length > 0 ? a : operand(f, a, found.params[0]?.type ?? a.type);
    if (!arg || !self) return undefined;
    const args = [self, arg].map((value) => ({ kind: 'value', value }) as const);
    return { kind: 'call', fn, args, type: fn.result, span };
  };
  const own = call(op, left, right);
  if (own) return own;
  const row = derived[op];
  if (!row) return undefined;
  const [name, swapped, negated] = row;
  const base = swapped ? call(name, right, left) : call(name, left, right);
  if (!base) return undefined;
  return negated ? { kind: 'not', value: base, type: types.bool, span } : base;
}

/** An operand as the operator's function wants it: the value, or a reference to it. */
function operand(f: FnContext, value: TExpr, wanted: Type): TExpr | undefined {
  const fitted = coerce(f, value, wanted);
  if (fitted) return fitted;
  const t = types.unalias(wanted);
  if (t.kind !== 'ref') return coerce(f, deref(value), wanted);
  const inner = coerce(f, value, t.inner);
  return inner && { kind: 'newCell', value: inner, type: wanted, span: value.span };
}

function mismatch(f: FnContext, op: string, left: TExpr, right: TExpr, at: Span): TExpr {
  const l = left.type.name;
  const r = right.type.name;
  const numbers = types.isNumber(left.type) && types.isNumber(right.type);
  const struct = [left, right].some((x) => types.unalias(x.type).kind === 'struct');
  const sameKind = types.unalias(left.type).kind === types.unalias(right.type).kind;
  if (numbers || sameKind || arithmetic.has(op)) {
    if (arithmetic.has(op) && !numbers && left.type === right.type) {
      f.error(`undefined operation \`${l}\` ${op} \`${r}\``, at);
    } else if (arithmetic.has(op) && (numbers || struct)) {
      f.error(`mismatched types \`${l}\` and \`${r}\``, at);
    } else {
      f.error(`infix expr: cannot use \`${r}\` (right expression) as \`${l}\``, at);
    }
  } else {
    f.error(`infix expr: cannot use \`${r}\` (right expression) as \`${l}\``, at);
  }
  return bad(at);
}

/** Brings two numbers to their common type, or undefined. */
function unify(f: FnContext, left: TExpr, right: TExpr): readonly [TExpr, TExpr, Type] | undefined {
  const l = types.unalias(left.type);
  const r = types.unalias(right.type);
  if (left.type === right.type) return [left, right, left.type];
  const common = types.promote(asOperand(left, r), asOperand(right, l));
  if (!common) return undefined;
  // An alias survives next to a literal or its own base type.
  const type =
    left.type.kind === 'alias' && l === common
      ? left.type
      : right.type.kind === 'alias' && r === common
        ? right.type
        : common;
  const fit = (x: TExpr): TExpr =>
    coerce(f, x, type) ?? { kind: 'convert', value: x, type, span: x.span };
  return [fit(left), fit(right), type];
}

/** A literal that a small unsigned type cannot hold counts as an int beside it. */
function asOperand(e: TExpr, other: Type): Type {
  const small = other.kind === 'int' && !other.signed && other.bits < 32;
  const isLiteral = e.kind === 'int' && e.type === types.intLiteral;
  if (!small || !isLiteral || other.kind !== 'int') return types.unalias(e.type);
  return e.value > types.intRange(other).high ? types.intType : types.intLiteral;
}

function arith(
  f: FnContext,
  op: ArithmeticOperator,
  left: TExpr,
  right: TExpr,
  span: Span,
  at: Span,
): TExpr {
  const l = types.unalias(left.type);
  const r = types.unalias(right.type);
  if (op === '+' && l === types.string && r === types.string) {
    const parts = [left, right].flatMap((x) =>
      x.kind === 'concat' && x.type === types.string ? x.parts : [x],
    );
    return { kind: 'concat', parts, type: left.type, span };
  }
  if (op === '+' && l.kind === 'array' && r === l) return concatArrays(left, right, span);
  if (op === '<<' || op === '>>' || op === '>>>') return shift(f, op, left, right, span, at);
  if (l.kind === 'enum' && l === r)
    return { kind: 'arith', op, left, right, type: left.type, span };
  if (!types.isNumber(l) || !types.isNumber(r)) return mismatch(f, op, left, right, at);
  if (bitwise.has(op)) {
    const problem = nonInteger(op, left, right);
    if (problem) {
      f.error(problem.message, problem.span);
      return bad(span);
    }
  }
  const unified = unify(f, left, right);
  if (!unified) return mismatch(f, op, left, right, at);
  const [a, b, type] = unified;
  if ((op === '/' || op === '%') && b.kind === 'int' && b.value === 0n && types.isInteger(type)) {
    f.error(`${op === '/' ? 'division' : 'modulo'} by zero`, right.span);
    return bad(span);
  }
  return fold(op, a, b, type, span) ?? { kind: 'arith', op, left: a, right: b, type, span };
}

function nonInteger(op: string, left: TExpr, right: TExpr): Problem | undefined {
  for (const [side, value] of [
    ['left', left],
    ['right', right],
  ] as const) {
    if (types.isInteger(value.type)) continue;
    if (op === '%' && types.isFloat(value.type)) {
      return { message: 'float modulo not allowed, use math.fmod() instead', span: value.span };
    }
    const message = `${side} type of \`${op}\` cannot be non-integer type \`${value.type.name}\``;
    return { message, span: value.span };
  }
  return undefined;
}

/** The number that an untyped constant stands for. */
function plainNumber(e: TExpr): TExpr {
  const number = e.kind === 'const' && e.type === e.info.untyped ? e.info.value : undefined;
  return number ? ({ ...number, type: e.type, span: e.span } as TExpr) : e;
}

/** Folds constant operands, so that untyped literals are computed exactly. */
function fold(
  op: ArithmeticOperator,
  left: TExpr,
  right: TExpr,
  type: Type,
  span: Span,
): TExpr | undefined {
  const t = types.unalias(type);
  const [a, b] = [plainNumber(left), plainNumber(right)];
  if (a.kind === 'int' && b.kind === 'int') {
    const value = foldIntegers(op, a.value, b.value);
    if (value === undefined) return undefined;
    return {
      kind: 'int',
      value: t.kind === 'int' ? types.wrapToType(value, t) : value,
      type,
      span,
    };
  }
  if (a.kind !== 'float' || b.kind !== 'float') return undefined;
  if (type !== types.floatLiteral && type !== types.f64) return undefined;
  const table: Record<string, number> = {
    '+': a.value + b.value,
    '-': a.value - b.value,
    '*': a.value * b.value,
    '/': a.value / b.value,
  };
  const value = table[op];
  return value === undefined || !Number.isFinite(value)
    ? undefined
    : { kind: 'float', value, type, span };
}

function shift(
  f: FnContext,
  op: ArithmeticOperator,
  left: TExpr,
  right: TExpr,
  span: Span,
  at: Span,
): TExpr {
  if (!types.isInteger(left.type)) {
    f.error(`invalid operation: shift on type \`${left.type.name}\``, left.span);
    return bad(span);
  }
  if (!types.isInteger(right.type)) {
    f.error(`invalid operation: shift of type \`${right.type.name}\``, at);
    return bad(span);
  }
  const folded =
    left.type.kind === 'intLiteral' ? fold(op, left, right, left.type, span) : undefined;
  if (folded) return folded;
  const count = settle(right);
  return { kind: 'arith', op, left, right: count, type: left.type, span };
}

function compare(
  f: FnContext,
  op: CompareOperator,
  left: TExpr,
  right: TExpr,
  span: Span,
  at: Span,
): TExpr {
  const l = types.unalias(left.type);
  const r = types.unalias(right.type);
  if (types.isNumber(l) && types.isNumber(r)) {
    const exact = compareExactly(op, left, right, span);
    // Integers of different widths and signs compare by value.
    const untyped = [left, right].some((x) => x.type === types.intLiteral);
    if (exact && l !== r && l.kind === 'int' && r.kind === 'int' && !untyped) return exact;
    const unified = unify(f, left, right);
    if (!unified) return exact ?? mismatch(f, op, left, right, at);
    const negative = [left, right].find(
      (x) => x.kind === 'int' && x.value < 0n && x.type === types.intLiteral,
    );
    const unsigned = [l, r].some((t) => t.kind === 'int' && !t.signed && t !== types.voidptr);
    if (negative && unsigned) {
      f.error('unsigned integer cannot be compared with negative value', negative.span);
      return bad(span);
    }
    return {
      kind: 'compare',
      op,
      left: settle(unified[0]),
      right: settle(unified[1]),
      type: types.bool,
      span,
    };
  }
  const isReference = (t: Type): boolean => t.kind === 'ref' || t === types.voidptr;
  if (op !== '==' && op !== '!=' && isReference(l) && isReference(r)) {
    // Only elements of one array have an order.
    const [a, b] = [left, right].map((x) => runtime('v_ref', 'address', [x], types.u64, span));
    return { kind: 'compare', op, left: a as TExpr, right: b as TExpr, type: types.bool, span };
  }
  if (op === '==' || op === '!=') {
    const equal = comparable(f, left, right, span);
    if (equal) return op === '==' ? equal : { kind: 'not', value: equal, type: types.bool, span };
    return mismatch(f, op, left, right, at);
  }
  if (l === r && (l === types.string || l.kind === 'int')) {
    return { kind: 'compare', op, left, right, type: types.bool, span };
  }
  if (l === r && l.kind === 'struct') {
    f.error(`undefined operation \`${left.type.name}\` ${op} \`${right.type.name}\``, at);
    return bad(span);
  }
  if (l === r && l.kind === 'array') {
    f.error('only `==` and `!=` are defined on arrays', at);
    return bad(span);
  }
  return mismatch(f, op, left, right, at);
}

/**
 * Integers of different signs and widths compare by value; an integer also with a float literal.
 */
function compareExactly(
  op: CompareOperator,
  left: TExpr,
  right: TExpr,
  span: Span,
): TExpr | undefined {
  const asFloat = (x: TExpr): TExpr =>
    types.isFloat(x.type)
      ? settle(x)
      : { kind: 'convert', value: settle(x), type: types.f64, span: x.span };
  const literal = [left, right].some((x) => x.type === types.floatLiteral);
  const integers = types.isInteger(left.type) && types.isInteger(right.type);
  if (!literal && !integers) return undefined;
  const fit = literal ? asFloat : settle;
  return { kind: 'compare', op, left: fit(left), right: fit(right), type: types.bool, span };
}

function comparable(f: FnContext, left: TExpr, right: TExpr, span: Span): TExpr | undefined {
  if (types.unalias(left.type) === types.unalias(right.type))
    return equalityOf(f, left, right, span);
  const r = coerce(f, right, left.type);
  if (r) return equalityOf(f, left, r, span);
  const l = coerce(f, left, right.type);
  return l && equalityOf(f, l, right, span);
}

function checkLogic(f: FnContext, e: InfixExpr): TExpr {
  const op = e.operator as '&&' | '||';
  const left = checkValue(f, e.left, types.bool);
  // What holds when the left side is true holds while the right side of `&&` is evaluated.
  const casts = op === '&&' ? smartcastsWhenTrue(f, e.left) : [];
  const right = f.scoped(() => withSmartcasts(f, casts, () => checkValue(f, e.right, types.bool)));
  for (const [side, value] of [
    ['left', left],
    ['right', right],
  ] as const) {
    if (value.type === types.errorType) return bad(e.span);
    if (types.unalias(value.type) === types.bool) continue;
    f.error(`${side} operand for \`${op}\` is not a boolean`, value.span);
    return bad(e.span);
  }
  const mixed = [e.left, e.right].find(
    (x) => x.kind === 'infix' && (x.operator === '&&' || x.operator === '||') && x.operator !== op,
  );
  if (mixed) {
    f.error(
      'ambiguous boolean expression. use `()` to ensure correct order of operations',
      joinSpans(e.left.span, e.right.span),
    );
  }
  return { kind: 'logic', op, left, right, type: types.bool, span: e.span };
}

// --- prefix and postfix ------------------------------------------------------------------------

export function checkPrefix(f: FnContext, e: PrefixExpr, expected: Type | undefined): TExpr {
  const { span } = e;
  if (e.operator === '&') return checkAddressOf(f, e);
  if (e.operator === '<-') return popFromChannel(f, e, false);
  const value = checkValue(f, e.value, e.operator === '*' ? undefined : expected);
  const t = types.unalias(value.type);
  if (t === types.errorType) return bad(span);
  // `*x?` of a reference to an option: `?` has looked through the reference.
  if (e.operator === '*' && e.value.kind === 'or' && t.kind !== 'ref') {
    const tried = types.unalias(checkExpr(f, e.value.value).type);
    if (tried.kind === 'ref') return value;
  }
  if (e.operator === '*') {
    return elementItself(f, e.value) ? value : checkDereference(f, value, t, span);
  }
  if (e.operator === '!') {
    const inner = deref(value);
    if (types.unalias(inner.type) === types.bool)
      return { kind: 'not', value: inner, type: types.bool, span };
    f.error('! operator can only be used with bool types', span);
    return bad(span);
  }
  const operand = deref(value);
  if (e.operator === '~') {
    const isFlag = types.unalias(operand.type).kind === 'enum';
    if (types.isInteger(operand.type) || isFlag) return invert(operand, span);
    f.error('operator `~` can only be used with integer types', span);
    return bad(span);
  }
  if (!types.isNumber(operand.type)) {
    f.error(`operator \`${e.operator}\` can only be used with numeric types`, span);
    return bad(span);
  }
  if (e.operator === '+') return operand;
  return negate(operand, span);
}

function negate(operand: TExpr, span: Span): TExpr {
  const value = plainNumber(operand);
  const t = types.unalias(value.type);
  if (value.kind === 'int') {
    const negated = -value.value;
    return { ...value, value: t.kind === 'int' ? types.wrapToType(negated, t) : negated, span };
  }
  if (value.kind === 'float') return { ...value, value: -value.value, span };
  return { kind: 'negate', value, type: value.type, span };
}

function invert(operand: TExpr, span: Span): TExpr {
  const value = plainNumber(operand);
  const t = types.unalias(value.type);
  if (value.kind === 'int')
    return {
      ...value,
      value: t.kind === 'int' ? types.wrapToType(~value.value, t) : ~value.value,
      span,
    };
  return { kind: 'invert', value, type: value.type, span };
}

/** The variable of `for mut x in a` is the element; V lets one write `*x` for it. */
export function elementItself(f: FnContext, e: Expr): boolean {
  if (e.kind === 'paren') return elementItself(f, e.inner);
  const binding = e.kind === 'ident' ? f.scope.find(e.name) : undefined;
  return binding?.view?.place !== undefined && binding.local.mut;
}

function checkDereference(f: FnContext, value: TExpr, t: Type, span: Span): TExpr {
  if (t.kind === 'ref') {
    const place = { kind: 'target', reference: value, type: t.inner, span } as const;
    return { kind: 'place', place, type: t.inner, span };
  }
  // A parameter declared `mut x int` is already the value; V lets one write `*x`.
  if (value.kind === 'local' && value.local.mut) return value;
  if (value.kind === 'place' && rootOf(value.place)?.mut) return value;
  f.error(
    `invalid indirect of \`${value.type.name}\`, the type \`${value.type.name}\` is not a pointer`,
    span,
  );
  return bad(span);
}

/** `a[i]++` of a type with its own `[]=`. */
function stepOverloaded(f: FnContext, e: PostfixExpr): TExpr | undefined {
  if (e.value.kind !== 'index') return undefined;
  const { span } = e;
  const target = { value: e.value, mut: false, modifier: undefined, span } as const;
  const one: Expr = { kind: 'number', text: '1', span };
  const operator = e.operator === '++' ? '+=' : '-=';
  const assign = { kind: 'assign', operator, operatorSpan: span, targets: [target] } as const;
  const stmts = assignOverloaded(f, { ...assign, values: [one], span });
  if (!stmts) return undefined;
  return { kind: 'block', body: { stmts, value: undefined }, type: types.voidType, span };
}

export function checkPostfix(f: FnContext, e: PostfixExpr): TExpr {
  const shared = unlockedShared(f, e.value);
  if (shared) {
    return changeUnlocked(f, shared, e.value, undefined, e.span, (value) => [
      { kind: 'expr', value: checkPostfix(f, { ...e, value }), span: e.span },
    ]);
  }
  const { span } = e;
  const stepped = stepOverloaded(f, e);
  if (stepped) return stepped;
  const place = usedPlace(f, e.value);
  if (!place) {
    const [verb, sign] = e.operator === '++' ? ['increment', '+'] : ['decrement', '-'];
    const text = f.program.textOf(e.value.span);
    f.error(
      `cannot ${verb} \`${text}\` because it is non lvalue expression`,
      e.value.span,
      `try rewrite this as \`${text} ${sign} 1\``,
    );
    return bad(span);
  }
  if (place.type === types.errorType) return bad(span);
  if (!types.isNumber(place.type)) {
    const name = place.type.name;
    f.error(`invalid operation: ${e.operator} (non-numeric type \`${name}\`)`, span);
    return bad(span);
  }
  const old = f.temporary('old', place.type, span);
  const isFloat = types.isFloat(place.type);
  const one: TExpr = isFloat
    ? { kind: 'float', value: 1, type: place.type, span }
    : intConst(1, span, place.type);
  const op = e.operator === '++' ? '+' : '-';
  const left: TExpr = { kind: 'local', local: old, type: old.type, span };
  const value: TExpr = { kind: 'arith', op, left, right: one, type: place.type, span };
  const stmt = { kind: 'modify', place, old, value, span } as const;
  return { kind: 'block', body: { stmts: [stmt], value: undefined }, type: types.voidType, span };
}

export { checkExpr, runtime };

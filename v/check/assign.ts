// Declarations (`:=`), assignments, and assignments with an operator.

import type { AssignStmt, AssignTarget, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { ConstInfo, Place, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { checkAppend } from './arrays.ts';
import type { FnContext } from './context.ts';
import { coerce, coerceOr, settle } from './convert.ts';
import { checkCopy, checkReferenceTo } from './copy_rules.ts';
import { bad, checkExpr, checkValue, localRef, pathOf } from './expressions.ts';
import { assignOverloaded } from './index_overloads.ts';
import { rootOf } from './mutation.ts';
import { requireSnakeCase, requireUnreserved } from './name_rules.ts';
import { infixOf } from './operators.ts';
import { badPlace, placeOf, readPlace } from './places.ts';
import { changeUnlocked, newShared, reading, unlockedShared } from './shared.ts';
import { noteAssigned } from './smartcasts.ts';
import { describe, requireHandled } from './statements.ts';

const assigned = 'right-hand side of assignment';

export function plural(count: number, one: string): string {
  return count === 1 ? `${count} ${one}` : `${count} ${one}s`;
}

export function checkDeclare(f: FnContext, s: AssignStmt): TStmt[] {
  for (const t of s.targets) {
    if (t.value.kind !== 'ident') {
      f.error(`non-name on the left side of \`:=\``, t.value.span);
      return [];
    }
  }
  for (const { value } of s.targets) {
    if (value.kind !== 'ident') continue;
    requireSnakeCase(f.program, value.name, 'variable name', value.span);
    requireUnreserved(f.program, value.name, 'a variable name', value.span);
  }
  const names = s.targets.map((t) => ({
    name: t.value.kind === 'ident' ? t.value.name : '_',
    mut: t.mut,
    span: t.value.span,
  }));
  if (s.values.length === 1 && names.length > 1) return declareFromTuple(f, s, names);
  if (!countsMatch(f, s)) return [];
  f.declaring = names.map((n) => n.name);
  const values = s.values.map((v, i) => {
    const before = f.sharedAllowed;
    f.sharedAllowed = s.targets[i]?.modifier === 'shared';
    const value = reading(f, assigned, () => checkInitial(f, v));
    f.sharedAllowed = before;
    return value;
  });
  f.declaring = [];
  const stmts: TStmt[] = [];
  if (s.targets.some((t) => t.modifier === 'static')) return declareStatic(f, names, values);
  // All right sides are evaluated before any name exists.
  names.forEach((n, i) => {
    const given = values[i] as TExpr;
    const isShared = s.targets[i]?.modifier === 'shared';
    const value = isShared && given.type !== types.errorType ? newShared(f, given, s.span) : given;
    const local = f.declare(
      n.name,
      value.type,
      n.span,
      n.mut || s.targets[i]?.modifier === 'atomic',
    );
    const initial = s.values[i];
    const target = s.targets[i];
    if (initial && target) {
      checkCopy(f, s, target, value.type, initial, given);
      checkReferenceTo(f, target, initial);
    }
    if (initial && !n.mut) f.program.initialValues.set(local, initial);
    stmts.push({ kind: 'let', local, value, span: s.span });
  });
  return stmts;
}

/** `mut static x := 1`: a cell of the whole program, made before it starts. */
function declareStatic(f: FnContext, names: readonly NewName[], values: readonly TExpr[]): TStmt[] {
  names.forEach((n, i) => {
    const value = values[i] as TExpr;
    const local = f.declare(n.name, value.type, n.span, true);
    local.used = true;
    const type = types.refOf(value.type);
    const info: ConstInfo = {
      name: `${f.displayName}.${n.name}@${f.program.offsetOf(n.span)}`,
      span: n.span,
      type,
      value: { kind: 'newCell', value, type, span: n.span },
    };
    f.program.constOrder.push(info);
    const reference: TExpr = { kind: 'const', info, type, span: n.span };
    const place: Place = { kind: 'target', reference, type: value.type, span: n.span };
    f.scope.define(n.name, { local, view: { value: readPlace(place, n.span), place } });
  });
  return [];
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
  if (value.type === types.nilType && e.kind === 'unsafe')
    return { ...value, type: types.voidptr } as TExpr;
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
    const callee = f.program.textOf(first.callee.span);
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

export function checkAssign(f: FnContext, s: AssignStmt): TStmt[] {
  const unlocked = changeOfShared(f, s) ?? assignOverloaded(f, s);
  if (unlocked) return unlocked;
  if (s.operator !== '=') return checkOpAssign(f, s);
  if (s.values.length === 1 && s.targets.length > 1) return assignFromTuple(f, s);
  if (!countsMatch(f, s)) return [];
  if (s.targets.length === 1) {
    const [target] = s.targets;
    const [value] = s.values;
    return target && value ? assignOne(f, s, target, value) : [];
  }
  return assignParallel(f, s);
}

/** An assignment to a part of a `shared` value that is not locked. */
function changeOfShared(f: FnContext, s: AssignStmt): TStmt[] | undefined {
  const [target] = s.targets;
  const [value] = s.values;
  if (!target || !value || s.targets.length > 1 || s.values.length > 1) return undefined;
  const shared = unlockedShared(f, target.value);
  if (!shared || (shared === target.value && s.operator === '=')) return undefined;
  const change = (changed: Expr, right: Expr): TStmt[] =>
    checkAssign(f, { ...s, targets: [{ ...target, value: changed }], values: [right] });
  const done = changeUnlocked(f, shared, target.value, value, s.span, change);
  return [{ kind: 'expr', value: done, span: s.span }];
}

function assignOne(f: FnContext, s: AssignStmt, whole: AssignTarget, valueExpr: Expr): TStmt[] {
  const target = whole.value;
  const { span } = s;
  if (target.kind === 'ident' && target.name === '_') {
    return [{ kind: 'expr', value: settle(checkValue(f, valueExpr)), span }];
  }
  const place = f.withoutCast(pathOf(target), () => assignablePlace(f, target));
  const value = reading(f, assigned, () => checkValue(f, valueExpr, place.type));
  checkCopy(f, s, whole, place.type, valueExpr, value);
  checkReferenceTo(f, whole, valueExpr);
  const stored = assignedValue(f, target, place, value, valueExpr);
  noteAssigned(f, target, place, value);
  return [{ kind: 'assign', place, value: stored, span }];
}

function assignablePlace(f: FnContext, target: Expr): Place {
  if (target.kind === 'index' && target.index.kind === 'range') {
    f.error(
      'cannot reassign using range expression on the left side of an assignment',
      target.index.span,
    );
    return badPlace(f, target.span);
  }
  const place = placeOf(f, target);
  if (place) return place;
  f.error(
    target.kind === 'call'
      ? `cannot call function \`${describe(f, target.callee)}()\` on the left side of an assignment`
      : `non-name \`${describe(f, target)}\` on left side of \`=\``,
    target.span,
  );
  return badPlace(f, target.span);
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
  refuseNegative(f, place.type, valueExpr);
  return coerceOr(f, value, place.type, message, valueExpr.span);
}

/** `-1` for what is unsigned. */
export function refuseNegative(f: FnContext, type: Type, e: Expr): void {
  const t = types.unalias(type);
  if (t.kind !== 'int' || t.signed || t === types.voidptr || t === types.rune) return;
  if (e.kind !== 'prefix' || e.operator !== '-' || e.value.kind !== 'number') return;
  if (/[.e]/i.test(e.value.text)) return;
  f.error('cannot assign negative value to unsigned integer type', e.span);
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
    const postfix = v.kind === 'postfix' ? v : undefined;
    const checked = checkValue(f, postfix?.value ?? v, place?.type);
    const value =
      place && target ? assignedValue(f, target.value, place, checked, v) : settle(checked);
    if (place && target) checkCopy(f, s, target, place.type, v, checked);
    const temp = f.temporary('next', value.type, v.span);
    lets.push({ kind: 'let', local: temp, value, span: s.span });
    // `a, b = b++, 1`: the value is the one before the step.
    if (postfix) lets.push({ kind: 'expr', value: checkExpr(f, postfix), span: v.span });
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

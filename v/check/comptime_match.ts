// `$match`: the first branch that fits is the only one that is checked.

import type { Expr, MatchBranch, MatchExpr } from '../ast.ts';
import { compatible, kindHolds, typeHolds } from './comptime.ts';
import { itemNamed, recordValue } from './comptime_items.ts';
import { comptimeType } from './comptime_types.ts';
import { type EvalContext, evaluate, type Known } from './const_eval.ts';
import { checkExpr } from './expressions.ts';

/** `match field.typ { int { … } }`: an ordinary match whose cases are types known now. */
export function choosesType(c: EvalContext, e: MatchExpr): boolean {
  const { value } = e;
  if (!c.f || value.kind !== 'selector' || !['typ', 'unaliased_typ'].includes(value.name))
    return false;
  const patterns = e.branches.flatMap((b) => b.patterns);
  return comptimeType(c.f, value) !== undefined && patterns.every((x) => isTypePattern(c, x));
}

function isTypePattern(c: EvalContext, e: Expr): boolean {
  return e.kind === 'typeExpr' || (c.f !== undefined && comptimeType(c.f, e) !== undefined);
}

/** The branch to take; undefined when none fits. */
export function chosenBranch(c: EvalContext, e: MatchExpr): MatchBranch | undefined {
  return e.branches.find(
    (b) => b.patterns.length === 0 || b.patterns.some((pattern) => fits(c, e.value, pattern)),
  );
}

function isKind(e: Expr): (Expr & { kind: 'typeExpr' }) | undefined {
  const isType = e.kind === 'typeExpr' && e.type.kind === 'named';
  return isType && e.type.name.startsWith('$') ? e : undefined;
}

function fits(c: EvalContext, subject: Expr, pattern: Expr): boolean {
  const { f } = c;
  const kind = isKind(subject);
  if (kind && f) {
    // `$match $int { x { … } }`: the kind of each pattern is asked for.
    const type = comptimeType(f, pattern) ?? checkExpr(f, pattern).type;
    return kind.type.kind === 'named' && kindHolds(type, kind.type.name);
  }
  if (f && pattern.kind === 'typeExpr') {
    const type = comptimeType(f, subject) ?? checkExpr(f, subject).type;
    return compatible(c, subject, type, pattern.type);
  }
  const wanted = f && comptimeType(f, pattern);
  if (f && wanted) {
    const type = comptimeType(f, subject) ?? checkExpr(f, subject).type;
    return typeHolds(c, type, wanted);
  }
  const [left, right] = [known(c, subject), known(c, pattern)];
  if (left === undefined || right === undefined) {
    const unknown = left === undefined ? subject : pattern;
    const shown = c.program.textOf(unknown.span);
    c.program.error(`definition of \`${shown}\` is unknown at compile time`, unknown.span);
    return false;
  }
  return left === right;
}

function known(c: EvalContext, e: Expr): Known | undefined {
  const item = e.kind === 'selector' && c.f ? itemNamed(c.f, e.value) : undefined;
  const value = item && e.kind === 'selector' ? recordValue(item, e.name) : undefined;
  if (value?.kind === 'string') return value.bytes;
  if (value?.kind === 'int' || value?.kind === 'bool') return value.value;
  return evaluate(c, e);
}

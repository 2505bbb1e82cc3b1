// What V refuses in the branches of a `match`, whatever they do: cases that stand there twice,
// ranges that are empty or not known while compiling, an `else` in the wrong place.

import type { Expr, MatchBranch, MatchExpr } from '../ast.ts';
import { matchRangeMax } from '../limits.ts';
import { joinSpans, type Span } from '../source.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { typeNamed } from './names.ts';

/** The rules for the cases of a match on a value of type `subject`. */
export function checkBranches(f: FnContext, e: MatchExpr, subject: Type): void {
  const seen = new Map<string, number>();
  const t = types.unalias(subject);
  for (const branch of e.branches) {
    const span = casesSpan(branch);
    for (const pattern of branch.patterns) {
      for (const key of keysOf(f, pattern, types.strip(subject), span)) {
        const times = seen.get(key) ?? 0;
        if (times === 1) f.error(`match case \`${key}\` is handled more than once`, span);
        seen.set(key, times + 1);
      }
    }
    if (t.kind === 'option' && branch.patterns.some((p) => p.kind !== 'none')) {
      f.error(
        '`match` expression with Option type only checks against `none`, to match its value ' +
          'you must unwrap it first `var?`',
        span,
      );
    }
  }
  if (t === types.noneType) f.error('`none` cannot be a match condition', e.span);
  const shorthand = e.branches.some((b) => b.patterns.some((p) => p.kind === 'enumValue'));
  if (t.kind === 'ref' && shorthand) {
    const text = f.program.textOf(e.value.span);
    f.error(`missing \`*\` dereferencing \`${text}\` in match statement`, e.value.span);
  }
}

/** From the first case of a branch to the last, or its `else`. */
export function casesSpan(branch: MatchBranch): Span {
  const first = branch.patterns[0];
  const last = branch.patterns[branch.patterns.length - 1];
  if (first && last) return joinSpans(first.span, last.span);
  return { start: branch.span.start, end: branch.span.start + 'else'.length };
}

/** What a case is compared by with the others: V goes by numbers, names, and source text. */
function keysOf(f: FnContext, pattern: Expr, subject: Type, span: Span): string[] {
  if (pattern.kind === 'range') return rangeKeys(f, pattern, span);
  if (pattern.kind === 'enumValue') return [pattern.name];
  if (pattern.kind === 'string') return [`'${Buffer.from(pattern.bytes, 'latin1')}'`];
  const type = pattern.kind === 'typeExpr' ? f.resolve(pattern.type) : typeNamed(f, pattern);
  if (type) return [type.name];
  const value = types.isInteger(subject) ? literalValue(pattern) : undefined;
  return [value === undefined ? f.program.textOf(pattern.span) : String(value)];
}

/** The number that an expression says; `constant` gives those of named constants. */
function literalValue(e: Expr, constant?: (name: Expr) => Expr | undefined): bigint | undefined {
  switch (e.kind) {
    case 'number':
      return /^\d+$|^0[xob]/i.test(e.text) ? BigInt(e.text.toLowerCase()) : undefined;
    case 'char':
      return BigInt(Buffer.from(e.bytes, 'latin1').toString('utf8').codePointAt(0) ?? 0);
    case 'paren':
      return literalValue(e.inner, constant);
    case 'prefix': {
      const value = e.operator === '-' ? literalValue(e.value, constant) : undefined;
      return value === undefined ? undefined : -value;
    }
    case 'cast':
      return literalValue(e.value, constant);
    case 'call': {
      const [only] = e.args;
      const isCast = e.callee.kind === 'ident' && types.builtinTypes.has(e.callee.name);
      return isCast && only && e.args.length === 1 ? literalValue(only.value, constant) : undefined;
    }
    default: {
      const named = constant?.(e);
      return named && literalValue(named, constant);
    }
  }
}

function rangeKeys(f: FnContext, range: Expr & { kind: 'range' }, span: Span): string[] {
  const { low, high } = range;
  if (!low || !high) return [];
  const constant = (e: Expr): Expr | undefined => {
    const name = e.kind === 'ident' && !f.scope.find(e.name) ? e.name : undefined;
    return name === undefined ? undefined : f.program.find(f.program.consts, name, e.span)?.value;
  };
  const first = literalValue(low, constant);
  const last = literalValue(high, constant);
  const unknown = first === undefined ? low : last === undefined ? high : undefined;
  if (unknown) {
    const end = unknown === low ? 'start' : 'end';
    if (unknown.kind !== 'enumValue' && unknown.kind !== 'selector')
      f.error(
        `match branch range expressions need the ${end} value to be known at compile time ` +
          '(only enums, const or literals are supported)',
        unknown.span,
      );
    return [];
  }
  if (first === undefined || last === undefined) return [];
  if (first > last)
    f.error(`the start value \`${first}\` should be lower than the end value \`${last}\``, span);
  if (last - first > matchRangeMax) return [];
  const keys: string[] = [];
  for (let i = first; i <= last; i++) keys.push(String(i));
  return keys;
}

/** Where an `else` may stand; true when there is one. */
export function checkElse(f: FnContext, e: MatchExpr): boolean {
  const elses = e.branches.filter((b) => b.patterns.length === 0);
  const [first] = elses;
  if (!first) return false;
  const last = e.branches[e.branches.length - 1];
  for (const branch of e.branches.slice(0, -1)) {
    if (branch.patterns.length > 0) continue;
    if (last?.patterns.length === 0 || branch !== first)
      f.error('`match` can have only one `else` branch', casesSpan(branch));
    f.error('`else` must be the last branch of `match`', casesSpan(branch));
  }
  if (elses.length === e.branches.length)
    f.error('`match` must have at least one non `else` branch', casesSpan(first));
  return true;
}

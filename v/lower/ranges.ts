// What is known about the values of integer variables at a point of a function: SSA names never
// change, so what a condition says of one holds wherever its branch goes. With it arithmetic leaves
// out the wrapping that cannot be needed.

import type { Atom } from '../core.ts';
import { type IntType, intRange } from '../types.ts';

/** All integers from `low` to `high`. */
export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

/** What a boolean variable stands for. */
export type Test =
  | { readonly kind: 'compare'; readonly op: string; readonly left: Atom; readonly right: Atom }
  | { readonly kind: 'not'; readonly of: Atom }
  /** `&&` when `all` is set, `||` otherwise. */
  | { readonly kind: 'both'; readonly all: boolean; readonly left: Atom; readonly right: Atom };

export function literalRange(value: Atom): Range | undefined {
  if (!/^-?\d+$/.test(value)) return undefined;
  return { low: BigInt(value), high: BigInt(value) };
}

export function within(range: Range, whole: Range): boolean {
  return range.low >= whole.low && range.high <= whole.high;
}

const negated: Readonly<Record<string, string>> = {
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  '==': '!=',
  '!=': '==',
};

const mirrored: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

/** The known ranges of a block; what its surroundings know, it knows. */
export class Ranges {
  private readonly known = new Map<Atom, Range>();
  private readonly tests = new Map<Atom, Test>();
  private readonly around: Ranges | undefined;

  constructor(around?: Ranges) {
    this.around = around;
  }

  get(value: Atom): Range | undefined {
    const literal = literalRange(value);
    if (literal) return literal;
    for (let r: Ranges | undefined = this; r; r = r.around) {
      const range = r.known.get(value);
      if (range) return range;
    }
    return undefined;
  }

  /** The range of a value of this type. */
  of(value: Atom, type: IntType): Range {
    return this.get(value) ?? intRange(type);
  }

  /** The value is in this range, besides what is known already. */
  narrow(value: Atom, range: Range): void {
    if (!value.startsWith('_')) return;
    const before = this.get(value);
    const low = before && before.low > range.low ? before.low : range.low;
    const high = before && before.high < range.high ? before.high : range.high;
    // Nothing is in an empty range: this code never runs.
    if (low <= high) this.known.set(value, { low, high });
  }

  test(result: Atom, test: Test): void {
    this.tests.set(result, test);
  }

  /**
   * Takes over what a boolean of an inner block stands for, and what is known of the variables in
   * that: they were made there, and are nowhere else.
   */
  adopt(inner: Ranges, result: Atom): void {
    const test = inner.find(result);
    if (!test) return;
    this.tests.set(result, test);
    if (test.kind === 'not') this.adopt(inner, test.of);
    const parts = test.kind === 'not' ? [] : [test.left, test.right];
    for (const part of parts) {
      if (test.kind === 'both') this.adopt(inner, part);
      else if (!this.get(part)) this.copy(inner, part);
    }
  }

  private copy(inner: Ranges, value: Atom): void {
    const range = inner.get(value);
    if (range) this.known.set(value, range);
  }

  private find(condition: Atom): Test | undefined {
    for (let r: Ranges | undefined = this; r; r = r.around) {
      const test = r.tests.get(condition);
      if (test) return test;
    }
    return undefined;
  }

  /** What follows runs only when the boolean is `holds`. */
  assume(condition: Atom, holds: boolean): void {
    const test = this.find(condition);
    if (!test) return;
    if (test.kind === 'not') this.assume(test.of, !holds);
    else if (test.kind === 'compare') {
      const op = holds ? test.op : (negated[test.op] as string);
      this.bound(op, test.left, test.right);
      this.bound(mirrored[op] ?? op, test.right, test.left);
    } else if (test.all === holds) {
      this.assume(test.left, holds);
      this.assume(test.right, holds);
    }
  }

  private bound(op: string, value: Atom, by: Atom): void {
    const old = this.get(value);
    const limit = this.get(by);
    if (!old || !limit) return;
    if (op === '<') this.narrow(value, { low: old.low, high: limit.high - 1n });
    else if (op === '<=') this.narrow(value, { low: old.low, high: limit.high });
    else if (op === '>') this.narrow(value, { low: limit.low + 1n, high: old.high });
    else if (op === '>=') this.narrow(value, { low: limit.low, high: old.high });
    else if (op === '==') this.narrow(value, limit);
    else if (limit.low === limit.high) {
      if (old.low === limit.low) this.narrow(value, { low: old.low + 1n, high: old.high });
      if (old.high === limit.low) this.narrow(value, { low: old.low, high: old.high - 1n });
    }
  }
}

/** What all of these are in; undefined when one of them is unknown. */
export function union(ranges: readonly (Range | undefined)[]): Range | undefined {
  let all: Range | undefined;
  for (const range of ranges) {
    if (!range) return undefined;
    all ??= range;
    all = spanOf([all.low, all.high, range.low, range.high]);
  }
  return all;
}

function spanOf(values: readonly bigint[]): Range {
  let low = values[0] as bigint;
  let high = low;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return { low, high };
}

function corners(a: Range, b: Range, f: (x: bigint, y: bigint) => bigint): Range {
  return spanOf([f(a.low, b.low), f(a.low, b.high), f(a.high, b.low), f(a.high, b.high)]);
}

function bitLength(value: bigint): bigint {
  return BigInt(value.toString(2).length);
}

function remainder(a: Range, b: Range): Range {
  const size = spanOf([b.high, -b.low]).high - 1n;
  if (size < 0n) return { low: 0n, high: 0n };
  const high = a.high < 0n ? 0n : a.high < size ? a.high : size;
  const low = a.low >= 0n ? 0n : a.low > -size ? a.low : -size;
  return { low, high };
}

/** The exact results of an operator on operands in these ranges, before any wrapping. */
export function resultRange(op: string, a: Range, b: Range): Range | undefined {
  switch (op) {
    case '+':
      return { low: a.low + b.low, high: a.high + b.high };
    case '-':
      return { low: a.low - b.high, high: a.high - b.low };
    case '*':
      return corners(a, b, (x, y) => x * y);
    case '/':
      return b.low > 0n || b.high < 0n ? corners(a, b, (x, y) => x / y) : undefined;
    case '%':
      return remainder(a, b);
    case '&': {
      const highs = [a, b].filter((r) => r.low >= 0n).map((r) => r.high);
      return highs.length === 0 ? undefined : { low: 0n, high: spanOf(highs).low };
    }
    case '|':
    case '^': {
      if (a.low < 0n || b.low < 0n) return undefined;
      const bits = bitLength(spanOf([a.high, b.high]).high);
      return { low: 0n, high: (1n << bits) - 1n };
    }
    case '<<':
      return b.low === b.high ? { low: a.low << b.low, high: a.high << b.low } : undefined;
    case '>>':
      if (b.low === b.high) return { low: a.low >> b.low, high: a.high >> b.low };
      return { low: a.low < 0n ? a.low : 0n, high: a.high < 0n ? -1n : a.high };
    default:
      return undefined;
  }
}

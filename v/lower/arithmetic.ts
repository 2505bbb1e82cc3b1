// Fixed-width integer and float arithmetic, inlined: a helper call a step would cost a loop five
// times its speed.
//
// Integers are kept in their type's range at all times. After an operation that can leave it, as
// far as is known where its operands are (`ranges.ts`), the result is tested, which is cheap (small
// integers have 60 bits), and masked only when the test says so.

import { type Atom, atom, type Core, call, float, ifTrue, integer } from '../core.ts';
import { type IntType, intRange } from '../types.ts';
import type { Builder } from './builder.ts';
import { type Range, resultRange, within } from './ranges.ts';

const smallMax = 1n << 58n;

function erl(name: string, args: readonly Core[]): Core {
  return call('erlang', name, args);
}

/**
 * Brings an integer into the range of `type`. `exact` is where it is known to be, without which it
 * may be anything.
 */
export function wrapInt(b: Builder, value: Atom, type: IntType, exact?: Range): Atom {
  const whole = intRange(type);
  const known = exact ?? b.ranges.get(value);
  if (known && within(known, whole)) {
    b.ranges.narrow(value, known);
    return value;
  }
  if (type.bits === 64) return wrap64(b, value, type.signed);
  const turn = 1n << BigInt(type.bits);
  const lessThanTurn = known && known.low >= whole.low - turn && known.high <= whole.high + turn;
  if (lessThanTurn) return wrapTurn(b, value, known, whole, turn);
  if (!type.signed) return b.bind(mask(value, type));
  // Most products stay in range, and finding out costs less than three operations.
  const masked = mask(value, type);
  const above = ifTrue(erl('>=', [value, integer(whole.low)]), value, masked);
  return b.bind(ifTrue(erl('=<', [value, integer(whole.high)]), above, masked));
}

function mask(value: Atom, type: IntType): Core {
  const bits = BigInt(type.bits);
  const all = integer((1n << bits) - 1n);
  if (!type.signed) return erl('band', [value, all]);
  const half = integer(1n << (bits - 1n));
  return erl('-', [erl('band', [erl('+', [value, half]), all]), half]);
}

/** The value left the range by less than one turn, if at all: only the sides it may be on count. */
function wrapTurn(b: Builder, value: Atom, known: Range, whole: Range, turn: bigint): Atom {
  const below = ifTrue(
    erl('>=', [value, integer(whole.low)]),
    value,
    erl('+', [value, integer(turn)]),
  );
  const inside = known.low < whole.low ? below : value;
  if (known.high <= whole.high) return b.bind(inside);
  const above = erl('-', [value, integer(turn)]);
  return b.bind(ifTrue(erl('=<', [value, integer(whole.high)]), inside, above));
}

function wrap64(b: Builder, value: Atom, signed: boolean): Atom {
  const low = signed ? -smallMax : 0n;
  const half = 1n << 63n;
  const all = integer((1n << 64n) - 1n);
  const slow = signed
    ? erl('-', [erl('band', [erl('+', [value, integer(half)]), all]), integer(half)])
    : erl('band', [value, all]);
  const small = ifTrue(
    erl('<', [value, integer(smallMax)]),
    ifTrue(erl('>=', [value, integer(low)]), value, slow),
    slow,
  );
  return b.bind(small);
}

const integerBifs: Readonly<Record<string, string>> = {
  '+': '+',
  '-': '-',
  '*': '*',
  '&': 'band',
  '|': 'bor',
  '^': 'bxor',
};

export interface Places {
  /** Wraps a call so that a failure shows the source line. */
  readonly locate: (core: Core) => Core;
}

export function intArith(
  b: Builder,
  op: string,
  left: Atom,
  right: Atom,
  type: IntType,
  at: Places,
): Atom {
  if (op === '/' || op === '%') return divide(b, op, left, right, type, at);
  if (op === '<<' || op === '>>' || op === '>>>') return shift(b, op, left, right, type, at);
  if (op === '**')
    return wrapInt(
      b,
      b.bind(at.locate(call('v_int', 'power', [left, right, integer(type.bits)]))),
      type,
    );
  const exact = exactRange(b, op, left, right, type);
  return wrapInt(b, b.bind(erl(integerBifs[op] ?? op, [left, right])), type, exact);
}

/** Where the result is before wrapping; bits of numbers in range make a number in range. */
function exactRange(b: Builder, op: string, left: Atom, right: Atom, type: IntType): Range {
  const exact = resultRange(op, b.ranges.of(left, type), b.ranges.of(right, type));
  return exact ?? intRange(type);
}

function isLiteral(value: Atom): boolean {
  return /^-?\d/.test(value);
}

function divide(b: Builder, op: string, left: Atom, right: Atom, type: IntType, at: Places): Atom {
  const divided = erl(op === '/' ? 'div' : 'rem', [left, right]);
  const [dividend, divisor] = [b.ranges.of(left, type), b.ranges.of(right, type)];
  // The smallest number divided by -1 is the only quotient out of range.
  const quotients = { low: intRange(type).low, high: intRange(type).high + 1n };
  const mayExceed = op === '/' && type.signed && divisor.low <= -1n && divisor.high >= -1n;
  const exact = resultRange(op, dividend, divisor) ?? (mayExceed ? quotients : intRange(type));
  if (divisor.low > 0n || divisor.high < 0n) return wrapInt(b, b.bind(divided), type, exact);
  const message = op === '/' ? 'division by zero' : 'modulo by zero';
  const failure = at.locate(call('v_rt', 'panic_atom', [atom(message)]));
  const result = b.bind(ifTrue(erl('=:=', [right, '0']), failure, divided));
  return wrapInt(b, result, type, exact);
}

/**
 * A count of the type's width or more shifts everything out; a negative one counts as such a one.
 */
function shift(b: Builder, op: string, left: Atom, right: Atom, type: IntType, at: Places): Atom {
  const width = integer(type.bits);
  const logical = op === '>>>' && type.signed;
  if (isLiteral(right)) {
    const count = BigInt(right);
    if (count < 0n || count >= BigInt(type.bits))
      return op === '>>' && type.signed ? signOf(b, left) : '0';
    const exact = exactRange(b, op, left, right, type);
    if (op === '<<') return wrapInt(b, b.bind(erl('bsl', [left, right])), type, exact);
    if (logical) return wrapInt(b, b.bind(erl('bsr', [unsigned(b, left, type), right])), type);
    const shifted = b.bind(erl('bsr', [left, right]));
    if (op === '>>') b.ranges.narrow(shifted, exact);
    return shifted;
  }
  const name = op === '<<' ? 'shift_left' : logical ? 'shift_right_logical' : 'shift_right';
  const shifted = b.bind(at.locate(call('v_int', name, [left, right, width])));
  if (op !== '>>') return wrapInt(b, shifted, type);
  b.ranges.narrow(shifted, exactRange(b, op, left, right, type));
  return shifted;
}

function signOf(b: Builder, value: Atom): Atom {
  return b.bind(ifTrue(erl('<', [value, '0']), '-1', '0'));
}

function unsigned(b: Builder, value: Atom, type: IntType): Atom {
  return b.bind(erl('band', [value, integer((1n << BigInt(type.bits)) - 1n)]));
}

// --- floats --------------------------------------------------------------------------------------

/** A float operation; see `float_run.ts` for infinities and NaN. */
export function floatArith(b: Builder, op: string, left: Atom, right: Atom, single: boolean): Atom {
  if (op === '**') return rounded(b, b.bind(call('v_float', 'power', [left, right])), single);
  const slow = call('v_float', 'compute', [atom(op), left, right]);
  const operands = [left, right];
  return rounded(b, b.float({ operands, fast: erl(op, operands), slow }), single);
}

/** Functions of Erlang's that do what those of `v_math` do, as long as they do not fail. */
const plainFunctions = new Set(['sqrt', 'exp', 'log', 'log2', 'log10', 'asin', 'acos']);

/** A call of a function of one float, when it can be computed together with operations. */
export function floatFunction(
  b: Builder,
  module: string,
  name: string,
  args: readonly Atom[],
): Atom | undefined {
  if (module !== 'v_math' || !plainFunctions.has(name)) return undefined;
  return b.float({
    operands: args,
    fast: call('math', name, args),
    slow: call(module, name, args),
  });
}

export function rounded(b: Builder, value: Atom, single: boolean): Atom {
  return single ? b.bind(call('v_float', 'round32', [value])) : value;
}

export function intToFloat(b: Builder, value: Atom, single: boolean): Atom {
  if (isLiteral(value) && BigInt(value) < 1n << 53n && BigInt(value) > -(1n << 53n)) {
    return rounded(b, float(Number(value)), single);
  }
  return rounded(b, b.bindPure(erl('float', [value])), single);
}

export function floatToInt(b: Builder, value: Atom, type: IntType): Atom {
  const whole = b.bind(
    call('v_float', 'to_int', [
      value,
      integer(type.bits),
      atom(type.signed ? 'signed' : 'unsigned'),
    ]),
  );
  return whole;
}

/** A conversion between integer types: only a narrower range needs a mask. */
export function intToInt(b: Builder, value: Atom, from: IntType, to: IntType): Atom {
  return wrapInt(b, value, to, b.ranges.of(value, from));
}

// Fixed-width integer and float arithmetic, inlined: a helper call a step would cost a loop five
// times its speed.
//
// Integers are kept in their type's range at all times. After an operation that can leave it, 32
// bits and less are masked, and 64 bits are masked only when a range test (cheap: small integers
// have 60 bits) says so.

import { type Atom, atom, type Core, call, float, ifTrue, integer, letIn } from '../core.ts';
import type { IntType } from '../types.ts';
import type { Builder } from './builder.ts';

const smallMax = 1n << 58n;

function erl(name: string, args: readonly Core[]): Core {
  return call('erlang', name, args);
}

/** Brings any integer into the range of `type`. */
export function wrapInt(b: Builder, value: Atom, type: IntType): Atom {
  if (type.bits === 64) return wrap64(b, value, type.signed);
  return mask(b, value, type);
}

function mask(b: Builder, value: Atom, type: IntType): Atom {
  const bits = BigInt(type.bits);
  const all = integer((1n << bits) - 1n);
  if (!type.signed) return b.bind(erl('band', [value, all]));
  const half = integer(1n << (bits - 1n));
  const shifted = b.bind(erl('+', [value, half]));
  const masked = b.bind(erl('band', [shifted, all]));
  return b.bind(erl('-', [masked, half]));
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

/** True when the operation on in-range operands cannot leave the range. */
function staysInRange(op: string): boolean {
  return op === '&' || op === '|' || op === '^' || op === '%';
}

const integerBifs: Readonly<Record<string, string>> = {
  '+': '+',
  '-': '-',
  '*': '*',
  '&': 'band',
  '|': 'bor',
  '^': 'bxor',
};

/**
 * Brings the sum or difference of two numbers of a type of up to 32 bits back into its range, which
 * it left by less than one turn. Testing is cheaper than masking, and a known operand or an
 * unsigned type leaves one side to test.
 */
function wrapSum(b: Builder, op: '+' | '-', value: Atom, right: Atom, type: IntType): Atom {
  const turn = 1n << BigInt(type.bits);
  const low = type.signed ? -(turn / 2n) : 0n;
  const high = low + turn;
  const known = isLiteral(right) ? BigInt(right) : undefined;
  const grows = known === undefined ? undefined : known >= 0n === (op === '+');
  const mayExceed = type.signed ? grows !== false : op === '+';
  const mayFallBelow = type.signed ? grows !== true : op === '-';
  const below = ifTrue(erl('>=', [value, integer(low)]), value, erl('+', [value, integer(turn)]));
  const inside = mayFallBelow ? below : value;
  if (!mayExceed) return b.bind(inside);
  return b.bind(ifTrue(erl('<', [value, integer(high)]), inside, erl('-', [value, integer(turn)])));
}

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
  const result = b.bind(erl(integerBifs[op] ?? op, [left, right]));
  if ((op === '+' || op === '-') && type.bits <= 32) return wrapSum(b, op, result, right, type);
  return staysInRange(op) ? result : wrapInt(b, result, type);
}

function isLiteral(value: Atom): boolean {
  return /^-?\d/.test(value);
}

function divide(b: Builder, op: string, left: Atom, right: Atom, type: IntType, at: Places): Atom {
  const bif = op === '/' ? 'div' : 'rem';
  const divided = erl(bif, [left, right]);
  // The smallest number divided by -1 is the only quotient out of range.
  const needsWrap = op === '/' && type.signed && !(isLiteral(right) && right !== '-1');
  if (isLiteral(right) && right !== '0') {
    const result = b.bind(divided);
    return needsWrap ? wrapInt(b, result, type) : result;
  }
  const message = op === '/' ? 'division by zero' : 'modulo by zero';
  const failure = at.locate(call('v_rt', 'panic_atom', [atom(message)]));
  const result = b.bind(ifTrue(erl('=:=', [right, '0']), failure, divided));
  return needsWrap ? wrapInt(b, result, type) : result;
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
    if (op === '<<') return wrapInt(b, b.bind(erl('bsl', [left, right])), type);
    if (logical) return wrapInt(b, b.bind(erl('bsr', [unsigned(b, left, type), right])), type);
    return b.bind(erl('bsr', [left, right]));
  }
  const name = op === '<<' ? 'shift_left' : logical ? 'shift_right_logical' : 'shift_right';
  const shifted = b.bind(at.locate(call('v_int', name, [left, right, width])));
  return op === '>>' ? shifted : wrapInt(b, shifted, type);
}

function signOf(b: Builder, value: Atom): Atom {
  return b.bind(ifTrue(erl('<', [value, '0']), '-1', '0'));
}

function unsigned(b: Builder, value: Atom, type: IntType): Atom {
  return b.bind(erl('band', [value, integer((1n << BigInt(type.bits)) - 1n)]));
}

// --- floats --------------------------------------------------------------------------------------

/**
 * A float operation. Erlang floats have no infinities and no NaN; V's do. The handler of a failed
 * operation computes with the atoms `inf`, `'-inf'` and `nan` instead; while nothing fails it costs
 * nothing.
 */
export function floatArith(b: Builder, op: string, left: Atom, right: Atom, single: boolean): Atom {
  if (op === '**') return rounded(b, b.bind(call('v_float', 'power', [left, right])), single);
  const slow = call('v_float', 'arith', [atom(op), left, right]);
  const [v, x, y, z] = ['_FV', '_FX', '_FY', '_FZ'];
  const attempt = `try ${erl(op, [left, right])} of ${v} -> ${v} catch <${x},${y},${z}> -> ${slow}`;
  return rounded(b, b.bind(attempt), single);
}

export function rounded(b: Builder, value: Atom, single: boolean): Atom {
  return single ? b.bind(call('v_float', 'round32', [value])) : value;
}

export function intToFloat(b: Builder, value: Atom, single: boolean): Atom {
  if (isLiteral(value) && BigInt(value) < 1n << 53n && BigInt(value) > -(1n << 53n)) {
    return rounded(b, float(Number(value)), single);
  }
  return rounded(b, b.bind(erl('float', [value])), single);
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
  const widens =
    from.signed === to.signed ? from.bits <= to.bits : !from.signed && from.bits < to.bits;
  return widens ? value : wrapInt(b, value, to);
}

export function letAtom(name: string, value: Core, body: Core): Core {
  return letIn([name], value, body);
}

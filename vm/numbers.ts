/**
 * Arithmetic on any terms: what the interpreter calls when an operator's operands are not both
 * small integers, and what the arithmetic BIFs are made of. Every function takes any term and
 * returns NONE after badarith() (or badarg(), system_limit) as OTP does.
 *
 * Floats in terms are always finite: a result that is not fails with badarith. So NaN is free to
 * mean "no number" below.
 */
import { divideOrJob, mulOrJob } from './big_job';
import {
  addIntegers,
  allocateBig,
  bandIntegers,
  bigCount,
  bigDigits,
  bigNegative,
  bnotInteger,
  borIntegers,
  bxorIntegers,
  compareIntegers,
  divideIntegers,
  finishBig,
  integerBitLength,
  integerOfI64,
  isNegative,
  mulIntegers,
  negateInteger,
  shiftIntegers,
  subIntegers,
} from './bignum';
import { badarg, badarith } from './errors';
import { hAlloc } from './heap';
import {
  NONE,
  SUB_FLOAT,
  areSmall,
  boxedOf,
  floatValue,
  headerOf,
  isBig,
  isFloat,
  isInteger,
  isSmall,
  smallOf,
  smallValue,
} from './term';

export { integerOfI64, integerOfU64 } from './bignum';

/** 2^64. */
const DIGIT_BASE: f64 = 18446744073709551616.0;
/** 2^63. */
const I64_LIMIT: f64 = 9223372036854775808.0;

// ---- floats as terms

/** A float term; `value` is finite. */
export function floatOf(value: f64): u64 {
  const at = hAlloc(2);
  store<u64>(at, headerOf(SUB_FLOAT, 1));
  store<f64>(at, value, 8);
  return boxedOf(at);
}
/** A float term, or NONE after badarith() when the value is infinite or no number. */
export function finiteFloat(value: f64): u64 {
  if (value - value != 0) return badarith();
  return floatOf(value);
}

/**
 * The nearest float by OTP's rule: digit after digit from the top, each step rounded; NaN when the
 * result would be infinite.
 */
function bigToF64(t: u64): f64 {
  let value: f64 = 0;
  const digits = bigDigits(t);
  for (let i = bigCount(t) << 3; i; ) {
    i -= 8;
    value = value * DIGIT_BASE + (load<u64>(digits + i) as f64);
    if (value - value != 0) return NaN;
  }
  return bigNegative(t) ? -value : value;
}
/**
 * The value of a number as a float; NaN for other terms and for integers beyond the range of
 * floats.
 */
export function toF64(t: u64): f64 {
  if (isSmall(t)) return smallValue(t) as f64;
  if (isFloat(t)) return floatValue(t);
  if (isBig(t)) return bigToF64(t);
  return NaN;
}

// ---- operators on any numbers

function areIntegers(a: u64, b: u64): bool {
  return isInteger(a) && isInteger(b);
}

/** a + b */
export function addTerms(a: u64, b: u64): u64 {
  if (areSmall(a, b)) return integerOfI64(smallValue(a) + smallValue(b));
  if (areIntegers(a, b)) return addIntegers(a, b);
  return finiteFloat(toF64(a) + toF64(b));
}
/** a - b */
export function subTerms(a: u64, b: u64): u64 {
  if (areSmall(a, b)) return integerOfI64(smallValue(a) - smallValue(b));
  if (areIntegers(a, b)) return subIntegers(a, b);
  return finiteFloat(toF64(a) - toF64(b));
}
/** a * b */
export function mulTerms(a: u64, b: u64): u64 {
  if (areIntegers(a, b)) return mulIntegers(a, b);
  return finiteFloat(toF64(a) * toF64(b));
}
/** a * b, large products as a job (big_job.ts): for callers that can go on later. */
export function mulInSlices(a: u64, b: u64): u64 {
  if (areIntegers(a, b)) return mulOrJob(a, b);
  return finiteFloat(toF64(a) * toF64(b));
}
/** a / b: always a float; the quotient of an operand by zero is not finite and so badarith. */
export function divTerms(a: u64, b: u64): u64 {
  return finiteFloat(toF64(a) / toF64(b));
}
/** -a */
export function negateTerm(a: u64): u64 {
  if (isInteger(a)) return negateInteger(a);
  return finiteFloat(-toF64(a));
}
/** +a, which OTP's instruction computes as 0 + a: -0.0 becomes 0.0. */
export function plusTerm(a: u64): u64 {
  if (isInteger(a)) return a;
  return finiteFloat(0 + toF64(a));
}

// ---- operators on integers

/** a div b */
export function intDivTerms(a: u64, b: u64): u64 {
  if (!areIntegers(a, b) || b == smallOf(0)) return badarith();
  return divideIntegers(a, b, true);
}
/** a rem b */
export function remTerms(a: u64, b: u64): u64 {
  if (!areIntegers(a, b) || b == smallOf(0)) return badarith();
  return divideIntegers(a, b, false);
}
/** a div b, long ones as a job. */
export function intDivInSlices(a: u64, b: u64): u64 {
  if (!areIntegers(a, b) || b == smallOf(0)) return badarith();
  return divideOrJob(a, b, true);
}
/** a rem b, long ones as a job. */
export function remInSlices(a: u64, b: u64): u64 {
  if (!areIntegers(a, b) || b == smallOf(0)) return badarith();
  return divideOrJob(a, b, false);
}
export function bandTerms(a: u64, b: u64): u64 {
  if (!areIntegers(a, b)) return badarith();
  return bandIntegers(a, b);
}
export function borTerms(a: u64, b: u64): u64 {
  if (!areIntegers(a, b)) return badarith();
  return borIntegers(a, b);
}
export function bxorTerms(a: u64, b: u64): u64 {
  if (!areIntegers(a, b)) return badarith();
  return bxorIntegers(a, b);
}
export function bnotTerm(a: u64): u64 {
  if (!isInteger(a)) return badarith();
  return bnotInteger(a);
}
export function bslTerms(a: u64, b: u64): u64 {
  if (!areIntegers(a, b)) return badarith();
  return shiftIntegers(a, b, false);
}
export function bsrTerms(a: u64, b: u64): u64 {
  if (!areIntegers(a, b)) return badarith();
  return shiftIntegers(a, b, true);
}

// ---- guard BIFs: their errors are badarg

/** abs(a); of -0.0 it is -0.0, as in OTP. */
export function absTerm(a: u64): u64 {
  if (isInteger(a)) return isNegative(a) ? negateInteger(a) : a;
  if (!isFloat(a)) return badarg();
  const value = floatValue(a);
  return value < 0 ? floatOf(-value) : a;
}
/** float(a) */
export function floatTerm(a: u64): u64 {
  if (isFloat(a)) return a;
  const value = toF64(a);
  if (value - value != 0) return badarg();
  return floatOf(value);
}
/** The integer of a float that has no fraction, of any size. */
export function integerOfF64(value: f64): u64 {
  if (value < I64_LIMIT && value >= -I64_LIMIT) return integerOfI64(value as i64);
  // At least 2^63, so the 53 bits of the significand stand at `shift` and higher, shift being at
  // least 11.
  const bits = reinterpret<u64>(value);
  const shift = ((bits >> 52) & 0x7ff) - 1075;
  const significand = (bits & 0xf_ffff_ffff_ffff) | 0x10_0000_0000_0000;
  const whole = (shift >> 6) as u32;
  const digits = whole + 2;
  const at = allocateBig(digits);
  if (!at) return NONE;
  memory.fill(at + 8, 0, whole << 3);
  const low = shift & 63;
  store<u64>(at + 8 + (whole << 3), significand << low);
  store<u64>(at + 16 + (whole << 3), low ? significand >> (64 - low) : 0);
  return finishBig(at, digits, value < 0);
}
export function truncTerm(a: u64): u64 {
  if (isInteger(a)) return a;
  if (!isFloat(a)) return badarg();
  return integerOfF64(trunc(floatValue(a)));
}
/** round(a): halves go away from zero. */
export function roundTerm(a: u64): u64 {
  if (isInteger(a)) return a;
  if (!isFloat(a)) return badarg();
  const value = floatValue(a);
  let whole = trunc(value);
  if (abs(value - whole) >= 0.5) whole += copysign<f64>(1, value);
  return integerOfF64(whole);
}
export function floorTerm(a: u64): u64 {
  if (isInteger(a)) return a;
  if (!isFloat(a)) return badarg();
  return integerOfF64(floor(floatValue(a)));
}
export function ceilTerm(a: u64): u64 {
  if (isInteger(a)) return a;
  if (!isFloat(a)) return badarg();
  return integerOfF64(ceil(floatValue(a)));
}

// ---- order

function orderOfF64(a: f64, b: f64): i32 {
  return ((a > b) as i32) - ((a < b) as i32);
}
function orderOfI64(a: i64, b: i64): i32 {
  return ((a > b) as i32) - ((a < b) as i32);
}

/** An integer against a float: both exactly as they are. */
function compareIntegerWithFloat(a: u64, b: f64): i32 {
  if (isSmall(a)) {
    if (b >= I64_LIMIT) return -1;
    if (b < -I64_LIMIT) return 1;
    const whole = trunc(b);
    const order = orderOfI64(smallValue(a), whole as i64);
    return order ? order : orderOfF64(whole, b);
  }
  const negative = bigNegative(a);
  // A big is at least 2^59 in magnitude: a float of less than that, or of the other sign, is
  // decided by the big's sign.
  if (negative != b < 0 || abs(b) < 576460752303423488.0) return negative ? -1 : 1;
  const order = compareMagnitude(a, abs(b));
  return negative ? -order : order;
}

/**
 * The magnitude of a big against a float of at least 2^59, which is an integer: first the lengths
 * in bits, then the bits.
 */
function compareMagnitude(a: u64, b: f64): i32 {
  const bits = reinterpret<u64>(b);
  const length = integerBitLength(a);
  const floatLength = (bits >> 52) - 1022;
  if (length != floatLength) return length < floatLength ? -1 : 1;
  const digits = bigDigits(a);
  const count = bigCount(a);
  const significand = ((bits & 0xf_ffff_ffff_ffff) | 0x10_0000_0000_0000) << 11;
  // The 64 bits below and including the highest one of the integer, then whether any is set below
  // those.
  const top = load<u64>(digits + ((count - 1) << 3));
  const shift = clz(top);
  const next = count > 1 ? load<u64>(digits + ((count - 2) << 3)) : 0;
  const leading = shift ? (top << shift) | (next >> (64 - shift)) : top;
  if (leading != significand) return leading < significand ? -1 : 1;
  if (count > 1 && (shift ? next << shift : next)) return 1;
  for (let i: u32 = 0; i + 2 < count; i++) if (load<u64>(digits + (i << 3))) return 1;
  return 0;
}

/** -1, 0 or 1 by value; both are numbers. 1 and 1.0 compare equal. */
export function compareNumbers(a: u64, b: u64): i32 {
  if (isFloat(a)) {
    if (isFloat(b)) return orderOfF64(floatValue(a), floatValue(b));
    return -compareIntegerWithFloat(b, floatValue(a));
  }
  if (isFloat(b)) return compareIntegerWithFloat(a, floatValue(b));
  return compareIntegers(a, b);
}

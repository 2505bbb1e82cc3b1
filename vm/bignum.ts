/**
 * Integers as terms: smalls of 60 bits and bigs of 64-bit digits (tables/terms.ts), and arithmetic
 * on them.
 *
 * An operand of either kind is seen as sign, digits and count: `takeA` and `takeB` set the `a...`
 * and `b...` variables, which hold until the next call of the same function (nothing here nests). A
 * result is written into fresh heap words and given to `finishBig`, which makes it the one
 * representation there is: no leading zero digits, and a small when it fits one.
 */
import { allocate, release } from './alloc';
import {
  addDigits,
  bitLength,
  compareDigits,
  divideByDigit,
  divideDigits,
  mulHigh,
  shiftLeftBits,
  shiftRightBits,
  subDigits,
  trimmedCount,
} from './big_digits';
import { mulDigits, stepReductions } from './big_mul';
import { outOfMemory, systemLimit } from './errors';
import { hAlloc, hRelease } from './heap';
import { chargeReductions } from './state';
import {
  NONE,
  SUB_NEG_BIG,
  SUB_POS_BIG,
  areSmall,
  boxedAddress,
  boxedHeader,
  boxedOf,
  fitsSmall,
  headerOf,
  headerSubtag,
  headerWords,
  isSmall,
  smallOf,
  smallValue,
} from './term';

/** Most digits of an integer: OTP's bound, above which it raises system_limit. */
export const BIG_DIGITS_MAX: u32 = (1 << 19) - 1;

// ---- operands

/** Magnitude of the least small; that of the greatest is one less. */
const SMALL_MAGNITUDE: u64 = 1 << 59;

const smallDigitA: usize = memory.data(8, 8);
const smallDigitB: usize = memory.data(8, 8);
let aDigits: usize = 0;
let aCount: u32 = 0;
let aNegative: bool = false;
let bDigits: usize = 0;
let bCount: u32 = 0;
let bNegative: bool = false;

function takeA(t: u64): void {
  if (isSmall(t)) {
    const value = smallValue(t);
    aNegative = value < 0;
    aDigits = smallDigitA;
    aCount = (value != 0) as u32;
    store<u64>(smallDigitA, abs(value) as u64);
  } else {
    aNegative = bigNegative(t);
    aDigits = bigDigits(t);
    aCount = bigCount(t);
  }
}
function takeB(t: u64): void {
  if (isSmall(t)) {
    const value = smallValue(t);
    bNegative = value < 0;
    bDigits = smallDigitB;
    bCount = (value != 0) as u32;
    store<u64>(smallDigitB, abs(value) as u64);
  } else {
    bNegative = bigNegative(t);
    bDigits = bigDigits(t);
    bCount = bigCount(t);
  }
}

/** Address of the digits of a big. */
export function bigDigits(t: u64): usize {
  return boxedAddress(t) + 8;
}
/** Number of its digits. */
export function bigCount(t: u64): u32 {
  return headerWords(boxedHeader(t));
}
export function bigNegative(t: u64): bool {
  return headerSubtag(boxedHeader(t)) == SUB_NEG_BIG;
}
/** An integer (small or big) is below zero. */
export function isNegative(t: u64): bool {
  return isSmall(t) ? (t as i64) < 0 : bigNegative(t);
}

// ---- results

/**
 * Heap words for a big of `digits` digits, its header not yet written; 0 after a failure that is
 * already recorded.
 */
export function allocateBig(digits: u32): usize {
  // One digit more than the limit is room for a carry that may turn out to be zero.
  if (digits > BIG_DIGITS_MAX + 1) {
    systemLimit();
    return 0;
  }
  const at = hAlloc(digits + 1);
  if (!at) outOfMemory();
  return at;
}

/**
 * The integer whose `digits` digits stand behind the header word at `at`, all from one allocateBig.
 * NONE: above the limit.
 */
export function finishBig(at: usize, digits: u32, negative: bool): u64 {
  const count = trimmedCount(at + 8, digits);
  if (count <= 1) {
    const magnitude = count ? load<u64>(at, 8) : 0;
    if (magnitude < SMALL_MAGNITUDE + (negative as u64)) {
      hRelease(at, digits + 1, at);
      return smallOf(negative ? -(magnitude as i64) : (magnitude as i64));
    }
  }
  if (count > BIG_DIGITS_MAX) {
    hRelease(at, digits + 1, at);
    return systemLimit();
  }
  store<u64>(at, headerOf(negative ? SUB_NEG_BIG : SUB_POS_BIG, count));
  if (count != digits) hRelease(at, digits + 1, at + 8 + (count << 3));
  return boxedOf(at);
}

/** The integer with this sign and magnitude. */
export function integerOfMagnitude(magnitude: u64, negative: bool): u64 {
  if (magnitude < SMALL_MAGNITUDE + (negative as u64))
    return smallOf(negative ? -(magnitude as i64) : (magnitude as i64));
  const at = hAlloc(2);
  store<u64>(at, headerOf(negative ? SUB_NEG_BIG : SUB_POS_BIG, 1));
  store<u64>(at, magnitude, 8);
  return boxedOf(at);
}
export function integerOfI64(value: i64): u64 {
  if (fitsSmall(value)) return smallOf(value);
  return integerOfMagnitude(value < 0 ? ((0 - value) as u64) : (value as u64), value < 0);
}
export function integerOfU64(value: u64): u64 {
  return integerOfMagnitude(value, false);
}
/**
 * The integer whose digits, least significant first, are at `digits`; leading zero digits are
 * allowed.
 */
export function integerOfDigits(digits: usize, count: u32, negative: bool): u64 {
  const used = trimmedCount(digits, count);
  if (used <= 1) return integerOfMagnitude(used ? load<u64>(digits) : 0, negative);
  const at = allocateBig(used);
  if (!at) return NONE;
  memory.copy(at + 8, digits, used << 3);
  return finishBig(at, used, negative);
}

// ---- integers as machine words

/** An integer lies between -2^63 and 2^63 - 1. */
export function fitsI64(t: u64): bool {
  if (isSmall(t)) return true;
  if (bigCount(t) != 1) return false;
  return load<u64>(bigDigits(t)) < ((1 as u64) << 63) + (bigNegative(t) as u64);
}
/** An integer lies between 0 and 2^64 - 1. */
export function fitsU64(t: u64): bool {
  if (isSmall(t)) return (t as i64) >= 0;
  return bigCount(t) == 1 && !bigNegative(t);
}
/** The low 64 bits in two's complement: the value itself when fitsI64 or fitsU64 holds. */
export function lowBits(t: u64): u64 {
  if (isSmall(t)) return smallValue(t) as u64;
  const digit = load<u64>(bigDigits(t));
  return bigNegative(t) ? 0 - digit : digit;
}

// ---- sums

function sum(negateB: bool): u64 {
  const bSign = bNegative != negateB;
  let large = aDigits;
  let largeCount = aCount;
  let small = bDigits;
  let smallCount = bCount;
  let negative = aNegative;
  const order = compareDigits(aDigits, aCount, bDigits, bCount);
  if (order < 0) {
    large = bDigits;
    largeCount = bCount;
    small = aDigits;
    smallCount = aCount;
    negative = bSign;
  }
  if (aNegative != bSign) {
    if (order == 0) return smallOf(0);
    const at = allocateBig(largeCount);
    if (!at) return NONE;
    subDigits(at + 8, large, largeCount, small, smallCount);
    return finishBig(at, largeCount, negative);
  }
  const at = allocateBig(largeCount + 1);
  if (!at) return NONE;
  const carry = addDigits(at + 8, large, largeCount, small, smallCount);
  store<u64>(at + 8 + (largeCount << 3), carry);
  return finishBig(at, largeCount + 1, negative);
}

/** a + b of integers. */
export function addIntegers(a: u64, b: u64): u64 {
  if (areSmall(a, b)) return integerOfI64(smallValue(a) + smallValue(b));
  takeA(a);
  takeB(b);
  chargeForDigits(aCount + bCount);
  return sum(false);
}
/** a - b of integers. */
export function subIntegers(a: u64, b: u64): u64 {
  if (areSmall(a, b)) return integerOfI64(smallValue(a) - smallValue(b));
  takeA(a);
  takeB(b);
  chargeForDigits(aCount + bCount);
  return sum(true);
}
/** -a of an integer. */
export function negateInteger(a: u64): u64 {
  if (isSmall(a)) return integerOfI64(-smallValue(a));
  takeA(a);
  chargeForDigits(aCount);
  return integerOfDigits(aDigits, aCount, !aNegative);
}

/** Charge for one pass over that many digits. */
function chargeForDigits(digits: u32): void {
  if (digits >= 64) chargeReductions((digits >> 6) as i32);
}

// ---- products

function mulSmalls(x: i64, y: i64): u64 {
  const negative = (x ^ y) < 0;
  const xAbs = abs(x) as u64;
  const yAbs = abs(y) as u64;
  const high = mulHigh(xAbs, yAbs);
  if (high == 0) return integerOfMagnitude(xAbs * yAbs, negative && xAbs * yAbs != 0);
  const at = hAlloc(3);
  store<u64>(at, headerOf(negative ? SUB_NEG_BIG : SUB_POS_BIG, 2));
  store<u64>(at, xAbs * yAbs, 8);
  store<u64>(at, high, 16);
  return boxedOf(at);
}

/** a * b of integers. */
export function mulIntegers(a: u64, b: u64): u64 {
  if (areSmall(a, b)) return mulSmalls(smallValue(a), smallValue(b));
  takeA(a);
  takeB(b);
  if (aCount == 0 || bCount == 0) return smallOf(0);
  const count = aCount + bCount;
  const at = allocateBig(count);
  if (!at) return NONE;
  if (!mulDigits(at + 8, aDigits, aCount, bDigits, bCount)) return outOfMemory();
  return finishBig(at, count, aNegative != bNegative);
}

// ---- quotients

/** a div b when `quotient`, else a rem b, for integers, b not zero. */
export function divideIntegers(a: u64, b: u64, quotient: bool): u64 {
  if (areSmall(a, b)) {
    const x = smallValue(a);
    const y = smallValue(b);
    // The least small divided by -1 is the one quotient that is no small.
    return quotient ? integerOfI64(x / y) : smallOf(x % y);
  }
  takeA(a);
  takeB(b);
  if (compareDigits(aDigits, aCount, bDigits, bCount) < 0) return quotient ? smallOf(0) : a;
  if (bCount == 1) return divideByShort(quotient);
  return divideLong(quotient);
}

function divideByShort(quotient: bool): u64 {
  chargeForDigits(aCount << 3);
  const at = allocateBig(aCount);
  if (!at) return NONE;
  const remainder = divideByDigit(at + 8, aDigits, aCount, load<u64>(bDigits));
  if (quotient) return finishBig(at, aCount, aNegative != bNegative);
  store<u64>(at, remainder, 8);
  hRelease(at, aCount + 1, at + 16);
  return finishBig(at, 1, aNegative);
}

const scratchBytesMax: u32 = 1024;
const scratch: usize = memory.data(1024, 8);

function divideLong(quotient: bool): u64 {
  const resultDigits = quotient ? aCount - bCount + 1 : bCount;
  const at = allocateBig(resultDigits);
  if (!at) return NONE;
  chargeReductions(stepReductions(((aCount - bCount + 1) as u64) * (bCount as u64)));
  // Copies of both, shifted so that the divisor's highest bit is set; the dividend gets one digit
  // more.
  const bytes = (aCount + 1 + bCount) << 3;
  const work = bytes <= scratchBytesMax ? scratch : allocate(bytes);
  if (!work) return outOfMemory();
  const u = work;
  const v = work + ((aCount + 1) << 3);
  const shift = clz(load<u64>(bDigits + ((bCount - 1) << 3)));
  shiftLeftBits(v, bDigits, bCount, shift);
  store<u64>(u + (aCount << 3), shiftLeftBits(u, aDigits, aCount, shift));
  divideDigits(quotient ? at + 8 : 0, u, aCount - bCount, v, bCount);
  if (!quotient) shiftRightBits(at + 8, u, bCount, shift);
  if (work != scratch) release(work);
  return finishBig(at, resultDigits, quotient ? aNegative != bNegative : aNegative);
}

// ---- bits

const BAND: u32 = 0;
const BOR: u32 = 1;
const BXOR: u32 = 2;

function bitOperation(operation: u32, x: u64, y: u64): u64 {
  if (operation == BAND) return x & y;
  if (operation == BOR) return x | y;
  return x ^ y;
}

/**
 * The operation on two's complements, digit by digit; a negative result is turned back into its
 * magnitude on the way.
 */
function bitwise(operation: u32): u64 {
  const digits = max(aCount, bCount) + 1;
  const at = allocateBig(digits);
  if (!at) return NONE;
  chargeForDigits(digits);
  const aMask: u64 = aNegative ? -1 : 0;
  const bMask: u64 = bNegative ? -1 : 0;
  const mask = bitOperation(operation, aMask, bMask);
  let aCarry: u64 = aMask & 1;
  let bCarry: u64 = bMask & 1;
  let carry: u64 = mask & 1;
  for (let i: u32 = 0; i < digits; i++) {
    const x = ((i < aCount ? load<u64>(aDigits + (i << 3)) : 0) ^ aMask) + aCarry;
    aCarry = (x < aCarry) as u64;
    const y = ((i < bCount ? load<u64>(bDigits + (i << 3)) : 0) ^ bMask) + bCarry;
    bCarry = (y < bCarry) as u64;
    const result = (bitOperation(operation, x, y) ^ mask) + carry;
    carry = (result < carry) as u64;
    store<u64>(at + 8 + (i << 3), result);
  }
  return finishBig(at, digits, mask != 0);
}

/** a band b of integers. */
export function bandIntegers(a: u64, b: u64): u64 {
  if (areSmall(a, b)) return a & b;
  // A mask that fits a small and is not negative selects from the low bits only.
  if (isSmall(b) && (b as i64) >= 0) return smallOf((lowBits(a) & (smallValue(b) as u64)) as i64);
  if (isSmall(a) && (a as i64) >= 0) return smallOf((lowBits(b) & (smallValue(a) as u64)) as i64);
  takeA(a);
  takeB(b);
  return bitwise(BAND);
}
export function borIntegers(a: u64, b: u64): u64 {
  if (areSmall(a, b)) return a | b;
  takeA(a);
  takeB(b);
  return bitwise(BOR);
}
export function bxorIntegers(a: u64, b: u64): u64 {
  if (areSmall(a, b)) return smallOf(smallValue(a) ^ smallValue(b));
  takeA(a);
  takeB(b);
  return bitwise(BXOR);
}
/** bnot a = -a - 1. */
export function bnotInteger(a: u64): u64 {
  if (isSmall(a)) return smallOf(~smallValue(a));
  return subIntegers(smallOf(-1), a);
}

/** Shift to the left by `bits`, a not zero. */
function shiftLeft(a: u64, bits: u64): u64 {
  if (isSmall(a) && bits < 60) {
    const value = smallValue(a);
    const shifted = value << (bits as i64);
    if (fitsSmall(shifted) && shifted >> (bits as i64) == value) return smallOf(shifted);
  }
  takeA(a);
  if (bits >> 6 > (BIG_DIGITS_MAX as u64)) return systemLimit();
  const whole = (bits >> 6) as u32;
  const digits = whole + aCount + 1;
  const at = allocateBig(digits);
  if (!at) return NONE;
  chargeForDigits(digits);
  memory.fill(at + 8, 0, whole << 3);
  const to = at + 8 + (whole << 3);
  store<u64>(to + (aCount << 3), shiftLeftBits(to, aDigits, aCount, bits & 63));
  return finishBig(at, digits, aNegative);
}

/** Arithmetic shift to the right by `bits`: rounds down. */
function shiftRight(a: u64, bits: u64): u64 {
  if (isSmall(a)) return smallOf(smallValue(a) >> (bits > 63 ? 63 : (bits as i64)));
  takeA(a);
  if (bits >> 6 >= (aCount as u64)) return smallOf(aNegative ? -1 : 0);
  const whole = (bits >> 6) as u32;
  const digits = aCount - whole;
  const at = allocateBig(digits + 1);
  if (!at) return NONE;
  chargeForDigits(digits);
  shiftRightBits(at + 8, aDigits + (whole << 3), digits, bits & 63);
  store<u64>(at + 8 + (digits << 3), 0);
  // Rounding down means one more in magnitude when a negative number loses a bit that was set.
  if (aNegative && losesOnes(whole, bits & 63)) addOne(at + 8);
  return finishBig(at, digits + 1, aNegative);
}
/** A bit below `whole` digits and `bits` bits of operand a is set. */
function losesOnes(whole: u32, bits: u64): bool {
  for (let i: u32 = 0; i < whole; i++) if (load<u64>(aDigits + (i << 3))) return true;
  return bits != 0 && load<u64>(aDigits + (whole << 3)) << (64 - bits) != 0;
}
function addOne(digits: usize): void {
  while (true) {
    const value = load<u64>(digits) + 1;
    store<u64>(digits, value);
    if (value) return;
    digits += 8;
  }
}

/**
 * a bsl b of integers; with `right`, a bsr b. Shifts that only a result beyond the limit could
 * satisfy fail with system_limit.
 */
export function shiftIntegers(a: u64, b: u64, right: bool): u64 {
  if (a == smallOf(0)) return a;
  const toRight = isNegative(b) != right;
  if (!isSmall(b)) {
    if (toRight) return smallOf(isNegative(a) ? -1 : 0);
    return systemLimit();
  }
  const bits = abs(smallValue(b)) as u64;
  return toRight ? shiftRight(a, bits) : shiftLeft(a, bits);
}

// ---- order

/** -1, 0 or 1 by value. */
export function compareIntegers(a: u64, b: u64): i32 {
  if (areSmall(a, b)) return ((a as i64) > (b as i64) ? 1 : 0) - ((a as i64) < (b as i64) ? 1 : 0);
  if (isNegative(a) != isNegative(b)) return isNegative(a) ? -1 : 1;
  takeA(a);
  takeB(b);
  const order = compareDigits(aDigits, aCount, bDigits, bCount);
  return aNegative ? -order : order;
}

/** Bits of the magnitude up to the highest one set. */
export function integerBitLength(t: u64): u64 {
  if (isSmall(t)) return 64 - clz(abs(smallValue(t)) as u64);
  return bitLength(bigDigits(t), bigCount(t));
}

/**
 * The decimal digits of a finite float that is not negative: the fewest that identify it, or all
 * that it has.
 *
 * Shortest digits: Raffaello Giulietti, "The Schubfach way to render doubles" (2021). Exact digits:
 * a float is an integer times a power of two, so its integer part is divided by powers of ten and
 * its fraction, as a fixed-point number, multiplied by them.
 */
import { divideByDigit, mulByDigit, mulHigh, trimmedCount } from './big_digits';
import { powerOfTen } from './float_power';

const HIDDEN_BIT: u64 = 1 << 52;
const TEN_TO_19: u64 = 10000000000000000000;

function significandOf(bits: u64): u64 {
  const field = (bits >> 52) & 0x7ff;
  return (bits & (HIDDEN_BIT - 1)) | (field ? HIDDEN_BIT : 0);
}
/** The float is significand * 2^exponent. */
function exponentOf(bits: u64): i32 {
  const field = ((bits >> 52) & 0x7ff) as i32;
  return (field ? field : 1) - 1075;
}

// ---- the fewest digits

/**
 * Result of findShortest: the float is nearest to shortDigits * 10^shortExponent; no trailing zero
 * digit.
 */
export let shortDigits: u64 = 0;
export let shortExponent: i32 = 0;

function floorLog10Pow2(e: i32): i32 {
  return (e * 1262611) >> 22;
}
function floorLog10ThreeQuartersPow2(e: i32): i32 {
  return (e * 1262611 - 524031) >> 22;
}
function floorLog2Pow10(e: i32): i32 {
  return (e * 1741647) >> 19;
}

/**
 * The product of a power of ten (128 bits) and `factor`, its top 64 bits, with the lowest set when
 * any bit below is (round to odd).
 */
function roundToOdd(power: usize, factor: u64): u64 {
  const low = load<u64>(power, 8) * factor;
  const middle = low + mulHigh(load<u64>(power), factor);
  const high = mulHigh(load<u64>(power, 8), factor) + ((middle < low) as u64);
  return high | ((middle > 1) as u64);
}

/** For a value above zero. */
export function findShortest(value: f64): void {
  const bits = reinterpret<u64>(value);
  const c = significandOf(bits);
  const q = exponentOf(bits);
  // An integer below 2^53 is its own shortest form but for its trailing zeros.
  if (q <= 0 && q > -53 && (c & (((1 as u64) << (-q as u64)) - 1)) == 0) {
    setShortest(c >> (-q as u64), 0);
    return;
  }
  // The interval that rounds to the value is narrower below a power of two.
  const narrow = c == HIDDEN_BIT && ((bits >> 52) & 0x7ff) > 1;
  const k = narrow ? floorLog10ThreeQuartersPow2(q) : floorLog10Pow2(q);
  const h = (q + floorLog2Pow10(-k) + 1) as u64;
  const power = powerOfTen(-k);
  const lower = roundToOdd(power, (4 * c - (narrow ? 1 : 2)) << h) + (c & 1);
  const middle = roundToOdd(power, (4 * c) << h);
  const upper = roundToOdd(power, (4 * c + 2) << h) - (c & 1);
  const s = middle >> 2;
  if (s >= 10) {
    const tens = s / 10;
    const below = lower <= 40 * tens;
    const above = 40 * tens + 40 <= upper;
    if (below != above) {
      setShortest(below ? tens : tens + 1, k + 1);
      return;
    }
  }
  const below = lower <= 4 * s;
  const above = 4 * s + 4 <= upper;
  if (below != above) {
    setShortest(below ? s : s + 1, k);
    return;
  }
  const half = 4 * s + 2;
  setShortest(middle > half || (middle == half && (s & 1) == 1) ? s + 1 : s, k);
}

function setShortest(digits: u64, exponent: i32): void {
  while (digits >= 10) {
    const tens = digits / 10;
    if (tens * 10 != digits) break;
    digits = tens;
    exponent++;
  }
  shortDigits = digits;
  shortExponent = exponent;
}

// ---- all digits

/**
 * A spare digit for a carry, at most 309 digits before the point and 1074 behind it, both in whole
 * chunks of 19.
 */
const expansion: usize = memory.data(321 + 1083);
/** Where the digits behind the point begin. */
const POINT: usize = expansion + 321;
/**
 * Digits (0 to 9, a byte each) of the last expand(): those before the point, at least one, then
 * those behind it.
 */
export let expansionAt: usize = 0;
export let integerDigits: u32 = 0;
export let fractionDigits: u32 = 0;
/** Words of an integer part of 1024 bits, or of a fraction of 1074. */
const words: usize = memory.data(17 * 8, 8);

/** Write the exact value, digit by digit. */
export function expand(value: f64): void {
  const bits = reinterpret<u64>(value);
  const c = significandOf(bits);
  const q = exponentOf(bits);
  let integer: u64 = 0;
  if (q >= 0) expandLarge(c, q as u32);
  else {
    integer = q > -64 ? c >> (-q as u64) : 0;
    expandInteger(integer);
  }
  fractionDigits = 0;
  if (q < 0) expandFraction(q > -64 ? c - (integer << (-q as u64)) : c, -q as u32);
}

/**
 * Digits of `value` before `end`, `count` of them or as many as it has when that is 0; the address
 * of the first is the result.
 */
function digitsBefore(end: usize, value: u64, count: u32): usize {
  const start = end - count;
  do {
    end--;
    store<u8>(end, (value % 10) as u8);
    value /= 10;
  } while (count ? end > start : value != 0);
  return end;
}

function expandInteger(value: u64): void {
  expansionAt = digitsBefore(POINT, value, 0);
  integerDigits = (POINT - expansionAt) as u32;
}

/** c * 2^q, an integer of up to 309 digits. */
function expandLarge(c: u64, q: u32): void {
  const whole = q >> 6;
  const shift = (q & 63) as u64;
  let count = whole + 2;
  memory.fill(words, 0, whole << 3);
  store<u64>(words + (whole << 3), c << shift);
  store<u64>(words + (whole << 3), shift ? c >> (64 - shift) : 0, 8);
  let at = POINT;
  count = trimmedCount(words, count);
  while (count > 1) {
    at = digitsBefore(at, divideByDigit(words, words, count, TEN_TO_19), 19);
    count = trimmedCount(words, count);
  }
  at = digitsBefore(at, load<u64>(words), 0);
  expansionAt = at;
  integerDigits = (POINT - at) as u32;
}

/** c / 2^bits, below 1. */
function expandFraction(c: u64, bits: u32): void {
  // Words of the fixed-point number, the point above the highest.
  let count = (bits + 63) >> 6;
  const unused = ((count << 6) - bits) as u64;
  let first = words;
  memory.fill(words, 0, count << 3);
  store<u64>(words, c << unused);
  if (count > 1 && unused) store<u64>(words, c >> (64 - unused), 8);
  let at = POINT;
  while (true) {
    // Trailing zero words stay zero.
    while (count && load<u64>(first) == 0) {
      first += 8;
      count--;
    }
    if (!count) break;
    const chunk = mulByDigit(first, first, count, TEN_TO_19, 0);
    digitsBefore(at + 19, chunk, 19);
    at += 19;
  }
  while (at > POINT && load<u8>(at - 1) == 0) at--;
  fractionDigits = (at - POINT) as u32;
}

/**
 * Round the expansion to its first `keep` digits, a half to even as the C library does; a carry may
 * put one more digit in front. Digits behind the last are taken as zeros and not written.
 */
export function roundExpansion(keep: u32): void {
  const all = integerDigits + fractionDigits;
  if (keep >= all) return;
  const cut = expansionAt + keep;
  const digit = load<u8>(cut);
  let up = digit > 5;
  if (digit == 5) {
    up = keep > 0 && (load<u8>(cut - 1) & 1) == 1;
    for (let i: u32 = 1; i < all - keep; i++) up = up || load<u8>(cut + i) != 0;
  }
  fractionDigits = keep > integerDigits ? keep - integerDigits : 0;
  if (keep < integerDigits) memory.fill(cut, 0, integerDigits - keep);
  if (!up) return;
  let at = cut;
  while (at > expansionAt) {
    at--;
    const next = load<u8>(at) + 1;
    if (next < 10) {
      store<u8>(at, next);
      return;
    }
    store<u8>(at, 0);
  }
  expansionAt--;
  integerDigits++;
  store<u8>(expansionAt, 1);
}

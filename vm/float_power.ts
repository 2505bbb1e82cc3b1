/**
 * Powers of ten as 128-bit significands, for printing floats: ten(k) is the least number g with
 * 2^127 <= g < 2^128 and g * 2^(floor(log2(10^k)) - 127) >= 10^k. Each is computed exactly when it
 * is first asked for and then kept.
 */
import { divideDigits, mulByDigit, shiftLeftBits, trimmedCount } from './big_digits';

const POWER_MIN: i32 = -324;
const POWER_MAX: i32 = 325;
/** 16 bytes a power, low word first; the high word is never zero once it is computed. */
const powers: usize = memory.data((325 + 324 + 1) * 16, 8);
/** 5^n for n = 0 to 27, all that fit 64 bits. */
const FIVES_MAX: u32 = 27;

/** Words for 5^325 (12 of them), for what is divided by it and for the quotient. */
const power: usize = memory.data(13 * 8, 8);
const dividend: usize = memory.data(16 * 8, 8);
const quotient: usize = memory.data(4 * 8, 8);

/** 5^n for n up to 27. */
export function fiveTo(n: u32): u64 {
  let value: u64 = 1;
  while (n--) value *= 5;
  return value;
}

/** `digits` *= 5^n in place; the new count is the result. There must be room. */
export function mulByPowerOfFive(digits: usize, count: u32, n: u32): u32 {
  while (n && count) {
    const part = min(n, FIVES_MAX);
    const carry = mulByDigit(digits, digits, count, fiveTo(part), 0);
    if (carry) store<u64>(digits + (count++ << 3), carry);
    n -= part;
  }
  return count;
}

/** Address of ten(k): low word, high word; -324 <= k <= 325. */
export function powerOfTen(k: i32): usize {
  const at = powers + (((k - POWER_MIN) as u32) << 4);
  if (load<u64>(at, 8) == 0) computePower(k, at);
  return at;
}

function computePower(k: i32, at: usize): void {
  store<u64>(power, 1);
  const count = mulByPowerOfFive(power, 1, abs(k) as u32);
  const top = power + ((count - 1) << 3);
  // The highest bit of the top word set; powers of two do not change a significand.
  shiftLeftBits(power, power, count, clz(load<u64>(top)));
  if (k >= 0) keepTop(at, power, count);
  else {
    invert(count);
    keepTop(at, quotient, trimmedCount(quotient, 4));
  }
}

/**
 * quotient = 2^(64 * (count + 3) - 1) / power, 191 or 192 bits, of which 128 will be kept; a
 * remainder shows in the lowest bit. The dividend has a zero word above, so that its top half
 * digits are below those of the divisor, as divideDigits asks.
 */
function invert(count: u32): void {
  memory.fill(dividend, 0, (count + 4) << 3);
  store<u64>(dividend + ((count + 2) << 3), (1 as u64) << 63);
  divideDigits(quotient, dividend, 3, power, count);
  if (trimmedCount(dividend, count)) store<u64>(quotient, load<u64>(quotient) | 1);
}

/** Store the top 128 bits of `digits`, rounded up. */
function keepTop(at: usize, digits: usize, count: u32): void {
  const shift = clz(load<u64>(digits + ((count - 1) << 3)));
  shiftLeftBits(digits, digits, count, shift);
  let high = load<u64>(digits + ((count - 1) << 3));
  let low = count > 1 ? load<u64>(digits + ((count - 2) << 3)) : 0;
  if (count > 2 && trimmedCount(digits, count - 2)) {
    low++;
    if (low == 0) high++;
  }
  store<u64>(at, low);
  store<u64>(at, high, 8);
}

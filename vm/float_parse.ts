/**
 * Text to float: sign, digits, a point, digits, and an exponent if there is one (the syntax of
 * list_to_float/1), rounded to the nearest float, a half to even.
 *
 * Few digits with a small exponent are exact in floating point. All others are decided with exact
 * integers: digits * 5^e for a positive exponent, a quotient by 5^-e for a negative one, of which
 * 64 bits and "is there more" decide the rounding.
 */
import { bitLength, divideDigits, mulByDigit, shiftLeftBits, trimmedCount } from './big_digits';
import { mulByPowerOfFive } from './float_power';

/** The float of the last parseFloatText that found one. */
export let parsedFloat: f64 = 0;
/** Why parseFloatText returned 0: the number is beyond the largest float. */
export let parsedTooLarge: bool = false;

/**
 * No float needs more digits than 767 to decide how it rounds; behind them only "is there more"
 * matters.
 */
const DIGITS_MAX: u32 = 770;
/** Significant digits, 0 to 9, a byte each. */
const digits: usize = memory.data(771);
let digitCount: u32 = 0;
/** The number is digits * 10^decimalExponent. */
let decimalExponent: i64 = 0;

/** 10^0 to 10^22, the powers that are floats. */
const tens: usize = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]);
const EXACT_TENS_MAX: i64 = 22;
const TWO_TO_53: u64 = 1 << 53;
const EXPONENT_LIMIT: i64 = 1_000_000_000_000;

/** 5^1124 and 771 digits have 2610 bits, a dividend one word and 65 bits more than its divisor. */
const first: usize = memory.data(48 * 8, 8);
const second: usize = memory.data(48 * 8, 8);
const third: usize = memory.data(48 * 8, 8);

function isDigit(char: u32): bool {
  return char - 48 < 10;
}

/**
 * Length of the longest beginning of the text that is a float, 0 when there is none or it is too
 * large; `length` bytes are at `at`. OTP reads a comma as a point.
 */
export function parseFloatText(at: usize, length: u32): u32 {
  parsedTooLarge = false;
  let i: u32 = 0;
  const negative = length != 0 && load<u8>(at) == 45;
  if (negative || (length != 0 && load<u8>(at) == 43)) i = 1;
  digitCount = 0;
  decimalExponent = 0;
  const whole = takeDigits(at, i, length, false);
  if (whole == i || whole + 1 >= length) return 0;
  const point = load<u8>(at + whole);
  if (point != 46 && point != 44) return 0;
  let end = takeDigits(at, whole + 1, length, true);
  if (end == whole + 1) return 0;
  end = takeExponent(at, end, length);
  if (!convert()) {
    parsedTooLarge = true;
    return 0;
  }
  if (negative) parsedFloat = -parsedFloat;
  return end;
}

/** Take digits from position `i` on; the position behind them is the result. */
function takeDigits(at: usize, i: u32, length: u32, fraction: bool): u32 {
  for (; i < length; i++) {
    const char = load<u8>(at + i) as u32;
    if (!isDigit(char)) break;
    if (digitCount == DIGITS_MAX) {
      // Too many: a last digit that is not zero stands for all that are lost.
      if (char != 48) store<u8>(digits + DIGITS_MAX - 1, 1);
      if (!fraction) decimalExponent++;
      continue;
    }
    if (digitCount != 0 || char != 48) store<u8>(digits + digitCount++, (char - 48) as u8);
    if (fraction) decimalExponent--;
  }
  return i;
}

/** An exponent at position `i` if there is a whole one. */
function takeExponent(at: usize, i: u32, length: u32): u32 {
  if (i >= length || (load<u8>(at + i) | 32) != 101) return i;
  let from = i + 1;
  const sign: u32 = from < length ? load<u8>(at + from) : 0;
  if (sign == 45 || sign == 43) from++;
  let value: i64 = 0;
  let end = from;
  while (end < length && isDigit(load<u8>(at + end))) {
    if (value < EXPONENT_LIMIT) value = value * 10 + ((load<u8>(at + end) - 48) as i64);
    end++;
  }
  if (end == from) return i;
  decimalExponent += sign == 45 ? -value : value;
  return end;
}

/** Set parsedFloat from digits and exponent; false when it is too large. */
function convert(): bool {
  while (digitCount && load<u8>(digits + digitCount - 1) == 0) {
    digitCount--;
    decimalExponent++;
  }
  parsedFloat = 0;
  // The value lies between 10^(magnitude - 1) and 10^magnitude.
  const magnitude = decimalExponent + (digitCount as i64);
  if (digitCount == 0 || magnitude < -324) return true;
  if (magnitude > 309) return false;
  if (digitCount <= 19 && convertShort()) return true;
  const count = digitsToWords(first);
  if (decimalExponent >= 0) {
    const words = mulByPowerOfFive(first, count, decimalExponent as u32);
    return roundWords(first, words, decimalExponent as i32, false);
  }
  return convertQuotient(count, -decimalExponent as u32);
}

/** Up to 2^53 and a power of ten that is a float: one operation, which rounds once. */
function convertShort(): bool {
  if (abs(decimalExponent) > EXACT_TENS_MAX) return false;
  let value: u64 = 0;
  for (let i: u32 = 0; i < digitCount; i++) value = value * 10 + (load<u8>(digits + i) as u64);
  if (value > TWO_TO_53) return false;
  const scale = load<f64>(tens + ((abs(decimalExponent) as usize) << 3));
  parsedFloat = decimalExponent < 0 ? (value as f64) / scale : (value as f64) * scale;
  return true;
}

/** The digits as a binary number at `to`; its count of words is the result. */
function digitsToWords(to: usize): u32 {
  let count: u32 = 0;
  let i: u32 = 0;
  while (i < digitCount) {
    let chunk: u64 = 0;
    let scale: u64 = 1;
    for (let j: u32 = 0; j < 19 && i < digitCount; j++) {
      chunk = chunk * 10 + (load<u8>(digits + i) as u64);
      scale *= 10;
      i++;
    }
    const carry = mulByDigit(to, to, count, scale, chunk);
    if (carry) store<u64>(to + (count++ << 3), carry);
  }
  return count;
}

/** The number in `first` divided by 10^n. */
function convertQuotient(count: u32, n: u32): bool {
  store<u64>(second, 1);
  const divisorCount = mulByPowerOfFive(second, 1, n);
  const shift = clz(load<u64>(second + ((divisorCount - 1) << 3)));
  shiftLeftBits(second, second, divisorCount, shift);
  // The dividend moves by the same shift and by whole words until the quotient has 65 bits at
  // least.
  let words: u32 = 0;
  while (count + words < divisorCount + 2) words++;
  const dividend = third;
  memory.fill(dividend, 0, words << 3);
  const top = dividend + ((words + count) << 3);
  store<u64>(top, shiftLeftBits(dividend + (words << 3), first, count, shift));
  const all = words + count;
  divideDigits(first, dividend, all - divisorCount, second, divisorCount);
  const more = trimmedCount(dividend, divisorCount) != 0;
  const quotientCount = trimmedCount(first, all - divisorCount + 1);
  return roundWords(first, quotientCount, -(n as i32) - ((words << 6) as i32), more);
}

/** Set parsedFloat to words * 2^exponent, a little more when `more`; false when it is too large. */
function roundWords(words: usize, count: u32, exponent: i32, more: bool): bool {
  const length = bitLength(words, count) as i32;
  const shift = clz(load<u64>(words + ((count - 1) << 3)));
  shiftLeftBits(words, words, count, shift);
  const top = load<u64>(words + ((count - 1) << 3));
  if (count > 1) more = more || trimmedCount(words, count - 1) != 0;
  // The value is between 2^scale and 2^(scale + 1).
  const scale = length - 1 + exponent;
  if (scale > 1023) return false;
  // Bits of `top` to cut off: 11, or more for a subnormal float.
  const cut = scale >= -1022 ? 11 : 11 + (-1022 - scale);
  if (cut > 64) return true;
  let bits: u64 = cut == 64 ? 0 : top >> (cut as u64);
  const half = (1 as u64) << ((cut - 1) as u64);
  const rest = cut == 64 ? top : top & ((half << 1) - 1);
  if (rest > half || (rest == half && (more || (bits & 1) == 1))) bits++;
  // The hidden bit of `bits` adds one to the exponent field, and so does a carry into it.
  if (scale >= -1022) bits += ((scale + 1022) as u64) << 52;
  parsedFloat = reinterpret<f64>(bits);
  return bits < (0x7ff as u64) << 52;
}

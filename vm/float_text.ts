/**
 * Floats as text, byte for byte as OTP prints them. Every function writes ASCII at `at` and returns
 * the number of bytes.
 */
import {
  expand,
  expansionAt,
  findShortest,
  fractionDigits,
  integerDigits,
  roundExpansion,
  shortDigits,
  shortExponent,
} from './float_digits';

/** Room that the shortest form and the VM's own form need at most. */
export const FLOAT_TEXT_MAX: u32 = 32;
/** Above this, floats have no fraction, and neighbouring integers are lost. */
const TWO_TO_53: f64 = 9007199254740992.0;

const CHAR_0: u8 = 48;
const CHAR_MINUS: u8 = 45;
const CHAR_PLUS: u8 = 43;
const CHAR_POINT: u8 = 46;
const CHAR_E: u8 = 101;

/** 10^0 to 10^18. */
const tens: usize = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18,
]);
const TENS_COUNT: i32 = 19;

/** The sign if there is one, of zero too; the address behind it is the result. */
function writeSign(value: f64, at: usize): usize {
  if (reinterpret<u64>(value) >> 63 == 0) return at;
  store<u8>(at, CHAR_MINUS);
  return at + 1;
}
function digitCount(value: u64): u32 {
  let count: u32 = 1;
  while (value >= 10) {
    value /= 10;
    count++;
  }
  return count;
}
/** `count` digits of `value`, with leading zeros. */
function writeDigits(value: u64, count: u32, at: usize): usize {
  for (let i = count; i; ) {
    i--;
    store<u8>(at + i, CHAR_0 + ((value % 10) as u8));
    value /= 10;
  }
  return at + count;
}
function writeZeros(count: u32, at: usize): usize {
  memory.fill(at, CHAR_0, count);
  return at + count;
}
function writeChar(char: u8, at: usize): usize {
  store<u8>(at, char);
  return at + 1;
}

// ---- the shortest form

/**
 * The fewest digits that read back as the same float, plain or scientific, whichever takes fewer
 * characters; scientific always for integers from 2^53 on (float_to_list(F, [short]), and what
 * io_lib prints).
 */
export function writeFloatShort(value: f64, at: usize): u32 {
  let to = writeSign(value, at);
  if (value == 0) to = writeDigits(0, 1, writeChar(CHAR_POINT, writeDigits(0, 1, to)));
  else {
    findShortest(abs(value));
    to = placePoint(abs(value), to);
  }
  return (to - at) as u32;
}

function placePoint(value: f64, to: usize): usize {
  const count = digitCount(shortDigits) as i32;
  // The point stands behind that many digits.
  const place = count + shortExponent;
  const exponent = abs(place - 1);
  const exponentCost =
    1 + digitCount(exponent as u64) + ((place < 1) as u32) + (count == 1 ? 2 : 1);
  if (place > 0 && place < count) return writePlain(count, place, to);
  if (place <= 0) {
    if (2 - place > (exponentCost as i32)) return writeWithExponent(count, place, to);
    to = writeZeros(-place as u32, writeChar(CHAR_POINT, writeZeros(1, to)));
    return writeDigits(shortDigits, count, to);
  }
  if (place - count + 2 > (exponentCost as i32) || value >= TWO_TO_53)
    return writeWithExponent(count, place, to);
  to = writeZeros((place - count) as u32, writeDigits(shortDigits, count, to));
  return writeZeros(1, writeChar(CHAR_POINT, to));
}
function writePlain(count: u32, place: u32, to: usize): usize {
  writeDigits(shortDigits, count, to + 1);
  memory.copy(to, to + 1, place);
  store<u8>(to + place, CHAR_POINT);
  return to + count + 1;
}
function writeWithExponent(count: u32, place: i32, to: usize): usize {
  if (count > 1) to = writePlain(count, 1, to);
  else to = writeZeros(1, writeChar(CHAR_POINT, writeDigits(shortDigits, 1, to)));
  to = writeChar(CHAR_E, to);
  const exponent = place - 1;
  if (exponent < 0) to = writeChar(CHAR_MINUS, to);
  const size = abs(exponent) as u64;
  return writeDigits(size, digitCount(size), to);
}

// ---- a given number of digits

/**
 * As C's "%.*e": one digit, `decimals` digits, an exponent of at least two digits. Needs decimals +
 * 10 bytes.
 */
export function writeFloatScientific(value: f64, decimals: u32, at: usize): u32 {
  let to = writeSign(value, at);
  expand(abs(value));
  const zeros = value == 0 ? 0 : leadingZeros();
  roundExpansion(zeros + 1 + decimals);
  // A carry may have moved the first digit to the left.
  const first = value == 0 ? 0 : leadingZeros();
  const exponent = (integerDigits as i32) - 1 - (first as i32);
  to = copyDigits(first, 1, to);
  if (decimals) to = copyDigits(first + 1, decimals, writeChar(CHAR_POINT, to));
  to = writeChar(exponent < 0 ? CHAR_MINUS : CHAR_PLUS, writeChar(CHAR_E, to));
  const size = abs(exponent) as u64;
  return (writeDigits(size, size < 100 ? 2 : 3, to) - at) as u32;
}

function leadingZeros(): u32 {
  let count: u32 = 0;
  while (load<u8>(expansionAt + count) == 0) count++;
  return count;
}
/** `count` digits of the expansion from digit `from` on; zeros behind its end. */
function copyDigits(from: u32, count: u32, to: usize): usize {
  const all = integerDigits + fractionDigits;
  for (let i: u32 = 0; i < count; i++) {
    const digit = from + i < all ? load<u8>(expansionAt + from + i) : 0;
    store<u8>(to + i, CHAR_0 + digit);
  }
  return to + count;
}

/** As C's "%.*f", from the exact value. Needs decimals + 312 bytes. */
function writeExactFixed(value: f64, decimals: u32, at: usize): u32 {
  let to = writeSign(value, at);
  expand(abs(value));
  roundExpansion(integerDigits + decimals);
  to = copyDigits(0, integerDigits, to);
  if (decimals) to = copyDigits(integerDigits, decimals, writeChar(CHAR_POINT, to));
  return (to - at) as u32;
}

/**
 * float_to_list(F, [{decimals, D}]). OTP takes the exact value for large numbers and for 19 and
 * more decimals only; otherwise it scales the fraction in floating point and rounds that, halves
 * up. Needs decimals + 312 bytes.
 */
export function writeFloatFixed(value: f64, decimals: i32, at: usize): u32 {
  const size = abs(value);
  if (size > TWO_TO_53 || decimals >= TENS_COUNT) return writeExactFixed(value, decimals, at);
  let to = writeSign(value, at);
  if (decimals == 0) {
    const whole = roundHalfUp(size);
    return (writeDigits(whole as u64, digitCount(whole as u64), to) - at) as u32;
  }
  const scale = load<f64>(tens + (decimals << 3));
  let whole = floor(size);
  let fraction = roundHalfUp((size - whole) * scale);
  if (fraction >= scale) {
    whole += 1;
    fraction = 0;
  }
  to = writeDigits(whole as u64, digitCount(whole as u64), to);
  return (writeDigits(fraction as u64, decimals, writeChar(CHAR_POINT, to)) - at) as u32;
}
function roundHalfUp(value: f64): f64 {
  const whole = floor(value);
  return value - whole >= 0.5 ? whole + 1 : whole;
}

/**
 * Length without the zeros at the end of the decimals, of which one stays (option compact). OTP
 * writes numbers above 2^53 another way, and there takes zeros away from whole numbers, too.
 */
export function compactLength(value: f64, at: usize, length: u32): u32 {
  let count = length;
  let point: u32 = 0;
  while (point < length && load<u8>(at + point) != CHAR_POINT) point++;
  if (point == length) {
    if (abs(value) <= 9007199254740992.0) return length;
    while (load<u8>(at + count - 1) == CHAR_0) count--;
    return count;
  }
  while (count > point + 2 && load<u8>(at + count - 1) == CHAR_0) count--;
  return count;
}

/** What erlang:display/1 and crash reports show: "%e". At most FLOAT_TEXT_MAX bytes. */
export function writeFloatText(value: f64, at: usize): u32 {
  return writeFloatScientific(value, 6, at);
}

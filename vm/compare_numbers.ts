/** Order of numbers, exact: an integer and a float are compared by value, however large. */
import {
  SUB_NEG_BIG,
  boxedHeader,
  boxedWord,
  floatValue,
  headerSubtag,
  headerWords,
  isFloat,
  isSmall,
  smallValue,
} from './term';

function sign(difference: i32): i32 {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}
/** -1 for a negative integer, 1 for others. */
function integerSign(t: u64): i32 {
  if (isSmall(t)) return smallValue(t) < 0 ? -1 : 1;
  return headerSubtag(boxedHeader(t)) == SUB_NEG_BIG ? -1 : 1;
}
function compareIntegers(a: u64, b: u64): i32 {
  if (isSmall(a) && isSmall(b)) {
    const x = smallValue(a);
    const y = smallValue(b);
    return x == y ? 0 : x < y ? -1 : 1;
  }
  if (isSmall(a)) return -integerSign(b);
  if (isSmall(b)) return integerSign(a);
  const aSign = integerSign(a);
  if (aSign != integerSign(b)) return aSign;
  const words = headerWords(boxedHeader(a));
  const others = headerWords(boxedHeader(b));
  if (words != others) return words < others ? -aSign : aSign;
  for (let i = words; i > 0; i--) {
    const x = boxedWord(a, i);
    const y = boxedWord(b, i);
    if (x != y) return x < y ? -aSign : aSign;
  }
  return 0;
}
/** Order of the magnitude of a big integer and that of a float. */
function compareMagnitude(big: u64, value: f64): i32 {
  const words = headerWords(boxedHeader(big));
  const bits = reinterpret<u64>(value);
  const exponent = (((bits >> 52) & 2047) as i32) - 1075;
  if (exponent < -64) return 1;
  const mantissa = (bits & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000;
  // value = mantissa * 2^exponent; the word of the mantissa's lowest bit and its shift there.
  const top = words * 64 - (clz<u64>(boxedWord(big, words)) as u32);
  if ((top as i32) != exponent + 53) return sign((top as i32) - exponent - 53);
  for (let i = words; i > 0; i--) {
    const low = ((i - 1) * 64) as i32;
    const shift = exponent - low;
    let word: u64 = 0;
    if (shift >= 0 && shift < 64) word = mantissa << (shift as u64);
    else if (shift < 0 && shift > -64) word = mantissa >> (-shift as u64);
    const digit = boxedWord(big, i);
    if (digit != word) return digit < word ? -1 : 1;
  }
  return 0;
}
function compareIntegerFloat(a: u64, value: f64): i32 {
  if (!isSmall(a)) {
    const aSign = integerSign(a);
    if ((value < 0 ? -1 : 1) != aSign) return aSign;
    return aSign * compareMagnitude(a, abs(value));
  }
  const x = smallValue(a);
  if (value >= 9.3e17) return -1;
  if (value <= -9.3e17) return 1;
  const whole = value as i64;
  if (x != whole) return x < whole ? -1 : 1;
  const rest = value - (whole as f64);
  return rest == 0 ? 0 : rest > 0 ? -1 : 1;
}
/** -1, 0 or 1 for two numbers of any kinds. */
export function compareNumbers(a: u64, b: u64): i32 {
  if (isFloat(a)) {
    const x = floatValue(a);
    if (!isFloat(b)) return -compareIntegerFloat(b, x);
    const y = floatValue(b);
    return x == y ? 0 : x < y ? -1 : 1;
  }
  return isFloat(b) ? compareIntegerFloat(a, floatValue(b)) : compareIntegers(a, b);
}

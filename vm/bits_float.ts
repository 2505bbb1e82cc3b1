/**
 * Floats of 16, 32 and 64 bits at any bit position, as bit syntax reads and writes them (IEEE 754).
 */
import { readBits, writeBits } from './bits';
import { FLAG_LITTLE } from './bits_integer';

/**
 * Bits of the half-precision number nearest to `value` (ties to even); infinity when it is too
 * large.
 */
export function halfOfFloat(value: f32): u32 {
  const word = reinterpret<u32>(value);
  const sign = (word >> 16) & 0x8000;
  const exponent = (word >> 23) & 0xff;
  const fraction = word & 0x7f_ffff;
  if (exponent == 0xff) return sign | 0x7c00 | (fraction ? 0x200 | (fraction >> 13) : 0);
  // The half's exponent, biased by 15, were it a normal number.
  const biased = (exponent as i32) - 112;
  if (biased >= 31) return sign | 0x7c00;
  if (biased >= 1) return sign | roundedShift(((biased as u32) << 23) | fraction, 13);
  if (biased < -10) return sign;
  return sign | roundedShift(fraction | 0x80_0000, (14 - biased) as u32);
}
/** `bits` without its lowest `count` (at least 1) bits, rounded to nearest, ties to even. */
function roundedShift(bits: u32, count: u32): u32 {
  const half: u32 = (1 as u32) << (count - 1);
  const odd = (bits >> count) & 1;
  return (bits + half - 1 + odd) >> count;
}
/** Value of a half-precision number. */
export function floatOfHalf(half: u32): f64 {
  const exponent = (half >> 10) & 31;
  const fraction = half & 0x3ff;
  const sign = ((half & 0x8000) as u64) << 48;
  let magnitude: f64;
  if (exponent == 31) magnitude = fraction ? NaN : Infinity;
  else if (!exponent) magnitude = (fraction as f64) * 5.9604644775390625e-8;
  else {
    magnitude = reinterpret<f64>((((exponent + 1008) as u64) << 52) | ((fraction as u64) << 42));
  }
  return reinterpret<f64>(reinterpret<u64>(magnitude) | sign);
}

export function isFloatWidth(bits: u64): bool {
  return bits == 64 || bits == 32 || bits == 16;
}

/** The float in the `bits` (16, 32 or 64) bits from `bit` on; may be infinite or NaN. */
export function getFloatBits(base: usize, bit: u64, bits: u32, flags: u32): f64 {
  let word = readBits(base, bit, bits);
  if (flags & FLAG_LITTLE) word = bswap<u64>(word) >> ((64 - bits) as u64);
  if (bits == 64) return reinterpret<f64>(word);
  if (bits == 32) return reinterpret<f32>(word as u32) as f64;
  return floatOfHalf(word as u32);
}
/**
 * Write `value` as a float of `bits` (16, 32 or 64) bits; what is too large for 16 or 32 bits
 * becomes infinite.
 */
export function putFloatBits(base: usize, bit: u64, bits: u32, flags: u32, value: f64): void {
  let word: u64;
  if (bits == 64) word = reinterpret<u64>(value);
  else if (bits == 32) word = reinterpret<u32>(value as f32) as u64;
  else word = halfOfFloat(value as f32) as u64;
  if (flags & FLAG_LITTLE) word = bswap<u64>(word) >> ((64 - bits) as u64);
  writeBits(base, bit, bits, word);
}

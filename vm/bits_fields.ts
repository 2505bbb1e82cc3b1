/**
 * Fields of a bitstring under construction. A field is measured first, which checks everything
 * about it, and written later; so a construction fails before it has changed anything. Sizes follow
 * OTP: not an integer, or negative, is badarg; what no memory could hold is system_limit.
 */
import { BINARY_BITS_MAX, binaryData, bitOffset, bitSize } from './binary';
import { copyBits } from './bits';
import { isFloatWidth, putFloatBits } from './bits_float';
import { putInteger } from './bits_integer';
import { isNegative } from './bignum';
import { badarg, systemLimit } from './errors';
import { toF64 } from './numbers';
import { isBitstring, isInteger, isSmall, smallValue } from './term';
import { isCharacter, utf16Size, utf8Size, writeUtf16, writeUtf32, writeUtf8 } from './unicode';

export const FIELD_INTEGER: u32 = 0;
export const FIELD_FLOAT: u32 = 1;
export const FIELD_BINARY: u32 = 2;
export const FIELD_UTF8: u32 = 3;
export const FIELD_UTF16: u32 = 4;
export const FIELD_UTF32: u32 = 5;
/** Kinds that only segments of bs_create_bin have. */
export const FIELD_STRING: u32 = 6;
export const FIELD_APPEND: u32 = 7;
export const FIELD_PRIVATE_APPEND: u32 = 8;
export const FIELD_NONE: u32 = 255;
/** Beside the kind of a segment: the size is that of the value (loader/segments.ts). */
export const SEGMENT_ALL: u32 = 1 << 16;
/** From this bit on: the number of the segment in the source. */
export const SEGMENT_NUMBER_SHIFT: u32 = 17;
export const SEGMENT_NUMBER_MAX: u32 = 0x7fff;
/** The words of a segment, by their offsets (loader/segments.ts). */
export const SEGMENT_UNIT: u32 = 4;
export const SEGMENT_VALUE: u32 = 8;
export const SEGMENT_SIZE: u32 = 12;
export const SEGMENT_BYTES: u32 = 16;

/** `size` units in bits, or -1 after badarg() or systemLimit(). */
export function sizeInBits(size: u64, unit: u32): i64 {
  if (!isInteger(size) || isNegative(size)) {
    badarg();
    return -1;
  }
  const limit = BINARY_BITS_MAX as i64;
  const units = isSmall(size) ? smallValue(size) : limit + 1;
  if (units > limit || units * (unit as i64) > limit) {
    systemLimit();
    return -1;
  }
  return units * (unit as i64);
}

function refused(): i64 {
  badarg();
  return -1;
}
/** Code point that a term stands for; not a character when the term is no character. */
function pointOf(value: u64): u64 {
  return isSmall(value) ? (smallValue(value) as u64) : 0xffff_ffff;
}

/**
 * All bits of `value`, which must be a bitstring of a multiple of `unit` bits; -1 after badarg().
 */
export function wholeBits(value: u64, unit: u32): i64 {
  if (!isBitstring(value)) return refused();
  const bits = bitSize(value);
  return unit > 1 && bits % (unit as u64) ? refused() : (bits as i64);
}
/**
 * Bits of the field of this kind, or -1 after badarg() or systemLimit(). Characters have no size of
 * their own.
 */
export function measureField(kind: u32, value: u64, size: u64, unit: u32): i64 {
  if (kind >= FIELD_UTF8) {
    const point = pointOf(value);
    if (!isCharacter(point)) return refused();
    if (kind == FIELD_UTF8) return (utf8Size(point) << 3) as i64;
    return kind == FIELD_UTF16 ? ((utf16Size(point) << 3) as i64) : 32;
  }
  const bits = sizeInBits(size, unit);
  if (bits < 0) return -1;
  if (kind == FIELD_INTEGER) return isInteger(value) ? bits : refused();
  if (kind == FIELD_BINARY) {
    return isBitstring(value) && (bits as u64) <= bitSize(value) ? bits : refused();
  }
  const number = toF64(value);
  return isFloatWidth(bits as u64) && isFinite(number) ? bits : refused();
}

/** Write a field that measureField found to have `bits` bits. */
export function writeField(
  kind: u32,
  value: u64,
  base: usize,
  bit: u64,
  bits: u64,
  flags: u32,
): void {
  if (kind == FIELD_INTEGER) putInteger(base, bit, bits, flags, value);
  else if (kind == FIELD_BINARY) {
    copyBits(base, bit, binaryData(value), bitOffset(value) as u64, bits);
  } else if (kind == FIELD_FLOAT) putFloatBits(base, bit, bits as u32, flags, toF64(value));
  else if (kind == FIELD_UTF8) writeUtf8(base, bit, smallValue(value) as u32);
  else if (kind == FIELD_UTF16) writeUtf16(base, bit, flags, smallValue(value) as u32);
  else writeUtf32(base, bit, flags, smallValue(value) as u32);
}

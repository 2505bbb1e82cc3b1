/** Integers of any size at any bit position, as bit syntax reads and writes them. */
import {
  BIG_DIGITS_MAX,
  allocateBig,
  bigCount,
  bigDigits,
  bigNegative,
  finishBig,
  integerOfI64,
  integerOfU64,
} from './bignum';
import { lowBits, readBits, writeBits } from './bits';
import { systemLimit } from './errors';
import { NONE, isSmall, smallOf, smallValue } from './term';

/** A longer field is no integer. */
export const INTEGER_BITS_MAX: u64 = (BIG_DIGITS_MAX as u64) << 6;

/** Field flags, as numbers in instructions of compilers up to OTP 24. */
export const FLAG_LITTLE: u32 = 2;
export const FLAG_SIGNED: u32 = 4;
/** This machine is little-endian, so native means little. */
export const FLAG_NATIVE: u32 = 16;

/** Field flags with native resolved. */
export function fieldFlags(flags: u32): u32 {
  return flags & FLAG_NATIVE ? flags | FLAG_LITTLE : flags;
}

/**
 * A field of `count` (at most 64) bits read as a big-endian number, turned into the value of the
 * same bits as a little-endian field: whole bytes, lowest first, then the `count % 8` highest bits.
 */
function valueOfLittle(read: u64, count: u32): u64 {
  const top = count & 7;
  const whole = count - top;
  if (!whole) return read;
  const bytes = bswap<u64>((read >> (top as u64)) << ((64 - whole) as u64));
  return top ? bytes | ((read & lowBits(top)) << (whole as u64)) : bytes;
}
/** The inverse of valueOfLittle. */
function littleOfValue(value: u64, count: u32): u64 {
  const top = count & 7;
  const whole = count - top;
  if (!whole) return value;
  const bytes = bswap<u64>(value & lowBits(whole)) >> ((64 - whole) as u64);
  return top ? (bytes << (top as u64)) | ((value >> (whole as u64)) & lowBits(top)) : bytes;
}

/** The integer in the `bits` bits from `bit` on; NONE after systemLimit() or outOfMemory(). */
export function getInteger(base: usize, bit: u64, bits: u64, flags: u32): u64 {
  if (bits > 64) return getBig(base, bit, bits, flags);
  const count = bits as u32;
  let value = readBits(base, bit, count);
  if (flags & FLAG_LITTLE) value = valueOfLittle(value, count);
  if (!(flags & FLAG_SIGNED)) return integerOfU64(value);
  if (!count) return smallOf(0);
  const unused = (64 - count) as i64;
  return integerOfI64(((value as i64) << unused) >> unused);
}

function getBig(base: usize, bit: u64, bits: u64, flags: u32): u64 {
  if (bits > INTEGER_BITS_MAX) return systemLimit();
  const digits = (bits + 63) >> 6;
  const at = allocateBig(digits as u32);
  if (!at) return NONE;
  const little = (flags & FLAG_LITTLE) != 0;
  let done: u64 = 0;
  for (let i: u32 = 0; i < (digits as u32); i++) {
    const left = bits - done;
    const count: u32 = left < 64 ? (left as u32) : 64;
    let digit: u64;
    if (little) digit = valueOfLittle(readBits(base, bit + done, count), count);
    else digit = readBits(base, bit + left - count, count);
    store<u64>(at + (i << 3), digit, 8);
    done += count;
  }
  const negative = (flags & FLAG_SIGNED) != 0 && isNegativeField(at, bits);
  if (negative) negateDigits(at + 8, digits as u32, bits);
  return finishBig(at, digits as u32, negative);
}
/**
 * The highest bit of the field of `bits` bits whose digits are behind the header at `at` is set.
 */
function isNegativeField(at: usize, bits: u64): bool {
  const last = bits - 1;
  return ((load<u64>(at + (((last >> 6) as usize) << 3), 8) >> (last & 63)) & 1) != 0;
}
/** Replace a two's complement of `bits` bits by its magnitude. */
function negateDigits(digits: usize, count: u32, bits: u64): void {
  let carry: u64 = 1;
  for (let i: u32 = 0; i < count; i++) {
    const at = digits + (i << 3);
    const digit = ~load<u64>(at) + carry;
    carry = (carry & ((digit == 0) as u64)) as u64;
    store<u64>(at, digit);
  }
  const used = (bits as u32) & 63;
  const top = digits + ((count - 1) << 3);
  if (used) store<u64>(top, load<u64>(top) & lowBits(used));
}

const smallDigit: usize = memory.data(8, 8);

/** Write the lowest `bits` bits of the integer `value` (two's complement) from `bit` on. */
export function putInteger(base: usize, bit: u64, bits: u64, flags: u32, value: u64): void {
  if (isSmall(value)) {
    const word = smallValue(value);
    if (bits <= 64) {
      const count = bits as u32;
      const field = flags & FLAG_LITTLE ? littleOfValue(word as u64, count) : (word as u64);
      writeBits(base, bit, count, field);
      return;
    }
    store<u64>(smallDigit, (word < 0 ? 0 - word : word) as u64);
    putDigits(base, bit, bits, flags, smallDigit, 1, word < 0);
    return;
  }
  putDigits(base, bit, bits, flags, bigDigits(value), bigCount(value), bigNegative(value));
}

function putDigits(
  base: usize,
  bit: u64,
  bits: u64,
  flags: u32,
  digits: usize,
  count: u32,
  negative: bool,
): void {
  const little = (flags & FLAG_LITTLE) != 0;
  let carry: u64 = 1;
  let done: u64 = 0;
  let i: u32 = 0;
  while (done < bits) {
    const left = bits - done;
    const width: u32 = left < 64 ? (left as u32) : 64;
    let digit: u64 = i < count ? load<u64>(digits + (i << 3)) : 0;
    if (negative) {
      digit = ~digit + carry;
      carry &= (digit == 0) as u64;
    }
    if (little) writeBits(base, bit + done, width, littleOfValue(digit, width));
    else writeBits(base, bit + left - width, width, digit);
    done += width;
    i++;
  }
}

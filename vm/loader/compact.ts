/**
 * Compact terms: how operands stand in the Code, Line and AtU8 chunks (The BEAM Book, "Compact Term
 * Encoding"; beam_asm:encode/2).
 *
 *   low three bits  tag: 0 u, 1 i, 2 a, 3 x, 4 y, 5 f, 6 h (character), 7 extended
 *   bit 3 = 0       the value is the high four bits
 *   bit 4 = 0       11 bits: the high three and the next byte
 *   else            two's complement of (high three bits) + 2 bytes, or, when those bits are 7, of
 *                   9 + a compact u
 *
 * Extended (value): 1 list, 2 floating-point register, 3 allocation list, 4 literal, 5 register
 * with type.
 */
import { at, bytesLeft, end, moveCursor, takeByte } from './scratch';

export const TAG_U: u32 = 0;
export const TAG_I: u32 = 1;
export const TAG_A: u32 = 2;
export const TAG_X: u32 = 3;
export const TAG_Y: u32 = 4;
export const TAG_F: u32 = 5;
export const TAG_H: u32 = 6;
export const TAG_LIST_OPERAND: u32 = 8;
export const TAG_FLOAT_REGISTER: u32 = 9;
export const TAG_ALLOCATION: u32 = 10;
export const TAG_LITERAL: u32 = 11;
/** An integer of more than 64 bits: `bigAt`, `bigBytes`. */
export const TAG_BIG: u32 = 12;

/** See takeBits. */
const BITS_MANY: i64 = 0xffff_ffff;

/** What the last takeTerm found. */
export let tag: u32 = 0;
export let value: i64 = 0;
export let bigAt: usize = 0;
export let bigBytes: u32 = 0;

/** A number of tag u may have more than 64 bits. */
let wide: bool = false;

/**
 * Read tag and value of one term without the parts of extended forms. False at the end of the bytes
 * or for a bad form.
 */
function takePlain(): bool {
  if (at >= end) return false;
  const first = takeByte();
  tag = first & 7;
  if (!(first & 8)) {
    value = first >> 4;
    return true;
  }
  if (!(first & 16)) {
    if (at >= end) return false;
    value = ((first & 0xe0) << 3) | takeByte();
    return true;
  }
  let bytes = (first >> 5) + 2;
  if (bytes == 9) {
    const kept = tag;
    if (!takeLength()) return false;
    bytes = (value as u32) + 9;
    tag = kept;
  }
  if (bytes > bytesLeft()) return false;
  if (bytes > 8) {
    if (tag != TAG_I && !wide) return false;
    bigAt = at;
    bigBytes = bytes;
    tag = TAG_BIG;
    moveCursor(at + bytes);
    return true;
  }
  let number: i64 = load<i8>(at);
  for (let i: u32 = 1; i < bytes; i++) number = (number << 8) | load<u8>(at + i);
  moveCursor(at + bytes);
  value = number;
  return true;
}

/** The length of a long integer: a compact u of at most 9 bits, so that this cannot nest. */
function takeLength(): bool {
  if (at >= end) return false;
  const first = takeByte();
  if (first & 7) return false;
  if (!(first & 8)) value = first >> 4;
  else if (!(first & 16) && at < end) value = ((first & 0xe0) << 3) | takeByte();
  else return false;
  return true;
}

/** The number just taken with tag u counts as an integer. */
export function takenAsInteger(): void {
  tag = TAG_I;
}

/** Read one unsigned number of 32 bits (tag u). */
export function takeUnsigned(): bool {
  return takePlain() && tag == TAG_U && value >= 0 && value <= 0xffff_ffff;
}

/**
 * Read an integer of any size that may stand there as a number of tag u; its tag is TAG_I or
 * TAG_BIG then.
 */
export function takeInteger(): bool {
  wide = true;
  const taken = takePlain();
  wide = false;
  if (taken && tag == TAG_U) tag = TAG_I;
  return taken && (tag == TAG_I || tag == TAG_BIG);
}

/** Read a number of bits (tag u) of any size; BITS_MANY stands for those that no bit string has. */
export function takeBits(): bool {
  wide = true;
  const taken = takePlain();
  wide = false;
  if (!taken || (tag != TAG_U && tag != TAG_BIG)) return false;
  if (tag == TAG_BIG || value < 0 || value > BITS_MANY) value = BITS_MANY;
  tag = TAG_U;
  return true;
}

/**
 * Read one operand. Lists and allocation lists leave the cursor at their first element, with the
 * number of elements in `value`; a typed register is returned as the register. False when the bytes
 * are no operand.
 */
export function takeTerm(): bool {
  if (!takePlain()) return false;
  if (tag == TAG_I || tag == TAG_BIG) return true;
  if (tag != 7) return value >= 0 && value <= 0xffff_ffff;
  const form = value;
  if (form == 5) {
    if (!takePlain() || (tag != TAG_X && tag != TAG_Y) || value < 0 || value > 0xffff) return false;
    const keptTag = tag;
    const keptValue = value;
    if (!takeUnsigned()) return false;
    tag = keptTag;
    value = keptValue;
    return true;
  }
  if (form < 1 || form > 4 || !takeUnsigned()) return false;
  tag = TAG_LIST_OPERAND + (form as u32) - 1;
  return true;
}

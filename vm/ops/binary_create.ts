/**
 * bs_create_bin (since OTP 25): a whole construction in one instruction. Its list holds six words a
 * segment: type, number, unit, flags, value, size. Number and unit are themselves and the value of
 * a `string` segment is the address of its bytes; all others are sources.
 */
import { appendRoom } from '../binary_append';
import { BINARY_BITS_MAX, binaryData, bitOffset, bitSize, newBitstring } from '../binary';
import { copyBits } from '../bits';
import {
  FIELD_BINARY,
  FIELD_FLOAT,
  FIELD_INTEGER,
  FIELD_UTF16,
  FIELD_UTF32,
  FIELD_UTF8,
  measureField,
  sizeInBits,
  wholeBits,
  writeField,
} from '../bits_fields';
import { FLAG_LITTLE, FLAG_SIGNED } from '../bits_integer';
import { CLASS_ERROR, failClass, systemLimit } from '../errors';
import {
  am_all,
  am_append,
  am_binary,
  am_float,
  am_integer,
  am_little,
  am_native,
  am_private_append,
  am_signed,
  am_string,
  am_utf16,
  am_utf32,
  am_utf8,
} from '../gen/atoms';
import { operand, readSource, writeDestination } from '../operands';
import { chargeReductions } from '../state';
import { NONE, head, isList, tail } from '../term';
import { isConstant } from './binary_match';
import { raiseAt } from './exceptions';

const SEGMENT_BYTES: u32 = 24;
/** Bits written for one reduction. */
const BITS_PER_REDUCTION: u64 = 1 << 16;

/** Flags of a segment: a list of atoms. */
export function segmentFlags(t: u64): u32 {
  let flags: u32 = 0;
  for (let left = t; isList(left); left = tail(left)) {
    const flag = head(left);
    if (flag == am_little || flag == am_native) flags |= FLAG_LITTLE;
    else if (flag == am_signed) flags |= FLAG_SIGNED;
  }
  return flags;
}
/** FIELD_ constant of a type other than string, append and private_append. */
function kindOf(type: u64): u32 {
  if (type == am_integer) return FIELD_INTEGER;
  if (type == am_binary) return FIELD_BINARY;
  if (type == am_float) return FIELD_FLOAT;
  if (type == am_utf8) return FIELD_UTF8;
  return type == am_utf16 ? FIELD_UTF16 : FIELD_UTF32;
}
function isAppend(type: u64): bool {
  return type == am_append || type == am_private_append;
}

/** Bits of the segment at `at`, or -1 after a failure has been recorded. */
function segmentSize(at: usize): i64 {
  const type = readSource(load<u32>(at));
  const unit = load<u32>(at, 8);
  const sizeWord = load<u32>(at, 20);
  const size = readSource(sizeWord);
  if (type == am_string) return sizeInBits(size, 8);
  const value = readSource(load<u32>(at, 16));
  if (size == am_all && isConstant(sizeWord)) return wholeBits(value, unit);
  return measureField(kindOf(type), value, size, unit);
}
/** Write the segment at `at` and return the bit behind it. */
function writeSegment(at: usize, base: usize, bit: u64): u64 {
  const type = readSource(load<u32>(at));
  const bits = segmentSize(at) as u64;
  if (type == am_string) copyBits(base, bit, load<u32>(at, 16), 0, bits);
  else {
    const flags = segmentFlags(readSource(load<u32>(at, 12)));
    writeField(kindOf(type), readSource(load<u32>(at, 16)), base, bit, bits, flags);
  }
  return bit + bits;
}
/** Bits of all segments from `first` to `end`, or -1 after a failure has been recorded. */
function totalSize(first: usize, end: usize): i64 {
  let total: i64 = 0;
  for (let at = first; at < end; at += SEGMENT_BYTES) {
    const bits = segmentSize(at);
    if (bits < 0) return -1;
    total += bits;
    if (total > (BINARY_BITS_MAX as i64)) {
      systemLimit();
      return -1;
    }
  }
  return total;
}

/**
 * Sizes are looked at before values: a size that is no good decides over a value in front of it.
 */
function recordFirstFailure(first: usize, end: usize): void {
  for (let at = first; at < end; at += SEGMENT_BYTES) {
    const type = readSource(load<u32>(at));
    const word = load<u32>(at, 20);
    if (kindOf(type) >= FIELD_UTF8 && type != am_string) continue;
    const size = readSource(word);
    if (size == am_all && isConstant(word)) {
      if (wholeBits(readSource(load<u32>(at, 16)), load<u32>(at, 8)) < 0) return;
    } else if (sizeInBits(size, load<u32>(at, 8)) < 0) return;
  }
  totalSize(first, end);
}

// runs: slow
export function op_bs_create_bin(pc: usize): usize {
  const list = pc + 28;
  const end = list + (operand(pc, 5) << 2);
  const append = end > list && isAppend(readSource(load<u32>(list)));
  const first = append ? list + SEGMENT_BYTES : list;
  const total = totalSize(first, end);
  if (total < 0) {
    recordFirstFailure(first, end);
    return failConstruction(pc);
  }
  let bit: u64 = 0;
  let made: u64;
  if (append) {
    const old = readSource(load<u32>(list, 16));
    const unit = load<u32>(list, 8);
    const reuse = readSource(load<u32>(list)) == am_private_append;
    made = appendRoom(old, total as u64, unit, reuse);
    if (made == NONE) return failConstruction(pc);
    bit = bitSize(made) - (total as u64);
  } else {
    made = newBitstring(total as u64);
    if (made == NONE) return failConstruction(pc);
  }
  const base = binaryData(made);
  bit += bitOffset(made);
  for (let at = first; at < end; at += SEGMENT_BYTES) bit = writeSegment(at, base, bit);
  chargeReductions(((total as u64) / BITS_PER_REDUCTION) as i32);
  writeDestination(operand(pc, 4), made);
  return end;
}

/**
 * The recorded failure of a construction: go to the label of operand 0 unless there is none or
 * memory is exhausted.
 */
export function failConstruction(pc: usize): usize {
  const to = operand(pc, 0);
  if (to && failClass == CLASS_ERROR) return to;
  return raiseAt(pc);
}

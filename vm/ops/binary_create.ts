/**
 * bs_create_bin (since OTP 25): a whole construction in one instruction. Its segments are described
 * in loader/segments.ts. All sizes and values are checked before anything is made.
 */
import { appendRoom } from '../binary_append';
import { BINARY_BITS_MAX, binaryData, bitOffset, bitSize, newBitstring } from '../binary';
import { copyBits } from '../bits';
import {
  FIELD_APPEND,
  FIELD_INTEGER,
  FIELD_PRIVATE_APPEND,
  FIELD_STRING,
  SEGMENT_ALL,
  SEGMENT_BYTES,
  SEGMENT_SIZE,
  SEGMENT_UNIT,
  SEGMENT_VALUE,
  measureField,
  sizeInBits,
  wholeBits,
  writeField,
} from '../bits_fields';
import { CLASS_ERROR, failClass, systemLimit } from '../errors';
import { operand, readSource, writeDestination } from '../operands';
import { chargeReductions } from '../state';
import { NONE, areSmall, smallValue } from '../term';
import { recordConstructionFailure } from './binary_failure';
import { raiseAt } from './exceptions';

/** Bits written for one reduction. */
const BITS_PER_REDUCTION: u64 = 1 << 13;

/** Sizes of the first segments, measured once. */
const KEPT: u32 = 32;
const sizes: usize = memory.data(256, 8);

function kindAt(at: usize): u32 {
  return load<u8>(at);
}

/** Bits of the segment at `at`, or -1 after a failure has been recorded. */
function segmentSize(at: usize): i64 {
  const packed = load<u32>(at);
  const kind = packed & 255;
  const unit = load<u32>(at, SEGMENT_UNIT);
  const size = readSource(load<u32>(at, SEGMENT_SIZE));
  if (kind == FIELD_STRING) return sizeInBits(size, 8);
  const value = readSource(load<u32>(at, SEGMENT_VALUE));
  if (kind == FIELD_INTEGER && areSmall(size, value)) {
    const units = smallValue(size);
    if ((units as u64) < 0x10_0000) return units * (unit as i64);
  }
  if (packed & SEGMENT_ALL) return wholeBits(value, unit);
  return measureField(kind, value, size, unit);
}
/** Write the segment at `at`, of `bits` bits. */
function writeSegment(at: usize, base: usize, bit: u64, bits: u64): void {
  const packed = load<u32>(at);
  const kind = packed & 255;
  const word = load<u32>(at, SEGMENT_VALUE);
  if (kind == FIELD_STRING) copyBits(base, bit, word, 0, bits);
  else writeField(kind, readSource(word), base, bit, bits, (packed >> 8) & 255);
}
/** Bits of all segments from `first` to `end`, or -1 after a failure has been recorded. */
function totalSize(first: usize, end: usize): i64 {
  let total: i64 = 0;
  let index: u32 = 0;
  for (let at = first; at < end; at += SEGMENT_BYTES) {
    const bits = segmentSize(at);
    if (bits < 0) return -1;
    if (index < KEPT) store<i64>(sizes + (index << 3), bits);
    index++;
    total += bits;
    if (total > (BINARY_BITS_MAX as i64)) {
      systemLimit();
      return -1;
    }
  }
  return total;
}
function writeAll(first: usize, end: usize, base: usize, from: u64): void {
  let bit = from;
  let index: u32 = 0;
  for (let at = first; at < end; at += SEGMENT_BYTES) {
    const bits = index < KEPT ? load<i64>(sizes + (index << 3)) : segmentSize(at);
    writeSegment(at, base, bit, bits as u64);
    bit += bits as u64;
    index++;
  }
}

// runs: slow
export function op_bs_create_bin(pc: usize): usize {
  const list = pc + 28;
  const end = list + (operand(pc, 5) << 2);
  const kind = end > list ? kindAt(list) : FIELD_INTEGER;
  const append = kind == FIELD_APPEND || kind == FIELD_PRIVATE_APPEND;
  const first = append ? list + SEGMENT_BYTES : list;
  const total = totalSize(first, end);
  if (total < 0) return failSegments(pc, list, end);
  let made: u64;
  if (append) {
    const old = readSource(load<u32>(list, SEGMENT_VALUE));
    const unit = load<u32>(list, SEGMENT_UNIT);
    made = appendRoom(old, total as u64, unit, kind == FIELD_PRIVATE_APPEND);
  } else made = newBitstring(total as u64);
  if (made == NONE) return failSegments(pc, list, end);
  const from = append ? bitSize(made) - (total as u64) : 0;
  writeAll(first, end, binaryData(made), from + bitOffset(made));
  chargeReductions(((total as u64) / BITS_PER_REDUCTION) as i32);
  writeDestination(operand(pc, 4), made);
  return end;
}

function failSegments(pc: usize, first: usize, end: usize): usize {
  if (!operand(pc, 0)) recordConstructionFailure(first, end);
  return failConstruction(pc);
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

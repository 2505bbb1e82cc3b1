/**
 * Why a construction of bs_create_bin failed, as OTP tells it: error_info with the cause
 * {Segment, Type, What, Value}, which erl_erts_errors:format_bs_fail/2 puts into words. Sizes are
 * looked at before values: a size that is no good decides over a value in front of it.
 */
import { BINARY_BITS_MAX, bitSize } from '../binary';
import {
  FIELD_APPEND,
  FIELD_BINARY,
  FIELD_FLOAT,
  FIELD_INTEGER,
  FIELD_PRIVATE_APPEND,
  FIELD_STRING,
  FIELD_UTF16,
  FIELD_UTF32,
  FIELD_UTF8,
  SEGMENT_ALL,
  SEGMENT_BYTES,
  SEGMENT_NUMBER_SHIFT,
  SEGMENT_SIZE,
  SEGMENT_UNIT,
  SEGMENT_VALUE,
  measureField,
  sizeInBits,
  wholeBits,
} from '../bits_fields';
import { isFloatWidth } from '../bits_float';
import { CLASS_ERROR, failClass, failReason, failWithInfo, systemLimit } from '../errors';
import {
  am_binary,
  am_cause,
  am_erl_erts_errors,
  am_float,
  am_format_bs_fail,
  am_function,
  am_integer,
  am_invalid,
  am_module,
  am_no_float,
  am_short,
  am_size,
  am_string,
  am_type,
  am_unit,
  am_utf16,
  am_utf32,
  am_utf8,
} from '../gen/atoms';
import { emptyMap, mapPut } from '../maps';
import { readSource } from '../operands';
import { tuple4 } from '../signals';
import { isBitstring, isFloat, isInteger, smallOf } from '../term';

function typeOf(kind: u32): u64 {
  if (kind == FIELD_INTEGER) return am_integer;
  if (kind == FIELD_FLOAT) return am_float;
  if (kind == FIELD_UTF8) return am_utf8;
  if (kind == FIELD_UTF16) return am_utf16;
  if (kind == FIELD_UTF32) return am_utf32;
  return kind == FIELD_STRING ? am_string : am_binary;
}
function isCharacterKind(kind: u32): bool {
  return kind == FIELD_UTF8 || kind == FIELD_UTF16 || kind == FIELD_UTF32;
}
function isAppendKind(kind: u32): bool {
  return kind == FIELD_APPEND || kind == FIELD_PRIVATE_APPEND;
}
/** Take the whole value: an append does, and a binary without a size. */
function takesAll(packed: u32): bool {
  return (packed & SEGMENT_ALL) != 0 || isAppendKind(packed & 255);
}

/** The recorded failure again, with its cause. */
function blame(packed: u32, what: u64, value: u64): void {
  const number = smallOf((packed >> SEGMENT_NUMBER_SHIFT) as i64);
  const cause = tuple4(number, typeOf(packed & 255), what, value);
  let map = mapPut(emptyMap(), am_module, am_erl_erts_errors);
  map = mapPut(map, am_function, am_format_bs_fail);
  failWithInfo(CLASS_ERROR, failReason, mapPut(map, am_cause, cause));
}

/** True when the size of the segment at `at` is no good: that is blamed. */
function blameSize(at: usize): bool {
  const packed = load<u32>(at);
  if (isCharacterKind(packed & 255)) return false;
  const unit = load<u32>(at, SEGMENT_UNIT);
  if (takesAll(packed)) {
    const value = readSource(load<u32>(at, SEGMENT_VALUE));
    if (wholeBits(value, unit) >= 0) return false;
    blame(packed, isBitstring(value) ? am_unit : am_type, value);
    return true;
  }
  const size = readSource(load<u32>(at, SEGMENT_SIZE));
  if (sizeInBits(size, unit) >= 0) return false;
  blame(packed, am_size, size);
  return true;
}
/** True when the value of the segment at `at`, whose size is fine, is no good: that is blamed. */
function blameValue(at: usize): bool {
  const packed = load<u32>(at);
  const kind = packed & 255;
  if (takesAll(packed) || kind == FIELD_STRING) return false;
  const value = readSource(load<u32>(at, SEGMENT_VALUE));
  const size = readSource(load<u32>(at, SEGMENT_SIZE));
  const unit = load<u32>(at, SEGMENT_UNIT);
  if (measureField(kind, value, size, unit) >= 0) return false;
  if (kind == FIELD_BINARY && isBitstring(value)) blame(packed, am_short, value);
  else if (kind == FIELD_FLOAT && (isFloat(value) || isInteger(value)))
    blameFloat(packed, value, size, unit);
  else blame(packed, am_type, value);
  return true;
}
function blameFloat(packed: u32, value: u64, size: u64, unit: u32): void {
  if (isFloatWidth(sizeInBits(size, unit) as u64)) blame(packed, am_no_float, value);
  else blame(packed, am_invalid, size);
}
function bitsAt(at: usize): i64 {
  const packed = load<u32>(at);
  const value = readSource(load<u32>(at, SEGMENT_VALUE));
  if (takesAll(packed)) return bitSize(value) as i64;
  const kind = packed & 255;
  // A character's size is that of its text, and this is no place to look at its value.
  if (isCharacterKind(kind)) return 32;
  return sizeInBits(readSource(load<u32>(at, SEGMENT_SIZE)), load<u32>(at, SEGMENT_UNIT));
}

/**
 * Record the failure of the construction with the segments from `first` to `end`, of which one is
 * no good or all together are too large. A failure that is no exception stays what it is.
 */
export function recordConstructionFailure(first: usize, end: usize): void {
  if (failClass != CLASS_ERROR) return;
  // What is appended to is looked at when the sizes of the others are known.
  const appends = first < end && isAppendKind(load<u8>(first));
  for (let at = appends ? first + SEGMENT_BYTES : first; at < end; at += SEGMENT_BYTES)
    if (blameSize(at)) return;
  if (appends && blameSize(first)) return;
  let total: i64 = 0;
  for (let at = first; at < end; at += SEGMENT_BYTES) {
    total += load<u8>(at) == FIELD_STRING ? 0 : bitsAt(at);
    if (total > (BINARY_BITS_MAX as i64)) {
      systemLimit();
      blame(load<u32>(at), am_binary, am_size);
      return;
    }
  }
  for (let at = first; at < end; at += SEGMENT_BYTES) if (blameValue(at)) return;
}

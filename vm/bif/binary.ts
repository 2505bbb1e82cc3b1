/** The other native functions of module binary. */
import {
  BINARY_BYTES_MAX,
  OBJECT_CAPACITY,
  REFC_OBJECT,
  alignedBinary,
  binaryData,
  binaryOwner,
  bitOffset,
  bitSize,
  byteSize,
  isAlignedBinary,
  newBinary,
} from '../binary';
import { fitsU64, integerBitLength, isNegative } from '../bignum';
import { copyBits, readByte } from '../bits';
import { FLAG_LITTLE, getInteger, putInteger } from '../bits_integer';
import { badarg, systemLimit, trapTo } from '../errors';
import { am_big, am_little } from '../gen/atoms';
import { BIF_vbeamRepeat } from '../gen/bifs';
import { setX } from '../registers';
import { budget, chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_REFC_BINARY,
  boxedAddress,
  head,
  isBinary,
  isBitstring,
  isInteger,
  isKind,
  isList,
  isSmall,
  smallOf,
  smallValue,
  tail,
} from '../term';

const BYTES_PER_REDUCTION: u32 = 4096;

/** Byte `index` of a binary at any bit offset. */
function byteOf(binary: u64, index: u32): u32 {
  return readByte(binaryData(binary), (bitOffset(binary) as u64) + ((index as u64) << 3));
}

// bif: binary:at/2
export function binaryAt2(binary: u64, position: u64): u64 {
  if (!isBinary(binary) || !isSmall(position)) return badarg();
  if ((smallValue(position) as u64) >= (byteSize(binary) as u64)) return badarg();
  return smallOf(byteOf(binary, smallValue(position) as u32) as i64);
}

// bif: binary:first/1
export function binaryFirst1(binary: u64): u64 {
  if (!isBinary(binary) || !byteSize(binary)) return badarg();
  return smallOf(byteOf(binary, 0) as i64);
}

// bif: binary:last/1
export function binaryLast1(binary: u64): u64 {
  if (!isBinary(binary) || !byteSize(binary)) return badarg();
  return smallOf(byteOf(binary, byteSize(binary) - 1) as i64);
}

// bif: binary:copy/1
export function binaryCopy1(binary: u64): u64 {
  return binaryCopy2(binary, smallOf(1));
}

// bif: binary:copy/2
export function binaryCopy2(binary: u64, times: u64): u64 {
  if (times == smallOf(0) && isBitstring(binary)) return newBinary(0);
  if (!isBinary(binary) || !isInteger(times) || isNegative(times) || !fitsU64(times))
    return badarg();
  const bytes = byteSize(binary);
  if (!bytes) return newBinary(0);
  if (!isSmall(times) || smallValue(times) > (BINARY_BYTES_MAX as i64)) return systemLimit();
  const total = smallValue(times) * (bytes as i64);
  if (total > (BINARY_BYTES_MAX as i64)) return systemLimit();
  const made = newBinary(total as u32);
  if (made == NONE || !total) return made;
  const to = binaryData(made);
  copyBits(to, 0, binaryData(binary), bitOffset(binary) as u64, (bytes as u64) << 3);
  return vbeamRepeat(made, smallOf(bytes as i64), smallOf(bytes as i64));
}

/** Repeat the first `period` bytes of `made`, of which `done` bytes are right, to its end. */
// bif: vbeam_internal:repeat/3
export function vbeamRepeat(made: u64, period: u64, done: u64): u64 {
  if (!isAlignedBinary(made) || !isSmall(period) || !isSmall(done)) return badarg();
  const size = byteSize(made);
  const length = smallValue(period) as u64;
  if (!length || length > (size as u64)) return badarg();
  const start = smallValue(done) as u64;
  if (start < length || start > (size as u64)) return badarg();
  const data = binaryData(made);
  let at = start as u32;
  // What is there already is doubled, up to what a slice may copy: whole periods, so that any of
  // them will do.
  const most = (budget() as u64) * BYTES_PER_REDUCTION;
  let moved: u64 = 0;
  while (at < size && moved < most) {
    let count: u64 = at < size - at ? at : size - at;
    if (count > most) count = max(most - (most % length), length);
    if (count > ((size - at) as u64)) count = size - at;
    memory.copy(data + at, data + ((at as usize) % (length as usize)), count as usize);
    at += count as u32;
    moved += count;
  }
  chargeReductions((moved / BYTES_PER_REDUCTION) as i32);
  if (at >= size) return made;
  setX(0, made);
  setX(1, period);
  setX(2, smallOf(at as i64));
  return trapTo(BIF_vbeamRepeat, 3);
}

// bif: binary:referenced_byte_size/1
export function binaryReferencedByteSize1(bitstring: u64): u64 {
  if (!isBitstring(bitstring)) return badarg();
  const owner = binaryOwner(bitstring);
  if (!isKind(owner, SUB_REFC_BINARY)) return smallOf(byteSize(owner) as i64);
  const object = load<u32>(boxedAddress(owner), REFC_OBJECT) as usize;
  return smallOf(load<u32>(object, OBJECT_CAPACITY) as i64);
}

// ---- common beginnings and ends

/** Equal bytes of two binaries from their beginnings or their ends, at most `limit`. */
function commonBytes(a: u64, b: u64, limit: u32, fromEnd: bool): u32 {
  const size = byteSize(b);
  const most = limit < size ? limit : size;
  const aLast = byteSize(a) - 1;
  const bLast = size - 1;
  let count: u32 = 0;
  for (; count < most; count++) {
    const x = byteOf(a, fromEnd ? aLast - count : count);
    if (x != byteOf(b, fromEnd ? bLast - count : count)) break;
  }
  return count;
}
function common(list: u64, fromEnd: bool): u64 {
  if (!isList(list) || !isBinary(head(list))) return badarg();
  const first = head(list);
  let shortest = byteSize(first);
  let work: u32 = 0;
  let rest = tail(list);
  for (; isList(rest); rest = tail(rest)) {
    if (!isBinary(head(rest))) return badarg();
    work += shortest;
    shortest = commonBytes(first, head(rest), shortest, fromEnd);
  }
  if (rest != NIL) return badarg();
  chargeReductions((work / BYTES_PER_REDUCTION) as i32);
  return smallOf(shortest as i64);
}

// bif: binary:longest_common_prefix/1
export function binaryLongestCommonPrefix1(list: u64): u64 {
  return common(list, false);
}

// bif: binary:longest_common_suffix/1
export function binaryLongestCommonSuffix1(list: u64): u64 {
  return common(list, true);
}

// ---- numbers

function isEndianness(t: u64): bool {
  return t == am_big || t == am_little;
}

// bif: binary:decode_unsigned/1
export function binaryDecodeUnsigned1(binary: u64): u64 {
  return binaryDecodeUnsigned2(binary, am_big);
}

// bif: binary:decode_unsigned/2
export function binaryDecodeUnsigned2(binary: u64, endianness: u64): u64 {
  if (!isBinary(binary) || !isEndianness(endianness)) return badarg();
  const aligned = alignedBinary(binary);
  if (aligned == NONE) return NONE;
  const data = binaryData(aligned);
  // Leading zeros do not count for the size limit of integers.
  let from: u64 = 0;
  let bits = bitSize(aligned);
  if (endianness == am_big) {
    while (bits && !load<u8>(data + ((from >> 3) as usize))) {
      from += 8;
      bits -= 8;
    }
  } else while (bits && !load<u8>(data + (((bits >> 3) - 1) as usize))) bits -= 8;
  chargeReductions((byteSize(aligned) / BYTES_PER_REDUCTION) as i32);
  return getInteger(data, from, bits, endianness == am_little ? FLAG_LITTLE : 0);
}

// bif: binary:encode_unsigned/1
export function binaryEncodeUnsigned1(number: u64): u64 {
  return binaryEncodeUnsigned2(number, am_big);
}

// bif: binary:encode_unsigned/2
export function binaryEncodeUnsigned2(number: u64, endianness: u64): u64 {
  if (!isInteger(number) || isNegative(number) || !isEndianness(endianness)) return badarg();
  const length = integerBitLength(number);
  const bytes: u32 = length ? (((length + 7) >> 3) as u32) : 1;
  const made = newBinary(bytes);
  if (made == NONE) return NONE;
  const flags: u32 = endianness == am_little ? FLAG_LITTLE : 0;
  putInteger(binaryData(made), 0, (bytes as u64) << 3, flags, number);
  chargeReductions((bytes / BYTES_PER_REDUCTION) as i32);
  return made;
}

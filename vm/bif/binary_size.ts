/**
 * Sizes of bitstrings, and parts of them that share their bytes. All of them are allowed in guards.
 */
import { bitSize, byteSize, subBinary } from '../binary';
import { badarg } from '../errors';
import {
  isBitstring,
  isSmall,
  smallOf,
  smallValue,
  tupleArity,
  tupleElement,
  isTuple,
} from '../term';

// bif: erlang:byte_size/1
export function erlangByteSize1(bitstring: u64): u64 {
  if (!isBitstring(bitstring)) return badarg();
  return smallOf(byteSize(bitstring) as i64);
}

// bif: erlang:bit_size/1
export function erlangBitSize1(bitstring: u64): u64 {
  if (!isBitstring(bitstring)) return badarg();
  return smallOf(bitSize(bitstring) as i64);
}

// bif: erlang:size/1
export function erlangSize1(term: u64): u64 {
  if (isTuple(term)) return smallOf(tupleArity(term) as i64);
  if (!isBitstring(term)) return badarg();
  return smallOf((bitSize(term) >> 3) as i64);
}

/** The part of `binary` that a position and a length, possibly negative, denote (binary_part/3). */
function part(binary: u64, position: u64, length: u64): u64 {
  if (!isBitstring(binary) || !isSmall(position) || !isSmall(length)) return badarg();
  const size = (bitSize(binary) >> 3) as i64;
  let start = smallValue(position);
  let count = smallValue(length);
  if (start < 0 || start > size) return badarg();
  if (count < 0) {
    start += count;
    count = -count;
  }
  if (start < 0 || count > size - start) return badarg();
  return subBinary(binary, (start as u64) << 3, (count as u64) << 3);
}

// bif: erlang:binary_part/3
// bif: binary:part/3
export function erlangBinaryPart3(binary: u64, position: u64, length: u64): u64 {
  return part(binary, position, length);
}

// bif: erlang:binary_part/2
// bif: binary:part/2
export function erlangBinaryPart2(binary: u64, range: u64): u64 {
  if (!isTuple(range) || tupleArity(range) != 2) return badarg();
  return part(binary, tupleElement(range, 1), tupleElement(range, 2));
}

/** From binaries to lists, and splitting. Lists are made from their end, in slices. */
import { alignedBinary, binaryData, bitSize, byteSize, subBinary } from '../binary';
import { badarg, outOfMemory, trapTo } from '../errors';
import { BIF_vbeamBinaryToList } from '../gen/bifs';
import { hAlloc } from '../heap';
import { setX } from '../registers';
import { budget, chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  headerOf,
  isBinary,
  isBitstring,
  isSmall,
  makeCons,
  smallOf,
  smallValue,
} from '../term';

const BYTES_PER_REDUCTION: i64 = 16;
/** Cells that are asked of the heap at once; so many it always has. */
const CELLS_MAX: i64 = 4096;

/**
 * Put the bytes `from` to `to` (exclusive) of an aligned binary in front of `rest`; hAlloc gives
 * CELLS_MAX cells for sure.
 */
function cells(data: usize, from: u32, to: u32, rest: u64): u64 {
  const area = hAlloc((to - from) << 1);
  if (!area) return outOfMemory();
  let list = rest;
  let cell = area + ((to - from) << 4);
  for (let at = to; at > from; ) {
    at--;
    cell -= 16;
    list = makeCons(cell, smallOf(load<u8>(data + at) as i64), list);
  }
  return list;
}

/**
 * Put the bytes `from` to `to` (exclusive, at most the binary's size) in front of `rest`.
 * Continuation: the same with a smaller `to`.
 */
// bif: vbeam_internal:binary_to_list/4
export function vbeamBinaryToList(binary: u64, from: u64, to: u64, rest: u64): u64 {
  if (!isBitstring(binary) || !isSmall(from) || !isSmall(to)) return badarg();
  const start = smallValue(from);
  let end = smallValue(to);
  if (start < 0 || end > (byteSize(binary) as i64)) return badarg();
  const data = binaryData(binary);
  let list = rest;
  let left = (budget() as i64) * BYTES_PER_REDUCTION;
  while (end > start && left > 0) {
    let count = end - start;
    if (count > CELLS_MAX) count = CELLS_MAX;
    list = cells(data, (end - count) as u32, end as u32, list);
    if (list == NONE) return NONE;
    end -= count;
    left -= count;
    chargeReductions((count / BYTES_PER_REDUCTION) as i32);
  }
  if (end <= start) return list;
  setX(0, binary);
  setX(1, from);
  setX(2, smallOf(end));
  setX(3, list);
  return trapTo(BIF_vbeamBinaryToList, 4);
}

/** The bytes `from` to `to` of `bitstring` in front of `rest`. */
function listOfBytes(bitstring: u64, from: u32, to: u32, rest: u64): u64 {
  const aligned = alignedBinary(bitstring);
  if (aligned == NONE) return NONE;
  return vbeamBinaryToList(aligned, smallOf(from as i64), smallOf(to as i64), rest);
}

// bif: erlang:binary_to_list/1
export function erlangBinaryToList1(binary: u64): u64 {
  if (!isBinary(binary)) return badarg();
  return listOfBytes(binary, 0, byteSize(binary), NIL);
}

// bif: erlang:binary_to_list/3
export function erlangBinaryToList3(binary: u64, first: u64, last: u64): u64 {
  if (!isBitstring(binary) || !isSmall(first) || !isSmall(last)) return badarg();
  const from = smallValue(first);
  const to = smallValue(last);
  if (from < 1 || from > to || to > ((bitSize(binary) >> 3) as i64)) return badarg();
  return listOfBytes(binary, (from - 1) as u32, to as u32, NIL);
}

// bif: erlang:bitstring_to_list/1
export function erlangBitstringToList1(bitstring: u64): u64 {
  if (!isBitstring(bitstring)) return badarg();
  const bits = bitSize(bitstring);
  const tailBits = bits & 7;
  let rest = NIL;
  if (tailBits) {
    const last = subBinary(bitstring, bits - tailBits, tailBits);
    rest = makeCons(hAlloc(2), last, NIL);
  }
  return listOfBytes(bitstring, 0, (bits >> 3) as u32, rest);
}

// bif: erlang:split_binary/2
export function erlangSplitBinary2(binary: u64, position: u64): u64 {
  if (!isBitstring(binary) || !isSmall(position)) return badarg();
  const bits = bitSize(binary);
  const bytes = smallValue(position);
  if (bytes < 0 || bytes > ((bits >> 3) as i64)) return badarg();
  const first = (bytes as u64) << 3;
  const left = subBinary(binary, 0, first);
  const right = subBinary(binary, first, bits - first);
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, left, 8);
  store<u64>(at, right, 16);
  return boxedOf(at);
}

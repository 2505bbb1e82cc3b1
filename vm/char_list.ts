/** Short-lived texts of BIFs: lists of bytes in a row of bytes, and back. */
import { allocate, release } from './alloc';
import { outOfMemory } from './errors';
import { hAlloc } from './heap';
import { NIL, head, isList, isSmall, listOf, makeCons, smallOf, tail } from './term';

const BUFFER_BYTES: u32 = 640;
const buffer: usize = memory.data(640, 8);

/** A row of `bytes` bytes; 0 without memory. Only one is in use at a time. */
export function takeBuffer(bytes: u32): usize {
  return bytes <= BUFFER_BYTES ? buffer : allocate(bytes);
}
export function giveBuffer(at: usize): void {
  if (at != buffer && at) release(at);
}

/** Elements of a proper list that are all bytes; -1 for any other term. */
export function byteListLength(list: u64): i64 {
  let count: i64 = 0;
  while (isList(list)) {
    if (!isByte(head(list))) return -1;
    count++;
    list = tail(list);
  }
  return list == NIL ? count : -1;
}
function isByte(t: u64): bool {
  return isSmall(t) && t >> 4 < 256;
}
/** Write `count` bytes from the list; the rest of the list is the result. */
export function writeByteList(list: u64, count: u32, at: usize): u64 {
  for (let i: u32 = 0; i < count; i++) {
    store<u8>(at + i, (head(list) >> 4) as u8);
    list = tail(list);
  }
  return list;
}
/** A list of the bytes; NONE after outOfMemory(). */
export function byteListOf(at: usize, length: u32): u64 {
  if (!length) return NIL;
  const cells = hAlloc(length << 1);
  if (!cells) return outOfMemory();
  for (let i: u32 = 0; i < length; i++) {
    const cell = cells + (i << 4);
    const next = i + 1 < length ? listOf(cell + 16) : NIL;
    makeCons(cell, smallOf(load<u8>(at + i) as i64), next);
  }
  return listOf(cells);
}

/**
 * Native functions of OTP's prim_buffer: a queue of bytes as a resource, which the file modules
 * read ahead into.
 *
 *   contents: +------+----------+------+-----+--------+   u32 each; the bytes in the queue are
 *             | data | capacity | from | end | locked |   those from `from` up to `end`
 *             +------+----------+------+-----+--------+
 */
import { allocate, release } from '../alloc';
import { alignedBinary, binaryData, binaryOf, byteSize } from '../binary';
import { badarg, outOfMemory } from '../errors';
import { am_acquired, am_busy, am_not_found, am_ok } from '../gen/atoms';
import { RESOURCE_HEADER, newResource, resourceOf, resourceTerm } from '../resource';
import { tuple2 } from '../signals';
import { chargeReductions } from '../state';
import { NIL, NONE, head, isBinary, isList, isSmall, smallOf, smallValue, tail } from '../term';

const B_DATA: u32 = RESOURCE_HEADER;
const B_CAPACITY: u32 = RESOURCE_HEADER + 4;
const B_FROM: u32 = RESOURCE_HEADER + 8;
const B_END: u32 = RESOURCE_HEADER + 12;
const B_LOCKED: u32 = RESOURCE_HEADER + 16;
const CONTENTS_BYTES: u32 = 24;
const CAPACITY_MIN: u32 = 512;
const CAPACITY_MAX: u32 = 0x4000_0000;
/** Most that peek_head copies; whoever wants more asks again. */
const HEAD_BYTES_MAX: u32 = 4096;

/** Frees the bytes; it is the type of buffers. */
export function destroyPrimBuffer(resource: usize): void {
  release(load<u32>(resource, B_DATA));
}
function bufferOf(t: u64): usize {
  return resourceOf(t, destroyPrimBuffer.index as u32);
}
function used(buffer: usize): u32 {
  return load<u32>(buffer, B_END) - load<u32>(buffer, B_FROM);
}
function front(buffer: usize): usize {
  return load<u32>(buffer, B_DATA) + load<u32>(buffer, B_FROM);
}
function drop(buffer: usize, bytes: u32): void {
  store<u32>(buffer, load<u32>(buffer, B_FROM) + bytes, B_FROM);
  if (used(buffer)) return;
  store<u32>(buffer, 0, B_FROM);
  store<u32>(buffer, 0, B_END);
}
/** Make room behind the end; false without memory. */
function reserve(buffer: usize, bytes: u32): bool {
  if (load<u32>(buffer, B_END) + bytes <= load<u32>(buffer, B_CAPACITY)) return true;
  const held = used(buffer);
  if (bytes > CAPACITY_MAX - held) return false;
  let capacity = CAPACITY_MIN;
  while (capacity < (held + bytes) * 2 && capacity < CAPACITY_MAX) capacity <<= 1;
  const data = allocate(capacity);
  if (!data) return false;
  memory.copy(data, front(buffer), held);
  release(load<u32>(buffer, B_DATA));
  store<u32>(buffer, data as u32, B_DATA);
  store<u32>(buffer, capacity, B_CAPACITY);
  store<u32>(buffer, 0, B_FROM);
  store<u32>(buffer, held, B_END);
  return true;
}
/** `size` bytes are in the buffer. */
function holds(buffer: usize, size: u64): bool {
  return isSmall(size) && smallValue(size) >= 0 && smallValue(size) <= (used(buffer) as i64);
}

// bif: prim_buffer:new/0
export function primBufferNew0(): u64 {
  const buffer = newResource(destroyPrimBuffer.index as u32, CONTENTS_BYTES);
  return buffer ? resourceTerm(buffer) : outOfMemory();
}
// bif: prim_buffer:size/1
export function primBufferSize1(t: u64): u64 {
  const buffer = bufferOf(t);
  return buffer ? smallOf(used(buffer) as i64) : badarg();
}
// bif: prim_buffer:write/2
export function primBufferWrite2(t: u64, vector: u64): u64 {
  const buffer = bufferOf(t);
  if (!buffer) return badarg();
  let bytes: u64 = 0;
  let rest = vector;
  for (; isList(rest); rest = tail(rest)) {
    if (!isBinary(head(rest))) return badarg();
    bytes += byteSize(head(rest));
  }
  if (rest != NIL) return badarg();
  if (bytes > (CAPACITY_MAX as u64) || !reserve(buffer, bytes as u32)) return outOfMemory();
  for (rest = vector; isList(rest); rest = tail(rest)) {
    const piece = alignedBinary(head(rest));
    if (piece == NONE) return NONE;
    const end = load<u32>(buffer, B_END);
    memory.copy(load<u32>(buffer, B_DATA) + end, binaryData(piece), byteSize(piece));
    store<u32>(buffer, end + byteSize(piece), B_END);
  }
  chargeReductions((bytes >> 10) as i32);
  return am_ok;
}
// bif: prim_buffer:skip/2
export function primBufferSkip2(t: u64, size: u64): u64 {
  const buffer = bufferOf(t);
  if (!buffer || !holds(buffer, size)) return badarg();
  drop(buffer, smallValue(size) as u32);
  return am_ok;
}
// bif: prim_buffer:copying_read/2
export function primBufferRead2(t: u64, size: u64): u64 {
  const buffer = bufferOf(t);
  if (!buffer || !holds(buffer, size)) return badarg();
  const bytes = binaryOf(front(buffer), smallValue(size) as u32);
  if (bytes != NONE) drop(buffer, smallValue(size) as u32);
  return bytes;
}
// bif: prim_buffer:peek_head/1
export function primBufferPeekHead1(t: u64): u64 {
  const buffer = bufferOf(t);
  return buffer ? binaryOf(front(buffer), min(used(buffer), HEAD_BYTES_MAX)) : badarg();
}
// bif: prim_buffer:find_byte_index/2
export function primBufferFind2(t: u64, needle: u64): u64 {
  const buffer = bufferOf(t);
  if (!buffer || !isSmall(needle) || smallValue(needle) < 0 || smallValue(needle) > 255)
    return badarg();
  const count = used(buffer);
  const at = front(buffer);
  const byte = smallValue(needle) as u8;
  let index: u32 = 0;
  while (index < count && load<u8>(at + index) != byte) index++;
  chargeReductions((index >> 6) as i32);
  return index < count ? tuple2(am_ok, smallOf(index as i64)) : am_not_found;
}
// bif: prim_buffer:try_lock/1
export function primBufferTryLock1(t: u64): u64 {
  const buffer = bufferOf(t);
  if (!buffer) return badarg();
  if (load<u32>(buffer, B_LOCKED)) return am_busy;
  store<u32>(buffer, 1, B_LOCKED);
  return am_acquired;
}
// bif: prim_buffer:unlock/1
export function primBufferUnlock1(t: u64): u64 {
  const buffer = bufferOf(t);
  if (!buffer || !load<u32>(buffer, B_LOCKED)) return badarg();
  store<u32>(buffer, 0, B_LOCKED);
  return am_ok;
}

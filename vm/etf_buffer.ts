/**
 * Where encoding writes: a growing block whose first bytes are kept free for the head of an
 * off-heap binary, so that a large result becomes a binary without a copy. When only the size is
 * wanted nothing is stored.
 */
import { AREA_BINARIES, allocateFor, reallocateFor, releaseFor } from './memory_areas';
import {
  BINARY_BYTES_MAX,
  HEAP_BINARY_BYTES_MAX,
  OBJECT_CAPACITY,
  OBJECT_FLAGS,
  OBJECT_HEADER,
  OBJECT_REFERENCES,
  OBJECT_USED,
  binaryOf,
  refcBinaryOf,
} from './binary';
import { copyBits } from './bits';
import { outOfMemory } from './errors';

let block: usize = 0;
let capacity: u32 = 0;
let measuring: bool = false;
const nowhere: usize = memory.data(64, 8);

/** Bytes written so far. */
export let written: u64 = 0;
/** Memory ran out: later writes go nowhere. */
export let bufferFailed: bool = false;

export function startBuffer(): void {
  capacity = 256;
  block = allocateFor(AREA_BINARIES, OBJECT_HEADER + capacity);
  written = 0;
  measuring = false;
  bufferFailed = !block;
}
export function startMeasuring(): void {
  block = 0;
  capacity = 0;
  written = 0;
  measuring = true;
  bufferFailed = false;
}
/** Bytes that saveBuffer writes. */
export const BUFFER_STATE_BYTES: u32 = 24;
/** Hand the buffer to whoever goes on later: its block, first word, is theirs to free. */
export function saveBuffer(to: usize): void {
  store<u32>(to, block as u32);
  store<u32>(to, capacity, 4);
  store<u64>(to, written, 8);
  store<u32>(to, measuring ? 1 : 0, 16);
  block = 0;
}
/** Free a buffer that saveBuffer wrote down. */
export function dropSaved(from: usize): void {
  releaseFor(AREA_BINARIES, load<u32>(from));
}
export function restoreBuffer(from: usize): void {
  block = load<u32>(from);
  capacity = load<u32>(from, 4);
  written = load<u64>(from, 8);
  measuring = load<u32>(from, 16) != 0;
  bufferFailed = false;
  store<u32>(from, 0);
}
export function bufferData(): usize {
  return block + OBJECT_HEADER;
}
export function dropBuffer(): void {
  releaseFor(AREA_BINARIES, block);
  block = 0;
}

function grow(bytes: u64): bool {
  const needed = written + bytes;
  let larger = (capacity as u64) << 1;
  while (larger < needed) larger <<= 1;
  if (needed > (BINARY_BYTES_MAX as u64) || larger > (BINARY_BYTES_MAX as u64)) {
    bufferFailed = true;
    return false;
  }
  const fresh = reallocateFor(AREA_BINARIES, block, OBJECT_HEADER + (larger as u32));
  if (!fresh) {
    bufferFailed = true;
    return false;
  }
  block = fresh;
  capacity = larger as u32;
  return true;
}

/** Room for `bytes` bytes at the end; 0 when there is none to be written. */
function room(bytes: u64): usize {
  if (!measuring && !bufferFailed && (written + bytes <= (capacity as u64) || grow(bytes))) {
    const at = block + OBJECT_HEADER + (written as u32);
    written += bytes;
    return at;
  }
  written += bytes;
  return 0;
}
/** Room for a few bytes (at most 64), somewhere in any case. */
function fewBytes(bytes: u32): usize {
  const at = room(bytes);
  return at ? at : nowhere;
}

export function put1(byte: u32): void {
  store<u8>(fewBytes(1), byte as u8);
}
export function put2(word: u32): void {
  store<u16>(fewBytes(2), bswap<u16>(word as u16));
}
export function put4(word: u32): void {
  store<u32>(fewBytes(4), bswap<u32>(word));
}
export function put8(word: u64): void {
  store<u64>(fewBytes(8), bswap<u64>(word));
}
export function putBytes(from: usize, bytes: u32): void {
  const at = room(bytes);
  if (at) memory.copy(at, from, bytes);
}
/** `bits` bits from bit `offset` of the byte at `from`, the last byte filled up with zeros. */
export function putBits(from: usize, offset: u32, bits: u64): void {
  if (!offset && !(bits & 7)) {
    putBytes(from, (bits >> 3) as u32);
    return;
  }
  const bytes = (bits + 7) >> 3;
  const at = room(bytes);
  if (!at) return;
  store<u8>(at + (bytes as u32) - 1, 0);
  copyBits(at, 0, from, offset as u64, bits);
}
/** Forget all bytes from `offset` on. */
export function cutAt(offset: u64): void {
  written = offset;
}
/** Overwrite two bytes at `offset`. */
export function patch2(offset: u64, word: u32): void {
  if (!measuring && !bufferFailed)
    store<u16>(block + OBJECT_HEADER + (offset as u32), bswap<u16>(word as u16));
}
/** Overwrite four bytes at `offset`. */
export function patch4(offset: u64, word: u32): void {
  if (!measuring && !bufferFailed)
    store<u32>(block + OBJECT_HEADER + (offset as u32), bswap<u32>(word));
}

/**
 * The bytes written as a binary of the running process; NONE after outOfMemory(). The buffer is
 * gone in any case.
 */
export function takeBinary(): u64 {
  if (bufferFailed) {
    dropBuffer();
    return outOfMemory();
  }
  const bytes = written as u32;
  if (bytes <= HEAP_BINARY_BYTES_MAX) {
    const small = binaryOf(block + OBJECT_HEADER, bytes);
    dropBuffer();
    return small;
  }
  const fitted = reallocateFor(AREA_BINARIES, block, OBJECT_HEADER + bytes);
  const object = fitted ? fitted : block;
  store<u32>(object, 1, OBJECT_REFERENCES);
  store<u32>(object, bytes, OBJECT_CAPACITY);
  store<u32>(object, bytes, OBJECT_USED);
  store<u32>(object, 0, OBJECT_FLAGS);
  block = 0;
  return refcBinaryOf(object, bytes);
}

/**
 * Bitstrings: making them, looking into them, taking parts of them (layouts: tables/terms.ts).
 *
 * Up to 64 bytes live on the heap (HeapBinary). Larger ones live in an off-heap object that any
 * number of RefcBinary terms, on any heap, refer to; each counts as one reference. A SubBinary is a
 * window, at any bit, onto one of the two.
 *
 * object: +------------+---------------+-----------+-------+----------+
 *         | references | capacityBytes | usedBytes | flags | data ... |   u32 each; data 8-byte aligned
 *         +------------+---------------+-----------+-------+----------+
 *
 * The object of a RefcBinary whose flags word says REFC_WRITABLE has one reference and may move
 * when it grows (binary_append.ts). Whoever is about to keep the address of its data, or to make a
 * second reference, calls `freezeBinary` first.
 */
import { AREA_BINARIES, allocateFor, reallocateFor, releaseFor } from './memory_areas';
import { copyBits } from './bits';
import { abandonBuild } from './builder';
import { outOfMemory, systemLimit } from './errors';
import { P_OFF_HEAP_WORDS } from './gen/layout';
import { collectionDue, hAlloc, linkOffHeap, ringDoorbell } from './heap';
import { current } from './state';
import {
  SUB_HEAP_BINARY,
  SUB_MATCH_STATE,
  SUB_REFC_BINARY,
  SUB_SUB_BINARY,
  NONE,
  boxedAddress,
  boxedHeader,
  isBoxed,
  boxedOf,
  boxedWord,
  headerOf,
  headerSubtag,
  isBinary,
} from './term';

export const HEAP_BINARY_BYTES_MAX: u32 = 64;
/** Larger binaries cannot be asked for: linear memory ends before. */
export const BINARY_BYTES_MAX: u32 = 0xff00_0000;
export const BINARY_BITS_MAX: u64 = (BINARY_BYTES_MAX as u64) << 3;

export const OBJECT_REFERENCES: u32 = 0;
export const OBJECT_CAPACITY: u32 = 4;
export const OBJECT_USED: u32 = 8;
export const OBJECT_FLAGS: u32 = 12;
export const OBJECT_HEADER: u32 = 16;

export const REFC_WORDS: u32 = 6;
export const SUB_BINARY_WORDS: u32 = 5;
/** Byte offsets of the words of a RefcBinary. */
export const REFC_SIZE: u32 = 8;
export const REFC_NEXT: u32 = 16;
export const REFC_OBJECT: u32 = 24;
export const REFC_DATA: u32 = 32;
export const REFC_FLAGS: u32 = 40;
export const REFC_WRITABLE: u32 = 1;
/** Byte offsets of the words of a SubBinary. */
export const SUB_SIZE: u32 = 8;
export const SUB_OFFSET: u32 = 16;
export const SUB_BITS: u32 = 24;
export const SUB_OWNER: u32 = 32;
/** In the `bits` word of a SubBinary: the next append may write behind its end. */
export const SUB_WRITABLE: u64 = 1 << 16;

const REFC_NEXT_INDEX: u32 = 2;

// ---- off-heap objects

/** A fresh object with one reference and room for `capacity` bytes; 0 when memory is exhausted. */
export function newBinaryObject(capacity: u32, used: u32): usize {
  if (capacity > BINARY_BYTES_MAX) return 0;
  const object = allocateFor(AREA_BINARIES, OBJECT_HEADER + capacity);
  if (!object) return 0;
  store<u32>(object, 1, OBJECT_REFERENCES);
  store<u32>(object, capacity, OBJECT_CAPACITY);
  store<u32>(object, used, OBJECT_USED);
  store<u32>(object, 0, OBJECT_FLAGS);
  return object;
}
/** Another RefcBinary refers to `object`. */
export function retainBinaryObject(object: usize): void {
  store<u32>(object, load<u32>(object, OBJECT_REFERENCES) + 1, OBJECT_REFERENCES);
}
/** A RefcBinary that referred to `object` is gone; the last one frees it. */
export function releaseBinaryObject(object: usize): void {
  const left = load<u32>(object, OBJECT_REFERENCES) - 1;
  store<u32>(object, left, OBJECT_REFERENCES);
  if (!left) releaseFor(AREA_BINARIES, object);
}
/**
 * Tell the collector of the running process that it now keeps `bytes` more bytes alive off its
 * heap.
 */
export function chargeOffHeap(bytes: u32): void {
  const words = load<u32>(current, P_OFF_HEAP_WORDS) + (bytes >> 3);
  store<u32>(current, words, P_OFF_HEAP_WORDS);
  if (collectionDue(current)) ringDoorbell();
}

/**
 * A RefcBinary of the running process for the first `bytes` bytes of `object`; takes over one
 * reference.
 */
export function refcBinaryOf(object: usize, bytes: u32): u64 {
  const at = hAlloc(REFC_WORDS);
  store<u64>(at, headerOf(SUB_REFC_BINARY, REFC_WORDS - 1));
  store<u64>(at, bytes as u64, REFC_SIZE);
  store<u64>(at, object as u64, REFC_OBJECT);
  store<u64>(at, (object + OBJECT_HEADER) as u64, REFC_DATA);
  store<u64>(at, 0, REFC_FLAGS);
  linkOffHeap(at, REFC_NEXT_INDEX);
  chargeOffHeap(load<u32>(object, OBJECT_CAPACITY));
  return boxedOf(at);
}

/**
 * The RefcBinary at `address` gives up the right to grow its object in place; the data do not move
 * any more. Room that was kept for growth is given back when it is most of the object, so an
 * address of the data must be taken after this call.
 */
export function freezeBinary(address: usize): void {
  if (!load<u32>(address, REFC_FLAGS)) return;
  abandonBuild();
  store<u64>(address, 0, REFC_FLAGS);
  const object = load<u32>(address, REFC_OBJECT) as usize;
  const used = load<u32>(address, REFC_SIZE);
  store<u32>(object, used, OBJECT_USED);
  if (used >= load<u32>(object, OBJECT_CAPACITY) >> 1) return;
  const fresh = reallocateFor(AREA_BINARIES, object, OBJECT_HEADER + used);
  if (!fresh) return;
  store<u32>(fresh, used, OBJECT_CAPACITY);
  store<u64>(address, fresh as u64, REFC_OBJECT);
  store<u64>(address, (fresh + OBJECT_HEADER) as u64, REFC_DATA);
}

// ---- making binaries

/** A HeapBinary of `bytes` (at most 64) bytes, contents undefined but for the zero padding. */
export function newHeapBinary(bytes: u32): u64 {
  const words = (bytes + 7) >> 3;
  const at = hAlloc(words + 2);
  store<u64>(at, headerOf(SUB_HEAP_BINARY, words + 1));
  store<u64>(at, bytes as u64, 8);
  if (words) store<u64>(at + 8 + (words << 3), 0);
  return boxedOf(at);
}
/** A binary of `bytes` bytes, contents undefined; NONE after outOfMemory(). */
export function newBinary(bytes: u32): u64 {
  if (bytes <= HEAP_BINARY_BYTES_MAX) return newHeapBinary(bytes);
  const object = newBinaryObject(bytes, bytes);
  if (!object) return outOfMemory();
  return refcBinaryOf(object, bytes);
}
/**
 * A bitstring of `bits` bits, contents undefined but for zeros behind its last bit; NONE after
 * systemLimit() or outOfMemory().
 */
export function newBitstring(bits: u64): u64 {
  if (bits > BINARY_BITS_MAX) return systemLimit();
  const bytes = ((bits + 7) >> 3) as u32;
  const whole = newBinary(bytes);
  const tail = (bits as u32) & 7;
  if (whole == NONE || !tail) return whole;
  store<u8>(binaryData(whole) + bytes - 1, 0);
  return window(whole, 0, bits);
}
/** A binary with a copy of the `bytes` bytes at `address`; NONE after outOfMemory(). */
export function binaryOf(address: usize, bytes: u32): u64 {
  const made = newBinary(bytes);
  if (made != NONE) memory.copy(binaryData(made), address, bytes);
  return made;
}

// ---- looking into any bitstring

/** The HeapBinary or RefcBinary that holds the bits of `t`. */
export function binaryOwner(t: u64): u64 {
  return headerSubtag(boxedHeader(t)) == SUB_SUB_BINARY ? boxedWord(t, 4) : t;
}
/** Address of the first byte of a HeapBinary or RefcBinary. */
export function ownerData(t: u64): usize {
  const at = boxedAddress(t);
  if (headerSubtag(load<u64>(at)) == SUB_HEAP_BINARY) return at + 16;
  return load<u32>(at, REFC_DATA);
}
/** Address of the byte that holds the first bit. */
export function binaryData(t: u64): usize {
  const at = boxedAddress(t);
  const subtag = headerSubtag(load<u64>(at));
  if (subtag == SUB_HEAP_BINARY) return at + 16;
  if (subtag == SUB_REFC_BINARY) return load<u32>(at, REFC_DATA);
  return ownerData(load<u64>(at, SUB_OWNER)) + load<u32>(at, SUB_OFFSET);
}
/** Bits (0 to 7) of the byte at `binaryData` that precede the bitstring. */
export function bitOffset(t: u64): u32 {
  const at = boxedAddress(t);
  return headerSubtag(load<u64>(at)) == SUB_SUB_BINARY ? load<u8>(at, SUB_BITS + 1) : 0;
}
export function bitSize(t: u64): u64 {
  const at = boxedAddress(t);
  const bits = load<u64>(at, 8) << 3;
  return headerSubtag(load<u64>(at)) == SUB_SUB_BINARY ? bits + load<u8>(at, SUB_BITS) : bits;
}
/** Bytes, a last incomplete one included: byte_size/1. */
export function byteSize(t: u64): u32 {
  const at = boxedAddress(t);
  const bytes = load<u32>(at, 8);
  if (headerSubtag(load<u64>(at)) != SUB_SUB_BINARY) return bytes;
  return load<u8>(at, SUB_BITS) ? bytes + 1 : bytes;
}
/** `t` is a binary whose bytes lie on byte boundaries: binaryData and byteSize say all about it. */
export function isAlignedBinary(t: u64): bool {
  return isBinary(t) && !bitOffset(t);
}
/**
 * The bitstring itself when it starts on a byte boundary, else a copy that does; NONE after
 * outOfMemory(). For readers that want whole bytes.
 */
export function alignedBinary(t: u64): u64 {
  const offset = bitOffset(t);
  if (!offset) return t;
  const bits = bitSize(t);
  const made = newBitstring(bits);
  if (made != NONE) copyBits(binaryData(made), 0, binaryData(t), offset as u64, bits);
  return made;
}

// ---- parts

/** A SubBinary of `bits` bits from `bit` on of a HeapBinary or RefcBinary. */
function window(owner: u64, bit: u64, bits: u64): u64 {
  const at = hAlloc(SUB_BINARY_WORDS);
  store<u64>(at, headerOf(SUB_SUB_BINARY, SUB_BINARY_WORDS - 1));
  store<u64>(at, bits >> 3, SUB_SIZE);
  store<u64>(at, bit >> 3, SUB_OFFSET);
  store<u64>(at, (bits & 7) | ((bit & 7) << 8), SUB_BITS);
  store<u64>(at, owner, SUB_OWNER);
  return boxedOf(at);
}

/**
 * The `bits` bits from `bit` on of the HeapBinary or RefcBinary `owner`, which must contain them.
 * Up to 64 whole bytes are copied, as in OTP: such a part does not keep a large binary alive.
 */
export function partOfOwner(owner: u64, bit: u64, bits: u64): u64 {
  if (bits <= (HEAP_BINARY_BYTES_MAX as u64) << 3 && !(bits & 7)) {
    const made = newHeapBinary((bits >> 3) as u32);
    copyBits(boxedAddress(made) + 16, 0, ownerData(owner), bit, bits);
    return made;
  }
  return window(owner, bit, bits);
}
/** The `bits` bits from `from` on of `t`, which must contain them. */
export function subBinary(t: u64, from: u64, bits: u64): u64 {
  const at = boxedAddress(t);
  if (headerSubtag(load<u64>(at)) != SUB_SUB_BINARY) return partOfOwner(t, from, bits);
  const start = (load<u64>(at, SUB_OFFSET) << 3) + load<u8>(at, SUB_BITS + 1);
  return partOfOwner(load<u64>(at, SUB_OWNER), start + from, bits);
}

// ---- match contexts

export const MATCH_WORDS: u32 = 5;
/** The header of every match context. */
export const MATCH_HEADER: u64 = ((4 as u64) << 6) | ((SUB_MATCH_STATE as u64) << 2);
export const MATCH_POSITION: u32 = 8;
export const MATCH_END: u32 = 16;
export const MATCH_DATA: u32 = 24;
export const MATCH_OWNER: u32 = 32;

export function isMatchState(t: u64): bool {
  return isBoxed(t) && headerSubtag(boxedHeader(t)) == SUB_MATCH_STATE;
}
/** A match context over the whole of the bitstring `t`. */
export function newMatchState(t: u64): u64 {
  const owner = binaryOwner(t);
  const ownerAt = boxedAddress(owner);
  if (headerSubtag(load<u64>(ownerAt)) == SUB_REFC_BINARY) freezeBinary(ownerAt);
  const data = ownerData(owner);
  const start = (((binaryData(t) - data) as u64) << 3) + bitOffset(t);
  const at = hAlloc(MATCH_WORDS);
  store<u64>(at, MATCH_HEADER);
  store<u64>(at, start, MATCH_POSITION);
  store<u64>(at, start + bitSize(t), MATCH_END);
  store<u64>(at, data as u64, MATCH_DATA);
  store<u64>(at, owner, MATCH_OWNER);
  return boxedOf(at);
}
/**
 * For collectors, after the match context at `address` and its binary have been moved: the data may
 * have moved with the binary.
 */
export function matchStateMoved(address: usize): void {
  store<u64>(address, ownerData(load<u64>(address, MATCH_OWNER)) as u64, MATCH_DATA);
}

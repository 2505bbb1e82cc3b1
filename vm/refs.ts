/**
 * References of this node, and the table that finds what a reference stands for: a monitor, an
 * alias, a timer, a spawn request.
 *
 * A reference is header, high word (constant 0 for ours), low word (its number). Numbers rise;
 * their lower half has 18 bits, as the first word of a reference in external form. Tables keyed by
 * that number chain records through a `next` field of the record.
 */
import { allocateZeroed, release } from './alloc';
import { hAlloc } from './heap';
import { SUB_REF, boxedHeader, boxedOf, boxedWord, headerOf, headerSubtag, isBoxed } from './term';

export const REFERENCE_WORDS: u32 = 3;
const LOW_BITS: u64 = 18;
const HIGH_MASK: u64 = 0x7fff_ffff;
/** Tells numbers of magic references from others. */
const MAGIC_MARK: u64 = 1 << 63;
let counter: u64 = 0;

/** Start the counter at a value that differs from boot to boot. */
export function initReferences(seed: u64): void {
  counter = seed & 0x0000_ffff_ffff_ffff;
}
export function newReferenceNumber(): u64 {
  counter++;
  return (((counter >> LOW_BITS) & HIGH_MASK) << 32) | (counter & ((1 << LOW_BITS) - 1));
}
/** The number of references that keep something alive (resource.ts). */
export function newMagicNumber(): u64 {
  return newReferenceNumber() | MAGIC_MARK;
}
export function isMagicNumber(number: u64): bool {
  return (number & MAGIC_MARK) != 0;
}
/** Write the reference with this number at `at` (three words). */
export function writeReference(at: usize, number: u64): u64 {
  store<u64>(at, headerOf(SUB_REF, 2));
  store<u64>(at, 0, 8);
  store<u64>(at, number, 16);
  return boxedOf(at);
}
export function makeReference(number: u64): u64 {
  return writeReference(hAlloc(REFERENCE_WORDS), number);
}
export function isLocalReference(t: u64): bool {
  return isBoxed(t) && headerSubtag(boxedHeader(t)) == SUB_REF;
}
export function referenceNumber(t: u64): u64 {
  return boxedWord(t, 2);
}

/** A chained hash table of records by 64-bit key: {buckets, mask, count} in 12 bytes. */
export const TABLE_BYTES: u32 = 12;

function spread(key: u64): u32 {
  const mixed = key * 0x9e37_79b9_7f4a_7c15;
  return (mixed >> 32) as u32;
}

export function initTable(table: usize): void {
  store<u32>(table, allocateZeroed(1024) as u32);
  store<u32>(table, 255, 4);
  store<u32>(table, 0, 8);
}
/** First record of the chain in which `key` would be. */
export function chainOf(table: usize, key: u64): usize {
  return load<u32>(load<u32>(table) + ((spread(key) & load<u32>(table, 4)) << 2));
}
/**
 * Insert a record whose key is the u64 at `keyOffset` and whose chain link is the u32 at
 * `nextOffset`.
 */
export function tableInsert(table: usize, record: usize, keyOffset: u32, nextOffset: u32): void {
  if (load<u32>(table, 8) > load<u32>(table, 4)) tableGrow(table, keyOffset, nextOffset);
  const bucket =
    load<u32>(table) + ((spread(load<u64>(record + keyOffset)) & load<u32>(table, 4)) << 2);
  store<u32>(record + nextOffset, load<u32>(bucket));
  store<u32>(bucket, record as u32);
  store<u32>(table, load<u32>(table, 8) + 1, 8);
}
export function tableRemove(table: usize, record: usize, keyOffset: u32, nextOffset: u32): void {
  let slot: usize =
    load<u32>(table) + ((spread(load<u64>(record + keyOffset)) & load<u32>(table, 4)) << 2);
  while (load<u32>(slot)) {
    const held = load<u32>(slot) as usize;
    if (held == record) {
      store<u32>(slot, load<u32>(record + nextOffset));
      store<u32>(table, load<u32>(table, 8) - 1, 8);
      return;
    }
    slot = held + nextOffset;
  }
}
function tableGrow(table: usize, keyOffset: u32, nextOffset: u32): void {
  const old = load<u32>(table) as usize;
  const oldMask = load<u32>(table, 4);
  const newMask = oldMask * 2 + 1;
  const fresh = allocateZeroed((newMask + 1) << 2);
  if (!fresh) return;
  for (let i: u32 = 0; i <= oldMask; i++) {
    let record = load<u32>(old + (i << 2)) as usize;
    while (record) {
      const next = load<u32>(record + nextOffset) as usize;
      const bucket = fresh + ((spread(load<u64>(record + keyOffset)) & newMask) << 2);
      store<u32>(record + nextOffset, load<u32>(bucket));
      store<u32>(bucket, record as u32);
      record = next;
    }
  }
  release(old);
  store<u32>(table, fresh as u32);
  store<u32>(table, newMask, 4);
}

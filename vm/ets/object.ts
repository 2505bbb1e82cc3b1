/**
 * Objects of ETS tables: tuples copied out of the heaps, each in a block of its own. A copy has no
 * pointer out of its block (literals are copied too, since their module may go), and binaries
 * beyond 64 bytes are counted.
 *
 * object: +-------------+--------------+----------+----------------------+-----------------+
 *         | next / left | hash / right | off-heap | words, balance, gone | tuple, its terms |   u32 each, then words
 *         +-------------+--------------+----------+----------------------+-----------------+
 *
 * Hash tables chain objects by `next`; ordered sets link them as a tree. `off-heap` heads the list
 * of binaries and resources.
 */
import { AREA_TABLES, allocateFor, releaseFor } from '../memory_areas';
import {
  COPY_LITERALS,
  COPY_RECORD_BYTES,
  adoptMessage,
  beginCopy,
  continueCopy,
  copyTerm,
  copyTermIn,
  flatSize,
  sizeOf,
} from '../copy';
import { SLICE_WORDS } from '../copy_slices';
import { outOfMemory } from '../errors';
import { P_OFF_HEAP } from '../gen/layout';
import { FRAGMENT_OFF_HEAP, fragmentData, hAlloc, newFragment } from '../heap';
import { releaseList } from '../off_heap';
import { current } from '../state';
import { reclaimTables } from './registry';
import { putCopyAside, shouldLeave, takeUpCopy, walkLeft, walkObject } from '../walk';
import { WALK_COPY, WALK_OBJECT } from '../walk_layout';
import { pinObject, pinnedCount, staysPinned, unpinObject } from './pins';
import { boxedOf, headerWords, isImmediate, tupleElement } from '../term';

export const O_NEXT: u32 = 0;
export const O_HASH: u32 = 4;
const O_OFF_HEAP: u32 = 8;
const O_WORDS: u32 = 12;
const O_TERMS: u32 = 16;
const WORDS_MASK: u32 = 0x0fff_ffff;
const BALANCE_SHIFT: u32 = 28;
const GONE: u32 = 0x8000_0000;

/** The tuple of an object. */
export function objectTerm(object: usize): u64 {
  return boxedOf(object + O_TERMS);
}
/** Element `position` of its tuple, which must have as many. */
export function objectKey(object: usize, position: u32): u64 {
  return load<u64>(object + O_TERMS + (position << 3));
}
export function objectWords(object: usize): u32 {
  return load<u32>(object, O_WORDS) & WORDS_MASK;
}
/** Words of memory that the object takes, as ets:info(Table, memory) counts them. */
export function objectMemory(object: usize): u32 {
  return objectWords(object) + (O_TERMS >> 3);
}

/** First of the list of its off-heap binaries and resources, 0 = none. */
export function objectOffHeap(object: usize): usize {
  return load<u32>(object, O_OFF_HEAP);
}

/** A new object with a copy of the tuple `t`, in no table yet; 0 when memory is exhausted. */
export function newObject(t: u64): usize {
  const object = emptyObject(sizeOf(t, COPY_LITERALS));
  if (object) copyTermIn(COPY_LITERALS, t, object + O_TERMS, 0, object + O_OFF_HEAP);
  return object;
}
/** Room for an object of so many words; 0 when memory is exhausted. */
function emptyObject(words: u32): usize {
  if (words > 0x0800_0000) return 0;
  let object = allocateFor(AREA_TABLES, O_TERMS + (words << 3));
  if (!object && reclaimTables()) object = allocateFor(AREA_TABLES, O_TERMS + (words << 3));
  if (!object) return 0;
  store<u64>(object, 0);
  store<u32>(object, 0, O_OFF_HEAP);
  store<u32>(object, words, O_WORDS);
  return object;
}
/**
 * The same in slices, when the caller can be left (vm/walk.ts): 0 with `walkLeft` set when it was,
 * 0 without when memory is exhausted.
 */
export function newObjectInSlices(t: u64): usize {
  let object = takeUpCopy(WALK_OBJECT, record);
  if (!object) {
    const words = sizeOf(t, COPY_LITERALS);
    if (walkLeft) return 0;
    object = emptyObject(words);
    if (!object) return 0;
    beginCopy(record, t, object + O_TERMS, object + O_OFF_HEAP, COPY_LITERALS);
  }
  while (!continueCopy(record, SLICE_WORDS))
    if (shouldLeave() && putCopyAside(WALK_OBJECT, object, record, 0)) return 0;
  return object;
}
const record: usize = memory.data(COPY_RECORD_BYTES, 8);

/** Words of an object from which on it is copied to a heap in slices. */
const SLICED_WORDS: u32 = 256;
/**
 * As copyObject, in slices when the object is large and the caller can be left: meanwhile it is
 * pinned, so that it outlives its deletion. 0 with `walkLeft` set when it was left.
 */
export function copyObjectInSlices(found: usize): u64 {
  let object = found;
  let pinned = false;
  let fragment = takeUpCopy(WALK_COPY, record);
  if (fragment) {
    object = walkObject;
    pinned = true;
  } else {
    const words = objectWords(object);
    if (words < SLICED_WORDS) return copyObject(object);
    fragment = newFragment(words + 1);
    if (!fragment) return outOfMemory();
    store<u32>(fragment, words + 1, 8);
    const data = fragmentData(fragment);
    const root = beginCopy(record, objectTerm(object), data + 8, fragment + FRAGMENT_OFF_HEAP, 0);
    store<u64>(data, root);
  }
  while (!continueCopy(record, SLICE_WORDS)) {
    if (!shouldLeave()) continue;
    if (!pinned) pinned = pinObject(object);
    if (pinned && putCopyAside(WALK_COPY, fragment, record, object)) return 0;
  }
  if (pinned) unpinObject(object);
  return adoptMessage(current, fragment);
}

/** Free an object that is in no table any more, as soon as nobody reads it. */
export function freeObject(object: usize): void {
  if (pinnedCount && staysPinned(object)) return;
  if (load<u32>(object, O_OFF_HEAP)) releaseList(object + O_OFF_HEAP);
  releaseFor(AREA_TABLES, object);
}

// ---- balance of a tree node: -1, 0, 1

export function balanceOf(object: usize): i32 {
  return (((load<u32>(object, O_WORDS) >> BALANCE_SHIFT) & 3) as i32) - 1;
}
export function setBalance(object: usize, balance: i32): void {
  const bits = ((balance + 1) as u32) << BALANCE_SHIFT;
  store<u32>(object, (load<u32>(object, O_WORDS) & ~(3 << BALANCE_SHIFT)) | bits, O_WORDS);
}

// ---- objects deleted while the table is fixed: the header word of the tuple, which nobody reads
// then, links them in a list

export function isGone(object: usize): bool {
  return (load<u32>(object, O_WORDS) & GONE) != 0;
}
export function markGone(object: usize): void {
  store<u32>(object, load<u32>(object, O_WORDS) | GONE, O_WORDS);
}
export function goneNext(object: usize): usize {
  return load<u32>(object, O_TERMS);
}
export function gonePrevious(object: usize): usize {
  return load<u32>(object, O_TERMS + 4);
}
export function setGoneNext(object: usize, next: usize): void {
  store<u32>(object, next as u32, O_TERMS);
}
export function setGonePrevious(object: usize, previous: usize): void {
  store<u32>(object, previous as u32, O_TERMS + 4);
}

// ---- back to a heap

/** A copy of any term of a table on the running process's heap; NONE after outOfMemory(). */
export function copyOut(t: u64): u64 {
  if (isImmediate(t)) return t;
  const words = flatSize(t);
  if (words == 0) return t;
  const at = hAlloc(words);
  if (!at) return outOfMemory();
  return copyTerm(t, at, current, current + P_OFF_HEAP);
}
/** The object's tuple on the running process's heap; NONE after outOfMemory(). */
export function copyObject(object: usize): u64 {
  const words = objectWords(object);
  const at = hAlloc(words);
  if (!at) return outOfMemory();
  const from = object + O_TERMS;
  // No word beyond the tuple: its elements are immediates.
  if (headerWords(load<u64>(from)) + 1 == words) {
    memory.copy(at, from, words << 3);
    return boxedOf(at);
  }
  return copyTerm(boxedOf(from), at, current, current + P_OFF_HEAP);
}

/**
 * The copying part of the collector (Cheney's algorithm): `evacuate` moves one object and leaves
 * behind where it went; `scanCopies` goes over what has been moved and evacuates what it points to.
 *
 * Left behind: in a list cell, head 0 (never a term) and the new pointer as the tail; in a boxed
 * object, the new pointer in the place of the header. A large object is moved in slices: its copy
 * begins as {marker with its size, source address, header}, and when the scan gets there the words
 * are copied before it goes on.
 */
import { matchStateMoved } from './binary';
import {
  S_LARGE_AT,
  S_LARGE_FROM,
  S_LARGE_NEXT,
  S_LARGE_WORDS,
  fromStart,
  full,
  keptBytes,
  keptStart,
  left,
  matureBytes,
  oldScan,
  oldTop,
  setOldScan,
  setOldTop,
  setYoungScan,
  setYoungTop,
  work,
  youngScan,
  youngTop,
} from './gc_state';
import {
  SUB_MATCH_STATE,
  TAG_BOXED,
  TAG_LIST,
  firstTermOf,
  headerOf,
  headerSubtag,
  headerWords,
  isHeapPointer,
} from './term';

/** Objects of more words than this are copied in slices. */
export const LARGE_WORDS: u32 = 256;
/** Subtag of the marker; no term has it. */
const SUB_LARGE: u32 = 11;
/** Words of a large object copied at a time. */
const CHUNK_WORDS: u32 = 512;
/** Words that are copied alone take an eighth (this power of two) of the work of those scanned. */
const COPIED_SHIFT: u32 = 3;

/** Room for the copy of the object at `from`. */
function target(from: u32, bytes: u32): usize {
  if (full || from - fromStart < matureBytes) {
    const at = oldTop;
    setOldTop(at + bytes);
    return at;
  }
  const at = youngTop;
  setYoungTop(at + bytes);
  return at;
}

/** The pointer to the copy of what `word`, a heap pointer, points to; made if there is none yet. */
export function evacuate(word: u64): u64 {
  const from = (word as u32) & ~3;
  if (from - keptStart < keptBytes) return word;
  const first = load<u64>(from);
  if ((word & 3) == TAG_LIST) {
    if (!first) return load<u64>(from, 8);
    const cell = target(from, 16);
    work(2);
    store<u64>(cell, first);
    store<u64>(cell, load<u64>(from, 8), 8);
    store<u64>(from, 0);
    store<u64>(from, (cell as u64) | TAG_LIST, 8);
    return (cell as u64) | TAG_LIST;
  }
  // A pointer instead of a header: moved already.
  if (first & 3) return first;
  const words = headerWords(first) + 1;
  const at = target(from, words << 3);
  if (words > LARGE_WORDS) {
    store<u64>(at, headerOf(SUB_LARGE, words - 1));
    store<u64>(at, from as u64, 8);
    store<u64>(at, first, 16);
    work(3);
  } else {
    work(words);
    store<u64>(at, first);
    for (let i: u32 = 8; i < words << 3; i += 8) store<u64>(at + i, load<u64>(from + i));
  }
  store<u64>(from, (at as u64) | TAG_BOXED);
  return (at as u64) | TAG_BOXED;
}

/** Evacuate what the words of [at, end) point to; raw words must not be among them. */
export function evacuateRange(at: usize, end: usize): void {
  for (let slot = at; slot < end; slot += 8) {
    const word = load<u64>(slot);
    if (isHeapPointer(word)) store<u64>(slot, evacuate(word));
  }
  work(((end - at) >> 3) as u32);
}
/** The same until the work of this slice is done; where it stopped. */
export function evacuateSome(at: usize, end: usize): usize {
  let slot = at;
  for (; slot < end && left > 0; slot += 8) {
    const word = load<u64>(slot);
    if (isHeapPointer(word)) store<u64>(slot, evacuate(word));
    work(1);
  }
  return slot;
}

/** Begin with the large object whose marker is at `at`. */
function beginLarge(state: usize, at: usize): void {
  const header = load<u64>(at, 16);
  store<u32>(state, at as u32, S_LARGE_AT);
  store<u32>(state, load<u32>(at, 8), S_LARGE_FROM);
  store<u32>(state, headerWords(header) + 1, S_LARGE_WORDS);
  store<u32>(state, 1, S_LARGE_NEXT);
  store<u64>(at, header);
}
/** Copy one chunk of the large object under way; with the last one it is like any other. */
function continueLarge(state: usize): void {
  const at = load<u32>(state, S_LARGE_AT) as usize;
  const from = load<u32>(state, S_LARGE_FROM) as usize;
  const start = load<u32>(state, S_LARGE_NEXT);
  const words = load<u32>(state, S_LARGE_WORDS);
  const end = min(start + CHUNK_WORDS, words);
  memory.copy(at + (start << 3), from + (start << 3), (end - start) << 3);
  work((end - start) >> COPIED_SHIFT);
  store<u32>(state, end, S_LARGE_NEXT);
  if (end == words) store<u32>(state, 0, S_LARGE_AT);
}

/**
 * Scan copies from `scan` on; returns where it stopped: at `top` of the area, at a large object
 * whose words are to be copied first, or when work is used up.
 */
function scanArea(state: usize, scan: usize, young: bool): usize {
  let at = scan;
  while ((young ? youngTop : oldTop) > at && left > 0) {
    const word = load<u64>(at);
    if (word & 3) {
      if (isHeapPointer(word)) store<u64>(at, evacuate(word));
      work(1);
      at += 8;
      continue;
    }
    const subtag = headerSubtag(word);
    if (subtag == SUB_LARGE) {
      beginLarge(state, at);
      return at;
    }
    const first = firstTermOf(subtag);
    if (subtag == SUB_MATCH_STATE) {
      evacuateRange(at + 32, at + 40);
      matchStateMoved(at);
      at += 40;
    } else at += (first ? first : headerWords(word) + 1) << 3;
    work(1);
  }
  return at;
}

/** Scan until all copies have been scanned (true) or the work of this slice is done. */
export function scanCopies(state: usize): bool {
  while (left > 0) {
    if (load<u32>(state, S_LARGE_AT)) continueLarge(state);
    else if (oldScan < oldTop) setOldScan(scanArea(state, oldScan, false));
    else if (youngScan < youngTop) setYoungScan(scanArea(state, youngScan, true));
    else return true;
  }
  return false;
}

/**
 * Copies that keep sharing: what occurs several times in a term is copied once, as in literal areas
 * of persistent terms. Messages and objects of tables are copied without (copy.ts), as in OTP.
 *
 * First the objects are found, each once, in the order in which Cheney's method would copy them: a
 * chain of chunks has their addresses, a map from addresses says where the copy of each will be.
 * Then they are copied in that order. Nothing in the term is changed, since literals are read by
 * others, and both walks can be left after any object (vm/walk.ts).
 *
 *   walk (vm/walk.ts) | phase | words | mode | fragment | chunk | index | cursor | last | map |
 *   map:   1,024 tables of 1,024 pages of 512 words {offset of the copy in words + 1}, u32 each
 *   chunk: | next | count | addresses, + 1 for a list cell ... |   u32 each
 */
import { allocate, allocateZeroed, managedBytes, release } from './alloc';
import {
  AS_OTP,
  COPY_LITERALS,
  COPY_RECORD_BYTES,
  MAKE_LITERALS,
  copyObject,
  isCopied,
  objectWords,
  prepareRecord,
  releaseMessage,
} from './copy';
import { FRAGMENT_OFF_HEAP, fragmentData, newFragment } from './heap';
import {
  LITERAL_BIT,
  SUB_MATCH_STATE,
  SUB_SUB_BINARY,
  TAG_BOXED,
  TAG_LIST,
  boxedHeader,
  boxedWord,
  firstTermOf,
  headerSubtag,
  headerWords,
} from './term';
import { putBlockAside, shouldLeave, takeUpBlock } from './walk';
import { WALK_BYTES, WALK_SHARED } from './walk_layout';

const PHASE: u32 = WALK_BYTES;
const WORDS: u32 = WALK_BYTES + 4;
const MODE: u32 = WALK_BYTES + 8;
const FRAGMENT: u32 = WALK_BYTES + 12;
/** Where the walk is: an object of a chunk, and a word of it. */
const CHUNK: u32 = WALK_BYTES + 16;
const INDEX: u32 = WALK_BYTES + 20;
const CURSOR: u32 = WALK_BYTES + 24;
const FIRST: u32 = WALK_BYTES + 28;
const LAST: u32 = WALK_BYTES + 32;
const MAP: u32 = WALK_BYTES + 36;
const SHARED_BYTES: u32 = WALK_BYTES + 40;

const PHASE_FINDING: u32 = 0;
const PHASE_COPYING: u32 = 1;
const PHASE_FREEING: u32 = 2;

const TABLE_BYTES: u32 = 4096;
const PAGE_BYTES: u32 = 2048;
/** Tables in the map, and pages in a table. */
const PAGES: u32 = 1024;
const PAGES_AT_ONCE: u32 = 64;
const FREEING_WORK: i32 = 64;
const CHUNK_OBJECTS: u32 = 254;
const CHUNK_HEADER: u32 = 8;
/** Words of an object that are gone through at a time, and work between two looks. */
const PIECE_WORDS: u32 = 256;
const SLICE_WORK: i32 = 256;

let walk: usize = 0;
let left: i32 = 0;
const record: usize = memory.data(COPY_RECORD_BYTES, 8);

function get(field: u32): u32 {
  return load<u32>(walk + field);
}
function set(field: u32, value: u32): void {
  store<u32>(walk + field, value);
}

/** Words that the copy of the term took, or would take. */
export let sharedWords: u32 = 0;

/**
 * A fragment (copy.ts) with a copy of `t`; 0 with `walkLeft` set when the walk was left, 0 without
 * when there is no memory.
 */
export function sharedInSlices(t: u64, mode: u32): usize {
  if (!find(t, mode) || !copyFound(t, mode) || !freeNotes()) return 0;
  const fragment = get(FRAGMENT) as usize;
  release(walk);
  return fragment;
}
/** Only `sharedWords`, in OTP's words; false as above. */
export function measureShared(t: u64): bool {
  if ((t & 3) == 3) {
    sharedWords = 0;
    return true;
  }
  if (!find(t, AS_OTP) || !freeNotes()) return false;
  release(walk);
  return true;
}

/** The walk is given up: free it, and what has been copied. */
export function endSharedWalk(block: usize): void {
  if (load<u32>(block, FRAGMENT)) releaseMessage(load<u32>(block, FRAGMENT));
  while (!freeSome(block)) {}
  release(block);
}
/** Free the chain and the map of a walk that is over; false when that was left. */
function freeNotes(): bool {
  set(PHASE, PHASE_FREEING);
  while (!freeSome(walk)) {
    left -= FREEING_WORK;
    if (leave()) return false;
  }
  return true;
}
/** Free a chunk, or some pages of the map; true when nothing is left. INDEX counts pages. */
function freeSome(block: usize): bool {
  const chunk = load<u32>(block, FIRST) as usize;
  const map = load<u32>(block, MAP) as usize;
  if (chunk) {
    store<u32>(block, load<u32>(chunk), FIRST);
    store<u32>(block, 0, INDEX);
    release(chunk);
    return false;
  }
  let index = load<u32>(block, INDEX);
  while (index < PAGES * PAGES && !load<u32>(map + ((index >> 10) << 2))) index += PAGES;
  if (index == PAGES * PAGES) {
    release(map);
    return true;
  }
  const table = load<u32>(map + ((index >> 10) << 2)) as usize;
  const end = index + PAGES_AT_ONCE;
  for (let i = index; i < end; i++) release(load<u32>(table + ((i & 1023) << 2)));
  if (!(end & (PAGES - 1))) release(table);
  store<u32>(block, end, INDEX);
  return false;
}

function begin(mode: u32): bool {
  walk = allocateZeroed(SHARED_BYTES);
  if (!walk) return false;
  set(MODE, mode);
  set(MAP, allocateZeroed(TABLE_BYTES) as u32);
  if (get(MAP)) return true;
  release(walk);
  return false;
}
/** Leave the walk, if that must be and can be. */
function leave(): bool {
  if (left > 0) return false;
  left = SLICE_WORK;
  if (!shouldLeave()) return false;
  putBlockAside(walk, WALK_SHARED, 0, 0, 0);
  return true;
}

// ---- the map

/** Address of the map's word for an object, 0 when there is no page yet. */
function place(address: u32): usize {
  const table = load<u32>((get(MAP) as usize) + ((address >> 22) << 2)) as usize;
  if (!table) return 0;
  const page = load<u32>(table + (((address >> 12) & 1023) << 2)) as usize;
  return page ? page + (((address >> 3) & 511) << 2) : 0;
}
/** The same, with a page; 0 without memory. */
function makePlace(address: u32): usize {
  const tableSlot = (get(MAP) as usize) + ((address >> 22) << 2);
  if (!load<u32>(tableSlot)) store<u32>(tableSlot, allocateZeroed(TABLE_BYTES) as u32);
  const table = load<u32>(tableSlot) as usize;
  if (!table) return 0;
  const pageSlot = table + (((address >> 12) & 1023) << 2);
  if (!load<u32>(pageSlot)) store<u32>(pageSlot, allocateZeroed(PAGE_BYTES) as u32);
  return load<u32>(pageSlot) ? place(address) : 0;
}

// ---- finding

/** Find all objects of `t`; false when the walk was left, or without memory. */
function find(t: u64, mode: u32): bool {
  left = SLICE_WORK;
  walk = takeUpBlock(WALK_SHARED);
  if (!walk) {
    if (!begin(mode)) return false;
    if (!visit(t)) return fails();
    set(CHUNK, get(FIRST));
  }
  while (get(PHASE) == PHASE_FINDING && get(CHUNK)) {
    if (leave()) return false;
    if (!visitChildren()) return fails();
  }
  sharedWords = get(WORDS);
  return true;
}
function fails(): bool {
  endSharedWalk(walk);
  return false;
}
/** What a word refers to: the pointer itself, or the binary of a match context. 0 = not copied. */
function pointed(word: u64): u64 {
  let pointer = word;
  while ((pointer & 3) != 3 && isCopied(pointer, get(MODE))) {
    if ((pointer & 3) == TAG_LIST) return pointer;
    if (headerSubtag(boxedHeader(pointer)) != SUB_MATCH_STATE) return pointer;
    pointer = boxedWord(pointer, 4);
  }
  return 0;
}
/** Note the object to which `word` refers, if it is new; false without memory. */
function visit(word: u64): bool {
  left--;
  const pointer = pointed(word);
  if (!pointer) return true;
  const address = (pointer as u32) & ~3;
  const slot = makePlace(address);
  if (!slot) return false;
  if (load<u32>(slot)) return true;
  const list = (pointer & 3) == TAG_LIST;
  const words = list ? 2 : objectWords(address as usize, boxedHeader(pointer), get(MODE));
  store<u32>(slot, get(WORDS) + 1);
  set(WORDS, get(WORDS) + words);
  return get(WORDS) < managedBytes >> 3 && append(address | (list ? 1 : 0));
}
function append(entry: u32): bool {
  let chunk = get(LAST) as usize;
  if (!chunk || load<u32>(chunk, 4) == CHUNK_OBJECTS) {
    const fresh = allocate(CHUNK_HEADER + (CHUNK_OBJECTS << 2));
    if (!fresh) return false;
    store<u64>(fresh, 0);
    if (chunk) store<u32>(chunk, fresh as u32);
    else set(FIRST, fresh as u32);
    set(LAST, fresh as u32);
    chunk = fresh;
  }
  const count = load<u32>(chunk, 4);
  store<u32>(chunk + CHUNK_HEADER + (count << 2), entry);
  store<u32>(chunk, count + 1, 4);
  return true;
}
/** The object that the walk is at. */
function entry(): u32 {
  return load<u32>((get(CHUNK) as usize) + CHUNK_HEADER + (get(INDEX) << 2));
}
function nextObject(): void {
  set(CURSOR, 0);
  set(INDEX, get(INDEX) + 1);
  const chunk = get(CHUNK) as usize;
  if (get(INDEX) < load<u32>(chunk, 4)) return;
  set(CHUNK, load<u32>(chunk));
  set(INDEX, 0);
}
/** The first of an object's words that are terms, or the word behind it. */
function firstTerm(header: u64): u32 {
  const subtag = headerSubtag(header);
  const first = firstTermOf(subtag);
  return first && subtag != SUB_SUB_BINARY ? first : headerWords(header) + 1;
}
/** Visit some of the terms of an object. */
function visitChildren(): bool {
  const from = (entry() & ~1) as usize;
  if (entry() & 1) {
    if (!visit(load<u64>(from)) || !visit(load<u64>(from, 8))) return false;
    nextObject();
    return true;
  }
  const header = load<u64>(from);
  const end = headerWords(header) + 1;
  const start = get(CURSOR) ? get(CURSOR) : firstTerm(header);
  const stop = min(end, start + PIECE_WORDS);
  for (let i = start; i < stop; i++) if (!visit(load<u64>(from + (i << 3)))) return false;
  if (stop == end) nextObject();
  else set(CURSOR, stop);
  return true;
}

// ---- copying

/** Copy what was found into a fragment; false when the walk was left, or without memory. */
function copyFound(t: u64, mode: u32): bool {
  if (get(PHASE) == PHASE_FINDING) {
    const fresh = newFragment(get(WORDS) + 1);
    if (!fresh) return fails();
    store<u32>(fresh, get(WORDS) + 1, 8);
    set(FRAGMENT, fresh as u32);
    set(PHASE, PHASE_COPYING);
    set(CHUNK, get(FIRST));
    set(INDEX, 0);
    set(CURSOR, 0);
    store<u64>(fragmentData(fresh), target(t));
  }
  const fragment = get(FRAGMENT) as usize;
  prepareRecord(record, fragment + FRAGMENT_OFF_HEAP, mode);
  while (get(PHASE) == PHASE_COPYING && get(CHUNK)) {
    if (leave()) return false;
    copyPiece();
  }
  return true;
}
/** The word of the copy for a word of the term. */
function target(word: u64): u64 {
  const pointer = pointed(word);
  if (!pointer) return (word & 3) == 3 || !isMatchState(word) ? word : boxedWord(word, 4);
  const offset = load<u32>(place((pointer as u32) & ~3)) - 1;
  const at = (fragmentData(get(FRAGMENT)) + 8 + (offset << 3)) as u64;
  return at | (pointer & 3) | (get(MODE) & MAKE_LITERALS ? LITERAL_BIT : 0);
}
/** A match context whose binary is not copied. */
function isMatchState(word: u64): bool {
  return (word & 3) == TAG_BOXED && headerSubtag(boxedHeader(word)) == SUB_MATCH_STATE;
}
function copyPiece(): void {
  const from = (entry() & ~1) as usize;
  const at = fragmentData(get(FRAGMENT)) + 8 + ((load<u32>(place(from as u32)) - 1) << 3);
  left -= 4;
  if (entry() & 1) {
    store<u64>(at, target(load<u64>(from)));
    store<u64>(at, target(load<u64>(from, 8)), 8);
    nextObject();
    return;
  }
  const header = load<u64>(from);
  const end = headerWords(header) + 1;
  if (end <= PIECE_WORDS) {
    copyObject(record, from, header, at);
    for (let i = firstTerm(header); i < end; i++)
      store<u64>(at + (i << 3), target(load<u64>(from + (i << 3))));
    left -= end;
    nextObject();
    return;
  }
  const start = get(CURSOR);
  const stop = min(end, start + PIECE_WORDS);
  memory.copy(at + (start << 3), from + (start << 3), (stop - start) << 3);
  for (let i = max(start, firstTerm(header)); i < stop; i++)
    store<u64>(at + (i << 3), target(load<u64>(from + (i << 3))));
  left -= stop - start;
  if (stop == end) nextObject();
  else set(CURSOR, stop);
}

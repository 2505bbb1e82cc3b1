/**
 * How a process gets rid of its pointers into literal areas that are about to go
 * (vm/literal_areas.ts). It is asked in two steps, as a system task that works in slices:
 *
 *   find   all its terms are looked through for such pointers; most processes have none
 *   move   each area that it refers to is copied as a whole, as a fragment of its heap, so that
 *          sharing is kept; then all its pointers are changed, and its heap is collected
 *
 * Its heap is sound at any time: a pointer leads to the literal or to the copy. The process does
 * not run meanwhile; should its heap have been collected, or should it have run, what was found is
 * no longer true, and it begins again.
 *
 *   state: +-------+--------+------+------+-------------+------------+-----------+-------------+
 *          | phase | cursor | node | last | collections | reductions | found u64 | copies[64]  |
 *          +-------+--------+------+------+-------------+------------+-----------+-------------+
 */
import { allocate, release } from './alloc';
import { matchStateMoved } from './binary';
import { releaseMessage } from './copy';
import { pairAddress, pairCount, pairsTogether } from './dictionary';
import { SWEEP_REQUIRED } from './gc_start';
import {
  LINEAR_DOORBELL,
  P_FRAGMENTS,
  P_GC_MINOR_COUNT,
  P_GC_TOTAL_MINOR,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_LIVE,
  P_MAILBOX_FIRST,
  P_MAILBOX_LAST,
  P_OLD_START,
  P_OLD_TOP,
  P_REDUCTIONS,
  P_ROOTS,
  P_SAVED_X,
  P_SEQ_TRACE,
  P_STACK_TOP,
  P_TRAPPED_CALL,
} from './gen/layout';
import {
  FRAGMENT_HEADER,
  FRAGMENT_OFF_HEAP,
  adoptFragment,
  fragmentData,
  newFragment,
} from './heap';
import {
  BATCH_AREAS,
  batchIndex,
  batchOffHeap,
  batchStart,
  batchWords,
  keepBatch,
} from './literal_areas';
import { NODE_FRAGMENT, NODE_TERM, openMessage, openedInPlace } from './mailbox';
import { linkHolder, offHeapNextOf, offHeapObject, retainObject } from './off_heap';
import { ROOT_BLOCK_TERMS } from './roots';
import { chargeReductions } from './state';
import {
  LITERAL_BIT,
  SUB_MATCH_STATE,
  firstTermOf,
  headerSubtag,
  headerWords,
  isImmediate,
} from './term';

const S_PHASE: u32 = 0;
/** Address where the phase is, or the number of a pair of the dictionary. */
const S_CURSOR: u32 = 4;
/** Message whose fragment is being looked through, or 0, and the last message to look at. */
const S_NODE: u32 = 8;
const S_LAST: u32 = 12;
const S_COLLECTIONS: u32 = 16;
const S_REDUCTIONS: u32 = 20;
/** Set of the areas that are referred to, and the copies of each as a fragment, 0 = none. */
const S_FOUND: u32 = 24;
const S_COPIES: u32 = 32;
const STATE_BYTES: u32 = S_COPIES + BATCH_AREAS * 4;

/** Phases: the process's terms are looked through ... */
const PHASE_REGISTERS: u32 = 0;
const PHASE_STACK: u32 = 1;
const PHASE_DICTIONARY: u32 = 2;
const PHASE_ROOT_BLOCKS: u32 = 3;
const PHASE_YOUNG: u32 = 4;
const PHASE_OLD: u32 = 5;
const PHASE_MAILBOX: u32 = 6;
const PHASE_FRAGMENTS: u32 = 7;
const PHASE_FOUND: u32 = 8;
/** ... areas are copied, as far as needed, with what is outside the heap ... */
const PHASE_COPY: u32 = 9;
const PHASE_OFF_HEAP: u32 = 10;
/** ... and its terms are gone through again. Its first phase is that of registers. */
const PHASE_CHANGE: u32 = 11;
const PHASE_CHANGED: u32 = PHASE_CHANGE + PHASE_FOUND;

/** What goOn answers. */
export const MOVE_MORE: u32 = 0;
/** The process has no pointers into the areas, or they have to stay. */
export const MOVE_NOTHING: u32 = 1;
export const MOVE_FOUND: u32 = 2;
/** All pointers are changed: the heap has to be swept. */
export const MOVE_DONE: u32 = 3;

/** Words that are looked through before the doorbell is, and in a turn. */
const SLICE_WORDS: i32 = 1024;
const TURN_SLICES: u32 = 24;
const SLICE_REDUCTIONS: i32 = 4;
/** Words copied at a time; words of work that an item of a list counts as. */
const COPY_WORDS: u32 = 512;
const ITEM_WORK: i32 = 4;

/** The state of a task that has not been left yet. */
const fresh: usize = memory.data(STATE_BYTES, 8);
let state: usize = 0;
let left: i32 = 0;
let changing: bool = false;
let found: u64 = 0;

function get(offset: u32): u32 {
  return load<u32>(state + offset);
}
function set(offset: u32, value: u32): void {
  store<u32>(state + offset, value);
}

/**
 * Go on with a task of the swapped-out process; `slot` is the word that holds its state, 0 at
 * first. `move`: do not only look.
 */
export function goOn(process: usize, slot: usize, move: bool): u32 {
  state = load<u32>(slot) as usize;
  if (!state) {
    state = fresh;
    memory.fill(state, 0, STATE_BYTES);
    begin(process);
  } else if (get(S_COLLECTIONS) != load<u32>(process, P_GC_TOTAL_MINOR) || ran(process)) {
    dropCopies();
    begin(process);
  }
  const outcome = turn(process, move);
  if (outcome == MOVE_MORE) return keepState(slot);
  endMove(slot);
  return outcome;
}
function begin(process: usize): void {
  set(S_COLLECTIONS, load<u32>(process, P_GC_TOTAL_MINOR));
  set(S_REDUCTIONS, load<u32>(process, P_REDUCTIONS));
  enter(PHASE_REGISTERS);
  store<u64>(state, 0, S_FOUND);
}
function ran(process: usize): bool {
  return get(S_REDUCTIONS) != load<u32>(process, P_REDUCTIONS);
}
/** The state that was the first turn's becomes the task's own. */
function keepState(slot: usize): u32 {
  if (state != fresh) return MOVE_MORE;
  const kept = allocate(STATE_BYTES);
  if (!kept) {
    dropCopies();
    keepBatch();
    return MOVE_NOTHING;
  }
  memory.copy(kept, fresh, STATE_BYTES);
  store<u32>(slot, kept as u32);
  return MOVE_MORE;
}
/** The task is over, or its process ends: free its state. */
export function endMove(slot: usize): void {
  const kept = load<u32>(slot) as usize;
  if (!kept) return;
  state = kept;
  dropCopies();
  release(kept);
  store<u32>(slot, 0);
}
/** Copies that are not part of the heap yet. */
function dropCopies(): void {
  for (let i: u32 = 0; i < BATCH_AREAS; i++) {
    const copy = get(S_COPIES + (i << 2)) as usize;
    if (copy && get(S_PHASE) < PHASE_CHANGE) releaseMessage(copy);
    set(S_COPIES + (i << 2), 0);
  }
}

function turn(process: usize, move: bool): u32 {
  for (let i: u32 = 0; i < TURN_SLICES; i++) {
    chargeReductions(SLICE_REDUCTIONS);
    left = SLICE_WORDS;
    const outcome = slice(process, move);
    if (outcome != MOVE_MORE) return outcome;
    if (load<i32>(LINEAR_DOORBELL) > 0) return MOVE_MORE;
  }
  return MOVE_MORE;
}
function slice(process: usize, move: bool): u32 {
  while (left > 0) {
    const phase = get(S_PHASE);
    if (phase == PHASE_CHANGED) return MOVE_DONE;
    if (phase == PHASE_FOUND) {
      if (!load<u64>(state, S_FOUND)) return MOVE_NOTHING;
      if (!move) return MOVE_FOUND;
      if (!makeCopies()) {
        keepBatch();
        return MOVE_NOTHING;
      }
    }
    if (!runPhase(process, phase)) continue;
    if (phase == PHASE_OFF_HEAP) adoptCopies(process);
    enter(phase + 1);
  }
  return MOVE_MORE;
}
function enter(phase: u32): void {
  set(S_PHASE, phase);
  set(S_CURSOR, 0);
  set(S_NODE, 0);
}
/** A step of a phase; true when it is over. */
function runPhase(process: usize, phase: u32): bool {
  if (phase == PHASE_FOUND) return true;
  if (phase == PHASE_COPY) return copyAreas();
  if (phase == PHASE_OFF_HEAP) return copyHolders();
  changing = phase >= PHASE_CHANGE;
  found = load<u64>(state, S_FOUND);
  const over = lookThrough(process, changing ? phase - PHASE_CHANGE : phase);
  if (!changing) store<u64>(state, found, S_FOUND);
  return over;
}

// ---- looking through what a process has

function lookThrough(process: usize, part: u32): bool {
  switch (part) {
    case PHASE_REGISTERS:
      return registers(process);
    case PHASE_STACK:
      return roots(load<u32>(process, P_STACK_TOP), load<u32>(process, P_HEAP_END));
    case PHASE_DICTIONARY:
      return dictionary(process);
    case PHASE_ROOT_BLOCKS:
      return rootBlocks(process);
    case PHASE_YOUNG:
      return area(load<u32>(process, P_HEAP_START), load<u32>(process, P_HEAP_TOP));
    case PHASE_OLD:
      return area(load<u32>(process, P_OLD_START), load<u32>(process, P_OLD_TOP));
    case PHASE_MAILBOX:
      return mailbox(process);
    default:
      return fragments(process);
  }
}
/** The word at `slot` is a term. */
function term(slot: usize): void {
  const word = load<u64>(slot);
  if (!(word & LITERAL_BIT) || !((word + 1) & 2)) return;
  const index = batchIndex((word as u32) & ~3);
  if (index < 0) return;
  if (!changing) {
    found |= (1 as u64) << (index as u64);
    return;
  }
  const copy = get(S_COPIES + ((index as u32) << 2));
  const distance = copy + FRAGMENT_HEADER - (batchStart(index as u32) as u32);
  if (copy) store<u64>(slot, ((word as u32) + distance) as u64);
  // It came from nowhere known: better a lost area than a wrong pointer.
  else keepBatch();
}
/** All words from `at` on are terms, or have no tag. */
function words(at: usize, end: usize): void {
  for (let slot = at; slot < end; slot += 8) term(slot);
  left -= ((end - at) >> 3) as i32;
}
/** The next words of [start, end), all of which are terms or have no tag; true at the end. */
function roots(start: u32, end: u32): bool {
  const from = get(S_CURSOR) ? get(S_CURSOR) : start;
  const to = end - from > COPY_WORDS << 3 ? from + (COPY_WORDS << 3) : end;
  words(from, to);
  set(S_CURSOR, to);
  return to == end;
}
function registers(process: usize): bool {
  const saved = load<u32>(process, P_SAVED_X);
  words(saved, saved + (load<u32>(process, P_LIVE) << 3));
  words(process + P_SEQ_TRACE, process + P_SEQ_TRACE + 8);
  words(process + P_TRAPPED_CALL, process + P_TRAPPED_CALL + 8);
  return true;
}
function dictionary(process: usize): bool {
  const index = get(S_CURSOR);
  const count = pairCount(process);
  if (index == count) return true;
  const pairs = min(pairsTogether(process, index), COPY_WORDS >> 1);
  const from = pairAddress(process, index);
  words(from, from + (pairs << 4));
  set(S_CURSOR, index + pairs);
  return index + pairs == count;
}
function rootBlocks(process: usize): bool {
  const block = (get(S_CURSOR) ? get(S_CURSOR) : load<u32>(process, P_ROOTS)) as usize;
  if (!block) return true;
  words(block + ROOT_BLOCK_TERMS, block + ROOT_BLOCK_TERMS + (load<u32>(block, 4) << 3));
  set(S_CURSOR, load<u32>(block));
  return !load<u32>(block);
}
/** The next objects of [start, end); true at the end. The cursor is between two objects' words. */
function area(start: u32, end: u32): bool {
  let at = (get(S_CURSOR) ? get(S_CURSOR) : start) as usize;
  while ((end as usize) > at && left > 0) {
    left--;
    const word = load<u64>(at);
    if (word & 3) {
      term(at);
      at += 8;
      continue;
    }
    const subtag = headerSubtag(word);
    const first = firstTermOf(subtag);
    if (subtag == SUB_MATCH_STATE) {
      const owner = load<u64>(at, 32);
      term(at + 32);
      if (load<u64>(at, 32) != owner) matchStateMoved(at);
      at += 40;
    } else at += (first ? first : headerWords(word) + 1) << 3;
  }
  set(S_CURSOR, at as u32);
  return at >= (end as usize);
}
function fragmentArea(fragment: u32): bool {
  const start = fragment + FRAGMENT_HEADER;
  return area(start, start + (load<u32>(fragment, 8) << 3));
}
/** S_NODE is the fragment under way, then the next one. */
function fragments(process: usize): bool {
  if (!get(S_NODE)) {
    const first = load<u32>(process, P_FRAGMENTS);
    if (!first) return true;
    set(S_NODE, first);
  }
  if (!fragmentArea(get(S_NODE))) return false;
  left -= ITEM_WORK;
  const next = load<u32>(get(S_NODE));
  set(S_NODE, next);
  set(S_CURSOR, 0);
  return !next;
}
/**
 * Messages up to the one that is the last now: later ones have no pointers into the areas. One that
 * nobody has looked at and that has such pointers becomes part of the heap when they are changed.
 */
function mailbox(process: usize): bool {
  if (!get(S_NODE)) {
    set(S_NODE, load<u32>(process, P_MAILBOX_FIRST));
    set(S_LAST, load<u32>(process, P_MAILBOX_LAST));
  }
  const node = get(S_NODE) as usize;
  if (!node) return true;
  left -= ITEM_WORK;
  if (load<u32>(node, NODE_FRAGMENT)) {
    if (!message(process, node)) return false;
  } else if (!isImmediate(load<u64>(node, NODE_TERM))) {
    const before = load<u64>(node, NODE_TERM);
    term(node + NODE_TERM);
    if (load<u64>(node, NODE_TERM) != before && before & LITERAL_BIT) openedInPlace(process);
  }
  if (node == (get(S_LAST) as usize)) return true;
  set(S_NODE, load<u32>(node));
  set(S_CURSOR, 0);
  return false;
}
/** A message in a fragment of its own; true when it has been looked through. */
function message(process: usize, node: usize): bool {
  const change = changing;
  const before = found;
  changing = false;
  found = 0;
  const over = fragmentArea(load<u32>(node, NODE_FRAGMENT));
  changing = change;
  if (!change) found |= before;
  // What refers to the areas is opened as soon as that is seen: its fragment is gone through later.
  else if (found) {
    term(node + NODE_TERM);
    openMessage(process, node);
    return true;
  }
  return over;
}

// ---- copies of areas

/** Fragments for copies of all areas that are referred to; false when there is no memory. */
function makeCopies(): bool {
  const set64 = load<u64>(state, S_FOUND);
  for (let i: u32 = 0; i < BATCH_AREAS; i++) {
    if (!(set64 & ((1 as u64) << (i as u64)))) continue;
    const copy = newFragment(batchWords(i));
    if (!copy) {
      dropCopies();
      return false;
    }
    set(S_COPIES + (i << 2), copy as u32);
  }
  return true;
}
/** S_NODE counts areas, the cursor the words of one. */
function copyAreas(): bool {
  const index = get(S_NODE);
  if (index == BATCH_AREAS) return true;
  const copy = get(S_COPIES + (index << 2)) as usize;
  const done = get(S_CURSOR);
  const all = copy ? batchWords(index) : 0;
  const count = min(all - done, COPY_WORDS);
  memory.copy(fragmentData(copy) + (done << 3), batchStart(index) + (done << 3), count << 3);
  left -= (count as i32) + ITEM_WORK;
  set(S_CURSOR, done + count);
  if (done + count < all) return false;
  // All its words are filled.
  if (copy) store<u32>(copy, all, 8);
  set(S_NODE, index + 1);
  set(S_CURSOR, 0);
  return false;
}
/** S_NODE counts areas, the cursor is the next holder in the area's list. */
function copyHolders(): bool {
  const index = get(S_NODE);
  if (index == BATCH_AREAS) return true;
  const copy = get(S_COPIES + (index << 2)) as usize;
  let holder = get(S_CURSOR) as usize;
  if (!holder && copy) holder = batchOffHeap(index);
  left -= ITEM_WORK;
  if (holder) {
    const next = offHeapNextOf(load<u64>(holder));
    const copied = fragmentData(copy) + (holder - batchStart(index));
    retainObject(offHeapObject(copied));
    linkHolder(copied, next, copy + FRAGMENT_OFF_HEAP);
    set(S_CURSOR, load<u32>(holder + (next << 3)));
    if (get(S_CURSOR)) return false;
  }
  set(S_NODE, index + 1);
  set(S_CURSOR, 0);
  return false;
}
/** From now on a full sweep is due: old objects may point to the copies. */
function adoptCopies(process: usize): void {
  for (let i: u32 = 0; i < BATCH_AREAS; i++) {
    const copy = get(S_COPIES + (i << 2)) as usize;
    if (copy) adoptFragment(process, copy);
  }
  store<u32>(process, SWEEP_REQUIRED, P_GC_MINOR_COUNT);
}

/**
 * The collector of a process's heap: copying, two generations, in slices (architecture D6).
 *
 *   startCollection   allocates the memory to copy to, and nothing else: if that fails, the heap is as it was
 *   collectSlice      goes on for a bounded amount of work; true when the collection is finished
 *   collectNow        both, to the end
 *
 * The process must be swapped out: HEAP_TOP, STACK_TOP and the live X registers are in its control block, and from the start of a
 * collection to its end nobody else touches its heap, stack, registers or dictionary. Messages that arrive meanwhile are fragments in
 * the mailbox, which the collector leaves alone until they have been opened.
 *
 * Phases (gc_state.ts): roots are evacuated in place (registers, stack, dictionary, opened messages, root blocks); copies are
 * scanned; off-heap lists are swept and fragments freed; the new block is cut to a fitting size and the stack moved to its end.
 */
import { allocate, allocateZeroed, release, shrink } from './alloc';
import { abandonBuild } from './builder';
import { dictionaryRootWords, dictionaryRoots } from './bif/dictionary';
import { evacuate, evacuateRange, scanCopies } from './gc_copy';
import {
  PHASE_DICTIONARY,
  PHASE_DONE,
  PHASE_FIT,
  PHASE_FRAGMENTS,
  PHASE_MAILBOX,
  PHASE_MOVE_STACK,
  PHASE_REGISTERS,
  PHASE_ROOT_BLOCKS,
  PHASE_SCAN,
  PHASE_STACK,
  PHASE_SWEEP,
  STATE_BYTES,
  S_CURSOR,
  S_FULL,
  S_MESSAGES_LEFT,
  S_OLD_END,
  S_OLD_OFF_HEAP,
  S_OLD_SCAN,
  S_OLD_START,
  S_OLD_TOP,
  S_OLD_WEIGHT,
  S_PHASE,
  S_YOUNG_END,
  S_YOUNG_OFF_HEAP,
  S_YOUNG_SCAN,
  S_YOUNG_START,
  S_YOUNG_TOP,
  S_YOUNG_WEIGHT,
  full,
  left,
  loadState,
  oldTop,
  saveState,
  setOldTop,
  work,
  youngTop,
} from './gc_state';
import { abandonLists, sweepBlocks, sweepFragment } from './gc_sweep';
import {
  P_FRAGMENTS,
  P_FRAGMENT_WORDS,
  P_FULLSWEEP_AFTER,
  P_GC_MINOR_COUNT,
  P_GC_NEED,
  P_GC_STATE,
  P_GC_TOTAL_MINOR,
  P_GROUP_LEADER,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_LIVE,
  P_MAILBOX_FIRST,
  P_MAILBOX_OPENED,
  P_MATURE,
  P_MAX_HEAP,
  P_MIN_HEAP,
  P_OFF_HEAP,
  P_OFF_HEAP_WORDS,
  P_OLD_END,
  P_OLD_OFF_HEAP,
  P_OLD_OFF_HEAP_LIMIT,
  P_OLD_OFF_HEAP_WORDS,
  P_OLD_START,
  P_OLD_TOP,
  P_ROOTS,
  P_SAVED_X,
  P_SEQ_TRACE,
  P_STACK_TOP,
  P_TRACE,
} from './gen/layout';
import { FRAGMENT_OFF_HEAP, fragmentNext, releaseFragment } from './heap';
import { oldWords, youngWords, youngWordsMin } from './heap_sizes';
import { NODE_FRAGMENT, NODE_TERM } from './mailbox';
import { releaseList } from './off_heap';
import { freeRootBlocks } from './roots';
import { isHeapPointer } from './term';

/** What startCollection answers. */
export const COLLECTION_STARTED: i32 = 0;
export const COLLECTION_NO_MEMORY: i32 = 1;

/** Stack words visited or moved at a time. */
const STACK_CHUNK_BYTES: u32 = 4096;
/** Words of work that a message or fragment counts as, beside its terms. */
const ITEM_WORK: u32 = 4;
/** Off-heap words that an old generation may keep alive before a full sweep looks for garbage among them. */
const OLD_OFF_HEAP_MIN: u32 = 65536;

function field(process: usize, offset: u32): u32 {
  return load<u32>(process + offset);
}
function setField(process: usize, offset: u32, value: u32): void {
  store<u32>(process + offset, value);
}
function wordsBetween(start: u32, end: u32): u64 {
  return ((end - start) >> 3) as u64;
}

// ---- starting

/** Allocate `wanted` words, or at least `least`; the number of words got is left in `gotWords`. */
let gotWords: u64 = 0;
function allocateWords(wanted: u64, least: u64): usize {
  gotWords = wanted;
  let block: usize = wanted < 0x1fff_ffff ? allocate((wanted << 3) as u32) : 0;
  if (!block && least < 0x1fff_ffff && least < wanted) {
    gotWords = least;
    block = allocate((least << 3) as u32);
  }
  return block;
}

/** Words that survive a collection at most, in the young generation above MATURE and in fragments. */
function youngUsed(process: usize): u64 {
  const fresh = wordsBetween(field(process, P_MATURE), field(process, P_HEAP_TOP));
  return fresh + (field(process, P_FRAGMENT_WORDS) as u64);
}
function matureUsed(process: usize): u64 {
  return wordsBetween(field(process, P_HEAP_START), field(process, P_MATURE));
}
function oldUsed(process: usize): u64 {
  return wordsBetween(field(process, P_OLD_START), field(process, P_OLD_TOP));
}
function stackWords(process: usize): u64 {
  return wordsBetween(field(process, P_STACK_TOP), field(process, P_HEAP_END));
}

/** A full sweep is due: asked for by the count, because promotions do not fit, or because old off-heap memory piled up. */
function fullSweepDue(process: usize): bool {
  if (field(process, P_GC_MINOR_COUNT) >= field(process, P_FULLSWEEP_AFTER)) return true;
  const room = wordsBetween(field(process, P_OLD_TOP), field(process, P_OLD_END));
  if (field(process, P_OLD_START) && matureUsed(process) > room) return true;
  const limit = field(process, P_OLD_OFF_HEAP_LIMIT);
  return field(process, P_OLD_OFF_HEAP_WORDS) > max<u32>(limit, OLD_OFF_HEAP_MIN);
}

/** The old generation to copy to: the present one, a first one, or for a full sweep a new one. False when there is no memory. */
function prepareOld(process: usize, state: usize, sweep: bool): bool {
  let start = field(process, P_OLD_START);
  let end = field(process, P_OLD_END);
  let top = field(process, P_OLD_TOP);
  const promoted = matureUsed(process);
  if (sweep || (!start && promoted)) {
    const most = sweep ? promoted + youngUsed(process) + oldUsed(process) : promoted;
    const block = allocateWords(oldWords(most), most + 1);
    if (!block) return false;
    start = block as u32;
    top = start;
    end = start + ((gotWords as u32) << 3);
  }
  store<u32>(state, start, S_OLD_START);
  store<u32>(state, top, S_OLD_TOP);
  store<u32>(state, top, S_OLD_SCAN);
  store<u32>(state, end, S_OLD_END);
  return true;
}
/** The new young block, large enough whatever survives. */
function prepareYoung(process: usize, state: usize, sweep: bool, need: u32): bool {
  const live = sweep ? 0 : youngUsed(process);
  const stack = stackWords(process);
  const old = oldUsed(process) + matureUsed(process);
  const collections = field(process, P_GC_TOTAL_MINOR);
  const wanted = max<u64>(
    youngWords(live, stack, need as u64, old, collections),
    leastHeap(process),
  );
  const block = allocateWords(wanted, youngWordsMin(live, stack, need as u64));
  if (!block) return false;
  store<u32>(state, block as u32, S_YOUNG_START);
  store<u32>(state, block as u32, S_YOUNG_TOP);
  store<u32>(state, block as u32, S_YOUNG_SCAN);
  store<u32>(state, (block as u32) + ((gotWords as u32) << 3), S_YOUNG_END);
  return true;
}
function leastHeap(process: usize): u64 {
  return field(process, P_MIN_HEAP) as u64;
}

/**
 * Begin a collection of the heap of `process`, at whose end `need` words will be free above the stack reserve. `sweep`: a full sweep,
 * otherwise what is due. COLLECTION_NO_MEMORY leaves everything as it was.
 */
export function startCollection(process: usize, need: u32, sweep: bool): i32 {
  abandonBuild();
  const state = allocateZeroed(STATE_BYTES);
  if (!state) return COLLECTION_NO_MEMORY;
  const whole = sweep || fullSweepDue(process);
  if (!prepareOld(process, state, whole)) {
    release(state);
    return COLLECTION_NO_MEMORY;
  }
  if (!prepareYoung(process, state, whole, need)) {
    const old = load<u32>(state, S_OLD_START);
    if (old != field(process, P_OLD_START)) release(old);
    release(state);
    return COLLECTION_NO_MEMORY;
  }
  store<u32>(state, whole ? 1 : 0, S_FULL);
  if (!whole) {
    // Old holders stay; what is promoted joins them.
    store<u32>(state, field(process, P_OLD_OFF_HEAP), S_OLD_OFF_HEAP);
    store<u32>(state, field(process, P_OLD_OFF_HEAP_WORDS), S_OLD_WEIGHT);
    setField(process, P_OLD_OFF_HEAP, 0);
  }
  store<u32>(state, PHASE_REGISTERS, S_PHASE);
  setField(process, P_GC_NEED, need);
  setField(process, P_GC_STATE, state as u32);
  return COLLECTION_STARTED;
}

// ---- slices

/**
 * Go on with the collection of `process` for about `budget` words of work; true when it is finished (or none is in progress).
 */
export function collectSlice(process: usize, budget: u32): bool {
  const state = field(process, P_GC_STATE) as usize;
  if (!state) return true;
  const limit = budget > 0x3fff_ffff ? 0x3fff_ffff : (budget as i32);
  loadState(state, field(process, P_HEAP_START), field(process, P_MATURE), limit);
  let phase = load<u32>(state, S_PHASE);
  while (left > 0 && phase != PHASE_DONE) {
    if (!runPhase(phase, process, state)) continue;
    phase++;
    store<u32>(state, phase, S_PHASE);
    store<u32>(state, 0, S_CURSOR);
  }
  saveState(state);
  if (phase != PHASE_DONE) return false;
  setField(process, P_GC_STATE, 0);
  release(state);
  return true;
}
/** Collect to the end; false when there is no memory. */
export function collectNow(process: usize, need: u32, sweep: bool): bool {
  if (startCollection(process, need, sweep) != COLLECTION_STARTED) return false;
  while (!collectSlice(process, 0x3fff_ffff)) {}
  return true;
}

/** A bounded step of a phase; true when the phase is over. */
function runPhase(phase: u32, process: usize, state: usize): bool {
  switch (phase) {
    case PHASE_REGISTERS:
      return evacuateRegisters(process);
    case PHASE_STACK:
      return evacuateChunk(state, field(process, P_STACK_TOP), field(process, P_HEAP_END));
    case PHASE_DICTIONARY:
      return evacuateDictionary(process, state);
    case PHASE_MAILBOX:
      return evacuateMessages(process, state);
    case PHASE_ROOT_BLOCKS:
      return evacuateRootBlocks(process, state);
    case PHASE_SCAN:
      return scanCopies(state);
    case PHASE_SWEEP:
      return sweepBlocks(state, process);
    case PHASE_FRAGMENTS:
      return freeFragments(process, state);
    case PHASE_FIT:
      return fitBlocks(process, state);
    default:
      return moveStack(process, state);
  }
}

// ---- roots

function evacuateRegisters(process: usize): bool {
  const registers = field(process, P_SAVED_X) as usize;
  evacuateRange(registers, registers + (field(process, P_LIVE) << 3));
  // EXIT_REASON is never on this heap: it is an atom or in a fragment of its own.
  evacuateRange(process + P_GROUP_LEADER, process + P_GROUP_LEADER + 8);
  evacuateRange(process + P_TRACE, process + P_TRACE + 8);
  evacuateRange(process + P_SEQ_TRACE, process + P_SEQ_TRACE + 8);
  return true;
}
/** The next chunk of the words [start, end); true at the end. */
function evacuateChunk(state: usize, start: u32, end: u32): bool {
  const cursor = load<u32>(state, S_CURSOR);
  const from = cursor ? cursor : start;
  const to = end - from > STACK_CHUNK_BYTES ? from + STACK_CHUNK_BYTES : end;
  evacuateRange(from as usize, to as usize);
  store<u32>(state, to, S_CURSOR);
  return to == end;
}
function evacuateDictionary(process: usize, state: usize): bool {
  const words = dictionaryRootWords(process);
  if (!words) return true;
  const start = dictionaryRoots(process) as u32;
  return evacuateChunk(state, start, start + (words << 3));
}
/**
 * Messages that a receive has looked at are terms of the heap: nodes without a fragment. They are the first ones, unless a receive
 * marker made a receive skip some; their number says when to stop.
 */
function evacuateMessages(process: usize, state: usize): bool {
  if (!load<u32>(state, S_CURSOR)) {
    store<u32>(state, field(process, P_MAILBOX_OPENED), S_MESSAGES_LEFT);
    store<u32>(state, field(process, P_MAILBOX_FIRST), S_CURSOR);
  }
  let node = load<u32>(state, S_CURSOR) as usize;
  let messages = load<u32>(state, S_MESSAGES_LEFT);
  while (node && messages && left > 0) {
    work(ITEM_WORK);
    const word = load<u64>(node, NODE_TERM);
    if (!load<u32>(node, NODE_FRAGMENT) && isHeapPointer(word)) {
      store<u64>(node, evacuate(word), NODE_TERM);
      messages--;
    }
    node = load<u32>(node) as usize;
  }
  store<u32>(state, node as u32, S_CURSOR);
  store<u32>(state, messages, S_MESSAGES_LEFT);
  return !node || !messages;
}
/** Root blocks are small: what a BIF that is interrupted needs (roots.ts). */
function evacuateRootBlocks(process: usize, state: usize): bool {
  let block = load<u32>(state, S_CURSOR) as usize;
  if (!block) block = field(process, P_ROOTS) as usize;
  if (!block) return true;
  evacuateRange(block + 8, block + 8 + (load<u32>(block, 4) << 3));
  const next = load<u32>(block);
  store<u32>(state, next, S_CURSOR);
  return !next;
}

// ---- the end

function freeFragments(process: usize, state: usize): bool {
  const fragment = field(process, P_FRAGMENTS) as usize;
  if (!fragment) {
    setField(process, P_FRAGMENT_WORDS, 0);
    return true;
  }
  if (!sweepFragment(state, process)) return false;
  setField(process, P_FRAGMENTS, fragmentNext(fragment) as u32);
  releaseFragment(fragment);
  work(ITEM_WORK);
  return false;
}
/** Cut the new blocks to fitting sizes. The stack still is in the emptied block. */
function fitBlocks(process: usize, state: usize): bool {
  const oldStart = load<u32>(state, S_OLD_START);
  if (full) {
    release(field(process, P_OLD_START));
    setField(process, P_OLD_START, 0);
    fitOld(state, oldStart);
  }
  const start = load<u32>(state, S_YOUNG_START);
  const live = wordsBetween(start, youngTop as u32);
  const old = wordsBetween(oldStart, oldTop as u32);
  const need = field(process, P_GC_NEED) as u64;
  const collections = field(process, P_GC_TOTAL_MINOR);
  let words = youngWords(live, stackWords(process), need, old, collections);
  words = max<u64>(words, leastHeap(process));
  const end = (start as u64) + (words << 3);
  if (end < (load<u32>(state, S_YOUNG_END) as u64)) {
    shrink(start, (words << 3) as u32);
    store<u32>(state, end as u32, S_YOUNG_END);
  }
  return true;
}
/** Cut the old generation that a full sweep made. */
function fitOld(state: usize, start: u32): void {
  const live = wordsBetween(start, oldTop as u32);
  if (!live) {
    release(start);
    store<u32>(state, 0, S_OLD_START);
    store<u32>(state, 0, S_OLD_END);
    setOldTop(0);
    return;
  }
  const end = (start as u64) + (oldWords(live) << 3);
  if (end >= (load<u32>(state, S_OLD_END) as u64)) return;
  shrink(start, (oldWords(live) << 3) as u32);
  store<u32>(state, end as u32, S_OLD_END);
}
/** The next chunk of the stack to the end of the new block; with the last one, the process gets its new heap. */
function moveStack(process: usize, state: usize): bool {
  const end = field(process, P_HEAP_END);
  const distance = load<u32>(state, S_YOUNG_END) - end;
  const cursor = load<u32>(state, S_CURSOR);
  const from = cursor ? cursor : field(process, P_STACK_TOP);
  const bytes = end - from > STACK_CHUNK_BYTES ? STACK_CHUNK_BYTES : end - from;
  memory.copy((from + distance) as usize, from as usize, bytes);
  work(bytes >> 3);
  store<u32>(state, from + bytes, S_CURSOR);
  if (from + bytes != end) return false;
  release(field(process, P_HEAP_START));
  setField(process, P_STACK_TOP, field(process, P_STACK_TOP) + distance);
  setField(process, P_HEAP_START, load<u32>(state, S_YOUNG_START));
  setField(process, P_HEAP_TOP, youngTop as u32);
  setField(process, P_HEAP_END, load<u32>(state, S_YOUNG_END));
  setField(process, P_MATURE, youngTop as u32);
  setField(process, P_OLD_START, load<u32>(state, S_OLD_START));
  setField(process, P_OLD_TOP, oldTop as u32);
  setField(process, P_OLD_END, load<u32>(state, S_OLD_END));
  account(process, state);
  return true;
}
function account(process: usize, state: usize): void {
  const weight = load<u32>(state, S_OLD_WEIGHT);
  setField(process, P_OFF_HEAP, load<u32>(state, S_YOUNG_OFF_HEAP));
  setField(process, P_OLD_OFF_HEAP, load<u32>(state, S_OLD_OFF_HEAP));
  setField(process, P_OFF_HEAP_WORDS, 0);
  setField(process, P_OLD_OFF_HEAP_WORDS, weight);
  if (full) setField(process, P_OLD_OFF_HEAP_LIMIT, weight > 0x7fff_ffff ? weight : weight << 1);
  setField(process, P_GC_MINOR_COUNT, full ? 0 : field(process, P_GC_MINOR_COUNT) + 1);
  setField(process, P_GC_TOTAL_MINOR, field(process, P_GC_TOTAL_MINOR) + 1);
}

// ---- what others ask

/** Words in the blocks of both generations, with stack and free room: process_info's total_heap_size without fragments. */
export function totalHeapWords(process: usize): u64 {
  const young = wordsBetween(field(process, P_HEAP_START), field(process, P_HEAP_END));
  return young + wordsBetween(field(process, P_OLD_START), field(process, P_OLD_END));
}
/** The heap is larger than max_heap_size allows (asked after a collection). */
export function overMaxHeap(process: usize): bool {
  const limit = load<u64>(process, P_MAX_HEAP);
  return limit != 0 && totalHeapWords(process) > limit;
}

/**
 * Free the heap of a process that is gone: blocks, fragments, root blocks, references to off-heap objects; also in the middle of a
 * collection. The mailbox and the dictionary are freed by their owners.
 */
export function freeProcessHeap(process: usize): void {
  const state = field(process, P_GC_STATE) as usize;
  if (state) abandonCollection(process, state);
  releaseList(process + P_OFF_HEAP);
  releaseList(process + P_OLD_OFF_HEAP);
  let fragment = field(process, P_FRAGMENTS) as usize;
  while (fragment) {
    const next = fragmentNext(fragment);
    releaseList(fragment + FRAGMENT_OFF_HEAP);
    releaseFragment(fragment);
    fragment = next;
  }
  freeRootBlocks(process);
  release(field(process, P_HEAP_START));
  release(field(process, P_OLD_START));
  memory.fill(process + P_HEAP_START, 0, P_GC_STATE - P_HEAP_START);
}
function abandonCollection(process: usize, state: usize): void {
  abandonLists(state, process);
  release(load<u32>(state, S_YOUNG_START));
  const old = load<u32>(state, S_OLD_START);
  if (old != field(process, P_OLD_START)) release(old);
  release(state);
  setField(process, P_GC_STATE, 0);
}

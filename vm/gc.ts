/**
 * The collector of a process's heap: copying, two generations, in slices (architecture D6).
 *
 *   startCollection   allocates the memory to copy to, and nothing else: if that fails, the heap is
 *                     as it was
 *   collectSlice      goes on for a bounded amount of work; true when the collection is finished
 *   collectNow        both, to the end
 *
 * The process must be swapped out: HEAP_TOP, STACK_TOP and the live X registers are in its control
 * block, and from the start of a collection to its end nobody else touches its heap, stack,
 * registers or dictionary. Messages that arrive meanwhile are fragments in the mailbox, which the
 * collector leaves alone until they have been opened.
 *
 * Phases (gc_state.ts): roots are evacuated in place (registers, stack, dictionary, opened
 * messages, root blocks); copies are scanned; off-heap lists are swept and fragments freed; the new
 * block is cut to a fitting size and the stack moved to its end.
 */
import { release } from './alloc';
import { scanCopies } from './gc_copy';
import { fitBlocks, freeFragments, moveStack } from './gc_end';
import { field, setField, wordsBetween } from './gc_fields';
import {
  evacuateChunk,
  evacuateDictionary,
  evacuateMessages,
  evacuateRegisters,
  evacuateRootBlocks,
} from './gc_roots';
import { COLLECTION_STARTED, SWEEP_REQUIRED, startCollection } from './gc_start';
import {
  PHASE_DICTIONARY,
  PHASE_DONE,
  PHASE_FIT,
  PHASE_FRAGMENTS,
  PHASE_MAILBOX,
  PHASE_REGISTERS,
  PHASE_ROOT_BLOCKS,
  PHASE_SCAN,
  PHASE_STACK,
  PHASE_SWEEP,
  S_CURSOR,
  S_OLD_START,
  S_PHASE,
  S_YOUNG_START,
  left,
  loadState,
  saveState,
  work,
} from './gc_state';
import { abandonLists, sweepBlocks } from './gc_sweep';
import {
  P_FRAGMENTS,
  P_GC_MINOR_COUNT,
  P_FLAGS,
  P_FRAGMENT_WORDS,
  P_GC_STATE,
  P_HEAP_END,
  P_HEAP_START,
  P_MATURE,
  P_MAX_HEAP,
  P_OFF_HEAP,
  P_MAILBOX_WORDS,
  P_OLD_END,
  P_OLD_OFF_HEAP,
  P_OLD_START,
  P_OLD_TOP,
  P_STACK_TOP,
} from './gen/layout';
import { FRAGMENT_OFF_HEAP, fragmentNext, releaseFragment } from './heap';
import { releaseList } from './off_heap';
import { FLAG_OFF_HEAP_QUEUE } from './process';
import { freeRootBlocks } from './roots';

export {
  COLLECTION_NO_MEMORY,
  COLLECTION_STARTED,
  startCollection,
  startShrinking,
} from './gc_start';

// ---- slices

/**
 * Go on with the collection of `process` for about `budget` words of work; true when it is finished
 * (or none is in progress).
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
      return evacuateRegisters(process, state);
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

// ---- what others ask

/**
 * Words in the blocks of both generations, with stack and free room: process_info's total_heap_size
 * without fragments.
 */
export function totalHeapWords(process: usize): u64 {
  const young = wordsBetween(field(process, P_HEAP_START), field(process, P_HEAP_END));
  return young + wordsBetween(field(process, P_OLD_START), field(process, P_OLD_END));
}
/**
 * The tuple at `address` is about to get an element that may be younger than itself
 * (set_tuple_element, which compilers use on fresh tuples only). Collectors rely on old objects not
 * pointing to younger ones, so what is no longer fresh needs care: nothing is promoted before the
 * tuple, or the next collection is a full sweep, which copies whatever is reachable.
 */
export function tupleChanges(process: usize, address: u32): void {
  const start = field(process, P_HEAP_START);
  if (address - start < field(process, P_MATURE) - start) setField(process, P_MATURE, start);
  const old = field(process, P_OLD_START);
  if (address - old < field(process, P_OLD_TOP) - old)
    setField(process, P_GC_MINOR_COUNT, SWEEP_REQUIRED);
}
/** The same with fragments, and with the messages that count as heap: not those `off_heap`. */
export function countedHeapWords(process: usize): u64 {
  const words = totalHeapWords(process) + (field(process, P_FRAGMENT_WORDS) as u64);
  if (field(process, P_FLAGS) & FLAG_OFF_HEAP_QUEUE) return words;
  return words + (field(process, P_MAILBOX_WORDS) as u64);
}
/** The heap is larger than max_heap_size allows (asked after a collection). */
export function overMaxHeap(process: usize): bool {
  const limit = load<u64>(process, P_MAX_HEAP);
  return limit != 0 && countedHeapWords(process) > limit;
}

/**
 * Free the heap of a process that is gone: blocks, fragments, root blocks, references to off-heap
 * objects; also in the middle of a collection. The mailbox and the dictionary are freed by their
 * owners.
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
  freeHeapBlocks(process);
}
/** The blocks alone: nothing refers to off-heap objects any more, and there are no fragments. */
export function freeHeapBlocks(process: usize): void {
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

/**
 * Collections of the running process: started at an instruction with its live registers saved, run
 * for one slice at once, and continued by the scheduler in the process's own turns when that does
 * not finish them (architecture D6).
 */
import { CHOICE_COLLECTION_SLICE, choice } from './choices';
import {
  am_gc_major_end,
  am_gc_major_start,
  am_gc_minor_end,
  am_gc_minor_start,
  am_killed,
} from './gen/atoms';
import {
  COLLECTION_STARTED,
  collectSlice,
  countedHeapWords,
  overMaxHeap,
  startCollection,
  startShrinking,
} from './gc';
import { S_FULL } from './gc_state';
import {
  LINEAR_DOORBELL,
  LINEAR_X_REGISTERS,
  P_FLAGS,
  P_FRAGMENT_WORDS,
  P_GC_BEFORE,
  P_GC_BEGAN,
  P_GC_MINOR_COUNT,
  P_GC_STATE,
  P_HEAP_START,
  P_HEAP_TOP,
  P_LIVE,
  P_MAX_HEAP_FLAGS,
  P_OLD_START,
  P_OLD_TOP,
  P_SAVED_X,
} from './gen/layout';
import { now } from './host';
import { FLAG_COLLECTING, FLAG_HIBERNATING, FLAG_SHRUNK } from './process';
import { reportMaxHeap } from './report';
import { enqueueWork } from './run_queue';
import { killForMemory, requeueCollecting } from './scheduler';
import { setPendingExit } from './signals';
import { chargeReductions, current } from './state';
import { loadRegisters, saveRegisters, swapOut } from './swap';
import { mayTrace, tellCollection } from './trace/events';
import { collectionEnded, monitoring } from './trace/system_monitor';

/** Words of work in one slice of a collection: fewer instructions than a pause may have. */
const SLICE_WORDS: u32 = 320;
/** Slices in one turn, unless the doorbell rings: about the time of a slice of reductions. */
const TURN_SLICES: u32 = 76;
const MAX_HEAP_KILL: u32 = 1;
const MAX_HEAP_LOG: u32 = 2;
/** Reductions that a slice counts as. */
const SLICE_REDUCTIONS: i32 = 1;

/** Slices since the start; each takes about as long as so many reductions. */
let sliceCount: u64 = 0;
const SLICE_WORK: u64 = 50;

/** What collections have done since the start, in reductions. */
export function collectionWork(): u64 {
  return sliceCount * SLICE_WORK;
}

/** Collections since the start, and the words that they have freed. */
export let collectionCount: u64 = 0;
export let reclaimedWords: u64 = 0;

/** Words in use on the heap of a swapped-out process. */
function usedWords(process: usize): u64 {
  const young = load<u32>(process, P_HEAP_TOP) - load<u32>(process, P_HEAP_START);
  const old = load<u32>(process, P_OLD_TOP) - load<u32>(process, P_OLD_START);
  return (((young + old) >> 3) as u64) + (load<u32>(process, P_FRAGMENT_WORDS) as u64);
}
function collectionStarts(process: usize): void {
  collectionCount++;
  store<u32>(process, usedWords(process) as u32, P_GC_BEFORE);
  if (monitoring) store<u32>(process, (now() / 1000000) as u32, P_GC_BEGAN);
  if (mayTrace(process)) {
    const whole = load<u32>(load<u32>(process, P_GC_STATE), S_FULL) != 0;
    tellCollection(process, whole ? am_gc_major_start : am_gc_minor_start, 0);
  }
}
function collectionEnds(process: usize): void {
  const before = load<u32>(process, P_GC_BEFORE) as u64;
  const after = usedWords(process);
  const freed = before > after ? before - after : 0;
  reclaimedWords += freed;
  if (mayTrace(process)) {
    const whole = load<u32>(process, P_GC_MINOR_COUNT) == 0;
    tellCollection(process, whole ? am_gc_major_end : am_gc_minor_end, freed);
  }
  if (monitoring)
    collectionEnded(process, (now() / 1000000 - load<u32>(process, P_GC_BEGAN)) * 1000000);
}

/** Work of a slice that the simulator makes short: things happen to half-collected processes. */
const SHORT_SLICE_WORDS: u32 = 200;

/**
 * The slices of one turn, or one that the simulator makes short; true when the collection is
 * finished.
 */
function collectTurn(process: usize): bool {
  if (choice(CHOICE_COLLECTION_SLICE, 4) == 1) return collectSlice(process, SHORT_SLICE_WORDS);
  for (let i: u32 = 0; i < TURN_SLICES; i++) {
    chargeReductions(SLICE_REDUCTIONS);
    sliceCount++;
    if (collectSlice(process, SLICE_WORDS)) return true;
    if (load<i32>(LINEAR_DOORBELL) > 0) return false;
  }
  return false;
}
/**
 * Collect the running process so that `words` words are free, with `live` X registers as roots;
 * `full`: a full sweep. True: done, registers are loaded and the process goes on. False: it left
 * the processor and goes on at `pc` later, or it was killed.
 */
export function collectRunning(pc: usize, words: u32, live: u32, full: bool): bool {
  if (!swapOut(pc, live) || startCollection(current, words, full) != 0) {
    killForMemory();
    return false;
  }
  if (!collectFirstTurn(current) || !obeysMaxHeap(current)) {
    requeueCollecting();
    return false;
  }
  loadRegisters();
  memory.copy(LINEAR_X_REGISTERS, load<u32>(current, P_SAVED_X), load<u32>(current, P_LIVE) << 3);
  return true;
}

/** Collect because garbage piled up outside the heap; as collectRunning. */
export function collectSafe(pc: usize, live: u32): bool {
  return collectRunning(pc, 0, live, false);
}

/** The first turn of a collection that has started; true when it is finished. */
function collectFirstTurn(process: usize): bool {
  collectionStarts(process);
  if (collectTurn(process)) {
    collectionEnds(process);
    return true;
  }
  store<u32>(process, load<u32>(process, P_FLAGS) | FLAG_COLLECTING, P_FLAGS);
  return false;
}

/**
 * After a collection of the swapped-out current process: when its heap is larger than
 * max_heap_size, report it, as its flags say, and have it killed. False when it is to die.
 */
function obeysMaxHeap(process: usize): bool {
  if (!overMaxHeap(process)) return true;
  const flags = load<u32>(process, P_MAX_HEAP_FLAGS);
  if (flags & MAX_HEAP_LOG) {
    loadRegisters();
    reportMaxHeap(process, countedHeapWords(process));
    saveRegisters();
  }
  if (!(flags & MAX_HEAP_KILL)) return true;
  setPendingExit(process, am_killed);
  return false;
}

/** One more turn for a swapped-out process; true when the collection is finished. */
export function continueCollection(process: usize): bool {
  if (!collectTurn(process)) return false;
  store<u32>(process, load<u32>(process, P_FLAGS) & ~FLAG_COLLECTING, P_FLAGS);
  collectionEnds(process);
  obeysMaxHeap(process);
  return true;
}

/**
 * Collect the swapped-out current process because somebody asked for it. False: it is not finished,
 * and goes on in the process's next turns. Without memory to copy to, the heap stays as it is.
 */
export function collectForTask(process: usize, full: bool): bool {
  if (startCollection(process, 0, full) != COLLECTION_STARTED) return true;
  if (!collectFirstTurn(process)) return false;
  obeysMaxHeap(process);
  return true;
}
/**
 * The same when its literals have been moved: the heap is swept, and if it hibernates cut down to
 * what lives.
 */
export function collectMoved(process: usize): bool {
  if (!(load<u32>(process, P_FLAGS) & FLAG_HIBERNATING)) return collectForTask(process, true);
  if (startShrinking(process) != COLLECTION_STARTED) return true;
  store<u32>(process, load<u32>(process, P_FLAGS) | FLAG_SHRUNK, P_FLAGS);
  return collectFirstTurn(process);
}
/**
 * The same for a process that hibernates: its heap is cut down to what lives. Until that is done
 * it stands in its queue, although it waits.
 */
export function collectHibernating(process: usize): void {
  if (startShrinking(process) != COLLECTION_STARTED) return;
  store<u32>(process, load<u32>(process, P_FLAGS) | FLAG_SHRUNK, P_FLAGS);
  if (!collectFirstTurn(process)) enqueueWork(process);
}

/**
 * How a collection begins: whether it is a full sweep, how much memory it needs to copy to, and
 * that this memory is there.
 */
import { allocate, allocateZeroed, release } from './alloc';
import { abandonBuild } from './builder';
import { field, leastHeap, rootsOutside, setField, stackWords, wordsBetween } from './gc_fields';
import {
  PHASE_REGISTERS,
  STATE_BYTES,
  S_FULL,
  S_OLD_END,
  S_OLD_OFF_HEAP,
  S_OLD_SCAN,
  S_OLD_START,
  S_OLD_TOP,
  S_OLD_WEIGHT,
  S_PHASE,
  S_SHRINK,
  S_YOUNG_END,
  S_YOUNG_SCAN,
  S_YOUNG_START,
  S_YOUNG_TOP,
} from './gc_state';
import { CHOICE_FULL_SWEEP, choice } from './choices';
import {
  P_FRAGMENT_WORDS,
  P_FULLSWEEP_AFTER,
  P_GC_MINOR_COUNT,
  P_GC_NEED,
  P_GC_STATE,
  P_GC_TOTAL_MINOR,
  P_HEAP_START,
  P_HEAP_TOP,
  P_MATURE,
  P_OLD_END,
  P_OLD_OFF_HEAP,
  P_OLD_OFF_HEAP_LIMIT,
  P_OLD_OFF_HEAP_WORDS,
  P_OLD_START,
  P_OLD_TOP,
} from './gen/layout';
import { oldWords, youngWords, youngWordsMin } from './heap_sizes';

/** What startCollection answers. */
export const COLLECTION_STARTED: i32 = 0;
export const COLLECTION_NO_MEMORY: i32 = 1;

/** In GC_MINOR_COUNT: the next collection must be a full sweep (see tupleChanges). */
export const SWEEP_REQUIRED: u32 = 0xffff_ffff;
/**
 * Off-heap words that an old generation may keep alive before a full sweep looks for garbage among
 * them.
 */
const OLD_OFF_HEAP_MIN: u32 = 65536;

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

/**
 * Words that survive a collection at most, in the young generation above MATURE and in fragments.
 */
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

/**
 * A full sweep is due: asked for by the count, because promotions do not fit, or because old
 * off-heap memory piled up.
 */
function fullSweepDue(process: usize): bool {
  if (field(process, P_GC_MINOR_COUNT) >= field(process, P_FULLSWEEP_AFTER)) return true;
  const room = wordsBetween(field(process, P_OLD_TOP), field(process, P_OLD_END));
  if (field(process, P_OLD_START) && matureUsed(process) > room) return true;
  const limit = field(process, P_OLD_OFF_HEAP_LIMIT);
  return field(process, P_OLD_OFF_HEAP_WORDS) > max<u32>(limit, OLD_OFF_HEAP_MIN);
}

/**
 * The old generation to copy to: the present one, a first one, or for a full sweep a new one. False
 * when there is no memory.
 */
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
  const outside = rootsOutside(process);
  const wanted = load<u32>(state, S_SHRINK)
    ? youngWordsMin(live, stack, 0)
    : max<u64>(
        youngWords(live, stack, need as u64, old, collections) + (outside >> 3),
        leastHeap(process),
      );
  // With next to no free room the process would collect again at once, and for ever: then memory
  // is exhausted for it.
  const least = youngWordsMin(live, stack, need as u64);
  const block = allocateWords(wanted, min<u64>(wanted, least + ((least + outside) >> 4)));
  if (!block) return false;
  store<u32>(state, block as u32, S_YOUNG_START);
  store<u32>(state, block as u32, S_YOUNG_TOP);
  store<u32>(state, block as u32, S_YOUNG_SCAN);
  store<u32>(state, (block as u32) + ((gotWords as u32) << 3), S_YOUNG_END);
  return true;
}

/** Allocate what is copied to; false, with nothing kept, when there is no memory. */
function prepare(process: usize, state: usize, sweep: bool, need: u32): bool {
  if (!prepareOld(process, state, sweep)) return false;
  if (prepareYoung(process, state, sweep, need)) return true;
  const old = load<u32>(state, S_OLD_START);
  if (old != field(process, P_OLD_START)) release(old);
  return false;
}
/**
 * The least that may help when memory is short: a minor collection that promotes nothing, so that
 * the old generation, full or not, stays as it is. MATURE is put back when even that fails.
 */
function prepareLeast(process: usize, state: usize, need: u32): bool {
  const mature = field(process, P_MATURE);
  setField(process, P_MATURE, field(process, P_HEAP_START));
  if (prepare(process, state, false, need)) return true;
  setField(process, P_MATURE, mature);
  return false;
}

/**
 * Begin a collection of the heap of `process`, at whose end `need` words will be free above the
 * stack reserve. `sweep`: a full sweep, otherwise what is due and can be afforded.
 * COLLECTION_NO_MEMORY leaves everything as it was.
 */
export function startCollection(process: usize, need: u32, sweep: bool): i32 {
  abandonBuild();
  const state = allocateZeroed(STATE_BYTES);
  return state ? start(process, state, need, sweep) : COLLECTION_NO_MEMORY;
}
/** The same for a full sweep that leaves no free room. */
export function startShrinking(process: usize): i32 {
  abandonBuild();
  const state = allocateZeroed(STATE_BYTES);
  if (!state) return COLLECTION_NO_MEMORY;
  store<u32>(state, 1, S_SHRINK);
  return start(process, state, 0, true);
}
function start(process: usize, state: usize, need: u32, sweep: bool): i32 {
  const required = sweep || field(process, P_GC_MINOR_COUNT) == SWEEP_REQUIRED;
  let whole = required || fullSweepDue(process) || choice(CHOICE_FULL_SWEEP, 8) == 1;
  if (!prepare(process, state, whole, need)) {
    whole = false;
    if (required || !prepareLeast(process, state, need)) {
      release(state);
      return COLLECTION_NO_MEMORY;
    }
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

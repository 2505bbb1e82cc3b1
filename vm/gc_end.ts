/**
 * The end of a collection, in steps of bounded work that answer true at the end: fragments are
 * freed, the new blocks cut to fitting sizes, the stack moved; then the process gets its new heap.
 */
import { release, shrink } from './alloc';
import { field, leastHeap, rootsOutside, setField, stackWords, wordsBetween } from './gc_fields';
import { ITEM_WORK, STACK_CHUNK_BYTES } from './gc_roots';
import {
  S_CURSOR,
  S_OLD_END,
  S_OLD_OFF_HEAP,
  S_OLD_START,
  S_OLD_WEIGHT,
  S_SHRINK,
  S_YOUNG_END,
  S_YOUNG_OFF_HEAP,
  S_YOUNG_START,
  full,
  oldTop,
  setOldTop,
  work,
  youngTop,
} from './gc_state';
import { sweepFragment } from './gc_sweep';
import {
  P_FRAGMENTS,
  P_FRAGMENT_WORDS,
  P_GC_MINOR_COUNT,
  P_GC_NEED,
  P_GC_TOTAL_MINOR,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_MATURE,
  P_OFF_HEAP,
  P_OFF_HEAP_WORDS,
  P_OLD_END,
  P_OLD_OFF_HEAP,
  P_OLD_OFF_HEAP_LIMIT,
  P_OLD_OFF_HEAP_WORDS,
  P_OLD_START,
  P_OLD_TOP,
  P_STACK_TOP,
} from './gen/layout';
import { fragmentNext, releaseFragment } from './heap';
import { oldWords, youngWords, youngWordsMin } from './heap_sizes';

export function freeFragments(process: usize, state: usize): bool {
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
export function fitBlocks(process: usize, state: usize): bool {
  if (full) {
    release(field(process, P_OLD_START));
    setField(process, P_OLD_START, 0);
    fitOld(state, load<u32>(state, S_OLD_START));
  }
  // Nothing may have survived: then there is no old generation.
  const oldStart = load<u32>(state, S_OLD_START);
  const start = load<u32>(state, S_YOUNG_START);
  const live = wordsBetween(start, youngTop as u32);
  const old = wordsBetween(oldStart, oldTop as u32);
  const need = field(process, P_GC_NEED) as u64;
  const collections = field(process, P_GC_TOTAL_MINOR);
  let words = youngWordsMin(live, stackWords(process), 0);
  if (!load<u32>(state, S_SHRINK)) {
    words = youngWords(live, stackWords(process), need, old, collections);
    words = max<u64>(words + (rootsOutside(process) >> 3), leastHeap(process));
  }
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
  const words = load<u32>(state, S_SHRINK) ? live : oldWords(live);
  const end = (start as u64) + (words << 3);
  if (end >= (load<u32>(state, S_OLD_END) as u64)) return;
  shrink(start, (words << 3) as u32);
  store<u32>(state, end as u32, S_OLD_END);
}
/**
 * The next chunk of the stack to the end of the new block; with the last one, the process gets its
 * new heap.
 */
export function moveStack(process: usize, state: usize): bool {
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

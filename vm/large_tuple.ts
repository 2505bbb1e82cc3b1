/**
 * Large tuples, filled in steps that may be left (vm/walk.ts). Until it is complete, the object is
 * a binary of as many words, so that whoever walks the heap steps over it; its address and the
 * number of elements that it has are the state of the walk. A BIF that was left runs again from its
 * start: what it has filled already is skipped.
 */
import { hAlloc } from './heap';
import { SUB_HEAP_BINARY, SUB_TUPLE, boxedOf, headerOf, headerWords } from './term';
import { putAside, shouldLeave, takeUp, walkA, walkB, walkC } from './walk';
import { WALK_FILL } from './walk_layout';
import { mark } from './work_stack';

/** Tuples of more elements are built here. */
export const LARGE_ARITY: u32 = 2048;
const SLICE_ELEMENTS: u32 = 1024;

/** The tuple under construction, and how many of its elements it has. */
let tuple: usize = 0;
let filled: u32 = 0;
/** What the BIF wants to remember besides. */
export let largeState: u64 = 0;

/** The BIF was left while it filled a tuple: that is taken up. */
export function resumeLarge(): bool {
  if (!takeUp(WALK_FILL)) return false;
  tuple = walkA as usize;
  filled = walkB as u32;
  largeState = walkC;
  return true;
}
/** A new tuple; false when there is no memory. */
export function beginLarge(arity: u32): bool {
  tuple = hAlloc(arity + 1);
  if (!tuple) return false;
  store<u64>(tuple, headerOf(SUB_HEAP_BINARY, arity));
  store<u64>(tuple, ((arity - 1) as u64) << 3, 8);
  filled = 0;
  largeState = 0;
  return true;
}
/** True when the BIF must return `leaveWalk()`. */
function left(): bool {
  return shouldLeave() && putAside(WALK_FILL, mark(), tuple as u64, filled as u64, largeState);
}

/** Fill up to `end` elements with those at `from`, that of element 1; false when left. */
export function fillFrom(from: usize, end: u32): bool {
  while (filled < end) {
    const count = min(end - filled, SLICE_ELEMENTS);
    memory.copy(tuple + 8 + (filled << 3), from + (filled << 3), count << 3);
    filled += count;
    if (left()) return false;
  }
  return true;
}
/** Fill up to `end` elements with `value`; false when left. */
export function fillWith(value: u64, end: u32): bool {
  while (filled < end) {
    const stop = min(end, filled + SLICE_ELEMENTS);
    for (; filled < stop; filled++) store<u64>(tuple + 8 + (filled << 3), value);
    if (left()) return false;
  }
  return true;
}
/** Fill up to `end` elements with those of a list, whose rest is `largeState`; false when left. */
export function fillFromList(end: u32): bool {
  while (filled < end) {
    const stop = min(end, filled + SLICE_ELEMENTS);
    for (; filled < stop; filled++) {
      const cell = largeState as u32;
      store<u64>(tuple + 8 + (filled << 3), load<u64>(cell - 1));
      largeState = load<u64>(cell, 7);
    }
    if (left()) return false;
  }
  return true;
}
/** Set element `index`, from 1, whether it has been filled or comes next. */
export function setLarge(index: u32, value: u64): void {
  store<u64>(tuple + (index << 3), value);
  if (filled + 1 == index) filled = index;
}
/** Remember a state after a step of the BIF's own; false when it must be left. */
export function stayLarge(state: u64): bool {
  largeState = state;
  return !left();
}
/** Elements that the tuple will have. */
export function largeArity(): u32 {
  return headerWords(load<u64>(tuple));
}
/** The tuple is complete. */
export function endLarge(arity: u32): u64 {
  store<u64>(tuple, headerOf(SUB_TUPLE, arity));
  return boxedOf(tuple);
}

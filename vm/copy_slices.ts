/** Messages, copied in slices when they are large and the caller can be left (vm/walk.ts). */
import {
  COPY_LITERALS,
  COPY_RECORD_BYTES,
  TOO_LARGE,
  beginCopy,
  continueCopy,
  copyTermIn,
  fragmentRoot,
  sizeOf,
} from './copy';
import { FRAGMENT_OFF_HEAP, fragmentData, fragmentWords, newFragment } from './heap';
import { NIL, boxedAddress, tupleArity } from './term';
import { copyUnderWay, shouldLeave, putCopyAside, takeUpCopy, walkLeft } from './walk';
import { WALK_COPY } from './walk_layout';

/** Words scanned between two looks at the doorbell. */
export const SLICE_WORDS: u32 = 192;

const record: usize = memory.data(COPY_RECORD_BYTES, 8);

/**
 * As copyToFragment. 0 with `walkLeft` set when the walk was left, 0 without when there is no
 * memory.
 */
export function copyInSlices(t: u64): usize {
  const words = copyUnderWay() ? 0 : sizeOf(t, 0);
  return walkLeft ? 0 : copySized(t, words);
}

// ---- a term that will be the last element of a message, which is not known yet or may change

/** Words that copyAhead leaves free for the rest of the message. */
const AROUND_WORDS: u32 = 32;

/**
 * As copyInSlices, literals included, since it may outlive their module, and with room for what
 * wrapCopy puts around the copy.
 */
export function copyAhead(t: u64): usize {
  const words = copyUnderWay() ? 0 : sizeOf(t, COPY_LITERALS);
  return walkLeft ? 0 : copySizedIn(COPY_LITERALS, t, words, AROUND_WORDS);
}
/**
 * Make of the fragment, whose root is a copy made ahead, the message `tuple`, of which that is the
 * last element. False when the rest is too large; the fragment is then as it was.
 */
export function wrapCopy(fragment: usize, tuple: u64): bool {
  const last = boxedAddress(tuple) + (tupleArity(tuple) << 3);
  const term = load<u64>(last);
  store<u64>(last, NIL);
  const words = sizeOf(tuple, COPY_LITERALS);
  const used = load<u32>(fragment, 8);
  const fits = words <= AROUND_WORDS && used + words <= fragmentWords(fragment);
  if (fits) {
    const data = fragmentData(fragment);
    const slot = fragment + FRAGMENT_OFF_HEAP;
    const copy = copyTermIn(COPY_LITERALS, tuple, data + (used << 3), 0, slot);
    store<u64>(boxedAddress(copy) + (tupleArity(tuple) << 3), fragmentRoot(fragment));
    store<u64>(data, copy);
    store<u32>(fragment, used + words, 8);
  }
  store<u64>(last, term);
  return fits;
}
/** As copyInSlices for a term of which sizeOf has given the words, unless a copy is under way. */
export function copySized(t: u64, words: u32): usize {
  return copySizedIn(0, t, words, 0);
}
function copySizedIn(mode: u32, t: u64, words: u32, room: u32): usize {
  let fragment = takeUpCopy(WALK_COPY, record);
  if (!fragment) {
    if (words == TOO_LARGE) return 0;
    fragment = newFragment(words + 1 + room);
    if (!fragment) return 0;
    store<u32>(fragment, words + 1, 8);
    const data = fragmentData(fragment);
    store<u64>(data, beginCopy(record, t, data + 8, fragment + FRAGMENT_OFF_HEAP, mode));
  }
  while (!continueCopy(record, SLICE_WORDS))
    if (shouldLeave() && putCopyAside(WALK_COPY, fragment, record, 0)) return 0;
  return fragment;
}

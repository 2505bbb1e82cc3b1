/** Messages, copied in slices when they are large and the caller can be left (vm/walk.ts). */
import { COPY_RECORD_BYTES, TOO_LARGE, beginCopy, continueCopy, sizeOf } from './copy';
import { FRAGMENT_OFF_HEAP, fragmentData, newFragment } from './heap';
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
/** As copyInSlices for a term of which sizeOf has given the words, unless a copy is under way. */
export function copySized(t: u64, words: u32): usize {
  let fragment = takeUpCopy(WALK_COPY, record);
  if (!fragment) {
    if (words == TOO_LARGE) return 0;
    fragment = newFragment(words + 1);
    if (!fragment) return 0;
    store<u32>(fragment, words + 1, 8);
    const data = fragmentData(fragment);
    store<u64>(data, beginCopy(record, t, data + 8, fragment + FRAGMENT_OFF_HEAP, 0));
  }
  while (!continueCopy(record, SLICE_WORDS))
    if (shouldLeave() && putCopyAside(WALK_COPY, fragment, record, 0)) return 0;
  return fragment;
}

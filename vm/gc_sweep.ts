/**
 * The collector's care for off-heap objects. Every list of the emptied memory is gone through: a
 * holder (RefcBinary, magic Reference) that has been moved joins the list of the generation where
 * it lives now, one that has not drops its reference.
 *
 * Holders are taken off their list one by one, so that at any moment each holder is in exactly one
 * list, old or new: a process may be killed in the middle of its collection (see abandonLists).
 */
import { P_FRAGMENTS, P_OFF_HEAP, P_OLD_OFF_HEAP } from './gen/layout';
import {
  S_OLD_END,
  S_OLD_OFF_HEAP,
  S_OLD_START,
  S_OLD_WEIGHT,
  S_YOUNG_OFF_HEAP,
  S_YOUNG_WEIGHT,
  full,
  left,
  work,
} from './gc_state';
import { FRAGMENT_OFF_HEAP } from './heap';
import { linkHolder, offHeapNextOf, offHeapWeight, releaseHolder, releaseList } from './off_heap';

/** Words of work that one holder counts as. */
const HOLDER_WORK: u32 = 4;

/** Where the holder at `from` has been moved, or 0. */
function movedTo(from: usize): usize {
  const first = load<u64>(from);
  return first & 3 ? (((first as u32) & ~3) as usize) : 0;
}
/** Where the holder is now. */
export function holderNow(holder: usize): usize {
  const moved = movedTo(holder);
  return moved ? moved : holder;
}
/** Its next one: in the copy if it has been moved, because that is where the header is. */
export function nextHolder(holder: usize): u32 {
  const header = load<u64>(holderNow(holder));
  return load<u32>(holder + (offHeapNextOf(header) << 3));
}

/** Take up to the slice's work of holders off the list at `slot`; true when it is empty. */
export function sweepList(state: usize, slot: usize): bool {
  const oldStart = load<u32>(state, S_OLD_START);
  const oldBytes = load<u32>(state, S_OLD_END) - oldStart;
  while (load<u32>(slot)) {
    if (left <= 0) return false;
    work(HOLDER_WORK);
    const holder = load<u32>(slot) as usize;
    store<u32>(slot, nextHolder(holder));
    const at = movedTo(holder);
    if (!at) {
      releaseHolder(holder);
      continue;
    }
    const old = (at as u32) - oldStart < oldBytes;
    linkHolder(at, offHeapNextOf(load<u64>(at)), state + (old ? S_OLD_OFF_HEAP : S_YOUNG_OFF_HEAP));
    const weight = state + (old ? S_OLD_WEIGHT : S_YOUNG_WEIGHT);
    store<u32>(weight, load<u32>(weight) + offHeapWeight(at));
  }
  return true;
}
/** Sweep the lists of the emptied heap blocks. */
export function sweepBlocks(state: usize, process: usize): bool {
  if (!sweepList(state, process + P_OFF_HEAP)) return false;
  return !full || sweepList(state, process + P_OLD_OFF_HEAP);
}
/** Sweep the list of the first fragment. */
export function sweepFragment(state: usize, process: usize): bool {
  return sweepList(state, load<u32>(process, P_FRAGMENTS) + FRAGMENT_OFF_HEAP);
}

/**
 * The process is killed in the middle of a collection: drop all references of the list at `slot`,
 * moved holders or not.
 */
function abandonList(slot: usize): void {
  while (load<u32>(slot)) {
    const holder = load<u32>(slot) as usize;
    store<u32>(slot, nextHolder(holder));
    releaseHolder(holderNow(holder));
  }
}
export function abandonLists(state: usize, process: usize): void {
  abandonList(process + P_OFF_HEAP);
  // In a full sweep its holders may have been moved, in a minor collection the state has taken the
  // list over.
  if (load<u32>(process, P_OLD_OFF_HEAP)) abandonList(process + P_OLD_OFF_HEAP);
  let fragment = load<u32>(process, P_FRAGMENTS) as usize;
  while (fragment) {
    abandonList(fragment + FRAGMENT_OFF_HEAP);
    fragment = load<u32>(fragment);
  }
  releaseList(state + S_YOUNG_OFF_HEAP);
  releaseList(state + S_OLD_OFF_HEAP);
}

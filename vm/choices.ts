/**
 * What a seed of the simulator may decide (host.choose): places where the VM may legally do one
 * thing or another. On metal every answer is 0, the usual thing. A new place gets a number of its
 * own, so that older seeds keep their meaning.
 */
import { choose } from './host';

/** How much room a collection leaves: 0 as usual, 1 a little, 2 hardly any. */
export const CHOICE_HEAP_ROOM: u32 = 1;
/** 1: this collection is a full sweep. */
export const CHOICE_FULL_SWEEP: u32 = 2;
/** 1: this slice of a collection is a short one. */
export const CHOICE_COLLECTION_SLICE: u32 = 3;

export function choice(place: u32, count: u32): u32 {
  return choose(place, count);
}

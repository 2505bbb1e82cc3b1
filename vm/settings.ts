/** What erlang:system_flag/2 sets for the whole system. */
import { BINARY_HEAP_DEFAULT, FULLSWEEP_AFTER_DEFAULT, MIN_HEAP_DEFAULT } from './process';

/** What new processes begin with. */
export let fullsweepAfterSetting: u32 = FULLSWEEP_AFTER_DEFAULT;
export let minHeapSetting: u32 = MIN_HEAP_DEFAULT;
export let minBinaryHeapSetting: u32 = BINARY_HEAP_DEFAULT;
export let maxHeapSetting: u64 = 0;
export let maxHeapFlagsSetting: u32 = 3;

export function setFullsweepAfter(count: u32): void {
  fullsweepAfterSetting = count;
}
export function setMinHeap(words: u32): void {
  minHeapSetting = words;
}
export function setMinBinaryHeap(words: u32): void {
  minBinaryHeapSetting = words;
}
export function setMaxHeap(words: u64, flags: u32): void {
  maxHeapSetting = words;
  maxHeapFlagsSetting = flags;
}

/** What erlang:system_flag/2 sets for the whole system. */
import { FULLSWEEP_AFTER_DEFAULT, HEAP_WORDS_DEFAULT } from './process';

/** What new processes begin with. */
export let fullsweepAfterSetting: u32 = FULLSWEEP_AFTER_DEFAULT;
export let minHeapSetting: u32 = HEAP_WORDS_DEFAULT;
export let minBinaryHeapSetting: u32 = 46422;
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

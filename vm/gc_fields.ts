/** Fields of process control blocks, for the collector's files. */
import { pairCount } from './dictionary';
import { P_HEAP_END, P_MIN_HEAP, P_STACK_TOP } from './gen/layout';
import { HEAP_WORDS_DEFAULT, MIN_HEAP_DEFAULT } from './process';

export function field(process: usize, offset: u32): u32 {
  return load<u32>(process + offset);
}
export function setField(process: usize, offset: u32, value: u32): void {
  store<u32>(process + offset, value);
}
export function wordsBetween(start: u32, end: u32): u64 {
  return ((end - start) >> 3) as u64;
}
/** Words on the stack. */
export function stackWords(process: usize): u64 {
  return wordsBetween(field(process, P_STACK_TOP), field(process, P_HEAP_END));
}
/** As min_heap_size says, unless it is what all processes have: they begin smaller here. */
export function leastHeap(process: usize): u64 {
  const words = field(process, P_MIN_HEAP);
  return (words == MIN_HEAP_DEFAULT ? HEAP_WORDS_DEFAULT : words) as u64;
}
/**
 * Words outside the heap that every collection goes through: the dictionary, which grows without
 * the heap. Room in proportion to it pays for that.
 */
export function rootsOutside(process: usize): u64 {
  return (pairCount(process) as u64) << 1;
}

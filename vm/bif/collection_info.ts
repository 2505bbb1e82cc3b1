/**
 * The item garbage_collection_info of process_info/2: words of each part of a process's heap, under
 * OTP's names. There are no separate heaps of binaries: their limits are the defaults.
 */
import {
  am_bin_old_vheap_block_size,
  am_bin_old_vheap_size,
  am_bin_vheap_block_size,
  am_bin_vheap_size,
  am_heap_block_size,
  am_heap_size,
  am_mbuf_size,
  am_old_heap_block_size,
  am_old_heap_size,
  am_recent_size,
  am_stack_size,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import {
  P_FRAGMENT_WORDS,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_MATURE,
  P_OLD_END,
  P_OLD_START,
  P_OLD_TOP,
  P_STACK_TOP,
} from '../gen/layout';
import { tuple2 } from '../signals';
import { NIL, makeCons, smallOf } from '../term';

const BINARY_HEAP_WORDS: i64 = 46422;

/** The pair of a name and a number of words, in front of `rest`. */
function item(name: u64, words: i64, rest: u64): u64 {
  return makeCons(hAlloc(2), tuple2(name, smallOf(words)), rest);
}
/** Words between two addresses in fields of the process. */
function words(process: usize, from: u32, to: u32): i64 {
  return ((load<u32>(process + to) - load<u32>(process + from)) >> 3) as i64;
}

export function collectionInfo(process: usize): u64 {
  let list = item(am_bin_old_vheap_block_size, BINARY_HEAP_WORDS, NIL);
  list = item(am_bin_old_vheap_size, 0, list);
  list = item(am_bin_vheap_block_size, BINARY_HEAP_WORDS, list);
  list = item(am_bin_vheap_size, 0, list);
  list = item(am_heap_size, words(process, P_HEAP_START, P_HEAP_TOP), list);
  list = item(am_old_heap_size, words(process, P_OLD_START, P_OLD_TOP), list);
  list = item(am_stack_size, words(process, P_STACK_TOP, P_HEAP_END), list);
  list = item(am_recent_size, words(process, P_HEAP_START, P_MATURE), list);
  list = item(am_mbuf_size, load<u32>(process, P_FRAGMENT_WORDS) as i64, list);
  list = item(am_heap_block_size, words(process, P_HEAP_START, P_HEAP_END), list);
  return item(am_old_heap_block_size, words(process, P_OLD_START, P_OLD_END), list);
}

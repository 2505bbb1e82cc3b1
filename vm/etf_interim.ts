/** What decoding needs from files that are still being written: compare.ts, maps.ts and the node's name. */
import { am_nonode_at_nohost } from './gen/atoms';
import { NONE, isSmall } from './term';

/** Order of smalls; every other pair is taken to come in order, as encoders write it. */
export function compareKeys(a: u64, b: u64): i32 {
  if (a == b) return 0;
  if (isSmall(a) && isSmall(b)) return (a as i64) < (b as i64) ? -1 : 1;
  return -1;
}
export function largeMapFromPairs(pairs: usize, count: u32): u64 {
  return NONE;
}
export function nodeName(): u64 {
  return am_nonode_at_nohost;
}

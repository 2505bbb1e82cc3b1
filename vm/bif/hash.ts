/** Portable hashes and sizes of terms. */
import { otpFlatSize } from '../copy';
import { badarg } from '../errors';
import { am_false, am_true } from '../gen/atoms';
import { hash2, phash2 } from '../hash';
import { legacyHash } from '../legacy_hash';
import { isSmall, smallOf, smallValue } from '../term';
import { allowLeaving, endWalk, leaveWalk } from '../walk';

/** Largest range of phash2/2 and phash/2. */
const RANGE_MAX: i64 = 1 << 32;

// bif: erlang:phash2/1
export function erlangPhash21(t: u64): u64 {
  allowLeaving();
  const hash = phash2(t);
  return endWalk() ? leaveWalk() : smallOf(hash);
}
// bif: erlang:phash2/2
export function erlangPhash22(t: u64, range: u64): u64 {
  if (!isSmall(range)) return badarg();
  const limit = smallValue(range);
  if (limit < 1 || limit > RANGE_MAX) return badarg();
  allowLeaving();
  const hash = hash2(t) as i64;
  return endWalk() ? leaveWalk() : smallOf(hash % limit);
}
// bif: erlang:phash/2
export function erlangPhash2(t: u64, range: u64): u64 {
  if (!isSmall(range)) return badarg();
  const limit = smallValue(range);
  if (limit < 1 || limit > RANGE_MAX) return badarg();
  return smallOf(((legacyHash(t) as i64) % limit) + 1);
}
// bif: erts_debug:flat_size/1
export function ertsDebugFlatSize1(t: u64): u64 {
  allowLeaving();
  const words = otpFlatSize(t);
  return endWalk() ? leaveWalk() : smallOf(words);
}
// bif: erts_debug:same/2
export function ertsDebugSame2(a: u64, b: u64): u64 {
  return a == b ? am_true : am_false;
}

/** Comparisons as functions. */
import { compare, compareKeys, equal, identical } from '../compare';
import { TAG_ATOM, smallOf } from '../term';
import { allowLeaving, endWalk, leaveWalk } from '../walk';

/** The atom true or false: their indices are 1 and 0 (tools/gen.ts). */
function truth(value: bool): u64 {
  return ((value as u64) << 6) | TAG_ATOM;
}

/** The result of a comparison, unless it was left. */
function decided(value: bool): u64 {
  return endWalk() ? leaveWalk() : truth(value);
}

// bif: erlang:==/2
export function erlangEqual2(a: u64, b: u64): u64 {
  allowLeaving();
  return decided(equal(a, b));
}
// bif: erlang:/=/2
export function erlangNotEqual2(a: u64, b: u64): u64 {
  allowLeaving();
  return decided(!equal(a, b));
}
// bif: erlang:=:=/2
export function erlangIdentical2(a: u64, b: u64): u64 {
  allowLeaving();
  return decided(identical(a, b));
}
// bif: erlang:=/=/2
export function erlangNotIdentical2(a: u64, b: u64): u64 {
  allowLeaving();
  return decided(!identical(a, b));
}
// bif: erlang:</2
export function erlangLess2(a: u64, b: u64): u64 {
  allowLeaving();
  return decided(compare(a, b) < 0);
}
// bif: erlang:=</2
export function erlangLessOrEqual2(a: u64, b: u64): u64 {
  allowLeaving();
  return decided(compare(a, b) <= 0);
}
// bif: erlang:>/2
export function erlangGreater2(a: u64, b: u64): u64 {
  allowLeaving();
  return decided(compare(a, b) > 0);
}
// bif: erlang:>=/2
export function erlangGreaterOrEqual2(a: u64, b: u64): u64 {
  allowLeaving();
  return decided(compare(a, b) >= 0);
}
// bif: erlang:min/2
export function erlangMin2(a: u64, b: u64): u64 {
  // The first of two equal terms, as in OTP.
  allowLeaving();
  const least = compare(a, b) <= 0 ? a : b;
  return endWalk() ? leaveWalk() : least;
}
// bif: erlang:max/2
export function erlangMax2(a: u64, b: u64): u64 {
  allowLeaving();
  const most = compare(a, b) >= 0 ? a : b;
  return endWalk() ? leaveWalk() : most;
}
// bif: erts_internal:cmp_term/2
export function ertsInternalCmpTerm2(a: u64, b: u64): u64 {
  // The order of map keys.
  const order = compareKeys(a, b);
  return smallOf(order < 0 ? -1 : order > 0 ? 1 : 0);
}

/** Comparisons as functions. */
import { compare, compareKeys, equal, identical } from '../compare';
import { TAG_ATOM, smallOf } from '../term';

/** The atom true or false: their indices are 1 and 0 (tools/gen.ts). */
function truth(value: bool): u64 {
  return ((value as u64) << 6) | TAG_ATOM;
}

// bif: erlang:==/2
export function erlangEqual2(a: u64, b: u64): u64 {
  return truth(equal(a, b));
}
// bif: erlang:/=/2
export function erlangNotEqual2(a: u64, b: u64): u64 {
  return truth(!equal(a, b));
}
// bif: erlang:=:=/2
export function erlangIdentical2(a: u64, b: u64): u64 {
  return truth(identical(a, b));
}
// bif: erlang:=/=/2
export function erlangNotIdentical2(a: u64, b: u64): u64 {
  return truth(!identical(a, b));
}
// bif: erlang:</2
export function erlangLess2(a: u64, b: u64): u64 {
  return truth(compare(a, b) < 0);
}
// bif: erlang:=</2
export function erlangLessOrEqual2(a: u64, b: u64): u64 {
  return truth(compare(a, b) <= 0);
}
// bif: erlang:>/2
export function erlangGreater2(a: u64, b: u64): u64 {
  return truth(compare(a, b) > 0);
}
// bif: erlang:>=/2
export function erlangGreaterOrEqual2(a: u64, b: u64): u64 {
  return truth(compare(a, b) >= 0);
}
// bif: erlang:min/2
export function erlangMin2(a: u64, b: u64): u64 {
  // The first of two equal terms, as in OTP.
  return compare(a, b) <= 0 ? a : b;
}
// bif: erlang:max/2
export function erlangMax2(a: u64, b: u64): u64 {
  return compare(a, b) >= 0 ? a : b;
}
// bif: erts_internal:cmp_term/2
export function ertsInternalCmpTerm2(a: u64, b: u64): u64 {
  // The order of map keys.
  const order = compareKeys(a, b);
  return smallOf(order < 0 ? -1 : order > 0 ? 1 : 0);
}

/** The operators and the guard BIFs on numbers, as functions of module erlang. */
import {
  absTerm,
  addTerms,
  bandTerms,
  bnotTerm,
  borTerms,
  bslTerms,
  bsrTerms,
  bxorTerms,
  ceilTerm,
  divTerms,
  floatTerm,
  floorTerm,
  intDivInSlices,
  mulInSlices,
  negateTerm,
  plusTerm,
  remInSlices,
  roundTerm,
  subTerms,
  truncTerm,
} from '../numbers';
import { jobResult } from './big_job';

// bif: erlang:+/2
export function erlangAdd2(a: u64, b: u64): u64 {
  return addTerms(a, b);
}
// bif: erlang:-/2
export function erlangSub2(a: u64, b: u64): u64 {
  return subTerms(a, b);
}
// bif: erlang:*/2
export function erlangMul2(a: u64, b: u64): u64 {
  return jobResult(mulInSlices(a, b));
}
// bif: erlang://2
export function erlangDivide2(a: u64, b: u64): u64 {
  return divTerms(a, b);
}
// bif: erlang:div/2
export function erlangDiv2(a: u64, b: u64): u64 {
  return jobResult(intDivInSlices(a, b));
}
// bif: erlang:rem/2
export function erlangRem2(a: u64, b: u64): u64 {
  return jobResult(remInSlices(a, b));
}
// bif: erlang:+/1
export function erlangPlus1(a: u64): u64 {
  return plusTerm(a);
}
// bif: erlang:-/1
export function erlangNegate1(a: u64): u64 {
  return negateTerm(a);
}
// bif: erlang:band/2
export function erlangBand2(a: u64, b: u64): u64 {
  return bandTerms(a, b);
}
// bif: erlang:bor/2
export function erlangBor2(a: u64, b: u64): u64 {
  return borTerms(a, b);
}
// bif: erlang:bxor/2
export function erlangBxor2(a: u64, b: u64): u64 {
  return bxorTerms(a, b);
}
// bif: erlang:bnot/1
export function erlangBnot1(a: u64): u64 {
  return bnotTerm(a);
}
// bif: erlang:bsl/2
export function erlangBsl2(a: u64, b: u64): u64 {
  return bslTerms(a, b);
}
// bif: erlang:bsr/2
export function erlangBsr2(a: u64, b: u64): u64 {
  return bsrTerms(a, b);
}
// bif: erlang:abs/1
export function erlangAbs1(a: u64): u64 {
  return absTerm(a);
}
// bif: erlang:float/1
export function erlangFloat1(a: u64): u64 {
  return floatTerm(a);
}
// bif: erlang:trunc/1
export function erlangTrunc1(a: u64): u64 {
  return truncTerm(a);
}
// bif: erlang:round/1
export function erlangRound1(a: u64): u64 {
  return roundTerm(a);
}
// bif: erlang:floor/1
export function erlangFloor1(a: u64): u64 {
  return floorTerm(a);
}
// bif: erlang:ceil/1
export function erlangCeil1(a: u64): u64 {
  return ceilTerm(a);
}

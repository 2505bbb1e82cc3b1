/**
 * What stands in for a BIF that has a breakpoint (E_CALL_BIF of its export entry): one function for
 * each number of arguments, which the X registers have as well.
 */
import {
  BIF_tracedBif0,
  BIF_tracedBif1,
  BIF_tracedBif2,
  BIF_tracedBif3,
  BIF_tracedBif4,
  BIF_tracedBif5,
  BIF_tracedBif6,
} from '../gen/bifs';
import { trapToExport } from '../errors';
import { calledFrom } from '../interp';
import { calledEntry } from '../pauses';
import { panic } from '../panic';
import { current } from '../state';
import { NONE } from '../term';
import { exportBreakpoint } from '../trace/breakpoints';
import { noteBifCall } from '../trace/tracing';

/**
 * Go on in the breakpoint's own instructions, with the continuation that a function would have: the
 * address field of its record is where an export entry has its own.
 */
function hit(arity: u32): u64 {
  noteBifCall(current, calledFrom);
  const record = exportBreakpoint(calledEntry);
  return record ? trapToExport(record, arity) : NONE;
}

// bif: vbeam_internal:traced_bif/0
export function tracedBif0(): u64 {
  return hit(0);
}
// bif: vbeam_internal:traced_bif/1
export function tracedBif1(_a: u64): u64 {
  return hit(1);
}
// bif: vbeam_internal:traced_bif/2
export function tracedBif2(_a: u64, _b: u64): u64 {
  return hit(2);
}
// bif: vbeam_internal:traced_bif/3
export function tracedBif3(_a: u64, _b: u64, _c: u64): u64 {
  return hit(3);
}
// bif: vbeam_internal:traced_bif/4
export function tracedBif4(_a: u64, _b: u64, _c: u64, _d: u64): u64 {
  return hit(4);
}
// bif: vbeam_internal:traced_bif/5
export function tracedBif5(_a: u64, _b: u64, _c: u64, _d: u64, _e: u64): u64 {
  return hit(5);
}
// bif: vbeam_internal:traced_bif/6
export function tracedBif6(_a: u64, _b: u64, _c: u64, _d: u64, _e: u64, _f: u64): u64 {
  return hit(6);
}

/** The BIF that takes the place of one with `arity` arguments. */
export function wrapperOf(arity: u32): u32 {
  switch (arity) {
    case 0:
      return BIF_tracedBif0;
    case 1:
      return BIF_tracedBif1;
    case 2:
      return BIF_tracedBif2;
    case 3:
      return BIF_tracedBif3;
    case 4:
      return BIF_tracedBif4;
    case 5:
      return BIF_tracedBif5;
    case 6:
      return BIF_tracedBif6;
    default:
      panic('trace: BIF with more than six arguments');
  }
  return 0;
}

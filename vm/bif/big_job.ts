/** How BIFs go on with a long operation on big integers. */
import { continueBigJob } from '../big_job';
import { CLASS_BIG_JOB, failClass, trapTo } from '../errors';
import { BIF_vbeamBigJob0 } from '../gen/bifs';
import { budget, chargeReductions } from '../state';
import { NONE } from '../term';

/** The result of a BIF: when the operation is not finished, a trap that uses the slice up. */
export function jobResult(result: u64): u64 {
  if (result != NONE || failClass != CLASS_BIG_JOB) return result;
  chargeReductions(budget());
  return trapTo(BIF_vbeamBigJob0, 0);
}

// bif: vbeam_internal:big_job/0
export function vbeamBigJob0(): u64 {
  return jobResult(continueBigJob());
}

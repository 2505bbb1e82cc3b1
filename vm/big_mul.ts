/** Products of digit arrays: which algorithm for which size. */
import { mulSchoolbook, squareSchoolbook } from './big_digits';
import { chargeReductions } from './state';

/**
 * `to` = a * b with aCount + bCount digits; `to` overlaps neither, both counts are at least 1.
 * Charges reductions. False when memory for intermediate results is exhausted.
 */
export function mulDigits(to: usize, a: usize, aCount: u32, b: usize, bCount: u32): bool {
  const steps = ((aCount as u64) * (bCount as u64)) >> 7;
  chargeReductions((steps > 0x0fff_ffff ? 0x0fff_ffff : steps) as i32);
  if (a == b && aCount == bCount) squareSchoolbook(to, a, aCount);
  else if (aCount >= bCount) mulSchoolbook(to, a, aCount, b, bCount);
  else mulSchoolbook(to, b, bCount, a, aCount);
  return true;
}

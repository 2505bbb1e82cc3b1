/** Products of digit arrays made at once: schoolbook when short, else Karatsuba's. */
import { allocate, release } from './alloc';
import { mulSchoolbook, squareSchoolbook } from './big_digits';
import {
  productBytes,
  productDigits,
  productSteps,
  startProduct,
  stepProduct,
} from './big_product';
import { chargeReductions } from './state';

/** Digits of the shorter operand from which the block of a product pays. */
const LONG_MIN: u32 = 40;

/**
 * `to` = a * b with aCount + bCount digits; `to` overlaps neither, both counts are at least 1.
 * Charges reductions. False when memory for intermediate results is exhausted.
 */
export function mulDigits(to: usize, a: usize, aCount: u32, b: usize, bCount: u32): bool {
  if (min(aCount, bCount) >= LONG_MIN) return mulLong(to, a, aCount, b, bCount);
  chargeReductions(stepReductions((aCount as u64) * (bCount as u64)));
  if (a == b && aCount == bCount) squareSchoolbook(to, a, aCount);
  else if (aCount >= bCount) mulSchoolbook(to, a, aCount, b, bCount);
  else mulSchoolbook(to, b, bCount, a, aCount);
  return true;
}

function mulLong(to: usize, a: usize, aCount: u32, b: usize, bCount: u32): bool {
  const block = allocate(productBytes(aCount, bCount));
  if (!block) return false;
  startProduct(block, a, aCount, b, bCount);
  stepProduct(block, 0, true);
  chargeReductions(stepReductions(productSteps));
  memory.copy(to, productDigits(block), (aCount + bCount) << 3);
  release(block);
  return true;
}

/** Reductions for that many products of digits. */
export function stepReductions(steps: u64): i32 {
  const reductions = steps >> 7;
  return reductions > 0x0fff_ffff ? 0x0fff_ffff : (reductions as i32);
}

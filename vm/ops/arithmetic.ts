/**
 * Arithmetic on smalls without a call of a BIF; anything else takes the general path of numbers.ts.
 *
 * A small is value * 16 + 15. So a + b is (a - 15) + b, and a - b is a - (b - 15); the signed
 * overflow of the 64-bit word is the overflow of the 60-bit value.
 */
import {
  addTerms,
  bandTerms,
  borTerms,
  bslTerms,
  bsrTerms,
  intDivInSlices,
  mulInSlices,
  remInSlices,
  subTerms,
} from '../numbers';
import { bigJob, continueBigJob } from '../big_job';
import { CLASS_BIG_JOB, CLASS_TRAP, failClass } from '../errors';
import { OP_i_leave } from '../gen/opcodes';
import { bifFailed } from '../interp';
import { operand, readSource, writeDestination } from '../operands';
import { requeueRunning } from '../scheduler';
import { NONE, TAG_SMALL, areSmall, fitsSmall, smallOf, smallValue } from '../term';
import { leaveWalk } from '../walk';
import { raiseFromOperands } from './exceptions';

/** Operands of these instructions: label, live, import, left, right, destination. */
const LABEL: u32 = 0;
const LIVE: u32 = 1;
const IMPORT: u32 = 2;
const LEFT: u32 = 3;
const RIGHT: u32 = 4;
const TO: u32 = 5;
const BYTES: u32 = 28;

function finish(pc: usize, result: u64): usize {
  if (result == NONE) return unfinished(pc);
  writeDestination(operand(pc, TO), result);
  return pc + BYTES;
}
function unfinished(pc: usize): usize {
  if (failClass >= CLASS_TRAP) {
    leavingPc = pc;
    return leaveStub;
  }
  const label = operand(pc, LABEL) as usize;
  return label ? label : raiseFromOperands(pc, operand(pc, IMPORT) as usize, LEFT);
}

/**
 * These instructions cannot swap a process out themselves (they do not publish the reductions that
 * are left); when there is no memory, or large numbers take too long, they go through this one.
 */
const leaveStub: usize = memory.data(8, 8);
let leavingPc: usize = 0;
export function initArithmetic(): void {
  store<u32>(leaveStub, OP_i_leave);
}
/** The instruction at `pc` put a walk aside (walk.ts): the process leaves the processor. */
export function leaveAt(pc: usize): usize {
  leaveWalk();
  leavingPc = pc;
  return leaveStub;
}
// runs: slow
export function op_i_leave(pc: usize): usize {
  if (failClass != CLASS_BIG_JOB) return bifFailed(leavingPc, 0, 0);
  requeueRunning(leavingPc, operand(leavingPc, LIVE));
  return 0;
}

export function op_i_add(pc: usize): usize {
  const a = readSource(operand(pc, LEFT));
  const b = readSource(operand(pc, RIGHT));
  if (areSmall(a, b)) {
    const sum = a - TAG_SMALL + b;
    if ((((a ^ sum) & (b ^ sum)) as i64) >= 0) {
      writeDestination(operand(pc, TO), sum);
      return pc + BYTES;
    }
  }
  return finish(pc, addTerms(a, b));
}
export function op_i_add_mmx(pc: usize): usize {
  const a = load<u64>(operand(pc, LEFT));
  const b = load<u64>(operand(pc, RIGHT));
  if (areSmall(a, b)) {
    const sum = a - TAG_SMALL + b;
    if ((((a ^ sum) & (b ^ sum)) as i64) >= 0) {
      store<u64>(operand(pc, TO), sum);
      return pc + BYTES;
    }
  }
  return finish(pc, addTerms(a, b));
}
export function op_i_subtract(pc: usize): usize {
  const a = readSource(operand(pc, LEFT));
  const b = readSource(operand(pc, RIGHT));
  if (areSmall(a, b)) {
    const sum = a - (b - TAG_SMALL);
    if ((((a ^ b) & (a ^ sum)) as i64) >= 0) {
      writeDestination(operand(pc, TO), sum);
      return pc + BYTES;
    }
  }
  return finish(pc, subTerms(a, b));
}
export function op_i_subtract_mmx(pc: usize): usize {
  const a = load<u64>(operand(pc, LEFT));
  const b = load<u64>(operand(pc, RIGHT));
  if (areSmall(a, b)) {
    const sum = a - (b - TAG_SMALL);
    if ((((a ^ b) & (a ^ sum)) as i64) >= 0) {
      store<u64>(operand(pc, TO), sum);
      return pc + BYTES;
    }
  }
  return finish(pc, subTerms(a, b));
}
export function op_i_multiply(pc: usize): usize {
  if (bigJob()) return finish(pc, continueBigJob());
  const a = readSource(operand(pc, LEFT));
  const b = readSource(operand(pc, RIGHT));
  if (areSmall(a, b)) {
    const x = smallValue(a);
    const y = smallValue(b);
    const product = x * y;
    // Factors of 32 bits cannot overflow 64.
    if ((x as i32 as i64) == x && (y as i32 as i64) == y && fitsSmall(product))
      return finish(pc, smallOf(product));
  }
  return finish(pc, mulInSlices(a, b));
}
export function op_i_band(pc: usize): usize {
  const a = readSource(operand(pc, LEFT));
  const b = readSource(operand(pc, RIGHT));
  return finish(pc, areSmall(a, b) ? a & b : bandTerms(a, b));
}
export function op_i_bor(pc: usize): usize {
  const a = readSource(operand(pc, LEFT));
  const b = readSource(operand(pc, RIGHT));
  return finish(pc, areSmall(a, b) ? a | b : borTerms(a, b));
}
export function op_i_bsl(pc: usize): usize {
  return finish(pc, bslTerms(readSource(operand(pc, LEFT)), readSource(operand(pc, RIGHT))));
}
export function op_i_bsr(pc: usize): usize {
  const a = readSource(operand(pc, LEFT));
  const b = readSource(operand(pc, RIGHT));
  if (areSmall(a, b) && (smallValue(b) as u64) < 60)
    return finish(pc, smallOf(smallValue(a) >> smallValue(b)));
  return finish(pc, bsrTerms(a, b));
}
export function op_i_div(pc: usize): usize {
  if (bigJob()) return finish(pc, continueBigJob());
  const a = readSource(operand(pc, LEFT));
  const b = readSource(operand(pc, RIGHT));
  // The least small divided by -1 is no small; division by zero is an error: both take the general
  // path.
  if (areSmall(a, b) && smallValue(b) > 0)
    return finish(pc, smallOf(smallValue(a) / smallValue(b)));
  return finish(pc, intDivInSlices(a, b));
}
export function op_i_rem(pc: usize): usize {
  if (bigJob()) return finish(pc, continueBigJob());
  const a = readSource(operand(pc, LEFT));
  const b = readSource(operand(pc, RIGHT));
  // The least small divided by -1 is no small; division by zero is an error: both take the general
  // path.
  if (areSmall(a, b) && smallValue(b) > 0)
    return finish(pc, smallOf(smallValue(a) % smallValue(b)));
  return finish(pc, remInSlices(a, b));
}

/**
 * Checks that the loader's verifier puts before instructions whose operand it does not know to be
 * of the right type (vm/loader/verify.ts). Code that OTP's compiler made never fails them.
 */
import { CLASS_ERROR, fail } from '../errors';
import { am_badarg } from '../gen/atoms';
import { operand, readSource } from '../operands';
import { SUB_TUPLE, boxedHeader, headerWords, isFloat, isKind, isList, isMap } from '../term';
import { raiseAt } from './exceptions';

function refuse(pc: usize): usize {
  fail(CLASS_ERROR, am_badarg);
  return raiseAt(pc);
}

// runs: slow
export function op_i_check_cons(pc: usize): usize {
  return isList(readSource(operand(pc, 0))) ? pc + 8 : refuse(pc);
}
// runs: slow
export function op_i_check_map(pc: usize): usize {
  return isMap(readSource(operand(pc, 0))) ? pc + 8 : refuse(pc);
}
// runs: slow
export function op_i_check_float(pc: usize): usize {
  return isFloat(readSource(operand(pc, 0))) ? pc + 8 : refuse(pc);
}
/** Elements of the tuple in operand 0, -1 when it is none. */
function elements(pc: usize): i64 {
  const t = readSource(operand(pc, 0));
  return isKind(t, SUB_TUPLE) ? (headerWords(boxedHeader(t)) as i64) : -1;
}
// runs: slow
export function op_i_check_tuple(pc: usize): usize {
  return elements(pc) >= (operand(pc, 1) as i64) ? pc + 12 : refuse(pc);
}
// runs: slow
export function op_i_check_arity(pc: usize): usize {
  return elements(pc) == (operand(pc, 1) as i64) ? pc + 12 : refuse(pc);
}

// runs: slow
export function op_i_unreachable(pc: usize): usize {
  return refuse(pc);
}

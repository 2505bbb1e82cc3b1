/**
 * Floating-point registers. An operation whose result is no finite number raises badarith, as OTP
 * does.
 */
import { badarith } from '../errors';
import { LINEAR_FLOAT_REGISTERS, LINEAR_STATIC_DATA } from '../gen/layout';
import { floatOf, toF64 } from '../numbers';
import { operand, readSource, writeDestination } from '../operands';
import { floatValue } from '../term';
import { raiseAt } from './exceptions';

function isFloatRegister(word: u32): bool {
  return word >= LINEAR_FLOAT_REGISTERS && word < LINEAR_STATIC_DATA;
}
function finish(pc: usize, fail: u32, register: u32, value: f64, next: usize): usize {
  if (!isFinite<f64>(value)) {
    if (fail) return fail;
    badarith();
    return raiseAt(pc);
  }
  store<f64>(register, value);
  return next;
}

/**
 * fmove Source Destination: one of them is a floating-point register, the other holds a float term.
 */
export function op_fmove(pc: usize): usize {
  const from = operand(pc, 0);
  const to = operand(pc, 1);
  const value = isFloatRegister(from) ? load<f64>(from) : floatValue(readSource(from));
  if (isFloatRegister(to)) store<f64>(to, value);
  else writeDestination(to, floatOf(value));
  return pc + 12;
}
/** fconv Source FloatRegister: any number. */
export function op_fconv(pc: usize): usize {
  const value = toF64(readSource(operand(pc, 0)));
  if (!isFinite<f64>(value)) {
    badarith();
    return raiseAt(pc);
  }
  store<f64>(operand(pc, 1), value);
  return pc + 12;
}
export function op_fadd(pc: usize): usize {
  return finish(
    pc,
    operand(pc, 0),
    operand(pc, 3),
    load<f64>(operand(pc, 1)) + load<f64>(operand(pc, 2)),
    pc + 20,
  );
}
export function op_fsub(pc: usize): usize {
  return finish(
    pc,
    operand(pc, 0),
    operand(pc, 3),
    load<f64>(operand(pc, 1)) - load<f64>(operand(pc, 2)),
    pc + 20,
  );
}
export function op_fmul(pc: usize): usize {
  return finish(
    pc,
    operand(pc, 0),
    operand(pc, 3),
    load<f64>(operand(pc, 1)) * load<f64>(operand(pc, 2)),
    pc + 20,
  );
}
export function op_fdiv(pc: usize): usize {
  return finish(
    pc,
    operand(pc, 0),
    operand(pc, 3),
    load<f64>(operand(pc, 1)) / load<f64>(operand(pc, 2)),
    pc + 20,
  );
}
/** OTP subtracts from zero, so that 0.0 stays positive; the BIF changes the sign. */
export function op_fnegate(pc: usize): usize {
  return finish(pc, operand(pc, 0), operand(pc, 2), 0.0 - load<f64>(operand(pc, 1)), pc + 16);
}
export function op_fclearerror(pc: usize): usize {
  return pc + 4;
}
export function op_fcheckerror(pc: usize): usize {
  return pc + 8;
}

/** Multi-way branches. The loader chooses the form: vm/loader/select.ts draws the operands. */
import { identical } from '../compare';
import { operand, readSource } from '../operands';
import { SUB_TUPLE, boxedHeader, headerWords, isKind, isSmall } from '../term';

/** Tables up to this many values are searched from front to back. */
const LINEAR_MAX: u32 = 8;

/** select_val_dense Source Fail Least Count Label...: small integers without large holes. */
export function op_select_val_dense(pc: usize): usize {
  const value = readSource(operand(pc, 0));
  // Equal tags cancel out, so that the difference of two smalls is 16 times the difference of their
  // values.
  const index = (value - load<u64>(operand(pc, 2))) >> 4;
  if (!isSmall(value) || index >= (operand(pc, 3) as u64)) return operand(pc, 1);
  return operand(pc, 4 + (index as u32));
}

/** select_val_sorted Source Fail Values Count Label...: immediates. */
export function op_select_val_sorted(pc: usize): usize {
  const value = readSource(operand(pc, 0));
  const values = operand(pc, 2) as usize;
  const count = operand(pc, 3);
  if (count <= LINEAR_MAX) {
    for (let i: u32 = 0; i < count; i++)
      if (load<u64>(values + (i << 3)) == value) return operand(pc, 4 + i);
    return operand(pc, 1);
  }
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const held = load<u64>(values + (middle << 3));
    if (held == value) return operand(pc, 4 + middle);
    if (held < value) low = middle + 1;
    else high = middle;
  }
  return operand(pc, 1);
}

/** select_val Source Fail Count (Value Label)...: any constants, compared exactly. */
export function op_select_val(pc: usize): usize {
  const value = readSource(operand(pc, 0));
  const count = operand(pc, 2);
  for (let i: u32 = 0; i < count; i += 2)
    if (identical(readSource(operand(pc, 3 + i)), value)) return operand(pc, 4 + i);
  return operand(pc, 1);
}

/** select_tuple_arity Source Fail Count (Arity Label)... */
export function op_select_tuple_arity(pc: usize): usize {
  const value = readSource(operand(pc, 0));
  if (!isKind(value, SUB_TUPLE)) return operand(pc, 1);
  const arity = headerWords(boxedHeader(value));
  const count = operand(pc, 2);
  for (let i: u32 = 0; i < count; i += 2)
    if (operand(pc, 3 + i) == arity) return operand(pc, 4 + i);
  return operand(pc, 1);
}

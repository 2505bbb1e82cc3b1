/**
 * Instructions whose operand kinds the loader has checked (tables/specialisations.ts): an X
 * register or a constant is a memory word at the operand itself, a Y register is relative to the
 * stack top.
 */
import { hAlloc } from '../heap';
import { operand } from '../operands';
import { stackTop } from '../state';
import { NIL, SUB_TUPLE, TAG_BOXED, TAG_LIST, boxedHeader, headerOf, headerSubtag } from '../term';
import { branchLess, branchSame } from './tests';

/** The word of an X register or constant. */
function word(pc: usize, index: u32): u64 {
  return load<u64>(operand(pc, index));
}

export function op_move_mx(pc: usize): usize {
  store<u64>(operand(pc, 1), word(pc, 0));
  return pc + 12;
}
export function op_move_my(pc: usize): usize {
  store<u64>(stackTop - 1 + operand(pc, 1), word(pc, 0));
  return pc + 12;
}
export function op_move_yx(pc: usize): usize {
  store<u64>(operand(pc, 1), load<u64>(stackTop - 1 + operand(pc, 0)));
  return pc + 12;
}
export function op_get_list_xxx(pc: usize): usize {
  const cell = word(pc, 0) as u32;
  const first = load<u64>(cell - 1);
  const rest = load<u64>(cell, 7);
  store<u64>(operand(pc, 1), first);
  store<u64>(operand(pc, 2), rest);
  return pc + 16;
}
export function op_get_list_xyx(pc: usize): usize {
  const cell = word(pc, 0) as u32;
  const first = load<u64>(cell - 1);
  const rest = load<u64>(cell, 7);
  store<u64>(stackTop - 1 + operand(pc, 1), first);
  store<u64>(operand(pc, 2), rest);
  return pc + 16;
}
export function op_get_tuple_element_xx(pc: usize): usize {
  store<u64>(operand(pc, 2), load<u64>((word(pc, 0) as u32) + (operand(pc, 1) << 3), 6));
  return pc + 16;
}
export function op_put_list_mmx(pc: usize): usize {
  const at = hAlloc(2);
  store<u64>(at, word(pc, 0));
  store<u64>(at, word(pc, 1), 8);
  store<u64>(operand(pc, 2), (at as u64) | TAG_LIST);
  return pc + 16;
}

export function op_is_nonempty_list_x(pc: usize): usize {
  return (word(pc, 1) & 3) == TAG_LIST ? pc + 12 : operand(pc, 0);
}
export function op_is_nil_x(pc: usize): usize {
  return word(pc, 1) == NIL ? pc + 12 : operand(pc, 0);
}
export function op_is_tuple_x(pc: usize): usize {
  const t = word(pc, 1);
  return (t & 3) == TAG_BOXED && headerSubtag(boxedHeader(t)) == SUB_TUPLE
    ? pc + 12
    : operand(pc, 0);
}
export function op_test_arity_x(pc: usize): usize {
  return boxedHeader(word(pc, 1)) == headerOf(SUB_TUPLE, operand(pc, 2)) ? pc + 16 : operand(pc, 0);
}
export function op_is_tagged_tuple_x(pc: usize): usize {
  const t = word(pc, 1);
  if ((t & 3) != TAG_BOXED || boxedHeader(t) != headerOf(SUB_TUPLE, operand(pc, 2)))
    return operand(pc, 0);
  return load<u64>(t as u32, 6) == (operand(pc, 3) as u64) ? pc + 20 : operand(pc, 0);
}

export function op_is_lt_mm(pc: usize): usize {
  return branchLess(pc, word(pc, 1), word(pc, 2), pc + 16, operand(pc, 0));
}
export function op_is_ge_mm(pc: usize): usize {
  return branchLess(pc, word(pc, 1), word(pc, 2), operand(pc, 0), pc + 16);
}
export function op_is_eq_exact_mm(pc: usize): usize {
  return branchSame(pc, word(pc, 1), word(pc, 2), pc + 16, operand(pc, 0));
}
export function op_is_ne_exact_mm(pc: usize): usize {
  return branchSame(pc, word(pc, 1), word(pc, 2), operand(pc, 0), pc + 16);
}

/** Moving words, lists, tuples, records. */
import { am_reuse } from '../gen/atoms';
import { badarg } from '../errors';
import { tupleChanges } from '../gc';
import { tupleChanges } from '../gc';
import { hAlloc } from '../heap';
import { current } from '../state';
import { operand, readSource, writeDestination } from '../operands';
import { current } from '../state';
import { raiseAt } from './exceptions';
import {
  SUB_TUPLE,
  TAG_BOXED,
  TAG_LIST,
  boxedAddress,
  headerOf,
  isHeapPointer,
  isLiteral,
  smallValue,
} from '../term';

export function op_move(pc: usize): usize {
  writeDestination(operand(pc, 1), readSource(operand(pc, 0)));
  return pc + 12;
}
export function op_swap(pc: usize): usize {
  const a = operand(pc, 0);
  const b = operand(pc, 1);
  const held = readSource(a);
  writeDestination(a, readSource(b));
  writeDestination(b, held);
  return pc + 12;
}
export function op_get_list(pc: usize): usize {
  const cell = readSource(operand(pc, 0)) as u32;
  const first = load<u64>(cell - 1);
  const rest = load<u64>(cell, 7);
  writeDestination(operand(pc, 1), first);
  writeDestination(operand(pc, 2), rest);
  return pc + 16;
}
export function op_get_hd(pc: usize): usize {
  writeDestination(operand(pc, 1), load<u64>((readSource(operand(pc, 0)) as u32) - 1));
  return pc + 12;
}
export function op_get_tl(pc: usize): usize {
  writeDestination(operand(pc, 1), load<u64>(readSource(operand(pc, 0)) as u32, 7));
  return pc + 12;
}
export function op_put_list(pc: usize): usize {
  const first = readSource(operand(pc, 0));
  const rest = readSource(operand(pc, 1));
  const at = hAlloc(2);
  store<u64>(at, first);
  store<u64>(at, rest, 8);
  writeDestination(operand(pc, 2), (at as u64) | TAG_LIST);
  return pc + 16;
}
export function op_get_tuple_element(pc: usize): usize {
  const tuple = readSource(operand(pc, 0)) as u32;
  writeDestination(operand(pc, 2), load<u64>(tuple + (operand(pc, 1) << 3), 6));
  return pc + 16;
}
/** Update in place a tuple that the compiler knows to be fresh. */
export function op_set_tuple_element(pc: usize): usize {
  const tuple = readSource(operand(pc, 1));
  const value = readSource(operand(pc, 0));
  // No compiler does this to a literal: the code is forged.
  if (isLiteral(tuple)) {
    badarg();
    return raiseAt(pc);
  }
  if (isHeapPointer(value)) tupleChanges(current, boxedAddress(tuple) as u32);
  store<u64>((tuple as u32) + (operand(pc, 2) << 3), value, 6);
  return pc + 16;
}
export function op_put_tuple2(pc: usize): usize {
  const count = operand(pc, 1);
  const at = hAlloc(count + 1);
  store<u64>(at, headerOf(SUB_TUPLE, count));
  for (let i: u32 = 0; i < count; i++)
    store<u64>(at + 8 + (i << 3), readSource(operand(pc, 2 + i)));
  writeDestination(operand(pc, 0), (at as u64) | TAG_BOXED);
  return pc + 12 + (count << 2);
}

/** put_tuple of OTP 22: the elements follow as `put` instructions, which are part of this one. */
export function op_put_tuple(pc: usize): usize {
  const count = operand(pc, 0);
  const at = hAlloc(count + 1);
  store<u64>(at, headerOf(SUB_TUPLE, count));
  let next = pc + 12;
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(at + 8 + (i << 3), readSource(operand(next, 0)));
    next += 8;
  }
  writeDestination(operand(pc, 1), (at as u64) | TAG_BOXED);
  return next;
}

/**
 * update_record Hint Size Source Destination [Position, Value, ...]: a copy with some elements
 * replaced.
 */
export function op_update_record(pc: usize): usize {
  const size = operand(pc, 1);
  const source = readSource(operand(pc, 2));
  const count = operand(pc, 4);
  const next = pc + 24 + (count << 2);
  const from = boxedAddress(source);
  if ((operand(pc, 0) as u64) == am_reuse && unchanged(pc, from, count)) {
    writeDestination(operand(pc, 3), source);
    return next;
  }
  const at = hAlloc(size + 1);
  memory.copy(at, from, (size + 1) << 3);
  for (let i: u32 = 0; i < count; i += 2) {
    const position = smallValue(readSource(operand(pc, 5 + i))) as u32;
    store<u64>(at + (position << 3), readSource(operand(pc, 6 + i)));
  }
  writeDestination(operand(pc, 3), (at as u64) | TAG_BOXED);
  return next;
}
function unchanged(pc: usize, from: usize, count: u32): bool {
  for (let i: u32 = 0; i < count; i += 2) {
    const position = smallValue(readSource(operand(pc, 5 + i))) as u32;
    if (load<u64>(from + (position << 3)) != readSource(operand(pc, 6 + i))) return false;
  }
  return true;
}

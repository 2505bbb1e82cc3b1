/** Making funs: the operand is the address of the fun entry (code.ts). */
import { FUN_ARITY, FUN_FREE } from '../code';
import { P_ID } from '../gen/layout';
import { hAlloc } from '../heap';
import { operand, readSource, writeDestination } from '../operands';
import { getX, setX } from '../registers';

import { current } from '../state';
import { SUB_FUN, boxedOf, funMaker, headerOf } from '../term';

function startFun(entry: usize, free: u32): usize {
  const at = hAlloc(3 + free);
  store<u64>(at, headerOf(SUB_FUN, 2 + free));
  store<u64>(at, entry as u64, 8);
  store<u64>(at, funMaker(load<u32>(entry, FUN_ARITY), load<u64>(current, P_ID)), 16);
  return at;
}

export function op_make_fun3(pc: usize): usize {
  const free = operand(pc, 2);
  const at = startFun(operand(pc, 0), free);
  for (let i: u32 = 0; i < free; i++)
    store<u64>(at + 24 + (i << 3), readSource(operand(pc, 3 + i)));
  writeDestination(operand(pc, 1), boxedOf(at));
  return pc + 16 + (free << 2);
}

/** The free variables are in the first X registers, the fun goes to X0. */
export function op_make_fun2(pc: usize): usize {
  const entry = operand(pc, 0) as usize;
  const free = load<u32>(entry, FUN_FREE);
  const at = startFun(entry, free);
  for (let i: u32 = 0; i < free; i++) store<u64>(at + 24 + (i << 3), getX(i));
  setX(0, boxedOf(at));
  return pc + 8;
}

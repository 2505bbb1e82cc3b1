/**
 * The check of memory that tests ask for, in checked builds only (tools/build_vm.ts): what ships
 * answers `unchecked`. It walks without yielding, which is why it does not ship.
 */
import { checkBlocks, checkFreed, usedBlocks } from '../alloc';
import { badarg } from '../errors';
import {
  am_all,
  am_blocks,
  am_count,
  am_false,
  am_freed,
  am_heap,
  am_ok,
  am_unchecked,
} from '../gen/atoms';
import { P_FLAGS, P_ID, P_STATE } from '../gen/layout';
import { checkHeap, faultAddress } from '../heap_check';
import { FLAG_COLLECTING, STATE_EXITING, processOf } from '../process';
import { processAtSlot, processSlots, usedSlotBelow } from '../process_table';
import { tuple2, tuple3 } from '../signals';
import { current } from '../state';
import { isLocalPid, smallOf } from '../term';

/** `ok`, or {heap, Pid, {Fault, Address}}; heaps in use, half collected or freed are passed. */
function heapReport(process: usize): u64 {
  if (process == current || load<u32>(process, P_FLAGS) & FLAG_COLLECTING) return am_ok;
  if (load<u32>(process, P_STATE) == STATE_EXITING) return am_ok;
  const fault = checkHeap(process);
  if (!fault) return am_ok;
  const place = tuple2(smallOf(fault), smallOf(faultAddress));
  return tuple3(am_heap, load<u64>(process, P_ID), place);
}
function allReport(): u64 {
  for (let i = usedSlotBelow(processSlots()); i; i = usedSlotBelow(i - 1)) {
    const process = processAtSlot(i - 1);
    const found = process ? heapReport(process) : am_ok;
    if (found != am_ok) return found;
  }
  const block = checkBlocks();
  return block ? tuple2(am_blocks, smallOf(block)) : am_ok;
}

/** Words of freed blocks that somebody has written to: more work than the walk over blocks. */
function freedReport(): u64 {
  const block = checkBlocks();
  if (block) return tuple2(am_blocks, smallOf(block));
  const word = checkFreed();
  return word ? tuple2(am_freed, smallOf(word)) : am_ok;
}

/**
 * check_memory(Pid): that process's heap. check_memory(all): all heaps and the allocator.
 * check_memory(freed): that freed memory is left alone. check_memory(count): blocks handed out.
 */
// bif: vbeam_internal:check_memory/1
export function checkMemory1(what: u64): u64 {
  if (!VM_CHECKED) return am_unchecked;
  if (what == am_all) return allReport();
  if (what == am_freed) return freedReport();
  if (what == am_count) return checkBlocks() ? am_false : smallOf(usedBlocks);
  if (!isLocalPid(what)) return badarg();
  const process = processOf(what);
  return process ? heapReport(process) : am_false;
}

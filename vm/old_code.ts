/** Does a process still depend on old code of a module: a return address, or a fun, into it. */
import { I_BLOCK_END, R_OLD, findModule } from './modules';
import { P_CP, P_HEAP_END, P_PC, P_STACK_TOP } from './gen/layout';
import { current } from './state';
import { saveRegisters } from './swap';

/** True when an instruction pointer of `process` lies in the old instance of `module`. */
export function usesOldCode(process: usize, module: u64): bool {
  const record = findModule(module);
  const old = record ? (load<u32>(record, R_OLD) as usize) : 0;
  if (!old) return false;
  if (process == current) saveRegisters();
  const end = load<u32>(old, I_BLOCK_END) as usize;
  if (
    inside(load<u32>(process, P_PC), old, end) ||
    inside(load<u64>(process, P_CP) as usize, old, end)
  )
    return true;
  const limit = load<u32>(process, P_HEAP_END) as usize;
  for (let at = load<u32>(process, P_STACK_TOP) as usize; at < limit; at += 8) {
    const word = load<u64>(at);
    if ((word & 3) == 0 && inside(word as usize, old, end)) return true;
  }
  return false;
}
function inside(address: usize, start: usize, end: usize): bool {
  return address >= start && address < end;
}

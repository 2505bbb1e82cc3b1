/**
 * Moving a process between the virtual machine's registers (state.ts, X registers) and its control
 * block.
 */
import { abandonBuild } from './builder';
import {
  LINEAR_CURRENT_PROCESS,
  LINEAR_X_REGISTERS,
  P_CP,
  P_HEAP_TOP,
  P_ID,
  P_LIVE,
  P_PC,
  P_SAVED_X,
  P_STACK_TOP,
  P_STATE,
} from './gen/layout';
import { noteLeaving } from './pauses';
import { STATE_RUNNING, reserveSavedX } from './process';
import {
  continuation,
  current,
  heapTop,
  setContinuation,
  setCurrent,
  setHeapTop,
  setStackTop,
  stackTop,
} from './state';

/**
 * Save heap, stack and continuation registers: what a collector or another reader of the control
 * block needs.
 */
export function saveRegisters(): void {
  store<u32>(current, heapTop as u32, P_HEAP_TOP);
  store<u32>(current, stackTop as u32, P_STACK_TOP);
  store<u64>(current, continuation, P_CP);
}
export function loadRegisters(): void {
  // The heap may have moved, or is another process's.
  abandonBuild();
  setHeapTop(load<u32>(current, P_HEAP_TOP));
  setStackTop(load<u32>(current, P_STACK_TOP));
  setContinuation(load<u64>(current, P_CP));
}

/**
 * Save the running process so that it goes on at `pc` with `live` X registers. False when there is
 * no memory for them.
 */
export function swapOut(pc: usize, live: u32): bool {
  saveRegisters();
  if (!reserveSavedX(current, live)) return false;
  memory.copy(load<u32>(current, P_SAVED_X), LINEAR_X_REGISTERS, live << 3);
  store<u32>(current, live, P_LIVE);
  store<u32>(current, pc as u32, P_PC);
  noteLeaving(pc);
  return true;
}

/** Make `process` the running one and return where it goes on. */
export function swapIn(process: usize): usize {
  setCurrent(process);
  store<u64>(LINEAR_CURRENT_PROCESS, load<u64>(process, P_ID));
  store<u32>(process, STATE_RUNNING, P_STATE);
  loadRegisters();
  memory.copy(LINEAR_X_REGISTERS, load<u32>(process, P_SAVED_X), load<u32>(process, P_LIVE) << 3);
  return load<u32>(process, P_PC);
}

/** Process control blocks (fields: tables/process.ts); vm/process_table.ts finds them by pid. */
import { allocate, allocateZeroed, release } from './alloc';
import {
  PROCESS_BYTES,
  P_CP,
  P_ERROR_HANDLER,
  P_FULLSWEEP_AFTER,
  P_GROUP_LEADER,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_ID,
  P_SERIAL,
  P_INLINE_X,
  P_MATURE,
  P_MIN_BINARY_HEAP,
  P_MIN_HEAP,
  P_PRIORITY,
  P_SAVED_X,
  P_SAVED_X_CAPACITY,
  P_STACK_TOP,
  P_STATE,
} from './gen/layout';
import { am_error_handler } from './gen/atoms';
import { leavePartition } from './partition_rows';
import { enterProcess, freeNumber } from './process_table';
import { pidOf } from './term';

export { forgetProcess, initProcessTable, processOf } from './process_table';

export const STATE_WAITING: u32 = 0;
export const STATE_RUNNABLE: u32 = 1;
export const STATE_RUNNING: u32 = 2;
/** A collection is in progress: runnable, but only its collector may touch the heap. */
export const STATE_EXITING: u32 = 3;

export const FLAG_TRAP_EXIT: u32 = 1;
export const FLAG_OFF_HEAP_QUEUE: u32 = 2;
export const FLAG_SENSITIVE: u32 = 4;
/** A system process (code purger and its like): init's shutdown leaves it alone. */
export const FLAG_SYSTEM: u32 = 8;
/** In a run queue. */
export const FLAG_QUEUED: u32 = 16;
/** An exit signal was received: the process exits with EXIT_REASON when it is scheduled next. */
export const FLAG_EXIT_PENDING: u32 = 32;
/** A collection of its heap is in progress (GC_STATE). */
export const FLAG_COLLECTING: u32 = 64;
/** The collection in progress, or the next one, is a full sweep. */
export const FLAG_FULLSWEEP: u32 = 128;
/** It has hibernated: when it is about to apply a function, it does so in erlang:hibernate/3. */
export const FLAG_HIBERNATING: u32 = 256;
/** It was told to stay on the only scheduler: spawn_opt's and process_flag's `scheduler`. */
export const FLAG_BOUND: u32 = 512;
/** Others have asked it to do something (vm/system_tasks.ts). */
export const FLAG_TASKS: u32 = 8192;
/** Collections that others ask for wait (erts_debug:set_internal_state(gc_state, false)). */
export const FLAG_NO_REQUESTED_COLLECTION: u32 = 16384;
/** Its heap was cut down to what it holds: it grows before the process goes on. */
export const FLAG_SHRUNK: u32 = 32768;
/** It waits in a BIF as if it worked there (vm/bif/dirty.ts). */
export const FLAG_IN_NATIVE_WORK: u32 = 65536;
/** It may read private tables (erts_internal:ets_super_user/1). */
export const FLAG_SUPER_USER: u32 = 4096;
/** It may use the critical budget of its partition (vm/partitions.ts). */
export const FLAG_CRITICAL: u32 = 131072;
/** Its tracer knows of the call whose function it has entered (vm/trace/breakpoints.ts). */
export const FLAG_PAST_BREAKPOINT: u32 = 2048;
/** Trapped exit of a memory exhaustion: kill at the next safe point. */
export const FLAG_OUT_OF_MEMORY: u32 = 1024;

export const PRIORITY_MAX: u32 = 0;
export const PRIORITY_HIGH: u32 = 1;
export const PRIORITY_NORMAL: u32 = 2;
export const PRIORITY_LOW: u32 = 3;

/** Words of a new process's heap and stack together. */
export const HEAP_WORDS_DEFAULT: u32 = 38;
/** What min_heap_size says of a process for which nothing else was asked: OTP's number. */
export const MIN_HEAP_DEFAULT: u32 = 233;
/** min_bin_vheap_size, also OTP's. */
export const BINARY_HEAP_DEFAULT: u32 = 46422;
export const FULLSWEEP_AFTER_DEFAULT: u32 = 65535;
/** X registers that fit into the control block. */
export const INLINE_X_COUNT: u32 = 3;
let madeCount: u32 = 0;

/**
 * A new process with an empty heap of at least `heapWords` words, not yet runnable; 0 when there is
 * no memory or the limit of processes is reached.
 */
export function newProcess(heapWords: u32): usize {
  const number = freeNumber();
  if (number < 0) return 0;
  const process = allocateZeroed(PROCESS_BYTES);
  if (!process) return 0;
  const words = heapWords < HEAP_WORDS_DEFAULT ? HEAP_WORDS_DEFAULT : heapWords;
  const heap = words > 0x0fff_ffff ? 0 : allocate(words << 3);
  if (!heap) {
    release(process);
    return 0;
  }
  const id = pidOf(number as u32);
  enterProcess(number as u32, process);
  store<u64>(process, id, P_ID);
  store<u32>(process, madeCount++, P_SERIAL);
  store<u32>(process, heap as u32, P_HEAP_START);
  store<u32>(process, heap as u32, P_HEAP_TOP);
  store<u32>(process, heap as u32, P_MATURE);
  store<u32>(process, (heap + (words << 3)) as u32, P_HEAP_END);
  store<u32>(process, (heap + (words << 3)) as u32, P_STACK_TOP);
  store<u32>(process, words > MIN_HEAP_DEFAULT ? words : MIN_HEAP_DEFAULT, P_MIN_HEAP);
  store<u32>(process, BINARY_HEAP_DEFAULT, P_MIN_BINARY_HEAP);
  store<u32>(process, FULLSWEEP_AFTER_DEFAULT, P_FULLSWEEP_AFTER);
  store<u32>(process, (process + P_INLINE_X) as u32, P_SAVED_X);
  store<u32>(process, INLINE_X_COUNT, P_SAVED_X_CAPACITY);
  store<u32>(process, PRIORITY_NORMAL, P_PRIORITY);
  store<u32>(process, STATE_WAITING, P_STATE);
  store<u64>(process, id, P_GROUP_LEADER);
  store<u64>(process, 0, P_CP);
  return process;
}

/** The module whose functions take calls of functions and funs that are not there. */
export function errorHandlerOf(process: usize): u64 {
  const handler = load<u64>(process, P_ERROR_HANDLER);
  return handler ? handler : am_error_handler;
}

/** Free the control block itself; heap, mailbox and lists must be gone. */
export function freeProcessBlock(process: usize): void {
  leavePartition(process);
  const saved = load<u32>(process, P_SAVED_X) as usize;
  if (saved != process + P_INLINE_X) release(saved);
  release(process);
}

/** Make room for `count` saved X registers; false when there is no memory. */
export function reserveSavedX(process: usize, count: u32): bool {
  if (count <= load<u32>(process, P_SAVED_X_CAPACITY)) return true;
  const fresh = allocate(count << 3);
  if (!fresh) return false;
  const saved = load<u32>(process, P_SAVED_X) as usize;
  memory.copy(fresh, saved, load<u32>(process, P_SAVED_X_CAPACITY) << 3);
  if (saved != process + P_INLINE_X) release(saved);
  store<u32>(process, fresh as u32, P_SAVED_X);
  store<u32>(process, count, P_SAVED_X_CAPACITY);
  return true;
}

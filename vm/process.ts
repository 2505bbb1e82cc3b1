/**
 * Process control blocks (fields: tables/process.ts) and the table that finds them by pid.
 *
 * A pid is 28 bits. The table has a power of two of slots, at least twice the number of processes;
 * a process stands at `number & mask`. Numbers are handed out in rising order, passing over those
 * whose slot is taken.
 */
import { allocate, allocateZeroed, release } from './alloc';
import {
  PROCESS_BYTES,
  P_CP,
  P_FULLSWEEP_AFTER,
  P_GROUP_LEADER,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_ID,
  P_INLINE_X,
  P_MATURE,
  P_MIN_HEAP,
  P_PRIORITY,
  P_SAVED_X,
  P_SAVED_X_CAPACITY,
  P_STACK_TOP,
  P_STARTED,
  P_STATE,
} from './gen/layout';
import { now } from './host';
import { isLocalPid, pidNumber, pidOf } from './term';

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
/** It hibernates: the next message calls its continuation. */
export const FLAG_HIBERNATING: u32 = 256;
/** Its crash is not reported (spawned by a test of ours; erts_internal). */
export const FLAG_SAVE_CALLS: u32 = 512;
/** Trapped exit of a memory exhaustion: kill at the next safe point. */
export const FLAG_OUT_OF_MEMORY: u32 = 1024;

export const PRIORITY_MAX: u32 = 0;
export const PRIORITY_HIGH: u32 = 1;
export const PRIORITY_NORMAL: u32 = 2;
export const PRIORITY_LOW: u32 = 3;

/** Words of a new process's heap and stack together. */
export const HEAP_WORDS_DEFAULT: u32 = 62;
export const FULLSWEEP_AFTER_DEFAULT: u32 = 65535;
/** X registers that fit into the control block. */
export const INLINE_X_COUNT: u32 = 6;
const PID_NUMBER_BITS: u32 = 28;
export const PROCESS_LIMIT_DEFAULT: u32 = 262144;

let table: usize = 0;
let mask: u32 = 0;
let nextNumber: u32 = 0;
export let processCount: u32 = 0;
export let processLimit: u32 = PROCESS_LIMIT_DEFAULT;

export function initProcesses(): void {
  mask = 1023;
  table = allocateZeroed((mask + 1) << 2);
  nextNumber = 0;
}

function growTable(): bool {
  const slots = (mask + 1) << 1;
  const fresh = allocateZeroed(slots << 2);
  if (!fresh) return false;
  for (let i: u32 = 0; i <= mask; i++) {
    const process = load<u32>(table + (i << 2)) as usize;
    if (process)
      store<u32>(
        fresh + ((pidNumber(load<u64>(process, P_ID)) & (slots - 1)) << 2),
        process as u32,
      );
  }
  release(table);
  table = fresh;
  mask = slots - 1;
  return true;
}

/** The control block of a local pid, or 0 when no such process exists. */
export function processOf(pid: u64): usize {
  if (!isLocalPid(pid)) return 0;
  const process = load<u32>(table + ((pidNumber(pid) & mask) << 2)) as usize;
  return process && load<u64>(process, P_ID) == pid ? process : 0;
}

/**
 * The process after slot `*index` in table order; index is advanced by the caller: slots 0 to
 * processSlots()-1.
 */
export function processAtSlot(index: u32): usize {
  return load<u32>(table + (index << 2));
}
export function processSlots(): u32 {
  return mask + 1;
}

/**
 * A new process with an empty heap of at least `heapWords` words, not yet runnable; 0 when there is
 * no memory or the limit of processes is reached.
 */
export function newProcess(heapWords: u32): usize {
  if (processCount >= processLimit) return 0;
  if (processCount << 1 > mask && !growTable()) return 0;
  const process = allocateZeroed(PROCESS_BYTES);
  if (!process) return 0;
  const words = heapWords < HEAP_WORDS_DEFAULT ? HEAP_WORDS_DEFAULT : heapWords;
  const heap = words > 0x0fff_ffff ? 0 : allocate(words << 3);
  if (!heap) {
    release(process);
    return 0;
  }
  while (load<u32>(table + ((nextNumber & mask) << 2))) nextNumber++;
  nextNumber &= (1 << PID_NUMBER_BITS) - 1;
  const id = pidOf(nextNumber);
  store<u32>(table + ((nextNumber & mask) << 2), process as u32);
  nextNumber = (nextNumber + 1) & ((1 << PID_NUMBER_BITS) - 1);
  processCount++;
  store<u64>(process, id, P_ID);
  store<u32>(process, heap as u32, P_HEAP_START);
  store<u32>(process, heap as u32, P_HEAP_TOP);
  store<u32>(process, heap as u32, P_MATURE);
  store<u32>(process, (heap + (words << 3)) as u32, P_HEAP_END);
  store<u32>(process, (heap + (words << 3)) as u32, P_STACK_TOP);
  store<u32>(process, words, P_MIN_HEAP);
  store<u32>(process, FULLSWEEP_AFTER_DEFAULT, P_FULLSWEEP_AFTER);
  store<u32>(process, (process + P_INLINE_X) as u32, P_SAVED_X);
  store<u32>(process, INLINE_X_COUNT, P_SAVED_X_CAPACITY);
  store<u32>(process, PRIORITY_NORMAL, P_PRIORITY);
  store<u32>(process, STATE_WAITING, P_STATE);
  store<u64>(process, id, P_GROUP_LEADER);
  store<u64>(process, now(), P_STARTED);
  store<u64>(process, 0, P_CP);
  return process;
}

/** Take a process out of the table: its pid finds nothing from now on. */
export function forgetProcess(process: usize): void {
  store<u32>(table + ((pidNumber(load<u64>(process, P_ID)) & mask) << 2), 0);
  processCount--;
}

/** Free the control block itself; heap, mailbox and lists must be gone. */
export function freeProcessBlock(process: usize): void {
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

/**
 * The scheduler: takes the next process, gives it a slice, and between slices drains the interrupt
 * ring and fires timers. It is the outermost loop of the VM; every way of leaving the processor
 * ends in one of the functions below.
 */
import { fetchOwn } from './aliases';
import { collectHibernating, collectSafe, collectionWork, continueCollection } from './collect';
import { exportEntry, setFixedCode } from './code';
import { freeDictionaries } from './dictionary';
import { continueExit, exitProcess } from './exit';
import { CLASS_ERROR, CLASS_THROW } from './errors';
import { am_apply, am_erlang, am_killed, am_nocatch, am_normal } from './gen/atoms';
import { run } from './gen/dispatch';
import {
  P_EXIT_PHASE,
  P_EXIT_REASON,
  P_FLAGS,
  P_GC_STATE,
  P_ID,
  P_LIVE,
  P_REDUCTIONS,
  P_STATE,
  P_TIMER,
  P_URGENCY,
  P_WALK,
} from './gen/layout';
import { OP_i_apply_fun_only, OP_i_apply_only, OP_i_process_end, OP_wait } from './gen/opcodes';
import { freeDoomed } from './ets/registry';
import { freeBlocks } from './files/contents';
import { isProgram } from './files/host_texts';
import { drainSystems } from './files/mounts';
import { closeOrphans } from './files/open_file';
import { collectionDue, memoryExhausted, restoreReserve } from './heap';
import { deliverInterrupts } from './interrupts';
import { now, power, wait } from './host';
import { traceList } from './ops/exceptions';
import { debugText } from './panic';
import {
  TURN_COLLECTION,
  TURN_EXIT,
  TURN_RUN,
  notePause,
  noteTurn,
  resetDoorbell,
  skipPause,
} from './pauses';
import {
  FLAG_COLLECTING,
  FLAG_EXIT_PENDING,
  FLAG_HIBERNATING,
  FLAG_IN_NATIVE_WORK,
  FLAG_PAST_BREAKPOINT,
  FLAG_QUEUED,
  FLAG_SHRUNK,
  FLAG_TASKS,
  STATE_EXITING,
  STATE_RUNNABLE,
  STATE_WAITING,
  processOf,
} from './process';
import { printTerm } from './print_term';
import { X_REGISTERS_MAX } from './registers';
import { reportCrash } from './report';
import { nextProcess, settleIdle, settleUsed } from './partitions';
import { calm, enqueueRun, enqueueWork, mayRun } from './run_queue';
import { tuple2, wake } from './signals';
import { watchCalls } from './saved_calls';
import { fireSendTimer } from './send_timers';
import {
  beginSlice,
  current,
  givenUp,
  pendingReductions,
  reductionsLeft,
  setCurrent,
  setHeapTop,
  setStackTop,
} from './state';
import { swapIn, swapOut } from './swap';
import { TASKS_AFTER_RUN, TASKS_DONE, doTasks } from './system_tasks';
import { TIMER_RECEIVE, T_KIND, T_TARGET, freeTimer, nextDeadline, takeDue } from './timers';
import { mayTrace, tellIn, tellInExiting, tellOut } from './trace/events';
import { monitoring, profilerPid, sliceEnded, tellActivity } from './trace/system_monitor';
import { rearm, resumeAt } from './trace/breakpoints';
import { trimWorkStack } from './work_stack';

/** Reductions of a slice (OTP's CONTEXT_REDS). */
export const SLICE_REDUCTIONS: i32 = 4000;

/** Reductions executed by all processes since the start. */
export let totalReductions: u64 = 0;
/** What turns besides running took, in reductions; collections count what they have done. */
let otherReductions: u64 = 0;
/** A step of an exit counts more reductions for the slice than it takes time. */
const EXIT_SHARE: i32 = 8;
export let contextSwitches: u64 = 0;
/** Nanoseconds in which there was nothing to run. */
export let idleNs: i64 = 0;

/**
 * Instructions of the VM's own, each behind the arity word of an entry: what a process's first
 * function returns to (0 live registers), the application of X0:X1 to X2 with which processes start
 * and hibernating ones go on (3), that of the fun X0 to X1 (2).
 */
const stubs: usize = memory.data(40, 8);
/** Objects of deleted tables that are freed between two processes. */
const DOOMED_OBJECTS: u32 = 64;
/** Timers that fire between two processes. */
const TIMERS_AT_ONCE: u32 = 32;
/** Pages of dictionaries. */
const DICTIONARY_PAGES: u32 = 16;
/** Files of processes that have ended, and blocks of files that are gone. */
const ORPHANED_FILES: u32 = 16;
const GONE_BLOCKS: u32 = 64;
const GONE_NAMES: u32 = 32;
/** Pid of the process whose end is the end of the system. */
let rootPid: u64 = 0;

export function initScheduler(): void {
  store<u32>(stubs, OP_i_process_end, 4);
  store<u32>(stubs, 3, 8);
  store<u32>(stubs, OP_i_apply_only, 12);
  store<u32>(stubs, 2, 16);
  store<u32>(stubs, OP_i_apply_fun_only, 20);
  store<u32>(stubs, 0, 24);
  store<u32>(stubs, OP_wait, 28);
  store<u32>(stubs, (stubs + 28) as u32, 32);
  setFixedCode(exportEntry(am_erlang, am_apply, 3), applyStub());
  setFixedCode(exportEntry(am_erlang, am_apply, 2), stubs + 20);
}
export function processEndAddress(): usize {
  return stubs + 4;
}
export function applyStub(): usize {
  return stubs + 12;
}
export function setRootProcess(pid: u64): void {
  rootPid = pid;
}
export function isRootProcess(process: usize): bool {
  return load<u64>(process, P_ID) == rootPid;
}

// ---- leaving the processor: called with a process running

/** It goes on at `pc` with `live` X registers as soon as it is its turn. */
export function requeueRunning(pc: usize, live: u32): void {
  if (!swapOut(pc, live)) {
    killForMemory();
    return;
  }
  enqueueRun(current);
}
/**
 * It goes on at the instruction at `pc`, which put a walk aside. Whatever X registers hold is kept
 * as it is, terms or not: nothing looks at them before they are back.
 */
export function requeueWalking(pc: usize): void {
  requeueRunning(pc, X_REGISTERS_MAX);
}
/** It waits for a message, a timer or an exit, then goes on at `pc`. */
export function suspendRunning(pc: usize, live: u32): void {
  if (!swapOut(pc, live)) {
    killForMemory();
    return;
  }
  store<u32>(current, STATE_WAITING, P_STATE);
  if (profilerPid) tellActivity(current, false, false);
  enqueueWork(current);
}
/** It waits for a message, with no more memory than it needs, then applies X0:X1 to X2. */
export function hibernateRunning(): void {
  suspendRunning(applyStub(), 3);
  // Without memory for three registers it has ended.
  if (current) collectHibernating(current);
}
/** It waits for the end of the machine: messages wake it, and it waits again. */
export function suspendForEver(): void {
  suspendRunning(stubs + 28, 0);
}
/** It is swapped out with a collection under way. */
export function requeueCollecting(): void {
  enqueueRun(current);
}
/** After a BIF that left something to obey: an exit signal, or memory that ran out. */
export function leaveAfterBif(next: usize): usize {
  if (memoryExhausted) killForMemory();
  else requeueRunning(next, 1);
  return 0;
}
/** It has a pending exit signal from itself. */
export function exitRunning(): void {
  endRunning(load<u64>(current, P_EXIT_REASON));
}
/** Memory ran out while it ran: it is killed, the VM goes on. */
export function killForMemory(): void {
  debugText('VBEAM: out of memory, killing process ');
  printTerm(load<u64>(current, P_ID));
  debugText('\n');
  exitNow(am_killed, true);
  restoreReserve();
}
/** An exception that nothing caught. */
export function exitUncaught(kind: u32, reason: u64, trace: u64): void {
  let exit = reason;
  if (kind == CLASS_ERROR) exit = tuple2(reason, traceList(trace));
  else if (kind == CLASS_THROW) exit = tuple2(tuple2(am_nocatch, reason), traceList(trace));
  if (kind == CLASS_ERROR || kind == CLASS_THROW) reportCrash(current, exit);
  endRunning(exit);
}
/** The first function returned. */
export function endNormally(): void {
  endRunning(am_normal);
}
function endRunning(reason: u64): void {
  exitNow(reason, memoryExhausted);
}
/** `whole`: everything is freed before anything else happens. */
function exitNow(reason: u64, whole: bool): void {
  fetchOwn();
  const pid = load<u64>(current, P_ID);
  if (pid == rootPid) rootEnded(reason);
  exitProcess(current, reason, whole);
  setCurrent(0);
}
/** The first process is gone: nothing can go on. */
function rootEnded(reason: u64): void {
  if (reason != am_normal && !isProgram) {
    debugText('\nVBEAM: the first process ended abnormally: ');
    printTerm(reason);
    debugText('\n');
  }
  power(reason == am_normal ? 0 : 1);
}

// ---- the loop

/** Those that are left are still due, and have their turn after a process has had its. */
function fireTimers(): void {
  const time = now();
  for (let i: u32 = 0; i < TIMERS_AT_ONCE; i++) {
    const timer = takeDue(time);
    if (!timer) return;
    if (load<u32>(timer, T_KIND) == TIMER_RECEIVE) {
      const process = processOf(load<u64>(timer, T_TARGET));
      if (process) receiveTimedOut(process);
    } else fireSendTimer(timer);
    freeTimer(timer);
  }
}
/**
 * The receive timer of `process` fired: it goes on behind its wait_timeout, which then sees TIMER =
 * 1.
 */
function receiveTimedOut(process: usize): void {
  store<u32>(process, 1, P_TIMER);
  store<u32>(process, load<u32>(process, P_FLAGS) & ~FLAG_IN_NATIVE_WORK, P_FLAGS);
  wake(process);
}

/**
 * What `process` does besides running: a collection that was begun, system tasks. True: it may run
 * in this turn. False: it stands in its queue again, or waits.
 */
function doOtherWork(process: usize): bool {
  let done = true;
  if (load<u32>(process, P_FLAGS) & FLAG_COLLECTING) {
    noteTurn(TURN_COLLECTION, load<u32>(load<u32>(process, P_GC_STATE)));
    done = continueCollection(process);
  } else noteTurn(TURN_COLLECTION, 0);
  if (done && load<u32>(process, P_FLAGS) & FLAG_TASKS) {
    const outcome = doTasks(process);
    if (outcome == TASKS_AFTER_RUN) return true;
    done = outcome == TASKS_DONE;
  }
  if (memoryExhausted) restoreReserve();
  if (!done) {
    enqueueWork(process);
    return false;
  }
  const urgent = load<u8>(process, P_URGENCY) != 0;
  calm(process);
  // It may have been killed, or have answered itself. Who was in a hurry for others goes back.
  if (!urgent && !(load<u32>(process, P_FLAGS) & FLAG_QUEUED)) return mayRun(process);
  enqueueWork(process);
  return false;
}

/** Run one process for one slice. */
function runProcess(process: usize): void {
  contextSwitches++;
  setCurrent(process);
  beginSlice(SLICE_REDUCTIONS);
  const flags = load<u32>(process, P_FLAGS);
  if (load<u32>(process, P_STATE) == STATE_EXITING) {
    noteTurn(TURN_EXIT, load<u32>(process, P_EXIT_PHASE));
    if (mayTrace(process)) tellInExiting(process);
    continueExit(process);
    otherReductions += pendingReductions / EXIT_SHARE;
    if (memoryExhausted) restoreReserve();
    return;
  }
  if (flags & FLAG_EXIT_PENDING) {
    if (mayTrace(process)) tellIn(process, true);
    endRunning(load<u64>(process, P_EXIT_REASON));
    otherReductions += pendingReductions / EXIT_SHARE;
    return;
  }
  if (flags & (FLAG_COLLECTING | FLAG_TASKS) && !doOtherWork(process)) return;
  const pc = swapIn(process);
  noteTurn(TURN_RUN, pc);
  rearm();
  if (flags & FLAG_PAST_BREAKPOINT) resumeAt(process, pc);
  // A walk put aside has addresses of terms: they stay where they are until it is done.
  if (
    !load<u32>(process, P_WALK) &&
    collectionDue(process) &&
    !collectSafe(pc, load<u32>(process, P_LIVE))
  )
    return;
  if (flags & (FLAG_SHRUNK | FLAG_HIBERNATING)) {
    store<u32>(process, load<u32>(process, P_FLAGS) & ~(FLAG_SHRUNK | FLAG_HIBERNATING), P_FLAGS);
    if (flags & FLAG_SHRUNK && !collectSafe(pc, load<u32>(process, P_LIVE))) return;
  }
  // A turn in which it only collects is not told.
  if (mayTrace(process)) tellIn(process, false);
  watchCalls();
  const began = monitoring ? now() : 0;
  run(pc, SLICE_REDUCTIONS);
  if (current) fetchOwn();
  if (monitoring && current && began) sliceEnded(current, now() - began);
  const used = SLICE_REDUCTIONS - reductionsLeft - givenUp;
  totalReductions += used;
  if (current) store<u64>(current, load<u64>(current, P_REDUCTIONS) + used, P_REDUCTIONS);
  if (current && mayTrace(current)) tellOut(current);
  if (memoryExhausted) {
    // It got its memory from the reserve and has now reached a safe point.
    if (current) killForMemory();
    else restoreReserve();
  }
}

/** All work since the start, in reductions: by it time passes where nothing else tells it. */
export function workDone(): u64 {
  return totalReductions + otherReductions + collectionWork();
}

/** The VM's outermost loop; ends only through host.power. */
export function schedule(): void {
  while (true) {
    notePause();
    // Before the ring is drained: an interrupt that comes behind rings for the next process, which
    // then leaves at once. The other way round it would wait for that process's whole slice.
    resetDoorbell();
    deliverInterrupts();
    fireTimers();
    // What was deleted is freed by the way, all of it before the processor rests.
    const tables = freeDoomed(DOOMED_OBJECTS);
    const files =
      closeOrphans(ORPHANED_FILES) && drainSystems(GONE_NAMES) && freeBlocks(GONE_BLOCKS);
    const dictionaries = freeDictionaries(DICTIONARY_PAGES);
    const tidy = tables && files && dictionaries;
    const process = nextProcess();
    if (process) {
      runProcess(process);
      setCurrent(0);
      trimWorkStack();
    } else if (tidy) {
      const began = settleUsed();
      wait(nextDeadline());
      idleNs += settleIdle() - began;
      skipPause();
    }
  }
}

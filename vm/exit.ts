/**
 * The end of a process, in steps of bounded work (architecture D6): everything it owned is freed,
 * then links and monitors are told, and at last its pid is given up. In this order, since it may
 * end because memory is exhausted, and the messages need some. Between two turns it stands in its
 * run queue with the state EXITING, dead for everybody else.
 *
 * A step does what EXIT_PHASE says, and answers true when that phase is over.
 */
import { allocatedBytes, managedBytes } from './alloc';
import { freeBigJob } from './big_job';
import { fragmentRoot, releaseMessage } from './copy';
import { copyAhead } from './copy_slices';
import { freeDictionaries, giveUpDictionary } from './dictionary';
import { reclaimTables } from './ets/registry';
import { endFixations } from './ets/fixation';
import { passOnTable } from './ets/tables';
import { ownerExits } from './files/open_file';
import { collectSlice, freeHeapBlocks, freeProcessHeap } from './gc';
import { am_killed } from './gen/atoms';
import {
  LINEAR_DOORBELL,
  P_ALIASES,
  P_EXIT_FRAGMENT,
  P_EXIT_PHASE,
  P_EXIT_REASON,
  P_FLAGS,
  P_FRAGMENTS,
  P_GC_STATE,
  P_ID,
  P_LINKS,
  P_MONITORED_BY,
  P_MONITORS,
  P_NAME,
  P_PRIORITY,
  P_OFF_HEAP,
  P_OLD_OFF_HEAP,
  P_PORTS,
  P_STATE,
  P_SUSPENDERS,
  P_TABLES,
  P_TIMER,
} from './gen/layout';
import { releaseResources } from './hardware';
import {
  FRAGMENT_OFF_HEAP,
  fragmentNext,
  fragmentWords,
  memoryExhausted,
  releaseFragment,
} from './heap';
import { freeMessages } from './mailbox';
import { unregisterProcess } from './names';
import { releaseSome } from './off_heap';
import { freeMarkers } from './receive_marker';
import { closeDriven, exitPort } from './port_signals';
import { portRecord } from './ports';
import {
  FLAG_EXIT_PENDING,
  PRIORITY_HIGH,
  PRIORITY_NORMAL,
  STATE_EXITING,
  forgetProcess,
  freeProcessBlock,
} from './process';
import { R_ORIGIN, linkPeer, removeAlias, removeLink, removeMonitor } from './relations';
import { dequeueRun, enqueueRun } from './run_queue';
import { fireMonitor, livingProcess, sendExit } from './signals';
import { chargeReductions, setHeapTop, setStackTop } from './state';
import { resumeSuspended } from './suspend';
import { freeSavedCalls } from './saved_calls';
import { refuseTasks } from './system_tasks';
import { isImmediate } from './term';
import { cancelTimersTo } from './send_timers';
import { cancelTimer } from './timers';
import {
  mayTrace,
  tellExit,
  tellGettingUnlinked,
  tellOutExited,
  tellOutExiting,
  tellUnregister,
} from './trace/events';
import { freeSequential, holdToken, sequentialUsed } from './trace/sequential';
import { profilerPid, tellActivity } from './trace/system_monitor';
import { stopTracing } from './trace/tracing';
import { allowLeaving, endWalk, freeWalk, walkLeft } from './walk';

const PHASE_COLLECTION: u32 = 0;
const PHASE_REASON: u32 = 1;
const PHASE_MAILBOX: u32 = 2;
const PHASE_TIMERS: u32 = 3;
const PHASE_HEAP: u32 = 4;
const PHASE_OLD_HEAP: u32 = 5;
const PHASE_FRAGMENTS: u32 = 6;
const PHASE_BLOCKS: u32 = 7;
const PHASE_RESOURCES: u32 = 8;
const PHASE_TABLES: u32 = 9;
const PHASE_TASKS: u32 = 10;
const PHASE_LINKS: u32 = 11;
const PHASE_WATCHERS: u32 = 12;
const PHASE_MONITORS: u32 = 13;
const PHASE_ALIASES: u32 = 14;
const PHASE_OVER: u32 = 15;

/** Words of collection in one step. */
const COLLECTION_WORDS: u32 = 512;
/** Messages, timers, references, fragments freed in one step. */
const FREED_PER_STEP: u32 = 64;
/** Reasons of more words are copied ahead of each signal, in slices. */
const REASON_WORDS: u32 = 256;
/** Claims given back in one step, or page tables of native tasks freed. */
const RESOURCES_PER_STEP: u32 = 16;
/** Signals sent in one step. */
const SIGNALS_PER_STEP: u32 = 16;
/** Pages of its dictionary, when its memory is needed. */
const ALL_PAGES: u32 = 0x1000_0000;
/** Steps of one turn, when nobody rings. */
const STEPS_PER_TURN: u32 = 24;
const STEP_REDUCTIONS: i32 = 64;

/**
 * End the running process `process` with `reason`. `whole`: to the end at once, because its memory
 * is needed; else others may run meanwhile.
 */
export function exitProcess(process: usize, reason: u64, whole: bool): void {
  if (profilerPid) tellActivity(process, false, true);
  if (mayTrace(process)) tellExit(process, reason);
  store<u32>(process, STATE_EXITING, P_STATE);
  dequeueRun(process);
  store<u64>(process, reason, P_EXIT_REASON);
  if (whole) keepReason(process);
  if (sequentialUsed) holdToken(process);
  const timer = load<u32>(process, P_TIMER) as usize;
  if (timer > 1) cancelTimer(timer);
  store<u32>(process, 0, P_TIMER);
  giveUpDictionary(process);
  freeBigJob(process);
  freeWalk(process);
  store<u32>(process, whole ? PHASE_MAILBOX : PHASE_COLLECTION, P_EXIT_PHASE);
  if (whole) {
    setHeapTop(0);
    setStackTop(0);
    while (!freeDictionaries(ALL_PAGES)) {}
    freeProcessHeap(process);
    while (!exitStep(process)) {}
  } else {
    reasonsUnderWay++;
    // The collector of literal areas, at high priority, waits for it without sleeping.
    if (load<u32>(process, P_PRIORITY) > PRIORITY_HIGH)
      store<u32>(process, PRIORITY_HIGH, P_PRIORITY);
    continueExit(process);
  }
}
/** A turn of an exiting process, which is the running one. */
export function continueExit(process: usize): void {
  // hAlloc gives fragments only.
  setHeapTop(0);
  setStackTop(0);
  for (let i: u32 = 0; i < STEPS_PER_TURN; i++) {
    chargeReductions(STEP_REDUCTIONS);
    if (exitStep(process)) return;
    // With the reserve used up nobody else may run before all this memory is free.
    if (load<i32>(LINEAR_DOORBELL) > 0 && !memoryExhausted) break;
    if (memoryExhausted) i = 0;
  }
  if (mayTrace(process)) tellOutExiting(process);
  enqueueRun(process);
}

/**
 * Make the exit reason of `process`, a term of its heap, one outside of it, in the fragment
 * P_EXIT_FRAGMENT, unless it is that already, or immediate. Walks that are left end it.
 */
function keepReason(process: usize): void {
  const reason = load<u64>(process, P_EXIT_REASON);
  const held = load<u32>(process, P_EXIT_FRAGMENT) as usize;
  if (isImmediate(reason) || (held && reason == fragmentRoot(held))) return;
  const fragment = copyAhead(reason);
  if (walkLeft) return;
  if (fragment && held) releaseMessage(held);
  if (fragment) store<u32>(process, fragment as u32, P_EXIT_FRAGMENT);
  store<u64>(process, fragment ? fragmentRoot(fragment) : am_killed, P_EXIT_REASON);
}
/** Processes whose reasons still refer to their heaps, and to literals. */
export let reasonsUnderWay: u32 = 0;
/** The same in slices; true when it is done. */
function keepReasonInSlices(process: usize): bool {
  allowLeaving();
  keepReason(process);
  if (endWalk()) return false;
  reasonsUnderWay--;
  if (load<u32>(process, P_PRIORITY) == PRIORITY_HIGH)
    store<u32>(process, PRIORITY_NORMAL, P_PRIORITY);
  return true;
}
/**
 * A copy of the exit reason, for a signal that is about to be sent, when it is large: in slices. 0
 * with `reasonLeft` when it is not complete.
 */
function reasonAhead(process: usize): usize {
  reasonLeft = false;
  const held = load<u32>(process, P_EXIT_FRAGMENT) as usize;
  if (!held || fragmentWords(held) <= REASON_WORDS || memoryExhausted) return 0;
  allowLeaving();
  const ahead = copyAhead(load<u64>(process, P_EXIT_REASON));
  reasonLeft = endWalk();
  return reasonLeft ? 0 : ahead;
}
let reasonLeft: bool = false;

/** One step; true when the process is gone. */
function exitStep(process: usize): bool {
  const phase = load<u32>(process, P_EXIT_PHASE);
  if (phase == PHASE_OVER) {
    finish(process);
    return true;
  }
  if (runPhase(process, phase)) store<u32>(process, phase + 1, P_EXIT_PHASE);
  return false;
}
function runPhase(process: usize, phase: u32): bool {
  switch (phase) {
    case PHASE_COLLECTION:
      // A collection under way is finished: what it has not copied yet must be found.
      return !load<u32>(process, P_GC_STATE) || collectSlice(process, COLLECTION_WORDS);
    case PHASE_REASON:
      return keepReasonInSlices(process);
    case PHASE_MAILBOX:
      return freeMessages(process, FREED_PER_STEP);
    case PHASE_TIMERS:
      return cancelTimersTo(process, FREED_PER_STEP);
    case PHASE_HEAP:
      return releaseSome(process + P_OFF_HEAP, FREED_PER_STEP);
    case PHASE_OLD_HEAP:
      return releaseSome(process + P_OLD_OFF_HEAP, FREED_PER_STEP);
    case PHASE_FRAGMENTS:
      return freeFragment(process);
    case PHASE_BLOCKS:
      freeHeapBlocks(process);
      freeBelongings(process);
      return true;
    case PHASE_RESOURCES:
      return releaseResources(process, RESOURCES_PER_STEP);
    case PHASE_TABLES:
      return passOnTables(process);
    case PHASE_TASKS:
      return refuseTasks(process, SIGNALS_PER_STEP);
    case PHASE_LINKS:
      return breakLinks(process);
    case PHASE_WATCHERS:
      return tellWatchers(process);
    case PHASE_MONITORS:
      return dropMonitors(process);
    default:
      return dropAliases(process);
  }
}

/** Free the first fragments of the heap; true when there is none. */
function freeFragment(process: usize): bool {
  for (let i: u32 = 0; i < FREED_PER_STEP; i++) {
    const fragment = load<u32>(process, P_FRAGMENTS) as usize;
    if (!fragment) return true;
    if (!releaseSome(fragment + FRAGMENT_OFF_HEAP, FREED_PER_STEP)) return false;
    store<u32>(process, fragmentNext(fragment) as u32, P_FRAGMENTS);
    releaseFragment(fragment);
  }
  return false;
}
function freeBelongings(process: usize): void {
  freeSavedCalls(process);
  freeMarkers(process);
  ownerExits(process);
  if (load<u32>(process, P_SUSPENDERS)) resumeSuspended(process);
  endFixations(process);
}
/** One table goes to its heir or is deleted. */
function passOnTables(process: usize): bool {
  if (load<u32>(process, P_TABLES)) {
    passOnTable(process);
    return false;
  }
  // What follows needs memory: when it is short, nothing is left for later.
  if (allocatedBytes > managedBytes - (managedBytes >> 4)) reclaimTables();
  if (load<u32>(process, P_PORTS)) closeDriven(process, load<u64>(process, P_EXIT_REASON));
  giveUpName(process);
  return true;
}
/** Who finds the name free finds the tables of its holder gone. */
function giveUpName(process: usize): void {
  const name = load<u64>(process, P_NAME);
  if (!name) return;
  if (mayTrace(process)) tellUnregister(process, name);
  unregisterProcess(process);
}

// ---- links and monitors end with signals; its own monitors and aliases end silently

function breakLinks(process: usize): bool {
  const pid = load<u64>(process, P_ID);
  const reason = load<u64>(process, P_EXIT_REASON);
  for (let i: u32 = 0; i < SIGNALS_PER_STEP; i++) {
    const record = load<u32>(process, P_LINKS) as usize;
    if (!record) return true;
    const other = linkPeer(record, pid);
    const peer = livingProcess(other);
    const ahead = peer ? reasonAhead(process) : 0;
    if (reasonLeft) return false;
    removeLink(record);
    const port = portRecord(other);
    if (peer) {
      sendExit(pid, peer, reason, true, ahead);
      const ends = (load<u32>(peer, P_FLAGS) & FLAG_EXIT_PENDING) != 0;
      if (mayTrace(peer) && !ends) tellGettingUnlinked(peer, pid);
    } else if (port) exitPort(port, pid, reason, true);
  }
  return false;
}
function tellWatchers(process: usize): bool {
  const pid = load<u64>(process, P_ID);
  const reason = load<u64>(process, P_EXIT_REASON);
  for (let i: u32 = 0; i < SIGNALS_PER_STEP; i++) {
    const record = load<u32>(process, P_MONITORED_BY) as usize;
    if (!record) return true;
    const ahead = livingProcess(load<u64>(record, R_ORIGIN)) ? reasonAhead(process) : 0;
    if (reasonLeft) return false;
    fireMonitor(record, pid, reason, ahead);
  }
  return false;
}
function dropMonitors(process: usize): bool {
  for (let i: u32 = 0; i < FREED_PER_STEP; i++) {
    const record = load<u32>(process, P_MONITORS) as usize;
    if (!record) return true;
    removeMonitor(record);
  }
  return false;
}
function dropAliases(process: usize): bool {
  for (let i: u32 = 0; i < FREED_PER_STEP; i++) {
    const record = load<u32>(process, P_ALIASES) as usize;
    if (!record) return true;
    removeAlias(record);
  }
  return false;
}

/** The signals' own terms were on fragments of the process. */
function finish(process: usize): void {
  if (mayTrace(process)) {
    tellOutExited(process);
    stopTracing(process);
  }
  if (sequentialUsed) freeSequential(process);
  forgetProcess(process);
  freeWalk(process);
  freeProcessHeap(process);
  const fragment = load<u32>(process, P_EXIT_FRAGMENT) as usize;
  if (fragment) releaseMessage(fragment);
  freeProcessBlock(process);
}

/**
 * The running process and others: self, flags, names, sends, hibernate, liveness. process_info is
 * in process_info.ts.
 */
import { monitorNodes2 } from './monitor_nodes';
import { fetchOwn } from '../aliases';
import { badargBecause } from '../error_info';
import {
  am_asynchronous,
  am_badarg,
  am_badopt,
  am_badtype,
  am_error_handler,
  am_false,
  am_fullsweep_after,
  am_high,
  am_low,
  am_max,
  am_max_heap_size,
  am_message_queue_data,
  am_min_bin_vheap_size,
  am_min_heap_size,
  am_monitor_nodes,
  am_noconnect,
  am_none,
  am_normal,
  am_nosuspend,
  am_notalive,
  am_off_heap,
  am_ok,
  am_on_heap,
  am_priority,
  am_save_calls,
  am_scheduler,
  am_sensitive,
  am_suspended,
  am_trap_exit,
  am_true,
  am_undefined,
  am_unless_suspending,
} from '../gen/atoms';
import { deliver, tuple2, isAlive, livingProcess } from '../signals';
import {
  isLocalPort,
  NIL,
  NONE,
  head,
  isAtom,
  isList,
  isLocalPid,
  isMap,
  isPid,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { badarg, outOfMemory, swappedOut, systemLimit, trapTo } from '../errors';
import { BIF_processesFrom } from '../gen/bifs';
import {
  P_CATCHES,
  P_ERROR_HANDLER,
  P_FLAGS,
  P_FULLSWEEP_AFTER,
  P_GROUP_LEADER,
  P_HEAP_END,
  P_ID,
  P_MAILBOX_COUNT,
  P_MAILBOX_SAVE,
  P_MAX_HEAP,
  P_MAX_HEAP_FLAGS,
  P_MIN_BINARY_HEAP,
  P_MIN_HEAP,
  P_NAME,
  P_TABLES,
  P_PRIORITY,
} from '../gen/layout';
import { minBinaryHeapWords, minHeapWords } from '../heap_sizes';
import { hAlloc } from '../heap';
import {
  isEarlier,
  registerHolder,
  registerProcess,
  registeredHolder,
  unregisterHolder,
  unregisterProcess,
} from '../names';
import { PORT_NAME, nextPort, openPort, portRecord } from '../ports';
import {
  FLAG_BOUND,
  FLAG_HIBERNATING,
  FLAG_OFF_HEAP_QUEUE,
  FLAG_SENSITIVE,
  FLAG_SYSTEM,
  FLAG_TRAP_EXIT,
  PRIORITY_HIGH,
  PRIORITY_LOW,
  PRIORITY_MAX,
  errorHandlerOf,
  processOf,
} from '../process';
import { processAtSlot, processSlots, usedSlotBelow } from '../process_table';
import { makeReference, newReferenceNumber } from '../refs';
import { applyStub, processEndAddress, hibernateRunning, requeueRunning } from '../scheduler';
import { saveCalls, savedCallsCapacity } from '../saved_calls';
import { send } from '../send';
import { ARGUMENTS_IMPROPER, argumentCount, optionMaxHeap, optionMaxHeapFlags } from '../spawn';
import {
  budget,
  chargeReductions,
  current,
  setContinuation,
  setStackTop,
  spendSlice,
} from '../state';
import { ARGUMENTS_MAX, setX } from '../registers';
import { resume, suspend, suspendedBy } from '../suspend';
import { mayTrace, tellRegister, tellUnregister } from '../trace/events';
import { isSchedulerNumber, priorityOf, readMaxHeap } from './spawn';
import { maxHeapMap } from './system_flag';
import { boolOf } from './types';

/** Largest number of words, and of collections, that a flag may say. */
const NUMBER_MAX: i64 = 0x0800_0000;
const FULLSWEEP_MAX: i64 = 65535;
/** Most calls that process_flag(save_calls, _) takes. */
const SAVED_CALLS_MAX: i64 = 10000;

function self(): u64 {
  return load<u64>(current, P_ID);
}
// bif: erlang:self/0
export function self0(): u64 {
  return self();
}
// bif: erlang:make_ref/0
export function makeRef0(): u64 {
  return makeReference(newReferenceNumber());
}
// bif: erlang:send/2
// bif: erlang:!/2
export function send2(destination: u64, message: u64): u64 {
  chargeReductions(4);
  return send(destination, message) == NONE ? NONE : message;
}
// bif: erlang:send/3
export function send3(destination: u64, message: u64, options: u64): u64 {
  let rest = options;
  while (isList(rest)) {
    if (head(rest) != am_noconnect && head(rest) != am_nosuspend) return badargBecause(am_badopt);
    rest = tail(rest);
  }
  if (rest != NIL) return badargBecause(am_badopt);
  return send(destination, message) == NONE ? NONE : am_ok;
}

// ---- names

/**
 * A process that has an exit signal before it, or is about to end, is dead to everybody else: its
 * name is free, once its tables are gone.
 */
function leavesName(process: usize): bool {
  return process != 0 && !isAlive(process) && !load<u32>(process, P_TABLES);
}
function freeName(name: u64): void {
  const process = processOf(registeredHolder(name));
  if (!leavesName(process)) return;
  if (mayTrace(process)) tellUnregister(process, name);
  unregisterProcess(process);
}
// bif: erlang:register/2
export function register2(name: u64, holder: u64): u64 {
  const isHolder = isLocalPid(holder) || isLocalPort(holder);
  if (!isAtom(name) || name == am_undefined || !isHolder) return badargBecause(am_none);
  freeName(name);
  const port = openPort(holder);
  if (port) return registerHolder(holder, port + PORT_NAME, name) ? am_true : badarg();
  const process = livingProcess(holder);
  if (!process) return badargBecause(am_notalive);
  if (!registerProcess(process, name)) return badarg();
  if (mayTrace(process)) tellRegister(process, name);
  return am_true;
}
// bif: erlang:unregister/1
export function unregister1(name: u64): u64 {
  if (!isAtom(name)) return badarg();
  freeName(name);
  const holder = registeredHolder(name);
  const process = processOf(holder);
  const port = portRecord(holder);
  if (process) {
    if (mayTrace(process)) tellUnregister(process, name);
    unregisterProcess(process);
  } else if (port) unregisterHolder(holder, port + PORT_NAME);
  else return badarg();
  return am_true;
}
// bif: erlang:whereis/1
export function whereis1(name: u64): u64 {
  if (!isAtom(name)) return badarg();
  const holder = registeredHolder(name);
  return holder && !leavesName(processOf(holder)) ? holder : am_undefined;
}
// bif: erlang:registered/0
export function registered0(): u64 {
  let list = NIL;
  for (let port = nextPort(0); port; port = nextPort(port)) {
    if (load<u64>(port, PORT_NAME)) list = makeCons(hAlloc(2), load<u64>(port, PORT_NAME), list);
  }
  return processesFrom(smallOf(processSlots() as i64), list, am_true);
}
// bif: erlang:processes/0
export function processes0(): u64 {
  return processesFrom(smallOf(processSlots() as i64), NIL, am_false);
}
/** Slots of the process table looked at for one reduction. */
export const SLOTS_PER_REDUCTION: u32 = 8;
/**
 * The processes in slots below `end`, before those of `list`: their names, if they are registered,
 * or their pids.
 */
// bif: vbeam_internal:processes/3
export function processesFrom(end: u64, list: u64, names: u64): u64 {
  if (!isSmall(end)) return badarg();
  let slot = min(smallValue(end) as u32, processSlots());
  let left = (budget() as u32) * SLOTS_PER_REDUCTION;
  let found = list;
  for (slot = usedSlotBelow(slot); slot; slot = usedSlotBelow(slot - 1)) {
    if (!left--) return processesLater(slot, found, names);
    const process = processAtSlot(slot - 1);
    if (!process || !isAlive(process)) continue;
    const word = load<u64>(process + (names == am_true ? P_NAME : P_ID));
    if (word) found = makeCons(hAlloc(2), word, found);
  }
  return found;
}
function processesLater(slot: u32, list: u64, names: u64): u64 {
  chargeReductions(budget());
  setX(0, smallOf(slot as i64));
  setX(1, list);
  setX(2, names);
  return trapTo(BIF_processesFrom, 3);
}
// bif: erlang:is_process_alive/1
export function isProcessAlive1(pid: u64): u64 {
  if (!isPid(pid) || (!isLocalPid(pid) && !isEarlier(pid))) return badarg();
  // Another is asked by a signal.
  if (pid != self()) fetchOwn();
  return boolOf(livingProcess(pid) != 0);
}

// ---- group leaders

// bif: erlang:group_leader/0
export function groupLeader0(): u64 {
  return load<u64>(current, P_GROUP_LEADER);
}
// bif: erts_internal:group_leader/2
export function groupLeader2(leader: u64, pid: u64): u64 {
  // OTP's module erlang makes an error of what is not true.
  const process = isLocalPid(leader) && isPid(pid) ? livingProcess(pid) : 0;
  if (!process) return am_badarg;
  store<u64>(process, leader, P_GROUP_LEADER);
  return am_true;
}
// bif: erts_internal:group_leader/3
export function groupLeader3(leader: u64, pid: u64, reference: u64): u64 {
  return reference == NONE ? NONE : groupLeader2(leader, pid);
}

// ---- flags

function setFlag(process: usize, flag: u32, value: u64): u64 {
  if (value != am_true && value != am_false) return badarg();
  const flags = load<u32>(process, P_FLAGS);
  store<u32>(process, value == am_true ? flags | flag : flags & ~flag, P_FLAGS);
  return boolOf((flags & flag) != 0);
}
export function priorityAtom(process: usize): u64 {
  const priority = load<u32>(process, P_PRIORITY);
  return priority == PRIORITY_MAX
    ? am_max
    : priority == PRIORITY_HIGH
      ? am_high
      : priority == PRIORITY_LOW
        ? am_low
        : am_normal;
}
function setNumber(field: u32, value: u64): u64 {
  if (!isSmall(value) || smallValue(value) < 0) return badarg();
  const old = load<u32>(current + field);
  const number = min(smallValue(value), NUMBER_MAX);
  if (field == P_FULLSWEEP_AFTER) store<u32>(current + field, min(number, FULLSWEEP_MAX) as u32);
  else if (field == P_MIN_HEAP) store<u32>(current + field, minHeapWords(number));
  else store<u32>(current + field, minBinaryHeapWords(number));
  return smallOf(old as i64);
}

function setErrorHandler(module: u64): u64 {
  if (!isAtom(module)) return badarg();
  const old = errorHandlerOf(current);
  store<u64>(current, module, P_ERROR_HANDLER);
  return old;
}
/** The number of the scheduler to stay on, of which there is one; 0: none in particular. */
function setScheduler(number: u64): u64 {
  if (!isSchedulerNumber(number)) return badarg();
  const flags = load<u32>(current, P_FLAGS);
  store<u32>(current, smallValue(number) ? flags | FLAG_BOUND : flags & ~FLAG_BOUND, P_FLAGS);
  return smallOf(flags & FLAG_BOUND ? 1 : 0);
}
// bif: erlang:process_flag/2
export function processFlag2(flag: u64, value: u64): u64 {
  if (flag == am_trap_exit) return setFlag(current, FLAG_TRAP_EXIT, value);
  if (flag == am_sensitive) return setFlag(current, FLAG_SENSITIVE, value);
  if (flag == am_priority) {
    const priority = priorityOf(value);
    if (priority < 0) return badarg();
    const old = priorityAtom(current);
    store<u32>(current, priority as u32, P_PRIORITY);
    return old;
  }
  if (flag == am_message_queue_data) {
    if (value != am_off_heap && value != am_on_heap) return badarg();
    const off = load<u32>(current, P_FLAGS) & FLAG_OFF_HEAP_QUEUE;
    setFlag(current, FLAG_OFF_HEAP_QUEUE, boolOf(value == am_off_heap));
    return off ? am_off_heap : am_on_heap;
  }
  if (flag == am_min_heap_size) return setNumber(P_MIN_HEAP, value);
  if (flag == am_fullsweep_after) return setNumber(P_FULLSWEEP_AFTER, value);
  if (flag == am_min_bin_vheap_size) return setNumber(P_MIN_BINARY_HEAP, value);
  if (flag == am_max_heap_size) {
    const old = maxHeapMap(load<u64>(current, P_MAX_HEAP), load<u32>(current, P_MAX_HEAP_FLAGS));
    if (!readMaxHeap(value, load<u32>(current, P_MAX_HEAP_FLAGS))) return badarg();
    store<u64>(current, optionMaxHeap, P_MAX_HEAP);
    store<u32>(current, optionMaxHeapFlags, P_MAX_HEAP_FLAGS);
    return old;
  }
  if (flag == am_error_handler) return setErrorHandler(value);
  if (flag == am_scheduler) return setScheduler(value);
  if (flag == am_save_calls)
    return isCallCount(value) ? keepCalls(current, value) : badargBecause(am_none);
  if (flag == am_monitor_nodes) return monitorNodes2(NIL, value);
  if (isTuple(flag) && tupleArity(flag) == 2 && tupleElement(flag, 1) == am_monitor_nodes)
    return monitorNodes2(tupleElement(flag, 2), value);
  return badargBecause(am_badopt);
}
/** Keep as many calls; how many were kept before. */
function keepCalls(process: usize, count: u64): u64 {
  const before = savedCallsCapacity(process);
  return saveCalls(process, smallValue(count) as u32) ? smallOf(before as i64) : outOfMemory();
}
/** How many calls are to be kept. */
function isCallCount(value: u64): bool {
  return isSmall(value) && smallValue(value) >= 0 && smallValue(value) <= SAVED_CALLS_MAX;
}
// bif: erts_internal:process_flag/3
export function processFlag3(pid: u64, flag: u64, value: u64): u64 {
  if (!isLocalPid(pid) || flag != am_save_calls || !isCallCount(value)) return am_badarg;
  const process = livingProcess(pid);
  return process ? keepCalls(process, value) : am_badtype;
}
// bif: erts_internal:is_system_process/1
export function isSystemProcess1(pid: u64): u64 {
  if (!isLocalPid(pid)) return badarg();
  const process = processOf(pid);
  return boolOf(process != 0 && (load<u32>(process, P_FLAGS) & FLAG_SYSTEM) != 0);
}

// ---- leaving the processor

// bif: erlang:yield/0
export function yield0(): u64 {
  spendSlice();
  return am_true;
}
// bif: erlang:bump_reductions/1
export function bumpReductions1(count: u64): u64 {
  if (!isSmall(count) || smallValue(count) < 1) return badarg();
  chargeReductions(smallValue(count) > 1000000 ? 1000000 : (smallValue(count) as i32));
  return am_true;
}
// bif: erlang:hibernate/3
export function hibernate3(module: u64, name: u64, args: u64): u64 {
  const count = argumentCount(args);
  if (!isAtom(module) || !isAtom(name) || count == ARGUMENTS_IMPROPER) return badarg();
  if (count > ARGUMENTS_MAX) return systemLimit();
  // The stack is thrown away: the process goes on with module:name(args) when it has a message.
  setStackTop(load<u32>(current, P_HEAP_END));
  setContinuation(processEndAddress() as u64);
  store<u32>(current, 0, P_CATCHES);
  setX(0, module);
  setX(1, name);
  setX(2, args);
  store<u32>(current, 0, P_MAILBOX_SAVE);
  store<u32>(current, load<u32>(current, P_FLAGS) | FLAG_HIBERNATING, P_FLAGS);
  fetchOwn();
  if (load<u32>(current, P_MAILBOX_COUNT)) requeueRunning(applyStub(), 3);
  else hibernateRunning();
  return swappedOut();
}
// bif: erts_internal:suspend_process/2
export function suspendProcess2(pid: u64, options: u64): u64 {
  const process = isLocalPid(pid) && pid != self() ? livingProcess(pid) : 0;
  if (!process) return am_badarg;
  let once = false;
  let notice: u64 = 0;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) {
    const option = head(rest);
    if (option == am_unless_suspending) once = true;
    else if (isTuple(option) && tupleArity(option) == 2) {
      if (tupleElement(option, 1) != am_asynchronous) return am_badarg;
      notice = tupleElement(option, 2);
    } else if (option != am_asynchronous) return am_badarg;
  }
  if (rest != NIL) return am_badarg;
  if (once && suspendedBy(current, pid)) return am_false;
  if (!suspend(current, process, pid)) return outOfMemory();
  if (notice && !deliver(current, tuple2(notice, am_suspended))) return outOfMemory();
  return am_true;
}
// bif: erlang:resume_process/1
export function resumeProcess1(pid: u64): u64 {
  return isLocalPid(pid) && resume(current, pid) ? am_true : badarg();
}

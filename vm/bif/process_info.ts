/** erlang:process_info/1,2: a table of items, each a function from a control block to a term. */
import { fetchOwn } from '../aliases';
import { badarg, trapTo } from '../errors';
import {
  am_backtrace,
  am_binary,
  am_catchlevel,
  am_current_function,
  am_current_location,
  am_current_stacktrace,
  am_dictionary,
  am_error_handler,
  am_exiting,
  am_false,
  am_fullsweep_after,
  am_garbage_collection,
  am_garbage_collection_info,
  am_group_leader,
  am_heap_size,
  am_initial_call,
  am_last_calls,
  am_links,
  am_max_heap_size,
  am_memory,
  am_message_queue_data,
  am_message_queue_len,
  am_messages,
  am_min_bin_vheap_size,
  am_min_heap_size,
  am_minor_gcs,
  am_monitored_by,
  am_monitors,
  am_off_heap,
  am_on_heap,
  am_parent,
  am_port,
  am_priority,
  am_process,
  am_reductions,
  am_registered_name,
  am_runnable,
  am_running,
  am_sequential_trace_token,
  am_stack_size,
  am_status,
  am_suspended,
  am_suspending,
  am_total_heap_size,
  am_trace,
  am_trap_exit,
  am_undefined,
  am_waiting,
} from '../gen/atoms';
import {
  P_CATCHES,
  P_FLAGS,
  P_FRAGMENT_WORDS,
  P_FULLSWEEP_AFTER,
  P_GC_MINOR_COUNT,
  P_GC_STATE,
  P_GROUP_LEADER,
  P_HEAP_END,
  P_HEAP_START,
  P_ID,
  P_INITIAL_ARITY,
  P_INITIAL_FUNCTION,
  P_INITIAL_MODULE,
  P_LINKS,
  P_MAILBOX_COUNT,
  P_MAILBOX_FIRST,
  P_MAILBOX_WORDS,
  P_MAX_HEAP,
  P_MIN_BINARY_HEAP,
  P_MIN_HEAP,
  P_MONITORED_BY,
  P_MONITORS,
  P_NAME,
  P_PARENT,
  P_PRIORITY,
  P_REDUCTIONS,
  P_STACK_TOP,
  P_STATE,
  P_SUSPENDED,
  PROCESS_BYTES,
  P_MAX_HEAP_FLAGS,
} from '../gen/layout';
import { newBinary } from '../binary';
import { BIF_processInfo1, BIF_processInfo2 } from '../gen/bifs';
import { countedHeapWords, totalHeapWords } from '../gc';
import { hAlloc } from '../heap';
import { importTerm } from '../import_term';
import { NODE_TERM } from '../mailbox';
import { isEarlier, nodeName } from '../names';
import { integerOfU64 } from '../bignum';
import {
  FLAG_IN_NATIVE_WORK,
  FLAG_OFF_HEAP_QUEUE,
  FLAG_SENSITIVE,
  FLAG_TRAP_EXIT,
  STATE_EXITING,
  STATE_WAITING,
  errorHandlerOf,
  processOf,
} from '../process';
import {
  R_NAME,
  R_ORIGIN,
  R_ORIGIN_NEXT,
  R_TARGET,
  R_TARGET_NEXT,
  linkPeer,
  nextLink,
} from '../relations';
import { setX } from '../registers';
import { enqueueWork, hurry } from '../run_queue';
import { isAlive, tuple2, tuple3 } from '../signals';
import { stackTraceOfProcess, currentLocation } from '../stack_trace';
import { savedCallsList } from '../saved_calls';
import { SLICE_REDUCTIONS } from '../scheduler';
import {
  chargeReductions,
  current,
  givenUp,
  pendingReductions,
  reductionsLeft,
  spendSlice,
} from '../state';
import {
  NIL,
  NONE,
  head,
  isAtom,
  isList,
  isLocalPid,
  isPid,
  isLocalPort,
  makeCons,
  smallOf,
  tail,
  tupleElement,
} from '../term';
import { saveRegisters } from '../swap';
import { sequentialToken } from '../trace/sequential';
import { traceFlagsOf } from '../trace/tracing';
import { nextSuspended, suspendedBy, suspendedPid } from '../suspend';
import { processText } from '../trace/process_text';
import { collectionInfo } from './collection_info';
import { maxHeapMap } from './system_flag';
import { dictionaryList, forgetDictionaryList } from './dictionary';
import { priorityAtom } from './process';
import { binaryList } from './process_binaries';
import { boolOf } from './types';

function cons(first: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), first, rest);
}
/** Pids and ports that a process is linked to. */
export function linkList(process: usize): u64 {
  const pid = load<u64>(process, P_ID);
  let list = NIL;
  let record = load<u32>(process, P_LINKS) as usize;
  while (record) {
    list = cons(linkPeer(record, pid), list);
    record = nextLink(record, pid);
  }
  return list;
}
function monitorList(process: usize): u64 {
  let list = NIL;
  let record = load<u32>(process, P_MONITORS) as usize;
  while (record) {
    const name = load<u64>(record, R_NAME);
    list = cons(
      tuple2(
        isLocalPort(load<u64>(record, R_TARGET)) ? am_port : am_process,
        name ? tuple2(name, nodeName()) : load<u64>(record, R_TARGET),
      ),
      list,
    );
    record = load<u32>(record, R_ORIGIN_NEXT);
  }
  return list;
}
function monitoredByList(process: usize): u64 {
  let list = NIL;
  let record = load<u32>(process, P_MONITORED_BY) as usize;
  while (record) {
    list = cons(load<u64>(record, R_ORIGIN), list);
    record = load<u32>(record, R_TARGET_NEXT);
  }
  return list;
}
/** Messages in order; NONE when memory runs out. */
function messageList(process: usize): u64 {
  let list = NIL;
  let last: usize = 0;
  let node = load<u32>(process, P_MAILBOX_FIRST) as usize;
  while (node) {
    const term = importTerm(load<u64>(node, NODE_TERM));
    if (term == NONE) return NONE;
    const at = hAlloc(2);
    makeCons(at, term, NIL);
    if (last) store<u64>(last, (at as u64) | 1, 8);
    else list = (at as u64) | 1;
    last = at;
    node = load<u32>(node);
  }
  return list;
}
export function statusOf(process: usize): u64 {
  const state = load<u32>(process, P_STATE);
  if (process == current || load<u32>(process, P_FLAGS) & FLAG_IN_NATIVE_WORK) return am_running;
  if (state == STATE_EXITING || !isAlive(process)) return am_exiting;
  if (load<u32>(process, P_SUSPENDED)) return am_suspended;
  return state == STATE_WAITING ? am_waiting : am_runnable;
}
/** Bytes of its control block, heap and messages. */
function memoryBytes(process: usize): i64 {
  const words = totalHeapWords(process) + (load<u32>(process, P_FRAGMENT_WORDS) as u64);
  return (((words + (load<u32>(process, P_MAILBOX_WORDS) as u64)) << 3) as i64) + PROCESS_BYTES;
}
function reductions(process: usize): u64 {
  const done = load<u64>(process, P_REDUCTIONS);
  if (process != current) return integerOfU64(done);
  const used = SLICE_REDUCTIONS - reductionsLeft + pendingReductions - givenUp;
  return integerOfU64(done + (used as u64));
}
function maxHeapOf(process: usize): u64 {
  return maxHeapMap(load<u64>(process, P_MAX_HEAP), load<u32>(process, P_MAX_HEAP_FLAGS));
}
/** {Pid, Times, Requests under way} of the processes that it suspends. */
function suspendingList(process: usize): u64 {
  let list = NIL;
  let record = nextSuspended(process, 0);
  for (; record; record = nextSuspended(process, record)) {
    const pid = suspendedPid(record);
    const times = smallOf(suspendedBy(process, pid) as i64);
    list = cons(tuple3(pid, times, smallOf(0)), list);
  }
  return list;
}
function gcInfo(process: usize): u64 {
  let list = cons(tuple2(am_minor_gcs, smallOf(load<u32>(process, P_GC_MINOR_COUNT))), NIL);
  list = cons(tuple2(am_fullsweep_after, smallOf(load<u32>(process, P_FULLSWEEP_AFTER))), list);
  list = cons(tuple2(am_min_heap_size, smallOf(load<u32>(process, P_MIN_HEAP))), list);
  list = cons(tuple2(am_min_bin_vheap_size, smallOf(load<u32>(process, P_MIN_BINARY_HEAP))), list);
  return cons(tuple2(am_max_heap_size, maxHeapOf(process)), list);
}
function initialCall(process: usize): u64 {
  return tuple3(
    load<u64>(process, P_INITIAL_MODULE),
    load<u64>(process, P_INITIAL_FUNCTION),
    smallOf(load<u32>(process, P_INITIAL_ARITY)),
  );
}
function currentFunction(process: usize): u64 {
  const entry = currentLocation(process);
  return isList(entry)
    ? am_undefined
    : entry == NIL
      ? am_undefined
      : tuple3(tupleElement(entry, 1), tupleElement(entry, 2), tupleElement(entry, 3));
}

/** What nobody may see of a sensitive process, NONE when the item is none of that. */
function hiddenValue(item: u64): u64 {
  if (item == am_messages || item == am_dictionary) return NIL;
  return item == am_backtrace ? newBinary(0) : NONE;
}
/** The dictionary as a list on the running process's heap. */
function dictionaryOf(process: usize): u64 {
  const list = dictionaryList(process);
  if (process == current || !isList(list)) return list;
  const copy = importTerm(list);
  forgetDictionaryList(list, process);
  return copy;
}
/** Value of an item; 0 = no such item (or no memory). */
function valueOf(process: usize, item: u64): u64 {
  if (load<u32>(process, P_FLAGS) & FLAG_SENSITIVE) {
    const hidden = hiddenValue(item);
    if (hidden != NONE) return hidden;
  }
  if (item == am_registered_name)
    return load<u64>(process, P_NAME) ? load<u64>(process, P_NAME) : NIL;
  if (item == am_current_function) return currentFunction(process);
  if (item == am_current_location) return currentLocation(process);
  if (item == am_current_stacktrace) return stackTraceOfProcess(process);
  if (item == am_initial_call) return initialCall(process);
  if (item == am_status) return statusOf(process);
  if (item == am_message_queue_len) return smallOf(load<u32>(process, P_MAILBOX_COUNT));
  if (item == am_messages) return messageList(process);
  if (item == am_links) return linkList(process);
  if (item == am_monitors) return monitorList(process);
  if (item == am_monitored_by) return monitoredByList(process);
  if (item == am_dictionary) return dictionaryOf(process);
  if (item == am_trap_exit) return boolOf((load<u32>(process, P_FLAGS) & FLAG_TRAP_EXIT) != 0);
  if (item == am_error_handler) return errorHandlerOf(process);
  if (item == am_priority) return priorityAtom(process);
  if (item == am_group_leader) return importTerm(load<u64>(process, P_GROUP_LEADER));
  if (item == am_total_heap_size) return smallOf(countedHeapWords(process) as i64);
  if (item == am_heap_size)
    return smallOf((load<u32>(process, P_HEAP_END) - load<u32>(process, P_HEAP_START)) >> 3);
  if (item == am_stack_size)
    return smallOf((load<u32>(process, P_HEAP_END) - load<u32>(process, P_STACK_TOP)) >> 3);
  if (item == am_reductions) return reductions(process);
  if (item == am_memory) return smallOf(memoryBytes(process));
  if (item == am_message_queue_data)
    return load<u32>(process, P_FLAGS) & FLAG_OFF_HEAP_QUEUE ? am_off_heap : am_on_heap;
  if (item == am_garbage_collection) return gcInfo(process);
  if (item == am_garbage_collection_info) return collectionInfo(process);
  if (item == am_catchlevel) return smallOf(load<u32>(process, P_CATCHES));
  if (item == am_suspending) return suspendingList(process);
  if (item == am_binary) return binaryList(process);
  if (item == am_backtrace) return processText(process);
  if (item == am_fullsweep_after) return smallOf(load<u32>(process, P_FULLSWEEP_AFTER));
  if (item == am_min_heap_size) return smallOf(load<u32>(process, P_MIN_HEAP));
  if (item == am_min_bin_vheap_size) return smallOf(load<u32>(process, P_MIN_BINARY_HEAP));
  if (item == am_last_calls) return savedCallsList(process);
  if (item == am_sequential_trace_token)
    return sequentialToken(process) ? importTerm(sequentialToken(process)) : NIL;
  if (item == am_trace) return smallOf(traceFlagsOf(process) as i64);
  if (item == am_parent)
    return load<u64>(process, P_PARENT) ? load<u64>(process, P_PARENT) : am_undefined;
  if (item == am_max_heap_size) return maxHeapOf(process);
  return NONE;
}

/** Its heap is half collected: nobody may look at it. */
function isCollected(process: usize): bool {
  return process != 0 && isAlive(process) && load<u32>(process, P_GC_STATE) != 0;
}
/** Let it finish its collection, as urgently as the running process is, and ask again. */
function askLater(process: usize, pid: u64, bif: u32, arity: u32): u64 {
  hurry(process, load<u32>(current, P_PRIORITY));
  enqueueWork(process);
  spendSlice();
  setX(0, pid);
  return trapTo(bif, arity);
}

/** A pid of a former life of this node is that of a process that has ended. */
function infoElsewhere(pid: u64): u64 {
  return isPid(pid) && isEarlier(pid) ? am_undefined : badarg();
}
// bif: erlang:process_info/2
export function processInfo2(pid: u64, item: u64): u64 {
  fetchOwn();
  if (!isLocalPid(pid)) return infoElsewhere(pid);
  const process = processOf(pid);
  if (process == current) saveRegisters();
  else if (isCollected(process)) {
    setX(1, item);
    return askLater(process, pid, BIF_processInfo2, 2);
  }
  chargeReductions(10);
  if (isAtom(item)) {
    if (!process || !isAlive(process)) return am_undefined;
    const value = valueOf(process, item);
    if (value == NONE) return badarg();
    if (item == am_registered_name && value == NIL) return NIL;
    return tuple2(item, value);
  }
  let list = NIL;
  let last: usize = 0;
  let rest = item;
  while (isList(rest)) {
    const value =
      isAtom(head(rest)) && process ? valueOf(process, head(rest)) : process ? NONE : NIL;
    if (value == NONE) return badarg();
    const pair = tuple2(head(rest), value);
    const at = hAlloc(2);
    makeCons(at, pair, NIL);
    if (last) store<u64>(last, (at as u64) | 1, 8);
    else list = (at as u64) | 1;
    last = at;
    rest = tail(rest);
  }
  if (rest != NIL) return badarg();
  return process && isAlive(process) ? list : am_undefined;
}

// bif: erlang:process_info/1
export function processInfo1(pid: u64): u64 {
  fetchOwn();
  if (!isLocalPid(pid)) return infoElsewhere(pid);
  const process = processOf(pid);
  if (!process || !isAlive(process)) return am_undefined;
  if (process == current) saveRegisters();
  else if (isCollected(process)) return askLater(process, pid, BIF_processInfo1, 1);
  let list = NIL;
  for (let i: i32 = 16; i >= 0; i--) {
    const item = defaultItem(i);
    const value = valueOf(process, item);
    if (value == NONE || (item == am_registered_name && value == NIL)) continue;
    list = cons(tuple2(item, value), list);
  }
  return list;
}
/** The items of process_info/1, in OTP's order. */
function defaultItem(index: i32): u64 {
  switch (index) {
    case 0:
      return am_registered_name;
    case 1:
      return am_current_function;
    case 2:
      return am_initial_call;
    case 3:
      return am_status;
    case 4:
      return am_message_queue_len;
    case 5:
      return am_links;
    case 6:
      return am_dictionary;
    case 7:
      return am_trap_exit;
    case 8:
      return am_error_handler;
    case 9:
      return am_priority;
    case 10:
      return am_group_leader;
    case 11:
      return am_total_heap_size;
    case 12:
      return am_heap_size;
    case 13:
      return am_stack_size;
    case 14:
      return am_reductions;
    case 15:
      return am_garbage_collection;
    default:
      return am_suspending;
  }
}

/** All items, in OTP's order. */
export function allItems(): u64 {
  let list = NIL;
  list = cons(am_parent, list);
  list = cons(am_fullsweep_after, list);
  list = cons(am_garbage_collection_info, list);
  list = cons(am_message_queue_data, list);
  list = cons(am_current_stacktrace, list);
  list = cons(am_current_location, list);
  list = cons(am_max_heap_size, list);
  list = cons(am_min_bin_vheap_size, list);
  list = cons(am_min_heap_size, list);
  list = cons(am_suspending, list);
  list = cons(am_total_heap_size, list);
  list = cons(am_last_calls, list);
  list = cons(am_backtrace, list);
  list = cons(am_catchlevel, list);
  list = cons(am_sequential_trace_token, list);
  list = cons(am_binary, list);
  list = cons(am_trace, list);
  list = cons(am_priority, list);
  list = cons(am_reductions, list);
  list = cons(am_group_leader, list);
  list = cons(am_garbage_collection, list);
  list = cons(am_memory, list);
  list = cons(am_stack_size, list);
  list = cons(am_heap_size, list);
  list = cons(am_error_handler, list);
  list = cons(am_trap_exit, list);
  list = cons(am_dictionary, list);
  list = cons(am_monitored_by, list);
  list = cons(am_monitors, list);
  list = cons(am_links, list);
  list = cons(am_message_queue_len, list);
  list = cons(am_messages, list);
  list = cons(am_status, list);
  list = cons(am_initial_call, list);
  list = cons(am_current_function, list);
  list = cons(am_registered_name, list);
  return list;
}

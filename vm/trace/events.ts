/**
 * Events of processes that are told to tracers: sends, receives, links, names, starts and ends,
 * scheduling and collections. Each function does nothing for a process that is not traced with the
 * flag in question.
 */
import {
  am_bin_old_vheap_block_size,
  am_bin_old_vheap_size,
  am_bin_vheap_block_size,
  am_bin_vheap_size,
  am_clock_service,
  am_exit,
  am_getting_linked,
  am_getting_unlinked,
  am_false,
  am_heap_block_size,
  am_heap_size,
  am_in,
  am_in_exiting,
  am_link,
  am_mbuf_size,
  am_old_heap_block_size,
  am_old_heap_size,
  am_out,
  am_out_exited,
  am_out_exiting,
  am_receive,
  am_recent_size,
  am_register,
  am_send,
  am_send_to_non_existing_process,
  am_spawn,
  am_spawned,
  am_stack_size,
  am_timeout,
  am_true,
  am_unlink,
  am_unregister,
  am_wordsize,
} from '../gen/atoms';
import {
  P_FRAGMENT_WORDS,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_ID,
  P_MATURE,
  P_OFF_HEAP_WORDS,
  P_OLD_END,
  P_OLD_OFF_HEAP_WORDS,
  P_OLD_START,
  P_OLD_TOP,
  P_STACK_TOP,
  P_TRACING,
} from '../gen/layout';
import { hAlloc } from '../heap';
import { functionOf } from '../stack_trace';
import { nodeName } from '../names';
import { current } from '../state';
import { tuple2, tuple3 } from '../signals';
import { NIL, NONE, makeCons, smallOf } from '../term';
import { messageValue } from './actions';
import { matches } from './call';
import { continueTimed, pauseTimed } from './call_time';
import { add, beginEvent, dropEvent, sendEvent } from './event';
import {
  TRACE_EXITING,
  TRACE_GARBAGE_COLLECTION,
  TRACE_PROCS,
  TRACE_RECEIVE,
  TRACE_RUNNING,
  TRACE_RUNNING_PROCS,
  TRACE_SEND,
  TRACE_SILENT,
} from './flags';
import { NONE_TOLD, receiveProgram, sendProgram } from './patterns';
import { isTraced, traceFlagsOf } from './tracing';

/** The process is traced at all: what callers ask first. */
export function mayTrace(process: usize): bool {
  return load<u32>(process, P_TRACING) != 0;
}

function cons(first: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), first, rest);
}
/** The specification (0 = none) matches, and neither its body nor the process says no. */
function mayTell(program: usize, process: usize, list: u64): bool {
  if (!matches(program, process, list, 0) || messageValue == am_false) return false;
  return !program || !(traceFlagsOf(process) & TRACE_SILENT);
}
/** The message of the body, when it gave one. */
function addMessage(): void {
  if (messageValue != am_true) add(messageValue);
}

/** The running process sends `message` to `to`. */
export function tellSend(to: u64, message: u64, exists: bool): void {
  const process = current;
  if (!isTraced(process, TRACE_SEND) || sendProgram == NONE_TOLD) return;
  if (!beginEvent(process)) return;
  const list: u64 = sendProgram ? cons(to, cons(message, NIL)) : NIL;
  if (!mayTell(sendProgram, process, list)) {
    dropEvent();
    return;
  }
  add(exists ? am_send : am_send_to_non_existing_process);
  add(message);
  add(to);
  addMessage();
  sendEvent();
}

/** `message` is put into the mailbox of `process`. */
export function tellReceive(process: usize, message: u64): void {
  if (!isTraced(process, TRACE_RECEIVE) || receiveProgram == NONE_TOLD) return;
  const from = current && current != process ? load<u64>(current, P_ID) : am_clock_service;
  if (!beginEvent(process)) return;
  const list: u64 = receiveProgram ? cons(nodeName(), cons(from, cons(message, NIL))) : NIL;
  if (!mayTell(receiveProgram, process, list)) {
    dropEvent();
    return;
  }
  add(am_receive);
  add(message);
  addMessage();
  sendEvent();
}
/** A receive of the running process has timed out. */
export function tellTimeout(): void {
  if (isTraced(current, TRACE_RECEIVE)) tellReceive(current, am_timeout);
}

function tellOne(process: usize, event: u64, what: u64): void {
  if (!isTraced(process, TRACE_PROCS) || !beginEvent(process)) return;
  add(event);
  add(what);
  sendEvent();
}
export function tellLink(process: usize, other: u64): void {
  tellOne(process, am_link, other);
}
export function tellUnlink(process: usize, other: u64): void {
  tellOne(process, am_unlink, other);
}
export function tellGettingLinked(process: usize, from: usize): void {
  tellOne(process, am_getting_linked, load<u64>(from, P_ID));
}
export function tellGettingUnlinked(process: usize, other: u64): void {
  tellOne(process, am_getting_unlinked, other);
}
export function tellRegister(process: usize, name: u64): void {
  tellOne(process, am_register, name);
}
export function tellUnregister(process: usize, name: u64): void {
  tellOne(process, am_unregister, name);
}
export function tellExit(process: usize, reason: u64): void {
  tellOne(process, am_exit, reason);
}

/** `parent` has spawned `child`, which begins with Module:Function(Arguments). */
export function tellSpawn(parent: usize, child: u64, module: u64, name: u64, args: u64): void {
  tellStart(parent, am_spawn, child, module, name, args);
}
export function tellSpawned(child: usize, parent: u64, module: u64, name: u64, args: u64): void {
  tellStart(child, am_spawned, parent, module, name, args);
}
function tellStart(
  process: usize,
  event: u64,
  other: u64,
  module: u64,
  name: u64,
  args: u64,
): void {
  if (!isTraced(process, TRACE_PROCS) || !beginEvent(process)) return;
  add(event);
  add(other);
  add(tuple3(module, name, args));
  sendEvent();
}

// ---- scheduling

function tellPlace(process: usize, event: u64): void {
  if (!beginEvent(process)) return;
  add(event);
  const place = functionOf(process);
  add(place == NONE ? smallOf(0) : place);
  sendEvent();
}
/** The process is about to run; `exiting`: only to end. */
export function tellIn(process: usize, exiting: bool): void {
  continueTimed(process);
  if (exiting) {
    tellExiting(process, am_in_exiting);
  } else if (isTraced(process, TRACE_RUNNING | TRACE_RUNNING_PROCS)) tellPlace(process, am_in);
}
/** The process has left the processor. */
export function tellOut(process: usize): void {
  pauseTimed(process);
  if (isTraced(process, TRACE_RUNNING | TRACE_RUNNING_PROCS)) tellPlace(process, am_out);
}
/** The process goes on with its end. */
export function tellInExiting(process: usize): void {
  tellExiting(process, am_in_exiting);
}
/** The process leaves the processor before it has come to its end. */
export function tellOutExiting(process: usize): void {
  tellExiting(process, am_out_exiting);
}
/** The process ends. */
export function tellOutExited(process: usize): void {
  tellExiting(process, am_out_exited);
}
/** Who is about to end is in no function. */
function tellExiting(process: usize, event: u64): void {
  if (!isTraced(process, TRACE_EXITING) || !beginEvent(process)) return;
  add(event);
  add(smallOf(0));
  sendEvent();
}

// ---- collections

/** A collection of the swapped-out process begins, or has ended and freed so many words. */
export function tellCollection(process: usize, event: u64, freed: u64): void {
  if (!isTraced(process, TRACE_GARBAGE_COLLECTION) || !beginEvent(process)) return;
  add(event);
  add(collectionFacts(process, freed));
  sendEvent();
}
function pair(item: u64, value: i64, rest: u64): u64 {
  return cons(tuple2(item, smallOf(value)), rest);
}
function wordsBetween(process: usize, from: u32, to: u32): i64 {
  return ((load<u32>(process + to) - load<u32>(process + from)) >> 3) as i64;
}
/** The facts that OTP tells, under its names. */
function collectionFacts(process: usize, freed: u64): u64 {
  const limit = BINARY_HEAP_WORDS;
  let list = pair(am_bin_old_vheap_block_size, limit, NIL);
  list = pair(am_bin_old_vheap_size, load<u32>(process, P_OLD_OFF_HEAP_WORDS), list);
  list = pair(am_bin_vheap_block_size, limit, list);
  list = pair(am_bin_vheap_size, load<u32>(process, P_OFF_HEAP_WORDS), list);
  list = pair(am_heap_size, wordsBetween(process, P_HEAP_START, P_HEAP_TOP), list);
  list = pair(am_old_heap_size, wordsBetween(process, P_OLD_START, P_OLD_TOP), list);
  list = pair(am_stack_size, wordsBetween(process, P_STACK_TOP, P_HEAP_END), list);
  list = pair(am_recent_size, wordsBetween(process, P_HEAP_START, P_MATURE), list);
  list = pair(am_mbuf_size, load<u32>(process, P_FRAGMENT_WORDS), list);
  list = pair(am_heap_block_size, wordsBetween(process, P_HEAP_START, P_HEAP_END), list);
  list = pair(am_old_heap_block_size, wordsBetween(process, P_OLD_START, P_OLD_END), list);
  return pair(am_wordsize, freed as i64, list);
}
const BINARY_HEAP_WORDS: i64 = 46422;

/**
 * erlang:system_monitor/2: messages to one process about long collections, long slices and large
 * heaps; erlang:system_profile/2: messages about processes that become active or inactive.
 */
import {
  am_active,
  am_heap_block_size,
  am_heap_size,
  am_in,
  am_inactive,
  am_large_heap,
  am_long_gc,
  am_long_schedule,
  am_mbuf_size,
  am_monitor,
  am_old_heap_block_size,
  am_old_heap_size,
  am_out,
  am_profile,
  am_stack_size,
  am_timeout,
  am_undefined,
} from '../gen/atoms';
import {
  P_FRAGMENT_WORDS,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_ID,
  P_OLD_END,
  P_OLD_START,
  P_OLD_TOP,
  P_STACK_TOP,
  P_STATE,
} from '../gen/layout';
import { hAlloc } from '../heap';
import { enqueue } from '../mailbox';
import { functionOf } from '../stack_trace';
import { STATE_WAITING, processOf } from '../process';
import { enqueueRun } from '../run_queue';
import { tuple2, tuple4, tuple5 } from '../signals';
import { enterTemporaryHeap, leaveTemporaryHeap } from '../temporary_heap';
import { NIL, NONE, makeCons, smallOf } from '../term';
import { timestampTerm } from './event';

/** Pid of the system monitor, 0 = none, and what it wants to know; limits of 0 are none. */
export let monitorPid: u64 = 0;
export let longGcMs: i64 = 0;
export let longScheduleMs: i64 = 0;
export let largeHeapWords: i64 = 0;
export let busyPorts: bool = false;
export let busyDistPorts: bool = false;
/** Somebody wants to know how long slices and collections take. */
export let monitoring: bool = false;

export function setSystemMonitor(
  pid: u64,
  gcMs: i64,
  scheduleMs: i64,
  heapWords: i64,
  ports: bool,
  distPorts: bool,
): void {
  const any = gcMs != 0 || scheduleMs != 0 || heapWords != 0 || ports || distPorts;
  monitorPid = any ? pid : 0;
  longGcMs = gcMs;
  longScheduleMs = scheduleMs;
  largeHeapWords = heapWords;
  busyPorts = ports;
  busyDistPorts = distPorts;
  monitoring = any;
}

/** The monitor's control block, unless it is gone or is `about` itself. */
function receiverOf(pid: u64, about: usize): usize {
  const process = processOf(pid);
  return process != about ? process : 0;
}
function send(receiver: usize, message: u64): void {
  if (enqueue(receiver, message) && load<u32>(receiver, P_STATE) == STATE_WAITING)
    enqueueRun(receiver);
}
function words(from: usize, to: usize): u64 {
  return smallOf(((to - from) >> 3) as i64);
}
function field(process: usize, offset: u32): usize {
  return load<u32>(process + offset);
}
function cons(item: u64, value: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), tuple2(item, value), rest);
}
/** Sizes of the heap of a swapped-out process, in OTP's order, in front of `rest`. */
export function heapFacts(process: usize): u64 {
  let list = cons(
    am_heap_size,
    words(field(process, P_HEAP_START), field(process, P_HEAP_TOP)),
    NIL,
  );
  list = cons(
    am_old_heap_size,
    words(field(process, P_OLD_START), field(process, P_OLD_TOP)),
    list,
  );
  list = cons(am_stack_size, words(field(process, P_STACK_TOP), field(process, P_HEAP_END)), list);
  list = cons(am_mbuf_size, smallOf(load<u32>(process, P_FRAGMENT_WORDS) as i64), list);
  list = cons(
    am_heap_block_size,
    words(field(process, P_HEAP_START), field(process, P_HEAP_END)),
    list,
  );
  return cons(
    am_old_heap_block_size,
    words(field(process, P_OLD_START), field(process, P_OLD_END)),
    list,
  );
}

/** A collection of the process, which is swapped out, took `ns` nanoseconds. */
export function collectionEnded(process: usize, ns: i64): void {
  const blocks =
    field(process, P_HEAP_END) -
    field(process, P_HEAP_START) +
    (field(process, P_OLD_END) - field(process, P_OLD_START));
  const large = largeHeapWords != 0 && ((blocks >> 3) as i64) >= largeHeapWords;
  const long = longGcMs != 0 && ns / 1000000 >= longGcMs;
  const receiver = large || long ? receiverOf(monitorPid, process) : 0;
  if (!receiver) return;
  const pid = load<u64>(process, P_ID);
  enterTemporaryHeap();
  const facts = heapFacts(process);
  if (long) {
    const timed = cons(am_timeout, smallOf(ns / 1000000), facts);
    send(receiver, tuple4(am_monitor, pid, am_long_gc, timed));
  }
  if (large) send(receiver, tuple4(am_monitor, pid, am_large_heap, facts));
  leaveTemporaryHeap();
}

function placeOf(process: usize): u64 {
  const place = functionOf(process);
  return place == NONE ? am_undefined : place;
}
/** A slice that began at code address `start` took `ns` nanoseconds. */
export function sliceEnded(process: usize, ns: i64): void {
  if (!longScheduleMs || ns / 1000000 < longScheduleMs) return;
  const receiver = receiverOf(monitorPid, process);
  if (!receiver) return;
  const pid = load<u64>(process, P_ID);
  enterTemporaryHeap();
  const place = placeOf(process);
  let list = cons(am_out, place, NIL);
  list = cons(am_in, place, list);
  list = cons(am_timeout, smallOf(ns / 1000000), list);
  send(receiver, tuple4(am_monitor, pid, am_long_schedule, list));
  leaveTemporaryHeap();
}

// ---- profiling

// Flags of system_profile/2.
export const PROFILE_PROCS: u32 = 1;
export const PROFILE_PORTS: u32 = 2;
export const PROFILE_SCHEDULER: u32 = 4;
export const PROFILE_EXCLUSIVE: u32 = 8;
export let profilerPid: u64 = 0;
export let profileFlags: u32 = 0;
/** Kind of timestamp (trace/flags.ts) that the events have. */
let profileTime: u32 = 0;

export function setSystemProfile(pid: u64, flags: u32, time: u32): void {
  profilerPid =
    flags & (PROFILE_PROCS | PROFILE_PORTS | PROFILE_SCHEDULER | PROFILE_EXCLUSIVE) ? pid : 0;
  profileFlags = profilerPid ? flags : 0;
  profileTime = time;
}

/** The process becomes runnable, or stops being so. */
export function tellActivity(process: usize, active: bool, ended: bool): void {
  const receiver = receiverOf(profilerPid, process);
  if (!receiver) return;
  const pid = load<u64>(process, P_ID);
  enterTemporaryHeap();
  const place = ended ? smallOf(0) : placeOf(process);
  const time = timestampTerm(profileTime);
  send(receiver, tuple5(am_profile, pid, active ? am_active : am_inactive, place, time));
  leaveTemporaryHeap();
}

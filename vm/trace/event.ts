/**
 * Trace messages: {trace, Subject, Event, ...}, or {trace_ts, Subject, Event, ..., Timestamp}; with
 * the flag scheduler_id, the number of the scheduler stands before the timestamp.
 *
 *   if (beginEvent(process)) { add(am_send); add(message); add(to); sendEvent(); }
 *
 * Between beginEvent and sendEvent (or dropEvent) terms are built on a temporary heap, so that
 * tracing leaves no traces on the heap of the process.
 */
import { timestamp0 } from '../bif/time';
import { monotonicTime0, uniqueInteger1 } from '../bif/time';
import { am_monotonic, am_trace, am_trace_ts, am_vbeam_port } from '../gen/atoms';
import { P_ID } from '../gen/layout';
import { hAlloc } from '../heap';
import { now } from '../host';
import { enqueue } from '../mailbox';
import { tuple2, tuple3, wake } from '../signals';
import { current } from '../state';
import { enterTemporaryHeap, leaveTemporaryHeap } from '../temporary_heap';
import { NIL, SUB_TUPLE, boxedOf, headerOf, isLocalPort, makeCons, smallOf } from '../term';
import {
  TRACE_MONOTONIC_TIMESTAMP,
  TRACE_SCHEDULER_ID,
  TRACE_STRICT_MONOTONIC_TIMESTAMP,
  TRACE_TIMESTAMP,
  TRACE_TIMESTAMPS,
} from './flags';
import { livingTracer, traceFlagsOf, tracerOf, tracerProcess } from './tracing';

const ELEMENTS_MAX: u32 = 10;
const elements: usize = memory.data(80, 8);
let count: u32 = 0;
let receiver: usize = 0;
/** The tracer when it is a port, whose driver is the receiver; else 0. */
let receiverPort: u64 = 0;
let timestamps: u32 = 0;
let tellsScheduler: bool = false;

/** The process that the event is about, while it is built. */
export let subject: usize = 0;

function begin(process: usize, told: u64, tracer: usize, flags: u32): bool {
  if (!tracer || tracer == process) return false;
  receiverPort = isLocalPort(told) ? told : 0;
  const pid = load<u64>(process, P_ID);
  enterTemporaryHeap();
  // For self/0 in match specifications.
  store<u64>(current, pid, P_ID);
  subject = process;
  receiver = tracer;
  timestamps = flags & TRACE_TIMESTAMPS;
  tellsScheduler = (flags & TRACE_SCHEDULER_ID) != 0;
  store<u64>(elements, timestamps ? am_trace_ts : am_trace);
  store<u64>(elements, pid, 8);
  count = 2;
  return true;
}
/** False when the tracer is gone, or is the process itself: nothing is told then. */
export function beginEvent(process: usize): bool {
  const tracer = livingTracer(process);
  return begin(process, tracerOf(process), tracer, traceFlagsOf(process));
}
/** For meta tracing, which has a tracer of its own and always a timestamp. */
export function beginMetaEvent(process: usize, tracer: u64): bool {
  return begin(process, tracer, tracerProcess(tracer), TRACE_TIMESTAMP);
}

/** The next element of the message. */
export function add(t: u64): void {
  if (count < ELEMENTS_MAX) store<u64>(elements + (count++ << 3), t);
}

/** The flag timestamp tells how long this VM has had the processor, not what time it is. */
let cpuTimestamps: bool = false;
export function useCpuTimestamps(on: bool): void {
  cpuTimestamps = on;
}
function cpuTimestamp(): u64 {
  const us = now() / 1000;
  return tuple3(
    smallOf(us / 1000000000000),
    smallOf((us / 1000000) % 1000000),
    smallOf(us % 1000000),
  );
}

/** The value of a timestamp of this kind, 0 = none. */
export function timestampTerm(kind: u32): u64 {
  if (kind & TRACE_TIMESTAMP) return cpuTimestamps ? cpuTimestamp() : timestamp0();
  if (kind & TRACE_STRICT_MONOTONIC_TIMESTAMP) {
    const time = monotonicTime0();
    return tuple2(time, uniqueInteger1(makeCons(hAlloc(2), am_monotonic, NIL)));
  }
  return kind & TRACE_MONOTONIC_TIMESTAMP ? monotonicTime0() : 0;
}

/** A tuple of the `words` terms at `from`. */
export function tupleOf(from: usize, words: u32): u64 {
  const at = hAlloc(words + 1);
  store<u64>(at, headerOf(SUB_TUPLE, words));
  memory.copy(at + 8, from, words << 3);
  return boxedOf(at);
}

/** Send the message and leave the temporary heap. Without memory for it, it is lost. */
export function sendEvent(): void {
  if (tellsScheduler) add(smallOf(1));
  if (timestamps) add(timestampTerm(timestamps));
  const event = tupleOf(elements, count);
  const message = receiverPort
    ? tuple3(am_vbeam_port, receiverPort, tuple2(am_trace, event))
    : event;
  if (enqueue(receiver, message)) wake(receiver);
  dropEvent();
}
/** Leave the temporary heap without a message. */
export function dropEvent(): void {
  leaveTemporaryHeap();
  subject = 0;
}

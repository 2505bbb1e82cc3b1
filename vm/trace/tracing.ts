/**
 * Which processes are traced, by whom and how: a record for each traced process, which P_TRACING
 * points to, and what new processes begin with.
 *
 *   P_TRACING -> +-------+--------+-------+------------+-----------+
 *                | flags | caller | timed | tracer pid | timed from|   u32 u32 u64 u64 u64
 *                +-------+--------+-------+------------+-----------+
 *
 * `caller` is the instruction that calls a traced BIF. A tracer is a process, or a port, whose
 * driver is told then.
 *
 * `timed` is the breakpoint whose call_time runs (vm/trace/call_time.ts), since `timed from`.
 */
import { allocateZeroed, release } from '../alloc';
import { P_FLAGS, P_ID, P_TRACING } from '../gen/layout';
import { PORT_DRIVER, openPort } from '../ports';
import { FLAG_SENSITIVE, processOf } from '../process';
import { isLocalPid, isLocalPort } from '../term';
import {
  TRACE_ON_LINK,
  TRACE_ON_SPAWN,
  TRACE_SET_ON_FIRST_LINK,
  TRACE_SET_ON_FIRST_SPAWN,
} from './flags';

const T_FLAGS: u32 = 0;
const T_CALLER: u32 = 4;
export const T_TIMED: u32 = 8;
const T_TRACER: u32 = 16;
export const T_TIMED_FROM: u32 = 24;
const RECORD_BYTES: u32 = 32;

/** Flags and tracer that new processes begin with. */
export let newFlags: u32 = 0;
export let newTracer: u64 = 0;

export function setNewTracing(flags: u32, tracer: u64): void {
  newFlags = flags;
  newTracer = flags ? tracer : 0;
}

/** A tracer of new processes that has ended traces none of them. */
export function forgetEndedTracer(): void {
  if (newFlags && !tracerProcess(newTracer)) setNewTracing(0, 0);
}
/** The process calls a traced BIF with the instruction at `pc`. */
export function noteBifCall(process: usize, pc: usize): void {
  const record = load<u32>(process, P_TRACING) as usize;
  if (record) store<u32>(record, pc as u32, T_CALLER);
}
/** The instruction that calls the traced BIF whose call is told now, 0 when it is not known. */
export function bifCallOf(process: usize): usize {
  const record = load<u32>(process, P_TRACING) as usize;
  return record ? load<u32>(record, T_CALLER) : 0;
}
export function tracingOf(process: usize): usize {
  return load<u32>(process, P_TRACING);
}
export function traceFlagsOf(process: usize): u32 {
  const record = load<u32>(process, P_TRACING) as usize;
  return record ? load<u32>(record, T_FLAGS) : 0;
}
/** It is something that can trace: a local process or port. */
export function mayBeTracer(t: u64): bool {
  return isLocalPid(t) || isLocalPort(t);
}
/** The process that is sent what the tracer is told; 0 when the tracer is gone. */
export function tracerProcess(tracer: u64): usize {
  if (!isLocalPort(tracer)) return processOf(tracer);
  const port = openPort(tracer);
  return port ? processOf(load<u64>(port, PORT_DRIVER)) : 0;
}
/** The pid or port of the tracer, 0 when the process is not traced. */
export function tracerOf(process: usize): u64 {
  const record = load<u32>(process, P_TRACING) as usize;
  return record ? load<u64>(record, T_TRACER) : 0;
}
/** The process has told process_flag/2 that nobody may see what it does. */
export function isSensitive(process: usize): bool {
  return (load<u32>(process, P_FLAGS) & FLAG_SENSITIVE) != 0;
}
/** The process is traced with one of `flags` and hides nothing. */
export function isTraced(process: usize, flags: u32): bool {
  return (traceFlagsOf(process) & flags) != 0 && !isSensitive(process);
}

/** Set flags and tracer; no flags end tracing. False when there is no memory. */
export function setTracing(process: usize, flags: u32, tracer: u64): bool {
  let record = load<u32>(process, P_TRACING) as usize;
  if (!flags) {
    stopTracing(process);
    return true;
  }
  if (!record) {
    record = allocateZeroed(RECORD_BYTES);
    if (!record) return false;
    store<u32>(process, record as u32, P_TRACING);
  }
  store<u32>(record, flags, T_FLAGS);
  store<u64>(record, tracer, T_TRACER);
  return true;
}
export function stopTracing(process: usize): void {
  const record = load<u32>(process, P_TRACING) as usize;
  if (record) release(record);
  store<u32>(process, 0, P_TRACING);
}

/** The tracer of the process lives; when it does not, the process is not traced any more. */
export function livingTracer(process: usize): usize {
  const tracer = tracerProcess(tracerOf(process));
  if (!tracer) stopTracing(process);
  return tracer;
}

/** What `child` begins with: what is set for new processes, or what its parent hands down. */
export function inheritOnSpawn(child: usize, parent: usize): void {
  const flags = traceFlagsOf(parent);
  if (flags & TRACE_ON_SPAWN) {
    const once = (flags & TRACE_SET_ON_FIRST_SPAWN) != 0;
    const given = once ? flags & ~TRACE_ON_SPAWN : flags;
    setTracing(child, given, tracerOf(parent));
    if (once) setTracing(parent, given, tracerOf(parent));
    return;
  }
  forgetEndedTracer();
  if (newFlags && load<u64>(child, P_ID) != newTracer) {
    setTracing(child, newFlags, newTracer);
  }
}

/** `to` has been spawned with a link by `from`, which hands its flags down. */
export function inheritOnLink(to: usize, from: usize): void {
  const flags = traceFlagsOf(from);
  if (!(flags & TRACE_ON_LINK)) return;
  const once = (flags & TRACE_SET_ON_FIRST_LINK) != 0;
  const given = once ? flags & ~TRACE_ON_LINK : flags;
  setTracing(to, traceFlagsOf(to) | given, tracerOf(from));
  if (once) setTracing(from, given, tracerOf(from));
}

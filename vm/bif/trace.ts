/** erlang:trace/3, trace_pattern/3, trace_delivered/1 and what belongs to them. */
import { nextExport } from '../code';
import { compileProgram, FOR_EVENT, FOR_TRACE, wrong, WRONG_MEMORY } from '../ets/match_compile';
import { badargBecause } from '../error_info';
import { badarg, outOfMemory, trapTo } from '../errors';
import {
  am_all,
  am_badopt,
  am_call_count,
  am_call_time,
  am_cpu_timestamp,
  am_existing,
  am_existing_ports,
  am_existing_processes,
  am_false,
  am_global,
  am_local,
  am_match_spec,
  am_meta,
  am_new,
  am_new_ports,
  am_new_processes,
  am_none,
  am_on_load,
  am_pause,
  am_ports,
  am_processes,
  am_receive,
  am_restart,
  am_send,
  am_trace_delivered,
  am_tracer,
  am_true,
  am_underscore,
} from '../gen/atoms';
import { BIF_tracePatternMore6 } from '../gen/bifs';
import { P_ID } from '../gen/layout';
import { I_MODULE, R_CURRENT, nextModule } from '../modules';
import { releaseResource } from '../off_heap';
import { processAtSlot, processSlots } from '../process_table';
import { makeReference, newReferenceNumber } from '../refs';
import { resourceOf, resourceTerm } from '../resource';
import { setX } from '../registers';
import { deliver, livingProcess, tuple3 } from '../signals';
import { budget, chargeReductions, current } from '../state';
import {
  NIL,
  NONE,
  head,
  isAtom,
  isList,
  isLocalPid,
  isLocalPort,
  isSmall,
  isTuple,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { destroyProgram } from '../ets/match_program';
import { COUNT, DEBUG, GLOBAL, LOCAL, META, TIME } from '../trace/breakpoints';
import { useCpuTimestamps } from '../trace/event';
import { traceFlag } from '../trace/flags';
import * as T from '../trace/patterns';
import {
  newFlags,
  newTracer,
  setNewTracing,
  setTracing,
  traceFlagsOf,
  mayBeTracer,
  tracerOf,
  tracerProcess,
} from '../trace/tracing';

// ---- trace

let flagBits: u32 = 0;
let tracerGiven: u64 = 0;
let cpuTimestamp: bool = false;

/** Read the flags of trace/3; false when one is none. */
function readTraceFlags(list: u64): bool {
  flagBits = 0;
  tracerGiven = 0;
  cpuTimestamp = false;
  let rest = list;
  for (; isList(rest); rest = tail(rest)) {
    const item = head(rest);
    const bits = traceFlag(item);
    if (bits) flagBits |= bits;
    else if (item == am_cpu_timestamp) cpuTimestamp = true;
    else {
      if (!isTuple(item) || tupleArity(item) != 2 || tupleElement(item, 1) != am_tracer)
        return false;
      tracerGiven = tupleElement(item, 2);
      if (!mayBeTracer(tracerGiven)) return false;
    }
  }
  return rest == NIL;
}

/** Another process traces it, and lives. */
function hasOtherTracer(process: usize, tracer: u64): bool {
  const held = tracerOf(process);
  return held != 0 && held != tracer && tracerProcess(held) != 0;
}
/** Turn flags of a process on or off; false when there is no memory. */
function changeTracing(process: usize, on: bool, tracer: u64): bool {
  const flags = traceFlagsOf(process);
  const events = on ? flags | flagBits : flags & ~flagBits;
  if (on && !tracerProcess(tracer)) return true;
  return setTracing(process, events, on ? tracer : tracerOf(process));
}

function traceOne(pid: u64, on: bool, tracer: u64): u64 {
  const process = livingProcess(pid);
  if (!process || (on && hasOtherTracer(process, tracer))) return badarg();
  return changeTracing(process, on, tracer) ? smallOf(1) : outOfMemory();
}

function traceExisting(on: bool, tracer: u64): u64 {
  let count = 0;
  for (let i: u32 = 0; i < processSlots(); i++) {
    const process = processAtSlot(i);
    if (!process) continue;
    count++;
    if (on && (hasOtherTracer(process, tracer) || load<u64>(process, P_ID) == tracer)) continue;
    if (!changeTracing(process, on, tracer)) return outOfMemory();
  }
  chargeReductions(processSlots() >> 2);
  return smallOf(count);
}
function traceNew(on: bool, tracer: u64): void {
  if (on) setNewTracing(newFlags | flagBits, tracer);
  else setNewTracing(newFlags & ~flagBits, newTracer);
}

// bif: erts_internal:trace/3
export function trace3(what: u64, how: u64, flags: u64): u64 {
  if (!readTraceFlags(flags)) return badargBecause(am_badopt);
  if (how != am_true && how != am_false) return badarg();
  const on = how == am_true;
  const tracer = tracerGiven ? tracerGiven : load<u64>(current, P_ID);
  if (isLocalPid(what)) return cpuTimestamp ? badarg() : traceOne(what, on, tracer);
  if (isLocalPort(what)) return smallOf(1);
  if (what == am_ports || what == am_existing_ports || what == am_new_ports) return smallOf(0);
  const all = what == am_all || what == am_processes;
  const existing = what == am_existing || what == am_existing_processes;
  const fresh = what == am_new || what == am_new_processes;
  if (!all && !existing && !fresh) return badarg();
  if (cpuTimestamp) {
    if (what != am_all) return badarg();
    useCpuTimestamps(on);
  }
  if (all || fresh) traceNew(on, tracer);
  return fresh ? smallOf(0) : traceExisting(on, tracer);
}

// bif: erts_debug:breakpoint/2
export function debugBreakpoint2(mfa: u64, on: u64): u64 {
  if ((on != am_true && on != am_false) || !isFunctionPattern(mfa)) return badarg();
  const how = (DEBUG << 2) | (on == am_true ? T.ACTION_ON : T.ACTION_OFF);
  return setSome(mfa, NIL, smallOf(how as i64), 0, smallOf(0), smallOf(0));
}

// bif: erlang:trace_delivered/1
export function traceDelivered1(what: u64): u64 {
  if (what != am_all && !isLocalPid(what)) return badarg();
  // Trace messages are delivered when they are made, so all have been.
  const reference = makeReference(newReferenceNumber());
  const message = tuple3(am_trace_delivered, what, reference);
  return deliver(current, message) ? reference : outOfMemory();
}

// ---- trace_pattern

let kinds: u32 = 0;
let metaTracer: u64 = 0;
/** Read the flags of trace_pattern/3; false when one is none or they exclude each other. */
function readPatternFlags(list: u64): bool {
  kinds = 0;
  metaTracer = load<u64>(current, P_ID);
  let rest = list;
  for (; isList(rest); rest = tail(rest)) {
    const item = head(rest);
    if (item == am_global) kinds |= GLOBAL;
    else if (item == am_local) kinds |= LOCAL;
    else if (item == am_meta) kinds |= META;
    else if (item == am_call_count) kinds |= COUNT;
    else if (item == am_call_time) kinds |= TIME;
    else {
      if (!isTuple(item) || tupleArity(item) != 2 || tupleElement(item, 1) != am_meta) return false;
      metaTracer = tupleElement(item, 2);
      if (!mayBeTracer(metaTracer)) return false;
      kinds |= META;
    }
  }
  if (!kinds) kinds = GLOBAL;
  return rest == NIL && (kinds == GLOBAL || !(kinds & GLOBAL));
}

let action: u32 = 0;
let program: usize = 0;
/** Read the match specification; NONE after an error. */
function readSpecification(spec: u64, purpose: u32): u64 {
  program = 0;
  action = T.ACTION_ON;
  if (spec == am_true || spec == NIL) return am_true;
  if (spec == am_false) action = T.ACTION_OFF;
  else if (spec == am_restart) action = T.ACTION_RESTART;
  else if (spec == am_pause) action = T.ACTION_PAUSE;
  else {
    if (!isList(spec)) return badargBecause(am_match_spec);
    program = compileProgram(spec, purpose);
    if (!program) return wrong == WRONG_MEMORY ? outOfMemory() : badargBecause(am_match_spec);
    if (kinds & (COUNT | TIME) && !(kinds & (LOCAL | META))) {
      releaseResource(program);
      return badargBecause(am_call_count);
    }
  }
  return am_true;
}

/** {M, F, A} where everything after the first '_' is '_'. */
function isFunctionPattern(mfa: u64): bool {
  if (!isTuple(mfa) || tupleArity(mfa) != 3) return false;
  const module = tupleElement(mfa, 1);
  const name = tupleElement(mfa, 2);
  const arity = tupleElement(mfa, 3);
  if (!isAtom(module) || !isAtom(name) || (!isSmall(arity) && arity != am_underscore)) return false;
  if (module == am_underscore && name != am_underscore) return false;
  return name != am_underscore || arity == am_underscore;
}

/** Set what trace/3 tells of sends, or of receives. */
function eventPattern(what: u64, spec: u64, flags: u64): u64 {
  if (flags != NIL) return badargBecause(am_none);
  kinds = GLOBAL;
  if (readSpecification(spec, FOR_EVENT) == NONE) return NONE;
  if (action == T.ACTION_PAUSE || action == T.ACTION_RESTART) return badargBecause(am_none);
  T.startSetting(GLOBAL, action, program, 0);
  if (what == am_send) T.setForSend();
  else T.setForReceive();
  if (program) releaseResource(program);
  return smallOf(1);
}

// bif: erts_internal:trace_pattern/3
export function tracePattern3(mfa: u64, spec: u64, flags: u64): u64 {
  if (mfa == am_send || mfa == am_receive) return eventPattern(mfa, spec, flags);
  if (!readPatternFlags(flags)) return badargBecause(am_badopt);
  if (mfa != am_on_load && !isFunctionPattern(mfa)) return badargBecause(am_none);
  if (readSpecification(spec, FOR_TRACE) == NONE) return NONE;
  if (mfa == am_on_load) {
    T.startSetting(kinds, action, program, metaTracer);
    T.setForLoading();
    if (program) releaseResource(program);
    return smallOf(0);
  }
  const held = program ? resourceTerm(program) : NIL;
  // The reference on the heap counts for itself.
  if (program) releaseResource(program);
  const how = smallOf((((kinds as i64) << 2) | (action as i64)) as i64);
  return setSome(mfa, held, how, metaTracer, smallOf(0), smallOf(0));
}

/** Go on with `position`: a module record, or an export entry with the lowest bit set. */
// bif: vbeam_internal:trace_pattern_more/6
export function tracePatternMore6(
  mfa: u64,
  held: u64,
  how: u64,
  tracer: u64,
  position: u64,
  count: u64,
): u64 {
  return setSome(mfa, held, how, tracer, position, count);
}

/** The breakpoints of one module after the other, then those of BIFs, up to the budget. */
function setSome(mfa: u64, held: u64, how: u64, tracer: u64, position: u64, count: u64): u64 {
  const resource = held == NIL ? 0 : resourceOf(held, destroyProgram.index as u32);
  T.startMatching(tupleElement(mfa, 1), tupleElement(mfa, 2), tupleElement(mfa, 3));
  const bits = smallValue(how) as u32;
  T.startSetting(bits >> 2, bits & 3, resource, tracer);
  let at = smallValue(position) as u32;
  let total = smallValue(count);
  let left = budget();
  while (left > 0) {
    const set = at & 1 ? setNextBif(at & ~1) : setNextModule(at);
    if (set < 0) return outOfMemory();
    total += set;
    at = nextPosition;
    left -= steps;
    if (!at) {
      chargeReductions(budget() - left);
      return smallOf(total);
    }
  }
  chargeReductions(budget());
  setX(0, mfa);
  setX(1, held);
  setX(2, how);
  setX(3, tracer);
  setX(4, smallOf(at as i64));
  setX(5, smallOf(total));
  return trapTo(BIF_tracePatternMore6, 6);
}
/** Where the last step ended (0: everything is done), and what it cost. */
let nextPosition: u32 = 0;
let steps: i32 = 0;
/** Export entries looked at in one step. */
const EXPORTS_AT_ONCE: u32 = 64;

function setNextModule(previous: u32): i32 {
  const record = nextModule(previous);
  nextPosition = record ? (record as u32) : 1;
  steps = 1;
  if (!record) return 0;
  const instance = load<u32>(record, R_CURRENT) as usize;
  if (!instance || !T.wantsModule(load<u64>(instance, I_MODULE))) return 0;
  steps = 50;
  return T.setInstance(instance);
}
function setNextBif(previous: u32): i32 {
  let entry: usize = previous;
  let set = 0;
  steps = 4;
  for (let i: u32 = 0; i < EXPORTS_AT_ONCE; i++) {
    entry = nextExport(entry);
    if (!entry) {
      nextPosition = 0;
      return set;
    }
    const one = T.setIfBif(entry);
    if (one < 0) return -1;
    set += one;
  }
  nextPosition = (entry as u32) | 1;
  return set;
}

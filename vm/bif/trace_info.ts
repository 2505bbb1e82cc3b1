/** erlang:trace_info/2: what is traced how. */
import { E_BIF, FUNC_INFO_BYTES, findExport } from '../code';
import { fragmentRoot } from '../copy';
import { badargBecause } from '../error_info';
import { badarg } from '../errors';
import { integerOfI64 } from '../bignum';
import { M_SOURCE } from '../ets/match_program';
import {
  am_all,
  am_badopt,
  am_call_count,
  am_call_time,
  am_false,
  am_flags,
  am_global,
  am_local,
  am_match_spec,
  am_meta,
  am_meta_match_spec,
  am_new,
  am_new_ports,
  am_new_processes,
  am_on_load,
  am_receive,
  am_send,
  am_traced,
  am_tracer,
  am_true,
  am_undefined,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { importTerm } from '../import_term';
import { I_FUNCTIONS, I_FUNCTION_COUNT, currentInstance } from '../modules';
import { livingProcess, tuple2, tuple4 } from '../signals';
import {
  NIL,
  NONE,
  isAtom,
  isLocalPid,
  isLocalPort,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tupleArity,
  tupleElement,
} from '../term';
import {
  B_COUNT,
  B_META_PROGRAM,
  B_META_TRACER,
  B_PROGRAM,
  B_TIMES,
  COUNT,
  GLOBAL,
  LOCAL,
  META,
  TIME,
  TIME_CALLS,
  TIME_NS,
  TIME_PID,
  exportBreakpoint,
  kindsOf,
  localBreakpoint,
} from '../trace/breakpoints';
import { traceFlagList } from '../trace/flags';
import {
  NONE_TOLD,
  loadKinds,
  loadMetaProgram,
  loadMetaTracer,
  loadProgram,
  receiveProgram,
  sendProgram,
} from '../trace/patterns';
import {
  forgetEndedTracer,
  livingTracer,
  newFlags,
  newTracer,
  traceFlagsOf,
  tracerOf,
} from '../trace/tracing';

/** What is set for a function, or for functions that will be loaded. */
let kinds: u32 = 0;
let record: usize = 0;
let program: usize = 0;
let metaProgram: usize = 0;
let metaTracer: u64 = 0;

function readRecord(breakpoint: usize): void {
  record = breakpoint;
  kinds = kindsOf(record);
  program = load<u32>(record, B_PROGRAM);
  metaProgram = load<u32>(record, B_META_PROGRAM);
  metaTracer = load<u64>(record, B_META_TRACER);
}

function specification(compiled: usize): u64 {
  return compiled ? importTerm(fragmentRoot(load<u32>(compiled, M_SOURCE))) : NIL;
}
/** The rows of call_time: {Pid, Calls, Seconds, Microseconds}. */
function times(): u64 {
  let list = NIL;
  let row: usize = record ? (load<u32>(record, B_TIMES) as usize) : 0;
  for (; row; row = load<u32>(row) as usize) {
    const microseconds = load<i64>(row, TIME_NS) / 1000;
    const entry = tuple4(
      load<u64>(row, TIME_PID),
      integerOfI64(load<i64>(row, TIME_CALLS)),
      smallOf(microseconds / 1000000),
      smallOf(microseconds % 1000000),
    );
    list = makeCons(hAlloc(2), entry, list);
  }
  return list;
}

/** The value of an item of a function with a breakpoint, in OTP's words; 0 = no such item. */
function functionItem(item: u64): u64 {
  const calls = kinds & (LOCAL | GLOBAL);
  if (item == am_traced) return kinds & GLOBAL ? am_global : kinds & LOCAL ? am_local : am_false;
  if (item == am_match_spec) return calls ? specification(program) : am_false;
  if (item == am_meta) {
    if (kinds & META) return metaTracer;
    return record ? NIL : am_false;
  }
  if (item == am_meta_match_spec) return kinds & META ? specification(metaProgram) : am_false;
  if (item == am_call_count) {
    if (!(kinds & COUNT)) return am_false;
    return record ? integerOfI64(load<i64>(record, B_COUNT)) : am_true;
  }
  if (item == am_call_time) {
    if (!(kinds & TIME)) return am_false;
    return record ? times() : am_true;
  }
  return 0;
}
function cons(item: u64, value: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), tuple2(item, value), rest);
}
/** All items; those of functions that will be loaded are without call_time. */
function allItems(withTime: bool): u64 {
  let list = cons(am_call_count, functionItem(am_call_count), NIL);
  if (withTime) list = cons(am_call_time, functionItem(am_call_time), list);
  list = cons(am_meta_match_spec, functionItem(am_meta_match_spec), list);
  list = cons(am_meta, kinds & META ? metaTracer : am_false, list);
  list = cons(am_match_spec, functionItem(am_match_spec), list);
  return cons(am_traced, functionItem(am_traced), list);
}

/** The address of the entry of a loaded function, 0 when there is none. */
function entryOfFunction(module: u64, name: u64, arity: i64): usize {
  const instance = currentInstance(module);
  if (!instance) return 0;
  const table = load<u32>(instance, I_FUNCTIONS) as usize;
  for (let i: u32 = 0; i < load<u32>(instance, I_FUNCTION_COUNT); i++) {
    const info = load<u32>(table + (i << 2)) as usize;
    if (load<u32>(info, 8) == (name as u32) && (load<u32>(info, 12) as i64) == arity)
      return info + FUNC_INFO_BYTES;
  }
  return 0;
}

function functionInfo(mfa: u64, item: u64): u64 {
  if (tupleArity(mfa) != 3) return badarg();
  const module = tupleElement(mfa, 1);
  const name = tupleElement(mfa, 2);
  const arity = tupleElement(mfa, 3);
  if (!isAtom(module) || !isAtom(name) || !isSmall(arity)) return badarg();
  const number = smallValue(arity);
  const exported = number < 0 || number > 255 ? 0 : findExport(module, name, number as u32);
  const isBif = exported != 0 && load<u32>(exported, E_BIF) != 0;
  const pc = isBif ? 0 : entryOfFunction(module, name, number);
  if (!isBif && !pc) return tuple2(item, am_undefined);
  let breakpoint: usize = exported ? exportBreakpoint(exported) : 0;
  if (breakpoint && !kindsOf(breakpoint)) breakpoint = 0;
  if (!breakpoint && pc) breakpoint = localBreakpoint(pc);
  if (!breakpoint) return tuple2(item, am_false);
  readRecord(breakpoint);
  if (item == am_all) return tuple2(item, allItems(true));
  const value = functionItem(item);
  return value ? tuple2(item, value) : badarg();
}

function loadInfo(item: u64): u64 {
  record = 0;
  kinds = loadKinds;
  program = loadProgram;
  metaProgram = loadMetaProgram;
  metaTracer = loadMetaTracer;
  if (!kinds) return tuple2(item, am_false);
  if (item == am_all) return tuple2(item, allItems(false));
  const value = functionItem(item);
  return value ? tuple2(item, value) : badarg();
}

function eventInfo(compiled: usize, item: u64): u64 {
  if (item != am_match_spec) return badarg();
  const value = compiled == NONE_TOLD ? am_false : compiled ? specification(compiled) : am_true;
  return value == NONE ? NONE : tuple2(item, value);
}

function flagsInfo(flags: u32, tracer: u64, item: u64): u64 {
  if (item == am_flags) return tuple2(item, traceFlagList(flags));
  if (item == am_tracer) return tuple2(item, flags && tracer ? tracer : NIL);
  return badarg();
}

// bif: erlang:trace_info/2
export function traceInfo2(what: u64, item: u64): u64 {
  if (!isAtom(item)) return badarg();
  if (isTuple(what)) return functionInfo(what, item);
  if (what == am_on_load) return loadInfo(item);
  if (what == am_send) return eventInfo(sendProgram, item);
  if (what == am_receive) return eventInfo(receiveProgram, item);
  forgetEndedTracer();
  if (what == am_new || what == am_new_processes) return flagsInfo(newFlags, newTracer, item);
  if (what == am_new_ports || isLocalPort(what)) return flagsInfo(0, 0, item);
  if (!isLocalPid(what)) return badargBecause(am_badopt);
  if (item != am_flags && item != am_tracer) return badarg();
  const process = livingProcess(what);
  if (!process) return am_undefined;
  if (traceFlagsOf(process)) livingTracer(process);
  return flagsInfo(traceFlagsOf(process), tracerOf(process), item);
}

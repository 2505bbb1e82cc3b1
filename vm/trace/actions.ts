/**
 * What bodies of match specifications do when they are run for a trace: return_trace, message and
 * their like (ERTS User's Guide, "Match Specifications in Erlang"). vm/ets/match_run.ts calls
 * `traceAction`; who runs a specification calls `startActions` first and looks at the outcome.
 */
import { am_EXIT, am_false, am_tracer, am_true, am_undefined } from '../gen/atoms';
import { functionAt } from '../modules';
import { printTerm } from '../print_term';
import { debugText } from '../panic';
import { registeredHolder } from '../names';
import { processOf } from '../process';
import { placeOfAddress } from '../stack_trace';
import { tuple3, tuple4 } from '../signals';
import {
  NIL,
  NONE,
  head,
  isAtom,
  isList,
  isLocalPid,
  isSmall,
  isTuple,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { processText } from './process_text';
import { sequentialToken, setSequentialToken } from './sequential';
import { TRACE_SILENT, traceFlag } from './flags';
import { mayBeTracer, setTracing, traceFlagsOf, tracerOf, tracerProcess } from './tracing';

// Numbers of the functions: rows of vm/ets/match_functions.ts in their order there.
const CALLER: u32 = 0;
const CALLER_LINE: u32 = 1;
const DISABLE_TRACE: u32 = 2;
const DISPLAY: u32 = 3;
const ENABLE_TRACE: u32 = 4;
const EXCEPTION_TRACE: u32 = 5;
const GET_SEQ_TOKEN: u32 = 6;
const GET_TCW: u32 = 7;
const IS_SEQ_TRACE: u32 = 8;
const MESSAGE: u32 = 9;
const PROCESS_DUMP: u32 = 10;
const RETURN_TRACE: u32 = 11;
const SET_SEQ_TOKEN: u32 = 12;
const SET_TCW: u32 = 13;
const SILENT: u32 = 14;
const TRACE: u32 = 15;

/** What a body has asked for. */
export const WANT_RETURN: u32 = 1;
export const WANT_EXCEPTION: u32 = 2;
export let wanted: u32 = 0;
/** The argument of message/1; true when it was not called. */
export let messageValue: u64 = 0;

/** The process that the specification is run for, 0 when nothing may happen (a test). */
let process: usize = 0;
/** Where the traced function returns to. */
let callerAddress: usize = 0;

/** The trace control word: erlang:system_flag(trace_control_word, _), set_tcw/1. */
export let controlWord: u64 = smallOf(0);
export function setControlWord(word: u64): void {
  controlWord = word;
}

export function startActions(subject: usize, caller: usize): void {
  wanted = 0;
  messageValue = am_true;
  process = subject;
  callerAddress = caller;
}

function caller(line: bool): u64 {
  const info = callerAddress ? functionAt(callerAddress - 4) : 0;
  if (!info) return am_undefined;
  const module = load<u32>(info, 4) as u64;
  const name = load<u32>(info, 8) as u64;
  const arity = smallOf(load<u32>(info, 12) as i64);
  if (!line) return tuple3(module, name, arity);
  return tuple4(module, name, arity, placeOfAddress(callerAddress - 4, module));
}

/** The process that a pid or a name stands for, 0 when there is none. */
function namedProcess(t: u64): usize {
  const pid = isAtom(t) ? registeredHolder(t) : t;
  return isLocalPid(pid) ? processOf(pid) : 0;
}

/**
 * Change flags of a process, which is traced by `tracer` then; without one it is not traced any
 * more. True when something is different from before.
 */
function changeFlags(target: usize, tracer: u64, off: u32, on: u32): bool {
  const oldFlags = traceFlagsOf(target);
  const oldTracer = tracerOf(target);
  const flags = tracer ? (oldFlags & ~off) | on : 0;
  setTracing(target, flags, tracer);
  return flags != oldFlags || tracerOf(target) != oldTracer;
}

/** enable_trace and disable_trace: one flag, of the subject or of the process `who`. */
function changeOne(who: u64, flag: u64, enable: bool): u64 {
  const bits = traceFlag(flag);
  if (!bits) return am_EXIT;
  if (!process) return am_true;
  const target = who ? namedProcess(who) : process;
  if (!target) return am_EXIT;
  changeFlags(target, tracerOf(process), enable ? 0 : bits, enable ? bits : 0);
  return am_true;
}

/** What readFlags found: bits, and the tracer that is named (0 = none). */
let flagBits: u32 = 0;
let tracerNamed: u64 = 0;
/** Read a list of flags and {tracer, _}; false when it is something else. */
function readFlags(flags: u64): bool {
  flagBits = 0;
  let rest = flags;
  for (; isList(rest); rest = tail(rest)) {
    const item = head(rest);
    const bit = traceFlag(item);
    flagBits |= bit;
    if (bit) continue;
    if (!isTuple(item) || tupleArity(item) != 2 || tupleElement(item, 1) != am_tracer) return false;
    tracerNamed = tupleElement(item, 2);
    if (!mayBeTracer(tracerNamed)) return false;
  }
  return rest == NIL;
}
/** trace/2,3: flags off and on, and who traces: the subject's tracer when none is named. */
function changeBy(who: u64, off: u64, on: u64): u64 {
  tracerNamed = 0;
  if (!readFlags(off)) return am_EXIT;
  const offBits = flagBits;
  if (!readFlags(on)) return am_EXIT;
  if (!process) return am_true;
  const target = who ? namedProcess(who) : process;
  const tracer = tracerNamed ? tracerNamed : tracerOf(process);
  if (!target || (tracer && !tracerProcess(tracer))) return am_EXIT;
  return changeFlags(target, tracer, offBits, flagBits) ? am_true : am_false;
}

function argument(args: usize, index: u32): u64 {
  return load<u64>(args + (index << 3));
}

function silent(value: u64): u64 {
  if (!process) return am_true;
  if (value == am_true) changeFlags(process, tracerOf(process), 0, TRACE_SILENT);
  else if (value == am_false) changeFlags(process, tracerOf(process), TRACE_SILENT, 0);
  return am_true;
}
function setWord(value: u64): u64 {
  if (!isSmall(value) || smallValue(value) < 0) return am_EXIT;
  const old = controlWord;
  if (process) controlWord = value;
  return old;
}

/** The value of function `index` with the `arity` arguments at `args`; NONE when memory is out. */
export function traceAction(index: u32, arity: u32, args: usize): u64 {
  switch (index) {
    case CALLER:
    case CALLER_LINE:
      return caller(index == CALLER_LINE);
    case ENABLE_TRACE:
    case DISABLE_TRACE: {
      const pid: u64 = arity == 2 ? argument(args, 0) : 0;
      const flags = argument(args, arity - 1);
      return changeOne(pid, flags, index == ENABLE_TRACE);
    }
    case TRACE: {
      const pid: u64 = arity == 3 ? argument(args, 0) : 0;
      return changeBy(pid, argument(args, arity - 2), argument(args, arity - 1));
    }
    case DISPLAY:
      printTerm(argument(args, 0));
      debugText('\n');
      return am_true;
    case RETURN_TRACE:
      wanted |= WANT_RETURN;
      return am_true;
    case EXCEPTION_TRACE:
      wanted |= WANT_RETURN | WANT_EXCEPTION;
      return am_true;
    case MESSAGE:
      messageValue = argument(args, 0);
      return am_true;
    case SILENT:
      return silent(argument(args, 0));
    case SET_TCW:
      return setWord(argument(args, 0));
    case GET_TCW:
      return controlWord;
    case IS_SEQ_TRACE:
      return process && sequentialToken(process) ? am_true : am_false;
    case GET_SEQ_TOKEN:
      return process && sequentialToken(process) ? sequentialToken(process) : NIL;
    case SET_SEQ_TOKEN:
      return setSequentialToken(process, argument(args, 0), argument(args, 1));
    default:
      return process ? processText(process) : NONE;
  }
}

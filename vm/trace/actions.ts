/**
 * What bodies of match specifications do when they are run for a trace: return_trace, message and
 * their like (ERTS User's Guide, "Match Specifications in Erlang"). vm/ets/match_run.ts calls
 * `traceAction`; who runs a specification calls `startActions` first and looks at the outcome.
 */
import { am_EXIT, am_false, am_true, am_undefined } from '../gen/atoms';
import { functionAt } from '../modules';
import { printTerm } from '../print_term';
import { debugText } from '../panic';
import { processOf } from '../process';
import { placeOfAddress } from '../stack_trace';
import { tuple3, tuple4 } from '../signals';
import { NIL, NONE, head, isList, isLocalPid, isSmall, smallOf, smallValue, tail } from '../term';
import { processText } from './process_text';
import { sequentialToken, setSequentialToken } from './sequential';
import { TRACE_SILENT, traceFlag } from './flags';
import { setTracing, traceFlagsOf, tracerOf } from './tracing';

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

/** Change flags of a process: of the subject, or of the one that `pid` names. */
function change(pid: u64, off: u32, on: u32): void {
  if (!process) return;
  const target = pid ? processOf(pid) : process;
  if (!target) return;
  const tracer = tracerOf(target) ? tracerOf(target) : tracerOf(process);
  if (tracer) setTracing(target, (traceFlagsOf(target) & ~off) | on, tracer);
}
/** The bits of a list of flags, or of one; -1 when one is none. */
function bitsOf(flags: u64): i32 {
  if (flags != NIL && !isList(flags)) {
    const bit = traceFlag(flags);
    return bit ? (bit as i32) : -1;
  }
  let bits: u32 = 0;
  let rest = flags;
  for (; isList(rest); rest = tail(rest)) {
    const bit = traceFlag(head(rest));
    if (!bit) return -1;
    bits |= bit;
  }
  return rest == NIL ? (bits as i32) : -1;
}
function changeBy(pid: u64, off: u64, on: u64): u64 {
  const offBits = bitsOf(off);
  const onBits = bitsOf(on);
  if (pid && !isLocalPid(pid)) return am_EXIT;
  if (offBits < 0 || onBits < 0) return am_EXIT;
  change(pid, offBits as u32, onBits as u32);
  return am_true;
}

function argument(args: usize, index: u32): u64 {
  return load<u64>(args + (index << 3));
}

function silent(value: u64): u64 {
  if (value == am_true) change(0, 0, TRACE_SILENT);
  else if (value == am_false) change(0, TRACE_SILENT, 0);
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
      return index == ENABLE_TRACE ? changeBy(pid, NIL, flags) : changeBy(pid, flags, NIL);
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

/** Calls of traced functions: what a breakpoint does when it is hit. */
import { am_call, am_false, am_true } from '../gen/atoms';
import { hAlloc } from '../heap';
import { isMatchState } from '../binary';
import { prepareRun, runExhausted, runProgram } from '../ets/match_run';
import { trappedFrom } from '../interp';
import { functionAt } from '../modules';
import { contextTail } from '../ops/binary_match';
import { getX } from '../registers';
import { current } from '../state';
import { tuple3 } from '../signals';
import { NIL, boxedAddress, makeCons, smallOf } from '../term';
import { WANT_EXCEPTION, WANT_RETURN, messageValue, startActions, wanted } from './actions';
import {
  B_ARITY,
  B_COUNT,
  B_FUNCTION,
  B_META_PROGRAM,
  B_META_TRACER,
  B_MODULE,
  B_PROGRAM,
  COUNT,
  COUNT_PAUSED,
  GLOBAL,
  LOCAL,
  META,
  TIME,
  TIME_PAUSED,
  isBifBreakpoint,
  kindsOf,
} from './breakpoints';
import { startTimed } from './call_time';
import { add, beginEvent, beginMetaEvent, dropEvent, sendEvent } from './event';
import { TRACE_ARITY, TRACE_CALL, TRACE_RETURN_TO, TRACE_SILENT } from './flags';
import {
  FRAME_EXCEPTION,
  FRAME_META,
  FRAME_RETURN,
  FRAME_RETURN_TO,
  FRAME_TIME,
  NO_EXTRA,
  pushTraceFrame,
  returnAddress,
  returnsInto,
} from './frames';
import {
  bifCallOf,
  isSensitive,
  isTraced,
  livingTracer,
  traceFlagsOf,
  tracerProcess,
} from './tracing';

/** The arguments in X registers as a list; of a bitstring that is being matched, what is left. */
export function argumentList(arity: u32): u64 {
  let list = NIL;
  for (let i = arity; i > 0; i--) {
    const value = getX(i - 1);
    const shown = isMatchState(value) ? contextTail(boxedAddress(value)) : value;
    list = makeCons(hAlloc(2), shown, list);
  }
  return list;
}

/**
 * Run the match specification (0 = none) on a list: does it match? Leaves in actions.ts what its
 * body asked for. To be called inside an event.
 */
export function matches(program: usize, subject: usize, list: u64, caller: usize): bool {
  startActions(subject, caller);
  if (!program) return true;
  return prepareRun(program) && runProgram(program, list, false) != 0 && !runExhausted;
}

function push(record: usize, kind: i64, extra: u64): void {
  const module = load<u32>(record, B_MODULE) as u64;
  pushTraceFrame(
    kind,
    module,
    load<u32>(record, B_FUNCTION) as u64,
    load<u32>(record, B_ARITY),
    extra,
  );
}
function pushWanted(record: usize, kind: i64, extra: u64): void {
  if (!(wanted & WANT_RETURN)) return;
  push(record, kind | FRAME_RETURN | (wanted & WANT_EXCEPTION ? FRAME_EXCEPTION : 0), extra);
}

/** Send {trace, Pid, call, {M, F, Args or Arity}[, Message]} unless the body said no. */
function tellCall(record: usize, args: u64, onlyArity: bool): void {
  if (messageValue == am_false) {
    dropEvent();
    return;
  }
  const module = load<u32>(record, B_MODULE) as u64;
  const what = onlyArity ? smallOf(load<u32>(record, B_ARITY) as i64) : args;
  add(am_call);
  add(tuple3(module, load<u32>(record, B_FUNCTION) as u64, what));
  if (messageValue != am_true) add(messageValue);
  sendEvent();
}

function traceCall(record: usize, caller: usize): void {
  const process = current;
  if (!beginEvent(process)) return;
  const args = argumentList(load<u32>(record, B_ARITY));
  const matched = matches(load<u32>(record, B_PROGRAM), process, args, caller);
  // The body may have changed the flags, which hold at once.
  const flags = traceFlagsOf(process);
  if (!matched || flags & TRACE_SILENT) {
    dropEvent();
    return;
  }
  tellCall(record, args, (flags & TRACE_ARITY) != 0);
  if (flags & TRACE_RETURN_TO && kindsOf(record) & LOCAL) pushReturnTo(record);
  pushWanted(record, 0, NO_EXTRA);
}

/**
 * A function that is called last returns where its caller does. A BIF returns into its caller, for
 * OTP has no tail calls of BIFs.
 */
function pushReturnTo(record: usize): void {
  const called = bifCaller(record);
  if (called) push(record, FRAME_RETURN_TO, smallOf(called as i64));
  else if (!returnsInto(FRAME_RETURN_TO)) push(record, FRAME_RETURN_TO, NO_EXTRA);
}
/** An address behind the instruction that calls the BIF of `record`; 0 when it is not known. */
function bifCaller(record: usize): usize {
  if (!isBifBreakpoint(record)) return 0;
  const noted = bifCallOf(current);
  const at = noted ? noted : trappedFrom;
  return at && functionAt(at) ? at + 4 : 0;
}
/** An address behind the call. */
function callerOf(record: usize): usize {
  const called = bifCaller(record);
  return called ? called : returnAddress();
}

/** The running process calls the function of `record`, its arguments in the X registers. */
export function hitBreakpoint(record: usize): void {
  const kinds = kindsOf(record);
  const caller = callerOf(record);
  if (kinds & (LOCAL | GLOBAL) && isTraced(current, TRACE_CALL)) traceCall(record, caller);
  if (kinds & META && !isSensitive(current)) metaCall(record, caller);
  if ((kinds & (COUNT | COUNT_PAUSED)) == COUNT)
    store<u64>(record, load<u64>(record, B_COUNT) + 1, B_COUNT);
  // The time of a process whose tracer has ended is nobody's business.
  const timed = (kinds & (TIME | TIME_PAUSED)) == TIME && isTraced(current, TRACE_CALL);
  if (timed && livingTracer(current)) {
    const earlier = startTimed(current, record);
    if (!returnsInto(FRAME_TIME)) push(record, FRAME_TIME, earlier);
  }
}
function metaCall(record: usize, caller: usize): void {
  const tracer = load<u64>(record, B_META_TRACER);
  const process = current;
  if (tracer == NIL) return;
  if (!tracerProcess(tracer)) {
    // It has ended: from now on the function has none.
    store<u64>(record, NIL, B_META_TRACER);
    return;
  }
  if (!beginMetaEvent(process, tracer)) return;
  const args = argumentList(load<u32>(record, B_ARITY));
  if (!matches(load<u32>(record, B_META_PROGRAM), process, args, caller)) {
    dropEvent();
    return;
  }
  tellCall(record, args, false);
  pushWanted(record, FRAME_META, tracer);
}

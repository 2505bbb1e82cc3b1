/**
 * The instruction of tracing. It stands in three places: instead of the first instruction of a
 * function with a breakpoint, in the record of a breakpoint of an export entry
 * (vm/trace/breakpoints.ts), and where traced functions return to (vm/trace/frames.ts).
 */
import { E_ADDRESS, exportEntry } from '../code';
import { am_breakpoint } from '../gen/atoms';
import { P_FLAGS } from '../gen/layout';
import { CLASS_TRAP, failClass } from '../errors';
import { bifFailed, callFunction, heapHas, makeRoom, mustLeaveAfterBif } from '../interp';
import { FLAG_PAST_BREAKPOINT, errorHandlerOf } from '../process';
import { setX } from '../registers';
import { leaveAfterBif } from '../scheduler';
import { continuation, current, setContinuation } from '../state';
import { NONE } from '../term';
import {
  B_ARITY,
  B_EXPORT,
  B_FUNCTION,
  B_MODULE,
  B_ORIGINAL,
  DEBUG,
  disarm,
  isBifBreakpoint,
  kindsOf,
  localBreakpoint,
} from '../trace/breakpoints';
import { argumentList, hitBreakpoint } from '../trace/call';
import { TRACE_FRAMES_WORDS, returnAddress, returnStub, returnThroughFrame } from '../trace/frames';
import { bifCallOf } from '../trace/tracing';

/** Bytes of a call of a BIF in a body. */
const CALL_BIF_BYTES: u32 = 12;
/** Bytes of the instruction in the record of a breakpoint, with the arity word of the next one. */
const STUB_BYTES: u32 = 12;

// runs: slow
export function op_i_trace(pc: usize): usize {
  if (pc == returnStub()) return returnThroughFrame();
  const local = localBreakpoint(pc);
  if (local) return hitLocal(pc, local);
  const word = load<u32>(pc, 4);
  const record = (word & ~1) as usize;
  if (word & 1) return runBif(pc, record);
  if (kindsOf(record)) {
    if (!heapHas(TRACE_FRAMES_WORDS))
      return makeRoom(pc, TRACE_FRAMES_WORDS, load<u32>(record, B_ARITY));
    hitBreakpoint(record);
  }
  if (isBifBreakpoint(record)) return pc + STUB_BYTES;
  // The breakpoint may have been removed since the call, and the function, too.
  if (!kindsOf(record)) return load<u32>(load<u32>(record, B_EXPORT), E_ADDRESS);
  return load<u32>(record, B_ORIGINAL);
}

function hitLocal(pc: usize, record: usize): usize {
  // Told already, when the process has left the processor before its first instruction was done.
  if (!(load<u32>(current, P_FLAGS) & FLAG_PAST_BREAKPOINT)) {
    if (!heapHas(TRACE_FRAMES_WORDS))
      return makeRoom(pc, TRACE_FRAMES_WORDS, load<u32>(record, B_ARITY));
    hitBreakpoint(record);
    const handler: usize = kindsOf(record) & DEBUG ? breakpointHandler() : 0;
    if (handler) return callBreakpointHandler(record, handler);
  }
  disarm(record);
  return pc;
}
/** The export entry of the error handler's breakpoint/3, with which a debugger takes calls. */
function breakpointHandler(): usize {
  return exportEntry(errorHandlerOf(current), am_breakpoint, 3);
}
function callBreakpointHandler(record: usize, handler: usize): usize {
  const args = argumentList(load<u32>(record, B_ARITY));
  setX(0, load<u32>(record, B_MODULE) as u64);
  setX(1, load<u32>(record, B_FUNCTION) as u64);
  setX(2, args);
  return load<u32>(handler, E_ADDRESS);
}

/** The call at which a traced BIF fails: that of a function which it does not return to. */
function failedCall(pc: usize): usize {
  const call = bifCallOf(current);
  return call && returnAddress() != call + CALL_BIF_BYTES ? call : pc;
}
/** A traced BIF runs as a function does: it returns to the continuation. */
function runBif(pc: usize, record: usize): usize {
  const entry = load<u32>(record, B_EXPORT) as usize;
  const result = callFunction(entry);
  if (result == NONE) return bifFailed(failClass < CLASS_TRAP ? failedCall(pc) : pc, 0, entry);
  setX(0, result);
  const to = continuation as u32 as usize;
  if (mustLeaveAfterBif()) return leaveAfterBif(to);
  setContinuation(0);
  return to;
}

/**
 * Frames that tracing puts on the stack of a process below the frame of a traced function, so that
 * its return, or the exception that ends it, is noticed. The function returns to `i_trace`.
 *
 *   | continuation | module | function | arity | extra | kind |   u64 each
 *
 * `extra` is the tracer (meta), the function timed before (time), or an address in the function
 * that is returned to (return_to), when that is not where the continuation leads.
 */
import {
  am_error,
  am_exception_from,
  am_exit,
  am_return_from,
  am_return_to,
  am_throw,
  am_undefined,
} from '../gen/atoms';
import { CLASS_ERROR, CLASS_EXIT } from '../errors';
import { OP_i_trace } from '../gen/opcodes';
import { P_HEAP_END } from '../gen/layout';
import { functionAt } from '../modules';
import { getX } from '../registers';
import { continuation, current, setContinuation, setStackTop, stackTop } from '../state';
import { tuple2, tuple3 } from '../signals';
import { NIL, isSmall, smallOf, smallValue } from '../term';
import { add, beginEvent, beginMetaEvent, sendEvent } from './event';
import { TRACE_CALL, TRACE_RETURN_TO, TRACE_SILENT } from './flags';
import { resumeTimed } from './call_time';
import { isTraced, traceFlagsOf } from './tracing';

const FRAME_BYTES: u32 = 48;
const F_MODULE: u32 = 8;
const F_FUNCTION: u32 = 16;
const F_ARITY: u32 = 24;
const F_EXTRA: u32 = 32;
const F_KIND: u32 = 40;
/** Room for all frames of one call. */
export const TRACE_FRAMES_WORDS: u32 = 24;

export const FRAME_RETURN: i64 = 1;
export const FRAME_EXCEPTION: i64 = 2;
export const FRAME_META: i64 = 4;
export const FRAME_RETURN_TO: i64 = 8;
export const FRAME_TIME: i64 = 16;

/** Where traced functions return to: an instruction behind the arity word of an entry. */
const stub: usize = memory.data(16, 8);
/** Frames have been used: exceptions must look for them. */
export let framesUsed: bool = false;

export function initTraceFrames(): void {
  store<u32>(stub, OP_i_trace, 8);
}
export function returnStub(): usize {
  return stub + 8;
}

/** Push a frame of the function with this name. The caller has made room. */
export function pushTraceFrame(kind: i64, module: u64, name: u64, arity: u32, extra: u64): void {
  const top = stackTop - FRAME_BYTES;
  store<u64>(top, continuation);
  store<u64>(top, module, F_MODULE);
  store<u64>(top, name, F_FUNCTION);
  store<u64>(top, smallOf(arity as i64), F_ARITY);
  store<u64>(top, extra, F_EXTRA);
  store<u64>(top, smallOf(kind), F_KIND);
  setStackTop(top);
  setContinuation(returnStub() as u64);
  framesUsed = true;
}
function kindAt(frame: usize): i64 {
  return smallValue(load<u64>(frame, F_KIND));
}
/** The function returns into a frame of one of these kinds, with other trace frames above it. */
export function returnsInto(kind: i64): bool {
  let to = continuation as usize;
  let frame = stackTop;
  while (to == returnStub()) {
    if (kindAt(frame) & kind) return true;
    to = load<u64>(frame) as usize;
    frame += FRAME_BYTES;
  }
  return false;
}
/** The address to which the running function returns, as if it were not traced; 0 at the end. */
export function returnAddress(): usize {
  let to = continuation as usize;
  const limit = load<u32>(current, P_HEAP_END) as usize;
  for (let at = stackTop; (!to || to == returnStub()) && at < limit; at += 8) {
    const word = load<u64>(at);
    if ((word & 3) == 0 && word) to = word as usize;
  }
  return to == returnStub() ? 0 : to;
}

function functionTuple(frame: usize): u64 {
  return tuple3(
    load<u64>(frame, F_MODULE),
    load<u64>(frame, F_FUNCTION),
    load<u64>(frame, F_ARITY),
  );
}
function beginFrameEvent(frame: usize): bool {
  if (kindAt(frame) & FRAME_META) return beginMetaEvent(current, load<u64>(frame, F_EXTRA));
  if (!isTraced(current, TRACE_CALL) || traceFlagsOf(current) & TRACE_SILENT) return false;
  return beginEvent(current);
}

/** {trace, Pid, return_to, Function} for the code address, or undefined. */
export function tellReturnTo(address: usize): void {
  if (!isTraced(current, TRACE_RETURN_TO) || !beginEvent(current)) return;
  const info = address ? functionAt(address - 4) : 0;
  add(am_return_to);
  if (!info) add(am_undefined);
  else {
    const arity = smallOf(load<u32>(info, 12) as i64);
    add(tuple3(load<u32>(info, 4) as u64, load<u32>(info, 8) as u64, arity));
  }
  sendEvent();
}

/** A traced function has returned X0 into its frame, which is on top: where to go on. */
export function returnThroughFrame(): usize {
  const frame = stackTop;
  const kind = kindAt(frame);
  if (kind & FRAME_RETURN && beginFrameEvent(frame)) {
    add(am_return_from);
    add(functionTuple(frame));
    add(getX(0));
    sendEvent();
  }
  if (kind & FRAME_TIME) resumeTimed(current, load<u64>(frame, F_EXTRA));
  const to = load<u64>(frame) as usize;
  setStackTop(frame + FRAME_BYTES);
  if (kind & FRAME_RETURN_TO) {
    setContinuation(to as u64);
    const told = load<u64>(frame, F_EXTRA);
    tellReturnTo(isSmall(told) ? (smallValue(told) as usize) : returnAddress());
  }
  setContinuation(0);
  return to;
}

function classAtom(kind: u32): u64 {
  return kind == CLASS_ERROR ? am_error : kind == CLASS_EXIT ? am_exit : am_throw;
}

/**
 * An exception passes the stack up to `end`: tell about the traced functions that it ends. True
 * when one of them wanted to know where it returns to.
 */
export function unwindFrames(kind: u32, reason: u64, end: usize): bool {
  let returnTo = false;
  let intoFrame = (continuation as usize) == returnStub();
  for (let at = stackTop; at < end; at += 8) {
    const word = load<u64>(at);
    if ((word & 3) != 0 || !word) continue;
    if (intoFrame) {
      const frameKind = kindAt(at);
      if (frameKind & FRAME_RETURN_TO) returnTo = true;
      if (frameKind & FRAME_EXCEPTION && beginFrameEvent(at)) {
        add(am_exception_from);
        add(functionTuple(at));
        add(tuple2(classAtom(kind), reason));
        sendEvent();
      }
    }
    intoFrame = (word as usize) == returnStub();
  }
  return returnTo;
}
/** The extra word of a frame that needs none. */
export const NO_EXTRA: u64 = NIL;

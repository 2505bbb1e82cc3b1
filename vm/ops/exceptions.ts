/**
 * Raising and catching. The stack trace of an exception is kept raw until someone asks for it:
 *
 *   {Class, First, Info, Pc1, Pc2, ...}    First: small (code address), {M, F, Args} of a BIF, or
 *   {M, F, Args, Pc}; PcN: small code addresses
 *
 * or, when raise/3 supplied it, {Class, List}. `build_stacktrace` makes the list of {M, F, A,
 * Location}.
 */
import { E_ARITY, E_BIF, E_FUNCTION, E_MODULE } from '../code';
import {
  CLASS_ERROR,
  CLASS_EXIT,
  CLASS_THROW,
  failArguments,
  failClass,
  failInfo,
  failPlace,
  failReason,
  failTrace,
  fail,
  errorPair,
  CLASS_OUT_OF_MEMORY,
} from '../errors';
import {
  am_EXIT,
  am_badmatch,
  am_case_clause,
  am_error,
  am_exit,
  am_function_clause,
  am_if_clause,
  am_nocatch,
  am_throw,
  am_try_clause,
  am_badrecord,
  am_badarg,
  am_apply,
  am_erlang,
  am_vbeam_internal,
} from '../gen/atoms';
import { errorInfoOf } from '../error_info';
import { OP_bif_stub, OP_i_raise, OP_i_unwind } from '../gen/opcodes';
import {
  P_CATCHES,
  P_HEAP_END,
  P_TRAPPED_AT,
  P_TRAPPED_CALL,
  P_TRAPPED_ENTRY,
} from '../gen/layout';
import { hAlloc, memoryExhausted } from '../heap';
import { bifFailed, callBif } from '../interp';
import { functionAt } from '../modules';
import { operand, readSource, writeDestination } from '../operands';
import { getX, setX } from '../registers';
import { exitUncaught, killForMemory, requeueRunning } from '../scheduler';
import { backtraceDepth, isRawTrace, stackTraceOf } from '../stack_trace';
import { continuation, current, setContinuation, setStackTop, stackTop } from '../state';
import { framesUsed, tellReturnTo, unwindFrames } from '../trace/frames';
import { tuple2, tuple3, tuple4 } from '../signals';
import { somethingWaits } from '../walk';
import {
  NIL,
  NONE,
  SUB_FLOAT,
  SUB_TUPLE,
  TAG_CATCH,
  boxedAddress,
  boxedOf,
  headerOf,
  isLiteral,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tupleArity,
  tupleElement,
} from '../term';

function classAtom(kind: u32): u64 {
  return kind == CLASS_ERROR ? am_error : kind == CLASS_EXIT ? am_exit : am_throw;
}

/** Words of a stack that are looked at before others may have their turn. */
const STACK_WORDS: u32 = 1024;
/** Words of the stack that the trace made last has been taken from; 0 when it is complete. */
let tracedWords: u32 = 0;

function traceRoom(): u32 {
  return backtraceDepth > 1 ? backtraceDepth - 1 : 0;
}
/**
 * The raw trace of an exception whose first entry is `first` (see above), then the code address
 * `pc` unless it is 0, then the continuations, youngest first; of equal ones in a row only one, as
 * in OTP, and with `first` no more than the backtrace depth. The continuation register counts only
 * while the function has no frame: `allocate` and `return` clear it. A deep stack of one function
 * has more to look at than may be done at once: `raise` goes on with it. `before` is the address in
 * the first entry, or 0.
 */
function rawTrace(kind: u32, first: u64, info: u64, pc: usize, before: usize = 0): u64 {
  // A stub stands in no function, so its address does not count.
  const room = traceRoom() + (pc && load<u32>(pc) == OP_bif_stub ? 1 : 0);
  const at = hAlloc(4 + room);
  let count: u32 = 0;
  let last = before as u64;
  if (pc && room) store<u64>(at + 32 + (count++ << 3), smallOf(pc as i64));
  if (continuation && count < room) {
    last = continuation as u64;
    store<u64>(at + 32 + (count++ << 3), smallOf(last));
  }
  count = traceStack(at, 0, count, last, room);
  store<u64>(at, classAtom(kind), 8);
  store<u64>(at, first, 16);
  store<u64>(at, info ? info : NIL, 24);
  return boxedOf(at);
}
/**
 * Add the continuations on the stack from word `from` on to the `count` of the trace at `at`, the
 * last of which is `before`; their number then, at most `room`.
 */
function traceStack(at: usize, from: u32, have: u32, before: u64, room: u32): u32 {
  let count = have;
  let last = before;
  const words = ((load<u32>(current, P_HEAP_END) - (stackTop as u32)) >> 3) as u32;
  const limit = min(words, from + STACK_WORDS);
  for (let i = from; i < limit && count < room; i++) {
    const word = load<u64>(stackTop + (i << 3));
    if ((word & 3) != 0 || word == 0 || word == last) continue;
    last = word;
    store<u64>(at + 32 + (count++ << 3), smallOf(word as i64));
  }
  tracedWords = count < room && limit < words ? limit : 0;
  // Words that are not used become an object of their own, so that the area stays walkable.
  if (count < room) store<u64>(at + 32 + (count << 3), headerOf(SUB_FLOAT, room - count - 1));
  store<u64>(at, headerOf(SUB_TUPLE, 3 + count));
  return count;
}
/** The trace with more of the stack, whose first `tracedWords` words it has been taken from. */
function longerTrace(trace: u64): u64 {
  const arity = tupleArity(trace);
  const room = max(traceRoom(), arity - 3);
  const at = hAlloc(4 + room);
  memory.copy(at + 8, boxedAddress(trace) + 8, arity << 3);
  const last = arity > 3 ? (smallValue(tupleElement(trace, arity)) as u64) : 0;
  traceStack(at, tracedWords, arity - 3, last, room);
  return boxedOf(at);
}

/**
 * The first entry of a trace that starts at `pc`: with the arguments that error/2,3 gave, if they
 * did.
 */
function firstEntry(pc: usize): u64 {
  const info = failArguments ? functionAt(pc) : 0;
  if (!info) return smallOf(pc as i64);
  return tuple4(
    load<u32>(info, 4) as u64,
    load<u32>(info, 8) as u64,
    failArguments,
    smallOf(pc as i64),
  );
}

/**
 * Raise the recorded error from the instruction at `pc`. Returns where to go on, 0 when the process
 * exits.
 */
export function raiseAt(pc: usize): usize {
  if (failClass == CLASS_OUT_OF_MEMORY) {
    killForMemory();
    return 0;
  }
  const trace = failTrace
    ? tuple2(classAtom(failClass), failTrace)
    : rawTrace(failClass, firstEntry(pc), failInfo, 0, pc);
  return raise(failClass, failReason, trace);
}

/**
 * Raise the recorded error from an instruction that ends in a call: the dispatch loop takes its
 * result for a function's entry, so the exception is raised by the next instruction, `i_raise`,
 * before which no process leaves the processor.
 */
export function raiseLater(pc: usize): usize {
  raisingPc = pc;
  return raiseStub;
}
let raisingPc: usize = 0;
/** {erlang, apply, Arguments} when it is an apply that fails, else 0. */
let raisingFirst: u64 = 0;
/** The BIF that will raise, in the place of the caller at `raisingPc`, else 0. */
let raisingEntry: usize = 0;
/**
 * An error of apply/2 or apply/3, with its arguments; `pc` is the instruction that makes the call,
 * or 0 when that has left its continuation.
 */
export function raiseApplyLater(pc: usize, reason: u64, args: u64): usize {
  fail(CLASS_ERROR, reason);
  raisingFirst = tuple3(am_erlang, am_apply, args);
  return raiseLater(pc);
}
/** The same for a BIF that does nothing but raise, whose arguments are in the X registers. */
export function raiseByBifLater(pc: usize, entry: usize): usize {
  raisingEntry = entry;
  return raiseLater(pc);
}
/** One instruction, i_raise. */
export const raiseStub: usize = memory.data(8, 8);
export function initExceptions(): void {
  store<u32>(raiseStub, OP_i_raise);
  store<u32>(unwindStub, 4);
  store<u32>(unwindStub, OP_i_unwind, 4);
}
// runs: slow
export function op_i_raise(pc: usize): usize {
  if (raisingEntry) {
    const entry = raisingEntry;
    raisingEntry = 0;
    callBif(raisingPc, entry);
    return bifFailed(raisingPc, 0, entry);
  }
  const first = raisingFirst;
  raisingFirst = 0;
  if (!first) return raiseAt(raisingPc);
  const trace = rawTrace(failClass, first, errorInfoOf(am_erlang), raisingPc);
  return raise(failClass, failReason, trace);
}

/** Raise the recorded error of the BIF of `entry`, whose arguments are still in the X registers. */
export function raiseFromBif(pc: usize, entry: usize): usize {
  const trapped = load<u64>(current, P_TRAPPED_CALL);
  if (trapped && entry && load<u64>(entry, E_MODULE) == am_vbeam_internal)
    return raiseFromTrapped(trapped);
  if (failTrace) return raise(failClass, failReason, tuple2(classAtom(failClass), failTrace));
  if (!entry || failPlace) return raiseAt(failPlace ? placeOfCall(pc) : pc);
  const arity = load<u32>(entry, E_ARITY);
  let args = NIL;
  for (let i = arity; i > 0; i--) args = makeCons(hAlloc(2), getX(i - 1), args);
  return raiseWithArguments(pc, entry, args);
}

/** Where a BIF was called: `pc`, or for a stub, which has no frame, what it returns to. */
function placeOfCall(pc: usize): usize {
  if (load<u32>(pc) != OP_bif_stub || !continuation) return pc;
  const at = continuation as usize;
  setContinuation(0);
  return at;
}

/** What a BIF went on in has failed: the error is that of the BIF, with its arguments. */
function raiseFromTrapped(trapped: u64): usize {
  const entry = load<u32>(current, P_TRAPPED_ENTRY) as usize;
  let args = NIL;
  for (let i = tupleArity(trapped); i > 0; i--)
    args = makeCons(hAlloc(2), tupleElement(trapped, i), args);
  store<u64>(current, 0, P_TRAPPED_CALL);
  if (failTrace) return raise(failClass, failReason, tuple2(classAtom(failClass), failTrace));
  return raiseWithArguments(load<u32>(current, P_TRAPPED_AT), entry, args);
}

/** The same for a BIF that an instruction calls with its operands from `index` on. */
export function raiseFromOperands(pc: usize, entry: usize, index: u32): usize {
  const arity = load<u32>(entry, E_ARITY);
  let args = NIL;
  for (let i = arity; i > 0; i--)
    args = makeCons(hAlloc(2), readSource(operand(pc, index + i - 1)), args);
  return raiseWithArguments(pc, entry, args);
}

function raiseWithArguments(pc: usize, entry: usize, args: u64): usize {
  const module = load<u64>(entry, E_MODULE);
  const first = tuple3(module, load<u64>(entry, E_FUNCTION), args);
  const explained = failInfo == 0 && failClass == CLASS_ERROR && load<u32>(entry, E_BIF) != 0;
  const info = explained ? errorInfoOf(module) : failInfo;
  return raise(failClass, failReason, rawTrace(failClass, first, info, pc));
}

/** Unwind to the innermost catch, or end the process. */
export function raise(kind: u32, reason: u64, trace: u64): usize {
  const begun = tracedWords;
  tracedWords = 0;
  return begun ? completeTrace(kind, reason, trace, begun) : unwind(kind, reason, trace);
}
function completeTrace(kind: u32, reason: u64, begun: u64, words: u32): usize {
  let trace = begun;
  tracedWords = words;
  while (tracedWords && !memoryExhausted) {
    trace = longerTrace(trace);
    if (somethingWaits()) return leaveRaising(kind, reason, trace);
  }
  tracedWords = 0;
  return unwind(kind, reason, trace);
}
/**
 * The process leaves the processor and goes on with the exception; the trace has been taken from
 * `tracedWords` words of the stack, or is complete.
 */
function leaveRaising(kind: u32, reason: u64, trace: u64): usize {
  setX(0, smallOf(kind));
  setX(1, reason);
  setX(2, trace);
  setX(3, smallOf(tracedWords));
  tracedWords = 0;
  requeueRunning(unwindStub + 4, 4);
  return 0;
}
/** Number of live registers, and one instruction, i_unwind. */
const unwindStub: usize = memory.data(8, 8);
// runs: slow
export function op_i_unwind(pc: usize): usize {
  const kind = smallValue(getX(0)) as u32;
  tracedWords = smallValue(getX(3)) as u32;
  return raise(kind, getX(1), getX(2));
}

function unwind(kind: u32, reason: u64, trace: u64): usize {
  const limit = load<u32>(current, P_HEAP_END) as usize;
  if (!load<u32>(current, P_CATCHES)) {
    if (framesUsed) unwindUncaught(kind, reason, limit);
    exitUncaught(kind, reason, trace);
    return 0;
  }
  let frame = stackTop;
  let at = stackTop;
  let words: u32 = 0;
  while (at < limit) {
    const word = load<u64>(at);
    if ((word & 3) == 0) {
      if (word) frame = at;
    } else if ((word & 63) == TAG_CATCH) return caughtAt(kind, reason, trace, frame, at);
    at += 8;
    // Tracers are told of all frames at once. Frames that have no catch are given up.
    if (++words < STACK_WORDS || framesUsed) continue;
    words = 0;
    if (!somethingWaits()) continue;
    setStackTop(frame);
    setContinuation(0);
    return leaveRaising(kind, reason, trace);
  }
  exitUncaught(kind, reason, trace);
  return 0;
}
/** The catch at `at` in the frame at `frame` takes the exception. */
function caughtAt(kind: u32, reason: u64, trace: u64, frame: usize, at: usize): usize {
  const handler = (load<u64>(at) >> 6) as usize;
  const returnsTo = framesUsed && unwindFrames(kind, reason, at);
  setStackTop(frame);
  // A function with a catch has a frame: the register is that of whoever raised.
  setContinuation(0);
  if (returnsTo) tellReturnTo(handler + 4);
  setX(0, NONE);
  setX(1, classAtom(kind));
  setX(2, reason);
  setX(3, trace);
  return handler;
}

/** Traced functions end by an exception that nothing catches: a throw is an error then. */
function unwindUncaught(kind: u32, reason: u64, limit: usize): void {
  if (kind == CLASS_THROW) unwindFrames(CLASS_ERROR, tuple2(am_nocatch, reason), limit);
  else unwindFrames(kind, reason, limit);
}

/** The list form of a raw trace. */
export function traceList(trace: u64): u64 {
  return isTuple(trace) ? stackTraceOf(trace) : NIL;
}

function openCatch(pc: usize): void {
  writeDestination(operand(pc, 0), ((operand(pc, 1) as u64) << 6) | TAG_CATCH);
  store<u32>(current, load<u32>(current, P_CATCHES) + 1, P_CATCHES);
}
function closeCatch(pc: usize): void {
  writeDestination(operand(pc, 0), NIL);
  store<u32>(current, load<u32>(current, P_CATCHES) - 1, P_CATCHES);
}

export function op_catch(pc: usize): usize {
  openCatch(pc);
  return pc + 12;
}
export function op_try(pc: usize): usize {
  openCatch(pc);
  return pc + 12;
}
export function op_try_end(pc: usize): usize {
  closeCatch(pc);
  return pc + 8;
}
export function op_try_case(pc: usize): usize {
  closeCatch(pc);
  setX(0, getX(1));
  setX(1, getX(2));
  setX(2, getX(3));
  return pc + 8;
}
export function op_catch_end(pc: usize): usize {
  closeCatch(pc);
  if (getX(0) == NONE) {
    const kind = getX(1);
    if (kind == am_throw) setX(0, getX(2));
    else if (kind == am_error) setX(0, tuple2(am_EXIT, tuple2(getX(2), traceList(getX(3)))));
    else setX(0, tuple2(am_EXIT, getX(2)));
  }
  return pc + 8;
}

function failPair(pc: usize, tag: u64): usize {
  errorPair(tag, readSource(operand(pc, 0)));
  return raiseAt(pc);
}
// runs: slow
export function op_badmatch(pc: usize): usize {
  return failPair(pc, am_badmatch);
}
// runs: slow
export function op_case_end(pc: usize): usize {
  return failPair(pc, am_case_clause);
}
// runs: slow
export function op_try_case_end(pc: usize): usize {
  return failPair(pc, am_try_clause);
}
// runs: slow
export function op_badrecord(pc: usize): usize {
  return failPair(pc, am_badrecord);
}
// runs: slow
export function op_if_end(pc: usize): usize {
  fail(CLASS_ERROR, am_if_clause);
  return raiseAt(pc);
}

/** Reached when no clause of a function matches: the arguments are in the X registers. */
// runs: slow
export function op_func_info(pc: usize): usize {
  const arity = load<u32>(pc, 12);
  let args = NIL;
  for (let i = arity; i > 0; i--) args = makeCons(hAlloc(2), getX(i - 1), args);
  fail(CLASS_ERROR, am_function_clause);
  const first = tuple4(load<u32>(pc, 4) as u64, load<u32>(pc, 8) as u64, args, smallOf(pc as i64));
  return raise(CLASS_ERROR, am_function_clause, rawTrace(CLASS_ERROR, first, 0, 0));
}

/** Class of a raw trace. */
function traceClass(trace: u64): u32 {
  if (!isTuple(trace) || !tupleArity(trace)) return CLASS_ERROR;
  const kind = tupleElement(trace, 1);
  return kind == am_throw ? CLASS_THROW : kind == am_exit ? CLASS_EXIT : CLASS_ERROR;
}
// runs: slow
export function op_raise(pc: usize): usize {
  const trace = readSource(operand(pc, 0));
  const reason = readSource(operand(pc, 1));
  return raise(traceClass(trace), reason, trace);
}
// runs: slow
export function op_raw_raise(pc: usize): usize {
  const kind = getX(0);
  const code =
    kind == am_error
      ? CLASS_ERROR
      : kind == am_exit
        ? CLASS_EXIT
        : kind == am_throw
          ? CLASS_THROW
          : 99;
  if (code == 99) {
    setX(0, am_badarg);
    return pc + 4;
  }
  const trace = getX(2);
  // The class sticks, whatever raises this trace again.
  if (isTuple(trace) && !isLiteral(trace) && isRawTrace(trace))
    store<u64>(boxedAddress(trace), kind, 8);
  return raise(code, getX(1), trace);
}
export function op_build_stacktrace(pc: usize): usize {
  setX(0, traceList(getX(0)));
  return pc + 4;
}

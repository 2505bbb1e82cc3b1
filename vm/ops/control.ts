/** Calls, returns, stack frames, jumps, calls of BIFs and funs. */
import { bigJob, finishBigJob } from '../big_job';
import { raisesForCaller } from '../bif/raise';
import { E_ADDRESS, E_ARITY, E_BIF, E_STUB, FUN_ADDRESS, FUN_ARITY, exportEntry } from '../code';
import {
  CLASS_COLLECT,
  CLASS_ERROR,
  CLASS_TRAP,
  CLASS_WALK,
  errorPair,
  fail,
  failClass,
} from '../errors';
import { BIF_TABLE } from '../gen/bifs';
import { P_TRAPPED_CALL } from '../gen/layout';
import {
  am_badarg,
  am_badarity,
  am_badfun,
  am_code_server,
  am_error_handler,
  am_system_limit,
  am_undef,
  am_undefined_function,
} from '../gen/atoms';
import { bifFailed, callBif, heapHas, makeRoom, mustLeaveAfterBif } from '../interp';
import { operand, readSource, writeDestination } from '../operands';
import { ARGUMENTS_MAX, getX, setX } from '../registers';
import { leaveAfterBif, requeueRunning } from '../scheduler';
import { continuation, current, setContinuation, setStackTop, stackTop } from '../state';
import { ARCHIVE_BROKEN, ARCHIVE_LATER, loadFromArchive, onlyPreloaded } from '../archive';
import { currentInstance } from '../modules';
import {
  NIL,
  NONE,
  SUB_EXPORT,
  SUB_FUN,
  boxedHeader,
  boxedWord,
  head,
  headerSubtag,
  headerWords,
  isAtom,
  isBoxed,
  isList,
  makeCons,
  tail,
} from '../term';
import { hAlloc } from '../heap';
import { errorHandlerOf } from '../process';
import { missingFunTarget } from '../loader/missing_fun';
import { tuple2 } from '../signals';
import { debugWrite } from '../host';
import { reportLength, reportText } from '../loader/report';
import { registeredProcess } from '../names';
import { debugText } from '../panic';
import { noteCall, savesCalls } from '../saved_calls';
import { passSafePoint } from '../trace/breakpoints';
import { raiseApplyLater, raiseByBifLater, raiseFromOperands, raiseLater } from './exceptions';

// ---- calls and returns

// runs: call
export function op_call(pc: usize): usize {
  setContinuation((pc + 12) as u64);
  return operand(pc, 1);
}
// runs: call
export function op_call_only(pc: usize): usize {
  return operand(pc, 1);
}
// runs: call
export function op_call_last(pc: usize): usize {
  popFrame(operand(pc, 2));
  return operand(pc, 1);
}
// runs: external
export function op_call_ext(pc: usize): usize {
  setContinuation((pc + 12) as u64);
  return load<u32>(operand(pc, 1), E_ADDRESS);
}
// runs: external
export function op_call_ext_only(pc: usize): usize {
  return load<u32>(operand(pc, 1), E_ADDRESS);
}
// runs: external
export function op_call_ext_last(pc: usize): usize {
  popFrame(operand(pc, 2));
  return load<u32>(operand(pc, 1), E_ADDRESS);
}
// runs: return
export function op_return(pc: usize): usize {
  const to = continuation as u32 as usize;
  setContinuation(0);
  return to;
}
export function op_jump(pc: usize): usize {
  return operand(pc, 0);
}

// ---- frames: word 0 holds the continuation, Y0 follows

function popFrame(slots: u32): void {
  setContinuation(load<u64>(stackTop));
  setStackTop(stackTop + ((slots + 1) << 3));
}
function pushFrame(slots: u32): void {
  const top = stackTop - ((slots + 1) << 3);
  store<u64>(top, continuation);
  // Slots start as "no value", so that neither collector nor trace ever sees a stale word.
  for (let at = top + 8; at < stackTop; at += 8) store<u64>(at, NONE);
  setStackTop(top);
  setContinuation(0);
}
// runs: slow
export function op_allocate(pc: usize): usize {
  const slots = operand(pc, 0);
  if (!heapHas(slots + 1)) return makeRoom(pc, slots + 1, operand(pc, 1));
  pushFrame(slots);
  return pc + 12;
}
// runs: slow
export function op_allocate_zero(pc: usize): usize {
  return op_allocate(pc);
}
// runs: slow
export function op_allocate_heap(pc: usize): usize {
  const slots = operand(pc, 0);
  const words = slots + 1 + operand(pc, 1);
  if (!heapHas(words)) return makeRoom(pc, words, operand(pc, 2));
  pushFrame(slots);
  return pc + 16;
}
// runs: slow
export function op_allocate_heap_zero(pc: usize): usize {
  return op_allocate_heap(pc);
}
// runs: slow
export function op_test_heap(pc: usize): usize {
  const words = operand(pc, 0);
  if (!heapHas(words)) return makeRoom(pc, words, operand(pc, 1));
  return pc + 12;
}
export function op_deallocate(pc: usize): usize {
  popFrame(operand(pc, 0));
  return pc + 8;
}
export function op_trim(pc: usize): usize {
  const top = stackTop + (operand(pc, 0) << 3);
  store<u64>(top, load<u64>(stackTop));
  setStackTop(top);
  return pc + 12;
}
export function op_init(pc: usize): usize {
  writeDestination(operand(pc, 0), NIL);
  return pc + 8;
}
export function op_init_yregs(pc: usize): usize {
  const count = operand(pc, 0);
  for (let i: u32 = 0; i < count; i++) writeDestination(operand(pc, 1 + i), NIL);
  return pc + 8 + (count << 2);
}

// ---- BIFs

/** Inside an export entry: the BIF was called like a function; return to the continuation. */
// runs: slow
export function op_bif_stub(pc: usize): usize {
  const entry = pc - E_STUB;
  const result = callBif(pc, entry);
  if (result == NONE) return bifFailed(pc, 0, entry);
  setX(0, result);
  // A call that went on in another BIF ends here.
  store<u64>(current, 0, P_TRAPPED_CALL);
  const to = continuation as u32 as usize;
  if (mustLeaveAfterBif()) return leaveAfterBif(to);
  setContinuation(0);
  return to;
}

/**
 * Inside an export entry without code: load the module from the boot archive; what is not there
 * (with OTP: all but its preloaded modules) is for error_handler. A module of the archive that
 * cannot be loaded is reported on the console.
 */
// runs: slow
export function op_undefined_stub(pc: usize): usize {
  const entry = pc - E_STUB;
  const module = load<u64>(entry);
  const outcome = loadFromArchive(module);
  passSafePoint();
  if (outcome == ARCHIVE_LATER) {
    requeueRunning(pc, load<u32>(entry, E_ARITY));
    return 0;
  }
  // Somebody else may have loaded it.
  if (load<u32>(entry, E_ADDRESS) != (pc as u32)) return load<u32>(entry, E_ADDRESS);
  if (outcome == ARCHIVE_BROKEN) {
    debugText('VBEAM: ');
    debugWrite(reportText() as u32, reportLength());
    debugText('\n');
  }
  const name = errorHandlerOf(current);
  if (outcome == ARCHIVE_BROKEN || module == name || !errorHandlerIsThere(name))
    return undefinedFunction(pc, entry);
  const handler = exportEntry(name, am_undefined_function, 3);
  if (!handler) return undefinedFunction(pc, entry);
  // Another handler that is not loaded handles nothing, least of all that.
  if (name != am_error_handler && load<u32>(handler, E_ADDRESS) == handler + E_STUB)
    return undefinedFunction(pc, entry);
  let args = NIL;
  for (let i = load<u32>(entry, E_ARITY); i > 0; i--) args = makeCons(hAlloc(2), getX(i - 1), args);
  setX(0, module);
  setX(1, load<u64>(entry, 8));
  setX(2, args);
  return load<u32>(handler, E_ADDRESS);
}

/** OTP's code loading is up: of `init` first, later that of the code server. */
function errorHandlerIsThere(name: u64): bool {
  return onlyPreloaded || name != am_error_handler
    ? currentInstance(name) != 0
    : registeredProcess(am_code_server) != 0;
}

function undefinedFunction(pc: usize, entry: usize): usize {
  fail(CLASS_ERROR, am_undef);
  return bifFailed(pc, 0, entry);
}

/**
 * A BIF in a body, called by its export entry; X registers hold the arguments, X0 gets the result.
 */
// runs: slow
export function op_call_bif(pc: usize): usize {
  const entry = operand(pc, 1) as usize;
  const result = callBif(pc, entry);
  if (result == NONE) return bifFailed(pc, pc + 12, entry);
  setX(0, result);
  if (mustLeaveAfterBif()) return leaveAfterBif(pc + 12);
  return pc + 12;
}

/**
 * call_ext_only of a BIF: the error of a BIF belongs to this function, so it is called from here,
 * then returned from.
 */
// runs: slow
export function op_call_bif_only(pc: usize): usize {
  const entry = operand(pc, 1) as usize;
  const result = callBif(pc, entry);
  if (result == NONE) return bifFailed(pc, 0, entry);
  return returnFromBif(result);
}
/** call_ext_last of a BIF: the frame goes when the BIF is done. */
// runs: slow
export function op_call_bif_last(pc: usize): usize {
  const entry = operand(pc, 1) as usize;
  const result = callBif(pc, entry);
  if (result == NONE) {
    if (failClass == CLASS_TRAP || failClass == CLASS_COLLECT) popFrame(operand(pc, 2));
    return bifFailed(pc, 0, entry);
  }
  popFrame(operand(pc, 2));
  return returnFromBif(result);
}
function returnFromBif(result: u64): usize {
  setX(0, result);
  const to = continuation as u32 as usize;
  setContinuation(0);
  return mustLeaveAfterBif() ? leaveAfterBif(to) : to;
}

function guardBif(entry: u32): u32 {
  return load<u32>(BIF_TABLE + ((load<u32>(entry, E_BIF) - 1) << 2));
}
/** Operand `entry` is the import; the arguments follow it, then the destination. */
function guardResult(pc: usize, fail: u32, entry: u32, result: u64, next: usize): usize {
  // Operators on large integers have instructions of their own; called here, they end at once.
  if (result == NONE && failClass == CLASS_WALK) return bifFailed(pc, 0, 0);
  if (result == NONE && bigJob()) result = finishBigJob();
  if (result == NONE)
    return fail ? fail : raiseFromOperands(pc, operand(pc, entry) as usize, entry + 1);
  writeDestination(load<u32>(next - 4), result);
  return next;
}
export function op_bif0(pc: usize): usize {
  const result = call_indirect<u64>(guardBif(operand(pc, 0)));
  return guardResult(pc, 0, 0, result, pc + 12);
}
// runs: slow
export function op_bif1(pc: usize): usize {
  const result = call_indirect<u64>(guardBif(operand(pc, 1)), readSource(operand(pc, 2)));
  return guardResult(pc, operand(pc, 0), 1, result, pc + 20);
}
// runs: slow
export function op_bif2(pc: usize): usize {
  const result = call_indirect<u64>(
    guardBif(operand(pc, 1)),
    readSource(operand(pc, 2)),
    readSource(operand(pc, 3)),
  );
  return guardResult(pc, operand(pc, 0), 1, result, pc + 24);
}
// runs: slow
export function op_gc_bif1(pc: usize): usize {
  const result = call_indirect<u64>(guardBif(operand(pc, 2)), readSource(operand(pc, 3)));
  return guardResult(pc, operand(pc, 0), 2, result, pc + 24);
}
// runs: slow
export function op_gc_bif2(pc: usize): usize {
  const result = call_indirect<u64>(
    guardBif(operand(pc, 2)),
    readSource(operand(pc, 3)),
    readSource(operand(pc, 4)),
  );
  return guardResult(pc, operand(pc, 0), 2, result, pc + 28);
}
// runs: slow
export function op_gc_bif3(pc: usize): usize {
  const a = readSource(operand(pc, 3));
  const b = readSource(operand(pc, 4));
  const result = call_indirect<u64>(guardBif(operand(pc, 2)), a, b, readSource(operand(pc, 5)));
  return guardResult(pc, operand(pc, 0), 2, result, pc + 32);
}

// ---- funs and apply

/**
 * Where a call of `fun` with `arity` arguments in X registers goes, its free variables loaded
 * behind them; 0 after an error was recorded.
 */
function funTarget(fun: u64, arity: u32): usize {
  if (isBoxed(fun)) {
    const header = boxedHeader(fun);
    if (headerSubtag(header) == SUB_FUN) {
      const entry = boxedWord(fun, 1) as usize;
      if (load<u32>(entry, FUN_ARITY) != arity) return badArity(fun, arity);
      const free = headerWords(header) - 2;
      for (let i: u32 = 0; i < free; i++) setX(arity + i, boxedWord(fun, 3 + i));
      const address = load<u32>(entry, FUN_ADDRESS);
      return address ? address : missingFunTarget(fun, entry, arity);
    }
    if (headerSubtag(header) == SUB_EXPORT) {
      const entry = boxedWord(fun, 1) as usize;
      if (load<u32>(entry, E_ARITY) != arity) return badArity(fun, arity);
      if (savesCalls) noteCall(entry);
      return load<u32>(entry, E_ADDRESS);
    }
  }
  errorPair(am_badfun, fun);
  return 0;
}
function badArity(fun: u64, arity: u32): usize {
  let args = NIL;
  for (let i = arity; i > 0; i--) args = makeCons(hAlloc(2), getX(i - 1), args);
  errorPair(am_badarity, tuple2(fun, args));
  return 0;
}

// runs: call
export function op_call_fun(pc: usize): usize {
  const arity = operand(pc, 0);
  const target = funTarget(getX(arity), arity);
  if (!target) return raiseLater(pc);
  setContinuation((pc + 8) as u64);
  return target;
}
// runs: call
export function op_call_fun2(pc: usize): usize {
  const arity = operand(pc, 1);
  const target = funTarget(readSource(operand(pc, 2)), arity);
  if (!target) return raiseLater(pc);
  setContinuation((pc + 16) as u64);
  return target;
}
/** Tail calls: the deallocate instruction that follows says how large the frame is. */
// runs: call
export function op_i_call_fun_last(pc: usize): usize {
  const arity = operand(pc, 0);
  const target = funTarget(getX(arity), arity);
  if (!target) return raiseLater(pc);
  popFrame(operand(pc + 8, 0));
  return target;
}
// runs: call
export function op_i_call_fun2_last(pc: usize): usize {
  const arity = operand(pc, 1);
  const target = funTarget(readSource(operand(pc, 2)), arity);
  if (!target) return raiseLater(pc);
  popFrame(operand(pc + 16, 0));
  return target;
}
/** Tail call of the fun in X0 with the arguments in the list X1: erlang:apply/2. */
// runs: call
export function op_i_apply_fun_only(pc: usize): usize {
  const fun = getX(0);
  const args = getX(1);
  const arity = spreadArguments(args, 0);
  if (arity > ARGUMENTS_MAX) return raiseApplyLater(0, refusal(arity), pairOf(fun, args));
  const target = funTarget(fun, arity);
  return target ? target : raiseLater(pc);
}
/** call_ext_only and call_ext_last of apply/2: what is wrong belongs to the calling function. */
// runs: call
export function op_apply_fun_ext_only(pc: usize): usize {
  return applyFunInTail(pc, -1);
}
// runs: call
export function op_apply_fun_ext_last(pc: usize): usize {
  return applyFunInTail(pc, operand(pc, 2) as i32);
}
/** `slots` is the size of the frame to drop, -1 when there is none. */
function applyFunInTail(pc: usize, slots: i32): usize {
  const fun = getX(0);
  const args = getX(1);
  const arity = spreadArguments(args, 0);
  if (arity > ARGUMENTS_MAX) return raiseApplyLater(pc, refusal(arity), pairOf(fun, args));
  const target = funTarget(fun, arity);
  if (!target) return raiseLater(pc);
  if (slots >= 0) popFrame(slots as u32);
  return target;
}
/** What spreadArguments answers for a list that is no list of arguments. */
const ARGUMENTS_TOO_MANY: u32 = ARGUMENTS_MAX + 1;
const ARGUMENTS_IMPROPER: u32 = ARGUMENTS_MAX + 2;
/** Put the elements of a list into X registers from `first` on; their number. */
function spreadArguments(list: u64, first: u32): u32 {
  let rest = list;
  let count: u32 = 0;
  while (isList(rest)) {
    if (first + count >= ARGUMENTS_MAX) return ARGUMENTS_TOO_MANY;
    setX(first + count, head(rest));
    count++;
    rest = tail(rest);
  }
  return rest == NIL ? count : ARGUMENTS_IMPROPER;
}

/** Tail call of X0:X1 with the arguments in the list X2: erlang:apply/3. */
// runs: call
export function op_i_apply_only(pc: usize): usize {
  const module = getX(0);
  const name = getX(1);
  const args = getX(2);
  const arity = isAtom(module) && isAtom(name) ? spreadArguments(args, 0) : ARGUMENTS_IMPROPER;
  if (arity > ARGUMENTS_MAX) {
    const all = makeCons(hAlloc(2), module, pairOf(name, args));
    return raiseApplyLater(0, refusal(arity), all);
  }
  return applyTarget(pc, module, name, arity);
}
/** call_ext_only and call_ext_last of apply/3: what is wrong belongs to the calling function. */
// runs: call
export function op_apply_ext_only(pc: usize): usize {
  return applyInTail(pc, -1);
}
// runs: call
export function op_apply_ext_last(pc: usize): usize {
  return applyInTail(pc, operand(pc, 2) as i32);
}
function applyInTail(pc: usize, slots: i32): usize {
  const module = getX(0);
  const name = getX(1);
  const args = getX(2);
  const arity = isAtom(module) && isAtom(name) ? spreadArguments(args, 0) : ARGUMENTS_IMPROPER;
  if (arity > ARGUMENTS_MAX) {
    const all = makeCons(hAlloc(2), module, pairOf(name, args));
    return raiseApplyLater(pc, refusal(arity), all);
  }
  return leaveFor(pc, exportEntry(module, name, arity), slots);
}
/**
 * A tail call from the instruction at `pc` to an export entry (0 = no room for one); the frame of
 * `slots` words, -1 for none, goes unless the function only raises: that error is the caller's.
 */
function leaveFor(pc: usize, entry: usize, slots: i32): usize {
  if (!entry) {
    fail(CLASS_ERROR, am_system_limit);
    return raiseLater(pc);
  }
  if (raisesForCaller(entry)) return raiseByBifLater(pc, entry);
  if (slots >= 0) popFrame(slots as u32);
  if (savesCalls) noteCall(entry);
  return load<u32>(entry, E_ADDRESS);
}
/** Why a list that is no list of arguments is refused. */
function refusal(arity: u32): u64 {
  return arity == ARGUMENTS_TOO_MANY ? am_system_limit : am_badarg;
}
function pairOf(first: u64, second: u64): u64 {
  return makeCons(hAlloc(2), first, makeCons(hAlloc(2), second, NIL));
}

function applyTarget(pc: usize, module: u64, name: u64, arity: u32): usize {
  const entry = exportEntry(module, name, arity);
  if (!entry) {
    fail(CLASS_ERROR, am_system_limit);
    return raiseLater(pc);
  }
  if (savesCalls) noteCall(entry);
  return load<u32>(entry, E_ADDRESS);
}
// runs: call
export function op_apply(pc: usize): usize {
  const arity = operand(pc, 0);
  if (!isApplicable(arity)) return refuseApply(pc, arity);
  setContinuation((pc + 8) as u64);
  return applyTarget(pc, getX(arity), getX(arity + 1), arity);
}
// runs: call
export function op_apply_last(pc: usize): usize {
  const arity = operand(pc, 0);
  if (!isApplicable(arity)) return refuseApply(pc, arity);
  const entry = exportEntry(getX(arity), getX(arity + 1), arity);
  return leaveFor(pc, entry, operand(pc, 1) as i32);
}
/** Module and function, which stand behind the arguments, are atoms. */
function isApplicable(arity: u32): bool {
  return isAtom(getX(arity)) && isAtom(getX(arity + 1));
}
function refuseApply(pc: usize, arity: u32): usize {
  let args = NIL;
  for (let i = arity; i > 0; i--) args = makeCons(hAlloc(2), getX(i - 1), args);
  const all = makeCons(hAlloc(2), getX(arity), pairOf(getX(arity + 1), args));
  return raiseApplyLater(pc, am_badarg, all);
}

export function op_nif_start(pc: usize): usize {
  return pc + 4;
}
export function op_executable_line(pc: usize): usize {
  return pc + 12;
}
export function op_debug_line(pc: usize): usize {
  return pc + 20;
}
/** A module's on_load function starts: nothing to do here, the loader knows it. */
export function op_on_load(pc: usize): usize {
  return pc + 4;
}

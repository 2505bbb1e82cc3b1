/** error, exit, throw, raise, nif_error, halt. */
import { bigNegative, lowBits } from '../bignum';
import { E_BIF } from '../code';
import {
  CLASS_ERROR,
  CLASS_EXIT,
  CLASS_THROW,
  badarg,
  fail,
  failHere,
  failHereWith,
  failWith,
  swappedOut,
} from '../errors';
import {
  am_abort,
  am_badarg,
  am_badopt,
  am_error,
  am_error_info,
  am_exit,
  am_false,
  am_flush,
  am_halt,
  am_throw,
  am_true,
  am_vbeam_power,
} from '../gen/atoms';
import { BIF_error1, BIF_error2, BIF_error3, BIF_exit1, BIF_throw1 } from '../gen/bifs';
import { badargBecause } from '../error_info';
import { isProgram } from '../files/host_texts';
import { P_ID } from '../gen/layout';
import { hAlloc } from '../heap';
import { power } from '../host';
import { registeredProcess } from '../names';
import { STANDARD_ERROR, debugCharacter, debugText, setTextStream } from '../panic';
import { suspendForEver } from '../scheduler';
import { deliver, isAlive, tuple2, tuple3, tuple4 } from '../signals';
import { backtraceDepth } from '../stack_trace';
import { current } from '../state';
import {
  NIL,
  NONE,
  head,
  isBig,
  isFun,
  isList,
  isMap,
  isSmall,
  isTuple,
  listOf,
  makeCons,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';

// bif: erlang:error/1
export function error1(reason: u64): u64 {
  return failHere(CLASS_ERROR, reason);
}
// bif: erlang:error/2
export function error2(reason: u64, args: u64): u64 {
  return failWithArguments(reason, args, 0);
}
// bif: erlang:error/3
export function error3(reason: u64, args: u64, options: u64): u64 {
  return failWithArguments(reason, args, errorInfoIn(options));
}
/** Unlike those of error/1,2 these errors are the BIF's own, with its arguments. */
// bif: erlang:nif_error/1
export function nifError1(reason: u64): u64 {
  return fail(CLASS_ERROR, reason);
}
// bif: erlang:nif_error/2
export function nifError2(reason: u64, _args: u64): u64 {
  return fail(CLASS_ERROR, reason);
}
/** The error_info map among the options, 0 when there is none, or anything else is among them. */
function errorInfoIn(options: u64): u64 {
  let info: u64 = 0;
  let rest = options;
  while (isList(rest)) {
    const option = head(rest);
    if (!isTuple(option) || tupleArity(option) != 2 || tupleElement(option, 1) != am_error_info)
      return 0;
    info = tupleElement(option, 2);
    if (!isMap(info)) return 0;
    rest = tail(rest);
  }
  return rest == NIL ? info : 0;
}
function failWithArguments(reason: u64, args: u64, info: u64): u64 {
  return failHereWith(reason, isList(args) || args == NIL ? args : 0, info);
}
// bif: erlang:exit/1
export function exit1(reason: u64): u64 {
  return failHere(CLASS_EXIT, reason);
}
// bif: erlang:throw/1
export function throw1(value: u64): u64 {
  return failHere(CLASS_THROW, value);
}
/** Is this export entry's BIF one that raises in the place of its caller? */
export function raisesForCaller(entry: usize): bool {
  switch (load<u32>(entry, E_BIF) - 1) {
    case BIF_error1:
    case BIF_error2:
    case BIF_error3:
    case BIF_exit1:
    case BIF_throw1:
      return true;
    default:
      return false;
  }
}

/** A list of {M, F, A, Location} or {M, F, A}, as raise/3 accepts it. */
function isStackTrace(list: u64): bool {
  let rest = list;
  while (isList(rest)) {
    const entry = head(rest);
    if (!isTuple(entry)) return false;
    const arity = tupleArity(entry);
    if (arity < 2 || arity > 4) return false;
    rest = tail(rest);
  }
  return rest == NIL;
}

/** {M, F, A} or {Fun, Args}: the location, [], has been left out. */
function lacksLocation(frame: u64): bool {
  return tupleArity(frame) == (isFun(tupleElement(frame, 1)) ? 2 : 3);
}
function located(frame: u64): u64 {
  const first = tupleElement(frame, 1);
  const second = tupleElement(frame, 2);
  return isFun(first)
    ? tuple3(first, second, NIL)
    : tuple4(first, second, tupleElement(frame, 3), NIL);
}

// bif: erlang:raise/3
export function raise3(kind: u64, reason: u64, trace: u64): u64 {
  const code =
    kind == am_error
      ? CLASS_ERROR
      : kind == am_exit
        ? CLASS_EXIT
        : kind == am_throw
          ? CLASS_THROW
          : 99;
  // As in OTP, wrong arguments are no exception: the result says so.
  if (code == 99 || !isStackTrace(trace)) return am_badarg;
  return failWith(code, reason, 0, 0, firstEntries(trace));
}

/** The trace, no longer than the backtrace depth, with a location in each frame. */
function firstEntries(trace: u64): u64 {
  const depth = max(backtraceDepth, 1);
  let length: u32 = 0;
  let usable = true;
  let rest = trace;
  for (; isList(rest) && length < depth; rest = tail(rest)) {
    if (lacksLocation(head(rest))) usable = false;
    length++;
  }
  if (!length || (usable && rest == NIL)) return trace;
  const cells = hAlloc(2 * length);
  rest = trace;
  for (let i: u32 = 0; i < length; i++) {
    const at = cells + 16 * i;
    const frame = lacksLocation(head(rest)) ? located(head(rest)) : head(rest);
    makeCons(at, frame, i + 1 < length ? listOf(at + 16) : NIL);
    rest = tail(rest);
  }
  return listOf(cells);
}

/** Status number of halt/1,2's first argument, -1 when it is none. */
function haltStatus(status: u64): i64 {
  if (isSmall(status) && smallValue(status) >= 0) return smallValue(status) & 0xff;
  if (isBig(status) && !bigNegative(status)) return (lowBits(status) & 0xff) as i64;
  if (status == am_abort) return 134;
  return isList(status) || status == NIL ? 1 : -1;
}

/** Why the system halts, on standard error. */
function writeSlogan(text: u64): void {
  if (!isList(text)) return;
  setTextStream(STANDARD_ERROR);
  for (let rest = text; isList(rest); rest = tail(rest)) {
    const code = isSmall(head(rest)) ? smallValue(head(rest)) : -1;
    if (code >= 0 && code <= 0x10ffff) debugCharacter(code as u32);
  }
  debugText('\n');
  setTextStream(0);
}
/** Flag of the option {flush, Flag}, NONE for anything else. */
function flushOption(option: u64): u64 {
  if (!isTuple(option) || tupleArity(option) != 2 || tupleElement(option, 1) != am_flush)
    return NONE;
  const flag = tupleElement(option, 2);
  return flag == am_true || flag == am_false ? flag : NONE;
}
/**
 * Stop the machine. The process `vbeam_power`, when there is one, gets {halt, Status, Pid} and
 * switches off (or resets, when init was told to reboot) when everything that was printed has left;
 * the caller waits for ever. Without it (or with abort, or flush false) the power goes at once.
 */
// bif: erlang:halt/2
export function halt2(status: u64, options: u64): u64 {
  let flush = status != am_abort;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) {
    const wanted = flushOption(head(rest));
    if (wanted == NONE) return badargBecause(am_badopt);
    if (wanted == am_false) flush = false;
  }
  if (rest != NIL) return badargBecause(am_badopt);
  const code = haltStatus(status);
  if (code < 0) return badarg();
  if (isProgram) writeSlogan(status);
  const keeper = flush ? registeredProcess(am_vbeam_power) : 0;
  if (!keeper || !isAlive(keeper)) {
    power(code as u32);
    return NONE;
  }
  deliver(keeper, tuple3(am_halt, smallOf(code), load<u64>(current, P_ID)));
  suspendForEver();
  return swappedOut();
}

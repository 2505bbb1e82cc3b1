/**
 * What erts_debug offers to try out long native work: functions that wait, fail, send or go on
 * elsewhere. There is one scheduler and no thread for such work; who waits here lets others run,
 * and counts as running, as a process in native code does.
 */
import {
  badarg,
  badarith,
  noproc,
  notsup,
  outOfMemory,
  systemLimit,
  trapTo,
  undef,
  waitAndRetry,
} from '../errors';
import {
  am_alive,
  am_alive_waitexiting,
  am_badarith,
  am_dirty_cpu,
  am_dirty_io,
  am_done,
  am_error,
  am_infinity,
  am_noproc,
  am_normal,
  am_notsup,
  am_ok,
  am_ready,
  am_ready_wait6_done,
  am_reschedule,
  am_scheduler,
  am_send,
  am_system_limit,
  am_type,
  am_undef,
  am_undefined,
  am_wait,
} from '../gen/atoms';
import { BIF_dirtyReschedule, BIF_dirtyWait } from '../gen/bifs';
import { P_FLAGS, P_ID, P_TIMER } from '../gen/layout';
import { now } from '../host';
import { registeredHolder } from '../names';
import { FLAG_IN_NATIVE_WORK } from '../process';
import { setX } from '../registers';
import { deliver, livingProcess, tuple2 } from '../signals';
import { chargeReductions, current } from '../state';
import { isAtom, isLocalPid, isSmall, smallOf, smallValue } from '../term';
import { TIMER_RECEIVE, startTimer } from '../timers';

const WAIT_6_MS: i64 = 6000;
const WAIT_MS_MAX: i64 = 0xffff_ffff;
const NS_PER_MS: i64 = 1000000;
/** Reductions of one change from one kind of scheduler to another. */
const SWITCH_REDUCTIONS: i32 = 40;

// bif: erts_debug:dirty_cpu/2
export function dirtyCpu2(what: u64, argument: u64): u64 {
  return work(am_dirty_cpu, what, argument);
}
// bif: erts_debug:dirty_io/2
export function dirtyIo2(what: u64, argument: u64): u64 {
  return work(am_dirty_io, what, argument);
}
// bif: erts_debug:dirty/3
export function dirty3(kind: u64, what: u64, argument: u64): u64 {
  const known = kind == am_normal || kind == am_dirty_cpu || kind == am_dirty_io;
  return known ? work(kind, what, argument) : badarg();
}

function work(kind: u64, what: u64, argument: u64): u64 {
  if (what == am_scheduler) return argument == am_type ? kind : badarg();
  if (what == am_error) return failAs(argument);
  if (what == am_send) return sendTagged(am_ok, argument) ? am_ok : outOfMemory();
  if (what == am_wait) return waitFor(argument, am_ok);
  if (what == am_reschedule) return dirtyReschedule(argument);
  if (what == am_ready_wait6_done)
    return sendTagged(am_ready, argument)
      ? wait(smallOf(WAIT_6_MS), argument, am_ok)
      : outOfMemory();
  if (what == am_alive_waitexiting)
    return sendTagged(am_alive, argument) ? wait(am_infinity, am_undefined, am_ok) : outOfMemory();
  return badarg();
}
function failAs(reason: u64): u64 {
  if (reason == am_notsup) return notsup();
  if (reason == am_undef) return undef();
  if (reason == am_badarith) return badarith();
  if (reason == am_noproc) return noproc();
  return reason == am_system_limit ? systemLimit() : badarg();
}
/** Send {Tag, self()}; false when there is no memory. */
function sendTagged(tag: u64, to: u64): bool {
  const pid = isAtom(to) ? registeredHolder(to) : to;
  const process = isLocalPid(pid) ? livingProcess(pid) : 0;
  return !process || deliver(process, tuple2(tag, load<u64>(current, P_ID)));
}

function isWaitTime(time: u64): bool {
  return isSmall(time) && smallValue(time) <= WAIT_MS_MAX;
}
/** `result`, after so many milliseconds; at once when they are less than 1. */
export function waitFor(milliseconds: u64, result: u64): u64 {
  if (!isWaitTime(milliseconds)) return badarg();
  return smallValue(milliseconds) > 0 ? wait(milliseconds, am_undefined, result) : result;
}
/** Wait so many milliseconds, or for ever; then tell `to`, unless that is `undefined`. */
function wait(milliseconds: u64, to: u64, result: u64): u64 {
  setX(0, milliseconds);
  setX(1, to);
  setX(2, result);
  setNativeWork(true);
  return trapTo(BIF_dirtyWait, 3);
}
/** It is called again whenever something wakes the process. */
// bif: vbeam_internal:dirty_wait/3
export function dirtyWait(milliseconds: u64, to: u64, result: u64): u64 {
  if (milliseconds != am_infinity && !isWaitTime(milliseconds)) return badarg();
  if (load<u32>(current, P_TIMER) == 1) {
    store<u32>(current, 0, P_TIMER);
    setNativeWork(false);
    return to == am_undefined || sendTagged(am_done, to) ? result : outOfMemory();
  }
  if (!load<u32>(current, P_TIMER) && milliseconds != am_infinity) {
    const deadline = now() + smallValue(milliseconds) * NS_PER_MS;
    const timer = startTimer(TIMER_RECEIVE, deadline, load<u64>(current, P_ID));
    if (!timer) return outOfMemory();
    store<u32>(current, timer as u32, P_TIMER);
  }
  return waitAndRetry();
}
function setNativeWork(on: bool): void {
  const flags = load<u32>(current, P_FLAGS);
  store<u32>(current, on ? flags | FLAG_IN_NATIVE_WORK : flags & ~FLAG_IN_NATIVE_WORK, P_FLAGS);
}

/** Go on elsewhere, two steps at a time, to 0; an odd number of steps is an error at the end. */
// bif: vbeam_internal:dirty_reschedule/1
export function dirtyReschedule(steps: u64): u64 {
  if (!isSmall(steps) || smallValue(steps) < 0) return badarg();
  if (steps == smallOf(0)) return am_ok;
  chargeReductions(SWITCH_REDUCTIONS);
  setX(0, smallOf(smallValue(steps) - 2));
  return trapTo(BIF_dirtyReschedule, 1);
}

/**
 * Clocks and timers. Inside, time is nanoseconds since boot; system time adds the host's wall
 * clock.
 */
import { badargBecause } from '../error_info';
import { releaseMessage } from '../copy';
import { copyAhead, wrapCopy } from '../copy_slices';
import { badarg, outOfMemory } from '../errors';
import {
  am_abs,
  am_async,
  am_false,
  am_info,
  am_microsecond,
  am_micro_seconds,
  am_milli_seconds,
  am_millisecond,
  am_nano_seconds,
  am_seconds,
  am_monotonic,
  am_nanosecond,
  am_native,
  am_ok,
  am_positive,
  am_second,
  am_true,
  am_cancel_timer,
  am_read_timer,
  am_timeout,
  am_perf_counter,
  am_badopt,
  am_time,
} from '../gen/atoms';
import { now, wallClock } from '../host';
import { addTerms, intDivTerms, mulTerms } from '../numbers';
import { fitsI64, integerOfI64, lowBits } from '../bignum';
import { SUB_POS_BIG, boxedHeader, headerWords, isInteger, isKind } from '../term';
import { isLocalReference, makeReference, newReferenceNumber, referenceNumber } from '../refs';
import { cancelSendTimer, findSendTimer, startSendTimer } from '../send_timers';
import { deliver, livingProcess, tuple2, tuple3 } from '../signals';
import { current } from '../state';
import {
  NIL,
  head,
  isAtom,
  isImmediate,
  isList,
  isReference,
  isLocalPid,
  isSmall,
  isTuple,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { processOf } from '../process_table';
import { allowLeaving, endWalk, leaveWalk } from '../walk';
import { T_DEADLINE, T_TARGET } from '../timers';

const NS_PER_SECOND: i64 = 1000000000;
const NS_PER_MS: i64 = 1000000;
/** Timers end before time does, which has 63 bits of nanoseconds. */
const TIMER_MS_MAX: i64 = i64.MAX_VALUE / 1000000;

/** Longest number of units a second, in words: the work for one is bounded. */
const UNIT_WORDS_MAX: u32 = 64;

let lastUnique: u64 = 0;
let lastMonotonicUnique: u64 = 0;
let lastNow: i64 = 0;

/** Units per second of a time unit term; 0 = not a unit. */
function unitsPerSecond(unit: u64): i64 {
  if (unit == am_native || unit == am_nanosecond || unit == am_perf_counter) return NS_PER_SECOND;
  // The plural forms are deprecated in OTP, and still taken.
  if (unit == am_nano_seconds) return NS_PER_SECOND;
  if (unit == am_second || unit == am_seconds) return 1;
  if (unit == am_millisecond || unit == am_milli_seconds) return 1000;
  if (unit == am_microsecond || unit == am_micro_seconds) return 1000000;
  if (isSmall(unit) && smallValue(unit) > 0) return smallValue(unit);
  return 0;
}
function floorDiv(a: i64, b: i64): i64 {
  const quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}
/** So many units a second that the number is not small; more than anybody counts are no unit. */
function isTinyUnit(unit: u64): bool {
  return isKind(unit, SUB_POS_BIG) && headerWords(boxedHeader(unit)) <= UNIT_WORDS_MAX;
}
function inUnit(ns: i64, unit: u64): u64 {
  if (isTinyUnit(unit))
    return intDivTerms(mulTerms(integerOfI64(ns), unit), smallOf(NS_PER_SECOND));
  const perSecond = unitsPerSecond(unit);
  if (!perSecond) return badarg();
  if (perSecond == NS_PER_SECOND) return integerOfI64(ns);
  if (NS_PER_SECOND % perSecond == 0) return integerOfI64(floorDiv(ns, NS_PER_SECOND / perSecond));
  // rest * perSecond / NS_PER_SECOND, in two parts that fit into 64 bits.
  const seconds = floorDiv(ns, NS_PER_SECOND);
  const rest = ns - seconds * NS_PER_SECOND;
  const whole = rest * (perSecond / NS_PER_SECOND);
  const part = (rest * (perSecond % NS_PER_SECOND)) / NS_PER_SECOND;
  return addTerms(mulTerms(smallOf(seconds), smallOf(perSecond)), integerOfI64(whole + part));
}
function systemNs(): i64 {
  return wallClock() + now();
}

// bif: erlang:monotonic_time/0
export function monotonicTime0(): u64 {
  return integerOfI64(now());
}
// bif: erlang:monotonic_time/1
export function monotonicTime1(unit: u64): u64 {
  return inUnit(now(), unit);
}
// bif: erlang:system_time/0
// bif: os:system_time/0
export function systemTime0(): u64 {
  return integerOfI64(systemNs());
}
// bif: erlang:system_time/1
// bif: os:system_time/1
export function systemTime1(unit: u64): u64 {
  return inUnit(systemNs(), unit);
}
// bif: erlang:time_offset/0
export function timeOffset0(): u64 {
  return integerOfI64(wallClock());
}
// bif: erlang:time_offset/1
export function timeOffset1(unit: u64): u64 {
  return inUnit(wallClock(), unit);
}
// bif: os:perf_counter/0
export function perfCounter0(): u64 {
  return integerOfI64(now());
}
// bif: erts_internal:perf_counter_unit/0
// bif: erts_internal:time_unit/0
export function timeUnit0(): u64 {
  return smallOf(NS_PER_SECOND);
}
export function timestampOf(ns: i64): u64 {
  const us = floorDiv(ns, 1000);
  const seconds = us / 1000000;
  return tuple3(smallOf(seconds / 1000000), smallOf(seconds % 1000000), smallOf(us % 1000000));
}
// bif: erlang:timestamp/0
// bif: os:timestamp/0
export function timestamp0(): u64 {
  return timestampOf(systemNs());
}
// bif: erlang:now/0
export function now0(): u64 {
  let time = systemNs() / 1000;
  if (time <= lastNow) time = lastNow + 1;
  lastNow = time;
  return timestampOf(time * 1000);
}

// bif: erlang:unique_integer/0
export function uniqueInteger0(): u64 {
  // Counts up from the most negative small integer, as OTP's does.
  return integerOfI64(-(1 << 59) + (lastUnique++ as i64));
}
// bif: erlang:unique_integer/1
export function uniqueInteger1(options: u64): u64 {
  let positive = false;
  let monotonic = false;
  let rest = options;
  while (isList(rest)) {
    if (head(rest) == am_positive) positive = true;
    else if (head(rest) == am_monotonic) monotonic = true;
    else return badarg();
    rest = tail(rest);
  }
  if (rest != NIL) return badarg();
  const count = monotonic ? lastMonotonicUnique++ : lastUnique++;
  return integerOfI64(positive ? ((count + 1) as i64) : -(1 << 59) + (count as i64));
}

// ---- calendar: the machine's clock is UTC, so local time is universal time

/** Days since 1970-01-01 to {Year, Month, Day} (proleptic Gregorian). */
function dateOf(days: i64): u64 {
  const shifted = days + 719468;
  const era = floorDiv(shifted, 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shiftedMonth = (5 * dayOfYear + 2) / 153;
  const day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return tuple3(smallOf(year), smallOf(month), smallOf(day));
}
function timeOf(secondOfDay: i64): u64 {
  return tuple3(
    smallOf(secondOfDay / 3600),
    smallOf((secondOfDay / 60) % 60),
    smallOf(secondOfDay % 60),
  );
}
function dateTimeOf(seconds: i64): u64 {
  const days = floorDiv(seconds, 86400);
  const date = dateOf(days);
  return tuple2(date, timeOf(seconds - days * 86400));
}
// bif: erlang:universaltime/0
// bif: erlang:localtime/0
export function universaltime0(): u64 {
  return dateTimeOf(floorDiv(systemNs(), NS_PER_SECOND));
}
// bif: erlang:date/0
export function date0(): u64 {
  return dateOf(floorDiv(systemNs(), NS_PER_SECOND * 86400));
}
// bif: erlang:time/0
export function time0(): u64 {
  const seconds = floorDiv(systemNs(), NS_PER_SECOND);
  return timeOf(seconds - floorDiv(seconds, 86400) * 86400);
}
// bif: erlang:posixtime_to_universaltime/1
export function posixtimeToUniversaltime1(seconds: u64): u64 {
  return isSmall(seconds) ? dateTimeOf(smallValue(seconds)) : badarg();
}

function daysOf(year: i64, month: i64): i64 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}
function field(tuple: u64, index: u32, low: i64, high: i64): i64 {
  const value = tupleElement(tuple, index);
  return isSmall(value) && smallValue(value) >= low && smallValue(value) <= high
    ? smallValue(value)
    : -1;
}
/** The years that OTP converts: those of the C library for local time. */
const POSIX_YEAR_MIN: i64 = 1600;
const LOCAL_YEAR_MIN: i64 = 1902;
const YEAR_MAX: i64 = 0x7fff_fffe;

/** Seconds since 1970 of {{Y, M, D}, {H, M, S}}; sets `validTime`. */
let validTime: bool = false;
function secondsOf(dateTime: u64, yearMin: i64): i64 {
  validTime = false;
  if (!isTuple(dateTime) || tupleArity(dateTime) != 2) return 0;
  const date = tupleElement(dateTime, 1);
  const time = tupleElement(dateTime, 2);
  if (!isTuple(date) || !isTuple(time) || tupleArity(date) != 3 || tupleArity(time) != 3) return 0;
  const year = field(date, 1, yearMin, YEAR_MAX);
  const month = field(date, 2, 1, 12);
  const day = field(date, 3, 1, 31);
  const hour = field(time, 1, 0, 23);
  const minute = field(time, 2, 0, 59);
  const second = field(time, 3, 0, 59);
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return 0;
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = floorDiv(shiftedYear, 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  validTime = day <= daysOf(year, month);
  return (era * 146097 + dayOfEra - 719468) * 86400 + hour * 3600 + minute * 60 + second;
}
// bif: erlang:universaltime_to_posixtime/1
export function universaltimeToPosixtime1(dateTime: u64): u64 {
  const seconds = secondsOf(dateTime, POSIX_YEAR_MIN);
  return validTime ? smallOf(seconds) : badarg();
}
// bif: erlang:universaltime_to_localtime/1
export function universaltimeToLocaltime1(dateTime: u64): u64 {
  const seconds = secondsOf(dateTime, LOCAL_YEAR_MIN);
  return validTime ? dateTimeOf(seconds) : badarg();
}
// bif: erlang:localtime_to_universaltime/2
export function localtimeToUniversaltime2(dateTime: u64, isDst: u64): u64 {
  if (!isAtom(isDst)) return badarg();
  // Local time is UTC; whoever says that it is summer time is an hour ahead, as with mktime().
  const seconds = secondsOf(dateTime, LOCAL_YEAR_MIN);
  return validTime ? dateTimeOf(isDst == am_true ? seconds - 3600 : seconds) : badarg();
}

// ---- timers

let absolute: bool = false;
let asynchronous: bool = false;
let withInfo: bool = true;

function readOptions(options: u64, cancel: bool): bool {
  absolute = false;
  asynchronous = false;
  withInfo = true;
  let rest = options;
  while (isList(rest)) {
    const option = head(rest);
    if (!isTuple(option) || tupleArity(option) != 2) return false;
    const value = tupleElement(option, 2);
    if (value != am_true && value != am_false) return false;
    if (tupleElement(option, 1) == am_abs && !cancel) absolute = value == am_true;
    else if (tupleElement(option, 1) == am_async && cancel) asynchronous = value == am_true;
    else if (tupleElement(option, 1) == am_info && cancel) withInfo = value == am_true;
    else return false;
    rest = tail(rest);
  }
  return rest == NIL;
}

function startTimer(time: u64, destination: u64, message: u64, wrap: bool): u64 {
  if (!isInteger(time) || !fitsI64(time)) return badargBecause(am_time);
  if (!isLocalPid(destination) && !isAtom(destination)) return badarg();
  const ms = lowBits(time) as i64;
  const start = absolute ? 0 : now();
  if (ms > TIMER_MS_MAX - start / NS_PER_MS || (absolute ? -TIMER_MS_MAX : 0) > ms)
    return badargBecause(am_time);
  const deadline = start + ms * NS_PER_MS;
  if (isLocalPid(destination) && !livingProcess(destination))
    return makeReference(newReferenceNumber());
  const alone = isImmediate(message);
  let fragment: usize = 0;
  if (wrap || !alone) {
    allowLeaving();
    fragment = copyAhead(message);
    if (endWalk()) return leaveWalk();
    if (!fragment) return outOfMemory();
  }
  const number = newReferenceNumber();
  const reference = makeReference(number);
  if (wrap) wrapCopy(fragment, tuple3(am_timeout, reference, message));
  if (startSendTimer(number, deadline, destination, message, fragment)) return reference;
  if (fragment) releaseMessage(fragment);
  return outOfMemory();
}
// bif: erlang:send_after/3
export function sendAfter3(time: u64, destination: u64, message: u64): u64 {
  absolute = false;
  return startTimer(time, destination, message, false);
}
// bif: erlang:send_after/4
export function sendAfter4(time: u64, destination: u64, message: u64, options: u64): u64 {
  return readOptions(options, false)
    ? startTimer(time, destination, message, false)
    : badargBecause(am_badopt);
}
// bif: erlang:start_timer/3
export function startTimer3(time: u64, destination: u64, message: u64): u64 {
  absolute = false;
  return startTimer(time, destination, message, true);
}
// bif: erlang:start_timer/4
export function startTimer4(time: u64, destination: u64, message: u64, options: u64): u64 {
  return readOptions(options, false)
    ? startTimer(time, destination, message, true)
    : badargBecause(am_badopt);
}

/** Milliseconds until a timer fires, rounded up; false when there is no such timer. */
function timeLeft(timer: usize): u64 {
  if (!timer) return am_false;
  const target = load<u64>(timer, T_TARGET);
  if (isLocalPid(target) && !livingProcess(target)) {
    cancelSendTimer(timer);
    return am_false;
  }
  const left = load<i64>(timer, T_DEADLINE) - now();
  return smallOf(left <= 0 ? 0 : (left + NS_PER_MS - 1) / NS_PER_MS);
}
function answer(tag: u64, reference: u64, result: u64): u64 {
  if (!asynchronous) return withInfo ? result : am_ok;
  if (withInfo && !deliver(current, tuple3(tag, reference, result))) return outOfMemory();
  return am_ok;
}
/** The timer of a reference, 0 when there is none. */
function timerOf(reference: u64): usize {
  return isLocalReference(reference) ? findSendTimer(referenceNumber(reference)) : 0;
}
// bif: erlang:cancel_timer/1
export function cancelTimer1(reference: u64): u64 {
  return cancelTimer2(reference, NIL);
}
// bif: erlang:cancel_timer/2
export function cancelTimer2(reference: u64, options: u64): u64 {
  if (!isReference(reference) || !readOptions(options, true)) return badarg();
  const timer = timerOf(reference);
  const left = timeLeft(timer);
  if (left != am_false) cancelSendTimer(timer);
  return answer(am_cancel_timer, reference, left);
}
// bif: erlang:read_timer/1
export function readTimer1(reference: u64): u64 {
  return readTimer2(reference, NIL);
}
// bif: erlang:read_timer/2
export function readTimer2(reference: u64, options: u64): u64 {
  if (!isReference(reference) || !readOptions(options, true)) return badarg();
  withInfo = true;
  return answer(am_read_timer, reference, timeLeft(timerOf(reference)));
}

/** link, unlink, monitor, demonitor, aliases, exit/2. */
import { fetchOwn } from '../aliases';
import { CLASS_ERROR, badarg, exitPending, fail, outOfMemory, trapTo } from '../errors';
import {
  am_DOWN,
  am_EXIT,
  am_alias,
  am_badopt,
  am_badtype,
  am_clock_service,
  am_demonitor,
  am_explicit_unalias,
  am_false,
  am_flush,
  am_info,
  am_noconnection,
  am_noproc,
  am_port,
  am_process,
  am_reply,
  am_reply_demonitor,
  am_tag,
  am_time_offset,
  am_true,
} from '../gen/atoms';
import { copyAllToFragment, fragmentRoot } from '../copy';
import { copyAhead } from '../copy_slices';
import { BIF_demonitorFlush } from '../gen/bifs';
import { P_FLAGS, P_ID } from '../gen/layout';
import { isEarlier, isPortHere, nodeName, registeredHolder, registeredProcess } from '../names';
import { exitPort } from '../port_signals';
import { openPort } from '../ports';
import { FLAG_EXIT_PENDING, FLAG_TRAP_EXIT } from '../process';
import { isLocalReference, makeReference, newReferenceNumber, referenceNumber } from '../refs';
import {
  ALIAS_DEMONITOR,
  ALIAS_EXPLICIT,
  ALIAS_NONE,
  ALIAS_REPLY,
  R_ALIAS,
  R_NAME,
  R_ORIGIN,
  R_TAG,
  R_TAG_FRAGMENT,
  addAlias,
  addLink,
  addMonitor,
  findAlias,
  findLink,
  findMonitor,
  removeAlias,
  removeLink,
  removeMonitor,
} from '../relations';
import { continueFlush, startFlush } from '../mailbox_scan';
import { clearMarker } from '../receive_marker';
import { setX } from '../registers';
import { deliver, isAlive, livingProcess, sendExit, tuple2, tuple3, tuple5 } from '../signals';
import { badargBecause } from '../error_info';
import { allowLeaving, endWalk, leaveWalk } from '../walk';
import { budget, chargeReductions, current } from '../state';
import {
  mayTrace,
  tellGettingLinked,
  tellGettingUnlinked,
  tellLink,
  tellUnlink,
} from '../trace/events';
import {
  NIL,
  head,
  isAtom,
  isImmediate,
  isList,
  isLocalPid,
  isLocalPort,
  isPid,
  isPort,
  isReference,
  isTuple,
  tail,
  tupleArity,
  tupleElement,
} from '../term';

function self(): u64 {
  return load<u64>(current, P_ID);
}

// bif: erlang:link/1
export function link1(target: u64): u64 {
  if (isLocalPort(target)) return linkPort(target);
  if (isPort(target) && isEarlier(target)) return brokenLink(target, am_noproc);
  if (!isPid(target)) return badarg();
  if (absence(target) == am_noconnection) return brokenLink(target, am_noconnection);
  if (target == self()) return am_true;
  const process = livingProcess(target);
  if (process) return linkTo(target, process) ? am_true : outOfMemory();
  // No such process: the signal of a broken link comes back.
  if (load<u32>(current, P_FLAGS) & FLAG_TRAP_EXIT) {
    deliver(current, tuple3(am_EXIT, target, am_noproc));
    return am_true;
  }
  return fail(CLASS_ERROR, am_noproc);
}
function linkPort(port: u64): u64 {
  if (openPort(port)) return addLink(self(), port) ? am_true : outOfMemory();
  return brokenLink(port, am_noproc);
}
/** Who is not there sends the signal of a broken link, as in OTP not at once but now. */
function brokenLink(target: u64, reason: u64): u64 {
  sendExit(target, current, reason, true);
  return load<u32>(current, P_FLAGS) & FLAG_EXIT_PENDING ? exitPending() : am_true;
}
function linkTo(target: u64, process: usize): bool {
  if (mayTrace(current)) tellLink(current, target);
  const linked = findLink(self(), target) != 0;
  if (!addLink(self(), target)) return false;
  if (!linked && (mayTrace(current) || mayTrace(process))) tellGettingLinked(process, current);
  return true;
}
// bif: erlang:unlink/1
export function unlink1(target: u64): u64 {
  if (!isPid(target) && !isPortHere(target)) return badarg();
  const record = isLocalPid(target) || isLocalPort(target) ? findLink(self(), target) : 0;
  if (mayTrace(current)) tellUnlink(current, target);
  if (!record) return am_true;
  removeLink(record);
  const process = livingProcess(target);
  if (process && mayTrace(process)) tellGettingUnlinked(process, self());
  return am_true;
}
// bif: erlang:exit/2
export function exit2(target: u64, reason: u64): u64 {
  if (!isPid(target) && !isPortHere(target)) return badarg();
  const process = livingProcess(target);
  const port = openPort(target);
  if (process) {
    let ahead: usize = 0;
    if (!isImmediate(reason)) {
      allowLeaving();
      ahead = copyAhead(reason);
      if (endWalk()) return leaveWalk();
    }
    sendExit(self(), process, reason, false, ahead);
  } else if (port) exitPort(port, self(), reason, false);
  return load<u32>(current, P_FLAGS) & FLAG_EXIT_PENDING ? exitPending() : am_true;
}
// bif: erlang:exit_signal/2
export function exitSignal2(target: u64, reason: u64): u64 {
  return exit2(target, reason);
}

// ---- monitors

/** What monitor/3's options say: alias mode, and the tag of the message (0 = 'DOWN'). */
let optionAlias: u32 = 0;
let optionTag: u64 = 0;

export function readMonitorOptions(options: u64): bool {
  optionAlias = ALIAS_NONE;
  optionTag = 0;
  let rest = options;
  while (isList(rest)) {
    const option = head(rest);
    if (!isTuple(option) || tupleArity(option) != 2) return false;
    const value = tupleElement(option, 2);
    if (tupleElement(option, 1) == am_alias) {
      if (value == am_explicit_unalias) optionAlias = ALIAS_EXPLICIT;
      else if (value == am_demonitor) optionAlias = ALIAS_DEMONITOR;
      else if (value == am_reply_demonitor) optionAlias = ALIAS_REPLY;
      else return false;
    } else if (tupleElement(option, 1) == am_tag) optionTag = value;
    else return false;
    rest = tail(rest);
  }
  return rest == NIL;
}

// bif: erlang:monitor/2
export function monitor2(kind: u64, target: u64): u64 {
  return monitor3(kind, target, NIL);
}
// bif: erlang:monitor/3
export function monitor3(kind: u64, target: u64, options: u64): u64 {
  if (!readMonitorOptions(options)) return badargBecause(am_badopt);
  if (kind == am_port) return monitorPort(target);
  // The offset never changes: nobody is ever told.
  if (kind == am_time_offset && target == am_clock_service && options == NIL)
    return makeReference(newReferenceNumber());
  if (kind != am_process) return badargBecause(am_badtype);
  let name: u64 = 0;
  let process: usize = 0;
  if (isPid(target)) process = livingProcess(target);
  else if (isAtom(target)) name = target;
  else if (
    isTuple(target) &&
    tupleArity(target) == 2 &&
    isAtom(tupleElement(target, 1)) &&
    isAtom(tupleElement(target, 2))
  ) {
    if (tupleElement(target, 2) == nodeName()) name = tupleElement(target, 1);
    else return badarg();
  } else return badarg();
  if (name) {
    process = registeredProcess(name);
    if (process && !isAlive(process)) process = 0;
    if (!process) return monitorNobody(am_process, tuple2(name, nodeName()), am_noproc);
  } else if (!process) return monitorNobody(am_process, target, absence(target));
  const number = newReferenceNumber();
  if (process != current && !startMonitor(number, load<u64>(process, P_ID), name))
    return outOfMemory();
  if (!startMonitorAlias(number)) return outOfMemory();
  return makeReference(number);
}

/** monitor(port, Port | Name | {Name, Node}) with the options read last. */
function monitorPort(target: u64): u64 {
  let port = target;
  let name: u64 = 0;
  if (isAtom(target)) name = target;
  else if (
    isTuple(target) &&
    tupleArity(target) == 2 &&
    isAtom(tupleElement(target, 1)) &&
    tupleElement(target, 2) == nodeName()
  )
    name = tupleElement(target, 1);
  else if (!isPortHere(target)) return badarg();
  if (name) port = registeredHolder(name);
  if (!openPort(port))
    return monitorNobody(am_port, name ? tuple2(name, nodeName()) : target, am_noproc);
  const number = newReferenceNumber();
  if (!startMonitor(number, port, name) || !startMonitorAlias(number)) return outOfMemory();
  return makeReference(number);
}

/** A monitor of the running process on `target`, with the options read last. */
export function startMonitor(number: u64, target: u64, name: u64): bool {
  const record = addMonitor(number, current, self(), target);
  if (!record) return false;
  store<u64>(record, name, R_NAME);
  store<u32>(record, optionAlias, R_ALIAS);
  if (optionTag) {
    const fragment = isImmediate(optionTag) ? 0 : copyAllToFragment(optionTag);
    store<u32>(record, fragment as u32, R_TAG_FRAGMENT);
    store<u64>(record, fragment ? fragmentRoot(fragment) : optionTag, R_TAG);
  }
  return true;
}

/** The alias that the options read last ask for; false when there is no memory. */
export function startMonitorAlias(number: u64): bool {
  return optionAlias == ALIAS_NONE || addAlias(number, current, self(), optionAlias);
}

/** Why nobody answers to a pid. */
function absence(pid: u64): u64 {
  return isLocalPid(pid) || isEarlier(pid) ? am_noproc : am_noconnection;
}
/** The target does not exist: DOWN comes at once. */
function monitorNobody(kind: u64, what: u64, why: u64): u64 {
  const number = newReferenceNumber();
  if (optionAlias == ALIAS_EXPLICIT && !addAlias(number, current, self(), optionAlias))
    return outOfMemory();
  const reference = makeReference(number);
  if (!deliver(current, tuple5(optionTag ? optionTag : am_DOWN, reference, kind, what, why)))
    return outOfMemory();
  return reference;
}

/** Remove the running process's monitor; false when there is none. */
function demonitor(number: u64): bool {
  const record = findMonitor(number);
  const alias = findAlias(number);
  if (alias && load<u64>(alias, R_ORIGIN) == self() && load<u32>(alias, R_ALIAS) != ALIAS_EXPLICIT)
    removeAlias(alias);
  if (!record || load<u64>(record, R_ORIGIN) != self()) return false;
  removeMonitor(record);
  return true;
}

// bif: erlang:demonitor/1
export function demonitor1(reference: u64): u64 {
  return demonitor2(reference, NIL);
}
// bif: erlang:demonitor/2
export function demonitor2(reference: u64, options: u64): u64 {
  let flush = false;
  let info = false;
  let rest = options;
  while (isList(rest)) {
    if (head(rest) == am_flush) flush = true;
    else if (head(rest) == am_info) info = true;
    else return badarg();
    rest = tail(rest);
  }
  if (rest == NIL && isReference(reference) && isEarlier(reference))
    return info ? am_false : am_true;
  if (rest != NIL || !isLocalReference(reference)) return badarg();
  const number = referenceNumber(reference);
  const record = findMonitor(number);
  // The monitor of another process is none here.
  const found = (!record || load<u64>(record, R_ORIGIN) == self()) && demonitor(number);
  const result = found || !info ? am_true : am_false;
  if (flush && !found) {
    fetchOwn();
    startFlush(current, number);
    return demonitorFlush(reference, result);
  }
  clearMarker(reference);
  return result;
}
/** Messages looked at for one reduction. */
const FLUSHED_PER_REDUCTION: i32 = 8;
/** Remove the message of a monitor that has fired; then the answer of demonitor is `result`. */
// bif: vbeam_internal:demonitor_flush/2
export function demonitorFlush(reference: u64, result: u64): u64 {
  const limit = budget() * FLUSHED_PER_REDUCTION;
  if (!isLocalReference(reference)) return badarg();
  if (!continueFlush(current, referenceNumber(reference), limit)) {
    chargeReductions(budget());
    setX(0, reference);
    setX(1, result);
    return trapTo(BIF_demonitorFlush, 2);
  }
  clearMarker(reference);
  return result;
}

// ---- aliases

// bif: erlang:alias/1
export function alias1(options: u64): u64 {
  let mode = ALIAS_EXPLICIT;
  let rest = options;
  while (isList(rest)) {
    if (head(rest) == am_explicit_unalias) mode = ALIAS_EXPLICIT;
    else if (head(rest) == am_reply) mode = ALIAS_REPLY;
    else return badarg();
    rest = tail(rest);
  }
  if (rest != NIL) return badarg();
  const number = newReferenceNumber();
  if (!addAlias(number, current, self(), mode)) return outOfMemory();
  return makeReference(number);
}
// bif: erlang:unalias/1
export function unalias1(reference: u64): u64 {
  if (!isReference(reference)) return badarg();
  if (!isLocalReference(reference)) return am_false;
  const alias = findAlias(referenceNumber(reference));
  if (!alias || load<u64>(alias, R_ORIGIN) != self()) return am_false;
  removeAlias(alias);
  return am_true;
}
// bif: erlang:monitor_node/2
export function monitorNode2(node: u64, flag: u64): u64 {
  return isAtom(node) && (flag == am_true || flag == am_false) ? am_true : badarg();
}
// bif: erlang:monitor_node/3
export function monitorNode3(node: u64, flag: u64, options: u64): u64 {
  return isList(options) || options == NIL ? monitorNode2(node, flag) : badarg();
}

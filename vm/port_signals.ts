/**
 * Signals to and from ports. To its driver a port's signals come as messages
 *
 *     {vbeam_port, Port, {open, Name, Settings}}           to the registry, which finds the driver
 *     {vbeam_port, Port, {command, Request, Data}}         Request: a reference to answer, or none
 *     {vbeam_port, Port, {control, Request, Operation, Data}}
 *     {vbeam_port, Port, {call, Request, Operation, Data}}
 *     {vbeam_port, Port, {trace, Message}}                 the port is a tracer (trace/event.ts)
 *     {vbeam_port, Port, closed}                           the last one
 *
 * What is wrong with a message to a port is told to the connected process as an exit signal
 * `badsig`, as in OTP.
 */
import { copyAllToFragment, fragmentRoot } from './copy';
import {
  am_badarg,
  am_badsig,
  am_close,
  am_closed,
  am_command,
  am_connect,
  am_connected,
  am_kill,
  am_killed,
  am_none,
  am_normal,
  am_vbeam_port,
} from './gen/atoms';
import { P_ID, P_PORTS, P_SUSPENDED } from './gen/layout';
import { unregisterHolder } from './names';
import {
  PORT_BUSY,
  PORT_CONNECTED,
  PORT_DRIVER,
  PORT_ID,
  PORT_LINKS,
  PORT_MONITORED_BY,
  PORT_NAME,
  addRequest,
  addSender,
  freePort,
  requestNumber,
  setPortData,
  takeAnyRequest,
  takeRequest,
  takeSender,
} from './ports';
import { makeReference, newReferenceNumber } from './refs';
import { addLink, linkPeer, removeLink } from './relations';
import { resumeOnce } from './suspend';
import {
  deliver,
  deliverFromPort,
  fireMonitor,
  livingProcess,
  sendExit,
  tuple2,
  tuple3,
} from './signals';
import { budget, chargeReductions, current } from './state';
import { NONE, isImmediate, isLocalPid, isTuple, tupleArity, tupleElement } from './term';

/** Tell the driver; false when there is no memory. A driver that is gone closes the port itself. */
export function tellDriver(record: usize, event: u64): bool {
  const driver = livingProcess(load<u64>(record, PORT_DRIVER));
  return !driver || deliver(driver, tuple3(am_vbeam_port, load<u64>(record, PORT_ID), event));
}

/** A request of the running process that the driver answers: its reference, NONE without memory. */
export function newRequest(record: usize): u64 {
  const number = newReferenceNumber();
  return addRequest(record, load<u64>(current, P_ID), number) ? makeReference(number) : NONE;
}

/** Answer a request; false when there is no memory. */
export function answerRequest(record: usize, number: u64, result: u64): bool {
  const pid = takeRequest(record, number);
  return !pid || answerPid(pid, number, result);
}
/** {Reference, Result} for who asked; false when there is no memory. */
export function answerPid(pid: u64, number: u64, result: u64): bool {
  const process = livingProcess(pid);
  return !process || deliverFromPort(process, tuple2(makeReference(number), result));
}

// ---- messages of processes to ports

/** `Port ! Message`; false when there is no memory. */
export function sendToPort(record: usize, message: u64): bool {
  const connected = load<u64>(record, PORT_CONNECTED);
  if (!isTuple(message) || tupleArity(message) != 2 || tupleElement(message, 1) != connected)
    return badSignal(record);
  const request = tupleElement(message, 2);
  if (request == am_close) {
    const port = load<u64>(record, PORT_ID);
    closePort(record, am_normal);
    const owner = livingProcess(connected);
    return !owner || deliverFromPort(owner, tuple2(port, am_closed));
  }
  if (!isTuple(request) || tupleArity(request) != 2) return badSignal(record);
  if (tupleElement(request, 1) == am_command)
    return sendCommand(record, am_none, tupleElement(request, 2));
  if (tupleElement(request, 1) == am_connect && isLocalPid(tupleElement(request, 2))) {
    if (!connectPort(record, tupleElement(request, 2))) return false;
    const owner = livingProcess(connected);
    return !owner || deliverFromPort(owner, tuple2(load<u64>(record, PORT_ID), am_connected));
  }
  return badSignal(record);
}

export function badSignal(record: usize): bool {
  const owner = livingProcess(load<u64>(record, PORT_CONNECTED));
  if (owner) sendExit(load<u64>(record, PORT_ID), owner, am_badsig, true);
  return true;
}

/** Output for the driver. While it is busy, the running process goes no further than here. */
export function sendCommand(record: usize, request: u64, data: u64): bool {
  if (!tellDriver(record, tuple3(am_command, request, data))) return false;
  if (load<u32>(record, PORT_BUSY) && request == am_none) {
    if (!addSender(record, load<u64>(current, P_ID))) return false;
    store<u32>(current, load<u32>(current, P_SUSPENDED) + 1, P_SUSPENDED);
    chargeReductions(budget());
  }
  return true;
}

/** Another process becomes the connected one, and is linked; false when there is no memory. */
export function connectPort(record: usize, pid: u64): bool {
  if (livingProcess(pid) && !addLink(load<u64>(record, PORT_ID), pid)) return false;
  store<u64>(record, pid, PORT_CONNECTED);
  return true;
}

/** The driver has room again, or never will have. */
export function driverReady(record: usize): void {
  store<u32>(record, 0, PORT_BUSY);
  let pid = takeSender(record);
  while (pid) {
    resumeOnce(pid);
    pid = takeSender(record);
  }
}

// ---- the end of a port

/**
 * An exit signal for a port. Through a link, `normal` closes it only when it comes from the
 * connected process.
 */
export function exitPort(record: usize, from: u64, reason: u64, linked: bool): void {
  if (linked && reason == am_normal && from != load<u64>(record, PORT_CONNECTED)) return;
  closePort(record, reason == am_kill ? am_killed : reason);
}

/**
 * The port is no more: links and monitors are told, requests fail, the driver learns it last. The
 * driver may still be writing what it was given.
 */
export function closePort(record: usize, reason: u64): void {
  const port = load<u64>(record, PORT_ID);
  if (load<u64>(record, PORT_NAME)) unregisterHolder(port, record + PORT_NAME);
  while (load<u32>(record, PORT_LINKS)) {
    const link = load<u32>(record, PORT_LINKS) as usize;
    const peer = livingProcess(linkPeer(link, port));
    removeLink(link);
    if (peer) sendExit(port, peer, reason, true);
  }
  while (load<u32>(record, PORT_MONITORED_BY))
    fireMonitor(load<u32>(record, PORT_MONITORED_BY), port, reason);
  let pid = takeAnyRequest(record);
  while (pid) {
    answerPid(pid, requestNumber, am_badarg);
    pid = takeAnyRequest(record);
  }
  driverReady(record);
  tellDriver(record, am_closed);
  setPortData(record, 0, 0);
  freePort(record);
}
/** A process that drives ports ends: so do they. */
export function closeDriven(process: usize, reason: u64): void {
  while (load<u32>(process, P_PORTS)) closePort(load<u32>(process, P_PORTS), reason);
}

/** Set the data of a port to a copy of `term`; false when there is no memory. */
export function copyPortData(record: usize, term: u64): bool {
  if (isImmediate(term)) {
    setPortData(record, term, 0);
    return true;
  }
  const fragment = copyAllToFragment(term);
  if (!fragment) return false;
  setPortData(record, fragmentRoot(fragment), fragment);
  return true;
}

/** `Destination ! Message` for every kind of destination. */
import { CLASS_ERROR, badarg, exitPending, fail, outOfMemory } from './errors';
import { am_badarg, am_true } from './gen/atoms';
import { P_FLAGS, P_ID } from './gen/layout';
import { isEarlier, nodeName, registeredHolder, registeredProcess } from './names';
import { sendToPort } from './port_signals';
import { openPort } from './ports';
import { FLAG_EXIT_PENDING, processOf } from './process';
import { isLocalReference } from './refs';
import { fetchOwn, sendToAlias } from './aliases';
import { deliver, isAlive } from './signals';
import { allowLeaving, endWalk, forbidLeaving, leaveWalk } from './walk';
import { current, spendSlice } from './state';
import { mayTrace, tellSend } from './trace/events';
import { carryToken, sequentialToken, sequentialUsed } from './trace/sequential';
import {
  NONE,
  isAtom,
  isLocalPid,
  isLocalPort,
  isPid,
  isPort,
  isReference,
  isTuple,
  tupleArity,
  tupleElement,
} from './term';

/** Deliver a message of the running process, with its sequential trace token. */
function deliverFrom(process: usize, message: u64): bool {
  if (!deliver(process, message)) return false;
  if (sequentialUsed && sequentialToken(current) && isAlive(process))
    carryToken(process, message, load<u64>(process, P_ID));
  return true;
}

/**
 * Send; true, or NONE after badarg (no such name) or memory exhaustion. A dead pid swallows the
 * message.
 */
export function send(destination: u64, message: u64): u64 {
  allowLeaving();
  // What has been told of a message cannot be told again.
  if (mayTrace(current) || sequentialUsed) {
    forbidLeaving();
    fetchOwn();
  }
  const result = sendAny(destination, message);
  // A large message is copied in slices; the caller is run again.
  return endWalk() ? leaveWalk() : result;
}
function sendAny(destination: u64, message: u64): u64 {
  if (isLocalPid(destination)) {
    const process = processOf(destination);
    if (mayTrace(current)) tellSend(destination, message, isAlive(process));
    return !process || deliverFrom(process, message) ? am_true : outOfMemory();
  }
  if (isAtom(destination)) {
    const holder = registeredHolder(destination);
    if (mayTrace(current)) tellSend(destination, message, true);
    return holder ? sendTo(holder, message) : badarg();
  }
  if (isLocalPort(destination)) return sendTo(destination, message);
  if (isLocalReference(destination)) {
    if (mayTrace(current)) tellSend(destination, message, true);
    return sendToAlias(destination, message) ? am_true : outOfMemory();
  }
  if (isTuple(destination) && tupleArity(destination) == 2) {
    const name = tupleElement(destination, 1);
    const node = tupleElement(destination, 2);
    if (!isAtom(name) || !isAtom(node)) return badarg();
    if (node != nodeName()) return am_true;
    if (mayTrace(current)) tellSend(destination, message, true);
    // As in OTP: no error when the name is not registered.
    return sendTo(registeredHolder(name), message);
  }
  // Pids and references of nodes that are not connected swallow messages; so do those of former
  // lives of this one, and their ports.
  if (isPid(destination) || isReference(destination)) return am_true;
  if (isPort(destination) && isEarlier(destination)) return am_true;
  fail(CLASS_ERROR, am_badarg);
  return NONE;
}

/** Send to a local process or port; one that is gone swallows the message. */
function sendTo(holder: u64, message: u64): u64 {
  const process = processOf(holder);
  if (process) return deliverFrom(process, message) ? am_true : outOfMemory();
  const port = openPort(holder);
  forbidLeaving();
  if (port && !sendToPort(port, message)) return outOfMemory();
  // In OTP the sender itself does what a driver has to do: here it lets the driver do it.
  if (port) spendSlice();
  // A port that was closed, or told of a bad signal, may have ended this process.
  return load<u32>(current, P_FLAGS) & FLAG_EXIT_PENDING ? exitPending() : am_true;
}

/** The pid of the process that a pid or registered name means, 0 when there is none. */
export function pidOfDestination(destination: u64): u64 {
  if (isLocalPid(destination)) return destination;
  const process = isAtom(destination) ? registeredProcess(destination) : 0;
  return process ? load<u64>(process, P_ID) : 0;
}

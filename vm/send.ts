/** `Destination ! Message` for every kind of destination. */
import { badarg, outOfMemory, fail, CLASS_ERROR } from './errors';
import { am_badarg, am_true } from './gen/atoms';
import { P_ID } from './gen/layout';
import { nodeName, registeredProcess } from './names';
import { processOf } from './process';
import { isLocalReference, referenceNumber } from './refs';
import { deliver, sendToAlias } from './signals';
import {
  NONE,
  isAtom,
  isLocalPid,
  isPid,
  isPort,
  isReference,
  isTuple,
  tupleArity,
  tupleElement,
} from './term';

/**
 * Send; true, or NONE after badarg (no such name) or memory exhaustion. A dead pid swallows the
 * message.
 */
export function send(destination: u64, message: u64): u64 {
  if (isLocalPid(destination)) {
    const process = processOf(destination);
    return !process || deliver(process, message) ? am_true : outOfMemory();
  }
  if (isAtom(destination)) {
    const process = registeredProcess(destination);
    if (!process) return badarg();
    return deliver(process, message) ? am_true : outOfMemory();
  }
  if (isLocalReference(destination)) {
    return sendToAlias(referenceNumber(destination), message) ? am_true : outOfMemory();
  }
  if (isTuple(destination) && tupleArity(destination) == 2) {
    const name = tupleElement(destination, 1);
    const node = tupleElement(destination, 2);
    if (!isAtom(name) || !isAtom(node)) return badarg();
    if (node != nodeName()) return am_true;
    const process = registeredProcess(name);
    // As in OTP: no error when the name is not registered.
    return !process || deliver(process, message) ? am_true : outOfMemory();
  }
  // Pids, ports and references of nodes that are not connected swallow messages.
  if (isPid(destination) || isReference(destination)) return am_true;
  if (isPort(destination)) return badarg();
  fail(CLASS_ERROR, am_badarg);
  return NONE;
}

/** The pid of the process that a pid or registered name means, 0 when there is none. */
export function pidOfDestination(destination: u64): u64 {
  if (isLocalPid(destination)) return destination;
  const process = isAtom(destination) ? registeredProcess(destination) : 0;
  return process ? load<u64>(process, P_ID) : 0;
}

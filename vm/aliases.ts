/**
 * Messages through aliases. Those from others arrive at once, those that a process sends itself
 * when it fetches them (vm/own_messages.ts).
 */
import { P_ID } from './gen/layout';
import { appendFetched, dropNode } from './mailbox';
import { holdNext, holdNone, mayFetch, startFetch, takeAliasOf, takeHeld } from './own_messages';
import { referenceNumber } from './refs';
import {
  ALIAS_REPLY,
  R_ALIAS,
  R_ORIGIN,
  findAlias,
  findMonitor,
  removeAlias,
  removeMonitor,
} from './relations';
import { processOf } from './process';
import { deliver, isAlive } from './signals';
import { current } from './state';
import { mayTrace } from './trace/events';
import { carryToken, sequentialToken, sequentialUsed } from './trace/sequential';
import { walkLeft } from './walk';

/** A reply alias ends with its first message, and its monitor with it. */
function endReplyAlias(alias: usize, number: u64): void {
  if (load<u32>(alias, R_ALIAS) != ALIAS_REPLY) return;
  removeAlias(alias);
  const monitor = findMonitor(number);
  if (monitor) removeMonitor(monitor);
}

/**
 * Send `term` to what a local reference is an alias of. A reference that is no alias swallows the
 * message, as in OTP.
 */
export function sendToAlias(reference: u64, term: u64): bool {
  const number = referenceNumber(reference);
  const alias = findAlias(number);
  if (!alias) return true;
  const process = processOf(load<u64>(alias, R_ORIGIN));
  // Traced messages are told of when they are sent, and arrive then.
  if (process == current && !sequentialUsed && !mayTrace(process)) return sendOwn(number, term);
  const delivered = !process || deliver(process, term);
  // Left in the middle: the alias is still needed.
  if (walkLeft) return true;
  endReplyAlias(alias, number);
  if (!process || !delivered) return delivered;
  if (sequentialUsed && sequentialToken(current) && isAlive(process))
    carryToken(process, term, reference);
  return true;
}
function sendOwn(number: u64, term: u64): bool {
  if (!holdNext(number)) return false;
  const delivered = deliver(current, term);
  holdNone();
  return delivered;
}

/** The running process handles what it has sent itself: no more than it could send in one slice. */
export function fetchOwn(): void {
  if (!mayFetch()) return;
  startFetch();
  for (let node = takeHeld(); node; node = takeHeld()) {
    const number = takeAliasOf(node);
    const alias = number ? findAlias(number) : 0;
    if (number && !alias) {
      dropNode(node);
      continue;
    }
    appendFetched(current, node);
    if (alias) endReplyAlias(alias, number);
  }
}

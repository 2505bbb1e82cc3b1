/**
 * The search of a mailbox that does not wait: demonitor's flush. It starts where messages with the
 * reference can begin, and keeps its place in MAILBOX_SAVE, which no receive needs meanwhile.
 */
import { P_MAILBOX_COUNT, P_MAILBOX_FIRST, P_MAILBOX_LAST, P_MAILBOX_SAVE } from './gen/layout';
import { NODE_TERM, candidate, discardNode } from './mailbox';
import { nodeBefore } from './receive_marker';
import { isLocalReference, referenceNumber } from './refs';
import { isTuple, tupleArity, tupleElement } from './term';

/** Begin to look for the message of monitor `number`. */
export function startFlush(process: usize, number: u64): void {
  store<u32>(process, nodeBefore(process, number) as u32, P_MAILBOX_SAVE);
}
/**
 * Look at `limit` messages more, and remove the message {_, Ref, _, _, _} of the monitor. True when
 * the search is over.
 */
export function continueFlush(process: usize, number: u64, limit: i32): bool {
  for (let left = limit; left > 0; left--) {
    const node = candidate(process);
    if (!node || isDown(load<u64>(node, NODE_TERM), number)) {
      if (node) removeAfter(process, load<u32>(process, P_MAILBOX_SAVE), node);
      store<u32>(process, 0, P_MAILBOX_SAVE);
      return true;
    }
    store<u32>(process, node as u32, P_MAILBOX_SAVE);
  }
  return false;
}
function removeAfter(process: usize, previous: usize, node: usize): void {
  const next = load<u32>(node) as usize;
  if (previous) store<u32>(previous, next as u32);
  else store<u32>(process, next as u32, P_MAILBOX_FIRST);
  if (!next) store<u32>(process, previous as u32, P_MAILBOX_LAST);
  store<u32>(process, load<u32>(process, P_MAILBOX_COUNT) - 1, P_MAILBOX_COUNT);
  discardNode(process, node, previous);
}
function isDown(term: u64, number: u64): bool {
  if (!isTuple(term) || tupleArity(term) != 5) return false;
  const reference = tupleElement(term, 2);
  return isLocalReference(reference) && referenceNumber(reference) == number;
}

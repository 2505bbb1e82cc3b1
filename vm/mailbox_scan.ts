/** Searches of a mailbox that do not wait: demonitor's flush, process_info(messages). */
import { P_MAILBOX_COUNT, P_MAILBOX_FIRST, P_MAILBOX_LAST, P_MAILBOX_SAVE } from './gen/layout';
import { NODE_TERM, discardNode } from './mailbox';
import { isLocalReference, referenceNumber } from './refs';
import { isTuple, tupleArity, tupleElement } from './term';

/** Remove the message {_, Ref, _, _, _} of a monitor; true when there was one. */
export function flushDown(process: usize, number: u64): bool {
  let previous: usize = 0;
  let node = load<u32>(process, P_MAILBOX_FIRST) as usize;
  while (node) {
    const next = load<u32>(node) as usize;
    if (isDown(load<u64>(node, NODE_TERM), number)) {
      if (previous) store<u32>(previous, next as u32);
      else store<u32>(process, next as u32, P_MAILBOX_FIRST);
      if (!next) store<u32>(process, previous as u32, P_MAILBOX_LAST);
      if (load<u32>(process, P_MAILBOX_SAVE) == (node as u32))
        store<u32>(process, previous as u32, P_MAILBOX_SAVE);
      store<u32>(process, load<u32>(process, P_MAILBOX_COUNT) - 1, P_MAILBOX_COUNT);
      discardNode(process, node);
      return true;
    }
    previous = node;
    node = next;
  }
  return false;
}
function isDown(term: u64, number: u64): bool {
  if (!isTuple(term) || tupleArity(term) != 5) return false;
  const reference = tupleElement(term, 2);
  return isLocalReference(reference) && referenceNumber(reference) == number;
}

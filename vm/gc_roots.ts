/**
 * The roots of a process: what its collector evacuates in place, each in steps of bounded work that
 * answer true at the end.
 */
import { pairAddress, pairCount, pairsTogether } from './dictionary';
import { evacuate, evacuateRange, evacuateSome } from './gc_copy';
import { field } from './gc_fields';
import { S_CURSOR, S_MESSAGES_LEFT, left, work } from './gc_state';
import {
  P_GROUP_LEADER,
  P_LIVE,
  P_MAILBOX_FIRST,
  P_MAILBOX_OPENED,
  P_ROOTS,
  P_SAVED_X,
  P_SEQ_TRACE,
  P_TRAPPED_CALL,
} from './gen/layout';
import { NODE_FRAGMENT, NODE_TERM } from './mailbox';
import { isHeapPointer } from './term';

/** Bytes of the stack moved at a time. */
export const STACK_CHUNK_BYTES: u32 = 4096;
/** Words of work that a message or fragment counts as, beside its terms. */
export const ITEM_WORK: u32 = 4;

export function evacuateRegisters(process: usize, state: usize): bool {
  const registers = field(process, P_SAVED_X);
  if (!evacuateChunk(state, registers, registers + (field(process, P_LIVE) << 3))) return false;
  // EXIT_REASON is never on this heap: it is an atom or in a fragment of its own.
  evacuateRange(process + P_GROUP_LEADER, process + P_GROUP_LEADER + 8);
  evacuateRange(process + P_SEQ_TRACE, process + P_SEQ_TRACE + 8);
  evacuateRange(process + P_TRAPPED_CALL, process + P_TRAPPED_CALL + 8);
  return true;
}
/** The next ones of the words [start, end); true at the end. */
export function evacuateChunk(state: usize, start: u32, end: u32): bool {
  const cursor = load<u32>(state, S_CURSOR);
  const from = cursor ? cursor : start;
  const to = evacuateSome(from as usize, end as usize) as u32;
  store<u32>(state, to, S_CURSOR);
  return to == end;
}
/** The cursor is the number of the next word, two for each pair. */
export function evacuateDictionary(process: usize, state: usize): bool {
  const index = load<u32>(state, S_CURSOR);
  const words = pairCount(process) << 1;
  if (index == words) return true;
  const pair = pairAddress(process, index >> 1);
  const from = pair + ((index & 1) << 3);
  const end = pair + (pairsTogether(process, index >> 1) << 4);
  const next = index + (((evacuateSome(from, end) - from) >> 3) as u32);
  store<u32>(state, next, S_CURSOR);
  return next == words;
}
/**
 * Messages that a receive has looked at are terms of the heap: nodes without a fragment. They are
 * the first ones, unless a receive marker made a receive skip some; their number says when to stop.
 */
export function evacuateMessages(process: usize, state: usize): bool {
  if (!load<u32>(state, S_CURSOR)) {
    store<u32>(state, field(process, P_MAILBOX_OPENED), S_MESSAGES_LEFT);
    store<u32>(state, field(process, P_MAILBOX_FIRST), S_CURSOR);
  }
  let node = load<u32>(state, S_CURSOR) as usize;
  let messages = load<u32>(state, S_MESSAGES_LEFT);
  while (node && messages && left > 0) {
    work(ITEM_WORK);
    const word = load<u64>(node, NODE_TERM);
    if (!load<u32>(node, NODE_FRAGMENT) && isHeapPointer(word)) {
      store<u64>(node, evacuate(word), NODE_TERM);
      messages--;
    }
    node = load<u32>(node) as usize;
  }
  store<u32>(state, node as u32, S_CURSOR);
  store<u32>(state, messages, S_MESSAGES_LEFT);
  return !node || !messages;
}
/** Root blocks are small: what a BIF that is interrupted needs (roots.ts). */
export function evacuateRootBlocks(process: usize, state: usize): bool {
  let block = load<u32>(state, S_CURSOR) as usize;
  if (!block) block = field(process, P_ROOTS) as usize;
  if (!block) return true;
  evacuateRange(block + 8, block + 8 + (load<u32>(block, 4) << 3));
  const next = load<u32>(block);
  store<u32>(state, next, S_CURSOR);
  return !next;
}

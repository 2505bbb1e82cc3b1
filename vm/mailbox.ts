/**
 * Mailboxes: a singly linked list of nodes. A message lies in a heap fragment of its own until the
 * receiver looks at it; then the fragment joins the receiver's heap (`fragment` becomes 0) and the
 * term is a root of its collector. MAILBOX_OPENED counts such nodes, MAILBOX_WORDS the words of the
 * fragments.
 *
 *   node: +------+----------+------+
 *         | next | fragment | term |   u32 u32 u64
 *         +------+----------+------+
 *
 * MAILBOX_SAVE is the last node that the receive in progress has passed over (0 = none): the next
 * candidate follows it.
 */
import { allocate, release } from './alloc';
import { adoptMessage, fragmentRoot, releaseMessage } from './copy';
import { copyInSlices } from './copy_slices';
import {
  P_MAILBOX_COUNT,
  P_MAILBOX_FIRST,
  P_MAILBOX_LAST,
  P_MAILBOX_OPENED,
  P_MAILBOX_SAVE,
  P_MAILBOX_WORDS,
} from './gen/layout';
import { FRAGMENT_OFF_HEAP, fragmentWords } from './heap';
import { isRetiring } from './literal_areas';
import { releaseSome } from './off_heap';
import { holdOwn } from './own_messages';
import { markerLoses } from './receive_marker';
import { current } from './state';
import { isHeapPointer, isImmediate, isLiteral } from './term';
import { dropCarried, sequentialUsed } from './trace/sequential';

const NODE_BYTES: u32 = 16;
export const NODE_FRAGMENT: u32 = 4;
export const NODE_TERM: u32 = 8;

/** Nodes kept for the next messages. */
const FREE_NODES_MAX: u32 = 1024;

let freeNodes: usize = 0;
let freeNodeCount: u32 = 0;

function newNode(): usize {
  const node = freeNodes;
  if (!node) return allocate(NODE_BYTES);
  freeNodes = load<u32>(node);
  freeNodeCount--;
  return node;
}
function freeNode(node: usize): void {
  // More would scatter small used blocks over memory that large ones need.
  if (freeNodeCount == FREE_NODES_MAX) {
    release(node);
    return;
  }
  freeNodeCount++;
  store<u32>(node, freeNodes as u32);
  freeNodes = node;
}

/**
 * Append a copy of `term` to the mailbox; false when there is no memory (the message is lost and
 * the caller reports it).
 */
export function enqueue(process: usize, term: u64): bool {
  let fragment: usize = 0;
  let word = term;
  if (!isImmediate(term) && !(isLiteral(term) && !isRetiring(term))) {
    fragment = copyInSlices(term);
    if (!fragment) return false;
    word = fragmentRoot(fragment);
  }
  const node = newNode();
  if (!node) {
    if (fragment) releaseMessage(fragment);
    return false;
  }
  append(process, node, fragment, word);
  return true;
}
function append(process: usize, node: usize, fragment: usize, word: u64): void {
  store<u32>(node, 0);
  store<u32>(node, fragment as u32, NODE_FRAGMENT);
  store<u64>(node, word, NODE_TERM);
  if (process == current && holdOwn(node)) return;
  appendFetched(process, node);
}
/** Append a node that is filled in. */
export function appendFetched(process: usize, node: usize): void {
  store<u32>(node, 0);
  const last = load<u32>(process, P_MAILBOX_LAST) as usize;
  if (last) store<u32>(last, node as u32);
  else store<u32>(process, node as u32, P_MAILBOX_FIRST);
  store<u32>(process, node as u32, P_MAILBOX_LAST);
  store<u32>(process, load<u32>(process, P_MAILBOX_COUNT) + 1, P_MAILBOX_COUNT);
  countWords(process, load<u32>(node, NODE_FRAGMENT), 1);
}
function countWords(process: usize, fragment: usize, sign: i32): void {
  if (!fragment) return;
  const words = load<u32>(process, P_MAILBOX_WORDS) + sign * fragmentWords(fragment);
  store<u32>(process, words, P_MAILBOX_WORDS);
}

/**
 * A message made before it is sent, so that sending it cannot fail: a node that holds `fragment`; 0
 * when there is no memory.
 */
export function prepareMessage(fragment: usize): usize {
  const node = newNode();
  if (!node) return 0;
  store<u32>(node, fragment as u32, NODE_FRAGMENT);
  store<u64>(node, fragmentRoot(fragment), NODE_TERM);
  return node;
}
/** Append it to the mailbox of `process`. */
export function enqueuePrepared(process: usize, node: usize): void {
  append(process, node, load<u32>(node, NODE_FRAGMENT), load<u64>(node, NODE_TERM));
}
/** Nobody is there to get it. */
export function dropNode(node: usize): void {
  const fragment = load<u32>(node, NODE_FRAGMENT) as usize;
  if (fragment) releaseMessage(fragment);
  freeNode(node);
}

/** The node that the receive in progress looks at next, 0 at the end. */
export function candidate(process: usize): usize {
  const save = load<u32>(process, P_MAILBOX_SAVE) as usize;
  return save ? load<u32>(save) : load<u32>(process, P_MAILBOX_FIRST);
}

/** The message of a node as a term of the process's heap. */
export function openMessage(process: usize, node: usize): u64 {
  const fragment = load<u32>(node, NODE_FRAGMENT) as usize;
  if (fragment) {
    countWords(process, fragment, -1);
    adoptMessage(process, fragment);
    store<u32>(node, 0, NODE_FRAGMENT);
    if (isOpened(node)) countOpened(process, 1);
  }
  return load<u64>(node, NODE_TERM);
}
/** The message of the node is a term of the process's heap. */
function isOpened(node: usize): bool {
  return !load<u32>(node, NODE_FRAGMENT) && isHeapPointer(load<u64>(node, NODE_TERM));
}
function countOpened(process: usize, change: i32): void {
  store<u32>(process, load<u32>(process, P_MAILBOX_OPENED) + change, P_MAILBOX_OPENED);
}

/** A message that was a literal has become a term of the process's heap. */
export function openedInPlace(process: usize): void {
  countOpened(process, 1);
}

/** Remove the candidate; the next receive starts at the first message. */
export function removeCandidate(process: usize): void {
  const save = load<u32>(process, P_MAILBOX_SAVE) as usize;
  const node = (save ? load<u32>(save) : load<u32>(process, P_MAILBOX_FIRST)) as usize;
  if (!node) return;
  const next = load<u32>(node);
  if (save) store<u32>(save, next);
  else store<u32>(process, next, P_MAILBOX_FIRST);
  if (!next) store<u32>(process, save as u32, P_MAILBOX_LAST);
  store<u32>(process, load<u32>(process, P_MAILBOX_COUNT) - 1, P_MAILBOX_COUNT);
  store<u32>(process, 0, P_MAILBOX_SAVE);
  markerLoses(process, node, save);
  // The receive has opened it.
  if (isOpened(node)) countOpened(process, -1);
  freeNode(node);
}

/**
 * Free about `limit` messages of a process that exits, which gets no more; adopted ones belong to
 * its heap. True when none is left.
 */
export function freeMessages(process: usize, limit: u32): bool {
  for (let left = limit; left; left--) {
    const node = load<u32>(process, P_MAILBOX_FIRST) as usize;
    if (!node) return true;
    const fragment = load<u32>(node, NODE_FRAGMENT) as usize;
    // A message may hold many binaries.
    if (fragment && !releaseSome(fragment + FRAGMENT_OFF_HEAP, limit)) return false;
    store<u32>(process, load<u32>(node), P_MAILBOX_FIRST);
    if (fragment) releaseMessage(fragment);
    freeNode(node);
  }
  return load<u32>(process, P_MAILBOX_FIRST) == 0;
}

/**
 * Free a node that has been taken out of its list, where it stood behind `previous` (0 = it was the
 * first), with its message if that is still in a fragment of its own.
 */
export function discardNode(process: usize, node: usize, previous: usize): void {
  markerLoses(process, node, previous);
  if (sequentialUsed) dropCarried(process, node);
  if (isOpened(node)) countOpened(process, -1);
  const fragment = load<u32>(node, NODE_FRAGMENT) as usize;
  countWords(process, fragment, -1);
  if (fragment) releaseMessage(fragment);
  freeNode(node);
}

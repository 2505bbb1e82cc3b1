/**
 * Receive markers: the place in the mailbox where messages with a reference can begin. A compiler
 * that sees a reference made, and then a receive in which every pattern has it, reserves a marker
 * before and uses it after, so that the receive does not look at older messages.
 *
 * As in OTP a process has at most eight; one more takes the place of the one that was reserved
 * first. They are only ever a shortcut, so that losing one does no harm. The first one stands in
 * the control block, the others in a block of its own, MARKERS, from when they are needed on:
 *
 *   +---------+---+  +-------+------+---+        owner u64, last message when it was reserved u32
 *   | replace | - |  | owner | node | - | x 7    replace: which one is the next to lose its place
 *   +---------+---+  +-------+------+---+
 *
 * The owner says whose it is, 0 that it is free:
 *
 *   RESERVED | number       reserved, not yet bound to a reference
 *   reference number        bound
 *   BY_LABEL | address      of recv_mark, until OTP 23
 */
import { allocateZeroed, release } from './alloc';
import { P_MAILBOX_LAST, P_MAILBOX_SAVE, P_MARKERS, P_MARK_NODE, P_MARK_OWNER } from './gen/layout';
import { isLocalReference, referenceNumber } from './refs';
import { current } from './state';
import { isSmall, smallOf, smallValue } from './term';

const RESERVED: u64 = 1 << 62;
const BY_LABEL: u64 = 1 << 63;

const FURTHER: u32 = 7;
const HEADER_BYTES: u32 = 8;
const MARKER_BYTES: u32 = 16;
const MARKER_NODE: u32 = 8;

let lastNumber: u32 = 0;

/** Address of the owner of the further marker `index`. */
function further(block: usize, index: u32): usize {
  return block + HEADER_BYTES + index * MARKER_BYTES;
}

/** Index of the marker of `owner`: 0 in the control block, then 1 to 7, -1 when it has none. */
function markerOf(process: usize, owner: u64): i32 {
  if (load<u64>(process, P_MARK_OWNER) == owner) return 0;
  const block = load<u32>(process, P_MARKERS) as usize;
  if (!block) return -1;
  for (let i: u32 = 0; i < FURTHER; i++) if (load<u64>(further(block, i)) == owner) return i + 1;
  return -1;
}
function setOwner(process: usize, index: i32, owner: u64): void {
  if (index == 0) store<u64>(process, owner, P_MARK_OWNER);
  else store<u64>(further(load<u32>(process, P_MARKERS), index - 1), owner);
}
function nodeOf(process: usize, index: i32): u32 {
  if (index == 0) return load<u32>(process, P_MARK_NODE);
  return load<u32>(further(load<u32>(process, P_MARKERS), index - 1), MARKER_NODE);
}
function setNode(process: usize, index: i32, node: u32): void {
  if (index == 0) store<u32>(process, node, P_MARK_NODE);
  else store<u32>(further(load<u32>(process, P_MARKERS), index - 1), node, MARKER_NODE);
}

/** A free marker, or the one that loses its place; without memory for more it is the first. */
function freeMarker(process: usize): i32 {
  const found = markerOf(process, 0);
  if (found >= 0) return found;
  const block = load<u32>(process, P_MARKERS) as usize;
  if (!block) {
    const fresh = allocateZeroed(HEADER_BYTES + FURTHER * MARKER_BYTES);
    store<u32>(process, fresh as u32, P_MARKERS);
    return fresh ? 1 : 0;
  }
  const replaced = load<u32>(block);
  store<u32>(block, replaced == FURTHER ? 0 : replaced + 1);
  return replaced;
}
function mark(owner: u64): void {
  const index = freeMarker(current);
  setNode(current, index, load<u32>(current, P_MAILBOX_LAST));
  setOwner(current, index, owner);
}
/** What the marker of `owner` says: the receive in progress begins behind it. */
function use(owner: u64): void {
  const index = markerOf(current, owner);
  if (index >= 0) store<u32>(current, nodeOf(current, index), P_MAILBOX_SAVE);
}
function clear(owner: u64): void {
  const index = markerOf(current, owner);
  if (index >= 0) setOwner(current, index, 0);
}

/** Reserve a marker; the term that stands for it. */
export function reserveMarker(): u64 {
  lastNumber++;
  mark(RESERVED | (lastNumber as u64));
  return smallOf(lastNumber as i64);
}
export function bindMarker(marker: u64, reference: u64): void {
  if (!isSmall(marker) || !isLocalReference(reference)) return;
  const index = markerOf(current, RESERVED | (smallValue(marker) as u64));
  if (index >= 0) setOwner(current, index, referenceNumber(reference));
}
export function useMarker(reference: u64): void {
  if (isLocalReference(reference)) use(referenceNumber(reference));
}
export function clearMarker(reference: u64): void {
  if (isLocalReference(reference)) clear(referenceNumber(reference));
}
export function markByLabel(label: u32): void {
  clear(BY_LABEL | (label as u64));
  mark(BY_LABEL | (label as u64));
}
export function useByLabel(label: u32): void {
  use(BY_LABEL | (label as u64));
}
/** The message before the first that may have this reference, 0 when that is the first of all. */
export function nodeBefore(process: usize, number: u64): usize {
  const index = markerOf(process, number);
  return index < 0 ? 0 : nodeOf(process, index);
}

/** A message is about to be freed; the one before it is `previous`, 0 when it is the first. */
export function markerLoses(process: usize, node: usize, previous: usize): void {
  if (load<u32>(process, P_MARK_NODE) == (node as u32))
    store<u32>(process, previous as u32, P_MARK_NODE);
  const block = load<u32>(process, P_MARKERS) as usize;
  if (!block) return;
  for (let i: u32 = 0; i < FURTHER; i++) {
    const at = further(block, i);
    if (load<u32>(at, MARKER_NODE) == (node as u32)) store<u32>(at, previous as u32, MARKER_NODE);
  }
}
export function freeMarkers(process: usize): void {
  const block = load<u32>(process, P_MARKERS) as usize;
  if (block) release(block);
  store<u32>(process, 0, P_MARKERS);
}

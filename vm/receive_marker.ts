/**
 * Receive markers: the place in the mailbox where messages with a reference can begin. A compiler
 * that sees a reference made, and then a receive in which every pattern has it, reserves a marker
 * before and uses it after, so that the receive does not look at older messages.
 *
 * A process has one marker, the last one reserved; it is only ever a shortcut, so that losing one
 * does no harm. MARK_OWNER says whose it is:
 *
 *   RESERVED | number       reserved, not yet bound to a reference
 *   reference number        bound
 *   BY_LABEL | address      of recv_mark, until OTP 23
 */
import { P_MAILBOX_LAST, P_MAILBOX_SAVE, P_MARK_NODE, P_MARK_OWNER } from './gen/layout';
import { isLocalReference, referenceNumber } from './refs';
import { current } from './state';
import { isSmall, smallOf, smallValue } from './term';

const RESERVED: u64 = 1 << 62;
const BY_LABEL: u64 = 1 << 63;

let lastNumber: u32 = 0;

function mark(owner: u64): void {
  store<u32>(current, load<u32>(current, P_MAILBOX_LAST), P_MARK_NODE);
  store<u64>(current, owner, P_MARK_OWNER);
}
/** What the marker of `owner` says: the receive in progress begins behind it. */
function use(owner: u64): void {
  if (load<u64>(current, P_MARK_OWNER) != owner) return;
  store<u32>(current, load<u32>(current, P_MARK_NODE), P_MAILBOX_SAVE);
}

/** Reserve the marker; the term that stands for it. */
export function reserveMarker(): u64 {
  lastNumber++;
  mark(RESERVED | (lastNumber as u64));
  return smallOf(lastNumber as i64);
}
export function bindMarker(marker: u64, reference: u64): void {
  if (!isSmall(marker) || !isLocalReference(reference)) return;
  if (load<u64>(current, P_MARK_OWNER) == (RESERVED | (smallValue(marker) as u64)))
    store<u64>(current, referenceNumber(reference), P_MARK_OWNER);
}
export function useMarker(reference: u64): void {
  if (isLocalReference(reference)) use(referenceNumber(reference));
}
export function clearMarker(reference: u64): void {
  if (isLocalReference(reference) && load<u64>(current, P_MARK_OWNER) == referenceNumber(reference))
    store<u64>(current, 0, P_MARK_OWNER);
}
export function markByLabel(label: u32): void {
  mark(BY_LABEL | (label as u64));
}
export function useByLabel(label: u32): void {
  use(BY_LABEL | (label as u64));
}

/** A message is about to be freed; the one before it is `previous`, 0 when it is the first. */
export function markerLoses(process: usize, node: usize, previous: usize): void {
  if (load<u32>(process, P_MARK_NODE) == (node as u32))
    store<u32>(process, previous as u32, P_MARK_NODE);
}
/** The same when it is not known which one is before it. */
export function markerForgets(process: usize, node: usize): void {
  if (load<u32>(process, P_MARK_NODE) == (node as u32)) store<u64>(process, 0, P_MARK_OWNER);
}

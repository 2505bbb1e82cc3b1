/**
 * How much time each partition has used, in all and lately. A ring has what all had used at the
 * last boundaries between buckets of time; what was used over the ring's span is what was used in
 * all, less the oldest of these. So letting time pass costs an addition, and a copy at a boundary.
 * A span is as long as its buckets together, or up to a bucket less.
 *
 *   ring:   | bucket (ns, i64) | the one under way ends at (i64) | next row | rows |
 *   row:    | used by partition, then critical use by partition: i64 each | when it was (i64) |
 */
import { PARTITIONS_MAX } from './partition_rows';

const COLUMNS: u32 = PARTITIONS_MAX * 2;
const TIME: u32 = COLUMNS << 3;
const ROW_BYTES: u32 = TIME + 8;

const RING_BUCKET: u32 = 0;
const RING_ENDS: u32 = 8;
const RING_NEXT: u32 = 16;
const RING_ROWS: u32 = 20;
const RING_HEADER: u32 = 24;

const WINDOW_BUCKETS: u32 = 100;
const SECONDS_BUCKETS: u32 = 20;

/** The window that budgets are for, the last second, the last ten. */
export const OVER_WINDOW: usize = memory.data(RING_HEADER + WINDOW_BUCKETS * ROW_BYTES, 8);
export const OVER_SECOND: usize = memory.data(RING_HEADER + SECONDS_BUCKETS * ROW_BYTES, 8);
export const OVER_TEN: usize = memory.data(RING_HEADER + SECONDS_BUCKETS * ROW_BYTES, 8);

const SECOND_NS: i64 = 1_000_000_000;
const WINDOW_NS_DEFAULT: i64 = 100_000_000;

const totals: usize = memory.data(COLUMNS << 3, 8);
/** Time that has been accounted for, idle time too: nanoseconds. */
export let accounted: i64 = 0;
export let windowNs: i64 = WINDOW_NS_DEFAULT;

/** Time that nobody used. */
export const NOBODY: i32 = -1;

export function initUsage(): void {
  initRing(OVER_WINDOW, WINDOW_BUCKETS, windowNs);
  initRing(OVER_SECOND, SECONDS_BUCKETS, SECOND_NS);
  initRing(OVER_TEN, SECONDS_BUCKETS, SECOND_NS * 10);
}
/** What was used up to now counts as used before the ring's span. */
function initRing(ring: usize, buckets: u32, spanNs: i64): void {
  const bucket = spanNs / (buckets as i64);
  store<i64>(ring, bucket, RING_BUCKET);
  store<i64>(ring, accounted + bucket, RING_ENDS);
  store<u32>(ring, 0, RING_NEXT);
  store<u32>(ring, buckets, RING_ROWS);
  for (let i: u32 = 0; i < buckets; i++) keepTotals(rowOf(ring, i), accounted);
}
function rowOf(ring: usize, index: u32): usize {
  return ring + RING_HEADER + index * ROW_BYTES;
}
function keepTotals(row: usize, at: i64): void {
  memory.copy(row, totals, TIME);
  store<i64>(row, at, TIME);
}
/** Budgets are for this many nanoseconds from now on. */
export function setWindow(ns: i64): void {
  windowNs = ns;
  initRing(OVER_WINDOW, WINDOW_BUCKETS, ns);
}
/** A partition is new: nothing is known of it. */
export function forgetUsage(partition: u32): void {
  forgetColumn(partition);
  forgetColumn(PARTITIONS_MAX + partition);
}
function forgetColumn(column: u32): void {
  store<i64>(totals + (column << 3), 0);
  forgetIn(OVER_WINDOW, column);
  forgetIn(OVER_SECOND, column);
  forgetIn(OVER_TEN, column);
}
function forgetIn(ring: usize, column: u32): void {
  const rows = load<u32>(ring, RING_ROWS);
  for (let i: u32 = 0; i < rows; i++) store<i64>(rowOf(ring, i) + (column << 3), 0);
}

/** `ns` nanoseconds went by, which `partition` used, of its critical budget or not; or NOBODY. */
export function passTime(ns: i64, partition: i32, critical: bool): void {
  const until = accounted + ns;
  if (until >= load<i64>(OVER_WINDOW, RING_ENDS)) {
    passBoundaries(OVER_WINDOW, until, partition, critical);
    passBoundaries(OVER_SECOND, until, partition, critical);
    passBoundaries(OVER_TEN, until, partition, critical);
  }
  accounted = until;
  if (partition >= 0) add(totals, partition, critical, ns);
}
function add(row: usize, partition: i32, critical: bool, ns: i64): void {
  const at = row + ((partition as usize) << 3);
  store<i64>(at, load<i64>(at) + ns);
  if (!critical) return;
  const also = at + (PARTITIONS_MAX << 3);
  store<i64>(also, load<i64>(also) + ns);
}
/** Rows for the boundaries up to `until`; older ones than a ring keeps are left out. */
function passBoundaries(ring: usize, until: i64, partition: i32, critical: bool): void {
  const bucket = load<i64>(ring, RING_BUCKET);
  const rows = load<u32>(ring, RING_ROWS);
  let ends = load<i64>(ring, RING_ENDS);
  const passed = (until - ends) / bucket;
  if (passed > (rows as i64)) ends += (passed - (rows as i64)) * bucket;
  let next = load<u32>(ring, RING_NEXT);
  while (ends <= until) {
    const row = rowOf(ring, next);
    keepTotals(row, ends);
    if (partition >= 0) add(row, partition, critical, ends - accounted);
    next = next + 1 == rows ? 0 : next + 1;
    ends += bucket;
  }
  store<u32>(ring, next, RING_NEXT);
  store<i64>(ring, ends, RING_ENDS);
}

/** Nanoseconds that a partition has used since it was made, of its critical budget too. */
export function usedInAll(partition: u32): i64 {
  return load<i64>(totals + (partition << 3));
}
export function criticalInAll(partition: u32): i64 {
  return load<i64>(totals + ((PARTITIONS_MAX + partition) << 3));
}
/** The same over the span of a ring. */
export function usedOver(ring: usize, partition: u32): i64 {
  return usedInAll(partition) - load<i64>(oldest(ring) + (partition << 3));
}
export function criticalOver(ring: usize, partition: u32): i64 {
  const column = PARTITIONS_MAX + partition;
  return criticalInAll(partition) - load<i64>(oldest(ring) + (column << 3));
}
/** How long that span is just now, in nanoseconds. */
export function spanOf(ring: usize): i64 {
  return accounted - load<i64>(oldest(ring), TIME);
}
function oldest(ring: usize): usize {
  return rowOf(ring, load<u32>(ring, RING_NEXT));
}

/**
 * The table of partitions: what each is guaranteed, and who belongs to it. Row 0 is `system`, which
 * has what the others leave, and everybody who is in no other.
 *
 *   +------+-------+---------+--------+----------+---------+-------+--------------+-------+
 *   | name | share | closing | budget | critical | members | heirs | bankruptcies | until |
 *   |      | %     |         | ns     | ns       |         |       |              | ns    |
 *   +------+-------+---------+--------+----------+---------+-------+--------------+-------+
 *     u64    u32     u32       i64      i64        u32       u32     u64            i64
 */
import { P_HEIR_PARTITION, P_PARTITION } from './gen/layout';

export const PARTITIONS_MAX: u32 = 16;
/** Row of those that are in no other. */
export const SYSTEM_PARTITION: u32 = 0;

/** Atom; 0 = the row is free. */
export const S_NAME: u32 = 0;
/** Guaranteed per cent. */
export const S_SHARE: u32 = 8;
/** It is about to go: nobody is started in it any more. */
export const S_CLOSING: u32 = 12;
/** Nanoseconds of a window that it may use while others want the processor, too. */
export const S_BUDGET: u32 = 16;
/** Nanoseconds of a window that its critical processes may use beyond that. */
export const S_CRITICAL: u32 = 24;
/** Processes in it, but for row 0. */
export const S_MEMBERS: u32 = 32;
/** Processes whose children begin in it, but for row 0. */
export const S_HEIRS: u32 = 36;
/** How often its critical budget was used up when a critical process wanted more. */
export const S_BANKRUPTCIES: u32 = 40;
/** Until then (time of vm/usage.ts) it is the same bankruptcy. */
export const S_BANKRUPT_UNTIL: u32 = 48;
const ROW_BYTES: u32 = 56;

const rows: usize = memory.data(PARTITIONS_MAX * ROW_BYTES, 8);

export function partitionRow(partition: u32): usize {
  return rows + partition * ROW_BYTES;
}
/** Number of the partition with this name, -1 when there is none. */
export function partitionNamed(name: u64): i32 {
  for (let i: u32 = 0; i < PARTITIONS_MAX; i++)
    if (load<u64>(partitionRow(i)) == name) return i as i32;
  return -1;
}

function count(partition: u32, field: u32, by: i32): void {
  const at = partitionRow(partition) + field;
  store<i32>(at, load<i32>(at) + by);
}
/** A new process begins in a partition other than `system`, and so will those that it starts. */
export function enterPartition(process: usize, heirs: u32): void {
  if (load<u32>(partitionRow(heirs), S_CLOSING)) return;
  movePartition(process, heirs);
  setHeirPartition(process, heirs);
}
/** A process is gone. */
export function leavePartition(process: usize): void {
  const partition = load<u8>(process, P_PARTITION) as u32;
  const heirs = load<u8>(process, P_HEIR_PARTITION) as u32;
  if (partition) count(partition, S_MEMBERS, -1);
  if (heirs) count(heirs, S_HEIRS, -1);
}
/** Another partition pays from now on; whoever calls this sees to its place in the run queues. */
export function movePartition(process: usize, partition: u32): void {
  const before = load<u8>(process, P_PARTITION) as u32;
  if (before) count(before, S_MEMBERS, -1);
  if (partition) count(partition, S_MEMBERS, 1);
  store<u8>(process, partition as u8, P_PARTITION);
}
export function setHeirPartition(process: usize, partition: u32): void {
  const before = load<u8>(process, P_HEIR_PARTITION) as u32;
  if (before) count(before, S_HEIRS, -1);
  if (partition) count(partition, S_HEIRS, 1);
  store<u8>(process, partition as u8, P_HEIR_PARTITION);
}

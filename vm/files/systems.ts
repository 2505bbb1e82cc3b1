/**
 * What is mounted into the file tree, by number, and how much memory each file system uses: 0 is
 * the tree itself, which has no limit of its own; the others are mounted by vm/files/mounts.ts. All
 * together may use half of the VM's memory.
 *
 *     +-------+------+---------+-------+-------+------+
 *     | state | root | covered | holds | limit | used |   six words of 32 bits
 *     +-------+------+---------+-------+-------+------+
 */
import { managedBytes } from '../alloc';
import { AREA_SYSTEM, allocateZeroedFor, releaseFor } from '../memory_areas';

export const SYSTEMS_MAX: u32 = 64;
const ROW_BYTES: u32 = 24;
const rows: usize = memory.data(1536, 8);

export const SYSTEM_FREE: u32 = 0;
/** A file system in memory. */
export const SYSTEM_MEMORY: u32 = 1;
/** A process answers for it. */
export const SYSTEM_SERVED: u32 = 2;
/** Unmounted, and its files are being freed. */
export const SYSTEM_DRAINING: u32 = 3;
/** Its files are gone, but for those that somebody has open. */
export const SYSTEM_LEFT: u32 = 4;

/** Bytes that all use together. */
let usedBytes: u32 = 0;

function rowOf(system: u32): usize {
  return rows + system * ROW_BYTES;
}
export function systemState(system: u32): u32 {
  return load<u32>(rowOf(system));
}
export function setSystemState(system: u32, state: u32): void {
  store<u32>(rowOf(system), state);
}
/** The inode of its root, and the folder that this covers. */
export function systemRoot(system: u32): usize {
  return load<u32>(rowOf(system), 4);
}
export function systemCovered(system: u32): usize {
  return load<u32>(rowOf(system), 8);
}
export function setSystemPlace(system: u32, root: usize, covered: usize): void {
  store<u32>(rowOf(system), root as u32, 4);
  store<u32>(rowOf(system), covered as u32, 8);
}
/** Open files, walks, working folders and mounted file systems that are in it. */
export function systemHolds(system: u32): u32 {
  return load<u32>(rowOf(system), 12);
}
export function changeSystemHolds(system: u32, change: i32): void {
  store<u32>(rowOf(system), load<u32>(rowOf(system), 12) + change, 12);
}
export function systemLimit(system: u32): u32 {
  return load<u32>(rowOf(system), 16);
}
export function setSystemLimit(system: u32, bytes: u32): void {
  store<u32>(rowOf(system), bytes, 16);
}
export function systemUsed(system: u32): u32 {
  return load<u32>(rowOf(system), 20);
}

/** Memory for a file system, zeroed; 0 when a limit is reached or there is none. */
export function treeAllocate(bytes: u32, system: u32): usize {
  if (bytes > managedBytes >> 1 || usedBytes > (managedBytes >> 1) - bytes) return 0;
  const used = systemUsed(system);
  if (system && (bytes > systemLimit(system) || used > systemLimit(system) - bytes)) return 0;
  const address = allocateZeroedFor(AREA_SYSTEM, bytes);
  if (!address) return 0;
  usedBytes += bytes;
  store<u32>(rowOf(system), used + bytes, 20);
  return address;
}
export function treeRelease(address: usize, bytes: u32, system: u32): void {
  if (!address) return;
  usedBytes -= bytes;
  const used = systemUsed(system) - bytes;
  store<u32>(rowOf(system), used, 20);
  if (!used && systemState(system) == SYSTEM_LEFT) setSystemState(system, SYSTEM_FREE);
  releaseFor(AREA_SYSTEM, address);
}

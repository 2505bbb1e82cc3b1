/**
 * What blocks of memory are for, as erlang:memory/0 tells it: whoever allocates for one of these
 * areas does so here, and every other block counts as processes'.
 *
 * A block must be given back for the area for which it was allocated.
 */
import { allocate, allocateZeroed, allocatedBytes, reallocate, release } from './alloc';

export const AREA_ATOMS: u32 = 0;
export const AREA_BINARIES: u32 = 1;
export const AREA_CODE: u32 = 2;
export const AREA_TABLES: u32 = 3;
/** Files in memory, persistent terms. */
export const AREA_SYSTEM: u32 = 4;
const AREAS: u32 = 5;

/** Bytes of an area, headers included: u32 each. */
const sizes: usize = memory.data(AREAS * 4, 4);

/** Bytes in the area's blocks, headers included. */
export function areaBytes(area: u32): u32 {
  return load<u32>(sizes + (area << 2));
}
/** Bytes in blocks that belong to none of the areas. */
export function otherBytes(): u32 {
  let rest = allocatedBytes;
  for (let area: u32 = 0; area < AREAS; area++) rest -= areaBytes(area);
  return rest;
}
function changed(area: u32, before: u32): void {
  store<u32>(sizes + (area << 2), areaBytes(area) + (allocatedBytes - before));
}

export function allocateFor(area: u32, bytes: u32): usize {
  const before = allocatedBytes;
  const address = allocate(bytes);
  changed(area, before);
  return address;
}
export function allocateZeroedFor(area: u32, bytes: u32): usize {
  const before = allocatedBytes;
  const address = allocateZeroed(bytes);
  changed(area, before);
  return address;
}
export function reallocateFor(area: u32, address: usize, bytes: u32): usize {
  const before = allocatedBytes;
  const fresh = reallocate(address, bytes);
  changed(area, before);
  return fresh;
}
export function releaseFor(area: u32, address: usize): void {
  const before = allocatedBytes;
  release(address);
  changed(area, before);
}

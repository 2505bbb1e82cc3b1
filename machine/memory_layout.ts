/**
 * Where the machine's memory is among physical addresses: below the devices, and what does not fit
 * there from 4 GiB on, as on QEMU's q35 (docs/machine.md). Linear memory lies in it from 0 upwards,
 * but for the DMA arena at its end, which is below the devices.
 */
import { deviceSpace } from '../tables/machine.ts';

export interface MemoryRange {
  readonly first: bigint;
  readonly count: bigint;
}

/** Bytes below the devices. */
const lowBytes = (memoryBytes: number): number =>
  memoryBytes > deviceSpace.first ? deviceSpace.lowBytes : memoryBytes;

/** What is memory and no device. */
export function memoryRanges(memoryBytes: number): MemoryRange[] {
  const low = lowBytes(memoryBytes);
  const ranges = [{ first: 0n, count: BigInt(low) }];
  const high = memoryBytes - low;
  return high === 0 ? ranges : [...ranges, { first: deviceSpace.end, count: BigInt(high) }];
}

/** The physical address of an arena of so many bytes. */
export const arenaPhysical = (memoryBytes: number, arenaBytes: number): number =>
  lowBytes(memoryBytes) - arenaBytes;

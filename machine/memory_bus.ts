/**
 * Device memory of the PC: which device answers at which physical address. Where none does, reads
 * are all ones. An access that a device does not have in this width goes to it in halves.
 */

export type MemoryWidth = 1 | 2 | 4 | 8;

export interface MemoryDevice {
  /** Null: the device has no access of this width here. Values have no sign. */
  read(offset: number, width: MemoryWidth): bigint | null;
  write(offset: number, width: MemoryWidth, value: bigint): boolean;
}

/** A device's place among physical addresses; null while it does not decode any. */
export interface MemoryWindow {
  first: bigint | null;
  readonly bytes: bigint;
  readonly device: MemoryDevice;
}

const allOnes = (width: MemoryWidth): bigint => (1n << BigInt(8 * width)) - 1n;

const halfOf = { 2: 1, 4: 2, 8: 4 } as const;

export class MemoryBus {
  private readonly windows: MemoryWindow[] = [];

  add(first: bigint | null, bytes: number, device: MemoryDevice): MemoryWindow {
    const window = { first, bytes: BigInt(bytes), device };
    this.windows.push(window);
    return window;
  }

  private find(physical: bigint): { device: MemoryDevice; offset: number } | null {
    for (const { first, bytes, device } of this.windows) {
      if (first === null || physical < first || physical >= first + bytes) continue;
      return { device, offset: Number(physical - first) };
    }
    return null;
  }

  read(physical: bigint, width: MemoryWidth): bigint {
    const found = this.find(physical);
    if (found === null) return allOnes(width);
    const whole = found.device.read(found.offset, width);
    if (whole !== null) return whole;
    if (width === 1) return allOnes(1);
    const half = halfOf[width];
    const low = this.read(physical, half);
    return low | (this.read(physical + BigInt(half), half) << BigInt(8 * half));
  }

  write(physical: bigint, width: MemoryWidth, value: bigint): void {
    const found = this.find(physical);
    if (found === null || found.device.write(found.offset, width, value) || width === 1) return;
    const half = halfOf[width];
    this.write(physical, half, value & allOnes(half));
    this.write(physical + BigInt(half), half, value >> BigInt(8 * half));
  }
}

/**
 * Memory that a reset leaves as it is (tables/memory_map.ts), which the guest reaches as it reaches
 * device memory. Of the machine's other memory nothing is left after a reset.
 */
import { keptMemory } from '../tables/memory_map.ts';
import type { MemoryDevice, MemoryWidth } from './memory_bus.ts';

export class KeptMemory implements MemoryDevice {
  private readonly view: DataView;

  /** What it holds when power comes on: as many bytes as there are, or nothing in particular. */
  constructor(content: Uint8Array = new Uint8Array(keptMemory.bytes)) {
    const bytes = new Uint8Array(keptMemory.bytes);
    bytes.set(content.subarray(0, keptMemory.bytes));
    this.view = new DataView(bytes.buffer);
  }

  read(offset: number, width: MemoryWidth): bigint | null {
    if (offset + width > keptMemory.bytes) return null;
    if (width === 8) return this.view.getBigUint64(offset, true);
    if (width === 4) return BigInt(this.view.getUint32(offset, true));
    return BigInt(width === 2 ? this.view.getUint16(offset, true) : this.view.getUint8(offset));
  }

  write(offset: number, width: MemoryWidth, value: bigint): boolean {
    if (offset + width > keptMemory.bytes) return false;
    if (width === 8) this.view.setBigUint64(offset, value, true);
    else if (width === 4) this.view.setUint32(offset, Number(value), true);
    else if (width === 2) this.view.setUint16(offset, Number(value), true);
    else this.view.setUint8(offset, Number(value));
    return true;
  }

  /** A copy of what it holds. */
  content(): Uint8Array {
    return new Uint8Array(this.view.buffer.slice(0));
  }
}

/**
 * An I/O APIC: Intel 82093AA data sheet 290566, with the end-of-interrupt register of the I/O
 * controller hubs. It has no bus to a local APIC: what it would send goes to `onDeliver`.
 *
 * An edge that comes while its line is masked is lost. A level-triggered line is delivered once,
 * which sets Remote IRR, and again when the end of interrupt finds it still high.
 */
import { ioApic, ioApicId, ioApicRegister, ioApicVersion, redirection } from '../tables/apic.ts';
import { ioApicLines } from '../tables/machine.ts';
import type { MemoryDevice, MemoryWidth } from './memory_bus.ts';

interface Line {
  high: boolean;
  /** Halves of the redirection entry. */
  entry: number;
  destination: number;
}

const maxEntryShift = 16;

export class IoApic implements MemoryDevice {
  private readonly onDeliver: (line: number, vector: number) => void;
  private readonly lines: Line[];
  private selected = 0;
  private id = 0;

  constructor(onDeliver: (line: number, vector: number) => void) {
    this.onDeliver = onDeliver;
    this.lines = Array.from({ length: ioApicLines }, () => ({
      high: false,
      entry: redirection.masked,
      destination: 0,
    }));
  }

  /** Lines stay as devices hold them. */
  reset(): void {
    this.selected = 0;
    this.id = 0;
    for (const line of this.lines) {
      line.entry = redirection.masked;
      line.destination = 0;
    }
  }

  setLine(number: number, high: boolean): void {
    const line = this.lines[number];
    if (line === undefined || line.high === high) return;
    line.high = high;
    if (!high) return;
    if (line.entry & redirection.level) this.serve(number, line);
    else if (!(line.entry & redirection.masked)) this.deliver(number, line);
  }

  /** The processor has ended the interrupt of this vector. */
  endOfInterrupt(vector: number): void {
    for (const [number, line] of this.lines.entries()) {
      if ((line.entry & redirection.vectorMask) !== vector) continue;
      if (!(line.entry & redirection.level)) continue;
      line.entry &= ~redirection.remoteIrr;
      this.serve(number, line);
    }
  }

  private serve(number: number, line: Line): void {
    if (!line.high || line.entry & (redirection.masked | redirection.remoteIrr)) return;
    line.entry |= redirection.remoteIrr;
    this.deliver(number, line);
  }

  private deliver(number: number, line: Line): void {
    this.onDeliver(number, line.entry & redirection.vectorMask);
  }

  // ---- Registers ----

  /** The window answers to 32-bit accesses only. */
  read(offset: number, width: MemoryWidth): bigint | null {
    if (width === 8) return null;
    if (offset === ioApic.select) return BigInt(this.selected);
    if (offset === ioApic.window && width === 4) return BigInt(this.readRegister() >>> 0);
    return 0n;
  }

  write(offset: number, width: MemoryWidth, value: bigint): boolean {
    if (width === 8) return false;
    const bits = Number(value);
    if (offset === ioApic.select) this.selected = bits & 0xff;
    else if (width !== 4) return true;
    else if (offset === ioApic.window) this.writeRegister(bits);
    else if (offset === ioApic.endOfInterrupt) this.endOfInterrupt(bits & redirection.vectorMask);
    return true;
  }

  private readRegister(): number {
    const register = this.selected;
    if (register === ioApicRegister.version) {
      return ioApicVersion | ((ioApicLines - 1) << maxEntryShift);
    }
    if (register === ioApicRegister.id || register === ioApicRegister.arbitration) {
      return this.id << ioApicId.shift;
    }
    const line = this.lines[(register - ioApicRegister.redirection) >> 1];
    if (line === undefined) return 0;
    return register & 1 ? line.destination : line.entry;
  }

  private writeRegister(value: number): void {
    const register = this.selected;
    if (register === ioApicRegister.id) this.id = (value & ioApicId.mask) >>> ioApicId.shift;
    const number = (register - ioApicRegister.redirection) >> 1;
    const line = this.lines[number];
    if (line === undefined) return;
    if (register & 1) {
      line.destination = value & redirection.writableHigh;
      return;
    }
    // An edge-triggered line has nothing to end.
    const kept = value & redirection.level ? line.entry & redirection.remoteIrr : 0;
    line.entry = (value & redirection.writable) | kept;
    if (line.entry & redirection.level) this.serve(number, line);
  }
}

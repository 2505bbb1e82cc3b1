/**
 * From a device's interrupt line to an entry of the ring, as an I/O APIC and the nucleus do it: an
 * edge-triggered (ISA) line delivers when it rises while unmasked; a level-triggered (PCI) line
 * delivers while it is high and unmasked, and is masked on delivery until the driver acknowledges.
 * The LAPIC timer has at most one entry in the ring, whose data says how many ticks it stands for.
 */
import { interruptRingEntries, ioApicLines, isaLines } from '../tables/machine.ts';
import { timerPeriodNs, vectors } from '../tables/memory_map.ts';

export interface InterruptEntry {
  readonly vector: number;
  readonly data: number;
  readonly timestampNs: number;
}

/** Vector of the entry that reports a full ring. */
export const ringFullVector = 0xffff_ffff;

interface Line {
  readonly level: boolean;
  high: boolean;
  masked: boolean;
}

export class Interrupts {
  private readonly lines: Line[];
  private readonly ring: InterruptEntry[] = [];
  private readonly nowNs: () => number;
  private readonly onEntry: () => void;
  private dropped = 0;
  private ticksTaken = 0;

  /** `onEntry` is what the interrupt stub does besides: it rings the doorbell. */
  constructor(nowNs: () => number, onEntry: () => void) {
    this.nowNs = nowNs;
    this.onEntry = onEntry;
    this.lines = Array.from({ length: ioApicLines }, (_, gsi) => ({
      level: gsi >= isaLines,
      high: false,
      masked: true,
    }));
  }

  /**
   * Whether a device waits to be noticed; timer ticks do not count, they only say that time passed.
   */
  get hasEntries(): boolean {
    return this.ring.length > 0 || this.dropped > 0;
  }

  hasLine(gsi: number): boolean {
    return gsi >= 0 && gsi < this.lines.length;
  }

  setLine(gsi: number, high: boolean): void {
    const line = this.lines[gsi];
    if (line === undefined || line.high === high) return;
    line.high = high;
    if (high && !line.masked) this.deliver(gsi, line);
  }

  mask(gsi: number): void {
    const line = this.lines[gsi];
    if (line !== undefined) line.masked = true;
  }

  /**
   * A level-triggered line that is still high delivers at once; an edge that came while masked is
   * lost.
   */
  unmask(gsi: number): void {
    const line = this.lines[gsi];
    if (line === undefined) return;
    line.masked = false;
    if (line.level && line.high) this.deliver(gsi, line);
  }

  private deliver(gsi: number, line: Line): void {
    if (line.level) line.masked = true;
    this.onEntry();
    if (this.ring.length >= interruptRingEntries) {
      this.dropped++;
      return;
    }
    this.ring.push({ vector: vectors.vectorOfGsi0 + gsi, data: 0, timestampNs: this.nowNs() });
  }

  /** The oldest entry: of a device, else of the timer, else the number that found the ring full. */
  take(): InterruptEntry | null {
    const entry = this.ring.shift();
    if (entry !== undefined) return entry;
    const ticks = Math.floor(this.nowNs() / timerPeriodNs) - this.ticksTaken;
    if (ticks > 0) {
      this.ticksTaken += ticks;
      return {
        vector: vectors.lapicTimer,
        data: ticks,
        timestampNs: this.ticksTaken * timerPeriodNs,
      };
    }
    if (this.dropped === 0) return null;
    const data = this.dropped;
    this.dropped = 0;
    return { vector: ringFullVector, data, timestampNs: this.nowNs() };
  }
}

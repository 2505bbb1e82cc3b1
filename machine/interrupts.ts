/**
 * What the nucleus does with interrupts: it sets up the I/O APIC, a vector for each line; an
 * interrupt becomes an entry of the ring. An edge-triggered (ISA) line delivers when it rises while
 * unmasked; a level-triggered (PCI) line delivers while it is high and unmasked, and is masked on
 * delivery until the driver acknowledges. The LAPIC timer has at most one entry in the ring, whose
 * data says how many ticks it stands for.
 */
import { ioApic, ioApicRegister, redirection } from '../tables/apic.ts';
import { interruptRingEntries, ioApicLines, isaLines, levelIsaLines } from '../tables/machine.ts';
import { timerPeriodNs, vectors } from '../tables/memory_map.ts';
import { IoApic } from './io_apic.ts';

export interface InterruptEntry {
  readonly vector: number;
  readonly data: number;
  readonly timestampNs: number;
}

/** What becomes of the next interrupts of a line, when a test disturbs them. */
interface Disturbance {
  /** Entries of the ring instead of one; 0: the interrupt is lost. */
  readonly entries: number;
  left: number;
}

/** Vector of the entry that reports a full ring. */
export const ringFullVector = 0xffff_ffff;

const isLevel = (gsi: number): boolean => gsi >= isaLines || levelIsaLines.includes(gsi);

export class Interrupts {
  readonly ioApic: IoApic;
  /** Who holds each line high: devices may share one. */
  private readonly holders: ReadonlyArray<Set<string>>;
  private readonly ring: InterruptEntry[] = [];
  private readonly nowNs: () => number;
  private readonly onEntry: () => void;
  private dropped = 0;
  private ticksTaken = 0;
  private readonly disturbed = new Map<number, Disturbance>();

  /**
   * `nowNs` counts from boot on. `onEntry` is what the interrupt stub does besides: it rings the
   * doorbell.
   */
  constructor(nowNs: () => number, onEntry: () => void) {
    this.nowNs = nowNs;
    this.onEntry = onEntry;
    this.holders = Array.from({ length: ioApicLines }, () => new Set());
    this.ioApic = new IoApic((line, vector) => this.deliver(line, vector));
    this.setUp();
  }

  /** The machine boots again: every line is masked, and the ring is empty. */
  reset(): void {
    this.ioApic.reset();
    this.ring.length = 0;
    this.dropped = 0;
    this.ticksTaken = 0;
    this.disturbed.clear();
    this.setUp();
  }

  /**
   * The next `count` interrupts of an edge-triggered line become so many entries each. A
   * level-triggered one cannot be lost, it comes again.
   */
  disturb(gsi: number, entries: number, count: number): void {
    if (!isLevel(gsi) || entries > 0) this.disturbed.set(gsi, { entries, left: count });
  }

  /** An interrupt that no device has raised. */
  raise(vector: number): void {
    this.append(vector);
  }

  /** Lines that somebody listens to. */
  get openLines(): number[] {
    return Array.from({ length: ioApicLines }, (_, gsi) => gsi).filter((gsi) => this.isOpen(gsi));
  }

  private isOpen(gsi: number): boolean {
    this.ioApic.write(ioApic.select, 4, BigInt(ioApicRegister.redirection + 2 * gsi));
    return (Number(this.ioApic.read(ioApic.window, 4)) & redirection.masked) === 0;
  }

  private setUp(): void {
    for (let gsi = 0; gsi < ioApicLines; gsi++) this.mask(gsi);
  }

  /**
   * Whether a device waits to be noticed; timer ticks do not count, they only say that time passed.
   */
  get hasEntries(): boolean {
    return this.ring.length > 0 || this.dropped > 0;
  }

  hasLine(gsi: number): boolean {
    return gsi >= 0 && gsi < ioApicLines;
  }

  setLine(gsi: number, high: boolean, holder = 'device'): void {
    const holders = this.holders[gsi];
    if (holders === undefined) return;
    if (high) holders.add(holder);
    else holders.delete(holder);
    this.ioApic.setLine(gsi, holders.size > 0);
  }

  mask(gsi: number): void {
    this.writeEntry(gsi, redirection.masked);
  }

  /**
   * A level-triggered line that is still high delivers at once; an edge that came while masked is
   * lost.
   */
  unmask(gsi: number): void {
    this.writeEntry(gsi, 0);
  }

  private writeEntry(gsi: number, masked: number): void {
    if (!this.hasLine(gsi)) return;
    const entry = (vectors.vectorOfGsi0 + gsi) | (isLevel(gsi) ? redirection.level : 0) | masked;
    this.ioApic.write(ioApic.select, 4, BigInt(ioApicRegister.redirection + 2 * gsi));
    this.ioApic.write(ioApic.window, 4, BigInt(entry));
  }

  private deliver(gsi: number, vector: number): void {
    if (isLevel(gsi)) this.mask(gsi);
    for (let left = this.entriesOf(gsi); left > 0; left--) this.append(vector);
    this.ioApic.endOfInterrupt(vector);
  }

  private entriesOf(gsi: number): number {
    const disturbance = this.disturbed.get(gsi);
    if (disturbance === undefined) return 1;
    if (--disturbance.left <= 0) this.disturbed.delete(gsi);
    return disturbance.entries;
  }

  private append(vector: number): void {
    this.onEntry();
    if (this.ring.length >= interruptRingEntries) this.dropped++;
    else this.ring.push({ vector, data: 0, timestampNs: this.nowNs() });
  }

  /** A device writes to the local APIC: the data's lower byte is the vector. */
  message(data: number): void {
    const vector = data & redirection.vectorMask;
    if (vector >= vectors.message0 && vector < vectors.lapicSpurious) this.append(vector);
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

/**
 * The watchdog of the I/O controller hub: ICH9 data sheet, section 13.9. Its timer counts down in
 * ticks of 0.6 s. The first time-out sets TIMEOUT and starts it again; the second one without a
 * reload between sets SECOND_TO_STS, which outlives the reset that it causes unless NO_REBOOT is
 * set: so the next boot can tell.
 */
import {
  TCO1_CNT,
  TCO1_STS,
  TCO2_STS,
  tco,
  tcoPorts,
  tcoReset,
  tcoTickNs,
  tcoTicksMin,
  tcoTimerMask,
} from '../tables/tco.ts';
import type { ClockEvent, VirtualClock } from './clock.ts';

export interface TcoWiring {
  readonly clock: VirtualClock;
  /** The chipset's NO_REBOOT bit. */
  readonly noReboot: () => boolean;
  readonly onReset: () => void;
}

/** A register of 16 bits, or of 8 where the next one begins at an odd offset. */
interface TcoRegister {
  readonly offset: number;
  readonly bits: 8 | 16;
  readonly read: (device: Tco) => number;
  readonly write: (device: Tco, value: number) => void;
}

const plain = (offset: number, bits: 8 | 16): TcoRegister => ({
  offset,
  bits,
  read: (device) => device.stored(offset),
  write: (device, value) => device.store(offset, value),
});

const registers: readonly TcoRegister[] = [
  {
    offset: tco.TCO_RLD,
    bits: 16,
    read: (device) => device.ticksLeft,
    write: (device) => device.reload(),
  },
  {
    offset: tco.TCO_DAT_IN,
    bits: 8,
    read: (device) => device.stored(tco.TCO_DAT_IN),
    write: (device, value) => device.message(tco.TCO_DAT_IN, value, TCO1_STS.SW_TCO_SMI),
  },
  {
    offset: tco.TCO_DAT_OUT,
    bits: 8,
    read: (device) => device.stored(tco.TCO_DAT_OUT),
    write: (device, value) => device.message(tco.TCO_DAT_OUT, value, TCO1_STS.TCO_INT_STS),
  },
  {
    offset: tco.TCO1_STS,
    bits: 16,
    read: (device) => device.stored(tco.TCO1_STS),
    write: (device, value) => device.clear(tco.TCO1_STS, value),
  },
  {
    offset: tco.TCO2_STS,
    bits: 16,
    read: (device) => device.stored(tco.TCO2_STS),
    write: (device, value) => device.clear(tco.TCO2_STS, value),
  },
  {
    offset: tco.TCO1_CNT,
    bits: 16,
    read: (device) => device.stored(tco.TCO1_CNT),
    write: (device, value) => device.control(value),
  },
  plain(tco.TCO2_CNT, 16),
  plain(tco.TCO_MESSAGE1, 8),
  plain(tco.TCO_MESSAGE2, 8),
  plain(tco.TCO_WDCNT, 8),
  plain(tco.SW_IRQ_GEN, 8),
  plain(tco.TCO_TMR, 16),
];

export class Tco {
  private readonly wiring: TcoWiring;
  private readonly values = new Uint16Array(tcoPorts);
  private event: ClockEvent | null = null;
  /** Time-outs since the last reload. */
  private timeouts = 0;

  constructor(wiring: TcoWiring) {
    this.wiring = wiring;
    this.reset();
  }

  /** What the resume well keeps through a reset is why there was one. */
  reset(): void {
    const why = this.stored(tco.TCO2_STS) & (TCO2_STS.SECOND_TO_STS | TCO2_STS.BOOT_STS);
    this.stop();
    this.timeouts = 0;
    this.values.fill(0);
    for (const [name, value] of Object.entries(tcoReset)) {
      this.store(tco[name as keyof typeof tcoReset], value);
    }
    this.store(tco.TCO2_STS, why);
  }

  /** Registers are little-endian; a byte of one of 16 bits is read and written for itself. */
  readByte(offset: number): number {
    const found = registers.find((r) => offset >= r.offset && offset < r.offset + r.bits / 8);
    return found === undefined ? 0 : (found.read(this) >> (8 * (offset - found.offset))) & 0xff;
  }

  write(offset: number, width: 1 | 2, value: number): void {
    const found = registers.find((r) => offset >= r.offset && offset < r.offset + r.bits / 8);
    if (found === undefined) return;
    const shift = 8 * (offset - found.offset);
    const mask = (width === 2 && found.bits === 16 ? 0xffff : 0xff) << shift;
    // Ones clear status bits, so the byte that is not written counts as zeros there.
    const clears = offset - shift / 8 === tco.TCO1_STS || offset - shift / 8 === tco.TCO2_STS;
    const kept = clears ? 0 : found.read(this) & ~mask;
    found.write(this, (kept | ((value << shift) & mask)) & 0xffff);
    if (width === 2 && found.bits === 8) this.write(offset + 1, 1, value >> 8);
  }

  stored(offset: number): number {
    return this.values[offset] as number;
  }

  store(offset: number, value: number): void {
    this.values[offset] = value;
  }

  message(offset: number, value: number, status: number): void {
    this.store(offset, value);
    this.store(tco.TCO1_STS, this.stored(tco.TCO1_STS) | status);
  }

  clear(offset: number, ones: number): void {
    this.store(offset, this.stored(offset) & ~ones);
  }

  /** TCO_LOCK stays set until a reset. A timer that was halted goes on where it was. */
  control(value: number): void {
    const kept = this.stored(tco.TCO1_CNT) & TCO1_CNT.TCO_LOCK;
    this.store(tco.TCO1_CNT, (value & TCO1_CNT.writable) | kept);
    if (value & TCO1_CNT.TCO_TMR_HLT) this.stop();
    else if (this.event === null) this.start(this.stored(tco.TCO_RLD) || this.preset);
  }

  /** A write of any value to TCO_RLD. */
  reload(): void {
    this.timeouts = 0;
    if (this.preset < tcoTicksMin) return;
    if (this.stored(tco.TCO1_CNT) & TCO1_CNT.TCO_TMR_HLT) this.store(tco.TCO_RLD, this.preset);
    else this.start(this.preset);
  }

  private get preset(): number {
    return this.stored(tco.TCO_TMR) & tcoTimerMask;
  }

  get ticksLeft(): number {
    if (this.event === null) return this.stored(tco.TCO_RLD);
    const leftNs = this.event.atNs - this.wiring.clock.nowNs;
    return Math.floor(leftNs / tcoTickNs) & tcoTimerMask;
  }

  private stop(): void {
    if (this.event === null) return;
    this.store(tco.TCO_RLD, this.ticksLeft);
    this.wiring.clock.cancel(this.event);
    this.event = null;
  }

  private start(ticks: number): void {
    const { clock } = this.wiring;
    if (this.event !== null) clock.cancel(this.event);
    this.event = clock.schedule(ticks * tcoTickNs, () => {
      this.event = null;
      this.expire();
    });
  }

  private expire(): void {
    this.store(tco.TCO1_STS, this.stored(tco.TCO1_STS) | TCO1_STS.TIMEOUT);
    this.timeouts++;
    if (this.timeouts >= 2) {
      const why = TCO2_STS.SECOND_TO_STS | TCO2_STS.BOOT_STS;
      this.store(tco.TCO2_STS, this.stored(tco.TCO2_STS) | why);
      this.timeouts = 0;
      if (!this.wiring.noReboot()) {
        this.wiring.onReset();
        return;
      }
    }
    this.start(Math.max(this.preset, tcoTicksMin));
  }
}

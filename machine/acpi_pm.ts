/**
 * ACPI's fixed hardware: PM1 status, enable and control, the power-management timer, and general
 * purpose events that nothing raises. ACPI 6.5, section 4.8.3; places as in the ICH9 data sheet,
 * section 13.8.3.
 *
 * The timer has 24 bits and counts since power came on. TMR_STS is set whenever its highest bit
 * changes; that is computed when somebody looks, and scheduled only while it would interrupt.
 */
import { PM_TMR, PM1_CNT, PM1_STS } from '../tables/acpi.ts';
import { gpe0Bytes, pmOffset, SMI_EN } from '../tables/ich9.ts';
import { s5SleepType } from '../tables/machine.ts';
import type { ClockEvent, VirtualClock } from './clock.ts';

const secondNs = 1_000_000_000n;
const timerModulus = 1n << BigInt(PM_TMR.bits);
/** The highest bit changes after so many ticks. */
const halfTurn = timerModulus / 2n;

/** What an SCI may be asked for. */
const interruptMask = PM1_STS.TMR_STS | PM1_STS.PWRBTN_STS | PM1_STS.RTC_STS;

export interface AcpiPmWiring {
  readonly clock: VirtualClock;
  /** The system control interrupt. */
  readonly onInterrupt: (high: boolean) => void;
  readonly onPowerOff: () => void;
  /** TCO_EN cannot be changed while the watchdog is locked. */
  readonly tcoLocked: () => boolean;
}

export class AcpiPm {
  private readonly wiring: AcpiPmWiring;
  private status = 0;
  private enable = 0;
  private control = 0;
  private smiEnable = 0;
  private readonly gpeEnable = new Uint8Array(gpe0Bytes);
  /** Half turns of the timer up to the last look. */
  private halfTurns = 0n;
  private event: ClockEvent | null = null;

  constructor(wiring: AcpiPmWiring) {
    this.wiring = wiring;
    this.halfTurns = this.ticks / halfTurn;
  }

  /** The timer goes on. */
  reset(): void {
    this.halfTurns = this.ticks / halfTurn;
    this.status = 0;
    this.enable = 0;
    this.control = 0;
    this.smiEnable = 0;
    this.gpeEnable.fill(0);
    this.update();
  }

  /** Ticks since power came on. */
  private get ticks(): bigint {
    return (BigInt(this.wiring.clock.nowNs) * BigInt(PM_TMR.hertz)) / secondNs;
  }

  pressPowerButton(): void {
    this.raise(PM1_STS.PWRBTN_STS);
  }

  /** The real-time clock's alarm came. */
  rtcAlarm(): void {
    this.raise(PM1_STS.RTC_STS);
  }

  private raise(bit: number): void {
    this.look();
    this.status |= bit;
    this.update();
  }

  // ---- Registers, as bytes from PMBASE on ----

  readByte(offset: number): number {
    const { PM1_STS: sts, PM1_EN: en, PM1_CNT: cnt, PM1_TMR: tmr, GPE0_EN, SMI_EN: smi } = pmOffset;
    const byteOf = (value: number, first: number) => (value >>> (8 * (offset - first))) & 0xff;
    if (offset < en) {
      this.look();
      return byteOf(this.status, sts);
    }
    if (offset < cnt) return byteOf(this.enable, en);
    if (offset < cnt + 2) return byteOf(this.control, cnt);
    if (offset >= tmr && offset < tmr + 4) return byteOf(Number(this.ticks % timerModulus), tmr);
    if (offset >= GPE0_EN && offset < GPE0_EN + gpe0Bytes) {
      return this.gpeEnable[offset - GPE0_EN] as number;
    }
    if (offset >= smi && offset < smi + 4) return byteOf(this.smiEnable, smi);
    return 0;
  }

  /** `mask` says which of the bits of the register's 16 or 32 are written. */
  write(offset: number, value: number, mask: number): void {
    if (offset === pmOffset.PM1_STS) this.clearStatus(value & mask);
    else if (offset === pmOffset.PM1_EN) {
      this.look();
      this.enable = (this.enable & ~mask) | (value & mask);
      this.update();
    } else if (offset === pmOffset.PM1_CNT)
      this.writeControl((this.control & ~mask) | (value & mask));
    else if (offset === pmOffset.SMI_EN) {
      const kept = this.wiring.tcoLocked() ? mask & ~SMI_EN.TCO_EN : mask;
      this.smiEnable = (this.smiEnable & ~kept) | (value & kept);
    }
  }

  writeGpeEnable(index: number, value: number): void {
    this.gpeEnable[index] = value;
  }

  private clearStatus(ones: number): void {
    this.look();
    this.status &= ~ones;
    this.update();
  }

  /** SLP_EN is write-only and acts on the sleep type written with it; only S5 does anything. */
  private writeControl(written: number): void {
    this.control = written & ~(1 << PM1_CNT.SLP_EN);
    const sleeps = (written & (1 << PM1_CNT.SLP_EN)) !== 0;
    if (sleeps && ((written >> PM1_CNT.SLP_TYP) & 7) === s5SleepType) this.wiring.onPowerOff();
  }

  // ---- Status and interrupt ----

  private look(): void {
    const halfTurns = this.ticks / halfTurn;
    if (halfTurns !== this.halfTurns) this.status |= PM1_STS.TMR_STS;
    this.halfTurns = halfTurns;
  }

  private update(): void {
    const { clock, onInterrupt } = this.wiring;
    onInterrupt((this.status & this.enable & interruptMask) !== 0);
    if (this.event !== null) clock.cancel(this.event);
    this.event = null;
    if (!(this.enable & ~this.status & PM1_STS.TMR_STS)) return;
    const nextTick = (this.halfTurns + 1n) * halfTurn;
    const hertz = BigInt(PM_TMR.hertz);
    const at = (nextTick * secondNs + hertz - 1n) / hertz;
    this.event = clock.schedule(Number(at) - clock.nowNs, () => {
      this.event = null;
      this.look();
      this.update();
    });
  }
}

/**
 * The real-time clock and its 128 bytes of memory: Motorola MC146818A data sheet. It shows the
 * wall clock, which passes with virtual time, and keeps time and memory through a reset.
 *
 * Flags of register C are computed when somebody looks. Events are scheduled only for interrupts
 * that are enabled and whose flag is clear, so that a clock nobody waits for never wakes the
 * machine.
 */
import {
  cmosBytes,
  cmosIndexMask,
  RTC_A,
  RTC_B,
  RTC_C,
  RTC_D,
  rtc,
  rtcCrystalHertz,
  rtcDivider,
  rtcPowerOn,
  rtcUpdateNs,
} from '../tables/rtc.ts';
import type { ClockEvent, VirtualClock } from './clock.ts';
import type { PortDevice, PortWidth } from './port_bus.ts';
import { decodeTime, encodeTime, secondsToAlarm } from './rtc_time.ts';

const secondNs = 1_000_000_000;
/** When the divider chain is released, the first update comes half a second later. */
const releasedNs = secondNs / 2;

const flagsMask = RTC_C.PF | RTC_C.AF | RTC_C.UF;

const timeRegisters: ReadonlySet<number> = new Set([
  rtc.seconds,
  rtc.minutes,
  rtc.hours,
  rtc.dayOfWeek,
  rtc.dayOfMonth,
  rtc.month,
  rtc.year,
  rtc.century,
]);
const alarmRegisters: ReadonlySet<number> = new Set([
  rtc.secondsAlarm,
  rtc.minutesAlarm,
  rtc.hoursAlarm,
]);

export interface RtcWiring {
  readonly clock: VirtualClock;
  /** Nanoseconds since 1970 when virtual time is 0. */
  readonly wallClockNs: bigint;
  readonly onInterrupt: (high: boolean) => void;
  /** The alarm came while its interrupt was enabled. */
  readonly onAlarm: () => void;
}

export class Rtc implements PortDevice {
  private readonly wiring: RtcWiring;
  private readonly bytes = new Uint8Array(cmosBytes);
  private index = 0;
  /** The clock's time when virtual time was `setNs`: whole seconds, and what is beyond them. */
  private seconds: number;
  private partNs: number;
  private setNs: number;
  /** Up to here flags are computed, in virtual time. */
  private lookedNs: number;
  private event: ClockEvent | null = null;

  constructor(wiring: RtcWiring) {
    this.wiring = wiring;
    this.seconds = Number(wiring.wallClockNs / BigInt(secondNs));
    this.partNs = Number(wiring.wallClockNs % BigInt(secondNs));
    this.setNs = 0;
    this.lookedNs = wiring.clock.nowNs;
    this.bytes[rtc.A] = rtcPowerOn.A;
    this.bytes[rtc.B] = rtcPowerOn.B;
    this.bytes[rtc.D] = rtcPowerOn.D | RTC_D.VRT;
    this.showTime();
  }

  /** The RESET pin clears enables and flags; time and memory are kept by the battery. */
  reset(): void {
    this.look();
    this.bytes[rtc.B] = this.b & ~(RTC_B.PIE | RTC_B.AIE | RTC_B.UIE | RTC_B.SQWE);
    this.bytes[rtc.C] = 0;
    this.index = 0;
    this.wiring.onInterrupt(false);
    this.schedule();
  }

  private get b(): number {
    return this.bytes[rtc.B] as number;
  }

  private get divider(): number {
    return (this.bytes[rtc.A] as number) & RTC_A.DV;
  }

  /** Whether the clock shows time that passes. */
  private get running(): boolean {
    return (this.b & RTC_B.SET) === 0 && this.divider <= rtcDivider.runsMax;
  }

  /** Nanoseconds since the second in `seconds` began. */
  private elapsedNs(nowNs: number): number {
    return this.partNs + nowNs - this.setNs;
  }

  private secondsAt(nowNs: number): number {
    return this.seconds + Math.floor(this.elapsedNs(nowNs) / secondNs);
  }

  /** Bring the bytes up to date. */
  private showTime(): void {
    encodeTime(this.bytes, this.secondsAt(this.wiring.clock.nowNs));
  }

  /** The clock goes on from the bytes; `partNs` of the second have passed. */
  private takeTime(partNs: number): void {
    this.seconds = decodeTime(this.bytes);
    this.partNs = partNs;
    this.setNs = this.wiring.clock.nowNs;
  }

  // ---- Ports ----

  read(offset: number, width: PortWidth): number | null {
    if (width !== 1) return null;
    return offset === 0 ? 0xff : this.readRegister(this.index);
  }

  write(offset: number, width: PortWidth, value: number): boolean {
    if (width !== 1) return false;
    if (offset !== 0) this.writeRegister(this.index, value);
    else {
      const index = value & cmosIndexMask;
      this.index = index === rtc.centuryPs2 ? rtc.century : index;
    }
    return true;
  }

  private readRegister(register: number): number {
    if (timeRegisters.has(register) && this.running) this.showTime();
    const value = this.bytes[register] as number;
    if (register === rtc.A) return value | (this.updating ? RTC_A.UIP : 0);
    return register === rtc.C ? this.takeFlags() : value;
  }

  private get updating(): boolean {
    if (!this.running) return false;
    return this.elapsedNs(this.wiring.clock.nowNs) % secondNs >= secondNs - rtcUpdateNs;
  }

  private takeFlags(): number {
    this.look();
    const flags = this.bytes[rtc.C] as number;
    this.bytes[rtc.C] = 0;
    this.wiring.onInterrupt(false);
    this.schedule();
    return flags;
  }

  private writeRegister(register: number, value: number): void {
    if (register === rtc.C || register === rtc.D) return;
    if (timeRegisters.has(register)) this.writeTime(register, value);
    else if (register === rtc.A) this.writeA(value);
    else if (register === rtc.B) this.writeB(value);
    else {
      if (alarmRegisters.has(register)) this.look();
      this.bytes[register] = value;
      if (alarmRegisters.has(register)) this.schedule();
    }
  }

  private writeTime(register: number, value: number): void {
    if (!this.running) {
      this.bytes[register] = value;
      return;
    }
    this.look();
    this.showTime();
    this.bytes[register] = value;
    this.takeTime(this.elapsedNs(this.wiring.clock.nowNs) % secondNs);
    this.schedule();
  }

  private writeA(value: number): void {
    this.look();
    if (this.running) this.showTime();
    const wasReset = (this.divider & rtcDivider.reset) === rtcDivider.reset;
    this.bytes[rtc.A] = value & ~RTC_A.UIP;
    if (wasReset && this.running) this.takeTime(releasedNs);
    this.schedule();
  }

  private writeB(value: number): void {
    this.look();
    const wasSet = (this.b & RTC_B.SET) !== 0;
    if (this.running) this.showTime();
    // SET takes the update interrupt back.
    this.bytes[rtc.B] = value & RTC_B.SET ? value & ~RTC_B.UIE : value;
    if (wasSet && this.running) this.takeTime(this.elapsedNs(this.wiring.clock.nowNs) % secondNs);
    this.assertFlags();
    this.schedule();
  }

  // ---- Flags and interrupts ----

  /** Ticks of the crystal between periodic flags, 0: none. Data sheet, table 5. */
  private get periodTicks(): number {
    const rate = (this.bytes[rtc.A] as number) & RTC_A.RS;
    if (rate === 0) return 0;
    return 2 ** ((rate <= 2 ? rate + 7 : rate) - 1);
  }

  /** Number of periods since the second in `seconds` began. */
  private periodsAt(nowNs: number): number {
    return Math.floor((this.elapsedNs(nowNs) * rtcCrystalHertz) / secondNs / this.periodTicks);
  }

  /** Sets the flags of what has happened since the last look. */
  private look(): void {
    const { clock } = this.wiring;
    const from = this.lookedNs;
    this.lookedNs = clock.nowNs;
    if (from === clock.nowNs || (this.divider & rtcDivider.reset) === rtcDivider.reset) return;
    let flags = 0;
    if (this.periodTicks > 0 && this.periodsAt(clock.nowNs) > this.periodsAt(from)) {
      flags |= RTC_C.PF;
    }
    const passed = this.secondsAt(clock.nowNs) - this.secondsAt(from);
    if (this.running && passed > 0) {
      flags |= RTC_C.UF;
      if ((secondsToAlarm(this.bytes, this.secondsAt(from)) ?? passed + 1) <= passed) {
        flags |= RTC_C.AF;
        if (this.b & RTC_B.AIE) this.wiring.onAlarm();
      }
    }
    this.bytes[rtc.C] = (this.bytes[rtc.C] as number) | flags;
    // Count from a second that is not long ago, so that no product loses its last digits.
    const elapsedNs = this.elapsedNs(clock.nowNs);
    this.seconds += Math.floor(elapsedNs / secondNs);
    this.partNs = elapsedNs % secondNs;
    this.setNs = clock.nowNs;
    this.assertFlags();
  }

  /** IRQF says whether a flag meets its enable bit, and so does the line. */
  private assertFlags(): void {
    const flags = (this.bytes[rtc.C] as number) & flagsMask;
    const high = (flags & this.b) !== 0;
    this.bytes[rtc.C] = flags | (high ? RTC_C.IRQF : 0);
    this.wiring.onInterrupt(high);
  }

  /** When a flag that is clear and enabled will be set next; null: never. */
  private nextNs(): number | null {
    const { clock } = this.wiring;
    if ((this.divider & rtcDivider.reset) === rtcDivider.reset) return null;
    const wanted = this.b & flagsMask & ~(this.bytes[rtc.C] as number);
    const times: number[] = [];
    if (wanted & RTC_C.PF && this.periodTicks > 0) {
      const ticks = (this.periodsAt(clock.nowNs) + 1) * this.periodTicks;
      times.push(this.setNs - this.partNs + Math.ceil((ticks * secondNs) / rtcCrystalHertz));
    }
    if (this.running) {
      const now = this.secondsAt(clock.nowNs);
      const at = (second: number) => this.setNs - this.partNs + (second - this.seconds) * secondNs;
      if (wanted & RTC_C.UF) times.push(at(now + 1));
      const alarm = wanted & RTC_C.AF ? secondsToAlarm(this.bytes, now) : null;
      if (alarm !== null) times.push(at(now + alarm));
    }
    return times.length === 0 ? null : Math.min(...times);
  }

  private schedule(): void {
    const { clock } = this.wiring;
    if (this.event !== null) clock.cancel(this.event);
    this.event = null;
    const at = this.nextNs();
    if (at === null) return;
    this.event = clock.schedule(at - clock.nowNs, () => {
      this.event = null;
      this.look();
      this.schedule();
    });
  }
}

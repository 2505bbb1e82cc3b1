/**
 * A block of high precision event timers: IA-PC HPET specification 1.0a, section 2.3.
 *
 * The main counter counts ticks of virtual time while it is enabled. A comparator is matched when
 * the counter passes its value, in 32-bit mode when the lower half does; a periodic one then moves
 * on by its period. Matches are computed when somebody looks, and scheduled only for timers whose
 * interrupt is enabled, so that a block nobody uses never wakes the machine.
 */
import {
  GCAP_ID,
  GEN_CONF,
  hpet,
  hpetLegacyLines,
  hpetTimer,
  pcHpet,
  TN_CONF,
  TN_INT_ROUTE_CAP,
  TN_INT_ROUTE_CNF,
} from '../tables/hpet.ts';
import type { ClockEvent, VirtualClock } from './clock.ts';
import type { MemoryDevice, MemoryWidth } from './memory_bus.ts';

const all64 = (1n << 64n) - 1n;
const all32 = (1n << 32n) - 1n;
/** So many ticks still fit virtual time. */
const ticksMax = 1n << 49n;

const capabilities =
  (pcHpet.revision << GCAP_ID.REV_ID) |
  (BigInt(pcHpet.timers - 1) << GCAP_ID.NUM_TIM_CAP) |
  (1n << GCAP_ID.COUNT_SIZE_CAP) |
  (1n << GCAP_ID.LEG_RT_CAP) |
  (pcHpet.vendor << GCAP_ID.VENDOR_ID) |
  (pcHpet.femtosecondsPerTick << GCAP_ID.COUNTER_CLK_PERIOD);

const timerReset = TN_CONF.PER_INT_CAP | TN_CONF.SIZE_CAP | (pcHpet.routes << TN_INT_ROUTE_CAP);
const timerWritable =
  TN_CONF.INT_TYPE_CNF |
  TN_CONF.INT_ENB_CNF |
  TN_CONF.TYPE_CNF |
  TN_CONF.VAL_SET_CNF |
  TN_CONF.MODE32_CNF |
  (TN_INT_ROUTE_CNF.mask << TN_INT_ROUTE_CNF.shift);

interface Timer {
  readonly number: number;
  configuration: bigint;
  comparator: bigint;
  period: bigint;
  event: ClockEvent | null;
  /** The line that this timer holds high. */
  held: number | null;
}

export interface HpetWiring {
  readonly clock: VirtualClock;
  readonly setLine: (gsi: number, high: boolean) => void;
}

export class Hpet implements MemoryDevice {
  private readonly wiring: HpetWiring;
  private readonly timers: Timer[];
  private configuration = 0n;
  private status = 0n;
  /** The main counter was this at `countedNs`; it counts on from there while it is enabled. */
  private counted = 0n;
  private countedNs = 0;
  private rtcHigh = false;

  constructor(wiring: HpetWiring) {
    this.wiring = wiring;
    this.timers = Array.from({ length: pcHpet.timers }, (_, number) => ({
      number,
      configuration: timerReset,
      comparator: all64,
      period: 0n,
      event: null,
      held: null,
    }));
  }

  reset(): void {
    for (const timer of this.timers) {
      this.quiet(timer);
      this.unschedule(timer);
      timer.configuration = timerReset;
      timer.comparator = all64;
      timer.period = 0n;
    }
    this.configuration = 0n;
    this.status = 0n;
    this.counted = 0n;
    this.rtcHigh = false;
  }

  private get enabled(): boolean {
    return (this.configuration & GEN_CONF.ENABLE_CNF) !== 0n;
  }

  private get legacy(): boolean {
    return (this.configuration & GEN_CONF.LEG_RT_CNF) !== 0n;
  }

  private get counter(): bigint {
    if (!this.enabled) return this.counted;
    const ticks = Math.floor((this.wiring.clock.nowNs - this.countedNs) / pcHpet.tickNs);
    return BigInt.asUintN(64, this.counted + BigInt(ticks));
  }

  /** The real-time clock's line passes through here: in legacy mode timer 1 takes its place. */
  setRtcLine(high: boolean): void {
    this.rtcHigh = high;
    if (!this.legacy) this.wiring.setLine(hpetLegacyLines[1], high);
  }

  // ---- Registers ----

  read(offset: number, width: MemoryWidth): bigint | null {
    if (width < 4) return null;
    const shift = BigInt(offset & 4) * 8n;
    if (width === 8 && shift !== 0n) return null;
    const value = this.readRegister(offset & ~7) >> shift;
    return width === 8 ? value : value & all32;
  }

  write(offset: number, width: MemoryWidth, value: bigint): boolean {
    const shift = BigInt(offset & 4) * 8n;
    if (width < 4 || (width === 8 && shift !== 0n)) return false;
    const mask = width === 8 ? all64 : all32 << shift;
    this.writeRegister(offset & ~7, (value << shift) & mask, mask);
    return true;
  }

  private timerAt(offset: number): Timer | undefined {
    if (offset < hpet.timer0) return undefined;
    return this.timers[Math.floor((offset - hpet.timer0) / hpet.timerBytes)];
  }

  private readRegister(offset: number): bigint {
    if (offset === hpet.GCAP_ID) return capabilities;
    if (offset === hpet.GEN_CONF) return this.configuration;
    if (offset === hpet.GINTR_STA) return this.status;
    if (offset === hpet.MAIN_CNT) return this.counter;
    const timer = this.timerAt(offset);
    if (timer === undefined) return 0n;
    const register = (offset - hpet.timer0) % hpet.timerBytes;
    if (register === hpetTimer.CONF) return timer.configuration;
    if (register !== hpetTimer.CVAL) return 0n;
    this.moveOn(timer);
    return timer.comparator;
  }

  /** `mask` has the bits that are written. */
  private writeRegister(offset: number, value: bigint, mask: bigint): void {
    if (offset === hpet.GEN_CONF) this.configure(value, mask);
    else if (offset === hpet.GINTR_STA) this.clearStatus(value);
    else if (offset === hpet.MAIN_CNT) this.setCounter((this.counter & ~mask) | value);
    const timer = this.timerAt(offset);
    if (timer === undefined) return;
    const register = (offset - hpet.timer0) % hpet.timerBytes;
    if (register === hpetTimer.CONF) this.configureTimer(timer, value, mask);
    else if (register === hpetTimer.CVAL) this.setComparator(timer, value, mask);
  }

  /** While the counter runs, section 2.3.7 leaves undefined what a write does; here it counts. */
  private setCounter(value: bigint): void {
    for (const timer of this.timers) this.moveOn(timer);
    this.counted = value;
    this.countedNs = this.wiring.clock.nowNs;
    for (const timer of this.timers) this.schedule(timer);
  }

  private configure(value: bigint, mask: bigint): void {
    for (const timer of this.timers) this.moveOn(timer);
    const writable = mask & (GEN_CONF.ENABLE_CNF | GEN_CONF.LEG_RT_CNF);
    this.counted = this.counter;
    this.countedNs = this.wiring.clock.nowNs;
    const wasLegacy = this.legacy;
    if (this.timers.some((timer) => timer.held !== null)) this.releaseFor(value);
    this.configuration = (this.configuration & ~writable) | (value & writable);
    if (this.legacy !== wasLegacy) {
      this.wiring.setLine(hpetLegacyLines[1], !this.legacy && this.rtcHigh);
    }
    for (const timer of this.timers) this.schedule(timer);
  }

  /** A halted block asserts nothing, and in another routing mode lines are others. */
  private releaseFor(value: bigint): void {
    const stays = (value & GEN_CONF.ENABLE_CNF) !== 0n;
    const legacy = (value & GEN_CONF.LEG_RT_CNF) !== 0n;
    if (stays && legacy === this.legacy) return;
    for (const timer of this.timers) this.quiet(timer);
  }

  /** Ones clear the bits of level-triggered timers, and their lines fall. */
  private clearStatus(value: bigint): void {
    for (const timer of this.timers) {
      if (value & this.status & (1n << BigInt(timer.number))) this.quiet(timer);
    }
  }

  private configureTimer(timer: Timer, value: bigint, mask: bigint): void {
    this.moveOn(timer);
    let writable = mask & timerWritable;
    const route = (value >> TN_INT_ROUTE_CNF.shift) & TN_INT_ROUTE_CNF.mask;
    // A route that the timer does not have is not taken over: software reads back to find out.
    if (!((pcHpet.routes >> route) & 1n)) {
      writable &= ~(TN_INT_ROUTE_CNF.mask << TN_INT_ROUTE_CNF.shift);
    }
    const before = timer.configuration;
    timer.configuration = (before & ~writable) | (value & writable);
    if (timer.configuration & TN_CONF.MODE32_CNF) {
      timer.comparator &= all32;
      timer.period &= all32;
    }
    const matters = TN_CONF.INT_ENB_CNF | TN_CONF.INT_TYPE_CNF;
    const routes = TN_INT_ROUTE_CNF.mask << TN_INT_ROUTE_CNF.shift;
    if ((before ^ timer.configuration) & (matters | routes)) this.quiet(timer);
    this.schedule(timer);
  }

  /**
   * Section 2.3.9.2.2: on a periodic timer a write sets the period, and the comparator besides when
   * VAL_SET_CNF has been set, which it clears.
   */
  private setComparator(timer: Timer, value: bigint, mask: bigint): void {
    this.moveOn(timer);
    const narrow = (timer.configuration & TN_CONF.MODE32_CNF) !== 0n;
    const written = narrow ? mask & all32 : mask;
    const periodic = (timer.configuration & TN_CONF.TYPE_CNF) !== 0n;
    if (!periodic || timer.configuration & TN_CONF.VAL_SET_CNF) {
      timer.comparator = (timer.comparator & ~written) | (value & written);
    }
    if (periodic) timer.period = (timer.period & ~written) | (value & written);
    timer.configuration &= ~TN_CONF.VAL_SET_CNF;
    this.schedule(timer);
  }

  // ---- Comparators ----

  /** Ticks until the counter is at the comparator: 1 to 2^32 or 2^64. */
  private ticksToMatch(timer: Timer): bigint {
    const bits = timer.configuration & TN_CONF.MODE32_CNF ? 32 : 64;
    const distance = BigInt.asUintN(bits, timer.comparator - this.counter);
    return distance === 0n ? 1n << BigInt(bits) : distance;
  }

  /** The periodic comparator as it is now: behind the counter by no more than the last match. */
  private moveOn(timer: Timer): void {
    if (!this.enabled || timer.period === 0n) return;
    if (!(timer.configuration & TN_CONF.TYPE_CNF)) return;
    const bits = timer.configuration & TN_CONF.MODE32_CNF ? 32 : 64;
    const passed = BigInt.asIntN(bits, this.counter - timer.comparator);
    if (passed < 0n) return;
    const periods = passed / timer.period + 1n;
    timer.comparator = BigInt.asUintN(bits, timer.comparator + periods * timer.period);
  }

  private unschedule(timer: Timer): void {
    if (timer.event !== null) this.wiring.clock.cancel(timer.event);
    timer.event = null;
  }

  /** `ticksMin`: there was a match just now, so that of a periodic timer has to wait. */
  private schedule(timer: Timer, ticksMin = 1n): void {
    this.unschedule(timer);
    if (!this.enabled || !(timer.configuration & TN_CONF.INT_ENB_CNF)) return;
    let ticks = this.ticksToMatch(timer);
    const periodic = (timer.configuration & TN_CONF.TYPE_CNF) !== 0n;
    if (periodic && ticks < ticksMin) ticks = ticksMin;
    if (!periodic && timer.configuration & TN_CONF.MODE32_CNF) {
      // Section 2.3.9.2.1: the wrap of the counter interrupts, too.
      const wrap = all32 + 1n - (this.counter & all32);
      if (wrap < ticks) ticks = wrap;
    }
    // Beyond what virtual time counts.
    if (ticks > ticksMax) return;
    const since = this.wiring.clock.nowNs - this.countedNs;
    const delayNs = Number(ticks) * pcHpet.tickNs - (since % pcHpet.tickNs);
    timer.event = this.wiring.clock.schedule(delayNs, () => {
      timer.event = null;
      this.fire(timer);
      this.moveOn(timer);
      this.schedule(timer, pcHpet.periodTicksMin);
    });
  }

  private lineOf(timer: Timer): number {
    const line = this.legacy ? hpetLegacyLines[timer.number] : undefined;
    if (line !== undefined) return line;
    return Number((timer.configuration >> TN_INT_ROUTE_CNF.shift) & TN_INT_ROUTE_CNF.mask);
  }

  private fire(timer: Timer): void {
    const line = this.lineOf(timer);
    if (timer.configuration & TN_CONF.INT_TYPE_CNF) {
      this.status |= 1n << BigInt(timer.number);
      timer.held = line;
      this.wiring.setLine(line, true);
    } else {
      this.wiring.setLine(line, true);
      this.wiring.setLine(line, false);
    }
  }

  private quiet(timer: Timer): void {
    this.status &= ~(1n << BigInt(timer.number));
    const line = timer.held;
    timer.held = null;
    // Timers may share a level-triggered line.
    if (line === null || this.timers.some((other) => other.held === line)) return;
    this.wiring.setLine(line, false);
  }
}

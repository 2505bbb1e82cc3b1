/**
 * The watchdog of Intel's 6300ESB I/O controller hub: data sheet 300641. Two stages: the first
 * raises an interrupt, the second resets the machine and sets WDT_TIMEOUT, which only software
 * clears: so the next boot can tell. Every write to a register but GINTSR takes two writes to
 * RELOAD before it.
 */
import {
  ESB_CONFIG,
  ESB_LOCK,
  ESB_RELOAD,
  esb,
  esbBytes,
  esbClockHertz,
  esbConfig,
  esbInterruptType,
  esbPreloadMask,
  esbPrescale,
  esbUnlock,
  i6300esb,
} from '../tables/i6300esb.ts';
import { pciCommand, pciHeader } from '../tables/pci.ts';
import type { ClockEvent, VirtualClock } from './clock.ts';
import type { MemoryBus, MemoryWidth, MemoryWindow } from './memory_bus.ts';
import { PciFunction, pciDeviceWritable } from './pci_bus.ts';

const secondNs = 1_000_000_000;
const configMask = ESB_CONFIG.WDT_OUTPUT | ESB_CONFIG.WDT_PRE_SEL | ESB_CONFIG.WDT_INT_TYPE;
const lockMask = ESB_LOCK.WDT_TOUT_CNF | ESB_LOCK.WDT_ENABLE | ESB_LOCK.WDT_LOCK;

export interface I6300EsbWiring {
  readonly clock: VirtualClock;
  readonly memory: MemoryBus;
  readonly onInterrupt: (high: boolean) => void;
  readonly onReset: () => void;
}

export class I6300Esb extends PciFunction {
  private readonly wiring: I6300EsbWiring;
  private readonly window: MemoryWindow;
  private preloads = [esbPreloadMask, esbPreloadMask];
  private stage = 1;
  /** How many bytes of the unlocking sequence have come. */
  private unlocked = 0;
  private status = 0;
  private timedOut = false;
  private event: ClockEvent | null = null;

  constructor(wiring: I6300EsbWiring) {
    super(
      {
        vendorId: i6300esb.vendorId,
        deviceId: i6300esb.deviceId,
        classCode: i6300esb.classCode,
      },
      { ...pciDeviceWritable, bar0: ~(esbBytes - 1) },
    );
    this.wiring = wiring;
    this.window = wiring.memory.add(null, esbBytes, {
      read: (offset, width) => this.readMemory(offset, width),
      write: (offset, width, value) => this.writeMemory(offset, width, Number(value)),
    });
  }

  /** All but WDT_TIMEOUT. */
  override reset(): void {
    super.reset();
    this.stop();
    this.preloads = [esbPreloadMask, esbPreloadMask];
    this.unlocked = 0;
    this.status = 0;
    this.wiring.onInterrupt(false);
    this.moveWindow();
  }

  private get config(): number {
    return this.field(esbConfig.CONFIG, 2);
  }

  private get lock(): number {
    return this.read(esbConfig.LOCK);
  }

  override write(offset: number, value: number): void {
    if (offset === esbConfig.LOCK) this.writeLock(value & lockMask);
    else if (offset === esbConfig.CONFIG) this.store(offset, value & configMask);
    else {
      super.write(offset, value);
      this.moveWindow();
    }
  }

  /** WDT_LOCK keeps all three bits as they are, until a reset. */
  private writeLock(value: number): void {
    if (this.lock & ESB_LOCK.WDT_LOCK) return;
    const was = this.lock & ESB_LOCK.WDT_ENABLE;
    this.store(esbConfig.LOCK, value);
    if (!(value & ESB_LOCK.WDT_ENABLE)) this.stop();
    else if (!was) this.start(1);
  }

  private moveWindow(): void {
    const decodes = (this.field(pciHeader.command.offset, 2) & pciCommand.memory) !== 0;
    const bar = this.field(pciHeader.bar0.offset, 4) & ~(esbBytes - 1);
    this.window.first = decodes ? BigInt(bar >>> 0) : null;
  }

  // ---- Registers in memory ----

  private readMemory(offset: number, width: MemoryWidth): bigint | null {
    if (width === 8) return null;
    if (offset === esb.GINTSR) return BigInt(this.status);
    if (offset === esb.RELOAD && width === 2)
      return BigInt(this.timedOut ? ESB_RELOAD.WDT_TIMEOUT : 0);
    return 0n;
  }

  private writeMemory(offset: number, width: MemoryWidth, value: number): boolean {
    if (width === 8) return false;
    if (offset === esb.RELOAD && value === esbUnlock[this.unlocked]) {
      this.unlocked++;
      return true;
    }
    if (offset === esb.RELOAD && value === esbUnlock[0]) {
      this.unlocked = 1;
      return true;
    }
    if (offset === esb.GINTSR) {
      this.status &= ~value;
      this.wiring.onInterrupt(this.status !== 0);
    }
    if (this.unlocked === esbUnlock.length && width > 1) this.writeUnlocked(offset, width, value);
    if (width > 1) this.unlocked = 0;
    return true;
  }

  private writeUnlocked(offset: number, width: MemoryWidth, value: number): void {
    if (offset === esb.PRELOAD1 && width === 4) this.preloads[0] = value & esbPreloadMask;
    else if (offset === esb.PRELOAD2 && width === 4) this.preloads[1] = value & esbPreloadMask;
    else if (offset === esb.RELOAD && width === 2) {
      if (value & ESB_RELOAD.WDT_RELOAD && this.lock & ESB_LOCK.WDT_ENABLE) this.start(1);
      if (value & ESB_RELOAD.WDT_TIMEOUT) this.timedOut = false;
    }
  }

  // ---- Stages ----

  private stop(): void {
    if (this.event !== null) this.wiring.clock.cancel(this.event);
    this.event = null;
  }

  private start(stage: number): void {
    this.stop();
    this.stage = stage;
    const prescale = this.config & ESB_CONFIG.WDT_PRE_SEL ? esbPrescale.fast : esbPrescale.slow;
    const counts = Math.max(1, this.preloads[stage - 1] as number) * prescale;
    this.event = this.wiring.clock.schedule(Math.floor((counts * secondNs) / esbClockHertz), () => {
      this.event = null;
      this.expire();
    });
  }

  private expire(): void {
    if (this.stage === 1) {
      if ((this.config & ESB_CONFIG.WDT_INT_TYPE) === esbInterruptType.interrupt) {
        this.status = 1;
        this.wiring.onInterrupt(true);
      }
      this.start(2);
      return;
    }
    if (!(this.config & ESB_CONFIG.WDT_OUTPUT)) {
      this.timedOut = true;
      this.wiring.onReset();
      return;
    }
    if (this.lock & ESB_LOCK.WDT_TOUT_CNF) this.start(1);
  }
}

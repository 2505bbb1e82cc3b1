/**
 * The two ways to end a run: ACPI's PM1 control register (S5 is power-off, status 0) and QEMU's
 * exit device, which takes a status. ACPI 6.5 section 4.8.3.2.1; QEMU hw/misc/debugexit.c.
 */
import { PM1_CNT } from '../tables/acpi.ts';
import { s5SleepType } from '../tables/machine.ts';
import type { PortDevice, PortWidth } from './port_bus.ts';

export class Pm1Control implements PortDevice {
  private readonly onPowerOff: () => void;
  /** ACPI mode is on from the start, as firmware that has no SMI command leaves it. */
  private value = 1 << PM1_CNT.SCI_EN;

  constructor(onPowerOff: () => void) {
    this.onPowerOff = onPowerOff;
  }

  read(offset: number, width: PortWidth): number | null {
    if (width === 2 && offset === 0) return this.value;
    return width === 1 ? (this.value >> (8 * offset)) & 0xff : null;
  }

  /**
   * SLP_EN is write-only and acts on the sleep type written with it; only S5 does anything here.
   */
  write(offset: number, width: PortWidth, value: number): boolean {
    if (width === 4) return false;
    const shift = 8 * offset;
    const mask = width === 2 ? 0xffff : 0xff << shift;
    const written = (this.value & ~mask) | ((value << shift) & mask);
    this.value = written & ~(1 << PM1_CNT.SLP_EN);
    const sleeps = (written & (1 << PM1_CNT.SLP_EN)) !== 0;
    if (sleeps && ((written >> PM1_CNT.SLP_TYP) & 7) === s5SleepType) this.onPowerOff();
    return true;
  }
}

export class DebugExit implements PortDevice {
  private readonly onExit: (status: number) => void;

  constructor(onExit: (status: number) => void) {
    this.onExit = onExit;
  }

  read(): number {
    return 0;
  }

  write(offset: number, width: PortWidth, value: number): boolean {
    if (offset !== 0 || width === 4) return width === 1;
    this.onExit(value & 0xff);
    return true;
  }
}

/**
 * Ports that end a run: the chipset's reset control register (ICH9 data sheet, section 13.7.5) and
 * QEMU's exit device, which takes a status (QEMU hw/misc/debugexit.c). Power-off is in acpi_pm.ts.
 */
import { resetControl } from '../tables/ich9.ts';
import type { PortDevice, PortWidth } from './port_bus.ts';

export class ResetControl implements PortDevice {
  private readonly onReset: () => void;
  private value = 0;

  constructor(onReset: () => void) {
    this.onReset = onReset;
  }

  reset(): void {
    this.value = 0;
  }

  read(_offset: number, width: PortWidth): number | null {
    return width === 1 ? this.value : null;
  }

  write(_offset: number, width: PortWidth, value: number): boolean {
    if (width !== 1) return false;
    this.value = value & (resetControl.SYS_RST | resetControl.FULL_RST);
    if (value & resetControl.RST_CPU) this.onReset();
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

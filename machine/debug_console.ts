/**
 * QEMU's debug console (hw/char/debugcon.c): a port that takes characters for whoever watches the
 * machine, and answers its own address when it is read, so that a guest knows that it is there.
 */
import { debugConsolePort } from '../tables/memory_map.ts';
import type { PortDevice, PortWidth } from './port_bus.ts';

export class DebugConsole implements PortDevice {
  private readonly onByte: (byte: number) => void;

  constructor(onByte: (byte: number) => void) {
    this.onByte = onByte;
  }

  read(_offset: number, width: PortWidth): number | null {
    return width === 1 ? debugConsolePort : null;
  }

  write(_offset: number, width: PortWidth, value: number): boolean {
    if (width === 1) this.onByte(value & 0xff);
    return width === 1;
  }
}

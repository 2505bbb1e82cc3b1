/**
 * The I/O ports of the PC: which device answers on which port. A port without a device reads as all
 * ones.
 */

export type PortWidth = 1 | 2 | 4;

export interface PortDevice {
  /**
   * Offset is from the device's first port. A device that has no access of a width gets it byte by
   * byte.
   */
  read(offset: number, width: PortWidth): number | null;
  write(offset: number, width: PortWidth, value: number): boolean;
}

/** A device's place among the ports; null while it does not decode any. */
export interface PortRange {
  first: number | null;
  readonly count: number;
  readonly device: PortDevice;
}

export class PortBus {
  private readonly ranges: PortRange[] = [];

  /** Where ranges meet, the one that was added first answers. */
  add(first: number | null, count: number, device: PortDevice): PortRange {
    const range = { first, count, device };
    this.ranges.push(range);
    return range;
  }

  private find(port: number): { device: PortDevice; offset: number } | null {
    for (const { first, count, device } of this.ranges) {
      if (first === null || port < first || port >= first + count) continue;
      return { device, offset: port - first };
    }
    return null;
  }

  read(port: number, width: PortWidth): number {
    const found = this.find(port);
    const whole = found?.device.read(found.offset, width) ?? null;
    if (whole !== null) return whole >>> 0;
    if (width === 1) return 0xff;
    let value = 0;
    for (let i = 0; i < width; i++) value += this.read(port + i, 1) * 2 ** (8 * i);
    return value;
  }

  write(port: number, width: PortWidth, value: number): void {
    const found = this.find(port);
    if (found?.device.write(found.offset, width, value) || width === 1) return;
    for (let i = 0; i < width; i++) this.write(port + i, 1, (value >>> (8 * i)) & 0xff);
  }
}

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

interface Range {
  readonly first: number;
  readonly count: number;
  readonly device: PortDevice;
}

export class PortBus {
  private readonly ranges: Range[] = [];

  add(first: number, count: number, device: PortDevice): void {
    this.ranges.push({ first, count, device });
  }

  private find(port: number): Range | undefined {
    return this.ranges.find((r) => port >= r.first && port < r.first + r.count);
  }

  read(port: number, width: PortWidth): number {
    const range = this.find(port);
    const whole = range?.device.read(port - range.first, width) ?? null;
    if (whole !== null) return whole >>> 0;
    if (width === 1) return 0xff;
    let value = 0;
    for (let i = 0; i < width; i++) value += this.read(port + i, 1) * 2 ** (8 * i);
    return value;
  }

  write(port: number, width: PortWidth, value: number): void {
    const range = this.find(port);
    if (range?.device.write(port - range.first, width, value) || width === 1) return;
    for (let i = 0; i < width; i++) this.write(port + i, 1, (value >>> (8 * i)) & 0xff);
  }
}

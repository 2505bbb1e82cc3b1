/**
 * The PCI bus as software sees it through configuration mechanism 1: an address register and a
 * window. A slot without a device reads as all ones. PCI Local Bus Specification 3.0, sections
 * 3.2.2.3 and 6.
 */
import {
  hostBridge,
  type PciField,
  pciAddress,
  pciCommandWritable,
  pciConfig,
  pciConfigBytes,
  pciHeader,
} from '../tables/pci.ts';
import type { PortDevice, PortWidth } from './port_bus.ts';

/** A function's configuration space: what it holds, and which bits software may change. */
export class PciFunction {
  private readonly bytes = new Uint8Array(pciConfigBytes);
  private readonly writable = new Uint8Array(pciConfigBytes);

  constructor(
    fields: Partial<Record<PciField, number>>,
    writable: Partial<Record<PciField, number>>,
  ) {
    for (const [space, values] of [
      [this.bytes, fields],
      [this.writable, writable],
    ] as const) {
      for (const [name, value] of Object.entries(values)) {
        const { offset, bytes } = pciHeader[name as PciField];
        for (let i = 0; i < bytes; i++) space[offset + i] = value >>> (8 * i);
      }
    }
  }

  read(offset: number): number {
    return this.bytes[offset] ?? 0xff;
  }

  write(offset: number, value: number): void {
    const mask = this.writable[offset] ?? 0;
    this.bytes[offset] = (this.read(offset) & ~mask) | (value & mask);
  }
}

/** Function 0 of device 0: the bridge between processor and bus. */
export function newHostBridge(): PciFunction {
  return new PciFunction(hostBridge, {
    command: pciCommandWritable,
    cacheLineSize: 0xff,
    latencyTimer: 0xff,
    interruptLine: 0xff,
  });
}

export class PciBus implements PortDevice {
  private address = 0;
  private readonly functions = new Map<number, PciFunction>();

  add(device: number, fn: number, space: PciFunction): void {
    this.functions.set((device << pciAddress.device) | (fn << pciAddress.function), space);
  }

  /**
   * The address register answers to 32-bit accesses only; other widths there pass to the bus, where
   * nothing is.
   */
  read(offset: number, width: PortWidth): number | null {
    if (offset < 4) return offset === 0 && width === 4 ? this.address : null;
    if (width !== 1) return null;
    const place = this.place(offset - 4);
    return place === null ? 0xff : place.space.read(place.offset);
  }

  write(offset: number, width: PortWidth, value: number): boolean {
    if (offset < 4) {
      if (offset !== 0 || width !== 4) return width === 1;
      // Bits 30-24 and 1-0 are reserved and read as zero.
      this.address = (value & 0x80ff_fffc) >>> 0;
      return true;
    }
    if (width !== 1) return false;
    const place = this.place(offset - 4);
    place?.space.write(place.offset, value);
    return true;
  }

  private place(window: number): { space: PciFunction; offset: number } | null {
    if ((this.address & pciAddress.enable) === 0) return null;
    const key = this.address & 0x00ff_ff00;
    const space = this.functions.get(key);
    if (space === undefined) return null;
    return { space, offset: (this.address & pciAddress.registerMask) + window };
  }
}

export const pciPorts = { first: pciConfig.address, count: pciConfig.ports } as const;

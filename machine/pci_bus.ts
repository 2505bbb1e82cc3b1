/**
 * The PCI bus as software sees it: configuration mechanism 1, an address register and a window, and
 * the same registers as memory. A slot without a device reads as all ones. PCI Local Bus
 * Specification 3.0, sections 3.2.2.3 and 6; PCI Express Base Specification, section 7.2.2.
 */
import {
  hostBridge,
  type PciField,
  pciAddress,
  pciCommandWritable,
  pciConfig,
  pciConfigBytes,
  pciExpress,
  pciHeader,
  rootPort,
} from '../tables/pci.ts';
import type { MemoryBus, MemoryDevice, MemoryWidth, MemoryWindow } from './memory_bus.ts';
import type { PortDevice, PortWidth } from './port_bus.ts';

type Fields = Partial<Record<PciField, number>>;

/** What software may change in the header of every function of the PC. */
export const pciDeviceWritable: Fields = {
  command: pciCommandWritable,
  cacheLineSize: 0xff,
  interruptLine: 0xff,
};

/** A function's configuration space: what it holds, and which bits software may change. */
export class PciFunction {
  private readonly bytes = new Uint8Array(pciConfigBytes);
  private readonly initial = new Uint8Array(pciConfigBytes);
  private readonly writable = new Uint8Array(pciConfigBytes);

  constructor(fields: Fields, writable: Fields) {
    for (const [space, values] of [
      [this.initial, fields],
      [this.writable, writable],
    ] as const) {
      for (const [name, value] of Object.entries(values)) {
        const { offset, bytes } = pciHeader[name as PciField];
        for (let i = 0; i < bytes; i++) space[offset + i] = value >>> (8 * i);
      }
    }
    this.bytes.set(this.initial);
  }

  /** A register behind the header: its value after a reset, and the bits that can be written. */
  protected addRegister(offset: number, bytes: number, value: number, writable: number): void {
    for (let i = 0; i < bytes; i++) {
      this.initial[offset + i] = value >>> (8 * i);
      this.bytes[offset + i] = value >>> (8 * i);
      this.writable[offset + i] = writable >>> (8 * i);
    }
  }

  reset(): void {
    this.bytes.set(this.initial);
  }

  read(offset: number): number {
    return this.bytes[offset] ?? 0xff;
  }

  write(offset: number, value: number): void {
    const mask = this.writable[offset] ?? 0;
    this.store(offset, (this.read(offset) & ~mask) | (value & mask));
  }

  /** The device itself changes a byte. */
  protected store(offset: number, value: number): void {
    this.bytes[offset] = value;
  }

  protected field(offset: number, bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value |= this.read(offset + i) << (8 * i);
    return value;
  }
}

/** Function 0 of device 0: the bridge between processor and bus, and the window of the bus. */
export class HostBridge extends PciFunction {
  private readonly window: MemoryWindow | null;

  constructor(bus: PciBus, memory: MemoryBus | null) {
    super(hostBridge, pciDeviceWritable);
    const bits = pciExpress.baseMask | pciExpress.enable;
    this.addRegister(pciExpress.PCIEXBAR, 4, pciExpress.base, bits);
    this.window = memory?.add(null, pciExpress.bytes, bus.expressWindow) ?? null;
  }

  override reset(): void {
    super.reset();
    this.moveWindow();
  }

  override write(offset: number, value: number): void {
    super.write(offset, value);
    this.moveWindow();
  }

  private moveWindow(): void {
    if (this.window === null) return;
    const bar = this.field(pciExpress.PCIEXBAR, 4);
    const base = (bar & pciExpress.baseMask) >>> 0;
    this.window.first = bar & pciExpress.enable ? BigInt(base) : null;
  }
}

/**
 * A bridge to a bus with room for one card. PCI-to-PCI Bridge Architecture Specification 1.2,
 * section 3.2.
 */
export class RootPort extends PciFunction {
  /** What is plugged in. */
  card: PciFunction | null = null;

  constructor() {
    const { vendorId, deviceId, classCode, headerType } = rootPort;
    super(
      { vendorId, deviceId, classCode, headerType },
      {
        command: pciCommandWritable,
        secondaryBus: 0xff,
        subordinateBus: 0xff,
        memoryBase: 0xfff0,
        memoryLimit: 0xfff0,
      },
    );
  }

  get secondaryBus(): number {
    return this.field(pciHeader.secondaryBus.offset, 1);
  }

  /** The function at a device and function number of its bus. */
  below(deviceAndFunction: number): PciFunction | undefined {
    return deviceAndFunction === 0 ? (this.card ?? undefined) : undefined;
  }
}

export class PciBus implements PortDevice {
  private address = 0;
  private readonly functions = new Map<number, PciFunction>();
  private readonly bridges: RootPort[] = [];

  /** Behind a bridge, which says by its registers which bus that is. */
  addBelow(bridge: RootPort): void {
    this.bridges.push(bridge);
  }

  private find(key: number): PciFunction | undefined {
    const bus = key >>> pciAddress.bus;
    if (bus === 0) return this.functions.get(key);
    const below = key & ((1 << pciAddress.bus) - 1);
    return this.bridges.find((bridge) => bridge.secondaryBus === bus)?.below(below);
  }

  /** What is there is gone from now on. */
  remove(device: number): void {
    this.functions.delete(device << pciAddress.device);
  }

  add(device: number, fn: number, space: PciFunction): void {
    this.functions.set((device << pciAddress.device) | (fn << pciAddress.function), space);
  }

  reset(): void {
    this.address = 0;
    for (const space of this.functions.values()) space.reset();
    for (const bridge of this.bridges) bridge.card?.reset();
  }

  /** As a driver does it, a byte at a time: for the firmware. */
  configure(device: number, fn: number, offset: number, bytes: number, value: number): void {
    const key = (device << pciAddress.device) | (fn << pciAddress.function);
    for (let i = 0; i < bytes; i++) {
      this.functions.get(key)?.write(offset + i, (value >>> (8 * i)) & 0xff);
    }
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
    const space = this.find(key);
    if (space === undefined) return null;
    return { space, offset: (this.address & pciAddress.registerMask) + window };
  }

  /** All configuration registers as memory, a byte at a time. */
  get expressWindow(): MemoryDevice {
    return {
      read: (offset: number, width: MemoryWidth) => {
        if (width !== 1) return null;
        return BigInt(this.expressFunction(offset)?.read(offset & pciExpress.registerMask) ?? 0xff);
      },
      write: (offset: number, width: MemoryWidth, value: bigint) => {
        if (width !== 1) return false;
        const register = offset & pciExpress.registerMask;
        if (register < pciConfigBytes) {
          this.expressFunction(offset)?.write(register, Number(value));
        }
        return true;
      },
    };
  }

  private expressFunction(offset: number): PciFunction | undefined {
    const field = (shift: number, bits: number) => (offset >>> shift) & ((1 << bits) - 1);
    const key =
      (field(pciExpress.bus, 8) << pciAddress.bus) |
      (field(pciExpress.device, 5) << pciAddress.device) |
      (field(pciExpress.function, 3) << pciAddress.function);
    return this.find(key);
  }
}

export const pciPorts = { first: pciConfig.address, count: pciConfig.ports } as const;

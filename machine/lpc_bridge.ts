/**
 * The LPC bridge of the I/O controller hub: it says where power management, watchdog and chipset
 * configuration are, and which line the system control interrupt takes. ICH9 data sheet, chapters
 * 10 and 13.
 */
import {
  ACPI_CNTL,
  chipset,
  GCS,
  gpe0Bytes,
  ich9Lpc,
  lpcConfig,
  PMBASE,
  pirqRoutReset,
  pmOffset,
  pmPorts,
  RCBA,
  rcbaBytes,
  sciLines,
} from '../tables/ich9.ts';
import { TCO1_CNT, tco, tcoPorts } from '../tables/tco.ts';
import { AcpiPm } from './acpi_pm.ts';
import type { VirtualClock } from './clock.ts';
import type { MemoryBus, MemoryWidth, MemoryWindow } from './memory_bus.ts';
import { PciFunction, pciDeviceWritable } from './pci_bus.ts';
import type { PortBus, PortRange, PortWidth } from './port_bus.ts';
import { Tco } from './tco.ts';

export interface LpcBridgeWiring {
  readonly clock: VirtualClock;
  readonly ports: PortBus;
  readonly memory: MemoryBus;
  readonly setLine: (gsi: number, high: boolean) => void;
  readonly onPowerOff: () => void;
  /** The watchdog has run out for the second time. */
  readonly onReset: () => void;
}

export class LpcBridge extends PciFunction {
  readonly pm: AcpiPm;
  readonly tco: Tco;
  private readonly wiring: LpcBridgeWiring;
  private readonly chipset = new Uint8Array(rcbaBytes);
  private readonly pmRange: PortRange;
  private readonly chipsetWindow: MemoryWindow;
  private sciHigh = false;
  private sciLine: number | null = null;

  constructor(wiring: LpcBridgeWiring) {
    const { vendorId, deviceId, revisionId, classCode, headerType } = ich9Lpc;
    super({ vendorId, deviceId, revisionId, classCode, headerType }, pciDeviceWritable);
    this.wiring = wiring;
    const { clock } = wiring;
    this.addRegister(lpcConfig.PMBASE, 4, PMBASE.io, PMBASE.baseMask);
    this.addRegister(lpcConfig.ACPI_CNTL, 1, 0, ACPI_CNTL.ACPI_EN | ACPI_CNTL.SCI_IRQ_SEL);
    for (const first of [lpcConfig.PIRQA_ROUT, lpcConfig.PIRQE_ROUT]) {
      for (let i = 0; i < 4; i++) this.addRegister(first + i, 1, pirqRoutReset, 0xff);
    }
    this.addRegister(lpcConfig.RCBA, 4, 0, RCBA.baseMask | RCBA.enable);
    this.tco = new Tco({ clock, noReboot: () => this.noReboot, onReset: wiring.onReset });
    this.pm = new AcpiPm({
      clock,
      onInterrupt: (high) => this.setSci(high),
      onPowerOff: wiring.onPowerOff,
      tcoLocked: () => (this.tco.stored(tco.TCO1_CNT) & TCO1_CNT.TCO_LOCK) !== 0,
    });
    this.pmRange = wiring.ports.add(null, pmPorts, {
      read: (offset, width) => (width === 1 ? this.readPm(offset) : null),
      write: (offset, width, value) => this.writePm(offset, width, value),
    });
    this.chipsetWindow = wiring.memory.add(null, rcbaBytes, {
      read: (offset, width) => this.readChipset(offset, width),
      write: (offset, width, value) => this.writeChipset(offset, width, value),
    });
    this.resetChipset();
    this.decode();
  }

  override reset(): void {
    super.reset();
    this.resetChipset();
    this.pm.reset();
    this.tco.reset();
    this.decode();
  }

  override write(offset: number, value: number): void {
    super.write(offset, value);
    this.decode();
  }

  /** Where configuration space puts things. */
  private decode(): void {
    const on = (this.read(lpcConfig.ACPI_CNTL) & ACPI_CNTL.ACPI_EN) !== 0;
    this.pmRange.first = on ? this.field(lpcConfig.PMBASE, 2) & PMBASE.baseMask : null;
    const rcba = this.field(lpcConfig.RCBA, 4);
    const base = BigInt((rcba & RCBA.baseMask) >>> 0);
    this.chipsetWindow.first = rcba & RCBA.enable ? base : null;
    const line = sciLines[this.read(lpcConfig.ACPI_CNTL) & ACPI_CNTL.SCI_IRQ_SEL] ?? null;
    if (line === this.sciLine) return;
    if (this.sciLine !== null) this.wiring.setLine(this.sciLine, false);
    this.sciLine = line;
    if (line !== null) this.wiring.setLine(line, this.sciHigh);
  }

  private setSci(high: boolean): void {
    this.sciHigh = high;
    if (this.sciLine !== null) this.wiring.setLine(this.sciLine, high);
  }

  // ---- Chipset configuration ----

  private resetChipset(): void {
    this.chipset.fill(0);
    const view = new DataView(this.chipset.buffer);
    for (const offset of chipset.interruptRoutes) {
      view.setUint16(offset, chipset.interruptRouteReset, true);
    }
    view.setUint32(chipset.GCS, GCS.NO_REBOOT, true);
  }

  private get noReboot(): boolean {
    return ((this.chipset[chipset.GCS] as number) & GCS.NO_REBOOT) !== 0;
  }

  private readChipset(offset: number, width: MemoryWidth): bigint | null {
    return width === 1 ? BigInt(this.chipset[offset] as number) : null;
  }

  private writeChipset(offset: number, width: MemoryWidth, value: bigint): boolean {
    if (width !== 1) return false;
    this.chipset[offset] = Number(value);
    return true;
  }

  // ---- Power management and watchdog ----

  private readPm(offset: number): number {
    const inTco = offset >= pmOffset.TCO && offset < pmOffset.TCO + tcoPorts;
    return inTco ? this.tco.readByte(offset - pmOffset.TCO) : this.pm.readByte(offset);
  }

  /**
   * Registers have 16 bits, SMI_EN 32, general purpose events 8; what is wider than its register
   * comes in halves, and what is narrower changes its part.
   */
  private writePm(offset: number, width: PortWidth, value: number): boolean {
    if (offset >= pmOffset.SMI_EN && offset < pmOffset.SMI_EN + 4) {
      this.writePart(pmOffset.SMI_EN, offset, width, value);
      return true;
    }
    if (width === 4) return false;
    if (offset >= pmOffset.TCO && offset < pmOffset.TCO + tcoPorts) {
      this.tco.write(offset - pmOffset.TCO, width, value);
    } else if (offset < pmOffset.PM1_CNT + 2) {
      this.writePart(offset & ~1, offset, width, value);
    } else if (width === 1 && offset >= pmOffset.GPE0_EN && offset < pmOffset.GPE0_EN + gpe0Bytes) {
      this.pm.writeGpeEnable(offset - pmOffset.GPE0_EN, value);
    } else return width === 1;
    return true;
  }

  private writePart(register: number, offset: number, width: PortWidth, value: number): void {
    const shift = 8 * (offset - register);
    const bits = width === 4 ? -1 : width === 2 ? 0xffff : 0xff;
    const wide = register === pmOffset.SMI_EN ? -1 : 0xffff;
    this.pm.write(register, value << shift, (bits << shift) & wide);
  }
}

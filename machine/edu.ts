/**
 * QEMU's device `edu`: it computes factorials and copies between a buffer of its own and memory of
 * the machine, and interrupts when it has. Its interrupts are messages, by MSI as in QEMU, or by
 * MSI-X, which QEMU's does not have; a line it has not. PCI Local Bus Specification 3.0, section
 * 6.8.
 */
import {
  edu,
  eduBuffer,
  eduCommand,
  eduDmaNs,
  eduFactorialNs,
  eduIdentification,
  eduInterrupt,
  eduMessage,
  eduMsi,
  eduMsix,
  eduRegister,
  eduStatus,
  isMessageAddress,
} from '../tables/edu.ts';
import {
  msiControl,
  msiRegister,
  msixControl,
  msixEntry,
  msixRegister,
  pciCapability,
  pciCommand,
  pciHeader,
  pciStatusCapabilities,
} from '../tables/pci.ts';
import type { VirtualClock } from './clock.ts';
import type { MemoryBus, MemoryWidth, MemoryWindow } from './memory_bus.ts';
import { PciFunction, pciDeviceWritable } from './pci_bus.ts';

export interface EduWiring {
  readonly clock: VirtualClock;
  readonly memory: MemoryBus;
  readonly messages: 'msi' | 'msix';
  readonly onMessage: (data: number) => void;
  /** The machine's memory that devices reach from there on, null where there is none. */
  readonly dma: (physical: number, bytes: number) => Uint8Array | null;
}

export class Edu extends PciFunction {
  private readonly wiring: EduWiring;
  private readonly window: MemoryWindow;
  private readonly buffer = new Uint8Array(eduBuffer.bytes);
  private readonly table = new Uint32Array((eduMsix.vectors * eduMsix.entryBytes) / 4);
  /** Messages that wait until their entry is not masked any more. */
  private readonly pending = new Set<number>();
  private readonly dmaRegisters = new Map<number, number>();
  private liveness = 0;
  private factorial = 0;
  private status = 0;
  private raised = 0;
  private present = true;
  /** Counts resets, so that what was begun before one does not end after it. */
  private epoch = 0;

  constructor(wiring: EduWiring) {
    const { vendorId, deviceId, revisionId, classCode } = edu;
    super(
      { vendorId, deviceId, revisionId, classCode, capabilities: eduMsi.capability },
      { ...pciDeviceWritable, bar0: ~(edu.bytes - 1) },
    );
    this.wiring = wiring;
    this.addRegister(pciHeader.command.offset + 2, 2, pciStatusCapabilities, 0);
    this.addCapability();
    this.window = wiring.memory.add(null, edu.bytes, {
      read: (offset, width) => this.readMemory(offset, width),
      write: (offset, width, value) => this.writeMemory(offset, width, Number(value)),
    });
  }

  private addCapability(): void {
    const at = eduMsi.capability;
    if (this.wiring.messages === 'msi') {
      this.addRegister(at, 2, pciCapability.msi, 0);
      this.addRegister(at + msiControl.offset, 2, msiControl.wide, msiControl.writable);
      this.addRegister(at + msiRegister.address, 4, 0, ~3);
      this.addRegister(at + msiRegister.addressHigh, 4, 0, ~0);
      this.addRegister(at + msiRegister.data, 2, 0, 0xffff);
      return;
    }
    this.addRegister(at, 2, pciCapability.msix, 0);
    this.addRegister(at + msixControl.offset, 2, eduMsix.vectors - 1, msixControl.writable);
    this.addRegister(at + msixRegister.table, 4, eduMsix.table, 0);
    this.addRegister(at + msixRegister.pending, 4, eduMsix.pending, 0);
  }

  /** Somebody takes the card out, or plugs it in again. */
  plug(present: boolean): void {
    this.reset();
    this.present = present;
    this.moveWindow();
  }

  override reset(): void {
    super.reset();
    this.epoch++;
    this.buffer.fill(0);
    this.table.fill(0);
    for (let entry = 0; entry < eduMsix.vectors; entry++) this.table[4 * entry + 3] = 1;
    this.pending.clear();
    this.dmaRegisters.clear();
    this.liveness = 0;
    this.factorial = 0;
    this.status = 0;
    this.raised = 0;
    this.moveWindow();
  }

  override read(offset: number): number {
    return this.present === false ? 0xff : super.read(offset);
  }

  override write(offset: number, value: number): void {
    if (!this.present) return;
    super.write(offset, value);
    this.moveWindow();
    this.sendPending();
  }

  private get command(): number {
    return this.field(pciHeader.command.offset, 2);
  }

  private moveWindow(): void {
    const decodes = this.present && (this.command & pciCommand.memory) !== 0;
    const bar = this.field(pciHeader.bar0.offset, 4) & ~(edu.bytes - 1);
    this.window.first = decodes ? BigInt(bar >>> 0) : null;
  }

  // ---- Registers ----

  private readMemory(offset: number, width: MemoryWidth): bigint | null {
    if (this.isTable(offset))
      return width === 4 ? BigInt(this.table[this.word(offset)] ?? 0) : null;
    if (width !== 4 && !(width === 8 && offset >= eduRegister.dmaSource)) return null;
    if (offset === eduRegister.identification) return BigInt(eduIdentification);
    if (offset === eduRegister.liveness) return BigInt(this.liveness);
    if (offset === eduRegister.factorial) return BigInt(this.factorial);
    if (offset === eduRegister.status) return BigInt(this.status);
    if (offset === eduRegister.interruptStatus) return BigInt(this.raised);
    return BigInt(this.dmaRegisters.get(offset) ?? 0);
  }

  private writeMemory(offset: number, width: MemoryWidth, value: number): boolean {
    if (this.isTable(offset)) return this.writeTable(offset, width, value);
    if (width !== 4 && !(width === 8 && offset >= eduRegister.dmaSource)) return false;
    if (offset === eduRegister.liveness) this.liveness = ~value >>> 0;
    else if (offset === eduRegister.factorial) this.compute(value);
    else if (offset === eduRegister.status) {
      this.status = (this.status & eduStatus.computing) | (value & eduStatus.interrupts);
    } else if (offset === eduRegister.interruptRaise) this.raise(value, eduMessage.factorial);
    else if (offset === eduRegister.interruptAcknowledge) this.raised &= ~value;
    else if (offset >= eduRegister.dmaSource && offset <= eduRegister.dmaCommand) {
      this.dmaRegisters.set(offset, value);
      if (offset === eduRegister.dmaCommand && value & eduCommand.start) this.startCopy();
    }
    return true;
  }

  private later(delayNs: number, run: () => void): void {
    const { epoch } = this;
    this.wiring.clock.schedule(delayNs, () => {
      if (this.epoch === epoch && this.present) run();
    });
  }

  private compute(value: number): void {
    if (this.status & eduStatus.computing) return;
    this.status |= eduStatus.computing;
    this.factorial = value;
    this.later(eduFactorialNs, () => {
      let product = 1;
      // From 34 on the product of 32 bits is 0.
      for (let n = Math.min(value, 34); n > 0; n--) product = Math.imul(product, n);
      this.factorial = product >>> 0;
      this.status &= ~eduStatus.computing;
      if (this.status & eduStatus.interrupts) {
        this.raise(eduInterrupt.factorial, eduMessage.factorial);
      }
    });
  }

  private startCopy(): void {
    this.later(eduDmaNs, () => {
      const register = (offset: number) => this.dmaRegisters.get(offset) ?? 0;
      const command = register(eduRegister.dmaCommand);
      const fromEdu = (command & eduCommand.fromEdu) !== 0;
      const source = register(eduRegister.dmaSource);
      const target = register(eduRegister.dmaTarget);
      const bytes = register(eduRegister.dmaCount);
      this.copy(
        (fromEdu ? source : target) - eduBuffer.first,
        fromEdu ? target : source,
        bytes,
        fromEdu,
      );
      this.dmaRegisters.set(eduRegister.dmaCommand, command & ~eduCommand.start);
      if (command & eduCommand.interrupts) this.raise(eduInterrupt.dma, eduMessage.dma);
    });
  }

  /** A copy that leaves the buffer or the machine's memory does nothing. */
  private copy(at: number, physical: number, bytes: number, fromEdu: boolean): void {
    if (at < 0 || at + bytes > eduBuffer.bytes || !(this.command & pciCommand.master)) return;
    const memory = this.wiring.dma(physical, bytes);
    if (memory === null) return;
    const own = this.buffer.subarray(at, at + bytes);
    if (fromEdu) memory.set(own);
    else own.set(memory);
  }

  // ---- Interrupts ----

  private raise(bits: number, message: number): void {
    this.raised |= bits;
    if (bits === 0) return;
    if (this.wiring.messages === 'msix') this.pending.add(message);
    else this.pending.add(0);
    this.sendPending();
  }

  /** A message is a write to memory: only a bus master sends any. */
  private sendPending(): void {
    if (!(this.command & pciCommand.master) || this.pending.size === 0) return;
    const control = this.field(eduMsi.capability + msiControl.offset, 2);
    const isX = this.wiring.messages === 'msix';
    if (isX && (control & (msixControl.enable | msixControl.maskAll)) !== msixControl.enable)
      return;
    if (!isX && !(control & msiControl.enable)) {
      this.pending.clear();
      return;
    }
    for (const message of [...this.pending]) {
      if (isX && (this.table[4 * message + msixEntry.control / 4] as number) & msixEntry.masked)
        continue;
      this.pending.delete(message);
      const [address, data] = isX ? this.entry(message) : this.single();
      if (isMessageAddress(address)) this.wiring.onMessage(data);
    }
  }

  private single(): readonly [number, number] {
    const at = eduMsi.capability;
    return [this.field(at + msiRegister.address, 4), this.field(at + msiRegister.data, 2)];
  }

  private entry(message: number): readonly [number, number] {
    const word = (offset: number) => this.table[4 * message + offset / 4] as number;
    return [word(msixEntry.address), word(msixEntry.data)];
  }

  private isTable(offset: number): boolean {
    const bytes = eduMsix.vectors * eduMsix.entryBytes;
    const { table } = eduMsix;
    return this.wiring.messages === 'msix' && offset >= table && offset < table + bytes;
  }

  private word(offset: number): number {
    return (offset - eduMsix.table) >>> 2;
  }

  private writeTable(offset: number, width: MemoryWidth, value: number): boolean {
    if (width !== 4) return false;
    this.table[this.word(offset)] = value;
    this.sendPending();
    return true;
  }
}

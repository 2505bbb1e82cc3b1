/** QEMU's device `edu` (its documentation, docs/specs/edu): factorials, a buffer, and DMA, with interrupts. */
import { messageAddress } from './apic.ts';

export const edu = {
  vendorId: 0x1234,
  deviceId: 0x11e8,
  revisionId: 0x10,
  classCode: 0x00ff00,
  /** Of its one base address register. */
  bytes: 1 << 20,
} as const;

/** Offsets from BAR0. */
export const eduRegister = {
  identification: 0x00,
  liveness: 0x04,
  factorial: 0x08,
  status: 0x20,
  interruptStatus: 0x24,
  interruptRaise: 0x60,
  interruptAcknowledge: 0x64,
  dmaSource: 0x80,
  dmaTarget: 0x88,
  dmaCount: 0x90,
  dmaCommand: 0x98,
} as const;
export const eduIdentification = 0x0100_00ed;
export const eduStatus = { computing: 0x01, interrupts: 0x80 } as const;
export const eduInterrupt = { factorial: 0x001, dma: 0x100 } as const;
export const eduCommand = { start: 1, fromEdu: 2, interrupts: 4 } as const;
export const eduBuffer = { first: 0x4_0000, bytes: 4096 } as const;
/** How long a copy takes in QEMU. */
export const eduDmaNs = 100_000_000;
/** A factorial takes no time there; here as long as an access or two. */
export const eduFactorialNs = 1_000;

/** Where the PC's own edu has its capability, and with MSI-X its table and the bits that say who waits. */
export const eduMsi = { capability: 0x40, msiBytes: 14, msixBytes: 12 } as const;
export const eduMsix = { vectors: 4, table: 0x8_0000, pending: 0x8_1000, entryBytes: 16 } as const;
/** Message of each kind of interrupt, when there is one each. */
export const eduMessage = { factorial: 0, dma: 1 } as const;

export const isMessageAddress = (address: number): boolean =>
  (address & 0xfff0_0000) >>> 0 === messageAddress.base;

/**
 * Interrupt controllers: Intel SDM volume 3, chapter 11 (local APIC); 82093AA data sheet (I/O
 * APIC); 8259A (PIC).
 */

/** Offsets of local APIC registers. */
export const lapic = {
  id: 0x20,
  taskPriority: 0x80,
  endOfInterrupt: 0xb0,
  spurious: 0xf0,
  lvtTimer: 0x320,
  lvtLint0: 0x350,
  lvtLint1: 0x360,
  lvtError: 0x370,
  initialCount: 0x380,
  currentCount: 0x390,
  divide: 0x3e0,
} as const;
export const lapicSoftwareEnable = 0x100;
/** Section 11.12.1.2: in x2APIC mode the register at offset n is the model-specific register `first + n / 16`. */
export const x2apicMsr = { first: 0x800, endOfInterrupt: 0x80b } as const;
/** The destination of an I/O APIC's interrupt has 8 bits, and all ones are everybody. */
export const interruptDestination = { shift: 24, idMax: 254 } as const;
/** Where devices send interrupts by messages: Intel SDM volume 3, section 11.11.1. */
export const messageAddress = { base: 0xfee0_0000, destinationShift: 12 } as const;
export const lvt = { masked: 1 << 16, periodic: 1 << 17, nonMaskable: 0x400 } as const;
/** Value of the divide register for a division by 16. */
export const lapicDivideBy16 = 3;

/** The I/O APIC's two windows and the registers behind them. */
export const ioApic = { select: 0x00, window: 0x10, endOfInterrupt: 0x40 } as const;
export const ioApicRegister = { id: 0, version: 1, arbitration: 2, redirection: 0x10 } as const;
/** Bits of the lower half of a redirection entry. */
export const redirection = {
  vectorMask: 0xff,
  deliveryStatus: 1 << 12,
  activeLow: 1 << 13,
  remoteIrr: 1 << 14,
  level: 1 << 15,
  masked: 1 << 16,
  /** What software may change in the lower and the upper half. */
  writable: 0x1_afff,
  writableHigh: 0xff00_0000,
} as const;
export const ioApicId = { shift: 24, mask: 0x0f00_0000 } as const;
/** Version of the I/O APIC in Intel's hubs, the first with a register for the end of interrupt. */
export const ioApicVersion = 0x20;
export const ioApicBytes = 0x100;

/** The two 8259A controllers, set up once and then masked. Their vectors are never delivered. */
export const pic = { command1: 0x20, data1: 0x21, command2: 0xa0, data2: 0xa1 } as const;
/**
 * Initialisation words: edge, cascade, ICW4 follows; vectors; wiring; 8086 mode; then everything
 * masked.
 */
export const picInitialisation: readonly (readonly [port: number, value: number])[] = [
  [pic.command1, 0x11],
  [pic.command2, 0x11],
  [pic.data1, 0xe0],
  [pic.data2, 0xe8],
  [pic.data1, 0x04],
  [pic.data2, 0x02],
  [pic.data1, 0x01],
  [pic.data2, 0x01],
  [pic.data1, 0xff],
  [pic.data2, 0xff],
];

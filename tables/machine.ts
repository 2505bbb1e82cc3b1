/** Facts of the simulated PC (machine/): how much virtual time things take, where its devices are, how large it is. */
import { ich9Firmware, pmOffset } from './ich9.ts';

/** Virtual nanoseconds. Time passes only by these costs and by waiting, never by the host's clock. */
export const virtualCosts = {
  /** One reduction; about what the interpreter needs natively. */
  reductionNs: 25,
  /** One access to an I/O port, as on the LPC bus of a PC; a driver that polls a port lets time pass. */
  portNs: 1000,
  mmioNs: 300,
  /** Reading the clock, so that a loop that waits for a time to come ends. */
  nowNs: 20,
  /** An operation on files of the host. */
  fileCallNs: 2000,
} as const;

/** Entries of the interrupt ring, as in the nucleus. */
export const interruptRingEntries = 1024;
export const grantRowsMax = 256;
/** How often a reset lets the machine boot again, unless a run says otherwise. */
export const restartsMax = 3;
/** Inputs of the I/O APIC (82093AA): the first 16 are ISA lines, edge-triggered; the others PCI, level-triggered. */
export const ioApicLines = 24;
export const isaLines = 16;
/** ISA lines that the MADT of this PC calls level-triggered: the system control interrupt's. */
export const levelIsaLines: readonly number[] = [9];

/**
 * Physical addresses of devices: from the memory window of PCI's configuration space to 4 GiB. A machine with more
 * memory than fits below has `lowBytes` there and the rest from `end` on.
 */
export const deviceSpace = { first: 0xb000_0000, lowBytes: 0x8000_0000, end: 1n << 32n } as const;

/** PM1a control register of the PC, as QEMU's Q35 has it; SLP_TYP of S5 is 0 there. */
export const pm1aControlPort = ich9Firmware.pmBase + pmOffset.PM1_CNT;
export const s5SleepType = 0;

/** The wall clock at boot unless a run says otherwise: 2026-01-01 00:00:00 UTC. */
export const wallClockNs = 1_767_225_600_000_000_000n;

/**
 * The LPC bridge of Intel's I/O controller hub 9 (82801IR): data sheet 316972, chapters 10
 * (chipset configuration) and 13 (PCI function, power management and TCO registers).
 */

export const ich9Lpc = {
  device: 31,
  function: 0,
  vendorId: 0x8086,
  deviceId: 0x2918,
  revisionId: 2,
  classCode: 0x060100,
  headerType: 0x80,
} as const;

/** Section 13.1: offsets in configuration space. */
export const lpcConfig = {
  PMBASE: 0x40,
  ACPI_CNTL: 0x44,
  PIRQA_ROUT: 0x60,
  PIRQE_ROUT: 0x68,
  RCBA: 0xf0,
} as const;
export const pirqRoutReset = 0x80;
export const PMBASE = { baseMask: 0xff80, io: 1 } as const;
export const ACPI_CNTL = { ACPI_EN: 0x80, SCI_IRQ_SEL: 0x07 } as const;
export const RCBA = { baseMask: 0xffff_c000, enable: 1 } as const;
/** SCI_IRQ_SEL to line. */
export const sciLines: readonly (number | null)[] = [9, 10, 11, null, 20, 21, null, null];

/** Section 13.8.3: offsets from PMBASE. */
export const pmOffset = {
  PM1_STS: 0x00,
  PM1_EN: 0x02,
  PM1_CNT: 0x04,
  PM1_TMR: 0x08,
  GPE0_STS: 0x20,
  GPE0_EN: 0x28,
  SMI_EN: 0x30,
  SMI_STS: 0x34,
  TCO: 0x60,
} as const;
export const pmPorts = 128;
export const gpe0Bytes = 8;
export const SMI_EN = { TCO_EN: 1 << 13 } as const;

/** Section 10.1: chipset configuration registers behind RCBA. */
export const rcbaBytes = 0x4000;
export const chipset = {
  /** D31IR to D25IR without D30IR: which interrupt pin of a device goes to which line. */
  interruptRoutes: [0x3140, 0x3144, 0x3146, 0x3148, 0x314c, 0x3150],
  interruptRouteReset: 0x3210,
  GCS: 0x3410,
} as const;
export const GCS = { NO_REBOOT: 0x20 } as const;

/** Section 13.7.5: the reset control register. */
export const resetControl = { port: 0xcf9, SYS_RST: 0x02, RST_CPU: 0x04, FULL_RST: 0x08 } as const;

/** Section 13.7.2, and the 8042's commands: status and command port of the keyboard controller. */
export const keyboardController = { port: 0x64, inputFull: 0x02, reset: 0xfe } as const;

/** Where the PC's firmware leaves the blocks: what the FADT says, and a page for the registers. */
export const ich9Firmware = { pmBase: 0x600, rcba: 0xfed1_c000 } as const;

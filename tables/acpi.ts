/** Offsets and values of the ACPI 6.5 specification that the nucleus reads. */

/** Section 5.2.5.3. Revision 2 and later have the 64-bit address of the XSDT. */
export const RSDP = {
  signature: 'RSD PTR ',
  Revision: 15,
  RsdtAddress: 16,
  Length: 20,
  XsdtAddress: 24,
} as const;
export const rsdpBytes = { version1: 20, version2: 36 } as const;

/** Section 5.2.6: every other table begins with this header. */
export const DESCRIPTION_HEADER = { Signature: 0, Length: 4, size: 36 } as const;

/** Section 5.2.9. */
export const FADT = {
  signature: 'FACP',
  DSDT: 40,
  SMI_CMD: 48,
  ACPI_ENABLE: 52,
  PM1a_CNT_BLK: 64,
  PM1b_CNT_BLK: 68,
  PM_TMR_BLK: 76,
  CENTURY: 108,
  Flags: 112,
  RESET_REG: 116,
  RESET_VALUE: 128,
  /** Length from which on the reset register is there. */
  resetEnd: 129,
  RESET_REG_SUP: 10,
  X_DSDT: 140,
  /** Length from which on X_DSDT is there. */
  xDsdtEnd: 148,
} as const;

/** Section 5.2.12. */
export const MADT = { signature: 'APIC', LocalApicAddress: 36, entries: 44 } as const;
export const madtEntry = {
  localApic: { type: 0, flags: 4, size: 8 },
  localX2apic: { type: 9, flags: 8, size: 16 },
  ioApic: { type: 1, address: 4, gsiBase: 8, size: 12 },
  interruptSourceOverride: { type: 2, source: 3, gsi: 4, flags: 8, size: 10 },
} as const;
/** Section 5.2.12.2, bit of the flags of a processor that works. */
export const processorEnabled = 1;
/** Section 5.2.12.5, MPS INTI flags: polarity in bits 0-1, trigger mode in bits 2-3. */
export const intiFlags = { polarityMask: 3, activeLow: 3, triggerMask: 0xc, level: 0xc } as const;

/** Section 5.2.3.2: generic address structure, and its address spaces. */
export const GAS = { AddressSpaceId: 0, Address: 4, size: 12 } as const;
export const addressSpace = { memory: 0, io: 1, pciConfiguration: 2 } as const;
/** IA-PC HPET specification 1.0a, section 3.2.4. */
export const HPET = { signature: 'HPET', BASE_ADDRESS: 40, size: 56 } as const;
/** PCI firmware specification 3.3, section 4.1.2: where configuration space is in memory. */
export const MCFG = {
  signature: 'MCFG',
  allocations: 44,
  allocation: { base: 0, segment: 8, firstBus: 10, lastBus: 11, size: 16 },
} as const;
/** Intel VT-d specification, section 8.1: DMA remapping reporting; firmware may ask for no x2APIC. */
export const DMAR = { signature: 'DMAR', Flags: 37, X2APIC_OPT_OUT: 1 << 1 } as const;

/** Section 4.8.3.1: PM1 status register; PM1 enable has the same bits where it has any. */
export const PM1_STS = {
  TMR_STS: 1 << 0,
  PWRBTN_STS: 1 << 8,
  RTC_STS: 1 << 10,
} as const;
/** Section 4.8.3.2.1: PM1 control register. */
export const PM1_CNT = { SCI_EN: 0, SLP_TYP: 10, SLP_EN: 13 } as const;
/** Section 4.8.3.3: the power-management timer. */
export const PM_TMR = { hertz: 3_579_545, bits: 24 } as const;

/** Section 20.2: AML opcodes in the definition of the \_S5 package. */
export const aml = {
  NameOp: 0x08,
  PackageOp: 0x12,
  BytePrefix: 0x0a,
  WordPrefix: 0x0b,
  DWordPrefix: 0x0c,
} as const;

/** Tables longer than this are taken for corrupt. */
export const tableBytesMax = 1 << 20;

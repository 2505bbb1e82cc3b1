/** The watchdog of Intel's I/O controller hub 9: data sheet 316972, section 13.9. */

/** Offsets from TCOBASE, which is PMBASE + 0x60. */
export const tco = {
  TCO_RLD: 0x00,
  TCO_DAT_IN: 0x02,
  TCO_DAT_OUT: 0x03,
  TCO1_STS: 0x04,
  TCO2_STS: 0x06,
  TCO1_CNT: 0x08,
  TCO2_CNT: 0x0a,
  TCO_MESSAGE1: 0x0c,
  TCO_MESSAGE2: 0x0d,
  TCO_WDCNT: 0x0e,
  SW_IRQ_GEN: 0x10,
  TCO_TMR: 0x12,
} as const;
export const tcoPorts = 32;

export const TCO1_STS = { SW_TCO_SMI: 1 << 1, TCO_INT_STS: 1 << 2, TIMEOUT: 1 << 3 } as const;
export const TCO2_STS = { SECOND_TO_STS: 1 << 1, BOOT_STS: 1 << 2 } as const;
export const TCO1_CNT = { TCO_TMR_HLT: 1 << 11, TCO_LOCK: 1 << 12, writable: 0xfeff } as const;

/** The timer counts down ten bits, a tick in 0.6 seconds; it ignores values below 2. */
export const tcoTickNs = 600_000_000;
export const tcoTimerMask = 0x3ff;
export const tcoTicksMin = 2;

/** Registers that are not zero after a reset. */
export const tcoReset = { TCO2_CNT: 0x0008, SW_IRQ_GEN: 0x03, TCO_TMR: 0x0004 } as const;

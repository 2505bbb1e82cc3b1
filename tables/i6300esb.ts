/** The watchdog of Intel's 6300ESB I/O controller hub: data sheet 300641. */

export const i6300esb = {
  /** A free slot of the PC. */
  device: 1,
  function: 0,
  vendorId: 0x8086,
  deviceId: 0x25ab,
  classCode: 0x088000,
  /** Where the PC's firmware puts BAR0. */
  bar0: 0xfebf_f000,
} as const;

/** Offsets in configuration space. */
export const esbConfig = { CONFIG: 0x60, LOCK: 0x68 } as const;
export const ESB_CONFIG = {
  /** Set: the second stage does not reset. */
  WDT_OUTPUT: 1 << 5,
  /** Set: 1 MHz to 1 Hz, else 1 kHz to 1 Hz. */
  WDT_PRE_SEL: 1 << 2,
  /** What the first stage does. */
  WDT_INT_TYPE: 3,
} as const;
export const esbInterruptType = { interrupt: 0, smi: 2, disabled: 3 } as const;
export const ESB_LOCK = { WDT_TOUT_CNF: 1 << 2, WDT_ENABLE: 1 << 1, WDT_LOCK: 1 << 0 } as const;

/** Offsets from BAR0. */
export const esb = { PRELOAD1: 0x0, PRELOAD2: 0x4, GINTSR: 0x8, RELOAD: 0xc } as const;
export const esbBytes = 16;
export const esbPreloadMask = 0xf_ffff;
export const ESB_RELOAD = { WDT_RELOAD: 1 << 8, WDT_TIMEOUT: 1 << 9 } as const;
/** Written to RELOAD in this order before every write to PRELOAD1, PRELOAD2 or RELOAD. */
export const esbUnlock = [0x80, 0x86] as const;

/** The counter runs on the 33 MHz clock, divided by 2^15 or, for 1 MHz, by 2^5. */
export const esbClockHertz = 33_000_000;
export const esbPrescale = { slow: 1 << 15, fast: 1 << 5 } as const;
/** Input of the I/O APIC for the first stage's interrupt. */
export const esbGsi = 10;

/** High precision event timers: IA-PC HPET specification 1.0a, section 2.3. */

/** Offsets of the general registers; each has 64 bits. */
export const hpet = {
  GCAP_ID: 0x000,
  GEN_CONF: 0x010,
  GINTR_STA: 0x020,
  MAIN_CNT: 0x0f0,
  /** Registers of timer n begin at `timer0 + n * timerBytes`. */
  timer0: 0x100,
  timerBytes: 0x20,
  blockBytes: 0x400,
} as const;

/** Offsets in a timer's registers. */
export const hpetTimer = { CONF: 0x00, CVAL: 0x08, FSB_ROUTE: 0x10 } as const;

/** Section 2.3.4: bits of GCAP_ID. */
export const GCAP_ID = {
  REV_ID: 0n,
  NUM_TIM_CAP: 8n,
  COUNT_SIZE_CAP: 13n,
  LEG_RT_CAP: 15n,
  VENDOR_ID: 16n,
  COUNTER_CLK_PERIOD: 32n,
} as const;

/** Section 2.3.4: longer ticks are not allowed. */
export const hpetPeriodMax = 0x05f5_e100;

/** Section 2.3.5: bits of GEN_CONF. */
export const GEN_CONF = { ENABLE_CNF: 1n << 0n, LEG_RT_CNF: 1n << 1n } as const;

/** Section 2.3.8: bits of a timer's configuration. */
export const TN_CONF = {
  INT_TYPE_CNF: 1n << 1n,
  INT_ENB_CNF: 1n << 2n,
  TYPE_CNF: 1n << 3n,
  PER_INT_CAP: 1n << 4n,
  SIZE_CAP: 1n << 5n,
  VAL_SET_CNF: 1n << 6n,
  MODE32_CNF: 1n << 8n,
} as const;
/** INT_ROUTE_CNF: five bits from bit 9 on; INT_ROUTE_CAP: the upper half, a bit a line. */
export const TN_INT_ROUTE_CNF = { shift: 9n, mask: 0x1fn } as const;
export const TN_INT_ROUTE_CAP = 32n;

/** The PC's block, as QEMU's Q35 has it: ticks of 10 ns, and lines 2, 8 and 16 to 23. */
export const pcHpet = {
  revision: 1n,
  vendor: 0x8086n,
  timers: 3,
  tickNs: 10,
  femtosecondsPerTick: 10_000_000n,
  routes: 0x00ff_0104n,
  /** The HPET table's Minimum Clock_tick: interrupts of shorter periods may be lost. */
  periodTicksMin: 100n,
} as const;

/** Section 2.3.5, LEG_RT_CNF: lines of timers 0 and 1 at the I/O APIC in legacy replacement mode. */
export const hpetLegacyLines = [2, 8] as const;

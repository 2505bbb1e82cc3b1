/** The real-time clock and its memory: Motorola MC146818A data sheet; century byte as ACPI names it. */

export const cmosPorts = { index: 0x70, data: 0x71 } as const;
export const cmosBytes = 128;
/** Bit 7 of the index port masks the NMI and selects nothing. */
export const cmosIndexMask = 0x7f;

/** Addresses of clock and registers. */
export const rtc = {
  seconds: 0x00,
  secondsAlarm: 0x01,
  minutes: 0x02,
  minutesAlarm: 0x03,
  hours: 0x04,
  hoursAlarm: 0x05,
  dayOfWeek: 0x06,
  dayOfMonth: 0x07,
  month: 0x08,
  year: 0x09,
  A: 0x0a,
  B: 0x0b,
  C: 0x0c,
  D: 0x0d,
  /** The FADT's CENTURY. */
  century: 0x32,
  /** Where the IBM PS/2 has the century; selecting it selects `century`. */
  centuryPs2: 0x37,
} as const;

/** Bits of register A: update in progress, divider chain, rate of the periodic interrupt. */
export const RTC_A = { UIP: 0x80, DV: 0x70, RS: 0x0f } as const;
/** Values of DV: up to 32 kHz the clock runs, from 110 on the chain is held in reset. */
export const rtcDivider = { runsMax: 0x20, reset: 0x60 } as const;
export const RTC_B = {
  SET: 0x80,
  PIE: 0x40,
  AIE: 0x20,
  UIE: 0x10,
  SQWE: 0x08,
  DM: 0x04,
  H24: 0x02,
} as const;
/** Flags of register C stand where register B enables them. */
export const RTC_C = { IRQF: 0x80, PF: 0x40, AF: 0x20, UF: 0x10 } as const;
export const RTC_D = { VRT: 0x80 } as const;

/** An alarm byte with both upper bits set matches everything. */
export const rtcDontCare = 0xc0;
/** Bit 7 of the hours in 12-hour mode. */
export const rtcAfternoon = 0x80;
/** UIP is set so long before the clock changes. */
export const rtcUpdateNs = 244_140;
export const rtcCrystalHertz = 32_768;
/** Registers when power comes on: 32 kHz, 1,024 Hz; 24 hours, BCD; time is valid. */
export const rtcPowerOn = { A: 0x26, B: 0x02, D: 0x80 } as const;

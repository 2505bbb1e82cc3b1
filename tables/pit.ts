/** Channel 2 of the interval timer: Intel 8254 data sheet; port 0x61 as in the ICH9 data sheet, section 13.7.1. */
export const pit = {
  hertz: 1_193_182,
  channel2: 0x42,
  control: 0x43,
  /** Control words: channel 2, both bytes of the count, mode 0; and its count is to be read. */
  once: 0xb0,
  latch: 0x80,
  gate: 0x61,
  /** Bits of port 0x61. */
  gateOn: 0x01,
  speaker: 0x02,
  output: 0x20,
} as const;

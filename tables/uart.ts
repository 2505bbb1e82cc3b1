/** The 16550 UART: National Semiconductor PC16550D data sheet. Offsets from the first port. */
export const uart = {
  /** Receiver buffer (read), transmitter holding (write), divisor low (DLAB). */
  data: 0,
  /** Interrupt enable, divisor high (DLAB). */
  interruptEnable: 1,
  /** Interrupt identification (read), FIFO control (write). */
  interruptIdentification: 2,
  lineControl: 3,
  modemControl: 4,
  lineStatus: 5,
  modemStatus: 6,
  scratch: 7,
} as const;

export const lineStatus = { dataReady: 0x01, holdingEmpty: 0x20, transmitterEmpty: 0x40 } as const;
export const lineControl = { eightBits: 0x03, divisorAccess: 0x80 } as const;
export const interruptEnable = { received: 0x01, holdingEmpty: 0x02 } as const;
export const interruptIdentification = {
  none: 0x01,
  holdingEmpty: 0x02,
  received: 0x04,
  fifo: 0xc0,
} as const;
export const uartClockBaud = 115200;

/**
 * Register writes that make 115200 baud, 8N1, FIFOs on and cleared, DTR, RTS and OUT2 set, no
 * interrupts.
 */
export const uartSetUp: readonly (readonly [offset: number, value: number])[] = [
  [uart.interruptEnable, 0x00],
  [uart.lineControl, lineControl.divisorAccess],
  [uart.data, 0x01],
  [uart.interruptEnable, 0x00],
  [uart.lineControl, lineControl.eightBits],
  [uart.interruptIdentification, 0xc7],
  [uart.modemControl, 0x0b],
];

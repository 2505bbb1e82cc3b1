/**
 * A 16550 UART: National Semiconductor PC16550D data sheet, section 8. Bytes take as long on the
 * line as the divisor
 * and the line control register say; a sent byte goes to `onSend` when it is written, as QEMU does
 * it, so that nothing
 * is lost when the machine is switched off.
 *
 * The interrupt output passes through OUT2 of the modem control register, as on a PC's board.
 */
import { uart as offsets } from '../tables/uart.ts';
import type { ClockEvent, VirtualClock } from './clock.ts';

const ier = { received: 1, holdingEmpty: 2, lineStatus: 4, modemStatus: 8, all: 15 } as const;
const lsr = { dataReady: 1, overrun: 2, errors: 0x1e, holdingEmpty: 0x20, empty: 0x40 } as const;
const mcr = { dtr: 1, rts: 2, out1: 4, out2: 8, loop: 16, all: 31 } as const;
const msr = { deltas: 15, cts: 0x10, dsr: 0x20, ri: 0x40, dcd: 0x80 } as const;
const fcr = { enable: 1, clearReceive: 2, clearSend: 4, triggerShift: 6 } as const;
const lcr = { dataBits: 3, twoStops: 4, parity: 8, divisorAccess: 0x80 } as const;
const iirFifo = 0xc0;
const iirNone = 1;

const fifoBytes = 16;
const receiveTriggers = [1, 4, 8, 14] as const;
/** An unread byte below the trigger level causes an interrupt after four character times. */
const timeoutCharacters = 4;
const baseBaud = 115200;

/** Table 8-III: the interrupt with the highest priority first, by its IIR code. */
const interruptSources: readonly {
  readonly code: number;
  readonly active: (u: Uart16550) => boolean;
}[] = [
  { code: 0x06, active: (u) => (u.ier & ier.lineStatus) !== 0 && (u.lsrErrors & lsr.errors) !== 0 },
  { code: 0x04, active: (u) => (u.ier & ier.received) !== 0 && u.receivedEnough },
  { code: 0x0c, active: (u) => (u.ier & ier.received) !== 0 && u.timedOut },
  { code: 0x02, active: (u) => (u.ier & ier.holdingEmpty) !== 0 && u.holdingEmptyPending },
  {
    code: 0x00,
    active: (u) => (u.ier & ier.modemStatus) !== 0 && (u.msrDeltas & msr.deltas) !== 0,
  },
];

export interface UartRegister {
  readonly name: string;
  readonly offset: number;
  /**
   * The registers that are there when the divisor latch access bit is set, is clear, or in both
   * cases.
   */
  readonly divisorAccess: boolean | null;
  readonly read: ((u: Uart16550) => number) | null;
  readonly write: ((u: Uart16550, value: number) => void) | null;
}

/** Section 8, table 8-I. */
export const uartRegisters: readonly UartRegister[] = [
  {
    name: 'RBR and THR',
    offset: offsets.data,
    divisorAccess: false,
    read: (u) => u.takeReceived(),
    write: (u, value) => u.send(value),
  },
  {
    name: 'DLL',
    offset: offsets.data,
    divisorAccess: true,
    read: (u) => u.divisor & 0xff,
    write: (u, value) => {
      u.divisor = (u.divisor & 0xff00) | value;
    },
  },
  {
    name: 'IER',
    offset: offsets.interruptEnable,
    divisorAccess: false,
    read: (u) => u.ier,
    write: (u, value) => u.writeInterruptEnable(value),
  },
  {
    name: 'DLM',
    offset: offsets.interruptEnable,
    divisorAccess: true,
    read: (u) => u.divisor >> 8,
    write: (u, value) => {
      u.divisor = (value << 8) | (u.divisor & 0xff);
    },
  },
  {
    name: 'IIR and FCR',
    offset: offsets.interruptIdentification,
    divisorAccess: null,
    read: (u) => u.identifyInterrupt(),
    write: (u, value) => u.writeFifoControl(value),
  },
  {
    name: 'LCR',
    offset: offsets.lineControl,
    divisorAccess: null,
    read: (u) => u.lcr,
    write: (u, value) => {
      u.lcr = value;
    },
  },
  {
    name: 'MCR',
    offset: offsets.modemControl,
    divisorAccess: null,
    read: (u) => u.mcr,
    write: (u, value) => u.writeModemControl(value),
  },
  {
    name: 'LSR',
    offset: offsets.lineStatus,
    divisorAccess: null,
    read: (u) => u.readLineStatus(),
    write: null,
  },
  {
    name: 'MSR',
    offset: offsets.modemStatus,
    divisorAccess: null,
    read: (u) => u.readModemStatus(),
    write: null,
  },
  {
    name: 'SCR',
    offset: offsets.scratch,
    divisorAccess: null,
    read: (u) => u.scratch,
    write: (u, value) => {
      u.scratch = value;
    },
  },
];

export interface UartWiring {
  readonly clock: VirtualClock;
  /** A byte leaves on the line. */
  readonly onSend: (byte: number) => void;
  /** The interrupt output changed. */
  readonly onInterrupt: (level: boolean) => void;
  /** A byte was taken from a receive FIFO that may have been full. */
  readonly onRoom: () => void;
}

export class Uart16550 {
  ier = 0;
  lcr = 0;
  mcr = 0;
  scratch = 0;
  /** 9600 baud, where PC firmware leaves it. */
  divisor = 12;
  lsrErrors = 0;
  msrDeltas = 0;
  holdingEmptyPending = false;
  timedOut = false;
  /** When a byte last went out or came in. */
  lastByteNs = 0;
  private readonly wiring: UartWiring;
  private fifoEnabled = false;
  private trigger = 1;
  private received: number[] = [];
  /** What the data register still shows without FIFOs when it was read before. */
  private lastReceived = 0;
  private sending: number[] = [];
  private shifting = false;
  private timeout: ClockEvent | null = null;
  private line = false;

  constructor(wiring: UartWiring) {
    this.wiring = wiring;
  }

  // ---- The bus ----

  read(offset: number): number {
    const value = this.register(offset, 'read')?.read?.(this) ?? 0xff;
    this.updateInterrupt();
    return value & 0xff;
  }

  write(offset: number, value: number): void {
    this.register(offset, 'write')?.write?.(this, value & 0xff);
    this.updateInterrupt();
  }

  private register(offset: number, access: 'read' | 'write'): UartRegister | undefined {
    const latch = (this.lcr & lcr.divisorAccess) !== 0;
    return uartRegisters.find(
      (r) =>
        r.offset === offset &&
        r[access] !== null &&
        (r.divisorAccess === null || r.divisorAccess === latch),
    );
  }

  private updateInterrupt(): void {
    const level = (this.mcr & mcr.out2) !== 0 && interruptSources.some((s) => s.active(this));
    if (level === this.line) return;
    this.line = level;
    this.wiring.onInterrupt(level);
  }

  // ---- The line ----

  /** Time of one character: start bit, data, parity, stop bits. */
  get characterNs(): number {
    const data = 5 + (this.lcr & lcr.dataBits);
    const parity = (this.lcr & lcr.parity) !== 0 ? 1 : 0;
    const stops = (this.lcr & lcr.twoStops) === 0 ? 1 : data === 5 ? 1.5 : 2;
    const baud = baseBaud / Math.max(1, this.divisor);
    return Math.round(((1 + data + parity + stops) * 1e9) / baud);
  }

  /** Nothing is being sent. */
  get isSilent(): boolean {
    return !this.shifting;
  }

  get hasRoom(): boolean {
    return this.received.length < (this.fifoEnabled ? fifoBytes : 1);
  }

  /** A byte arrives; without room it is lost and the driver is told so. */
  receive(byte: number): void {
    this.lastByteNs = this.wiring.clock.nowNs;
    if ((this.mcr & mcr.loop) !== 0) return;
    this.accept(byte);
    this.updateInterrupt();
  }

  private accept(byte: number): void {
    if (!this.fifoEnabled) this.lastReceived = byte;
    if (this.hasRoom) this.received.push(byte);
    else {
      this.lsrErrors |= lsr.overrun;
      // Without FIFOs the new byte takes the place of the old one.
      if (!this.fifoEnabled) this.received[0] = byte;
    }
    this.restartTimeout();
  }

  get receivedEnough(): boolean {
    return this.received.length >= (this.fifoEnabled ? this.trigger : 1);
  }

  private restartTimeout(): void {
    this.timedOut = false;
    if (this.timeout !== null) this.wiring.clock.cancel(this.timeout);
    this.timeout = null;
    if (!this.fifoEnabled || this.received.length === 0) return;
    this.timeout = this.wiring.clock.schedule(timeoutCharacters * this.characterNs, () => {
      this.timeout = null;
      this.timedOut = true;
      this.updateInterrupt();
    });
  }

  takeReceived(): number {
    const byte = this.received.shift();
    if (byte === undefined) return this.fifoEnabled ? 0 : this.lastReceived;
    this.restartTimeout();
    this.wiring.onRoom();
    return byte;
  }

  // ---- Sending ----

  send(byte: number): void {
    this.lastByteNs = this.wiring.clock.nowNs;
    this.holdingEmptyPending = false;
    if (this.sending.length >= (this.fifoEnabled ? fifoBytes : 1)) {
      // Too fast: without FIFOs the byte replaces its predecessor, with them it is lost.
      if (!this.fifoEnabled) this.sending[0] = byte;
      return;
    }
    this.sending.push(byte);
    if ((this.mcr & mcr.loop) === 0) this.wiring.onSend(byte);
    if (!this.shifting) this.shiftNext();
  }

  /** The next byte goes from the holding register or FIFO to the shift register. */
  private shiftNext(): void {
    const byte = this.sending.shift();
    this.shifting = byte !== undefined;
    if (byte === undefined) return;
    if (this.sending.length === 0) this.holdingEmptyPending = true;
    this.wiring.clock.schedule(this.characterNs, () => {
      if ((this.mcr & mcr.loop) !== 0) this.accept(byte);
      this.shiftNext();
      this.updateInterrupt();
    });
  }

  // ---- Registers ----

  writeInterruptEnable(value: number): void {
    const changed = (value ^ this.ier) & ier.holdingEmpty;
    this.ier = value & ier.all;
    // Switching the interrupt on reports a transmitter that is empty already; off, it is forgotten.
    if (changed !== 0) {
      this.holdingEmptyPending = (value & changed) !== 0 && this.sending.length === 0;
    }
  }

  /** Reading IIR ends a holding-register-empty interrupt, if that is what it reports. */
  identifyInterrupt(): number {
    const source = interruptSources.find((s) => s.active(this));
    if (source?.code === 0x02) this.holdingEmptyPending = false;
    return (source?.code ?? iirNone) | (this.fifoEnabled ? iirFifo : 0);
  }

  /**
   * Section 8.5; changing bit 0 clears both FIFOs. An emptied transmitter is reported, as QEMU
   * does it.
   */
  writeFifoControl(value: number): void {
    const enabled = (value & fcr.enable) !== 0;
    const changed = enabled !== this.fifoEnabled;
    this.fifoEnabled = enabled;
    this.trigger = enabled ? (receiveTriggers[value >> fcr.triggerShift] ?? 1) : 1;
    if (changed || (value & fcr.clearReceive) !== 0) {
      this.received = [];
      this.restartTimeout();
      this.wiring.onRoom();
    }
    if (changed || (value & fcr.clearSend) !== 0) {
      this.sending = [];
      this.holdingEmptyPending = true;
    }
  }

  writeModemControl(value: number): void {
    const before = this.modemLines;
    this.mcr = value & mcr.all;
    const changed = before ^ this.modemLines;
    // The delta bits stand four below their lines; ring tells only its trailing edge.
    this.msrDeltas |= (changed >> 4) & 0x0b;
    if ((before & msr.ri & changed) !== 0) this.msrDeltas |= 4;
  }

  /** In loop mode the outputs are the inputs; otherwise a ready peer is connected. */
  private get modemLines(): number {
    if ((this.mcr & mcr.loop) === 0) return msr.cts | msr.dsr | msr.dcd;
    const pairs = [
      [mcr.rts, msr.cts],
      [mcr.dtr, msr.dsr],
      [mcr.out1, msr.ri],
      [mcr.out2, msr.dcd],
    ] as const;
    return pairs.reduce((lines, [out, input]) => lines | ((this.mcr & out) !== 0 ? input : 0), 0);
  }

  readModemStatus(): number {
    const value = this.modemLines | this.msrDeltas;
    this.msrDeltas = 0;
    return value;
  }

  readLineStatus(): number {
    const ready = this.received.length > 0 ? lsr.dataReady : 0;
    const holding = this.sending.length === 0 ? lsr.holdingEmpty : 0;
    const empty = holding !== 0 && !this.shifting ? lsr.empty : 0;
    const value = ready | holding | empty | this.lsrErrors;
    this.lsrErrors = 0;
    return value;
  }
}

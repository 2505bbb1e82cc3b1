/**
 * What is typed on the serial line. A script says which bytes come when, and makes a run a pure
 * function of it; a reader brings bytes from outside when the machine has nothing else to do.
 * Either way the bytes then travel at the line's speed, and wait while the receiver has no room (as
 * a sender with hardware flow control does).
 */
import type { VirtualClock } from './clock.ts';
import type { Uart16550 } from './uart_16550.ts';

export interface ScriptedBytes {
  /** Virtual time at which the sender starts. */
  readonly atNs: number;
  readonly bytes: Uint8Array;
}

/** Bytes from outside the machine. */
export interface SerialReader {
  /**
   * Wait for bytes until `limitMs` have passed outside (null: as long as it takes). Null: there
   * will be no more; an empty array: none came in time.
   */
  read(limitMs: number | null): Uint8Array | null;
  /**
   * Whether virtual waits take as long outside as inside, so that a person sees timers run at their
   * speed.
   */
  readonly realTime: boolean;
}

/** The far end of the cable. */
export class SerialSender {
  private readonly clock: VirtualClock;
  private readonly uart: Uart16550;
  private queue: number[] = [];
  private sending = false;

  constructor(clock: VirtualClock, uart: Uart16550, script: readonly ScriptedBytes[]) {
    this.clock = clock;
    this.uart = uart;
    for (const { atNs, bytes } of script) clock.schedule(atNs, () => this.send(bytes));
  }

  send(bytes: Uint8Array): void {
    for (const byte of bytes) this.queue.push(byte);
    this.proceed();
  }

  /** Called when the receiver may have room again. */
  proceed(): void {
    if (this.sending || this.queue.length === 0 || !this.uart.hasRoom) return;
    this.sending = true;
    this.clock.schedule(this.uart.characterNs, () => {
      this.sending = false;
      const byte = this.queue.shift();
      if (byte !== undefined) this.uart.receive(byte);
      this.proceed();
    });
  }
}

/**
 * Standard input as what is typed on the serial line. A pipe or file is read when the machine has
 * nothing else to do; at a terminal, virtual waits also take their time, so that the person's
 * typing and the machine's timers mix.
 */
import { constants, openSync, readSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { SerialReader } from './serial_input.ts';

const pollMs = 5;
const chunkBytes = 4096;

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

export class StdinReader implements SerialReader {
  readonly realTime: boolean;
  private readonly descriptor: number;
  private readonly chunk = new Uint8Array(chunkBytes);

  constructor() {
    this.realTime = isatty(0);
    // A description of our own: switching the terminal of a shell to non-blocking would outlive
    // this process.
    this.descriptor = this.realTime
      ? openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK)
      : 0;
  }

  read(limitMs: number | null): Uint8Array | null {
    const endMs = limitMs === null ? Number.POSITIVE_INFINITY : performance.now() + limitMs;
    for (;;) {
      const count = this.readNow();
      if (count === 0) return null;
      if (count !== null) return this.chunk.slice(0, count);
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return new Uint8Array(0);
      sleep(Math.min(pollMs, leftMs));
    }
  }

  /** Bytes read, 0 at the end, null when there are none now. */
  private readNow(): number | null {
    try {
      return readSync(this.descriptor, this.chunk, 0, chunkBytes, null);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'EAGAIN') return null;
      if (code === 'EOF') return 0;
      throw error;
    }
  }
}

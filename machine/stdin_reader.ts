/**
 * Standard input as what is typed on the serial line. A pipe or file is read when the machine has
 * nothing else to do for a while; at a terminal, virtual waits also take their time, so that the
 * person's typing and the machine's timers mix. The end of a pipe or file is typed as
 * tables/console.ts says, and again when the machine still waits.
 *
 * A terminal gives every key to the machine, which echoes and edits (raw mode), but for ^]: that
 * ends the reading program.
 */
import { constants, openSync, readSync } from 'node:fs';
import { isatty } from 'node:tty';
import { endOfInput } from '../tables/console.ts';
import type { SerialReader } from './serial_input.ts';

const pollMs = 5;
const chunkBytes = 4096;
const endsTyped = 32;
/** ^], as telnet has it. */
const escapeKey = 0x1d;
const escapedStatus = 130;

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/**
 * A description of our own: switching that of a shell to non-blocking would outlive this process.
 * What cannot be opened again (a socket) is read as it is.
 */
function openInput(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return 0;
  }
}

export class StdinReader implements SerialReader {
  readonly realTime: boolean;
  private readonly descriptor: number;
  private readonly chunk = new Uint8Array(chunkBytes);
  private ends = 0;

  constructor() {
    this.realTime = isatty(0);
    this.descriptor = openInput(this.realTime ? '/dev/tty' : '/dev/stdin');
    if (!this.realTime) return;
    process.stdin.setRawMode(true);
    process.on('exit', () => process.stdin.setRawMode(false));
  }

  read(limitMs: number | null): Uint8Array | null {
    const endMs = limitMs === null ? Number.POSITIVE_INFINITY : performance.now() + limitMs;
    for (;;) {
      const count = this.readNow();
      if (count === 0) return this.end();
      if (count !== null) return this.typed(this.chunk.slice(0, count));
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return new Uint8Array(0);
      sleep(Math.min(pollMs, leftMs));
    }
  }

  private typed(bytes: Uint8Array): Uint8Array {
    if (this.realTime && bytes.includes(escapeKey)) process.exit(escapedStatus);
    return bytes;
  }

  private end(): Uint8Array | null {
    if (this.ends >= endsTyped || this.realTime) return null;
    this.ends++;
    return Buffer.from(endOfInput);
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

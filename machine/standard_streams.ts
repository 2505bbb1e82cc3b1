/**
 * This process's standard streams as a device of the simulated PC (tables/host_files.ts,
 * `standardStreams`). Node cannot ask whether there is something to read, so what is there is read
 * ahead, as much as the guest has not taken yet allows.
 */
import { constants, openSync, readSync, writeSync } from 'node:fs';

const pollMs = 2;
const chunkBytes = 1 << 16;
const standardInput = 0;

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/**
 * A description of our own: switching that of a shell to non-blocking would outlive this process.
 * What cannot be opened again (a socket) is read as it is.
 */
function openInput(): number {
  try {
    return openSync('/dev/stdin', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return standardInput;
  }
}

export class StandardStreams {
  private readonly input = openInput();
  private readonly chunk = new Uint8Array(chunkBytes);
  private held = this.chunk.subarray(0, 0);
  private ended = false;

  /** Something to read, or its end, waits for the guest. */
  get ready(): boolean {
    return this.held.length > 0 || this.ended;
  }

  /** Look for input. */
  poll(): void {
    if (this.ready) return;
    try {
      const count = readSync(this.input, this.chunk, 0, chunkBytes, null);
      if (count === 0) this.ended = true;
      else this.held = this.chunk.subarray(0, count);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'EAGAIN') return;
      // A terminal that is gone, a descriptor that is closed: there will be no more.
      this.ended = true;
    }
  }

  /** Wait until there is input or the time is over. */
  wait(limitMs: number): void {
    const end = performance.now() + limitMs;
    for (;;) {
      this.poll();
      const left = end - performance.now();
      if (this.ready || left <= 0) return;
      sleep(Math.min(pollMs, left));
    }
  }

  /** Take what there is, up to the size of `to`; 0 at the end. */
  read(to: Uint8Array): number {
    this.poll();
    const count = Math.min(to.length, this.held.length);
    to.set(this.held.subarray(0, count));
    this.held = this.held.subarray(count);
    return count;
  }

  /** Write all bytes; waits for a slow receiver. */
  write(descriptor: number, bytes: Uint8Array): number {
    for (let done = 0; done < bytes.length; ) {
      try {
        done += writeSync(descriptor, bytes, done, bytes.length - done);
      } catch (error) {
        if ((error as { code?: string }).code !== 'EAGAIN') throw error;
        sleep(pollMs);
      }
    }
    return bytes.length;
  }
}

/** Writing to a descriptor of the host from Node's event loop, in order; nobody waits. */
import { write } from 'node:fs';
import type { Writable } from 'node:stream';

const retryMs = 2;

export abstract class OutputStream {
  /** So many bytes were written; `error` is a negative error number or 0. */
  onWritten: (bytes: number, error: number) => void = () => undefined;

  abstract write(bytes: Uint8Array): void;
  /** When everything has been written. */
  abstract drained(): Promise<void>;
  abstract close(): void;
}

/** Standard output or error, whatever they are. */
export class FileOutput extends OutputStream {
  private readonly descriptor: number;
  private readonly waiting: Uint8Array[] = [];
  private busy = false;
  private failed = false;
  private whenDrained: (() => void)[] = [];

  constructor(descriptor: number) {
    super();
    this.descriptor = descriptor;
  }

  write(bytes: Uint8Array): void {
    this.waiting.push(bytes);
    if (!this.busy) this.next();
  }

  drained(): Promise<void> {
    if (!this.busy) return Promise.resolve();
    return new Promise((resolve) => this.whenDrained.push(resolve));
  }

  close(): void {}

  private next(): void {
    const bytes = this.waiting.shift();
    this.busy = bytes !== undefined;
    if (bytes === undefined) {
      for (const resolve of this.whenDrained.splice(0)) resolve();
      return;
    }
    if (this.failed) {
      this.onWritten(bytes.length, 0);
      this.next();
      return;
    }
    write(this.descriptor, bytes, (error, count) => {
      if (error?.code === 'EAGAIN') {
        this.waiting.unshift(bytes);
        setTimeout(() => this.next(), retryMs);
        return;
      }
      if (error) this.failed = true;
      else if (count < bytes.length) this.waiting.unshift(bytes.subarray(count));
      this.onWritten(error ? bytes.length : count, error?.errno ?? 0);
      this.next();
    });
  }
}

/** What a program reads. */
export class ProgramInput extends OutputStream {
  private readonly stream: Writable;

  constructor(stream: Writable) {
    super();
    this.stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => this.onWritten(0, error.errno ?? -1));
  }

  write(bytes: Uint8Array): void {
    this.stream.write(bytes, (error) => {
      if (!error) this.onWritten(bytes.length, 0);
    });
  }

  /** A program may never read what it was given: only what is the VM's own output is waited for. */
  drained(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.stream.end();
  }
}

/** Reading from the host in Node's event loop, with a bound on what was read and is not taken. */
import { constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';

export class InputStream {
  private readonly stream: Readable;
  private notTaken = 0;
  private limit = 0;

  constructor(stream: Readable) {
    this.stream = stream;
  }

  /**
   * Standard input. A pipe is opened once more: switching the description that belongs to a shell,
   * too, to non-blocking would outlive this process.
   */
  static ofStandardInput(): InputStream {
    if (isatty(0)) return new InputStream(new ReadStream(0));
    const stat = fstatSync(0);
    if (stat.isFIFO()) {
      const fd = openSync('/dev/stdin', constants.O_RDONLY | constants.O_NONBLOCK);
      return new InputStream(new Socket({ fd, readable: true, writable: false }));
    }
    if (stat.isSocket()) {
      return new InputStream(new Socket({ fd: 0, readable: true, writable: false }));
    }
    return new InputStream(createReadStream('', { fd: 0, autoClose: false }));
  }

  /** Give what comes to `onBytes`, no more than `limit` bytes before they are `taken`. */
  flow(limit: number, onBytes: (bytes: Uint8Array) => void, onEnd: (error: number) => void): void {
    this.limit = limit;
    this.stream.on('data', (bytes: Buffer) => {
      this.notTaken += bytes.length;
      if (this.notTaken >= this.limit) this.stream.pause();
      onBytes(new Uint8Array(bytes));
    });
    this.stream.on('end', () => onEnd(0));
    // A terminal that is gone, a descriptor that is closed: there will be no more.
    this.stream.on('error', () => onEnd(0));
  }

  taken(bytes: number): void {
    this.notTaken -= bytes;
    if (this.notTaken < this.limit && this.stream.isPaused()) this.stream.resume();
  }

  setKeys(keys: boolean): void {
    if (this.stream instanceof ReadStream) this.stream.setRawMode(keys);
  }

  close(): void {
    this.stream.destroy();
  }
}

/**
 * Collects what the machine sends, so that the receiver is called once a line and not once a byte.
 * Whoever makes the outside wait (for input) flushes first.
 */
const flushBytes = 1024;
const newline = 10;

export class SerialOutput {
  private readonly receiver: (bytes: Uint8Array) => void;
  private readonly bytes = new Uint8Array(flushBytes);
  private count = 0;

  constructor(receiver: (bytes: Uint8Array) => void) {
    this.receiver = receiver;
  }

  write(byte: number): void {
    this.bytes[this.count++] = byte;
    if (byte === newline || this.count === flushBytes) this.flush();
  }

  flush(): void {
    if (this.count === 0) return;
    const sent = this.bytes.slice(0, this.count);
    this.count = 0;
    this.receiver(sent);
  }
}

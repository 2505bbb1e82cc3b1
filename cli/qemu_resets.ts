/**
 * Counts how often the guest of a QEMU resets its machine, and ends QEMU when that is too often: a
 * program that is reset over and over would never end. Uses QEMU's machine protocol (QMP) on a
 * socket of its own; docs/interop/qmp-spec in QEMU's sources.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** QEMU makes the socket some time after it has started. */
const connectEveryMs = 50;

interface Event {
  readonly event?: string;
  readonly data?: { readonly guest?: boolean };
}

export class ResetCounter {
  /** Arguments of the QEMU that is to be watched. */
  readonly arguments: readonly string[];
  /** The guest reset the machine once more than it may. */
  exceeded = false;
  private readonly folder = mkdtempSync(join(tmpdir(), 'vbeam-qmp-'));
  private readonly path = join(this.folder, 'qmp');
  private readonly resetsMax: number;
  private readonly onReset: () => void;
  private resets = 0;
  private ended = false;
  private socket: Socket | null = null;
  private pending = '';

  constructor(resetsMax: number, onReset: () => void) {
    this.resetsMax = resetsMax;
    this.onReset = onReset;
    this.arguments = ['-qmp', `unix:${this.path},server=on,wait=off`];
  }

  /** QEMU has been started. */
  start(): void {
    if (this.ended) return;
    const socket = connect(this.path);
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      this.socket = socket;
      this.send('qmp_capabilities');
    });
    socket.on('data', (text: string) => this.take(text));
    socket.on('error', () => {
      if (this.socket === null) setTimeout(() => this.start(), connectEveryMs);
    });
  }

  /** QEMU has ended. */
  stop(): void {
    this.ended = true;
    this.socket?.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private send(execute: string): void {
    this.socket?.write(`${JSON.stringify({ execute })}\n`);
  }

  /** Messages are lines; one may come in pieces. */
  private take(text: string): void {
    const lines = (this.pending + text).split('\n');
    this.pending = lines.pop() ?? '';
    for (const line of lines.filter((each) => each.trim() !== '')) {
      const { event, data } = JSON.parse(line) as Event;
      if (event === 'RESET' && data?.guest === true) this.count();
    }
  }

  private count(): void {
    if (this.exceeded) return;
    this.resets++;
    this.exceeded = this.resets > this.resetsMax;
    if (this.exceeded) this.send('quit');
    else this.onReset();
  }
}

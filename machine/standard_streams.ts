/**
 * The VM's thread's side of streams, programs and signals of the host (tables/host_files.ts,
 * `standardStreams`): a device of the simulated PC. Nothing here waits for the outside but `wait`
 * and the start of a program.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { signalRecord, startFlags, streamEvents } from '../tables/host_files.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import {
  bytesOnTheWayMax,
  type GuestMessage,
  type GuestStart,
  type OutsideMessage,
  type ProgramStart,
} from './outside_messages.ts';

const standardDescriptors = 3;
/** Descriptors of pipes and signals: above those that Node gives to files. */
const firstOwn = 1 << 20;
const SIGCHLD = 17;

interface Stream {
  /** What has come and was not taken yet, and what has ended it: 0 or an error number. */
  readonly input: Uint8Array[];
  end: number | null;
  listening: boolean;
  /** Bytes that were written and are still on their way; why no more can be. */
  onTheWay: number;
  failure: number;
  failureTold: boolean;
  /** What `ready` shall tell. */
  watched: number;
}

const newStream = (listening: boolean): Stream => ({
  input: [],
  end: null,
  listening,
  onTheWay: 0,
  failure: 0,
  failureTold: false,
  watched: 0,
});

export interface StartedProgram {
  readonly pid: number;
  readonly input: number;
  readonly output: number;
}

export class StandardStreams {
  private readonly post: (message: GuestMessage) => void;
  private readonly port: MessagePort;
  private readonly counter: Int32Array;
  private readonly terminals: readonly boolean[];
  private window: { readonly columns: number; readonly rows: number };
  private seen = 0;
  private readonly streams = new Map<number, Stream>();
  private nextOwn = firstOwn;
  private signalsDescriptor = -1;
  private readonly endedPrograms: { pid: number; status: number }[] = [];
  private startedPid: number | null = null;

  constructor(start: GuestStart, post: (message: GuestMessage) => void) {
    this.post = post;
    this.port = start.port;
    this.counter = start.counter;
    this.terminals = start.terminals;
    this.window = start.window;
    for (let i = 0; i < standardDescriptors; i++) this.streams.set(i, newStream(false));
  }

  /** Something that is watched has happened. */
  get ready(): boolean {
    for (const stream of this.streams.values()) if (eventsOf(stream)) return true;
    return false;
  }

  has(descriptor: number): boolean {
    return this.streams.has(descriptor);
  }

  /** Look for messages. */
  poll(): void {
    if (Atomics.load(this.counter, 0) === this.seen) return;
    for (;;) {
      const received = receiveMessageOnPort(this.port);
      if (received === undefined) return;
      this.seen = (this.seen + 1) | 0;
      this.take(received.message as OutsideMessage);
    }
  }

  /** Wait until there is a message or the time is over. */
  wait(limitMs: number): void {
    Atomics.wait(this.counter, 0, this.seen, limitMs);
    this.poll();
  }

  // ---- Operations: results are numbers, or negative error numbers ----

  watch(descriptor: number, events: number): number {
    const stream = this.streams.get(descriptor);
    if (stream === undefined) return -posixErrors.ebadf;
    stream.watched = events;
    if (events & streamEvents.in && !stream.listening) {
      stream.listening = true;
      this.post({ kind: 'listen', descriptor });
    }
    return 0;
  }

  /** Descriptors with their events, at most `limit`; each is told once. */
  takeReady(limit: number): (readonly [number, number])[] {
    this.poll();
    const found: (readonly [number, number])[] = [];
    for (const [descriptor, stream] of this.streams) {
      const events = eventsOf(stream);
      if (!events || found.length >= limit) continue;
      stream.watched = 0;
      stream.failureTold = stream.failure !== 0;
      found.push([descriptor, events]);
    }
    return found;
  }

  /** What there is, up to the size of `to`; 0 at the end. */
  read(descriptor: number, to: Uint8Array): number {
    const stream = this.streams.get(descriptor);
    if (stream === undefined) return -posixErrors.ebadf;
    const first = stream.input[0];
    if (first === undefined) return stream.end ?? -posixErrors.eagain;
    const count = Math.min(to.length, first.length);
    to.set(first.subarray(0, count));
    if (count === first.length) stream.input.shift();
    else stream.input[0] = first.subarray(count);
    if (descriptor !== this.signalsDescriptor) {
      this.post({ kind: 'taken', descriptor, bytes: count });
    }
    return count;
  }

  write(descriptor: number, bytes: Uint8Array): number {
    const stream = this.streams.get(descriptor);
    if (stream === undefined) return -posixErrors.ebadf;
    if (stream.failure) return stream.failure;
    if (stream.onTheWay >= bytesOnTheWayMax) return -posixErrors.eagain;
    stream.onTheWay += bytes.length;
    this.post({ kind: 'write', descriptor, bytes: bytes.slice() });
    return bytes.length;
  }

  /** As the emergency console does: no matter how much is on its way. */
  writeAnyway(descriptor: number, bytes: Uint8Array): number {
    const stream = this.streams.get(descriptor);
    if (stream === undefined) return -posixErrors.ebadf;
    stream.onTheWay += bytes.length;
    this.post({ kind: 'write', descriptor, bytes: bytes.slice() });
    return bytes.length;
  }

  close(descriptor: number): number {
    if (!this.streams.delete(descriptor)) return -posixErrors.ebadf;
    this.post({ kind: 'close', descriptor });
    return 0;
  }

  start(
    program: Pick<ProgramStart, 'path' | 'folder' | 'words' | 'variables'>,
    flags: number,
  ): StartedProgram {
    const input = flags & startFlags.input ? this.nextOwn++ : null;
    const output = flags & startFlags.output ? this.nextOwn++ : null;
    if (input !== null) this.streams.set(input, newStream(true));
    if (output !== null) this.streams.set(output, newStream(true));
    const errorsToOutput = (flags & startFlags.errorsToOutput) !== 0;
    const otherDescriptors = (flags & startFlags.otherDescriptors) !== 0;
    this.startedPid = null;
    const start = { ...program, input, output, errorsToOutput, otherDescriptors };
    this.post({ kind: 'start', program: start });
    while (this.startedPid === null) this.wait(Number.POSITIVE_INFINITY);
    if (this.startedPid < 0) {
      if (input !== null) this.streams.delete(input);
      if (output !== null) this.streams.delete(output);
    }
    return { pid: this.startedPid, input: input ?? -1, output: output ?? -1 };
  }

  takeEnded(): { readonly pid: number; readonly status: number } | null {
    return this.endedPrograms.shift() ?? null;
  }

  /** `set`: bit N - 1 is signal N. */
  takeSignals(set: bigint): number {
    if (this.signalsDescriptor < 0) {
      this.signalsDescriptor = this.nextOwn++;
      this.streams.set(this.signalsDescriptor, newStream(true));
    }
    const numbers = Array.from({ length: 64 }, (_, i) => i + 1);
    const wanted = numbers.filter((number) => (set >> BigInt(number - 1)) & 1n);
    this.post({ kind: 'signals', numbers: wanted });
    return this.signalsDescriptor;
  }

  /** Columns and rows; null for what is no terminal. */
  windowSize(descriptor: number): { readonly columns: number; readonly rows: number } | null {
    return this.terminals[descriptor] ? this.window : null;
  }

  terminalMode(descriptor: number, keys: boolean): number {
    if (!this.terminals[descriptor]) return -posixErrors.enotty;
    this.post({ kind: 'terminalMode', keys });
    return 0;
  }

  // ---- Messages ----

  private take(message: OutsideMessage): void {
    switch (message.kind) {
      case 'input':
        this.streams.get(message.descriptor)?.input.push(message.bytes);
        break;
      case 'end': {
        const stream = this.streams.get(message.descriptor);
        if (stream !== undefined) stream.end = message.error;
        break;
      }
      case 'written': {
        const stream = this.streams.get(message.descriptor);
        if (stream === undefined) break;
        stream.onTheWay -= message.bytes;
        if (message.error) stream.failure = message.error;
        break;
      }
      case 'started':
        this.startedPid = message.pid;
        break;
      case 'ended':
        this.endedPrograms.push(message);
        this.signal(SIGCHLD);
        break;
      case 'window':
        this.window = message;
        break;
      case 'signal':
        this.signal(message.number);
        break;
    }
  }

  private signal(number: number): void {
    const record = new Uint8Array(signalRecord.bytes);
    new DataView(record.buffer).setUint32(signalRecord.number, number, true);
    this.streams.get(this.signalsDescriptor)?.input.push(record);
  }
}

function eventsOf(stream: Stream): number {
  const { watched } = stream;
  let events = 0;
  if (watched & streamEvents.in && (stream.input.length > 0 || stream.end !== null)) {
    events |= streamEvents.in;
  }
  if (watched & streamEvents.out && (stream.onTheWay < bytesOnTheWayMax || stream.failure)) {
    events |= streamEvents.out;
  }
  // As of a pipe: nobody has to ask for this.
  if (stream.failure && !stream.failureTold) events |= streamEvents.error;
  return events;
}

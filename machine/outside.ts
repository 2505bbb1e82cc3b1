/**
 * The main thread of a guest that stands in for a program of the host: it does for the VM's thread
 * what needs Node's event loop (machine/outside_messages.ts): standard streams, programs, signals
 * and the terminal.
 */
import { constants as osConstants } from 'node:os';
import { isatty } from 'node:tty';
import { MessageChannel, Worker } from 'node:worker_threads';
import { HostProgram } from './host_program.ts';
import { InputStream } from './input_stream.ts';
import { FileOutput, type OutputStream } from './output_stream.ts';
import {
  bytesOnTheWayMax,
  type GuestMessage,
  type GuestStart,
  type OutsideMessage,
} from './outside_messages.ts';

const standardDescriptors = [0, 1, 2] as const;
const failureStatus = 134;
const windowMax = { columns: 65535, rows: 65535 };

export interface Ending {
  readonly status: number;
  /** Why the VM itself stopped. */
  readonly text?: string;
}

export interface GuestParts {
  /** Path of the bundle of machine/guest_thread.ts. */
  readonly thread: string;
  readonly wasm: WebAssembly.Module;
  readonly archive: Uint8Array;
  readonly words: readonly string[];
  readonly variables: readonly string[];
}

export class Outside {
  private readonly counter = new Int32Array(new SharedArrayBuffer(4));
  private readonly channel = new MessageChannel();
  private readonly inputs = new Map<number, InputStream>();
  private readonly outputs = new Map<number, OutputStream>();
  private readonly terminals = standardDescriptors.map((each) => isatty(each));
  private input: InputStream | null = null;
  private keys = false;

  constructor() {
    for (const descriptor of [1, 2]) this.addOutput(descriptor, new FileOutput(descriptor));
  }

  /** Run the guest until it ends; everything that it wrote has been taken by then. */
  async run(parts: GuestParts): Promise<Ending> {
    const { thread, ...rest } = parts;
    const start: GuestStart = {
      ...rest,
      port: this.channel.port2,
      counter: this.counter,
      terminals: this.terminals,
      window: this.window(),
    };
    const worker = new Worker(thread, {
      workerData: start,
      transferList: [this.channel.port2],
      stdin: false,
      env: process.env,
    });
    if (this.terminals[1]) process.stdout.on('resize', () => this.resized());
    const ending = await new Promise<Ending>((resolve) => {
      worker.on('message', (message: GuestMessage) => {
        if (message.kind === 'over') resolve(message);
        else this.take(message);
      });
      worker.on('error', (error) => resolve({ status: failureStatus, text: String(error) }));
    });
    await Promise.all([...this.outputs.values()].map((output) => output.drained()));
    this.setKeys(false);
    return ending;
  }

  private tell(message: OutsideMessage): void {
    this.channel.port1.postMessage(message);
    Atomics.add(this.counter, 0, 1);
    Atomics.notify(this.counter, 0);
  }

  private take(message: Exclude<GuestMessage, { kind: 'over' }>): void {
    switch (message.kind) {
      case 'listen':
        this.addInput(message.descriptor, this.standardInput());
        break;
      case 'taken':
        this.inputs.get(message.descriptor)?.taken(message.bytes);
        break;
      case 'write':
        this.outputs.get(message.descriptor)?.write(message.bytes);
        break;
      case 'close':
        this.close(message.descriptor);
        break;
      case 'start':
        this.start(message.program);
        break;
      case 'signals':
        for (const number of message.numbers) this.catchSignal(number);
        break;
      case 'terminalMode':
        this.setKeys(message.keys);
        break;
    }
  }

  // ---- Streams ----

  /** Opened when it is first wanted: a guest that reads nothing leaves it to others. */
  private standardInput(): InputStream {
    this.input ??= InputStream.ofStandardInput();
    return this.input;
  }

  private addInput(descriptor: number, input: InputStream): void {
    this.inputs.set(descriptor, input);
    input.flow(
      bytesOnTheWayMax,
      (bytes) => this.tell({ kind: 'input', descriptor, bytes }),
      (error) => this.tell({ kind: 'end', descriptor, error }),
    );
  }

  private addOutput(descriptor: number, output: OutputStream): void {
    this.outputs.set(descriptor, output);
    output.onWritten = (bytes, error) => this.tell({ kind: 'written', descriptor, bytes, error });
  }

  private close(descriptor: number): void {
    this.inputs.get(descriptor)?.close();
    this.inputs.delete(descriptor);
    this.outputs.get(descriptor)?.close();
    this.outputs.delete(descriptor);
  }

  // ---- Programs ----

  private start(start: ConstructorParameters<typeof HostProgram>[0]): void {
    const program = new HostProgram(start);
    program.started.then((pid) => {
      if (pid > 0) {
        const { input, output } = start;
        if (input !== null) this.addOutput(input, program.input());
        if (output !== null) this.addInput(output, program.output());
      }
      this.tell({ kind: 'started', pid });
    });
    program.ended.then(({ pid, status }) => this.tell({ kind: 'ended', pid, status }));
  }

  // ---- Signals and the terminal ----

  private catchSignal(number: number): void {
    const name = Object.entries(osConstants.signals).find(([, each]) => each === number)?.[0];
    // Node tells of changed windows and ended programs itself.
    if (name === undefined || name === 'SIGCHLD' || name === 'SIGWINCH') return;
    process.on(name as NodeJS.Signals, () => this.tell({ kind: 'signal', number }));
  }

  private setKeys(keys: boolean): void {
    if (keys === this.keys) return;
    this.keys = keys;
    this.standardInput().setKeys(keys);
  }

  private window(): { columns: number; rows: number } {
    const { columns, rows } = process.stdout;
    return {
      columns: Math.min(columns ?? 0, windowMax.columns),
      rows: Math.min(rows ?? 0, windowMax.rows),
    };
  }

  private resized(): void {
    this.tell({ kind: 'window', ...this.window() });
    this.tell({ kind: 'signal', number: osConstants.signals.SIGWINCH });
  }
}

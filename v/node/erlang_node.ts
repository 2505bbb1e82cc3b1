// A long-lived Erlang system that compiles Core Erlang and runs compiled programs: starting one
// costs a third of a second, compiling a small module in it a few milliseconds. The other side is
// `v_node.erl`.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { erlcTimeoutMsMax } from '../limits.ts';

const serverPath = join(dirname(fileURLToPath(import.meta.url)), 'v_node.erl');

/** Compiles the server in the fresh system, then hands standard input to it. */
const start = `
  {ok, M, B} = compile:file(${JSON.stringify(serverPath)}, [binary]),
  {module, M} = code:load_binary(M, "v_node.erl", B),
  io:setopts([{encoding, latin1}]),
  M:serve().`;

interface Waiting {
  readonly resolve: (data: readonly Buffer[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export interface ProgramRun {
  /** The exit status; 124 when the time was up. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class ErlangNode {
  private process: ChildProcessWithoutNullStreams | undefined;
  private readonly waiting: Waiting[] = [];
  private readonly erl: string;

  constructor(erl = 'erl') {
    this.erl = erl;
  }

  /** Compiles a file of Core Erlang text to the bytes of a `.beam` file. */
  async compileCore(path: string): Promise<Buffer> {
    const [beam] = await this.request('core', [path]);
    return beam as Buffer;
  }

  /** Compiles an Erlang source file. */
  async compileErlang(path: string): Promise<Buffer> {
    const [beam] = await this.request('erl', [path]);
    return beam as Buffer;
  }

  /** Makes a compiled module known to the programs that `run` runs. */
  async load(path: string): Promise<void> {
    await this.request('load', [path]);
  }

  /**
   * Runs a compiled V program with its output captured; the runtime modules must have been loaded.
   */
  async run(beamPath: string, timeoutMs: number): Promise<ProgramRun> {
    const [status, stdout, stderr] = await this.request('run', [beamPath, String(timeoutMs)]);
    return { status: Number(status), stdout: String(stdout), stderr: String(stderr) };
  }

  /** How test programs that `run` runs from now on report, and which of their tests they run. */
  async configureTests(stats: boolean, only: readonly string[]): Promise<void> {
    await this.request('tests', [String(stats), ...only]);
  }

  close(): void {
    this.process?.stdin.end();
    this.process = undefined;
  }

  private started(): ChildProcessWithoutNullStreams {
    if (this.process) return this.process;
    const child = spawn(this.erl, ['-noshell', '-boot', 'start_clean', '-eval', start]);
    this.process = child;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => this.answer(line));
    let complaint = '';
    child.stderr.on('data', (data) => {
      complaint += String(data);
    });
    const fail = (why: string): void => {
      this.process = undefined;
      const more = complaint === '' ? '' : `\n${complaint.slice(0, 2000)}`;
      for (const w of this.waiting.splice(0)) {
        clearTimeout(w.timer);
        w.reject(new Error(`${this.erl}: ${why}${more}`));
      }
    };
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code, signal) => fail(`stopped with ${signal ?? `status ${code}`}`));
    child.stdin.on('error', () => undefined);
    return child;
  }

  private request(command: string, args: readonly string[]): Promise<readonly Buffer[]> {
    return new Promise((resolve, reject) => {
      const child = this.started();
      // The time is up for the whole system: a compiler that hangs cannot be asked to stop.
      const timer = setTimeout(() => child.kill('SIGKILL'), erlcTimeoutMsMax);
      this.waiting.push({ resolve, reject, timer });
      const words = [command, ...args.map((a) => Buffer.from(a).toString('base64'))];
      child.stdin.write(`${words.join(' ')}\n`);
    });
  }

  private answer(line: string): void {
    const [mark, status, ...data] = line.split(' ');
    if (mark !== '@v_node') return;
    const next = this.waiting.shift();
    if (!next) return;
    clearTimeout(next.timer);
    const parts = data.map((d) => Buffer.from(d, 'base64'));
    if (status === 'ok') next.resolve(parts);
    else
      next.reject(
        new Error(`the Erlang compiler refused the module: ${String(parts[0]).slice(0, 2000)}`),
      );
  }
}

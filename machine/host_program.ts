/** A program of the host that the guest has started: its streams, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { posixErrors } from '../tables/posix_errors.ts';
import { InputStream } from './input_stream.ts';
import { ProgramInput } from './output_stream.ts';
import type { ProgramStart } from './outside_messages.ts';

/** Where a program has the ends of its pipes when they are not 0 and 1. */
const otherInput = 3;
const shell = '/bin/sh';

export class HostProgram {
  /** Number of its process, or a negative error number. */
  readonly started: Promise<number>;
  /** `status` as of waitpid(2). */
  readonly ended: Promise<{ readonly pid: number; readonly status: number }>;
  private readonly child: ChildProcess;
  private readonly first: number;

  constructor(start: ProgramStart) {
    const { path, folder, words, variables, input, output } = start;
    const inputEnd = input === null ? ('inherit' as const) : ('pipe' as const);
    const outputEnd = output === null ? ('inherit' as const) : ('pipe' as const);
    const [name = path, ...rest] = words;
    const [file, argv0, args] = start.errorsToOutput
      ? joined(path, name, rest)
      : ([path, name, rest] as const);
    this.first = start.otherDescriptors ? otherInput : 0;
    const inherited = ['inherit', 'inherit', 'inherit'] as const;
    this.child = spawn(file, [...args], {
      cwd: folder ?? undefined,
      env: Object.fromEntries(variables.map((text) => splitVariable(text))),
      argv0,
      detached: true,
      stdio: start.otherDescriptors
        ? [...inherited, inputEnd, outputEnd]
        : [inputEnd, outputEnd, 'inherit'],
    });
    this.started = new Promise((resolve) => {
      this.child.once('spawn', () => resolve(this.child.pid ?? -posixErrors.eagain));
      this.child.once('error', (error: NodeJS.ErrnoException) => resolve(error.errno ?? -1));
    });
    this.ended = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => {
        const status = code === null ? constants.signals[signal ?? 'SIGKILL'] : code << 8;
        resolve({ pid: this.child.pid ?? 0, status });
      });
    });
  }

  /** What it reads. */
  input(): ProgramInput {
    return new ProgramInput(this.child.stdio[this.first] as Writable);
  }

  /** What it writes. */
  output(): InputStream {
    return new InputStream(this.child.stdio[this.first + 1] as Readable);
  }
}

/**
 * A command line that writes errors where output goes: a shell can do that, Node cannot. A program
 * that is no shell command has its path for a name then.
 */
function joined(
  path: string,
  name: string,
  words: readonly string[],
): readonly [string, string, readonly string[]] {
  const [option, command, ...others] = words;
  if (path === shell && option === '-c' && command !== undefined) {
    return [path, name, [option, `exec 2>&1; ${command}`, ...others]];
  }
  return [shell, 'sh', ['-c', 'exec "$0" "$@" 2>&1', path, ...words]];
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

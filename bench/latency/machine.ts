/**
 * The machine on which pauses are counted: QEMU with a clock that counts instructions (-icount),
 * running scenarios of bench/latency/pauses.erl on the bare VM. A run has limits: what it prints
 * must not stop for too long, and all of it must end in time.
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFirmware, qemuArguments } from '../../cli/commands/qemu.ts';
import { buildDir } from '../../image/boot_archive.ts';
import type { BootKind } from '../../image/boot_file.ts';
import { compileErlang } from '../../image/erlang.ts';
import { buildKernel } from '../../image/kernel.ts';
import { progress } from '../figures.ts';
import { programArchive, wrapper } from '../native_vm.ts';

const sources = dirname(fileURLToPath(import.meta.url));
/** A collection needs room for two heaps. */
const MEMORY_MB = 3072;
/**
 * The clock of scenarios goes on by so many nanoseconds an instruction, as a power of two: with
 * more than one, the firmware, which waits for devices that are not there, is done sooner.
 */
const CLOCK_SHIFT = 4;
/** Characters of a line that are kept, about: a term may be printed that has millions. */
const LINE_MAX = 4096;
const POLL_MS = 200;
const FILES = ['pauses.erl', 'pauses_terms.erl', 'pauses_purged.erl'];

/** The longest pause of a scenario, in instructions. */
export interface Pause {
  readonly name: string;
  /** Thousands of elements. */
  readonly scale: number;
  readonly longest: number;
  /** Pauses counted. */
  readonly count: number;
  /** The function, or phase, that it was in. */
  readonly where: string;
}

/** What may take how long before the machine is stopped. */
export interface Limits {
  readonly silenceMs: number;
  readonly totalMs: number;
}

export function compileScenarios(): Promise<string[]> {
  return compileErlang(
    FILES.map((name) => join(sources, name)),
    join(buildDir, 'bench'),
  );
}

/** The lines of a file that another process writes, as they come. */
class GrowingFile {
  private readonly file: number;
  private readonly buffer = Buffer.alloc(1 << 16);
  private rest = '';
  constructor(path: string) {
    writeFileSync(path, '');
    this.file = openSync(path, 'r');
  }
  /** Hand over the lines that have come; true when something has. */
  take(onLine: (line: string) => void): boolean {
    let any = false;
    while (true) {
      const bytes = readSync(this.file, this.buffer);
      if (!bytes) return any;
      any = true;
      const [first, ...others] = this.buffer.toString('latin1', 0, bytes).split('\n');
      if (this.rest.length < LINE_MAX) this.rest += first;
      for (const line of others) {
        onLine(this.rest.replaceAll('\r', ''));
        this.rest = line;
      }
    }
  }
  close(): void {
    closeSync(this.file);
  }
}

/**
 * Boot the folder and hand over each line of the serial line; why it was stopped, if it was. The
 * serial line is a file, which takes characters as fast as they come: a reader that is slow would
 * make the machine wait. An instruction takes 2 ** clockShift nanoseconds. `more` are arguments of
 * QEMU, such as devices.
 */
export function boot(
  folder: string,
  limits: Limits,
  onLine: (line: string) => void,
  clockShift = 0,
  more: readonly string[] = [],
): Promise<string | undefined> {
  const args = [
    ...qemuArguments(join(folder, 'disk'), MEMORY_MB, findFirmware()),
    '-icount',
    `shift=${clockShift},sleep=off`,
    ...more,
  ];
  const serial = join(folder, 'serial');
  args[args.indexOf('-serial') + 1] = `file:${serial}`;
  const lines = new GrowingFile(serial);
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-system-x86_64', args, { stdio: 'ignore' });
    const began = Date.now();
    let heard = began;
    let reason: string | undefined;
    const stop = (why: string) => {
      reason ??= why;
      child.kill('SIGKILL');
    };
    const timer = setInterval(() => {
      const now = Date.now();
      if (lines.take(onLine)) heard = now;
      else if (now - heard > limits.silenceMs)
        stop(`said nothing for ${limits.silenceMs / 1000} s`);
      if (now - began > limits.totalMs) stop(`took ${limits.totalMs / 1000} s`);
    }, POLL_MS);
    const end = () => {
      clearInterval(timer);
      lines.take(onLine);
      lines.close();
    };
    child.on('error', (error) => {
      end();
      reject(error);
    });
    child.on('close', () => {
      end();
      resolve(reason);
    });
  });
}

/** A folder that boots and makes `call`, with the modules that it needs. */
export async function fillFolder(
  folder: string,
  call: string,
  modules: readonly string[],
  kind: BootKind = 'bare',
): Promise<void> {
  const beams = [...modules, await wrapper(folder, 'latency_main', call)];
  const disk = join(folder, 'disk');
  mkdirSync(join(disk, 'EFI', 'BOOT'), { recursive: true });
  mkdirSync(join(disk, 'VBEAM'));
  const { efi } = await buildKernel(progress);
  writeFileSync(join(disk, 'EFI', 'BOOT', 'BOOTX64.EFI'), efi);
  writeFileSync(join(disk, 'VBEAM', 'BOOT.TAR'), await programArchive('latency_main', beams, kind));
}

/**
 * Run scenarios one after the other on one machine; those that are left when it stopped early. The
 * one that stopped it is reported to `onFailure`, and is not left.
 */
export async function runScenarios(
  scale: number,
  names: readonly string[],
  limits: Limits,
  onPause: (pause: Pause) => void,
  onFailure: (name: string, why: string) => void,
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-latency-'));
  const left = new Set(names);
  let running = '';
  let last = '';
  const began = Date.now();
  let stopped: string | undefined;
  try {
    const call = `pauses:run(${scale}, [${names.join()}])`;
    await fillFolder(folder, call, await compileScenarios());
    stopped = await boot(
      folder,
      limits,
      (line) => {
        const pause = /^\{pause,(\w+),(\d+),(\d+),(.*)\}$/.exec(line);
        const step = /^\{(begins|prepared),(\w+)\}$/.exec(line);
        const failure = /^\{failed,(\w+),(.*)\}$/.exec(line);
        const end = pause ?? failure;
        if (line) last = line.slice(0, 200);
        if (step) {
          running = step[2]!;
          const seconds = ((Date.now() - began) / 1000).toFixed(0);
          progress(`  ${running}: ${step[1]} at ${seconds} s`);
        }
        if (end) {
          left.delete(end[1]!);
          running = '';
        }
        if (failure) onFailure(failure[1]!, failure[2]!);
        if (!pause) return;
        const [, name, nanoseconds, count, where] = pause;
        const longest = Math.round(Number(nanoseconds) / 2 ** CLOCK_SHIFT);
        onPause({ name: name!, scale, longest, count: Number(count), where: where! });
      },
      CLOCK_SHIFT,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const why = stopped ?? 'ended early';
  if (!running && left.size) throw new Error(`the machine ${why}; its last line: ${last}`);
  if (running) {
    left.delete(running);
    onFailure(running, `the machine ${why}; its last line: ${last}`);
  }
  return [...left];
}

/**
 * The machine on which pauses are counted: QEMU with a clock that counts instructions (-icount),
 * running scenarios of bench/latency/pauses.erl on the bare VM. A run has limits: what it prints
 * must not stop for too long, and all of it must end in time.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFirmware, qemuArguments } from '../../cli/commands/qemu.ts';
import { buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { buildKernel } from '../../image/kernel.ts';
import { progress } from '../figures.ts';
import { programArchive, wrapper } from '../native_vm.ts';

const sources = dirname(fileURLToPath(import.meta.url));
/** A collection needs room for two heaps. */
const MEMORY_MB = 3072;
/**
 * The clock goes on by so many nanoseconds an instruction, as a power of two: with more than one,
 * the firmware, which waits for devices that are not there, is done sooner.
 */
const CLOCK_SHIFT = 4;
/** Characters of a line that are kept, about: a term may be printed that has millions. */
const LINE_MAX = 4096;
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

/** Boot the folder and hand over each line of the serial line; why it was stopped, if it was. */
export function boot(
  folder: string,
  limits: Limits,
  onLine: (line: string) => void,
): Promise<string | undefined> {
  const args = [
    ...qemuArguments(folder, MEMORY_MB, findFirmware()),
    '-icount',
    `shift=${CLOCK_SHIFT},sleep=off`,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let reason: string | undefined;
    const stop = (why: string) => {
      reason = why;
      child.kill('SIGKILL');
    };
    const silent = () => stop(`said nothing for ${limits.silenceMs / 1000} s`);
    let silence = setTimeout(silent, limits.silenceMs);
    const total = setTimeout(() => stop(`took ${limits.totalMs / 1000} s`), limits.totalMs);
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      clearTimeout(silence);
      silence = setTimeout(silent, limits.silenceMs);
      const [first, ...others] = chunk.toString('latin1').split('\n');
      if (rest.length < LINE_MAX) rest += first;
      for (const line of others) {
        onLine(rest.replaceAll('\r', ''));
        rest = line;
      }
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(silence);
      clearTimeout(total);
      resolve(reason);
    });
  });
}

/** A folder that boots and makes `call`, with the modules that it needs. */
export async function fillFolder(
  folder: string,
  call: string,
  modules: readonly string[],
): Promise<void> {
  const beams = [...modules, await wrapper(folder, 'latency_main', call)];
  mkdirSync(join(folder, 'EFI', 'BOOT'), { recursive: true });
  mkdirSync(join(folder, 'VBEAM'));
  const { efi } = await buildKernel(progress);
  writeFileSync(join(folder, 'EFI', 'BOOT', 'BOOTX64.EFI'), efi);
  writeFileSync(join(folder, 'VBEAM', 'BOOT.TAR'), await programArchive('latency_main', beams));
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
    stopped = await boot(folder, limits, (line) => {
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
    });
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

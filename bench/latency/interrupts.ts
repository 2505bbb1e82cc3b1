/**
 * How long an interrupt takes from the device to the handling process, in QEMU with a clock that
 * counts instructions, so that a nanosecond is one: bench/latency/interrupts.erl. Once with an idle
 * machine, then with eight processes that compute, one that collects a heap of 256 MB, and one
 * that prints a large term; then with these in partitions, the handler in one of which others use
 * up the share.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { figure, progress } from '../figures.ts';
import { boot, fillFolder, type Limits } from './machine.ts';

const source = join(dirname(fileURLToPath(import.meta.url)), 'interrupts.erl');
const LOADS = ['idle', 'busy', 'partitions'] as const;
const LIMITS: Limits = { silenceMs: 900_000, totalMs: 1_800_000 };
export const INTERRUPTS = 10_000;
/** Nanoseconds that the promise allows at most, and for 99.9 % of the interrupts of a partition. */
const LATENCY_MAX = 100_000;
const PARTITIONS_MOST = 10_000;
const SUFFIXES: Readonly<Record<string, string>> = { busy: '_loaded', partitions: '_partitions' };

/** Latencies of one load. */
export interface InterruptLatency {
  readonly load: string;
  readonly samples: number;
  /** Median, 99th and 99.9th percentile, maximum: nanoseconds. */
  readonly nanoseconds: readonly number[];
  /** How long the samples took, in milliseconds of the machine's time. */
  readonly milliseconds: number;
}

export async function measureInterrupts(count: number): Promise<readonly InterruptLatency[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-interrupts-'));
  const found: InterruptLatency[] = [];
  let last = '';
  try {
    const modules = await compileErlang([source], join(buildDir, 'bench'));
    await fillFolder(folder, `interrupts:run(${count}, [${LOADS.join()}])`, modules);
    process.stdout.write(
      `\ninterrupt to message, in nanoseconds, which are instructions\n` +
        `  load         samples       p50       p99     p99.9   maximum   duration\n`,
    );
    const stopped = await boot(folder, LIMITS, (line) => {
      if (line) last = line;
      const row = /^\{latency,(\w+),(\d+),\[(\d+),(\d+),(\d+),(\d+)\],(\d+),\d+\}$/.exec(line);
      const step = /^\{begins,(\w+)\}$/.exec(line);
      if (step) progress(`  ${step[1]}`);
      if (!row) return;
      const nanoseconds = row.slice(3, 7).map(Number);
      const [load = '', samples, milliseconds] = [row[1], Number(row[2]), Number(row[7])];
      found.push({ load, samples, nanoseconds, milliseconds });
      const columns = [samples, ...nanoseconds].map((value) => String(value).padStart(9));
      process.stdout.write(`  ${load.padEnd(10)} ${columns.join(' ')} ${milliseconds} ms\n`);
      const suffix = SUFFIXES[load] ?? '';
      for (const [index, name] of ['p50', 'p99', 'p999', 'max'].entries())
        figure(`irq_to_message_ns_${name}${suffix}`, nanoseconds[index] ?? 0, 'ns');
    });
    const missing = LOADS.filter((load) => !found.some((row) => row.load === load));
    if (missing.length)
      throw new Error(`${missing.join(', ')}: the machine ${stopped ?? 'ended'}: ${last}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return found;
}

/** Whether every interrupt was handled in the time that is promised. */
export function interruptsInTime(rows: readonly InterruptLatency[]): boolean {
  const most = rows.find(({ load }) => load === 'partitions')?.nanoseconds[2] ?? 0;
  return (
    most <= PARTITIONS_MOST &&
    rows.every(({ nanoseconds }) => (nanoseconds.at(-1) ?? 0) <= LATENCY_MAX)
  );
}

/**
 * How long drivers and services take from the signal that ends them until the next incarnation has
 * served a request, in QEMU with a clock that counts instructions, so that a nanosecond is one:
 * bench/latency/recovery.erl, with the driver of examples/edu.erl as one of a PCI device.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { figure } from '../figures.ts';
import { boot, fillFolder, type Limits } from './machine.ts';

const folderOfSources = dirname(fileURLToPath(import.meta.url));
const sources = [
  join(folderOfSources, 'recovery.erl'),
  join(folderOfSources, '..', '..', 'examples', 'edu.erl'),
];
const LOADS = ['idle', 'busy'] as const;
const LIMITS: Limits = { silenceMs: 600_000, totalMs: 1_800_000 };
const KILLS = 20;
/** Nanoseconds that the promise allows for a driver. */
const RECOVERY_MAX = 10_000_000;

/** Of one driver or service, under one load. */
export interface Recovery {
  readonly load: string;
  readonly kind: string;
  readonly name: string;
  readonly kills: number;
  /** Median, 99th percentile, maximum. */
  readonly nanoseconds: readonly number[];
}

/** A line of recovery.erl. */
export function recoveryOf(line: string): Recovery | undefined {
  const row = /^\{recovery,(\w+),(\w+),'?([\w@:.]+)'?,(\d+),\[(\d+),(\d+),(\d+)\]\}\.$/.exec(line);
  if (!row) return undefined;
  const [, load = '', kind = '', name = '', kills] = row;
  return { load, kind, name, kills: Number(kills), nanoseconds: row.slice(5).map(Number) };
}

/** A service may take longer, as it needs. */
export const inTime = ({ kind, nanoseconds }: Recovery): boolean =>
  kind !== 'driver' || (nanoseconds[2] ?? Number.POSITIVE_INFINITY) <= RECOVERY_MAX;

export async function measureRecovery(): Promise<readonly Recovery[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-recovery-'));
  const found: Recovery[] = [];
  let last = '';
  let ended = false;
  try {
    const modules = await compileErlang(sources, join(buildDir, 'bench'));
    await fillFolder(folder, `recovery:run(${KILLS}, [${LOADS.join()}])`, modules, 'application');
    process.stdout.write(
      '\nended until the next one has served, in microseconds of 1,000 instructions\n' +
        '  load  kind    name                     kills       p50       p99   maximum\n',
    );
    const take = (line: string) => {
      if (line) last = line;
      ended ||= /ended with status 0/.test(line);
      const row = recoveryOf(line);
      if (!row) return;
      found.push(row);
      const { load, kind, name, kills, nanoseconds } = row;
      const columns = nanoseconds.map((ns) => (ns / 1000).toFixed(0).padStart(9));
      const head = `${load.padEnd(5)} ${kind.padEnd(7)} ${name.padEnd(22)} ${String(kills).padStart(7)}`;
      process.stdout.write(`  ${head} ${columns.join(' ')}${inTime(row) ? '' : ' TOO LONG'}\n`);
    };
    const stopped = await boot(folder, LIMITS, take, 0, ['-device', 'edu']);
    if (!ended) throw new Error(`the machine ${stopped ?? 'ended'}: ${last}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const load of LOADS)
    for (const kind of ['driver', 'service']) {
      const rows = found.filter((row) => row.load === load && row.kind === kind);
      if (!rows.length) throw new Error(`no ${kind} was measured, ${load}`);
      const longest = Math.max(...rows.map((row) => row.nanoseconds[2] ?? 0));
      figure(`${kind}_recovery_us_max_${load}`, longest / 1000, 'us');
    }
  return found;
}

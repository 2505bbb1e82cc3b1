/**
 * What partitions get: bench/stress/partition_shares.erl on the bare VM, on the simulated PC and in
 * QEMU with a clock that counts instructions, next to what they are to get.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { runPc } from '../../machine/pc.ts';
import { buildVm } from '../../tools/build_vm.ts';
import { boot, fillFolder } from '../latency/machine.ts';
import { programArchive, wrapper } from '../native_vm.ts';

const source = join(dirname(fileURLToPath(import.meta.url)), 'partition_shares.erl');
const LIMITS = { silenceMs: 900_000, totalMs: 3_600_000 };
const PC_BYTES = 1 << 28;

/**
 * Per cent that system, large and middle are to use, of 10, 70 and 20 that are guaranteed. The time
 * of an idle one goes to the most urgent process, or to equally urgent ones by their shares.
 */
export const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  computing_sending_collecting: [10, 70, 20],
  sending_collecting_computing: [10, 70, 20],
  collecting_computing_sending: [10, 70, 20],
  many_against_one: [10, 70, 20],
  middle_high: [10, 70, 20],
  middle_idle: [12.5, 87.5, 0],
  middle_idle_system_high: [30, 70, 0],
  only_small: [100, 0, 0],
};
const NAMES = ['system', 'large', 'middle'];

/** A measurement: per cent used by system, large and middle over so many milliseconds. */
export interface Shares {
  readonly what: string;
  readonly milliseconds: number;
  readonly used: readonly number[];
}

/** By how many percentage points the one that is farthest from it misses what it is to get. */
export function shareError({ what, used }: Shares): number {
  const expected = EXPECTED[what] ?? [];
  return Math.max(...expected.map((share, index) => Math.abs(share - (used[index] ?? 0))));
}

function sharesOf(line: string): Shares | undefined {
  const row = /^\{shares,(\w+),(\d+),\[(.*)\]\}$/.exec(line);
  if (!row) return undefined;
  const [, what = '', milliseconds, list = ''] = row;
  const used = NAMES.map((name) => {
    const found = new RegExp(`\\{${name},\\d+,(\\d+)\\}`).exec(list);
    return Number(found?.[1]) / 100;
  });
  return { what, milliseconds: Number(milliseconds), used };
}

/** Measure on one of the hosts; a measurement that is missing is an error. */
export async function measureShares(
  host: 'simulated' | 'qemu',
  whats: readonly string[],
): Promise<readonly Shares[]> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-partitions-'));
  const call = `partition_shares:run([${whats.join()}])`;
  const found: Shares[] = [];
  let last = '';
  const onLine = (line: string) => {
    if (line) last = line;
    const shares = sharesOf(line);
    if (shares) found.push(shares);
  };
  try {
    const beams = await compileErlang([source], join(buildDir, 'bench'));
    if (host === 'qemu') {
      await fillFolder(folder, call, beams);
      await boot(folder, LIMITS, onLine);
    } else await simulate(folder, call, beams, onLine);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const missing = whats.filter((what) => !found.some((shares) => shares.what === what));
  if (missing.length) throw new Error(`${missing.join(', ')} not measured; last line: ${last}`);
  return found;
}

async function simulate(
  folder: string,
  call: string,
  modules: readonly string[],
  onLine: (line: string) => void,
): Promise<void> {
  const beams = [...modules, await wrapper(folder, 'shares_main', call)];
  const { wasm } = await buildVm({ level: 1 });
  let rest = '';
  runPc({
    wasm: new WebAssembly.Module(new Uint8Array(wasm)),
    archive: await programArchive('shares_main', beams),
    memoryBytes: PC_BYTES,
    seed: 1n,
    onSerial: (bytes) => {
      const lines = (rest + Buffer.from(bytes).toString('latin1')).replaceAll('\r', '').split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
  });
}

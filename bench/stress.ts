/**
 * `make stress`: 100,000 processes under OTP's supervisors, of which 10,000 crash at random, on a
 * machine with 256 MB: the simulated PC, and QEMU where it is installed. Then, on both, what
 * partitions of 70, 20 and 10 per cent get under load. The exit status is 1 when a process was not
 * started again, or a share is missed by more than 2 percentage points.
 *
 *   node --import tsx bench/stress.ts [processes] [partitions]      one of the two
 */
import { join } from 'node:path';
import { findExecutable } from '../image/otp.ts';
import { runProcess } from '../lib/run_process.ts';
import { figure, figureLines, unmeasured } from './figures.ts';
import { EXPECTED, measureShares, shareError } from './stress/partitions.ts';

const root = join(import.meta.dirname, '..');
const MEMORY_MB = '256';
const LIMIT_MS = 1_800_000;

const machines = [
  { name: 'simulated', host: 'simulated', suffix: '', command: ['run'], needs: undefined },
  { name: 'QEMU', host: 'qemu', suffix: '_qemu', command: ['qemu'], needs: 'qemu-system-x86_64' },
] as const;
const SHARE_ERROR_MAX = 2;

async function stress(command: readonly string[], suffix: string): Promise<void> {
  const program = join(root, 'bench', 'stress', 'stress.erl');
  const cli = join(root, 'cli', 'vbeam.mjs');
  const args = [cli, ...command, '--memory', MEMORY_MB, program];
  const result = await runProcess(process.execPath, args, { timeoutMs: LIMIT_MS });
  const text = result.stdout.replaceAll('\r', '');
  for (const line of text.split('\n').filter((line) => line.startsWith('stress: ')))
    process.stdout.write(`  ${line.slice(8)}\n`);
  const counts =
    /^stress: (\d+) supervised processes, (\d+) crashes, (\d+) started again, (\d+) living$/m.exec(
      text,
    );
  if (result.status !== 0 || !counts)
    throw new Error(`status ${result.status}: ${(text + result.stderr).slice(-500)}`);
  const [processes = 0, crashes = 0, again = 0, living = 0] = counts.slice(1).map(Number);
  if (again !== crashes || living !== processes) throw new Error(counts[0]);
  figure(`stress_processes${suffix}`, processes, 'processes');
  figure(`stress_crashes${suffix}`, crashes, 'crashes');
}

async function partitions(host: 'simulated' | 'qemu', suffix: string): Promise<void> {
  const rows = await measureShares(host, Object.keys(EXPECTED));
  process.stdout.write('  per cent used by:                 system  large middle, of 10, 70, 20\n');
  for (const { what, used } of rows) {
    const columns = used.map((per) => per.toFixed(1).padStart(6));
    process.stdout.write(`  ${what.padEnd(33)} ${columns.join(' ')}\n`);
  }
  const worst = Math.max(...rows.map(shareError));
  figure(`partition_share_error_max${suffix}`, worst, 'percentage points');
  if (worst > SHARE_ERROR_MAX) throw new Error(`a share is missed by ${worst} points`);
}

async function attempt(name: string, needs: string | undefined, what: () => Promise<void>) {
  try {
    if (needs && !findExecutable(needs)) throw new Error(`${needs} is not installed`);
    await what();
  } catch (error) {
    process.stdout.write(`  ${error instanceof Error ? error.message : error}\n`);
    unmeasured(name, error);
    process.exitCode = 1;
  }
}

const words = process.argv.slice(2);
const wanted = words.length ? words : ['processes', 'partitions'];
for (const { name, host, suffix, command, needs } of machines) {
  process.stdout.write(`${name}:\n`);
  if (wanted.includes('processes'))
    await attempt(`stress_crashes${suffix}`, needs, () => stress(command, suffix));
  if (wanted.includes('partitions'))
    await attempt(`partition_share_error_max${suffix}`, needs, () => partitions(host, suffix));
}
process.stdout.write(`\n${figureLines()}`);

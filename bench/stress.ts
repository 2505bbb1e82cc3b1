/**
 * `make stress`: 100,000 processes under OTP's supervisors, of which 10,000 crash at random, on a
 * machine with 256 MB: the simulated PC, and QEMU where it is installed. The exit status is 1 when
 * a process was not started again.
 */
import { join } from 'node:path';
import { findExecutable } from '../image/otp.ts';
import { runProcess } from '../lib/run_process.ts';
import { figure, figureLines, unmeasured } from './figures.ts';

const root = join(import.meta.dirname, '..');
const MEMORY_MB = '256';
const LIMIT_MS = 1_800_000;

const machines = [
  { name: 'simulated', suffix: '', command: ['run'], needs: undefined },
  { name: 'QEMU', suffix: '_qemu', command: ['qemu'], needs: 'qemu-system-x86_64' },
] as const;

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

for (const { name, suffix, command, needs } of machines) {
  process.stdout.write(`${name}:\n`);
  try {
    if (needs && !findExecutable(needs)) throw new Error(`${needs} is not installed`);
    await stress(command, suffix);
  } catch (error) {
    unmeasured(`stress_crashes${suffix}`, error);
    process.exitCode = 1;
  }
}
process.stdout.write(`\n${figureLines()}`);

/**
 * `make hostile`: native tasks that mean harm (hostile_tasks.erl), in QEMU, a range of seeds a
 * boot. A harm is an end of the VM, a lost frame, or a change of memory that no task has. Each
 * range is added to the ledger.
 *
 *   node --import tsx tests/tasks/hostile.ts FIRST COUNT
 */
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nucleusCode } from '../../nucleus/kernel.ts';
import { vbeam } from '../command_line.ts';

const source = join(import.meta.dirname, 'hostile_tasks.erl');
export const ledgerPath = join(import.meta.dirname, 'hostile.tsv');
const seedsOfBoot = 10_000;
export const endNames = ['faults', 'calls', 'loops'] as const;

export interface HostileOutcome {
  /** How many ended how, in the order of `endNames`. */
  readonly ends: readonly number[];
  readonly harms: readonly string[];
}

/** What becomes of the programs of `count` seeds. */
export async function hostileTasks(first: number, count: number): Promise<HostileOutcome> {
  const seconds = 300 + Math.ceil(count / 10);
  const options = ['--memory', '128', '--timeout', String(seconds)];
  const args = ['qemu', source, String(first), String(count), ...options];
  const { stdout, stderr, status } = await vbeam(args, { timeoutMs: (seconds + 600) * 1000 });
  const text = stdout.replaceAll('\r', '');
  const said = /^hostile tasks: \[(.*)\]$/m.exec(text)?.[1] ?? '';
  const ends = endNames.map((name) =>
    Number(new RegExp(`\\{${name},(\\d+)\\}`).exec(said)?.[1] ?? 0),
  );
  const harms: string[] = [];
  if (!/^failed: \[\]$/m.test(text)) harms.push(/^failed: .*$/m.exec(text)?.[0] ?? 'no end');
  if (ends.reduce((sum, number) => sum + number, 0) !== count || status !== 0)
    harms.push(said || `${text.slice(-4000)}${stderr.slice(-1000)}`);
  return { ends, harms };
}

/** What tells one nucleus from another. */
const revisionOf = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 12);

async function main(first: number, count: number): Promise<void> {
  const text = nucleusCode({ linearBytesMin: 1 << 20 }).finish().sections[0]?.bytes;
  const revisions = [revisionOf(readFileSync(source)), revisionOf(text ?? '')];
  let harms = 0;
  for (let from = first; from < first + count; from += seedsOfBoot) {
    const now = Math.min(seedsOfBoot, first + count - from);
    const outcome = await hostileTasks(from, now);
    for (const harm of outcome.harms) {
      harms++;
      process.stdout.write(`seeds ${from} to ${from + now - 1}: ${harm}\n`);
    }
    const row = [from, now, ...revisions, ...outcome.ends, outcome.harms.length];
    appendFileSync(ledgerPath, `${row.join('\t')}\n`);
    process.stderr.write(`${from + now - first} of ${count}\n`);
  }
  process.stdout.write(`figure hostile_tasks ${count} programs\n`);
  process.stdout.write(`figure hostile_tasks_harms ${harms} harms\n`);
  process.exitCode = harms ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(Number(process.argv[2]), Number(process.argv[3]));

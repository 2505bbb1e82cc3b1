/**
 * Loads mutated kernel modules on plain Erlang and adds a row to the ledger mutated_modules.tsv:
 * seeds, how many worked all the same, were refused when they were read, or ended when they ran.
 *
 *   node --import tsx tests/linux/mutated_modules.ts FIRST COUNT
 */
import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildForErl,
  buildHostile,
  kernelOrReason,
  onErl,
  writeModules,
} from './kernel_modules.ts';

const names = ['crc16', 'sha3_generic', 'hangcheck_timer', 'bch', 'brd', 'dummy', 'raid6_pq'];
const STEP = 500;
const ledger = join(import.meta.dirname, 'mutated_modules.tsv');

if (!existsSync(ledger)) appendFileSync(ledger, 'first\tcount\tkernel\tworked\trefused\tended\n');
const [first = 0, count = 0] = process.argv.slice(2).map(Number);
const kernel = await kernelOrReason();
if (typeof kernel === 'string') throw new Error(kernel);
const work = mkdtempSync(join(tmpdir(), 'vbeam-mutants-'));
try {
  const folder = join(work, 'modules');
  await writeModules(folder, names);
  buildHostile(join(folder, 'hostile.ko'), kernel.release);
  buildForErl(work);
  const paths = [...names, 'hostile'].map((name) => `"${join(folder, `${name}.ko`)}"`).join(', ');
  for (let seed = first; seed < first + count; seed += STEP) {
    const some = Math.min(STEP, first + count - seed);
    const call = `module_cases:mutated([${paths}], #{folder => "${folder}"}, ${seed - 1}, ${some})`;
    const sums = /\{(\d+),(\d+),(\d+)\}/.exec(onErl(work, call))?.slice(1) ?? [];
    const row = [seed, some, kernel.release, ...sums].join('\t');
    appendFileSync(ledger, `${row}\n`);
    process.stdout.write(`${row}\n`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/**
 * Programs print the same whenever their heaps are collected: seeds of the simulator decide how
 * much room collections leave (often hardly any, so that nearly every allocation collects), which
 * are full sweeps, and where they are interrupted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertSameLines, compileProgram, runOnErl, runOnOurs } from './program_runs.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'conformance');
const programs = [
  'gc/collections.erl',
  'binary/construct.erl',
  'binary/match.erl',
  'lists/dictionary.erl',
  'maps/maps_basic.erl',
];
const seeds = Number(process.env.COLLECTION_SEEDS ?? 3);
const timeout = 300_000;

const work = mkdtempSync(join(tmpdir(), 'vbeam-collections-'));
after(() => rmSync(work, { recursive: true, force: true }));

for (const path of programs) {
  test(`${path} with collections at any time`, { timeout }, async () => {
    const program = compileProgram(work, join(folder, path));
    const wanted = runOnErl(program);
    for (let seed = 1; seed <= seeds; seed++) {
      try {
        assertSameLines(await runOnOurs(program, { seed: BigInt(seed) }), wanted);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
}

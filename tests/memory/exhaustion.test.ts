/**
 * Running out of memory kills the process that asked for too much, and nothing else, however large
 * the memory is and wherever it runs out (architecture D6).
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileProgram, runOnOurs } from '../program_runs.ts';

const here = dirname(fileURLToPath(import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'vbeam-exhaustion-'));
after(() => rmSync(work, { recursive: true, force: true }));

/** In this order; the others are killed. */
const survivors = ['modest', 'still_fine'];
const greedy = [
  'set',
  'ordered_set',
  'duplicate_bag',
  'map',
  'from_list',
  'dictionary',
  'list',
  'reverse',
  'atomics',
  'tuple',
  'tab2list',
  'select',
  'modest',
  'persistent_term',
  'still_fine',
];

// Odd sizes, so that memory runs out in different places.
for (const pages of [390, 401, 417, 433, 451]) {
  test(`memory of ${pages * 64} KiB is exhausted by those who die of it`, async () => {
    const program = compileProgram(work, join(here, 'exhaustion.erl'));
    const lines = await runOnOurs(program, { memoryBytes: pages * 65536 });
    const expected = greedy.map((name) =>
      survivors.includes(name) ? `{${name},normal}` : `{${name},killed}`,
    );
    assert.deepEqual(
      lines.filter((line) => line.startsWith('{')),
      [...expected, '{tables,[]}'],
    );
  });
}

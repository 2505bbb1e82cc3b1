/**
 * Running out of memory kills the process that asked for too much, and nothing else, however large
 * the memory is and wherever it runs out (architecture D6).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ArchiveFile } from '../../image/tar.ts';
import { buildVm } from '../../tools/build_vm.ts';
import { bootFiles, runBare } from '../bare_run.ts';

const here = dirname(fileURLToPath(import.meta.url));
const beams = join(here, '..', '..', 'build', 'memory');

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

describe('memory exhaustion', { concurrency: 1 }, () => {
  let wasm: WebAssembly.Module;
  let otp: readonly ArchiveFile[];

  before(async () => {
    mkdirSync(beams, { recursive: true });
    execFileSync('erlc', ['-o', beams, join(here, 'exhaustion.erl')], { stdio: 'inherit' });
    otp = bootFiles();
    wasm = new WebAssembly.Module(Buffer.from((await buildVm({ level: 1 })).wasm));
  });

  // Odd sizes, so that memory runs out in different places.
  for (const pages of [290, 301, 317, 333, 351]) {
    test(`with ${pages * 64} KiB`, () => {
      const text = runBare({
        wasm,
        otp,
        beam: join(beams, 'exhaustion.beam'),
        memoryBytes: pages * 65536,
        reductionsMax: 2_000_000_000,
      });
      const lines = text.split('\n').filter((line) => line.startsWith('{'));
      const expected = greedy.map((name) =>
        survivors.includes(name) ? `{${name},normal}` : `{${name},killed}`,
      );
      assert.deepEqual(lines, [...expected, '{tables,[]}']);
    });
  }
});

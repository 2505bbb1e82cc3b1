/**
 * Literals of purged modules and of erased persistent terms do not stay in memory, wherever
 * processes keep them (memory_literals.erl).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runOnOurs } from '../program_runs.ts';

const folder = import.meta.dirname;

/** Compile the program with the module that it loads in a macro. */
function compile(work: string): string {
  execFileSync('erlc', ['-o', work, join(folder, 'literal_victim.erl')], { timeout: 60_000 });
  const bytes = readFileSync(join(work, 'literal_victim.beam')).join(',');
  writeFileSync(join(work, 'literal_victim.hrl'), `-define(VICTIM, <<${bytes}>>).\n`);
  const source = join(folder, 'memory_literals.erl');
  execFileSync('erlc', ['-I', work, '-o', work, source], { timeout: 60_000 });
  return join(work, 'memory_literals.beam');
}

for (const seed of [undefined, 1n, 2n]) {
  test(`literals move to the heaps that hold them, seed ${seed}`, async () => {
    const work = mkdtempSync(join(tmpdir(), 'vbeam-literals-'));
    try {
      const lines = await runOnOurs(
        { name: 'memory_literals', beam: compile(work) },
        seed === undefined ? {} : { seed },
      );
      const faults = lines.filter((line) => /^\{(wrong|stays|unsound),/.test(line));
      assert.deepEqual(faults, []);
      const [, count = '0'] = /^\{checked,(\d+)\}$/m.exec(lines.join('\n')) ?? [];
      assert.ok(Number(count) > 30, lines.slice(-5).join('\n'));
    } finally {
      rmSync(work, { recursive: true });
    }
  });
}

/**
 * After things have been done, memory is what it was before (memory_returns.erl): generated cases
 * of all kinds, and what makes and ends processes, messages, timers, tables and binaries. Heaps and
 * the allocator's blocks are walked after each.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runOnOurs } from '../program_runs.ts';

const folder = import.meta.dirname;
const sources = [
  join(folder, 'memory_returns.erl'),
  join(folder, '..', 'fuzz', 'fuzz_random.erl'),
  join(folder, '..', 'generated', 'generated_cases.erl'),
  join(folder, '..', 'generated', 'generated_terms.erl'),
];

test('memory is what it was, and sound, after cases of all kinds', async (t) => {
  const work = mkdtempSync(join(tmpdir(), 'vbeam-memory-'));
  try {
    execFileSync('erlc', ['-W0', '-o', work, ...sources], { timeout: 60_000 });
    const others = readdirSync(work)
      .filter((name) => name !== 'memory_returns.beam')
      .map((name) => join(work, name));
    const beam = join(work, 'memory_returns.beam');
    const lines = await runOnOurs({ name: 'memory_returns', beam }, { others });
    const [, count = '0'] = /^\{checked,(\d+)\}$/m.exec(lines.join('\n')) ?? [];
    t.diagnostic(`${count} kinds`);
    assert.ok(Number(count) > 30, lines.slice(-5).join('\n'));
    assert.deepEqual(
      lines.filter((line) => /^\{(grows|unsound),/.test(line)),
      [],
    );
  } finally {
    rmSync(work, { recursive: true });
  }
});

// A V program on the simulated PC: its command line, UTF-8 both ways, a folder as a program.

import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../lib/run_process.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

test('arguments, input and output of a program that is a folder', async () => {
  const words = ['run', 'tests/v/run', 'one', '--', '--two', 'drei und ü'];
  const ran = await runProcess(process.execPath, [join(root, 'cli', 'vbeam.mjs'), ...words], {
    cwd: root,
    input: 'aé\né',
    timeoutMs: 300_000,
  });
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  const lines = ran.stdout.split(/\r?\n/);
  assert.ok(lines.includes("['v.main', 'one', '--two', 'drei und ü']"), ran.stdout);
  // The console echoes what is typed, in front of it.
  assert.ok(
    lines.some((line) => line.endsWith('aé: 3 bytes, 2 characters')),
    ran.stdout,
  );
  const at = lines.indexOf('195');
  assert.deepEqual(lines.slice(at, at + 3), ['195', '169', '日本']);
});

test('a program that panics twice, once in a thread, is started again until it ends', async () => {
  const words = ['run', 'tests/v_tree/panics.v', '--supervised'];
  const ran = await runProcess(process.execPath, [join(root, 'cli', 'vbeam.mjs'), ...words], {
    cwd: root,
    timeoutMs: 300_000,
  });
  const said = ran.stdout.split(/\r?\n/).filter((line) => /^(life|V panic|the end)/.test(line));
  const lives = ['life 1', 'V panic: first', 'life 2', 'V panic: second', 'life 3', 'the end'];
  assert.deepEqual(said, lives, ran.stdout + ran.stderr);
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
});

test('a program that panics for ever is given up', async () => {
  const words = ['run', 'v/testdata/panic_index.v', '--supervised'];
  const ran = await runProcess(process.execPath, [join(root, 'cli', 'vbeam.mjs'), ...words], {
    cwd: root,
    timeoutMs: 300_000,
  });
  const panics = ran.stdout.split(/\r?\n/).filter((line) => /^V panic: /.test(line));
  assert.equal(panics.length, 4, ran.stdout + ran.stderr);
  assert.equal(ran.status, 1, ran.stdout + ran.stderr);
});

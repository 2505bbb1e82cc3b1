// `vbeam test`: which files and functions run, what is printed, the exit status; on OTP's VM, and
// once on ours.

import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../lib/run_process.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

async function vbeamTest(...args: string[]): Promise<{ status: number | null; lines: string[] }> {
  const command = [join(root, 'cli', 'vbeam.mjs'), 'test', ...args];
  const ran = await runProcess(process.execPath, command, { cwd: root, timeoutMs: 300_000 });
  // Durations differ from run to run.
  const text = (ran.stdout + ran.stderr).replaceAll(/ +[\d.]+ ms/g, ' N ms');
  return { status: ran.status, lines: text.trimEnd().split('\n') };
}

const failing = 'tests/v/sample/failing_test.v';

test('a folder: files that fail show their output, testdata is left out, the status is 1', async () => {
  const { status, lines } = await vbeamTest('--erl', 'tests/v/sample');
  assert.equal(status, 1);
  assert.ok(lines.includes(` FAIL [1/2] C: N ms, R: N ms ${failing}`), lines.join('\n'));
  assert.ok(lines.includes(' OK   [2/2] C: N ms, R: N ms tests/v/sample/passing_test.v'));
  assert.ok(lines.includes(`${failing}:41: ✗ fn test_err failed propagation with error: no x`));
  const at = lines.indexOf(`${failing}:50: ✗ fn test_fails`);
  assert.deepEqual(lines.slice(at + 1, at + 4), [
    '   > assert a == [1, 3]',
    '     Left value (len: 6): `[1, 2]`',
    '        Message: arrays differ',
  ]);
  assert.equal(
    lines[lines.length - 1],
    'Summary for all V _test.v files: 1 failed, 1 passed, 2 total. Elapsed time: N ms.',
  );
});

test('chosen functions with a line for each, on our VM', async () => {
  const { status, lines } = await vbeamTest('-stats', '-run-only', '*_ok,test_none', failing);
  assert.equal(status, 0, lines.join('\n'));
  assert.deepEqual(lines.slice(2, -2), [
    `running tests in: ${failing}`,
    'begin',
    '     OK N ms | testsuite_begin()',
    'before',
    'after',
    '     OK N ms | test_ok()',
    'end',
    '     OK N ms | testsuite_end()',
    '     Summary for running V tests in "failing_test.v": 3 passed, 3 total. Elapsed time: N ms.',
  ]);
});

test('a file that does not compile, one that is not there, one that is no test', async () => {
  const broken = await vbeamTest('--erl', 'tests/v/sample/testdata/broken_test.v');
  assert.equal(broken.status, 1);
  assert.ok(broken.lines.some((line) => line.includes('undefined ident: `undefined_name`')));
  const missing = await vbeamTest('nothing_test.v');
  assert.deepEqual(missing.lines, ['nothing_test.v: no such file or folder']);
  const plain = await vbeamTest('examples/hello.v');
  assert.equal(plain.status, 1);
});

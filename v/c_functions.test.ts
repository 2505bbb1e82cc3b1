// The tables of C functions on both sides of a call: what the compiler knows, and what the Erlang
// side answers.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProcess } from '../lib/run_process.ts';
import { cFunctions } from '../tables/linux_syscalls.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { compileRuntime } from './compile.ts';

test('every C function is answered, with as many arguments', async () => {
  const work = mkdtempSync(join(tmpdir(), 'v-c-'));
  try {
    await compileRuntime(work);
    const show =
      '[io:format("~b ~b~n", [N, A]) || {N, _, A} <- vbeam_linux_syscall:table()],' +
      'io:format("~p~n", [vbeam_linux_syscall:dispatch(9999, [])]),' +
      '[io:format("~s ~b~n", [K, V]) || {K, V} <- maps:to_list(vbeam_linux_errno:table())],' +
      'halt().';
    const result = await runProcess('erl', ['-noshell', '-pa', work, '-eval', show], {
      timeoutMs: 60_000,
    });
    const lines = result.stdout.trim().split('\n');
    const end = lines.indexOf('-38');
    const answered = new Map(
      lines.slice(0, end).map((line) => line.split(' ') as [string, string]),
    );
    for (const [name, row] of Object.entries(cFunctions))
      assert.equal(answered.get(String(row.number)), String(row.parameters.length), name);
    const errors = Object.fromEntries(lines.slice(end + 1).map((line) => line.split(' ')));
    assert.deepEqual(
      errors,
      Object.fromEntries(Object.entries(posixErrors).map(([k, v]) => [k, String(v)])),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});

/**
 * tools/setup.sh: its package list is that of tables/requirements.ts; without root and sudo it says
 * what to run and stops.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findExecutable } from '../image/otp.ts';
import { runProcess } from '../lib/run_process.ts';
import { debianRequirements, ovmfPaths } from '../tables/requirements.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const script = join(root, 'tools', 'setup.sh');

test('setup.sh names the programs and packages of the table', () => {
  const text = readFileSync(script, 'utf8');
  const needed = [...text.matchAll(/^need (\S+) (\S+)$/gm)].map(([, program, name]) => ({
    program,
    package: name,
  }));
  const listed = debianRequirements
    .filter((row) => row.program !== 'OVMF')
    .map((row) => ({ program: row.program, package: row.package }));
  assert.deepEqual(needed, listed);
  for (const path of ovmfPaths)
    assert.ok(text.includes(path), `setup.sh does not look for ${path}`);
});

test('without root and sudo, setup prints the exact command and stops', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-setup-'));
  try {
    // Nothing on PATH but what the script itself uses, and an `id` that is nobody special.
    for (const name of ['sh', 'dirname', 'ls', 'grep', 'cat', 'cksum', 'node']) {
      symlinkSync(findExecutable(name) ?? `/bin/${name}`, join(folder, name));
    }
    writeFileSync(join(folder, 'id'), '#!/bin/sh\necho 1000\n');
    chmodSync(join(folder, 'id'), 0o755);
    const result = await runProcess('/bin/sh', [script], {
      timeoutMs: 60_000,
      env: { PATH: folder },
    });
    assert.equal(result.status, 1);
    assert.match(
      result.stderr,
      /apt-get update && apt-get install -y --no-install-recommends erlang-base clang/,
    );
    assert.doesNotMatch(result.stderr, /npm/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

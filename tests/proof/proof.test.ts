/**
 * A share of `make proof` on the simulated PC: programs that others wrote for `erl` print here what
 * they print there.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runTask } from './hosts.ts';
import { type ProofProgram, proofPrograms } from './programs.ts';
import { missingPackages, taskOf } from './tasks.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-proof-test-'));
after(() => rmSync(work, { recursive: true, force: true }));

for (const program of proofPrograms.filter(({ share }) => share)) {
  const missing = missingPackages(program);
  test(
    `${program.name}: ${program.what}`,
    {
      skip: missing.length > 0 && `missing packages: ${missing.join(' ')}`,
      timeout: 900_000,
    },
    () => runShare(program),
  );
}

async function runShare({ name, share }: ProofProgram): Promise<void> {
  const task = { ...taskOf(name, work), args: share! };
  const wanted = await runTask('erl', task);
  assert.equal(wanted.failure, undefined);
  assert.ok(wanted.lines.length > 0, 'erl prints nothing');
  const found = await runTask('node', task);
  assert.equal(found.failure, undefined);
  assert.deepEqual(found.lines, wanted.lines);
}

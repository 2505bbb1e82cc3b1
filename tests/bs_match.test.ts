/**
 * bs_match, which the installed compiler may not emit: an assembled module against the same
 * patterns on erl.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertSameLines, compileProgram, runOnErl, runOnOurs } from './program_runs.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'bs_match');
const work = mkdtempSync(join(tmpdir(), 'vbeam-bs-match-'));
after(() => rmSync(work, { recursive: true, force: true }));

test('bs_match commands match what the same patterns match on erl', {
  timeout: 120_000,
}, async () => {
  execFileSync('escript', [join(folder, 'assemble.escript'), work], { stdio: 'pipe' });
  const reference = compileProgram(work, join(folder, 'bs_match_reference.erl'));
  const assembled = join(work, 'bs_match_asm.beam');
  assertSameLines(
    await runOnOurs(reference, { others: [assembled], start: 'run_assembled' }),
    runOnErl(reference),
  );
});

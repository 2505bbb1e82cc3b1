/**
 * Every program of tests/conformance/ prints the same on OTP's virtual machine and on ours. A
 * program is a module with run/0 that prints with erlang:display/1; an .hrl beside it may hold what
 * several of them share.
 *
 * `CONFORMANCE=AREA/NAME` runs the programs whose path begins so.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertSomethingChosen, chosenPrefix } from './conformance_run.ts';
import { assertSameLines, compileProgram, runOnErl, runOnOurs } from './program_runs.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'conformance');
const programs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.erl') && path.startsWith(chosenPrefix))
  // Others are lists of cases: conformance_cases.test.ts.
  .filter((path) => readFileSync(join(folder, path), 'utf8').includes('-export([run/0'))
  .sort();
const timeout = 300_000;

const work = mkdtempSync(join(tmpdir(), 'vbeam-conformance-'));
after(() => rmSync(work, { recursive: true, force: true }));

async function compare(path: string, ...options: string[]): Promise<void> {
  const program = compileProgram(work, join(folder, path), ...options);
  assertSameLines(await runOnOurs(program), runOnErl(program));
}

test('CONFORMANCE chooses something', assertSomethingChosen);

for (const path of programs) {
  test(`${path} prints what it prints on erl`, { timeout }, () => compare(path));
}

// The instructions that compilers up to OTP 24 emit.
for (const path of programs.filter((each) => each.startsWith('binary/'))) {
  test(`${path}, compiled for OTP 24, prints what it prints on erl`, { timeout }, () =>
    compare(path, '+r24'),
  );
}

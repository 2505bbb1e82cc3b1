/**
 * Traces that a port writes into files: dbg and fprof, unmodified, tell the same on erl and here.
 * They are parts of runtime_tools and tools, without which the test is skipped.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { erlExecutable } from '../image/erl_program.ts';
import { otpRoot } from '../image/otp.ts';
import { compileProgram } from './program_runs.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-traces-'));
after(() => rmSync(work, { recursive: true, force: true }));

const applications = readdirSync(join(otpRoot(), 'lib')).map((name) => name.split('-')[0]);
const missing = ['runtime_tools', 'tools'].filter((name) => !applications.includes(name));

function run(erl: string, beam: string, folder: string): string {
  mkdirSync(folder);
  const args = ['-noshell', '-pa', dirname(beam), '-run', 'trace_files', 'run', folder];
  return execFileSync(erl, args, { encoding: 'utf8', timeout: 120_000, cwd: work });
}

test('files of traces', { skip: missing.length > 0 && `not installed: ${missing}` }, async () => {
  const program = compileProgram(work, join(import.meta.dirname, 'dbg', 'trace_files.erl'));
  const wanted = run('erl', program.beam, join(work, 'theirs'));
  const found = run(await erlExecutable(() => {}), program.beam, join(work, 'ours'));
  assert.ok(wanted.includes('{fib,[0]}'), wanted);
  assert.equal(found, wanted);
});

/**
 * OTP's dbg, unmodified, tells the same on erl and here. It is part of runtime_tools, which is not
 * needed for anything else: without it the test is skipped.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { otpRoot } from '../image/otp.ts';
import { assertSameLines, compileProgram, runOnErl, runOnOurs } from './program_runs.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-dbg-'));
after(() => rmSync(work, { recursive: true, force: true }));

/** The path of dbg.beam, if runtime_tools is installed. */
function dbgModule(): string | undefined {
  const lib = join(otpRoot(), 'lib');
  const folders = readdirSync(lib).filter((name) => name.startsWith('runtime_tools-'));
  const paths = folders.map((name) => join(lib, name, 'ebin', 'dbg.beam'));
  return paths.find((path) => existsSync(path));
}

test('a session with dbg', { skip: !dbgModule() && 'runtime_tools is not installed' }, async () => {
  const program = compileProgram(work, join(import.meta.dirname, 'dbg', 'dbg_session.erl'));
  const found = await runOnOurs(program, { others: [dbgModule()!] });
  // erlang:display/1 of OTP quotes more atoms than io does.
  const wanted = runOnErl(program).map((line) =>
    line.replaceAll("'nonode@nohost'", 'nonode@nohost'),
  );
  assertSameLines(found, wanted);
});

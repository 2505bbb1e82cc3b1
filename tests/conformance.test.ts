/**
 * Every program of tests/conformance/ prints the same on OTP's virtual machine and on ours. A program is a module with run/0 that
 * prints with erlang:display/1; an .hrl beside it may hold what several of them share.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { applicationModules, otpRoot } from '../image/otp.ts';
import { type ArchiveFile, writeTar } from '../image/tar.ts';
import { runPc } from '../machine/pc.ts';
import { buildVm } from '../tools/build_vm.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'conformance');
const programs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.erl'))
  .sort();
const secondsMax = 120;
const memoryBytes = 256 << 20;

const work = mkdtempSync(join(tmpdir(), 'vbeam-conformance-'));
after(() => rmSync(work, { recursive: true, force: true }));

const otp = otpRoot();
const otpFiles: ArchiveFile[] = ['erts', 'kernel', 'stdlib']
  .flatMap((application) => applicationModules(otp, application))
  .map((path) => ({ path: `otp/${basename(path)}`, bytes: readFileSync(path) }));
const { wasm } = await buildVm({ level: 1 });
const module = new WebAssembly.Module(wasm);

/** Compile a program (with further options of the compiler) into a folder of its own. */
function compile(path: string, ...options: string[]): { name: string; beam: string } {
  const name = basename(path, '.erl');
  const out = join(work, [name, ...options].join(''));
  mkdirSync(out, { recursive: true });
  execFileSync('erlc', ['-W0', ...options, '-o', out, join(folder, path)], { stdio: 'pipe' });
  return { name, beam: join(out, `${name}.beam`) };
}
/** Line ends differ between terminals. */
const lines = (text: string): string[] => text.replaceAll('\r', '').split('\n');

function onErl(name: string, beam: string): string[] {
  const args = ['-noshell', '-pa', dirname(beam), '-eval', `${name}:run(),halt().`];
  const text = execFileSync('erl', args, {
    encoding: 'utf8',
    timeout: secondsMax * 1000,
    maxBuffer: 1 << 27,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return lines(text);
}
function onOurs(name: string, beam: string): string[] {
  const chunks: Uint8Array[] = [];
  const archive = writeTar([
    { path: 'boot', bytes: Buffer.from(`${name} run\n`) },
    { path: `program/${name}.beam`, bytes: readFileSync(beam) },
    ...otpFiles,
  ]);
  const result = runPc({
    wasm: module,
    archive,
    memoryBytes,
    seed: 1n,
    onSerial: (bytes) => chunks.push(bytes.slice()),
  });
  assert.equal(result.panic, undefined, 'the VM failed');
  // The boot lines (`PHASE: FACT`) come before the program's.
  const text = lines(Buffer.concat(chunks).toString('utf8'));
  return text.slice(text.findIndex((line) => !/^[a-z ]+: /.test(line)));
}
function compare(path: string, ...options: string[]): void {
  const { name, beam } = compile(path, ...options);
  const wanted = onErl(name, beam);
  assert.ok(wanted.length > 1, `${path} prints nothing`);
  const found = onOurs(name, beam);
  const at = wanted.findIndex((line, i) => line !== found[i]);
  assert.equal(found[at], wanted[at], `line ${at + 1} of ${path}`);
  assert.equal(found.length, wanted.length);
}

for (const path of programs) {
  test(`${path} prints what it prints on erl`, { timeout: 3 * secondsMax * 1000 }, () =>
    compare(path),
  );
}

// The instructions that compilers up to OTP 24 emit.
for (const path of programs.filter((each) => each.startsWith('binary/'))) {
  test(`${path}, compiled for OTP 24, prints what it prints on erl`, () => compare(path, '+r24'));
}

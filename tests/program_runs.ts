/**
 * Runs an Erlang program (a module with run/0 that prints with erlang:display/1) on OTP's virtual
 * machine and on ours.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { applicationModules, otpRoot } from '../image/otp.ts';
import { type ArchiveFile, writeTar } from '../image/tar.ts';
import { runPc } from '../machine/pc.ts';
import { buildVm } from '../tools/build_vm.ts';

const secondsMax = 120;
const memoryBytesUsual = 256 << 20;

export interface CompiledProgram {
  readonly name: string;
  readonly beam: string;
}

export interface RunOptions {
  /** Further modules for the boot archive. */
  readonly others?: readonly string[];
  /** The function that is called; default run. */
  readonly start?: string;
  /** Let this seed decide whatever may legally be decided (vm/choices.ts). */
  readonly seed?: bigint;
  /** Linear memory of the VM, archive included; default 256 MiB. */
  readonly memoryBytes?: number;
}

/**
 * Compile a program (with further options of the compiler) into a folder of its own below `work`.
 */
export function compileProgram(work: string, path: string, ...options: string[]): CompiledProgram {
  const name = basename(path, '.erl');
  const out = join(work, [name, ...options].join(''));
  mkdirSync(out, { recursive: true });
  execFileSync('erlc', ['-W0', ...options, '-o', out, path], { stdio: 'pipe' });
  return { name, beam: join(out, `${name}.beam`) };
}

/** Line ends differ between terminals. */
const lines = (text: string): string[] => text.replaceAll('\r', '').split('\n');

/** The lines that the program prints on erl. */
export function runOnErl({ name, beam }: CompiledProgram, flags: readonly string[] = []): string[] {
  const args = [...flags, '-noshell', '-pa', dirname(beam), '-eval', `${name}:run(),halt().`];
  const text = execFileSync('erl', args, {
    encoding: 'utf8',
    timeout: secondsMax * 1000,
    maxBuffer: 1 << 27,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return lines(text);
}

let otpFiles: ArchiveFile[] | undefined;
function otpModules(): ArchiveFile[] {
  const otp = otpRoot();
  otpFiles ??= ['erts', 'kernel', 'stdlib']
    .flatMap((application) => applicationModules(otp, application))
    .map((path) => ({ path: `otp/${basename(path)}`, bytes: readFileSync(path) }));
  return otpFiles;
}

let compiledVm: WebAssembly.Module | undefined;
async function vmModule(): Promise<WebAssembly.Module> {
  compiledVm ??= new WebAssembly.Module((await buildVm({ level: 1 })).wasm);
  return compiledVm;
}

/** The lines that the program prints on our VM on the simulated PC. */
export async function runOnOurs(
  { name, beam }: CompiledProgram,
  { others = [], start = 'run', seed, memoryBytes = memoryBytesUsual }: RunOptions = {},
): Promise<string[]> {
  const chunks: Uint8Array[] = [];
  const archive = writeTar([
    { path: 'boot', bytes: Buffer.from(`${name} ${start}\n`) },
    ...[beam, ...others].map((path) => ({
      path: `program/${basename(path)}`,
      bytes: readFileSync(path),
    })),
    ...otpModules(),
  ]);
  const result = runPc({
    wasm: await vmModule(),
    archive,
    memoryBytes,
    seed: seed ?? 1n,
    choices: seed === undefined ? 'first' : 'seeded',
    onSerial: (bytes) => chunks.push(bytes.slice()),
  });
  assert.equal(result.panic, undefined, 'the VM failed');
  // The boot lines (`PHASE: FACT`) come before the program's.
  const text = lines(Buffer.concat(chunks).toString('utf8'));
  return text.slice(text.findIndex((line) => !/^[a-z ]+: /.test(line)));
}

export function assertSameLines(found: readonly string[], wanted: readonly string[]): void {
  assert.ok(wanted.length > 1, 'the program prints nothing');
  const at = wanted.findIndex((line, i) => line !== found[i]);
  assert.equal(found[at], wanted[at], `line ${at + 1}`);
  assert.equal(found.length, wanted.length);
}

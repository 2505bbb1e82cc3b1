/** A V program and V's runtime as modules of a boot archive. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { contentHash } from '../lib/cache.ts';
import { runProcess } from '../lib/run_process.ts';
import { UserError } from '../lib/user_error.ts';
import { compileVFiles, formatDiagnostics, runtimeSources } from '../v/compile.ts';
import { programFiles } from '../v/load/load.ts';
import { compileErlang } from './erlang.ts';
import { otpProgram } from './otp.ts';
import type { Program, VOptions } from './program.ts';

const ERLC_TIMEOUT_MS = 300_000;

/** The modules that compiled V calls, compiled below the build folder. */
export async function runtimeModules(buildDir: string): Promise<string[]> {
  return compileErlang(await runtimeSources(), join(buildDir, 'v_runtime'));
}

/** `MODULE.beam` of Core Erlang text, in a folder named by its content. */
async function compileCore(module: string, core: string, buildDir: string): Promise<string> {
  const folder = join(buildDir, 'v_programs', contentHash(core));
  const beam = join(folder, `${module}.beam`);
  if (existsSync(beam)) return beam;
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}.`);
  writeFileSync(join(scratch, `${module}.core`), core);
  const result = await runProcess(
    otpProgram('erlc'),
    ['+from_core', '+deterministic', `${module}.core`],
    {
      cwd: scratch,
      timeoutMs: ERLC_TIMEOUT_MS,
    },
  ).catch(() => {
    throw new UserError(
      'erlc is not installed; run: make setup   (or: apt-get install erlang-base)',
    );
  });
  if (result.status !== 0) {
    rmSync(scratch, { recursive: true, force: true });
    throw new UserError(
      `the V compiler made Core Erlang that erlc refuses:\n${result.stdout}${result.stderr}`,
    );
  }
  if (existsSync(folder)) rmSync(scratch, { recursive: true, force: true });
  else renameSync(scratch, folder);
  return beam;
}

/** What lies in a program's folder besides its sources; nothing for a program that is a file. */
function dataFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^\.|\.(v|beam)$|^v\.mod$/.test(entry.name))
    .map((entry) => join(path, entry.name))
    .sort();
}

/**
 * Compile a V file, or the files of a folder; its errors are the text of a UserError, warnings go
 * to standard error.
 */
export async function compileVProgram(
  path: string,
  buildDir: string,
  options: VOptions = {},
): Promise<Program> {
  const files = programFiles(path, options.defines ?? []);
  const [first] = files;
  if (!first) throw new UserError(`${path}: no V files in the folder`);
  const result = compileVFiles(files, options);
  if ('errors' in result)
    throw new UserError(formatDiagnostics(first.path, first.text, result.errors).trimEnd());
  process.stderr.write(formatDiagnostics(first.path, first.text, result.warnings));
  const [beam, runtime] = await Promise.all([
    compileCore(result.module, result.core, buildDir),
    runtimeModules(buildDir),
  ]);
  const beams = [beam, ...runtime];
  const { module } = result;
  const data = dataFiles(path);
  return { name: module, module: 'v_rt', function: 'application', args: [module], beams, data };
}

/** Compiles Erlang sources with the installed `erlc`, cached by content. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { contentHash } from '../lib/cache.ts';
import { runProcess } from '../lib/run_process.ts';
import { UserError } from '../lib/user_error.ts';
import { otpProgram } from './otp.ts';

/** For all modules of a system, on a busy machine. */
const ERLC_TIMEOUT_MS = 600_000;

/**
 * Compile the sources into a folder of their own below `cacheDir` and return the paths of the
 * `.beam` files. `first` names sources that others need at compile time (behaviours). Compiler
 * messages become the text of a UserError.
 */
export async function compileErlang(
  sources: readonly string[],
  cacheDir: string,
  first: readonly string[] = [],
): Promise<string[]> {
  const ordered = [
    ...sources.filter((path) => first.includes(basename(path))),
    ...sources.filter((path) => !first.includes(basename(path))),
  ];
  const read = [...ordered, ...headersBeside(ordered)];
  const key = contentHash(...read.flatMap((path) => [basename(path), readFileSync(path)]));
  const folder = join(cacheDir, key);
  if (!existsSync(folder)) await compileInto(folder, ordered);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.beam'))
    .sort()
    .map((name) => join(folder, name));
}

/** Files that the sources may include. */
function headersBeside(sources: readonly string[]): string[] {
  return [...new Set(sources.map((path) => dirname(path)))].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.hrl'))
      .sort()
      .map((name) => join(folder, name)),
  );
}

async function compileInto(folder: string, sources: readonly string[]): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}.`);
  const args = ['+deterministic', '+debug_info', '-pa', scratch, '-o', scratch, ...sources];
  const result = await runProcess(otpProgram('erlc'), args, { timeoutMs: ERLC_TIMEOUT_MS }).catch(
    () => {
      throw new UserError(
        'erlc is not installed; run: make setup   (or: apt-get install erlang-base)',
      );
    },
  );
  if (result.status !== 0) {
    rmSync(scratch, { recursive: true, force: true });
    throw new UserError(`${result.stdout}${result.stderr}`.trimEnd() || 'erlc failed');
  }
  if (existsSync(folder)) rmSync(scratch, { recursive: true, force: true });
  else renameSync(scratch, folder);
}

/**
 * The files of a Debian package, as the distribution has it: Linux programs and kernel modules that
 * the system runs, and sources of tests. They are fetched at build time, below build/debian/, and
 * never part of the project. `apt-get download` needs a network (or a local mirror), no rights.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../lib/run_process.ts';
import { UserError } from '../lib/user_error.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'build', 'debian');
const DOWNLOAD_TIMEOUT_MS = 300_000;
const packageName = /^[a-z0-9][a-z0-9+.-]+$/;

async function run(program: string, args: readonly string[], cwd = folder): Promise<string> {
  const result = await runProcess(program, [...args], { cwd, timeoutMs: DOWNLOAD_TIMEOUT_MS });
  if (result.status === 0) return result.stdout;
  throw new UserError(`${program} ${args.join(' ')}: ${result.stderr.trim()}`);
}

/** The version that the distribution offers now, or undefined. */
async function offered(name: string): Promise<string | undefined> {
  const policy = await run('apt-cache', ['policy', name]).catch(() => '');
  const version = /^ {2}Candidate: (\S+)$/m.exec(policy)?.[1];
  return version === '(none)' ? undefined : version;
}

const fileName = (name: string, version: string): string =>
  `${name}_${version.replaceAll(':', '%3a')}`;

/** The newest that was fetched before. */
function fetched(name: string): string | undefined {
  const found = readdirSync(folder).filter((each) => each.startsWith(`${name}_`));
  const newest = found.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return newest && join(folder, newest);
}

/**
 * The folder that holds the package's files, from the root down. Fetched once for each version; a
 * UserError says why it cannot be had.
 */
export async function debianPackage(name: string): Promise<string> {
  if (!packageName.test(name)) throw new UserError(`${name}: not the name of a Debian package`);
  mkdirSync(folder, { recursive: true });
  const version = await offered(name);
  if (version === undefined) {
    const old = fetched(name);
    if (old) return old;
    throw new UserError(`no Debian package ${name} to be had; try: apt-get update`);
  }
  const place = join(folder, fileName(name, version));
  if (existsSync(place)) return place;
  const scratch = mkdtempSync(join(folder, '.fetch-'));
  try {
    await run('apt-get', ['download', '-q', `${name}=${version}`], scratch);
    const archive = readdirSync(scratch).find((each) => each.endsWith('.deb'));
    if (!archive) throw new UserError(`apt-get download ${name}: no package came`);
    await run('dpkg-deb', ['-x', archive, 'files'], scratch);
    if (!existsSync(place)) renameSync(join(scratch, 'files'), place);
    return place;
  } catch (error) {
    const old = fetched(name);
    if (old) return old;
    throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

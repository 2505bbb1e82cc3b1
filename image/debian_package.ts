/**
 * The files of a Debian package, as the distribution has it: Linux programs and kernel modules that
 * the system runs, and sources of tests. They are fetched at build time, below build/debian/, and
 * never part of the project. `apt-get download` needs a network (or a local mirror), no rights.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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

/** The machine's own lists of packages, asked for sources of the release that it runs. */
function sourceLists(): string {
  const release = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const of = (path: string) => (existsSync(path) ? [readFileSync(path, 'utf8')] : []);
  const parts = '/etc/apt/sources.list.d';
  const named = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
  const texts = [...of('/etc/apt/sources.list'), ...named.flatMap(of)].join('\n\n');
  const stanzas = texts
    .replaceAll(/^#.*\n/gm, '')
    .split(/\n\s*\n/)
    .filter((stanza) => new RegExp(`^Suites:.*\\b${release}\\b`, 'm').test(stanza))
    .map((stanza) => stanza.replace(/^Types:.*$/m, 'Types: deb-src'));
  const lines = texts
    .split('\n')
    .filter((line) => new RegExp(`^deb .*\\b${release}\\b.*\\bmain\\b`).test(line))
    .map((line) => line.replace(/^deb /, 'deb-src '))
    .map((line) => {
      const [, options = '', uri, suite] = /^deb-src (?:\[(.*?)\] )?(\S+) (\S+)/.exec(line) ?? [];
      const key = /signed-by=(\S+)/.exec(options)?.[1];
      const signed = key ? `\nSigned-By: ${key}` : '';
      return `Types: deb-src\nURIs: ${uri}\nSuites: ${suite}\nComponents: main${signed}`;
    });
  return [...stanzas, ...lines].join('\n\n');
}

/**
 * The folder with the sources of a package, with Debian's changes. Asks the package lists for
 * sources in a place of its own: the machine's lists stay as they are. Fetched once.
 */
export async function debianSource(name: string): Promise<string> {
  if (!packageName.test(name)) throw new UserError(`${name}: not the name of a Debian package`);
  mkdirSync(folder, { recursive: true });
  const old = fetched(`source-${name}`);
  if (old) return old;
  const scratch = mkdtempSync(join(folder, '.fetch-'));
  try {
    mkdirSync(join(scratch, 'lists', 'partial'), { recursive: true });
    writeFileSync(join(scratch, 'list.sources'), `${sourceLists()}\n`);
    const own = [
      `Dir::Etc::SourceList=${join(scratch, 'list.sources')}`,
      'Dir::Etc::SourceParts=-',
      `Dir::State::Lists=${join(scratch, 'lists')}`,
      'Dir::Cache::srcpkgcache=',
      'Dir::Cache::pkgcache=',
    ].flatMap((option) => ['-o', option]);
    await run('apt-get', [...own, '-q', 'update'], scratch);
    await run('apt-get', [...own, '-q', 'source', '--download-only', name], scratch);
    const description = readdirSync(scratch).find((each) => each.endsWith('.dsc'));
    if (!description) throw new UserError(`apt-get source ${name}: no sources came`);
    const check = ['--no-check', '-x', description, 'files'];
    await run('dpkg-source', check, scratch);
    const place = join(folder, `source-${description.replace(/\.dsc$/, '')}`);
    if (!existsSync(place)) renameSync(join(scratch, 'files'), place);
    return place;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

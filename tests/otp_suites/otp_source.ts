/**
 * OTP's sources as the user names them: the test suites in them, compiled with the installed `erl`
 * and kept below build/, and the files that suites read.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { contentHash } from '../../lib/cache.ts';
import { UserError } from '../../lib/user_error.ts';
import type { SuiteFolder } from './suites.ts';

const here = import.meta.dirname;
const COMPILE_MS_MAX = 900_000;

/** A suite that can be run. */
export interface Suite {
  readonly folder: string;
  /** Its module, such as lists_SUITE. */
  readonly module: string;
  /** How it is listed: its module, with the prefix of its folder. */
  readonly label: string;
  /** Folder of the compiled modules of its folder. */
  readonly ebin: string;
  /** The folder with its sources, and the one of its data. */
  readonly source: string;
  readonly data: string;
}

/** Our own modules, compiled: the runner, and what stands in for Common Test. */
export function compileRunner(buildDir: string): string {
  const sources = ['.', 'common_test'].flatMap((folder) =>
    readdirSync(join(here, folder))
      .filter((name) => name.endsWith('.erl'))
      .map((name) => join(here, folder, name)),
  );
  const out = join(buildDir, contentHash(...sources.map((path) => readFileSync(path))));
  if (existsSync(out)) return out;
  mkdirSync(out, { recursive: true });
  execFileSync('erlc', ['-o', out, ...sources], { stdio: 'inherit' });
  cpSync(out, join(stagedLibraries(buildDir), 'common_test', 'ebin'), { recursive: true });
  return out;
}

/**
 * Compile those modules of a folder that are newer than what was compiled of them; returns the
 * folder of compiled modules. A module that cannot be compiled is named on standard error.
 */
export function compileFolder(otp: string, folder: SuiteFolder, buildDir: string): string {
  const source = join(otp, folder.folder);
  if (!existsSync(source))
    throw new UserError(`${source}: no such folder; OTP_SRC names OTP's sources`);
  const out = join(buildDir, folder.folder.replaceAll('/', '_'));
  mkdirSync(out, { recursive: true });
  const isOld = (name: string) => {
    const beam = join(out, `${basename(name, '.erl')}.beam`);
    return !existsSync(beam) || statSync(beam).mtimeMs < statSync(join(source, name)).mtimeMs;
  };
  const left = new Set(Object.keys(folder.leftOut).map((name) => `${name}_SUITE.erl`));
  const old = readdirSync(source).filter(
    (name) => name.endsWith('.erl') && !left.has(name) && isOld(name),
  );
  if (old.length) {
    process.stderr.write(`compiling ${old.length} modules of ${folder.folder}\n`);
    const runner = compileRunner(buildDir);
    execFileSync(
      'erl',
      ['-noshell', '-pa', runner, '-run', 'suite_compiler', 'main', out]
        .concat(old.map((name) => join(source, name)))
        .concat(['-run', 'init', 'stop']),
      {
        stdio: ['ignore', 2, 2],
        timeout: COMPILE_MS_MAX,
        env: { ...process.env, ERL_LIBS: stagedLibraries(buildDir) },
      },
    );
  }
  linkSources(source, out);
  return out;
}

/** Suites look for sources, application files and data beside their compiled modules. */
function linkSources(source: string, out: string): void {
  const names = readdirSync(source).filter((name) => !name.endsWith('.beam'));
  for (const name of names.filter((each) => !existsSync(join(out, each))))
    symlinkSync(join(source, name), join(out, name));
}

/** A library folder with applications that are ours, for -include_lib and the code path. */
function stagedLibraries(buildDir: string): string {
  const libraries = join(buildDir, 'lib');
  for (const application of ['common_test', 'eunit']) {
    mkdirSync(join(libraries, application, 'ebin'), { recursive: true });
    cpSync(join(here, application, 'include'), join(libraries, application, 'include'), {
      recursive: true,
    });
  }
  return libraries;
}

/** The suites of a folder that were compiled. */
export function suitesOf(otp: string, folder: SuiteFolder, ebin: string): Suite[] {
  const source = join(otp, folder.folder);
  return folder.suites
    .map((name) => `${name}_SUITE`)
    .filter((module) => existsSync(join(ebin, `${module}.beam`)))
    .map((module) => ({
      folder: folder.folder,
      module,
      label: `${folder.prefix ?? ''}${module}`,
      ebin,
      source,
      data: join(source, `${module}_data`),
    }));
}

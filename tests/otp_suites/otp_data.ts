/**
 * The data folder of a suite as OTP's makefiles leave it: a copy with what its Makefile.src builds,
 * C programs and compiled modules. Drivers and native functions are not built, since no VM but
 * OTP's could load them: their rules are left empty, and `make` goes on without them.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { contentHash } from '../../lib/cache.ts';
import type { Suite } from './otp_source.ts';

/** What Makefile.src names between at signs; names that are not here become empty. */
const names: Readonly<Record<string, string>> = {
  CC: 'clang',
  LD: 'clang',
  CFLAGS: '-O1 -w',
  obj: '.o',
  dll: '.so',
  EMULATOR: 'beam',
  DEFS: '-DHAVE_STRERROR',
  erl_include: '.',
};

const makefileText = (text: string): string =>
  text
    .replace(/^include .*$/gm, '')
    .replace(/@erl_name@ -compile (\w+).*/g, 'erlc $1.erl')
    .replace(/@(\w+)@/g, (_, name: string) => names[name] ?? '');

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
}

/** The folder below `buildDir` that has a suite's data; undefined when the suite has none. */
export function stagedData(suite: Suite, buildDir: string): string | undefined {
  if (!existsSync(suite.data)) return undefined;
  const recipe = makefileText.toString() + JSON.stringify(names);
  const key = contentHash(recipe, ...filesBelow(suite.data).map((path) => readFileSync(path)));
  const staged = join(buildDir, 'data', `${suite.module}.${key}`);
  if (existsSync(staged)) return staged;
  const fresh = `${staged}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(dirname(fresh), { recursive: true });
  cpSync(suite.data, fresh, { recursive: true });
  const makefile = join(fresh, 'Makefile.src');
  if (existsSync(makefile)) {
    writeFileSync(join(fresh, 'Makefile'), makefileText(readFileSync(makefile, 'utf8')));
    spawnSync('make', ['-k', '-s', 'all'], { cwd: fresh, stdio: 'ignore' });
  }
  renameSync(fresh, staged);
  return staged;
}

/** The installed Erlang/OTP: where it is and which modules its applications have. */
import { accessSync, constants, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { UserError } from '../lib/user_error.ts';

/** Path of an executable on PATH, or undefined. */
export function findExecutable(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    if (!folder) continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here: the next folder.
    }
  }
  return undefined;
}

/** Root folder of the OTP whose `erl` is on PATH, such as /usr/lib/erlang. */
export function otpRoot(): string {
  const erl = findExecutable('erl');
  if (!erl) {
    throw new UserError(
      'erl is not installed; run: make setup   (or: apt-get install erlang-base)',
    );
  }
  const real = realpathSync(erl);
  // ROOT/bin/erl, or a start script whose text names ROOTDIR.
  const beside = dirname(dirname(real));
  if (hasFolder(join(beside, 'lib'), 'stdlib-')) return beside;
  const named = /ROOTDIR=["']?([^"'\n]+)/.exec(readFileSync(real, 'latin1'))?.[1];
  if (named && hasFolder(join(named, 'lib'), 'stdlib-')) return named;
  throw new UserError(`${real}: cannot tell where this Erlang/OTP is installed`);
}

function hasFolder(parent: string, prefix: string): boolean {
  try {
    return readdirSync(parent).some((name) => name.startsWith(prefix));
  } catch {
    return false;
  }
}

/**
 * Folder with the `.beam` files of an application, such as ROOT/lib/stdlib-4.2/ebin; the highest
 * version when there are several.
 */
export function applicationFolder(root: string, application: string): string {
  const versions = readdirSync(join(root, 'lib'))
    .filter((name) => name.startsWith(`${application}-`))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  for (const version of versions.reverse()) {
    const ebin = join(root, 'lib', version, 'ebin');
    if (hasFolder(dirname(ebin), 'ebin')) return ebin;
  }
  throw new UserError(`Erlang/OTP at ${root} has no application ${application}`);
}

/** Paths of all `.beam` files of an application. */
export function applicationModules(root: string, application: string): string[] {
  const ebin = applicationFolder(root, application);
  return readdirSync(ebin)
    .filter((name) => name.endsWith('.beam'))
    .sort()
    .map((name) => join(ebin, name));
}

/** Paths of all `.beam` files of all installed applications. */
export function installedModules(root: string): string[] {
  const lib = join(root, 'lib');
  return readdirSync(lib)
    .map((name) => join(lib, name, 'ebin'))
    .filter((ebin) => hasFolder(dirname(ebin), 'ebin'))
    .flatMap((ebin) => readdirSync(ebin).map((name) => join(ebin, name)))
    .filter((path) => path.endsWith('.beam'));
}

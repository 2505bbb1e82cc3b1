/** The installed Erlang/OTP: where it is and which modules its applications have. */
import { accessSync, constants, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { UserError } from '../lib/user_error.ts';

/** Paths of all executables of this name on PATH. */
function findExecutables(name: string): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder);
  return folders.map((folder) => join(folder, name)).filter(isExecutable);
}
function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
/** Path of an executable on PATH, or undefined. */
export function findExecutable(name: string): string | undefined {
  return findExecutables(name)[0];
}

/**
 * Root folder of the OTP whose `erl` is on PATH, such as /usr/lib/erlang. An `erl` before it may be
 * ours.
 */
export function otpRoot(): string {
  const found = findExecutables('erl').map((path) => realpathSync(path));
  if (!found.length) {
    throw new UserError(
      'erl is not installed; run: make setup   (or: apt-get install erlang-base)',
    );
  }
  for (const erl of found) {
    const root = rootOf(erl);
    if (root) return root;
  }
  throw new UserError(`${found[0]}: cannot tell where this Erlang/OTP is installed`);
}
/** ROOT of ROOT/bin/erl, or of a start script whose text names ROOTDIR. */
function rootOf(erl: string): string | undefined {
  const beside = dirname(dirname(erl));
  if (hasFolder(join(beside, 'lib'), 'stdlib-')) return beside;
  const named = /ROOTDIR=["']?([^"'\n]+)/.exec(readFileSync(erl, 'latin1'))?.[1];
  return named && hasFolder(join(named, 'lib'), 'stdlib-') ? named : undefined;
}

/** A program of OTP's, which starts the `erl` beside it, whatever is on PATH. */
export function otpProgram(name: string): string {
  return join(otpRoot(), 'bin', name);
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

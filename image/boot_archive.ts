/**
 * The boot archive: a tar with the file `boot`, the modules of os/, the program's, and those of OTP
 * that they may need. The VM loads a module when it is first called, so what is not used costs only
 * its bytes. Programs see the archive as their file system:
 *
 *     /boot                         how the machine starts
 *     /otp/lib/APP-VERSION/ebin/    OTP's applications as they are installed, and the system's own
 *     /program/                     the program's modules
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../lib/user_error.ts';
import { compileErlang } from './erlang.ts';
import { applicationFolder, applicationModules, otpRoot } from './otp.ts';
import type { Program } from './program.ts';
import { type ArchiveFile, writeTar } from './tar.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const buildDir = join(root, 'build');
const systemVersion = '0.1.0';

/** How the machine starts. */
export type BootKind =
  /** The supervision tree, then the program below it; power off when it has ended. */
  | 'application'
  /** The supervision tree, and the program below it if there is one; stays up. */
  | 'stay'
  /** Only the program's function, on a bare VM without a supervision tree. */
  | 'bare';

/**
 * The kind that the options --bare, --stay and --power-off ask for; without a program the system
 * stays up.
 */
export function bootKinds(
  options: ReadonlyMap<string, string>,
  program: Program | undefined,
): BootKind {
  if (options.has('--bare')) return 'bare';
  if (options.has('--stay')) return 'stay';
  return program || options.has('--power-off') ? 'application' : 'stay';
}

/**
 * Modules of OTP that no program on this system can use: other windows, other machines' file
 * formats. Saves reading them at boot.
 */
const leftOut = /^(inet_dns|inet_res|win32reg|pg2|erl_boot_server)/;

function bootText(kind: BootKind, program: Program | undefined): string {
  if (kind === 'bare') {
    if (!program) throw new UserError('--bare needs a program', 2);
    if (program.args.length) {
      throw new UserError('a V program needs the supervision tree: not with --bare', 2);
    }
    return `${program.module} ${program.function}\n`;
  }
  const lines = ['vbeam_boot start'];
  if (program) {
    const words = [program.name, program.module, program.function, ...program.args];
    lines.push(`application ${words.join(' ')}`);
  }
  lines.push(`on_exit ${kind === 'application' ? 'power_off' : 'stay'}`);
  if (kind === 'stay') lines.push('shell yes');
  return `${lines.join('\n')}\n`;
}

/** Files by their base names below a folder of the archive. */
function readFiles(paths: readonly string[], folder: string): ArchiveFile[] {
  return paths.map((path) => ({ path: `${folder}/${basename(path)}`, bytes: readFileSync(path) }));
}

/** The modules of os/, compiled. */
export function osModules(): Promise<string[]> {
  const folder = join(root, 'os', 'vbeam', 'src');
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.erl'))
    .sort()
    .map((name) => join(folder, name));
  return compileErlang(sources, join(buildDir, 'os'), ['vbeam_driver.erl']);
}

/** The modules of an application of OTP and its resource file, as they are installed. */
function applicationFiles(otp: string, application: string): ArchiveFile[] {
  const ebin = applicationFolder(otp, application);
  const paths = applicationModules(otp, application).filter(
    (path) => !leftOut.test(basename(path)),
  );
  const resource = join(ebin, `${application}.app`);
  if (existsSync(resource)) paths.push(resource);
  return readFiles(paths, `otp/lib/${basename(dirname(ebin))}/ebin`);
}

/** The system's own modules, as an application. */
async function systemFiles(): Promise<ArchiveFile[]> {
  const folder = `otp/lib/vbeam-${systemVersion}/ebin`;
  const beams = await osModules();
  const names = beams.map((path) => basename(path, '.beam'));
  const resource = `{application,vbeam,
 [{description,"VBEAM's drivers, services and shell"},
  {vsn,"${systemVersion}"},
  {modules,[${names.join(',')}]},
  {registered,[]},
  {applications,[kernel,stdlib]}]}.
`;
  return [
    ...readFiles(beams, folder),
    { path: `${folder}/vbeam.app`, bytes: Buffer.from(resource) },
  ];
}

/** A boot archive for a program (or none). */
export async function buildBootArchive(
  kind: BootKind,
  program: Program | undefined,
): Promise<Uint8Array> {
  const otp = otpRoot();
  const files: ArchiveFile[] = [{ path: 'boot', bytes: Buffer.from(bootText(kind, program)) }];
  if (program) files.push(...readFiles(program.beams, 'program'));
  if (kind !== 'bare') files.push(...(await systemFiles()));
  for (const application of ['erts', 'kernel', 'stdlib', 'sasl'])
    files.push(...applicationFiles(otp, application));
  return writeTar(files);
}

/**
 * The boot archive: a tar with the file `boot`, the modules of os/, the program's, and those of OTP
 * that they may need. The VM loads a module when it is first called, so what is not used costs only
 * its bytes. Programs see the archive as their file system:
 *
 *     /boot                         how the machine starts
 *     /otp/lib/APP-VERSION/ebin/    OTP's applications as they are installed, and the system's own
 *     /program/                     the program's modules, and the other files of its folder
 */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BootKind, bootFile, otpBootFile } from './boot_file.ts';
import { applicationFolder, otpRoot } from './otp.ts';
import type { Program } from './program.ts';
import { releaseFiles } from './release_files.ts';
import { ownApplicationNames, ownModuleNames, systemFiles, systemVersion } from './system_files.ts';
import { type ArchiveFile, readFiles, writeTar } from './tar.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const buildDir = join(root, 'build');
/** Applications of OTP in every archive. */
const usualApplications = ['erts', 'kernel', 'stdlib', 'sasl'];

/** The modules of an application and its resource file, as they are installed. */
function applicationFiles(ebin: string): ArchiveFile[] {
  const paths = readdirSync(ebin)
    .filter((name) => /\.(beam|app)$/.test(name))
    .sort()
    .map((name) => join(ebin, name));
  return readFiles(paths, `otp/lib/${basename(dirname(ebin))}/ebin`);
}

/** The program's modules, without those that the system has, too (V's runtime calls some). */
function programModules(kind: BootKind, program: Program): readonly string[] {
  if (kind === 'bare') return program.beams;
  return program.beams.filter((path) => !ownModuleNames().has(basename(path, '.beam')));
}

/** What a boot archive holds besides the system and the program. */
export interface ArchiveExtras {
  /** A person's terminal is at the other end of the serial line. */
  readonly terminal?: boolean;
  /** The first shell is busybox's. */
  readonly linuxShell?: boolean;
  /** Applications of OTP besides those that every archive has. */
  readonly applications?: readonly string[];
  /** Folders `NAME/ebin` of other applications, such as Elixir's. */
  readonly ebins?: readonly string[];
  readonly files?: readonly ArchiveFile[];
  /** Arguments of a command line of `erl`, instead of what starts the program. */
  readonly commandLine?: readonly string[];
}

/** A boot archive for a program (or none). */
export async function buildBootArchive(
  kind: BootKind,
  program: Program | undefined,
  extras: ArchiveExtras = {},
): Promise<Uint8Array> {
  const otp = otpRoot();
  const boot = extras.commandLine
    ? otpBootFile(extras.commandLine)
    : bootFile(kind, program, {
        terminal: extras.terminal === true,
        linuxShell: extras.linuxShell === true,
      });
  const files: ArchiveFile[] = [{ path: 'boot', bytes: boot }];
  if (program) {
    files.push(...readFiles(programModules(kind, program), 'program'));
    files.push(...readFiles(program.data ?? [], 'program'));
  }
  const applications = [...usualApplications, ...(extras.applications ?? [])];
  const ebins = applications.map((application) => applicationFolder(otp, application));
  if (kind !== 'bare') {
    const own = ownApplicationNames.map((name) => `${name}-${systemVersion}/ebin`);
    files.push(...(await systemFiles(otp)), ...releaseFiles(systemVersion, [...ebins, ...own]));
  }
  for (const ebin of [...ebins, ...(extras.ebins ?? [])]) files.push(...applicationFiles(ebin));
  files.push(...(extras.files ?? []));
  return writeTar(files);
}

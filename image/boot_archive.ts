/**
 * The boot archive: a tar with the file `boot`, the modules of os/, the program's, and those of OTP
 * that they may need. The VM loads a module when it is first called, so what is not used costs only
 * its bytes. Programs see the archive as their file system:
 *
 *     /boot                         how the machine starts
 *     /otp/lib/APP-VERSION/ebin/    OTP's applications as they are installed, and the system's own
 *     /program/                     the program's modules
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BootKind, bootFile } from './boot_file.ts';
import { applicationFolder, applicationModules, otpRoot } from './otp.ts';
import type { Program } from './program.ts';
import { systemFiles } from './system_files.ts';
import { type ArchiveFile, readFiles, writeTar } from './tar.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const buildDir = join(root, 'build');

/** The modules of an application of OTP and its resource file, as they are installed. */
function applicationFiles(otp: string, application: string): ArchiveFile[] {
  const ebin = applicationFolder(otp, application);
  const paths = applicationModules(otp, application);
  const resource = join(ebin, `${application}.app`);
  if (existsSync(resource)) paths.push(resource);
  return readFiles(paths, `otp/lib/${basename(dirname(ebin))}/ebin`);
}

/** A boot archive for a program (or none). */
export async function buildBootArchive(
  kind: BootKind,
  program: Program | undefined,
): Promise<Uint8Array> {
  const otp = otpRoot();
  const files: ArchiveFile[] = [{ path: 'boot', bytes: bootFile(kind, program) }];
  if (program) files.push(...readFiles(program.beams, 'program'));
  if (kind !== 'bare') files.push(...(await systemFiles(otp)));
  for (const application of ['erts', 'kernel', 'stdlib', 'sasl'])
    files.push(...applicationFiles(otp, application));
  return writeTar(files);
}

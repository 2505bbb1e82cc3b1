/**
 * The system as a program of the host that behaves as OTP's `erl` does: its boot archive, and the
 * Linux executable with the archive inside. OTP's modules come from where OTP is installed; the
 * archive has those of OTP's runtime, the system's own, and where OTP is.
 *
 *     /boot                  erl (vm/boot.ts)
 *     /erl_root, /erl_erts   OTP's folder, and the name of its runtime's folder in it
 *     /erl_modules           folders (that begin with a slash) and names of the system's modules
 */

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { contentHash, writeWhole } from '../lib/cache.ts';
import { buildDir } from './boot_archive.ts';
import { buildLinux, type Progress } from './kernel.ts';
import { embedArchive } from './linux_executable.ts';
import { applicationFolder, applicationModules, otpRoot } from './otp.ts';
import { systemApplications } from './system_files.ts';
import { type ArchiveFile, readFiles, writeTar } from './tar.ts';

function textFile(path: string, text: string): ArchiveFile {
  return { path, bytes: Buffer.from(text) };
}

export async function erlArchive(): Promise<Uint8Array> {
  const root = otpRoot();
  const runtime = basename(dirname(applicationFolder(root, 'erts')));
  const own = await systemApplications();
  const modules = own.filter(({ path }) => path.endsWith('.beam')).map(({ path }) => path);
  const folders = [...new Set(modules.map((path) => `/${dirname(path)}`))];
  const names = modules.map((path) => basename(path, '.beam'));
  return writeTar([
    textFile('boot', 'erl\n'),
    textFile('erl_root', root),
    textFile('erl_erts', runtime),
    textFile('erl_modules', [...folders, ...names].join('\n')),
    ...own,
    ...readFiles(applicationModules(root, 'erts'), `otp/lib/${runtime}/ebin`),
  ]);
}

/** Path of the Linux executable, built when its parts have changed. */
export async function erlExecutable(progress: Progress): Promise<string> {
  const archive = await erlArchive();
  const program = await buildLinux(progress);
  const path = join(buildDir, 'erl', contentHash(program, archive), 'erl');
  if (!existsSync(path)) writeWhole(path, embedArchive(program, archive, true), 0o755);
  return path;
}

/**
 * What `vbeam erl` is started from: the VM's Wasm module, the boot archive, the Linux executable.
 * It takes longer to ask for them (hashes of all sources) than to start, so where they are is kept
 * for the sources and the installed OTP as they are.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { applicationFolder, otpRoot } from '../image/otp.ts';
import { writeWhole } from '../lib/cache.ts';
import type { Sources } from './command.ts';

export interface ErlParts {
  /** Paths. */
  readonly wasm: string;
  readonly archive: string;
}

/** One file for each stamp; `make` says what belongs to it. */
async function kept<T extends object>(
  sources: Sources,
  name: string,
  isValid: (known: T) => boolean,
  make: () => Promise<T>,
): Promise<T> {
  const root = otpRoot();
  const runtime = applicationFolder(root, 'erts');
  const identity = `${root}\0${runtime}\0${statSync(runtime).mtimeMs}`;
  const key = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const path = join(sources.folder, `${name}-${key}.json`);
  if (existsSync(path)) {
    const known = JSON.parse(readFileSync(path, 'utf8')) as T;
    if (isValid(known)) return known;
  }
  const made = await make();
  writeWhole(path, JSON.stringify(made));
  return made;
}

/** Paths of what the simulated PC needs. */
export function erlParts(sources: Sources): Promise<ErlParts> {
  // The optimised VM is taken as soon as somebody has built it.
  const isValid = ({ wasm, archive, optimised }: ErlParts & { readonly optimised: string }) =>
    existsSync(wasm) && existsSync(archive) && (wasm === optimised || !existsSync(optimised));
  return kept(sources, 'node', isValid, async () => {
    const { erlArchive } = await import('../image/erl_program.ts');
    const { buildVmForUse, optimisedVm } = await import('../tools/build_vm.ts');
    const archive = join(sources.folder, 'erl.tar');
    writeWhole(archive, await erlArchive());
    return { wasm: (await buildVmForUse()).path, archive, optimised: optimisedVm() };
  });
}

/** Path of the Linux executable, built when its parts have changed. */
export async function nativeErl(sources: Sources): Promise<string> {
  const isThere = (known: { readonly executable: string }) => existsSync(known.executable);
  const { executable } = await kept(sources, 'native', isThere, async () => {
    const { erlExecutable } = await import('../image/erl_program.ts');
    return { executable: await erlExecutable((line) => process.stderr.write(`${line}\n`)) };
  });
  return executable;
}

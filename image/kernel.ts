/** The VM and the kernel image, built and cached by the content of what they are made from. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, contentHash } from '../lib/cache.ts';
import { buildVmObjects, type NativeTarget } from '../native/build.ts';
import { buildVm } from '../tools/build_vm.ts';
import { buildKernelImage, buildLinuxExecutable } from './kernel_image.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const nativeCache = join(root, 'build', 'native');

/** Told about the steps of a long build. */
export type Progress = (line: string) => void;

function sourcesHash(folders: readonly string[]): string {
  const parts = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .sort()
      .flatMap((name) => [name, readFileSync(join(root, folder, name))]),
  );
  return contentHash(...parts);
}

async function vmObjects(wasm: Uint8Array, target: NativeTarget, progress: Progress) {
  progress('compiling the VM to machine code (clang -O2)');
  return buildVmObjects({
    wasm,
    target,
    optimise: 2,
    cacheDir: nativeCache,
    onUnit: (unit) => {
      if (!unit.cached) progress(`  ${unit.name}: ${(unit.ms / 1000).toFixed(1)} s`);
    },
  });
}

export interface Kernel {
  readonly efi: Uint8Array;
  readonly elf: Uint8Array;
}

/** BOOTX64.EFI and the ELF file with its symbols. */
export async function buildKernel(progress: Progress): Promise<Kernel> {
  progress('compiling vm/ to Wasm (asc -O3)');
  const { wasm } = await buildVm({ level: 3 });
  const key = contentHash(
    wasm,
    sourcesHash(['nucleus', 'link', 'x86_64', 'native', 'tables']),
    readFileSync(join(root, 'native', 'runtime.h')),
  );
  const path = (suffix: string) => join(root, 'build', 'kernel', `${key}.${suffix}`);
  let made: Kernel | undefined;
  const make = async (): Promise<Kernel> => {
    made ??= buildKernelImage({ vmObjects: await vmObjects(wasm, 'metal', progress) });
    return made;
  };
  const efi = await cached(path('efi'), async () => (await make()).efi);
  const elf = await cached(path('elf'), async () => (await make()).elf);
  return { efi, elf };
}

/**
 * The VM as a static Linux executable that takes the path of a boot archive. `checked`: with what
 * only tests want (tools/build_vm.ts).
 */
export async function buildLinux(progress: Progress, checked = false): Promise<Uint8Array> {
  progress('compiling vm/ to Wasm (asc -O3)');
  const { wasm } = await buildVm({ level: 3, checked });
  const key = contentHash(
    wasm,
    sourcesHash(['nucleus', 'link', 'x86_64', 'native', 'tables']),
    readFileSync(join(root, 'native', 'runtime.h')),
  );
  return cached(join(root, 'build', 'linux', `${key}.elf`), async () =>
    buildLinuxExecutable({ vmObjects: await vmObjects(wasm, 'linux', progress) }),
  );
}

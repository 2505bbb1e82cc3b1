/** The kernel of the boot tests: the nucleus with a small C program in the VM's place. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildKernelImage, type KernelImage } from '../../image/kernel_image.ts';

/** As native/ compiles the VM. */
const flags = [
  '-O2',
  '-ffreestanding',
  '-mno-red-zone',
  '-mcmodel=kernel',
  '-fno-pic',
  '-fno-omit-frame-pointer',
  '-fno-optimize-sibling-calls',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
];

/** With the programs of the boot tests. */
export const buildTestKernel = (): KernelImage =>
  buildKernel(['test_kernel', 'test_tasks', 'test_spaces']);
/** With a VM that does nothing. */
export const buildEmptyKernel = (): KernelImage => buildKernel(['empty_kernel']);

function buildKernel(sources: readonly string[]): KernelImage {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-kernel-'));
  try {
    const vmObjects = sources.map((name) => {
      const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
      const object = join(folder, `${name}.o`);
      execFileSync('clang', [...flags, '-c', source, '-o', object]);
      return { name: `${name}.o`, bytes: readFileSync(object) };
    });
    return buildKernelImage({ vmObjects, linearBytesMin: 48 << 20 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

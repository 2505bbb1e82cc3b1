/** Booting the kernel in QEMU, and its size. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFirmware, qemuArguments } from '../../cli/commands/qemu.ts';
import { buildBootArchive, buildDir } from '../../image/boot_archive.ts';
import { buildKernel } from '../../image/kernel.ts';
import { findExecutable } from '../../image/otp.ts';
import { prepareProgram } from '../../image/program.ts';
import { figure, progress } from '../figures.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Seconds from the firmware's hand-over (our first line) to the program's line, under QEMU
 * without KVM.
 */
async function measure(quick: boolean): Promise<void> {
  if (!findExecutable('qemu-system-x86_64')) throw new Error('qemu-system-x86_64 is not installed');
  const firmware = findFirmware();
  const program = await prepareProgram(join(root, 'examples', 'hello.v'), buildDir);
  const archive = await buildBootArchive('application', program);
  const kernel = await buildKernel(progress);
  figure('image_kernel_bytes', kernel.efi.length, 'bytes');
  const best = await withBootFolder(kernel.efi, archive, async (folder) => {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < (quick ? 1 : 3); i++)
      least = Math.min(least, await bootOnce(qemuArguments(folder, 128, firmware)));
    return least;
  });
  figure('boot_s', best, 's');
}

/** A folder that QEMU takes for a disk from which the firmware boots. */
export async function withBootFolder<T>(
  efi: Uint8Array,
  archive: Uint8Array,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-boot-'));
  try {
    mkdirSync(join(folder, 'EFI', 'BOOT'), { recursive: true });
    mkdirSync(join(folder, 'VBEAM'));
    writeFileSync(join(folder, 'EFI', 'BOOT', 'BOOTX64.EFI'), efi);
    writeFileSync(join(folder, 'VBEAM', 'BOOT.TAR'), archive);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bootOnce(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    let started = 0;
    let ended = 0;
    const timer = setTimeout(() => child.kill('SIGKILL'), 120_000);
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!started && text.includes('BEAM Kernel v0.1.0 booting...')) started = performance.now();
      if (!ended && text.includes('Hello from V!')) ended = performance.now();
    });
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      if (started && ended) resolve((ended - started) / 1000);
      else reject(new Error('the boot did not reach "Hello from V!"'));
    });
  });
}

export const boot = { figures: ['boot_s', 'image_kernel_bytes'], measure };

/**
 * `vbeam qemu PROGRAM`: build a bootable folder and boot it in QEMU under OVMF, serial line on
 * standard output.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { addedFiles } from '../../image/added_files.ts';
import { buildBootArchive, buildDir } from '../../image/boot_archive.ts';
import { bootKinds } from '../../image/boot_file.ts';
import { buildKernel } from '../../image/kernel.ts';
import { linuxFiles } from '../../image/linux_files.ts';
import { moduleFiles } from '../../image/linux_kernel.ts';
import { findExecutable } from '../../image/otp.ts';
import { contentHash, writeWhole } from '../../lib/cache.ts';
import { UserError } from '../../lib/user_error.ts';
import { endOfInput } from '../../tables/console.ts';
import { restartsMax } from '../../tables/machine.ts';
import { debugExitPort } from '../../tables/memory_map.ts';
import { ovmfPaths } from '../../tables/requirements.ts';
import {
  type Command,
  numberOption,
  parseArguments,
  vOptionSpecs,
  vOptionsHelp,
} from '../command.ts';
import { programWith } from '../program.ts';
import { ResetCounter } from '../qemu_resets.ts';

/** QEMU's arguments for a folder with EFI/BOOT/BOOTX64.EFI. */
export function qemuArguments(
  folder: string,
  memoryMb: number,
  firmware: string,
  typed = false,
): string[] {
  return [
    '-machine',
    'q35,accel=tcg',
    '-cpu',
    'max',
    '-m',
    String(memoryMb),
    '-drive',
    `if=pflash,format=raw,unit=0,readonly=on,file=${firmware}`,
    '-drive',
    `format=raw,file=fat:rw:${folder}`,
    '-device',
    `isa-debug-exit,iobase=0x${debugExitPort.toString(16)},iosize=2`,
    // At a terminal all keys but ^A belong to the machine, ^C too.
    ...(typed ? ['-serial', 'mon:stdio'] : ['-serial', 'stdio', '-monitor', 'none']),
    '-display',
    'none',
    '-net',
    'none',
    '-no-reboot',
  ];
}

/** Path of the UEFI firmware, or a UserError that says how to install it. */
export function findFirmware(): string {
  const named = process.env.VBEAM_OVMF;
  const found = named
    ? existsSync(named)
      ? named
      : undefined
    : ovmfPaths.find((path) => existsSync(path));
  if (!found) {
    throw new UserError(
      named
        ? `${named}: no such firmware file (VBEAM_OVMF)`
        : 'OVMF, the UEFI firmware, is not installed; run: make setup   (or: apt-get install ovmf)',
    );
  }
  return found;
}

/** Exit status of the system from QEMU's: the debug-exit device gives (status << 1) | 1. */
export function systemStatus(status: number | null): number {
  if (status === null) return 124;
  return status & 1 ? status >> 1 : status;
}

async function prepareFolder(
  path: string | undefined,
  programArguments: readonly string[],
  options: ReadonlyMap<string, string>,
): Promise<string> {
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const program =
    path === undefined ? undefined : await programWith(path, programArguments, options);
  const modules = options.get('--linux-modules');
  const archive = await buildBootArchive(bootKinds(options, program), program, {
    terminal: process.stdin.isTTY === true,
    linuxShell: options.has('--linux'),
    files: [
      ...addedFiles(options.get('--add')?.split('\n') ?? []),
      ...(options.has('--linux') ? await linuxFiles() : []),
      ...(modules === undefined ? [] : await moduleFiles(modules.split(','))),
    ],
  });
  const kernel = await buildKernel(progress);
  const folder = join(buildDir, 'qemu', contentHash(kernel.efi, archive));
  writeWhole(join(folder, 'EFI', 'BOOT', 'BOOTX64.EFI'), kernel.efi);
  writeWhole(join(folder, 'VBEAM', 'BOOT.TAR'), archive);
  writeWhole(`${folder}.elf`, kernel.elf);
  progress(`booting ${folder} (symbols for gdb: ${folder}.elf)`);
  return folder;
}

/**
 * The line after which the guest reads its serial line; what came earlier would be taken by the
 * firmware.
 */
const listening = '\napplication';

/** Input that is not typed waits until the guest listens. */
function holdInput(child: ChildProcess): void {
  let seen = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    if (seen.includes(listening)) return;
    seen = (seen + chunk.toString('latin1')).slice(-4096);
    if (!seen.includes(listening) || !child.stdin) return;
    const { stdin } = child;
    process.stdin.on('end', () => stdin.write(endOfInput));
    process.stdin.pipe(stdin, { end: false });
  });
  child.stdin?.on('error', () => undefined);
}

/** QEMU's exit status, null when it was stopped after `timeoutS` seconds (0: never). */
async function runQemu(
  args: readonly string[],
  timeoutS: number,
  resets: ResetCounter,
): Promise<number | null> {
  const typed = process.stdin.isTTY === true;
  const child = spawn('qemu-system-x86_64', [...args, ...resets.arguments], {
    stdio: typed ? 'inherit' : ['pipe', 'pipe', 'inherit'],
  });
  resets.start();
  if (!typed) holdInput(child);
  const timer = timeoutS ? setTimeout(() => child.kill('SIGKILL'), timeoutS * 1000) : undefined;
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearTimeout(timer);
  resets.stop();
  process.stdin.unpipe();
  process.stdin.destroy();
  return status;
}

export const qemuCommand: Command = {
  help: `
usage: vbeam qemu [PROGRAM [ARGUMENTS]] [OPTIONS]

Boots the program (a .v, .erl or .beam file, or a folder with the .v files of a program; none:
only the system) in QEMU. What of its arguments begins with a dash stands behind --. The serial line
is standard input and output. At a terminal, ^A x stops QEMU, and ^A ^A is ^A.
  --bare           run the program on the bare VM, without the supervision tree
  --stay           keep the system running when the program has ended
  --power-off      without a program: boot, then power off
  --memory MB      memory of the machine; default 256
  --timeout S      stop after so many seconds with status 124; default: none
  --restarts N     how often a reset boots again; default ${restartsMax}
  --linux          busybox and its commands are in the file system, as Linux programs; without
                   a program its shell has the console, and the Erlang shell comes after it
  --add HOST:GUEST a file or folder of this machine is in the file system; may be repeated
  --linux-modules LIST
                   kernel modules of Debian's Linux, or files NAME.ko, with commas between
                   them, are in /lib/modules
  --gdb            wait for gdb on port 1234 before the first instruction
${vOptionsHelp}Exit status: that of the system, as for vbeam run.
`,
  async run(args) {
    const parsed = parseArguments(args, [
      { names: ['--bare'], takesValue: false },
      { names: ['--stay'], takesValue: false },
      { names: ['--power-off'], takesValue: false },
      { names: ['--linux'], takesValue: false },
      { names: ['--add'], takesValue: true, repeats: true },
      { names: ['--memory'], takesValue: true },
      { names: ['--timeout'], takesValue: true },
      { names: ['--restarts'], takesValue: true },
      { names: ['--linux-modules'], takesValue: true },
      ...vOptionSpecs,
      { names: ['--gdb'], takesValue: false },
    ]);
    const [path, ...programArguments] = parsed.positional;
    const memoryMb = numberOption(parsed.options, '--memory', 256, 32, 65536);
    const timeoutS = numberOption(parsed.options, '--timeout', 0, 0, 86400);
    const restarts = numberOption(parsed.options, '--restarts', restartsMax, 0, 1000);
    const firmware = findFirmware();
    if (!findExecutable('qemu-system-x86_64')) {
      throw new UserError(
        'QEMU is not installed; run: make setup   (or: apt-get install qemu-system-x86)',
      );
    }
    const folder = await prepareFolder(path, programArguments, parsed.options);
    const gdb = parsed.options.has('--gdb') ? ['-s', '-S'] : [];
    const usual = qemuArguments(folder, memoryMb, firmware, process.stdin.isTTY === true);
    const qemu = [...usual.filter((option) => option !== '-no-reboot'), ...gdb];
    const resets = new ResetCounter(restarts, () =>
      process.stderr.write('vbeam: reset, the machine boots again\n'),
    );
    const status = await runQemu(qemu, timeoutS, resets);
    if (resets.exceeded) throw new UserError('the system stopped: reset once more than allowed', 1);
    return systemStatus(status);
  },
};

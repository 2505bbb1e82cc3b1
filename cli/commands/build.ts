/** `vbeam build PROGRAM -o DIR_OR_IMAGE`: a bootable folder or disk image. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildBootArchive, buildDir } from '../../image/boot_archive.ts';
import { bootKinds } from '../../image/boot_file.ts';
import { diskImage } from '../../image/disk.ts';
import { buildKernel, buildLinux } from '../../image/kernel.ts';
import { embedArchive } from '../../image/linux_executable.ts';
import { prepareProgram } from '../../image/program.ts';
import { writeWhole } from '../../lib/cache.ts';
import { UserError } from '../../lib/user_error.ts';
import { type Command, parseArguments } from '../command.ts';

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

export const buildCommand: Command = {
  help: `
usage: vbeam build [PROGRAM] -o DIR_OR_IMAGE [OPTIONS]

PROGRAM is a .v, .erl or .beam file; without one the system boots and stays up.
  -o PATH          a path that ends in .img becomes a disk image (GPT, FAT32); another one a folder
                   with EFI/BOOT/BOOTX64.EFI and VBEAM/BOOT.TAR. Beside it goes the kernel as ELF
                   with symbols, for gdb.
  --bare           run the program on the bare VM, without the supervision tree
  --stay           keep the system running when the program has ended
  --power-off      without a program: boot, then power off
  --target linux   write PATH, a static Linux executable: the VM with the boot archive inside
`,
  async run(args) {
    const parsed = parseArguments(args, [
      { names: ['-o', '--output'], takesValue: true },
      { names: ['--bare'], takesValue: false },
      { names: ['--stay'], takesValue: false },
      { names: ['--power-off'], takesValue: false },
      { names: ['--target'], takesValue: true },
    ]);
    const out = parsed.options.get('-o');
    if (out === undefined) throw new UserError('-o DIR_OR_IMAGE is missing; see --help', 2);
    const [path, ...others] = parsed.positional;
    if (others.length) throw new UserError(`unexpected argument ${others[0]}; see --help`, 2);
    const target = parsed.options.get('--target') ?? 'metal';
    if (target !== 'metal' && target !== 'linux') {
      throw new UserError(`unknown target ${target}: metal or linux`, 2);
    }
    const program = path === undefined ? undefined : await prepareProgram(path, buildDir);
    const archive = await buildBootArchive(bootKinds(parsed.options, program), program);
    if (target === 'linux') {
      writeWhole(out, embedArchive(await buildLinux(progress), archive, false), 0o755);
      return 0;
    }
    const kernel = await buildKernel(progress);
    if (out.endsWith('.img')) {
      writeWhole(out, diskImage(kernel.efi, archive));
      writeWhole(out.replace(/\.img$/, '.elf'), kernel.elf);
      return 0;
    }
    if (existsSync(out) && !statSync(out).isDirectory())
      throw new UserError(`${out}: exists and is not a folder`);
    writeWhole(join(out, 'EFI', 'BOOT', 'BOOTX64.EFI'), kernel.efi);
    writeWhole(join(out, 'VBEAM', 'BOOT.TAR'), archive);
    writeWhole(`${out.replace(/\/+$/, '')}.elf`, kernel.elf);
    return 0;
  },
};

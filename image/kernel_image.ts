/**
 * The two programs that are made of the VM's object files: a UEFI image for machines (with an ELF
 * file beside it, for gdb), and a static Linux executable. Throws LinkError for objects that do not
 * fit.
 */
import { link, readElfObject, writeElf, writePe } from '../link/link.ts';
import { symbolTableName } from '../nucleus/backtrace.ts';
import { kernelEntry, nucleusObject } from '../nucleus/kernel.ts';
import { linuxEntry, linuxHostObject } from '../nucleus/linux_host.ts';
import { virtual } from '../tables/memory_map.ts';

/** A relocatable ELF object, as native/ makes them. */
export interface VmObject {
  /** For error messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface KernelOptions {
  readonly vmObjects: readonly VmObject[];
  /** With less linear memory than this the kernel stops at boot with an error, in bytes. */
  readonly linearBytesMin?: number;
}

export interface KernelImage {
  /** PE32+: EFI/BOOT/BOOTX64.EFI. */
  readonly efi: Uint8Array;
  /** The same code at its link address, with symbols. */
  readonly elf: Uint8Array;
}

const linearBytesMinDefault = 32 << 20;
/** Named in the image's debug directory; the ELF file with the same code. */
const symbolFile = 'vbeam.elf';
const linuxBase = 0x40_0000n;

const readAll = (objects: readonly VmObject[]) =>
  objects.map(({ name, bytes }) => readElfObject(name, bytes));

export function buildKernelImage(options: KernelOptions): KernelImage {
  const linearBytesMin = options.linearBytesMin ?? linearBytesMinDefault;
  const image = link({
    objects: [nucleusObject({ linearBytesMin }), ...readAll(options.vmObjects)],
    base: virtual.kernelImage,
    entry: kernelEntry,
    symbolTable: symbolTableName,
  });
  // The kernel maps itself to its link address, so nothing in it is to be adapted to where it is
  // loaded.
  return { efi: writePe(image, { relocatable: false, symbolFile }), elf: writeElf(image) };
}

export interface LinuxOptions {
  readonly vmObjects: readonly VmObject[];
}

/** A static executable: `PROGRAM ARCHIVE` runs the VM with a boot archive. */
export function buildLinuxExecutable(options: LinuxOptions): Uint8Array {
  const image = link({
    objects: [linuxHostObject(), ...readAll(options.vmObjects)],
    base: linuxBase,
    entry: linuxEntry,
    symbolTable: symbolTableName,
  });
  return writeElf(image);
}

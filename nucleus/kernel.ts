/**
 * The boot of the kernel, from the firmware's call to the VM's main, and the nucleus as one object
 * for the linker.
 *
 * The firmware loads the image at an address of its choice and calls `kernel_entry` there. Until
 * paging is on, code runs at that address; it only uses addresses relative to itself. Then it jumps
 * to its alias at -2 GiB, its link address, where all absolute addresses are right. docs/boot.md
 * explains this with a picture.
 */
import { com1, timerPeriodNs, vectors, virtual } from '../tables/memory_map.ts';
import type { ObjectFile } from '../x86_64/object.ts';
import { address, memory, qword, registers } from '../x86_64/operands.ts';
import { emitAcpi } from './acpi.ts';
import { emitAcpiInterrupts } from './acpi_interrupts.ts';
import { emitApic } from './apic.ts';
import { emitBacktraces } from './backtrace.ts';
import { emitClock } from './clock.ts';
import { emitConsole } from './console.ts';
import { emitDescriptors, stackPlaces } from './descriptors.ts';
import { emitExceptions } from './exceptions.ts';
import { emitFrameAllocation } from './frame_allocation.ts';
import { emitFrames } from './frames.ts';
import { emitGrants } from './grants.ts';
import { emitHost } from './host.ts';
import { emitInterrupts } from './interrupts.ts';
import { emitKeptMemory } from './kept_memory.ts';
import { emitLinearMemory } from './linear_memory.ts';
import { emitLocalApic } from './local_apic.ts';
import { emitMemoryMap } from './memory_map.ts';
import { NucleusCode } from './nucleus_code.ts';
import { emitObjects } from './objects.ts';
import { emitPaging } from './paging.ts';
import { emitPower } from './power.ts';
import { emitReferenceClocks } from './reference_clocks.ts';
import { emitReset } from './reset.ts';
import { emitSerial } from './serial.ts';
import { emitTaskMemory } from './task_memory.ts';
import { emitTaskPages } from './task_pages.ts';
import { emitTaskRegisters } from './task_registers.ts';
import { emitTaskRun } from './task_run.ts';
import { emitTaskSharing } from './task_sharing.ts';
import { emitTaskSpaces } from './task_spaces.ts';
import { emitTasks } from './tasks.ts';
import { emitUefi } from './uefi.ts';
import { emitWallClock } from './wall_clock.ts';

const { rax, rbx, ebp, rcx, rdx, rdi, rsi, rsp } = registers;

export const kernelEntry = 'kernel_entry';
export const banner = 'BEAM Kernel v0.1.0 booting...';

const kernelStackTop = stackPlaces[0]?.top ?? 0;

/** The firmware's call: rcx image handle, rdx system table. */
function emitEntry(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.function(kernelEntry);
  code.cld();
  code.mov(qword('image_handle'), rcx);
  code.mov(qword('system_table'), rdx);
  code.rdtsc();
  code.shl(rdx, 32);
  code.or(rax, rdx);
  code.mov(qword('counter_at_boot'), rax);
  code.and(rsp, -16);
  code.xor(ebp, ebp);

  code.call('serial_start');
  nucleus.line(banner);
  nucleus.line(`serial: COM1 at 0x${com1.port.toString(16)}, ${com1.baud} baud, 8N1`);
  code.call('uefi_read_clock');
  code.call('uefi_load_archive');
  code.call('uefi_find_acpi');
  code.call('uefi_exit_boot_services');
  code.cli();
  code.call('memory_map_check');
  nucleus.line(
    'boot services exited: boot archive of ',
    { decimal: qword('archive_bytes') },
    ' bytes read',
  );

  code.lea(rsp, memory('stacks', kernelStackTop));
  code.call('descriptors_load');
  nucleus.line('GDT: code64, data64, TSS with 3 interrupt stacks, code64 and data64 of ring 3');
  code.lea(rdi, memory('idt_at_boot'));
  code.call('interrupts_load');
  nucleus.line('IDT: 256 vectors');

  code.call('cpu_prepare');
  code.call('paging_build');
  code.mov(rdi, address('kernel_high'));
  code.jmp('paging_switch');
}

/** At the link address: everything that needs the kernel's own map. */
function emitHigh(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.function('kernel_high');
  code.lea(rsp, memory('stacks', kernelStackTop));
  code.xor(ebp, ebp);
  code.call('descriptors_load');
  code.lea(rdi, memory('idt'));
  code.call('interrupts_load');
  code.call('cpu_user');
  code.call('frames_start');
  code.call('paging_identity');
  nucleus.line(
    `paging: 4 levels, first 4 GiB identity mapped, kernel at 0x${virtual.kernelImage.toString(16)}, write xor execute`,
  );

  code.call('acpi_start');
  code.call('lapic_start');
  code.call('acpi_power');
  code.call('acpi_enable');
  code.call('acpi_interrupts');
  code.call('acpi_pci_express');
  code.call('clock_start');
  code.call('wall_clock_start');
  code.call('timer_periodic');
  nucleus.line(
    `LAPIC timer: every ${timerPeriodNs / 1000} us on vector ${vectors.lapicTimer} (`,
    { text: qword('lapic_mode_name') },
    '), time-stamp counter ',
    { decimal: qword('counter_mhz') },
    ' MHz by ',
    { text: qword('clock_reference_name') },
  );

  kibibytes(nucleus, 'memory_frames');
  code.mov(rbx, rax);
  kibibytes(nucleus, 'frames_free');
  code.push(rax);
  code.push(rbx);
  nucleus.line(
    'page allocator: ',
    { decimal: qword(rsp, 8) },
    ' KiB free of ',
    { decimal: qword(rsp) },
    ' KiB of memory',
  );
  code.call('linear_start');
  code.call('kept_memory_find');
  code.call('machine_describe');
  printMap(nucleus);
  code.sti();
  code.call('vm_init_memory');
  code.mov(rdi, qword('linear_bytes'));
  code.mov(rsi, qword('archive_linear'));
  code.mov(rdx, qword('archive_bytes'));
  code.call('vm_main');
  nucleus.fail('the VM returned');
}

/** Where everything lives, as docs/boot.md explains it. */
function printMap(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const at = (address: bigint) => `0x${address.toString(16)}`;
  nucleus.line(
    `memory map: identity map of 4 GiB, direct map at ${at(virtual.directMap)}, kernel at ${at(virtual.kernelImage)}`,
  );
  code.mov(rbx, qword('linear_bytes'));
  code.shr(rbx, 10);
  nucleus.line(
    `memory map: linear memory at ${at(virtual.linearMemory)}, `,
    { decimal: rbx },
    ' KiB',
  );
  code.mov(rbx, qword('arena_pages'));
  code.shl(rbx, 2);
  nucleus.print('memory map: DMA arena of ', { decimal: rbx }, ' KiB at physical ', {
    hex: qword('arena_physical'),
  });
  for (const [name, variable] of [
    ['local APIC', 'lapic_address'],
    ['HPET', 'hpet_address'],
  ] as const) {
    code.mov(rbx, qword(variable));
    code.test(rbx, rbx);
    code.je(`.no_${variable}`);
    code.sub(rbx, qword('direct_base'));
    nucleus.print(`, ${name} at `, { hex: rbx });
    code.label(`.no_${variable}`);
  }
  nucleus.print('\n');
}

/** rax = frames of a variable in KiB. */
function kibibytes({ code }: NucleusCode, name: string): void {
  code.mov(rax, qword(name));
  code.shl(rax, 2);
}

export interface NucleusOptions {
  /** The least linear memory that is worth a start, in bytes. */
  readonly linearBytesMin: number;
}

/** The machine code of the nucleus, before it is made an object: tests also want its text. */
export function nucleusCode(options: NucleusOptions): NucleusCode {
  const nucleus = new NucleusCode('nucleus');
  emitEntry(nucleus);
  emitHigh(nucleus);
  emitSerial(nucleus);
  emitConsole(nucleus);
  emitUefi(nucleus);
  emitDescriptors(nucleus);
  emitExceptions(nucleus);
  emitBacktraces(nucleus);
  emitMemoryMap(nucleus);
  emitFrames(nucleus);
  emitFrameAllocation(nucleus);
  emitObjects(nucleus);
  emitPaging(nucleus);
  emitAcpi(nucleus);
  emitAcpiInterrupts(nucleus);
  emitApic(nucleus);
  emitLocalApic(nucleus);
  emitReferenceClocks(nucleus);
  emitClock(nucleus);
  emitWallClock(nucleus);
  emitInterrupts(nucleus);
  emitLinearMemory(nucleus, options.linearBytesMin);
  emitKeptMemory(nucleus);
  emitGrants(nucleus);
  emitHost(nucleus);
  emitTasks(nucleus);
  emitTaskSpaces(nucleus);
  emitTaskPages(nucleus);
  emitTaskMemory(nucleus);
  emitTaskSharing(nucleus);
  emitTaskRegisters(nucleus);
  emitTaskRun(nucleus);
  emitPower(nucleus);
  emitReset(nucleus);
  return nucleus;
}

/** The nucleus as an object. It needs vm_main, vm_init_memory and the linker's symbol table. */
export function nucleusObject(options: NucleusOptions): ObjectFile {
  return nucleusCode(options).finish();
}

/**
 * The local APIC of the processor that boots, and its timer. Intel SDM volume 3, chapter 11. Its
 * registers are model-specific ones where the processor has x2APIC (section 11.12), else memory,
 * which is reached through the direct map, where device memory is not cached. Where firmware has
 * switched x2APIC on, the way back may be locked, so it stays on.
 *
 *     x2apic                  u32, 1 in x2APIC mode: the stubs of interrupts look at it, too
 *     lapic_address           u64, virtual address of the registers in memory
 *     lapic_mode_name         u64, address of a text
 *     interrupt_destination   u32, upper half of the redirection entries of I/O APICs
 */
import {
  interruptDestination,
  lapic,
  lapicDivideBy16,
  lapicSoftwareEnable,
  lvt,
  picInitialisation,
  x2apicMsr,
} from '../tables/apic.ts';
import { vectors } from '../tables/memory_map.ts';
import { apicBase, cpuid, msr, page } from '../tables/x86_system.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, al, rbx, ebx, rcx, ecx, rdx, edx, rdi, edi, esi } = registers;

const modes = { xapic: 0, x2apic: 1 } as const;

/** lapic_mode() switches the local APIC on, in x2APIC mode where that is possible. */
function emitMode(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('x2apic', 4, 4);
  nucleus.variable('lapic_address', 8);
  nucleus.variable('lapic_mode_name', 8);
  nucleus.procedure('lapic_mode', {}, () => {
    code.mov(ecx, msr.IA32_APIC_BASE);
    code.rdmsr();
    code.bt(eax, apicBase.EXTD);
    code.jb('.x2apic');
    // From the disabled state the way to x2APIC mode leads through the other one.
    code.bts(eax, apicBase.EN);
    code.wrmsr();
    code.bt(dword('cpu_features'), cpuid.features.ecx.x2APIC);
    code.jae('.memory');
    code.call('acpi_no_x2apic');
    code.test(eax, eax);
    code.jne('.memory');
    code.mov(ecx, msr.IA32_APIC_BASE);
    code.rdmsr();
    code.bts(eax, apicBase.EXTD);
    code.wrmsr();
    code.label('.x2apic');
    code.mov(dword('x2apic'), modes.x2apic);
    code.lea(rax, memory(nucleus.text('x2APIC')));
    code.mov(qword('lapic_mode_name'), rax);
    code.jmp('.return');
    code.label('.memory');
    code.lea(rax, memory(nucleus.text('xAPIC')));
    code.mov(qword('lapic_mode_name'), rax);
    code.mov(ecx, msr.IA32_APIC_BASE);
    code.rdmsr();
    code.shl(rdx, 32);
    code.or(rax, rdx);
    code.movabs(rcx, page.addressMask);
    code.and(rax, rcx);
    code.add(rax, qword('direct_base'));
    code.mov(qword('lapic_address'), rax);
  });
}

/** lapic_read(edi: offset) -> eax, and lapic_write(edi: offset, esi: value). */
function emitAccess(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const choose = (): void => {
    code.cmp(dword('x2apic'), modes.x2apic);
    code.je('.x2apic');
    code.mov(edi, edi);
    code.mov(rax, qword('lapic_address'));
  };
  const specific = (): void => {
    code.label('.x2apic');
    code.mov(ecx, edi);
    code.shr(ecx, 4);
    code.add(ecx, x2apicMsr.first);
  };
  nucleus.procedure('lapic_read', {}, () => {
    choose();
    code.mov(eax, dword(rax, { index: rdi }));
    code.jmp('.return');
    specific();
    code.rdmsr();
  });
  nucleus.procedure('lapic_write', {}, () => {
    choose();
    code.mov(dword(rax, { index: rdi }), esi);
    code.jmp('.return');
    specific();
    code.mov(eax, esi);
    code.xor(edx, edx);
    code.wrmsr();
  });
}

/** lapic_start(): PICs masked, the local APIC on with its timer masked. */
function emitStart(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('interrupt_destination', 4, 4);
  nucleus.procedure('lapic_start', { saves: [rbx] }, () => {
    for (const [port, value] of picInitialisation) {
      code.mov(al, value);
      code.out(port, al);
    }
    code.call('lapic_mode');
    for (const [register, value] of [
      [lapic.taskPriority, 0],
      [lapic.lvtTimer, lvt.masked | vectors.lapicTimer],
      [lapic.lvtLint0, lvt.masked],
      [lapic.lvtLint1, lvt.nonMaskable],
      [lapic.lvtError, lvt.masked],
      [lapic.divide, lapicDivideBy16],
      [lapic.spurious, lapicSoftwareEnable | vectors.lapicSpurious],
      [lapic.endOfInterrupt, 0],
    ] as const) {
      code.mov(edi, register);
      code.mov(esi, value);
      code.call('lapic_write');
    }
    // The identifier has 8 bits at the upper end of the register in memory, else all 32.
    code.mov(edi, lapic.id);
    code.call('lapic_read');
    code.cmp(dword('x2apic'), modes.x2apic);
    code.jne('.known');
    code.cmp(eax, interruptDestination.idMax);
    code.ja('.beyond');
    code.shl(eax, interruptDestination.shift);
    code.label('.known');
    code.mov(dword('interrupt_destination'), eax);
    code.jmp('.return');
    code.label('.beyond');
    code.mov(ebx, eax);
    nucleus.fail('no I/O APIC reaches the processor with the identifier ', { decimal: rbx });
  });
}

/** timer_periodic() and timer_once(rdi: nanoseconds) program the timer. */
function emitTimer(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('timer_period_count', 4, 4);
  nucleus.variable('timer_counts_per_ns', 8);
  nucleus.procedure('timer_periodic', {}, () => {
    code.mov(edi, lapic.lvtTimer);
    code.mov(esi, lvt.periodic | vectors.lapicTimer);
    code.call('lapic_write');
    code.mov(edi, lapic.initialCount);
    code.mov(esi, dword('timer_period_count'));
    code.call('lapic_write');
  });
  nucleus.procedure('timer_once', { saves: [rbx] }, () => {
    // counts = ns * counts_per_ns / 2^32, between 1 and 2^32 - 1
    code.mov(ebx, -1);
    code.mov(rax, rdi);
    code.mul(qword('timer_counts_per_ns'));
    code.shrd(rax, rdx, 32);
    code.shr(rdx, 32);
    code.jne('.longest');
    code.cmp(rax, rbx);
    code.ja('.longest');
    code.cmp(rax, 1);
    code.adc(rax, 0);
    code.mov(ebx, eax);
    code.label('.longest');
    code.mov(edi, lapic.lvtTimer);
    code.mov(esi, vectors.lapicTimer);
    code.call('lapic_write');
    code.mov(edi, lapic.initialCount);
    code.mov(esi, ebx);
    code.call('lapic_write');
  });
}

export function emitLocalApic(nucleus: NucleusCode): void {
  emitMode(nucleus);
  emitAccess(nucleus);
  emitStart(nucleus);
  emitTimer(nucleus);
}

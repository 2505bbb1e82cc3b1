/**
 * How interrupts are wired, from ACPI tables: processors, I/O APICs and interrupt source overrides
 * from the MADT (ACPI 6.5, section 5.2.12), and whether firmware wants no x2APIC mode (DMAR).
 */
import {
  DESCRIPTION_HEADER,
  DMAR,
  intiFlags,
  MADT,
  madtEntry,
  processorEnabled,
} from '../tables/acpi.ts';
import { redirection } from '../tables/apic.ts';
import { ioApicPhysical, vectors } from '../tables/memory_map.ts';
import { byte, dword, memory, registers, word } from '../x86_64/operands.ts';
import { signatureNumber } from './acpi.ts';
import { gsiCount } from './interrupts.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, rcx, ecx, edx, rsi, esi, rdi, edi, r12, r13 } = registers;

/** Lines of the ISA bus: edge-triggered and active high unless an override says otherwise. */
const isaLines = 16;

/**
 * acpi_interrupts(): I/O APICs and interrupt source overrides from the MADT fill gsi_routes and
 * gsi_entries; processors are counted.
 */
function emitInterrupts(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // Lower half of each line's redirection entry, unmasked.
  nucleus.variable('processor_count', 4, 4);
  nucleus.variable('gsi_entries', gsiCount * 4, 4);
  nucleus.procedure('acpi_interrupts', { saves: [rbx, r12, r13] }, () => {
    code.xor(eax, eax);
    code.lea(rdi, memory('gsi_entries'));
    code.label('.line');
    code.lea(edx, memory(rax, vectors.vectorOfGsi0));
    code.cmp(eax, isaLines);
    code.jb('.isa');
    code.or(edx, redirection.level | redirection.activeLow);
    code.label('.isa');
    code.mov(dword(rdi, { index: rax, scale: 4 }), edx);
    code.inc(eax);
    code.cmp(eax, gsiCount);
    code.jne('.line');
    code.mov(edi, signatureNumber(MADT.signature));
    code.call('acpi_find');
    code.test(rax, rax);
    code.je('.no_madt');
    code.mov(rbx, rax);
    code.mov(registers.r12d, dword(rbx, DESCRIPTION_HEADER.Length));
    code.add(r12, rbx);
    code.add(rbx, MADT.entries);
    code.label('.entry');
    // Type and length of the entry must be there, then as much as the length says.
    code.lea(rax, memory(rbx, 2));
    code.cmp(rax, r12);
    code.ja('.done');
    code.movzx(registers.r13d, byte(rbx, 1));
    code.cmp(r13, 2);
    code.jb('.done');
    code.lea(rax, memory(rbx, { index: r13 }));
    code.cmp(rax, r12);
    code.ja('.done');
    countProcessor(nucleus);
    code.cmp(byte(rbx), madtEntry.ioApic.type);
    code.je('.io_apic');
    code.cmp(byte(rbx), madtEntry.interruptSourceOverride.type);
    code.je('.override');
    code.label('.next');
    code.add(rbx, r13);
    code.jmp('.entry');
    code.label('.io_apic');
    code.cmp(r13, madtEntry.ioApic.size);
    code.jb('.next');
    code.mov(edi, dword(rbx, madtEntry.ioApic.address));
    code.mov(esi, dword(rbx, madtEntry.ioApic.gsiBase));
    code.call('io_apic_add');
    code.jmp('.next');
    code.label('.override');
    sourceOverride(nucleus);
    code.jmp('.next');
    code.label('.no_madt');
    code.mov(edi, Number(ioApicPhysical));
    code.xor(esi, esi);
    code.call('io_apic_add');
    code.label('.done');
  });
}

/** The processor that the entry at rbx is for, when it is for one that works. */
function countProcessor({ code }: NucleusCode): void {
  for (const { type, flags, size } of [madtEntry.localApic, madtEntry.localX2apic]) {
    code.cmp(byte(rbx), type);
    code.jne(`.not_${type}`);
    code.cmp(r13, size);
    code.jb('.next');
    code.test(dword(rbx, flags), processorEnabled);
    code.je('.next');
    code.inc(dword('processor_count'));
    code.jmp('.next');
    code.label(`.not_${type}`);
  }
}

/** The override at rbx sets polarity and trigger mode of its line, where it says them. */
function sourceOverride({ code }: NucleusCode): void {
  const { gsi, flags, size } = madtEntry.interruptSourceOverride;
  code.cmp(r13, size);
  code.jb('.next');
  code.mov(ecx, dword(rbx, gsi));
  code.cmp(ecx, gsiCount);
  code.jae('.next');
  code.movzx(edx, word(rbx, flags));
  code.lea(rsi, memory('gsi_entries'));
  code.mov(eax, dword(rsi, { index: rcx, scale: 4 }));
  for (const [mask, value, bits, label] of [
    [intiFlags.polarityMask, intiFlags.activeLow, redirection.activeLow, '.polarity'],
    [intiFlags.triggerMask, intiFlags.level, redirection.level, '.trigger'],
  ] as const) {
    code.mov(edi, edx);
    code.and(edi, mask);
    code.je(label);
    code.and(eax, ~bits);
    code.cmp(edi, value);
    code.jne(label);
    code.or(eax, bits);
    code.label(label);
  }
  code.mov(dword(rsi, { index: rcx, scale: 4 }), eax);
}

/** acpi_no_x2apic() -> eax: whether firmware asks to leave x2APIC mode alone. */
function emitNoX2apic(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('acpi_no_x2apic', {}, () => {
    code.mov(edi, signatureNumber(DMAR.signature));
    code.call('acpi_find');
    code.test(rax, rax);
    code.je('.return');
    code.mov(rcx, rax);
    code.xor(eax, eax);
    code.cmp(dword(rcx, DESCRIPTION_HEADER.Length), DMAR.Flags);
    code.jbe('.return');
    code.movzx(eax, byte(rcx, DMAR.Flags));
    code.and(eax, DMAR.X2APIC_OPT_OUT);
  });
}

export function emitAcpiInterrupts(nucleus: NucleusCode): void {
  emitInterrupts(nucleus);
  emitNoX2apic(nucleus);
}

/**
 * I/O APICs: set-up, and the lines that the VM claims. 82093AA data sheet. Registers are reached
 * through the direct map, where device memory is not cached.
 */
import { tableBytesMax } from '../tables/acpi.ts';
import { ioApic, ioApicRegister, redirection } from '../tables/apic.ts';
import { vectors } from '../tables/memory_map.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import { gsiCount, gsiRoute } from './interrupts.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, ebx, rcx, ecx, rdx, edx, esi, rdi, edi, r12, r12d, r13, r13d } = registers;

/**
 * io_apic_add(edi: physical address, esi: first line) masks its lines and gives each a row in
 * gsi_routes.
 */
function emitAdd(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('io_apic_count', 4, 4);
  nucleus.procedure('io_apic_add', { saves: [rbx, r12, r13] }, () => {
    // Registers can only be where the direct map has devices.
    code.mov(ebx, edi);
    code.mov(ecx, -tableBytesMax);
    code.cmp(rbx, rcx);
    code.jae('.nowhere');
    code.test(ebx, 15);
    code.jne('.nowhere');
    code.test(ebx, ebx);
    code.je('.nowhere');
    code.add(rbx, qword('direct_base'));
    code.mov(r12d, esi);
    code.inc(dword('io_apic_count'));
    code.mov(dword(rbx, ioApic.select), ioApicRegister.version);
    code.mov(r13d, dword(rbx, ioApic.window));
    code.shr(r13d, 16);
    code.and(r13d, 0xff);
    // ecx: register of the line; r13d: lines after this one.
    code.mov(ecx, ioApicRegister.redirection);
    code.label('.line');
    code.cmp(r12, gsiCount);
    code.jae('.return');
    code.mov(dword(rbx, ioApic.select), ecx);
    code.mov(dword(rbx, ioApic.window), redirection.masked);
    code.lea(rdi, memory('gsi_routes'));
    code.mov(rax, r12);
    code.shl(rax, Math.log2(gsiRoute.size));
    code.add(rdi, rax);
    code.mov(qword(rdi, gsiRoute.ioApic), rbx);
    code.mov(dword(rdi, gsiRoute.register), ecx);
    code.add(ecx, 2);
    code.inc(r12);
    code.sub(r13d, 1);
    code.jae('.line');
    code.jmp('.return');
    code.label('.nowhere');
    nucleus.line('ACPI: no I/O APIC can be at ', { hex: rbx });
  });
}

/**
 * line_set(edi: line, esi: 0 unmask, or redirection.masked) -> eax 0, or 3 when there is no such
 * line. The select register is shared with the stubs, so interrupts are off for the three writes.
 */
function emitLine(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('line_set', {}, () => {
    code.mov(eax, 3);
    code.cmp(edi, gsiCount);
    code.jae('.return');
    code.mov(edi, edi);
    code.mov(rcx, rdi);
    code.shl(rcx, Math.log2(gsiRoute.size));
    code.lea(rdx, memory('gsi_routes'));
    code.add(rcx, rdx);
    code.cmp(qword(rcx, gsiRoute.ioApic), 0);
    code.je('.return');
    code.lea(rdx, memory('gsi_entries'));
    code.mov(edx, dword(rdx, { index: rdi, scale: 4 }));
    code.pushfq();
    code.cli();
    code.xor(eax, eax);
    code.test(edx, redirection.level);
    code.je('.edge');
    code.mov(eax, edx);
    code.or(eax, redirection.masked);
    code.label('.edge');
    code.mov(dword(rcx, gsiRoute.maskedEntry), eax);
    code.or(edx, esi);
    code.mov(eax, dword(rcx, gsiRoute.register));
    code.mov(rcx, qword(rcx, gsiRoute.ioApic));
    // The upper half first: it says which processor, and the lower half may unmask.
    code.inc(eax);
    code.mov(dword(rcx, ioApic.select), eax);
    code.mov(edi, dword('interrupt_destination'));
    code.mov(dword(rcx, ioApic.window), edi);
    code.dec(eax);
    code.mov(dword(rcx, ioApic.select), eax);
    code.mov(dword(rcx, ioApic.window), edx);
    code.popfq();
    code.xor(eax, eax);
  });
  // host_interruptUnmask(edi: vector) does nothing for a line that was not claimed.
  nucleus.procedure('host_interruptUnmask', { saves: [rbx] }, () => {
    code.lea(ebx, memory(rdi, -vectors.vectorOfGsi0));
    code.mov(edi, 2);
    code.mov(esi, ebx);
    code.mov(edx, 1);
    code.call('grant_holds');
    code.test(eax, eax);
    code.je('.return');
    code.mov(edi, ebx);
    code.xor(esi, esi);
    code.call('line_set');
  });
}

export function emitApic(nucleus: NucleusCode): void {
  emitAdd(nucleus);
  emitLine(nucleus);
}

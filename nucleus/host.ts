/**
 * Small functions of the boundary between VM and nucleus (tables/host) that have no file of their
 * own.
 */
import { virtual } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { cpuid } from '../tables/x86_system.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rcx, ecx, rdx, edi, esi, rdi, rsi } = registers;

const randomAttempts = 10;

/** rax = the splitmix64 finaliser of rax. Changes rcx. */
function mix({ code }: NucleusCode): void {
  for (const [shift, factor] of [
    [30, 0xbf58_476d_1ce4_e5b9n],
    [27, 0x94d0_49bb_1331_11ebn],
  ] as const) {
    code.mov(rcx, rax);
    code.shr(rcx, shift);
    code.xor(rax, rcx);
    code.movabs(rcx, BigInt.asIntN(64, factor));
    code.imul(rax, rcx);
  }
  code.mov(rcx, rax);
  code.shr(rcx, 31);
  code.xor(rax, rcx);
}

export function emitHost(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // host_debugWrite(edi: linear, esi: length) writes what lies in linear memory of it.
  nucleus.procedure('host_debugWrite', {}, () => {
    code.mov(edi, edi);
    code.mov(esi, esi);
    code.lea(rax, memory(rdi, { index: rsi }));
    code.cmp(rax, qword('linear_bytes'));
    code.ja('.return');
    code.movabs(rax, BigInt.asIntN(64, virtual.linearMemory));
    code.add(rdi, rax);
    code.call('console_write');
  });
  nucleus.procedure('host_choose', {}, () => code.xor(eax, eax));
  // There is no host that has files.
  nucleus.procedure('host_fileCall', {}, () => code.mov(rax, -posixErrors.enosys));
  // host_entropy(): RDRAND, or the time-stamp counter and a counter of our own, mixed.
  nucleus.variable('entropy_counter', 8);
  nucleus.procedure('host_entropy', {}, () => {
    code.bt(dword('cpu_features'), cpuid.features.ecx.RDRAND);
    code.jae('.counter');
    code.mov(ecx, randomAttempts);
    code.label('.attempt');
    code.rdrand(rax);
    code.jb('.return');
    code.dec(ecx);
    code.jne('.attempt');
    code.label('.counter');
    code.rdtsc();
    code.shl(rdx, 32);
    code.or(rax, rdx);
    code.movabs(rcx, BigInt.asIntN(64, 0x9e37_79b9_7f4a_7c15n));
    code.add(qword('entropy_counter'), rcx);
    code.xor(rax, qword('entropy_counter'));
    mix(nucleus);
  });
}

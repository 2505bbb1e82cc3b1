/**
 * Memory that a reset leaves as it is (tables/memory_map.ts), for the log of the system's last
 * life. The nucleus neither clears nor uses it. It is granted as device memory is, as a whole and
 * to one owner, but only when one range of the firmware's map that holds all of it is free.
 */
import { keptMemory } from '../tables/memory_map.ts';
import { EFI_MEMORY_DESCRIPTOR, EfiConventionalMemory } from '../tables/uefi.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { eachDescriptor } from './uefi.ts';

const { rax, rbx, rcx, rdi, rsi, r12 } = registers;
const { Type, PhysicalStart, NumberOfPages } = EFI_MEMORY_DESCRIPTOR;
const pageShift = 12;
const first = Number(keptMemory.physical);
const end = first + keptMemory.bytes;

/** kept_memory_find(): kept_physical is its address, or stays 0. */
export function emitKeptMemory(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('kept_physical', 8);
  nucleus.procedure('kept_memory_find', { saves: [rbx, r12] }, () => {
    eachDescriptor(nucleus, () => {
      code.cmp(dword(rbx, Type), EfiConventionalMemory);
      code.jne('.next_descriptor');
      code.mov(rax, qword(rbx, PhysicalStart));
      code.cmp(rax, first);
      code.ja('.next_descriptor');
      code.mov(rcx, qword(rbx, NumberOfPages));
      code.shl(rcx, pageShift);
      code.add(rcx, rax);
      code.cmp(rcx, end);
      code.jb('.next_descriptor');
      code.mov(qword('kept_physical'), first);
    });
  });
}

/** Jumps to `kept` when [rdi, rdi + rsi) is all of it. Changes rax. */
export function testKeptMemory({ code }: NucleusCode, kept: string, other: string): void {
  code.mov(rax, qword('kept_physical'));
  code.test(rax, rax);
  code.je(other);
  code.cmp(rdi, rax);
  code.jne(other);
  code.cmp(rsi, keptMemory.bytes);
  code.je(kept);
  code.label(other);
}

/**
 * What was written to rbx goes to memory at once when it is in the kept part: a reset may throw
 * away what caches hold. Changes rax.
 */
export function flushKeptMemory({ code }: NucleusCode, done: string): void {
  code.mov(rax, rbx);
  code.sub(rax, qword('direct_base'));
  code.sub(rax, first);
  code.jb(done);
  code.cmp(rax, keptMemory.bytes);
  code.jae(done);
  code.clflush(memory(rbx));
  code.label(done);
}

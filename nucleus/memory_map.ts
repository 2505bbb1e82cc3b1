/**
 * The firmware's memory map, made fit for use before anything relies on it: `memory_map_check()`
 * stops the boot where descriptors cannot be read, and otherwise changes the map so that
 *
 * - every range begins on a page, is not beyond the direct map, and does not wrap around: one that
 *   is free and not so counts as nothing, and a line says how many did; one that is in use is cut
 *   at the end of the direct map;
 * - memory is not further up than the tables of nucleus/frames.ts can reach: they take about 1.13
 *   bytes a frame of the largest free range, so the limit is half of its bytes, in frames.
 *
 * UEFI 2.10, section 7.2.3: descriptors may be larger than we know them, and are `pages` of 4 KiB.
 */
import { physicalLimit } from '../tables/grants.ts';
import { EFI_MEMORY_DESCRIPTOR, EfiConventionalMemory } from '../tables/uefi.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import { freeTypeMask, memoryTypeMask, testDescriptorType } from './frames.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { eachDescriptor } from './uefi.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, rdi, rsi, r8, r9, r10, r11, r12, r13, r14 } = registers;

const { Type, PhysicalStart, NumberOfPages, knownBytes } = EFI_MEMORY_DESCRIPTOR;
const pageShift = 12;
const pageMask = (1 << pageShift) - 1;
const pagesMax = physicalLimit >> BigInt(pageShift);
const legacyBytes = 1 << 20;

function emitCheck(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('memory_map_check', { saves: [rbx, r12, r13, r14] }, () => {
    code.mov(rbx, qword('memory_descriptor_bytes'));
    code.cmp(rbx, knownBytes);
    code.jb('.unreadable');
    // Whole descriptors only.
    code.mov(rax, qword('memory_map_bytes'));
    code.xor(edx, edx);
    code.div(rbx);
    code.sub(qword('memory_map_bytes'), rdx);
    // r13: descriptors that make no sense.
    code.xor(r13, r13);
    eachDescriptor(nucleus, () => checkRange(nucleus), '_checked');
    code.call('early_choose');
    code.mov(r14, qword('early_limit'));
    code.sub(r14, qword('early_next'));
    code.shr(r14, 1);
    code.mov(rax, qword('early_limit'));
    code.shr(rax, pageShift);
    code.cmp(r14, rax);
    code.cmovb(r14, rax);
    eachDescriptor(nucleus, () => limitMemory(nucleus), '_limited');
    code.test(r13, r13);
    code.je('.return');
    nucleus.line('memory map: ', { decimal: r13 }, ' descriptors of the firmware make no sense');
    code.jmp('.return');
    code.label('.unreadable');
    nucleus.fail('the firmware has memory descriptors of ', { decimal: rbx }, ' bytes');
  });
}

/** rax = begin, rdx = pages of descriptor rbx, which are mended or made none. */
function checkRange(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const next = '.next_descriptor_checked';
  testDescriptorType(nucleus, freeTypeMask);
  code.setb(registers.r8b);
  code.movzx(registers.r8d, registers.r8b);
  code.mov(rax, qword(rbx, PhysicalStart));
  code.mov(rdx, qword(rbx, NumberOfPages));
  code.mov(rsi, rax);
  code.and(rsi, pageMask);
  code.je('.aligned');
  code.test(r8, r8);
  code.jne('.nonsense');
  code.inc(r13);
  // The page in which it begins is in use as well.
  code.sub(rax, rsi);
  code.mov(qword(rbx, PhysicalStart), rax);
  code.add(rdx, 1);
  code.sbb(rdx, 0);
  code.label('.aligned');
  // rcx = pages between the begin and the end of the direct map.
  code.shr(rax, pageShift);
  code.movabs(rcx, pagesMax);
  code.sub(rcx, rax);
  code.ja('.begins');
  code.xor(ecx, ecx);
  code.label('.begins');
  code.cmp(rdx, rcx);
  code.jbe('.fits');
  code.test(r8, r8);
  code.jne('.nonsense');
  code.mov(rdx, rcx);
  code.label('.fits');
  code.mov(qword(rbx, NumberOfPages), rdx);
  code.jmp(next);
  code.label('.nonsense');
  code.inc(r13);
  code.mov(qword(rbx, NumberOfPages), 0);
}

/** Memory of descriptor rbx from frame r14 on is left out. */
function limitMemory(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const next = '.next_descriptor_limited';
  testDescriptorType(nucleus, memoryTypeMask);
  code.jae(next);
  code.mov(rax, qword(rbx, PhysicalStart));
  code.shr(rax, pageShift);
  code.xor(edx, edx);
  code.mov(rcx, r14);
  code.sub(rcx, rax);
  code.cmovb(rcx, rdx);
  code.cmp(qword(rbx, NumberOfPages), rcx);
  code.jbe(next);
  code.mov(qword(rbx, NumberOfPages), rcx);
}

/**
 * early_choose() sets early_first, early_next and early_limit to the largest range of conventional
 * memory from 1 MiB on that meets no other descriptor. A range only shrinks while it is compared,
 * so one round suffices.
 */
function emitChoose(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of ['early_first', 'early_next', 'early_limit']) nucleus.variable(name, 8);
  nucleus.procedure('early_choose', { saves: [rbx, r12, r13] }, () => {
    code.xor(r13, r13);
    eachDescriptor(nucleus, () => {
      const next = '.next_descriptor';
      code.cmp(dword(rbx, Type), EfiConventionalMemory);
      code.jne(next);
      code.mov(rdi, qword(rbx, PhysicalStart));
      code.mov(rsi, qword(rbx, NumberOfPages));
      code.shl(rsi, pageShift);
      code.add(rsi, rdi);
      code.mov(eax, legacyBytes);
      code.cmp(rdi, rax);
      code.cmovb(rdi, rax);
      cutOthers(nucleus);
      code.mov(rax, rsi);
      code.sub(rax, rdi);
      code.jbe(next);
      code.cmp(rax, r13);
      code.jbe(next);
      code.mov(r13, rax);
      code.mov(qword('early_first'), rdi);
      code.mov(qword('early_next'), rdi);
      code.mov(qword('early_limit'), rsi);
    });
  });
}

/** What descriptors that are not free have of the range from rdi to rsi is cut off. */
function cutOthers(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.mov(r11, rbx);
  code.lea(rbx, memory('memory_map'));
  code.label('.other');
  code.cmp(rbx, r12);
  code.jae('.others_done');
  testDescriptorType(nucleus, freeTypeMask);
  code.jb('.next_other');
  code.mov(r8, qword(rbx, PhysicalStart));
  code.mov(r9, qword(rbx, NumberOfPages));
  code.test(r9, r9);
  code.je('.next_other');
  code.shl(r9, pageShift);
  code.add(r9, r8);
  code.cmp(r8, rsi);
  code.jae('.next_other');
  code.cmp(r9, rdi);
  code.jbe('.next_other');
  // Of the pieces before and behind it the larger one stays.
  code.mov(rax, r8);
  code.sub(rax, rdi);
  code.mov(r10, 0);
  code.cmovb(rax, r10);
  code.mov(rdx, rsi);
  code.sub(rdx, r9);
  code.cmovb(rdx, r10);
  code.cmp(rax, rdx);
  code.jae('.before');
  code.mov(rdi, r9);
  code.jmp('.next_other');
  code.label('.before');
  code.mov(rsi, r8);
  code.cmp(rsi, rdi);
  code.cmovb(rsi, rdi);
  code.label('.next_other');
  code.add(rbx, qword('memory_descriptor_bytes'));
  code.jmp('.other');
  code.label('.others_done');
  code.mov(rbx, r11);
}

export function emitMemoryMap(nucleus: NucleusCode): void {
  emitChoose(nucleus);
  emitCheck(nucleus);
}

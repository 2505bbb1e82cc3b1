/**
 * Physical memory in frames of 4 KiB, from the firmware's map. Two allocators, one after the other:
 *
 * - `early_frames` cuts frames from the begin of the largest free range of the map, before there is
 *   anything else;
 * - `frame_allocate` and `frame_free` keep one bit a frame (1: free) and search on from where they
 *   last found one.
 *
 * What becomes free: conventional memory and what boot services leave behind, from 1 MiB on; where
 * descriptors overlap, memory that is in use wins. `frames_reserved` counts frames that linear
 * memory was promised but has not touched yet: nobody else gets those.
 */
import { EFI_MEMORY_DESCRIPTOR, EfiConventionalMemory, memoryTypes } from '../tables/uefi.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { eachDescriptor } from './uefi.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, rsi, rdi, r8, r12, r13 } = registers;

const { Type, PhysicalStart, NumberOfPages } = EFI_MEMORY_DESCRIPTOR;
const legacyFrames = 256;

const typeMask = (choose: (row: (typeof memoryTypes)[number]) => boolean): number =>
  memoryTypes.filter(choose).reduce((mask, { type }) => mask | (1 << type), 0);

/** Bit n: descriptors of type n are memory, or are free after boot services. */
export const memoryTypeMask = typeMask(({ isMemory }) => isMemory);
const freeTypeMask = typeMask(({ isFree }) => isFree);

/** Sets the carry flag when the type of descriptor rbx is in the mask. Changes rax and rcx. */
export function testDescriptorType({ code }: NucleusCode, mask: number): void {
  code.mov(ecx, dword(rbx, Type));
  code.cmp(ecx, 32);
  code.mov(eax, 31);
  code.cmova(ecx, eax);
  code.mov(eax, mask);
  code.bt(eax, ecx);
}

/**
 * early_frames(rdi: count) -> physical address of that many zeroed frames in a row; stops when
 * there are none. They are cut from early_next up to early_limit, the largest range of conventional
 * memory.
 */
function emitEarly(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of ['early_first', 'early_next', 'early_limit']) nucleus.variable(name, 8);
  nucleus.procedure('early_choose', { saves: [rbx, r12] }, () => {
    code.xor(r8, r8);
    eachDescriptor(nucleus, () => {
      code.cmp(dword(rbx, Type), EfiConventionalMemory);
      code.jne('.next_descriptor');
      code.mov(rdx, qword(rbx, PhysicalStart));
      code.cmp(rdx, legacyFrames << 12);
      code.jb('.next_descriptor');
      code.mov(rax, qword(rbx, NumberOfPages));
      code.cmp(rax, r8);
      code.jbe('.next_descriptor');
      code.mov(r8, rax);
      code.shl(rax, 12);
      code.add(rax, rdx);
      code.mov(qword('early_first'), rdx);
      code.mov(qword('early_next'), rdx);
      code.mov(qword('early_limit'), rax);
    });
  });
  nucleus.procedure('early_frames', { saves: [rbx, r12] }, () => {
    code.mov(r12, rdi);
    code.cmp(qword('early_limit'), 0);
    code.jne('.chosen');
    code.call('early_choose');
    code.label('.chosen');
    code.mov(rbx, qword('early_next'));
    code.mov(rcx, r12);
    code.shl(rcx, 12);
    code.lea(rax, memory(rbx, { index: rcx }));
    code.cmp(rax, qword('early_limit'));
    code.ja('.none');
    code.mov(qword('early_next'), rax);
    code.mov(rdi, rbx);
    code.add(rdi, qword('direct_base'));
    code.shr(rcx, 3);
    code.xor(eax, eax);
    code.rep();
    code.stosq();
    code.mov(rax, rbx);
    code.jmp('.return');
    code.label('.none');
    nucleus.fail('no free memory in one piece for ', { decimal: r12 }, ' frames at boot');
  });
}

/** frames_start(): the bitmap, filled from the map. */
function emitStart(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of [
    'frame_bitmap',
    'frame_words',
    'frame_cursor',
    'frames_free',
    'frames_total',
  ]) {
    nucleus.variable(name, 8);
  }
  nucleus.variable('frames_reserved', 8);
  nucleus.variable('memory_frames', 8);
  nucleus.procedure('frames_start', { saves: [rbx, r12, r13] }, () => {
    // r13: the frame behind the last free one; memory_frames counts everything that is memory.
    code.xor(r13, r13);
    eachDescriptor(nucleus, () => {
      testDescriptorType(nucleus, memoryTypeMask);
      code.jae('.next_descriptor');
      code.mov(rdx, qword(rbx, NumberOfPages));
      code.add(qword('memory_frames'), rdx);
      testDescriptorType(nucleus, freeTypeMask);
      code.jae('.next_descriptor');
      code.mov(rax, qword(rbx, PhysicalStart));
      code.shr(rax, 12);
      code.add(rax, rdx);
      code.cmp(rax, r13);
      code.cmova(r13, rax);
    });
    // 64 frames a word, 512 words a frame.
    code.add(r13, 63);
    code.shr(r13, 6);
    code.mov(qword('frame_words'), r13);
    code.lea(rdi, memory(r13, 511));
    code.shr(rdi, 9);
    code.call('early_frames');
    code.add(rax, qword('direct_base'));
    code.mov(qword('frame_bitmap'), rax);
    eachDescriptor(
      nucleus,
      () => {
        testDescriptorType(nucleus, freeTypeMask);
        code.jae('.next_descriptor_free');
        markRange(nucleus, 1);
      },
      '_free',
    );
    eachDescriptor(
      nucleus,
      () => {
        testDescriptorType(nucleus, freeTypeMask);
        code.jb('.next_descriptor_used');
        markRange(nucleus, 0);
      },
      '_used',
    );
    code.mov(rdi, qword('early_first'));
    code.mov(rsi, qword('early_next'));
    code.shr(rdi, 12);
    code.shr(rsi, 12);
    code.xor(edx, edx);
    code.call('frames_mark');
    code.call('frames_count');
    code.mov(qword('frames_free'), rax);
    code.mov(qword('frames_total'), rax);
  });
}

/** Calls frames_mark for descriptor rbx. */
function markRange({ code }: NucleusCode, free: 0 | 1): void {
  code.mov(rdi, qword(rbx, PhysicalStart));
  code.shr(rdi, 12);
  code.mov(rsi, qword(rbx, NumberOfPages));
  code.add(rsi, rdi);
  code.mov(edx, free);
  code.call('frames_mark');
}

/**
 * frames_mark(rdi: first, rsi: behind the last, edx: 1 free, 0 used) leaves out the first MiB and
 * what is beyond the bitmap; whole words are written at once.
 */
function emitMark(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('frames_mark', {}, () => {
    code.mov(rcx, qword('frame_words'));
    code.shl(rcx, 6);
    code.cmp(rsi, rcx);
    code.cmova(rsi, rcx);
    code.mov(ecx, legacyFrames);
    code.cmp(rdi, rcx);
    code.cmovb(rdi, rcx);
    code.neg(rdx);
    code.mov(r8, qword('frame_bitmap'));
    code.label('.frame');
    code.cmp(rdi, rsi);
    code.jae('.return');
    code.test(rdi, 63);
    code.jne('.single');
    code.lea(rax, memory(rdi, 64));
    code.cmp(rax, rsi);
    code.ja('.single');
    code.mov(rcx, rdi);
    code.shr(rcx, 6);
    code.mov(qword(r8, { index: rcx, scale: 8 }), rdx);
    code.mov(rdi, rax);
    code.jmp('.frame');
    code.label('.single');
    code.test(rdx, rdx);
    code.je('.clear');
    code.bts(qword(r8), rdi);
    code.inc(rdi);
    code.jmp('.frame');
    code.label('.clear');
    code.btr(qword(r8), rdi);
    code.inc(rdi);
    code.jmp('.frame');
  });
  // frames_count() -> set bits, without popcnt, which a qemu64 processor may lack: each round
  // clears the lowest one.
  nucleus.procedure('frames_count', {}, () => {
    code.xor(eax, eax);
    code.xor(ecx, ecx);
    code.mov(rsi, qword('frame_bitmap'));
    code.label('.word');
    code.cmp(rcx, qword('frame_words'));
    code.jae('.return');
    code.mov(rdx, qword(rsi, { index: rcx, scale: 8 }));
    code.inc(rcx);
    code.cmp(rdx, -1);
    code.je('.full');
    code.label('.bit');
    code.test(rdx, rdx);
    code.je('.word');
    code.lea(rdi, memory(rdx, -1));
    code.and(rdx, rdi);
    code.inc(rax);
    code.jmp('.bit');
    code.label('.full');
    code.add(rax, 64);
    code.jmp('.word');
  });
}

/**
 * frame_allocate() -> physical address of a frame with any contents, or 0 when all that are left
 * are promised to linear memory. frame_take() takes one of the promised ones.
 */
function emitAllocate(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('frame_allocate', {}, () => {
    code.mov(rax, qword('frames_free'));
    code.cmp(rax, qword('frames_reserved'));
    code.ja('.search');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.search');
    code.call('frame_search');
  });
  nucleus.procedure('frame_take', {}, () => {
    code.xor(eax, eax);
    code.cmp(qword('frames_reserved'), 0);
    code.je('.return');
    code.dec(qword('frames_reserved'));
    code.call('frame_search');
  });
  nucleus.procedure('frame_search', {}, () => {
    code.mov(rcx, qword('frame_cursor'));
    code.mov(rdx, qword('frame_words'));
    code.mov(rsi, qword('frame_bitmap'));
    code.mov(rdi, rdx);
    code.label('.word');
    code.cmp(rcx, rdx);
    code.jb('.inside');
    code.xor(ecx, ecx);
    code.label('.inside');
    code.mov(r8, qword(rsi, { index: rcx, scale: 8 }));
    code.bsf(rax, r8);
    code.jne('.found');
    code.inc(rcx);
    code.dec(rdi);
    code.jne('.word');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.found');
    code.btr(r8, rax);
    code.mov(qword(rsi, { index: rcx, scale: 8 }), r8);
    code.mov(qword('frame_cursor'), rcx);
    code.dec(qword('frames_free'));
    code.shl(rcx, 6);
    code.add(rax, rcx);
    code.shl(rax, 12);
  });
  // frame_free(rdi: physical address); freeing what is free already is a bug and stops the machine.
  nucleus.procedure('frame_free', {}, () => {
    code.mov(rax, rdi);
    code.shr(rax, 12);
    code.mov(rcx, qword('frame_words'));
    code.shl(rcx, 6);
    code.cmp(rax, rcx);
    code.jae('.wrong');
    code.mov(rsi, qword('frame_bitmap'));
    code.bts(qword(rsi), rax);
    code.jb('.wrong');
    code.inc(qword('frames_free'));
    code.jmp('.return');
    code.label('.wrong');
    code.mov(rbx, rdi);
    nucleus.fail('frame ', { hex: rbx }, ' was freed but is not in use');
  });
}

export function emitFrames(nucleus: NucleusCode): void {
  emitEarly(nucleus);
  emitStart(nucleus);
  emitMark(nucleus);
  emitAllocate(nucleus);
}

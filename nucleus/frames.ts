/**
 * Physical memory in frames of 4 KiB, from the firmware's map. Two allocators, one after the other:
 *
 * - `early_frames` cuts frames from the begin of the largest free range of the map, before there is
 *   anything else;
 * - those of nucleus/frame_allocation.ts, which work on the tables that `frames_start` fills.
 *
 * What becomes free: conventional memory and what boot services leave behind, from 1 MiB on; where
 * descriptors overlap, memory that is in use wins. The tables, in one piece:
 *
 *     frame_bitmap   a bit a frame, 1: free
 *     frame_summary  a bit a word of the bitmap, 1: some frame of it is free
 *     frame_kinds    a byte a frame: who has it, a number of tables/frame_kinds
 *     frame_shares   u32 a frame: mappings in native tasks beside the first
 */
import { frameKinds } from '../tables/frame_kinds.ts';
import { EFI_MEMORY_DESCRIPTOR, memoryTypes } from '../tables/uefi.ts';
import { byte, dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { eachDescriptor } from './uefi.ts';

const { rax, eax, al, rbx, ebx, rcx, ecx, rdx, edx, rsi, rdi, r8, r12, r13 } = registers;

const { Type, PhysicalStart, NumberOfPages } = EFI_MEMORY_DESCRIPTOR;
const legacyFrames = 256;

const typeMask = (choose: (row: (typeof memoryTypes)[number]) => boolean): number =>
  memoryTypes.filter(choose).reduce((mask, { type }) => mask | (1 << type), 0);

/** Bit n: descriptors of type n are memory, or are free after boot services. */
export const memoryTypeMask = typeMask(({ isMemory }) => isMemory);
export const freeTypeMask = typeMask(({ isFree }) => isFree);

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
 * there are none. They are cut from early_next up to early_limit, the range that early_choose has
 * found (nucleus/memory_map.ts).
 */
function emitEarly(nucleus: NucleusCode): void {
  const { code } = nucleus;
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

/** frames_start(): the tables, filled from the map. */
function emitStart(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of [
    'frame_bitmap',
    'frame_summary',
    'frame_kinds',
    'frame_shares',
    'frame_words',
  ]) {
    nucleus.variable(name, 8);
  }
  for (const name of ['frame_cursor', 'frames_free', 'frames_total', 'frames_reserved']) {
    nucleus.variable(name, 8);
  }
  nucleus.variable('memory_frames', 8);
  nucleus.procedure('frames_start', { saves: [rbx, r12, r13] }, () => {
    // r13: the frame behind the last free one; memory_frames counts everything that is memory.
    code.xor(r13, r13);
    eachDescriptor(nucleus, () => {
      testDescriptorType(nucleus, memoryTypeMask);
      code.jae('.next_descriptor');
      code.mov(rdx, qword(rbx, NumberOfPages));
      code.test(rdx, rdx);
      code.je('.next_descriptor');
      code.add(qword('memory_frames'), rdx);
      testDescriptorType(nucleus, freeTypeMask);
      code.jae('.next_descriptor');
      code.mov(rax, qword(rbx, PhysicalStart));
      code.shr(rax, 12);
      code.add(rax, rdx);
      code.cmp(rax, r13);
      code.cmova(r13, rax);
    });
    allocateTables(nucleus);
    for (const [label, free] of [
      ['_free', 1],
      ['_used', 0],
    ] as const) {
      eachDescriptor(
        nucleus,
        () => {
          testDescriptorType(nucleus, freeTypeMask);
          if (free) code.jae(`.next_descriptor${label}`);
          else code.jb(`.next_descriptor${label}`);
          markRange(nucleus, free);
        },
        label,
      );
    }
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

/**
 * r13 frames: a byte each for kinds, 64 a word of the bitmap, 4,096 a word of the summary, 4 bytes
 * for shares.
 */
function allocateTables({ code }: NucleusCode): void {
  code.add(r13, 4095);
  code.and(r13, -4096);
  code.mov(rax, r13);
  code.shr(rax, 6);
  code.mov(qword('frame_words'), rax);
  // Bytes of the tables: 5 n + n / 8 + n / 512.
  code.lea(rdi, memory(r13, { index: r13, scale: 4 }));
  for (const shift of [3, 9]) {
    code.mov(rax, r13);
    code.shr(rax, shift);
    code.add(rdi, rax);
  }
  code.add(rdi, 4095);
  code.shr(rdi, 12);
  code.call('early_frames');
  code.add(rax, qword('direct_base'));
  code.mov(qword('frame_kinds'), rax);
  code.add(rax, r13);
  code.mov(qword('frame_bitmap'), rax);
  code.shr(r13, 3);
  code.add(rax, r13);
  code.mov(qword('frame_summary'), rax);
  code.shr(r13, 6);
  code.add(rax, r13);
  code.mov(qword('frame_shares'), rax);
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
}

function emitCount(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // frames_count() -> free frames; fills the other two tables from the bitmap.
  nucleus.procedure('frames_count', { saves: [rbx, r12] }, () => {
    code.xor(ebx, ebx);
    code.xor(ecx, ecx);
    code.mov(rsi, qword('frame_bitmap'));
    code.mov(r8, qword('frame_summary'));
    code.mov(rdi, qword('frame_kinds'));
    code.label('.word');
    code.cmp(rcx, qword('frame_words'));
    code.jae('.counted');
    code.mov(rdx, qword(rsi, { index: rcx, scale: 8 }));
    code.test(rdx, rdx);
    code.je('.no_summary');
    code.bts(qword(r8), rcx);
    code.label('.no_summary');
    code.mov(r12, rcx);
    code.mov(ecx, 64);
    code.label('.bit');
    code.shr(rdx, 1);
    code.sbb(eax, eax);
    code.neg(eax);
    code.add(rbx, rax);
    code.test(eax, eax);
    code.mov(eax, frameKinds.free);
    code.jne('.kind');
    code.mov(eax, frameKinds.firmware);
    code.label('.kind');
    code.mov(byte(rdi), al);
    code.inc(rdi);
    code.dec(ecx);
    code.jne('.bit');
    code.lea(rcx, memory(r12, 1));
    code.jmp('.word');
    code.label('.counted');
    code.mov(rax, rbx);
  });
}

export function emitFrames(nucleus: NucleusCode): void {
  emitEarly(nucleus);
  emitStart(nucleus);
  emitMark(nucleus);
  emitCount(nucleus);
}

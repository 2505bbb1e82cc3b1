/**
 * Allocation of frames, on the tables of nucleus/frames.ts.
 *
 * - Single frames are searched from where the last one was found: the word of the bitmap at the
 *   cursor, then the summary, so that 64 GiB that are almost used up cost at most 4,096 steps.
 * - Ranges of frames in a row, first fit, below a limit and aligned. There are few of them.
 *
 * `frames_reserved` counts frames that linear memory was promised but has not touched yet: nobody
 * else gets those. Freeing what is free, or what somebody else has, is a bug and stops the machine.
 */
import { frameKindNames, frameKinds } from '../tables/frame_kinds.ts';
import { byte, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, rcx, cl, ecx, rdx, edx, rsi, esi, rdi, edi } = registers;
const { r8, r9, r10, r12, r13, r14, r12d, r13d } = registers;

const kindCount = Object.keys(frameKinds).length;
const nameBytes = 16;

/**
 * frame_use(rdi: number of a free frame, esi: kind) and frame_return(rdi: number, esi: kind) change
 * its bits, byte and counts. Both change rax and rcx only.
 */
function emitUse(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('frame_counts', 8 * kindCount);
  nucleus.procedure('frame_use', {}, () => {
    code.mov(rax, qword('frame_kinds'));
    code.mov(ecx, esi);
    code.mov(byte(rax, { index: rdi }), cl);
    code.lea(rax, memory('frame_counts'));
    code.inc(qword(rax, { index: rcx, scale: 8 }));
    code.dec(qword('frames_free'));
    code.mov(rax, qword('frame_bitmap'));
    code.btr(qword(rax), rdi);
    code.mov(rcx, rdi);
    code.shr(rcx, 6);
    code.cmp(qword(rax, { index: rcx, scale: 8 }), 0);
    code.jne('.return');
    code.mov(rax, qword('frame_summary'));
    code.btr(qword(rax), rcx);
  });
  nucleus.data('frame_kind_names', 1, (into) => {
    for (const name of Object.values(frameKindNames)) into.ascii(name.padEnd(nameBytes, '\0'));
  });
  nucleus.procedure('frame_return', { saves: [rbx, r12, r13] }, () => {
    code.mov(rax, qword('frame_words'));
    code.shl(rax, 6);
    code.mov(ecx, frameKinds.firmware);
    code.cmp(rdi, rax);
    code.jae('.wrong');
    code.mov(rax, qword('frame_kinds'));
    code.movzx(ecx, byte(rax, { index: rdi }));
    code.cmp(ecx, esi);
    code.jne('.wrong');
    code.mov(byte(rax, { index: rdi }), frameKinds.free);
    code.lea(rax, memory('frame_counts'));
    code.dec(qword(rax, { index: rcx, scale: 8 }));
    code.inc(qword('frames_free'));
    code.mov(rax, qword('frame_bitmap'));
    code.bts(qword(rax), rdi);
    code.mov(rcx, rdi);
    code.shr(rcx, 6);
    code.mov(rax, qword('frame_summary'));
    code.bts(qword(rax), rcx);
    code.jmp('.return');
    code.label('.wrong');
    code.mov(rbx, rdi);
    code.shl(rbx, 12);
    code.mov(r12d, ecx);
    code.mov(r13d, esi);
    nucleus.print('nucleus: frame ', { hex: rbx }, ' was freed as ');
    printKind(nucleus, r13);
    nucleus.print(' but is ');
    printKind(nucleus, r12);
    nucleus.line('');
    code.call('stop_failed');
  });
}

/** Writes the name of the kind whose number is in a register. */
function printKind({ code }: NucleusCode, kind: typeof r12): void {
  code.imul(rdi, kind, nameBytes);
  code.lea(rax, memory('frame_kind_names'));
  code.add(rdi, rax);
  code.call('console_text');
}

/**
 * frame_allocate(edi: kind) -> physical address of a frame with any contents, or 0 when all that
 * are left are promised to linear memory. frame_take() takes one of the promised ones.
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
    code.mov(edi, frameKinds.linearMemory);
    code.call('frame_search');
  });
  // frame_search(edi: kind) -> physical address of a frame, 0 when none is free
  nucleus.procedure('frame_search', { saves: [rbx] }, () => {
    code.mov(esi, edi);
    code.mov(rcx, qword('frame_cursor'));
    code.mov(rbx, qword('frame_bitmap'));
    code.bsf(rax, qword(rbx, { index: rcx, scale: 8 }));
    code.jne('.found');
    // The rest of the cursor's word of the summary, then all words from there on, around the end.
    code.mov(r8, qword('frame_summary'));
    code.mov(r9, qword('frame_words'));
    code.shr(r9, 6);
    code.mov(r10, r9);
    code.mov(rdx, rcx);
    code.shr(rdx, 6);
    code.mov(rax, -1);
    code.shl(rax, cl);
    code.and(rax, qword(r8, { index: rdx, scale: 8 }));
    code.jmp('.look');
    code.label('.summary');
    code.mov(rax, qword(r8, { index: rdx, scale: 8 }));
    code.label('.look');
    code.bsf(rax, rax);
    code.jne('.word');
    code.inc(rdx);
    code.cmp(rdx, r9);
    code.jb('.inside');
    code.xor(edx, edx);
    code.label('.inside');
    code.sub(r10, 1);
    code.jae('.summary');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.word');
    code.mov(rcx, rdx);
    code.shl(rcx, 6);
    code.add(rcx, rax);
    code.mov(qword('frame_cursor'), rcx);
    code.bsf(rax, qword(rbx, { index: rcx, scale: 8 }));
    code.label('.found');
    code.shl(rcx, 6);
    code.lea(rdi, memory(rcx, { index: rax }));
    code.call('frame_use');
    code.mov(rax, rdi);
    code.shl(rax, 12);
  });
  // frame_free(rdi: physical address, esi: kind)
  nucleus.procedure('frame_free', {}, () => {
    code.shr(rdi, 12);
    code.call('frame_return');
  });
}

/**
 * Looks from frame r12 = 0 on for rdi free frames in a row, r13 counts them. Jumps to `.found` with
 * r12 behind the last one, or to `.none`. The first is a multiple of rcx + 1, all are below rdx.
 */
function searchRange({ code }: NucleusCode): void {
  code.label('.frame');
  code.cmp(r13, rdi);
  code.jae('.found');
  code.cmp(r12, rdx);
  code.jae('.none');
  code.test(r12, 63);
  code.jne('.single');
  code.mov(rax, r12);
  code.shr(rax, 3);
  code.cmp(qword(rbx, { index: rax }), 0);
  code.jne('.single');
  code.xor(r13d, r13d);
  code.add(r12, 64);
  code.jmp('.frame');
  code.label('.single');
  code.bt(qword(rbx), r12);
  code.jb('.free');
  code.xor(r13d, r13d);
  code.inc(r12);
  code.jmp('.frame');
  code.label('.free');
  code.test(r13, r13);
  code.jne('.longer');
  code.test(r12, rcx);
  code.jne('.unaligned');
  code.label('.longer');
  code.inc(r13);
  code.label('.unaligned');
  code.inc(r12);
  code.jmp('.frame');
}

/**
 * frames_allocate(rdi: count, esi: kind, rdx: limit, rcx: alignment in bytes, a power of two) ->
 * physical address of that many frames in a row that end at or below the limit, or 0.
 */
function emitRanges(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const saves = [rbx, r12, r13, r14];
  nucleus.procedure('frames_allocate', { saves }, () => {
    code.mov(rax, qword('frames_free'));
    code.sub(rax, qword('frames_reserved'));
    code.cmp(rdi, rax);
    code.ja('.none');
    code.test(rdi, rdi);
    code.je('.none');
    // rdi count, rdx behind the last frame, rcx mask of the alignment, r12 frame, r13 frames free
    // in a row before it.
    code.shr(rdx, 12);
    code.mov(rax, qword('frame_words'));
    code.shl(rax, 6);
    code.cmp(rdx, rax);
    code.cmova(rdx, rax);
    code.shr(rcx, 12);
    code.sub(rcx, 1);
    code.adc(rcx, 0);
    code.mov(rbx, qword('frame_bitmap'));
    code.xor(r12d, r12d);
    code.xor(r13d, r13d);
    searchRange(nucleus);
    code.label('.found');
    code.sub(r12, r13);
    code.mov(rbx, rdi);
    code.mov(rdi, r12);
    code.label('.use');
    code.call('frame_use');
    code.inc(rdi);
    code.dec(rbx);
    code.jne('.use');
    code.mov(rax, r12);
    code.shl(rax, 12);
    code.jmp('.return');
    code.label('.none');
    code.xor(eax, eax);
  });
}

function emitFreeRange(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // frames_free_range(rdi: physical address, rsi: count, edx: kind)
  nucleus.procedure('frames_free_range', { saves: [rbx, r12] }, () => {
    code.mov(r12, rdi);
    code.shr(r12, 12);
    code.mov(rbx, rsi);
    code.label('.frame');
    code.sub(rbx, 1);
    code.jb('.return');
    code.mov(rdi, r12);
    code.mov(esi, edx);
    code.call('frame_return');
    code.inc(r12);
    code.jmp('.frame');
  });
}

export function emitFrameAllocation(nucleus: NucleusCode): void {
  emitUse(nucleus);
  emitAllocate(nucleus);
  emitRanges(nucleus);
  emitFreeRange(nucleus);
}

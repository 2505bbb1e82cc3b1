/**
 * The heap of the nucleus's own objects: slabs of one frame, cut into pieces of one size, a power
 * of two from 64 to 1,024 bytes. Bonwick, "The Slab Allocator", USENIX 1994.
 *
 *     slab     | header of 64 bytes | ... | piece | piece | ...      piece n begins at n << shift
 *     header   u64 next, u64 previous slab with free pieces; u64 free: bit n, piece n; u32 shift
 *
 * Slabs that have a free piece are in the list of their size; one whose pieces are all free goes
 * back to the frame allocator at once. Freeing what is no piece in use stops the machine.
 */
import { frameKinds } from '../tables/frame_kinds.ts';
import { byte, dword, memory, qword, type Register, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, rcx, cl, ecx, rdx, edx, rsi, esi, rdi, edi, r12, r12d, r13 } = registers;

const shifts = { least: 6, most: 10 } as const;
/** The largest object, in bytes. */
export const objectBytesMax = 1 << shifts.most;
const frameBytes = 4096;
const header = { next: 0, previous: 8, free: 16, shift: 24 } as const;
const classes = shifts.most - shifts.least + 1;

/** rax = the free bits of a slab that is empty, for the shift in ecx: all pieces but the header. */
function emptyBits({ code }: NucleusCode): void {
  // 4096 >> shift ones: a shift of -1 to the right by 64 minus that.
  code.mov(edx, ecx);
  code.mov(eax, frameBytes);
  code.shr(eax, cl);
  code.mov(ecx, 64);
  code.sub(ecx, eax);
  code.mov(rax, -1);
  code.shr(rax, cl);
  code.and(rax, -2);
  code.mov(ecx, edx);
}

/** rax = address of the head of the list for the shift in `shift`. */
function listOf({ code }: NucleusCode, shift: Register): void {
  code.lea(rax, memory('object_slabs', -8 * shifts.least));
  code.lea(rax, memory(rax, { index: shift, scale: 8 }));
}

/** Puts slab rbx at the head of its list; r12 is its shift. Changes rax and rdx. */
function push(nucleus: NucleusCode): void {
  const { code } = nucleus;
  listOf(nucleus, r12);
  code.mov(rdx, qword(rax));
  code.mov(qword(rax), rbx);
  code.mov(qword(rbx, header.next), rdx);
  code.mov(qword(rbx, header.previous), 0);
  code.test(rdx, rdx);
  code.je('.pushed');
  code.mov(qword(rdx, header.previous), rbx);
  code.label('.pushed');
}

/** Takes slab rbx out of its list; r12 is its shift. Changes rax, rcx and rdx. */
function unlink(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.mov(rdx, qword(rbx, header.next));
  code.mov(rcx, qword(rbx, header.previous));
  code.test(rdx, rdx);
  code.je('.last');
  code.mov(qword(rdx, header.previous), rcx);
  code.label('.last');
  listOf(nucleus, r12);
  // The next pointer of the previous slab, or the head, is what pointed here.
  code.test(rcx, rcx);
  code.cmovne(rax, rcx);
  code.mov(qword(rax, header.next), rdx);
}

/** object_allocate(edi: bytes, at least 1) -> address of that many zero bytes, or 0. */
function emitAllocate(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('object_slabs', 8 * classes);
  nucleus.variable('object_count', 8);
  nucleus.procedure('object_allocate', { saves: [rbx, r12, r13] }, () => {
    code.xor(eax, eax);
    code.cmp(edi, objectBytesMax);
    code.ja('.return');
    code.dec(edi);
    code.js('.return');
    code.or(edi, (1 << shifts.least) - 1);
    code.bsr(r12d, edi);
    code.inc(r12d);
    listOf(nucleus, r12);
    code.mov(rbx, qword(rax));
    code.test(rbx, rbx);
    code.jne('.slab');
    code.mov(edi, frameKinds.object);
    code.call('frame_allocate');
    code.test(rax, rax);
    code.je('.return');
    code.mov(rbx, rax);
    code.add(rbx, qword('direct_base'));
    code.mov(ecx, r12d);
    emptyBits(nucleus);
    code.mov(qword(rbx, header.free), rax);
    code.mov(dword(rbx, header.shift), r12d);
    push(nucleus);
    code.label('.slab');
    code.mov(rax, qword(rbx, header.free));
    code.bsf(r13, rax);
    code.btr(rax, r13);
    code.mov(qword(rbx, header.free), rax);
    code.mov(ecx, r12d);
    code.shl(r13, cl);
    code.add(r13, rbx);
    code.test(rax, rax);
    code.jne('.listed');
    unlink(nucleus);
    code.label('.listed');
    code.inc(qword('object_count'));
    code.mov(rdi, r13);
    code.mov(ecx, r12d);
    code.mov(eax, 1);
    code.shl(eax, cl);
    code.mov(ecx, eax);
    code.shr(ecx, 3);
    code.xor(eax, eax);
    code.rep();
    code.stosq();
    code.mov(rax, r13);
  });
}

/** object_free(rdi: address) */
function emitFree(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('object_free', { saves: [rbx, r12, r13] }, () => {
    code.mov(rbx, rdi);
    code.and(rbx, -frameBytes);
    // Only a frame of this heap has a header.
    code.mov(rax, rbx);
    code.sub(rax, qword('direct_base'));
    code.shr(rax, 12);
    code.mov(rcx, qword('frame_words'));
    code.shl(rcx, 6);
    code.cmp(rax, rcx);
    code.jae('.wrong');
    code.mov(rcx, qword('frame_kinds'));
    code.cmp(byte(rcx, { index: rax }), frameKinds.object);
    code.jne('.wrong');
    code.mov(r12d, dword(rbx, header.shift));
    code.mov(ecx, r12d);
    code.mov(rsi, rdi);
    code.sub(rsi, rbx);
    code.je('.wrong');
    code.mov(rdx, rsi);
    code.shr(rdx, cl);
    code.mov(rax, rdx);
    code.shl(rax, cl);
    code.cmp(rax, rsi);
    code.jne('.wrong');
    code.mov(r13, qword(rbx, header.free));
    code.mov(rax, r13);
    code.bts(rax, rdx);
    code.jb('.wrong');
    code.mov(qword(rbx, header.free), rax);
    code.dec(qword('object_count'));
    code.test(r13, r13);
    code.jne('.listed');
    push(nucleus);
    code.label('.listed');
    code.mov(ecx, r12d);
    emptyBits(nucleus);
    code.cmp(rax, qword(rbx, header.free));
    code.jne('.return');
    unlink(nucleus);
    code.mov(rdi, rbx);
    code.sub(rdi, qword('direct_base'));
    code.mov(esi, frameKinds.object);
    code.call('frame_free');
    code.jmp('.return');
    code.label('.wrong');
    code.mov(rbx, rdi);
    nucleus.fail('object ', { hex: rbx }, ' was freed but is not in use');
  });
}

export function emitObjects(nucleus: NucleusCode): void {
  emitAllocate(nucleus);
  emitFree(nucleus);
}

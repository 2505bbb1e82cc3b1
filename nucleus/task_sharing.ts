/**
 * Frames that are mapped more than once: copies of address spaces, shared memory, and what makes a
 * page its holder's own. Arguments were checked by host_taskCall: rdi is the task, rsi the request,
 * rdx the other task.
 *
 * A page whose entry says `shared` is written in place, all see it. Any other page is written in
 * place only when its frame has no other mapping; else its entry forbids writing, with `copied`
 * where the task may write, and the write makes a copy first. So whoever has a page that is not
 * `shared` sees no write of anybody else but those of `shared` holders of the same frame, as
 * private mappings of a file do.
 */
import { frameKinds } from '../tables/frame_kinds.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { taskRequest } from '../tables/tasks.ts';
import { page } from '../tables/x86_system.ts';
import { dword, memory, qword, type Register, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { copiedBit, eachPage, lend, pageBytes, sharedBit, sharesOf } from './task_pages.ts';
import { halfEntries, maskAddress, pageOwn, space, task } from './task_spaces.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, rsi, rdi, edi, rsp } = registers;
const { r8, r12, r13, r14, r15, r14d } = registers;

const saves = [rbx, r12, r13, r14, r15];
const writeBit = Number(page.write);
const lowerHalfBits = 47;
const leafShift = 21;

/** One mapping more of the entry's frame; jumps to the label when the count is full. */
function share(nucleus: NucleusCode, entry: Register, full: string): void {
  const { code } = nucleus;
  sharesOf(nucleus, entry);
  code.cmp(dword(rdx), -1);
  code.je(full);
  code.inc(dword(rdx));
}

/**
 * page_own(rdi: address of the entry of a page) -> 0, or a negative error number: the page may be
 * written in place from now on, as far as others are concerned. Its access stays what it is.
 */
function emitOwn(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('page_own', { saves: [rbx, r12, r13] }, () => {
    code.mov(rbx, rdi);
    code.mov(r12, qword(rbx));
    code.xor(eax, eax);
    code.test(r12, sharedBit);
    code.jne('.return');
    maskAddress(nucleus, r13, r12);
    sharesOf(nucleus, r13);
    code.cmp(dword(rdx), 0);
    code.je('.alone');
    code.mov(edi, frameKinds.task);
    code.call('frame_allocate');
    code.test(rax, rax);
    code.je('.no_memory');
    code.mov(rdi, rax);
    code.add(rdi, qword('direct_base'));
    code.mov(rsi, r13);
    code.add(rsi, qword('direct_base'));
    code.mov(ecx, pageBytes / 8);
    code.rep();
    code.movsq();
    sharesOf(nucleus, r13);
    code.dec(dword(rdx));
    code.sub(r12, r13);
    code.add(r12, rax);
    code.label('.alone');
    code.test(r12, copiedBit);
    code.je('.store');
    code.xor(r12, copiedBit | writeBit);
    code.label('.store');
    code.mov(qword(rbx), r12);
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.no_memory');
    code.mov(rax, -posixErrors.enomem);
  });
  // task_fault(rdi: task, rsi: address that the task may not write) -> 1 when it may write it now,
  // 0 when the fault is the task's own, or a negative error number
  nucleus.procedure('task_fault', {}, () => {
    code.mov(rax, rsi);
    code.shr(rax, lowerHalfBits);
    code.jne('.fault');
    code.xor(edx, edx);
    code.call('task_entry');
    code.test(rax, rax);
    code.je('.return');
    code.mov(rcx, qword(rax));
    const needed = Number(page.present | page.user | pageOwn.copied);
    code.and(ecx, needed);
    code.cmp(ecx, needed);
    code.jne('.fault');
    code.mov(rdi, rax);
    code.call('page_own');
    code.test(rax, rax);
    code.jne('.return');
    code.inc(eax);
    code.jmp('.return');
    code.label('.fault');
    code.xor(eax, eax);
  });
}

/**
 * r13 = address of the next page in the lower half that has a table, from r13 on, in task rbx; rsi
 * = address of that table. Jumps to `.none` when there is none.
 */
function nextTable(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.label('.search');
  code.mov(rax, r13);
  code.shr(rax, lowerHalfBits);
  code.jne('.none');
  code.mov(rsi, qword(rbx, task.tables));
  for (const shift of [39, 30, leafShift]) {
    code.add(rsi, qword('direct_base'));
    code.mov(rax, r13);
    code.shr(rax, shift);
    code.and(eax, 511);
    code.mov(ecx, eax);
    code.label(`.entry_${shift}`);
    code.mov(rdx, qword(rsi, { index: rax, scale: 8 }));
    code.test(edx, 1);
    code.jne(`.present_${shift}`);
    code.inc(eax);
    code.cmp(eax, shift === 39 ? halfEntries : 512);
    code.jne(`.entry_${shift}`);
    if (shift === 39) {
      code.jmp('.none');
    } else {
      code.shr(r13, shift + 9);
      code.inc(r13);
      code.shl(r13, shift + 9);
      code.jmp('.search');
    }
    code.label(`.present_${shift}`);
    code.cmp(eax, ecx);
    code.je(`.here_${shift}`);
    code.shr(r13, shift + 9);
    code.shl(r13, 9);
    code.or(r13, rax);
    code.shl(r13, shift);
    code.label(`.here_${shift}`);
    maskAddress(nucleus, rsi, rdx);
  }
  code.add(rsi, qword('direct_base'));
}

/**
 * task_forkPages(rdi: task, rsi: request, rdx: other) -> where to go on, 0 at the end, or a
 * negative error number: the pages of one table of the task, from the address on, are the other's,
 * too.
 */
function emitForkPages(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_forkPages', { saves, locals: 16 }, () => {
    code.mov(rbx, rdi);
    code.mov(r13, qword(rsi, taskRequest.address));
    code.mov(qword(rsp), rdx);
    code.mov(r15, qword(rdx, task.space));
    nextTable(nucleus);
    // r12: the entry; r14: that of the other task, 0 while it has no table.
    code.mov(eax, registers.r13d);
    code.shr(eax, 12);
    code.and(eax, 511);
    code.lea(r12, memory(rsi, { index: rax, scale: 8 }));
    code.xor(r14d, r14d);
    code.label('.entry');
    code.mov(rcx, qword(r12));
    code.test(ecx, 1);
    code.je('.next');
    code.test(r14, r14);
    code.jne('.has_table');
    code.mov(rdi, qword(rsp));
    code.mov(rsi, r13);
    code.mov(edx, 1);
    code.call('task_entry');
    code.test(rax, rax);
    code.je('.no_memory');
    code.mov(r14, rax);
    code.label('.has_table');
    code.cmp(qword(r14), 0);
    code.jne('.exists');
    code.mov(rcx, qword(r15, space.frames));
    code.cmp(rcx, qword(r15, space.limit));
    code.jae('.no_memory');
    code.mov(rcx, qword(r12));
    share(nucleus, rcx, '.no_memory');
    code.mov(rax, r12);
    lend(nucleus, '.lent');
    code.mov(qword(r14), rcx);
    code.inc(qword(r15, space.frames));
    code.label('.next');
    code.test(r14, r14);
    code.je('.no_table');
    code.add(r14, 8);
    code.label('.no_table');
    code.add(r12, 8);
    code.add(r13, pageBytes);
    code.test(r13, (1 << leafShift) - 1);
    code.jne('.entry');
    code.mov(rax, r13);
    code.shr(r13, lowerHalfBits);
    code.je('.return');
    code.label('.none');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.exists');
    code.mov(rax, -posixErrors.eexist);
    code.jmp('.return');
    code.label('.no_memory');
    code.mov(rax, -posixErrors.enomem);
  });
}

/**
 * task_share(rdi: task, rsi: request, rdx: source) -> pages: those of the source from `value` on
 * are also in the task from `address` on; fewer, or a negative error number, where one is missing,
 * in the way, or memory is out.
 */
function emitShare(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_share', { saves, locals: 40 }, () => {
    code.mov(qword(rsp, 8), rdx);
    code.mov(qword(rsp, 16), 0);
    eachPage(nucleus, () => {
      const fail = (error: keyof typeof posixErrors) =>
        code.mov(qword(rsp, 16), -posixErrors[error]);
      fail('efault');
      code.mov(rdi, qword(rsp, 8));
      code.mov(rsi, r13);
      code.sub(rsi, qword(r12, taskRequest.address));
      code.add(rsi, qword(r12, taskRequest.value));
      code.xor(edx, edx);
      code.call('task_entry');
      code.test(rax, rax);
      code.je('.pages_done');
      code.test(qword(rax), 1);
      code.je('.pages_done');
      code.mov(qword(rsp, 24), rax);
      fail('enomem');
      code.mov(rdi, rbx);
      code.mov(rsi, r13);
      code.mov(edx, 1);
      code.call('task_entry');
      code.test(rax, rax);
      code.je('.pages_done');
      code.mov(qword(rsp, 32), rax);
      fail('eexist');
      code.cmp(qword(rax), 0);
      code.jne('.pages_done');
      fail('enomem');
      code.mov(r8, qword(rbx, task.space));
      code.mov(rcx, qword(r8, space.frames));
      code.cmp(rcx, qword(r8, space.limit));
      code.jae('.pages_done');
      // Shared: nobody else but who shares it may have the source's frame.
      code.mov(rdi, qword(rsp, 24));
      code.test(r15, sharedBit);
      code.je('.private');
      code.call('page_own');
      code.test(rax, rax);
      code.jne('.pages_done');
      code.mov(rax, qword(rsp, 24));
      code.or(qword(rax), sharedBit);
      code.label('.private');
      code.mov(rax, qword(rsp, 24));
      code.mov(rcx, qword(rax));
      share(nucleus, rcx, '.pages_done');
      lend(nucleus, '.lent');
      // rax: the new entry.
      maskAddress(nucleus, rax, rcx);
      code.or(rax, r15);
      code.mov(rcx, rax);
      code.mov(rdx, qword(rsp, 32));
      code.mov(qword(rdx), rcx);
      code.mov(rax, rdx);
      lend(nucleus, '.mapped');
      code.mov(r8, qword(rbx, task.space));
      code.inc(qword(r8, space.frames));
    });
    code.test(rax, rax);
    code.jne('.return');
    code.mov(rax, qword(rsp, 16));
  });
}

/**
 * task_move(rdi: task, rsi: request) -> pages: those that are there are at `value` from now on;
 * fewer, or a negative error number, where one is in the way, or memory for tables is out.
 */
function emitMove(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_move', { saves, locals: 24 }, () => {
    code.mov(qword(rsp, 8), 0);
    eachPage(nucleus, () => {
      code.mov(rdi, rbx);
      code.mov(rsi, r13);
      code.xor(edx, edx);
      code.call('task_entry');
      code.test(rax, rax);
      code.je('.hole');
      code.cmp(qword(rax), 0);
      code.je('.hole');
      code.mov(qword(rsp, 16), rax);
      code.mov(qword(rsp, 8), -posixErrors.enomem);
      code.mov(rdi, rbx);
      code.mov(rsi, r13);
      code.sub(rsi, qword(r12, taskRequest.address));
      code.add(rsi, qword(r12, taskRequest.value));
      code.mov(edx, 1);
      code.call('task_entry');
      code.test(rax, rax);
      code.je('.pages_done');
      code.mov(qword(rsp, 8), -posixErrors.eexist);
      code.cmp(qword(rax), 0);
      code.jne('.pages_done');
      code.xor(ecx, ecx);
      code.mov(rdx, qword(rsp, 16));
      code.xchg(qword(rdx), rcx);
      code.mov(qword(rax), rcx);
      code.label('.hole');
    });
    code.test(rax, rax);
    code.jne('.return');
    code.mov(rax, qword(rsp, 8));
  });
}

export function emitTaskSharing(nucleus: NucleusCode): void {
  emitOwn(nucleus);
  emitForkPages(nucleus);
  emitShare(nucleus);
  emitMove(nucleus);
}

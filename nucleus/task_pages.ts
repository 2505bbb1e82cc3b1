/**
 * The pages of native tasks: entries of 4 KiB in the lower half of the address space, reached
 * through the direct map, so that neither the task's address space nor its access rights matter.
 * Arguments were checked by host_taskCall: rdi is the task, rsi the request.
 */
import { posixErrors } from '../tables/posix_errors.ts';
import { taskAccess, taskRequest } from '../tables/tasks.ts';
import { page } from '../tables/x86_system.ts';
import { dword, memory, qword, type Register, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { maskAddress, pageOwn, task } from './task_spaces.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, rsi, rdi, rsp } = registers;
const { r12, r13, r14, r15, r13d } = registers;

export const pageBytes = 4096;
const pageShift = 12;
const topShift = 39;
/** Entries above the pages allow everything; a page's own entry says what is allowed. */
const tableFlags = Number(page.present | page.write | page.user);
const writeBit = Number(page.write);
export const sharedBit = Number(pageOwn.shared);
export const copiedBit = Number(pageOwn.copied);

/**
 * task_entry(rdi: task, rsi: address, edx: 1 to make missing tables) -> address of the entry of the
 * page; 0 when there is no table, or no memory for one.
 */
function emitEntry(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_entry', { saves: [rbx, r12, r13, r14, r15] }, () => {
    code.mov(r14, qword(rdi, task.space));
    code.mov(r12, rsi);
    code.mov(r13d, edx);
    code.mov(rbx, qword(rdi, task.tables));
    for (let shift = topShift; ; shift -= 9) {
      code.mov(rax, r12);
      code.shr(rax, shift);
      code.and(eax, 511);
      code.lea(rbx, memory(rbx, { index: rax, scale: 8 }));
      code.add(rbx, qword('direct_base'));
      if (shift === pageShift) break;
      code.mov(rax, qword(rbx));
      code.test(eax, 1);
      code.jne(`.present_${shift}`);
      code.test(r13d, r13d);
      code.je('.none');
      code.mov(rdi, r14);
      code.call('space_frame');
      code.test(rax, rax);
      code.je('.none');
      code.or(rax, tableFlags);
      code.mov(qword(rbx), rax);
      code.label(`.present_${shift}`);
      maskAddress(nucleus, rbx, rax);
    }
    code.mov(rax, rbx);
    code.jmp('.return');
    code.label('.none');
    code.xor(eax, eax);
  });
}

/** target = flags of a page for the request's access bits; none of them: not for ring 3. */
function accessFlags({ code }: NucleusCode, request: Register, target: Register): void {
  code.mov(ecx, dword(request, taskRequest.access));
  code.movabs(target, BigInt.asIntN(64, page.present | page.noExecute));
  code.test(ecx, taskAccess.read | taskAccess.write | taskAccess.execute);
  code.je('.not_user');
  code.or(target, Number(page.user));
  code.label('.not_user');
  code.test(ecx, taskAccess.write);
  code.je('.not_written');
  code.or(target, Number(page.write));
  code.label('.not_written');
  code.test(ecx, taskAccess.execute);
  code.je('.not_executed');
  code.btr(target, 63);
  code.label('.not_executed');
  code.test(ecx, taskAccess.shared);
  code.je('.not_shared');
  code.or(target, sharedBit);
  code.label('.not_shared');
}

/**
 * Runs the body for each page of the request: rbx is the task, r12 the request, r13 the address,
 * r14 counts pages for which the body fell through, r15 holds the flags. The body goes on with
 * `.next_page` and leaves with `.pages_done`. The result is r14.
 */
export function eachPage(nucleus: NucleusCode, body: () => void): void {
  const { code } = nucleus;
  code.mov(rbx, rdi);
  code.mov(r12, rsi);
  code.mov(r13, qword(r12, taskRequest.address));
  code.xor(registers.r14d, registers.r14d);
  accessFlags(nucleus, r12, r15);
  code.mov(eax, dword(r12, taskRequest.count));
  code.mov(qword(rsp), rax);
  code.label('.page');
  code.sub(qword(rsp), 1);
  code.jb('.pages_done');
  body();
  code.inc(r14);
  code.label('.next_page');
  code.add(r13, pageBytes);
  code.jmp('.page');
  code.label('.pages_done');
  code.mov(rax, r14);
}

/**
 * rax = address of the entry of page r13 of task rbx, rcx the entry; jumps to the label when the
 * page is not there.
 */
export function presentEntry(nucleus: NucleusCode, missing: string): void {
  const { code } = nucleus;
  entryOf(nucleus, 0);
  code.test(rax, rax);
  code.je(missing);
  code.mov(rcx, qword(rax));
  code.test(ecx, 1);
  code.je(missing);
}

/** rax = address of the entry of page r13 of task rbx, or 0. */
function entryOf({ code }: NucleusCode, make: 0 | 1): void {
  code.mov(rdi, rbx);
  code.mov(rsi, r13);
  code.mov(edx, make);
  code.call('task_entry');
}

const saves = [rbx, r12, r13, r14, r15];

function emitPages(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_map', { saves, locals: 24 }, () => {
    code.mov(qword(rsp, 8), 0);
    eachPage(nucleus, () => {
      code.mov(qword(rsp, 8), -posixErrors.enomem);
      entryOf(nucleus, 1);
      code.test(rax, rax);
      code.je('.pages_done');
      code.mov(qword(rsp, 16), rax);
      code.mov(qword(rsp, 8), -posixErrors.eexist);
      code.cmp(qword(rax), 0);
      code.jne('.pages_done');
      code.mov(qword(rsp, 8), -posixErrors.enomem);
      code.mov(rdi, qword(rbx, task.space));
      code.call('space_frame');
      code.test(rax, rax);
      code.je('.pages_done');
      code.or(rax, r15);
      code.mov(rcx, qword(rsp, 16));
      code.mov(qword(rcx), rax);
    });
    code.test(rax, rax);
    code.jne('.return');
    code.mov(rax, qword(rsp, 8));
  });
  nucleus.procedure('task_unmap', { saves, locals: 8 }, () => {
    eachPage(nucleus, () => {
      presentEntry(nucleus, '.next_page');
      code.mov(qword(rax), 0);
      maskAddress(nucleus, rsi, rcx);
      code.mov(rdi, qword(rbx, task.space));
      code.call('space_frame_free');
    });
  });
  nucleus.procedure('task_protect', { saves, locals: 8 }, () => {
    eachPage(nucleus, () => {
      presentEntry(nucleus, '.next_page');
      // What is shared stays so, and nothing becomes so.
      code.and(r15, ~sharedBit);
      maskAddress(nucleus, rdx, rcx);
      code.and(ecx, sharedBit);
      code.or(rcx, rdx);
      code.or(rcx, r15);
      code.mov(qword(rax), rcx);
      sharesOf(nucleus, rcx);
      code.cmp(dword(rdx), 0);
      code.je('.next_protected');
      lend(nucleus, '.next_protected');
    });
  });
}

/** rdx = address of the count of more mappings of the frame that an entry names. */
export function sharesOf(nucleus: NucleusCode, entry: Register): void {
  const { code } = nucleus;
  maskAddress(nucleus, rdx, entry);
  code.shr(rdx, pageShift);
  code.shl(rdx, 2);
  code.add(rdx, qword('frame_shares'));
}

/**
 * A page of entry rcx at rax that is written in place becomes one that the first write copies,
 * unless all see what is written to it. `lent` is the label behind this.
 */
export function lend({ code }: NucleusCode, lent: string): void {
  code.test(ecx, sharedBit);
  code.jne(lent);
  code.test(ecx, writeBit);
  code.je(lent);
  code.xor(rcx, writeBit | copiedBit);
  code.mov(qword(rax), rcx);
  code.label(lent);
}

export function emitTaskPages(nucleus: NucleusCode): void {
  emitEntry(nucleus);
  emitPages(nucleus);
}

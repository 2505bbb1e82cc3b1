/**
 * The memory of native tasks: pages of 4 KiB in the lower half of the address space, reached
 * through the direct map, so that neither the task's address space nor its access rights matter.
 * Arguments were checked by host_taskCall: rdi is the task, rsi the request.
 */
import { virtual } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { taskAccess, taskAddresses, taskRegisters, taskRequest } from '../tables/tasks.ts';
import { page, rflags } from '../tables/x86_system.ts';
import { dword, memory, qword, type Register, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { maskAddress, task, taskRegister } from './tasks.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, rsi, rdi, rsp } = registers;
const { r8, r12, r13, r14, r15, r13d } = registers;

const pageBytes = 4096;
const pageShift = 12;
const topShift = 39;
/** Entries above the pages allow everything; a page's own entry says what is allowed. */
const tableFlags = Number(page.present | page.write | page.user);

/**
 * task_entry(rdi: task, rsi: address, edx: 1 to make missing tables) -> address of the entry of the
 * page; 0 when there is no table, or no memory for one.
 */
function emitEntry(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_entry', { saves: [rbx, r12, r13, r14, r15] }, () => {
    code.mov(r14, rdi);
    code.mov(r12, rsi);
    code.mov(r13d, edx);
    code.mov(rbx, qword(r14, task.tables));
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
      code.call('task_frame');
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

/** target = flags of a page for the request's access bits. Changes ecx. */
function accessFlags({ code }: NucleusCode, request: Register, target: Register): void {
  code.mov(ecx, dword(request, taskRequest.access));
  code.movabs(target, BigInt.asIntN(64, page.present | page.user | page.noExecute));
  code.test(ecx, taskAccess.write);
  code.je('.not_written');
  code.or(target, Number(page.write));
  code.label('.not_written');
  code.test(ecx, taskAccess.execute);
  code.je('.not_executed');
  code.btr(target, 63);
  code.label('.not_executed');
}

/**
 * Runs the body for each page of the request: rbx is the task, r12 the request, r13 the address,
 * r14 counts pages for which the body fell through, r15 holds the flags. The body goes on with
 * `.next_page` and leaves with `.pages_done`. The result is r14.
 */
function eachPage(nucleus: NucleusCode, body: () => void): void {
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
function presentEntry(nucleus: NucleusCode, missing: string): void {
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
      code.mov(rdi, rbx);
      code.call('task_frame');
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
      code.mov(rdi, rbx);
      code.call('task_frame_free');
    });
  });
  nucleus.procedure('task_protect', { saves, locals: 8 }, () => {
    eachPage(nucleus, () => {
      presentEntry(nucleus, '.next_page');
      maskAddress(nucleus, rdx, rcx);
      code.or(rdx, r15);
      code.mov(qword(rax), rdx);
    });
  });
}

/** rbx: task, r13: address, r14: bytes, r15: where in linear memory, of task rdi, request rsi. */
function startCopy({ code }: NucleusCode): void {
  code.mov(rbx, rdi);
  code.mov(r13, qword(rsi, taskRequest.address));
  code.mov(registers.r14d, dword(rsi, taskRequest.count));
  code.movabs(r15, virtual.linearMemory);
  code.mov(eax, dword(rsi, taskRequest.linear));
  code.add(r15, rax);
}

/**
 * The piece of the page of entry rcx at address r13, at most r14 bytes: rdx is where it is, rcx how
 * much it is.
 */
function pieceOfPage(nucleus: NucleusCode): void {
  const { code } = nucleus;
  maskAddress(nucleus, rdx, rcx);
  code.add(rdx, qword('direct_base'));
  code.mov(eax, registers.r13d);
  code.and(eax, pageBytes - 1);
  code.add(rdx, rax);
  code.mov(ecx, pageBytes);
  code.sub(ecx, eax);
  code.cmp(rcx, r14);
  code.cmova(rcx, r14);
}

/** task_read and task_write(rdi: task, rsi: request) -> bytes copied, up to a missing page. */
function emitCopies(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const write of [false, true]) {
    nucleus.procedure(write ? 'task_write' : 'task_read', { saves, locals: 16 }, () => {
      startCopy(nucleus);
      code.mov(qword(rsp), r14);
      code.mov(eax, dword(rsi, taskRequest.access));
      code.mov(qword(rsp, 8), rax);
      code.label('.piece');
      code.test(r14, r14);
      code.je('.copied');
      presentEntry(nucleus, '.copied');
      code.test(qword(rsp, 8), taskAccess.own);
      code.je('.allowed');
      const needed = Number(page.user | (write ? page.write : 0n));
      code.mov(eax, ecx);
      code.and(eax, needed);
      code.cmp(eax, needed);
      code.jne('.copied');
      code.label('.allowed');
      pieceOfPage(nucleus);
      code.add(r13, rcx);
      code.sub(r14, rcx);
      code.mov(rsi, write ? r15 : rdx);
      code.mov(rdi, write ? rdx : r15);
      code.add(r15, rcx);
      code.rep();
      code.movsb();
      code.jmp('.piece');
      code.label('.copied');
      code.mov(rax, qword(rsp));
      code.sub(rax, r14);
    });
  }
}

/**
 * task_string(rdi: task, rsi: request) -> bytes of the text, which lie in linear memory, or a
 * negative error number.
 */
function emitString(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_string', { saves, locals: 8 }, () => {
    startCopy(nucleus);
    code.mov(qword(rsp), r14);
    code.label('.piece');
    code.test(r14, r14);
    code.je('.too_long');
    presentEntry(nucleus, '.missing');
    code.test(ecx, Number(page.user));
    code.je('.missing');
    pieceOfPage(nucleus);
    code.mov(rsi, rdx);
    code.mov(rdi, rdx);
    code.xor(eax, eax);
    code.repne();
    code.scasb();
    code.sete(registers.dl);
    // rcx: bytes up to the zero and with it, or all.
    code.mov(rcx, rdi);
    code.sub(rcx, rsi);
    code.add(r13, rcx);
    code.sub(r14, rcx);
    code.mov(rdi, r15);
    code.add(r15, rcx);
    code.rep();
    code.movsb();
    code.test(registers.dl, registers.dl);
    code.je('.piece');
    code.mov(rax, qword(rsp));
    code.sub(rax, r14);
    code.dec(rax);
    code.jmp('.return');
    code.label('.too_long');
    code.movabs(rcx, taskAddresses.end);
    code.mov(rax, -posixErrors.enametoolong);
    code.cmp(r13, rcx);
    code.jne('.return');
    code.label('.missing');
    code.mov(rax, -posixErrors.efault);
  });
}

/** Copies of the registers. Those that would make the kernel fault are refused or corrected. */
function emitRegisters(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const block = (): void => {
    code.movabs(r8, virtual.linearMemory);
    code.mov(eax, dword(rsi, taskRequest.linear));
    code.add(r8, rax);
  };
  const copy = (): void => {
    code.mov(ecx, taskRegisters.length);
    code.rep();
    code.movsq();
    code.xor(eax, eax);
  };
  nucleus.procedure('task_getRegisters', {}, () => {
    block();
    code.lea(rsi, memory(rdi, task.registers));
    code.mov(rdi, r8);
    copy();
  });
  nucleus.procedure('task_setRegisters', { saves: [rbx] }, () => {
    code.mov(rbx, rdi);
    block();
    for (const name of ['rip', 'fs_base', 'gs_base'] as const) {
      code.mov(rax, qword(r8, 8 * taskRegisters.indexOf(name)));
      code.shr(rax, 47);
      code.jne('.outside');
    }
    code.mov(rsi, r8);
    code.lea(rdi, memory(rbx, task.registers));
    copy();
    code.and(qword(rbx, taskRegister('rflags')), rflags.user);
    code.or(qword(rbx, taskRegister('rflags')), rflags.fixed | rflags.interrupt);
    code.jmp('.return');
    code.label('.outside');
    code.mov(rax, -posixErrors.einval);
  });
}

export function emitTaskMemory(nucleus: NucleusCode): void {
  emitEntry(nucleus);
  emitPages(nucleus);
  emitCopies(nucleus);
  emitString(nucleus);
  emitRegisters(nucleus);
}

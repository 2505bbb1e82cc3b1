/**
 * Copies between linear memory and the memory of native tasks, page by page through the direct map,
 * so that the address space that is loaded does not matter. Arguments were checked by
 * host_taskCall: rdi is the task, rsi the request.
 */
import { virtual } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { taskAccess, taskAddresses, taskRequest } from '../tables/tasks.ts';
import { page } from '../tables/x86_system.ts';
import { dword, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { copiedBit, pageBytes, presentEntry, sharedBit } from './task_pages.ts';
import { maskAddress } from './task_spaces.ts';

const { rax, eax, rbx, rcx, ecx, rdx, rsi, rdi, rsp } = registers;
const { r12, r13, r14, r15 } = registers;

const saves = [rbx, r12, r13, r14, r15];

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

/**
 * Makes the page of entry rcx, at rax, one that may be written without others seeing it, unless it
 * is shared; rcx is its entry then. Jumps to the label with the error in rax.
 */
function ownPage({ code }: NucleusCode, noMemory: string): void {
  code.test(ecx, Number(page.write) | sharedBit);
  code.jne('.own');
  code.mov(qword(rsp, 16), rax);
  code.mov(rdi, rax);
  code.call('page_own');
  code.test(rax, rax);
  code.jne(noMemory);
  code.mov(rcx, qword(rsp, 16));
  code.mov(rcx, qword(rcx));
  code.label('.own');
}

/**
 * task_read and task_write(rdi: task, rsi: request) -> bytes copied, up to a missing page; a
 * negative error number when there is no memory for the first page.
 */
function emitCopies(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const write of [false, true]) {
    nucleus.procedure(write ? 'task_write' : 'task_read', { saves, locals: 24 }, () => {
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
      code.test(ecx, Number(page.user));
      code.je('.copied');
      if (write) {
        code.test(ecx, Number(page.write) | copiedBit);
        code.je('.copied');
      }
      code.label('.allowed');
      if (write) ownPage(nucleus, '.no_memory');
      pieceOfPage(nucleus);
      code.add(r13, rcx);
      code.sub(r14, rcx);
      code.mov(rsi, write ? r15 : rdx);
      code.mov(rdi, write ? rdx : r15);
      code.add(r15, rcx);
      code.rep();
      code.movsb();
      code.jmp('.piece');
      if (write) {
        code.label('.no_memory');
        code.cmp(qword(rsp), r14);
        code.je('.return');
      }
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

export function emitTaskMemory(nucleus: NucleusCode): void {
  emitCopies(nucleus);
  emitString(nucleus);
}

/**
 * The registers of native tasks, copied from and to linear memory: those of tables/tasks.ts, and
 * x87 and SSE as FXSAVE stores them (Intel SDM volume 1, section 10.5). Arguments were checked by
 * host_taskCall: rdi is the task, rsi the request.
 */
import { virtual } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { taskFpuBytes, taskRegisters, taskRequest } from '../tables/tasks.ts';
import { rflags } from '../tables/x86_system.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { fxsave, task, taskRegister } from './task_spaces.ts';

const { rax, eax, rbx, ecx, rsi, rdi, r8 } = registers;

/** r8 = where in linear memory the registers of the request are. */
function block({ code }: NucleusCode): void {
  code.movabs(r8, virtual.linearMemory);
  code.mov(eax, dword(rsi, taskRequest.linear));
  code.add(r8, rax);
}

/** Copies of the registers. Those that would make the kernel fault are refused or corrected. */
function emitRegisters(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const copy = (): void => {
    code.mov(ecx, taskRegisters.length);
    code.rep();
    code.movsq();
    code.xor(eax, eax);
  };
  nucleus.procedure('task_getRegisters', {}, () => {
    block(nucleus);
    code.lea(rsi, memory(rdi, task.registers));
    code.mov(rdi, r8);
    copy();
  });
  nucleus.procedure('task_setRegisters', { saves: [rbx] }, () => {
    code.mov(rbx, rdi);
    block(nucleus);
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

/** x87 and SSE. FXRSTOR faults for bits of MXCSR that the processor does not have. */
function emitFpu(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('fpu_probe', taskFpuBytes, 16);
  nucleus.variable('mxcsr_mask', 4, 4);
  const copy = (): void => {
    code.mov(ecx, taskFpuBytes / 8);
    code.rep();
    code.movsq();
    code.xor(eax, eax);
  };
  // fpu_measure(): which bits of MXCSR there are
  nucleus.procedure('fpu_measure', {}, () => {
    code.fxsave64(memory('fpu_probe'));
    code.mov(eax, dword('fpu_probe', fxsave.mxcsrMask));
    code.mov(ecx, fxsave.mxcsrMaskDefault);
    code.test(eax, eax);
    code.cmove(eax, ecx);
    code.mov(dword('mxcsr_mask'), eax);
  });
  nucleus.procedure('task_getFpu', {}, () => {
    block(nucleus);
    code.lea(rsi, memory(rdi, task.fpu));
    code.mov(rdi, r8);
    copy();
  });
  nucleus.procedure('task_setFpu', {}, () => {
    block(nucleus);
    code.mov(eax, dword('mxcsr_mask'));
    code.not(eax);
    code.test(dword(r8, fxsave.mxcsr), eax);
    code.mov(rax, -posixErrors.einval);
    code.jne('.return');
    code.mov(rsi, r8);
    code.lea(rdi, memory(rdi, task.fpu));
    copy();
  });
}

export function emitTaskRegisters(nucleus: NucleusCode): void {
  emitRegisters(nucleus);
  emitFpu(nucleus);
}

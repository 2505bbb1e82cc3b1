/**
 * Ring 3: the way in, and the three ways back. Intel SDM volume 3, sections 5.8.8, 6.12 and 6.14.
 *
 *     task_run          gives a system call its result, takes the registers of the next one
 *     task_enter        saves what a call keeps, notes its stack, loads the task and `iretq`s
 *     task_system_call  where `syscall` arrives: interrupts off, the stack still that of the task
 *     task_interrupted  the end of every interrupt stub that came from ring 3
 *     task_fault        an exception of ring 3, from nucleus/exceptions.ts
 *
 * Each way back stores the registers in the task, loads the kernel's address space and returns from
 * task_enter. Interrupts and exceptions of ring 3 use the stack of task_enter, below its frame
 * (rsp0 of the TSS). One processor, so what is running needs no more than two variables.
 */
import { taskCallRegisters, taskReason, taskRequest } from '../tables/tasks.ts';
import {
  generalProtectionVector,
  msr,
  pageFaultCode,
  pageFaultVector,
  rflags,
  ring3,
  selectors,
  tss,
} from '../tables/x86_system.ts';
import { dword, memory, qword, type Register, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { task, taskRegister } from './task_spaces.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, rsi, rdi, rbp, rsp } = registers;
const { r8, r9, r10, r11, r12, r13, r14, r15 } = registers;

const lowerHalfBits = 47;
const userFlagsCleared =
  rflags.trap | rflags.interrupt | rflags.direction | rflags.nested | rflags.alignment;

/** General registers except rdi, which holds the task while they are saved and loaded, and rsp. */
const general: readonly (readonly [Parameters<typeof taskRegister>[0], Register])[] = [
  ...([
    ['rax', rax],
    ['rbx', rbx],
    ['rcx', rcx],
    ['rdx', rdx],
    ['rsi', rsi],
    ['rbp', rbp],
    ['r8', r8],
    ['r9', r9],
    ['r10', r10],
    ['r11', r11],
    ['r12', r12],
    ['r13', r13],
    ['r14', r14],
    ['r15', r15],
  ] as const),
];
const kept = [rbx, rbp, r12, r13, r14, r15];

/** Whether interrupts wait in the ring; jumps to the label then. Interrupts are off. */
function leaveWhenPending({ code }: NucleusCode, label: string): void {
  code.mov(eax, dword('ring_head'));
  code.cmp(eax, dword('ring_tail'));
  code.jne(label);
}

/** task_run(rdi: task, rsi: request) -> eax: reason. */
function emitRun(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_run', { saves: [rbx, r12] }, () => {
    code.mov(rbx, rdi);
    code.mov(r12, rsi);
    code.cmp(dword(r12, taskRequest.access), 0);
    code.je('.enter');
    code.mov(rax, qword(r12, taskRequest.value));
    code.mov(qword(rbx, taskRegister('rax')), rax);
    code.label('.enter');
    code.mov(rdi, rbx);
    code.mov(rsi, r12);
    code.call('task_enter');
    code.cmp(eax, taskReason.systemCall);
    code.jne('.no_call');
    for (const [index, name] of taskCallRegisters.entries()) {
      code.mov(rcx, qword(rbx, taskRegister(name)));
      code.mov(qword(r12, taskRequest.call + 8 * index), rcx);
    }
    code.jmp('.return');
    code.label('.no_call');
    copyAndGoOn(nucleus);
  });
}

/**
 * A write to a page whose frame others have, too, makes a copy and is repeated, unless there is no
 * memory: then the result is a negative error number. All other ends stay in eax.
 */
function copyAndGoOn({ code }: NucleusCode): void {
  code.cmp(eax, taskReason.fault);
  code.jne('.return');
  code.cmp(qword(rbx, task.vector), pageFaultVector);
  code.jne('.return');
  const written = [pageFaultCode.present, pageFaultCode.write, pageFaultCode.user];
  const bits = written.reduce<number>((mask, bit) => mask | (1 << bit), 0);
  code.mov(ecx, dword(rbx, task.errorCode));
  code.and(ecx, bits);
  code.cmp(ecx, bits);
  code.jne('.return');
  code.mov(rdi, rbx);
  code.mov(rsi, qword(rbx, task.faultAddress));
  code.call('task_fault');
  code.cmp(rax, 0);
  code.jg('.enter');
  code.jl('.return');
  code.mov(eax, taskReason.fault);
}

/** task_enter(rdi: task, rsi: request) -> eax: reason; vector, error code, CR2 in the request. */
function emitEnter(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('task_current', 8);
  nucleus.variable('task_stack', 8);
  nucleus.variable('task_user_stack', 8);
  nucleus.variable('task_mxcsr', 8);
  code.function('task_enter');
  for (const register of kept) code.push(register);
  code.push(rsi);
  code.cli();
  leaveWhenPending(nucleus, '.pending');
  // `iretq` to such an address would fault in the kernel.
  code.mov(rax, qword(rdi, taskRegister('rip')));
  code.shr(rax, lowerHalfBits);
  code.jne('.outside');
  code.mov(qword('task_current'), rdi);
  code.mov(qword('task_stack'), rsp);
  code.mov(rax, rsp);
  code.and(rax, -16);
  code.mov(qword('tss', tss.rsp0), rax);
  code.stmxcsr(dword('task_mxcsr'));
  for (const [register, name] of [
    [msr.IA32_FS_BASE, 'fs_base'],
    [msr.IA32_GS_BASE, 'gs_base'],
  ] as const) {
    code.mov(ecx, register);
    code.mov(eax, dword(rdi, taskRegister(name)));
    code.mov(edx, dword(rdi, taskRegister(name) + 4));
    code.wrmsr();
  }
  code.fxrstor64(memory(rdi, task.fpu));
  code.mov(rax, qword(rdi, task.tables));
  code.mov(registers.cr3, rax);
  code.push(selectors.userData64 | ring3);
  code.push(qword(rdi, taskRegister('rsp')));
  code.push(qword(rdi, taskRegister('rflags')));
  code.push(selectors.userCode64 | ring3);
  code.push(qword(rdi, taskRegister('rip')));
  for (const [name, register] of general) code.mov(register, qword(rdi, taskRegister(name)));
  code.mov(rdi, qword(rdi, taskRegister('rdi')));
  code.iretq();

  code.label('.outside');
  code.pop(rsi);
  code.mov(qword(rdi, task.vector), generalProtectionVector);
  code.mov(qword(rdi, task.errorCode), 0);
  code.mov(eax, taskReason.fault);
  code.jmp('task_report');
  code.label('.pending');
  code.pop(rsi);
  code.mov(eax, taskReason.interrupted);
  code.jmp('task_returns');

  emitLeave(nucleus);
}

function emitLeave({ code }: NucleusCode): void {
  // eax: reason; everything of the task but its x87 and SSE registers is saved.
  code.label('task_leave');
  code.mov(rdi, qword('task_current'));
  code.mov(rcx, qword('kernel_tables'));
  code.mov(registers.cr3, rcx);
  code.fxsave64(memory(rdi, task.fpu));
  code.ldmxcsr(dword('task_mxcsr'));
  code.mov(rsp, qword('task_stack'));
  // No flag of the task stays, such as AC, which would switch SMAP off.
  code.push(rflags.fixed);
  code.popfq();
  code.mov(qword('task_current'), 0);
  code.pop(rsi);
  code.label('task_report');
  for (const [field, offset] of [
    [task.errorCode, taskRequest.errorCode],
    [task.faultAddress, taskRequest.faultAddress],
  ] as const) {
    code.mov(rcx, qword(rdi, field));
    code.mov(qword(rsi, offset), rcx);
  }
  code.mov(rcx, qword(rdi, task.vector));
  code.mov(dword(rsi, taskRequest.vector), ecx);
  code.label('task_returns');
  code.sti();
  for (const register of [...kept].reverse()) code.pop(register);
  code.ret();
}

/** Stores all general registers but rdi and rsp in the task at rdi. */
function saveGeneral({ code }: NucleusCode): void {
  for (const [name, register] of general) code.mov(qword(rdi, taskRegister(name)), register);
}

function emitReturns(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // `syscall` left rip in rcx and rflags in r11.
  code.function('task_system_call');
  code.mov(qword('task_user_stack'), rsp);
  code.mov(rsp, qword('task_stack'));
  code.push(rdi);
  code.mov(rdi, qword('task_current'));
  saveGeneral(nucleus);
  code.mov(qword(rdi, taskRegister('rip')), rcx);
  code.mov(qword(rdi, taskRegister('rflags')), r11);
  code.pop(rax);
  code.mov(qword(rdi, taskRegister('rdi')), rax);
  code.mov(rax, qword('task_user_stack'));
  code.mov(qword(rdi, taskRegister('rsp')), rax);
  code.mov(eax, taskReason.systemCall);
  code.jmp('task_leave');

  // The stack holds rip, cs, rflags, rsp, ss; all other registers are the task's.
  code.function('task_interrupted');
  code.push(rdi);
  code.mov(rdi, qword('task_current'));
  saveGeneral(nucleus);
  code.pop(rax);
  code.mov(qword(rdi, taskRegister('rdi')), rax);
  for (const [offset, name] of [
    [0, 'rip'],
    [16, 'rflags'],
    [24, 'rsp'],
  ] as const) {
    code.mov(rax, qword(rsp, offset));
    code.mov(qword(rdi, taskRegister(name)), rax);
  }
  code.mov(eax, taskReason.interrupted);
  code.jmp('task_leave');
}

/** cpu_user(): `syscall` leads to task_system_call with a clean rflags. */
function emitPrepare(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('cpu_user', {}, () => {
    code.lea(rax, memory('task_system_call'));
    code.mov(rdx, rax);
    code.shr(rdx, 32);
    code.mov(ecx, msr.IA32_LSTAR);
    code.wrmsr();
    code.mov(ecx, msr.IA32_STAR);
    code.xor(eax, eax);
    // `sysret`, which nobody uses, would load ring 3 from here: data 8, code 16 bytes on.
    code.mov(edx, ((selectors.data64 | ring3) << 16) | selectors.code64);
    code.wrmsr();
    code.mov(ecx, msr.IA32_FMASK);
    code.mov(eax, userFlagsCleared);
    code.xor(edx, edx);
    code.wrmsr();
    code.call('fpu_measure');
  });
}

export function emitTaskRun(nucleus: NucleusCode): void {
  emitRun(nucleus);
  emitEnter(nucleus);
  emitReturns(nucleus);
  emitPrepare(nucleus);
}

/**
 * CPU exceptions. A page fault on linear memory that has no frame yet gets one
 * (nucleus/linear_memory.ts); everything else is reported on the console, with registers and a
 * symbolised backtrace, and stops the machine.
 *
 * The frame that the stubs and `exception_common` build, from the lowest address up:
 *
 *     r15 r14 r13 r12 r11 r10 r9 r8 rdi rsi rbp rbx rdx rcx rax | vector, error code |
 *     rip cs rflags rsp ss
 */
import { linear, virtual } from '../tables/memory_map.ts';
import { type TaskRegister, taskReason } from '../tables/tasks.ts';
import {
  doubleFaultVector,
  exceptionCount,
  exceptions,
  machineVectors,
  pageFaultCode,
  pageFaultVector,
  rflags,
  ring3,
  selectorCode,
  selectorVectors,
} from '../tables/x86_system.ts';
import { byte, dword, memory, qword, type Register, registers } from '../x86_64/operands.ts';
import { stackPlaces, stacksBytes } from './descriptors.ts';
import type { LinePart, NucleusCode } from './nucleus_code.ts';
import { task, taskRegister } from './task_spaces.ts';

const { rax, eax, rbx, rcx, rdx, rsi, rdi, rsp, rbp, r12 } = registers;
const { r8, r9, r10, r11, r13, r14, r15 } = registers;

/** In the order of pushing. */
// biome-ignore format: as the drawing above, from right to left
const saved: readonly Register[] = [rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13,
  r14, r15];

const registersPerLine = 4;

/** tables/terms: immediateTags has four bits; OTP shows the low 15 bits of a pid's number first. */
const pidShift = 4;
const pidSerialShift = 15;
const pidNumberMask = (1 << pidSerialShift) - 1;

/** Offset of a field in the frame. */
const at = {
  register: (register: Register) => 8 * (saved.length - 1 - saved.indexOf(register)),
  vector: 8 * saved.length,
  errorCode: 8 * (saved.length + 1),
  rip: 8 * (saved.length + 2),
  cs: 8 * (saved.length + 3),
  rflags: 8 * (saved.length + 4),
  rsp: 8 * (saved.length + 5),
} as const;

function emitCommon({ code }: NucleusCode): void {
  code.function('exception_common');
  for (const register of saved) code.push(register);
  code.cld();
  code.mov(rdi, rsp);
  // The processor aligned the stack to 16 bytes and 22 words were pushed.
  code.call('exception_handle');
  for (const register of [...saved].reverse()) code.pop(register);
  code.add(rsp, 16);
  code.iretq();
}

/** exception_handle(rdi: frame) returns when the cause is gone. */
function emitHandle(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('exception_handle', { saves: [rbx] }, () => {
    code.mov(rbx, rdi);
    code.test(byte(rbx, at.cs), ring3);
    code.je('.kernel');
    // A machine check or NMI that meets a task is not its fault.
    for (const vector of machineVectors) {
      code.cmp(qword(rbx, at.vector), vector);
      code.je('.report');
    }
    taskFault(nucleus);
    code.label('.kernel');
    code.cmp(qword(rbx, at.vector), pageFaultVector);
    code.jne('.report');
    code.mov(rdi, registers.cr2);
    code.mov(rsi, qword(rbx, at.errorCode));
    // Clearing a frame takes its time, and nothing here is shared with the stubs of interrupts, so
    // they may come. What runs with interrupts off touches no page that has no frame.
    code.bt(qword(rbx, at.rflags), Math.log2(rflags.interrupt));
    code.jae('.report');
    code.sti();
    code.call('linear_back_fault');
    code.cli();
    code.test(eax, eax);
    code.jne('.return');
    code.label('.report');
    code.mov(rdi, rbx);
    code.call('exception_report');
  });
}

/** The frame at rbx becomes the task's state, and its run ends with a fault. */
function taskFault({ code }: NucleusCode): void {
  code.mov(rdi, qword('task_current'));
  for (const register of saved) {
    code.mov(rax, qword(rbx, at.register(register)));
    code.mov(qword(rdi, taskRegister(register.name as TaskRegister)), rax);
  }
  for (const [offset, field] of [
    [at.rip, taskRegister('rip')],
    [at.rflags, taskRegister('rflags')],
    [at.rsp, taskRegister('rsp')],
    [at.vector, task.vector],
    [at.errorCode, task.errorCode],
  ] as const) {
    code.mov(rax, qword(rbx, offset));
    code.mov(qword(rdi, field), rax);
  }
  code.mov(rax, registers.cr2);
  code.mov(qword(rdi, task.faultAddress), rax);
  code.mov(eax, taskReason.fault);
  code.jmp('task_leave');
}

/** Names of all vectors as texts at a fixed distance, so that no pointers need to be stored. */
const nameBytes = 48;
const nameOf = (vector: number): string => {
  const row = exceptions.find((one) => one.vector === vector);
  return row ? `${row.mnemonic} ${row.name}` : 'reserved vector';
};

/** exception_report(rdi: frame) writes the report and stops. */
function emitReport(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('exception_nested', 4);
  nucleus.data('exception_names', 1, (into) => {
    for (let vector = 0; vector < exceptionCount; vector++) {
      into.ascii(nameOf(vector).padEnd(nameBytes, '\0'));
    }
  });
  const field = (offset: number): LinePart => ({ hex: qword(rbx, offset) });
  nucleus.procedure('exception_report', { saves: [rbx, r12, r13, r14] }, () => {
    code.mov(rbx, rdi);
    code.mov(eax, 1);
    code.xchg(dword('exception_nested'), eax);
    code.test(eax, eax);
    code.je('.first');
    nucleus.line('exception in the exception report, at ', field(at.rip));
    code.call('stop_failed');
    code.label('.first');
    nucleus.print('\nexception ', { decimal: qword(rbx, at.vector) }, ': ');
    code.imul(rdi, qword(rbx, at.vector), nameBytes);
    code.lea(rax, memory('exception_names'));
    code.add(rdi, rax);
    code.call('console_text');
    nucleus.print('\n');
    reportCause(nucleus, field);
    nucleus.print('rip ', field(at.rip));
    code.mov(rdi, qword(rbx, at.rip));
    code.call('console_symbol');
    nucleus.line(', rflags ', field(at.rflags), ', cs ', field(at.cs));
    for (let first = 0; first < saved.length; first += registersPerLine) {
      const row = saved.slice(first, first + registersPerLine);
      nucleus.line(
        ...row.flatMap((one): LinePart[] => [`${one.name} `, field(at.register(one)), ' ']),
      );
    }
    nucleus.line('rsp ', field(at.rsp));
    reportVm(nucleus);
    nucleus.line('backtrace:');
    code.mov(rdi, qword(rbx, at.rip));
    code.mov(rsi, qword(rbx, at.register(rbp)));
    code.call('console_backtrace');
    code.call('stop_failed');
  });
}

/** The error code in words, cr2, and whether the kernel's stack has run over. */
function reportCause(nucleus: NucleusCode, field: (offset: number) => LinePart): void {
  const { code } = nucleus;
  nucleus.print('error code ', field(at.errorCode));
  code.cmp(qword(rbx, at.vector), pageFaultVector);
  code.jne('.no_page_fault');
  code.mov(r12, qword(rbx, at.errorCode));
  const words: readonly [number, string, string][] = [
    [pageFaultCode.present, 'page protection', 'page not present'],
    [pageFaultCode.write, 'write', 'read'],
    [pageFaultCode.fetch, 'instruction fetch', 'data'],
  ];
  for (const [bit, set, clear] of words) {
    code.bt(r12, bit);
    code.jae(`.clear_${bit}`);
    nucleus.print(`, ${set}`);
    code.jmp(`.said_${bit}`);
    code.label(`.clear_${bit}`);
    nucleus.print(`, ${clear}`);
    code.label(`.said_${bit}`);
  }
  code.jmp('.described');
  code.label('.no_page_fault');
  reportSelector(nucleus);
  code.label('.described');
  code.mov(r12, registers.cr2);
  nucleus.line(', cr2 ', { hex: r12 });
  code.mov(rax, qword(rbx, at.vector));
  code.cmp(rax, doubleFaultVector);
  code.jne('.no_overflow');
  for (const { name, guard } of stackPlaces) {
    code.lea(rax, memory('stacks', guard));
    code.mov(rcx, r12);
    code.sub(rcx, rax);
    code.cmp(rcx, 4096);
    code.jae(`.not_${name}`);
    nucleus.line(`stack overflow: ${name} has reached its guard page`);
    code.label(`.not_${name}`);
  }
  code.label('.no_overflow');
}

/** The error code of an exception that a selector or a gate caused, in words; 0 says nothing. */
function reportSelector(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const vector of selectorVectors) {
    code.cmp(qword(rbx, at.vector), vector);
    code.je('.selector');
  }
  code.jmp('.no_selector');
  code.label('.selector');
  code.mov(r12, qword(rbx, at.errorCode));
  code.test(r12, r12);
  code.je('.no_selector');
  code.bt(r12, selectorCode.idt);
  code.jb('.vector');
  code.bt(r12, selectorCode.ldt);
  code.jb('.local');
  nucleus.print(', selector of the GDT, entry ');
  code.jmp('.entry');
  code.label('.local');
  nucleus.print(', selector of the LDT, entry ');
  code.jmp('.entry');
  code.label('.vector');
  nucleus.print(', gate of the IDT, vector ');
  code.label('.entry');
  code.mov(rax, r12);
  code.shr(rax, selectorCode.index);
  nucleus.print({ decimal: rax });
  code.bt(r12, selectorCode.external);
  code.jae('.no_selector');
  nucleus.print(', from outside the program');
  code.label('.no_selector');
}

/** Which Erlang process was running, as the VM last said. */
function reportVm(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.cmp(qword('linear_bytes'), 0);
  code.je('.no_vm');
  code.movabs(r12, virtual.linearMemory);
  // A pid is a number above four bits of tag; <0.N.S> shows 15 bits of it as N.
  code.mov(r13, qword(r12, linear.currentProcess));
  code.shr(r13, pidShift);
  code.mov(r14, r13);
  code.and(r14, pidNumberMask);
  code.shr(r13, pidSerialShift);
  nucleus.line('process <0.', { decimal: r14 }, '.', { decimal: r13 }, '>, instruction ', {
    hex: dword(r12, linear.currentInstruction),
  });
  code.label('.no_vm');
}

export function emitExceptions(nucleus: NucleusCode): void {
  // stack_bounds() -> rdx, rcx: where frames may lie
  nucleus.procedure('stack_bounds', {}, () => {
    nucleus.code.lea(rdx, memory('stacks'));
    nucleus.code.lea(rcx, memory('stacks', stacksBytes));
  });
  emitCommon(nucleus);
  emitHandle(nucleus);
  emitReport(nucleus);
}

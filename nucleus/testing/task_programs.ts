/**
 * Programs for ring 3, made with our assembler. Each is loaded at `codeAddress`, with `dataBytes`
 * of writable memory at `dataAddress` and the stack at its end, and says how it is to end.
 */
import { type Assembler, createAssembler, textFlags } from '../../x86_64/assembler.ts';
import { byte, memory, qword, registers } from '../../x86_64/operands.ts';

const { rax, eax, al, rbx, rcx, ecx, rdx, rdi, rsp, r11, r15, xmm0 } = registers;

export const codeAddress = 0x40_0000;
export const dataAddress = 0x60_0000;
export const dataBytes = 16384;
const kernelAddress = 0xffff_ffff_8000_1000n;
const spins = 30_000_000;

export interface TaskProgram {
  readonly name: string;
  readonly emit: (code: Assembler) => void;
  /** `system call RAX`, `fault VECTOR ERROR` with the address of a page fault, or `interrupted`. */
  readonly ends: string;
  /** What else is right, where emulators and processors differ. */
  readonly orEnds?: string;
}

export const taskPrograms: readonly TaskProgram[] = [
  {
    name: 'computes',
    ends: 'system call 500500',
    emit: (code) => {
      code.mov(ecx, 1000);
      code.xor(eax, eax);
      code.label('add');
      code.push(rcx);
      code.add(rax, qword(rsp));
      code.pop(rcx);
      code.dec(ecx);
      code.jne('add');
      code.syscall();
    },
  },
  {
    name: 'loops for ever',
    ends: 'interrupted',
    emit: (code) => {
      code.label('here');
      code.jmp('here');
    },
  },
  {
    name: 'writes to kernel memory',
    ends: `fault 14 7 0x${kernelAddress.toString(16)}`,
    emit: (code) => {
      code.movabs(rax, BigInt.asIntN(64, kernelAddress));
      code.mov(qword(rax), rax);
    },
  },
  {
    name: 'reads memory that is not there',
    ends: 'fault 14 4 0x700000',
    emit: (code) => code.mov(rax, qword(null, 0x70_0000)),
  },
  {
    name: 'writes to its own code',
    ends: `fault 14 7 0x${codeAddress.toString(16)}`,
    emit: (code) => code.mov(byte(null, codeAddress), al),
  },
  {
    name: 'executes data',
    ends: `fault 14 21 0x${dataAddress.toString(16)}`,
    emit: (code) => {
      code.mov(eax, dataAddress);
      code.jmp(rax);
    },
  },
  { name: 'halts', ends: 'fault 13 0', emit: (code) => code.hlt() },
  { name: 'disables interrupts', ends: 'fault 13 0', emit: (code) => code.cli() },
  { name: 'reads a port', ends: 'fault 13 0', emit: (code) => code.in(al, 0x60) },
  {
    name: 'loads a page table',
    ends: 'fault 13 0',
    emit: (code) => code.mov(registers.cr3, rax),
  },
  {
    // Error code (SDM volume 3, section 6.13): the vector in bits 3 to 15, and that it is one of
    // the IDT. QEMU counts in the 16 bytes of an entry.
    name: 'raises the timer vector itself',
    ends: `fault 13 ${32 * 8 + 2}`,
    orEnds: `fault 13 ${32 * 16 + 2}`,
    emit: (code) => code.int(32),
  },
  {
    name: 'divides by zero',
    ends: 'fault 0 0',
    emit: (code) => {
      code.xor(ecx, ecx);
      code.div(rcx);
    },
  },
  { name: 'executes what is no instruction', ends: 'fault 6 0', emit: (code) => code.ud2() },
  {
    name: 'jumps out of the address space',
    ends: 'fault 13 0',
    emit: (code) => {
      code.movabs(rax, 1n << 47n);
      code.jmp(rax);
    },
  },
  {
    name: 'makes a system call with every flag set',
    ends: 'system call 7',
    emit: (code) => {
      // CF PF AF ZF SF DF OF NT AC ID
      code.push(0x24_4cd5);
      code.popfq();
      code.mov(eax, 7);
      code.syscall();
    },
  },
  {
    name: 'steps through itself',
    ends: 'fault 1 0',
    emit: (code) => {
      code.push(0x100);
      code.popfq();
      code.nop();
      code.nop();
    },
  },
  {
    name: 'keeps all registers while it is interrupted',
    ends: 'system call 1',
    emit: (code) => {
      code.mov(rbx, 0x1234_5678);
      code.mov(rdi, -2);
      code.mov(r15, 15);
      code.mov(r11, 11);
      code.movq(xmm0, rbx);
      code.mov(rdx, rsp);
      code.mov(ecx, spins);
      code.label('spin');
      code.dec(ecx);
      code.jne('spin');
      code.movq(rax, xmm0);
      code.sub(rax, rbx);
      code.sub(rdx, rsp);
      code.or(rax, rdx);
      code.lea(rdi, memory(rdi, 2));
      code.or(rax, rdi);
      code.sub(r15, 15);
      code.or(rax, r15);
      code.sub(r11, 11);
      code.or(rax, r11);
      code.inc(rax);
      code.syscall();
    },
  },
  {
    name: 'reads through its fs base',
    ends: `system call ${0x6677}`,
    emit: (code) => {
      code.mov(eax, 0x6677);
      code.mov(qword(null, dataAddress + 64), rax);
      code.bytes([0x64, 0x48, 0x8b, 0x04, 0x25, 64, 0, 0, 0]); // mov rax, fs:[64]
      code.syscall();
    },
  },
];

/** The machine code of a program. */
export function assemble(program: TaskProgram): Uint8Array {
  const code = createAssembler(program.name);
  code.section('.text', textFlags);
  program.emit(code);
  const text = code.finish().sections.find(({ name }) => name === '.text');
  return text?.bytes ?? new Uint8Array();
}

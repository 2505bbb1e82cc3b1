/**
 * GDT, TSS and IDT. Intel SDM volume 3, sections 3.4.5, 6.14 and 8.2.3.
 *
 * The tables are built by code that only uses addresses relative to itself, so that it can run
 * twice: first where the firmware put the image, and again at the kernel's own addresses once
 * paging maps them.
 */
import { vectors } from '../tables/memory_map.ts';
import {
  descriptors,
  exceptionCount,
  exceptions,
  interruptGateType,
  interruptStacks,
  selectors,
  tss,
  tssDescriptorType,
} from '../tables/x86_system.ts';
import { byte, dword, memory, qword, registers, word } from '../x86_64/operands.ts';
import { emitLineStub } from './interrupts.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, ax, rbx, rcx, ecx, rsi, rdi, rsp } = registers;

const gdtBytes = selectors.tss + 16;
const gateBytes = 16;
const vectorCount = 256;

export const stackBytes = 128 * 1024;
export const interruptStackBytes = 8 * 1024;
const pageBytes = 4096;

/** Every stack has an unmapped page below it; the names of those pages are for paging. */
export const stacks = [
  { name: 'kernel_stack', bytes: stackBytes, ist: 0 },
  { name: 'double_fault_stack', bytes: interruptStackBytes, ist: interruptStacks.doubleFault },
  { name: 'nmi_stack', bytes: interruptStackBytes, ist: interruptStacks.nonMaskable },
  { name: 'machine_check_stack', bytes: interruptStackBytes, ist: interruptStacks.machineCheck },
] as const;

export const stacksBytes = stacks.reduce((sum, { bytes }) => sum + pageBytes + bytes, 0);

/** Offset of each stack's guard page and top in the variable `stacks`. */
export const stackPlaces = stacks.map((stack, index) => {
  const before = stacks.slice(0, index).reduce((sum, { bytes }) => sum + pageBytes + bytes, 0);
  return { ...stack, guard: before, top: before + pageBytes + stack.bytes };
});

/** descriptors_load() fills and loads GDT and TSS. */
function emitGdt(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('gdt', gdtBytes, 16);
  nucleus.variable('tss', tss.size, 16);
  nucleus.variable('stacks', stacksBytes, pageBytes);
  nucleus.procedure('descriptors_load', { locals: 16 }, () => {
    for (const name of ['code64', 'data64', 'userData64', 'userCode64'] as const) {
      code.movabs(rax, descriptors[name]);
      code.mov(qword('gdt', selectors[name]), rax);
    }
    for (const { ist, top } of stackPlaces) {
      if (ist === 0) continue;
      code.lea(rax, memory('stacks', top));
      code.mov(qword('tss', tss.ist1 + 8 * (ist - 1)), rax);
    }
    code.mov(word('tss', tss.ioMapBase), tss.size);
    tssDescriptor(nucleus);
    code.mov(word(rsp), gdtBytes - 1);
    code.lea(rax, memory('gdt'));
    code.mov(qword(rsp, 2), rax);
    code.lgdt(memory(rsp));
    code.mov(eax, selectors.data64);
    for (const segment of [registers.ds, registers.es, registers.ss]) code.mov(segment, eax);
    code.xor(eax, eax);
    code.mov(registers.fs, eax);
    code.mov(registers.gs, eax);
    // cs is loaded by a far return.
    code.lea(rax, memory('.reloaded'));
    code.push(selectors.code64);
    code.push(rax);
    code.retfq();
    code.label('.reloaded');
    code.mov(eax, selectors.tss);
    code.ltr(ax);
  });
}

/** The 16-byte descriptor: limit 0-15, base 0-23, type, limit 16-19, base 24-31, base 32-63. */
function tssDescriptor({ code }: NucleusCode): void {
  code.lea(rax, memory('tss'));
  code.mov(word('gdt', selectors.tss), tss.size - 1);
  code.mov(word('gdt', selectors.tss + 2), ax);
  code.shr(rax, 16);
  code.mov(byte('gdt', selectors.tss + 4), registers.al);
  code.mov(byte('gdt', selectors.tss + 5), tssDescriptorType);
  code.mov(byte('gdt', selectors.tss + 6), 0);
  code.mov(byte('gdt', selectors.tss + 7), registers.ah);
  code.shr(rax, 16);
  code.mov(dword('gdt', selectors.tss + 8), eax);
  code.mov(dword('gdt', selectors.tss + 12), 0);
}

/**
 * interrupts_load(rdi: table) fills and loads an IDT: an interrupt gate for every vector. There is
 * one for each place at which the kernel runs: a table that is in use is never changed, since a
 * non-maskable interrupt may come between two stores.
 */
function emitIdt(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('idt_at_boot', vectorCount * gateBytes, 16);
  nucleus.variable('idt', vectorCount * gateBytes, 16);
  // Distances from the table's begin to the stubs: addresses would be wrong before paging.
  nucleus.data('stub_distances', 4, (into) => {
    for (let vector = 0; vector < vectorCount; vector++) {
      into.distance(`vector_${vector}`, BigInt(4 * vector));
    }
  });
  nucleus.procedure('interrupts_load', { saves: [rbx], locals: 16 }, () => {
    code.mov(rbx, rdi);
    code.lea(rsi, memory('stub_distances'));
    code.xor(ecx, ecx);
    code.label('.gate');
    code.movsxd(rax, dword(rsi, { index: rcx, scale: 4 }));
    code.add(rax, rsi);
    // Gate: offset 0-15, selector, stack and type, offset 16-31, offset 32-63.
    code.mov(word(rdi), ax);
    code.mov(word(rdi, 2), selectors.code64);
    code.mov(word(rdi, 4), interruptGateType << 8);
    code.shr(rax, 16);
    code.mov(word(rdi, 6), ax);
    code.shr(rax, 16);
    code.mov(dword(rdi, 8), eax);
    code.mov(dword(rdi, 12), 0);
    code.add(rdi, gateBytes);
    code.inc(ecx);
    code.cmp(ecx, vectorCount);
    code.jne('.gate');
    for (const { vector, stack } of exceptions) {
      if (stack !== 0) code.mov(byte(rbx, gateBytes * vector + 4), stack);
    }
    code.mov(word(rsp), vectorCount * gateBytes - 1);
    code.mov(qword(rsp, 2), rbx);
    code.lidt(memory(rsp));
  });
}

/**
 * The entry of every vector. Exceptions get a frame of one shape: an error code, 0 where the
 * processor pushes none.
 */
function emitStubs(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const withErrorCode = new Set(
    exceptions.filter(({ errorCode }) => errorCode).map((row) => row.vector),
  );
  for (let vector = 0; vector < vectorCount; vector++) {
    code.label(`vector_${vector}`);
    if (vector < exceptionCount) {
      if (!withErrorCode.has(vector)) code.push(0);
      code.push(vector);
      code.jmp('exception_common');
    } else if (vector === vectors.lapicTimer) {
      code.jmp('interrupt_timer');
    } else if (vector < vectors.vectorOfGsi0 || vector === vectors.lapicSpurious) {
      // Vectors that nothing is programmed to raise.
      code.jmp('interrupt_spurious');
    } else {
      emitLineStub(nucleus, vector, vector - vectors.vectorOfGsi0);
    }
  }
}

export function emitDescriptors(nucleus: NucleusCode): void {
  emitGdt(nucleus);
  emitIdt(nucleus);
  emitStubs(nucleus);
}

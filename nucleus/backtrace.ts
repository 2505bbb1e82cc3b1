/**
 * Names for addresses, and the chain of frames that rbp leads through. Used for exception reports
 * on metal and on Linux. The table of names is made by the linker (link/symbol_table.ts).
 */
import { wasmTraps } from '../tables/wasm_traps.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, ecx, rdx, edx, rsi, rdi, r12, r13, r14, r14d } = registers;

export const symbolTableName = 'nucleus_symbols';
const framesMax = 48;

/**
 * console_symbol(rdi: address) writes `name+0xoffset`, or nothing when the address is not in the
 * image.
 */
function emitSymbol(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('console_symbol', { saves: [rbx, r12, r13] }, () => {
    code.lea(rax, memory('__text_start'));
    code.cmp(rdi, rax);
    code.jb('.return');
    code.lea(rax, memory('__text_end'));
    code.cmp(rdi, rax);
    code.jae('.return');
    code.lea(rax, memory('__image_start'));
    code.sub(rdi, rax);
    code.lea(rbx, memory(symbolTableName));
    // The last function that begins at or below: first is below or equal, limit is above.
    code.xor(eax, eax);
    code.mov(ecx, dword(rbx));
    code.label('.search');
    code.mov(edx, ecx);
    code.sub(edx, eax);
    code.cmp(edx, 1);
    code.jbe('.found');
    code.shr(edx, 1);
    code.add(edx, eax);
    code.mov(registers.esi, dword(rbx, { index: rdx, scale: 8, disp: 4 }));
    code.cmp(rsi, rdi);
    code.cmovbe(eax, edx);
    code.cmova(ecx, edx);
    code.jmp('.search');
    code.label('.found');
    code.mov(edx, dword(rbx, { index: rax, scale: 8, disp: 4 }));
    code.mov(r12, rdi);
    code.sub(r12, rdx);
    code.jb('.return');
    code.mov(edx, dword(rbx, { index: rax, scale: 8, disp: 8 }));
    code.lea(r13, memory(rbx, { index: rdx }));
    nucleus.print('  ');
    code.mov(rdi, r13);
    code.call('console_text');
    nucleus.print('+', { hex: r12 });
  });
}

/**
 * console_backtrace(rdi: rip, rsi: rbp). Every frame pointer must lie in the stack (stack_bounds()
 * of the platform), be aligned and above the one before, so that a broken chain ends the trace and
 * nothing else.
 */
function emitBacktrace(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('backtrace_low', 8);
  nucleus.variable('backtrace_high', 8);
  nucleus.procedure('console_backtrace', { saves: [rbx, r12, r13, r14] }, () => {
    code.mov(rbx, rdi);
    code.mov(r12, rsi);
    code.call('stack_bounds');
    code.mov(qword('backtrace_low'), rdx);
    code.mov(qword('backtrace_high'), registers.rcx);
    code.mov(r14d, framesMax);
    code.label('.frame');
    nucleus.print('  ', { hex: rbx });
    code.mov(rdi, rbx);
    code.call('console_symbol');
    nucleus.print('\n');
    code.dec(r14d);
    code.je('.return');
    code.test(r12, 7);
    code.jne('.return');
    code.cmp(r12, qword('backtrace_low'));
    code.jb('.return');
    code.lea(rax, memory(r12, 16));
    code.cmp(rax, qword('backtrace_high'));
    code.ja('.return');
    code.mov(rbx, qword(r12, 8));
    code.mov(r13, qword(r12));
    code.test(rbx, rbx);
    code.je('.return');
    code.mov(qword('backtrace_low'), rax);
    code.mov(r12, r13);
    code.jmp('.frame');
  });
}

/** vm_trap(edi: code): compiled Wasm found something that its specification says must stop it. */
function emitTrap(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('vm_trap', { saves: [rbx] }, () => {
    code.mov(registers.ebx, registers.edi);
    nucleus.print('\nVM trap ', { decimal: registers.ebx });
    for (const { code: number, text } of wasmTraps) {
      code.cmp(registers.ebx, number);
      code.jne(`.not_${number}`);
      nucleus.print(`: ${text}`);
      code.label(`.not_${number}`);
    }
    nucleus.line('');
    nucleus.line('backtrace:');
    code.lea(rdi, memory('.here'));
    code.label('.here');
    code.mov(rsi, registers.rbp);
    code.call('console_backtrace');
    code.call('stop_failed');
  });
}

export function emitBacktraces(nucleus: NucleusCode): void {
  emitTrap(nucleus);
  emitSymbol(nucleus);
  emitBacktrace(nucleus);
}

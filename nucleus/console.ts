/**
 * Text and numbers for boot lines and reports, on top of `console_write(rdi: bytes, rsi: count)`,
 * which the platform provides (nucleus/serial.ts on metal, nucleus/linux_host.ts on Linux).
 */
import { byte, memory, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, rcx, ecx, edx, dl, rdi, rsi, rsp } = registers;

const digitsBytes = 32;

/** console_text(rdi: zero-terminated text). */
function emitText({ code, procedure }: Emitting): void {
  procedure('console_text', {}, () => {
    code.xor(eax, eax);
    code.mov(rsi, rdi);
    code.label('.length');
    code.cmp(byte(rsi), 0);
    code.je('.found');
    code.inc(rsi);
    code.jmp('.length');
    code.label('.found');
    code.sub(rsi, rdi);
    code.call('console_write');
  });
}

/**
 * console_hex(rdi) writes 0x and the digits without leading zeros; console_decimal(rdi) the decimal
 * number.
 */
function emitNumber({ code, procedure }: Emitting, name: string, radix: 10 | 16): void {
  procedure(name, { saves: [rbx], locals: digitsBytes }, () => {
    // Digits are made from the last one on, backwards from the end of the buffer.
    code.mov(rax, rdi);
    code.lea(rbx, memory(rsp, digitsBytes));
    code.mov(ecx, radix);
    code.label('.digit');
    code.xor(edx, edx);
    code.div(rcx);
    code.add(edx, 0x30);
    code.cmp(edx, 0x39);
    code.jbe('.store');
    code.add(edx, 0x61 - 0x3a);
    code.label('.store');
    code.dec(rbx);
    code.mov(byte(rbx), dl);
    code.test(rax, rax);
    code.jne('.digit');
    if (radix === 16) {
      code.sub(rbx, 2);
      code.mov(byte(rbx), 0x30);
      code.mov(byte(rbx, 1), 0x78);
    }
    code.mov(rdi, rbx);
    code.lea(rsi, memory(rsp, digitsBytes));
    code.sub(rsi, rbx);
    code.call('console_write');
  });
}

interface Emitting {
  readonly code: NucleusCode['code'];
  readonly procedure: NucleusCode['procedure'];
}

export function emitConsole(nucleus: NucleusCode): void {
  const emitting = { code: nucleus.code, procedure: nucleus.procedure.bind(nucleus) };
  emitText(emitting);
  emitNumber(emitting, 'console_decimal', 10);
  emitNumber(emitting, 'console_hex', 16);
}

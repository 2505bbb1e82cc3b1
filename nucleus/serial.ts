/**
 * COM1, polled: set-up, and `console_write` for boot lines, reports and the VM's debugWrite.
 * PC16550D data sheet, register values in tables/uart.
 */
import { com1 } from '../tables/memory_map.ts';
import { lineStatus, uart, uartSetUp } from '../tables/uart.ts';
import { byte, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { al, bl, ebx, rbx, ecx, dx, rdi, rsi, r12, r13 } = registers;

/** Rounds of waiting for the transmitter: a machine without a UART must not stop the boot. */
const waitRounds = 1_000_000;

/** Waits until bits of the line status are set, or for `waitRounds`. Changes rax, rcx and rdx. */
function waitFor({ code }: NucleusCode, bits: number, label: string): void {
  code.mov(ecx, waitRounds);
  code.mov(dx, com1.port + uart.lineStatus);
  code.label(label);
  code.in(al, dx);
  code.test(al, bits);
  code.jne(`${label}_done`);
  code.pause();
  code.dec(ecx);
  code.jne(label);
  code.label(`${label}_done`);
}

function emitSend(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // serial_send(dil: byte) sends one byte as it is.
  nucleus.procedure('serial_send', { saves: [rbx] }, () => {
    code.mov(ebx, registers.edi);
    waitFor(nucleus, lineStatus.holdingEmpty, '.wait');
    code.mov(dx, com1.port + uart.data);
    code.mov(al, bl);
    code.out(dx, al);
  });
}

/** console_write(rdi: bytes, rsi: count): a line feed is sent as carriage return and line feed. */
function emitWrite(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('console_write', { saves: [rbx, r12, r13] }, () => {
    code.mov(r12, rdi);
    code.mov(r13, rsi);
    code.label('.next');
    code.test(r13, r13);
    code.je('.return');
    code.movzx(ebx, byte(r12));
    code.cmp(ebx, 0x0a);
    code.jne('.send');
    code.mov(registers.edi, 0x0d);
    code.call('serial_send');
    code.label('.send');
    code.mov(registers.edi, ebx);
    code.call('serial_send');
    code.inc(r12);
    code.dec(r13);
    code.jmp('.next');
  });
}

export function emitSerial(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('serial_start', {}, () => {
    for (const [offset, value] of uartSetUp) {
      code.mov(dx, com1.port + offset);
      code.mov(al, value);
      code.out(dx, al);
    }
  });
  nucleus.procedure('serial_drain', {}, () =>
    waitFor(nucleus, lineStatus.transmitterEmpty, '.wait'),
  );
  emitSend(nucleus);
  emitWrite(nucleus);
}

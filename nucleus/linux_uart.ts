/**
 * A 16550 on standard input and output, for the Linux host layer: the driver in os/ is the same as
 * on metal. PC16550D data sheet; offsets in tables/uart.
 *
 * What is written is sent at once, as far as the driver can see (it is collected and written before
 * the VM waits); what is received comes from standard input, at most a FIFO at a time. The
 * interrupt line is edge-triggered, as COM1's is: an entry is made when (received data and its
 * enable) or (holding register empty and its enable) becomes true.
 */
import { standardStreams } from '../tables/host_files.ts';
import { descriptorsOf, POLLIN, pollfd, syscalls, timespec } from '../tables/linux_host.ts';
import { com1, vectors, virtual } from '../tables/memory_map.ts';
import {
  interruptEnable,
  interruptIdentification,
  lineControl,
  lineStatus,
  uart,
} from '../tables/uart.ts';
import { byte, dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, ebx, rcx, ecx, rdx, edx, rsi, esi, rdi, edi, rsp, sil } = registers;

const fifoBytes = 16;
const outputBytes = 4096;
/** OUT2 connects the UART's interrupt to the machine. */
const out2 = 0x08;
/** Carrier, data set ready, clear to send. */
const modemReady = 0xb0;
/**
 * Standard input is asked at most once in about this many ticks of the time-stamp counter: some 0.3
 * ms.
 */
export const pollCounts = 1_000_000;

const variables = [
  'uart_interrupt_enable',
  'uart_line_control',
  'uart_modem_control',
  'uart_scratch',
  'uart_divisor_low',
  'uart_divisor_high',
  /** Whether an empty holding register has not been reported yet. */
  'uart_holding_empty',
  'uart_line',
  'uart_pending',
  'uart_ended',
  'uart_ports_granted',
  'uart_interrupt_granted',
  'uart_received_first',
  'uart_received_count',
  'uart_output_count',
] as const;

const field = (name: (typeof variables)[number]) => dword(name);

export function linuxCall({ code }: NucleusCode, name: keyof typeof syscalls): void {
  code.mov(eax, syscalls[name]);
  code.syscall();
}

function emitVariables(nucleus: NucleusCode): void {
  for (const name of variables) nucleus.variable(name, 4, 4);
  nucleus.variable('uart_received', fifoBytes);
  nucleus.variable('uart_output', outputBytes);
  nucleus.variable('uart_polled_at', 8);
}

/** uart_flush() writes what was sent. Output that nobody takes any more is dropped. */
function emitFlush(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('uart_flush', { saves: [rbx] }, () => {
    code.xor(ebx, ebx);
    code.label('.more');
    code.mov(edx, field('uart_output_count'));
    code.sub(edx, ebx);
    code.je('.done');
    code.mov(edi, descriptorsOf.stdout);
    code.lea(rsi, memory('uart_output'));
    code.add(rsi, rbx);
    linuxCall(nucleus, 'write');
    code.test(rax, rax);
    code.jle('.done');
    code.add(ebx, eax);
    code.jmp('.more');
    code.label('.done');
    code.mov(field('uart_output_count'), 0);
  });
}

/** uart_update() makes an interrupt pending when the line rises. */
function emitUpdate(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('uart_update', {}, () => {
    code.xor(eax, eax);
    code.test(field('uart_modem_control'), out2);
    code.je('.known');
    code.mov(ecx, field('uart_interrupt_enable'));
    code.test(ecx, interruptEnable.received);
    code.je('.sender');
    code.cmp(field('uart_received_count'), 0);
    code.jne('.high');
    code.label('.sender');
    code.test(ecx, interruptEnable.holdingEmpty);
    code.je('.known');
    code.cmp(field('uart_holding_empty'), 0);
    code.je('.known');
    code.label('.high');
    code.mov(eax, 1);
    code.label('.known');
    code.cmp(eax, field('uart_line'));
    code.mov(field('uart_line'), eax);
    code.jbe('.return');
    code.mov(field('uart_pending'), 1);
  });
}

/**
 * uart_receive() takes what standard input has, when the FIFO is empty and the last try was long
 * enough ago.
 */
function emitReceive(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('uart_receive', { locals: 32 }, () => {
    // A program of the host reads its input itself.
    code.cmp(qword('guest_command'), 0);
    code.jne('.return');
    code.cmp(field('uart_received_count'), 0);
    code.jne('.return');
    code.cmp(field('uart_ended'), 0);
    code.jne('.return');
    code.rdtsc();
    code.shl(rdx, 32);
    code.or(rax, rdx);
    code.mov(rcx, rax);
    code.sub(rcx, qword('uart_polled_at'));
    code.cmp(rcx, pollCounts);
    code.jb('.return');
    code.mov(qword('uart_polled_at'), rax);
    code.mov(qword(rsp, timespec.seconds), 0);
    code.mov(qword(rsp, timespec.nanoseconds), 0);
    code.mov(rdi, rsp);
    code.call('uart_poll');
  });
  // uart_poll(rdi: timespec, or 0 to wait without end) waits for standard input and reads it.
  nucleus.procedure('uart_poll', { locals: 16 }, () => {
    code.cmp(qword('guest_command'), 0);
    code.je('.own');
    code.call('streams_poll');
    code.jmp('.return');
    code.label('.own');
    code.mov(rdx, rdi);
    code.mov(dword(rsp, pollfd.descriptor), descriptorsOf.stdin);
    code.mov(dword(rsp, pollfd.events), POLLIN);
    code.mov(rdi, rsp);
    code.mov(esi, 1);
    // Without a FIFO to fill there is nothing to wait for but the time.
    code.mov(eax, field('uart_received_count'));
    code.or(eax, field('uart_ended'));
    code.je('.poll');
    code.xor(esi, esi);
    code.label('.poll');
    code.xor(registers.r10d, registers.r10d);
    linuxCall(nucleus, 'ppoll');
    code.cmp(rax, 1);
    code.jne('.return');
    code.xor(edi, edi);
    code.lea(rsi, memory('uart_received'));
    code.mov(edx, fifoBytes);
    linuxCall(nucleus, 'read');
    code.test(rax, rax);
    code.jle('.ended');
    code.mov(field('uart_received_first'), 0);
    code.mov(field('uart_received_count'), eax);
    code.call('uart_update');
    code.jmp('.return');
    code.label('.ended');
    code.mov(field('uart_ended'), 1);
  });
}

/** Jumps to the label of register `edi`; falls through for a number that is no register. */
function dispatch({ code }: NucleusCode, labels: Readonly<Record<number, string>>): void {
  for (const [offset, label] of Object.entries(labels)) {
    code.cmp(edi, Number(offset));
    code.je(label);
  }
}

/**
 * edi -= COM1's first port; jumps to `.refused` when the port is not one of its or was not granted.
 */
function checkPort({ code }: NucleusCode): void {
  code.sub(edi, com1.port);
  code.cmp(edi, com1.ports);
  code.jae('.refused');
  code.cmp(field('uart_ports_granted'), 0);
  code.je('.refused');
}

function emitOut(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_portOut8', { saves: [rbx] }, () => {
    checkPort(nucleus);
    code.movzx(ebx, sil);
    code.test(field('uart_line_control'), lineControl.divisorAccess);
    code.je('.plain');
    dispatch(nucleus, { [uart.data]: '.divisor_low', [uart.interruptEnable]: '.divisor_high' });
    code.label('.plain');
    dispatch(nucleus, {
      [uart.data]: '.data',
      [uart.interruptEnable]: '.enable',
      [uart.interruptIdentification]: '.fifo',
      [uart.lineControl]: '.line',
      [uart.modemControl]: '.modem',
      [uart.scratch]: '.scratch',
    });
    code.jmp('.return');
    code.label('.data');
    code.mov(ecx, field('uart_output_count'));
    code.lea(rdx, memory('uart_output'));
    code.mov(byte(rdx, { index: rcx }), registers.bl);
    code.inc(ecx);
    code.mov(field('uart_output_count'), ecx);
    code.cmp(ecx, outputBytes);
    code.jb('.sent');
    code.call('uart_flush');
    code.label('.sent');
    // Full for a moment, then empty again: a rising edge.
    code.mov(field('uart_holding_empty'), 0);
    code.call('uart_update');
    code.jmp('.now_empty');
    code.label('.enable');
    code.and(ebx, 0x0f);
    code.mov(eax, field('uart_interrupt_enable'));
    code.mov(field('uart_interrupt_enable'), ebx);
    code.not(eax);
    code.and(eax, ebx);
    code.test(eax, interruptEnable.holdingEmpty);
    code.je('.update');
    code.label('.now_empty');
    code.mov(field('uart_holding_empty'), 1);
    code.jmp('.update');
    code.label('.fifo');
    code.test(ebx, 0x02);
    code.je('.return');
    code.mov(field('uart_received_count'), 0);
    code.jmp('.update');
    for (const [label, name] of [
      ['.line', 'uart_line_control'],
      ['.modem', 'uart_modem_control'],
      ['.scratch', 'uart_scratch'],
      ['.divisor_low', 'uart_divisor_low'],
      ['.divisor_high', 'uart_divisor_high'],
    ] as const) {
      code.label(label);
      code.mov(field(name), ebx);
      code.jmp('.update');
    }
    code.label('.update');
    code.call('uart_update');
    code.label('.refused');
  });
}

/** ebx = the interrupt identification register, received data before an empty holding register. */
function identification({ code }: NucleusCode): void {
  code.mov(ebx, interruptIdentification.fifo | interruptIdentification.received);
  code.test(field('uart_interrupt_enable'), interruptEnable.received);
  code.je('.not_received');
  code.cmp(field('uart_received_count'), 0);
  code.jne('.give');
  code.label('.not_received');
  code.mov(ebx, interruptIdentification.fifo | interruptIdentification.none);
  code.test(field('uart_interrupt_enable'), interruptEnable.holdingEmpty);
  code.je('.give');
  code.cmp(field('uart_holding_empty'), 0);
  code.je('.give');
  // Telling it is what takes the cause away.
  code.mov(ebx, interruptIdentification.fifo | interruptIdentification.holdingEmpty);
  code.mov(field('uart_holding_empty'), 0);
  code.call('uart_update');
  code.jmp('.give');
}

function emitIn(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_portIn8', { saves: [rbx] }, () => {
    checkPort(nucleus);
    code.test(field('uart_line_control'), lineControl.divisorAccess);
    code.je('.plain');
    dispatch(nucleus, { [uart.data]: '.divisor_low', [uart.interruptEnable]: '.divisor_high' });
    code.label('.plain');
    dispatch(nucleus, {
      [uart.data]: '.data',
      [uart.interruptEnable]: '.enable',
      [uart.interruptIdentification]: '.identification',
      [uart.lineControl]: '.line',
      [uart.modemControl]: '.modem',
      [uart.lineStatus]: '.status',
      [uart.modemStatus]: '.modem_status',
    });
    code.mov(eax, field('uart_scratch'));
    code.jmp('.return');
    code.label('.data');
    code.xor(ebx, ebx);
    code.mov(ecx, field('uart_received_count'));
    code.sub(ecx, 1);
    code.jb('.give');
    code.mov(field('uart_received_count'), ecx);
    code.mov(ecx, field('uart_received_first'));
    code.lea(rdx, memory('uart_received'));
    code.movzx(ebx, byte(rdx, { index: rcx }));
    code.inc(field('uart_received_first'));
    code.call('uart_update');
    code.jmp('.give');
    code.label('.identification');
    identification(nucleus);
    code.label('.status');
    code.call('uart_receive');
    code.mov(ebx, lineStatus.holdingEmpty | lineStatus.transmitterEmpty);
    code.cmp(field('uart_received_count'), 0);
    code.je('.give');
    code.or(ebx, lineStatus.dataReady);
    code.label('.give');
    code.mov(eax, ebx);
    code.jmp('.return');
    code.label('.modem_status');
    code.mov(eax, modemReady);
    code.jmp('.return');
    for (const [label, name] of [
      ['.enable', 'uart_interrupt_enable'],
      ['.line', 'uart_line_control'],
      ['.modem', 'uart_modem_control'],
      ['.divisor_low', 'uart_divisor_low'],
      ['.divisor_high', 'uart_divisor_high'],
    ] as const) {
      code.label(label);
      code.mov(eax, field(name));
      code.jmp('.return');
    }
    code.label('.refused');
    code.mov(eax, 0xff);
  });
}

/**
 * host_grant and host_revoke: COM1's ports and its interrupt line exist, and that of the standard
 * streams; nothing else does.
 */
function emitGrants(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const resources = [
    { kind: 0, first: com1.port, count: com1.ports, flag: 'uart_ports_granted' },
    { kind: 2, first: com1.gsi, count: 1, flag: 'uart_interrupt_granted' },
    { kind: 2, first: standardStreams.gsi, count: 1, flag: 'streams_granted' },
  ] as const;
  for (const revoke of [false, true]) {
    nucleus.procedure(revoke ? 'host_revoke' : 'host_grant', {}, () => {
      for (const { kind, first, count, flag } of resources) {
        code.cmp(edi, kind);
        code.jne(`.not_${flag}`);
        code.cmp(rsi, first);
        code.jne(`.not_${flag}`);
        code.cmp(rdx, count);
        code.jne(`.not_${flag}`);
        code.mov(ecx, revoke ? 0 : 1);
        code.xchg(dword(flag), ecx);
        // Granted already: an overlap.
        code.imul(eax, ecx, 3);
        code.jmp('.return');
        code.label(`.not_${flag}`);
      }
      code.mov(eax, 1);
    });
  }
}

/** host_nextInterrupt(edi: linear, rsi) */
function emitNext(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_nextInterrupt', { saves: [rbx] }, () => {
    code.mov(ebx, edi);
    code.call('uart_flush');
    code.call('uart_receive');
    code.call('streams_look');
    code.mov(edx, vectors.vectorOfGsi0 + standardStreams.gsi);
    code.xor(eax, eax);
    code.xchg(dword('streams_pending'), eax);
    code.test(eax, eax);
    code.jne('.deliver');
    code.cmp(field('uart_interrupt_granted'), 0);
    code.je('.return');
    code.xchg(field('uart_pending'), eax);
    code.test(eax, eax);
    code.je('.return');
    code.mov(edx, vectors.vectorOfGsi0 + com1.gsi);
    code.label('.deliver');
    code.movabs(rax, virtual.linearMemoryLinux);
    code.add(rbx, rax);
    code.mov(dword(rbx), edx);
    code.mov(dword(rbx, 4), 0);
    code.call('host_now');
    code.mov(qword(rbx, 8), rax);
    code.mov(eax, 1);
  });
}

export function emitLinuxUart(nucleus: NucleusCode): void {
  emitVariables(nucleus);
  emitFlush(nucleus);
  emitUpdate(nucleus);
  emitReceive(nucleus);
  emitOut(nucleus);
  emitIn(nucleus);
  emitGrants(nucleus);
  emitNext(nucleus);
}

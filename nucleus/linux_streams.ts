/**
 * Standard streams, pipes and signals as a device, for the Linux host layer (tables/host_files.ts,
 * `standardStreams`): what is watched is in one epoll instance, whose own readiness is the device's
 * interrupt. In a program that has a command line for its guest the UART leaves standard input
 * alone.
 */
import { fileRequest, standardStreams, streamEvent } from '../tables/host_files.ts';
import {
  descriptorsOf,
  EPOLLONESHOT,
  epollControl,
  O_CLOEXEC,
  O_NONBLOCK,
  POLLIN,
  POLLOUT,
  pollfd,
  signalMask,
  terminalRequests,
  termios,
  timespec,
} from '../tables/linux_host.ts';
import { vectors } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { byte, dword, memory, qword, registers } from '../x86_64/operands.ts';
import { linuxCall, pollCounts } from './linux_uart.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, edi, esi, rdi, rsi, rsp, r10, r10d, r12 } = registers;

export const streamsVector = vectors.vectorOfGsi0 + standardStreams.gsi;
const signalSetBytes = 8;
/** Most bytes that a pipe with any room takes without waiting (PIPE_BUF). */
const writeBytesMax = 4096;

const field = (name: keyof typeof fileRequest) => dword(rbx, fileRequest[name]);

function emitInterrupt(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of ['streams_granted', 'streams_armed', 'streams_pending']) {
    nucleus.variable(name, 4, 4);
  }
  nucleus.variable('streams_polled_at', 8);
  nucleus.procedure('host_interruptUnmask', {}, () => {
    code.cmp(edi, streamsVector);
    code.jne('.return');
    code.mov(eax, dword('streams_granted'));
    code.mov(dword('streams_armed'), eax);
  });
  // streams_poll(rdi: timespec, or 0 to wait without end)
  nucleus.procedure('streams_poll', { locals: 16 }, () => {
    code.mov(rdx, rdi);
    code.mov(eax, dword('epoll_above'));
    code.dec(eax);
    code.mov(dword(rsp, pollfd.descriptor), eax);
    code.mov(dword(rsp, pollfd.events), POLLIN);
    code.mov(rdi, rsp);
    code.mov(esi, dword('streams_armed'));
    code.xor(r10d, r10d);
    linuxCall(nucleus, 'ppoll');
    code.cmp(rax, 1);
    code.jne('.return');
    code.mov(dword('streams_armed'), 0);
    code.mov(dword('streams_pending'), 1);
  });
  // streams_look(): now and then, while the VM is busy
  nucleus.procedure('streams_look', { locals: timespec.bytes }, () => {
    code.cmp(dword('streams_armed'), 0);
    code.je('.return');
    code.rdtsc();
    code.shl(rdx, 32);
    code.or(rax, rdx);
    code.mov(rcx, rax);
    code.sub(rcx, qword('streams_polled_at'));
    code.cmp(rcx, pollCounts);
    code.jb('.return');
    code.mov(qword('streams_polled_at'), rax);
    code.mov(qword(rsp, timespec.seconds), 0);
    code.mov(qword(rsp, timespec.nanoseconds), 0);
    code.mov(rdi, rsp);
    code.call('streams_poll');
  });
}

/** file_watch() and file_ready() for the request at rbx, linear memory at r12. */
function emitWatch(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // The epoll instance's descriptor and 1; 0 while there is none.
  nucleus.variable('epoll_above', 4, 4);
  nucleus.procedure('file_watch', { locals: 16 }, () => {
    code.cmp(dword('epoll_above'), 0);
    code.jne('.there');
    code.mov(edi, O_CLOEXEC);
    linuxCall(nucleus, 'epoll_create1');
    code.test(rax, rax);
    code.js('.return');
    code.inc(eax);
    code.mov(dword('epoll_above'), eax);
    code.label('.there');
    code.mov(eax, field('flags'));
    code.or(eax, EPOLLONESHOT);
    code.mov(dword(rsp, streamEvent.events), eax);
    code.mov(eax, field('descriptor'));
    code.mov(qword(rsp, streamEvent.descriptor), rax);
    code.mov(esi, epollControl.remove);
    code.cmp(field('flags'), 0);
    code.je('.control');
    code.mov(esi, epollControl.change);
    code.label('.control');
    code.mov(edi, dword('epoll_above'));
    code.dec(edi);
    code.mov(edx, field('descriptor'));
    code.mov(r10, rsp);
    linuxCall(nucleus, 'epoll_ctl');
    code.cmp(rax, -posixErrors.enoent);
    code.jne('.return');
    code.mov(esi, epollControl.add);
    code.cmp(field('flags'), 0);
    code.jne('.control');
  });
  nucleus.procedure('file_ready', {}, () => {
    code.xor(eax, eax);
    code.mov(edi, dword('epoll_above'));
    code.sub(edi, 1);
    code.jb('.return');
    code.mov(eax, field('buffer'));
    code.lea(rsi, memory(rax, { index: r12 }));
    code.xor(edx, edx);
    code.mov(eax, field('bytes'));
    code.mov(ecx, streamEvent.bytes);
    code.div(ecx);
    code.mov(edx, eax);
    code.xor(r10d, r10d);
    linuxCall(nucleus, 'epoll_wait');
  });
}

/**
 * file_writeStream(): what standard output and error are may belong to others, too, so they cannot
 * be made non-blocking: a little at a time when they have room.
 */
function emitWrite(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('file_writeStream', { locals: 32 }, () => {
    code.cmp(field('descriptor'), descriptorsOf.stderr);
    code.ja('.write');
    code.mov(eax, field('descriptor'));
    code.mov(dword(rsp, pollfd.descriptor), eax);
    code.mov(dword(rsp, pollfd.events), POLLOUT);
    code.mov(qword(rsp, 16 + timespec.seconds), 0);
    code.mov(qword(rsp, 16 + timespec.nanoseconds), 0);
    code.mov(rdi, rsp);
    code.mov(esi, 1);
    code.lea(rdx, memory(rsp, 16));
    code.xor(r10d, r10d);
    linuxCall(nucleus, 'ppoll');
    code.test(rax, rax);
    code.js('.return');
    code.mov(rax, -posixErrors.eagain);
    code.je('.return');
    code.label('.write');
    code.mov(edi, field('descriptor'));
    code.mov(eax, field('buffer'));
    code.lea(rsi, memory(rax, { index: r12 }));
    code.mov(edx, field('bytes'));
    code.cmp(edi, descriptorsOf.stderr);
    code.ja('.all');
    code.mov(ecx, writeBytesMax);
    code.cmp(edx, ecx);
    code.cmova(edx, ecx);
    code.label('.all');
    linuxCall(nucleus, 'write');
  });
}

/** file_signals(): a set of signals is blocked, and read from a descriptor. */
function emitSignals(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('file_signals', {}, () => {
    code.mov(edi, signalMask.block);
    code.lea(rsi, memory(rbx, fileRequest.first));
    code.xor(edx, edx);
    code.mov(r10d, signalSetBytes);
    linuxCall(nucleus, 'rt_sigprocmask');
    code.mov(rdi, -1);
    code.lea(rsi, memory(rbx, fileRequest.first));
    code.mov(edx, signalSetBytes);
    code.mov(r10d, O_CLOEXEC | O_NONBLOCK);
    linuxCall(nucleus, 'signalfd4');
  });
}

/**
 * file_terminalMode(): keys as they are pressed, without echo and signals; output as it was.
 * terminal_restore() puts everything back, whoever ends the program.
 */
function emitTerminal(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('terminal_found', termios.bytes, 8);
  nucleus.variable('terminal_now', termios.bytes, 8);
  // The terminal whose mode was changed, and 1.
  nucleus.variable('terminal_above', 4, 4);
  nucleus.procedure('file_terminalMode', {}, () => {
    code.cmp(field('flags'), 0);
    code.jne('.keys');
    code.call('terminal_restore');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.keys');
    code.mov(edi, field('descriptor'));
    code.mov(esi, terminalRequests.get);
    code.lea(rdx, memory('terminal_now'));
    linuxCall(nucleus, 'ioctl');
    code.test(rax, rax);
    code.js('.return');
    code.mov(eax, field('descriptor'));
    code.inc(eax);
    code.xchg(dword('terminal_above'), eax);
    code.test(eax, eax);
    code.jne('.known');
    code.mov(edi, field('descriptor'));
    code.mov(esi, terminalRequests.get);
    code.lea(rdx, memory('terminal_found'));
    linuxCall(nucleus, 'ioctl');
    code.label('.known');
    code.and(dword('terminal_now', termios.input), ~termios.inputLine);
    code.and(dword('terminal_now', termios.local), ~termios.localLine);
    code.mov(byte('terminal_now', termios.controlCharacters + termios.timeAt), 0);
    code.mov(byte('terminal_now', termios.controlCharacters + termios.minimumAt), 1);
    code.mov(edi, field('descriptor'));
    code.mov(esi, terminalRequests.setNow);
    code.lea(rdx, memory('terminal_now'));
    linuxCall(nucleus, 'ioctl');
  });
  nucleus.procedure('terminal_restore', {}, () => {
    code.xor(edi, edi);
    code.xchg(dword('terminal_above'), edi);
    code.sub(edi, 1);
    code.jb('.return');
    code.mov(esi, terminalRequests.setNow);
    code.lea(rdx, memory('terminal_found'));
    linuxCall(nucleus, 'ioctl');
  });
}

export function emitLinuxStreams(nucleus: NucleusCode): void {
  emitInterrupt(nucleus);
  emitWatch(nucleus);
  emitWrite(nucleus);
  emitSignals(nucleus);
  emitTerminal(nucleus);
}

/**
 * Standard streams as a device, for the Linux host layer (tables/host_files.ts, `standardStreams`):
 * its interrupt comes when standard input has something to read or has ended. In a program that has
 * a command line for its guest the UART leaves standard input alone.
 */
import { standardStreams } from '../tables/host_files.ts';
import { descriptorsOf, POLLIN, pollfd, timespec } from '../tables/linux_host.ts';
import { vectors } from '../tables/memory_map.ts';
import { dword, qword, registers } from '../x86_64/operands.ts';
import { linuxCall, pollCounts } from './linux_uart.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, rcx, rdx, edi, esi, rdi, rsp, r10d } = registers;

export const streamsVector = vectors.vectorOfGsi0 + standardStreams.gsi;

export function emitLinuxStreams(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of ['streams_granted', 'streams_armed', 'streams_pending']) {
    nucleus.variable(name, 4, 4);
  }
  nucleus.variable('streams_polled_at', 8);
  nucleus.procedure('host_interruptUnmask', {}, () => {
    code.cmp(edi, streamsVector);
    code.jne('.return');
    code.mov(registers.eax, dword('streams_granted'));
    code.mov(dword('streams_armed'), registers.eax);
  });
  // streams_poll(rdi: timespec, or 0 to wait without end)
  nucleus.procedure('streams_poll', { locals: 16 }, () => {
    code.mov(rdx, rdi);
    code.mov(dword(rsp, pollfd.descriptor), descriptorsOf.stdin);
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

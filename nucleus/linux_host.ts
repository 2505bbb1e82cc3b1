/**
 * The host layer of `--target linux`: the functions of tables/host as system calls, so that the
 * VM's machine code runs as a Linux program, `PROGRAM ARCHIVE [MEMORY_MIB [MOUNT]...]`; a MOUNT is
 * HOST:GUEST or HOST:GUEST:ro (nucleus/linux_files.ts). An executable that has its archive inside
 * takes no such arguments. COM1 is standard input
 * and output (nucleus/linux_uart.ts); boot lines and reports go to standard error. Other ports,
 * device memory and interrupt lines are not granted.
 */

import { powerReset } from '../tables/host.ts';
import {
  clocks,
  descriptorsOf,
  embedded,
  faultSignals,
  MADV_DONTNEED,
  mapping,
  O_RDONLY,
  protection,
  SIGPIPE,
  sigaction,
  sigaltstack,
  siginfo,
  signalFlags,
  signalIgnored,
  stat,
  timespec,
  ucontext,
} from '../tables/linux_host.ts';
import { virtual, wasmPageBytes } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import type { ObjectFile } from '../x86_64/object.ts';
import { byte, dword, memory, qword, registers } from '../x86_64/operands.ts';
import { emitBacktraces } from './backtrace.ts';
import { emitConsole } from './console.ts';
import { emitLinuxFiles } from './linux_files.ts';
import { emitLinuxPrograms } from './linux_programs.ts';
import { emitLinuxStreams } from './linux_streams.ts';
import { emitLinuxUart, linuxCall } from './linux_uart.ts';
import { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, ebx, rcx, ecx, rdx, edx, rsi, esi, rdi, edi, rsp, ebp } = registers;
const { r8, r9, r9d, r10, r10d, r12, r12d, r13, r14 } = registers;

export const linuxEntry = '_start';
const memoryBytesMax = 2 ** 32 - wasmPageBytes;
const pageBytes = 4096;
const signalStackBytes = 65536;
const failureStatus = 255;
const usageStatus = 2;

/** The entry: rsp points to argc, then argv. */
function emitStart(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of ['stack_top', 'linear_bytes', 'archive_linear', 'archive_bytes']) {
    nucleus.variable(name, 8);
  }
  code.function(linuxEntry);
  code.xor(ebp, ebp);
  code.mov(rbx, rsp);
  code.mov(qword('stack_top'), rsp);
  code.and(rsp, -16);
  code.call('signals_catch');
  code.call('descriptors_open');
  code.call('clock_start');
  code.call('command_keep');
  code.call('archive_embedded');
  code.test(eax, eax);
  code.jne('.embedded');
  code.cmp(qword(rbx), 2);
  code.jb('.usage');
  code.mov(eax, 0xffff_ffff);
  code.cmp(qword(rbx), 3);
  code.jb('.size_known');
  code.mov(rdi, qword(rbx, 24));
  code.call('parse_mebibytes');
  code.label('.size_known');
  code.call('linear_size');
  code.mov(rdi, qword(rbx, 16));
  code.call('archive_open');
  code.call('archive_map');
  code.mov(r12d, 3);
  code.jmp('.mount');
  code.label('.embedded');
  code.mov(eax, 0xffff_ffff);
  code.call('linear_size');
  code.call('archive_map');
  code.cmp(qword('guest_command'), 0);
  code.je('.mounted');
  code.lea(rdi, memory('root_mount'));
  code.call('mount_add');
  code.jmp('.mounted');
  code.label('.mount');
  code.mov(eax, r12d);
  code.cmp(rax, qword(rbx));
  code.jae('.mounted');
  code.mov(rdi, qword(rbx, { index: r12, scale: 8, disp: 8 }));
  code.inc(r12d);
  code.call('mount_add');
  code.test(eax, eax);
  code.je('.mount');
  nucleus.line('a mount is HOST:GUEST or HOST:GUEST:ro, and HOST a folder; at most 8');
  code.mov(edi, usageStatus);
  code.call('host_power');
  code.label('.mounted');
  // The 16550 as the nucleus leaves it on metal.
  code.mov(dword('uart_line_control'), 3);
  code.mov(dword('uart_modem_control'), 0x0b);
  code.call('vm_init_memory');
  code.mov(rdi, qword('linear_bytes'));
  code.mov(rsi, qword('archive_linear'));
  code.mov(rdx, qword('archive_bytes'));
  code.call('vm_main');
  nucleus.fail('the VM returned');
  code.label('.usage');
  nucleus.line('usage: PROGRAM ARCHIVE [MEMORY_MIB [MOUNT]...]');
  code.mov(edi, usageStatus);
  code.call('host_power');
}

/** parse_mebibytes(rdi: decimal text) -> bytes; 0 for anything else. */
function emitParse(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('parse_mebibytes', {}, () => {
    code.xor(eax, eax);
    code.label('.digit');
    code.movzx(ecx, byte(rdi));
    code.inc(rdi);
    code.sub(ecx, 0x30);
    code.cmp(ecx, 9);
    code.ja('.end');
    code.imul(eax, eax, 10);
    code.add(eax, ecx);
    code.cmp(eax, 4096);
    code.jbe('.digit');
    code.mov(eax, 4096);
    code.label('.end');
    code.shl(rax, 20);
  });
}

/** linear_size(rax: bytes wanted) decides how large linear memory is. */
function emitLinearSize(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('linear_size', {}, () => {
    code.mov(ecx, memoryBytesMax);
    code.cmp(rax, rcx);
    code.cmova(rax, rcx);
    code.and(rax, -wasmPageBytes);
    code.mov(qword('linear_bytes'), rax);
  });
}

/**
 * archive_open(rdi: path) opens the file that is the boot archive. archive_embedded() -> eax: 1
 * when there is one at the end of this executable (tables/linux_host.ts, `embedded`).
 */
function emitArchiveOpen(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('archive_offset', 8);
  nucleus.variable('archive_descriptor', 8);
  nucleus.data('root_mount', 1, () => code.ascii('/:/\0'), false);
  nucleus.procedure('archive_open', { saves: [rbx, r12], locals: stat.bytes }, () => {
    code.mov(rbx, rdi);
    code.mov(esi, O_RDONLY);
    code.xor(edx, edx);
    linuxCall(nucleus, 'open');
    code.test(rax, rax);
    code.js('.unreadable');
    code.mov(qword('archive_descriptor'), rax);
    code.mov(edi, eax);
    code.mov(rsi, rsp);
    linuxCall(nucleus, 'fstat');
    code.test(rax, rax);
    code.js('.unreadable');
    code.mov(rax, qword(rsp, stat.size));
    code.mov(qword('archive_bytes'), rax);
    code.jmp('.return');
    code.label('.unreadable');
    code.neg(rax);
    code.mov(r12, rax);
    nucleus.print('boot archive ');
    code.mov(rdi, rbx);
    code.call('console_text');
    nucleus.line(' cannot be opened: error ', { decimal: r12 });
    code.call('stop_failed');
  });
  nucleus.procedure('archive_embedded', { locals: embedded.bytes }, () => {
    code.lea(rdi, memory(nucleus.text('/proc/self/exe')));
    code.call('archive_open');
    code.mov(rdi, qword('archive_descriptor'));
    code.mov(rsi, rsp);
    code.mov(edx, embedded.bytes);
    code.mov(r10, qword('archive_bytes'));
    code.sub(r10, embedded.bytes);
    linuxCall(nucleus, 'pread64');
    code.cmp(rax, embedded.bytes);
    code.jne('.none');
    code.movabs(rax, Buffer.from(embedded.magicText).readBigInt64LE());
    code.cmp(rax, qword(rsp, embedded.magic));
    code.jne('.none');
    code.mov(rax, qword(rsp, embedded.offset));
    code.mov(qword('archive_offset'), rax);
    code.mov(rax, qword(rsp, embedded.archiveBytes));
    code.mov(qword('archive_bytes'), rax);
    code.mov(rax, qword(rsp, embedded.flags));
    code.and(eax, embedded.guestCommand);
    code.mov(qword('guest_command'), rax);
    code.mov(eax, 1);
    code.jmp('.return');
    code.label('.none');
    code.xor(eax, eax);
  });
}

/** archive_map() maps linear memory, and the archive at its end. */
function emitArchiveMap(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const map = (flags: number): void => {
    code.mov(edx, protection.read | protection.write);
    code.mov(r10d, flags);
    linuxCall(nucleus, 'mmap');
    // Errors are -4095 to -1.
    code.cmp(rax, -pageBytes);
    code.ja('.no_memory');
  };
  nucleus.procedure('archive_map', { saves: [rbx, r12, r13, r14] }, () => {
    code.mov(r13, qword('archive_bytes'));
    code.lea(r14, memory(r13, wasmPageBytes - 1));
    code.and(r14, -wasmPageBytes);
    code.mov(rax, qword('linear_bytes'));
    code.sub(rax, r14);
    code.jbe('.too_small');
    code.mov(qword('archive_linear'), rax);
    code.movabs(rdi, virtual.linearMemoryLinux);
    code.mov(rsi, qword('linear_bytes'));
    code.mov(r8, -1);
    code.xor(r9d, r9d);
    map(mapping.private | mapping.anonymous | mapping.noReserve | mapping.fixed);
    code.test(r13, r13);
    code.je('.return');
    code.movabs(rdi, virtual.linearMemoryLinux);
    code.add(rdi, qword('archive_linear'));
    code.mov(rsi, r13);
    code.mov(r8, qword('archive_descriptor'));
    code.mov(r9, qword('archive_offset'));
    map(mapping.private | mapping.fixed);
    code.mov(rdi, qword('archive_descriptor'));
    linuxCall(nucleus, 'close');
    code.jmp('.return');
    code.label('.too_small');
    code.mov(rbx, qword('linear_bytes'));
    nucleus.fail('the boot archive has ', { decimal: r13 }, ' bytes, the VM only ', {
      decimal: rbx,
    });
    code.label('.no_memory');
    code.neg(rax);
    code.mov(r12, rax);
    nucleus.fail('linear memory cannot be mapped: error ', { decimal: r12 });
  });
}

/** console_write(rdi, rsi) to standard error, after what the VM wrote to standard output. */
function emitOutput(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('console_write', { saves: [rbx, r12] }, () => {
    code.mov(rbx, rdi);
    code.mov(r12, rsi);
    code.call('uart_flush');
    code.label('.more');
    code.test(r12, r12);
    code.je('.return');
    code.mov(edi, descriptorsOf.stderr);
    code.mov(rsi, rbx);
    code.mov(rdx, r12);
    linuxCall(nucleus, 'write');
    code.test(rax, rax);
    code.jle('.return');
    code.add(rbx, rax);
    code.sub(r12, rax);
    code.jmp('.more');
  });
  nucleus.procedure('host_debugWrite', {}, () => {
    code.mov(edi, edi);
    code.mov(esi, esi);
    code.lea(rax, memory(rdi, { index: rsi }));
    code.cmp(rax, qword('linear_bytes'));
    code.ja('.return');
    code.movabs(rax, virtual.linearMemoryLinux);
    code.add(rdi, rax);
    code.call('console_write');
  });
}

function emitClock(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('clock_at_boot', 8);
  nucleus.variable('wall_clock', 8);
  // clock_read(edi: clock) -> nanoseconds
  nucleus.procedure('clock_read', { locals: timespec.bytes }, () => {
    code.mov(rsi, rsp);
    linuxCall(nucleus, 'clock_gettime');
    code.imul(rax, qword(rsp, timespec.seconds), 1_000_000_000);
    code.add(rax, qword(rsp, timespec.nanoseconds));
  });
  nucleus.procedure('clock_start', {}, () => {
    code.mov(edi, clocks.realtime);
    code.call('clock_read');
    code.mov(qword('wall_clock'), rax);
    code.mov(edi, clocks.monotonic);
    code.call('clock_read');
    code.mov(qword('clock_at_boot'), rax);
  });
  nucleus.procedure('host_now', {}, () => {
    code.mov(edi, clocks.monotonic);
    code.call('clock_read');
    code.sub(rax, qword('clock_at_boot'));
  });
  nucleus.procedure('host_wallClock', {}, () => code.mov(rax, qword('wall_clock')));
}

/** host_wait(rdi: deadline): until standard input has something, or the time has come. */
function emitWait(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_wait', { saves: [rbx], locals: timespec.bytes }, () => {
    code.mov(rbx, rdi);
    code.call('uart_flush');
    code.label('.again');
    code.cmp(dword('streams_pending'), 0);
    code.jne('.return');
    code.cmp(dword('uart_pending'), 0);
    code.je('.idle');
    code.cmp(dword('uart_interrupt_granted'), 0);
    code.jne('.return');
    code.label('.idle');
    code.xor(edi, edi);
    code.cmp(rbx, -1);
    code.je('.poll');
    code.call('host_now');
    code.mov(rcx, rbx);
    code.sub(rcx, rax);
    code.jbe('.return');
    code.mov(rax, rcx);
    code.xor(edx, edx);
    code.mov(ecx, 1_000_000_000);
    code.div(rcx);
    code.mov(qword(rsp, timespec.seconds), rax);
    code.mov(qword(rsp, timespec.nanoseconds), rdx);
    code.mov(rdi, rsp);
    code.label('.poll');
    code.call('uart_poll');
    code.jmp('.again');
  });
}

function emitPower(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_power', { saves: [rbx] }, () => {
    code.mov(ebx, edi);
    code.call('uart_flush');
    code.call('terminal_restore');
    code.mov(edi, ebx);
    // There is no machine to reset: a clean end, as OTP's runtime makes it.
    code.cmp(edi, powerReset);
    code.jne('.program_status');
    code.xor(edi, edi);
    code.label('.program_status');
    // Linux keeps 8 bits of the status: what is not 0 must not become 0.
    code.test(edi, 0xff);
    code.jne('.exit');
    code.test(edi, edi);
    code.je('.exit');
    code.mov(edi, 1);
    code.label('.exit');
    linuxCall(nucleus, 'exit_group');
    code.ud2();
  });
  nucleus.procedure('stop_failed', {}, () => {
    code.mov(edi, failureStatus);
    code.call('host_power');
  });
}

/**
 * host_discard(edi: linear, esi: length): page 0 and the archive keep their memory, as on metal.
 */
function emitMemory(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_discard', {}, () => {
    code.mov(ecx, edi);
    code.mov(eax, esi);
    code.lea(rsi, memory(rcx, { index: rax }));
    code.and(rsi, -pageBytes);
    code.mov(rax, qword('archive_linear'));
    code.cmp(rsi, rax);
    code.cmova(rsi, rax);
    code.lea(rdi, memory(rcx, pageBytes - 1));
    code.and(rdi, -pageBytes);
    code.mov(eax, pageBytes);
    code.cmp(rdi, rax);
    code.cmovb(rdi, rax);
    code.sub(rsi, rdi);
    code.jbe('.return');
    code.movabs(rax, virtual.linearMemoryLinux);
    code.add(rdi, rax);
    code.mov(edx, MADV_DONTNEED);
    linuxCall(nucleus, 'madvise');
  });
  nucleus.procedure('host_entropy', { locals: 16 }, () => {
    code.mov(rdi, rsp);
    code.mov(esi, 8);
    code.xor(edx, edx);
    linuxCall(nucleus, 'getrandom');
    code.mov(rax, qword(rsp));
  });
}

/**
 * What is not there on Linux: other ports, device memory, a simulator's choices.
 */
function emitAbsent(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of ['host_portIn16', 'host_portIn32', 'host_mmioRead']) {
    nucleus.procedure(name, {}, () => code.mov(rax, -1));
  }
  for (const name of ['host_portOut16', 'host_portOut32', 'host_mmioWrite']) {
    nucleus.procedure(name, {}, () => code.xor(eax, eax));
  }
  nucleus.procedure('host_choose', {}, () => code.xor(eax, eax));
  // There is no ring 3 to offer: this program is in it.
  nucleus.procedure('host_taskCall', {}, () => code.mov(rax, -posixErrors.enosys));
}

/** signals_catch(): faults are reported as CPU exceptions are on metal, on a stack of their own. */
function emitSignals(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('signal_stack', signalStackBytes, 16);
  const locals = Math.max(sigaction.bytes, sigaltstack.bytes);
  nucleus.procedure('signals_catch', { locals }, () => {
    code.lea(rax, memory('signal_stack'));
    code.mov(qword(rsp, sigaltstack.address), rax);
    code.mov(qword(rsp, sigaltstack.flags), 0);
    code.mov(qword(rsp, sigaltstack.size), signalStackBytes);
    code.mov(rdi, rsp);
    code.xor(esi, esi);
    linuxCall(nucleus, 'sigaltstack');
    code.lea(rax, memory('signal_report'));
    code.mov(qword(rsp, sigaction.handler), rax);
    // The handler does not return, so the restorer is never called.
    code.mov(qword(rsp, sigaction.restorer), rax);
    const flags = signalFlags.siginfo | signalFlags.onStack | signalFlags.restorer;
    code.mov(qword(rsp, sigaction.flags), flags);
    code.mov(qword(rsp, sigaction.mask), 0);
    for (const { number } of faultSignals) {
      code.mov(edi, number);
      code.mov(rsi, rsp);
      code.xor(edx, edx);
      code.mov(r10d, 8);
      linuxCall(nucleus, 'rt_sigaction');
    }
    // Writing to a pipe that nobody reads is an error of that write.
    code.mov(qword(rsp, sigaction.handler), signalIgnored);
    code.mov(edi, SIGPIPE);
    code.mov(rsi, rsp);
    code.xor(edx, edx);
    code.mov(r10d, 8);
    linuxCall(nucleus, 'rt_sigaction');
  });
  // stack_bounds() -> rdx, rcx: from where the fault happened to the begin of the stack
  nucleus.variable('fault_stack', 8);
  nucleus.procedure('stack_bounds', {}, () => {
    code.mov(rdx, qword('fault_stack'));
    code.test(rdx, rdx);
    code.cmove(rdx, rsp);
    code.mov(rcx, qword('stack_top'));
  });
  nucleus.procedure('signal_report', { saves: [rbx, r12, r13] }, () => {
    code.mov(rbx, rdi);
    code.mov(r12, qword(rsi, siginfo.address));
    code.mov(r13, rdx);
    nucleus.print('\nsignal ', { decimal: rbx });
    for (const { number, name } of faultSignals) {
      code.cmp(rbx, number);
      code.jne(`.not_${number}`);
      nucleus.print(`: ${name}`);
      code.label(`.not_${number}`);
    }
    nucleus.line(', address ', { hex: r12 });
    nucleus.line('backtrace:');
    code.mov(rax, qword(r13, ucontext.rsp));
    code.mov(qword('fault_stack'), rax);
    code.mov(rdi, qword(r13, ucontext.rip));
    code.mov(rsi, qword(r13, ucontext.rbp));
    code.call('console_backtrace');
    code.call('stop_failed');
  });
}

/**
 * The machine code of the Linux host layer, before it is made an object: tests also want its text.
 */
export function linuxHostCode(): NucleusCode {
  const nucleus = new NucleusCode('linux_host');
  emitStart(nucleus);
  emitParse(nucleus);
  emitLinearSize(nucleus);
  emitArchiveOpen(nucleus);
  emitArchiveMap(nucleus);
  emitOutput(nucleus);
  emitConsole(nucleus);
  emitBacktraces(nucleus);
  emitClock(nucleus);
  emitWait(nucleus);
  emitPower(nucleus);
  emitMemory(nucleus);
  emitAbsent(nucleus);
  emitSignals(nucleus);
  emitLinuxFiles(nucleus);
  emitLinuxPrograms(nucleus);
  emitLinuxUart(nucleus);
  emitLinuxStreams(nucleus);
  return nucleus;
}

/**
 * The Linux host layer as an object. It needs vm_main, vm_init_memory and the linker's symbol
 * table.
 */
export function linuxHostObject(): ObjectFile {
  return linuxHostCode().finish();
}

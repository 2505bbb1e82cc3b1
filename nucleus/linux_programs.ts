/**
 * Starting programs, for the Linux host layer (tables/host_files.ts, `start`). The child shares
 * this program's memory until it has become the other program, while this one waits (vfork(2)): so
 * it changes nothing but its own registers, descriptors and the local variables of the procedure.
 */
import { fileRequest, startBlock, startFlags } from '../tables/host_files.ts';
import {
  F_DUPFD,
  F_GETFD,
  F_SETFL,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  SIGPIPE,
  sigaction,
  signalMask,
} from '../tables/linux_host.ts';
import { byte, dword, memory, qword, registers } from '../x86_64/operands.ts';
import { linuxCall } from './linux_uart.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, ebx, rdx, edx, rsi, esi, rdi, edi, rsp, r10d, r12 } = registers;
const { r13, r14, r14d, r15 } = registers;

/**
 * Local variables: both ends of both pipes, the error of a child that could not become the program,
 * and room for a signal's action.
 */
const local = {
  inputEnds: 0,
  outputEnds: 8,
  error: 16,
  status: 24,
  action: 32,
  bytes: 64,
} as const;
const readEnd = 0;
const writeEnd = 4;
/** Where the child keeps its ends, above all descriptors that they become. */
const aboveOthers = 16;
const failureStatus = 127;
const signalSetBytes = 8;
const standardError = 2;
/** Descriptors up to here are closed one by one when the kernel has no close_range. */
const descriptorsMax = 1024;

function emitPipe(nucleus: NucleusCode, flag: number, ends: number, name: string): void {
  const { code } = nucleus;
  code.mov(dword(rsp, ends + readEnd), -1);
  code.mov(dword(rsp, ends + writeEnd), -1);
  code.test(byte(rbx, fileRequest.flags), flag);
  code.je(`.no_${name}`);
  code.lea(rdi, memory(rsp, ends));
  code.mov(esi, O_CLOEXEC | O_NONBLOCK);
  linuxCall(nucleus, 'pipe2');
  code.test(rax, rax);
  code.js('.failed');
  code.label(`.no_${name}`);
}

/** Close a descriptor in a local variable, if there is one. */
function emitClose(nucleus: NucleusCode, at: number): void {
  const { code } = nucleus;
  code.mov(edi, dword(rsp, at));
  linuxCall(nucleus, 'close');
}

/** Move an end of a pipe out of the way of the descriptors that are to be. */
function emitKeep(nucleus: NucleusCode, at: number, name: string): void {
  const { code } = nucleus;
  code.mov(edi, dword(rsp, at));
  code.test(edi, edi);
  code.js(`.without_${name}`);
  code.mov(esi, F_DUPFD);
  code.mov(edx, aboveOthers);
  linuxCall(nucleus, 'fcntl');
  code.mov(dword(rsp, at), eax);
  // The child's end waits, as programs expect it.
  code.mov(edi, eax);
  code.mov(esi, F_SETFL);
  code.xor(edx, edx);
  linuxCall(nucleus, 'fcntl');
  code.label(`.without_${name}`);
}

/**
 * The end becomes descriptor 0 or 1, or 3 or 4: `r14d` is 0 or 3. Without it, 0 and 1 are those of
 * this process; its 3 and 4 are its own.
 */
function emitPlace(nucleus: NucleusCode, at: number, target: number, name: string): void {
  const { code } = nucleus;
  code.mov(edi, dword(rsp, at));
  code.test(edi, edi);
  code.js(`.unplaced_${name}`);
  code.lea(rsi, memory(r14, target));
  linuxCall(nucleus, 'dup2');
  code.jmp(`.placed_${name}`);
  code.label(`.unplaced_${name}`);
  code.test(r14d, r14d);
  code.je(`.placed_${name}`);
  code.lea(edi, memory(r14, target));
  linuxCall(nucleus, 'close');
  code.label(`.placed_${name}`);
}

/** In the child: descriptors, signals, folder, and then the program. */
function emitChild(nucleus: NucleusCode): void {
  const { code } = nucleus;
  emitKeep(nucleus, local.inputEnds + readEnd, 'input');
  emitKeep(nucleus, local.outputEnds + writeEnd, 'output');
  code.xor(r14d, r14d);
  code.test(byte(rbx, fileRequest.flags), startFlags.otherDescriptors);
  code.je('.usual');
  code.mov(r14d, 3);
  code.label('.usual');
  emitPlace(nucleus, local.inputEnds + readEnd, 0, 'input');
  emitPlace(nucleus, local.outputEnds + writeEnd, 1, 'output');
  code.test(byte(rbx, fileRequest.flags), startFlags.errorsToOutput);
  code.je('.own_errors');
  code.mov(edi, 1);
  code.mov(esi, standardError);
  linuxCall(nucleus, 'dup2');
  code.label('.own_errors');
  // What is above is not the program's.
  code.mov(edi, 3);
  code.test(r14d, r14d);
  code.je('.close');
  code.mov(edi, 5);
  code.label('.close');
  code.mov(r14d, edi);
  code.mov(esi, 0x7fff_ffff);
  code.xor(edx, edx);
  linuxCall(nucleus, 'close_range');
  code.test(rax, rax);
  code.je('.closed');
  code.label('.close_next');
  code.mov(edi, r14d);
  linuxCall(nucleus, 'close');
  code.inc(r14d);
  code.cmp(r14d, descriptorsMax);
  code.jb('.close_next');
  code.label('.closed');
  linuxCall(nucleus, 'setsid');
  for (const at of [sigaction.handler, sigaction.flags, sigaction.restorer, sigaction.mask]) {
    code.mov(qword(rsp, local.action + at), 0);
  }
  code.mov(edi, SIGPIPE);
  code.lea(rsi, memory(rsp, local.action));
  code.xor(edx, edx);
  code.mov(r10d, signalSetBytes);
  linuxCall(nucleus, 'rt_sigaction');
  code.mov(edi, signalMask.set);
  code.lea(rsi, memory(rsp, local.action + sigaction.mask));
  code.xor(edx, edx);
  code.mov(r10d, signalSetBytes);
  linuxCall(nucleus, 'rt_sigprocmask');
  code.mov(eax, dword(r13, startBlock.folder));
  code.test(eax, eax);
  code.je('.execute');
  code.lea(rdi, memory(rax, { index: r12 }));
  linuxCall(nucleus, 'chdir');
  code.test(rax, rax);
  code.js('.no_program');
  code.label('.execute');
  code.mov(eax, dword(r13, startBlock.path));
  code.lea(rdi, memory(rax, { index: r12 }));
  code.lea(rsi, memory(r13, startBlock.table));
  code.mov(rdx, r15);
  linuxCall(nucleus, 'execve');
  code.label('.no_program');
  code.mov(dword(rsp, local.error), eax);
  code.mov(edi, failureStatus);
  linuxCall(nucleus, 'exit_group');
}

/** Linear addresses in the table become pointers; r15 = the table's part behind the first 0. */
function emitTable(nucleus: NucleusCode): void {
  const { code } = nucleus;
  code.lea(rdi, memory(r13, startBlock.table));
  code.mov(eax, dword(r13, startBlock.words));
  code.lea(rsi, memory(rdi, { index: rax, scale: 8 }));
  code.xor(r15, r15);
  code.label('.word');
  code.cmp(rdi, rsi);
  code.jae('.words_done');
  code.cmp(qword(rdi), 0);
  code.je('.end_of_list');
  code.add(qword(rdi), r12);
  code.label('.next_word');
  code.add(rdi, 8);
  code.jmp('.word');
  code.label('.end_of_list');
  code.test(r15, r15);
  code.jne('.next_word');
  code.lea(r15, memory(rdi, 8));
  code.jmp('.next_word');
  code.label('.words_done');
}

/** descriptors_open(): what is closed of 0, 1 and 2 is nothing, lest a pipe become one of them. */
function emitOpen(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('descriptors_open', { saves: [rbx] }, () => {
    code.xor(ebx, ebx);
    code.label('.next');
    code.mov(edi, ebx);
    code.mov(esi, F_GETFD);
    linuxCall(nucleus, 'fcntl');
    code.test(rax, rax);
    code.jns('.open');
    code.lea(rdi, memory(nucleus.text('/dev/null')));
    code.mov(esi, O_RDWR);
    code.xor(edx, edx);
    linuxCall(nucleus, 'open');
    code.label('.open');
    code.inc(ebx);
    code.cmp(ebx, standardError);
    code.jbe('.next');
  });
}

/** file_start() for the request at rbx, linear memory at r12. */
export function emitLinuxPrograms(nucleus: NucleusCode): void {
  const { code } = nucleus;
  emitOpen(nucleus);
  nucleus.procedure('file_start', { saves: [r13, r14, r15], locals: local.bytes }, () => {
    code.mov(eax, dword(rbx, fileRequest.buffer));
    code.lea(r13, memory(rax, { index: r12 }));
    code.mov(dword(rsp, local.outputEnds + readEnd), -1);
    code.mov(dword(rsp, local.outputEnds + writeEnd), -1);
    code.mov(dword(rsp, local.error), 0);
    emitPipe(nucleus, startFlags.input, local.inputEnds, 'input_pipe');
    emitPipe(nucleus, startFlags.output, local.outputEnds, 'output_pipe');
    emitTable(nucleus);
    // The child changes its numbers for these.
    code.mov(eax, dword(rsp, local.inputEnds + readEnd));
    code.mov(dword(r13, startBlock.input), eax);
    code.mov(eax, dword(rsp, local.outputEnds + writeEnd));
    code.mov(dword(r13, startBlock.output), eax);
    linuxCall(nucleus, 'vfork');
    code.test(rax, rax);
    code.jne('.parent');
    emitChild(nucleus);
    code.label('.parent');
    code.js('.failed');
    code.mov(r14, rax);
    // The child's ends are not this program's.
    code.mov(edi, dword(r13, startBlock.input));
    linuxCall(nucleus, 'close');
    code.mov(edi, dword(r13, startBlock.output));
    linuxCall(nucleus, 'close');
    code.mov(eax, dword(rsp, local.inputEnds + writeEnd));
    code.mov(dword(r13, startBlock.input), eax);
    code.mov(eax, dword(rsp, local.outputEnds + readEnd));
    code.mov(dword(r13, startBlock.output), eax);
    code.movsxd(rax, dword(rsp, local.error));
    code.test(rax, rax);
    code.js('.no_child');
    code.mov(rax, r14);
    code.jmp('.return');
    code.label('.no_child');
    code.mov(r15, rax);
    code.mov(rdi, r14);
    code.lea(rsi, memory(rsp, local.status));
    code.xor(edx, edx);
    code.xor(r10d, r10d);
    linuxCall(nucleus, 'wait4');
    emitClose(nucleus, local.inputEnds + writeEnd);
    emitClose(nucleus, local.outputEnds + readEnd);
    code.mov(rax, r15);
    code.jmp('.return');
    code.label('.failed');
    code.mov(r15, rax);
    for (const ends of [local.inputEnds, local.outputEnds]) {
      for (const end of [readEnd, writeEnd]) emitClose(nucleus, ends + end);
    }
    code.mov(rax, r15);
  });
}

/**
 * Files of the host for the Linux host layer: `host_fileCall`, one system call for each row of
 * tables/host_files.ts that names one. Folders are mounted by arguments HOST:GUEST or HOST:GUEST:ro
 * of the command line; paths of the VM are relative to the descriptors of these folders.
 */
import {
  type FileArgument,
  type FileOperation,
  fileOperations,
  fileRequest,
  openFlags,
} from '../tables/host_files.ts';
import type { syscalls } from '../tables/linux_host.ts';
import { virtual } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { byte, dword, type Memory, memory, qword, registers } from '../x86_64/operands.ts';
import { linuxCall } from './linux_uart.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, rsi, esi, rdi, edi, rsp } = registers;
const { r8, r9, r10, r12, r13, r14 } = registers;

export const mountsMax = 8;
/** A mount: u64 guest path, u64 host path, u32 descriptor, u32 whether it is read-only. */
const mount = { guest: 0, host: 8, descriptor: 16, readOnly: 20, bytes: 24 } as const;
/** `/proc/self/fd/` with a number of up to ten digits behind it. */
const descriptorPathBytes = 32;
/** What folderPath is asked for the folder in which the program runs. */
const workingFolder = -100;
const argumentRegisters = [rdi, rsi, rdx, r10, r8, r9] as const;
const colon = 0x3a;

const field = (name: keyof typeof fileRequest): Memory => dword(rbx, fileRequest[name]);

/** The address of row `index` of the mounts goes to `to`; an index that is none to `.no_mount`. */
function mountRow({ code }: NucleusCode, index: Memory, to: typeof rax): void {
  code.mov(ecx, index);
  code.cmp(ecx, dword('mounts_count'));
  code.jae('.no_mount');
  code.imul(rcx, rcx, mount.bytes);
  code.lea(to, memory('mounts'));
  code.add(to, rcx);
}

/** Refuse when the mount of this field is read-only. */
function refuseReadOnly(nucleus: NucleusCode, name: 'mount' | 'otherMount'): void {
  const { code } = nucleus;
  mountRow(nucleus, field(name), rax);
  code.cmp(dword(rax, mount.readOnly), 0);
  code.jne('.read_only');
}

/** A pointer into linear memory: r12 is its base. */
function pointer({ code }: NucleusCode, name: 'path' | 'otherPath' | 'buffer'): void {
  code.mov(eax, field(name));
  code.add(rax, r12);
}

function emitArgument(nucleus: NucleusCode, argument: FileArgument, index: number): void {
  const { code } = nucleus;
  if (typeof argument === 'number') {
    code.mov(eax, argument);
  } else if (argument === 'mount' || argument === 'otherMount') {
    mountRow(nucleus, field(argument), rax);
    code.mov(eax, dword(rax, mount.descriptor));
  } else if (argument === 'path' || argument === 'otherPath' || argument === 'buffer') {
    pointer(nucleus, argument);
  } else if (argument === 'first' || argument === 'second') {
    code.mov(rax, qword(rbx, fileRequest[argument]));
  } else {
    code.mov(eax, field(argument));
  }
  // Arguments wait on the stack: computing one of them changes rcx.
  code.mov(qword(rsp, 8 * index), rax);
}

/** A path that is resolved in a mounted folder must not begin with a slash. */
function refuseAbsolute(nucleus: NucleusCode, row: FileOperation): void {
  const { code } = nucleus;
  const pairs = [
    ['mount', 'path'],
    ['otherMount', 'otherPath'],
  ] as const;
  for (const [folder, path] of pairs) {
    if (!row.arguments.includes(folder)) continue;
    pointer(nucleus, path);
    code.cmp(byte(rax), 0x2f);
    code.je('.invalid');
  }
}

function emitOperation(nucleus: NucleusCode, row: FileOperation): void {
  const { code } = nucleus;
  if (row.call === null) {
    code.call(`file_${row.name}`);
    code.jmp('.return');
    return;
  }
  if (row.changes) {
    refuseReadOnly(nucleus, 'mount');
    if (row.arguments.includes('otherMount')) refuseReadOnly(nucleus, 'otherMount');
  }
  if (row.name === 'access') {
    // To write in a folder that is mounted read-only.
    code.test(field('flags'), 2);
    code.je('.may_ask');
    refuseReadOnly(nucleus, 'mount');
    code.label('.may_ask');
  }
  refuseAbsolute(nucleus, row);
  row.arguments.forEach((argument, index) => {
    emitArgument(nucleus, argument, index);
  });
  row.arguments.forEach((_, index) => {
    code.mov(argumentRegisters[index] as typeof rax, qword(rsp, 8 * index));
  });
  linuxCall(nucleus, row.call as keyof typeof syscalls);
  code.jmp('.return');
}

/** host_fileCall(edi: linear) -> rax: what the operation gives, or a negative error number. */
function emitCall(nucleus: NucleusCode): void {
  const { code } = nucleus;
  const locals = 8 * argumentRegisters.length;
  nucleus.procedure('host_fileCall', { saves: [rbx, r12], locals }, () => {
    code.mov(edi, edi);
    code.movabs(r12, virtual.linearMemoryLinux);
    code.lea(rbx, memory(rdi, { index: r12 }));
    // What was written to standard output before comes first.
    code.call('uart_flush');
    code.mov(eax, field('operation'));
    fileOperations.forEach((row, index) => {
      code.cmp(eax, index);
      code.jne(`.not_${index}`);
      emitOperation(nucleus, row);
      code.label(`.not_${index}`);
    });
    const refusals = [
      ['.unknown', 'enosys'],
      ['.no_mount', 'enoent'],
      ['.read_only', 'erofs'],
      ['.invalid', 'einval'],
    ] as const;
    for (const [label, name] of refusals) {
      code.label(label);
      code.mov(rax, -posixErrors[name]);
      if (label !== '.invalid') code.jmp('.return');
    }
  });
}

/**
 * file_mount() for the request at rbx, linear memory at r12: both paths of a mount go to the
 * buffer. text_copy(rsi: from) copies behind r13 up to r14 -> eax: 0, or 1 without room.
 */
function emitMountOperation(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('text_copy', {}, () => {
    code.label('.next');
    code.cmp(r13, r14);
    code.jae('.full');
    code.movzx(eax, byte(rsi));
    code.mov(byte(r13), registers.al);
    code.inc(rsi);
    code.inc(r13);
    code.test(eax, eax);
    code.jne('.next');
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.full');
    code.mov(eax, 1);
  });
  nucleus.procedure('file_mount', { saves: [r13, r14] }, () => {
    mountRow(nucleus, dword(rbx, fileRequest.first), rdx);
    code.mov(eax, field('buffer'));
    code.lea(r13, memory(rax, { index: r12 }));
    code.mov(eax, field('bytes'));
    code.lea(r14, memory(r13, { index: rax }));
    for (const part of [mount.guest, mount.host]) {
      code.mov(rsi, qword(rdx, part));
      code.call('text_copy');
      code.test(eax, eax);
      code.jne('.too_long');
    }
    // Without the zero byte behind the second.
    code.mov(eax, field('buffer'));
    code.add(rax, r12);
    code.sub(r13, rax);
    code.lea(rax, memory(r13, -1));
    code.jmp('.return');
    code.label('.too_long');
    code.mov(rax, -posixErrors.enametoolong);
    code.jmp('.return');
    code.label('.no_mount');
    code.mov(rax, -posixErrors.enoent);
  });
}

/** file_folderPath(): what /proc/self/fd says of a descriptor. */
function emitFolderPath(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('descriptor_path', descriptorPathBytes);
  nucleus.procedure('file_folderPath', { saves: [r13, r14] }, () => {
    code.lea(rdi, memory(nucleus.text('/proc/self/cwd')));
    code.mov(eax, field('descriptor'));
    code.cmp(eax, workingFolder);
    code.je('.read');
    // The digits of the number, from its end.
    code.lea(r13, memory('descriptor_path', descriptorPathBytes - 1));
    code.mov(ecx, 10);
    code.label('.digit');
    code.xor(edx, edx);
    code.div(ecx);
    code.add(edx, 0x30);
    code.dec(r13);
    code.mov(byte(r13), registers.dl);
    code.test(eax, eax);
    code.jne('.digit');
    // The folder before them, from its end, too.
    const folder = '/proc/self/fd/';
    code.lea(rsi, memory(nucleus.text(folder), folder.length));
    code.mov(ecx, folder.length);
    code.label('.letter');
    code.dec(rsi);
    code.dec(r13);
    code.movzx(eax, byte(rsi));
    code.mov(byte(r13), registers.al);
    code.dec(ecx);
    code.jne('.letter');
    code.mov(rdi, r13);
    code.label('.read');
    pointer(nucleus, 'buffer');
    code.mov(rsi, rax);
    code.mov(edx, field('bytes'));
    linuxCall(nucleus, 'readlink');
  });
}

/** mount_add(rdi: HOST:GUEST or HOST:GUEST:ro) -> eax: 0, or 1 when it is no mount. */
function emitMountAdd(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('mounts_count', 4, 4);
  nucleus.variable('mounts', mountsMax * mount.bytes);
  // text_split(rsi) -> rax: what is behind the next colon, which becomes a zero byte, or 0
  nucleus.procedure('text_split', {}, () => {
    code.label('.next');
    code.movzx(eax, byte(rsi));
    code.test(eax, eax);
    code.je('.return');
    code.inc(rsi);
    code.cmp(eax, colon);
    code.jne('.next');
    code.mov(byte(rsi, -1), 0);
    code.mov(rax, rsi);
  });
  nucleus.procedure('mount_add', { saves: [rbx, r12, r13] }, () => {
    code.mov(r12, rdi);
    code.mov(ecx, dword('mounts_count'));
    code.cmp(ecx, mountsMax);
    code.jae('.bad');
    code.imul(rcx, rcx, mount.bytes);
    code.lea(rbx, memory('mounts'));
    code.add(rbx, rcx);
    code.mov(rsi, r12);
    code.call('text_split');
    code.mov(r13, rax);
    code.test(rax, rax);
    code.je('.bad');
    code.cmp(byte(r13), 0x2f);
    code.jne('.bad');
    code.mov(rsi, r13);
    code.call('text_split');
    code.xor(ecx, ecx);
    code.test(rax, rax);
    code.je('.writable');
    code.inc(ecx);
    code.label('.writable');
    code.mov(dword(rbx, mount.readOnly), ecx);
    code.mov(qword(rbx, mount.host), r12);
    code.mov(qword(rbx, mount.guest), r13);
    code.mov(rdi, r12);
    code.mov(esi, openFlags.path | openFlags.directory);
    code.xor(edx, edx);
    linuxCall(nucleus, 'open');
    code.test(rax, rax);
    code.js('.bad');
    code.mov(dword(rbx, mount.descriptor), eax);
    code.inc(dword('mounts_count'));
    code.xor(eax, eax);
    code.jmp('.return');
    code.label('.bad');
    code.mov(eax, 1);
  });
}

/**
 * file_argument() and file_variable(): a text of the command line or of the environment goes to the
 * buffer, when the executable says that they are the guest's (`guest_command`).
 */
function emitCommandLine(nucleus: NucleusCode): void {
  const { code } = nucleus;
  for (const name of ['guest_command', 'arguments_count', 'arguments_at']) {
    nucleus.variable(name, 8);
  }
  for (const name of ['variables_count', 'variables_at']) nucleus.variable(name, 8);
  for (const [name, list] of [
    ['argument', 'arguments'],
    ['variable', 'variables'],
  ] as const) {
    nucleus.procedure(`file_${name}`, { saves: [r13, r14] }, () => {
      code.cmp(qword('guest_command'), 0);
      code.je('.none');
      code.mov(rcx, qword(rbx, fileRequest.first));
      code.cmp(rcx, qword(`${list}_count`));
      code.jae('.none');
      code.mov(rax, qword(`${list}_at`));
      code.mov(rsi, qword(rax, { index: rcx, scale: 8 }));
      pointer(nucleus, 'buffer');
      code.mov(r13, rax);
      code.mov(eax, field('bytes'));
      code.lea(r14, memory(r13, { index: rax }));
      code.call('text_copy');
      code.test(eax, eax);
      code.jne('.too_long');
      pointer(nucleus, 'buffer');
      code.sub(r13, rax);
      code.lea(rax, memory(r13, -1));
      code.jmp('.return');
      code.label('.too_long');
      code.mov(rax, -posixErrors.e2big);
      code.jmp('.return');
      code.label('.none');
      code.mov(rax, -posixErrors.enoent);
    });
  }
  // command_keep(rbx: argc, argv, 0, environment ...)
  nucleus.procedure('command_keep', {}, () => {
    code.mov(rax, qword(rbx));
    code.mov(qword('arguments_count'), rax);
    code.lea(rcx, memory(rbx, 8));
    code.mov(qword('arguments_at'), rcx);
    code.lea(rcx, memory(rcx, { index: rax, scale: 8, disp: 8 }));
    code.mov(qword('variables_at'), rcx);
    code.xor(eax, eax);
    code.label('.next');
    code.cmp(qword(rcx, { index: rax, scale: 8 }), 0);
    code.je('.counted');
    code.inc(rax);
    code.jmp('.next');
    code.label('.counted');
    code.mov(qword('variables_count'), rax);
  });
}

export function emitLinuxFiles(nucleus: NucleusCode): void {
  emitCommandLine(nucleus);
  emitMountOperation(nucleus);
  emitFolderPath(nucleus);
  emitMountAdd(nucleus);
  emitCall(nucleus);
}

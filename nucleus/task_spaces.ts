/**
 * Tasks and their address spaces: two objects, since threads share a space.
 *
 *     task    registers, x87 and SSE, the last fault; which space, and its tables once more
 *     space   page tables, frames that are mapped in it, how many may be, how many tasks it has
 *
 * The upper half of a space is the kernel's, supervisor-only; all its entries of the top level
 * exist before the first task does (nucleus/paging.ts), so they are copied once. The lower half is
 * the space's own. A frame may be mapped more than once, in one space or in several: `frame_shares`
 * (nucleus/frames.ts) counts the mappings beside the first, and it is free when the last goes.
 */
import { frameKinds } from '../tables/frame_kinds.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { taskRegisters, taskRequest, tasksMax } from '../tables/tasks.ts';
import { page, rflags } from '../tables/x86_system.ts';
import { dword, memory, qword, type Register, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, rcx, ecx, rdx, rsi, esi, rdi, edi, rsp } = registers;
const { r12, r12d, r13, r14, r14d } = registers;

/** Fields of a task, an object of nucleus/objects.ts. The FXSAVE area is aligned to 16 bytes. */
export const task = {
  /** Physical address of the space's top-level table. */
  tables: 0,
  space: 8,
  registers: 16,
  vector: 176,
  errorCode: 184,
  faultAddress: 192,
  fpu: 208,
  size: 720,
} as const;

export const taskRegister = (name: (typeof taskRegisters)[number]): number =>
  task.registers + 8 * taskRegisters.indexOf(name);

export const space = {
  tables: 0,
  /** Mapped pages and page tables; a frame that is mapped twice counts twice. */
  frames: 8,
  /** No more frames than this. */
  limit: 16,
  tasks: 24,
  size: 32,
} as const;

/** Bits of a page's entry that processors leave to us: Intel SDM volume 3, table 4-20. */
export const pageOwn = {
  /** Whoever writes, all see it, and children after `fork`, too. */
  shared: 1n << 9n,
  /** May be written, but others may have the frame: the first write makes a copy. */
  copied: 1n << 10n,
} as const;

/** Entries of the top level that belong to the lower half. */
export const halfEntries = 256;
/** The FXSAVE area: offsets, and what is in it in the beginning (Intel SDM volume 1, 10.5). */
export const fxsave = {
  ...{ fcw: 0, mxcsr: 24, mxcsrMask: 28 },
  ...{ fcwStart: 0x37f, mxcsrStart: 0x1f80, mxcsrMaskDefault: 0xffbf },
} as const;

/** target = the physical address in a table's entry. */
export function maskAddress({ code }: NucleusCode, target: Register, entry: Register): void {
  code.movabs(target, page.addressMask);
  code.and(target, entry);
}

/**
 * space_new() -> address of a space with an empty lower half, or 0. space_free(rdi: space): its
 * lower half is empty.
 */
function emitSpace(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('space_new', { saves: [rbx] }, () => {
    code.mov(edi, space.size);
    code.call('object_allocate');
    code.test(rax, rax);
    code.je('.return');
    code.mov(rbx, rax);
    code.mov(qword(rbx, space.limit), -1);
    code.mov(rdi, rbx);
    code.call('space_frame');
    code.test(rax, rax);
    code.je('.no_table');
    code.mov(qword(rbx, space.tables), rax);
    code.lea(rdi, memory(rax, 8 * halfEntries));
    code.add(rdi, qword('direct_base'));
    code.mov(rsi, qword('kernel_tables'));
    code.add(rsi, qword('direct_base'));
    code.add(rsi, 8 * halfEntries);
    code.mov(ecx, halfEntries);
    code.rep();
    code.movsq();
    code.mov(rax, rbx);
    code.jmp('.return');
    code.label('.no_table');
    code.mov(rdi, rbx);
    code.call('object_free');
    code.xor(eax, eax);
  });
  nucleus.procedure('space_free', { saves: [rbx] }, () => {
    code.mov(rbx, rdi);
    code.mov(rsi, qword(rbx, space.tables));
    code.call('space_frame_free');
    code.mov(rdi, rbx);
    code.call('object_free');
  });
}

function emitFrames(nucleus: NucleusCode): void {
  const { code } = nucleus;
  // space_frame(rdi: space) -> physical address of a zeroed frame that it has from now on, or 0
  nucleus.procedure('space_frame', { saves: [rbx, r12] }, () => {
    code.mov(rbx, rdi);
    code.xor(eax, eax);
    code.mov(rcx, qword(rbx, space.frames));
    code.cmp(rcx, qword(rbx, space.limit));
    code.jae('.return');
    code.mov(edi, frameKinds.task);
    code.call('frame_allocate');
    code.test(rax, rax);
    code.je('.return');
    code.mov(r12, rax);
    code.inc(qword(rbx, space.frames));
    code.mov(rdi, rax);
    code.call('frame_clear');
    code.mov(rax, r12);
  });
  // space_frame_free(rdi: space, rsi: physical address): one mapping of it less
  nucleus.procedure('space_frame_free', {}, () => {
    code.dec(qword(rdi, space.frames));
    code.mov(rdi, rsi);
    code.call('task_frame_drop');
  });
  // task_frame_drop(rdi: physical address)
  nucleus.procedure('task_frame_drop', {}, () => {
    code.mov(rax, rdi);
    code.shr(rax, 12);
    code.mov(rcx, qword('frame_shares'));
    code.cmp(dword(rcx, { index: rax, scale: 4 }), 0);
    code.je('.last');
    code.dec(dword(rcx, { index: rax, scale: 4 }));
    code.jmp('.return');
    code.label('.last');
    code.mov(esi, frameKinds.task);
    code.call('frame_free');
  });
}

/**
 * task_new(rdi: space, rsi: task to copy, or 0) -> number of a new task of the space, or a negative
 * error number. Registers are those of the other task, or those of a start.
 */
function emitNew(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('tasks', 8 * tasksMax);
  nucleus.variable('task_count', 8);
  nucleus.variable('task_cursor', 8);
  nucleus.procedure('task_new', { saves: [rbx, r12, r13, r14] }, () => {
    code.mov(rbx, rdi);
    code.mov(r13, rsi);
    // From behind the last one that was found, around the end.
    code.lea(rcx, memory('tasks'));
    code.mov(r12d, dword('task_cursor'));
    code.mov(r14d, tasksMax);
    code.label('.slot');
    code.inc(r12d);
    code.and(r12d, tasksMax - 1);
    code.cmp(qword(rcx, { index: r12, scale: 8 }), 0);
    code.je('.free');
    code.dec(r14d);
    code.jne('.slot');
    code.mov(rax, -posixErrors.emfile);
    code.jmp('.return');
    code.label('.free');
    code.mov(edi, task.size);
    code.call('object_allocate');
    code.test(rax, rax);
    code.je('.no_memory');
    code.test(r13, r13);
    code.je('.start');
    code.lea(rdi, memory(rax, task.registers));
    code.lea(rsi, memory(r13, task.registers));
    code.mov(ecx, (task.size - task.registers) / 8);
    code.rep();
    code.movsq();
    code.jmp('.filled');
    code.label('.start');
    code.mov(dword(rax, task.fpu + fxsave.fcw), fxsave.fcwStart);
    code.mov(dword(rax, task.fpu + fxsave.mxcsr), fxsave.mxcsrStart);
    code.mov(qword(rax, taskRegister('rflags')), rflags.fixed | rflags.interrupt);
    code.label('.filled');
    code.mov(qword(rax, task.space), rbx);
    code.mov(rcx, qword(rbx, space.tables));
    code.mov(qword(rax, task.tables), rcx);
    code.inc(qword(rbx, space.tasks));
    code.lea(rcx, memory('tasks'));
    code.mov(qword(rcx, { index: r12, scale: 8 }), rax);
    code.mov(dword('task_cursor'), r12d);
    code.inc(qword('task_count'));
    code.mov(rax, r12);
    code.jmp('.return');
    code.label('.no_memory');
    code.mov(rax, -posixErrors.enomem);
  });
}

/** task_create(), task_thread(rdi: task), task_fork(rdi: task) -> number, or a negative error. */
function emitCreate(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_thread', {}, () => {
    code.mov(rsi, rdi);
    code.mov(rdi, qword(rdi, task.space));
    code.call('task_new');
  });
  for (const name of ['task_create', 'task_fork'] as const) {
    nucleus.procedure(name, { saves: [rbx, r12, r13] }, () => {
      if (name === 'task_fork') code.mov(r12, rdi);
      else code.xor(r12d, r12d);
      code.call('space_new');
      code.test(rax, rax);
      code.je('.no_memory');
      code.mov(rbx, rax);
      if (name === 'task_fork') {
        code.mov(rcx, qword(r12, task.space));
        code.mov(rcx, qword(rcx, space.limit));
        code.mov(qword(rbx, space.limit), rcx);
      }
      code.mov(rdi, rbx);
      code.mov(rsi, r12);
      code.call('task_new');
      code.mov(r13, rax);
      code.test(rax, rax);
      code.jns('.return');
      code.mov(rdi, rbx);
      code.call('space_free');
      code.mov(rax, r13);
      code.jmp('.return');
      code.label('.no_memory');
      code.mov(rax, -posixErrors.enomem);
    });
  }
  // task_limit(rdi: task, rsi: request) -> 0
  nucleus.procedure('task_limit', {}, () => {
    code.mov(rcx, qword(rdi, task.space));
    code.mov(rax, qword(rsi, taskRequest.value));
    code.mov(qword(rcx, space.limit), rax);
    code.xor(eax, eax);
  });
}

/**
 * space_free_some(rdi: space) -> 1 when one page table with its pages was freed, 0 when the lower
 * half is empty. From the first entry of the top level down: a table whose entries are all gone is
 * freed by the next call that finds it so.
 */
function emitFreeSome(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('space_free_some', { saves: [rbx, r12, r13, r14], locals: 8 }, () => {
    code.mov(rbx, rdi);
    // r12: entry that points to the table in r13; r14d: entries of the table to look at.
    code.xor(r12d, r12d);
    code.mov(r13, qword(rbx, space.tables));
    code.mov(r14d, halfEntries);
    code.mov(qword(rsp), 3);
    code.label('.table');
    code.mov(rdx, r13);
    code.add(rdx, qword('direct_base'));
    code.cmp(qword(rsp), 0);
    code.je('.leaves');
    code.xor(ecx, ecx);
    code.label('.entry');
    code.mov(rax, qword(rdx, { index: rcx, scale: 8 }));
    code.test(eax, 1);
    code.jne('.down');
    code.inc(ecx);
    code.cmp(rcx, r14);
    code.jb('.entry');
    // Nothing below this table.
    code.mov(rax, r12);
    code.test(r12, r12);
    code.je('.return');
    code.jmp('.free_table');
    code.label('.down');
    code.lea(r12, memory(rdx, { index: rcx, scale: 8 }));
    maskAddress(nucleus, r13, rax);
    code.mov(r14d, 512);
    code.dec(qword(rsp));
    code.jmp('.table');
    code.label('.leaves');
    code.xor(r14d, r14d);
    code.label('.leaf');
    code.mov(rdx, r13);
    code.add(rdx, qword('direct_base'));
    code.mov(rax, qword(rdx, { index: r14, scale: 8 }));
    code.test(eax, 1);
    code.je('.next_leaf');
    maskAddress(nucleus, rsi, rax);
    code.mov(rdi, rbx);
    code.call('space_frame_free');
    code.label('.next_leaf');
    code.inc(r14d);
    code.cmp(r14d, 512);
    code.jne('.leaf');
    code.label('.free_table');
    code.mov(qword(r12), 0);
    code.mov(rdi, rbx);
    code.mov(rsi, r13);
    code.call('space_frame_free');
    code.mov(eax, 1);
  });
}

/**
 * task_destroy(rdi: task, esi: number) -> 0 when the task is gone, 1 when there is more to do. The
 * space ends with its last task.
 */
function emitDestroy(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_destroy', { saves: [rbx, r12, r13] }, () => {
    code.mov(rbx, rdi);
    code.mov(r12d, esi);
    code.mov(r13, qword(rbx, task.space));
    code.cmp(qword(r13, space.tasks), 1);
    code.ja('.others');
    code.mov(rdi, r13);
    code.call('space_free_some');
    code.test(eax, eax);
    code.jne('.return');
    code.mov(rdi, r13);
    code.call('space_free');
    code.jmp('.gone');
    code.label('.others');
    code.dec(qword(r13, space.tasks));
    code.label('.gone');
    code.lea(rdx, memory('tasks'));
    code.mov(qword(rdx, { index: r12, scale: 8 }), 0);
    code.mov(rdi, rbx);
    code.call('object_free');
    code.dec(qword('task_count'));
    code.xor(eax, eax);
  });
}

export function emitTaskSpaces(nucleus: NucleusCode): void {
  emitSpace(nucleus);
  emitFrames(nucleus);
  emitNew(nucleus);
  emitCreate(nucleus);
  emitFreeSome(nucleus);
  emitDestroy(nucleus);
}

/**
 * Native tasks (architecture D11): address spaces of ring 3 that the VM fills, runs and destroys.
 * This file has their table, their creation and end, and `host_taskCall`, which checks a request
 * and calls nucleus/task_memory.ts and nucleus/task_run.ts.
 *
 * The upper half of a task's address space is the kernel's, supervisor-only; all its entries of the
 * top level exist before the first task does (nucleus/paging.ts), so they are copied once. The
 * lower half is the task's own. Its frames, page tables among them, are of kind `task`.
 */
import { frameKinds } from '../tables/frame_kinds.ts';
import { virtual } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import {
  bytesPerCall,
  pagesPerCall,
  taskAddresses,
  taskOperations,
  taskRegisters,
  taskRequest,
  taskRequestBytes,
  tasksMax,
} from '../tables/tasks.ts';
import { page, rflags } from '../tables/x86_system.ts';
import { dword, memory, qword, type Register, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, rsi, esi, rdi, edi, rsp } = registers;
const { r12, r12d, r13, r14, r14d } = registers;

/** Fields of a task, an object of nucleus/objects.ts. The FXSAVE area is aligned to 16 bytes. */
export const task = {
  /** Physical address of the top-level table. */
  tables: 0,
  frames: 8,
  registers: 16,
  vector: 176,
  errorCode: 184,
  faultAddress: 192,
  fpu: 208,
  size: 720,
} as const;

export const taskRegister = (name: (typeof taskRegisters)[number]): number =>
  task.registers + 8 * taskRegisters.indexOf(name);

const halfEntries = 256;
/** What the x87 and SSE units hold in the beginning: Intel SDM volume 1, tables 8-1 and 10-2. */
const fpuStart = { fcw: 0, mxcsr: 24, fcwValue: 0x37f, mxcsrValue: 0x1f80 } as const;

/**
 * task_create() -> number, or a negative error number. task_table_frame(rdi: task) -> physical
 * address of a zeroed frame that the task has from now on, or 0.
 */
function emitCreate(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.variable('tasks', 8 * tasksMax);
  nucleus.variable('task_count', 8);
  nucleus.procedure('task_create', { saves: [rbx, r12] }, () => {
    code.lea(rcx, memory('tasks'));
    code.xor(r12d, r12d);
    code.label('.slot');
    code.cmp(qword(rcx, { index: r12, scale: 8 }), 0);
    code.je('.free');
    code.inc(r12d);
    code.cmp(r12d, tasksMax);
    code.jne('.slot');
    code.mov(rax, -posixErrors.emfile);
    code.jmp('.return');
    code.label('.free');
    code.mov(edi, task.size);
    code.call('object_allocate');
    code.test(rax, rax);
    code.je('.no_memory');
    code.mov(rbx, rax);
    code.mov(rdi, rbx);
    code.call('task_frame');
    code.test(rax, rax);
    code.je('.no_table');
    code.mov(qword(rbx, task.tables), rax);
    // The upper half is that of the kernel.
    code.lea(rdi, memory(rax, 8 * halfEntries));
    code.add(rdi, qword('direct_base'));
    code.mov(rsi, qword('kernel_tables'));
    code.add(rsi, qword('direct_base'));
    code.add(rsi, 8 * halfEntries);
    code.mov(ecx, halfEntries);
    code.rep();
    code.movsq();
    code.mov(dword(rbx, task.fpu + fpuStart.fcw), fpuStart.fcwValue);
    code.mov(dword(rbx, task.fpu + fpuStart.mxcsr), fpuStart.mxcsrValue);
    code.mov(qword(rbx, taskRegister('rflags')), rflags.fixed | rflags.interrupt);
    code.lea(rcx, memory('tasks'));
    code.mov(qword(rcx, { index: r12, scale: 8 }), rbx);
    code.inc(qword('task_count'));
    code.mov(rax, r12);
    code.jmp('.return');
    code.label('.no_table');
    code.mov(rdi, rbx);
    code.call('object_free');
    code.label('.no_memory');
    code.mov(rax, -posixErrors.enomem);
  });
  nucleus.procedure('task_frame', { saves: [rbx, r12] }, () => {
    code.mov(rbx, rdi);
    code.mov(edi, frameKinds.task);
    code.call('frame_allocate');
    code.test(rax, rax);
    code.je('.return');
    code.mov(r12, rax);
    code.inc(qword(rbx, task.frames));
    code.mov(rdi, rax);
    code.call('frame_clear');
    code.mov(rax, r12);
  });
  // task_frame_free(rdi: task, rsi: physical address)
  nucleus.procedure('task_frame_free', {}, () => {
    code.dec(qword(rdi, task.frames));
    code.mov(rdi, rsi);
    code.mov(esi, frameKinds.task);
    code.call('frame_free');
  });
}

/**
 * task_destroy(rdi: task, esi: number) -> 1 when one page table with its pages was freed, 0 when
 * nothing was left and the task is gone. From the first entry of the top level down: a table whose
 * entries are all gone is freed by the next call that finds it so.
 */
function emitDestroy(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('task_destroy', { saves: [rbx, r12, r13, r14], locals: 16 }, () => {
    code.mov(rbx, rdi);
    code.mov(qword(rsp), rsi);
    // r12: entry that points to the table in r13; r14d: entries of the table to look at.
    code.xor(r12d, r12d);
    code.mov(r13, qword(rbx, task.tables));
    code.mov(r14d, halfEntries);
    code.mov(qword(rsp, 8), 3);
    code.label('.table');
    code.mov(rdx, r13);
    code.add(rdx, qword('direct_base'));
    code.cmp(qword(rsp, 8), 0);
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
    code.test(r12, r12);
    code.je('.last');
    code.jmp('.free_table');
    code.label('.down');
    code.lea(r12, memory(rdx, { index: rcx, scale: 8 }));
    maskAddress(nucleus, r13, rax);
    code.mov(r14d, 512);
    code.dec(qword(rsp, 8));
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
    code.call('task_frame_free');
    code.label('.next_leaf');
    code.inc(r14d);
    code.cmp(r14d, 512);
    code.jne('.leaf');
    code.label('.free_table');
    code.mov(qword(r12), 0);
    code.mov(rdi, rbx);
    code.mov(rsi, r13);
    code.call('task_frame_free');
    code.mov(eax, 1);
    code.jmp('.return');
    code.label('.last');
    code.mov(rdi, rbx);
    code.mov(rsi, r13);
    code.call('task_frame_free');
    code.mov(rcx, qword(rsp));
    code.lea(rdx, memory('tasks'));
    code.mov(qword(rdx, { index: rcx, scale: 8 }), 0);
    code.mov(rdi, rbx);
    code.call('object_free');
    code.dec(qword('task_count'));
    code.xor(eax, eax);
  });
}

/** target = the physical address in a table's entry. */
export function maskAddress({ code }: NucleusCode, target: Register, entry: Register): void {
  code.movabs(target, page.addressMask);
  code.and(target, entry);
}

/** The field of the request at rbx. */
const field = (name: keyof typeof taskRequest) =>
  wideFields.has(name) ? qword(rbx, taskRequest[name]) : dword(rbx, taskRequest[name]);
const wideFields: ReadonlySet<keyof typeof taskRequest> = new Set([
  ...(['address', 'errorCode', 'faultAddress', 'value', 'call'] as const),
]);

/**
 * host_taskCall(edi: linear) -> rax. The request must lie in linear memory, and what it says is
 * checked here: the procedures of the other files trust their arguments. They get the task in rdi,
 * the request in rsi.
 */
function emitCall(nucleus: NucleusCode): void {
  const { code } = nucleus;
  nucleus.procedure('host_taskCall', { saves: [rbx, r12] }, () => {
    code.mov(edi, edi);
    code.lea(rax, memory(rdi, taskRequestBytes));
    code.cmp(rax, qword('linear_bytes'));
    code.ja('.invalid');
    code.movabs(rbx, virtual.linearMemory);
    code.add(rbx, rdi);
    code.mov(eax, field('operation'));
    code.cmp(eax, taskOperations.length);
    code.jae('.unknown');
    code.test(eax, eax);
    code.je('.create');
    code.mov(ecx, field('task'));
    code.cmp(
      eax,
      taskOperations.findIndex(({ name }) => name === 'frames'),
    );
    code.jne('.one');
    code.cmp(ecx, -1);
    code.je('.all');
    code.label('.one');
    code.cmp(ecx, tasksMax);
    code.jae('.no_task');
    code.lea(rdx, memory('tasks'));
    code.mov(rdi, qword(rdx, { index: rcx, scale: 8 }));
    code.test(rdi, rdi);
    code.je('.no_task');
    code.mov(rsi, rbx);
    for (const [index, { name }] of taskOperations.entries()) {
      if (name === 'create') continue;
      code.cmp(eax, index);
      code.jne(`.not_${name}`);
      checkRequest(nucleus, name);
      if (name === 'destroy') code.mov(esi, ecx);
      if (name === 'frames') code.mov(rax, qword(rdi, task.frames));
      else code.call(`task_${name}`);
      code.jmp('.return');
      code.label(`.not_${name}`);
    }
    code.label('.create');
    code.call('task_create');
    code.jmp('.return');
    code.label('.all');
    code.mov(rax, qword('frame_counts', 8 * frameKinds.task));
    code.jmp('.return');
    for (const [label, error] of [
      ['.no_task', 'esrch'],
      ['.unknown', 'enosys'],
      ['.bad_address', 'efault'],
      ['.invalid', 'einval'],
    ] as const) {
      code.label(label);
      code.mov(rax, -posixErrors[error]);
      if (error !== 'einval') code.jmp('.return');
    }
  });
}

/** Leaves host_taskCall when the request at rbx cannot be served. Changes rax, rdx and r12. */
function checkRequest(nucleus: NucleusCode, name: (typeof taskOperations)[number]['name']): void {
  const { code } = nucleus;
  const bytes =
    { read: 1, write: 1, string: 1, map: 4096, unmap: 4096, protect: 4096 }[name as 'read'] ?? 0;
  if (bytes > 0) {
    code.mov(edx, field('count'));
    code.cmp(edx, bytes === 1 ? bytesPerCall : pagesPerCall);
    code.ja('.invalid');
    code.mov(rax, field('address'));
    code.movabs(r12, taskAddresses.first);
    code.cmp(rax, r12);
    code.jb('.bad_address');
    code.movabs(r12, taskAddresses.end);
    code.cmp(rax, r12);
    code.jae('.bad_address');
    if (bytes > 1) {
      code.test(eax, bytes - 1);
      code.jne('.invalid');
      code.shl(rdx, Math.log2(bytes));
    }
    if (name === 'string') {
      // A text may end at the last address, whatever the most that was asked for.
      code.sub(r12, rax);
      code.cmp(rdx, r12);
      code.cmova(rdx, r12);
      code.mov(field('count'), edx);
    } else {
      code.add(rax, rdx);
      code.cmp(rax, r12);
      code.ja('.bad_address');
    }
  }
  const block = { getRegisters: 1, setRegisters: 1 }[name as 'getRegisters'] ?? 0;
  if (bytes === 1 || block) {
    code.mov(eax, field('linear'));
    if (block) code.mov(edx, 8 * taskRegisters.length);
    code.add(rax, rdx);
    code.cmp(rax, qword('linear_bytes'));
    code.ja('.bad_address');
  }
}

export function emitTasks(nucleus: NucleusCode): void {
  emitCreate(nucleus);
  emitDestroy(nucleus);
  emitCall(nucleus);
}

/**
 * Native tasks (architecture D11): address spaces of ring 3 that the VM fills, runs and destroys.
 * This file has `host_taskCall`, which checks a request and calls the procedures of
 * nucleus/task_spaces.ts, nucleus/task_pages.ts, nucleus/task_memory.ts, nucleus/task_sharing.ts,
 * nucleus/task_registers.ts and nucleus/task_run.ts.
 */
import { frameKinds } from '../tables/frame_kinds.ts';
import { virtual } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import {
  bytesPerCall,
  pagesPerCall,
  taskAddresses,
  taskFpuBytes,
  taskOperations,
  taskRegisters,
  taskRequest,
  taskRequestBytes,
  tasksMax,
} from '../tables/tasks.ts';
import { dword, memory, qword, registers } from '../x86_64/operands.ts';
import type { NucleusCode } from './nucleus_code.ts';
import { space, task } from './task_spaces.ts';

const { rax, eax, rbx, rcx, ecx, rdx, edx, rsi, esi, rdi, edi, r12 } = registers;

type OperationName = (typeof taskOperations)[number]['name'];

/**
 * What is checked of a request: a range of bytes or pages from `address` on, one from `value` on
 * that is as long, the number of another task, and so many bytes in linear memory.
 */
interface Checks {
  readonly range?: 'bytes' | 'pages' | 'text';
  readonly second?: boolean;
  readonly other?: boolean;
  readonly block?: number;
}
const checks: { readonly [Name in OperationName]?: Checks } = {
  map: { range: 'pages' },
  unmap: { range: 'pages' },
  protect: { range: 'pages' },
  read: { range: 'bytes' },
  write: { range: 'bytes' },
  string: { range: 'text' },
  share: { range: 'pages', second: true, other: true },
  move: { range: 'pages', second: true },
  forkPages: { other: true },
  getRegisters: { block: 8 * taskRegisters.length },
  setRegisters: { block: 8 * taskRegisters.length },
  getFpu: { block: taskFpuBytes },
  setFpu: { block: taskFpuBytes },
};

/** The field of the request at rbx. */
const field = (name: keyof typeof taskRequest) =>
  wideFields.has(name) ? qword(rbx, taskRequest[name]) : dword(rbx, taskRequest[name]);
const wideFields: ReadonlySet<keyof typeof taskRequest> = new Set([
  ...(['address', 'errorCode', 'faultAddress', 'value', 'call'] as const),
]);

/** rdi = the task whose number is in rcx; jumps to `.no_task`. Changes rdx. */
function findTask({ code }: NucleusCode): void {
  code.cmp(ecx, tasksMax);
  code.jae('.no_task');
  code.lea(rdx, memory('tasks'));
  code.mov(rdi, qword(rdx, { index: rcx, scale: 8 }));
  code.test(rdi, rdi);
  code.je('.no_task');
}

/**
 * host_taskCall(edi: linear) -> rax. The request must lie in linear memory, and what it says is
 * checked here: the procedures of the other files trust their arguments. They get the task in rdi,
 * the request in rsi, the other task in rdx.
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
    code.cmp(eax, numberOf('frames'));
    code.jne('.one');
    code.cmp(ecx, -1);
    code.je('.all');
    code.label('.one');
    findTask(nucleus);
    code.mov(rsi, rbx);
    for (const name of byFrequency) {
      code.cmp(eax, numberOf(name));
      code.jne(`.not_${name}`);
      checkRequest(nucleus, checks[name] ?? {}, name);
      if (name === 'destroy') code.mov(esi, ecx);
      if (name === 'frames') {
        code.mov(rax, qword(rdi, task.space));
        code.mov(rax, qword(rax, space.frames));
      } else {
        code.call(`task_${name}`);
      }
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

const numberOf = (name: OperationName): number =>
  taskOperations.findIndex((operation) => operation.name === name);
/** What a server of system calls does all the time comes first. */
const often: readonly OperationName[] = ['run', 'read', 'write', 'string'];
const byFrequency: readonly OperationName[] = [
  ...often,
  ...taskOperations
    .map(({ name }) => name)
    .filter((name) => name !== 'create' && !often.includes(name)),
];

/** Leaves when the range of rdx bytes from rax on is not in the lower half. Changes rax, r12. */
function checkRange({ code }: NucleusCode): void {
  code.movabs(r12, taskAddresses.first);
  code.cmp(rax, r12);
  code.jb('.bad_address');
  code.movabs(r12, taskAddresses.end);
  code.cmp(rax, r12);
  code.jae('.bad_address');
  code.add(rax, rdx);
  code.cmp(rax, r12);
  code.ja('.bad_address');
}

/**
 * Leaves host_taskCall when the request at rbx cannot be served; rdx is the other task afterwards.
 * Changes rax, rdx, r8 and r12.
 */
function checkRequest(nucleus: NucleusCode, row: Checks, name: OperationName): void {
  const { code } = nucleus;
  if (row.range) {
    code.mov(edx, field('count'));
    code.cmp(edx, row.range === 'pages' ? pagesPerCall : bytesPerCall);
    code.ja('.invalid');
    if (row.range === 'pages') code.shl(rdx, 12);
  }
  for (const where of ['address', 'value'] as const) {
    if (!row.range || (where === 'value' && !row.second)) continue;
    code.mov(rax, field(where));
    if (row.range === 'pages') {
      code.test(eax, 4095);
      code.jne('.invalid');
    }
    if (row.range === 'text') {
      // A text may end at the last address, whatever the most that was asked for.
      code.movabs(r12, taskAddresses.end);
      code.sub(r12, rax);
      code.jbe('.bad_address');
      code.cmp(rdx, r12);
      code.cmova(rdx, r12);
      code.mov(field('count'), edx);
    }
    checkRange(nucleus);
  }
  if (row.block) code.mov(edx, row.block);
  if (row.block || row.range === 'bytes' || row.range === 'text') {
    code.mov(eax, field('linear'));
    code.add(rax, rdx);
    code.cmp(rax, qword('linear_bytes'));
    code.ja('.bad_address');
  }
  if (row.other) {
    code.mov(edx, field('other'));
    code.cmp(edx, tasksMax);
    code.jae('.no_task');
    code.lea(rax, memory('tasks'));
    code.mov(rdx, qword(rax, { index: rdx, scale: 8 }));
    code.test(rdx, rdx);
    code.je('.no_task');
  }
  if (name === 'forkPages') {
    // Where to begin; behind the end there is nothing.
    code.mov(rax, field('address'));
    code.test(eax, 4095);
    code.jne('.invalid');
  }
}

export function emitTasks(nucleus: NucleusCode): void {
  emitCall(nucleus);
}

/**
 * Native tasks: address spaces of ring 3 (architecture D11), as `host.taskCall(linear)` of
 * tables/host.ts serves them. The VM writes a request block into linear memory; the host does what
 * it says, in bounded time, and returns a number that is not negative, or a negative error number
 * (tables/posix_errors.ts).
 */

/** The request block: offset of each field. */
export const taskRequest = {
  /** u32: number of the operation, its index in taskOperations. */
  operation: 0,
  /** u32: number of the task. */
  task: 4,
  /** u64: virtual address in the task. */
  address: 8,
  /** u32: pages, at most pagesPerCall; or bytes, at most bytesPerCall. */
  count: 16,
  /** u32: taskAccess bits; for `run` 1 when `value` is the result of a system call. */
  access: 20,
  /** u32: address in linear memory of what is copied, or of taskRegisters. */
  linear: 24,
  /** After `run`: u32 vector, u64 error code, u64 address of a fault (CR2). */
  vector: 28,
  errorCode: 32,
  faultAddress: 40,
  /** u64: what rax is from now on; a second address; a number of frames. */
  value: 48,
  /** u32: number of the other task. */
  other: 56,
  /** After `run` ended with a system call: taskCallRegisters, u64 each. */
  call: 64,
} as const;
export const taskRequestBytes = 120;

export interface TaskOperation {
  readonly name: string;
  readonly doc: string;
}

/** In the order of their numbers. */
export const taskOperations = [
  { name: 'create', doc: 'A new task without memory; gives its number, or enomem, emfile.' },
  {
    name: 'destroy',
    doc: 'Frees one page table with its pages; gives 1 while there are more, 0 when the task is gone.',
  },
  {
    name: 'map',
    doc: 'New pages of zeros; gives how many, fewer when a page is there already or memory is out; enomem, eexist when none.',
  },
  { name: 'unmap', doc: 'Frees the pages that are there; gives how many.' },
  { name: 'protect', doc: 'Changes the access of the pages that are there; gives how many.' },
  {
    name: 'read',
    doc: 'Copies from the task to linear memory; gives bytes, up to a missing page.',
  },
  { name: 'write', doc: 'Copies from linear memory to the task, whatever its access; as read.' },
  {
    name: 'string',
    doc: 'Copies a text from the task to linear memory, up to the zero behind it; gives its bytes without that, enametoolong when there is no zero in `count` bytes, efault.',
  },
  { name: 'getRegisters', doc: 'Writes taskRegisters to linear memory.' },
  {
    name: 'setRegisters',
    doc: 'Takes taskRegisters; einval for addresses outside the lower half.',
  },
  { name: 'run', doc: 'Runs until a system call, a fault or an interrupt; gives a taskReason.' },
  {
    name: 'frames',
    doc: 'Frames that are mapped in the task, tables among them; with number -1 frames of all tasks, each once.',
  },
  {
    name: 'thread',
    doc: 'A new task with the registers and the address space of this one; gives its number, or enomem, emfile.',
  },
  {
    name: 'fork',
    doc: 'A new task with the registers of this one and an address space of its own, which is empty; as thread.',
  },
  {
    name: 'forkPages',
    doc: "The pages of one table, from the address on, are also the other task's, to be copied when one of them writes; gives where to go on, 0 at the end, or enomem, eexist.",
  },
  {
    name: 'share',
    doc: 'The pages of the other task from `value` on are also in this one; gives how many, fewer or efault, eexist, enomem where that cannot be.',
  },
  {
    name: 'move',
    doc: 'The pages that are there are at `value` from now on; gives how many places were looked at, fewer or eexist, enomem where that cannot be.',
  },
  { name: 'limit', doc: 'No more than `value` frames are mapped in the task by what comes.' },
  { name: 'getFpu', doc: 'Writes x87 and SSE registers, as FXSAVE stores them, to linear memory.' },
  { name: 'setFpu', doc: 'Takes them; einval for bits of MXCSR that there are not.' },
] as const satisfies readonly TaskOperation[];

/**
 * `own`: read and write copy only what the task itself might read or write. `shared`: pages that
 * are written in place, whoever has them, too.
 */
export const taskAccess = { read: 1, write: 2, execute: 4, own: 8, shared: 16 } as const;
/** Why `run` returned. */
export const taskReason = { systemCall: 0, fault: 1, interrupted: 2 } as const;

/** A power of two. */
export const tasksMax = 4096;
export const pagesPerCall = 64;
export const bytesPerCall = 65536;
export const taskFpuBytes = 512;
/** First and behind the last address of a task: page 0 stays away, and so does the last page. */
export const taskAddresses = { first: 0x1000n, end: 0x7fff_ffff_f000n } as const;

/** Registers in the order of the block that getRegisters and setRegisters copy; u64 each. */
// biome-ignore format: groups
export const taskRegisters = [
  'rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rbp', 'rsp',
  'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15',
  'rip', 'rflags', 'fs_base', 'gs_base',
] as const;
export type TaskRegister = (typeof taskRegisters)[number];
/** Number and arguments of a system call, as Linux passes them. */
export const taskCallRegisters = ['rax', 'rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'] as const;

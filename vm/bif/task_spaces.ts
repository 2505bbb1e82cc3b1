/**
 * Module vbeam_task, the part of which a second task is part: threads, copies of address spaces,
 * shared and moved pages; besides, who owns a task, how much it may have, and its x87 and SSE
 * registers. Each function does a bounded piece of work; os/vbeam/src/vbeam_task.erl puts them
 * together.
 */
import { binaryData, byteSize, isAlignedBinary, newBinary } from '../binary';
import { lowBits } from '../bignum';
import { CLASS_ERROR, badarg, fail, outOfMemory } from '../errors';
import { am_not_owner, am_ok } from '../gen/atoms';
import { errorAtom } from '../gen/files';
import {
  TASK_COUNT_FPU_BYTES,
  TASK_FORK,
  TASK_FORK_PAGES,
  TASK_GET_FPU,
  TASK_LIMIT,
  TASK_MOST_PAGES,
  TASK_MOVE,
  TASK_SET_FPU,
  TASK_SHARE,
  TASK_THREAD,
} from '../gen/tasks';
import {
  H_FIRST,
  H_NUMBER,
  KIND_TASK,
  give,
  ownResource,
  ownedResource,
  resource,
} from '../hardware';
import { makeReference } from '../refs';
import { livingProcess } from '../signals';
import { askOther, askTask, destroySome } from '../tasks';
import { NONE, isLocalPid } from '../term';
import { ACCESS_MOST, answer, isAddress, small, taskOf } from './tasks';

/** A handle of the running process for a task that the host has made; or what went wrong. */
export function newHandle(task: i64): u64 {
  if (task < 0) return errorAtom(task);
  const record = ownResource(KIND_TASK, task as u64, 1);
  if (record) return makeReference(load<u64>(record, H_NUMBER));
  while (!destroySome(task as u32)) {}
  return outOfMemory();
}

/** thread_task(Handle) -> Handle of a task in the same address space | emfile | enomem */
// bif: vbeam_task:thread_task/1
export function threadTask1(handle: u64): u64 {
  const task = taskOf(handle);
  return task < 0 ? NONE : newHandle(askTask(TASK_THREAD, task as u32, 0, 0, 0, 0));
}
/** fork_task(Handle) -> Handle of a task whose address space is empty | emfile | enomem */
// bif: vbeam_task:fork_task/1
export function forkTask1(handle: u64): u64 {
  const task = taskOf(handle);
  return task < 0 ? NONE : newHandle(askTask(TASK_FORK, task as u32, 0, 0, 0, 0));
}
/**
 * fork_pages(Handle, Other, Address) -> the next Address, 0 at the end | enomem | eexist: the pages
 * of one table are the other's, too.
 */
// bif: vbeam_task:fork_pages/3
export function forkPages3(handle: u64, other: u64, address: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const child = taskOf(other);
  if (child < 0) return NONE;
  if (!isAddress(address)) return badarg();
  const from = lowBits(address);
  return answer(askOther(TASK_FORK_PAGES, task as u32, child as u32, from, 0, 0, 0));
}
/**
 * share_pages(Handle, Address, Source, SourceAddress, Pages, Access) -> Shared | efault | eexist |
 * enomem | einval. The source may be anybody's: who knows its handle was given it.
 */
// bif: vbeam_task:share_pages/6
export function sharePages6(
  handle: u64,
  address: u64,
  source: u64,
  sourceAddress: u64,
  count: u64,
  access: u64,
): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const record = resource(source, KIND_TASK);
  if (!record) return fail(CLASS_ERROR, am_not_owner);
  const most = small(count);
  const bits = small(access);
  if (!isAddress(address) || !isAddress(sourceAddress) || !isPages(most, bits)) return badarg();
  const other = load<u64>(record, H_FIRST) as u32;
  const at = lowBits(address);
  const from = lowBits(sourceAddress);
  return answer(askOther(TASK_SHARE, task as u32, other, at, from, most as u32, bits as u32));
}
function isPages(count: i64, access: i64): bool {
  return count >= 0 && count <= (TASK_MOST_PAGES as i64) && access >= 0 && access <= ACCESS_MOST;
}
/** move_pages(Handle, From, To, Pages) -> places | eexist | enomem | efault | einval */
// bif: vbeam_task:move_pages/4
export function movePages4(handle: u64, from: u64, to: u64, count: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const most = small(count);
  if (!isAddress(from) || !isAddress(to) || !isPages(most, 0)) return badarg();
  return answer(askOther(TASK_MOVE, task as u32, 0, lowBits(from), lowBits(to), most as u32, 0));
}
/** limit(Handle, Frames) -> ok: no more frames than that are mapped by what comes */
// bif: vbeam_task:limit/2
export function limit2(handle: u64, frames: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  if (!isAddress(frames)) return badarg();
  askOther(TASK_LIMIT, task as u32, 0, 0, lowBits(frames), 0, 0);
  return am_ok;
}
/** give_task(Handle, Pid) -> ok | esrch: the task is the other process's */
// bif: vbeam_task:give_task/2
export function giveTask2(handle: u64, pid: u64): u64 {
  if (taskOf(handle) < 0) return NONE;
  if (!isLocalPid(pid)) return badarg();
  const process = livingProcess(pid);
  if (!process) return errorAtom(ESRCH);
  give(ownedResource(handle, KIND_TASK), process);
  return am_ok;
}
const ESRCH: i64 = -3;

/** get_fpu(Handle) -> 512 bytes, as FXSAVE stores them */
// bif: vbeam_task:get_fpu/1
export function getFpu1(handle: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const made = newBinary(TASK_COUNT_FPU_BYTES);
  if (made == NONE) return NONE;
  askTask(TASK_GET_FPU, task as u32, 0, 0, 0, binaryData(made));
  return made;
}
/** put_fpu(Handle, Binary) -> 0 | einval */
// bif: vbeam_task:put_fpu/2
export function putFpu2(handle: u64, bytes: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  if (!isAlignedBinary(bytes) || byteSize(bytes) != TASK_COUNT_FPU_BYTES) return badarg();
  return answer(askTask(TASK_SET_FPU, task as u32, 0, 0, 0, binaryData(bytes)));
}

/** Requests to the host for native tasks: the block of tables/tasks.ts. Results are taskCall's. */
import {
  TASK_DESTROY,
  TASK_REQUEST_ACCESS,
  TASK_REQUEST_ADDRESS,
  TASK_REQUEST_ALL_BYTES,
  TASK_REQUEST_COUNT,
  TASK_REQUEST_LINEAR,
  TASK_REQUEST_OPERATION,
  TASK_REQUEST_OTHER,
  TASK_REQUEST_TASK,
  TASK_REQUEST_VALUE,
  TASK_RUN,
} from './gen/tasks';
import { taskCall } from './host';

export const taskBlock: usize = memory.data(128, 8);

/** An operation on a task; arguments that it does not need are 0. */
export function askTask(
  operation: u32,
  task: u32,
  address: u64,
  count: u32,
  access: u32,
  linear: usize,
): i64 {
  memory.fill(taskBlock, 0, TASK_REQUEST_ALL_BYTES);
  store<u32>(taskBlock, operation, TASK_REQUEST_OPERATION);
  store<u32>(taskBlock, task, TASK_REQUEST_TASK);
  store<u64>(taskBlock, address, TASK_REQUEST_ADDRESS);
  store<u32>(taskBlock, count, TASK_REQUEST_COUNT);
  store<u32>(taskBlock, access, TASK_REQUEST_ACCESS);
  store<u32>(taskBlock, linear as u32, TASK_REQUEST_LINEAR);
  return taskCall(taskBlock as u32);
}

/** An operation with a second task or a second address. */
export function askOther(
  operation: u32,
  task: u32,
  other: u32,
  address: u64,
  value: u64,
  count: u32,
  access: u32,
): i64 {
  memory.fill(taskBlock, 0, TASK_REQUEST_ALL_BYTES);
  store<u32>(taskBlock, operation, TASK_REQUEST_OPERATION);
  store<u32>(taskBlock, task, TASK_REQUEST_TASK);
  store<u32>(taskBlock, other, TASK_REQUEST_OTHER);
  store<u64>(taskBlock, address, TASK_REQUEST_ADDRESS);
  store<u64>(taskBlock, value, TASK_REQUEST_VALUE);
  store<u32>(taskBlock, count, TASK_REQUEST_COUNT);
  store<u32>(taskBlock, access, TASK_REQUEST_ACCESS);
  return taskCall(taskBlock as u32);
}

/** Runs a task, when `given` with the value as the result of its last system call. */
export function runTask(task: u32, given: bool, value: u64): i64 {
  memory.fill(taskBlock, 0, TASK_REQUEST_ALL_BYTES);
  store<u32>(taskBlock, TASK_RUN, TASK_REQUEST_OPERATION);
  store<u32>(taskBlock, task, TASK_REQUEST_TASK);
  store<u32>(taskBlock, given ? 1 : 0, TASK_REQUEST_ACCESS);
  store<u64>(taskBlock, value, TASK_REQUEST_VALUE);
  return taskCall(taskBlock as u32);
}

/** Frees one page table of a task with its pages; true when the task is gone. */
export function destroySome(task: u32): bool {
  return askTask(TASK_DESTROY, task, 0, 0, 0, 0) != 1;
}

/**
 * Module vbeam_task: native tasks (architecture D11) as owned resources. A handle works only for
 * the process that created the task, and the task ends with it. Each function does a bounded piece
 * of work; os/vbeam/src/vbeam_task.erl puts them together.
 */
import { fitsI64, fitsU64, integerOfU64, lowBits } from '../bignum';
import { binaryData, binaryOf, byteSize, isAlignedBinary, newBinary, subBinary } from '../binary';
import { CLASS_ERROR, badarg, fail } from '../errors';
import {
  am_fault,
  am_interrupted,
  am_more,
  am_none,
  am_not_owner,
  am_ok,
  am_system_call,
} from '../gen/atoms';
import { errorAtom } from '../gen/files';
import {
  TASK_COUNT_CALL_REGISTERS,
  TASK_COUNT_REGISTERS,
  TASK_CREATE,
  TASK_FRAMES,
  TASK_GET_REGISTERS,
  TASK_MAP,
  TASK_MOST_BYTES,
  TASK_MOST_PAGES,
  TASK_PROTECT,
  TASK_READ,
  TASK_REASON_FAULT,
  TASK_REASON_SYSTEM_CALL,
  TASK_REQUEST_CALL,
  TASK_REQUEST_ERROR_CODE,
  TASK_REQUEST_FAULT_ADDRESS,
  TASK_REQUEST_VECTOR,
  TASK_RUN,
  TASK_SET_REGISTERS,
  TASK_STRING,
  TASK_UNMAP,
  TASK_WRITE,
} from '../gen/tasks';
import { H_FIRST, KIND_TASK, ownedResource, releaseResource } from '../hardware';
import { hAlloc } from '../heap';
import { tuple4 } from '../signals';
import { chargeReductions } from '../state';
import { askTask, destroySome, runTask, taskBlock } from '../tasks';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isInteger,
  isList,
  isSmall,
  makeCons,
  smallOf,
  smallValue,
  tail,
} from '../term';
import { newHandle } from './task_spaces';

const ALL_TASKS: u32 = 0xffff_ffff;
/** Of tables/tasks.ts: read, write, execute, shared; not `own`, which is ours to say. */
export const ACCESS_MOST: i64 = 23;
/** Of tables/tasks.ts: only what the task itself might read or write. */
const ACCESS_OWN: u32 = 8;
/** The longest text that is read in one call. */
const TEXT_BYTES: u32 = 4096;
/** Reductions that a run costs whatever ends it; an interrupt rings the doorbell besides. */
const RUN_REDUCTIONS: i32 = 100;
const registers: usize = memory.data(160, 8);
const text: usize = memory.data(4096, 8);

/** The number of the task, -1 after the error that the handle is not the caller's. */
export function taskOf(handle: u64): i64 {
  const record = ownedResource(handle, KIND_TASK);
  if (record) return load<u64>(record, H_FIRST) as i64;
  fail(CLASS_ERROR, am_not_owner);
  return -1;
}
/** A result that is not negative as a number, or the atom of an error. */
export function answer(result: i64): u64 {
  return result < 0 ? errorAtom(result) : smallOf(result);
}
export function isAddress(t: u64): bool {
  return isInteger(t) && fitsU64(t);
}
export function small(t: u64): i64 {
  return isSmall(t) ? smallValue(t) : -1;
}

/** create_task() -> Handle | emfile | enomem | enosys */
// bif: vbeam_task:create_task/0
export function createTask0(): u64 {
  return newHandle(askTask(TASK_CREATE, 0, 0, 0, 0, 0));
}
/** destroy_some(Handle) -> more | ok */
// bif: vbeam_task:destroy_some/1
export function destroySome1(handle: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  if (!destroySome(task as u32)) return am_more;
  releaseResource(ownedResource(handle, KIND_TASK));
  return am_ok;
}

function pages(operation: u32, handle: u64, address: u64, count: u64, access: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const most = small(count);
  const bits = small(access);
  if (
    !isAddress(address) ||
    most < 0 ||
    most > (TASK_MOST_PAGES as i64) ||
    bits < 0 ||
    bits > ACCESS_MOST
  )
    return badarg();
  return answer(askTask(operation, task as u32, lowBits(address), most as u32, bits as u32, 0));
}
/** map_pages(Handle, Address, Pages, Access) -> Mapped | enomem | eexist | efault | einval */
// bif: vbeam_task:map_pages/4
export function mapPages4(handle: u64, address: u64, count: u64, access: u64): u64 {
  return pages(TASK_MAP, handle, address, count, access);
}
/** unmap_pages(Handle, Address, Pages) -> Unmapped | efault | einval */
// bif: vbeam_task:unmap_pages/3
export function unmapPages3(handle: u64, address: u64, count: u64): u64 {
  return pages(TASK_UNMAP, handle, address, count, smallOf(0));
}
/** protect_pages(Handle, Address, Pages, Access) -> Changed | efault | einval */
// bif: vbeam_task:protect_pages/4
export function protectPages4(handle: u64, address: u64, count: u64, access: u64): u64 {
  return pages(TASK_PROTECT, handle, address, count, access);
}

function read(handle: u64, address: u64, bytes: u64, access: u32): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const most = small(bytes);
  if (!isAddress(address) || most < 0 || most > (TASK_MOST_BYTES as i64)) return badarg();
  const made = newBinary(most as u32);
  if (made == NONE) return NONE;
  const into = binaryData(made);
  const count = askTask(TASK_READ, task as u32, lowBits(address), most as u32, access, into);
  if (count < 0) return errorAtom(count);
  return count == most ? made : subBinary(made, 0, (count as u64) << 3);
}
function write(handle: u64, address: u64, bytes: u64, access: u32): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  if (!isAddress(address) || !isAlignedBinary(bytes) || byteSize(bytes) > TASK_MOST_BYTES)
    return badarg();
  const from = binaryData(bytes);
  const at = lowBits(address);
  return answer(askTask(TASK_WRITE, task as u32, at, byteSize(bytes), access, from));
}
/** read_bytes(Handle, Address, Bytes) -> Binary, shorter at a missing page | efault */
// bif: vbeam_task:read_bytes/3
export function readBytes3(handle: u64, address: u64, bytes: u64): u64 {
  return read(handle, address, bytes, 0);
}
/** write_bytes(Handle, Address, Binary) -> Written, less at a missing page | efault */
// bif: vbeam_task:write_bytes/3
export function writeBytes3(handle: u64, address: u64, bytes: u64): u64 {
  return write(handle, address, bytes, 0);
}
/** fetch_bytes(Handle, Address, Bytes) as read_bytes/3, of what the task itself might read */
// bif: vbeam_task:fetch_bytes/3
export function fetchBytes3(handle: u64, address: u64, bytes: u64): u64 {
  return read(handle, address, bytes, ACCESS_OWN);
}
/** store_bytes(Handle, Address, Binary) as write_bytes/3, where the task itself might write */
// bif: vbeam_task:store_bytes/3
export function storeBytes3(handle: u64, address: u64, bytes: u64): u64 {
  return write(handle, address, bytes, ACCESS_OWN);
}
/** string_bytes(Handle, Address, Most) -> the bytes before a zero | enametoolong | efault */
// bif: vbeam_task:string_bytes/3
export function stringBytes3(handle: u64, address: u64, bytes: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const most = small(bytes);
  if (!isAddress(address) || most < 0 || most > (TEXT_BYTES as i64)) return badarg();
  const count = askTask(TASK_STRING, task as u32, lowBits(address), most as u32, 0, text);
  return count < 0 ? errorAtom(count) : binaryOf(text, count as u32);
}

/** get_registers(Handle) -> [Value], in the order of tables/tasks.ts */
// bif: vbeam_task:get_registers/1
export function getRegisters1(handle: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const result = askTask(TASK_GET_REGISTERS, task as u32, 0, 0, 0, registers);
  if (result < 0) return errorAtom(result);
  let list = NIL;
  for (let i: i32 = TASK_COUNT_REGISTERS - 1; i >= 0; i--) {
    const value = integerOfU64(load<u64>(registers + (i << 3)));
    list = makeCons(hAlloc(2), value, list);
  }
  return list;
}
/** set_registers_list(Handle, [Value]) -> 0 | einval */
// bif: vbeam_task:set_registers_list/2
export function setRegistersList2(handle: u64, values: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  for (let i: u32 = 0; i < TASK_COUNT_REGISTERS; i++) {
    if (!isList(values) || !isAddress(head(values))) return badarg();
    store<u64>(registers + (i << 3), lowBits(head(values)));
    values = tail(values);
  }
  if (values != NIL) return badarg();
  return answer(askTask(TASK_SET_REGISTERS, task as u32, 0, 0, 0, registers));
}
/** What ended a run, but for a system call. */
function endOfRun(reason: i64): u64 {
  if (reason < 0) return errorAtom(reason);
  if (reason != TASK_REASON_FAULT) return am_interrupted;
  return tuple4(
    am_fault,
    smallOf(load<u32>(taskBlock, TASK_REQUEST_VECTOR) as i64),
    smallOf(load<u64>(taskBlock, TASK_REQUEST_ERROR_CODE) as i64),
    integerOfU64(load<u64>(taskBlock, TASK_REQUEST_FAULT_ADDRESS)),
  );
}
/**
 * run(Handle) -> system_call | {fault, Vector, ErrorCode, Address} | interrupted: at most until the
 * next interrupt, of which the timer makes one every millisecond.
 */
// bif: vbeam_task:run/1
export function run1(handle: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const reason = askTask(TASK_RUN, task as u32, 0, 0, 0, 0);
  chargeReductions(RUN_REDUCTIONS);
  return reason == TASK_REASON_SYSTEM_CALL ? am_system_call : endOfRun(reason);
}
/**
 * step(Handle, Result | none) -> {system_call, Number, A1, ..., A6} | {fault, Vector, ErrorCode,
 * Address} | interrupted: as run/1, with the result of the last system call.
 */
// bif: vbeam_task:step/2
export function step2(handle: u64, result: u64): u64 {
  const task = taskOf(handle);
  if (task < 0) return NONE;
  const given = result != am_none;
  if (given && (!isInteger(result) || !(fitsI64(result) || fitsU64(result)))) return badarg();
  const reason = runTask(task as u32, given, given ? lowBits(result) : 0);
  chargeReductions(RUN_REDUCTIONS);
  if (reason != TASK_REASON_SYSTEM_CALL) return endOfRun(reason);
  const at = hAlloc(TASK_COUNT_CALL_REGISTERS + 2);
  store<u64>(at, headerOf(SUB_TUPLE, TASK_COUNT_CALL_REGISTERS + 1));
  store<u64>(at, am_system_call, 8);
  for (let i: u32 = 0; i < TASK_COUNT_CALL_REGISTERS; i++) {
    const value = load<u64>(taskBlock + (i << 3), TASK_REQUEST_CALL);
    store<u64>(at + (i << 3), integerOfU64(value), 16);
  }
  return boxedOf(at);
}
/** frames(Handle) -> how many frames of 4 KiB the task has */
// bif: vbeam_task:frames/1
export function frames1(handle: u64): u64 {
  const task = taskOf(handle);
  return task < 0 ? NONE : answer(askTask(TASK_FRAMES, task as u32, 0, 0, 0, 0));
}
/** frames() -> how many frames all tasks have */
// bif: vbeam_task:frames/0
export function frames0(): u64 {
  return answer(askTask(TASK_FRAMES, ALL_TASKS, 0, 0, 0, 0));
}

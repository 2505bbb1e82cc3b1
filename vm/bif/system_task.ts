/**
 * What one process asks of another, or of itself: collections, checks for old code
 * (vm/system_tasks.ts).
 */
import { badarg, collectThen, outOfMemory, trapTo } from '../errors';
import {
  am_check_process_code,
  am_false,
  am_garbage_collect,
  am_inherit,
  am_major,
  am_minor,
  am_noproc,
  am_ok,
  am_system_task_test,
  am_true,
} from '../gen/atoms';
import { BIF_checkOwnCodeMore } from '../gen/bifs';
import { P_ID, P_PRIORITY } from '../gen/layout';
import { isEarlier } from '../names';
import { SEARCH_FOUND, SEARCH_MORE, searchOldCode, searchedWords } from '../old_code';
import { setX } from '../registers';
import { deliver, livingProcess, tuple3 } from '../signals';
import { chargeReductions, current } from '../state';
import { saveRegisters } from '../swap';
import { TASK_CHECK_CODE, TASK_MAJOR, TASK_MINOR, TASK_TEST, requestTask } from '../system_tasks';
import {
  isAtom,
  isLocalPid,
  isPid,
  isTuple,
  smallOf,
  smallValue,
  tupleArity,
  tupleElement,
} from '../term';
import { priorityOf } from './spawn';
import { boolOf } from './types';

// bif: erts_internal:garbage_collect/1
export function garbageCollect1(kind: u64): u64 {
  return kind == am_major || kind == am_minor ? collectThen(am_true, kind == am_major) : badarg();
}

/** The kind of task that {Kind, Id, Argument} asks for, -1 when there is none such. */
function taskKind(request: u64): i32 {
  if (!isTuple(request) || tupleArity(request) < 2) return -1;
  const name = tupleElement(request, 1);
  if (name == am_system_task_test) return TASK_TEST;
  if (tupleArity(request) < 3) return -1;
  const argument = tupleElement(request, 3);
  if (name == am_check_process_code) return isAtom(argument) ? TASK_CHECK_CODE : -1;
  if (name != am_garbage_collect) return -1;
  return argument == am_major ? TASK_MAJOR : argument == am_minor ? TASK_MINOR : -1;
}
/** Ask on behalf of `requester`, who gets the message {Kind, Id, Result}. */
function request(requester: u64, pid: u64, priority: u64, task: u64): u64 {
  const kind = taskKind(task);
  const urgency =
    priority == am_inherit ? (load<u32>(current, P_PRIORITY) as i32) : priorityOf(priority);
  const known = isLocalPid(pid) || (isPid(pid) && isEarlier(pid));
  if (!known || urgency < 0 || kind < 0) return badarg();
  const id = tupleElement(task, 2);
  const process = livingProcess(pid);
  if (process) {
    const module = kind == TASK_CHECK_CODE ? tupleElement(task, 3) : 0;
    return requestTask(process, urgency as u32, kind as u32, module, requester, id)
      ? am_ok
      : outOfMemory();
  }
  const asker = livingProcess(requester);
  if (asker && !deliver(asker, tuple3(tupleElement(task, 1), id, am_false))) return outOfMemory();
  return am_ok;
}
// bif: erts_internal:request_system_task/3
export function requestSystemTask3(pid: u64, priority: u64, task: u64): u64 {
  return request(load<u64>(current, P_ID), pid, priority, task);
}
// bif: erts_internal:request_system_task/4
export function requestSystemTask4(requester: u64, pid: u64, priority: u64, task: u64): u64 {
  return isLocalPid(requester) ? request(requester, pid, priority, task) : badarg();
}
// bif: erts_internal:check_process_code/1
export function checkProcessCode1(module: u64): u64 {
  return isAtom(module) ? checkOwnCodeMore(module, smallOf(0)) : badarg();
}
const SEARCH_REDUCTIONS: i32 = 20;
// bif: vbeam_internal:check_own_code_more/2
export function checkOwnCodeMore(module: u64, searched: u64): u64 {
  saveRegisters();
  const state = searchOldCode(current, module, smallValue(searched) as u32);
  chargeReductions(SEARCH_REDUCTIONS);
  if (state != SEARCH_MORE) return boolOf(state == SEARCH_FOUND);
  setX(0, module);
  setX(1, smallOf(searchedWords));
  return trapTo(BIF_checkOwnCodeMore, 2);
}
// bif: erts_internal:dirty_process_handle_signals/1
export function dirtyProcessHandleSignals1(pid: u64): u64 {
  // There are no dirty schedulers, so no process ever executes dirty.
  return isLocalPid(pid) ? am_noproc : badarg();
}

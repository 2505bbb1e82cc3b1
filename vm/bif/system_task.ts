/**
 * Requests to other processes that OTP answers asynchronously and this VM at once: collections,
 * checks for old code.
 */
import { badarg, collectThen, outOfMemory, trapArguments3, trapTo } from '../errors';
import {
  am_check_process_code,
  am_false,
  am_garbage_collect,
  am_major,
  am_minor,
  am_true,
  am_noproc,
} from '../gen/atoms';
import { BIF_checkCodeMore, BIF_checkOwnCodeMore } from '../gen/bifs';
import { P_FLAGS } from '../gen/layout';
import { FLAG_FULLSWEEP } from '../process';
import { ringDoorbell } from '../heap';
import { deliver, livingProcess, tuple3 } from '../signals';
import { setX } from '../registers';
import { chargeReductions, current } from '../state';
import { SEARCH_FOUND, SEARCH_MORE, searchOldCode, searchedWords } from '../old_code';
import {
  isAtom,
  isLocalPid,
  isTuple,
  smallOf,
  smallValue,
  tupleArity,
  tupleElement,
} from '../term';
import { boolOf } from './types';

// bif: erts_internal:garbage_collect/1
export function garbageCollect1(kind: u64): u64 {
  return kind == am_major || kind == am_minor ? collectThen(am_true) : badarg();
}

/**
 * {garbage_collect, Id, Type} or {check_process_code, Id, Module}: the answer is the message {Kind,
 * Id, Result}.
 */
// bif: erts_internal:request_system_task/3
export function requestSystemTask3(pid: u64, priority: u64, request: u64): u64 {
  if (!isLocalPid(pid) || !isAtom(priority) || !isTuple(request) || tupleArity(request) < 3)
    return badarg();
  const process = livingProcess(pid);
  const kind = tupleElement(request, 1);
  if (kind == am_check_process_code) {
    if (!isAtom(tupleElement(request, 3))) return badarg();
    return checkCodeMore(pid, request, smallOf(0));
  }
  let result: u64 = am_false;
  if (kind == am_garbage_collect) {
    if (process) {
      store<u32>(process, load<u32>(process, P_FLAGS) | FLAG_FULLSWEEP, P_FLAGS);
      if (process == current) ringDoorbell();
      result = am_true;
    }
  } else return badarg();
  return answer(request, result);
}
function answer(request: u64, result: u64): u64 {
  const message = tuple3(tupleElement(request, 1), tupleElement(request, 2), result);
  return deliver(current, message) ? am_true : outOfMemory();
}
/** Go on with {check_process_code, Id, Module}: so many words of the stack have been searched. */
// bif: vbeam_internal:check_code_more/3
export function checkCodeMore(pid: u64, request: u64, searched: u64): u64 {
  const process = livingProcess(pid);
  if (!process) return answer(request, am_false);
  const module = tupleElement(request, 3);
  const state = searchOldCode(process, module, smallValue(searched) as u32);
  chargeReductions(SEARCH_REDUCTIONS);
  if (state != SEARCH_MORE) return answer(request, boolOf(state == SEARCH_FOUND));
  trapArguments3(pid, request, smallOf(searchedWords));
  return trapTo(BIF_checkCodeMore, 3);
}
const SEARCH_REDUCTIONS: i32 = 20;
// bif: erts_internal:request_system_task/4
export function requestSystemTask4(requester: u64, pid: u64, priority: u64, request: u64): u64 {
  return isLocalPid(requester) ? requestSystemTask3(pid, priority, request) : badarg();
}
// bif: erts_internal:check_process_code/1
export function checkProcessCode1(module: u64): u64 {
  return isAtom(module) ? checkOwnCodeMore(module, smallOf(0)) : badarg();
}
// bif: vbeam_internal:check_own_code_more/2
export function checkOwnCodeMore(module: u64, searched: u64): u64 {
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

/**
 * Requests to other processes that OTP answers asynchronously and this VM at once: collections,
 * checks for old code.
 */
import { badarg, collectThen, outOfMemory } from '../errors';
import {
  am_check_process_code,
  am_false,
  am_garbage_collect,
  am_major,
  am_minor,
  am_true,
  am_noproc,
} from '../gen/atoms';
import { P_FLAGS } from '../gen/layout';
import { FLAG_FULLSWEEP } from '../process';
import { ringDoorbell } from '../heap';
import { deliver, livingProcess, tuple3 } from '../signals';
import { current } from '../state';
import { usesOldCode } from '../old_code';
import { isAtom, isLocalPid, isTuple, tupleArity, tupleElement } from '../term';
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
  let result: u64 = am_false;
  if (kind == am_garbage_collect) {
    if (process) {
      store<u32>(process, load<u32>(process, P_FLAGS) | FLAG_FULLSWEEP, P_FLAGS);
      if (process == current) ringDoorbell();
      result = am_true;
    }
  } else if (kind == am_check_process_code) {
    if (!isAtom(tupleElement(request, 3))) return badarg();
    result = boolOf(process != 0 && usesOldCode(process, tupleElement(request, 3)));
  } else return badarg();
  return deliver(current, tuple3(kind, tupleElement(request, 2), result)) ? am_true : outOfMemory();
}
// bif: erts_internal:request_system_task/4
export function requestSystemTask4(requester: u64, pid: u64, priority: u64, request: u64): u64 {
  return isLocalPid(requester) ? requestSystemTask3(pid, priority, request) : badarg();
}
// bif: erts_internal:check_process_code/1
export function checkProcessCode1(module: u64): u64 {
  return isAtom(module) ? boolOf(usesOldCode(current, module)) : badarg();
}
// bif: erts_internal:dirty_process_handle_signals/1
export function dirtyProcessHandleSignals1(pid: u64): u64 {
  // There are no dirty schedulers, so no process ever executes dirty.
  return isLocalPid(pid) ? am_noproc : badarg();
}

/** Functions of erts_internal that OTP's own tools use to ask about processes and tables. */
import { badarg, notsup, outOfMemory } from '../errors';
import { findTable } from '../ets/registry';
import { hashFindNext } from '../ets/hash_table';
import { T_TYPE, TYPE_ORDERED_SET } from '../ets/layout';
import { objectOffHeap } from '../ets/object';
import {
  am_backtrace,
  am_badarg,
  am_badopt,
  am_false,
  am_ok,
  am_schedulers,
  am_true,
} from '../gen/atoms';
import { P_FLAGS } from '../gen/layout';
import { hAlloc } from '../heap';
import { REFC_NEXT, offHeapObject } from '../off_heap';
import { FLAG_SUPER_USER } from '../process';
import { debugWrite } from '../host';
import { deliver, livingProcess, tuple2, tuple3 } from '../signals';
import { current } from '../state';
import { NIL, SUB_REFC_BINARY, headerSubtag, isLocalPid, makeCons, smallOf } from '../term';
import { writeProcessText, writtenLength, writtenText } from '../trace/process_text';
import { etsFirst1, etsNext2, find } from './ets';
import { boolOf } from './types';

// ---- processes

/** {Reference, Boolean} is sent to the caller. */
// bif: erts_internal:is_process_alive/2
export function internalIsProcessAlive2(pid: u64, reference: u64): u64 {
  if (!isLocalPid(pid)) return badarg();
  const alive = boolOf(livingProcess(pid) != 0);
  return deliver(current, tuple2(reference, alive)) ? am_ok : outOfMemory();
}
// bif: erts_internal:process_display/2
export function internalProcessDisplay2(pid: u64, what: u64): u64 {
  if (what != am_backtrace) return am_badopt;
  const process = isLocalPid(pid) ? livingProcess(pid) : 0;
  if (!process) return am_badarg;
  if (!writeProcessText(process)) return outOfMemory();
  debugWrite(writtenText() as u32, writtenLength());
  return am_true;
}
/** Only OTP's literal area collector and code purger may ask; no process runs dirty code. */
// bif: erts_internal:check_dirty_process_code/2
export function checkDirtyProcessCode2(_pid: u64, _module: u64): u64 {
  return notsup();
}
// bif: erts_internal:is_process_executing_dirty/1
export function isProcessExecutingDirty1(pid: u64): u64 {
  return isLocalPid(pid) ? am_false : badarg();
}

// ---- the emulator

/** Those who wait for answers of all such threads do not count the last one. */
// bif: erts_internal:no_aux_work_threads/0
export function noAuxWorkThreads0(): u64 {
  return smallOf(2);
}
// bif: erts_internal:system_check/1
export function systemCheck1(what: u64): u64 {
  return what == am_schedulers ? am_ok : badarg();
}
/** There is one allocator, without the carriers and histograms of OTP's. */
// bif: erts_internal:gather_alloc_histograms/1
// bif: erts_internal:gather_carrier_info/1
export function gatherAllocator1(_request: u64): u64 {
  return badarg();
}

// ---- tables

/** A super user reads private tables. */
// bif: erts_internal:ets_super_user/1
export function etsSuperUser1(on: u64): u64 {
  if (on != am_true && on != am_false) return badarg();
  const flags = load<u32>(current, P_FLAGS);
  store<u32>(current, on == am_true ? flags | FLAG_SUPER_USER : flags & ~FLAG_SUPER_USER, P_FLAGS);
  return am_ok;
}
// bif: erts_internal:ets_raw_first/1
export function etsRawFirst1(table: u64): u64 {
  return etsFirst1(table);
}
// bif: erts_internal:ets_raw_next/2
export function etsRawNext2(table: u64, key: u64): u64 {
  return etsNext2(table, key);
}
/** {Identity, Bytes, References} of each off-heap binary in the objects with the key. */
// bif: erts_internal:ets_lookup_binary_info/2
export function etsLookupBinaryInfo2(tab: u64, key: u64): u64 {
  const table = findTable(tab);
  if (!table) return badarg();
  let list = NIL;
  let object = find(table, key);
  while (object) {
    list = binariesOf(object, list);
    object = load<u32>(table, T_TYPE) == TYPE_ORDERED_SET ? 0 : hashFindNext(table, object);
  }
  return list;
}
function binariesOf(object: usize, rest: u64): u64 {
  let list = rest;
  let holder = objectOffHeap(object);
  for (; holder; holder = load<u32>(holder, REFC_NEXT)) {
    if (headerSubtag(load<u64>(holder)) != SUB_REFC_BINARY) continue;
    const binary = offHeapObject(holder);
    const bytes = smallOf(load<i64>(holder, 8));
    const references = smallOf(load<u32>(binary) as i64);
    list = makeCons(hAlloc(2), tuple3(smallOf(binary as i64), bytes, references), list);
  }
  return list;
}

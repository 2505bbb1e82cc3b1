/**
 * What OTP's test suites ask of a VM beyond its interface: erts_debug:set_internal_state/2 and
 * get_internal_state/1, which do not exist before
 * set_internal_state(available_internal_state, true), and erts_internal:term_type/1. Items that
 * speak of OTP's own data structures are badarg.
 */
import { badarg, outOfMemory, trapTo, undef } from '../errors';
import { freeDoomed } from '../ets/registry';
import {
  am_atom,
  am_available_internal_state,
  am_aux_work,
  am_bignum,
  am_binary,
  am_binary_info,
  am_binary_loop_limit,
  am_block,
  am_block_scheduler,
  am_catch,
  am_deallocations,
  am_default,
  am_ets_force_trap,
  am_export,
  am_external_pid,
  am_external_port,
  am_external_reference,
  am_false,
  am_fill_heap,
  am_fixnum,
  am_flatmap,
  am_flxctr_memory_usage,
  am_force_gc,
  am_force_heap_frags,
  am_fun,
  am_gc_state,
  am_hashmap,
  am_hashmap_node,
  am_heap_binary,
  am_hfloat,
  am_internal_hash,
  am_lc_graph,
  am_link_list,
  am_list,
  am_magic_ref,
  am_make,
  am_matchstate,
  am_mbuf,
  am_monitor_list,
  am_next_pid,
  am_next_port,
  am_nil,
  am_node_and_dist_references,
  am_node_tab_delayed_delete,
  am_notsup,
  am_ok,
  am_persistent_term,
  am_pid,
  am_port,
  am_process_info_args,
  am_process_status,
  am_process_uniq_counter,
  am_processes_bif_info,
  am_ptab_list_bif_info,
  am_re_loop_limit,
  am_reds_left,
  am_refc_binary,
  am_reference,
  am_sleep,
  am_sub_binary,
  am_table,
  am_thread_progress,
  am_timer_cancellations,
  am_true,
  am_tuple,
  am_undefined,
  am_unicode_loop_limit,
  am_wait,
} from '../gen/atoms';
import { atomExists } from '../atoms';
import { OBJECT_CAPACITY, REFC_FLAGS, REFC_SIZE, SUB_OWNER } from '../binary';
import { BIF_setInternalState2 } from '../gen/bifs';
import { P_FLAGS, P_ID } from '../gen/layout';
import { hAlloc, wordsLeft } from '../heap';
import { now } from '../host';
import { internalHash } from '../hash';
import { emptyMap, mapPut } from '../maps';
import { isMagicReference, offHeapObject } from '../off_heap';
import { FLAG_FULLSWEEP, FLAG_NO_REQUESTED_COLLECTION, processOf } from '../process';
import { nextPortNumber, setNextPortNumber } from '../ports';
import { nextPidNumber, processSlots, setNextPidNumber } from '../process_table';
import { isLocalReference, isMagicNumber, referenceNumber } from '../refs';
import { setX } from '../registers';
import { newResource, resourceTerm } from '../resource';
import { livingProcess, tuple2, tuple3, tuple4 } from '../signals';
import { budget, chargeReductions, current, spendSlice } from '../state';
import { resumeDelayed } from '../system_tasks';
import {
  NIL,
  SUB_EXPORT,
  SUB_EXTERNAL_PID,
  SUB_EXTERNAL_PORT,
  SUB_EXTERNAL_REF,
  SUB_FLOAT,
  SUB_FUN,
  SUB_HEAP_BINARY,
  SUB_MAP,
  SUB_MATCH_STATE,
  SUB_NEG_BIG,
  SUB_POS_BIG,
  SUB_REF,
  SUB_REFC_BINARY,
  SUB_SUB_BINARY,
  SUB_TUPLE,
  atomOf,
  boxedAddress,
  boxedHeader,
  boxedOf,
  boxedWord,
  headerOf,
  isBinary,
  isInteger,
  isKind,
  headerExtra,
  headerSubtag,
  isAtom,
  isList,
  isLocalPid,
  isLocalPort,
  isSmall,
  isTuple,
  smallOf,
  smallValue,
  tupleArity,
  tupleElement,
} from '../term';
import { nodeReferences } from './debug_nodes';
import { debugLinks, debugMonitors } from './debug_relations';
import { waitFor } from './dirty';
import { ertsDebugCopyShared2 } from './erts_debug';
import { SLOTS_PER_REDUCTION } from './process';
import { allItems, statusOf } from './process_info';
import { tableWords } from './persistent_term';
import { boolOf } from './types';

let available: bool = false;
/** Reductions in a slice, the most that reds_left can be set to. */
const SLICE: i64 = 4000;

// bif: erts_debug:set_internal_state/2
export function setInternalState2(item: u64, value: u64): u64 {
  if (item == am_available_internal_state && (value == am_true || value == am_false)) {
    const before = available;
    available = value == am_true;
    return boolOf(before);
  }
  if (!available) return undef();
  if (item == am_reds_left) return setReductions(value);
  if (item == am_next_pid || item == am_next_port) return setNext(item, value);
  if (item == am_force_gc) return forceCollection(value);
  if (item == am_gc_state) return allowCollections(value);
  if (item == am_block) return blockAll(value);
  if (item == am_sleep || item == am_block_scheduler) return waitFor(value, am_true);
  // Receive markers are known by their references here, not by a count that could overflow.
  if (item == am_process_uniq_counter) return isInteger(value) ? am_ok : badarg();
  if (item == am_wait) return waitUntilDone(value);
  // How long a BIF may loop is not for a test to say here.
  if (
    item == am_binary_loop_limit ||
    item == am_re_loop_limit ||
    item == am_unicode_loop_limit ||
    item == am_node_tab_delayed_delete
  )
    return value == am_default || isSmall(value) ? smallOf(-1) : badarg();
  if (item == am_ets_force_trap) return am_notsup;
  if (item == am_fill_heap) return fillHeap(value);
  if (item == am_make && value == am_magic_ref) return makeMagicReference();
  // The term again, in a fragment of the heap.
  if (item == am_mbuf) return ertsDebugCopyShared2(value, am_false);
  return badarg();
}
/** Nobody has a turn for so many milliseconds: how a system that hangs is tried out. */
function blockAll(milliseconds: u64): u64 {
  if (!isSmall(milliseconds) || smallValue(milliseconds) < 0) return badarg();
  const end = now() + smallValue(milliseconds) * 1_000_000;
  while (now() < end) {}
  return am_true;
}
function setReductions(value: u64): u64 {
  if (!isSmall(value) || smallValue(value) < 0 || smallValue(value) > SLICE) return badarg();
  chargeReductions(budget() - (smallValue(value) as i32));
  return am_true;
}
function setNext(item: u64, value: u64): u64 {
  if (!isSmall(value) || smallValue(value) < 0) return badarg();
  if (item == am_next_pid) setNextPidNumber(smallValue(value) as u32);
  else setNextPortNumber(smallValue(value) as u32);
  return value;
}
/** Whether others may have the heap of this process collected; whether they might before. */
function allowCollections(value: u64): u64 {
  if (value != am_true && value != am_false) return badarg();
  const flags = load<u32>(current, P_FLAGS);
  const forbidden = FLAG_NO_REQUESTED_COLLECTION;
  store<u32>(current, value == am_true ? flags & ~forbidden : flags | forbidden, P_FLAGS);
  if (value == am_true) resumeDelayed();
  return boolOf((flags & forbidden) == 0);
}
/** A reference that keeps nothing but itself alive, and the address of that. */
function makeMagicReference(): u64 {
  const resource = newResource(0, 0);
  if (!resource) return outOfMemory();
  return tuple2(resourceTerm(resource), smallOf(resource as i64));
}
/** {Address, Number of references, true}; of a reference whose resource is gone, `true`. */
function magicState(reference: u64): u64 {
  if (!isLocalReference(reference)) return badarg();
  if (!isMagicNumber(referenceNumber(reference))) return am_undefined;
  if (!isMagicReference(reference)) return am_true;
  const resource = offHeapObject(boxedAddress(reference));
  const count = smallOf(load<u32>(resource) as i64);
  return tuple3(smallOf(resource as i64), count, am_true);
}
/** The next words on the heap need a collection first, on demand a full sweep. */
function fillHeap(fullsweep: u64): u64 {
  const words = wordsLeft();
  // An object without terms in it that nobody refers to.
  if (words) store<u64>(hAlloc(words), headerOf(SUB_POS_BIG, words - 1));
  if (fullsweep == am_true) forceCollection(load<u64>(current, P_ID));
  return am_ok;
}
function forceCollection(pid: u64): u64 {
  const process = isLocalPid(pid) ? livingProcess(pid) : 0;
  if (!process) return am_false;
  store<u32>(process, load<u32>(process, P_FLAGS) | FLAG_FULLSWEEP, P_FLAGS);
  return am_true;
}
/** Objects of deleted tables that are freed in a turn. */
const OBJECTS_FREED: u32 = 1000;
/** What is not freed at once is freed between the turns of processes: deleted tables in some. */
function waitUntilDone(what: u64): u64 {
  const known =
    what == am_deallocations ||
    what == am_timer_cancellations ||
    what == am_aux_work ||
    what == am_thread_progress;
  if (!known) return badarg();
  const freed = what != am_deallocations || freeDoomed(OBJECTS_FREED);
  spendSlice();
  if (freed) return am_ok;
  setX(0, am_wait);
  setX(1, am_deallocations);
  return trapTo(BIF_setInternalState2, 2);
}

// bif: erts_debug:get_internal_state/1
export function getInternalState1(item: u64): u64 {
  if (!available) return undef();
  if (item == am_available_internal_state) return am_true;
  if (item == am_reds_left) return smallOf(budget());
  if (item == am_next_pid) return smallOf(nextPidNumber());
  if (item == am_next_port) return smallOf(nextPortNumber());
  if (item == am_force_heap_frags) return am_false;
  if (item == am_persistent_term) return mapPut(emptyMap(), am_table, smallOf(tableWords() as i64));
  if (item == am_process_info_args) return allItems();
  if (item == am_processes_bif_info) return processesInfo();
  if (item == am_node_and_dist_references) return nodeReferences();
  // No lock is checked, no counter shared between schedulers.
  if (item == am_lc_graph || item == am_flxctr_memory_usage) return am_notsup;
  if (isTuple(item) && tupleArity(item) == 2)
    return stateOf(tupleElement(item, 1), tupleElement(item, 2));
  return badarg();
}
/** {Item, Of} */
function stateOf(item: u64, which: u64): u64 {
  const isHolder = isLocalPid(which) || isLocalPort(which);
  if (item == am_internal_hash) return smallOf(internalHash(which));
  // Other nodes are not known.
  if (item == am_link_list) return isHolder ? debugLinks(which) : orUndefined(which);
  if (item == am_monitor_list) return isLocalPid(which) ? debugMonitors(which) : orUndefined(which);
  if (item == am_process_status && isLocalPid(which)) {
    const process = processOf(which);
    return process ? statusOf(process) : am_undefined;
  }
  if (item == am_magic_ref) return magicState(which);
  if (item == am_binary_info && isBinary(which)) return binaryInfo(which);
  if (item == am_atom && isSmall(which) && smallValue(which) >= 0) return atomNumber(which);
  return badarg();
}
function orUndefined(node: u64): u64 {
  return isAtom(node) ? am_undefined : badarg();
}
/** The atom of an index; there have to be so many. */
function atomNumber(index: u64): u64 {
  return atomExists(smallValue(index) as u32) ? atomOf(smallValue(index) as u32) : badarg();
}
/** How processes/0 goes over the table of processes: see processesFrom. */
function processesInfo(): u64 {
  const at = hAlloc(11);
  store<u64>(at, headerOf(SUB_TUPLE, 10));
  store<u64>(at, am_ptab_list_bif_info, 8);
  // Reductions to begin with, chunks of the table, slots of each, slots for one reduction.
  store<u64>(at, smallOf(1), 16);
  store<u64>(at, smallOf(1), 24);
  store<u64>(at, smallOf(processSlots() as i64), 32);
  store<u64>(at, smallOf(SLOTS_PER_REDUCTION as i64), 40);
  // Processes that end meanwhile take no work; a cell goes with its slot; no level of debugging.
  for (let i: usize = 48; i < 72; i += 8) store<u64>(at + i, smallOf(0));
  store<u64>(at, smallOf(SLOTS_PER_REDUCTION as i64), 72);
  store<u64>(at, smallOf(0), 80);
  return boxedOf(at);
}
/** {refc_binary, Bytes, {binary, Bytes of the object}, Flags}, or heap_binary. */
function binaryInfo(binary: u64): u64 {
  const holder = isKind(binary, SUB_SUB_BINARY) ? boxedWord(binary, SUB_OWNER >> 3) : binary;
  if (!isKind(holder, SUB_REFC_BINARY)) return am_heap_binary;
  const at = boxedAddress(holder);
  const capacity = load<u32>(offHeapObject(at), OBJECT_CAPACITY);
  const bytes = smallOf(load<u32>(at, REFC_SIZE) as i64);
  const whole = tuple2(am_binary, smallOf(capacity as i64));
  return tuple4(am_refc_binary, bytes, whole, smallOf(load<u32>(at, REFC_FLAGS) as i64));
}

function boxedType(t: u64): u64 {
  const header = boxedHeader(t);
  switch (headerSubtag(header)) {
    case SUB_TUPLE:
      return am_tuple;
    case SUB_FUN:
      return am_fun;
    case SUB_EXPORT:
      return am_export;
    case SUB_MAP:
      return (headerExtra(header) & 3) == 0
        ? am_flatmap
        : (headerExtra(header) & 3) == 1
          ? am_hashmap_node
          : am_hashmap;
    case SUB_REFC_BINARY:
      return am_refc_binary;
    case SUB_HEAP_BINARY:
      return am_heap_binary;
    case SUB_MATCH_STATE:
      return am_matchstate;
    case SUB_POS_BIG:
    case SUB_NEG_BIG:
      return am_bignum;
    case SUB_REF:
      return am_reference;
    case SUB_EXTERNAL_REF:
      return am_external_reference;
    case SUB_EXTERNAL_PID:
      return am_external_pid;
    case SUB_EXTERNAL_PORT:
      return am_external_port;
    case SUB_FLOAT:
      return am_hfloat;
    default:
      return am_sub_binary;
  }
}
// bif: erts_internal:term_type/1
export function termType1(t: u64): u64 {
  if (isList(t)) return am_list;
  if (isSmall(t)) return am_fixnum;
  if (isLocalPid(t)) return am_pid;
  if (isLocalPort(t)) return am_port;
  if (isAtom(t)) return am_atom;
  if (t == NIL) return am_nil;
  return (t & 3) == 3 ? am_catch : boxedType(t);
}

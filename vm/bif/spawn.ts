/** spawn and its relatives (spawn/1,2 and the fun forms are Erlang code over these). */
import { addLink } from '../relations';
import { badarg, outOfMemory, systemLimit } from '../errors';
import {
  am_badopt,
  am_error,
  am_error_logger,
  am_error_only,
  am_false,
  am_fullsweep_after,
  am_high,
  am_include_shared_binaries,
  am_kill,
  am_link,
  am_low,
  am_max,
  am_max_heap_size,
  am_message_queue_data,
  am_min_bin_vheap_size,
  am_min_heap_size,
  am_monitor,
  am_no,
  am_normal,
  am_off_heap,
  am_ok,
  am_on_heap,
  am_priority,
  am_reply,
  am_reply_tag,
  am_scheduler,
  am_size,
  am_spawn_reply,
  am_success_only,
  am_system_limit,
  am_true,
  am_yes,
} from '../gen/atoms';
import { P_ID } from '../gen/layout';
import { minBinaryHeapWords, minHeapWords } from '../heap_sizes';
import { mapGet, mapSize } from '../maps';
import { PRIORITY_HIGH, PRIORITY_LOW, PRIORITY_MAX, PRIORITY_NORMAL } from '../process';
import { processCount, processLimit } from '../process_table';
import { makeReference, newReferenceNumber } from '../refs';
import { readMonitorOptions, startMonitor, startMonitorAlias } from './links';
import { deliver, tuple2, tuple4 } from '../signals';
import {
  ARGUMENTS_IMPROPER,
  argumentCount,
  resetSpawnOptions,
  setSpawnBound,
  setSpawnFullsweep,
  setSpawnMaxHeap,
  setSpawnMinBinaryHeap,
  setSpawnMinHeap,
  setSpawnOffHeapQueue,
  setSpawnPriority,
  setSpawnSystem,
  spawnPrepared,
  prepareArguments,
  startSpawned,
} from '../spawn';
import { maxHeapFlagsSetting } from '../settings';
import { badargBecause } from '../error_info';
import {
  isReference,
  NIL,
  NONE,
  head,
  isAtom,
  isList,
  isMap,
  isSmall,
  isTuple,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { allowLeaving, endWalk, leaveWalk } from '../walk';
import { current } from '../state';
import { mayTrace, tellGettingLinked, tellLink, tellSpawn, tellSpawned } from '../trace/events';
import { inheritToken, sequentialToken, sequentialUsed } from '../trace/sequential';
import { inheritOnLink, inheritOnSpawn, newFlags } from '../trace/tracing';

const HEAP_WORDS_MAX: i64 = 0x0800_0000;
/** The least max_heap_size that OTP takes. */
const MAX_HEAP_LEAST: i64 = 233;

let wantLink: bool = false;
let wantMonitor: bool = false;
let monitorOptions: u64 = NIL;
/** spawn_request: tag and kind of the reply. */
let replyTag: u64 = 0;
let replyWhen: u64 = 0;

export function priorityOf(atom: u64): i32 {
  if (atom == am_max) return PRIORITY_MAX;
  if (atom == am_high) return PRIORITY_HIGH;
  if (atom == am_normal) return PRIORITY_NORMAL;
  if (atom == am_low) return PRIORITY_LOW;
  return -1;
}

/** A number of a scheduler, of which there is one, or 0. */
export function isSchedulerNumber(t: u64): bool {
  return isSmall(t) && (smallValue(t) == 0 || smallValue(t) == 1);
}

/** Flags of max_heap_size from a map; -1 = malformed. Bit 0 kill, 1 error_logger. */
export function maxHeapFlags(map: u64, given: u32): i32 {
  let flags = given as i32;
  let known: u32 = 1;
  const kill = mapGet(map, am_kill);
  const logger = mapGet(map, am_error_logger);
  const shared = mapGet(map, am_include_shared_binaries);
  if (kill != NONE) {
    if (kill != am_true && kill != am_false) return -1;
    flags = kill == am_true ? flags | 1 : flags & ~1;
    known++;
  }
  if (logger != NONE) {
    if (logger != am_true && logger != am_false) return -1;
    flags = logger == am_true ? flags | 2 : flags & ~2;
    known++;
  }
  if (shared != NONE) known++;
  return known >= mapSize(map) ? flags : -1;
}

/** No limit (0), or not below the smallest heap. */
function isMaxHeap(size: u64): bool {
  return isSmall(size) && (smallValue(size) == 0 || smallValue(size) >= MAX_HEAP_LEAST);
}
/**
 * Record max_heap_size given as a number of words or a map; what the map leaves out is as in
 * `flags`. False when malformed.
 */
export function readMaxHeap(value: u64, given: u32): bool {
  if (isSmall(value)) {
    if (!isMaxHeap(value)) return false;
    setSpawnMaxHeap(smallValue(value) as u64, given);
    return true;
  }
  if (!isMap(value)) return false;
  const size = mapGet(value, am_size);
  const flags = maxHeapFlags(value, given);
  if (size == NONE || !isMaxHeap(size) || flags < 0) return false;
  setSpawnMaxHeap(smallValue(size) as u64, flags as u32);
  return true;
}

function readPair(key: u64, value: u64): bool {
  if (key == am_priority) {
    const priority = priorityOf(value);
    if (priority < 0) return false;
    setSpawnPriority(priority as u32);
    return true;
  }
  if (key == am_message_queue_data) {
    setSpawnOffHeapQueue(value == am_off_heap);
    return value == am_off_heap || value == am_on_heap;
  }
  if (key == am_max_heap_size) return readMaxHeap(value, maxHeapFlagsSetting);
  if (key == am_monitor) {
    wantMonitor = true;
    monitorOptions = value;
    return true;
  }
  if (key == am_reply_tag) {
    replyTag = value;
    return true;
  }
  if (key == am_reply) {
    replyWhen = value;
    return value == am_yes || value == am_no || value == am_error_only || value == am_success_only;
  }
  if (!isSmall(value) || smallValue(value) < 0) return false;
  if (key == am_min_heap_size || key == am_min_bin_vheap_size) {
    if (smallValue(value) > HEAP_WORDS_MAX) return false;
    if (key == am_min_heap_size) setSpawnMinHeap(minHeapWords(smallValue(value)));
    else setSpawnMinBinaryHeap(minBinaryHeapWords(smallValue(value)));
    return true;
  }
  if (key == am_fullsweep_after) {
    setSpawnFullsweep(smallValue(value) > 65535 ? 65535 : (smallValue(value) as u32));
    return true;
  }
  if (key == am_scheduler) {
    setSpawnBound(smallValue(value) != 0);
    return isSchedulerNumber(value);
  }
  return false;
}

/** Read spawn options; false when malformed. */
function readOptions(options: u64): bool {
  resetSpawnOptions();
  wantLink = false;
  wantMonitor = false;
  monitorOptions = NIL;
  replyTag = am_spawn_reply;
  replyWhen = am_yes;
  let rest = options;
  while (isList(rest)) {
    const option = head(rest);
    if (option == am_link) wantLink = true;
    else if (option == am_monitor) wantMonitor = true;
    else if (!isTuple(option) || tupleArity(option) != 2) return false;
    else if (!readPair(tupleElement(option, 1), tupleElement(option, 2))) return false;
    rest = tail(rest);
  }
  return rest == NIL;
}

/**
 * Spawn with the options read last. Pid, or {Pid, Ref} when `paired` and a monitor was asked for;
 * NONE after an error.
 */
function spawnWithOptions(module: u64, name: u64, args: u64, number: u64): u64 {
  const process = spawnPrepared(module, name, args);
  if (!process) return systemLimit();
  const pid = load<u64>(process, P_ID);
  if (sequentialUsed && sequentialToken(current)) {
    if (!inheritToken(process)) return outOfMemory();
  }
  const traced = mayTrace(current) || newFlags != 0;
  if (traced) {
    tellSpawn(current, pid, module, name, args);
    if (wantLink) tellLink(current, pid);
    inheritOnSpawn(process, current);
    if (wantLink) inheritOnLink(process, current);
    tellSpawned(process, load<u64>(current, P_ID), module, name, args);
  }
  if (wantLink && !addLink(load<u64>(current, P_ID), pid)) return outOfMemory();
  if (traced && wantLink) tellGettingLinked(process, current);
  if (wantMonitor && !(startMonitor(number, pid, 0) && startMonitorAlias(number)))
    return outOfMemory();
  startSpawned(process);
  return pid;
}

/** False after leaveWalk or outOfMemory: nothing has been done yet that others see. */
function argumentsAreReady(args: u64): bool {
  allowLeaving();
  const ready = prepareArguments(args);
  if (endWalk()) leaveWalk();
  else if (!ready) outOfMemory();
  else return true;
  return false;
}

function spawnSimple(module: u64, name: u64, args: u64, link: bool): u64 {
  if (!isAtom(module) || !isAtom(name) || argumentCount(args) == ARGUMENTS_IMPROPER)
    return badarg();
  if (!argumentsAreReady(args)) return NONE;
  readOptions(NIL);
  wantLink = link;
  return spawnWithOptions(module, name, args, 0);
}
// bif: erlang:spawn/3
export function spawn3(module: u64, name: u64, args: u64): u64 {
  return spawnSimple(module, name, args, false);
}
// bif: erlang:spawn_link/3
export function spawnLink3(module: u64, name: u64, args: u64): u64 {
  return spawnSimple(module, name, args, true);
}
// bif: erlang:spawn_opt/4
export function spawnOpt4(module: u64, name: u64, args: u64, options: u64): u64 {
  if (!isAtom(module) || !isAtom(name) || argumentCount(args) == ARGUMENTS_IMPROPER)
    return badarg();
  if (!readOptions(options) || (wantMonitor && !readMonitorOptions(monitorOptions)))
    return badargBecause(am_badopt);
  if (!argumentsAreReady(args)) return NONE;
  const number = wantMonitor ? newReferenceNumber() : 0;
  const monitored = wantMonitor;
  const pid = spawnWithOptions(module, name, args, number);
  return pid == NONE || !monitored ? pid : tuple2(pid, makeReference(number));
}
// bif: erts_internal:spawn_system_process/3
export function spawnSystemProcess3(module: u64, name: u64, args: u64): u64 {
  if (!isAtom(module) || !isAtom(name) || argumentCount(args) == ARGUMENTS_IMPROPER)
    return badarg();
  if (!argumentsAreReady(args)) return NONE;
  readOptions(NIL);
  setSpawnSystem(true);
  return spawnWithOptions(module, name, args, 0);
}

/** Bad options of a request, and that there is no room for a process, are outcomes like others. */
function refuseRequest(tag: u64, when: u64, number: u64, why: u64): u64 {
  const reference = makeReference(number);
  if (when == am_no || when == am_success_only) return reference;
  return deliver(current, tuple4(tag, reference, am_error, why)) ? reference : outOfMemory();
}

/** Asynchronous spawn: the outcome comes as {Tag, Ref, ok | error, Pid | Reason}. */
// bif: erts_internal:spawn_request/4
export function spawnRequest4(module: u64, name: u64, args: u64, options: u64): u64 {
  if (!isAtom(module) || !isAtom(name) || argumentCount(args) == ARGUMENTS_IMPROPER)
    return badarg();
  const fine = readOptions(options) && (!wantMonitor || readMonitorOptions(monitorOptions));
  const full = processCount >= processLimit;
  if (fine && !full && !argumentsAreReady(args)) return NONE;
  const number = newReferenceNumber();
  const tag = replyTag;
  const when = replyWhen;
  if (!fine) return refuseRequest(tag, when, number, am_badopt);
  if (full) return refuseRequest(tag, when, number, am_system_limit);
  const pid = spawnWithOptions(module, name, args, number);
  if (pid == NONE) return NONE;
  const reference = makeReference(number);
  if (when == am_yes || when == am_success_only) {
    if (!deliver(current, tuple4(tag, reference, am_ok, pid))) return outOfMemory();
  }
  return reference;
}
// bif: erlang:spawn_request_abandon/1
export function spawnRequestAbandon1(reference: u64): u64 {
  // The reply is delivered before spawn_request returns, so there is never a request left to
  // abandon.
  return isReference(reference) ? am_false : badarg();
}

/** erlang:system_flag/2. Each flag's value before the call is the result. */
import { badargBecause } from '../error_info';
import { exportEntry } from '../code';
import { badarg, trapToExport } from '../errors';
import {
  am_backtrace_depth,
  am_badopt,
  am_block,
  am_block_normal,
  am_blocked,
  am_blocked_normal,
  am_cpu_topology,
  am_dirty_cpu_schedulers_online,
  am_enabled,
  am_erts_alloc,
  am_error_logger,
  am_false,
  am_final,
  am_finalize,
  am_fullsweep_after,
  am_internal_cpu_topology,
  am_kill,
  am_logger,
  am_max_heap_size,
  am_microstate_accounting,
  am_min_bin_vheap_size,
  am_min_heap_size,
  am_multi_scheduling,
  am_outstanding_system_requests_limit,
  am_reset_seq_trace,
  am_scheduler_bind_type,
  am_kernel_refc,
  am_scheduler_wall_time,
  am_schedulers_online,
  am_sequential_tracer,
  am_size,
  am_system_logger,
  am_time_offset,
  am_trace_control_word,
  am_true,
  am_unblock,
  am_unblock_normal,
  am_unbound,
  am_undefined,
} from '../gen/atoms';
import { emptyMap, mapPut } from '../maps';
import { minBinaryHeapWords, minHeapWords } from '../heap_sizes';
import { registeredProcess } from '../names';
import { setX } from '../registers';
import {
  fullsweepAfterSetting,
  maxHeapFlagsSetting,
  maxHeapSetting,
  minBinaryHeapSetting,
  minHeapSetting,
  setFullsweepAfter,
  setMaxHeap,
  setMinBinaryHeap,
  setMinHeap,
} from '../settings';
import { livingProcess } from '../signals';
import { optionMaxHeap, optionMaxHeapFlags } from '../spawn';
import { setBacktraceDepth } from '../stack_trace';
import { P_ID } from '../gen/layout';
import { isLocalPid, isSmall, smallOf, smallValue } from '../term';
import { controlWord, setControlWord } from '../trace/actions';
import { resetSequential, setSystemTracer, systemTracer } from '../trace/sequential';
import { readMaxHeap } from './spawn';
import { boolOf } from './types';

const FULLSWEEP_MAX: i64 = 65535;
const HEAP_WORDS_MAX: i64 = 0x0800_0000;
const REQUESTS_MAX: i64 = 134217727;

let wallTime: bool = false;
let microstate: bool = false;
let multiScheduling: u64 = am_enabled;
let requestsLimit: i64 = 4;
let systemLogger: u64 = am_logger;

/** A number from 0 to `most`, larger ones are `most`; -1 when it is none. */
function numberUpTo(value: u64, most: i64): i64 {
  if (!isSmall(value) || smallValue(value) < 0) return -1;
  return smallValue(value) > most ? most : smallValue(value);
}

/** max_heap_size as a map, as OTP shows it. */
export function maxHeapMap(words: u64, flags: u32): u64 {
  let map = mapPut(emptyMap(), am_size, smallOf(words as i64));
  map = mapPut(map, am_kill, boolOf((flags & 1) != 0));
  return mapPut(map, am_error_logger, boolOf((flags & 2) != 0));
}

function maxHeap(value: u64): u64 {
  const old = maxHeapMap(maxHeapSetting, maxHeapFlagsSetting);
  if (!readMaxHeap(value, maxHeapFlagsSetting)) return badarg();
  setMaxHeap(optionMaxHeap, optionMaxHeapFlags);
  return old;
}
function heapFlag(flag: u64, value: u64): u64 {
  if (flag == am_max_heap_size) return maxHeap(value);
  const number = numberUpTo(value, flag == am_fullsweep_after ? FULLSWEEP_MAX : HEAP_WORDS_MAX);
  if (number < 0) return badarg();
  if (flag == am_fullsweep_after) {
    const old = fullsweepAfterSetting;
    setFullsweepAfter(number as u32);
    return smallOf(old as i64);
  }
  if (flag == am_min_heap_size) {
    const old = minHeapSetting;
    setMinHeap(minHeapWords(number));
    return smallOf(old as i64);
  }
  const old = minBinaryHeapSetting;
  setMinBinaryHeap(minBinaryHeapWords(number));
  return smallOf(old as i64);
}

function sequentialTracer(value: u64): u64 {
  const old = systemTracer && livingProcess(systemTracer) ? systemTracer : am_false;
  if (value == am_false) setSystemTracer(0);
  else if (isLocalPid(value) && livingProcess(value)) setSystemTracer(value);
  else return badarg();
  return old;
}
function traceControlWord(value: u64): u64 {
  if (!isSmall(value) || smallValue(value) < 0 || smallValue(value) > 0xffff_ffff) return badarg();
  const old = controlWord;
  setControlWord(value);
  return old;
}
function depth(value: u64): u64 {
  if (!isSmall(value) || smallValue(value) < 0) return badarg();
  return smallOf(setBacktraceDepth(smallValue(value)));
}
function boolean(value: u64): bool {
  return value == am_true || value == am_false;
}

/** There is one scheduler; blocking the others changes only what is said about them. */
function blockScheduling(value: u64): u64 {
  if (value == am_block) multiScheduling = am_blocked;
  else if (value == am_block_normal) multiScheduling = am_blocked_normal;
  else if (value == am_unblock || value == am_unblock_normal) multiScheduling = am_enabled;
  else return badarg();
  return multiScheduling;
}
export function multiSchedulingState(): u64 {
  return multiScheduling;
}
function logger(value: u64): u64 {
  const old = systemLogger;
  const known = value == am_undefined || value == am_logger || isLocalPid(value);
  if (!known) return badarg();
  systemLogger = value;
  if (old != am_logger) return old;
  const process = registeredProcess(am_logger);
  return process ? load<u64>(process, P_ID) : am_logger;
}
export function systemLoggerSetting(): u64 {
  return systemLogger;
}

// bif: erlang:system_flag/2
export function systemFlag2(flag: u64, value: u64): u64 {
  if (
    flag == am_fullsweep_after ||
    flag == am_min_heap_size ||
    flag == am_min_bin_vheap_size ||
    flag == am_max_heap_size
  )
    return heapFlag(flag, value);
  if (flag == am_backtrace_depth) return depth(value);
  if (flag == am_trace_control_word) return traceControlWord(value);
  if (flag == am_sequential_tracer) return sequentialTracer(value);
  if (flag == am_reset_seq_trace) {
    if (value == am_true) resetSequential();
    return am_true;
  }
  if (flag == am_schedulers_online || flag == am_dirty_cpu_schedulers_online)
    return value == smallOf(1) ? smallOf(1) : badarg();
  if (flag == am_multi_scheduling) return blockScheduling(value);
  if (flag == am_system_logger) return logger(value);
  return rareFlag(flag, value);
}
function rareFlag(flag: u64, value: u64): u64 {
  if (flag == am_time_offset) return value == am_finalize ? am_final : badargBecause(am_badopt);
  if (flag == am_scheduler_wall_time) {
    if (!boolean(value)) return badarg();
    // OTP's server counts who wants it, and switches it off when nobody does.
    setX(0, value);
    return trapToExport(exportEntry(am_kernel_refc, am_scheduler_wall_time, 1), 1);
  }
  if (flag == am_microstate_accounting) {
    if (!boolean(value)) return badarg();
    const old = microstate;
    microstate = value == am_true;
    return boolOf(old);
  }
  if (flag == am_cpu_topology) return value == am_undefined ? am_undefined : badarg();
  if (flag == am_scheduler_bind_type) return value == am_unbound ? am_unbound : badarg();
  if (flag == am_internal_cpu_topology || flag == am_erts_alloc) return badarg();
  if (flag == am_outstanding_system_requests_limit) {
    const number = numberUpTo(value, REQUESTS_MAX);
    if (number < 1) return badarg();
    const old = requestsLimit;
    requestsLimit = number;
    return smallOf(old);
  }
  return badargBecause(am_badopt);
}
/** Count or do not; whether it did before. Other terms than booleans change nothing. */
export function setWallTime(on: u64): bool {
  const old = wallTime;
  if (boolean(on)) wallTime = on == am_true;
  return old;
}
/** statistics(scheduler_wall_time) has values. */
export function countsWallTime(): bool {
  return wallTime;
}

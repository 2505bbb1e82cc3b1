/** erlang:system_monitor/0,1,2 and system_profile/0,2. */
import { badarg } from '../errors';
import {
  am_busy_dist_port,
  am_busy_port,
  am_exclusive,
  am_large_heap,
  am_long_gc,
  am_long_schedule,
  am_monotonic_timestamp,
  am_runnable_ports,
  am_runnable_procs,
  am_scheduler,
  am_strict_monotonic_timestamp,
  am_timestamp,
  am_undefined,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { livingProcess, tuple2 } from '../signals';
import {
  NIL,
  head,
  isList,
  isLocalPid,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import {
  TRACE_MONOTONIC_TIMESTAMP,
  TRACE_STRICT_MONOTONIC_TIMESTAMP,
  TRACE_TIMESTAMP,
} from '../trace/flags';
import {
  PROFILE_EXCLUSIVE,
  PROFILE_PORTS,
  PROFILE_PROCS,
  PROFILE_SCHEDULER,
  busyDistPorts,
  busyPorts,
  largeHeapWords,
  longGcMs,
  longScheduleMs,
  monitorPid,
  profileFlags,
  profilerPid,
  setSystemMonitor,
  setSystemProfile,
} from '../trace/system_monitor';

/** The least heap for which OTP reports large_heap: limits below it are it. */
const LARGE_HEAP_MIN: i64 = 16384;

function add(item: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), item, rest);
}

// bif: erlang:system_monitor/0
export function systemMonitor0(): u64 {
  if (!monitorPid || !livingProcess(monitorPid)) return am_undefined;
  let list = NIL;
  if (longGcMs) list = add(tuple2(am_long_gc, smallOf(longGcMs)), list);
  if (longScheduleMs) list = add(tuple2(am_long_schedule, smallOf(longScheduleMs)), list);
  if (largeHeapWords) list = add(tuple2(am_large_heap, smallOf(largeHeapWords)), list);
  if (busyPorts) list = add(am_busy_port, list);
  if (busyDistPorts) list = add(am_busy_dist_port, list);
  return tuple2(monitorPid, list);
}

let gcMs: i64 = 0;
let scheduleMs: i64 = 0;
let heapWords: i64 = 0;
let ports: bool = false;
let distPorts: bool = false;
function atLeast(value: i64, least: i64): i64 {
  return value < least ? least : value;
}
function readOption(option: u64): bool {
  if (option == am_busy_port) ports = true;
  else if (option == am_busy_dist_port) distPorts = true;
  else {
    if (!isTuple(option) || tupleArity(option) != 2 || !isSmall(tupleElement(option, 2)))
      return false;
    const name = tupleElement(option, 1);
    const value = smallValue(tupleElement(option, 2));
    if (value < 0) return false;
    if (name == am_long_gc) gcMs = atLeast(value, 1);
    else if (name == am_long_schedule) scheduleMs = atLeast(value, 1);
    else if (name == am_large_heap) heapWords = atLeast(value, LARGE_HEAP_MIN);
    else return false;
  }
  return true;
}
/** Set the monitor; the old setting. */
// bif: erlang:system_monitor/2
export function systemMonitor2(pid: u64, options: u64): u64 {
  if (pid == am_undefined || options == NIL) {
    const old = systemMonitor0();
    setSystemMonitor(0, 0, 0, 0, false, false);
    return old;
  }
  gcMs = 0;
  scheduleMs = 0;
  heapWords = 0;
  ports = false;
  distPorts = false;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) if (!readOption(head(rest))) return badarg();
  if (rest != NIL || !isLocalPid(pid) || !livingProcess(pid)) return badarg();
  const old = systemMonitor0();
  setSystemMonitor(pid, gcMs, scheduleMs, heapWords, ports, distPorts);
  return old;
}
// bif: erlang:system_monitor/1
export function systemMonitor1(setting: u64): u64 {
  if (setting == am_undefined) return systemMonitor2(am_undefined, NIL);
  if (!isTuple(setting) || tupleArity(setting) != 2) return badarg();
  return systemMonitor2(tupleElement(setting, 1), tupleElement(setting, 2));
}

// bif: erlang:system_profile/0
export function systemProfile0(): u64 {
  if (!profilerPid || !livingProcess(profilerPid)) return am_undefined;
  let list = NIL;
  if (profileFlags & PROFILE_PORTS) list = add(am_runnable_ports, list);
  if (profileFlags & PROFILE_PROCS) list = add(am_runnable_procs, list);
  if (profileFlags & PROFILE_SCHEDULER) list = add(am_scheduler, list);
  if (profileFlags & PROFILE_EXCLUSIVE) list = add(am_exclusive, list);
  return tuple2(profilerPid, list);
}
function profileFlag(name: u64): u32 {
  if (name == am_runnable_procs) return PROFILE_PROCS;
  if (name == am_runnable_ports) return PROFILE_PORTS;
  if (name == am_scheduler) return PROFILE_SCHEDULER;
  if (name == am_exclusive) return PROFILE_EXCLUSIVE;
  return 0;
}
/** The kind of timestamp of that name, 0 = none. */
function timestampKind(name: u64): u32 {
  if (name == am_timestamp) return TRACE_TIMESTAMP;
  if (name == am_monotonic_timestamp) return TRACE_MONOTONIC_TIMESTAMP;
  return name == am_strict_monotonic_timestamp ? TRACE_STRICT_MONOTONIC_TIMESTAMP : 0;
}
// bif: erlang:system_profile/2
export function systemProfile2(pid: u64, options: u64): u64 {
  const old = systemProfile0();
  if (pid == am_undefined || options == NIL) {
    setSystemProfile(0, 0, 0);
    return old;
  }
  let flags: u32 = 0;
  let time: u32 = TRACE_TIMESTAMP;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) {
    const flag = profileFlag(head(rest));
    const kind = timestampKind(head(rest));
    if (!flag && !kind) return badarg();
    flags |= flag;
    // The last one holds.
    if (kind) time = kind;
  }
  if (rest != NIL || !isLocalPid(pid) || !livingProcess(pid)) return badarg();
  setSystemProfile(pid, flags, time);
  return old;
}

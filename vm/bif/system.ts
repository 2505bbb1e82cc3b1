/**
 * What the VM says about itself and its surroundings: system_info, statistics, memory, os, nodes.
 */
import { allocatedBytes, managedBytes } from '../alloc';
import { atomCount } from '../atoms';
import { exportEntry } from '../code';
import { badarg, outOfMemory, trapArguments1, trapToExport } from '../errors';
import {
  am_allocator,
  am_atom_count,
  am_atom_limit,
  am_break_ignored,
  am_build_type,
  am_compat_rel,
  am_connected,
  am_connection_id,
  am_cpu_topology,
  am_creation,
  am_debug_compiled,
  am_default,
  am_delayed_node_table_gc,
  am_dirty_cpu_schedulers,
  am_dirty_cpu_schedulers_online,
  am_dirty_io_schedulers,
  am_disabled,
  am_dist_buf_busy_limit,
  am_dist,
  am_dist_ctrl,
  am_driver_version,
  am_emu,
  am_emu_flavor,
  am_emu_type,
  am_end_time,
  am_endian,
  am_error,
  am_ets_limit,
  am_external,
  am_false,
  am_fullsweep_after,
  am_handle,
  am_hidden,
  am_ignore,
  am_internal,
  am_kernel_poll,
  am_known,
  am_little,
  am_load_failed,
  am_logical_processors,
  am_logical_processors_available,
  am_logical_processors_online,
  am_machine,
  am_max_heap_size,
  am_min_bin_vheap_size,
  am_min_heap_size,
  am_modified_timing_level,
  am_multi_scheduling,
  am_nif_version,
  am_node_type,
  am_ok,
  am_opt,
  am_os_type,
  am_os_version,
  am_otp_release,
  am_outstanding_system_requests_limit,
  am_port_count,
  am_port_limit,
  am_port_parallelism,
  am_printable_range,
  am_process_count,
  am_process_limit,
  am_procs,
  am_loaded,
  am_info,
  am_scheduler_bind_type,
  am_scheduler_id,
  am_schedulers,
  am_schedulers_online,
  am_sequential_tracer,
  am_sigabrt,
  am_sigalrm,
  am_sigchld,
  am_sighup,
  am_signal_action,
  am_sigquit,
  am_sigstop,
  am_sigterm,
  am_sigtstp,
  am_sigusr1,
  am_sigusr2,
  am_smp_support,
  am_start_time,
  am_system_architecture,
  am_system_logger,
  am_system_version,
  am_this,
  am_thread_pool_size,
  am_threads,
  am_time_correction,
  am_time_warp_mode,
  am_tolerant_timeofday,
  am_trace_control_word,
  am_true,
  am_unbound,
  am_undefined,
  am_unix,
  am_utf8,
  am_vbeam,
  am_vbeam_streams,
  am_version,
  am_visible,
  am_warning_map,
  am_wordsize,
  am_text,
  am_vbeam_system_text,
} from '../gen/atoms';
import { hostProcessId, isProgram } from '../files/host_texts';
import * as E from '../emulator_settings';
import { hAlloc } from '../heap';
import { integerOfI64 } from '../bignum';
import { emptyMap, mapGet, mapPut, mapSize } from '../maps';
import { nodeName, registeredProcess } from '../names';
import { portCount } from '../ports';
import {
  STANDARD_ERROR,
  STANDARD_OUTPUT,
  debugCharacter,
  debugText,
  setTextStream,
} from '../panic';
import {
  PROCESS_LIMIT_MAX,
  PROCESS_LIMIT_MIN,
  processCount,
  processLimit,
  setProcessLimit,
} from '../process_table';
import { displayTerm } from '../print_term';
import { deliver, tuple2, tuple3, livingProcess } from '../signals';
import { allowLeaving, endWalk, leaveWalk } from '../walk';
import { systemValue } from './system_values';
import {
  NIL,
  NONE,
  SUB_REF,
  TAG_BOXED,
  boxedWord,
  head,
  isAtom,
  isKind,
  isList,
  isMap,
  isPid,
  isReference,
  isPort,
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
  fullsweepAfterSetting,
  maxHeapFlagsSetting,
  maxHeapSetting,
  minBinaryHeapSetting,
  minHeapSetting,
} from '../settings';
import { controlWord } from '../trace/actions';
import { systemTracer } from '../trace/sequential';
import { maxHeapMap, multiSchedulingState, setWallTime, systemLoggerSetting } from './system_flag';

/** Text as a list of characters. */
function text(value: string): u64 {
  let list = NIL;
  for (let i = value.length; i > 0; i--)
    list = makeCons(hAlloc(2), smallOf(value.charCodeAt(i - 1)), list);
  return list;
}
/** The list of characters is this text. */
function isText(list: u64, value: string): bool {
  let rest = list;
  for (let i = 0; i < value.length; i++) {
    if (!isList(rest) || head(rest) != smallOf(value.charCodeAt(i))) return false;
    rest = tail(rest);
  }
  return rest == NIL;
}
function wordSizeItem(item: u64): u64 {
  if (item == am_wordsize) return smallOf(8);
  const which =
    isTuple(item) && tupleArity(item) == 2 && tupleElement(item, 1) == am_wordsize
      ? tupleElement(item, 2)
      : 0;
  return which == am_internal || which == am_external ? smallOf(8) : 0;
}

/** Items whose value is a number. */
function numberItem(item: u64): i64 {
  if (item == am_schedulers || item == am_schedulers_online || item == am_logical_processors)
    return 1;
  if (item == am_logical_processors_available || item == am_logical_processors_online) return 1;
  if (
    item == am_dirty_cpu_schedulers ||
    item == am_dirty_cpu_schedulers_online ||
    item == am_dirty_io_schedulers
  )
    return 1;
  if (item == am_scheduler_id) return 1;
  if (item == am_process_count) return processCount;
  if (item == am_process_limit) return processLimit;
  if (item == am_port_count) return portCount;
  if (item == am_port_limit) return E.portLimit;
  if (item == am_atom_count) return atomCount;
  if (item == am_atom_limit) return E.atomLimit;
  if (item == am_ets_limit) return 8192;
  if (item == am_thread_pool_size || item == am_creation) return 0;
  if (item == am_trace_control_word) return smallValue(controlWord);
  if (item == am_outstanding_system_requests_limit) return 50000;
  if (item == am_dist_buf_busy_limit) return 1048576;
  if (item == am_compat_rel) return 25;
  if (item == am_delayed_node_table_gc) return 60000;
  return -1;
}
function atomItem(item: u64): u64 {
  if (item == am_smp_support || item == am_threads || item == am_time_correction) return am_true;
  if (item == am_kernel_poll || item == am_debug_compiled || item == am_port_parallelism)
    return am_false;
  if (item == am_multi_scheduling) return multiSchedulingState();
  if (item == am_break_ignored) return E.breakIgnored;
  if (item == am_modified_timing_level || item == am_cpu_topology) return am_undefined;
  if (item == am_emu_flavor) return am_emu;
  if (item == am_endian) return am_little;
  if (item == am_emu_type || item == am_build_type) return am_opt;
  if (item == am_scheduler_bind_type) return am_unbound;
  if (item == am_time_warp_mode) return E.timeWarpMode;
  if (item == am_tolerant_timeofday) return am_disabled;
  if (item == am_system_logger) return systemLoggerSetting();
  return 0;
}
function textItem(item: u64): u64 {
  if (item == am_otp_release) return text('25');
  if (item == am_version) return text('13.1.5');
  if (item == am_machine) return text('BEAM');
  if (item == am_system_architecture) return text('x86_64-vbeam');
  if (item == am_driver_version) return text('3.3');
  if (item == am_nif_version) return text('2.16');
  if (item == am_system_version) return text('VBEAM 0.1.0 [64-bit] [1:1]\n');
  return 0;
}

function sequentialTracer(): u64 {
  return systemTracer && livingProcess(systemTracer) ? systemTracer : am_false;
}

/** Items that are text of many lines: made by vbeam_system_text:text/1. */
function systemText(item: u64): u64 {
  const entry = exportEntry(am_vbeam_system_text, am_text, 1);
  if (!entry) return outOfMemory();
  trapArguments1(item);
  return trapToExport(entry, 1);
}
// bif: erlang:system_info/1
export function systemInfo1(item: u64): u64 {
  const size = wordSizeItem(item);
  if (size) return size;
  const number = numberItem(item);
  if (number >= 0) return smallOf(number);
  const atom = atomItem(item);
  if (atom) return atom;
  const string = textItem(item);
  if (string) return string;
  if (item == am_os_type) return tuple2(am_unix, am_vbeam);
  if (item == am_os_version) return tuple3(smallOf(0), smallOf(1), smallOf(0));
  if (item == am_fullsweep_after) return tuple2(am_fullsweep_after, smallOf(fullsweepAfterSetting));
  if (item == am_min_heap_size) return tuple2(am_min_heap_size, smallOf(minHeapSetting));
  if (item == am_min_bin_vheap_size)
    return tuple2(am_min_bin_vheap_size, smallOf(minBinaryHeapSetting));
  if (item == am_max_heap_size)
    return tuple2(am_max_heap_size, maxHeapMap(maxHeapSetting, maxHeapFlagsSetting));
  if (item == am_sequential_tracer) return tuple2(am_sequential_tracer, sequentialTracer());
  if (item == am_start_time) return smallOf(0);
  if (item == am_end_time) return integerOfI64(i64.MAX_VALUE);
  if (item == am_dist_ctrl || item == am_allocator) return NIL;
  if (item == am_info || item == am_loaded || item == am_procs || item == am_dist)
    return systemText(item);
  const other = systemValue(item);
  return other == NONE ? badarg() : other;
}

/**
 * How many processes there may be, as erl's +P; false when there are more, or memory does not
 * suffice.
 */
// bif: vbeam_internal:process_limit/1
export function processLimit1(limit: u64): u64 {
  if (!isSmall(limit)) return badarg();
  const most = smallValue(limit);
  if (most < (PROCESS_LIMIT_MIN as i64) || most > (PROCESS_LIMIT_MAX as i64)) return badarg();
  return setProcessLimit(most as u32) ? am_true : am_false;
}

/** emulator_setting(Name, Value) -> true: what a flag of the emulator says (erl(1)). */
// bif: vbeam_internal:emulator_setting/2
export function emulatorSetting2(name: u64, value: u64): u64 {
  if (name == am_printable_range) E.setPrintableRange(value);
  else if (name == am_warning_map) E.setWarningMap(value);
  else if (name == am_break_ignored) E.setBreakIgnored(value);
  else if (name == am_time_warp_mode) E.setTimeWarpMode(value);
  else if (!isSmall(value)) return badarg();
  else if (name == am_port_limit) E.setPortLimit(smallValue(value));
  else if (name == am_atom_limit) E.setAtomLimit(smallValue(value));
  else return badarg();
  return am_true;
}

/** Bytes that blocks take, headers included, and bytes that the allocator manages. */
// bif: vbeam_internal:memory/0
export function vmMemory0(): u64 {
  return tuple2(smallOf(allocatedBytes), smallOf(managedBytes));
}

// bif: erlang:display/1
export function display1(term: u64): u64 {
  allowLeaving();
  startDisplay(STANDARD_OUTPUT);
  displayTerm(term);
  if (endWalk()) {
    endDisplay();
    return leaveWalk();
  }
  debugText('\n');
  endDisplay();
  return am_true;
}
/** Terms that are displayed go to standard output when there is one, texts to standard error. */
function startDisplay(stream: i32): void {
  if (isProgram) setTextStream(stream);
}
function endDisplay(): void {
  setTextStream(0);
}
// bif: erlang:display_string/1
export function displayString1(text: u64): u64 {
  return writeCharacters(text) ? am_true : badarg();
}
/** Write a list of characters to the emergency console as UTF-8; false when it is no such list. */
function writeCharacters(text: u64): bool {
  let end = text;
  for (; isList(end); end = tail(end)) {
    const rest = end;
    if (!isSmall(head(rest)) || smallValue(head(rest)) < 0 || smallValue(head(rest)) > 0x10ffff)
      return false;
  }
  if (end != NIL) return false;
  startDisplay(STANDARD_ERROR);
  for (let rest = text; isList(rest); rest = tail(rest))
    debugCharacter(smallValue(head(rest)) as u32);
  endDisplay();
  return true;
}
// bif: erlang:display_nl/0
export function displayNl0(): u64 {
  startDisplay(STANDARD_ERROR);
  debugText('\n');
  endDisplay();
  return am_true;
}

// ---- nodes: this node has no connections

// bif: erlang:node/0
export function node0(): u64 {
  return nodeName();
}
// bif: erlang:node/1
export function node1(t: u64): u64 {
  if (!isPid(t) && !isReference(t) && !isPort(t)) return badarg();
  if ((t & 3) == TAG_BOXED && !isKind(t, SUB_REF)) return boxedWord(t, 1);
  return nodeName();
}
// bif: erlang:nodes/0
export function nodes0(): u64 {
  return NIL;
}
// bif: erlang:nodes/1
export function nodes1(kinds: u64): u64 {
  let rest = kinds;
  let own = false;
  if (isAtom(kinds)) own = kinds == am_this || kinds == am_known;
  while (isList(rest)) {
    if (head(rest) == am_this || head(rest) == am_known) own = true;
    rest = tail(rest);
  }
  if (!isAtom(kinds) && rest != NIL) return badarg();
  if (isAtom(kinds) && !own && kinds != am_visible && kinds != am_hidden && kinds != am_connected)
    return badarg();
  return own ? makeCons(hAlloc(2), nodeName(), NIL) : NIL;
}
/** An option of nodes/2: 1 or 0, or -1 when it is no boolean. */
function nodeOption(options: u64, key: u64): i32 {
  const value = mapGet(options, key);
  if (value == NONE || value == am_false) return 0;
  return value == am_true ? 1 : -1;
}
// bif: erlang:nodes/2
export function nodes2(kinds: u64, options: u64): u64 {
  if (!isMap(options)) return badarg();
  const connection = nodeOption(options, am_connection_id);
  const type = nodeOption(options, am_node_type);
  let known: u32 = 0;
  if (mapGet(options, am_connection_id) != NONE) known++;
  if (mapGet(options, am_node_type) != NONE) known++;
  if (connection < 0 || type < 0 || known != mapSize(options)) return badarg();
  const nodes = nodes1(kinds);
  if (nodes == NONE || nodes == NIL) return nodes;
  let about = emptyMap();
  if (connection) about = mapPut(about, am_connection_id, am_undefined);
  if (type) about = mapPut(about, am_node_type, am_this);
  return makeCons(hAlloc(2), tuple2(head(nodes), about), NIL);
}
// bif: erts_internal:scheduler_wall_time/1
export function schedulerWallTime1(flag: u64): u64 {
  return setWallTime(flag) ? am_true : am_false;
}
// bif: erts_internal:get_creation/0
export function getCreation0(): u64 {
  return smallOf(0);
}
// bif: net_kernel:dflag_unicode_io/1
export function dflagUnicodeIo1(pid: u64): u64 {
  return isPid(pid) ? am_true : badarg();
}

// ---- what OTP's libraries ask of C

// bif: file:native_name_encoding/0
export function nativeNameEncoding0(): u64 {
  return am_utf8;
}
// bif: io:printable_range/0
export function printableRange0(): u64 {
  return E.printableRange;
}
// bif: erlang:dt_spread_tag/1
// bif: erlang:dt_restore_tag/1
export function dtTag1(tag: u64): u64 {
  // Without dynamic tracing both are true, whatever the tag (bif.c).
  return tag == 0 ? 0 : am_true;
}
/** Libraries whose functions are BIFs of this VM: there is nothing to load for them. */
function isBuiltIn(path: u64): bool {
  return (
    isText(path, 'zlib') ||
    isText(path, 'erl_tracer') ||
    isText(path, 'prim_buffer') ||
    isText(path, 'prim_file')
  );
}
// bif: erlang:load_nif/2
export function loadNif2(path: u64, info: u64): u64 {
  if (!isList(path) || info == NONE) return badarg();
  if (isBuiltIn(path)) return am_ok;
  return tuple2(am_error, tuple2(am_load_failed, text('There are no native libraries')));
}
// bif: os:getpid/0
export function osGetpid0(): u64 {
  const number = hostProcessId();
  if (number < 0) return text('1');
  let list = NIL;
  for (let rest = number as u64; rest || list == NIL; rest /= 10)
    list = makeCons(hAlloc(2), smallOf(48 + ((rest % 10) as i64)), list);
  return list;
}
// bif: os:set_signal/2
export function osSetSignal2(signal: u64, action: u64): u64 {
  if (!isSignal(signal)) return badarg();
  if (action != am_default && action != am_handle && action != am_ignore) return badarg();
  // Who has the signals of the host's program.
  const keeper = registeredProcess(am_vbeam_streams);
  if (keeper && !deliver(keeper, tuple3(am_signal_action, signal, action))) return outOfMemory();
  return am_ok;
}
function isSignal(name: u64): bool {
  return (
    name == am_sighup ||
    name == am_sigquit ||
    name == am_sigabrt ||
    name == am_sigalrm ||
    name == am_sigterm ||
    name == am_sigusr1 ||
    name == am_sigusr2 ||
    name == am_sigchld ||
    name == am_sigstop ||
    name == am_sigtstp
  );
}
// bif: error_logger:warning_map/0
export function warningMap0(): u64 {
  return E.warningMap;
}

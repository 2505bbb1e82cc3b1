/**
 * The flags of erlang:trace/3 as bits, and their names. The lowest bit is the flag that
 * erlang:trace_info/2 names first.
 */
import {
  am_all,
  am_arity,
  am_call,
  am_exiting,
  am_garbage_collection,
  am_monotonic_timestamp,
  am_ports,
  am_procs,
  am_receive,
  am_return_to,
  am_running,
  am_running_ports,
  am_running_procs,
  am_scheduler_id,
  am_send,
  am_set_on_first_link,
  am_set_on_first_spawn,
  am_set_on_link,
  am_set_on_spawn,
  am_silent,
  am_strict_monotonic_timestamp,
  am_timestamp,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { NIL, makeCons } from '../term';

export const TRACE_RUNNING_PROCS: u32 = 1;
export const TRACE_RUNNING_PORTS: u32 = 2;
export const TRACE_PORTS: u32 = 4;
export const TRACE_SCHEDULER_ID: u32 = 8;
export const TRACE_SILENT: u32 = 16;
export const TRACE_RETURN_TO: u32 = 32;
export const TRACE_ARITY: u32 = 64;
export const TRACE_GARBAGE_COLLECTION: u32 = 128;
export const TRACE_EXITING: u32 = 256;
export const TRACE_RUNNING: u32 = 512;
export const TRACE_SET_ON_FIRST_LINK: u32 = 1024;
export const TRACE_SET_ON_LINK: u32 = 2048;
export const TRACE_SET_ON_FIRST_SPAWN: u32 = 4096;
export const TRACE_PROCS: u32 = 8192;
export const TRACE_CALL: u32 = 16384;
export const TRACE_SET_ON_SPAWN: u32 = 32768;
export const TRACE_RECEIVE: u32 = 65536;
export const TRACE_SEND: u32 = 131072;
export const TRACE_MONOTONIC_TIMESTAMP: u32 = 262144;
export const TRACE_STRICT_MONOTONIC_TIMESTAMP: u32 = 524288;
export const TRACE_TIMESTAMP: u32 = 1048576;
/** Everything. */
export const TRACE_ALL: u32 = 2097151;
const FLAG_COUNT: u32 = 21;

/** Flags that say how events look, not which there are. */
export const TRACE_TIMESTAMPS: u32 =
  TRACE_TIMESTAMP | TRACE_MONOTONIC_TIMESTAMP | TRACE_STRICT_MONOTONIC_TIMESTAMP;
/** A process that a traced one spawns, or links to, is traced like it. */
export const TRACE_ON_SPAWN: u32 = TRACE_SET_ON_SPAWN | TRACE_SET_ON_FIRST_SPAWN;
export const TRACE_ON_LINK: u32 = TRACE_SET_ON_LINK | TRACE_SET_ON_FIRST_LINK;

/** Names by bit. */
const names: usize = memory.data<u64>([
  am_running_procs,
  am_running_ports,
  am_ports,
  am_scheduler_id,
  am_silent,
  am_return_to,
  am_arity,
  am_garbage_collection,
  am_exiting,
  am_running,
  am_set_on_first_link,
  am_set_on_link,
  am_set_on_first_spawn,
  am_procs,
  am_call,
  am_set_on_spawn,
  am_receive,
  am_send,
  am_monotonic_timestamp,
  am_strict_monotonic_timestamp,
  am_timestamp,
]);

/** The bits that an atom stands for, 0 when it is no flag. */
export function traceFlag(name: u64): u32 {
  if (name == am_all) return TRACE_ALL;
  for (let i: u32 = 0; i < FLAG_COUNT; i++) if (load<u64>(names + (i << 3)) == name) return 1 << i;
  return 0;
}

/** The list of the names of flags. */
export function traceFlagList(flags: u32): u64 {
  let list = NIL;
  for (let i = FLAG_COUNT; i > 0; i--) {
    if (flags & (1 << (i - 1))) list = makeCons(hAlloc(2), load<u64>(names + ((i - 1) << 3)), list);
  }
  return list;
}

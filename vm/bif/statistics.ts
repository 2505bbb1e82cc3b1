/** erlang:statistics/1. There is one scheduler, and none for blocking work. */
import { integerOfI64, integerOfU64 } from '../bignum';
import { badarg } from '../errors';
import {
  am_active_tasks,
  am_active_tasks_all,
  am_context_switches,
  am_exact_reductions,
  am_garbage_collection,
  am_input,
  am_io,
  am_output,
  am_reductions,
  am_run_queue,
  am_run_queue_lengths,
  am_run_queue_lengths_all,
  am_runtime,
  am_scheduler_wall_time,
  am_scheduler_wall_time_all,
  am_total_active_tasks,
  am_total_active_tasks_all,
  am_total_run_queue_lengths,
  am_total_run_queue_lengths_all,
  am_undefined,
  am_wall_clock,
} from '../gen/atoms';
import { collectionCount, reclaimedWords } from '../collect';
import { hAlloc } from '../heap';
import { now } from '../host';
import { queuedCount } from '../run_queue';
import { SLICE_REDUCTIONS, contextSwitches, idleNs, totalReductions } from '../scheduler';
import { tuple2, tuple3 } from '../signals';
import { givenUp, pendingReductions, reductionsLeft } from '../state';
import { NIL, makeCons, smallOf } from '../term';
import { countsWallTime } from './system_flag';

let lastReductions: u64 = 0;
let lastRuntime: i64 = 0;
let lastWallClock: i64 = 0;

/** Total, and since the last call. */
function reductions(): u64 {
  const total =
    totalReductions + ((SLICE_REDUCTIONS - reductionsLeft + pendingReductions - givenUp) as u64);
  const since = total - lastReductions;
  lastReductions = total;
  return tuple2(integerOfU64(total), integerOfU64(since));
}
function runtime(ms: i64): u64 {
  const since = ms - lastRuntime;
  lastRuntime = ms;
  return tuple2(smallOf(ms), smallOf(since));
}
function wallClock(ms: i64): u64 {
  const since = ms - lastWallClock;
  lastWallClock = ms;
  return tuple2(smallOf(ms), smallOf(since));
}
/** The schedulers for long native work, which have none: one for each of its kinds, as OTP has. */
const CPU_ONLY: u32 = 1;
const CPU_AND_IO: u32 = 2;
/** A number for the scheduler, and nothing for `others` more. */
function listOf(value: i64, others: u32): u64 {
  let list = NIL;
  for (let i = others; i; i--) list = makeCons(hAlloc(2), smallOf(0), list);
  return makeCons(hAlloc(2), smallOf(value), list);
}

// bif: erlang:statistics/1
export function statistics1(item: u64): u64 {
  if (item == am_reductions || item == am_exact_reductions) return reductions();
  if (item == am_runtime) return runtime((now() - idleNs) / 1000000);
  if (item == am_wall_clock) return wallClock(now() / 1000000);
  if (item == am_context_switches) return tuple2(integerOfU64(contextSwitches), smallOf(0));
  if (item == am_run_queue) return smallOf(queuedCount());
  if (item == am_total_run_queue_lengths || item == am_total_run_queue_lengths_all)
    return smallOf(queuedCount());
  if (item == am_run_queue_lengths) return listOf(queuedCount(), CPU_ONLY);
  if (item == am_run_queue_lengths_all) return listOf(queuedCount(), CPU_AND_IO);
  if (item == am_total_active_tasks || item == am_total_active_tasks_all)
    return smallOf(queuedCount() + 1);
  if (item == am_active_tasks) return listOf(queuedCount() + 1, CPU_ONLY);
  if (item == am_active_tasks_all) return listOf(queuedCount() + 1, CPU_AND_IO);
  if (item == am_garbage_collection)
    return tuple3(integerOfU64(collectionCount), integerOfU64(reclaimedWords), smallOf(0));
  if (item == am_io) return tuple2(tuple2(am_input, smallOf(0)), tuple2(am_output, smallOf(0)));
  if (item == am_scheduler_wall_time) return wallTimes(CPU_ONLY);
  if (item == am_scheduler_wall_time_all) return wallTimes(CPU_AND_IO);
  return badarg();
}
/** {Number, Time at work, Time} of the scheduler and of `others` that are never at work. */
function wallTimes(others: u32): u64 {
  if (!countsWallTime()) return am_undefined;
  const time = now();
  const whole = integerOfI64(time);
  let list = NIL;
  for (let i = others; i; i--)
    list = makeCons(hAlloc(2), tuple3(smallOf((i + 1) as i64), smallOf(0), whole), list);
  return makeCons(hAlloc(2), tuple3(smallOf(1), integerOfI64(time - idleNs), whole), list);
}

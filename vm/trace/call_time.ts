/**
 * call_time: how long each process runs in each of the functions that have it, without the time in
 * other such functions that they call. The tracing record of a process knows the function whose
 * time runs; its breakpoint has the sums.
 */
import { P_ID, P_TRACING } from '../gen/layout';
import { now } from '../host';
import { smallOf, smallValue } from '../term';
import { TIME_CALLS, TIME_NS, breakpointKey, breakpointOfKey, timeRow } from './breakpoints';
import { T_TIMED, T_TIMED_FROM } from './tracing';

/** The time up to now goes to the function whose time runs. */
function account(process: usize): void {
  const tracing = load<u32>(process, P_TRACING) as usize;
  if (!tracing) return;
  const time = now();
  const record = load<u64>(tracing, T_TIMED) ? breakpointOfKey(load<u64>(tracing, T_TIMED)) : 0;
  const row = record ? timeRow(record, load<u64>(process, P_ID)) : 0;
  if (row) {
    const spent = time - load<i64>(tracing, T_TIMED_FROM);
    store<i64>(row, load<i64>(row, TIME_NS) + spent, TIME_NS);
  }
  store<i64>(tracing, time, T_TIMED_FROM);
}

/** The function of `record` begins; the result is what resumeTimed gets when it returns. */
export function startTimed(process: usize, record: usize): u64 {
  const tracing = load<u32>(process, P_TRACING) as usize;
  if (!tracing) return smallOf(0);
  account(process);
  const earlier = load<u64>(tracing, T_TIMED);
  store<u64>(tracing, breakpointKey(record), T_TIMED);
  const row = timeRow(record, load<u64>(process, P_ID));
  if (row) store<u64>(row, load<u64>(row, TIME_CALLS) + 1, TIME_CALLS);
  return smallOf(earlier as i64);
}
/** It has returned: the time of the earlier function goes on. */
export function resumeTimed(process: usize, earlier: u64): void {
  const tracing = load<u32>(process, P_TRACING) as usize;
  if (!tracing) return;
  account(process);
  store<u64>(tracing, smallValue(earlier) as u64, T_TIMED);
}
/** The process leaves the processor, or comes back: the time between is nobody's. */
export function pauseTimed(process: usize): void {
  account(process);
}
export function continueTimed(process: usize): void {
  const tracing = load<u32>(process, P_TRACING) as usize;
  if (tracing) store<i64>(tracing, now(), T_TIMED_FROM);
}

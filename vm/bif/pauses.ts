/** Measuring pauses from Erlang (vm/pauses.ts): what `make latency` runs. */
import { am_true } from '../gen/atoms';
import { integerOfI64 } from '../bignum';
import { longestPause, notePause, pauseCount, startMeasuring, stopMeasuring } from '../pauses';
import { tuple2 } from '../signals';

// bif: vbeam_pauses:start/0
export function pausesStart0(): u64 {
  startMeasuring();
  return am_true;
}
/** {Longest, Count}: the longest pause since start/0 in nanoseconds, and how many there were. */
// bif: vbeam_pauses:stop/0
export function pausesStop0(): u64 {
  notePause();
  stopMeasuring();
  return tuple2(integerOfI64(longestPause), integerOfI64(pauseCount as i64));
}

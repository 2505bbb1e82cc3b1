/** Measuring pauses from Erlang (vm/pauses.ts): what `make latency` runs. */
import {
  am_exit,
  am_garbage_collection,
  am_idle,
  am_running,
  am_true,
  am_undefined,
} from '../gen/atoms';
import { integerOfI64 } from '../bignum';
import { hAlloc } from '../heap';
import {
  PAUSE_BEGAN,
  PAUSE_BIF,
  PAUSE_ENDED,
  TURN_COLLECTION,
  TURN_EXIT,
  TURN_RUN,
  longestPause,
  longestPhase,
  longestTurn,
  notePause,
  pauseCount,
  pausePlace,
  startMeasuring,
  stopMeasuring,
} from '../pauses';
import { tuple2 } from '../signals';
import { SUB_TUPLE, boxedOf, headerOf, smallOf } from '../term';

function tuple3(a: u64, b: u64, c: u64): u64 {
  const at = hAlloc(4);
  store<u64>(at, headerOf(SUB_TUPLE, 3));
  store<u64>(at, a, 8);
  store<u64>(at, b, 16);
  store<u64>(at, c, 24);
  return boxedOf(at);
}
/** {Module, Function, Arity} */
function placeTerm(which: u32): u64 {
  const at = pausePlace(which);
  if (!load<u32>(at)) return am_undefined;
  return tuple3(load<u32>(at), load<u32>(at, 4), smallOf(load<u32>(at, 8)));
}
/** {running, Began, {Bif, Ended}}, {exit | garbage_collection, Phase}, or idle. */
function whereTerm(): u64 {
  if (longestTurn == TURN_COLLECTION) return tuple2(am_garbage_collection, smallOf(longestPhase));
  if (longestTurn == TURN_EXIT) return tuple2(am_exit, smallOf(longestPhase));
  if (longestTurn != TURN_RUN) return am_idle;
  const rest = tuple2(placeTerm(PAUSE_BIF), placeTerm(PAUSE_ENDED));
  return tuple3(am_running, placeTerm(PAUSE_BEGAN), rest);
}

// bif: vbeam_pauses:start/0
export function pausesStart0(): u64 {
  startMeasuring();
  return am_true;
}
/**
 * {Longest, Count, Where}: the longest pause since start/0 in nanoseconds, how many there were, and
 * what ran in the longest.
 */
// bif: vbeam_pauses:stop/0
export function pausesStop0(): u64 {
  notePause();
  stopMeasuring();
  return tuple3(integerOfI64(longestPause), integerOfI64(pauseCount as i64), whereTerm());
}

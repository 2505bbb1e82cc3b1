/**
 * The last calls of a process that asked for them (process_flag(save_calls, N)): external calls,
 * BIFs, sends, receives and timeouts, in a ring of N words, each the address of an export entry or
 * an atom. While such a process runs, the doorbell rings with a value of its own: then every call
 * looks here, and code that runs otherwise pays nothing.
 *
 *   +----------+-------+------+-----------+
 *   | capacity | count | next | words ... |   u32 u32 u32, then u64 each from byte 16 on
 *   +----------+-------+------+-----------+
 */
import { allocate, release } from './alloc';
import { E_ARITY, E_BIF, E_FUNCTION, E_MODULE } from './code';
import { am_false, am_vbeam_internal } from './gen/atoms';
import { LINEAR_DOORBELL, P_FLAGS, P_SAVED_CALLS } from './gen/layout';
import { hAlloc } from './heap';
import { FLAG_SENSITIVE } from './process';
import { tuple3 } from './signals';
import { current } from './state';
import { NIL, isAtom, makeCons, smallOf } from './term';

const COUNT: u32 = 4;
const NEXT: u32 = 8;
const WORDS: u32 = 16;
/** Below what anything else stores there. */
const CALLS_DOORBELL: i32 = 0x7fff_fffd;

/** The running process saves its calls. */
export let savesCalls: bool = false;

/** The running process gets its turn, or has changed its mind: the doorbell has been reset. */
export function watchCalls(): void {
  savesCalls = load<u32>(current, P_SAVED_CALLS) != 0;
  if (savesCalls && !load<i32>(LINEAR_DOORBELL)) store<i32>(LINEAR_DOORBELL, CALLS_DOORBELL);
}
/** The doorbell rings for the saving of calls alone: the process goes on. */
export function ringsForCalls(): bool {
  return load<i32>(LINEAR_DOORBELL) == CALLS_DOORBELL;
}

function note(word: u64): void {
  const ring = load<u32>(current, P_SAVED_CALLS) as usize;
  if (!ring || load<u32>(current, P_FLAGS) & FLAG_SENSITIVE) return;
  const capacity = load<u32>(ring);
  const next = load<u32>(ring, NEXT);
  store<u64>(ring + WORDS + (next << 3), word);
  store<u32>(ring, next + 1 == capacity ? 0 : next + 1, NEXT);
  if (load<u32>(ring, COUNT) < capacity) store<u32>(ring, load<u32>(ring, COUNT) + 1, COUNT);
}
/** A send, receive or timeout. */
export function noteEvent(name: u64): void {
  note(name);
}
/** An external call of the function of an export entry; a BIF is noted when it is called. */
export function noteCall(entry: usize): void {
  if (!load<u32>(entry, E_BIF)) note(entry as u64);
}
export function noteBif(entry: usize): void {
  if (load<u64>(entry, E_MODULE) != am_vbeam_internal) note(entry as u64);
}

/** How many calls are kept. */
export function savedCallsCapacity(process: usize): u32 {
  const ring = load<u32>(process, P_SAVED_CALLS) as usize;
  return ring ? load<u32>(ring) : 0;
}
/** Keep that many from now on, and forget the former ones; false when there is no memory. */
export function saveCalls(process: usize, capacity: u32): bool {
  let ring: usize = 0;
  if (capacity) {
    ring = allocate(WORDS + (capacity << 3));
    if (!ring) return false;
    store<u32>(ring, capacity);
    store<u32>(ring, 0, COUNT);
    store<u32>(ring, 0, NEXT);
  }
  freeSavedCalls(process);
  store<u32>(process, ring as u32, P_SAVED_CALLS);
  if (process == current) watchCalls();
  return true;
}
export function freeSavedCalls(process: usize): void {
  const ring = load<u32>(process, P_SAVED_CALLS) as usize;
  if (ring) release(ring);
  store<u32>(process, 0, P_SAVED_CALLS);
}

/** {Module, Function, Arity} or an atom for each, oldest first; `false` without a ring. */
export function savedCallsList(process: usize): u64 {
  const ring = load<u32>(process, P_SAVED_CALLS) as usize;
  if (!ring) return am_false;
  const capacity = load<u32>(ring);
  let list = NIL;
  let place = load<u32>(ring, NEXT);
  for (let left = load<u32>(ring, COUNT); left; left--) {
    place = (place ? place : capacity) - 1;
    list = makeCons(hAlloc(2), called(load<u64>(ring + WORDS + (place << 3))), list);
  }
  return list;
}
function called(word: u64): u64 {
  if (isAtom(word)) return word;
  const entry = word as usize;
  const arity = smallOf(load<u32>(entry, E_ARITY) as i64);
  return tuple3(load<u64>(entry, E_MODULE), load<u64>(entry, E_FUNCTION), arity);
}

/** The process dictionary: vm/dictionary.ts. Lists of it are made in steps. */
import { identical } from '../compare';
import {
  addPair,
  findPair,
  giveUpDictionary,
  pairAddress,
  pairCount,
  removePair,
} from '../dictionary';
import { badarg, outOfMemory, trapTo } from '../errors';
import { am_erase, am_get, am_get_keys, am_undefined } from '../gen/atoms';
import { BIF_dictionaryMore4 } from '../gen/bifs';
import { hAlloc, memoryExhausted } from '../heap';
import { setX } from '../registers';
import { tuple2 } from '../signals';
import { budget, chargeReductions, current } from '../state';
import {
  NIL,
  SUB_TUPLE,
  boxedOf,
  headerOf,
  isSmall,
  isTuple,
  listAddress,
  makeCons,
  smallOf,
  smallValue,
  tupleArity,
  tupleElement,
} from '../term';

/** Pairs of a list that count as one reduction. */
const PAIRS_PER_REDUCTION: u32 = 2;

/**
 * The dictionary of `process` as a list of pairs on the running process's heap; its terms are those
 * of `process`.
 */
export function dictionaryList(process: usize): u64 {
  const count = pairCount(process);
  if (count == 0) return NIL;
  const at = hAlloc(count * 5);
  if (!at) return outOfMemory();
  let list = NIL;
  for (let i = count; i > 0; i--) {
    const to = at + (i - 1) * 40;
    const pair = pairAddress(process, i - 1);
    store<u64>(to, headerOf(SUB_TUPLE, 2));
    store<u64>(to, load<u64>(pair), 8);
    store<u64>(to, load<u64>(pair, 8), 16);
    list = makeCons(to + 24, boxedOf(to), list);
  }
  chargeReductions((count >> 3) as i32);
  return list;
}

/**
 * The list was made of the pairs of another process, into whose heap it points: it is no term of
 * this heap, and becomes words that mean nothing.
 */
export function forgetDictionaryList(list: u64, process: usize): void {
  const at = listAddress(list) - 24;
  const words = pairCount(process) * 5;
  for (let i: u32 = 0; i < words; i++) store<u64>(at + (i << 3), NIL);
}

// bif: erlang:put/2
export function erlangPut2(key: u64, value: u64): u64 {
  const index = findPair(current, key);
  if (index < 0) return addPair(current, key, value) ? am_undefined : outOfMemory();
  const pair = pairAddress(current, index as u32);
  const old = load<u64>(pair, 8);
  store<u64>(pair, value, 8);
  return old;
}

// bif: erlang:get/1
export function erlangGet1(key: u64): u64 {
  const index = findPair(current, key);
  return index < 0 ? am_undefined : load<u64>(pairAddress(current, index as u32), 8);
}

// bif: erlang:erase/1
export function erlangErase1(key: u64): u64 {
  const index = findPair(current, key);
  if (index < 0) return am_undefined;
  const value = load<u64>(pairAddress(current, index as u32), 8);
  removePair(current, index as u32);
  return value;
}

/**
 * Go on with a list of the pairs below number `index`, or of their keys, all or those with `value`.
 * The dictionary does not change meanwhile: its process is in this BIF.
 */
// bif: vbeam_internal:dictionary/4
export function dictionaryMore4(what: u64, value: u64, index: u64, sofar: u64): u64 {
  if (!isSmall(index) || smallValue(index) < 0) return badarg();
  if (value != NONE_ASKED && (!isTuple(value) || !tupleArity(value))) return badarg();
  let left = min(smallValue(index), pairCount(current) as i64) as u32;
  const limit = (budget() as u32) * PAIRS_PER_REDUCTION;
  const end = left > limit ? left - limit : 0;
  chargeReductions(((left - end) / PAIRS_PER_REDUCTION) as i32);
  let list = sofar;
  for (; left > end && !memoryExhausted; left--) {
    const pair = pairAddress(current, left - 1);
    const key = load<u64>(pair);
    const held = load<u64>(pair, 8);
    if (what == am_get_keys) {
      if (value == NONE_ASKED || identical(held, tupleElement(value, 1)))
        list = makeCons(hAlloc(2), key, list);
      continue;
    }
    const both = tuple2(key, held);
    list = makeCons(hAlloc(2), both, list);
  }
  if (!left) {
    if (what == am_erase) giveUpDictionary(current);
    return list;
  }
  setX(0, what);
  setX(1, value);
  setX(2, smallOf(left as i64));
  setX(3, list);
  return trapTo(BIF_dictionaryMore4, 4);
}
/** The value asked for is in a tuple of its own, since it may be anything. */
const NONE_ASKED: u64 = NIL;
function listOf(what: u64, value: u64): u64 {
  return dictionaryMore4(what, value, smallOf(pairCount(current) as i64), NIL);
}

// bif: erlang:get/0
export function erlangGet0(): u64 {
  return listOf(am_get, NONE_ASKED);
}

// bif: erlang:erase/0
export function erlangErase0(): u64 {
  return listOf(am_erase, NONE_ASKED);
}

// bif: erlang:get_keys/0
export function erlangGetKeys0(): u64 {
  return listOf(am_get_keys, NONE_ASKED);
}

// bif: erlang:get_keys/1
export function erlangGetKeys1(value: u64): u64 {
  const at = hAlloc(2);
  store<u64>(at, headerOf(SUB_TUPLE, 1));
  store<u64>(at, value, 8);
  return listOf(am_get_keys, boxedOf(at));
}

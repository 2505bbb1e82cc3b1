/**
 * The order of two large maps of the same size, as a frame of compare.ts. The smallest key that
 * only one of them has decides: the map that has it is the smaller. When the keys are the same, the
 * smallest key with different values decides.
 *
 * Entries are collected first: a key of one map only, with its verdict; or, when all keys are
 * shared, a key whose values are different words. Then the entries are gone through, and the one
 * with the smallest key is kept. Both need comparisons of other terms, so this is a state machine
 * that compare.ts resumes with their results. On the work stack:
 *
 *   the pairs of both maps, {key, 0, verdict} or {key, left value, right value} ... (entries), then
 *   bottom, first, count, next, best + 1, best verdict, verdict, stage | exact, saved mapsMark,
 *   FRAME_MAPS
 *
 * `bottom` and `first` are the indices of the first pair and of the first entry from the bottom of
 * the work stack.
 */
import { FRAME_MAPS, giveUp, setPair } from './compare';
import { identical } from './equality';
import { COLLISION_LEVEL, firstChild, keyHash, keyRehash, nodeBitmap } from './hamt';
import { nextPair, pairIterator, pairKey, pairValue, startPairs } from './map_iterator';
import { boxedHeader, boxedWord, head, headerWords, isList, tail } from './term';
import { cut, mark, peek, poke, push, wordAt } from './work_stack';

/** resumeMaps: a pair has been set to be compared next. */
export const MAPS_NEXT: i32 = 0x7fff_fffe;

/** What the frame waits for: nothing yet, the order of two keys, the order of two values. */
const STAGE_KEYS: u64 = 1;
const STAGE_VALUES: u64 = 2;
const EXACT: u64 = 4;
/** How far below the top each word of the frame is once FRAME_MAPS has been popped. */
const AT_MARK: u32 = 0;
const AT_STAGE: u32 = 1;
const AT_VERDICT: u32 = 2;
const AT_BEST_VERDICT: u32 = 3;
const AT_BEST: u32 = 4;
const AT_NEXT: u32 = 5;
const AT_COUNT: u32 = 6;
const AT_FIRST: u32 = 7;
const AT_BOTTOM: u32 = 8;

/** The work stack's mark above the innermost frame of maps being compared, 0 when there is none. */
export let mapsMark: u32 = 0;
export function setMapsMark(depth: u32): void {
  mapsMark = depth;
}

/**
 * The leaf of `key` in a large map, or 0. Never compares for order: compare.ts must not be entered
 * again.
 */
function leafOf(map: u64, key: u64): u64 {
  let node = map;
  let hash = keyHash(key);
  for (let depth: u32 = 0; depth < COLLISION_LEVEL; depth++) {
    if (depth == 8) hash = keyRehash(key);
    const header = boxedHeader(node);
    const bitmap = nodeBitmap(header);
    const bit: u32 = 1 << (hash & 15);
    if (!(bitmap & bit)) return 0;
    const child = boxedWord(node, firstChild(header) + popcnt(bitmap & (bit - 1)));
    if (isList(child)) return identical(head(child), key) ? child : 0;
    node = child;
    hash >>= 4;
  }
  const end = headerWords(boxedHeader(node));
  for (let i: u32 = 1; i <= end; i++) {
    const child = boxedWord(node, i);
    if (identical(head(child), key)) return child;
  }
  return 0;
}

// ---- entries

function pushEntry(key: u64, first: u64, second: u64): bool {
  return push(key) && push(first) && push(second);
}
/** Push key and value of all pairs of `map`; false when the work stack cannot grow. */
function pushPairs(map: u64): bool {
  startPairs(pairIterator, map);
  while (nextPair(pairIterator))
    if (!push(pairKey(pairIterator)) || !push(pairValue(pairIterator))) return false;
  return true;
}
/**
 * Turn the `size` pairs that lie on the work stack from word `from` on into entries on top of it:
 * of the keys that `other` lacks (`verdict` says for which side), or, when `verdict` is 0, of those
 * whose values differ.
 */
function pushEntries(from: u32, size: u32, other: u64, verdict: i64): bool {
  for (let i: u32 = 0; i < size; i++) {
    const key = wordAt(from + 2 * i);
    const value = wordAt(from + 2 * i + 1);
    const found = leafOf(other, key);
    if (verdict) {
      if (!found && !pushEntry(key, 0, verdict as u64)) return false;
    } else if (found && tail(found) != value && !pushEntry(key, value, tail(found))) return false;
  }
  return true;
}
/**
 * Push the pairs of both maps, then the entries; `size` is the number of pairs of each. False when
 * the work stack cannot grow.
 */
function collect(a: u64, b: u64, size: u32): bool {
  const from = mark() >> 3;
  if (!pushPairs(a) || !pushPairs(b)) return false;
  const entries = mark() >> 3;
  if (!pushEntries(from, size, b, -1)) return false;
  if (mark() >> 3 == entries) return pushEntries(from, size, b, 0);
  return pushEntries(from + 2 * size, size, a, 1);
}

// ---- the frame

/** Compare two large maps with the same number of keys: push their frame. */
export function beginMaps(a: u64, b: u64, exact: bool): void {
  const from = mark();
  const size = (boxedWord(a, 1) >> 4) as u32;
  if (!collect(a, b, size)) {
    giveUp();
    return;
  }
  const entries = (from >> 3) + 4 * size;
  const count = ((mark() >> 3) - entries) / 3;
  const done =
    push((from >> 3) as u64) &&
    push(entries as u64) &&
    push(count as u64) &&
    push(0) &&
    push(0) &&
    push(0) &&
    push(0) &&
    push(exact ? EXACT : 0) &&
    push(mapsMark as u64) &&
    push(FRAME_MAPS);
  if (done) mapsMark = mark();
  else giveUp();
}

function entryWord(entry: u32, word: u32): u64 {
  return wordAt((peek(AT_FIRST) as u32) + entry * 3 + word);
}
/**
 * The entry `next` has a verdict: if it is nonzero and the key is the smallest so far, keep it.
 * True when keys must be compared.
 */
function weigh(verdict: i32): bool {
  if (!verdict) return false;
  poke(AT_VERDICT, verdict as i64 as u64);
  if (peek(AT_BEST)) return true;
  keep();
  return false;
}
function keep(): void {
  poke(AT_BEST, peek(AT_NEXT) + 1);
  poke(AT_BEST_VERDICT, peek(AT_VERDICT));
}
/**
 * FRAME_MAPS has been popped, and what lay above it compared as `result`. The result of the maps,
 * or MAPS_NEXT.
 */
export function resumeMaps(result: i32): i32 {
  const stage = peek(AT_STAGE);
  const exact = (stage & EXACT) != 0;
  let askKeys = false;
  if ((stage & 3) == STAGE_KEYS) {
    if (result < 0) keep();
    poke(AT_NEXT, peek(AT_NEXT) + 1);
  } else if ((stage & 3) == STAGE_VALUES) {
    askKeys = weigh(result);
    if (!askKeys) poke(AT_NEXT, peek(AT_NEXT) + 1);
  }
  while (!askKeys && peek(AT_NEXT) < peek(AT_COUNT)) {
    const next = peek(AT_NEXT) as u32;
    if (entryWord(next, 1)) {
      setPair(entryWord(next, 1), entryWord(next, 2), exact);
      return wait(STAGE_VALUES | (stage & EXACT));
    }
    askKeys = weigh(entryWord(next, 2) as i32);
    if (!askKeys) poke(AT_NEXT, next + 1);
  }
  if (askKeys) {
    setPair(entryWord(peek(AT_NEXT) as u32, 0), entryWord((peek(AT_BEST) as u32) - 1, 0), true);
    return wait(STAGE_KEYS | (stage & EXACT));
  }
  const verdict = peek(AT_BEST_VERDICT) as i32;
  mapsMark = peek(AT_MARK) as u32;
  cut((peek(AT_BOTTOM) as u32) << 3);
  return verdict;
}
function wait(stage: u64): i32 {
  poke(AT_STAGE, stage);
  push(FRAME_MAPS);
  return MAPS_NEXT;
}

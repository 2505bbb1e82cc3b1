/**
 * The order of two large maps of the same size, as a frame of compare.ts. The smallest key that
 * only one of them has decides: the map that has it is the smaller. When the keys are the same, the
 * smallest key with different values decides.
 *
 * So the pairs of the first map are gone through for keys that the second has not; if there is one,
 * those of the second, too, else again those of the first, for values that differ. Whatever could
 * decide has a verdict, and the one with the smallest key is kept. Both need comparisons of other
 * terms, so this is a state machine that compare.ts resumes with their results, or after some pairs
 * in which nothing was to be compared. On the work stack:
 *
 *   a, b, position, best key, best verdict, key, verdict, stage | waiting | exact, saved mapsMark,
 *   FRAME_MAPS
 *
 * `position` is that of the pair to be looked at next (map_iterator.ts).
 */
import { FRAME_MAPS, giveUp, setPair } from './compare';
import { identical } from './equality';
import { COLLISION_LEVEL, firstChild, keyHash, keyRehash, nodeBitmap } from './hamt';
import {
  nextPair,
  pairIterator,
  pairKey,
  pairValue,
  positionAfter,
  seekPairs,
} from './map_iterator';
import { NIL, boxedHeader, boxedWord, head, headerWords, isList, tail } from './term';
import { cut, mark, peek, poke, push } from './work_stack';

/** resumeMaps: a pair has been set to be compared next. */
export const MAPS_NEXT: i32 = 0x7fff_fffe;

/** Keys that only the first map has, that only the second has, values of keys that both have. */
const STAGE_FIRST: u64 = 0;
const STAGE_SECOND: u64 = 1;
const STAGE_VALUES: u64 = 2;
const STAGE: u64 = 3;
/** What the frame waits for: nothing, the order of two keys, the order of two values. */
const WAITS_KEYS: u64 = 4;
const WAITS_VALUES: u64 = 8;
const WAITS: u64 = 12;
const EXACT: u64 = 16;
/** How far below the top each word of the frame is once FRAME_MAPS has been popped. */
const AT_MARK: u32 = 0;
const AT_STAGE: u32 = 1;
const AT_VERDICT: u32 = 2;
const AT_KEY: u32 = 3;
const AT_BEST_VERDICT: u32 = 4;
const AT_BEST_KEY: u32 = 5;
const AT_POSITION: u32 = 6;
const AT_SECOND: u32 = 7;
const AT_FIRST: u32 = 8;
const FRAME_BYTES: u32 = 9 << 3;

/** Pairs looked at before the comparison can be left, and what they count as. */
const PAIRS_AT_ONCE: u32 = 8;
const STEPS_OF_PAIRS: u32 = 16;
/** Steps that have been done here since compare.ts asked. */
let stepsDone: u32 = 0;
export function takeMapsSteps(): u32 {
  const steps = stepsDone;
  stepsDone = 0;
  return steps;
}

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

/** Compare two large maps with the same number of keys: push their frame. */
export function beginMaps(a: u64, b: u64, exact: bool): void {
  const done =
    push(a) &&
    push(b) &&
    push(0) &&
    push(NIL) &&
    push(0) &&
    push(NIL) &&
    push(0) &&
    push(STAGE_FIRST | (exact ? EXACT : 0)) &&
    push(mapsMark as u64) &&
    push(FRAME_MAPS);
  if (done) mapsMark = mark();
  else giveUp();
}

/** What has been found last is the best so far. */
function keep(): void {
  poke(AT_BEST_KEY, peek(AT_KEY));
  poke(AT_BEST_VERDICT, peek(AT_VERDICT));
}
/** Let compare.ts compare two terms first. */
function wait(what: u64, a: u64, b: u64, exact: bool): i32 {
  poke(AT_STAGE, (peek(AT_STAGE) & ~WAITS) | what);
  setPair(a, b, exact);
  push(FRAME_MAPS);
  return MAPS_NEXT;
}
/** The key has a verdict: is it smaller than the best so far? */
function weighKey(verdict: i32): i32 {
  poke(AT_VERDICT, verdict as i64 as u64);
  if (peek(AT_BEST_VERDICT)) return wait(WAITS_KEYS, peek(AT_KEY), peek(AT_BEST_KEY), true);
  keep();
  return wait(0, NIL, NIL, false);
}
/**
 * FRAME_MAPS has been popped, and what lay above it compared as `result`. The result of the maps,
 * or MAPS_NEXT.
 */
export function resumeMaps(result: i32): i32 {
  const waits = peek(AT_STAGE) & WAITS;
  if (waits == WAITS_KEYS && result < 0) keep();
  if (waits == WAITS_VALUES && result) return weighKey(result);
  stepsDone += STEPS_OF_PAIRS;
  const second = (peek(AT_STAGE) & STAGE) == STAGE_SECOND;
  const map = peek(second ? AT_SECOND : AT_FIRST);
  const other = peek(second ? AT_FIRST : AT_SECOND);
  seekPairs(pairIterator, map, peek(AT_POSITION) as i64);
  for (let i: u32 = 0; i < PAIRS_AT_ONCE; i++) {
    if (!nextPair(pairIterator)) return nextStage();
    const leaf = leafOf(other, pairKey(pairIterator));
    if ((peek(AT_STAGE) & STAGE) == STAGE_VALUES) {
      if (tail(leaf) == pairValue(pairIterator)) continue;
      keepPlace();
      const exact = (peek(AT_STAGE) & EXACT) != 0;
      return wait(WAITS_VALUES, pairValue(pairIterator), tail(leaf), exact);
    }
    if (leaf) continue;
    keepPlace();
    return weighKey(second ? 1 : -1);
  }
  keepPlace();
  return wait(0, NIL, NIL, false);
}
/** The pair last looked at is the one that may get a verdict; the next one comes later. */
function keepPlace(): void {
  poke(AT_KEY, pairKey(pairIterator));
  poke(AT_POSITION, positionAfter(pairIterator) as u64);
}
/** All pairs have been looked at: go on with others, or the best verdict is the result. */
function nextStage(): i32 {
  const stage = peek(AT_STAGE) & STAGE;
  if (stage == STAGE_FIRST) {
    const next = peek(AT_BEST_VERDICT) ? STAGE_SECOND : STAGE_VALUES;
    poke(AT_STAGE, (peek(AT_STAGE) & ~STAGE) | next);
    poke(AT_POSITION, 0);
    return wait(0, NIL, NIL, false);
  }
  const verdict = peek(AT_BEST_VERDICT) as i32;
  mapsMark = peek(AT_MARK) as u32;
  cut(mark() - FRAME_BYTES);
  return verdict;
}

/**
 * `--`. When one side is short, each element of the other is compared with all of it; else the
 * elements of the right side are counted in a hash table (vm/element_counts.ts), so that the work
 * grows with the length of both sides. All of it in slices.
 */
import * as E from '../element_counts';
import { equalSteps, identical } from '../equality';
import { badarg, outOfMemory, trapTo } from '../errors';
import {
  BIF_subtractCount5,
  BIF_subtractCounted5,
  BIF_subtractFew3,
  BIF_subtractFromFew2,
  BIF_subtractGather4,
} from '../gen/bifs';
import { hAlloc, hRelease, memoryExhausted } from '../heap';
import { setX } from '../registers';
import { resourceTerm } from '../resource';
import { budget, chargeReductions } from '../state';
import {
  NIL,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isImmediate,
  isList,
  isSmall,
  makeCons,
  smallOf,
  smallValue,
  tail,
} from '../term';
import { allowSeveral, dropHeld, holdWalks, walkLeft } from '../walk';
import { ELEMENTS_PER_REDUCTION, chargeElements, elementsLeft, listsReverse2 } from './lists';

const CELLS_MAX: i32 = 4096;

// ---- one side is short

/** Sides up to this long are searched element by element. */
const FEW_MAX: u32 = 16;
const few: usize = memory.data(16 * 8, 8);

/** The list ends, properly or not, after at most so many elements. */
function isShort(list: u64): bool {
  let rest = list;
  for (let count: u32 = 0; isList(rest) && count < FEW_MAX; count++) rest = tail(rest);
  return !isList(rest);
}
/** Put the elements of a short list into `few`; their number, -1 when it is not a proper list. */
function takeFew(list: u64): i32 {
  let count = 0;
  let rest = list;
  for (; isList(rest); rest = tail(rest)) store<u64>(few + (count++ << 3), head(rest));
  return rest == NIL ? count : -1;
}
function dropFew(index: u32, count: u32): void {
  memory.copy(few + (index << 3), few + ((index + 1) << 3), (count - index - 1) << 3);
}

// bif: erlang:--/2
// bif: erlang:subtract/2
export function subtract2(left: u64, right: u64): u64 {
  if (isShort(right)) return takeFew(right) < 0 ? badarg() : subtractFew3(left, right, NIL);
  return isShort(left)
    ? subtractFromFew2(left, right)
    : subtractGather4(left, right, NIL, smallOf(0));
}

/** What findFew cost, in comparisons of immediates. */
let cost: i32 = 0;
const STEPS_PER_COST: i32 = 2;
const NOT_FOUND: i32 = -1;
/** A comparison was left: look for the same element in the next slice. */
const LEFT: i32 = -2;

/** Index of `element` among the first `count` words of `few`, NOT_FOUND, or LEFT. */
function findFew(element: u64, count: u32): i32 {
  cost = (count as i32) + 1;
  for (let i: u32 = 0; i < count; i++) if (load<u64>(few + (i << 3)) == element) return i as i32;
  if (isImmediate(element)) return NOT_FOUND;
  let found = NOT_FOUND;
  allowSeveral();
  for (let i: u32 = 0; i < count && found < 0 && !walkLeft; i++) {
    if (identical(load<u64>(few + (i << 3)), element)) found = i;
    cost += (equalSteps as i32) / STEPS_PER_COST;
  }
  if (holdWalks()) return LEFT;
  dropHeld();
  return found;
}

/** The first `count` words of `few` as a list. */
function fewToList(count: u32): u64 {
  const at = hAlloc(count << 1);
  let list = NIL;
  for (let i = count; i > 0; i--) {
    list = makeCons(at + ((i - 1) << 4), load<u64>(few + ((i - 1) << 3)), list);
  }
  return list;
}

// bif: vbeam_internal:subtract_few/3
export function subtractFew3(left: u64, right: u64, kept: u64): u64 {
  let count = takeFew(right) as u32;
  const limit = elementsLeft();
  const slice = min(limit / ((count as i32) + 1) + 1, CELLS_MAX);
  const cells = hAlloc(slice << 1);
  let cell = cells;
  let list = left;
  let result = kept;
  let done = 0;
  let spent = 0;
  while (done < slice && spent < limit && isList(list)) {
    const element = head(list);
    const found = findFew(element, count);
    spent += cost;
    if (found == LEFT) break;
    done++;
    if (found == NOT_FOUND) {
      result = makeCons(cell, element, result);
      cell += 16;
    } else {
      dropFew(found, count);
      count--;
    }
    list = tail(list);
  }
  hRelease(cells, slice << 1, cell);
  chargeElements(spent);
  if (list == NIL) return listsReverse2(result, NIL);
  if (!isList(list)) return badarg();
  setX(0, list);
  setX(1, fewToList(count));
  setX(2, result);
  return trapTo(BIF_subtractFew3, 3);
}

/** What is left of a short list after each element of `right` has taken its first equal. */
// bif: vbeam_internal:subtract_from_few/2
export function subtractFromFew2(left: u64, right: u64): u64 {
  const all = takeFew(left);
  if (all < 0) return badarg();
  let count = all as u32;
  const limit = elementsLeft();
  let rest = right;
  let spent = 0;
  while (spent < limit && isList(rest)) {
    const found = findFew(head(rest), count);
    spent += cost;
    if (found == LEFT) break;
    if (found >= 0) {
      dropFew(found, count);
      count--;
    }
    rest = tail(rest);
  }
  chargeElements(spent);
  if (!isList(rest)) return rest == NIL ? fewToList(count) : badarg();
  setX(0, fewToList(count));
  setX(1, rest);
  return trapTo(BIF_subtractFromFew2, 2);
}

// ---- both sides are long

const CHUNK_REDUCTIONS: i32 = (E.CHUNK_ELEMENTS as i32) / ELEMENTS_PER_REDUCTION;
const CLEAR_REDUCTIONS: i32 = 16;
/** Of E.cost. */
const COST_PER_REDUCTION: i32 = 2;

/** The elements of `right` as tuples in front of `chunks`, which have `count` elements. */
// bif: vbeam_internal:subtract_gather/4
export function subtractGather4(left: u64, right: u64, chunks: u64, count: u64): u64 {
  let size: u32 = 0;
  let rest = right;
  for (; isList(rest) && size < E.CHUNK_ELEMENTS; size++) rest = tail(rest);
  if ((!isList(rest) && rest != NIL) || !isSmall(count)) return badarg();
  const at = hAlloc(size + 3);
  if (memoryExhausted) return outOfMemory();
  store<u64>(at, headerOf(SUB_TUPLE, size));
  rest = right;
  for (let i: u32 = 1; i <= size; i++) {
    store<u64>(at + (i << 3), head(rest));
    rest = tail(rest);
  }
  const gathered = makeCons(at + ((size + 1) << 3), boxedOf(at), chunks);
  const total = smallOf(smallValue(count) + (size as i64));
  chargeReductions(CHUNK_REDUCTIONS);
  if (rest == NIL) return beginCounting(left, gathered, total);
  setX(0, left);
  setX(1, rest);
  setX(2, gathered);
  setX(3, total);
  return trapTo(BIF_subtractGather4, 4);
}
function beginCounting(left: u64, chunks: u64, total: u64): u64 {
  let count: u32 = 0;
  for (let rest = chunks; isList(rest); rest = tail(rest)) count++;
  const at = hAlloc(count + 1);
  const counts = at ? E.newCounts(smallValue(total) as u32) : 0;
  if (!counts) {
    if (at) hRelease(at, count + 1, at);
    return outOfMemory();
  }
  store<u64>(at, headerOf(SUB_TUPLE, count));
  let rest = chunks;
  for (let i = count; i > 0; i--) {
    store<u64>(at + (i << 3), head(rest));
    rest = tail(rest);
  }
  return trap5(BIF_subtractCount5, left, boxedOf(at), resourceTerm(counts), smallOf(0), smallOf(0));
}
function trap5(bif: u32, first: u64, second: u64, third: u64, fourth: u64, fifth: u64): u64 {
  setX(0, first);
  setX(1, second);
  setX(2, third);
  setX(3, fourth);
  setX(4, fifth);
  return trapTo(bif, 5);
}

/** Count the elements from `position` on, the first of which was left after `probes` slots. */
// bif: vbeam_internal:subtract_count/5
export function subtractCount5(
  left: u64,
  elements: u64,
  reference: u64,
  position: u64,
  probes: u64,
): u64 {
  const counts = E.countsOf(reference);
  if (!counts || !isSmall(position) || !isSmall(probes)) return badarg();
  if (!E.isCleared(counts)) {
    E.clearSlots(counts);
    chargeReductions(CLEAR_REDUCTIONS);
    return trap5(BIF_subtractCount5, left, elements, reference, smallOf(0), smallOf(0));
  }
  const limit = budget() * COST_PER_REDUCTION;
  const end = E.positionsOf(counts) as i64;
  let at = smallValue(position);
  let done = smallValue(probes) as u32;
  let spent: i32 = 0;
  if (at < 0) return badarg();
  while (at < end && spent < limit) {
    const element = E.elementAt(elements, at as u32);
    const state = E.lookFor(counts, elements, element, done);
    spent += E.cost;
    done = state == E.AGAIN ? E.probesDone : 0;
    if (memoryExhausted) return outOfMemory();
    if (state == E.AGAIN) break;
    if (state == E.FOUND) E.addOne();
    else E.addFirst(counts, at as u32);
    at++;
  }
  chargeReductions(spent / COST_PER_REDUCTION);
  if (at < end)
    return trap5(BIF_subtractCount5, left, elements, reference, smallOf(at), smallOf(done));
  return trap5(BIF_subtractCounted5, left, NIL, elements, reference, smallOf(0));
}

/** The elements of `left` that have no equal among the counted, in front of `kept`. */
// bif: vbeam_internal:subtract_counted/5
export function subtractCounted5(
  left: u64,
  kept: u64,
  elements: u64,
  reference: u64,
  probes: u64,
): u64 {
  const counts = E.countsOf(reference);
  if (!counts || !E.isCleared(counts) || !isSmall(probes)) return badarg();
  const limit = budget() * COST_PER_REDUCTION;
  const words: u32 = limit << 1;
  const cells = hAlloc(words);
  if (memoryExhausted) return outOfMemory();
  let cell = cells;
  let list = left;
  let result = kept;
  let done = smallValue(probes) as u32;
  let spent: i32 = 0;
  while (isList(list) && spent < limit) {
    const element = head(list);
    const state = E.lookFor(counts, elements, element, done);
    spent += E.cost;
    done = state == E.AGAIN ? E.probesDone : 0;
    if (memoryExhausted || state == E.AGAIN) break;
    if (state == E.ABSENT || !E.takeOne()) {
      result = makeCons(cell, element, result);
      cell += 16;
    }
    list = tail(list);
  }
  hRelease(cells, words, cell);
  if (memoryExhausted) return outOfMemory();
  chargeReductions(spent / COST_PER_REDUCTION);
  if (isList(list))
    return trap5(BIF_subtractCounted5, list, result, elements, reference, smallOf(done));
  E.endCounts(counts);
  return list == NIL ? listsReverse2(result, NIL) : badarg();
}

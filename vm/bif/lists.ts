/**
 * BIFs on lists. Lists are of any length, so they work in slices: about eight elements a reduction,
 * then they trap to themselves or to a continuation with the rest of the list. length/1, a guard,
 * is run again where it was left (vm/walk.ts).
 */
import { equal, equalSteps, identical } from '../compare';
import { badarg, trapTo } from '../errors';
import { am_false, am_true, am_value } from '../gen/atoms';
import {
  BIF_listsAppendMore,
  BIF_listsKeyfind3,
  BIF_listsKeymember3,
  BIF_listsKeysearch3,
  BIF_listsMember2,
  BIF_listsReverse2,
} from '../gen/bifs';
import { hAlloc, memoryExhausted } from '../heap';
import { listLength } from '../list_length';
import { setX } from '../registers';
import { budget, chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isImmediate,
  isList,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { allowLeaving, endWalk, leaveWalk } from '../walk';

export const ELEMENTS_PER_REDUCTION: i32 = 8;
/** Cells that are asked of the heap at once; so many it always has. */
const CELLS_MAX: i32 = 4096;

/** Lists of so many elements are counted at once. */
const SHORT: i64 = 1024;

/** Elements that the running slice still pays for. */
export function elementsLeft(): i32 {
  return budget() * ELEMENTS_PER_REDUCTION;
}
export function chargeElements(count: i32): void {
  chargeReductions(count / ELEMENTS_PER_REDUCTION);
}
function trap2(bif: u32, first: u64, second: u64): u64 {
  setX(0, first);
  setX(1, second);
  return trapTo(bif, 2);
}
function trap3(bif: u32, first: u64, second: u64, third: u64): u64 {
  setX(0, first);
  setX(1, second);
  setX(2, third);
  return trapTo(bif, 3);
}

// ---- guards

// bif: erlang:hd/1
export function erlangHd1(list: u64): u64 {
  return isList(list) ? head(list) : badarg();
}

// bif: erlang:tl/1
export function erlangTl1(list: u64): u64 {
  return isList(list) ? tail(list) : badarg();
}

// bif: erlang:length/1
export function erlangLength1(list: u64): u64 {
  let count: i64 = 0;
  let rest = list;
  while (isList(rest)) {
    rest = tail(rest);
    if (++count > SHORT) return longLength(list);
  }
  chargeReductions((count >> 4) as i32);
  return rest == NIL ? smallOf(count) : badarg();
}
function longLength(list: u64): u64 {
  allowLeaving();
  const count = listLength(list);
  if (endWalk()) return leaveWalk();
  return count < 0 ? badarg() : smallOf(count);
}

// ---- searching

/**
 * The comparison of two large elements was left: the search goes on in front of the same element,
 * and its first comparison is the one that was left. Nothing may be changed before that.
 */
let leftElement: bool = false;
/** Elements as which the comparison counts. */
let elementCost: i32 = 0;
const STEPS_PER_ELEMENT: i32 = 2;

function sameElement(a: u64, b: u64): bool {
  leftElement = false;
  elementCost = 0;
  if (isImmediate(a) || isImmediate(b)) return false;
  allowLeaving();
  const same = identical(a, b);
  leftElement = endWalk();
  elementCost = (equalSteps as i32) / STEPS_PER_ELEMENT;
  return same && !leftElement;
}
function equalElement(a: u64, b: u64): bool {
  leftElement = false;
  elementCost = 0;
  if (isImmediate(a) && isImmediate(b)) return a == b;
  allowLeaving();
  const same = equal(a, b);
  leftElement = endWalk();
  elementCost = (equalSteps as i32) / STEPS_PER_ELEMENT;
  return same && !leftElement;
}

// bif: lists:member/2
export function listsMember2(element: u64, list: u64): u64 {
  const limit = elementsLeft();
  const simple = isImmediate(element);
  leftElement = false;
  elementCost = 0;
  let rest = list;
  let count = 0;
  for (; count < limit && isList(rest); count++) {
    const held = head(rest);
    if (held == element || (!simple && sameElement(held, element))) {
      chargeElements(count);
      return am_true;
    }
    if (leftElement) break;
    if (!simple) count += elementCost;
    rest = tail(rest);
  }
  chargeElements(count);
  if (rest == NIL) return am_false;
  return isList(rest) ? trap2(BIF_listsMember2, element, rest) : badarg();
}

/** The rest of the list where keySearch stopped: NONE at its end or found. */
let searchRest: u64 = 0;

/**
 * The first tuple of `list` whose element at the position equals (==) `key`, or NONE; looks at one
 * slice of the list.
 */
function keySearch(key: u64, index: u32, list: u64): u64 {
  const limit = elementsLeft();
  // An immediate that is no number equals nothing but itself.
  const simple = isImmediate(key) && !isSmall(key);
  leftElement = false;
  elementCost = 0;
  let rest = list;
  let count = 0;
  for (; count < limit && isList(rest); count++) {
    const tuple = head(rest);
    if (isTuple(tuple) && tupleArity(tuple) >= index) {
      const held = tupleElement(tuple, index);
      if (held == key || (!simple && equalElement(held, key))) {
        chargeElements(count);
        return tuple;
      }
      if (leftElement) break;
      if (!simple) count += elementCost;
    }
    rest = tail(rest);
  }
  chargeElements(count);
  searchRest = rest;
  return NONE;
}

function validKeyIndex(index: u64): bool {
  return isSmall(index) && smallValue(index) >= 1 && smallValue(index) <= 0x7fff_ffff;
}

/** What a key search that found nothing in its slice returns. */
function keyMissing(bif: u32, key: u64, index: u64): u64 {
  if (searchRest == NIL) return am_false;
  return isList(searchRest) ? trap3(bif, key, index, searchRest) : badarg();
}

// bif: lists:keyfind/3
export function listsKeyfind3(key: u64, index: u64, list: u64): u64 {
  if (!validKeyIndex(index)) return badarg();
  const tuple = keySearch(key, smallValue(index) as u32, list);
  return tuple == NONE ? keyMissing(BIF_listsKeyfind3, key, index) : tuple;
}

// bif: lists:keymember/3
export function listsKeymember3(key: u64, index: u64, list: u64): u64 {
  if (!validKeyIndex(index)) return badarg();
  const tuple = keySearch(key, smallValue(index) as u32, list);
  return tuple == NONE ? keyMissing(BIF_listsKeymember3, key, index) : am_true;
}

// bif: lists:keysearch/3
export function listsKeysearch3(key: u64, index: u64, list: u64): u64 {
  if (!validKeyIndex(index)) return badarg();
  const tuple = keySearch(key, smallValue(index) as u32, list);
  if (tuple == NONE) return keyMissing(BIF_listsKeysearch3, key, index);
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, am_value, 8);
  store<u64>(at, tuple, 16);
  return boxedOf(at);
}

// ---- reversing and appending

/** What is left of the list after reverseSlice. */
let sliceRest: u64 = 0;

/** The elements of one slice of `list` in front of `onto`, in reverse. */
function reverseSlice(list: u64, onto: u64): u64 {
  let left = elementsLeft();
  let result = onto;
  let rest = list;
  let total = 0;
  // Each round may use up the heap's reserve; then there is no other.
  while (left > 0 && isList(rest) && !memoryExhausted) {
    let count = 0;
    for (let at = rest; count < CELLS_MAX && count < left && isList(at); at = tail(at)) count++;
    let cell = hAlloc(count << 1);
    for (let i = 0; i < count; i++) {
      result = makeCons(cell, head(rest), result);
      rest = tail(rest);
      cell += 16;
    }
    left -= count;
    total += count;
  }
  chargeElements(total);
  sliceRest = rest;
  return result;
}

// bif: lists:reverse/2
export function listsReverse2(list: u64, onto: u64): u64 {
  const result = reverseSlice(list, onto);
  if (sliceRest == NIL) return result;
  return isList(sliceRest) ? trap2(BIF_listsReverse2, sliceRest, result) : badarg();
}

// bif: erlang:++/2
// bif: erlang:append/2
export function erlangAppend2(left: u64, right: u64): u64 {
  const limit = min(elementsLeft(), CELLS_MAX);
  let count = 0;
  let rest = left;
  while (isList(rest) && count < limit) {
    rest = tail(rest);
    count++;
  }
  // A long list is reversed twice, slice by slice: a cell made earlier may not be changed to point
  // to a later one.
  if (isList(rest)) return listsAppendMore(left, NIL, right);
  if (rest != NIL) return badarg();
  if (count == 0) return right;
  const at = hAlloc(count << 1);
  let cell = at;
  for (rest = left; isList(rest); rest = tail(rest)) {
    makeCons(cell, head(rest), (cell + 16) | 1);
    cell += 16;
  }
  store<u64>(cell - 16, right, 8);
  chargeElements(count);
  return (at as u64) | 1;
}

// bif: vbeam_internal:append/3
export function listsAppendMore(left: u64, reversed: u64, right: u64): u64 {
  const result = reverseSlice(left, reversed);
  if (isList(sliceRest)) return trap3(BIF_listsAppendMore, sliceRest, result, right);
  return sliceRest == NIL ? listsReverse2(result, right) : badarg();
}

/** BIFs on tuples. */
import { badarg, outOfMemory, trapArguments3, trapTo } from '../errors';
import { BIF_makeTupleChecked, BIF_makeTupleSet, BIF_tupleToList } from '../gen/bifs';
import { hAlloc, memoryExhausted } from '../heap';
import {
  LARGE_ARITY,
  beginLarge,
  endLarge,
  fillFrom,
  fillFromList,
  fillWith,
  largeArity,
  largeState,
  resumeLarge,
  setLarge,
  stayLarge,
} from '../large_tuple';
import { listLength } from '../list_length';
import { emptyTuple } from '../maps';
import { setX } from '../registers';
import { chargeReductions } from '../state';
import {
  NIL,
  SUB_TUPLE,
  boxedAddress,
  boxedOf,
  head,
  headerOf,
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
import { allowLeaving, endWalk, leaveWalk, walkLeft } from '../walk';

export const TUPLE_ARITY_MAX: u32 = 16777215;

/**
 * Address of a new tuple's header, elements not yet written (from +8 on); 0 when memory is
 * exhausted. Arity at least 1.
 */
function newTuple(arity: u32): usize {
  const at = hAlloc(arity + 1);
  if (at) store<u64>(at, headerOf(SUB_TUPLE, arity));
  return at;
}
function chargeWords(words: u32): void {
  chargeReductions((words >> 6) as i32);
}
/** `index` is a small from 1 to `most`. */
function validIndex(index: u64, most: u32): bool {
  return isSmall(index) && smallValue(index) >= 1 && smallValue(index) <= (most as i64);
}

// bif: erlang:element/2
export function erlangElement2(index: u64, tuple: u64): u64 {
  if (!isTuple(tuple) || !validIndex(index, tupleArity(tuple))) return badarg();
  return tupleElement(tuple, smallValue(index) as u32);
}

// bif: erlang:setelement/3
export function erlangSetelement3(index: u64, tuple: u64, value: u64): u64 {
  if (!isTuple(tuple) || !validIndex(index, tupleArity(tuple))) return badarg();
  const arity = tupleArity(tuple);
  if (arity > LARGE_ARITY) return setLargeElement(smallValue(index) as u32, tuple, value);
  const at = newTuple(arity);
  if (!at) return outOfMemory();
  memory.copy(at, boxedAddress(tuple), (arity + 1) << 3);
  store<u64>(at + ((smallValue(index) as u32) << 3), value);
  chargeWords(arity);
  return boxedOf(at);
}
function setLargeElement(index: u32, tuple: u64, value: u64): u64 {
  const arity = tupleArity(tuple);
  if (!openLarge(arity)) return outOfMemory();
  if (!fillFrom(boxedAddress(tuple) + 8, arity)) return leftLarge();
  setLarge(index, value);
  return closeLarge(arity);
}

// bif: erlang:tuple_size/1
export function erlangTupleSize1(tuple: u64): u64 {
  return isTuple(tuple) ? smallOf(tupleArity(tuple)) : badarg();
}

// bif: erlang:make_tuple/2
export function erlangMakeTuple2(arity: u64, value: u64): u64 {
  if (!isSmall(arity) || smallValue(arity) < 0) return badarg();
  if (smallValue(arity) > (TUPLE_ARITY_MAX as i64)) return badarg();
  const count = smallValue(arity) as u32;
  if (count == 0) return emptyTuple();
  if (count > LARGE_ARITY) {
    if (!openLarge(count)) return outOfMemory();
    return fillWith(value, count) ? closeLarge(count) : leftLarge();
  }
  const at = newTuple(count);
  if (!at) return outOfMemory();
  for (let i: u32 = 1; i <= count; i++) store<u64>(at + (i << 3), value);
  chargeWords(count);
  return boxedOf(at);
}

/** Settings {Index, Value} that are looked at, or obeyed, in one go. */
const SETTINGS: u32 = 1024;

// bif: erlang:make_tuple/3
export function erlangMakeTuple3(arity: u64, value: u64, settings: u64): u64 {
  const count = isSmall(arity) ? smallValue(arity) : -1;
  if (count < 0 || count > (TUPLE_ARITY_MAX as i64)) return badarg();
  return makeTupleChecked(arity, value, settings, settings);
}
/** Checked first: a tuple filled by half would have to be given back. */
// bif: vbeam_internal:make_tuple_checked/4
export function makeTupleChecked(arity: u64, value: u64, settings: u64, unchecked: u64): u64 {
  const most = smallValue(arity) as u32;
  let rest = unchecked;
  for (let left = SETTINGS; left && isList(rest); left--) {
    const setting = head(rest);
    if (!isTuple(setting) || tupleArity(setting) != 2) return badarg();
    if (!validIndex(tupleElement(setting, 1), most)) return badarg();
    rest = tail(rest);
  }
  if (isList(rest)) return trapToMake(BIF_makeTupleChecked, arity, value, settings, rest);
  if (rest != NIL) return badarg();
  // Without settings for it, a small tuple is done here and now.
  if (unchecked != settings || most > LARGE_ARITY)
    return trapToMake(BIF_makeTupleSet, arity, value, settings, NIL);
  return makeTupleSet(arity, value, settings, NIL);
}
function trapToMake(bif: u32, arity: u64, value: u64, settings: u64, rest: u64): u64 {
  chargeReductions((SETTINGS >> 3) as i32);
  trapArguments3(arity, value, settings);
  setX(3, rest);
  return trapTo(bif, 4);
}
// bif: vbeam_internal:make_tuple_set/4
export function makeTupleSet(arity: u64, value: u64, settings: u64, _checked: u64): u64 {
  const count = smallValue(arity) as u32;
  if (count == 0) return emptyTuple();
  if (!openLarge(count)) return outOfMemory();
  if (!largeState && !stayLarge(settings)) return leftLarge();
  if (!fillWith(value, count)) return leftLarge();
  let rest = largeState;
  while (isList(rest)) {
    for (let left = SETTINGS; left && isList(rest); left--) {
      const setting = head(rest);
      setLarge(smallValue(tupleElement(setting, 1)) as u32, tupleElement(setting, 2));
      rest = tail(rest);
    }
    if (!stayLarge(rest)) return leftLarge();
  }
  return closeLarge(count);
}

/** A large tuple, or the one that was left. */
function openLarge(arity: u32): bool {
  allowLeaving();
  if (resumeLarge() || beginLarge(arity)) return true;
  endWalk();
  return false;
}
function leftLarge(): u64 {
  endWalk();
  return leaveWalk();
}
function closeLarge(arity: u32): u64 {
  endWalk();
  return endLarge(arity);
}

/** A copy of `tuple` with `value` inserted as element `index` (from 1). */
function withElement(tuple: u64, index: u32, value: u64): u64 {
  const arity = tupleArity(tuple);
  if (arity >= TUPLE_ARITY_MAX) return badarg();
  const from = boxedAddress(tuple);
  if (arity >= LARGE_ARITY) {
    if (!openLarge(arity + 1)) return outOfMemory();
    if (!fillFrom(from + 8, index - 1)) return leftLarge();
    setLarge(index, value);
    return fillFrom(from, arity + 1) ? closeLarge(arity + 1) : leftLarge();
  }
  const at = newTuple(arity + 1);
  if (!at) return outOfMemory();
  memory.copy(at + 8, from + 8, (index - 1) << 3);
  store<u64>(at + (index << 3), value);
  memory.copy(at + ((index + 1) << 3), from + (index << 3), (arity + 1 - index) << 3);
  chargeWords(arity);
  return boxedOf(at);
}

// bif: erlang:append_element/2
export function erlangAppendElement2(tuple: u64, value: u64): u64 {
  return isTuple(tuple) ? withElement(tuple, tupleArity(tuple) + 1, value) : badarg();
}

// bif: erlang:insert_element/3
export function erlangInsertElement3(index: u64, tuple: u64, value: u64): u64 {
  if (!isTuple(tuple) || !validIndex(index, tupleArity(tuple) + 1)) return badarg();
  return withElement(tuple, smallValue(index) as u32, value);
}

// bif: erlang:delete_element/2
export function erlangDeleteElement2(index: u64, tuple: u64): u64 {
  if (!isTuple(tuple) || !validIndex(index, tupleArity(tuple))) return badarg();
  const arity = tupleArity(tuple);
  if (arity == 1) return emptyTuple();
  const gone = smallValue(index) as u32;
  const from = boxedAddress(tuple);
  if (arity > LARGE_ARITY) {
    if (!openLarge(arity - 1)) return outOfMemory();
    if (!fillFrom(from + 8, gone - 1)) return leftLarge();
    return fillFrom(from + 16, arity - 1) ? closeLarge(arity - 1) : leftLarge();
  }
  const at = newTuple(arity - 1);
  if (!at) return outOfMemory();
  memory.copy(at + 8, from + 8, (gone - 1) << 3);
  memory.copy(at + (gone << 3), from + ((gone + 1) << 3), (arity - gone) << 3);
  chargeWords(arity);
  return boxedOf(at);
}

/** Cells that are made in one go. */
const CELLS: u32 = 2048;

// bif: erlang:tuple_to_list/1
export function erlangTupleToList1(tuple: u64): u64 {
  return isTuple(tuple) ? tupleToList(tuple, smallOf(tupleArity(tuple)), NIL) : badarg();
}
/** The first `left` elements of a tuple in front of `rest`: made from the end. */
// bif: vbeam_internal:tuple_to_list/3
export function tupleToList(tuple: u64, left: u64, rest: u64): u64 {
  const end = smallValue(left) as u32;
  const count = min(end, CELLS);
  if (count == 0) return rest;
  const at = hAlloc(count << 1);
  const first = boxedAddress(tuple) + ((end - count + 1) << 3);
  let list = rest;
  for (let i = count; i > 0; i--)
    list = makeCons(at + ((i - 1) << 4), load<u64>(first + ((i - 1) << 3)), list);
  chargeWords(count);
  if (count == end || memoryExhausted) return list;
  trapArguments3(tuple, smallOf(end - count), list);
  return trapTo(BIF_tupleToList, 3);
}

// bif: erlang:list_to_tuple/1
export function erlangListToTuple1(list: u64): u64 {
  let count: u32 = 0;
  let rest = list;
  while (isList(rest) && count <= LARGE_ARITY) {
    rest = tail(rest);
    count++;
  }
  if (count > LARGE_ARITY) return listToLargeTuple(list);
  if (rest != NIL) return badarg();
  if (count == 0) return emptyTuple();
  const at = newTuple(count);
  if (!at) return outOfMemory();
  rest = list;
  for (let i: u32 = 1; i <= count; i++) {
    store<u64>(at + (i << 3), head(rest));
    rest = tail(rest);
  }
  chargeWords(count);
  return boxedOf(at);
}
/** Counted first, then filled; the object of the second walk says how many there were. */
function listToLargeTuple(list: u64): u64 {
  allowLeaving();
  if (!resumeLarge()) {
    const count = listLength(list);
    if (walkLeft) return leftLarge();
    endWalk();
    if (count < 0 || count > (TUPLE_ARITY_MAX as i64)) return badarg();
    if (!openLarge(count as u32)) return outOfMemory();
    if (!stayLarge(list)) return leftLarge();
  }
  const arity = largeArity();
  return fillFromList(arity) ? closeLarge(arity) : leftLarge();
}

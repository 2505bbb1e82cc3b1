/** BIFs on tuples. */
import { badarg, outOfMemory, systemLimit } from '../errors';
import { hAlloc } from '../heap';
import { emptyTuple } from '../maps';
import { chargeReductions } from '../state';
import {
  NIL,
  SUB_TUPLE,
  areSmall,
  boxedAddress,
  boxedOf,
  head,
  headerOf,
  isBig,
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
  const at = newTuple(arity);
  if (!at) return outOfMemory();
  memory.copy(at, boxedAddress(tuple), (arity + 1) << 3);
  store<u64>(at + ((smallValue(index) as u32) << 3), value);
  chargeWords(arity);
  return boxedOf(at);
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
  const at = newTuple(count);
  if (!at) return outOfMemory();
  for (let i: u32 = 1; i <= count; i++) store<u64>(at + (i << 3), value);
  chargeWords(count);
  return boxedOf(at);
}

// bif: erlang:make_tuple/3
export function erlangMakeTuple3(arity: u64, value: u64, settings: u64): u64 {
  // Checked first: a tuple filled by half would have to be given back.
  let rest = settings;
  while (isList(rest)) {
    const setting = head(rest);
    if (!isTuple(setting) || tupleArity(setting) != 2) return badarg();
    if (!areSmall(tupleElement(setting, 1), arity)) return badarg();
    if (!validIndex(tupleElement(setting, 1), max(smallValue(arity), 0) as u32)) return badarg();
    rest = tail(rest);
  }
  if (rest != NIL) return badarg();
  const tuple = erlangMakeTuple2(arity, value);
  rest = settings;
  while (tuple && isList(rest)) {
    const index = smallValue(tupleElement(head(rest), 1)) as u32;
    store<u64>(boxedAddress(tuple) + (index << 3), tupleElement(head(rest), 2));
    rest = tail(rest);
  }
  return tuple;
}

/** A copy of `tuple` with `value` inserted as element `index` (from 1). */
function withElement(tuple: u64, index: u32, value: u64): u64 {
  const arity = tupleArity(tuple);
  if (arity >= TUPLE_ARITY_MAX) return badarg();
  const at = newTuple(arity + 1);
  if (!at) return outOfMemory();
  const from = boxedAddress(tuple);
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
  const at = newTuple(arity - 1);
  if (!at) return outOfMemory();
  const from = boxedAddress(tuple);
  memory.copy(at + 8, from + 8, (gone - 1) << 3);
  memory.copy(at + (gone << 3), from + ((gone + 1) << 3), (arity - gone) << 3);
  chargeWords(arity);
  return boxedOf(at);
}

// bif: erlang:tuple_to_list/1
export function erlangTupleToList1(tuple: u64): u64 {
  if (!isTuple(tuple)) return badarg();
  const arity = tupleArity(tuple);
  if (arity == 0) return NIL;
  const at = hAlloc(arity << 1);
  if (!at) return outOfMemory();
  let list = NIL;
  for (let i = arity; i > 0; i--)
    list = makeCons(at + ((i - 1) << 4), tupleElement(tuple, i), list);
  chargeWords(arity);
  return list;
}

// bif: erlang:list_to_tuple/1
export function erlangListToTuple1(list: u64): u64 {
  let count: u32 = 0;
  let rest = list;
  while (isList(rest) && count <= TUPLE_ARITY_MAX) {
    rest = tail(rest);
    count++;
  }
  if (count > TUPLE_ARITY_MAX || rest != NIL) return badarg();
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

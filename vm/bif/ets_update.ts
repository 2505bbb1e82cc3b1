/**
 * ets:update_counter and ets:update_element: changes of single elements of the object with a key,
 * in sets and ordered sets.
 *
 * The elements are changed in an array first, so that an operation that fails leaves the object as
 * it was. When all old and new values that differ are immediates, the object is then changed in
 * place; else a new object takes its place.
 */
import { reallocate } from '../alloc';
import { outOfMemory } from '../errors';
import { badEtsArgument, badEtsArgumentBecause, badTable } from '../ets/errors';
import { am_badkey, am_false, am_keypos, am_position, am_table_type, am_true } from '../gen/atoms';
import { hAlloc, memoryExhausted } from '../heap';
import { addTerms, compareNumbers } from '../numbers';
import { chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedAddress,
  boxedOf,
  head,
  headerOf,
  isImmediate,
  isInteger,
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
import { hashFind, hashInsert } from '../ets/hash_table';
import { TYPE_ORDERED_SET, TYPE_SET, T_KEYPOS, T_TYPE } from '../ets/layout';
import { newObject, objectTerm } from '../ets/object';
import { treeFind, treeInsert } from '../ets/ordered_table';
import { tableBusy, writableTable } from '../ets/registry';

/**
 * The tuple being changed, outside of all heaps: it may point into the table, whose object is freed
 * when another one takes its place.
 */
let elements: usize = 0;
let capacity: u32 = 0;
let arity: u32 = 0;

/** Take the elements of `tuple` in; false when memory is exhausted. */
function readElements(tuple: u64): bool {
  arity = tupleArity(tuple);
  if (arity >= capacity) {
    const grown = reallocate(elements, (arity + 16) << 3);
    if (!grown) return false;
    elements = grown;
    capacity = arity + 16;
  }
  memory.copy(elements + 8, boxedAddress(tuple) + 8, arity << 3);
  return true;
}

/** A set or ordered set that may be written to, or 0. */
function updatableTable(tab: u64): usize {
  const table = writableTable(tab);
  if (!table) return 0;
  const type = load<u32>(table, T_TYPE);
  return type == TYPE_SET || type == TYPE_ORDERED_SET ? table : 0;
}
function find(table: usize, key: u64): usize {
  return load<u32>(table, T_TYPE) == TYPE_ORDERED_SET ? treeFind(table, key) : hashFind(table, key);
}
/** What erl_stdlib_errors calls the problem of the operation that was refused last, or 0. */
let problem: u64 = 0;
/** `position` names an element. */
function validPosition(position: u64): bool {
  return isSmall(position) && smallValue(position) >= 1 && smallValue(position) <= (arity as i64);
}
function isKeyPosition(table: usize, position: u64): bool {
  return position == smallOf(load<u32>(table, T_KEYPOS) as i64);
}

/** Put an object with the changed elements into the table; false when memory is exhausted. */
function insertChanged(table: usize): bool {
  store<u64>(elements, headerOf(SUB_TUPLE, arity));
  const object = newObject(boxedOf(elements));
  if (!object) return false;
  if (load<u32>(table, T_TYPE) == TYPE_ORDERED_SET) treeInsert(table, object);
  else hashInsert(table, object);
  return true;
}

/** Give the object the changed elements; false when memory is exhausted. */
function writeBack(table: usize, object: usize): bool {
  const words = boxedAddress(objectTerm(object));
  for (let i: u32 = 1; i <= arity; i++) {
    const old = load<u64>(words + (i << 3));
    const fresh = load<u64>(elements + (i << 3));
    if (old != fresh && !(isImmediate(old) && isImmediate(fresh))) {
      return insertChanged(table);
    }
  }
  memory.copy(words + 8, elements + 8, arity << 3);
  return true;
}

// ---- counters

/**
 * Apply {Position, Increment} or {Position, Increment, Threshold, SetValue}; the new value, NONE
 * when the operation is wrong. A value is never a term of the table: sums are made anew.
 */
function applyCounter(table: usize, operation: u64): u64 {
  problem = 0;
  if (!isTuple(operation)) return NONE;
  const size = tupleArity(operation);
  if (size != 2 && size != 4) return NONE;
  const position = tupleElement(operation, 1);
  const increment = tupleElement(operation, 2);
  if (!isSmall(position) || !isInteger(increment)) return NONE;
  if (size == 4 && !isInteger(tupleElement(operation, 3))) return NONE;
  if (size == 4 && !isInteger(tupleElement(operation, 4))) return NONE;
  if (!validPosition(position)) problem = am_position;
  else if (isKeyPosition(table, position)) problem = am_keypos;
  if (problem) return NONE;
  const at = elements + ((smallValue(position) as u32) << 3);
  const old = load<u64>(at);
  if (!isInteger(old)) return NONE;
  let value = addTerms(old, increment);
  if (value && size == 4) {
    const threshold = tupleElement(operation, 3);
    const reset = tupleElement(operation, 4);
    const down = compareNumbers(increment, smallOf(0)) < 0;
    const order = compareNumbers(value, threshold);
    if (down ? order < 0 : order > 0) value = reset;
  }
  if (value) store<u64>(at, value);
  return value;
}

/** A list of operations: the list of new values, NONE when one is wrong. */
function applyCounters(table: usize, operations: u64): u64 {
  let values = NIL;
  let rest = operations;
  let count = 0;
  for (; isList(rest); rest = tail(rest)) {
    const value = applyCounter(table, head(rest));
    if (!value) return NONE;
    values = makeCons(hAlloc(2), value, values);
    if (memoryExhausted) return NONE;
    count++;
  }
  chargeReductions(count);
  if (rest != NIL) return NONE;
  if (!count) return NIL;
  const at = hAlloc(count << 1);
  if (!at) return NONE;
  let list = NIL;
  for (let cell = at; isList(values); values = tail(values)) {
    list = makeCons(cell, head(values), list);
    cell += 16;
  }
  return list;
}

function counterPair(table: usize, increment: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, smallOf((load<u32>(table, T_KEYPOS) as i64) + 1), 8);
  store<u64>(at, increment, 16);
  return boxedOf(at);
}

/** `fallback`: a tuple to begin with when there is no object, or NONE. */
function updateCounter(tab: u64, key: u64, operation: u64, fallback: u64): u64 {
  const table = updatableTable(tab);
  if (!table)
    return !tableBusy && writableTable(tab) ? badEtsArgumentBecause(am_table_type) : badTable(tab);
  const position = load<u32>(table, T_KEYPOS);
  if (fallback && (!isTuple(fallback) || tupleArity(fallback) < position)) return badEtsArgument();
  const object = find(table, key);
  if (!object && !fallback) return badEtsArgumentBecause(am_badkey);
  if (!readElements(object ? objectTerm(object) : fallback)) return outOfMemory();
  if (!object) store<u64>(elements + (position << 3), key);
  let result: u64;
  problem = 0;
  if (isInteger(operation)) result = applyCounter(table, counterPair(table, operation));
  else if (isList(operation) || operation == NIL) result = applyCounters(table, operation);
  else result = applyCounter(table, operation);
  if (!result) return badEtsArgumentBecause(problem);
  const done = object ? writeBack(table, object) : insertChanged(table);
  return done ? result : outOfMemory();
}

// bif: ets:update_counter/3
export function etsUpdateCounter3(tab: u64, key: u64, operation: u64): u64 {
  return updateCounter(tab, key, operation, NONE);
}

// bif: ets:update_counter/4
export function etsUpdateCounter4(tab: u64, key: u64, operation: u64, fallback: u64): u64 {
  return updateCounter(tab, key, operation, fallback);
}

// ---- elements

/** {Position, Value} has its value put among the elements; false when it is wrong. */
function applyElement(table: usize, operation: u64): bool {
  if (!isTuple(operation) || tupleArity(operation) != 2) return false;
  const position = tupleElement(operation, 1);
  problem = validPosition(position) && isKeyPosition(table, position) ? am_keypos : 0;
  if (problem || !validPosition(position)) return false;
  store<u64>(elements + ((smallValue(position) as u32) << 3), tupleElement(operation, 2));
  return true;
}
/** The operations have the right form; whether positions exist is only known with the object. */
function areOperations(operations: u64): bool {
  let rest = operations;
  for (; isList(rest); rest = tail(rest)) {
    if (!isTuple(head(rest)) || tupleArity(head(rest)) != 2) return false;
    const position = tupleElement(head(rest), 1);
    if (!isSmall(position) || smallValue(position) < 1) return false;
  }
  return rest == NIL;
}

function updateElement(tab: u64, key: u64, operation: u64, fallback: u64): u64 {
  const table = updatableTable(tab);
  if (!table) return !tableBusy && writableTable(tab) ? badEtsArgument() : badTable(tab);
  const position = load<u32>(table, T_KEYPOS);
  let operations = operation;
  if (isTuple(operation)) operations = makeCons(hAlloc(2), operation, NIL);
  if (fallback && (!isTuple(fallback) || tupleArity(fallback) < position)) return badEtsArgument();
  const object = find(table, key);
  // Without an object nobody looks at the operations.
  if (!object && !fallback) return am_false;
  if (!areOperations(operations)) return badEtsArgument();
  if (!readElements(object ? objectTerm(object) : fallback)) return outOfMemory();
  if (!object) store<u64>(elements + (position << 3), key);
  for (let rest = operations; isList(rest); rest = tail(rest)) {
    if (!applyElement(table, head(rest))) return badEtsArgumentBecause(problem);
  }
  const done = object ? writeBack(table, object) : insertChanged(table);
  return done ? am_true : outOfMemory();
}

// bif: ets:update_element/3
export function etsUpdateElement3(tab: u64, key: u64, operation: u64): u64 {
  return updateElement(tab, key, operation, NONE);
}

// bif: ets:update_element/4
export function etsUpdateElement4(tab: u64, key: u64, operation: u64, fallback: u64): u64 {
  return updateElement(tab, key, operation, fallback);
}

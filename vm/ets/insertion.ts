/**
 * Inserting the objects of a list: all of them become visible at once, and others have to wait for
 * no longer than for anything else (architecture D6). First the objects are copied into a chain of
 * their own, in slices, of which nobody knows. Then the insertion is noted in the table, and
 * whoever uses the table before it is finished does a part of it himself and tries again
 * (tableReady). So it does not matter whether the process that inserts lives on.
 *
 *   walk (vm/walk.ts) | phase | first | last | table | held | new | cursor |   u32 each
 */
import { allocate, release } from '../alloc';
import { NIL, head, isList, isTuple, tail, tupleArity } from '../term';
import { putBlockAside, shouldLeave, somethingWaits, takeUpBlock, walkA, walkLeft } from '../walk';
import { WALK_BYTES, WALK_INSERTION } from '../walk_layout';
import { hashFind, hashInsert } from './hash_table';
import { TYPE_BAG, TYPE_ORDERED_SET, T_INSERTION, T_KEYPOS, T_TYPE } from './layout';
import { newObjectInSlices, objectKey, objectWords } from './object';
import { treeFind, treeInsert } from './ordered_table';
import { doomObjects } from './registry';

const PHASE: u32 = WALK_BYTES;
/** Chain of objects by their first word. */
const FIRST: u32 = WALK_BYTES + 4;
const LAST: u32 = WALK_BYTES + 8;
/** The table in which it is noted, or 0. */
const TABLE: u32 = WALK_BYTES + 12;
/** The process that inserts waits for the result. */
const HELD: u32 = WALK_BYTES + 16;
/** Only if none of the keys is there. */
const NEW: u32 = WALK_BYTES + 20;
const CURSOR: u32 = WALK_BYTES + 24;
const INSERTION_BYTES: u32 = WALK_BYTES + 28;

const PHASE_COPYING: u32 = 0;
const PHASE_CHECKING: u32 = 1;
const PHASE_LINKING: u32 = 2;
const PHASE_DONE: u32 = 3;
const PHASE_REFUSED: u32 = 4;

/** What became of an insertion. */
export const INSERTED: u32 = 0;
/** A key was there. */
export const NOT_INSERTED: u32 = 1;
/** The caller has left it: the walk was put aside. */
export const INSERTION_LEFT: u32 = 2;
/** The list is improper, or an element is no object of the table. */
export const NO_OBJECTS: u32 = 3;
export const NO_MEMORY: u32 = 4;

/** Words copied between two looks at the doorbell; an object counts as some more. */
const SLICE_WORDS: i32 = 256;
const OBJECT_WORK: i32 = 24;
/** Objects linked, or keys looked for, at a time. */
const LINKED_AT_ONCE: u32 = 24;

/** Insert the elements of `list` into the table, which is ready. */
export function insertList(table: usize, list: u64, onlyNew: bool): u32 {
  let insertion = takeUpBlock(WALK_INSERTION);
  let rest = walkA;
  if (!insertion) {
    insertion = newInsertion(onlyNew);
    if (!insertion) return NO_MEMORY;
    rest = list;
  }
  if (load<u32>(insertion, PHASE) == PHASE_COPYING) {
    const outcome = copyObjects(table, insertion, rest);
    if (outcome == INSERTION_LEFT) return outcome;
    if (outcome != INSERTED) {
      dropInsertion(insertion);
      return outcome;
    }
    note(table, insertion);
  }
  while (load<u32>(insertion, TABLE) && !advance(table, insertion)) {
    if (!shouldLeave()) continue;
    putBlockAside(insertion, WALK_INSERTION, NIL, 0, 0);
    return INSERTION_LEFT;
  }
  const refused = load<u32>(insertion, PHASE) == PHASE_REFUSED;
  release(insertion);
  return refused ? NOT_INSERTED : INSERTED;
}
/** What others insert is finished; false: a part of it was done, and the caller tries again. */
export function tableReady(table: usize): bool {
  const insertion = load<u32>(table, T_INSERTION) as usize;
  if (!insertion || advance(table, insertion)) return true;
  while (!somethingWaits()) if (advance(table, insertion)) return true;
  return false;
}

function newInsertion(onlyNew: bool): usize {
  const insertion = allocate(INSERTION_BYTES);
  if (!insertion) return 0;
  memory.fill(insertion, 0, INSERTION_BYTES);
  store<u32>(insertion, 1, HELD);
  store<u32>(insertion, onlyNew ? 1 : 0, NEW);
  return insertion;
}
/** Copy the elements of `list`. In a bag the last becomes the oldest, as in OTP 25. */
function copyObjects(table: usize, insertion: usize, list: u64): u32 {
  const position = load<u32>(table, T_KEYPOS);
  const backwards = load<u32>(table, T_TYPE) == TYPE_BAG;
  let left = SLICE_WORDS;
  let rest = list;
  for (; isList(rest); rest = tail(rest)) {
    const element = head(rest);
    if (!isTuple(element) || tupleArity(element) < position) return NO_OBJECTS;
    if (left <= 0) {
      left = SLICE_WORDS;
      if (shouldLeave()) {
        putBlockAside(insertion, WALK_INSERTION, rest, 0, 0);
        return INSERTION_LEFT;
      }
    }
    const object = newObjectInSlices(element);
    if (!object) {
      if (!walkLeft) return NO_MEMORY;
      putBlockAside(insertion, WALK_INSERTION, rest, 0, 0);
      return INSERTION_LEFT;
    }
    left -= (objectWords(object) as i32) + OBJECT_WORK;
    if (backwards) prepend(insertion, object);
    else append(insertion, object);
  }
  return rest == NIL ? INSERTED : NO_OBJECTS;
}
function append(insertion: usize, object: usize): void {
  const last = load<u32>(insertion, LAST) as usize;
  store<u32>(object, 0);
  if (last) store<u32>(last, object as u32);
  else store<u32>(insertion, object as u32, FIRST);
  store<u32>(insertion, object as u32, LAST);
}
function prepend(insertion: usize, object: usize): void {
  const first = load<u32>(insertion, FIRST);
  store<u32>(object, first);
  store<u32>(insertion, object as u32, FIRST);
  if (!first) store<u32>(insertion, object as u32, LAST);
}

/** From here on it is everybody's. */
function note(table: usize, insertion: usize): void {
  store<u32>(insertion, load<u32>(insertion, NEW) ? PHASE_CHECKING : PHASE_LINKING, PHASE);
  store<u32>(insertion, load<u32>(insertion, FIRST), CURSOR);
  store<u32>(insertion, table as u32, TABLE);
  store<u32>(table, insertion as u32, T_INSERTION);
}
/** A step of an insertion that is noted; true when it is over. */
function advance(table: usize, insertion: usize): bool {
  if (load<u32>(insertion, PHASE) == PHASE_CHECKING) checkKeys(table, insertion);
  else linkObjects(table, insertion);
  if (load<u32>(insertion, PHASE) < PHASE_DONE) return false;
  leaveTable(insertion);
  return true;
}
function checkKeys(table: usize, insertion: usize): void {
  const ordered = load<u32>(table, T_TYPE) == TYPE_ORDERED_SET;
  let object = load<u32>(insertion, CURSOR) as usize;
  for (let i: u32 = 0; i < LINKED_AT_ONCE && object; i++) {
    const key = objectKey(object, load<u32>(table, T_KEYPOS));
    if (ordered ? treeFind(table, key) : hashFind(table, key)) {
      store<u32>(insertion, PHASE_REFUSED, PHASE);
      return;
    }
    object = load<u32>(object);
  }
  store<u32>(insertion, object as u32, CURSOR);
  if (!object) store<u32>(insertion, PHASE_LINKING, PHASE);
}
function linkObjects(table: usize, insertion: usize): void {
  const ordered = load<u32>(table, T_TYPE) == TYPE_ORDERED_SET;
  let object = load<u32>(insertion, FIRST) as usize;
  for (let i: u32 = 0; i < LINKED_AT_ONCE && object; i++) {
    const next = load<u32>(object) as usize;
    if (ordered) treeInsert(table, object);
    else hashInsert(table, object);
    object = next;
  }
  store<u32>(insertion, object as u32, FIRST);
  if (!object) store<u32>(insertion, PHASE_DONE, PHASE);
}

/** The table knows it no more; who waits for the result has it still. */
function leaveTable(insertion: usize): void {
  doomChain(insertion);
  store<u32>(load<u32>(insertion, TABLE), 0, T_INSERTION);
  store<u32>(insertion, 0, TABLE);
  if (!load<u32>(insertion, HELD)) release(insertion);
}
/** What was copied and not inserted is freed by and by. */
function doomChain(insertion: usize): void {
  const first = load<u32>(insertion, FIRST) as usize;
  if (first) doomObjects(first, load<u32>(insertion, LAST));
  store<u32>(insertion, 0, FIRST);
}
/** The table is deleted. */
export function endInsertion(table: usize): void {
  const insertion = load<u32>(table, T_INSERTION) as usize;
  if (insertion) leaveTable(insertion);
}
/** The process that inserts does not wait for the result any more. */
export function dropInsertion(insertion: usize): void {
  store<u32>(insertion, 0, HELD);
  if (load<u32>(insertion, TABLE)) return;
  doomChain(insertion);
  release(insertion);
}

/**
 * Resources whose references have left the heaps as text or external terms: who reads them back
 * gets a reference to the same resource, as long as there is one, and not one that only equals it.
 * A table from the number of a reference to its resource; a resource is entered when its reference
 * is first written, and leaves when it is freed.
 */
import { allocate, release } from './alloc';
import { exhaustMemory } from './heap';
import { MAGIC_NEXT, MAGIC_OBJECT, isMagicReference, retainObject } from './off_heap';
import { TABLE_BYTES, chainOf, initTable, isMagicNumber, tableInsert, tableRemove } from './refs';
import { SUB_REF, boxedWord, headerWithExtra } from './term';

/** Words of a magic reference. */
export const MAGIC_WORDS: u32 = 5;

/** Record: u64 number, u32 resource, u32 chain. */
const S_RESOURCE: u32 = 8;
const S_CHAIN: u32 = 12;
const SHOWN_BYTES: u32 = 16;

const table: usize = memory.data(TABLE_BYTES, 8);

export function initShownResources(): void {
  initTable(table);
}

function recordOf(number: u64): usize {
  if (!isMagicNumber(number)) return 0;
  let record = chainOf(table, number);
  while (record && load<u64>(record) != number) record = load<u32>(record, S_CHAIN);
  return record;
}
/** The resource that a reference of this number stands for, if it has been shown; else 0. */
export function shownResource(number: u64): usize {
  const record = recordOf(number);
  return record ? (load<u32>(record, S_RESOURCE) as usize) : 0;
}

/** A reference of this node is written somewhere. */
export function showReference(reference: u64): void {
  if (!isMagicReference(reference)) return;
  const number = boxedWord(reference, 2);
  if (recordOf(number)) return;
  const record = allocate(SHOWN_BYTES);
  if (!record) return exhaustMemory();
  store<u64>(record, number);
  store<u32>(record, boxedWord(reference, MAGIC_OBJECT) as u32, S_RESOURCE);
  tableInsert(table, record, 0, S_CHAIN);
}

/** A resource with this number is freed. */
export function forgetShown(number: u64): void {
  const record = recordOf(number);
  if (!record) return;
  tableRemove(table, record, 0, S_CHAIN);
  release(record);
}

/**
 * Write a reference to a resource at `at`, MAGIC_WORDS words; `next` follows in the list of the
 * memory in which it lies.
 */
export function writeMagicReference(at: usize, resource: usize, next: usize): void {
  store<u64>(at, headerWithExtra(SUB_REF, MAGIC_WORDS - 1, 1));
  store<u64>(at, 0, 8);
  store<u64>(at, load<u64>(resource, 8), 16);
  store<u64>(at, resource as u64, MAGIC_OBJECT << 3);
  store<u64>(at, next as u64, MAGIC_NEXT << 3);
  retainObject(resource);
}

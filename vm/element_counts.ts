/**
 * How often each element of a long list occurs, for `--`: a hash table outside the heap, in a
 * resource. Terms move when the process is collected, so the table has none: it has their positions
 * in a tuple of tuples, which the caller keeps and hands in. Any other term in its place gives
 * another count and nothing worse.
 *
 *   elements: {{E1, ... E1024}, {E1025, ...}, ...}
 *
 *   block: +------------------------+--------------------------+
 *          | slots: position + 1, 0 | entries: hash, count ... |   slots a power of two, linear probing; an entry for
 *          +------------------------+--------------------------+   each position, in use for the first of equal elements
 */
import { allocate, release } from './alloc';
import { identical, equalSteps } from './equality';
import { internalHash } from './hash';
import { RESOURCE_HEADER, newResource, resourceOf } from './resource';
import { NIL, isImmediate, isTuple, tupleArity, tupleElement } from './term';
import { allowSeveral, dropHeld, holdWalks, walkLeft } from './walk';

/** Elements of an inner tuple: 1 << CHUNK_SHIFT. */
export const CHUNK_SHIFT: u32 = 10;
export const CHUNK_ELEMENTS: u32 = 1 << CHUNK_SHIFT;
/** More would not fit into memory as lists. */
const ELEMENTS_MAX: u32 = 1 << 27;

// Fields of the resource, u32 each.
const BLOCK: u32 = RESOURCE_HEADER;
const SLOTS: u32 = RESOURCE_HEADER + 4;
const POSITIONS: u32 = RESOURCE_HEADER + 8;
/** Bytes of the slots that are cleared. */
const CLEARED: u32 = RESOURCE_HEADER + 12;
const FIELD_BYTES: u32 = 16;

/** Spreads hashes whose low bits are alike, as those of floats may be. */
const GOLDEN: u32 = 0x9e37_79b1;
const SLOT_BYTES_SHIFT: u32 = 2;
const ENTRY_SHIFT: u32 = 3;
const CLEARED_AT_ONCE: u32 = 32768;

function dropCounts(resource: usize): void {
  release(load<u32>(resource, BLOCK));
}
/** A table for `count` elements, to be cleared; 0 when memory is exhausted. */
export function newCounts(count: u32): usize {
  if (count > ELEMENTS_MAX) return 0;
  let slots: u32 = 32;
  while (slots < count << 1) slots <<= 1;
  const bytes = ((slots as u64) << SLOT_BYTES_SHIFT) + ((count as u64) << ENTRY_SHIFT);
  if (bytes > 0xffff_0000) return 0;
  const block = allocate(bytes as u32);
  if (!block) return 0;
  const resource = newResource(dropCounts.index as u32, FIELD_BYTES);
  if (!resource) {
    release(block);
    return 0;
  }
  store<u32>(resource, block as u32, BLOCK);
  store<u32>(resource, slots, SLOTS);
  store<u32>(resource, count, POSITIONS);
  return resource;
}
/** The table that a term refers to, 0 when it is none, or one that is over. */
export function countsOf(reference: u64): usize {
  const resource = resourceOf(reference, dropCounts.index as u32);
  return resource && load<u32>(resource, BLOCK) ? resource : 0;
}
export function positionsOf(counts: usize): u32 {
  return load<u32>(counts, POSITIONS);
}
/** Nobody counts any more: the memory is free before the resource is. */
export function endCounts(counts: usize): void {
  release(load<u32>(counts, BLOCK));
  store<u32>(counts, 0, BLOCK);
}
/** Clear the next slots; true when all are. */
export function clearSlots(counts: usize): bool {
  const bytes = load<u32>(counts, SLOTS) << SLOT_BYTES_SHIFT;
  const from = load<u32>(counts, CLEARED);
  const size = min(bytes - from, CLEARED_AT_ONCE);
  memory.fill(load<u32>(counts, BLOCK) + from, 0, size);
  store<u32>(counts, from + size, CLEARED);
  return from + size == bytes;
}
/** All slots are cleared. */
export function isCleared(counts: usize): bool {
  return load<u32>(counts, CLEARED) == load<u32>(counts, SLOTS) << SLOT_BYTES_SHIFT;
}

/** Element `position`, from 0, of the tuple of tuples; NIL where there is none. */
export function elementAt(elements: u64, position: u32): u64 {
  const outer = (position >> CHUNK_SHIFT) + 1;
  if (!isTuple(elements) || outer > tupleArity(elements)) return NIL;
  const chunk = tupleElement(elements, outer);
  const inner = (position & (CHUNK_ELEMENTS - 1)) + 1;
  return isTuple(chunk) && inner <= tupleArity(chunk) ? tupleElement(chunk, inner) : NIL;
}

// ---- looking for an element

export const ABSENT: u32 = 0;
export const FOUND: u32 = 1;
/** It is to be looked for once more, with `probesDone`, in the next slice. */
export const AGAIN: u32 = 2;

/** Slots that are looked at in one go: elements of one hash stand in a row. */
const PROBES_MAX: u32 = 64;
/** Slots that AGAIN has left behind. */
export let probesDone: u32 = 0;
/** What it cost, an element that is a number or an atom being 1. */
export let cost: i32 = 0;
const COST_OF_BOXED: i32 = 8;
/** Where the element is, or where it belongs. */
let foundSlot: usize = 0;
let foundEntry: usize = 0;
let foundHash: u32 = 0;

/** Look for `element`, behind the first `done` slots of its row. */
export function lookFor(counts: usize, elements: u64, element: u64, done: u32): u32 {
  cost = 1;
  probesDone = done;
  if (isImmediate(element)) return probe(counts, elements, element, internalHash(element));
  cost = COST_OF_BOXED;
  allowSeveral();
  const hash = internalHash(element);
  const state = walkLeft ? AGAIN : probe(counts, elements, element, hash);
  if (holdWalks()) return AGAIN;
  dropHeld();
  return state;
}
function probe(counts: usize, elements: u64, element: u64, hash: u32): u32 {
  const block = load<u32>(counts, BLOCK) as usize;
  const slots = load<u32>(counts, SLOTS);
  const entries = block + (slots << SLOT_BYTES_SHIFT);
  const simple = isImmediate(element);
  const first = (hash * GOLDEN) >> (clz(slots) + 1);
  foundHash = hash;
  for (let i: u32 = 0; i < PROBES_MAX; i++) {
    foundSlot = block + (((first + probesDone) & (slots - 1)) << SLOT_BYTES_SHIFT);
    const position = load<u32>(foundSlot);
    if (!position) return ABSENT;
    foundEntry = entries + ((position - 1) << ENTRY_SHIFT);
    if (load<u32>(foundEntry) == hash) {
      const held = elementAt(elements, position - 1);
      if (held == element) return FOUND;
      if (!simple && identical(held, element)) return FOUND;
      if (!simple) cost += equalSteps as i32;
      if (walkLeft) return AGAIN;
    }
    probesDone++;
  }
  cost += PROBES_MAX as i32;
  return AGAIN;
}
/** After ABSENT: the element is that of `position`, and occurs once. */
export function addFirst(counts: usize, position: u32): void {
  const slots = load<u32>(counts, SLOTS) << SLOT_BYTES_SHIFT;
  const entry = load<u32>(counts, BLOCK) + slots + (position << ENTRY_SHIFT);
  store<u32>(entry, foundHash);
  store<u32>(entry, 1, 4);
  store<u32>(foundSlot, position + 1);
}
/** After FOUND: it occurs once more. */
export function addOne(): void {
  store<u32>(foundEntry, load<u32>(foundEntry, 4) + 1, 4);
}
/** After FOUND: take one of it away; false when all have been. */
export function takeOne(): bool {
  const count = load<u32>(foundEntry, 4);
  if (!count) return false;
  store<u32>(foundEntry, count - 1, 4);
  return true;
}

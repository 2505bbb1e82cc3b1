/**
 * Literal areas that nothing makes pointers to any more: those of purged modules, and of persistent
 * terms that were replaced or erased. Processes may still refer to them. So OTP's
 * erts_literal_area_collector asks every process to move what it refers to onto its heap
 * (vm/literal_moves.ts), and then has the areas freed; up to 64 of them, a batch, at a time.
 *
 *   area: +------+-------+------+---------+-----------+
 *         | next | words | kind | offHeap | terms ... |   u32, u32, u32, u32, then `words` words
 *         +------+-------+------+---------+-----------+
 *
 * An area is laid out as a fragment (vm/heap.ts) and closed: its terms refer to nothing outside.
 * From the moment an area is in the batch, whoever copies a term copies what lies there, too
 * (isRetiring), so a process that has been asked gets no new references.
 */
import { release } from './alloc';
import { FRAGMENT_HEADER, FRAGMENT_OFF_HEAP } from './heap';
import { AREA_CODE, allocateFor, releaseFor } from './memory_areas';
import { releaseSome } from './off_heap';

const NEXT: u32 = 0;
const WORDS: u32 = 4;
const KIND: u32 = 8;

/** What a block was allocated for. */
export const RETIRED_TERM: u32 = 0;
export const RETIRED_CODE: u32 = 1;

/** Areas in a batch: a set of them fits into a word. */
export const BATCH_AREAS: u32 = 64;
/** The batch in the order of addresses: {first byte, byte behind the last}, u32 each. */
const ranges: usize = memory.data(512, 8);
const RANGE: u32 = 8;
export let batchCount: u32 = 0;
/** Bytes from the first byte of the first area to the end of the last. */
let lowest: u32 = 0;
let span: u32 = 0;
/** It changes with the batch. */
export let batchNumber: u32 = 0;
/** Something could not be moved: the areas of the batch stay. */
let batchStays: bool = false;

/** Areas that wait for a batch, and those that stayed: they wait for the next that is retired. */
let waiting: usize = 0;
let stayed: usize = 0;
let lastStayed: usize = 0;
/** Areas and bytes that have not been freed yet. */
export let retiredAreas: u32 = 0;
export let retiredBytes: u32 = 0;

function areaWords(area: usize): u32 {
  return load<u32>(area, WORDS);
}
/** A block for a literal area of code, with nothing in its list of off-heap objects; or 0. */
export function newCodeArea(bytes: u32): usize {
  const area = allocateFor(AREA_CODE, FRAGMENT_HEADER + bytes);
  if (!area) return 0;
  store<u32>(area, bytes >> 3, WORDS);
  store<u32>(area, 0, FRAGMENT_OFF_HEAP);
  return area;
}
/** Nothing makes pointers to the area any more. */
export function retireArea(area: usize, kind: u32): void {
  store<u32>(area, waiting as u32, NEXT);
  store<u32>(area, kind, KIND);
  waiting = area;
  retiredAreas++;
  retiredBytes += areaWords(area) << 3;
  if (!stayed) return;
  store<u32>(lastStayed, waiting as u32, NEXT);
  waiting = stayed;
  stayed = 0;
}

/** Index in the batch of the area in which `address` lies, or -1. */
export function batchIndex(address: u32): i32 {
  if (address - lowest >= span) return -1;
  let low: u32 = 0;
  let high = batchCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u32>(ranges + middle * RANGE) <= address) low = middle + 1;
    else high = middle;
  }
  if (!low) return -1;
  return address < load<u32>(ranges + (low - 1) * RANGE, 4) ? ((low - 1) as i32) : -1;
}
/** The literal lies in an area that is about to go: copies have to bring it along. */
export function isRetiring(literal: u64): bool {
  return span != 0 && batchIndex((literal as u32) & ~3) >= 0;
}
export function batchStart(index: u32): usize {
  return load<u32>(ranges + index * RANGE);
}
export function batchWords(index: u32): u32 {
  return areaWords(batchStart(index) - FRAGMENT_HEADER);
}
/** First of the off-heap list of an area of the batch. */
export function batchOffHeap(index: u32): usize {
  return load<u32>(batchStart(index) - FRAGMENT_HEADER, FRAGMENT_OFF_HEAP);
}
/** A process keeps pointers into the batch. */
export function keepBatch(): void {
  batchStays = true;
}

/** Begin with the next areas; false when there are none. The batch before must be over. */
export function beginBatch(): bool {
  while (waiting && batchCount < BATCH_AREAS) {
    const area = waiting;
    waiting = load<u32>(area);
    addToBatch(area);
  }
  if (!batchCount) return false;
  lowest = load<u32>(ranges);
  span = load<u32>(ranges + (batchCount - 1) * RANGE, 4) - lowest;
  batchNumber++;
  batchStays = false;
  return true;
}
function addToBatch(area: usize): void {
  const start = (area + FRAGMENT_HEADER) as u32;
  let row = ranges + batchCount * RANGE;
  for (; row > ranges && load<u32>(row - RANGE) > start; row -= RANGE)
    store<u64>(row, load<u64>(row - RANGE));
  store<u32>(row, start);
  store<u32>(row, start + (areaWords(area) << 3), 4);
  batchCount++;
}
/**
 * All processes have been asked: free the batch, about `limit` off-heap objects at a time. True
 * when it is over.
 */
export function endBatch(limit: u32): bool {
  while (batchCount) {
    const area = batchStart(batchCount - 1) - FRAGMENT_HEADER;
    if (!batchStays && !releaseSome(area + FRAGMENT_OFF_HEAP, limit)) return false;
    batchCount--;
    span = batchCount ? load<u32>(ranges + (batchCount - 1) * RANGE, 4) - lowest : 0;
    if (batchStays) stay(area);
    else free(area);
  }
  return true;
}
function stay(area: usize): void {
  if (!stayed) lastStayed = area;
  store<u32>(area, stayed as u32, NEXT);
  stayed = area;
}
function free(area: usize): void {
  retiredAreas--;
  retiredBytes -= areaWords(area) << 3;
  if (load<u32>(area, KIND) == RETIRED_CODE) releaseFor(AREA_CODE, area);
  else release(area);
}

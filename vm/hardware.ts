/**
 * Hardware as owned capabilities (architecture D7): a process claims ports, device memory or an
 * interrupt line, gets a handle (a reference), is the only one who may use it, and loses it when it
 * dies. The host keeps a grant table of its own behind this one.
 *
 * An owner may lend what it has to another process, which is the owner then; when that one gives it
 * back, or ends, it is the lender's again, if the lender lives.
 *
 *   +--------+-------+------+-------+-------+--------+------+-------+--------+
 *   | number | owner | kind | first | count | vector | next | chain | lender |
 *   +--------+-------+------+-------+-------+--------+------+-------+--------+
 *      u64      u64    u64     u64     u64     u32     u32    u32 +4   u64
 */
import { allocateZeroed, release } from './alloc';
import {
  P_FLAGS,
  P_ID,
  P_RESOURCES,
  VECTOR_MESSAGE0,
  VECTOR_MESSAGE_END,
  VECTOR_OF_GSI0,
} from './gen/layout';
import { freeDma } from './dma';
import { grant, interruptUnmask, revoke } from './host';
import { ownPartitions } from './partitions';
import { FLAG_CRITICAL } from './process';
import { requeue } from './run_queue';
import { isAlive } from './signals';
import { current } from './state';
import { processOf } from './process_table';
import { destroySome } from './tasks';
import {
  TABLE_BYTES,
  chainOf,
  initTable,
  isLocalReference,
  newReferenceNumber,
  referenceNumber,
  tableInsert,
  tableRemove,
} from './refs';

export const KIND_PORTS: u32 = 0;
export const KIND_MEMORY: u32 = 1;
export const KIND_INTERRUPT: u32 = 2;
/** Vectors of interrupts that come as messages. */
export const KIND_MESSAGES: u32 = 3;
/** A piece of the DMA arena: H_FIRST is its offset in linear memory, H_COUNT its bytes. */
export const KIND_DMA: u32 = 17;
/** The right to change partitions (vm/partitions.ts), of which there is one. */
export const KIND_PARTITIONS: u32 = 18;
/** A native task, whose number is H_FIRST; the host has no grant for it. */
export const KIND_TASK: u32 = 16;

export const H_NUMBER: u32 = 0;
export const H_OWNER: u32 = 8;
export const H_KIND: u32 = 16;
export const H_FIRST: u32 = 24;
export const H_COUNT: u32 = 32;
export const H_VECTOR: u32 = 40;
const H_NEXT: u32 = 44;
const H_CHAIN: u32 = 48;
/** Pid of the lender, 0 for a claim of the owner's own. */
const H_LENDER: u32 = 56;
const RECORD_BYTES: u32 = 64;

const VECTORS: u32 = 256;
/** The vector behind those of messages that were found last. */
let lastMessage: u32 = VECTOR_MESSAGE0;
const table: usize = memory.data(TABLE_BYTES, 8);
/** Resource record by interrupt vector. */
const byVector: usize = memory.data(1024, 8);

/** Outcome of a claim that is not a record address. */
export const CLAIM_TAKEN: usize = 1;
export const CLAIM_REFUSED: usize = 2;
export const CLAIM_NO_MEMORY: usize = 3;
/** The host's table of grants has no row left. */
export const CLAIM_FULL: usize = 4;

export function initHardware(): void {
  initTable(table);
}

/** Claim a range for the running process: a record, or one of the CLAIM_ outcomes. */
export function claim(kind: u32, first: u64, count: u64): usize {
  const status = grant(kind, first, count);
  if (status == 3) return CLAIM_TAKEN;
  if (status == 1) return CLAIM_REFUSED;
  if (status != 0) return CLAIM_FULL;
  const record = ownResource(kind, first, count);
  if (!record) {
    revoke(kind, first, count);
    return CLAIM_NO_MEMORY;
  }
  if (kind == KIND_INTERRUPT) {
    const vector = VECTOR_OF_GSI0 + (first as u32);
    store<u32>(record, vector, H_VECTOR);
    setVectors(vector, 1, record);
    interruptUnmask(vector);
  } else if (kind == KIND_MESSAGES) {
    store<u32>(record, first as u32, H_VECTOR);
    setVectors(first as u32, count as u32, record);
  }
  if (isInterrupt(kind)) markCritical(current);
  return record;
}
function isInterrupt(kind: u32): bool {
  return kind == KIND_INTERRUPT || kind == KIND_MESSAGES;
}
/** Who answers a device, and has a vector, does not wait for the budget of its partition. */
function markCritical(process: usize): void {
  let answers = false;
  for (let vector: u32 = 0; vector < VECTORS && !answers; vector++)
    answers = vectorOwner(vector) == load<u64>(process, P_ID);
  const flags = load<u32>(process, P_FLAGS);
  store<u32>(process, answers ? flags | FLAG_CRITICAL : flags & ~FLAG_CRITICAL, P_FLAGS);
  if (process != current) requeue(process);
}

function setVectors(first: u32, count: u32, record: usize): void {
  const end = first + count < VECTORS ? first + count : VECTORS;
  for (let vector = first; vector < end; vector++) {
    store<u32>(byVector + (vector << 2), record as u32);
  }
}
/**
 * The first of so many free vectors for messages in a row, on a multiple of their number (a power
 * of two), 0 when there are none. The search goes on behind the last ones that were found, so that
 * what a device sends late meets nobody else for as long as possible.
 */
export function freeMessages(count: u32): u32 {
  const places = VECTOR_MESSAGE_END / count;
  let place = (lastMessage + count - 1) / count;
  for (let tries: u32 = 0; tries <= places; tries++, place++) {
    let first = place * count;
    if (first < VECTOR_MESSAGE0 || first + count > VECTOR_MESSAGE_END) {
      place = (VECTOR_MESSAGE0 + count - 1) / count;
      first = place * count;
    }
    let vector = first;
    while (vector < first + count && !load<u32>(byVector + (vector << 2))) vector++;
    if (vector == first + count) {
      lastMessage = vector;
      return first;
    }
  }
  return 0;
}

/** A record of the running process for what the host has given already; 0 without memory. */
export function ownResource(kind: u32, first: u64, count: u64): usize {
  const record = allocateZeroed(RECORD_BYTES);
  if (!record) return 0;
  store<u64>(record, newReferenceNumber(), H_NUMBER);
  store<u64>(record, load<u64>(current, P_ID), H_OWNER);
  store<u32>(record, kind, H_KIND);
  store<u64>(record, first, H_FIRST);
  store<u64>(record, count, H_COUNT);
  store<u32>(record, load<u32>(current, P_RESOURCES), H_NEXT);
  store<u32>(current, record as u32, P_RESOURCES);
  tableInsert(table, record, H_NUMBER, H_CHAIN);
  return record;
}

/** The record of a handle, whoever owns it, of the kind wanted; 0 when there is none. */
export function resource(handle: u64, kind: u32): usize {
  if (!isLocalReference(handle)) return 0;
  const number = referenceNumber(handle);
  let record = chainOf(table, number);
  while (record && load<u64>(record, H_NUMBER) != number) record = load<u32>(record, H_CHAIN);
  return record && load<u32>(record, H_KIND) == kind ? record : 0;
}
/** The record of a handle that the running process owns, of the kind wanted; 0 otherwise. */
export function ownedResource(handle: u64, kind: u32): usize {
  const record = resource(handle, kind);
  return record && load<u64>(record, H_OWNER) == load<u64>(current, P_ID) ? record : 0;
}

/** From now on the record is the other process's, which lives. */
function passOn(record: usize, process: usize): void {
  store<u64>(record, load<u64>(process, P_ID), H_OWNER);
  store<u32>(record, load<u32>(process, P_RESOURCES), H_NEXT);
  store<u32>(process, record as u32, P_RESOURCES);
  if (!isInterrupt(load<u32>(record, H_KIND))) return;
  markCritical(process);
  if (current && current != process) markCritical(current);
}

/** Lend a claim of the running process's own to another process; false when it is a loan itself. */
export function lend(record: usize, process: usize): bool {
  if (load<u64>(record, H_LENDER) || process == current) return false;
  unlink(record);
  store<u64>(record, load<u64>(current, P_ID), H_LENDER);
  passOn(record, process);
  return true;
}

/** What the running process owns is the other process's for good. */
export function give(record: usize, process: usize): void {
  if (process == current) return;
  unlink(record);
  passOn(record, process);
}

/** Take a record out of the list of the running process. */
function unlink(record: usize): void {
  let slot: usize = current + P_RESOURCES;
  while (load<u32>(slot)) {
    const held = load<u32>(slot) as usize;
    if (held == record) {
      store<u32>(slot, load<u32>(record, H_NEXT));
      return;
    }
    slot = held + H_NEXT;
  }
}

/** A loan goes back to who lent it; false when there is no such process any more. */
function handBack(record: usize): bool {
  const lender = load<u64>(record, H_LENDER);
  if (!lender) return false;
  store<u64>(record, 0, H_LENDER);
  const process = processOf(lender);
  if (!isAlive(process)) return false;
  passOn(record, process);
  return true;
}

/** Gives back what the record stands for; false when there is more to do. */
function drop(record: usize): bool {
  if (handBack(record)) return true;
  const kind = load<u32>(record, H_KIND);
  if (kind == KIND_TASK) {
    if (!destroySome(load<u64>(record, H_FIRST) as u32)) return false;
  } else if (kind == KIND_DMA)
    freeDma(load<u64>(record, H_FIRST) as u32, load<u64>(record, H_COUNT) as u32);
  else if (kind == KIND_PARTITIONS) ownPartitions(0);
  else revoke(kind, load<u64>(record, H_FIRST), load<u64>(record, H_COUNT));
  if (kind == KIND_INTERRUPT) setVectors(load<u32>(record, H_VECTOR), 1, 0);
  else if (kind == KIND_MESSAGES)
    setVectors(load<u32>(record, H_VECTOR), load<u64>(record, H_COUNT) as u32, 0);
  tableRemove(table, record, H_NUMBER, H_CHAIN);
  release(record);
  return true;
}

/** Give one resource of the running process back; a task must have been emptied before. */
export function releaseResource(record: usize): void {
  const kind = load<u32>(record, H_KIND);
  unlink(record);
  while (!drop(record)) {}
  if (isInterrupt(kind)) markCritical(current);
}

/** The owner exits: some of its resources are free again; true when all are. */
export function releaseResources(process: usize, most: u32): bool {
  for (; most > 0; most--) {
    const record = load<u32>(process, P_RESOURCES) as usize;
    if (!record) return true;
    const next = load<u32>(record, H_NEXT);
    if (drop(record)) store<u32>(process, next, P_RESOURCES);
  }
  return false;
}

/** Pid of the owner of an interrupt vector, 0 when nobody claimed it. */
export function vectorOwner(vector: u32): u64 {
  const record = vector < VECTORS ? (load<u32>(byVector + (vector << 2)) as usize) : 0;
  return record ? load<u64>(record, H_OWNER) : 0;
}

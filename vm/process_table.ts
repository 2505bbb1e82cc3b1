/**
 * The table that finds processes by pid: a process stands in slot `number & mask`, where number is
 * that of its pid (28 bits). There are at least twice as many slots as there may be processes, in
 * pages that are made when they are first needed, so that nothing ever has to be moved.
 *
 *   directory: +------+------+------+------+---
 *              | page | used | page | used |       u32 each; page 0 = none
 *              +------+------+------+------+---
 *   page: 1,024 addresses of control blocks, 0 = free
 *
 * Numbers are handed out in rising order, passing over those whose slot is taken; pages without a
 * free slot are passed over as a whole.
 */
import { allocateZeroed, release } from './alloc';
import { P_ID } from './gen/layout';
import { isLocalPid, pidNumber } from './term';

const PID_NUMBER_BITS: u32 = 28;
const NUMBER_MASK: u32 = (1 << PID_NUMBER_BITS) - 1;
const PAGE_SHIFT: u32 = 10;
const PAGE_SLOTS: u32 = 1 << PAGE_SHIFT;
const ENTRY_BYTES: u32 = 8;

export const PROCESS_LIMIT_DEFAULT: u32 = 262144;
/** OTP's bounds of +P. */
export const PROCESS_LIMIT_MIN: u32 = 1024;
export const PROCESS_LIMIT_MAX: u32 = 134217727;

let directory: usize = 0;
let mask: u32 = 0;
let nextNumber: u32 = 0;
export let processCount: u32 = 0;
export let processLimit: u32 = PROCESS_LIMIT_DEFAULT;

/** Slots for a limit: a power of two, twice the limit or more, as far as pids have numbers. */
function slotsFor(limit: u32): u32 {
  let slots: u32 = PAGE_SLOTS;
  while (slots < limit << 1 && slots <= NUMBER_MASK) slots <<= 1;
  return slots;
}
export function initProcessTable(): void {
  mask = slotsFor(processLimit) - 1;
  directory = allocateZeroed(((mask >> PAGE_SHIFT) + 1) * ENTRY_BYTES);
}

function entryOf(number: u32): usize {
  return directory + ((number & mask) >> PAGE_SHIFT) * ENTRY_BYTES;
}
function slotOf(page: usize, number: u32): usize {
  return page + ((number & (PAGE_SLOTS - 1)) << 2);
}

/**
 * Allow `limit` processes. Those that exist keep their pids; false when they are too many, or when
 * there is no memory.
 */
export function setProcessLimit(limit: u32): bool {
  if (processCount > limit) return false;
  const slots = slotsFor(limit);
  if (slots <= mask + 1) return keepTable(limit);
  const fresh = allocateZeroed((slots >> PAGE_SHIFT) * ENTRY_BYTES);
  if (!fresh) return false;
  const old = directory;
  const oldSlots = mask + 1;
  directory = fresh;
  mask = slots - 1;
  processLimit = limit;
  for (let i: u32 = 0; i < oldSlots >> PAGE_SHIFT; i++) movePage(load<u32>(old + i * ENTRY_BYTES));
  release(old);
  return true;
}
/** The table is large enough as it is. */
function keepTable(limit: u32): bool {
  processLimit = limit;
  return true;
}
/** Put what stands in a page of the old table where it belongs now. */
function movePage(page: usize): void {
  if (!page) return;
  for (let i: u32 = 0; i < PAGE_SLOTS; i++) {
    const process = load<u32>(page + (i << 2)) as usize;
    if (!process) continue;
    const number = pidNumber(load<u64>(process, P_ID)) as u32;
    processCount--;
    if (reserve(number)) enterProcess(number, process);
  }
  release(page);
}
/** There is a page for the slot of `number`. */
function reserve(number: u32): bool {
  const entry = entryOf(number);
  if (!load<u32>(entry)) store<u32>(entry, allocateZeroed(PAGE_SLOTS << 2) as u32);
  return load<u32>(entry) != 0;
}

/** A number whose slot is free and has memory, or -1 when there is no room for another process. */
export function freeNumber(): i64 {
  if (processCount >= processLimit) return -1;
  // Half of the slots at least are free.
  while (true) {
    const entry = entryOf(nextNumber);
    if (load<u32>(entry, 4) == PAGE_SLOTS) {
      nextNumber = ((nextNumber | (PAGE_SLOTS - 1)) + 1) & NUMBER_MASK;
      continue;
    }
    if (!reserve(nextNumber)) return -1;
    if (!load<u32>(slotOf(load<u32>(entry), nextNumber))) break;
    nextNumber = (nextNumber + 1) & NUMBER_MASK;
  }
  const number = nextNumber;
  nextNumber = (nextNumber + 1) & NUMBER_MASK;
  return number as i64;
}
export function nextPidNumber(): u32 {
  return nextNumber;
}
/** Pids are counted on from here; numbers that are taken are skipped. */
export function setNextPidNumber(number: u32): void {
  nextNumber = number & NUMBER_MASK;
}
/** Put a process in the slot of its number. */
export function enterProcess(number: u32, process: usize): void {
  const entry = entryOf(number);
  store<u32>(slotOf(load<u32>(entry), number), process as u32);
  store<u32>(entry, load<u32>(entry, 4) + 1, 4);
  processCount++;
}
/** Take a process out of the table: its pid finds nothing from now on. */
export function forgetProcess(process: usize): void {
  const number = pidNumber(load<u64>(process, P_ID)) as u32;
  const entry = entryOf(number);
  store<u32>(slotOf(load<u32>(entry), number), 0);
  store<u32>(entry, load<u32>(entry, 4) - 1, 4);
  processCount--;
}

/** The control block of a local pid, or 0 when no such process exists. */
export function processOf(pid: u64): usize {
  if (!isLocalPid(pid)) return 0;
  const number = pidNumber(pid) as u32;
  const page = load<u32>(entryOf(number)) as usize;
  if (!page) return 0;
  const process = load<u32>(slotOf(page, number)) as usize;
  return process && load<u64>(process, P_ID) == pid ? process : 0;
}

/** Slots are numbered from 0 to processSlots() - 1. */
export function processSlots(): u32 {
  return mask + 1;
}
/** The process in a slot, or 0. */
export function processAtSlot(index: u32): usize {
  const page = load<u32>(entryOf(index)) as usize;
  return page ? load<u32>(slotOf(page, index)) : 0;
}
/** The slot to go on with below `index`: pages without processes are passed over. */
export function usedSlotBelow(index: u32): u32 {
  let at = index;
  while (at && !load<u32>(entryOf(at - 1), 4)) at = (at - 1) & ~(PAGE_SLOTS - 1);
  return at;
}

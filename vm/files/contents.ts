/**
 * Bytes of files in memory: a table of blocks of 4 KiB; a slot that is 0 is a hole and reads as
 * zeros. What a file gives up in bulk is freed by and by (`freeBlocks`), so that no operation works
 * longer than for a few blocks besides the bytes it copies.
 */
import { EFBIG, ENOSPC } from '../gen/files';
import { I_COUNT, I_DATA, I_SIZE, KIND_ARCHIVE, freeInode, kindOf, systemOf } from './inodes';
import { treeAllocate, treeRelease } from './systems';

const BLOCK_SHIFT: u32 = 12;
const BLOCK: u32 = 4096;
/** Largest file. */
const SIZE_MAX: u64 = 0xffff_0000;
/** Tables with more slots are freed by and by; they have room for the list. */
const SLOTS_AT_ONCE: u32 = 64;

/** Slots that the list of tables to be freed needs: next, slots left, bytes of table, system. */
const LIST_SLOTS: u32 = 4;
let doomed: usize = 0;

export function sizeOf(inode: usize): u64 {
  return load<u64>(inode, I_SIZE);
}
function slotOf(inode: usize, block: u32): usize {
  return (load<u32>(inode, I_DATA) as usize) + (block << 2);
}

/** Free about `limit` blocks of what was given up; true when nothing is left. */
export function freeBlocks(limit: u32): bool {
  let left = limit;
  while (doomed && left) {
    let count = load<u32>(doomed, 4);
    for (; count > LIST_SLOTS && left; left--)
      treeRelease(load<u32>(doomed + (--count << 2)), BLOCK, load<u32>(doomed, 12));
    store<u32>(doomed, count, 4);
    if (count > LIST_SLOTS) return false;
    const table = doomed;
    doomed = load<u32>(table);
    treeRelease(table, load<u32>(table, 8), load<u32>(table, 12));
  }
  return doomed == 0;
}
/** Give up all blocks from slot `from` on of a table with `slots` slots. */
function dropSlots(table: usize, from: u32, slots: u32, system: u32): void {
  for (let i = from; i < slots; i++) {
    const slot = table + (i << 2);
    treeRelease(load<u32>(slot), BLOCK, system);
    store<u32>(slot, 0);
  }
}
/** Give up a whole table with its blocks. */
function dropTable(table: usize, slots: u32, system: u32): void {
  if (!table) return;
  if (slots <= SLOTS_AT_ONCE) {
    dropSlots(table, 0, slots, system);
    treeRelease(table, slots << 2, system);
    return;
  }
  dropSlots(table, 0, LIST_SLOTS, system);
  store<u32>(table, doomed as u32);
  store<u32>(table, slots, 4);
  store<u32>(table, slots << 2, 8);
  store<u32>(table, system, 12);
  doomed = table;
}

/** Memory for a file, also from what is still to be freed. */
function obtain(bytes: u32, inode: usize): usize {
  const system = systemOf(inode);
  let memory = treeAllocate(bytes, system);
  while (!memory && !freeBlocks(SLOTS_AT_ONCE)) memory = treeAllocate(bytes, system);
  return memory ? memory : treeAllocate(bytes, system);
}
/** Let the table have at least `slots` slots; false without room. */
function growTable(inode: usize, slots: u32): bool {
  const held = load<u32>(inode, I_COUNT);
  if (slots <= held) return true;
  let fresh: u32 = 4;
  while (fresh < slots) fresh <<= 1;
  const table = obtain(fresh << 2, inode);
  if (!table) return false;
  const old = load<u32>(inode, I_DATA) as usize;
  if (old) memory.copy(table, old, held << 2);
  treeRelease(old, held << 2, systemOf(inode));
  store<u32>(inode, table as u32, I_DATA);
  store<u32>(inode, fresh, I_COUNT);
  return true;
}

/** Copy bytes of a file; they must lie before its end. */
export function readContents(inode: usize, position: u64, to: usize, count: u32): void {
  if (kindOf(inode) == KIND_ARCHIVE) {
    memory.copy(to, (load<u32>(inode, I_DATA) as usize) + (position as usize), count);
    return;
  }
  let at = position as u32;
  let done: u32 = 0;
  const slots = load<u32>(inode, I_COUNT);
  while (done < count) {
    const inBlock = at & (BLOCK - 1);
    const part = min(BLOCK - inBlock, count - done);
    const number = at >> BLOCK_SHIFT;
    const block = number < slots ? (load<u32>(slotOf(inode, number)) as usize) : 0;
    if (block) memory.copy(to + done, block + inBlock, part);
    else memory.fill(to + done, 0, part);
    done += part;
    at += part;
  }
}

/** Write bytes of a file, which grows if need be: how many were written, or an error. */
export function writeContents(inode: usize, position: u64, from: usize, count: u32): i64 {
  if (!count) return 0;
  if (position >= SIZE_MAX || (count as u64) > SIZE_MAX - position) return EFBIG;
  const end = (position as u32) + count;
  if (!growTable(inode, ((end - 1) >> BLOCK_SHIFT) + 1)) return ENOSPC;
  let at = position as u32;
  let done: u32 = 0;
  while (done < count) {
    const slot = slotOf(inode, at >> BLOCK_SHIFT);
    if (!load<u32>(slot)) {
      const fresh = obtain(BLOCK, inode);
      if (!fresh) break;
      store<u32>(slot, fresh as u32);
    }
    const inBlock = at & (BLOCK - 1);
    const part = min(BLOCK - inBlock, count - done);
    memory.copy((load<u32>(slot) as usize) + inBlock, from + done, part);
    done += part;
    at += part;
  }
  if (!done) return ENOSPC;
  if ((at as u64) > sizeOf(inode)) store<u64>(inode, at as u64, I_SIZE);
  return done as i64;
}

/** Give a file this size: 0 or an error. */
export function setSize(inode: usize, size: u64): i64 {
  if (size > SIZE_MAX) return EFBIG;
  const slots = load<u32>(inode, I_COUNT);
  const kept = (((size as u32) + BLOCK - 1) >> BLOCK_SHIFT) as u32;
  if (size < sizeOf(inode) && kept < slots) {
    if (!kept) {
      dropTable(load<u32>(inode, I_DATA), slots, systemOf(inode));
      store<u32>(inode, 0, I_DATA);
      store<u32>(inode, 0, I_COUNT);
    } else cutTable(inode, kept, slots);
  }
  if (size < sizeOf(inode) && (size as u32) & (BLOCK - 1)) {
    // What lies behind the end of the last block must read as zeros when the file grows again.
    const last = (size as u32) >> BLOCK_SHIFT;
    const block = last < load<u32>(inode, I_COUNT) ? (load<u32>(slotOf(inode, last)) as usize) : 0;
    const inBlock = (size as u32) & (BLOCK - 1);
    if (block) memory.fill(block + inBlock, 0, BLOCK - inBlock);
  }
  store<u64>(inode, size, I_SIZE);
  return 0;
}
/** Keep the first `kept` slots. */
function cutTable(inode: usize, kept: u32, slots: u32): void {
  const old = load<u32>(inode, I_DATA) as usize;
  const system = systemOf(inode);
  const table = slots - kept > SLOTS_AT_ONCE ? treeAllocate(kept << 2, system) : 0;
  if (!table) {
    dropSlots(old, kept, slots, system);
    return;
  }
  memory.copy(table, old, kept << 2);
  memory.fill(old, 0, kept << 2);
  store<u32>(inode, table as u32, I_DATA);
  store<u32>(inode, kept, I_COUNT);
  dropTable(old, slots, system);
}

/** The inode has no name any more and nobody holds it: it goes, with its bytes. */
export function dropContents(inode: usize): void {
  dropTable(load<u32>(inode, I_DATA), load<u32>(inode, I_COUNT), systemOf(inode));
}
/** A link's text with a zero byte; false without room. */
export function setLinkText(inode: usize, text: usize, length: u32): bool {
  const copy = treeAllocate(length + 1, systemOf(inode));
  if (!copy) return false;
  memory.copy(copy, text, length);
  store<u32>(inode, copy as u32, I_DATA);
  store<u64>(inode, length as u64, I_SIZE);
  return true;
}
export function freeLink(inode: usize): void {
  treeRelease(load<u32>(inode, I_DATA), (sizeOf(inode) as u32) + 1, systemOf(inode));
  freeInode(inode);
}

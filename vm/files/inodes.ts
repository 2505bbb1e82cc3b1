/**
 * The VM's own file tree: files, folders and links in memory, as POSIX has them (inodes, and the
 * names that lead to them). Bytes of files: contents.ts; paths: paths.ts; the boot archive's files
 * and the mounted folders of the host get their places in tree.ts.
 *
 * Functions give 0 or what they found, or a negative error number (gen/files.ts). Everything counts
 * towards the limit of its file system (systems.ts): behind it is ENOSPC.
 */
import { AREA_SYSTEM, allocateZeroedFor } from '../memory_areas';
import { hashBytes } from '../atoms';
import { ENOSPC } from '../gen/files';
import { now, wallClock } from '../host';
import { systemRoot, treeAllocate, treeRelease } from './systems';

export const KIND_FILE: u32 = 1;
export const KIND_FOLDER: u32 = 2;
export const KIND_LINK: u32 = 3;
/** A file of the boot archive: its bytes lie there. */
export const KIND_ARCHIVE: u32 = 4;
/** A folder behind which a folder of the host is. */
export const KIND_MOUNT: u32 = 5;
/** The root of a file system that a process answers for. */
export const KIND_SERVED: u32 = 6;

// An inode.
export const I_KIND: u32 = 0;
export const I_MODE: u32 = 4;
export const I_LINKS: u32 = 8;
/** Open files and working folders that hold it. */
export const I_HOLDS: u32 = 12;
export const I_SIZE: u32 = 16;
export const I_NUMBER: u32 = 24;
export const I_ACCESSED: u32 = 32;
export const I_MODIFIED: u32 = 40;
export const I_CHANGED: u32 = 48;
export const I_USER: u32 = 56;
export const I_GROUP: u32 = 60;
/** Folder: first entry. File: table of blocks. Link: its text. Archive: the bytes. */
export const I_DATA: u32 = 64;
/** Folder: number of entries. File: slots of the table. Mounts: the number of what is mounted. */
export const I_COUNT: u32 = 68;
/** Folder: the one above. */
export const I_PARENT: u32 = 72;
/** It cannot be changed, and no entry of it. */
export const I_FIXED: u32 = 76;
/** Folder: the entry that leads to it. */
export const I_ENTRY: u32 = 80;
/** Number of its file system. */
export const I_SYSTEM: u32 = 84;
/** Folder: the root of what is mounted over it, or 0. */
export const I_MOUNTED: u32 = 88;
const INODE_BYTES: u32 = 96;

// An entry: a name in a folder.
export const E_INODE: u32 = 0;
const E_FOLDER: u32 = 4;
export const E_NEXT: u32 = 8;
const E_PREVIOUS: u32 = 12;
const E_CHAIN: u32 = 16;
export const E_LENGTH: u32 = 20;
export const E_NAME: u32 = 24;

/** Chains of entries by folder and name. */
const BUCKETS: u32 = 16384;
let buckets: usize = 0;
let lastNumber: u64 = 0;
/** List of cursors that stand on entries: open_file.ts moves them when an entry goes. */
let leaving: usize = 0;

/** Seconds since 1970. */
export function secondsNow(): i64 {
  return (wallClock() + now()) / 1_000_000_000;
}

/** An inode that no entry leads to; 0 without room. */
export function newInode(kind: u32, mode: u32, system: u32): usize {
  const inode = treeAllocate(INODE_BYTES, system);
  if (!inode) return 0;
  store<u32>(inode, system, I_SYSTEM);
  store<u32>(inode, kind, I_KIND);
  store<u32>(inode, mode, I_MODE);
  store<u64>(inode, ++lastNumber, I_NUMBER);
  const time = secondsNow();
  store<i64>(inode, time, I_ACCESSED);
  store<i64>(inode, time, I_MODIFIED);
  store<i64>(inode, time, I_CHANGED);
  return inode;
}
/** Give an inode's own memory back; its bytes are the caller's matter. */
export function freeInode(inode: usize): void {
  treeRelease(inode, INODE_BYTES, systemOf(inode));
}

export function kindOf(inode: usize): u32 {
  return load<u32>(inode, I_KIND);
}
export function isFolder(inode: usize): bool {
  const kind = load<u32>(inode, I_KIND);
  return kind == KIND_FOLDER || kind == KIND_MOUNT || kind == KIND_SERVED;
}
export function systemOf(inode: usize): u32 {
  return load<u32>(inode, I_SYSTEM);
}
/** The root of a file system that is mounted into the tree. */
export function isSystemRoot(inode: usize): bool {
  return systemOf(inode) != 0 && systemRoot(systemOf(inode)) == inode;
}
export function isFixed(inode: usize): bool {
  return load<u32>(inode, I_FIXED) != 0;
}
export function parentOf(inode: usize): usize {
  return load<u32>(inode, I_PARENT);
}
/** Its contents, or the entries of a folder, have changed. */
export function touchModified(inode: usize): void {
  const time = secondsNow();
  store<i64>(inode, time, I_MODIFIED);
  store<i64>(inode, time, I_CHANGED);
}
export function touchChanged(inode: usize): void {
  store<i64>(inode, secondsNow(), I_CHANGED);
}

// ---- entries

export function initEntries(): bool {
  buckets = allocateZeroedFor(AREA_SYSTEM, BUCKETS << 2);
  return buckets != 0;
}
function bucketOf(folder: usize, name: usize, length: u32): usize {
  const hash = hashBytes(name, length) ^ ((folder as u32) * 0x9e37_79b9);
  return buckets + (((hash ^ (hash >> 16)) & (BUCKETS - 1)) << 2);
}
/** The entry of a name in a folder, 0 when there is none. */
export function findEntry(folder: usize, name: usize, length: u32): usize {
  let entry = load<u32>(bucketOf(folder, name, length)) as usize;
  for (; entry; entry = load<u32>(entry, E_CHAIN)) {
    if (
      load<u32>(entry, E_FOLDER) == (folder as u32) &&
      load<u32>(entry, E_LENGTH) == length &&
      memory.compare(entry + E_NAME, name, length) == 0
    )
      return entry;
  }
  return 0;
}
function entryBytes(length: u32): u32 {
  return E_NAME + length;
}
/** A new name for `inode` in `folder`, where it is not yet: 0 or ENOSPC. */
export function addEntry(folder: usize, name: usize, length: u32, inode: usize): i64 {
  const entry = treeAllocate(entryBytes(length), systemOf(folder));
  if (!entry) return ENOSPC;
  store<u32>(entry, inode as u32, E_INODE);
  store<u32>(entry, folder as u32, E_FOLDER);
  store<u32>(entry, length, E_LENGTH);
  memory.copy(entry + E_NAME, name, length);
  const first = load<u32>(folder, I_DATA);
  store<u32>(entry, first, E_NEXT);
  if (first) store<u32>(first, entry as u32, E_PREVIOUS);
  store<u32>(folder, entry as u32, I_DATA);
  store<u32>(folder, load<u32>(folder, I_COUNT) + 1, I_COUNT);
  const bucket = bucketOf(folder, name, length);
  store<u32>(entry, load<u32>(bucket), E_CHAIN);
  store<u32>(bucket, entry as u32);
  if (isFolder(inode)) {
    store<u32>(inode, folder as u32, I_PARENT);
    store<u32>(inode, entry as u32, I_ENTRY);
    store<u32>(folder, load<u32>(folder, I_LINKS) + 1, I_LINKS);
    store<u32>(inode, load<u32>(inode, I_LINKS) + 2, I_LINKS);
  } else store<u32>(inode, load<u32>(inode, I_LINKS) + 1, I_LINKS);
  return 0;
}
/** Take a name away; its inode stays, with fewer links. */
export function removeEntry(entry: usize): void {
  const folder = load<u32>(entry, E_FOLDER) as usize;
  const inode = load<u32>(entry, E_INODE) as usize;
  const next = load<u32>(entry, E_NEXT);
  const previous = load<u32>(entry, E_PREVIOUS);
  for (let cursor = leaving; cursor; cursor = load<u32>(cursor, CURSOR_CHAIN)) {
    if (load<u32>(cursor, CURSOR_ENTRY) == (entry as u32)) store<u32>(cursor, next, CURSOR_ENTRY);
  }
  if (next) store<u32>(next, previous, E_PREVIOUS);
  if (previous) store<u32>(previous, next, E_NEXT);
  else store<u32>(folder, next, I_DATA);
  store<u32>(folder, load<u32>(folder, I_COUNT) - 1, I_COUNT);
  let slot = bucketOf(folder, entry + E_NAME, load<u32>(entry, E_LENGTH));
  while (load<u32>(slot) != (entry as u32)) slot = load<u32>(slot) + E_CHAIN;
  store<u32>(slot, load<u32>(entry, E_CHAIN));
  if (isFolder(inode)) {
    // A folder that was renamed has another one already.
    if (load<u32>(inode, I_ENTRY) == (entry as u32)) store<u32>(inode, 0, I_ENTRY);
    store<u32>(folder, load<u32>(folder, I_LINKS) - 1, I_LINKS);
    store<u32>(inode, load<u32>(inode, I_LINKS) - 2, I_LINKS);
  } else store<u32>(inode, load<u32>(inode, I_LINKS) - 1, I_LINKS);
  treeRelease(entry, entryBytes(load<u32>(entry, E_LENGTH)), systemOf(folder));
}

/** The entry that leads to the folder `inode`; 0 when it was removed. */
export function entryOfFolder(inode: usize): usize {
  return load<u32>(inode, I_ENTRY);
}

// ---- walks over the entries of a folder that others may change meanwhile

/** A cursor lies in memory of its owner: the entry that comes next, the next cursor. */
const CURSOR_ENTRY: u32 = 0;
const CURSOR_CHAIN: u32 = 4;
export const CURSOR_BYTES: u32 = 8;

export function startCursor(cursor: usize, folder: usize): void {
  store<u32>(cursor, load<u32>(folder, I_DATA), CURSOR_ENTRY);
  store<u32>(cursor, leaving as u32, CURSOR_CHAIN);
  leaving = cursor;
}
/** The entry at the cursor, which moves on; 0 behind the last. */
export function cursorNext(cursor: usize): usize {
  const entry = load<u32>(cursor, CURSOR_ENTRY) as usize;
  if (entry) store<u32>(cursor, load<u32>(entry, E_NEXT), CURSOR_ENTRY);
  return entry;
}
export function endCursor(cursor: usize): void {
  if (leaving == cursor) {
    leaving = load<u32>(cursor, CURSOR_CHAIN);
    return;
  }
  let at = leaving;
  while (at && load<u32>(at, CURSOR_CHAIN) != (cursor as u32)) at = load<u32>(at, CURSOR_CHAIN);
  if (at) store<u32>(at, load<u32>(cursor, CURSOR_CHAIN), CURSOR_CHAIN);
}

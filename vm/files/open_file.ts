/**
 * Open files: resources that the opening process owns. They close when they are closed or their
 * owner ends; the closing itself is done by and by (`closeOrphans`), as OTP leaves it to a process.
 *
 *   contents: +------+-------+------+------+----------+-------+----------+-------+
 *             | kind | modes | what | next | position | owner | previous | chain |
 *             +------+-------+------+------+----------+-------+----------+-------+
 *               u32    u32     u32    u32    u64        u64     u32        u32
 *
 * `what` is an inode or a descriptor of the host. Each owner has a list of its files; the files of
 * a process that has ended wait in a list of such lists. A walk over a folder (list_dir) is an open
 * file of its own kind, whose last word and `chain` are a cursor (inodes.ts).
 */
import { P_FILES, P_ID } from '../gen/layout';
import { processOf } from '../process';
import { releaseResource } from '../off_heap';
import { RESOURCE_HEADER, newResource, resourceOf } from '../resource';
import { current } from '../state';
import { hostClose } from './host_files';
import { CURSOR_BYTES, endCursor, startCursor } from './inodes';
import { hold, letGo } from './tree';

export const OPEN_NOT: u32 = 0;
/** A file in memory. */
export const OPEN_INODE: u32 = 1;
/** A file of the host with positions. */
export const OPEN_HOST: u32 = 2;
/** A file of the host without: a pipe, a terminal. */
export const OPEN_STREAM: u32 = 3;
/** A walk over the entries of a folder in memory. */
export const OPEN_WALK: u32 = 4;
/** A file for which a process answers; its position is the number by which that knows it. */
export const OPEN_SERVED: u32 = 5;

const F_KIND: u32 = RESOURCE_HEADER;
const F_MODES: u32 = RESOURCE_HEADER + 4;
const F_WHAT: u32 = RESOURCE_HEADER + 8;
const F_NEXT: u32 = RESOURCE_HEADER + 12;
const F_POSITION: u32 = RESOURCE_HEADER + 16;
const F_OWNER: u32 = RESOURCE_HEADER + 24;
const F_PREVIOUS: u32 = RESOURCE_HEADER + 32;
const F_CHAIN: u32 = RESOURCE_HEADER + 36;
const F_CURSOR: u32 = RESOURCE_HEADER + 40;
const CONTENTS_BYTES: u32 = 40 + CURSOR_BYTES;

/** First files of the lists of processes that have ended. */
let orphans: usize = 0;

/** The type of handles. A file is in a list until it is closed, so nothing is left to do here. */
export function destroyOpenFile(resource: usize): void {}

/** An open file, owned by the running process; 0 without memory. */
export function newOpenFile(kind: u32, what: u32, modes: u32): usize {
  const file = newResource(destroyOpenFile.index as u32, CONTENTS_BYTES);
  if (!file) return 0;
  store<u32>(file, kind, F_KIND);
  store<u32>(file, modes, F_MODES);
  store<u32>(file, what, F_WHAT);
  store<u64>(file, load<u64>(current, P_ID), F_OWNER);
  const first = load<u32>(current, P_FILES);
  store<u32>(file, first, F_NEXT);
  if (first) store<u32>(first, file as u32, F_PREVIOUS);
  store<u32>(current, file as u32, P_FILES);
  // The list's reference.
  store<u32>(file, load<u32>(file) + 1);
  if (kind == OPEN_INODE || kind == OPEN_WALK) hold(what as usize);
  if (kind == OPEN_WALK) startCursor(file + F_CURSOR, what as usize);
  return file;
}
/** The open file of a handle; 0 for any other term. */
export function fileOf(handle: u64): usize {
  return resourceOf(handle, destroyOpenFile.index as u32);
}
/** OPEN_NOT when it was closed or its owner has ended. */
export function openKind(file: usize): u32 {
  return processOf(load<u64>(file, F_OWNER)) ? load<u32>(file, F_KIND) : OPEN_NOT;
}
export function modesOf(file: usize): u32 {
  return load<u32>(file, F_MODES);
}
export function inodeOf(file: usize): usize {
  return load<u32>(file, F_WHAT);
}
export function descriptorOf(file: usize): i32 {
  return load<i32>(file, F_WHAT);
}
export function cursorOf(file: usize): usize {
  return file + F_CURSOR;
}
export function position(file: usize): u64 {
  return load<u64>(file, F_POSITION);
}
export function setPosition(file: usize, value: u64): void {
  store<u64>(file, value, F_POSITION);
}

/** Let go of what an open file stands for: 0 or an error. */
function closeNow(file: usize): i64 {
  const kind = load<u32>(file, F_KIND);
  store<u32>(file, OPEN_NOT, F_KIND);
  let result: i64 = 0;
  if (kind == OPEN_HOST || kind == OPEN_STREAM) result = hostClose(descriptorOf(file));
  if (kind == OPEN_WALK) endCursor(file + F_CURSOR);
  if (kind == OPEN_INODE || kind == OPEN_WALK) letGo(inodeOf(file));
  releaseResource(file);
  return result;
}
/** Close a file that is open. */
export function close(file: usize): i64 {
  const owner = processOf(load<u64>(file, F_OWNER));
  const next = load<u32>(file, F_NEXT);
  const previous = load<u32>(file, F_PREVIOUS);
  if (next) store<u32>(next, previous, F_PREVIOUS);
  if (previous) store<u32>(previous, next, F_NEXT);
  else store<u32>(owner, next, P_FILES);
  return closeNow(file);
}

/** The process at `process` ends: its files are closed by and by. */
export function ownerExits(process: usize): void {
  const first = load<u32>(process, P_FILES) as usize;
  if (!first) return;
  store<u32>(process, 0, P_FILES);
  store<u32>(first, orphans as u32, F_CHAIN);
  orphans = first;
}
/** Close about `limit` files of processes that have ended; true when none is left. */
export function closeOrphans(limit: u32): bool {
  for (let left = limit; orphans && left; left--) {
    const file = orphans;
    const next = load<u32>(file, F_NEXT) as usize;
    const chain = load<u32>(file, F_CHAIN);
    if (next) store<u32>(next, chain, F_CHAIN);
    orphans = next ? next : (chain as usize);
    closeNow(file);
  }
  return orphans == 0;
}

/**
 * The boot archive as a read-only tree of folders and files (POSIX path resolution without links).
 * Built from the archive's paths when it is first asked for; nothing changes afterwards.
 *
 *   node: +--------+------------+------+--------------+------------+-------+
 *         | parent | firstChild | next | name address | name bytes | entry |   u32 each
 *         +--------+------------+------+--------------+------------+-------+
 *
 * Nodes are numbered from 1; 0 is "none". Node 1 is the root, its own parent. `entry` is the
 * index + 1 of the file in the archive, 0 for a folder.
 */
import { allocateZeroed } from '../alloc';
import { archiveEntry, archiveFileCount } from '../archive';
import { hashBytes } from '../atoms';
import { am_enoent, am_enotdir } from '../gen/atoms';

const NODE: u32 = 24;
const N_PARENT: u32 = 0;
const N_CHILD: u32 = 4;
const N_NEXT: u32 = 8;
const N_NAME: u32 = 12;
const N_LENGTH: u32 = 16;
const N_ENTRY: u32 = 20;

export const ROOT: u32 = 1;
const SLASH: u8 = 47;
const DOT: u8 = 46;

let nodes: usize = 0;
let nodeCount: u32 = 0;
/** Node by parent and name, open addressing. */
let slots: usize = 0;
let slotMask: u32 = 0;
/** Four words for archiveEntry. */
const row: usize = memory.data(16, 8);

/** Why resolve failed: enoent or enotdir. */
export let pathProblem: u64 = 0;
/** resolve failed only because the folder that its last name is in has nothing of that name. */
export let lastIsMissing: bool = false;

function nodeAt(node: u32): usize {
  return nodes + (node - 1) * NODE;
}
export function parentOf(node: u32): u32 {
  return load<u32>(nodeAt(node), N_PARENT);
}
export function firstChild(node: u32): u32 {
  return load<u32>(nodeAt(node), N_CHILD);
}
export function nextSibling(node: u32): u32 {
  return load<u32>(nodeAt(node), N_NEXT);
}
export function nameAddress(node: u32): usize {
  return load<u32>(nodeAt(node), N_NAME);
}
export function nameLength(node: u32): u32 {
  return load<u32>(nodeAt(node), N_LENGTH);
}
export function isFolder(node: u32): bool {
  return !load<u32>(nodeAt(node), N_ENTRY);
}
/** Address of a file's first byte. */
export function fileData(node: u32): usize {
  archiveEntry(load<u32>(nodeAt(node), N_ENTRY) - 1, row);
  return load<u32>(row, 8);
}
export function fileBytes(node: u32): u32 {
  archiveEntry(load<u32>(nodeAt(node), N_ENTRY) - 1, row);
  return load<u32>(row, 12);
}

// ---- building

/** Names in all paths together: as many nodes suffice. */
function countNames(): u32 {
  let names: u32 = 0;
  for (let i: u32 = 0; i < archiveFileCount; i++) {
    archiveEntry(i, row);
    const path = load<u32>(row) as usize;
    const length = load<u32>(row, 4);
    names++;
    for (let at: u32 = 0; at < length; at++) if (load<u8>(path + at) == SLASH) names++;
  }
  return names;
}
/** The slot of a name in a folder, free (0) or taken. */
function slotOf(parent: u32, name: usize, length: u32): usize {
  let slot = (hashBytes(name, length) ^ (parent * 0x9e37_79b9)) & slotMask;
  while (true) {
    const node = load<u32>(slots + (slot << 2));
    if (!node) return slots + (slot << 2);
    if (
      parentOf(node) == parent &&
      nameLength(node) == length &&
      memory.compare(nameAddress(node), name, length) == 0
    )
      return slots + (slot << 2);
    slot = (slot + 1) & slotMask;
  }
}
/** The node of a name in a folder; made if need be. */
function childFor(parent: u32, name: usize, length: u32, entry: u32): u32 {
  const slot = slotOf(parent, name, length);
  const known = load<u32>(slot);
  if (known) return known;
  const node = ++nodeCount;
  const at = nodeAt(node);
  store<u32>(at, parent, N_PARENT);
  store<u32>(at, load<u32>(nodeAt(parent), N_CHILD), N_NEXT);
  store<u32>(at, name as u32, N_NAME);
  store<u32>(at, length, N_LENGTH);
  store<u32>(at, entry, N_ENTRY);
  store<u32>(nodeAt(parent), node, N_CHILD);
  store<u32>(slot, node);
  return node;
}
function isDot(name: usize, length: u32): bool {
  return length == 1 && load<u8>(name) == DOT;
}
function isDotDot(name: usize, length: u32): bool {
  return length == 2 && load<u8>(name) == DOT && load<u8>(name + 1) == DOT;
}
function addFile(path: usize, length: u32, entry: u32): void {
  let folder = ROOT;
  let from: u32 = 0;
  while (from < length) {
    let end = from;
    while (end < length && load<u8>(path + end) != SLASH) end++;
    const name = path + from;
    if (isDotDot(name, end - from)) return;
    if (end > from && !isDot(name, end - from)) {
      folder = childFor(folder, name, end - from, end == length ? entry : 0);
      // A file and a folder of one name: the first one counts.
      if (end < length && !isFolder(folder)) return;
    }
    from = end + 1;
  }
}

/** Build the tree unless it is there; false without memory. */
function built(): bool {
  if (nodes) return true;
  const most = countNames() + 1;
  let slotCount: u32 = 64;
  while (slotCount < most * 2) slotCount <<= 1;
  const table = allocateZeroed(slotCount << 2);
  const fresh = allocateZeroed(most * NODE);
  if (!table || !fresh) return false;
  slots = table;
  slotMask = slotCount - 1;
  nodes = fresh;
  nodeCount = ROOT;
  store<u32>(nodeAt(ROOT), ROOT, N_PARENT);
  for (let i: u32 = 0; i < archiveFileCount; i++) {
    archiveEntry(i, row);
    addFile(load<u32>(row), load<u32>(row, 4), i + 1);
  }
  return true;
}

// ---- finding

function fails(problem: u64): u32 {
  pathProblem = problem;
  return 0;
}
/** The node of a path that starts at `folder` unless it is absolute; 0 with pathProblem. */
export function resolve(path: usize, length: u32, folder: u32): u32 {
  lastIsMissing = false;
  if (!length || !built()) return fails(am_enoent);
  let node = load<u8>(path) == SLASH ? ROOT : folder;
  let from: u32 = 0;
  while (from < length) {
    let end = from;
    while (end < length && load<u8>(path + end) != SLASH) end++;
    const name = path + from;
    const bytes = end - from;
    from = end + 1;
    // A name or a slash after a file's name. The first slash of a path follows no name.
    if (!isFolder(node)) return fails(am_enotdir);
    if (!bytes || isDot(name, bytes)) continue;
    if (isDotDot(name, bytes)) {
      node = parentOf(node);
      continue;
    }
    node = load<u32>(slotOf(node, name, bytes));
    if (node) continue;
    lastIsMissing = from >= length;
    return fails(am_enoent);
  }
  if (length && load<u8>(path + length - 1) == SLASH && !isFolder(node)) return fails(am_enotdir);
  return node;
}

/** Bytes of the absolute path of a node. */
export function pathLength(node: u32): u32 {
  if (node == ROOT || !built()) return 1;
  let bytes: u32 = 0;
  for (let at = node; at != ROOT; at = parentOf(at)) bytes += 1 + nameLength(at);
  return bytes;
}
/** Write the absolute path of a node, `length` = pathLength(node) bytes. */
export function writePath(node: u32, to: usize, length: u32): void {
  store<u8>(to, SLASH);
  let end = to + length;
  for (let at = node; at != ROOT; at = parentOf(at)) {
    end -= nameLength(at);
    memory.copy(end, nameAddress(at), nameLength(at));
    end -= 1;
    store<u8>(end, SLASH);
  }
}

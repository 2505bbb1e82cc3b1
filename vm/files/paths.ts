/**
 * Paths: from a text to an inode of the VM's tree, to the folder in which a missing last name would
 * be, or to a mounted folder of the host and the path in it, or to a file system that a process
 * answers for (POSIX path resolution). Also the folder where relative paths start: one for the
 * whole VM.
 */
import {
  ELOOP,
  ENAMETOOLONG,
  ENOENT,
  ENOMEM,
  ENOTDIR,
  LIMIT_NAME,
  LIMIT_PATH,
  OPEN_DIRECTORY,
  OPEN_PATH,
} from '../gen/files';
import { sizeOf } from './contents';
import {
  hostClose,
  hostFolderPath,
  hostInfo,
  hostMount,
  hostOpen,
  TEXT_BYTES,
  textBuffer,
} from './host_files';
import {
  E_INODE,
  E_LENGTH,
  E_NAME,
  I_COUNT,
  I_DATA,
  I_MOUNTED,
  KIND_FOLDER,
  KIND_LINK,
  KIND_MOUNT,
  KIND_SERVED,
  entryOfFolder,
  findEntry,
  isFolder,
  kindOf,
  parentOf,
} from './inodes';
import { SYSTEMS_MAX, SYSTEM_SERVED, systemRoot, systemState } from './systems';
import {
  hold,
  isDot,
  isDotDot,
  isOwnName,
  isRemoved,
  letGo,
  ownRoot,
  root,
  treeBuilt,
} from './tree';

const SLASH: u8 = 47;
const LINKS_MAX: u32 = 40;
/** Descriptor by which the host knows the folder in which its program runs. */
const HOST_WORKING_FOLDER: i32 = -100;

const firstText: usize = memory.data(4096, 8);
const secondText: usize = memory.data(4096, 8);
const firstHostPath: usize = memory.data(8192, 8);
const secondHostPath: usize = memory.data(8192, 8);

/** The inode of a path in the VM's tree; 0: its last name is missing, or it is the host's. */
export let found: usize = 0;
/** The folder of the last name, and that name; they are good until the next resolve. */
export let lastFolder: usize = 0;
export let lastName: usize = 0;
export let lastLength: u32 = 0;
/** The last name is `.` or `..`, or the path is `/`. */
export let endsInDots: bool = false;
/** The last name is a link that was followed only because of the slash behind it. */
export let endsInLink: bool = false;
/** The path ends in a slash. */
export let endsInSlash: bool = false;
/** Number of a mounted folder of the host, or -1; and the path in it, with a zero byte. */
export let mount: i32 = -1;
export let hostPathAt: usize = firstHostPath;
/** The folder of the VM's tree behind which that folder is. */
let lastMount: usize = 0;

/**
 * Instead of an error number: the path leads into a file system that a process answers for; its
 * number, the path in it, and the inode where that begins, 0 for the root of the file system.
 */
export const SERVED: i64 = -4096;
export let servedSystem: u32 = 0;
export let servedFrom: u64 = 0;
export let servedPathAt: usize = 0;
export let servedPathBytes: u32 = 0;

/** The path leads to a mounted folder itself. */
export let isMountRoot: bool = false;

/**
 * Where relative paths start: a folder, and when it is a mounted one a descriptor of the host,
 * which says how the folder is called now. In a served file system: its root, and an inode in it.
 */
let working: usize = 0;
let workingServed: u64 = 0;
let workingDescriptor: i32 = HOST_WORKING_FOLDER;
const workingPath: usize = memory.data(4096, 8);
let workingLength: u32 = 0;

// ---- resolving

let text: usize = firstText;
let length: u32 = 0;

/** Put `path` (or a link's text) before what is left of the text from `rest` on. */
function splice(path: usize, bytes: u32, rest: u32): bool {
  const left = length - rest;
  if (bytes + left + 2 > LIMIT_PATH) return false;
  const other = text == firstText ? secondText : firstText;
  memory.copy(other, path, bytes);
  let at = bytes;
  if (left) {
    store<u8>(other + at++, SLASH);
    memory.copy(other + at, text + rest, left);
    at += left;
  }
  text = other;
  length = at;
  return true;
}

/** What is left from `from` on goes on in a folder of the host: 0, or where it leaves it again. */
function leavesAt(from: u32): u32 {
  let depth = 0;
  let at = from;
  while (at < length) {
    let end = at;
    while (end < length && load<u8>(text + end) != SLASH) end++;
    const bytes = end - at;
    if (isDotDot(text + at, bytes)) {
      if (!depth) return end;
      depth--;
    } else if (bytes && !isDot(text + at, bytes)) depth++;
    at = end + 1;
  }
  return 0;
}
/** The end of the name at `from` when it leads from the host's root to what is in memory, or 0. */
function ownNameEnd(from: u32): u32 {
  const end = nameEnd(from);
  return isOwnName(text + from, end - from) ? end : 0;
}
/** The rest of the path belongs to the host. */
function toHost(node: usize, from: u32): i64 {
  mount = load<u32>(node, I_COUNT) as i32;
  lastMount = node;
  found = 0;
  let at = from;
  while (at < length && load<u8>(text + at) == SLASH) at++;
  const bytes = length - at;
  memory.copy(hostPathAt, text + at, bytes);
  isMountRoot = !bytes;
  if (!bytes) store<u8>(hostPathAt, 46);
  store<u8>(hostPathAt + max(bytes, 1), 0);
  return 0;
}

/** The rest of the path belongs to the file system whose root is `node`. */
function toServed(node: usize, from: u32, inode: u64): i64 {
  servedSystem = load<u32>(node, I_COUNT);
  servedFrom = inode;
  servedPathAt = text + from;
  servedPathBytes = length - from;
  return servedSystem ? SERVED : ENOENT;
}
/** The end of the name at `from`. */
function nameEnd(from: u32): u32 {
  let end = from;
  while (end < length && load<u8>(text + end) != SLASH) end++;
  return end;
}
/** The end of `..` at `from`, or 0. */
function dotDotEnd(from: u32): u32 {
  const end = nameEnd(from);
  if (!isDotDot(text + from, end - from)) return 0;
  endsInDots = true;
  return end;
}

/** Where resolving starts; the text is in place. */
function start(path: usize, bytes: u32): i64 {
  if (!bytes) return ENOENT;
  if (bytes >= LIMIT_PATH) return ENAMETOOLONG;
  if (!treeBuilt() || !initWorking()) return ENOMEM;
  text = firstText;
  memory.copy(text, path, bytes);
  length = bytes;
  mount = -1;
  endsInSlash = load<u8>(path + bytes - 1) == SLASH;
  endsInDots = true;
  endsInLink = false;
  isMountRoot = false;
  lastFolder = 0;
  if (load<u8>(path) == SLASH || kindOf(working) != KIND_MOUNT) return 0;
  readWorkingPath();
  if (!workingLength) return 0;
  return splice(workingPath, workingLength, 0) ? 0 : ENAMETOOLONG;
}

/**
 * Find what the path leads to; `follow`: also through a link that is its last name. `second`: the
 * host's path is the second of two that are needed together. 0 or an error; a last name that is
 * missing is no error.
 */
export function resolve(path: usize, bytes: u32, follow: bool, second: bool): i64 {
  hostPathAt = second ? secondHostPath : firstHostPath;
  found = 0;
  const problem = start(path, bytes);
  if (problem) return problem;
  let from: u32 = 0;
  let links: u32 = 0;
  let node = load<u8>(path) == SLASH ? root : working;
  while (true) {
    while (from < length && load<u8>(text + from) == SLASH) from++;
    if (kindOf(node) == KIND_MOUNT) {
      const own = node == root ? ownNameEnd(from) : 0;
      if (own) {
        node = ownRoot;
        from = own;
        continue;
      }
      const leaves = leavesAt(from);
      if (!leaves || node == root) return toHost(node, from);
      node = parentOf(node);
      from = leaves;
      continue;
    }
    if (kindOf(node) == KIND_SERVED) {
      // Only a relative path has nothing before it here.
      const above = from || !workingServed ? dotDotEnd(from) : 0;
      if (!above) return toServed(node, from, from ? 0 : workingServed);
      node = parentOf(node);
      from = above;
      continue;
    }
    if (from >= length) break;
    if (!isFolder(node)) return ENOTDIR;
    let end = nameEnd(from);
    const name = text + from;
    const size = end - from;
    from = end;
    while (end < length && load<u8>(text + end) == SLASH) end++;
    const isLast = end >= length;
    if (isDot(name, size) || isDotDot(name, size)) {
      endsInDots = true;
      if (size == 2 && isRemoved(node)) return ENOENT;
      if (size == 2) node = parentOf(node);
      continue;
    }
    endsInDots = false;
    if (size > LIMIT_NAME) return ENAMETOOLONG;
    lastFolder = node;
    lastName = name;
    lastLength = size;
    const entry = findEntry(node, name, size);
    if (!entry) {
      found = 0;
      return isLast && !isRemoved(node) ? 0 : ENOENT;
    }
    const child = load<u32>(entry, E_INODE) as usize;
    if (kindOf(child) == KIND_LINK && (!isLast || follow || endsInSlash)) {
      if (++links > LINKS_MAX) return ELOOP;
      if (isLast && !follow) endsInLink = true;
      const target = load<u32>(child, I_DATA) as usize;
      if (!splice(target, sizeOf(child) as u32, end)) return ENAMETOOLONG;
      if (load<u8>(text) == SLASH) node = root;
      from = 0;
      endsInDots = true;
    } else node = withMounted(child);
  }
  found = node;
  return endsInSlash && !isFolder(node) ? ENOTDIR : 0;
}
/** What is mounted over a folder takes its place. */
function withMounted(inode: usize): usize {
  const mounted = load<u32>(inode, I_MOUNTED) as usize;
  return mounted ? mounted : inode;
}
/** As resolve, for what must be there. */
export function resolveExisting(path: usize, bytes: u32, follow: bool): i64 {
  const problem = resolve(path, bytes, follow, false);
  return problem || found || mount >= 0 ? problem : ENOENT;
}

// ---- the working folder

/** It starts in the folder of the host's program when the host's root is mounted, else in `/`. */
function initWorking(): bool {
  if (working) return true;
  working = root;
  hold(working);
  return true;
}
/** Ask the host how the working folder is called now; outside of what is mounted: as before. */
function readWorkingPath(): void {
  const bytes = hostFolderPath(workingDescriptor);
  if (bytes < 0 || bytes >= (LIMIT_PATH as i64)) return;
  memory.copy(hostText, textBuffer, bytes as usize);
  const prefix = mountPrefix(load<u32>(working, I_COUNT), hostText, bytes as u32);
  if (prefix >= 0) setWorkingPath(hostText + prefix, (bytes as u32) - prefix);
}
const hostText: usize = memory.data(4096, 8);
function setWorkingPath(path: usize, bytes: u32): void {
  let from: u32 = 0;
  while (from < bytes && load<u8>(path + from) == SLASH) from++;
  workingLength = bytes - from;
  memory.copy(workingPath, path + from, workingLength);
  store<u8>(workingPath + workingLength, 0);
}

/** Bytes at the front of the host's path `path` that lead to its folder number `index`, or -1. */
function mountPrefix(index: u32, path: usize, bytes: u32): i32 {
  const total = hostMount(index);
  if (total < 0) return -1;
  let at: u32 = 0;
  while (load<u8>(textBuffer + at)) at++;
  const host = textBuffer + at + 1;
  let size = (total as u32) - at - 1;
  while (size && load<u8>(host + size - 1) == SLASH) size--;
  if (bytes < size || memory.compare(host, path, size) != 0) return -1;
  return bytes == size || load<u8>(path + size) == SLASH ? (size as i32) : -1;
}
/** Enter the folder of the host that resolve found. */
function enterHost(): i64 {
  const descriptor = hostOpen(mount, hostPathAt, OPEN_PATH | OPEN_DIRECTORY, 0);
  if (descriptor < 0) return descriptor;
  leaveHost();
  workingDescriptor = descriptor as i32;
  setWorkingPath(hostPathAt, textLength(hostPathAt));
  return 0;
}
function leaveHost(): void {
  if (workingDescriptor != HOST_WORKING_FOLDER) hostClose(workingDescriptor);
  workingDescriptor = HOST_WORKING_FOLDER;
}
function textLength(at: usize): u32 {
  let bytes: u32 = 0;
  while (load<u8>(at + bytes)) bytes++;
  return bytes;
}
export function setWorkingFolder(path: usize, bytes: u32): i64 {
  const problem = resolveExisting(path, bytes, true);
  if (problem) return problem;
  let folder = found;
  if (mount >= 0) {
    folder = lastMount;
    const error = enterHost();
    if (error) return error;
  } else {
    if (!isFolder(folder)) return ENOTDIR;
    leaveHost();
  }
  moveTo(folder, 0);
  return 0;
}
function moveTo(folder: usize, served: u64): void {
  hold(folder);
  letGo(working);
  working = folder;
  workingServed = served;
}
/** The inode that is the working folder when it is served, else 0. */
export function servedWorking(): u64 {
  return workingServed;
}
/** Its file system; 0 when that was unmounted. */
export function servedWorkingSystem(): u32 {
  return workingServed ? load<u32>(working, I_COUNT) : 0;
}
/** The working folder is `inode` of served system `system`: 0 or an error. */
export function enterServed(system: u32, inode: u64): i64 {
  if (system >= SYSTEMS_MAX || systemState(system) != SYSTEM_SERVED) return ENOENT;
  if (!treeBuilt() || !initWorking()) return ENOMEM;
  leaveHost();
  moveTo(systemRoot(system), inode);
  return 0;
}
/** The folder itself, in the VM's tree; 0 when it is one of the host or served. */
export function workingFolder(): usize {
  return kindOf(working) == KIND_FOLDER ? working : 0;
}
/** The path of the working folder, into textBuffer: its bytes or an error. */
export function workingFolderPath(): i64 {
  if (!treeBuilt() || !initWorking()) return ENOMEM;
  if (isRemoved(working)) return ENOENT;
  if (workingServed) return toServed(working, length, workingServed);
  const isHost = kindOf(working) == KIND_MOUNT;
  if (isHost) readWorkingPath();
  if (isHost && workingLength) {
    const error = hostInfo(load<u32>(working, I_COUNT), workingPath, true);
    if (error < 0) return error;
  }
  return folderPath(working, workingPath, isHost ? workingLength : 0);
}
/** The path of a folder in the VM's tree and one in it, into textBuffer: its bytes or an error. */
export function folderPath(folder: usize, inside: usize, insideBytes: u32): i64 {
  // From the end to the begin.
  let at = textBuffer + TEXT_BYTES;
  if (insideBytes) {
    at -= insideBytes;
    memory.copy(at, inside, insideBytes);
    store<u8>(--at, SLASH);
  }
  for (let node = folder; node != root; node = parentOf(node)) {
    const entry = entryOfFolder(node);
    if (!entry) return ENOENT;
    const size = load<u32>(entry, E_LENGTH);
    if (at - textBuffer < size + 1) return ENAMETOOLONG;
    at -= size;
    memory.copy(at, entry + E_NAME, size);
    store<u8>(--at, SLASH);
  }
  const bytes = textBuffer + TEXT_BYTES - at;
  memory.copy(textBuffer, at, bytes);
  if (bytes) return bytes as i64;
  store<u8>(textBuffer, SLASH);
  return 1;
}

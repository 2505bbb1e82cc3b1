/**
 * Changes of names, modes and times in the file tree, with the results of Linux's system calls: 0
 * or a negative error number. What belongs to a mounted folder is passed on to the host.
 */
import {
  AT_REMOVEDIR,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
  EXDEV,
  FILE_LINK,
  FILE_MAKE_FOLDER,
  FILE_PERMISSIONS,
  FILE_REMOVE,
  FILE_RENAME,
  FILE_SYMBOLIC_LINK,
  LIMIT_PATH,
  STAT_DEVICE,
  STAT_INODE,
} from '../gen/files';
import { setLinkText } from './contents';
import { hostInfo, hostOwner, hostPath, hostTimes, hostTwoPaths, infoBuffer } from './host_files';
import {
  E_INODE,
  I_ACCESSED,
  I_COUNT,
  I_GROUP,
  I_MODE,
  I_MODIFIED,
  I_USER,
  KIND_FOLDER,
  KIND_LINK,
  addEntry,
  findEntry,
  freeInode,
  isFixed,
  isFolder,
  isSystemRoot,
  newInode,
  parentOf,
  removeEntry,
  systemOf,
  touchChanged,
  touchModified,
} from './inodes';
import * as P from './paths';
import { freeUnused, root } from './tree';

/** Permission bits that a new file or folder does not get. */
export const UMASK: u32 = 0o22;

/** The last name that resolve found missing may be made: 0 or an error. */
function mayMake(): i64 {
  if (P.found || P.endsInDots) return EEXIST;
  return isFixed(P.lastFolder) ? EROFS : 0;
}
/** Make the missing last name lead to `inode`, which is freed when that fails. */
export function makeEntry(inode: usize): i64 {
  if (!inode) return ENOSPC;
  const problem = addEntry(P.lastFolder, P.lastName, P.lastLength, inode);
  if (problem) {
    freeUnused(inode);
    return problem;
  }
  touchModified(P.lastFolder);
  return 0;
}

export function makeFolder(path: usize, bytes: u32): i64 {
  const problem = P.resolve(path, bytes, false, false);
  if (problem) return P.found ? EEXIST : problem;
  if (P.mount >= 0) return hostPath(FILE_MAKE_FOLDER, P.mount, P.hostPathAt, 0o777);
  const refused = mayMake();
  return refused
    ? refused
    : makeEntry(newInode(KIND_FOLDER, 0o777 & ~UMASK, systemOf(P.lastFolder)));
}
export function makeSymbolicLink(target: usize, length: u32, path: usize, bytes: u32): i64 {
  if (!length) return ENOENT;
  if (length >= LIMIT_PATH) return ENAMETOOLONG;
  const problem = P.resolve(path, bytes, false, false);
  if (problem) return problem;
  if (P.mount >= 0) return hostTwoPaths(FILE_SYMBOLIC_LINK, P.mount, target, P.mount, P.hostPathAt);
  const refused = mayMake();
  if (refused) return refused;
  if (P.endsInSlash) return ENOENT;
  const link = newInode(KIND_LINK, 0o777, systemOf(P.lastFolder));
  if (link && !setLinkText(link, target, length)) {
    freeInode(link);
    return ENOSPC;
  }
  return makeEntry(link);
}
export function makeHardLink(existing: usize, existingBytes: u32, path: usize, bytes: u32): i64 {
  const absent = P.resolveExisting(existing, existingBytes, false);
  if (absent) return absent;
  const inode = P.found;
  const mount = P.mount;
  const hostPathAt = P.hostPathAt;
  const problem = P.resolve(path, bytes, false, true);
  if (problem) return problem;
  if (mount >= 0 && P.mount >= 0)
    return hostTwoPaths(FILE_LINK, mount, hostPathAt, P.mount, P.hostPathAt);
  if (mount >= 0 || P.mount >= 0) return EXDEV;
  if (P.found || P.endsInDots) return EEXIST;
  if (isFolder(inode)) return EPERM;
  if (isFixed(inode) || systemOf(inode) != systemOf(P.lastFolder)) return EXDEV;
  if (isFixed(P.lastFolder)) return EROFS;
  if (P.endsInSlash) return ENOENT;
  const refused = makeEntry(inode);
  if (!refused) touchChanged(inode);
  return refused;
}

/** The entry that the last resolve ended in. */
function lastEntry(): usize {
  return P.lastFolder && !P.endsInDots ? findEntry(P.lastFolder, P.lastName, P.lastLength) : 0;
}
/** Take a name away, and what it led to when that was the last one. */
function unlinkEntry(folder: usize, entry: usize): void {
  const inode = load<u32>(entry, E_INODE) as usize;
  removeEntry(entry);
  touchModified(folder);
  if (!isFolder(inode)) touchChanged(inode);
  freeUnused(inode);
}
/** Whether an entry of `folder` that leads to `inode` may be taken away: 0 or an error. */
function mayRemove(folder: usize, inode: usize): i64 {
  if (isFixed(folder)) return EROFS;
  return isFixed(inode) ? EBUSY : 0;
}

export function removeFile(path: usize, bytes: u32): i64 {
  const problem = P.resolve(path, bytes, false, false);
  if (problem) return problem;
  if (P.mount >= 0) return hostPath(FILE_REMOVE, P.mount, P.hostPathAt, 0);
  if (P.endsInDots) return EISDIR;
  if (!P.found) return isFixed(P.lastFolder) ? EROFS : ENOENT;
  if (isFolder(P.found)) return isFixed(P.lastFolder) ? EROFS : EISDIR;
  const refused = mayRemove(P.lastFolder, P.found);
  if (!refused) unlinkEntry(P.lastFolder, lastEntry());
  return refused;
}
export function removeFolder(path: usize, bytes: u32): i64 {
  const problem = P.resolve(path, bytes, false, false);
  if (problem) return problem;
  if (P.isMountRoot) return EBUSY;
  if (P.mount >= 0) return hostPath(FILE_REMOVE, P.mount, P.hostPathAt, AT_REMOVEDIR);
  if (P.found == root) return EBUSY;
  if (P.endsInDots) return endsInTwoDots(path, bytes) ? ENOTEMPTY : EINVAL;
  if (!P.found) return isFixed(P.lastFolder) ? EROFS : ENOENT;
  if (P.endsInLink) return ENOTDIR;
  if (isSystemRoot(P.found)) return EBUSY;
  const refused = mayRemove(P.lastFolder, P.found);
  if (refused) return refused;
  if (!isFolder(P.found)) return ENOTDIR;
  if (load<u32>(P.found, I_COUNT)) return ENOTEMPTY;
  unlinkEntry(P.lastFolder, lastEntry());
  return 0;
}
function endsInTwoDots(path: usize, bytes: u32): bool {
  return bytes >= 2 && load<u16>(path + bytes - 2) == 0x2e2e;
}
/** Whether a path leads to the working folder. */
export function isWorkingFolder(path: usize, bytes: u32): bool {
  if (P.resolveExisting(path, bytes, true)) return false;
  if (P.mount < 0) return P.found == P.workingFolder();
  if (hostInfo(P.mount, P.hostPathAt, true) < 0) return false;
  const device = load<u64>(infoBuffer, STAT_DEVICE);
  const inode = load<u64>(infoBuffer, STAT_INODE);
  store<u8>(dot, 46);
  if (P.resolve(dot, 1, true, false) || P.mount < 0) return false;
  if (hostInfo(P.mount, P.hostPathAt, true) < 0) return false;
  return load<u64>(infoBuffer, STAT_DEVICE) == device && load<u64>(infoBuffer, STAT_INODE) == inode;
}
const dot: usize = memory.data(1, 8);

/** `inode` is the folder `folder` or above it. */
function isAbove(inode: usize, folder: usize): bool {
  let at = folder;
  while (at != root && at != inode) at = parentOf(at);
  return at == inode;
}
/** Whether `inode` may take the place of what the new name leads to now: 0 or an error. */
function mayReplace(inode: usize): i64 {
  if (!P.found) return P.endsInSlash && !isFolder(inode) ? ENOTDIR : 0;
  if (isFixed(P.found) || isSystemRoot(P.found)) return EBUSY;
  if (!isFolder(inode)) return isFolder(P.found) ? EISDIR : 0;
  if (!isFolder(P.found)) return ENOTDIR;
  return load<u32>(P.found, I_COUNT) ? ENOTEMPTY : 0;
}
export function rename(from: usize, fromBytes: u32, to: usize, toBytes: u32): i64 {
  const absent = P.resolve(from, fromBytes, false, false);
  if (absent) return absent;
  const inode = P.found;
  const mount = P.mount;
  const hostPathAt = P.hostPathAt;
  const folder = P.lastFolder;
  const entry = lastEntry();
  const isDots = P.endsInDots && mount < 0;
  if (P.endsInLink) return ENOTDIR;
  if (P.isMountRoot) return EBUSY;
  const problem = P.resolve(to, toBytes, false, true);
  if (problem) return problem;
  if (mount >= 0 && P.mount >= 0)
    return hostTwoPaths(FILE_RENAME, mount, hostPathAt, P.mount, P.hostPathAt);
  if (mount >= 0 || P.mount >= 0) return inode || mount >= 0 ? EXDEV : ENOENT;
  if (isDots || P.endsInDots) return EBUSY;
  if (systemOf(folder) != systemOf(P.lastFolder)) return inode ? EXDEV : ENOENT;
  if (isFixed(folder) || isFixed(P.lastFolder)) return EROFS;
  if (!inode) return ENOENT;
  if (isFixed(inode) || isSystemRoot(inode)) return EBUSY;
  if (isFolder(inode) && isAbove(inode, P.lastFolder)) return EINVAL;
  if (P.found && isAbove(P.found, folder)) return ENOTEMPTY;
  if (inode == P.found) return 0;
  const refused = mayReplace(inode);
  if (refused) return refused;
  // The new name first: when there is no room for it nothing has changed.
  const replaced = lastEntry();
  const added = addEntry(P.lastFolder, P.lastName, P.lastLength, inode);
  if (added) return added;
  if (replaced) unlinkEntry(P.lastFolder, replaced);
  moveAway(folder, entry, inode);
  return 0;
}
/** The old name of what has a new one goes. */
function moveAway(folder: usize, entry: usize, inode: usize): void {
  removeEntry(entry);
  touchModified(folder);
  touchModified(P.lastFolder);
  touchChanged(inode);
}

// ---- modes, owners, times

/** The inode that may be changed, or an error. */
function changeable(path: usize, bytes: u32): i64 {
  const problem = P.resolveExisting(path, bytes, true);
  if (problem) return problem;
  return P.mount < 0 && isFixed(P.found) ? EROFS : 0;
}
export function setPermissions(path: usize, bytes: u32, mode: u32): i64 {
  const problem = changeable(path, bytes);
  if (problem) return problem;
  if (P.mount >= 0) return hostPath(FILE_PERMISSIONS, P.mount, P.hostPathAt, mode);
  store<u32>(P.found, mode, I_MODE);
  touchChanged(P.found);
  return 0;
}
export function setOwner(path: usize, bytes: u32, user: i32, group: i32): i64 {
  const problem = changeable(path, bytes);
  if (problem) return problem;
  if (P.mount >= 0) return hostOwner(P.mount, P.hostPathAt, user, group);
  if (user != -1) store<i32>(P.found, user, I_USER);
  if (group != -1) store<i32>(P.found, group, I_GROUP);
  touchChanged(P.found);
  return 0;
}
export function setTimes(path: usize, bytes: u32, accessed: i64, modified: i64): i64 {
  const problem = changeable(path, bytes);
  if (problem) return problem;
  if (P.mount >= 0) return hostTimes(P.mount, P.hostPathAt, accessed, modified);
  store<i64>(P.found, accessed, I_ACCESSED);
  store<i64>(P.found, modified, I_MODIFIED);
  touchChanged(P.found);
  return 0;
}

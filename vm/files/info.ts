/**
 * What is known of a file, as a struct stat in infoBuffer (host_files.ts), wherever it is; and who
 * may do what with it.
 */
import {
  EINVAL,
  FILE_ACCESS,
  STAT_ACCESSED,
  STAT_ALL_BYTES,
  STAT_CHANGED,
  STAT_DEVICE,
  STAT_GROUP,
  STAT_INODE,
  STAT_LINKS,
  STAT_MODE,
  STAT_MODIFIED,
  STAT_SIZE,
  STAT_USER,
  TYPE_FOLDER,
  TYPE_LINK,
  TYPE_REGULAR,
} from '../gen/files';
import { sizeOf } from './contents';
import { hostInfo, hostPath, hostReadLink, infoBuffer, textBuffer } from './host_files';
import {
  I_ACCESSED,
  I_CHANGED,
  I_DATA,
  I_GROUP,
  I_LINKS,
  I_MODE,
  I_MODIFIED,
  I_NUMBER,
  I_USER,
  KIND_LINK,
  isFixed,
  isFolder,
  kindOf,
  systemOf,
} from './inodes';
import * as P from './paths';

export const MAY_READ: u32 = 4;
export const MAY_WRITE: u32 = 2;
/** After pathInfo or inodeInfo: MAY_ flags. */
export let access: u32 = 0;

/** Of an inode in memory. */
export function inodeInfo(inode: usize): void {
  memory.fill(infoBuffer, 0, STAT_ALL_BYTES);
  store<u64>(infoBuffer, systemOf(inode) as u64, STAT_DEVICE);
  let type: u32 = TYPE_REGULAR;
  if (isFolder(inode)) type = TYPE_FOLDER;
  else if (kindOf(inode) == KIND_LINK) type = TYPE_LINK;
  store<u64>(infoBuffer, load<u64>(inode, I_NUMBER), STAT_INODE);
  store<u64>(infoBuffer, load<u32>(inode, I_LINKS) as u64, STAT_LINKS);
  store<u32>(infoBuffer, type | load<u32>(inode, I_MODE), STAT_MODE);
  store<u32>(infoBuffer, load<u32>(inode, I_USER), STAT_USER);
  store<u32>(infoBuffer, load<u32>(inode, I_GROUP), STAT_GROUP);
  store<u64>(infoBuffer, isFolder(inode) ? 0 : sizeOf(inode), STAT_SIZE);
  store<u64>(infoBuffer, load<u64>(inode, I_ACCESSED), STAT_ACCESSED);
  store<u64>(infoBuffer, load<u64>(inode, I_MODIFIED), STAT_MODIFIED);
  store<u64>(infoBuffer, load<u64>(inode, I_CHANGED), STAT_CHANGED);
  access = accessOf(inode);
}
function accessOf(inode: usize): u32 {
  return isFixed(inode) ? MAY_READ : MAY_READ | MAY_WRITE;
}
/** Of what a path leads to: 0 or an error. */
export function pathInfo(path: usize, bytes: u32, follow: bool): i64 {
  const problem = P.resolveExisting(path, bytes, follow);
  if (problem) return problem;
  if (P.mount < 0) {
    inodeInfo(P.found);
    // Access is asked of what a link leads to.
    if (kindOf(P.found) == KIND_LINK) {
      const absent = P.resolveExisting(path, bytes, true);
      if (absent == P.SERVED) access = MAY_READ | MAY_WRITE;
      else access = absent || P.mount >= 0 ? 0 : accessOf(P.found);
    }
    return 0;
  }
  const result = hostInfo(P.mount, P.hostPathAt, follow);
  if (result < 0) return result;
  access = 0;
  if (hostPath(FILE_ACCESS, P.mount, P.hostPathAt, MAY_READ) == 0) access |= MAY_READ;
  if (hostPath(FILE_ACCESS, P.mount, P.hostPathAt, MAY_WRITE) == 0) access |= MAY_WRITE;
  return 0;
}
/** The text of a link, into textBuffer: its bytes or an error. */
export function readLink(path: usize, bytes: u32): i64 {
  const problem = P.resolveExisting(path, bytes, false);
  if (problem) return problem;
  if (P.mount >= 0) return hostReadLink(P.mount, P.hostPathAt);
  if (kindOf(P.found) != KIND_LINK) return EINVAL;
  memory.copy(textBuffer, load<u32>(P.found, I_DATA), sizeOf(P.found) as usize);
  return sizeOf(P.found) as i64;
}

/**
 * Opening files: from a path and OTP's modes to an open file, as open(2) of Linux does it with the
 * flags that OTP gives it.
 */
import {
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOMEM,
  ENOTDIR,
  EROFS,
  OPEN_APPEND,
  OPEN_CREATE,
  OPEN_DIRECTORY,
  OPEN_EXCLUSIVE,
  OPEN_READ,
  OPEN_READ_WRITE,
  OPEN_SYNC,
  OPEN_TRUNCATE,
  OPEN_WRITE,
  STAT_MODE,
  TYPE_FIFO,
  TYPE_FOLDER,
  TYPE_CHARACTER_DEVICE,
  TYPE_MASK,
  TYPE_SOCKET,
} from '../gen/files';
import { UMASK, makeEntry } from './changes';
import { setSize } from './contents';
import { hostClose, hostDescriptorInfo, hostOpen, infoBuffer } from './host_files';
import { KIND_FILE, isFixed, isFolder, newInode, systemOf, touchModified } from './inodes';
import * as O from './open_file';
import * as P from './paths';

export const MODE_READ: u32 = 1;
export const MODE_WRITE: u32 = 2;
export const MODE_APPEND: u32 = 4;
export const MODE_EXCLUSIVE: u32 = 8;
export const MODE_SYNC: u32 = 16;
/** Folders may be opened as files. */
export const MODE_ANY_TYPE: u32 = 32;
export const MODE_DIRECTORY: u32 = 64;

function flagsOf(modes: u32): u32 {
  let flags: u32 = OPEN_READ;
  if ((modes & (MODE_READ | MODE_WRITE)) == (MODE_READ | MODE_WRITE))
    flags = OPEN_READ_WRITE | OPEN_CREATE;
  else if (modes & MODE_WRITE) {
    flags = OPEN_WRITE | OPEN_CREATE;
    if (!(modes & MODE_APPEND)) flags |= OPEN_TRUNCATE;
  }
  if (modes & MODE_APPEND) flags |= OPEN_APPEND;
  if (modes & MODE_EXCLUSIVE) flags |= OPEN_EXCLUSIVE;
  if (modes & MODE_SYNC) flags |= OPEN_SYNC;
  if (modes & MODE_DIRECTORY) flags |= OPEN_DIRECTORY;
  return flags;
}

/** An open file for a descriptor of the host, which is closed when there is no memory. */
function adopt(descriptor: i32, modes: u32): i64 {
  if (hostDescriptorInfo(descriptor) < 0) store<u32>(infoBuffer, TYPE_FIFO, STAT_MODE);
  const type = load<u32>(infoBuffer, STAT_MODE) & TYPE_MASK;
  if (type == TYPE_FOLDER && !(modes & (MODE_DIRECTORY | MODE_ANY_TYPE))) {
    hostClose(descriptor);
    return EISDIR;
  }
  const isStream = type == TYPE_FIFO || type == TYPE_SOCKET || type == TYPE_CHARACTER_DEVICE;
  const file = O.newOpenFile(isStream ? O.OPEN_STREAM : O.OPEN_HOST, descriptor as u32, modes);
  if (file) return file as i64;
  hostClose(descriptor);
  return ENOMEM;
}
/** A descriptor that the host's program got when it was started. */
export function adoptStream(descriptor: i32): i64 {
  const file = O.newOpenFile(O.OPEN_STREAM, descriptor as u32, MODE_READ | MODE_WRITE);
  return file ? (file as i64) : ENOMEM;
}

/** What is there is opened: 0, or why not. */
function mayOpen(inode: usize, flags: u32, modes: u32): i64 {
  const writing = (flags & (OPEN_WRITE | OPEN_READ_WRITE)) != 0;
  if (flags & OPEN_CREATE && flags & OPEN_EXCLUSIVE) return EEXIST;
  if (isFolder(inode)) {
    if (writing) return EISDIR;
    return modes & (MODE_DIRECTORY | MODE_ANY_TYPE) ? 0 : EISDIR;
  }
  if (modes & MODE_DIRECTORY) return ENOTDIR;
  return writing && isFixed(inode) ? EROFS : 0;
}
/** Make the missing file that the last resolve found the place of. */
function create(): i64 {
  return isFixed(P.lastFolder)
    ? EROFS
    : makeEntry(newInode(KIND_FILE, 0o666 & ~UMASK, systemOf(P.lastFolder)));
}
/** Open a path: the address of an open file, owned by the running process, or an error. */
export function openPath(path: usize, bytes: u32, modes: u32): i64 {
  const flags = flagsOf(modes);
  if (flags & OPEN_DIRECTORY && flags & OPEN_CREATE) return EINVAL;
  const follow = !(flags & OPEN_EXCLUSIVE);
  const problem = P.resolve(path, bytes, follow, false);
  const isLast = !problem || P.found;
  if (isLast && P.mount < 0 && P.endsInSlash && flags & OPEN_CREATE) return EISDIR;
  if (problem) return problem;
  if (P.mount >= 0) {
    const mode = modes & MODE_DIRECTORY ? 0o777 : 0o666;
    const descriptor = hostOpen(P.mount, P.hostPathAt, flags, mode);
    return descriptor < 0 ? descriptor : adopt(descriptor as i32, modes);
  }
  let inode = P.found;
  if (!inode) {
    if (!(flags & OPEN_CREATE)) return ENOENT;
    const refused = create();
    if (refused) return refused;
    P.resolve(path, bytes, follow, false);
    inode = P.found;
  } else {
    const refused = mayOpen(inode, flags, modes);
    if (refused) return refused;
    if (flags & OPEN_TRUNCATE) {
      setSize(inode, 0);
      touchModified(inode);
    }
  }
  const file = O.newOpenFile(O.OPEN_INODE, inode as u32, modes);
  return file ? (file as i64) : ENOMEM;
}

/**
 * Reading and writing open files, whatever they stand for. `read` and `write` move as many bytes as
 * there are, in one go: callers ask for PART_BYTES at a time. Results are numbers of bytes, or
 * negative error numbers.
 */
import {
  EBADF,
  EINVAL,
  EISDIR,
  ESPIPE,
  FILE_ALLOCATE,
  FILE_READ,
  FILE_READ_STREAM,
  FILE_SYNC,
  FILE_SYNC_DATA,
  FILE_TRUNCATE,
  FILE_WRITE,
  FILE_WRITE_STREAM,
  STAT_MODE,
  STAT_SIZE,
  TYPE_CHARACTER_DEVICE,
  TYPE_MASK,
} from '../gen/files';
import { readContents, setSize, sizeOf, writeContents } from './contents';
import { hostDescriptor, hostDescriptorInfo, hostTransfer, infoBuffer } from './host_files';
import { isFolder, touchModified } from './inodes';
import * as O from './open_file';
import { MODE_APPEND, MODE_READ, MODE_WRITE } from './opening';

/** Bytes that one step of a long transfer moves. */
export const PART_BYTES: u32 = 1 << 18;
/** As far as a file of 2^32 blocks reaches. */
const POSITION_MAX: i64 = 0xffff_ffff * 4096;
/** A position that stands for: where the file stands, which then moves. */
export const HERE: i64 = -1;

/** Size of an open file, or an error. */
export function openSize(file: usize): i64 {
  if (O.openKind(file) == O.OPEN_INODE)
    return isFolder(O.inodeOf(file)) ? 0 : (sizeOf(O.inodeOf(file)) as i64);
  const result = hostDescriptorInfo(O.descriptorOf(file));
  return result < 0 ? result : load<i64>(infoBuffer, STAT_SIZE);
}

function readInode(file: usize, from: u64, to: usize, count: u32): i64 {
  const inode = O.inodeOf(file);
  if (!(O.modesOf(file) & MODE_READ)) return EBADF;
  if (isFolder(inode)) return EISDIR;
  const size = sizeOf(inode);
  if (from >= size) return 0;
  const part = min(count as u64, size - from) as u32;
  readContents(inode, from, to, part);
  return part as i64;
}
/** Read up to `count` bytes at `at` (or HERE); fewer only at the end of the file. */
export function read(file: usize, at: i64, to: usize, count: u32): i64 {
  const from = at < 0 ? O.position(file) : (at as u64);
  const kind = O.openKind(file);
  if (kind == O.OPEN_STREAM && at >= 0) {
    return hostTransfer(FILE_READ, O.descriptorOf(file), at, to, count);
  }
  let result: i64 = 0;
  let done: u32 = 0;
  if (kind == O.OPEN_INODE) result = readInode(file, from, to, count);
  else {
    do {
      result =
        kind == O.OPEN_STREAM
          ? hostTransfer(FILE_READ_STREAM, O.descriptorOf(file), 0, to + done, count - done)
          : hostTransfer(FILE_READ, O.descriptorOf(file), from + done, to + done, count - done);
      if (result > 0) done += result as u32;
    } while (result > 0 && done < count);
    if (result >= 0 || (done && kind == O.OPEN_STREAM)) result = done as i64;
  }
  if (at < 0 && result > 0 && kind != O.OPEN_STREAM) O.setPosition(file, from + result);
  return result;
}

function writeInode(file: usize, at: u64, from: usize, count: u32): i64 {
  const inode = O.inodeOf(file);
  if (!(O.modesOf(file) & MODE_WRITE)) return EBADF;
  const result = writeContents(inode, at, from, count);
  if (result > 0) touchModified(inode);
  return result;
}
/** Write bytes at `at` (or HERE), all of them unless there is an error. */
export function write(file: usize, at: i64, from: usize, count: u32): i64 {
  const kind = O.openKind(file);
  const descriptor = O.descriptorOf(file);
  const appends = (O.modesOf(file) & MODE_APPEND) != 0;
  let place: u64 = at < 0 ? O.position(file) : (at as u64);
  if (kind == O.OPEN_INODE && appends) place = sizeOf(O.inodeOf(file));
  let done: u32 = 0;
  while (done < count) {
    const address = from + done;
    let result: i64 = 0;
    if (kind == O.OPEN_INODE) result = writeInode(file, place + done, address, count - done);
    else if (kind == O.OPEN_STREAM && at < 0)
      result = hostTransfer(FILE_WRITE_STREAM, descriptor, 0, address, count - done);
    else result = hostTransfer(FILE_WRITE, descriptor, place + done, address, count - done);
    if (result < 0) {
      if (at < 0 && done && kind != O.OPEN_STREAM) O.setPosition(file, place + done);
      return result;
    }
    done += result as u32;
  }
  if (at < 0 && kind != O.OPEN_STREAM) {
    const end = appends && kind == O.OPEN_HOST ? openSize(file) : ((place + done) as i64);
    if (end >= 0) O.setPosition(file, end);
  }
  return done as i64;
}

/** Where a position relative to `base` is; the file then stands there. ESPIPE for streams. */
export function seek(file: usize, fromEnd: bool, fromHere: bool, offset: i64): i64 {
  if (O.openKind(file) == O.OPEN_STREAM) {
    const known = hostDescriptorInfo(O.descriptorOf(file)) >= 0;
    const isDevice = (load<u32>(infoBuffer, STAT_MODE) & TYPE_MASK) == TYPE_CHARACTER_DEVICE;
    return known && isDevice ? 0 : ESPIPE;
  }
  let base: i64 = 0;
  if (fromHere) base = O.position(file) as i64;
  else if (fromEnd) base = openSize(file);
  if (base < 0) return base;
  const target = base + offset;
  // Both are positive when the sum wraps around.
  if (target < 0 || target > POSITION_MAX) return EINVAL;
  O.setPosition(file, target as u64);
  return target;
}
/** Cut the file off, or let it grow, to where it stands. */
export function truncate(file: usize): i64 {
  if (O.openKind(file) == O.OPEN_STREAM) return EINVAL;
  const size = O.position(file);
  if (O.openKind(file) == O.OPEN_HOST)
    return hostDescriptor(FILE_TRUNCATE, O.descriptorOf(file), size as i64, 0);
  if (!(O.modesOf(file) & MODE_WRITE)) return EINVAL;
  const result = setSize(O.inodeOf(file), size);
  if (!result) touchModified(O.inodeOf(file));
  return result;
}
/** Let there be room from `offset` on. */
export function allocateRoom(file: usize, offset: i64, length: i64): i64 {
  const kind = O.openKind(file);
  if (kind != O.OPEN_INODE)
    return hostDescriptor(FILE_ALLOCATE, O.descriptorOf(file), offset, length);
  if (!(O.modesOf(file) & MODE_WRITE)) return EBADF;
  if (length <= 0) return EINVAL;
  const end = (offset as u64) + (length as u64);
  if (end <= sizeOf(O.inodeOf(file))) return 0;
  return setSize(O.inodeOf(file), end);
}
export function sync(file: usize, dataOnly: bool): i64 {
  if (O.openKind(file) == O.OPEN_INODE) return 0;
  return hostDescriptor(dataOnly ? FILE_SYNC_DATA : FILE_SYNC, O.descriptorOf(file), 0, 0);
}

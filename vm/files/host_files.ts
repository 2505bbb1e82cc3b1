/**
 * Requests to the host for its files: the block of tables/host_files.ts, and buffers that are used
 * between a request and the use of its answer. Results are those of `fileCall`.
 */
import * as F from '../gen/files';
import { fileCall } from '../host';

const block: usize = memory.data(64, 8);
/** A struct stat, or two times. */
export const infoBuffer: usize = memory.data(144, 8);
/** Paths that the host gives back, entries of folders. */
export const TEXT_BYTES: u32 = 8192;
export const textBuffer: usize = memory.data(8192, 8);

/** Ask again when a signal came between. */
function call(operation: u32): i64 {
  store<u32>(block, operation, F.REQUEST_OPERATION);
  let result = fileCall(block as u32);
  while (result == F.EINTR) result = fileCall(block as u32);
  return result;
}
function setPath(mount: u32, path: usize): void {
  store<u32>(block, mount, F.REQUEST_MOUNT);
  store<u32>(block, path as u32, F.REQUEST_PATH);
}
function setBuffer(buffer: usize, bytes: u32): void {
  store<u32>(block, buffer as u32, F.REQUEST_BUFFER);
  store<u32>(block, bytes, F.REQUEST_BYTES);
}

// ---- mounts

/** Paths of a mounted folder, in the guest and in the host, into textBuffer. */
export function hostMount(index: u32): i64 {
  store<i64>(block, index as i64, F.REQUEST_FIRST);
  setBuffer(textBuffer, TEXT_BYTES);
  return call(F.FILE_MOUNT);
}
/** The path in the host of an open folder, into textBuffer. */
export function hostFolderPath(descriptor: i32): i64 {
  store<i32>(block, descriptor, F.REQUEST_DESCRIPTOR);
  setBuffer(textBuffer, TEXT_BYTES);
  return call(F.FILE_FOLDER_PATH);
}

// ---- paths

export function hostOpen(mount: u32, path: usize, flags: u32, mode: u32): i64 {
  setPath(mount, path);
  store<u32>(block, flags, F.REQUEST_FLAGS);
  store<i64>(block, mode as i64, F.REQUEST_FIRST);
  const changing = F.OPEN_WRITE | F.OPEN_READ_WRITE | F.OPEN_CREATE | F.OPEN_TRUNCATE;
  return call(flags & changing ? F.FILE_OPEN : F.FILE_OPEN_READ);
}
/** An operation that takes a path and one number in `flags`, perhaps one in `first`. */
export function hostPath(operation: u32, mount: u32, path: usize, flags: u32): i64 {
  setPath(mount, path);
  store<u32>(block, flags, F.REQUEST_FLAGS);
  store<i64>(block, flags as i64, F.REQUEST_FIRST);
  return call(operation);
}
/** What is known of a path, into infoBuffer. */
export function hostInfo(mount: u32, path: usize, follow: bool): i64 {
  setBuffer(infoBuffer, F.STAT_ALL_BYTES);
  return hostPath(F.FILE_INFO, mount, path, follow ? 0 : F.AT_SYMLINK_NOFOLLOW);
}
export function hostOwner(mount: u32, path: usize, user: i32, group: i32): i64 {
  setPath(mount, path);
  store<i64>(block, user as i64, F.REQUEST_FIRST);
  store<i64>(block, group as i64, F.REQUEST_SECOND);
  return call(F.FILE_OWNER);
}
export function hostTimes(mount: u32, path: usize, accessed: i64, modified: i64): i64 {
  setPath(mount, path);
  store<i64>(infoBuffer, accessed);
  store<i64>(infoBuffer, 0, 8);
  store<i64>(infoBuffer, modified, 16);
  store<i64>(infoBuffer, 0, 24);
  setBuffer(infoBuffer, 32);
  return call(F.FILE_TIMES);
}
export function hostTwoPaths(
  operation: u32,
  mount: u32,
  path: usize,
  otherMount: u32,
  otherPath: usize,
): i64 {
  setPath(mount, path);
  store<u32>(block, otherMount, F.REQUEST_OTHER_MOUNT);
  store<u32>(block, otherPath as u32, F.REQUEST_OTHER_PATH);
  return call(operation);
}
/** The text of a link, into textBuffer. */
export function hostReadLink(mount: u32, path: usize): i64 {
  setPath(mount, path);
  setBuffer(textBuffer, TEXT_BYTES);
  return call(F.FILE_READ_LINK);
}

// ---- open files

/** An operation that takes a descriptor and two numbers. */
export function hostDescriptor(operation: u32, descriptor: i32, first: i64, second: i64): i64 {
  store<i32>(block, descriptor, F.REQUEST_DESCRIPTOR);
  store<i64>(block, first, F.REQUEST_FIRST);
  store<i64>(block, second, F.REQUEST_SECOND);
  return call(operation);
}
/** Reading and writing; `position` counts for those that take one. */
export function hostTransfer(
  operation: u32,
  descriptor: i32,
  position: i64,
  buffer: usize,
  bytes: u32,
): i64 {
  store<i32>(block, descriptor, F.REQUEST_DESCRIPTOR);
  store<i64>(block, position, F.REQUEST_FIRST);
  setBuffer(buffer, bytes);
  return call(operation);
}
/** An operation that takes a descriptor, flags and a buffer. */
export function hostStream(
  operation: u32,
  descriptor: i32,
  flags: u32,
  buffer: usize,
  bytes: u32,
): i64 {
  store<i32>(block, descriptor, F.REQUEST_DESCRIPTOR);
  store<u32>(block, flags, F.REQUEST_FLAGS);
  setBuffer(buffer, bytes);
  return call(operation);
}
/** What is known of an open file, into infoBuffer. */
export function hostDescriptorInfo(descriptor: i32): i64 {
  store<i32>(block, descriptor, F.REQUEST_DESCRIPTOR);
  setBuffer(infoBuffer, F.STAT_ALL_BYTES);
  return call(F.FILE_DESCRIPTOR_INFO);
}
export function hostClose(descriptor: i32): i64 {
  store<i32>(block, descriptor, F.REQUEST_DESCRIPTOR);
  return call(F.FILE_CLOSE);
}

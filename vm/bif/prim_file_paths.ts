/**
 * Native functions of OTP's prim_file that take paths, over files/. Paths come as
 * prim_file:internal_name2native/1 makes them: binaries that end in a zero byte (or some). Results,
 * error atoms and the order in which arguments are looked at are those of OTP on Linux.
 */
import { fitsI64, integerOfI64, lowBits } from '../bignum';
import { alignedBinary, binaryData, binaryOf, byteSize } from '../binary';
import { badarg } from '../errors';
import * as C from '../files/changes';
import { infoBuffer, textBuffer } from '../files/host_files';
import { MAY_READ, MAY_WRITE, access, pathInfo, readLink } from '../files/info';
import {
  SERVED,
  servedWorking,
  servedWorkingSystem,
  setWorkingFolder,
  workingFolderPath,
} from '../files/paths';
import {
  am_device,
  am_directory,
  am_enter,
  am_error,
  am_false,
  am_file_info,
  am_info,
  am_leave,
  am_link,
  am_make_folder,
  am_make_link,
  am_none,
  am_ok,
  am_other,
  am_owner,
  am_permissions,
  am_read,
  am_read_link,
  am_read_write,
  am_regular,
  am_remove_file,
  am_remove_folder,
  am_rename,
  am_symlink,
  am_set_times,
  am_true,
  am_working_folder,
  am_write,
} from '../gen/atoms';
import * as F from '../gen/files';
import { hAlloc } from '../heap';
import { tuple2 } from '../signals';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  headerOf,
  isBinary,
  isInteger,
  isSmall,
  smallOf,
  smallValue,
} from '../term';
import { onServedPath, onServedPaths, onServedPlace } from './served_files';

const FILE_INFO_WORDS: u32 = 14;
const PERMISSIONS: u32 = 0o6777;
const SET_IDS: u32 = 0o6000;

// ---- arguments and results

/** The path of the last `isPath`, and that of the last `isOtherPath`. */
export let pathAt: usize = 0;
export let pathBytes: u32 = 0;
let otherAt: usize = 0;
let otherBytes: u32 = 0;

/** Take a path argument apart; false when it is none. */
export function isPath(t: u64): bool {
  if (!isBinary(t)) return false;
  const bytes = alignedBinary(t);
  if (bytes == NONE) return false;
  pathAt = binaryData(bytes);
  const size = byteSize(bytes);
  let end: u32 = 0;
  while (end < size && load<u8>(pathAt + end)) end++;
  pathBytes = end;
  if (end == size) return false;
  while (end < size && !load<u8>(pathAt + end)) end++;
  return end == size;
}
function areTwoPaths(first: u64, second: u64): bool {
  if (!isPath(first)) return false;
  otherAt = pathAt;
  otherBytes = pathBytes;
  return isPath(second);
}
export function errorTuple(problem: i64): u64 {
  return tuple2(am_error, F.errorAtom(problem));
}
export function okTuple(value: u64): u64 {
  return value == NONE ? NONE : tuple2(am_ok, value);
}
/** ok, or {error, Reason}. */
export function result(outcome: i64): u64 {
  return outcome < 0 ? errorTuple(outcome) : am_ok;
}
/** The same, unless the path is served: then `operation` with its argument goes on there. */
function pathResult(outcome: i64, operation: u64, argument: u64): u64 {
  return outcome == SERVED ? onServedPath(operation, argument) : result(outcome);
}
/** What C's enif_get_int takes. */
export function isInt(t: u64): bool {
  return isSmall(t) && smallValue(t) >= -0x8000_0000 && smallValue(t) <= 0x7fff_ffff;
}
/** What C's enif_get_int64 takes. */
export function isInt64(t: u64): bool {
  return isInteger(t) && fitsI64(t);
}
export function int64Of(t: u64): i64 {
  return lowBits(t) as i64;
}

function typeAtom(mode: u32): u64 {
  const type = mode & F.TYPE_MASK;
  if (type == F.TYPE_REGULAR) return am_regular;
  if (type == F.TYPE_FOLDER) return am_directory;
  if (type == F.TYPE_LINK) return am_symlink;
  const isDevice = type == F.TYPE_CHARACTER_DEVICE || type == F.TYPE_BLOCK_DEVICE;
  return isDevice ? am_device : am_other;
}
function accessAtom(flags: u32): u64 {
  if (flags == (MAY_READ | MAY_WRITE)) return am_read_write;
  if (flags & MAY_READ) return am_read;
  return flags & MAY_WRITE ? am_write : am_none;
}
/** Of the struct stat in infoBuffer, the lowest 32 bits. */
function infoNumber(offset: u32): u64 {
  return smallOf(load<u32>(infoBuffer + offset) as i64);
}
/** #file_info{} of what infoBuffer holds, with times in seconds. */
export function fileInfo(flags: u32): u64 {
  const size = integerOfI64(load<i64>(infoBuffer, F.STAT_SIZE));
  const at = hAlloc(FILE_INFO_WORDS + 1);
  store<u64>(at, headerOf(SUB_TUPLE, FILE_INFO_WORDS));
  store<u64>(at, am_file_info, 8);
  store<u64>(at, size, 16);
  store<u64>(at, typeAtom(load<u32>(infoBuffer, F.STAT_MODE)), 24);
  store<u64>(at, accessAtom(flags), 32);
  store<u64>(at, smallOf(load<i64>(infoBuffer, F.STAT_ACCESSED)), 40);
  store<u64>(at, smallOf(load<i64>(infoBuffer, F.STAT_MODIFIED)), 48);
  store<u64>(at, smallOf(load<i64>(infoBuffer, F.STAT_CHANGED)), 56);
  store<u64>(at, infoNumber(F.STAT_MODE), 64);
  store<u64>(at, infoNumber(F.STAT_LINKS), 72);
  store<u64>(at, infoNumber(F.STAT_DEVICE), 80);
  store<u64>(at, infoNumber(F.STAT_RAW_DEVICE), 88);
  store<u64>(at, infoNumber(F.STAT_INODE), 96);
  store<u64>(at, infoNumber(F.STAT_USER), 104);
  store<u64>(at, infoNumber(F.STAT_GROUP), 112);
  return boxedOf(at);
}
/** {ok, Binary} of what textBuffer holds. */
function textResult(bytes: i64): u64 {
  if (bytes < 0) return errorTuple(bytes);
  return okTuple(binaryOf(textBuffer, bytes as u32));
}

// ---- asking

// bif: prim_file:read_info_nif/2
export function primFileReadInfo2(path: u64, follow: u64): u64 {
  if (!isInt(follow)) return badarg();
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const outcome = pathInfo(pathAt, pathBytes, smallValue(follow) != 0);
  if (outcome == SERVED) return onServedPath(am_info, smallValue(follow) ? am_true : am_false);
  return outcome < 0 ? errorTuple(outcome) : fileInfo(access);
}
// bif: prim_file:read_link_nif/1
export function primFileReadLink1(path: u64): u64 {
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const outcome = readLink(pathAt, pathBytes);
  return outcome == SERVED ? onServedPath(am_read_link, NIL) : textResult(outcome);
}

// ---- the working folder

// bif: prim_file:get_cwd_nif/0
export function primFileGetCwd0(): u64 {
  const outcome = workingFolderPath();
  return outcome == SERVED ? onServedPath(am_working_folder, NIL) : textResult(outcome);
}
// bif: prim_file:set_cwd_nif/1
export function primFileSetCwd1(path: u64): u64 {
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const left = servedWorking();
  const system = servedWorkingSystem();
  const outcome = setWorkingFolder(pathAt, pathBytes);
  // Who answers for the folder that was left may have been waiting to free it.
  if (!outcome && system) return onServedPlace(am_leave, system, left);
  return pathResult(outcome, am_enter, NIL);
}
/** Drives and their short names belong to another operating system. */
// bif: prim_file:get_device_cwd_nif/1
export function primFileDeviceCwd1(device: u64): u64 {
  return isInt(device) ? errorTuple(F.ENOTSUP) : badarg();
}
// bif: prim_file:altname_nif/1
export function primFileAltname1(path: u64): u64 {
  return errorTuple(isPath(path) ? F.ENOTSUP : F.EINVAL);
}

// ---- changing

// bif: prim_file:make_dir_nif/1
export function primFileMakeDir1(path: u64): u64 {
  if (!isPath(path)) return errorTuple(F.EINVAL);
  return pathResult(C.makeFolder(pathAt, pathBytes), am_make_folder, NIL);
}
// bif: prim_file:make_soft_link_nif/2
export function primFileSoftLink2(target: u64, path: u64): u64 {
  if (!areTwoPaths(target, path)) return errorTuple(F.EINVAL);
  const outcome = C.makeSymbolicLink(otherAt, otherBytes, pathAt, pathBytes);
  return pathResult(outcome, am_make_link, target);
}
// bif: prim_file:make_hard_link_nif/2
export function primFileHardLink2(existing: u64, path: u64): u64 {
  if (!areTwoPaths(existing, path)) return errorTuple(F.EINVAL);
  const outcome = C.makeHardLink(otherAt, otherBytes, pathAt, pathBytes);
  return outcome == SERVED ? onServedPaths(am_link, existing, path) : result(outcome);
}
// bif: prim_file:del_file_nif/1
export function primFileDelFile1(path: u64): u64 {
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const outcome = C.removeFile(pathAt, pathBytes);
  return pathResult(outcome == F.EISDIR ? F.EPERM : outcome, am_remove_file, NIL);
}
// bif: prim_file:del_dir_nif/1
export function primFileDelDir1(path: u64): u64 {
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const outcome = C.removeFolder(pathAt, pathBytes);
  if (outcome != F.ENOTEMPTY && outcome != F.EEXIST)
    return pathResult(outcome, am_remove_folder, NIL);
  return errorTuple(C.isWorkingFolder(pathAt, pathBytes) ? F.EINVAL : F.EEXIST);
}
// bif: prim_file:rename_nif/2
export function primFileRename2(from: u64, to: u64): u64 {
  if (!areTwoPaths(from, to)) return errorTuple(F.EINVAL);
  const outcome = C.rename(otherAt, otherBytes, pathAt, pathBytes);
  if (outcome == SERVED) return onServedPaths(am_rename, from, to);
  if (outcome == F.ENOTEMPTY) return errorTuple(F.EEXIST);
  const isRoot = otherBytes == 1 && load<u8>(otherAt) == 47;
  return result(outcome < 0 && isRoot ? F.EINVAL : outcome);
}
// bif: prim_file:set_permissions_nif/2
export function primFilePermissions2(path: u64, mode: u64): u64 {
  if (!isSmall(mode) || smallValue(mode) < 0 || smallValue(mode) > 0xffff_ffff) return badarg();
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const wanted = (smallValue(mode) as u32) & PERMISSIONS;
  const outcome = C.setPermissions(pathAt, pathBytes, wanted);
  if (outcome == SERVED) return onServedPath(am_permissions, smallOf(wanted as i64));
  if (outcome >= 0) return am_ok;
  return result(C.setPermissions(pathAt, pathBytes, wanted & ~SET_IDS));
}
// bif: prim_file:set_owner_nif/3
export function primFileOwner3(path: u64, user: u64, group: u64): u64 {
  if (!isInt(user) || !isInt(group)) return badarg();
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const owner = smallValue(user) as i32;
  const outcome = C.setOwner(pathAt, pathBytes, owner, smallValue(group) as i32);
  return outcome == SERVED ? onServedPath(am_owner, tuple2(user, group)) : result(outcome);
}
// bif: prim_file:set_time_nif/4
export function primFileTime4(path: u64, accessed: u64, modified: u64, created: u64): u64 {
  if (!isInt64(accessed) || !isInt64(modified) || !isInt64(created)) return badarg();
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const outcome = C.setTimes(pathAt, pathBytes, int64Of(accessed), int64Of(modified));
  return outcome == SERVED
    ? onServedPath(am_set_times, tuple2(accessed, modified))
    : result(outcome);
}

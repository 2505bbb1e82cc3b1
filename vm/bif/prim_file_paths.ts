/**
 * Native functions of OTP's prim_file that take paths, over the read-only tree of the boot archive.
 * Paths come as prim_file:internal_name2native/1 makes them: binaries that end in a zero byte.
 * Whatever would change something gives {error, erofs}, as a read-only file system of Linux does.
 */
import { binaryData, binaryOf, byteSize, isAlignedBinary, newBinary } from '../binary';
import { badarg, outOfMemory } from '../errors';
import { openNode } from '../files/open_file';
import * as T from '../files/tree';
import {
  am_append,
  am_directory,
  am_ebadf,
  am_eexist,
  am_einval,
  am_eisdir,
  am_enotdir,
  am_enotsup,
  am_erofs,
  am_error,
  am_exclusive,
  am_file_info,
  am_ok,
  am_read,
  am_regular,
  am_write,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { tuple2 } from '../signals';
import { chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isInteger,
  isList,
  isSmall,
  makeCons,
  smallOf,
  tail,
} from '../term';

const FILE_INFO_WORDS: u32 = 14;
const MODE_FILE: i64 = 0o100644;
const MODE_FOLDER: i64 = 0o40755;

/** Where relative paths start. */
let workingFolder: u32 = T.ROOT;

// ---- arguments and results

let pathAt: usize = 0;
let pathBytes: u32 = 0;
/** Take a path argument apart; false when it is none. */
function isPath(t: u64): bool {
  if (!isAlignedBinary(t)) return false;
  const bytes = byteSize(t);
  pathAt = binaryData(t);
  pathBytes = bytes - 1;
  if (!bytes || load<u8>(pathAt + pathBytes)) return false;
  for (let i: u32 = 0; i < pathBytes; i++) if (!load<u8>(pathAt + i)) return false;
  return true;
}
/** The node of the path argument, 0 with T.pathProblem. */
function find(): u32 {
  return T.resolve(pathAt, pathBytes, workingFolder);
}
export function error(reason: u64): u64 {
  return tuple2(am_error, reason);
}
export function ok(value: u64): u64 {
  return value == NONE ? NONE : tuple2(am_ok, value);
}
/** A binary with `length` bytes of file data. */
export function dataBinary(from: usize, length: u32): u64 {
  chargeReductions((length >> 10) as i32);
  return binaryOf(from, length);
}

/** #file_info{} with times in seconds: the archive has none, and no owner. */
export function fileInfo(node: u32): u64 {
  const folder = T.isFolder(node);
  const at = hAlloc(FILE_INFO_WORDS + 1);
  store<u64>(at, headerOf(SUB_TUPLE, FILE_INFO_WORDS));
  store<u64>(at, am_file_info, 8);
  store<u64>(at, smallOf(folder ? 0 : (T.fileBytes(node) as i64)), 16);
  store<u64>(at, folder ? am_directory : am_regular, 24);
  store<u64>(at, am_read, 32);
  // atime, mtime, ctime; then mode, links, major_device, minor_device, inode, uid, gid.
  for (let i: u32 = 5; i <= FILE_INFO_WORDS; i++) store<u64>(at + (i << 3), smallOf(0));
  store<u64>(at, smallOf(folder ? MODE_FOLDER : MODE_FILE), 64);
  store<u64>(at, smallOf(folder ? 2 : 1), 72);
  store<u64>(at, smallOf(node as i64), 96);
  return boxedOf(at);
}

// ---- opening and reading

const READ: u32 = 1;
const WRITE: u32 = 2;
const EXCLUSIVE: u32 = 4;
const DIRECTORY: u32 = 8;

/** Modes other than these make no difference below the buffers of Erlang. */
function modesOf(list: u64): u32 {
  let modes: u32 = 0;
  for (let rest = list; isList(rest); rest = tail(rest)) {
    const mode = head(rest);
    if (mode == am_read) modes |= READ;
    else if (mode == am_write || mode == am_append) modes |= WRITE;
    else if (mode == am_exclusive) modes |= WRITE | EXCLUSIVE;
    else if (mode == am_directory) modes |= DIRECTORY;
  }
  return modes;
}
/** Open for writing: it always fails. */
function refuseWriting(node: u32, modes: u32): u64 {
  if (modes & DIRECTORY) return am_einval;
  if (!node) return T.lastIsMissing ? am_erofs : T.pathProblem;
  if (modes & EXCLUSIVE) return am_eexist;
  return T.isFolder(node) ? am_eisdir : am_erofs;
}
// bif: prim_file:open_nif/2
export function primFileOpen2(path: u64, modeList: u64): u64 {
  if (!isPath(path)) return badarg();
  const modes = modesOf(modeList);
  const node = find();
  if (modes & WRITE) return error(refuseWriting(node, modes));
  if (!node) return error(T.pathProblem);
  const wantsFolder = (modes & DIRECTORY) != 0;
  if (T.isFolder(node) != wantsFolder) return error(wantsFolder ? am_enotdir : am_eisdir);
  const handle = openNode(node);
  return handle ? ok(handle) : outOfMemory();
}
// bif: prim_file:file_desc_to_ref_nif/1
export function primFileDescToRef1(number: u64): u64 {
  return isInteger(number) ? error(am_ebadf) : badarg();
}
// bif: prim_file:read_file_nif/1
export function primFileReadFile1(path: u64): u64 {
  if (!isPath(path)) return badarg();
  const node = find();
  if (!node) return error(T.pathProblem);
  if (T.isFolder(node)) return error(am_eisdir);
  return ok(dataBinary(T.fileData(node), T.fileBytes(node)));
}
// bif: prim_file:read_info_nif/2
export function primFileReadInfo2(path: u64, follow: u64): u64 {
  if (!isPath(path) || !isSmall(follow)) return badarg();
  const node = find();
  return node ? fileInfo(node) : error(T.pathProblem);
}
// bif: prim_file:read_link_nif/1
export function primFileReadLink1(path: u64): u64 {
  if (!isPath(path)) return badarg();
  // There are no symbolic links.
  return error(find() ? am_einval : T.pathProblem);
}
// bif: prim_file:list_dir_nif/1
export function primFileListDir1(path: u64): u64 {
  if (!isPath(path)) return badarg();
  const folder = find();
  if (!folder) return error(T.pathProblem);
  if (!T.isFolder(folder)) return error(am_enotdir);
  let list = NIL;
  for (let node = T.firstChild(folder); node; node = T.nextSibling(node)) {
    const name = binaryOf(T.nameAddress(node), T.nameLength(node));
    if (name == NONE) return NONE;
    list = makeCons(hAlloc(2), name, list);
    chargeReductions(1);
  }
  return ok(list);
}

// ---- the working folder

// bif: prim_file:get_cwd_nif/0
export function primFileGetCwd0(): u64 {
  const length = T.pathLength(workingFolder);
  const path = newBinary(length);
  if (path == NONE) return NONE;
  T.writePath(workingFolder, binaryData(path), length);
  return ok(path);
}
// bif: prim_file:set_cwd_nif/1
export function primFileSetCwd1(path: u64): u64 {
  if (!isPath(path)) return badarg();
  const node = find();
  if (!node) return error(T.pathProblem);
  if (!T.isFolder(node)) return error(am_enotdir);
  workingFolder = node;
  return am_ok;
}
/** Drives and their short names belong to another operating system. */
// bif: prim_file:get_device_cwd_nif/1
export function primFileDeviceCwd1(device: u64): u64 {
  return isInteger(device) ? error(am_enotsup) : badarg();
}
// bif: prim_file:altname_nif/1
export function primFileAltname1(path: u64): u64 {
  return isPath(path) ? error(am_enotsup) : badarg();
}

// ---- changes, which are all refused

/** Why something that exists cannot be changed. */
function refuseChange(path: u64): u64 {
  if (!isPath(path)) return badarg();
  return error(find() ? am_erofs : T.pathProblem);
}
/** Why a name cannot be taken away: nobody looks whether it is there. */
function refuseRemoval(path: u64): u64 {
  if (!isPath(path)) return badarg();
  return error(find() || T.lastIsMissing ? am_erofs : T.pathProblem);
}
/** Why a new name cannot be made. */
function refuseCreation(path: u64): u64 {
  if (!isPath(path)) return badarg();
  if (find()) return error(am_eexist);
  return error(T.lastIsMissing ? am_erofs : T.pathProblem);
}
// bif: prim_file:make_dir_nif/1
export function primFileMakeDir1(path: u64): u64 {
  return refuseCreation(path);
}
// bif: prim_file:make_soft_link_nif/2
export function primFileSoftLink2(target: u64, path: u64): u64 {
  return isPath(target) ? refuseCreation(path) : badarg();
}
// bif: prim_file:make_hard_link_nif/2
export function primFileHardLink2(existing: u64, path: u64): u64 {
  if (!isPath(existing)) return badarg();
  return find() ? refuseCreation(path) : error(T.pathProblem);
}
// bif: prim_file:del_file_nif/1
// bif: prim_file:del_dir_nif/1
export function primFileDelete1(path: u64): u64 {
  return refuseRemoval(path);
}
// bif: prim_file:rename_nif/2
export function primFileRename2(from: u64, to: u64): u64 {
  if (!isPath(from)) return badarg();
  if (!find() && !T.lastIsMissing) return error(T.pathProblem);
  return refuseRemoval(to);
}
// bif: prim_file:set_permissions_nif/2
export function primFilePermissions2(path: u64, mode: u64): u64 {
  return isInteger(mode) ? refuseChange(path) : badarg();
}
// bif: prim_file:set_owner_nif/3
export function primFileOwner3(path: u64, user: u64, group: u64): u64 {
  return isInteger(user) && isInteger(group) ? refuseChange(path) : badarg();
}
// bif: prim_file:set_time_nif/4
export function primFileTime4(path: u64, accessed: u64, modified: u64, created: u64): u64 {
  if (!isInteger(accessed) || !isInteger(modified) || !isInteger(created)) return badarg();
  return refuseChange(path);
}

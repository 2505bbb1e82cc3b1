/**
 * Native functions of OTP's prim_file that open and close, and those that read a whole file or
 * folder. They go on in a continuation when there is much to read.
 */
import { binaryData, binaryOf, byteSize, isAlignedBinary, newBinary, subBinary } from '../binary';
import { badarg, outOfMemory, trapTo } from '../errors';
import { hostDescriptor, hostTransfer, TEXT_BYTES, textBuffer } from '../files/host_files';
import { E_LENGTH, E_NAME, KIND_FOLDER, cursorNext, isFolder, kindOf } from '../files/inodes';
import * as O from '../files/open_file';
import {
  MODE_APPEND,
  MODE_DIRECTORY,
  MODE_ANY_TYPE,
  MODE_EXCLUSIVE,
  MODE_READ,
  MODE_SYNC,
  MODE_WRITE,
  adoptStream,
  openPath,
} from '../files/opening';
import * as P from '../files/paths';
import {
  REPLACED_BYTES_MAX,
  isReplaced,
  otherBytes,
  otherPath,
  replaceOnce,
} from '../files/replaced';
import { HERE, PART_BYTES, openSize, read } from '../files/transfer';
import { isDot, isDotDot } from '../files/tree';
import {
  am_append,
  am_close,
  am_directory,
  am_exclusive,
  am_list_folder,
  am_ok,
  am_open,
  am_read,
  am_read_file,
  am_skip_type_check,
  am_sync,
  am_true,
  am_write,
} from '../gen/atoms';
import { BIF_primFileListMore2, BIF_primFileReadAll3 } from '../gen/bifs';
import * as F from '../gen/files';
import { hAlloc } from '../heap';
import { trapArguments3 } from '../errors';
import { setX } from '../registers';
import { resourceTerm } from '../resource';
import { budget, chargeReductions } from '../state';
import { NIL, NONE, head, isList, isNumber, makeCons, smallOf, smallValue, tail } from '../term';
import { errorTuple, isInt, isPath, okTuple, pathAt, pathBytes, result } from './prim_file_paths';
import { isServed, onServedFile, onServedPath } from './served_files';

/** First buffer for a file whose size is not known. */
const UNKNOWN_BYTES: u32 = 16384;

/** Modes other than these make no difference below the buffers of Erlang. */
function modesOf(list: u64): u32 {
  let modes: u32 = 0;
  for (let rest = list; isList(rest); rest = tail(rest)) {
    const mode = head(rest);
    if (mode == am_read) modes |= MODE_READ;
    else if (mode == am_write) modes |= MODE_WRITE;
    else if (mode == am_append) modes |= MODE_APPEND | MODE_WRITE;
    else if (mode == am_exclusive) modes |= MODE_EXCLUSIVE | MODE_WRITE;
    else if (mode == am_sync) modes |= MODE_SYNC;
    else if (mode == am_skip_type_check) modes |= MODE_ANY_TYPE;
    else if (mode == am_directory) modes |= MODE_DIRECTORY;
  }
  return modes & (MODE_READ | MODE_WRITE) ? modes : modes | MODE_READ;
}
/** {ok, Handle} of an open file, or an error. */
function opened(outcome: i64): u64 {
  if (outcome == F.ENOMEM) return outOfMemory();
  return outcome < 0 ? errorTuple(outcome) : okTuple(resourceTerm(outcome as usize));
}
// bif: prim_file:open_nif/2
export function primFileOpen2(path: u64, modeList: u64): u64 {
  if (!isList(modeList) && modeList != NIL) return badarg();
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const outcome = openPath(pathAt, pathBytes, modesOf(modeList));
  return outcome == P.SERVED ? onServedPath(am_open, modeList) : opened(outcome);
}
// bif: prim_file:file_desc_to_ref_nif/1
export function primFileDescToRef1(number: u64): u64 {
  if (!isInt(number)) return badarg();
  const descriptor = smallValue(number) as i32;
  const flags = hostDescriptor(F.FILE_DESCRIPTOR_FLAGS, descriptor, 0, 0);
  // A host without files has no such descriptor either.
  if (flags < 0) return errorTuple(F.EBADF);
  return opened(adoptStream(descriptor));
}
// bif: prim_file:close_nif/1
export function primFileClose1(handle: u64): u64 {
  const file = O.fileOf(handle);
  if (!file) return badarg();
  if (!O.openKind(file)) return errorTuple(F.EINVAL);
  const served = isServed(file);
  const outcome = O.close(file);
  return served ? onServedFile(am_close, file, NIL) : result(outcome);
}
/** What OTP tells a process of its own to do with the files of others that have ended. */
// bif: prim_file:delayed_close_nif/1
export function primFileDelayedClose1(handle: u64): u64 {
  return O.fileOf(handle) ? am_ok : badarg();
}

// ---- a whole file

// bif: prim_file:read_file_nif/1
export function primFileReadFile1(path: u64): u64 {
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const outcome = isReplaced(pathAt, pathBytes)
    ? openPath(otherPath, otherBytes, MODE_READ)
    : openPath(pathAt, pathBytes, MODE_READ);
  if (outcome == P.SERVED) return onServedPath(am_read_file, NIL);
  if (outcome < 0) return opened(outcome);
  const file = outcome as usize;
  const handle = resourceTerm(file);
  const size = openSize(file);
  if (size > F_BYTES_MAX) {
    O.close(file);
    return errorTuple(F.ENOMEM);
  }
  const room = size > 0 ? (size as u32) : UNKNOWN_BYTES;
  const buffer = newBinary(room);
  if (buffer == NONE) {
    O.close(file);
    return NONE;
  }
  return primFileReadAll3(handle, buffer, smallOf(0));
}
/** replace_file(Name, Other) -> true: the next reading of file Name gives what is in Other. */
// bif: vbeam_hw:replace_file/2
export function replaceFile2(path: u64, other: u64): u64 {
  if (!isAlignedBinary(path) || !isAlignedBinary(other)) return badarg();
  if (byteSize(path) > REPLACED_BYTES_MAX || byteSize(other) > REPLACED_BYTES_MAX) return badarg();
  replaceOnce(binaryData(path), byteSize(path), binaryData(other), byteSize(other));
  return am_true;
}
const F_BYTES_MAX: i64 = 0xff00_0000;

/** The buffer with room for as much again; NONE without memory. */
function larger(buffer: u64, done: u32): u64 {
  const fresh = newBinary(done * 2);
  if (fresh != NONE) memory.copy(binaryData(fresh), binaryData(buffer), done);
  return fresh;
}
/** Read on into the buffer, of which `doneTerm` bytes are filled, up to the end of the file. */
// bif: vbeam_internal:file_read_all/3
export function primFileReadAll3(handle: u64, buffer: u64, doneTerm: u64): u64 {
  const file = O.fileOf(handle);
  if (!O.openKind(file)) return errorTuple(F.EINVAL);
  const done = smallValue(doneTerm) as u32;
  const room = byteSize(buffer);
  const part = min(room - done, PART_BYTES);
  const count = read(file, HERE, binaryData(buffer) + done, part);
  if (count < 0) {
    O.close(file);
    return errorTuple(count);
  }
  chargeReductions((part >> 10) as i32);
  const filled = done + (count as u32);
  const size = openSize(file);
  // Files of unknown size say that they have none.
  if ((count as u32) < part || (filled == room && size > 0)) {
    O.close(file);
    return okTuple(filled == room ? buffer : shortened(buffer, filled));
  }
  let next = buffer;
  if (filled == room) next = larger(buffer, filled);
  if (next == NONE) {
    O.close(file);
    return NONE;
  }
  trapArguments3(handle, next, smallOf(filled as i64));
  return trapTo(BIF_primFileReadAll3, 3);
}
/** The first `bytes` bytes of a buffer; a copy when it is much larger. */
export function shortened(buffer: u64, bytes: u32): u64 {
  if (bytes < byteSize(buffer) >> 1 && bytes <= PART_BYTES)
    return binaryOf(binaryData(buffer), bytes);
  return subBinary(buffer, 0, (bytes as u64) << 3);
}

// ---- a whole folder

// bif: prim_file:list_dir_nif/1
export function primFileListDir1(path: u64): u64 {
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const problem = P.resolveExisting(pathAt, pathBytes, true);
  if (problem == P.SERVED) return onServedPath(am_list_folder, NIL);
  if (problem) return errorTuple(problem);
  let outcome: i64 = 0;
  if (P.mount >= 0) outcome = openPath(pathAt, pathBytes, MODE_READ | MODE_DIRECTORY);
  else if (!isFolder(P.found)) outcome = F.ENOTDIR;
  else {
    outcome = O.newOpenFile(O.OPEN_WALK, P.found as u32, MODE_READ);
    if (!outcome) outcome = F.ENOMEM;
  }
  if (outcome < 0) return opened(outcome);
  return primFileListMore2(resourceTerm(outcome as usize), NIL);
}
/** More names before `list`; they come in no order. */
// bif: vbeam_internal:file_list/2
export function primFileListMore2(handle: u64, list: u64): u64 {
  const file = O.fileOf(handle);
  const kind = O.openKind(file);
  if (!kind) return errorTuple(F.EINVAL);
  const names = kind == O.OPEN_WALK ? walkNames(file, list) : hostNames(file, list);
  if (names == NONE) {
    O.close(file);
    return NONE;
  }
  if (atEnd || problemOfList) {
    O.close(file);
    return problemOfList ? errorTuple(problemOfList) : okTuple(names);
  }
  setX(0, handle);
  setX(1, names);
  return trapTo(BIF_primFileListMore2, 2);
}
/** After walkNames or hostNames: nothing more will come. */
let atEnd: bool = false;
let problemOfList: i64 = 0;

function namePut(name: usize, length: u32, list: u64): u64 {
  const binary = binaryOf(name, length);
  return binary == NONE ? NONE : makeCons(hAlloc(2), binary, list);
}
function walkNames(file: usize, list: u64): u64 {
  let names = list;
  const cursor = O.cursorOf(file);
  problemOfList = 0;
  for (let left = budget(); left > 0; left--) {
    const entry = cursorNext(cursor);
    atEnd = entry == 0;
    if (!entry) break;
    names = namePut(entry + E_NAME, load<u32>(entry, E_LENGTH), names);
    if (names == NONE) return NONE;
    chargeReductions(1);
  }
  return names;
}
function hostNames(file: usize, list: u64): u64 {
  let names = list;
  const bytes = hostTransfer(F.FILE_ENTRIES, O.descriptorOf(file), 0, textBuffer, TEXT_BYTES);
  problemOfList = bytes < 0 ? bytes : 0;
  atEnd = bytes <= 0;
  for (let at: u32 = 0; !atEnd && at < (bytes as u32); ) {
    const entry = textBuffer + at;
    const name = entry + F.ENTRY_NAME;
    let length: u32 = 0;
    while (load<u8>(name + length)) length++;
    at += load<u16>(entry, F.ENTRY_RECORD_BYTES);
    if (isDot(name, length) || isDotDot(name, length)) continue;
    names = namePut(name, length, names);
    if (names == NONE) return NONE;
    chargeReductions(1);
  }
  return names;
}

/**
 * Native functions of OTP's prim_file on open files (files/open_file.ts). Results, errors and the
 * order in which arguments are looked at are those of OTP on Linux. Long reads go on in a
 * continuation; long writes give {continue, Rest}, with which OTP's module goes on.
 */
import { integerOfI64 } from '../bignum';
import {
  alignedBinary,
  binaryData,
  binaryOf,
  bitSize,
  byteSize,
  newBinary,
  subBinary,
} from '../binary';
import { badarg, trapTo } from '../errors';
import { hostDescriptorInfo, infoBuffer } from '../files/host_files';
import { MAY_READ, MAY_WRITE, access, inodeInfo } from '../files/info';
import * as O from '../files/open_file';
import * as T from '../files/transfer';
import {
  am_allocate,
  am_bof,
  am_continue,
  am_cur,
  am_dont_need,
  am_eof,
  am_info,
  am_ipread,
  am_no_reuse,
  am_normal,
  am_ok,
  am_pread,
  am_pwrite,
  am_random,
  am_read,
  am_seek,
  am_sequential,
  am_sync,
  am_truncate,
  am_will_need,
  am_write,
} from '../gen/atoms';
import { BIF_primFileReadMore4 } from '../gen/bifs';
import * as F from '../gen/files';
import { hAlloc } from '../heap';
import { setX } from '../registers';
import { tuple2, tuple3 } from '../signals';
import { chargeReductions } from '../state';
import {
  NIL,
  NONE,
  head,
  isBinary,
  isList,
  isNumber,
  makeCons,
  smallOf,
  smallValue,
  tail,
} from '../term';
import { shortened } from './prim_file_open';
import { errorTuple, fileInfo, int64Of, isInt, isInt64, okTuple, result } from './prim_file_paths';
import { isServed, onServedFile } from './served_files';

/** Bytes of the pair of numbers that ipread follows. */
const PAIR_BYTES: u32 = 8;
const pair: usize = memory.data(8, 8);
/** Shorter reads go through memory of their own, so that their size need not be known before. */
const SHORT_BYTES: u32 = 16384;
const short: usize = memory.data(16384, 8);
const BINARY_BYTES_MAX: i64 = 0xff00_0000;
/** OTP makes the whole buffer first, and no processor has so many addresses. */
const ADDRESS_SPACE: i64 = 1 << 47;
const POSITION_MAX: i64 = 1 << 56;
/** Binaries that one step of a write takes, as in OTP. */
const VECTOR_MAX: u32 = 64;

/** The open file of a handle; 0 after `refused` got what to answer. */
let refused: u64 = NONE;
function openFile(handle: u64): usize {
  const file = O.fileOf(handle);
  refused = NONE;
  if (!file) refused = badarg();
  else if (!O.openKind(file)) refused = errorTuple(F.EINVAL);
  else return file;
  return 0;
}

// ---- reading

/** Up to `wanted` bytes at `position` (or HERE): {ok, Binary}, eof or an error. */
function readBytes(handle: u64, file: usize, position: i64, wanted: i64): u64 {
  if (wanted > ADDRESS_SPACE) return errorTuple(F.ENOMEM);
  if (wanted <= (SHORT_BYTES as i64)) {
    const count = T.read(file, position, short, wanted as u32);
    if (count <= 0) return count ? errorTuple(count) : am_eof;
    return okTuple(binaryOf(short, count as u32));
  }
  const size = T.openSize(file);
  const from: i64 = position < 0 ? (O.position(file) as i64) : position;
  let room = wanted;
  // Files that do not know their size say that they have none.
  if (O.openKind(file) != O.OPEN_STREAM && size > 0) room = min(wanted, max(size - from, 1));
  else if (O.openKind(file) != O.OPEN_STREAM) room = min(wanted, T.PART_BYTES as i64);
  if (room > BINARY_BYTES_MAX) return errorTuple(F.ENOMEM);
  const buffer = newBinary(room as u32);
  if (buffer == NONE) return NONE;
  // No file is so long that a position beyond the small integers matters.
  return primFileReadMore4(handle, buffer, smallOf(0), smallOf(min(position, POSITION_MAX)));
}
/** Read on into a buffer, of which `doneTerm` bytes are filled; `where` is where it begins. */
// bif: vbeam_internal:file_read/4
export function primFileReadMore4(handle: u64, buffer: u64, doneTerm: u64, where: u64): u64 {
  const file = O.fileOf(handle);
  if (!O.openKind(file)) return errorTuple(F.EINVAL);
  const done = smallValue(doneTerm) as u32;
  const start = smallValue(where);
  const part = min(byteSize(buffer) - done, T.PART_BYTES);
  const count = T.read(
    file,
    start < 0 ? T.HERE : start + (done as i64),
    binaryData(buffer) + done,
    part,
  );
  if (count < 0) return errorTuple(count);
  chargeReductions((part >> 10) as i32);
  const filled = done + (count as u32);
  if (filled == byteSize(buffer)) return okTuple(buffer);
  if ((count as u32) < part) return filled ? okTuple(shortened(buffer, filled)) : am_eof;
  setX(0, handle);
  setX(1, buffer);
  setX(2, smallOf(filled as i64));
  setX(3, where);
  return trapTo(BIF_primFileReadMore4, 4);
}
// bif: prim_file:read_nif/2
export function primFileRead2(handle: u64, size: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (!isNumber(size)) return badarg();
  if (!isInt64(size) || int64Of(size) < 0) return errorTuple(F.EINVAL);
  if (isServed(file)) return onServedFile(am_read, file, size);
  return readBytes(handle, file, T.HERE, int64Of(size));
}
// bif: prim_file:pread_nif/3
export function primFilePread3(handle: u64, offset: u64, size: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (!isNumber(offset) || !isNumber(size)) return badarg();
  if (!isInt64(offset) || !isInt64(size)) return errorTuple(F.EINVAL);
  if (int64Of(offset) < 0 || int64Of(size) < 0) return errorTuple(F.EINVAL);
  if (isServed(file)) return onServedFile(am_pread, file, tuple2(offset, size));
  return readBytes(handle, file, int64Of(offset), int64Of(size));
}
/** {ok, {Size, Pointer, Data}}: Size and Pointer stand at `offset`, Data where Pointer says. */
// bif: prim_file:ipread_s32bu_p32bu_nif/3
export function primFileIpread3(handle: u64, offset: u64, most: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (!isNumber(offset) || !isNumber(most)) return badarg();
  if (!isInt64(offset) || !isInt64(most)) return errorTuple(F.EINVAL);
  if (int64Of(offset) < 0 || int64Of(most) >= 0x8000_0000) return errorTuple(F.EINVAL);
  if (isServed(file)) return onServedFile(am_ipread, file, tuple2(offset, most));
  const count = T.read(file, int64Of(offset), pair, PAIR_BYTES);
  if (count < 0) return errorTuple(count);
  const size = bswap<u32>(load<u32>(pair));
  const pointer = bswap<u32>(load<u32>(pair, 4));
  if (count < (PAIR_BYTES as i64) || (size as i64) > int64Of(most)) return am_eof;
  const left = max(T.openSize(file) - (pointer as i64), 0);
  let data = am_eof;
  if (size && left) {
    const buffer = newBinary(min(size as i64, left) as u32);
    if (buffer == NONE) return NONE;
    const got = T.read(file, pointer as i64, binaryData(buffer), byteSize(buffer));
    if (got < 0) return errorTuple(got);
    chargeReductions((byteSize(buffer) >> 10) as i32);
    if (got) data = (got as u32) == byteSize(buffer) ? buffer : shortened(buffer, got as u32);
  }
  return okTuple(tuple3(smallOf(size as i64), smallOf(pointer as i64), data));
}

// ---- writing

/** What is left of a vector after a step, and how many bytes that step wrote. */
let restOfVector: u64 = NIL;
let bytesWritten: u32 = 0;

/** The first binaries of a list are binaries, and the list is proper as far as it is looked at. */
function isVector(list: u64): bool {
  let rest = list;
  for (let i: u32 = 0; i < VECTOR_MAX && isList(rest); i++) {
    if (!isBinary(head(rest))) return false;
    rest = tail(rest);
  }
  return isList(rest) || rest == NIL;
}
/** Write a part of the vector at `position` (or HERE): 0 or an error. */
function writeVector(file: usize, position: i64, vector: u64): i64 {
  let rest = vector;
  bytesWritten = 0;
  for (let i: u32 = 0; i < VECTOR_MAX && isList(rest); i++) {
    const binary = alignedBinary(head(rest));
    if (binary == NONE) return F.ENOMEM;
    const room = T.PART_BYTES - bytesWritten;
    const bytes = byteSize(binary);
    const part = min(bytes, room);
    const at = position < 0 ? T.HERE : position + (bytesWritten as i64);
    const outcome = part ? T.write(file, at, binaryData(binary), part) : 0;
    if (outcome < 0) return outcome;
    bytesWritten += part;
    rest = tail(rest);
    if (part < bytes) {
      const left = subBinary(binary, (part as u64) << 3, bitSize(binary) - ((part as u64) << 3));
      rest = makeCons(hAlloc(2), left, rest);
      break;
    }
  }
  restOfVector = rest;
  chargeReductions((bytesWritten >> 10) as i32);
  return 0;
}
// bif: prim_file:write_nif/2
export function primFileWrite2(handle: u64, vector: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (!isVector(vector)) return badarg();
  if (isServed(file)) return onServedFile(am_write, file, vector);
  const outcome = writeVector(file, T.HERE, vector);
  if (outcome < 0) return errorTuple(outcome);
  return restOfVector == NIL ? am_ok : tuple2(am_continue, restOfVector);
}
// bif: prim_file:pwrite_nif/3
export function primFilePwrite3(handle: u64, offset: u64, vector: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (!isNumber(offset) || !isVector(vector)) return badarg();
  if (!isInt64(offset) || int64Of(offset) < 0) return errorTuple(F.EINVAL);
  if (isServed(file)) return onServedFile(am_pwrite, file, tuple2(offset, vector));
  const outcome = writeVector(file, int64Of(offset), vector);
  if (outcome < 0) return errorTuple(outcome);
  if (restOfVector == NIL) return am_ok;
  return tuple3(am_continue, smallOf(bytesWritten as i64), restOfVector);
}

// ---- the rest

// bif: prim_file:seek_nif/3
export function primFileSeek3(handle: u64, mark: u64, offset: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (!isInt64(offset)) return badarg();
  if (mark != am_bof && mark != am_cur && mark != am_eof) return badarg();
  if (isServed(file)) return onServedFile(am_seek, file, tuple2(mark, offset));
  const place = T.seek(file, mark == am_eof, mark == am_cur, int64Of(offset));
  return place < 0 ? errorTuple(place) : okTuple(integerOfI64(place));
}
// bif: prim_file:truncate_nif/1
export function primFileTruncate1(handle: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  return isServed(file) ? onServedFile(am_truncate, file, NIL) : result(T.truncate(file));
}
// bif: prim_file:allocate_nif/3
export function primFileAllocate3(handle: u64, offset: u64, length: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (!isNumber(offset) || !isNumber(length)) return badarg();
  if (!isInt64(offset) || !isInt64(length)) return errorTuple(F.EINVAL);
  if (int64Of(offset) < 0 || int64Of(length) < 0) return errorTuple(F.EINVAL);
  if (isServed(file)) return onServedFile(am_allocate, file, tuple2(offset, length));
  return result(T.allocateRoom(file, int64Of(offset), int64Of(length)));
}
function isAdvice(t: u64): bool {
  return (
    t == am_normal ||
    t == am_random ||
    t == am_sequential ||
    t == am_will_need ||
    t == am_dont_need ||
    t == am_no_reuse
  );
}
/** Advice that nobody takes is no error, in OTP neither. */
// bif: prim_file:advise_nif/4
export function primFileAdvise4(handle: u64, offset: u64, length: u64, advice: u64): u64 {
  if (!openFile(handle)) return refused;
  if (!isNumber(offset) || !isNumber(length)) return badarg();
  if (!isInt64(offset) || !isInt64(length) || !isAdvice(advice)) return errorTuple(F.EINVAL);
  return int64Of(offset) < 0 || int64Of(length) < 0 ? errorTuple(F.EINVAL) : am_ok;
}
// bif: prim_file:sync_nif/2
export function primFileSync2(handle: u64, dataOnly: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (!isInt(dataOnly)) return badarg();
  if (isServed(file)) return onServedFile(am_sync, file, NIL);
  return result(T.sync(file, smallValue(dataOnly) != 0));
}
// bif: prim_file:read_handle_info_nif/1
export function primFileHandleInfo1(handle: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (isServed(file)) return onServedFile(am_info, file, NIL);
  if (O.openKind(file) == O.OPEN_INODE) {
    inodeInfo(O.inodeOf(file));
    return fileInfo(access);
  }
  const outcome = hostDescriptorInfo(O.descriptorOf(file));
  if (outcome < 0) return errorTuple(outcome);
  // OTP looks at the bits of the owner when it runs as such, which is the usual case.
  const mode = load<u32>(infoBuffer, F.STAT_MODE);
  return fileInfo((mode & 0o400 ? MAY_READ : 0) | (mode & 0o200 ? MAY_WRITE : 0));
}
/** The number that another driver would send the file by. */
// bif: prim_file:get_handle_nif/1
export function primFileGetHandle1(handle: u64): u64 {
  const file = openFile(handle);
  if (!file) return refused;
  if (O.openKind(file) == O.OPEN_INODE || isServed(file)) return errorTuple(F.ENOTSUP);
  store<i32>(pair, O.descriptorOf(file));
  return binaryOf(pair, 4);
}

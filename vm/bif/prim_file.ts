/**
 * Native functions of OTP's prim_file on open files (files/open_file.ts). Results and errors are
 * those of Linux for a file opened for reading.
 */
import { fitsI64, fitsU64, lowBits } from '../bignum';
import { byteSize } from '../binary';
import { badarg } from '../errors';
import * as F from '../files/open_file';
import * as T from '../files/tree';
import {
  am_bof,
  am_cur,
  am_dont_need,
  am_ebadf,
  am_einval,
  am_eisdir,
  am_enotsup,
  am_eof,
  am_no_reuse,
  am_normal,
  am_ok,
  am_random,
  am_sequential,
  am_will_need,
} from '../gen/atoms';
import { integerOfI64 } from '../bignum';
import { tuple3 } from '../signals';
import {
  NIL,
  head,
  isBinary,
  isInteger,
  isList,
  isSmall,
  smallOf,
  smallValue,
  tail,
} from '../term';
import { dataBinary, error, fileInfo, ok } from './prim_file_paths';

/** Bytes of the pair of numbers that ipread follows. */
const PAIR_BYTES: u32 = 8;
const pair: usize = memory.data(8, 8);

/** An operation on a handle: `file` is 0 when the term is no handle. */
let file: usize = 0;
let node: u32 = 0;
/** The handle is one of an open file; else `refusal` says what to answer. */
function opened(handle: u64): bool {
  file = F.fileOf(handle);
  if (!file) return false;
  node = F.nodeOf(file);
  return !F.isClosed(file);
}
/** What a term that is not the handle of an open file gets. */
function refusal(): u64 {
  return file ? error(am_einval) : badarg();
}
/** An unsigned 64-bit number; all that is larger than any file counts as i64.MAX_VALUE. */
function isSize(t: u64): bool {
  return isSmall(t) ? smallValue(t) >= 0 : isInteger(t) && fitsU64(t);
}
function sizeOf(t: u64): u64 {
  return isSmall(t) ? (smallValue(t) as u64) : u64.MAX_VALUE;
}

/** Bytes from `position` on, at most `most`; eof behind the end. */
function bytesAt(position: u64, most: u64): u64 {
  if (T.isFolder(node)) return error(am_eisdir);
  const length = T.fileBytes(node) as u64;
  if (position >= length || !most) return am_eof;
  const count = min(most, length - position) as u32;
  return ok(dataBinary(T.fileData(node) + (position as usize), count));
}

// bif: prim_file:read_nif/2
export function primFileRead2(handle: u64, size: u64): u64 {
  if (!isSize(size)) return badarg();
  if (!opened(handle)) return refusal();
  const position = load<u64>(file, F.F_POSITION);
  const result = bytesAt(position, sizeOf(size));
  if (!T.isFolder(node) && result != am_eof) {
    const left = (T.fileBytes(node) as u64) - position;
    store<u64>(file, position + min(sizeOf(size), left), F.F_POSITION);
  }
  return result;
}
// bif: prim_file:pread_nif/3
export function primFilePread3(handle: u64, offset: u64, size: u64): u64 {
  if (!isInteger(offset) || !isSize(size)) return badarg();
  if (!opened(handle)) return refusal();
  if (!fitsI64(offset) || (lowBits(offset) as i64) < 0) return error(am_einval);
  return bytesAt(lowBits(offset), sizeOf(size));
}
// bif: prim_file:seek_nif/3
export function primFileSeek3(handle: u64, mark: u64, offset: u64): u64 {
  if (!isInteger(offset) || !fitsI64(offset)) return badarg();
  if (mark != am_bof && mark != am_cur && mark != am_eof) return badarg();
  if (!opened(handle)) return refusal();
  let base: i64 = 0;
  if (mark == am_cur) base = load<u64>(file, F.F_POSITION) as i64;
  else if (mark == am_eof && !T.isFolder(node)) base = T.fileBytes(node) as i64;
  const target = base + (lowBits(offset) as i64);
  // Both are positive when the sum wraps around.
  if (target < 0) return error(am_einval);
  store<u64>(file, target as u64, F.F_POSITION);
  return ok(integerOfI64(target));
}

/** Writing: nothing to write succeeds on any file. */
function writeTo(handle: u64, vector: u64): u64 {
  let bytes: u64 = 0;
  let rest = vector;
  for (; isList(rest); rest = tail(rest)) {
    if (!isBinary(head(rest))) return badarg();
    bytes += byteSize(head(rest));
  }
  if (rest != NIL) return badarg();
  if (!opened(handle)) return refusal();
  return bytes ? error(am_ebadf) : am_ok;
}
// bif: prim_file:write_nif/2
export function primFileWrite2(handle: u64, vector: u64): u64 {
  return writeTo(handle, vector);
}
// bif: prim_file:pwrite_nif/3
export function primFilePwrite3(handle: u64, offset: u64, vector: u64): u64 {
  return isInteger(offset) ? writeTo(handle, vector) : badarg();
}
// bif: prim_file:truncate_nif/1
export function primFileTruncate1(handle: u64): u64 {
  return opened(handle) ? error(am_einval) : refusal();
}
// bif: prim_file:allocate_nif/3
export function primFileAllocate3(handle: u64, offset: u64, length: u64): u64 {
  if (!isInteger(offset) || !isInteger(length)) return badarg();
  return opened(handle) ? error(am_ebadf) : refusal();
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
// bif: prim_file:advise_nif/4
export function primFileAdvise4(handle: u64, offset: u64, length: u64, advice: u64): u64 {
  if (!isInteger(offset) || !isInteger(length)) return badarg();
  if (!opened(handle)) return refusal();
  return isAdvice(advice) ? am_ok : error(am_einval);
}
// bif: prim_file:sync_nif/2
export function primFileSync2(handle: u64, dataOnly: u64): u64 {
  if (!isSmall(dataOnly)) return badarg();
  return opened(handle) ? am_ok : refusal();
}
// bif: prim_file:read_handle_info_nif/1
export function primFileHandleInfo1(handle: u64): u64 {
  return opened(handle) ? fileInfo(node) : refusal();
}
// bif: prim_file:close_nif/1
export function primFileClose1(handle: u64): u64 {
  if (!opened(handle)) return refusal();
  F.close(file);
  return am_ok;
}
// bif: prim_file:delayed_close_nif/1
export function primFileDelayedClose1(handle: u64): u64 {
  if (opened(handle)) F.close(file);
  return file ? am_ok : badarg();
}
/** The number that another driver would send the file by. */
// bif: prim_file:get_handle_nif/1
export function primFileGetHandle1(handle: u64): u64 {
  return opened(handle) ? error(am_enotsup) : refusal();
}

/** {ok, {Size, Pointer, Data}}: Size and Pointer stand at `offset`, Data where Pointer says. */
// bif: prim_file:ipread_s32bu_p32bu_nif/3
export function primFileIpread3(handle: u64, offset: u64, most: u64): u64 {
  if (!isInteger(offset) || !isSize(most)) return badarg();
  if (!opened(handle)) return refusal();
  if (!fitsI64(offset) || (lowBits(offset) as i64) < 0) return error(am_einval);
  if (T.isFolder(node)) return error(am_eisdir);
  const length = T.fileBytes(node) as u64;
  const from = lowBits(offset);
  if (length < PAIR_BYTES || from > length - PAIR_BYTES) return am_eof;
  memory.copy(pair, T.fileData(node) + (from as usize), PAIR_BYTES);
  const size = bswap<u32>(load<u32>(pair));
  const pointer = bswap<u32>(load<u32>(pair, 4));
  if ((size as u64) > sizeOf(most)) return am_eof;
  let data = am_eof;
  if ((pointer as u64) < length && size) {
    const count = min(size as u64, length - pointer) as u32;
    data = dataBinary(T.fileData(node) + pointer, count);
    if (!data) return data;
  }
  return ok(tuple3(smallOf(size as i64), smallOf(pointer as i64), data));
}

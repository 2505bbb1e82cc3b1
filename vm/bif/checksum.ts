/** erlang:crc32, adler32 and md5. The data are read block by block from the iolist, in slices. */
import {
  binaryData,
  binaryOf,
  isAlignedBinary,
  newBinary,
  alignedBinary,
  byteSize,
} from '../binary';
import { adler32, adler32Combine, crc32, crc32Combine } from '../checksum';
import { badarg } from '../errors';
import { BIF_vbeamChecksum } from '../gen/bifs';
import {
  CURSOR_DONE,
  CURSOR_MORE,
  closeCursor,
  cursorBits,
  cursorSteps,
  fill,
  startCursor,
} from '../iolist';
import { MD5_CONTEXT_BYTES, md5Final, md5Init, md5Update } from '../md5';
import { budget, chargeReductions } from '../state';
import { NIL, NONE, isBinary, isList, isSmall, smallOf, smallValue } from '../term';
import { suspend } from './iolist';

const KIND_CRC32: u32 = 0;
const KIND_ADLER32: u32 = 1;
/** The sum is a binary with an MD5 context; the result is the context. */
const KIND_MD5: u32 = 2;
/** The same, and the result is the digest. */
const KIND_MD5_DIGEST: u32 = 3;

/** Blocks are copied here; nothing keeps anything in it between calls. */
const BLOCK_BYTES: u32 = 1024;
const block: usize = memory.data(1024, 8);
/** Bytes, or steps of the cursor, that cost one reduction. */
const BYTES_PER_REDUCTION: i32 = 10;
/**
 * Steps of the cursor for one block: more of them than bytes only when there are many empty lists.
 */
const BLOCK_STEPS: i32 = 1024;

/** The sum over one more block, as a term. */
function updated(kind: u32, sum: u64, bytes: u32): u64 {
  if (kind == KIND_CRC32) return smallOf(crc32(smallValue(sum) as u32, block, bytes) as i64);
  if (kind == KIND_ADLER32) return smallOf(adler32(smallValue(sum) as u32, block, bytes) as i64);
  md5Update(binaryData(sum), block, bytes);
  return sum;
}

/**
 * `sum` is what sums of this kind look like: 32 bits, or a context that may be changed in place.
 */
function isSumOf(kind: u32, sum: u64): bool {
  if (kind == KIND_CRC32 || kind == KIND_ADLER32) return isSum(sum);
  return isAlignedBinary(sum) && byteSize(sum) == MD5_CONTEXT_BYTES;
}
/** Go on with a sum. */
// bif: vbeam_internal:checksum/3
export function vbeamChecksum(rest: u64, kind: u64, sum: u64): u64 {
  const which = isSmall(kind) ? (smallValue(kind) as u32) : KIND_CRC32;
  if (!isSumOf(which, sum)) return badarg();
  let now = sum;
  let left = budget();
  startCursor(rest, false);
  let state = CURSOR_MORE;
  while (state == CURSOR_MORE && left > 0) {
    state = fill(block, 0, (BLOCK_BYTES as u64) << 3, BLOCK_STEPS);
    if (state != CURSOR_DONE && state != CURSOR_MORE) break;
    const bytes = (cursorBits >> 3) as u32;
    now = updated(which, now, bytes);
    const cost = 1 + (cursorSteps + (bytes as i32)) / BYTES_PER_REDUCTION;
    chargeReductions(cost);
    left -= cost;
  }
  if (state != CURSOR_DONE) return suspend(state, BIF_vbeamChecksum, kind, now);
  closeCursor();
  return which == KIND_MD5_DIGEST ? digestOf(now) : now;
}
function digestOf(context: u64): u64 {
  const digest = newBinary(16);
  md5Final(binaryData(context), binaryData(digest));
  return digest;
}
function isData(data: u64): bool {
  return isList(data) || data == NIL || isBinary(data);
}
/** A sum given as an argument: an integer of 32 bits. */
function isSum(t: u64): bool {
  return isSmall(t) && (smallValue(t) as u64) <= 0xffff_ffff;
}
function startSum(kind: u32, sum: u64, data: u64): u64 {
  if (!isSum(sum) || !isData(data)) return badarg();
  return vbeamChecksum(data, smallOf(kind as i64), sum);
}

// bif: erlang:crc32/1
export function erlangCrc321(data: u64): u64 {
  return startSum(KIND_CRC32, smallOf(0), data);
}

// bif: erlang:crc32/2
export function erlangCrc322(old: u64, data: u64): u64 {
  return startSum(KIND_CRC32, old, data);
}

// bif: erlang:adler32/1
export function erlangAdler321(data: u64): u64 {
  return startSum(KIND_ADLER32, smallOf(1), data);
}

// bif: erlang:adler32/2
export function erlangAdler322(old: u64, data: u64): u64 {
  return startSum(KIND_ADLER32, old, data);
}

// bif: erlang:crc32_combine/3
export function erlangCrc32Combine3(first: u64, second: u64, size: u64): u64 {
  if (!isSum(first) || !isSum(second) || !isSum(size)) return badarg();
  const bytes = smallValue(size) as u64;
  return smallOf(crc32Combine(smallValue(first) as u32, smallValue(second) as u32, bytes) as i64);
}

// bif: erlang:adler32_combine/3
export function erlangAdler32Combine3(first: u64, second: u64, size: u64): u64 {
  if (!isSum(first) || !isSum(second) || !isSum(size)) return badarg();
  const bytes = smallValue(size) as u64;
  return smallOf(adler32Combine(smallValue(first) as u32, smallValue(second) as u32, bytes) as i64);
}

// ---- MD5

function newContext(): u64 {
  const context = newBinary(MD5_CONTEXT_BYTES);
  if (context == NONE) return NONE;
  memory.fill(binaryData(context), 0, MD5_CONTEXT_BYTES);
  md5Init(binaryData(context));
  return context;
}
/** A copy of the context `t` that may be changed; NONE after badarg() or outOfMemory(). */
function copiedContext(t: u64): u64 {
  if (!isBinary(t) || byteSize(t) != MD5_CONTEXT_BYTES) return badarg();
  const aligned = alignedBinary(t);
  return aligned == NONE ? NONE : binaryOf(binaryData(aligned), MD5_CONTEXT_BYTES);
}

// bif: erlang:md5/1
export function erlangMd51(data: u64): u64 {
  if (!isData(data)) return badarg();
  const context = newContext();
  return context == NONE ? NONE : vbeamChecksum(data, smallOf(KIND_MD5_DIGEST as i64), context);
}

// bif: erlang:md5_init/0
export function erlangMd5Init0(): u64 {
  return newContext();
}

// bif: erlang:md5_update/2
export function erlangMd5Update2(context: u64, data: u64): u64 {
  if (!isData(data)) return badarg();
  const copy = copiedContext(context);
  return copy == NONE ? NONE : vbeamChecksum(data, smallOf(KIND_MD5 as i64), copy);
}

// bif: erlang:md5_final/1
export function erlangMd5Final1(context: u64): u64 {
  const copy = copiedContext(context);
  return copy == NONE ? NONE : digestOf(copy);
}

/** BIFs around the external term format. */
import { alignedBinary } from '../binary';
import { badarg } from '../errors';
import { ENCODE_SORTED, ENCODE_VERSION_MASK } from '../etf_encode';
import { compressMore } from '../etf_compress';
import {
  COMPRESS_SHIFT,
  RESULT_LIST,
  RESULT_SIZE,
  decode,
  decodeMore,
  encode,
  encodeMore,
} from '../etf_jobs';
import { am_compressed, am_deterministic, am_minor_version, am_safe, am_used } from '../gen/atoms';
import {
  NIL,
  NONE,
  head,
  isBinary,
  isList,
  isSmall,
  isTuple,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';

/** What OTP 25 writes unless told otherwise: minor version 1. */
const DEFAULT_OPTIONS: u32 = 1;

// ---- decoding

// bif: erlang:binary_to_term/1
export function binaryToTerm1(binary: u64): u64 {
  return fromBinary(binary, false, false);
}
// bif: erlang:binary_to_term/2
export function binaryToTerm2(binary: u64, options: u64): u64 {
  let safe = false;
  let wantUsed = false;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) {
    if (head(rest) == am_safe) safe = true;
    else if (head(rest) == am_used) wantUsed = true;
    else return badarg();
  }
  return rest == NIL ? fromBinary(binary, safe, wantUsed) : badarg();
}
function fromBinary(binary: u64, safe: bool, wantUsed: bool): u64 {
  if (!isBinary(binary)) return badarg();
  const aligned = alignedBinary(binary);
  return aligned == NONE ? NONE : decode(aligned, safe, wantUsed);
}
/** binary_to_term goes on: the binary, and the job. */
// bif: vbeam_internal:decode/2
export function decodeMore2(binary: u64, job: u64): u64 {
  return decodeMore(binary, job);
}

// ---- encoding

const LEVEL_DEFAULT: u32 = 6;

/** Options of term_to_binary/2 and external_size/2. */
let taken: u32 = 0;
function takeOptions(options: u64): bool {
  taken = DEFAULT_OPTIONS;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) if (!takeOption(head(rest))) return false;
  return rest == NIL;
}
function takeLevel(level: u32): void {
  taken = (taken & ((1 << COMPRESS_SHIFT) - 1)) | (level << COMPRESS_SHIFT);
}
function takeOption(option: u64): bool {
  if (option == am_deterministic) taken |= ENCODE_SORTED;
  else if (option == am_compressed) takeLevel(LEVEL_DEFAULT);
  else {
    if (!isTuple(option) || tupleArity(option) != 2 || !isSmall(tupleElement(option, 2)))
      return false;
    const value = smallValue(tupleElement(option, 2));
    const key = tupleElement(option, 1);
    if (key == am_compressed) {
      if (value < 0 || value > 9) return false;
      takeLevel(value as u32);
      return true;
    }
    if (key != am_minor_version || value < 0 || value > 2) return false;
    taken = (taken & ~ENCODE_VERSION_MASK) | (value as u32);
  }
  return true;
}

// bif: erlang:term_to_binary/1
export function termToBinary1(term: u64): u64 {
  return encode(term, DEFAULT_OPTIONS);
}
// bif: erlang:term_to_binary/2
export function termToBinary2(term: u64, options: u64): u64 {
  return takeOptions(options) ? encode(term, taken) : badarg();
}
// bif: erlang:term_to_iovec/1
export function termToIovec1(term: u64): u64 {
  return encode(term, DEFAULT_OPTIONS | RESULT_LIST);
}
// bif: erlang:term_to_iovec/2
export function termToIovec2(term: u64, options: u64): u64 {
  return takeOptions(options) ? encode(term, taken | RESULT_LIST) : badarg();
}
// bif: erlang:external_size/1
export function externalSize1(term: u64): u64 {
  return encode(term, DEFAULT_OPTIONS | RESULT_SIZE);
}
// bif: erlang:external_size/2
export function externalSize2(term: u64, options: u64): u64 {
  // Nothing but the minor version is an option here.
  const isGood = takeOptions(options) && taken <= DEFAULT_OPTIONS && !hasCompression(options);
  return isGood ? encode(term, taken | RESULT_SIZE) : badarg();
}
/** {compressed, 0} leaves no trace in the options. */
function hasCompression(options: u64): bool {
  for (let rest = options; isList(rest); rest = tail(rest)) {
    const option = head(rest);
    if (option == am_compressed) return true;
    if (isTuple(option) && tupleElement(option, 1) == am_compressed) return true;
  }
  return false;
}
// bif: vbeam_internal:compress/1
export function compressMore1(job: u64): u64 {
  return compressMore(job);
}
/** term_to_binary and its kin go on: frames, buffer, options. */
// bif: vbeam_internal:encode/3
export function encodeMore3(frames: u64, buffer: u64, options: u64): u64 {
  return isSmall(options) ? encodeMore(frames, buffer, smallValue(options)) : badarg();
}

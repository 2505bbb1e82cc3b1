/** BIFs around the external term format. */
import { alignedBinary, binaryData, byteSize } from '../binary';
import { badarg } from '../errors';
import { decodeTerm, decodedBytes, externalSize, termToBinary } from '../etf';
import {
  am_compressed,
  am_deterministic,
  am_local,
  am_minor_version,
  am_safe,
  am_used,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { integerOfI64 } from '../numbers';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isBinary,
  isList,
  isSmall,
  isTuple,
  makeCons,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';

/** What OTP 25 writes unless told otherwise. */
const MINOR_VERSION: u32 = 1;

let safe: bool = false;
let wantUsed: bool = false;
let minorVersion: u32 = 0;
let sortKeys: bool = false;

// bif: erlang:binary_to_term/1
export function binaryToTerm1(binary: u64): u64 {
  safe = false;
  return fromBinary(binary);
}
// bif: erlang:binary_to_term/2
export function binaryToTerm2(binary: u64, options: u64): u64 {
  safe = false;
  wantUsed = false;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) {
    if (head(rest) == am_safe) safe = true;
    else if (head(rest) == am_used) wantUsed = true;
    else return badarg();
  }
  if (rest != NIL) return badarg();
  const term = fromBinary(binary);
  if (!wantUsed || term == NONE) return term;
  const used = integerOfI64(decodedBytes as i64);
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, term, 8);
  store<u64>(at, used, 16);
  return boxedOf(at);
}
function fromBinary(binary: u64): u64 {
  if (!isBinary(binary)) return badarg();
  const aligned = alignedBinary(binary);
  return aligned == NONE ? NONE : decodeTerm(binaryData(aligned), byteSize(aligned), safe);
}

/** Options of term_to_binary/2 and external_size/2; false when one is bad. */
function takeOptions(options: u64): bool {
  minorVersion = MINOR_VERSION;
  sortKeys = false;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) if (!takeOption(head(rest))) return false;
  return rest == NIL;
}
function takeOption(option: u64): bool {
  if (option == am_deterministic) sortKeys = true;
  // Compression is only a hint: the plain form is also what OTP gives when compressing does not
  // pay.
  else if (option == am_compressed || option == am_local) return true;
  else {
    if (!isTuple(option) || tupleArity(option) != 2 || !isSmall(tupleElement(option, 2)))
      return false;
    const value = smallValue(tupleElement(option, 2));
    const key = tupleElement(option, 1);
    if (key == am_compressed) return value >= 0 && value <= 9;
    if (key != am_minor_version || value < 0 || value > 2) return false;
    minorVersion = value as u32;
  }
  return true;
}

// bif: erlang:term_to_binary/1
export function termToBinary1(term: u64): u64 {
  return termToBinary(term, MINOR_VERSION, false);
}
// bif: erlang:term_to_binary/2
export function termToBinary2(term: u64, options: u64): u64 {
  if (!takeOptions(options)) return badarg();
  return termToBinary(term, minorVersion, sortKeys);
}
function iovecOf(binary: u64): u64 {
  return binary == NONE ? NONE : makeCons(hAlloc(2), binary, NIL);
}
// bif: erlang:term_to_iovec/1
export function termToIovec1(term: u64): u64 {
  return iovecOf(termToBinary(term, MINOR_VERSION, false));
}
// bif: erlang:term_to_iovec/2
export function termToIovec2(term: u64, options: u64): u64 {
  if (!takeOptions(options)) return badarg();
  return iovecOf(termToBinary(term, minorVersion, sortKeys));
}
// bif: erlang:external_size/1
export function externalSize1(term: u64): u64 {
  const bytes = externalSize(term, MINOR_VERSION);
  return bytes < 0 ? NONE : integerOfI64(bytes);
}
// bif: erlang:external_size/2
export function externalSize2(term: u64, options: u64): u64 {
  if (!takeOptions(options)) return badarg();
  const bytes = externalSize(term, minorVersion);
  return bytes < 0 ? NONE : integerOfI64(bytes);
}

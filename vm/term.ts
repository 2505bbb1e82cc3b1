/**
 * Term words: tags, constructors, accessors. The layout is drawn in tables/terms.ts; this file is
 * its one reader in the VM. Addresses are `usize` offsets into linear memory, terms are `u64`.
 * Nothing here allocates.
 */
export const TAG_LIST: u64 = 1;
export const TAG_BOXED: u64 = 2;
export const TAG_PID: u64 = 0x3;
export const TAG_PORT: u64 = 0x7;
export const TAG_SMALL: u64 = 0xf;
export const TAG_ATOM: u64 = 0x0b;
export const TAG_CATCH: u64 = 0x1b;
/** The empty list. */
export const NIL: u64 = 0x3b;
/** Not a term: "no value", what a failing BIF returns. */
export const NONE: u64 = 0;
export const LITERAL_BIT: u64 = 1 << 32;

export const SUB_TUPLE: u32 = 0;
export const SUB_MATCH_STATE: u32 = 1;
export const SUB_POS_BIG: u32 = 2;
export const SUB_NEG_BIG: u32 = 3;
export const SUB_REF: u32 = 4;
export const SUB_FUN: u32 = 5;
export const SUB_FLOAT: u32 = 6;
export const SUB_EXPORT: u32 = 7;
export const SUB_REFC_BINARY: u32 = 8;
export const SUB_HEAP_BINARY: u32 = 9;
export const SUB_SUB_BINARY: u32 = 10;
export const SUB_EXTERNAL_PID: u32 = 12;
export const SUB_EXTERNAL_PORT: u32 = 13;
export const SUB_EXTERNAL_REF: u32 = 14;
export const SUB_MAP: u32 = 15;

export const SMALL_MIN: i64 = -(1 << 59);
export const SMALL_MAX: i64 = (1 << 59) - 1;

// ---- classes of terms

export function isList(t: u64): bool {
  return (t & 3) == TAG_LIST;
}
export function isBoxed(t: u64): bool {
  return (t & 3) == TAG_BOXED;
}
export function isImmediate(t: u64): bool {
  return (t & 3) == 3;
}
export function isSmall(t: u64): bool {
  return (t & 15) == TAG_SMALL;
}
/**
 * A pointer to an object on a process heap or in a table: not a literal, which collectors and
 * copiers leave alone.
 */
export function isHeapPointer(t: u64): bool {
  return ((t + 1) & 2) != 0 && !(t & LITERAL_BIT);
}
/** Both words are small integers. */
export function areSmall(a: u64, b: u64): bool {
  return (a & b & 15) == TAG_SMALL;
}
export function isAtom(t: u64): bool {
  return (t & 63) == TAG_ATOM;
}
export function isLocalPid(t: u64): bool {
  return (t & 15) == TAG_PID;
}
export function isLocalPort(t: u64): bool {
  return (t & 15) == TAG_PORT;
}
export function isLiteral(t: u64): bool {
  return (t & LITERAL_BIT) != 0;
}

// ---- small integers

export function smallOf(value: i64): u64 {
  return ((value as u64) << 4) | TAG_SMALL;
}
export function smallValue(t: u64): i64 {
  return (t as i64) >> 4;
}
export function fitsSmall(value: i64): bool {
  return (value << 4) >> 4 == value;
}

// ---- atoms, pids

export function atomOf(index: u32): u64 {
  return ((index as u64) << 6) | TAG_ATOM;
}
export function atomIndex(t: u64): u32 {
  return (t >> 6) as u32;
}
export function pidOf(number: u32): u64 {
  return ((number as u64) << 4) | TAG_PID;
}
export function pidNumber(t: u64): u32 {
  return (t >> 4) as u32;
}
/** As pids are printed and sent: the low bits of the number, then the rest as a serial. */
export const PID_LOW_BITS: u32 = 15;
export const PID_LOW_MAX: u32 = 0x7fff;
export const PID_SERIAL_MAX: u32 = 0x1fff;
export function pidLow(number: u32): u32 {
  return number & PID_LOW_MAX;
}
export function pidSerial(number: u32): u32 {
  return number >> PID_LOW_BITS;
}
/** Word 2 of a fun: the arity of its call and who made it; a maker on another node is init. */
export function funMaker(arity: u32, pid: u64): u64 {
  return (arity as u64) | (isLocalPid(pid) ? (pidNumber(pid) as u64) << 8 : 0);
}
/** The pid of the process that made a local fun. */
export function makerOf(fun: u64): u64 {
  return pidOf((boxedWord(fun, 2) >> 8) as u32);
}
export function portOf(number: u32): u64 {
  return ((number as u64) << 4) | TAG_PORT;
}

// ---- list cells

/** Address of a list cell: head at +0, tail at +8. */
export function listAddress(t: u64): usize {
  return (t as u32) - 1;
}
export function head(t: u64): u64 {
  return load<u64>((t as u32) - 1);
}
export function tail(t: u64): u64 {
  return load<u64>(t as u32, 7);
}
export function listOf(address: usize): u64 {
  return (address as u64) | TAG_LIST;
}
/** Write a cell of two words at `address` and return it. */
export function makeCons(address: usize, headTerm: u64, tailTerm: u64): u64 {
  store<u64>(address, headTerm);
  store<u64>(address, tailTerm, 8);
  return (address as u64) | TAG_LIST;
}

// ---- boxed objects

/** Address of the header word of a boxed object. */
export function boxedAddress(t: u64): usize {
  return (t as u32) - 2;
}
export function boxedOf(address: usize): u64 {
  return (address as u64) | TAG_BOXED;
}
export function boxedHeader(t: u64): u64 {
  return load<u64>((t as u32) - 2);
}
/** Word `index` of a boxed object; word 0 is its header. */
export function boxedWord(t: u64, index: u32): u64 {
  return load<u64>((t as u32) - 2 + (index << 3));
}
export function setBoxedWord(t: u64, index: u32, word: u64): void {
  store<u64>((t as u32) - 2 + (index << 3), word);
}
/** A header for an object of `words` words after it. */
export function headerOf(subtag: u32, words: u32): u64 {
  return ((words as u64) << 6) | ((subtag as u64) << 2);
}
export function headerWithExtra(subtag: u32, words: u32, extra: u32): u64 {
  return ((extra as u64) << 38) | ((words as u64) << 6) | ((subtag as u64) << 2);
}
export function headerSubtag(header: u64): u32 {
  return ((header as u32) >> 2) & 15;
}
/** Words after the header. */
export function headerWords(header: u64): u32 {
  return (header >> 6) as u32;
}
export function headerExtra(header: u64): u32 {
  return (header >> 38) as u32;
}
export function isHeader(word: u64): bool {
  return (word & 3) == 0;
}
/** `t` is a boxed object with this subtag. */
export function isKind(t: u64, subtag: u32): bool {
  return (t & 3) == TAG_BOXED && headerSubtag(load<u64>((t as u32) - 2)) == subtag;
}
/**
 * Index of the first term word of an object by subtag, 0 when none is (tables/terms.ts firstTerm).
 */
export function firstTermOf(subtag: u32): u32 {
  // One hex digit a subtag, subtag 0 lowest: Tuple 1, MatchState 4, Fun 3, SubBinary 4, External*
  // 1, Map 1.
  return ((0x1111_0400_0030_0041 as u64) >> ((subtag as u64) << 2)) as u32 & 15;
}

export function isTuple(t: u64): bool {
  return isKind(t, SUB_TUPLE);
}
export function tupleArity(t: u64): u32 {
  return headerWords(boxedHeader(t));
}
/** Element `index` of a tuple, counted from 1 as Erlang does. */
export function tupleElement(t: u64, index: u32): u64 {
  return load<u64>((t as u32) - 2 + (index << 3));
}
export function isFloat(t: u64): bool {
  return isKind(t, SUB_FLOAT);
}
export function floatValue(t: u64): f64 {
  return load<f64>(t as u32, 6);
}
export function isBig(t: u64): bool {
  return (t & 3) == TAG_BOXED && (headerSubtag(boxedHeader(t)) & 14) == SUB_POS_BIG;
}
export function isInteger(t: u64): bool {
  return isSmall(t) || isBig(t);
}
export function isNumber(t: u64): bool {
  return isSmall(t) || isBig(t) || isFloat(t);
}
export function isMap(t: u64): bool {
  return isKind(t, SUB_MAP);
}
/** A local or external fun. */
export function isFun(t: u64): bool {
  return (
    (t & 3) == TAG_BOXED &&
    (headerSubtag(boxedHeader(t)) == SUB_FUN || headerSubtag(boxedHeader(t)) == SUB_EXPORT)
  );
}
export function isPid(t: u64): bool {
  return isLocalPid(t) || isKind(t, SUB_EXTERNAL_PID);
}
export function isPort(t: u64): bool {
  return isLocalPort(t) || isKind(t, SUB_EXTERNAL_PORT);
}
/** Low bits of the number of an external pid or port that its second word has. */
export const EXTERNAL_LOW_BITS: u64 = 59;
export const EXTERNAL_LOW_MAX: u64 = 0x07ff_ffff_ffff_ffff;
/** The 64 bits of an external pid (serial << 32 | number) or port. */
export function externalNumber(t: u64): u64 {
  return (boxedWord(t, 2) >> 4) | ((boxedWord(t, 3) >> 36) << EXTERNAL_LOW_BITS);
}
export function externalCreation(t: u64): u32 {
  return (boxedWord(t, 3) >> 4) as u32;
}
export function isReference(t: u64): bool {
  return isKind(t, SUB_REF) || isKind(t, SUB_EXTERNAL_REF);
}
/** A binary or any other bitstring. */
export function isBitstring(t: u64): bool {
  if ((t & 3) != TAG_BOXED) return false;
  const subtag = headerSubtag(boxedHeader(t));
  return subtag >= SUB_REFC_BINARY && subtag <= SUB_SUB_BINARY;
}
/** A bitstring of whole bytes. */
export function isBinary(t: u64): bool {
  if (!isBitstring(t)) return false;
  return headerSubtag(boxedHeader(t)) != SUB_SUB_BINARY || (boxedWord(t, 3) & 7) == 0;
}

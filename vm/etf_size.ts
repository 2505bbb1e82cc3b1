/**
 * First pass over an external term (https://www.erlang.org/doc/apps/erts/erl_ext_dist): checks the
 * whole of it and counts the heap words it needs, so that the second pass (etf_decode.ts) builds
 * without a check of its own. No stack: only the number of terms that still have to come is kept,
 * and it can never exceed the bytes that are left, so hostile counts end at once.
 */
import { ATOM_BYTES_MAX, ATOM_CHARACTERS_MAX, existingAtom } from './atoms';
import { am_nonode_at_nohost } from './gen/atoms';
import { NONE, PID_LOW_MAX, PID_SERIAL_MAX } from './term';
import {
  heapBinaryWords,
  HEAP_BINARY_BYTES_MAX,
  REFC_BINARY_WORDS,
  SUB_BINARY_WORDS,
} from './etf_tags';
import * as T from './etf_tags';

/** After sizeOfTerm: the first byte after the term. */
export let sizedEnd: usize = 0;
/** The term holds a map of more than MAP_FLAT_MAX pairs, whose nodes are not counted. */
export let sizedLargeMap: bool = false;

/** What an identity with a creation of one byte can have. */
const CREATION_BYTE_MAX: u8 = 3;
/** The first word of a reference has 18 bits in the nodes that write such identities, and here. */
const REFERENCE_HIGH_END: u32 = 1 << 18;

/** A call of a fun passes them as arguments. */
const FREE_VARIABLES_MAX: u32 = 255;

let limit: usize = 0;
let cursor: usize = 0;
let words: u64 = 0;
/** Terms still to come. */
let open: u64 = 0;
let safe: bool = false;

function have(bytes: u64): bool {
  return bytes <= ((limit - cursor) as u64);
}
function u16At(address: usize): u32 {
  return bswap<u16>(load<u16>(address));
}
function u32At(address: usize): u32 {
  return bswap<u32>(load<u32>(address));
}

/** Valid UTF-8 (no surrogates, no overlong forms); its number of characters, or -1. */
export function utf8Characters(text: usize, length: u32): i32 {
  let i: u32 = 0;
  let count = 0;
  while (i < length) {
    const first = load<u8>(text + i) as u32;
    const bytes: u32 =
      first < 0x80
        ? 1
        : first < 0xc2
          ? 0
          : first < 0xe0
            ? 2
            : first < 0xf0
              ? 3
              : first < 0xf5
                ? 4
                : 0;
    if (!bytes || i + bytes > length) return -1;
    let point = bytes == 1 ? first : first & (0x7f >> bytes);
    for (let j: u32 = 1; j < bytes; j++) {
      const next = load<u8>(text + i + j) as u32;
      if ((next & 0xc0) != 0x80) return -1;
      point = (point << 6) | (next & 0x3f);
    }
    if (bytes == 3 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) return -1;
    if (bytes == 4 && (point < 0x10000 || point > 0x10ffff)) return -1;
    i += bytes;
    count++;
  }
  return count;
}

/** The atom text of `length` bytes at the cursor is good; moves past it. */
function sizeAtomText(length: u32, utf8: bool): bool {
  if (!have(length)) return false;
  if (utf8) {
    if (length > ATOM_BYTES_MAX) return false;
    const characters = utf8Characters(cursor, length);
    if (characters < 0 || (characters as u32) > ATOM_CHARACTERS_MAX) return false;
    if (safe && existingAtom(cursor, length) == NONE) return false;
  } else {
    if (length > ATOM_CHARACTERS_MAX) return false;
    if (safe && T.existingLatin1Atom(cursor, length) == NONE) return false;
  }
  cursor += length;
  return true;
}

/** An atom with its tag, as the node of pids and names of exports. */
function sizeAtom(): bool {
  if (!have(2)) return false;
  const tag = load<u8>(cursor);
  cursor++;
  if (tag == T.SMALL_ATOM_UTF8_EXT || tag == T.SMALL_ATOM_EXT) {
    const length = load<u8>(cursor) as u32;
    cursor++;
    return sizeAtomText(length, tag == T.SMALL_ATOM_UTF8_EXT);
  }
  if (tag != T.ATOM_UTF8_EXT && tag != T.ATOM_EXT) return false;
  if (!have(2)) return false;
  const length = u16At(cursor);
  cursor += 2;
  return sizeAtomText(length, tag == T.ATOM_UTF8_EXT);
}

function more(count: u64): bool {
  open += count;
  return open <= ((limit - cursor) as u64);
}

function sizeBinary(bytes: u32): bool {
  if (!have(bytes)) return false;
  cursor += bytes;
  words += bytes <= HEAP_BINARY_BYTES_MAX ? heapBinaryWords(bytes) : REFC_BINARY_WORDS;
  return true;
}

function sizeBig(digitBytes: u32): bool {
  if (!have((digitBytes as u64) + 1)) return false;
  cursor += 1 + digitBytes;
  words += 1 + ((digitBytes as u64) + 7) / 8;
  return true;
}

function sizeMap(): bool {
  if (!have(4)) return false;
  const pairs = u32At(cursor) as u64;
  cursor += 4;
  words += 2 * pairs + 4;
  if (pairs > T.MAP_FLAT_MAX) sizedLargeMap = true;
  return more(2 * pairs);
}

/** A local fun: everything up to its free variables, whose terms then come. */
function sizeFun(): bool {
  if (!have(4 + 1 + 16 + 4 + 4)) return false;
  const size = u32At(cursor);
  const free = u32At(cursor + 25);
  if (size < 29 || !have(size) || free > FREE_VARIABLES_MAX) return false;
  cursor += 29;
  if (!sizeAtom()) return false;
  words += 3 + (free as u64);
  // Old index, old uniq, pid, free variables.
  return (
    T.sizeOfSmallInteger(cursor, limit) && skipSmallInteger() && sizeOldUniqAndPid() && more(free)
  );
}
function skipSmallInteger(): bool {
  const bytes = T.sizeOfSmallInteger(cursor, limit);
  cursor += bytes;
  return bytes != 0;
}
function sizeOldUniqAndPid(): bool {
  if (!skipSmallInteger() || !have(1)) return false;
  const tag = load<u8>(cursor);
  if (tag != T.PID_EXT && tag != T.NEW_PID_EXT) return false;
  const kept = words;
  cursor++;
  if (!sizePid(tag == T.PID_EXT ? 1 : 4)) return false;
  words = kept;
  return true;
}

/**
 * The name of a node, sized already, and the creation of `bytes` at `creation` are those of this
 * one. The same name with another creation is a former life of the node.
 */
function isThisNode(name: usize, creation: usize, bytes: u32): bool {
  if (bytes == 4 ? u32At(creation) : bytes ? load<u8>(creation) : 0) return false;
  const tag = load<u8>(name);
  const short = tag == T.SMALL_ATOM_UTF8_EXT || tag == T.SMALL_ATOM_EXT;
  const length = short ? (load<u8>(name, 1) as u32) : u16At(name + 1);
  return existingAtom(name + (short ? 2 : 3), length) == am_nonode_at_nohost;
}
/** The last bytes of an identity: a creation of one byte is one of the first nodes had. */
function skipCreation(bytes: u32): bool {
  if (bytes == 1 && load<u8>(cursor) > CREATION_BYTE_MAX) return false;
  cursor += bytes;
  return true;
}
function sizePid(creationBytes: u32): bool {
  const node = cursor;
  if (!sizeAtom() || !have(8 + creationBytes)) return false;
  const here = isThisNode(node, cursor + 8, creationBytes);
  if (here && (u32At(cursor) > PID_LOW_MAX || u32At(cursor + 4) > PID_SERIAL_MAX)) return false;
  cursor += 8;
  words += 4;
  return skipCreation(creationBytes);
}
function sizePort(numberBytes: u32, creationBytes: u32): bool {
  if (!sizeAtom() || !have(numberBytes + creationBytes)) return false;
  cursor += numberBytes;
  words += 4;
  return skipCreation(creationBytes);
}

/** References with a creation of one byte, and those of this node, begin with 18 bits. */
function sizeReference(creationBytes: u32): bool {
  if (!have(2)) return false;
  const count = u16At(cursor);
  cursor += 2;
  const node = cursor;
  if (count < 1 || count > 5 || !sizeAtom() || !have(creationBytes + count * 4)) return false;
  const here = isThisNode(node, cursor, creationBytes);
  if (!skipCreation(creationBytes)) return false;
  if (here && count > 3) return false;
  if ((here || creationBytes == 1) && u32At(cursor) >= REFERENCE_HIGH_END) return false;
  cursor += count * 4;
  words += 3 + count;
  return true;
}
function sizeOldReference(): bool {
  if (!sizeAtom() || !have(5) || u32At(cursor) >= REFERENCE_HIGH_END) return false;
  cursor += 4;
  words += 4;
  return skipCreation(1);
}

function sizeBitBinary(): bool {
  if (!have(5)) return false;
  const bytes = u32At(cursor);
  const bits = load<u8>(cursor, 4) as u32;
  cursor += 5;
  if (bits > 8 || (bytes == 0 ? bits != 0 : bits == 0)) return false;
  words += SUB_BINARY_WORDS;
  return sizeBinary(bytes);
}

function sizeCounted(tag: u32): bool {
  if (!have(4)) return false;
  const count = u32At(cursor) as u64;
  cursor += 4;
  if (tag == T.LIST_EXT) {
    words += 2 * count;
    return more(count + 1);
  }
  if (tag == T.LARGE_TUPLE_EXT) {
    if (count > T.TUPLE_SIZE_MAX) return false;
    words += 1 + count;
    return more(count);
  }
  if (tag == T.BINARY_EXT) return sizeBinary(count as u32);
  return count < 0x1000_0000 && sizeBig(count as u32);
}

function sizeShort(tag: u32): bool {
  if (!have(1)) return false;
  const count = load<u8>(cursor) as u32;
  cursor++;
  if (tag == T.SMALL_TUPLE_EXT) {
    words += 1 + count;
    return more(count);
  }
  if (tag == T.SMALL_BIG_EXT) return sizeBig(count);
  return tag == T.SMALL_INTEGER_EXT;
}

function sizeFixed(tag: u32): bool {
  if (tag == T.NIL_EXT) return true;
  if (tag == T.INTEGER_EXT) {
    if (!have(4)) return false;
    cursor += 4;
    return true;
  }
  words += 2;
  const bytes: u32 = tag == T.NEW_FLOAT_EXT ? 8 : 31;
  if (!have(bytes)) return false;
  if (tag == T.NEW_FLOAT_EXT && !T.isFiniteFloat(cursor)) return false;
  if (tag == T.FLOAT_EXT && !T.parseOldFloat(cursor)) return false;
  cursor += bytes;
  return true;
}

function sizeString(): bool {
  if (!have(2)) return false;
  const count = u16At(cursor);
  cursor += 2;
  if (!have(count)) return false;
  cursor += count;
  words += 2 * (count as u64);
  return true;
}

function sizeExport(): bool {
  if (!sizeAtom() || !sizeAtom() || !have(2) || load<u8>(cursor) != T.SMALL_INTEGER_EXT)
    return false;
  cursor += 2;
  words += 2;
  return true;
}

function sizeOne(tag: u32): bool {
  switch (tag) {
    case T.SMALL_INTEGER_EXT:
    case T.SMALL_TUPLE_EXT:
    case T.SMALL_BIG_EXT:
      return sizeShort(tag);
    case T.NIL_EXT:
    case T.INTEGER_EXT:
    case T.FLOAT_EXT:
    case T.NEW_FLOAT_EXT:
      return sizeFixed(tag);
    case T.LIST_EXT:
    case T.LARGE_TUPLE_EXT:
    case T.BINARY_EXT:
    case T.LARGE_BIG_EXT:
      return sizeCounted(tag);
    case T.ATOM_EXT:
    case T.SMALL_ATOM_EXT:
    case T.ATOM_UTF8_EXT:
    case T.SMALL_ATOM_UTF8_EXT:
      cursor--;
      return sizeAtom();
    case T.STRING_EXT:
      return sizeString();
    case T.BIT_BINARY_EXT:
      return sizeBitBinary();
    case T.MAP_EXT:
      return sizeMap();
    case T.PID_EXT:
      return sizePid(1);
    case T.NEW_PID_EXT:
      return sizePid(4);
    case T.PORT_EXT:
      return sizePort(4, 1);
    case T.NEW_PORT_EXT:
      return sizePort(4, 4);
    case T.V4_PORT_EXT:
      return sizePort(8, 4);
    case T.REFERENCE_EXT:
      return sizeOldReference();
    case T.NEW_REFERENCE_EXT:
      return sizeReference(1);
    case T.NEWER_REFERENCE_EXT:
      return sizeReference(4);
    case T.NEW_FUN_EXT:
      return sizeFun();
    case T.EXPORT_EXT:
      return sizeExport();
    default:
      return false;
  }
}

export const SIZE_MORE: u32 = 0;
export const SIZE_DONE: u32 = 1;
export const SIZE_FAILED: u32 = 2;

/** Begin with the term in [from, to): without the version byte 131, and not compressed. */
export function beginSize(from: usize, to: usize, onlyExistingAtoms: bool): void {
  cursor = from;
  limit = to;
  words = 0;
  open = 1;
  safe = onlyExistingAtoms;
  sizedLargeMap = false;
}
/**
 * Check until done, or until `steps` terms were checked. SIZE_FAILED when the term is malformed, or
 * (with `onlyExistingAtoms`) when it would make an atom.
 */
export function continueSize(steps: u32): u32 {
  let left = steps;
  while (open) {
    if (!left) return SIZE_MORE;
    left--;
    open--;
    if (cursor >= limit) return SIZE_FAILED;
    const tag = load<u8>(cursor) as u32;
    cursor++;
    if (!sizeOne(tag)) return SIZE_FAILED;
  }
  sizedEnd = cursor;
  return words < 0x1000_0000 ? SIZE_DONE : SIZE_FAILED;
}
/** After SIZE_DONE: the words that the term needs on a heap. */
export function sizedWords(): u32 {
  return words as u32;
}

/** Check at once: the words that the term needs, or -1. `sizedEnd` is the first byte after it. */
export function sizeOfTerm(from: usize, to: usize, onlyExistingAtoms: bool): i64 {
  beginSize(from, to, onlyExistingAtoms);
  return continueSize(0xffff_ffff) == SIZE_DONE ? (words as i64) : -1;
}

/** Bytes that saveSize writes. */
export const SIZE_STATE_BYTES: u32 = 32;
/** Keep the state of a check that is not finished; addresses relative to `source`. */
export function saveSize(to: usize, source: usize): void {
  store<u32>(to, (cursor - source) as u32);
  store<u32>(to, (limit - source) as u32, 4);
  store<u64>(to, words, 8);
  store<u64>(to, open, 16);
  store<u32>(to, (safe ? 1 : 0) | (sizedLargeMap ? 2 : 0), 24);
}
export function restoreSize(from: usize, source: usize): void {
  cursor = source + load<u32>(from);
  limit = source + load<u32>(from, 4);
  words = load<u64>(from, 8);
  open = load<u64>(from, 16);
  safe = (load<u32>(from, 24) & 1) != 0;
  sizedLargeMap = (load<u32>(from, 24) & 2) != 0;
}

/** Atoms to and from text. An atom has at most 255 characters. */
import {
  ATOM_CHARACTERS_MAX,
  atomCharacters,
  atomFromUtf8,
  atomLength,
  atomText,
  existingAtom,
} from '../atoms';
import { alignedBinary, binaryData, binaryOf, byteSize } from '../binary';
import { badarg, systemLimit } from '../errors';
import { am_latin1, am_unicode, am_utf8 } from '../gen/atoms';
import { hAlloc } from '../heap';
import {
  NIL,
  NONE,
  head,
  isAtom,
  isBinary,
  isList,
  isSmall,
  makeCons,
  smallOf,
  smallValue,
  tail,
} from '../term';
import { isCharacter, readUtf8, storeUtf8, utfBytes, utfCharacter } from '../unicode';

/** Room for the UTF-8 text of the atom being made. */
const text: usize = memory.data(1024, 8);

/** Outcomes of collecting the text of an atom, besides its length in bytes. */
const NO_TEXT: i32 = -1;
const TOO_LONG: i32 = -2;

/** The atom whose text of `length` bytes (or outcome) has been collected in `text`. */
function atomOfText(length: i32, existing: bool): u64 {
  if (length < 0) return length == TOO_LONG && !existing ? systemLimit() : badarg();
  const found = existing ? existingAtom(text, length as u32) : atomFromUtf8(text, length as u32);
  if (found != NONE) return found;
  return existing ? badarg() : systemLimit();
}

// ---- lists

function collectList(list: u64): i32 {
  let at = text;
  let count: u32 = 0;
  let rest = list;
  for (; isList(rest); rest = tail(rest)) {
    if (count++ == ATOM_CHARACTERS_MAX) return TOO_LONG;
    const element = head(rest);
    if (!isSmall(element) || !isCharacter(smallValue(element) as u64)) return NO_TEXT;
    at = storeUtf8(at, smallValue(element) as u32);
  }
  return rest == NIL ? ((at - text) as i32) : NO_TEXT;
}

// bif: erlang:list_to_atom/1
export function erlangListToAtom1(list: u64): u64 {
  return atomOfText(collectList(list), false);
}

// bif: erlang:list_to_existing_atom/1
export function erlangListToExistingAtom1(list: u64): u64 {
  return atomOfText(collectList(list), true);
}

// bif: erlang:atom_to_list/1
export function erlangAtomToList1(atom: u64): u64 {
  if (!isAtom(atom)) return badarg();
  const from = atomText(atom);
  const count = atomCharacters(atom);
  const area = hAlloc(count << 1);
  let at = from;
  for (let i: u32 = 0; i < count; i++) {
    const read = readUtf8(at, 0, 32);
    const cell = area + ((i as usize) << 4);
    const rest = i + 1 < count ? ((cell + 16) as u64) | 1 : NIL;
    makeCons(cell, smallOf(utfCharacter(read) as i64), rest);
    at += utfBytes(read);
  }
  return count ? (area as u64) | 1 : NIL;
}

// ---- binaries

function collectUtf8(from: usize, bytes: u32): i32 {
  let done: u32 = 0;
  let count: u32 = 0;
  while (done < bytes) {
    if (count++ == ATOM_CHARACTERS_MAX) return TOO_LONG;
    const size = utfBytes(readUtf8(from + done, 0, ((bytes - done) as u64) << 3));
    if (!size) return NO_TEXT;
    done += size;
  }
  memory.copy(text, from, bytes);
  return bytes as i32;
}
function collectLatin1(from: usize, bytes: u32): i32 {
  if (bytes > ATOM_CHARACTERS_MAX) return TOO_LONG;
  let at = text;
  for (let i: u32 = 0; i < bytes; i++) at = storeUtf8(at, load<u8>(from + i));
  return (at - text) as i32;
}
function isUtf8(encoding: u64): bool {
  return encoding == am_utf8 || encoding == am_unicode;
}
function fromBinary(binary: u64, encoding: u64, existing: bool): u64 {
  if (!isBinary(binary) || (encoding != am_latin1 && !isUtf8(encoding))) return badarg();
  const aligned = alignedBinary(binary);
  if (aligned == NONE) return NONE;
  const data = binaryData(aligned);
  const bytes = byteSize(aligned);
  const length = isUtf8(encoding) ? collectUtf8(data, bytes) : collectLatin1(data, bytes);
  return atomOfText(length, existing);
}

// bif: erlang:binary_to_atom/2
export function erlangBinaryToAtom2(binary: u64, encoding: u64): u64 {
  return fromBinary(binary, encoding, false);
}

// bif: erlang:binary_to_atom/1
export function erlangBinaryToAtom1(binary: u64): u64 {
  return fromBinary(binary, am_utf8, false);
}

// bif: erlang:binary_to_existing_atom/2
export function erlangBinaryToExistingAtom2(binary: u64, encoding: u64): u64 {
  return fromBinary(binary, encoding, true);
}

// bif: erlang:binary_to_existing_atom/1
export function erlangBinaryToExistingAtom1(binary: u64): u64 {
  return fromBinary(binary, am_utf8, true);
}

// bif: erlang:atom_to_binary/2
export function erlangAtomToBinary2(atom: u64, encoding: u64): u64 {
  if (!isAtom(atom)) return badarg();
  const from = atomText(atom);
  const bytes = atomLength(atom);
  if (isUtf8(encoding)) return binaryOf(from, bytes);
  if (encoding != am_latin1) return badarg();
  const count = atomCharacters(atom);
  let at = from;
  for (let i: u32 = 0; i < count; i++) {
    const read = readUtf8(at, 0, 32);
    if (utfCharacter(read) > 255) return badarg();
    store<u8>(text + i, utfCharacter(read) as u8);
    at += utfBytes(read);
  }
  return binaryOf(text, count);
}

// bif: erlang:atom_to_binary/1
export function erlangAtomToBinary1(atom: u64): u64 {
  return erlangAtomToBinary2(atom, am_utf8);
}

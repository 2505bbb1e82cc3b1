/**
 * File names as the runtime and as the file system write them (BIFs of prim_file): lists of
 * characters here, UTF-8 with a zero byte at the end there. Binaries pass as they are.
 */
import { alignedBinary, binaryData, bitSize, byteSize, newBinary } from '../binary';
import { exportEntry } from '../code';
import { badarg, outOfMemory, systemLimit, trapToExport } from '../errors';
import { am_characters_to_nfc_list, am_error, am_unicode, am_warning } from '../gen/atoms';
import { hAlloc } from '../heap';
import { setX } from '../registers';
import { tuple2 } from '../signals';
import { chargeReductions } from '../state';
import {
  NIL,
  NONE,
  head,
  isBinary,
  isBitstring,
  isList,
  isSmall,
  listOf,
  makeCons,
  smallOf,
  smallValue,
  tail,
} from '../term';
import { isCharacter, readUtf8, storeUtf8, utf8Size, utfBytes, utfCharacter } from '../unicode';
import { cut, mark, pop, push } from '../work_stack';
import { boolOf } from './types';

/** Longest name that is converted: beyond what any file system takes. */
const NAME_MAX: u32 = 65536;

// ---- to the file system

/**
 * Walk a list of characters, to any depth: its bytes in UTF-8, written to `to` unless that is 0;
 * -1 when it is no such list, more than NAME_MAX when it is too long.
 */
function nameBytes(name: u64, to: usize): i32 {
  const base = mark();
  let bytes: u32 = 0;
  let steps: u32 = 0;
  let rest = name;
  let good = true;
  while (good && bytes <= NAME_MAX) {
    if (++steps > NAME_MAX * 2) bytes = NAME_MAX + 1;
    else if (isList(rest)) {
      const first = head(rest);
      rest = tail(rest);
      if (isList(first) || first == NIL) {
        if (rest != NIL && !push(rest)) bytes = NAME_MAX + 1;
        rest = first;
      } else if (isSmall(first) && isCharacter(smallValue(first) as u64) && first >> 4) {
        if (to) storeUtf8(to + bytes, smallValue(first) as u32);
        bytes += utf8Size(smallValue(first) as u64);
      } else good = false;
    } else if (rest != NIL) good = false;
    else if (mark() == base) break;
    else rest = pop();
  }
  cut(base);
  return good ? (bytes as i32) : -1;
}
function nativeOfList(name: u64): u64 {
  const bytes = nameBytes(name, 0);
  if (bytes < 0) return badarg();
  if (bytes > (NAME_MAX as i32)) return systemLimit();
  chargeReductions(bytes >> 5);
  const native = newBinary((bytes + 1) as u32);
  if (native == NONE) return NONE;
  nameBytes(name, binaryData(native));
  store<u8>(binaryData(native) + bytes, 0);
  return native;
}
function nativeOfBinary(name: u64): u64 {
  const bytes = (bitSize(name) >> 3) as u32;
  if (bytes > NAME_MAX) return systemLimit();
  const aligned = alignedBinary(name);
  if (aligned == NONE) return NONE;
  const from = binaryData(aligned);
  for (let i: u32 = 0; i < bytes; i++) if (!load<u8>(from + i)) return badarg();
  const native = newBinary(bytes + 1);
  if (native == NONE) return NONE;
  memory.copy(binaryData(native), binaryData(aligned), bytes);
  store<u8>(binaryData(native) + bytes, 0);
  return native;
}
// bif: prim_file:internal_name2native/1
export function name2native1(name: u64): u64 {
  if (isBitstring(name)) return nativeOfBinary(name);
  return isList(name) || name == NIL ? nativeOfList(name) : badarg();
}

// ---- from the file system

/** After `charactersOf`: how many there are. */
let characterCount: u32 = 0;
/** The bytes are UTF-8 all through. */
function countCharacters(from: usize, bytes: u32): bool {
  characterCount = 0;
  let at: u32 = 0;
  while (at < bytes) {
    const read = readUtf8(from + at, 0, ((bytes - at) as u64) << 3);
    if (!utfBytes(read)) return false;
    at += utfBytes(read);
    characterCount++;
  }
  return true;
}
function characterList(from: usize, count: u32): u64 {
  if (!count) return NIL;
  const cells = hAlloc(count << 1);
  if (!cells) return outOfMemory();
  let at = from;
  for (let i: u32 = 0; i < count; i++) {
    const read = readUtf8(at, 0, 32);
    at += utfBytes(read);
    const cell = cells + (i << 4);
    const next = i + 1 < count ? listOf(cell + 16) : NIL;
    makeCons(cell, smallOf(utfCharacter(read) as i64), next);
  }
  return listOf(cells);
}
// bif: prim_file:internal_native2name/1
export function native2name1(native: u64): u64 {
  if (!isBinary(native)) return badarg();
  const bytes = byteSize(native);
  if (bytes > NAME_MAX) return systemLimit();
  const aligned = alignedBinary(native);
  if (aligned == NONE) return NONE;
  chargeReductions((bytes >> 4) as i32);
  // As with erl's default for names that are not UTF-8: they are left out with a warning.
  if (!countCharacters(binaryData(aligned), bytes)) return tuple2(am_error, am_warning);
  return characterList(binaryData(aligned), characterCount);
}
// bif: prim_file:is_translatable/1
export function isTranslatable1(native: u64): u64 {
  if (!isBinary(native)) return badarg();
  if (byteSize(native) > NAME_MAX) return systemLimit();
  const aligned = alignedBinary(native);
  if (aligned == NONE) return NONE;
  return boolOf(countCharacters(binaryData(aligned), byteSize(native)));
}
/** Characters with their accents composed. */
// bif: prim_file:internal_normalize_utf8/1
export function normalizeUtf81(native: u64): u64 {
  if (!isBinary(native)) return badarg();
  if (byteSize(native) > NAME_MAX) return systemLimit();
  const aligned = alignedBinary(native);
  if (aligned == NONE) return NONE;
  if (!countCharacters(binaryData(aligned), byteSize(native))) return badarg();
  const compose = exportEntry(am_unicode, am_characters_to_nfc_list, 1);
  if (!compose) return outOfMemory();
  setX(0, native);
  return trapToExport(compose, 1);
}

/**
 * The native functions of module unicode. Chardata are checked and counted, then written as UTF-8
 * into one binary; a list is made from that binary, from its end. All three stages work in slices.
 */
import {
  BINARY_BYTES_MAX,
  binaryData,
  binaryOf,
  bitOffset,
  byteSize,
  isAlignedBinary,
  newBinary,
  subBinary,
} from '../binary';
import { readBits } from '../bits';
import { exportEntry } from '../code';
import { badarg, outOfMemory, systemLimit, trapTo, trapToExport } from '../errors';
import {
  CHARACTERS_BAD,
  CHARACTERS_DONE,
  CHARACTERS_ERROR,
  CHARACTERS_INCOMPLETE,
  CHARACTERS_MORE,
  CHARACTERS_NO_MEMORY,
  CHARACTERS_WRONG_END,
  charactersRest,
  closeCharacters,
  convertCharacters,
  countCharacters,
  pending,
  pendingBytes,
  startCharacters,
  walkBytes,
  walkSteps,
} from '../characters';
import {
  am_characters_to_binary_int,
  am_characters_to_list_int,
  am_error,
  am_false,
  am_incomplete,
  am_latin1,
  am_true,
  am_unicode,
  am_utf8,
} from '../gen/atoms';
import {
  BIF_vbeamBinIs7bit,
  BIF_vbeamCharactersConvert,
  BIF_vbeamCharactersCount,
  BIF_vbeamUtf8ToList,
} from '../gen/bifs';
import { hAlloc, hRelease } from '../heap';
import { setX } from '../registers';
import { budget, chargeReductions } from '../state';
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
  makeCons,
  smallOf,
  smallValue,
  tail,
} from '../term';
import { readUtf8, utfCharacter } from '../unicode';

const STEPS_PER_REDUCTION: i32 = 16;

/**
 * Bits of the `mode` argument of the continuations; above them: pending bytes (2 bits), position or
 * count.
 */
const MODE_LATIN1: i64 = 1;
const MODE_LIST: i64 = 2;

function slice(): i32 {
  return budget() * STEPS_PER_REDUCTION;
}
function charge(): void {
  chargeReductions(walkSteps / STEPS_PER_REDUCTION + 1);
}
function trap4(bif: u32, first: u64, second: u64, third: u64, fourth: u64): u64 {
  setX(0, first);
  setX(1, second);
  setX(2, third);
  setX(3, fourth);
  return trapTo(bif, 4);
}

/** Convert `data`, or leave it to Erlang when the encoding is not one of the native ones. */
function characters(data: u64, encoding: u64, mode: i64, other: u64): u64 {
  if (encoding == am_latin1)
    return vbeamCharactersCount(data, smallOf(0), smallOf(mode | MODE_LATIN1), data);
  if (encoding == am_unicode || encoding == am_utf8)
    return vbeamCharactersCount(data, smallOf(0), smallOf(mode), data);
  const entry = exportEntry(am_unicode, other, 2);
  if (!entry) return outOfMemory();
  setX(0, data);
  setX(1, encoding);
  return trapToExport(entry, 2);
}

// bif: unicode:characters_to_binary/2
export function unicodeCharactersToBinary2(data: u64, encoding: u64): u64 {
  // A list with one binary is taken for the binary, which shows when some of it is left (as in OTP,
  // here but not below, and not for the encodings that Erlang code knows).
  const native = encoding == am_latin1 || encoding == am_unicode || encoding == am_utf8;
  const single = native && isList(data) && tail(data) == NIL && isBinary(head(data));
  return characters(single ? head(data) : data, encoding, 0, am_characters_to_binary_int);
}

// bif: unicode:characters_to_list/2
export function unicodeCharactersToList2(data: u64, encoding: u64): u64 {
  return characters(data, encoding, MODE_LIST, am_characters_to_list_int);
}

/** Count what is left of `data`, then convert all of it. */
// bif: vbeam_internal:characters_count/4
export function vbeamCharactersCount(rest: u64, bytes: u64, mode: u64, data: u64): u64 {
  if (!isSmall(bytes) || !isSmall(mode)) return badarg();
  startCharacters(rest, (smallValue(mode) & MODE_LATIN1) != 0, 0, 0);
  const state = countCharacters(slice());
  charge();
  const sum = smallValue(bytes) + (walkBytes as i64);
  const left = state == CHARACTERS_MORE ? charactersRest() : NIL;
  closeCharacters();
  if (left == NONE || state == CHARACTERS_NO_MEMORY) return NONE;
  if (state == CHARACTERS_BAD) return badarg();
  if (state == CHARACTERS_MORE)
    return trap4(BIF_vbeamCharactersCount, left, smallOf(sum), mode, data);
  if (sum > (BINARY_BYTES_MAX as i64)) return systemLimit();
  const made = newBinary(sum as u32);
  if (made == NONE) return NONE;
  return vbeamCharactersConvert(data, made, smallOf(0), smallOf(modeOf(mode, 0, 0)));
}
/** `mode` with the pending bytes added. */
function modeOf(mode: u64, started: u32, startedBytes: u32): i64 {
  return (smallValue(mode) & 3) | ((startedBytes as i64) << 2) | ((started as i64) << 4);
}

/** Convert what is left of the data into `made` from byte `position` on. */
// bif: vbeam_internal:characters_convert/4
export function vbeamCharactersConvert(rest: u64, made: u64, position: u64, mode: u64): u64 {
  if (!isAlignedBinary(made) || !isSmall(position) || !isSmall(mode)) return badarg();
  const done = smallValue(position);
  if (done < 0 || done > (byteSize(made) as i64)) return badarg();
  const flags = smallValue(mode);
  const started = (flags >> 4) as u32;
  startCharacters(rest, (flags & MODE_LATIN1) != 0, started, ((flags >> 2) & 3) as u32);
  const from = done as u32;
  const state = convertCharacters(binaryData(made) + from, byteSize(made) - from, slice());
  charge();
  const end = from + (walkBytes as u32);
  const whole =
    state == CHARACTERS_DONE || state == CHARACTERS_INCOMPLETE || state == CHARACTERS_WRONG_END;
  const left = whole ? NIL : charactersRest();
  closeCharacters();
  if (left == NONE || state == CHARACTERS_NO_MEMORY) return NONE;
  if (state == CHARACTERS_BAD) return badarg();
  if (state == CHARACTERS_MORE) {
    const next = smallOf(modeOf(mode, pending, pendingBytes));
    return trap4(BIF_vbeamCharactersConvert, left, made, smallOf(end as i64), next);
  }
  const text = end == byteSize(made) ? made : subBinary(made, 0, (end as u64) << 3);
  return finish(text, (flags & MODE_LIST) != 0, state, left);
}

/**
 * The result for the converted `text`: itself or its list, in a tuple with what is left when the
 * data were not all converted.
 */
function finish(text: u64, asList: bool, state: u32, left: u64): u64 {
  let problem = NIL;
  if (state == CHARACTERS_INCOMPLETE) problem = makeCons(hAlloc(2), am_incomplete, pendingBinary());
  else if (state == CHARACTERS_WRONG_END) problem = makeCons(hAlloc(2), am_error, pendingBinary());
  else if (state == CHARACTERS_ERROR) {
    let rest = left;
    if (pendingBytes) {
      const inner = makeCons(hAlloc(2), left, NIL);
      rest = makeCons(hAlloc(2), pendingBinary(), inner);
    }
    problem = makeCons(hAlloc(2), am_error, rest);
  }
  if (asList) return vbeamUtf8ToList(text, smallOf(byteSize(text) as i64), NIL, problem);
  return withProblem(text, problem);
}
const pendingWord: usize = memory.data(8, 8);
function pendingBinary(): u64 {
  store<u32>(pendingWord, pending);
  return binaryOf(pendingWord, pendingBytes);
}
/** `result`, or {Kind, result, Rest} when `problem` is [Kind | Rest]. */
function withProblem(result: u64, problem: u64): u64 {
  if (!isList(problem)) return result;
  const at = hAlloc(4);
  store<u64>(at, headerOf(SUB_TUPLE, 3));
  store<u64>(at, head(problem), 8);
  store<u64>(at, result, 16);
  store<u64>(at, tail(problem), 24);
  return boxedOf(at);
}

/** Cells that are asked of the heap at once. */
const CELLS: u32 = 1024;

/** Put the characters of the first `end` bytes of valid UTF-8 in front of `list`. */
// bif: vbeam_internal:utf8_to_list/4
export function vbeamUtf8ToList(text: u64, end: u64, list: u64, problem: u64): u64 {
  if (!isAlignedBinary(text) || !isSmall(end)) return badarg();
  if ((smallValue(end) as u64) > (byteSize(text) as u64)) return badarg();
  const data = binaryData(text);
  let at = smallValue(end) as u32;
  let result = list;
  let left = budget();
  while (at && left > 0) {
    const wanted = at < CELLS ? at : CELLS;
    const area = hAlloc(wanted << 1);
    let cell = area;
    const limit = area + (wanted << 4);
    while (at && cell < limit) {
      at--;
      while (at && (load<u8>(data + at) & 0xc0) == 0x80) at--;
      const read = readUtf8(data + at, 0, 32);
      result = makeCons(cell, smallOf(utfCharacter(read) as i64), result);
      cell += 16;
    }
    if (cell < limit) hRelease(area, wanted << 1, cell);
    left -= (CELLS as i32) / STEPS_PER_REDUCTION;
    chargeReductions((CELLS as i32) / STEPS_PER_REDUCTION);
  }
  if (!at) return withProblem(result, problem);
  return trap4(BIF_vbeamUtf8ToList, text, smallOf(at as i64), result, problem);
}

// bif: unicode:bin_is_7bit/1
export function unicodeBinIs7bit1(binary: u64): u64 {
  if (!isBinary(binary)) return am_false;
  return vbeamBinIs7bit(binary, smallOf(0));
}

/** Bytes looked at for one reduction. */
const BYTES_PER_REDUCTION: u32 = 512;

/** All bytes from `from` on are below 128. */
// bif: vbeam_internal:bin_is_7bit/2
export function vbeamBinIs7bit(binary: u64, from: u64): u64 {
  if (!isBinary(binary) || !isSmall(from)) return badarg();
  const size = byteSize(binary);
  if ((smallValue(from) as u64) > (size as u64)) return badarg();
  const data = binaryData(binary);
  const offset = bitOffset(binary) as u64;
  let at = smallValue(from) as u32;
  let left = budget();
  while (at < size) {
    if (!left--) {
      setX(0, binary);
      setX(1, smallOf(at as i64));
      return trapTo(BIF_vbeamBinIs7bit, 2);
    }
    const end = size - at > BYTES_PER_REDUCTION ? at + BYTES_PER_REDUCTION : size;
    while (at < end) {
      const count = end - at < 8 ? end - at : 8;
      const word = readBits(data, offset + ((at as u64) << 3), count << 3);
      if (word & 0x8080_8080_8080_8080) return am_false;
      at += count;
    }
    chargeReductions(1);
  }
  return am_true;
}

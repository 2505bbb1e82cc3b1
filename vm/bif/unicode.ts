/**
 * The native functions of module unicode. Chardata are checked and counted, then written as UTF-8
 * into one binary; a list is made from that binary, from its end. The first two stages can be left
 * (vm/walk.ts), the third works in slices.
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
  leaveCharacters,
  resumeCharacters,
  resumedBytes,
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
import { BIF_vbeamBinIs7bit, BIF_vbeamCharactersConvert, BIF_vbeamUtf8ToList } from '../gen/bifs';
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
import { allowLeaving, endWalk, leaveWalk, shouldLeave } from '../walk';

const STEPS_PER_REDUCTION: i32 = 16;
/** Steps between two looks at the doorbell. */
const STEPS: i32 = 192;

/** Bits of `mode`. */
const MODE_LATIN1: i64 = 1;
const MODE_LIST: i64 = 2;

function trap4(bif: u32, first: u64, second: u64, third: u64, fourth: u64): u64 {
  setX(0, first);
  setX(1, second);
  setX(2, third);
  setX(3, fourth);
  return trapTo(bif, 4);
}

/** Convert `data`, or leave it to Erlang when the encoding is not one of the native ones. */
function characters(data: u64, encoding: u64, mode: i64, other: u64): u64 {
  if (encoding == am_latin1) return startConversion(data, mode | MODE_LATIN1);
  if (encoding == am_unicode || encoding == am_utf8) return startConversion(data, mode);
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

/** Chardata of so many bytes are converted as soon as they are counted. */
const FEW_BYTES: u64 = 256;

/** Check and count `data`, then convert them. */
function startConversion(data: u64, mode: i64): u64 {
  allowLeaving();
  const isLatin1 = (mode & MODE_LATIN1) != 0;
  let sum: u64 = 0;
  if (resumeCharacters(isLatin1)) sum = resumedBytes;
  else startCharacters(data, isLatin1, 0, 0);
  let state = CHARACTERS_MORE;
  while (true) {
    state = countCharacters(STEPS);
    sum += walkBytes;
    if (state != CHARACTERS_MORE) break;
    if (sum > (BINARY_BYTES_MAX as u64)) break;
    if (shouldLeave() && leaveCharacters(sum)) break;
  }
  if (endWalk()) return leaveWalk();
  chargeReductions(walkSteps / STEPS_PER_REDUCTION);
  closeCharacters();
  if (state == CHARACTERS_NO_MEMORY) return NONE;
  if (state == CHARACTERS_BAD) return badarg();
  if (sum > (BINARY_BYTES_MAX as u64)) return systemLimit();
  const made = newBinary(sum as u32);
  if (made == NONE) return NONE;
  if (sum <= FEW_BYTES) return convertInto(data, made, mode);
  setX(0, data);
  setX(1, made);
  setX(2, smallOf(mode));
  return trapTo(BIF_vbeamCharactersConvert, 3);
}

/** Convert the data into `made`. */
// bif: vbeam_internal:characters_convert/3
export function vbeamCharactersConvert(data: u64, made: u64, mode: u64): u64 {
  if (!isAlignedBinary(made) || !isSmall(mode)) return badarg();
  allowLeaving();
  return convertInto(data, made, smallValue(mode));
}
function convertInto(data: u64, made: u64, mode: i64): u64 {
  const isLatin1 = (mode & MODE_LATIN1) != 0;
  let end: u32 = 0;
  if (resumeCharacters(isLatin1)) end = resumedBytes as u32;
  else startCharacters(data, isLatin1, 0, 0);
  let state = CHARACTERS_MORE;
  while (true) {
    state = convertCharacters(binaryData(made) + end, byteSize(made) - end, STEPS);
    end += walkBytes as u32;
    if (state != CHARACTERS_MORE) break;
    if (shouldLeave() && leaveCharacters(end as u64)) break;
  }
  if (endWalk()) return leaveWalk();
  chargeReductions(walkSteps / STEPS_PER_REDUCTION);
  const whole =
    state == CHARACTERS_DONE || state == CHARACTERS_INCOMPLETE || state == CHARACTERS_WRONG_END;
  const left = whole ? NIL : charactersRest();
  closeCharacters();
  if (left == NONE || state == CHARACTERS_NO_MEMORY) return NONE;
  if (state == CHARACTERS_BAD) return badarg();
  const text = end == byteSize(made) ? made : subBinary(made, 0, (end as u64) << 3);
  return finish(text, (mode & MODE_LIST) != 0, state, left);
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
const CELLS: u32 = 256;
/** That is to say, in reductions. */
const CELLS_REDUCTIONS: i32 = 50;

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
    left -= CELLS_REDUCTIONS;
    chargeReductions(CELLS_REDUCTIONS);
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
const BYTES_PER_REDUCTION: u32 = 128;

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

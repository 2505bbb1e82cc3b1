/**
 * Reading chardata (lists, to any depth, of code points and binaries in Latin-1 or UTF-8) as UTF-8,
 * for the unicode module.
 *
 * The walk keeps the current term and, on the work stack, the tails of all lists around it. So it
 * can say at any moment what has not been read, in the shape in which OTP reports it and from which
 * the walk can be taken up again: `charactersRest`. A character that is spread over several
 * binaries is kept in `pending` until its last byte has come.
 *
 * As in OTP, a sequence counts as incomplete when fewer bytes follow than its first byte asks for:
 * that it cannot become a character (16#ED, 16#A0, ...) shows only when all of them are there, or
 * at the end of the data.
 */
import { binaryData, bitOffset, bitSize, byteSize, subBinary } from './binary';
import { readByte } from './bits';
import { outOfMemory } from './errors';
import { hAlloc } from './heap';
import {
  NONE,
  NIL,
  head,
  isBinary,
  isInteger,
  isList,
  isSmall,
  makeCons,
  smallValue,
  tail,
} from './term';
import { isCharacter, readUtf8, storeUtf8, utf8Size, utfBytes, utfCharacter } from './unicode';
import { putAside, takeUp, walkA, walkB, walkC } from './walk';
import { WALK_CHARACTERS } from './walk_layout';
import { cut, mark, pop, push } from './work_stack';

export const CHARACTERS_DONE: u32 = 0;
/** The steps were used up. */
export const CHARACTERS_MORE: u32 = 1;
/** No character comes next. */
export const CHARACTERS_ERROR: u32 = 2;
/** The data end within a character, whose bytes are pending. */
export const CHARACTERS_INCOMPLETE: u32 = 3;
/** A term that belongs in no chardata. */
export const CHARACTERS_BAD: u32 = 4;
/** The data end with pending bytes that no byte could complete. */
export const CHARACTERS_WRONG_END: u32 = 6;
/** Memory is exhausted; outOfMemory() has been called. */
export const CHARACTERS_NO_MEMORY: u32 = 5;

/** Bytes of a character that have come so far, first byte lowest, and their number (at most 3). */
export let pending: u32 = 0;
export let pendingBytes: u32 = 0;
/** Steps that the last call took, and bytes that it counted or wrote. */
export let walkSteps: i32 = 0;
export let walkBytes: u64 = 0;

let current: u64 = NIL;
/** Bytes of the binary `current` that have been read. */
let consumed: u32 = 0;
let base: u32 = 0;
let latin1: bool = false;
let stepsMax: i32 = 0;

export function startCharacters(t: u64, isLatin1: bool, started: u32, startedBytes: u32): void {
  current = t;
  consumed = 0;
  base = mark();
  latin1 = isLatin1;
  pending = started;
  pendingBytes = startedBytes;
}
/** Bytes that had been counted or written when the walk was left. */
export let resumedBytes: u64 = 0;
/** Put the walk aside after that many bytes (vm/walk.ts), if it can be. */
export function leaveCharacters(bytes: u64): bool {
  const place = (consumed as u64) | (bytes << 32);
  const started = (pending as u64) | ((pendingBytes as u64) << 32);
  return putAside(WALK_CHARACTERS, base, current, place, started);
}
/** Take up the walk that was put aside, if there is one. */
export function resumeCharacters(isLatin1: bool): bool {
  if (!takeUp(WALK_CHARACTERS)) return false;
  startCharacters(walkA, isLatin1, walkC as u32, (walkC >> 32) as u32);
  base = 0;
  consumed = walkB as u32;
  resumedBytes = walkB >> 32;
  return true;
}
/** Give the work stack back. */
export function closeCharacters(): void {
  cut(base);
  current = NIL;
}
/** What has not been read; NONE after outOfMemory(). Empties the walk. */
export function charactersRest(): u64 {
  const depth = (mark() - base) >> 3;
  let cell = hAlloc(depth << 1);
  if (!cell) return outOfMemory();
  let rest = current;
  if (consumed)
    rest = subBinary(current, (consumed as u64) << 3, bitSize(current) - (consumed << 3));
  while (mark() != base) {
    rest = makeCons(cell, rest, pop());
    cell += 16;
  }
  return rest;
}

/** Step into `element` of a list with this tail; false when memory is exhausted. */
function descend(element: u64, rest: u64): bool {
  if (!push(rest)) {
    outOfMemory();
    return false;
  }
  current = element;
  return true;
}
/** Whether `steps` steps are used up before the next element. */
function pause(): bool {
  if (walkSteps >= stepsMax) return true;
  walkSteps++;
  return false;
}

// ---- counting

/** Count the UTF-8 bytes of a slice of the current binary in Latin-1; DONE at its end, or MORE. */
function countLatin1(): u32 {
  const size = byteSize(current);
  const data = binaryData(current);
  const offset = bitOffset(current) as u64;
  const end = sliceEnd(size);
  walkSteps += ((end - consumed) / BYTES_PER_STEP) as i32;
  for (; consumed < end; consumed++)
    walkBytes += 1 + ((readByte(data, offset + ((consumed as u64) << 3)) >> 7) as u64);
  return end < size ? CHARACTERS_MORE : CHARACTERS_DONE;
}
/**
 * Check that all terms are such as belong in chardata, and count the bytes that valid chardata have
 * in UTF-8. No outcome but DONE, MORE, BAD and NO_MEMORY.
 */
export function countCharacters(steps: i32): u32 {
  stepsMax = steps;
  walkSteps = 0;
  walkBytes = 0;
  while (true) {
    while (isList(current)) {
      if (pause()) return CHARACTERS_MORE;
      const element = head(current);
      const rest = tail(current);
      if (isInteger(element)) {
        walkBytes += utf8Size(isSmall(element) ? (smallValue(element) as u64) : 0);
        current = rest;
      } else if (!descend(element, rest)) return CHARACTERS_NO_MEMORY;
    }
    if (current != NIL) {
      if (!isBinary(current)) return CHARACTERS_BAD;
      if (!latin1) walkBytes += byteSize(current) as u64;
      else if (countLatin1() == CHARACTERS_MORE) return CHARACTERS_MORE;
    }
    consumed = 0;
    if (mark() == base) {
      current = NIL;
      return CHARACTERS_DONE;
    }
    current = pop();
  }
}

// ---- conversion

let to: usize = 0;
let toEnd: usize = 0;

/** Write a character; false when there is no room, which cannot be for data that were counted. */
function put(point: u32): bool {
  if (to + utf8Size(point as u64) > toEnd) return false;
  to = storeUtf8(to, point);
  return true;
}

/** Convert to UTF-8 at `at`, where there are `room` bytes. */
export function convertCharacters(at: usize, room: u32, steps: i32): u32 {
  to = at;
  toEnd = at + room;
  stepsMax = steps;
  walkSteps = 0;
  const state = convert();
  walkBytes = (to - at) as u64;
  return state;
}
function convert(): u32 {
  while (true) {
    while (isList(current)) {
      if (pause()) return CHARACTERS_MORE;
      const element = head(current);
      const rest = tail(current);
      if (isInteger(element)) {
        if (!isSmall(element) || pendingBytes) return CHARACTERS_ERROR;
        const point = smallValue(element) as u64;
        if (!isCharacter(point) || (latin1 && point > 255)) return CHARACTERS_ERROR;
        if (!put(point as u32)) return CHARACTERS_ERROR;
        current = rest;
      } else if (!descend(element, rest)) return CHARACTERS_NO_MEMORY;
    }
    if (current != NIL) {
      if (!isBinary(current)) return CHARACTERS_BAD;
      const state = latin1 ? convertLatin1() : convertUtf8();
      if (state != CHARACTERS_DONE) return state;
    }
    consumed = 0;
    if (mark() == base) {
      current = NIL;
      return pendingBytes ? incompleteOrWrong() : CHARACTERS_DONE;
    }
    current = pop();
  }
}

/** Outcome when the data end with a pending sequence. */
function incompleteOrWrong(): u32 {
  for (let i: u32 = 1; i < pendingBytes; i++)
    if (((pending >> (i << 3)) & 0xc0) != 0x80) return CHARACTERS_WRONG_END;
  return CHARACTERS_INCOMPLETE;
}

/** Bytes that a step of a walk stands for, inside binaries in Latin-1. */
const BYTES_PER_STEP: u32 = 2;

/** End of the part of the current binary of `size` bytes that this slice pays for. */
function sliceEnd(size: u32): u32 {
  const steps = stepsMax - walkSteps;
  const bytes = steps > 0 ? ((steps as u64) + 1) * BYTES_PER_STEP : (BYTES_PER_STEP as u64);
  const end = (consumed as u64) + bytes;
  return end < (size as u64) ? (end as u32) : size;
}
function convertLatin1(): u32 {
  const size = byteSize(current);
  const data = binaryData(current);
  const offset = bitOffset(current) as u64;
  const end = sliceEnd(size);
  walkSteps += ((end - consumed) / BYTES_PER_STEP) as i32;
  for (; consumed < end; consumed++)
    if (!put(readByte(data, offset + ((consumed as u64) << 3)))) return CHARACTERS_ERROR;
  return end < size ? CHARACTERS_MORE : CHARACTERS_DONE;
}

/** Bytes of the sequence that `first` begins, 0 when it begins none. */
function sequenceBytes(first: u32): u32 {
  if (first < 0x80) return 1;
  if (first < 0xc0) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
}
const sequence: usize = memory.data(16, 8);

/**
 * Complete the pending sequence from the beginning of the current binary; DONE when it is complete
 * or all bytes are used.
 */
function completePending(data: usize, offset: u64, size: u32): u32 {
  const needed = sequenceBytes(pending & 255);
  store<u32>(sequence, pending);
  let have = pendingBytes;
  let taken: u32 = 0;
  for (; have < needed && taken < size; taken++) {
    store<u8>(sequence + have, readByte(data, offset + ((taken as u64) << 3)) as u8);
    have++;
  }
  if (have < needed) {
    pending = load<u32>(sequence) & (((1 as u32) << (have << 3)) - 1);
    pendingBytes = have;
    consumed = taken;
    return CHARACTERS_DONE;
  }
  const read = readUtf8(sequence, 0, (needed as u64) << 3);
  if (!utfBytes(read) || !put(utfCharacter(read))) return CHARACTERS_ERROR;
  pending = 0;
  pendingBytes = 0;
  consumed = taken;
  return CHARACTERS_DONE;
}
function keepPending(data: usize, offset: u64, size: u32): void {
  pending = 0;
  pendingBytes = 0;
  for (; consumed < size; consumed++) {
    pending |= readByte(data, offset + ((consumed as u64) << 3)) << (pendingBytes << 3);
    pendingBytes++;
  }
}
/** So many bytes of ASCII are copied in a step. */
const ASCII_PER_STEP: u32 = 32;
/** Copy eight bytes at a time as long as they are ASCII, as many as a step may. */
function copyAscii(data: usize, size: u32): void {
  const end = min(size, consumed + ASCII_PER_STEP);
  while (consumed + 8 <= end && to + 8 <= toEnd) {
    const word = load<u64>(data + consumed);
    if (word & 0x8080_8080_8080_8080) return;
    store<u64>(to, word);
    to += 8;
    consumed += 8;
  }
}
function convertUtf8(): u32 {
  const size = byteSize(current);
  const data = binaryData(current);
  const offset = bitOffset(current) as u64;
  if (pendingBytes && size) {
    const state = completePending(data, offset, size);
    if (state != CHARACTERS_DONE) return state;
    if (pendingBytes) return CHARACTERS_DONE;
  }
  while (consumed < size) {
    if (pause()) return CHARACTERS_MORE;
    if (!offset) copyAscii(data, size);
    if (consumed == size) break;
    const bit = offset + ((consumed as u64) << 3);
    const needed = sequenceBytes(readByte(data, bit));
    if (!needed) return CHARACTERS_ERROR;
    if (needed > size - consumed) {
      keepPending(data, offset, size);
      return CHARACTERS_DONE;
    }
    const read = readUtf8(data, bit, (needed as u64) << 3);
    if (!utfBytes(read) || !put(utfCharacter(read))) return CHARACTERS_ERROR;
    consumed += needed;
  }
  return CHARACTERS_DONE;
}

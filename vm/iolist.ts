/**
 * Reading iolists: lists, to any depth, of bytes, binaries and iolists, whose tail may be a binary.
 *
 * A cursor walks one iolist at a time. What is still to be read is the current term and the tails
 * pushed on the work stack (a tail that is [] is not pushed, so a chain of single-element lists
 * takes no room). It stops after a given number of steps; `cursorRest` then makes one list of all
 * that is left, which is an iolist again, so that a BIF can go on with it after others have run.
 *
 *   startCursor(t); ... countBits or fill ... ; closeCursor()
 */
import { binaryData, bitOffset, bitSize, byteSize, subBinary } from './binary';
import { copyBits, writeBits } from './bits';
import { outOfMemory } from './errors';
import { hAlloc } from './heap';
import { NIL, NONE, head, isBitstring, isList, isSmall, makeCons, smallValue, tail } from './term';
import { cut, mark, pop, push } from './work_stack';

/** Everything has been read. */
export const CURSOR_DONE: u32 = 0;
/** The steps or the room were used up. */
export const CURSOR_MORE: u32 = 1;
/** What comes next belongs in no iolist. */
export const CURSOR_BAD: u32 = 2;
/** Memory is exhausted; outOfMemory() has been called. */
export const CURSOR_NO_MEMORY: u32 = 3;

/** A binary of `largeBytes` or more comes next: cursorBinary takes it. */
export const CURSOR_LARGE: u32 = 4;

/** What the last countBits or fill read, in bits. */
export let cursorBits: u64 = 0;
/** Steps that the last countBits or fill took. */
export let cursorSteps: i32 = 0;

let current: u64 = NIL;
/** Bits of the binary `current` that have been read. */
let consumed: u64 = 0;
let base: u32 = 0;
/** Bitstrings of any size are allowed, not only binaries. */
let anyBits: bool = false;

/** fill stops before binaries of so many bytes; 0 = it never does. */
let largeBytes: u32 = 0;

/** Read `t`, from its beginning. */
export function startCursor(t: u64, bitstrings: bool): void {
  largeBytes = 0;
  current = t;
  consumed = 0;
  base = mark();
  anyBits = bitstrings;
}
/** Let fill stop before each binary of `bytes` or more bytes. */
export function stopAtLarge(bytes: u32): void {
  largeBytes = bytes;
}
/** The binary before which fill stopped; it counts as read. */
export function cursorBinary(): u64 {
  const binary = current;
  current = NIL;
  return binary;
}
/** Give the work stack back. */
export function closeCursor(): void {
  cut(base);
  current = NIL;
}
/** All that has not been read, as a list; NONE after outOfMemory(). */
export function cursorRest(): u64 {
  const depth = (mark() - base) >> 3;
  const area = hAlloc((depth + 1) << 1);
  if (!area) return outOfMemory();
  let first = current;
  if (consumed) first = subBinary(current, consumed, bitSize(current) - consumed);
  // The tail that would be read next is on top.
  for (let i: u32 = 1; i <= depth; i++) store<u64>(area + ((i as usize) << 4), pop());
  let rest = NIL;
  for (let at = area + (depth << 4); at > area; at -= 16) rest = makeCons(at, load<u64>(at), rest);
  return makeCons(area, first, rest);
}

function isByte(t: u64): bool {
  return isSmall(t) && (smallValue(t) as u64) < 256;
}
function isAllowed(t: u64): bool {
  return isBitstring(t) && (anyBits || !(bitSize(t) & 7));
}

/**
 * Keep the tail `rest` for later; CURSOR_DONE, or why not. What is no iolist must not get onto the
 * stack: as an element it might be.
 */
function keep(rest: u64): u32 {
  if (rest == NIL) return CURSOR_DONE;
  if (!isList(rest) && !isAllowed(rest)) return CURSOR_BAD;
  if (push(rest)) return CURSOR_DONE;
  outOfMemory();
  return CURSOR_NO_MEMORY;
}

/** Count bits for at most `steps` cells or binaries: as fill, without room. */
export function countBits(steps: i32): u32 {
  cursorBits = 0;
  cursorSteps = 0;
  while (true) {
    while (isList(current)) {
      if (cursorSteps >= steps) return CURSOR_MORE;
      cursorSteps++;
      const element = head(current);
      const rest = tail(current);
      if (isByte(element)) cursorBits += 8;
      else if (isList(element)) {
        const kept = keep(rest);
        if (kept != CURSOR_DONE) return kept;
        current = element;
        continue;
      } else if (element != NIL) {
        if (!isAllowed(element)) return CURSOR_BAD;
        cursorBits += bitSize(element);
      }
      current = rest;
    }
    if (current != NIL) {
      if (!isAllowed(current)) return CURSOR_BAD;
      cursorBits += bitSize(current);
      cursorSteps++;
    }
    if (mark() == base) {
      current = NIL;
      return CURSOR_DONE;
    }
    current = pop();
  }
}

/**
 * Write what is read to `to`, from bit `bit` on, at most `room` bits, for at most `steps` cells or
 * binaries. A binary of which only a part fits is continued by the next call; a byte that does not
 * fit stays.
 */
export function fill(to: usize, bit: u64, room: u64, steps: i32): u32 {
  cursorBits = 0;
  cursorSteps = 0;
  while (true) {
    while (isList(current)) {
      if (cursorSteps >= steps) return CURSOR_MORE;
      cursorSteps++;
      const element = head(current);
      const rest = tail(current);
      if (isByte(element)) {
        if (room - cursorBits < 8) return CURSOR_MORE;
        putByte(to, bit + cursorBits, smallValue(element) as u8);
        cursorBits += 8;
        current = rest;
      } else if (element == NIL) current = rest;
      else {
        // A list or a binary: it becomes the current term, so that it can be continued.
        const kept = keep(rest);
        if (kept != CURSOR_DONE) return kept;
        current = element;
      }
    }
    if (current != NIL) {
      if (!isAllowed(current)) return CURSOR_BAD;
      if (largeBytes && !consumed && byteSize(current) >= largeBytes) return CURSOR_LARGE;
      cursorSteps++;
      if (!takeBinary(to, bit, room)) return CURSOR_MORE;
    }
    if (mark() == base) {
      current = NIL;
      return CURSOR_DONE;
    }
    current = pop();
  }
}
function putByte(to: usize, bit: u64, byte: u8): void {
  if (bit & 7) writeBits(to, bit, 8, byte as u64);
  else store<u8>(to + ((bit >> 3) as usize), byte);
}
/** Copy as much of the current binary as fits; true when that was the rest of it. */
function takeBinary(to: usize, bit: u64, room: u64): bool {
  const left = bitSize(current) - consumed;
  const space = room - cursorBits;
  const taken = left < space ? left : space;
  const offset = (bitOffset(current) as u64) + consumed;
  copyBits(to, bit + cursorBits, binaryData(current), offset, taken);
  cursorBits += taken;
  if (taken < left) {
    consumed += taken;
    return false;
  }
  consumed = 0;
  current = NIL;
  return true;
}

// ---- for BIFs that want all bytes at once

/**
 * Bytes of an iolist (or binary), or -1 when it is none, -2 after outOfMemory(). Takes as long as
 * the iolist is; for short data such as names and options.
 */
export function iolistBytes(t: u64): i64 {
  if (isBitstring(t)) return bitSize(t) & 7 ? -1 : (byteSize(t) as i64);
  if (!isList(t) && t != NIL) return -1;
  startCursor(t, false);
  const state = countBits(0x7fff_ffff);
  closeCursor();
  if (state == CURSOR_NO_MEMORY) return -2;
  return state == CURSOR_DONE ? ((cursorBits >> 3) as i64) : -1;
}
/**
 * Write the bytes of an iolist (or binary) whose size iolistBytes said; false when memory is
 * exhausted.
 */
export function iolistCopy(t: u64, to: usize): bool {
  startCursor(t, false);
  const state = fill(to, 0, ~(0 as u64), 0x7fff_ffff);
  closeCursor();
  return state == CURSOR_DONE;
}

/**
 * From iolists to binaries, and their sizes. What can be done within the slice is done at once;
 * else the work is split: first the size is counted, then a binary of that size is filled, both in
 * slices that keep "the rest" as an iolist (iolist.ts).
 */
import { binaryData, bitOffset, bitSize, newBitstring } from '../binary';
import { badarg, trapTo } from '../errors';
import { BIF_vbeamIolistCount, BIF_vbeamIolistFill, BIF_vbeamIolistSize } from '../gen/bifs';
import {
  CURSOR_BAD,
  CURSOR_DONE,
  CURSOR_MORE,
  closeCursor,
  countBits,
  cursorBits,
  cursorRest,
  cursorSteps,
  fill,
  startCursor,
} from '../iolist';
import { setX } from '../registers';
import { budget, chargeReductions } from '../state';
import { NIL, NONE, isBinary, isBitstring, isList, isSmall, smallOf, smallValue } from '../term';

/** Cells that cost one reduction, and bits to copy that do. */
const STEPS_PER_REDUCTION: i32 = 4;
const BITS_PER_REDUCTION: u64 = 1 << 16;

export function slice(): i32 {
  return budget() * STEPS_PER_REDUCTION;
}
/** Charge for what the cursor just did. */
export function chargeCursor(): void {
  chargeReductions(cursorSteps / STEPS_PER_REDUCTION + ((cursorBits / BITS_PER_REDUCTION) as i32));
}

/** What a cursor that did not finish leaves: go on with `bif`(Rest, second, third), or fail. */
export function suspend(state: u32, bif: u32, second: u64, third: u64): u64 {
  if (state != CURSOR_MORE) {
    closeCursor();
    return state == CURSOR_BAD ? badarg() : NONE;
  }
  const rest = cursorRest();
  closeCursor();
  if (rest == NONE) return NONE;
  setX(0, rest);
  setX(1, second);
  setX(2, third);
  return trapTo(bif, 3);
}

// ---- iolist_size

// bif: vbeam_internal:iolist_size/3
export function vbeamIolistSize(rest: u64, bytes: u64, unused: u64): u64 {
  if (!isSmall(bytes)) return badarg();
  startCursor(rest, false);
  const state = countBits(slice());
  const sum = smallValue(bytes) + ((cursorBits >> 3) as i64);
  chargeCursorSteps();
  if (state != CURSOR_DONE) return suspend(state, BIF_vbeamIolistSize, smallOf(sum), unused);
  closeCursor();
  return smallOf(sum);
}
/** Counting does not look at bits: only steps cost. */
function chargeCursorSteps(): void {
  chargeReductions(cursorSteps / STEPS_PER_REDUCTION);
}

// bif: erlang:iolist_size/1
export function erlangIolistSize1(iolist: u64): u64 {
  if (!isList(iolist) && iolist != NIL && !isBinary(iolist)) return badarg();
  return vbeamIolistSize(iolist, smallOf(0), NIL);
}

// ---- conversion

/** Make the bitstring of `iolist`; only binaries may stand in it unless `bitstrings`. */
function convert(iolist: u64, bitstrings: bool): u64 {
  startCursor(iolist, bitstrings);
  const state = countBits(slice());
  chargeCursorSteps();
  if (state != CURSOR_DONE) {
    return suspend(state, BIF_vbeamIolistCount, countTag(cursorBits, bitstrings), iolist);
  }
  closeCursor();
  return fillNew(iolist, cursorBits);
}
/** Bits counted so far, with the kind of conversion in the lowest bit. */
function countTag(bits: u64, bitstrings: bool): u64 {
  return smallOf(((bits << 1) | (bitstrings as u64)) as i64);
}

// bif: vbeam_internal:iolist_count/3
export function vbeamIolistCount(rest: u64, tagged: u64, iolist: u64): u64 {
  if (!isSmall(tagged)) return badarg();
  const bitstrings = (smallValue(tagged) & 1) != 0;
  startCursor(rest, bitstrings);
  const state = countBits(slice());
  chargeCursorSteps();
  const bits = ((smallValue(tagged) as u64) >> 1) + cursorBits;
  if (state != CURSOR_DONE)
    return suspend(state, BIF_vbeamIolistCount, countTag(bits, bitstrings), iolist);
  closeCursor();
  return fillNew(iolist, bits);
}

function fillNew(iolist: u64, bits: u64): u64 {
  const made = newBitstring(bits);
  if (made == NONE) return NONE;
  return vbeamIolistFill(iolist, made, smallOf(0));
}

// bif: vbeam_internal:iolist_fill/3
export function vbeamIolistFill(rest: u64, made: u64, position: u64): u64 {
  if (!isBitstring(made) || !isSmall(position)) return badarg();
  const done = smallValue(position) as u64;
  if (done > bitSize(made)) return badarg();
  const room = bitSize(made) - done;
  startCursor(rest, true);
  const state = fill(binaryData(made), (bitOffset(made) as u64) + done, room, slice());
  chargeCursor();
  if (state != CURSOR_DONE)
    return suspend(state, BIF_vbeamIolistFill, made, smallOf((done + cursorBits) as i64));
  closeCursor();
  return made;
}

// bif: erlang:list_to_binary/1
// bif: binary:list_to_bin/1
export function erlangListToBinary1(list: u64): u64 {
  if (!isList(list) && list != NIL) return badarg();
  return convert(list, false);
}

// bif: erlang:iolist_to_binary/1
export function erlangIolistToBinary1(iolist: u64): u64 {
  if (isBinary(iolist)) return iolist;
  return erlangListToBinary1(iolist);
}

// bif: erlang:list_to_bitstring/1
export function erlangListToBitstring1(list: u64): u64 {
  if (!isList(list) && list != NIL) return badarg();
  return convert(list, true);
}

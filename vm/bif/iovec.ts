/**
 * erlang:iolist_to_iovec/1: large binaries of an iolist stay what they are, all that lies between
 * two of them becomes one binary.
 */
import { appendRoom } from '../binary_append';
import {
  HEAP_BINARY_BYTES_MAX,
  binaryData,
  binaryOf,
  bitSize,
  byteSize,
  isAlignedBinary,
  newBinary,
} from '../binary';
import { badarg } from '../errors';
import { BIF_vbeamIovec } from '../gen/bifs';
import { hAlloc } from '../heap';
import {
  CURSOR_DONE,
  CURSOR_LARGE,
  CURSOR_MORE,
  closeCursor,
  cursorBinary,
  cursorBits,
  cursorSteps,
  fill,
  startCursor,
  stopAtLarge,
} from '../iolist';
import { budget, chargeReductions } from '../state';
import { NIL, NONE, isBinary, isList, makeCons } from '../term';
import { suspend } from './iolist';
import { listsReverse2 } from './lists';

/** Binaries of so many bytes are not copied (OTP's limit). */
const LARGE_BYTES: u32 = 256;
const BLOCK_BYTES: u32 = 4096;
const block: usize = memory.data(4096, 8);
/** Steps of the cursor in one go, and steps and bytes that one reduction pays for. */
const BLOCK_STEPS: i32 = 256;
const BYTES_PER_REDUCTION: i32 = 16;

/** `list` with the collected bytes in front, if there are any. */
function flushed(collected: u64, list: u64): u64 {
  const bytes = byteSize(collected);
  if (!bytes) return list;
  const small = bytes <= HEAP_BINARY_BYTES_MAX;
  return makeCons(hAlloc(2), small ? binaryOf(binaryData(collected), bytes) : collected, list);
}

/**
 * `collected` are the bytes since the last large binary, `list` what was made before them, the last
 * first.
 */
// bif: vbeam_internal:iovec/3
export function vbeamIovec(rest: u64, collected: u64, list: u64): u64 {
  if (!isAlignedBinary(collected)) return badarg();
  let bytes = collected;
  let made = list;
  let left = budget();
  let state = CURSOR_MORE;
  startCursor(rest, false);
  stopAtLarge(LARGE_BYTES);
  while ((state == CURSOR_MORE || state == CURSOR_LARGE) && left > 0) {
    state = fill(block, 0, (BLOCK_BYTES as u64) << 3, BLOCK_STEPS);
    if (cursorBits) {
      bytes = appendRoom(bytes, cursorBits, 8, true);
      if (bytes == NONE) {
        closeCursor();
        return NONE;
      }
      const count = (cursorBits >> 3) as usize;
      memory.copy(binaryData(bytes) + ((bitSize(bytes) >> 3) as usize) - count, block, count);
    }
    if (state == CURSOR_LARGE) {
      made = makeCons(hAlloc(2), cursorBinary(), flushed(bytes, made));
      bytes = newBinary(0);
    }
    const cost = 1 + (cursorSteps + ((cursorBits >> 3) as i32)) / BYTES_PER_REDUCTION;
    chargeReductions(cost);
    left -= cost;
  }
  if (state != CURSOR_DONE)
    return suspend(state == CURSOR_LARGE ? CURSOR_MORE : state, BIF_vbeamIovec, bytes, made);
  closeCursor();
  return listsReverse2(flushed(bytes, made), NIL);
}

// bif: erlang:iolist_to_iovec/1
export function erlangIolistToIovec1(iolist: u64): u64 {
  if (isBinary(iolist)) return byteSize(iolist) ? makeCons(hAlloc(2), iolist, NIL) : NIL;
  if (!isList(iolist) && iolist != NIL) return badarg();
  return vbeamIovec(iolist, newBinary(0), NIL);
}

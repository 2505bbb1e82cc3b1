/**
 * Inflating a compressed term in slices: the plain bytes, the state of the inflation, and then the
 * sum of the bytes, all of one block:
 *
 *   +------+-------+--------+-----+----------+------------+
 *   | used | plain | summed | sum | consumed | inflation  |   u32 each; inflation: vm/inflate.ts
 *   +------+-------+--------+-----+----------+------------+
 *
 * `used`: bytes of the compressed form, 0 until all is done; `consumed`: those of the deflated
 * stream, 0 until it has ended.
 */
import { allocate, release } from './alloc';
import { badarg, outOfMemory } from './errors';
import { inflatedSize, roomForPlain } from './etf';
import {
  INFLATE_DONE,
  INFLATE_MORE,
  INFLATION_BYTES,
  adler32,
  beginInflate,
  continueInflate,
  inflateConsumed,
  inflatedBytes,
  isZlibStream,
  keepInflation,
  restoreInflation,
} from './inflate';

const USED: u32 = 0;
const PLAIN: u32 = 4;
const SUMMED: u32 = 8;
const SUM: u32 = 12;
const CONSUMED: u32 = 16;
const SOURCE: u32 = 20;
const INFLATION: u32 = 24;

/** Bytes in front of the deflated stream, those of the zlib header among them, and behind it. */
const HEADER_BYTES: u32 = 8;
const ZLIB_HEADER_BYTES: u32 = 2;
const SUM_BYTES: u32 = 4;
/** Symbols, and bytes of the sum, of one slice. */
const SYMBOLS_AT_ONCE: u32 = 480;
const SUMMED_AT_ONCE: u32 = 3072;

/**
 * Begin with the compressed term at `address`, whose bytes stay there; the block, or 0 after
 * badarg() or outOfMemory().
 */
export function beginInflating(address: usize, length: u32): usize {
  const stream = address + HEADER_BYTES - ZLIB_HEADER_BYTES;
  if (!isZlibStream(stream, length - (HEADER_BYTES - ZLIB_HEADER_BYTES))) {
    badarg();
    return 0;
  }
  const plain = roomForPlain(address, length);
  if (!plain) return 0;
  const block = allocate(INFLATION + INFLATION_BYTES);
  if (!block) {
    release(plain);
    outOfMemory();
    return 0;
  }
  memory.fill(block, 0, INFLATION);
  store<u32>(block, plain as u32, PLAIN);
  store<u32>(block, 1, SUM);
  store<u32>(block, address as u32, SOURCE);
  beginInflate(address + HEADER_BYTES, length - HEADER_BYTES, plain, inflatedSize(address));
  keepInflation(block + INFLATION);
  return block;
}
/** The next slice, of `size` plain and `length` compressed bytes; false when they are damaged. */
export function inflateSlice(block: usize, size: u32, length: u32): bool {
  if (load<u32>(block, CONSUMED)) return sumSlice(block, size);
  restoreInflation(block + INFLATION);
  const state = continueInflate(SYMBOLS_AT_ONCE);
  keepInflation(block + INFLATION);
  if (state == INFLATE_MORE) return true;
  if (state != INFLATE_DONE || inflatedBytes() != size) return false;
  store<u32>(block, inflateConsumed, CONSUMED);
  return inflateConsumed + HEADER_BYTES + SUM_BYTES <= length;
}
function sumSlice(block: usize, size: u32): bool {
  const summed = load<u32>(block, SUMMED);
  const bytes = min(SUMMED_AT_ONCE, size - summed);
  const from = (load<u32>(block, PLAIN) as usize) + summed;
  const sum = adler32(load<u32>(block, SUM), from, bytes);
  store<u32>(block, sum, SUM);
  store<u32>(block, summed + bytes, SUMMED);
  if (summed + bytes < size) return true;
  const end = HEADER_BYTES + load<u32>(block, CONSUMED);
  store<u32>(block, end + SUM_BYTES, USED);
  return sum == bswap<u32>(load<u32>((load<u32>(block, SOURCE) as usize) + end));
}
/** Free the block, if there is one, and the plain bytes, unless somebody has taken them over. */
export function dropInflating(block: usize): void {
  if (!block) return;
  release(load<u32>(block, PLAIN));
  release(block);
}

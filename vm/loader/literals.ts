/**
 * The literals of a module (chunk LitT): a table of external terms, compressed by all compilers
 * before OTP 28, built in one literal area whose pointers carry the literal bit. Terms with large
 * maps, whose nodes cannot be counted beforehand, are built on a temporary heap first and copied.
 */
import { allocate, release } from '../alloc';
import { AREA_CODE, releaseFor } from '../memory_areas';
import { COPY_LITERALS, MAKE_LITERALS, copyTermIn, sizeOf } from '../copy';
import {
  BUILD_DONE,
  BUILD_MORE,
  beginTerm,
  buildTerm,
  builtEnd,
  builtOffHeap,
  continueBuild,
  restoreBuild,
  saveBuild,
} from '../etf_decode';
import {
  SIZE_DONE,
  SIZE_MORE,
  beginSize,
  continueSize,
  restoreSize,
  saveSize,
  sizedEnd,
  sizedLargeMap,
  sizedWords,
} from '../etf_size';
import { VERSION } from '../etf_tags';
import { PROCESS_BYTES, P_OFF_HEAP } from '../gen/layout';
import { FRAGMENT_OFF_HEAP, fragmentData, fragmentWords, hAlloc } from '../heap';
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
} from '../inflate';
import { newCodeArea } from '../literal_areas';
import { releaseList } from '../off_heap';
import { enterHeapOf, leaveHeap, releaseHeapOf } from '../temporary_heap';
import { LITERAL_BIT, NIL, NONE } from '../term';
import { CHUNK_LITT, chunkAddress, chunkFails, chunkLength, entries, takeCount } from './chunks';
import { say, sayNumber } from './report';
import * as S from './scratch';
import {
  BLOCK_BYTES,
  ENTRIES_OVER,
  ENTRY_DONE,
  ENTRY_FAILED,
  ENTRY_MORE,
  STEP_FAILED,
  UNCOUNTED,
  entry,
  work,
} from './slices';

/** Far above the literals of any real module; bounds work and memory. */
const LITERAL_BYTES_MAX: u32 = 1 << 28;
/** Deflate cannot expand data more than this. */
const INFLATE_RATIO_MAX: u64 = 1032;

/** The literal area (vm/literal_areas.ts), 0 = none. */
export let literalArea: usize = 0;

export function literalsReset(): void {
  literalArea = 0;
}
/** Its list of off-heap binaries; without an area there are none. */
function offHeapList(): usize {
  return literalArea ? (load<u32>(literalArea, FRAGMENT_OFF_HEAP) as usize) : 0;
}
function setOffHeapList(first: usize): void {
  if (literalArea) store<u32>(literalArea, first as u32, FRAGMENT_OFF_HEAP);
}

function tooLarge(): bool {
  return chunkFails(CHUNK_LITT, TOO_LARGE_TEXT);
}
function literalFails(index: u32, why: string): bool {
  chunkFails(CHUNK_LITT, 'literal ');
  sayNumber(index);
  say(' ');
  say(why);
  return false;
}

// ---- the plain table: inflated in slices, then checked by its sum

/** Bytes of the table: in the file, or in `plain`, a block of their own. */
let table: usize = 0;
let tableBytes: u32 = 0;
let plain: usize = 0;
/** Bytes whose sum is in `sum`, and whether all are inflated. */
let summed: u32 = 0;
let sum: u32 = 0;
let inflated: bool = false;
const inflation: usize = memory.data(INFLATION_BYTES, 8);
/** What may be done in one slice. */
const SYMBOLS_AT_ONCE: u32 = 400;

export function beginInflating(): i64 {
  table = 0;
  plain = 0;
  if (!chunkAddress(CHUNK_LITT)) return 0;
  const from = chunkAddress(CHUNK_LITT);
  const length = chunkLength(CHUNK_LITT);
  if (length < 4) return literalsFail('is shorter than its header');
  const size = S.wordAt(from);
  table = from + 4;
  tableBytes = length - 4;
  // OTP 28 writes size 0 and leaves the literals uncompressed.
  if (!size) return 0;
  if (size > LITERAL_BYTES_MAX || (size as u64) > (length as u64) * INFLATE_RATIO_MAX)
    return literalsFail('promises more bytes than it can hold');
  if (!isZlibStream(from + 4, length - 4)) return literalsFail(NOT_COMPRESSED);
  plain = allocate(size);
  if (!plain) return literalsFail(TOO_LARGE_TEXT);
  beginInflate(from + 6, length - 6, plain, size);
  keepInflation(inflation);
  inflated = false;
  summed = 0;
  sum = 1;
  return UNCOUNTED;
}
const NOT_COMPRESSED: string = 'is not compressed as zlib does';
const TOO_LARGE_TEXT: string = 'is too large for the memory that is left';
function literalsFail(why: string): i64 {
  chunkFails(CHUNK_LITT, why);
  return STEP_FAILED;
}

/** The next symbols, or when all are inflated the next bytes of their sum. */
export function inflateNext(): u32 {
  const size = S.wordAt(chunkAddress(CHUNK_LITT));
  if (!inflated) {
    work(SYMBOLS_AT_ONCE / 2);
    restoreInflation(inflation);
    const state = continueInflate(SYMBOLS_AT_ONCE);
    keepInflation(inflation);
    if (state == INFLATE_MORE) return ENTRY_MORE;
    inflated = state == INFLATE_DONE && inflatedBytes() == size;
    if (inflated && inflateConsumed + 6 <= tableBytes) return ENTRY_MORE;
    return entry(chunkFails(CHUNK_LITT, NOT_COMPRESSED));
  }
  const bytes = min(BLOCK_BYTES, size - summed);
  work(100);
  sum = adler32(sum, plain + summed, bytes);
  summed += bytes;
  if (summed < size) return ENTRY_MORE;
  if (sum != bswap<u32>(load<u32>(table + 2 + inflateConsumedOfTable())))
    return entry(chunkFails(CHUNK_LITT, NOT_COMPRESSED));
  table = plain;
  tableBytes = size;
  return ENTRIES_OVER;
}
/** Bytes of the stream: others may have inflated something meanwhile. */
function inflateConsumedOfTable(): u32 {
  restoreInflation(inflation);
  continueInflate(1);
  return inflateConsumed;
}

// ---- the literals: measured first, then built

/** State of the literal that is under way. */
let underWay: bool = false;
let words: i64 = 0;
let at: usize = 0;
let area: usize = 0;
const pass: usize = memory.data(40, 8);
const root: usize = memory.data(8, 8);
/** The heap for large maps. */
const heap: usize = memory.data(1024, 8);
const STEPS: u32 = 64;

export function beginMeasuring(): i64 {
  if (!table) return 0;
  memory.fill(heap, 0, PROCESS_BYTES);
  S.clearVector(S.V_SELECT);
  S.setCursor(table, tableBytes);
  underWay = false;
  words = 0;
  return takeCount(CHUNK_LITT, 6) ? (entries as i64) : STEP_FAILED;
}
/**
 * Words that the next literal needs. V_SELECT gets one word a literal: the term if it had to be
 * built on a heap, else NONE.
 */
export function measureNext(): u32 {
  const index = S.vectorWords(S.V_SELECT) >> 1;
  if (!underWay && !beginLiteral(index)) return ENTRY_FAILED;
  work((STEPS / 2) as i32);
  restoreSize(pass, table);
  const state = continueSize(STEPS);
  if (state == SIZE_MORE) {
    saveSize(pass, table);
    return ENTRY_MORE;
  }
  underWay = false;
  if (state != SIZE_DONE || sizedEnd != S.at)
    return entry(literalFails(index, 'is not an external term'));
  const need = sizedLargeMap ? measureBuilt(index) : (sizedWords() as i64);
  if (!sizedLargeMap) S.pushDouble(S.V_SELECT, NONE);
  if (need < 0) return ENTRY_FAILED;
  words += need;
  return entry((words <= ((LITERAL_BYTES_MAX >> 3) as i64) && !S.exhausted) || tooLarge());
}
/** The cursor moves behind the literal. */
function beginLiteral(index: u32): bool {
  const bytes: u32 = S.bytesLeft() < 6 ? 0 : S.takeWord();
  if (bytes < 2 || bytes > S.bytesLeft()) return chunkFails(CHUNK_LITT, 'ends within a literal');
  const from = S.at;
  S.moveCursor(from + bytes);
  if (load<u8>(from) != VERSION) return literalFails(index, 'is not an external term');
  at = from;
  beginSize(from + 1, from + bytes, false);
  saveSize(pass, table);
  underWay = true;
  return true;
}
/** The words of a literal that is built on a heap to know them; -1 after a report. */
function measureBuilt(index: u32): i64 {
  enterHeapOf(heap);
  const room = hAlloc(sizedWords());
  const term = room ? buildTerm(at + 1, room, 0, load<u32>(heap, P_OFF_HEAP)) : NONE;
  if (room) store<u32>(heap, builtOffHeap() as u32, P_OFF_HEAP);
  leaveHeap();
  S.pushDouble(S.V_SELECT, term);
  if (term != NONE) return sizeOf(term, COPY_LITERALS | MAKE_LITERALS) as i64;
  cannotBeBuilt(index);
  return -1;
}

export function beginBuilding(): i64 {
  if (!table) return 0;
  if (words) {
    literalArea = newCodeArea((words << 3) as u32);
    if (!literalArea) return literalsFail(TOO_LARGE_TEXT);
  }
  area = fragmentData(literalArea);
  S.setCursor(table, tableBytes);
  const count = S.takeWord();
  underWay = false;
  return count;
}
export function buildNext(): u32 {
  const index = S.vectorWords(S.V_LITERALS) >> 1;
  const term = S.doubleOf(S.V_SELECT, index);
  if (term != NONE) return entry(copyBuilt(term));
  if (!underWay) {
    beginTerm(S.at + 5, area, LITERAL_BIT, offHeapList(), root);
    underWay = true;
  } else restoreBuild(pass, table);
  work(STEPS as i32);
  const state = continueBuild(STEPS);
  setOffHeapList(builtOffHeap());
  area = builtEnd();
  if (state == BUILD_MORE) {
    saveBuild(pass, table);
    return ENTRY_MORE;
  }
  underWay = false;
  if (state != BUILD_DONE) return entry(cannotBeBuilt(index));
  literalIsBuilt(load<u64>(root));
  return ENTRY_DONE;
}
function copyBuilt(term: u64): bool {
  const mode = COPY_LITERALS | MAKE_LITERALS;
  const end = area + (sizeOf(term, mode) << 3);
  const copy = copyTermIn(mode, term, area, 0, literalArea + FRAGMENT_OFF_HEAP);
  area = end;
  literalIsBuilt(copy);
  return true;
}
function literalIsBuilt(term: u64): void {
  S.pushDouble(S.V_LITERALS, term);
  const bytes = S.takeWord();
  S.moveCursor(S.at + bytes);
}
/** Words that were not needed after all get terms, so that all of the area is readable. */
export function endBuilding(): void {
  if (literalArea) {
    const end = fragmentData(literalArea) + (fragmentWords(literalArea) << 3);
    for (; area < end; area += 8) store<u64>(area, NIL);
  }
  releasePlain();
}
/** What only the reading of the table needs. */
export function releasePlain(): void {
  release(plain);
  plain = 0;
  table = 0;
  releaseHeapOf(heap);
}
function cannotBeBuilt(index: u32): bool {
  return literalFails(index, 'cannot be built: a map has a key twice, or memory is exhausted');
}

/** Free the literal area of a module that could not be loaded, with the binaries it owns. */
export function releaseLiterals(): void {
  releaseLiteralArea(literalArea);
  literalArea = 0;
}
export function releaseLiteralArea(area: usize): void {
  if (!area) return;
  releaseList(area + FRAGMENT_OFF_HEAP);
  releaseFor(AREA_CODE, area);
}

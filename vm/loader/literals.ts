/**
 * The literals of a module (chunk LitT): a table of external terms, compressed by all compilers
 * before OTP 28, built in one literal area whose pointers carry the literal bit. Terms with large
 * maps, whose nodes cannot be counted beforehand, are built on a temporary heap first and copied.
 */
import { allocate, release } from '../alloc';
import { AREA_CODE, allocateZeroedFor, releaseFor } from '../memory_areas';
import { COPY_LITERALS, MAKE_LITERALS, copyTermIn, sizeOf } from '../copy';
import { buildTerm, builtEnd, builtOffHeap } from '../etf_decode';
import { sizeOfTerm, sizedEnd, sizedLargeMap } from '../etf_size';
import { VERSION } from '../etf_tags';
import { hAlloc } from '../heap';
import { inflateConsumed, inflateZlib } from '../inflate';
import { releaseList } from '../off_heap';
import { LITERAL_BIT, NONE } from '../term';
import { CHUNK_LITT, chunkAddress, chunkFails, chunkLength, entries, takeCount } from './chunks';
import { say, sayNumber } from './report';
import * as S from './scratch';
import {
  enterTemporaryHeap,
  leaveTemporaryHeap,
  setTemporaryOffHeap,
  temporaryOffHeap,
} from '../temporary_heap';

/** Far above the literals of any real module; bounds work and memory. */
const LITERAL_BYTES_MAX: u32 = 1 << 28;
/** Deflate cannot expand data more than this. */
const INFLATE_RATIO_MAX: u64 = 1032;

/** The literal area: address (0 = none), bytes, and its list of off-heap binaries. */
export let literalArea: usize = 0;
export let literalBytes: u32 = 0;
export let literalOffHeap: usize = 0;

export function literalsReset(): void {
  literalArea = 0;
  literalBytes = 0;
  literalOffHeap = 0;
}

function tooLarge(): bool {
  return chunkFails(CHUNK_LITT, 'is too large for the memory that is left');
}
function literalFails(index: u32, why: string): bool {
  chunkFails(CHUNK_LITT, 'literal ');
  sayNumber(index);
  say(' ');
  say(why);
  return false;
}

export function readLiterals(): bool {
  if (!chunkAddress(CHUNK_LITT)) return true;
  const from = chunkAddress(CHUNK_LITT);
  const length = chunkLength(CHUNK_LITT);
  if (length < 4) return chunkFails(CHUNK_LITT, 'is shorter than its header');
  const size = S.wordAt(from);
  // OTP 28 writes size 0 and leaves the literals uncompressed.
  if (!size) return readTable(from + 4, length - 4);
  if (size > LITERAL_BYTES_MAX || (size as u64) > (length as u64) * INFLATE_RATIO_MAX)
    return chunkFails(CHUNK_LITT, 'promises more bytes than it can hold');
  const plain = allocate(size);
  if (!plain) return tooLarge();
  let good =
    inflateZlib(from + 4, length - 4, plain, size) == (size as i64) &&
    inflateConsumed <= length - 4;
  if (!good) chunkFails(CHUNK_LITT, 'is not compressed as zlib does');
  else good = readTable(plain, size);
  release(plain);
  return good;
}

function readTable(from: usize, length: u32): bool {
  S.setCursor(from, length);
  if (!takeCount(CHUNK_LITT, 6)) return false;
  enterTemporaryHeap();
  const good = buildAll(entries, S.at);
  leaveTemporaryHeap();
  return good;
}

function buildAll(count: u32, first: usize): bool {
  const words = measureAll(count);
  if (words < 0) return false;
  if (words) {
    literalBytes = (words << 3) as u32;
    literalArea = allocateZeroedFor(AREA_CODE, literalBytes);
    if (!literalArea) return tooLarge();
  }
  let at = first;
  let area = literalArea;
  for (let i: u32 = 0; i < count; i++) {
    const bytes = S.wordAt(at);
    let term = S.doubleOf(S.V_SELECT, i);
    if (term != NONE) {
      const mode = COPY_LITERALS | MAKE_LITERALS;
      const end = area + (sizeOf(term, mode) << 3);
      store<u32>(listSlot, literalOffHeap as u32);
      term = copyTermIn(mode, term, area, 0, listSlot);
      literalOffHeap = load<u32>(listSlot);
      area = end;
    } else {
      term = buildTerm(at + 5, area, LITERAL_BIT, literalOffHeap);
      literalOffHeap = builtOffHeap();
      area = builtEnd();
    }
    if (term == NONE) return cannotBeBuilt(i);
    S.pushDouble(S.V_LITERALS, term);
    at += 4 + bytes;
  }
  return true;
}
const listSlot: usize = memory.data(8, 8);

function cannotBeBuilt(index: u32): bool {
  return literalFails(index, 'cannot be built: a map has a key twice, or memory is exhausted');
}

/**
 * Words that all literals need, or -1 after a report. V_SELECT gets one word a literal: the term if
 * it had to be built on the temporary heap, else NONE.
 */
function measureAll(count: u32): i64 {
  let words: i64 = 0;
  S.clearVector(S.V_SELECT);
  for (let i: u32 = 0; i < count; i++) {
    const need = measureOne(i);
    if (need < 0) return -1;
    words += need;
    if (words <= ((LITERAL_BYTES_MAX >> 3) as i64) && !S.exhausted) continue;
    tooLarge();
    return -1;
  }
  return words;
}

function measureOne(index: u32): i64 {
  const bytes: u32 = S.bytesLeft() < 6 ? 0 : S.takeWord();
  if (bytes < 2 || bytes > S.bytesLeft()) {
    chunkFails(CHUNK_LITT, 'ends within a literal');
    return -1;
  }
  const from = S.at;
  S.moveCursor(from + bytes);
  let need = load<u8>(from) == VERSION ? sizeOfTerm(from + 1, from + bytes, false) : -1;
  if (need < 0 || sizedEnd != from + bytes) {
    literalFails(index, 'is not an external term');
    return -1;
  }
  if (!sizedLargeMap) {
    S.pushDouble(S.V_SELECT, NONE);
    return need;
  }
  const area = hAlloc(need as u32);
  const term = area ? buildTerm(from + 1, area, 0, temporaryOffHeap()) : NONE;
  if (area) setTemporaryOffHeap(builtOffHeap());
  need = term == NONE ? -1 : (sizeOf(term, COPY_LITERALS | MAKE_LITERALS) as i64);
  if (need < 0) cannotBeBuilt(index);
  S.pushDouble(S.V_SELECT, term);
  return need;
}

/** Free the literal area of a module that could not be loaded, with the binaries it owns. */
export function releaseLiterals(): void {
  releaseLiteralArea(literalArea, literalOffHeap);
  literalArea = 0;
}
export function releaseLiteralArea(area: usize, offHeap: usize): void {
  store<u32>(listSlot, offHeap as u32);
  releaseList(listSlot);
  releaseFor(AREA_CODE, area);
}

/**
 * Compressing streams (RFC 1950, 1951, 1952). `deflate` takes what input there is and writes what
 * output has room, like zlib's function of this name; the results are zlib's. Matching goes on
 * block by block of input, so a call does not take longer than its input.
 */
import { adler32 } from '../inflate';
import * as S from './deflate_state';
import * as M from './match';
import * as T from './trees';

export const OK: i32 = 0;
export const STREAM_END: i32 = 1;
export const NEED_DICTIONARY: i32 = 2;
export const STREAM_ERROR: i32 = -2;
export const DATA_ERROR: i32 = -3;
export const BUFFER_ERROR: i32 = -5;

export const FLUSH_NONE: u32 = 0;
const FLUSH_PARTIAL: u32 = 1;
export const FLUSH_SYNC: u32 = 2;
const FLUSH_FULL: u32 = 3;
export const FLUSH_FINISH: u32 = 4;

const STRATEGY_FILTERED: u32 = 1;
const STRATEGY_HUFFMAN: u32 = 2;
const STRATEGY_RLE: u32 = 3;
const METHOD_DEFLATE: i32 = 8;
/** Matches of three bytes that are farther away do not pay. */
const TOO_FAR: u32 = 4096;
const NO_FLUSH_YET: u32 = 0xffff_ffff;
const WRITTEN: u32 = 0x8000_0000;

const NEED_MORE: u32 = 0;
const BLOCK_DONE: u32 = 1;
const FINISH_STARTED: u32 = 2;
const FINISH_DONE: u32 = 3;

let output: usize = 0;
/** Room that is left for output. */
export let room: u32 = 0;

export function setOutput(to: usize, bytes: u32): void {
  output = to;
  room = bytes;
}

// ---- beginning

/** A new stream; 0 when the parameters are wrong or memory is exhausted (`wrongParameters`). */
export let wrongParameters: bool = false;

export function deflateInit(
  level: i32,
  method: i32,
  windowBits: i32,
  memoryLevel: i32,
  strategy: i32,
): usize {
  let bits = windowBits;
  let wrap: u32 = 1;
  if (bits < 0) {
    wrap = 0;
    bits = -bits;
  } else if (bits > 15) {
    wrap = 2;
    bits -= 16;
  }
  wrongParameters =
    memoryLevel < 1 ||
    memoryLevel > 9 ||
    method != METHOD_DEFLATE ||
    bits < 8 ||
    bits > 15 ||
    level < -1 ||
    level > 9 ||
    strategy < 0 ||
    strategy > 4 ||
    (bits == 8 && wrap != 1);
  if (wrongParameters) return 0;
  const state = S.newDeflate(max(bits, 9) as u32, memoryLevel as u32);
  if (!state) return 0;
  store<u32>(state, (level < 0 ? 6 : level) as u32, S.LEVEL);
  store<u32>(state, strategy as u32, S.STRATEGY);
  store<u32>(state, wrap, S.WRAP);
  deflateReset(state);
  return state;
}
export function deflateReset(state: usize): void {
  S.useDeflate(state);
  const wrap = S.get(S.WRAP) & ~WRITTEN;
  S.set(S.WRAP, wrap);
  S.set(S.PENDING_FROM, 0);
  S.set(S.PENDING_TO, 0);
  S.set(S.STATUS, wrap == 2 ? S.STATUS_GZIP : S.STATUS_INIT);
  S.set(S.CHECKSUM, wrap == 2 ? 0 : 1);
  S.set(S.LAST_FLUSH, NO_FLUSH_YET - 1);
  S.set(S.TOTAL_IN, 0);
  T.startTrees();
  M.clearHash();
  resetWindow();
}
function resetWindow(): void {
  S.set(S.AT, 0);
  S.set(S.BLOCK_START, 0);
  S.set(S.LOOKAHEAD, 0);
  S.set(S.INSERT, 0);
  S.set(S.MATCH_LENGTH, S.MATCH_MIN - 1);
  S.set(S.PREVIOUS_LENGTH, S.MATCH_MIN - 1);
  S.set(S.MATCH_AVAILABLE, 0);
  S.set(S.HASH, 0);
}
/** Of the dictionary, or of the data so far. */
export function checksum(): u32 {
  return S.get(S.CHECKSUM);
}
export function isBusy(): bool {
  return S.get(S.STATUS) == S.STATUS_BUSY;
}
export function setParameters(level: i32, strategy: i32): i32 {
  if (level < -1 || level > 9 || strategy < 0 || strategy > 4) return STREAM_ERROR;
  if (S.get(S.LEVEL) == 0 && level) M.clearHash();
  S.set(S.LEVEL, (level < 0 ? 6 : level) as u32);
  S.set(S.STRATEGY, strategy as u32);
  return OK;
}

/** Give the window contents before there is input; the checksum of a zlib stream is theirs. */
export function setDictionary(from: usize, bytes: u32): i32 {
  const wrap = S.get(S.WRAP);
  if (wrap == 2 || (wrap == 1 && S.get(S.STATUS) != S.STATUS_INIT) || S.get(S.LOOKAHEAD))
    return STREAM_ERROR;
  if (wrap == 1) S.set(S.CHECKSUM, adler32(S.get(S.CHECKSUM), from, bytes));
  const size = S.windowSize();
  let start = from;
  let length = bytes;
  if (length >= size) {
    if (!wrap) {
      M.clearHash();
      S.set(S.AT, 0);
      S.set(S.BLOCK_START, 0);
      S.set(S.INSERT, 0);
    }
    start += length - size;
    length = size;
  }
  const total = S.get(S.TOTAL_IN);
  M.setCheck(M.CHECK_NONE);
  M.setInput(start, length);
  M.fillWindow();
  while (S.get(S.LOOKAHEAD) >= S.MATCH_MIN) {
    let at = S.get(S.AT);
    const end = at + S.get(S.LOOKAHEAD) - (S.MATCH_MIN - 1);
    for (; at < end; at++) M.insertString(at);
    S.set(S.AT, at);
    S.set(S.LOOKAHEAD, S.MATCH_MIN - 1);
    M.fillWindow();
  }
  S.set(S.AT, S.get(S.AT) + S.get(S.LOOKAHEAD));
  S.set(S.BLOCK_START, S.get(S.AT));
  S.set(S.INSERT, S.get(S.LOOKAHEAD));
  S.set(S.LOOKAHEAD, 0);
  S.set(S.MATCH_LENGTH, S.MATCH_MIN - 1);
  S.set(S.PREVIOUS_LENGTH, S.MATCH_MIN - 1);
  S.set(S.MATCH_AVAILABLE, 0);
  S.set(S.TOTAL_IN, total);
  return OK;
}

// ---- output

function pendingBytes(): u32 {
  return S.get(S.PENDING_TO) - S.get(S.PENDING_FROM);
}
function flushPending(): void {
  const bytes = min(pendingBytes(), room);
  memory.copy(output, (S.get(S.PENDING) as usize) + S.get(S.PENDING_FROM), bytes);
  output += bytes;
  room -= bytes;
  S.set(S.PENDING_FROM, S.get(S.PENDING_FROM) + bytes);
  if (!pendingBytes()) {
    S.set(S.PENDING_FROM, 0);
    S.set(S.PENDING_TO, 0);
  }
}
/** Close the block that ends here; false when its bytes do not all fit into the output. */
function flushBlock(isLast: bool): bool {
  const start = S.get(S.BLOCK_START);
  const from = (start as i32) >= 0 ? S.get(S.WINDOW) + start : 0;
  T.flushBlock(from, S.get(S.AT) - start, isLast);
  S.set(S.BLOCK_START, S.get(S.AT));
  flushPending();
  return room != 0;
}
/** The end of one of the methods below: close what is open. */
function finishMethod(flush: u32, insert: u32): u32 {
  S.set(S.INSERT, insert);
  if (flush == FLUSH_FINISH) return flushBlock(true) ? FINISH_DONE : FINISH_STARTED;
  if (S.get(S.SYMBOLS) && !flushBlock(false)) return NEED_MORE;
  return BLOCK_DONE;
}
function insertAtEnd(): u32 {
  return min(S.get(S.AT), S.MATCH_MIN - 1);
}

// ---- methods

/** Level 0: stored blocks. */
function deflateStored(flush: u32): u32 {
  const most = min(S.windowSize(), 0xffff);
  while (true) {
    if (S.get(S.LOOKAHEAD) <= 1) {
      M.fillWindow();
      if (!S.get(S.LOOKAHEAD)) {
        if (flush == FLUSH_NONE) return NEED_MORE;
        break;
      }
    }
    S.set(S.AT, S.get(S.AT) + S.get(S.LOOKAHEAD));
    S.set(S.LOOKAHEAD, 0);
    const start = S.get(S.BLOCK_START);
    if (S.get(S.AT) - start >= most) {
      S.set(S.LOOKAHEAD, S.get(S.AT) - start - most);
      S.set(S.AT, start + most);
      if (!storeBlock(false)) return NEED_MORE;
    }
    if (S.get(S.AT) - S.get(S.BLOCK_START) >= M.maxDistance() && !storeBlock(false))
      return NEED_MORE;
  }
  S.set(S.INSERT, 0);
  if (flush == FLUSH_FINISH) return storeBlock(true) ? FINISH_DONE : FINISH_STARTED;
  if (S.get(S.AT) > S.get(S.BLOCK_START) && !storeBlock(false)) return NEED_MORE;
  return BLOCK_DONE;
}
function storeBlock(isLast: bool): bool {
  const start = S.get(S.BLOCK_START);
  T.storedBlock(S.get(S.WINDOW) + start, S.get(S.AT) - start, isLast);
  S.set(S.BLOCK_START, S.get(S.AT));
  flushPending();
  return room != 0;
}

/** Fewer bytes than the search looks at are there: more must come first. */
function needsInput(flush: u32): bool {
  if (S.get(S.LOOKAHEAD) >= S.LOOKAHEAD_MIN) return false;
  M.fillWindow();
  return S.get(S.LOOKAHEAD) < S.LOOKAHEAD_MIN && flush == FLUSH_NONE;
}
function literal(at: u32): bool {
  return T.tally(0, load<u8>((S.get(S.WINDOW) as usize) + at));
}
function advance(by: u32): void {
  S.set(S.AT, S.get(S.AT) + by);
  S.set(S.LOOKAHEAD, S.get(S.LOOKAHEAD) - by);
}

/** Levels 1 to 3: the first match is taken. */
function deflateFast(flush: u32): u32 {
  while (true) {
    if (needsInput(flush)) return NEED_MORE;
    if (!S.get(S.LOOKAHEAD)) break;
    let head: u32 = 0;
    if (S.get(S.LOOKAHEAD) >= S.MATCH_MIN) head = M.insertString(S.get(S.AT));
    if (head && S.get(S.AT) - head <= M.maxDistance()) S.set(S.MATCH_LENGTH, M.longestMatch(head));
    let isFull = false;
    if (S.get(S.MATCH_LENGTH) >= S.MATCH_MIN) {
      isFull = takeMatch();
    } else {
      isFull = literal(S.get(S.AT));
      advance(1);
    }
    if (isFull && !flushBlock(false)) return NEED_MORE;
  }
  return finishMethod(flush, insertAtEnd());
}
function takeMatch(): bool {
  const length = S.get(S.MATCH_LENGTH);
  const isFull = T.tally(S.get(S.AT) - S.get(S.MATCH_START), length - S.MATCH_MIN);
  S.set(S.LOOKAHEAD, S.get(S.LOOKAHEAD) - length);
  if (length <= M.lazyLength() && S.get(S.LOOKAHEAD) >= S.MATCH_MIN) {
    for (let i: u32 = 1; i < length; i++) {
      S.set(S.AT, S.get(S.AT) + 1);
      M.insertString(S.get(S.AT));
    }
    S.set(S.AT, S.get(S.AT) + 1);
  } else {
    S.set(S.AT, S.get(S.AT) + length);
    M.startHash(S.get(S.AT));
  }
  S.set(S.MATCH_LENGTH, 0);
  return isFull;
}

/** Levels 4 to 9: a match is taken only when the next place has no better one. */
function deflateSlow(flush: u32): u32 {
  while (true) {
    if (needsInput(flush)) return NEED_MORE;
    if (!S.get(S.LOOKAHEAD)) break;
    findLazyMatch();
    const previous = S.get(S.PREVIOUS_LENGTH);
    if (previous >= S.MATCH_MIN && S.get(S.MATCH_LENGTH) <= previous) {
      if (takePrevious() && !flushBlock(false)) return NEED_MORE;
    } else if (S.get(S.MATCH_AVAILABLE)) {
      const isFull = literal(S.get(S.AT) - 1);
      if (isFull) flushBlock(false);
      advance(1);
      if (!room) return NEED_MORE;
    } else {
      S.set(S.MATCH_AVAILABLE, 1);
      advance(1);
    }
  }
  if (S.get(S.MATCH_AVAILABLE)) {
    literal(S.get(S.AT) - 1);
    S.set(S.MATCH_AVAILABLE, 0);
  }
  return finishMethod(flush, insertAtEnd());
}
function findLazyMatch(): void {
  let head: u32 = 0;
  if (S.get(S.LOOKAHEAD) >= S.MATCH_MIN) head = M.insertString(S.get(S.AT));
  S.set(S.PREVIOUS_LENGTH, S.get(S.MATCH_LENGTH));
  S.set(S.PREVIOUS_MATCH, S.get(S.MATCH_START));
  S.set(S.MATCH_LENGTH, S.MATCH_MIN - 1);
  const isLazy = S.get(S.PREVIOUS_LENGTH) < M.lazyLength();
  if (!head || !isLazy || S.get(S.AT) - head > M.maxDistance()) return;
  const length = M.longestMatch(head);
  S.set(S.MATCH_LENGTH, length);
  if (length > 5) return;
  const far = length == S.MATCH_MIN && S.get(S.AT) - S.get(S.MATCH_START) > TOO_FAR;
  if (far || S.get(S.STRATEGY) == STRATEGY_FILTERED) S.set(S.MATCH_LENGTH, S.MATCH_MIN - 1);
}
function takePrevious(): bool {
  const at = S.get(S.AT);
  const length = S.get(S.PREVIOUS_LENGTH);
  const insertMax = at + S.get(S.LOOKAHEAD) - S.MATCH_MIN;
  const isFull = T.tally(at - 1 - S.get(S.PREVIOUS_MATCH), length - S.MATCH_MIN);
  S.set(S.LOOKAHEAD, S.get(S.LOOKAHEAD) - (length - 1));
  for (let i: u32 = 0; i < length - 2; i++) {
    S.set(S.AT, S.get(S.AT) + 1);
    if ((S.get(S.AT) as i32) <= (insertMax as i32)) M.insertString(S.get(S.AT));
  }
  S.set(S.MATCH_AVAILABLE, 0);
  S.set(S.MATCH_LENGTH, S.MATCH_MIN - 1);
  S.set(S.AT, S.get(S.AT) + 1);
  return isFull;
}

/** Matches only with the byte before. */
function deflateRuns(flush: u32): u32 {
  while (true) {
    if (S.get(S.LOOKAHEAD) <= S.MATCH_MAX) {
      M.fillWindow();
      if (S.get(S.LOOKAHEAD) <= S.MATCH_MAX && flush == FLUSH_NONE) return NEED_MORE;
      if (!S.get(S.LOOKAHEAD)) break;
    }
    const length = runLength();
    let isFull = false;
    if (length >= S.MATCH_MIN) {
      isFull = T.tally(1, length - S.MATCH_MIN);
      advance(length);
    } else {
      isFull = literal(S.get(S.AT));
      advance(1);
    }
    if (isFull && !flushBlock(false)) return NEED_MORE;
  }
  return finishMethod(flush, 0);
}
function runLength(): u32 {
  if (S.get(S.LOOKAHEAD) < S.MATCH_MIN || !S.get(S.AT)) return 0;
  const scan = (S.get(S.WINDOW) as usize) + S.get(S.AT);
  const byte = load<u8>(scan - 1);
  const most = min(S.MATCH_MAX, S.get(S.LOOKAHEAD));
  let length: u32 = 0;
  while (length < most && load<u8>(scan + length) == byte) length++;
  return length;
}
function deflateHuffman(flush: u32): u32 {
  while (true) {
    if (!S.get(S.LOOKAHEAD)) {
      M.fillWindow();
      if (!S.get(S.LOOKAHEAD)) {
        if (flush == FLUSH_NONE) return NEED_MORE;
        break;
      }
    }
    S.set(S.MATCH_LENGTH, 0);
    const isFull = literal(S.get(S.AT));
    advance(1);
    if (isFull && !flushBlock(false)) return NEED_MORE;
  }
  return finishMethod(flush, 0);
}
function runMethod(flush: u32): u32 {
  const level = S.get(S.LEVEL);
  if (!level) return deflateStored(flush);
  if (S.get(S.STRATEGY) == STRATEGY_HUFFMAN) return deflateHuffman(flush);
  if (S.get(S.STRATEGY) == STRATEGY_RLE) return deflateRuns(flush);
  return level < 4 ? deflateFast(flush) : deflateSlow(flush);
}

// ---- headers and trailers

function putHeader(): void {
  const simple = S.get(S.STRATEGY) >= STRATEGY_HUFFMAN;
  const level = S.get(S.LEVEL);
  if (S.get(S.STATUS) == S.STATUS_GZIP) {
    putWords(0x0008_8b1f);
    putWords(0);
    S.putByte(level == 9 ? 2 : simple || level < 2 ? 4 : 0);
    S.putByte(3);
    return;
  }
  const flags: u32 = simple || level < 2 ? 0 : level < 6 ? 1 : level == 6 ? 2 : 3;
  let header = ((8 + ((S.get(S.WINDOW_BITS) - 8) << 4)) << 8) | (flags << 6);
  if (S.get(S.AT)) header |= 0x20;
  header += 31 - (header % 31);
  S.putByte(header >> 8);
  S.putByte(header & 255);
  if (S.get(S.AT)) putBigWord(S.get(S.CHECKSUM));
  S.set(S.CHECKSUM, 1);
}
function putWords(word: u32): void {
  S.putShort(word & 0xffff);
  S.putShort(word >> 16);
}
function putBigWord(word: u32): void {
  putWords(bswap<u32>(word));
}

function rank(flush: u32): i32 {
  if (flush > FLUSH_FINISH + 1) return -2;
  return ((flush << 1) as i32) - (flush > FLUSH_FINISH ? 9 : 0);
}

/** Go on with stream `S.d`, with the input and output that have been set. */
export function deflate(flush: u32): i32 {
  const wrap = S.get(S.WRAP);
  M.setCheck(wrap == 1 ? M.CHECK_ADLER : wrap == 2 ? M.CHECK_CRC : M.CHECK_NONE);
  if (S.get(S.STATUS) == S.STATUS_FINISH && flush != FLUSH_FINISH) return STREAM_ERROR;
  if (!room) return BUFFER_ERROR;
  const before = S.get(S.LAST_FLUSH);
  S.set(S.LAST_FLUSH, flush);
  if (pendingBytes()) {
    flushPending();
    if (!room) return later();
  } else if (!M.available && rank(flush) <= rank(before) && flush != FLUSH_FINISH)
    return BUFFER_ERROR;
  if (S.get(S.STATUS) == S.STATUS_FINISH && M.available) return BUFFER_ERROR;
  if (S.get(S.STATUS) != S.STATUS_BUSY && S.get(S.STATUS) != S.STATUS_FINISH) {
    if (wrap) putHeader();
    S.set(S.STATUS, S.STATUS_BUSY);
    flushPending();
    if (pendingBytes()) return later();
  }
  const hasWork = M.available != 0 || S.get(S.LOOKAHEAD) != 0;
  if (hasWork || (flush != FLUSH_NONE && S.get(S.STATUS) != S.STATUS_FINISH)) {
    const state = runMethod(flush);
    if (state >= FINISH_STARTED) S.set(S.STATUS, S.STATUS_FINISH);
    if (state == NEED_MORE || state == FINISH_STARTED) return room ? OK : later();
    if (state == BLOCK_DONE && !endFlush(flush)) return later();
  }
  return flush == FLUSH_FINISH ? putTrailer() : OK;
}
/** The output is full: the next call is not one that has nothing to do. */
function later(): i32 {
  S.set(S.LAST_FLUSH, NO_FLUSH_YET);
  return OK;
}
function endFlush(flush: u32): bool {
  if (flush == FLUSH_PARTIAL) {
    S.putBits(2, 3);
    S.putBits(0, 7);
  } else if (flush <= FLUSH_FINISH) {
    T.storedBlock(0, 0, false);
    if (flush == FLUSH_FULL) {
      M.clearHash();
      if (!S.get(S.LOOKAHEAD)) {
        S.set(S.AT, 0);
        S.set(S.BLOCK_START, 0);
        S.set(S.INSERT, 0);
      }
    }
  }
  flushPending();
  return room != 0;
}
function putTrailer(): i32 {
  const wrap = S.get(S.WRAP);
  if (!wrap || wrap & WRITTEN) return STREAM_END;
  if (wrap == 2) {
    putWords(S.get(S.CHECKSUM));
    putWords(S.get(S.TOTAL_IN));
  } else putBigWord(S.get(S.CHECKSUM));
  flushPending();
  S.set(S.WRAP, wrap | WRITTEN);
  return pendingBytes() ? OK : STREAM_END;
}

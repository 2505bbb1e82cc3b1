/**
 * Decompressing streams (RFC 1950, 1951, 1952): input and output come in pieces of any size. The
 * state is a block of memory; `r` is the address of the stream that is worked on. A step either
 * finds all the bits that it needs and goes on, or leaves everything as it was and waits.
 */
import {
  DISTANCE_BASE,
  DISTANCE_EXTRA,
  LENGTH_BASE,
  LENGTH_EXTRA,
  LENGTH_ORDER,
} from '../inflate_tables';
import { allocateZeroed } from '../alloc';
import { crc32 } from '../checksum';
import { adler32 } from '../inflate';
import { BUFFER_ERROR, DATA_ERROR, NEED_DICTIONARY, OK, STREAM_END, STREAM_ERROR } from './deflate';

export let r: usize = 0;
export function useInflate(state: usize): void {
  r = state;
}

// ---- fields

const MODE: u32 = 0;
/** Bit 0 zlib, bit 1 gzip headers are understood. */
const WRAP: u32 = 4;
const WINDOW_BITS: u32 = 8;
/** What the stream has turned out to be: 0 raw, 1 zlib, 2 gzip. */
const KIND: u32 = 12;
const HOLD: u32 = 16;
const HELD: u32 = 24;
const LAST: u32 = 28;
const LEFT: u32 = 32;
const DISTANCE: u32 = 36;
const CHECKSUM: u32 = 40;
const TOTAL: u32 = 44;
/** Flags of a gzip header, and how much of an extra field is left. */
const GZIP_FLAGS: u32 = 48;
const LITERALS: u32 = 52;
const DISTANCES: u32 = 56;
const CODES: u32 = 60;
const INDEX: u32 = 64;
/** Bytes in the window (at most its size), and where the next one goes. */
const FILLED: u32 = 68;
const NEXT: u32 = 72;
const DICTIONARY: u32 = 76;
/** The header's checksum is wanted, and its value so far. */
const HEADER_SUM: u32 = 80;
const LENGTHS: u32 = 84;
const LITERAL_DECODER: u32 = 84 + 320;
/** A decoder: u16 counts[16], u16 symbols[288], u16 quick[512] of symbol | length << 12. */
const SYMBOLS: u32 = 32;
const QUICK: u32 = 32 + 288 * 2;
const DECODER_BYTES: u32 = QUICK + 512 * 2;
const DISTANCE_DECODER: u32 = LITERAL_DECODER + DECODER_BYTES;
const WINDOW: u32 = DISTANCE_DECODER + DECODER_BYTES;
/** The window is a ring, twice as large as matches reach back. */
const RING_BYTES: u32 = 65536;
const WINDOW_BYTES: u32 = 32768;
const STATE_BYTES: u32 = WINDOW + RING_BYTES;

const MODE_HEAD: u32 = 0;
const MODE_GZIP: u32 = 1;
const MODE_GZIP_EXTRA_LENGTH: u32 = 2;
const MODE_GZIP_EXTRA: u32 = 3;
const MODE_GZIP_NAME: u32 = 4;
const MODE_GZIP_COMMENT: u32 = 5;
const MODE_GZIP_SUM: u32 = 6;
const MODE_DICTIONARY_ID: u32 = 7;
const MODE_DICTIONARY: u32 = 8;
const MODE_BLOCK: u32 = 9;
const MODE_STORED: u32 = 10;
const MODE_COPY: u32 = 11;
const MODE_TABLE: u32 = 12;
const MODE_CODE_LENGTHS: u32 = 13;
const MODE_LENGTHS: u32 = 14;
const MODE_SYMBOL: u32 = 15;
const MODE_DISTANCE: u32 = 16;
const MODE_MATCH: u32 = 17;
const MODE_CHECK: u32 = 18;
const MODE_SIZE: u32 = 19;
const MODE_DONE: u32 = 20;
const MODE_BAD: u32 = 21;
/** The dictionary is there; it may be given again before inflating goes on. */
const MODE_DICTIONARY_GIVEN: u32 = 22;

let source: usize = 0;
export let available: u32 = 0;
let outputStart: usize = 0;
let output: usize = 0;
export let room: u32 = 0;

export function setInput(from: usize, bytes: u32): void {
  source = from;
  available = bytes;
}
export function setOutput(to: usize, bytes: u32): void {
  output = to;
  outputStart = to;
  room = bytes;
}
function get(field: u32): u32 {
  return load<u32>(r + field);
}
function set(field: u32, value: u32): void {
  store<u32>(r + field, value);
}

// ---- beginning

/** A new stream; 0 for wrong parameters, or without memory (`wrongParameters`). */
export let wrongParameters: bool = false;
export function inflateInit(windowBits: i32): usize {
  let bits = windowBits;
  let wrap: u32 = 0;
  if (bits < 0) bits = -bits;
  else {
    wrap = (((bits >> 4) + 1) & 3) as u32;
    bits &= 15;
  }
  wrongParameters = (bits != 0 && (bits < 8 || bits > 15)) || windowBits >= 48;
  if (wrongParameters) return 0;
  const state = allocateZeroed(STATE_BYTES);
  if (!state) return 0;
  store<u32>(state, wrap, WRAP);
  store<u32>(state, bits, WINDOW_BITS);
  inflateReset(state);
  return state;
}
export function inflateReset(state: usize): void {
  useInflate(state);
  const isRaw = !get(WRAP);
  set(MODE, isRaw ? MODE_BLOCK : MODE_HEAD);
  set(KIND, 0);
  store<u64>(r, 0, HOLD);
  set(HELD, 0);
  set(LAST, 0);
  set(FILLED, 0);
  set(NEXT, 0);
  set(TOTAL, 0);
  set(CHECKSUM, 1);
  set(HEADER_SUM, 0);
}
function windowLimit(): u32 {
  const bits = get(WINDOW_BITS);
  return bits ? 1 << bits : WINDOW_BYTES;
}

// ---- bits

/** At least `count` bits are held; false when the input does not have them. */
function need(count: u32): bool {
  while (get(HELD) < count) {
    if (!available) return false;
    store<u64>(r, load<u64>(r, HOLD) | ((load<u8>(source) as u64) << (get(HELD) as u64)), HOLD);
    set(HELD, get(HELD) + 8);
    source++;
    available--;
  }
  return true;
}
function bits(count: u32): u32 {
  return (load<u64>(r, HOLD) & ((1 << (count as u64)) - 1)) as u32;
}
function dropBits(count: u32): void {
  store<u64>(r, load<u64>(r, HOLD) >> (count as u64), HOLD);
  set(HELD, get(HELD) - count);
}
function take(count: u32): u32 {
  const value = bits(count);
  dropBits(count);
  return value;
}
function bad(): bool {
  set(MODE, MODE_BAD);
  return true;
}

// ---- decoders

const offsets: usize = memory.data(32, 8);

/** Make a decoder from code lengths. False when they are over-subscribed or incomplete. */
function makeDecoder(decoder: usize, from: usize, count: u32, mayBeSingle: bool): bool {
  memory.fill(decoder, 0, DECODER_BYTES);
  for (let i: u32 = 0; i < count; i++) {
    const counter = decoder + ((load<u8>(from + i) as usize) << 1);
    store<u16>(counter, load<u16>(counter) + 1);
  }
  const used = count - load<u16>(decoder);
  store<u16>(decoder, 0);
  let left: i32 = 1;
  for (let length: u32 = 1; length <= 15; length++) {
    left = (left << 1) - (load<u16>(decoder + (length << 1)) as i32);
    if (left < 0) return false;
  }
  // A code of no symbols is taken up to its first use; of one symbol it must be of one bit.
  if (left > 0 && used && !(mayBeSingle && used == 1 && load<u16>(decoder, 2) == 1)) return false;
  store<u16>(offsets, 0, 2);
  for (let length: u32 = 1; length < 15; length++) {
    const next = load<u16>(offsets + (length << 1)) + load<u16>(decoder + (length << 1));
    store<u16>(offsets + (length << 1), next, 2);
  }
  for (let i: u32 = 0; i < count; i++) {
    const length = load<u8>(from + i) as u32;
    if (!length) continue;
    const slot = offsets + (length << 1);
    const index = load<u16>(slot) as u32;
    store<u16>(decoder + SYMBOLS + (index << 1), i as u16);
    store<u16>(slot, (index + 1) as u16);
  }
  fillQuick(decoder);
  return true;
}
function reversed(code: u32, count: u32): u32 {
  let result: u32 = 0;
  for (let i: u32 = 0; i < count; i++) result |= ((code >> i) & 1) << (count - 1 - i);
  return result;
}
function fillQuick(decoder: usize): void {
  let code: u32 = 0;
  let index: u32 = 0;
  for (let length: u32 = 1; length <= 9; length++) {
    for (let left = load<u16>(decoder + (length << 1)) as u32; left; left--) {
      const word = (load<u16>(decoder + SYMBOLS + (index << 1)) as u32) | (length << 12);
      for (let at = reversed(code, length); at < 512; at += 1 << length)
        store<u16>(decoder + QUICK + (at << 1), word as u16);
      code++;
      index++;
    }
    code <<= 1;
  }
}
/** The next symbol stays in the bits; its length is in symbolBits. -1 = wait, -2 = no symbol. */
let symbolBits: u32 = 0;
function peekSymbol(decoder: usize): i32 {
  need(15);
  const held = get(HELD);
  const word = load<u16>(decoder + QUICK + (bits(9) << 1)) as u32;
  if (word) {
    symbolBits = word >> 12;
    return symbolBits <= held ? ((word & 0xfff) as i32) : -1;
  }
  let code: i32 = 0;
  let first: i32 = 0;
  let index: i32 = 0;
  const all = load<u64>(r, HOLD);
  for (let length: u32 = 1; length <= 15; length++) {
    if (length > held) return -1;
    code |= ((all >> ((length - 1) as u64)) & 1) as i32;
    const count = load<u16>(decoder + (length << 1)) as i32;
    if (code - count < first) {
      symbolBits = length;
      return load<u16>(decoder + SYMBOLS + ((index + code - first) << 1)) as i32;
    }
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  return -2;
}

// ---- output

function putByte(byte: u8): void {
  store<u8>(output, byte);
  output++;
  room--;
  const next = get(NEXT);
  store<u8>(r + WINDOW + next, byte);
  set(NEXT, (next + 1) & (RING_BYTES - 1));
}
/** The output so far counts for checksum, size and window. */
function settleOutput(): void {
  const bytes = (output - outputStart) as u32;
  if (!bytes) return;
  const kind = get(KIND);
  if (kind == 1) set(CHECKSUM, adler32(get(CHECKSUM), outputStart, bytes));
  else if (kind == 2) set(CHECKSUM, crc32(get(CHECKSUM), outputStart, bytes));
  set(TOTAL, get(TOTAL) + bytes);
  set(FILLED, min(get(FILLED) + bytes, WINDOW_BYTES));
  outputStart = output;
}
/** Bytes that matches may refer to. */
function reach(): u32 {
  return min(get(FILLED), windowLimit()) + ((output - outputStart) as u32);
}

// ---- headers; each step is true when the next one may come

function stepHead(): bool {
  if (!need(16)) return false;
  const wrap = get(WRAP);
  if (wrap & 2 && bits(16) == 0x8b1f) {
    if (!get(WINDOW_BITS)) set(WINDOW_BITS, 15);
    set(KIND, 2);
    dropHeaderBits(16);
    set(MODE, MODE_GZIP);
    set(INDEX, 0);
    return true;
  }
  const word = bits(16);
  if (!(wrap & 1) || (((word & 255) << 8) + (word >> 8)) % 31 || (word & 15) != 8) return bad();
  const size = ((word >> 4) & 15) + 8;
  if (!get(WINDOW_BITS)) set(WINDOW_BITS, size);
  if (size > 15 || size > get(WINDOW_BITS)) return bad();
  set(WINDOW_BITS, size);
  set(KIND, 1);
  set(CHECKSUM, 1);
  dropBits(16);
  set(MODE, word & 0x2000 ? MODE_DICTIONARY_ID : MODE_BLOCK);
  return true;
}
/** Header bytes count for the header's checksum. */
const headerBytes: usize = memory.data(8, 8);
function dropHeaderBits(count: u32): void {
  store<u32>(headerBytes, bits(count));
  set(HEADER_SUM, crc32(get(HEADER_SUM), headerBytes, count >> 3));
  dropBits(count);
}
/** Method and flags, time, extra flags and system. */
function stepGzip(): bool {
  const index = get(INDEX);
  const count: u32 = index == 1 ? 32 : 16;
  if (!need(count)) return false;
  if (!index) {
    set(GZIP_FLAGS, bits(16) >> 8);
    if ((bits(16) & 255) != 8 || get(GZIP_FLAGS) & 0xe0) return bad();
  }
  dropHeaderBits(count);
  set(INDEX, index + 1);
  if (index == 2) set(MODE, MODE_GZIP_EXTRA_LENGTH);
  return true;
}
function stepGzipExtraLength(): bool {
  if (!(get(GZIP_FLAGS) & 4)) {
    set(LEFT, 0);
    set(MODE, MODE_GZIP_EXTRA);
    return true;
  }
  if (!need(16)) return false;
  set(LEFT, bits(16));
  dropHeaderBits(16);
  set(MODE, MODE_GZIP_EXTRA);
  return true;
}
function stepGzipExtra(): bool {
  while (get(LEFT)) {
    if (!need(8)) return false;
    dropHeaderBits(8);
    set(LEFT, get(LEFT) - 1);
  }
  set(MODE, MODE_GZIP_NAME);
  return true;
}
/** A text that ends with 0, when the flag says that there is one. */
function stepGzipText(flag: u32, next: u32): bool {
  while (get(GZIP_FLAGS) & flag) {
    if (!need(8)) return false;
    const isEnd = !bits(8);
    dropHeaderBits(8);
    if (isEnd) break;
  }
  set(MODE, next);
  return true;
}
function stepGzipSum(): bool {
  if (get(GZIP_FLAGS) & 2) {
    if (!need(16)) return false;
    if (bits(16) != (get(HEADER_SUM) & 0xffff)) return bad();
    dropBits(16);
  }
  set(CHECKSUM, 0);
  set(MODE, MODE_BLOCK);
  return true;
}
function stepDictionaryId(): bool {
  if (!need(32)) return false;
  set(DICTIONARY, bswap<u32>(take(32)));
  set(MODE, MODE_DICTIONARY);
  return true;
}

// ---- blocks

function stepBlock(): bool {
  if (get(LAST)) {
    dropBits(get(HELD) & 7);
    set(MODE, MODE_CHECK);
    return true;
  }
  if (!need(3)) return false;
  set(LAST, take(1));
  const kind = take(2);
  if (kind == 0) {
    dropBits(get(HELD) & 7);
    set(MODE, MODE_STORED);
  } else if (kind == 1) {
    fixedDecoders();
    set(MODE, MODE_SYMBOL);
  } else if (kind == 2) set(MODE, MODE_TABLE);
  else return bad();
  return true;
}
function fixedDecoders(): void {
  const lengths = r + LENGTHS;
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  makeDecoder(r + LITERAL_DECODER, lengths, 288, false);
  memory.fill(lengths, 5, 32);
  makeDecoder(r + DISTANCE_DECODER, lengths, 32, false);
}
function stepStored(): bool {
  if (!need(32)) return false;
  const word = bits(32);
  if ((word & 0xffff) != ((word >> 16) ^ 0xffff)) return bad();
  set(LEFT, word & 0xffff);
  dropBits(32);
  set(MODE, MODE_COPY);
  return true;
}
function stepCopy(): bool {
  while (get(LEFT)) {
    if (!room || !need(8)) return false;
    putByte(take(8) as u8);
    set(LEFT, get(LEFT) - 1);
  }
  set(MODE, MODE_BLOCK);
  return true;
}
function stepTable(): bool {
  if (!need(14)) return false;
  set(LITERALS, take(5) + 257);
  set(DISTANCES, take(5) + 1);
  set(CODES, take(4) + 4);
  if (get(LITERALS) > 286 || get(DISTANCES) > 30) return bad();
  set(INDEX, 0);
  memory.fill(r + LENGTHS, 0, 19);
  set(MODE, MODE_CODE_LENGTHS);
  return true;
}
function stepCodeLengths(): bool {
  while (get(INDEX) < get(CODES)) {
    if (!need(3)) return false;
    store<u8>(r + LENGTHS + load<u8>(LENGTH_ORDER + get(INDEX)), take(3) as u8);
    set(INDEX, get(INDEX) + 1);
  }
  if (!makeDecoder(r + LITERAL_DECODER, r + LENGTHS, 19, false) || !hasCodes()) return bad();
  set(INDEX, 0);
  set(MODE, MODE_LENGTHS);
  return true;
}
/** Some symbol has a code. */
function hasCodes(): bool {
  for (let i: u32 = 0; i < 19; i++) if (load<u8>(r + LENGTHS + i)) return true;
  return false;
}
function stepLengths(): bool {
  const total = get(LITERALS) + get(DISTANCES);
  const lengths = r + LENGTHS;
  while (get(INDEX) < total) {
    const symbol = peekSymbol(r + LITERAL_DECODER);
    if (symbol == -1) return false;
    if (symbol < 0) return bad();
    const index = get(INDEX);
    if (symbol < 16) {
      dropBits(symbolBits);
      store<u8>(lengths + index, symbol as u8);
      set(INDEX, index + 1);
      continue;
    }
    const extra: u32 = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (!need(symbolBits + extra)) return false;
    dropBits(symbolBits);
    const count = take(extra) + (symbol == 18 ? 11 : 3);
    if ((symbol == 16 && !index) || index + count > total) return bad();
    const value: u8 = symbol == 16 ? load<u8>(lengths + index - 1) : 0;
    memory.fill(lengths + index, value, count);
    set(INDEX, index + count);
  }
  // Without an end code no block could end.
  if (!load<u8>(lengths, 256)) return bad();
  const distances = lengths + get(LITERALS);
  if (!makeDecoder(r + DISTANCE_DECODER, distances, get(DISTANCES), true)) return bad();
  if (!makeDecoder(r + LITERAL_DECODER, lengths, get(LITERALS), true)) return bad();
  set(MODE, MODE_SYMBOL);
  return true;
}
function stepSymbol(): bool {
  while (room) {
    const symbol = peekSymbol(r + LITERAL_DECODER);
    if (symbol == -1) return false;
    if (symbol < 0) return bad();
    if (symbol < 256) {
      dropBits(symbolBits);
      putByte(symbol as u8);
      continue;
    }
    if (symbol == 256) {
      dropBits(symbolBits);
      set(MODE, MODE_BLOCK);
      return true;
    }
    if (symbol > 285) return bad();
    const extra = load<u8>(LENGTH_EXTRA + symbol - 257) as u32;
    if (!need(symbolBits + extra)) return false;
    dropBits(symbolBits);
    set(LEFT, (load<u16>(LENGTH_BASE + ((symbol - 257) << 1)) as u32) + take(extra));
    set(MODE, MODE_DISTANCE);
    return true;
  }
  // An end code may come without room for more.
  if (peekSymbol(r + LITERAL_DECODER) != 256) return false;
  dropBits(symbolBits);
  set(MODE, MODE_BLOCK);
  return true;
}
function stepDistance(): bool {
  const symbol = peekSymbol(r + DISTANCE_DECODER);
  if (symbol == -1) return false;
  if (symbol < 0 || symbol > 29) return bad();
  const extra = load<u8>(DISTANCE_EXTRA + symbol) as u32;
  if (!need(symbolBits + extra)) return false;
  dropBits(symbolBits);
  const distance = (load<u16>(DISTANCE_BASE + (symbol << 1)) as u32) + take(extra);
  if (distance > reach()) return bad();
  set(DISTANCE, distance);
  set(MODE, MODE_MATCH);
  return true;
}
function stepMatch(): bool {
  const distance = get(DISTANCE);
  while (get(LEFT)) {
    if (!room) return false;
    putByte(load<u8>(r + WINDOW + ((get(NEXT) - distance) & (RING_BYTES - 1))));
    set(LEFT, get(LEFT) - 1);
  }
  set(MODE, MODE_SYMBOL);
  return true;
}

// ---- the end

function stepCheck(): bool {
  settleOutput();
  const kind = get(KIND);
  if (kind) {
    if (!need(32)) return false;
    const sum = kind == 1 ? bswap<u32>(bits(32)) : bits(32);
    if (sum != get(CHECKSUM)) return bad();
    dropBits(32);
  }
  set(MODE, kind == 2 ? MODE_SIZE : MODE_DONE);
  return true;
}
function stepSize(): bool {
  if (!need(32)) return false;
  if (bits(32) != get(TOTAL)) return bad();
  dropBits(32);
  set(MODE, MODE_DONE);
  return true;
}

function stepHeader(mode: u32): bool {
  switch (mode) {
    case MODE_HEAD:
      return stepHead();
    case MODE_GZIP:
      return stepGzip();
    case MODE_GZIP_EXTRA_LENGTH:
      return stepGzipExtraLength();
    case MODE_GZIP_EXTRA:
      return stepGzipExtra();
    case MODE_GZIP_NAME:
      return stepGzipText(8, MODE_GZIP_COMMENT);
    case MODE_GZIP_COMMENT:
      return stepGzipText(16, MODE_GZIP_SUM);
    case MODE_GZIP_SUM:
      return stepGzipSum();
    case MODE_DICTIONARY_ID:
      return stepDictionaryId();
    default:
      return false;
  }
}
function step(mode: u32): bool {
  if (mode < MODE_BLOCK) return stepHeader(mode);
  switch (mode) {
    case MODE_BLOCK:
      return stepBlock();
    case MODE_STORED:
      return stepStored();
    case MODE_COPY:
      return stepCopy();
    case MODE_TABLE:
      return stepTable();
    case MODE_CODE_LENGTHS:
      return stepCodeLengths();
    case MODE_LENGTHS:
      return stepLengths();
    case MODE_SYMBOL:
      return stepSymbol();
    case MODE_DISTANCE:
      return stepDistance();
    case MODE_MATCH:
      return stepMatch();
    case MODE_CHECK:
      return stepCheck();
    case MODE_SIZE:
      return stepSize();
    case MODE_DICTIONARY_GIVEN:
      set(MODE, MODE_BLOCK);
      return true;
    default:
      return false;
  }
}
/** Whole bytes that were taken ahead go back: what follows the stream is not ours. */
function giveBack(): void {
  const bytes = get(HELD) >> 3;
  source -= bytes;
  available += bytes;
  const left = get(HELD) & 7;
  set(HELD, left);
  store<u64>(r, load<u64>(r, HOLD) & ((1 << (left as u64)) - 1), HOLD);
}

/** What the last call has written is not in the dictionary that can be asked for. */
function forgetOutput(filled: u32, next: u32): void {
  set(FILLED, filled);
  set(NEXT, next);
}

/** Go on with stream `r`; the results are zlib's. */
export function inflate(): i32 {
  const input = available;
  const space = room;
  const before = get(FILLED);
  const next = get(NEXT);
  while (step(get(MODE))) {}
  settleOutput();
  const mode = get(MODE);
  if (mode == MODE_DONE || mode == MODE_DICTIONARY) giveBack();
  if (mode == MODE_DONE) forgetOutput(before, next);
  if (mode == MODE_BAD) return DATA_ERROR;
  if (mode == MODE_DONE) return STREAM_END;
  if (mode == MODE_DICTIONARY) return NEED_DICTIONARY;
  return input == available && space == room ? BUFFER_ERROR : OK;
}
export function dictionaryWanted(): u32 {
  return get(DICTIONARY);
}
export function setDictionary(from: usize, bytes: u32): i32 {
  const mode = get(MODE);
  const wanted = mode == MODE_DICTIONARY || mode == MODE_DICTIONARY_GIVEN;
  if (get(WRAP) && !wanted) return STREAM_ERROR;
  if (wanted && adler32(1, from, bytes) != get(DICTIONARY)) return DATA_ERROR;
  const start = bytes > WINDOW_BYTES ? bytes - WINDOW_BYTES : 0;
  for (let i = start; i < bytes; i++) {
    const next = get(NEXT);
    store<u8>(r + WINDOW + next, load<u8>(from + i));
    set(NEXT, (next + 1) & (RING_BYTES - 1));
  }
  set(FILLED, min(get(FILLED) + (bytes - start), WINDOW_BYTES));
  if (wanted) {
    set(CHECKSUM, 1);
    set(MODE, MODE_DICTIONARY_GIVEN);
  }
  return OK;
}
/** Bytes of the window, and a copy of them. */
export function dictionaryBytes(): u32 {
  return min(get(FILLED), windowLimit());
}
export function copyDictionary(to: usize): void {
  const bytes = dictionaryBytes();
  for (let i: u32 = 0; i < bytes; i++) {
    const at = (get(NEXT) - bytes + i) & (RING_BYTES - 1);
    store<u8>(to + i, load<u8>(r + WINDOW + at));
  }
}

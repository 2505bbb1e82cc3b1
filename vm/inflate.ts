/**
 * Inflate (RFC 1951) and the zlib wrapper (RFC 1950). The output buffer is given and bounds the
 * work: every step either writes a byte, consumes input, or ends. Codes are decoded through a table
 * of the first PRIMARY_BITS bits; longer codes, which are rare, bit by bit from the counts of codes
 * per length.
 */
import {
  DISTANCE_BASE,
  DISTANCE_EXTRA,
  LENGTH_BASE,
  LENGTH_EXTRA,
  LENGTH_ORDER,
} from './inflate_tables';

const PRIMARY_BITS: u32 = 9;
const CODE_BITS_MAX: u32 = 15;
const LITERALS_MAX: u32 = 288;
const DISTANCES_MAX: u32 = 32;

/**
 * A decoder: u16 counts[16], u16 symbols[288], u16 primary[512] of symbol | length << 12 (0 = a
 * longer code).
 */
const SYMBOLS: u32 = 32;
const PRIMARY: u32 = 32 + 288 * 2;
const DECODER_BYTES: u32 = PRIMARY + 512 * 2;
const literals: usize = memory.data(32 + 288 * 2 + 512 * 2, 8);
const distances: usize = memory.data(32 + 288 * 2 + 512 * 2, 8);
const lengths: usize = memory.data(320, 8);
const offsets: usize = memory.data(32, 8);

let source: usize = 0;
let sourceEnd: usize = 0;
let output: usize = 0;
let outputStart: usize = 0;
let outputEnd: usize = 0;
/** Bits taken from the source and not used yet, lowest first. */
let bitBuffer: u64 = 0;
let bitCount: u32 = 0;

let sourceStart: usize = 0;
/** A block of codes is under way; it is, or the one before was, the last one. */
let inBlock: bool = false;
let lastBlock: bool = false;
/** What may still be done in this go; making decoders and copying a block count as so many. */
let symbolsLeft: u32 = 0;
const DECODER_SYMBOLS: u32 = 400;
/** Copying so many bytes (as a power of two) that were written before counts as a symbol. */
const COPIED_WORDS_SHIFT: u32 = 5;
const COPIED_BYTES_SHIFT: u32 = 2;
/** What a code that is not in the table counts as, beside itself. */
const LONG_CODE_SYMBOLS: u32 = 6;
const STORED_SYMBOLS: u32 = 300;

export const INFLATE_MORE: u32 = 0;
export const INFLATE_DONE: u32 = 1;
export const INFLATE_FAILED: u32 = 2;

/** After inflateZlib: bytes of the source that belong to the stream. */
export let inflateConsumed: u32 = 0;

function refill(): void {
  while (bitCount <= 48 && source < sourceEnd) {
    bitBuffer |= (load<u8>(source) as u64) << (bitCount as u64);
    source++;
    bitCount += 8;
  }
}
/** `count` (at most 16) bits, or -1 at the end of the source. */
function takeBits(count: u32): i32 {
  if (bitCount < count) refill();
  if (bitCount < count) return -1;
  const bits = (bitBuffer & ((1 << (count as u64)) - 1)) as i32;
  bitBuffer >>= count as u64;
  bitCount -= count;
  return bits;
}

function reversed(code: u32, bits: u32): u32 {
  let word = bswap<u32>(code);
  word = ((word >> 4) & 0x0f0f_0f0f) | ((word & 0x0f0f_0f0f) << 4);
  word = ((word >> 2) & 0x3333_3333) | ((word & 0x3333_3333) << 2);
  word = ((word >> 1) & 0x5555_5555) | ((word & 0x5555_5555) << 1);
  return word >> (32 - bits);
}

/**
 * Make a decoder from `count` code lengths. False when they are over-subscribed, or incomplete with
 * more than one code.
 */
function makeDecoder(decoder: usize, from: usize, count: u32): bool {
  memory.fill(decoder, 0, DECODER_BYTES);
  for (let i: u32 = 0; i < count; i++) {
    const counter = decoder + ((load<u8>(from + i) as usize) << 1);
    store<u16>(counter, load<u16>(counter) + 1);
  }
  const used = count - load<u16>(decoder);
  store<u16>(decoder, 0);
  let left: i32 = 1;
  for (let bits: u32 = 1; bits <= CODE_BITS_MAX; bits++) {
    left = (left << 1) - (load<u16>(decoder + (bits << 1)) as i32);
    if (left < 0) return false;
  }
  if (left > 0 && used > 1) return false;
  store<u16>(offsets, 0, 2);
  for (let bits: u32 = 1; bits < CODE_BITS_MAX; bits++) {
    const next = load<u16>(offsets + (bits << 1)) + load<u16>(decoder + (bits << 1));
    store<u16>(offsets + (bits << 1), next, 2);
  }
  for (let i: u32 = 0; i < count; i++) {
    const bits = load<u8>(from + i) as u32;
    if (!bits) continue;
    const slot = offsets + (bits << 1);
    const index = load<u16>(slot) as u32;
    store<u16>(decoder + SYMBOLS + (index << 1), i as u16);
    store<u16>(slot, (index + 1) as u16);
  }
  fillPrimary(decoder);
  return true;
}

function fillPrimary(decoder: usize): void {
  let code: u32 = 0;
  let index: u32 = 0;
  for (let bits: u32 = 1; bits <= PRIMARY_BITS; bits++) {
    const count = load<u16>(decoder + (bits << 1)) as u32;
    for (let i: u32 = 0; i < count; i++) {
      const word = (load<u16>(decoder + SYMBOLS + (index << 1)) as u32) | (bits << 12);
      for (let at = reversed(code, bits); at < 1 << PRIMARY_BITS; at += 1 << bits)
        store<u16>(decoder + PRIMARY + (at << 1), word as u16);
      code++;
      index++;
    }
    code <<= 1;
  }
}

/** The next symbol, or -1 at the end of the source or for a code that does not exist. */
function takeSymbol(decoder: usize): i32 {
  if (bitCount < CODE_BITS_MAX) refill();
  const word = load<u16>(
    decoder + PRIMARY + (((bitBuffer as u32) & ((1 << PRIMARY_BITS) - 1)) << 1),
  ) as u32;
  const quick = word >> 12;
  if (quick) {
    if (quick > bitCount) return -1;
    bitBuffer >>= quick as u64;
    bitCount -= quick;
    return (word & 0xfff) as i32;
  }
  symbolsLeft -= min(symbolsLeft, LONG_CODE_SYMBOLS);
  let code: i32 = 0;
  let first: i32 = 0;
  let index: i32 = 0;
  for (let bits: u32 = 1; bits <= CODE_BITS_MAX; bits++) {
    if (!bitCount) return -1;
    code |= (bitBuffer & 1) as i32;
    bitBuffer >>= 1;
    bitCount--;
    const count = load<u16>(decoder + (bits << 1)) as i32;
    if (code - count < first)
      return load<u16>(decoder + SYMBOLS + ((index + code - first) << 1)) as i32;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  return -1;
}

function storedBlock(): bool {
  // Whole bytes that were taken ahead go back.
  source -= bitCount >> 3;
  bitBuffer = 0;
  bitCount = 0;
  if (sourceEnd - source < 4) return false;
  const length = load<u16>(source) as u32;
  if ((length ^ 0xffff) != (load<u16>(source, 2) as u32)) return false;
  source += 4;
  if (length > ((sourceEnd - source) as u32) || length > ((outputEnd - output) as u32))
    return false;
  memory.copy(output, source, length);
  source += length;
  output += length;
  return true;
}

function fixedDecoders(): void {
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  makeDecoder(literals, lengths, LITERALS_MAX);
  memory.fill(lengths, 5, DISTANCES_MAX);
  makeDecoder(distances, lengths, DISTANCES_MAX);
}

function dynamicDecoders(): bool {
  const literalCount = takeBits(5) + 257;
  const distanceCount = takeBits(5) + 1;
  const codeCount = takeBits(4) + 4;
  if (codeCount < 4 || literalCount < 257 || distanceCount < 1 || literalCount > 286) return false;
  memory.fill(lengths, 0, 19);
  for (let i = 0; i < codeCount; i++) {
    const bits = takeBits(3);
    if (bits < 0) return false;
    store<u8>(lengths + load<u8>(LENGTH_ORDER + i), bits as u8);
  }
  if (!makeDecoder(literals, lengths, 19)) return false;
  if (!takeLengths((literalCount + distanceCount) as u32)) return false;
  // Without an end code no block could end.
  if (!load<u8>(lengths, 256)) return false;
  return (
    makeDecoder(distances, lengths + literalCount, distanceCount as u32) &&
    makeDecoder(literals, lengths, literalCount as u32)
  );
}

function takeLengths(total: u32): bool {
  let index: u32 = 0;
  while (index < total) {
    const symbol = takeSymbol(literals);
    if (symbol < 0 || symbol > 18) return false;
    if (symbol < 16) {
      store<u8>(lengths + index, symbol as u8);
      index++;
      continue;
    }
    if (symbol == 16 && !index) return false;
    const repeated: u8 = symbol == 16 ? load<u8>(lengths + index - 1) : 0;
    const extra = takeBits(symbol == 16 ? 2 : symbol == 17 ? 3 : 7);
    if (extra < 0) return false;
    const count = (extra as u32) + (symbol == 18 ? 11 : 3);
    if (index + count > total) return false;
    memory.fill(lengths + index, repeated, count);
    index += count;
  }
  return true;
}

/** A block of codes, or what may be done of it now. */
function compressedBlock(): u32 {
  while (symbolsLeft) {
    symbolsLeft--;
    const symbol = takeSymbol(literals);
    if (symbol < 0) return INFLATE_FAILED;
    if (symbol < 256) {
      if (output == outputEnd) return INFLATE_FAILED;
      store<u8>(output, symbol as u8);
      output++;
      continue;
    }
    if (symbol == 256) return INFLATE_DONE;
    if (!copyBack(symbol - 257)) return INFLATE_FAILED;
  }
  return INFLATE_MORE;
}

function copyBack(lengthSymbol: i32): bool {
  if (lengthSymbol > 28) return false;
  const lengthExtra = takeBits(load<u8>(LENGTH_EXTRA + lengthSymbol));
  if (lengthExtra < 0) return false;
  const length = (load<u16>(LENGTH_BASE + (lengthSymbol << 1)) as u32) + lengthExtra;
  const symbol = takeSymbol(distances);
  if (symbol < 0 || symbol > 29) return false;
  const distanceExtra = takeBits(load<u8>(DISTANCE_EXTRA + symbol));
  if (distanceExtra < 0) return false;
  const distance = (load<u16>(DISTANCE_BASE + (symbol << 1)) as u32) + distanceExtra;
  if (distance > ((output - outputStart) as u32) || length > ((outputEnd - output) as u32))
    return false;
  copyWritten(distance, length);
  return true;
}
/** Copy `length` bytes from `distance` bytes back, where they may only just be written. */
function copyWritten(distance: u32, length: u32): void {
  let from = output - distance;
  const end = output + length;
  const inWords = distance >= 8;
  const symbols = length >> (inWords ? COPIED_WORDS_SHIFT : COPIED_BYTES_SHIFT);
  symbolsLeft -= min(symbolsLeft, symbols);
  while (inWords && output + 8 <= end) {
    store<u64>(output, load<u64>(from));
    output += 8;
    from += 8;
  }
  while (output < end) {
    store<u8>(output, load<u8>(from));
    output++;
    from++;
  }
}

/** Begin with a raw deflate stream that is inflated to `to`, where `capacity` bytes are free. */
export function beginInflate(from: usize, bytes: u32, to: usize, capacity: u32): void {
  source = from;
  sourceStart = from;
  sourceEnd = from + bytes;
  output = to;
  outputStart = to;
  outputEnd = to + capacity;
  bitBuffer = 0;
  bitCount = 0;
  inBlock = false;
  lastBlock = false;
}
/**
 * Go on for about `symbols` symbols; a block is begun only at the beginning of a go, because its
 * decoders take as long as many symbols. Failed: it is corrupt, cut off, or does not fit.
 */
export function continueInflate(symbols: u32): u32 {
  symbolsLeft = symbols;
  while (symbolsLeft) {
    if (!inBlock) {
      if (lastBlock) break;
      if (symbolsLeft < symbols) return INFLATE_MORE;
      lastBlock = takeBits(1) == 1;
      const kind = takeBits(2);
      if (kind < 0 || kind == 3) return INFLATE_FAILED;
      if (kind == 0) {
        if (!storedBlock()) return INFLATE_FAILED;
        symbolsLeft -= min(symbolsLeft, STORED_SYMBOLS);
        continue;
      }
      if (kind == 1) fixedDecoders();
      else if (!dynamicDecoders()) return INFLATE_FAILED;
      symbolsLeft -= min(symbolsLeft, DECODER_SYMBOLS);
      inBlock = true;
    }
    const state = compressedBlock();
    if (state != INFLATE_DONE) return state;
    inBlock = false;
  }
  if (inBlock || !lastBlock) return INFLATE_MORE;
  inflateConsumed = (source - (bitCount >> 3) - sourceStart) as u32;
  return INFLATE_DONE;
}
/** Bytes written so far. */
export function inflatedBytes(): u32 {
  return (output - outputStart) as u32;
}

const KEPT_BYTES: u32 = 64;
/** Put the state of an inflation in progress aside: what else is inflated does not disturb it. */
export function keepInflation(to: usize): void {
  store<u64>(to, bitBuffer);
  store<u32>(to, bitCount, 8);
  store<u32>(to, source as u32, 12);
  store<u32>(to, sourceStart as u32, 16);
  store<u32>(to, sourceEnd as u32, 20);
  store<u32>(to, output as u32, 24);
  store<u32>(to, outputStart as u32, 28);
  store<u32>(to, outputEnd as u32, 32);
  store<u32>(to, (inBlock ? 1 : 0) | (lastBlock ? 2 : 0), 36);
  if (!inBlock) return;
  memory.copy(to + KEPT_BYTES, literals, DECODER_BYTES);
  memory.copy(to + KEPT_BYTES + DECODER_BYTES, distances, DECODER_BYTES);
}
export function restoreInflation(from: usize): void {
  bitBuffer = load<u64>(from);
  bitCount = load<u32>(from, 8);
  source = load<u32>(from, 12);
  sourceStart = load<u32>(from, 16);
  sourceEnd = load<u32>(from, 20);
  output = load<u32>(from, 24);
  outputStart = load<u32>(from, 28);
  outputEnd = load<u32>(from, 32);
  inBlock = (load<u32>(from, 36) & 1) != 0;
  lastBlock = (load<u32>(from, 36) & 2) != 0;
  if (!inBlock) return;
  memory.copy(literals, from + KEPT_BYTES, DECODER_BYTES);
  memory.copy(distances, from + KEPT_BYTES + DECODER_BYTES, DECODER_BYTES);
}
/** Bytes that keepInflation writes at most. */
export const INFLATION_BYTES: u32 = KEPT_BYTES + 2 * DECODER_BYTES;

/**
 * Inflate a raw deflate stream. Bytes written, or -1 when it is corrupt, cut off, or does not fit.
 */
export function inflate(from: usize, bytes: u32, to: usize, capacity: u32): i64 {
  beginInflate(from, bytes, to, capacity);
  let state = INFLATE_MORE;
  while (state == INFLATE_MORE) state = continueInflate(0x7fff_ffff);
  return state == INFLATE_DONE ? ((output - to) as i64) : -1;
}

export function adler32(start: u32, from: usize, bytes: u32): u32 {
  let low = start & 0xffff;
  let high = start >> 16;
  let i: u32 = 0;
  while (i < bytes) {
    const stop = min(bytes, i + 5552);
    for (; i < stop; i++) {
      low += load<u8>(from + i);
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return (high << 16) | low;
}

/** Six bytes at least, of which the first two are a zlib header without dictionary. */
export function isZlibStream(from: usize, bytes: u32): bool {
  if (bytes < 6) return false;
  const method = load<u8>(from) as u32;
  const flags = load<u8>(from, 1) as u32;
  return (method & 15) == 8 && method >> 4 <= 7 && !(((method << 8) | flags) % 31) && !(flags & 32);
}
/** Inflate a zlib stream and check its Adler-32. Bytes written, or -1. */
export function inflateZlib(from: usize, bytes: u32, to: usize, capacity: u32): i64 {
  if (!isZlibStream(from, bytes)) return -1;
  const written = inflate(from + 2, bytes - 2, to, capacity);
  if (written < 0 || inflateConsumed + 6 > bytes) return -1;
  const sum = bswap<u32>(load<u32>(from + 2 + inflateConsumed));
  if (sum != adler32(1, to, written as u32)) return -1;
  inflateConsumed += 6;
  return written;
}

/**
 * Integers as text in bases 2 to 36, both ways. A big is divided by (or multiplied with) the
 * largest power of the base that fits a digit; in bases that are powers of two the bits are taken
 * as they stand.
 */
import { bitLength, divideByDigit, mulByDigit, shiftLeftBits, trimmedCount } from './big_digits';
import { stepReductions } from './big_mul';
import {
  allocateBig,
  bigCount,
  bigDigits,
  finishBig,
  integerBitLength,
  integerOfMagnitude,
  isNegative,
} from './bignum';
import { allocate, release } from './alloc';
import { chargeReductions } from './state';
import { NONE, isSmall, smallValue } from './term';

export const CHAR_0: u32 = 48;
export const CHAR_MINUS: u32 = 45;
export const CHAR_PLUS: u32 = 43;

/** Powers of a base: the most digits whose number always fits 64 bits. */
let chunkDigits: u32 = 0;
let chunkPower: u64 = 0;
let chunkBase: u32 = 0;

function prepareChunks(base: u32): void {
  if (base == chunkBase) return;
  const limit = u64.MAX_VALUE / (base as u64);
  chunkBase = base;
  chunkDigits = 0;
  chunkPower = 1;
  while (chunkPower <= limit) {
    chunkPower *= base as u64;
    chunkDigits++;
  }
}

/** Bits of a digit when the base is a power of two, else 0. */
function digitBits(base: u32): u32 {
  return popcnt(base) == 1 ? ctz(base) : 0;
}

// ---- integer to text

/** Bytes that writeInteger needs at most. */
export function integerTextMax(t: u64, base: u32): u32 {
  // floor(log2(base)) bits a digit, refined for base 10 whose texts are the ones that get long.
  const bits = integerBitLength(t);
  const count = base == 10 ? (bits * 1234) >> 12 : bits / ((31 - clz(base)) as u64);
  return (count as u32) + 3;
}

/**
 * Write an integer so that its text ends before `end`, capital letters; the address of its first
 * byte, 0 without memory.
 */
export function writeInteger(t: u64, base: u32, end: usize): usize {
  let at = end;
  if (isSmall(t)) at = writeChunk(abs(smallValue(t)) as u64, base, 1, end);
  else if (digitBits(base)) at = writeBits(bigDigits(t), bigCount(t), digitBits(base), end);
  else at = writeBig(t, base, end);
  if (at && isNegative(t)) store<u8>(--at, CHAR_MINUS as u8);
  return at;
}

function charOf(digit: u32): u32 {
  return digit < 10 ? digit + 48 : digit + 55;
}
/** At least `count` digits of `value` before `end`. */
function writeChunk(value: u64, base: u32, count: u32, end: usize): usize {
  let at = end;
  const least = end - count;
  if (base == 10) {
    while (value || at > least) {
      const rest = value / 10;
      store<u8>(--at, (value - rest * 10 + 48) as u8);
      value = rest;
    }
    return at;
  }
  while (value || at > least) {
    const rest = value / (base as u64);
    store<u8>(--at, charOf((value - rest * (base as u64)) as u32) as u8);
    value = rest;
  }
  return at;
}

function writeBits(digits: usize, count: u32, bits: u32, end: usize): usize {
  const length = bitLength(digits, count);
  const mask = ((1 as u64) << (bits as u64)) - 1;
  let at = end;
  chargeReductions((count >> 2) as i32);
  for (let bit: u64 = 0; bit < length; bit += bits as u64) {
    const from = digits + (((bit >> 6) as u32) << 3);
    let value = load<u64>(from) >> (bit & 63);
    // A digit may lie in two words; the second exists when there are bits left.
    if ((bit & 63) + (bits as u64) > 64 && ((bit >> 6) as u32) + 1 < count)
      value |= load<u64>(from, 8) << (64 - (bit & 63));
    store<u8>(--at, charOf((value & mask) as u32) as u8);
  }
  return at;
}

function writeBig(t: u64, base: u32, end: usize): usize {
  let count = bigCount(t);
  const work = allocate(count << 3);
  if (!work) return 0;
  memory.copy(work, bigDigits(t), count << 3);
  chargeReductions(stepReductions(((count as u64) * (count as u64)) >> 1));
  let at = end;
  while (count > 1) {
    at = writeNextChunk(work, count, base, at);
    count = trimmedCount(work, count);
  }
  at = writeNextChunk(work, count, base, at);
  release(work);
  return at;
}

/**
 * Divide the digits at `work` by the largest power of the base that fits one, and write the
 * remainder before `end`: with leading zeros, unless the last digit was left.
 */
export function writeNextChunk(work: usize, count: u32, base: u32, end: usize): usize {
  prepareChunks(base);
  if (count <= 1) return writeChunk(load<u64>(work), base, 1, end);
  return writeChunk(divideByDigit(work, work, count, chunkPower), base, chunkDigits, end);
}

// ---- text to integer

/** Value of a character as a digit, 36 when it is none. */
function digitOf(char: u32): u32 {
  if (char - 48 < 10) return char - 48;
  const letter = (char | 32) - 97;
  return letter < 26 ? letter + 10 : 36;
}

/**
 * Bytes at the beginning of the text that make an integer: a sign if there is one, and digits of
 * the base; 0 without a digit.
 */
export function integerTextLength(at: usize, length: u32, base: u32): u32 {
  let i: u32 = 0;
  if (length && (load<u8>(at) == CHAR_MINUS || load<u8>(at) == CHAR_PLUS)) i = 1;
  const start = i;
  while (i < length && digitOf(load<u8>(at + i)) < base) i++;
  return i == start ? 0 : i;
}

/** The integer in a text of which integerTextLength says that it is one; NONE after a failure. */
export function readInteger(at: usize, length: u32, base: u32): u64 {
  const negative = load<u8>(at) == CHAR_MINUS;
  const end = at + length;
  if (negative || load<u8>(at) == CHAR_PLUS) at++;
  while (at < end && load<u8>(at) == CHAR_0) at++;
  prepareChunks(base);
  const count = (end - at) as u32;
  if (count <= chunkDigits) return integerOfMagnitude(readChunk(at, count, base), negative);
  return readBig(at, count, base, negative);
}

function readChunk(at: usize, count: u32, base: u32): u64 {
  let value: u64 = 0;
  for (let i: u32 = 0; i < count; i++)
    value = value * (base as u64) + (digitOf(load<u8>(at + i)) as u64);
  return value;
}

function readBig(at: usize, count: u32, base: u32, negative: bool): u64 {
  const bits = digitBits(base);
  const words = bits
    ? ((((count as u64) * (bits as u64) + 63) >> 6) as u32)
    : textDigits(count, base);
  const area = allocateBig(words);
  if (!area) return NONE;
  if (bits) readBits(at, count, bits, area + 8, words);
  else {
    chargeReductions(stepReductions(((words as u64) * (words as u64)) >> 1));
    const used = readChunks(at, count, base, area + 8);
    memory.fill(area + 8 + (used << 3), 0, (words - used) << 3);
  }
  return finishBig(area, words, negative);
}

function readBits(at: usize, count: u32, bits: u32, digits: usize, words: u32): void {
  memory.fill(digits, 0, words << 3);
  chargeReductions((words >> 2) as i32);
  let bit: u64 = 0;
  for (let i = count; i; ) {
    i--;
    const value = digitOf(load<u8>(at + i)) as u64;
    const to = digits + (((bit >> 6) as u32) << 3);
    store<u64>(to, load<u64>(to) | (value << (bit & 63)));
    if ((bit & 63) + (bits as u64) > 64 && value >> (64 - (bit & 63)))
      store<u64>(to, value >> (64 - (bit & 63)), 8);
    bit += bits as u64;
  }
}

/** Characters of the first chunk: so many that all others are whole. */
export function firstChunk(count: u32, base: u32): u32 {
  prepareChunks(base);
  return count % chunkDigits;
}
/** Digits that the number of a text needs at most: one chunk never makes more than one. */
export function textDigits(count: u32, base: u32): u32 {
  prepareChunks(base);
  return count / chunkDigits + 1;
}
/** Characters of a whole chunk. */
export function wholeChunk(base: u32): u32 {
  prepareChunks(base);
  return chunkDigits;
}

/** Multiply the number at `digits` by a chunk's power and add the chunk at `at`: its new count. */
export function readNextChunk(digits: usize, used: u32, at: usize, base: u32): u32 {
  prepareChunks(base);
  const carry = mulByDigit(digits, digits, used, chunkPower, readChunk(at, chunkDigits, base));
  if (carry) store<u64>(digits + (used++ << 3), carry);
  return used;
}
/** The number of the first, short chunk. */
export function readFirstChunk(digits: usize, at: usize, count: u32, base: u32): u32 {
  const first = readChunk(at, count, base);
  store<u64>(digits, first);
  return (first != 0) as u32;
}

/** The number at `digits`, chunk after chunk; the count of digits is the result. */
function readChunks(at: usize, count: u32, base: u32, digits: usize): u32 {
  const head = firstChunk(count, base);
  let used = readFirstChunk(digits, at, head, base);
  for (let i = head; i < count; i += chunkDigits) used = readNextChunk(digits, used, at + i, base);
  return used;
}

/**
 * The state of a deflate stream: one block of memory. While a stream is worked on, `d` is its
 * address. The fields, the sizes of the tables and the meaning of the parameters are those of zlib
 * (zlib.h, deflateInit2), so that the output is the same, bit by bit.
 */
import { allocateZeroed } from '../alloc';

export let d: usize = 0;
export function useDeflate(state: usize): void {
  d = state;
}

// ---- fields, u32 each

export const STATUS: u32 = 0;
/** 0 raw, 1 zlib, 2 gzip; with the high bit when the trailer has been written. */
export const WRAP: u32 = 4;
export const LEVEL: u32 = 8;
export const STRATEGY: u32 = 12;
export const WINDOW_BITS: u32 = 16;
export const HASH_BITS: u32 = 20;
export const LITERALS: u32 = 24;
export const HASH_SHIFT: u32 = 28;
/** Places in the window. */
export const AT: u32 = 32;
export const BLOCK_START: u32 = 36;
export const LOOKAHEAD: u32 = 40;
export const MATCH_START: u32 = 44;
export const MATCH_LENGTH: u32 = 48;
export const PREVIOUS_MATCH: u32 = 52;
export const PREVIOUS_LENGTH: u32 = 56;
export const MATCH_AVAILABLE: u32 = 60;
export const HASH: u32 = 64;
/** Bytes at the end of the window that are not in the hash table yet. */
export const INSERT: u32 = 68;
/** Bytes written and not yet taken: from, to. */
export const PENDING_FROM: u32 = 72;
export const PENDING_TO: u32 = 76;
export const SYMBOLS: u32 = 80;
export const CHECKSUM: u32 = 84;
export const TOTAL_IN: u32 = 88;
export const LAST_FLUSH: u32 = 92;
/** u64: bits that do not fill a byte yet, and their number. */
export const BITS: u32 = 96;
export const BIT_COUNT: u32 = 104;
export const OPTIMAL_BITS: u32 = 108;
export const STATIC_BITS: u32 = 112;
/** Addresses of tables. */
export const WINDOW: u32 = 116;
export const CHAIN: u32 = 120;
export const HEADS: u32 = 124;
export const SYMBOL_BUFFER: u32 = 128;
export const PENDING: u32 = 132;
/** Trees: {u16 frequency or code, u16 parent or length} by symbol. */
export const LITERAL_TREE: u32 = 136;
export const LITERAL_TREE_CODES: u32 = 573;
export const DISTANCE_TREE: u32 = LITERAL_TREE + LITERAL_TREE_CODES * 4;
export const DISTANCE_TREE_CODES: u32 = 61;
export const LENGTH_TREE: u32 = DISTANCE_TREE + DISTANCE_TREE_CODES * 4;
export const LENGTH_TREE_CODES: u32 = 39;
const HEADER_BYTES: u32 = (LENGTH_TREE + LENGTH_TREE_CODES * 4 + 7) & ~7;

export const STATUS_INIT: u32 = 42;
export const STATUS_GZIP: u32 = 57;
export const STATUS_BUSY: u32 = 113;
export const STATUS_FINISH: u32 = 666;

export const MATCH_MIN: u32 = 3;
export const MATCH_MAX: u32 = 258;
export const LOOKAHEAD_MIN: u32 = MATCH_MAX + MATCH_MIN + 1;

export function get(field: u32): u32 {
  return load<u32>(d + field);
}
export function set(field: u32, value: u32): void {
  store<u32>(d + field, value);
}
export function windowSize(): u32 {
  return 1 << get(WINDOW_BITS);
}
/** Bytes in front of a stored block and behind a finished one, at most. */
const PENDING_EXTRA: u32 = 1024;

/** A new state; 0 when memory is exhausted. Everything is in one block. */
export function newDeflate(windowBits: u32, memoryLevel: u32): usize {
  const window: u32 = 1 << windowBits;
  const hashes: u32 = 1 << (memoryLevel + 7);
  const literals: u32 = 1 << (memoryLevel + 6);
  const pending = max(literals * 4, window * 2) + PENDING_EXTRA;
  const total =
    HEADER_BYTES + window * 2 + MATCH_MAX + 16 + window * 2 + hashes * 2 + literals * 4 + pending;
  const state = allocateZeroed(total);
  if (!state) return 0;
  let at = state + HEADER_BYTES;
  store<u32>(state, at as u32, WINDOW);
  at += window * 2 + MATCH_MAX + 8;
  at = (at + 7) & ~7;
  store<u32>(state, at as u32, CHAIN);
  at += window * 2;
  store<u32>(state, at as u32, HEADS);
  at += hashes * 2;
  store<u32>(state, at as u32, SYMBOL_BUFFER);
  at += literals * 4;
  store<u32>(state, at as u32, PENDING);
  store<u32>(state, windowBits, WINDOW_BITS);
  store<u32>(state, memoryLevel + 7, HASH_BITS);
  store<u32>(state, (memoryLevel + 7 + MATCH_MIN - 1) / MATCH_MIN, HASH_SHIFT);
  store<u32>(state, literals, LITERALS);
  return state;
}

// ---- output

export function putByte(byte: u32): void {
  const to = get(PENDING_TO);
  store<u8>(get(PENDING) + to, byte as u8);
  set(PENDING_TO, to + 1);
}
export function putShort(word: u32): void {
  putByte(word & 255);
  putByte((word >> 8) & 255);
}
export function putBits(value: u32, count: u32): void {
  let held = get(BIT_COUNT);
  let bits = load<u64>(d, BITS) | ((value as u64) << (held as u64));
  held += count;
  while (held >= 8) {
    putByte((bits & 255) as u32);
    bits >>= 8;
    held -= 8;
  }
  store<u64>(d, bits, BITS);
  set(BIT_COUNT, held);
}
/** Fill up the last byte. */
export function alignBits(): void {
  if (get(BIT_COUNT)) putByte((load<u64>(d, BITS) & 255) as u32);
  store<u64>(d, 0, BITS);
  set(BIT_COUNT, 0);
}

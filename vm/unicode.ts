/**
 * Single characters in UTF-8, UTF-16 and UTF-32 (RFC 3629, RFC 2781) at any bit position. A
 * character is a code point from 0 to 16#10FFFF without the surrogates 16#D800 to 16#DFFF.
 *
 * The readers return `bytes << 32 | code point`, or one of the two values below, which have no
 * bytes.
 */
import { readByte, writeBits } from './bits';
import { FLAG_LITTLE } from './bits_integer';

/** The bytes are the beginning of no character. */
export const UTF_BAD: u64 = 0;
/** The bytes end within a character. */
export const UTF_INCOMPLETE: u64 = 1;

export function utfBytes(read: u64): u32 {
  return (read >> 32) as u32;
}
export function utfCharacter(read: u64): u32 {
  return read as u32;
}
export function isCharacter(point: u64): bool {
  return point < 0xd800 || (point > 0xdfff && point < 0x11_0000);
}

/** Bytes of a character in UTF-8; 4 also for what is no character (bs_utf8_size never fails). */
export function utf8Size(point: u64): u32 {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
}
export function utf16Size(point: u64): u32 {
  return point < 0x1_0000 ? 2 : 4;
}

/** The character at `bit`, with `left` bits before the end. */
export function readUtf8(base: usize, bit: u64, left: u64): u64 {
  if (left < 8) return left ? UTF_BAD : UTF_INCOMPLETE;
  const first = readByte(base, bit);
  if (first < 0x80) return ((1 as u64) << 32) | first;
  const bytes: u32 = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (!bytes) return UTF_BAD;
  let point = first & ((0x7f as u32) >> bytes);
  for (let i: u32 = 1; i < bytes; i++) {
    if (left < (((i + 1) << 3) as u64)) return UTF_INCOMPLETE;
    const next = readByte(base, bit + ((i << 3) as u64));
    if ((next & 0xc0) != 0x80) return UTF_BAD;
    point = (point << 6) | (next & 0x3f);
    // Overlong forms, surrogates and what is too large show in the second byte already.
    if (i == 1 && bytes == 3 && (point < 0x20 || (point >= 0x360 && point < 0x380))) return UTF_BAD;
    if (i == 1 && bytes == 4 && (point < 0x10 || point >= 0x110)) return UTF_BAD;
  }
  return ((bytes as u64) << 32) | point;
}
/** The 16-bit unit at `bit`. */
function unit16(base: usize, bit: u64, flags: u32): u32 {
  const first = readByte(base, bit);
  const second = readByte(base, bit + 8);
  return flags & FLAG_LITTLE ? (second << 8) | first : (first << 8) | second;
}
export function readUtf16(base: usize, bit: u64, left: u64, flags: u32): u64 {
  if (left < 16) return UTF_INCOMPLETE;
  const first = unit16(base, bit, flags);
  if (first < 0xd800 || first > 0xdfff) return ((2 as u64) << 32) | first;
  if (first > 0xdbff) return UTF_BAD;
  if (left < 32) return UTF_INCOMPLETE;
  const second = unit16(base, bit + 16, flags);
  if (second < 0xdc00 || second > 0xdfff) return UTF_BAD;
  return ((4 as u64) << 32) | (0x1_0000 + ((first & 0x3ff) << 10) + (second & 0x3ff));
}
export function readUtf32(base: usize, bit: u64, left: u64, flags: u32): u64 {
  if (left < 32) return UTF_INCOMPLETE;
  const first = unit16(base, bit, flags);
  const second = unit16(base, bit + 16, flags);
  const point = flags & FLAG_LITTLE ? (second << 16) | first : (first << 16) | second;
  return isCharacter(point as u64) ? ((4 as u64) << 32) | point : UTF_BAD;
}

/** UTF-8 form of a character as a number of `utf8Size` bytes. */
function utf8Word(point: u32): u32 {
  if (point < 0x80) return point;
  const last = 0x80 | (point & 0x3f);
  if (point < 0x800) return ((0xc0 | (point >> 6)) << 8) | last;
  const third = 0x80 | ((point >> 6) & 0x3f);
  if (point < 0x1_0000) return ((0xe0 | (point >> 12)) << 16) | (third << 8) | last;
  const second = 0x80 | ((point >> 12) & 0x3f);
  return ((0xf0 | (point >> 18)) << 24) | (second << 16) | (third << 8) | last;
}
/** Write a character as `utf8Size` bytes. */
export function writeUtf8(base: usize, bit: u64, point: u32): void {
  writeBits(base, bit, utf8Size(point as u64) << 3, utf8Word(point) as u64);
}
/** The same at a byte address; returns the address behind it. */
export function storeUtf8(at: usize, point: u32): usize {
  if (point < 0x80) {
    store<u8>(at, point as u8);
    return at + 1;
  }
  writeUtf8(at, 0, point);
  return at + utf8Size(point as u64);
}
function writeUnit16(base: usize, bit: u64, flags: u32, unit: u32): void {
  const word = flags & FLAG_LITTLE ? ((unit & 0xff) << 8) | (unit >> 8) : unit;
  writeBits(base, bit, 16, word as u64);
}
/** Write a character as `utf16Size` bytes. */
export function writeUtf16(base: usize, bit: u64, flags: u32, point: u32): void {
  if (point < 0x1_0000) {
    writeUnit16(base, bit, flags, point);
    return;
  }
  const rest = point - 0x1_0000;
  writeUnit16(base, bit, flags, 0xd800 | (rest >> 10));
  writeUnit16(base, bit + 16, flags, 0xdc00 | (rest & 0x3ff));
}
/** Write a character as 4 bytes. */
export function writeUtf32(base: usize, bit: u64, flags: u32, point: u32): void {
  writeBits(base, bit, 32, (flags & FLAG_LITTLE ? bswap<u32>(point) : point) as u64);
}

/**
 * The pattern that is being compiled: its bytes, the place that has been reached, the options in
 * force, and the first error. A byte 0 ends a pattern, as in OTP. Places are offsets of bytes; the
 * place of an error is the one that PCRE reports.
 */

// ---- options

export const CASELESS: u32 = 1;
export const MULTILINE: u32 = 2;
export const DOTALL: u32 = 4;
export const EXTENDED: u32 = 8;
export const ANCHORED: u32 = 0x10;
export const DOLLAR_ENDONLY: u32 = 0x20;
export const EXTRA: u32 = 0x40;
export const UNGREEDY: u32 = 0x80;
export const UTF: u32 = 0x100;
export const NO_AUTO_CAPTURE: u32 = 0x200;
export const FIRSTLINE: u32 = 0x400;
export const DUPNAMES: u32 = 0x800;
export const UCP: u32 = 0x1000;
export const NO_START_OPTIMIZE: u32 = 0x2000;
export const NEVER_UTF: u32 = 0x4000;

/** Two fields of more than one bit. */
export const NEWLINE_SHIFT: u32 = 16;
export const NEWLINE_MASK: u32 = 7 << 16;
export const NEWLINE_CR: u32 = 1;
export const NEWLINE_LF: u32 = 2;
export const NEWLINE_CRLF: u32 = 3;
export const NEWLINE_ANY: u32 = 4;
export const NEWLINE_ANYCRLF: u32 = 5;
export const BSR_SHIFT: u32 = 20;
export const BSR_MASK: u32 = 3 << 20;
export const BSR_ANYCRLF: u32 = 1;
export const BSR_UNICODE: u32 = 2;

/** The newline convention of a set of options; \n when none is named. */
export function newlineOf(options: u32): u32 {
  const newline = (options & NEWLINE_MASK) >> NEWLINE_SHIFT;
  return newline ? newline : NEWLINE_LF;
}
export function withNewline(options: u32, newline: u32): u32 {
  return (options & ~NEWLINE_MASK) | (newline << NEWLINE_SHIFT);
}
export function withBsr(options: u32, bsr: u32): u32 {
  return (options & ~BSR_MASK) | (bsr << BSR_SHIFT);
}

// ---- state

export let text: usize = 0;
export let length: u32 = 0;
/** Offset of the character that is being looked at. */
export let at: u32 = 0;
export let options: u32 = 0;
/** Number of capturing groups opened so far, and of all of them after the first pass. */
export let captures: u32 = 0;
export let capturesMax: u32 = 0;
/** Number of the error (tables/regex_errors.ts), 0 for none. */
export let error: u32 = 0;
export let errorPlace: u32 = 0;
/** Memory was exhausted. */
export let exhausted: bool = false;
/** The pattern holds \r or \n. */
export let hasNewline: bool = false;

export function startPattern(from: usize, bytes: u32, initial: u32): void {
  text = from;
  length = bytes;
  for (let i: u32 = 0; i < bytes; i++) {
    if (!load<u8>(from + i)) {
      length = i;
      break;
    }
  }
  at = 0;
  options = initial;
  captures = 0;
  capturesMax = 0;
  error = 0;
  errorPlace = 0;
  exhausted = false;
  hasNewline = false;
}
export function setAt(place: u32): void {
  at = place;
}
export function setOptions(word: u32): void {
  options = word;
}
export function setCaptures(count: u32): void {
  captures = count;
  if (count > capturesMax) capturesMax = count;
}
export function noteNewline(): void {
  hasNewline = true;
}
export function noteExhausted(): void {
  exhausted = true;
}

/** The byte `ahead` bytes behind the current one; 0 at the end. */
export function peek(ahead: u32): u32 {
  const place = at + ahead;
  return place < length ? (load<u8>(text + place) as u32) : 0;
}
export function byteAt(place: u32): u32 {
  return place < length ? (load<u8>(text + place) as u32) : 0;
}
/** Report an error at the current place; the first one counts. Returns false. */
export function failAt(number: u32, place: u32): bool {
  if (!error) {
    error = number;
    errorPlace = place;
  }
  return false;
}
export function failHere(number: u32): bool {
  return failAt(number, at);
}
/** Anything that ends the compilation has happened. */
export function isOver(): bool {
  return error != 0 || exhausted;
}

/** The current character, which may be several bytes long; `at` moves to its last byte. */
export function takeCharacter(): u32 {
  const first = peek(0);
  if (!(options & UTF) || first < 0xc0) return first;
  const count: u32 = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  let character = first & (0x3f >> count);
  for (let i: u32 = 0; i < count; i++) {
    at++;
    character = (character << 6) | (peek(0) & 0x3f);
  }
  return character;
}

export function isDigit(byte: u32): bool {
  return byte >= 0x30 && byte <= 0x39;
}
export function isOctalDigit(byte: u32): bool {
  return byte >= 0x30 && byte <= 0x37;
}
/** The value of a hexadecimal digit, 16 for anything else. */
export function hexadecimal(byte: u32): u32 {
  if (isDigit(byte)) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : 16;
}
/** The text at the current place, from `ahead` bytes on, is `wanted`. */
export function startsWith(ahead: u32, wanted: usize, bytes: u32): bool {
  for (let i: u32 = 0; i < bytes; i++) {
    if (peek(ahead + i) != (load<u8>(wanted + i) as u32)) return false;
  }
  return true;
}

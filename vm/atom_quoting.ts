/** Atoms as Erlang's text: in quotes, with escapes, where they need them. */
import { atomLength, atomText } from './atoms';

/** Room for the longest atom: 255 characters of at most four bytes, escapes included; quotes. */
export const QUOTED_ATOM_BYTES_MAX: u32 = 1024;

const QUOTE: u32 = 39;
const BACKSLASH: u32 = 92;

const NO_LETTER: u32 = 0;
const LOWER: u32 = 1;
const UPPER: u32 = 2;
/** Kind of the letter of Latin-1 that is the byte C3 and this one in UTF-8; not the signs × ÷. */
function latinLetter(second: u32): u32 {
  if (second == 0x97 || second == 0xb7) return NO_LETTER;
  return second >= 0x9f ? LOWER : UPPER;
}
/** It needs no quotes: letters, digits, _ and @, the first one a small letter. */
function isPlainAtom(text: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) {
    const c = load<u8>(text + i);
    let kind: u32 = NO_LETTER;
    if (c >= 97 && c <= 122) kind = LOWER;
    else if ((c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c == 95 || c == 64) kind = UPPER;
    else if (c == 0xc3) kind = latinLetter(load<u8>(text + i, 1));
    if (kind == NO_LETTER || (!i && kind != LOWER)) return false;
    if (c == 0xc3) i++;
  }
  return length != 0;
}

function put(to: usize, byte: u32): usize {
  store<u8>(to, byte as u8);
  return to + 1;
}
/** Control characters of one letter's escape: `\b` to `\r`, as they follow each other. */
const ESCAPES: usize = memory.data<u8>([98, 116, 110, 118, 102, 114]);
/**
 * One byte of an atom in quotes. Those that cannot be seen, among them the characters 128 to 159
 * (C2 80 to C2 9F in UTF-8), become `\` and a letter or three octal digits.
 */
function writeQuoted(at: usize, to: usize): usize {
  const c = load<u8>(at) as u32;
  // C2 80 to C2 9F: the second byte stands for both.
  if (c == 0xc2 && load<u8>(at, 1) < 0xa0) return to;
  const hidden = c < 32 || (c >= 0x80 && c < 0xa0 && load<u8>(at - 1) == 0xc2);
  if (!hidden) return put(c == QUOTE || c == BACKSLASH ? put(to, BACKSLASH) : to, c);
  const escape = put(to, BACKSLASH);
  if (c >= 8 && c <= 13) return put(escape, load<u8>(ESCAPES + c - 8));
  return put(put(put(escape, 48 + (c >> 6)), 48 + ((c >> 3) & 7)), 48 + (c & 7));
}

/** Write an atom as UTF-8 at `to`; returns the end of what was written. */
export function writeAtom(atom: u64, to: usize): usize {
  const text = atomText(atom);
  const length = atomLength(atom);
  if (isPlainAtom(text, length)) {
    memory.copy(to, text, length);
    return to + length;
  }
  let end = put(to, QUOTE);
  for (let i: u32 = 0; i < length; i++) end = writeQuoted(text + i, end);
  return put(end, QUOTE);
}

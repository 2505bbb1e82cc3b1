/**
 * Escape sequences. `readEscape` is called with the place on a backslash and leaves it on the last
 * byte of the sequence. PCRE's manual, pcrepattern(3), section BACKSLASH.
 */
import {
  EXTRA,
  UTF,
  at,
  byteAt,
  captures,
  failHere,
  hexadecimal,
  isDigit,
  isOctalDigit,
  options,
  peek,
  setAt,
  takeCharacter,
  text,
} from './pattern';
import { findProperty } from './properties';

/** Results: the letter of a special sequence, or one of these. */
export const ESCAPE_CHARACTER: u32 = 0;
export const ESCAPE_REFERENCE: u32 = 1;

/** For ESCAPE_CHARACTER the character, for ESCAPE_REFERENCE the group's number. */
export let escapeValue: u32 = 0;

const NUMBER_MAX: u32 = 0x7fff_ffff / 10 - 1;
const CHARACTER_MAX: u32 = 0x10_ffff;

/** Letters that stand for something special; others are handled below or stand for themselves. */
function isSpecialLetter(c: u32): bool {
  // A B C D E G H K N P Q R S V W X Z, and b d h k p s v w z
  if (c >= 0x41 && c <= 0x5a) return ((upperLetters >> (c - 0x41)) & 1) != 0;
  return c >= 0x61 && c <= 0x7a && ((lowerLetters >> (c - 0x61)) & 1) != 0;
}
const upperLetters: u32 =
  1 |
  (1 << 1) |
  (1 << 2) |
  (1 << 3) |
  (1 << 4) |
  (1 << 6) |
  (1 << 7) |
  (1 << 10) |
  (1 << 13) |
  (1 << 15) |
  (1 << 16) |
  (1 << 17) |
  (1 << 18) |
  (1 << 21) |
  (1 << 22) |
  (1 << 23) |
  (1 << 25);
const lowerLetters: u32 =
  (1 << 1) |
  (1 << 3) |
  (1 << 7) |
  (1 << 10) |
  (1 << 15) |
  (1 << 18) |
  (1 << 21) |
  (1 << 22) |
  (1 << 25);

function literal(character: u32): u32 {
  escapeValue = character;
  return ESCAPE_CHARACTER;
}
function isSurrogate(character: u32): bool {
  return character >= 0xd800 && character <= 0xdfff;
}
function limit(): u32 {
  return options & UTF ? CHARACTER_MAX : 0xff;
}

/**
 * Decimal digits behind the current place, which moves to the last of them. False when the number
 * is too big.
 */
function takeNumber(start: u32): bool {
  escapeValue = start;
  while (isDigit(peek(1))) {
    if (escapeValue > NUMBER_MAX) {
      while (isDigit(peek(1))) setAt(at + 1);
      return failHere(61);
    }
    setAt(at + 1);
    escapeValue = escapeValue * 10 + (peek(0) - 0x30);
  }
  return true;
}

/** \g: a back reference by number, or one of the forms that 'g' and 'k' stand for. */
function readReference(): u32 {
  if (peek(1) == 0x3c || peek(1) == 0x27) return 0x67;
  let braced = false;
  if (peek(1) == 0x7b) {
    let place = at + 2;
    while (byteAt(place) == 0x2d || isDigit(byteAt(place))) place++;
    if (byteAt(place) && byteAt(place) != 0x7d) return 0x6b;
    braced = true;
    setAt(at + 1);
  }
  let negated = false;
  if (peek(1) == 0x2d) {
    negated = true;
    setAt(at + 1);
  }
  if (!takeNumber(0)) return ESCAPE_CHARACTER;
  if (braced) {
    setAt(at + 1);
    if (peek(0) != 0x7d) {
      failHere(57);
      return ESCAPE_CHARACTER;
    }
  }
  if (!escapeValue) failHere(58);
  else if (negated) {
    if (escapeValue > captures) failHere(15);
    else escapeValue = captures - (escapeValue - 1);
  }
  return ESCAPE_REFERENCE;
}

/** \1 to \9: a back reference when there are so many groups, else an octal number or the digit. */
function readDigits(first: u32): u32 {
  const start = at;
  if (!takeNumber(first - 0x30)) return ESCAPE_CHARACTER;
  if (escapeValue < 8 || escapeValue <= captures) return ESCAPE_REFERENCE;
  setAt(start);
  return first >= 0x38 ? literal(first) : readOctal(first);
}
/** Up to three octal digits, the first of which is `first`. */
function readOctal(first: u32): u32 {
  let c = first - 0x30;
  for (let i = 0; i < 2 && isOctalDigit(peek(1)); i++) {
    setAt(at + 1);
    c = c * 8 + (peek(0) - 0x30);
  }
  if (!(options & UTF) && c > 0xff) failHere(51);
  return literal(c);
}
/** \o{...} */
function readBracedOctal(): u32 {
  if (peek(1) != 0x7b) failHere(81);
  else if (peek(2) == 0x7d) failHere(86);
  else {
    setAt(at + 2);
    return readBraced(3);
  }
  return literal(0);
}
/** The digits of \x{...} or \o{...}, of `bits` bits each, from the current place on. */
function readBraced(bits: u32): u32 {
  let c: u32 = 0;
  let digit = hexadecimal(peek(0));
  while (digit < 1 << bits) {
    setAt(at + 1);
    c = (c << bits) | digit;
    digit = hexadecimal(peek(0));
    if (c > limit()) {
      while (hexadecimal(peek(0)) < 1 << bits) setAt(at + 1);
      failHere(34);
      return literal(0);
    }
  }
  if (peek(0) != 0x7d) failHere(bits == 4 ? 79 : 80);
  else if (options & UTF && isSurrogate(c)) failHere(73);
  return literal(c);
}
function readHexadecimal(): u32 {
  if (peek(1) == 0x7b) {
    setAt(at + 2);
    if (peek(0) == 0x7d) {
      failHere(86);
      return literal(0);
    }
    return readBraced(4);
  }
  let c: u32 = 0;
  for (let i = 0; i < 2 && hexadecimal(peek(1)) < 16; i++) {
    setAt(at + 1);
    c = (c << 4) | hexadecimal(peek(0));
  }
  return literal(c);
}
/** \cx */
function readControl(): u32 {
  setAt(at + 1);
  const c = peek(0);
  if (!c) failHere(2);
  else if (c > 127) failHere(68);
  return literal((c >= 0x61 && c <= 0x7a ? c - 32 : c) ^ 0x40);
}

/** \N is followed by a quantifier, not by {name}. */
function isCounted(place: u32): bool {
  return readCounts(place) != 0;
}
/** The place behind the } of a quantifier whose { precedes `place`; 0 when it is none. */
export function readCounts(place: u32): u32 {
  if (!isDigit(byteAt(place))) return 0;
  let end = place;
  while (isDigit(byteAt(end))) end++;
  if (byteAt(end) == 0x7d) return end + 1;
  if (byteAt(end) != 0x2c) return 0;
  end++;
  while (isDigit(byteAt(end))) end++;
  return byteAt(end) == 0x7d ? end + 1 : 0;
}

/** ESCAPE_CHARACTER, ESCAPE_REFERENCE, or the letter; `error` may be set. */
export function readEscape(inClass: bool): u32 {
  setAt(at + 1);
  if (!peek(0)) {
    failHere(1);
    return ESCAPE_CHARACTER;
  }
  const c = takeCharacter();
  if (c < 0x30 || c > 0x7a) return literal(c);
  if (c == 0x4e && peek(1) == 0x7b && !isCounted(at + 2)) failHere(37);
  if (isSpecialLetter(c)) return c;
  if (c == 0x61) return literal(7);
  if (c == 0x65) return literal(27);
  if (c == 0x66) return literal(12);
  if (c == 0x6e) return literal(10);
  if (c == 0x72) return literal(13);
  if (c == 0x74) return literal(9);
  return readOther(c, inClass);
}
function readOther(c: u32, inClass: bool): u32 {
  if (c == 0x6c || c == 0x4c || c == 0x75 || c == 0x55) failHere(37);
  else if (c == 0x67) return inClass ? literal(c) : readReference();
  else if (c == 0x30) return readOctal(c);
  else if (c > 0x30 && c <= 0x37 && inClass) return readOctal(c);
  else if (c > 0x30 && c <= 0x39) return inClass ? literal(c) : readDigits(c);
  else if (c == 0x6f) return readBracedOctal();
  else if (c == 0x78) return readHexadecimal();
  else if (c == 0x63) return readControl();
  else if (options & EXTRA && isLetter(c)) failHere(3);
  return literal(c);
}
function isLetter(c: u32): bool {
  return (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a);
}

export let propertyNegated: bool = false;

/** The name behind \p or \P, on which the place is; properties.ts has what was found. */
export function readProperty(): bool {
  setAt(at + 1);
  propertyNegated = false;
  let start = at;
  if (!peek(0)) return failHere(46);
  if (peek(0) != 0x7b) {
    return findProperty(text + start, 1) || failHere(47);
  }
  if (peek(1) == 0x5e) {
    propertyNegated = true;
    setAt(at + 1);
  }
  start = at + 1;
  for (let i = 0; i < 31; i++) {
    setAt(at + 1);
    if (!peek(0)) return failHere(46);
    if (peek(0) == 0x7d) return findProperty(text + start, at - start) || failHere(47);
  }
  return failHere(46);
}

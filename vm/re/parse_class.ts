/**
 * Character classes in brackets: pcrepattern(3), sections SQUARE BRACKETS AND CHARACTER CLASSES and
 * POSIX CHARACTER CLASSES. `takeClass` is called with the place on the opening bracket and leaves
 * it on the closing one.
 */
import * as L from './characters';
import * as S from './class_set';
import {
  ESCAPE_CHARACTER,
  escapeValue,
  propertyNegated,
  readEscape,
  readProperty,
} from './escapes';
import { isText } from './names';
import {
  CASELESS,
  EXTRA,
  UCP,
  at,
  byteAt,
  error,
  failHere,
  isOver,
  noteExhausted,
  noteNewline,
  options,
  peek,
  setAt,
  takeCharacter,
} from './pattern';
import * as P from './properties';

export let classNegated: bool = false;
/** The class holds one character only, and nothing else: it is that character. */
export let classSingle: bool = false;
export let classCharacter: u32 = 0;

let quoted: bool = false;
/** Things other than characters have been added. */
let others: bool = false;
let characters: u32 = 0;

function add(type: u32, a: u32, b: u32): void {
  if (!S.addItem(type, a, b)) noteExhausted();
}
function addProperty(kind: u32, value: u32, negated: bool): void {
  add(negated ? S.ITEM_NO_PROPERTY : S.ITEM_PROPERTY, kind, value);
}
function addCharacters(first: u32, last: u32): void {
  if (first == 10 || first == 13 || last == 10 || last == 13) noteNewline();
  if (first == last) {
    characters++;
    classCharacter = first;
  } else others = true;
  add(S.ITEM_RANGE, first, last);
}

/**
 * The place of the terminator of a POSIX construct that begins at `place` with [: or [. or [=, or 0
 * when its form is another one.
 */
export function posixEnd(place: u32): u32 {
  const terminator = byteAt(place + 1);
  if (terminator != 0x3a && terminator != 0x2e && terminator != 0x3d) return 0;
  for (let i = place + 2; byteAt(i); i++) {
    const c = byteAt(i);
    const next = byteAt(i + 1);
    if (c == 0x5c && (next == 0x5d || next == 0x5c)) i++;
    else if ((c == 0x5b && next == terminator) || c == 0x5d) return 0;
    else if (c == terminator && next == 0x5d) return i;
  }
  return 0;
}

const POSIX_ALPHA: u32 = 0;
const POSIX_UPPER: u32 = 2;
const POSIX_ASCII: u32 = 4;
const POSIX_BLANK: u32 = 5;
const POSIX_COUNT: u32 = 14;
/** By number: length, text; in 8 bytes each. */
const POSIX_NAMES: usize = memory.data<u8>([
  5, 97, 108, 112, 104, 97, 0, 0, 5, 108, 111, 119, 101, 114, 0, 0, 5, 117, 112, 112, 101, 114, 0,
  0, 5, 97, 108, 110, 117, 109, 0, 0, 5, 97, 115, 99, 105, 105, 0, 0, 5, 98, 108, 97, 110, 107, 0,
  0, 5, 99, 110, 116, 114, 108, 0, 0, 5, 100, 105, 103, 105, 116, 0, 0, 5, 103, 114, 97, 112, 104,
  0, 0, 5, 112, 114, 105, 110, 116, 0, 0, 5, 112, 117, 110, 99, 116, 0, 0, 5, 115, 112, 97, 99, 101,
  0, 0, 4, 119, 111, 114, 100, 0, 0, 0, 6, 120, 100, 105, 103, 105, 116, 0,
]);
/** By number: bits of Latin-1 that belong to the class. */
const POSIX_BITS: usize = memory.data<u16>([
  32, 8, 16, 33, 0, 0, 512, 1, 128, 256, 64, 2048, 4, 1024,
]);
/** By number: kind and value of the property that replaces it with option ucp, 255 for none. */
const POSIX_PROPERTIES: usize = memory.data<u8>([
  2, 1, 3, 5, 3, 9, 5, 0, 255, 0, 255, 0, 3, 0, 3, 13, 5, 5, 5, 6, 5, 7, 5, 1, 5, 3, 255, 0,
]);

function posixNumber(place: u32, bytes: u32): u32 {
  for (let i: u32 = 0; i < POSIX_COUNT; i++) {
    const name = POSIX_NAMES + (i << 3);
    if (isText(place, bytes, name + 1, load<u8>(name))) return i;
  }
  return POSIX_COUNT;
}
function addPosix(which: u32, negated: bool): void {
  others = true;
  const property = POSIX_PROPERTIES + (which << 1);
  if (options & UCP && which == POSIX_BLANK)
    add(negated ? S.ITEM_NO_TYPE : S.ITEM_TYPE, P.TYPE_HORIZONTAL, 0);
  else if (options & UCP && load<u8>(property) != 255)
    addProperty(load<u8>(property), load<u8>(property, 1), negated);
  else if (which == POSIX_ASCII) S.addBytes(0, 127, negated);
  else if (which == POSIX_BLANK) S.addBlanks(negated);
  else S.addLatin(load<u16>(POSIX_BITS + (which << 1)), 0, negated);
}
/** [:name:] at the current place; false after an error. */
function takePosix(end: u32): bool {
  if (peek(1) != 0x3a) return failHere(31);
  setAt(at + 2);
  let negated = false;
  if (peek(0) == 0x5e) {
    negated = true;
    setAt(at + 1);
  }
  let which = posixNumber(at, end - at);
  if (which == POSIX_COUNT) return failHere(30);
  if (options & CASELESS && which <= POSIX_UPPER) which = POSIX_ALPHA;
  addPosix(which, negated);
  setAt(end + 1);
  return true;
}

/** \d, \w and \s in a class. */
function addType(letter: u32): void {
  others = true;
  const negated = letter < 0x60;
  const lower = letter | 0x20;
  if (lower == 0x68 || lower == 0x76)
    add(
      negated ? S.ITEM_NO_TYPE : S.ITEM_TYPE,
      lower == 0x68 ? P.TYPE_HORIZONTAL : P.TYPE_VERTICAL,
      0,
    );
  else if (lower == 0x64) addDigits(negated);
  else if (options & UCP)
    addProperty(P.PROPERTY_SPECIAL, lower == 0x77 ? P.SPECIAL_WORD : P.SPECIAL_SPACE, negated);
  else S.addLatin(lower == 0x77 ? L.LATIN_WORD : L.LATIN_SPACE, 0, negated);
}
function addDigits(negated: bool): void {
  if (options & UCP) addProperty(P.PROPERTY_CATEGORY, L.CATEGORY_ND, negated);
  else S.addLatin(L.LATIN_DIGIT, 0, negated);
}

/**
 * What follows a backslash in a class. True when it is one character, which is then in
 * classCharacter; else it has been dealt with.
 */
function takeClassEscape(): bool {
  const escape = readEscape(true);
  if (error) return false;
  classCharacter = escapeValue;
  if (escape == ESCAPE_CHARACTER) return true;
  const lower = escape | 0x20;
  if (escape == 0x62) classCharacter = 8;
  else if (escape == 0x4e) failHere(71);
  else if (escape == 0x51) {
    if (peek(1) == 0x5c && peek(2) == 0x45) setAt(at + 2);
    else quoted = true;
  } else if (escape == 0x45) return false;
  else if (lower == 0x64 || lower == 0x77 || lower == 0x73 || lower == 0x68 || lower == 0x76)
    addType(escape);
  else if (lower == 0x70) {
    others = true;
    if (readProperty()) addProperty(P.foundKind, P.foundValue, (escape == 0x50) != propertyNegated);
  } else if (options & EXTRA) failHere(7);
  else classCharacter = escape;
  if (escape == 0x62) return true;
  return !isOver() && isPlainLetter(escape);
}
/** Letters of escapes that mean nothing in a class: they are themselves. */
function isPlainLetter(escape: u32): bool {
  return (
    escape == 0x41 ||
    escape == 0x42 ||
    escape == 0x43 ||
    escape == 0x47 ||
    escape == 0x4b ||
    escape == 0x52 ||
    escape == 0x58 ||
    escape == 0x5a ||
    escape == 0x7a ||
    escape == 0x6b
  );
}

/** \E and empty \Q\E that may stand before the - of a range or behind it. */
function skipEnds(): void {
  while (peek(1) == 0x5c && peek(2) == 0x45) {
    quoted = false;
    setAt(at + 2);
  }
}

/** A character, on which the place is, and perhaps a range that it begins. False after an error. */
function takeRange(first: u32): bool {
  skipEnds();
  const before = at;
  if (quoted || peek(1) != 0x2d) {
    addCharacters(first, first);
    return true;
  }
  setAt(at + 2);
  while (peek(0) == 0x5c && peek(1) == 0x45) setAt(at + 2);
  while (peek(0) == 0x5c && peek(1) == 0x51) {
    setAt(at + 2);
    if (peek(0) == 0x5c && peek(1) == 0x45) {
      setAt(at + 2);
      continue;
    }
    quoted = true;
    break;
  }
  if (!peek(0) || (!quoted && peek(0) == 0x5d)) {
    setAt(before);
    addCharacters(first, first);
    return true;
  }
  return takeRangeEnd(first);
}
function takeRangeEnd(first: u32): bool {
  if (!quoted && peek(0) == 0x5b && posixEnd(at)) return failHere(83);
  let last: u32 = 0;
  if (!quoted && peek(0) == 0x5c) {
    const escape = readEscape(true);
    if (error) return false;
    last = escapeValue;
    if (escape == 0x62) last = 8;
    else if (escape != ESCAPE_CHARACTER) return failHere(83);
  } else last = takeCharacter();
  if (last < first) return failHere(8);
  addCharacters(first, last);
  return true;
}

/** Skip ^ and empty quotations at the beginning. */
function takeNegation(): void {
  classNegated = false;
  setAt(at + 1);
  while (true) {
    if (peek(0) == 0x5c && peek(1) == 0x45) setAt(at + 2);
    else if (peek(0) == 0x5c && peek(1) == 0x51 && peek(2) == 0x5c && peek(3) == 0x45)
      setAt(at + 4);
    else if (!classNegated && peek(0) == 0x5e) {
      classNegated = true;
      setAt(at + 1);
    } else return;
  }
}

/** Read a class; what it holds is in class_set.ts. False after an error. */
export function takeClass(): bool {
  S.startClass();
  quoted = false;
  others = false;
  characters = 0;
  classSingle = false;
  takeNegation();
  let start = true;
  while (peek(0)) {
    if (peek(0) == 0x5d && !quoted && !start) {
      classSingle = !others && characters == 1;
      return true;
    }
    start = false;
    if (!takeClassItem()) return false;
    setAt(at + 1);
  }
  return failHere(6);
}
function takeClassItem(): bool {
  if (quoted) {
    if (peek(0) == 0x5c && peek(1) == 0x45) {
      quoted = false;
      setAt(at + 1);
      return true;
    }
    return takeRange(takeCharacter());
  }
  if (peek(0) == 0x5b) {
    const end = posixEnd(at);
    if (end) return takePosix(end);
  }
  if (peek(0) != 0x5c) return takeRange(takeCharacter());
  if (takeClassEscape()) return takeRange(classCharacter);
  return !isOver();
}

/**
 * Reading a pattern: a loop over its items, which makes the tree. There is no recursion; the open
 * groups are the ancestors of the branch to which items are added. pcrepattern(3).
 */
import { LATIN_SPACE, CATEGORY_ND, latinClasses } from './characters';
import { classWords, itemCount, writeClass } from './class_set';
import { classArea, newClass } from './class_area';
import * as E from './escapes';
import * as N from './nodes';
import { takeCall, takeGroup, takeNamed } from './parse_group';
import { classCharacter, classNegated, classSingle, posixEnd, takeClass } from './parse_class';
import * as P from './pattern';
import * as R from './properties';
import * as T from './tree';

/** Inside \Q...\E. */
let quoted: bool = false;
/** Place of a closing parenthesis that no opening one precedes, plus 1. */
export let unmatched: u32 = 0;
const COUNT_MAX: u32 = 65535;

/** The rest of the pattern after what may precede it ((*UTF) and such); the tree is complete. */
export function parsePattern(): void {
  quoted = false;
  unmatched = 0;
  T.startTree();
  while (!P.isOver() && P.at < P.length && !unmatched) takeItem();
  if (P.isOver()) return;
  T.finishItem();
  if (!unmatched && !T.atTop()) P.failHere(14);
  else T.closeGroup();
}

function takeItem(): void {
  const c = P.peek(0);
  if (T.isTooDeep()) {
    P.failHere(87);
    return;
  }
  if (quoted) takeQuoted(c);
  else if (!isSkipped(c) && !takeQuantifier(c)) takeOther(c);
  P.setAt(P.at + 1);
}
function takeQuoted(c: u32): void {
  if (c == 0x5c && P.peek(1) == 0x45) {
    quoted = false;
    P.setAt(P.at + 1);
  } else takeLiteral(P.takeCharacter());
}
function takeLiteral(c: u32): void {
  if (c == 10 || c == 13) P.noteNewline();
  T.addItem(N.NODE_CHARACTER, c, 0);
}

function isComment(ahead: u32): bool {
  return P.peek(ahead) == 0x28 && P.peek(ahead + 1) == 0x3f && P.peek(ahead + 2) == 0x23;
}
/** From the ( of a comment to its ). */
function skipComment(): void {
  P.setAt(P.at + 3);
  while (P.peek(0) && P.peek(0) != 0x29) P.setAt(P.at + 1);
  if (!P.peek(0)) P.failHere(18);
}
/** Comments, and white space in extended mode: nothing, whatever comes next. */
function isSkipped(c: u32): bool {
  if (isComment(0)) {
    skipComment();
    return true;
  }
  return (P.options & P.EXTENDED) != 0 && isSpace(c);
}
/** White space or a comment of extended mode; the place moves to its last byte. */
function isSpace(c: u32): bool {
  if (c < 128 || !(P.options & P.UTF)) {
    if (latinClasses(c) & LATIN_SPACE) return true;
  } else if (c == 0xc2 && latinClasses(P.peek(1)) & LATIN_SPACE) {
    P.setAt(P.at + 1);
    return true;
  }
  if (c != 0x23) return false;
  P.setAt(P.at + 1);
  while (P.peek(0)) {
    const bytes = newlineBytes();
    if (bytes) {
      P.setAt(P.at + bytes - 1);
      return true;
    }
    P.setAt(P.at + 1);
  }
  P.setAt(P.at - 1);
  return true;
}
/** Bytes of the newline at the current place of the pattern, 0 when there is none. */
function newlineBytes(): u32 {
  const c = P.peek(0);
  const newline = P.newlineOf(P.options);
  if (newline == P.NEWLINE_LF) return c == 10 ? 1 : 0;
  if (newline == P.NEWLINE_CR) return c == 13 ? 1 : 0;
  if (newline == P.NEWLINE_CRLF) return c == 13 && P.peek(1) == 10 ? 2 : 0;
  if (c == 13) return P.peek(1) == 10 ? 2 : 1;
  if (c == 10) return 1;
  if (newline == P.NEWLINE_ANYCRLF) return 0;
  if (c == 11 || c == 12) return 1;
  if (!(P.options & P.UTF)) return c == 0x85 ? 1 : 0;
  if (c == 0xc2) return P.peek(1) == 0x85 ? 2 : 0;
  return c == 0xe2 && P.peek(1) == 0x80 && (P.peek(2) & 0xfe) == 0xa8 ? 3 : 0;
}

// ---- quantifiers

function takeQuantifier(c: u32): bool {
  if (c == 0x2a) repeat(0, N.UNLIMITED);
  else if (c == 0x2b) repeat(1, N.UNLIMITED);
  else if (c == 0x3f) repeat(0, 1);
  else if (c == 0x7b && E.readCounts(P.at + 1)) takeCounts();
  else return false;
  return true;
}
/** {n}, {n,} or {n,m}, whose form has been checked. */
function takeCounts(): void {
  const least = takeCount();
  let most = least;
  if (P.error) return;
  if (P.peek(0) == 0x2c) {
    most = N.UNLIMITED;
    if (P.peek(1) != 0x7d) {
      most = takeCount();
      if (P.error) return;
      if (most < least) {
        P.failHere(4);
        return;
      }
    } else P.setAt(P.at + 1);
  }
  repeat(least, most);
}
/** The number behind the current place, which moves behind the number. */
function takeCount(): u32 {
  let count: u32 = 0;
  P.setAt(P.at + 1);
  while (P.isDigit(P.peek(0))) {
    count = count * 10 + (P.peek(0) - 0x30);
    P.setAt(P.at + 1);
    if (count > COUNT_MAX) {
      P.failHere(5);
      return 0;
    }
  }
  return count;
}
function repeat(least: u32, most: u32): void {
  const node = T.previous;
  if (!node) {
    P.failHere(9);
    return;
  }
  skipToSuffix();
  if (P.error) return;
  let mode = P.options & P.UNGREEDY ? N.REPEAT_LAZY : N.REPEAT_GREEDY;
  if (P.peek(1) == 0x2b) {
    mode = N.REPEAT_POSSESSIVE;
    P.setAt(P.at + 1);
  } else if (P.peek(1) == 0x3f) {
    mode = mode == N.REPEAT_LAZY ? N.REPEAT_GREEDY : N.REPEAT_LAZY;
    P.setAt(P.at + 1);
  }
  T.forgetPrevious();
  setRepeat(node, least, most, mode);
}
/**
 * Before the + or ? behind a quantifier there may be spaces, in extended mode, and then one
 * comment.
 */
function skipToSuffix(): void {
  while (P.options & P.EXTENDED) {
    const before = P.at;
    P.setAt(before + 1);
    if (P.peek(0) && isSpace(P.peek(0))) continue;
    P.setAt(before);
    break;
  }
  if (!isComment(1)) return;
  P.setAt(P.at + 1);
  skipComment();
}
/** There is no sense in repeating assertions: they are optional or not. */
function setRepeat(node: u32, least: u32, most: u32, mode: u32): void {
  if (N.kindOf(node) != N.NODE_GROUP) {
    N.setRepeat(node, least, most, mode);
    return;
  }
  const group = N.aOf(node);
  if (group == N.GROUP_CONDITION && N.bOf(node) == N.CONDITION_DEFINE) return;
  if (group < N.GROUP_AHEAD || group > N.GROUP_NOT_BEHIND) N.setRepeat(node, least, most, mode);
  else if (!least) N.setRepeat(node, 0, min(most, 1), mode);
}

// ---- other items

function takeOther(c: u32): void {
  if (c == 0x7c) T.nextBranch();
  else if (c == 0x29) {
    if (T.atTop()) unmatched = P.at + 1;
    else T.closeGroup();
  } else if (c == 0x5e)
    T.addSingle(
      N.NODE_ASSERTION,
      P.options & P.MULTILINE ? N.ASSERT_LINES_START : N.ASSERT_LINE_START,
      0,
    );
  else if (c == 0x24) T.addSingle(N.NODE_ASSERTION, dollar(), 0);
  else if (c == 0x2e) T.addItem(P.options & P.DOTALL ? N.NODE_ANY : N.NODE_DOT, 0, 0);
  else if (c == 0x5b) takeBracket();
  else if (c == 0x28) takeGroup();
  else if (c == 0x5c) takeEscape();
  else takeLiteral(P.takeCharacter());
}
function dollar(): u32 {
  if (P.options & P.MULTILINE) return N.ASSERT_LINES_END;
  return P.options & P.DOLLAR_ENDONLY ? N.ASSERT_END_ONLY : N.ASSERT_LINE_END;
}

/** [[:<:]] and [[:>:]] */
const WORD_START: usize = memory.data<u8>([0x5b, 0x3a, 0x3c, 0x3a, 0x5d, 0x5d]);
const WORD_END: usize = memory.data<u8>([0x5b, 0x3a, 0x3e, 0x3a, 0x5d, 0x5d]);

function takeBracket(): void {
  const isStart = P.startsWith(1, WORD_START, 6);
  if (isStart || P.startsWith(1, WORD_END, 6)) {
    T.addSingle(N.NODE_ASSERTION, N.ASSERT_BOUNDARY, 0);
    T.openGroup(isStart ? N.GROUP_AHEAD : N.GROUP_BEHIND, 0, P.options);
    addType(R.TYPE_WORD, false);
    T.closeGroup();
    P.setAt(P.at + 6);
    return;
  }
  if (posixEnd(P.at)) {
    P.failHere(P.peek(1) == 0x3a ? 13 : 31);
    return;
  }
  if (!takeClass()) return;
  if (classSingle)
    T.addItem(classNegated ? N.NODE_NOT_CHARACTER : N.NODE_CHARACTER, classCharacter, 0);
  else addClass();
}
function addClass(): void {
  const record = newClass(classWords() << 2);
  if (record == 0xffff_ffff) {
    P.noteExhausted();
    return;
  }
  const caseless = (P.options & P.CASELESS) != 0;
  writeClass(classArea() + record, classNegated, caseless, (P.options & P.UTF) != 0);
  // Ranges above 255 and properties make PCRE's form larger.
  T.addItem(N.NODE_CLASS, record, itemCount << 1);
}

function addType(type: u32, negated: bool): void {
  const flag: u32 = negated ? 1 : 0;
  if (!(P.options & P.UCP) || type >= R.TYPE_HORIZONTAL) T.addItem(N.NODE_TYPE, type, flag);
  else if (type == R.TYPE_DIGIT)
    T.addItem(N.NODE_PROPERTY, R.PROPERTY_CATEGORY | (CATEGORY_ND << 8), flag);
  else {
    const value = type == R.TYPE_WORD ? R.SPECIAL_WORD : R.SPECIAL_SPACE;
    T.addItem(N.NODE_PROPERTY, R.PROPERTY_SPECIAL | (value << 8), flag);
  }
}

function takeEscape(): void {
  const escape = E.readEscape(false);
  if (P.error) return;
  if (escape == E.ESCAPE_CHARACTER) takeLiteral(E.escapeValue);
  else if (escape == E.ESCAPE_REFERENCE) {
    T.addItem(N.NODE_REFERENCE, E.escapeValue, 0);
    T.noteInnerReference(E.escapeValue);
  } else if (escape == 0x51) {
    if (P.peek(1) == 0x5c && P.peek(2) == 0x45) P.setAt(P.at + 2);
    else quoted = true;
  } else if (escape == 0x67) takeCall();
  else if (escape == 0x6b) takeNamed();
  else if (escape != 0x45) addEscape(escape);
}
function addEscape(escape: u32): void {
  const lower = escape | 0x20;
  const negated = escape < 0x60;
  if (lower == 0x64) addType(R.TYPE_DIGIT, negated);
  else if (lower == 0x73) addType(R.TYPE_SPACE, negated);
  else if (lower == 0x77) addType(R.TYPE_WORD, negated);
  else if (lower == 0x68) addType(R.TYPE_HORIZONTAL, negated);
  else if (lower == 0x76) addType(R.TYPE_VERTICAL, negated);
  else if (lower == 0x70) {
    if (E.readProperty())
      T.addItem(
        N.NODE_PROPERTY,
        R.foundKind | (R.foundValue << 8),
        negated != E.propertyNegated ? 1 : 0,
      );
  } else if (escape == 0x4e) T.addItem(N.NODE_DOT, 0, 0);
  else if (escape == 0x52) T.addItem(N.NODE_NEWLINE, 0, 0);
  else if (escape == 0x58) T.addItem(N.NODE_CLUSTER, 0, 0);
  else if (escape == 0x43) T.addItem(N.NODE_BYTE, 0, 0);
  else if (escape == 0x4b) T.addSingle(N.NODE_KEEP, 0, 0);
  else T.addSingle(N.NODE_ASSERTION, assertionOf(escape), 0);
}
function assertionOf(escape: u32): u32 {
  if (escape == 0x62) return N.ASSERT_BOUNDARY;
  if (escape == 0x42) return N.ASSERT_NO_BOUNDARY;
  if (escape == 0x41) return N.ASSERT_SUBJECT_START;
  if (escape == 0x7a) return N.ASSERT_SUBJECT_END;
  return escape == 0x5a ? N.ASSERT_LAST_LINE_END : N.ASSERT_MATCH_START;
}

/**
 * What may follow an opening parenthesis, and the references and calls that \g and \k make:
 * pcrepattern(3), from SUBPATTERNS to BACKTRACKING CONTROL. The functions are called with the place
 * on the first byte of the construct and leave it on its last byte; a group that is opened goes on
 * with the items in it.
 */
import { LATIN_ALPHA, LATIN_WORD, latinClasses } from './characters';
import { NAME_BYTES_MAX, addName, isText } from './names';
import * as N from './nodes';
import * as P from './pattern';
import { takeCondition } from './parse_condition';
import * as T from './tree';

const NUMBER_MAX: u32 = 0x7fff_ffff / 10 - 1;

export let namePlace: u32 = 0;
export let nameBytes: u32 = 0;
export let number: u32 = 0;

export function isWordByte(byte: u32): bool {
  return (latinClasses(byte) & LATIN_WORD) != 0;
}
/** The word at the current place, which moves behind it: namePlace, nameBytes. */
export function takeWord(): void {
  namePlace = P.at;
  while (P.peek(0) && isWordByte(P.peek(0))) P.setAt(P.at + 1);
  nameBytes = P.at - namePlace;
}
/** The number at the current place, which moves behind it. False when it is too big. */
export function takeNumber(): bool {
  number = 0;
  while (P.isDigit(P.peek(0))) {
    if (number > NUMBER_MAX) {
      while (P.isDigit(P.peek(0))) P.setAt(P.at + 1);
      return P.failHere(61);
    }
    number = number * 10 + (P.peek(0) - 0x30);
    P.setAt(P.at + 1);
  }
  return true;
}

export function takeGroup(): void {
  if (P.peek(1) == 0x2a && (P.peek(2) == 0x3a || latinClasses(P.peek(2)) & LATIN_ALPHA)) takeVerb();
  else if (P.peek(1) != 0x3f) openNumbered();
  else {
    P.setAt(P.at + 2);
    takeSpecial(P.peek(0));
  }
}
function openNumbered(): void {
  if (P.options & P.NO_AUTO_CAPTURE) T.openGroup(N.GROUP_PLAIN, 0, P.options);
  else T.openGroup(N.GROUP_CAPTURE, P.captures + 1, P.options);
}
function open(kind: u32): void {
  T.openGroup(kind, 0, P.options);
}

/** Behind (? with the place on what follows. */
function takeSpecial(c: u32): void {
  if (c == 0x3a) open(N.GROUP_PLAIN);
  else if (c == 0x3e) open(N.GROUP_ATOMIC);
  else if (c == 0x3d) open(N.GROUP_AHEAD);
  else if (c == 0x21) takeNotAhead();
  else if (c == 0x7c) {
    const group = T.openGroup(N.GROUP_PLAIN, 0, P.options);
    if (group) T.resetCaptures(group);
  } else if (c == 0x28) takeCondition();
  else if (c == 0x3c) takeAngle();
  else if (c == 0x43) takeCallout();
  else if (c == 0x50) takePython();
  else if (c == 0x27) takeGroupName(0x27);
  else if (c == 0x26) takeReferenceByName(true, 0x29);
  else if (c == 0x52) {
    P.setAt(P.at + 1);
    takeCallByNumber(0x29);
  } else if (c == 0x2b || P.isDigit(c) || (c == 0x2d && P.isDigit(P.peek(1))))
    takeCallByNumber(0x29);
  else takeOptions();
}
/** (?!) always fails, when no quantifier makes it optional. */
function takeNotAhead(): void {
  const c = P.peek(2);
  const counted = c == 0x7b && isQuantifier(P.at + 3);
  if (P.peek(1) != 0x29 || c == 0x2a || c == 0x2b || c == 0x3f || counted) {
    open(N.GROUP_NOT_AHEAD);
    return;
  }
  T.addSingle(N.NODE_FAIL, 0, 0);
  P.setAt(P.at + 1);
}
function isQuantifier(place: u32): bool {
  return P.isDigit(P.byteAt(place));
}
/** (?< */
function takeAngle(): void {
  const next = P.peek(1);
  if (next == 0x3d || next == 0x21) {
    P.setAt(P.at + 1);
    open(next == 0x3d ? N.GROUP_BEHIND : N.GROUP_NOT_BEHIND);
  } else if (next && isWordByte(next)) takeGroupName(0x3e);
  else P.failAt(24, P.at + 1);
}
/** (?P */
function takePython(): void {
  P.setAt(P.at + 1);
  const c = P.peek(0);
  if (c == 0x3d || c == 0x3e) takeReferenceByName(c == 0x3e, 0x29);
  else if (c == 0x3c) takeGroupName(0x3e);
  else P.failHere(41);
}
/** A name up to `terminator`, and the group that it names. */
function takeGroupName(terminator: u32): void {
  P.setAt(P.at + 1);
  if (P.isDigit(P.peek(0))) {
    P.failHere(84);
    return;
  }
  takeWord();
  if (P.peek(0) != terminator) P.failHere(42);
  else if (nameBytes > NAME_BYTES_MAX) P.failHere(48);
  else if (addName(namePlace, nameBytes)) T.openGroup(N.GROUP_CAPTURE, P.captures + 1, P.options);
}
/** (?C): nothing is called. */
function takeCallout(): void {
  P.setAt(P.at + 1);
  let callout: u32 = 0;
  while (P.isDigit(P.peek(0))) {
    callout = min(callout * 10 + (P.peek(0) - 0x30), 1000);
    P.setAt(P.at + 1);
  }
  if (P.peek(0) != 0x29) P.failHere(39);
  else if (callout > 255) P.failHere(38);
  T.forgetPrevious();
}

/** (?imsxUXJ-imsxUXJ) or the same with a colon and a group. */
function takeOptions(): void {
  let set: u32 = 0;
  let unset: u32 = 0;
  let negated = false;
  while (P.peek(0) != 0x29 && P.peek(0) != 0x3a) {
    const c = P.peek(0);
    const bit = optionOf(c);
    if (!bit && c != 0x2d) {
      P.failHere(12);
      return;
    }
    if (c == 0x2d) negated = true;
    else if (negated) unset |= bit;
    else set |= bit;
    P.setAt(P.at + 1);
  }
  const changed = (P.options | set) & ~unset;
  if (P.peek(0) == 0x3a) {
    T.openGroup(N.GROUP_PLAIN, 0, changed);
    return;
  }
  T.finishItem();
  P.setOptions(changed);
  T.forgetPrevious();
}
function optionOf(c: u32): u32 {
  if (c == 0x69) return P.CASELESS;
  if (c == 0x6d) return P.MULTILINE;
  if (c == 0x73) return P.DOTALL;
  if (c == 0x78) return P.EXTENDED;
  if (c == 0x55) return P.UNGREEDY;
  if (c == 0x58) return P.EXTRA;
  return c == 0x4a ? P.DUPNAMES : 0;
}

// ---- references and calls

/**
 * A name up to `terminator`: a call of the group or a reference to it. Whether there is one is
 * checked when the whole pattern is known.
 */
export function takeReferenceByName(isCall: bool, terminator: u32): void {
  P.setAt(P.at + 1);
  if (P.isDigit(P.peek(0))) {
    P.failHere(84);
    return;
  }
  takeWord();
  if (!nameBytes) P.failHere(62);
  else if (P.peek(0) != terminator) P.failHere(42);
  else if (nameBytes > NAME_BYTES_MAX) P.failHere(48);
  else T.addNamed(isCall ? N.NODE_CALL : N.NODE_REFERENCE, namePlace, nameBytes);
}
/** A number, perhaps signed, up to `terminator`: a call of the group. */
function takeCallByNumber(terminator: u32): void {
  const sign = P.peek(0);
  if (sign == 0x2b || sign == 0x2d) {
    P.setAt(P.at + 1);
    if (!P.isDigit(P.peek(0))) {
      P.failHere(63);
      return;
    }
  }
  if (!takeNumber()) return;
  if (P.peek(0) != terminator) {
    P.failHere(29);
    return;
  }
  if (sign == 0x2b || sign == 0x2d) {
    if (!number) {
      P.failHere(58);
      return;
    }
    if (sign == 0x2b) number += P.captures;
    else if (number > P.captures) {
      P.failHere(15);
      return;
    } else number = P.captures - number + 1;
  }
  T.addCall(number);
}
/** \g<...> or \g'...': a call; the place is on the g. */
export function takeCall(): void {
  P.setAt(P.at + 1);
  const terminator: u32 = P.peek(0) == 0x3c ? 0x3e : 0x27;
  const sign = P.peek(1) == 0x2b || P.peek(1) == 0x2d;
  let place = P.at + (sign ? 2 : 1);
  while (P.isDigit(P.byteAt(place))) place++;
  const isNumber = P.byteAt(place) == terminator && place > P.at + 1;
  if (!isNumber && (sign || P.isDigit(P.peek(1)))) {
    P.failHere(57);
    return;
  }
  if (!isNumber) {
    takeReferenceByName(true, terminator);
    return;
  }
  P.setAt(P.at + 1);
  takeCallByNumber(terminator);
}
/** \k<...>, \k'...' or \k{...}: a reference; the place is on the k. */
export function takeNamed(): void {
  const opening = P.peek(1);
  if (opening != 0x3c && opening != 0x27 && opening != 0x7b) {
    P.failHere(69);
    return;
  }
  P.setAt(P.at + 1);
  takeReferenceByName(false, opening == 0x3c ? 0x3e : opening == 0x27 ? 0x27 : 0x7d);
}

// ---- verbs

/** By number (nodes.ts): length, text, 0; a name that is empty is that of MARK. */
const VERBS: usize = memory.data<u8>([
  4, 77, 65, 82, 75, 0, 0, 0, 6, 65, 67, 67, 69, 80, 84, 0, 6, 67, 79, 77, 77, 73, 84, 0, 4, 70, 65,
  73, 76, 0, 0, 0, 5, 80, 82, 85, 78, 69, 0, 0, 4, 83, 75, 73, 80, 0, 0, 0, 4, 84, 72, 69, 78, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 70, 0, 0, 0, 0, 0, 0,
]);
const VERBS_COUNT: u32 = 9;
const VERB_BYTES_MAX: u32 = 255;

function verbNamed(place: u32, bytes: u32): u32 {
  for (let i: u32 = 0; i < VERBS_COUNT; i++) {
    const name = VERBS + (i << 3);
    if (isText(place, bytes, name + 1, load<u8>(name))) {
      if (i < 7) return i;
      return i == 7 ? N.VERB_MARK : N.VERB_FAIL;
    }
  }
  return VERBS_COUNT;
}
/** (*VERB) or (*VERB:NAME) */
function takeVerb(): void {
  P.setAt(P.at + 2);
  const start = P.at;
  while (latinClasses(P.peek(0)) & LATIN_ALPHA) P.setAt(P.at + 1);
  const verb = verbNamed(start, P.at - start);
  let argument = P.at;
  if (P.peek(0) == 0x3a) {
    P.setAt(P.at + 1);
    argument = P.at;
    while (P.peek(0) && P.peek(0) != 0x29) P.setAt(P.at + 1);
    if (P.at - argument > VERB_BYTES_MAX) {
      P.failHere(75);
      return;
    }
  }
  const bytes = P.at - argument;
  if (P.peek(0) != 0x29 || verb == VERBS_COUNT) P.failHere(60);
  else if (!bytes && verb == N.VERB_MARK) P.failHere(66);
  else if (bytes && (verb == N.VERB_ACCEPT || verb == N.VERB_COMMIT || verb == N.VERB_FAIL))
    P.failHere(59);
  else T.addVerb(verb, argument, bytes);
}

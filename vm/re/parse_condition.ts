/**
 * Conditions: (?(...)yes|no). `takeCondition` is called with the place on the inner parenthesis. A
 * condition that is not an assertion is a number, a name, R for recursion, or DEFINE; what names
 * mean is found out when the whole pattern is known.
 */
import * as G from './parse_group';
import * as N from './nodes';
import * as P from './pattern';
import * as T from './tree';

export function takeCondition(): void {
  let inner = P.at;
  if (P.byteAt(inner + 1) == 0x3f && P.byteAt(inner + 2) == 0x43) {
    let end = inner + 3;
    while (P.isDigit(P.byteAt(end))) end++;
    if (P.byteAt(end) == 0x29) inner = end + 1;
    if (P.byteAt(inner) != 0x28) {
      P.failHere(28);
      return;
    }
  }
  const kind = assertionAt(inner);
  if (!kind) {
    takeSimple();
    return;
  }
  const group = T.openGroup(N.GROUP_CONDITION, N.CONDITION_ASSERTION, P.options);
  if (!group) return;
  T.openAssertion(kind);
  P.setAt(inner + (kind >= N.GROUP_BEHIND ? 3 : 2));
}
/** The kind of group that begins at `place` when it is an assertion, else 0. */
function assertionAt(place: u32): u32 {
  if (P.byteAt(place + 1) != 0x3f) return 0;
  const c = P.byteAt(place + 2);
  if (c == 0x3d) return N.GROUP_AHEAD;
  if (c == 0x21) return N.GROUP_NOT_AHEAD;
  if (c != 0x3c) return 0;
  const next = P.byteAt(place + 3);
  if (next == 0x3d) return N.GROUP_BEHIND;
  return next == 0x21 ? N.GROUP_NOT_BEHIND : 0;
}

/** The sign of a number: + or -, 1 for none; 0 when there is no number. */
let sign: u32 = 0;
/** What must follow a name. */
let terminator: u32 = 0;
let isCall: bool = false;

function takeOpening(): void {
  sign = 0;
  terminator = 0;
  isCall = false;
  P.setAt(P.at + 1);
  const c = P.peek(0);
  if (c == 0x52 && P.peek(1) == 0x26) {
    P.setAt(P.at + 2);
    isCall = true;
  } else if (c == 0x3c || c == 0x27) {
    terminator = c == 0x3c ? 0x3e : 0x27;
    P.setAt(P.at + 1);
  } else if (c == 0x2b || c == 0x2d) {
    sign = c;
    P.setAt(P.at + 1);
  } else if (P.isDigit(c)) sign = 1;
}
function takeSimple(): void {
  takeOpening();
  if (sign) {
    if (!G.takeNumber()) return;
  } else {
    if (P.isDigit(P.peek(0))) {
      P.failHere(84);
      return;
    }
    G.takeWord();
    if (!G.nameBytes) {
      P.failHere(28);
      return;
    }
  }
  if (terminator) {
    if (P.peek(0) != terminator) {
      P.failHere(26);
      return;
    }
    P.setAt(P.at + 1);
  }
  if (P.peek(0) != 0x29) {
    P.failHere(26);
    return;
  }
  openSimple();
}
/**
 * Fields of the group: c is the number, d the place of the name | its length << 24. A number may be
 * wrong; 0xffffffff stands for one that is before the first group.
 */
function openSimple(): void {
  let number: u32 = 0;
  if (sign == 0x2b && G.number) number = P.captures + G.number;
  else if (sign == 0x2d && G.number)
    number = G.number > P.captures ? 0xffff_ffff : P.captures - G.number + 1;
  else if (sign) number = G.number;
  const place = G.namePlace;
  const bytes = sign ? 0 : G.nameBytes;
  const isDefine = bytes == 6 && !terminator && !isCall && isDefineAt(place);
  const kind = isCall ? N.CONDITION_CALL : isDefine ? N.CONDITION_DEFINE : N.CONDITION_CAPTURE;
  const group = T.openGroup(N.GROUP_CONDITION, kind, P.options);
  if (!group) return;
  N.setC(group, number);
  N.setD(group, bytes ? place | (min(bytes, 127) << 24) | (terminator ? 1 << 31 : 0) : 0);
  // An error that is found later is reported behind the condition.
  N.setConditionPlace(group, P.at + 1);
}
const DEFINE: usize = memory.data<u8>([68, 69, 70, 73, 78, 69]);
function isDefineAt(place: u32): bool {
  for (let i: u32 = 0; i < 6; i++) {
    if (P.byteAt(place + i) != (load<u8>(DEFINE + i) as u32)) return false;
  }
  return true;
}

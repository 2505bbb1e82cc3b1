/** Matching single characters, one or many of them. */
import { CASE_SETS } from '../gen/regex_tables';
import { classHas } from './class_set';
import { classes, charge, newline, setSp, sp, steps, subjectEnd, utf } from './match_state';
import { newlineAt } from './newlines';
import { NEWLINE_LF } from './pattern';
import * as O from './program';
import { hasProperty, hasType } from './properties';
import { characterAt, characterBytes } from './utf8';

/** Characters that count as one step. */
const CHARACTERS_PER_STEP_BITS: i32 = 2;

function isInSet(set: u32, c: u32): bool {
  const at = CASE_SETS + set;
  return (
    load<u32>(at) == c ||
    load<u32>(at, 4) == c ||
    load<u32>(at, 8) == c ||
    (load<u32>(at, 12) == c && c != 0)
  );
}
/** Whether the unit matches the character; UNIT_DOT, UNIT_ANY and UNIT_BYTE do not come here. */
function unitHas(unit: u32, a: u32, b: u32, c: u32): bool {
  switch (unit) {
    case O.UNIT_CHARACTER:
      return c == a;
    case O.UNIT_EITHER:
      return c == a || c == b;
    case O.UNIT_SET:
      return isInSet(a, c);
    case O.UNIT_NOT:
      return c != a;
    case O.UNIT_NEITHER:
      return c != a && c != b;
    case O.UNIT_NOT_SET:
      return !isInSet(a, c);
    case O.UNIT_CLASS:
      return classHas(classes + a, c);
    case O.UNIT_TYPE:
      return (hasType(a, c) && (c < 128 || !(b & O.TYPE_NARROW))) != ((b & 1) != 0);
    default:
      return hasProperty(a & 255, a >> 8, c) != (b != 0);
  }
}

/** Match one character at `sp` and go behind it. */
export function takeUnit(unit: u32, a: u32, b: u32): bool {
  if (sp >= subjectEnd) return false;
  if (unit == O.UNIT_BYTE || (unit == O.UNIT_ANY && !utf)) {
    setSp(sp + 1);
    return true;
  }
  if (unit == O.UNIT_DOT && newlineAt(sp)) return false;
  const bytes = utf ? characterBytes(sp, subjectEnd) : 1;
  if (unit != O.UNIT_DOT && unit != O.UNIT_ANY) {
    const c = utf ? characterAt(sp, bytes) : (load<u8>(sp) as u32);
    if (!unitHas(unit, a, b, c)) return false;
  }
  setSp(sp + bytes);
  return true;
}

/** Bytes that a class without large characters matches, at most `most`. */
function takeClassBytes(record: usize, most: u32): u32 {
  const bits = record + 8;
  let at = sp;
  const left = (subjectEnd - at) as u32;
  const end = at + min(left, most);
  while (at < end) {
    const c = load<u8>(at) as u32;
    if (!((load<u8>(bits + (c >> 3)) >> ((c & 7) as u8)) & 1)) break;
    at++;
  }
  const count = (at - sp) as u32;
  setSp(at);
  return count;
}
/** Bytes up to the next \n, at most `most`. */
function takeToLineFeed(most: u32): u32 {
  let at = sp;
  const end = at + min((subjectEnd - at) as u32, most);
  while (at < end && load<u8>(at) != 10) at++;
  const count = (at - sp) as u32;
  setSp(at);
  return count;
}

/** Match as many characters as there are, at most `most`; their number. */
function takeMany(unit: u32, a: u32, b: u32, most: u32): u32 {
  if (!utf) {
    if (unit == O.UNIT_CLASS) return takeClassBytes(classes + a, most);
    if (unit == O.UNIT_DOT && newline == NEWLINE_LF) return takeToLineFeed(most);
  }
  if (unit == O.UNIT_BYTE || (unit == O.UNIT_ANY && !utf)) {
    const count = min((subjectEnd - sp) as u32, most);
    setSp(sp + count);
    return count;
  }
  let count: u32 = 0;
  while (count < most && takeUnit(unit, a, b)) count++;
  return count;
}
/**
 * The same, as far as the steps go: fewer than `most` were taken because there are no more, or
 * because the steps are used up.
 */
export function takeUnits(unit: u32, a: u32, b: u32, most: u32): u32 {
  const allowed = (max(steps, 1) as u32) << CHARACTERS_PER_STEP_BITS;
  const count = takeMany(unit, a, b, min(most, allowed));
  charge(1 + ((count >> CHARACTERS_PER_STEP_BITS) as i32));
  return count;
}

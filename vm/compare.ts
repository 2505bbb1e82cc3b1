/**
 * The order of terms: number < atom < reference < fun < port < pid < tuple < map < nil < list <
 * bitstring (Erlang reference manual, section 9.5, "Term Comparisons").
 *
 * What is still to be compared lies on the work stack as frames of three words:
 *
 *   PAIR   left term      right term      kind | exact
 *   RANGE  left address   right address   kind | exact | words left << 8      words to be compared in order
 *   MAPS   see compare_maps.ts
 *
 * `exact` is the order of map keys: every integer before every float. The result of a comparison is
 * that of the first pair that differs, but a MAPS frame catches the results of the pairs above it.
 */
import { FUN_INDEX, FUN_MODULE, FUN_UNIQ, E_ARITY, E_FUNCTION, E_MODULE } from './code';
import { atomLength, atomText } from './atoms';
import { compareBitstrings } from './equality';
import { compareNumbers } from './numbers';
import { am_nonode_at_nohost } from './gen/atoms';
import {
  MAPS_NEXT,
  beginMaps,
  mapsMark,
  resumeMaps,
  setMapsMark,
  takeMapsSteps,
} from './compare_maps';
import { exhaustMemory } from './heap';
import {
  SUB_EXTERNAL_REF,
  SUB_FLOAT,
  SUB_FUN,
  SUB_REF,
  TAG_BOXED,
  TAG_LIST,
  TAG_PID,
  TAG_PORT,
  NIL,
  areSmall,
  boxedHeader,
  boxedWord,
  externalCreation,
  externalNumber,
  headerExtra,
  headerSubtag,
  headerWords,
  isAtom,
  isKind,
  isSmall,
  pidLow,
  pidNumber,
  pidSerial,
  smallValue,
} from './term';
import { WALK_STEPS, putPairAside, shouldLeave, takeUpPair, walkA, walkB, walkC } from './walk';
import { WALK_ORDER } from './walk_layout';
import { cut, mark, pop, push } from './work_stack';

export { equal, equalSteps, identical } from './equality';

/** Cells of two lists that are compared in one step. */
const CELLS_MAX: u32 = 16;

const FRAME_PAIR: u64 = 0;
const FRAME_RANGE: u64 = 1;
export const FRAME_MAPS: u64 = 2;
const FRAME_KIND: u64 = 3;
const FRAME_EXACT: u64 = 4;

/** The pair to be compared next, and whether exactly. */
let left: u64 = 0;
let right: u64 = 0;
let exactly: bool = false;
/**
 * The work stack could not grow: the comparison ends with any result, and the process is killed.
 */
let exhausted: bool = false;

/** For compare_maps.ts: compare these two next. */
export function setPair(a: u64, b: u64, exact: bool): void {
  left = a;
  right = b;
  exactly = exact;
}
export function giveUp(): void {
  exhausted = true;
}

/** proceed: nothing is left to compare. */
const DONE: i32 = 0x7fff_ffff;

const RANK_NUMBER: u32 = 0;
const RANK_ATOM: u32 = 1;
const RANK_REFERENCE: u32 = 2;
const RANK_FUN: u32 = 3;
const RANK_PORT: u32 = 4;
const RANK_PID: u32 = 5;
const RANK_TUPLE: u32 = 6;
const RANK_MAP: u32 = 7;
const RANK_NIL: u32 = 8;
const RANK_LIST: u32 = 9;
const RANK_BITS: u32 = 10;

/** Place of the type of `t` in the order of types. */
function rankOf(t: u64): u32 {
  const tag = t & 3;
  // One hex digit a subtag, subtag 0 lowest, as in tables/terms.ts.
  if (tag == TAG_BOXED) {
    const shift = (headerSubtag(boxedHeader(t)) as u64) << 2;
    return ((0x7245_faaa_3032_00a6 as u64) >> shift) as u32 & 15;
  }
  if (tag == TAG_LIST) return RANK_LIST;
  if (isSmall(t)) return RANK_NUMBER;
  if (isAtom(t)) return RANK_ATOM;
  if (t == NIL) return RANK_NIL;
  if ((t & 15) == TAG_PID) return RANK_PID;
  return (t & 15) == TAG_PORT ? RANK_PORT : 15;
}

/** Order of atoms: that of their texts, character by character (which UTF-8 keeps). */
export function compareAtoms(a: u64, b: u64): i32 {
  if (a == b) return 0;
  const aLength = atomLength(a);
  const bLength = atomLength(b);
  const order = memory.compare(atomText(a), atomText(b), aLength < bLength ? aLength : bLength);
  if (order) return order;
  return aLength < bLength ? -1 : 1;
}
function compareUnsigned(a: u64, b: u64): i32 {
  return a == b ? 0 : a < b ? -1 : 1;
}

// ---- pids, ports, references: of this node when local

function nodeOf(t: u64): u64 {
  return (t & 3) == TAG_BOXED && headerSubtag(boxedHeader(t)) != SUB_REF
    ? boxedWord(t, 1)
    : am_nonode_at_nohost;
}
function creationOf(t: u64): u64 {
  if ((t & 3) != TAG_BOXED || headerSubtag(boxedHeader(t)) == SUB_REF) return 0;
  return isKind(t, SUB_EXTERNAL_REF) ? boxedWord(t, 2) >> 4 : externalCreation(t);
}
/** serial << 32 | number */
function pidOrder(t: u64): u64 {
  if ((t & 3) == TAG_BOXED) return externalNumber(t);
  const number = pidNumber(t);
  return ((pidSerial(number) as u64) << 32) | pidLow(number);
}
function portNumber(t: u64): u64 {
  return (t & 3) == TAG_BOXED ? externalNumber(t) : t >> 4;
}
function compareNodes(a: u64, b: u64): i32 {
  const order = compareAtoms(nodeOf(a), nodeOf(b));
  return order ? order : compareUnsigned(creationOf(a), creationOf(b));
}
/** Pids: serial and number before node. */
function comparePids(a: u64, b: u64): i32 {
  const order = compareUnsigned(pidOrder(a), pidOrder(b));
  return order ? order : compareNodes(a, b);
}
function comparePorts(a: u64, b: u64): i32 {
  const order = compareNodes(a, b);
  return order ? order : compareUnsigned(portNumber(a), portNumber(b));
}
/** 32-bit words of a reference: three for one of this node. */
function referenceWords(t: u64): u32 {
  const header = boxedHeader(t);
  return headerSubtag(header) == SUB_REF ? 3 : headerWords(header) - 2;
}
/**
 * Word `index` of a reference, 0 beyond its last. For references of this node: word 0 and 1 are the
 * halves of `low`, word 2 is `high`.
 */
export function referenceWord(t: u64, index: u32): u32 {
  if (index >= referenceWords(t)) return 0;
  if (headerSubtag(boxedHeader(t)) == SUB_REF)
    return index == 2
      ? (boxedWord(t, 1) as u32)
      : ((boxedWord(t, 2) >> ((index as u64) << 5)) as u32);
  return (boxedWord(t, index + 3) >> 4) as u32;
}
function compareReferences(a: u64, b: u64): i32 {
  const order = compareNodes(a, b);
  if (order) return order;
  const words = referenceWords(a);
  const others = referenceWords(b);
  for (let i = words > others ? words : others; i > 0; i--) {
    const x = referenceWord(a, i - 1);
    const y = referenceWord(b, i - 1);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

// ---- frames

function pushFrame(first: u64, second: u64, third: u64): void {
  if (push(first) && push(second) && push(third)) return;
  exhausted = true;
}
function pushRange(a: usize, b: usize, words: u32, exact: bool): void {
  if (!words) return;
  const flags = FRAME_RANGE | (exact ? FRAME_EXACT : 0);
  pushFrame(a as u64, b as u64, ((words as u64) << 8) | flags);
}
/**
 * Take the next pair, from a PAIR or RANGE frame whose last word is `kind`, into left, right and
 * exactly; false when it is empty.
 */
function takePair(kind: u64): bool {
  const second = pop();
  const first = pop();
  exactly = (kind & FRAME_EXACT) != 0;
  if ((kind & FRAME_KIND) == FRAME_PAIR) {
    left = first;
    right = second;
    return true;
  }
  left = load<u64>(first as usize);
  right = load<u64>(second as usize);
  if (kind >> 9) pushFrame(first + 8, second + 8, kind - 256);
  return left != right;
}

// ---- composite terms: the result if it is known at once, else 0 with frames pushed

function compareFuns(a: u64, b: u64): i32 {
  const aLocal = headerSubtag(boxedHeader(a)) == SUB_FUN;
  const bLocal = headerSubtag(boxedHeader(b)) == SUB_FUN;
  if (aLocal != bLocal) return aLocal ? -1 : 1;
  const x = boxedWord(a, 1) as usize;
  const y = boxedWord(b, 1) as usize;
  if (!aLocal) {
    if (x == y) return 0;
    let order = compareAtoms(load<u64>(x, E_MODULE), load<u64>(y, E_MODULE));
    if (!order) order = compareAtoms(load<u64>(x, E_FUNCTION), load<u64>(y, E_FUNCTION));
    return order ? order : compareUnsigned(load<u32>(x, E_ARITY), load<u32>(y, E_ARITY));
  }
  let order: i32 = 0;
  if (x != y) {
    order = compareAtoms(load<u64>(x, FUN_MODULE), load<u64>(y, FUN_MODULE));
    if (!order) order = (load<i32>(x, FUN_INDEX) - load<i32>(y, FUN_INDEX)) as i32;
    if (!order) order = compareUnsigned(load<u32>(x, FUN_UNIQ), load<u32>(y, FUN_UNIQ));
  }
  const free = headerWords(boxedHeader(a)) - 2;
  if (!order) order = (free as i32) - ((headerWords(boxedHeader(b)) - 2) as i32);
  if (!order) pushRange(((a as u32) + 22) as usize, ((b as u32) + 22) as usize, free, exactly);
  return order;
}
function compareTuples(a: u64, b: u64): i32 {
  const arity = headerWords(boxedHeader(a));
  const other = headerWords(boxedHeader(b));
  if (arity != other) return arity < other ? -1 : 1;
  pushRange(((a as u32) + 6) as usize, ((b as u32) + 6) as usize, arity, exactly);
  return 0;
}
function compareMaps(a: u64, b: u64): i32 {
  const size = smallValue(boxedWord(a, 1));
  const other = smallValue(boxedWord(b, 1));
  if (size != other) return size < other ? -1 : 1;
  if ((headerExtra(boxedHeader(a)) & 3) != 0) {
    beginMaps(a, b, exactly);
    return 0;
  }
  // Flat maps: all keys first, then all values.
  const keys = boxedWord(a, 2);
  const otherKeys = boxedWord(b, 2);
  pushRange(((a as u32) + 22) as usize, ((b as u32) + 22) as usize, size as u32, exactly);
  if (keys != otherKeys)
    pushRange(((keys as u32) + 6) as usize, ((otherKeys as u32) + 6) as usize, size as u32, true);
  return 0;
}
/**
 * Two list cells: the first elements that need a look inside become the next pair, with a frame for
 * what follows them.
 */
function compareLists(): i32 {
  let x = left;
  let y = right;
  for (let i: u32 = 0; i < CELLS_MAX; i++) {
    if ((x & 3) != TAG_LIST || (y & 3) != TAG_LIST) break;
    const xHead = load<u64>((x as u32) - 1);
    const yHead = load<u64>((y as u32) - 1);
    x = load<u64>(x as u32, 7);
    y = load<u64>(y as u32, 7);
    if (xHead != yHead) {
      if (areSmall(xHead, yHead)) return (xHead as i64) < (yHead as i64) ? -1 : 1;
      if (x != y) pushFrame(x, y, FRAME_PAIR | (exactly ? FRAME_EXACT : 0));
      pushFrame(xHead, yHead, FRAME_PAIR | (exactly ? FRAME_EXACT : 0));
      return 0;
    }
    if (x == y) return 0;
  }
  pushFrame(x, y, FRAME_PAIR | (exactly ? FRAME_EXACT : 0));
  return 0;
}
/** Compare left and right, whose words differ, as far as possible at once. */
function comparePair(): i32 {
  const a = left;
  const b = right;
  if (areSmall(a, b)) return (a as i64) < (b as i64) ? -1 : 1;
  const rank = rankOf(a);
  const other = rankOf(b);
  if (rank != other) return rank < other ? -1 : 1;
  if (rank == RANK_LIST) return compareLists();
  if (rank == RANK_ATOM) return compareAtoms(a, b);
  if (rank == RANK_TUPLE) return compareTuples(a, b);
  if (rank == RANK_NUMBER) {
    const aFloat = isKind(a, SUB_FLOAT);
    if (exactly && aFloat != isKind(b, SUB_FLOAT)) return aFloat ? 1 : -1;
    return compareNumbers(a, b);
  }
  if (rank == RANK_BITS) return compareBitstrings(a, b, false);
  if (rank == RANK_MAP) return compareMaps(a, b);
  if (rank == RANK_FUN) return compareFuns(a, b);
  if (rank == RANK_REFERENCE) return compareReferences(a, b);
  if (rank == RANK_PID) return comparePids(a, b);
  if (rank == RANK_PORT) return comparePorts(a, b);
  return compareUnsigned(a, b);
}

/**
 * Go on after a pair compared as `result`: 0 when there is a next pair, DONE when none, else the
 * result of the whole.
 */
function proceed(result: i32, base: u32): i32 {
  let found = result;
  while (true) {
    if (exhausted) return 1;
    if (found) {
      // The result is that of the maps being compared, if any.
      if (mapsMark <= base) return found;
      cut(mapsMark);
    }
    if (mark() == base) return DONE;
    const kind = pop();
    if ((kind & FRAME_KIND) != FRAME_MAPS) {
      if (takePair(kind)) return 0;
      continue;
    }
    found = resumeMaps(found);
    if (found == MAPS_NEXT) return 0;
  }
}
/** Put the comparison aside, if that is possible. */
function leaveOrder(base: u32, a: u64, b: u64): bool {
  const state = ((mapsMark as u64) << 1) | (exactly ? 1 : 0);
  if (!putPairAside(WALK_ORDER, base, a, b, left, right, state)) return false;
  setMapsMark(0);
  return true;
}
function order(a: u64, b: u64, exact: bool): i32 {
  if (a == b) return 0;
  const base = mark();
  let steps: u32 = 0;
  if (takeUpPair(WALK_ORDER, a, b)) {
    setPair(walkA, walkB, (walkC & 1) != 0);
    setMapsMark((walkC >> 1) as u32);
  } else setPair(a, b, exact);
  while (true) {
    steps += 1 + takeMapsSteps();
    if (steps >= WALK_STEPS) {
      steps = 0;
      if (shouldLeave() && leaveOrder(base, a, b)) return 0;
    }
    const result = proceed(left == right ? 0 : comparePair(), base);
    if (!result) continue;
    cut(base);
    setMapsMark(0);
    if (!exhausted) return result == DONE ? 0 : result;
    exhausted = false;
    exhaustMemory();
    return 1;
  }
}

/** Standard order: negative, 0 or positive. 1 and 1.0 are equal. */
export function compare(a: u64, b: u64): i32 {
  return order(a, b, false);
}
/**
 * Order of map keys: as compare, but every integer is less than every float, so only identical
 * terms are equal.
 */
export function compareKeys(a: u64, b: u64): i32 {
  return order(a, b, true);
}

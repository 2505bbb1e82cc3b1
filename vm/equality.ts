/**
 * Equality of terms: `identical` is =:=, `equal` is ==. Two terms are walked in step; pairs still
 * to be compared lie on the work stack. Pairs whose words are equal are not looked into, so shared
 * parts cost nothing.
 *
 * Maps are walked like any other object: flat maps keep their keys sorted, and the tree of a large
 * map depends on nothing but its keys. With ==, keys must still be identical: the pair of a key
 * carries the mark EXACT.
 */
import { binaryData, bitOffset, bitSize } from './binary';
import { compareBits } from './bits';
import { FUN_INDEX, FUN_MODULE, FUN_UNIQ } from './code';
import { compareNumbers } from './numbers';
import { exhaustMemory } from './heap';
import {
  SUB_EXTERNAL_REF,
  SUB_FLOAT,
  SUB_FUN,
  SUB_MAP,
  SUB_MATCH_STATE,
  SUB_REF,
  SUB_REFC_BINARY,
  SUB_SUB_BINARY,
  TAG_BOXED,
  TAG_LIST,
  boxedHeader,
  boxedWord,
  firstTermOf,
  floatValue,
  headerExtra,
  headerSubtag,
  headerWords,
  isNumber,
} from './term';
import {
  WALK_STEPS,
  keepResult,
  putPairAside,
  recallResult,
  shouldLeave,
  takeUpPair,
  walkA,
  walkB,
  walkC,
  walkLeft,
} from './walk';
import { WALK_EQUAL } from './walk_layout';
import { cut, mark, pop, push } from './work_stack';

/** Words of an object that are pushed as pairs; those of larger ones as a range. */
const FEW_WORDS: u32 = 8;
/** In the third word of a frame: a range of pairs, whose number stands above it. */
const RANGE: u64 = 2;

export function isBitsSubtag(subtag: u32): bool {
  return (subtag >= SUB_REFC_BINARY && subtag <= SUB_SUB_BINARY) || subtag == SUB_MATCH_STATE;
}

/** The bitstring that `t`, a bitstring or a match context, stands for. */
export function bitstringOf(t: u64): u64 {
  return headerSubtag(boxedHeader(t)) == SUB_MATCH_STATE ? boxedWord(t, 4) : t;
}
/**
 * Order of two bitstrings, bit by bit, a prefix first. With `sizesFirst`, any nonzero result when
 * their sizes differ.
 */
export function compareBitstrings(a: u64, b: u64, sizesFirst: bool): i32 {
  const x = bitstringOf(a);
  const y = bitstringOf(b);
  const xBits = bitSize(x);
  const yBits = bitSize(y);
  if (sizesFirst && xBits != yBits) return 1;
  const common = xBits < yBits ? xBits : yBits;
  const order = compareBits(binaryData(x), bitOffset(x), binaryData(y), bitOffset(y), common);
  if (order || xBits == yBits) return order;
  return xBits < yBits ? -1 : 1;
}

/** a =:= b */
export function identical(a: u64, b: u64): bool {
  equalSteps = 0;
  if (a == b) return true;
  // Two different words are equal only when both are pointers of the same kind.
  if ((a & 3) != (b & 3) || (a & 3) == 3) return false;
  return sameTerms(a, b, true);
}
/** a == b */
export function equal(a: u64, b: u64): bool {
  equalSteps = 0;
  if (a == b) return true;
  if ((a & b & 3) == 3) return false;
  return sameTerms(a, b, false);
}

/** Steps of the last comparison since it looked at the doorbell. */
export let equalSteps: u32 = 0;

function sameTerms(a: u64, b: u64, exact: bool): bool {
  if (exact && recallResult(WALK_EQUAL, a, b)) return walkA != 0;
  const goesOn = takeUpPair(WALK_EQUAL, a, b);
  const same = walkTerms(a, b, exact, goesOn);
  if (goesOn && exact && !walkLeft) keepResult(WALK_EQUAL, a, b, same ? 1 : 0);
  return same;
}
/** `goesOn`: the walk was left and has been taken up. */
function walkTerms(a: u64, b: u64, exact: bool, goesOn: bool): bool {
  const base = goesOn ? 0 : mark();
  let x = a;
  let y = b;
  let precise: u64 = exact ? 1 : 0;
  if (goesOn) {
    x = walkA;
    y = walkB;
    precise = walkC;
  }
  while (true) {
    if (++equalSteps == WALK_STEPS) {
      equalSteps = 0;
      if (shouldLeave() && putPairAside(WALK_EQUAL, base, a, b, x, y, precise)) return false;
    }
    if (x != y) {
      if ((x & 3) == TAG_LIST && (y & 3) == TAG_LIST) {
        // The heads first; the tails wait only when the heads need a look inside, so a long list
        // takes no room on the stack.
        const left = load<u64>((x as u32) - 1);
        const right = load<u64>((y as u32) - 1);
        if (!pushPair(load<u64>(x as u32, 7), load<u64>(y as u32, 7), precise)) break;
        if (!pushPair(left, right, precise)) break;
      } else if (!sameObjects(x, y, precise)) break;
    }
    if (mark() == base) return true;
    precise = pop();
    y = pop();
    x = pop();
    if (precise & RANGE) {
      const from = x as usize;
      const other = y as usize;
      if (!pushRange(from + 8, other + 8, ((precise >> 8) as u32) - 1, precise & 1)) break;
      precise &= 1;
      x = load<u64>(from);
      y = load<u64>(other);
      if (x != y && differ(x, y, precise)) break;
    }
  }
  cut(base);
  return false;
}
/** Two different words are no equal terms for certain. */
function differ(x: u64, y: u64, exact: u64): bool {
  return (x & y & 3) == 3 || (exact != 0 && (x & 3) != (y & 3));
}

/**
 * Push a pair to be compared unless it is decided by its words: false when they differ for certain.
 */
function pushPair(x: u64, y: u64, exact: u64): bool {
  if (x == y) return true;
  if (differ(x, y, exact)) return false;
  if (push(x) && push(y) && push(exact)) return true;
  exhaustMemory();
  return false;
}

/**
 * Compare two terms whose words differ and that are not both lists; pairs of their parts are
 * pushed.
 */
function sameObjects(x: u64, y: u64, exact: u64): bool {
  if ((x & 3) != TAG_BOXED || (y & 3) != TAG_BOXED)
    return !exact && isNumber(x) && isNumber(y) && !compareNumbers(x, y);
  const from = ((x as u32) - 2) as usize;
  const other = ((y as u32) - 2) as usize;
  const header = load<u64>(from);
  const subtag = headerSubtag(header);
  const otherSubtag = headerSubtag(load<u64>(other));
  if (isBitsSubtag(subtag)) return isBitsSubtag(otherSubtag) && !compareBitstrings(x, y, true);
  if (subtag == SUB_REF) return otherSubtag == SUB_REF && sameWords(from, other, 1, 3);
  if (subtag == SUB_EXTERNAL_REF)
    return otherSubtag == SUB_EXTERNAL_REF && sameExternalReferences(from, other);
  if (header != load<u64>(other))
    return !exact && isNumber(x) && isNumber(y) && !compareNumbers(x, y);
  if (subtag == SUB_FLOAT) return floatValue(x) == floatValue(y);
  if (subtag == SUB_MAP) return pushMaps(from, other, header, exact);
  if (subtag == SUB_FUN && !sameFunctions(from, other)) return false;
  const first = firstTermOf(subtag);
  const words = headerWords(header) + 1;
  if (!first) return sameWords(from, other, 1, words);
  return pushWords(from, other, first, words, exact);
}
function sameWords(from: usize, other: usize, first: u32, end: u32): bool {
  for (let i = first << 3; i < end << 3; i += 8)
    if (load<u64>(from + i) != load<u64>(other + i)) return false;
  return true;
}
/** Push the pairs of words `first` to `end - 1`, so that the first is compared first. */
function pushWords(from: usize, other: usize, first: u32, end: u32, exact: u64): bool {
  if (end > first + FEW_WORDS)
    return pushRange(from + (first << 3), other + (first << 3), end - first, exact);
  for (let i = end << 3; i > first << 3; ) {
    i -= 8;
    if (!pushPair(load<u64>(from + i), load<u64>(other + i), exact)) return false;
  }
  return true;
}
/**
 * Push the words at two addresses as one frame, of which the pairs are taken one after the other.
 */
function pushRange(from: usize, other: usize, words: u32, exact: u64): bool {
  if (!words) return true;
  const mark = ((words as u64) << 8) | RANGE | exact;
  if (push(from as u64) && push(other as u64) && push(mark)) return true;
  exhaustMemory();
  return false;
}
/** Parts of two map objects with the same header; leaves of a tree are cells [Key | Value]. */
function pushMaps(from: usize, other: usize, header: u64, exact: u64): bool {
  const end = headerWords(header) + 1;
  const kind = headerExtra(header) & 3;
  if (kind == 0) {
    if (load<u64>(from, 8) != load<u64>(other, 8)) return false;
    return (
      pushWords(from, other, 3, end, exact) &&
      pushPair(load<u64>(from, 16), load<u64>(other, 16), 1)
    );
  }
  for (let i: u32 = 1; i < end; i++) {
    const x = load<u64>(from + (i << 3));
    const y = load<u64>(other + (i << 3));
    if (x == y) continue;
    if ((x & 3) != (y & 3) || (x & 3) == 3) return false;
    if ((x & 3) == TAG_BOXED) {
      if (!pushPair(x, y, exact)) return false;
    } else if (
      !pushPair(load<u64>(x as u32, 7), load<u64>(y as u32, 7), exact) ||
      !pushPair(load<u64>((x as u32) - 1), load<u64>((y as u32) - 1), 1)
    )
      return false;
  }
  return true;
}
/**
 * Local funs of the same function of the same code; the same number of free variables follows from
 * equal headers.
 */
export function sameFunctions(from: usize, other: usize): bool {
  const a = load<u32>(from, 8) as usize;
  const b = load<u32>(other, 8) as usize;
  if (a == b) return true;
  return (
    load<u64>(a, FUN_MODULE) == load<u64>(b, FUN_MODULE) &&
    load<u32>(a, FUN_INDEX) == load<u32>(b, FUN_INDEX) &&
    load<u32>(a, FUN_UNIQ) == load<u32>(b, FUN_UNIQ)
  );
}
/** References of other nodes; leading zero words (the last ones) do not count. */
function sameExternalReferences(from: usize, other: usize): bool {
  const words = headerWords(load<u64>(from)) + 1;
  const otherWords = headerWords(load<u64>(other)) + 1;
  const common = words < otherWords ? words : otherWords;
  if (!sameWords(from, other, 1, common)) return false;
  const longer = words < otherWords ? other : from;
  const end = words < otherWords ? otherWords : words;
  for (let i = common; i < end; i++) if (load<u64>(longer + (i << 3)) != 0xf) return false;
  return true;
}

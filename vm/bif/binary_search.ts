/**
 * binary:compile_pattern/1, match, matches and split. A search that does not end within its slice
 * goes on in binary_search/6, by then with compiled patterns; a split is first a search for all
 * matches and then made from its end.
 */
import { release } from '../alloc';
import { alignedBinary, binaryData, byteSize, isAlignedBinary, subBinary } from '../binary';
import { badarg, outOfMemory, trapTo } from '../errors';
import { am_ac, am_bm, am_global, am_nomatch, am_scope, am_trim, am_trim_all } from '../gen/atoms';
import { BIF_vbeamBinaryParts, BIF_vbeamBinarySearch } from '../gen/bifs';
import { hAlloc } from '../heap';
import {
  SEARCH_FOUND,
  SEARCH_MORE,
  areMany,
  compilePatterns,
  patternsBad,
  patternsOf,
  searchAt,
  searchLength,
  searchPatterns,
} from '../patterns';
import { setX } from '../registers';
import { resourceTerm } from '../resource';
import { budget, chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isBinary,
  isList,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { listsReverse2 } from './lists';

/** Bytes searched for one reduction. */
const BYTES_PER_REDUCTION: i32 = 12;

/** What is done with matches, in the `mode` argument of the continuations. */
const MODE_FIRST: u32 = 0;
const MODE_ALL: u32 = 1;
const MODE_SPLIT: u32 = 2;
const MODE_MASK: u32 = 3;
const MODE_GLOBAL: u32 = 4;
const MODE_TRIM: u32 = 8;
const MODE_TRIM_ALL: u32 = 16;

function pair(first: u64, second: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, first, 8);
  store<u64>(at, second, 16);
  return boxedOf(at);
}
function isPair(t: u64): bool {
  return isTuple(t) && tupleArity(t) == 2;
}

// ---- patterns

/** The tag depends on the number of patterns, as in OTP. */
function tagOf(patterns: usize): u64 {
  return areMany(patterns) ? am_ac : am_bm;
}
/** {bm, Reference} or {ac, Reference}. */
function patternTerm(patterns: usize): u64 {
  const reference = resourceTerm(patterns);
  return pair(tagOf(patterns), reference);
}
function compiledOf(t: u64): usize {
  if (!isPair(t)) return 0;
  const patterns = patternsOf(tupleElement(t, 2));
  return patterns && tupleElement(t, 1) == tagOf(patterns) ? patterns : 0;
}
function patternFailure(): u64 {
  return patternsBad ? badarg() : outOfMemory();
}

// bif: binary:compile_pattern/1
export function binaryCompilePattern1(pattern: u64): u64 {
  const patterns = compilePatterns(pattern);
  if (!patterns) return patternFailure();
  return patternTerm(patterns);
}

// ---- options

let scopeFrom: u32 = 0;
let scopeTo: u32 = 0;
let optionFlags: u32 = 0;

/** Set the scope to the part {Start, Length} of `size` bytes; the length may be negative. */
function takeScope(t: u64, size: u32): bool {
  if (!isPair(t)) return false;
  const start = tupleElement(t, 1);
  const length = tupleElement(t, 2);
  if (!isSmall(start) || !isSmall(length)) return false;
  let from = smallValue(start);
  let to = from + smallValue(length);
  if (from > to) {
    const swapped = from;
    from = to;
    to = swapped;
  }
  if (from < 0 || to > (size as i64)) return false;
  scopeFrom = from as u32;
  scopeTo = to as u32;
  return true;
}
/**
 * Read the options of match and matches, or of split; false when one is unknown or does not fit.
 */
function takeOptions(options: u64, size: u32, split: bool): bool {
  scopeFrom = 0;
  scopeTo = size;
  optionFlags = 0;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) {
    const option = head(rest);
    if (isPair(option) && tupleElement(option, 1) == am_scope) {
      if (!takeScope(tupleElement(option, 2), size)) return false;
    } else if (split && option == am_global) optionFlags |= MODE_GLOBAL;
    else if (split && option == am_trim) optionFlags |= MODE_TRIM;
    else if (split && option == am_trim_all) optionFlags |= MODE_TRIM_ALL;
    else return false;
  }
  // The tail of an improper list is ignored, as in OTP; other terms are no list at all.
  return rest == NIL || isList(options);
}

// ---- searching

function start(subject: u64, pattern: u64, options: u64, mode: u32): u64 {
  if (!isBinary(subject)) return badarg();
  if (!takeOptions(options, byteSize(subject), mode == MODE_SPLIT)) return badarg();
  // In an empty binary nothing can be found; OTP does not even look at the pattern then.
  if (!byteSize(subject)) return finish(subject, NIL, mode | optionFlags);
  let patterns = compiledOf(pattern);
  const fresh = !patterns;
  if (fresh) {
    patterns = compilePatterns(pattern);
    if (!patterns) return patternFailure();
  }
  const aligned = alignedBinary(subject);
  let result: u64 = NONE;
  let kept = false;
  if (aligned != NONE) {
    result = search(aligned, patterns, scopeFrom, scopeTo, NIL, mode | optionFlags);
    if (searchGoesOn) {
      const reference = fresh ? resourceTerm(patterns) : tupleElement(pattern, 2);
      result = goOn(aligned, reference, mode | optionFlags);
      kept = true;
    }
  }
  if (fresh && !kept) release(patterns);
  return result;
}

/**
 * The search did not end: it goes on from `nextFrom` to `nextTo`, with `nextMatches` found so far.
 */
let searchGoesOn: bool = false;
let nextFrom: u32 = 0;
let nextTo: u32 = 0;
let nextMatches: u64 = NIL;

function goOn(subject: u64, reference: u64, mode: u32): u64 {
  setX(0, subject);
  setX(1, reference);
  setX(2, smallOf(nextFrom as i64));
  setX(3, smallOf(nextTo as i64));
  setX(4, nextMatches);
  setX(5, smallOf(mode as i64));
  return trapTo(BIF_vbeamBinarySearch, 6);
}

/** One slice of a search. `matches` are those found before, the last first. */
function search(subject: u64, patterns: usize, from: u32, to: u32, matches: u64, mode: u32): u64 {
  const data = binaryData(subject);
  const action = mode & MODE_MASK;
  const single = action == MODE_FIRST || (action == MODE_SPLIT && !(mode & MODE_GLOBAL));
  let left = budget() * BYTES_PER_REDUCTION;
  let at = from;
  let list = matches;
  searchGoesOn = false;
  while (true) {
    const outcome = searchPatterns(patterns, data, at, to, max(left, 1) as u32);
    const reached = outcome == SEARCH_FOUND ? searchAt + searchLength : outcome ? searchAt : to;
    // A match costs as much as some bytes, so that many short ones end the slice, too.
    const work = ((reached - at) as i32) + BYTES_PER_REDUCTION;
    chargeReductions(work / BYTES_PER_REDUCTION);
    left -= work;
    at = reached;
    if (outcome == SEARCH_FOUND) {
      const match = pair(smallOf(searchAt as i64), smallOf(searchLength as i64));
      if (action == MODE_FIRST) return match;
      list = makeCons(hAlloc(2), match, list);
      if (single) break;
    } else if (outcome != SEARCH_MORE) break;
    if (left <= 0) {
      searchGoesOn = true;
      nextFrom = at;
      nextTo = to;
      nextMatches = list;
      return NONE;
    }
  }
  return finish(subject, list, mode);
}
/** The result when there are no more matches than those in `matches`, the last first. */
function finish(subject: u64, matches: u64, mode: u32): u64 {
  const action = mode & MODE_MASK;
  if (action == MODE_FIRST) return am_nomatch;
  if (action == MODE_ALL) return listsReverse2(matches, NIL);
  const size = smallOf(byteSize(subject) as i64);
  return vbeamBinaryParts(subject, matches, size, NIL, smallOf(mode as i64));
}

// bif: vbeam_internal:binary_search/6
export function vbeamBinarySearch(
  subject: u64,
  reference: u64,
  from: u64,
  to: u64,
  matches: u64,
  mode: u64,
): u64 {
  const patterns = patternsOf(reference);
  if (!patterns || !isAlignedBinary(subject) || !isSmall(from) || !isSmall(to) || !isSmall(mode))
    return badarg();
  const last = smallValue(to) as u64;
  const first = smallValue(from) as u64;
  if (first > last || last > (byteSize(subject) as u64)) return badarg();
  const how = smallValue(mode) as u32;
  const result = search(subject, patterns, first as u32, last as u32, matches, how);
  return searchGoesOn ? goOn(subject, reference, how) : result;
}

// bif: binary:match/2
export function binaryMatch2(subject: u64, pattern: u64): u64 {
  return start(subject, pattern, NIL, MODE_FIRST);
}

// bif: binary:match/3
export function binaryMatch3(subject: u64, pattern: u64, options: u64): u64 {
  return start(subject, pattern, options, MODE_FIRST);
}

// bif: binary:matches/2
export function binaryMatches2(subject: u64, pattern: u64): u64 {
  return start(subject, pattern, NIL, MODE_ALL);
}

// bif: binary:matches/3
export function binaryMatches3(subject: u64, pattern: u64, options: u64): u64 {
  return start(subject, pattern, options, MODE_ALL);
}

// bif: binary:split/2
export function binarySplit2(subject: u64, pattern: u64): u64 {
  return start(subject, pattern, NIL, MODE_SPLIT);
}

// bif: binary:split/3
export function binarySplit3(subject: u64, pattern: u64, options: u64): u64 {
  return start(subject, pattern, options, MODE_SPLIT);
}

// ---- the parts between matches

/** `parts` with the part from `from` to `to` in front, unless it is empty and to be trimmed. */
function withPart(subject: u64, from: u32, to: u32, parts: u64, mode: u32): u64 {
  if (from == to && (mode & MODE_TRIM_ALL || (mode & MODE_TRIM && parts == NIL))) return parts;
  const part = subBinary(subject, (from as u64) << 3, ((to - from) as u64) << 3);
  return makeCons(hAlloc(2), part, parts);
}
/** Position (0) or length (1) of a match, at most `limit`; -1 for other terms. */
function matchNumber(t: u64, index: u32, limit: i64): i64 {
  if (!isPair(t)) return -1;
  const number = tupleElement(t, index + 1);
  return isSmall(number) && smallValue(number) <= limit ? smallValue(number) : -1;
}

/** Parts that are made before others run, for one reduction each. */
// bif: vbeam_internal:binary_parts/5
export function vbeamBinaryParts(subject: u64, matches: u64, end: u64, parts: u64, mode: u64): u64 {
  if (!isAlignedBinary(subject) || !isSmall(end) || !isSmall(mode)) return badarg();
  const how = smallValue(mode) as u32;
  let to = smallValue(end);
  if (to < 0 || to > (byteSize(subject) as i64)) return badarg();
  let made = parts;
  let rest = matches;
  const limit = budget();
  let count: i32 = 0;
  for (; isList(rest) && count < limit; count++) {
    const position = matchNumber(head(rest), 0, to);
    const length = matchNumber(head(rest), 1, to - position);
    if (position < 0 || length < 0) return badarg();
    made = withPart(subject, (position + length) as u32, to as u32, made, how);
    to = position;
    rest = tail(rest);
  }
  chargeReductions(count);
  if (!isList(rest)) return withPart(subject, 0, to as u32, made, how);
  setX(0, subject);
  setX(1, rest);
  setX(2, smallOf(to));
  setX(3, made);
  setX(4, mode);
  return trapTo(BIF_vbeamBinaryParts, 5);
}

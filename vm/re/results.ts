/** What re:compile and re:run return, built on the heap of the running process. */
import { binaryOf, byteSize, subBinary } from '../binary';
import { byteListOf } from '../char_list';
import { outOfMemory } from '../errors';
import { am_error, am_match, am_nomatch } from '../gen/atoms';
import { ERROR_TEXTS } from '../gen/regex_tables';
import { hAlloc } from '../heap';
import { chargeReductions } from '../state';
import { NIL, NONE, SUB_TUPLE, boxedOf, headerOf, isBinary, makeCons, smallOf } from '../term';
import * as C from './captures';
import * as S from './match_state';

const BYTES_PER_REDUCTION_BITS: i32 = 7;

export function pairOf(first: u64, second: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, first, 8);
  store<u64>(at, second, 16);
  return boxedOf(at);
}
/** {"text of the error", place}; NONE without memory. */
export function errorOf(number: u32, place: u32): u64 {
  let at = ERROR_TEXTS;
  while (load<u8>(at) && (load<u8>(at) as u32) != number) {
    while (load<u8>(at)) at++;
    at++;
  }
  let length: u32 = 0;
  while (load<u8>(at + 1 + length)) length++;
  return pairOf(byteListOf(at + 1, length), smallOf(place as i64));
}

/** Number of groups up to the last one that is set, the whole match included. */
function groupsSet(captures: u32): u32 {
  let last = captures;
  while (last && S.captureStart(last) == S.UNSET) last--;
  return last + 1;
}

/** The value for the bytes from `start` to `end` (addresses). */
function valueOf(type: u32, subject: u64, start: u32, end: u32): u64 {
  const bytes = end > start ? end - start : 0;
  // With \K in an assertion a match may begin behind its end.
  if (type == C.RETURN_INDEX)
    return pairOf(
      smallOf((start - (S.subject as u32)) as i64),
      smallOf((end as i64) - (start as i64)),
    );
  chargeReductions((bytes >> BYTES_PER_REDUCTION_BITS) as i32);
  if (type == C.RETURN_LIST) return byteListOf(start, bytes);
  const isWhole = isBinary(subject) && byteSize(subject) == S.subjectEnd - S.subject;
  if (!isWhole) return binaryOf(start, bytes);
  const from = ((start - (S.subject as u32)) as u64) << 3;
  return subBinary(subject, from, (bytes as u64) << 3);
}
/** The value for a group that is not set. */
function unsetOf(type: u32): u64 {
  if (type == C.RETURN_INDEX) return pairOf(smallOf(-1), smallOf(0));
  return type == C.RETURN_LIST ? NIL : binaryOf(0, 0);
}
function groupValue(type: u32, subject: u64, group: u32, groups: u32): u64 {
  if (group >= groups || S.captureStart(group) == S.UNSET) return unsetOf(type);
  return valueOf(type, subject, S.captureStart(group), S.captureEnd(group));
}

/** Index of the last word of the values of one entry that begins at `index`. */
function entryEnd(spec: usize, index: u32): u32 {
  const value = C.specValue(spec, index);
  return value < -1 ? index + (-value as u32) : index;
}
/** The group that an entry stands for: of several with one name the first that is set. */
function entryGroup(spec: usize, index: u32): i32 {
  const value = C.specValue(spec, index);
  if (value >= -1) return value;
  const end = entryEnd(spec, index);
  for (let i = index + 1; i <= end; i++) {
    const group = C.specValue(spec, i);
    if (S.captureStart(group as u32) != S.UNSET) return group;
  }
  return value;
}

/** {match, Values}, or match; NONE without memory. */
export function matchOf(spec: usize, subject: u64, captures: u32): u64 {
  const type = spec ? C.specType(spec) : C.RETURN_INDEX;
  if (type == C.RETURN_NOTHING) return am_match;
  S.setCapture(0, S.keep as u32, S.sp as u32);
  const groups = groupsSet(captures);
  const count = spec ? C.specCount(spec) : C.ALL;
  const last = hAlloc(2);
  let cell = last;
  let filled = false;
  const end: u32 = count > 0 ? (count as u32) : groups;
  for (let i: u32 = count == C.ALL_BUT_FIRST ? 1 : 0; i < end; i++) {
    let group = i as i32;
    if (count > 0) {
      group = entryGroup(spec, i);
      i = entryEnd(spec, i);
    }
    const value = group < 0 ? unsetOf(type) : groupValue(type, subject, group as u32, groups);
    if (value == NONE) return finished(last, filled, cell, NONE);
    if (filled) {
      const fresh = hAlloc(2);
      store<u64>(cell, (fresh as u64) | 1, 8);
      cell = fresh;
    }
    store<u64>(cell, value);
    store<u64>(cell, NIL, 8);
    filled = true;
  }
  return finished(last, filled, cell, am_match);
}
/** The list that begins in the cell `first` is complete; an unused cell is filled, too. */
function finished(first: usize, filled: bool, cell: usize, tag: u64): u64 {
  if (!filled) {
    store<u64>(cell, NIL);
    store<u64>(cell, NIL, 8);
  }
  if (tag == NONE) return outOfMemory();
  return pairOf(tag, filled ? makeCons(first, load<u64>(first), load<u64>(first, 8)) : NIL);
}
export function limitOf(name: u64, reports: bool): u64 {
  return reports ? pairOf(am_error, name) : am_nomatch;
}

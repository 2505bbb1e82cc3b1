/**
 * What re:run is to return: the values of option capture as a list of group numbers.
 *
 * spec: +------+-------+------+-----------+   u32 words; a value below -1 says how many groups of
 *       | type | count | room | value ... |   the same name follow, of which the first one set counts
 *       +------+-------+------+-----------+
 */
import { allocate, reallocate, release } from '../alloc';
import { atomLength, atomText } from '../atoms';
import {
  am_all,
  am_all_but_first,
  am_all_names,
  am_binary,
  am_first,
  am_index,
  am_list,
  am_none,
} from '../gen/atoms';
import { iolistBytes, iolistCopy } from '../iolist';
import { NIL, head, isAtom, isBitstring, isList, isSmall, smallValue, tail } from '../term';
import { compareNames } from './names';
import { DUPNAMES } from './pattern';
import * as O from './program';

export const RETURN_INDEX: u32 = 0;
export const RETURN_LIST: u32 = 1;
export const RETURN_BINARY: u32 = 2;
export const RETURN_NOTHING: u32 = 3;

/** Values of `count` that stand for all groups. */
export const ALL: i32 = 0;
export const ALL_BUT_FIRST: i32 = -1;
/** There is no group of this name. */
const NO_GROUP: i32 = -1;

const TYPE: u32 = 0;
const COUNT: u32 = 4;
const ROOM: u32 = 8;
const VALUES: u32 = 12;
const NAME_BYTES_MAX: i64 = 1024;

export function specType(spec: usize): u32 {
  return load<u32>(spec, TYPE);
}
export function specCount(spec: usize): i32 {
  return load<i32>(spec, COUNT);
}
export function specValue(spec: usize, index: u32): i32 {
  return load<i32>(spec + (index << 2), VALUES);
}

let spec: usize = 0;
/** Memory was exhausted; else a spec that cannot be made is wrong. */
export let specExhausted: bool = false;

function append(value: i32): bool {
  const count = load<u32>(spec, COUNT);
  if (count == load<u32>(spec, ROOM)) {
    const fresh = reallocate(spec, VALUES + (count << 3));
    if (!fresh) {
      specExhausted = true;
      return false;
    }
    spec = fresh;
    store<u32>(spec, count << 1, ROOM);
  }
  store<i32>(spec + (count << 2), value, VALUES);
  store<u32>(spec, count + 1, COUNT);
  return true;
}

/** The spec for these values, to be released by the caller; 0 when they are wrong. */
export function makeSpec(values: u64, type: u64, program: usize): usize {
  specExhausted = false;
  spec = allocate(VALUES + 8 * 4);
  if (!spec) {
    specExhausted = true;
    return 0;
  }
  store<u32>(spec, 0, COUNT);
  store<u32>(spec, 8, ROOM);
  let kind: u32 = RETURN_INDEX;
  let isGood = true;
  if (type == am_list) kind = RETURN_LIST;
  else if (type == am_binary) kind = RETURN_BINARY;
  else isGood = type == am_index;
  store<u32>(spec, kind, TYPE);
  if (isGood && addValues(values, program)) return spec;
  release(spec);
  return 0;
}
function addValues(values: u64, program: usize): bool {
  if (values == am_all) return true;
  if (values == am_none || values == NIL) store<u32>(spec, RETURN_NOTHING, TYPE);
  else if (values == am_all_but_first) store<i32>(spec, ALL_BUT_FIRST, COUNT);
  else if (values == am_first) return append(0);
  else if (values == am_all_names) return addAllNames(program);
  else return addList(values, program);
  return true;
}
function nameEntry(program: usize, index: u32): usize {
  return program + load<u32>(program, O.P_NAMES) + index * O.NAME_ENTRY_BYTES;
}
function addAllNames(program: usize): bool {
  const count = load<u32>(program, O.P_NAME_COUNT);
  if (!count) store<u32>(spec, RETURN_NOTHING, TYPE);
  const duplicates = hasDuplicates(program);
  for (let i: u32 = 0; i < count; i++) {
    const entry = nameEntry(program, i);
    if (!duplicates) {
      if (!append(load<u32>(entry, O.NAME_NUMBER) as i32)) return false;
    } else if (!i || order(nameEntry(program, i - 1), entry)) {
      const bytes = load<u32>(entry, O.NAME_LENGTH);
      if (!addName(program, entry + O.NAME_TEXT, bytes)) return false;
    }
  }
  return true;
}
function order(one: usize, other: usize): i32 {
  return compareNames(
    one + O.NAME_TEXT,
    load<u32>(one, O.NAME_LENGTH),
    other + O.NAME_TEXT,
    load<u32>(other, O.NAME_LENGTH),
  );
}
function hasDuplicates(program: usize): bool {
  return (load<u32>(program, O.P_OPTIONS) & DUPNAMES) != 0;
}
/** All groups of a name with option dupnames, else the one that a binary search comes upon. */
function addName(program: usize, name: usize, bytes: u32): bool {
  const count = load<u32>(program, O.P_NAME_COUNT);
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = nameEntry(program, middle);
    const difference = compareNames(
      name,
      bytes,
      entry + O.NAME_TEXT,
      load<u32>(entry, O.NAME_LENGTH),
    );
    if (!difference) return addFound(program, middle);
    if (difference > 0) low = middle + 1;
    else high = middle;
  }
  return append(NO_GROUP);
}
function addFound(program: usize, index: u32): bool {
  const found = nameEntry(program, index);
  if (!hasDuplicates(program)) return append(load<u32>(found, O.NAME_NUMBER) as i32);
  let first = index;
  let last = index;
  while (first && !order(nameEntry(program, first - 1), found)) first--;
  const count = load<u32>(program, O.P_NAME_COUNT);
  while (last + 1 < count && !order(nameEntry(program, last + 1), found)) last++;
  if (first != last && !append(-((last - first + 1) as i32))) return false;
  for (let i = first; i <= last; i++) {
    if (!append(load<u32>(nameEntry(program, i), O.NAME_NUMBER) as i32)) return false;
  }
  return true;
}
function addList(values: u64, program: usize): bool {
  let rest = values;
  for (; isList(rest); rest = tail(rest)) {
    const value = head(rest);
    if (isSmall(value)) {
      if (smallValue(value) < 0 || smallValue(value) > 0x7fff_ffff) return false;
      if (!append(smallValue(value) as i32)) return false;
    } else if (isAtom(value)) {
      if (!addName(program, atomText(value), atomLength(value))) return false;
    } else if (!addText(value, program)) return false;
  }
  return rest == NIL;
}
/** A name as a string or binary. */
function addText(value: u64, program: usize): bool {
  if (!isList(value) && !isBitstring(value)) return false;
  const bytes = iolistBytes(value);
  if (bytes < 0) return false;
  if (bytes > NAME_BYTES_MAX) return append(NO_GROUP);
  const text = allocate((bytes as u32) + 1);
  if (!text) {
    specExhausted = true;
    return false;
  }
  iolistCopy(value, text);
  const isAdded = addName(program, text, lengthOf(text, bytes as u32));
  release(text);
  return isAdded;
}
/** Up to the first 0. */
function lengthOf(text: usize, bytes: u32): u32 {
  for (let i: u32 = 0; i < bytes; i++) if (!load<u8>(text + i)) return i;
  return bytes;
}

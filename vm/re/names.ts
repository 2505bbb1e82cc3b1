/**
 * Names of groups: where they stand in the pattern, and the number of the group. A name may stand
 * for several groups (option dupnames), and a group may be named twice in branches of (?|.
 */
import { allocate, reallocate } from '../alloc';
import { DUPNAMES, byteAt, captures, failHere, noteExhausted, options, text } from './pattern';

const PLACE: u32 = 0;
const BYTES: u32 = 4;
const NUMBER: u32 = 8;
const ENTRY_BYTES: u32 = 12;
export const NAME_BYTES_MAX: u32 = 32;
const NAMES_MAX: u32 = 10000;

let entries: usize = 0;
let room: u32 = 0;
export let nameCount: u32 = 0;

export function startNames(): void {
  nameCount = 0;
}
export function namePlace(index: u32): u32 {
  return load<u32>(entries + index * ENTRY_BYTES, PLACE);
}
export function nameBytes(index: u32): u32 {
  return load<u32>(entries + index * ENTRY_BYTES, BYTES);
}
export function nameNumber(index: u32): u32 {
  return load<u32>(entries + index * ENTRY_BYTES, NUMBER);
}

/** Order of the names at `left` and `right` of so many bytes, as strcmp has it. */
export function compareNames(left: usize, bytes: u32, right: usize, otherBytes: u32): i32 {
  const common = min(bytes, otherBytes);
  for (let i: u32 = 0; i < common; i++) {
    const difference = (load<u8>(left + i) as i32) - (load<u8>(right + i) as i32);
    if (difference) return difference;
  }
  return (bytes as i32) - (otherBytes as i32);
}
/** Index of the first entry from `from` on with the name at `place`; nameCount if there is none. */
export function findName(from: u32, place: u32, bytes: u32): u32 {
  for (let i = from; i < nameCount; i++) {
    if (!compareNames(text + place, bytes, text + namePlace(i), nameBytes(i))) return i;
  }
  return nameCount;
}

function insert(index: u32, place: u32, bytes: u32, number: u32): void {
  if (nameCount == room) {
    const wanted = room ? room << 1 : 16;
    const fresh = entries
      ? reallocate(entries, wanted * ENTRY_BYTES)
      : allocate(wanted * ENTRY_BYTES);
    if (!fresh) {
      noteExhausted();
      return;
    }
    entries = fresh;
    room = wanted;
  }
  const to = entries + index * ENTRY_BYTES;
  memory.copy(to + ENTRY_BYTES, to, (nameCount - index) * ENTRY_BYTES);
  store<u32>(to, place, PLACE);
  store<u32>(to, bytes, BYTES);
  store<u32>(to, number, NUMBER);
  nameCount++;
}

/** The group about to be opened has the name at `place`; false after an error. */
export function addName(place: u32, bytes: u32): bool {
  const number = captures + 1;
  let index = nameCount;
  for (let i: u32 = 0; i < nameCount; i++) {
    const order = compareNames(text + place, bytes, text + namePlace(i), nameBytes(i));
    if (!order) {
      if (nameNumber(i) == number) return true;
      if (!(options & DUPNAMES)) return failHere(43);
    } else if (nameNumber(i) == number) return failHere(65);
    if (order < 0 && index == nameCount) index = i;
  }
  if (nameCount == NAMES_MAX) return failHere(49);
  insert(index, place, bytes, number);
  return true;
}

/** Whether the bytes at `place` are exactly `wanted`. */
export function isText(place: u32, bytes: u32, wanted: usize, wantedBytes: u32): bool {
  if (bytes != wantedBytes) return false;
  for (let i: u32 = 0; i < bytes; i++) {
    if (byteAt(place + i) != (load<u8>(wanted + i) as u32)) return false;
  }
  return true;
}

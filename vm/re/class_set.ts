/**
 * Character classes. While a class is read its items are collected here; `writeClass` then makes
 * the record that the matcher looks into:
 *
 * +-------+-------+-------------------+--------------------+
 * | flags | items | 256 bits, 8 words | {type, a, b} items |   u32 words
 * +-------+-------+-------------------+--------------------+
 *
 * The bits are final for characters below 256; for others the items are asked one after the other.
 */
import { allocate, reallocate } from '../alloc';
import {
  LATIN_POSIX_SPACE,
  caseSetOf,
  latinClasses,
  latinOtherCase,
  otherCaseOf,
} from './characters';
import { hasProperty, hasType } from './properties';

const CLASS_NEGATED: u32 = 1;
const CLASS_CASELESS: u32 = 2;
const CLASS_UTF: u32 = 4;
/** Every character above 255 belongs to some item. */
const CLASS_ALL_ABOVE: u32 = 8;

const CLASS_BITS: u32 = 8;
const CLASS_ITEMS: u32 = 40;
const ITEM_BYTES: u32 = 12;

/** Characters a to b, and in caseless classes their other cases. */
export const ITEM_RANGE: u32 = 0;
/** Property of kind a and value b; the next type means characters without it. */
export const ITEM_PROPERTY: u32 = 1;
export const ITEM_NO_PROPERTY: u32 = 2;
/** \h, \v: type a (properties.ts); the next type means characters not of it. */
export const ITEM_TYPE: u32 = 3;
export const ITEM_NO_TYPE: u32 = 4;

/** Bits of Latin-1 that items without properties have set. */
const base: usize = memory.data(32, 8);
let items: usize = 0;
let room: u32 = 0;
export let itemCount: u32 = 0;
let allAbove: bool = false;

export function startClass(): void {
  memory.fill(base, 0, 32);
  itemCount = 0;
  allAbove = false;
}
/** Add an item; false when memory is exhausted. */
export function addItem(type: u32, a: u32, b: u32): bool {
  if (itemCount == room) {
    const wanted = room ? room << 1 : 64;
    const fresh = items ? reallocate(items, wanted * ITEM_BYTES) : allocate(wanted * ITEM_BYTES);
    if (!fresh) return false;
    items = fresh;
    room = wanted;
  }
  const at = items + itemCount * ITEM_BYTES;
  store<u32>(at, type);
  store<u32>(at, a, 4);
  store<u32>(at, b, 8);
  itemCount++;
  return true;
}
/** Add the characters of Latin-1 that have one of the bits `set` and none of `without`. */
export function addLatin(set: u32, without: u32, negated: bool): void {
  for (let c: u32 = 0; c < 256; c++) {
    const bits = latinClasses(c);
    const has = (bits & set) != 0 && !(bits & without);
    if (has != negated) setBit(base, c);
  }
  if (negated) allAbove = true;
}
/** Add [:blank:]: spaces that are not vertical ones of ASCII. */
export function addBlanks(negated: bool): void {
  for (let c: u32 = 0; c < 256; c++) {
    const has = (latinClasses(c) & LATIN_POSIX_SPACE) != 0 && (c < 10 || c > 13);
    if (has != negated) setBit(base, c);
  }
  if (negated) allAbove = true;
}
/** Add bytes `first` to `last`, whatever the mode. */
export function addBytes(first: u32, last: u32, negated: bool): void {
  for (let c: u32 = 0; c < 256; c++) {
    if ((c >= first && c <= last) != negated) setBit(base, c);
  }
  if (negated) allAbove = true;
}
function setBit(bits: usize, c: u32): void {
  store<u8>(bits + (c >> 3), load<u8>(bits + (c >> 3)) | ((1 as u8) << ((c & 7) as u8)));
}

function rangeHas(item: usize, c: u32): bool {
  return c >= load<u32>(item, 4) && c <= load<u32>(item, 8);
}
function rangeHasCase(item: usize, c: u32, utf: bool): bool {
  if (!utf) return rangeHas(item, latinOtherCase(c));
  const set = caseSetOf(c);
  if (!set) return rangeHas(item, otherCaseOf(c));
  for (let i: u32 = 0; i < 16; i += 4) {
    const other = load<u32>(set + i);
    if (other && rangeHas(item, other)) return true;
  }
  return false;
}
function itemHas(item: usize, flags: u32, c: u32): bool {
  const type = load<u32>(item);
  if (type == ITEM_RANGE) {
    if (rangeHas(item, c)) return true;
    return (flags & CLASS_CASELESS) != 0 && rangeHasCase(item, c, (flags & CLASS_UTF) != 0);
  }
  if (type >= ITEM_TYPE) return hasType(load<u32>(item, 4), c) == (type == ITEM_TYPE);
  return hasProperty(load<u32>(item, 4), load<u32>(item, 8), c) == (type == ITEM_PROPERTY);
}
function itemsHave(from: usize, count: u32, flags: u32, c: u32): bool {
  const end = from + count * ITEM_BYTES;
  for (let item = from; item < end; item += ITEM_BYTES) {
    if (itemHas(item, flags, c)) return true;
  }
  return false;
}

/** Words of the record of the class that has been collected. */
export function classWords(): u32 {
  return (CLASS_ITEMS >> 2) + itemCount * 3;
}
export function writeClass(to: usize, negated: bool, caseless: bool, utf: bool): void {
  let flags = negated ? CLASS_NEGATED : 0;
  if (caseless) flags |= CLASS_CASELESS;
  if (utf) flags |= CLASS_UTF;
  if (allAbove) flags |= CLASS_ALL_ABOVE;
  store<u32>(to, flags);
  store<u32>(to, itemCount, 4);
  memory.copy(to + CLASS_ITEMS, items, itemCount * ITEM_BYTES);
  memory.copy(to + CLASS_BITS, base, 32);
  for (let c: u32 = 0; c < 256; c++) {
    if (itemsHave(items, itemCount, flags, c)) setBit(to + CLASS_BITS, c);
  }
  if (!negated) return;
  for (let i: u32 = 0; i < 32; i += 8)
    store<u64>(to + i, ~load<u64>(to + i, CLASS_BITS), CLASS_BITS);
}

/** Whether the class whose record is at `at` has a character. */
export function classHas(at: usize, c: u32): bool {
  if (c < 256) return ((load<u8>(at + CLASS_BITS + (c >> 3)) >> ((c & 7) as u8)) & 1) != 0;
  const flags = load<u32>(at);
  const has =
    (flags & CLASS_ALL_ABOVE) != 0 || itemsHave(at + CLASS_ITEMS, load<u32>(at, 4), flags, c);
  return has != ((flags & CLASS_NEGATED) != 0);
}

/**
 * Second pass over an external term: builds it in an area whose size the first pass (etf_size.ts)
 * has computed. Nothing is checked here that the first pass has checked, and there is no stack: a
 * word that still has to be filled says where the next such word is,
 *
 *   +---+------+----------------+-------------------+
 *   |   | wide | words after it | next when they    |   wide (bit 60): the words of the run are the
 *   |   |      | in the run(28) | are filled (32)   |   heads of list cells, 16 bytes apart, else 8
 *   +---+------+----------------+-------------------+
 *
 * so that a tuple or list of any size is begun in constant time, and the pass can stop anywhere.
 *
 * Maps need their keys first, so they are finished afterwards in reverse order of appearance, inner
 * ones before outer ones. Until then a flat map's key tuple has the link to the previous map where
 * its header will be, and a large map is only a record, as many words as etf_size counts for a map:
 *
 *   +-----------------------+--------------+-----+-----+-----+-------+-----
 *   | previous map, pairs   | its own slot | NIL | NIL | key | value | ...
 *   +-----------------------+--------------+-----+-----+-----+-------+-----
 */
import { release } from './alloc';
import { AREA_BINARIES, allocateFor } from './memory_areas';
import { atomFromUtf8 } from './atoms';
import { exportEntry } from './code';
import { compareKeys } from './compare';
import * as T from './etf_tags';
import { funEntryFor } from './fun_entries';
import { am_nonode_at_nohost } from './gen/atoms';
import { beginBuild, buildFailed, sortRecords, sortedCount, stepsUnused } from './hamt_build';
import { mapOfSorted } from './maps';
import { MAGIC_WORDS, shownResource, writeMagicReference } from './shown_resources';
import * as K from './term';

const root: usize = memory.data(8, 8);

let cursor: usize = 0;
let heap: usize = 0;
/** K.LITERAL_BIT when the area is a literal area. */
let bits: u64 = 0;
/** First word still to be filled, 0 = none. */
let open: usize = 0;
/** Last map seen: address | 1 when it is a large one. */
let lastMap: usize = 0;
let failed: bool = false;
/** Head of the list of off-heap objects made, and their bytes. */
let offHeap: usize = 0;
export let builtOffHeapBytes: u32 = 0;

/** After buildTerm: first word of the area that was not needed. */
export function builtEnd(): usize {
  return heap;
}
export function builtOffHeap(): usize {
  return offHeap;
}
export function builtCursor(): usize {
  return cursor;
}

function takeByte(): u32 {
  return load<u8>(cursor++);
}
function takeU16(): u32 {
  const word = bswap<u16>(load<u16>(cursor));
  cursor += 2;
  return word;
}
function takeU32(): u32 {
  const word = bswap<u32>(load<u32>(cursor));
  cursor += 4;
  return word;
}

function atomOrFail(atom: u64): u64 {
  if (atom == K.NONE) {
    failed = true;
    return K.NIL;
  }
  return atom;
}
function takeAtom(tag: u32): u64 {
  const long = tag == T.ATOM_EXT || tag == T.ATOM_UTF8_EXT;
  const length = long ? takeU16() : takeByte();
  const text = cursor;
  cursor += length;
  if (tag == T.ATOM_EXT || tag == T.SMALL_ATOM_EXT) return atomOrFail(T.latin1Atom(text, length));
  return atomOrFail(atomFromUtf8(text, length));
}

const WIDE: u64 = 1 << 60;

/** Let the `count` words from `first` on be filled next, in this order; `wide`: heads of cells. */
function openRun(first: usize, count: u32, wide: u64): void {
  if (!count) return;
  store<u64>(first, (((count - 1) as u64) << 32) | open | wide);
  open = first;
}
/** Take the word to be filled next; the one after it in its run, if any, is then the next. */
function takeSlot(): usize {
  const slot = open;
  const word = load<u64>(slot);
  const left = (word >> 32) as u32 & 0x0fff_ffff;
  open = word as u32;
  if (!left) return slot;
  open = slot + (word & WIDE ? 16 : 8);
  store<u64>(open, word - (1 << 32));
  // The cell's tail is the next cell; that of the last cell is a word to be filled itself.
  if (word & WIDE) store<u64>(slot, K.listOf(open) | bits, 8);
  return slot;
}

function take(words: u32): usize {
  const address = heap;
  heap += words << 3;
  return address;
}
function boxed(address: usize): u64 {
  return K.boxedOf(address) | bits;
}

function buildTuple(arity: u32): u64 {
  const address = take(arity + 1);
  store<u64>(address, K.headerOf(K.SUB_TUPLE, arity));
  openRun(address + 8, arity, 0);
  return boxed(address);
}

/**
 * A list of `count` elements whose tail is a term of its own; with no element the slot becomes that
 * tail.
 */
function buildList(slot: usize, count: u32): void {
  if (!count) {
    store<u64>(slot, open as u64);
    open = slot;
    return;
  }
  const address = take(2 * count);
  const last = address + ((count - 1) << 4);
  store<u64>(last, open as u64, 8);
  open = last + 8;
  openRun(address, count, WIDE);
  store<u64>(slot, K.listOf(address) | bits);
}

function buildString(): u64 {
  const count = takeU16();
  if (!count) return K.NIL;
  const address = take(2 * count);
  for (let i: u32 = 0; i < count; i++) {
    const cell = address + (i << 4);
    const rest = i + 1 == count ? K.NIL : K.listOf(cell + 16) | bits;
    K.makeCons(cell, K.smallOf(load<u8>(cursor + i)), rest);
  }
  cursor += count;
  return K.listOf(address) | bits;
}

function buildBinary(bytes: u32): u64 {
  const from = cursor;
  cursor += bytes;
  if (bytes <= T.HEAP_BINARY_BYTES_MAX) {
    const words = (bytes + 7) >> 3;
    const address = take(words + 2);
    store<u64>(address, K.headerOf(K.SUB_HEAP_BINARY, words + 1));
    store<u64>(address, bytes, 8);
    if (words) store<u64>(address + 8 + (words << 3), 0);
    memory.copy(address + 16, from, bytes);
    return boxed(address);
  }
  // Object layout: references, capacity, used, flags, data (vm/binary.ts).
  const object = allocateFor(AREA_BINARIES, bytes + 16);
  if (!object) {
    failed = true;
    return K.NIL;
  }
  store<u32>(object, 1);
  store<u32>(object, bytes, 4);
  store<u32>(object, bytes, 8);
  store<u32>(object, 0, 12);
  memory.copy(object + 16, from, bytes);
  const address = take(T.REFC_BINARY_WORDS);
  store<u64>(address, K.headerOf(K.SUB_REFC_BINARY, 5));
  store<u64>(address, bytes, 8);
  store<u64>(address, offHeap as u64, 16);
  store<u64>(address, object as u64, 24);
  store<u64>(address, (object + 16) as u64, 32);
  store<u64>(address, 0, 40);
  offHeap = address;
  builtOffHeapBytes += bytes;
  return boxed(address);
}

function buildBitBinary(): u64 {
  const bytes = takeU32();
  const lastBits = takeByte();
  if (lastBits == 8 || !bytes) return buildBinary(bytes);
  const whole = buildBinary(bytes);
  const address = take(T.SUB_BINARY_WORDS);
  store<u64>(address, K.headerOf(K.SUB_SUB_BINARY, 4));
  store<u64>(address, bytes - 1, 8);
  store<u64>(address, 0, 16);
  store<u64>(address, lastBits, 24);
  store<u64>(address, whole, 32);
  return boxed(address);
}

/** Little-endian magnitude of `bytes` bytes. */
function buildBig(bytes: u32): u64 {
  const negative = takeByte() != 0;
  const from = cursor;
  cursor += bytes;
  return integerOfBytes(from, bytes, negative);
}
function integerOfBytes(from: usize, bytes: u32, negative: bool): u64 {
  let length = bytes;
  while (length && !load<u8>(from + length - 1)) length--;
  if (length <= 8) {
    let digit: u64 = 0;
    for (let i = length; i > 0; i--) digit = (digit << 8) | load<u8>(from + i - 1);
    if (digit <= (K.SMALL_MAX as u64))
      return K.smallOf(negative ? -(digit as i64) : (digit as i64));
    if (negative && digit == (1 as u64) << 59) return K.smallOf(K.SMALL_MIN);
  }
  const words = (length + 7) >> 3;
  const address = take(words + 1);
  store<u64>(address, K.headerOf(negative ? K.SUB_NEG_BIG : K.SUB_POS_BIG, words));
  store<u64>(address + (words << 3), 0);
  memory.copy(address + 8, from, length);
  return boxed(address);
}

function buildFloat(value: f64): u64 {
  const address = take(2);
  store<u64>(address, K.headerOf(K.SUB_FLOAT, 1));
  store<f64>(address, value, 8);
  return boxed(address);
}

function buildMap(slot: usize): u64 {
  const pairs = takeU32();
  const address = take(2 * pairs + 4);
  if (pairs > T.MAP_FLAT_MAX) {
    store<u64>(address, ((pairs as u64) << 32) | lastMap);
    store<u64>(address, slot as u64, 8);
    store<u64>(address, K.NIL, 16);
    store<u64>(address, K.NIL, 24);
    lastMap = address | 1;
    openRun(address + 32, 2 * pairs, 0);
    return K.NIL;
  }
  const keys = address + ((3 + pairs) << 3);
  store<u64>(address, K.headerOf(K.SUB_MAP, 2 + pairs));
  store<u64>(address, K.smallOf(pairs), 8);
  store<u64>(address, boxed(keys), 16);
  store<u64>(keys, ((pairs as u64) << 32) | lastMap);
  lastMap = keys;
  for (let i = pairs; i > 0; i--) {
    const value = address + 16 + (i << 3);
    store<u64>(value, open as u64);
    store<u64>(keys + (i << 3), value as u64);
    open = keys + (i << 3);
  }
  return boxed(address);
}

/** Of this node: the same name with another creation is a former life of the node. */
function isHere(node: u64, creation: u32): bool {
  return node == am_nonode_at_nohost && creation == 0;
}
function buildPid(tag: u32): u64 {
  const node = takeAtom(takeByte());
  const number = takeU32();
  const serial = takeU32();
  const creation = tag == T.PID_EXT ? takeByte() : takeU32();
  if (isHere(node, creation)) return K.pidOf(number | (serial << K.PID_LOW_BITS));
  return external(K.SUB_EXTERNAL_PID, node, ((serial as u64) << 32) | number, creation);
}
/** A pid that takes no room: init stands for those of other nodes. */
function skipPid(tag: u32): u64 {
  const node = takeAtom(takeByte());
  const number = takeU32();
  const serial = takeU32();
  const creation = tag == T.PID_EXT ? takeByte() : takeU32();
  return K.pidOf(isHere(node, creation) ? number | (serial << K.PID_LOW_BITS) : 0);
}
function buildPort(tag: u32): u64 {
  const node = takeAtom(takeByte());
  let number: u64 = takeU32();
  if (tag == T.V4_PORT_EXT) number = (number << 32) | takeU32();
  const creation = tag == T.PORT_EXT ? takeByte() : takeU32();
  if (isHere(node, creation)) return K.portOf(number as u32);
  return external(K.SUB_EXTERNAL_PORT, node, number, creation);
}
function external(subtag: u32, node: u64, number: u64, creation: u32): u64 {
  const address = take(4);
  store<u64>(address, K.headerOf(subtag, 3));
  store<u64>(address, node, 8);
  const high = (number >> K.EXTERNAL_LOW_BITS) << 32;
  store<u64>(address, K.smallOf((number & K.EXTERNAL_LOW_MAX) as i64), 16);
  store<u64>(address, K.smallOf((high | creation) as i64), 24);
  return boxed(address);
}

/** As a reference with two words and more was counted, there is room. */
function buildMagicReference(resource: usize): u64 {
  const address = take(MAGIC_WORDS);
  writeMagicReference(address, resource, offHeap);
  offHeap = address;
  return boxed(address);
}
function buildReference(tag: u32): u64 {
  const count: u32 = tag == T.REFERENCE_EXT ? 1 : takeU16();
  const node = takeAtom(takeByte());
  const creation =
    tag == T.NEWER_REFERENCE_EXT ? takeU32() : tag == T.NEW_REFERENCE_EXT ? takeByte() : 0;
  const old = tag == T.REFERENCE_EXT;
  if (isHere(node, old ? (load<u8>(cursor, 4) as u32) : creation) && count <= 3) {
    let low: u64 = takeU32();
    if (count > 1) low |= (takeU32() as u64) << 32;
    const high: u64 = count > 2 ? takeU32() : 0;
    if (old) cursor++;
    const resource = count > 1 && !high && !bits ? shownResource(low) : 0;
    if (resource) return buildMagicReference(resource);
    const address = take(3);
    store<u64>(address, K.headerOf(K.SUB_REF, 2));
    store<u64>(address, high, 8);
    store<u64>(address, low, 16);
    return boxed(address);
  }
  const address = take(3 + count);
  store<u64>(address, K.headerOf(K.SUB_EXTERNAL_REF, 2 + count));
  store<u64>(address, node, 8);
  for (let i: u32 = 0; i < count; i++)
    store<u64>(address + 24 + (i << 3), K.smallOf(takeU32() as i64));
  store<u64>(address, K.smallOf(old ? takeByte() : creation), 16);
  return boxed(address);
}

function takeSmallInteger(): i32 {
  const number = T.smallIntegerAt(cursor);
  cursor += load<u8>(cursor) == T.SMALL_INTEGER_EXT ? 2 : 5;
  return number;
}
function buildFun(): u64 {
  const start = cursor;
  const arity = load<u8>(start, 4) as u32;
  const md5 = start + 5;
  const index = bswap<u32>(load<u32>(start, 21));
  const free = bswap<u32>(load<u32>(start, 25));
  cursor = start + 29;
  const module = takeAtom(takeByte());
  takeSmallInteger();
  const uniq = takeSmallInteger();
  const maker = skipPid(takeByte());
  const entry: usize = failed ? 0 : funEntryFor(module, index, uniq as u32, md5, arity, free);
  if (!entry) failed = true;
  const address = take(3 + free);
  store<u64>(address, K.headerOf(K.SUB_FUN, 2 + free));
  store<u64>(address, entry as u64, 8);
  store<u64>(address, K.funMaker(arity, maker), 16);
  openRun(address + 24, free, 0);
  return boxed(address);
}
function buildExport(): u64 {
  const module = takeAtom(takeByte());
  const name = takeAtom(takeByte());
  cursor++;
  const arity = takeByte();
  const entry: usize = failed ? 0 : exportEntry(module, name, arity);
  if (!entry) failed = true;
  const address = take(2);
  store<u64>(address, K.headerOf(K.SUB_EXPORT, 1));
  store<u64>(address, entry as u64, 8);
  return boxed(address);
}

/** The term with this tag; composite ones open the words that are still to be filled. */
function buildOne(tag: u32, slot: usize): u64 {
  switch (tag) {
    case T.SMALL_INTEGER_EXT:
      return K.smallOf(takeByte());
    case T.INTEGER_EXT:
      return K.smallOf(takeU32() as i32 as i64);
    case T.SMALL_BIG_EXT:
      return buildBig(takeByte());
    case T.LARGE_BIG_EXT:
      return buildBig(takeU32());
    case T.NIL_EXT:
      return K.NIL;
    case T.SMALL_TUPLE_EXT:
      return buildTuple(takeByte());
    case T.LARGE_TUPLE_EXT:
      return buildTuple(takeU32());
    case T.STRING_EXT:
      return buildString();
    case T.BINARY_EXT:
      return buildBinary(takeU32());
    case T.BIT_BINARY_EXT:
      return buildBitBinary();
    case T.MAP_EXT:
      return buildMap(slot);
    case T.NEW_FLOAT_EXT:
      cursor += 8;
      return buildFloat(reinterpret<f64>(bswap<u64>(load<u64>(cursor - 8))));
    case T.FLOAT_EXT:
      T.parseOldFloat(cursor);
      cursor += 31;
      return buildFloat(T.oldFloat);
    case T.PID_EXT:
    case T.NEW_PID_EXT:
      return buildPid(tag);
    case T.PORT_EXT:
    case T.NEW_PORT_EXT:
    case T.V4_PORT_EXT:
      return buildPort(tag);
    case T.REFERENCE_EXT:
    case T.NEW_REFERENCE_EXT:
    case T.NEWER_REFERENCE_EXT:
      return buildReference(tag);
    case T.NEW_FUN_EXT:
      return buildFun();
    case T.EXPORT_EXT:
      return buildExport();
    default:
      return takeAtom(tag);
  }
}

/**
 * Sort the keys of a flat map, values with them; false when two are equal. Keys mostly come sorted.
 */
function finishFlatMap(keys: usize, pairs: u32): bool {
  store<u64>(keys, K.headerOf(K.SUB_TUPLE, pairs));
  const values = keys - (pairs << 3) - 8;
  for (let i: u32 = 2; i <= pairs; i++) {
    const key = load<u64>(keys + (i << 3));
    const value = load<u64>(values + (i << 3));
    let j = i - 1;
    while (j) {
      const order = compareKeys(load<u64>(keys + (j << 3)), key);
      if (!order) return false;
      if (order < 0) break;
      store<u64>(keys + (j << 3), load<u64>(keys + (j << 3)), 8);
      store<u64>(values + (j << 3), load<u64>(values + (j << 3)), 8);
      j--;
    }
    store<u64>(keys + (j << 3), key, 8);
    store<u64>(values + (j << 3), value, 8);
  }
  return true;
}

/** The build of the large map under way (hamt_build.ts), or 0. */
let mapBuild: usize = 0;
export function dropMapBuild(): void {
  release(mapBuild);
  mapBuild = 0;
}
/**
 * Finish the map seen last, in up to `steps` steps; false when it has a key twice or memory ran
 * out. Then, or when it is complete, `lastMap` is another.
 */
function finishMap(steps: u32): bool {
  const address = lastMap & ~1;
  const large = (lastMap & 1) != 0;
  const pairs = load<u32>(address, 4);
  if (large) return finishLargeMap(address, pairs, steps);
  lastMap = load<u32>(address);
  return finishFlatMap(address, pairs);
}
function finishLargeMap(address: usize, pairs: u32, steps: u32): bool {
  if (!mapBuild) mapBuild = beginBuild(address + 32, pairs);
  if (!mapBuild) return false;
  if (!sortRecords(mapBuild, steps)) return true;
  if (sortedCount(mapBuild) != pairs) return false;
  const map = mapOfSorted(mapBuild, stepsUnused());
  if (map == K.NONE) return !buildFailed;
  const slot = load<u32>(address, 8) as usize;
  lastMap = load<u32>(address);
  // What is left of the record must be terms.
  store<u64>(address, K.NIL);
  store<u64>(address, K.NIL, 8);
  store<u64>(slot, map);
  dropMapBuild();
  return true;
}

// ---- the walk, in slices

export const BUILD_MORE: u32 = 0;
export const BUILD_DONE: u32 = 1;
export const BUILD_FAILED: u32 = 2;

/**
 * Begin to build the term that the first pass has checked at `from`, in the area at `area`.
 * Pointers get `pointerBits` (0 or K.LITERAL_BIT); large maps are made on the running process's
 * heap. Off-heap binaries made are linked from `builtOffHeap()`, starting with `offHeapList` at the
 * end. The term is then in the word at `rootSlot`.
 */
export function beginTerm(
  from: usize,
  area: usize,
  pointerBits: u64,
  offHeapList: usize,
  rootSlot: usize,
): void {
  cursor = from;
  heap = area;
  bits = pointerBits;
  open = rootSlot;
  lastMap = 0;
  mapBuild = 0;
  failed = false;
  offHeap = offHeapList;
  builtOffHeapBytes = 0;
  store<u64>(rootSlot, 0);
}

/**
 * Build until done, or until about `steps` terms were built. BUILD_FAILED when a map has a key
 * twice, or atoms or memory ran out; what has been built is then no term.
 */
export function continueBuild(steps: u32): u32 {
  let left = steps;
  while (open) {
    if (!left) return BUILD_MORE;
    left--;
    const slot = takeSlot();
    const tag = takeByte();
    if (tag == T.LIST_EXT) buildList(slot, takeU32());
    else store<u64>(slot, buildOne(tag, slot));
  }
  if (failed) return BUILD_FAILED;
  while (lastMap) {
    if (!left) return BUILD_MORE;
    // A flat map is finished whatever it takes, of a large one what may be done.
    const small = (lastMap & 1) == 0;
    const work = small ? load<u32>(lastMap, 4) : left;
    if (!finishMap(left)) return BUILD_FAILED;
    left -= small || mapBuild ? min(work, left) : left - stepsUnused();
  }
  return BUILD_DONE;
}

/** Build at once: the term, or NONE. */
export function buildTerm(from: usize, area: usize, pointerBits: u64, offHeapList: usize): u64 {
  beginTerm(from, area, pointerBits, offHeapList, root);
  let state = BUILD_MORE;
  while (state == BUILD_MORE) state = continueBuild(0xffff_ffff);
  dropMapBuild();
  return state == BUILD_DONE ? load<u64>(root) : K.NONE;
}

/** Bytes that saveBuild writes. */
export const BUILD_STATE_BYTES: u32 = 40;
/** Keep the state of a build that is not finished; the cursor relative to `source`. */
export function saveBuild(to: usize, source: usize): void {
  store<u32>(to, (cursor - source) as u32);
  store<u32>(to, heap as u32, 4);
  store<u64>(to, bits, 8);
  store<u32>(to, open as u32, 16);
  store<u32>(to, lastMap as u32, 20);
  store<u32>(to, failed ? 1 : 0, 24);
  store<u32>(to, offHeap as u32, 28);
  store<u32>(to, builtOffHeapBytes, 32);
  store<u32>(to, mapBuild as u32, 36);
}
export function restoreBuild(from: usize, source: usize): void {
  cursor = source + load<u32>(from);
  heap = load<u32>(from, 4);
  bits = load<u64>(from, 8);
  open = load<u32>(from, 16);
  lastMap = load<u32>(from, 20);
  failed = load<u32>(from, 24) != 0;
  offHeap = load<u32>(from, 28);
  builtOffHeapBytes = load<u32>(from, 32);
  mapBuild = load<u32>(from, 36);
}

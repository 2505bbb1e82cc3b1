/**
 * Terms to the external term format (https://www.erlang.org/doc/apps/erts/erl_ext_dist), byte for
 * byte as OTP 25 writes them; only the pairs of maps of more than 32 keys come in an order of their
 * own. Iterative: the work stack holds {term, kind | index << 3, extra} for every container that is
 * begun, so its depth is that of the term, or when it was left in between, less.
 */
import { atomCharacters, atomLength, atomText } from './atoms';
import { binaryData, bitOffset, bitSize } from './binary';
import {
  E_ARITY,
  E_FUNCTION,
  E_MODULE,
  FUN_ARITY,
  FUN_FREE,
  FUN_INDEX,
  FUN_MD5,
  FUN_MODULE,
  FUN_UNIQ,
} from './code';
import { compareKeys, referenceWord } from './compare';
import * as B from './etf_buffer';
import { writeFloatScientific } from './float_text';
import * as T from './etf_tags';
import { am_nonode_at_nohost } from './gen/atoms';
import { firstChild } from './hamt';
import { nextPair, pairKey, pairValue, positionAfter, seekPairs } from './map_iterator';
import { isFlatMap, mapSize } from './maps';
import { hAlloc, memoryExhausted } from './heap';
import { showReference } from './shown_resources';
import * as K from './term';
import { cut, mark, pop, push, wordAt } from './work_stack';

const FRAME_TERM: u64 = 0;
/** The rest of a list: `index` elements came before it, their number belongs at offset `extra`. */
const FRAME_LIST: u64 = 1;
/** Elements of a tuple or free variables of a fun from a word index on. */
const FRAME_ELEMENTS: u64 = 2;
/** Pairs of a flat map from a position on. */
const FRAME_MAP: u64 = 3;
/** The size field of a fun, which is known at its end: `index` is its offset. */
const FRAME_FUN_END: u64 = 4;
/**
 * Children of a node of a hash map from a word index down to the first one: OTP writes its large
 * maps in this order.
 */
const FRAME_NODE: u64 = 6;
/**
 * The rest of a list that is written as a string so far: `index` bytes from offset `extra` on. The
 * frame below is that of the list, for when it turns out to be none.
 */
const FRAME_STRING: u64 = 7;

const iterator: usize = memory.data(24 + 17 * 16, 8);

/** Atoms as UTF-8 even when Latin-1 would do (minor version 2). */
let utf8Atoms: bool = false;
/** Floats as text (minor version 0). */
let textFloats: bool = false;
let deterministic: bool = false;
let failed: bool = false;

// ---- atoms

/** Bytes of the atom in Latin-1, or -1 when it has a character above 255. */
function latin1Length(atom: u64): i32 {
  const text = atomText(atom);
  const length = atomLength(atom);
  for (let i: u32 = 0; i < length; i++) if (load<u8>(text + i) > 0xc3) return -1;
  return atomCharacters(atom) as i32;
}
function putAtom(atom: u64): void {
  const latin1 = utf8Atoms ? -1 : latin1Length(atom);
  const text = atomText(atom);
  const length = atomLength(atom);
  if (latin1 < 0) {
    if (length < 256) {
      B.put1(T.SMALL_ATOM_UTF8_EXT);
      B.put1(length);
    } else {
      B.put1(T.ATOM_UTF8_EXT);
      B.put2(length);
    }
    B.putBytes(text, length);
    return;
  }
  B.put1(T.ATOM_EXT);
  B.put2(latin1);
  if ((latin1 as u32) == length) {
    B.putBytes(text, length);
    return;
  }
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(text + i) as u32;
    if (byte < 0x80) B.put1(byte);
    else {
      i++;
      B.put1((byte << 6) | (load<u8>(text + i) & 0x3f));
    }
  }
}

// ---- numbers

function putSmall(term: u64): void {
  const value = K.smallValue(term);
  if (value >= 0 && value < 256) {
    B.put1(T.SMALL_INTEGER_EXT);
    B.put1(value as u32);
  } else if (value == (value as i32 as i64)) {
    B.put1(T.INTEGER_EXT);
    B.put4(value as u32);
  } else {
    const magnitude: u64 = value < 0 ? 0 - (value as u64) : (value as u64);
    store<u64>(iterator, magnitude);
    putMagnitude(iterator, 1, value < 0);
  }
}
/** Little-endian digits of 64 bits at `digits`. */
function putMagnitude(digits: usize, words: u32, negative: bool): void {
  const bytes = (words << 3) - ((clz<u64>(load<u64>(digits + (words << 3) - 8)) as u32) >> 3);
  if (bytes < 256) {
    B.put1(T.SMALL_BIG_EXT);
    B.put1(bytes);
  } else {
    B.put1(T.LARGE_BIG_EXT);
    B.put4(bytes);
  }
  B.put1(negative ? 1 : 0);
  B.putBytes(digits, bytes);
}

function putFloat(term: u64): void {
  if (textFloats) {
    B.put1(T.FLOAT_EXT);
    memory.fill(iterator, 0, 31);
    writeFloatScientific(K.floatValue(term), 20, iterator);
    B.putBytes(iterator, 31);
    return;
  }
  B.put1(T.NEW_FLOAT_EXT);
  B.put8(reinterpret<u64>(K.floatValue(term)));
}

// ---- lists

/** Bytes of a string that are written as one step, and the most that one can have. */
const STRING_AT_ONCE: u32 = 32;
const STRING_MAX: u64 = 0xffff;

/** The list begins with bytes, so many at most that it is to be known now. */
function beginsAsString(list: u64): bool {
  let rest = list;
  for (let i: u32 = 0; i < STRING_AT_ONCE && K.isList(rest); i++) {
    const element = K.head(rest);
    if (!K.isSmall(element) || element >= 256 << 4) return false;
    rest = K.tail(rest);
  }
  return K.isList(rest) || rest == K.NIL;
}
/** A proper list of bytes, of at most STRING_MAX, is a string. */
function putList(list: u64): void {
  const start = B.written;
  frame(list, FRAME_LIST, 0, start + 1);
  if (beginsAsString(list)) {
    B.put1(T.STRING_EXT);
    B.put2(0);
    stepString(list, 0, start);
  } else beginList();
}
function beginList(): void {
  B.put1(T.LIST_EXT);
  B.put4(0);
}
/** The next bytes of a string, of which `length` have been written. */
function stepString(list: u64, length: u64, start: u64): void {
  let rest = list;
  let count = length;
  const end = count + (STRING_AT_ONCE as u64);
  while (K.isList(rest) && count < end) {
    const element = K.head(rest);
    if (!K.isSmall(element) || element >= 256 << 4) break;
    B.put1((element >> 4) as u32);
    rest = K.tail(rest);
    count++;
  }
  if (count == end && count <= STRING_MAX && rest != K.NIL) {
    frame(rest, FRAME_STRING, count, start);
    return;
  }
  if (rest == K.NIL && count <= STRING_MAX) {
    B.patch2(start + 1, count as u32);
    // The list is done.
    cut(mark() - FRAME_BYTES);
    return;
  }
  B.cutAt(start);
  beginList();
}

// ---- containers

/** Bytes of a frame on the work stack. */
const FRAME_BYTES: u32 = 24;
function frame(term: u64, kind: u64, index: u64, extra: u64): void {
  const depth = mark();
  if (push(term) && push(kind | (index << 3)) && push(extra)) return;
  cut(depth);
  failed = true;
}

function putTuple(tuple: u64): void {
  const arity = K.tupleArity(tuple);
  if (arity < 256) {
    B.put1(T.SMALL_TUPLE_EXT);
    B.put1(arity);
  } else {
    B.put1(T.LARGE_TUPLE_EXT);
    B.put4(arity);
  }
  frame(tuple, FRAME_ELEMENTS, 1, 0);
}

function putMap(map: u64): void {
  B.put1(T.MAP_EXT);
  B.put4(mapSize(map));
  if (isFlatMap(map)) frame(map, FRAME_MAP, 0, 0);
  else if (deterministic) sortedFrame(map);
  else nodeFrame(map);
}
function nodeFrame(node: u64): void {
  frame(node, FRAME_NODE, K.headerWords(K.boxedHeader(node)), 0);
}
function stepNode(node: u64, index: u32): void {
  if (index < firstChild(K.boxedHeader(node))) return;
  frame(node, FRAME_NODE, index - 1, 0);
  const child = K.boxedWord(node, index);
  if (K.isList(child)) {
    frame(K.tail(child), FRAME_TERM, 0, 0);
    putTerm(K.head(child));
  } else nodeFrame(child);
}

/** The pairs of a large map in term order of the keys, as the elements of a tuple. */
function sortedFrame(map: u64): void {
  const count = mapSize(map);
  const at = count <= SORTED_MAX ? hAlloc(1 + (count << 1)) : 0;
  if (!at) {
    failed = true;
    return;
  }
  store<u64>(at, K.headerOf(K.SUB_TUPLE, count << 1));
  const pairs = at + 8;
  seekPairs(iterator, map, 0);
  for (let i: u32 = 0; i < count && nextPair(iterator); i++) {
    store<u64>(pairs + (i << 4), pairKey(iterator));
    store<u64>(pairs + (i << 4), pairValue(iterator), 8);
  }
  sortByKey(pairs, count);
  failed = failed || memoryExhausted;
  frame(K.boxedOf(at), FRAME_ELEMENTS, 1, 0);
}
/** Most pairs of such a map. */
const SORTED_MAX: u32 = 0x0400_0000;
/** Heapsort of {key, value} pairs by key. */
function sortByKey(pairs: usize, count: u32): void {
  for (let i = count >> 1; i > 0; i--) sink(pairs, i - 1, count);
  for (let left = count; left > 1; left--) {
    const last = pairs + ((left - 1) << 4);
    const key = load<u64>(pairs);
    const value = load<u64>(pairs, 8);
    store<u64>(pairs, load<u64>(last));
    store<u64>(pairs, load<u64>(last, 8), 8);
    store<u64>(last, key);
    store<u64>(last, value, 8);
    sink(pairs, 0, left - 1);
  }
}
function sink(pairs: usize, from: u32, count: u32): void {
  const key = load<u64>(pairs + (from << 4));
  const value = load<u64>(pairs + (from << 4), 8);
  let hole = from;
  while (hole * 2 + 1 < count) {
    let child = hole * 2 + 1;
    const at = pairs + (child << 4);
    if (child + 1 < count && compareKeys(load<u64>(at), load<u64>(at, 16)) < 0) child++;
    if (compareKeys(load<u64>(pairs + (child << 4)), key) <= 0) break;
    store<u64>(pairs + (hole << 4), load<u64>(pairs + (child << 4)));
    store<u64>(pairs + (hole << 4), load<u64>(pairs + (child << 4), 8), 8);
    hole = child;
  }
  store<u64>(pairs + (hole << 4), key);
  store<u64>(pairs + (hole << 4), value, 8);
}

// ---- bitstrings, names of processes, funs

function putBitstring(term: u64): void {
  const bits = bitSize(term);
  const bytes = ((bits + 7) >> 3) as u32;
  const last = (bits & 7) as u32;
  B.put1(last ? T.BIT_BINARY_EXT : T.BINARY_EXT);
  B.put4(bytes);
  if (last) B.put1(last);
  B.putBits(binaryData(term), bitOffset(term), bits);
}

function putPid(term: u64): void {
  const local = K.isLocalPid(term);
  const number = local ? (K.pidNumber(term) as u64) : K.externalNumber(term);
  B.put1(T.NEW_PID_EXT);
  putAtom(local ? am_nonode_at_nohost : K.boxedWord(term, 1));
  B.put4(local ? K.pidLow(number as u32) : (number as u32));
  B.put4(local ? K.pidSerial(number as u32) : ((number >> 32) as u32));
  B.put4(local ? 0 : K.externalCreation(term));
}
function putPort(term: u64): void {
  const local = K.isLocalPort(term);
  const number: u64 = local ? term >> 4 : K.externalNumber(term);
  // Ports that other nodes have known for long keep their old form.
  const long = number > 0x0fff_ffff;
  B.put1(long ? T.V4_PORT_EXT : T.NEW_PORT_EXT);
  putAtom(local ? am_nonode_at_nohost : K.boxedWord(term, 1));
  if (long) B.put8(number);
  else B.put4(number as u32);
  B.put4(local ? 0 : K.externalCreation(term));
}
function putReference(term: u64): void {
  const local = K.isKind(term, K.SUB_REF);
  if (local) showReference(term);
  const count: u32 = local ? 3 : K.headerWords(K.boxedHeader(term)) - 2;
  B.put1(T.NEWER_REFERENCE_EXT);
  B.put2(count);
  putAtom(local ? am_nonode_at_nohost : K.boxedWord(term, 1));
  B.put4(local ? 0 : ((K.boxedWord(term, 2) >> 4) as u32));
  for (let i: u32 = 0; i < count; i++) B.put4(referenceWord(term, i));
}

function putInteger(value: u32): void {
  putSmall(K.smallOf(value as i32 as i64));
}
function putFun(term: u64): void {
  const entry = K.boxedWord(term, 1) as u32 as usize;
  B.put1(T.NEW_FUN_EXT);
  frame(K.NIL, FRAME_FUN_END, B.written, 0);
  B.put4(0);
  B.put1(load<u32>(entry, FUN_ARITY));
  B.putBytes(entry + FUN_MD5, 16);
  B.put4(load<u32>(entry, FUN_INDEX));
  B.put4(load<u32>(entry, FUN_FREE));
  putAtom(load<u64>(entry, FUN_MODULE));
  putInteger(load<u32>(entry, FUN_INDEX));
  putInteger(load<u32>(entry, FUN_UNIQ));
  // The creator of the fun is not remembered: the first process stands for it.
  putPid(K.makerOf(term));
  frame(term, FRAME_ELEMENTS, 3, 0);
}
function putExport(term: u64): void {
  const entry = K.boxedWord(term, 1) as u32 as usize;
  B.put1(T.EXPORT_EXT);
  putAtom(load<u64>(entry, E_MODULE));
  putAtom(load<u64>(entry, E_FUNCTION));
  B.put1(T.SMALL_INTEGER_EXT);
  B.put1(load<u32>(entry, E_ARITY));
}

function putBoxed(term: u64): void {
  const header = K.boxedHeader(term);
  switch (K.headerSubtag(header)) {
    case K.SUB_TUPLE:
      putTuple(term);
      break;
    case K.SUB_MAP:
      putMap(term);
      break;
    case K.SUB_FLOAT:
      putFloat(term);
      break;
    case K.SUB_POS_BIG:
    case K.SUB_NEG_BIG:
      putMagnitude(
        K.boxedAddress(term) + 8,
        K.headerWords(header),
        K.headerSubtag(header) == K.SUB_NEG_BIG,
      );
      break;
    case K.SUB_REF:
    case K.SUB_EXTERNAL_REF:
      putReference(term);
      break;
    case K.SUB_FUN:
      putFun(term);
      break;
    case K.SUB_EXPORT:
      putExport(term);
      break;
    case K.SUB_EXTERNAL_PID:
      putPid(term);
      break;
    case K.SUB_EXTERNAL_PORT:
      putPort(term);
      break;
    case K.SUB_MATCH_STATE:
      frame(K.boxedWord(term, 4), FRAME_TERM, 0, 0);
      break;
    default:
      putBitstring(term);
  }
}

function putTerm(term: u64): void {
  if (K.isSmall(term)) putSmall(term);
  else if (K.isAtom(term)) putAtom(term);
  else if (term == K.NIL) B.put1(T.NIL_EXT);
  else if (K.isList(term)) putList(term);
  else if (K.isBoxed(term)) putBoxed(term);
  else if (K.isLocalPid(term)) putPid(term);
  else if (K.isLocalPort(term)) putPort(term);
  else failed = true;
}

// ---- the walk

/**
 * Take the next part of the container on top of the stack, write it, and push what is left of the
 * container.
 */
function step(): void {
  const extra = pop();
  const word = pop();
  const term = pop();
  const index = word >> 3;
  switch ((word & 7) as u32) {
    case FRAME_TERM as u32:
      putTerm(term);
      break;
    case FRAME_LIST as u32:
      if (K.isList(term)) {
        frame(K.tail(term), FRAME_LIST, index + 1, extra);
        putTerm(K.head(term));
      } else {
        B.patch4(extra, index as u32);
        putTerm(term);
      }
      break;
    case FRAME_ELEMENTS as u32:
      if (index > (K.headerWords(K.boxedHeader(term)) as u64)) break;
      frame(term, FRAME_ELEMENTS, index + 1, 0);
      putTerm(K.boxedWord(term, index as u32));
      break;
    case FRAME_MAP as u32:
      seekPairs(iterator, term, index as i64);
      if (!nextPair(iterator)) break;
      frame(term, FRAME_MAP, positionAfter(iterator) as u64, 0);
      frame(pairValue(iterator), FRAME_TERM, 0, 0);
      putTerm(pairKey(iterator));
      break;
    case FRAME_NODE as u32:
      stepNode(term, index as u32);
      break;
    case FRAME_FUN_END as u32:
      B.patch4(index, (B.written - index) as u32);
      break;
    case FRAME_STRING as u32:
      stepString(term, index, extra);
      break;
  }
}
/** After continueEncode: steps that were not needed. */
export let stepsLeft: u32 = 0;

export const ENCODE_MORE: u32 = 0;
export const ENCODE_DONE: u32 = 1;
/** Memory ran out. */
export const ENCODE_FAILED: u32 = 2;

/**
 * Begin to write `term`, without version byte, to the buffer (etf_buffer.ts). Frames are pushed
 * above the mark that the caller has taken.
 */
export function beginEncode(term: u64, options: u32): void {
  setOptions(options);
  lower = K.NIL;
  frame(term, FRAME_TERM, 0, 0);
}
/** Options: the minor version, and whether keys of maps are sorted. */
export const ENCODE_VERSION_MASK: u32 = 3;
export const ENCODE_SORTED: u32 = 4;
function setOptions(options: u32): void {
  const minorVersion = options & ENCODE_VERSION_MASK;
  utf8Atoms = minorVersion >= 2;
  textFloats = minorVersion == 0;
  deterministic = (options & ENCODE_SORTED) != 0;
  failed = false;
}
/** Write until done, or until about `steps` terms were written. */
export function continueEncode(base: u32, steps: u32): u32 {
  stepsLeft = steps;
  while (mark() > base || K.isList(lower)) {
    if (!stepsLeft) return ENCODE_MORE;
    if (mark() == base && !restoreChunk()) {
      cut(base);
      return ENCODE_FAILED;
    }
    stepsLeft--;
    step();
    if (!failed && !B.bufferFailed) continue;
    cut(base);
    return ENCODE_FAILED;
  }
  return ENCODE_DONE;
}

/**
 * Frames that lie further down than those on the work stack: a list of tuples that saveFrames has
 * made, so that a deep term takes no longer to leave than a flat one.
 */
let lower: u64 = K.NIL;
/** Words of a frame in such a tuple: term, kind, index, extra. */
const SAVED_WORDS: u32 = 4;
/** Frames of one tuple. */
const CHUNK_FRAMES: u32 = 32;

/** `count` frames from word `index` of the work stack on, as a tuple at `at`. */
function saveChunk(at: usize, index: u32, count: u32): u64 {
  store<u64>(at, K.headerOf(K.SUB_TUPLE, count * SAVED_WORDS));
  for (let i: u32 = 0; i < count; i++) {
    const slot = at + 8 + i * SAVED_WORDS * 8;
    const word = wordAt(index + i * 3 + 1);
    store<u64>(slot, wordAt(index + i * 3));
    store<u64>(slot, K.smallOf((word & 7) as i64), 8);
    store<u64>(slot, K.smallOf((word >> 3) as i64), 16);
    store<u64>(slot, K.smallOf(wordAt(index + i * 3 + 2) as i64), 24);
  }
  return K.boxedOf(at);
}
/** The frames above `base` as a list, taken from the stack; NONE when there is no memory. */
export function saveFrames(base: u32): u64 {
  const frames = (mark() - base) / FRAME_BYTES;
  const chunks = frames ? (max(frames, 2) - 2) / CHUNK_FRAMES + 1 : 0;
  let at = hAlloc(frames * SAVED_WORDS + chunks * 3);
  if (!at) {
    cut(base);
    return K.NONE;
  }
  let list = lower;
  let first: u32 = 0;
  while (first < frames) {
    // A string and the list below it stay together at the end.
    const rest = frames - first;
    const count = rest > CHUNK_FRAMES + 1 ? CHUNK_FRAMES : rest;
    const tuple = saveChunk(at, (base >> 3) + first * 3, count);
    at += (count * SAVED_WORDS + 1) << 3;
    list = K.makeCons(at, tuple, list);
    at += 16;
    first += count;
  }
  cut(base);
  lower = K.NIL;
  return list;
}

function isNode(term: u64): bool {
  return K.isMap(term) && !isFlatMap(term);
}
/** A frame that saveFrames could have made: any term can come back in its place. */
function isFrame(term: u64, kind: i64, index: i64, extra: i64): bool {
  if (index < 0 || extra < 0) return false;
  if (kind == (FRAME_TERM as i64)) return true;
  if (kind == (FRAME_LIST as i64)) return extra + 4 <= (B.written as i64);
  if (kind == (FRAME_MAP as i64)) return K.isMap(term) && isFlatMap(term);
  if (kind == (FRAME_NODE as i64))
    return isNode(term) && index <= (K.headerWords(K.boxedHeader(term)) as i64);
  if (kind == (FRAME_FUN_END as i64)) return index + 4 <= (B.written as i64);
  if (kind == (FRAME_STRING as i64)) return extra + 3 <= (B.written as i64);
  if (kind != (FRAME_ELEMENTS as i64) || index < 1) return false;
  return K.isTuple(term) || (K.isKind(term, K.SUB_FUN) && index >= 3);
}
/** Push the frames of the first tuple of `lower`; false when it is none, or memory ran out. */
function restoreChunk(): bool {
  const saved = K.head(lower);
  if (!K.isTuple(saved) || K.tupleArity(saved) % SAVED_WORDS) return false;
  let before: i64 = -1;
  for (let i: u32 = 1; i <= K.tupleArity(saved); i += SAVED_WORDS) {
    for (let j: u32 = 1; j < SAVED_WORDS; j++)
      if (!K.isSmall(K.tupleElement(saved, i + j))) return false;
    const kind = K.smallValue(K.tupleElement(saved, i + 1));
    const index = K.smallValue(K.tupleElement(saved, i + 2));
    const extra = K.smallValue(K.tupleElement(saved, i + 3));
    const term = K.tupleElement(saved, i);
    if (!isFrame(term, kind, index, extra)) return false;
    if (kind == (FRAME_STRING as i64) && before != (FRAME_LIST as i64)) return false;
    frame(term, kind as u64, index as u64, extra as u64);
    before = kind;
  }
  lower = K.tail(lower);
  return !failed;
}
/** Go on with what saveFrames took; false when the list is none of its, or memory ran out. */
export function restoreFrames(saved: u64, options: u32): bool {
  setOptions(options);
  lower = saved;
  return K.isList(saved) && restoreChunk();
}

/** Write `term` at once. False when memory ran out. */
export function encodeTerm(term: u64, options: u32): bool {
  const base = mark();
  beginEncode(term, options);
  if (failed) return false;
  return continueEncode(base, 0xffff_ffff) == ENCODE_DONE;
}

/**
 * Hashes of terms. `hash2` is OTP's portable hash (erlang:phash2), the same number in every node
 * and release: R. Jenkins' mix of 1996 over the term in a fixed order. `internalHash`, with the
 * same mix, is for tables inside this VM and may change.
 *
 * Both walk the term with the work stack, on which lie the terms still to be hashed, and marks:
 * words with primary tag 0.
 */
import { atomPortableHash } from './atoms';
import { binaryData, bitOffset, bitSize } from './binary';
import { readBits, readByte } from './bits';
import { E_ARITY, E_FUNCTION, E_MODULE, FUN_INDEX, FUN_MODULE, FUN_UNIQ } from './code';
import { referenceWord } from './compare';
import { bitstringOf, isBitsSubtag } from './equality';
import { exhaustMemory } from './heap';
import {
  NIL,
  SUB_EXPORT,
  SUB_EXTERNAL_PID,
  SUB_EXTERNAL_REF,
  SUB_FLOAT,
  SUB_FUN,
  SUB_MAP,
  SUB_NEG_BIG,
  SUB_POS_BIG,
  SUB_REF,
  SUB_TUPLE,
  TAG_ATOM,
  TAG_BOXED,
  TAG_LIST,
  TAG_PID,
  TAG_SMALL,
  boxedHeader,
  boxedWord,
  externalNumber,
  firstTermOf,
  floatValue,
  headerExtra,
  headerSubtag,
  headerWords,
  pidLow,
  pidNumber,
  smallValue,
} from './term';
import { cut, mark, pop, push } from './work_stack';
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
} from './walk';
import { WALK_HASH, WALK_KEY } from './walk_layout';

// ---- the mix

/** The golden ratio; its multiples tell kinds of terms apart. */
const GOLDEN: u32 = 0x9e37_79b9;
const KIND_INTEGER: u32 = GOLDEN;
const KIND_NIL: u32 = GOLDEN * 2;
const KIND_ATOM: u32 = GOLDEN * 3;
const KIND_TEXT: u32 = GOLDEN * 4;
const KIND_PID: u32 = GOLDEN * 5;
const KIND_PORT: u32 = GOLDEN * 6;
const KIND_REFERENCE: u32 = GOLDEN * 7;
const KIND_TUPLE: u32 = GOLDEN * 9;
const KIND_NEGATIVE: u32 = GOLDEN * 10;
const KIND_POSITIVE: u32 = GOLDEN * 11;
const KIND_FLOAT: u32 = GOLDEN * 12;
const KIND_BINARY: u32 = GOLDEN * 13;
const KIND_EXPORT: u32 = GOLDEN * 14;
const KIND_TAIL_BITS: u32 = GOLDEN * 15;
const KIND_MAP: u32 = GOLDEN * 16;
const KIND_PAIRS: u32 = GOLDEN * 19;
/** phash2([]) by definition. */
const HASH_NIL: u32 = 3468870702;
/** What NIL is mixed in as. */
const NIL_CODE: u32 = 2;

/**
 * Marks on the work stack: a pair of a map is complete; all pairs are, and {pairs so far, hash
 * before the map} follow.
 */
const MARK_PAIR: u64 = 4;
const MARK_MAP: u64 = 8;
/** The bytes of a large bitstring go on: {bitstring, x and y of the mix, bytes done} follow. */
const MARK_BYTES: u64 = 16;
/** Bytes mixed in as one step: whole twelves. */
const BYTES_AT_ONCE: u32 = 96;

/** The hash of what has been walked. */
let hash: u32 = 0;
/** Exclusive or of the hashes of the pairs of the innermost map. */
let pairs: u32 = 0;

/** What the mix made of its other two words. */
let mixedX: u32 = 0;
let mixedY: u32 = 0;

/** Mix `hash` with `a` and `b`. */
function mix(a: u32, b: u32): void {
  let x = a;
  let y = b;
  let z = hash;
  x = (x - y - z) ^ (z >> 13);
  y = (y - z - x) ^ (x << 8);
  z = (z - x - y) ^ (y >> 13);
  x = (x - y - z) ^ (z >> 12);
  y = (y - z - x) ^ (x << 16);
  z = (z - x - y) ^ (y >> 5);
  x = (x - y - z) ^ (z >> 3);
  y = (y - z - x) ^ (x << 10);
  z = (z - x - y) ^ (y >> 15);
  mixedX = x;
  mixedY = y;
  hash = z;
}
function mixPair(first: u32, second: u32, kind: u32): void {
  mix(kind + first, kind + second);
}
function mixWord(word: u32, kind: u32): void {
  mix(kind + word, kind);
}

// ---- numbers, atoms, binaries

function mixInteger(value: i64): void {
  if (value >= -0x0800_0000 && value < 0x0800_0000) {
    if (value < 0) mixWord(-(value as i32) as u32, KIND_INTEGER);
    mixWord(value as u32, KIND_INTEGER);
    return;
  }
  const magnitude = (value < 0 ? -value : value) as u64;
  mixPair(magnitude as u32, (magnitude >> 32) as u32, value < 0 ? KIND_NEGATIVE : KIND_POSITIVE);
}
function mixDigits(t: u64, kind: u32): void {
  const digits = headerWords(boxedHeader(t));
  for (let i: u32 = 1; i <= digits; i++) {
    const digit = boxedWord(t, i);
    mixPair(digit as u32, (digit >> 32) as u32, kind);
  }
}
/** Bytes 0 to 3 from `bit` on that exist (`count` of them), least significant first. */
function partialWord(data: usize, bit: u64, count: i32): u32 {
  let word: u32 = 0;
  for (let i: i32 = 0; i < count && i < 4; i++)
    word |= readByte(data, bit + ((i as u64) << 3)) << (i << 3);
  return word;
}
/** The four bytes from `bit` on, least significant first. */
function wordAtBit(data: usize, bit: u64): u32 {
  const at = data + ((bit >> 3) as usize);
  if (!(bit & 7)) return load<u32>(at);
  return bswap<u32>(readBits(data, bit, 32) as u32);
}
/**
 * Mix in whole twelves of bytes, up to `end`, from byte `done` on; `x` and `y` come from the mix
 * before, and are left in mixedX and mixedY.
 */
function mixTwelves(data: usize, offset: u32, done: u32, end: u32): void {
  let bit = (offset as u64) + ((done as u64) << 3);
  for (let at = done; at + 12 <= end; at += 12) {
    hash += wordAtBit(data, bit + 64);
    mix(mixedX + wordAtBit(data, bit), mixedY + wordAtBit(data, bit + 32));
    bit += 96;
  }
}
/** The bytes behind the last whole twelve of `bytes`, together with their number. */
function mixRest(data: usize, offset: u32, bytes: u32): void {
  const left = bytes % 12;
  const bit = (offset as u64) + (((bytes - left) as u64) << 3);
  hash += bytes;
  const x = mixedX + partialWord(data, bit, left as i32);
  const y = mixedY + partialWord(data, bit + 32, (left as i32) - 4);
  // The lowest byte is the length's.
  hash += partialWord(data, bit + 64, (left as i32) - 8) << 8;
  mix(x, y);
}
/** Begin with a bitstring; the rest of a large one is pushed. */
function mixBitstring(t: u64): bool {
  hash += KIND_BINARY;
  if (!bitSize(t)) return true;
  mixedX = GOLDEN;
  mixedY = GOLDEN;
  return goOnMixing(t, 0);
}
function goOnMixing(t: u64, done: u32): bool {
  const bits = bitSize(t);
  const bytes = (bits >> 3) as u32;
  const data = binaryData(t);
  const offset = bitOffset(t);
  const more = bytes - done >= BYTES_AT_ONCE + 12;
  const end = more ? done + BYTES_AT_ONCE : bytes;
  mixTwelves(data, offset, done, end);
  if (more) {
    const mixed = ((mixedY as u64) << 32) | mixedX;
    return push(t) && push(mixed) && push(end as u64) && push(MARK_BYTES);
  }
  mixRest(data, offset, bytes);
  const rest = (bits & 7) as u32;
  if (!rest) return true;
  const last = readBits(data, (offset as u64) + ((bytes as u64) << 3), rest) as u32;
  mixPair(rest, last, KIND_TAIL_BITS);
  return true;
}
/** MARK_BYTES has been popped. */
function mixMoreBytes(): bool {
  const done = pop() as u32;
  const mixed = pop();
  mixedX = mixed as u32;
  mixedY = (mixed >> 32) as u32;
  return goOnMixing(pop(), done);
}
/** The next word of a range of words has its turn (pushWords). */
function pushFirst(range: u64): bool {
  const rest = range + 8;
  if ((rest as u32) < ((rest >> 32) as u32) && !push(rest)) return false;
  return push(load<u64>(range as u32 as usize));
}
function positiveZero(value: f64): u64 {
  return value == 0 ? 0 : reinterpret<u64>(value);
}

/** Words of a text that are mixed in one step. */
const TEXT_WORDS_MAX: u32 = 16;
/** Words of an object that are pushed one by one. */
const FEW_WORDS: u32 = 8;

// ---- composite terms: mix in what is known, push the rest

/** The bytes at the beginning of a list, four at a time; the rest of the list is pushed. */
function mixList(t: u64): bool {
  let at = ((t as u32) - 1) as usize;
  let rest = t;
  let count = 0;
  let word: u32 = 0;
  let words: u32 = 0;
  while (true) {
    const element = load<u64>(at);
    if ((element & 15) != TAG_SMALL || element >> 4 > 255) break;
    word = (word << 8) + ((element >> 4) as u32);
    rest = load<u64>(at, 8);
    if (++count == 4) {
      mixWord(word, KIND_TEXT);
      count = 0;
      word = 0;
      // A long text is gone on with in another step.
      if (++words == TEXT_WORDS_MAX) return push(rest);
    }
    if ((rest & 3) != TAG_LIST) break;
    at = ((rest as u32) - 1) as usize;
  }
  if (count) mixWord(word, KIND_TEXT);
  if ((rest & 3) != TAG_LIST) return push(rest);
  return push(load<u64>(at, 8)) && push(load<u64>(at));
}
/**
 * Push the words from `first` to the last so that `first` comes next; many of them as a range: the
 * address of the first (low half) and the one behind the last.
 */
function pushWords(t: u64, first: u32): bool {
  const at = ((t as u32) & ~3) + (first << 3);
  const end = ((t as u32) & ~3) + ((headerWords(boxedHeader(t)) + 1) << 3);
  if (end > at + (FEW_WORDS << 3)) return push(((end as u64) << 32) | (at as u64));
  for (let i = headerWords(boxedHeader(t)); i >= first; i--)
    if (!push(boxedWord(t, i))) return false;
  return true;
}
function pushPairOf(key: u64, value: u64): bool {
  return push(MARK_PAIR) && push(value) && push(key);
}
/** A map: the hash of each pair on its own, so that their order does not matter. */
function mixMap(t: u64): bool {
  const kind = headerExtra(boxedHeader(t)) & 3;
  if (kind == 1) return pushChildren(t, 1);
  const size = (boxedWord(t, 1) >> 4) as u32;
  mixWord(size, KIND_MAP);
  if (!size) return true;
  if (!push(pairs as u64) || !push(hash as u64) || !push(MARK_MAP)) return false;
  hash = 0;
  pairs = 0;
  if (kind) return pushChildren(t, 2);
  for (let i: u32 = 0; i < size; i++)
    if (!pushPairOf(boxedWord(boxedWord(t, 2), i + 1), boxedWord(t, i + 3))) return false;
  return true;
}
function pushChildren(t: u64, first: u32): bool {
  const last = headerWords(boxedHeader(t));
  for (let i = first; i <= last; i++) {
    const child = boxedWord(t, i);
    if ((child & 3) != TAG_LIST) {
      if (!push(child)) return false;
    } else if (!pushPairOf(load<u64>((child as u32) - 1), load<u64>(child as u32, 7))) return false;
  }
  return true;
}
function mixFun(t: u64): bool {
  const entry = boxedWord(t, 1) as usize;
  mixPair(headerWords(boxedHeader(t)) - 2, atomPortableHash(load<u64>(entry, FUN_MODULE)), GOLDEN);
  mixPair(load<u32>(entry, FUN_INDEX), load<u32>(entry, FUN_UNIQ), GOLDEN);
  return pushWords(t, 3);
}
function mixExport(t: u64): void {
  const entry = boxedWord(t, 1) as usize;
  mixPair(load<u32>(entry, E_ARITY), atomPortableHash(load<u64>(entry, E_MODULE)), GOLDEN);
  mixWord(atomPortableHash(load<u64>(entry, E_FUNCTION)), KIND_EXPORT);
}
function mixBoxed(t: u64): bool {
  const header = boxedHeader(t);
  const subtag = headerSubtag(header);
  if (subtag == SUB_TUPLE) {
    mixWord(headerWords(header), KIND_TUPLE);
    return pushWords(t, 1);
  }
  if (isBitsSubtag(subtag)) return mixBitstring(bitstringOf(t));
  if (subtag == SUB_MAP) return mixMap(t);
  else if (subtag == SUB_FLOAT) {
    const bits = positiveZero(floatValue(t));
    mixPair((bits >> 32) as u32, bits as u32, KIND_FLOAT);
  } else if (subtag == SUB_POS_BIG) mixDigits(t, KIND_POSITIVE);
  else if (subtag == SUB_NEG_BIG) mixDigits(t, KIND_NEGATIVE);
  else if (subtag == SUB_FUN) return mixFun(t);
  else if (subtag == SUB_EXPORT) mixExport(t);
  else if (subtag == SUB_REF || subtag == SUB_EXTERNAL_REF)
    mixWord(referenceWord(t, 0), KIND_REFERENCE);
  else if (subtag == SUB_EXTERNAL_PID) mixWord(externalNumber(t) as u32, KIND_PID);
  else mixPort(externalNumber(t));
  return true;
}
function mixPort(number: u64): void {
  mixPair(number as u32, (number >> 32) as u32, KIND_PORT);
}
function mixImmediate(t: u64): void {
  if ((t & 15) == TAG_SMALL) mixInteger(smallValue(t));
  else if ((t & 63) == TAG_ATOM) {
    const value = atomPortableHash(t);
    if (hash) mixWord(value, KIND_ATOM);
    else hash = value;
  } else if (t == NIL) {
    if (hash) mixWord(NIL_CODE, KIND_NIL);
    else hash = HASH_NIL;
  } else if ((t & 15) == TAG_PID) mixWord(pidLow(pidNumber(t)), KIND_PID);
  else mixPort(t >> 4);
}
/** A word of the work stack: a term, or a mark. False when the work stack cannot grow. */
function mixOne(t: u64): bool {
  const tag = t & 3;
  if (tag == 3) mixImmediate(t);
  else if (tag == TAG_LIST) return mixList(t);
  else if (tag == TAG_BOXED) return mixBoxed(t);
  else if (t >> 32) return pushFirst(t);
  else if (t == MARK_BYTES) return mixMoreBytes();
  else if (t == MARK_PAIR) {
    pairs ^= hash;
    hash = 0;
  } else {
    hash = pop() as u32;
    mixWord(pairs, KIND_PAIRS);
    pairs = pop() as u32;
  }
  return true;
}

/** All 32 bits of OTP's portable hash: erlang:phash2(T, 1 bsl 32). */
export function hash2(t: u64): u32 {
  const base = mark();
  hash = 0;
  let term = t;
  let steps: u32 = 0;
  if (recallResult(WALK_HASH, t, 0)) return walkA as u32;
  const goesOn = takeUpPair(WALK_HASH, t, 0);
  if (goesOn) {
    term = walkA;
    hash = walkB as u32;
    pairs = walkC as u32;
  }
  while (true) {
    if (++steps == WALK_STEPS) {
      steps = 0;
      if (shouldLeave() && putPairAside(WALK_HASH, base, t, 0, term, hash as u64, pairs as u64))
        return 0;
    }
    if (!mixOne(term)) {
      cut(base);
      exhaustMemory();
      return 0;
    }
    if (mark() == base) {
      if (goesOn) keepResult(WALK_HASH, t, 0, hash);
      return hash;
    }
    term = pop();
  }
}
/** erlang:phash2/1 */
export function phash2(t: u64): u32 {
  return hash2(t) & 0x07ff_ffff;
}

// ---- the internal hash

/** Kinds that only the internal hash tells apart. */
const KIND_SMALL_REFERENCE: u32 = GOLDEN * 8;
const KIND_CELL: u32 = GOLDEN * 17;
const KIND_LAST_TAIL: u32 = GOLDEN * 18;
const KIND_FUN: u32 = GOLDEN * 20;
const KIND_FUN_ENTRY: u32 = GOLDEN * 21;
const KIND_FEW_BYTES: u32 = GOLDEN * 22;
/** The hash begins with a prime number, so that it has nothing in common with phash2. */
const INTERNAL_START: u32 = 3432918353;
/** On the work stack: the tail that follows is no list. */
const MARK_LAST_TAIL: u64 = 12;

function mixConstant(kind: u32): void {
  hash = rotl<u32>(hash ^ kind, 17);
}
function mixWhole(word: u64, kind: u32): void {
  mixPair(word as u32, (word >> 32) as u32, kind);
}
/** As mixList; cells and tails that are no lists leave their mark. */
function mixCells(t: u64): bool {
  let rest = t;
  let count: u32 = 0;
  let word: u32 = 0;
  let words: u32 = 0;
  while ((rest & 3) == TAG_LIST) {
    const element = load<u64>((rest as u32) - 1);
    if ((element & 15) != TAG_SMALL || element >> 4 > 255) break;
    word = (word << 8) + ((element >> 4) as u32);
    rest = load<u64>(rest as u32, 7);
    if (++count == 4) {
      mixWord(word, KIND_TEXT);
      count = 0;
      word = 0;
      if (++words == TEXT_WORDS_MAX) return push(rest);
    }
  }
  if (count) mixPair(word, count, KIND_FEW_BYTES);
  if ((rest & 3) != TAG_LIST) return push(rest);
  mixConstant(KIND_CELL);
  const after = load<u64>(rest as u32, 7);
  if (!push(after)) return false;
  if ((after & 3) != TAG_LIST && !push(MARK_LAST_TAIL)) return false;
  return push(load<u64>((rest as u32) - 1));
}
/** Words of a reference of another node; those that are 0 count for nothing at its end. */
function mixExternalReference(t: u64): void {
  mixWhole(boxedWord(t, 1), KIND_REFERENCE);
  for (let i = headerWords(boxedHeader(t)) - 2; i > 0; i--) {
    const word = referenceWord(t, i - 1);
    if (word) mixPair(word, i, KIND_SMALL_REFERENCE);
  }
}
/** Keys and values of a map in the order in which it is walked from its end. */
function pushMap(t: u64): bool {
  const kind = headerExtra(boxedHeader(t)) & 3;
  if (kind != 1) mixWord((boxedWord(t, 1) >> 4) as u32, KIND_MAP);
  const last = headerWords(boxedHeader(t));
  if (kind == 0) {
    for (let i = last - 2; i > 0; i--)
      if (!push(boxedWord(t, i + 2)) || !push(boxedWord(boxedWord(t, 2), i))) return false;
    return true;
  }
  for (let i: u32 = kind == 1 ? 1 : 2; i <= last; i++) {
    const child = boxedWord(t, i);
    if ((child & 3) != TAG_LIST) {
      if (!push(child)) return false;
    } else if (!push(load<u64>(child as u32, 7)) || !push(load<u64>((child as u32) - 1)))
      return false;
  }
  return true;
}
function mixFunEntry(t: u64): bool {
  const entry = boxedWord(t, 1) as usize;
  mixPair(headerWords(boxedHeader(t)) - 2, load<u64>(entry, FUN_MODULE) as u32, KIND_FUN);
  mixPair(load<u32>(entry, FUN_INDEX), load<u32>(entry, FUN_UNIQ), KIND_FUN_ENTRY);
  return pushWords(t, 3);
}
/** What of an object is significant for =:=; the terms in it are pushed. */
function mixObject(t: u64): bool {
  const header = boxedHeader(t);
  const subtag = headerSubtag(header);
  if (subtag == SUB_TUPLE) {
    mixWord(headerWords(header), KIND_TUPLE);
    return pushWords(t, 1);
  }
  if (isBitsSubtag(subtag)) return mixBitstring(bitstringOf(t));
  if (subtag == SUB_MAP) return pushMap(t);
  else if (subtag == SUB_FUN) return mixFunEntry(t);
  else if (subtag == SUB_FLOAT) mixWhole(positiveZero(floatValue(t)), KIND_FLOAT);
  else if (subtag == SUB_POS_BIG) mixDigits(t, KIND_POSITIVE);
  else if (subtag == SUB_NEG_BIG) mixDigits(t, KIND_NEGATIVE);
  else if (subtag == SUB_EXPORT) mixWhole(boxedWord(t, 1), KIND_EXPORT);
  else if (subtag == SUB_REF) {
    mixWord(boxedWord(t, 2) as u32, KIND_REFERENCE);
    mixPair((boxedWord(t, 2) >> 32) as u32, boxedWord(t, 1) as u32, KIND_SMALL_REFERENCE);
  } else if (subtag == SUB_EXTERNAL_REF) mixExternalReference(t);
  else {
    const kind = subtag == SUB_EXTERNAL_PID ? KIND_PID : KIND_PORT;
    for (let i: u32 = 1; i <= headerWords(header); i++) mixWhole(boxedWord(t, i), kind);
  }
  return true;
}
/** A word of the work stack: a term, or a mark. False when the work stack cannot grow. */
function mixPart(t: u64): bool {
  const tag = t & 3;
  if (tag == TAG_LIST) return mixCells(t);
  if (tag == TAG_BOXED) return mixObject(t);
  if (tag == 3) mixWhole(t, GOLDEN);
  else if (t >> 32) return pushFirst(t);
  else if (t == MARK_BYTES) return mixMoreBytes();
  else mixConstant(KIND_LAST_TAIL);
  return true;
}
/**
 * A 32-bit hash of a term, equal for identical terms (=:=), and OTP's internal hash
 * (make_internal_hash of erts/emulator/beam/utils.c) for terms without atoms, funs and identities,
 * so that large maps are walked in OTP's order. Not stable between runs of different images.
 */
export function internalHash(t: u64): u32 {
  hash = INTERNAL_START;
  if ((t & 3) == 3) {
    mixWhole(t, GOLDEN);
    return hash;
  }
  if (recallResult(WALK_KEY, t, 0)) return walkA as u32;
  const goesOn = takeUpPair(WALK_KEY, t, 0);
  const base = goesOn ? 0 : mark();
  let term = t;
  let steps: u32 = 0;
  if (goesOn) {
    term = walkA;
    hash = walkB as u32;
  }
  while (true) {
    if (++steps == WALK_STEPS) {
      steps = 0;
      if (shouldLeave() && putPairAside(WALK_KEY, base, t, 0, term, hash as u64, 0)) return 0;
    }
    if (!mixPart(term)) break;
    if (mark() == base) {
      if (goesOn) keepResult(WALK_KEY, t, 0, hash);
      return hash;
    }
    term = pop();
  }
  cut(base);
  exhaustMemory();
  return 0;
}

/**
 * The constant table of the module being loaded: 8-byte words that operands point to. Immediates
 * and literals stand in it once; tables of select instructions are runs of their own. Integers that
 * are too large for a word are built in V_BIGS, and their constants carry BIG_MARK and their offset
 * there until the block exists.
 */
import {
  V_BIGS,
  V_CONSTANTS,
  V_CONSTANT_NODES,
  V_LITERALS,
  doubleOf,
  exhausted,
  pushDouble,
  pushWord,
  reserveVector,
  setWordOf,
  vectorWords,
  wordOf,
} from './scratch';
import {
  LITERAL_BIT,
  SMALL_MAX,
  SMALL_MIN,
  SUB_NEG_BIG,
  SUB_POS_BIG,
  TAG_BOXED,
  fitsSmall,
  headerOf,
  smallOf,
} from '../term';

/** In a constant: a pointer relative to the big integers of the block. */
export const BIG_MARK: u64 = 1 << 33;

export function constantCount(): u32 {
  return vectorWords(V_CONSTANTS) >> 1;
}

/**
 * Constants are found by a trie: no table that has to grow, and be filled again, in one go. A node
 * has a word for each value of four bits of the hash, the highest bits first: 0, the place of a
 * node << 1, or a constant's index << 1 | 1. The hash of different words is different.
 */
const NODE_WORDS: u32 = 16;
const LEAF: u32 = 1;
/** Words of room for each literal, which are most of the constants, and the most at first. */
const NODE_WORDS_PER_LITERAL: u32 = 8;
const FIRST_WORDS_MAX: u32 = 1 << 22;

function hashOf(word: u64): u64 {
  return word * 0x9e37_79b9_7f4a_7c15;
}
function newNode(): u32 {
  const place = vectorWords(V_CONSTANT_NODES);
  for (let i: u32 = 0; i < NODE_WORDS; i++) pushWord(V_CONSTANT_NODES, 0);
  return place;
}
/** The word of a node that the highest bits of `hash` choose. */
function childOf(node: u32, hash: u64): u32 {
  return node + ((hash >> 60) as u32);
}
/** Index of `word` in the table, added if need be. */
export function constantIndex(word: u64): u32 {
  if (!vectorWords(V_CONSTANT_NODES)) {
    const words = (vectorWords(V_LITERALS) >> 1) * NODE_WORDS_PER_LITERAL;
    reserveVector(V_CONSTANT_NODES, min(words, FIRST_WORDS_MAX));
    newNode();
  }
  if (exhausted) return 0;
  let hash = hashOf(word);
  let used: u64 = 0;
  let at = childOf(0, hash);
  let held = wordOf(V_CONSTANT_NODES, at);
  while (held && !(held & LEAF)) {
    hash <<= 4;
    used += 4;
    at = childOf(held >> 1, hash);
    held = wordOf(V_CONSTANT_NODES, at);
  }
  const other = held ? doubleOf(V_CONSTANTS, held >> 1) : 0;
  if (held && other == word) return held >> 1;
  const index = appendConstant(word);
  // Nodes go between until the two hashes differ.
  let otherHash = held ? hashOf(other) << used : 0;
  while (held && !exhausted) {
    const node = newNode();
    if (exhausted) return 0;
    setWordOf(V_CONSTANT_NODES, at, node << 1);
    hash <<= 4;
    otherHash <<= 4;
    at = childOf(node, hash);
    if (at == childOf(node, otherHash)) continue;
    setWordOf(V_CONSTANT_NODES, childOf(node, otherHash), held);
    break;
  }
  if (exhausted) return 0;
  setWordOf(V_CONSTANT_NODES, at, (index << 1) | LEAF);
  return index;
}

/**
 * Append `word` for a table of consecutive words, whether or not it stands elsewhere; its index.
 */
export function appendConstant(word: u64): u32 {
  const index = constantCount();
  pushDouble(V_CONSTANTS, word);
  return index;
}

function bigConstant(negative: bool, words: u32): u64 {
  const offset = vectorWords(V_BIGS) << 2;
  pushDouble(V_BIGS, headerOf(negative ? SUB_NEG_BIG : SUB_POS_BIG, words));
  return (offset as u64) | TAG_BOXED | LITERAL_BIT | BIG_MARK;
}

/** The constant for an integer of 64 bits. */
export function integerConstant(value: i64): u64 {
  if (fitsSmall(value)) return smallOf(value);
  const term = bigConstant(value < 0, 1);
  pushDouble(V_BIGS, value < 0 ? 0 - (value as u64) : (value as u64));
  return term;
}

/**
 * Byte `index`, counted from the least significant, of a two's complement number of `bytes` bytes
 * at `from`.
 */
function byteOf(from: usize, bytes: u32, index: u32): u64 {
  if (index >= bytes) return load<i8>(from) < 0 ? 0xff : 0;
  return load<u8>(from + (bytes - 1 - index));
}

/** The constant for a two's complement number, most significant byte first. */
export function bigIntegerConstant(from: usize, bytes: u32): u64 {
  const negative = load<i8>(from) < 0;
  // Words of the magnitude without leading zeros: found by a first run over the digits.
  const all = (bytes + 7) >> 3;
  let used: u32 = 0;
  let low: u64 = 0;
  for (let pass = 0; pass < 2; pass++) {
    if (pass) {
      if (used <= 1 && (negative ? low <= 0 - (SMALL_MIN as u64) : low <= (SMALL_MAX as u64)))
        return smallOf(negative ? 0 - (low as i64) : (low as i64));
      bigConstant(negative, used);
    }
    let carry: u64 = 1;
    const count = pass ? used : all;
    for (let word: u32 = 0; word != count; word++) {
      let digit: u64 = 0;
      for (let i: u32 = 8; i > 0; i--) digit = (digit << 8) | byteOf(from, bytes, word * 8 + i - 1);
      if (negative) {
        digit = ~digit + carry;
        carry = carry && !digit ? 1 : 0;
      }
      if (pass) pushDouble(V_BIGS, digit);
      else {
        if (digit) used = word + 1;
        if (!word) low = digit;
      }
    }
  }
  return (
    (((vectorWords(V_BIGS) << 2) - (used << 3) - 8) as u64) | TAG_BOXED | LITERAL_BIT | BIG_MARK
  );
}

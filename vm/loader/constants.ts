/**
 * The constant table of the module being loaded: 8-byte words that operands point to. Immediates
 * and literals stand in it once; tables of select instructions are runs of their own. Integers that
 * are too large for a word are built in V_BIGS, and their constants carry BIG_MARK and their offset
 * there until the block exists.
 */
import {
  V_BIGS,
  V_CONSTANTS,
  V_CONSTANT_SLOTS,
  V_LITERALS,
  V_SLOTTED,
  doubleOf,
  exhausted,
  fillVector,
  pushDouble,
  pushWord,
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

function slotOf(word: u64, mask: u32): u32 {
  return ((word * 0x9e37_79b9_7f4a_7c15) >> 40) as u32 & mask;
}

/** Room for twice as many constants, at first for the literals: they are most of them. */
function growSlots(): void {
  const count = vectorWords(V_SLOTTED);
  let size = max(vectorWords(V_CONSTANT_SLOTS) << 1, 256);
  if (!count) while (size < min(vectorWords(V_LITERALS), FIRST_SLOTS_MAX)) size <<= 1;
  fillVector(V_CONSTANT_SLOTS, size, 0);
  if (exhausted) return;
  for (let i: u32 = 0; i < count; i++) {
    const index = wordOf(V_SLOTTED, i);
    let slot = slotOf(doubleOf(V_CONSTANTS, index), size - 1);
    while (wordOf(V_CONSTANT_SLOTS, slot)) slot = (slot + 1) & (size - 1);
    setWordOf(V_CONSTANT_SLOTS, slot, index + 1);
  }
}
const FIRST_SLOTS_MAX: u32 = 1 << 16;

/** Index of `word` in the table, added if need be. */
export function constantIndex(word: u64): u32 {
  if (vectorWords(V_SLOTTED) << 1 >= vectorWords(V_CONSTANT_SLOTS)) growSlots();
  if (exhausted) return 0;
  const mask = vectorWords(V_CONSTANT_SLOTS) - 1;
  let slot = slotOf(word, mask);
  while (true) {
    const held = wordOf(V_CONSTANT_SLOTS, slot);
    if (!held) break;
    if (doubleOf(V_CONSTANTS, held - 1) == word) return held - 1;
    slot = (slot + 1) & mask;
  }
  const index = constantCount();
  pushDouble(V_CONSTANTS, word);
  pushWord(V_SLOTTED, index);
  if (exhausted) return 0;
  setWordOf(V_CONSTANT_SLOTS, slot, index + 1);
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

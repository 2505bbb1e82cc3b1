/**
 * What regular expressions know of characters: other cases, classes of Latin-1, general categories,
 * scripts, grapheme break properties. The facts are those of OTP's own `re`
 * (tables/regex_unicode.ts).
 */
import {
  CASED,
  CASE_MEMBERS,
  CASE_MEMBERS_COUNT,
  CASE_SETS,
  CHARACTERS,
  CHARACTERS_COUNT,
  CHARACTER_SCRIPTS,
  GRAPHEMES,
  GRAPHEMES_COUNT,
  LATIN1_CLASSES,
  LATIN1_OTHER,
  OTHER_CASES,
  OTHER_CASES_COUNT,
} from '../gen/regex_tables';

/** Bits of `latinClasses`. */
export const LATIN_DIGIT: u32 = 1;
export const LATIN_SPACE: u32 = 2;
export const LATIN_WORD: u32 = 4;
export const LATIN_LOWER: u32 = 8;
export const LATIN_UPPER: u32 = 16;
export const LATIN_ALPHA: u32 = 32;
export const LATIN_PUNCTUATION: u32 = 64;
export const LATIN_GRAPH: u32 = 128;
export const LATIN_PRINT: u32 = 256;
export const LATIN_CONTROL: u32 = 512;
export const LATIN_HEXADECIMAL: u32 = 1024;
export const LATIN_POSIX_SPACE: u32 = 2048;

/** General categories by their number in tables/regex_unicode.ts. */
export const CATEGORY_CC: u32 = 0;
export const CATEGORY_CF: u32 = 1;
export const CATEGORY_CS: u32 = 4;
export const CATEGORY_LL: u32 = 5;
export const CATEGORY_LO: u32 = 7;
export const CATEGORY_LT: u32 = 8;
export const CATEGORY_LU: u32 = 9;
export const CATEGORY_MN: u32 = 12;
export const CATEGORY_ND: u32 = 13;
export const CATEGORY_NO: u32 = 15;
export const CATEGORY_PC: u32 = 16;
export const CATEGORY_PS: u32 = 22;
export const CATEGORY_SO: u32 = 26;
export const CATEGORY_ZL: u32 = 27;
export const CATEGORY_ZP: u32 = 28;
export const CATEGORY_ZS: u32 = 29;

const CHARACTER_BITS: u32 = 21;
const CHARACTER_MASK: u32 = 0x1f_ffff;

export function latinClasses(byte: u32): u32 {
  return load<u16>(LATIN1_CLASSES + (byte << 1));
}
/** The other case of a byte of Latin-1; the byte itself when it has none. */
export function latinOtherCase(byte: u32): u32 {
  return load<u8>(LATIN1_OTHER + byte);
}

/** Index of the last row of `table` whose character is at most `character`. */
function rowOf(table: usize, count: u32, character: u32): u32 {
  let low: u32 = 0;
  let high = count;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((load<u32>(table + (middle << 2)) & CHARACTER_MASK) <= character) low = middle;
    else high = middle;
  }
  return low;
}

export function categoryOf(character: u32): u32 {
  const row = rowOf(CHARACTERS, CHARACTERS_COUNT, character);
  return load<u32>(CHARACTERS + (row << 2)) >> CHARACTER_BITS;
}
export function scriptOf(character: u32): u32 {
  return load<u8>(CHARACTER_SCRIPTS + rowOf(CHARACTERS, CHARACTERS_COUNT, character));
}
/** The group of a category: C, L, M, N, P, S, Z. */
export function groupOf(category: u32): u32 {
  if (category <= CATEGORY_CS) return 0;
  if (category <= CATEGORY_LU) return 1;
  if (category <= CATEGORY_MN) return 2;
  if (category <= CATEGORY_NO) return 3;
  if (category <= CATEGORY_PS) return 4;
  return category <= CATEGORY_SO ? 5 : 6;
}

/** The set of three or four cases that a character belongs to: its address, or 0. */
export function caseSetOf(character: u32): usize {
  const row = load<u32>(CASE_MEMBERS + (rowOf(CASE_MEMBERS, CASE_MEMBERS_COUNT, character) << 2));
  if ((row & CHARACTER_MASK) != character) return 0;
  return CASE_SETS + ((row >> CHARACTER_BITS) << 4);
}
/** The other case of a character that belongs to no set; the character itself without one. */
export function otherCaseOf(character: u32): u32 {
  const row = rowOf(CASED, OTHER_CASES_COUNT, character) << 2;
  return load<u32>(CASED + row) == character ? load<u32>(OTHER_CASES + row) : character;
}
/** Whether two characters are cases of each other. */
export function sameCase(one: u32, other: u32): bool {
  if (one == other) return true;
  const set = caseSetOf(one);
  if (!set) return otherCaseOf(one) == other || otherCaseOf(other) == one;
  for (let i: u32 = 0; i < 16; i += 4) {
    if (other && load<u32>(set + i) == other) return true;
  }
  return false;
}

// ---- grapheme clusters (\X), as PCRE 8.44 has them

const GRAPHEME_LV: u32 = 9;
const GRAPHEME_LVT: u32 = 10;
const HANGUL_FIRST: u32 = 0xac00;
const HANGUL_LAST: u32 = 0xd7a3;
const HANGUL_STEP: u32 = 28;
/** By property: bits of the properties before which there is no break. */
const TOGETHER: usize = memory.data<u16>([
  1 << 4,
  1 << 2,
  0,
  0,
  1 << 4,
  0,
  (1 << 4) | (1 << 6) | (1 << 7) | (1 << 9) | (1 << 10),
  (1 << 4) | (1 << 7) | (1 << 8),
  (1 << 4) | (1 << 8),
  (1 << 4) | (1 << 7) | (1 << 8),
  (1 << 4) | (1 << 8),
  1 << 11,
]);

export function graphemeOf(character: u32): u32 {
  if (character >= HANGUL_FIRST && character <= HANGUL_LAST)
    return (character - HANGUL_FIRST) % HANGUL_STEP ? GRAPHEME_LVT : GRAPHEME_LV;
  const row = rowOf(GRAPHEMES, GRAPHEMES_COUNT, character);
  return load<u32>(GRAPHEMES + (row << 2)) >> CHARACTER_BITS;
}
/** No cluster ends between characters of these properties. */
export function graphemesTogether(left: u32, right: u32): bool {
  return ((load<u16>(TOGETHER + (left << 1)) >> right) & 1) != 0;
}

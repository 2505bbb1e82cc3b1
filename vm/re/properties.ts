/**
 * Properties of characters: what stands behind \p and what \d, \w, \s, \h, \v and POSIX classes
 * mean in each mode.
 */
import { PROPERTY_NAMES } from '../gen/regex_tables';
import {
  CATEGORY_CF,
  CATEGORY_LL,
  CATEGORY_LT,
  CATEGORY_LU,
  CATEGORY_ZL,
  CATEGORY_ZP,
  LATIN_DIGIT,
  LATIN_SPACE,
  LATIN_WORD,
  categoryOf,
  groupOf,
  latinClasses,
  scriptOf,
} from './characters';

/** Kinds of property; the first six are those of tools/gen_regex.ts. */
export const PROPERTY_ANY: u32 = 0;
export const PROPERTY_CASED: u32 = 1;
export const PROPERTY_GROUP: u32 = 2;
export const PROPERTY_CATEGORY: u32 = 3;
export const PROPERTY_SCRIPT: u32 = 4;
export const PROPERTY_SPECIAL: u32 = 5;

/** Values of PROPERTY_SPECIAL. */
export const SPECIAL_ALPHANUMERIC: u32 = 0;
export const SPECIAL_SPACE: u32 = 2;
export const SPECIAL_WORD: u32 = 3;
export const SPECIAL_UNIVERSAL: u32 = 4;
export const SPECIAL_GRAPH: u32 = 5;
export const SPECIAL_PRINT: u32 = 6;
export const SPECIAL_PUNCTUATION: u32 = 7;

const GROUP_C: u32 = 0;
export const GROUP_L: u32 = 1;
const GROUP_N: u32 = 3;
const GROUP_P: u32 = 4;
const GROUP_S: u32 = 5;
const GROUP_Z: u32 = 6;

const NAMES_END: u32 = 255;

export let foundKind: u32 = 0;
export let foundValue: u32 = 0;

/** Look for the property whose name is `length` bytes at `name`: foundKind, foundValue. */
export function findProperty(name: usize, length: u32): bool {
  let at = PROPERTY_NAMES;
  while (load<u8>(at) != NAMES_END) {
    const text = at + 2;
    let i: u32 = 0;
    while (i < length && load<u8>(text + i) && load<u8>(text + i) == load<u8>(name + i)) i++;
    if (i == length && !load<u8>(text + i)) {
      foundKind = load<u8>(at);
      foundValue = load<u8>(at, 1);
      return true;
    }
    at = text;
    while (load<u8>(at)) at++;
    at++;
  }
  return false;
}

export function isHorizontalSpace(c: u32): bool {
  if (c < 0x100) return c == 9 || c == 0x20 || c == 0xa0;
  if (c == 0x1680 || c == 0x180e || c == 0x202f || c == 0x205f || c == 0x3000) return true;
  return c >= 0x2000 && c <= 0x200a;
}
export function isVerticalSpace(c: u32): bool {
  return (c >= 10 && c <= 13) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

function isSpecial(value: u32, c: u32): bool {
  if (value == SPECIAL_UNIVERSAL) {
    if (c == 0x24 || c == 0x40 || c == 0x60) return true;
    return (c >= 0xa0 && c <= 0xd7ff) || c >= 0xe000;
  }
  const category = categoryOf(c);
  const group = groupOf(category);
  if (value == SPECIAL_ALPHANUMERIC) return group == GROUP_L || group == GROUP_N;
  if (value == SPECIAL_WORD) return c == 0x5f || group == GROUP_L || group == GROUP_N;
  if (value == SPECIAL_PUNCTUATION) return group == GROUP_P || (c < 128 && group == GROUP_S);
  if (value == SPECIAL_GRAPH || value == SPECIAL_PRINT) {
    const isControl =
      c == 0x61c || (c >= 0x2066 && c <= 0x2069) || (value == SPECIAL_GRAPH && c == 0x180e);
    if (group == GROUP_C) return category == CATEGORY_CF && !isControl;
    if (value == SPECIAL_GRAPH) return group != GROUP_Z;
    return category != CATEGORY_ZL && category != CATEGORY_ZP;
  }
  return group == GROUP_Z || isHorizontalSpace(c) || isVerticalSpace(c);
}

/** Whether a character has a property. */
export function hasProperty(kind: u32, value: u32, c: u32): bool {
  if (kind == PROPERTY_ANY) return true;
  if (kind == PROPERTY_SCRIPT) return scriptOf(c) == value;
  if (kind == PROPERTY_SPECIAL) return isSpecial(value, c);
  const category = categoryOf(c);
  if (kind == PROPERTY_CATEGORY) return category == value;
  if (kind == PROPERTY_GROUP) return groupOf(category) == value;
  return category == CATEGORY_LU || category == CATEGORY_LL || category == CATEGORY_LT;
}

/** \w of \b, with Unicode properties or without. */
export function isWord(c: u32, byProperties: bool): bool {
  if (byProperties) return isSpecial(SPECIAL_WORD, c);
  return c < 256 && (latinClasses(c) & LATIN_WORD) != 0;
}

// ---- \d, \s, \w, \h, \v

export const TYPE_DIGIT: u32 = 0;
export const TYPE_SPACE: u32 = 1;
export const TYPE_WORD: u32 = 2;
export const TYPE_HORIZONTAL: u32 = 3;
export const TYPE_VERTICAL: u32 = 4;

/** Without Unicode properties. */
export function hasType(type: u32, c: u32): bool {
  if (type == TYPE_HORIZONTAL) return isHorizontalSpace(c);
  if (type == TYPE_VERTICAL) return isVerticalSpace(c);
  if (c > 255) return false;
  const bit = type == TYPE_DIGIT ? LATIN_DIGIT : type == TYPE_SPACE ? LATIN_SPACE : LATIN_WORD;
  return (latinClasses(c) & bit) != 0;
}

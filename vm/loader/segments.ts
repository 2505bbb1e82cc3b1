/**
 * The segment list of bs_create_bin. A segment is six elements in the file (type, number, unit,
 * flags, value, size) and four words in the code:
 *
 *   | kind, flags << 8, all << 16, number << 17 | unit | value | size |
 *
 * kind is a FIELD_ constant (bits_fields.ts), flags are FLAG_ constants, `all` says that the size
 * is that of the value. Value and size are sources; the value of a string is the address of its
 * bytes.
 */
import {
  FIELD_APPEND,
  FIELD_BINARY,
  FIELD_FLOAT,
  FIELD_INTEGER,
  FIELD_NONE,
  FIELD_PRIVATE_APPEND,
  FIELD_STRING,
  FIELD_UTF16,
  FIELD_UTF32,
  FIELD_UTF8,
  SEGMENT_ALL,
  SEGMENT_NUMBER_MAX,
  SEGMENT_NUMBER_SHIFT,
} from '../bits_fields';
import { FLAG_LITTLE, FLAG_SIGNED } from '../bits_integer';
import {
  am_all,
  am_append,
  am_binary,
  am_float,
  am_integer,
  am_little,
  am_native,
  am_private_append,
  am_signed,
  am_string,
  am_utf16,
  am_utf32,
  am_utf8,
} from '../gen/atoms';
import { NONE, head, isList, isSmall, tail } from '../term';
import * as C from './compact';
import { emitSlot, stringBytes } from './emit';
import {
  KIND_CONSTANT,
  KIND_NUMBER,
  KIND_STRING,
  LIST_SLOT,
  asSource,
  kindOf,
  operandFails,
  operandWord,
  setOperand,
} from './operands';
import { V_CONSTANTS, doubleOf } from './scratch';
import { verifyRead } from './verify';

export const SEGMENT_ELEMENTS: u32 = 6;
export const SEGMENT_WORDS: u32 = 4;
/** Largest unit of a segment. */
const UNIT_MAX: u32 = 256;

/** Operand slots. */
const TYPE: u32 = LIST_SLOT;
const NUMBER: u32 = LIST_SLOT + 1;
const UNIT: u32 = LIST_SLOT + 2;
const FLAGS: u32 = LIST_SLOT + 3;
const VALUE: u32 = LIST_SLOT + 4;
const SIZE: u32 = LIST_SLOT + 5;

/** The constant in a slot, NONE when there is something else. */
function constantIn(slot: u32): u64 {
  return kindOf(slot) == KIND_CONSTANT ? doubleOf(V_CONSTANTS, operandWord(slot)) : NONE;
}
function kindOfType(type: u64): u32 {
  if (type == am_integer) return FIELD_INTEGER;
  if (type == am_binary) return FIELD_BINARY;
  if (type == am_float) return FIELD_FLOAT;
  if (type == am_utf8) return FIELD_UTF8;
  if (type == am_utf16) return FIELD_UTF16;
  if (type == am_utf32) return FIELD_UTF32;
  if (type == am_string) return FIELD_STRING;
  if (type == am_append) return FIELD_APPEND;
  return type == am_private_append ? FIELD_PRIVATE_APPEND : FIELD_NONE;
}
/**
 * FLAG_ constants of a list of atoms (unsigned, big, aligned and the annotation of a line are
 * nothing to us).
 */
export function flagsOfList(list: u64): u32 {
  let flags: u32 = 0;
  for (let rest = list; isList(rest); rest = tail(rest)) {
    const flag = head(rest);
    if (flag == am_little || flag == am_native) flags |= FLAG_LITTLE;
    else if (flag == am_signed) flags |= FLAG_SIGNED;
  }
  return flags;
}

/** Take the six elements into their slots. */
function takeElements(): bool {
  for (let slot = TYPE; slot <= SIZE; slot++) {
    if (!C.takeTerm()) return operandFails('has a list that is cut off or malformed', 0);
    const isNumber = C.tag == C.TAG_U;
    if (isNumber) setOperand(slot, KIND_NUMBER, C.value as u32);
    else if (!asSource(slot) || !verifyRead(slot)) return false;
    const numberWanted = slot == NUMBER || slot == UNIT;
    if (isNumber != numberWanted && slot != VALUE)
      return operandFails('has a malformed segment', 0);
  }
  return true;
}
/** A string takes its bytes from the string chunk: they must lie in it. */
function takeString(): bool {
  const size = constantIn(SIZE);
  const from = operandWord(VALUE) as u64;
  if (kindOf(VALUE) != KIND_NUMBER || !isSmall(size) || from + (size >> 4) > (stringBytes as u64))
    return operandFails('has a string outside the string chunk', 0);
  setOperand(VALUE, KIND_STRING, operandWord(VALUE));
  return true;
}

/** Emit the `count` elements of the list at the cursor as segments; false after operandFails. */
export function emitSegments(count: u32): bool {
  if (count % SEGMENT_ELEMENTS) return operandFails('has a list that is not made of segments', 0);
  for (let i: u32 = 0; i < count; i += SEGMENT_ELEMENTS) {
    if (!takeElements()) return false;
    const kind = kindOfType(constantIn(TYPE));
    if (kind == FIELD_NONE) return operandFails('has a segment of an unknown type', 0);
    if (kind == FIELD_STRING) {
      if (!takeString()) return false;
    } else if (kindOf(VALUE) == KIND_NUMBER) return operandFails('has a malformed segment', 0);
    const appends = kind == FIELD_APPEND || kind == FIELD_PRIVATE_APPEND;
    if (appends && i) return operandFails('appends in another segment than the first', 0);
    if (operandWord(UNIT) > UNIT_MAX) return operandFails('has a unit that is too large', 0);
    const all = constantIn(SIZE) == am_all ? SEGMENT_ALL : 0;
    if (all && kind != FIELD_BINARY && !appends) return operandFails('has a malformed segment', 0);
    const number = min(operandWord(NUMBER), SEGMENT_NUMBER_MAX) << SEGMENT_NUMBER_SHIFT;
    const flags = flagsOfList(constantIn(FLAGS)) << 8;
    setOperand(NUMBER, KIND_NUMBER, kind | flags | all | number);
    emitSlot(NUMBER);
    emitSlot(UNIT);
    emitSlot(VALUE);
    emitSlot(SIZE);
  }
  return true;
}

/** BIFs that turn numbers into text and text into numbers. */
import { integerOrJob, textOrJob } from '../big_job';
import { alignedBinary, binaryData, binaryOf, byteSize } from '../binary';
import { byteListLength, byteListOf, giveBuffer, takeBuffer, writeByteList } from '../char_list';
import { badarg, outOfMemory } from '../errors';
import {
  compactLength,
  writeFloatFixed,
  writeFloatScientific,
  writeFloatShort,
} from '../float_text';
import { parseFloatText, parsedFloat } from '../float_parse';
import {
  am_compact,
  am_decimals,
  am_error,
  am_no_float,
  am_no_integer,
  am_not_a_list,
  am_scientific,
  am_short,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { jobResult } from './big_job';
import { integerTextLength, readInteger } from '../number_text';
import { floatOf } from '../numbers';
import { chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  floatValue,
  head,
  headerOf,
  isBinary,
  isFloat,
  isInteger,
  isList,
  isSmall,
  isTuple,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';

function isBase(t: u64): bool {
  return isSmall(t) && smallValue(t) >= 2 && smallValue(t) <= 36;
}
function chargeBytes(bytes: u32): void {
  chargeReductions((bytes >> 6) as i32);
}

// ---- integers

function integerText(integer: u64, base: u64, asList: bool): u64 {
  if (!isInteger(integer) || !isBase(base)) return badarg();
  return jobResult(textOrJob(integer, smallValue(base) as u32, asList));
}

// bif: erlang:integer_to_list/1
export function erlangIntegerToList1(integer: u64): u64 {
  return integerText(integer, smallOf(10), true);
}
// bif: erlang:integer_to_list/2
export function erlangIntegerToList2(integer: u64, base: u64): u64 {
  return integerText(integer, base, true);
}
// bif: erlang:integer_to_binary/1
export function erlangIntegerToBinary1(integer: u64): u64 {
  return integerText(integer, smallOf(10), false);
}
// bif: erlang:integer_to_binary/2
export function erlangIntegerToBinary2(integer: u64, base: u64): u64 {
  return integerText(integer, base, false);
}

/** The integer that is the whole text. */
function wholeInteger(at: usize, length: u32, base: u64): u64 {
  if (!isBase(base)) return badarg();
  const radix = smallValue(base) as u32;
  if (!length || integerTextLength(at, length, radix) != length) return badarg();
  chargeBytes(length);
  return jobResult(integerOrJob(at, length, radix));
}

// bif: erlang:list_to_integer/1
export function erlangListToInteger1(list: u64): u64 {
  return erlangListToInteger2(list, smallOf(10));
}
// bif: erlang:list_to_integer/2
export function erlangListToInteger2(list: u64, base: u64): u64 {
  const length = byteListLength(list);
  if (length <= 0) return badarg();
  const buffer = takeBuffer(length as u32);
  if (!buffer) return outOfMemory();
  writeByteList(list, length as u32, buffer);
  const result = wholeInteger(buffer, length as u32, base);
  giveBuffer(buffer);
  return result;
}
// bif: erlang:binary_to_integer/1
export function erlangBinaryToInteger1(binary: u64): u64 {
  return erlangBinaryToInteger2(binary, smallOf(10));
}
// bif: erlang:binary_to_integer/2
export function erlangBinaryToInteger2(binary: u64, base: u64): u64 {
  if (!isBinary(binary)) return badarg();
  const aligned = alignedBinary(binary);
  if (aligned == NONE) return NONE;
  return wholeInteger(binaryData(aligned), byteSize(aligned), base);
}

// ---- the beginning of a list

function tuple2(first: u64, second: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, first, 8);
  store<u64>(at, second, 16);
  return boxedOf(at);
}

/**
 * Elements at the beginning of a list that may be part of a number in base 10: signs, digits,
 * point, comma, e.
 */
function numberPrefix(list: u64): u32 {
  let count: u32 = 0;
  while (isList(list)) {
    const char = head(list) >> 4;
    if (!isSmall(head(list)) || char >= 128) break;
    const letter = char | 32;
    if (!(char - 48 < 10 || (char >= 43 && char <= 46) || letter == 101)) break;
    count++;
    list = tail(list);
  }
  return count;
}
function listAfter(list: u64, count: u32): u64 {
  while (count--) list = tail(list);
  return list;
}

// bif: string:list_to_integer/1
export function stringListToInteger1(list: u64): u64 {
  if (!isList(list)) return tuple2(am_error, list == NIL ? am_no_integer : am_not_a_list);
  const count = numberPrefix(list);
  const buffer = takeBuffer(count);
  if (!buffer) return outOfMemory();
  writeByteList(list, count, buffer);
  const length = integerTextLength(buffer, count, 10);
  const integer = length ? readInteger(buffer, length, 10) : NONE;
  giveBuffer(buffer);
  chargeBytes(count);
  if (!length) return tuple2(am_error, am_no_integer);
  return integer == NONE ? NONE : tuple2(integer, listAfter(list, length));
}
// bif: string:list_to_float/1
export function stringListToFloat1(list: u64): u64 {
  if (!isList(list)) return tuple2(am_error, list == NIL ? am_no_float : am_not_a_list);
  const count = numberPrefix(list);
  const buffer = takeBuffer(count);
  if (!buffer) return outOfMemory();
  writeByteList(list, count, buffer);
  const length = parseFloatText(buffer, count);
  giveBuffer(buffer);
  chargeBytes(count);
  if (!length) return tuple2(am_error, am_no_float);
  return tuple2(floatOf(parsedFloat), listAfter(list, length));
}

// ---- floats

/** The float that is the whole text. */
function wholeFloat(at: usize, length: u32): u64 {
  chargeBytes(length);
  if (!length || parseFloatText(at, length) != length) return badarg();
  return floatOf(parsedFloat);
}
// bif: erlang:list_to_float/1
export function erlangListToFloat1(list: u64): u64 {
  const length = byteListLength(list);
  if (length <= 0) return badarg();
  const buffer = takeBuffer(length as u32);
  if (!buffer) return outOfMemory();
  writeByteList(list, length as u32, buffer);
  const result = wholeFloat(buffer, length as u32);
  giveBuffer(buffer);
  return result;
}
// bif: erlang:binary_to_float/1
export function erlangBinaryToFloat1(binary: u64): u64 {
  if (!isBinary(binary)) return badarg();
  const aligned = alignedBinary(binary);
  if (aligned == NONE) return NONE;
  return wholeFloat(binaryData(aligned), byteSize(aligned));
}

const FORMAT_SCIENTIFIC: u32 = 0;
const FORMAT_FIXED: u32 = 1;
const FORMAT_SHORT: u32 = 2;
/** Longer texts are refused, as in OTP. */
const FLOAT_BYTES_MAX: u32 = 255;
/** One decimal more would make any text too long. */
const DECIMALS_MAX: i64 = 253;

let format: u32 = 0;
let decimals: i64 = 0;
let compact: bool = false;

/** Read a list of options; false when one is not known. The last of several formats counts. */
function readOptions(options: u64): bool {
  format = FORMAT_SCIENTIFIC;
  decimals = 20;
  compact = false;
  while (isList(options)) {
    if (!readOption(head(options))) return false;
    chargeReductions(1);
    options = tail(options);
  }
  return options == NIL;
}
function readOption(option: u64): bool {
  if (option == am_compact) compact = true;
  else if (option == am_short) format = FORMAT_SHORT;
  else {
    if (!isTuple(option) || tupleArity(option) != 2 || !isSmall(tupleElement(option, 2)))
      return false;
    const name = tupleElement(option, 1);
    if (name != am_decimals && name != am_scientific) return false;
    format = name == am_decimals ? FORMAT_FIXED : FORMAT_SCIENTIFIC;
    decimals = smallValue(tupleElement(option, 2));
  }
  return true;
}

function floatText(float: u64, options: u64, asList: bool): u64 {
  if (!isFloat(float) || !readOptions(options)) return badarg();
  const value = floatValue(float);
  // At most 253 decimals, 309 digits before the point, sign and point.
  const buffer = takeBuffer(FLOAT_BYTES_MAX + 320);
  if (!buffer) return outOfMemory();
  let length: u32 = 0;
  if (format == FORMAT_SHORT) length = writeFloatShort(value, buffer);
  else if (decimals <= DECIMALS_MAX) {
    // C prints six decimals for a negative precision.
    if (format == FORMAT_SCIENTIFIC)
      length = writeFloatScientific(value, decimals < 0 ? 6 : (decimals as u32), buffer);
    else if (decimals >= 0) {
      length = writeFloatFixed(value, decimals as i32, buffer);
      if (length <= FLOAT_BYTES_MAX && compact) length = compactLength(value, buffer, length);
    }
  }
  let result: u64 = NONE;
  if (length && length <= FLOAT_BYTES_MAX)
    result = asList ? byteListOf(buffer, length) : binaryOf(buffer, length);
  else badarg();
  giveBuffer(buffer);
  return result;
}

// bif: erlang:float_to_list/1
export function erlangFloatToList1(float: u64): u64 {
  return floatText(float, NIL, true);
}
// bif: erlang:float_to_list/2
export function erlangFloatToList2(float: u64, options: u64): u64 {
  return floatText(float, options, true);
}
// bif: erlang:float_to_binary/1
export function erlangFloatToBinary1(float: u64): u64 {
  return floatText(float, NIL, false);
}
// bif: erlang:float_to_binary/2
export function erlangFloatToBinary2(float: u64, options: u64): u64 {
  return floatText(float, options, false);
}

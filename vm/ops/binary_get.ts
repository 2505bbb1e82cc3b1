/**
 * Taking fields out of a match context. Every instruction leaves the position alone when it fails.
 */
import { MATCH_DATA, MATCH_OWNER, MATCH_POSITION, partOfOwner } from '../binary';
import { getFloatBits, isFloatWidth } from '../bits_float';
import { INTEGER_BITS_MAX, fieldFlags, getInteger } from '../bits_integer';
import { floatOf } from '../numbers';
import { operand, writeDestination } from '../operands';
import { NONE, smallOf } from '../term';
import { readUtf16, readUtf32, readUtf8, utfBytes, utfCharacter } from '../unicode';
import { advance, available, contextOf, failTo, segmentBits } from './binary_match';
import { raiseAt } from './exceptions';

/**
 * Bits of the field that operands 3 (size) and 4 (unit) describe, -1 when it does not fit into the
 * context.
 */
function operandBits(pc: usize, context: usize): i64 {
  return context ? segmentBits(context, operand(pc, 3), operand(pc, 4)) : -1;
}

// runs: slow
export function op_bs_get_integer2(pc: usize): usize {
  const context = contextOf(operand(pc, 1));
  const bits = operandBits(pc, context);
  if (bits < 0 || bits > (INTEGER_BITS_MAX as i64)) return failTo(pc, operand(pc, 0));
  const data = load<u32>(context, MATCH_DATA);
  const flags = fieldFlags(operand(pc, 5));
  const value = getInteger(data, load<u64>(context, MATCH_POSITION), bits as u64, flags);
  if (value == NONE) return raiseAt(pc);
  advance(context, bits as u64);
  writeDestination(operand(pc, 6), value);
  return pc + 32;
}

/** The float term of the next `bits` bits, NONE when they are no finite float. */
export function contextFloat(context: usize, bits: i64, flags: u32): u64 {
  if (!bits) return floatOf(0);
  if (!isFloatWidth(bits as u64)) return NONE;
  const position = load<u64>(context, MATCH_POSITION);
  const value = getFloatBits(load<u32>(context, MATCH_DATA), position, bits as u32, flags);
  return isFinite(value) ? floatOf(value) : NONE;
}
// runs: slow
export function op_bs_get_float2(pc: usize): usize {
  const context = contextOf(operand(pc, 1));
  const bits = operandBits(pc, context);
  if (bits < 0) return failTo(pc, operand(pc, 0));
  const value = contextFloat(context, bits, fieldFlags(operand(pc, 5)));
  if (value == NONE) return failTo(pc, operand(pc, 0));
  advance(context, bits as u64);
  writeDestination(operand(pc, 6), value);
  return pc + 32;
}
// runs: slow
export function op_bs_get_binary2(pc: usize): usize {
  const context = contextOf(operand(pc, 1));
  const bits = operandBits(pc, context);
  if (bits < 0) return failTo(pc, operand(pc, 0));
  const owner = load<u64>(context, MATCH_OWNER);
  const part = partOfOwner(owner, load<u64>(context, MATCH_POSITION), bits as u64);
  advance(context, bits as u64);
  writeDestination(operand(pc, 6), part);
  return pc + 32;
}

// ---- characters: operands fail, context, live, flags[, destination]

const UTF_8: u32 = 0;
const UTF_16: u32 = 1;
const UTF_32: u32 = 2;

/** Read a character from the context of operand 1 and step over it; its code point, or -1. */
function nextCharacter(pc: usize, form: u32): i32 {
  const context = contextOf(operand(pc, 1));
  if (!context) return -1;
  const data = load<u32>(context, MATCH_DATA) as usize;
  const position = load<u64>(context, MATCH_POSITION);
  const left = available(context);
  const flags = fieldFlags(operand(pc, 3));
  let read: u64;
  if (form == UTF_8) read = readUtf8(data, position, left);
  else if (form == UTF_16) read = readUtf16(data, position, left, flags);
  else read = readUtf32(data, position, left, flags);
  const bytes = utfBytes(read);
  if (!bytes) return -1;
  advance(context, (bytes as u64) << 3);
  return utfCharacter(read) as i32;
}
function getCharacter(pc: usize, form: u32): usize {
  const point = nextCharacter(pc, form);
  if (point < 0) return failTo(pc, operand(pc, 0));
  writeDestination(operand(pc, 4), smallOf(point as i64));
  return pc + 24;
}
function skipCharacter(pc: usize, form: u32): usize {
  return nextCharacter(pc, form) < 0 ? failTo(pc, operand(pc, 0)) : pc + 20;
}

// runs: slow
export function op_bs_get_utf8(pc: usize): usize {
  return getCharacter(pc, UTF_8);
}
// runs: slow
export function op_bs_get_utf16(pc: usize): usize {
  return getCharacter(pc, UTF_16);
}
// runs: slow
export function op_bs_get_utf32(pc: usize): usize {
  return getCharacter(pc, UTF_32);
}
// runs: slow
export function op_bs_skip_utf8(pc: usize): usize {
  return skipCharacter(pc, UTF_8);
}
// runs: slow
export function op_bs_skip_utf16(pc: usize): usize {
  return skipCharacter(pc, UTF_16);
}
// runs: slow
export function op_bs_skip_utf32(pc: usize): usize {
  return skipCharacter(pc, UTF_32);
}

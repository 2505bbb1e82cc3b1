/**
 * Construction by compilers up to OTP 24: an instruction that makes the room (bs_init2,
 * bs_init_bits, bs_append ...), then one bs_put_ a field. What is being built is kept in
 * builder.ts.
 */
import { BINARY_BITS_MAX, binaryData, bitOffset, bitSize, newBitstring } from '../binary';
import { appendRoom, newWritable } from '../binary_append';
import { copyBits } from '../bits';
import {
  FIELD_BINARY,
  FIELD_FLOAT,
  FIELD_INTEGER,
  FIELD_UTF16,
  FIELD_UTF32,
  FIELD_UTF8,
  measureField,
  sizeInBits,
  wholeBits,
  writeField,
} from '../bits_fields';
import { fieldFlags } from '../bits_integer';
import { buildBase, startBuild, takeBuild } from '../builder';
import { isNegative } from '../bignum';
import { badarg, systemLimit } from '../errors';
import { am_all } from '../gen/atoms';
import { operand, readSource, writeDestination } from '../operands';
import { getX, setX } from '../registers';
import { NONE, isInteger, isSmall, smallOf, smallValue } from '../term';
import { utf16Size, utf8Size } from '../unicode';
import { failConstruction } from './binary_create';
import { failTo, isConstant } from './binary_match';

/** Make a bitstring of `size` units and start building it. */
function init(pc: usize, unit: u32, to: u32): bool {
  const bits = sizeInBits(readSource(operand(pc, 1)), unit);
  if (bits < 0) return false;
  const made = newBitstring(bits as u64);
  if (made == NONE) return false;
  const start = bitOffset(made) as u64;
  startBuild(binaryData(made), start, start + (bits as u64));
  writeDestination(to, made);
  return true;
}
// runs: slow
export function op_bs_init2(pc: usize): usize {
  return init(pc, 8, operand(pc, 5)) ? pc + 28 : failConstruction(pc);
}
// runs: slow
export function op_bs_init_bits(pc: usize): usize {
  return init(pc, 1, operand(pc, 5)) ? pc + 28 : failConstruction(pc);
}
/** X0 is a guess of the size in bytes; anything is allowed. */
// runs: slow
export function op_bs_init_writable(pc: usize): usize {
  const guess = isSmall(getX(0)) ? smallValue(getX(0)) : 0;
  const made = newWritable(guess < 0 || guess > 1 << 24 ? 0 : (guess as u32));
  if (made == NONE) return failConstruction(pc);
  setX(0, made);
  return pc + 4;
}

/** Make room for `size` bits behind `old` and start building there. */
function append(size: u64, old: u64, unit: u32, reuse: bool, to: u32): bool {
  const bits = sizeInBits(size, 1);
  if (bits < 0) return false;
  const made = appendRoom(old, bits as u64, unit, reuse);
  if (made == NONE) return false;
  const end = bitSize(made) + bitOffset(made);
  startBuild(binaryData(made), end - (bits as u64), end);
  writeDestination(to, made);
  return true;
}
// runs: slow
export function op_bs_append(pc: usize): usize {
  const size = readSource(operand(pc, 1));
  const old = readSource(operand(pc, 5));
  const done = append(size, old, operand(pc, 4), false, operand(pc, 7));
  return done ? pc + 36 : failConstruction(pc);
}
// runs: slow
export function op_bs_private_append(pc: usize): usize {
  const size = readSource(operand(pc, 1));
  const old = readSource(operand(pc, 3));
  const done = append(size, old, operand(pc, 2), true, operand(pc, 5));
  return done ? pc + 28 : failConstruction(pc);
}

/** destination = first + second * unit, both non-negative. */
// runs: slow
export function op_bs_add(pc: usize): usize {
  const first = readSource(operand(pc, 1));
  const second = readSource(operand(pc, 2));
  if (!isInteger(first) || !isInteger(second) || isNegative(first) || isNegative(second)) {
    badarg();
    return failConstruction(pc);
  }
  // What is larger than a bitstring can be needs no exact value.
  const limit = BINARY_BITS_MAX as i64;
  const a = isSmall(first) ? smallValue(first) : limit + 1;
  const b = isSmall(second) ? smallValue(second) : limit + 1;
  if (a > limit || b > limit || a + b * (operand(pc, 3) as i64) > limit) {
    systemLimit();
    return failConstruction(pc);
  }
  writeDestination(operand(pc, 4), smallOf(a + b * (operand(pc, 3) as i64)));
  return pc + 24;
}

// ---- fields: operands fail, size, unit, flags, value

/**
 * Write a field of `bits` bits (-1: a recorded failure) at the position of the construction and go
 * on at `next`.
 */
function put(pc: usize, kind: u32, bits: i64, flags: u32, value: u64, next: usize): usize {
  if (bits < 0) return failConstruction(pc);
  const at = takeBuild(bits as u64);
  if (at < 0) {
    badarg();
    return failConstruction(pc);
  }
  writeField(kind, value, buildBase, at as u64, bits as u64, fieldFlags(flags));
  return next;
}
function putSized(pc: usize, kind: u32): usize {
  const value = readSource(operand(pc, 4));
  const size = readSource(operand(pc, 1));
  const bits = measureField(kind, value, size, operand(pc, 2));
  return put(pc, kind, bits, operand(pc, 3), value, pc + 24);
}
// runs: slow
export function op_bs_put_integer(pc: usize): usize {
  return putSized(pc, FIELD_INTEGER);
}
// runs: slow
export function op_bs_put_float(pc: usize): usize {
  return putSized(pc, FIELD_FLOAT);
}
// runs: slow
export function op_bs_put_binary(pc: usize): usize {
  const word = operand(pc, 1);
  if (readSource(word) != am_all || !isConstant(word)) return putSized(pc, FIELD_BINARY);
  const value = readSource(operand(pc, 4));
  return put(pc, FIELD_BINARY, wholeBits(value, operand(pc, 2)), 0, value, pc + 24);
}
/** Operands: bytes, address of the string. */
// runs: slow
export function op_bs_put_string(pc: usize): usize {
  const bits = (operand(pc, 0) as u64) << 3;
  const at = takeBuild(bits);
  if (at < 0) return failTo(pc, 0);
  copyBits(buildBase, at as u64, operand(pc, 1), 0, bits);
  return pc + 12;
}

// ---- characters: sizes (fail, value, destination), fields (fail, flags, value)

/**
 * Code point of any term for the size instructions, which never fail; the field instruction that
 * follows does.
 */
function roughPoint(t: u64): u64 {
  return isSmall(t) ? (smallValue(t) as u64) : 0xffff_ffff;
}
export function op_bs_utf8_size(pc: usize): usize {
  const point = roughPoint(readSource(operand(pc, 1)));
  writeDestination(operand(pc, 2), smallOf(utf8Size(point) as i64));
  return pc + 16;
}
export function op_bs_utf16_size(pc: usize): usize {
  const point = roughPoint(readSource(operand(pc, 1)));
  writeDestination(operand(pc, 2), smallOf(utf16Size(point) as i64));
  return pc + 16;
}
function putCharacter(pc: usize, kind: u32): usize {
  const value = readSource(operand(pc, 2));
  return put(pc, kind, measureField(kind, value, 0, 0), operand(pc, 1), value, pc + 16);
}
// runs: slow
export function op_bs_put_utf8(pc: usize): usize {
  return putCharacter(pc, FIELD_UTF8);
}
// runs: slow
export function op_bs_put_utf16(pc: usize): usize {
  return putCharacter(pc, FIELD_UTF16);
}
// runs: slow
export function op_bs_put_utf32(pc: usize): usize {
  return putCharacter(pc, FIELD_UTF32);
}

/**
 * Matching of bitstrings: match contexts, tests and positions. `bs_get_` instructions are in
 * binary_get.ts, bs_match in binary_match_list.ts. Positions and sizes are checked against the end
 * of the context by `available` before anything is read.
 */
import {
  BINARY_BITS_MAX,
  MATCH_DATA,
  MATCH_END,
  MATCH_HEADER,
  MATCH_OWNER,
  MATCH_POSITION,
  newMatchState,
  partOfOwner,
} from '../binary';
import { compareBits } from '../bits';
import { badarg } from '../errors';
import { am_all } from '../gen/atoms';
import { LINEAR_STATIC_DATA } from '../gen/layout';
import { operand, readSource, writeDestination } from '../operands';
import {
  NONE,
  SUB_MATCH_STATE,
  TAG_BOXED,
  boxedAddress,
  isBitstring,
  isKind,
  isSmall,
  smallOf,
  smallValue,
} from '../term';
import { raiseAt } from './exceptions';

/** The label `to`, or error:badarg raised at `pc` when there is none. */
export function failTo(pc: usize, to: u32): usize {
  if (to) return to;
  badarg();
  return raiseAt(pc);
}

/**
 * Address of the match context that the source operand `word` holds, 0 when it is something else.
 */
export function contextOf(word: u32): usize {
  const t = readSource(word);
  if ((t & 3) != TAG_BOXED) return 0;
  const at = boxedAddress(t);
  return load<u64>(at) == MATCH_HEADER ? at : 0;
}
/** Bits between the position of a context and its end. */
export function available(context: usize): u64 {
  return load<u64>(context, MATCH_END) - load<u64>(context, MATCH_POSITION);
}
/** Move the position of a context by bits that are known to be available. */
export function advance(context: usize, bits: u64): void {
  store<u64>(context, load<u64>(context, MATCH_POSITION) + bits, MATCH_POSITION);
}

/** Bits of a field of `size` units, or -1 when `size` is no size that a bitstring could have. */
export function fieldBits(size: u64, unit: u32): i64 {
  if (!isSmall(size)) return -1;
  const value = smallValue(size);
  if (value < 0 || value > (BINARY_BITS_MAX as i64)) return -1;
  const bits = value * (unit as i64);
  return bits > (BINARY_BITS_MAX as i64) ? -1 : bits;
}
/** An operand word names a constant of the module, not a register. */
export function isConstant(word: u32): bool {
  return !(word & 1) && word >= LINEAR_STATIC_DATA;
}
/**
 * As fieldBits, for the size operand `word` of a field of the context. A constant `all` stands for
 * all that is left, which must be a multiple of `unit` bits. -1 unless the field fits.
 */
export function segmentBits(context: usize, word: u32, unit: u32): i64 {
  const left = available(context) as i64;
  const size = readSource(word);
  if (size == am_all && isConstant(word)) return unit > 1 && left % (unit as i64) ? -1 : left;
  const bits = fieldBits(size, unit);
  return bits > left ? -1 : bits;
}

/** A match context for `t`: `t` itself when it is one already. NONE when it is no bitstring. */
function startMatch(t: u64): u64 {
  if (isKind(t, SUB_MATCH_STATE)) return t;
  return isBitstring(t) ? newMatchState(t) : NONE;
}

// runs: slow
export function op_bs_start_match2(pc: usize): usize {
  const context = startMatch(readSource(operand(pc, 1)));
  if (context == NONE) return failTo(pc, operand(pc, 0));
  writeDestination(operand(pc, 4), context);
  return pc + 24;
}
// runs: slow
export function op_bs_start_match3(pc: usize): usize {
  const context = startMatch(readSource(operand(pc, 1)));
  if (context == NONE) return failTo(pc, operand(pc, 0));
  writeDestination(operand(pc, 3), context);
  return pc + 20;
}
/** The first operand is a label, or 0 where the compiler knows that the match can start. */
// runs: slow
export function op_bs_start_match4(pc: usize): usize {
  const context = startMatch(readSource(operand(pc, 2)));
  if (context == NONE) return failTo(pc, operand(pc, 0));
  writeDestination(operand(pc, 3), context);
  return pc + 20;
}

// runs: slow
export function op_bs_test_tail2(pc: usize): usize {
  const context = contextOf(operand(pc, 1));
  if (!context || available(context) != (operand(pc, 2) as u64)) return failTo(pc, operand(pc, 0));
  return pc + 16;
}
// runs: slow
export function op_bs_test_unit(pc: usize): usize {
  const context = contextOf(operand(pc, 1));
  const unit = operand(pc, 2);
  if (!context || !unit || available(context) % (unit as u64)) return failTo(pc, operand(pc, 0));
  return pc + 16;
}
// runs: slow
export function op_bs_skip_bits2(pc: usize): usize {
  const context = contextOf(operand(pc, 1));
  const bits = context ? segmentBits(context, operand(pc, 2), operand(pc, 3)) : -1;
  if (bits < 0) return failTo(pc, operand(pc, 0));
  advance(context, bits as u64);
  return pc + 24;
}
/** Compare the next bits with the bytes of a string of the module. */
// runs: slow
export function op_bs_match_string(pc: usize): usize {
  const context = contextOf(operand(pc, 1));
  const bits = operand(pc, 2) as u64;
  if (!context || available(context) < bits) return failTo(pc, operand(pc, 0));
  const data = load<u32>(context, MATCH_DATA);
  if (compareBits(data, load<u64>(context, MATCH_POSITION), operand(pc, 3), 0, bits))
    return failTo(pc, operand(pc, 0));
  advance(context, bits);
  return pc + 20;
}

/** The rest of the bitstring of a context. */
export function contextTail(context: usize): u64 {
  const owner = load<u64>(context, MATCH_OWNER);
  return partOfOwner(owner, load<u64>(context, MATCH_POSITION), available(context));
}
// runs: slow
export function op_bs_get_tail(pc: usize): usize {
  const context = contextOf(operand(pc, 0));
  if (!context) return failTo(pc, 0);
  writeDestination(operand(pc, 1), contextTail(context));
  return pc + 16;
}
// runs: slow
export function op_bs_get_position(pc: usize): usize {
  const context = contextOf(operand(pc, 0));
  if (!context) return failTo(pc, 0);
  writeDestination(operand(pc, 1), smallOf(load<u64>(context, MATCH_POSITION) as i64));
  return pc + 16;
}
// runs: slow
export function op_bs_set_position(pc: usize): usize {
  const context = contextOf(operand(pc, 0));
  const position = readSource(operand(pc, 1));
  if (!context || !isSmall(position)) return failTo(pc, 0);
  // A small that is negative is a huge number here.
  const to = smallValue(position) as u64;
  if (to > load<u64>(context, MATCH_END)) return failTo(pc, 0);
  store<u64>(context, to, MATCH_POSITION);
  return pc + 12;
}

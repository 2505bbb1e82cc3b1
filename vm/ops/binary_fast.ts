/**
 * The instructions that loops over binaries consist of, with operands in X registers and sizes that
 * are constants (tables/specialisations.ts). What is not the common case is left to the generic
 * instruction, which has the same operands.
 */
import { MATCH_DATA, MATCH_END, MATCH_HEADER, MATCH_POSITION } from '../binary';
import { operand } from '../operands';
import { TAG_BOXED, isSmall, smallOf, smallValue } from '../term';
import { op_bs_get_integer2, op_bs_get_utf8 } from './binary_get';
import { op_bs_start_match3 } from './binary_match';

/** Longest field that is read by one load at any offset, and is always a small integer. */
const FIELD_BITS_MAX: u64 = 56;

/** Address of the match context in the X register at `register`, 0 when it holds something else. */
function contextIn(register: u32): usize {
  const t = load<u64>(register);
  if ((t & 3) != TAG_BOXED) return 0;
  const at: usize = (t as u32) - 2;
  return load<u64>(at) == MATCH_HEADER ? at : 0;
}

/** A context that is matched on again: it is its own context. */
// runs: slow
export function op_i_bs_start_match3_xx(pc: usize): usize {
  if (!contextIn(operand(pc, 1))) return op_bs_start_match3(pc);
  store<u64>(operand(pc, 3), load<u64>(operand(pc, 1)));
  return pc + 20;
}

// runs: slow
export function op_i_bs_get_integer_xcx(pc: usize): usize {
  const context = contextIn(operand(pc, 1));
  const size = load<u64>(operand(pc, 3));
  const bits = (smallValue(size) as u64) * (operand(pc, 4) as u64);
  if (!context || !isSmall(size) || bits - 1 >= FIELD_BITS_MAX || operand(pc, 5))
    return op_bs_get_integer2(pc);
  const position = load<u64>(context, MATCH_POSITION);
  if (bits > load<u64>(context, MATCH_END) - position) {
    const to = operand(pc, 0);
    return to ? to : op_bs_get_integer2(pc);
  }
  store<u64>(context, position + bits, MATCH_POSITION);
  // Seven bits before the field and 56 of the field are in eight bytes; bits.ts says why these may
  // be read.
  const at = load<u32>(context, MATCH_DATA) + ((position >> 3) as usize);
  const word = bswap<u64>(load<u64>(at)) << (position & 7);
  store<u64>(operand(pc, 6), smallOf((word >> (64 - bits)) as i64));
  return pc + 32;
}

/** An ASCII character on a byte boundary. */
// runs: slow
export function op_i_bs_get_utf8_xx(pc: usize): usize {
  const context = contextIn(operand(pc, 1));
  if (!context) return op_bs_get_utf8(pc);
  const position = load<u64>(context, MATCH_POSITION);
  if (position & 7 || load<u64>(context, MATCH_END) - position < 8) return op_bs_get_utf8(pc);
  const byte = load<u8>(load<u32>(context, MATCH_DATA) + ((position >> 3) as usize));
  if (byte >= 0x80) return op_bs_get_utf8(pc);
  store<u64>(context, position + 8, MATCH_POSITION);
  store<u64>(operand(pc, 4), smallOf(byte as i64));
  return pc + 24;
}

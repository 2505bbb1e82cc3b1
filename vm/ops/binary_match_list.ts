/**
 * bs_match (since OTP 26): several match commands in one instruction. Its list is flat: the code of
 * a command, then its arguments, in the forms that loader/match_commands.ts gives them. After a
 * failure the position does not matter: the compiler restores it.
 */
import { MATCH_DATA, MATCH_OWNER, MATCH_POSITION, partOfOwner } from '../binary';
import { readBits } from '../bits';
import {
  COMMAND_BINARY,
  COMMAND_ENSURE_AT_LEAST,
  COMMAND_ENSURE_EXACTLY,
  COMMAND_EQUAL,
  COMMAND_GET_TAIL,
  COMMAND_INTEGER,
  COMMAND_SKIP,
} from '../bits_commands';
import { INTEGER_BITS_MAX, getInteger } from '../bits_integer';
import { fitsU64, lowBits } from '../bignum';
import { operand, readSource, writeDestination } from '../operands';
import { NONE, isInteger } from '../term';
import { advance, available, contextOf, contextTail, failTo } from './binary_match';
import { raiseAt } from './exceptions';

/** Commands whose failure is an ordinary mismatch. */
const MISMATCH: usize = 0;
/** A failure other than a mismatch has been recorded. */
const RAISE: usize = 1;

/** Argument `index` of the command at `at`, a number. */
function number(at: usize, index: u32): u32 {
  return load<u32>(at + 4 + (index << 2));
}
/** `bits` more bits are there. */
function has(context: usize, bits: u64): bool {
  return bits <= available(context);
}

function getField(context: usize, at: usize): usize {
  const bits = (number(at, 2) as u64) * (number(at, 3) as u64);
  if (!has(context, bits)) return MISMATCH;
  const position = load<u64>(context, MATCH_POSITION);
  let value: u64;
  if (load<u32>(at) == COMMAND_INTEGER) {
    if (bits > INTEGER_BITS_MAX) return MISMATCH;
    value = getInteger(load<u32>(context, MATCH_DATA), position, bits, number(at, 1));
    if (value == NONE) return RAISE;
  } else value = partOfOwner(load<u64>(context, MATCH_OWNER), position, bits);
  advance(context, bits);
  writeDestination(number(at, 4), value);
  return at + 24;
}
/** The next bits, as an unsigned number, are the value. */
function compareField(context: usize, at: usize): usize {
  const bits = number(at, 1);
  if (bits > 64 || !has(context, bits)) return MISMATCH;
  const position = load<u64>(context, MATCH_POSITION);
  const found = readBits(load<u32>(context, MATCH_DATA), position, bits);
  const wanted = readSource(number(at, 2));
  if (!isInteger(wanted) || !fitsU64(wanted) || lowBits(wanted) != found) return MISMATCH;
  advance(context, bits);
  return at + 16;
}
function skipField(context: usize, at: usize): usize {
  const bits = number(at, 0);
  if (!has(context, bits)) return MISMATCH;
  advance(context, bits);
  return at + 8;
}
function ensureAtLeast(context: usize, at: usize): usize {
  const stride = number(at, 0) as u64;
  const unit = number(at, 1) as u64;
  const left = available(context);
  if (stride > left || (unit > 1 && (left - stride) % unit)) return MISMATCH;
  return at + 12;
}
function getTail(context: usize, at: usize): usize {
  writeDestination(number(at, 2), contextTail(context));
  return at + 16;
}

/** Run the command at `at`; address of the next one, or MISMATCH or RAISE. */
function runCommand(context: usize, at: usize): usize {
  switch (load<u32>(at)) {
    case COMMAND_ENSURE_AT_LEAST:
      return ensureAtLeast(context, at);
    case COMMAND_ENSURE_EXACTLY:
      return available(context) == number(at, 0) ? at + 8 : MISMATCH;
    case COMMAND_INTEGER:
    case COMMAND_BINARY:
      return getField(context, at);
    case COMMAND_SKIP:
      return skipField(context, at);
    case COMMAND_EQUAL:
      return compareField(context, at);
    case COMMAND_GET_TAIL:
      return getTail(context, at);
    default:
      return MISMATCH;
  }
}

// runs: slow
export function op_bs_match(pc: usize): usize {
  const context = contextOf(operand(pc, 1));
  if (!context) return failTo(pc, operand(pc, 0));
  let at = pc + 16;
  const end = at + (operand(pc, 2) << 2);
  while (at < end) {
    const next = runCommand(context, at);
    if (next == RAISE) return raiseAt(pc);
    if (next == MISMATCH) return failTo(pc, operand(pc, 0));
    at = next;
  }
  return end;
}

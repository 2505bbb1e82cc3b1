/**
 * The command list of bs_match: the name of a command, then its arguments, one after the other
 * (beam_validator: validate_bs_match). Names and flags become sources, destinations are registers,
 * and numbers are themselves, but for the value that `=:=` compares with, which is a source because
 * it may have 64 bits.
 */
import {
  am_binary,
  am_ensure_at_least,
  am_ensure_exactly,
  am_exact_equal,
  am_get_tail,
  am_integer,
  am_skip,
} from '../gen/atoms';
import * as C from './compact';
import { emitSlot } from './emit';
import { LIST_SLOT } from './emit_lists';
import {
  KIND_CONSTANT,
  KIND_NUMBER,
  asDestination,
  asSource,
  kindOf,
  operandFails,
  operandWord,
  setOperand,
} from './operands';
import { V_CONSTANTS, doubleOf } from './scratch';
import { verifyListDestination, verifyRead } from './verify';

const NUMBER: u32 = 1;
const SOURCE: u32 = 2;
const DESTINATION: u32 = 3;
const VALUE: u32 = 4;

/**
 * Kinds of the arguments of a command, one hex digit each, the first lowest; 0 when there is no
 * such command.
 */
function argumentsOf(command: u64): u32 {
  if (command == am_ensure_at_least) return 0x11; // stride, unit
  if (command == am_ensure_exactly || command == am_skip) return 0x1; // bits
  if (command == am_integer || command == am_binary) return 0x3_1121; // live, flags, size, unit, to
  if (command == am_get_tail) return 0x311; // live, unit, to
  return command == am_exact_equal ? 0x412 : 0; // live, bits, value
}

function emitArgument(kind: u32): bool {
  if (kind == VALUE ? !C.takeInteger() : !C.takeTerm())
    return operandFails('has a list that is cut off or malformed', 0);
  if (kind == DESTINATION) {
    if (!asDestination(LIST_SLOT) || !verifyListDestination(LIST_SLOT)) return false;
  } else if (kind == NUMBER) {
    if ((C.tag != C.TAG_U && C.tag != C.TAG_I) || C.value < 0 || C.value > 0xffff_ffff)
      return operandFails('has no number where one must be', 0);
    setOperand(LIST_SLOT, KIND_NUMBER, C.value as u32);
  } else if (!asSource(LIST_SLOT) || !verifyRead(LIST_SLOT)) return false;
  emitSlot(LIST_SLOT);
  return true;
}

/** Emit the `count` elements of the list at the cursor; false after operandFails. */
export function emitMatchCommands(count: u32): bool {
  let left = count;
  while (left) {
    if (
      !C.takeTerm() ||
      C.tag != C.TAG_A ||
      !asSource(LIST_SLOT) ||
      kindOf(LIST_SLOT) != KIND_CONSTANT
    )
      return operandFails('has no command where one must be', 0);
    emitSlot(LIST_SLOT);
    left--;
    let kinds = argumentsOf(doubleOf(V_CONSTANTS, operandWord(LIST_SLOT)));
    if (!kinds) return operandFails('has an unknown command', 0);
    for (; kinds; kinds >>= 4) {
      if (!left) return operandFails('has a command that is cut off', 0);
      if (!emitArgument(kinds & 15)) return false;
      left--;
    }
  }
  return true;
}

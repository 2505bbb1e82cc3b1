/**
 * The command list of bs_match: the name of a command, then its arguments, one after the other
 * (beam_validator: validate_bs_match). In the code the name is a COMMAND_ constant, flags are FLAG_
 * constants, numbers are themselves; destinations are registers, and the value that `=:=` compares
 * with is a source, because it may have 64 bits.
 */
import {
  COMMAND_BINARY,
  COMMAND_ENSURE_AT_LEAST,
  COMMAND_ENSURE_EXACTLY,
  COMMAND_EQUAL,
  COMMAND_GET_TAIL,
  COMMAND_INTEGER,
  COMMAND_NONE,
  COMMAND_SKIP,
} from '../bits_commands';
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
import {
  KIND_CONSTANT,
  KIND_NUMBER,
  LIST_SLOT,
  asDestination,
  asSource,
  kindOf,
  operandFails,
  operandWord,
  setOperand,
} from './operands';
import { V_CONSTANTS, doubleOf } from './scratch';
import { flagsOfList } from './segments';
import { verifyListDestination, verifyRead } from './verify';

const NUMBER: u32 = 1;
const FLAGS: u32 = 2;
const DESTINATION: u32 = 3;
const VALUE: u32 = 4;
/** The `live` argument of `=:=`, which is []. */
const NOTHING: u32 = 5;

/** Kinds of the arguments of a command, one hex digit each, the first lowest (bits_commands.ts). */
function argumentsOf(command: u32): u32 {
  switch (command) {
    case COMMAND_ENSURE_AT_LEAST:
      return 0x11;
    case COMMAND_INTEGER:
    case COMMAND_BINARY:
      return 0x3_1121;
    case COMMAND_GET_TAIL:
      return 0x311;
    case COMMAND_EQUAL:
      return 0x415;
    default:
      return 0x1;
  }
}
function commandOf(name: u64): u32 {
  if (name == am_ensure_at_least) return COMMAND_ENSURE_AT_LEAST;
  if (name == am_ensure_exactly) return COMMAND_ENSURE_EXACTLY;
  if (name == am_integer) return COMMAND_INTEGER;
  if (name == am_binary) return COMMAND_BINARY;
  if (name == am_skip) return COMMAND_SKIP;
  if (name == am_get_tail) return COMMAND_GET_TAIL;
  return name == am_exact_equal ? COMMAND_EQUAL : COMMAND_NONE;
}

/** The constant in the slot. */
function constant(): u64 {
  return doubleOf(V_CONSTANTS, operandWord(LIST_SLOT));
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
  } else {
    if (!asSource(LIST_SLOT) || !verifyRead(LIST_SLOT)) return false;
    if (kind != VALUE && kindOf(LIST_SLOT) != KIND_CONSTANT)
      return operandFails('has no constant where one must be', 0);
    if (kind == FLAGS) setOperand(LIST_SLOT, KIND_NUMBER, flagsOfList(constant()));
    if (kind == NOTHING) setOperand(LIST_SLOT, KIND_NUMBER, 0);
  }
  emitSlot(LIST_SLOT);
  return true;
}

/** The command whose name is at the cursor; COMMAND_NONE after operandFails. */
function takeCommand(): u32 {
  if (
    !C.takeTerm() ||
    C.tag != C.TAG_A ||
    !asSource(LIST_SLOT) ||
    kindOf(LIST_SLOT) != KIND_CONSTANT
  ) {
    operandFails('has no command where one must be', 0);
    return COMMAND_NONE;
  }
  const command = commandOf(constant());
  if (command == COMMAND_NONE) operandFails('has an unknown command', 0);
  return command;
}

/** Emit the `count` elements of the list at the cursor; false after operandFails. */
export function emitMatchCommands(count: u32): bool {
  let left = count;
  while (left) {
    const command = takeCommand();
    if (command == COMMAND_NONE) return false;
    setOperand(LIST_SLOT, KIND_NUMBER, command);
    emitSlot(LIST_SLOT);
    left--;
    for (let kinds = argumentsOf(command); kinds; kinds >>= 4) {
      if (!left) return operandFails('has a command that is cut off', 0);
      if (!emitArgument(kinds & 15)) return false;
      left--;
    }
  }
  return true;
}

/**
 * Instructions with a list: what its elements may be, how they are emitted, and what they read and
 * write. Elements use operand slots from LIST_SLOT on, so that the instruction's own operands stay
 * in theirs.
 */
import * as O from '../gen/opcodes';
import { xAddress } from '../registers';
import { isSmall, smallValue } from '../term';
import * as C from './compact';
import {
  emit,
  emitOperand,
  emitSlot,
  refuseInstruction,
  refuseOperand,
  setListLength,
} from './emit';
import * as F from './frame_state';
import { emitMatchCommands } from './match_commands';
import {
  KIND_CONSTANT,
  KIND_LAMBDA,
  KIND_NUMBER,
  KIND_X,
  KIND_Y,
  LIST_SLOT,
  asDestination,
  asSource,
  decodeOperand,
  kindOf,
  operandWord,
  setOperand,
} from './operands';
import * as S from './scratch';
import { SEGMENT_ELEMENTS, SEGMENT_WORDS, emitSegments } from './segments';
import { verifyAfter, verifyListDestination, verifyRead, verifyWrite } from './verify';

function cutOff(opcode: u32): bool {
  return refuseInstruction(opcode, 'has a list that is cut off or malformed');
}

/** put_tuple N Dst, then N times put Source: as put_tuple2 Dst, list. */
export function emitPutTuple(): bool {
  if (!decodeOperand(O.OPERAND_u, 1) || !decodeOperand(O.OPERAND_d, 0))
    return refuseOperand(O.OP_put_tuple);
  const count = operandWord(1);
  emit(O.OP_put_tuple2);
  emitSlot(0);
  emit(count);
  for (let i: u32 = 0; i < count; i++) {
    if (!S.bytesLeft() || S.takeByte() != O.OP_put)
      return refuseInstruction(
        O.OP_put_tuple,
        'is not followed by as many put instructions as it says',
      );
    if (!decodeOperand(O.OPERAND_s, LIST_SLOT) || !verifyRead(LIST_SLOT))
      return refuseOperand(O.OP_put);
    emitSlot(LIST_SLOT);
  }
  return verifyAfter(O.OP_put_tuple2, 1, count) || refuseOperand(O.OP_put_tuple);
}

// ---- funs

function takeLambda(opcode: u32): bool {
  if (!decodeOperand(O.OPERAND_u, 0)) return refuseOperand(opcode);
  if (operandWord(0) >= S.vectorWords(S.V_LAMBDAS) / S.LAMBDA_WORDS)
    return refuseInstruction(opcode, 'names a fun that does not exist');
  return true;
}
function freeVariables(lambda: u32): u32 {
  return S.wordOf(S.V_LAMBDAS, lambda * S.LAMBDA_WORDS + 4);
}

export function emitMakeFun2(): bool {
  if (!takeLambda(O.OP_make_fun2)) return false;
  const lambda = operandWord(0);
  const count = freeVariables(lambda);
  emit(O.OP_make_fun3);
  emitOperand(KIND_LAMBDA, lambda);
  emitOperand(KIND_X, xAddress(0) as u32);
  emit(count);
  for (let i: u32 = 0; i < count; i++) {
    setOperand(LIST_SLOT, KIND_X, xAddress(i) as u32);
    if (!verifyRead(LIST_SLOT)) return refuseOperand(O.OP_make_fun2);
    emitSlot(LIST_SLOT);
  }
  if (!F.reachable) return true;
  F.killX(0);
  F.setXType(0, F.T_ANY);
  return true;
}
export function emitMakeFun3(): bool {
  if (!takeLambda(O.OP_make_fun3)) return false;
  const lambda = operandWord(0);
  if (!decodeOperand(O.OPERAND_d, 1)) return refuseOperand(O.OP_make_fun3);
  emit(O.OP_make_fun3);
  emitOperand(KIND_LAMBDA, lambda);
  emitSlot(1);
  if (!C.takeTerm() || C.tag != C.TAG_LIST_OPERAND)
    return refuseInstruction(O.OP_make_fun3, 'has no list of free variables');
  const count = C.value as u32;
  if (count != freeVariables(lambda))
    return refuseInstruction(O.OP_make_fun3, 'has another number of free variables than its fun');
  emit(count);
  if (!emitSources(O.OP_make_fun3, count)) return false;
  return verifyWrite(1, F.T_ANY) || refuseOperand(O.OP_make_fun3);
}

// ---- elements

/** All elements are sources. */
function emitSources(opcode: u32, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (!C.takeTerm()) return cutOff(opcode);
    if (!asSource(LIST_SLOT) || !verifyRead(LIST_SLOT)) return refuseOperand(opcode);
    emitSlot(LIST_SLOT);
  }
  return true;
}

/** All elements are Y registers that are written (init_yregs). */
function emitSlots(opcode: u32, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (!C.takeTerm()) return cutOff(opcode);
    if (!asDestination(LIST_SLOT) || !verifyWrite(LIST_SLOT, F.T_ANY)) return refuseOperand(opcode);
    if (kindOf(LIST_SLOT) != KIND_Y) return refuseInstruction(opcode, 'has no Y register');
    emitSlot(LIST_SLOT);
  }
  return true;
}

/** Pairs of a source and a destination (get_map_elements). */
function emitSourceDestinations(opcode: u32, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (!C.takeTerm()) return cutOff(opcode);
    const isSource = !(i & 1);
    const good = isSource
      ? asSource(LIST_SLOT) && verifyRead(LIST_SLOT)
      : asDestination(LIST_SLOT) && verifyListDestination(LIST_SLOT);
    if (!good) return refuseOperand(opcode);
    emitSlot(LIST_SLOT);
  }
  return true;
}

/** Pairs of an element number, within the record, and a source (update_record). */
function emitUpdates(opcode: u32, count: u32, size: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    if (!C.takeTerm()) return cutOff(opcode);
    if (!asSource(LIST_SLOT)) return refuseOperand(opcode);
    if (!(i & 1)) {
      if (kindOf(LIST_SLOT) != KIND_CONSTANT)
        return refuseInstruction(opcode, 'has no number where one must be');
      const position = S.doubleOf(S.V_CONSTANTS, operandWord(LIST_SLOT));
      const inside =
        isSmall(position) && smallValue(position) >= 1 && smallValue(position) <= (size as i64);
      if (!inside) return refuseInstruction(opcode, 'names an element outside the record');
    } else if (!verifyRead(LIST_SLOT)) return refuseOperand(opcode);
    emitSlot(LIST_SLOT);
  }
  return true;
}

/** The list operand at the cursor. */
export function emitList(opcode: u32): bool {
  if (!C.takeTerm() || C.tag != C.TAG_LIST_OPERAND)
    return refuseInstruction(opcode, 'has no list where one must be');
  const count = C.value as u32;
  // Every element takes at least a byte.
  if (count > S.bytesLeft()) return cutOff(opcode);
  const inPairs =
    opcode == O.OP_put_map_assoc ||
    opcode == O.OP_put_map_exact ||
    opcode == O.OP_get_map_elements ||
    opcode == O.OP_update_record;
  if (inPairs && count & 1) return refuseInstruction(opcode, 'has a list of odd length');
  setListLength(count);
  emit(opcode == O.OP_bs_create_bin ? (count / SEGMENT_ELEMENTS) * SEGMENT_WORDS : count);
  if (opcode == O.OP_bs_create_bin) return emitSegments(count) || refuseOperand(opcode);
  if (opcode == O.OP_get_map_elements) return emitSourceDestinations(opcode, count);
  if (opcode == O.OP_init_yregs) return emitSlots(opcode, count);
  if (opcode == O.OP_update_record) return emitUpdates(opcode, count, operandWord(1));
  if (opcode == O.OP_bs_match) return emitMatchCommands(count) || refuseOperand(opcode);
  return emitSources(opcode, count);
}

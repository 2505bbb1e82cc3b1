/**
 * Decoding the operands of one instruction: each becomes a kind and a word. Everything the kinds
 * promise is checked here: register numbers, atom, literal, import and lambda indices, number
 * ranges. Labels are checked when all are known.
 */
import {
  OPERAND_a,
  OPERAND_d,
  OPERAND_e,
  OPERAND_f,
  OPERAND_F,
  OPERAND_h,
  OPERAND_j,
  OPERAND_l,
  OPERAND_q,
  OPERAND_S,
  OPERAND_b,
  OPERAND_s,
  OPERAND_t,
  OPERAND_u,
} from '../gen/opcodes';
import { FLOAT_REGISTERS_MAX, X_REGISTERS_MAX, xAddress } from '../registers';
import { LINEAR_FLOAT_REGISTERS } from '../gen/layout';
import { NIL, NONE, smallOf } from '../term';
import * as C from './compact';
import { bigIntegerConstant, constantIndex, integerConstant } from './constants';
import { V_ATOMS, V_IMPORTS, V_LABELS, V_LITERALS, doubleOf, vectorWords, wordOf } from './scratch';

/**
 * Kinds of operand words; those from KIND_CONSTANT on are completed when the block of the module
 * exists.
 */
export const KIND_NUMBER: u32 = 0;
export const KIND_X: u32 = 1;
export const KIND_Y: u32 = 2;
export const KIND_FLOAT: u32 = 3;
export const KIND_CONSTANT: u32 = 4;
export const KIND_LABEL: u32 = 5;
export const KIND_IMPORT: u32 = 6;
export const KIND_LAMBDA: u32 = 7;
export const KIND_STRING: u32 = 8;

/** First operand slot for elements of lists: the instruction's own operands stay in theirs. */
export const LIST_SLOT: u32 = 5;

/** Operands of the instruction being decoded. */
const OPERANDS_MAX: u32 = 12;
const kinds: usize = memory.data(12, 8);
const words: usize = memory.data(12 * 4, 8);

/** Why the last decode failed, when it did. */
export let operandProblem: string = '';
export let problemNumber: u64 = 0;

/** The number of Y registers that can be named; the verifier knows the frame's size. */
export const Y_REGISTERS_MAX: u32 = 1024;

export function kindOf(index: u32): u32 {
  return load<u8>(kinds + index);
}
export function operandWord(index: u32): u32 {
  return load<u32>(words + (index << 2));
}
export function setOperand(index: u32, kind: u32, word: u32): void {
  store<u8>(kinds + index, kind as u8);
  store<u32>(words + (index << 2), word);
}

export function operandFails(problem: string, number: u64): bool {
  operandProblem = problem;
  problemNumber = number;
  return false;
}

/** A register, as source or destination. */
function register(index: u32): bool {
  if (C.value >= ((C.tag == C.TAG_X ? X_REGISTERS_MAX : Y_REGISTERS_MAX) as i64))
    return operandFails('has a register number that is too large: ', C.value as u64);
  const number = C.value as u32;
  if (C.tag == C.TAG_X) setOperand(index, KIND_X, xAddress(number) as u32);
  else setOperand(index, KIND_Y, ((number + 1) << 3) | 1);
  return true;
}

/** The term of the constant just taken by takeTerm; NONE after operandFails when it is none. */
export function constantTerm(): u64 {
  const value = C.value as u32;
  switch (C.tag) {
    case C.TAG_I:
      return integerConstant(C.value);
    case C.TAG_BIG:
      return bigIntegerConstant(C.bigAt, C.bigBytes);
    case C.TAG_H:
      return smallOf(value);
    case C.TAG_A:
      if (!value) return NIL;
      if (value <= vectorWords(V_ATOMS)) return wordOf(V_ATOMS, value - 1);
      operandFails('names an atom that is not in the table: ', value);
      return NONE;
    case C.TAG_LITERAL:
      if (value < vectorWords(V_LITERALS) >> 1) return doubleOf(V_LITERALS, value);
      operandFails('names a literal that does not exist: ', value);
      return NONE;
    default:
      operandFails('has an operand of the wrong kind', 0);
      return NONE;
  }
}

/** The operand just taken by takeTerm as a source. */
export function asSource(index: u32): bool {
  if (C.tag == C.TAG_X || C.tag == C.TAG_Y) return register(index);
  const term = constantTerm();
  if (term == NONE) return false;
  setOperand(index, KIND_CONSTANT, constantIndex(term));
  return true;
}
export function asDestination(index: u32): bool {
  if (C.tag != C.TAG_X && C.tag != C.TAG_Y)
    return operandFails('has no register as destination', 0);
  return register(index);
}
export function asLabel(index: u32, zeroAllowed: bool): bool {
  if (C.tag != C.TAG_F) return operandFails('has no label where one must be', 0);
  if (C.value >= (vectorWords(V_LABELS) as i64))
    return operandFails('names a label above the label count: ', C.value as u64);
  if (!C.value) {
    if (!zeroAllowed) return operandFails('has no label where one must be', 0);
    setOperand(index, KIND_NUMBER, 0);
  } else setOperand(index, KIND_LABEL, C.value as u32);
  return true;
}
function asNumber(index: u32): bool {
  // Old compilers write some numbers with tag i.
  if (C.tag != C.TAG_U && C.tag != C.TAG_I)
    return operandFails('has no number where one must be', 0);
  if (C.value < 0 || C.value > 0x7fff_ffff)
    return operandFails('has a number that is too large', 0);
  setOperand(index, KIND_NUMBER, C.value as u32);
  return true;
}
function asFloatRegister(index: u32): bool {
  if (C.tag != C.TAG_FLOAT_REGISTER)
    return operandFails('has no floating-point register where one must be', 0);
  if (C.value >= (FLOAT_REGISTERS_MAX as i64))
    return operandFails('has a register number that is too large: ', C.value as u64);
  setOperand(index, KIND_FLOAT, LINEAR_FLOAT_REGISTERS + ((C.value as u32) << 3));
  return true;
}

/** Most words an allocation may ask for. */
const HEAP_NEED_MAX: u64 = 1 << 24;
/**
 * Words of an allocation list entry of kind 0 words, 1 floats, 2 funs (a fun's free variables are
 * counted as words).
 */
function allocationWords(kind: u64): u32 {
  return kind == 0 ? 1 : kind == 1 ? 2 : kind == 2 ? 3 : 0;
}
function asHeapNeed(index: u32): bool {
  if (C.tag == C.TAG_U) {
    if ((C.value as u64) > HEAP_NEED_MAX)
      return operandFails('asks for too many heap words: ', C.value as u64);
    setOperand(index, KIND_NUMBER, C.value as u32);
    return true;
  }
  if (C.tag != C.TAG_ALLOCATION) return operandFails('has no heap need where one must be', 0);
  const entries = C.value as u32;
  let sum: u64 = 0;
  for (let i: u32 = 0; i < entries; i++) {
    if (!C.takeUnsigned()) return operandFails('has a bad allocation list', 0);
    const each = allocationWords(C.value as u64);
    if (!each || !C.takeUnsigned()) return operandFails('has a bad allocation list', 0);
    sum += (each as u64) * (C.value as u64);
    if (sum > HEAP_NEED_MAX) return operandFails('asks for too many heap words: ', sum);
  }
  setOperand(index, KIND_NUMBER, sum as u32);
  return true;
}

/** Decode operand `index` of kind `letter` (not z) at the cursor. */
export function decodeOperand(letter: u32, index: u32): bool {
  if (letter == OPERAND_b) {
    if (!C.takeBits()) return operandFails('has no number where one must be', 0);
    setOperand(index, KIND_NUMBER, C.value as u32);
    return true;
  }
  if (!C.takeTerm()) return operandFails('has an operand that is cut off or malformed', 0);
  const value = C.value as u32;
  switch (letter) {
    case OPERAND_S:
      if (C.tag == C.TAG_U) C.takenAsInteger();
      return asSource(index);
    case OPERAND_s:
      return asSource(index);
    case OPERAND_d:
      return asDestination(index);
    case OPERAND_f:
      return asLabel(index, false);
    case OPERAND_j:
      return asLabel(index, true);
    case OPERAND_u:
    case OPERAND_q:
      return asNumber(index);
    case OPERAND_h:
      return asHeapNeed(index);
    case OPERAND_l:
      return asFloatRegister(index);
    case OPERAND_t:
      setOperand(index, KIND_NUMBER, 0);
      return true;
    case OPERAND_F:
      if (C.tag == C.TAG_FLOAT_REGISTER) return asFloatRegister(index);
      if (C.tag == C.TAG_F) return asLabel(index, false);
      return asSource(index);
    case OPERAND_a:
      if (C.tag != C.TAG_A || !value || value > vectorWords(V_ATOMS))
        return operandFails('has no atom where one must be', 0);
      setOperand(index, KIND_NUMBER, wordOf(V_ATOMS, value - 1));
      return true;
    case OPERAND_e:
      if (C.tag != C.TAG_U || value >= vectorWords(V_IMPORTS) / 3)
        return operandFails('names an import that does not exist: ', value);
      setOperand(index, KIND_IMPORT, value);
      return true;
    default:
      return operandFails('has an operand of a kind the loader does not know', letter);
  }
}

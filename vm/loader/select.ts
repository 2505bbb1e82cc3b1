/**
 * Forms of select_val and select_tuple_arity (operands: vm/operands.ts; the ops: vm/ops/select.ts).
 *
 *   select_val_dense    source, label, constant of the least value, count, count labels      dense
 *                       small integers; holes go to label
 *   select_val_sorted   source, label, first of count constants in ascending order, count, count
 *                       labels      immediates
 *   select_val          source, label, 2 * count, then pairs of constant and label      any
 *                       constants, compared exactly
 *   select_tuple_arity  source, label, 2 * count, then pairs of arity and label
 */
import {
  OP_select_tuple_arity,
  OP_select_val,
  OP_select_val_dense,
  OP_select_val_sorted,
} from '../gen/opcodes';
import { NONE, isImmediate, isSmall, smallOf, smallValue } from '../term';
import * as C from './compact';
import { appendConstant } from './constants';
import { emit, emitOperand, emitSlot } from './emit';
import {
  KIND_CONSTANT,
  KIND_LABEL,
  KIND_NUMBER,
  asLabel,
  constantTerm,
  operandFails,
  operandWord,
} from './operands';
import * as S from './scratch';
import { verifyArityBranch, verifyLabelBranch } from './verify';

/**
 * A select is dense when its table has at most this many times as many entries as it has values,
 * plus 8.
 */
const DENSE_FACTOR: u64 = 2;

/**
 * Read the list into V_SELECT: {value (64), label (32), unused (32)} each. Values are terms, or raw
 * arities.
 */
function takePairs(arities: bool): bool {
  if (!C.takeTerm() || C.tag != C.TAG_LIST_OPERAND || C.value & 1)
    return operandFails('has no list of pairs', 0);
  const count = C.value as u32;
  if (count > S.bytesLeft()) return operandFails('has a list that is cut off or malformed', 0);
  S.clearVector(S.V_SELECT);
  for (let i: u32 = 0; i < count; i += 2) {
    if (!C.takeTerm()) return operandFails('has a list that is cut off or malformed', 0);
    let value: u64 = 0;
    if (arities) {
      if (C.tag != C.TAG_U) return operandFails('has a pair without arity', 0);
      value = C.value as u64;
    } else {
      value = constantTerm();
      if (value == NONE) return false;
    }
    S.pushDouble(S.V_SELECT, value);
    if (!C.takeTerm()) return operandFails('has a list that is cut off or malformed', 0);
    if (!asLabel(3, false)) return false;
    if (!verifyPair(arities, value)) return false;
    S.pushDouble(S.V_SELECT, operandWord(3) as u64);
  }
  return true;
}
function verifyPair(arities: bool, value: u64): bool {
  if (!arities) return verifyLabelBranch(operandWord(3), OP_select_val);
  return verifyArityBranch(0, operandWord(3), min(value, 0xff_ffff) as u32);
}
function pairCount(): u32 {
  return S.vectorWords(S.V_SELECT) >> 2;
}
function valueAt(index: u32): u64 {
  return S.doubleOf(S.V_SELECT, index << 1);
}
function labelAt(index: u32): u32 {
  return S.wordOf(S.V_SELECT, (index << 2) + 2);
}

/** Let the pair at `from` sink to its place in the heap of `count` pairs. */
function sink(base: usize, from: u32, count: u32): void {
  const value = load<u64>(base + (from << 4));
  const label = load<u64>(base + (from << 4), 8);
  let hole = from;
  while (true) {
    let child: u32 = 2 * hole + 1;
    if (child >= count) break;
    if (child + 1 < count && load<u64>(base + (child << 4)) < load<u64>(base + (child << 4), 16))
      child++;
    if (load<u64>(base + (child << 4)) <= value) break;
    store<u64>(base + (hole << 4), load<u64>(base + (child << 4)));
    store<u64>(base + (hole << 4), load<u64>(base + (child << 4), 8), 8);
    hole = child;
  }
  store<u64>(base + (hole << 4), value);
  store<u64>(base + (hole << 4), label, 8);
}
/** Heapsort by value as unsigned word. */
function sortPairs(): void {
  const base = S.vectorBase(S.V_SELECT);
  let count = pairCount();
  for (let i = count >> 1; i > 0; i--) sink(base, i - 1, count);
  while (count > 1) {
    count--;
    const value = load<u64>(base);
    const label = load<u64>(base, 8);
    store<u64>(base, load<u64>(base + (count << 4)));
    store<u64>(base, load<u64>(base + (count << 4), 8), 8);
    store<u64>(base + (count << 4), value);
    store<u64>(base + (count << 4), label, 8);
    sink(base, 0, count);
  }
}

function emitPairs(opcode: u32, valueKind: u32): void {
  const count = pairCount();
  emit(opcode);
  emitSlot(0);
  emitSlot(1);
  emit(2 * count);
  for (let i: u32 = 0; i < count; i++) {
    const value = valueAt(i);
    emitOperand(valueKind, valueKind == KIND_NUMBER ? (value as u32) : appendConstant(value));
    emitOperand(KIND_LABEL, labelAt(i));
  }
}

/** Emit the head of a table form: its constant operand is `constant`. */
function emitTableHead(opcode: u32, constant: u32, count: u32): void {
  emit(opcode);
  emitSlot(0);
  emitSlot(1);
  emitOperand(KIND_CONSTANT, constant);
  emit(count);
}

/** Dense: all values small integers and few holes. Emits and returns true, or returns false. */
function emitDense(): bool {
  const count = pairCount();
  let least: i64 = i64.MAX_VALUE;
  let most: i64 = i64.MIN_VALUE;
  for (let i: u32 = 0; i < count; i++) {
    if (!isSmall(valueAt(i))) return false;
    least = min(least, smallValue(valueAt(i)));
    most = max(most, smallValue(valueAt(i)));
  }
  const span = (most - least) as u64;
  if (count < 3 || span >= (count as u64) * DENSE_FACTOR + 8) return false;
  const table = (span as u32) + 1;
  S.fillVector(S.V_SELECT_TABLE, table, 0);
  if (S.exhausted) return true;
  for (let i = count; i > 0; i--)
    S.setWordOf(S.V_SELECT_TABLE, (smallValue(valueAt(i - 1)) - least) as u32, labelAt(i - 1));
  emitTableHead(OP_select_val_dense, appendConstant(smallOf(least)), table);
  for (let i: u32 = 0; i < table; i++) {
    const label = S.wordOf(S.V_SELECT_TABLE, i);
    if (label) emitOperand(KIND_LABEL, label);
    else emitSlot(1);
  }
  return true;
}

function emitSorted(): void {
  const count = pairCount();
  sortPairs();
  let first: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const index = appendConstant(valueAt(i));
    if (!i) first = index;
  }
  emitTableHead(OP_select_val_sorted, first, count);
  for (let i: u32 = 0; i < count; i++) emitOperand(KIND_LABEL, labelAt(i));
}

/**
 * Source and label are in operand slots 0 and 1, the list is at the cursor. False after
 * operandFails.
 */
export function emitSelectVal(): bool {
  if (!takePairs(false) || S.exhausted) return S.exhausted;
  const count = pairCount();
  for (let i: u32 = 0; i < count; i++) {
    if (isImmediate(valueAt(i))) continue;
    emitPairs(OP_select_val, KIND_CONSTANT);
    return true;
  }
  if (!count) emitPairs(OP_select_val, KIND_CONSTANT);
  else if (!emitDense()) emitSorted();
  return true;
}

export function emitSelectTupleArity(): bool {
  if (!takePairs(true)) return false;
  emitPairs(OP_select_tuple_arity, KIND_NUMBER);
  return true;
}

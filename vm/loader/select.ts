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
import * as F from './frame_state';
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
import { work, workLeft } from './slices';
import { verifyArityBranch, verifyLabelBranch } from './verify';

/**
 * A select is dense when its table has at most this many times as many entries as it has values,
 * plus 8.
 */
const DENSE_FACTOR: u64 = 2;

/**
 * What it counts as to read a pair, to write one, and to read one more for each so many registers,
 * about which the verifier notes what is known at its label.
 */
const WORK_OF_READING: i32 = 10;
const WORK_OF_WRITING: i32 = 2;
const WORK_OF_SORTING: i32 = 5;
/** Words of a dense table that are cleared as one step. */
const CLEARED_AT_ONCE: u32 = 64;
const REGISTERS_PER_WORK: u32 = 4;

/**
 * An instruction may select among thousands of values: it is read and written pair by pair, and can
 * be left between any two (slices.ts). No other operand is decoded before it is done.
 */
const STAGE_NONE: u32 = 0;
const STAGE_TAKE: u32 = 1;
const STAGE_HEAP: u32 = 2;
const STAGE_SORT: u32 = 3;
const STAGE_CONSTANTS: u32 = 4;
const STAGE_TABLE: u32 = 5;
const STAGE_WRITE: u32 = 6;
const STAGE_CLEAR: u32 = 7;
let stage: u32 = STAGE_NONE;
/** The pair, or entry of the table, to go on with. */
let next: u32 = 0;
/** Numbers in the list. */
let listCount: u32 = 0;
/** The form that is written, and the constant of its head. */
let form: u32 = 0;
let headConstant: u32 = 0;
/** Of the values so far: what they are, and the bounds of those that are small integers. */
let allImmediate: bool = false;
let allSmall: bool = false;
let least: i64 = 0;
let most: i64 = 0;

/** Nothing is under way. */
export function resetSelect(): void {
  stage = STAGE_NONE;
}
/** An instruction has been begun and not ended. */
export function isSelecting(): bool {
  return stage != STAGE_NONE;
}

/**
 * Read the head of the list: its pairs will lie in V_SELECT, {value (64), label (32), unused (32)}
 * each. Values are terms, or raw arities.
 */
function beginList(): bool {
  if (!C.takeTerm() || C.tag != C.TAG_LIST_OPERAND || C.value & 1)
    return operandFails('has no list of pairs', 0);
  listCount = C.value as u32;
  if (listCount > S.bytesLeft()) return operandFails('has a list that is cut off or malformed', 0);
  S.emptyVector(S.V_SELECT);
  S.reserveVector(S.V_SELECT, listCount << 1);
  next = 0;
  allImmediate = true;
  allSmall = true;
  least = i64.MAX_VALUE;
  most = i64.MIN_VALUE;
  return true;
}
function takePair(arities: bool): bool {
  if (!C.takeTerm()) return operandFails('has a list that is cut off or malformed', 0);
  let value: u64 = 0;
  if (arities) {
    if (C.tag != C.TAG_U) return operandFails('has a pair without arity', 0);
    value = C.value as u64;
  } else {
    value = constantTerm();
    if (value == NONE) return false;
    noteValue(value);
  }
  S.pushDouble(S.V_SELECT, value);
  if (!C.takeTerm()) return operandFails('has a list that is cut off or malformed', 0);
  if (!asLabel(3, false)) return false;
  if (!verifyPair(arities, value)) return false;
  S.pushDouble(S.V_SELECT, operandWord(3) as u64);
  return true;
}
function noteValue(value: u64): void {
  if (!isImmediate(value)) allImmediate = false;
  if (!isSmall(value)) {
    allSmall = false;
    return;
  }
  least = min(least, smallValue(value));
  most = max(most, smallValue(value));
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
/** The largest value of the heap goes to its place behind the others, of which `count` are left. */
function takeLargest(count: u32): void {
  const base = S.vectorBase(S.V_SELECT);
  const value = load<u64>(base);
  const label = load<u64>(base, 8);
  store<u64>(base, load<u64>(base + (count << 4)));
  store<u64>(base, load<u64>(base + (count << 4), 8), 8);
  store<u64>(base + (count << 4), value);
  store<u64>(base + (count << 4), label, 8);
  sink(base, 0, count);
}

/** All values are small integers with few holes between them. */
function isDense(): bool {
  const count = pairCount();
  return allSmall && count >= 3 && ((most - least) as u64) < (count as u64) * DENSE_FACTOR + 8;
}
/** Emit the head of a form, with a constant when it is a table, and what its entries are. */
function emitHead(isTable: bool, count: u32): void {
  emit(form);
  emitSlot(0);
  emitSlot(1);
  if (isTable) emitOperand(KIND_CONSTANT, headConstant);
  emit(count);
  next = 0;
  stage = STAGE_WRITE;
}
/** All pairs have been read: choose the form and what comes next. */
function chooseForm(): void {
  const count = pairCount();
  next = 0;
  if (form != OP_select_val || !count || !allImmediate) {
    emitHead(false, 2 * count);
  } else if (isDense()) {
    form = OP_select_val_dense;
    const table = ((most - least) as u32) + 1;
    S.sizeVector(S.V_SELECT_TABLE, table);
    stage = STAGE_CLEAR;
  } else {
    form = OP_select_val_sorted;
    next = count >> 1;
    stage = STAGE_HEAP;
  }
}

// ---- the stages: each does one pair; false when there is none left

/** The values become a heap by unsigned word, then they are sorted. */
function heapOne(): bool {
  if (!next) return false;
  next--;
  sink(S.vectorBase(S.V_SELECT), next, pairCount());
  return true;
}
function sortOne(): bool {
  if (next < 2) return false;
  next--;
  takeLargest(next);
  return true;
}
/** The table of a dense select has no labels at first. */
function clearSome(): bool {
  const words = S.vectorWords(S.V_SELECT_TABLE);
  if (next == words) return false;
  const count = min(words - next, CLEARED_AT_ONCE);
  memory.fill(S.vectorBase(S.V_SELECT_TABLE) + (next << 2), 0, count << 2);
  next += count;
  return true;
}
/** Of equal values the first counts. */
function tableOne(): bool {
  if (!next) return false;
  next--;
  const index = (smallValue(valueAt(next)) - least) as u32;
  S.setWordOf(S.V_SELECT_TABLE, index, labelAt(next));
  return true;
}
function writeOne(): bool {
  if (form == OP_select_val_dense) return writeDense();
  if (next == pairCount()) return false;
  if (form != OP_select_val_sorted) {
    const value = valueAt(next);
    if (form == OP_select_tuple_arity) emitOperand(KIND_NUMBER, value as u32);
    else emitOperand(KIND_CONSTANT, appendConstant(value));
  }
  emitOperand(KIND_LABEL, labelAt(next));
  next++;
  return true;
}
function writeDense(): bool {
  if (next == S.vectorWords(S.V_SELECT_TABLE)) return false;
  const label = S.wordOf(S.V_SELECT_TABLE, next);
  if (label) emitOperand(KIND_LABEL, label);
  else emitSlot(1);
  next++;
  return true;
}
function constantOne(): bool {
  if (next == pairCount()) return false;
  const index = appendConstant(valueAt(next));
  if (!next) headConstant = index;
  next++;
  return true;
}
function doOne(): bool {
  work(stage == STAGE_SORT ? WORK_OF_SORTING : WORK_OF_WRITING);
  if (stage == STAGE_CLEAR) return clearSome();
  if (stage == STAGE_HEAP) return heapOne();
  if (stage == STAGE_SORT) return sortOne();
  if (stage == STAGE_CONSTANTS) return constantOne();
  return stage == STAGE_TABLE ? tableOne() : writeOne();
}
/** What follows a stage whose pairs are all done. */
function nextStage(): void {
  if (stage == STAGE_HEAP) {
    next = pairCount();
    stage = STAGE_SORT;
  } else if (stage == STAGE_CLEAR) {
    next = pairCount();
    stage = STAGE_TABLE;
  } else if (stage == STAGE_SORT) {
    next = 0;
    stage = STAGE_CONSTANTS;
  } else if (stage == STAGE_CONSTANTS) emitHead(true, pairCount());
  else if (stage == STAGE_TABLE) {
    headConstant = appendConstant(smallOf(least));
    emitHead(true, S.vectorWords(S.V_SELECT_TABLE));
  } else stage = STAGE_NONE;
}

/**
 * Begin with a select; source and label are in operand slots 0 and 1, the list is at the cursor.
 * False after operandFails.
 */
export function beginSelect(opcode: u32): bool {
  form = opcode;
  if (!beginList()) return false;
  stage = STAGE_TAKE;
  return true;
}
/** Go on until the slice is used up, or until it is done: then it is no longer selecting. */
export function continueSelect(): bool {
  while (workLeft > 0 && stage != STAGE_NONE && !S.exhausted) {
    if (stage != STAGE_TAKE) {
      if (!doOne()) nextStage();
    } else if (S.vectorWords(S.V_SELECT) >> 1 == listCount) chooseForm();
    else {
      work((WORK_OF_READING + (F.xCount + F.slots) / REGISTERS_PER_WORK) as i32);
      if (!takePair(form == OP_select_tuple_arity)) return false;
    }
  }
  return true;
}

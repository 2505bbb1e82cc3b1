/**
 * What the verifier knows at a point of a function: the type of each register, the frame, the
 * catches that are open. Types are one byte a register; a label's state is kept in V_STATES from
 * the first branch to it until the function ends, and every further branch (and falling through)
 * can only take knowledge away from it.
 *
 *   record: +-----------------------------------+--------+--------------------+----------------------------+
 *           | xCount | frame + 1 <<16 | bits (*)  | opens  | {y, label} a catch | x types, y types (4 a word) |   u32 each
 *           +-----------------------------------+--------+--------------------+----------------------------+
 *
 * (*) Bit 30: exceptions arrive here. Bit 31: branches with different frames or open catches came
 * here: only the slots that all of them have may be used, FRAME_UNKNOWN. Compilers share code that
 * raises an error in this way, which needs no frame.
 */
import { X_REGISTERS_MAX } from '../registers';
import { Y_REGISTERS_MAX } from './operands';
import * as S from './scratch';

/** Not initialised, or not a term that may be read. */
export const T_NONE: u32 = 0;
export const T_ANY: u32 = 1;
export const T_CONS: u32 = 2;
export const T_MAP: u32 = 3;
export const T_FLOAT: u32 = 4;
/** The tag of an open catch or try. */
export const T_CATCH: u32 = 5;
export const T_TRY: u32 = 6;
/** X0 where a catch arrives: a result, or "no value". */
export const T_CAUGHT: u32 = 7;
/** T_TUPLE + n: a tuple of n or more elements. */
export const T_TUPLE: u32 = 16;
export const TUPLE_KNOWN_MAX: u32 = 239;
const OPENS_MAX: u32 = 64;
export const FRAME_NONE: i32 = -1;
export const FRAME_UNKNOWN: i32 = -2;
const SHAPELESS: u32 = 0x8000_0000;
/** Exceptions arrive at the label. */
const HANDLER: u32 = 0x4000_0000;
const FLAGS: u32 = SHAPELESS | HANDLER;

const xTypes: usize = memory.data(1024, 8);
const yTypes: usize = memory.data(1024, 8);
/** {y, label} of open catches, innermost last. */
const opens: usize = memory.data(64 * 8, 8);

export let xCount: u32 = 0;
/** Y registers of the frame, or FRAME_NONE, FRAME_UNKNOWN. */
export let frame: i32 = -1;
/**
 * Slots that may be used: those of the frame, or of the smallest frame that an unknown one can be.
 */
export let slots: u32 = 0;
export let openCount: u32 = 0;
/** Control can get here. */
export let reachable: bool = false;
/** Exceptions arrive here, and their catch is still open. */
export let handling: bool = false;

export function setReachable(yes: bool): void {
  reachable = yes;
}
/** The state at the entry of a function. */
export function enterFunction(arity: u32): void {
  memory.fill(xTypes, T_ANY as u8, arity);
  xCount = arity;
  frame = FRAME_NONE;
  slots = 0;
  openCount = 0;
  reachable = true;
  handling = false;
}

// ---- registers

export function xType(index: u32): u32 {
  return index < xCount ? (load<u8>(xTypes + index) as u32) : T_NONE;
}
export function yType(index: u32): u32 {
  return index < slots ? (load<u8>(yTypes + index) as u32) : T_NONE;
}
export function setXType(index: u32, type: u32): void {
  if (index >= xCount) {
    memory.fill(xTypes + xCount, 0, index - xCount);
    xCount = index + 1;
  }
  store<u8>(xTypes + index, type as u8);
}
/**
 * The caller has checked that the register is in the frame. Where an open catch arrives the
 * register may have this type, too.
 */
export function setYType(index: u32, type: u32): void {
  store<u8>(yTypes + index, type as u8);
  for (let i: u32 = 0; i < openCount; i++) lowerY(openLabel(i), index, type);
}
/** The value that a slot of the frame holds is now known to have this type. */
export function refineY(index: u32, type: u32): void {
  store<u8>(yTypes + index, type as u8);
}
/** X registers from `from` on are gone. */
export function killX(from: u32): void {
  if (xCount > from) xCount = from;
}
/** The first X register from `from` to `end` - 1 that holds no term, or `end`. */
export function firstUnreadable(from: u32, end: u32): u32 {
  for (let i = from; i < end; i++) if (!isReadable(xType(i))) return i;
  return end;
}
export function isReadable(type: u32): bool {
  return type != T_NONE && (type < T_CATCH || type >= T_TUPLE);
}

/** The type that a value has of which only one of two types is known. */
export function meet(a: u32, b: u32): u32 {
  if (a == b) return a;
  if (a >= T_TUPLE && b >= T_TUPLE) return min(a, b);
  if (a == T_CAUGHT && isReadable(b)) return T_CAUGHT;
  if (b == T_CAUGHT && isReadable(a)) return T_CAUGHT;
  return isReadable(a) && isReadable(b) ? T_ANY : T_NONE;
}

// ---- frame

export function makeFrame(size: u32): void {
  memory.fill(yTypes, 0, size);
  frame = size as i32;
  slots = size;
}
export function dropFrame(): void {
  frame = FRAME_NONE;
  slots = 0;
}
/** Drop the first `count` slots. */
export function trimFrame(count: u32): void {
  memory.copy(yTypes, yTypes + count, slots - count);
  slots -= count;
  frame = slots as i32;
}

// ---- open catches

export function openY(index: u32): u32 {
  return load<u32>(opens + (index << 3));
}
export function openLabel(index: u32): u32 {
  return load<u32>(opens + (index << 3), 4);
}
export function pushOpen(y: u32, label: u32): bool {
  if (openCount == OPENS_MAX) return false;
  store<u32>(opens + (openCount << 3), y);
  store<u32>(opens + (openCount << 3), label, 4);
  openCount++;
  return true;
}
export function popOpen(): void {
  openCount--;
  handling = false;
}

// ---- states of labels

function recordOf(label: u32): u32 {
  return S.wordOf(S.V_LABEL_STATES, label);
}
function typesAt(record: u32): usize {
  return S.vectorBase(S.V_STATES) + ((record + 1 + S.wordOf(S.V_STATES, record) * 2) << 2);
}
export function hasState(label: u32): bool {
  return recordOf(label) != 0;
}

/** Usable slots of a record whose first word is `head`. */
function slotsOf(head: u32): u32 {
  const frameAndOne = (head & ~FLAGS) >> 16;
  return frameAndOne ? frameAndOne - 1 : 0;
}

/** A register of the frame may have this type where `label` is reached. */
function lowerY(label: u32, y: u32, type: u32): void {
  const record = recordOf(label);
  if (!record) return;
  const head = S.wordOf(S.V_STATES, record - 1);
  if (y >= slotsOf(head)) return;
  const at = typesAt(record) + (head & 0xffff) + y;
  store<u8>(at, meet(load<u8>(at), type) as u8);
}

/** Keep the state as that of `label`. */
export function saveState(label: u32): void {
  const shape = frame == FRAME_NONE ? 0 : (slots + 1) << 16;
  S.pushWord(S.V_STATES, xCount | shape | (frame == FRAME_UNKNOWN ? SHAPELESS : 0));
  const record = S.vectorWords(S.V_STATES);
  S.pushWord(S.V_STATES, openCount);
  for (let i: u32 = 0; i < openCount; i++) {
    S.pushWord(S.V_STATES, openY(i));
    S.pushWord(S.V_STATES, openLabel(i));
  }
  for (let i: u32 = 0; i < xCount + slots; i += 4) S.pushWord(S.V_STATES, 0);
  if (S.exhausted) return;
  S.setWordOf(S.V_LABEL_STATES, label, record);
  memory.copy(typesAt(record), xTypes, xCount);
  memory.copy(typesAt(record) + xCount, yTypes, slots);
}

/** The record is of the frame and the open catches of the state. */
function sameShape(record: u32, head: u32): bool {
  if (head & SHAPELESS || (head & ~FLAGS) >> 16 != ((frame + 1) as u32)) return false;
  if (S.wordOf(S.V_STATES, record) != openCount) return false;
  return memory.compare(S.vectorBase(S.V_STATES) + ((record + 1) << 2), opens, openCount << 3) == 0;
}

/** Let the state flow to `label`. */
export function flowTo(label: u32): void {
  const record = recordOf(label);
  if (!record) {
    saveState(label);
    return;
  }
  let head = S.wordOf(S.V_STATES, record - 1);
  if (!sameShape(record, head)) {
    const common = min(slotsOf(head), slots);
    head = SHAPELESS | ((common + 1) << 16) | (head & (0xffff | HANDLER));
    S.setWordOf(S.V_STATES, record - 1, head);
  }
  const types = typesAt(record);
  const kept = head & 0xffff;
  for (let i: u32 = 0; i < kept; i++)
    store<u8>(types + i, meet(load<u8>(types + i), xType(i)) as u8);
  for (let i: u32 = 0; i < slotsOf(head); i++)
    store<u8>(types + kept + i, meet(load<u8>(types + kept + i), yType(i)) as u8);
}

/**
 * Let an exception caught in this state flow to `label`: x0 to x3 then hold what `raise` leaves
 * there, the others nothing.
 */
export function flowCaught(label: u32): void {
  const kept = xCount;
  const types = load<u32>(xTypes);
  xCount = 4;
  // x0 T_CAUGHT, x1 to x3 T_ANY.
  store<u32>(xTypes, 0x01_01_01_07);
  flowTo(label);
  store<u32>(xTypes, types);
  xCount = kept;
  const record = recordOf(label);
  if (!record) return;
  S.setWordOf(S.V_STATES, record - 1, S.wordOf(S.V_STATES, record - 1) | HANDLER);
}
/** Exceptions arrive at `label`, and it is not known with which frame. */
export function isVagueHandler(label: u32): bool {
  const record = recordOf(label);
  return record != 0 && (S.wordOf(S.V_STATES, record - 1) & FLAGS) == FLAGS;
}

/**
 * What came to `label` asked for nothing that the state does not have: true for a branch back to a
 * label already passed.
 */
export function satisfies(label: u32): bool {
  const record = recordOf(label);
  if (!record) return false;
  const head = S.wordOf(S.V_STATES, record - 1);
  if (!(head & SHAPELESS) && !sameShape(record, head)) return false;
  const types = typesAt(record);
  const kept = head & 0xffff;
  for (let i: u32 = 0; i < kept; i++)
    if (meet(load<u8>(types + i), xType(i)) != (load<u8>(types + i) as u32)) return false;
  for (let i: u32 = 0; i < slotsOf(head); i++) {
    const wanted = load<u8>(types + kept + i) as u32;
    if (meet(wanted, yType(i)) != wanted) return false;
  }
  return true;
}

/** Go on with the state of `label`. */
export function takeState(label: u32): void {
  const record = recordOf(label);
  const head = S.wordOf(S.V_STATES, record - 1);
  xCount = head & 0xffff;
  memory.copy(xTypes, typesAt(record), xCount);
  reachable = true;
  if (head & HANDLER) handling = true;
  slots = slotsOf(head);
  memory.copy(yTypes, typesAt(record) + xCount, slots);
  if (head & SHAPELESS) {
    frame = FRAME_UNKNOWN;
    openCount = 0;
    return;
  }
  frame = (head & ~FLAGS) >> 16 ? (slots as i32) : FRAME_NONE;
  openCount = S.wordOf(S.V_STATES, record);
  memory.copy(opens, S.vectorBase(S.V_STATES) + ((record + 1) << 2), openCount << 3);
}

/**
 * At the head of a receive loop: no X register lives, and what a Y register holds may change before
 * control comes back.
 */
export function forgetForLoop(): void {
  xCount = 0;
  for (let i: u32 = 0; i < slots; i++)
    if (isReadable(load<u8>(yTypes + i))) store<u8>(yTypes + i, T_ANY as u8);
}

/** No label has a state: V_LABEL_STATES was filled with zeros before. */
export function resetStates(): void {
  reachable = false;
  handling = false;
}
/** A new function begins: the states of the last one's labels are not needed any more. */
export function forgetStates(): void {
  S.clearVector(S.V_STATES);
}

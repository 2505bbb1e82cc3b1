/**
 * The verifier (architecture D7a): one pass over the code while it is emitted. It keeps what
 * frame_state.ts describes and refuses code that reads a register without a term, touches a slot
 * outside the frame, returns or calls with a wrong frame, closes catches out of order, falls out of
 * a function, or branches backwards anywhere but to the head of a receive loop or to func_info: so
 * code that was accepted cannot reach foreign memory, and every loop contains a call or a receive,
 * which count reductions.
 *
 * Compilers leave out type tests where they know more than the file says (a function's own
 * callers). There the verifier puts in a check of its own, `i_check_*`, and knows the type from
 * then on.
 */
import * as O from '../gen/opcodes';
import { am_erlang, am_error, am_exit, am_throw } from '../gen/atoms';
import { LINEAR_X_REGISTERS } from '../gen/layout';
import { SUB_FLOAT, SUB_MAP, SUB_TUPLE, headerWords, boxedHeader, isKind, isList } from '../term';
import { emit, emitSlot } from './emit';
import * as F from './frame_state';
import {
  KIND_CONSTANT,
  KIND_FLOAT,
  KIND_LABEL,
  KIND_X,
  KIND_Y,
  kindOf,
  operandFails,
  operandWord,
  setOperand,
} from './operands';
import * as S from './scratch';

const SIGNATURE_BYTES: u32 = 12;
/** An operand slot that no instruction with a late branch uses. */
const LATE_SLOT: u32 = 11;

// Columns of a row of EFFECTS (tools/gen.ts genEffects).
const EFFECT_FLAGS: u32 = 0;
const EFFECT_LIVE: u32 = 1;
const EFFECT_ARGUMENTS: u32 = 2;
const EFFECT_EXTRA: u32 = 3;
const EFFECT_FRAME: u32 = 4;
const EFFECT_NEED: u32 = 5;
const EFFECT_NEED_TYPE: u32 = 6;
const EFFECT_NEED_SIZE: u32 = 7;
const EFFECT_GIVES: u32 = 8;
const EFFECT_BYTES: u32 = 9;
const FLAG_ENDS: u32 = 1;
const FLAG_CALL: u32 = 2;
const FLAG_READS_DESTINATIONS: u32 = 4;
const FRAME_NEEDED: u32 = 1;
const FRAME_ABSENT: u32 = 2;
/** And above: operand + FRAME_DROPPED has the size of the frame that goes. */
const FRAME_DROPPED: u32 = 3;

/**
 * Code offset of the func_info of the function being verified, its arity, and the label before it.
 */
let infoOffset: u32 = 0;
let functionArity: u32 = 0;

function effect(opcode: u32, column: u32): u32 {
  return load<u8>(O.EFFECTS + opcode * EFFECT_BYTES + column);
}
function fails(problem: string, number: u64): bool {
  return operandFails(problem, number);
}
function xNumber(slot: u32): u32 {
  return (operandWord(slot) - LINEAR_X_REGISTERS) >> 3;
}
function yNumber(slot: u32): u32 {
  return (operandWord(slot) >> 3) - 1;
}

// ---- reading and writing operands

function typeOf(slot: u32): u32 {
  const kind = kindOf(slot);
  if (kind == KIND_X) return F.xType(xNumber(slot));
  return kind == KIND_Y ? F.yType(yNumber(slot)) : F.T_ANY;
}
/** The operand in this slot is read as a term. */
export function verifyRead(slot: u32): bool {
  if (!F.reachable || F.isReadable(typeOf(slot))) return true;
  if (kindOf(slot) == KIND_X)
    return fails('reads a register that holds no value: x', xNumber(slot));
  if (yNumber(slot) >= F.slots) return fails('uses a slot outside the frame: y', yNumber(slot));
  return fails('reads a slot that holds no value: y', yNumber(slot));
}
/** A term of this type is written to the register in this slot. */
export function verifyWrite(slot: u32, type: u32): bool {
  if (!F.reachable) return true;
  if (kindOf(slot) == KIND_X) {
    F.setXType(xNumber(slot), type);
    return true;
  }
  if (kindOf(slot) != KIND_Y) return true;
  const y = yNumber(slot);
  if (y >= F.slots) return fails('uses a slot outside the frame: y', y);
  const held = F.yType(y);
  if (held == F.T_CATCH || held == F.T_TRY) return fails('overwrites the tag of a catch: y', y);
  F.setYType(y, type);
  return true;
}
/** What the register in this slot holds is now known to be of this type. */
function learn(slot: u32, type: u32): void {
  if (kindOf(slot) == KIND_X) F.setXType(xNumber(slot), type);
  else if (kindOf(slot) == KIND_Y) F.refineY(yNumber(slot), type);
}

/** Type of a constant. */
function constantType(slot: u32): u32 {
  const term = S.doubleOf(S.V_CONSTANTS, operandWord(slot));
  if (isList(term)) return F.T_CONS;
  // Integers of more than a word have no address yet.
  if ((term & 3) != 2 || term & ((1 as u64) << 33)) return F.T_ANY;
  if (isKind(term, SUB_MAP)) return F.T_MAP;
  if (isKind(term, SUB_FLOAT)) return F.T_FLOAT;
  if (!isKind(term, SUB_TUPLE)) return F.T_ANY;
  return F.T_TUPLE + min(headerWords(boxedHeader(term)), F.TUPLE_KNOWN_MAX);
}
export function valueType(slot: u32): u32 {
  return kindOf(slot) == KIND_CONSTANT ? constantType(slot) : typeOf(slot);
}

function isOfType(held: u32, wanted: u32): bool {
  return held == wanted || (wanted >= F.T_TUPLE && held >= wanted);
}
function checkOf(type: u32): u32 {
  if (type == F.T_CONS) return O.OP_i_check_cons;
  if (type == F.T_MAP) return O.OP_i_check_map;
  return type == F.T_FLOAT ? O.OP_i_check_float : O.OP_i_check_tuple;
}
/** Checks put into the code since the VM started. */
export let checksEmitted: u32 = 0;
/**
 * The operand in this slot must be of a type; `size` counts for tuples. Emits a check unless that
 * is known.
 */
function need(slot: u32, type: u32, size: u32): bool {
  const wanted = type >= F.T_TUPLE ? F.T_TUPLE + min(size, F.TUPLE_KNOWN_MAX) : type;
  const known = size <= F.TUPLE_KNOWN_MAX && isOfType(valueType(slot), wanted);
  if (!F.reachable || known) return true;
  if (kindOf(slot) == KIND_CONSTANT && type < F.T_TUPLE)
    return fails('has a constant of the wrong type', 0);
  checksEmitted++;
  emit(checkOf(wanted));
  emitSlot(slot);
  if (wanted >= F.T_TUPLE) emit(size);
  learn(slot, wanted);
  return true;
}
/** The tuple in this slot must have exactly `size` elements. */
function verifyExactTuple(slot: u32, size: u32): bool {
  if (!F.reachable) return true;
  emit(O.OP_i_check_arity);
  emitSlot(slot);
  emit(size);
  learn(slot, F.T_TUPLE + min(size, F.TUPLE_KNOWN_MAX));
  return true;
}

// ---- branches

/** A branch to the label in this slot (nothing when it holds none). */
export function verifyBranch(slot: u32, opcode: u32): bool {
  if (kindOf(slot) != KIND_LABEL || !F.reachable) return true;
  return branchTo(operandWord(slot), opcode);
}
function branchTo(label: u32, opcode: u32): bool {
  const offset = S.wordOf(S.V_LABELS, label);
  if (offset == S.NO_OFFSET) {
    S.pushWord(S.V_TARGETS, label);
    F.flowTo(label);
    return true;
  }
  if (offset == infoOffset) {
    if (F.frame != F.FRAME_NONE) return fails('goes to func_info with a frame', 0);
    if (F.firstUnreadable(0, functionArity) == functionArity) return true;
    return fails('goes to func_info without the arguments', 0);
  }
  const loops = opcode == O.OP_loop_rec_end || opcode == O.OP_wait || opcode == O.OP_wait_timeout;
  if (offset < infoOffset || !loops) return fails('branches backwards to label ', label);
  return F.satisfies(label) || fails('brings another frame or other open catches to label ', label);
}

/**
 * Where exceptions arrive their catch is still open. It is closed before anything else happens:
 * else another exception would come back to the same label, again and again, and no call would be
 * counted.
 */
export function verifyPlace(opcode: u32): bool {
  if (!F.handling) return true;
  switch (opcode) {
    case O.OP_label:
    case O.OP_line:
    case O.OP_debug_line:
    case O.OP_executable_line:
    case O.OP_catch_end:
    case O.OP_try_case:
      return true;
    default:
      return fails('stands where a caught exception arrives', 0);
  }
}
/** A label is defined here; `beforeReceive` when loop_rec follows it. */
export function verifyLabel(label: u32, beforeReceive: bool): bool {
  if (beforeReceive && F.reachable) F.forgetForLoop();
  if (F.reachable) F.flowTo(label);
  if (F.isVagueHandler(label))
    return fails('is reached by exceptions and with another frame: ', label);
  if (F.hasState(label)) {
    F.takeState(label);
    if (beforeReceive) F.forgetForLoop();
  }
  if (F.reachable && beforeReceive) F.saveState(label);
  return true;
}

// ---- functions

/** A func_info has been emitted at `offset`. */
export function verifyFunction(offset: u32, arity: u32): bool {
  if (!verifyFunctionEnd(offset)) return false;
  infoOffset = offset;
  functionArity = arity;
  F.forgetStates();
  F.enterFunction(arity);
  return true;
}
/** Branches of the function that are known to stay inside. */
let targetsChecked: u32 = 0;
const TARGETS_AT_ONCE: u32 = 64;
/** The function ends at code offset `offset`: check some branches; true when more are left. */
export function checkSomeTargets(offset: u32): bool {
  for (let i: u32 = 0; i < TARGETS_AT_ONCE; i++) {
    if (targetsChecked == S.vectorWords(S.V_TARGETS)) return false;
    if (!staysInside(S.wordOf(S.V_TARGETS, targetsChecked), offset)) return false;
    targetsChecked++;
  }
  return true;
}
function staysInside(label: u32, offset: u32): bool {
  const at = S.wordOf(S.V_LABELS, label);
  return at != S.NO_OFFSET && at < offset;
}
/**
 * The function before code offset `offset` has ended: nothing falls out of it, and its branches
 * stayed inside; checkSomeTargets has left none or the first that does not.
 */
export function verifyFunctionEnd(offset: u32): bool {
  if (F.reachable) return fails('is reached from the function before it', 0);
  while (checkSomeTargets(offset)) {}
  if (targetsChecked < S.vectorWords(S.V_TARGETS)) {
    const label = S.wordOf(S.V_TARGETS, targetsChecked);
    return fails('comes after a branch out of its function, to label ', label);
  }
  S.clearVector(S.V_TARGETS);
  targetsChecked = 0;
  return true;
}
export function resetVerifier(): void {
  infoOffset = 0;
  targetsChecked = 0;
  F.resetStates();
}

// ---- instructions

function readArguments(opcode: u32): bool {
  const column = effect(opcode, EFFECT_ARGUMENTS);
  const extra = effect(opcode, EFFECT_EXTRA);
  if (!column && !extra) return true;
  const count = (column ? (operandWord(column - 1) as u64) : 0) + extra;
  if (count > 1024) return fails('has too many arguments: ', count);
  const bad = F.firstUnreadable(0, count as u32);
  return (bad as u64) == count || fails('reads a register that holds no value: x', bad);
}

function checkLive(opcode: u32): bool {
  const column = effect(opcode, EFFECT_LIVE);
  if (!column) return true;
  const live = operandWord(column - 1);
  const bad = live > 1024 ? 0 : F.firstUnreadable(0, live);
  if (live > 1024 || bad != live) return fails('lets a register live that holds no value: x', bad);
  F.killX(live);
  return true;
}

/**
 * A call of a function that never returns: compilers neither make a frame for it nor drop one
 * rightly.
 */
export function neverReturns(opcode: u32): bool {
  if (opcode != O.OP_call_ext && opcode != O.OP_call_ext_only && opcode != O.OP_call_ext_last)
    return false;
  const at = operandWord(1) * 3;
  const name = S.wordOf(S.V_IMPORTS, at + 1) as u64;
  const arity = S.wordOf(S.V_IMPORTS, at + 2);
  if ((S.wordOf(S.V_IMPORTS, at) as u64) != am_erlang) return false;
  if (name == am_error) return arity == 1 || arity == 2;
  return arity == 1 && (name == am_exit || name == am_throw);
}

function checkFrame(opcode: u32): bool {
  if (neverReturns(opcode)) return true;
  const wanted = effect(opcode, EFFECT_FRAME);
  if (!wanted) return true;
  if (wanted == FRAME_NEEDED) return F.frame >= 0 || fails('needs a frame', 0);
  if (F.openCount) return fails('leaves a catch open', 0);
  if (wanted == FRAME_ABSENT) return F.frame == F.FRAME_NONE || fails('leaves a frame behind', 0);
  if (F.frame != (operandWord(wanted - FRAME_DROPPED) as i32))
    return fails('drops a frame of another size', 0);
  F.dropFrame();
  return true;
}

/** The labels of bs_match and get_map_elements are reached after some destinations were written. */
function branchesLate(opcode: u32): bool {
  return opcode == O.OP_bs_match || opcode == O.OP_get_map_elements;
}

/**
 * The X register of a wait_timeout is only read before the process waits; a word that is no time
 * raises an error, whatever it is. So it need not hold a term when control comes back to the loop.
 */
/**
 * An instruction with `count` operands in the slots is about to be emitted: what it reads, needs
 * and branches to.
 */
export function verifyBefore(opcode: u32, count: u32): bool {
  if (!F.reachable) return true;
  const signature = O.OPCODE_OPERANDS + opcode * SIGNATURE_BYTES;
  const readsAll = (effect(opcode, EFFECT_FLAGS) & FLAG_READS_DESTINATIONS) != 0;
  for (let i: u32 = 0; i < count; i++) {
    const letter = load<u8>(signature + i) as u32;
    if (opcode == O.OP_wait_timeout && kindOf(i) == KIND_X) continue;
    const isSource = letter == O.OPERAND_s || letter == O.OPERAND_S;
    const read = isSource || (letter == O.OPERAND_F && (opcode != O.OP_fmove || !i));
    if ((read || (readsAll && letter == O.OPERAND_d)) && !verifyRead(i)) return false;
  }
  if (!readArguments(opcode) || !checkNeeds(opcode)) return false;
  if (!checkLive(opcode) || !checkFrame(opcode)) return false;
  return branchesLate(opcode) || verifyBranches(opcode, count);
}
function verifyBranches(opcode: u32, count: u32): bool {
  // Calls name functions, not labels of this one; catches note their label themselves.
  if (opcode == O.OP_call || opcode == O.OP_call_last || opcode == O.OP_call_only) return true;
  if (opcode == O.OP_catch || opcode == O.OP_try) return true;
  const waits = opcode == O.OP_wait_timeout || opcode == O.OP_loop_rec;
  if (waits || opcode == O.OP_wait || opcode == O.OP_loop_rec_end) F.killX(0);
  for (let i: u32 = 0; i < count; i++) if (!verifyBranch(i, opcode)) return false;
  return true;
}
function checkNeeds(opcode: u32): bool {
  const column = effect(opcode, EFFECT_NEED);
  if (column) {
    const size = effect(opcode, EFFECT_NEED_SIZE);
    const index = size ? operandWord(size - 1) : 0;
    if (index > 0x00ff_ffff) return fails('has an element number that is too large: ', index);
    // get_tuple_element counts from 0.
    return need(column - 1, effect(opcode, EFFECT_NEED_TYPE), size ? index + 1 : 0);
  }
  if (opcode == O.OP_update_record) return verifyExactTuple(2, operandWord(1));
  return opcode != O.OP_fmove || kindOf(0) == KIND_FLOAT || need(0, F.T_FLOAT, 0);
}

/** The instruction has been emitted: what it writes, and what its success says about types. */
export function verifyAfter(opcode: u32, count: u32, elements: u32): bool {
  if (!F.reachable) return true;
  if (branchesLate(opcode) && !lateBranch(opcode)) return false;
  if (opcode == O.OP_put_tuple2)
    return verifyWrite(0, F.T_TUPLE + min(elements, F.TUPLE_KNOWN_MAX));
  const flags = effect(opcode, EFFECT_FLAGS);
  if (flags & FLAG_CALL) {
    F.killX(0);
    F.setXType(0, F.T_ANY);
  }
  if (!verifyParticular(opcode)) return false;
  if (!writesItself(opcode)) {
    const signature = O.OPCODE_OPERANDS + opcode * SIGNATURE_BYTES;
    const gives = effect(opcode, EFFECT_GIVES);
    for (let i: u32 = 0; i < count; i++) {
      const letter = load<u8>(signature + i) as u32;
      if (letter == O.OPERAND_d || (opcode == O.OP_fmove && i == 1)) {
        if (!verifyWrite(i, gives ? gives : F.T_ANY)) return false;
      }
    }
  }
  if (flags & FLAG_ENDS || neverReturns(opcode)) F.setReachable(false);
  return true;
}

/**
 * Destinations in the list hold terms behind the instruction, but only what they held before where
 * it fails.
 */
function lateBranch(opcode: u32): bool {
  if (!verifyBranch(0, opcode)) return false;
  for (let i: u32 = 0; i < S.vectorWords(S.V_WRITES); i += 2) {
    setOperand(LATE_SLOT, S.wordOf(S.V_WRITES, i), S.wordOf(S.V_WRITES, i + 1));
    if (!verifyWrite(LATE_SLOT, F.T_ANY)) return false;
  }
  S.clearVector(S.V_WRITES);
  return true;
}

function writesItself(opcode: u32): bool {
  switch (opcode) {
    case O.OP_move:
    case O.OP_swap:
    case O.OP_catch:
    case O.OP_try:
    case O.OP_catch_end:
    case O.OP_try_end:
    case O.OP_try_case:
    case O.OP_recv_marker_bind:
    case O.OP_recv_marker_clear:
    case O.OP_recv_marker_use:
      return true;
    default:
      return false;
  }
}

/** Instructions whose effect no row of the table can say. */
function verifyParticular(opcode: u32): bool {
  switch (opcode) {
    case O.OP_move:
      return verifyWrite(1, valueType(0));
    case O.OP_swap: {
      const first = typeOf(0);
      const second = typeOf(1);
      return verifyWrite(0, second) && verifyWrite(1, first);
    }
    case O.OP_allocate:
    case O.OP_allocate_zero:
    case O.OP_allocate_heap:
    case O.OP_allocate_heap_zero:
      if (F.frame != F.FRAME_NONE) return fails('makes a second frame', 0);
      if (operandWord(0) > 1024) return fails('makes a frame that is too large', 0);
      F.makeFrame(operandWord(0));
      return true;
    case O.OP_trim:
      return verifyTrim();
    case O.OP_catch:
      return openCatch(F.T_CATCH);
    case O.OP_try:
      return openCatch(F.T_TRY);
    case O.OP_catch_end:
      return closeCatch(F.T_CATCH, 1);
    case O.OP_try_end:
      return closeCatch(F.T_TRY, 0);
    case O.OP_try_case:
      return closeCatch(F.T_TRY, 3);
    case O.OP_is_tuple:
      learn(1, max(typeOf(1), F.T_TUPLE));
      return true;
    case O.OP_test_arity:
    case O.OP_is_tagged_tuple:
      learn(1, F.T_TUPLE + min(operandWord(2), F.TUPLE_KNOWN_MAX));
      return true;
    case O.OP_is_nonempty_list:
      learn(1, F.T_CONS);
      return true;
    case O.OP_is_map:
      learn(1, F.T_MAP);
      return true;
    case O.OP_is_float:
      learn(1, F.T_FLOAT);
      return true;
    case O.OP_is_eq_exact:
      if (kindOf(2) == KIND_CONSTANT && constantType(2) != F.T_ANY) learn(1, constantType(2));
      return true;
    default:
      return true;
  }
}

function verifyTrim(): bool {
  const slots = operandWord(0) as i32;
  if (F.openCount) return fails('trims the frame of an open catch', 0);
  if (slots > F.frame || (operandWord(1) as i32) != F.frame - slots)
    return fails('does not fit the frame', 0);
  F.trimFrame(slots as u32);
  return true;
}

/**
 * catch Y Label, try Y Label: tags of inner catches lie below those of outer ones, as unwinding
 * searches from the stack top.
 */
function openCatch(tag: u32): bool {
  if (kindOf(0) != KIND_Y) return fails('has no Y register', 0);
  const y = yNumber(0);
  if (y >= F.slots) return fails('uses a slot outside the frame: y', y);
  if (F.openCount && F.openY(F.openCount - 1) <= y)
    return fails('opens a catch outside the one that is open', 0);
  const label = operandWord(1);
  if (S.wordOf(S.V_LABELS, label) != S.NO_OFFSET)
    return fails('branches backwards to label ', label);
  // What is raised while the tag stands in the slot arrives at this label, not further out.
  F.refineY(y, tag);
  if (!F.pushOpen(y, label)) return fails('opens too many catches', 0);
  S.pushWord(S.V_TARGETS, label);
  F.flowCaught(label);
  return true;
}
/**
 * `label` is where an open try arrives when something is raised. Compilers go there, too, behind
 * calls that never return: such a jump becomes i_unreachable.
 */
export function isOpenTry(label: u32): bool {
  if (!F.reachable || F.handling) return false;
  for (let i: u32 = 0; i < F.openCount; i++)
    if (F.openLabel(i) == label && F.yType(F.openY(i)) == F.T_TRY) return true;
  return false;
}
export function verifyUnreachable(): void {
  F.setReachable(false);
}
/**
 * catch_end, try_end, try_case: the innermost catch is closed; `results` X registers then hold
 * terms, 0 leaves them alone.
 */
function closeCatch(tag: u32, results: u32): bool {
  const y = yNumber(0);
  if (kindOf(0) != KIND_Y || F.yType(y) != tag || !F.openCount || F.openY(F.openCount - 1) != y)
    return fails('does not close the innermost catch', 0);
  F.popOpen();
  F.setYType(y, F.T_ANY);
  if (!results) return true;
  const x0 = F.xType(0);
  if (results == 1 ? x0 != F.T_CAUGHT && !F.isReadable(x0) : F.firstUnreadable(1, 4) != 4)
    return fails('is reached without a result', 0);
  F.killX(0);
  for (let i: u32 = 0; i < results; i++) F.setXType(i, F.T_ANY);
  return true;
}

/** A branch of select_tuple_arity: where it arrives the source is a tuple of `arity` elements. */
export function verifyArityBranch(source: u32, label: u32, arity: u32): bool {
  if (!F.reachable) return true;
  const kept = valueType(source);
  learn(source, F.T_TUPLE + min(arity, F.TUPLE_KNOWN_MAX));
  const good = branchTo(label, O.OP_select_tuple_arity);
  if (kindOf(source) != KIND_CONSTANT) learn(source, kept);
  return good;
}
export function verifyLabelBranch(label: u32, opcode: u32): bool {
  return !F.reachable || branchTo(label, opcode);
}
/**
 * A destination inside a list, that may or may not have been written when the instruction fails.
 */
export function verifyListDestination(slot: u32): bool {
  if (!F.reachable) return true;
  const held = typeOf(slot);
  // Written for good only behind the instruction; a register that held no term must not count as
  // one where it fails.
  S.pushWord(S.V_WRITES, kindOf(slot));
  S.pushWord(S.V_WRITES, operandWord(slot));
  if (F.isReadable(held)) return verifyWrite(slot, F.T_ANY);
  return (
    kindOf(slot) != KIND_Y ||
    yNumber(slot) < F.slots ||
    fails('uses a slot outside the frame: y', yNumber(slot))
  );
}

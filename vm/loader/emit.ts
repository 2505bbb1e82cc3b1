/**
 * From generic instructions to internal code: 32-bit words {opcode, operands ...}, one instruction
 * after the other, no words for `label` and `line`. Operand words are described in vm/operands.ts.
 * Addresses that are not known before the whole module has been read (constants, labels, imports,
 * lambdas, strings) are written as relocations, which place.ts resolves.
 *
 * Forms that differ from the generic ones:
 *   select_val           select_val_dense, select_val_sorted, or as it is when not all constants
 *                        are immediates (select.ts)
 *   put_tuple, put       put_tuple2
 *   make_fun2            make_fun3 with an explicit destination (x0) and list of free variables (x0
 *                        and up)
 *   bs_create_bin        see segments.ts
 *   bs_match             see match_commands.ts
 *   label line on_load nif_start executable_line debug_line   nothing
 */
import * as O from '../gen/opcodes';
import { BIF_IS_GUARD } from '../gen/bifs';
import { E_BIF, FUNC_INFO_BYTES, findExport } from '../code';
import { am_no_fail, am_resume } from '../gen/atoms';
import * as C from './compact';
import { emitList, emitMakeFun2, emitMakeFun3, emitPutTuple } from './emit_lists';
import {
  KIND_CONSTANT,
  KIND_LABEL,
  KIND_NUMBER,
  KIND_STRING,
  decodeOperand,
  kindOf,
  operandProblem,
  operandWord,
  problemNumber,
  setOperand,
} from './operands';
import { say, sayAtom, sayBytes, sayFunction, sayNumber, startReport } from './report';
import { beginSelect, continueSelect, isSelecting, resetSelect } from './select';
import { specialise } from './specialise';
import * as S from './scratch';
import { ENTRIES_OVER, ENTRY_FAILED, ENTRY_MORE, entry, work } from './slices';
import {
  checkSomeTargets,
  isOpenTry,
  neverReturns,
  resetVerifier,
  verifyAfter,
  verifyBefore,
  verifyFunction,
  verifyFunctionEnd,
  verifyLabel,
  verifyPlace,
  verifyUnreachable,
} from './verify';

const SIGNATURE_BYTES: u32 = 12;
const RELOCATION_KIND_SHIFT: u32 = 28;
/** Words of code of one module. */
const CODE_WORDS_MAX: u32 = 1 << 26;

/** Name of the module being loaded. */
let moduleName: u64 = 0;
export let stringBytes: u32 = 0;
/** Elements of the list of the instruction being emitted. */
let listLength: u32 = 0;
export function setListLength(elements: u32): void {
  listLength = elements;
}
let lineCount: u32 = 0;
/** Functions still expected. */
let functionsLeft: u32 = 0;
/** Code offset of the function that has on_load + 1, 0 = none. */
export let onLoadOffset: u32 = 0;

export function codeOffset(): u32 {
  return S.vectorWords(S.V_CODE) << 2;
}
export function emit(word: u32): void {
  S.pushWord(S.V_CODE, word);
}
/** Write an operand word, with a relocation when its kind needs one. */
export function emitOperand(kind: u32, word: u32): void {
  if (kind >= KIND_CONSTANT) {
    S.pushWord(S.V_RELOCATIONS, S.vectorWords(S.V_CODE) | (kind << RELOCATION_KIND_SHIFT));
    S.pushWord(S.V_RELOCATIONS, word);
  }
  S.pushWord(S.V_CODE, word);
}
export function emitSlot(index: u32): void {
  emitOperand(kindOf(index), operandWord(index));
}

// ---- errors

/** Address of the {length, text} of an instruction's name. */
function opcodeName(opcode: u32): usize {
  let at = O.OPCODE_NAMES;
  for (let i: u32 = 0; i < opcode; i++) at += 1 + load<u8>(at);
  return at;
}
function sayInstruction(opcode: u32): void {
  say('instruction ');
  if (opcode <= O.OPCODE_MAX) {
    const name = opcodeName(opcode);
    sayBytes(name + 1, load<u8>(name));
    say(' (');
    sayNumber(opcode);
    say(')');
  } else sayNumber(opcode);
}
export function refuseInstruction(opcode: u32, why: string): bool {
  startReport(moduleName, 'Code');
  sayCurrentFunction();
  sayInstruction(opcode);
  say(' ');
  say(why);
  return false;
}
/** `function name/arity: ` when the code has got to one. */
function sayCurrentFunction(): void {
  const functions = S.vectorWords(S.V_FUNCTIONS);
  if (!functions) return;
  const info = S.wordOf(S.V_FUNCTIONS, functions - 1) >> 2;
  say('function ');
  sayAtom(S.wordOf(S.V_CODE, info + 2));
  say('/');
  sayNumber(S.wordOf(S.V_CODE, info + 3));
  say(': ');
}
/**
 * The operand that was just decoded is bad. A text that ends in a space, or in `x` or `y`, wants
 * the number.
 */
export function refuseOperand(opcode: u32): bool {
  refuseInstruction(opcode, operandProblem);
  const length = operandProblem.length;
  const wantsNumber =
    length > 1 &&
    (operandProblem.charCodeAt(length - 1) == 32 || operandProblem.charCodeAt(length - 2) == 32);
  if (wantsNumber) sayNumber(problemNumber);
  return false;
}

// ---- instructions without a generic form

function takeLabelDefinition(): bool {
  if (!C.takeUnsigned()) return refuseInstruction(O.OP_label, 'has no number');
  const number = C.value as u32;
  if (!number || number >= S.vectorWords(S.V_LABELS)) {
    refuseInstruction(O.OP_label, 'has a number outside the label count: ');
    sayNumber(number);
    return false;
  }
  if (S.wordOf(S.V_LABELS, number) != S.NO_OFFSET) {
    startReport(moduleName, 'Code');
    say('label ');
    sayNumber(number);
    say(' is defined twice');
    return false;
  }
  if (isOpenTry(number)) emitUnreachable();
  const beforeReceive = S.bytesLeft() != 0 && startsReceive(load<u8>(S.at));
  if (!verifyLabel(number, beforeReceive)) return refuseOperand(O.OP_label);
  S.setWordOf(S.V_LABELS, number, codeOffset());
  emitNative();
  return true;
}
/**
 * The label just defined may be the entry of a function that is a BIF here (a NIF of OTP's, say).
 * Calls from within its module do not go through its export entry, so the entry goes there.
 */
function emitNative(): void {
  const functions = S.vectorWords(S.V_FUNCTIONS);
  if (!functions) return;
  const info = S.wordOf(S.V_FUNCTIONS, functions - 1);
  if (codeOffset() != info + FUNC_INFO_BYTES) return;
  const name = S.wordOf(S.V_CODE, (info >> 2) + 2) as u64;
  const arity = S.wordOf(S.V_CODE, (info >> 2) + 3);
  const entry = findExport(moduleName, name, arity);
  if (!entry || !load<u32>(entry, E_BIF)) return;
  emit(O.OP_call_ext_only);
  emit(arity);
  emit(entry as u32);
}
function emitUnreachable(): void {
  emit(O.OP_i_unreachable);
  verifyUnreachable();
}
/** Heads of receive loops, to which the loop comes back. */
function startsReceive(opcode: u32): bool {
  return opcode == O.OP_loop_rec || opcode == O.OP_wait || opcode == O.OP_wait_timeout;
}

function takeLine(): bool {
  if (!C.takeUnsigned()) return refuseInstruction(O.OP_line, 'has no number');
  const index = C.value as u32;
  // Index 0 is "no location". A module without a Line chunk (or stripped of it) has no lines at
  // all.
  if (!lineCount) return true;
  if (index >= lineCount) {
    refuseInstruction(O.OP_line, 'names a line that does not exist: ');
    sayNumber(index);
    return false;
  }
  S.pushWord(S.V_LINE_POSITIONS, codeOffset());
  S.pushWord(S.V_LINE_POSITIONS, index);
  return true;
}

function emitFuncInfo(): bool {
  for (let i: u32 = 0; i < 3; i++)
    if (!decodeOperand(i == 2 ? O.OPERAND_u : O.OPERAND_a, i)) return refuseOperand(O.OP_func_info);
  if (!functionsLeft)
    return refuseInstruction(O.OP_func_info, 'stands more often than the function count');
  if (operandWord(2) > 255) return refuseInstruction(O.OP_func_info, 'has an arity above 255');
  functionsLeft--;
  if (!verifyFunction(codeOffset(), operandWord(2))) return refuseOperand(O.OP_func_info);
  S.pushWord(S.V_FUNCTIONS, codeOffset());
  emit(O.OP_func_info);
  for (let i: u32 = 0; i < 3; i++) emit(operandWord(i));
  return true;
}

// ---- generic instructions

/** Checks that need more than one operand. */
function checkOperands(opcode: u32, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) {
    const letter = load<u8>(O.OPCODE_OPERANDS + opcode * SIGNATURE_BYTES + i) as u32;
    if (letter == O.OPERAND_q) {
      const bytes =
        opcode == O.OP_bs_match_string
          ? ((operandWord(i - 1) as u64) + 7) >> 3
          : (operandWord(i - 1) as u64);
      if ((operandWord(i) as u64) + bytes > (stringBytes as u64))
        return refuseInstruction(opcode, 'has a string outside the string chunk');
      setOperand(i, KIND_STRING, operandWord(i));
    }
    if (letter == O.OPERAND_e && !checkImport(opcode, operandWord(i), count)) return false;
  }
  if (opcode == O.OP_bs_start_match4 && kindOf(0) == KIND_CONSTANT) {
    const mode = S.doubleOf(S.V_CONSTANTS, operandWord(0));
    if (mode != am_no_fail && mode != am_resume)
      return refuseInstruction(opcode, 'has no label where one must be');
    setOperand(0, KIND_NUMBER, 0);
  }
  if (
    opcode == O.OP_fmove &&
    (kindOf(1) == KIND_CONSTANT || kindOf(0) == KIND_LABEL || kindOf(1) == KIND_LABEL)
  )
    return refuseInstruction(opcode, 'has an operand of the wrong kind');
  return true;
}

/** Operands of the BIF that a bif or gc_bif instruction calls, or -1 for other instructions. */
function bifArity(opcode: u32): i32 {
  if (opcode == O.OP_bif0) return 0;
  if (opcode == O.OP_bif1 || opcode == O.OP_gc_bif1) return 1;
  if (opcode == O.OP_bif2 || opcode == O.OP_gc_bif2) return 2;
  return opcode == O.OP_gc_bif3 ? 3 : -1;
}
function checkImport(opcode: u32, index: u32, operands: u32): bool {
  const module = S.wordOf(S.V_IMPORTS, index * 3) as u64;
  const name = S.wordOf(S.V_IMPORTS, index * 3 + 1) as u64;
  const arity = S.wordOf(S.V_IMPORTS, index * 3 + 2);
  const wanted = bifArity(opcode);
  if (wanted < 0) {
    if (operandWord(0) == arity) return true;
    refuseInstruction(opcode, 'calls with another number of arguments ');
    sayFunction(module, name, arity);
    return false;
  }
  if ((wanted as u32) != arity)
    return refuseInstruction(opcode, 'names a function of another arity');
  const entry = findExport(module, name, arity);
  const bif = entry ? load<u32>(entry, E_BIF) : 0;
  if (bif && !load<u8>(BIF_IS_GUARD + bif - 1)) {
    refuseInstruction(opcode, 'names a BIF that must be called: ');
    sayFunction(module, name, arity);
    return false;
  }
  if (acceptUnimplemented || bif) return true;
  startReport(moduleName, 'Code');
  say('needs the BIF ');
  sayFunction(module, name, arity);
  say(', which this VM does not have');
  return false;
}

/**
 * A call that never returns keeps the frame, in all its forms, so that the frame need not be known.
 */
function emitLastCall(): bool {
  const opcode = O.OP_call_ext;
  if (!verifyBefore(opcode, 2)) return refuseOperand(opcode);
  emit(specialise(opcode, 2));
  emitSlot(0);
  emitSlot(1);
  return verifyAfter(opcode, 2, 0) || refuseOperand(opcode);
}

/**
 * A call of a fun before deallocate and return, which is about to be emitted, becomes a tail call:
 * compilers leave that to the loader, and loops through funs must not need stack. The instructions
 * behind it stay, for those who jump to them.
 */
function makeTailCall(): void {
  const end = S.vectorWords(S.V_CODE);
  if (lastDeallocate + 2 != end) return;
  if (lastFunCall + 2 == lastDeallocate && S.wordOf(S.V_CODE, lastFunCall) == O.OP_call_fun)
    S.setWordOf(S.V_CODE, lastFunCall, O.OP_i_call_fun_last);
  if (lastFunCall + 4 == lastDeallocate && S.wordOf(S.V_CODE, lastFunCall) == O.OP_call_fun2)
    S.setWordOf(S.V_CODE, lastFunCall, O.OP_i_call_fun2_last);
}
/** Word offsets of the latest deallocate and of the latest call of a fun. */
let lastDeallocate: u32 = 0;
let lastFunCall: u32 = 0;

function emitGeneric(opcode: u32): bool {
  const signature = O.OPCODE_OPERANDS + opcode * SIGNATURE_BYTES;
  const arity = load<u8>(O.OPCODE_ARITY + opcode) as u32;
  let count: u32 = 0;
  while (count < arity && load<u8>(signature + count) != O.OPERAND_z) {
    if (!decodeOperand(load<u8>(signature + count), count)) return refuseOperand(opcode);
    count++;
  }
  if (!checkOperands(opcode, count)) return false;
  if (opcode == O.OP_jump && isOpenTry(operandWord(0))) {
    emitUnreachable();
    return true;
  }
  if (neverReturns(opcode)) return emitLastCall();
  if (!verifyBefore(opcode, count)) return refuseOperand(opcode);
  if (opcode == O.OP_call || opcode == O.OP_call_last || opcode == O.OP_call_only) {
    S.pushWord(S.V_CALLS, operandWord(1));
    S.pushWord(S.V_CALLS, operandWord(0));
  }
  if (opcode == O.OP_return) makeTailCall();
  else if (opcode == O.OP_deallocate) lastDeallocate = S.vectorWords(S.V_CODE);
  else if (opcode == O.OP_call_fun || opcode == O.OP_call_fun2)
    lastFunCall = S.vectorWords(S.V_CODE);
  emit(count == arity ? specialise(opcode, count) : opcode);
  for (let i: u32 = 0; i < count; i++) emitSlot(i);
  listLength = 0;
  if (count != arity && !emitList(opcode)) return false;
  return verifyAfter(opcode, count, listLength) || refuseOperand(opcode);
}

/** Instructions that need their own treatment; `taken` tells whether this was one. */
let taken: bool = false;
function emitSpecial(opcode: u32): bool {
  taken = true;
  switch (opcode) {
    case O.OP_label:
      return takeLabelDefinition();
    case O.OP_line:
      return takeLine();
    case O.OP_func_info:
      return emitFuncInfo();
    case O.OP_put_tuple:
      return emitPutTuple();
    case O.OP_put:
      return refuseInstruction(opcode, 'does not follow put_tuple');
    case O.OP_make_fun2:
      return emitMakeFun2();
    case O.OP_make_fun3:
      return emitMakeFun3();
    case O.OP_select_val:
    case O.OP_select_tuple_arity:
      return openSelect(opcode) || refuseOperand(opcode);
    case O.OP_on_load:
      if (S.wordOf(S.V_CODE, S.vectorWords(S.V_CODE) - 1))
        return refuseInstruction(opcode, 'stands in a function with arguments');
      onLoadOffset = codeOffset() + 1;
      return true;
    case O.OP_nif_start:
      return true;
    case O.OP_executable_line:
      return skipOperands(opcode, 2);
    case O.OP_debug_line:
      return skipOperands(opcode, 4);
    default:
      taken = false;
      return true;
  }
}
/** The list of a select is gone on with in entries of its own. */
let selectOpcode: u32 = 0;
function openSelect(opcode: u32): bool {
  selectOpcode = opcode;
  if (!decodeOperand(O.OPERAND_s, 0) || !decodeOperand(O.OPERAND_f, 1)) return false;
  return verifyBefore(opcode, 2) && beginSelect(opcode);
}
function goOnSelecting(): u32 {
  if (!continueSelect()) return entry(refuseOperand(selectOpcode));
  if (!isSelecting() && !verifyAfter(selectOpcode, 2, 0)) return entry(refuseOperand(selectOpcode));
  return moreCode();
}
function skipOperands(opcode: u32, count: u32): bool {
  for (let i: u32 = 0; i < count; i++)
    if (!C.takeTerm())
      return refuseInstruction(opcode, 'has an operand that is cut off or malformed');
  return true;
}

/** Instructions that the emitter handles itself need no op of the interpreter. */
function isEmitted(opcode: u32): bool {
  return (
    opcode == O.OP_label ||
    opcode == O.OP_line ||
    opcode == O.OP_put_tuple ||
    opcode == O.OP_put ||
    opcode == O.OP_make_fun2 ||
    opcode == O.OP_on_load ||
    opcode == O.OP_nif_start ||
    opcode == O.OP_executable_line ||
    opcode == O.OP_debug_line ||
    opcode == O.OP_int_code_end
  );
}

/** Tests of the loader alone run without an interpreter and BIFs. */
let acceptUnimplemented: bool = false;
export function setAcceptUnimplemented(yes: bool): void {
  acceptUnimplemented = yes;
}

function checkOpcode(opcode: u32): bool {
  if (!opcode || opcode > O.OPCODE_MAX) return refuseInstruction(opcode, 'is not known to this VM');
  if (load<u8>(O.OPCODE_OPERANDS + opcode * SIGNATURE_BYTES) == 255)
    return refuseInstruction(opcode, 'is obsolete: no compiler since OTP 22 makes it');
  if (acceptUnimplemented || load<u8>(O.OPCODE_IMPLEMENTED + opcode) || isEmitted(opcode))
    return true;
  return refuseInstruction(opcode, 'is not implemented by this VM');
}

/**
 * Begin with the code between the cursor's bounds. `functions` functions must stand in it;
 * `strings` and `lines` are the sizes of the string and line tables.
 */
export function beginCode(module: u64, functions: u32, strings: u32, lines: u32): void {
  moduleName = module;
  functionsLeft = functions;
  stringBytes = strings;
  lineCount = lines;
  onLoadOffset = 0;
  lastDeallocate = 0;
  lastFunCall = 0;
  resetSelect();
  resetVerifier();
  reserveCode(S.bytesLeft());
}
/** Words of room for code and relocations of so many bytes, so that they seldom have to grow. */
function reserveCode(bytes: u32): void {
  if (bytes > RESERVED_FOR_MAX) return;
  S.reserveVector(S.V_CODE, bytes + (bytes >> 2));
  S.reserveVector(S.V_RELOCATIONS, bytes >> 1);
  S.reserveVector(S.V_CONSTANTS, bytes >> 1);
  S.reserveVector(S.V_LINE_POSITIONS, bytes >> 3);
  S.reserveVector(S.V_STATES, S.vectorWords(S.V_LABELS) << 2);
  S.reserveVector(S.V_TARGETS, S.vectorWords(S.V_LABELS));
  S.reserveVector(S.V_CALLS, bytes >> 3);
}
const RESERVED_FOR_MAX: u32 = 1 << 24;

/** The next instruction, or more of the one under way. */
export function emitNext(): u32 {
  if (isSelecting()) return goOnSelecting();
  if (!S.bytesLeft()) {
    startReport(moduleName, 'Code');
    say('ends without int_code_end');
    return ENTRY_FAILED;
  }
  work(WORK_OF_INSTRUCTION);
  if (endsFunction(load<u8>(S.at)) && checkSomeTargets(codeOffset())) return ENTRY_MORE;
  const opcode = S.takeByte();
  if (!checkOpcode(opcode)) return ENTRY_FAILED;
  if (opcode == O.OP_int_code_end) return endCode() ? ENTRIES_OVER : ENTRY_FAILED;
  if (
    !S.vectorWords(S.V_FUNCTIONS) &&
    opcode != O.OP_label &&
    opcode != O.OP_line &&
    opcode != O.OP_func_info
  )
    return entry(refuseInstruction(opcode, 'stands before the first function'));
  if (!verifyPlace(opcode)) return entry(refuseOperand(opcode));
  if (!emitSpecial(opcode)) return ENTRY_FAILED;
  if (!taken && !emitGeneric(opcode)) return ENTRY_FAILED;
  return moreCode();
}
function moreCode(): u32 {
  if (!S.exhausted && S.vectorWords(S.V_CODE) <= CODE_WORDS_MAX) return ENTRY_MORE;
  startReport(moduleName, 'Code');
  say('is too large for the memory that is left');
  return ENTRY_FAILED;
}
const WORK_OF_INSTRUCTION: i32 = 12;
/** A large function has many branches: they are checked before its end is read. */
function endsFunction(opcode: u32): bool {
  return opcode == O.OP_func_info || opcode == O.OP_int_code_end;
}

function endCode(): bool {
  if (!verifyFunctionEnd(codeOffset())) return refuseOperand(O.OP_int_code_end);
  emit(O.OP_int_code_end);
  if (!functionsLeft) return true;
  startReport(moduleName, 'Code');
  say('has fewer functions than its header says');
  return false;
}

/**
 * What the dispatch loop (gen/dispatch.ts) falls back on: leaving the processor at a safe point,
 * calling BIFs, collecting. A safe point is the entry of a function: exactly its arguments are
 * live.
 */
import { E_ARITY, E_BIF, E_CALL_BIF, E_FUNCTION, E_MODULE, E_STUB, arityAtEntry } from './code';
import {
  CLASS_COLLECT,
  CLASS_EXIT_PENDING,
  CLASS_OUT_OF_MEMORY,
  CLASS_SWAPPED,
  CLASS_TRAP,
  CLASS_WAIT,
  CLASS_WALK,
  collectWhole,
  failClass,
  failReason,
  trapArity,
  trapTarget,
} from './errors';
import { BIF_TABLE } from './gen/bifs';
import { am_erlang, am_error, am_exit, am_throw, am_vbeam_internal } from './gen/atoms';
import {
  LINEAR_DOORBELL,
  P_FLAGS,
  P_TRAPPED_AT,
  P_TRAPPED_CALL,
  P_TRAPPED_ENTRY,
} from './gen/layout';
import { OP_bif_stub, OP_undefined_stub } from './gen/opcodes';
import { STACK_RESERVE_BYTES, hAlloc, memoryExhausted } from './heap';
import { collectRunning } from './collect';
import { raiseAt, raiseFromBif, raiseStub } from './ops/exceptions';
import { operand } from './operands';
import { noteBif, noteCall, ringsForCalls, savesCalls } from './saved_calls';
import {
  exitRunning,
  killForMemory,
  requeueRunning,
  requeueWalking,
  suspendRunning,
} from './scheduler';
import { debugHex, debugText, panic } from './panic';
import { calledEntry, setCalledEntry } from './pauses';
import { FLAG_EXIT_PENDING } from './process';
import { getX, setX } from './registers';
import { bifExport } from './bif_exports';
import {
  continuation,
  current,
  heapTop,
  pendingReductions,
  reductionsLeft,
  setContinuation,
  stackTop,
} from './state';
import { E_ADDRESS } from './code';
import { NONE, SUB_TUPLE, boxedOf, headerOf } from './term';
import { disarmed, hushDoorbell, passSafePoint, untoldAddress } from './trace/breakpoints';

/** The loader let an instruction through that the interpreter does not have. */
export function badInstruction(pc: usize): void {
  debugText('instruction ');
  debugHex(load<u32>(pc));
  debugText(' at ');
  debugHex(pc);
  panic('interp: instruction without an implementation');
}

/** X registers that are live at an address to which a call jumps. */
export function liveAtEntry(pc: usize): u32 {
  const opcode = load<u32>(pc);
  if (opcode == OP_bif_stub || opcode == OP_undefined_stub) return load<u32>(pc - E_STUB, E_ARITY);
  return arityAtEntry(pc);
}

/**
 * The slice is used up, or the doorbell rang, at the entry `pc`: the process leaves the processor
 * (true), unless an exception is about to be raised (false). The scheduler looks at what rang.
 */
export function yieldAtEntry(pc: usize): bool {
  if (disarmed) {
    passSafePoint();
    if (hushDoorbell() && reductionsLeft >= 0) return false;
  }
  if (pc == raiseStub || (ringsForCalls() && reductionsLeft >= 0)) return false;
  requeueRunning(pc, liveAtEntry(pc));
  return true;
}
/** The same after an external call, the instruction at `from`. */
export function yieldAtExternal(from: usize, pc: usize): bool {
  if (savesCalls) noteCall(operand(from, 1) as usize);
  return yieldAtEntry(pc);
}

/**
 * The doorbell rang, and a function has returned to `pc`, where X0 is live: the process leaves the
 * processor (true). Returns count no reductions, but a deep stack has many of them.
 */
export function yieldAtReturn(pc: usize): bool {
  if (disarmed) {
    passSafePoint();
    if (hushDoorbell()) return false;
  }
  if (ringsForCalls()) return false;
  requeueRunning(pc, 1);
  return true;
}

/** `words` words fit on the heap above the stack reserve. */
export function heapHas(words: u32): bool {
  return heapTop + ((words as usize) << 3) + STACK_RESERVE_BYTES <= stackTop && words < 0x1000_0000;
}

/**
 * Make room for `words` heap words (stack frames included) before the instruction at `pc`, which is
 * run again afterwards; `live` X registers are roots. Returns the pc to go on with, 0 when the
 * process left the processor.
 */
export function makeRoom(pc: usize, words: u32, live: u32): usize {
  return collectRunning(pc, words, live, false) ? pc : 0;
}

/** The instruction that called the BIF which trapped, 0 when the process has left since. */
export let trappedFrom: usize = 0;
/** The instruction that called a BIF last. */
export let calledFrom: usize = 0;

/**
 * Call the BIF of an export entry with its arguments in X registers; the instruction at `pc` does.
 */
export function callBif(pc: usize, entry: usize): u64 {
  setCalledEntry(entry);
  calledFrom = pc;
  if (savesCalls) noteBif(entry);
  return callIndex(load<u32>(entry, E_CALL_BIF) - 1, load<u32>(entry, E_ARITY));
}
/** The same, whether it is traced or not. */
export function callFunction(entry: usize): u64 {
  return callIndex(load<u32>(entry, E_BIF) - 1, load<u32>(entry, E_ARITY));
}
/** The arguments of the BIF that returned NONE last: it may have put others into X registers. */
const failedArguments: usize = memory.data(6 * 8, 8);
/** Its export entry, 0 when they are no longer known. */
let failedEntry: usize = 0;
function keepArgument(index: u32, value: u64): void {
  store<u64>(failedArguments + (index << 3), value);
}
function callIndex(bif: u32, arity: u32): u64 {
  const fn = load<u32>(BIF_TABLE + (bif << 2));
  const a = getX(0);
  const b = getX(1);
  const c = getX(2);
  let result: u64 = NONE;
  switch (arity) {
    case 0:
      return call_indirect<u64>(fn);
    case 1:
      result = call_indirect<u64>(fn, a);
      break;
    case 2:
      result = call_indirect<u64>(fn, a, b);
      break;
    case 3:
      result = call_indirect<u64>(fn, a, b, c);
      break;
    default:
      return callWide(fn, arity, a, b, c);
  }
  if (result == NONE) keepThree(a, b, c);
  return result;
}
function callWide(fn: u32, arity: u32, a: u64, b: u64, c: u64): u64 {
  const d = getX(3);
  const e = getX(4);
  const f = getX(5);
  let result: u64 = NONE;
  if (arity == 4) result = call_indirect<u64>(fn, a, b, c, d);
  else if (arity == 5) result = call_indirect<u64>(fn, a, b, c, d, e);
  else if (arity == 6) result = call_indirect<u64>(fn, a, b, c, d, e, f);
  else panic('interp: BIF with more than six arguments');
  if (result == NONE) {
    keepThree(a, b, c);
    keepArgument(3, d);
    keepArgument(4, e);
    keepArgument(5, f);
  }
  return result;
}
function keepThree(a: u64, b: u64, c: u64): void {
  failedEntry = calledEntry;
  keepArgument(0, a);
  keepArgument(1, b);
  keepArgument(2, c);
}

/**
 * The BIF of `entry`, called at `pc`, goes on in another one: should that fail, it is this call
 * that has failed. `tail`: its caller has no continuation that would name it.
 */
function keepTrappedCall(pc: usize, entry: usize, tail: bool): void {
  if (load<u64>(entry, E_MODULE) == am_vbeam_internal) return;
  const arity = load<u32>(entry, E_ARITY);
  const at = hAlloc(arity + 1);
  store<u64>(at, headerOf(SUB_TUPLE, arity));
  memory.copy(at + 8, failedArguments, arity << 3);
  store<u64>(current, boxedOf(at), P_TRAPPED_CALL);
  store<u32>(current, entry as u32, P_TRAPPED_ENTRY);
  store<u32>(current, tail ? (pc as u32) : 0, P_TRAPPED_AT);
}

/** Where a trap to `target` goes: a BIF that goes on is not called once more for its tracer. */
function trapAddress(target: usize): usize {
  const traced = load<u32>(target, E_CALL_BIF) != load<u32>(target, E_BIF);
  if (trapTarget & 0x8000_0000 && traced) return untoldAddress(target);
  return load<u32>(target, E_ADDRESS);
}

/** Such a call may stand in a function without a frame, whose continuation is its caller's. */
function neverReturns(entry: usize): bool {
  if (!entry || load<u64>(entry, E_MODULE) != am_erlang) return false;
  const name = load<u64>(entry, E_FUNCTION);
  if (name == am_error) return load<u32>(entry, E_ARITY) <= 2;
  return load<u32>(entry, E_ARITY) == 1 && (name == am_exit || name == am_throw);
}

/**
 * A BIF called by the instruction at `pc` returned NONE: raise, trap, wait or leave. `next` is
 * where the process goes on after the BIF (0: the continuation register is set already); `entry` is
 * the export entry of the BIF.
 */
export function bifFailed(pc: usize, next: usize, entry: usize): usize {
  if (memoryExhausted) {
    killForMemory();
    return 0;
  }
  const kept = entry != 0 && failedEntry == entry;
  failedEntry = 0;
  switch (failClass) {
    case CLASS_TRAP: {
      if (next && !(continuation && neverReturns(entry))) setContinuation(next as u64);
      if (kept && trapTarget & 0x8000_0000) keepTrappedCall(pc, entry, !next);
      const target =
        trapTarget & 0x8000_0000 ? bifExport(trapTarget & 0x7fff_ffff) : (trapTarget as usize);
      const address = trapAddress(target);
      if (disarmed) {
        passSafePoint();
        hushDoorbell();
      }
      trappedFrom = pc;
      if (reductionsLeft - pendingReductions > load<i32>(LINEAR_DOORBELL)) return address;
      trappedFrom = 0;
      requeueRunning(address, trapArity);
      return 0;
    }
    case CLASS_WAIT:
      suspendRunning(pc, load<u32>(entry, E_ARITY));
      return 0;
    case CLASS_OUT_OF_MEMORY:
      killForMemory();
      return 0;
    case CLASS_EXIT_PENDING:
      exitRunning();
      return 0;
    case CLASS_COLLECT: {
      const to = next ? next : (continuation as u32 as usize);
      if (!next) setContinuation(0);
      setX(0, failReason);
      return collectRunning(to, 0, 1, collectWhole) ? to : 0;
    }
    case CLASS_SWAPPED:
      return 0;
    case CLASS_WALK:
      requeueWalking(pc);
      return 0;
    default:
      return raiseFromBif(pc, entry);
  }
}

/**
 * After a BIF succeeded: obey what happened to the process meanwhile, and look at the doorbell.
 * True when it must leave; then X0 is live at `next`.
 */
export function mustLeaveAfterBif(): bool {
  if (memoryExhausted || (load<u32>(current, P_FLAGS) & FLAG_EXIT_PENDING) != 0) return true;
  if (reductionsLeft - pendingReductions >= load<i32>(LINEAR_DOORBELL)) return false;
  if (disarmed) {
    passSafePoint();
    if (hushDoorbell()) return false;
  }
  return !ringsForCalls() || reductionsLeft - pendingReductions < 0;
}

/**
 * raiseAt for an instruction whose error is the recorded one, with out-of-memory and pending exits
 * obeyed.
 */
export function failInstruction(pc: usize): usize {
  if (failClass >= CLASS_TRAP) return bifFailed(pc, 0, 0);
  return raiseAt(pc);
}

/**
 * What the dispatch loop (gen/dispatch.ts) falls back on: leaving the processor at a safe point,
 * calling BIFs, collecting. A safe point is the entry of a function: exactly its arguments are
 * live.
 */
import { E_ARITY, E_BIF, E_CALL_BIF, E_STUB, arityAtEntry } from './code';
import {
  CLASS_COLLECT,
  CLASS_EXIT_PENDING,
  CLASS_OUT_OF_MEMORY,
  CLASS_SWAPPED,
  CLASS_TRAP,
  CLASS_WAIT,
  CLASS_WALK,
  failClass,
  failReason,
  trapArity,
  trapTarget,
} from './errors';
import { BIF_TABLE } from './gen/bifs';
import { LINEAR_DOORBELL, P_FLAGS } from './gen/layout';
import { OP_bif_stub, OP_undefined_stub } from './gen/opcodes';
import { STACK_RESERVE_BYTES, memoryExhausted } from './heap';
import { collectRunning } from './collect';
import { raiseAt, raiseFromBif, raiseStub } from './ops/exceptions';
import {
  exitRunning,
  killForMemory,
  requeueRunning,
  requeueWalking,
  suspendRunning,
} from './scheduler';
import { debugHex, debugText, panic } from './panic';
import { setCalledEntry } from './pauses';
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
import { NONE } from './term';
import { disarmed, hushDoorbell, passSafePoint } from './trace/breakpoints';

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
  if (pc == raiseStub) return false;
  requeueRunning(pc, liveAtEntry(pc));
  return true;
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

/** Call the BIF of an export entry with its arguments in X registers. */
export function callBif(entry: usize): u64 {
  setCalledEntry(entry);
  return callIndex(load<u32>(entry, E_CALL_BIF) - 1, load<u32>(entry, E_ARITY));
}
/** The same, whether it is traced or not. */
export function callFunction(entry: usize): u64 {
  return callIndex(load<u32>(entry, E_BIF) - 1, load<u32>(entry, E_ARITY));
}
function callIndex(bif: u32, arity: u32): u64 {
  const fn = load<u32>(BIF_TABLE + (bif << 2));
  switch (arity) {
    case 0:
      return call_indirect<u64>(fn);
    case 1:
      return call_indirect<u64>(fn, getX(0));
    case 2:
      return call_indirect<u64>(fn, getX(0), getX(1));
    case 3:
      return call_indirect<u64>(fn, getX(0), getX(1), getX(2));
    case 4:
      return call_indirect<u64>(fn, getX(0), getX(1), getX(2), getX(3));
    case 5:
      return call_indirect<u64>(fn, getX(0), getX(1), getX(2), getX(3), getX(4));
    case 6:
      return call_indirect<u64>(fn, getX(0), getX(1), getX(2), getX(3), getX(4), getX(5));
    default:
      panic('interp: BIF with more than six arguments');
  }
  return NONE;
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
  switch (failClass) {
    case CLASS_TRAP: {
      if (next) setContinuation(next as u64);
      const target =
        trapTarget & 0x8000_0000 ? bifExport(trapTarget & 0x7fff_ffff) : (trapTarget as usize);
      const address = load<u32>(target, E_ADDRESS) as usize;
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
      return collectRunning(to, 0, 1, true) ? to : 0;
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
  return true;
}

/**
 * raiseAt for an instruction whose error is the recorded one, with out-of-memory and pending exits
 * obeyed.
 */
export function failInstruction(pc: usize): usize {
  if (failClass >= CLASS_TRAP) return bifFailed(pc, 0, 0);
  return raiseAt(pc);
}

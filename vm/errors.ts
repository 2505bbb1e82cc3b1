/**
 * How a BIF or an instruction fails: it records class and reason here and returns NONE; the
 * interpreter raises. Every function returns NONE so that a BIF can write `return badarg();`.
 */
import {
  am_badarg,
  am_badarith,
  am_badkey,
  am_badmap,
  am_system_limit,
  am_notsup,
  am_undef,
  am_noproc,
} from './gen/atoms';
import { hAlloc } from './heap';
import { setX } from './registers';
import { NONE, SUB_TUPLE, boxedOf, headerOf } from './term';

export const CLASS_ERROR: u32 = 0;
export const CLASS_EXIT: u32 = 1;
export const CLASS_THROW: u32 = 2;
/** Not an exception: go on at `trapTarget` with the X registers as they are. */
export const CLASS_TRAP: u32 = 3;
/** Not an exception: memory ran out; the process is killed. */
export const CLASS_OUT_OF_MEMORY: u32 = 4;
/**
 * Not an exception: the BIF suspended the process (see scheduler.ts); when it runs again the same
 * call is made again.
 */
export const CLASS_WAIT: u32 = 5;

/** Not an exception: an exit signal to itself is pending; the process exits now. */
export const CLASS_EXIT_PENDING: u32 = 6;
/**
 * Not an exception: the BIF swapped the process out itself (hibernate, exit); nothing is left to
 * do.
 */
export const CLASS_SWAPPED: u32 = 7;

/**
 * Not an exception: the BIF's result is `failReason`; the heap is collected before the process goes
 * on.
 */
export const CLASS_COLLECT: u32 = 8;

/** Not an exception: a long operation on big integers is not finished (big_job.ts). */
export const CLASS_BIG_JOB: u32 = 9;

/** Not an exception: a walk was left; the same instruction is run again (walk.ts). */
export const CLASS_WALK: u32 = 10;

export let failClass: u32 = 0;
export let failReason: u64 = 0;
/** After CLASS_COLLECT: a full sweep. */
export let collectWhole: bool = false;
/** Arguments list for stack traces given by error/2,3, or 0. */
export let failArguments: u64 = 0;
/** With error/3: the options' error_info map, or 0. */
export let failInfo: u64 = 0;
/** With raise/3: the stack trace to use, or 0. */
export let failTrace: u64 = 0;
/** The trace starts at the caller, not at the BIF: error/1, exit/1, throw/1 and their like. */
export let failPlace: bool = false;
/** Export entry, or BIF index | 1 << 31, to go on with after CLASS_TRAP. */
export let trapTarget: u32 = 0;
export let trapArity: u32 = 0;

export function fail(kind: u32, reason: u64): u64 {
  failClass = kind;
  failReason = reason;
  failArguments = 0;
  failInfo = 0;
  failTrace = 0;
  failPlace = false;
  return NONE;
}
/** An exception that the program raised itself: its trace starts at the caller of the BIF. */
export function failHere(kind: u32, reason: u64): u64 {
  fail(kind, reason);
  failPlace = true;
  return NONE;
}
/** A failing BIF with an error_info map that tells more. */
export function failWithInfo(kind: u32, reason: u64, info: u64): u64 {
  fail(kind, reason);
  failInfo = info;
  return NONE;
}
export function failWith(kind: u32, reason: u64, args: u64, info: u64, trace: u64): u64 {
  failClass = kind;
  failReason = reason;
  failArguments = args;
  failInfo = info;
  failTrace = trace;
  failPlace = false;
  return NONE;
}
/**
 * As failHere, for error/2,3: with the arguments of the caller and the error_info map (0 = none).
 */
export function failHereWith(reason: u64, args: u64, info: u64): u64 {
  failWith(CLASS_ERROR, reason, args, info, 0);
  failPlace = true;
  return NONE;
}
export function badarg(): u64 {
  return fail(CLASS_ERROR, am_badarg);
}
export function badarith(): u64 {
  return fail(CLASS_ERROR, am_badarith);
}
export function systemLimit(): u64 {
  return fail(CLASS_ERROR, am_system_limit);
}
export function notsup(): u64 {
  return fail(CLASS_ERROR, am_notsup);
}
export function noproc(): u64 {
  return fail(CLASS_ERROR, am_noproc);
}
export function undef(): u64 {
  return fail(CLASS_ERROR, am_undef);
}
function taggedError(tag: u64, value: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, tag, 8);
  store<u64>(at, value, 16);
  return fail(CLASS_ERROR, boxedOf(at));
}
/** error:{badmap, Term} */
export function badmap(term: u64): u64 {
  return taggedError(am_badmap, term);
}
/** error:{badkey, Key} */
export function badkey(key: u64): u64 {
  return taggedError(am_badkey, key);
}
/**
 * error:{Tag, Value} for the other tagged reasons (badmatch, case_clause, badfun, try_clause ...).
 */
export function errorPair(tag: u64, value: u64): u64 {
  return taggedError(tag, value);
}
export function outOfMemory(): u64 {
  failClass = CLASS_OUT_OF_MEMORY;
  return NONE;
}
/**
 * Go on with the BIF of index `bif` (a BIF_ constant); its arguments are in X registers. Yields
 * first when the slice is used up.
 */
export function trapTo(bif: u32, arity: u32): u64 {
  failClass = CLASS_TRAP;
  trapTarget = bif | 0x8000_0000;
  trapArity = arity;
  return NONE;
}
/**
 * Go on with an Erlang function: `entry` is an export entry (code.ts exportEntry), arguments in X
 * registers.
 */
export function trapToExport(entry: usize, arity: u32): u64 {
  failClass = CLASS_TRAP;
  trapTarget = entry as u32;
  trapArity = arity;
  return NONE;
}
/** Set the first X registers for a trap. */
export function trapArguments1(a: u64): void {
  setX(0, a);
}
export function trapArguments3(a: u64, b: u64, c: u64): void {
  setX(0, a);
  setX(1, b);
  setX(2, c);
}
/** The running process has an exit signal to obey before anything else. */
export function exitPending(): u64 {
  failClass = CLASS_EXIT_PENDING;
  return NONE;
}
/**
 * The BIF is done with result `value` (an immediate); the process's heap is collected before it
 * goes on, `whole`: swept fully.
 */
export function collectThen(value: u64, whole: bool): u64 {
  failClass = CLASS_COLLECT;
  collectWhole = whole;
  failReason = value;
  return NONE;
}
export function swappedOut(): u64 {
  failClass = CLASS_SWAPPED;
  return NONE;
}
/**
 * The process waits (its state was changed by the caller); the BIF is called again with the same
 * arguments when it runs.
 */
export function waitAndRetry(): u64 {
  failClass = CLASS_WAIT;
  return NONE;
}

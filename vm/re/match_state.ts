/**
 * The state of a run: registers, the options in force, and the stack of what to do when matching
 * fails. It is here while a run is active, and in a resource between two slices (run.ts).
 *
 * Registers, u32: two for each capture (addresses, UNSET), one for the beginning of each open
 * group, two for each loop (count, where the iteration began).
 *
 * A frame on the stack ends with its kind. Frames that enclose something (atomic groups,
 * assertions, calls) are linked: `scope` is the innermost one that is open, named by the stack's
 * height behind it. A frame below the top is reached only by popping those above, so the links are
 * right whenever a frame becomes the top.
 */
import { reallocate } from '../alloc';
import * as P from './pattern';
import * as O from './program';

export const UNSET: u32 = 0xffff_ffff;

// ---- frames; words before the kind

/** pc, sp */
export const FRAME_ALTERNATIVE: u32 = 0;
/** pc behind the item, sp, lowest sp, 1 = steps back by characters */
export const FRAME_GREEDY: u32 = 1;
/** pc of the item, sp, count */
export const FRAME_LAZY: u32 = 2;
/** group, old beginning */
export const FRAME_OPEN: u32 = 3;
/** group, old capture */
export const FRAME_CAPTURE: u32 = 4;
/** loop, old count, old beginning */
export const FRAME_LOOP: u32 = 5;
/** old beginning of the match */
export const FRAME_KEEP: u32 = 6;
/** captures ..., first, last, keep, sp, target when it fails, its end, flags, scope */
export const FRAME_SCOPE: u32 = 7;
/** The same behind the end of a scope: restores captures. */
export const FRAME_RESTORE: u32 = 8;
/** registers ..., group, pc, sp, outer call, scope */
export const FRAME_CALL: u32 = 9;
/** verb, sp, operand, operand */
export const FRAME_VERB: u32 = 10;

/** Flags of FRAME_SCOPE. */
export const SCOPE_NEGATIVE: u32 = 1;
export const SCOPE_CONDITION: u32 = 2;
export const SCOPE_ATOMIC: u32 = 4;

// ---- how a run can end

export const RUNNING: u32 = 0;
export const MATCHED: u32 = 1;
/** This attempt has failed; the search goes on. */
export const FAILED: u32 = 2;
export const NO_MATCH: u32 = 3;
export const MATCH_LIMIT: u32 = 4;
export const DEPTH_LIMIT: u32 = 5;
export const NO_MEMORY: u32 = 6;

// ---- the run

export let program: usize = 0;
export let code: usize = 0;
export let classes: usize = 0;
export let subject: usize = 0;
export let subjectEnd: usize = 0;
export let registers: usize = 0;
export let opens: usize = 0;
export let loops: usize = 0;
export let registerWords: u32 = 0;

export let options: u32 = 0;
export let utf: bool = false;
export let ucp: bool = false;
export let newline: u32 = 0;
export let anyNewline: bool = false;
export let runFlags: u32 = 0;
export let matchLimit: u32 = 0;
export let depthLimit: u32 = 0;

export let pc: usize = 0;
export let sp: usize = 0;
/** Where the search began, where this attempt began, and where the match begins (\K). */
export let searchStart: usize = 0;
export let attempt: usize = 0;
export let keep: usize = 0;
export let outcome: u32 = 0;
export let backtracking: bool = false;
/** The verb on whose account frames are being dropped, 0 for none; its place and operand. */
export let unwinding: u32 = 0;
export let verbPlace: u32 = 0;
export let verbOperand: u32 = 0;
/** A repeat that was interrupted: characters taken so far, where the optional ones begin. */
export let repeated: u32 = 0;
export let repeatLow: usize = 0;
export let matchCount: u32 = 0;
export let steps: i32 = 0;

export let stack: usize = 0;
export let top: usize = 0;
let stackEnd: usize = 0;
export let scope: u32 = 0;
export let call: u32 = 0;

/** Run options. */
export const RUN_NOTBOL: u32 = 1;
export const RUN_NOTEOL: u32 = 2;
export const RUN_NOTEMPTY: u32 = 4;
export const RUN_NOTEMPTY_ATSTART: u32 = 8;
export const RUN_ANCHORED: u32 = 16;

export function setPc(address: usize): void {
  pc = address;
}
export function setSp(address: usize): void {
  sp = address;
}
export function setKeep(address: usize): void {
  keep = address;
}
export function setAttempt(address: usize): void {
  attempt = address;
}
export function setOutcome(kind: u32): void {
  outcome = kind;
}
export function setScope(height: u32): void {
  scope = height;
}
export function setCall(height: u32): void {
  call = height;
}
export function setRepeated(count: u32, low: usize): void {
  repeated = count;
  repeatLow = low;
}
export function charge(n: i32): void {
  steps -= n;
}
export function setSteps(n: i32): void {
  steps = n;
}
export function backtrack(): void {
  backtracking = true;
}
export function goForward(target: usize): void {
  backtracking = false;
  unwinding = 0;
  pc = target;
}
export function unwind(verb: u32, place: u32, operand: u32): void {
  backtracking = true;
  unwinding = verb;
  verbPlace = place;
  verbOperand = operand;
}
export function stopUnwinding(): void {
  unwinding = 0;
}
/** One more call of PCRE's match function: the limit counts them. */
export function countMatch(): void {
  matchCount++;
  if (matchCount > matchLimit) outcome = MATCH_LIMIT;
  else if (((top - stack) as u32) >> DEPTH_BITS > depthLimit) outcome = DEPTH_LIMIT;
}
/** Bytes of the stack for which PCRE's match function would be one call deeper, about. */
const DEPTH_BITS: u32 = 4;

// ---- the stack

/** Room for `words` words; false when memory is exhausted. */
export function ensure(words: u32): bool {
  if (((stackEnd - top) as u32) >= words << 2) return true;
  const used = (top - stack) as u32;
  const wanted = max(((stackEnd - stack) as u32) << 1, used + (words << 2) + 64);
  const fresh = wanted > used ? reallocate(stack, wanted) : 0;
  if (!fresh) {
    outcome = NO_MEMORY;
    return false;
  }
  stack = fresh;
  top = fresh + used;
  stackEnd = fresh + wanted;
  return true;
}
export function push(word: u32): void {
  store<u32>(top, word);
  top += 4;
}
/** Word `back` below the top: 0 is the kind of the top frame. */
export function peek(back: u32): u32 {
  return load<u32>(top - 4 - (back << 2));
}
export function drop(words: u32): void {
  top -= words << 2;
}
export function height(): u32 {
  return (top - stack) as u32;
}
export function cutTo(newHeight: u32): void {
  top = stack + newHeight;
}
export function push3(a: u32, b: u32, kind: u32): void {
  if (!ensure(3)) return;
  store<u32>(top, a);
  store<u32>(top, b, 4);
  store<u32>(top, kind, 8);
  top += 12;
}
export function push4(a: u32, b: u32, c: u32, kind: u32): void {
  if (!ensure(4)) return;
  store<u32>(top, a);
  store<u32>(top, b, 4);
  store<u32>(top, c, 8);
  store<u32>(top, kind, 12);
  top += 16;
}
export function push5(a: u32, b: u32, c: u32, d: u32, kind: u32): void {
  if (!ensure(5)) return;
  store<u32>(top, a);
  store<u32>(top, b, 4);
  store<u32>(top, c, 8);
  store<u32>(top, d, 12);
  store<u32>(top, kind, 16);
  top += 20;
}

export function stackBytes(): u32 {
  return (stackEnd - stack) as u32;
}

// ---- registers

export function captureStart(group: u32): u32 {
  return load<u32>(registers + (group << 3));
}
export function captureEnd(group: u32): u32 {
  return load<u32>(registers + (group << 3), 4);
}
export function setCapture(group: u32, start: u32, end: u32): void {
  store<u32>(registers + (group << 3), start);
  store<u32>(registers + (group << 3), end, 4);
}
export function openAt(group: u32): u32 {
  return load<u32>(opens + (group << 2));
}
export function setOpen(group: u32, address: u32): void {
  store<u32>(opens + (group << 2), address);
}
export function loopCount(loop: u32): u32 {
  return load<u32>(loops + (loop << 3));
}
export function loopStart(loop: u32): u32 {
  return load<u32>(loops + (loop << 3), 4);
}
export function setLoop(loop: u32, count: u32, start: u32): void {
  store<u32>(loops + (loop << 3), count);
  store<u32>(loops + (loop << 3), start, 4);
}

// ---- beginning, and what is kept between slices

/** Words of registers for a program. */
export function registersOf(compiled: usize): u32 {
  const captures = load<u32>(compiled, O.P_CAPTURES) + 1;
  return captures * 3 + load<u32>(compiled, O.P_LOOPS) * 2;
}
function setProgram(compiled: usize): void {
  program = compiled;
  code = compiled + O.P_CODE;
  classes = compiled + load<u32>(compiled, O.P_CLASSES);
  registerWords = registersOf(compiled);
}
function setRegisters(address: usize): void {
  registers = address;
  opens = address + ((load<u32>(program, O.P_CAPTURES) + 1) << 3);
  loops = opens + ((load<u32>(program, O.P_CAPTURES) + 1) << 2);
}
function setRunOptions(word: u32): void {
  options = word;
  utf = (word & P.UTF) != 0;
  ucp = (word & P.UCP) != 0;
  newline = P.newlineOf(word);
  anyNewline = newline == P.NEWLINE_ANY || newline == P.NEWLINE_ANYCRLF;
}
export function beginRun(
  compiled: usize,
  registerBlock: usize,
  stackBlock: usize,
  stackBytes: u32,
  word: u32,
): void {
  setProgram(compiled);
  setRegisters(registerBlock);
  setRunOptions(word);
  stack = stackBlock;
  top = stackBlock;
  stackEnd = stackBlock + stackBytes;
  outcome = RUNNING;
}
export const LIMIT_DEFAULT: u32 = 10_000_000;

/** The limits asked for; the pattern itself may lower them. */
export function setLimits(match: u32, depth: u32): void {
  matchLimit = min(load<u32>(program, O.P_MATCH_LIMIT), match);
  depthLimit = min(load<u32>(program, O.P_DEPTH_LIMIT), depth);
}
export function setSubject(from: usize, end: usize, start: usize, flags: u32): void {
  subject = from;
  subjectEnd = end;
  searchStart = start;
  attempt = start;
  runFlags = flags;
}
/** An attempt begins at `address`. */
export function beginAttempt(address: usize): void {
  memory.fill(registers, 0xff, registerWords << 2);
  attempt = address;
  sp = address;
  keep = address;
  pc = code;
  top = stack;
  scope = 0;
  call = 0;
  unwinding = 0;
  backtracking = false;
  repeated = 0;
  repeatLow = 0;
  outcome = RUNNING;
  // PCRE enters the pattern, and then its only alternative.
  matchCount = (load<u32>(code) & 255) == O.OP_ALTERNATIVE ? 1 : 2;
  if (matchCount > matchLimit) outcome = MATCH_LIMIT;
  else if (!depthLimit) outcome = DEPTH_LIMIT;
}

export const STATE_BYTES: u32 = 104;

export function saveState(to: usize): void {
  store<u32>(to, program as u32);
  store<u32>(to, registers as u32, 4);
  store<u32>(to, stack as u32, 8);
  store<u32>(to, top as u32, 12);
  store<u32>(to, stackEnd as u32, 16);
  store<u32>(to, subject as u32, 20);
  store<u32>(to, subjectEnd as u32, 24);
  store<u32>(to, searchStart as u32, 28);
  store<u32>(to, attempt as u32, 32);
  store<u32>(to, keep as u32, 36);
  store<u32>(to, sp as u32, 40);
  store<u32>(to, pc as u32, 44);
  store<u32>(to, scope, 48);
  store<u32>(to, call, 52);
  store<u32>(to, unwinding, 56);
  store<u32>(to, verbPlace, 60);
  store<u32>(to, verbOperand, 64);
  store<u32>(to, backtracking ? 1 : 0, 68);
  store<u32>(to, matchCount, 72);
  store<u32>(to, matchLimit, 76);
  store<u32>(to, depthLimit, 80);
  store<u32>(to, options, 84);
  store<u32>(to, runFlags, 88);
  store<u32>(to, outcome, 92);
  store<u32>(to, repeated, 96);
  store<u32>(to, repeatLow as u32, 100);
}
export function restoreState(from: usize): void {
  setProgram(load<u32>(from));
  setRegisters(load<u32>(from, 4));
  stack = load<u32>(from, 8);
  top = load<u32>(from, 12);
  stackEnd = load<u32>(from, 16);
  subject = load<u32>(from, 20);
  subjectEnd = load<u32>(from, 24);
  searchStart = load<u32>(from, 28);
  attempt = load<u32>(from, 32);
  keep = load<u32>(from, 36);
  sp = load<u32>(from, 40);
  pc = load<u32>(from, 44);
  scope = load<u32>(from, 48);
  call = load<u32>(from, 52);
  unwinding = load<u32>(from, 56);
  verbPlace = load<u32>(from, 60);
  verbOperand = load<u32>(from, 64);
  backtracking = load<u32>(from, 68) != 0;
  matchCount = load<u32>(from, 72);
  matchLimit = load<u32>(from, 76);
  depthLimit = load<u32>(from, 80);
  setRunOptions(load<u32>(from, 84));
  runFlags = load<u32>(from, 88);
  outcome = load<u32>(from, 92);
  repeated = load<u32>(from, 96);
  repeatLow = load<u32>(from, 100);
}

/**
 * Walks over large terms that are left and gone on with (architecture D6): sizing and copying a
 * message, comparing, hashing. A BIF or instruction that can be run again allows it; the walk then
 * looks at the doorbell now and then, and when it must, it puts its state aside. The process leaves
 * the processor in front of the same instruction, which finds the state when it runs again. Until
 * then nothing of the process moves: it is not collected (scheduler.ts).
 *
 *   P_WALK -> +------+------+-----+-----+---+---+---+----------+--------+
 *             | kind | base | top | end | a | b | c | fragment | record |   base, top, end: the work stack
 *             +------+------+-----+-----+---+---+---+----------+--------+
 */
import { allocate, release } from './alloc';
import { releaseMessage } from './copy';
import { CLASS_WALK, fail } from './errors';
import { LINEAR_DOORBELL, P_WALK } from './gen/layout';
import { chargeReductions, current, pendingReductions, reductionsLeft } from './state';
import { attachStack, detachStack, mark } from './work_stack';

export const WALK_SIZE: u32 = 1;
export const WALK_COPY: u32 = 2;
export const WALK_ORDER: u32 = 3;
export const WALK_EQUAL: u32 = 4;
export const WALK_HASH: u32 = 5;

const KIND: u32 = 0;
const STACK: u32 = 4;
const A: u32 = 16;
const B: u32 = 24;
const C: u32 = 32;
const FRAGMENT: u32 = 40;
const RECORD: u32 = 44;
const RECORD_BYTES: u32 = 40;
const WALK_BYTES: u32 = RECORD + RECORD_BYTES;

/** Steps of a walk between two looks at the doorbell. */
export const WALK_STEPS: u32 = 512;
const WALK_REDUCTIONS: i32 = 32;

let allowed: bool = false;
/** The walk has been left: what it returned means nothing. */
export let walkLeft: bool = false;
/** State of the walk that was taken up again. */
export let walkA: u64 = 0;
export let walkB: u64 = 0;
export let walkC: u64 = 0;

/** What follows may be left; `endWalk` comes behind it. */
export function allowLeaving(): void {
  allowed = current != 0 && mark() == 0;
  walkLeft = false;
}
/** What follows changes something before it walks: it must be done to the end. */
export function forbidLeaving(): void {
  allowed = false;
}
/** True when a walk was left: return `leaveWalk()`. */
export function endWalk(): bool {
  if (!allowed) return false;
  allowed = false;
  const left = walkLeft;
  walkLeft = false;
  // What was left earlier and not taken up again: the instruction went another way this time.
  if (!left && load<u32>(current, P_WALK)) freeWalk(current);
  return left;
}
/** NONE, and the instruction is run again when the process has its next turn. */
export function leaveWalk(): u64 {
  return fail(CLASS_WALK, 0);
}

/** Steps have been done: the walk must be left now, if it can. */
export function shouldLeave(): bool {
  chargeReductions(WALK_REDUCTIONS);
  if (!allowed) return false;
  return load<i32>(LINEAR_DOORBELL) > 0 || reductionsLeft <= pendingReductions;
}

/** Put a walk aside; false when there is no memory, or when it cannot: then it goes on. */
export function putAside(kind: u32, base: u32, a: u64, b: u64, c: u64): bool {
  if (base) return false;
  const walk = allocate(WALK_BYTES);
  if (!walk) return false;
  if (!detachStack(walk + STACK)) {
    release(walk);
    return false;
  }
  store<u32>(walk, kind, KIND);
  store<u64>(walk, a, A);
  store<u64>(walk, b, B);
  store<u64>(walk, c, C);
  store<u32>(walk, 0, FRAGMENT);
  store<u32>(current, walk as u32, P_WALK);
  walkLeft = true;
  return true;
}
/** Take up a walk of this kind that was put aside: its state is in walkA to walkC. */
export function takeUp(kind: u32): bool {
  if (!allowed) return false;
  const walk = load<u32>(current, P_WALK) as usize;
  if (!walk || load<u32>(walk, KIND) != kind) return false;
  attachStack(walk + STACK);
  walkA = load<u64>(walk, A);
  walkB = load<u64>(walk, B);
  walkC = load<u64>(walk, C);
  store<u32>(current, 0, P_WALK);
  release(walk);
  return true;
}

// ---- copies: the fragment being filled, and the record of the copy

export function putCopyAside(fragment: usize, record: usize): bool {
  if (!putAside(WALK_COPY, mark(), 0, 0, 0)) return false;
  const walk = load<u32>(current, P_WALK) as usize;
  store<u32>(walk, fragment as u32, FRAGMENT);
  memory.copy(walk + RECORD, record, RECORD_BYTES);
  return true;
}
/** The fragment of a copy that was put aside, its record in `record`; 0 when there is none. */
export function takeUpCopy(record: usize): usize {
  const walk = load<u32>(current, P_WALK) as usize;
  if (!allowed || !walk || load<u32>(walk, KIND) != WALK_COPY) return 0;
  const fragment = load<u32>(walk, FRAGMENT) as usize;
  memory.copy(record, walk + RECORD, RECORD_BYTES);
  takeUp(WALK_COPY);
  return fragment;
}

/** Free the walk of a process, if it has one. */
export function freeWalk(process: usize): void {
  const walk = load<u32>(process, P_WALK) as usize;
  if (!walk) return;
  store<u32>(process, 0, P_WALK);
  release(load<u32>(walk, STACK));
  const fragment = load<u32>(walk, FRAGMENT) as usize;
  if (fragment) releaseMessage(fragment);
  release(walk);
}

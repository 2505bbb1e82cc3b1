/**
 * Walks over large terms that are left and gone on with (architecture D6): sizing and copying a
 * message, comparing, hashing. A BIF or instruction that can be run again allows it; the walk then
 * looks at the doorbell now and then, and when it must, it puts its state aside. The process leaves
 * the processor in front of the same instruction, which finds the state when it runs again. Until
 * then nothing of the process moves: it is not collected (scheduler.ts).
 *
 * An instruction with several keys may have several long walks. It does them all before it changes
 * anything, between allowLeaving and holdWalks; the results of those that are over are kept
 * meanwhile, so that none is done twice, and until dropHeld.
 *
 * Layout of what is put aside: vm/walk_layout.ts.
 */
import { allocate, release } from './alloc';
import { releaseMessage } from './copy';
import { CLASS_WALK, fail } from './errors';
import { dropInsertion } from './ets/insertion';
import { freeObject } from './ets/object';
import { unpinObject } from './ets/pins';
import { LINEAR_DOORBELL, P_WALK } from './gen/layout';
import { batchNumber } from './literal_areas';
import { endSharedWalk } from './shared_copy';
import { chargeReductions, current, pendingReductions, reductionsLeft } from './state';
import {
  A,
  B,
  BATCH,
  C,
  FRAGMENT,
  KIND,
  LEFT,
  NEXT,
  OBJECT,
  RECORD,
  RECORD_BYTES,
  RIGHT,
  STACK,
  WALK_BYTES,
  WALK_COPY,
  WALK_INSERTION,
  WALK_LOOKUP,
  WALK_OBJECT,
  WALK_SHARED,
  WALK_SIZE,
  WALK_OVER,
} from './walk_layout';
import { attachStack, detachStack, mark } from './work_stack';

/** Steps of a walk between two looks at the doorbell. */
export const WALK_STEPS: u32 = 64;
const WALK_REDUCTIONS: i32 = 4;

let allowed: bool = false;
/** BIFs are called where nobody could run them again: in match specifications. */
let barred: bool = false;
/** The walk has been left: what it returned means nothing. */
export let walkLeft: bool = false;
/** State of the walk that was taken up again. */
export let walkA: u64 = 0;
export let walkB: u64 = 0;
export let walkC: u64 = 0;
/** The pinned object of a copy that was taken up again. */
export let walkObject: usize = 0;

/** What follows may be left; `endWalk` comes behind it. */
export function allowLeaving(): void {
  allowed = current != 0 && !barred && mark() == 0;
  walkLeft = false;
  holding = false;
}
/** Whatever is called from now on must be done to the end, or, with false, can be left again. */
export function barLeaving(flag: bool): void {
  barred = flag;
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
  return somethingWaits() && allowed;
}
/** The same, whether the walk can be left or not. */
export function somethingWaits(): bool {
  chargeReductions(WALK_REDUCTIONS);
  return load<i32>(LINEAR_DOORBELL) > 0 || reductionsLeft <= pendingReductions;
}
/** NONE: the BIF is left before it has begun and runs again; what was put aside before stays. */
export function runAgain(): u64 {
  if (allowed) walkLeft = true;
  return leaveWalk();
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
  putBlockAside(walk, kind, a, b, c);
  return true;
}
/** The same with a block that the caller has, and nothing on the work stack. */
export function putBlockAside(walk: usize, kind: u32, a: u64, b: u64, c: u64): void {
  store<u32>(walk, kind, KIND);
  store<u64>(walk, a, A);
  store<u64>(walk, b, B);
  store<u64>(walk, c, C);
  store<u32>(walk, 0, FRAGMENT);
  store<u32>(walk, load<u32>(current, P_WALK), NEXT);
  store<u32>(walk, 0, OBJECT);
  store<u32>(walk, batchNumber, BATCH);
  store<u64>(walk, 0, LEFT);
  store<u64>(walk, 0, RIGHT);
  store<u32>(current, walk as u32, P_WALK);
  walkLeft = true;
}

// ---- walks over one or two terms, of which an instruction may have several

/** Put the walk over `left` and `right` aside, as putAside. */
export function putPairAside(
  kind: u32,
  base: u32,
  left: u64,
  right: u64,
  a: u64,
  b: u64,
  c: u64,
): bool {
  if (!putAside(kind, base, a, b, c)) return false;
  const walk = load<u32>(current, P_WALK) as usize;
  store<u64>(walk, left, LEFT);
  store<u64>(walk, right, RIGHT);
  return true;
}
/** Take up that walk: its state is in walkA to walkC. */
export function takeUpPair(kind: u32, left: u64, right: u64): bool {
  if (!allowed) return false;
  const walk = load<u32>(current, P_WALK) as usize;
  if (!walk || load<u32>(walk, KIND) != kind) return false;
  if (load<u64>(walk, LEFT) != left || load<u64>(walk, RIGHT) != right) return false;
  return takeUp(kind);
}
/** A walk that had been left is over: its result is kept while its instruction has others to do. */
export function keepResult(kind: u32, left: u64, right: u64, result: u64): void {
  if (!holding) return;
  const walk = allocate(WALK_BYTES);
  if (!walk) return;
  putBlockAside(walk, kind | WALK_OVER, result, 0, 0);
  walkLeft = false;
  store<u32>(walk, 0, STACK);
  store<u64>(walk, left, LEFT);
  store<u64>(walk, right, RIGHT);
}
/** Is there such a result? It is in walkA. */
export function recallResult(kind: u32, left: u64, right: u64): bool {
  if (!holding) return false;
  let walk = load<u32>(current, P_WALK) as usize;
  for (; walk; walk = load<u32>(walk, NEXT)) {
    if (load<u32>(walk, KIND) != (kind | WALK_OVER)) continue;
    if (load<u64>(walk, LEFT) != left || load<u64>(walk, RIGHT) != right) continue;
    walkA = load<u64>(walk, A);
    return true;
  }
  return false;
}
/** Results are kept, and looked for. */
let holding: bool = false;
/** What follows may be left, and holdWalks comes behind it. */
export function allowSeveral(): void {
  allowLeaving();
  holding = allowed;
}
/**
 * True when a walk was left: return `leaveWalk()`. Else their results are there until dropHeld, and
 * what follows is done to the end.
 */
export function holdWalks(): bool {
  const left = walkLeft;
  allowed = false;
  walkLeft = false;
  if (left) holding = false;
  return left;
}
/** The instruction of holdWalks is done. */
export function dropHeld(): void {
  if (!holding) return;
  holding = false;
  if (load<u32>(current, P_WALK)) freeWalk(current);
}
/**
 * The first walk, if it is of this kind and can be taken up, or 0. What was measured or copied
 * before literals began to move is given up: it is done again.
 */
function firstWalk(kind: u32): usize {
  const walk = load<u32>(current, P_WALK) as usize;
  if (!allowed || !walk || load<u32>(walk, KIND) != kind) return 0;
  const copies = kind == WALK_SIZE || kind == WALK_COPY || kind == WALK_SHARED;
  if (!copies || load<u32>(walk, BATCH) == batchNumber) return walk;
  store<u32>(current, load<u32>(walk, NEXT), P_WALK);
  freeOne(walk);
  return 0;
}
/** The block of a walk of this kind that was put aside, now taken off the list, or 0. */
export function takeUpBlock(kind: u32): usize {
  const walk = firstWalk(kind);
  if (!walk) return 0;
  walkA = load<u64>(walk, A);
  walkB = load<u64>(walk, B);
  walkC = load<u64>(walk, C);
  walkObject = load<u32>(walk, OBJECT);
  store<u32>(current, load<u32>(walk, NEXT), P_WALK);
  return walk;
}
/** Take up a walk of this kind that was put aside: its state is in walkA to walkC. */
export function takeUp(kind: u32): bool {
  const walk = takeUpBlock(kind);
  if (!walk) return false;
  attachStack(walk + STACK);
  release(walk);
  return true;
}

// ---- copies: the fragment or object being filled, and the record of the copy

/** `pinned`: the object of a table that is copied, or 0. */
export function putCopyAside(kind: u32, target: usize, record: usize, pinned: usize): bool {
  if (!putAside(kind, mark(), 0, 0, 0)) return false;
  const walk = load<u32>(current, P_WALK) as usize;
  store<u32>(walk, target as u32, FRAGMENT);
  store<u32>(walk, pinned as u32, OBJECT);
  memory.copy(walk + RECORD, record, RECORD_BYTES);
  return true;
}
/** What a copy that was put aside fills, its record in `record`; 0 when there is none. */
export function takeUpCopy(kind: u32, record: usize): usize {
  const walk = firstWalk(kind);
  if (!walk) return 0;
  const target = load<u32>(walk, FRAGMENT) as usize;
  memory.copy(record, walk + RECORD, RECORD_BYTES);
  takeUp(kind);
  return target;
}

/** The instruction was left in the middle of a copy into a fragment. */
export function copyUnderWay(): bool {
  return firstWalk(WALK_COPY) != 0;
}

/** Free the walks of a process, if it has any. */
export function freeWalk(process: usize): void {
  let walk = load<u32>(process, P_WALK) as usize;
  store<u32>(process, 0, P_WALK);
  while (walk) {
    const next = load<u32>(walk, NEXT) as usize;
    freeOne(walk);
    walk = next;
  }
}
function freeOne(walk: usize): void {
  const kind = load<u32>(walk, KIND);
  if (kind == WALK_INSERTION) {
    dropInsertion(walk);
    return;
  }
  if (kind == WALK_SHARED) {
    endSharedWalk(walk);
    return;
  }
  if (kind != WALK_LOOKUP) release(load<u32>(walk, STACK));
  const target = load<u32>(walk, FRAGMENT) as usize;
  if (target && kind == WALK_OBJECT) freeObject(target);
  else if (target) releaseMessage(target);
  const pinned = load<u32>(walk, OBJECT) as usize;
  if (pinned) unpinObject(pinned);
  release(walk);
}

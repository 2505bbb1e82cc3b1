/**
 * Going back: dropping frames until one says how to go on. A verb (*COMMIT), (*PRUNE), (*SKIP) or
 * (*THEN) that is met on the way makes others be dropped too; pcrepattern(3), BACKTRACKING CONTROL.
 */
import { FLAGS, PLACE, TARGET, popCall, popScope } from './match_scopes';
import * as S from './match_state';
import { takeUnits } from './match_units';
import * as N from './nodes';
import * as O from './program';
import { characterBefore } from './utf8';

/** Drop the frame on top, or use it. */
export function popFrame(): void {
  if (S.top == S.stack) {
    // Also when a verb is on its way: the search asks `unwinding`.
    S.setOutcome(S.FAILED);
    return;
  }
  switch (S.peek(0)) {
    case S.FRAME_ALTERNATIVE:
      return popAlternative();
    case S.FRAME_GREEDY:
      return popGreedy();
    case S.FRAME_LAZY:
      return popLazy();
    case S.FRAME_OPEN:
      S.setOpen(S.peek(2), S.peek(1));
      return S.drop(3);
    case S.FRAME_CAPTURE:
      S.setCapture(S.peek(3), S.peek(2), S.peek(1));
      return S.drop(4);
    case S.FRAME_LOOP:
      S.setLoop(S.peek(3), S.peek(2), S.peek(1));
      return S.drop(4);
    case S.FRAME_KEEP:
      S.setKeep(S.peek(1));
      return S.drop(2);
    case S.FRAME_SCOPE:
      return popOpenScope();
    case S.FRAME_RESTORE:
      return popScope();
    case S.FRAME_CALL:
      // No verb has an effect beyond a call.
      S.stopUnwinding();
      return popCall();
    default:
      return popVerb();
  }
}

function popAlternative(): void {
  const target = S.peek(2);
  const place = S.peek(1);
  if (S.unwinding && !(S.unwinding == N.VERB_THEN + 1 && S.verbOperand == target)) {
    S.drop(3);
    return;
  }
  S.drop(3);
  S.countMatch();
  S.setSp(place);
  S.goForward(S.code + (target << 2));
}
/** One character less. */
function popGreedy(): void {
  if (S.unwinding) {
    S.drop(5);
    return;
  }
  const low = S.peek(2) as usize;
  let place = S.peek(3) as usize;
  place = S.peek(1) ? characterBefore(place, low) : place - 1;
  const pc = S.peek(4);
  if (place <= low) S.drop(5);
  else store<u32>(S.top - 16, place as u32);
  S.countMatch();
  S.setSp(place);
  S.goForward(pc);
}
/** One character more. */
function popLazy(): void {
  if (S.unwinding) {
    S.drop(4);
    return;
  }
  const pc = S.peek(3) as usize;
  const count = S.peek(1);
  S.setSp(S.peek(2));
  let unit = (load<u32>(pc) >> 8) & 255;
  // PCRE takes whole characters here, even for \C.
  if (unit == O.UNIT_BYTE) unit = O.UNIT_ANY;
  const b = unit == O.UNIT_TYPE ? load<u32>(pc, 8) & 1 : load<u32>(pc, 8);
  if (!takeUnits(unit, load<u32>(pc, 4), b, 1)) {
    S.drop(4);
    return;
  }
  if (count + 1 == load<u32>(pc, 16)) S.drop(4);
  else {
    store<u32>(S.top - 12, S.sp as u32);
    store<u32>(S.top - 8, count + 1);
  }
  S.countMatch();
  S.goForward(pc + 20);
}
/** What a scope encloses has failed: a negative assertion holds, a condition is not true. */
function popOpenScope(): void {
  const end = S.top;
  const flags = load<u32>(end - FLAGS);
  const target = load<u32>(end - TARGET);
  const place = load<u32>(end - PLACE);
  popScope();
  if (!target) return;
  const negative = (flags & S.SCOPE_NEGATIVE) != 0;
  // A verb makes a negative assertion true, and (*THEN) a condition false.
  if (S.unwinding && !negative && S.unwinding != N.VERB_THEN + 1) return;
  S.setSp(place);
  S.goForward(S.code + (target << 2));
}

/** Verbs are met when matching comes back to them; numbers are one more, so that 0 is none. */
function popVerb(): void {
  const verb = S.peek(4);
  const place = S.peek(3);
  const operand = S.peek(2);
  const bytes = S.peek(1);
  S.drop(5);
  if (S.unwinding || verb == N.VERB_MARK) return;
  if (verb == N.VERB_THEN) {
    // The operand is the address of the alternative's own operand.
    S.unwind(verb + 1, place, operand ? load<u32>(S.code + (operand << 2)) : 0);
    return;
  }
  if (verb != N.VERB_SKIP || !bytes) {
    S.unwind(verb + 1, place, 0);
    return;
  }
  const mark = findMark(operand, bytes);
  if (mark) S.unwind(verb + 1, mark, 0);
}
function sameName(one: u32, other: u32, bytes: u32): bool {
  const text = S.program + load<u32>(S.program, O.P_KEY) + 4;
  for (let i: u32 = 0; i < bytes; i++) {
    if (load<u8>(text + one + i) != load<u8>(text + other + i)) return false;
  }
  return true;
}
function wordsOf(end: usize): u32 {
  switch (load<u32>(end - 4)) {
    case S.FRAME_KEEP:
      return 2;
    case S.FRAME_ALTERNATIVE:
    case S.FRAME_OPEN:
      return 3;
    case S.FRAME_GREEDY:
    case S.FRAME_VERB:
      return 5;
    case S.FRAME_SCOPE:
    case S.FRAME_RESTORE:
      return 9 + ((load<u32>(end - 32) - load<u32>(end - 36)) << 1);
    case S.FRAME_CALL:
      return 6 + S.registerWords;
    default:
      return 4;
  }
}
/** Where the last (*MARK) of this name was passed on the way here; 0 when it was not. */
function findMark(place: u32, bytes: u32): u32 {
  let end = S.top;
  while (end > S.stack) {
    if (load<u32>(end - 4) == S.FRAME_VERB && load<u32>(end - 8) == bytes) {
      const verb = load<u32>(end - 20);
      const named = verb == N.VERB_MARK;
      if (named && sameName(load<u32>(end - 12), place, bytes)) return load<u32>(end - 16);
    }
    end -= wordsOf(end) << 2;
    S.charge(1);
  }
  return 0;
}

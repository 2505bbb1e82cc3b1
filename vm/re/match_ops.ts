/** One instruction of a program each; the operands are described in program.ts. */
import { sameCase, graphemeOf, graphemesTogether, latinOtherCase } from './characters';
import * as S from './match_state';
import { takeUnit, takeUnits } from './match_units';
import { newlineAt, newlineBefore, otherNewlineAt } from './newlines';
import * as N from './nodes';
import * as P from './pattern';
import * as O from './program';
import { isWord } from './properties';
import {
  abandonScope,
  enterCall,
  enterScope,
  leaveScope,
  notEmpty,
  returnFrom,
} from './match_scopes';
import { characterAt, characterBefore, characterBytes } from './utf8';

function operand(index: u32): u32 {
  return load<u32>(S.pc + (index << 2));
}
function small(): u32 {
  return load<u32>(S.pc) >> 8;
}
function next(words: u32): void {
  S.setPc(S.pc + (words << 2));
}
function target(word: u32): usize {
  return S.code + (word << 2);
}

/** Run the instruction at pc. */
export function runInstruction(): void {
  const operation = load<u32>(S.pc) & 255;
  if (operation <= O.OP_JUMP) runSimple(operation);
  else if (operation <= O.OP_ASSERT_NOT_END) runGroup(operation);
  else runOther(operation);
}
function runSimple(operation: u32): void {
  switch (operation) {
    case O.OP_END:
      return runEnd();
    case O.OP_LITERAL:
      return runLiteral();
    case O.OP_UNIT:
      return runUnit();
    case O.OP_REPEAT:
      return runRepeat();
    case O.OP_NEWLINE:
      return runNewline();
    case O.OP_CLUSTER:
      return runCluster();
    case O.OP_ALTERNATIVE:
      S.countMatch();
      S.push3(operand(1), S.sp as u32, S.FRAME_ALTERNATIVE);
      return next(2);
    default:
      return S.setPc(target(operand(1)));
  }
}
function runGroup(operation: u32): void {
  switch (operation) {
    case O.OP_OPEN:
      return runOpen();
    case O.OP_CLOSE:
      if (returnFrom(small())) return;
      return runSet();
    case O.OP_LOOP_START:
      S.push4(small(), S.loopCount(small()), S.loopStart(small()), S.FRAME_LOOP);
      S.setLoop(small(), 0, 0);
      return next(1);
    case O.OP_LOOP_TEST:
      return runLoopTest();
    case O.OP_LOOP_NEXT:
      return runLoopNext();
    case O.OP_ATOMIC:
      enterScope(operand(1), operand(2), 0, 0, S.SCOPE_ATOMIC);
      return next(3);
    case O.OP_ASSERT:
      enterScope(operand(1), operand(2), operand(3), operand(4), small());
      return next(5);
    case O.OP_ATOMIC_END:
      leaveScope(false);
      return next(1);
    case O.OP_ASSERT_END:
      leaveScope(true);
      return next(1);
    default:
      return runAssertNotEnd();
  }
}
function runOther(operation: u32): void {
  switch (operation) {
    case O.OP_BACK:
      return runBack();
    case O.OP_REFERENCE:
      return runReference();
    case O.OP_CALL:
      return enterCall(small(), target(operand(1)));
    case O.OP_IF_CAPTURE:
      return runIfCapture();
    case O.OP_IF_CALL:
      return runIfCall();
    case O.OP_ASSERTION:
      if (!holds(small())) return S.backtrack();
      return next(1);
    case O.OP_KEEP:
      if (!S.ensure(2)) return;
      S.push(S.keep as u32);
      S.push(S.FRAME_KEEP);
      S.setKeep(S.sp);
      return next(1);
    case O.OP_VERB:
      return runVerb();
    case O.OP_SET:
      return runSet();
    case O.OP_LOOP_BODY:
      return runLoopBody();
    default:
      return S.backtrack();
  }
}

// ---- characters

function runLiteral(): void {
  const bytes = small();
  const from = S.pc + 4;
  if (((S.subjectEnd - S.sp) as u32) < bytes) return S.backtrack();
  for (let i: u32 = 0; i < bytes; i++) {
    if (load<u8>(S.sp + i) != load<u8>(from + i)) return S.backtrack();
  }
  S.setSp(S.sp + bytes);
  next(1 + ((bytes + 3) >> 2));
}
function runUnit(): void {
  if (!takeUnit(small(), operand(1), operand(2))) return S.backtrack();
  next(3);
}
/** As many as must be, then as many as there are, or as few. */
function runRepeat(): void {
  const unit = small() & 255;
  const mode = small() >> 8;
  const least = operand(3);
  if (S.repeated < least) {
    const missing = least - S.repeated;
    const count = takeUnits(unit, operand(1), operand(2), missing);
    if (count < missing) {
      if (S.steps <= 0) S.setRepeated(S.repeated + count, 0);
      else {
        S.setRepeated(0, 0);
        S.backtrack();
      }
      return;
    }
    S.setRepeated(least, 0);
  }
  if (mode == N.REPEAT_LAZY) {
    S.setRepeated(0, 0);
    if (least != operand(4)) {
      S.countMatch();
      S.push4(S.pc as u32, S.sp as u32, least, S.FRAME_LAZY);
    }
    return next(5);
  }
  if (!S.repeatLow) S.setRepeated(S.repeated, S.sp);
  takeRest(unit, mode == N.REPEAT_POSSESSIVE, operand(4));
}
function takeRest(unit: u32, possessive: bool, most: u32): void {
  const missing = most - S.repeated;
  const b = unit == O.UNIT_TYPE ? operand(2) & 1 : operand(2);
  const count = takeUnits(unit, operand(1), b, missing);
  if (count && count < missing && S.steps <= 0) {
    // There may be more; without a limit nobody counts.
    if (most != N.UNLIMITED) S.setRepeated(S.repeated + count, S.repeatLow);
    return;
  }
  if (!possessive && S.sp > S.repeatLow) {
    S.countMatch();
    const byCharacters: u32 = S.utf && unit != O.UNIT_BYTE ? 1 : 0;
    S.push5((S.pc + 20) as u32, S.sp as u32, S.repeatLow as u32, byCharacters, S.FRAME_GREEDY);
  }
  S.setRepeated(0, 0);
  next(5);
}
/** \R */
function runNewline(): void {
  if (S.sp >= S.subjectEnd) return S.backtrack();
  const c = load<u8>(S.sp) as u32;
  let bytes: u32 = 0;
  if (c == 13) bytes = S.sp + 1 < S.subjectEnd && load<u8>(S.sp, 1) == 10 ? 2 : 1;
  else if (c == 10) bytes = 1;
  else if ((S.options & P.BSR_MASK) >> P.BSR_SHIFT != P.BSR_ANYCRLF) bytes = otherNewlineAt(S.sp);
  if (!bytes) return S.backtrack();
  S.setSp(S.sp + bytes);
  next(1);
}
/** \X */
function runCluster(): void {
  if (S.sp >= S.subjectEnd) return S.backtrack();
  let bytes = S.utf ? characterBytes(S.sp, S.subjectEnd) : 1;
  let left = graphemeOf(characterAt(S.sp, bytes));
  let at = S.sp + bytes;
  while (at < S.subjectEnd) {
    bytes = S.utf ? characterBytes(at, S.subjectEnd) : 1;
    const right = graphemeOf(characterAt(at, bytes));
    if (!graphemesTogether(left, right)) break;
    left = right;
    at += bytes;
    S.charge(1);
  }
  S.setSp(at);
  next(1);
}

// ---- groups

function runOpen(): void {
  const group = small();
  S.countMatch();
  S.push3(group, S.openAt(group), S.FRAME_OPEN);
  S.setOpen(group, S.sp as u32);
  next(1);
}
function runSet(): void {
  const group = small();
  S.push4(group, S.captureStart(group), S.captureEnd(group), S.FRAME_CAPTURE);
  S.setCapture(group, S.openAt(group), S.sp as u32);
  next(1);
}
function runLoopTest(): void {
  const loop = small();
  const count = S.loopCount(loop);
  const least = operand(1);
  const most = operand(2);
  if (count >= most) return S.setPc(target(operand(4)));
  if (count >= least) {
    S.countMatch();
    if (operand(3)) {
      // Lazy: the frame goes on with the body, as what follows this instruction.
      S.push3(((S.pc + 20 - S.code) as u32) >> 2, S.sp as u32, S.FRAME_ALTERNATIVE);
      return S.setPc(target(operand(4)));
    }
    S.push3(operand(4), S.sp as u32, S.FRAME_ALTERNATIVE);
  }
  next(5);
}
function runLoopBody(): void {
  const loop = small();
  const count = S.loopCount(loop);
  S.push4(loop, count, S.loopStart(loop), S.FRAME_LOOP);
  S.setLoop(loop, count + 1, S.sp as u32);
  next(1);
}
/** An iteration without limit that matched nothing is the last one. */
function runLoopNext(): void {
  const test = target(operand(1));
  const loop = small();
  const unlimited = load<u32>(test, 8) == N.UNLIMITED;
  const isEmpty = S.loopStart(loop) == (S.sp as u32);
  if (unlimited && isEmpty && S.loopCount(loop) >= load<u32>(test, 4))
    S.setPc(target(load<u32>(test, 16)));
  else S.setPc(test);
}
function runAssertNotEnd(): void {
  const otherwise = operand(1);
  abandonScope();
  if (otherwise) S.setPc(target(otherwise));
  else S.backtrack();
}
function runBack(): void {
  let at = S.sp;
  let left = small();
  if (!S.utf) {
    if (((at - S.subject) as u32) < left) return S.backtrack();
    at -= left;
  } else {
    for (; left; left--) {
      if (at <= S.subject) return S.backtrack();
      at = characterBefore(at, S.subject);
      S.charge(1);
    }
  }
  S.setSp(at);
  next(1);
}

// ---- references and conditions

function runReference(): void {
  const count = operand(1);
  for (let i: u32 = 0; i < count; i++) {
    const group = operand(2 + i);
    if (S.captureStart(group) == S.UNSET) continue;
    if (!matchesCapture(S.captureStart(group), S.captureEnd(group), small() != 0))
      return S.backtrack();
    return next(2 + count);
  }
  S.backtrack();
}
/** The subject goes on with what was captured; sp moves behind it. */
function matchesCapture(start: usize, end: usize, caseless: bool): bool {
  let at = S.sp;
  let from = start;
  if (!caseless && ((S.subjectEnd - at) as u32) < ((end - start) as u32)) return false;
  S.charge((((end - from) as u32) >> 3) as i32);
  while (from < end) {
    if (at >= S.subjectEnd) return false;
    if (!caseless) {
      if (load<u8>(at) != load<u8>(from)) return false;
      at++;
      from++;
      continue;
    }
    const bytes = S.utf ? characterBytes(from, end) : 1;
    const otherBytes = S.utf ? characterBytes(at, S.subjectEnd) : 1;
    const one = characterAt(from, bytes);
    const other = characterAt(at, otherBytes);
    if (one != other) {
      if (S.utf ? !sameCase(one, other) : latinOtherCase(one) != other) return false;
    }
    from += bytes;
    at += otherBytes;
  }
  S.setSp(at);
  return true;
}
function runIfCapture(): void {
  const count = operand(2);
  for (let i: u32 = 0; i < count; i++) {
    if (S.captureStart(operand(3 + i)) != S.UNSET) return next(3 + count);
  }
  S.setPc(target(operand(1)));
}
function runIfCall(): void {
  const count = operand(2);
  let found = S.call != 0 && !count;
  if (S.call) {
    const group = load<u32>(S.stack + S.call - 24);
    for (let i: u32 = 0; i < count; i++) if (operand(3 + i) == group) found = true;
  }
  if (found) next(3 + count);
  else S.setPc(target(operand(1)));
}

// ---- assertions

function endsLine(): bool {
  if (S.sp >= S.subjectEnd) return true;
  const bytes = newlineAt(S.sp);
  return bytes != 0 && S.sp + bytes == S.subjectEnd;
}
function wordBefore(): bool {
  if (S.sp <= S.subject) return false;
  if (!S.utf) return isWord(load<u8>(S.sp - 1), S.ucp);
  const at = characterBefore(S.sp, S.subject);
  return isWord(characterAt(at, characterBytes(at, S.sp)), S.ucp);
}
function wordBehind(): bool {
  if (S.sp >= S.subjectEnd) return false;
  const bytes = S.utf ? characterBytes(S.sp, S.subjectEnd) : 1;
  return isWord(characterAt(S.sp, bytes), S.ucp);
}
function holds(assertion: u32): bool {
  const atStart = S.sp == S.subject;
  const mayEnd = !(S.runFlags & S.RUN_NOTEOL);
  switch (assertion) {
    case N.ASSERT_LINE_START:
      return atStart && !(S.runFlags & S.RUN_NOTBOL);
    case N.ASSERT_LINES_START:
      if (atStart) return !(S.runFlags & S.RUN_NOTBOL);
      return S.sp != S.subjectEnd && newlineBefore(S.sp);
    case N.ASSERT_LINE_END:
      return mayEnd && endsLine();
    case N.ASSERT_LINES_END:
      return S.sp < S.subjectEnd ? newlineAt(S.sp) != 0 : mayEnd;
    case N.ASSERT_END_ONLY:
      return mayEnd && S.sp == S.subjectEnd;
    case N.ASSERT_SUBJECT_START:
      return atStart;
    case N.ASSERT_SUBJECT_END:
      return S.sp >= S.subjectEnd;
    case N.ASSERT_LAST_LINE_END:
      return endsLine();
    case N.ASSERT_MATCH_START:
      return S.sp == S.searchStart;
    case N.ASSERT_BOUNDARY:
      return wordBefore() != wordBehind();
    default:
      return wordBefore() == wordBehind();
  }
}

// ---- the end, and verbs

function runEnd(): void {
  if (returnFrom(0)) return;
  if (!notEmpty()) return S.backtrack();
  S.setOutcome(S.MATCHED);
}
function runVerb(): void {
  const verb = small();
  if (verb == N.VERB_ACCEPT) return runAccept();
  S.push5(verb, S.sp as u32, operand(1), operand(2), S.FRAME_VERB);
  next(3);
}
/** The innermost assertion or call that is open matches, or the pattern does. */
function runAccept(): void {
  let height = S.scope;
  while (height && isAtomic(height)) height = load<u32>(S.stack + height - 8);
  if (!height) {
    if (!notEmpty()) return S.backtrack();
    return S.setOutcome(S.MATCHED);
  }
  S.setScope(height);
  if (load<u32>(S.stack + height - 4) == S.FRAME_CALL) {
    returnFrom(load<u32>(S.stack + height - 24));
    return;
  }
  S.setPc(target(load<u32>(S.stack + height - 16)));
}
function isAtomic(height: u32): bool {
  const frame = S.stack + height;
  return load<u32>(frame - 4) == S.FRAME_SCOPE && (load<u32>(frame - 12) & S.SCOPE_ATOMIC) != 0;
}

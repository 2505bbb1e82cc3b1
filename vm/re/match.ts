/**
 * Searching: attempts from one place of the subject after the other, each a run of the program with
 * backtracking. `runSlice` goes on for a number of steps and may be called again; the state between
 * two calls is in match_state.ts.
 */
import { popFrame } from './match_backtrack';
import { runInstruction } from './match_ops';
import * as S from './match_state';
import { newlineAt, newlineBefore } from './newlines';
import * as N from './nodes';
import * as P from './pattern';
import * as O from './program';
import { characterBytes } from './utf8';

/** No attempt is under way: look for the next place. */
let searching: bool = false;
/** A required byte is looked for only in subjects that are not longer. */
const REQUIRED_BYTES_MAX: u32 = 1000;
/** Bytes that one step looks at when a place is searched. */
const BYTES_PER_STEP_BITS: i32 = 4;

export function startSearch(): void {
  searching = true;
}
export function isSearching(): bool {
  return searching;
}
export function setSearching(on: bool): void {
  searching = on;
}

/** Go on for `budget` steps: RUNNING when they are used up, else how the run ended. */
export function runSlice(budget: i32): u32 {
  S.setSteps(budget);
  while (S.steps > 0) {
    if (searching) {
      if (!findPlace()) continue;
      searching = false;
      if (S.outcome == S.NO_MATCH) return S.NO_MATCH;
      S.beginAttempt(S.attempt);
    }
    runAttempt();
    if (S.outcome == S.RUNNING) continue;
    if (S.outcome != S.FAILED) return S.outcome;
    if (!nextPlace()) return S.NO_MATCH;
    searching = true;
  }
  return S.RUNNING;
}
function runAttempt(): void {
  while (S.steps > 0 && S.outcome == S.RUNNING) {
    S.charge(1);
    if (S.backtracking) popFrame();
    else runInstruction();
  }
}

// ---- where to try

function startFlags(): u32 {
  if (S.options & P.NO_START_OPTIMIZE) return 0;
  return load<u32>(S.program, O.P_FLAGS);
}
function isByte(pair: u32, byte: u32): bool {
  return byte == (pair & 255) || byte == pair >> 8;
}
/**
 * Move the attempt to the next place at which the pattern may match. False when the steps did not
 * suffice; NO_MATCH when there is no such place.
 */
function findPlace(): bool {
  const flags = startFlags();
  let at = S.attempt;
  let end = S.subjectEnd;
  if (flags & (O.FLAG_FIRST | O.FLAG_STARTLINE) && !isAnchored()) {
    if (S.options & P.FIRSTLINE) {
      end = lineEnd(at);
      if (!end) return false;
    }
    const allowed = at + ((max(S.steps, 1) as u32) << BYTES_PER_STEP_BITS);
    const stop = allowed < end ? allowed : end;
    at = flags & O.FLAG_FIRST ? findFirst(at, stop) : findLine(at, stop, end);
    S.charge(((((at - S.attempt) as u32) >> BYTES_PER_STEP_BITS) as i32) + 1);
    S.setAttempt(at);
    if (at == stop && stop != end) return false;
  }
  if (flags & O.FLAG_REQUIRED && !hasRequired(at, flags)) S.setOutcome(S.NO_MATCH);
  return true;
}
function isAnchored(): bool {
  if (S.runFlags & S.RUN_ANCHORED) return true;
  return (load<u32>(S.program, O.P_FLAGS) & O.FLAG_ANCHORED) != 0;
}
/** The end of the line that begins at `from`. */
function lineEnd(from: usize): usize {
  let at = from;
  while (at < S.subjectEnd && !newlineAt(at)) at++;
  return at;
}
function findFirst(from: usize, stop: usize): usize {
  const pair = load<u32>(S.program, O.P_FIRST);
  let at = from;
  while (at < stop && !isByte(pair, load<u8>(at))) at++;
  return at;
}
/** The beginning of a line, or the place where the search begins. */
function findLine(from: usize, stop: usize, end: usize): usize {
  if (from <= S.searchStart) return from;
  let at = from;
  while (at < stop && !newlineBefore(at)) at += S.utf ? characterBytes(at, stop) : 1;
  // Between \r and \n no line begins.
  if (S.anyNewline && at < end && load<u8>(at - 1) == 13 && load<u8>(at) == 10) at++;
  return at;
}
function hasRequired(at: usize, flags: u32): bool {
  const left = (S.subjectEnd - at) as u32;
  if (left >= REQUIRED_BYTES_MAX) return true;
  const pair = load<u32>(S.program, O.P_REQUIRED);
  let place = at + (flags & O.FLAG_FIRST ? 1 : 0);
  while (place < S.subjectEnd && !isByte(pair, load<u8>(place))) place++;
  S.charge((((place - at) as u32) >> BYTES_PER_STEP_BITS) as i32);
  return place < S.subjectEnd;
}

/** An attempt has failed: where the next one begins. False when there is none. */
function nextPlace(): bool {
  const at = S.attempt;
  const verb = S.unwinding;
  if (verb == N.VERB_COMMIT + 1) return false;
  let next = at;
  if (verb == N.VERB_SKIP + 1 && (S.verbPlace as usize) > at) next = S.verbPlace;
  else if (at < S.subjectEnd) next = at + (S.utf ? characterBytes(at, S.subjectEnd) : 1);
  else next = at + 1;
  if (S.options & P.FIRSTLINE && newlineAt(at)) return false;
  if (isAnchored() || next > S.subjectEnd) return false;
  const splits =
    next > S.subject && next < S.subjectEnd && load<u8>(next - 1) == 13 && load<u8>(next) == 10;
  const hasNewline = (load<u32>(S.program, O.P_FLAGS) & O.FLAG_HAS_NEWLINE) != 0;
  if (splits && !hasNewline && (S.anyNewline || S.newline == P.NEWLINE_CRLF)) next++;
  S.setAttempt(next);
  return true;
}

/**
 * Atomic groups, assertions and calls: what encloses a part of the pattern and, when that part has
 * matched, drops the ways back into it. Layouts of the frames: match_state.ts.
 */
import * as S from './match_state';

/** Bytes from the end of a FRAME_SCOPE to its fields. */
const SCOPE: u32 = 8;
export const FLAGS: u32 = 12;
export const TARGET: u32 = 20;
export const PLACE: u32 = 24;
const KEEP: u32 = 28;
const LAST: u32 = 32;
const FIRST: u32 = 36;
const SCOPE_WORDS: u32 = 9;

/** Bytes from the end of a FRAME_CALL to its fields; SCOPE is the same. */
const OUTER: u32 = 12;
const CALL_PLACE: u32 = 16;
const RETURN: u32 = 20;
const GROUP: u32 = 24;
const CALL_WORDS: u32 = 6;

/** Captures before + 1 to after may be set inside. */
export function enterScope(before: u32, after: u32, target: u32, end: u32, flags: u32): void {
  const words = (after - before) << 1;
  if (!S.ensure(words + SCOPE_WORDS)) return;
  S.countMatch();
  memory.copy(S.top, S.registers + ((before + 1) << 3), words << 2);
  S.cutTo(S.height() + (words << 2));
  S.push(before);
  S.push(after);
  S.push(S.keep as u32);
  S.push(S.sp as u32);
  S.push(target);
  S.push(end);
  S.push(flags);
  S.push(S.scope);
  S.push(S.FRAME_SCOPE);
  S.charge(words as i32);
  S.setScope(S.height());
}
/**
 * What the innermost scope encloses has matched: there is no way back into it. The frame stays
 * when captures need to be restored. With `rewind` the place is again that of the beginning.
 */
export function leaveScope(rewind: bool): void {
  const end = S.stack + S.scope;
  const outer = load<u32>(end - SCOPE);
  const before = load<u32>(end - FIRST);
  const after = load<u32>(end - LAST);
  if (rewind) S.setSp(load<u32>(end - PLACE));
  S.cutTo(S.scope);
  S.setScope(outer);
  if (after == before && load<u32>(end - KEEP) == (S.keep as u32)) S.drop(SCOPE_WORDS);
  else store<u32>(end - 4, S.FRAME_RESTORE);
}
/** A negative assertion has failed, because what it encloses matched: as if it had not begun. */
export function abandonScope(): void {
  const end = S.stack + S.scope;
  S.setSp(load<u32>(end - PLACE));
  S.cutTo(S.scope);
  popScope();
}
/** Drop the FRAME_SCOPE or FRAME_RESTORE on top; captures are again as they were before it. */
export function popScope(): void {
  const end = S.top;
  const isOpen = load<u32>(end - 4) == S.FRAME_SCOPE;
  const before = load<u32>(end - FIRST);
  const words = (load<u32>(end - LAST) - before) << 1;
  memory.copy(S.registers + ((before + 1) << 3), end - ((SCOPE_WORDS + words) << 2), words << 2);
  S.setKeep(load<u32>(end - KEEP));
  if (isOpen) S.setScope(load<u32>(end - SCOPE));
  S.drop(SCOPE_WORDS + words);
  S.charge(words as i32);
}

/** Call a group as a subroutine. Calling it again at the same place would never end. */
export function enterCall(group: u32, body: usize): void {
  for (let height = S.call; height; ) {
    const end = S.stack + height;
    if (load<u32>(end - GROUP) == group && load<u32>(end - CALL_PLACE) == (S.sp as u32)) {
      S.setOutcome(S.NO_MATCH);
      return;
    }
    height = load<u32>(end - OUTER);
    S.charge(1);
  }
  if (!S.ensure(S.registerWords + CALL_WORDS)) return;
  S.countMatch();
  memory.copy(S.top, S.registers, S.registerWords << 2);
  S.cutTo(S.height() + (S.registerWords << 2));
  S.push(group);
  S.push((S.pc + 8) as u32);
  S.push(S.sp as u32);
  S.push(S.call);
  S.push(S.scope);
  S.push(S.FRAME_CALL);
  S.charge(S.registerWords as i32);
  S.setCall(S.height());
  S.setScope(S.height());
  S.setPc(body);
}
/**
 * The end of `group` is reached: when the innermost call is one of it, return. Captures are again
 * those before the call, and there is no way back into it.
 */
export function returnFrom(group: u32): bool {
  if (!S.call) return false;
  const end = S.stack + S.call;
  if (load<u32>(end - GROUP) != group) return false;
  S.setPc(load<u32>(end - RETURN));
  S.cutTo(S.call);
  popCall();
  return true;
}
/** Drop the FRAME_CALL on top. */
export function popCall(): void {
  const end = S.top;
  const words = S.registerWords + CALL_WORDS;
  memory.copy(S.registers, end - (words << 2), S.registerWords << 2);
  S.setScope(load<u32>(end - SCOPE));
  S.setCall(load<u32>(end - OUTER));
  S.drop(words);
  S.charge(S.registerWords as i32);
}

/** The options allow the match that ends here, if it is empty. */
export function notEmpty(): bool {
  if (S.call || S.sp != S.keep) return true;
  if (S.runFlags & S.RUN_NOTEMPTY) return false;
  return !(S.runFlags & S.RUN_NOTEMPTY_ATSTART && S.keep == S.searchStart);
}

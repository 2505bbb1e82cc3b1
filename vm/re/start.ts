/**
 * Where a match can begin: the byte that every match begins with, a byte that every match has
 * behind it, and whether a match begins only where the search does (anchored) or only at the
 * beginning of lines. The rules are those of PCRE, because they can be observed: a pattern with
 * (*COMMIT) is not tried where its first byte does not stand.
 *
 * A byte is a word: the byte | CASELESS_BYTE | VARYING, or UNSET, or NONE.
 */
import { storeUtf8 } from '../unicode';
import { caseSetOf } from './characters';
import { hasAccept, hasPruneOrSkip, referenceMap } from './check';
import * as N from './nodes';
import * as P from './pattern';
import * as T from './tree';

export const CASELESS_BYTE: u32 = 0x100;
/** Something of variable length comes before the byte. */
const VARYING: u32 = 0x200;
const NONE: u32 = 0xffff_fffe;
const UNSET: u32 = 0xffff_ffff;

/** Scratch words of branches and groups. */
const FIRST: u32 = 5;
const REQUIRED: u32 = 6;
/** What the two become when the item may be left out. */
const ZERO_FIRST: u32 = 7;
const ZERO_REQUIRED: u32 = 8;
/** Of groups: `varying` when they were entered. */
const VARYING_BEFORE: u32 = 9;
/** Bits: every way through begins with ^ or what is as good; the same for lines. */
const BEGINS: u32 = 10;
const BEGINS_SUBJECT: u32 = 1;
const BEGINS_LINE: u32 = 2;

/** Results; NONE becomes 0. */
export let firstByte: u32 = 0;
export let hasFirst: bool = false;
export let requiredByte: u32 = 0;
export let hasRequired: bool = false;
export let isAnchored: bool = false;
export let isStartline: bool = false;

let varying: u32 = 0;
const bytes: usize = memory.data(8, 8);

function isSet(word: u32): bool {
  return word < NONE;
}

export function findStart(): void {
  varying = 0;
  let node = T.root;
  while (node) node = step(node);
  const first = N.scratch(T.root, FIRST);
  let required = N.scratch(T.root, REQUIRED);
  if (hasAccept) required = NONE;
  const begins = N.scratch(T.root, BEGINS);
  isAnchored = (P.options & P.ANCHORED) != 0 || (begins & BEGINS_SUBJECT) != 0;
  hasFirst = !isAnchored && isSet(first);
  firstByte = first & 0x1ff;
  isStartline = !isAnchored && !hasFirst && (begins & BEGINS_LINE) != 0;
  hasRequired = isSet(required) && (!isAnchored || (required & VARYING) != 0);
  requiredByte = required & 0x1ff;
}
function step(node: u32): u32 {
  enter(node);
  if (N.firstOf(node)) return N.firstOf(node);
  let last = node;
  while (last) {
    leave(last);
    if (N.nextOf(last)) return N.nextOf(last);
    last = N.parentOf(last);
  }
  return 0;
}
function enter(node: u32): void {
  const kind = N.kindOf(node);
  N.setScratch(node, FIRST, UNSET);
  N.setScratch(node, REQUIRED, UNSET);
  if (kind == N.NODE_GROUP) N.setScratch(node, VARYING_BEFORE, varying);
}
function leave(node: u32): void {
  const kind = N.kindOf(node);
  const parent = N.parentOf(node);
  if (kind == N.NODE_BRANCH) {
    leaveBranch(node, parent);
    return;
  }
  // The assertion of a condition says nothing.
  if (!parent || N.kindOf(parent) != N.NODE_BRANCH) return;
  if (!N.mostOf(node) && kind != N.NODE_GROUP) return;
  if (N.firstOf(parent) == node) N.setScratch(parent, BEGINS, beginsOf(node, kind));
  leaveItem(node, kind, parent);
}

// ---- how a branch begins

function beginsOf(node: u32, kind: u32): u32 {
  if (kind == N.NODE_ASSERTION) {
    const assertion = N.aOf(node);
    if (assertion == N.ASSERT_LINE_START) return BEGINS_SUBJECT | BEGINS_LINE;
    if (assertion == N.ASSERT_LINES_START) return BEGINS_LINE;
    if (assertion == N.ASSERT_SUBJECT_START || assertion == N.ASSERT_MATCH_START)
      return BEGINS_SUBJECT;
    return 0;
  }
  if (kind == N.NODE_GROUP) {
    const group = N.aOf(node);
    const fits = group <= N.GROUP_AHEAD && N.leastOf(node) != 0;
    return fits ? N.scratch(node, BEGINS) : 0;
  }
  if (kind != N.NODE_DOT && kind != N.NODE_ANY) return 0;
  if (N.leastOf(node) || N.mostOf(node) != N.UNLIMITED || !isPlainStar(node)) return 0;
  if (kind == N.NODE_ANY) return BEGINS_SUBJECT;
  return isAhead(node) ? 0 : BEGINS_LINE;
}
/** The item belongs to an assertion. */
function isAhead(node: u32): bool {
  let group = N.parentOf(node);
  while (group && (N.kindOf(group) != N.NODE_GROUP || N.aOf(group) != N.GROUP_AHEAD))
    group = N.parentOf(group);
  return group != 0;
}
/** Nothing refers to what `.*` matches, or keeps it from being adjusted. */
function isPlainStar(node: u32): bool {
  if (hasPruneOrSkip) return false;
  for (let group = N.parentOf(node); group; group = N.parentOf(group)) {
    if (N.kindOf(group) != N.NODE_GROUP) continue;
    if (N.aOf(group) == N.GROUP_ATOMIC || N.modeOf(group) == N.REPEAT_POSSESSIVE) return false;
    if (N.aOf(group) != N.GROUP_CAPTURE) continue;
    const number = N.bOf(group);
    if (referenceMap & (number < 32 ? 1 << number : 1)) return false;
  }
  return true;
}

// ---- bytes

function leaveItem(node: u32, kind: u32, branch: u32): void {
  if (kind == N.NODE_GROUP) leaveGroup(node, branch);
  else if (kind == N.NODE_CHARACTER) leaveCharacter(node, branch);
  else if (kind == N.NODE_ASSERTION) {
    keepZero(branch);
    if (N.aOf(node) == N.ASSERT_LINES_START && N.scratch(branch, FIRST) == UNSET) {
      N.setScratch(branch, FIRST, NONE);
      N.setScratch(branch, ZERO_FIRST, NONE);
    }
    return;
  } else if (kind == N.NODE_KEEP || kind == N.NODE_FAIL) return;
  else if (kind != N.NODE_VERB || N.aOf(node) == N.VERB_ACCEPT) {
    if (N.scratch(branch, FIRST) == UNSET) N.setScratch(branch, FIRST, NONE);
    keepZero(branch);
  } else return;
  leaveRepeat(node, branch);
}
function keepZero(branch: u32): void {
  N.setScratch(branch, ZERO_FIRST, N.scratch(branch, FIRST));
  N.setScratch(branch, ZERO_REQUIRED, N.scratch(branch, REQUIRED));
}
function leaveRepeat(node: u32, branch: u32): void {
  const least = N.leastOf(node);
  if (least == 0) {
    N.setScratch(branch, FIRST, N.scratch(branch, ZERO_FIRST));
    N.setScratch(branch, REQUIRED, N.scratch(branch, ZERO_REQUIRED));
  }
  if (least != N.mostOf(node)) varying = VARYING;
}

function leaveCharacter(node: u32, branch: u32): void {
  const c = N.aOf(node);
  const utf = (P.options & P.UTF) != 0;
  const caseless: u32 = N.optionsOf(node) & P.CASELESS ? CASELESS_BYTE : 0;
  const first = N.scratch(branch, FIRST);
  if (utf && caseless && caseSetOf(c)) {
    if (first == UNSET) {
      N.setScratch(branch, FIRST, NONE);
      N.setScratch(branch, ZERO_FIRST, NONE);
    }
    return;
  }
  let count: u32 = 1;
  if (utf) count = (storeUtf8(bytes, c) - bytes) as u32;
  else store<u8>(bytes, c as u8);
  const last = load<u8>(bytes + count - 1) as u32;
  const usable = count == 1 || !caseless;
  N.setScratch(branch, ZERO_FIRST, first == UNSET ? NONE : first);
  N.setScratch(branch, ZERO_REQUIRED, N.scratch(branch, REQUIRED));
  if (first != UNSET) {
    if (usable) N.setScratch(branch, REQUIRED, last | caseless | varying);
  } else if (usable) {
    N.setScratch(branch, FIRST, (load<u8>(bytes) as u32) | caseless);
    if (count > 1) N.setScratch(branch, REQUIRED, last | varying);
  } else {
    N.setScratch(branch, FIRST, NONE);
    N.setScratch(branch, REQUIRED, NONE);
  }
  if (count == 1 && N.leastOf(node) > 1) N.setScratch(branch, REQUIRED, last | caseless | varying);
}

function leaveGroup(node: u32, branch: u32): void {
  const group = N.aOf(node);
  if (group == N.GROUP_CONDITION && N.bOf(node) == N.CONDITION_DEFINE) return;
  let first = N.scratch(node, FIRST);
  let required = N.scratch(node, REQUIRED);
  keepZero(branch);
  if (group >= N.GROUP_AHEAD && group <= N.GROUP_NOT_BEHIND) {
    // Without a first byte the item that follows may be what is required.
    const counts = group == N.GROUP_AHEAD && isSet(required) && isSet(first);
    if (counts) N.setScratch(branch, REQUIRED, required);
    return;
  }
  if (group == N.GROUP_CONDITION && !hasSecondBranch(node)) {
    first = NONE;
    required = NONE;
  }
  let setsFirst = false;
  if (N.scratch(branch, FIRST) == UNSET) {
    setsFirst = isSet(first);
    N.setScratch(branch, FIRST, setsFirst ? first : NONE);
    N.setScratch(branch, ZERO_FIRST, NONE);
  } else if (isSet(first) && !isSet(required)) required = first | N.scratch(node, VARYING_BEFORE);
  if (isSet(required)) N.setScratch(branch, REQUIRED, required);
  if (N.leastOf(node) > 1 && setsFirst && !isSet(N.scratch(branch, REQUIRED)))
    N.setScratch(branch, REQUIRED, N.scratch(branch, FIRST));
}
function hasSecondBranch(condition: u32): bool {
  let child = N.firstOf(condition);
  if (N.kindOf(child) == N.NODE_GROUP) child = N.nextOf(child);
  return N.nextOf(child) != 0;
}

/** The bytes of a group are those that all its branches agree on. */
function leaveBranch(branch: u32, group: u32): void {
  const isFirst = N.firstOf(group) == branch || N.kindOf(N.firstOf(group)) == N.NODE_GROUP;
  let first = N.scratch(branch, FIRST);
  let required = N.scratch(branch, REQUIRED);
  if (isFirst && !N.scratch(group, BEGINS + 1)) {
    N.setScratch(group, BEGINS + 1, 1);
    N.setScratch(group, FIRST, first);
    N.setScratch(group, REQUIRED, required);
    N.setScratch(group, BEGINS, N.scratch(branch, BEGINS));
    return;
  }
  N.setScratch(group, BEGINS, N.scratch(group, BEGINS) & N.scratch(branch, BEGINS));
  const groupFirst = N.scratch(group, FIRST);
  let groupRequired = N.scratch(group, REQUIRED);
  let common = groupFirst;
  if (isSet(groupFirst) && groupFirst != first) {
    if (!isSet(groupRequired)) groupRequired = groupFirst;
    common = NONE;
  }
  if (!isSet(common) && isSet(first) && !isSet(required)) required = first;
  if ((groupRequired & ~VARYING) != (required & ~VARYING)) groupRequired = NONE;
  else if (isSet(groupRequired)) groupRequired |= required & VARYING;
  N.setScratch(group, FIRST, common);
  N.setScratch(group, REQUIRED, groupRequired);
}

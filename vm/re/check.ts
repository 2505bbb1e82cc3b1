/**
 * What can be said of a pattern only when all of it has been read: what names and numbers refer to,
 * whether lookbehinds have a fixed length, how many branches conditions have. Errors come in the
 * order of the pattern. The walk goes from child to child and back through the parents.
 */
import { findName, nameCount, nameNumber } from './names';
import * as N from './nodes';
import * as P from './pattern';
import { unmatched } from './parse';
import * as T from './tree';

/** The highest number that a back reference names. */
let referenceMax: u32 = 0;
/** Some lookbehind holds calls. */
let callsBehind: bool = false;
export let hasAccept: bool = false;
export let hasPruneOrSkip: bool = false;
/** Bits of the numbers that back references name; bit 0 stands for those above 31. */
export let referenceMap: u32 = 0;

const SIZE_MAX: u32 = 65536;

export function checkTree(): void {
  referenceMax = 0;
  callsBehind = false;
  hasAccept = false;
  hasPruneOrSkip = false;
  referenceMap = 0;
  if (N.sizeOf(T.root) + 1 > SIZE_MAX) {
    P.failHere(20);
    return;
  }
  let node = T.root;
  while (node && !P.isOver()) node = step(node);
  if (P.isOver()) return;
  if (unmatched) P.failAt(22, unmatched - 1);
  else if (referenceMax > P.capturesMax) P.failHere(15);
  else if (callsBehind) checkCallsBehind();
}
/** Enter a node, leave those that are over; the next node. */
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
  if (kind == N.NODE_REFERENCE) enterReference(node);
  else if (kind == N.NODE_CALL) enterCall(node);
  else if (kind == N.NODE_VERB) enterVerb(node);
  else if (kind == N.NODE_GROUP && N.aOf(node) == N.GROUP_CONDITION) enterCondition(node);
}
function noteReference(number: u32): void {
  if (number > referenceMax) referenceMax = number;
  referenceMap |= number < 32 ? 1 << number : 1;
}
function enterReference(node: u32): void {
  if (N.aOf(node)) {
    noteReference(N.aOf(node));
    return;
  }
  const place = N.bOf(node);
  const bytes = N.cOf(node);
  const first = findName(0, place, bytes);
  if (first == nameCount) {
    P.failAt(15, N.placeOf(node));
    return;
  }
  let count: u32 = 0;
  for (let i = first; i < nameCount; i = findName(i + 1, place, bytes)) {
    noteReference(nameNumber(i));
    count++;
  }
  if (count == 1) N.setA(node, nameNumber(first));
}
function enterCall(node: u32): void {
  if (!N.aOf(node) && N.cOf(node)) {
    const index = findName(0, N.bOf(node), N.cOf(node));
    if (index == nameCount) {
      P.failAt(15, N.placeOf(node));
      return;
    }
    N.setA(node, nameNumber(index));
  }
  if (N.aOf(node) > P.capturesMax) P.failAt(15, N.placeOf(node));
  else if (N.flagsOf(node) & N.FLAG_LOOPS) P.failAt(40, N.placeOf(node));
}

/** The branch to whose next alternative (*THEN) at `node` goes; 0 when there is none. */
export function branchOfThen(node: u32): u32 {
  for (let branch = N.parentOf(node); branch; ) {
    const group = N.parentOf(branch);
    const several = N.nextOf(branch) != 0 || N.firstOf(group) != branch;
    if (several && N.aOf(group) != N.GROUP_CONDITION) return branch;
    branch = N.parentOf(group);
    // The assertion of a condition has the condition as its parent.
    if (branch && N.kindOf(branch) == N.NODE_GROUP) branch = N.parentOf(branch);
  }
  return 0;
}
function enterVerb(node: u32): void {
  const verb = N.aOf(node);
  if (verb == N.VERB_ACCEPT) {
    hasAccept = true;
    for (let group = node; group; group = N.parentOf(group)) N.setFlag(group, N.FLAG_ACCEPT);
  }
  if (verb == N.VERB_PRUNE || verb == N.VERB_SKIP) hasPruneOrSkip = true;
  else if (verb == N.VERB_THEN) {
    const branch = branchOfThen(node);
    if (branch) N.setFlag(branch, N.FLAG_THEN);
  }
}

/** A name that is none may be R, R with a number, or DEFINE. */
function enterCondition(node: u32): void {
  if (N.bOf(node) == N.CONDITION_ASSERTION) return;
  const place = N.conditionPlaceOf(node);
  const name = N.dOf(node);
  if (!name) {
    const number = N.cOf(node);
    if (!number) P.failAt(35, place);
    else if (number > P.capturesMax) P.failAt(15, place);
    return;
  }
  const index = findName(0, name & 0xff_ffff, (name >> 24) & 127);
  if (index < nameCount) {
    if (N.bOf(node) == N.CONDITION_DEFINE) N.setB(node, N.CONDITION_CAPTURE);
    N.setC(node, nameNumber(index));
    return;
  }
  if (N.bOf(node) == N.CONDITION_DEFINE) return;
  if (name >> 31 || N.bOf(node) == N.CONDITION_CALL || P.byteAt(name & 0xff_ffff) != 0x52) {
    P.failAt(15, place);
    return;
  }
  enterRecursion(node, name & 0xff_ffff, (name >> 24) & 127);
}
/** R or R followed by a number. */
function enterRecursion(node: u32, place: u32, bytes: u32): void {
  let number: u32 = 0;
  for (let i: u32 = 1; i < bytes; i++) {
    const c = P.byteAt(place + i);
    if (!P.isDigit(c)) {
      P.failAt(15, N.conditionPlaceOf(node));
      return;
    }
    number = min(number * 10 + (c - 0x30), 0xff_ffff);
  }
  N.setD(node, 0);
  N.setC(node, number);
  N.setB(node, number ? N.CONDITION_CALL : N.CONDITION_ANY_CALL);
}

function leave(node: u32): void {
  if (N.kindOf(node) == N.NODE_BRANCH) {
    const group = N.parentOf(node);
    if (N.aOf(group) == N.GROUP_BEHIND || N.aOf(group) == N.GROUP_NOT_BEHIND)
      leaveBehind(node, N.placeOf(node));
  } else if (N.kindOf(node) == N.NODE_GROUP && N.aOf(node) == N.GROUP_CONDITION)
    leaveCondition(node);
}
function leaveBehind(branch: u32, place: u32): void {
  const length = N.lengthOf(branch);
  if (length == N.LENGTH_OF_CALL) callsBehind = true;
  else if (length == N.LENGTH_VARIES) P.failAt(25, place);
  else if (length == N.LENGTH_BYTE) P.failAt(36, place);
}
function leaveCondition(group: u32): void {
  let branches: u32 = 0;
  for (let child = N.firstOf(group); child; child = N.nextOf(child)) {
    if (N.kindOf(child) == N.NODE_BRANCH) branches++;
  }
  if (N.bOf(group) == N.CONDITION_DEFINE) {
    if (branches > 1) P.failAt(54, N.placeOf(group));
  } else if (branches > 2) P.failAt(27, N.placeOf(group));
}

// ---- lookbehinds with calls

function checkCallsBehind(): void {
  // Children have higher numbers than parents: one pass from the end takes all of them up.
  let changed = true;
  while (changed) {
    changed = false;
    for (let node = N.nodeCount - 1; node; node--) {
      if (N.lengthOf(node) == N.LENGTH_OF_CALL && resolve(node)) changed = true;
    }
  }
  for (let node: u32 = 1; node < N.nodeCount && !P.isOver(); node++) {
    if (N.kindOf(node) != N.NODE_BRANCH) continue;
    const group = N.aOf(N.parentOf(node));
    if (group != N.GROUP_BEHIND && group != N.GROUP_NOT_BEHIND) continue;
    if (N.lengthOf(node) == N.LENGTH_OF_CALL) P.failHere(25);
    else leaveBehind(node, P.at);
  }
}
/** Find the length of a node that depends on calls; whether it has one now. */
function resolve(node: u32): bool {
  const kind = N.kindOf(node);
  let length: u32 = 0;
  if (kind == N.NODE_CALL) {
    const group = N.aOf(node) ? T.groupNumbered(N.aOf(node)) : T.root;
    length = N.lengthOf(group);
  } else if (kind == N.NODE_BRANCH) {
    for (let child = N.firstOf(node); child && length < N.LENGTH_OF_CALL; child = N.nextOf(child)) {
      const part = T.lengthRepeated(N.lengthOf(child), N.leastOf(child), N.mostOf(child));
      length = part >= N.LENGTH_OF_CALL ? part : length + part;
    }
  } else {
    length = lengthOfBranches(node);
  }
  if (length == N.LENGTH_OF_CALL) return false;
  N.setLength(node, length);
  return true;
}
function lengthOfBranches(group: u32): u32 {
  let length = N.LENGTH_OF_CALL;
  for (let child = N.firstOf(group); child; child = N.nextOf(child)) {
    if (N.kindOf(child) != N.NODE_BRANCH) continue;
    const one = N.lengthOf(child);
    if (one >= N.LENGTH_OF_CALL) return one;
    if (length == N.LENGTH_OF_CALL) length = one;
    else if (length != one) return N.LENGTH_VARIES;
  }
  return length;
}

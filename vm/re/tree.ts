/**
 * The tree grows: where the next item goes, opening and closing groups and branches, and what is
 * known of an item when it is complete (length, whether it may be empty, size).
 */
import { allocate, reallocate } from '../alloc';
import { findName, nameCount, nameNumber } from './names';
import * as N from './nodes';
import {
  UTF,
  at,
  captures,
  failHere,
  noteExhausted,
  options,
  setCaptures,
  setOptions,
} from './pattern';

/** The branch to which items are added. */
export let branch: u32 = 0;
/** The last item, to which a quantifier may be applied; 0 when there is none. */
export let previous: u32 = 0;
/** The last item of the branch is not yet finished. */
let pending: u32 = 0;
export let root: u32 = 0;
let depth: u32 = 0;
/** Groups by number. */
let groups: usize = 0;
let groupRoom: u32 = 0;
const DEPTH_MAX: u32 = 10000;
/** Bytes of the brackets that are open, in PCRE's form, and how many of them it has room for. */
let openBytes: u32 = 0;
/** Bytes of the item before the last one. */
let earlierBytes: u32 = 0;
const OPEN_BYTES_MAX: u32 = 3996;
const SIZE_OPENING: u32 = 3;

/** Bytes of a bracket's opcodes and links in PCRE's compiled form. */
const SIZE_BRACKET: u32 = 6;
const SIZE_NUMBER: u32 = 2;
const SIZE_ALTERNATIVE: u32 = 3;
const SIZE_MAX: u32 = 0x1000_0000;

function make(kind: u32, a: u32, b: u32): u32 {
  const node = N.newNode(kind, a, b, at, options);
  if (!node) noteExhausted();
  return node;
}

export function startTree(): void {
  N.startNodes();
  depth = 0;
  openBytes = SIZE_OPENING;
  if (groups) memory.fill(groups, 0, groupRoom << 2);
  pending = 0;
  previous = 0;
  root = make(N.NODE_GROUP, N.GROUP_PLAIN, 0);
  if (root) openBranch(root);
}
function openBranch(group: u32): void {
  branch = make(N.NODE_BRANCH, 0, 0);
  if (!branch) return;
  N.appendNode(group, branch);
  N.setFlag(branch, N.FLAG_EMPTY);
  previous = 0;
  earlierBytes = 0;
  pending = 0;
}

/** Add an item that a quantifier may follow; its number, 0 when memory is exhausted. */
export function addItem(kind: u32, a: u32, b: u32): u32 {
  earlierBytes = previousBytes();
  finishItem();
  const node = make(kind, a, b);
  if (!node) return 0;
  N.appendNode(branch, node);
  previous = node;
  pending = node;
  return node;
}
/** Add an item that cannot be repeated. */
export function addSingle(kind: u32, a: u32, b: u32): u32 {
  const node = addItem(kind, a, b);
  previous = 0;
  return node;
}
/** What follows cannot be a quantifier. */
export function forgetPrevious(): void {
  previous = 0;
}

// ---- what is known of items

/** Length of a sequence of which the first part has length `left`: the first trouble counts. */
function sumOf(left: u32, right: u32): u32 {
  if (left >= N.LENGTH_OF_CALL) return left;
  if (right >= N.LENGTH_OF_CALL) return right;
  return min(left + right, SIZE_MAX);
}
function isLookaround(group: u32): bool {
  return group >= N.GROUP_AHEAD && group <= N.GROUP_NOT_BEHIND;
}
/** Length of an item that matches once. */
function lengthOnce(node: u32, kind: u32): u32 {
  if (kind == N.NODE_BYTE) return options & UTF ? N.LENGTH_BYTE : 1;
  if (kind == N.NODE_NEWLINE || kind == N.NODE_CLUSTER || kind == N.NODE_REFERENCE)
    return N.LENGTH_VARIES;
  if (kind == N.NODE_CALL) return N.LENGTH_OF_CALL;
  if (kind != N.NODE_GROUP)
    return kind == N.NODE_ASSERTION || (kind >= N.NODE_KEEP && kind != N.NODE_NOT_CHARACTER)
      ? 0
      : 1;
  return isLookaround(N.aOf(node)) ? 0 : N.lengthOf(node);
}
/** Length of an item with its quantifier. */
export function lengthRepeated(once: u32, least: u32, most: u32): u32 {
  if (least == 1 && most == 1) return once;
  if (!most) return 0;
  if (once == N.LENGTH_OF_CALL && least == most) return once;
  if (once >= N.LENGTH_OF_CALL) return once;
  if (least != most) return N.LENGTH_VARIES;
  return once && least > SIZE_MAX / once ? SIZE_MAX : once * least;
}

function sizeOnce(node: u32, kind: u32): u32 {
  if (kind == N.NODE_GROUP) return N.sizeOf(node);
  if (kind == N.NODE_CHARACTER || kind == N.NODE_NOT_CHARACTER) {
    const c = N.aOf(node);
    return c < 0x80 || !(options & UTF) ? 2 : c < 0x800 ? 3 : c < 0x1_0000 ? 4 : 5;
  }
  if (kind == N.NODE_CLASS) return 33 + N.bOf(node);
  if (kind == N.NODE_PROPERTY || kind == N.NODE_REFERENCE || kind == N.NODE_CALL) return 3;
  return 1;
}
function product(count: u32, size: u32): u32 {
  return size && count > SIZE_MAX / size ? SIZE_MAX : count * size;
}
/** PCRE copies repeated groups; other items take a fixed number of bytes more. */
function sizeRepeated(node: u32, kind: u32, once: u32): u32 {
  const least = N.leastOf(node);
  const most = N.mostOf(node);
  if (least == 1 && most == 1) return once;
  if (kind != N.NODE_GROUP) return once + (most == N.UNLIMITED && least < 2 ? 1 : 5);
  if (isLookaround(N.aOf(node))) return once + 1;
  let size = least < 2 ? once : product(least, once);
  if (least == 0) size += 1;
  if (most == N.UNLIMITED || most <= 1) return size;
  const copies = least ? most - least : most - 1;
  return min(size + product(copies, once + SIZE_BRACKET + 1), SIZE_MAX);
}

/** Whether an item that matches once may match the empty string. */
function emptyOnce(node: u32, kind: u32): bool {
  if (kind == N.NODE_GROUP) {
    const group = N.aOf(node);
    if (isLookaround(group)) return true;
    if (group == N.GROUP_CONDITION && !hasTwoBranches(node)) return true;
    return (N.flagsOf(node) & N.FLAG_EMPTY) != 0;
  }
  return kind >= N.NODE_REFERENCE && kind != N.NODE_NOT_CHARACTER && kind != N.NODE_CALL;
}

function hasTwoBranches(condition: u32): bool {
  let branches: u32 = 0;
  for (let child = N.firstOf(condition); child; child = N.nextOf(child)) {
    if (N.kindOf(child) == N.NODE_BRANCH) branches++;
  }
  return branches > 1;
}

/** The last item and its quantifier are complete. */
export function finishItem(): void {
  const node = pending;
  if (!node) return;
  pending = 0;
  const kind = N.kindOf(node);
  const once = lengthOnce(node, kind);
  N.setLength(node, once);
  let repeated = lengthRepeated(once, N.leastOf(node), N.mostOf(node));
  // A group that is left out is still there, for calls.
  if (kind == N.NODE_GROUP && !N.mostOf(node)) repeated = N.LENGTH_VARIES;
  if (!(N.flagsOf(branch) & N.FLAG_CUT)) N.setLength(branch, sumOf(N.lengthOf(branch), repeated));
  if (kind == N.NODE_VERB && N.aOf(node) == N.VERB_ACCEPT) N.setFlag(branch, N.FLAG_CUT);
  if (kind == N.NODE_CALL) {
    if (!callMayBeEmpty(node)) N.clearFlag(branch, N.FLAG_EMPTY);
  } else if (N.leastOf(node) && !emptyOnce(node, kind)) N.clearFlag(branch, N.FLAG_EMPTY);
  const size = sizeRepeated(node, kind, sizeOnce(node, kind));
  N.setSize(branch, min(N.sizeOf(branch) + size, SIZE_MAX));
}
/** A call of a group that is complete is empty when that may be; of others nothing is known. */
function callMayBeEmpty(node: u32): bool {
  if (!N.leastOf(node)) return true;
  const group = N.aOf(node) ? groupNumbered(N.aOf(node)) : 0;
  if (!group || isOpen(group)) return true;
  return (N.flagsOf(group) & N.FLAG_EMPTY) != 0;
}
/** The first group with this number that has been opened; 0 when there is none. */
export function groupNumbered(number: u32): u32 {
  return number < groupRoom ? load<u32>(groups + (number << 2)) : 0;
}
function noteGroup(number: u32, group: u32): void {
  if (number >= groupRoom) {
    const wanted = max(groupRoom << 1, 64);
    const fresh = groups ? reallocate(groups, wanted << 2) : allocate(wanted << 2);
    if (!fresh) {
      noteExhausted();
      return;
    }
    groups = fresh;
    memory.fill(groups + (groupRoom << 2), 0, (wanted - groupRoom) << 2);
    groupRoom = wanted;
  }
  if (!load<u32>(groups + (number << 2))) store<u32>(groups + (number << 2), group);
}
function isOpen(group: u32): bool {
  for (let node = branch; node; node = N.parentOf(node)) {
    if (node == group) return true;
  }
  return false;
}
/** Nothing needs to be consumed between the start of the open group `group` and here. */
export function mayLoop(group: u32): bool {
  for (let node = branch; node; node = N.parentOf(N.parentOf(node))) {
    if (!(N.flagsOf(node) & N.FLAG_EMPTY)) return false;
    const inner = N.parentOf(node);
    if (inner == group) return true;
    // PCRE looks into an assertion that is open as if its first branch came before it.
    if (isLookaround(N.aOf(inner)) && !(N.flagsOf(N.firstOf(inner)) & N.FLAG_EMPTY)) return false;
  }
  return false;
}
/** A reference to a group inside that group makes it atomic. */
export function noteInnerReference(number: u32): void {
  for (let node = branch; node; node = N.parentOf(node)) {
    if (N.kindOf(node) == N.NODE_GROUP && N.aOf(node) == N.GROUP_CAPTURE && N.bOf(node) == number) {
      N.setFlag(node, N.FLAG_ATOMIC);
      return;
    }
  }
}
/** A condition is among the groups that are open. */
export function insideCondition(): bool {
  for (let node = branch; node; node = N.parentOf(node)) {
    if (N.kindOf(node) == N.NODE_GROUP && N.aOf(node) == N.GROUP_CONDITION) return true;
  }
  return false;
}

// ---- items that more is known of

/** A reference to a group, or a call of it, by the name at `place`. */
export function addNamed(kind: u32, place: u32, bytes: u32): void {
  const node = addItem(kind, 0, place);
  if (!node) return;
  N.setC(node, bytes);
  const index = findName(0, place, bytes);
  const known = index < nameCount ? nameNumber(index) : 0;
  if (kind == N.NODE_REFERENCE) {
    for (let i = index; i < nameCount; i = findName(i + 1, place, bytes))
      noteInnerReference(nameNumber(i));
  } else if (known) {
    N.setA(node, known);
    noteLoop(node, known);
  }
}
export function addCall(number: u32): void {
  const node = addItem(N.NODE_CALL, number, 0);
  if (node) noteLoop(node, number);
}
/** A call of a group that is open: it must not be possible to come here again with nothing read. */
function noteLoop(node: u32, number: u32): void {
  const group = number ? groupNumbered(number) : root;
  if (group && isOpen(group) && !insideCondition() && mayLoop(group)) N.setFlag(node, N.FLAG_LOOPS);
}
export function addVerb(verb: u32, place: u32, bytes: u32): void {
  const node = addSingle(N.NODE_VERB, verb, place);
  if (node) N.setC(node, bytes);
}

// ---- groups

function openingBytes(kind: u32): u32 {
  return kind == N.GROUP_CAPTURE ? SIZE_OPENING + SIZE_NUMBER : SIZE_OPENING;
}
/** Bytes of the last item, which PCRE keeps, with nothing in a group. */
function previousBytes(): u32 {
  if (!previous) return 0;
  const kind = N.kindOf(previous);
  return kind == N.NODE_GROUP ? SIZE_BRACKET : sizeOnce(previous, kind);
}
/** More brackets are open than PCRE compiles. */
export function isTooDeep(): bool {
  return openBytes + earlierBytes + previousBytes() > OPEN_BYTES_MAX;
}
/** Open a group whose options are `inner`; those in force come back when it is closed. */
export function openGroup(kind: u32, number: u32, inner: u32): u32 {
  const group = addItem(N.NODE_GROUP, kind, number);
  if (!group) return 0;
  pending = 0;
  depth++;
  N.setScratch(group, 0, openBytes);
  N.setScratch(group, 1, earlierBytes);
  openBytes += earlierBytes + openingBytes(kind);
  if (depth > DEPTH_MAX) failHere(82);
  N.setCapturesBefore(group, captures);
  if (kind == N.GROUP_CAPTURE) {
    setCaptures(captures + 1);
    noteGroup(number, group);
  }
  setOptions(inner);
  openBranch(group);
  return group;
}
/** The captures of the branches of a (?| group have the same numbers. */
export function resetCaptures(group: u32): void {
  N.setFlag(group, N.FLAG_RESET);
  N.setC(group, captures);
  N.setD(group, captures);
}

function closeBranch(): void {
  finishItem();
  const group = N.parentOf(branch);
  N.setPlace(branch, at);
  const first = N.firstOf(group) == branch || isCondition(N.firstOf(group), branch);
  const length = N.lengthOf(branch);
  if (first) N.setLength(group, length);
  else {
    const before = N.lengthOf(group);
    if (before < N.LENGTH_OF_CALL && !(N.flagsOf(group) & N.FLAG_CUT))
      N.setLength(group, length >= N.LENGTH_OF_CALL || length == before ? length : N.LENGTH_VARIES);
  }
  N.setFlag(group, N.flagsOf(branch) & (N.FLAG_EMPTY | N.FLAG_CUT));
  const size = N.sizeOf(group) + N.sizeOf(branch) + (first ? 0 : SIZE_ALTERNATIVE);
  N.setSize(group, min(size, SIZE_MAX));
  if (N.flagsOf(group) & N.FLAG_RESET) {
    if (captures > N.dOf(group)) N.setD(group, captures);
    setCaptures(N.cOf(group));
  }
}
/** `branch` comes directly behind the assertion of a condition. */
function isCondition(child: u32, branchNode: u32): bool {
  return N.kindOf(child) == N.NODE_GROUP && N.nextOf(child) == branchNode;
}
/** | */
export function nextBranch(): void {
  closeBranch();
  openBranch(N.parentOf(branch));
}
/** ) or the end of the pattern: the group, complete but for a quantifier, is the last item. */
export function closeGroup(): void {
  closeBranch();
  const group = N.parentOf(branch);
  if (N.flagsOf(group) & N.FLAG_RESET) setCaptures(N.dOf(group));
  let size = N.sizeOf(group) + SIZE_BRACKET;
  if (N.aOf(group) == N.GROUP_CAPTURE) size += SIZE_NUMBER;
  if (N.aOf(group) == N.GROUP_CONDITION) size += SIZE_NUMBER + 1;
  if (N.flagsOf(group) & N.FLAG_ATOMIC) size += SIZE_BRACKET;
  N.setSize(group, size);
  N.setPlace(group, at);
  N.setCapturesAfter(group, captures);
  if (group == root) return;
  depth--;
  openBytes = N.scratch(group, 0);
  earlierBytes = N.scratch(group, 1);
  setOptions(N.optionsOf(group));
  branch = N.parentOf(group);
  if (N.kindOf(branch) == N.NODE_GROUP) {
    // The assertion of a condition: a branch of the condition follows.
    previous = 0;
    openBranch(branch);
    return;
  }
  previous = group;
  pending = group;
}
/** The group that is open is the pattern itself. */
export function atTop(): bool {
  return N.parentOf(branch) == root;
}
/**
 * A condition that is an assertion: the assertion's group takes the place of the first branch of
 * the group that has just been opened.
 */
export function openAssertion(kind: u32): void {
  const condition = N.parentOf(branch);
  const assertion = make(N.NODE_GROUP, kind, 0);
  if (!assertion) return;
  N.setCapturesBefore(assertion, captures);
  N.removeBranch(condition);
  N.appendNode(condition, assertion);
  depth++;
  N.setScratch(assertion, 0, openBytes);
  openBytes += openingBytes(kind);
  openBranch(assertion);
}

/**
 * The syntax tree of a pattern. A group holds branches, a branch holds items; a group with a
 * quantifier is one item. Nodes lie in one growing block and are named by their number; node 0 is
 * none. They are made in the order of the pattern, so children have higher numbers than parents.
 */
import { allocate, reallocate, release } from '../alloc';

// ---- kinds

export const NODE_GROUP: u32 = 1;
export const NODE_BRANCH: u32 = 2;
/** a: the character; b: as written, CASELESS decides by options. */
export const NODE_CHARACTER: u32 = 3;
/** Any character but a newline. */
export const NODE_DOT: u32 = 4;
export const NODE_ANY: u32 = 5;
/** \C */
export const NODE_BYTE: u32 = 6;
/** a: offset of the class's record. */
export const NODE_CLASS: u32 = 7;
/** a: type, b: 1 = negated. */
export const NODE_TYPE: u32 = 8;
/** a: kind | value << 8, b: 1 = negated. */
export const NODE_PROPERTY: u32 = 9;
/** \R */
export const NODE_NEWLINE: u32 = 10;
/** \X */
export const NODE_CLUSTER: u32 = 11;
/** a: number, or 0 with the name at b of c bytes. */
export const NODE_REFERENCE: u32 = 12;
/** The same, a subroutine call. */
export const NODE_CALL: u32 = 13;
/** a: one of the assertions below. */
export const NODE_ASSERTION: u32 = 14;
/** \K */
export const NODE_KEEP: u32 = 15;
/** a: one of the verbs below, with the name at b of c bytes. */
export const NODE_VERB: u32 = 16;
/** A negated character: [^x]. */
export const NODE_NOT_CHARACTER: u32 = 17;
/** (?!) */
export const NODE_FAIL: u32 = 18;

// ---- kinds of group (a); b is the number of a capturing group

export const GROUP_PLAIN: u32 = 0;
export const GROUP_CAPTURE: u32 = 1;
export const GROUP_ATOMIC: u32 = 2;
export const GROUP_AHEAD: u32 = 3;
export const GROUP_NOT_AHEAD: u32 = 4;
export const GROUP_BEHIND: u32 = 5;
export const GROUP_NOT_BEHIND: u32 = 6;
export const GROUP_CONDITION: u32 = 7;

// ---- conditions (b of GROUP_CONDITION; c: number, d: place and length of a name)

/** The first child is the assertion. */
export const CONDITION_ASSERTION: u32 = 0;
export const CONDITION_CAPTURE: u32 = 1;
export const CONDITION_CALL: u32 = 2;
export const CONDITION_ANY_CALL: u32 = 3;
export const CONDITION_DEFINE: u32 = 4;

// ---- assertions

export const ASSERT_LINE_START: u32 = 0;
export const ASSERT_LINES_START: u32 = 1;
export const ASSERT_LINE_END: u32 = 2;
export const ASSERT_LINES_END: u32 = 3;
export const ASSERT_END_ONLY: u32 = 4;
export const ASSERT_SUBJECT_START: u32 = 5;
export const ASSERT_SUBJECT_END: u32 = 6;
export const ASSERT_LAST_LINE_END: u32 = 7;
export const ASSERT_MATCH_START: u32 = 8;
export const ASSERT_BOUNDARY: u32 = 9;
export const ASSERT_NO_BOUNDARY: u32 = 10;

// ---- verbs

export const VERB_MARK: u32 = 0;
export const VERB_ACCEPT: u32 = 1;
export const VERB_COMMIT: u32 = 2;
export const VERB_FAIL: u32 = 3;
export const VERB_PRUNE: u32 = 4;
export const VERB_SKIP: u32 = 5;
export const VERB_THEN: u32 = 6;

// ---- how often

export const REPEAT_GREEDY: u32 = 0;
export const REPEAT_LAZY: u32 = 1;
export const REPEAT_POSSESSIVE: u32 = 2;
export const UNLIMITED: u32 = 0xffff_ffff;

// ---- flags

/** The item may match the empty string; a branch, as far as it has been read. */
export const FLAG_EMPTY: u32 = 1;
/** A capturing group that refers to itself: it is atomic. */
export const FLAG_ATOMIC: u32 = 2;
/** (?| */
export const FLAG_RESET: u32 = 4;
/** A subroutine call that may loop without consuming anything. */
export const FLAG_LOOPS: u32 = 8;
/** A branch with (*THEN) of its own. */
export const FLAG_THEN: u32 = 16;
/** A group with (*ACCEPT) in it, which sets captures of groups around it, too. */
export const FLAG_ACCEPT: u32 = 32;
/** A branch with (*ACCEPT) as an item, or its group: their length is what precedes that item. */
export const FLAG_CUT: u32 = 64;

// ---- fields

const KIND: u32 = 0;
const FLAGS: u32 = 4;
const NEXT: u32 = 8;
const FIRST: u32 = 12;
const LAST: u32 = 16;
const PARENT: u32 = 20;
const A: u32 = 24;
const B: u32 = 28;
const C: u32 = 32;
const D: u32 = 36;
const LEAST: u32 = 40;
const MOST: u32 = 44;
const MODE: u32 = 48;
/** Offset in the pattern of the item's last character. */
const PLACE: u32 = 52;
const OPTIONS: u32 = 56;
/** Characters it matches, or one of the LENGTH_ values. */
const LENGTH: u32 = 60;
/** Bytes that PCRE's compiled form of it takes. */
const SIZE: u32 = 64;
/** Of a condition: the place behind it. */
const CONDITION_PLACE: u32 = 68;
/** Captures opened before the group, and when it is closed. */
const BEFORE: u32 = 72;
const AFTER: u32 = 76;
/** For those that walk over the finished tree. */
const SCRATCH: u32 = 80;
const NODE_BYTES: u32 = 128;
export const SCRATCH_WORDS: u32 = 12;

export const LENGTH_VARIES: u32 = 0xffff_ffff;
export const LENGTH_BYTE: u32 = 0xffff_fffe;
export const LENGTH_OF_CALL: u32 = 0xffff_fffd;

let nodes: usize = 0;
let room: u32 = 0;
export let nodeCount: u32 = 0;

export function startNodes(): void {
  nodeCount = 1;
}
export function dropNodes(): void {
  if (room > 1024) {
    release(nodes);
    nodes = 0;
    room = 0;
  }
}
/** A node without relatives that matches once; 0 when memory is exhausted. */
export function newNode(kind: u32, a: u32, b: u32, place: u32, options: u32): u32 {
  if (nodeCount >= room) {
    const wanted = room ? room << 1 : 128;
    const fresh = nodes ? reallocate(nodes, wanted * NODE_BYTES) : allocate(wanted * NODE_BYTES);
    if (!fresh) return 0;
    nodes = fresh;
    room = wanted;
  }
  const node = nodeCount++;
  const at = nodes + node * NODE_BYTES;
  memory.fill(at, 0, NODE_BYTES);
  store<u32>(at, kind, KIND);
  store<u32>(at, a, A);
  store<u32>(at, b, B);
  store<u32>(at, 1, LEAST);
  store<u32>(at, 1, MOST);
  store<u32>(at, place, PLACE);
  store<u32>(at, options, OPTIONS);
  return node;
}
/** Make `node` the last child of `parent`. */
export function appendNode(parent: u32, node: u32): void {
  const at = nodes + parent * NODE_BYTES;
  const last = load<u32>(at, LAST);
  if (last) store<u32>(nodes + last * NODE_BYTES, node, NEXT);
  else store<u32>(at, node, FIRST);
  store<u32>(at, node, LAST);
  store<u32>(nodes + node * NODE_BYTES, parent, PARENT);
}

/** Take the only child away from `parent`. */
export function removeBranch(parent: u32): void {
  store<u32>(nodes + parent * NODE_BYTES, 0, FIRST);
  store<u32>(nodes + parent * NODE_BYTES, 0, LAST);
}

export function kindOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, KIND);
}
export function flagsOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, FLAGS);
}
export function setFlag(node: u32, flag: u32): void {
  const at = nodes + node * NODE_BYTES;
  store<u32>(at, load<u32>(at, FLAGS) | flag, FLAGS);
}
export function clearFlag(node: u32, flag: u32): void {
  const at = nodes + node * NODE_BYTES;
  store<u32>(at, load<u32>(at, FLAGS) & ~flag, FLAGS);
}
export function nextOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, NEXT);
}
export function firstOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, FIRST);
}
export function parentOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, PARENT);
}
export function aOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, A);
}
export function bOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, B);
}
export function cOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, C);
}
export function dOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, D);
}
export function setA(node: u32, value: u32): void {
  store<u32>(nodes + node * NODE_BYTES, value, A);
}
export function setB(node: u32, value: u32): void {
  store<u32>(nodes + node * NODE_BYTES, value, B);
}
export function setC(node: u32, value: u32): void {
  store<u32>(nodes + node * NODE_BYTES, value, C);
}
export function setD(node: u32, value: u32): void {
  store<u32>(nodes + node * NODE_BYTES, value, D);
}
export function leastOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, LEAST);
}
export function mostOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, MOST);
}
export function modeOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, MODE);
}
export function setRepeat(node: u32, least: u32, most: u32, mode: u32): void {
  const at = nodes + node * NODE_BYTES;
  store<u32>(at, least, LEAST);
  store<u32>(at, most, MOST);
  store<u32>(at, mode, MODE);
}
export function placeOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, PLACE);
}
export function setPlace(node: u32, place: u32): void {
  store<u32>(nodes + node * NODE_BYTES, place, PLACE);
}
export function conditionPlaceOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, CONDITION_PLACE);
}
export function setConditionPlace(node: u32, place: u32): void {
  store<u32>(nodes + node * NODE_BYTES, place, CONDITION_PLACE);
}
export function capturesBefore(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, BEFORE);
}
export function capturesAfter(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, AFTER);
}
export function setCapturesBefore(node: u32, count: u32): void {
  store<u32>(nodes + node * NODE_BYTES, count, BEFORE);
}
export function setCapturesAfter(node: u32, count: u32): void {
  store<u32>(nodes + node * NODE_BYTES, count, AFTER);
}
/** Word `index` of what a walker keeps at a node; 0 at first. */
export function scratch(node: u32, index: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES + (index << 2), SCRATCH);
}
export function setScratch(node: u32, index: u32, word: u32): void {
  store<u32>(nodes + node * NODE_BYTES + (index << 2), word, SCRATCH);
}
export function optionsOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, OPTIONS);
}
export function lengthOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, LENGTH);
}
export function setLength(node: u32, length: u32): void {
  store<u32>(nodes + node * NODE_BYTES, length, LENGTH);
}
export function sizeOf(node: u32): u32 {
  return load<u32>(nodes + node * NODE_BYTES, SIZE);
}
export function setSize(node: u32, size: u32): void {
  store<u32>(nodes + node * NODE_BYTES, size, SIZE);
}

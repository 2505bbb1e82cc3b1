/**
 * From the checked tree to code (program.ts). The walk enters each node, goes through its children,
 * and leaves it; what leaving needs to know is kept in the node's scratch words.
 */
import { CASE_SETS } from '../gen/regex_tables';
import { storeUtf8 } from '../unicode';
import { caseSetOf, latinOtherCase, otherCaseOf } from './characters';
import { branchOfThen } from './check';
import * as B from './code_buffer';
import { findName, nameCount, nameNumber } from './names';
import * as N from './nodes';
import * as P from './pattern';
import * as O from './program';
import { TYPE_WORD } from './properties';
import * as T from './tree';

/** Scratch words of groups: */
const LOOP: u32 = 0;
/** Address of the operand that gets the place behind the item. */
const AFTER: u32 = 1;
/** Chain of jumps from the end of branches to the end of the group. */
const ENDS: u32 = 2;
/** Address of the operand that gets the place of the no-branch, or behind the assertion. */
const ELSE: u32 = 3;
/** Where the group's body begins: what calls call. */
const BODY: u32 = 4;
/** Branches: the address of the alternative's operand. */
const ALTERNATIVE: u32 = 0;
/** Calls: the next call whose target is not known yet, and the address of its operand. */
const NEXT_CALL: u32 = 5;
const CALL_TARGET: u32 = 6;

let loops: u32 = 0;
/** The last instruction is a literal at this index, which may be continued. */
let literalAt: u32 = 0;
let literalOpen: bool = false;
let calls: u32 = 0;
/** Where (*THEN) in a last branch goes: a failing instruction. */
let failChain: u32 = 0;
const characterBytes: usize = memory.data(8, 8);

export function loopCount(): u32 {
  return loops;
}

export function emitProgram(): void {
  B.startCode();
  loops = 0;
  calls = 0;
  failChain = 0;
  literalOpen = false;
  let node = T.root;
  while (node && !P.exhausted) node = step(node);
  B.putOperation(O.OP_END, 0);
  const fail = B.codeWords;
  B.putOperation(O.OP_FAIL, 0);
  patchChain(failChain, fail);
  for (let call = calls; call; ) {
    const next = N.scratch(call, NEXT_CALL);
    const group = N.aOf(call) ? T.groupNumbered(N.aOf(call)) : T.root;
    B.patch(N.scratch(call, CALL_TARGET), N.scratch(group, BODY));
    call = next;
  }
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
  if (kind == N.NODE_GROUP) enterGroup(node);
  else if (kind == N.NODE_BRANCH) enterBranch(node);
  else emitItem(node, kind);
}
function leave(node: u32): void {
  const kind = N.kindOf(node);
  if (kind == N.NODE_GROUP) leaveGroup(node);
  else if (kind == N.NODE_BRANCH) leaveBranch(node);
}

/** The place of the next instruction, to which something jumps. */
function label(): u32 {
  literalOpen = false;
  return B.codeWords;
}
/** Write `target` into all operands of a chain, which is linked through them. */
function patchChain(chain: u32, target: u32): void {
  for (let at = chain; at; ) {
    const next = B.wordAt(at);
    B.patch(at, target);
    at = next;
  }
}
/** An instruction whose only operand is a target; the index of the operand. */
function putTargeted(operation: u32, target: u32): u32 {
  literalOpen = false;
  B.putOperation(operation, 0);
  B.put(target);
  return B.codeWords - 1;
}
function putSimple(operation: u32, small: u32): void {
  literalOpen = false;
  B.putOperation(operation, small);
}

// ---- repeating anything but a single character

function isPossessive(node: u32): bool {
  return N.modeOf(node) == N.REPEAT_POSSESSIVE;
}
function isOnce(node: u32): bool {
  return N.leastOf(node) == 1 && N.mostOf(node) == 1;
}
function isOptional(node: u32): bool {
  return N.leastOf(node) == 0 && N.mostOf(node) <= 1;
}
function putAtomic(node: u32): void {
  putSimple(O.OP_ATOMIC, 0);
  putCaptures(node);
}
/** The captures that may be set inside of a node. */
function putCaptures(node: u32): void {
  const isGroup = N.kindOf(node) == N.NODE_GROUP;
  const all = (N.flagsOf(node) & N.FLAG_ACCEPT) != 0;
  B.put(isGroup && !all ? N.capturesBefore(node) : 0);
  B.put(all ? P.capturesMax : isGroup ? N.capturesAfter(node) : 0);
}
function enterRepeat(node: u32): void {
  if (isPossessive(node)) putAtomic(node);
  if (isOnce(node)) return;
  const lazy = N.modeOf(node) == N.REPEAT_LAZY;
  if (isOptional(node)) {
    let after: u32 = 0;
    if (!N.mostOf(node)) after = putTargeted(O.OP_JUMP, 0);
    else if (!lazy) after = putTargeted(O.OP_ALTERNATIVE, 0);
    else {
      const body = putTargeted(O.OP_ALTERNATIVE, 0);
      after = putTargeted(O.OP_JUMP, 0);
      B.patch(body, label());
    }
    N.setScratch(node, AFTER, after);
    return;
  }
  const loop = loops++;
  putSimple(O.OP_LOOP_START, loop);
  const test = label();
  B.putOperation(O.OP_LOOP_TEST, loop);
  B.put(N.leastOf(node));
  B.put(N.mostOf(node));
  B.put(lazy ? 1 : 0);
  N.setScratch(node, AFTER, B.codeWords);
  B.put(0);
  B.putOperation(O.OP_LOOP_BODY, loop);
  N.setScratch(node, LOOP, test);
}
function leaveRepeat(node: u32): void {
  if (!isOnce(node)) {
    if (!isOptional(node)) {
      const test = N.scratch(node, LOOP);
      putSimple(O.OP_LOOP_NEXT, B.wordAt(test) >> 8);
      B.put(test);
    }
    B.patch(N.scratch(node, AFTER), label());
  }
  if (isPossessive(node)) putSimple(O.OP_ATOMIC_END, 0);
}

// ---- groups and branches

function isAssertion(kind: u32): bool {
  return kind >= N.GROUP_AHEAD && kind <= N.GROUP_NOT_BEHIND;
}
function isNegative(kind: u32): bool {
  return kind == N.GROUP_NOT_AHEAD || kind == N.GROUP_NOT_BEHIND;
}
function isConditional(group: u32): bool {
  const parent = N.parentOf(group);
  return parent != 0 && N.kindOf(parent) == N.NODE_GROUP;
}

function enterGroup(node: u32): void {
  const kind = N.aOf(node);
  enterRepeat(node);
  N.setScratch(node, BODY, label());
  if (kind == N.GROUP_CAPTURE) {
    if (N.flagsOf(node) & N.FLAG_ATOMIC) {
      putAtomic(node);
      N.setScratch(node, BODY, label());
    }
    putSimple(O.OP_OPEN, N.bOf(node));
  } else if (kind == N.GROUP_ATOMIC) putAtomic(node);
  else if (kind == N.GROUP_CONDITION) enterCondition(node);
  else if (isAssertion(kind)) {
    putSimple(O.OP_ASSERT, (isNegative(kind) ? 1 : 0) | (isConditional(node) ? 2 : 0));
    putCaptures(node);
    N.setScratch(node, ELSE, B.codeWords);
    B.put(0);
    B.put(0);
  }
}
function leaveGroup(node: u32): void {
  const kind = N.aOf(node);
  patchChain(N.scratch(node, ENDS), label());
  if (kind == N.GROUP_CAPTURE) {
    putSimple(O.OP_CLOSE, N.bOf(node));
    if (N.flagsOf(node) & N.FLAG_ATOMIC) putSimple(O.OP_ATOMIC_END, 0);
  } else if (kind == N.GROUP_ATOMIC) putSimple(O.OP_ATOMIC_END, 0);
  else if (isAssertion(kind)) leaveAssertion(node, kind);
  else if (kind == N.GROUP_CONDITION && N.scratch(node, ELSE))
    B.patch(N.scratch(node, ELSE), label());
  leaveRepeat(node);
}
/** Conditions: the assertion decides between the two branches that follow. */
function leaveAssertion(node: u32, kind: u32): void {
  const condition = isConditional(node) ? N.parentOf(node) : 0;
  B.patch(N.scratch(node, ELSE) + 1, label());
  if (!isNegative(kind)) {
    putSimple(O.OP_ASSERT_END, 0);
    if (condition) N.setScratch(condition, ELSE, N.scratch(node, ELSE));
    return;
  }
  const end = putTargeted(O.OP_ASSERT_NOT_END, 0);
  if (condition) N.setScratch(condition, ELSE, end);
  B.patch(N.scratch(node, ELSE), label());
}
/** Numbers that a name stands for, or one number, preceded by their count. */
function putNumbers(number: u32, place: u32, bytes: u32): void {
  const at = B.codeWords;
  B.put(0);
  if (!bytes) {
    B.put(number);
    B.patch(at, 1);
    return;
  }
  let count: u32 = 0;
  for (let i = findName(0, place, bytes); i < nameCount; i = findName(i + 1, place, bytes)) {
    B.put(nameNumber(i));
    count++;
  }
  B.patch(at, count);
}
function enterCondition(node: u32): void {
  const condition = N.bOf(node);
  if (condition == N.CONDITION_ASSERTION) return;
  if (condition == N.CONDITION_DEFINE) {
    N.setScratch(node, ELSE, putTargeted(O.OP_JUMP, 0));
    return;
  }
  const isCapture = condition == N.CONDITION_CAPTURE;
  N.setScratch(node, ELSE, putTargeted(isCapture ? O.OP_IF_CAPTURE : O.OP_IF_CALL, 0));
  const name = N.dOf(node);
  if (condition == N.CONDITION_ANY_CALL) B.put(0);
  else putNumbers(N.cOf(node), name & 0xff_ffff, (name >> 24) & 127);
}

function enterBranch(node: u32): void {
  const group = N.parentOf(node);
  const kind = N.aOf(group);
  if (kind != N.GROUP_CONDITION) {
    if (N.nextOf(node)) N.setScratch(node, ALTERNATIVE, putTargeted(O.OP_ALTERNATIVE, 0));
    else if (N.flagsOf(node) & N.FLAG_THEN) {
      failChain = putTargeted(O.OP_ALTERNATIVE, failChain);
      N.setScratch(node, ALTERNATIVE, failChain);
    }
  }
  if (kind == N.GROUP_BEHIND || kind == N.GROUP_NOT_BEHIND) putSimple(O.OP_BACK, N.lengthOf(node));
}
function leaveBranch(node: u32): void {
  const group = N.parentOf(node);
  const isCondition = N.aOf(group) == N.GROUP_CONDITION;
  if (!N.nextOf(node)) return;
  N.setScratch(group, ENDS, putTargeted(O.OP_JUMP, N.scratch(group, ENDS)));
  const otherwise = isCondition ? N.scratch(group, ELSE) : N.scratch(node, ALTERNATIVE);
  B.patch(otherwise, label());
  if (isCondition) N.setScratch(group, ELSE, 0);
}

// ---- items

function emitItem(node: u32, kind: u32): void {
  if (kind == N.NODE_ASSERTION) putSimple(O.OP_ASSERTION, N.aOf(node));
  else if (kind == N.NODE_KEEP) putSimple(O.OP_KEEP, 0);
  else if (kind == N.NODE_FAIL) putSimple(O.OP_FAIL, 0);
  else if (kind == N.NODE_VERB) emitVerb(node);
  else if (kind >= N.NODE_NEWLINE && kind <= N.NODE_CALL) emitLoop(node, kind);
  else emitCharacter(node, kind);
}
function emitVerb(node: u32): void {
  const verb = N.aOf(node);
  if (verb == N.VERB_FAIL) {
    putSimple(O.OP_FAIL, 0);
    return;
  }
  if (verb == N.VERB_ACCEPT) closeOpenGroups(node);
  putSimple(O.OP_VERB, verb);
  const bytes = N.cOf(node);
  if (verb == N.VERB_THEN) {
    const branch = branchOfThen(node);
    B.put(branch ? N.scratch(branch, ALTERNATIVE) : 0);
    B.put(0);
    return;
  }
  B.put(N.bOf(node));
  B.put(bytes);
}
/** (*ACCEPT) sets the captures of the groups that it is in. */
function closeOpenGroups(node: u32): void {
  for (let group = N.parentOf(node); group; group = N.parentOf(group)) {
    if (N.kindOf(group) == N.NODE_GROUP && N.aOf(group) == N.GROUP_CAPTURE)
      putSimple(O.OP_SET, N.bOf(group));
  }
}
/** \R, \X, references and calls, which are repeated like groups. */
function emitLoop(node: u32, kind: u32): void {
  enterRepeat(node);
  if (kind == N.NODE_NEWLINE) putSimple(O.OP_NEWLINE, 0);
  else if (kind == N.NODE_CLUSTER) putSimple(O.OP_CLUSTER, 0);
  else if (kind == N.NODE_REFERENCE) {
    putSimple(O.OP_REFERENCE, N.optionsOf(node) & P.CASELESS ? 1 : 0);
    putNumbers(N.aOf(node), N.bOf(node), N.aOf(node) ? 0 : N.cOf(node));
  } else {
    putSimple(O.OP_CALL, N.aOf(node));
    N.setScratch(node, NEXT_CALL, calls);
    N.setScratch(node, CALL_TARGET, B.codeWords);
    B.put(0);
    calls = node;
  }
  leaveRepeat(node);
}

/** Unit and operands for a node that matches one character. */
let unit: u32 = 0;
let unitA: u32 = 0;
let unitB: u32 = 0;

function setCharacterUnit(node: u32, negated: bool): void {
  const c = N.aOf(node);
  unit = O.UNIT_CHARACTER;
  unitA = c;
  unitB = 0;
  if (N.optionsOf(node) & P.CASELESS) {
    if (P.options & P.UTF) {
      const set = caseSetOf(c);
      unitB = otherCaseOf(c);
      if (set) {
        unit = O.UNIT_SET;
        unitA = (set - CASE_SETS) as u32;
      }
    } else unitB = latinOtherCase(c);
    if (unit == O.UNIT_CHARACTER && unitB != c) unit = O.UNIT_EITHER;
  }
  if (negated) unit += O.UNIT_NOT;
}
function setUnit(node: u32, kind: u32): void {
  unitA = N.aOf(node);
  unitB = N.bOf(node);
  if (kind == N.NODE_CHARACTER || kind == N.NODE_NOT_CHARACTER)
    setCharacterUnit(node, kind == N.NODE_NOT_CHARACTER);
  else if (kind == N.NODE_DOT) unit = O.UNIT_DOT;
  else if (kind == N.NODE_ANY) unit = O.UNIT_ANY;
  else if (kind == N.NODE_BYTE) unit = P.options & P.UTF ? O.UNIT_BYTE : O.UNIT_ANY;
  else if (kind == N.NODE_CLASS) unit = O.UNIT_CLASS;
  else unit = kind == N.NODE_TYPE ? O.UNIT_TYPE : O.UNIT_PROPERTY;
}
function emitCharacter(node: u32, kind: u32): void {
  if (!N.mostOf(node)) return;
  setUnit(node, kind);
  if (isOnce(node)) {
    if (unit == O.UNIT_CHARACTER) {
      emitLiteral(unitA);
      return;
    }
    putSimple(O.OP_UNIT, unit);
    B.put(unitA);
    B.put(unitB);
    return;
  }
  if (unit == O.UNIT_TYPE && isNarrow(node)) unitB |= O.TYPE_NARROW;
  putSimple(O.OP_REPEAT, unit | (N.modeOf(node) << 8));
  B.put(unitA);
  B.put(unitB);
  B.put(N.leastOf(node));
  B.put(N.mostOf(node));
}
/**
 * In UTF mode and without properties, PCRE takes the obligatory part of a repeated \d, \s or \w
 * to end with ASCII, although a single one goes up to 255.
 */
function isNarrow(node: u32): bool {
  if (!(P.options & P.UTF) || N.aOf(node) > TYPE_WORD) return false;
  return N.leastOf(node) > 1 || (N.leastOf(node) == 1 && N.mostOf(node) == N.UNLIMITED);
}
const LITERAL_BYTES_MAX: u32 = 255;

/** Characters in a row become one instruction. */
function emitLiteral(c: u32): void {
  let bytes: u32 = 1;
  if (P.options & P.UTF) bytes = (storeUtf8(characterBytes, c) - characterBytes) as u32;
  else store<u8>(characterBytes, c as u8);
  let old: u32 = 0;
  if (literalOpen) {
    old = B.wordAt(literalAt) >> 8;
    if (old + bytes > LITERAL_BYTES_MAX) literalOpen = false;
  }
  if (!literalOpen) {
    literalAt = B.codeWords;
    literalOpen = true;
    B.putOperation(O.OP_LITERAL, bytes);
    B.putBytes(characterBytes, bytes);
    return;
  }
  B.patch(literalAt, O.OP_LITERAL | ((old + bytes) << 8));
  for (let i: u32 = 0; i < bytes; i++) {
    const place = old + i;
    if (!(place & 3)) B.put(0);
    const index = literalAt + 1 + (place >> 2);
    const byte = load<u8>(characterBytes + i) as u32;
    B.patch(index, B.wordAt(index) | (byte << ((place & 3) << 3)));
  }
}

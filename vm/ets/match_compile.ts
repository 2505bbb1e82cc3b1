/**
 * Compiles match specifications (ERTS User's Guide, "Match Specifications in Erlang") into
 * programs, see vm/ets/match_program.ts. Patterns and expressions are walked with the work stack:
 * an expression is replaced by what makes it, last step lowest.
 */
import { allocate, reallocate } from '../alloc';
import { atomLength, atomText } from '../atoms';
import { E_BIF, findExport } from '../code';
import { identical } from '../compare';
import { copyAllToFragment, fragmentRoot } from '../copy';
import {
  am_and,
  am_andalso,
  am_const,
  am_dollar_dollar,
  am_dollar_underscore,
  am_element,
  am_erlang,
  am_is_record,
  am_or,
  am_orelse,
  am_underscore,
} from '../gen/atoms';
import { nextPair, pairIterator, pairKey, pairValue, startPairs } from '../map_iterator';
import { mapSize } from '../maps';
import { releaseResource, retainObject } from '../off_heap';
import {
  NIL,
  NONE,
  head,
  isAtom,
  isImmediate,
  isList,
  isMap,
  isTuple,
  smallOf,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { cut, mark, pop, push } from '../work_stack';
import {
  isGuardFunction,
  isTraceFunction,
  asksForCaller,
  mayStandInGuards,
  traceFunctionNumber,
} from './match_functions';
import {
  ACTION,
  AND,
  AND_THEN,
  ANY,
  BIND,
  BODY,
  CALL,
  CLAUSE,
  CONS,
  CONSTANT,
  DROP,
  GUARD,
  IS_RECORD,
  MAKE_CONS,
  MAKE_MAP,
  MAKE_TUPLE,
  MAP,
  MAP_KEY,
  M_CLAUSES,
  M_COUNT,
  M_SOURCE,
  M_STACK,
  M_VARIABLES,
  OR,
  ORDER,
  OR_ELSE,
  PUSH_ALL,
  PUSH_CONSTANT,
  PUSH_OBJECT,
  PUSH_VARIABLE,
  RETURN,
  SAME,
  TUPLE,
  emit,
  newProgram,
  patch,
} from './match_program';

/** For tables: objects are tuples. */
export const FOR_TABLE: u32 = 0;
/** For traces: the head is a list of arguments, and more functions may be called. */
export const FOR_TRACE: u32 = 1;
/** The same for sends and receives, which have no caller. */
export const FOR_EVENT: u32 = 2;

// What is wrong with a specification, in the words of erlang:match_spec_test/3
// (vm/ets/match_test.ts).
export const WRONG_MEMORY: u32 = 1;
export const WRONG_LIST: u32 = 2;
export const WRONG_CLAUSE: u32 = 3;
export const WRONG_GUARDS: u32 = 4;
export const WRONG_BODY: u32 = 5;
export const WRONG_EMPTY_BODY: u32 = 6;
export const WRONG_VARIABLE: u32 = 7;
export const WRONG_FUNCTION: u32 = 8;
export const WRONG_EXPRESSION: u32 = 9;
export const WRONG_ARGUMENTS: u32 = 10;
export const WRONG_KEY: u32 = 11;
export const WRONG_CONTEXT: u32 = 12;

/**
 * Why compileProgram returned 0; with the variable's number or the function's name, and its arity.
 */
export let wrong: u32 = 0;
export let wrongTerm: u64 = 0;
export let wrongArity: u32 = 0;

let program: usize = 0;
let kind: u32 = 0;
/** The expressions being compiled are those of a body. */
let inBody: bool = false;

function reject(reason: u32, term: u64, arity: u32): bool {
  if (!wrong) {
    wrong = reason;
    wrongTerm = term;
    wrongArity = arity;
  }
  return false;
}
function step(op: u32, n: u32, term: u64): bool {
  return emit(program, op, n, term) != 0xffff_ffff ? true : reject(WRONG_MEMORY, NONE, 0);
}

// ---- variables of the clause being compiled: their numbers in the order in which they were met

let variables: usize = 0;
let variableCapacity: u32 = 0;
let variableCount: u32 = 0;

/** The number of a variable '$N', or -1. */
export function variableNumber(t: u64): i32 {
  if (!isAtom(t)) return -1;
  const length = atomLength(t);
  const text = atomText(t);
  if (length < 2 || length > 10 || load<u8>(text) != 36) return -1;
  if (load<u8>(text, 1) == 48 && length > 2) return -1;
  let number = 0;
  for (let i: u32 = 1; i < length; i++) {
    const digit = (load<u8>(text + i) as i32) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
function variableAt(slot: u32): i32 {
  return load<i32>(variables + (slot << 2));
}
function slotOf(number: i32): i32 {
  for (let i: u32 = 0; i < variableCount; i++) if (variableAt(i) == number) return i as i32;
  return -1;
}
function addVariable(number: i32): bool {
  if (variableCount == variableCapacity) {
    const capacity = variableCapacity ? variableCapacity << 1 : 64;
    const grown = variables ? reallocate(variables, capacity << 2) : allocate(capacity << 2);
    if (!grown) return reject(WRONG_MEMORY, NONE, 0);
    variables = grown;
    variableCapacity = capacity;
  }
  store<i32>(variables + (variableCount << 2), number);
  variableCount++;
  return true;
}

// ---- heads

/** Instructions that match `pattern`, depth first. */
function compileHead(pattern: u64): bool {
  const base = mark();
  if (!push(pattern)) return reject(WRONG_MEMORY, NONE, 0);
  while (mark() != base) {
    if (!compilePattern(pop())) {
      cut(base);
      return reject(WRONG_MEMORY, NONE, 0);
    }
  }
  return true;
}

/** One instruction for the root of a pattern; its parts are pushed. */
function compilePattern(pattern: u64): bool {
  if (pattern == am_underscore) return step(ANY, 0, NONE);
  const number = variableNumber(pattern);
  if (number >= 0) {
    const slot = slotOf(number);
    if (slot >= 0) return step(SAME, slot, NONE);
    return addVariable(number) && step(BIND, variableCount - 1, NONE);
  }
  if (isList(pattern)) return push(tail(pattern)) && push(head(pattern)) && step(CONS, 0, NONE);
  if (isTuple(pattern)) {
    const arity = tupleArity(pattern);
    for (let i = arity; i > 0; i--) if (!push(tupleElement(pattern, i))) return false;
    return step(TUPLE, arity, NONE);
  }
  return isMap(pattern) ? compileMapPattern(pattern) : step(CONSTANT, 0, pattern);
}

const mapPairs: usize = memory.data(296, 8);

function compileMapPattern(pattern: u64): bool {
  if (!step(MAP, mapSize(pattern), NONE)) return false;
  startPairs(mapPairs, pattern);
  while (nextPair(mapPairs)) {
    const key = pairKey(mapPairs);
    if (hasVariables(key)) return reject(WRONG_KEY, key, 0);
    // The last value will be on top of the run's stack, and so is its pattern here.
    if (!step(MAP_KEY, 0, key) || !push(pairValue(mapPairs))) return false;
  }
  return true;
}

/** The term contains a variable or '_'. */
export function hasVariables(t: u64): bool {
  return search(t, false);
}
/**
 * Only a term equal to `t` matches it as a pattern: no variable is in it, and no map, which would
 * match larger maps too.
 */
export function isGround(t: u64): bool {
  return !search(t, true);
}

const searchPairs: usize = memory.data(296, 8);

/**
 * A variable, '_' or, when `maps`, a map or what stands for a whole object in results is in the
 * term. Without memory to look, the answer is yes.
 */
function search(t: u64, maps: bool): bool {
  const base = mark();
  let term = t;
  let found = false;
  while (!found) {
    if (term == am_underscore || variableNumber(term) >= 0) found = true;
    else if (maps && (term == am_dollar_underscore || term == am_dollar_dollar)) found = true;
    else if (isList(term)) {
      found = !push(tail(term));
      term = head(term);
      continue;
    } else if (isTuple(term)) {
      for (let i = tupleArity(term); i > 0 && !found; i--) found = !pushPart(tupleElement(term, i));
    } else if (isMap(term)) {
      found = maps;
      startPairs(searchPairs, term);
      while (!found && nextPair(searchPairs)) {
        found = !pushPart(pairKey(searchPairs)) || !pushPart(pairValue(searchPairs));
      }
    }
    if (mark() == base) break;
    term = pop();
  }
  cut(base);
  return found;
}
function pushPart(t: u64): bool {
  return (isImmediate(t) && !isAtom(t)) || push(t);
}

// ---- expressions

/** Work items: {op, n, term} to be emitted as it is, or one of these. */
const EXPRESSION: u64 = 256;
const LABEL: u64 = 257;

function later(op: u64, n: u32, term: u64): bool {
  return push(term) && push(n as u64) && push(op);
}

/** Indices of jumps whose target is not yet known, innermost construct last. */
let jumps: usize = 0;
let jumpCapacity: u32 = 0;
let jumpCount: u32 = 0;

function rememberJump(index: u32): bool {
  if (jumpCount == jumpCapacity) {
    const capacity = jumpCapacity ? jumpCapacity << 1 : 64;
    const grown = jumps ? reallocate(jumps, capacity << 2) : allocate(capacity << 2);
    if (!grown) return false;
    jumps = grown;
    jumpCapacity = capacity;
  }
  store<u32>(jumps + (jumpCount << 2), index);
  jumpCount++;
  return true;
}

/** Instructions that leave the value of `expression` on the stack. */
function compileExpression(expression: u64): bool {
  const base = mark();
  jumpCount = 0;
  let fine = later(EXPRESSION, 0, expression);
  while (fine && mark() != base) {
    const op = pop();
    const n = pop() as u32;
    const term = pop();
    if (op == EXPRESSION) fine = compileOne(term);
    else if (op == LABEL) {
      for (let i: u32 = 0; i < n; i++) {
        jumpCount--;
        patch(program, load<u32>(jumps + (jumpCount << 2)), load<u32>(program, M_COUNT));
      }
    } else {
      if (op == AND_THEN || op == OR_ELSE) fine = rememberJump(load<u32>(program, M_COUNT));
      fine = fine && step(op as u32, n, term);
    }
  }
  cut(base);
  return fine || reject(WRONG_MEMORY, NONE, 0);
}

function compileOne(t: u64): bool {
  if (isAtom(t)) return compileAtom(t);
  if (isList(t)) {
    if (isPlainList(t)) return step(PUSH_CONSTANT, 0, t);
    return (
      later(MAKE_CONS, 0, NONE) && later(EXPRESSION, 0, head(t)) && later(EXPRESSION, 0, tail(t))
    );
  }
  if (isMap(t)) return compileMap(t);
  return isTuple(t) ? compileTuple(t) : step(PUSH_CONSTANT, 0, t);
}

function compileAtom(t: u64): bool {
  if (t == am_dollar_underscore) return step(PUSH_OBJECT, 0, NONE);
  if (t == am_dollar_dollar) return compileAll();
  const number = variableNumber(t);
  if (number < 0) return step(PUSH_CONSTANT, 0, t);
  const slot = slotOf(number);
  if (slot < 0) return reject(WRONG_VARIABLE, smallOf(number as i64), 0);
  return step(PUSH_VARIABLE, slot, NONE);
}

/** $$: all variables by number; selection sort, since they are few. */
function compileAll(): bool {
  if (!step(PUSH_ALL, variableCount, NONE)) return false;
  let last = -1;
  for (let i: u32 = 0; i < variableCount; i++) {
    let next: i32 = i32.MAX_VALUE;
    for (let j: u32 = 0; j < variableCount; j++) {
      const number = variableAt(j);
      if (number > last && number < next) next = number;
    }
    last = next;
    if (!step(ORDER, slotOf(next), NONE)) return false;
  }
  return true;
}

/**
 * A proper list of immediates none of which is an atom: the same as an expression and as a term.
 */
function isPlainList(t: u64): bool {
  let rest = t;
  while (isList(rest)) {
    if (!isImmediate(head(rest)) || isAtom(head(rest))) return false;
    rest = tail(rest);
  }
  return rest == NIL;
}

function compileMap(t: u64): bool {
  if (!later(MAKE_MAP, mapSize(t), NONE)) return false;
  startPairs(pairIterator, t);
  while (nextPair(pairIterator)) {
    const key = pairKey(pairIterator);
    if (!later(EXPRESSION, 0, pairValue(pairIterator)) || !later(EXPRESSION, 0, key)) return false;
  }
  return true;
}

/**
 * Push the elements `first` to the last of a tuple as expressions, so that they are compiled in
 * order.
 */
function laterElements(t: u64, first: u32): bool {
  for (let i = tupleArity(t); i >= first; i--) {
    if (!later(EXPRESSION, 0, tupleElement(t, i))) return false;
  }
  return true;
}

function compileTuple(t: u64): bool {
  const arity = tupleArity(t);
  if (arity == 0) return reject(WRONG_EXPRESSION, t, 0);
  const name = tupleElement(t, 1);
  if (arity == 1 && isTuple(name)) {
    return later(MAKE_TUPLE, tupleArity(name), NONE) && laterElements(name, 1);
  }
  if (!isAtom(name)) return reject(WRONG_EXPRESSION, t, 0);
  const count = arity - 1;
  if (name == am_const) {
    return count == 1
      ? step(PUSH_CONSTANT, 0, tupleElement(t, 2))
      : reject(WRONG_ARGUMENTS, name, count);
  }
  if (name == am_and || name == am_or) {
    if (count == 0) return reject(WRONG_ARGUMENTS, name, count);
    return later(name == am_and ? AND : OR, count, NONE) && laterElements(t, 2);
  }
  if (name == am_andalso || name == am_orelse) return compileLazy(t, name == am_andalso);
  if (name == am_is_record && count == 3) return later(IS_RECORD, 0, NONE) && laterElements(t, 2);
  return compileCall(t, name, count);
}

/** andalso and orelse: after each operand but the last, a jump to the end. */
function compileLazy(t: u64, all: bool): bool {
  const arity = tupleArity(t);
  if (arity == 1) return reject(WRONG_ARGUMENTS, tupleElement(t, 1), 0);
  if (!later(LABEL, arity - 2, NONE)) return false;
  for (let i = arity; i >= 2; i--) {
    if (i < arity && !later(all ? AND_THEN : OR_ELSE, 0, NONE)) return false;
    if (!later(EXPRESSION, 0, tupleElement(t, i))) return false;
  }
  return true;
}

function compileCall(t: u64, name: u64, count: u32): bool {
  if (isGuardFunction(name, count)) {
    const entry = findExport(am_erlang, name, count);
    const bif = entry ? load<u32>(entry, E_BIF) : 0;
    if (bif) return later(CALL, bif - 1, count as u64) && laterElements(t, 2);
  } else if (kind != FOR_TABLE && isTraceFunction(name, count)) {
    const number = traceFunctionNumber(name);
    if (kind == FOR_EVENT && asksForCaller(number)) return reject(WRONG_CONTEXT, name, count);
    if (!inBody && !mayStandInGuards(number)) return reject(WRONG_CONTEXT, name, count);
    return later(ACTION, number, count as u64) && laterElements(t, 2);
  }
  return reject(WRONG_FUNCTION, name, count);
}

// ---- clauses

function isProperList(t: u64): bool {
  let rest = t;
  while (isList(rest)) rest = tail(rest);
  return rest == NIL;
}

function compileClause(clause: u64): bool {
  if (!isTuple(clause) || tupleArity(clause) != 3) return reject(WRONG_CLAUSE, clause, 0);
  const pattern = tupleElement(clause, 1);
  let guards = tupleElement(clause, 2);
  let body = tupleElement(clause, 3);
  if (!isProperList(guards)) return reject(WRONG_GUARDS, guards, 0);
  if (!isProperList(body)) return reject(WRONG_BODY, body, 0);
  if (body == NIL && kind == FOR_TABLE) return reject(WRONG_EMPTY_BODY, body, 0);
  variableCount = 0;
  const start = load<u32>(program, M_COUNT);
  if (!step(CLAUSE, 0, pattern) || !compileHead(pattern)) return false;
  inBody = false;
  for (; isList(guards); guards = tail(guards)) {
    if (!compileExpression(head(guards)) || !step(GUARD, 0, NONE)) return false;
  }
  inBody = true;
  if (!step(BODY, 0, NONE)) return false;
  if (body == NIL && !step(PUSH_OBJECT, 0, NONE)) return false;
  for (; isList(body); body = tail(body)) {
    if (!compileExpression(head(body))) return false;
    if (isList(tail(body)) && !step(DROP, 0, NONE)) return false;
  }
  if (!step(RETURN, 0, NONE)) return false;
  patch(program, start, load<u32>(program, M_COUNT));
  if (variableCount > load<u32>(program, M_VARIABLES)) {
    store<u32>(program, variableCount, M_VARIABLES);
  }
  return true;
}

/**
 * The program of a match specification, as a resource that is referred to once (by the caller, who
 * drops it with releaseResource); 0 when `spec` is none or memory is exhausted: `wrong` says what
 * it is.
 */
export function compileProgram(spec: u64, purpose: u32): usize {
  wrong = 0;
  kind = purpose;
  if (!isList(spec) || !isProperList(spec)) {
    reject(WRONG_LIST, spec, 0);
    return 0;
  }
  const source = copyAllToFragment(spec);
  program = source ? newProgram(source) : 0;
  if (!program) {
    reject(WRONG_MEMORY, NONE, 0);
    return 0;
  }
  retainObject(program);
  let clauses: u32 = 0;
  for (let rest = fragmentRoot(source); isList(rest); rest = tail(rest)) {
    if (!compileClause(head(rest))) {
      releaseResource(program);
      return 0;
    }
    clauses++;
  }
  store<u32>(program, clauses, M_CLAUSES);
  // Every instruction leaves at most one more word on the stack than it found, or pushes what as
  // many later ones take.
  store<u32>(program, load<u32>(program, M_COUNT) + 1, M_STACK);
  return program;
}

/**
 * Every clause's result is a tuple whose element `position` is the key of the object that it
 * matched, as far as can be told from the specification: what select_replace asks for.
 */
export function keepsKeys(compiled: usize, position: u32): bool {
  const source = fragmentRoot(load<u32>(compiled, M_SOURCE));
  for (let rest = source; isList(rest); rest = tail(rest)) {
    const clause = head(rest);
    let body = tupleElement(clause, 3);
    while (isList(tail(body))) body = tail(body);
    if (!keepsKey(tupleElement(clause, 1), head(body), position)) return false;
  }
  return true;
}

function keepsKey(pattern: u64, result: u64, position: u32): bool {
  if (result == am_dollar_underscore) return true;
  if (!isTuple(pattern) || tupleArity(pattern) < position) return false;
  if (isConstant(result)) {
    const whole = tupleElement(result, 2);
    const key = tupleElement(pattern, position);
    if (!isTuple(whole) || tupleArity(whole) < position) return false;
    return isGround(key) && identical(tupleElement(whole, position), key);
  }
  if (!isTuple(result) || tupleArity(result) != 1) return false;
  const made = tupleElement(result, 1);
  if (!isTuple(made) || tupleArity(made) < position) return false;
  const element = tupleElement(made, position);
  return isKeyOfObject(element, position) || makes(element, tupleElement(pattern, position));
}

/** {const, Term} */
function isConstant(t: u64): bool {
  return isTuple(t) && tupleArity(t) == 2 && tupleElement(t, 1) == am_const;
}
/** The value of `expression` equals whatever `pattern` has matched. */
function makes(expression: u64, pattern: u64): bool {
  const base = mark();
  let fine = push(expression) && push(pattern);
  while (fine && mark() != base) {
    const part = pop();
    const maker = pop();
    if (isConstant(maker)) {
      fine = isGround(part) && identical(tupleElement(maker, 2), part);
    } else if (isList(part) && isList(maker)) {
      fine = push(head(maker)) && push(head(part)) && push(tail(maker)) && push(tail(part));
    } else if (isTuple(part)) {
      const inner =
        isTuple(maker) && tupleArity(maker) == 1 ? tupleElement(maker, 1) : (NIL as u64);
      fine = isTuple(inner) && tupleArity(inner) == tupleArity(part);
      for (let i = tupleArity(part); fine && i > 0; i--) {
        fine = push(tupleElement(inner, i)) && push(tupleElement(part, i));
      }
    } else if (variableNumber(part) >= 0) fine = maker == part;
    else fine = isGround(part) && !isList(part) && identical(maker, part);
  }
  cut(base);
  return fine;
}
/** {element, Position, '$_'} */
function isKeyOfObject(t: u64, position: u32): bool {
  return (
    isTuple(t) &&
    tupleArity(t) == 3 &&
    tupleElement(t, 1) == am_element &&
    tupleElement(t, 2) == smallOf(position as i64) &&
    tupleElement(t, 3) == am_dollar_underscore
  );
}

/**
 * Runs compiled match specifications (vm/ets/match_program.ts) on one term after the other.
 *
 * The variables and the stack lie in one area outside the heaps. While clauses are matched and
 * guards are evaluated, values may be terms of a table; what a body builds is copied to the running
 * process's heap.
 */
import { bigJob, finishBigJob } from '../big_job';
import { allocate, release } from '../alloc';
import { identical } from '../compare';
import { CLASS_OUT_OF_MEMORY, failClass, outOfMemory } from '../errors';
import { am_EXIT, am_false, am_true } from '../gen/atoms';
import { BIF_TABLE } from '../gen/bifs';
import { hAlloc } from '../heap';
import { emptyTuple, mapFromPairs, mapGet } from '../maps';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isList,
  isMap,
  isSmall,
  isTuple,
  makeCons,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import {
  ACTION,
  AND,
  AND_THEN,
  BIND,
  BODY,
  CALL,
  CONS,
  CONSTANT,
  DROP,
  GUARD,
  INSTRUCTION,
  IS_RECORD,
  MAKE_CONS,
  MAKE_MAP,
  MAKE_TUPLE,
  MAP,
  M_COUNT,
  M_STACK,
  M_VARIABLES,
  OR,
  OR_ELSE,
  PUSH_ALL,
  PUSH_CONSTANT,
  PUSH_OBJECT,
  PUSH_VARIABLE,
  SAME,
  TUPLE,
  codeOf,
  nextClause,
} from './match_program';
import { traceAction } from '../trace/actions';
import { copyOut } from './object';
import { barLeaving } from '../walk';

let area: usize = 0;
let areaWords: u32 = 0;
/** The variables; the stack is above them. */
let variables: usize = 0;
let top: usize = 0;
/** The object being matched, and whether it lies outside the heap of the running process. */
let object: u64 = 0;
let foreign: bool = false;
/** The body is being evaluated. */
let inBody: bool = false;
/** Memory ran out: the result of runProgram is no verdict. */
export let runExhausted: bool = false;

/**
 * Make room to run `program`; false when memory is exhausted. To be called before the first
 * runProgram of a BIF call.
 */
export function prepareRun(program: usize): bool {
  const words = load<u32>(program, M_VARIABLES) + load<u32>(program, M_STACK);
  runExhausted = false;
  if (words <= areaWords) return true;
  const fresh = allocate(words << 3);
  if (!fresh) return false;
  release(area);
  area = fresh;
  areaWords = words;
  return true;
}

function pushValue(t: u64): void {
  store<u64>(top, t);
  top += 8;
}
function popValue(): u64 {
  top -= 8;
  return load<u64>(top);
}

/**
 * The result of the first clause that matches `t`, or NONE when none does. `inTable`: t lies in a
 * table. After memory ran out, runExhausted is set and the failure recorded.
 */
export function runProgram(program: usize, t: u64, inTable: bool): u64 {
  const end = load<u32>(program, M_COUNT);
  object = t;
  foreign = inTable;
  variables = area;
  for (let clause: u32 = 0; clause < end; clause = nextClause(program, clause)) {
    top = area + (load<u32>(program, M_VARIABLES) << 3);
    inBody = false;
    pushValue(t);
    const guards = matchHead(codeOf(program) + (clause + 1) * INSTRUCTION);
    if (!guards) continue;
    const result = evaluate(codeOf(program), guards);
    if (result || runExhausted) return result;
  }
  return NONE;
}

/**
 * Match the stack's term; the address of the first instruction after the head, or 0 when it does
 * not match.
 */
function matchHead(start: usize): usize {
  let pc = start;
  while (true) {
    const op = load<u32>(pc);
    const n = load<u32>(pc, 4);
    if (op > MAP) return pc;
    const t = popValue();
    if (op == BIND) store<u64>(variables + (n << 3), t);
    else if (op == SAME) {
      if (!identical(t, load<u64>(variables + (n << 3)))) return 0;
    } else if (op == CONSTANT) {
      if (!identical(t, load<u64>(pc, 8))) return 0;
    } else if (op == TUPLE) {
      if (!isTuple(t) || tupleArity(t) != n) return 0;
      for (let i = n; i > 0; i--) pushValue(tupleElement(t, i));
    } else if (op == CONS) {
      if (!isList(t)) return 0;
      pushValue(tail(t));
      pushValue(head(t));
    } else if (op == MAP) {
      if (!isMap(t)) return 0;
      for (let i: u32 = 0; i < n; i++) {
        pc += INSTRUCTION;
        const value = mapGet(t, load<u64>(pc, 8));
        if (value == NONE) return 0;
        pushValue(value);
      }
    }
    pc += INSTRUCTION;
  }
}

/**
 * A value as it is in guards; in a body a copy, when it does not lie on the heap. NONE when memory
 * is exhausted.
 */
function usable(t: u64, outside: bool): u64 {
  return inBody && outside ? copyOut(t) : t;
}

/** Guards and body: the result, or NONE when the clause fails or memory is exhausted. */
function evaluate(code: usize, start: usize): u64 {
  let pc = start;
  while (true) {
    const op = load<u32>(pc);
    const n = load<u32>(pc, 4);
    let fine = true;
    if (op == GUARD) {
      if (popValue() != am_true) return NONE;
    } else if (op == BODY) inBody = true;
    else if (op == DROP) popValue();
    else if (op <= PUSH_ALL) fine = pushOne(pc, op, n);
    else if (op <= MAKE_MAP) fine = makeOne(op, n);
    else if (op == CALL) fine = call(n, load<u64>(pc, 8) as u32);
    else if (op <= OR) fine = combine(n, op == AND);
    else if (op <= OR_ELSE) {
      const value = load<u64>(top - 8);
      if (value != am_true && value != am_false) fine = false;
      else if ((value == am_true) == (op == OR_ELSE)) {
        pc = code + n * INSTRUCTION;
        continue;
      } else popValue();
    } else if (op == ACTION) {
      top -= (load<u64>(pc, 8) as u32) << 3;
      const value = traceAction(n, load<u64>(pc, 8) as u32, top);
      if (value) pushValue(value);
      else exhausted();
    } else if (op == IS_RECORD) isRecord();
    else return popValue();
    if (runExhausted) return NONE;
    // A failing body has the result 'EXIT'.
    if (!fine) return inBody ? am_EXIT : NONE;
    pc += op == PUSH_ALL ? (n + 1) * INSTRUCTION : INSTRUCTION;
  }
}

/** Report that memory ran out. */
function exhausted(): bool {
  outOfMemory();
  runExhausted = true;
  return false;
}

function pushOne(pc: usize, op: u32, n: u32): bool {
  let value: u64;
  if (op == PUSH_CONSTANT) value = usable(load<u64>(pc, 8), true);
  else if (op == PUSH_VARIABLE) value = usable(load<u64>(variables + (n << 3)), foreign);
  else if (op == PUSH_OBJECT) value = usable(object, foreign);
  else value = allVariables(pc, n);
  if (!value) return exhausted();
  pushValue(value);
  return true;
}

/** The list of all n variables, in the order that the instructions after PUSH_ALL name. */
function allVariables(pc: usize, n: u32): u64 {
  let list = NIL;
  if (n == 0) return list;
  const at = hAlloc(n << 1);
  if (!at) return NONE;
  memory.fill(at, 0xff, n << 4);
  for (let i = n; i > 0; i--) {
    const slot = load<u32>(pc + i * INSTRUCTION, 4);
    const value = usable(load<u64>(variables + (slot << 3)), foreign);
    if (!value) return NONE;
    list = makeCons(at + ((i - 1) << 4), value, list);
  }
  return list;
}

function makeOne(op: u32, n: u32): bool {
  let made: u64;
  if (op == MAKE_CONS) {
    const first = popValue();
    made = makeCons(hAlloc(2), first, popValue());
  } else if (op == MAKE_TUPLE) {
    if (n == 0) made = emptyTuple();
    else {
      const at = hAlloc(n + 1);
      if (!at) return exhausted();
      top -= n << 3;
      store<u64>(at, headerOf(SUB_TUPLE, n));
      memory.copy(at + 8, top, n << 3);
      made = boxedOf(at);
    }
  } else {
    top -= n << 4;
    made = mapFromPairs(top, n);
    if (!made) return exhausted();
  }
  pushValue(made);
  return true;
}

/** Call a BIF; false when it fails. */
function call(bif: u32, arity: u32): bool {
  const index = load<u32>(BIF_TABLE + (bif << 2));
  const at = top - (arity << 3);
  let result: u64;
  barLeaving(true);
  if (arity == 0) result = call_indirect<u64>(index);
  else if (arity == 1) result = call_indirect<u64>(index, load<u64>(at));
  else if (arity == 2) result = call_indirect<u64>(index, load<u64>(at), load<u64>(at, 8));
  else result = call_indirect<u64>(index, load<u64>(at), load<u64>(at, 8), load<u64>(at, 16));
  barLeaving(false);
  // A match specification cannot go on later with an operator on large integers.
  if (!result && bigJob()) result = finishBigJob();
  if (!result) {
    if (failClass == CLASS_OUT_OF_MEMORY) runExhausted = true;
    if (runExhausted || !inBody) return false;
    // A call that fails in a body has a value like any other.
    result = am_EXIT;
  }
  top = at;
  pushValue(result);
  return true;
}

/** All, or any, of the n booleans on the stack. */
function combine(n: u32, all: bool): bool {
  top -= n << 3;
  let result = all;
  for (let i: u32 = 0; i < n; i++) {
    const value = load<u64>(top + (i << 3));
    if (value != am_true && value != am_false) return false;
    if ((value == am_true) != all) result = !all;
  }
  pushValue(result ? am_true : am_false);
  return true;
}

function isRecord(): void {
  const size = popValue();
  const tag = popValue();
  const t = popValue();
  const record =
    isTuple(t) &&
    isSmall(size) &&
    smallValue(size) == (tupleArity(t) as i64) &&
    tupleArity(t) > 0 &&
    tupleElement(t, 1) == tag;
  pushValue(record ? am_true : am_false);
}

/**
 * Compiled match specifications: a resource that owns a copy of the specification (all constants
 * point into it) and the program made of it, an array of instructions run by vm/ets/match_run.ts.
 *
 * contents:    +--------+----------+--------------+-----------+--------+---------+---------+----------+
 *              | clauses| code     | instructions | capacity  | source | stack   | vars    | keys     |   u32 each
 *              +--------+----------+--------------+-----------+--------+---------+---------+----------+
 * instruction: +----+---+------+
 *              | op | n | term |   u32, u32, u64
 *              +----+---+------+
 *
 * A program is a sequence of clauses. Each begins with CLAUSE: n is the index of the next clause,
 * term the pattern. Matching: the stack holds subterms still to be matched, the next one on top;
 * each instruction takes one. Guards and body: the stack holds values, and an instruction takes its
 * arguments from it and leaves its result.
 */
import { allocate, reallocate, release } from '../alloc';
import { releaseMessage } from '../copy';
import { newResource } from '../resource';

export const M_CLAUSES: u32 = 16;
export const M_CODE: u32 = 20;
export const M_COUNT: u32 = 24;
export const M_CAPACITY: u32 = 28;
/** Fragment with the copy of the specification. */
export const M_SOURCE: u32 = 32;
/** Words of stack that a run needs at most. */
export const M_STACK: u32 = 36;
/** Most variables of a clause. */
export const M_VARIABLES: u32 = 40;
const CONTENTS_BYTES: u32 = 32;

export const INSTRUCTION: u32 = 16;
const CODE_MIN: u32 = 16;

// Matching.
export const CLAUSE: u32 = 0;
/** Take a term: it matches. */
export const ANY: u32 = 1;
/** Variable n becomes the term. */
export const BIND: u32 = 2;
/** The term must be that of variable n. */
export const SAME: u32 = 3;
/** The term must be `term`. */
export const CONSTANT: u32 = 4;
/** It must be a tuple of n elements: push them, the first on top. */
export const TUPLE: u32 = 5;
/** It must be a list cell: push tail and head. */
export const CONS: u32 = 6;
/**
 * It must be a map with the keys of the n MAP_KEY that follow: push their values, the last on top.
 */
export const MAP: u32 = 7;
export const MAP_KEY: u32 = 8;

// Values.
export const PUSH_CONSTANT: u32 = 9;
export const PUSH_VARIABLE: u32 = 10;
/** $_ */
export const PUSH_OBJECT: u32 = 11;
/**
 * $$: the list of all variables; the n ORDER that follow name them in the order of their numbers.
 */
export const PUSH_ALL: u32 = 12;
export const ORDER: u32 = 13;
export const MAKE_TUPLE: u32 = 14;
/** Tail below, head on top. */
export const MAKE_CONS: u32 = 15;
/** A map of n pairs, each value on top of its key. */
export const MAKE_MAP: u32 = 16;
/** BIF n with `term` arguments, the last on top. */
export const CALL: u32 = 17;
/** All of n booleans. */
export const AND: u32 = 18;
/** Any of n booleans. */
export const OR: u32 = 19;
/** The value on top is false: go on at n with it; true: drop it; no boolean: fail. */
export const AND_THEN: u32 = 20;
export const OR_ELSE: u32 = 21;
/** Trace function n (vm/trace/actions.ts) with `term` arguments, the last on top. */
export const ACTION: u32 = 22;
/** is_record(Term, Tag, Size): tag and size on top of the term. */
export const IS_RECORD: u32 = 23;
export const DROP: u32 = 24;

// Ends.
/** The value on top must be true, or the clause fails. */
export const GUARD: u32 = 25;
/** From here on, values are results: what lies in the table or the program is copied. */
export const BODY: u32 = 26;
/** The value on top is the result. */
export const RETURN: u32 = 27;

/** The type of compiled match specifications; frees what the resource owns. */
export function destroyProgram(resource: usize): void {
  release(load<u32>(resource, M_CODE));
  if (load<u32>(resource, M_SOURCE)) releaseMessage(load<u32>(resource, M_SOURCE));
}

/** An empty program that owns `source`; 0 when memory is exhausted (`source` is freed then). */
export function newProgram(source: usize): usize {
  const program = newResource(destroyProgram.index, CONTENTS_BYTES);
  const code = allocate(CODE_MIN * INSTRUCTION);
  if (!program || !code) {
    release(program);
    release(code);
    releaseMessage(source);
    return 0;
  }
  store<u32>(program, code as u32, M_CODE);
  store<u32>(program, CODE_MIN, M_CAPACITY);
  store<u32>(program, source as u32, M_SOURCE);
  return program;
}

/** Append an instruction; its index, or 0xffffffff when memory is exhausted. */
export function emit(program: usize, op: u32, n: u32, term: u64): u32 {
  const index = load<u32>(program, M_COUNT);
  const capacity = load<u32>(program, M_CAPACITY);
  if (index == capacity) {
    const grown =
      capacity > 0x0200_0000 ? 0 : reallocate(codeOf(program), capacity * 2 * INSTRUCTION);
    if (!grown) return 0xffff_ffff;
    store<u32>(program, grown as u32, M_CODE);
    store<u32>(program, capacity * 2, M_CAPACITY);
  }
  store<u32>(program, index + 1, M_COUNT);
  const at = codeOf(program) + index * INSTRUCTION;
  store<u32>(at, op);
  store<u32>(at, n, 4);
  store<u64>(at, term, 8);
  return index;
}
export function codeOf(program: usize): usize {
  return load<u32>(program, M_CODE);
}
/** Set n of an instruction emitted earlier. */
export function patch(program: usize, index: u32, n: u32): void {
  store<u32>(codeOf(program) + index * INSTRUCTION, n, 4);
}

/** The pattern of the clause that begins at instruction `clause`. */
export function clausePattern(program: usize, clause: u32): u64 {
  return load<u64>(codeOf(program) + clause * INSTRUCTION, 8);
}
/** Index of the clause after `clause`: M_COUNT after the last. */
export function nextClause(program: usize, clause: u32): u32 {
  return load<u32>(codeOf(program) + clause * INSTRUCTION, 4);
}

/**
 * BIFs of module ets that work with match specifications and patterns. Compiling:
 * vm/ets/match_compile.ts, scanning: vm/ets/scan.ts.
 */
import { outOfMemory, trapTo } from '../errors';
import { badEtsArgument, badEtsArgumentBecause, badTable } from '../ets/errors';
import {
  am_dollar_dollar,
  am_dollar_end_of_table,
  am_dollar_underscore,
  am_false,
  am_true,
  am_underscore,
  am_table_type,
} from '../gen/atoms';
import { BIF_etsMatchSpecRunR3 } from '../gen/bifs';
import { hAlloc, memoryExhausted } from '../heap';
import { releaseResource } from '../off_heap';
import { setX } from '../registers';
import { resourceOf, resourceTerm } from '../resource';
import { budget, chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isList,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import { TYPE_BAG, TYPE_ORDERED_SET, T_COUNT, T_FIXES, T_KEYPOS, T_TYPE } from '../ets/layout';
import { FOR_TABLE, WRONG_MEMORY, compileProgram, keepsKeys, wrong } from '../ets/match_compile';
import { destroyProgram } from '../ets/match_program';
import { prepareRun, runExhausted, runProgram } from '../ets/match_run';
import { clearTable, readableTable, writableTable } from '../ets/registry';
import {
  SCAN_BINARIES,
  SCAN_CHUNKS,
  SCAN_COLLECT,
  SCAN_COUNT,
  SCAN_DELETE,
  SCAN_GONE,
  SCAN_REPLACE,
  SCAN_REVERSE,
  continueScan,
  resumeScan,
  startScan,
} from '../ets/scan';

/** [{Pattern, [], [Result]}]: what a plain pattern stands for. */
function specOf(pattern: u64, result: u64): u64 {
  const body = makeCons(hAlloc(2), result, NIL);
  const at = hAlloc(4);
  store<u64>(at, headerOf(SUB_TUPLE, 3));
  store<u64>(at, pattern, 8);
  store<u64>(at, NIL, 16);
  store<u64>(at, body, 24);
  return makeCons(hAlloc(2), boxedOf(at), NIL);
}

/**
 * Compile, scan, forget the program (a trapped scan holds on to it). `nothing` is the result when
 * there are no clauses.
 */
function scanFor(tab: u64, table: usize, spec: u64, how: u32, chunk: i64, nothing: u64): u64 {
  if (!table) return badTable(tab);
  if (spec == NIL) return nothing;
  const program = compileProgram(spec, FOR_TABLE);
  if (!program) return wrong == WRONG_MEMORY ? outOfMemory() : badEtsArgument();
  if (how == SCAN_REPLACE && !keepsKeys(program, load<u32>(table, T_KEYPOS))) {
    releaseResource(program);
    return badEtsArgument();
  }
  const result = startScan(table, program, how, chunk);
  releaseResource(program);
  return result;
}
/** {Address, Bytes, References} of each binary beyond 64 bytes that objects of the table have. */
export function binariesOf(tab: u64, table: usize): u64 {
  // Marked objects of a table that is not fixed only wait for their turn to be freed.
  const how = SCAN_BINARIES | (load<u32>(table, T_FIXES) ? SCAN_GONE : 0);
  return scanFor(tab, table, specOf(am_underscore, am_true), how, 0, NIL);
}
/** The same in chunks of `limit` results. */
function chunksFor(tab: u64, spec: u64, limit: u64, reverse: bool): u64 {
  const table = readableTable(tab);
  if (!table) return badTable(tab);
  if (!isSmall(limit) || smallValue(limit) < 1) return badEtsArgument();
  const how = SCAN_COLLECT | SCAN_CHUNKS | (reverse ? SCAN_REVERSE : 0);
  return scanFor(tab, table, spec, how, smallValue(limit), am_dollar_end_of_table);
}

// ---- select and match

// bif: ets:select/2
export function etsSelect2(tab: u64, spec: u64): u64 {
  return scanFor(tab, readableTable(tab), spec, SCAN_COLLECT, 0, NIL);
}

// bif: ets:select_reverse/2
export function etsSelectReverse2(tab: u64, spec: u64): u64 {
  return scanFor(tab, readableTable(tab), spec, SCAN_COLLECT | SCAN_REVERSE, 0, NIL);
}

// bif: ets:select/3
export function etsSelect3(tab: u64, spec: u64, limit: u64): u64 {
  return chunksFor(tab, spec, limit, false);
}

// bif: ets:select_reverse/3
export function etsSelectReverse3(tab: u64, spec: u64, limit: u64): u64 {
  return chunksFor(tab, spec, limit, true);
}

// bif: ets:match/2
export function etsMatch2(tab: u64, pattern: u64): u64 {
  return etsSelect2(tab, specOf(pattern, am_dollar_dollar));
}

// bif: ets:match/3
export function etsMatch3(tab: u64, pattern: u64, limit: u64): u64 {
  return chunksFor(tab, specOf(pattern, am_dollar_dollar), limit, false);
}

// bif: ets:match_object/2
export function etsMatchObject2(tab: u64, pattern: u64): u64 {
  return etsSelect2(tab, specOf(pattern, am_dollar_underscore));
}

// bif: ets:match_object/3
export function etsMatchObject3(tab: u64, pattern: u64, limit: u64): u64 {
  return chunksFor(tab, specOf(pattern, am_dollar_underscore), limit, false);
}

/**
 * Continuations: the forms are drawn in vm/ets/scan.ts. Every part is checked, since anybody can
 * make such a tuple.
 */
// bif: ets:select/1
// bif: ets:select_reverse/1
// bif: ets:match/1
// bif: ets:match_object/1
export function etsSelect1(continuation: u64): u64 {
  if (continuation == am_dollar_end_of_table) return am_dollar_end_of_table;
  if (!isTuple(continuation)) return badEtsArgument();
  const arity = tupleArity(continuation);
  if (arity != 6 && arity != 8) return badEtsArgument();
  const ordered = arity == 8;
  const table = readableTable(tupleElement(continuation, 1));
  const chunk = tupleElement(continuation, ordered ? 4 : 3);
  const program = resourceOf(tupleElement(continuation, ordered ? 5 : 4), destroyProgram.index);
  const leftover = tupleElement(continuation, ordered ? 6 : 5);
  const position = tupleElement(continuation, 2);
  if (!table) return badTable(tupleElement(continuation, 1));
  if (!program || !isSmall(chunk) || smallValue(chunk) < 1) return badEtsArgument();
  if (ordered != (load<u32>(table, T_TYPE) == TYPE_ORDERED_SET)) return badEtsArgument();
  if (!ordered && (!isSmall(position) || smallValue(position) < 0)) return badEtsArgument();
  let rest = leftover;
  while (isList(rest)) rest = tail(rest);
  if (rest != NIL) return badEtsArgument();
  const reverse = ordered && tupleElement(continuation, 7) == smallOf(1);
  return resumeScan(table, program, reverse, smallValue(chunk), leftover, position);
}

// bif: vbeam_internal:ets_scan/6
export function etsScan6(
  tab: u64,
  program: u64,
  position: u64,
  how: u64,
  sofar: u64,
  number: u64,
): u64 {
  return continueScan(tab, program, position, how, sofar, number);
}

// ---- counting, deleting, replacing

// bif: ets:select_count/2
export function etsSelectCount2(tab: u64, spec: u64): u64 {
  return scanFor(tab, readableTable(tab), spec, SCAN_COUNT, 0, smallOf(0));
}

// bif: ets:internal_select_delete/2
export function etsInternalSelectDelete2(tab: u64, spec: u64): u64 {
  return scanFor(tab, writableTable(tab), spec, SCAN_DELETE, 0, smallOf(0));
}

// bif: ets:select_replace/2
export function etsSelectReplace2(tab: u64, spec: u64): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  if (load<u32>(table, T_TYPE) == TYPE_BAG) return badEtsArgumentBecause(am_table_type);
  return scanFor(tab, table, spec, SCAN_REPLACE, 0, smallOf(0));
}

// bif: ets:internal_delete_all/2
export function etsInternalDeleteAll2(tab: u64, sofar: u64): u64 {
  const table = writableTable(tab);
  if (!table) return badTable(tab);
  if (load<u32>(table, T_FIXES))
    return etsInternalSelectDelete2(tab, specOf(am_underscore, am_true));
  const count = load<u32>(table, T_COUNT);
  if (!clearTable(table)) return outOfMemory();
  return smallOf(count as i64);
}

// ---- compiled specifications on lists

// bif: ets:match_spec_compile/1
export function etsMatchSpecCompile1(spec: u64): u64 {
  const program = compileProgram(spec, FOR_TABLE);
  if (!program) return wrong == WRONG_MEMORY ? outOfMemory() : badEtsArgument();
  const term = resourceTerm(program);
  releaseResource(program);
  return term;
}

// bif: ets:is_compiled_ms/1
export function etsIsCompiledMs1(t: u64): u64 {
  return resourceOf(t, destroyProgram.index) ? am_true : am_false;
}

// bif: ets:match_spec_run_r/3
export function etsMatchSpecRunR3(objects: u64, compiled: u64, sofar: u64): u64 {
  const program = resourceOf(compiled, destroyProgram.index);
  if (!program) return badEtsArgument();
  if (!prepareRun(program)) return outOfMemory();
  const limit = (budget() >> 2) + 1;
  let rest = objects;
  let list = sofar;
  let count = 0;
  for (; count < limit && isList(rest); count++) {
    const result = runProgram(program, head(rest), false);
    if (runExhausted) return NONE;
    if (result) list = makeCons(hAlloc(2), result, list);
    if (memoryExhausted) return outOfMemory();
    rest = tail(rest);
  }
  chargeReductions(count << 2);
  if (rest == NIL) return list;
  if (!isList(rest)) return badEtsArgument();
  setX(0, rest);
  setX(1, compiled);
  setX(2, list);
  return trapTo(BIF_etsMatchSpecRunR3, 3);
}

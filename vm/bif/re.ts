/**
 * The native part of module re: compile, run, inspect, version. What re:run does with option
 * global, and with Unicode strings, is Erlang code in OTP's module (grun, urun, ucompile). The
 * engine is in vm/re/.
 */
import {
  alignedBinary,
  bitOffset,
  subBinary,
  binaryData,
  byteSize,
  newBinary,
  binaryOf,
} from '../binary';
import { exportEntry } from '../code';
import { CLASS_ERROR, badarg, failWithInfo, outOfMemory, trapTo, trapToExport } from '../errors';
import {
  am_badarg,
  am_badopt,
  am_cause,
  am_compile,
  am_erl_stdlib_errors,
  am_error,
  am_false,
  am_grun,
  am_list,
  am_match_limit,
  am_match_limit_recursion,
  am_module,
  am_namelist,
  am_nomatch,
  am_ok,
  am_re,
  am_re_pattern,
  am_true,
  am_ucompile,
  am_urun,
} from '../gen/atoms';
import { BIF_reGather, BIF_reRunMore } from '../gen/bifs';
import { hAlloc } from '../heap';
import {
  CURSOR_DONE,
  CURSOR_MORE,
  closeCursor,
  countBits,
  cursorBits,
  fill,
  iolistBytes,
  iolistCopy,
  startCursor,
} from '../iolist';
import { emptyMap, mapPut } from '../maps';
import { COMPILED_HEADER, isCompiled, programFor, releaseProgram, sealCompiled } from '../re/cache';
import { makeSpec, specExhausted } from '../re/captures';
import * as S from '../re/match_state';
import * as A from '../re/options';
import * as P from '../re/pattern';
import * as O from '../re/program';
import { errorOf, limitOf, matchOf, pairOf } from '../re/results';
import * as R from '../re/run';
import { setX } from '../registers';
import { chargeCursor, slice, suspend as suspendCursor } from './iolist';
import { newResource, resourceOf, resourceTerm } from '../resource';
import { budget, chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isBinary,
  isBitstring,
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

/** Reductions that one step of the matcher costs, and bytes of a pattern that one buys. */
const REDUCTIONS_PER_STEP: i32 = 4;
const STEPS_MIN: i32 = 64;
const PATTERN_BYTES_PER_REDUCTION_BITS: u32 = 2;

function badOption(): u64 {
  const info = mapPut(emptyMap(), am_module, am_erl_stdlib_errors);
  return failWithInfo(CLASS_ERROR, am_badarg, mapPut(info, am_cause, am_badopt));
}

// ---- compiling

/** The text of a pattern in a binary of the form of compiled ones, without its header yet. */
function patternText(pattern: u64): u64 {
  if (!isBitstring(pattern) && !isList(pattern) && pattern != NIL) return badarg();
  const bytes = iolistBytes(pattern);
  if (bytes < 0) return bytes == -2 ? outOfMemory() : badarg();
  if (bytes > 0x7fff_0000) return outOfMemory();
  const made = newBinary((bytes as u32) + COMPILED_HEADER);
  if (made == NONE) return NONE;
  if (!iolistCopy(pattern, binaryData(made) + COMPILED_HEADER)) return outOfMemory();
  chargeReductions((bytes >> PATTERN_BYTES_PER_REDUCTION_BITS) as i32);
  return made;
}
/** The program for such a binary and options; 0 when the pattern is wrong. */
function programOf(compiled: u64, options: u32): usize {
  const data = binaryData(compiled);
  const bytes = byteSize(compiled) - COMPILED_HEADER;
  const program = programFor(data + COMPILED_HEADER, bytes, options);
  if (program) sealCompiled(data, options, bytes);
  return program;
}
/** {re_pattern, Captures, Unicode, UseCrlf, Compiled} */
function patternTuple(program: usize, compiled: u64): u64 {
  const at = hAlloc(6);
  const newline = P.newlineOf(load<u32>(program, O.P_OPTIONS));
  const mayBeTwo = newline >= P.NEWLINE_CRLF;
  store<u64>(at, headerOf(SUB_TUPLE, 5));
  store<u64>(at, am_re_pattern, 8);
  store<u64>(at, smallOf(load<u32>(program, O.P_CAPTURES) as i64), 16);
  store<u64>(at, smallOf(A.isUnicode ? 1 : 0), 24);
  store<u64>(at, smallOf(mayBeTwo ? 1 : 0), 32);
  store<u64>(at, compiled, 40);
  return boxedOf(at);
}
function compile(pattern: u64, options: u64): u64 {
  if (!A.parseOptions(options) || A.onlyRun) return badOption();
  if (A.isUnicode && !isBitstring(pattern)) {
    setX(0, pattern);
    setX(1, options);
    return trapToExport(exportEntry(am_re, am_ucompile, 2), 2);
  }
  const compiled = patternText(pattern);
  if (compiled == NONE) return NONE;
  const program = programOf(compiled, A.compileOptions);
  if (program) {
    const result = pairOf(am_ok, patternTuple(program, compiled));
    releaseProgram(program);
    return result;
  }
  if (P.exhausted) return outOfMemory();
  return pairOf(am_error, errorOf(P.error, P.errorPlace));
}

// bif: re:version/0
export function reVersion0(): u64 {
  return binaryOf(VERSION, 10);
}
/**
 * "8.44 VBEAM": not OTP's own text, so that whoever stored a pattern that OTP compiled
 * (Elixir does, in its .beam files) compiles it again.
 */
const VERSION: usize = memory.data<u8>([56, 46, 52, 52, 32, 86, 66, 69, 65, 77]);

// bif: re:compile/1
export function reCompile1(pattern: u64): u64 {
  return compile(pattern, NIL);
}

// bif: re:compile/2
export function reCompile2(pattern: u64, options: u64): u64 {
  return compile(pattern, options);
}

// ---- compiled patterns

/** The fifth element of a pattern's tuple; NONE when the tuple is none. */
function compiledOf(t: u64): u64 {
  if (!isTuple(t) || tupleArity(t) != 5 || tupleElement(t, 1) != am_re_pattern) return NONE;
  for (let i: u32 = 2; i < 5; i++) if (!isSmall(tupleElement(t, i))) return NONE;
  const compiled = tupleElement(t, 5);
  if (!isBinary(compiled)) return NONE;
  const aligned = alignedBinary(compiled);
  if (aligned == NONE) return NONE;
  return isCompiled(binaryData(aligned), byteSize(aligned)) ? aligned : NONE;
}
/** Its program; 0 when what is compiled there is wrong, or without memory. */
function programOfTuple(t: u64): usize {
  const compiled = compiledOf(t);
  if (compiled == NONE) return 0;
  const data = binaryData(compiled);
  const bytes = byteSize(compiled) - COMPILED_HEADER;
  return programFor(data + COMPILED_HEADER, bytes, load<u32>(data, 8));
}

// bif: re:inspect/2
export function reInspect2(pattern: u64, item: u64): u64 {
  const program = programOfTuple(pattern);
  if (!program) return badarg();
  if (item != am_namelist) {
    releaseProgram(program);
    return badarg();
  }
  const differ = (load<u32>(program, O.P_OPTIONS) & P.DUPNAMES) != 0;
  let names = NIL;
  let last: usize = 0;
  for (let i = load<u32>(program, O.P_NAME_COUNT); i; i--) {
    const entry = program + load<u32>(program, O.P_NAMES) + (i - 1) * O.NAME_ENTRY_BYTES;
    const same =
      differ &&
      last != 0 &&
      load<u32>(last, O.NAME_LENGTH) == load<u32>(entry, O.NAME_LENGTH) &&
      !memory.compare(last + O.NAME_TEXT, entry + O.NAME_TEXT, load<u32>(entry, O.NAME_LENGTH));
    last = entry;
    if (same) continue;
    const name = binaryOf(entry + O.NAME_TEXT, load<u32>(entry, O.NAME_LENGTH));
    names = makeCons(hAlloc(2), name, names);
  }
  releaseProgram(program);
  return pairOf(am_namelist, names);
}

// ---- running

function trapToErlang(name: u64, subject: u64, pattern: u64, options: u64): u64 {
  setX(0, subject);
  setX(1, pattern);
  setX(2, options);
  return trapToExport(exportEntry(am_re, name, 3), 3);
}
/** OTP's module turns strings into binaries, and the other way round. */
function wantsConversion(subject: u64): bool {
  if (!isBitstring(subject)) return true;
  return A.captureType == am_list && !A.isGlobal;
}
/** {Options, CompileOptionsAmongThem} or the same with the source, for re:grun/3. */
function globalOptions(options: u64, flag: u64, source: u64): u64 {
  if (source == NONE) return pairOf(options, flag);
  const at = hAlloc(4);
  store<u64>(at, headerOf(SUB_TUPLE, 3));
  store<u64>(at, options, 8);
  store<u64>(at, flag, 16);
  store<u64>(at, source, 24);
  return boxedOf(at);
}

function run(subject: u64, pattern: u64, options: u64, isFirst: bool): u64 {
  if (!A.parseOptions(options)) return badOption();
  if (isTuple(pattern) && tupleArity(pattern) == 5)
    return runCompiled(subject, pattern, options, isFirst);
  if (!isBitstring(pattern) && !isList(pattern) && pattern != NIL) return badarg();
  if (A.isUnicode && (!isBitstring(pattern) || wantsConversion(subject)))
    return trapToErlang(am_urun, subject, pattern, options);
  if (!A.isGlobal && isLong(subject)) return gatherFirst(subject, pattern, options, isFirst);
  const compiled = patternText(pattern);
  if (compiled == NONE) return NONE;
  const program = programOf(compiled, A.compileOptions);
  if (!program) {
    if (P.exhausted) return outOfMemory();
    if (!A.reportErrors) return badarg();
    return pairOf(am_error, pairOf(am_compile, errorOf(P.error, P.errorPlace)));
  }
  if (!A.isGlobal) return start(program, subject, isFirst);
  const tuple = patternTuple(program, compiled);
  releaseProgram(program);
  const flag = A.onlyCompile ? am_true : am_false;
  return trapToErlang(am_grun, subject, tuple, globalOptions(options, flag, pattern));
}
function runCompiled(subject: u64, pattern: u64, options: u64, isFirst: bool): u64 {
  if (A.onlyCompile || compiledOf(pattern) == NONE) return badarg();
  if (smallValue(tupleElement(pattern, 3)) && wantsConversion(subject))
    return trapToErlang(am_urun, subject, pattern, options);
  if (A.isGlobal)
    return trapToErlang(am_grun, subject, pattern, globalOptions(options, am_false, NONE));
  if (isLong(subject)) return gatherFirst(subject, pattern, options, isFirst);
  const program = programOfTuple(pattern);
  if (!program) return P.exhausted ? outOfMemory() : badarg();
  return start(program, subject, isFirst);
}
/** The options for this run: those of the program, unless others are given. */
function optionsFor(program: usize): u32 {
  let options = load<u32>(program, O.P_OPTIONS);
  if (A.runOptions & P.NEWLINE_MASK)
    options = (options & ~P.NEWLINE_MASK) | (A.runOptions & P.NEWLINE_MASK);
  if (A.runOptions & P.BSR_MASK) options = (options & ~P.BSR_MASK) | (A.runOptions & P.BSR_MASK);
  return options;
}
function start(program: usize, subject: u64, isFirst: bool): u64 {
  let spec: usize = 0;
  if (A.captureValues) {
    spec = makeSpec(A.captureValues, A.captureType, program);
    if (!spec) {
      releaseProgram(program);
      return specExhausted ? outOfMemory() : badarg();
    }
  }
  const options = optionsFor(program);
  const state = R.startRun(
    program,
    spec,
    subject,
    A.startOffset,
    options,
    A.runFlags,
    !isFirst,
    A.reportErrors,
  );
  if (state != S.RUNNING) return state == R.BAD_SUBJECT ? badarg() : outOfMemory();
  S.setLimits(A.matchLimit, A.depthLimit);
  return runSlice(subject, 0);
}

/** Run for the rest of the time slice. `held` is the resource of a run that goes on. */
function runSlice(subject: u64, held: usize): u64 {
  const steps = max(budget() / REDUCTIONS_PER_STEP, STEPS_MIN);
  const state = R.continueRun(steps);
  const used = state == S.RUNNING ? steps : steps - max(S.steps, 0);
  chargeReductions(min(used, steps) * REDUCTIONS_PER_STEP + 1);
  if (state == S.RUNNING) return suspend(subject, held);
  const result = resultOf(state, subject);
  R.endRun();
  return result;
}
function suspend(subject: u64, held: usize): u64 {
  const resource = held ? held : newResource(R.dropRun.index, R.RUN_BYTES);
  if (!resource) {
    R.endRun();
    return outOfMemory();
  }
  const reference = resourceTerm(resource);
  R.saveRun(resource);
  setX(0, subject);
  setX(1, reference);
  return trapTo(BIF_reRunMore, 2);
}
function resultOf(state: u32, subject: u64): u64 {
  if (state == S.MATCHED) return matchOf(R.runSpec, subject, load<u32>(S.program, O.P_CAPTURES));
  if (state == S.MATCH_LIMIT) return limitOf(am_match_limit, R.runReports);
  if (state == S.DEPTH_LIMIT) return limitOf(am_match_limit_recursion, R.runReports);
  if (state == R.BAD_SUBJECT) return badarg();
  return state == S.NO_MEMORY ? outOfMemory() : am_nomatch;
}

// ---- subjects that are long lists become binaries first, in slices

const STEPS_AT_ONCE: i32 = 4096;
const PART_BYTES: u32 = 65536;

function isLong(subject: u64): bool {
  if (!isList(subject)) return false;
  startCursor(subject, false);
  const state = countBits(STEPS_AT_ONCE);
  closeCursor();
  return state == CURSOR_MORE;
}
/** The arguments of run behind the subject, in one term. */
function gatherFirst(subject: u64, pattern: u64, options: u64, isFirst: bool): u64 {
  const call = pairOf(pattern, pairOf(options, isFirst ? am_true : am_false));
  setX(0, subject);
  setX(1, NIL);
  setX(2, call);
  return trapTo(BIF_reGather, 3);
}
/** Go on: what is left of the subject, binaries made of it (the last one first), the call. */
// bif: vbeam_internal:re_gather/3
export function reGather(rest: u64, parts: u64, call: u64): u64 {
  startCursor(rest, false);
  const part = newBinary(PART_BYTES);
  if (part == NONE) {
    closeCursor();
    return NONE;
  }
  const state = fill(binaryData(part), 0, (PART_BYTES as u64) << 3, slice());
  chargeCursor();
  const made = makeCons(hAlloc(2), subBinary(part, 0, cursorBits), parts);
  if (state != CURSOR_DONE) return suspendCursor(state, BIF_reGather, made, call);
  closeCursor();
  const subject = joined(made);
  const isCall = isTuple(call) && tupleArity(call) == 2 && isTuple(tupleElement(call, 2));
  if (subject == NONE || !isCall) return subject == NONE ? NONE : badarg();
  const options = tupleElement(call, 2);
  const isFirst = tupleElement(options, 2) == am_true;
  return run(subject, tupleElement(call, 1), tupleElement(options, 1), isFirst);
}
/** One binary of the binaries in a list, the last one first. */
function joined(parts: u64): u64 {
  let bytes: u64 = 0;
  for (let part = parts; isList(part); part = tail(part)) {
    if (!isBinary(head(part)) || bitOffset(head(part))) return badarg();
    bytes += byteSize(head(part));
  }
  if (bytes > 0x7fff_0000) return outOfMemory();
  const whole = newBinary(bytes as u32);
  if (whole == NONE) return NONE;
  let end = binaryData(whole) + (bytes as u32);
  for (let part = parts; isList(part); part = tail(part)) {
    end -= byteSize(head(part));
    memory.copy(end, binaryData(head(part)), byteSize(head(part)));
  }
  return whole;
}

// bif: vbeam_internal:re_run_more/2
export function reRunMore(subject: u64, reference: u64): u64 {
  const resource = resourceOf(reference, R.dropRun.index);
  if (!resource || !R.restoreRun(resource)) return badarg();
  return runSlice(subject, resource);
}

// bif: re:run/2
export function reRun2(subject: u64, pattern: u64): u64 {
  return run(subject, pattern, NIL, true);
}

// bif: re:run/3
export function reRun3(subject: u64, pattern: u64, options: u64): u64 {
  return run(subject, pattern, options, true);
}

// bif: re:internal_run/4
export function reInternalRun4(subject: u64, pattern: u64, options: u64, first: u64): u64 {
  if (first != am_true && first != am_false) return badarg();
  return run(subject, pattern, options, first == am_true);
}

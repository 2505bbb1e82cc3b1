/**
 * Stack traces as lists of {Module, Function, Arity | Arguments, Location}; Location is [{file,
 * String}, {line, Line}] or [].
 */
import { atomLength, atomText } from './atoms';
import { E_ARITY, E_FUNCTION, E_MODULE, E_STUB } from './code';
import {
  am_erlang,
  am_hibernate,
  am_error_info,
  am_file,
  am_line,
  am_undefined,
  am_vbeam_internal,
} from './gen/atoms';
import {
  P_FLAGS,
  P_INITIAL_ARITY,
  P_INITIAL_FUNCTION,
  P_INITIAL_MODULE,
  P_CP,
  P_HEAP_END,
  P_PC,
  P_STACK_TOP,
  P_TRAPPED_CALL,
  P_TRAPPED_ENTRY,
} from './gen/layout';
import { OP_bif_stub, OP_i_trace } from './gen/opcodes';
import { hAlloc } from './heap';
import { functionAt, locationAt, locationFile, locationFileLength, locationLine } from './modules';
import { calledFrom } from './interp';
import { FLAG_HIBERNATING } from './process';
import { readUtf8, utfBytes, utfCharacter } from './unicode';
import { current } from './state';
import { tuple2, tuple3, tuple4 } from './signals';
import {
  NIL,
  NONE,
  head,
  isAtom,
  isList,
  isSmall,
  isTuple,
  makeCons,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from './term';
import { tracedBifAt } from './trace/breakpoints';

function cons(first: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), first, rest);
}

/**
 * Bytes of Latin-1 or UTF-8 text as a list of their codes (file names are ASCII in practice),
 * followed by `rest`.
 */
function bytesAsList(text: usize, length: u32, rest: u64): u64 {
  let list = rest;
  for (let i = length; i > 0; i--) list = cons(smallOf(load<u8>(text + i - 1) as i64), list);
  return list;
}

/** [{file, "name.erl"}, {line, Line}] of a code address inside the instruction, or []. */
function locationOf(pc: usize, module: u64): u64 {
  if (!locationAt(pc)) return NIL;
  const line = locationLine;
  let name = NIL;
  if (locationFileLength) name = fileName(locationFile, locationFileLength);
  else {
    for (let i: u32 = 4; i > 0; i--) name = cons(smallOf(load<u8>(suffix + i - 1) as i64), name);
    name = bytesAsList(atomText(module), atomLength(module), name);
  }
  return cons(tuple2(am_file, name), cons(tuple2(am_line, smallOf(line as i64)), NIL));
}
/** The name of a file as the compiler has noted it: UTF-8, or bytes when it is none. */
function fileName(from: usize, length: u32): u64 {
  let bits: u64 = 0;
  let last: usize = 0;
  let list = NIL;
  const end = (length as u64) << 3;
  while (bits < end) {
    const read = readUtf8(from, bits, end - bits);
    if (!utfBytes(read)) return bytesAsList(from, length, NIL);
    const at = hAlloc(2);
    const cell = makeCons(at, smallOf(utfCharacter(read) as i64), NIL);
    if (last) store<u64>(last, cell, 8);
    else list = cell;
    last = at;
    bits += (utfBytes(read) as u64) << 3;
  }
  return list;
}
const suffix: usize = memory.data<u8>([46, 101, 114, 108]);

/** {FileName, Line} of a code address of `module`, or undefined. */
export function placeOfAddress(pc: usize, module: u64): u64 {
  const location = locationOf(pc, module);
  if (location == NIL) return am_undefined;
  return tuple2(tupleElement(head(location), 2), tupleElement(head(tail(location)), 2));
}

/** The entry of a code address, or NIL when it is in no function. */
export function entryOf(pc: usize): u64 {
  const info = functionAt(pc);
  if (!info) return NIL;
  const module = load<u32>(info, 4) as u64;
  return tuple4(
    module,
    load<u32>(info, 8) as u64,
    smallOf(load<u32>(info, 12) as i64),
    locationOf(pc, module),
  );
}

/**
 * Code that no compiler made can hand any tuple to `raise`: it is a raw trace only if it looks like
 * one.
 */
export function isRawTrace(trace: u64): bool {
  const arity = tupleArity(trace);
  if (arity < 3) return false;
  const first = tupleElement(trace, 2);
  if (isTuple(first)) {
    const words = tupleArity(first);
    if (words < 3 || !isAtom(tupleElement(first, 1))) return false;
    if (words == 4 && !isSmall(tupleElement(first, 4))) return false;
  } else if (!isSmall(first)) return false;
  for (let i: u32 = 4; i <= arity; i++) if (!isSmall(tupleElement(trace, i))) return false;
  return true;
}

/** `list`, a location of at most two items, with one more at its end. */
function append(list: u64, item: u64): u64 {
  const end = cons(item, NIL);
  if (!isList(list)) return end;
  const rest = tail(list);
  return cons(head(list), isList(rest) ? cons(head(rest), end) : end);
}

/** The list form of a raw trace (ops/exceptions.ts). */
export function stackTraceOf(trace: u64): u64 {
  if (tupleArity(trace) == 2 && (isList(tupleElement(trace, 2)) || tupleElement(trace, 2) == NIL))
    return tupleElement(trace, 2);
  if (!isRawTrace(trace)) return NIL;
  const first = tupleElement(trace, 2);
  const info = tupleElement(trace, 3);
  let list = NIL;
  for (let i = tupleArity(trace); i > 3; i--) {
    // The first address is the instruction itself when a BIF raised; the others are return
    // addresses, which lie behind their call.
    const address = smallValue(tupleElement(trace, i)) as usize;
    const entry = entryOf(
      i == 4 && isTuple(first) && tupleArity(first) == 3 ? address : address - 4,
    );
    if (entry != NIL) list = cons(entry, list);
  }
  const entry = isSmall(first) ? entryOf(smallValue(first) as usize) : entryWithArguments(first);
  if (entry == NIL) return list;
  return cons(info == NIL ? entry : withInfo(entry, info), list);
}

/** The entry for {M, F, Arguments} or {M, F, Arguments, CodeAddress}. */
function entryWithArguments(first: u64): u64 {
  const module = tupleElement(first, 1);
  const location =
    tupleArity(first) == 4 ? locationOf(smallValue(tupleElement(first, 4)) as usize, module) : NIL;
  return tuple4(module, tupleElement(first, 2), tupleElement(first, 3), location);
}

/** The entry with {error_info, Info} at the end of its location. */
function withInfo(entry: u64, info: u64): u64 {
  return tuple4(
    tupleElement(entry, 1),
    tupleElement(entry, 2),
    tupleElement(entry, 3),
    append(tupleElement(entry, 4), tuple2(am_error_info, info)),
  );
}

/** Entries of a stack trace at most (erlang:system_flag(backtrace_depth, _)). */
export let backtraceDepth: u32 = 8;
const backtraceDepthMax: u32 = 64;
/** Returns the depth until now. */
export function setBacktraceDepth(depth: i64): u32 {
  const before = backtraceDepth;
  backtraceDepth = min(depth, backtraceDepthMax as i64) as u32;
  return before;
}

/** Where a process that does not run stands now. */
function placeOf(process: usize): usize {
  return load<u32>(process, P_PC);
}

/**
 * The export entry of the BIF in which a process at rest stands, 0 when it stands in none. What a
 * BIF has trapped to stands for that BIF.
 */
function bifOf(process: usize): usize {
  const pc = placeOf(process);
  if (!pc || functionAt(pc)) return 0;
  const opcode = load<u32>(pc);
  let entry: usize = 0;
  if (opcode == OP_bif_stub) entry = pc - E_STUB;
  else if (opcode == OP_i_trace) entry = tracedBifAt(pc);
  if (!entry || load<u64>(entry, E_MODULE) != am_vbeam_internal) return entry;
  return load<u64>(process, P_TRAPPED_CALL) ? load<u32>(process, P_TRAPPED_ENTRY) : 0;
}
/** {M, F, A} of an export entry. */
function functionOfEntry(entry: usize): u64 {
  const arity = smallOf(load<u32>(entry, E_ARITY) as i64);
  return tuple3(load<u64>(entry, E_MODULE), load<u64>(entry, E_FUNCTION), arity);
}

/**
 * {M, F, A} of the function in which a process at rest stands, or that it was started with; NONE
 * when it has neither.
 */
export function functionOf(process: usize): u64 {
  const bif = bifOf(process);
  if (bif) return functionOfEntry(bif);
  let info = functionAt(placeOf(process));
  if (!info && load<u64>(process, P_CP)) info = functionAt((load<u64>(process, P_CP) as usize) - 4);
  if (info) {
    const arity = smallOf(load<u32>(info, 12) as i64);
    return tuple3(load<u32>(info, 4) as u64, load<u32>(info, 8) as u64, arity);
  }
  const module = load<u64>(process, P_INITIAL_MODULE);
  if (!module) return NONE;
  const arity = smallOf(load<u32>(process, P_INITIAL_ARITY) as i64);
  return tuple3(module, load<u64>(process, P_INITIAL_FUNCTION), arity);
}

function hibernates(process: usize): bool {
  return (load<u32>(process, P_FLAGS) & FLAG_HIBERNATING) != 0;
}
/** The entry of a stack trace for a BIF. */
function entryOfBif(entry: usize): u64 {
  const place = functionOfEntry(entry);
  return tuple4(tupleElement(place, 1), tupleElement(place, 2), tupleElement(place, 3), NIL);
}
/** The entry of a process that is about to apply a function: at its start, or in hibernation. */
function beginning(process: usize): u64 {
  if (hibernates(process)) return tuple4(am_erlang, am_hibernate, smallOf(3), NIL);
  const module = load<u64>(process, P_INITIAL_MODULE);
  const arity = smallOf(load<u32>(process, P_INITIAL_ARITY) as i64);
  return module ? tuple4(module, load<u64>(process, P_INITIAL_FUNCTION), arity, NIL) : NIL;
}

/** {M, F, A, Location} of where a process is, or NIL. */
export function currentLocation(process: usize): u64 {
  if (process != current) {
    const bif = hibernates(process) ? 0 : bifOf(process);
    if (bif) return entryOfBif(bif);
    const entry = entryOf(placeOf(process));
    return entry == NIL ? beginning(process) : entry;
  }
  const entries = stackTraceOfProcess(process);
  return isList(entries) ? load<u64>((entries as u32) - 1) : NIL;
}

/**
 * The stack trace of a process at rest, or of the running one, from the call on that asks
 * for it; as long as that of an exception.
 */
export function stackTraceOfProcess(process: usize): u64 {
  const limit = load<u32>(process, P_HEAP_END) as usize;
  const addresses: usize = scratch;
  const depth = max(backtraceDepth, 1);
  let count: u32 = 0;
  let last: u64 = 0;
  const place = process == current ? calledFrom : placeOf(process);
  if (process != current || functionAt(place))
    store<u32>(addresses + (count++ << 2), (place as u32) + 4);
  const first = load<u64>(process, P_CP);
  if (first && count < depth) {
    last = first;
    store<u32>(addresses + (count++ << 2), first as u32);
  }
  for (let at = load<u32>(process, P_STACK_TOP) as usize; at < limit && count < depth; at += 8) {
    const word = load<u64>(at);
    if ((word & 3) != 0 || word == 0 || word == last) continue;
    last = word;
    store<u32>(addresses + (count++ << 2), word as u32);
  }
  let list = NIL;
  for (let i = count; i > 0; i--) {
    const entry = entryOf((load<u32>(addresses + ((i - 1) << 2)) as usize) - 4);
    if (entry != NIL) list = cons(entry, list);
  }
  const bif = process == current || hibernates(process) ? 0 : bifOf(process);
  return bif ? cons(entryOfBif(bif), list) : list;
}
/** One u32 an entry. */
const scratch: usize = memory.data(4 * 64, 8);

/**
 * Breakpoints: what is to happen when a function is called. Code that nobody traces has none, and
 * runs as if there were no tracing.
 *
 * A local breakpoint replaces the opcode of a function's first instruction by `i_trace`; the
 * operands stay. When it is hit, the old opcode is put back ("disarmed"), the instruction runs, and
 * the doorbell is rung, so that the next call puts the breakpoint in again (passSafePoint). Between
 * the two the function cannot be called, since every call looks at the doorbell.
 *
 * An exported function that is traced globally, or a BIF, has its breakpoint in the export entry,
 * which leads to instructions inside the breakpoint record:
 *
 *   stub:  | arity | i_trace | record |      tell about the call
 *   again: | arity | i_trace | record + 1 |  run the BIF
 *
 * These records are never freed: a process may be about to run what is in them.
 */
import { allocateZeroed, release } from '../alloc';
import {
  E_ADDRESS,
  E_ARITY,
  E_BIF,
  E_CALL_BIF,
  E_FUNCTION,
  E_MODULE,
  FUNC_INFO_BYTES,
} from '../code';
import { LINEAR_DOORBELL, P_FLAGS } from '../gen/layout';
import { OP_i_trace } from '../gen/opcodes';
import { releaseResource, retainObject } from '../off_heap';
import { FLAG_PAST_BREAKPOINT } from '../process';
import { TABLE_BYTES, chainOf, initTable, tableInsert, tableRemove } from '../refs';
import { ringsForCalls, watchCalls } from '../saved_calls';
import { current } from '../state';

const B_KEY: u32 = 0;
const B_CHAIN: u32 = 8;
export const B_KINDS: u32 = 12;
/** The opcode, the address, or the BIF (index + 1) that the breakpoint took the place of. */
export const B_ORIGINAL: u32 = 16;
/** Address of `stub`, where an export entry has its address: traps may go to a record. */
const B_ADDRESS: u32 = 20;
const B_STUB: u32 = 24;
const B_AGAIN: u32 = 36;
/** Export entry, 0 for a local breakpoint. */
export const B_EXPORT: u32 = 48;
export const B_ARITY: u32 = 52;
export const B_MODULE: u32 = 56;
export const B_FUNCTION: u32 = 60;
/** Match specifications (resources), 0 = all calls. */
export const B_PROGRAM: u32 = 64;
export const B_META_PROGRAM: u32 = 68;
export const B_META_TRACER: u32 = 72;
export const B_COUNT: u32 = 80;
/** List of rows {next, pid, calls, time in ns}: call_time. */
export const B_TIMES: u32 = 88;
const RECORD_BYTES: u32 = 96;

export const TIME_PID: u32 = 8;
export const TIME_CALLS: u32 = 16;
export const TIME_NS: u32 = 24;
const TIME_BYTES: u32 = 32;

// Kinds of a breakpoint.
export const LOCAL: u32 = 1;
export const GLOBAL: u32 = 2;
export const META: u32 = 4;
export const COUNT: u32 = 8;
export const TIME: u32 = 16;
export const COUNT_PAUSED: u32 = 32;
export const TIME_PAUSED: u32 = 64;
/** A debugger's: the error handler's function breakpoint/3 is called instead. */
export const DEBUG: u32 = 128;

/** Keys of breakpoints in export entries: their address with this bit. */
const EXPORT_KEY: u64 = 1 << 40;
/** What the doorbell holds when only a disarmed breakpoint rang it. */
const BREAKPOINT_DOORBELL: i32 = 0x7fff_fffe;

const table: usize = memory.data(TABLE_BYTES, 8);
/** There are, or have been, breakpoints. */
export let breakpointsUsed: bool = false;
/** The breakpoint that is disarmed, or 0. */
export let disarmed: usize = 0;

export function initBreakpoints(): void {
  initTable(table);
}

function find(key: u64): usize {
  let record = chainOf(table, key);
  while (record && load<u64>(record, B_KEY) != key) record = load<u32>(record, B_CHAIN);
  return record;
}
/** The breakpoint in the code at `pc`, or 0. */
export function localBreakpoint(pc: usize): usize {
  return find(pc as u64);
}
/** The breakpoint of an export entry; it may have no kinds any more. 0 when there never was one. */
export function exportBreakpoint(entry: usize): usize {
  return find((entry as u64) | EXPORT_KEY);
}
export function breakpointKey(record: usize): u64 {
  return load<u64>(record, B_KEY);
}
export function breakpointOfKey(key: u64): usize {
  return find(key);
}
export function kindsOf(record: usize): u32 {
  return load<u32>(record, B_KINDS);
}
/** Where the original instruction, or the traced function, begins. */
export function stubAddress(record: usize): usize {
  return record + B_STUB + 4;
}
/** The instruction that runs the traced BIF of an export entry and tells nobody. */
export function untoldAddress(entry: usize): usize {
  return exportBreakpoint(entry) + B_AGAIN + 4;
}
/** The export entry of the BIF that the instruction i_trace at `pc` runs, or 0. */
export function tracedBifAt(pc: usize): usize {
  const word = load<u32>(pc, 4);
  return word & 1 ? load<u32>(word - 1, B_EXPORT) : 0;
}
/** It is a BIF that is traced. */
export function isBifBreakpoint(record: usize): bool {
  const entry = load<u32>(record, B_EXPORT) as usize;
  return entry != 0 && load<u32>(entry, E_BIF) != 0;
}

// ---- making and removing

function newBreakpoint(key: u64, module: u64, name: u64, arity: u32): usize {
  const record = allocateZeroed(RECORD_BYTES);
  if (!record) return 0;
  store<u64>(record, key);
  store<u32>(record, arity, B_ARITY);
  store<u32>(record, module as u32, B_MODULE);
  store<u32>(record, name as u32, B_FUNCTION);
  store<u32>(record, (record + B_STUB + 4) as u32, B_ADDRESS);
  for (let i: u32 = 0; i < 2; i++) {
    const at = record + (i ? B_AGAIN : B_STUB);
    store<u32>(at, arity);
    store<u32>(at, OP_i_trace, 4);
    store<u32>(at, (record + i) as u32, 8);
  }
  tableInsert(table, record, B_KEY, B_CHAIN);
  breakpointsUsed = true;
  return record;
}

/** The breakpoint at a function's entry, made if need be; 0 when memory is exhausted. */
export function breakpointAt(pc: usize): usize {
  const found = localBreakpoint(pc);
  if (found) return found;
  const info = pc - FUNC_INFO_BYTES;
  const module = load<u32>(info, 4) as u64;
  const record = newBreakpoint(pc as u64, module, load<u32>(info, 8) as u64, load<u32>(info, 12));
  if (!record) return 0;
  store<u32>(record, load<u32>(pc), B_ORIGINAL);
  store<u32>(pc, OP_i_trace);
  return record;
}
/** The breakpoint of an export entry, made and put in if need be; 0 when memory is exhausted. */
export function breakpointOfExport(entry: usize, wrapper: u32): usize {
  let record = exportBreakpoint(entry);
  if (!record) {
    const key = (entry as u64) | EXPORT_KEY;
    const module = load<u64>(entry, E_MODULE);
    record = newBreakpoint(key, module, load<u64>(entry, E_FUNCTION), load<u32>(entry, E_ARITY));
    if (!record) return 0;
    store<u32>(record, entry as u32, B_EXPORT);
  }
  if (kindsOf(record)) return record;
  if (load<u32>(entry, E_BIF)) {
    store<u32>(record, load<u32>(entry, E_CALL_BIF), B_ORIGINAL);
    store<u32>(entry, wrapper + 1, E_CALL_BIF);
  } else {
    store<u32>(record, load<u32>(entry, E_ADDRESS), B_ORIGINAL);
    store<u32>(entry, stubAddress(record) as u32, E_ADDRESS);
  }
  return record;
}

function dropProgram(record: usize, field: u32): void {
  const program = load<u32>(record + field) as usize;
  if (program) releaseResource(program);
  store<u32>(record + field, 0);
}
/** `program` (0 = none) becomes one of the record's; the record holds a reference of its own. */
export function setProgram(record: usize, field: u32, program: usize): void {
  if (program) retainObject(program);
  dropProgram(record, field);
  store<u32>(record + field, program as u32);
}

export function clearTimes(record: usize): void {
  let row = load<u32>(record, B_TIMES) as usize;
  while (row) {
    const next = load<u32>(row) as usize;
    release(row);
    row = next;
  }
  store<u32>(record, 0, B_TIMES);
}
/** The row of a process, made if need be; 0 when memory is exhausted. */
export function timeRow(record: usize, pid: u64): usize {
  let row = load<u32>(record, B_TIMES) as usize;
  while (row && load<u64>(row, TIME_PID) != pid) row = load<u32>(row);
  if (row) return row;
  row = allocateZeroed(TIME_BYTES);
  if (!row) return 0;
  store<u32>(row, load<u32>(record, B_TIMES));
  store<u64>(row, pid, TIME_PID);
  store<u32>(record, row as u32, B_TIMES);
  return row;
}

/** Take kinds away; the last one takes the breakpoint out of the code. */
export function removeKinds(record: usize, kinds: u32): void {
  const left = kindsOf(record) & ~kinds;
  if (!(left & (LOCAL | GLOBAL))) dropProgram(record, B_PROGRAM);
  if (!(left & META)) dropProgram(record, B_META_PROGRAM);
  if (!(left & TIME)) clearTimes(record);
  if (left == kindsOf(record)) return;
  store<u32>(record, left, B_KINDS);
  if (!left) takeOut(record);
}
function takeOut(record: usize): void {
  const entry = load<u32>(record, B_EXPORT) as usize;
  const original = load<u32>(record, B_ORIGINAL);
  if (!entry) {
    const pc = load<u64>(record, B_KEY) as usize;
    if (disarmed == record) disarmed = 0;
    store<u32>(pc, original);
    tableRemove(table, record, B_KEY, B_CHAIN);
    release(record);
  } else if (load<u32>(entry, E_BIF)) store<u32>(entry, original, E_CALL_BIF);
  else if (load<u32>(entry, E_ADDRESS) == (stubAddress(record) as u32))
    store<u32>(entry, original, E_ADDRESS);
}

// ---- running over one

/**
 * The running process goes on with the original instruction of `record`, and nobody calls the
 * function before the breakpoint is in again.
 */
export function disarm(record: usize): void {
  rearm();
  store<u32>(load<u64>(record, B_KEY) as usize, load<u32>(record, B_ORIGINAL));
  disarmed = record;
  store<u32>(current, load<u32>(current, P_FLAGS) | FLAG_PAST_BREAKPOINT, P_FLAGS);
  if (!load<i32>(LINEAR_DOORBELL) || ringsForCalls())
    store<i32>(LINEAR_DOORBELL, BREAKPOINT_DOORBELL);
}
/** Put the disarmed breakpoint in again. */
export function rearm(): void {
  if (!disarmed) return;
  store<u32>(load<u64>(disarmed, B_KEY) as usize, OP_i_trace);
  disarmed = 0;
}
/** The running process is about to enter a function: breakpoints are in. */
export function passSafePoint(): void {
  rearm();
  if (current) store<u32>(current, load<u32>(current, P_FLAGS) & ~FLAG_PAST_BREAKPOINT, P_FLAGS);
}
/** The doorbell rang only for the disarmed breakpoint: it is silent again. */
export function hushDoorbell(): bool {
  if (load<i32>(LINEAR_DOORBELL) != BREAKPOINT_DOORBELL) return false;
  store<i32>(LINEAR_DOORBELL, 0);
  watchCalls();
  return true;
}
/** A process goes on at `pc`: it has run over a breakpoint there, or the mark is an old one. */
export function resumeAt(process: usize, pc: usize): void {
  if (load<u32>(pc) != OP_i_trace)
    store<u32>(process, load<u32>(process, P_FLAGS) & ~FLAG_PAST_BREAKPOINT, P_FLAGS);
}

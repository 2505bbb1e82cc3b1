/**
 * Loading a module: from the bytes of a `.beam` file to an instance (prepareModule), and from an
 * instance to the current code (commitModule). Nothing that other code can see changes before
 * commitModule, except that atoms and export entries may be new. On failure everything is freed and
 * report.ts holds the reason.
 */
import { E_ADDRESS, FUN_ADDRESS, FUN_NAME, setCode, setUndefined } from '../code';
import * as M from '../modules';
import { AREA_CODE, releaseFor } from '../memory_areas';
import { finishAll, takeInstance, writeTicket } from './job';
import { releaseLiteralArea } from './literals';
import { clearReport, reportLength, reportText, say, startReport } from './report';
import { clearInstance, setLoadedInstance } from '../trace/patterns';

/** The reason of the last failure: one line of UTF-8. */
export function loaderReport(): usize {
  return reportText();
}
export function loaderReportLength(): u32 {
  return reportLength();
}
/** Nothing is kept between loads but the report. */
export function initLoader(): void {
  clearReport();
}

/**
 * An instance of the module in the `.beam` file at `address`, not yet current, at once; 0 after a
 * report.
 */
export function prepareModule(address: usize, length: u32): usize {
  return prepare(address, length, false);
}
function prepare(address: usize, length: u32, lineless: bool): usize {
  writeTicket(wholeTicket, address, length, lineless);
  finishAll(wholeTicket);
  return takeInstance(wholeTicket);
}
const wholeTicket: usize = memory.data(32, 8);

/** Free an instance that is neither current nor old. */
export function discardInstance(instance: usize): void {
  M.removeInstance(instance);
  releaseLiteralArea(load<u32>(instance, M.I_LITERALS));
  releaseLiteralArea(load<u32>(instance, M.I_BIGS));
  releaseFor(AREA_CODE, instance);
}

/** Calls to functions that the new version does not have find no code any more. */
export function withdrawExports(instance: usize): void {
  const table = load<u32>(instance, M.I_EXPORTS) as usize;
  const count = load<u32>(instance, M.I_EXPORT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const row = table + i * M.EXPORT_ROW;
    const entry = load<u32>(row, M.EXPORT_ENTRY) as usize;
    if (load<u32>(entry, E_ADDRESS) == load<u32>(row, 8)) setUndefined(entry);
  }
}

function publishExports(instance: usize): void {
  const table = load<u32>(instance, M.I_EXPORTS) as usize;
  const count = load<u32>(instance, M.I_EXPORT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const row = table + i * M.EXPORT_ROW;
    setCode(load<u32>(row, M.EXPORT_ENTRY), load<u32>(row, 8));
  }
}

function publishFuns(instance: usize): void {
  const table = load<u32>(instance, M.I_FUNS) as usize;
  const count = load<u32>(instance, M.I_FUN_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const entry = load<u32>(table + i * M.FUN_ROW) as usize;
    const address = load<u32>(table + i * M.FUN_ROW, 4);
    store<u32>(entry, address, FUN_ADDRESS);
    store<u64>(entry, load<u32>(address - 8), FUN_NAME);
  }
}

export const COMMIT_DONE: u32 = 0;
export const COMMIT_NO_MEMORY: u32 = 1;
/** There is old code already: it must be purged first. */
export const COMMIT_NOT_PURGED: u32 = 2;

/** The instance becomes the current code of its record, what was current becomes old. */
function makeCurrent(record: usize, instance: usize): void {
  const previous = load<u32>(record, M.R_CURRENT) as usize;
  if (previous) clearInstance(previous);
  publishExports(instance);
  if (previous) {
    withdrawExports(previous);
    store<u32>(record, previous as u32, M.R_OLD);
  }
  store<u32>(record, instance as u32, M.R_CURRENT);
  setLoadedInstance(instance);
}

/**
 * The module of `instance` can take a new version: no old code and no on_load function are in the
 * way.
 */
export function commitState(instance: usize): u32 {
  const record = M.moduleRecord(load<u64>(instance, M.I_MODULE));
  if (!record) return COMMIT_NO_MEMORY;
  const both = load<u32>(record, M.R_CURRENT) && load<u32>(record, M.R_OLD);
  return both || load<u32>(record, M.R_PENDING) ? COMMIT_NOT_PURGED : COMMIT_DONE;
}

/** Make the instance the current code of its module; what was current becomes old. */
export function commitModule(instance: usize): u32 {
  const state = commitState(instance);
  if (state != COMMIT_DONE) return state;
  if (!M.addInstance(instance)) return COMMIT_NO_MEMORY;
  makeCurrent(M.findModule(load<u64>(instance, M.I_MODULE)), instance);
  publishFuns(instance);
  return COMMIT_DONE;
}

/**
 * The instance has an on_load function: it can run, but nobody else calls the module before
 * finishPending.
 */
export function commitPending(instance: usize): u32 {
  const state = commitState(instance);
  if (state != COMMIT_DONE) return state;
  if (!M.addInstance(instance)) return COMMIT_NO_MEMORY;
  publishFuns(instance);
  const record = M.findModule(load<u64>(instance, M.I_MODULE));
  // As in OTP, what is current is not traced any more, whatever on_load returns.
  if (load<u32>(record, M.R_CURRENT)) clearInstance(load<u32>(record, M.R_CURRENT));
  store<u32>(record, instance as u32, M.R_PENDING);
  return COMMIT_DONE;
}
/** The on_load function has returned: its module becomes current. */
export function finishPending(record: usize): void {
  makeCurrent(record, load<u32>(record, M.R_PENDING));
  store<u32>(record, 0, M.R_PENDING);
}

/**
 * Load the `.beam` file at `address` and make it current. Its instance, or 0 after a report
 * (report.ts: reportText, reportLength).
 */
export function loadModule(address: usize, length: u32): usize {
  return makeLoaded(prepare(address, length, false));
}
/** The same without line numbers. */
export function loadLineless(address: usize, length: u32): usize {
  return makeLoaded(prepare(address, length, true));
}
/** The same for an instance that is prepared, 0 when it could not be. */
export function makeLoaded(instance: usize): usize {
  if (!instance) return 0;
  const state = commitModule(instance);
  if (state == COMMIT_DONE) return instance;
  startReport(load<u64>(instance, M.I_MODULE), '');
  say(state == COMMIT_NOT_PURGED ? 'its old code must be purged first' : 'no memory is left');
  discardInstance(instance);
  return 0;
}

/**
 * Two versions of a module, and how the old one goes away. The purger (OTP's erts_code_purger) does
 * it in three steps: `preparePurge` makes sure that nothing enters the old code any more: funs made
 * by it are cut off, calls of them wait (missing_fun.ts). It then asks every process whether it
 * still has a return address there, and ends with `completePurge` or `abortPurge`.
 *
 * Literals of purged code may be on the heaps of processes: their areas are retired
 * (vm/literal_areas.ts).
 */
import { AREA_CODE, releaseFor } from '../memory_areas';
import { FUN_ADDRESS } from '../code';
import { RETIRED_CODE, retireArea } from '../literal_areas';
import { tellLiteralCollector } from '../literal_collector';
import * as M from '../modules';
import { clearInstance } from '../trace/patterns';
import { withdrawExports } from './load';

/**
 * What is being purged, in R_PURGING: the old code, or code whose on_load function failed (then in
 * R_OLD, see swap).
 */
export const PURGE_NONE: u32 = 0;
export const PURGE_OLD: u32 = 1;
export const PURGE_ON_LOAD: u32 = 2;

/**
 * Set the code address of the funs of `instance`: `alive` gives them their code back, else they
 * lose it if they still point there.
 */
function switchFuns(instance: usize, alive: bool): void {
  const table = load<u32>(instance, M.I_FUNS) as usize;
  const count = load<u32>(instance, M.I_FUN_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const entry = load<u32>(table + i * M.FUN_ROW) as usize;
    const address = load<u32>(table + i * M.FUN_ROW, 4);
    if (alive && !load<u32>(entry, FUN_ADDRESS)) store<u32>(entry, address, FUN_ADDRESS);
    else if (!alive && load<u32>(entry, FUN_ADDRESS) == address) store<u32>(entry, 0, FUN_ADDRESS);
  }
}

/** Old and pending code change places: the rest of purging knows only old code. */
function swapPending(record: usize): void {
  const old = load<u32>(record, M.R_OLD);
  store<u32>(record, load<u32>(record, M.R_PENDING), M.R_OLD);
  store<u32>(record, old, M.R_PENDING);
}

/** False when there is nothing to purge. */
export function preparePurge(module: u64, what: u32): bool {
  const record = M.findModule(module);
  if (!record || load<u32>(record, M.R_PURGING)) return false;
  if (!load<u32>(record + (what == PURGE_OLD ? M.R_OLD : M.R_PENDING))) return false;
  if (what == PURGE_ON_LOAD) swapPending(record);
  store<u32>(record, what, M.R_PURGING);
  switchFuns(load<u32>(record, M.R_OLD), false);
  return true;
}

/** False when preparePurge was not called. */
export function abortPurge(module: u64): bool {
  const record = M.findModule(module);
  const what = record ? load<u32>(record, M.R_PURGING) : PURGE_NONE;
  if (!what) return false;
  switchFuns(load<u32>(record, M.R_OLD), true);
  if (what == PURGE_ON_LOAD) swapPending(record);
  store<u32>(record, PURGE_NONE, M.R_PURGING);
  return true;
}

/** No process has a return address in the old code: free it. */
export function completePurge(module: u64): bool {
  const record = M.findModule(module);
  const what = record ? load<u32>(record, M.R_PURGING) : PURGE_NONE;
  if (!what) return false;
  const instance = load<u32>(record, M.R_OLD) as usize;
  M.removeInstance(instance);
  retireLiterals(load<u32>(instance, M.I_LITERALS));
  retireLiterals(load<u32>(instance, M.I_BIGS));
  releaseFor(AREA_CODE, instance);
  store<u32>(record, 0, M.R_OLD);
  if (what == PURGE_ON_LOAD) swapPending(record);
  store<u32>(record, PURGE_NONE, M.R_PURGING);
  return true;
}

function retireLiterals(area: usize): void {
  if (!area) return;
  retireArea(area, RETIRED_CODE);
  tellLiteralCollector();
}

/** The current code becomes old; the caller has seen that there is current code and no old code. */
export function deleteCurrent(record: usize): void {
  const instance = load<u32>(record, M.R_CURRENT);
  clearInstance(instance);
  withdrawExports(instance);
  store<u32>(record, 0, M.R_CURRENT);
  store<u32>(record, instance, M.R_OLD);
}

/**
 * What erlang:trace_pattern/3 sets: breakpoints in functions, and what newly loaded modules, sends
 * and receives get.
 */
import {
  E_ARITY,
  E_BIF,
  E_FIXED,
  E_FUNCTION,
  E_MODULE,
  FUNC_INFO_BYTES,
  findExport,
} from '../code';
import { wrapperOf } from '../bif/traced_calls';
import { am_underscore, am_vbeam_internal } from '../gen/atoms';
import * as M from '../modules';
import { releaseResource, retainObject } from '../off_heap';
import { isSmall, smallValue } from '../term';
import {
  B_COUNT,
  B_KINDS,
  B_META_PROGRAM,
  B_META_TRACER,
  B_PROGRAM,
  COUNT,
  COUNT_PAUSED,
  DEBUG,
  GLOBAL,
  LOCAL,
  META,
  TIME,
  TIME_PAUSED,
  breakpointAt,
  breakpointsUsed,
  breakpointOfExport,
  clearTimes,
  exportBreakpoint,
  kindsOf,
  localBreakpoint,
  removeKinds,
  setProgram,
} from './breakpoints';

export const ACTION_ON: u32 = 0;
export const ACTION_OFF: u32 = 1;
export const ACTION_PAUSE: u32 = 2;
export const ACTION_RESTART: u32 = 3;

/** What is being set: kinds, what to do, match specification, tracer of meta tracing. */
let kinds: u32 = 0;
let action: u32 = 0;
let program: usize = 0;
let metaTracer: u64 = 0;

export function startSetting(which: u32, what: u32, spec: usize, tracer: u64): void {
  kinds = which;
  action = what;
  program = spec;
  metaTracer = tracer;
}

/** All kinds that stand in a function's code. */
const IN_CODE: u32 = LOCAL | META | COUNT | TIME | COUNT_PAUSED | TIME_PAUSED | DEBUG;

function counts(record: usize): void {
  let now = kindsOf(record);
  // Pause and restart are for what counts already.
  const which = action == ACTION_ON ? kinds : kinds & now;
  if (action == ACTION_PAUSE) {
    if (which & COUNT) now |= COUNT_PAUSED;
    if (which & TIME) now |= TIME_PAUSED;
  } else {
    if (which & COUNT) now = (now | COUNT) & ~COUNT_PAUSED;
    if (which & TIME) now = (now | TIME) & ~TIME_PAUSED;
    if (which & COUNT) store<u64>(record, 0, B_COUNT);
    if (which & TIME) clearTimes(record);
  }
  store<u32>(record, now, B_KINDS);
}
function setOn(record: usize): void {
  if (kinds & (LOCAL | GLOBAL)) setProgram(record, B_PROGRAM, program);
  if (kinds & META) {
    setProgram(record, B_META_PROGRAM, program);
    store<u64>(record, metaTracer, B_META_TRACER);
  }
  store<u32>(record, kindsOf(record) | (kinds & (LOCAL | GLOBAL | META | DEBUG)), B_KINDS);
  if (kinds & (COUNT | TIME)) counts(record);
}
function withPauses(): u32 {
  const more = (kinds & COUNT ? COUNT_PAUSED : 0) | (kinds & TIME ? TIME_PAUSED : 0);
  return kinds | more;
}

/** Set the breakpoint of a function with code, whose export entry is `entry` (0 = none). */
function setFunction(pc: usize, entry: usize): bool {
  const exported = entry ? exportBreakpoint(entry) : 0;
  const local = localBreakpoint(pc);
  if (action == ACTION_OFF) {
    if (kinds & GLOBAL && exported) removeKinds(exported, GLOBAL);
    if (!(kinds & GLOBAL) && local) removeKinds(local, withPauses());
    return true;
  }
  if (action == ACTION_PAUSE || action == ACTION_RESTART) {
    if (local) counts(local);
    return true;
  }
  if (kinds & GLOBAL) {
    if (!entry) return false;
    if (local) removeKinds(local, IN_CODE);
    // Calls of apply/2,3 are instructions, which nobody traces.
    if (load<u32>(entry, E_FIXED)) return true;
    return setRecord(breakpointOfExport(entry, 0));
  }
  if (exported && !(kinds & DEBUG)) removeKinds(exported, GLOBAL);
  return setRecord(breakpointAt(pc));
}
function setRecord(record: usize): bool {
  if (!record) return false;
  setOn(record);
  return true;
}
/** Set the breakpoint of a BIF, which is one for global and local calls. */
function setBifBreakpoint(entry: usize): bool {
  const held = exportBreakpoint(entry);
  if (action == ACTION_OFF) {
    if (held) removeKinds(held, withPauses());
    return true;
  }
  if (action == ACTION_PAUSE || action == ACTION_RESTART) {
    if (held) counts(held);
    return true;
  }
  const record = breakpointOfExport(entry, wrapperOf(load<u32>(entry, E_ARITY)));
  if (!record) return false;
  if (kinds & GLOBAL) removeOthers(record, GLOBAL);
  else removeOthers(record, IN_CODE);
  setOn(record);
  return true;
}
/** A record of a BIF that stays in place loses the kinds that do not go with the new one. */
function removeOthers(record: usize, kept: u32): void {
  store<u32>(record, kindsOf(record) & kept, B_KINDS);
}

// ---- which functions

/** Module, function and arity (a small or '_'), each '_' for all. */
let wantModule: u64 = 0;
let wantFunction: u64 = 0;
let wantArity: u64 = 0;
export function startMatching(module: u64, name: u64, arity: u64): void {
  wantModule = module;
  wantFunction = name;
  wantArity = arity;
}
function isWanted(name: u64, arity: u32): bool {
  if (wantFunction != am_underscore && wantFunction != name) return false;
  return (
    wantArity == am_underscore || (isSmall(wantArity) && smallValue(wantArity) == (arity as i64))
  );
}
export function wantsModule(module: u64): bool {
  return wantModule == am_underscore || wantModule == module;
}

/** Set the functions of the instance that are wanted; their number, -1 when memory ran out. */
export function setInstance(instance: usize): i32 {
  const table = load<u32>(instance, M.I_FUNCTIONS) as usize;
  const count = load<u32>(instance, M.I_FUNCTION_COUNT);
  let set = 0;
  for (let i: u32 = 0; i < count; i++) {
    const info = load<u32>(table + (i << 2)) as usize;
    const name = load<u32>(info, 8) as u64;
    const arity = load<u32>(info, 12);
    if (!isWanted(name, arity)) continue;
    const entry = findExport(load<u64>(instance, M.I_MODULE), name, arity);
    // The code of a BIF is a stub that calls it.
    if (entry && load<u32>(entry, E_BIF)) continue;
    const exported = entry && isExportOf(instance, name, arity) ? entry : 0;
    if (kinds & GLOBAL && !exported) {
      // Nothing else stays where calls of exported functions are traced.
      const local = action == ACTION_ON ? localBreakpoint(info + FUNC_INFO_BYTES) : 0;
      if (local) removeKinds(local, IN_CODE);
      continue;
    }
    if (!setFunction(info + FUNC_INFO_BYTES, exported)) return -1;
    set++;
  }
  return set;
}
function isExportOf(instance: usize, name: u64, arity: u32): bool {
  const table = load<u32>(instance, M.I_EXPORTS) as usize;
  const count = load<u32>(instance, M.I_EXPORT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const row = table + i * M.EXPORT_ROW;
    if (load<u32>(row) == (name as u32) && load<u32>(row, 4) == arity) return true;
  }
  return false;
}

/** Set the export entry when it is a wanted BIF: 1, else 0, -1 when memory ran out. */
export function setIfBif(entry: usize): i32 {
  if (!load<u32>(entry, E_BIF) || kinds & DEBUG) return 0;
  const module = load<u64>(entry, E_MODULE);
  // What BIFs trap to is part of them.
  if (module == am_vbeam_internal || !wantsModule(module)) return 0;
  if (!isWanted(load<u64>(entry, E_FUNCTION), load<u32>(entry, E_ARITY))) return 0;
  return setBifBreakpoint(entry) ? 1 : -1;
}

// ---- modules come and go

/** Take all breakpoints out of the code of an instance, and of its exports when it is current. */
export function clearInstance(instance: usize): void {
  if (!breakpointsUsed) return;
  const table = load<u32>(instance, M.I_FUNCTIONS) as usize;
  const count = load<u32>(instance, M.I_FUNCTION_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const info = load<u32>(table + (i << 2)) as usize;
    const local = localBreakpoint(info + FUNC_INFO_BYTES);
    if (local) removeKinds(local, IN_CODE);
    const entry = findExport(
      load<u64>(instance, M.I_MODULE),
      load<u32>(info, 8),
      load<u32>(info, 12),
    );
    const exported = entry && !load<u32>(entry, E_BIF) ? exportBreakpoint(entry) : 0;
    if (exported) removeKinds(exported, GLOBAL);
  }
}

/** What new modules get: kinds, match specifications, tracer of meta tracing. */
export let loadKinds: u32 = 0;
export let loadProgram: usize = 0;
export let loadMetaProgram: usize = 0;
export let loadMetaTracer: u64 = 0;

function replaced(old: usize, fresh: usize): usize {
  if (fresh) retainObject(fresh);
  if (old) releaseResource(old);
  return fresh;
}
/** Set or remove what startSetting named for modules that will be loaded. */
export function setForLoading(): void {
  const on = action != ACTION_OFF;
  if (kinds & (LOCAL | GLOBAL)) loadProgram = replaced(loadProgram, on ? program : 0);
  if (kinds & META) {
    loadMetaProgram = replaced(loadMetaProgram, on ? program : 0);
    loadMetaTracer = on ? metaTracer : 0;
  }
  if (!on) loadKinds &= ~kinds;
  else if (kinds & GLOBAL) loadKinds = GLOBAL;
  else loadKinds = (loadKinds & ~GLOBAL) | kinds;
}
/** A module has become current. */
export function setLoadedInstance(instance: usize): void {
  if (!loadKinds) return;
  startMatching(am_underscore, am_underscore, am_underscore);
  if (loadKinds & ~META) {
    startSetting(loadKinds & ~META, ACTION_ON, loadProgram, 0);
    setInstance(instance);
  }
  if (loadKinds & META) {
    startSetting(META, ACTION_ON, loadMetaProgram, loadMetaTracer);
    setInstance(instance);
  }
}

/** Match specifications for sends and receives: 0 = all are told, NONE_TOLD = none. */
export let sendProgram: usize = 0;
export let receiveProgram: usize = 0;
export const NONE_TOLD: usize = 1;
function replacedEvent(old: usize): usize {
  if (program) retainObject(program);
  if (old > NONE_TOLD) releaseResource(old);
  return action == ACTION_OFF ? NONE_TOLD : program;
}
export function setForSend(): void {
  sendProgram = replacedEvent(sendProgram);
}
export function setForReceive(): void {
  receiveProgram = replacedEvent(receiveProgram);
}

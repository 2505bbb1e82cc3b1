/** BIFs about modules and their code. */
import { archiveEntry, archiveFileCount } from '../archive';
import {
  alignedBinary,
  binaryData,
  binaryOf,
  binaryOwner,
  byteSize,
  freezeBinary,
  releaseBinaryObject,
} from '../binary';
import { atomFromUtf8 } from '../atoms';
import { exportEntry, findExport, hasCode, setCode, setUndefined } from '../code';
import { badarg, notsup, outOfMemory, systemLimit, trapTo, trapToExport } from '../errors';
import { decodeTerm } from '../etf';
import {
  am_abort,
  am_apply,
  am_attributes,
  am_badfile,
  am_compile,
  am_complete,
  am_duplicated,
  am_erlang,
  am_error,
  am_erts_code_purger,
  am_exports,
  am_false,
  am_functions,
  am_md5,
  am_module,
  am_native,
  am_native_addresses,
  am_nifs,
  am_not_purged,
  am_ok,
  am_on_load,
  am_on_load_entry,
  am_prepare,
  am_prepare_on_load,
  am_true,
  am_undefined,
  am_yield,
} from '../gen/atoms';
import { BIF_IN_OTP, BIF_NAMES, BIF_NAMES_COUNT, BIF_prepareMore2 } from '../gen/bifs';
import { hAlloc } from '../heap';
import { TICKET_BYTES, advance, takeInstance, tearTicket, writeTicket } from '../loader/job';
import * as L from '../loader/load';
import { chunkAt, chunkBytes, findChunk, moduleMd5 } from '../loader/inspect';
import {
  abortPurge,
  completePurge,
  deleteCurrent,
  preparePurge,
  PURGE_OLD,
  PURGE_ON_LOAD,
} from '../loader/purge';
import * as M from '../modules';
import { registeredProcess } from '../names';
import { offHeapObject, retainObject } from '../off_heap';
import { setX } from '../registers';
import { reportLoadFailure } from '../report';
import { RESOURCE_HEADER, newResource, resourceOf, resourceTerm } from '../resource';
import { isRootProcess } from '../scheduler';
import { tuple2 } from '../signals';
import { current, spendSlice } from '../state';
import { resumeSuspended } from '../suspend';
import {
  atomOf,
  NIL,
  NONE,
  SUB_REFC_BINARY,
  boxedAddress,
  head,
  isAtom,
  isBinary,
  isKind,
  isList,
  isSmall,
  makeCons,
  smallOf,
  smallValue,
  tail,
} from '../term';
import { boolOf } from './types';

function cons(element: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), element, rest);
}

// ---- prepared code

/**
 * A resource of prepared code, or of code that is being prepared: u32 instance, 0 when it was
 * committed; u32 the binary that is read, kept until then; the ticket (vm/loader/job.ts).
 */
const PREPARED_BINARY: u32 = RESOURCE_HEADER + 4;
const PREPARED_TICKET: u32 = RESOURCE_HEADER + 8;
function dropPrepared(resource: usize): void {
  const instance = load<u32>(resource, RESOURCE_HEADER) as usize;
  tearTicket(resource + PREPARED_TICKET);
  const unused = takeInstance(resource + PREPARED_TICKET);
  if (unused) L.discardInstance(unused);
  if (instance) L.discardInstance(instance);
  releaseSource(resource);
}
function releaseSource(resource: usize): void {
  const object = load<u32>(resource, PREPARED_BINARY) as usize;
  store<u32>(resource, 0, PREPARED_BINARY);
  if (object) releaseBinaryObject(object);
}
function preparedOf(t: u64): usize {
  return resourceOf(t, dropPrepared.index as u32);
}
/** The instance in a prepared-code reference, 0 when `t` is none or was used. */
function instanceOf(t: u64): usize {
  const resource = preparedOf(t);
  return resource ? (load<u32>(resource, RESOURCE_HEADER) as usize) : 0;
}

// bif: erts_internal:prepare_loading/2
export function prepareLoading2(module: u64, code: u64): u64 {
  if (!isAtom(module) || !isBinary(code)) return badarg();
  const aligned = alignedBinary(code);
  if (aligned == NONE) return NONE;
  const owner = binaryOwner(aligned);
  // A binary that lies on the heap is too short for a module.
  if (!isKind(owner, SUB_REFC_BINARY)) return refusedCode(binaryData(aligned), byteSize(aligned));
  freezeBinary(boxedAddress(owner));
  const resource = newResource(dropPrepared.index as u32, 8 + TICKET_BYTES);
  if (!resource) return outOfMemory();
  const object = offHeapObject(boxedAddress(owner));
  retainObject(object);
  store<u32>(resource, object as u32, PREPARED_BINARY);
  writeTicket(resource + PREPARED_TICKET, binaryData(aligned), byteSize(aligned), false);
  return prepareMore2(module, resourceTerm(resource));
}
/** Go on with a slice. */
// bif: vbeam_internal:prepare_loading/2
export function prepareMore2(module: u64, prepared: u64): u64 {
  const resource = preparedOf(prepared);
  if (!resource || !load<u32>(resource, PREPARED_BINARY)) return badarg();
  if (!advance(resource + PREPARED_TICKET)) {
    setX(0, module);
    setX(1, prepared);
    return trapTo(BIF_prepareMore2, 2);
  }
  releaseSource(resource);
  const instance = takeInstance(resource + PREPARED_TICKET);
  if (!instance) {
    reportLoadFailure(L.loaderReport(), L.loaderReportLength());
    return tuple2(am_error, am_badfile);
  }
  if (load<u64>(instance, M.I_MODULE) != module) {
    L.discardInstance(instance);
    return tuple2(am_error, am_badfile);
  }
  store<u32>(resource, instance as u32, RESOURCE_HEADER);
  // As in OTP, others run between preparing and finishing, with the code that there was.
  spendSlice();
  return prepared;
}
function refusedCode(address: usize, bytes: u32): u64 {
  const instance = L.prepareModule(address, bytes);
  if (instance) L.discardInstance(instance);
  else reportLoadFailure(L.loaderReport(), L.loaderReportLength());
  return tuple2(am_error, am_badfile);
}

// bif: erlang:has_prepared_code_on_load/1
export function hasPreparedCodeOnLoad1(prepared: u64): u64 {
  const resource = preparedOf(prepared);
  if (!resource) return badarg();
  const instance = load<u32>(resource, RESOURCE_HEADER) as usize;
  return boolOf(instance != 0 && load<u32>(instance, M.I_ON_LOAD) != 0);
}

/** Modules of the list that are refused for `reason`: {Reason, [Module]}. */
function refused(reason: u64, modules: u64): u64 {
  return tuple2(reason, modules);
}
/** The list is proper and all of it prepared code; sets how many. */
let preparedCount: u32 = 0;
let onLoadCount: u32 = 0;
function checkPrepared(list: u64): bool {
  preparedCount = 0;
  onLoadCount = 0;
  let rest = list;
  for (; isList(rest); rest = tail(rest)) {
    const instance = instanceOf(head(rest));
    if (!instance) return false;
    preparedCount++;
    if (load<u32>(instance, M.I_ON_LOAD)) onLoadCount++;
  }
  return rest == NIL;
}
/** Modules that stand in the list more than once. */
function duplicates(list: u64): u64 {
  let found = NIL;
  for (let rest = list; isList(rest); rest = tail(rest)) {
    const module = load<u64>(instanceOf(head(rest)), M.I_MODULE);
    for (let later = tail(rest); isList(later); later = tail(later)) {
      if (load<u64>(instanceOf(head(later)), M.I_MODULE) != module) continue;
      found = cons(module, found);
      break;
    }
  }
  return found;
}
function notPurged(list: u64): u64 {
  let found = NIL;
  for (let rest = list; isList(rest); rest = tail(rest)) {
    const instance = instanceOf(head(rest));
    if (L.commitState(instance) == L.COMMIT_NOT_PURGED)
      found = cons(load<u64>(instance, M.I_MODULE), found);
  }
  return found;
}

// bif: erlang:finish_loading/1
export function finishLoading1(list: u64): u64 {
  if (!checkPrepared(list)) return badarg();
  if (onLoadCount && preparedCount > 1) return systemLimit();
  const twice = duplicates(list);
  if (twice != NIL) return refused(am_duplicated, twice);
  const unpurged = notPurged(list);
  if (unpurged != NIL) return refused(am_not_purged, unpurged);
  for (let rest = list; isList(rest); rest = tail(rest)) {
    const resource = preparedOf(head(rest));
    const instance = load<u32>(resource, RESOURCE_HEADER) as usize;
    const state = onLoadCount ? L.commitPending(instance) : L.commitModule(instance);
    if (state != L.COMMIT_DONE) return outOfMemory();
    store<u32>(resource, 0, RESOURCE_HEADER);
    if (onLoadCount) return refused(am_on_load, cons(load<u64>(instance, M.I_MODULE), NIL));
  }
  return am_ok;
}

// ---- on_load

// bif: erlang:call_on_load_function/1
export function callOnLoadFunction1(module: u64): u64 {
  const record = isAtom(module) ? M.findModule(module) : 0;
  const instance: usize = record ? load<u32>(record, M.R_PENDING) : 0;
  if (!instance) return badarg();
  // The function has no name of its own to be called by; it gets one for this call.
  const entry = exportEntry(module, am_on_load_entry, 0);
  if (!entry) return outOfMemory();
  setCode(entry, load<u32>(instance, M.I_ON_LOAD));
  return trapToExport(entry, 0);
}

// bif: erlang:finish_after_on_load/2
export function finishAfterOnLoad2(module: u64, keep: u64): u64 {
  const record = isAtom(module) ? M.findModule(module) : 0;
  if (!record || !load<u32>(record, M.R_PENDING)) return badarg();
  const entry = findExport(module, am_on_load_entry, 0);
  if (entry) setUndefined(entry);
  // When it is not kept, erts_code_purger goes on with purge_module(Module, prepare_on_load).
  if (keep == am_false) return am_true;
  if (keep != am_true) return badarg();
  L.finishPending(record);
  return am_true;
}

// ---- which modules there are

// bif: erlang:module_loaded/1
export function moduleLoaded1(module: u64): u64 {
  return isAtom(module) ? boolOf(M.currentInstance(module) != 0) : badarg();
}
// bif: erlang:loaded/0
export function loaded0(): u64 {
  let list = NIL;
  for (let record = M.nextModule(0); record; record = M.nextModule(record)) {
    if (load<u32>(record, M.R_CURRENT) || load<u32>(record, M.R_OLD))
      list = cons(load<u64>(record), list);
  }
  return list;
}

const archived: usize = memory.data(16, 8);
// "/erts-"
const ERTS: usize = memory.data<u8>([47, 101, 114, 116, 115, 45]);
/** The path is that of a module in a folder `erts-VERSION`. */
function isPreloaded(path: usize, length: u32): bool {
  for (let i: u32 = 0; i + 6 < length; i++)
    if (memory.compare(path + i, ERTS, 6) == 0) return load<u8>(path + length - 1) == 109;
  return false;
}
/**
 * OTP's preloaded modules, which it takes from a folder `erts-VERSION`: so do we in the boot
 * archive.
 */
// bif: erlang:pre_loaded/0
export function preLoaded0(): u64 {
  let list = NIL;
  for (let i: u32 = 0; i < archiveFileCount; i++) {
    archiveEntry(i, archived);
    const path = load<u32>(archived) as usize;
    const length = load<u32>(archived, 4);
    if (!isPreloaded(path, length)) continue;
    let base = length;
    while (base && load<u8>(path + base - 1) != 47) base--;
    if (length - base > 5) list = cons(atomFromUtf8(path + base, length - base - 5), list);
  }
  return list;
}

// bif: erlang:function_exported/3
export function functionExported3(module: u64, name: u64, arity: u64): u64 {
  if (!isAtom(module) || !isAtom(name) || !isSmall(arity)) return badarg();
  if (smallValue(arity) < 0 || smallValue(arity) > 255) return am_false;
  const entry = findExport(module, name, smallValue(arity) as u32);
  return boolOf(entry != 0 && hasCode(entry));
}
// bif: erlang:is_builtin/3
export function isBuiltin3(module: u64, name: u64, arity: u64): u64 {
  if (!isAtom(module) || !isAtom(name) || !isSmall(arity)) return badarg();
  const value = smallValue(arity);
  if (value < 0 || value > 255) return am_false;
  // Instructions here as in OTP.
  if (module == am_erlang && name == am_apply && (value == 2 || value == 3)) return am_true;
  if (module == am_erlang && name == am_yield && value == 0) return am_true;
  // What OTP has in Erlang is no BIF to those who ask.
  for (let i: u32 = 0; i < BIF_NAMES_COUNT; i++) {
    const row = BIF_NAMES + (i << 4);
    if (!load<u8>(BIF_IN_OTP + i) || load<u32>(row, 8) != (value as u32)) continue;
    if (atomOf(load<u32>(row)) == module && atomOf(load<u32>(row, 4)) == name) return am_true;
  }
  return am_false;
}

// ---- deleting and purging

// bif: erlang:check_old_code/1
export function checkOldCode1(module: u64): u64 {
  if (!isAtom(module)) return badarg();
  const record = M.findModule(module);
  return boolOf(record != 0 && load<u32>(record, M.R_OLD) != 0);
}
// bif: erlang:delete_module/1
export function deleteModule1(module: u64): u64 {
  if (!isAtom(module)) return badarg();
  const record = M.findModule(module);
  // Old code must be purged first, even when there is nothing to delete.
  if (record && load<u32>(record, M.R_OLD)) return badarg();
  if (!record) return am_undefined;
  // It has been deleted before.
  if (!load<u32>(record, M.R_CURRENT)) return am_true;
  // init unloads all modules before it starts the system again. Drivers go on meanwhile, as OTP's
  // do, which are no Erlang code.
  if (M.isKept(record) && isRootProcess(current)) return am_undefined;
  deleteCurrent(record);
  return am_true;
}
// bif: vbeam_hw:keep_code/0
export function keepCode0(): u64 {
  M.keepModules();
  return am_true;
}
// bif: erts_internal:purge_module/2
export function purgeModule2(module: u64, step: u64): u64 {
  if (current != registeredProcess(am_erts_code_purger)) return notsup();
  if (!isAtom(module)) return badarg();
  if (step == am_prepare) return boolOf(preparePurge(module, PURGE_OLD));
  if (step == am_prepare_on_load) return boolOf(preparePurge(module, PURGE_ON_LOAD));
  if (step != am_abort && step != am_complete) return badarg();
  if (!(step == am_abort ? abortPurge(module) : completePurge(module))) return badarg();
  // Who called funs of it meanwhile tries again.
  resumeSuspended(current);
  return boolOf(step == am_complete);
}

// ---- module_info

function functionsOf(instance: usize): u64 {
  const table = load<u32>(instance, M.I_FUNCTIONS) as usize;
  let list = NIL;
  for (let i = load<u32>(instance, M.I_FUNCTION_COUNT); i > 0; i--) {
    const info = load<u32>(table + ((i - 1) << 2)) as usize;
    list = cons(tuple2(load<u32>(info, 8), smallOf(load<u32>(info, 12))), list);
  }
  return list;
}
/** The last of the file's table first, as OTP lists them, which is the order of the source. */
function exportsOf(instance: usize): u64 {
  const table = load<u32>(instance, M.I_EXPORTS) as usize;
  const count = load<u32>(instance, M.I_EXPORT_COUNT);
  let list = NIL;
  for (let i: u32 = 0; i < count; i++) {
    const row = table + i * M.EXPORT_ROW;
    list = cons(tuple2(load<u32>(row), smallOf(load<u32>(row, 4))), list);
  }
  return list;
}
/** The term in a chunk that the instance keeps; [] when there is none. NONE after outOfMemory. */
function chunkTerm(instance: usize, addressField: u32): u64 {
  const length = load<u32>(instance + addressField, 4);
  return length ? decodeTerm(load<u32>(instance + addressField), length, false) : NIL;
}
function moduleInfo(instance: usize, item: u64): u64 {
  if (item == am_module) return load<u64>(instance, M.I_MODULE);
  if (item == am_exports) return exportsOf(instance);
  if (item == am_functions) return functionsOf(instance);
  if (item == am_attributes) return chunkTerm(instance, M.I_ATTRIBUTES);
  if (item == am_compile) return chunkTerm(instance, M.I_COMPILE);
  if (item == am_md5) return binaryOf(instance + M.I_MD5, 16);
  if (item == am_native) return am_false;
  if (item == am_nifs || item == am_native_addresses) return NIL;
  return badarg();
}
// bif: erlang:get_module_info/2
export function getModuleInfo2(module: u64, item: u64): u64 {
  const instance = isAtom(module) && isAtom(item) ? M.currentInstance(module) : 0;
  return instance ? moduleInfo(instance, item) : badarg();
}
// bif: erlang:get_module_info/1
export function getModuleInfo1(module: u64): u64 {
  const instance = isAtom(module) ? M.currentInstance(module) : 0;
  if (!instance) return badarg();
  const md5 = tuple2(am_md5, moduleInfo(instance, am_md5));
  const compile = chunkTerm(instance, M.I_COMPILE);
  const attributes = chunkTerm(instance, M.I_ATTRIBUTES);
  if (compile == NONE || attributes == NONE) return NONE;
  const list = cons(
    tuple2(am_attributes, attributes),
    cons(tuple2(am_compile, compile), cons(md5, NIL)),
  );
  const exports = tuple2(am_exports, exportsOf(instance));
  return cons(tuple2(am_module, module), cons(exports, list));
}

// ---- .beam files

/**
 * The four characters of a chunk's name as they stand in the file; 0 when `name` is no such list.
 */
function chunkName(name: u64): u32 {
  let id: u32 = 0;
  let rest = name;
  for (let i: u32 = 0; i < 4; i++) {
    if (!isList(rest) || !isSmall(head(rest)) || head(rest) >> 4 > 255) return 0;
    id |= ((head(rest) >> 4) as u32) << (i << 3);
    rest = tail(rest);
  }
  return rest == NIL ? id : 0;
}
// bif: erts_internal:beamfile_chunk/2
export function beamfileChunk2(file: u64, name: u64): u64 {
  const id = chunkName(name);
  if (!isBinary(file) || !id) return badarg();
  const aligned = alignedBinary(file);
  if (aligned == NONE) return NONE;
  if (!findChunk(binaryData(aligned), byteSize(aligned), id)) return am_undefined;
  return binaryOf(chunkAt, chunkBytes);
}
// bif: erts_internal:beamfile_module_md5/1
export function beamfileModuleMd51(file: u64): u64 {
  if (!isBinary(file)) return badarg();
  const aligned = alignedBinary(file);
  if (aligned == NONE) return NONE;
  const digest = moduleMd5(binaryData(aligned), byteSize(aligned));
  return digest ? binaryOf(digest, 16) : am_undefined;
}

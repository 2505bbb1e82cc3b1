/**
 * Loading a module: from the bytes of a `.beam` file to an instance (prepareModule), and from an
 * instance to the current code (commitModule). Nothing that other code can see changes before
 * commitModule, except that atoms and export entries may be new. On failure everything is freed and
 * report.ts holds the reason.
 */
import {
  E_ADDRESS,
  FUN_ADDRESS,
  FUN_NAME,
  exportEntry,
  findExport,
  setCode,
  setUndefined,
} from '../code';
import { sizeOfTerm, sizedEnd } from '../etf_size';
import { VERSION } from '../etf_tags';
import { OPCODE_MAX } from '../gen/opcodes';
import * as M from '../modules';
import * as K from './chunks';
import { emitCode } from './emit';
import { checkLabels, placeModule } from './place';
import { AREA_CODE, releaseFor } from '../memory_areas';
import { literalsReset, readLiterals, releaseLiteralArea, releaseLiterals } from './literals';
import { md5OfModule } from './module_md5';
import { clearReport, reportLength, reportText, say, startReport } from './report';
import { clearInstance, setLoadedInstance } from '../trace/patterns';
import * as S from './scratch';

const md5: usize = memory.data(16, 8);

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

/** Attr and CInf: absent, empty, or one external term. */
function checkTermChunk(chunk: u32): bool {
  const from = K.chunkAddress(chunk);
  const bytes = K.chunkLength(chunk);
  if (!bytes) return true;
  if (bytes > 1 && load<u8>(from) == VERSION && sizeOfTerm(from + 1, from + bytes, false) >= 0) {
    if (sizedEnd == from + bytes) return true;
  }
  return K.chunkFails(chunk, 'is not an external term');
}

function readTables(): bool {
  return (
    K.readAtoms() &&
    K.readImports() &&
    K.readExports() &&
    K.readLambdas() &&
    K.readLines() &&
    readLiterals() &&
    checkTermChunk(K.CHUNK_ATTR) &&
    checkTermChunk(K.CHUNK_CINF) &&
    K.readCodeHeader(OPCODE_MAX) &&
    K.memorySufficed()
  );
}

function build(address: usize, length: u32): usize {
  if (!K.readContainer(address, length) || !readTables()) return 0;
  const lines = S.vectorWords(S.V_LINES) >> 1;
  if (!emitCode(K.moduleName, K.functionCount, K.chunkLength(K.CHUNK_STRT), lines)) return 0;
  if (!checkLabels()) return 0;
  md5OfModule(md5);
  return placeModule(md5);
}

/**
 * An instance of the module in the `.beam` file at `address`, not yet current; 0 after a report.
 */
export function prepareModule(address: usize, length: u32): usize {
  clearReport();
  K.resetChunks();
  literalsReset();
  const instance = build(address, length);
  if (!instance) releaseLiterals();
  S.releaseScratch();
  return instance;
}

/** Free an instance that is neither current nor old. */
export function discardInstance(instance: usize): void {
  M.removeInstance(instance);
  releaseLiteralArea(load<u32>(instance, M.I_LITERALS), load<u32>(instance, M.I_LITERAL_OFF_HEAP));
  releaseFor(AREA_CODE, load<u32>(instance, M.I_BIGS));
  releaseFor(AREA_CODE, instance);
}

/** Calls to functions that the new version does not have find no code any more. */
export function withdrawExports(instance: usize): void {
  const table = load<u32>(instance, M.I_EXPORTS) as usize;
  const count = load<u32>(instance, M.I_EXPORT_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const row = table + i * M.EXPORT_ROW;
    const entry = findExport(load<u64>(instance, M.I_MODULE), load<u32>(row), load<u32>(row, 4));
    if (entry && load<u32>(entry, E_ADDRESS) == load<u32>(row, 8)) setUndefined(entry);
  }
}

function publishExports(instance: usize): bool {
  const table = load<u32>(instance, M.I_EXPORTS) as usize;
  const count = load<u32>(instance, M.I_EXPORT_COUNT);
  // Entries first, so that running out of memory changes nothing.
  for (let pass = 0; pass < 2; pass++) {
    for (let i: u32 = 0; i < count; i++) {
      const row = table + i * M.EXPORT_ROW;
      const entry = exportEntry(load<u64>(instance, M.I_MODULE), load<u32>(row), load<u32>(row, 4));
      if (!entry) return false;
      if (pass) setCode(entry, load<u32>(row, 8));
    }
  }
  return true;
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
function makeCurrent(record: usize, instance: usize): bool {
  const previous = load<u32>(record, M.R_CURRENT) as usize;
  if (previous) clearInstance(previous);
  if (!publishExports(instance)) return false;
  if (previous) {
    withdrawExports(previous);
    store<u32>(record, previous as u32, M.R_OLD);
  }
  store<u32>(record, instance as u32, M.R_CURRENT);
  setLoadedInstance(instance);
  return true;
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
  if (!makeCurrent(M.findModule(load<u64>(instance, M.I_MODULE)), instance)) {
    M.removeInstance(instance);
    return COMMIT_NO_MEMORY;
  }
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
  store<u32>(M.findModule(load<u64>(instance, M.I_MODULE)), instance as u32, M.R_PENDING);
  return COMMIT_DONE;
}
/** The on_load function has returned: its module becomes current. */
export function finishPending(record: usize): bool {
  if (!makeCurrent(record, load<u32>(record, M.R_PENDING))) return false;
  store<u32>(record, 0, M.R_PENDING);
  return true;
}

/**
 * Load the `.beam` file at `address` and make it current. Its instance, or 0 after a report
 * (report.ts: reportText, reportLength).
 */
export function loadModule(address: usize, length: u32): usize {
  const instance = prepareModule(address, length);
  if (!instance) return 0;
  const state = commitModule(instance);
  if (state == COMMIT_DONE) return instance;
  startReport(load<u64>(instance, M.I_MODULE), '');
  say(state == COMMIT_NOT_PURGED ? 'its old code must be purged first' : 'no memory is left');
  discardInstance(instance);
  return 0;
}

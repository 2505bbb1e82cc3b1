/**
 * The steps from the bytes of a `.beam` file to an instance. Each step goes through entries, of
 * which any number can be done in one go; so loading is left and gone on with between any two
 * (vm/loader/job.ts). The order is that in which problems are reported.
 */
import {
  SIZE_DONE,
  SIZE_MORE,
  beginSize,
  continueSize,
  restoreSize,
  saveSize,
  sizedEnd,
} from '../etf_size';
import { VERSION } from '../etf_tags';
import { OPCODE_MAX } from '../gen/opcodes';
import * as K from './chunks';
import { beginCode, emitNext } from './emit';
import * as L from './literals';
import { beginDigest, digestBlock, takeDigest } from './module_md5';
import * as P from './place';
import * as S from './scratch';
import {
  ENTRIES_OVER,
  ENTRY_DONE,
  ENTRY_FAILED,
  ENTRY_MORE,
  STEP_FAILED,
  UNCOUNTED,
  beginSlice,
  blocksOf,
  entry,
  work,
  workLeft,
} from './slices';

const STEP_CONTAINER: u32 = 0;
const STEP_ATOMS: u32 = 1;
const STEP_IMPORTS: u32 = 2;
const STEP_EXPORTS: u32 = 3;
const STEP_LAMBDAS: u32 = 4;
const STEP_LINES: u32 = 5;
const STEP_FILE_NAMES: u32 = 6;
const STEP_INFLATE: u32 = 7;
const STEP_MEASURE_LITERALS: u32 = 8;
const STEP_BUILD_LITERALS: u32 = 9;
const STEP_ATTRIBUTES: u32 = 10;
const STEP_COMPILE_INFO: u32 = 11;
const STEP_LABELS: u32 = 12;
const STEP_CODE: u32 = 13;
const STEP_CHECK_LABELS: u32 = 14;
const STEP_CHECK_CALLS: u32 = 15;
const STEP_CHECK_EXPORTS: u32 = 16;
const STEP_CHECK_LAMBDAS: u32 = 17;
const STEP_DIGEST: u32 = 18;
const STEP_PLACE_CONSTANTS: u32 = 19;
const STEP_PLACE_CODE: u32 = 20;
const STEP_PLACE_FUNCTIONS: u32 = 21;
const STEP_PLACE_LINES: u32 = 22;
const STEP_PLACE_EXPORTS: u32 = 23;
const STEP_PLACE_FUNS: u32 = 24;
const STEP_PLACE_FILES: u32 = 25;
const STEP_PLACE_LINE_CHUNK: u32 = 26;
const STEP_PLACE_STRINGS: u32 = 27;
const STEP_PLACE_ATTRIBUTES: u32 = 28;
const STEP_PLACE_COMPILE_INFO: u32 = 29;
const STEP_RELOCATE: u32 = 30;
const STEPS: u32 = 31;

/** How a slice of preparing ended. */
export const PREPARE_MORE: u32 = 0;
export const PREPARE_DONE: u32 = 1;
export const PREPARE_FAILED: u32 = 2;

let fileAddress: usize = 0;
let fileBytes: u32 = 0;
let step: u32 = 0;
/** The step has begun; its entries, and the one to do next. */
let begun: bool = false;
let count: i64 = 0;
let index: u32 = 0;
const md5: usize = memory.data(16, 8);
const termState: usize = memory.data(32, 8);
const TERMS_AT_ONCE: u32 = 64;

/** Begin with the file at `address`, which must stay there. */
export function beginSteps(address: usize, length: u32): void {
  fileAddress = address;
  fileBytes = length;
  step = 0;
  begun = false;
}
/** Do about `units` of work (slices.ts). */
export function continueSteps(units: i32): u32 {
  beginSlice(units);
  while (step < STEPS) {
    if (!begun) {
      count = beginStep();
      if (count < 0) return PREPARE_FAILED;
      begun = true;
      index = 0;
      work(1);
    }
    while ((index as i64) < count) {
      if (workLeft <= 0) return PREPARE_MORE;
      work(1);
      const state = doEntry();
      if (state == ENTRY_FAILED) return PREPARE_FAILED;
      if (state == ENTRIES_OVER) break;
      if (state == ENTRY_DONE) index++;
    }
    if (!endStep()) return PREPARE_FAILED;
    step++;
    begun = false;
  }
  return PREPARE_DONE;
}

/** Entries of the step that begins, or STEP_FAILED. */
function beginStep(): i64 {
  switch (step) {
    case STEP_CONTAINER:
      return K.beginContainer(fileAddress, fileBytes) ? UNCOUNTED : STEP_FAILED;
    case STEP_ATOMS:
      return K.beginAtoms();
    case STEP_IMPORTS:
      return K.beginImports();
    case STEP_EXPORTS:
      return K.beginExports();
    case STEP_LAMBDAS:
      return K.beginLambdas();
    case STEP_LINES:
      return K.beginLines();
    case STEP_FILE_NAMES:
      return K.fileNames();
    case STEP_INFLATE:
      return L.beginInflating();
    case STEP_MEASURE_LITERALS:
      return L.beginMeasuring();
    case STEP_BUILD_LITERALS:
      return L.beginBuilding();
    case STEP_ATTRIBUTES:
      return beginTermChunk(K.CHUNK_ATTR);
    case STEP_COMPILE_INFO:
      return beginTermChunk(K.CHUNK_CINF);
    case STEP_LABELS:
      return beginLabels();
    case STEP_CODE:
      return beginCodeChunk();
    case STEP_DIGEST:
      beginDigest();
      return UNCOUNTED;
    default:
      return step < STEP_DIGEST ? labelsToCheck() : rowsToPlace();
  }
}
function labelsToCheck(): i64 {
  if (step == STEP_CHECK_LABELS) return S.vectorWords(S.V_RELOCATIONS) >> 1;
  if (step == STEP_CHECK_CALLS) return S.vectorWords(S.V_CALLS) >> 1;
  if (step == STEP_CHECK_EXPORTS) return S.vectorWords(S.V_EXPORTS) / 3;
  return S.vectorWords(S.V_LAMBDAS) / S.LAMBDA_WORDS;
}
function rowsToPlace(): i64 {
  switch (step) {
    case STEP_PLACE_CONSTANTS:
      return S.vectorWords(S.V_CONSTANTS) >> 1;
    case STEP_PLACE_CODE:
      return P.codeBlocks();
    case STEP_PLACE_FUNCTIONS:
      return S.vectorWords(S.V_FUNCTIONS);
    case STEP_PLACE_LINES:
      return S.vectorWords(S.V_LINE_POSITIONS) >> 1;
    case STEP_PLACE_EXPORTS:
      return S.vectorWords(S.V_EXPORTS) / 3;
    case STEP_PLACE_FUNS:
      return S.vectorWords(S.V_LAMBDAS) / S.LAMBDA_WORDS;
    case STEP_PLACE_FILES:
      return S.vectorWords(S.V_FILES) >> 1;
    case STEP_RELOCATE:
      return S.vectorWords(S.V_RELOCATIONS) >> 1;
    default:
      return blocksOf(K.chunkLength(chunkOfStep()));
  }
}
/** The chunk that a step is about. */
function chunkOfStep(): u32 {
  if (step == STEP_PLACE_LINE_CHUNK) return K.CHUNK_LINE;
  if (step == STEP_PLACE_STRINGS) return K.CHUNK_STRT;
  return step == STEP_ATTRIBUTES || step == STEP_PLACE_ATTRIBUTES ? K.CHUNK_ATTR : K.CHUNK_CINF;
}

function doEntry(): u32 {
  switch (step) {
    case STEP_CONTAINER:
      return K.takeChunk();
    case STEP_ATOMS:
      return entry(K.takeAtomEntry());
    case STEP_IMPORTS:
      return entry(K.takeImport());
    case STEP_EXPORTS:
      return entry(K.takeExport());
    case STEP_LAMBDAS:
      return entry(K.takeLambda());
    case STEP_LINES:
      return K.takeLineEntry();
    case STEP_FILE_NAMES:
      return entry(K.takeFileName());
    case STEP_INFLATE:
      return L.inflateNext();
    case STEP_MEASURE_LITERALS:
      return L.measureNext();
    case STEP_BUILD_LITERALS:
      return L.buildNext();
    case STEP_ATTRIBUTES:
    case STEP_COMPILE_INFO:
      return checkTerms(chunkOfStep());
    case STEP_LABELS:
      return entry(K.clearLabels(index));
    case STEP_CODE:
      return emitNext();
    case STEP_CHECK_LABELS:
      return entry(P.checkLabel(index));
    case STEP_CHECK_CALLS:
      return entry(P.checkCall(index));
    case STEP_CHECK_EXPORTS:
      return entry(P.checkExport(index));
    case STEP_CHECK_LAMBDAS:
      return entry(P.checkLambda(index));
    case STEP_DIGEST:
      return digestBlock();
    default:
      return entry(place());
  }
}
function place(): bool {
  switch (step) {
    case STEP_PLACE_CONSTANTS:
      P.placeConstant(index);
      return true;
    case STEP_PLACE_CODE:
      P.placeCode(index);
      return true;
    case STEP_PLACE_FUNCTIONS:
      P.placeFunction(index);
      return true;
    case STEP_PLACE_LINES:
      P.placeLine(index);
      return true;
    case STEP_PLACE_EXPORTS:
      return P.placeExport(index);
    case STEP_PLACE_FUNS:
      return P.placeFun(index);
    case STEP_PLACE_FILES:
      P.placeFile(index);
      return true;
    case STEP_RELOCATE:
      return P.relocate(index);
    default:
      P.placeChunk(chunkOfStep(), index);
      return true;
  }
}

/** What comes behind the entries of a step; false after a report. */
function endStep(): bool {
  if (step == STEP_BUILD_LITERALS) L.endBuilding();
  if (step != STEP_DIGEST) return true;
  takeDigest(md5);
  return P.layOut(md5);
}

// ---- single steps

/** Attr and CInf: absent, empty, or one external term. */
function beginTermChunk(chunk: u32): i64 {
  const from = K.chunkAddress(chunk);
  const bytes = K.chunkLength(chunk);
  if (!bytes) return 0;
  if (bytes < 2 || load<u8>(from) != VERSION) return noTerm(chunk);
  beginSize(from + 1, from + bytes, false);
  saveSize(termState, from);
  return UNCOUNTED;
}
function noTerm(chunk: u32): i64 {
  K.chunkFails(chunk, 'is not an external term');
  return STEP_FAILED;
}
function checkTerms(chunk: u32): u32 {
  const from = K.chunkAddress(chunk);
  work(TERMS_AT_ONCE / 2);
  restoreSize(termState, from);
  const state = continueSize(TERMS_AT_ONCE);
  if (state == SIZE_MORE) {
    saveSize(termState, from);
    return ENTRY_MORE;
  }
  if (state == SIZE_DONE && sizedEnd == from + K.chunkLength(chunk)) return ENTRIES_OVER;
  noTerm(chunk);
  return ENTRY_FAILED;
}
function beginLabels(): i64 {
  if (!K.readCodeHeader(OPCODE_MAX) || !K.memorySufficed()) return STEP_FAILED;
  return K.labelBlocks();
}
/** The cursor still stands behind the header. */
function beginCodeChunk(): i64 {
  const lines = S.vectorWords(S.V_LINES) >> 1;
  beginCode(K.moduleName, K.functionCount, K.chunkLength(K.CHUNK_STRT), lines);
  return UNCOUNTED;
}

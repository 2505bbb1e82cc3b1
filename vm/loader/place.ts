/**
 * From scratch arrays to an instance (modules.ts): checks that every label, export and fun is what
 * it must be, then lays out one block and resolves the relocations in the code.
 */
import { AREA_CODE, allocateFor, releaseFor } from '../memory_areas';
import { exportEntry } from '../code';
import { funEntryFor } from '../fun_entries';
import { fragmentData } from '../heap';
import { newCodeArea } from '../literal_areas';
import * as M from '../modules';
import * as K from './chunks';
import * as L from './literals';
import { BIG_MARK } from './constants';
import { onLoadOffset } from './emit';
import { KIND_CONSTANT, KIND_IMPORT, KIND_LABEL, KIND_LAMBDA, KIND_STRING } from './operands';
import { say, sayAtom, sayNumber, startReport } from './report';
import * as S from './scratch';
import { blocksOf, copyBlock, work } from './slices';

const FUNC_INFO: u32 = 16;

// ---- checks

/**
 * Arity of the function whose entry is at code offset `offset`, or -1 when no function starts
 * there.
 */
function arityOfEntry(offset: u32): i32 {
  let low: u32 = 0;
  let high = S.vectorWords(S.V_FUNCTIONS);
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = S.wordOf(S.V_FUNCTIONS, middle) + FUNC_INFO;
    if (entry == offset) return S.wordOf(S.V_CODE, (offset >> 2) - 1) as i32;
    if (entry < offset) low = middle + 1;
    else high = middle;
  }
  return -1;
}

/** Code offset of a label; NO_OFFSET after a report when it is not defined. */
function offsetOf(label: u32): u32 {
  const known = label < S.vectorWords(S.V_LABELS);
  const offset = known ? S.wordOf(S.V_LABELS, label) : S.NO_OFFSET;
  if (offset == S.NO_OFFSET) {
    startReport(K.moduleName, 'Code');
    say('label ');
    sayNumber(label);
    say(' is not defined');
  }
  return offset;
}

/** `label` must be the entry of a function of `arity` arguments. */
function checkEntry(label: u32, arity: u32, what: string): bool {
  const offset = offsetOf(label);
  if (offset == S.NO_OFFSET) return false;
  if (arityOfEntry(offset) == (arity as i32)) return true;
  startReport(K.moduleName, 'Code');
  say(what);
  say(' names label ');
  sayNumber(label);
  say(', which is not the entry of a function of arity ');
  sayNumber(arity);
  return false;
}

// The labels that the code, the calls, the exports and the funs name are defined and of the right
// sort: one entry each.

export function checkLabel(index: u32): bool {
  const at = index << 1;
  if (S.wordOf(S.V_RELOCATIONS, at) >> 28 != KIND_LABEL) return true;
  return offsetOf(S.wordOf(S.V_RELOCATIONS, at + 1)) != S.NO_OFFSET;
}
export function checkCall(index: u32): bool {
  work(2);
  const at = index << 1;
  return checkEntry(S.wordOf(S.V_CALLS, at), S.wordOf(S.V_CALLS, at + 1), 'a call');
}
export function checkExport(index: u32): bool {
  work(2);
  const at = index * 3;
  if (checkEntry(S.wordOf(S.V_EXPORTS, at + 2), S.wordOf(S.V_EXPORTS, at + 1), 'an export'))
    return true;
  say(' (');
  sayAtom(S.wordOf(S.V_EXPORTS, at));
  say(')');
  return false;
}
export function checkLambda(index: u32): bool {
  work(2);
  const at = index * S.LAMBDA_WORDS;
  return checkEntry(S.wordOf(S.V_LAMBDAS, at + 2), S.wordOf(S.V_LAMBDAS, at + 1), 'a fun');
}

// ---- layout

/** Next free byte of the block. */
let cursor: usize = 0;
let instance: usize = 0;
let constants: usize = 0;
let code: usize = 0;
let bigs: usize = 0;
let functions: usize = 0;
let lines: usize = 0;
let exports: usize = 0;
let funs: usize = 0;
let files: usize = 0;
let lineChunk: usize = 0;
let strings: usize = 0;
let attributes: usize = 0;
let compileInfo: usize = 0;

function words(vector: u32): u32 {
  return S.vectorWords(vector) << 2;
}
function blockBytes(): u64 {
  let bytes: u64 = M.INSTANCE_BYTES;
  bytes += words(S.V_CONSTANTS) + words(S.V_FUNCTIONS);
  bytes += ((words(S.V_LINE_POSITIONS) as u64) * 3) / 2 + words(S.V_FILES);
  bytes += (words(S.V_EXPORTS) / 3) * 4 + (words(S.V_LAMBDAS) / S.LAMBDA_WORDS) * 2;
  bytes += words(S.V_CODE);
  bytes += K.chunkLength(K.CHUNK_STRT) + K.chunkLength(K.CHUNK_ATTR) + K.chunkLength(K.CHUNK_CINF);
  return bytes + K.chunkLength(K.CHUNK_LINE) + 64;
}

function take(bytes: u32): usize {
  const address = cursor;
  cursor += bytes;
  return address;
}

/** Lay out the block; all its tables are filled later, in any order. False after a report. */
export function layOut(md5: usize): bool {
  const bytes = blockBytes();
  instance = bytes < 0x8000_0000 ? allocateFor(AREA_CODE, bytes as u32) : 0;
  const bigBytes = words(S.V_BIGS);
  bigs = bigBytes ? newCodeArea(bigBytes) : 0;
  if (!instance || (bigBytes && !bigs)) {
    releasePlaced();
    return outOfMemory();
  }
  memory.fill(instance, 0, M.INSTANCE_BYTES);
  if (bigs) memory.copy(fragmentData(bigs), S.vectorBase(S.V_BIGS), bigBytes);
  store<u32>(instance, bigs as u32, M.I_BIGS);
  store<u64>(instance, K.moduleName, M.I_MODULE);
  memory.copy(instance + M.I_MD5, md5, 16);
  store<u32>(instance, (instance + (bytes as u32)) as u32, M.I_BLOCK_END);
  cursor = instance + M.INSTANCE_BYTES;
  constants = takeTable(S.vectorWords(S.V_CONSTANTS) >> 1, 8, M.I_CONSTANTS);
  code = take(words(S.V_CODE));
  store<u32>(instance, code as u32, M.I_CODE);
  store<u32>(instance, cursor as u32, M.I_CODE_END);
  functions = takeTable(S.vectorWords(S.V_FUNCTIONS), 4, M.I_FUNCTIONS);
  lines = takeTable(S.vectorWords(S.V_LINE_POSITIONS) >> 1, M.LINE_ROW, M.I_LINES);
  exports = takeTable(S.vectorWords(S.V_EXPORTS) / 3, M.EXPORT_ROW, M.I_EXPORTS);
  funs = takeTable(S.vectorWords(S.V_LAMBDAS) / S.LAMBDA_WORDS, M.FUN_ROW, M.I_FUNS);
  files = takeTable(S.vectorWords(S.V_FILES) >> 1, M.FILE_ROW, M.I_FILES);
  lineChunk = take(K.chunkLength(K.CHUNK_LINE));
  strings = take(K.chunkLength(K.CHUNK_STRT));
  attributes = takeChunk(K.CHUNK_ATTR, M.I_ATTRIBUTES);
  compileInfo = takeChunk(K.CHUNK_CINF, M.I_COMPILE);
  store<u32>(instance, L.literalArea as u32, M.I_LITERALS);
  if (onLoadOffset) store<u32>(instance, (code + onLoadOffset - 1) as u32, M.I_ON_LOAD);
  return true;
}
/** A table of `count` rows; its address and number of rows stand in the header at `field`. */
function takeTable(count: u32, rowBytes: u32, field: u32): usize {
  const table = take(count * rowBytes);
  store<u32>(instance + field, table as u32);
  store<u32>(instance + field, count, 4);
  return table;
}
function takeChunk(chunk: u32, field: u32): usize {
  const bytes = K.chunkLength(chunk);
  const address = take(bytes);
  store<u32>(instance + field, address as u32);
  store<u32>(instance + field, bytes, 4);
  return address;
}

// ---- what is filled in: one entry each

/** Block `index` of the code, or of a chunk that is kept. */
export function placeCode(index: u32): void {
  copyBlock(code, S.vectorBase(S.V_CODE), words(S.V_CODE), index);
}
export function codeBlocks(): i64 {
  return blocksOf(words(S.V_CODE));
}
export function placeChunk(chunk: u32, index: u32): void {
  let to = strings;
  if (chunk == K.CHUNK_LINE) to = lineChunk;
  else if (chunk == K.CHUNK_ATTR) to = attributes;
  else if (chunk == K.CHUNK_CINF) to = compileInfo;
  copyBlock(to, K.chunkAddress(chunk), K.chunkLength(chunk), index);
}
export function placeConstant(index: u32): void {
  let term = S.doubleOf(S.V_CONSTANTS, index);
  if ((term & 3) == 2 && term & BIG_MARK) term = (term & ~BIG_MARK) + fragmentData(bigs);
  store<u64>(constants + (index << 3), term);
}
export function placeFunction(index: u32): void {
  store<u32>(functions + (index << 2), (code + S.wordOf(S.V_FUNCTIONS, index)) as u32);
}
export function placeLine(index: u32): void {
  const row = lines + index * M.LINE_ROW;
  const line = S.wordOf(S.V_LINE_POSITIONS, 2 * index + 1);
  store<u32>(row, (code + S.wordOf(S.V_LINE_POSITIONS, 2 * index)) as u32);
  store<u32>(row, S.wordOf(S.V_LINES, 2 * line), 4);
  store<u32>(row, S.wordOf(S.V_LINES, 2 * line + 1), 8);
}
export function placeFile(index: u32): void {
  const row = files + index * M.FILE_ROW;
  store<u32>(row, (lineChunk + S.wordOf(S.V_FILES, 2 * index)) as u32);
  store<u32>(row, S.wordOf(S.V_FILES, 2 * index + 1), 4);
}
/** The export entry exists from here on, and gets its code when the module becomes current. */
export function placeExport(index: u32): bool {
  const row = exports + index * M.EXPORT_ROW;
  const name = S.wordOf(S.V_EXPORTS, 3 * index);
  const arity = S.wordOf(S.V_EXPORTS, 3 * index + 1);
  const label = S.wordOf(S.V_LABELS, S.wordOf(S.V_EXPORTS, 3 * index + 2));
  const held = exportEntry(K.moduleName, name, arity);
  work(3);
  if (!held) return outOfMemory();
  store<u32>(row, name);
  store<u32>(row, arity, 4);
  store<u32>(row, (code + label) as u32, 8);
  store<u32>(row, held as u32, M.EXPORT_ENTRY);
  return true;
}
/** Fun entries exist from here on, but get their code when the module becomes current. */
export function placeFun(index: u32): bool {
  const at = index * S.LAMBDA_WORDS;
  const free = S.wordOf(S.V_LAMBDAS, at + 4);
  const arity = S.wordOf(S.V_LAMBDAS, at + 1) - free;
  const number = S.wordOf(S.V_LAMBDAS, at + 3);
  const uniq = S.wordOf(S.V_LAMBDAS, at + 5);
  const held = funEntryFor(K.moduleName, number, uniq, instance + M.I_MD5, arity, free);
  work(3);
  if (!held)
    return K.chunkFails(
      K.CHUNK_FUNT,
      'has a fun that exists with another arity, or memory is exhausted',
    );
  const label = S.wordOf(S.V_LABELS, S.wordOf(S.V_LAMBDAS, at + 2));
  store<u32>(funs + index * M.FUN_ROW, held as u32);
  store<u32>(funs + index * M.FUN_ROW, (code + label) as u32, 4);
  return true;
}

/** The final word of a relocation, 0 when memory is exhausted. */
function resolved(kind: u32, value: u32): u32 {
  switch (kind) {
    case KIND_CONSTANT:
      return (constants + (value << 3)) as u32;
    case KIND_LABEL:
      return (code + S.wordOf(S.V_LABELS, value)) as u32;
    case KIND_IMPORT:
      return exportEntry(
        S.wordOf(S.V_IMPORTS, 3 * value),
        S.wordOf(S.V_IMPORTS, 3 * value + 1),
        S.wordOf(S.V_IMPORTS, 3 * value + 2),
      ) as u32;
    case KIND_LAMBDA:
      return load<u32>(funs + value * M.FUN_ROW);
    case KIND_STRING:
      return (strings + value) as u32;
    default:
      return 0;
  }
}

export function relocate(index: u32): bool {
  const place = S.wordOf(S.V_RELOCATIONS, index << 1);
  const word = resolved(place >> 28, S.wordOf(S.V_RELOCATIONS, (index << 1) + 1));
  if (!word) return outOfMemory();
  store<u32>(code + ((place & 0x0fff_ffff) << 2), word);
  return true;
}

function outOfMemory(): bool {
  startReport(K.moduleName, '');
  say('is too large for the memory that is left');
  return false;
}

/** The instance is complete; the literal area belongs to it. */
export function takePlaced(): usize {
  const placed = instance;
  instance = 0;
  bigs = 0;
  return placed;
}
/** It will not be complete. */
export function releasePlaced(): void {
  if (!instance && !bigs) return;
  releaseFor(AREA_CODE, instance);
  releaseFor(AREA_CODE, bigs);
  instance = 0;
  bigs = 0;
}

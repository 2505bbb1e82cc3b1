/**
 * From scratch arrays to an instance (modules.ts): checks that every label, export and fun is what
 * it must be, then lays out one block and resolves the relocations in the code.
 */
import { AREA_CODE, allocateFor, releaseFor } from '../memory_areas';
import { exportEntry } from '../code';
import { funEntryFor } from '../fun_entries';
import * as M from '../modules';
import * as K from './chunks';
import * as L from './literals';
import { BIG_MARK } from './constants';
import { onLoadOffset } from './emit';
import { KIND_CONSTANT, KIND_IMPORT, KIND_LABEL, KIND_LAMBDA, KIND_STRING } from './operands';
import { say, sayAtom, sayNumber, startReport } from './report';
import * as S from './scratch';

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

/** All labels that the code, the exports and the funs name are defined and of the right sort. */
export function checkLabels(): bool {
  for (let i: u32 = 0; i < S.vectorWords(S.V_RELOCATIONS); i += 2) {
    if (S.wordOf(S.V_RELOCATIONS, i) >> 28 != KIND_LABEL) continue;
    if (offsetOf(S.wordOf(S.V_RELOCATIONS, i + 1)) == S.NO_OFFSET) return false;
  }
  for (let i: u32 = 0; i < S.vectorWords(S.V_CALLS); i += 2) {
    if (!checkEntry(S.wordOf(S.V_CALLS, i), S.wordOf(S.V_CALLS, i + 1), 'a call')) return false;
  }
  for (let i: u32 = 0; i < S.vectorWords(S.V_EXPORTS); i += 3) {
    if (checkEntry(S.wordOf(S.V_EXPORTS, i + 2), S.wordOf(S.V_EXPORTS, i + 1), 'an export'))
      continue;
    say(' (');
    sayAtom(S.wordOf(S.V_EXPORTS, i));
    say(')');
    return false;
  }
  for (let i: u32 = 0; i < S.vectorWords(S.V_LAMBDAS); i += S.LAMBDA_WORDS) {
    if (!checkEntry(S.wordOf(S.V_LAMBDAS, i + 2), S.wordOf(S.V_LAMBDAS, i + 1), 'a fun'))
      return false;
  }
  return true;
}

// ---- layout

/** Next free byte of the block. */
let cursor: usize = 0;
let instance: usize = 0;
let constants: usize = 0;
let code: usize = 0;
let strings: usize = 0;
let funs: usize = 0;

function words(vector: u32): u32 {
  return S.vectorWords(vector) << 2;
}
function blockBytes(): u64 {
  let bytes: u64 = M.INSTANCE_BYTES;
  bytes += words(S.V_CONSTANTS) + words(S.V_FUNCTIONS);
  bytes += ((words(S.V_LINE_POSITIONS) as u64) * 3) / 2 + words(S.V_FILES);
  bytes += words(S.V_EXPORTS) + (words(S.V_LAMBDAS) / S.LAMBDA_WORDS) * 2;
  bytes += words(S.V_CODE);
  bytes += K.chunkLength(K.CHUNK_STRT) + K.chunkLength(K.CHUNK_ATTR) + K.chunkLength(K.CHUNK_CINF);
  return bytes + K.chunkLength(K.CHUNK_LINE) + 64;
}

function take(bytes: u32): usize {
  const address = cursor;
  cursor += bytes;
  return address;
}
/** Copy a chunk's bytes into the block and note where. */
function placeChunk(chunk: u32, addressField: u32): void {
  const bytes = K.chunkLength(chunk);
  const address = take(bytes);
  memory.copy(address, K.chunkAddress(chunk), bytes);
  store<u32>(instance + addressField, address as u32);
  store<u32>(instance + addressField, bytes, 4);
}

function placeConstants(): void {
  const count = S.vectorWords(S.V_CONSTANTS) >> 1;
  constants = take(count << 3);
  const bigs = load<u32>(instance, M.I_BIGS) as usize;
  memory.copy(bigs, S.vectorBase(S.V_BIGS), words(S.V_BIGS));
  for (let i: u32 = 0; i < count; i++) {
    let term = S.doubleOf(S.V_CONSTANTS, i);
    if ((term & 3) == 2 && term & BIG_MARK) term = (term & ~BIG_MARK) + bigs;
    store<u64>(constants + (i << 3), term);
  }
  store<u32>(instance, constants as u32, M.I_CONSTANTS);
  store<u32>(instance, count, M.I_CONSTANT_COUNT);
}

function placeFunctions(): void {
  const count = S.vectorWords(S.V_FUNCTIONS);
  const table = take(count << 2);
  for (let i: u32 = 0; i < count; i++)
    store<u32>(table + (i << 2), (code + S.wordOf(S.V_FUNCTIONS, i)) as u32);
  store<u32>(instance, table as u32, M.I_FUNCTIONS);
  store<u32>(instance, count, M.I_FUNCTION_COUNT);
}

function placeLines(): void {
  const count = S.vectorWords(S.V_LINE_POSITIONS) >> 1;
  const table = take(count * M.LINE_ROW);
  for (let i: u32 = 0; i < count; i++) {
    const row = table + i * M.LINE_ROW;
    const index = S.wordOf(S.V_LINE_POSITIONS, 2 * i + 1);
    store<u32>(row, (code + S.wordOf(S.V_LINE_POSITIONS, 2 * i)) as u32);
    store<u32>(row, S.wordOf(S.V_LINES, 2 * index), 4);
    store<u32>(row, S.wordOf(S.V_LINES, 2 * index + 1), 8);
  }
  store<u32>(instance, table as u32, M.I_LINES);
  store<u32>(instance, count, M.I_LINE_COUNT);
}

function placeFiles(): void {
  const count = S.vectorWords(S.V_FILES) >> 1;
  const table = take(count * M.FILE_ROW);
  const chunk = take(K.chunkLength(K.CHUNK_LINE));
  memory.copy(chunk, K.chunkAddress(K.CHUNK_LINE), K.chunkLength(K.CHUNK_LINE));
  for (let i: u32 = 0; i < count; i++) {
    const row = table + i * M.FILE_ROW;
    store<u32>(row, (chunk + S.wordOf(S.V_FILES, 2 * i)) as u32);
    store<u32>(row, S.wordOf(S.V_FILES, 2 * i + 1), 4);
  }
  store<u32>(instance, table as u32, M.I_FILES);
  store<u32>(instance, count, M.I_FILE_COUNT);
}

function placeExports(): void {
  const count = S.vectorWords(S.V_EXPORTS) / 3;
  const table = take(count * M.EXPORT_ROW);
  for (let i: u32 = 0; i < count; i++) {
    const row = table + i * M.EXPORT_ROW;
    store<u32>(row, S.wordOf(S.V_EXPORTS, 3 * i));
    store<u32>(row, S.wordOf(S.V_EXPORTS, 3 * i + 1), 4);
    store<u32>(row, (code + S.wordOf(S.V_LABELS, S.wordOf(S.V_EXPORTS, 3 * i + 2))) as u32, 8);
  }
  store<u32>(instance, table as u32, M.I_EXPORTS);
  store<u32>(instance, count, M.I_EXPORT_COUNT);
}

/** Fun entries exist from here on, but get their code when the module becomes current. */
function placeFuns(): bool {
  const count = S.vectorWords(S.V_LAMBDAS) / S.LAMBDA_WORDS;
  funs = take(count * M.FUN_ROW);
  for (let i: u32 = 0; i < count; i++) {
    const at = i * S.LAMBDA_WORDS;
    const free = S.wordOf(S.V_LAMBDAS, at + 4);
    const arity = S.wordOf(S.V_LAMBDAS, at + 1) - free;
    const index = S.wordOf(S.V_LAMBDAS, at + 3);
    const uniq = S.wordOf(S.V_LAMBDAS, at + 5);
    const entry = funEntryFor(K.moduleName, index, uniq, instance + M.I_MD5, arity, free);
    if (!entry)
      return K.chunkFails(
        K.CHUNK_FUNT,
        'has a fun that exists with another arity, or memory is exhausted',
      );
    const label = S.wordOf(S.V_LABELS, S.wordOf(S.V_LAMBDAS, at + 2));
    store<u32>(funs + i * M.FUN_ROW, entry as u32);
    store<u32>(funs + i * M.FUN_ROW, (code + label) as u32, 4);
  }
  store<u32>(instance, funs as u32, M.I_FUNS);
  store<u32>(instance, count, M.I_FUN_COUNT);
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

function relocate(): bool {
  for (let i: u32 = 0; i < S.vectorWords(S.V_RELOCATIONS); i += 2) {
    const place = S.wordOf(S.V_RELOCATIONS, i);
    const word = resolved(place >> 28, S.wordOf(S.V_RELOCATIONS, i + 1));
    if (!word) return false;
    store<u32>(code + ((place & 0x0fff_ffff) << 2), word);
  }
  return true;
}

function outOfMemory(): bool {
  startReport(K.moduleName, '');
  say('is too large for the memory that is left');
  return false;
}

/** Build the instance; 0 after a report. The literal area then belongs to it. `md5` is copied. */
export function placeModule(md5: usize): usize {
  const bytes = blockBytes();
  instance = bytes < 0x8000_0000 ? allocateFor(AREA_CODE, bytes as u32) : 0;
  const bigBytes = words(S.V_BIGS);
  const bigs: usize = bigBytes ? allocateFor(AREA_CODE, bigBytes) : 0;
  if (!instance || (bigBytes && !bigs)) {
    outOfMemory();
    releaseFor(AREA_CODE, instance);
    releaseFor(AREA_CODE, bigs);
    return 0;
  }
  memory.fill(instance, 0, M.INSTANCE_BYTES);
  store<u32>(instance, bigs as u32, M.I_BIGS);
  store<u64>(instance, K.moduleName, M.I_MODULE);
  memory.copy(instance + M.I_MD5, md5, 16);
  store<u32>(instance, (instance + (bytes as u32)) as u32, M.I_BLOCK_END);
  cursor = instance + M.INSTANCE_BYTES;
  placeConstants();
  code = take(words(S.V_CODE));
  memory.copy(code, S.vectorBase(S.V_CODE), words(S.V_CODE));
  store<u32>(instance, code as u32, M.I_CODE);
  store<u32>(instance, cursor as u32, M.I_CODE_END);
  placeFunctions();
  placeLines();
  placeExports();
  const good = placeFuns();
  placeFiles();
  strings = take(K.chunkLength(K.CHUNK_STRT));
  memory.copy(strings, K.chunkAddress(K.CHUNK_STRT), K.chunkLength(K.CHUNK_STRT));
  placeChunk(K.CHUNK_ATTR, M.I_ATTRIBUTES);
  placeChunk(K.CHUNK_CINF, M.I_COMPILE);
  if (!good || (!relocate() && !outOfMemory())) {
    releaseFor(AREA_CODE, instance);
    releaseFor(AREA_CODE, bigs);
    return 0;
  }
  store<u32>(instance, L.literalArea as u32, M.I_LITERALS);
  store<u32>(instance, L.literalBytes, M.I_LITERAL_BYTES);
  store<u32>(instance, L.literalOffHeap as u32, M.I_LITERAL_OFF_HEAP);
  if (onLoadOffset) store<u32>(instance, (code + onLoadOffset - 1) as u32, M.I_ON_LOAD);
  return instance;
}

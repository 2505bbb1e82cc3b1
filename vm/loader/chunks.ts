/**
 * The chunks of a `.beam` file (IFF form, big-endian): finding them, and reading all but the code.
 * Every field is checked; a problem is reported (report.ts) and ends loading.
 *
 *   +------+------+------+  +----+------+------+---------+
 *   | FOR1 | size | BEAM |  | id | size | data | padding |  ...   chunks are padded to four bytes
 *   +------+------+------+  +----+------+------+---------+
 */
import { atomFromUtf8 } from '../atoms';
import { utf8Characters } from '../etf_size';
import { latin1Atom } from '../etf_tags';
import { NONE } from '../term';
import * as C from './compact';
import { say, sayBytes, sayNumber, startReport } from './report';
import * as S from './scratch';
import {
  BLOCK_BYTES,
  ENTRIES_OVER,
  ENTRY_DONE,
  ENTRY_MORE,
  STEP_FAILED,
  blocksOf,
  entry,
  work,
} from './slices';

export const CHUNK_ATOM: u32 = 0;
export const CHUNK_ATU8: u32 = 1;
export const CHUNK_CODE: u32 = 2;
export const CHUNK_STRT: u32 = 3;
export const CHUNK_IMPT: u32 = 4;
export const CHUNK_EXPT: u32 = 5;
export const CHUNK_FUNT: u32 = 6;
export const CHUNK_LITT: u32 = 7;
export const CHUNK_LINE: u32 = 8;
export const CHUNK_ATTR: u32 = 9;
export const CHUNK_CINF: u32 = 10;
export const CHUNK_LOCT: u32 = 11;
export const CHUNK_META: u32 = 12;
const CHUNKS: u32 = 13;
const IDS: usize = memory.data<u8>([
  65, 116, 111, 109, 65, 116, 85, 56, 67, 111, 100, 101, 83, 116, 114, 84, 73, 109, 112, 84, 69,
  120, 112, 84, 70, 117, 110, 84, 76, 105, 116, 84, 76, 105, 110, 101, 65, 116, 116, 114, 67, 73,
  110, 102, 76, 111, 99, 84, 77, 101, 116, 97,
]);
/** {address, length} of each chunk found. */
const found: usize = memory.data(CHUNKS * 8, 8);

/** Name of the module, NONE until the atoms are read. */
export let moduleName: u64 = NONE;
/** From the header of the Code chunk. */
export let functionCount: u32 = 0;

const ARITY_MAX: u32 = 255;

export function chunkAddress(chunk: u32): usize {
  return load<u32>(found + (chunk << 3));
}
export function chunkLength(chunk: u32): u32 {
  return load<u32>(found + (chunk << 3), 4);
}
function enter(chunk: u32): void {
  S.setCursor(chunkAddress(chunk), chunkLength(chunk));
}
/** Report a problem of a chunk; false. */
export function chunkFails(chunk: u32, why: string): bool {
  startReport(moduleName, '');
  sayBytes(IDS + (chunk << 2), 4);
  say(' chunk: ');
  say(why);
  return false;
}
function fails(why: string): bool {
  startReport(moduleName, '');
  say(why);
  return false;
}

/** Forget what the last module left. */
export function resetChunks(): void {
  memory.fill(found, 0, CHUNKS * 8);
  moduleName = NONE;
  functionCount = 0;
}

/** Begin to find the chunks of the file. */
export function beginContainer(address: usize, length: u32): bool {
  if (length < 12) return fails('is shorter than the header of a .beam file');
  if (S.wordAt(address) != 0x464f5231 || S.wordAt(address + 8) != 0x4245414d)
    return fails('does not start with FOR1 and BEAM');
  const size = S.wordAt(address + 4);
  if (size < 4 || size > length - 8) return fails('is cut off: the header promises more bytes');
  S.setCursor(address + 12, size - 4);
  return true;
}
/** The next chunk; unknown ones are passed over. */
export function takeChunk(): u32 {
  if (!S.bytesLeft()) return ENTRIES_OVER;
  if (S.bytesLeft() < 8) return entry(fails('ends within the header of a chunk'));
  const id = load<u32>(S.at);
  S.moveCursor(S.at + 4);
  const bytes = S.takeWord();
  if (bytes > S.bytesLeft())
    return entry(fails('is cut off: a chunk promises more bytes than there are'));
  for (let chunk: u32 = 0; chunk < CHUNKS; chunk++) {
    if (load<u32>(IDS + (chunk << 2)) != id) continue;
    if (chunkAddress(chunk)) return entry(chunkFails(chunk, 'stands twice'));
    store<u32>(found + (chunk << 3), S.at as u32);
    store<u32>(found + (chunk << 3), bytes, 4);
  }
  const padded = (bytes + 3) & ~3;
  S.moveCursor(padded > S.bytesLeft() ? S.end : S.at + padded);
  return ENTRY_DONE;
}
/** Find all chunks at once. */
export function readContainer(address: usize, length: u32): bool {
  if (!beginContainer(address, length)) return false;
  let state = ENTRY_DONE;
  while (state == ENTRY_DONE) state = takeChunk();
  return state == ENTRIES_OVER;
}

const KEPT_BYTES: u32 = 16;
const kept: usize = memory.data(16 + 13 * 8, 8);
/** Put what is known of the module being loaded aside: another file is looked into. */
export function keepChunks(): void {
  store<u32>(kept, S.at as u32);
  store<u32>(kept, S.end as u32, 4);
  store<u32>(kept, moduleName as u32, 8);
  store<u32>(kept, functionCount, 12);
  memory.copy(kept + KEPT_BYTES, found, CHUNKS * 8);
}
export function restoreChunks(): void {
  const at = load<u32>(kept);
  S.setCursor(at, load<u32>(kept, 4) - at);
  moduleName = load<u32>(kept, 8);
  functionCount = load<u32>(kept, 12);
  memory.copy(found, kept + KEPT_BYTES, CHUNKS * 8);
}

/**
 * A table's first word, its number of entries of at least `bytes` bytes each; false when so many
 * cannot follow.
 */
export let entries: u32 = 0;
export function takeCount(chunk: u32, bytes: u32): bool {
  if (S.bytesLeft() < 4) return chunkFails(chunk, 'is shorter than its header');
  entries = S.takeWord();
  if ((entries as u64) * bytes > (S.bytesLeft() as u64))
    return chunkFails(chunk, 'is too short for the number of entries it promises');
  return true;
}

// ---- atoms

/** The chunk has UTF-8, and lengths as OTP 28 writes them. */
let utf8: bool = false;
let compact: bool = false;

export function beginAtoms(): i64 {
  utf8 = chunkAddress(CHUNK_ATU8) != 0;
  const chunk = utf8 ? CHUNK_ATU8 : CHUNK_ATOM;
  if (!chunkAddress(chunk)) return stepFails('has no atom chunk');
  enter(chunk);
  if (S.bytesLeft() < 4) return atomsFail('is shorter than its header');
  const signed = S.takeWord() as i32;
  // OTP 28 writes the count negated, and lengths as compact numbers instead of bytes.
  compact = utf8 && signed < 0;
  const count = (compact ? 0 - signed : signed) as u32;
  if (!count) return atomsFail('names no module');
  if (count > S.bytesLeft()) return atomsFail('is too short for the number of entries it promises');
  return count;
}
function atomsFail(why: string): i64 {
  chunkFails(utf8 ? CHUNK_ATU8 : CHUNK_ATOM, why);
  return STEP_FAILED;
}
function stepFails(why: string): i64 {
  fails(why);
  return STEP_FAILED;
}
export function takeAtomEntry(): bool {
  const chunk = utf8 ? CHUNK_ATU8 : CHUNK_ATOM;
  if (!S.bytesLeft()) return chunkFails(chunk, 'ends within an atom');
  let length = 0 as u32;
  if (!compact) length = S.takeByte();
  else if (C.takeUnsigned()) length = C.value as u32;
  else return chunkFails(chunk, 'has a malformed length');
  if (length > S.bytesLeft()) return chunkFails(chunk, 'ends within an atom');
  const characters = utf8 ? utf8Characters(S.at, length) : (length as i32);
  if (characters < 0) return chunkFails(chunk, 'has an atom that is not UTF-8');
  if (characters > 255) return chunkFails(chunk, 'has an atom of more than 255 characters');
  const atom = utf8 ? atomFromUtf8(S.at, length) : latin1Atom(S.at, length);
  if (atom == NONE) return chunkFails(chunk, 'has more atoms than the atom table has room for');
  if (!S.vectorWords(S.V_ATOMS)) moduleName = atom;
  S.pushWord(S.V_ATOMS, atom as u32);
  S.moveCursor(S.at + length);
  work(8);
  return true;
}

/** The next word as index of an atom (from 1): pushes the atom word. */
function takeAtomIndex(chunk: u32, vector: u32): bool {
  const index = S.takeWord();
  if (!index || index > S.vectorWords(S.V_ATOMS)) {
    chunkFails(chunk, 'names an atom that is not in the table: ');
    sayNumber(index);
    return false;
  }
  S.pushWord(vector, S.wordOf(S.V_ATOMS, index - 1));
  return true;
}
function takeArity(chunk: u32, vector: u32): bool {
  const arity = S.takeWord();
  if (arity > ARITY_MAX) return chunkFails(chunk, 'has an arity above 255');
  S.pushWord(vector, arity);
  return true;
}

// ---- imports, exports, lambdas, lines

function beginTable(chunk: u32, bytes: u32): i64 {
  enter(chunk);
  return takeCount(chunk, bytes) ? (entries as i64) : STEP_FAILED;
}

export function beginImports(): i64 {
  return chunkAddress(CHUNK_IMPT) ? beginTable(CHUNK_IMPT, 12) : stepFails('has no import chunk');
}
export function takeImport(): bool {
  return (
    takeAtomIndex(CHUNK_IMPT, S.V_IMPORTS) &&
    takeAtomIndex(CHUNK_IMPT, S.V_IMPORTS) &&
    takeArity(CHUNK_IMPT, S.V_IMPORTS)
  );
}

/**
 * Function, arity, label: labels are checked when the code is known. Local functions (LocT) are
 * only looked at.
 */
export function beginExports(): i64 {
  return chunkAddress(CHUNK_EXPT) ? beginTable(CHUNK_EXPT, 12) : stepFails('has no export chunk');
}
export function takeExport(): bool {
  if (!takeAtomIndex(CHUNK_EXPT, S.V_EXPORTS) || !takeArity(CHUNK_EXPT, S.V_EXPORTS)) return false;
  S.pushWord(S.V_EXPORTS, S.takeWord());
  return true;
}

export function beginLambdas(): i64 {
  return chunkAddress(CHUNK_FUNT) ? beginTable(CHUNK_FUNT, 24) : 0;
}
export function takeLambda(): bool {
  if (!takeAtomIndex(CHUNK_FUNT, S.V_LAMBDAS)) return false;
  const arity = S.takeWord();
  S.pushWord(S.V_LAMBDAS, arity);
  S.pushWord(S.V_LAMBDAS, S.takeWord());
  S.pushWord(S.V_LAMBDAS, S.takeWord());
  const free = S.takeWord();
  S.pushWord(S.V_LAMBDAS, free);
  S.pushWord(S.V_LAMBDAS, S.takeWord());
  if (arity > ARITY_MAX || free > arity)
    return chunkFails(CHUNK_FUNT, 'has a fun with more free variables than arguments');
  return true;
}

/** Modules are loaded without their line numbers. */
let lineless: bool = false;
export function setLineless(yes: bool): void {
  lineless = yes;
}

/** File names of the Line chunk, and the one that lines now belong to. */
let files: u32 = 0;
let file: u32 = 0;

/**
 * Line numbers: entry 0 is "no location". Tag i is a line of the current file, tag a changes the
 * file.
 */
export function beginLines(): i64 {
  files = 0;
  file = 0;
  if (!chunkAddress(CHUNK_LINE) || lineless) return 0;
  enter(CHUNK_LINE);
  if (S.bytesLeft() < 20) return lineFails('is shorter than its header');
  const version = S.takeWord();
  // A later version may mean anything: such a module simply has no line numbers.
  if (version) return 0;
  S.moveCursor(S.at + 8);
  const lines = S.takeWord();
  files = S.takeWord();
  if ((lines as u64) + files > (S.bytesLeft() as u64))
    return lineFails('is too short for the number of entries it promises');
  S.pushWord(S.V_LINES, 0);
  S.pushWord(S.V_LINES, 0);
  return lines;
}
function lineFails(why: string): i64 {
  chunkFails(CHUNK_LINE, why);
  return STEP_FAILED;
}
export function takeLineEntry(): u32 {
  if (!C.takeTerm()) return entry(chunkFails(CHUNK_LINE, 'has a malformed entry'));
  if (C.tag == C.TAG_A) {
    if (C.value > (files as i64))
      return entry(chunkFails(CHUNK_LINE, 'names a file that does not exist'));
    file = C.value as u32;
    return ENTRY_MORE;
  }
  if (C.tag != C.TAG_I || C.value < 0 || C.value > 0x7fff_ffff)
    return entry(chunkFails(CHUNK_LINE, 'has a malformed entry'));
  S.pushWord(S.V_LINES, C.value as u32);
  S.pushWord(S.V_LINES, file);
  return ENTRY_DONE;
}
export function fileNames(): i64 {
  return files;
}
export function takeFileName(): bool {
  if (S.bytesLeft() < 2) return chunkFails(CHUNK_LINE, 'ends within a file name');
  const length = bswap<u16>(load<u16>(S.at)) as u32;
  S.moveCursor(S.at + 2);
  if (length > S.bytesLeft()) return chunkFails(CHUNK_LINE, 'ends within a file name');
  S.pushWord(S.V_FILES, (S.at - chunkAddress(CHUNK_LINE)) as u32);
  S.pushWord(S.V_FILES, length);
  S.moveCursor(S.at + length);
  return true;
}

// ---- the head of the code chunk

/**
 * Reads the header of the Code chunk and leaves the cursor on the first instruction. Makes the
 * label table.
 */
export function readCodeHeader(opcodeMax: u32): bool {
  if (!chunkAddress(CHUNK_CODE)) return fails('has no code chunk');
  enter(CHUNK_CODE);
  if (S.bytesLeft() < 20) return chunkFails(CHUNK_CODE, 'is shorter than its header');
  const header = S.takeWord();
  if (header < 16 || header > S.bytesLeft()) return chunkFails(CHUNK_CODE, 'has a bad header size');
  const format = S.takeWord();
  if (format) return chunkFails(CHUNK_CODE, 'has an instruction format that is not 0');
  const highest = S.takeWord();
  if (highest > opcodeMax) {
    chunkFails(CHUNK_CODE, 'needs instruction ');
    sayNumber(highest);
    say(', this VM knows them up to ');
    sayNumber(opcodeMax);
    return false;
  }
  const labels = S.takeWord();
  functionCount = S.takeWord();
  S.moveCursor(S.at + (header - 16));
  // A label and a function take at least two bytes of code each.
  if (labels > S.bytesLeft() || functionCount > S.bytesLeft())
    return chunkFails(
      CHUNK_CODE,
      'is too short for the number of labels and functions it promises',
    );
  S.sizeVector(S.V_LABELS, max(labels, 1));
  S.sizeVector(S.V_LABEL_STATES, max(labels, 1));
  return true;
}
/** Blocks of the tables of labels, and one of them: no label is defined, none has a state. */
export function labelBlocks(): i64 {
  return blocksOf(S.vectorWords(S.V_LABELS) << 2);
}
export function clearLabels(index: u32): bool {
  const at = index * BLOCK_BYTES;
  const bytes = min(BLOCK_BYTES, (S.vectorWords(S.V_LABELS) << 2) - at);
  memory.fill(S.vectorBase(S.V_LABELS) + at, S.NO_OFFSET as u8, bytes);
  memory.fill(S.vectorBase(S.V_LABEL_STATES) + at, 0, bytes);
  work(16);
  return true;
}

export function memorySufficed(): bool {
  if (!S.exhausted) return true;
  return fails('is too large for the memory that is left');
}

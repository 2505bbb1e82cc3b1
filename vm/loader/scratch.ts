/**
 * Growable arrays that live while one module is loaded, and the cursor over the bytes being read.
 * There is one module at a time that is being loaded (loader/job.ts). When memory runs out
 * `exhausted` is set and later pushes are dropped; whoever finishes a step looks at it once.
 */
import { allocate, reallocate, release } from '../alloc';
import { work } from './slices';

export const V_ATOMS: u32 = 0;
/** Triples module, function (atom words), arity. */
export const V_IMPORTS: u32 = 1;
/** Triples function (atom word), arity, label. */
export const V_EXPORTS: u32 = 2;
/** LAMBDA_WORDS words each: function (atom word), arity, label, index, free variables, old uniq. */
export const V_LAMBDAS: u32 = 3;
/** Pairs of words: a term. */
export const V_LITERALS: u32 = 4;
/** Pairs line, file of the Line chunk. */
export const V_LINES: u32 = 5;
/** Pairs offset in the Line chunk, bytes of file names. */
export const V_FILES: u32 = 6;
/** Byte offset in the code of each label, or NO_OFFSET. */
export const V_LABELS: u32 = 7;
export const V_CODE: u32 = 8;
/** Pairs: word index in the code | kind << 28, value. */
export const V_RELOCATIONS: u32 = 9;
/** Pairs of words: a term of the constant table. */
export const V_CONSTANTS: u32 = 10;
/** Nodes of the trie over the constants (constants.ts). */
export const V_CONSTANT_NODES: u32 = 11;
/** Big integers that stand in the code itself: header and digits. */
export const V_BIGS: u32 = 12;
/** Byte offset in the code of each func_info. */
export const V_FUNCTIONS: u32 = 13;
/** Pairs byte offset in the code, index in V_LINES. */
export const V_LINE_POSITIONS: u32 = 14;
/** Pairs of 64-bit words of a select instruction: value, label. */
export const V_SELECT: u32 = 15;
/** Labels of a dense select. */
export const V_SELECT_TABLE: u32 = 16;
/** Pairs label, arity of local calls. */
export const V_CALLS: u32 = 17;
/** States of labels, and where in it the state of each label is + 1 (frame_state.ts). */
export const V_STATES: u32 = 18;
export const V_LABEL_STATES: u32 = 19;
/** Labels that the function being verified branches to and that were not defined then. */
export const V_TARGETS: u32 = 20;
/**
 * Pairs kind, word: destinations in the list of an instruction that may fail after writing some.
 */
export const V_WRITES: u32 = 21;
const VECTORS: u32 = 22;
const VECTOR_BYTES: u32 = 12;

export const NO_OFFSET: u32 = 0xffff_ffff;
export const LAMBDA_WORDS: u32 = 6;

/** {base, length in bytes, capacity in bytes} each. */
const vectors: usize = memory.data(VECTORS * VECTOR_BYTES, 8);
export let exhausted: bool = false;

/** Next byte to read and the first byte not to read. */
export let at: usize = 0;
export let end: usize = 0;

export function setCursor(address: usize, length: u32): void {
  at = address;
  end = address + length;
}
export function moveCursor(address: usize): void {
  at = address;
}
export function bytesLeft(): u32 {
  return (end - at) as u32;
}
export function wordAt(address: usize): u32 {
  return bswap<u32>(load<u32>(address));
}
/** The next 32-bit number, most significant byte first; the caller has looked at bytesLeft. */
export function takeWord(): u32 {
  const word = bswap<u32>(load<u32>(at));
  at += 4;
  return word;
}
export function takeByte(): u32 {
  return load<u8>(at++);
}

export function vectorBase(vector: u32): usize {
  return load<u32>(vectors + vector * VECTOR_BYTES);
}
/** Length in 32-bit words. */
export function vectorWords(vector: u32): u32 {
  return load<u32>(vectors + vector * VECTOR_BYTES, 4) >> 2;
}
export function wordOf(vector: u32, index: u32): u32 {
  return load<u32>(load<u32>(vectors + vector * VECTOR_BYTES) + (index << 2));
}
export function setWordOf(vector: u32, index: u32, word: u32): void {
  store<u32>(load<u32>(vectors + vector * VECTOR_BYTES) + (index << 2), word);
}
/** Element `index` of a vector of 64-bit words. */
export function doubleOf(vector: u32, index: u32): u64 {
  return load<u64>(load<u32>(vectors + vector * VECTOR_BYTES) + (index << 3));
}

/** So many bytes copied (as a power of two) are a unit of work. */
const GROWN_BYTES_SHIFT: u32 = 8;

function growVector(vector: usize): bool {
  const capacity = load<u32>(vector, 8);
  const larger = capacity ? capacity << 1 : 256;
  if (capacity >= 0x4000_0000) {
    exhausted = true;
    return false;
  }
  const fresh = reallocate(load<u32>(vector), larger);
  if (!fresh) {
    exhausted = true;
    return false;
  }
  // The contents were copied, into memory that may be touched for the first time.
  work((capacity >> GROWN_BYTES_SHIFT) as i32);
  store<u32>(vector, fresh as u32);
  store<u32>(vector, larger, 8);
  return true;
}

export function pushWord(vector: u32, word: u32): void {
  const slot = vectors + vector * VECTOR_BYTES;
  const length = load<u32>(slot, 4);
  if (length == load<u32>(slot, 8) && !growVector(slot)) return;
  store<u32>(load<u32>(slot) + length, word);
  store<u32>(slot, length + 4, 4);
}
export function pushDouble(vector: u32, word: u64): void {
  pushWord(vector, word as u32);
  pushWord(vector, (word >> 32) as u32);
}
/** Make `vector` exactly `words` words, which are not filled: false without memory. */
export function sizeVector(vector: u32, words: u32): bool {
  const slot = vectors + vector * VECTOR_BYTES;
  emptyVector(vector);
  const base = words < 0x1000_0000 ? allocate(words << 2) : 0;
  if (!base) {
    exhausted = true;
    return false;
  }
  store<u32>(slot, base as u32);
  store<u32>(slot, words << 2, 4);
  store<u32>(slot, words << 2, 8);
  return true;
}
/** Room for `words` words; without memory for it the vector grows when it must. */
export function reserveVector(vector: u32, words: u32): void {
  const slot = vectors + vector * VECTOR_BYTES;
  if (load<u32>(slot, 8) >= words << 2) return;
  const fresh = reallocate(load<u32>(slot), words << 2);
  if (!fresh) return;
  store<u32>(slot, fresh as u32);
  store<u32>(slot, words << 2, 8);
}

/** Forget the contents and the room: a vector that gets much room is not copied into it. */
export function emptyVector(vector: u32): void {
  const slot = vectors + vector * VECTOR_BYTES;
  release(load<u32>(slot));
  store<u64>(slot, 0);
  store<u32>(slot, 0, 8);
}
/** Forget the contents, keep the room. */
export function clearVector(vector: u32): void {
  store<u32>(vectors + vector * VECTOR_BYTES, 0, 4);
}

export function releaseScratch(): void {
  for (let i: u32 = 0; i < VECTORS; i++) release(load<u32>(vectors + i * VECTOR_BYTES));
  memory.fill(vectors, 0, VECTORS * VECTOR_BYTES);
  exhausted = false;
}

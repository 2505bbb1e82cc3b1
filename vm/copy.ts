/**
 * Copying terms: between processes (messages, spawn arguments), into tables, into literal areas.
 * Sharing inside a term is not kept (as in OTP); literals are shared between processes, not copied,
 * unless the caller asks.
 *
 * The walker is Cheney's: the root is copied, then the copy itself is scanned word by word, and
 * what its words point to is copied behind it. All its state is one record, so that a large copy
 * can be done in slices:
 *
 *   record: +------+-----+------+------+--------------+---+------------------------+
 *           | scan | top | slot | mode | offHeapWords | - | large: from, at, words |   u32 each
 *           +------+-----+------+------+--------------+---+------------------------+
 *
 * Binaries: a copied RefcBinary counts one more reference and joins the off-heap list `slot`. Of a
 * heap binary only the part that a sub-binary shows is copied. A match context never is: should one
 * get here, its binary is copied in its place.
 *
 * A message is a heap fragment (heap.ts) whose first word is the root and whose own off-heap list
 * begins in its header, so that adopting it takes constant time.
 */
import { managedBytes, release } from './alloc';
import { REFC_DATA, REFC_FLAGS, freezeBinary } from './binary';
import { P_OFF_HEAP_WORDS } from './gen/layout';
import {
  FRAGMENT_HEADER,
  FRAGMENT_OFF_HEAP,
  adoptFragment,
  fragmentData,
  newFragment,
} from './heap';
import { isRetiring } from './literal_areas';
import {
  MAGIC_NEXT,
  REFC_NEXT,
  isMagicHeader,
  linkHolder,
  offHeapObject,
  offHeapWeight,
  releaseList,
  retainObject,
} from './off_heap';
import {
  LITERAL_BIT,
  SUB_EXPORT,
  SUB_EXTERNAL_REF,
  SUB_FUN,
  SUB_HEAP_BINARY,
  SUB_MATCH_STATE,
  SUB_REF,
  SUB_REFC_BINARY,
  SUB_SUB_BINARY,
  SUB_TUPLE,
  TAG_BOXED,
  TAG_LIST,
  boxedAddress,
  boxedWord,
  firstTermOf,
  headerOf,
  headerSubtag,
  headerWords,
} from './term';
import { WALK_STEPS, putAside, shouldLeave, takeUp, walkA, walkB } from './walk';
import { WALK_SIZE } from './walk_layout';
import { cut, mark, pop, push } from './work_stack';

/** Literals are copied like everything else. */
export const COPY_LITERALS: u32 = 1;
/** The copy is a literal area: its pointers carry the literal bit. */
export const MAKE_LITERALS: u32 = 2;
/**
 * sizeOf only: count as OTP's erts_debug:flat_size/1 does, where its objects have other sizes than
 * ours.
 */
export const AS_OTP: u32 = 4;

const C_SCAN: u32 = 0;
const C_TOP: u32 = 4;
const C_SLOT: u32 = 8;
const C_MODE: u32 = 12;
const C_OFF_HEAP_WORDS: u32 = 16;
/** A large object being copied: its words from here, to there, so many left. */
const C_LARGE_FROM: u32 = 24;
const C_LARGE_AT: u32 = 28;
const C_LARGE_LEFT: u32 = 32;
/** Bytes of a copy record. */
export const COPY_RECORD_BYTES: u32 = 40;
/** The record of copies that run to the end at once. */
const wholeCopy: usize = memory.data(40, 8);
/** Objects of more words are copied piece by piece. */
const LARGE_WORDS: u32 = 512;

// ---- binaries

/** Bytes that the part of a SubBinary touches beyond its whole bytes: 0, 1 or 2. */
function partialBytes(bits: u32): u32 {
  return ((bits & 7) + ((bits >> 8) & 7) + 7) >> 3;
}
function heapBinaryWords(bytes: u32): u32 {
  return 2 + ((bytes + 7) >> 3);
}
/** Words that the copy of a SubBinary at `from` takes, with what it must bring along. */
function subBinaryWords(from: usize): u32 {
  const extra = partialBytes(load<u32>(from, 24));
  const base = boxedAddress(load<u64>(from, 32));
  const words =
    headerSubtag(load<u64>(base)) == SUB_REFC_BINARY
      ? 6
      : heapBinaryWords(load<u32>(from, 8) + extra);
  return extra ? words + 5 : words;
}

/** `from` is a RefcBinary: a second reference to its object is about to be made. */
function freeze(from: usize): void {
  if (load<u32>(from, REFC_FLAGS)) freezeBinary(from);
}
function copyRefc(record: usize, at: usize, object: usize, data: usize, bytes: u32): void {
  store<u64>(at, headerOf(SUB_REFC_BINARY, 5));
  store<u64>(at, bytes as u64, 8);
  store<u64>(at, object as u64, 24);
  store<u64>(at, data as u64, 32);
  store<u64>(at, 0, 40);
  retainObject(object);
  linkHolder(at, REFC_NEXT, load<u32>(record, C_SLOT));
  store<u32>(record, load<u32>(record, C_OFF_HEAP_WORDS) + offHeapWeight(at), C_OFF_HEAP_WORDS);
}
function copyHeapBytes(at: usize, data: usize, bytes: u32): void {
  const words = heapBinaryWords(bytes);
  store<u64>(at, headerOf(SUB_HEAP_BINARY, words - 1));
  store<u64>(at, bytes as u64, 8);
  if (words > 2) store<u64>(at + ((words - 1) << 3), 0);
  memory.copy(at + 16, data, bytes);
}
/**
 * Copy the SubBinary at `from` to `at`; it becomes a whole binary when its part begins and ends on
 * byte borders.
 */
function copySubBinary(record: usize, from: usize, at: usize): void {
  const bits = load<u32>(from, 24) & 0xffff;
  const extra = partialBytes(bits);
  const base = boxedAddress(load<u64>(from, 32));
  const bytes = load<u32>(from, 8) + extra;
  const whole = extra ? at + 40 : at;
  const offset = load<u32>(from, 16);
  if (headerSubtag(load<u64>(base)) == SUB_REFC_BINARY) {
    freeze(base);
    copyRefc(record, whole, offHeapObject(base), load<u32>(base, REFC_DATA) + offset, bytes);
  } else copyHeapBytes(whole, base + 16 + offset, bytes);
  if (!extra) return;
  const mark: u64 = load<u32>(record, C_MODE) & MAKE_LITERALS ? LITERAL_BIT : 0;
  store<u64>(at, headerOf(SUB_SUB_BINARY, 4));
  store<u64>(at, (bytes - extra) as u64, 8);
  store<u64>(at, 0, 16);
  store<u64>(at, bits as u64, 24);
  store<u64>(at, (whole as u64) | TAG_BOXED | mark, 32);
}

// ---- sizes

function otpWords(header: u64): u32 {
  const words = headerWords(header);
  const subtag = headerSubtag(header);
  if (subtag == SUB_TUPLE) return words ? words + 1 : 0;
  if (subtag == SUB_FUN) return words + 3;
  if (subtag == SUB_EXPORT) return 5;
  if (subtag == SUB_REF) return 3;
  if (subtag == SUB_EXTERNAL_REF) return 3 + (words >> 1);
  return words + 1;
}
/**
 * Words that the copy of one boxed object takes, without what it points to (but with what a binary
 * brings along).
 */
export function objectWords(from: usize, header: u64, mode: u32): u32 {
  const subtag = headerSubtag(header);
  if (subtag == SUB_SUB_BINARY) return subBinaryWords(from);
  if (mode & AS_OTP) return otpWords(header);
  return headerWords(header) + 1;
}

/** What the pointer points to is copied in this mode: no literal that stays where it is. */
export function isCopied(pointer: u64, mode: u32): bool {
  return !(pointer & LITERAL_BIT) || (mode & COPY_LITERALS) != 0 || isRetiring(pointer);
}

/** sizeOf: more than any heap can hold. */
export const TOO_LARGE: u32 = 0xffff_ffff;

/**
 * Words that a copy of `t` takes in the given mode; TOO_LARGE when that is more than all memory (a
 * term that shares much can be, when written out).
 */
export function sizeOf(t: u64, mode: u32): u32 {
  const base = mark();
  const limit: u64 = mode & AS_OTP ? (TOO_LARGE as u64) : ((managedBytes >> 3) as u64);
  let words: u64 = 0;
  let term = t;
  let steps: u32 = 0;
  if (takeUp(WALK_SIZE)) {
    words = walkA;
    term = walkB;
  }
  while (words < limit) {
    if (++steps == WALK_STEPS) {
      steps = 0;
      if (shouldLeave() && putAside(WALK_SIZE, base, words, term, 0)) return 0;
    }
    const tag = term & 3;
    if (!tag) {
      term = nextOfRange(term);
      continue;
    }
    if ((tag == TAG_LIST || tag == TAG_BOXED) && isCopied(term, mode)) {
      const from = ((term as u32) & ~3) as usize;
      if (tag == TAG_LIST) {
        words += 2;
        if ((load<u64>(from) & 3) != 3 && !push(load<u64>(from))) break;
        term = load<u64>(from, 8);
        continue;
      }
      const header = load<u64>(from);
      if (headerSubtag(header) == SUB_MATCH_STATE) {
        term = boxedWord(term, 4);
        continue;
      }
      words += objectWords(from, header, mode);
      if (!pushChildren(from, header)) break;
    }
    if (mark() == base) return words as u32;
    term = pop();
  }
  cut(base);
  return TOO_LARGE;
}
/**
 * A range on the work stack: the words from one address (low half) to before another one, which as
 * addresses of words have no tag. The first word; what is left of the range is pushed again.
 */
function nextOfRange(range: u64): u64 {
  const at = range as u32;
  const rest = range + 8;
  // There is room: the range has just been popped.
  if ((rest as u32) < ((rest >> 32) as u32)) push(rest);
  return load<u64>(at as usize);
}
/** Push the terms of an object as a range; false when the work stack cannot grow. */
function pushChildren(from: usize, header: u64): bool {
  const subtag = headerSubtag(header);
  const first = firstTermOf(subtag);
  if (!first || subtag == SUB_SUB_BINARY) return true;
  const end = from + ((headerWords(header) + 1) << 3);
  const start = from + (first << 3);
  return start >= end || push(((end as u64) << 32) | (start as u64));
}
/** Words to copy `t` to another heap; literals are shared and count nothing. */
export function flatSize(t: u64): u32 {
  return (t & 3) == 3 || !isCopied(t, 0) ? 0 : sizeOf(t, 0);
}
/** The size that OTP's erts_debug:flat_size/1 gives: literals count, its objects' sizes. */
export function otpFlatSize(t: u64): u32 {
  return sizeOf(t, AS_OTP | COPY_LITERALS);
}

// ---- copying

/**
 * Copy what `word` points to, if that must be copied, to the top of the copy; returns the pointer
 * to the copy.
 */
function copyOne(record: usize, word: u64): u64 {
  const mode = load<u32>(record, C_MODE);
  let source = word;
  while (true) {
    if ((source & 3) == 3 || !isCopied(source, mode)) return source;
    const from = ((source as u32) & ~3) as usize;
    const at = load<u32>(record, C_TOP) as usize;
    const bit: u64 = mode & MAKE_LITERALS ? LITERAL_BIT : 0;
    if ((source & 3) == TAG_LIST) {
      store<u64>(at, load<u64>(from));
      store<u64>(at, load<u64>(from, 8), 8);
      store<u32>(record, (at + 16) as u32, C_TOP);
      return (at as u64) | TAG_LIST | bit;
    }
    const header = load<u64>(from);
    const subtag = headerSubtag(header);
    if (subtag == SUB_MATCH_STATE) {
      source = load<u64>(from, 32);
      continue;
    }
    const words = copyObject(record, from, header, at);
    store<u32>(record, (at + (words << 3)) as u32, C_TOP);
    return (at as u64) | TAG_BOXED | bit;
  }
}
/** Copy one boxed object to `at`; returns the words written. */
export function copyObject(record: usize, from: usize, header: u64, at: usize): u32 {
  const subtag = headerSubtag(header);
  if (subtag == SUB_SUB_BINARY) {
    copySubBinary(record, from, at);
    return subBinaryWords(from);
  }
  if (subtag == SUB_REFC_BINARY) {
    freeze(from);
    copyRefc(record, at, offHeapObject(from), load<u32>(from, REFC_DATA), load<u32>(from, 8));
    return 6;
  }
  const words = headerWords(header) + 1;
  if (words > LARGE_WORDS) {
    store<u32>(record, from as u32, C_LARGE_FROM);
    store<u32>(record, at as u32, C_LARGE_AT);
    store<u32>(record, words, C_LARGE_LEFT);
    return words;
  }
  for (let i: u32 = 0; i < words << 3; i += 8) store<u64>(at + i, load<u64>(from + i));
  if (isMagicHeader(header)) {
    retainObject(offHeapObject(at));
    linkHolder(at, MAGIC_NEXT, load<u32>(record, C_SLOT));
  }
  return words;
}

/**
 * Begin to copy `t` to `at`; returns its root. `slot` is the address of the off-heap list head of
 * the target.
 */
export function beginCopy(record: usize, t: u64, at: usize, slot: usize, mode: u32): u64 {
  store<u32>(record, at as u32, C_SCAN);
  store<u32>(record, at as u32, C_TOP);
  prepareRecord(record, slot, mode);
  return copyOne(record, t);
}
/** What copyObject alone needs of a record. */
export function prepareRecord(record: usize, slot: usize, mode: u32): void {
  store<u32>(record, slot as u32, C_SLOT);
  store<u32>(record, mode, C_MODE);
  store<u32>(record, 0, C_OFF_HEAP_WORDS);
  store<u32>(record, 0, C_LARGE_LEFT);
}
/** The next words of the large object under way. */
function continueLarge(record: usize): u32 {
  const words = min(load<u32>(record, C_LARGE_LEFT), LARGE_WORDS);
  const from = load<u32>(record, C_LARGE_FROM);
  const at = load<u32>(record, C_LARGE_AT);
  memory.copy(at, from, words << 3);
  store<u32>(record, from + (words << 3), C_LARGE_FROM);
  store<u32>(record, at + (words << 3), C_LARGE_AT);
  store<u32>(record, load<u32>(record, C_LARGE_LEFT) - words, C_LARGE_LEFT);
  return words;
}
/** Go on with a copy for about `budget` words; true when it is complete. */
export function continueCopy(record: usize, budget: u32): bool {
  let scan = load<u32>(record, C_SCAN) as usize;
  let left = budget as i32;
  while (true) {
    if (left <= 0) {
      store<u32>(record, scan as u32, C_SCAN);
      return false;
    }
    if (load<u32>(record, C_LARGE_LEFT)) {
      left -= continueLarge(record);
      continue;
    }
    if (scan >= load<u32>(record, C_TOP)) break;
    const word = load<u64>(scan);
    left--;
    if (word & 3) {
      if ((word & 3) != 3) store<u64>(scan, copyOne(record, word));
      scan += 8;
      continue;
    }
    const subtag = headerSubtag(word);
    const first = firstTermOf(subtag);
    // The binary of a SubBinary was copied together with it.
    const words = first && subtag != SUB_SUB_BINARY ? first : headerWords(word) + 1;
    left -= words - 1;
    scan += words << 3;
  }
  store<u32>(record, scan as u32, C_SCAN);
  return true;
}

/**
 * Copy `t` to `at`, where sizeOf(t, mode) words are free; returns the copy. `process`, if not 0, is
 * charged for the off-heap memory that the copy keeps alive.
 */
export function copyTermIn(mode: u32, t: u64, at: usize, process: usize, slot: usize): u64 {
  const root = beginCopy(wholeCopy, t, at, slot, mode);
  while (!continueCopy(wholeCopy, 0x0fff_ffff)) {}
  if (process) {
    const held = load<u32>(process, P_OFF_HEAP_WORDS);
    store<u32>(process, held + load<u32>(wholeCopy, C_OFF_HEAP_WORDS), P_OFF_HEAP_WORDS);
  }
  return root;
}
export function copyTerm(t: u64, at: usize, process: usize, slot: usize): u64 {
  return copyTermIn(0, t, at, process, slot);
}

// ---- messages and literal areas

function copyToArea(t: u64, mode: u32): usize {
  const words = sizeOf(t, mode);
  if (words == TOO_LARGE) return 0;
  const fragment = newFragment(words + 1);
  if (!fragment) return 0;
  store<u32>(fragment, words + 1, 8);
  const data = fragmentData(fragment);
  store<u64>(data, copyTermIn(mode, t, data + 8, 0, fragment + FRAGMENT_OFF_HEAP));
  return fragment;
}
/**
 * A message: a fragment that holds a copy of `t` (any term), see fragmentRoot. 0 when there is no
 * memory.
 */
export function copyToFragment(t: u64): usize {
  return copyToArea(t, 0);
}
/**
 * A fragment with a copy of all of `t`, literals included: for what may outlive the module that a
 * literal belongs to.
 */
export function copyAllToFragment(t: u64): usize {
  return copyToArea(t, COPY_LITERALS);
}
/**
 * A literal area: as copyAllToFragment, and every pointer in it, and its root, carries the literal
 * bit.
 */
export function copyToLiterals(t: u64): usize {
  return copyToArea(t, COPY_LITERALS | MAKE_LITERALS);
}
/** The root term of a message or literal area. */
export function fragmentRoot(fragment: usize): u64 {
  return load<u64>(fragment, FRAGMENT_HEADER);
}
/**
 * The message becomes part of the heap of `process`: its root is a term of that process from now
 * on.
 */
export function adoptMessage(process: usize, fragment: usize): u64 {
  const holder = load<u32>(fragment, FRAGMENT_OFF_HEAP) as usize;
  if (holder) {
    // One object of the list stands for all: the exact weight is not worth a walk.
    const held = load<u32>(process, P_OFF_HEAP_WORDS);
    store<u32>(process, held + offHeapWeight(holder), P_OFF_HEAP_WORDS);
  }
  adoptFragment(process, fragment);
  return fragmentRoot(fragment);
}
/** Free a message that nobody received, or a literal area that nobody refers to. */
export function releaseMessage(fragment: usize): void {
  releaseList(fragment + FRAGMENT_OFF_HEAP);
  release(fragment);
}

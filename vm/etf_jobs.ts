/**
 * Long encodings and decodings in slices: what a BIF does with them until its slice is used up, and
 * how it goes on (architecture D6). The state that is no term is in a resource, so that it is freed
 * when the process dies.
 *
 * Encoding: the frames of etf_encode as a tuple on the heap, the buffer in the resource.
 * Decoding: into a heap fragment that belongs to nobody until it is complete; nodes of large maps
 * lie on the heap of a control block in the resource, whose fragments the process adopts with it.
 */
import { release } from './alloc';
import { binaryData, binaryOwner, byteSize, chargeOffHeap, freezeBinary } from './binary';
import { badarg, outOfMemory, trapTo } from './errors';
import * as D from './etf_decode';
import * as B from './etf_buffer';
import { compressEncoded } from './etf_compress';
import * as E from './etf_encode';
import * as S from './etf_size';
import { inflatedSize, isCompressed } from './etf';
import { beginInflating, dropInflating, inflateSlice } from './etf_inflate';
import { VERSION } from './etf_tags';
import { BIF_decodeMore2, BIF_encodeMore3 } from './gen/bifs';
import { PROCESS_BYTES, P_FRAGMENTS } from './gen/layout';
import {
  FRAGMENT_OFF_HEAP,
  adoptFragment,
  fragmentData,
  fragmentNext,
  hAlloc,
  newFragment,
  releaseFragment,
} from './heap';
import { integerOfI64 } from './numbers';
import { releaseList } from './off_heap';
import { setX } from './registers';
import { RESOURCE_HEADER, newResource, resourceOf, resourceTerm } from './resource';
import { budget, chargeReductions, current } from './state';
import { enterHeapOf, leaveHeap, releaseHeapOf } from './temporary_heap';
import {
  NIL,
  NONE,
  SUB_REFC_BINARY,
  SUB_TUPLE,
  boxedAddress,
  boxedOf,
  headerOf,
  isBinary,
  isKind,
  makeCons,
  smallOf,
} from './term';
import { cut, mark } from './work_stack';

/** A term of so few bytes, which may lie on the heap and move, is read in one go. */
const MOVABLE_BYTES_MAX: u32 = 64;
/** Terms of one go at least. */
const STEPS_MIN: i32 = 32;
const ALL_STEPS: u32 = 0xffff;
const WORDS_PER_REDUCTION: u32 = 64;
function stepsOfSlice(): u32 {
  return max(budget(), STEPS_MIN) as u32;
}

// ---- encoding

/** Options beside those of etf_encode.ts: what is made of the bytes. */
export const RESULT_LIST: u32 = 8;
export const RESULT_SIZE: u32 = 16;
/** From this bit on the level of compression, 0 for none. */
export const COMPRESS_SHIFT: u32 = 5;
const OPTIONS_MAX: u32 = 511;
const ENCODE_OPTIONS: u32 = (1 << COMPRESS_SHIFT) - 1;

function dropEncoding(resource: usize): void {
  B.dropSaved(resource + RESOURCE_HEADER);
}

/**
 * Encode `term`: a binary, a list with it, or the number of bytes. NONE after an error or a trap.
 */
export function encode(term: u64, options: u32): u64 {
  if (options & RESULT_SIZE) B.startMeasuring();
  else B.startBuffer();
  B.put1(VERSION);
  const base = mark();
  E.beginEncode(term, options & ENCODE_OPTIONS);
  return encodeSlice(base, options, 0);
}
/** Go on; any arguments will do. */
export function encodeMore(frames: u64, reference: u64, options: i64): u64 {
  const resource = resourceOf(reference, dropEncoding.index as u32);
  if (!resource || options < 0 || options > (OPTIONS_MAX as i64)) return badarg();
  const state = resource + RESOURCE_HEADER;
  if (!load<u32>(state) && !(options & RESULT_SIZE)) return badarg();
  B.restoreBuffer(state);
  const base = mark();
  if (E.restoreFrames(frames, (options as u32) & ENCODE_OPTIONS))
    return encodeSlice(base, options as u32, resource);
  cut(base);
  B.dropBuffer();
  return badarg();
}

function encodeSlice(base: u32, options: u32, held: usize): u64 {
  const steps = stepsOfSlice();
  const state = E.continueEncode(base, steps);
  if (state == E.ENCODE_DONE) {
    chargeReductions(((steps - E.stepsLeft) / 4) as i32);
    return encoded(options);
  }
  const frames = state == E.ENCODE_MORE ? E.saveFrames(base) : NONE;
  const resource =
    held || frames == NONE ? held : newResource(dropEncoding.index as u32, B.BUFFER_STATE_BYTES);
  if (!resource || frames == NONE) {
    B.dropBuffer();
    return outOfMemory();
  }
  B.saveBuffer(resource + RESOURCE_HEADER);
  setX(0, frames);
  setX(1, resourceTerm(resource));
  setX(2, smallOf(options));
  chargeReductions(budget());
  return trapTo(BIF_encodeMore3, 3);
}
function encoded(options: u32): u64 {
  if (options & RESULT_SIZE) return integerOfI64(B.written as i64);
  if (options >> COMPRESS_SHIFT && !B.bufferFailed)
    return compressEncoded(options >> COMPRESS_SHIFT);
  const binary = B.takeBinary();
  return options & RESULT_LIST && binary != NONE ? makeCons(hAlloc(2), binary, NIL) : binary;
}

// ---- decoding

const PHASE_SIZE: u32 = 0;
const PHASE_BUILD: u32 = 1;
const PHASE_OVER: u32 = 2;
const PHASE_INFLATE: u32 = 3;

// Fields of the resource, from RESOURCE_HEADER on.
const J_PHASE: u32 = RESOURCE_HEADER;
const J_WANT_USED: u32 = RESOURCE_HEADER + 4;
/** Address of the term's bytes behind the version byte, and their number. */
const J_SOURCE: u32 = RESOURCE_HEADER + 8;
const J_LENGTH: u32 = RESOURCE_HEADER + 12;
/** The block of inflated bytes (etf_inflate.ts), 0 when the source is the binary. */
const J_PLAIN: u32 = RESOURCE_HEADER + 16;
/** Bytes of the binary that belong to the term; for a compressed one known from the start. */
const J_USED: u32 = RESOURCE_HEADER + 20;
const J_FRAGMENT: u32 = RESOURCE_HEADER + 24;
const J_WORDS: u32 = RESOURCE_HEADER + 28;
const J_ROOT: u32 = RESOURCE_HEADER + 32;
/** State of the pass that is under way. */
const J_STATE: u32 = RESOURCE_HEADER + 40;
const J_SAFE: u32 = J_STATE + 40;
/** Where it is inflated, or 0. */
const J_INFLATING: u32 = J_STATE + 44;
const J_PROCESS: u32 = J_STATE + 48;
const JOB_BYTES: u32 = 88 + PROCESS_BYTES;

function dropDecoding(job: usize): void {
  release(load<u32>(job, J_PLAIN));
  dropInflating(load<u32>(job, J_INFLATING));
  const fragment = load<u32>(job, J_FRAGMENT) as usize;
  if (fragment) {
    if (load<u32>(job, J_PHASE) == PHASE_BUILD) {
      // Binaries that were made are in the state of the pass; the fragment's own list is empty.
      D.restoreBuild(job + J_STATE, load<u32>(job, J_SOURCE));
      D.dropMapBuild();
      store<u32>(fragment, D.builtOffHeap() as u32, FRAGMENT_OFF_HEAP);
      releaseList(fragment + FRAGMENT_OFF_HEAP);
    }
    releaseFragment(fragment);
  }
  releaseHeapOf(job + J_PROCESS);
}

/**
 * Decode the term in `binary`, which starts on a byte boundary; {Term, Used} with `wantUsed`. NONE
 * after an error or a trap.
 */
export function decode(binary: u64, safe: bool, wantUsed: bool): u64 {
  const owner = binaryOwner(binary);
  // The bytes must not move while nobody holds their address.
  if (isKind(owner, SUB_REFC_BINARY)) freezeBinary(boxedAddress(owner));
  const address = binaryData(binary);
  const length = byteSize(binary);
  if (length < 2 || load<u8>(address) != VERSION) return badarg();
  const job = newResource(dropDecoding.index as u32, JOB_BYTES);
  if (!job) return outOfMemory();
  const reference = resourceTerm(job);
  store<u32>(job, wantUsed ? 1 : 0, J_WANT_USED);
  store<u32>(job, safe ? 1 : 0, J_SAFE);
  if (!isCompressed(address, length)) {
    beginSizing(job, address + 1, length - 1);
    return decodeSlice(binary, reference, job);
  }
  const inflating = beginInflating(address, length);
  if (!inflating) return NONE;
  store<u32>(job, inflating as u32, J_INFLATING);
  store<u32>(job, address as u32, J_SOURCE);
  store<u32>(job, inflatedSize(address), J_LENGTH);
  store<u32>(job, PHASE_INFLATE, J_PHASE);
  return inflateMore(binary, reference, job, length);
}
/** The plain bytes are there: what is to be known of them first is their size as a term. */
function beginSizing(job: usize, source: usize, bytes: u32): void {
  store<u32>(job, source as u32, J_SOURCE);
  store<u32>(job, bytes, J_LENGTH);
  store<u32>(job, PHASE_SIZE, J_PHASE);
  S.beginSize(source, source + bytes, load<u32>(job, J_SAFE) != 0);
  S.saveSize(job + J_STATE, source);
}
/** A slice of inflating, of a binary that may move all of it. */
function inflateMore(binary: u64, reference: u64, job: usize, length: u32): u64 {
  const inflating = load<u32>(job, J_INFLATING) as usize;
  do {
    if (!inflateSlice(inflating, load<u32>(job, J_LENGTH), length)) return badarg();
  } while (length <= MOVABLE_BYTES_MAX && !load<u32>(inflating));
  if (!load<u32>(inflating)) return decodeLater(binary, reference);
  const plain = load<u32>(inflating, 4) as usize;
  store<u32>(job, load<u32>(inflating), J_USED);
  store<u32>(job, plain as u32, J_PLAIN);
  store<u32>(inflating, 0, 4);
  beginSizing(job, plain, load<u32>(job, J_LENGTH));
  return decodeLater(binary, reference);
}

/** Go on; any arguments will do. */
export function decodeMore(binary: u64, reference: u64): u64 {
  const job = resourceOf(reference, dropDecoding.index as u32);
  if (!job || !isBinary(binary) || load<u32>(job, J_PHASE) == PHASE_OVER) return badarg();
  // It must be the binary whose bytes were checked.
  const address = binaryData(binary);
  if (load<u32>(job, J_PHASE) == PHASE_INFLATE) {
    if (address != (load<u32>(job, J_SOURCE) as usize)) return badarg();
    return inflateMore(binary, reference, job, byteSize(binary));
  }
  if (!load<u32>(job, J_PLAIN) && address + 1 != (load<u32>(job, J_SOURCE) as usize))
    return badarg();
  return decodeSlice(binary, reference, job);
}

function decodeSlice(binary: u64, reference: u64, job: usize): u64 {
  const fewBytes = !load<u32>(job, J_PLAIN) && byteSize(binary) <= MOVABLE_BYTES_MAX;
  let steps = fewBytes ? ALL_STEPS : stepsOfSlice();
  if (load<u32>(job, J_PHASE) == PHASE_SIZE) {
    const source = load<u32>(job, J_SOURCE) as usize;
    S.restoreSize(job + J_STATE, source);
    const state = S.continueSize(steps);
    if (state == S.SIZE_FAILED) return badarg();
    if (state == S.SIZE_MORE) {
      S.saveSize(job + J_STATE, source);
      return decodeLater(binary, reference);
    }
    if (!beginBuilding(job, source)) return NONE;
    steps = steps >> 1;
  }
  let state = buildSlice(job, steps);
  while (fewBytes && state == D.BUILD_MORE) state = buildSlice(job, steps);
  if (state == D.BUILD_MORE) return decodeLater(binary, reference);
  return state == D.BUILD_DONE ? decoded(job) : badarg();
}
function decodeLater(binary: u64, reference: u64): u64 {
  setX(0, binary);
  setX(1, reference);
  chargeReductions(budget());
  return trapTo(BIF_decodeMore2, 2);
}

/** The term is well-formed: make room for it. False after badarg or outOfMemory. */
function beginBuilding(job: usize, source: usize): bool {
  const used = (S.sizedEnd - source) as u32;
  if (!load<u32>(job, J_PLAIN)) store<u32>(job, used + 1, J_USED);
  else if (used != load<u32>(job, J_LENGTH)) {
    badarg();
    return false;
  }
  const words = S.sizedWords();
  const fragment = newFragment(max(words, 1));
  if (!fragment) {
    outOfMemory();
    return false;
  }
  store<u32>(job, fragment as u32, J_FRAGMENT);
  store<u32>(job, words, J_WORDS);
  store<u32>(job, PHASE_BUILD, J_PHASE);
  D.beginTerm(source, fragmentData(fragment), 0, 0, job + J_ROOT);
  D.saveBuild(job + J_STATE, source);
  return true;
}
function buildSlice(job: usize, steps: u32): u32 {
  const source = load<u32>(job, J_SOURCE) as usize;
  D.restoreBuild(job + J_STATE, source);
  enterHeapOf(job + J_PROCESS);
  const state = D.continueBuild(steps);
  leaveHeap();
  D.saveBuild(job + J_STATE, source);
  return state;
}

/** The term is complete: its fragments become part of the process's heap. */
function decoded(job: usize): u64 {
  const fragment = load<u32>(job, J_FRAGMENT) as usize;
  const words = max(load<u32>(job, J_WORDS), 1);
  chargeReductions((words / WORDS_PER_REDUCTION) as i32);
  const end = fragmentData(fragment) + (words << 3);
  for (let at = D.builtEnd(); at < end; at += 8) store<u64>(at, NIL);
  store<u32>(fragment, words, 8);
  store<u32>(fragment, D.builtOffHeap() as u32, FRAGMENT_OFF_HEAP);
  chargeOffHeap(D.builtOffHeapBytes);
  store<u32>(job, 0, J_FRAGMENT);
  store<u32>(job, PHASE_OVER, J_PHASE);
  const nodes = job + J_PROCESS + P_FRAGMENTS;
  let next = load<u32>(nodes) as usize;
  store<u32>(nodes, 0);
  adoptFragment(current, fragment);
  while (next) {
    const node = next;
    next = fragmentNext(node);
    adoptFragment(current, node);
  }
  const term = load<u64>(job, J_ROOT);
  if (!load<u32>(job, J_WANT_USED)) return term;
  const used = integerOfI64(load<u32>(job, J_USED));
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, term, 8);
  store<u64>(at, used, 16);
  return boxedOf(at);
}

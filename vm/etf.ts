/**
 * The external term format, both ways, for the running process: the face of etf_size, etf_decode,
 * etf_encode and etf_buffer.
 */
import { allocate, release } from './alloc';
import { chargeOffHeap } from './binary';
import { badarg, outOfMemory } from './errors';
import { buildTerm, builtEnd, builtOffHeap, builtOffHeapBytes } from './etf_decode';
import { encodeTerm } from './etf_encode';
import * as B from './etf_buffer';
import { sizeOfTerm, sizedEnd, sizedLargeMap } from './etf_size';
import { COMPRESSED, VERSION } from './etf_tags';
import { P_OFF_HEAP } from './gen/layout';
import { hAlloc, hRelease } from './heap';
import { inflateConsumed, inflateZlib } from './inflate';
import { offHeapNextOf, releaseHolder } from './off_heap';
import { chargeReductions, current } from './state';
import { NIL, NONE } from './term';

/** After decodeTerm: bytes of the input that belong to the term. */
export let decodedBytes: u32 = 0;

/** Bytes or words that cost one reduction. */
const WORK_PER_REDUCTION: u32 = 64;
const INFLATE_RATIO_MAX: u64 = 1032;

/**
 * Drop the binaries made since `before` was the head of the process's list, and make the area
 * harmless.
 */
function undo(area: usize, words: u32, before: usize): void {
  let holder = builtOffHeap();
  while (holder != before) {
    const next = load<u32>(holder + (offHeapNextOf(load<u64>(holder)) << 3));
    releaseHolder(holder);
    holder = next;
  }
  for (let i: u32 = 0; i < words; i++) store<u64>(area + (i << 3), NIL);
}

/**
 * The term in [from, from + length), without version byte, on the running process's heap. NONE
 * after badarg or outOfMemory.
 */
function decodeHere(from: usize, length: u32, safe: bool): u64 {
  const need = sizeOfTerm(from, from + length, safe);
  if (need < 0) return badarg();
  decodedBytes = (sizedEnd - from) as u32;
  chargeReductions((decodedBytes / WORK_PER_REDUCTION) as i32);
  const words = need as u32;
  const area: usize = words ? hAlloc(words) : 0;
  if (words && !area) return outOfMemory();
  const before = load<u32>(current, P_OFF_HEAP) as usize;
  const large = sizedLargeMap;
  const term = buildTerm(from, area, 0, before);
  if (term == NONE) {
    undo(area, words, before);
    return badarg();
  }
  store<u32>(current, builtOffHeap() as u32, P_OFF_HEAP);
  if (builtOffHeapBytes) chargeOffHeap(builtOffHeapBytes);
  const end = area + (words << 3);
  if (builtEnd() == end) return term;
  // Nodes of large maps were allocated behind the area: then its unused end must stay, as terms.
  if (large) for (let at = builtEnd(); at < end; at += 8) store<u64>(at, NIL);
  else hRelease(area, words, builtEnd());
  return term;
}

/**
 * Decode the external term at `address`, with its version byte, plain or compressed; bytes behind
 * it are left alone. With `safe` it must not make atoms. NONE after badarg() or outOfMemory().
 */
export function decodeTerm(address: usize, length: u32, safe: bool): u64 {
  if (length < 2 || load<u8>(address) != VERSION) return badarg();
  if (load<u8>(address, 1) != COMPRESSED) {
    const term = decodeHere(address + 1, length - 1, safe);
    decodedBytes += 1;
    return term;
  }
  if (length < 6) return badarg();
  const size = bswap<u32>(load<u32>(address, 2));
  if ((size as u64) > (length as u64) * INFLATE_RATIO_MAX) return badarg();
  const plain = allocate(size);
  if (!plain) return outOfMemory();
  let term: u64 = NONE;
  if (inflateZlib(address + 6, length - 6, plain, size) != (size as i64)) badarg();
  else {
    const consumed = inflateConsumed;
    term = decodeHere(plain, size, safe);
    if (term != NONE && decodedBytes != size) term = badarg();
    decodedBytes = consumed + 6;
  }
  release(plain);
  return term;
}

/** `term` as a binary with version byte; NONE after outOfMemory(). */
export function termToBinary(term: u64, minorVersion: u32, sortKeys: bool): u64 {
  B.startBuffer();
  B.put1(VERSION);
  if (!encodeTerm(term, minorVersion, sortKeys)) {
    B.dropBuffer();
    return outOfMemory();
  }
  chargeReductions((B.written / (WORK_PER_REDUCTION as u64)) as i32);
  return B.takeBinary();
}

/** Bytes of the external form of `term` with version byte, or -1 after outOfMemory(). */
export function externalSize(term: u64, minorVersion: u32): i64 {
  B.startMeasuring();
  B.put1(VERSION);
  if (!encodeTerm(term, minorVersion, false)) {
    outOfMemory();
    return -1;
  }
  chargeReductions((B.written / (WORK_PER_REDUCTION as u64)) as i32);
  return B.written as i64;
}

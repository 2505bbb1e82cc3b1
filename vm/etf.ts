/**
 * The external term format, both ways, for the running process: the face of etf_size, etf_decode,
 * etf_encode, etf_buffer and, for long ones, etf_jobs.
 */
import { allocate, release } from './alloc';
import { chargeOffHeap } from './binary';
import { badarg, outOfMemory } from './errors';
import { buildTerm, builtEnd, builtOffHeap, builtOffHeapBytes } from './etf_decode';
import * as B from './etf_buffer';
import { encodeTerm } from './etf_encode';
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
/** Deflate cannot expand data more than this. */
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

/** After inflateTerm: bytes of the compressed form. */
export let inflatedFrom: u32 = 0;
/** The bytes seem to be a compressed term. */
export function isCompressed(address: usize, length: u32): bool {
  return length >= 6 && load<u8>(address) == VERSION && load<u8>(address, 1) == COMPRESSED;
}
/**
 * A block for the plain bytes of a compressed term of `length` bytes; 0 after badarg() or
 * outOfMemory().
 */
export function roomForPlain(address: usize, length: u32): usize {
  const size = inflatedSize(address);
  if ((size as u64) > (length as u64) * INFLATE_RATIO_MAX) {
    badarg();
    return 0;
  }
  const plain = allocate(size);
  if (!plain) outOfMemory();
  return plain;
}
/**
 * The plain bytes, without version byte, of a compressed term: a block of inflatedSize(address)
 * bytes that the caller releases. 0 after badarg() or outOfMemory().
 */
export function inflateTerm(address: usize, length: u32): usize {
  const size = inflatedSize(address);
  const plain = roomForPlain(address, length);
  if (!plain) return 0;
  if (inflateZlib(address + 6, length - 6, plain, size) != (size as i64)) {
    release(plain);
    badarg();
    return 0;
  }
  inflatedFrom = inflateConsumed + 6;
  return plain;
}
export function inflatedSize(address: usize): u32 {
  return bswap<u32>(load<u32>(address, 2));
}

/**
 * Decode the external term at `address`, with its version byte, plain or compressed, at once; bytes
 * behind it are left alone. With `safe` it must not make atoms. NONE after badarg() or
 * outOfMemory().
 */
export function decodeTerm(address: usize, length: u32, safe: bool): u64 {
  if (length < 2 || load<u8>(address) != VERSION) return badarg();
  if (!isCompressed(address, length)) {
    const term = decodeHere(address + 1, length - 1, safe);
    decodedBytes += 1;
    return term;
  }
  const plain = inflateTerm(address, length);
  if (!plain) return NONE;
  const size = inflatedSize(address);
  let term = decodeHere(plain, size, safe);
  if (term != NONE && decodedBytes != size) term = badarg();
  decodedBytes = inflatedFrom;
  release(plain);
  return term;
}

/**
 * `term` as a binary with version byte, at once; options: etf_encode.ts. NONE after outOfMemory().
 */
export function termToBinary(term: u64, options: u32): u64 {
  B.startBuffer();
  B.put1(VERSION);
  if (encodeTerm(term, options)) return B.takeBinary();
  B.dropBuffer();
  return outOfMemory();
}

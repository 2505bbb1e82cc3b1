/**
 * Searching for one or several byte strings at once, in time proportional to the text.
 *
 * One pattern: Knuth, Morris and Pratt's automaton ("Fast pattern matching in strings", 1977).
 * Several: Aho and Corasick's ("Efficient string matching", 1975). Of several matches the one that
 * begins first is found, and of those the longest. A compiled set of patterns is a resource
 * (resource.ts), so that compile_pattern/1 can hand it out, and a search that was interrupted can
 * go on.
 *
 * one:   | resource header | 0     | length  | failure (u32 a byte, and one) ... | bytes ... |
 * many:  | resource header | nodes | longest | root: node by first byte, u32 x 256 | node 0 | node 1 ...
 * node:  | child | sibling | failure | depth | match | byte | next |   u32 each
 *
 * match is the length of the longest pattern that ends at the node (0 = none), next links the nodes
 * in the order of their depth.
 */
import { release } from './alloc';
import { alignedBinary, binaryData, byteSize } from './binary';
import { RESOURCE_HEADER, newResource, resourceOf } from './resource';
import { NIL, head, isBinary, isList, tail } from './term';

const PATTERN_NODES: u32 = RESOURCE_HEADER;
/** Length of the pattern, or of the longest. */
const PATTERN_LENGTH: u32 = RESOURCE_HEADER + 4;
const PATTERN_DATA: u32 = RESOURCE_HEADER + 8;
const NODES: u32 = PATTERN_DATA + 1024;
const NODE_BYTES: u32 = 28;
const NODE_SIBLING: u32 = 4;
const NODE_FAILURE: u32 = 8;
const NODE_DEPTH: u32 = 12;
const NODE_MATCH: u32 = 16;
const NODE_BYTE: u32 = 20;
const NODE_NEXT: u32 = 24;
/** All patterns together; the automaton takes 28 times as much. */
const PATTERN_BYTES_MAX: u64 = 1 << 26;

/**
 * Its function index says that a resource is a set of patterns; there is nothing to free besides.
 */
function patternsGone(resource: usize): void {
  store<u32>(resource, 0, PATTERN_NODES);
}
/** The compiled patterns that the reference `t` stands for, 0 when it stands for something else. */
export function patternsOf(t: u64): usize {
  return resourceOf(t, patternsGone.index);
}
/** More than one pattern was compiled. */
export function areMany(patterns: usize): bool {
  return load<u32>(patterns, PATTERN_NODES) != 0;
}

// ---- compiling

/** compilePatterns found a term that is no pattern; else it fails for want of memory. */
export let patternsBad: bool = false;

/**
 * Compile a non-empty binary or list of them. 0 when it is neither (patternsBad) or memory is
 * exhausted.
 */
export function compilePatterns(t: u64): usize {
  patternsBad = false;
  if (isBinary(t)) return compileOne(t);
  let bytes: u64 = 0;
  let count: u32 = 0;
  let rest = t;
  for (; isList(rest); rest = tail(rest)) {
    const pattern = head(rest);
    if (!isBinary(pattern) || !byteSize(pattern)) return bad();
    bytes += byteSize(pattern);
    count++;
  }
  if (rest != NIL || !count) return bad();
  if (count == 1) return compileOne(head(t));
  return bytes > PATTERN_BYTES_MAX ? 0 : compileMany(t, bytes as u32);
}
function bad(): usize {
  patternsBad = true;
  return 0;
}

function compileOne(t: u64): usize {
  const length = byteSize(t);
  if (!length) return bad();
  if ((length as u64) > PATTERN_BYTES_MAX) return 0;
  const pattern = alignedBinary(t);
  if (!pattern) return 0;
  const failures = (length + 1) << 2;
  const one = newResource(patternsGone.index, PATTERN_DATA - RESOURCE_HEADER + failures + length);
  if (!one) return 0;
  store<u32>(one, 0, PATTERN_NODES);
  store<u32>(one, length, PATTERN_LENGTH);
  const table = one + PATTERN_DATA;
  const bytes = table + failures;
  memory.copy(bytes, binaryData(pattern), length);
  // Entry q: the length of the longest proper prefix that is a suffix of the first q bytes.
  store<u32>(table, 0);
  store<u32>(table, 0, 4);
  let matched: u32 = 0;
  for (let q: u32 = 1; q < length; q++) {
    const byte = load<u8>(bytes + q);
    while (matched && load<u8>(bytes + matched) != byte)
      matched = load<u32>(table + (matched << 2));
    if (load<u8>(bytes + matched) == byte) matched++;
    store<u32>(table + ((q + 1) << 2), matched);
  }
  return one;
}

function nodeAt(many: usize, index: u32): usize {
  return many + NODES + index * NODE_BYTES;
}
/** The child of `node` (not the root) for `byte`, 0 = none. */
function childOf(many: usize, node: u32, byte: u32): u32 {
  let child = load<u32>(nodeAt(many, node));
  while (child) {
    const at = nodeAt(many, child);
    if (load<u32>(at, NODE_BYTE) == byte) return child;
    child = load<u32>(at, NODE_SIBLING);
  }
  return 0;
}
function stepFrom(many: usize, node: u32, byte: u32): u32 {
  return node ? childOf(many, node, byte) : load<u32>(many + (byte << 2), PATTERN_DATA);
}

function compileMany(list: u64, bytes: u32): usize {
  const contents = NODES - RESOURCE_HEADER + (bytes + 1) * NODE_BYTES;
  const many = newResource(patternsGone.index, contents);
  if (!many) return 0;
  store<u32>(many, 1, PATTERN_NODES);
  for (let rest = list; isList(rest); rest = tail(rest)) {
    const pattern = alignedBinary(head(rest));
    if (!pattern) {
      release(many);
      return 0;
    }
    insertPattern(many, binaryData(pattern), byteSize(pattern));
  }
  linkFailures(many);
  return many;
}
function insertPattern(many: usize, bytes: usize, length: u32): void {
  let node: u32 = 0;
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(bytes + i) as u32;
    let child = stepFrom(many, node, byte);
    if (!child) {
      child = load<u32>(many, PATTERN_NODES);
      store<u32>(many, child + 1, PATTERN_NODES);
      const at = nodeAt(many, child);
      store<u32>(at, byte, NODE_BYTE);
      store<u32>(at, i + 1, NODE_DEPTH);
      store<u32>(at, load<u32>(nodeAt(many, node)), NODE_SIBLING);
      store<u32>(nodeAt(many, node), child);
      if (!node) store<u32>(many + (byte << 2), child, PATTERN_DATA);
    }
    node = child;
  }
  store<u32>(nodeAt(many, node), length, NODE_MATCH);
  if (length > load<u32>(many, PATTERN_LENGTH)) store<u32>(many, length, PATTERN_LENGTH);
}
/**
 * Set failure links and inherited matches, in the order of depth: that of a node needs those of
 * shorter ones.
 */
function linkFailures(many: usize): void {
  let last: u32 = 0;
  for (
    let child = load<u32>(nodeAt(many, 0));
    child;
    child = load<u32>(nodeAt(many, child), NODE_SIBLING)
  ) {
    store<u32>(nodeAt(many, last), child, NODE_NEXT);
    last = child;
  }
  let node = load<u32>(nodeAt(many, 0), NODE_NEXT);
  while (node) {
    const failure = load<u32>(nodeAt(many, node), NODE_FAILURE);
    let child = load<u32>(nodeAt(many, node));
    while (child) {
      linkFailure(many, child, failure);
      store<u32>(nodeAt(many, last), child, NODE_NEXT);
      last = child;
      child = load<u32>(nodeAt(many, child), NODE_SIBLING);
    }
    node = load<u32>(nodeAt(many, node), NODE_NEXT);
  }
}
/** `failure` is the failure link of the parent of `child`. */
function linkFailure(many: usize, child: u32, failure: u32): void {
  const at = nodeAt(many, child);
  const to = next(many, failure, load<u32>(at, NODE_BYTE));
  store<u32>(at, to, NODE_FAILURE);
  if (!load<u32>(at, NODE_MATCH))
    store<u32>(at, load<u32>(nodeAt(many, to), NODE_MATCH), NODE_MATCH);
}
/** The node after `node` for `byte`: the longest beginning of a pattern that ends with it. */
function next(many: usize, node: u32, byte: u32): u32 {
  let from = node;
  while (true) {
    const found = stepFrom(many, from, byte);
    if (found || !from) return found;
    from = load<u32>(nodeAt(many, from), NODE_FAILURE);
  }
}

// ---- searching

export const SEARCH_NONE: u32 = 0;
export const SEARCH_FOUND: u32 = 1;
/** The limit was reached; go on from `searchAt`. */
export const SEARCH_MORE: u32 = 2;
/** Where the match begins, or the search is to go on; and the length of the match. */
export let searchAt: u32 = 0;
export let searchLength: u32 = 0;

function found(at: u32, length: u32): u32 {
  searchAt = at;
  searchLength = length;
  return SEARCH_FOUND;
}
function more(at: u32): u32 {
  searchAt = at;
  return SEARCH_MORE;
}

/**
 * Search the bytes `from` to `to` (exclusive) of `data`; stop after about `limit` bytes without a
 * match. Every call gets further, because no less is looked at than twice the longest pattern.
 */
export function searchPatterns(patterns: usize, data: usize, from: u32, to: u32, limit: u32): u32 {
  const least = load<u32>(patterns, PATTERN_LENGTH) << 1;
  const stop = (from as u64) + max(limit, least);
  const end: u32 = stop < (to as u64) ? (stop as u32) : to;
  if (areMany(patterns)) return searchMany(patterns, data, from, to, end);
  return searchOne(patterns, data, from, to, end);
}

function searchOne(one: usize, data: usize, from: u32, to: u32, stop: u32): u32 {
  const length = load<u32>(one, PATTERN_LENGTH);
  const table = one + PATTERN_DATA;
  const bytes = table + ((length + 1) << 2);
  const first = load<u8>(bytes);
  let matched: u32 = 0;
  let i = from;
  while (i < stop) {
    const byte = load<u8>(data + i);
    i++;
    if (!matched && byte != first) continue;
    while (matched && load<u8>(bytes + matched) != byte)
      matched = load<u32>(table + (matched << 2));
    if (load<u8>(bytes + matched) == byte) matched++;
    if (matched == length) return found(i - length, length);
  }
  return i < to ? more(i - matched) : SEARCH_NONE;
}

function searchMany(many: usize, data: usize, from: u32, to: u32, stop: u32): u32 {
  let node: u32 = 0;
  let best: u32 = 0;
  let length: u32 = 0;
  for (let i = from; i < to; ) {
    if (!length && i >= stop) return more(i - load<u32>(nodeAt(many, node), NODE_DEPTH));
    node = next(many, node, load<u8>(data + i));
    i++;
    const at = nodeAt(many, node);
    // What is being followed begins behind the best match: nothing earlier or longer can come.
    if (length && i - load<u32>(at, NODE_DEPTH) > best) return found(best, length);
    const match = load<u32>(at, NODE_MATCH);
    if (match && (!length || i - match < best || (i - match == best && match > length))) {
      best = i - match;
      length = match;
    }
  }
  return length ? found(best, length) : SEARCH_NONE;
}

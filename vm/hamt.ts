/**
 * Maps of more than 32 keys: hash array mapped tries with 16-way nodes (P. Bagwell, "Ideal Hash
 * Trees", 2001). vm/maps.ts is the face of maps; only walkers in vm/map_iterator.ts share the
 * layout with this file.
 *
 *   root   +--------+------+-----------+     node   +--------+-----------+     leaf  +-----+-------+
 *          | header | size | child ... |            | header | child ... |           | key | value |  a list cell
 *          +--------+------+-----------+            +--------+-----------+           +-----+-------+
 *
 * The header's extra bits hold the node's type (2) and the bitmap (16) of the children present.
 * Levels 0 to 7 consume the 32 bits of the key's hash, four a level from the lowest on; levels 8 to
 * 15 those of a second hash. Keys equal in both share a collision node at level 16: bitmap 0,
 * leaves sorted by compareKeys. A leaf stands as high as it can, and a node that is no root and has
 * a single leaf does not exist, so equal maps have equal shapes, however they were made.
 */
import { compareKeys, identical } from './compare';
import { internalHash, phash2 } from './hash';
import { hAlloc } from './heap';
import { walkLeft } from './walk';
import {
  NONE,
  SUB_MAP,
  boxedAddress,
  boxedHeader,
  boxedOf,
  boxedWord,
  head,
  headerExtra,
  headerWithExtra,
  headerWords,
  isList,
  makeCons,
  smallOf,
  tail,
} from './term';

export const MAP_FLAT: u32 = 0;
export const MAP_NODE: u32 = 1;
export const MAP_ROOT_FULL: u32 = 2;
export const MAP_ROOT: u32 = 3;

/** Level of collision nodes. */
export const COLLISION_LEVEL: u32 = 16;
const LEVELS: u32 = 17;

/** Ones in the bits of both hashes that count; tests clear some to force collisions. */
let hashMask: u32 = 0xffff_ffff;
export function setHashMask(mask: u32): void {
  hashMask = mask;
}
/** The hash that levels 0 to 7 consume. */
export function keyHash(key: u64): u32 {
  return internalHash(key) & hashMask;
}
/**
 * The hash that levels 8 to 15 consume: of another family, so that it tells keys apart that collide
 * in the first.
 */
export function keyRehash(key: u64): u32 {
  return (phash2(key) * 0x9e37_79b1) & hashMask;
}

/** Bits of the children present; 0: a collision node. */
export function nodeBitmap(header: u64): u32 {
  return (headerExtra(header) >> 2) & 0xffff;
}
export function nodeType(header: u64): u32 {
  return headerExtra(header) & 3;
}
/** Index of the word of the first child. */
export function firstChild(header: u64): u32 {
  return nodeType(header) == MAP_NODE ? 1 : 2;
}
export function nodeHeader(bitmap: u32, children: u32): u64 {
  return headerWithExtra(SUB_MAP, children, MAP_NODE | (bitmap << 2));
}
/** Header of a root; a size word precedes the children. */
export function rootHeader(bitmap: u32, children: u32): u64 {
  const type = bitmap == 0xffff ? MAP_ROOT_FULL : MAP_ROOT;
  return headerWithExtra(SUB_MAP, children + 1, type | (bitmap << 2));
}
/**
 * The header `old` with the child of `bit` (0 in a collision node) added or taken away: `delta` is
 * 1 or -1.
 */
function headerChanged(old: u64, bit: u32, delta: i32): u64 {
  const bitmap = nodeBitmap(old) ^ bit;
  const words = headerWords(old) + delta;
  return nodeType(old) == MAP_NODE ? nodeHeader(bitmap, words) : rootHeader(bitmap, words - 1);
}

// ---- the way from the root to a key

const ABSENT: u32 = 0;
const FOUND: u32 = 1;
const OTHER: u32 = 2;
const pathNode: usize = memory.data(LEVELS * 8, 8);
const pathIndex: usize = memory.data(LEVELS * 4, 4);
let depth: u32 = 0;
let lastBit: u32 = 0;
/** FOUND: the key's leaf. OTHER: the leaf of another key that stands where the key would. */
let leaf: u64 = 0;

/**
 * Record the nodes from `map` towards `key` and the word index in each; `depth` is the level of the
 * last.
 */
function descend(map: u64, key: u64): u32 {
  let node = map;
  let hash = keyHash(key);
  let level: u32 = 0;
  if (walkLeft) return ABSENT;
  while (true) {
    store<u64>(pathNode + (level << 3), node);
    depth = level;
    if (level == COLLISION_LEVEL) return searchCollision(node, key);
    if (level == 8) hash = keyRehash(key);
    if (walkLeft) return ABSENT;
    const header = boxedHeader(node);
    const bit: u32 = 1 << (hash & 15);
    const bitmap = nodeBitmap(header);
    const index = firstChild(header) + popcnt(bitmap & (bit - 1));
    store<u32>(pathIndex + (level << 2), index);
    lastBit = bit;
    if (!(bitmap & bit)) return ABSENT;
    const child = boxedWord(node, index);
    if (isList(child)) {
      leaf = child;
      return identical(head(child), key) ? FOUND : OTHER;
    }
    node = child;
    hash >>= 4;
    level++;
  }
}
/**
 * All the walks that finding `key`, and putting it into the map, needs: they may be left
 * (walk.ts, allowSeveral).
 */
export function hamtProbe(map: u64, key: u64): void {
  if (descend(map, key) == OTHER && !walkLeft) hashFrom(head(leaf), depth + 1);
}

/** The place of `key` in a collision node, by binary search. */
function searchCollision(node: u64, key: u64): u32 {
  let low: u32 = 1;
  let high = headerWords(boxedHeader(node)) + 1;
  lastBit = 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    const child = boxedWord(node, middle);
    const order = compareKeys(head(child), key);
    if (walkLeft) return ABSENT;
    if (order == 0) {
      leaf = child;
      store<u32>(pathIndex + (COLLISION_LEVEL << 2), middle);
      return FOUND;
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  store<u32>(pathIndex + (COLLISION_LEVEL << 2), low);
  return ABSENT;
}

function indexAt(level: u32): u32 {
  return load<u32>(pathIndex + (level << 2));
}
function nodeAt(level: u32): u64 {
  return load<u64>(pathNode + (level << 3));
}
/** Words of a copy of the nodes of levels 0 to `top` of the path. */
function pathWords(top: u32): u32 {
  let words: u32 = 0;
  for (let level: u32 = 0; level <= top; level++) {
    words += headerWords(boxedHeader(nodeAt(level))) + 1;
  }
  return words;
}

/**
 * Copy the nodes of levels `top` to 0 to `at` on, with `child` in the place of the path's child at
 * level `top`, and give the root the size `size`. The result is the root.
 */
function copyPath(top: u32, child: u64, at: usize, size: u32): u64 {
  let below = child;
  let to = at;
  for (let level: i32 = top; level >= 0; level--) {
    const node = nodeAt(level);
    const words = headerWords(boxedHeader(node)) + 1;
    memory.copy(to, boxedAddress(node), words << 3);
    store<u64>(to + (indexAt(level) << 3), below);
    below = boxedOf(to);
    to += words << 3;
  }
  store<u64>(boxedAddress(below), smallOf(size), 8);
  return below;
}

// ---- operations

/** The value of `key`, or NONE. */
export function hamtGet(map: u64, key: u64): u64 {
  let node = map;
  let hash = keyHash(key);
  let first: u32 = 2;
  for (let level: u32 = 0; level < COLLISION_LEVEL; level++) {
    if (level == 8) hash = keyRehash(key);
    const bitmap = nodeBitmap(boxedHeader(node));
    const bit: u32 = 1 << (hash & 15);
    if (!(bitmap & bit)) return NONE;
    const child = boxedWord(node, first + popcnt(bitmap & (bit - 1)));
    if (isList(child)) return identical(head(child), key) ? tail(child) : NONE;
    node = child;
    hash >>= 4;
    first = 1;
  }
  return searchCollision(node, key) == FOUND ? tail(leaf) : NONE;
}

/**
 * `map` with `key` associated with `value`; NONE when memory is exhausted (only below a huge
 * collision node).
 */
export function hamtPut(map: u64, key: u64, value: u64): u64 {
  const outcome = descend(map, key);
  const size = hamtSize(map);
  if (outcome == FOUND) {
    if (tail(leaf) == value) return map;
    const at = hAlloc(2 + pathWords(depth));
    if (!at) return NONE;
    return copyPath(depth, makeCons(at, head(leaf), value), at + 16, size);
  }
  return outcome == ABSENT ? putAbsent(key, value, size + 1) : putBeside(key, value, size + 1);
}

/** The path ends at a node that lacks the key's child: the node gets it. */
function putAbsent(key: u64, value: u64, size: u32): u64 {
  const words = 2 + 1 + pathWords(depth);
  const at = hAlloc(words);
  if (!at) return NONE;
  const child = makeCons(at, key, value);
  const node = nodeAt(depth);
  const old = boxedHeader(node);
  const index = indexAt(depth);
  const from = boxedAddress(node);
  const to = at + 16;
  const rest = headerWords(old) + 1 - index;
  store<u64>(to, headerChanged(old, lastBit, 1));
  memory.copy(to + 8, from + 8, (index - 1) << 3);
  store<u64>(to + (index << 3), child);
  memory.copy(to + ((index + 1) << 3), from + (index << 3), rest << 3);
  if (depth == 0) {
    store<u64>(to, smallOf(size), 8);
    return boxedOf(to);
  }
  const grown = boxedOf(to);
  return copyPath(depth - 1, grown, to + ((headerWords(old) + 2) << 3), size);
}

/** The path ends at the leaf of another key: nodes go between until their hashes differ. */
function putBeside(key: u64, value: u64, size: u32): u64 {
  const otherKey = head(leaf);
  let level = depth + 1;
  let hash = hashFrom(key, level);
  let otherHash = hashFrom(otherKey, level);
  // Levels from depth + 1 to `level` - 1 are nodes with one child; that of `level` has both leaves.
  while (level < COLLISION_LEVEL && (hash & 15) == (otherHash & 15)) {
    level++;
    if (level == 8) {
      hash = keyRehash(key);
      otherHash = keyRehash(otherKey);
    } else {
      hash >>= 4;
      otherHash >>= 4;
    }
  }
  const chain = level - depth - 1;
  const at = hAlloc(2 + 3 + (chain << 1) + pathWords(depth));
  if (!at) return NONE;
  const child = makeCons(at, key, value);
  let to = at + 16;
  let order: i32;
  let bitmap: u32 = 0;
  if (level == COLLISION_LEVEL) order = compareKeys(key, otherKey);
  else {
    order = ((hash & 15) as i32) - ((otherHash & 15) as i32);
    bitmap = ((1 as u32) << (hash & 15)) | ((1 as u32) << (otherHash & 15));
  }
  store<u64>(to, nodeHeader(bitmap, 2));
  store<u64>(to, order < 0 ? child : leaf, 8);
  store<u64>(to, order < 0 ? leaf : child, 16);
  let below = boxedOf(to);
  to += 24;
  while (level > depth + 1) {
    level--;
    store<u64>(to, nodeHeader((1 as u32) << (hashFrom(key, level) & 15), 1));
    store<u64>(to, below, 8);
    below = boxedOf(to);
    to += 16;
  }
  return copyPath(depth, below, to, size);
}

/** What is left of the key's hash at `level`: its low four bits choose the child there. */
function hashFrom(key: u64, level: u32): u32 {
  if (level < 8) return keyHash(key) >> (level << 2);
  if (level < COLLISION_LEVEL) return keyRehash(key) >> ((level - 8) << 2);
  return 0;
}

/**
 * `map` without `key`, which stays above the flat limit: the caller checked the size. `map` itself
 * when the key is not there.
 */
export function hamtRemove(map: u64, key: u64): u64 {
  if (descend(map, key) != FOUND) return map;
  const size = hamtSize(map) - 1;
  let level = depth;
  if (level > 0 && headerWords(boxedHeader(nodeAt(level))) == 2) {
    const sibling = boxedWord(nodeAt(level), 3 - indexAt(level));
    if (isList(sibling)) {
      // A single leaf is left: it moves up past all nodes that have no other child.
      level--;
      while (level > 0 && headerWords(boxedHeader(nodeAt(level))) == 1) level--;
      const at = hAlloc(pathWords(level));
      return at ? copyPath(level, sibling, at, size) : NONE;
    }
  }
  const at = hAlloc(pathWords(level) - 1);
  if (!at) return NONE;
  const node = nodeAt(level);
  const old = boxedHeader(node);
  const index = indexAt(level);
  const from = boxedAddress(node);
  store<u64>(at, headerChanged(old, lastBit, -1));
  memory.copy(at + 8, from + 8, (index - 1) << 3);
  memory.copy(at + (index << 3), from + ((index + 1) << 3), (headerWords(old) - index) << 3);
  if (level == 0) {
    store<u64>(at, smallOf(size), 8);
    return boxedOf(at);
  }
  return copyPath(level - 1, boxedOf(at), at + (headerWords(old) << 3), size);
}

export function hamtSize(map: u64): u32 {
  return (boxedWord(map, 1) >> 4) as u32;
}

/** The leaf cell of `key`, or NONE: for callers that want the stored key itself. */
export function hamtLeaf(map: u64, key: u64): u64 {
  return descend(map, key) == FOUND ? leaf : NONE;
}

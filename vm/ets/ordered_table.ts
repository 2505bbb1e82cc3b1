/**
 * Ordered sets of ETS: an AVL tree (Adelson-Velsky and Landis, 1962) of objects by key, in the
 * order of terms, where 1 == 1.0. `balance` of a node is the height of its right subtree minus that
 * of its left one. All walks are iterative; the way down is kept in an array, which a tree of 2^32
 * nodes cannot overflow.
 */
import { compare } from '../compare';
import { areSmall } from '../term';
import { rangeOrder } from './key_range';
import { T_COUNT, T_KEYPOS, T_ROOT, T_WORDS } from './layout';
import { balanceOf, freeObject, objectKey, objectMemory, setBalance } from './object';

const LEFT: u32 = 0;
const RIGHT: u32 = 4;
/** Links (addresses of the words that hold nodes) on the way from the root. */
const path: usize = memory.data(48 * 4, 4);

function linkAt(depth: u32): usize {
  return load<u32>(path + (depth << 2));
}
function setLink(depth: u32, link: usize): void {
  store<u32>(path + (depth << 2), link as u32);
}
function left(node: usize): usize {
  return load<u32>(node, LEFT);
}
function right(node: usize): usize {
  return load<u32>(node, RIGHT);
}
function keyOf(table: usize, node: usize): u64 {
  return objectKey(node, load<u32>(table, T_KEYPOS));
}
function addWords(table: usize, words: i64): void {
  store<u64>(table, load<u64>(table, T_WORDS) + (words as u64), T_WORDS);
}

/** compare, with two small integers on the short way: they are in the order of their words. */
function orderOf(a: u64, b: u64): i32 {
  if (areSmall(a, b)) return ((a as i64) > (b as i64) ? 1 : 0) - ((a as i64) < (b as i64) ? 1 : 0);
  return compare(a, b);
}

// ---- finding

/** The object with `key`, or 0. */
export function treeFind(table: usize, key: u64): usize {
  let node = load<u32>(table, T_ROOT) as usize;
  while (node) {
    const order = orderOf(key, keyOf(table, node));
    if (order == 0) return node;
    node = order < 0 ? left(node) : right(node);
  }
  return 0;
}
/** The object with the smallest key above `key` (or equal to it, when `inclusive`), or 0. */
export function treeAbove(table: usize, key: u64, inclusive: bool): usize {
  let node = load<u32>(table, T_ROOT) as usize;
  let found: usize = 0;
  while (node) {
    const order = orderOf(key, keyOf(table, node));
    if (order < 0 || (order == 0 && inclusive)) {
      found = node;
      if (order == 0) break;
      node = left(node);
    } else node = right(node);
  }
  return found;
}
/** The object with the greatest key below `key` (or equal to it, when `inclusive`), or 0. */
export function treeBelow(table: usize, key: u64, inclusive: bool): usize {
  let node = load<u32>(table, T_ROOT) as usize;
  let found: usize = 0;
  while (node) {
    const order = orderOf(key, keyOf(table, node));
    if (order > 0 || (order == 0 && inclusive)) {
      found = node;
      if (order == 0) break;
      node = right(node);
    } else node = left(node);
  }
  return found;
}
export function treeFirst(table: usize): usize {
  let node = load<u32>(table, T_ROOT) as usize;
  while (node && left(node)) node = left(node);
  return node;
}
export function treeLast(table: usize): usize {
  let node = load<u32>(table, T_ROOT) as usize;
  while (node && right(node)) node = right(node);
  return node;
}

// ---- walking

/**
 * Nodes still to be visited, the next one last: each is followed by its subtree on the far side.
 */
const walkNodes: usize = memory.data(48 * 4, 4);
let walkDepth: u32 = 0;
let walkUp: bool = true;

function pushNode(node: usize): void {
  store<u32>(walkNodes + (walkDepth << 2), node as u32);
  walkDepth++;
}
function near(node: usize): usize {
  return walkUp ? left(node) : right(node);
}
/**
 * Begin with the smallest key, or the greatest one when not `ascending`. A walk ends when the tree
 * changes its shape.
 */
export function walkFirst(table: usize, ascending: bool): void {
  walkDepth = 0;
  walkUp = ascending;
  for (let node = load<u32>(table, T_ROOT) as usize; node; node = near(node)) pushNode(node);
}
/** Begin at `key`: with its own object if `inclusive`. */
export function walkFrom(table: usize, key: u64, inclusive: bool, ascending: bool): void {
  walkDepth = 0;
  walkUp = ascending;
  let node = load<u32>(table, T_ROOT) as usize;
  while (node) {
    const order = orderOf(key, keyOf(table, node));
    const visited = order == 0 ? inclusive : order < 0 == ascending;
    if (visited) pushNode(node);
    node = visited ? near(node) : ascending ? right(node) : left(node);
  }
}
/** Begin with the first key in the range of a pattern (vm/ets/key_range.ts). */
export function walkRange(table: usize, pattern: u64, ascending: bool): void {
  walkDepth = 0;
  walkUp = ascending;
  let node = load<u32>(table, T_ROOT) as usize;
  while (node) {
    const order = rangeOrder(pattern, keyOf(table, node));
    const visited = order == 0 || order < 0 == ascending;
    if (visited) pushNode(node);
    node = visited ? near(node) : ascending ? right(node) : left(node);
  }
}
/** The next object of the walk, 0 at its end. */
export function walkNext(): usize {
  if (!walkDepth) return 0;
  walkDepth--;
  const node = load<u32>(walkNodes + (walkDepth << 2)) as usize;
  for (let at = walkUp ? right(node) : left(node); at; at = near(at)) pushNode(at);
  return node;
}

// ---- rotations: each returns the new top of the subtree, balances set

/** The left subtree is two higher. */
function rotateRight(node: usize): usize {
  const pivot = left(node);
  if (balanceOf(pivot) > 0) return rotateTwice(node, pivot, right(pivot), false);
  store<u32>(node, right(pivot) as u32, LEFT);
  store<u32>(pivot, node as u32, RIGHT);
  const even = balanceOf(pivot) == 0;
  setBalance(node, even ? -1 : 0);
  setBalance(pivot, even ? 1 : 0);
  return pivot;
}
/** The right subtree is two higher. */
function rotateLeft(node: usize): usize {
  const pivot = right(node);
  if (balanceOf(pivot) < 0) return rotateTwice(node, pivot, left(pivot), true);
  store<u32>(node, left(pivot) as u32, RIGHT);
  store<u32>(pivot, node as u32, LEFT);
  const even = balanceOf(pivot) == 0;
  setBalance(node, even ? 1 : 0);
  setBalance(pivot, even ? -1 : 0);
  return pivot;
}
/**
 * The inner grandchild `middle` becomes the top of `node` and `pivot`, its right child when
 * `pivotRight`.
 */
function rotateTwice(node: usize, pivot: usize, middle: usize, pivotRight: bool): usize {
  const low = pivotRight ? node : pivot;
  const high = pivotRight ? pivot : node;
  store<u32>(low, left(middle) as u32, RIGHT);
  store<u32>(high, right(middle) as u32, LEFT);
  store<u32>(middle, low as u32, LEFT);
  store<u32>(middle, high as u32, RIGHT);
  const balance = balanceOf(middle);
  setBalance(low, balance > 0 ? -1 : 0);
  setBalance(high, balance < 0 ? 1 : 0);
  setBalance(middle, 0);
  return middle;
}

// ---- changing

/** Put `object` into the table; one with an equal key is replaced and freed. */
export function treeInsert(table: usize, object: usize): void {
  const key = keyOf(table, object);
  let link = table + T_ROOT;
  let depth: u32 = 0;
  while (load<u32>(link)) {
    const node = load<u32>(link) as usize;
    const order = orderOf(key, keyOf(table, node));
    if (order == 0) {
      treeReplace(table, link, object);
      return;
    }
    setLink(depth++, link);
    link = order < 0 ? node + LEFT : node + RIGHT;
  }
  store<u32>(object, 0, LEFT);
  store<u32>(object, 0, RIGHT);
  setBalance(object, 0);
  store<u32>(link, object as u32);
  store<u32>(table, load<u32>(table, T_COUNT) + 1, T_COUNT);
  addWords(table, objectMemory(object) as i64);
  let child = link;
  while (depth > 0) {
    depth--;
    const parentLink = linkAt(depth);
    const parent = load<u32>(parentLink) as usize;
    const balance = balanceOf(parent) + (child == parent + LEFT ? -1 : 1);
    if (balance == 2 || balance == -2) {
      store<u32>(parentLink, (balance > 0 ? rotateLeft(parent) : rotateRight(parent)) as u32);
      return;
    }
    setBalance(parent, balance);
    if (balance == 0) return;
    child = parentLink;
  }
}

/** The object at `link` gives its place to another with an equal key. */
function treeReplace(table: usize, link: usize, object: usize): void {
  const old = load<u32>(link) as usize;
  store<u32>(object, left(old) as u32, LEFT);
  store<u32>(object, right(old) as u32, RIGHT);
  setBalance(object, balanceOf(old));
  store<u32>(link, object as u32);
  addWords(table, (objectMemory(object) as i64) - (objectMemory(old) as i64));
  freeObject(old);
}

/** Delete the object with `key`, if there is one. */
export function treeDelete(table: usize, key: u64): void {
  let link = table + T_ROOT;
  let depth: u32 = 0;
  let node: usize = 0;
  while (true) {
    node = load<u32>(link);
    if (!node) return;
    setLink(depth++, link);
    const order = orderOf(key, keyOf(table, node));
    if (order == 0) break;
    link = order < 0 ? node + LEFT : node + RIGHT;
  }
  unlinkNode(node, depth - 1);
  store<u32>(table, load<u32>(table, T_COUNT) - 1, T_COUNT);
  addWords(table, -(objectMemory(node) as i64));
  freeObject(node);
}

/** Take `node`, to which the link at `depth` of the path leads, out of the tree and rebalance. */
function unlinkNode(node: usize, depth: u32): void {
  const link = linkAt(depth);
  let top = depth;
  let shrunk = link;
  if (left(node) && right(node)) {
    // Its successor takes its place.
    let below = node + RIGHT;
    let at = depth + 1;
    setLink(at, below);
    while (left(load<u32>(below))) {
      below = (load<u32>(below) as usize) + LEFT;
      setLink(++at, below);
    }
    const heir = load<u32>(below) as usize;
    store<u32>(below, right(heir) as u32);
    store<u32>(heir, left(node) as u32, LEFT);
    store<u32>(heir, right(node) as u32, RIGHT);
    setBalance(heir, balanceOf(node));
    store<u32>(link, heir as u32);
    // The path went through the node's right link, which is the heir's now.
    setLink(depth + 1, heir + RIGHT);
    shrunk = at == depth + 1 ? heir + RIGHT : below;
    top = at;
  } else store<u32>(link, (left(node) ? left(node) : right(node)) as u32);
  rebalance(shrunk, top);
}

/** The subtree at `shrunk`, below the node of the link at depth `top` - 1, has become one lower. */
function rebalance(shrunk: usize, top: u32): void {
  let child = shrunk;
  let depth = top;
  while (depth > 0) {
    depth--;
    const link = linkAt(depth);
    const parent = load<u32>(link) as usize;
    const balance = balanceOf(parent) + (child == parent + LEFT ? 1 : -1);
    if (balance == 2 || balance == -2) {
      const fresh = balance > 0 ? rotateLeft(parent) : rotateRight(parent);
      store<u32>(link, fresh as u32);
      // A rotation that leaves the top unbalanced kept the height.
      if (balanceOf(fresh) != 0) return;
    } else {
      setBalance(parent, balance);
      if (balance != 0) return;
    }
    child = link;
  }
}

/** Free up to `limit` objects of a table that nobody can reach any more; true when none is left. */
export function freeTree(table: usize, limit: u32): bool {
  // The leftmost branch is turned to the right until the root has no left child; then the root
  // goes.
  let node = load<u32>(table, T_ROOT) as usize;
  for (let i: u32 = 0; i < limit && node; i++) {
    const child = left(node);
    if (child) {
      store<u32>(node, right(child) as u32, LEFT);
      store<u32>(child, node as u32, RIGHT);
      node = child;
    } else {
      const next = right(node);
      freeObject(node);
      node = next;
    }
  }
  store<u32>(table, node as u32, T_ROOT);
  return node == 0;
}

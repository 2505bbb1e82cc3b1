/**
 * Blocks of a deflate stream (RFC 1951, section 3.2): the trees of Huffman codes and what is
 * written with them. Trees come out as zlib's do: among equal frequencies the shallower subtree is
 * taken, then the one with the lower number.
 */
import * as S from './deflate_state';

const LENGTH_CODES: u32 = 29;
const LITERALS: u32 = 256;
const LITERAL_CODES: u32 = LITERALS + 1 + LENGTH_CODES;
const DISTANCE_CODES: u32 = 30;
const LENGTH_TREE_CODES: u32 = 19;
const HEAP_CODES: u32 = 2 * LITERAL_CODES + 1;
const BITS_MAX: u32 = 15;
const LENGTH_BITS_MAX: u32 = 7;
const END_BLOCK: u32 = 256;
const REPEAT_PREVIOUS: u32 = 16;
const REPEAT_ZEROS: u32 = 17;
const REPEAT_MANY_ZEROS: u32 = 18;
const STRATEGY_FIXED: u32 = 4;

const LENGTH_EXTRA: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
const DISTANCE_EXTRA: usize = memory.data<u8>([
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]);
const CODE_LENGTH_EXTRA: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 7,
]);
const LENGTH_ORDER: usize = memory.data<u8>([
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
]);

/** Made once: the static trees, codes of lengths and distances, and their bases. */
const staticLiterals: usize = memory.data((LITERAL_CODES + 2) * 4, 8);
const staticDistances: usize = memory.data(DISTANCE_CODES * 4, 8);
const lengthCodes: usize = memory.data(256, 8);
const distanceCodes: usize = memory.data(512, 8);
const lengthBase: usize = memory.data(LENGTH_CODES * 4, 8);
const distanceBase: usize = memory.data(DISTANCE_CODES * 4, 8);
let isMade: bool = false;

/** For building a tree. */
const heap: usize = memory.data(HEAP_CODES * 4, 8);
const depth: usize = memory.data(HEAP_CODES, 8);
const bitCounts: usize = memory.data((BITS_MAX + 1) * 2, 8);
let heapLength: u32 = 0;
let heapMax: u32 = 0;

function word(tree: usize, symbol: u32): u32 {
  return load<u16>(tree + (symbol << 2));
}
function setWord(tree: usize, symbol: u32, value: u32): void {
  store<u16>(tree + (symbol << 2), value as u16);
}
function size(tree: usize, symbol: u32): u32 {
  return load<u16>(tree + (symbol << 2), 2);
}
function setSize(tree: usize, symbol: u32, value: u32): void {
  store<u16>(tree + (symbol << 2), value as u16, 2);
}
function reversed(code: u32, bits: u32): u32 {
  let result: u32 = 0;
  for (let i: u32 = 0; i < bits; i++) result |= ((code >> i) & 1) << (bits - 1 - i);
  return result;
}

/** Codes for the sizes in a tree, whose numbers are in bitCounts. */
function makeCodes(tree: usize, last: u32): void {
  let code: u32 = 0;
  const next = heap;
  for (let bits: u32 = 1; bits <= BITS_MAX; bits++) {
    code = (code + load<u16>(bitCounts + ((bits - 1) << 1))) << 1;
    store<u32>(next + (bits << 2), code);
  }
  for (let symbol: u32 = 0; symbol <= last; symbol++) {
    const bits = size(tree, symbol);
    if (!bits) continue;
    const at = next + (bits << 2);
    setWord(tree, symbol, reversed(load<u32>(at), bits));
    store<u32>(at, load<u32>(at) + 1);
  }
}

function makeTables(): void {
  let length: u32 = 0;
  for (let code: u32 = 0; code < LENGTH_CODES - 1; code++) {
    store<u32>(lengthBase + (code << 2), length);
    for (let i: u32 = 0; i < 1 << load<u8>(LENGTH_EXTRA + code); i++) {
      store<u8>(lengthCodes + length, code as u8);
      length++;
    }
  }
  store<u8>(lengthCodes + 255, (LENGTH_CODES - 1) as u8);
  store<u32>(lengthBase + ((LENGTH_CODES - 1) << 2), 0);
  let distance: u32 = 0;
  for (let code: u32 = 0; code < DISTANCE_CODES; code++) {
    store<u32>(distanceBase + (code << 2), distance);
    distance += 1 << load<u8>(DISTANCE_EXTRA + code);
  }
  for (let i: u32 = 0; i < 512; i++) store<u8>(distanceCodes + i, slowCode(i) as u8);
  memory.fill(bitCounts, 0, (BITS_MAX + 1) << 1);
  for (let symbol: u32 = 0; symbol < LITERAL_CODES + 2; symbol++) {
    const bits: u32 = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    setSize(staticLiterals, symbol, bits);
    const at = bitCounts + (bits << 1);
    store<u16>(at, load<u16>(at) + 1);
  }
  makeCodes(staticLiterals, LITERAL_CODES + 1);
  for (let symbol: u32 = 0; symbol < DISTANCE_CODES; symbol++) {
    setSize(staticDistances, symbol, 5);
    setWord(staticDistances, symbol, reversed(symbol, 5));
  }
  isMade = true;
}
/** The code of entry `i` of the table of distances: below 256 the distance, above it in 128s. */
function slowCode(i: u32): u32 {
  const distance = i < 256 ? i : (i - 256) << 7;
  let code = DISTANCE_CODES - 1;
  while (load<u32>(distanceBase + (code << 2)) > distance) code--;
  return code;
}
function distanceCode(distance: u32): u32 {
  return load<u8>(distanceCodes + (distance < 256 ? distance : 256 + (distance >> 7)));
}

export function startTrees(): void {
  if (!isMade) makeTables();
  store<u64>(S.d, 0, S.BITS);
  S.set(S.BIT_COUNT, 0);
  startBlock();
}
function literalTree(): usize {
  return S.d + S.LITERAL_TREE;
}
function distanceTree(): usize {
  return S.d + S.DISTANCE_TREE;
}
function lengthTree(): usize {
  return S.d + S.LENGTH_TREE;
}
function startBlock(): void {
  for (let i: u32 = 0; i < LITERAL_CODES; i++) setWord(literalTree(), i, 0);
  for (let i: u32 = 0; i < DISTANCE_CODES; i++) setWord(distanceTree(), i, 0);
  for (let i: u32 = 0; i < LENGTH_TREE_CODES; i++) setWord(lengthTree(), i, 0);
  setWord(literalTree(), END_BLOCK, 1);
  S.set(S.OPTIMAL_BITS, 0);
  S.set(S.STATIC_BITS, 0);
  S.set(S.SYMBOLS, 0);
}

// ---- symbols

/** A literal (distance 0), or a match of length `length` + 3; true when the block is full. */
export function tally(distance: u32, length: u32): bool {
  const count = S.get(S.SYMBOLS);
  store<u32>(S.get(S.SYMBOL_BUFFER) + (count << 2), (distance << 8) | length);
  S.set(S.SYMBOLS, count + 1);
  if (!distance) setWord(literalTree(), length, word(literalTree(), length) + 1);
  else {
    const symbol = (load<u8>(lengthCodes + length) as u32) + LITERALS + 1;
    setWord(literalTree(), symbol, word(literalTree(), symbol) + 1);
    const code = distanceCode(distance - 1);
    setWord(distanceTree(), code, word(distanceTree(), code) + 1);
  }
  return count + 1 == S.get(S.LITERALS) - 1;
}

// ---- building trees

function smaller(tree: usize, one: u32, other: u32): bool {
  const left = word(tree, one);
  const right = word(tree, other);
  return left < right || (left == right && load<u8>(depth + one) <= load<u8>(depth + other));
}
function heapAt(index: u32): u32 {
  return load<u32>(heap + (index << 2));
}
function setHeap(index: u32, symbol: u32): void {
  store<u32>(heap + (index << 2), symbol);
}
function sink(tree: usize, start: u32): void {
  const symbol = heapAt(start);
  let at = start;
  let child = at << 1;
  while (child <= heapLength) {
    if (child < heapLength && smaller(tree, heapAt(child + 1), heapAt(child))) child++;
    if (smaller(tree, symbol, heapAt(child))) break;
    setHeap(at, heapAt(child));
    at = child;
    child <<= 1;
  }
  setHeap(at, symbol);
}

/** The kind of tree that is built: static codes (0 = none), extra bits from `base` on, longest. */
let staticTree: usize = 0;
let extraBits: usize = 0;
let extraBase: u32 = 0;
let bitsMax: u32 = 0;

function extraOf(symbol: u32): u32 {
  return symbol >= extraBase ? (load<u8>(extraBits + symbol - extraBase) as u32) : 0;
}
/** Build the tree of `count` symbols whose frequencies are in it; the highest symbol used. */
function buildTree(tree: usize, count: u32): u32 {
  let last: i32 = -1;
  heapLength = 0;
  heapMax = HEAP_CODES;
  for (let symbol: u32 = 0; symbol < count; symbol++) {
    if (word(tree, symbol)) {
      setHeap(++heapLength, symbol);
      last = symbol as i32;
      store<u8>(depth + symbol, 0);
    } else setSize(tree, symbol, 0);
  }
  while (heapLength < 2) {
    const symbol: u32 = last < 2 ? (++last as u32) : 0;
    setHeap(++heapLength, symbol);
    setWord(tree, symbol, 1);
    store<u8>(depth + symbol, 0);
    S.set(S.OPTIMAL_BITS, S.get(S.OPTIMAL_BITS) - 1);
    if (staticTree) S.set(S.STATIC_BITS, S.get(S.STATIC_BITS) - size(staticTree, symbol));
  }
  for (let at = heapLength >> 1; at; at--) sink(tree, at);
  joinNodes(tree, count);
  makeSizes(tree, last as u32);
  makeCodes(tree, last as u32);
  return last as u32;
}
/** Take the two rarest nodes together until one is left. */
function joinNodes(tree: usize, count: u32): void {
  let node = count;
  do {
    const one = heapAt(1);
    setHeap(1, heapAt(heapLength--));
    sink(tree, 1);
    const other = heapAt(1);
    setHeap(--heapMax, one);
    setHeap(--heapMax, other);
    setWord(tree, node, word(tree, one) + word(tree, other));
    store<u8>(depth + node, max(load<u8>(depth + one), load<u8>(depth + other)) + 1);
    setSize(tree, one, node);
    setSize(tree, other, node);
    setHeap(1, node++);
    sink(tree, 1);
  } while (heapLength >= 2);
  setHeap(--heapMax, heapAt(1));
}
/** Sizes of codes from the tree's shape, none longer than allowed. */
function makeSizes(tree: usize, last: u32): void {
  let overflow: i32 = 0;
  memory.fill(bitCounts, 0, (BITS_MAX + 1) << 1);
  setSize(tree, heapAt(heapMax), 0);
  let at = heapMax + 1;
  for (; at < HEAP_CODES; at++) {
    const node = heapAt(at);
    let bits = size(tree, size(tree, node)) + 1;
    if (bits > bitsMax) {
      bits = bitsMax;
      overflow++;
    }
    setSize(tree, node, bits);
    if (node > last) continue;
    store<u16>(bitCounts + (bits << 1), load<u16>(bitCounts + (bits << 1)) + 1);
    addCost(tree, node, bits);
  }
  if (overflow) shortenCodes(tree, last, overflow);
}
function addCost(tree: usize, node: u32, bits: u32): void {
  const extra = extraOf(node);
  const frequency = word(tree, node);
  S.set(S.OPTIMAL_BITS, S.get(S.OPTIMAL_BITS) + frequency * (bits + extra));
  if (staticTree)
    S.set(S.STATIC_BITS, S.get(S.STATIC_BITS) + frequency * (size(staticTree, node) + extra));
}
function changeCount(bits: u32, by: i32): void {
  const at = bitCounts + (bits << 1);
  store<u16>(at, ((load<u16>(at) as i32) + by) as u16);
}
function shortenCodes(tree: usize, last: u32, overflow: i32): void {
  for (let left = overflow; left > 0; left -= 2) {
    let bits = bitsMax - 1;
    while (!load<u16>(bitCounts + (bits << 1))) bits--;
    changeCount(bits, -1);
    changeCount(bits + 1, 2);
    changeCount(bitsMax, -1);
  }
  let at = HEAP_CODES;
  for (let bits = bitsMax; bits; bits--) {
    for (let left = load<u16>(bitCounts + (bits << 1)) as u32; left; ) {
      const node = heapAt(--at);
      if (node > last) continue;
      const old = size(tree, node);
      if (old != bits) {
        S.set(S.OPTIMAL_BITS, S.get(S.OPTIMAL_BITS) + (bits - old) * word(tree, node));
        setSize(tree, node, bits);
      }
      left--;
    }
  }
}

// ---- sending trees

/** Walk over the sizes of a tree as runs; count them, or write them. */
function walkSizes(tree: usize, last: u32, write: bool): void {
  let previous: u32 = 0xffff;
  let next = size(tree, 0);
  let count: u32 = 0;
  let most: u32 = next ? 7 : 138;
  let least: u32 = next ? 4 : 3;
  for (let symbol: u32 = 0; symbol <= last; symbol++) {
    const now = next;
    // Behind the last one comes something that is no size.
    next = symbol < last ? size(tree, symbol + 1) : 0xffff;
    if (++count < most && now == next) continue;
    walkRun(now, previous, count, least, write);
    count = 0;
    previous = now;
    most = !next ? 138 : now == next ? 6 : 7;
    least = !next || now == next ? 3 : 4;
  }
}
function walkRun(now: u32, previous: u32, run: u32, least: u32, write: bool): void {
  let count = run;
  if (count < least) {
    for (; count; count--) walkCode(now, 0, 0, write);
  } else if (now) {
    if (now != previous) {
      walkCode(now, 0, 0, write);
      count--;
    }
    walkCode(REPEAT_PREVIOUS, count - 3, 2, write);
  } else if (count <= 10) walkCode(REPEAT_ZEROS, count - 3, 3, write);
  else walkCode(REPEAT_MANY_ZEROS, count - 11, 7, write);
}
function walkCode(code: u32, extra: u32, bits: u32, write: bool): void {
  const tree = lengthTree();
  if (!write) setWord(tree, code, word(tree, code) + 1);
  else {
    S.putBits(word(tree, code), size(tree, code));
    if (bits) S.putBits(extra, bits);
  }
}
/** The tree of code lengths; index of the last one that is sent. */
function buildLengthTree(lastLiteral: u32, lastDistance: u32): u32 {
  walkSizes(literalTree(), lastLiteral, false);
  walkSizes(distanceTree(), lastDistance, false);
  staticTree = 0;
  extraBits = CODE_LENGTH_EXTRA;
  extraBase = 0;
  bitsMax = LENGTH_BITS_MAX;
  buildTree(lengthTree(), LENGTH_TREE_CODES);
  let last = LENGTH_TREE_CODES - 1;
  while (last >= 3 && !size(lengthTree(), load<u8>(LENGTH_ORDER + last))) last--;
  S.set(S.OPTIMAL_BITS, S.get(S.OPTIMAL_BITS) + 3 * (last + 1) + 14);
  return last;
}
function sendTrees(lastLiteral: u32, lastDistance: u32, lastLength: u32): void {
  S.putBits(lastLiteral - 256, 5);
  S.putBits(lastDistance, 5);
  S.putBits(lastLength - 3, 4);
  for (let i: u32 = 0; i <= lastLength; i++)
    S.putBits(size(lengthTree(), load<u8>(LENGTH_ORDER + i)), 3);
  walkSizes(literalTree(), lastLiteral, true);
  walkSizes(distanceTree(), lastDistance, true);
}
function sendSymbols(literals: usize, distances: usize): void {
  const count = S.get(S.SYMBOLS);
  const buffer = S.get(S.SYMBOL_BUFFER) as usize;
  for (let i: u32 = 0; i < count; i++) {
    const symbol = load<u32>(buffer + (i << 2));
    const length = symbol & 255;
    let distance = symbol >> 8;
    if (!distance) {
      S.putBits(word(literals, length), size(literals, length));
      continue;
    }
    let code = load<u8>(lengthCodes + length) as u32;
    S.putBits(word(literals, code + LITERALS + 1), size(literals, code + LITERALS + 1));
    let extra = load<u8>(LENGTH_EXTRA + code) as u32;
    if (extra) S.putBits(length - load<u32>(lengthBase + (code << 2)), extra);
    distance--;
    code = distanceCode(distance);
    S.putBits(word(distances, code), size(distances, code));
    extra = load<u8>(DISTANCE_EXTRA + code) as u32;
    if (extra) S.putBits(distance - load<u32>(distanceBase + (code << 2)), extra);
  }
  S.putBits(word(literals, END_BLOCK), size(literals, END_BLOCK));
}

// ---- blocks

/** A block of `bytes` plain bytes. */
export function storedBlock(from: usize, bytes: u32, isLast: bool): void {
  S.putBits(isLast ? 1 : 0, 3);
  S.alignBits();
  S.putShort(bytes);
  S.putShort(~bytes & 0xffff);
  memory.copy(S.get(S.PENDING) + S.get(S.PENDING_TO), from, bytes);
  S.set(S.PENDING_TO, S.get(S.PENDING_TO) + bytes);
}
/** Close the block; `from` is where its plain bytes are, 0 when they are in the window no more. */
export function flushBlock(from: usize, bytes: u32, isLast: bool): void {
  const last: u32 = isLast ? 1 : 0;
  staticTree = staticLiterals;
  extraBits = LENGTH_EXTRA;
  extraBase = LITERALS + 1;
  bitsMax = BITS_MAX;
  const lastLiteral = buildTree(literalTree(), LITERAL_CODES);
  staticTree = staticDistances;
  extraBits = DISTANCE_EXTRA;
  extraBase = 0;
  const lastDistance = buildTree(distanceTree(), DISTANCE_CODES);
  const lastLength = buildLengthTree(lastLiteral, lastDistance);
  let best = (S.get(S.OPTIMAL_BITS) + 3 + 7) >> 3;
  const fixed = (S.get(S.STATIC_BITS) + 3 + 7) >> 3;
  if (fixed <= best || S.get(S.STRATEGY) == STRATEGY_FIXED) best = fixed;
  if (bytes + 4 <= best && from) storedBlock(from, bytes, isLast);
  else if (fixed == best) {
    S.putBits(2 + last, 3);
    sendSymbols(staticLiterals, staticDistances);
  } else {
    S.putBits(4 + last, 3);
    sendTrees(lastLiteral, lastDistance, lastLength);
    sendSymbols(literalTree(), distanceTree());
  }
  startBlock();
  if (isLast) S.alignBits();
}

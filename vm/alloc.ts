/**
 * The allocator of linear memory outside process heaps' insides: two-level segregated fit (Masmano
 * et al., 2004), constant time. Every block has an 8-byte header {size | flags, previous physical
 * block}; payloads are 8-byte aligned.
 *
 *   +--------------+--------------------+---------------------------+
 *   | size | flags | previous block (*) | payload, or next/previous |   (*) address of its header, always valid
 *   +--------------+--------------------+---------------------------+
 *
 * `allocate` returns 0 when memory is exhausted; callers must cope (architecture D6: running out of
 * memory kills one process).
 */
import { panic } from './panic';

const HEADER: u32 = 8;
const FREE: u32 = 1;
const LAST: u32 = 2;
const FLAGS: u32 = 7;
const SMALL_LIMIT: u32 = 128;
const FIRST_LEVELS: u32 = 27;
const SECOND_LEVELS: u32 = 16;

/** What freed bytes hold in a checked build: as a term, a pointer outside of memory. */
const POISON: u8 = 0xee;
export const POISON_WORD: u64 = 0xeeee_eeee_eeee_eeee;
/** Bytes of a free block's links. */
const LINKS: u32 = 8;

let firstBitmap: u32 = 0;
const secondBitmaps: usize = memory.data(FIRST_LEVELS * 4, 8);
const freeHeads: usize = memory.data(FIRST_LEVELS * SECOND_LEVELS * 4, 8);

/** Bytes in blocks handed out, headers included. */
export let allocatedBytes: u32 = 0;
/** Bytes that the allocator manages. */
export let managedBytes: u32 = 0;
let firstBlock: usize = 0;
/** Checked builds: no block that was handed out reached beyond this address. */
let usedEnd: usize = 0;

function blockSize(block: usize): u32 {
  return load<u32>(block) & ~FLAGS;
}

/**
 * Index of the free list of blocks of at least... exactly this class: first level * 16 + second
 * level.
 */
function classOf(size: u32): u32 {
  if (size < SMALL_LIMIT) return size >> 3;
  const top = 31 - clz(size);
  return ((top - 6) << 4) + ((size >> (top - 4)) & 15);
}

function insert(block: usize, size: u32): void {
  const index = classOf(size);
  const slot = freeHeads + (index << 2);
  const next = load<u32>(slot);
  store<u32>(block, next, 8);
  store<u32>(block, 0, 12);
  if (next) store<u32>(next, block as u32, 12);
  store<u32>(slot, block as u32);
  const first = index >> 4;
  firstBitmap |= 1 << first;
  const bits = secondBitmaps + (first << 2);
  store<u32>(bits, load<u32>(bits) | (1 << (index & 15)));
}

function remove(block: usize, size: u32): void {
  const next = load<u32>(block, 8);
  const previous = load<u32>(block, 12);
  if (next) store<u32>(next, previous, 12);
  if (previous) {
    store<u32>(previous, next, 8);
    return;
  }
  const index = classOf(size);
  store<u32>(freeHeads + (index << 2), next);
  if (next) return;
  const first = index >> 4;
  const bits = secondBitmaps + (first << 2);
  const left = load<u32>(bits) & ~(1 << (index & 15));
  store<u32>(bits, left);
  if (!left) firstBitmap &= ~(1 << first);
}

/** A free block of at least `size` bytes, or 0. */
function find(size: u32): usize {
  // Round up so that any block of the class found is large enough.
  let rounded = size;
  if (size >= SMALL_LIMIT) {
    const top = 31 - clz(size);
    rounded = size + (1 << (top - 4)) - 1;
    if (rounded < size) return 0;
  }
  const index = classOf(rounded);
  let first = index >> 4;
  if (first >= FIRST_LEVELS) return 0;
  let bits = load<u32>(secondBitmaps + (first << 2)) & (~0 << (index & 15));
  if (!bits) {
    const above = firstBitmap & (first == 31 ? 0 : ~0 << (first + 1));
    if (!above) return 0;
    first = ctz(above);
    bits = load<u32>(secondBitmaps + (first << 2));
  }
  return load<u32>(freeHeads + (((first << 4) + ctz(bits)) << 2));
}

/** Give [start, end) to the allocator. Called once. */
export function initAllocator(start: usize, end: usize): void {
  const from = (start + 7) & ~7;
  const size = ((end & ~7) - from - 2 * HEADER) as u32;
  const last = from + HEADER + size;
  store<u32>(from, size | FREE);
  store<u32>(from, 0, 4);
  store<u32>(last, LAST);
  store<u32>(last, from as u32, 4);
  managedBytes = size;
  firstBlock = from;
  insert(from, size);
}

/**
 * Hands out the first `size` of the `found` bytes of a free block that is in no list; what is left
 * becomes a free block, when it suffices for one. Bytes handed out.
 */
function take(block: usize, found: u32, size: u32): u32 {
  const rest = found - size;
  if (rest < 16 + HEADER) {
    store<u32>(block, found);
    return found;
  }
  const tailBlock = block + HEADER + size;
  const tailSize = rest - HEADER;
  store<u32>(tailBlock, tailSize | FREE);
  store<u32>(tailBlock, block as u32, 4);
  store<u32>(tailBlock + HEADER + tailSize, tailBlock as u32, 4);
  insert(tailBlock, tailSize);
  store<u32>(block, size);
  return size;
}

/** At least `bytes` bytes, 8-byte aligned, contents undefined; 0 when there is no room. */
export function allocate(bytes: u32): usize {
  if (bytes > 0xffff_ff00) return 0;
  const size = bytes < 16 ? 16 : (bytes + 7) & ~7;
  const block = find(size);
  if (!block) return 0;
  const found = blockSize(block);
  remove(block, found);
  const taken = take(block, found, size);
  allocatedBytes += taken + HEADER;
  if (VM_CHECKED) noteUsed(block + HEADER + taken);
  return block + HEADER;
}
function noteUsed(end: usize): void {
  if (end > usedEnd) usedEnd = end;
}

/** As allocate, zeroed. */
export function allocateZeroed(bytes: u32): usize {
  const address = allocate(bytes);
  if (address) memory.fill(address, 0, bytes);
  return address;
}

/** Usable bytes of an allocated block. */
export function allocatedSize(address: usize): u32 {
  return blockSize(address - HEADER);
}

/** Give a block back; 0 is ignored. Merges with free neighbours. */
export function release(address: usize): void {
  if (!address) return;
  let block = address - HEADER;
  const word = load<u32>(block);
  if (word & (FREE | LAST)) panic('alloc: block released twice');
  let size = word & ~FLAGS;
  if (VM_CHECKED) memory.fill(address, POISON, size);
  allocatedBytes -= size + HEADER;
  const next = block + HEADER + size;
  if (load<u32>(next) & FREE) {
    const nextSize = blockSize(next);
    remove(next, nextSize);
    if (VM_CHECKED) memory.fill(next, POISON, HEADER + LINKS);
    size += HEADER + nextSize;
  }
  const previous = load<u32>(block, 4);
  if (previous && load<u32>(previous) & FREE) {
    const previousSize = blockSize(previous);
    remove(previous, previousSize);
    if (VM_CHECKED) memory.fill(block, POISON, HEADER);
    size += HEADER + previousSize;
    block = previous;
  }
  store<u32>(block, size | FREE);
  store<u32>(block + HEADER + size, block as u32, 4);
  insert(block, size);
}

/** Give back the end of a block beyond `bytes` bytes; the block stays where it is. */
export function shrink(address: usize, bytes: u32): void {
  const block = address - HEADER;
  const word = load<u32>(block);
  const old = word & ~FLAGS;
  const size: u32 = bytes < 16 ? 16 : (bytes + 7) & ~7;
  if (word & (FREE | LAST)) panic('alloc: free block shrunk');
  if (old < size + 16 + HEADER) return;
  // The end becomes an allocated block of its own, which is then released like any other.
  const tailBlock = block + HEADER + size;
  const tailSize = old - size - HEADER;
  store<u32>(tailBlock, tailSize);
  store<u32>(tailBlock, block as u32, 4);
  store<u32>(tailBlock + HEADER + tailSize, tailBlock as u32, 4);
  store<u32>(block, size);
  release(tailBlock + HEADER);
}

/** Let the block take from the free block behind it, if that is there and large enough. */
function extend(address: usize, bytes: u32): bool {
  if (bytes > 0xffff_ff00) return false;
  const block = address - HEADER;
  const old = blockSize(block);
  const next = block + HEADER + old;
  if (!(load<u32>(next) & FREE)) return false;
  const whole = old + HEADER + blockSize(next);
  const size = (bytes + 7) & ~7;
  if (whole < size) return false;
  remove(next, blockSize(next));
  // The block behind the free one, for when nothing is left between them.
  store<u32>(block + HEADER + whole, block as u32, 4);
  const taken = take(block, whole, size);
  allocatedBytes += taken - old;
  if (VM_CHECKED) noteUsed(block + HEADER + taken);
  return true;
}

/**
 * Shrink or grow a block; contents are kept up to the smaller size. 0 when there is no room (the
 * old block stays).
 */
export function reallocate(address: usize, bytes: u32): usize {
  if (!address) return allocate(bytes);
  const old = allocatedSize(address);
  if (bytes <= old && bytes >= old >> 1) return address;
  if (bytes > old && extend(address, bytes)) return address;
  const fresh = allocate(bytes);
  if (!fresh) return 0;
  memory.copy(fresh, address, min(old, bytes));
  release(address);
  return fresh;
}

/** The free block stands in the list of its class. */
function isListed(block: usize, size: u32): bool {
  const index = classOf(size);
  const previous = load<u32>(block, 12) as usize;
  const next = load<u32>(block, 8) as usize;
  if (next && load<u32>(next, 12) != (block as u32)) return false;
  if (previous) return load<u32>(previous, 8) == (block as u32);
  const bit = (load<u32>(secondBitmaps + ((index >> 4) << 2)) >> (index & 15)) & 1;
  return load<u32>(freeHeads + (index << 2)) == (block as u32) && bit != 0;
}
/** Blocks handed out, as checkBlocks counted them. */
export let usedBlocks: u32 = 0;
/**
 * For tests: walk all blocks. 0 when headers, lists and sums agree, else the address of the block
 * at which they do not.
 */
export function checkBlocks(): usize {
  let previous: usize = 0;
  let used: u32 = 0;
  let block = firstBlock;
  usedBlocks = 0;
  for (;;) {
    const word = load<u32>(block);
    const size = word & ~FLAGS;
    if (load<u32>(block, 4) != (previous as u32)) return block;
    if (word & LAST) break;
    if (word & FREE) {
      if ((previous && load<u32>(previous) & FREE) || !isListed(block, size)) return block;
    } else {
      used += size + HEADER;
      usedBlocks++;
    }
    const next = block + HEADER + size;
    if (next <= block || next > firstBlock + HEADER + managedBytes) return block;
    previous = block;
    block = next;
  }
  return used == allocatedBytes ? 0 : block;
}
/**
 * For tests, in checked builds and behind checkBlocks: 0 when freed bytes still hold what release
 * put there, else the address of a word that was written to since.
 */
export function checkFreed(): usize {
  let block = firstBlock;
  while (!(load<u32>(block) & LAST)) {
    const end = block + HEADER + blockSize(block);
    if (load<u32>(block) & FREE) {
      const limit = min(end, usedEnd);
      for (let at = block + HEADER + LINKS; at < limit; at += 8)
        if (load<u64>(at) != POISON_WORD) return at;
    }
    block = end;
  }
  return 0;
}

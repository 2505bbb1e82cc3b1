/**
 * The explicit stack of everything that would otherwise recurse: copying, comparing, hashing,
 * printing, encoding. Uses nest: remember `mark()`, push and pop above it. Grows by doubling;
 * `push` returns false when memory is exhausted, then the caller does `cut(mark)` and fails with
 * outOfMemory().
 */
import { allocate, release } from './alloc';

let base: usize = 0;
let top: usize = 0;
let end: usize = 0;

export function initWorkStack(): void {
  base = allocate(32768);
  top = base;
  end = base + 32768;
}
/** Depth in bytes, to be given back to `cut` or compared with. */
export function mark(): u32 {
  return (top - base) as u32;
}
/** Bytes that it has room for. */
export function capacity(): u32 {
  return (end - base) as u32;
}
export function cut(depth: u32): void {
  top = base + depth;
}
export function push(word: u64): bool {
  if (top == end && !grow()) return false;
  store<u64>(top, word);
  top += 8;
  return true;
}
export function pop(): u64 {
  top -= 8;
  return load<u64>(top);
}
/** Word `back` (0 = the last pushed) without removing it. */
export function peek(back: u32): u64 {
  return load<u64>(top - 8 - (back << 3));
}
/** Replace the word that `peek(back)` reads. */
export function poke(back: u32, word: u64): void {
  store<u64>(top - 8 - (back << 3), word);
}
/** Word `index`, counted from the bottom of the stack. */
export function wordAt(index: u32): u64 {
  return load<u64>(base + (index << 3));
}
function grow(): bool {
  const size = (end - base) as u32;
  const fresh = allocate(size << 1);
  if (!fresh) return false;
  memory.copy(fresh, base, size);
  release(base);
  base = fresh;
  top = fresh + size;
  end = fresh + (size << 1);
  return true;
}
/**
 * Give memory back after an unusually deep walk; called by the scheduler when nothing is pushed.
 */
export function trimWorkStack(): void {
  if (top != base || end - base <= 1 << 20) return;
  release(base);
  initWorkStack();
}

/**
 * Put the whole stack aside: base, top and end as three words at `to`. False when there is no
 * memory for another one.
 */
export function detachStack(to: usize): bool {
  const held = base;
  const heldTop = top;
  const heldEnd = end;
  const fresh = allocate(32768);
  if (!fresh) return false;
  store<u32>(to, held as u32);
  store<u32>(to, heldTop as u32, 4);
  store<u32>(to, heldEnd as u32, 8);
  base = fresh;
  top = fresh;
  end = fresh + 32768;
  return true;
}
/** Go on with a stack that was put aside, in place of the empty one. */
export function attachStack(from: usize): void {
  release(base);
  base = load<u32>(from);
  top = load<u32>(from, 4);
  end = load<u32>(from, 8);
}

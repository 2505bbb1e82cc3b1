/**
 * Root blocks: memory off the heap in which a BIF or a driver keeps terms of a process over a
 * collection. The collector updates every word of the block; the block dies with its process, if it
 * is not freed before.
 *
 *   P_ROOTS -> +------+-------+----------+
 *              | next | words | term ... |   u32 u32, u64 each
 *              +------+-------+----------+
 */
import { allocateZeroed, release } from './alloc';
import { P_ROOTS } from './gen/layout';

export const ROOT_BLOCK_TERMS: u32 = 8;
/** Largest root block: one is visited in one step of a collection. */
export const ROOT_BLOCK_WORDS_MAX: u32 = 4096;

/**
 * A root block of `process` with room for `words` terms, all "no value" (0); returns 0 when there
 * is no memory.
 */
export function newRootBlock(process: usize, words: u32): usize {
  if (words > ROOT_BLOCK_WORDS_MAX) return 0;
  const block = allocateZeroed(ROOT_BLOCK_TERMS + (words << 3));
  if (!block) return 0;
  store<u32>(block, load<u32>(process, P_ROOTS));
  store<u32>(block, words, 4);
  store<u32>(process, block as u32, P_ROOTS);
  return block;
}
export function freeRootBlock(process: usize, block: usize): void {
  let slot: usize = process + P_ROOTS;
  while (load<u32>(slot) && load<u32>(slot) != (block as u32)) slot = load<u32>(slot);
  if (!load<u32>(slot)) return;
  store<u32>(slot, load<u32>(block));
  release(block);
}
export function freeRootBlocks(process: usize): void {
  while (load<u32>(process, P_ROOTS)) freeRootBlock(process, load<u32>(process, P_ROOTS));
}

/**
 * Loading goes on in slices (architecture D6). Its steps work through entries; each entry says here
 * how it ended, and how much work it was, so that a slice can end between any two of them.
 */
/** A problem was reported. */
export const ENTRY_FAILED: u32 = 0;
export const ENTRY_DONE: u32 = 1;
/** The same entry goes on. */
export const ENTRY_MORE: u32 = 2;
/** There is no more entry in this step. */
export const ENTRIES_OVER: u32 = 3;

/** Entries of a step that ends by ENTRIES_OVER. */
export const UNCOUNTED: i64 = 0xffff_ffff;
/** What a step has instead of entries after a report. */
export const STEP_FAILED: i64 = -1;

/** Bytes copied, or digested, as one entry. */
export const BLOCK_BYTES: u32 = 2048;

/** What may still be done in this slice, in units of very roughly a hundred instructions. */
export let workLeft: i32 = 0;
export function beginSlice(units: i32): void {
  workLeft = units;
}
export function work(units: i32): void {
  workLeft -= units;
}

export function blocksOf(bytes: u32): i64 {
  return ((bytes + BLOCK_BYTES - 1) / BLOCK_BYTES) as i64;
}
/** Copy block `index` of `bytes` bytes. */
export function copyBlock(to: usize, from: usize, bytes: u32, index: u32): void {
  const at = index * BLOCK_BYTES;
  memory.copy(to + at, from + at, min(BLOCK_BYTES, bytes - at));
  work(6);
}
export function entry(good: bool): u32 {
  return good ? ENTRY_DONE : ENTRY_FAILED;
}

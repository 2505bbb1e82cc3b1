/**
 * The state of a collection in progress: a record in memory between slices (P_GC_STATE), and these
 * variables during one.
 *
 * What the collector copies goes to one of two places: `old`, the old generation, or `young`, the
 * new block of the young one. In a minor collection, objects below MATURE go to the old generation,
 * which itself is not looked at; in a full sweep everything goes to a new old generation, and the
 * young block starts empty.
 */

/** Phases, in order. */
export const PHASE_REGISTERS: u32 = 0;
export const PHASE_STACK: u32 = 1;
export const PHASE_DICTIONARY: u32 = 2;
export const PHASE_MAILBOX: u32 = 3;
export const PHASE_ROOT_BLOCKS: u32 = 4;
export const PHASE_SCAN: u32 = 5;
export const PHASE_SWEEP: u32 = 6;
export const PHASE_FRAGMENTS: u32 = 7;
export const PHASE_FIT: u32 = 8;
export const PHASE_MOVE_STACK: u32 = 9;
export const PHASE_DONE: u32 = 10;

/** Fields of the record, u32 each. */
export const S_PHASE: u32 = 0;
export const S_FULL: u32 = 4;
export const S_YOUNG_START: u32 = 8;
export const S_YOUNG_TOP: u32 = 12;
export const S_YOUNG_SCAN: u32 = 16;
export const S_YOUNG_END: u32 = 20;
export const S_OLD_START: u32 = 24;
export const S_OLD_TOP: u32 = 28;
export const S_OLD_SCAN: u32 = 32;
export const S_OLD_END: u32 = 36;
/** Where the phase is: an address, meaning as the phase says. */
export const S_CURSOR: u32 = 40;
/** A large object whose words are being copied: where to, next word, source, words. */
export const S_LARGE_AT: u32 = 44;
export const S_LARGE_NEXT: u32 = 48;
export const S_LARGE_FROM: u32 = 52;
export const S_LARGE_WORDS: u32 = 56;
/** Off-heap lists of the survivors, and what they keep alive, in words. */
export const S_YOUNG_OFF_HEAP: u32 = 60;
export const S_OLD_OFF_HEAP: u32 = 64;
export const S_YOUNG_WEIGHT: u32 = 68;
export const S_OLD_WEIGHT: u32 = 72;
/** Opened messages not yet visited. */
export const S_MESSAGES_LEFT: u32 = 76;
/** The new heap gets no free room: its process hibernates. */
export const S_SHRINK: u32 = 80;
export const STATE_BYTES: u32 = 84;

export let full: bool = false;
/**
 * The young block being emptied: where it begins, and how many of its bytes go to the old
 * generation.
 */
export let fromStart: u32 = 0;
export let matureBytes: u32 = 0;
/**
 * The old generation that a minor collection leaves alone, with what is promoted behind it; no
 * bytes in a full sweep.
 */
export let keptStart: u32 = 0;
export let keptBytes: u32 = 0;
export let youngTop: usize = 0;
export let youngScan: usize = 0;
export let oldTop: usize = 0;
export let oldScan: usize = 0;
/** Work left in this slice, in words. */
export let left: i32 = 0;

export function setYoungTop(address: usize): void {
  youngTop = address;
}
export function setYoungScan(address: usize): void {
  youngScan = address;
}
export function setOldTop(address: usize): void {
  oldTop = address;
}
export function setOldScan(address: usize): void {
  oldScan = address;
}
export function work(words: u32): void {
  left -= words;
}

/** Begin a slice: what the record says, and the emptied block [start, mature). */
export function loadState(state: usize, start: u32, mature: u32, budget: i32): void {
  full = load<u32>(state, S_FULL) != 0;
  fromStart = start;
  matureBytes = mature - start;
  keptStart = load<u32>(state, S_OLD_START);
  keptBytes = full ? 0 : load<u32>(state, S_OLD_END) - keptStart;
  youngTop = load<u32>(state, S_YOUNG_TOP);
  youngScan = load<u32>(state, S_YOUNG_SCAN);
  oldTop = load<u32>(state, S_OLD_TOP);
  oldScan = load<u32>(state, S_OLD_SCAN);
  left = budget;
}
export function saveState(state: usize): void {
  store<u32>(state, youngTop as u32, S_YOUNG_TOP);
  store<u32>(state, youngScan as u32, S_YOUNG_SCAN);
  store<u32>(state, oldTop as u32, S_OLD_TOP);
  store<u32>(state, oldScan as u32, S_OLD_SCAN);
}

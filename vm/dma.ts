/**
 * The DMA arena: a range of linear memory whose frames lie in a row, so that devices reach it
 * (tables/memory_map: linear.dmaArena). It is given out in pages of 4 KiB, first fit; a bit of
 * `used` is a page in use. Nothing else of the VM lies in it: a device that goes on writing after
 * its driver is gone meets the buffers of other drivers at most, and no heap.
 */
import { LINEAR_DMA_ARENA } from './gen/layout';

const PAGE_SHIFT: u32 = 12;
const PAGE_BYTES: u32 = 1 << PAGE_SHIFT;
const PAGES_MAX: u32 = 16384;
/** The largest piece: it is cleared at once. */
export const DMA_BYTES_MAX: u32 = 262144;

const used: usize = memory.data(2048, 8);

function arena(): u32 {
  return load<u32>(LINEAR_DMA_ARENA);
}
function arenaPages(): u32 {
  const pages = load<u32>(LINEAR_DMA_ARENA, 4) >> PAGE_SHIFT;
  return pages < PAGES_MAX ? pages : PAGES_MAX;
}
function isUsed(page: u32): bool {
  return (((load<u8>(used + (page >> 3)) as u32) >> (page & 7)) & 1) != 0;
}
function setUsed(page: u32, value: bool): void {
  const at = used + (page >> 3);
  const bit: u32 = 1 << (page & 7);
  const old = load<u8>(at) as u32;
  store<u8>(at, (value ? old | bit : old & ~bit) as u8);
}
/** Pages of a piece of that many bytes. */
function pagesOf(bytes: u32): u32 {
  return (bytes + PAGE_BYTES - 1) >> PAGE_SHIFT;
}

export function hasDma(): bool {
  return arenaPages() != 0;
}
/** The physical address of a piece. */
export function dmaPhysical(at: u32): u64 {
  return load<u64>(LINEAR_DMA_ARENA, 8) + ((at - arena()) as u64);
}

/** Zeroed memory of `bytes` (1 to DMA_BYTES_MAX) bytes, on a page; 0 when there is none. */
export function allocateDma(bytes: u32): u32 {
  const pages = pagesOf(bytes);
  let run: u32 = 0;
  for (let page: u32 = 0; page < arenaPages(); page++) {
    run = isUsed(page) ? 0 : run + 1;
    if (run < pages) continue;
    const first = page + 1 - pages;
    for (let i = first; i <= page; i++) setUsed(i, true);
    const at = arena() + (first << PAGE_SHIFT);
    memory.fill(at as usize, 0, pages << PAGE_SHIFT);
    return at;
  }
  return 0;
}
export function freeDma(at: u32, bytes: u32): void {
  const first = (at - arena()) >> PAGE_SHIFT;
  for (let i: u32 = 0; i < pagesOf(bytes); i++) setUsed(first + i, false);
}

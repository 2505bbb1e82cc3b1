/**
 * Export entries of the BIFs: made at start, so that every BIF can be called, trapped to and
 * applied like a function.
 */
import { allocate } from './alloc';
import { exportEntry, setBif } from './code';
import { BIF_COUNT, BIF_NAMES, BIF_NAMES_COUNT, initBifTable } from './gen/bifs';
import { panic } from './panic';
import { atomOf } from './term';

let entries: usize = 0;

export function initBifs(): void {
  initBifTable();
  entries = allocate(BIF_COUNT << 2);
  for (let i: u32 = 0; i < BIF_NAMES_COUNT; i++) {
    const row = BIF_NAMES + (i << 4);
    const entry = exportEntry(atomOf(load<u32>(row)), atomOf(load<u32>(row, 4)), load<u32>(row, 8));
    if (!entry) panic('bif: no memory for export entries');
    setBif(entry, load<u32>(row, 12));
    store<u32>(entries + (load<u32>(row, 12) << 2), entry as u32);
  }
}

/** The export entry of a BIF by index. */
export function bifExport(bif: u32): usize {
  return load<u32>(entries + (bif << 2));
}

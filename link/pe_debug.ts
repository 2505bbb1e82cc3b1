/**
 * The debug directory of a PE image: one CodeView record, with a GUID that depends on the contents
 * of the image (the same sources give the same GUID) and the name of the file with the symbols.
 * Firmware prints that name when an image crashes, and debuggers look for it. "PE Format", section
 * ".debug"; constants in tables/pe.
 */
import { createHash } from 'node:crypto';
import { codeView, debugDirectory, IMAGE_DEBUG_TYPE_CODEVIEW, peSizes } from '../tables/pe.ts';
import type { PeSection } from './pe_write.ts';

const guidBytes = 16;

/** The section: room for the directory, then the record. */
export function debugSection(sections: readonly PeSection[], symbolFile: string): Uint8Array {
  const hash = createHash('sha256');
  for (const { name, rva, bytes } of sections)
    hash.update(`${name} ${rva} ${bytes.length}\n`).update(bytes);
  const path = new TextEncoder().encode(`${symbolFile}\0`);
  const section = new Uint8Array(peSizes.debugDirectory + codeView.path + path.length);
  const record = section.subarray(peSizes.debugDirectory);
  record.set(new TextEncoder().encode(codeView.signature));
  record.set(hash.digest().subarray(0, guidBytes), codeView.guid);
  record[codeView.age] = 1;
  record.set(path, codeView.path);
  return section;
}

/** Fills the directory at `offset` of the file, where a section of `bytes` at `rva` begins. */
export function writeDebugDirectory(
  view: DataView,
  offset: number,
  rva: number,
  bytes: number,
): void {
  const set = (field: number, value: number) => view.setUint32(offset + field, value, true);
  set(debugDirectory.type, IMAGE_DEBUG_TYPE_CODEVIEW);
  set(debugDirectory.sizeOfData, bytes - peSizes.debugDirectory);
  set(debugDirectory.addressOfRawData, rva + peSizes.debugDirectory);
  set(debugDirectory.pointerToRawData, offset + peSizes.debugDirectory);
}

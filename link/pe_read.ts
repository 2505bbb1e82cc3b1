/**
 * Reads PE32+ images back, checking what a careful loader would; for tests and for tools that
 * inspect an image.
 */
import {
  codeView,
  debugDirectory,
  IMAGE_DEBUG_TYPE_CODEVIEW,
  IMAGE_DIRECTORY_ENTRY_BASERELOC,
  IMAGE_DIRECTORY_ENTRY_DEBUG,
  IMAGE_DIRECTORY_ENTRY_SECURITY,
  IMAGE_DOS_SIGNATURE,
  IMAGE_FILE_MACHINE_AMD64,
  IMAGE_NT_OPTIONAL_HDR64_MAGIC,
  IMAGE_NT_SIGNATURE,
  IMAGE_NUMBEROF_DIRECTORY_ENTRIES,
  IMAGE_REL_BASED_ABSOLUTE,
  IMAGE_REL_BASED_DIR64,
  peSizes,
} from '../tables/pe.ts';
import { LinkError } from './link_error.ts';

export interface PeSectionHeader {
  readonly name: string;
  readonly virtualSize: number;
  readonly rva: number;
  readonly rawSize: number;
  readonly rawOffset: number;
  readonly characteristics: number;
}

export interface PeDebug {
  /** 32 hexadecimal digits; a GUID's first three groups lie in the file in reverse. */
  readonly guid: string;
  readonly symbolFile: string;
}

export interface PeFile {
  readonly entryRva: number;
  readonly imageBytes: number;
  readonly headerBytes: number;
  readonly checksum: number;
  readonly checksumOffset: number;
  readonly sections: readonly PeSectionHeader[];
  /** What the debug directory's CodeView record says, or null without one. */
  readonly debug: PeDebug | null;
  /** Bytes of signatures at the end of the file. */
  readonly certificateBytes: number;
  /** RVAs of the 64-bit words to adapt to the load address. */
  readonly relocations: readonly number[];
  /** The image as loaded at an address, with relocations applied. */
  readonly load: (address: bigint) => Uint8Array;
}

function readSections(
  file: Uint8Array,
  view: DataView,
  table: number,
  count: number,
): PeSectionHeader[] {
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * peSizes.sectionHeader;
    const section = {
      name: new TextDecoder().decode(file.subarray(at, at + 8)).replace(/\0+$/, ''),
      virtualSize: view.getUint32(at + 8, true),
      rva: view.getUint32(at + 12, true),
      rawSize: view.getUint32(at + 16, true),
      rawOffset: view.getUint32(at + 20, true),
      characteristics: view.getUint32(at + 36, true),
    };
    if (section.rawOffset + section.rawSize > file.length) {
      throw new LinkError(`PE image: section ${section.name} is not wholly in the file`);
    }
    return section;
  });
}

function readRelocations(file: Uint8Array, section: PeSectionHeader, size: number): number[] {
  const view = new DataView(file.buffer, file.byteOffset + section.rawOffset, section.rawSize);
  const rvas: number[] = [];
  for (let at = 0; at < size; ) {
    if (at + 8 > view.byteLength) throw new LinkError('PE image: a relocation block is cut off');
    const page = view.getUint32(at, true);
    const block = view.getUint32(at + 4, true);
    if (block < 8 || at + block > size)
      throw new LinkError(`PE image: relocation block of ${block} bytes`);
    for (let entry = at + 8; entry < at + block; entry += 2) {
      const word = view.getUint16(entry, true);
      const type = word >> 12;
      if (type === IMAGE_REL_BASED_DIR64) rvas.push(page + (word & 0xfff));
      else if (type !== IMAGE_REL_BASED_ABSOLUTE)
        throw new LinkError(`PE image: relocation type ${type}`);
    }
    at += block;
  }
  return rvas;
}

function guidDigits(bytes: Buffer): string {
  const group = (start: number, end: number) =>
    Buffer.from(bytes.subarray(start, end).toReversed());
  return Buffer.concat([group(0, 4), group(4, 6), group(6, 8), bytes.subarray(8)]).toString('hex');
}

/** The CodeView record that the directory at `rva` points to. */
function readDebug(
  file: Uint8Array,
  sections: readonly PeSectionHeader[],
  rva: number,
): PeDebug | null {
  const section = sections.find((one) => rva >= one.rva && rva < one.rva + one.rawSize);
  if (!section) return null;
  const at = section.rawOffset + rva - section.rva;
  if (at + peSizes.debugDirectory > file.length)
    throw new LinkError('PE image: the debug directory is cut off');
  const view = new DataView(file.buffer, file.byteOffset);
  const field = (offset: number) => view.getUint32(at + offset, true);
  if (field(debugDirectory.type) !== IMAGE_DEBUG_TYPE_CODEVIEW) return null;
  const start = field(debugDirectory.pointerToRawData);
  const end = start + field(debugDirectory.sizeOfData);
  if (end > file.length || end < start + codeView.path)
    throw new LinkError('PE image: the CodeView record is cut off');
  const record = Buffer.from(file.subarray(start, end));
  if (record.toString('latin1', 0, codeView.signature.length) !== codeView.signature) return null;
  return {
    guid: guidDigits(record.subarray(codeView.guid, codeView.age)),
    symbolFile: record.toString('utf8', codeView.path).replace(/\0.*$/s, ''),
  };
}

/** Reads a PE32+ image. Throws LinkError for anything malformed. */
export function readPe(file: Uint8Array): PeFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const need = (end: number, what: string) => {
    if (end > file.length) throw new LinkError(`PE image: ${what} is not wholly in the file`);
  };
  need(peSizes.dosHeader, 'the DOS header');
  if (view.getUint16(0, true) !== IMAGE_DOS_SIGNATURE)
    throw new LinkError('PE image: no MZ signature');
  const pe = view.getUint32(60, true);
  const optional = pe + 4 + peSizes.fileHeader;
  need(optional + peSizes.optionalHeader, 'the header');
  if (view.getUint32(pe, true) !== IMAGE_NT_SIGNATURE)
    throw new LinkError('PE image: no PE signature');
  if (view.getUint16(pe + 4, true) !== IMAGE_FILE_MACHINE_AMD64)
    throw new LinkError('PE image: not x86-64');
  if (view.getUint16(optional, true) !== IMAGE_NT_OPTIONAL_HDR64_MAGIC)
    throw new LinkError('PE image: not PE32+');
  const count = view.getUint16(pe + 6, true);
  const table = optional + view.getUint16(pe + 20, true);
  need(table + count * peSizes.sectionHeader, 'the section table');
  const sections = readSections(file, view, table, count);
  const imageBytes = view.getUint32(optional + 56, true);
  const headerBytes = view.getUint32(optional + 60, true);
  const directories = optional + peSizes.optionalHeader;
  need(directories + IMAGE_NUMBEROF_DIRECTORY_ENTRIES * peSizes.dataDirectory, 'the directories');
  const directory = (index: number) => directories + peSizes.dataDirectory * index;
  const relocRva = view.getUint32(directory(IMAGE_DIRECTORY_ENTRY_BASERELOC), true);
  const relocSection = sections.find(({ rva }) => rva === relocRva);
  const relocations = relocSection
    ? readRelocations(
        file,
        relocSection,
        view.getUint32(directory(IMAGE_DIRECTORY_ENTRY_BASERELOC) + 4, true),
      )
    : [];
  const load = (address: bigint): Uint8Array => {
    const memory = new Uint8Array(imageBytes);
    memory.set(file.subarray(0, headerBytes));
    for (const { rva, rawOffset, rawSize, virtualSize } of sections) {
      memory.set(file.subarray(rawOffset, rawOffset + Math.min(rawSize, virtualSize)), rva);
    }
    const words = new DataView(memory.buffer);
    const base = view.getBigUint64(optional + 24, true);
    for (const rva of relocations) {
      words.setBigUint64(rva, words.getBigUint64(rva, true) + address - base, true);
    }
    return memory;
  };
  return {
    entryRva: view.getUint32(optional + 16, true),
    imageBytes,
    headerBytes,
    checksum: view.getUint32(optional + 64, true),
    checksumOffset: optional + 64,
    debug: readDebug(file, sections, view.getUint32(directory(IMAGE_DIRECTORY_ENTRY_DEBUG), true)),
    certificateBytes: view.getUint32(directory(IMAGE_DIRECTORY_ENTRY_SECURITY) + 4, true),
    sections,
    relocations,
    load,
  };
}

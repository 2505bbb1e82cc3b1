/**
 * A linked image as a PE32+ UEFI application. "PE Format" (Microsoft), UEFI 2.10 section 2.1.1;
 * constants in tables/pe.
 *
 *     file                              memory, from the address where the firmware loads it
 *     headers                           0        headers
 *     .text    read, execute            0x1000   at the same distance from the base as when linked
 *     .rodata  read
 *     .data    read, write
 *     .bss     (no bytes)
 *     .buildid debug directory: which build this is, and where its symbols are
 *     .reloc   base relocations
 */
import {
  IMAGE_DIRECTORY_ENTRY_BASERELOC,
  IMAGE_DIRECTORY_ENTRY_DEBUG,
  IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE,
  IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA,
  IMAGE_DLLCHARACTERISTICS_NX_COMPAT,
  IMAGE_DOS_SIGNATURE,
  IMAGE_FILE_DEBUG_STRIPPED,
  IMAGE_FILE_EXECUTABLE_IMAGE,
  IMAGE_FILE_LARGE_ADDRESS_AWARE,
  IMAGE_FILE_LINE_NUMS_STRIPPED,
  IMAGE_FILE_LOCAL_SYMS_STRIPPED,
  IMAGE_FILE_MACHINE_AMD64,
  IMAGE_NT_OPTIONAL_HDR64_MAGIC,
  IMAGE_NT_SIGNATURE,
  IMAGE_NUMBEROF_DIRECTORY_ENTRIES,
  IMAGE_REL_BASED_ABSOLUTE,
  IMAGE_REL_BASED_DIR64,
  IMAGE_SCN_CNT_CODE,
  IMAGE_SCN_CNT_INITIALIZED_DATA,
  IMAGE_SCN_CNT_UNINITIALIZED_DATA,
  IMAGE_SCN_MEM_DISCARDABLE,
  IMAGE_SCN_MEM_EXECUTE,
  IMAGE_SCN_MEM_READ,
  IMAGE_SCN_MEM_WRITE,
  IMAGE_SUBSYSTEM_EFI_APPLICATION,
  peSizes,
} from '../tables/pe.ts';
import { alignUp, type LinkedImage, type Segment } from './image.ts';
import { LinkError } from './link_error.ts';
import { debugSection, writeDebugDirectory } from './pe_debug.ts';

export interface PeOptions {
  /**
   * true: every absolute 64-bit address is written for image base 0 and listed in `.reloc`, so that
   * the loader adapts it. false: addresses stay as linked, for an image that maps itself to its
   * link address (the kernel).
   */
  readonly relocatable: boolean;
  /** The file with the symbols, as debuggers and the firmware's reports name it. */
  readonly symbolFile?: string;
}

export interface PeSection {
  readonly name: string;
  readonly rva: number;
  readonly virtualSize: number;
  readonly bytes: Uint8Array;
  readonly characteristics: number;
}

const debugSectionName = '.buildid';
const peHeaderOffset = 64;
const optionalHeaderBytes =
  peSizes.optionalHeader + IMAGE_NUMBEROF_DIRECTORY_ENTRIES * peSizes.dataDirectory;

function characteristicsOf({ flags, bytes }: Segment): number {
  const content = flags.execute
    ? IMAGE_SCN_CNT_CODE
    : bytes.length === 0
      ? IMAGE_SCN_CNT_UNINITIALIZED_DATA
      : IMAGE_SCN_CNT_INITIALIZED_DATA;
  const execute = flags.execute ? IMAGE_SCN_MEM_EXECUTE : 0;
  const write = flags.write ? IMAGE_SCN_MEM_WRITE : 0;
  return (content | IMAGE_SCN_MEM_READ | execute | write) >>> 0;
}

/**
 * Blocks of one page each: u32 page, u32 size of the block, u16 type << 12 | offset, padded to 4
 * bytes.
 */
export function baseRelocations(rvas: readonly number[]): Uint8Array {
  const pages = new Map<number, number[]>();
  for (const rva of [...rvas].sort((a, b) => a - b)) {
    const page = rva - (rva % peSizes.sectionAlignment);
    pages.set(page, [...(pages.get(page) ?? []), rva - page]);
  }
  // A loader may refuse to move an image that has no relocation block at all.
  if (pages.size === 0) pages.set(0, []);
  const blocks = [...pages].map(([page, offsets]) => {
    const block = new Uint8Array(alignUp(8 + 2 * Math.max(2, offsets.length), 4));
    const view = new DataView(block.buffer);
    view.setUint32(0, page, true);
    view.setUint32(4, block.length, true);
    for (const [index, offset] of offsets.entries()) {
      view.setUint16(8 + 2 * index, (IMAGE_REL_BASED_DIR64 << 12) | offset, true);
    }
    for (let at = 8 + 2 * offsets.length; at < block.length; at += 2) {
      view.setUint16(at, IMAGE_REL_BASED_ABSOLUTE << 12, true);
    }
    return block;
  });
  return Uint8Array.from(blocks.flatMap((block) => [...block]));
}

/**
 * The PE checksum: 16-bit one's complement sum of the file without the checksum itself, plus the
 * file's size.
 */
export function peChecksum(file: Uint8Array, checksumOffset: number): number {
  let sum = 0;
  for (let at = 0; at < file.length; at += 2) {
    if (at === checksumOffset || at === checksumOffset + 2) continue;
    sum += (file[at] ?? 0) | ((file[at + 1] ?? 0) << 8);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return (((sum & 0xffff) + (sum >>> 16)) & 0xffff) + file.length;
}

/** The segments' bytes with absolute words rebased to image base 0, and where those words are. */
function rebase(image: LinkedImage): { segments: Segment[]; rvas: number[] } {
  const segments = image.segments.map((segment) => ({ ...segment, bytes: segment.bytes.slice() }));
  const rvas = image.absoluteWords.map((address) => {
    const segment = segments.find(
      ({ address: start, size }) => address >= start && address < start + BigInt(size),
    );
    if (!segment) throw new LinkError(`relocation at 0x${address.toString(16)} is in no segment`);
    const view = new DataView(segment.bytes.buffer);
    const at = Number(address - segment.address);
    view.setBigUint64(at, view.getBigUint64(at, true) - image.base, true);
    return Number(address - image.base);
  });
  return { segments, rvas };
}

function sectionsOf(image: LinkedImage, options: PeOptions): PeSection[] {
  const rebased = options.relocatable ? rebase(image) : { segments: image.segments, rvas: [] };
  const sections = rebased.segments
    .filter(({ size }) => size > 0)
    .map(
      (segment): PeSection => ({
        name: segment.name,
        rva: Number(segment.address - image.base),
        virtualSize: segment.size,
        bytes: segment.bytes,
        characteristics: characteristicsOf(segment),
      }),
    );
  const add = (name: string, bytes: Uint8Array): void => {
    const characteristics =
      IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_DISCARDABLE;
    const rva = endOf(sections);
    sections.push({ name, rva, virtualSize: bytes.length, bytes, characteristics });
  };
  add(debugSectionName, debugSection(sections, options.symbolFile ?? ''));
  add('.reloc', baseRelocations(rebased.rvas));
  return sections;
}

/** Where the next section begins in memory. */
function endOf(sections: readonly PeSection[]): number {
  const last = sections.at(-1);
  const end = last ? last.rva + last.virtualSize : peSizes.sectionAlignment;
  return alignUp(end, peSizes.sectionAlignment);
}

interface HeaderFacts {
  readonly entryRva: number;
  readonly sections: readonly PeSection[];
  readonly headerBytes: number;
  readonly imageBytes: number;
}

function writeOptionalHeader(view: DataView, at: number, facts: HeaderFacts): void {
  const sum = (flag: number) =>
    facts.sections
      .filter(({ characteristics }) => characteristics & flag)
      .reduce((total, { bytes }) => total + alignUp(bytes.length, peSizes.fileAlignment), 0);
  const reloc = facts.sections.at(-1);
  view.setUint16(at, IMAGE_NT_OPTIONAL_HDR64_MAGIC, true);
  view.setUint32(at + 4, sum(IMAGE_SCN_CNT_CODE), true);
  view.setUint32(at + 8, sum(IMAGE_SCN_CNT_INITIALIZED_DATA), true);
  view.setUint32(at + 16, facts.entryRva, true);
  view.setUint32(at + 20, facts.sections[0]?.rva ?? 0, true);
  view.setUint32(at + 32, peSizes.sectionAlignment, true);
  view.setUint32(at + 36, peSizes.fileAlignment, true);
  view.setUint32(at + 56, facts.imageBytes, true);
  view.setUint32(at + 60, facts.headerBytes, true);
  view.setUint16(at + 68, IMAGE_SUBSYSTEM_EFI_APPLICATION, true);
  view.setUint16(
    at + 70,
    IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA |
      IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE |
      IMAGE_DLLCHARACTERISTICS_NX_COMPAT,
    true,
  );
  view.setUint32(at + 108, IMAGE_NUMBEROF_DIRECTORY_ENTRIES, true);
  const directory = (index: number, rva: number, bytes: number): void => {
    const entry = at + peSizes.optionalHeader + index * peSizes.dataDirectory;
    view.setUint32(entry, rva, true);
    view.setUint32(entry + 4, bytes, true);
  };
  directory(IMAGE_DIRECTORY_ENTRY_BASERELOC, reloc?.rva ?? 0, reloc?.bytes.length ?? 0);
  const debug = facts.sections.find(({ name }) => name === debugSectionName);
  directory(IMAGE_DIRECTORY_ENTRY_DEBUG, debug?.rva ?? 0, peSizes.debugDirectory);
}

function writeHeaders(view: DataView, facts: HeaderFacts): void {
  view.setUint16(0, IMAGE_DOS_SIGNATURE, true);
  view.setUint32(60, peHeaderOffset, true);
  view.setUint32(peHeaderOffset, IMAGE_NT_SIGNATURE, true);
  const fileHeader = peHeaderOffset + 4;
  view.setUint16(fileHeader, IMAGE_FILE_MACHINE_AMD64, true);
  view.setUint16(fileHeader + 2, facts.sections.length, true);
  view.setUint16(fileHeader + 16, optionalHeaderBytes, true);
  view.setUint16(
    fileHeader + 18,
    IMAGE_FILE_EXECUTABLE_IMAGE |
      IMAGE_FILE_LINE_NUMS_STRIPPED |
      IMAGE_FILE_LOCAL_SYMS_STRIPPED |
      IMAGE_FILE_LARGE_ADDRESS_AWARE |
      IMAGE_FILE_DEBUG_STRIPPED,
    true,
  );
  writeOptionalHeader(view, fileHeader + peSizes.fileHeader, facts);
}

/**
 * Writes a PE32+ UEFI application. Throws LinkError when the image cannot be what the options ask
 * for.
 */
export function writePe(image: LinkedImage, options: PeOptions): Uint8Array {
  if (options.relocatable && image.narrowAbsolute.length > 0) {
    const places = image.narrowAbsolute.slice(0, 5).join(', ');
    throw new LinkError(
      `a relocatable image cannot hold addresses of less than 64 bits: ${places}`,
    );
  }
  const sections = sectionsOf(image, options);
  const sectionTable = peHeaderOffset + 4 + peSizes.fileHeader + optionalHeaderBytes;
  const headerEnd = sectionTable + sections.length * peSizes.sectionHeader;
  const headerBytes = alignUp(headerEnd, peSizes.fileAlignment);
  const last = sections.at(-1) as PeSection;
  const imageBytes = alignUp(last.rva + last.virtualSize, peSizes.sectionAlignment);
  let end = headerBytes;
  const offsets = sections.map(({ bytes }) => {
    const offset = bytes.length === 0 ? 0 : end;
    end += alignUp(bytes.length, peSizes.fileAlignment);
    return offset;
  });
  const file = new Uint8Array(end);
  const view = new DataView(file.buffer);
  writeHeaders(view, {
    entryRva: Number(image.entry - image.base),
    sections,
    headerBytes,
    imageBytes,
  });
  for (const [index, section] of sections.entries()) {
    const at = sectionTable + index * peSizes.sectionHeader;
    file.set(new TextEncoder().encode(section.name).subarray(0, 8), at);
    view.setUint32(at + 8, section.virtualSize, true);
    view.setUint32(at + 12, section.rva, true);
    view.setUint32(at + 16, alignUp(section.bytes.length, peSizes.fileAlignment), true);
    view.setUint32(at + 20, offsets[index] ?? 0, true);
    view.setUint32(at + 36, section.characteristics, true);
    file.set(section.bytes, offsets[index]);
    if (section.name === debugSectionName) {
      writeDebugDirectory(view, offsets[index] ?? 0, section.rva, section.bytes.length);
    }
  }
  const checksumOffset = peHeaderOffset + 4 + peSizes.fileHeader + 64;
  view.setUint32(checksumOffset, peChecksum(file, checksumOffset), true);
  return file;
}

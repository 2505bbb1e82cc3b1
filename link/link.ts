/**
 * The linker: objects -> an image at a fixed base, which link/pe_write and link/elf_write turn into
 * files.
 *
 *   const base = virtual.kernelImage;
 *   const image = link({ objects, base, entry: 'kernel_entry', symbolTable: 'nucleus_symbols' });
 *   const efi = writePe(image, { relocatable: false });
 *   const elf = writeElf(image);
 *
 * Only sections that are reachable from the entry (and `keep`) are placed. Everything wrong is a
 * LinkError.
 */

import { readOnlyFlags } from '../x86_64/assembler.ts';
import type { ObjectFile, ObjectSymbol } from '../x86_64/object.ts';
import type { ImageSymbol, LinkedImage, Segment } from './image.ts';
import { type Layout, layOut, linkerNames, type SegmentLayout } from './layout.ts';
import { LinkError } from './link_error.ts';
import { absoluteBits, applyRelocation } from './relocate.ts';
import { type Definition, type Resolution, resolve } from './resolve.ts';
import { type NamedFunction, symbolTableBytes } from './symbol_table.ts';

export { readElfObject } from './elf_read.ts';
export { writeElf } from './elf_write.ts';
export type { LinkedImage } from './image.ts';
export { LinkError } from './link_error.ts';
export { readPe } from './pe_read.ts';
export { writePe } from './pe_write.ts';

export interface LinkOptions {
  readonly objects: readonly ObjectFile[];
  /** Address of the image's header; code begins one page behind it. */
  readonly base: bigint;
  readonly entry: string;
  /** Further symbols that are kept although nothing refers to them. */
  readonly keep?: readonly string[];
  /** Name of a read-only object that the linker fills with all functions (link/symbol_table.ts). */
  readonly symbolTable?: string;
}

const signedAddress = (value: bigint): bigint => BigInt.asUintN(64, value);

function symbolTableObject(name: string, bytes: Uint8Array): ObjectFile {
  const section = {
    name: '.rodata.symbols',
    flags: readOnlyFlags,
    align: 8,
    bytes,
    size: bytes.length,
    relocations: [],
  };
  const symbol: ObjectSymbol = {
    name,
    binding: 'global',
    kind: 'object',
    section: 0,
    value: 0n,
    size: bytes.length,
  };
  return { name: 'symbol table', sections: [section], symbols: [symbol] };
}

/** The functions of all live sections, once each. */
function liveFunctions(
  objects: readonly ObjectFile[],
  resolution: Resolution,
  addressOf: (object: number, section: number) => bigint,
): NamedFunction[] {
  return objects.flatMap((object, at) =>
    object.symbols.flatMap(({ name, kind, section, value }) => {
      if (kind !== 'function' || typeof section !== 'number') return [];
      if (!resolution.live[at]?.has(section)) return [];
      return [{ name, address: addressOf(at, section) + value }];
    }),
  );
}

function placeBytes(segment: SegmentLayout): Uint8Array {
  if (segment.name === '.bss') return new Uint8Array(0);
  const bytes = new Uint8Array(segment.size);
  if (segment.name === '.text') bytes.fill(0xcc);
  for (const { source, offset } of segment.placed) {
    bytes.fill(0, offset, offset + source.size);
    bytes.set(source.bytes, offset);
  }
  return bytes;
}

function imageSymbols(
  objects: readonly ObjectFile[],
  resolution: Resolution,
  layout: Layout,
): ImageSymbol[] {
  const segmentOf = (address: bigint): number | null => {
    const inside = ({ address: start, size }: SegmentLayout) =>
      address >= start && address <= start + BigInt(size);
    const index = layout.segments.findIndex(inside);
    return index < 0 ? null : index;
  };
  const symbols: ImageSymbol[] = [];
  for (const [at, object] of objects.entries()) {
    for (const { name, kind, section, value, size, binding } of object.symbols) {
      if (kind === 'section' || name === '' || typeof section !== 'number') continue;
      if (!resolution.live[at]?.has(section)) continue;
      const address = signedAddress(layout.sectionAddress(at, section) + value);
      symbols.push({ name, address, size, kind, binding, segment: segmentOf(address) });
    }
  }
  for (const [name, { size }] of resolution.commons) {
    const address = layout.commonAddress(name);
    symbols.push({
      name,
      address,
      size,
      kind: 'object',
      binding: 'global',
      segment: segmentOf(address),
    });
  }
  for (const [name, address] of layout.linkerSymbols) {
    symbols.push({
      name,
      address,
      size: 0,
      kind: 'none',
      binding: 'global',
      segment: segmentOf(address),
    });
  }
  return symbols;
}

function addressOfDefinition(definition: Definition | null, layout: Layout): bigint {
  switch (definition?.kind) {
    case undefined:
      return 0n;
    case 'absolute':
      return definition.value;
    case 'common':
      return layout.commonAddress(definition.name);
    case 'linker':
      return layout.linkerSymbols.get(definition.name) as bigint;
    case 'section':
      return layout.sectionAddress(definition.object, definition.section) + definition.symbol.value;
  }
}

interface Relocated {
  readonly segments: Segment[];
  readonly absoluteWords: bigint[];
  readonly narrowAbsolute: string[];
}

function relocateAll(
  objects: readonly ObjectFile[],
  resolution: Resolution,
  layout: Layout,
): Relocated {
  const errors: string[] = [];
  const absoluteWords: bigint[] = [];
  const narrowAbsolute: string[] = [];
  const segments = layout.segments.map((segment): Segment => {
    const bytes = placeBytes(segment);
    for (const { object, source, offset } of segment.placed) {
      const context = {
        segmentAddress: segment.address,
        segmentBytes: bytes,
        sectionOffset: offset,
      };
      for (const relocation of source.relocations) {
        const definition = resolution.definitionOf(object, relocation.symbol);
        const address = addressOfDefinition(definition, layout);
        const problem = applyRelocation(context, relocation, address);
        const name = objects[object]?.symbols[relocation.symbol]?.name ?? '';
        const where = `${objects[object]?.name}: ${source.name} (${name})`;
        if (problem) errors.push(`${where}: ${problem}`);
        const bits =
          definition && definition.kind !== 'absolute' ? absoluteBits(relocation.type) : 0;
        const place = segment.address + BigInt(offset + relocation.offset);
        if (bits === 64) absoluteWords.push(place);
        else if (bits > 0) narrowAbsolute.push(where);
      }
    }
    const flags = {
      write: ['.data', '.bss'].includes(segment.name),
      execute: segment.name === '.text',
    };
    const { name, address, size } = segment;
    return { name, address, size, flags, bytes };
  });
  if (errors.length > 0) throw new LinkError(errors.join('\n'));
  return { segments, absoluteWords, narrowAbsolute };
}

/**
 * Links objects into an image. Throws LinkError with everything that is wrong, one problem a line.
 */
export function link(options: LinkOptions): LinkedImage {
  const roots = [options.entry, ...(options.keep ?? [])];
  const tableName = options.symbolTable;
  const resolveWith = (objects: readonly ObjectFile[]) => resolve(objects, { roots, linkerNames });
  let objects = options.objects;
  let resolution: Resolution;
  if (tableName === undefined) resolution = resolveWith(objects);
  else {
    // The size of the table follows from the names alone: link once with an empty table to know
    // them.
    const empty = [...options.objects, symbolTableObject(tableName, new Uint8Array(0))];
    const functions = liveFunctions(empty, resolveWith(empty), () => 0n);
    const room = symbolTableBytes(functions, 0n);
    objects = [...options.objects, symbolTableObject(tableName, room)];
    resolution = resolveWith(objects);
  }
  const layout = layOut(objects, resolution, options.base);
  if (tableName !== undefined) {
    const functions = liveFunctions(objects, resolution, layout.sectionAddress);
    const table = objects.at(-1)?.sections[0]?.bytes;
    table?.set(symbolTableBytes(functions, options.base));
  }
  const { segments, absoluteWords, narrowAbsolute } = relocateAll(objects, resolution, layout);
  const entry = addressOfDefinition(resolution.definitionNamed(options.entry), layout);
  const symbols = imageSymbols(objects, resolution, layout);
  return { base: options.base, entry, segments, symbols, absoluteWords, narrowAbsolute };
}

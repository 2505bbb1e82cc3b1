/**
 * Layout: live sections of all objects -> segments with addresses. Sections go, in the order of the
 * objects, to the segment of their permissions; each segment begins on a page so that it can be
 * protected on its own.
 */
import type { ObjectFile, ObjectSection } from '../x86_64/object.ts';
import { alignUp, pageBytes } from './image.ts';
import { LinkError } from './link_error.ts';
import type { Resolution } from './resolve.ts';

export const segmentNames = ['.text', '.rodata', '.data', '.bss'] as const;
export type SegmentName = (typeof segmentNames)[number];

export interface Placed {
  readonly object: number;
  readonly section: number;
  readonly source: ObjectSection;
  /** Offset in its segment. */
  readonly offset: number;
}

export interface SegmentLayout {
  readonly name: SegmentName;
  readonly address: bigint;
  readonly size: number;
  readonly placed: readonly Placed[];
}

export interface Layout {
  readonly segments: readonly SegmentLayout[];
  /** Address of a section of an object. */
  readonly sectionAddress: (object: number, section: number) => bigint;
  readonly commonAddress: (name: string) => bigint;
  /** Names that the linker defines: begin and end of segments and image. */
  readonly linkerSymbols: ReadonlyMap<string, bigint>;
}

function segmentOf(section: ObjectSection, object: string): SegmentName {
  const { write, execute } = section.flags;
  if (write && execute)
    throw new LinkError(`${object}: ${section.name} is writable and executable`);
  if (execute) return '.text';
  if (!write) return '.rodata';
  return section.bytes.length === 0 && section.size > 0 ? '.bss' : '.data';
}

/** Names of the addresses that the linker defines, e.g. `__text_start`, `__image_end`. */
export const linkerNames: ReadonlySet<string> = new Set([
  '__image_start',
  '__image_end',
  ...segmentNames.flatMap((name) => [`__${name.slice(1)}_start`, `__${name.slice(1)}_end`]),
]);

export function layOut(
  objects: readonly ObjectFile[],
  resolution: Resolution,
  base: bigint,
): Layout {
  const placed: Record<SegmentName, Placed[]> = {
    '.text': [],
    '.rodata': [],
    '.data': [],
    '.bss': [],
  };
  const sizes: Record<SegmentName, number> = { '.text': 0, '.rodata': 0, '.data': 0, '.bss': 0 };
  for (const [object, file] of objects.entries()) {
    for (const [section, source] of file.sections.entries()) {
      if (!resolution.live[object]?.has(section)) continue;
      const segment = segmentOf(source, file.name);
      const offset = alignUp(sizes[segment], source.align);
      if (source.align > pageBytes) {
        throw new LinkError(`${file.name}: ${source.name} wants an alignment of ${source.align}`);
      }
      placed[segment].push({ object, section, source, offset });
      sizes[segment] = offset + source.size;
    }
  }
  const commonOffsets = new Map<string, number>();
  for (const [name, { size, align }] of resolution.commons) {
    const offset = alignUp(sizes['.bss'], align);
    commonOffsets.set(name, offset);
    sizes['.bss'] = offset + size;
  }
  return assignAddresses(base, placed, sizes, commonOffsets);
}

function assignAddresses(
  base: bigint,
  placed: Record<SegmentName, Placed[]>,
  sizes: Record<SegmentName, number>,
  commonOffsets: ReadonlyMap<string, number>,
): Layout {
  const linkerSymbols = new Map([['__image_start', base]]);
  const addresses = new Map<string, bigint>();
  let next = base + BigInt(pageBytes);
  const segments = segmentNames.map((name): SegmentLayout => {
    const address = next;
    const size = sizes[name];
    next = address + BigInt(alignUp(size, pageBytes));
    linkerSymbols.set(`__${name.slice(1)}_start`, address);
    linkerSymbols.set(`__${name.slice(1)}_end`, address + BigInt(size));
    for (const { object, section, offset } of placed[name]) {
      addresses.set(`${object}/${section}`, address + BigInt(offset));
    }
    return { name, address, size, placed: placed[name] };
  });
  linkerSymbols.set('__image_end', next);
  const bssAddress = linkerSymbols.get('__bss_start') as bigint;
  return {
    segments,
    linkerSymbols,
    sectionAddress: (object, section) => {
      const address = addresses.get(`${object}/${section}`);
      if (address === undefined)
        throw new LinkError(`section ${section} of object ${object} is not live`);
      return address;
    },
    commonAddress: (name) => bssAddress + BigInt(commonOffsets.get(name) ?? 0),
  };
}

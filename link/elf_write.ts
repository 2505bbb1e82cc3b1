/**
 * A linked image as a static ELF64 executable with symbols: what Linux runs for `--target linux`,
 * and what gdb reads beside the kernel's PE image. System V gABI chapters 4 and 5.
 */
import {
  ELFCLASS64,
  ELFDATA2LSB,
  EM_X86_64,
  ET_EXEC,
  EV_CURRENT,
  elfMagic,
  elfSizes,
  PF_R,
  PF_W,
  PF_X,
  PT_GNU_STACK,
  PT_LOAD,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHN_ABS,
  SHT_NOBITS,
  SHT_PROGBITS,
  SHT_STRTAB,
  SHT_SYMTAB,
  STB_GLOBAL,
  STB_LOCAL,
  STB_WEAK,
  STT_FUNC,
  STT_NOTYPE,
  STT_OBJECT,
} from '../tables/elf.ts';
import { alignUp, type ImageSymbol, type LinkedImage, pageBytes, type Segment } from './image.ts';

interface SectionRow {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly align: number;
  readonly entrySize: number;
}

/** Strings, each once, with offsets. */
class StringTable {
  readonly #offsets = new Map<string, number>([['', 0]]);
  readonly #parts: Uint8Array[] = [new Uint8Array(1)];
  #size = 1;

  add(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const bytes = new TextEncoder().encode(`${text}\0`);
    const offset = this.#size;
    this.#offsets.set(text, offset);
    this.#parts.push(bytes);
    this.#size += bytes.length;
    return offset;
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#size);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

const bindingNumbers = { local: STB_LOCAL, global: STB_GLOBAL, weak: STB_WEAK } as const;
const kindNumbers = { none: STT_NOTYPE, object: STT_OBJECT, function: STT_FUNC } as const;

function symbolTable(
  symbols: readonly ImageSymbol[],
  strings: StringTable,
): { bytes: Uint8Array; locals: number } {
  const isLocal = ({ binding }: ImageSymbol) => binding === 'local';
  // The gABI wants local symbols first.
  const sorted = [...symbols.filter(isLocal), ...symbols.filter((symbol) => !isLocal(symbol))];
  const bytes = new Uint8Array((sorted.length + 1) * elfSizes.symbol);
  const view = new DataView(bytes.buffer);
  for (const [index, { name, address, size, kind, binding, segment }] of sorted.entries()) {
    const at = (index + 1) * elfSizes.symbol;
    view.setUint32(at, strings.add(name), true);
    view.setUint8(at + 4, (bindingNumbers[binding] << 4) | kindNumbers[kind]);
    view.setUint16(at + 6, segment === null ? SHN_ABS : segment + 1, true);
    view.setBigUint64(at + 8, address, true);
    view.setBigUint64(at + 16, BigInt(size), true);
  }
  return { bytes, locals: symbols.filter(isLocal).length + 1 };
}

function segmentRow(segment: Segment, offset: number): SectionRow {
  const { name, address, size, flags } = segment;
  return {
    name,
    type: segment.bytes.length === 0 ? SHT_NOBITS : SHT_PROGBITS,
    flags: SHF_ALLOC | (flags.write ? SHF_WRITE : 0) | (flags.execute ? SHF_EXECINSTR : 0),
    address,
    offset,
    size,
    link: 0,
    info: 0,
    align: pageBytes,
    entrySize: 0,
  };
}

function writeProgramHeaders(view: DataView, image: LinkedImage, offsets: readonly number[]): void {
  const rows = image.segments.flatMap((segment, index) => {
    if (segment.size === 0) return [];
    const { address, size, flags, bytes } = segment;
    const permissions = PF_R | (flags.write ? PF_W : 0) | (flags.execute ? PF_X : 0);
    return [
      {
        type: PT_LOAD,
        permissions,
        offset: offsets[index] ?? 0,
        address,
        inFile: bytes.length,
        size,
      },
    ];
  });
  const stack = {
    type: PT_GNU_STACK,
    permissions: PF_R | PF_W,
    offset: 0,
    address: 0n,
    inFile: 0,
    size: 0,
  };
  for (const [index, row] of [...rows, stack].entries()) {
    const at = elfSizes.header + index * elfSizes.programHeader;
    view.setUint32(at, row.type, true);
    view.setUint32(at + 4, row.permissions, true);
    view.setBigUint64(at + 8, BigInt(row.offset), true);
    view.setBigUint64(at + 16, row.address, true);
    view.setBigUint64(at + 24, row.address, true);
    view.setBigUint64(at + 32, BigInt(row.inFile), true);
    view.setBigUint64(at + 40, BigInt(row.size), true);
    view.setBigUint64(at + 48, BigInt(row.type === PT_LOAD ? pageBytes : 16), true);
  }
  view.setUint16(56, rows.length + 1, true);
}

function writeSectionHeaders(
  view: DataView,
  start: number,
  rows: readonly SectionRow[],
  names: StringTable,
): void {
  for (const [index, row] of rows.entries()) {
    const at = start + index * elfSizes.sectionHeader;
    view.setUint32(at, names.add(row.name), true);
    view.setUint32(at + 4, row.type, true);
    view.setBigUint64(at + 8, BigInt(row.flags), true);
    view.setBigUint64(at + 16, row.address, true);
    view.setBigUint64(at + 24, BigInt(row.offset), true);
    view.setBigUint64(at + 32, BigInt(row.size), true);
    view.setUint32(at + 40, row.link, true);
    view.setUint32(at + 44, row.info, true);
    view.setBigUint64(at + 48, BigInt(row.align), true);
    view.setBigUint64(at + 56, BigInt(row.entrySize), true);
  }
}

function writeHeader(
  view: DataView,
  image: LinkedImage,
  sectionStart: number,
  sectionCount: number,
): void {
  for (const [index, value] of elfMagic.entries()) view.setUint8(index, value);
  view.setUint8(4, ELFCLASS64);
  view.setUint8(5, ELFDATA2LSB);
  view.setUint8(6, EV_CURRENT);
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_X86_64, true);
  view.setUint32(20, EV_CURRENT, true);
  view.setBigUint64(24, image.entry, true);
  view.setBigUint64(32, BigInt(elfSizes.header), true);
  view.setBigUint64(40, BigInt(sectionStart), true);
  view.setUint16(52, elfSizes.header, true);
  view.setUint16(54, elfSizes.programHeader, true);
  view.setUint16(58, elfSizes.sectionHeader, true);
  view.setUint16(60, sectionCount, true);
  view.setUint16(62, sectionCount - 1, true);
}

/** Writes a static executable with a section for each segment and a symbol table. */
export function writeElf(image: LinkedImage): Uint8Array {
  const nullRow: SectionRow = {
    name: '',
    type: 0,
    flags: 0,
    address: 0n,
    offset: 0,
    size: 0,
    link: 0,
    info: 0,
    align: 0,
    entrySize: 0,
  };
  let end = pageBytes;
  const offsets = image.segments.map(({ bytes }) => {
    const offset = end;
    end += alignUp(bytes.length, pageBytes);
    return offset;
  });
  const strings = new StringTable();
  const symbols = symbolTable(image.symbols, strings);
  const stringBytes = strings.bytes();
  const names = new StringTable();
  const segmentRows = image.segments.map((segment, index) =>
    segmentRow(segment, offsets[index] ?? 0),
  );
  const fixedNames = ['.symtab', '.strtab', '.shstrtab'];
  for (const name of [...segmentRows.map((row) => row.name), ...fixedNames]) names.add(name);
  const nameBytes = names.bytes();
  const symbolOffset = end;
  const stringOffset = symbolOffset + symbols.bytes.length;
  const nameOffset = stringOffset + stringBytes.length;
  const sectionStart = alignUp(nameOffset + nameBytes.length, 8);
  const plain = { ...nullRow, type: SHT_STRTAB, align: 1 };
  const symtab: SectionRow = {
    ...nullRow,
    name: '.symtab',
    type: SHT_SYMTAB,
    offset: symbolOffset,
    size: symbols.bytes.length,
    link: segmentRows.length + 2,
    info: symbols.locals,
    align: 8,
    entrySize: elfSizes.symbol,
  };
  const rows: SectionRow[] = [
    nullRow,
    ...segmentRows,
    symtab,
    { ...plain, name: '.strtab', offset: stringOffset, size: stringBytes.length },
    { ...plain, name: '.shstrtab', offset: nameOffset, size: nameBytes.length },
  ];
  const file = new Uint8Array(sectionStart + rows.length * elfSizes.sectionHeader);
  const view = new DataView(file.buffer);
  writeHeader(view, image, sectionStart, rows.length);
  writeProgramHeaders(view, image, offsets);
  for (const [index, { bytes }] of image.segments.entries()) file.set(bytes, offsets[index]);
  file.set(symbols.bytes, symbolOffset);
  file.set(stringBytes, stringOffset);
  file.set(nameBytes, nameOffset);
  writeSectionHeaders(view, sectionStart, rows, names);
  return file;
}

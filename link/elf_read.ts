/**
 * ELF64 relocatable files (clang's, `as`'s) -> the object model of x86_64/object.ts. System V gABI
 * chapter 4.
 *
 * The bytes are not trusted: every offset and index is checked, and whatever is wrong or unknown is
 * a LinkError that names the object and the structure. Sections that do not belong in memory (debug
 * information, notes, unwind tables) are left out.
 */
import {
  ELFCLASS64,
  ELFDATA2LSB,
  EM_X86_64,
  ET_REL,
  elfMagic,
  elfSizes,
  relocationTypes,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_TLS,
  SHF_WRITE,
  SHN_ABS,
  SHN_COMMON,
  SHN_LORESERVE,
  SHN_UNDEF,
  SHT_FINI_ARRAY,
  SHT_GROUP,
  SHT_INIT_ARRAY,
  SHT_NOBITS,
  SHT_NOTE,
  SHT_PROGBITS,
  SHT_REL,
  SHT_RELA,
  SHT_SYMTAB,
  SHT_SYMTAB_SHNDX,
  SHT_X86_64_UNWIND,
  STB_GLOBAL,
  STB_LOCAL,
  STB_WEAK,
  STT_FILE,
  STT_FUNC,
  STT_OBJECT,
  STT_SECTION,
  STT_TLS,
} from '../tables/elf.ts';
import type { ObjectFile, ObjectSection, ObjectSymbol, Relocation } from '../x86_64/object.ts';
import { LinkError } from './link_error.ts';

interface SectionHeader {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly align: number;
  readonly entrySize: number;
}

/** Largest section and alignment that we believe. */
const sizeMax = 2 ** 31;
const alignMax = 2 ** 21;

const knownRelocations = new Map(relocationTypes.map((row) => [row.type, row]));

class ElfReader {
  readonly #name: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #headers: SectionHeader[] = [];

  constructor(name: string, bytes: Uint8Array) {
    this.#name = name;
    // A Buffer's slice() would share its memory with the caller.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #fail(text: string): never {
    throw new LinkError(`${this.#name}: ${text}`);
  }

  #range(offset: number, size: number, what: string): void {
    if (offset < 0 || size < 0 || offset + size > this.#bytes.length) {
      const have = `the file has ${this.#bytes.length} bytes`;
      this.#fail(`${what} (${size} bytes at ${offset}) is not in the file: ${have}`);
    }
  }

  #u64(offset: number, what: string): number {
    const value = this.#view.getBigUint64(offset, true);
    if (value >= BigInt(Number.MAX_SAFE_INTEGER)) this.#fail(`${what} is ${value}, too large`);
    return Number(value);
  }

  #string(table: SectionHeader, offset: number, what: string): string {
    if (offset >= table.size)
      this.#fail(`${what}: name offset ${offset} is outside its string table`);
    const start = table.offset + offset;
    const end = this.#bytes.indexOf(0, start);
    if (end < 0 || end >= table.offset + table.size) this.#fail(`${what}: the name has no end`);
    return new TextDecoder().decode(this.#bytes.subarray(start, end));
  }

  read(): ObjectFile {
    this.#readSectionHeaders();
    for (const header of this.#headers) this.#refuseUnsupported(header);
    const kept = this.#headers.filter((header) => this.#isKept(header));
    const sectionIndex = new Map(kept.map((header, index) => [header.index, index]));
    const symbols = this.#readSymbols(sectionIndex);
    const sections = kept.map((header) => this.#readSection(header, symbols.length));
    return { name: this.#name, sections, symbols };
  }

  #readFileHeader(): { offset: number; count: number; names: number } {
    this.#range(0, elfSizes.header, 'the ELF header');
    if (!elfMagic.every((value, index) => this.#bytes[index] === value))
      this.#fail('not an ELF file');
    if (this.#bytes[4] !== ELFCLASS64 || this.#bytes[5] !== ELFDATA2LSB) {
      this.#fail('not a 64-bit little-endian ELF file');
    }
    if (this.#view.getUint16(16, true) !== ET_REL) this.#fail('not a relocatable object (ET_REL)');
    if (this.#view.getUint16(18, true) !== EM_X86_64) this.#fail('not an x86-64 object');
    if (this.#view.getUint16(58, true) !== elfSizes.sectionHeader) {
      this.#fail('section headers are not of the expected size');
    }
    const offset = this.#u64(40, 'the offset of the section headers');
    let count = this.#view.getUint16(60, true);
    let names = this.#view.getUint16(62, true);
    this.#range(offset, Math.max(count, 1) * elfSizes.sectionHeader, 'the section header table');
    // More than 65,279 sections: the real numbers are in the first header.
    if (count === 0) count = this.#u64(offset + 32, 'the number of sections');
    if (names === 0xffff) names = this.#view.getUint32(offset + 40, true);
    this.#range(offset, count * elfSizes.sectionHeader, 'the section header table');
    if (names >= count) this.#fail(`section ${names} is to hold the names, but there are ${count}`);
    return { offset, count, names };
  }

  #readSectionHeaders(): void {
    const { offset, count, names } = this.#readFileHeader();
    const raw = Array.from(
      { length: count },
      (_, index): SectionHeader & { nameOffset: number } => {
        const at = offset + index * elfSizes.sectionHeader;
        const what = `section ${index}`;
        return {
          index,
          name: '',
          nameOffset: this.#view.getUint32(at, true),
          type: this.#view.getUint32(at + 4, true),
          flags: this.#u64(at + 8, `${what}: flags`),
          offset: this.#u64(at + 24, `${what}: offset`),
          size: this.#u64(at + 32, `${what}: size`),
          link: this.#view.getUint32(at + 40, true),
          info: this.#view.getUint32(at + 44, true),
          align: Math.max(1, this.#u64(at + 48, `${what}: alignment`)),
          entrySize: this.#u64(at + 56, `${what}: entry size`),
        };
      },
    );
    for (const header of raw.slice(1)) {
      const what = `section ${header.index}`;
      if (header.type !== SHT_NOBITS) this.#range(header.offset, header.size, what);
      if (header.size > sizeMax) this.#fail(`${what} is ${header.size} bytes large`);
      const powerOfTwo = Number.isInteger(Math.log2(header.align)) && header.align <= alignMax;
      if (!powerOfTwo)
        this.#fail(`${what}: alignment ${header.align} is not a power of two we support`);
    }
    const nameTable = raw[names] as SectionHeader;
    this.#headers = raw.map((header) => ({
      ...header,
      name:
        header.index === 0
          ? ''
          : this.#string(nameTable, header.nameOffset, `section ${header.index}`),
    }));
  }

  /** What we would have to act on, and cannot, is refused rather than left out. */
  #refuseUnsupported(header: SectionHeader): void {
    const { name, type, flags } = header;
    if (type === SHT_GROUP) this.#fail(`${name}: section groups (COMDAT) are not supported`);
    if (type === SHT_SYMTAB_SHNDX)
      this.#fail(`${name}: more than 65,279 sections are not supported`);
    if (type === SHT_REL) this.#fail(`${name}: relocations without addends are not supported`);
    if ((flags & SHF_ALLOC) === 0 || header.size === 0) return;
    if (flags & SHF_TLS) this.#fail(`${name}: thread-local storage is not supported`);
    if (type === SHT_INIT_ARRAY || type === SHT_FINI_ARRAY) {
      this.#fail(`${name}: nothing would call static constructors and destructors`);
    }
    const known = [SHT_PROGBITS, SHT_NOBITS, SHT_NOTE, SHT_X86_64_UNWIND].includes(type);
    if (!known) this.#fail(`${name}: unknown section type ${type} that wants memory`);
  }

  #isKept({ type, flags, name }: SectionHeader): boolean {
    if ((flags & SHF_ALLOC) === 0 || name === '.eh_frame') return false;
    return type === SHT_PROGBITS || type === SHT_NOBITS;
  }

  #readSymbols(sectionIndex: ReadonlyMap<number, number>): ObjectSymbol[] {
    const tables = this.#headers.filter(({ type }) => type === SHT_SYMTAB);
    if (tables.length !== 1) this.#fail(`has ${tables.length} symbol tables instead of one`);
    const table = tables[0] as SectionHeader;
    const strings = this.#headers[table.link];
    if (!strings) this.#fail(`${table.name}: its string table ${table.link} does not exist`);
    if (table.size % elfSizes.symbol !== 0)
      this.#fail(`${table.name}: its size is not whole symbols`);
    return Array.from({ length: table.size / elfSizes.symbol }, (_, index) =>
      this.#readSymbol(table.offset + index * elfSizes.symbol, index, strings, sectionIndex),
    );
  }

  #readSymbol(
    at: number,
    index: number,
    strings: SectionHeader,
    sectionIndex: ReadonlyMap<number, number>,
  ): ObjectSymbol {
    const what = `symbol ${index}`;
    const info = this.#view.getUint8(at + 4);
    const type = info & 15;
    const headerIndex = this.#view.getUint16(at + 6, true);
    const ownName = this.#string(strings, this.#view.getUint32(at, true), what);
    const name = type === STT_SECTION ? (this.#headers[headerIndex]?.name ?? '') : ownName;
    const value = this.#view.getBigUint64(at + 8, true);
    const size = this.#u64(at + 16, `${what} (${name}): size`);
    if (type === STT_TLS) this.#fail(`${name}: thread-local storage is not supported`);
    const bindings: Record<number, ObjectSymbol['binding']> = {
      [STB_LOCAL]: 'local',
      [STB_GLOBAL]: 'global',
      [STB_WEAK]: 'weak',
    };
    const binding = bindings[info >> 4];
    if (!binding) this.#fail(`${what} (${name}): unknown binding ${info >> 4}`);
    const kinds: Record<number, ObjectSymbol['kind']> = {
      [STT_FUNC]: 'function',
      [STT_OBJECT]: 'object',
      [STT_SECTION]: 'section',
    };
    const kind = kinds[type] ?? 'none';
    const section = this.#symbolSection(headerIndex, type, `${what} (${name})`, sectionIndex);
    const header = typeof section === 'number' ? this.#headers[headerIndex] : undefined;
    if (header && value > BigInt(header.size))
      this.#fail(`${what} (${name}) is outside its section`);
    return { name, binding, kind, section, value, size };
  }

  #symbolSection(
    headerIndex: number,
    type: number,
    what: string,
    sectionIndex: ReadonlyMap<number, number>,
  ): ObjectSymbol['section'] {
    if (headerIndex === SHN_ABS || type === STT_FILE) return 'absolute';
    if (headerIndex === SHN_COMMON) return 'common';
    if (headerIndex === SHN_UNDEF) return 'undefined';
    if (headerIndex >= SHN_LORESERVE || headerIndex >= this.#headers.length) {
      this.#fail(`${what}: there is no section ${headerIndex}`);
    }
    // A symbol of a section that is left out is only an error when something refers to it.
    return sectionIndex.get(headerIndex) ?? 'undefined';
  }

  #readSection(header: SectionHeader, symbolCount: number): ObjectSection {
    const zero = header.type === SHT_NOBITS;
    const relocations = this.#headers
      .filter(({ type, info }) => type === SHT_RELA && info === header.index)
      .flatMap((table) => this.#readRelocations(table, header, symbolCount));
    return {
      name: header.name,
      flags: {
        write: (header.flags & SHF_WRITE) !== 0,
        execute: (header.flags & SHF_EXECINSTR) !== 0,
      },
      align: header.align,
      size: header.size,
      bytes: zero
        ? new Uint8Array(0)
        : this.#bytes.slice(header.offset, header.offset + header.size),
      relocations,
    };
  }

  #readRelocations(table: SectionHeader, target: SectionHeader, symbolCount: number): Relocation[] {
    if (table.size % elfSizes.rela !== 0)
      this.#fail(`${table.name}: its size is not whole relocations`);
    return Array.from({ length: table.size / elfSizes.rela }, (_, index) => {
      const at = table.offset + index * elfSizes.rela;
      const what = `${table.name}: relocation ${index}`;
      const offset = this.#u64(at, `${what}: offset`);
      const type = this.#view.getUint32(at + 8, true);
      const symbol = this.#view.getUint32(at + 12, true);
      const addend = this.#view.getBigInt64(at + 16, true);
      const row = knownRelocations.get(type);
      if (!row) this.#fail(`${what}: type ${type} is not supported (compile with -fno-pic)`);
      if (target.type === SHT_NOBITS || offset + row.bits / 8 > target.size) {
        this.#fail(`${what}: offset ${offset} is outside ${target.name}`);
      }
      if (symbol >= symbolCount) this.#fail(`${what}: there is no symbol ${symbol}`);
      return { offset, type, symbol, addend };
    });
  }
}

/** Reads a relocatable object; `name` is what error messages call it. Throws LinkError. */
export function readElfObject(name: string, bytes: Uint8Array): ObjectFile {
  return new ElfReader(name, bytes).read();
}

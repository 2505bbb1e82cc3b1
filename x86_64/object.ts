/**
 * The object model between assembler and linker: what an ELF64 relocatable object says, without its
 * file format. x86_64/ makes such objects from instructions, link/ makes them from clang's ELF
 * files.
 */
export interface SectionFlags {
  readonly write: boolean;
  readonly execute: boolean;
}

export interface ObjectSection {
  readonly name: string;
  readonly flags: SectionFlags;
  /** A power of two, in bytes. */
  readonly align: number;
  /** The contents; empty for zero-initialised sections. */
  readonly bytes: Uint8Array;
  /** Size in memory: bytes.length, or the size of a zero-initialised section. */
  readonly size: number;
  readonly relocations: readonly Relocation[];
}

export interface Relocation {
  /** Where to store, in bytes from the start of the section. */
  readonly offset: number;
  /** Number of tables/elf relocationTypes. */
  readonly type: number;
  /** Index into the object's symbols. */
  readonly symbol: number;
  readonly addend: bigint;
}

export interface ObjectSymbol {
  readonly name: string;
  readonly binding: 'local' | 'global' | 'weak';
  readonly kind: 'none' | 'object' | 'function' | 'section';
  /** Index into the object's sections, or where else the symbol comes from. */
  readonly section: number | 'undefined' | 'absolute' | 'common';
  /** Offset in the section; the value of an absolute symbol; the alignment of a common one. */
  readonly value: bigint;
  readonly size: number;
}

export interface ObjectFile {
  /** For error messages. */
  readonly name: string;
  readonly sections: readonly ObjectSection[];
  readonly symbols: readonly ObjectSymbol[];
}

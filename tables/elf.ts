/**
 * Constants of the Executable and Linkable Format: System V ABI (gABI) chapters 4 and 5, and the
 * x86-64 psABI, table 4.9 (relocation types). Names as the specifications spell them.
 */
export const elfMagic = [0x7f, 0x45, 0x4c, 0x46] as const;
export const ELFCLASS64 = 2;
export const ELFDATA2LSB = 1;
export const EV_CURRENT = 1;
export const EM_X86_64 = 62;

export const ET_REL = 1;
export const ET_EXEC = 2;

export const SHT_NULL = 0;
export const SHT_PROGBITS = 1;
export const SHT_SYMTAB = 2;
export const SHT_STRTAB = 3;
export const SHT_RELA = 4;
export const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_REL = 9;
export const SHT_INIT_ARRAY = 14;
export const SHT_FINI_ARRAY = 15;
export const SHT_GROUP = 17;
export const SHT_SYMTAB_SHNDX = 18;
export const SHT_X86_64_UNWIND = 0x7000_0001;

export const SHF_WRITE = 1;
export const SHF_ALLOC = 2;
export const SHF_EXECINSTR = 4;
export const SHF_TLS = 0x400;

export const SHN_UNDEF = 0;
export const SHN_LORESERVE = 0xff00;
export const SHN_ABS = 0xfff1;
export const SHN_COMMON = 0xfff2;
export const SHN_XINDEX = 0xffff;

export const STB_LOCAL = 0;
export const STB_GLOBAL = 1;
export const STB_WEAK = 2;
export const STT_NOTYPE = 0;
export const STT_OBJECT = 1;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
export const STT_FILE = 4;
export const STT_COMMON = 5;
export const STT_TLS = 6;

export const PT_LOAD = 1;
export const PT_GNU_STACK = 0x6474_e551;
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

/** Sizes in bytes of the structures of a 64-bit file. */
export const elfSizes = {
  header: 64,
  sectionHeader: 64,
  programHeader: 56,
  symbol: 24,
  rela: 24,
} as const;

/**
 * One row a relocation type the linker applies. `formula` is the psABI's: S symbol, A addend, P
 * place, GOT-relative forms are resolved without a table because everything is linked statically.
 * `field` is the width in bits and how the result has to fit.
 */
export interface RelocationType {
  readonly name: string;
  readonly type: number;
  readonly formula: 'none' | 'S + A' | 'S + A - P';
  readonly bits: 0 | 8 | 16 | 32 | 64;
  readonly fit: 'any' | 'signed' | 'unsigned' | 'either';
}

export const relocationTypes: readonly RelocationType[] = [
  { name: 'R_X86_64_NONE', type: 0, formula: 'none', bits: 0, fit: 'any' },
  { name: 'R_X86_64_64', type: 1, formula: 'S + A', bits: 64, fit: 'any' },
  { name: 'R_X86_64_PC32', type: 2, formula: 'S + A - P', bits: 32, fit: 'signed' },
  { name: 'R_X86_64_PLT32', type: 4, formula: 'S + A - P', bits: 32, fit: 'signed' },
  { name: 'R_X86_64_32', type: 10, formula: 'S + A', bits: 32, fit: 'unsigned' },
  { name: 'R_X86_64_32S', type: 11, formula: 'S + A', bits: 32, fit: 'signed' },
  { name: 'R_X86_64_16', type: 12, formula: 'S + A', bits: 16, fit: 'either' },
  { name: 'R_X86_64_PC16', type: 13, formula: 'S + A - P', bits: 16, fit: 'signed' },
  { name: 'R_X86_64_8', type: 14, formula: 'S + A', bits: 8, fit: 'either' },
  { name: 'R_X86_64_PC8', type: 15, formula: 'S + A - P', bits: 8, fit: 'signed' },
  { name: 'R_X86_64_PC64', type: 24, formula: 'S + A - P', bits: 64, fit: 'any' },
];

/** Relocation types that the assembler writes. */
export const R_X86_64_64 = 1;
export const R_X86_64_PC32 = 2;
export const R_X86_64_PLT32 = 4;
export const R_X86_64_32 = 10;
export const R_X86_64_32S = 11;
export const R_X86_64_PC8 = 15;

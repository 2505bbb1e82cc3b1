/**
 * Operands of x86-64 instructions: registers by name, memory, immediates and references to symbols.
 *
 *   mov(rax, qword(rbx, 8))                               rax = [rbx + 8]
 *   mov(dword(rdi, { index: rcx, scale: 4, disp: -4 }), 1)
 *   lea(rsi, memory('message'))                           address of a symbol, relative to rip
 *   mov(qword('counter', 8), rax)                         a symbol + 8, relative to rip
 *   jmp('.loop')                                          a label; with a dot first it is local
 *   mov(rax, address('table'))                            the absolute address of a symbol
 */
export type RegisterClass = 'gpr' | 'xmm' | 'sreg' | 'cr' | 'dr';

export interface Register {
  readonly kind: 'register';
  readonly name: string;
  readonly class: RegisterClass;
  readonly bits: number;
  readonly number: number;
  /** ah, ch, dh, bh: cannot be encoded together with a REX prefix. */
  readonly high: boolean;
  /** spl, bpl, sil, dil: need a REX prefix. */
  readonly rex: boolean;
}

export type Scale = 1 | 2 | 4 | 8;

export interface Memory {
  readonly kind: 'memory';
  /** Size of what is accessed in bits; 0 leaves it to the other operands. */
  readonly bits: number;
  readonly base: Register | null;
  readonly index: Register | null;
  readonly scale: Scale;
  readonly disp: number;
  /** With a symbol and no base or index, the address is relative to rip. */
  readonly symbol: string | null;
  readonly segment: 'fs' | 'gs' | null;
}

export interface SymbolAddress {
  readonly kind: 'address';
  readonly symbol: string;
  readonly addend: bigint;
}

/** What instruction methods take: numbers are immediates, strings are branch targets. */
export type Operand = Register | Memory | SymbolAddress | number | bigint | string;

const register = (
  name: string,
  registerClass: RegisterClass,
  bits: number,
  number: number,
): Register => ({
  kind: 'register',
  name,
  class: registerClass,
  bits,
  number,
  high: bits === 8 && /^[abcd]h$/.test(name),
  rex: bits === 8 && /^(spl|bpl|sil|dil)$/.test(name),
});

const named = <Name extends string>(
  registerClass: RegisterClass,
  bits: number,
  names: readonly Name[],
  first = 0,
): Record<Name, Register> =>
  Object.fromEntries(
    names.map((name, index) => [name, register(name, registerClass, bits, first + index)]),
  ) as Record<Name, Register>;

// biome-ignore format: the rows of the manual's table 3-1
export const gpr64 = named('gpr', 64, ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi',
  'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15']);
// biome-ignore format: as above
export const gpr32 = named('gpr', 32, ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi',
  'r8d', 'r9d', 'r10d', 'r11d', 'r12d', 'r13d', 'r14d', 'r15d']);
// biome-ignore format: as above
export const gpr16 = named('gpr', 16, ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di',
  'r8w', 'r9w', 'r10w', 'r11w', 'r12w', 'r13w', 'r14w', 'r15w']);
// biome-ignore format: as above
export const gpr8 = named('gpr', 8, ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil',
  'r8b', 'r9b', 'r10b', 'r11b', 'r12b', 'r13b', 'r14b', 'r15b']);
export const gpr8High = named('gpr', 8, ['ah', 'ch', 'dh', 'bh'], 4);
// biome-ignore format: as above
export const xmmRegisters = named('xmm', 128, ['xmm0', 'xmm1', 'xmm2', 'xmm3', 'xmm4', 'xmm5',
  'xmm6', 'xmm7', 'xmm8', 'xmm9', 'xmm10', 'xmm11', 'xmm12', 'xmm13', 'xmm14', 'xmm15']);
export const segmentRegisters = named('sreg', 16, ['es', 'cs', 'ss', 'ds', 'fs', 'gs']);
export const controlRegisters = {
  ...named('cr', 64, ['cr0']),
  ...named('cr', 64, ['cr2', 'cr3', 'cr4'], 2),
  ...named('cr', 64, ['cr8'], 8),
};
export const debugRegisters = named('dr', 64, [
  'dr0',
  'dr1',
  'dr2',
  'dr3',
  'dr4',
  'dr5',
  'dr6',
  'dr7',
]);

/** Every register by its name. */
export const registers = {
  ...gpr64,
  ...gpr32,
  ...gpr16,
  ...gpr8,
  ...gpr8High,
  ...xmmRegisters,
  ...segmentRegisters,
  ...controlRegisters,
  ...debugRegisters,
};

export interface MemoryParts {
  readonly index?: Register;
  readonly scale?: Scale;
  readonly disp?: number;
  readonly symbol?: string;
  readonly segment?: 'fs' | 'gs';
}

type MemoryMaker = (base: Register | string | null, parts?: number | MemoryParts) => Memory;

const memoryOf =
  (bits: number): MemoryMaker =>
  (base, parts = 0) => {
    const given: MemoryParts = typeof parts === 'number' ? { disp: parts } : parts;
    return {
      kind: 'memory',
      bits,
      base: typeof base === 'string' ? null : base,
      index: given.index ?? null,
      scale: given.scale ?? 1,
      disp: given.disp ?? 0,
      symbol: typeof base === 'string' ? base : (given.symbol ?? null),
      segment: given.segment ?? null,
    };
  };

/** Memory whose size the other operands or the instruction say. */
export const memory = memoryOf(0);
export const byte = memoryOf(8);
export const word = memoryOf(16);
export const dword = memoryOf(32);
export const qword = memoryOf(64);
/** Far pointers: selector and 32-bit or 64-bit offset. */
export const fword = memoryOf(48);
export const tbyte = memoryOf(80);
export const xmmword = memoryOf(128);

/** The absolute address of a symbol, as an immediate. */
export const address = (symbol: string, addend = 0n): SymbolAddress => ({
  kind: 'address',
  symbol,
  addend,
});

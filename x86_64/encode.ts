/**
 * One form and its operands -> bytes and the places where a symbol's address is to be filled in.
 * Intel SDM volume 2, chapter 2 (prefixes, ModRM, SIB, REX).
 */
import type { Form, Pattern } from './forms.ts';
import type { Memory, Operand, Register } from './operands.ts';

export interface Fixup {
  /** Offset in the instruction. */
  readonly offset: number;
  readonly bytes: 1 | 4 | 8;
  /** `relative` counts from the place itself, as R_X86_64_PC32 does. */
  readonly kind: 'relative' | 'branch' | 'absolute' | 'absoluteSigned';
  readonly symbol: string;
  readonly addend: bigint;
}

export interface Encoded {
  readonly bytes: readonly number[];
  readonly fixups: readonly Fixup[];
}

/** An operand combination that the form takes but the machine cannot encode. */
export class EncodingError extends Error {}

interface ModRm {
  readonly bytes: readonly number[];
  readonly rexX: boolean;
  readonly rexB: boolean;
  readonly symbol: string | null;
  /** Offset of the displacement in `bytes`. */
  readonly dispOffset: number;
  readonly ripRelative: boolean;
  readonly disp: number;
}

const littleEndian = (value: bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));

const fitsSigned = (value: number, bits: number): boolean =>
  value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1);

function encodeMemory(memory: Memory, reg: number): ModRm {
  const { base, index, disp, symbol } = memory;
  if (base && (base.class !== 'gpr' || base.bits !== 64)) {
    throw new EncodingError(`${base.name} cannot be a base register`);
  }
  if (index && (index.class !== 'gpr' || index.bits !== 64 || index.name === 'rsp')) {
    throw new EncodingError(`${index.name} cannot be an index register`);
  }
  if (!fitsSigned(disp, 32)) throw new EncodingError(`displacement ${disp} does not fit 32 bits`);
  // With a symbol the displacement is the relocation's addend, and the field is empty, as in ELF.
  const inPlace = symbol === null ? BigInt(disp) : 0n;
  const regField = (reg & 7) << 3;
  const rexX = (index?.number ?? 0) >= 8;
  const rexB = (base?.number ?? 0) >= 8;
  const ripRelative = symbol !== null && !base && !index;
  if (ripRelative) {
    const bytes = [0x05 | regField, 0, 0, 0, 0];
    return { bytes, rexX, rexB, symbol, dispOffset: 1, ripRelative, disp };
  }
  const scale = { 1: 0, 2: 1, 4: 2, 8: 3 }[memory.scale] << 6;
  const indexField = (index ? index.number & 7 : 4) << 3;
  const needsSib = index !== null || !base || (base.number & 7) === 4;
  if (!base) {
    const bytes = [0x04 | regField, scale | indexField | 5, ...littleEndian(inPlace, 4)];
    return { bytes, rexX, rexB, symbol, dispOffset: 2, ripRelative, disp };
  }
  const noDisp = disp === 0 && symbol === null && (base.number & 7) !== 5;
  const short = symbol === null && fitsSigned(disp, 8);
  const mod = noDisp ? 0x00 : short ? 0x40 : 0x80;
  const head = needsSib
    ? [mod | regField | 4, scale | indexField | (base.number & 7)]
    : [mod | regField | (base.number & 7)];
  const dispBytes = noDisp ? [] : littleEndian(inPlace, short ? 1 : 4);
  const bytes = [...head, ...dispBytes];
  return { bytes, rexX, rexB, symbol, dispOffset: head.length, ripRelative, disp };
}

function encodeRm(operand: Register | Memory | undefined, reg: number): ModRm {
  if (operand?.kind === 'memory') return encodeMemory(operand, reg);
  const number = operand?.number ?? 0;
  return {
    bytes: [0xc0 | ((reg & 7) << 3) | (number & 7)],
    rexX: false,
    rexB: number >= 8,
    symbol: null,
    dispOffset: 0,
    ripRelative: false,
    disp: 0,
  };
}

function operandIn(form: Form, operands: readonly Operand[], slot: string): Register | undefined {
  const operand = operands[form.slots.indexOf(slot as Form['slots'][number])];
  return operand as Register | undefined;
}

/** Checks what REX rules out and returns the prefix, or none. */
function rexPrefix(operands: readonly Operand[], w: boolean, r: boolean, x: boolean, b: boolean) {
  const used = operands.filter((operand) => typeof operand === 'object') as Register[];
  const forced = used.some((operand) => operand.kind === 'register' && operand.rex);
  if (!(w || r || x || b || forced)) return [];
  const high = used.find((operand) => operand.kind === 'register' && operand.high);
  if (high) throw new EncodingError(`${high.name} cannot be used with a REX prefix`);
  return [0x40 | (w ? 8 : 0) | (r ? 4 : 0) | (x ? 2 : 0) | (b ? 1 : 0)];
}

interface Trailing {
  readonly bytes: number[];
  readonly fixup: Omit<Fixup, 'offset'> | null;
}

function encodeTrailing(operand: Operand, pattern: Pattern, width: number): Trailing {
  if (typeof operand === 'string') {
    const fixup = { bytes: width as 1 | 4, kind: 'branch', symbol: operand, addend: 0n } as const;
    return { bytes: littleEndian(0n, width), fixup };
  }
  if (typeof operand === 'object' && operand.kind === 'address') {
    const signed = pattern.kind === 'immediate' && pattern.signed;
    const kind = signed ? 'absoluteSigned' : 'absolute';
    const fixup = { bytes: width as 4 | 8, kind, ...pickSymbol(operand) } as const;
    return { bytes: littleEndian(0n, width), fixup };
  }
  if (typeof operand === 'object' && operand.kind === 'memory') {
    return { bytes: littleEndian(BigInt(operand.disp), width), fixup: null };
  }
  return { bytes: littleEndian(BigInt(operand as number | bigint), width), fixup: null };
}

const pickSymbol = (operand: { symbol: string; addend: bigint }) => ({
  symbol: operand.symbol,
  addend: operand.addend,
});

const isEax = (operands: readonly Operand[]): boolean =>
  operands.every((operand) => (operand as Register).name === 'eax');

/**
 * Encodes operands that the form's patterns accept. Throws EncodingError for what REX and SIB rule
 * out.
 */
export function encode(form: Form, operands: readonly Operand[]): Encoded {
  if (form.mnemonic === 'xchg' && form.text.endsWith('= 90+rd') && isEax(operands)) {
    throw new EncodingError('90 is nop, which does not clear the upper half of rax');
  }
  if (form.operandNames[0] === 'sreg' && (operands[0] as Register).name === 'cs') {
    throw new EncodingError('cs cannot be loaded by mov');
  }
  const fixups: Fixup[] = [];
  const regOperand = operandIn(form, operands, 'reg');
  const opcodeOperand = operandIn(form, operands, 'opcode');
  const reg = typeof form.modrm === 'number' ? form.modrm : (regOperand?.number ?? 0);
  const rmOperand = operandIn(form, operands, 'rm') as Register | Memory | undefined;
  const rm = form.modrm === 'none' ? null : encodeRm(rmOperand, reg);
  const rexB = (rm?.rexB ?? false) || (opcodeOperand?.number ?? 0) >= 8;
  const rexR = form.modrm === 'register' && reg >= 8;
  const rex = rexPrefix(operands, form.rexW, rexR, rm?.rexX ?? false, rexB);
  const memory = operands.find(
    (operand): operand is Memory => typeof operand === 'object' && operand.kind === 'memory',
  );
  const segment = memory?.segment ? [memory.segment === 'fs' ? 0x64 : 0x65] : [];
  const lastOpcode = (form.opcode.at(-1) ?? 0) | ((opcodeOperand?.number ?? 0) & 7);
  const opcode = [...form.opcode.slice(0, -1), lastOpcode];
  const bytes = [...segment, ...form.prefixes, ...rex, ...opcode];
  const modrmStart = bytes.length;
  bytes.push(...(rm?.bytes ?? []));

  const immediates = operands.filter((_, index) => form.slots[index] === 'immediate');
  const patterns = form.operands.filter((_, index) => form.slots[index] === 'immediate');
  for (const [index, width] of form.trailing.entries()) {
    const trailing = encodeTrailing(
      immediates[index] as Operand,
      patterns[index] as Pattern,
      width,
    );
    if (trailing.fixup) {
      const isBranch = trailing.fixup.kind === 'branch';
      const addend = isBranch ? BigInt(-width) : trailing.fixup.addend;
      fixups.push({ ...trailing.fixup, addend, offset: bytes.length });
    }
    bytes.push(...trailing.bytes);
  }
  if (rm?.symbol) {
    const offset = modrmStart + rm.dispOffset;
    const fromEnd = rm.ripRelative ? offset - bytes.length : 0;
    const kind = rm.ripRelative ? 'relative' : 'absoluteSigned';
    fixups.push({ offset, bytes: 4, kind, symbol: rm.symbol, addend: BigInt(rm.disp + fromEnd) });
  }
  if (bytes.length > 15) throw new EncodingError('the instruction is longer than 15 bytes');
  return { bytes, fixups };
}

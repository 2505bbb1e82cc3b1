/**
 * The rows of tables/x86_instructions, parsed: operand patterns and encoding of each form. Intel
 * SDM volume 2, 3.1.1.
 */
import { instructions, type Mnemonic } from '../tables/x86_instructions.ts';

/** What one operand of a form accepts. */
export type Pattern =
  | {
      readonly kind: 'rm';
      readonly registers: 'gpr' | 'xmm';
      readonly bits: number;
      readonly registerBits: number;
    }
  | {
      readonly kind: 'register';
      readonly class: 'gpr' | 'xmm' | 'sreg' | 'cr' | 'dr';
      readonly bits: number;
    }
  | { readonly kind: 'memory'; readonly bits: number }
  | { readonly kind: 'fixed'; readonly name: string }
  | { readonly kind: 'one' }
  | {
      readonly kind: 'immediate';
      readonly bits: number;
      readonly signed: boolean;
      readonly operandBits: number;
    }
  | { readonly kind: 'relative'; readonly bits: number }
  | { readonly kind: 'moffs' };

/** Where an operand goes in the encoding. */
export type Slot = 'reg' | 'rm' | 'opcode' | 'immediate' | 'none';

export interface Form {
  readonly mnemonic: Mnemonic;
  /** The row as written in the table. */
  readonly text: string;
  readonly operandNames: readonly string[];
  readonly operands: readonly Pattern[];
  readonly slots: readonly Slot[];
  /** Bytes 66, F2 and F3 in front of REX. */
  readonly prefixes: readonly number[];
  readonly rexW: boolean;
  readonly opcode: readonly number[];
  readonly modrm: 'none' | 'register' | number;
  /** Widths in bytes of the immediates, displacements or addresses behind, in order. */
  readonly trailing: readonly number[];
}

const immediateBytes: Record<string, number> = { ib: 1, iw: 2, id: 4, io: 8, cb: 1, cd: 4, mo: 8 };

function parsePattern(text: string, wide: number): Pattern {
  const match = /^(r\/m|xmm\/m|r|m|imm|simm|rel)(8|16|32|64|80|128)$/.exec(text);
  if (match) {
    const bits = Number(match[2]);
    switch (match[1]) {
      case 'r/m':
        return { kind: 'rm', registers: 'gpr', bits, registerBits: bits };
      case 'xmm/m':
        return { kind: 'rm', registers: 'xmm', bits, registerBits: 128 };
      case 'r':
        return { kind: 'register', class: 'gpr', bits };
      case 'm':
        return { kind: 'memory', bits: bits === 80 ? 0 : bits };
      case 'rel':
        return { kind: 'relative', bits };
      default: {
        const signed = match[1] === 'simm';
        return { kind: 'immediate', bits, signed, operandBits: signed ? wide : bits };
      }
    }
  }
  switch (text) {
    case 'm':
      return { kind: 'memory', bits: 0 };
    case 'm16:16':
      return { kind: 'memory', bits: 32 };
    case 'm16:32':
      return { kind: 'memory', bits: 48 };
    case 'm16:64':
      return { kind: 'memory', bits: 80 };
    case 'xmm':
      return { kind: 'register', class: 'xmm', bits: 128 };
    case 'sreg':
      return { kind: 'register', class: 'sreg', bits: 16 };
    case 'cr':
    case 'dr':
      return { kind: 'register', class: text, bits: 64 };
    case 'moffs':
      return { kind: 'moffs' };
    case '1':
      return { kind: 'one' };
    default:
      return { kind: 'fixed', name: text };
  }
}

/** The width that a sign-extended immediate is extended to: that of the widest other operand. */
function operandWidth(
  names: readonly string[],
  prefixes: readonly number[],
  rexW: boolean,
): number {
  const widths = names
    .filter((name) => /^(r|r\/m|m)\d+$/.test(name))
    .map((name) => Number(/\d+$/.exec(name)?.[0]));
  if (rexW) return 64;
  if (widths.length === 0) return prefixes.includes(0x66) ? 16 : 64;
  return Math.max(...widths);
}

const isSystem = (operand: Pattern): boolean =>
  operand.kind === 'register' && ['cr', 'dr', 'sreg'].includes(operand.class);

/**
 * Which field each operand goes to. Of two registers without an r/m operand, a control, debug or
 * segment register is the reg field, otherwise the first one is; with a digit in the reg field a
 * register is the rm field.
 */
function slotsOf(operands: readonly Pattern[], modrm: Form['modrm'], inOpcode: boolean): Slot[] {
  const hasRm = operands.some((operand) => operand.kind === 'rm' || operand.kind === 'memory');
  const registerIndices = [...operands.keys()].filter((at) => operands[at]?.kind === 'register');
  const regIndex =
    registerIndices.find((at) => isSystem(operands[at] as Pattern)) ?? registerIndices[0];
  return operands.map((operand, index): Slot => {
    if (operand.kind === 'rm' || operand.kind === 'memory') return 'rm';
    if (operand.kind === 'one' || operand.kind === 'fixed') return 'none';
    if (operand.kind !== 'register') return 'immediate';
    if (inOpcode) return 'opcode';
    return hasRm || (modrm === 'register' && index === regIndex) ? 'reg' : 'rm';
  });
}

function parseForm(mnemonic: Mnemonic, text: string): Form {
  const [left = '', right = ''] = text.split('=').map((side) => side.trim());
  const operandNames = left === '' ? [] : left.split(',').map((name) => name.trim());
  const prefixes: number[] = [];
  const opcode: number[] = [];
  const trailing: number[] = [];
  let rexW = false;
  let modrm: Form['modrm'] = 'none';
  let opcodeRegister = false;
  const tokens = right.split(/\s+/).filter((token) => token !== '+');
  for (const [index, token] of tokens.entries()) {
    if (token === 'REX.W') rexW = true;
    else if (token === '/r') modrm = 'register';
    else if (/^\/[0-7]$/.test(token)) modrm = Number(token[1]);
    else if (token in immediateBytes) trailing.push(immediateBytes[token] ?? 0);
    else if (/^[0-9A-F]{2}(\+rd)?$/.test(token)) {
      const value = Number.parseInt(token.slice(0, 2), 16);
      opcodeRegister ||= token.endsWith('+rd');
      const more = index + 1 < tokens.length;
      const isPrefix = more && opcode.length === 0 && [0x66, 0xf2, 0xf3].includes(value);
      (isPrefix ? prefixes : opcode).push(value);
    } else throw new Error(`tables/x86_instructions: ${mnemonic} ${text}: what is \`${token}\`?`);
  }
  const wide = operandWidth(operandNames, prefixes, rexW);
  const operands = operandNames.map((name) => parsePattern(name, wide));
  const slots = slotsOf(operands, modrm, opcodeRegister);
  return { mnemonic, text, operandNames, operands, slots, prefixes, rexW, opcode, modrm, trailing };
}

export const mnemonics = Object.keys(instructions) as Mnemonic[];

export const forms: ReadonlyMap<Mnemonic, readonly Form[]> = new Map(
  mnemonics.map((mnemonic) => [
    mnemonic,
    instructions[mnemonic].map((text: string) => parseForm(mnemonic, text)),
  ]),
);

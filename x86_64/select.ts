/**
 * Choosing the form of an instruction for given operands, and saying what is wrong when none fits.
 */
import type { Mnemonic } from '../tables/x86_instructions.ts';
import { type Encoded, EncodingError, encode } from './encode.ts';
import { type Form, forms, type Pattern } from './forms.ts';
import type { Memory, Operand } from './operands.ts';

/** Operands that no form of the instruction takes. The message names instruction and operand. */
export class OperandError extends Error {}

export interface Selected extends Encoded {
  readonly form: Form;
  /** Operands to print when they differ from the encoded ones (a label in place of a distance). */
  readonly shown?: readonly Operand[];
}

const isMemory = (operand: Operand): operand is Memory =>
  typeof operand === 'object' && operand.kind === 'memory';

function immediateFits(value: bigint, bits: number, signed: boolean, operandBits: number): boolean {
  const width = BigInt(operandBits);
  if (value < -(1n << (width - 1n)) || value >= 1n << width) return false;
  if (!signed) return true;
  const limit = 1n << BigInt(bits - 1);
  const wrapped = BigInt.asIntN(operandBits, value);
  return wrapped >= -limit && wrapped < limit;
}

function asInteger(operand: Operand): bigint | null {
  if (typeof operand === 'bigint') return operand;
  return typeof operand === 'number' && Number.isSafeInteger(operand) ? BigInt(operand) : null;
}

/** Whether one operand fits one pattern of a form. */
export function accepts(pattern: Pattern, operand: Operand): boolean {
  const integer = asInteger(operand);
  switch (pattern.kind) {
    case 'one':
      return integer === 1n;
    case 'immediate':
      if (typeof operand === 'object' && operand.kind === 'address') return pattern.bits >= 32;
      if (integer === null) return false;
      return immediateFits(integer, pattern.bits, pattern.signed, pattern.operandBits);
    case 'relative':
      if (typeof operand === 'string') return true;
      return integer !== null && immediateFits(integer, pattern.bits, true, 64);
    case 'moffs':
      return isMemory(operand) && !operand.base && !operand.index && operand.symbol === null;
    case 'memory':
      return isMemory(operand) && (pattern.bits === 0 || [0, pattern.bits].includes(operand.bits));
    case 'fixed':
      return (
        typeof operand === 'object' && operand.kind === 'register' && operand.name === pattern.name
      );
    case 'register':
    case 'rm': {
      if (typeof operand !== 'object') return false;
      if (operand.kind === 'memory') {
        return pattern.kind === 'rm' && [0, pattern.bits].includes(operand.bits);
      }
      if (operand.kind !== 'register') return false;
      const registerClass = pattern.kind === 'rm' ? pattern.registers : pattern.class;
      const bits = pattern.kind === 'rm' ? pattern.registerBits : pattern.bits;
      return operand.class === registerClass && operand.bits === bits;
    }
  }
}

/** How an operand is called in an error message. */
export function describe(operand: Operand): string {
  if (typeof operand === 'string') return `label ${operand}`;
  if (typeof operand === 'number' || typeof operand === 'bigint') return `${operand}`;
  if (operand.kind === 'address') return `the address of ${operand.symbol}`;
  if (operand.kind === 'register') return operand.name;
  return operand.bits === 0 ? 'memory of unsaid size' : `${operand.bits}-bit memory`;
}

function misfit(mnemonic: Mnemonic, operands: readonly Operand[]): OperandError {
  const all = forms.get(mnemonic) ?? [];
  const given = operands.map(describe).join(', ');
  const sameCount = all.filter((form) => form.operands.length === operands.length);
  if (sameCount.length === 0) {
    const counts = [...new Set(all.map((form) => form.operands.length))].join(' or ');
    return new OperandError(
      `${mnemonic} ${given}: takes ${counts} operands, not ${operands.length}`,
    );
  }
  let left = sameCount;
  for (const [index, operand] of operands.entries()) {
    const next = left.filter((form) => accepts(form.operands[index] as Pattern, operand));
    if (next.length === 0) {
      const wanted = [...new Set(left.map((form) => form.operandNames[index]))].join(', ');
      const what = `operand ${index + 1} (${describe(operand)}) does not fit`;
      return new OperandError(`${mnemonic} ${given}: ${what}; possible here: ${wanted}`);
    }
    left = next;
  }
  return new OperandError(`${mnemonic} ${given}: no form takes these operands`);
}

/** Memory without a size is an error when forms of different access sizes fit. */
function checkSizes(mnemonic: Mnemonic, fitting: readonly Form[], operands: readonly Operand[]) {
  for (const [index, operand] of operands.entries()) {
    if (!isMemory(operand) || operand.bits !== 0) continue;
    const sizes = new Set(
      fitting.map((form) => {
        const pattern = form.operands[index] as Pattern;
        return 'bits' in pattern ? pattern.bits : 0;
      }),
    );
    if (sizes.size > 1) {
      const names = [...sizes].join(', ');
      const what = `operand ${index + 1} needs a size, which may be ${names} bits here`;
      throw new OperandError(`${mnemonic} ${operands.map(describe).join(', ')}: ${what}`);
    }
  }
}

/** Every encoding of the instruction with these operands, in the order of the table. */
export function candidates(mnemonic: Mnemonic, operands: readonly Operand[]): Selected[] {
  const all = forms.get(mnemonic);
  if (!all) throw new OperandError(`${mnemonic}: no such instruction`);
  const fitting = all.filter(
    (form) =>
      form.operands.length === operands.length &&
      form.operands.every((pattern, index) => accepts(pattern, operands[index] as Operand)),
  );
  if (fitting.length === 0) throw misfit(mnemonic, operands);
  checkSizes(mnemonic, fitting, operands);
  const encoded: Selected[] = [];
  let refusal = '';
  for (const form of fitting) {
    try {
      encoded.push({ form, ...encode(form, operands) });
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error;
      refusal = error.message;
    }
  }
  if (encoded.length > 0) return encoded;
  throw new OperandError(`${mnemonic} ${operands.map(describe).join(', ')}: ${refusal}`);
}

/** The shortest encoding, the first in the table among equals. */
export function select(mnemonic: Mnemonic, operands: readonly Operand[]): Selected {
  return candidates(mnemonic, operands).reduce((best, next) =>
    next.bytes.length < best.bytes.length ? next : best,
  );
}

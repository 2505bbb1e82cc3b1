/**
 * Compact terms: the operands of the Code, Line and AtU8 chunks.
 *
 *   low three bits  tag: 0 u, 1 i, 2 a, 3 x, 4 y, 5 f, 6 h (character), 7 extended
 *   bit 3 = 0       the value is the high four bits
 *   bit 4 = 0       11 bits: the high three and the next byte
 *   else            two's complement of (high three bits) + 2 bytes, or, when those bits are 7, of
 *                   9 + a compact u
 */
import type { Reader } from './reader.ts';

export type Operand =
  | { readonly tag: 'u' | 'a' | 'x' | 'y' | 'f' | 'h' | 'fr' | 'literal'; readonly value: number }
  | { readonly tag: 'i'; readonly value: bigint }
  | { readonly tag: 'typed'; readonly register: Operand; readonly type: number }
  | { readonly tag: 'list'; readonly elements: readonly Operand[] }
  | {
      readonly tag: 'allocation';
      readonly needs: readonly (readonly [kind: string, count: number])[];
    };

const tags = ['u', 'i', 'a', 'x', 'y', 'f', 'h', 'z'] as const;
const allocationKinds = ['words', 'floats', 'funs'] as const;
/** Operands nest in lists and typed registers only, and no compiler nests lists. */
const depthMax = 4;

interface Plain {
  readonly tag: (typeof tags)[number];
  readonly value: bigint;
}

function readPlain(reader: Reader, depth: number): Plain {
  const first = reader.u8();
  const tag = tags[first & 7]!;
  if (!(first & 8)) return { tag, value: BigInt(first >> 4) };
  if (!(first & 16)) return { tag, value: BigInt(((first & 0xe0) << 3) | reader.u8()) };
  let length = (first >> 5) + 2;
  if (length === 9) {
    if (depth > depthMax) reader.fail('has a malformed number');
    const more = readPlain(reader, depth + 1);
    if (more.tag !== 'u' || more.value > 0x10000n) reader.fail('has a malformed number');
    length = Number(more.value) + 9;
  }
  const hex = Buffer.from(reader.take(length)).toString('hex');
  return { tag, value: BigInt.asIntN(length * 8, BigInt(`0x${hex}`)) };
}

function small(reader: Reader, plain: Plain): number {
  if (plain.value < 0n || plain.value > 0xffff_ffffn) reader.fail('has a number out of range');
  return Number(plain.value);
}

/** A number with tag u. */
export function readUnsigned(reader: Reader): number {
  const plain = readPlain(reader, 0);
  if (plain.tag !== 'u') reader.fail('has no plain number where one must be');
  return small(reader, plain);
}

function readExtended(reader: Reader, form: bigint, depth: number): Operand {
  if (depth > depthMax) reader.fail('has lists nested too deeply');
  switch (form) {
    case 1n: {
      const count = readUnsigned(reader);
      if (count > reader.left) reader.fail('has a list that is cut off');
      return {
        tag: 'list',
        elements: Array.from({ length: count }, () => readOperand(reader, depth + 1)),
      };
    }
    case 2n:
      return { tag: 'fr', value: readUnsigned(reader) };
    case 3n: {
      const count = readUnsigned(reader);
      if (count > reader.left) reader.fail('has an allocation list that is cut off');
      const needs = Array.from({ length: count }, () => {
        const kind = allocationKinds[readUnsigned(reader)];
        return [kind ?? reader.fail('has a bad allocation list'), readUnsigned(reader)] as const;
      });
      return { tag: 'allocation', needs };
    }
    case 4n:
      return { tag: 'literal', value: readUnsigned(reader) };
    case 5n: {
      const register = readOperand(reader, depth + 1);
      if (register.tag !== 'x' && register.tag !== 'y') reader.fail('has a type without register');
      return { tag: 'typed', register, type: readUnsigned(reader) };
    }
    default:
      return reader.fail(`has an operand of the unknown extended form ${form}`);
  }
}

/** One operand, with all its parts. */
export function readOperand(reader: Reader, depth = 0): Operand {
  const plain = readPlain(reader, 0);
  if (plain.tag === 'z') return readExtended(reader, plain.value, depth);
  if (plain.tag === 'i') return { tag: 'i', value: plain.value };
  return { tag: plain.tag, value: small(reader, plain) };
}

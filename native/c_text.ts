/** Spelling things in C: types, identifiers, number literals, bytes. */
import type { FunctionType, ValueType } from './wasm_module.ts';

export const cTypes: Readonly<Record<ValueType, string>> = {
  i: 'u32',
  l: 'u64',
  f: 'f32',
  d: 'f64',
};

/** A valid C identifier that still reads like `name`: `vm/heap/alloc` becomes `vm_heap_alloc`. */
export function identifier(name: string): string {
  const cleaned = name.replace(/^~lib\//, '').replace(/[^A-Za-z0-9_]+/g, '_');
  return cleaned.replace(/^_+|_+$/g, '').slice(0, 80);
}

/** Gives each thing a name of its own; a name that is taken gets its index as suffix. */
export class UniqueNames {
  private readonly taken = new Set<string>();

  pick(prefix: string, name: string | null, index: number): string {
    const cleaned = name === null ? '' : identifier(name);
    const wished = cleaned === '' ? `${prefix}${index}` : `${prefix}${cleaned}`;
    const picked = this.taken.has(wished) ? `${wished}__${index}` : wished;
    this.taken.add(picked);
    return picked;
  }
}

export function i32Literal(value: number): string {
  const unsigned = value >>> 0;
  return unsigned > 0xffff ? `0x${unsigned.toString(16)}u` : `${unsigned}u`;
}

export function i64Literal(value: bigint): string {
  const unsigned = BigInt.asUintN(64, value);
  return unsigned > 0xffffn ? `0x${unsigned.toString(16)}ul` : `${unsigned}ul`;
}

const scratch = new DataView(new ArrayBuffer(8));

/** Decimal digits that read back as exactly this number; infinities and NaNs by their bits. */
export function f32Literal(bits: number): string {
  scratch.setUint32(0, bits);
  const value = scratch.getFloat32(0);
  return Number.isFinite(value) ? decimal(value, 'f') : `vm_f32_of_bits(0x${bits.toString(16)}u)`;
}

export function f64Literal(bits: bigint): string {
  scratch.setBigUint64(0, bits);
  const value = scratch.getFloat64(0);
  return Number.isFinite(value) ? decimal(value, '') : `vm_f64_of_bits(0x${bits.toString(16)}ul)`;
}

export function literal(type: ValueType, bits: bigint): string {
  if (type === 'i') return i32Literal(Number(BigInt.asUintN(32, bits)));
  if (type === 'l') return i64Literal(bits);
  return type === 'f' ? f32Literal(Number(bits)) : f64Literal(bits);
}

/**
 * JavaScript prints the shortest decimal that identifies the double; a float is such a double too.
 */
function decimal(value: number, suffix: string): string {
  const magnitude = Math.abs(value).toString();
  const digits = /[.e]/.test(magnitude) ? magnitude : `${magnitude}.0`;
  return value < 0 || Object.is(value, -0) ? `(-${digits}${suffix})` : `${digits}${suffix}`;
}

const bytesPerLine = 64;

/**
 * Bytes as a C string literal of many lines; three octal digits each, so that no escape runs into
 * the next byte.
 */
export function bytesLiteral(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += bytesPerLine) {
    let line = '';
    for (const byte of bytes.subarray(start, start + bytesPerLine)) {
      const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
      line += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
    }
    lines.push(`  "${line}"`);
  }
  return lines.length === 0 ? '""' : `\n${lines.join('\n')}`;
}

/** `u32 name(u32 a, u64 b)`. */
export function signatureText(type: FunctionType, name: string, names: readonly string[]): string {
  const params = type.params.map((param, index) => `${cTypes[param]} ${names[index] ?? ''}`.trim());
  return `${resultText(type)} ${name}(${params.length === 0 ? 'void' : params.join(', ')})`;
}

export function resultText(type: FunctionType): string {
  const result = type.results[0];
  return result === undefined ? 'void' : cTypes[result];
}

/**
 * A number that two functions share only when their types are equal: the letters as digits of base
 * 5, results first. Independent of the module's type order, so that a new type elsewhere does not
 * change a unit's text.
 */
export function signatureNumber(type: FunctionType): bigint {
  const digits = [...type.results, null, ...type.params];
  if (digits.length > 27) throw new Error('too many parameters for a function in a table');
  const values = { i: 1n, l: 2n, f: 3n, d: 4n };
  // The leading 1 keeps the number of digits part of the value, and the number apart from 0, the
  // empty slot.
  return digits.reduce((sum, letter) => sum * 5n + (letter === null ? 0n : values[letter]), 1n);
}

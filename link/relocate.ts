/**
 * Applying relocations with range checks. x86-64 psABI, section 4.4 and table 4.9 (rows in
 * tables/elf).
 */
import { relocationTypes } from '../tables/elf.ts';
import type { Relocation } from '../x86_64/object.ts';

const rows = new Map(relocationTypes.map((row) => [row.type, row]));

export interface RelocationContext {
  /** Address of the segment's first byte. */
  readonly segmentAddress: bigint;
  readonly segmentBytes: Uint8Array;
  /** Offset of the section in the segment. */
  readonly sectionOffset: number;
}

const fits: Record<string, (value: bigint, bits: number) => boolean> = {
  any: () => true,
  signed: (value, bits) => BigInt.asIntN(bits, value) === value,
  unsigned: (value, bits) => BigInt.asUintN(bits, value) === value,
  either: (value, bits) =>
    BigInt.asIntN(bits, value) === value || BigInt.asUintN(bits, value) === value,
};

/** Stores one relocation. Returns null, or what does not fit. */
export function applyRelocation(
  context: RelocationContext,
  relocation: Relocation,
  symbolAddress: bigint,
): string | null {
  const row = rows.get(relocation.type);
  if (!row) return `relocation type ${relocation.type} is not supported`;
  if (row.formula === 'none') return null;
  const at = context.sectionOffset + relocation.offset;
  const place = context.segmentAddress + BigInt(at);
  const absolute = symbolAddress + relocation.addend;
  const value = row.formula === 'S + A - P' ? absolute - place : absolute;
  // Addresses are 64-bit words: the upper half of the address space is negative when it is
  // sign-extended.
  const canonical = row.fit === 'unsigned' ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  if (!fits[row.fit]?.(canonical, row.bits)) {
    const shown = `0x${BigInt.asUintN(64, value).toString(16)}`;
    return `${row.name} at 0x${place.toString(16)}: ${shown} does not fit ${row.bits} bits (${row.fit})`;
  }
  for (let index = 0; index < row.bits / 8; index++) {
    context.segmentBytes[at + index] = Number((canonical >> BigInt(8 * index)) & 0xffn);
  }
  return null;
}

/**
 * Whether the word would have to change if the image were loaded elsewhere, and how many bits it
 * has.
 */
export function absoluteBits(type: number): number {
  const row = rows.get(type);
  return row?.formula === 'S + A' ? row.bits : 0;
}

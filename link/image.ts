/** What linking makes, before it is written in a file format. */
import type { SectionFlags } from '../x86_64/object.ts';

/**
 * A part of the image with one set of permissions; begins on a page and is filled with zeros up to
 * `size`.
 */
export interface Segment {
  readonly name: '.text' | '.rodata' | '.data' | '.bss';
  readonly address: bigint;
  readonly flags: SectionFlags;
  /** The initialised bytes; empty for .bss. */
  readonly bytes: Uint8Array;
  readonly size: number;
}

export interface ImageSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  readonly kind: 'none' | 'object' | 'function';
  readonly binding: 'local' | 'global' | 'weak';
  /** Index into the segments, or null for an absolute symbol. */
  readonly segment: number | null;
}

export interface LinkedImage {
  /** Address of the file header; the first segment begins one page behind it. */
  readonly base: bigint;
  readonly entry: bigint;
  readonly segments: readonly Segment[];
  readonly symbols: readonly ImageSymbol[];
  /**
   * Addresses of the 64-bit words that hold an address in the image and would change with the base.
   */
  readonly absoluteWords: readonly bigint[];
  /**
   * Places with absolute addresses of less than 64 bits, which only an image at a fixed address may
   * have.
   */
  readonly narrowAbsolute: readonly string[];
}

export const pageBytes = 4096;
export const alignUp = (value: number, align: number): number => Math.ceil(value / align) * align;

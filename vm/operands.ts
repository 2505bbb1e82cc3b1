/**
 * Operands of internal instructions: one 32-bit word each.
 *
 *   s  source        address of an X register or of a constant's word (multiple of 8), or Y offset
 *      in bytes | 1
 *   d  destination   address of an X register, or Y offset in bytes | 1
 *   x  address of an X register; y: Y offset in bytes (when the loader specialised); c: address of
 *      a constant's word
 *   f  label         address of an instruction, 0 = none (raise instead of branching)
 *   j  label or 0    0 = raise instead of branching (f is never 0)
 *   u  unsigned      the number itself; h: words of heap
 *   a  atom          low 32 bits of the term
 *   e  import        address of an export entry (code.ts)
 *   l  float         address of a floating-point register; F: that, or s, d
 *   q  string        address of the first byte of a string of the module (its length is checked by
 *      the loader)
 *   z  list          a count word, then that many words, each a source or destination, a label, or
 *      a number as the instruction says:
 *                    what the file has with tag u is a raw number, with tag i or as an atom, nil or
 *                    literal a source (constant)
 */
import { stackTop } from './state';

/** Operand `index` (from 0) of the instruction at `pc`. */
export function operand(pc: usize, index: u32): u32 {
  return load<u32>(pc + 4 + (index << 2));
}
export function readSource(word: u32): u64 {
  return load<u64>((word & 1 ? stackTop - 1 : 0) + word);
}
export function writeDestination(word: u32, term: u64): void {
  store<u64>((word & 1 ? stackTop - 1 : 0) + word, term);
}

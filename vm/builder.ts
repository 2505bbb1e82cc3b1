/**
 * The bitstring under construction by bs_init2, bs_init_bits, bs_append and the bs_put_
 * instructions that follow them (compilers up to OTP 24; bs_create_bin needs no state between
 * instructions). Every write is checked against `end`, and whatever may move or free the bytes
 * (collections, process switches, freezeBinary) abandons the construction, so that unusual code can
 * only get a badarg.
 */
import { writeBits } from './bits';

export let buildBase: usize = 0;
/** Position of the next write, in bits from `buildBase`. */
export let buildBit: u64 = 0;
/** First bit behind the construction; 0 when nothing is being built. */
export let buildEnd: u64 = 0;

/** Bits `from` to `end` at `base` are to be written. */
export function startBuild(base: usize, from: u64, end: u64): void {
  buildBase = base;
  buildBit = from;
  buildEnd = end;
}
export function abandonBuild(): void {
  buildEnd = 0;
  buildBit = 0;
}
/**
 * Reserve the next `bits` bits and return their position, or -1 when so many were not announced.
 */
export function takeBuild(bits: u64): i64 {
  if (bits > buildEnd - buildBit) return -1;
  const at = buildBit;
  buildBit = at + bits;
  return at as i64;
}
/** Write the lowest `count` (at most 64) bits of `value`; false when there is no room. */
export function buildBits(count: u32, value: u64): bool {
  const at = takeBuild(count as u64);
  if (at < 0) return false;
  writeBits(buildBase, at as u64, count, value);
  return true;
}

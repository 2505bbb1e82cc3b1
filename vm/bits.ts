/**
 * Bits in linear memory: reading, writing, copying and comparing runs of bits that start anywhere.
 * Bit 0 of a byte string is the most significant bit of its first byte. A position is `base` (an
 * address) plus a bit count, which may exceed 2^32.
 *
 * `readBits` loads eight bytes wherever a run starts, so it may look at up to seven bytes behind
 * the last byte of an object; what it finds there is shifted out. Those loads stay in memory
 * because every byte string lies in the static data or in a block of the allocator, and the
 * allocator's end marker of eight bytes follows the last block. Nothing is ever written outside a
 * run.
 */

/** Mask of the lowest `count` (0 to 64) bits. */
export function lowBits(count: u32): u64 {
  return count >= 64 ? ~(0 as u64) : ((1 as u64) << (count as u64)) - 1;
}

/** Unsigned big-endian value of the `count` (0 to 64) bits from `bit` on. */
export function readBits(base: usize, bit: u64, count: u32): u64 {
  if (!count) return 0;
  const at = base + ((bit >> 3) as usize);
  const skip = (bit as u32) & 7;
  const first = bswap<u64>(load<u64>(at)) << (skip as u64);
  const unused = (64 - count) as u64;
  if (skip + count <= 64) return first >> unused;
  return (first | ((load<u8>(at, 8) as u64) >> ((8 - skip) as u64))) >> unused;
}

/** The byte from `bit` on. */
export function readByte(base: usize, bit: u64): u32 {
  const at = base + ((bit >> 3) as usize);
  const skip = (bit as u32) & 7;
  if (!skip) return load<u8>(at) as u32;
  return (((load<u8>(at) as u32) << skip) | ((load<u8>(at, 1) as u32) >> (8 - skip))) & 0xff;
}

/** Write the lowest `count` (0 to 64) bits of `value`, most significant first. */
export function writeBits(base: usize, bit: u64, count: u32, value: u64): void {
  let at = base + ((bit >> 3) as usize);
  let left = count;
  const skip = (bit as u32) & 7;
  if (skip && left) {
    const room: u32 = 8 - skip;
    const taken = left < room ? left : room;
    const shift = room - taken;
    const mask = ((1 << taken) - 1) << shift;
    const bits = (((value >> ((left - taken) as u64)) as u32) << shift) & mask;
    store<u8>(at, (load<u8>(at) & ~mask) | bits);
    left -= taken;
    at++;
  }
  if (left == 64) {
    store<u64>(at, bswap<u64>(value));
    return;
  }
  while (left >= 8) {
    left -= 8;
    store<u8>(at, (value >> (left as u64)) as u8);
    at++;
  }
  if (left) {
    const kept = (load<u8>(at) as u32) & ((0xff as u32) >> left);
    store<u8>(at, kept | (((value as u32) << (8 - left)) & 0xff));
  }
}

/** Copy `count` bits. The runs must not overlap. */
export function copyBits(to: usize, toBit: u64, from: usize, fromBit: u64, count: u64): void {
  let left = count;
  let source = fromBit;
  let target = toBit;
  if (((toBit ^ fromBit) & 7) == 0) {
    const lead = (8 - ((toBit as u32) & 7)) & 7;
    const first = left < (lead as u64) ? (left as u32) : lead;
    writeBits(to, target, first, readBits(from, source, first));
    left -= first;
    source += first;
    target += first;
    const bytes = (left >> 3) as usize;
    memory.copy(to + ((target >> 3) as usize), from + ((source >> 3) as usize), bytes);
    const last = (left as u32) & 7;
    if (last) {
      const done = left - (last as u64);
      writeBits(to, target + done, last, readBits(from, source + done, last));
    }
    return;
  }
  const lead = (8 - ((toBit as u32) & 7)) & 7;
  if (lead && left > (lead as u64)) {
    writeBits(to, target, lead, readBits(from, source, lead));
    left -= lead;
    source += lead;
    target += lead;
  }
  const words = left >> 6;
  if (words) copyShifted(to + ((target >> 3) as usize), from, source, words as u32);
  const copied = words << 6;
  left -= copied;
  writeBits(to, target + copied, left as u32, readBits(from, source + copied, left as u32));
}
/** Copy `words` words of 64 bits from a bit that does not begin a byte to bytes. */
function copyShifted(to: usize, from: usize, source: u64, words: u32): void {
  const skip = source & 7;
  const end = to + ((words as usize) << 3);
  let at = from + ((source >> 3) as usize);
  for (let out = to; out < end; out += 8) {
    const first = bswap<u64>(load<u64>(at)) << skip;
    store<u64>(out, bswap<u64>(first | ((load<u8>(at, 8) as u64) >> (8 - skip))));
    at += 8;
  }
}

/** Order of two runs of bytes. */
export function compareBytes(a: usize, b: usize, count: usize): i32 {
  let i: usize = 0;
  while (i + 8 <= count && load<u64>(a + i) == load<u64>(b + i)) i += 8;
  for (; i < count; i++) {
    const x = load<u8>(a + i) as i32;
    const y = load<u8>(b + i) as i32;
    if (x != y) return x - y;
  }
  return 0;
}

/** Order of two runs of `count` bits: negative, 0 or positive. */
export function compareBits(a: usize, aBit: u64, b: usize, bBit: u64, count: u64): i32 {
  let left = count;
  let aAt = aBit;
  let bAt = bBit;
  if (((aBit | bBit) & 7) == 0) {
    const bytes = (left >> 3) as usize;
    const order = compareBytes(a + ((aBit >> 3) as usize), b + ((bBit >> 3) as usize), bytes);
    if (order) return order;
    left &= 7;
    aAt += count - left;
    bAt += count - left;
  }
  while (left) {
    const step: u32 = left < 64 ? (left as u32) : 64;
    const x = readBits(a, aAt, step);
    const y = readBits(b, bAt, step);
    if (x != y) return x < y ? -1 : 1;
    left -= step;
    aAt += step;
    bAt += step;
  }
  return 0;
}

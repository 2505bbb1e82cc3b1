/**
 * CRC-32 (ISO 3309, as in zlib) and Adler-32 (RFC 1950), with the combination of the sums of two
 * blocks.
 */

/** Reflected form of the CRC-32 polynomial. */
const POLYNOMIAL: u32 = 0xedb8_8320;
/**
 * Table k: remainder of each byte followed by k zero bytes. Four tables, so that four bytes are
 * taken at a time.
 */
const tables: usize = memory.data(4 * 1024, 8);
let tablesMade: bool = false;

function makeTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let i = 0; i < 8; i++)
      remainder = remainder & 1 ? (remainder >> 1) ^ POLYNOMIAL : remainder >> 1;
    store<u32>(tables + (byte << 2), remainder);
  }
  for (let byte: u32 = 0; byte < 256; byte++) {
    let remainder = load<u32>(tables + (byte << 2));
    for (let k: u32 = 1; k < 4; k++) {
      remainder = (remainder >> 8) ^ load<u32>(tables + ((remainder & 255) << 2));
      store<u32>(tables + (k << 10) + (byte << 2), remainder);
    }
  }
  tablesMade = true;
}

/** The CRC-32 of what had `crc` (0 for nothing), followed by `bytes` bytes. */
export function crc32(crc: u32, from: usize, bytes: u32): u32 {
  if (!tablesMade) makeTables();
  let sum = ~crc;
  let at = from;
  let left = bytes;
  for (; left >= 4; left -= 4) {
    sum ^= load<u32>(at);
    sum =
      load<u32>(tables + ((sum & 255) << 2), 3072) ^
      load<u32>(tables + (((sum >> 8) & 255) << 2), 2048) ^
      load<u32>(tables + (((sum >> 16) & 255) << 2), 1024) ^
      load<u32>(tables + ((sum >> 24) << 2));
    at += 4;
  }
  for (; left; left--) {
    sum = (sum >> 8) ^ load<u32>(tables + (((sum ^ load<u8>(at)) & 255) << 2));
    at++;
  }
  return ~sum;
}

/** a * b modulo the polynomial; bit 31 is the coefficient of x^0. */
function multiply(a: u32, b: u32): u32 {
  let product: u32 = 0;
  let factor = b;
  for (let bit: u32 = 0x8000_0000; bit; bit >>= 1) {
    if (a & bit) product ^= factor;
    factor = factor & 1 ? (factor >> 1) ^ POLYNOMIAL : factor >> 1;
  }
  return product;
}
/**
 * The CRC-32 of two blocks one after the other, the second of `bytes` bytes: the first sum times
 * x^(8 * bytes), plus the second.
 */
export function crc32Combine(first: u32, second: u32, bytes: u64): u32 {
  // x^8 has its one bit at 31 - 8; squaring it doubles the number of bytes it stands for.
  let power: u32 = 1 << 23;
  let shifted = first;
  for (let left = bytes; left; left >>= 1) {
    if (left & 1) shifted = multiply(shifted, power);
    power = multiply(power, power);
  }
  return shifted ^ second;
}

/** Largest prime below 2^16. */
const ADLER_BASE: u32 = 65521;
/** So many bytes can be added up before the sums overflow 32 bits. */
const ADLER_RUN: u32 = 5552;

/** The Adler-32 of what had `sum` (1 for nothing), followed by `bytes` bytes. */
export function adler32(sum: u32, from: usize, bytes: u32): u32 {
  let low = sum & 0xffff;
  let high = sum >> 16;
  let at = from;
  let left = bytes;
  while (left) {
    const run = left < ADLER_RUN ? left : ADLER_RUN;
    for (const end = at + run; at < end; at++) {
      low += load<u8>(at);
      high += low;
    }
    low %= ADLER_BASE;
    high %= ADLER_BASE;
    left -= run;
  }
  return (high << 16) | low;
}
/** The Adler-32 of two blocks one after the other, the second of `bytes` bytes. */
export function adler32Combine(first: u32, second: u32, bytes: u64): u32 {
  if (!bytes) return first;
  const size = (bytes % (ADLER_BASE as u64)) as u32;
  const firstLow = (first & 0xffff) % ADLER_BASE;
  const low = (firstLow + (second & 0xffff) + ADLER_BASE - 1) % ADLER_BASE;
  const repeated = (((firstLow as u64) * (size as u64)) % (ADLER_BASE as u64)) as u32;
  const high = (repeated + (first >> 16) + (second >> 16) + ADLER_BASE - size) % ADLER_BASE;
  return (high << 16) | low;
}

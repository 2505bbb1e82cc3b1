/**
 * MD5 (RFC 1321), incremental. A context is MD5_CONTEXT_BYTES bytes:
 *
 *   +-----------------+--------------+-----------------+
 *   | state (4 words) | bytes so far | pending (64)    |   u32 x 4, u64, bytes of the block begun
 *   +-----------------+--------------+-----------------+
 */
export const MD5_CONTEXT_BYTES: u32 = 88;

const SHIFTS: usize = memory.data<u8>([7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]);
/** floor(2^32 * abs(sin(i + 1))). */
const SINES: usize = memory.data<u32>([
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
]);

export function md5Init(context: usize): void {
  store<u32>(context, 0x67452301);
  store<u32>(context, 0xefcdab89, 4);
  store<u32>(context, 0x98badcfe, 8);
  store<u32>(context, 0x10325476, 12);
  store<u64>(context, 0, 16);
}

function block(context: usize, from: usize): void {
  let a = load<u32>(context);
  let b = load<u32>(context, 4);
  let c = load<u32>(context, 8);
  let d = load<u32>(context, 12);
  for (let i: u32 = 0; i < 64; i++) {
    const round = i >> 4;
    let mixed: u32 = 0;
    let word: u32 = i;
    if (round == 0) mixed = (b & c) | (~b & d);
    else if (round == 1) {
      mixed = (d & b) | (~d & c);
      word = 5 * i + 1;
    } else if (round == 2) {
      mixed = b ^ c ^ d;
      word = 3 * i + 5;
    } else {
      mixed = c ^ (b | ~d);
      word = 7 * i;
    }
    const sum = a + mixed + load<u32>(SINES + (i << 2)) + load<u32>(from + ((word & 15) << 2));
    a = d;
    d = c;
    c = b;
    b += rotl<u32>(sum, load<u8>(SHIFTS + ((round << 2) | (i & 3))));
  }
  store<u32>(context, load<u32>(context) + a);
  store<u32>(context, load<u32>(context, 4) + b, 4);
  store<u32>(context, load<u32>(context, 8) + c, 8);
  store<u32>(context, load<u32>(context, 12) + d, 12);
}

export function md5Update(context: usize, from: usize, bytes: u32): void {
  let pending = load<u32>(context, 16) & 63;
  store<u64>(context, load<u64>(context, 16) + bytes, 16);
  let at = from;
  let left = bytes;
  if (pending) {
    const taken = min(64 - pending, left);
    memory.copy(context + 24 + pending, at, taken);
    at += taken;
    left -= taken;
    pending += taken;
    if (pending < 64) return;
    block(context, context + 24);
  }
  while (left >= 64) {
    block(context, at);
    at += 64;
    left -= 64;
  }
  memory.copy(context + 24, at, left);
}

/** Write the 16 bytes of the digest; the context is used up. */
export function md5Final(context: usize, digest: usize): void {
  const bytes = load<u64>(context, 16);
  const pending = (bytes as u32) & 63;
  store<u8>(context + 24 + pending, 0x80);
  let filled = pending + 1;
  if (filled > 56) {
    memory.fill(context + 24 + filled, 0, 64 - filled);
    block(context, context + 24);
    filled = 0;
  }
  memory.fill(context + 24 + filled, 0, 56 - filled);
  store<u64>(context, bytes << 3, 80);
  block(context, context + 24);
  memory.copy(digest, context, 16);
}

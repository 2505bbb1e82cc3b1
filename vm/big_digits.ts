/**
 * Unsigned arithmetic on arrays of 64-bit digits in linear memory, least significant digit first.
 * An array is an address and a count; nothing here knows terms or allocates. Sources and
 * destination may be the same array where a function says so.
 *
 * Algorithms: Knuth, The Art of Computer Programming, volume 2, section 4.3.1 (A, S, M, D).
 * Wasm divides 64 bits by 64 bits and no more: 128 by 64 bits is done with a reciprocal (N. Moeller
 * and T. Granlund, Improved division by invariant integers, 2011).
 */

/** High 64 bits of the product of two unsigned 64-bit numbers; the low ones are `a * b`. */
export function mulHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffff_ffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffff_ffff;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  const other = aLow * bHigh + (middle & 0xffff_ffff);
  return aHigh * bHigh + (middle >> 32) + (other >> 32);
}

/** Count without leading zero digits. */
export function trimmedCount(digits: usize, count: u32): u32 {
  while (count && load<u64>(digits + ((count - 1) << 3)) == 0) count--;
  return count;
}

/** -1, 0 or 1; both without leading zero digits. */
export function compareDigits(a: usize, aCount: u32, b: usize, bCount: u32): i32 {
  if (aCount != bCount) return aCount < bCount ? -1 : 1;
  for (let i = aCount << 3; i; ) {
    i -= 8;
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

/**
 * `to` = a + b, aCount >= bCount; `to` has aCount digits and may be a or b. The carry (0 or 1) is
 * the result.
 */
export function addDigits(to: usize, a: usize, aCount: u32, b: usize, bCount: u32): u64 {
  let carry: u64 = 0;
  let i: u32 = 0;
  const common = bCount << 3;
  for (; i < common; i += 8) {
    const x = load<u64>(a + i);
    const sum = x + load<u64>(b + i);
    const result = sum + carry;
    carry = ((sum < x) as u64) + ((result < sum) as u64);
    store<u64>(to + i, result);
  }
  const all = aCount << 3;
  for (; i < all; i += 8) {
    const result = load<u64>(a + i) + carry;
    carry = (result < carry) as u64;
    store<u64>(to + i, result);
  }
  return carry;
}

/**
 * `to` = a - b for a >= b, aCount >= bCount; `to` has aCount digits and may be a or b. The borrow
 * (0 when a >= b) is the result.
 */
export function subDigits(to: usize, a: usize, aCount: u32, b: usize, bCount: u32): u64 {
  let borrow: u64 = 0;
  let i: u32 = 0;
  const common = bCount << 3;
  for (; i < common; i += 8) {
    const x = load<u64>(a + i);
    const y = load<u64>(b + i);
    const difference = x - y;
    const result = difference - borrow;
    borrow = ((x < y) as u64) + ((difference < borrow) as u64);
    store<u64>(to + i, result);
  }
  const all = aCount << 3;
  for (; i < all; i += 8) {
    const x = load<u64>(a + i);
    store<u64>(to + i, x - borrow);
    borrow = (x < borrow) as u64;
  }
  return borrow;
}

/** `to` = a * factor + addend; `to` has count digits and may be a. The next digit is the result. */
export function mulByDigit(to: usize, a: usize, count: u32, factor: u64, addend: u64): u64 {
  let carry = addend;
  const end = count << 3;
  for (let i: u32 = 0; i < end; i += 8) {
    const x = load<u64>(a + i);
    const low = x * factor + carry;
    carry = mulHigh(x, factor) + ((low < carry) as u64);
    store<u64>(to + i, low);
  }
  return carry;
}

/** `to` += a * factor over count digits; the carry into digit `count` is the result. */
export function addMultiple(to: usize, a: usize, count: u32, factor: u64): u64 {
  let carry: u64 = 0;
  const end = count << 3;
  for (let i: u32 = 0; i < end; i += 8) {
    const x = load<u64>(a + i);
    const low = x * factor + carry;
    const high = mulHigh(x, factor) + ((low < carry) as u64);
    const sum = low + load<u64>(to + i);
    carry = high + ((sum < low) as u64);
    store<u64>(to + i, sum);
  }
  return carry;
}

/** `to` = a * b with aCount + bCount digits; `to` overlaps neither. */
export function mulSchoolbook(to: usize, a: usize, aCount: u32, b: usize, bCount: u32): void {
  store<u64>(to + (aCount << 3), mulByDigit(to, a, aCount, load<u64>(b), 0));
  for (let j: u32 = 1; j < bCount; j++) {
    const row = to + (j << 3);
    store<u64>(row + (aCount << 3), addMultiple(row, a, aCount, load<u64>(b + (j << 3))));
  }
}

/** `to` = a * a with 2 * count digits, half the work of a product; `to` does not overlap a. */
export function squareSchoolbook(to: usize, a: usize, count: u32): void {
  // The products of different digits once, doubled, and then the squares of the digits.
  memory.fill(to, 0, count << 4);
  for (let j: u32 = 0; j + 1 < count; j++) {
    const left = count - 1 - j;
    const row = to + ((2 * j + 1) << 3);
    const carry = addMultiple(row, a + ((j + 1) << 3), left, load<u64>(a + (j << 3)));
    store<u64>(row + (left << 3), carry);
  }
  let shifted: u64 = 0;
  let carry: u64 = 0;
  for (let j: u32 = 0; j < count; j++) {
    const at = to + (j << 4);
    const x = load<u64>(a + (j << 3));
    const low = load<u64>(at);
    const high = load<u64>(at, 8);
    const lowDoubled = (low << 1) | shifted;
    const highDoubled = (high << 1) | (low >> 63);
    shifted = high >> 63;
    const squareLow = x * x + carry;
    const sumLow = squareLow + lowDoubled;
    const carryHigh = ((squareLow < carry) as u64) + ((sumLow < squareLow) as u64);
    // mulHigh(x, x) is at most 2^64 - 2; only the sum with the doubled products can carry out, by
    // one.
    const squareHigh = mulHigh(x, x) + carryHigh;
    const sumHigh = squareHigh + highDoubled;
    carry = ((squareHigh < carryHigh) as u64) + ((sumHigh < squareHigh) as u64);
    store<u64>(at, sumLow);
    store<u64>(at, sumHigh, 8);
  }
}

/**
 * `to` = a << bits for bits < 64; `to` has count digits and may be a or an array above it. The bits
 * shifted out are the result.
 */
export function shiftLeftBits(to: usize, a: usize, count: u32, bits: u64): u64 {
  if (bits == 0) {
    if (to != a) memory.copy(to, a, count << 3);
    return 0;
  }
  let above = load<u64>(a + ((count - 1) << 3));
  const out = above >> (64 - bits);
  for (let i = (count - 1) << 3; i; i -= 8) {
    const below = load<u64>(a + i - 8);
    store<u64>(to + i, (above << bits) | (below >> (64 - bits)));
    above = below;
  }
  store<u64>(to, above << bits);
  return out;
}

/** `to` = a >> bits for bits < 64; `to` has count digits and may be a or an array below it. */
export function shiftRightBits(to: usize, a: usize, count: u32, bits: u64): void {
  if (bits == 0) {
    if (to != a) memory.copy(to, a, count << 3);
    return;
  }
  let below = load<u64>(a);
  const last = (count - 1) << 3;
  for (let i: u32 = 0; i < last; i += 8) {
    const above = load<u64>(a + i + 8);
    store<u64>(to + i, (below >> bits) | (above << (64 - bits)));
    below = above;
  }
  store<u64>(to + last, below >> bits);
}

/** Bits up to the highest one set; the top digit is not zero. */
export function bitLength(digits: usize, count: u32): u64 {
  return ((count as u64) << 6) - clz(load<u64>(digits + ((count - 1) << 3)));
}

/**
 * The reciprocal of a divisor whose highest bit is set: floor((2^128 - 1) / divisor) - 2^64
 * (Moeller, Granlund, 2011).
 */
export function reciprocalOf(divisor: u64): u64 {
  // (2^128 - 1) - 2^64 * divisor has the high word ~divisor; two steps of long division with 32-bit
  // quotient digits follow.
  const top = divisor >> 32;
  const low = divisor & 0xffff_ffff;
  let rest = ~divisor;
  let quotient: u64 = 0;
  for (let step = 0; step < 2; step++) {
    let part = rest / top;
    let remainder = rest - part * top;
    while (part >> 32 || part * low > ((remainder << 32) | 0xffff_ffff)) {
      part--;
      remainder += top;
      if (remainder >> 32) break;
    }
    rest = ((rest << 32) | 0xffff_ffff) - part * divisor;
    quotient = (quotient << 32) | part;
  }
  return quotient;
}

/** `to` = a / divisor for any divisor but zero; `to` may be a. The remainder is the result. */
export function divideByDigit(to: usize, a: usize, count: u32, divisor: u64): u64 {
  const shift = clz(divisor);
  const normal = divisor << shift;
  const reciprocal = reciprocalOf(normal);
  // Dividend and divisor are both seen shifted to the left; `high` is the remainder so far.
  let above = load<u64>(a + ((count - 1) << 3));
  let high: u64 = shift ? above >> (64 - shift) : 0;
  for (let i = count << 3; i; ) {
    i -= 8;
    const below = i ? load<u64>(a + i - 8) : 0;
    const low = shift ? (above << shift) | (below >> (64 - shift)) : above;
    above = below;
    // The quotient by the reciprocal is at most one too large or too small.
    const product = reciprocal * high;
    const estimateLow = product + low;
    let quotient = mulHigh(reciprocal, high) + high + ((estimateLow < product) as u64) + 1;
    let remainder = low - quotient * normal;
    if (remainder > estimateLow) {
      quotient--;
      remainder += normal;
    }
    if (remainder >= normal) {
      quotient++;
      remainder -= normal;
    }
    store<u64>(to + i, quotient);
    high = remainder;
  }
  return high >> shift;
}

/** `at` -= a * factor over count digits; the borrow from digit `count` is the result. */
function subMultiple(at: usize, a: usize, count: u32, factor: u64): u64 {
  let carry: u64 = 0;
  const end = count << 3;
  for (let i: u32 = 0; i < end; i += 8) {
    const x = load<u64>(a + i);
    const low = x * factor + carry;
    const high = mulHigh(x, factor) + ((low < carry) as u64);
    const y = load<u64>(at + i);
    store<u64>(at + i, y - low);
    carry = high + ((y < low) as u64);
  }
  return carry;
}

/**
 * Algorithm D. `u` has m + n + 1 digits and becomes the remainder (n digits), `v` has n >= 1 with
 * its highest bit set, and the top n digits of `u` are below `v`; the quotient's m + 1 digits go to
 * `to` unless that is 0.
 */
export function divideDigits(to: usize, u: usize, m: u32, v: usize, n: u32): void {
  const reciprocal = reciprocalOf(load<u64>(v + ((n - 1) << 3)));
  for (let j = m + 1; j; ) {
    j--;
    const quotient = divideStep(u + (j << 3), v, n, reciprocal);
    if (to) store<u64>(to + (j << 3), quotient);
  }
}

/**
 * One step of algorithm D: the digit of the quotient for the n + 1 digits at `at`; `reciprocal` is
 * that of the top digit of `v`.
 */
export function divideStep(at: usize, v: usize, n: u32, reciprocal: u64): u64 {
  const last = at + (n << 3);
  const borrow = load<u64>(last);
  let quotient = estimate(last, v + (n << 3), n, reciprocal);
  if (subMultiple(at, v, n, quotient) > borrow) {
    // One too large; that is rare.
    quotient--;
    addDigits(at, at, n, v, n);
  }
  store<u64>(last, 0);
  return quotient;
}

/**
 * The quotient digit from the top three digits at `last` and below and the top two below `vEnd`:
 * right, or one too large.
 */
function estimate(last: usize, vEnd: usize, n: u32, reciprocal: u64): u64 {
  const top = load<u64>(vEnd - 8);
  const high = load<u64>(last);
  const middle = load<u64>(last - 8);
  let quotient = u64.MAX_VALUE;
  let rest = middle + top;
  if (high != top) {
    const product = reciprocal * high;
    const low = product + middle;
    quotient = mulHigh(reciprocal, high) + high + ((low < product) as u64) + 1;
    rest = middle - quotient * top;
    if (rest > low) {
      quotient--;
      rest += top;
    }
    if (rest >= top) {
      quotient++;
      rest -= top;
    }
  } else if (rest < top) return quotient;
  if (n == 1) return quotient;
  const second = load<u64>(vEnd - 16);
  const next = load<u64>(last - 16);
  while (true) {
    const product = mulHigh(quotient, second);
    if (product < rest || (product == rest && quotient * second <= next)) return quotient;
    quotient--;
    rest += top;
    if (rest < top) return quotient;
  }
}

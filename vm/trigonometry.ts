/**
 * sin, cos and tan of any float, to well below one unit in the last place.
 *
 * The argument is reduced by multiplying its significand with the 192 bits of 2/pi that matter at
 * its size (M. Payne and R. Hanek, 1983), so that large arguments are as exact as small ones; then
 * come Taylor series for at most pi/4.
 */
import { mulHigh } from './big_digits';
import { addPair, divPair, high, low, mulPair, setOrderedSum } from './double_double';

const PI_QUARTER: f64 = 0.7853981633974483;
const PI_HALF: f64 = 1.5707963267948966;
const PI_HALF_LOW: f64 = 6.123233995736766e-17;
/** Below this, sin x = tan x = x and cos x = 1 in a float. */
const TINY: f64 = 7.450580596923828e-9;

/** The bits of 2/pi behind the point, after 64 zero bits. */
const twoOverPi: usize = memory.data<u64>([
  0, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
  0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
  0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
  0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
  0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
]);

/**
 * The reduced argument r + rLow, |r| <= pi/4, and the number of quarter turns taken off, modulo 4.
 */
let r: f64 = 0;
let rLow: f64 = 0;
let quarters: u32 = 0;

function reduce(x: f64): void {
  if (abs(x) <= PI_QUARTER) {
    r = x;
    rLow = 0;
    quarters = 0;
    return;
  }
  const bits = reinterpret<u64>(x);
  const significand = (bits & 0xf_ffff_ffff_ffff) | 0x10_0000_0000_0000;
  // |x| = significand * 2^e. Bits of 2/pi above 2^(1 - e) give multiples of four quarter turns.
  const first = (((bits >> 52) & 0x7ff) - 1075 + 62) as u32;
  const w2 = wordAt(first);
  const w1 = wordAt(first + 64);
  const w0 = wordAt(first + 128);
  // The low 192 bits of the product: two bits of quarter turns, then the fraction of one.
  const p0 = significand * w0;
  const q1 = significand * w1;
  const p1 = q1 + mulHigh(significand, w0);
  const p2 = significand * w2 + mulHigh(significand, w1) + ((p1 < q1) as u64);
  let top = (p2 << 2) | (p1 >> 62);
  let next = (p1 << 2) | (p0 >> 62);
  quarters = (p2 >> 62) as u32;
  let negative = bits >> 63 != 0;
  if (top >> 63) {
    // More than half a quarter turn: go on to the next one and come back.
    quarters++;
    next = 0 - next;
    top = ~top + ((next == 0) as u64);
    setReduced(top, next, !negative);
  } else setReduced(top, next, negative);
  if (negative) quarters = 0 - quarters;
}

/** 64 bits of the table from bit `bit` on. */
function wordAt(bit: u32): u64 {
  const at = twoOverPi + ((bit >> 6) << 3);
  const shift = (bit & 63) as u64;
  const word = load<u64>(at);
  return shift ? (word << shift) | (load<u64>(at, 8) >> (64 - shift)) : word;
}

/** r = (top * 2^-64 + next * 2^-128) * pi/2 */
function setReduced(top: u64, next: u64, negative: bool): void {
  const shift = clz(top);
  if (shift) {
    if (shift == 64) {
      top = next;
      next = 0;
    } else {
      top = (top << shift) | (next >> (64 - shift));
      next <<= shift;
    }
  }
  const unit = reinterpret<f64>((1023 - 64 - shift) << 52);
  const part = ((top & ~0x7ff) as f64) * unit;
  const rest = ((((top & 0x7ff) << 53) | (next >> 11)) as f64) * unit * 1.1102230246251565e-16;
  mulPair(part, rest, PI_HALF, PI_HALF_LOW);
  r = negative ? -high : high;
  rLow = negative ? -low : low;
}

/** Result of sine and cosine: value + valueLow. */
let value: f64 = 0;
let valueLow: f64 = 0;

/** sin(r + rLow) = r - r^3 / 3! + r^5 / 5! ..., and sin(r + d) = sin r + d cos r */
function sine(): void {
  const z = r * r;
  let sum: f64 = -1.0 / 121645100408832000.0;
  sum = sum * z + 1.0 / 355687428096000.0;
  sum = sum * z - 1.0 / 1307674368000.0;
  sum = sum * z + 1.0 / 6227020800.0;
  sum = sum * z - 1.0 / 39916800.0;
  sum = sum * z + 1.0 / 362880.0;
  sum = sum * z - 1.0 / 5040.0;
  sum = sum * z + 1.0 / 120.0;
  sum = sum * z - 1.0 / 6.0;
  setOrderedSum(r, sum * z * r + rLow * (1 - 0.5 * z));
  value = high;
  valueLow = low;
}
/** cos(r + rLow) = 1 - r^2 / 2! + r^4 / 4! ..., and cos(r + d) = cos r - d sin r */
function cosine(): void {
  const z = r * r;
  let sum: f64 = -1.0 / 6402373705728000.0;
  sum = sum * z + 1.0 / 20922789888000.0;
  sum = sum * z - 1.0 / 87178291200.0;
  sum = sum * z + 1.0 / 479001600.0;
  sum = sum * z - 1.0 / 3628800.0;
  sum = sum * z + 1.0 / 40320.0;
  sum = sum * z - 1.0 / 720.0;
  sum = sum * z + 1.0 / 24.0;
  mulPair(r, rLow, r, rLow);
  const half = 0.5 * high;
  const halfLow = 0.5 * low;
  setOrderedSum(1, -half);
  const first = high;
  setOrderedSum(first, low + (sum * z * z - halfLow));
  value = high;
  valueLow = low;
}

/** The sine of the angle that was reduced. */
function setAngleSine(): void {
  if (quarters & 1) cosine();
  else sine();
  if (quarters & 2) turn();
}
/** Its cosine. */
function setAngleCosine(): void {
  if (quarters & 1) sine();
  else cosine();
  if ((quarters + 1) & 2) turn();
}
function turn(): void {
  value = -value;
  valueLow = -valueLow;
}

export function sinOf(x: f64): f64 {
  if (abs(x) < TINY) return x;
  reduce(x);
  setAngleSine();
  return value;
}
export function cosOf(x: f64): f64 {
  if (abs(x) < TINY) return 1;
  reduce(x);
  setAngleCosine();
  return value;
}
export function tanOf(x: f64): f64 {
  if (abs(x) < TINY) return x;
  reduce(x);
  sine();
  const s = value;
  const sLow = valueLow;
  cosine();
  if (quarters & 1) divPair(-value, -valueLow, s, sLow);
  else divPair(s, sLow, value, valueLow);
  return high;
}

// ---- inverse functions: the compiler's library is off by less than a unit in the last place; sin
// and cos of that angle say how far

/** angle + (y cos - x sin) / (x cos + y sin), the direction of (x, y) for an angle close to it. */
function refine(angle: f64, y: f64, x: f64): void {
  reduce(angle);
  setAngleSine();
  const s = value;
  const sLow = valueLow;
  setAngleCosine();
  const c = value;
  const cLow = valueLow;
  mulPair(x, 0, s, sLow);
  const part = high;
  const partLow = low;
  mulPair(y, 0, c, cLow);
  addPair(high, low, -part, -partLow);
  setOrderedSum(angle, high / (x * c + y * s));
}

export function atanOf(x: f64): f64 {
  if (abs(x) < TINY) return x;
  if (abs(x) > 1e17) return copysign<f64>(PI_HALF, x);
  refine(NativeMath.atan(x), x, 1);
  return high;
}
export function atan2Of(y: f64, x: f64): f64 {
  const quotient = abs(y) / abs(x);
  // Where products with these would leave the range of floats, the library's function has its
  // special cases.
  if (!(quotient > 1e-290 && quotient < 1e290)) return NativeMath.atan2(y, x);
  if (abs(x) < 1e-270 || abs(x) > 1e270 || abs(y) > 1e270) return NativeMath.atan2(y, x);
  refine(NativeMath.atan(quotient), abs(y), abs(x));
  if (x < 0) addPair(2 * PI_HALF, 2 * PI_HALF_LOW, -high, -low);
  return copysign<f64>(high, y);
}
export function asinOf(x: f64): f64 {
  if (abs(x) < TINY) return x;
  const angle = NativeMath.asin(x);
  if (!(abs(x) < 1)) return angle;
  const c = sqrt((1 - x) * (1 + x));
  reduce(angle);
  setAngleSine();
  addPair(x, 0, -value, -valueLow);
  return angle + high / c;
}
export function acosOf(x: f64): f64 {
  const angle = NativeMath.acos(x);
  if (!(abs(x) < 1)) return angle;
  const s = sqrt((1 - x) * (1 + x));
  reduce(angle);
  setAngleCosine();
  addPair(value, valueLow, -x, 0);
  return angle + high / s;
}

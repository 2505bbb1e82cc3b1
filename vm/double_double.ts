/**
 * Numbers as the unevaluated sum of two floats, `high` + `low`, about 106 bits: for functions whose
 * last bit a single float would lose. Every operation leaves its result in the two variables. T. J.
 * Dekker, "A floating-point technique for extending the available precision" (1971). Arguments are
 * far from overflow.
 */
export let high: f64 = 0;
export let low: f64 = 0;

/** 2^27 + 1: splits a float into halves of 26 bits. */
const SPLITTER: f64 = 134217729.0;

/** a + b exactly. */
export function setSum(a: f64, b: f64): void {
  const sum = a + b;
  const part = sum - a;
  low = a - (sum - part) + (b - part);
  high = sum;
}
/** a + b exactly, where a is the larger in magnitude (or zero). */
export function setOrderedSum(a: f64, b: f64): void {
  const sum = a + b;
  low = b - (sum - a);
  high = sum;
}
/** a * b exactly. */
export function setProduct(a: f64, b: f64): void {
  const product = a * b;
  const aScaled = SPLITTER * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLITTER * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  low = aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
  high = product;
}
/** (a + aLow) + (b + bLow) */
export function addPair(a: f64, aLow: f64, b: f64, bLow: f64): void {
  setSum(a, b);
  setOrderedSum(high, low + aLow + bLow);
}
/** (a + aLow) * (b + bLow) */
export function mulPair(a: f64, aLow: f64, b: f64, bLow: f64): void {
  setProduct(a, b);
  setOrderedSum(high, low + a * bLow + aLow * b);
}
/** (a + aLow) / (b + bLow) */
export function divPair(a: f64, aLow: f64, b: f64, bLow: f64): void {
  const first = a / b;
  mulPair(b, bLow, first, 0);
  addPair(a, aLow, -high, -low);
  setOrderedSum(first, (high + low) / b);
}

/** ln 2: 32 bits, so that its products with exponents are exact, and the rest. */
const LN2_HIGH: f64 = 0.6931471803691238;
const LN2_MIDDLE: f64 = 1.9082149292705877e-10;
const LN2_LOW: f64 = 1.1612227229362532e-26;
const SQUARINGS: i32 = 8;

/** Power of two that the last expPair leaves out. */
export let exponent: i32 = 0;

/** e^(x + xLow) = (high + low) * 2^exponent, for |x| < 800. */
export function expPair(x: f64, xLow: f64): void {
  const k = nearest(x / LN2_HIGH);
  exponent = k as i32;
  // The argument without its multiple of ln 2, divided by 2^8.
  setProduct(k, LN2_MIDDLE);
  addPair(x - k * LN2_HIGH, 0, -high, -low - k * LN2_LOW);
  addPair(high, low, xLow, 0);
  const r = high / 256;
  const rLow = low / 256;
  // e^r - 1 = r + r^2 / 2 + r^3 / 6 ..., |r| < 0.0014: terms from the tenth on are below 2^-110.
  let sum: f64 = 1.0 / 9.0;
  let sumLow: f64 = 0;
  for (let n = 8; n >= 1; n--) {
    mulPair(sum, sumLow, r, rLow);
    addPair(high, low, 1, 0);
    divPair(high, low, n as f64, 0);
    sum = high;
    sumLow = low;
  }
  mulPair(sum, sumLow, r, rLow);
  // (1 + y)^2 - 1 = 2 y + y^2, eight times.
  for (let i = 0; i < SQUARINGS; i++) {
    const y = high;
    const yLow = low;
    mulPair(y, yLow, y, yLow);
    addPair(high, low, 2 * y, 2 * yLow);
  }
  addPair(1, 0, high, low);
}
/** 2^n for -1022 <= n <= 1023. */
export function twoTo(n: i32): f64 {
  return reinterpret<f64>(((n + 1023) as u64) << 52);
}
/** value * 2^n, also where the result is subnormal or the power itself is no float. */
export function scale(value: f64, n: i32): f64 {
  if (n > 1000) return value * twoTo(1000) * twoTo(n - 1000);
  if (n < -1000) return value * twoTo(n + 900) * twoTo(-900);
  return value * twoTo(n);
}

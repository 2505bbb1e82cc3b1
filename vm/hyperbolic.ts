/** sinh and tanh with both parts of e^x, so that their difference keeps its last bits. */
import {
  addPair,
  divPair,
  expPair,
  exponent,
  high,
  low,
  scale,
  setOrderedSum,
  setProduct,
  twoTo,
} from './double_double';

/** Below this, x^19 / 19! is less than a unit in the last place of x. */
const SERIES_MAX: f64 = 0.35;

/** sinh x = x + x^3 / 3! + x^5 / 5! ..., as a pair. */
function sinhSeries(x: f64): void {
  const z = x * x;
  let sum: f64 = 1.0 / 355687428096000.0;
  sum = sum * z + 1.0 / 1307674368000.0;
  sum = sum * z + 1.0 / 6227020800.0;
  sum = sum * z + 1.0 / 39916800.0;
  sum = sum * z + 1.0 / 362880.0;
  sum = sum * z + 1.0 / 5040.0;
  sum = sum * z + 1.0 / 120.0;
  sum = sum * z + 1.0 / 6.0;
  setOrderedSum(x, sum * z * x);
}
/** cosh x = 1 + x^2 / 2! + x^4 / 4! ..., as a pair. */
function coshSeries(x: f64): void {
  setProduct(x, x);
  const z = high;
  const zLow = low;
  let sum: f64 = 1.0 / 20922789888000.0;
  sum = sum * z + 1.0 / 87178291200.0;
  sum = sum * z + 1.0 / 479001600.0;
  sum = sum * z + 1.0 / 3628800.0;
  sum = sum * z + 1.0 / 40320.0;
  sum = sum * z + 1.0 / 720.0;
  sum = sum * z + 1.0 / 24.0;
  setOrderedSum(1, 0.5 * z);
  setOrderedSum(high, low + (0.5 * zLow + sum * z * z));
}

export function sinhOf(x: f64): f64 {
  const size = abs(x);
  if (size < SERIES_MAX) {
    sinhSeries(x);
    return high;
  }
  if (size > 800) return x * Infinity;
  expPair(size, 0);
  const n = exponent;
  if (size < 40) {
    const e = high * twoTo(n);
    const eLow = low * twoTo(n);
    divPair(1, 0, e, eLow);
    addPair(e, eLow, -high, -low);
    return copysign<f64>(0.5 * high, x);
  }
  return copysign<f64>(scale(high, n - 1), x);
}

export function tanhOf(x: f64): f64 {
  const size = abs(x);
  if (size > 22) return copysign<f64>(1, x);
  if (size < SERIES_MAX) {
    if (size < 1e-9) return x;
    coshSeries(x);
    const c = high;
    const cLow = low;
    sinhSeries(x);
    divPair(high, low, c, cLow);
    return high;
  }
  // (e^2x - 1) / (e^2x + 1)
  expPair(2 * size, 0);
  const e = high * twoTo(exponent);
  const eLow = low * twoTo(exponent);
  addPair(e, eLow, 1, 0);
  const d = high;
  const dLow = low;
  addPair(e, eLow, -1, 0);
  divPair(high, low, d, dLow);
  return copysign<f64>(high, x);
}

/**
 * erf and erfc, computed as pairs of floats: the series of positive terms (Abramowitz and Stegun
 * 7.1.6) up to 2, the continued fraction (7.1.14) above.
 */
import {
  addPair,
  divPair,
  expPair,
  exponent,
  high,
  low,
  mulPair,
  scale,
  setProduct,
  twoTo,
} from './double_double';

const TWO_OVER_ROOT_PI: f64 = 1.1283791670955126;
const TWO_OVER_ROOT_PI_LOW: f64 = 1.533545961316588e-17;
const ONE_OVER_ROOT_PI: f64 = 0.5641895835477563;
const ONE_OVER_ROOT_PI_LOW: f64 = 7.66772980658294e-18;
const SERIES_MAX: f64 = 2;
/** erf is 1 above, and erfc 0. */
const ERF_ONE: f64 = 6;
const ERFC_ZERO: f64 = 27.3;

/** e^(-x^2) * scaled power of two; the power is `exponent`. */
function setGaussian(x: f64): void {
  setProduct(x, x);
  expPair(-high, -low);
}

/** erf x = 2/sqrt(pi) e^(-x^2) (x + 2 x^3 / 3 + 4 x^5 / 15 + ...) for 0 <= x <= 2, as a pair. */
function erfSeries(x: f64): void {
  setProduct(x, x);
  const z = 2 * high;
  const zLow = 2 * low;
  let term = x;
  let termLow: f64 = 0;
  let sum = x;
  let sumLow: f64 = 0;
  for (let n = 3; term > sum * 1e-33; n += 2) {
    mulPair(term, termLow, z, zLow);
    divPair(high, low, n as f64, 0);
    term = high;
    termLow = low;
    addPair(sum, sumLow, term, termLow);
    sum = high;
    sumLow = low;
  }
  mulPair(sum, sumLow, TWO_OVER_ROOT_PI, TWO_OVER_ROOT_PI_LOW);
  sum = high;
  sumLow = low;
  setGaussian(x);
  mulPair(sum, sumLow, high * twoTo(exponent), low * twoTo(exponent));
}

/**
 * erfc x = e^(-x^2) / sqrt(pi) / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))) for x >= 2, as a
 * pair without the power of two that `exponent` says.
 */
function erfcFraction(x: f64): void {
  let value = x;
  let valueLow: f64 = 0;
  for (let n = 30 + ((400 / (x * x)) as i32); n >= 1; n--) {
    divPair(0.5 * (n as f64), 0, value, valueLow);
    addPair(x, 0, high, low);
    value = high;
    valueLow = low;
  }
  divPair(ONE_OVER_ROOT_PI, ONE_OVER_ROOT_PI_LOW, value, valueLow);
  value = high;
  valueLow = low;
  setGaussian(x);
  mulPair(value, valueLow, high, low);
}

export function errorFunction(x: f64): f64 {
  const size = abs(x);
  // Below, the cube of x is lost beside x; the product must round once, also where it is subnormal.
  if (size < 1e-9) return x * TWO_OVER_ROOT_PI;
  if (size >= ERF_ONE) return copysign<f64>(1, x);
  if (size <= SERIES_MAX) erfSeries(size);
  else {
    erfcFraction(size);
    addPair(1, 0, -high * twoTo(exponent), -low * twoTo(exponent));
  }
  return copysign<f64>(high, x);
}

export function errorFunctionComplement(x: f64): f64 {
  if (x >= SERIES_MAX) {
    if (x > ERFC_ZERO) return 0;
    erfcFraction(x);
    return scale(high, exponent);
  }
  const size = abs(x);
  if (size < 1e-30) return 1;
  if (size >= ERF_ONE) return 2;
  if (size <= SERIES_MAX) {
    erfSeries(size);
    addPair(1, 0, x < 0 ? high : -high, x < 0 ? low : -low);
  } else {
    erfcFraction(size);
    addPair(2, 0, -high * twoTo(exponent), -low * twoTo(exponent));
  }
  return high;
}

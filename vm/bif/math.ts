/**
 * Module math. Wasm has no C library below it: the functions are those of the compiler's standard
 * library (ports of musl's) where they are within one unit in the last place of glibc's, and our
 * own where they are not. Arguments are any numbers; a result that is not finite, which is how a
 * domain or range error shows, is badarith as in OTP.
 */
import { badarg, badarith } from '../errors';
import { finiteFloat, toF64 } from '../numbers';
import { errorFunction, errorFunctionComplement } from '../error_function';
import { sinhOf, tanhOf } from '../hyperbolic';
import { isNumber } from '../term';
import { acosOf, asinOf, atan2Of, atanOf, cosOf, sinOf, tanOf } from '../trigonometry';

/**
 * Why an argument has no float: badarg when it is no number, badarith when it is too large an
 * integer.
 */
function refuse(a: u64): u64 {
  return isNumber(a) ? badarith() : badarg();
}

// bif: math:sin/1
export function mathSin1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(sinOf(x));
}
// bif: math:cos/1
export function mathCos1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(cosOf(x));
}
// bif: math:tan/1
export function mathTan1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(tanOf(x));
}
// bif: math:asin/1
export function mathAsin1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(asinOf(x));
}
// bif: math:acos/1
export function mathAcos1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(acosOf(x));
}
// bif: math:atan/1
export function mathAtan1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(atanOf(x));
}
// bif: math:sinh/1
export function mathSinh1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(sinhOf(x));
}
// bif: math:cosh/1
export function mathCosh1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(NativeMath.cosh(x));
}
// bif: math:tanh/1
export function mathTanh1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(tanhOf(x));
}
// bif: math:asinh/1
export function mathAsinh1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(NativeMath.asinh(x));
}
// bif: math:acosh/1
export function mathAcosh1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(NativeMath.acosh(x));
}
// bif: math:atanh/1
export function mathAtanh1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(NativeMath.atanh(x));
}
// bif: math:exp/1
export function mathExp1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(NativeMath.exp(x));
}
// bif: math:log/1
export function mathLog1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(NativeMath.log(x));
}
// bif: math:log2/1
export function mathLog21(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(NativeMath.log2(x));
}
// bif: math:log10/1
export function mathLog101(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(NativeMath.log10(x));
}
// bif: math:sqrt/1
export function mathSqrt1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(sqrt(x));
}
// bif: math:floor/1
export function mathFloor1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(floor(x));
}
// bif: math:ceil/1
export function mathCeil1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(ceil(x));
}
// bif: math:erf/1
export function mathErf1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(errorFunction(x));
}
// bif: math:erfc/1
export function mathErfc1(a: u64): u64 {
  const x = toF64(a);
  return isNaN(x) ? refuse(a) : finiteFloat(errorFunctionComplement(x));
}

// bif: math:pow/2
export function mathPow2(a: u64, b: u64): u64 {
  const x = toF64(a);
  const y = toF64(b);
  if (isNaN(x)) return refuse(a);
  return isNaN(y) ? refuse(b) : finiteFloat(NativeMath.pow(x, y));
}
// bif: math:atan2/2
export function mathAtan22(a: u64, b: u64): u64 {
  const x = toF64(a);
  const y = toF64(b);
  if (isNaN(x)) return refuse(a);
  return isNaN(y) ? refuse(b) : finiteFloat(atan2Of(x, y));
}
// bif: math:fmod/2
export function mathFmod2(a: u64, b: u64): u64 {
  const x = toF64(a);
  const y = toF64(b);
  if (isNaN(x)) return refuse(a);
  return isNaN(y) ? refuse(b) : finiteFloat(NativeMath.mod(x, y));
}

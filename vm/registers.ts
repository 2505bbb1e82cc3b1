/**
 * X and floating-point registers: fixed words at the bottom of linear memory
 * (tables/memory_map.ts).
 */
import { LINEAR_FLOAT_REGISTERS, LINEAR_STATIC_DATA, LINEAR_X_REGISTERS } from './gen/layout';

export const X_REGISTERS_MAX: u32 = 1024;
/** Arguments of one call at most: all but one register, as in OTP. */
export const ARGUMENTS_MAX: u32 = X_REGISTERS_MAX - 1;
/** As many as there is room for; compilers seldom use more than a few. */
export const FLOAT_REGISTERS_MAX: u32 = (LINEAR_STATIC_DATA - LINEAR_FLOAT_REGISTERS) >> 3;

export function xAddress(index: u32): usize {
  return LINEAR_X_REGISTERS + (index << 3);
}
export function getX(index: u32): u64 {
  return load<u64>(LINEAR_X_REGISTERS + (index << 3));
}
export function setX(index: u32, term: u64): void {
  store<u64>(LINEAR_X_REGISTERS + (index << 3), term);
}
export function getFloat(index: u32): f64 {
  return load<f64>(LINEAR_FLOAT_REGISTERS + (index << 3));
}
export function setFloat(index: u32, value: f64): void {
  store<f64>(LINEAR_FLOAT_REGISTERS + (index << 3), value);
}

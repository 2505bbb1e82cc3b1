/**
 * The text of a float as C's `printf("%.20e")` makes it, for FLOAT_EXT: exact decimal digits,
 * rounded half to even.
 *
 * A float is m * 2^e. Its decimal digits are those of the integer m * 2^e, or of m * 5^-e when e is
 * negative (the point then moves by e places); that integer is computed in limbs of nine decimal
 * digits.
 */
const LIMB: u64 = 1_000_000_000;
/** 5^1074 * 2^53 has 767 digits. */
const LIMBS_MAX: u32 = 88;
const limbs: usize = memory.data(88 * 4, 8);
let used: u32 = 0;

const PRECISION: u32 = 20;
/** Bytes of FLOAT_EXT after its tag. */
const TEXT_BYTES: u32 = 31;

function multiply(factor: u64): void {
  let carry: u64 = 0;
  for (let i: u32 = 0; i < used; i++) {
    const product = (load<u32>(limbs + (i << 2)) as u64) * factor + carry;
    store<u32>(limbs + (i << 2), (product % LIMB) as u32);
    carry = product / LIMB;
  }
  while (carry && used < LIMBS_MAX) {
    store<u32>(limbs + (used << 2), (carry % LIMB) as u32);
    carry /= LIMB;
    used++;
  }
}
function power(base: u64, exponent: i32): void {
  let left = exponent;
  while (left >= 12) {
    let factor: u64 = 1;
    for (let i = 0; i < 12; i++) factor *= base;
    multiply(factor);
    left -= 12;
  }
  for (; left > 0; left--) multiply(base);
}

/** Decimal digit `index`, counted from the least significant. */
function digitAt(index: u32): u32 {
  let limb = load<u32>(limbs + (index / 9) * 4);
  for (let i = index % 9; i > 0; i--) limb /= 10;
  return limb % 10;
}
function digitCount(): u32 {
  let count = (used - 1) * 9;
  for (let limb = load<u32>(limbs + ((used - 1) << 2)); limb; limb /= 10) count++;
  return count;
}
/** Something other than zeros stands below digit `index`. */
function restBelow(index: u32): bool {
  for (let i: u32 = 0; i < index; i++) if (digitAt(i)) return true;
  return false;
}

/** Write the 31 zero-padded bytes at `to`. */
export function writeFloatText(value: f64, to: usize): void {
  memory.fill(to, 0, TEXT_BYTES);
  const raw = reinterpret<u64>(value);
  let at = to;
  if (raw >> 63) store<u8>(at++, 45);
  let binary = ((raw >> 52) & 0x7ff) as i32;
  let mantissa = raw & 0x000f_ffff_ffff_ffff;
  if (binary) mantissa |= 1 << 52;
  else binary = 1;
  binary -= 1075;
  used = 0;
  let decimal: i32 = 0;
  const digits = at;
  memory.fill(digits, 48, PRECISION + 2);
  if (mantissa) {
    store<u32>(limbs, (mantissa % LIMB) as u32);
    store<u32>(limbs, (mantissa / LIMB) as u32, 4);
    used = mantissa >= LIMB ? 2 : 1;
    power(binary < 0 ? 5 : 2, binary < 0 ? -binary : binary);
    const count = digitCount();
    decimal = (count as i32) - 1 + (binary < 0 ? binary : 0);
    decimal += writeDigits(digits, count);
  }
  // One digit, the point, the others.
  memory.copy(digits + 2, digits + 1, PRECISION);
  store<u8>(digits, 46, 1);
  at = digits + PRECISION + 2;
  store<u8>(at, 101);
  store<u8>(at, decimal < 0 ? 45 : 43, 1);
  at += 2;
  const exponent: u32 = (decimal < 0 ? -decimal : decimal) as u32;
  if (exponent >= 100) store<u8>(at++, (exponent / 100 + 48) as u8);
  store<u8>(at, (((exponent / 10) % 10) + 48) as u8);
  store<u8>(at, ((exponent % 10) + 48) as u8, 1);
}

/** Write 21 rounded digits; 1 when rounding made the number one digit longer. */
function writeDigits(to: usize, count: u32): i32 {
  const wanted = PRECISION + 1;
  for (let i: u32 = 0; i < wanted && i < count; i++)
    store<u8>(to + i, (digitAt(count - 1 - i) + 48) as u8);
  if (count <= wanted) return 0;
  const below = count - wanted;
  const next = digitAt(below - 1);
  const odd = load<u8>(to + PRECISION) & 1;
  if (next < 5 || (next == 5 && !odd && !restBelow(below - 1))) return 0;
  let i = wanted;
  while (i) {
    const digit = load<u8>(to + i - 1);
    if (digit < 57) {
      store<u8>(to + i - 1, digit + 1);
      return 0;
    }
    store<u8>(to + i - 1, 48);
    i--;
  }
  store<u8>(to, 49);
  return 1;
}

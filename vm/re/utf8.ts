/** UTF-8 as regular expressions read it: checked once, then decoded and stepped through quickly. */

/** Bytes of the well-formed character at `place` before `end`; 0 when there is none. */
function wellFormed(text: usize, place: u32, end: u32): u32 {
  const first = load<u8>(text + place) as u32;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const bytes: u32 = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (end - place < bytes) return 0;
  const second = load<u8>(text + place, 1) as u32;
  if ((second & 0xc0) != 0x80) return 0;
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
  if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
  for (let i: u32 = 2; i < bytes; i++) {
    if (((load<u8>(text + place + i) as u32) & 0xc0) != 0x80) return 0;
  }
  return bytes;
}
/**
 * The place of the first character from `from` on that is not well-formed; when all up to `stop`
 * are, the place behind them (at least `stop`). The text ends at `end`.
 */
export function invalidUtf8(text: usize, from: u32, stop: u32, end: u32): u32 {
  let place = from;
  while (place < stop) {
    while (place + 8 <= stop && !(load<u64>(text + place) & 0x8080_8080_8080_8080)) place += 8;
    if (place >= stop) break;
    const bytes = wellFormed(text, place, end);
    if (!bytes) return place;
    place += bytes;
  }
  return place;
}

/** Bytes of the character at `address`, which need not be well-formed: at most up to `end`. */
export function characterBytes(address: usize, end: usize): u32 {
  const first = load<u8>(address) as u32;
  if (first < 0xc0) return 1;
  const bytes: u32 = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const left = (end - address) as u32;
  return bytes < left ? bytes : left;
}
/** The character of `bytes` bytes at `address`. */
export function characterAt(address: usize, bytes: u32): u32 {
  const first = load<u8>(address) as u32;
  if (bytes == 1) return first;
  let c = first & (0x7f >> bytes);
  for (let i: u32 = 1; i < bytes; i++) c = (c << 6) | ((load<u8>(address + i) as u32) & 0x3f);
  return c & 0x1f_ffff;
}
/** The beginning of the character that ends before `address`, not before `start`. */
export function characterBefore(address: usize, start: usize): usize {
  let place = address - 1;
  while (place > start && ((load<u8>(place) as u32) & 0xc0) == 0x80) place--;
  return place;
}

/** Tags of the external term format and the small readers that both passes of decoding share. */
import { parseFloatText, parsedFloat } from './float_parse';
import { atomFromUtf8, existingAtom } from './atoms';

export const VERSION: u32 = 131;
export const COMPRESSED: u32 = 80;
export const NEW_FLOAT_EXT: u32 = 70;
export const BIT_BINARY_EXT: u32 = 77;
export const NEW_PID_EXT: u32 = 88;
export const NEW_PORT_EXT: u32 = 89;
export const NEWER_REFERENCE_EXT: u32 = 90;
export const SMALL_INTEGER_EXT: u32 = 97;
export const INTEGER_EXT: u32 = 98;
export const FLOAT_EXT: u32 = 99;
export const ATOM_EXT: u32 = 100;
export const REFERENCE_EXT: u32 = 101;
export const PORT_EXT: u32 = 102;
export const PID_EXT: u32 = 103;
export const SMALL_TUPLE_EXT: u32 = 104;
export const LARGE_TUPLE_EXT: u32 = 105;
export const NIL_EXT: u32 = 106;
export const STRING_EXT: u32 = 107;
export const LIST_EXT: u32 = 108;
export const BINARY_EXT: u32 = 109;
export const SMALL_BIG_EXT: u32 = 110;
export const LARGE_BIG_EXT: u32 = 111;
export const NEW_FUN_EXT: u32 = 112;
export const EXPORT_EXT: u32 = 113;
export const NEW_REFERENCE_EXT: u32 = 114;
export const SMALL_ATOM_EXT: u32 = 115;
export const MAP_EXT: u32 = 116;
export const ATOM_UTF8_EXT: u32 = 118;
export const SMALL_ATOM_UTF8_EXT: u32 = 119;
export const V4_PORT_EXT: u32 = 120;

/** Pairs of the largest flat map. */
export const MAP_FLAT_MAX: u32 = 32;
/** Elements of the largest tuple, as in OTP. */
export const TUPLE_SIZE_MAX: u32 = (1 << 24) - 1;
export const HEAP_BINARY_BYTES_MAX: u32 = 64;
export const REFC_BINARY_WORDS: u32 = 6;
export const SUB_BINARY_WORDS: u32 = 5;

/** Words of a heap binary with its header. */
export function heapBinaryWords(bytes: u32): u32 {
  return 2 + ((bytes + 7) >> 3);
}

const scratchText: usize = memory.data(512, 8);

/** Latin-1 bytes (at most 255) as UTF-8 in `scratchText`; the number of bytes. */
function utf8OfLatin1(text: usize, length: u32): u32 {
  let to: u32 = 0;
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(text + i);
    if (byte < 0x80) store<u8>(scratchText + to++, byte);
    else {
      store<u8>(scratchText + to++, 0xc0 | (byte >> 6));
      store<u8>(scratchText + to++, 0x80 | (byte & 0x3f));
    }
  }
  return to;
}
export function latin1Atom(text: usize, length: u32): u64 {
  return atomFromUtf8(scratchText, utf8OfLatin1(text, length));
}
export function existingLatin1Atom(text: usize, length: u32): u64 {
  return existingAtom(scratchText, utf8OfLatin1(text, length));
}

/** Bytes of the SMALL_INTEGER_EXT or INTEGER_EXT at `at`, or 0 when there is none. */
export function sizeOfSmallInteger(at: usize, limit: usize): u32 {
  if (at >= limit) return 0;
  const tag = load<u8>(at) as u32;
  const bytes: u32 = tag == SMALL_INTEGER_EXT ? 2 : tag == INTEGER_EXT ? 5 : 0;
  return at + bytes <= limit ? bytes : 0;
}
export function smallIntegerAt(at: usize): i32 {
  return load<u8>(at) == SMALL_INTEGER_EXT
    ? (load<u8>(at, 1) as i32)
    : bswap<i32>(load<i32>(at, 1));
}

/** The eight bytes are a float and neither infinite nor not a number. */
export function isFiniteFloat(at: usize): bool {
  return ((bswap<u64>(load<u64>(at)) >> 52) & 0x7ff) != 0x7ff;
}

/** What parseOldFloat found. */
export let oldFloat: f64 = 0;

/** FLOAT_EXT: 31 bytes as `printf("%.20e")` makes them, zero-padded. */
export function parseOldFloat(at: usize): bool {
  let length: u32 = 0;
  while (length < OLD_FLOAT_BYTES && load<u8>(at + length)) length++;
  for (let i = length; i < OLD_FLOAT_BYTES; i++) if (load<u8>(at + i)) return false;
  if (!length || parseFloatText(at, length) != length) return false;
  oldFloat = parsedFloat;
  return true;
}
const OLD_FLOAT_BYTES: u32 = 31;

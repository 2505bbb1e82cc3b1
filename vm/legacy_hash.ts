/**
 * OTP's older portable hash (erlang:phash/2): a multiplicative hash over the bytes of a term. A
 * prime for each kind of term takes the state on. The work stack holds what is still to be hashed:
 * terms, and marks (words with primary tag 0) for what closes a composite.
 */
import { atomPortableHash } from './atoms';
import { binaryData, bitOffset, bitSize } from './binary';
import { readBits, readByte } from './bits';
import { E_ARITY, E_FUNCTION, E_MODULE, FUN_INDEX, FUN_MODULE, FUN_UNIQ } from './code';
import { referenceWord } from './compare';
import { bitstringOf, isBitsSubtag } from './equality';
import { hash2 } from './hash';
import { exhaustMemory } from './heap';
import {
  NIL,
  SUB_EXPORT,
  SUB_EXTERNAL_PID,
  SUB_EXTERNAL_REF,
  SUB_FLOAT,
  SUB_FUN,
  SUB_MAP,
  SUB_NEG_BIG,
  SUB_POS_BIG,
  SUB_REF,
  SUB_TUPLE,
  TAG_ATOM,
  TAG_BOXED,
  TAG_LIST,
  TAG_PID,
  TAG_SMALL,
  boxedHeader,
  boxedWord,
  externalNumber,
  floatValue,
  headerSubtag,
  headerWords,
  pidLow,
  pidNumber,
  smallValue,
} from './term';
import { cut, mark, pop, push } from './work_stack';

/** Primes just above 2^28, in the order in which OTP numbers them. */
const PRIME_1: u32 = 268440163;
const PRIME_2: u32 = 268439161;
const PRIME_3: u32 = 268435459;
const PRIME_4: u32 = 268436141;
const PRIME_5: u32 = 268438633;
const PRIME_6: u32 = 268437017;
const PRIME_8: u32 = 268437511;
const PRIME_9: u32 = 268439627;
const PRIME_10: u32 = 268440479;
const PRIME_11: u32 = 268440577;
const PRIME_12: u32 = 268440581;
const PRIME_13: u32 = 268440593;
const PRIME_14: u32 = 268440611;

/**
 * Marks: the tail of a list follows (below the mark); a list ends here; a tuple of arity mark >> 8
 * ends here.
 */
const MARK_TAIL: u64 = 4;
const MARK_LIST_END: u64 = 8;
const MARK_TUPLE_END: u64 = 12;

let hash: u32 = 0;

function step(prime: u32, value: u32): void {
  hash = hash * prime + value;
}
function stepWord(word: u32, prime: u32): void {
  for (let shift: u32 = 0; shift < 32; shift += 8) step(prime, (word >> shift) & 255);
}
/** The bytes of a magnitude, in whole words of 32 bits, least significant first. */
function stepDigit(digit: u64, last: bool): void {
  stepWord(digit as u32, PRIME_2);
  if (!last || digit >> 32) stepWord((digit >> 32) as u32, PRIME_2);
}
function stepBig(t: u64, negative: bool): void {
  const digits = headerWords(boxedHeader(t));
  for (let i: u32 = 1; i <= digits; i++) stepDigit(boxedWord(t, i), i == digits);
  hash *= negative ? PRIME_4 : PRIME_3;
}
function stepBits(t: u64): void {
  const bits = bitSize(t);
  const data = binaryData(t);
  const offset = bitOffset(t) as u64;
  const bytes = (bits >> 3) as u32;
  for (let i: u32 = 0; i < bytes; i++) step(PRIME_1, readByte(data, offset + ((i as u64) << 3)));
  const rest = (bits & 7) as u32;
  if (rest) {
    step(PRIME_1, readBits(data, offset + ((bytes as u64) << 3), rest) as u32);
    step(PRIME_12, rest);
  }
  step(PRIME_4, bytes);
}
function stepFun(t: u64): bool {
  const entry = boxedWord(t, 1) as usize;
  const words = headerWords(boxedHeader(t));
  step(PRIME_10, words - 2);
  step(PRIME_1, atomPortableHash(load<u64>(entry, FUN_MODULE)));
  step(PRIME_2, load<u32>(entry, FUN_INDEX));
  step(PRIME_2, load<u32>(entry, FUN_UNIQ));
  return pushWords(t, 3);
}
function stepExport(t: u64): void {
  const entry = boxedWord(t, 1) as usize;
  step(PRIME_11, load<u32>(entry, E_ARITY));
  step(PRIME_1, atomPortableHash(load<u64>(entry, E_MODULE)));
  step(PRIME_1, atomPortableHash(load<u64>(entry, E_FUNCTION)));
}
/** A pid counts as its number, without the serial behind it: 15 bits here, 32 on other nodes. */
function stepPid(number: u32): void {
  stepWord(number, PRIME_5);
  hash *= PRIME_6;
}
function stepNumbered(low: u32, high: u32): void {
  if (high) stepWord(high, PRIME_11);
  stepWord(low, PRIME_9);
  hash *= PRIME_10;
}
function stepFloat(value: f64): void {
  const bits = value == 0 ? 0 : reinterpret<u64>(value);
  step(PRIME_6, (bits as u32) ^ ((bits >> 32) as u32));
}

function pushWords(t: u64, first: u32): bool {
  for (let i = headerWords(boxedHeader(t)); i >= first; i--)
    if (!push(boxedWord(t, i))) return false;
  return true;
}
/**
 * Bytes at the beginning of a list are hashed at once; then its first other element comes, and the
 * rest after it.
 */
function stepList(t: u64): bool {
  let rest = t;
  while ((rest & 3) == TAG_LIST) {
    const element = load<u64>((rest as u32) - 1);
    rest = load<u64>(rest as u32, 7);
    if ((element & 15) == TAG_SMALL && element >> 4 <= 255) step(PRIME_2, (element >> 4) as u32);
    else return push(rest) && push(MARK_TAIL) && push(element);
  }
  return push(MARK_LIST_END) && push(rest);
}
function stepBoxed(t: u64): bool {
  const header = boxedHeader(t);
  const subtag = headerSubtag(header);
  if (subtag == SUB_TUPLE)
    return push(MARK_TUPLE_END | ((headerWords(header) as u64) << 8)) && pushWords(t, 1);
  if (subtag == SUB_FUN) return stepFun(t);
  if (isBitsSubtag(subtag)) stepBits(bitstringOf(t));
  else if (subtag == SUB_EXPORT) stepExport(t);
  else if (subtag == SUB_FLOAT) stepFloat(floatValue(t));
  else if (subtag == SUB_POS_BIG || subtag == SUB_NEG_BIG) stepBig(t, subtag == SUB_NEG_BIG);
  else if (subtag == SUB_REF || subtag == SUB_EXTERNAL_REF) stepNumbered(referenceWord(t, 0), 0);
  else if (subtag == SUB_EXTERNAL_PID) stepPid(externalNumber(t) as u32);
  else if (subtag == SUB_MAP) step(PRIME_13, PRIME_14 + hash2(t));
  else stepNumbered(externalNumber(t) as u32, (externalNumber(t) >> 32) as u32);
  return true;
}
function stepImmediate(t: u64): void {
  if ((t & 15) == TAG_SMALL) {
    const value = smallValue(t);
    stepDigit((value < 0 ? -value : value) as u64, true);
    hash *= value < 0 ? PRIME_4 : PRIME_3;
  } else if ((t & 63) == TAG_ATOM) step(PRIME_1, atomPortableHash(t));
  else if (t == NIL) step(PRIME_3, 1);
  else if ((t & 15) == TAG_PID) stepPid(pidLow(pidNumber(t)));
  else stepNumbered((t >> 4) as u32, (t >> 36) as u32);
}
/** A word of the work stack; false when the work stack cannot grow. */
function stepOne(t: u64): bool {
  const tag = t & 3;
  if (tag == 3) stepImmediate(t);
  else if (tag == TAG_LIST) return stepList(t);
  else if (tag == TAG_BOXED) return stepBoxed(t);
  else if (t == MARK_LIST_END) hash *= PRIME_8;
  else if (t == MARK_TAIL) {
    const rest = pop();
    return (rest & 3) == TAG_LIST ? stepList(rest) : push(MARK_LIST_END) && push(rest);
  } else step(PRIME_9, (t >> 8) as u32);
  return true;
}
/** All 32 bits of the hash. */
export function legacyHash(t: u64): u32 {
  const base = mark();
  hash = 0;
  let term = t;
  while (true) {
    if (!stepOne(term)) {
      cut(base);
      exhaustMemory();
      return 0;
    }
    if (mark() == base) return hash;
    term = pop();
  }
}

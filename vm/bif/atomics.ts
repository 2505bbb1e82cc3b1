/**
 * BIFs of module atomics, and the counters of module counters, which are the same arrays here: this
 * VM runs one process at a time, so every operation is atomic.
 *
 * contents: +-------+--------+-----------+   Values are raw 64-bit words.
 *           | count | signed | value ... |   u32, u32, u64 each
 *           +-------+--------+-----------+
 */
import { fitsI64, fitsU64, integerOfI64, integerOfU64, lowBits } from '../bignum';
import { badarg, outOfMemory, systemLimit } from '../errors';
import { am_max, am_memory, am_min, am_ok, am_size } from '../gen/atoms';
import { emptyMap, mapPut } from '../maps';
import { RESOURCE_HEADER, newResource, resourceOf, resourceTerm } from '../resource';
import { SUB_NEG_BIG, isInteger, isKind, isSmall, smallOf, smallValue } from '../term';

const COUNT: u32 = 16;
const SIGNED: u32 = 20;
const VALUES: u32 = 24;
const OPTION_SIGNED: i64 = 1;
const COUNT_MAX: i64 = 0x1000_0000;

/** Nothing to free but the block itself; it is the type of atomics arrays. */
export function destroyAtomics(resource: usize): void {}
/** The type of counters arrays. */
export function destroyCounters(resource: usize): void {}

function newArray(size: u64, signed: bool, destructor: u32): u64 {
  if (!isInteger(size)) return badarg();
  if (isKind(size, SUB_NEG_BIG)) return badarg();
  if (!isSmall(size)) return systemLimit();
  const count = smallValue(size);
  if (count < 1) return badarg();
  if (count > COUNT_MAX) return systemLimit();
  const array = newResource(destructor, VALUES - RESOURCE_HEADER + ((count as u32) << 3));
  if (!array) return outOfMemory();
  store<u32>(array, count as u32, COUNT);
  store<u32>(array, signed ? 1 : 0, SIGNED);
  return resourceTerm(array);
}

function atomicsOf(t: u64): usize {
  return resourceOf(t, destroyAtomics.index);
}
function countersOf(t: u64): usize {
  return resourceOf(t, destroyCounters.index);
}
/** Address of value `index` (from 1) of an array, 0 when there is none. */
function valueAt(array: usize, index: u64): usize {
  if (!array || !isSmall(index)) return 0;
  const number = smallValue(index);
  if (number < 1 || number > (load<u32>(array, COUNT) as i64)) return 0;
  return array + VALUES + (((number - 1) as usize) << 3);
}
function termOf(array: usize, value: u64): u64 {
  return load<u32>(array, SIGNED) ? integerOfI64(value as i64) : integerOfU64(value);
}
/** The term is an integer that the array's values can hold. */
function fits(array: usize, t: u64): bool {
  return isInteger(t) && (load<u32>(array, SIGNED) ? fitsI64(t) : fitsU64(t));
}
/** An increment may be written signed or unsigned; sums wrap around. */
function isIncrement(t: u64): bool {
  return isInteger(t) && (fitsI64(t) || fitsU64(t));
}

// bif: erts_internal:atomics_new/2
export function atomicsNew2(size: u64, options: u64): u64 {
  if ((isSmall(size) && smallValue(size) < 1) || isKind(size, SUB_NEG_BIG)) return badarg();
  if (!isInteger(size) || (isSmall(size) && !isInteger(options))) return badarg();
  if (!isSmall(size) || !isSmall(options)) return systemLimit();
  if (smallValue(options) < 0) return badarg();
  return newArray(size, (smallValue(options) & OPTION_SIGNED) != 0, destroyAtomics.index);
}

/** Whether a value of an array of atomics can be `value`. */
export function canSetAtomic(ref: u64, index: u64, value: u64): bool {
  const array = atomicsOf(ref);
  return valueAt(array, index) != 0 && fits(array, value);
}
/** Set a value that can be set (canSetAtomic). */
export function setAtomic(ref: u64, index: u64, value: u64): void {
  store<u64>(valueAt(atomicsOf(ref), index), lowBits(value));
}
// bif: atomics:put/3
export function atomicsPut3(ref: u64, index: u64, value: u64): u64 {
  if (!canSetAtomic(ref, index, value)) return badarg();
  setAtomic(ref, index, value);
  return am_ok;
}

// bif: atomics:get/2
export function atomicsGet2(ref: u64, index: u64): u64 {
  const array = atomicsOf(ref);
  const at = valueAt(array, index);
  return at ? termOf(array, load<u64>(at)) : badarg();
}

// bif: atomics:add/3
export function atomicsAdd3(ref: u64, index: u64, increment: u64): u64 {
  const at = valueAt(atomicsOf(ref), index);
  if (!at || !isIncrement(increment)) return badarg();
  store<u64>(at, load<u64>(at) + lowBits(increment));
  return am_ok;
}

// bif: atomics:add_get/3
export function atomicsAddGet3(ref: u64, index: u64, increment: u64): u64 {
  const array = atomicsOf(ref);
  const at = valueAt(array, index);
  if (!at || !isIncrement(increment)) return badarg();
  store<u64>(at, load<u64>(at) + lowBits(increment));
  return termOf(array, load<u64>(at));
}

// bif: atomics:exchange/3
export function atomicsExchange3(ref: u64, index: u64, value: u64): u64 {
  const array = atomicsOf(ref);
  const at = valueAt(array, index);
  if (!at || !fits(array, value)) return badarg();
  const old = load<u64>(at);
  store<u64>(at, lowBits(value));
  return termOf(array, old);
}

// bif: atomics:compare_exchange/4
export function atomicsCompareExchange4(ref: u64, index: u64, expected: u64, desired: u64): u64 {
  const array = atomicsOf(ref);
  const at = valueAt(array, index);
  if (!at || !fits(array, expected) || !fits(array, desired)) return badarg();
  const old = load<u64>(at);
  if (old != lowBits(expected)) return termOf(array, old);
  store<u64>(at, lowBits(desired));
  return am_ok;
}

/** #{size => Size, memory => Bytes} */
function sizeInfo(array: usize): u64 {
  const count = load<u32>(array, COUNT) as i64;
  const map = mapPut(emptyMap(), am_size, smallOf(count));
  return mapPut(map, am_memory, smallOf((count << 3) + (VALUES as i64)));
}

// bif: atomics:info/1
export function atomicsInfo1(ref: u64): u64 {
  const array = atomicsOf(ref);
  if (!array) return badarg();
  const signed = load<u32>(array, SIGNED) != 0;
  const least = signed ? integerOfI64(i64.MIN_VALUE) : smallOf(0);
  const most = signed ? integerOfI64(i64.MAX_VALUE) : integerOfU64(u64.MAX_VALUE);
  return mapPut(mapPut(sizeInfo(array), am_min, least), am_max, most);
}

// bif: erts_internal:counters_new/1
export function countersNew1(size: u64): u64 {
  return newArray(size, true, destroyCounters.index);
}

// bif: erts_internal:counters_get/2
export function countersGet2(ref: u64, index: u64): u64 {
  const array = countersOf(ref);
  const at = valueAt(array, index);
  return at ? termOf(array, load<u64>(at)) : badarg();
}

// bif: erts_internal:counters_add/3
export function countersAdd3(ref: u64, index: u64, increment: u64): u64 {
  const at = valueAt(countersOf(ref), index);
  if (!at || !isIncrement(increment)) return badarg();
  store<u64>(at, load<u64>(at) + lowBits(increment));
  return am_ok;
}

// bif: erts_internal:counters_put/3
export function countersPut3(ref: u64, index: u64, value: u64): u64 {
  const array = countersOf(ref);
  const at = valueAt(array, index);
  if (!at || !fits(array, value)) return badarg();
  store<u64>(at, lowBits(value));
  return am_ok;
}

// bif: erts_internal:counters_info/1
export function countersInfo1(ref: u64): u64 {
  const array = countersOf(ref);
  return array ? sizeInfo(array) : badarg();
}

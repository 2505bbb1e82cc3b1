/**
 * The table of fun entries (layout: code.ts FUN_*), by module, index, unique number and MD5 of the
 * module that made the fun. Entries are never freed: funs in heaps, in messages and in external
 * terms point to them, also when their module is gone.
 */
import { AREA_CODE, allocateZeroedFor, releaseFor } from './memory_areas';
import { atomHash } from './atoms';
import {
  FUN_ADDRESS,
  FUN_ARITY,
  FUN_BYTES,
  FUN_FREE,
  FUN_INDEX,
  FUN_MD5,
  FUN_MODULE,
  FUN_NEXT,
  FUN_UNIQ,
} from './code';

let buckets: usize = 0;
let mask: u32 = 0;
export let funEntryCount: u32 = 0;

function hashOf(module: u64, index: u32, uniq: u32): u32 {
  return ((atomHash(module) * 31 + index) * 31 + uniq) * 0x9e37_79b1;
}

function find(module: u64, index: u32, uniq: u32, md5: usize): usize {
  if (!buckets) return 0;
  let entry = load<u32>(buckets + (((hashOf(module, index, uniq) >> 8) & mask) << 2)) as usize;
  while (entry) {
    if (
      load<u64>(entry, FUN_MODULE) == module &&
      load<u32>(entry, FUN_INDEX) == index &&
      load<u32>(entry, FUN_UNIQ) == uniq &&
      memory.compare(entry + FUN_MD5, md5, 16) == 0
    )
      return entry;
    entry = load<u32>(entry, FUN_NEXT);
  }
  return 0;
}

/** Double the buckets when chains grow; keeps the old ones when memory is short. */
function grow(): void {
  const size = buckets ? (mask + 1) << 1 : 1024;
  const fresh = allocateZeroedFor(AREA_CODE, size << 2);
  if (!fresh) return;
  const old = buckets;
  const oldSize: u32 = old ? mask + 1 : 0;
  buckets = fresh;
  mask = size - 1;
  for (let i: u32 = 0; i < oldSize; i++) {
    let entry = load<u32>(old + (i << 2)) as usize;
    while (entry) {
      const next = load<u32>(entry, FUN_NEXT) as usize;
      link(entry);
      entry = next;
    }
  }
  if (old) releaseFor(AREA_CODE, old);
}
function link(entry: usize): void {
  const hash = hashOf(
    load<u64>(entry, FUN_MODULE),
    load<u32>(entry, FUN_INDEX),
    load<u32>(entry, FUN_UNIQ),
  );
  const bucket = buckets + (((hash >> 8) & mask) << 2);
  store<u32>(entry, load<u32>(bucket), FUN_NEXT);
  store<u32>(bucket, entry as u32);
}

/**
 * The entry of this fun, made without code when it is new; 0 when memory is exhausted, or when the
 * entry exists with another arity or number of free variables (a forged external term).
 */
export function funEntryFor(
  module: u64,
  index: u32,
  uniq: u32,
  md5: usize,
  arity: u32,
  free: u32,
): usize {
  const found = find(module, index, uniq, md5);
  if (found) {
    return load<u32>(found, FUN_ARITY) == arity && load<u32>(found, FUN_FREE) == free ? found : 0;
  }
  if (!buckets || funEntryCount > mask) grow();
  const entry = buckets ? allocateZeroedFor(AREA_CODE, FUN_BYTES) : 0;
  if (!entry) return 0;
  store<u64>(entry, module, FUN_MODULE);
  store<u32>(entry, index, FUN_INDEX);
  store<u32>(entry, arity, FUN_ARITY);
  store<u32>(entry, free, FUN_FREE);
  store<u32>(entry, uniq, FUN_UNIQ);
  memory.copy(entry + FUN_MD5, md5, 16);
  store<u32>(entry, 0, FUN_ADDRESS);
  link(entry);
  funEntryCount++;
  return entry;
}

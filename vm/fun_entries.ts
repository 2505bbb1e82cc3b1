/**
 * The table of fun entries (layout: code.ts FUN_*), by module, index, unique number and MD5 of the
 * module that made the fun. Entries are never freed: funs in heaps, in messages and in external
 * terms point to them, also when their module is gone.
 */
import { AREA_CODE, allocateZeroedFor } from './memory_areas';
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

const BUCKET_SHIFT: u32 = 10;
const BUCKET_PAGE: u32 = 1 << BUCKET_SHIFT;
const BUCKETS_MAX: u32 = 1 << 22;
/** Addresses of pages of buckets: BUCKETS_MAX >> BUCKET_SHIFT at most. */
const bucketPages: usize = memory.data(4096 * 4, 8);
let bucketsUsed: u32 = 0;
let bucketMask: u32 = BUCKET_PAGE - 1;
export let funEntryCount: u32 = 0;

function bucketAt(bucket: u32): usize {
  const page = load<u32>(bucketPages + ((bucket >> BUCKET_SHIFT) << 2));
  return page + ((bucket & (BUCKET_PAGE - 1)) << 2);
}
function bucketOf(hash: u32): usize {
  const bucket = hash & bucketMask;
  return bucketAt(bucket < bucketsUsed ? bucket : bucket & (bucketMask >> 1));
}
function reserveBucket(bucket: u32): bool {
  const slot = bucketPages + ((bucket >> BUCKET_SHIFT) << 2);
  if (!load<u32>(slot)) store<u32>(slot, allocateZeroedFor(AREA_CODE, BUCKET_PAGE << 2) as u32);
  return load<u32>(slot) != 0;
}

function hashOf(module: u64, index: u32, uniq: u32): u32 {
  return (((atomHash(module) * 31 + index) * 31 + uniq) * 0x9e37_79b1) >> 8;
}

function find(module: u64, index: u32, uniq: u32, md5: usize): usize {
  if (!bucketsUsed) return 0;
  let entry = load<u32>(bucketOf(hashOf(module, index, uniq))) as usize;
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

function hashOfEntry(entry: usize): u32 {
  return hashOf(
    load<u64>(entry, FUN_MODULE),
    load<u32>(entry, FUN_INDEX),
    load<u32>(entry, FUN_UNIQ),
  );
}
/** One bucket more when there are more entries; without memory for it chains become longer. */
function splitBucket(): void {
  const fresh = bucketsUsed;
  if (funEntryCount <= fresh || fresh >= BUCKETS_MAX || !reserveBucket(fresh)) return;
  if (fresh > bucketMask) bucketMask = (bucketMask << 1) | 1;
  bucketsUsed = fresh + 1;
  let stay = bucketAt(fresh & (bucketMask >> 1));
  let leave = bucketAt(fresh);
  let entry = load<u32>(stay) as usize;
  while (entry) {
    if ((hashOfEntry(entry) & bucketMask) == fresh) {
      store<u32>(leave, entry as u32);
      leave = entry + FUN_NEXT;
    } else {
      store<u32>(stay, entry as u32);
      stay = entry + FUN_NEXT;
    }
    entry = load<u32>(entry, FUN_NEXT);
  }
  store<u32>(stay, 0);
  store<u32>(leave, 0);
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
  if (!bucketsUsed && reserveBucket(0)) bucketsUsed = BUCKET_PAGE;
  const entry = bucketsUsed ? allocateZeroedFor(AREA_CODE, FUN_BYTES) : 0;
  if (!entry) return 0;
  store<u64>(entry, module, FUN_MODULE);
  store<u32>(entry, index, FUN_INDEX);
  store<u32>(entry, arity, FUN_ARITY);
  store<u32>(entry, free, FUN_FREE);
  store<u32>(entry, uniq, FUN_UNIQ);
  memory.copy(entry + FUN_MD5, md5, 16);
  store<u32>(entry, 0, FUN_ADDRESS);
  const bucket = bucketOf(hashOf(module, index, uniq));
  store<u32>(entry, load<u32>(bucket), FUN_NEXT);
  store<u32>(bucket, entry as u32);
  funEntryCount++;
  splitBucket();
  return entry;
}

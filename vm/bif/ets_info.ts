/** BIFs of module ets that tell about tables. */
import { outOfMemory, trapTo } from '../errors';
import { badEtsArgument, badTable } from '../ets/errors';
import {
  am_auto,
  am_bag,
  am_binary,
  am_compressed,
  am_decentralized_counters,
  am_duplicate_bag,
  am_false,
  am_fixed,
  am_heir,
  am_id,
  am_debug_hash_fixed_number_of_locks,
  am_keypos,
  am_stats,
  am_memory,
  am_name,
  am_named_table,
  am_node,
  am_none,
  am_ordered_set,
  am_owner,
  am_private,
  am_protected,
  am_protection,
  am_public,
  am_read_concurrency,
  am_safe_fixed,
  am_safe_fixed_monotonic_time,
  am_set,
  am_size,
  am_true,
  am_type,
  am_undefined,
  am_write_concurrency,
} from '../gen/atoms';
import { BIF_etsStats6 } from '../gen/bifs';
import { P_ID } from '../gen/layout';
import { hAlloc, memoryExhausted } from '../heap';
import { wallClock } from '../host';
import { nodeName } from '../names';
import { finiteFloat, integerOfI64 } from '../numbers';
import { setX } from '../registers';
import { makeReference, newReferenceNumber } from '../refs';
import { deliver, tuple2 } from '../signals';
import { budget, chargeReductions, current } from '../state';
import { NIL, NONE, SUB_TUPLE, boxedOf, headerOf, makeCons, smallOf, smallValue } from '../term';
import { bucketCount, chainGone, chainLength } from '../ets/hash_table';
import { fixationAfter, fixationCount, fixationProcess } from '../ets/fixation';
import {
  ACCESS_PRIVATE,
  ACCESS_PROTECTED,
  FLAG_COMPRESSED,
  FLAG_DECENTRALIZED,
  FLAG_NAMED,
  FLAG_READ_CONCURRENCY,
  FLAG_WRITE_AUTO,
  FLAG_WRITE_CONCURRENCY,
  TYPE_BAG,
  TYPE_DUPLICATE_BAG,
  TYPE_ORDERED_SET,
  T_ACCESS,
  T_COUNT,
  T_FIXED_AT,
  T_FIXES,
  T_FLAGS,
  T_HEIR,
  T_KEYPOS,
  T_LOCKS,
  T_NAME,
  T_OWNER,
  T_TYPE,
  T_WORDS,
} from '../ets/layout';
import {
  isTableTerm,
  settledTable,
  tableAfter,
  tableBusy,
  tableReference,
  tableTerm,
} from '../ets/registry';
import { binariesOf } from './ets_select';
import { timestampOf } from './time';

/** The items of ets:info/1, in its order. */
const items: usize = memory.data<u64>([
  am_id,
  am_decentralized_counters,
  am_read_concurrency,
  am_write_concurrency,
  am_compressed,
  am_memory,
  am_owner,
  am_heir,
  am_name,
  am_size,
  am_node,
  am_named_table,
  am_type,
  am_keypos,
  am_protection,
]);
const ITEMS: u32 = 15;

function typeName(type: u32): u64 {
  if (type == TYPE_BAG) return am_bag;
  if (type == TYPE_DUPLICATE_BAG) return am_duplicate_bag;
  return type == TYPE_ORDERED_SET ? am_ordered_set : am_set;
}
function accessName(access: u32): u64 {
  if (access == ACCESS_PRIVATE) return am_private;
  return access == ACCESS_PROTECTED ? am_protected : am_public;
}
function flag(table: usize, bit: u32): u64 {
  return load<u32>(table, T_FLAGS) & bit ? am_true : am_false;
}
function writeConcurrency(table: usize): u64 {
  const locks = load<u32>(table, T_LOCKS);
  if (locks) return tuple2(am_debug_hash_fixed_number_of_locks, smallOf(locks as i64));
  return load<u32>(table, T_FLAGS) & FLAG_WRITE_AUTO
    ? am_auto
    : flag(table, FLAG_WRITE_CONCURRENCY);
}
function heirOf(table: usize): u64 {
  const heir = load<u64>(table, T_HEIR);
  return heir ? heir : am_none;
}

/** {Time, [{Pid, Count}]}, or false when nobody fixes the table. */
function fixations(table: usize, monotonic: bool): u64 {
  if (!load<u32>(table, T_FIXES)) return am_false;
  let list = NIL;
  let record = fixationAfter(table, 0);
  while (record) {
    const pid = load<u64>(fixationProcess(record), P_ID);
    const pair = tuple2(pid, smallOf(fixationCount(record) as i64));
    list = makeCons(hAlloc(2), pair, list);
    record = fixationAfter(table, record);
  }
  const at = load<i64>(table, T_FIXED_AT);
  return tuple2(monotonic ? integerOfI64(at) : timestampOf(wallClock() + at), list);
}

/** One item; NONE when there is no such item. */
function infoItem(table: usize, item: u64): u64 {
  if (item == am_id) return tableReference(table);
  if (item == am_size) return smallOf(load<u32>(table, T_COUNT) as i64);
  if (item == am_memory) return smallOf(load<u64>(table, T_WORDS) as i64);
  if (item == am_owner) return load<u64>(table, T_OWNER);
  if (item == am_heir) return heirOf(table);
  if (item == am_name) return load<u64>(table, T_NAME);
  if (item == am_node) return nodeName();
  if (item == am_type) return typeName(load<u32>(table, T_TYPE));
  if (item == am_keypos) return smallOf(load<u32>(table, T_KEYPOS) as i64);
  if (item == am_protection) return accessName(load<u32>(table, T_ACCESS));
  if (item == am_named_table) return flag(table, FLAG_NAMED);
  if (item == am_compressed) return flag(table, FLAG_COMPRESSED);
  if (item == am_read_concurrency) return flag(table, FLAG_READ_CONCURRENCY);
  if (item == am_write_concurrency) return writeConcurrency(table);
  if (item == am_decentralized_counters) return flag(table, FLAG_DECENTRALIZED);
  if (item == am_fixed) return load<u32>(table, T_FIXES) ? am_true : am_false;
  if (item == am_safe_fixed) return fixations(table, false);
  if (item == am_safe_fixed_monotonic_time) return fixations(table, true);
  return NONE;
}

// bif: ets:info/1
export function etsInfo1(tab: u64): u64 {
  const table = settledTable(tab);
  if (!table) return !tableBusy && isTableTerm(tab) ? am_undefined : badTable(tab);
  let list = NIL;
  for (let i = ITEMS; i > 0; i--) {
    const item = load<u64>(items + ((i - 1) << 3));
    const pair = tuple2(item, infoItem(table, item));
    list = makeCons(hAlloc(2), pair, list);
  }
  return list;
}

// bif: ets:info/2
export function etsInfo2(tab: u64, item: u64): u64 {
  const table = settledTable(tab);
  if (!table) return !tableBusy && isTableTerm(tab) ? am_undefined : badTable(tab);
  if (item == am_stats)
    return load<u32>(table, T_TYPE) == TYPE_ORDERED_SET
      ? am_false
      : etsStats6(tab, smallOf(0), smallOf(0), smallOf(0xffff_ffff), smallOf(0), smallOf(0));
  if (item == am_binary) return binariesOf(tab, table);
  const value = infoItem(table, item);
  return value ? value : badEtsArgument();
}

/**
 * How long the chains of a hash table are: goes on at bucket `from`, with the sum of the squares of
 * the lengths so far, the least and the greatest one, and the number of objects that are deleted
 * but still there. The table may change meanwhile; a single chain is looked at in one go.
 */
// bif: vbeam_internal:ets_stats/6
export function etsStats6(
  tab: u64,
  from: u64,
  squares: u64,
  least: u64,
  greatest: u64,
  gone: u64,
): u64 {
  const table = settledTable(tab);
  if (!table) return tableBusy ? badTable(tab) : am_undefined;
  const buckets = bucketCount(table) as i64;
  let sum = smallValue(squares);
  let low = smallValue(least);
  let high = smallValue(greatest);
  let kept = smallValue(gone);
  let index = smallValue(from);
  let left = budget();
  for (; index < buckets && left > 0; index++) {
    const length = chainLength(table, index as u32) as i64;
    sum += length * length;
    kept += chainGone as i64;
    low = min(low, length);
    high = max(high, length);
    left -= (length as i32) + 1;
  }
  chargeReductions(budget() - max(left, 0));
  if (index >= buckets) return statsOf(table, sum as f64, low, high, kept);
  setX(0, tab);
  setX(1, smallOf(index));
  setX(2, smallOf(sum));
  setX(3, smallOf(low));
  setX(4, smallOf(high));
  setX(5, smallOf(kept));
  return trapTo(BIF_etsStats6, 6);
}
/**
 * {Buckets, Average, Deviation, Deviation of perfect hashes, Least, Greatest, Objects that were
 * deleted while the table is fixed, Locks}.
 */
function statsOf(table: usize, squares: f64, least: i64, greatest: i64, gone: i64): u64 {
  // Of a table that is not fixed they are freed when their chains are next changed.
  const kept = load<u32>(table, T_FIXES) ? gone : 0;
  const buckets = bucketCount(table);
  const items = ((load<u32>(table, T_COUNT) as i64) + kept) as f64;
  const n = buckets as f64;
  const average = items / n;
  const deviation = sqrt(max<f64>(squares - (items * items) / n, 0) / n);
  const at = hAlloc(9);
  store<u64>(at, headerOf(SUB_TUPLE, 8));
  store<u64>(at, smallOf(buckets as i64), 8);
  store<u64>(at, finiteFloat(average), 16);
  store<u64>(at, finiteFloat(deviation), 24);
  store<u64>(at, finiteFloat(sqrt(average * (1.0 - 1.0 / n))), 32);
  store<u64>(at, smallOf(least), 40);
  store<u64>(at, smallOf(greatest), 48);
  store<u64>(at, smallOf(kept), 56);
  store<u64>(at, smallOf(max(load<u32>(table, T_LOCKS), 1) as i64), 64);
  return boxedOf(at);
}

// bif: ets:internal_request_all/0
export function etsInternalRequestAll0(): u64 {
  const reference = makeReference(newReferenceNumber());
  let list = NIL;
  let count = 0;
  for (let table = tableAfter(0); table; table = tableAfter(table)) {
    list = makeCons(hAlloc(2), tableTerm(table), list);
    if (memoryExhausted) return outOfMemory();
    count++;
  }
  chargeReductions(count >> 2);
  return deliver(current, tuple2(reference, list)) ? reference : outOfMemory();
}

/**
 * Values of erlang:system_info/1 that are the same on every machine, or are made for one caller:
 * what a VM without threads, allocator instances and drivers answers.
 */
import { BIF_IN_OTP, BIF_NAMES, BIF_NAMES_COUNT } from '../gen/bifs';
import {
  am_alloc_util_allocators,
  am_allocated_areas,
  am_binary_alloc,
  am_eheap_alloc,
  am_ets_alloc,
  am_fix_alloc,
  am_std_alloc,
  am_allocator,
  am_allocator_sizes,
  am_beam_jump_table,
  am_check_io,
  am_context_reductions,
  am_cpu_quota,
  am_cpu_topology,
  am_defined,
  am_detected,
  am_dynamic_trace,
  am_dynamic_trace_probes,
  am_eager_check_io,
  am_emu_args,
  am_error_logger,
  am_ethread_info,
  am_ethread_used_tse,
  am_ets_always_compress,
  am_ets_count,
  am_false,
  am_fullsweep_after,
  am_garbage_collection,
  am_heap_sizes,
  am_heap_type,
  am_kill,
  am_lock_checking,
  am_lock_counting,
  am_max_heap_size,
  am_message_queue_data,
  am_min_bin_vheap_size,
  am_min_heap_size,
  am_multi_scheduling_blockers,
  am_none,
  am_normal_multi_scheduling_blockers,
  am_on_heap,
  am_private,
  am_reader_groups_map,
  am_run_queues,
  am_scheduler_bindings,
  am_schedulers_active,
  am_schedulers_state,
  am_sequential_tracer,
  am_size,
  am_snifs,
  am_taints,
  am_true,
  am_unbound,
  am_unchanged,
  am_undefined,
  am_unknown,
  am_update_cpu_info,
  am_used,
} from '../gen/atoms';
import { tableCount } from '../ets/registry';
import { hAlloc } from '../heap';
import { heapSizeFor } from '../heap_sizes';
import { allocatedAreas, allocatorSizes, requestMemory } from './memory_info';
import { emptyMap, mapPut } from '../maps';
import { fullsweepAfterSetting, minBinaryHeapSetting, minHeapSetting } from '../settings';
import { tuple2, tuple3 } from '../signals';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  atomOf,
  boxedOf,
  headerOf,
  isTuple,
  makeCons,
  smallOf,
  tupleArity,
  tupleElement,
  isList,
} from '../term';

/** Sizes of a heap are told up to as many words. */
const HEAP_SIZES: u64 = 1 << 56;
const HEAP_SIZES_MAX: u32 = 256;

function cons(first: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), first, rest);
}
/** {Module, Function, Arity} of each of OTP's BIFs that there are. */
function otpBifs(): u64 {
  let list = NIL;
  for (let i = BIF_NAMES_COUNT; i > 0; i--) {
    if (!load<u8>(BIF_IN_OTP + i - 1)) continue;
    const row = BIF_NAMES + ((i - 1) << 4);
    const at = hAlloc(4);
    store<u64>(at, headerOf(SUB_TUPLE, 3));
    store<u64>(at, atomOf(load<u32>(row)), 8);
    store<u64>(at, atomOf(load<u32>(row, 4)), 16);
    store<u64>(at, smallOf(load<u32>(row, 8)), 24);
    list = cons(boxedOf(at), list);
  }
  return list;
}
function sizeAfter(size: u64): u64 {
  const next = heapSizeFor(size + 1);
  return next > size + (size >> 3) ? next : size + size / 5;
}
/** Sizes that heaps grow to; behind those that addresses allow, as the sequence goes on. */
function heapSizes(below: u64): u64 {
  const sizes = memory.data(HEAP_SIZES_MAX * 8, 8);
  let count: u32 = 0;
  for (let size: u64 = 12; size < below && count < HEAP_SIZES_MAX; size = sizeAfter(size)) {
    store<u64>(sizes + (count << 3), size);
    count++;
  }
  let list = NIL;
  for (let i = count; i > 0; i--)
    list = cons(smallOf(load<u64>(sizes + ((i - 1) << 3)) as i64), list);
  return list;
}
function maxHeapSize(): u64 {
  let map = mapPut(emptyMap(), am_error_logger, am_true);
  map = mapPut(map, am_kill, am_true);
  return mapPut(map, am_size, smallOf(0));
}
function collectionDefaults(): u64 {
  let list = cons(tuple2(am_fullsweep_after, smallOf(fullsweepAfterSetting)), NIL);
  list = cons(tuple2(am_min_heap_size, smallOf(minHeapSetting)), list);
  list = cons(tuple2(am_min_bin_vheap_size, smallOf(minBinaryHeapSetting)), list);
  return cons(tuple2(am_max_heap_size, smallOf(0)), list);
}
function characters(text: string): u64 {
  let list = NIL;
  for (let i = text.length; i > 0; i--) list = cons(smallOf(text.charCodeAt(i - 1) as i64), list);
  return list;
}
/** A fact about threads as OTP's ethread library states it. There are none: all is atomic. */
function threadFact(name: string, value: string, rest: u64): u64 {
  return cons(tuple3(characters(name), characters(value), NIL), rest);
}
function threadFacts(): u64 {
  const facts = threadFact('Double word native atomics', 'one thread', NIL);
  return threadFact(
    '32-bit native atomics',
    'one thread',
    threadFact('64-bit native atomics', 'one thread', facts),
  );
}
function tuple1(element: u64): u64 {
  const at = hAlloc(2);
  store<u64>(at, headerOf(SUB_TUPLE, 1));
  store<u64>(at, element, 8);
  return boxedOf(at);
}
/** Items with a value that never changes. */
function constantValue(item: u64): u64 {
  if (item == am_heap_type) return am_private;
  if (item == am_message_queue_data) return am_on_heap;
  if (item == am_dynamic_trace) return am_none;
  if (item == am_update_cpu_info) return am_unchanged;
  if (item == am_cpu_quota) return am_unknown;
  if (item == am_eager_check_io || item == am_beam_jump_table) return am_true;
  if (
    item == am_dynamic_trace_probes ||
    item == am_ets_always_compress ||
    item == am_lock_checking ||
    item == am_lock_counting
  )
    return am_false;
  if (
    item == am_taints ||
    item == am_multi_scheduling_blockers ||
    item == am_normal_multi_scheduling_blockers ||
    item == am_check_io ||
    item == am_emu_args
  )
    return NIL;
  return NONE;
}
/** {Item, Of} */
function valueOf(item: u64, which: u64): u64 {
  if (item == am_allocator_sizes && (isList(which) || which == NIL)) return allocatorSizes(which);
  if (item == am_allocator || item == am_allocator_sizes) return am_false;
  if (item == am_cpu_topology && (which == am_used || which == am_defined || which == am_detected))
    return am_undefined;
  return NONE;
}

/** Names of the allocators that tell of memory (memory_info.ts), in OTP's order. */
function allocatorNames(): u64 {
  const list = cons(am_eheap_alloc, cons(am_ets_alloc, cons(am_fix_alloc, NIL)));
  return cons(am_binary_alloc, cons(am_std_alloc, list));
}

/** The value of a further item of system_info, NONE when there is none. */
export function systemValue(item: u64): u64 {
  if (isTuple(item) && tupleArity(item) == 2)
    return valueOf(tupleElement(item, 1), tupleElement(item, 2));
  if (isTuple(item) && tupleArity(item) == 3)
    return requestMemory(tupleElement(item, 1), tupleElement(item, 2), tupleElement(item, 3));
  const value = constantValue(item);
  if (value != NONE) return value;
  if (item == am_allocated_areas) return allocatedAreas();
  if (item == am_alloc_util_allocators) return allocatorNames();
  if (item == am_snifs) return otpBifs();
  if (item == am_heap_sizes) return heapSizes(HEAP_SIZES);
  if (item == am_garbage_collection) return collectionDefaults();
  if (item == am_max_heap_size) return maxHeapSize();
  if (item == am_ets_count) return smallOf(tableCount);
  if (item == am_context_reductions) return smallOf(4000);
  if (item == am_schedulers_active || item == am_run_queues) return smallOf(1);
  if (item == am_schedulers_state) return tuple3(smallOf(1), smallOf(1), smallOf(1));
  if (item == am_scheduler_bindings) return tuple1(am_unbound);
  if (item == am_ethread_info) return threadFacts();
  if (item == am_ethread_used_tse) return smallOf(0);
  if (item == am_sequential_tracer) return tuple2(am_sequential_tracer, am_false);
  if (item == am_reader_groups_map) return cons(tuple2(smallOf(0), smallOf(1)), NIL);
  return NONE;
}

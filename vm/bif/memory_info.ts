/**
 * What erlang.erl asks for to answer memory/0,1 and system_info({allocator, _}): the sizes of the
 * memory areas in the form that OTP's allocators have. A request is answered by a message
 * {Reference, Number, Answers}; there is one such answer, by "thread" 0.
 */
import { deliver, tuple2, tuple3 } from '../signals';
import {
  am_allocator,
  am_allocator_sizes,
  am_atom_space,
  am_atom_table,
  am_bif_timer,
  am_binary_alloc,
  am_blocks,
  am_eheap_alloc,
  am_ets_alloc,
  am_false,
  am_fix_alloc,
  am_fix_types,
  am_instance,
  am_loaded_code,
  am_mbcs,
  am_memory_internal,
  am_process_table,
  am_sbcs,
  am_size,
  am_std_alloc,
  am_true,
} from '../gen/atoms';
import { outOfMemory } from '../errors';
import { hAlloc } from '../heap';
import {
  AREA_ATOMS,
  AREA_BINARIES,
  AREA_CODE,
  AREA_SYSTEM,
  AREA_TABLES,
  areaBytes,
  otherBytes,
} from '../memory_areas';
import { sendTimerBytes } from '../send_timers';
import { current } from '../state';
import { NIL, NONE, head, isAtom, isList, isReference, makeCons, smallOf, tail } from '../term';

/** erlang.erl names each of its dozen allocators once. */
const ALLOCATORS_MAX = 64;

function cons(first: u64, rest: u64): u64 {
  return makeCons(hAlloc(2), first, rest);
}
function only(element: u64): u64 {
  return cons(element, NIL);
}
/** Bytes that the allocator of this name has handed out. */
function allocatorBytes(name: u64): u32 {
  if (name == am_binary_alloc) return areaBytes(AREA_BINARIES);
  if (name == am_ets_alloc) return areaBytes(AREA_TABLES);
  if (name == am_eheap_alloc) return otherBytes() - sendTimerBytes();
  if (name == am_fix_alloc) return sendTimerBytes();
  if (name == am_std_alloc)
    return areaBytes(AREA_SYSTEM) + areaBytes(AREA_ATOMS) + areaBytes(AREA_CODE);
  return 0;
}
/** {Name, 0, [{mbcs, [{blocks, [{Name, [{size, Bytes}]}]}]}]} */
function allocatorAnswer(name: u64): u64 {
  const size = only(tuple2(am_size, smallOf(allocatorBytes(name))));
  const blocks = only(tuple2(am_blocks, only(tuple2(name, size))));
  const carriers = only(tuple2(am_mbcs, blocks));
  if (name != am_fix_alloc) return tuple3(name, smallOf(0), carriers);
  const bytes = smallOf(sendTimerBytes() as i64);
  const types = only(tuple3(am_bif_timer, bytes, bytes));
  return tuple3(name, smallOf(0), cons(tuple2(am_fix_types, types), carriers));
}

/** What system_info({allocator_sizes, Names}) tells: [{Name, [{instance, 0, Carriers}]}]. */
export function allocatorSizes(names: u64): u64 {
  let backwards = NIL;
  let rest = names;
  for (let i = 0; i < ALLOCATORS_MAX && isList(rest) && isAtom(head(rest)); i++) {
    backwards = cons(head(rest), backwards);
    rest = tail(rest);
  }
  if (rest != NIL) return NONE;
  let list = NIL;
  for (; isList(backwards); backwards = tail(backwards)) {
    const name = head(backwards);
    list = cons(tuple2(name, isAllocator(name) ? only(instanceOf(name)) : am_false), list);
  }
  return list;
}
/** Everything lies in one instance, and counts as blocks of its carriers of many blocks. */
function instanceOf(name: u64): u64 {
  const size = only(tuple2(am_size, smallOf(allocatorBytes(name))));
  const blocks = only(tuple2(am_blocks, only(tuple2(name, size))));
  const single = tuple2(am_sbcs, only(tuple2(am_blocks, NIL)));
  const carriers = cons(tuple2(am_mbcs, blocks), only(single));
  return tuple3(am_instance, smallOf(0), carriers);
}
function isAllocator(name: u64): bool {
  if (name == am_binary_alloc || name == am_ets_alloc || name == am_eheap_alloc) return true;
  return name == am_fix_alloc || name == am_std_alloc;
}

/**
 * Answer {Type, Reference, Allocators} with a message: true, or NONE when it is no such request.
 */
export function requestMemory(type: u64, reference: u64, allocators: u64): u64 {
  const known = type == am_memory_internal || type == am_allocator || type == am_allocator_sizes;
  if (!known || !isReference(reference)) return NONE;
  let names = NIL;
  let rest = allocators;
  for (let i = 0; i < ALLOCATORS_MAX && isList(rest) && isAtom(head(rest)); i++) {
    names = cons(head(rest), names);
    rest = tail(rest);
  }
  if (rest != NIL) return NONE;
  let answers = NIL;
  while (isList(names)) {
    const name = head(names);
    const answer = type == am_memory_internal ? allocatorAnswer(name) : tuple2(name, am_false);
    answers = cons(answer, answers);
    names = tail(names);
  }
  return deliver(current, tuple3(reference, smallOf(0), answers)) ? am_true : outOfMemory();
}

/** erlang:system_info(allocated_areas): what is said of memory that is no allocator's own. */
export function allocatedAreas(): u64 {
  const atoms = smallOf(areaBytes(AREA_ATOMS));
  let list = only(tuple3(am_atom_space, atoms, atoms));
  list = cons(tuple2(am_loaded_code, smallOf(areaBytes(AREA_CODE))), list);
  list = cons(tuple2(am_atom_table, smallOf(0)), list);
  return cons(tuple2(am_process_table, smallOf(0)), list);
}

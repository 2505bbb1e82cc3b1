/**
 * Resources: things outside the heaps that live as long as a term refers to them (atomics, compiled
 * match specifications). The terms are magic references; vm/off_heap.ts counts them and runs the
 * destructor, which at the same time is the resource's type.
 *
 * +------------+------------+------------------+-------------+
 * | references | destructor | reference number | contents... |   u32, u32, u64
 * +------------+------------+------------------+-------------+
 */
import { allocateZeroed } from './alloc';
import { P_OFF_HEAP } from './gen/layout';
import { hAlloc } from './heap';
import { MAGIC_NEXT, MAGIC_OBJECT, isMagicReference, linkHolder } from './off_heap';
import { newReferenceNumber } from './refs';
import { current } from './state';
import { SUB_REF, boxedOf, boxedWord, headerWithExtra } from './term';

/** Bytes before a resource's contents. */
export const RESOURCE_HEADER: u32 = 16;
/** Words of a magic reference. */
export const MAGIC_WORDS: u32 = 5;

/**
 * A resource with `bytes` zeroed bytes of contents that nothing refers to yet; 0 when memory is
 * exhausted.
 */
export function newResource(destructor: u32, bytes: u32): usize {
  if (bytes > 0xffff_0000) return 0;
  const resource = allocateZeroed(RESOURCE_HEADER + bytes);
  if (!resource) return 0;
  store<u32>(resource, destructor, 4);
  store<u64>(resource, newReferenceNumber(), 8);
  return resource;
}

/** A term on the running process's heap that refers to the resource. */
export function resourceTerm(resource: usize): u64 {
  const at = hAlloc(MAGIC_WORDS);
  store<u64>(at, headerWithExtra(SUB_REF, MAGIC_WORDS - 1, 1));
  store<u64>(at, 0, 8);
  store<u64>(at, load<u64>(resource, 8), 16);
  store<u64>(at, resource as u64, MAGIC_OBJECT << 3);
  store<u32>(resource, load<u32>(resource) + 1);
  linkHolder(at, MAGIC_NEXT, current + P_OFF_HEAP);
  return boxedOf(at);
}

/** The resource that `t` refers to if it has this destructor, else 0. Any term will do. */
export function resourceOf(t: u64, destructor: u32): usize {
  if (!isMagicReference(t)) return 0;
  const resource = boxedWord(t, MAGIC_OBJECT) as usize;
  return load<u32>(resource, 4) == destructor ? resource : 0;
}

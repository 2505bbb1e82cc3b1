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
import { MAGIC_OBJECT, isMagicReference } from './off_heap';
import { newMagicNumber } from './refs';
import { MAGIC_WORDS, writeMagicReference } from './shown_resources';
import { current } from './state';
import { boxedOf, boxedWord } from './term';

/** Bytes before a resource's contents. */
export const RESOURCE_HEADER: u32 = 16;

/**
 * A resource with `bytes` zeroed bytes of contents that nothing refers to yet; 0 when memory is
 * exhausted.
 */
export function newResource(destructor: u32, bytes: u32): usize {
  if (bytes > 0xffff_0000) return 0;
  const resource = allocateZeroed(RESOURCE_HEADER + bytes);
  if (!resource) return 0;
  store<u32>(resource, destructor, 4);
  store<u64>(resource, newMagicNumber(), 8);
  return resource;
}

/** A term on the running process's heap that refers to the resource. */
export function resourceTerm(resource: usize): u64 {
  const at = hAlloc(MAGIC_WORDS);
  writeMagicReference(at, resource, load<u32>(current, P_OFF_HEAP));
  store<u32>(current, at as u32, P_OFF_HEAP);
  return boxedOf(at);
}

/** The resource that `t` refers to if it has this destructor, else 0. Any term will do. */
export function resourceOf(t: u64, destructor: u32): usize {
  if (!isMagicReference(t)) return 0;
  const resource = boxedWord(t, MAGIC_OBJECT) as usize;
  return load<u32>(resource, 4) == destructor ? resource : 0;
}

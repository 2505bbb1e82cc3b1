/**
 * Off-heap objects: what a RefcBinary or a magic Reference on some heap keeps alive. Both kinds
 * begin with a reference count, and every heap object that counts as a reference is linked into the
 * off-heap list of the memory it lies in: the process's young or old list, or the list of a heap
 * fragment or literal area. Whoever frees that memory walks the list and drops the references.
 *
 * A binary object is laid out in binary.ts. A magic resource is
 *
 *   { u32 references, u32 destructor, u64 number of its references, ... }
 *
 * where destructor is the function-table index of a function (resource: usize): void, or 0. A
 * destructor frees what the resource owns; the resource's own block is released here afterwards. It
 * must be short, and it must not touch any process heap: it runs inside a collection.
 */
import { release } from './alloc';
import { releaseBinaryObject } from './binary';
import { forgetShown } from './shown_resources';
import { SUB_REF, SUB_REFC_BINARY, headerExtra, headerSubtag, isBoxed, boxedHeader } from './term';

/** Word index of `next` in a RefcBinary and in a magic Reference. */
export const REFC_NEXT: u32 = 2;
export const MAGIC_NEXT: u32 = 4;
/** Word index of the object's address in each of them. */
export const REFC_OBJECT: u32 = 3;
export const MAGIC_OBJECT: u32 = 3;

/** The header is that of a magic reference. */
export function isMagicHeader(header: u64): bool {
  return headerSubtag(header) == SUB_REF && (headerExtra(header) & 1) != 0;
}
export function isMagicReference(t: u64): bool {
  return isBoxed(t) && isMagicHeader(boxedHeader(t));
}
/**
 * Index of the `next` word of an object by its header; 0 when objects of its kind are in no
 * off-heap list.
 */
export function offHeapNextOf(header: u64): u32 {
  if (headerSubtag(header) == SUB_REFC_BINARY) return REFC_NEXT;
  return isMagicHeader(header) ? MAGIC_NEXT : 0;
}

/** The off-heap object that the heap object at `holder` keeps alive. */
export function offHeapObject(holder: usize): usize {
  // RefcBinary and magic Reference hold it in the same word.
  return load<u32>(holder, REFC_OBJECT << 3);
}
export function retainObject(object: usize): void {
  store<u32>(object, load<u32>(object) + 1);
}
/** Drop one reference of a magic resource. */
export function releaseResource(resource: usize): void {
  const left = load<u32>(resource) - 1;
  store<u32>(resource, left);
  if (left) return;
  const destructor = load<u32>(resource, 4);
  if (destructor) call_indirect<void>(destructor, resource);
  forgetShown(load<u64>(resource, 8));
  release(resource);
}
/** The heap object at `holder` (header intact) is gone: drop its reference. */
export function releaseHolder(holder: usize): void {
  if (headerSubtag(load<u64>(holder)) == SUB_REFC_BINARY)
    releaseBinaryObject(offHeapObject(holder));
  else releaseResource(offHeapObject(holder));
}

/**
 * Link the holder at `holder` into the list whose head is the u32 at `slot`; its reference is
 * counted already.
 */
export function linkHolder(holder: usize, nextIndex: u32, slot: usize): void {
  store<u64>(holder + (nextIndex << 3), load<u32>(slot) as u64);
  store<u32>(slot, holder as u32);
}
/** Drop the references of all holders of the list at `slot`, and empty it. */
export function releaseList(slot: usize): void {
  let holder = load<u32>(slot) as usize;
  store<u32>(slot, 0);
  while (holder) {
    const next = load<u32>(holder + (offHeapNextOf(load<u64>(holder)) << 3));
    releaseHolder(holder);
    holder = next;
  }
}
/** Drop the references of about `limit` holders of the list at `slot`; true when it is empty. */
export function releaseSome(slot: usize, limit: u32): bool {
  for (let left = limit; left; left--) {
    const holder = load<u32>(slot) as usize;
    if (!holder) return true;
    store<u32>(slot, load<u32>(holder + (offHeapNextOf(load<u64>(holder)) << 3)));
    releaseHolder(holder);
  }
  return load<u32>(slot) == 0;
}
/**
 * Heap words that one reference to `holder`'s object is worth when deciding whether to collect:
 * what collecting might free.
 */
export function offHeapWeight(holder: usize): u32 {
  if (headerSubtag(load<u64>(holder)) != SUB_REFC_BINARY) return 8;
  return load<u32>(offHeapObject(holder), 4) >> 3;
}

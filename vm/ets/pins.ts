/**
 * Objects of tables that are being copied to a heap in slices. Such an object is pinned: whoever
 * deletes it leaves the freeing to the last reader. There are few at a time, so pins are a list.
 *
 *   pin: +------+--------+---------+---------+
 *        | next | object | readers | deleted |   u32 each
 *        +------+--------+---------+---------+
 */
import { allocate, release } from '../alloc';
import { freeObject } from './object';

const NEXT: u32 = 0;
const OBJECT: u32 = 4;
const READERS: u32 = 8;
const DELETED: u32 = 12;
const PIN_BYTES: u32 = 16;

let first: usize = 0;
export let pinnedCount: u32 = 0;

function find(object: usize): usize {
  let pin = first;
  while (pin && load<u32>(pin, OBJECT) != (object as u32)) pin = load<u32>(pin, NEXT);
  return pin;
}
/** One more reader; false when there is no memory. */
export function pinObject(object: usize): bool {
  let pin = find(object);
  if (!pin) {
    pin = allocate(PIN_BYTES);
    if (!pin) return false;
    store<u32>(pin, first as u32, NEXT);
    store<u32>(pin, object as u32, OBJECT);
    store<u32>(pin, 0, READERS);
    store<u32>(pin, 0, DELETED);
    first = pin;
    pinnedCount++;
  }
  store<u32>(pin, load<u32>(pin, READERS) + 1, READERS);
  return true;
}
/** A reader is done: an object that was deleted meanwhile is freed by the last one. */
export function unpinObject(object: usize): void {
  const pin = find(object);
  if (!pin) return;
  const readers = load<u32>(pin, READERS) - 1;
  store<u32>(pin, readers, READERS);
  if (readers) return;
  let link: usize = 0;
  for (let at = first; at != pin; at = load<u32>(at, NEXT)) link = at;
  if (link) store<u32>(link, load<u32>(pin, NEXT), NEXT);
  else first = load<u32>(pin, NEXT);
  pinnedCount--;
  const deleted = load<u32>(pin, DELETED);
  release(pin);
  if (deleted) freeObject(object);
}
/** The object is about to be freed; true: it is pinned, and its last reader frees it. */
export function staysPinned(object: usize): bool {
  const pin = find(object);
  if (pin) store<u32>(pin, 1, DELETED);
  return pin != 0;
}

/**
 * The records of all classes of the pattern that is being compiled, in one growing block. They are
 * named by their offset, and become part of the compiled pattern.
 */
import { allocate, reallocate, release } from '../alloc';

let area: usize = 0;
let room: u32 = 0;
export let classBytes: u32 = 0;

export function startClasses(): void {
  classBytes = 0;
}
export function classArea(): usize {
  return area;
}
export function dropClasses(): void {
  if (room <= 16384) return;
  release(area);
  area = 0;
  room = 0;
}
/** Room for one record; its offset, or 0xffffffff when memory is exhausted. */
export function newClass(bytes: u32): u32 {
  if (classBytes + bytes > room) {
    const wanted = max(room << 1, max(4096, classBytes + bytes));
    const fresh = area ? reallocate(area, wanted) : allocate(wanted);
    if (!fresh) return 0xffff_ffff;
    area = fresh;
    room = wanted;
  }
  const offset = classBytes;
  classBytes += bytes;
  return offset;
}

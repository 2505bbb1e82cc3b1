/** Terms of another heap, a table or the VM itself, brought onto the running process's heap. */
import { copyTerm, flatSize } from './copy';
import { outOfMemory } from './errors';
import { P_OFF_HEAP } from './gen/layout';
import { hAlloc } from './heap';
import { current } from './state';
import { NONE, isImmediate } from './term';

/** A copy of `t` for the running process; NONE when memory ran out. */
export function importTerm(t: u64): u64 {
  if (isImmediate(t)) return t;
  const size = flatSize(t);
  if (!size) return t;
  const at = hAlloc(size);
  if (!at) {
    outOfMemory();
    return NONE;
  }
  return copyTerm(t, at, current, current + P_OFF_HEAP);
}

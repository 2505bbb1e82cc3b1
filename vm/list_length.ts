/** The length of a list; that of a long one is counted in steps that may be left (vm/walk.ts). */
import { NIL, isList, tail } from './term';
import { putAside, shouldLeave, takeUp, walkA, walkB } from './walk';
import { WALK_LENGTH } from './walk_layout';
import { mark } from './work_stack';

/** Cells between two looks at the doorbell. */
const CELLS: u32 = 1024;

/** The number of elements, -1 of an improper list; means nothing when the walk was left. */
export function listLength(list: u64): i64 {
  let count: i64 = 0;
  let rest = list;
  if (takeUp(WALK_LENGTH)) {
    rest = walkA;
    count = walkB as i64;
  }
  while (true) {
    let left = CELLS;
    for (; left && isList(rest); left--) rest = tail(rest);
    count += (CELLS - left) as i64;
    if (!isList(rest)) return rest == NIL ? count : -1;
    if (shouldLeave() && putAside(WALK_LENGTH, mark(), rest, count as u64, 0)) return 0;
  }
}

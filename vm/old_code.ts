/**
 * Does a process still depend on old code of a module: a return address into it? Funs do not count:
 * the purger cuts them off.
 *
 * A stack is searched from its oldest frame on, some words at a time, and may be another one when
 * the search goes on: the process may have run. Nothing enters old code any more when the purger
 * asks, so a return address into it can only be written by old code that something returned to.
 * Its frame is the one below that return address, and what it writes lies in the place of this
 * frame or above: words that the largest frame may have are searched again.
 */
import { I_BLOCK_END, R_OLD, findModule } from './modules';
import { Y_REGISTERS_MAX } from './loader/operands';
import { P_CP, P_HEAP_END, P_PC, P_STACK_TOP } from './gen/layout';

/** Words searched in one go, and of those the ones that have been searched before. */
const SEARCH_WORDS: u32 = 3072;
const AGAIN_WORDS: u32 = Y_REGISTERS_MAX + 2;

/** There is no return address into old code, there is one, or the search must go on. */
export const SEARCH_NOTHING: u32 = 0;
export const SEARCH_FOUND: u32 = 1;
export const SEARCH_MORE: u32 = 2;
/** With SEARCH_MORE: words of the stack that have been searched. */
export let searchedWords: u32 = 0;

/**
 * Search on for an instruction pointer of `process`, whose registers are in its control block, in
 * the old instance of `module`; `searched` words of its stack have been searched before.
 */
export function searchOldCode(process: usize, module: u64, searched: u32): u32 {
  const record = findModule(module);
  const old = record ? (load<u32>(record, R_OLD) as usize) : 0;
  if (!old) return SEARCH_NOTHING;
  const end = load<u32>(old, I_BLOCK_END) as usize;
  const first = !searched;
  if (first && inside(load<u32>(process, P_PC), old, end)) return SEARCH_FOUND;
  if (first && inside(load<u64>(process, P_CP) as usize, old, end)) return SEARCH_FOUND;
  const base = load<u32>(process, P_HEAP_END) as usize;
  const depth = ((base - (load<u32>(process, P_STACK_TOP) as usize)) >> 3) as u32;
  const from = searched > AGAIN_WORDS ? searched - AGAIN_WORDS : 0;
  const limit = min(depth, from + SEARCH_WORDS);
  for (let i = from; i < limit; i++) {
    const word = load<u64>(base - ((i + 1) << 3));
    if ((word & 3) == 0 && inside(word as usize, old, end)) return SEARCH_FOUND;
  }
  searchedWords = limit;
  return limit < depth ? SEARCH_MORE : SEARCH_NOTHING;
}
function inside(address: usize, start: usize, end: usize): bool {
  return address >= start && address < end;
}

/**
 * A check of all that lies on the heap of a process, for tests: headers are known and fit, pointers
 * lead to objects of this heap (or are literals), nothing in the old generation points to a younger
 * one, off-heap lists hold what they should.
 */
import { POISON_WORD } from './alloc';
import { pairAddress, pairCount } from './dictionary';
import {
  P_FRAGMENTS,
  P_GC_MINOR_COUNT,
  P_GROUP_LEADER,
  P_HEAP_END,
  P_HEAP_START,
  P_HEAP_TOP,
  P_LIVE,
  P_MAILBOX_FIRST,
  P_OFF_HEAP,
  P_OLD_OFF_HEAP,
  P_OLD_START,
  P_OLD_TOP,
  P_ROOTS,
  P_SAVED_X,
  P_SEQ_TRACE,
  P_STACK_TOP,
  P_TRAPPED_CALL,
  P_WALK,
} from './gen/layout';
import { SWEEP_REQUIRED } from './gc_start';
import { FRAGMENT_HEADER, FRAGMENT_OFF_HEAP } from './heap';
import { NODE_FRAGMENT, NODE_TERM } from './mailbox';
import { offHeapNextOf, offHeapObject } from './off_heap';
import { ROOT_BLOCK_TERMS } from './roots';
import { TAG_LIST, firstTermOf, headerSubtag, headerWords, isHeapPointer } from './term';

export const FAULT_NONE: u32 = 0;
export const FAULT_HEADER: u32 = 1;
export const FAULT_SIZE: u32 = 2;
export const FAULT_POINTER: u32 = 3;
export const FAULT_TARGET: u32 = 4;
export const FAULT_YOUNGER: u32 = 5;
export const FAULT_HOLDER: u32 = 6;
/** A pointer into a literal area that is gone. */
export const FAULT_LITERAL: u32 = 7;

/** Address of the word at fault. */
export let faultAddress: usize = 0;
let process: usize = 0;
/** The next collection is a full sweep: until then old tuples may point to younger objects. */
let sweepComes: bool = false;
/** The fragment of a message that nobody has looked at yet. */
let message: u32 = 0;

function fault(kind: u32, address: usize): u32 {
  faultAddress = address;
  return kind;
}
/** End of the area of the process's heap in which `address` lies, 0 when in none. */
function areaEnd(address: u32): u32 {
  if (address >= load<u32>(process, P_HEAP_START) && address < load<u32>(process, P_HEAP_TOP))
    return load<u32>(process, P_HEAP_TOP);
  if (inOld(address)) return load<u32>(process, P_OLD_TOP);
  for (let fragment = load<u32>(process, P_FRAGMENTS); fragment; fragment = load<u32>(fragment)) {
    const end = fragmentEnd(fragment);
    if (address >= fragment + FRAGMENT_HEADER && address < end) return end;
  }
  const inMessage = message && address >= message + FRAGMENT_HEADER;
  return inMessage && address < fragmentEnd(message) ? fragmentEnd(message) : 0;
}
function fragmentEnd(fragment: u32): u32 {
  return fragment + FRAGMENT_HEADER + (load<u32>(fragment, 8) << 3);
}
function inOld(address: u32): bool {
  return address >= load<u32>(process, P_OLD_START) && address < load<u32>(process, P_OLD_TOP);
}
/** The word at `at` is a term; `old`: it lies in the old generation. */
function checkTerm(at: usize, old: bool): u32 {
  const word = load<u64>(at);
  if ((word & 3) == 0) return fault(FAULT_HEADER, at);
  if ((word & 3) == 3) return FAULT_NONE;
  const target = (word as u32) & ~3;
  if (!isHeapPointer(word))
    return literalIsThere(word, target) ? FAULT_NONE : fault(FAULT_LITERAL, at);
  const end = areaEnd(target);
  if (!end || target & 7 || word >> 32) return fault(FAULT_POINTER, at);
  if (old && !inOld(target) && !sweepComes) return fault(FAULT_YOUNGER, at);
  const first = load<u64>(target);
  if ((word & 3) == TAG_LIST)
    return first & 3 && target + 16 <= end ? FAULT_NONE : fault(FAULT_TARGET, at);
  if (first & 3 || headerSubtag(first) == 11) return fault(FAULT_TARGET, at);
  return target + ((headerWords(first) + 1) << 3) <= end ? FAULT_NONE : fault(FAULT_SIZE, at);
}
/** A literal's area has not been freed: then it would be overwritten (alloc.ts). */
function literalIsThere(word: u64, target: usize): bool {
  const first = load<u64>(target);
  return (word & 3) == TAG_LIST ? first != POISON_WORD && (first & 3) != 0 : (first & 3) == 0;
}
function checkArea(start: u32, end: u32, old: bool): u32 {
  let at = start as usize;
  while ((end as usize) > at) {
    const word = load<u64>(at);
    if (word & 3) {
      const found = checkTerm(at, old);
      if (found) return found;
      at += 8;
      continue;
    }
    const subtag = headerSubtag(word);
    const words = headerWords(word) + 1;
    if (subtag == 11) return fault(FAULT_HEADER, at);
    if (words > (end - (at as u32)) >> 3) return fault(FAULT_SIZE, at);
    const first = firstTermOf(subtag);
    at += (first ? first : words) << 3;
  }
  return at == (end as usize) ? FAULT_NONE : fault(FAULT_SIZE, at);
}
/** Roots: raw words with primary tag 0 are allowed. */
function checkRoots(start: u32, end: u32): u32 {
  for (let at = start as usize; (end as usize) > at; at += 8) {
    if ((load<u64>(at) & 3) == 0) continue;
    const found = checkTerm(at, false);
    if (found) return found;
  }
  return FAULT_NONE;
}
function checkHolders(slot: usize, old: bool): u32 {
  let holder = load<u32>(slot);
  while (holder) {
    if (!areaEnd(holder) || inOld(holder) != old) return fault(FAULT_HOLDER, holder);
    const next = offHeapNextOf(load<u64>(holder));
    if (!next || !load<u32>(offHeapObject(holder))) return fault(FAULT_HOLDER, holder);
    holder = load<u32>(holder + (next << 3));
  }
  return FAULT_NONE;
}

function checkFragment(fragment: u32): u32 {
  const found = checkArea(fragment + FRAGMENT_HEADER, fragmentEnd(fragment), false);
  return found ? found : checkHolders(fragment + FRAGMENT_OFF_HEAP, false);
}
function checkMailbox(): u32 {
  let found: u32 = FAULT_NONE;
  let node = load<u32>(process, P_MAILBOX_FIRST) as usize;
  for (; node && !found; node = load<u32>(node)) {
    message = load<u32>(node, NODE_FRAGMENT);
    if (message) found = checkFragment(message);
    if (!found) found = checkTerm(node + NODE_TERM, false);
    message = 0;
  }
  return found;
}
function checkDictionary(): u32 {
  let found: u32 = FAULT_NONE;
  const pairs = pairCount(process);
  for (let i: u32 = 0; i < pairs && !found; i++) {
    const at = pairAddress(process, i) as u32;
    found = checkRoots(at, at + 16);
  }
  return found;
}
function checkRootBlocks(): u32 {
  let found: u32 = FAULT_NONE;
  for (let block = load<u32>(process, P_ROOTS); block && !found; block = load<u32>(block)) {
    const start = block + ROOT_BLOCK_TERMS;
    found = checkRoots(start, start + (load<u32>(block, 4) << 3));
  }
  return found;
}

/**
 * 0 when the heap of `owner` is sound, else a FAULT_ number; the process must be swapped out and
 * not be collecting.
 */
export function checkHeap(owner: usize): u32 {
  process = owner;
  sweepComes = load<u32>(process, P_GC_MINOR_COUNT) == SWEEP_REQUIRED;
  let found = checkArea(load<u32>(process, P_HEAP_START), load<u32>(process, P_HEAP_TOP), false);
  if (!found)
    found = checkArea(load<u32>(process, P_OLD_START), load<u32>(process, P_OLD_TOP), true);
  let fragment = load<u32>(process, P_FRAGMENTS);
  for (; fragment && !found; fragment = load<u32>(fragment)) found = checkFragment(fragment);
  if (!found) found = checkRoots(load<u32>(process, P_STACK_TOP), load<u32>(process, P_HEAP_END));
  // In the middle of a walk all of them are kept, terms or not (scheduler.ts).
  const registers = load<u32>(process, P_SAVED_X);
  if (!found && !load<u32>(process, P_WALK))
    found = checkRoots(registers, registers + (load<u32>(process, P_LIVE) << 3));
  if (!found) found = checkDictionary();
  if (!found) found = checkRoots(process + P_GROUP_LEADER, process + P_GROUP_LEADER + 8);
  if (!found) found = checkRoots(process + P_SEQ_TRACE, process + P_SEQ_TRACE + 8);
  if (!found) found = checkRoots(process + P_TRAPPED_CALL, process + P_TRAPPED_CALL + 8);
  if (!found) found = checkMailbox();
  if (!found) found = checkRootBlocks();
  if (!found) found = checkHolders(process + P_OFF_HEAP, false);
  return found ? found : checkHolders(process + P_OLD_OFF_HEAP, true);
}

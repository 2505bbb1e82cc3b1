/**
 * A heap that belongs to no process, for terms that are built with functions that use hAlloc and
 * are copied or adopted later: while it is entered, the running process is a control block of
 * zeros, so that all its words are in heap fragments.
 */
import { PROCESS_BYTES, P_FRAGMENTS, P_OFF_HEAP } from './gen/layout';
import { FRAGMENT_OFF_HEAP, fragmentNext, releaseFragment } from './heap';
import { releaseList } from './off_heap';
import { current, heapTop, setCurrent, setHeapTop, setStackTop, stackTop } from './state';

/** The control block of temporary heaps that are left before anything else runs. */
const process: usize = memory.data(1024, 8);
let keptCurrent: usize = 0;
let keptHeapTop: usize = 0;
let keptStackTop: usize = 0;

/** Allocate on the heap of the control block at `block` (PROCESS_BYTES bytes, zero at first). */
export function enterHeapOf(block: usize): void {
  keptCurrent = current;
  keptHeapTop = heapTop;
  keptStackTop = stackTop;
  setCurrent(block);
  setHeapTop(0);
  setStackTop(0);
}
/** Back to the process that was running. */
export function leaveHeap(): void {
  setCurrent(keptCurrent);
  setHeapTop(keptHeapTop);
  setStackTop(keptStackTop);
}
/** Free everything on the heap of the control block. */
export function releaseHeapOf(block: usize): void {
  releaseList(block + P_OFF_HEAP);
  let fragment = load<u32>(block, P_FRAGMENTS) as usize;
  store<u32>(block, 0, P_FRAGMENTS);
  while (fragment) {
    const next = fragmentNext(fragment);
    releaseList(fragment + FRAGMENT_OFF_HEAP);
    releaseFragment(fragment);
    fragment = next;
  }
}

export function enterTemporaryHeap(): void {
  memory.fill(process, 0, PROCESS_BYTES);
  enterHeapOf(process);
}
/** Back to the process that was running; everything on the temporary heap is gone. */
export function leaveTemporaryHeap(): void {
  leaveHeap();
  releaseHeapOf(process);
}

/** Head of the list of off-heap binaries on the temporary heap. */
export function temporaryOffHeap(): usize {
  return load<u32>(process, P_OFF_HEAP);
}
export function setTemporaryOffHeap(first: usize): void {
  store<u32>(process, first as u32, P_OFF_HEAP);
}

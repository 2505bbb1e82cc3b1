/**
 * A heap that belongs to no process, for terms that are built with functions that use hAlloc and
 * are then copied elsewhere: while it is entered, the running process is a control block of zeros,
 * so that all its words are in heap fragments.
 */
import { PROCESS_BYTES, P_FRAGMENTS, P_OFF_HEAP } from '../gen/layout';
import { fragmentNext, releaseFragment } from '../heap';
import { releaseList } from '../off_heap';
import { current, heapTop, setCurrent, setHeapTop, setStackTop, stackTop } from '../state';

const process: usize = memory.data(1024, 8);
let keptCurrent: usize = 0;
let keptHeapTop: usize = 0;
let keptStackTop: usize = 0;

export function enterTemporaryHeap(): void {
  memory.fill(process, 0, PROCESS_BYTES);
  keptCurrent = current;
  keptHeapTop = heapTop;
  keptStackTop = stackTop;
  setCurrent(process);
  setHeapTop(0);
  setStackTop(0);
}

/** Head of the list of off-heap binaries on the temporary heap. */
export function temporaryOffHeap(): usize {
  return load<u32>(process, P_OFF_HEAP);
}
export function setTemporaryOffHeap(first: usize): void {
  store<u32>(process, first as u32, P_OFF_HEAP);
}

/** Back to the process that was running; everything on the temporary heap is gone. */
export function leaveTemporaryHeap(): void {
  setCurrent(keptCurrent);
  setHeapTop(keptHeapTop);
  setStackTop(keptStackTop);
  releaseList(process + P_OFF_HEAP);
  let fragment = load<u32>(process, P_FRAGMENTS) as usize;
  while (fragment) {
    const next = fragmentNext(fragment);
    releaseFragment(fragment);
    fragment = next;
  }
}

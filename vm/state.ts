/**
 * The registers of the virtual machine. While a process runs they are here, not in its control
 * block; `swapIn` and `swapOut` (scheduler.ts) move them. Setters exist because an imported binding
 * cannot be assigned.
 */
/** Control block of the running process, 0 when none runs. */
export let current: usize = 0;
/** Next free word of the heap (HTOP of OTP). */
export let heapTop: usize = 0;
/**
 * Lowest word in use of the stack; the stack is at the end of the heap block and grows down (E of
 * OTP).
 */
export let stackTop: usize = 0;
/** Continuation register: where `return` goes on (D9: a code address with primary tag 0). */
export let continuation: u64 = 0;
/** Reductions that BIFs and ops have asked to be charged since the interpreter last looked. */
export let pendingReductions: i32 = 0;
/** What is left of the slice, as the interpreter last published it (BIF calls, yields). */
export let reductionsLeft: i32 = 0;

export function setCurrent(process: usize): void {
  current = process;
}
export function setHeapTop(address: usize): void {
  heapTop = address;
}
export function setStackTop(address: usize): void {
  stackTop = address;
}
export function setContinuation(word: u64): void {
  continuation = word;
}
export function setPendingReductions(n: i32): void {
  pendingReductions = n;
}
export function setReductionsLeft(n: i32): void {
  reductionsLeft = n;
}

/** Charge `n` reductions to the running process. */
export function chargeReductions(n: i32): void {
  pendingReductions += n;
}
/**
 * What a BIF does in one go at most, in reductions, before it looks whether another process should
 * run (by trapping to its continuation): fewer instructions than a pause may have.
 */
const STEP_REDUCTIONS: i32 = 50;
/**
 * Reductions a BIF may use before it has to yield; at least 1 so that every call makes progress.
 */
export function budget(): i32 {
  const left = reductionsLeft - pendingReductions;
  return left < 1 ? 1 : min(left, STEP_REDUCTIONS);
}
/** Reductions of the slice that the process has not used but given up. */
export let givenUp: i32 = 0;
/** Give up more than is left of the slice: the process leaves the processor after the BIF. */
export function spendSlice(): void {
  const left = max(reductionsLeft - pendingReductions, 0) + 1;
  givenUp += left;
  chargeReductions(left);
}
/** A process gets the processor for so many reductions. */
export function beginSlice(reductions: i32): void {
  pendingReductions = 0;
  givenUp = 0;
  reductionsLeft = reductions;
}

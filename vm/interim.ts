/** Parts that other files need and that are still being written; this file goes away with them. */
import { panic } from './panic';

export function startCollection(process: usize, words: u32, full: bool): i32 {
  panic(full || process || words ? 'gc: no collector yet' : 'gc: no collector yet');
  return -1;
}
export function collectSlice(process: usize, budget: u32): bool {
  return process == 0 || budget == 0;
}
export function freeProcessHeap(process: usize): void {
  if (!process) panic('gc: no process');
}
export function etsOwnerExits(process: usize): void {
  if (!process) panic('ets: no process');
}
export let integerTextLength: u32 = 0;
export function integerText(t: u64): usize {
  integerTextLength = 0;
  return t as usize;
}
export function floatText(value: f64): usize {
  integerTextLength = 0;
  return value as usize;
}

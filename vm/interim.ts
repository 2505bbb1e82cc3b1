/** Parts that other files need and that are still being written; this file goes away with them. */
export let integerTextLength: u32 = 0;
export function integerText(t: u64): usize {
  integerTextLength = 0;
  return t as usize;
}
export function floatText(value: f64): usize {
  integerTextLength = 0;
  return value as usize;
}

/** OTP's erts_literal_area_collector, which has literal areas freed, as others see it. */
import { am_copy_literals } from './gen/atoms';
import { deliver, livingProcess } from './signals';

/** Its pid, 0 = there is none. */
let collector: u64 = 0;
/** It has been told that there are areas, and has not looked since. */
let told: bool = false;

export function setLiteralCollector(pid: u64): void {
  collector = pid;
}
/** There has been one: nobody else can take its place. */
export function hasCollector(): bool {
  return collector != 0;
}
export function literalCollector(): usize {
  return collector ? livingProcess(collector) : 0;
}
/** An area was retired. A message that is lost for want of memory comes with the next area. */
export function tellLiteralCollector(): void {
  const process = literalCollector();
  if (process && !told) told = deliver(process, am_copy_literals);
}
export function collectorLooks(): void {
  told = false;
}

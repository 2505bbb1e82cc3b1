/**
 * Measuring pauses: how long the VM goes at most without looking whether another process should
 * run. While it measures, the doorbell is always rung, so that every place that looks at it leaves
 * the processor; the time from one return to the scheduler to the next is then the distance of two
 * such places, with what the scheduler does in between. Where the clock counts instructions (an
 * emulator that is told so), so do the figures. `make latency` uses this.
 */
import { LINEAR_DOORBELL } from './gen/layout';
import { now } from './host';

const RUNG: i32 = 0x7fff_ffff;

let measuring: bool = false;
let last: i64 = 0;
/** The longest pause since `startMeasuring`, in nanoseconds. */
export let longestPause: i64 = 0;
/** Pauses measured. */
export let pauseCount: u64 = 0;

export function startMeasuring(): void {
  measuring = true;
  longestPause = 0;
  pauseCount = 0;
  store<i32>(LINEAR_DOORBELL, RUNG);
  last = now();
}
export function stopMeasuring(): void {
  measuring = false;
}
/** The scheduler is about to run a process: nothing has asked it to leave so far. */
export function resetDoorbell(): void {
  store<i32>(LINEAR_DOORBELL, measuring ? RUNG : 0);
}
/** The scheduler has control. */
export function notePause(): void {
  if (!measuring) return;
  const time = now();
  if (time - last > longestPause) longestPause = time - last;
  pauseCount++;
  last = time;
}
/** The scheduler has waited for something to do: that was no pause. */
export function skipPause(): void {
  if (measuring) last = now();
}

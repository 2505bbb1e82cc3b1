/**
 * Measuring pauses: how long the VM goes at most without looking whether another process should
 * run. While it measures, the doorbell is always rung, so that every place that looks at it leaves
 * the processor; the time from one return to the scheduler to the next is then the distance of two
 * such places, with what the scheduler does in between. Where the clock counts instructions (an
 * emulator that is told so), so do the figures. `make latency` uses this.
 *
 * Of the longest pause it is kept what ran in it: the function where it began, the BIF that was
 * called last, and the function where it ended.
 */
import { E_ARITY, E_STUB } from './code';
import { LINEAR_DOORBELL } from './gen/layout';
import { OP_bif_stub, OP_undefined_stub } from './gen/opcodes';
import { now } from './host';
import { functionAt } from './modules';

const RUNG: i32 = 0x7fff_ffff;

/** What a turn was spent on. */
export const TURN_REST: u32 = 0;
export const TURN_RUN: u32 = 1;
export const TURN_COLLECTION: u32 = 2;
export const TURN_EXIT: u32 = 3;

/** A function of a pause: {module, name, arity}, u32 each, module 0 = none. */
export const PAUSE_BEGAN: u32 = 0;
export const PAUSE_BIF: u32 = 12;
export const PAUSE_ENDED: u32 = 24;
const places: usize = memory.data(36, 8);

let measuring: bool = false;
let last: i64 = 0;
/** The longest pause since `startMeasuring`, in nanoseconds. */
export let longestPause: i64 = 0;
/** Pauses measured. */
export let pauseCount: u64 = 0;
/** What its turn was spent on, and the phase when that is a collection or an exit. */
export let longestTurn: u32 = 0;
export let longestPhase: u32 = 0;

/** The same of the turn under way, and where it began, where the last one was left. */
let turn: u32 = 0;
let phase: u32 = 0;
let began: usize = 0;
let ended: usize = 0;
/** The export entry through which a BIF was called last. */
export let calledEntry: usize = 0;

export function setCalledEntry(entry: usize): void {
  calledEntry = entry;
}

export function startMeasuring(): void {
  measuring = true;
  longestPause = 0;
  pauseCount = 0;
  longestTurn = TURN_REST;
  store<i32>(LINEAR_DOORBELL, RUNG);
  last = now();
}
export function stopMeasuring(): void {
  measuring = false;
}
/** The scheduler is about to look who is to run: nothing asks that process to leave so far. */
export function resetDoorbell(): void {
  store<i32>(LINEAR_DOORBELL, measuring ? RUNG : 0);
}
/** A process gets its turn: to run from `pc` on, or for a phase of its collection or exit. */
export function noteTurn(what: u32, place: usize): void {
  turn = what;
  if (what == TURN_RUN) began = place;
  else phase = place as u32;
  calledEntry = 0;
  ended = 0;
}
/** The process leaves the processor and goes on at `pc`. */
export function noteLeaving(pc: usize): void {
  ended = pc;
}
/** The scheduler has control. */
export function notePause(): void {
  if (!measuring) return;
  const time = now();
  pauseCount++;
  if (time - last > longestPause) {
    longestPause = time - last;
    keepPlaces();
    last = now();
  } else last = time;
  turn = TURN_REST;
}
/** The scheduler has waited for something to do: that was no pause. */
export function skipPause(): void {
  if (measuring) last = now();
}

// ---- where the longest one was

function keepPlaces(): void {
  memory.fill(places, 0, 36);
  longestTurn = turn;
  longestPhase = phase;
  if (turn != TURN_RUN) return;
  keepFunction(PAUSE_BEGAN, began);
  if (calledEntry) keepEntry(PAUSE_BIF, calledEntry);
  if (ended) keepFunction(PAUSE_ENDED, ended);
}
function keepEntry(which: u32, entry: usize): void {
  store<u32>(places + which, load<u64>(entry) as u32);
  store<u32>(places + which, load<u64>(entry, 8) as u32, 4);
  store<u32>(places + which, load<u32>(entry, E_ARITY), 8);
}
/** The function that `pc` belongs to, which may be the entry of a BIF. */
function keepFunction(which: u32, pc: usize): void {
  const opcode = load<u32>(pc);
  if (opcode == OP_bif_stub || opcode == OP_undefined_stub) {
    keepEntry(which, pc - E_STUB);
    return;
  }
  const info = functionAt(pc);
  if (info) memory.copy(places + which, info + 4, 12);
}
/** Address of the {module, name, arity} of a place of the longest pause. */
export function pausePlace(which: u32): usize {
  return places + which;
}

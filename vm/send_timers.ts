/**
 * erlang:send_after and start_timer: timers that send a message, found by the number of their
 * reference. Those that send to a pid stand in a list of that process, too, and end with it.
 */
import { P_SEND_TIMERS } from './gen/layout';
import { registeredProcess } from './names';
import { processOf } from './process';
import { TABLE_BYTES, chainOf, initTable, tableInsert, tableRemove } from './refs';
import { fragmentRoot } from './copy';
import { deliver, deliverPrepared } from './signals';
import { keepToken, sequentialUsed } from './trace/sequential';
import { prepareMessage } from './mailbox';
import { isAtom } from './term';
import {
  TIMER_BYTES,
  TIMER_SEND,
  T_FRAGMENT,
  T_HASH_NEXT,
  T_MESSAGE,
  T_NUMBER,
  T_SISTER,
  T_SLOT,
  T_TARGET,
  cancelTimer,
  startTimer,
} from './timers';

const table: usize = memory.data(TABLE_BYTES, 8);
/** Timers that are running. */
let running: u32 = 0;
/** Bytes of them, without their messages. */
export function sendTimerBytes(): u32 {
  return running * TIMER_BYTES;
}

export function initSendTimers(): void {
  initTable(table);
}

/** Put the timer in front of the list that begins in the word at `slot`. */
function enlist(timer: usize, slot: usize): void {
  const sister = load<u32>(slot) as usize;
  store<u32>(timer, sister as u32, T_SISTER);
  if (sister) store<u32>(sister, (timer + T_SISTER) as u32, T_SLOT);
  store<u32>(timer, slot as u32, T_SLOT);
  store<u32>(slot, timer as u32);
}
/** Nothing finds the timer any more, but for its place in the heap. */
function forget(timer: usize): void {
  running--;
  tableRemove(table, timer, T_NUMBER, T_HASH_NEXT);
  const slot = load<u32>(timer, T_SLOT) as usize;
  if (!slot) return;
  const sister = load<u32>(timer, T_SISTER) as usize;
  store<u32>(slot, sister as u32);
  if (sister) store<u32>(sister, slot as u32, T_SLOT);
}

/**
 * Start a timer that sends a message to a pid or registered name at `deadline`: what `fragment`
 * holds, or when that is 0 `message`, an immediate or literal. False when memory is short.
 */
export function startSendTimer(
  number: u64,
  deadline: i64,
  target: u64,
  message: u64,
  fragment: usize,
): bool {
  const timer = startTimer(TIMER_SEND, deadline, target);
  if (!timer) return false;
  store<u64>(timer, number, T_NUMBER);
  store<u32>(timer, fragment as u32, T_FRAGMENT);
  store<u64>(timer, fragment ? fragmentRoot(fragment) : message, T_MESSAGE);
  tableInsert(table, timer, T_NUMBER, T_HASH_NEXT);
  const process = isAtom(target) ? 0 : processOf(target);
  if (process) enlist(timer, process + P_SEND_TIMERS);
  running++;
  return true;
}

/** The running timer with this reference number, or 0. */
export function findSendTimer(number: u64): usize {
  let timer = chainOf(table, number);
  while (timer) {
    if (load<u64>(timer, T_NUMBER) == number) return timer;
    timer = load<u32>(timer, T_HASH_NEXT);
  }
  return 0;
}

export function cancelSendTimer(timer: usize): void {
  forget(timer);
  cancelTimer(timer);
}
/** Cancel up to `limit` timers that would send to the process; true when there are no more. */
export function cancelTimersTo(process: usize, limit: u32): bool {
  for (let i: u32 = 0; i < limit; i++) {
    const timer = load<u32>(process, P_SEND_TIMERS) as usize;
    if (!timer) return true;
    cancelSendTimer(timer);
  }
  return false;
}

/** The fragment itself becomes the message. False when memory ran out. */
function sendMessage(process: usize, timer: usize): bool {
  const fragment = load<u32>(timer, T_FRAGMENT) as usize;
  if (!fragment) return deliver(process, load<u64>(timer, T_MESSAGE));
  const node = prepareMessage(fragment);
  if (!node) return false;
  store<u32>(timer, 0, T_FRAGMENT);
  deliverPrepared(process, node);
  return true;
}
/** The timer is due: send its message. The caller frees it. */
export function fireSendTimer(timer: usize): void {
  forget(timer);
  const target = load<u64>(timer, T_TARGET);
  const process = isAtom(target) ? registeredProcess(target) : processOf(target);
  if (process && sendMessage(process, timer) && sequentialUsed) keepToken(process);
}

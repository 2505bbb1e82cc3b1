/** Sending, selective receive, timeouts. The mailbox is drawn in vm/mailbox.ts. */
import { fetchOwn } from '../aliases';
import { CLASS_ERROR, fail } from '../errors';
import {
  am_erlang,
  am_infinity,
  am_receive,
  am_send,
  am_timeout,
  am_timeout_value,
} from '../gen/atoms';
import { LINEAR_DOORBELL, P_ID, P_MAILBOX_SAVE, P_TIMER } from '../gen/layout';
import { now } from '../host';
import { candidate, openMessage, removeCandidate } from '../mailbox';
import { exportEntry } from '../code';
import { bifFailed } from '../interp';
import { firstUnfetched } from '../own_messages';
import { operand, readSource, writeDestination } from '../operands';
import {
  bindMarker,
  clearMarker,
  markByLabel,
  reserveMarker,
  useByLabel,
  useMarker,
} from '../receive_marker';
import { getX, setX } from '../registers';
import { endNormally, requeueRunning, suspendRunning } from '../scheduler';
import { noteEvent, savesCalls } from '../saved_calls';
import { send } from '../send';
import { chargeReductions, current, pendingReductions, reductionsLeft } from '../state';
import { NIL, NONE, isSmall, smallValue } from '../term';
import { TIMER_RECEIVE, cancelTimer, startTimer } from '../timers';
import { mayTrace, tellTimeout } from '../trace/events';
import { receiveToken, sequentialUsed } from '../trace/sequential';
import { raiseAt } from './exceptions';

/** Longest receive timeout in milliseconds. */
const TIMEOUT_MS_MAX: i64 = 0xffff_ffff;

// runs: slow
export function op_send(pc: usize): usize {
  chargeReductions(4);
  if (savesCalls) noteEvent(am_send);
  const message = getX(1);
  // As in OTP, the error is one of erlang:send/2.
  if (send(getX(0), message) == NONE) return bifFailed(pc, 0, exportEntry(am_erlang, am_send, 2));
  setX(0, message);
  return pc + 4;
}

export function op_loop_rec(pc: usize): usize {
  let node = candidate(current);
  if (node == firstUnfetched || !node) {
    fetchOwn();
    node = candidate(current);
    if (!node) return operand(pc, 0);
  }
  writeDestination(operand(pc, 1), openMessage(current, node));
  return pc + 12;
}

// runs: slow
export function op_loop_rec_end(pc: usize): usize {
  store<u32>(current, candidate(current) as u32, P_MAILBOX_SAVE);
  chargeReductions(1);
  if (reductionsLeft - pendingReductions > load<i32>(LINEAR_DOORBELL)) return operand(pc, 0);
  requeueRunning(operand(pc, 0), 0);
  return 0;
}

function stopTimer(): void {
  const timer = load<u32>(current, P_TIMER) as usize;
  if (timer > 1) cancelTimer(timer);
  store<u32>(current, 0, P_TIMER);
}

export function op_remove_message(pc: usize): usize {
  if (sequentialUsed) {
    const node = candidate(current);
    if (node) receiveToken(node, openMessage(current, node));
  }
  if (savesCalls) noteEvent(am_receive);
  removeCandidate(current);
  if (load<u32>(current, P_TIMER)) stopTimer();
  return pc + 4;
}

// runs: slow
export function op_wait(pc: usize): usize {
  suspendRunning(operand(pc, 0), 0);
  return 0;
}

// runs: slow
export function op_wait_timeout(pc: usize): usize {
  const held = load<u32>(current, P_TIMER);
  // The timer fired: the mailbox has been searched to its end once more, so the time is really up.
  if (held == 1) return pc + 12;
  if (!held) {
    const time = readSource(operand(pc, 1));
    if (time != am_infinity) {
      if (!isSmall(time) || smallValue(time) < 0 || smallValue(time) > TIMEOUT_MS_MAX) {
        store<u32>(current, 0, P_MAILBOX_SAVE);
        fail(CLASS_ERROR, am_timeout_value);
        return raiseAt(pc);
      }
      if (smallValue(time) == 0) return pc + 12;
      const timer = startTimer(
        TIMER_RECEIVE,
        now() + smallValue(time) * 1000000,
        load<u64>(current, P_ID),
      );
      store<u32>(current, timer as u32, P_TIMER);
    }
  }
  suspendRunning(operand(pc, 0), 0);
  return 0;
}

export function op_timeout(pc: usize): usize {
  if (mayTrace(current)) tellTimeout();
  if (savesCalls) noteEvent(am_timeout);
  store<u32>(current, 0, P_MAILBOX_SAVE);
  stopTimer();
  return pc + 4;
}

// Receive markers only speed up the pattern make_ref ... receive; searching from the start is
// always right.
export function op_recv_marker_reserve(pc: usize): usize {
  writeDestination(operand(pc, 0), reserveMarker());
  return pc + 8;
}
export function op_recv_marker_bind(pc: usize): usize {
  bindMarker(readSource(operand(pc, 0)), readSource(operand(pc, 1)));
  return pc + 12;
}
export function op_recv_marker_clear(pc: usize): usize {
  clearMarker(readSource(operand(pc, 0)));
  return pc + 8;
}
export function op_recv_marker_use(pc: usize): usize {
  useMarker(readSource(operand(pc, 0)));
  return pc + 8;
}
export function op_recv_mark(pc: usize): usize {
  markByLabel(operand(pc, 0));
  return pc + 8;
}
export function op_recv_set(pc: usize): usize {
  useByLabel(operand(pc, 0));
  return pc + 8;
}

// runs: slow
export function op_i_process_end(pc: usize): usize {
  endNormally();
  return 0;
}

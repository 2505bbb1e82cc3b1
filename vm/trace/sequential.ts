/**
 * Sequential tracing (OTP's module seq_trace). A process may have a token, {Flags, Label, Serial,
 * Sender, LastSerial}, on its heap in P_SEQ_TRACE. Messages that it sends carry a copy, which
 * becomes the token of the receiver when that takes the message out of its mailbox; a message
 * without a token takes the receiver's away. What tokens with flags do is told to the system
 * tracer.
 *
 *   P_SEQUENTIAL -> | clock | last serial seen | first carried | held |     u64 u64 u32 u32
 *   carried:        | next | mailbox node | fragment of the token, 0 = keep | u32 each
 */
import { allocate, allocateZeroed, release } from '../alloc';
import { adoptMessage, copyAllToFragment, fragmentRoot, releaseMessage } from '../copy';
import {
  am_EXIT,
  am_label,
  am_monotonic_timestamp,
  am_print,
  am_receive,
  am_send,
  am_seq_trace,
  am_serial,
  am_strict_monotonic_timestamp,
  am_timestamp,
  am_true,
  am_false,
} from '../gen/atoms';
import { P_ID, P_MAILBOX_LAST, P_SEQUENTIAL, P_SEQ_TRACE } from '../gen/layout';
import { importTerm } from '../import_term';
import { enqueue } from '../mailbox';
import { processOf } from '../process';
import { processAtSlot, processSlots } from '../process_table';
import { tuple2, tuple3, tuple4, tuple5, wake } from '../signals';
import { current } from '../state';
import { enterTemporaryHeap, leaveTemporaryHeap } from '../temporary_heap';
import {
  NIL,
  NONE,
  isSmall,
  isTuple,
  smallOf,
  smallValue,
  tupleArity,
  tupleElement,
} from '../term';
import { timestampTerm } from './event';
import {
  TRACE_MONOTONIC_TIMESTAMP,
  TRACE_STRICT_MONOTONIC_TIMESTAMP,
  TRACE_TIMESTAMP,
} from './flags';
import { isSensitive } from './tracing';

const S_CLOCK: u32 = 0;
const S_LAST: u32 = 8;
const S_CARRIED: u32 = 16;
/** Fragment of the token of a process that ends. */
const S_HELD: u32 = 20;
const RECORD_BYTES: u32 = 24;
const C_NODE: u32 = 4;
const C_FRAGMENT: u32 = 8;
const CARRIED_BYTES: u32 = 16;

// Flags of a token.
export const SEQ_SEND: i64 = 1;
export const SEQ_RECEIVE: i64 = 2;
export const SEQ_PRINT: i64 = 4;
const SEQ_TIMESTAMP: i64 = 8;
const SEQ_STRICT: i64 = 16;
const SEQ_MONOTONIC: i64 = 32;

/** There are, or have been, tokens. */
export let sequentialUsed: bool = false;
/** Pid of the system tracer, 0 = none. */
export let systemTracer: u64 = 0;
export function setSystemTracer(pid: u64): void {
  systemTracer = pid;
}

/** The token of a process, 0 when it has none. */
export function sequentialToken(process: usize): u64 {
  return load<u64>(process, P_SEQ_TRACE);
}
function recordOf(process: usize): usize {
  let record = load<u32>(process, P_SEQUENTIAL) as usize;
  if (record) return record;
  record = allocateZeroed(RECORD_BYTES);
  store<u32>(process, record as u32, P_SEQUENTIAL);
  return record;
}
function makeToken(flags: u64, label: u64, serial: u64, sender: u64, last: u64): u64 {
  return tuple5(flags, label, serial, sender, last);
}
function setToken(process: usize, token: u64): void {
  sequentialUsed = true;
  store<u64>(process, token, P_SEQ_TRACE);
}

// ---- what the system tracer is told

function timestampKind(flags: i64): u32 {
  if (flags & SEQ_TIMESTAMP) return TRACE_TIMESTAMP;
  if (flags & SEQ_STRICT) return TRACE_STRICT_MONOTONIC_TIMESTAMP;
  return flags & SEQ_MONOTONIC ? TRACE_MONOTONIC_TIMESTAMP : 0;
}
/** {seq_trace, Label, {Event, {Last, Serial}, From, To, Message}[, Timestamp]} */
function tell(token: u64, flag: i64, event: u64, from: u64, to: u64, message: u64): void {
  const tracer = systemTracer ? processOf(systemTracer) : 0;
  const flags = smallValue(tupleElement(token, 1));
  const actor = flag == SEQ_RECEIVE ? to : from;
  if (!tracer || !(flags & flag) || actor == systemTracer || isSensitive(current)) return;
  enterTemporaryHeap();
  const serial = tuple2(tupleElement(token, 5), tupleElement(token, 3));
  const what = tuple5(event, serial, from, to, message);
  const time = timestampTerm(timestampKind(flags));
  const label = tupleElement(token, 2);
  const whole = time ? tuple4(am_seq_trace, label, what, time) : tuple3(am_seq_trace, label, what);
  if (enqueue(tracer, whole)) wake(tracer);
  leaveTemporaryHeap();
}

// ---- tokens and messages

/** The running process is about to send with its token: the serial goes up. */
function nextSerial(): u64 {
  const token = sequentialToken(current);
  const record = recordOf(current);
  // The system tracer's own sends do not count.
  if (!record || load<u64>(current, P_ID) == systemTracer) return token;
  const clock = load<u64>(record, S_CLOCK) + 1;
  store<u64>(record, clock, S_CLOCK);
  const fresh = makeToken(
    tupleElement(token, 1),
    tupleElement(token, 2),
    smallOf(clock as i64),
    load<u64>(current, P_ID),
    smallOf(load<i64>(record, S_LAST)),
  );
  setToken(current, fresh);
  return fresh;
}

/** The last message in the mailbox of `process` carries `fragment` (0: the token is kept). */
function attach(process: usize, fragment: usize): void {
  const record = recordOf(process);
  const carried = record ? allocate(CARRIED_BYTES) : 0;
  if (!carried) {
    if (fragment) releaseMessage(fragment);
    return;
  }
  store<u32>(carried, load<u32>(record, S_CARRIED));
  store<u32>(carried, load<u32>(process, P_MAILBOX_LAST), C_NODE);
  store<u32>(carried, fragment as u32, C_FRAGMENT);
  store<u32>(record, carried as u32, S_CARRIED);
}
/**
 * The running process, which has a token, has put `message` into the mailbox of `process`, which it
 * called `destination`.
 */
export function carryToken(process: usize, message: u64, destination: u64): void {
  const token = nextSerial();
  tell(token, SEQ_SEND, am_send, load<u64>(current, P_ID), destination, message);
  const fragment = copyAllToFragment(token);
  if (fragment) attach(process, fragment);
}
/** The last message came from a timer: the receiver keeps its token. */
export function keepToken(process: usize): void {
  if (sequentialToken(process)) attach(process, 0);
}
/** The exit of the running process becomes a message that carries its token. */
export function carryExit(process: usize, from: u64, reason: u64): void {
  if (!sequentialToken(current)) return;
  carryToken(process, tuple3(am_EXIT, from, reason), load<u64>(process, P_ID));
}

/** Take what the node carries out of the list: the record, or 0. */
function takeCarried(process: usize, node: usize): usize {
  const record = load<u32>(process, P_SEQUENTIAL) as usize;
  if (!record) return 0;
  let slot = record + S_CARRIED;
  while (load<u32>(slot)) {
    const carried = load<u32>(slot) as usize;
    if (load<u32>(carried, C_NODE) == (node as u32)) {
      store<u32>(slot, load<u32>(carried));
      return carried;
    }
    slot = carried;
  }
  return 0;
}
/** The running process takes the message at `node` out of its mailbox. */
export function receiveToken(node: usize, message: u64): void {
  const carried = takeCarried(current, node);
  if (!carried) {
    store<u64>(current, 0, P_SEQ_TRACE);
    return;
  }
  const fragment = load<u32>(carried, C_FRAGMENT) as usize;
  release(carried);
  if (!fragment) return;
  const token = importTerm(fragmentRoot(fragment));
  releaseMessage(fragment);
  if (!token) return;
  setToken(current, token);
  const record = recordOf(current);
  const serial = smallValue(tupleElement(token, 3));
  store<i64>(record, serial, S_LAST);
  if (load<i64>(record, S_CLOCK) < serial) store<i64>(record, serial, S_CLOCK);
  tell(token, SEQ_RECEIVE, am_receive, tupleElement(token, 4), load<u64>(current, P_ID), message);
}
/** The message at `node` is thrown away. */
export function dropCarried(process: usize, node: usize): void {
  const carried = takeCarried(process, node);
  if (!carried) return;
  const fragment = load<u32>(carried, C_FRAGMENT) as usize;
  if (fragment) releaseMessage(fragment);
  release(carried);
}
/** The process ends, or all its messages lose what they carry. */
export function freeSequential(process: usize): void {
  const record = load<u32>(process, P_SEQUENTIAL) as usize;
  if (!record) return;
  let carried = load<u32>(record, S_CARRIED) as usize;
  while (carried) {
    const next = load<u32>(carried) as usize;
    const fragment = load<u32>(carried, C_FRAGMENT) as usize;
    if (fragment) releaseMessage(fragment);
    release(carried);
    carried = next;
  }
  const held = load<u32>(record, S_HELD) as usize;
  if (held) releaseMessage(held);
  release(record);
  store<u32>(process, 0, P_SEQUENTIAL);
}

/**
 * A new process begins with the token of the running one, as if a message had brought it; false
 * when memory is exhausted.
 */
export function inheritToken(child: usize): bool {
  const token = nextSerial();
  const record = recordOf(child);
  if (!record) return false;
  const serial = smallValue(tupleElement(token, 3));
  store<i64>(record, serial, S_LAST);
  store<i64>(record, serial + 1, S_CLOCK);
  const flags = tupleElement(token, 1);
  const label = tupleElement(token, 2);
  const pid = load<u64>(child, P_ID);
  const own = makeToken(flags, label, smallOf(serial + 1), pid, tupleElement(token, 3));
  const fragment = copyAllToFragment(own);
  if (fragment) giveToken(child, fragment);
  return fragment != 0;
}
/** The heap of the process is about to go: its token stays for the signals of its end. */
export function holdToken(process: usize): void {
  const token = sequentialToken(process);
  const record = token ? recordOf(process) : 0;
  const fragment = record ? copyAllToFragment(token) : 0;
  store<u64>(process, fragment ? fragmentRoot(fragment) : 0, P_SEQ_TRACE);
  if (fragment) store<u32>(record, fragment as u32, S_HELD);
}
/** A copy of the token of a process, which loses it; 0 when there is none. */
function takeToken(process: usize): usize {
  const token = sequentialToken(process);
  store<u64>(process, 0, P_SEQ_TRACE);
  return token ? copyAllToFragment(token) : 0;
}
/** The token in `fragment` becomes that of the process. */
function giveToken(process: usize, fragment: usize): void {
  adoptMessage(process, fragment);
  store<u64>(process, fragmentRoot(fragment), P_SEQ_TRACE);
}

/** No process and no message has a token any more. */
export function resetSequential(): void {
  for (let i: u32 = 0; i < processSlots(); i++) {
    const process = processAtSlot(i);
    if (!process) continue;
    store<u64>(process, 0, P_SEQ_TRACE);
    freeSequential(process);
  }
}

// ---- seq_trace/2, seq_trace_info/1, seq_trace_print/1,2

function flagOf(item: u64): i64 {
  if (item == am_send) return SEQ_SEND;
  if (item == am_receive) return SEQ_RECEIVE;
  if (item == am_print) return SEQ_PRINT;
  if (item == am_timestamp) return SEQ_TIMESTAMP;
  if (item == am_strict_monotonic_timestamp) return SEQ_STRICT;
  return item == am_monotonic_timestamp ? SEQ_MONOTONIC : 0;
}

/** The value of an item of the running process's token; NONE when there is no such item. */
export function tokenItem(process: usize, item: u64): u64 {
  const token = sequentialToken(process);
  const flag = flagOf(item);
  if (flag) {
    const set = token != 0 && (smallValue(tupleElement(token, 1)) & flag) != 0;
    return set ? am_true : am_false;
  }
  if (item != am_label && item != am_serial) return NONE;
  if (!token) return NIL;
  if (item == am_label) return tupleElement(token, 2);
  return tuple2(tupleElement(token, 5), tupleElement(token, 3));
}

/** Set an item; the old value, NONE when item or value are none. */
export function setTokenItem(process: usize, item: u64, value: u64): u64 {
  const record = recordOf(process);
  if (!record) return NONE;
  const flag = flagOf(item);
  if (flag ? value != am_true && value != am_false : item != am_label && item != am_serial)
    return NONE;
  if (item == am_serial && !isSerial(value)) return NONE;
  let token = sequentialToken(process);
  if (!token) {
    const last = smallOf(load<i64>(record, S_LAST));
    token = makeToken(smallOf(0), smallOf(0), smallOf(0), load<u64>(process, P_ID), last);
    setToken(process, token);
  }
  const old = tokenItem(process, item);
  let flags = smallValue(tupleElement(token, 1));
  let label = tupleElement(token, 2);
  let serial = tupleElement(token, 3);
  let last = tupleElement(token, 5);
  if (flag) flags = value == am_true ? flags | flag : flags & ~flag;
  else if (item == am_label) label = value;
  else {
    serial = tupleElement(value, 2);
    last = tupleElement(value, 1);
    store<i64>(record, smallValue(serial), S_CLOCK);
    store<i64>(record, smallValue(last), S_LAST);
  }
  setToken(process, makeToken(smallOf(flags), label, serial, load<u64>(process, P_ID), last));
  return old;
}
function isSerial(value: u64): bool {
  if (!isTuple(value) || tupleArity(value) != 2) return false;
  return isSmall(tupleElement(value, 1)) && isSmall(tupleElement(value, 2));
}

/** Print: false when the running process has no token. */
export function printToken(message: u64): void {
  const token = nextSerial();
  tell(token, SEQ_PRINT, am_print, load<u64>(current, P_ID), NIL, message);
}
/** set_seq_token of a match specification, for the process that is traced. */
export function setSequentialToken(process: usize, item: u64, value: u64): u64 {
  if (!process) return am_true;
  if (sequentialToken(process) == 0 && item == NIL) return am_false;
  const old = setTokenItem(process, item, value);
  if (old == NONE) return am_EXIT;
  // The token was made on the heap of the event; it becomes one of the process.
  const fragment = takeToken(process);
  if (fragment) giveToken(process, fragment);
  return old;
}

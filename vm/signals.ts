/**
 * Signals between processes: messages, exits, DOWN. Signals are delivered at once, in the order in
 * which they are sent; the receiver acts on an exit when it is scheduled next (it counts as dead
 * from now on, vm/exit.ts).
 */
import {
  ALIAS_DEMONITOR,
  ALIAS_NONE,
  ALIAS_REPLY,
  R_ALIAS,
  R_NAME,
  R_ORIGIN,
  R_TAG,
  findAlias,
  findMonitor,
  removeAlias,
  removeMonitor,
} from './relations';
import { am_DOWN, am_EXIT, am_kill, am_killed, am_normal, am_port, am_process } from './gen/atoms';
import { copyAllToFragment, fragmentRoot, releaseMessage } from './copy';
import { wrapCopy } from './copy_slices';
import {
  P_EXIT_FRAGMENT,
  P_EXIT_REASON,
  P_FLAGS,
  P_ID,
  P_PRIORITY,
  P_STATE,
  P_SUSPENDED,
} from './gen/layout';
import { hAlloc } from './heap';
import { dropNode, enqueue, enqueuePrepared, NODE_TERM, prepareMessage } from './mailbox';
import {
  FLAG_EXIT_PENDING,
  FLAG_TRAP_EXIT,
  STATE_EXITING,
  STATE_RUNNING,
  STATE_WAITING,
  processOf,
} from './process';
import { nodeName } from './names';
import { makeReference, referenceNumber } from './refs';
import { enqueueRun, setPriority } from './run_queue';
import { current } from './state';
import { mayTrace, tellReceive } from './trace/events';
import {
  carryExit,
  carryToken,
  keepToken,
  sequentialToken,
  sequentialUsed,
} from './trace/sequential';
import { profilerPid, tellActivity } from './trace/system_monitor';
import { SUB_TUPLE, boxedOf, headerOf, isImmediate, isLocalPort } from './term';
import { forbidLeaving, walkLeft } from './walk';

/** The process counts as alive for others: it exists and no exit is pending or under way. */
export function isAlive(process: usize): bool {
  return (
    process != 0 &&
    load<u32>(process, P_STATE) != STATE_EXITING &&
    !(load<u32>(process, P_FLAGS) & FLAG_EXIT_PENDING)
  );
}

/** The control block of a pid whose process is alive, or 0. */
export function livingProcess(pid: u64): usize {
  const process = processOf(pid);
  return isAlive(process) ? process : 0;
}

/** Wake a waiting process. */
export function wake(process: usize): void {
  if (load<u32>(process, P_STATE) != STATE_WAITING) return;
  if (profilerPid) tellActivity(process, true, false);
  enqueueRun(process);
}

/** Append a copy of `term` to the mailbox of `process` and wake it. False when memory ran out. */
export function deliver(process: usize, term: u64): bool {
  if (!isAlive(process)) return true;
  if (mayTrace(process)) {
    // It is told once.
    forbidLeaving();
    tellReceive(process, term);
  }
  if (!enqueue(process, term)) return false;
  wake(process);
  return true;
}

/** The same from a port: the receiver keeps its sequential token. */
export function deliverFromPort(process: usize, term: u64): bool {
  if (!isAlive(process)) return true;
  if (!deliver(process, term)) return false;
  if (sequentialUsed) keepToken(process);
  return true;
}

/** The same with a message that was made before (prepareMessage): it cannot fail. */
export function deliverPrepared(process: usize, message: usize): void {
  if (!isAlive(process)) {
    dropNode(message);
    return;
  }
  if (mayTrace(process)) {
    forbidLeaving();
    tellReceive(process, load<u64>(message, NODE_TERM));
  }
  enqueuePrepared(process, message);
  wake(process);
}

/**
 * Deliver the tuple `message`. `ahead`, if not 0, is a copy of its last element (copyAhead), and
 * becomes the message; it is freed when it cannot. False when memory ran out.
 */
export function deliverAround(process: usize, message: u64, ahead: usize): bool {
  if (!ahead) return deliver(process, message);
  const node = isAlive(process) && wrapCopy(ahead, message) ? prepareMessage(ahead) : 0;
  if (!node) {
    releaseMessage(ahead);
    return deliver(process, message);
  }
  deliverPrepared(process, node);
  return true;
}

/** A tuple on the running process's heap. */
export function tuple2(a: u64, b: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, a, 8);
  store<u64>(at, b, 16);
  return boxedOf(at);
}
export function tuple3(a: u64, b: u64, c: u64): u64 {
  const at = hAlloc(4);
  store<u64>(at, headerOf(SUB_TUPLE, 3));
  store<u64>(at, a, 8);
  store<u64>(at, b, 16);
  store<u64>(at, c, 24);
  return boxedOf(at);
}
export function tuple4(a: u64, b: u64, c: u64, d: u64): u64 {
  const at = hAlloc(5);
  store<u64>(at, headerOf(SUB_TUPLE, 4));
  store<u64>(at, a, 8);
  store<u64>(at, b, 16);
  store<u64>(at, c, 24);
  store<u64>(at, d, 32);
  return boxedOf(at);
}
export function tuple5(a: u64, b: u64, c: u64, d: u64, e: u64): u64 {
  const at = hAlloc(6);
  store<u64>(at, headerOf(SUB_TUPLE, 5));
  store<u64>(at, a, 8);
  store<u64>(at, b, 16);
  store<u64>(at, c, 24);
  store<u64>(at, d, 32);
  store<u64>(at, e, 40);
  return boxedOf(at);
}

/**
 * Send an exit signal from `from` to `target`. `linked`: it comes through a link (then `kill` has
 * no special power). The reason is copied, unless `ahead` is a copy of it (copyAhead), which is
 * used up. Memory exhaustion turns the reason into `killed`.
 */
export function sendExit(
  from: u64,
  target: usize,
  reason: u64,
  linked: bool,
  ahead: usize = 0,
): void {
  if (!isAlive(target)) {
    if (ahead) releaseMessage(ahead);
    return;
  }
  const kill = reason == am_kill && !linked;
  if (!kill && load<u32>(target, P_FLAGS) & FLAG_TRAP_EXIT) {
    if (deliverAround(target, tuple3(am_EXIT, from, reason), ahead) && sequentialUsed)
      carryExit(target, from, reason);
    return;
  }
  if (reason == am_normal && from != load<u64>(target, P_ID)) return;
  setPendingExit(target, kill ? am_killed : reason, ahead);
}

/** The process exits with a copy of `reason`, which may be made already, when it runs next. */
export function setPendingExit(target: usize, reason: u64, ahead: usize = 0): void {
  const fragment = ahead ? ahead : copyAllToFragment(reason);
  store<u32>(target, fragment as u32, P_EXIT_FRAGMENT);
  store<u64>(target, fragment ? fragmentRoot(fragment) : am_killed, P_EXIT_REASON);
  store<u32>(target, load<u32>(target, P_FLAGS) | FLAG_EXIT_PENDING, P_FLAGS);
  store<u32>(target, 0, P_SUSPENDED);
  // Who has to end for one of a higher priority does not wait behind others.
  if (current && load<u32>(current, P_PRIORITY) < load<u32>(target, P_PRIORITY))
    setPriority(target, load<u32>(current, P_PRIORITY));
  // The running process itself leaves through exitPending().
  if (load<u32>(target, P_STATE) != STATE_RUNNING) enqueueRun(target);
}

/**
 * Tell the holder of a monitor that its target, a process or port, is gone, and remove the monitor.
 * `ahead`: a copy of the reason (copyAhead), or 0.
 */
export function fireMonitor(record: usize, targetPid: u64, reason: u64, ahead: usize = 0): void {
  const holder = livingProcess(load<u64>(record, R_ORIGIN));
  if (holder) {
    const name = load<u64>(record, R_NAME);
    const tag = load<u64>(record, R_TAG);
    const what = name ? tuple2(name, nodeName()) : targetPid;
    const reference = makeReference(load<u64>(record));
    const kind = isLocalPort(targetPid) ? am_port : am_process;
    const message = tuple5(tag ? tag : am_DOWN, reference, kind, what, reason);
    // As in OTP, only the message about a simple reason leaves a sequential trace token alone.
    const told = deliverAround(holder, message, ahead);
    if (told && sequentialUsed && isImmediate(reason)) keepToken(holder);
  } else if (ahead) releaseMessage(ahead);
  const mode = load<u32>(record, R_ALIAS);
  if (mode == ALIAS_DEMONITOR || mode == ALIAS_REPLY) {
    const alias = findAlias(load<u64>(record));
    if (alias) removeAlias(alias);
  }
  removeMonitor(record);
}

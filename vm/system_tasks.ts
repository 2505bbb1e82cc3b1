/**
 * What a process does because others have asked for it (erts_internal:request_system_task): collect
 * its heap, look whether it depends on old code, move literals to its heap. It does so in turns of
 * its own, also while it waits or is suspended, the most urgent first and those of one priority in
 * the order in which they were asked for; then the requester gets the message {Kind, Id, Result},
 * which was made when the request was, so that answering cannot fail. The answer of a process that
 * exits is false, or that it has no literals.
 *
 *   queues: +------------------+-----------------+---------+---------+
 *           | firsts[priority] | lasts[priority] | delayed | normals |   u32[4] u32[4] u32 u32
 *           +------------------+-----------------+---------+---------+
 *   task:   +------+------+----------+---------+--------+-----------+----------+-------+
 *           | next | kind | priority | message | module | requester | searched | moves |   u32 each,
 *           +------+------+----------+---------+--------+-----------+----------+-------+
 *                                                module and requester u64
 *
 * `delayed` are requests for collections that wait until the process allows them again; `normals`
 * counts tasks of normal priority since one of low priority.
 */
import { allocate, allocateZeroed, release } from './alloc';
import { copyAllToFragment, fragmentRoot, releaseMessage } from './copy';
import { collectForTask, collectMoved } from './collect';
import {
  am_check_process_code,
  am_copy_literals,
  am_false,
  am_garbage_collect,
  am_need_gc,
  am_ok,
  am_system_task_test,
  am_true,
} from './gen/atoms';
import { LINEAR_DOORBELL, P_FLAGS, P_TASKS, P_WALK } from './gen/layout';
import { keepBatch } from './literal_areas';
import { MOVE_DONE, MOVE_FOUND, MOVE_MORE, endMove, goOn } from './literal_moves';
import { NODE_TERM, dropNode, prepareMessage } from './mailbox';
import { SEARCH_FOUND, SEARCH_MORE, searchOldCode, searchedWords } from './old_code';
import {
  FLAG_HIBERNATING,
  FLAG_NO_REQUESTED_COLLECTION,
  FLAG_TASKS,
  PRIORITY_LOW,
  PRIORITY_NORMAL,
} from './process';
import { enqueueWork, hurry, mayRun } from './run_queue';
import { deliverPrepared, livingProcess, tuple3 } from './signals';
import { chargeReductions, current } from './state';
import { boxedAddress } from './term';

const LASTS: u32 = 16;
const DELAYED: u32 = 32;
const NORMALS: u32 = 36;
const QUEUES_BYTES: u32 = 40;

const T_NEXT: u32 = 0;
const T_KIND: u32 = 4;
const T_PRIORITY: u32 = 8;
const T_MESSAGE: u32 = 12;
const T_MODULE: u32 = 16;
const T_REQUESTER: u32 = 24;
const T_SEARCHED: u32 = 32;
/** State of TASK_FIND_LITERALS and TASK_MOVE_LITERALS (vm/literal_moves.ts). */
const T_MOVES: u32 = 36;
const TASK_BYTES: u32 = 40;

export const TASK_MINOR: u32 = 0;
export const TASK_MAJOR: u32 = 1;
export const TASK_CHECK_CODE: u32 = 2;
export const TASK_TEST: u32 = 3;
/** Look whether it refers to literal areas that are about to go; move what it refers to. */
export const TASK_FIND_LITERALS: u32 = 5;
export const TASK_MOVE_LITERALS: u32 = 6;
/** Literals have been moved, the collection behind it is under way. */
const TASK_MOVED_LITERALS: u32 = 7;
/** A collection that is under way for this task, in place of its kind. */
const TASK_COLLECTING: u32 = 4;

/** Tasks of low priority wait for so many of normal priority, as in OTP. */
const NORMALS_BEFORE_LOW: u32 = 8;
/** Tasks in one turn. */
const TASKS_PER_TURN: u32 = 64;
const TASK_REDUCTIONS: i32 = 8;

function kindName(kind: u32): u64 {
  if (kind == TASK_CHECK_CODE) return am_check_process_code;
  if (kind == TASK_FIND_LITERALS || kind == TASK_MOVE_LITERALS) return am_copy_literals;
  return kind == TASK_TEST ? am_system_task_test : am_garbage_collect;
}

/**
 * Ask `target`, which lives, for a task of `kind` with `priority`; `module` is for TASK_CHECK_CODE.
 * False when there is no memory.
 */
export function requestTask(
  target: usize,
  priority: u32,
  kind: u32,
  module: u64,
  requester: u64,
  id: u64,
): bool {
  const queues = taskQueues(target);
  const fragment = queues ? copyAllToFragment(tuple3(kindName(kind), id, am_false)) : 0;
  if (!fragment) return false;
  const message = prepareMessage(fragment);
  const task = message ? allocate(TASK_BYTES) : 0;
  if (!task) {
    if (message) dropNode(message);
    else releaseMessage(fragment);
    return false;
  }
  store<u32>(task, kind, T_KIND);
  store<u32>(task, priority, T_PRIORITY);
  store<u32>(task, message as u32, T_MESSAGE);
  store<u64>(task, module, T_MODULE);
  store<u64>(task, requester, T_REQUESTER);
  store<u32>(task, 0, T_SEARCHED);
  store<u32>(task, 0, T_MOVES);
  append(queues, task);
  store<u32>(target, load<u32>(target, P_FLAGS) | FLAG_TASKS, P_FLAGS);
  hurry(target, priority);
  if (target != current) enqueueWork(target);
  return true;
}
function taskQueues(process: usize): usize {
  let queues = load<u32>(process, P_TASKS) as usize;
  if (queues) return queues;
  queues = allocateZeroed(QUEUES_BYTES);
  store<u32>(process, queues as u32, P_TASKS);
  return queues;
}
function append(queues: usize, task: usize): void {
  const slot = queues + (load<u32>(task, T_PRIORITY) << 2);
  const last = load<u32>(slot, LASTS) as usize;
  store<u32>(task, 0, T_NEXT);
  if (last) store<u32>(last, task as u32, T_NEXT);
  else store<u32>(slot, task as u32);
  store<u32>(slot, task as u32, LASTS);
}
function putFirst(queues: usize, task: usize): void {
  const slot = queues + (load<u32>(task, T_PRIORITY) << 2);
  const first = load<u32>(slot);
  store<u32>(task, first, T_NEXT);
  store<u32>(slot, task as u32);
  if (!first) store<u32>(slot, task as u32, LASTS);
}

/** The queue whose first task is next; its number, or -1 when all are empty. */
function nextQueue(queues: usize): i32 {
  for (let priority: u32 = 0; priority < PRIORITY_NORMAL; priority++)
    if (load<u32>(queues + (priority << 2))) return priority as i32;
  const normal = load<u32>(queues + (PRIORITY_NORMAL << 2)) != 0;
  const low = load<u32>(queues + (PRIORITY_LOW << 2)) != 0;
  if (normal && (!low || load<u32>(queues, NORMALS) < NORMALS_BEFORE_LOW)) return PRIORITY_NORMAL;
  return low ? PRIORITY_LOW : -1;
}
/** Take the next task out of its queue; 0 when there is none. */
function takeTask(queues: usize): usize {
  const priority = nextQueue(queues);
  if (priority < 0) return 0;
  if (priority == PRIORITY_NORMAL) store<u32>(queues, load<u32>(queues, NORMALS) + 1, NORMALS);
  else if (priority == PRIORITY_LOW) store<u32>(queues, 0, NORMALS);
  const slot = queues + ((priority as u32) << 2);
  const task = load<u32>(slot) as usize;
  const next = load<u32>(task, T_NEXT);
  store<u32>(slot, next);
  if (!next) store<u32>(slot, 0, LASTS);
  return task;
}

function isCollection(kind: u32): bool {
  return kind == TASK_MINOR || kind == TASK_MAJOR;
}
/** The task is done: tell who asked for it, and forget it. */
function answer(task: usize, result: u64): void {
  const message = load<u32>(task, T_MESSAGE) as usize;
  const requester = livingProcess(load<u64>(task, T_REQUESTER));
  if (requester) {
    store<u64>(boxedAddress(load<u64>(message, NODE_TERM)), result, 24);
    deliverPrepared(requester, message);
  } else dropNode(message);
  release(task);
}

/** What doTasks answers. */
export const TASKS_DONE: u32 = 0;
/** There is more to do in another turn. */
export const TASKS_LEFT: u32 = 1;
/** The process has to run first: it is in the middle of a walk over its heap. */
export const TASKS_AFTER_RUN: u32 = 2;

/** Go on with the tasks of the swapped-out process `process`. */
export function doTasks(process: usize): u32 {
  const queues = load<u32>(process, P_TASKS) as usize;
  // What has been collected in this turn need not be again.
  let collected: i32 = -1;
  for (let left = TASKS_PER_TURN; left; left--) {
    const task = takeTask(queues);
    if (!task) {
      noTasks(process, queues);
      return TASKS_DONE;
    }
    chargeReductions(TASK_REDUCTIONS);
    const kind = load<u32>(task, T_KIND);
    if (kind == TASK_CHECK_CODE) {
      if (!checkCode(process, queues, task)) return TASKS_LEFT;
    } else if (kind >= TASK_FIND_LITERALS) {
      const outcome = moveLiterals(process, queues, task, kind);
      if (outcome != TASKS_DONE) return outcome;
    } else if (!isCollection(kind) || (kind as i32) <= collected) answer(task, am_true);
    else if (load<u32>(process, P_FLAGS) & FLAG_NO_REQUESTED_COLLECTION) delay(queues, task);
    else {
      const outcome = collectAsAsked(process, queues, task, kind);
      if (outcome != TASKS_DONE) return outcome;
      collected = kind as i32;
    }
    if (load<i32>(LINEAR_DOORBELL) > 0) return TASKS_LEFT;
  }
  return TASKS_LEFT;
}
/** TASKS_DONE when the task is done. */
function collectAsAsked(process: usize, queues: usize, task: usize, kind: u32): u32 {
  const walking = load<u32>(process, P_WALK) != 0;
  if (walking && mayRun(process)) {
    putFirst(queues, task);
    return TASKS_AFTER_RUN;
  }
  // A hibernating process has no garbage; one that is suspended in a walk has to keep it.
  if (!walking && !isHibernating(process) && !collectForTask(process, kind == TASK_MAJOR)) {
    store<u32>(task, TASK_COLLECTING, T_KIND);
    putFirst(queues, task);
    return TASKS_LEFT;
  }
  answer(task, am_true);
  return TASKS_DONE;
}
/** TASKS_DONE when the task is done. */
function moveLiterals(process: usize, queues: usize, task: usize, kind: u32): u32 {
  if (kind == TASK_MOVED_LITERALS) {
    answer(task, am_ok);
    return TASKS_DONE;
  }
  if (load<u32>(process, P_WALK)) {
    if (mayRun(process)) {
      putFirst(queues, task);
      return TASKS_AFTER_RUN;
    }
    // It is suspended in a walk, which may be over literals.
    keepBatch();
    answer(task, am_ok);
    return TASKS_DONE;
  }
  const moves = kind == TASK_MOVE_LITERALS;
  if (moves && load<u32>(process, P_FLAGS) & FLAG_NO_REQUESTED_COLLECTION) {
    delay(queues, task);
    return TASKS_DONE;
  }
  const outcome = goOn(process, task + T_MOVES, moves);
  if (outcome == MOVE_MORE || (outcome == MOVE_DONE && !collectMoved(process))) {
    if (outcome == MOVE_DONE) store<u32>(task, TASK_MOVED_LITERALS, T_KIND);
    putFirst(queues, task);
    return TASKS_LEFT;
  }
  answer(task, outcome == MOVE_FOUND ? am_need_gc : am_ok);
  return TASKS_DONE;
}
/** Search the stack for old code; false when the search goes on in another turn. */
function checkCode(process: usize, queues: usize, task: usize): bool {
  const state = searchOldCode(process, load<u64>(task, T_MODULE), load<u32>(task, T_SEARCHED));
  if (state == SEARCH_MORE) {
    store<u32>(task, searchedWords, T_SEARCHED);
    putFirst(queues, task);
    return false;
  }
  answer(task, state == SEARCH_FOUND ? am_true : am_false);
  return true;
}
function isHibernating(process: usize): bool {
  return (load<u32>(process, P_FLAGS) & FLAG_HIBERNATING) != 0;
}
function noTasks(process: usize, queues: usize): void {
  store<u32>(process, load<u32>(process, P_FLAGS) & ~FLAG_TASKS, P_FLAGS);
  if (load<u32>(queues, DELAYED)) return;
  release(queues);
  store<u32>(process, 0, P_TASKS);
}

/** Behind the other delayed ones: few, so they are gone through. */
function delay(queues: usize, task: usize): void {
  store<u32>(task, load<u32>(queues, DELAYED), T_NEXT);
  store<u32>(queues, task as u32, DELAYED);
}
/** The running process allows collections again: the delayed ones come before all others. */
export function resumeDelayed(): void {
  const queues = load<u32>(current, P_TASKS) as usize;
  if (!queues) return;
  // The last one that was delayed is the first in the list: it ends up behind the others.
  let task = load<u32>(queues, DELAYED) as usize;
  store<u32>(queues, 0, DELAYED);
  while (task) {
    const next = load<u32>(task, T_NEXT) as usize;
    putFirst(queues, task);
    hurry(current, load<u32>(task, T_PRIORITY));
    task = next;
  }
  store<u32>(current, load<u32>(current, P_FLAGS) | FLAG_TASKS, P_FLAGS);
}

/** Answer about `limit` tasks of an exiting process; true when none is left. */
export function refuseTasks(process: usize, limit: u32): bool {
  const queues = load<u32>(process, P_TASKS) as usize;
  if (!queues) return true;
  for (let left = limit; left; left--) {
    let task = takeTask(queues);
    if (!task) {
      task = load<u32>(queues, DELAYED) as usize;
      if (!task) {
        noTasks(process, queues);
        return true;
      }
      store<u32>(queues, load<u32>(task, T_NEXT), DELAYED);
    }
    refuse(task);
  }
  return false;
}
function refuse(task: usize): void {
  const literals = load<u32>(task, T_KIND) >= TASK_FIND_LITERALS;
  if (literals) endMove(task + T_MOVES);
  answer(task, literals ? am_ok : am_false);
}

/**
 * Starting processes: module, function and argument list are copied to the new heap; links and
 * monitors are set before it runs.
 */
import { adoptMessage, copyTerm, flatSize, releaseMessage } from './copy';
import { copySized } from './copy_slices';
import {
  P_CP,
  P_FLAGS,
  P_FULLSWEEP_AFTER,
  P_GROUP_LEADER,
  P_HEAP_TOP,
  P_HEIR_PARTITION,
  P_ID,
  P_INITIAL_ARITY,
  P_INITIAL_FUNCTION,
  P_INITIAL_MODULE,
  P_LIVE,
  P_MAX_HEAP,
  P_MAX_HEAP_FLAGS,
  P_MIN_BINARY_HEAP,
  P_MIN_HEAP,
  P_OFF_HEAP,
  P_PARENT,
  P_PC,
  P_PRIORITY,
  P_SAVED_X,
} from './gen/layout';
import { enterPartition } from './partition_rows';
import {
  FLAG_BOUND,
  FLAG_OFF_HEAP_QUEUE,
  FLAG_SYSTEM,
  HEAP_WORDS_DEFAULT,
  MIN_HEAP_DEFAULT,
  PRIORITY_NORMAL,
  newProcess,
} from './process';
import { ARGUMENTS_MAX } from './registers';
import { enqueueRun } from './run_queue';
import { applyStub, processEndAddress } from './scheduler';
import {
  fullsweepAfterSetting,
  maxHeapFlagsSetting,
  maxHeapSetting,
  minBinaryHeapSetting,
  minHeapSetting,
} from './settings';
import { current } from './state';
import { NIL, isImmediate, isList, tail } from './term';
import { profilerPid, tellActivity } from './trace/system_monitor';
import { copyUnderWay, walkLeft } from './walk';

/** What spawn_opt says; reset before each use. */
export let optionPriority: u32 = PRIORITY_NORMAL;
export let optionMinHeap: u32 = 0;
export let optionMinBinaryHeap: u32 = 0;
export let optionFullsweep: u32 = 65535;
export let optionOffHeapQueue: bool = false;
export let optionMaxHeap: u64 = 0;
export let optionMaxHeapFlags: u32 = 3;
export let optionSystem: bool = false;
export let optionBound: bool = false;

export function resetSpawnOptions(): void {
  optionPriority = PRIORITY_NORMAL;
  optionMinHeap = minHeapSetting;
  optionMinBinaryHeap = minBinaryHeapSetting;
  optionFullsweep = fullsweepAfterSetting;
  optionOffHeapQueue = false;
  optionMaxHeap = maxHeapSetting;
  optionMaxHeapFlags = maxHeapFlagsSetting;
  optionSystem = false;
  optionBound = false;
}
export function setSpawnPriority(priority: u32): void {
  optionPriority = priority;
}
export function setSpawnMinHeap(words: u32): void {
  optionMinHeap = words;
}
export function setSpawnMinBinaryHeap(words: u32): void {
  optionMinBinaryHeap = words;
}
export function setSpawnFullsweep(count: u32): void {
  optionFullsweep = count;
}
export function setSpawnOffHeapQueue(flag: bool): void {
  optionOffHeapQueue = flag;
}
export function setSpawnMaxHeap(words: u64, flags: u32): void {
  optionMaxHeap = words;
  optionMaxHeapFlags = flags;
}
export function setSpawnBound(flag: bool): void {
  optionBound = flag;
}
export function setSpawnSystem(flag: bool): void {
  optionSystem = flag;
}

/** What argumentCount answers for an improper list. */
export const ARGUMENTS_IMPROPER: u32 = ARGUMENTS_MAX + 2;
/** Elements of a proper list, ARGUMENTS_MAX + 1 for one with more than a call can have. */
export function argumentCount(list: u64): u32 {
  let count: u32 = 0;
  let rest = list;
  while (isList(rest) && count <= ARGUMENTS_MAX) {
    count++;
    rest = tail(rest);
  }
  return rest == NIL || count > ARGUMENTS_MAX ? count : ARGUMENTS_IMPROPER;
}

/** Arguments of more words are copied into a fragment, in slices. */
const DIRECT_WORDS: u32 = 512;
let argumentWords: u32 = 0;
let argumentFragment: usize = 0;

/**
 * Before spawnPrepared: look how large the arguments are, and copy large ones, in slices when the
 * caller can be left (vm/walk.ts). False with `walkLeft`, or when there is no memory.
 */
export function prepareArguments(args: u64): bool {
  argumentFragment = 0;
  if (!copyUnderWay()) {
    argumentWords = flatSize(args);
    if (walkLeft) return false;
    if (argumentWords <= DIRECT_WORDS) return true;
  }
  argumentFragment = copySized(args, argumentWords);
  return argumentFragment != 0;
}
export function spawnProcess(module: u64, name: u64, args: u64): usize {
  return prepareArguments(args) ? spawnPrepared(module, name, args) : 0;
}
/** The argument list as a term of the new process. */
function ownArguments(process: usize, args: u64): u64 {
  if (argumentFragment) return adoptMessage(process, argumentFragment);
  if (!argumentWords) return args;
  const at = load<u32>(process, P_HEAP_TOP) as usize;
  const own = copyTerm(args, at, process, process + P_OFF_HEAP);
  store<u32>(process, (at + (argumentWords << 3)) as u32, P_HEAP_TOP);
  return own;
}

/**
 * A new runnable process that applies module:name to the argument list `args` (proper, at most 255
 * elements), which has been prepared. Returns its control block, 0 when memory or the process limit
 * is exhausted. Works without a running process too (the first one).
 */
export function spawnPrepared(module: u64, name: u64, args: u64): usize {
  const size: u32 = argumentFragment ? 0 : argumentWords;
  const slack = HEAP_WORDS_DEFAULT;
  const least = optionMinHeap == MIN_HEAP_DEFAULT ? HEAP_WORDS_DEFAULT : optionMinHeap;
  const process = newProcess(size + slack < least ? least : size ? size + slack : slack);
  if (!process) {
    if (argumentFragment) releaseMessage(argumentFragment);
    return 0;
  }
  store<u32>(process, optionMinHeap, P_MIN_HEAP);
  store<u32>(process, optionMinBinaryHeap, P_MIN_BINARY_HEAP);
  const own = ownArguments(process, args);
  const saved = load<u32>(process, P_SAVED_X) as usize;
  store<u64>(saved, module);
  store<u64>(saved, name, 8);
  store<u64>(saved, own, 16);
  store<u32>(process, 3, P_LIVE);
  store<u32>(process, applyStub() as u32, P_PC);
  store<u64>(process, processEndAddress() as u64, P_CP);
  store<u64>(process, module, P_INITIAL_MODULE);
  store<u64>(process, name, P_INITIAL_FUNCTION);
  store<u32>(process, argumentCount(args), P_INITIAL_ARITY);
  store<u32>(process, optionPriority, P_PRIORITY);
  store<u32>(process, optionFullsweep, P_FULLSWEEP_AFTER);
  store<u64>(process, optionMaxHeap, P_MAX_HEAP);
  store<u32>(process, optionMaxHeapFlags, P_MAX_HEAP_FLAGS);
  let flags: u32 = 0;
  if (optionOffHeapQueue) flags |= FLAG_OFF_HEAP_QUEUE;
  if (optionSystem) flags |= FLAG_SYSTEM;
  if (optionBound) flags |= FLAG_BOUND;
  store<u32>(process, flags, P_FLAGS);
  if (current) {
    store<u64>(process, load<u64>(current, P_ID), P_PARENT);
    const leader = load<u64>(current, P_GROUP_LEADER);
    // A leader on another node would be boxed: this node has no connections, so it is always a pid
    // word.
    if (isImmediate(leader)) store<u64>(process, leader, P_GROUP_LEADER);
    const heirs = load<u8>(current, P_HEIR_PARTITION) as u32;
    if (heirs) enterPartition(process, heirs);
  }
  return process;
}

/** Let a spawned process run. */
export function startSpawned(process: usize): void {
  if (profilerPid) tellActivity(process, true, false);
  enqueueRun(process);
}

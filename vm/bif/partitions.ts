/**
 * Module vbeam_shares: adaptive partitions (vm/partitions.ts) from Erlang. Anybody may read
 * what they use; to change them takes the handle of claim/0, which one process has at a time and
 * which ends with it. What was set stays. Errors: not_owner (of the handle), badarg.
 */
import { badarg, fail, CLASS_ERROR, outOfMemory } from '../errors';
import { integerOfI64 } from '../bignum';
import {
  am_busy,
  am_false,
  am_noproc,
  am_not_found,
  am_not_owner,
  am_ok,
  am_share,
  am_system_limit,
  am_taken,
  am_true,
  am_undefined,
} from '../gen/atoms';
import { P_FLAGS, P_HEIR_PARTITION, P_PARTITION } from '../gen/layout';
import { KIND_PARTITIONS, H_NUMBER, H_OWNER, ownResource, ownedResource } from '../hardware';
import { hAlloc } from '../heap';
import {
  PARTITIONS_MAX,
  SYSTEM_PARTITION,
  S_BANKRUPTCIES,
  S_CLOSING,
  S_CRITICAL,
  S_MEMBERS,
  S_NAME,
  S_SHARE,
  partitionNamed,
  partitionRow,
  setHeirPartition,
} from '../partition_rows';
import {
  changeWindow,
  closePartition,
  joinPartition,
  newPartition,
  ownPartitions,
  partitionOwner,
  setShare,
  settleUsed,
  shareAvailable,
  tellBankruptcies,
} from '../partitions';
import { FLAG_CRITICAL, processOf } from '../process';
import { processCount } from '../process_table';
import { makeReference } from '../refs';
import { queuedIn, requeue } from '../run_queue';
import { livingProcess, tuple2, tuple3, tuple4 } from '../signals';
import { current } from '../state';
import {
  NIL,
  SUB_TUPLE,
  boxedOf,
  headerOf,
  isAtom,
  isLocalPid,
  isSmall,
  makeCons,
  smallOf,
  smallValue,
} from '../term';
import {
  OVER_SECOND,
  OVER_TEN,
  OVER_WINDOW,
  accounted,
  criticalInAll,
  criticalOver,
  spanOf,
  usedInAll,
  usedOver,
  windowNs,
} from '../usage';

const WINDOW_NS_MIN: i64 = 10_000_000;
const WINDOW_NS_MAX: i64 = 400_000_000;
const FIELDS: u32 = 12;

function owns(handle: u64): bool {
  return ownedResource(handle, KIND_PARTITIONS) != 0;
}
function notOwner(): u64 {
  return fail(CLASS_ERROR, am_not_owner);
}
/** Number of the partition with a name, -1 when there is none or it is about to go. */
function openPartition(name: u64): i32 {
  const partition = isAtom(name) ? partitionNamed(name) : -1;
  return partition >= 0 && load<u32>(partitionRow(partition as u32), S_CLOSING) ? -1 : partition;
}

/** claim() -> Handle: the right to change partitions; error taken when somebody has it. */
// bif: vbeam_shares:claim/0
export function partitionsClaim0(): u64 {
  if (partitionOwner) return fail(CLASS_ERROR, am_taken);
  const record = ownResource(KIND_PARTITIONS, 0, 0);
  if (!record) return outOfMemory();
  ownPartitions(load<u64>(record, H_OWNER));
  return makeReference(load<u64>(record, H_NUMBER));
}

/**
 * set(Handle, Name, Share, CriticalNs) -> ok | {share, Most} | system_limit | busy: a new partition,
 * or another share and critical budget of one; `system` always has what the others leave.
 */
// bif: vbeam_shares:set/4
export function partitionsSet4(handle: u64, name: u64, share: u64, critical: u64): u64 {
  if (!owns(handle)) return notOwner();
  if (!isAtom(name) || !isSmall(share) || !isSmall(critical)) return badarg();
  if (smallValue(critical) < 0 || smallValue(critical) > windowNs) return badarg();
  let partition = partitionNamed(name);
  const most = shareAvailable(partition) as i64;
  if (partition != (SYSTEM_PARTITION as i32)) {
    if (smallValue(share) < 1) return badarg();
    if (smallValue(share) > most) return tuple2(am_share, smallOf(most));
  }
  if (partition < 0) partition = newPartition(name);
  else if (load<u32>(partitionRow(partition as u32), S_CLOSING)) return am_busy;
  if (partition < 0) return am_system_limit;
  setShare(partition as u32, smallValue(share) as u32, smallValue(critical));
  return am_ok;
}
/**
 * remove(Handle, Name) -> boolean: nobody starts in it from now on, its share is that of `system`;
 * true when nobody is left in it, and it is gone.
 */
// bif: vbeam_shares:remove/2
export function partitionsRemove2(handle: u64, name: u64): u64 {
  if (!owns(handle)) return notOwner();
  const partition = isAtom(name) ? partitionNamed(name) : -1;
  if (partition <= (SYSTEM_PARTITION as i32)) return badarg();
  return closePartition(partition as u32) ? am_true : am_false;
}
/** window(Handle, Nanoseconds) -> ok: how long the sliding window is. */
// bif: vbeam_shares:window/2
export function partitionsWindow2(handle: u64, length: u64): u64 {
  if (!owns(handle)) return notOwner();
  if (!isSmall(length)) return badarg();
  const ns = smallValue(length);
  if (ns < WINDOW_NS_MIN || ns > WINDOW_NS_MAX) return badarg();
  changeWindow(ns);
  return am_ok;
}
/** join(Handle, Pid, Name) -> ok | not_found | noproc: so will those that the process starts. */
// bif: vbeam_shares:join/3
export function partitionsJoin3(handle: u64, pid: u64, name: u64): u64 {
  if (!owns(handle)) return notOwner();
  if (!isLocalPid(pid)) return badarg();
  const partition = openPartition(name);
  if (partition < 0) return am_not_found;
  const process = livingProcess(pid);
  if (!process) return am_noproc;
  joinPartition(process, partition as u32);
  return am_ok;
}
/**
 * heirs(Handle, Pid, Name) -> {ok, Before} | not_found | noproc: in which partition those begin that
 * the process starts from now on.
 */
// bif: vbeam_shares:heirs/3
export function partitionsHeirs3(handle: u64, pid: u64, name: u64): u64 {
  if (!owns(handle)) return notOwner();
  if (!isLocalPid(pid)) return badarg();
  const partition = openPartition(name);
  if (partition < 0) return am_not_found;
  const process = livingProcess(pid);
  if (!process) return am_noproc;
  const before = partitionRow(load<u8>(process, P_HEIR_PARTITION));
  const answer = tuple2(am_ok, load<u64>(before, S_NAME));
  setHeirPartition(process, partition as u32);
  return answer;
}
/** critical(Handle, Pid, Boolean) -> ok | noproc: whether it may use the critical budget. */
// bif: vbeam_shares:critical/3
export function partitionsCritical3(handle: u64, pid: u64, flag: u64): u64 {
  if (!owns(handle)) return notOwner();
  if (!isLocalPid(pid) || (flag != am_true && flag != am_false)) return badarg();
  const process = livingProcess(pid);
  if (!process) return am_noproc;
  const flags = load<u32>(process, P_FLAGS);
  store<u32>(process, flag == am_true ? flags | FLAG_CRITICAL : flags & ~FLAG_CRITICAL, P_FLAGS);
  if (process != current) requeue(process);
  return am_ok;
}
/** events(Handle, Boolean) -> ok: whether {partition_bankrupt, Name} is sent to the owner. */
// bif: vbeam_shares:events/2
export function partitionsEvents2(handle: u64, flag: u64): u64 {
  if (!owns(handle)) return notOwner();
  if (flag != am_true && flag != am_false) return badarg();
  tellBankruptcies(flag == am_true);
  return am_ok;
}

/** of(Pid) -> {Name, Name of those that it starts, Critical} | undefined */
// bif: vbeam_shares:of/1
export function partitionsOf1(pid: u64): u64 {
  if (!isLocalPid(pid)) return badarg();
  const process = processOf(pid);
  if (!process) return am_undefined;
  return tuple3(
    load<u64>(partitionRow(load<u8>(process, P_PARTITION)), S_NAME),
    load<u64>(partitionRow(load<u8>(process, P_HEIR_PARTITION)), S_NAME),
    load<u32>(process, P_FLAGS) & FLAG_CRITICAL ? am_true : am_false,
  );
}
/**
 * read() -> {Nanoseconds, WindowNs, {Window, Second, Ten}, Rows}: time accounted for, the spans
 * over which the rows say what was used, and a row for each partition, as rowTerm makes it.
 */
// bif: vbeam_shares:read/0
export function partitionsRead0(): u64 {
  settleUsed();
  let list = NIL;
  for (let i = PARTITIONS_MAX; i; i--) {
    if (!load<u64>(partitionRow(i - 1), S_NAME)) continue;
    const row = rowTerm(i - 1);
    list = makeCons(hAlloc(2), row, list);
  }
  const spans = tuple3(
    integerOfI64(spanOf(OVER_WINDOW)),
    integerOfI64(spanOf(OVER_SECOND)),
    integerOfI64(spanOf(OVER_TEN)),
  );
  return tuple4(integerOfI64(accounted), integerOfI64(windowNs), spans, list);
}
/**
 * {Name, Share, CriticalNs, Processes, Queued, Bankruptcies, Used, Critical, UsedInWindow,
 * CriticalInWindow, UsedInSecond, UsedInTen}: times in nanoseconds.
 */
function rowTerm(partition: u32): u64 {
  const row = partitionRow(partition);
  const members = partition == SYSTEM_PARTITION ? systemMembers() : load<u32>(row, S_MEMBERS);
  const at = hAlloc(FIELDS + 1);
  store<u64>(at, headerOf(SUB_TUPLE, FIELDS));
  store<u64>(at, load<u64>(row, S_NAME), 8);
  store<u64>(at, smallOf(load<u32>(row, S_SHARE)), 16);
  store<u64>(at, smallOf(load<i64>(row, S_CRITICAL)), 24);
  store<u64>(at, smallOf(members), 32);
  store<u64>(at, smallOf(queuedIn(partition)), 40);
  store<u64>(at, smallOf(load<i64>(row, S_BANKRUPTCIES)), 48);
  store<u64>(at, smallOf(usedInAll(partition)), 56);
  store<u64>(at, smallOf(criticalInAll(partition)), 64);
  store<u64>(at, smallOf(usedOver(OVER_WINDOW, partition)), 72);
  store<u64>(at, smallOf(criticalOver(OVER_WINDOW, partition)), 80);
  store<u64>(at, smallOf(usedOver(OVER_SECOND, partition)), 88);
  store<u64>(at, smallOf(usedOver(OVER_TEN, partition)), 96);
  return boxedOf(at);
}
function systemMembers(): u32 {
  let members = processCount;
  for (let i: u32 = 1; i < PARTITIONS_MAX; i++) members -= load<u32>(partitionRow(i), S_MEMBERS);
  return members;
}

/**
 * Files for which a process answers, and module vbeam_files, by which vbeam_vfs mounts. A function
 * of prim_file that meets such a path or handle goes on in module vbeam_file_calls:
 *
 *   path(Operation, {System, From, Rest}, Argument)     a path in a served file system
 *   two_paths(Operation, First, Second)                 one of the two is, as they were given
 *   handle(Operation, Number, Argument)                 a file that vbeam_file_calls has opened
 *
 * What that returns is what the function of prim_file returns.
 */
import { managedBytes } from '../alloc';
import { binaryOf } from '../binary';
import { badarg, outOfMemory, trapArguments3, trapToExport } from '../errors';
import { exportEntry } from '../code';
import { textBuffer } from '../files/host_files';
import { mountSystem, systemIsBusy, unmountSystem } from '../files/mounts';
import * as O from '../files/open_file';
import * as P from '../files/paths';
import * as S from '../files/systems';
import {
  am_busy,
  am_false,
  am_handle,
  am_here,
  am_idle,
  am_path,
  am_served,
  am_true,
  am_two_paths,
  am_undefined,
  am_vbeam_file_calls,
} from '../gen/atoms';
import * as F from '../gen/files';
import { resourceTerm } from '../resource';
import { tuple3, tuple4 } from '../signals';
import { NIL, NONE, isSmall, smallOf, smallValue } from '../term';
import { errorTuple, isPath, okTuple, pathAt, pathBytes, result } from './prim_file_paths';

/** Go on in vbeam_file_calls:name(operation, subject, argument). */
function goOn(name: u64, operation: u64, subject: u64, argument: u64): u64 {
  if (subject == NONE || argument == NONE) return NONE;
  const entry = exportEntry(am_vbeam_file_calls, name, 3);
  if (!entry) return outOfMemory();
  trapArguments3(operation, subject, argument);
  return trapToExport(entry, 3);
}
/** {System, From, Rest} of what the last resolve found. */
function servedPlace(): u64 {
  const rest = binaryOf(P.servedPathAt, P.servedPathBytes);
  if (rest == NONE) return NONE;
  return tuple3(smallOf(P.servedSystem as i64), smallOf(P.servedFrom as i64), rest);
}
/** The path that was just resolved is served. */
export function onServedPath(operation: u64, argument: u64): u64 {
  return goOn(am_path, operation, servedPlace(), argument);
}
/** An inode of a served file system, by itself. */
export function onServedPlace(operation: u64, system: u32, inode: u64): u64 {
  const rest = binaryOf(P.servedPathAt, 0);
  if (rest == NONE) return NONE;
  const place = tuple3(smallOf(system as i64), smallOf(inode as i64), rest);
  return goOn(am_path, operation, place, NIL);
}
/** One of two paths is served. */
export function onServedPaths(operation: u64, first: u64, second: u64): u64 {
  return goOn(am_two_paths, operation, first, second);
}
export function isServed(file: usize): bool {
  return O.openKind(file) == O.OPEN_SERVED;
}
export function onServedFile(operation: u64, file: usize, argument: u64): u64 {
  return goOn(am_handle, operation, smallOf(O.position(file) as i64), argument);
}

// ---- module vbeam_files

function systemNumber(t: u64): u32 {
  return isSmall(t) && smallValue(t) > 0 && smallValue(t) < (S.SYSTEMS_MAX as i64)
    ? (smallValue(t) as u32)
    : 0;
}
function mounted(path: u64, number: u64, state: u32, limit: u32): u64 {
  if (!systemNumber(number)) return badarg();
  if (!isPath(path)) return errorTuple(F.EINVAL);
  return result(mountSystem(pathAt, pathBytes, systemNumber(number), state, limit));
}
// bif: vbeam_files:mount_memory/3
export function mountMemory3(path: u64, number: u64, bytesMax: u64): u64 {
  if (!isSmall(bytesMax) || smallValue(bytesMax) < 0) return badarg();
  const limit = min(smallValue(bytesMax), 0xffff_ffff) as u32;
  return mounted(path, number, S.SYSTEM_MEMORY, limit);
}
// bif: vbeam_files:mount_served/2
export function mountServed2(path: u64, number: u64): u64 {
  return mounted(path, number, S.SYSTEM_SERVED, SERVED_BYTES);
}
/** The root of a served file system is an inode here. */
const SERVED_BYTES: u32 = 4096;

/** Bytes that all file systems in memory may take together. */
// bif: vbeam_files:bytes_max/0
export function systemBytesMax0(): u64 {
  return smallOf((managedBytes >> 1) as i64);
}
// bif: vbeam_files:is_free/1
export function systemIsFree1(number: u64): u64 {
  const system = systemNumber(number);
  if (!system) return badarg();
  return S.systemState(system) == S.SYSTEM_FREE ? am_true : am_false;
}
// bif: vbeam_files:unmount/2
export function unmount2(number: u64, force: u64): u64 {
  if (!systemNumber(number) || (force != am_true && force != am_false)) return badarg();
  return result(unmountSystem(systemNumber(number), force == am_true));
}
/** usage(System) -> {busy | idle, UsedBytes, LimitBytes} | undefined */
// bif: vbeam_files:usage/1
export function systemUsage1(number: u64): u64 {
  const system = systemNumber(number);
  if (!system) return badarg();
  const state = S.systemState(system);
  if (state != S.SYSTEM_MEMORY && state != S.SYSTEM_SERVED) return am_undefined;
  return tuple3(
    systemIsBusy(system) ? am_busy : am_idle,
    smallOf(S.systemUsed(system) as i64),
    smallOf(S.systemLimit(system) as i64),
  );
}
/** where(System) -> {ok, Path} | {error, Reason}: where it is mounted, as things are called now. */
// bif: vbeam_files:where/1
export function systemWhere1(number: u64): u64 {
  const system = systemNumber(number);
  if (!system) return badarg();
  const root = S.systemRoot(system);
  if (!root) return errorTuple(F.ENOENT);
  const bytes = P.folderPath(root, 0, 0);
  return bytes < 0 ? errorTuple(bytes) : okTuple(binaryOf(textBuffer, bytes as u32));
}
/** place(Path, FollowLast) -> {served, System, From, Rest} | here | {error, Reason} */
// bif: vbeam_files:place/2
export function filePlace2(path: u64, follow: u64): u64 {
  if (!isPath(path)) return errorTuple(F.EINVAL);
  const problem = P.resolve(pathAt, pathBytes, follow == am_true, false);
  if (!problem) return am_here;
  if (problem != P.SERVED) return errorTuple(problem);
  const rest = binaryOf(P.servedPathAt, P.servedPathBytes);
  if (rest == NONE) return NONE;
  const from = smallOf(P.servedFrom as i64);
  return tuple4(am_served, smallOf(P.servedSystem as i64), from, rest);
}
/** handle(Number) -> {ok, Handle}: an open file, owned by the caller, that is known by Number. */
// bif: vbeam_files:handle/1
export function servedHandle1(number: u64): u64 {
  if (!isSmall(number) || smallValue(number) < 0) return badarg();
  const file = O.newOpenFile(O.OPEN_SERVED, 0, 0);
  if (!file) return errorTuple(F.ENOMEM);
  O.setPosition(file, smallValue(number) as u64);
  return okTuple(resourceTerm(file));
}
/** enter(System, Inode): relative paths start there from now on. */
// bif: vbeam_files:enter/2
export function enterServed2(number: u64, inode: u64): u64 {
  if (!systemNumber(number) || !isSmall(inode) || smallValue(inode) <= 0) return badarg();
  return result(P.enterServed(systemNumber(number), smallValue(inode) as u64));
}

/**
 * Mounting into the file tree: a file system in memory with a limit of its own, or one that a
 * process answers for (vm/bif/served_files.ts). The root of what is mounted takes the place of a
 * folder, which is as it was when it is unmounted. Functions give 0 or a negative error number.
 *
 * The files of an unmounted file system in memory are freed by and by (`drainSystems`).
 */
import { EBUSY, EINVAL, ENOSPC, ENOTDIR, ENOTSUP } from '../gen/files';
import {
  E_INODE,
  I_COUNT,
  I_DATA,
  I_ENTRY,
  I_HOLDS,
  I_LINKS,
  I_MODE,
  I_MOUNTED,
  I_PARENT,
  KIND_FOLDER,
  KIND_SERVED,
  entryOfFolder,
  isFolder,
  isSystemRoot,
  kindOf,
  newInode,
  parentOf,
  removeEntry,
} from './inodes';
import * as P from './paths';
import * as S from './systems';
import { freeUnused, hold, letGo, root } from './tree';

/** Systems in state SYSTEM_DRAINING; the one of which files are freed now, and in which folder. */
let drainingCount: u32 = 0;
let draining: u32 = 0;
let drainingFolder: usize = 0;

/** The folder that a file system may be mounted over is P.found: 0, or why there is none. */
function findMountPoint(path: usize, bytes: u32): i64 {
  const problem = P.resolveExisting(path, bytes, true);
  if (problem == P.SERVED) return P.servedPathBytes || P.servedFrom ? ENOTSUP : EBUSY;
  if (problem) return problem;
  if (P.mount >= 0) return ENOTSUP;
  if (!isFolder(P.found)) return ENOTDIR;
  return P.found == root || isSystemRoot(P.found) ? EBUSY : 0;
}
/** Mount system number `system` at a path: in memory with at most `limit` bytes, or served. */
export function mountSystem(path: usize, bytes: u32, system: u32, state: u32, limit: u32): i64 {
  if (!system || system >= S.SYSTEMS_MAX) return EINVAL;
  if (S.systemState(system) != S.SYSTEM_FREE) return EBUSY;
  const problem = findMountPoint(path, bytes);
  if (problem) return problem;
  const covered = P.found;
  S.setSystemLimit(system, limit);
  const isServed = state == S.SYSTEM_SERVED;
  const kind = isServed ? KIND_SERVED : KIND_FOLDER;
  const made = newInode(kind, load<u32>(covered, I_MODE), system);
  if (!made) return ENOSPC;
  S.setSystemState(system, state);
  S.setSystemPlace(system, made, covered);
  if (isServed) store<u32>(made, system, I_COUNT);
  store<u32>(made, 2, I_LINKS);
  store<u32>(made, 1, I_HOLDS);
  store<u32>(made, parentOf(covered) as u32, I_PARENT);
  store<u32>(made, entryOfFolder(covered) as u32, I_ENTRY);
  store<u32>(covered, made as u32, I_MOUNTED);
  hold(covered);
  return 0;
}
/** Somebody has something open in it, works in it, or has mounted something in it. */
export function systemIsBusy(system: u32): bool {
  return S.systemHolds(system) != 0;
}
/** Take a system away; what is open in it stays usable, unless a process answers for it. */
export function unmountSystem(system: u32, force: bool): i64 {
  if (!system || system >= S.SYSTEMS_MAX) return EINVAL;
  const state = S.systemState(system);
  if (state != S.SYSTEM_MEMORY && state != S.SYSTEM_SERVED) return EINVAL;
  if (!force && systemIsBusy(system)) return EBUSY;
  const top = S.systemRoot(system);
  const covered = S.systemCovered(system);
  store<u32>(covered, 0, I_MOUNTED);
  letGo(covered);
  S.setSystemPlace(system, 0, 0);
  S.setSystemState(system, S.SYSTEM_DRAINING);
  // Whoever works in it gets out of it by `..`.
  store<u32>(top, 0, I_ENTRY);
  store<u32>(top, root as u32, I_PARENT);
  if (state == S.SYSTEM_SERVED) {
    store<u32>(top, 0, I_COUNT);
    finish(system, top);
    return 0;
  }
  S.setSystemPlace(system, top, 0);
  drainingCount++;
  return 0;
}
/** No file of the system has a name any more. */
function finish(system: u32, top: usize): void {
  S.setSystemPlace(system, 0, 0);
  S.setSystemState(system, S.SYSTEM_LEFT);
  store<u32>(top, 0, I_LINKS);
  store<u32>(top, load<u32>(top, I_HOLDS) - 1, I_HOLDS);
  freeUnused(top);
}

/** Free about `limit` names of unmounted systems; true when none is left. */
export function drainSystems(limit: u32): bool {
  for (let left = limit; left && drainingCount; left--) drainStep();
  return drainingCount == 0;
}
function drainStep(): void {
  if (!drainingFolder) {
    for (draining = 1; S.systemState(draining) != S.SYSTEM_DRAINING; draining++);
    drainingFolder = S.systemRoot(draining);
    return;
  }
  const entry = load<u32>(drainingFolder, I_DATA) as usize;
  if (entry) {
    const inode = load<u32>(entry, E_INODE) as usize;
    if (kindOf(inode) == KIND_FOLDER && load<u32>(inode, I_COUNT)) drainingFolder = inode;
    else {
      removeEntry(entry);
      freeUnused(inode);
    }
  } else if (drainingFolder != S.systemRoot(draining)) drainingFolder = parentOf(drainingFolder);
  else {
    const top = drainingFolder;
    drainingFolder = 0;
    drainingCount--;
    finish(draining, top);
  }
}

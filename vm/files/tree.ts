/**
 * What is where in the file tree. It is made when it is first asked for:
 *
 *     /             a folder in memory, or one of the host when that is mounted here
 *     /tmp          a folder in memory
 *     /boot         the files of the boot archive, and their folders, which cannot be changed
 *     /otp ...      the same files where OTP looks for them; further applications and releases
 *                   can be put beside them
 *     GUEST         the folders of the host that are mounted (tables/host_files.ts)
 *
 * When the host's root is mounted, the rest is in the folder `/.vbeam`, which is in no listing.
 */
import {
  archiveEntry,
  archiveFileCount,
  archiveLinkLength,
  archiveLinkText,
  archiveMode,
} from '../archive';
import { hostMount, textBuffer } from './host_files';
import {
  E_INODE,
  I_COUNT,
  I_DATA,
  I_FIXED,
  I_HOLDS,
  I_PARENT,
  I_SIZE,
  KIND_ARCHIVE,
  KIND_FILE,
  KIND_FOLDER,
  KIND_LINK,
  KIND_MOUNT,
  I_KIND,
  I_LINKS,
  addEntry,
  findEntry,
  freeInode,
  initEntries,
  isFolder,
  kindOf,
  newInode,
  systemOf,
} from './inodes';
import { changeSystemHolds } from './systems';
import { dropContents, freeLink, setLinkText } from './contents';

const FOLDER_MODE: u32 = 0o755;
const OPEN_FOLDER_MODE: u32 = 0o1777;
const SLASH: u8 = 47;
const DOT: u8 = 46;

export let root: usize = 0;
/** The root of what is in memory: `root` itself, unless that is the host's. */
export let ownRoot: usize = 0;
const ownName: usize = memory.data<u8>([46, 118, 98, 101, 97, 109]);
const OWN_NAME_BYTES: u32 = 6;
/** Four words for archiveEntry. */
const row: usize = memory.data(16, 8);

export function isDot(name: usize, length: u32): bool {
  return length == 1 && load<u8>(name) == DOT;
}
export function isDotDot(name: usize, length: u32): bool {
  return length == 2 && load<u8>(name) == DOT && load<u8>(name + 1) == DOT;
}

/** The name leads from a root that is the host's to what is in memory. */
export function isOwnName(name: usize, length: u32): bool {
  return length == OWN_NAME_BYTES && memory.compare(name, ownName, OWN_NAME_BYTES) == 0;
}

/** Folders of the archive that take more entries than it has. */
const openLibraries: usize = memory.data<u8>([111, 116, 112, 47, 108, 105, 98]);
const OPEN_LIBRARIES_BYTES: u32 = 7;
const openReleases: usize = memory.data<u8>([
  111, 116, 112, 47, 114, 101, 108, 101, 97, 115, 101, 115,
]);
const OPEN_RELEASES_BYTES: u32 = 12;

const programFolder: usize = memory.data<u8>([112, 114, 111, 103, 114, 97, 109]);
const PROGRAM_BYTES: u32 = 7;

/** Bytes of the first name of a path. */
function firstBytes(path: usize, length: u32): u32 {
  let end: u32 = 0;
  while (end < length && load<u8>(path + end) != SLASH) end++;
  return end;
}
/** Folders of the archive beside which, and beside whose files, others can be put. */
function isOpenFolder(path: usize, length: u32): bool {
  const first = firstBytes(path, length);
  const ours =
    (first == 3 && memory.compare(path, openLibraries, 3) == 0) ||
    (first == PROGRAM_BYTES && memory.compare(path, programFolder, first) == 0);
  if (!ours) return true;
  if (length == OPEN_LIBRARIES_BYTES) return memory.compare(path, openLibraries, length) == 0;
  return length == OPEN_RELEASES_BYTES && memory.compare(path, openReleases, length) == 0;
}

/** The folder of a name in another one, made if need be; 0 when it is none or without room. */
function folderIn(folder: usize, name: usize, length: u32, fixed: bool): usize {
  const known = findEntry(folder, name, length);
  if (known) {
    const inode = load<u32>(known, E_INODE) as usize;
    return kindOf(inode) == KIND_FOLDER ? inode : 0;
  }
  const made = newInode(KIND_FOLDER, FOLDER_MODE, 0);
  if (!made || addEntry(folder, name, length, made) < 0) return 0;
  store<u32>(made, fixed ? 1 : 0, I_FIXED);
  return made;
}
/** Walk to the folder in which the last name of `path` is; its place in lastFrom. */
let lastFrom: u32 = 0;
function foldersOf(start: usize, path: usize, length: u32, fixed: bool): usize {
  let folder = start;
  let from: u32 = 0;
  while (folder) {
    let end = from;
    while (end < length && load<u8>(path + end) != SLASH) end++;
    lastFrom = from;
    if (end >= length) return folder;
    const bytes = end - from;
    if (isDotDot(path + from, bytes)) return 0;
    if (bytes && !isDot(path + from, bytes)) {
      const open = start == ownRoot && isOpenFolder(path, end);
      const keeps = fixed && !open;
      folder = folderIn(folder, path + from, bytes, keeps);
    }
    from = end + 1;
  }
  return 0;
}
function archiveInode(): usize {
  const data = load<u32>(row, 8) as usize;
  const length = archiveLinkLength(data);
  if (length) {
    const link = newInode(KIND_LINK, 0o777, 0);
    if (!link || setLinkText(link, archiveLinkText(data), length)) return link;
    freeInode(link);
    return 0;
  }
  const file = newInode(KIND_ARCHIVE, archiveMode(data), 0);
  if (!file) return 0;
  store<u32>(file, data as u32, I_DATA);
  store<u64>(file, load<u32>(row, 12) as u64, I_SIZE);
  return file;
}
function addArchiveFile(bootFolder: usize): void {
  const file = archiveInode();
  if (!file) return;
  store<u32>(file, 1, I_FIXED);
  if (bootFolder) addArchiveName(bootFolder, file);
  addArchiveName(ownRoot, file);
  if (load<u32>(file, I_LINKS)) return;
  if (kindOf(file) == KIND_LINK) freeLink(file);
  else freeInode(file);
}
/** The path of `row` from `start` on leads to `file`. */
function addArchiveName(start: usize, file: usize): void {
  const path = load<u32>(row) as usize;
  const length = load<u32>(row, 4);
  const folder = foldersOf(start, path, length, true);
  const bytes = length - lastFrom;
  // A file and a folder of one name: the first one counts.
  if (!folder || !bytes || findEntry(folder, path + lastFrom, bytes)) return;
  addEntry(folder, path + lastFrom, bytes, file);
}
/** Put folder number `index` of the host where textBuffer says. */
function addMount(index: u32): void {
  let length: u32 = 0;
  while (load<u8>(textBuffer + length)) length++;
  while (length && load<u8>(textBuffer + length - 1) == SLASH) length--;
  let mounted = newMountOfRoot(length == 0);
  if (length) {
    const folder = foldersOf(ownRoot, textBuffer, length, false);
    const bytes = length - lastFrom;
    mounted = folder && bytes ? folderIn(folder, textBuffer + lastFrom, bytes, false) : 0;
    if (mounted && load<u32>(mounted, I_DATA)) return;
  }
  if (!mounted) return;
  store<u32>(mounted, 1, I_FIXED);
  store<u32>(mounted, KIND_MOUNT, I_KIND);
  store<u32>(mounted, 0, I_DATA);
  store<u32>(mounted, index, I_COUNT);
}

/** The root becomes a mounted folder, if it is to be one. */
function newMountOfRoot(wanted: bool): usize {
  if (!wanted || root != ownRoot) return 0;
  const made = newInode(KIND_FOLDER, FOLDER_MODE, 0);
  if (!made) return 0;
  root = made;
  store<u32>(root, root as u32, I_PARENT);
  store<u32>(root, 2, I_LINKS);
  store<u32>(ownRoot, root as u32, I_PARENT);
  return made;
}
/** Build the tree unless it is there; false without memory. */
export function treeBuilt(): bool {
  if (root) return true;
  if (!initEntries()) return false;
  const made = newInode(KIND_FOLDER, FOLDER_MODE, 0);
  if (!made) return false;
  root = made;
  ownRoot = made;
  store<u32>(root, root as u32, I_PARENT);
  store<u32>(root, 2, I_LINKS);
  store<u32>(root, 1, I_HOLDS);
  const temporary = newInode(KIND_FOLDER, OPEN_FOLDER_MODE, 0);
  store<u32>(textBuffer, 0x706d74); // "tmp"
  if (temporary && addEntry(ownRoot, textBuffer, 3, temporary) < 0) freeInode(temporary);
  for (let i: u32 = 0; hostMount(i) >= 0; i++) addMount(i);
  // A root of the host has folders of its own.
  store<u32>(textBuffer, 0x746f6f62); // "boot"
  const bootFolder = root == ownRoot ? folderIn(ownRoot, textBuffer, 4, true) : 0;
  for (let i: u32 = 0; i < archiveFileCount; i++) {
    archiveEntry(i, row);
    addArchiveFile(bootFolder);
  }
  return true;
}

// ---- holding

export function hold(inode: usize): void {
  changeSystemHolds(systemOf(inode), 1);
  store<u32>(inode, load<u32>(inode, I_HOLDS) + 1, I_HOLDS);
}
/** Nobody holds it and no name leads to it: it goes. */
export function freeUnused(inode: usize): void {
  if (load<u32>(inode, I_LINKS) || load<u32>(inode, I_HOLDS)) return;
  if (kindOf(inode) == KIND_LINK) {
    freeLink(inode);
    return;
  }
  if (kindOf(inode) == KIND_FILE) dropContents(inode);
  if (kindOf(inode) != KIND_ARCHIVE) freeInode(inode);
}
export function letGo(inode: usize): void {
  changeSystemHolds(systemOf(inode), -1);
  store<u32>(inode, load<u32>(inode, I_HOLDS) - 1, I_HOLDS);
  freeUnused(inode);
}
/** A folder that was removed while somebody held it. */
export function isRemoved(inode: usize): bool {
  return isFolder(inode) && !load<u32>(inode, I_LINKS);
}

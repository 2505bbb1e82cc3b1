/**
 * The boot archive (architecture D10): a tar file (POSIX ustar) in linear memory. Its regular files
 * and symbolic links are indexed once by path, and those that end in `.beam` also by module name
 * (the base name; the first one of a name counts). Data stay where they are.
 *
 *   header: 0 name 100 | 100 mode, octal 8 | 124 size, octal 12 | 148 checksum, octal 8 | 156 type 1
 *           | 157 text of a link 100 | 257 "ustar" | 345 prefix 155 | 512 data, padded
 */
import { allocate, allocateZeroed } from './alloc';
import { atomLength, atomText, hashBytes } from './atoms';
import { advance, takeInstance, writeTicket } from './loader/job';
import { loadLineless, loadModule, makeLoaded } from './loader/load';
import { clearReport, say, sayAtom, sayNumber } from './loader/report';
import { I_MODULE, findModule } from './modules';

const BLOCK: u32 = 512;
const NAME_BYTES: u32 = 100;
const MODE_AT: u32 = 100;
const SIZE_AT: u32 = 124;
const CHECKSUM_AT: u32 = 148;
const TYPE_AT: u32 = 156;
const LINK_AT: u32 = 157;
const LINK_BYTES: u32 = 100;
const TYPE_LINK: u8 = 50;
const TYPE_FOLDER: u8 = 53;
const MAGIC_AT: u32 = 257;
const PREFIX_AT: u32 = 345;
const PREFIX_BYTES: u32 = 155;
/**
 * {path address, path bytes, base offset, base bytes without .beam (0 = no module), data address,
 * data bytes}
 */
const ENTRY: u32 = 24;

let entries: usize = 0;
export let archiveFileCount: u32 = 0;
export let archiveModuleCount: u32 = 0;
/** Slots: entry index + 1 by path, and by module name. */
let pathSlots: usize = 0;
let moduleSlots: usize = 0;
let slotMask: u32 = 0;

/** After archiveFind or archiveModule: bytes of the file. */
export let archiveFileLength: u32 = 0;

function archiveFails(offset: u32, why: string): bool {
  clearReport();
  say('boot archive: at byte ');
  sayNumber(offset);
  say(': ');
  say(why);
  return false;
}

/** An octal field of `bytes` bytes, or -1. */
function octal(at: usize, bytes: u32): i64 {
  let value: i64 = 0;
  let i: u32 = 0;
  while (i < bytes && load<u8>(at + i) == 32) i++;
  const first = i;
  for (; i < bytes; i++) {
    const byte = load<u8>(at + i);
    if (byte < 48 || byte > 55) break;
    value = (value << 3) | ((byte - 48) as i64);
  }
  if (i == first || (i < bytes && load<u8>(at + i) != 0 && load<u8>(at + i) != 32)) return -1;
  return value;
}
function textLength(at: usize, bytes: u32): u32 {
  let length: u32 = 0;
  while (length < bytes && load<u8>(at + length)) length++;
  return length;
}
function isZeroBlock(at: usize): bool {
  for (let i: u32 = 0; i < BLOCK; i += 8) if (load<u64>(at + i)) return false;
  return true;
}
function checksumIsRight(at: usize): bool {
  let sum: i64 = 0;
  for (let i: u32 = 0; i < BLOCK; i++) {
    sum += i >= CHECKSUM_AT && i < CHECKSUM_AT + 8 ? 32 : (load<u8>(at + i) as i64);
  }
  return octal(at + CHECKSUM_AT, 8) == sum;
}

/** What the header at the place being read says. */
let fileBytes: u32 = 0;
function readHeader(at: usize, offset: u32, left: u32): bool {
  // "ustar"
  if (load<u32>(at, MAGIC_AT) != 0x61747375 || load<u8>(at, MAGIC_AT + 4) != 114)
    return archiveFails(offset, 'no ustar header');
  if (!checksumIsRight(at)) return archiveFails(offset, 'the checksum of the header is wrong');
  const size = octal(at + SIZE_AT, 12);
  if (size < 0 || size > (left as i64) - BLOCK) return archiveFails(offset, 'the file is cut off');
  fileBytes = size as u32;
  const type = load<u8>(at, TYPE_AT);
  if (type == 0 || type == 48 || type == TYPE_FOLDER) return true;
  if (type == TYPE_LINK && size == 0 && load<u8>(at, LINK_AT)) return true;
  return archiveFails(
    offset,
    'neither a file, a link nor a folder: only plain ustar entries are read',
  );
}

/**
 * Two passes over the archive: the first checks and counts, the second fills the index. `fill`
 * false: counts into archiveFileCount.
 */
function walk(address: usize, bytes: u32, fill: bool): bool {
  let offset: u32 = 0;
  archiveFileCount = 0;
  while (offset + BLOCK <= bytes) {
    const at = address + offset;
    if (isZeroBlock(at)) return true;
    if (!readHeader(at, offset, bytes - offset)) return false;
    if (load<u8>(at, TYPE_AT) != TYPE_FOLDER) {
      if (fill && !addFile(at)) return archiveFails(offset, 'no memory for the index');
      archiveFileCount++;
    }
    offset += BLOCK + ((fileBytes + BLOCK - 1) & ~(BLOCK - 1));
  }
  return offset >= bytes || archiveFails(offset, 'the header is cut off');
}

/**
 * The path of the file at `at`: its name, or prefix/name, which is put together in memory of its
 * own.
 */
function addFile(at: usize): bool {
  let path = at;
  let length = textLength(at, NAME_BYTES);
  const prefix = textLength(at + PREFIX_AT, PREFIX_BYTES);
  if (prefix) {
    path = allocate(prefix + 1 + length);
    if (!path) return false;
    memory.copy(path, at + PREFIX_AT, prefix);
    store<u8>(path + prefix, 47);
    memory.copy(path + prefix + 1, at, length);
    length += prefix + 1;
  }
  let base = length;
  while (base && load<u8>(path + base - 1) != 47) base--;
  let module = length - base;
  // ".bea", "m"
  const isBeam =
    module > 5 && load<u32>(path + length - 5) == 0x6165622e && load<u8>(path + length - 1) == 109;
  module = isBeam ? module - 5 : 0;
  const entry = entries + archiveFileCount * ENTRY;
  store<u32>(entry, path as u32);
  store<u32>(entry, length, 4);
  store<u32>(entry, base, 8);
  store<u32>(entry, module, 12);
  store<u32>(entry, (at + BLOCK) as u32, 16);
  store<u32>(entry, fileBytes, 20);
  insert(pathSlots, path, length, 0);
  if (module && insert(moduleSlots, path + base, module, 8)) archiveModuleCount++;
  return true;
}

/** Where an entry keeps its key: the path (0) or the module name (8). */
function keyAddress(entry: usize, key: u32): usize {
  const base: u32 = key ? load<u32>(entry, 8) : 0;
  return load<u32>(entry) + base;
}
function keyLength(entry: usize, key: u32): u32 {
  return key ? load<u32>(entry, 12) : load<u32>(entry, 4);
}
/** The slot of the key, free (0) or taken. */
function slotOf(slots: usize, text: usize, length: u32, key: u32): usize {
  let slot = hashBytes(text, length) & slotMask;
  while (true) {
    const held = load<u32>(slots + (slot << 2));
    if (!held) return slots + (slot << 2);
    const entry = entries + (held - 1) * ENTRY;
    if (
      keyLength(entry, key) == length &&
      memory.compare(keyAddress(entry, key), text, length) == 0
    )
      return slots + (slot << 2);
    slot = (slot + 1) & slotMask;
  }
}
/** False when the key is there already. */
function insert(slots: usize, text: usize, length: u32, key: u32): bool {
  const slot = slotOf(slots, text, length, key);
  if (load<u32>(slot)) return false;
  store<u32>(slot, archiveFileCount + 1);
  return true;
}

/** Index the archive at `address`; `bytes` may be 0. False after a report (loader/report.ts). */
export function initArchive(address: usize, bytes: u32): bool {
  archiveModuleCount = 0;
  if (!walk(address, bytes, false)) return false;
  let slots: u32 = 16;
  while (slots < archiveFileCount * 2) slots <<= 1;
  slotMask = slots - 1;
  pathSlots = allocateZeroed(slots << 2);
  moduleSlots = allocateZeroed(slots << 2);
  entries = allocate(max(archiveFileCount, 1) * ENTRY);
  if (!pathSlots || !moduleSlots || !entries) return archiveFails(0, 'no memory for the index');
  return walk(address, bytes, true);
}

function found(slots: usize, text: usize, length: u32, key: u32): usize {
  archiveFileLength = 0;
  if (!slots) return 0;
  const held = load<u32>(slotOf(slots, text, length, key));
  if (!held) return 0;
  const entry = entries + (held - 1) * ENTRY;
  archiveFileLength = load<u32>(entry, 20);
  return load<u32>(entry, 16);
}

/**
 * Address of the data of the file with this path, 0 when there is none; its size is in
 * archiveFileLength.
 */
export function archiveFindBytes(path: usize, length: u32): usize {
  return found(pathSlots, path, length, 0);
}
const asciiPath: usize = memory.data(256, 8);
/** As archiveFindBytes for an ASCII path of at most 256 characters. */
export function archiveFind(path: string): usize {
  const length = min(path.length, 256);
  for (let i = 0; i < length; i++) store<u8>(asciiPath + i, path.charCodeAt(i) as u8);
  return archiveFindBytes(asciiPath, length);
}
/** As archiveFindBytes for the `.beam` file of a module. */
export function archiveModule(module: u64): usize {
  return found(moduleSlots, atomText(module), atomLength(module), 8);
}
/**
 * Visit all files: writes path address, path bytes, data address, data bytes to four words at `to`;
 * false behind the last.
 */
export function archiveEntry(index: u32, to: usize): bool {
  if (index >= archiveFileCount) return false;
  const entry = entries + index * ENTRY;
  store<u64>(to, load<u64>(entry));
  store<u64>(to, load<u64>(entry, 16), 8);
  return true;
}

/** Permissions of a file, by the address of its data. */
export function archiveMode(data: usize): u32 {
  const mode = octal(data - BLOCK + MODE_AT, 8);
  return mode < 0 ? 0 : (mode as u32) & 0o7777;
}
/** Bytes of the text of a symbolic link, by the address of its data; 0 for a file. */
export function archiveLinkLength(data: usize): u32 {
  if (load<u8>(data - BLOCK, TYPE_AT) != TYPE_LINK) return 0;
  return textLength(data - BLOCK + LINK_AT, LINK_BYTES);
}
export function archiveLinkText(data: usize): usize {
  return data - BLOCK + LINK_AT;
}

/** OTP's code server is in charge of all modules but those that OTP has in its runtime. */
export let onlyPreloaded: bool = false;

/**
 * Load the modules that OTP has in its runtime, and no other from now on. False after a report.
 */
export function loadPreloaded(): bool {
  onlyPreloaded = true;
  for (let i: u32 = 0; i < archiveFileCount; i++) {
    const entry = entries + i * ENTRY;
    if (!load<u32>(entry, 12) || !pathIsPreloaded(entry)) continue;
    if (!loadLineless(load<u32>(entry, 16), load<u32>(entry, 20))) return false;
  }
  return true;
}
// "/erts-"
const ERTS: usize = memory.data<u8>([47, 101, 114, 116, 115, 45]);
/** The module's file lies in a folder `erts-VERSION`, where OTP has its preloaded modules. */
function isPreloaded(module: u64): bool {
  const held = load<u32>(slotOf(moduleSlots, atomText(module), atomLength(module), 8));
  return held != 0 && pathIsPreloaded(entries + (held - 1) * ENTRY);
}
function pathIsPreloaded(entry: usize): bool {
  const path = load<u32>(entry) as usize;
  const base = load<u32>(entry, 8);
  for (let i: u32 = 0; i + 6 < base; i++) if (memory.compare(path + i, ERTS, 6) == 0) return true;
  return false;
}

/** Load a module of the archive, whoever is in charge of modules; false after a report. */
export function loadNamed(module: u64): bool {
  const data = archiveModule(module);
  return data != 0 && loadModule(data, archiveFileLength) != 0;
}
export const ARCHIVE_NOT_THERE: i32 = 0;
export const ARCHIVE_LOADED: i32 = 1;
export const ARCHIVE_BROKEN: i32 = -1;
/** Something else must run first; then the caller tries again. */
export const ARCHIVE_LATER: i32 = 2;

/** The module being loaded from the archive, and its ticket (vm/loader/job.ts). */
let loading: u64 = 0;
const ticket: usize = memory.data(32, 8);

/**
 * Load a module from the archive, unless it was loaded before, and make it current; when it is
 * broken, the reason is in report.ts. It is loaded in slices, by whoever wants it, or another
 * module of the archive.
 */
export function loadFromArchive(module: u64): i32 {
  if (!loading || loading == module) return goOnLoading(module);
  // Another one is under way: whoever wanted it comes back for it, or nobody does.
  const outcome = goOnLoading(loading);
  return outcome == ARCHIVE_LATER ? outcome : goOnLoading(module);
}
function goOnLoading(module: u64): i32 {
  if (!loading) {
    if (onlyPreloaded && !isPreloaded(module)) return ARCHIVE_NOT_THERE;
    // A module that was there once and is gone was deleted: the error handler decides.
    const data: usize = findModule(module) ? 0 : archiveModule(module);
    if (!data) return ARCHIVE_NOT_THERE;
    loading = module;
    // OTP's preloaded modules are part of its emulator, without line numbers.
    writeTicket(ticket, data, archiveFileLength, isPreloaded(module));
  }
  if (!advance(ticket)) return ARCHIVE_LATER;
  loading = 0;
  const instance = makeLoaded(takeInstance(ticket));
  if (!instance) return ARCHIVE_BROKEN;
  if (load<u64>(instance, I_MODULE) == module) return ARCHIVE_LOADED;
  clearReport();
  say('boot archive: the file ');
  sayAtom(module);
  say('.beam holds module ');
  sayAtom(load<u64>(instance, I_MODULE));
  return ARCHIVE_BROKEN;
}

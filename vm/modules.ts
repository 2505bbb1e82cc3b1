/**
 * The modules of the system: which version of each is current and which is old, and what is where
 * in the code.
 *
 * An instance is one loaded version of a module: one block with everything but its literals.
 *
 *   +----------+-----------+----------------+--------+------------+---------+------------+
 *   | instance | constants | code (32 bits) | tables | file names | strings | Attr, CInf |
 *   | header   | (64 bits) |                |        |            |         |            |
 *   +----------+-----------+----------------+--------+------------+---------+------------+
 *
 * A record per module name chains its instances: current, old (calls into it go on, no new ones
 * come), prepared on_load code.
 */
import { AREA_CODE, allocateZeroedFor, reallocateFor } from './memory_areas';
import { atomHash } from './atoms';

export { loadFromArchive } from './archive';

// ---- instance header

export const I_MODULE: u32 = 0;
export const I_MD5: u32 = 8;
export const I_BLOCK_END: u32 = 24;
export const I_CODE: u32 = 28;
export const I_CODE_END: u32 = 32;
export const I_CONSTANTS: u32 = 36;
export const I_CONSTANT_COUNT: u32 = 40;
/** Addresses of all func_info instructions, ascending. */
export const I_FUNCTIONS: u32 = 44;
export const I_FUNCTION_COUNT: u32 = 48;
/** {code address, line, file} in code order. */
export const I_LINES: u32 = 52;
export const I_LINE_COUNT: u32 = 56;
/** {address, length} of file names; file 0 is the module's own name with .erl. */
export const I_FILES: u32 = 60;
export const I_FILE_COUNT: u32 = 64;
/** {function atom, arity, entry address, export entry}. */
export const I_EXPORTS: u32 = 68;
export const I_EXPORT_COUNT: u32 = 72;
/** {fun entry, entry address}. */
export const I_FUNS: u32 = 76;
export const I_FUN_COUNT: u32 = 80;
/** The external term in the Attr chunk: address, length. */
export const I_ATTRIBUTES: u32 = 84;
export const I_ATTRIBUTES_LENGTH: u32 = 88;
export const I_COMPILE: u32 = 92;
export const I_COMPILE_LENGTH: u32 = 96;
/** Its literals, an area of vm/literal_areas.ts, 0 = none. */
export const I_LITERALS: u32 = 100;
/** The same with integers that the code itself holds and that are too large for a word. */
export const I_BIGS: u32 = 104;
/** Entry of the on_load function, 0 = none. */
export const I_ON_LOAD: u32 = 108;
export const INSTANCE_BYTES: u32 = 112;

/** Bytes of a row of I_LINES, I_FILES, I_EXPORTS, I_FUNS. */
export const LINE_ROW: u32 = 12;
export const FILE_ROW: u32 = 8;
export const EXPORT_ROW: u32 = 16;
export const FUN_ROW: u32 = 8;

/** Where in a row of I_EXPORTS its export entry stands. */
export const EXPORT_ENTRY: u32 = 12;

// ---- module records

export const R_MODULE: u32 = 0;
export const R_CURRENT: u32 = 8;
export const R_OLD: u32 = 12;
/** Instance whose on_load function is running. */
export const R_PENDING: u32 = 16;
/** What of it is being purged: vm/loader/purge.ts. */
export const R_PURGING: u32 = 28;
const R_NEXT: u32 = 20;
/** Next in the list of all, in order of first loading. */
const R_NEXT_OF_ALL: u32 = 24;
/** It stays when init unloads everything to start the system again. */
const R_KEPT: u32 = 32;
const RECORD_BYTES: u32 = 40;
const BUCKETS: u32 = 1024;

let buckets: usize = 0;
let firstRecord: usize = 0;
let lastRecord: usize = 0;
export let moduleCount: u32 = 0;

/** Instances in order of their code addresses: u32 each. */
let instances: usize = 0;
let instanceCount: u32 = 0;
let instanceCapacity: u32 = 0;

export function initModules(): void {
  buckets = allocateZeroedFor(AREA_CODE, BUCKETS << 2);
}

/** The record of the module, or 0. */
export function findModule(module: u64): usize {
  let record = load<u32>(buckets + ((atomHash(module) & (BUCKETS - 1)) << 2)) as usize;
  while (record && load<u64>(record) != module) record = load<u32>(record, R_NEXT);
  return record;
}
/** The record of the module, made if need be; 0 when memory is exhausted. */
export function moduleRecord(module: u64): usize {
  const found = findModule(module);
  if (found) return found;
  const record = allocateZeroedFor(AREA_CODE, RECORD_BYTES);
  if (!record) return 0;
  const bucket = buckets + ((atomHash(module) & (BUCKETS - 1)) << 2);
  store<u64>(record, module);
  store<u32>(record, load<u32>(bucket), R_NEXT);
  store<u32>(bucket, record as u32);
  if (lastRecord) store<u32>(lastRecord, record as u32, R_NEXT_OF_ALL);
  else firstRecord = record;
  lastRecord = record;
  moduleCount++;
  return record;
}
/** The record after `record` (0 = the first), or 0. */
export function nextModule(record: usize): usize {
  return record ? load<u32>(record, R_NEXT_OF_ALL) : firstRecord;
}
/** Whatever is loaded now is what the system below OTP runs on: keep it. */
export function keepModules(): void {
  for (let record = firstRecord; record; record = nextModule(record)) store<u32>(record, 1, R_KEPT);
}
export function isKept(record: usize): bool {
  return load<u32>(record, R_KEPT) != 0;
}
/** The current instance of the module, or 0. */
export function currentInstance(module: u64): usize {
  const record = findModule(module);
  return record ? (load<u32>(record, R_CURRENT) as usize) : 0;
}

// ---- what is where

/** Index of the first instance whose block starts above `address`. */
function instanceIndexAbove(address: usize): u32 {
  let low: u32 = 0;
  let high = instanceCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((load<u32>(instances + (middle << 2)) as usize) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Make the instance findable by code address. False when memory is exhausted. */
export function addInstance(instance: usize): bool {
  if (instanceCount == instanceCapacity) {
    const larger = instanceCapacity ? instanceCapacity << 1 : 256;
    const fresh = reallocateFor(AREA_CODE, instances, larger << 2);
    if (!fresh) return false;
    instances = fresh;
    instanceCapacity = larger;
  }
  const index = instanceIndexAbove(instance);
  const at = instances + (index << 2);
  memory.copy(at + 4, at, (instanceCount - index) << 2);
  store<u32>(at, instance as u32);
  instanceCount++;
  return true;
}
export function removeInstance(instance: usize): void {
  const index = instanceIndexAbove(instance);
  if (!index || (load<u32>(instances + ((index - 1) << 2)) as usize) != instance) return;
  const at = instances + ((index - 1) << 2);
  memory.copy(at, at + 4, (instanceCount - index) << 2);
  instanceCount--;
}

/** The instance whose code contains `pc`, or 0. */
export function instanceAt(pc: usize): usize {
  const index = instanceIndexAbove(pc);
  if (!index) return 0;
  const instance = load<u32>(instances + ((index - 1) << 2)) as usize;
  const inside =
    pc >= (load<u32>(instance, I_CODE) as usize) && pc < (load<u32>(instance, I_CODE_END) as usize);
  return inside ? instance : 0;
}

/**
 * Address of the func_info of the function that contains `pc` (the address of an instruction, or of
 * any word of it), or 0. Words 1 to 3 of a func_info are module atom, function atom, arity. For a
 * return address pass the address minus 4: it may be the start of another function.
 */
export function functionAt(pc: usize): usize {
  const instance = instanceAt(pc);
  if (!instance) return 0;
  const table = load<u32>(instance, I_FUNCTIONS) as usize;
  let low: u32 = 0;
  let high = load<u32>(instance, I_FUNCTION_COUNT);
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((load<u32>(table + (middle << 2)) as usize) <= pc) low = middle + 1;
    else high = middle;
  }
  return low ? (load<u32>(table + ((low - 1) << 2)) as usize) : 0;
}

/**
 * What locationAt found: the line, and the file's name; a length of 0 stands for the module's own
 * name with `.erl`.
 */
export let locationLine: u32 = 0;
export let locationFile: usize = 0;
export let locationFileLength: u32 = 0;

/** The source line of the instruction at `pc` (see functionAt). False when it has none. */
export function locationAt(pc: usize): bool {
  const instance = instanceAt(pc);
  if (!instance) return false;
  const table = load<u32>(instance, I_LINES) as usize;
  let low: u32 = 0;
  let high = load<u32>(instance, I_LINE_COUNT);
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((load<u32>(table + middle * LINE_ROW) as usize) <= pc) low = middle + 1;
    else high = middle;
  }
  if (!low) return false;
  const row = table + (low - 1) * LINE_ROW;
  if ((load<u32>(row) as usize) < functionAt(pc)) return false;
  locationLine = load<u32>(row, 4);
  const file = load<u32>(row, 8);
  locationFile = 0;
  locationFileLength = 0;
  if (file) {
    const name = (load<u32>(instance, I_FILES) as usize) + (file - 1) * FILE_ROW;
    locationFile = load<u32>(name);
    locationFileLength = load<u32>(name, 4);
  }
  return locationLine != 0;
}

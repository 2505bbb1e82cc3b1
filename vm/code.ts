/**
 * Export entries, fun entries and the index of functions by code address.
 *
 * An export entry stands for `module:function/arity` whether or not code exists. Calls jump to the
 * address in it: the function's entry, or the two-word stub inside the entry, which runs a BIF or
 * reports an undefined function.
 *
 * +--------+----------+-------+---------+-----+------+----------------------+------+
 * | module | function | arity | address | bif | next | stub opcode, operand | hash |  u64 u64 u32 u32 u32 u32 u32 u32 u32
 * +--------+----------+-------+---------+-----+------+----------------------+------+
 */
import { AREA_CODE, allocateZeroedFor } from './memory_areas';
import { OP_bif_stub, OP_undefined_stub } from './gen/opcodes';
import { atomHash } from './atoms';

export const E_MODULE: u32 = 0;
export const E_FUNCTION: u32 = 8;
export const E_ARITY: u32 = 16;
/** Where a call goes. */
export const E_ADDRESS: u32 = 20;
/** Index of the BIF + 1, 0 = no BIF. */
export const E_BIF: u32 = 24;
export const E_NEXT: u32 = 28;
export const E_STUB: u32 = 32;
export const E_HASH: u32 = 40;
/** Address in the code that is loaded but not yet visible (on_load), 0 = none. */
export const E_PENDING: u32 = 44;
/** 1: the address never changes (erlang:apply/2,3, whose Erlang bodies call themselves). */
export const E_FIXED: u32 = 48;
/** What calls of the BIF run, index + 1: the BIF, or what tells a tracer about it. */
export const E_CALL_BIF: u32 = 52;
const EXPORT_BYTES: u32 = 56;

let buckets: usize = 0;
let bucketMask: u32 = 0;
export let exportCount: u32 = 0;

export function initExports(): void {
  bucketMask = 16383;
  buckets = allocateZeroedFor(AREA_CODE, (bucketMask + 1) << 2);
}

function hashOf(module: u64, name: u64, arity: u32): u32 {
  return (atomHash(module) * 31 + atomHash(name)) * 31 + arity;
}

/** The entry of module:name/arity if there is one, else 0. */
export function findExport(module: u64, name: u64, arity: u32): usize {
  let entry = load<u32>(buckets + ((hashOf(module, name, arity) & bucketMask) << 2)) as usize;
  while (entry) {
    if (
      load<u64>(entry, E_MODULE) == module &&
      load<u64>(entry, E_FUNCTION) == name &&
      load<u32>(entry, E_ARITY) == arity
    )
      return entry;
    entry = load<u32>(entry, E_NEXT);
  }
  return 0;
}

/** The entry of module:name/arity, made if need be (undefined then); 0 when memory is exhausted. */
export function exportEntry(module: u64, name: u64, arity: u32): usize {
  const found = findExport(module, name, arity);
  if (found) return found;
  const entry = allocateZeroedFor(AREA_CODE, EXPORT_BYTES);
  if (!entry) return 0;
  const hash = hashOf(module, name, arity);
  const bucket = buckets + ((hash & bucketMask) << 2);
  store<u64>(entry, module, E_MODULE);
  store<u64>(entry, name, E_FUNCTION);
  store<u32>(entry, arity, E_ARITY);
  store<u32>(entry, hash, E_HASH);
  store<u32>(entry, load<u32>(bucket), E_NEXT);
  store<u32>(bucket, entry as u32);
  exportCount++;
  setUndefined(entry);
  return entry;
}

/** Visit all entries: the entry after `entry` (0 = the first), or 0. Order is that of the table. */
export function nextExport(entry: usize): usize {
  let index: u32 = 0;
  if (entry) {
    const next = load<u32>(entry, E_NEXT);
    if (next) return next;
    index = (load<u32>(entry, E_HASH) & bucketMask) + 1;
  }
  for (; index <= bucketMask; index++) {
    const first = load<u32>(buckets + (index << 2));
    if (first) return first;
  }
  return 0;
}

/** The entry has no code: calling it asks the error handler (or runs its BIF if it is one). */
export function setUndefined(entry: usize): void {
  if (load<u32>(entry, E_FIXED)) return;
  const bif = load<u32>(entry, E_BIF);
  store<u32>(entry, bif ? OP_bif_stub : OP_undefined_stub, E_STUB);
  store<u32>(entry, bif ? bif - 1 : (entry as u32), E_STUB + 4);
  store<u32>(entry, (entry + E_STUB) as u32, E_ADDRESS);
}
export function setBif(entry: usize, bif: u32): void {
  store<u32>(entry, bif + 1, E_BIF);
  store<u32>(entry, bif + 1, E_CALL_BIF);
  setUndefined(entry);
}
/**
 * A loaded function takes over; BIFs keep their native code (OTP's modules have stub bodies for
 * them).
 */
export function setCode(entry: usize, address: u32): void {
  if (load<u32>(entry, E_BIF) || load<u32>(entry, E_FIXED)) return;
  store<u32>(entry, address, E_ADDRESS);
}
/** The function is instructions of the VM's own for ever. */
export function setFixedCode(entry: usize, address: usize): void {
  store<u32>(entry, address as u32, E_ADDRESS);
  store<u32>(entry, 1, E_FIXED);
}
export function hasCode(entry: usize): bool {
  return load<u32>(entry, E_ADDRESS) != ((entry + E_STUB) as u32) || load<u32>(entry, E_BIF) != 0;
}

/**
 * A fun entry: what a closure of a module points to. It survives reloading of the module.
 *
 * +--------+------+------+-------+-------+-----------+---------+-------+------+
 * | module | index| arity| nfree | uniq  | md5 (16)  | address | old   | next |
 * +--------+------+------+-------+-------+-----------+---------+-------+------+
 */
export const FUN_MODULE: u32 = 0;
export const FUN_INDEX: u32 = 8;
/** Arity of the fun as a caller sees it, without free variables. */
export const FUN_ARITY: u32 = 12;
export const FUN_FREE: u32 = 16;
/** old_uniq of the lambda chunk. */
export const FUN_UNIQ: u32 = 20;
export const FUN_MD5: u32 = 24;
/** Address of the code, 0 when the module is gone. */
export const FUN_ADDRESS: u32 = 40;
export const FUN_NEXT: u32 = 44;
/** Name of the function that implements it (atom), for fun_info. */
export const FUN_NAME: u32 = 48;
export const FUN_BYTES: u32 = 56;

/**
 * Words of a func_info instruction: opcode, module atom, function atom, arity; the function's entry
 * follows it.
 */
export const FUNC_INFO_BYTES: u32 = 16;
/** Arity of the function whose entry is at `address`. */
export function arityAtEntry(address: usize): u32 {
  return load<u32>(address - 4);
}

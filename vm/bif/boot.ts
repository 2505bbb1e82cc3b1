/** The boot archive, what is known about the machine, and its end, for Erlang. */
import { archiveFileLength, archiveFindBytes } from '../archive';
import { binaryData, binaryOf, bitOffset, byteSize } from '../binary';
import { integerOfU64 } from '../bignum';
import { badarg } from '../errors';
import { am_kept_memory, am_pci_express, am_processors, am_true, am_undefined } from '../gen/atoms';
import { LINEAR_PCI_EXPRESS, LINEAR_KEPT_MEMORY, LINEAR_PROCESSORS, P_FLAGS } from '../gen/layout';
import { hAlloc } from '../heap';
import { POWER_RESET, power } from '../host';
import { FLAG_SYSTEM } from '../process';
import { tuple2, tuple3 } from '../signals';
import { current } from '../state';
import { NIL, isBinary, isSmall, makeCons, smallOf, smallValue } from '../term';

// bif: vbeam_hw:boot_file/1
export function bootFile1(name: u64): u64 {
  if (!isBinary(name) || bitOffset(name) != 0) return badarg();
  const data = archiveFindBytes(binaryData(name), byteSize(name));
  return data ? binaryOf(data, archiveFileLength) : am_undefined;
}
// bif: vbeam_hw:power_off/1
export function powerOff1(status: u64): u64 {
  if (!isSmall(status) || smallValue(status) < 0 || smallValue(status) > 255) return badarg();
  power(smallValue(status) as u32);
  return 0;
}
// bif: vbeam_hw:reset/0
export function reset0(): u64 {
  power(POWER_RESET);
  return 0;
}
/**
 * What the firmware's tables say, as far as they say it: [{processors, Number}, {pci_express,
 * {PhysicalAddress, FirstBus, LastBus}}, {kept_memory, {PhysicalAddress, Bytes}}].
 */
// bif: vbeam_hw:machine/0
export function machine0(): u64 {
  let known = NIL;
  const base = load<u64>(LINEAR_PCI_EXPRESS);
  if (base) {
    const first = smallOf(load<u8>(LINEAR_PCI_EXPRESS, 10) as i64);
    const last = smallOf(load<u8>(LINEAR_PCI_EXPRESS, 11) as i64);
    const place = tuple3(integerOfU64(base), first, last);
    known = makeCons(hAlloc(2), tuple2(am_pci_express, place), known);
  }
  const kept = load<u64>(LINEAR_KEPT_MEMORY);
  if (kept) {
    const bytes = smallOf(load<u32>(LINEAR_KEPT_MEMORY, 8) as i64);
    const place = tuple2(integerOfU64(kept), bytes);
    known = makeCons(hAlloc(2), tuple2(am_kept_memory, place), known);
  }
  const processors = load<u32>(LINEAR_PROCESSORS);
  if (!processors) return known;
  return makeCons(hAlloc(2), tuple2(am_processors, smallOf(processors as i64)), known);
}
// bif: vbeam_hw:system_process/0
export function systemProcess0(): u64 {
  store<u32>(current, load<u32>(current, P_FLAGS) | FLAG_SYSTEM, P_FLAGS);
  return am_true;
}

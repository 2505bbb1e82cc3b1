/** The boot archive and the end of the machine, for Erlang. */
import { archiveFileLength, archiveFindBytes } from '../archive';
import { binaryData, binaryOf, bitOffset, byteSize } from '../binary';
import { badarg } from '../errors';
import { am_true, am_undefined } from '../gen/atoms';
import { P_FLAGS } from '../gen/layout';
import { power } from '../host';
import { FLAG_SYSTEM } from '../process';
import { current } from '../state';
import { isBinary, isSmall, smallValue } from '../term';

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
// bif: vbeam_hw:system_process/0
export function systemProcess0(): u64 {
  store<u32>(current, load<u32>(current, P_FLAGS) | FLAG_SYSTEM, P_FLAGS);
  return am_true;
}

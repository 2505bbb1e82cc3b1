/** The boot archive and the end of the machine, for Erlang. */
import { archiveFileLength, archiveFindBytes } from '../archive';
import { binaryData, binaryOf, bitOffset, byteSize } from '../binary';
import { badarg } from '../errors';
import { am_undefined } from '../gen/atoms';
import { power } from '../host';
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

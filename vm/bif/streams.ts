/**
 * Module vbeam_hw, continued: the command line that the host gives its guest, and the standard
 * streams of the host's program as a device. Who has claimed the device's interrupt line may use
 * it.
 */
import {
  alignedBinary,
  binaryData,
  binaryOf,
  byteSize,
  isAlignedBinary,
  newBinary,
  subBinary,
} from '../binary';
import { CLASS_ERROR, badarg, fail, outOfMemory } from '../errors';
import { hostArgument, hostText, hostTextsRead } from '../files/host_texts';
import { hostTransfer } from '../files/host_files';
import { am_eof, am_error, am_not_owner, am_true, am_undefined } from '../gen/atoms';
import { FILE_READ_STREAM, FILE_WRITE_STREAM, STREAMS_GSI, errorAtom } from '../gen/files';
import { H_FIRST, KIND_INTERRUPT, ownedResource } from '../hardware';
import { hAlloc } from '../heap';
import { tuple2 } from '../signals';
import { NIL, NONE, isBinary, isSmall, makeCons, smallOf, smallValue } from '../term';

const STANDARD_INPUT: i32 = 0;
const READ_BYTES_MAX: i64 = 1 << 20;
/** Bytes that one call writes at most: a receiver that is slow keeps the VM no longer. */
const WRITE_BYTES_MAX: u32 = 1 << 16;
const WORDS_MAX: u32 = 65536;

function isDevice(handle: u64): bool {
  const record = ownedResource(handle, KIND_INTERRUPT);
  return record != 0 && load<u64>(record, H_FIRST) == (STREAMS_GSI as u64);
}
/** command_line() -> [Word] | undefined */
// bif: vbeam_hw:command_line/0
export function commandLine0(): u64 {
  let count: u32 = 0;
  while (count < WORDS_MAX && hostArgument(count) >= 0) count++;
  let list = NIL;
  for (let i = count; i > 0; i--) {
    const bytes = hostArgument(i - 1);
    const word = binaryOf(hostText, bytes as u32);
    if (word == NONE) return NONE;
    list = makeCons(hAlloc(2), word, list);
  }
  hostTextsRead();
  return count ? list : am_undefined;
}
/** stream_read(Handle, Bytes) -> Binary | eof | {error, Reason}: what there is; it may wait. */
// bif: vbeam_hw:stream_read/2
export function streamRead2(handle: u64, size: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  if (!isSmall(size) || smallValue(size) < 1 || smallValue(size) > READ_BYTES_MAX) return badarg();
  const buffer = newBinary(smallValue(size) as u32);
  if (buffer == NONE) return NONE;
  const count = hostTransfer(
    FILE_READ_STREAM,
    STANDARD_INPUT,
    0,
    binaryData(buffer),
    byteSize(buffer),
  );
  if (count < 0) return tuple2(am_error, errorAtom(count));
  return count ? subBinary(buffer, 0, (count as u64) << 3) : am_eof;
}
/** stream_write(Handle, Descriptor, Binary) -> Written | {error, Reason} */
// bif: vbeam_hw:stream_write/3
export function streamWrite3(handle: u64, descriptor: u64, bytes: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  if (!isSmall(descriptor) || smallValue(descriptor) < 0 || smallValue(descriptor) > 2)
    return badarg();
  if (!isBinary(bytes)) return badarg();
  const aligned = alignedBinary(bytes);
  if (aligned == NONE) return outOfMemory();
  const count = hostTransfer(
    FILE_WRITE_STREAM,
    smallValue(descriptor) as i32,
    0,
    binaryData(aligned),
    min(byteSize(aligned), WRITE_BYTES_MAX),
  );
  return count < 0 ? tuple2(am_error, errorAtom(count)) : smallOf(count);
}
/** emergency_write(Descriptor, Binary) -> true: for the time before the driver of the streams. */
// bif: vbeam_hw:emergency_write/2
export function emergencyWrite2(descriptor: u64, bytes: u64): u64 {
  if (!isSmall(descriptor) || smallValue(descriptor) < 1 || smallValue(descriptor) > 2)
    return badarg();
  if (!isAlignedBinary(bytes)) return badarg();
  const stream = smallValue(descriptor) as i32;
  hostTransfer(FILE_WRITE_STREAM, stream, 0, binaryData(bytes), byteSize(bytes));
  return am_true;
}

/**
 * Module vbeam_hw, continued: the command line that the host gives its guest, and the streams of
 * the host's program as a device (tables/host_files.ts). Who has claimed the device's interrupt
 * line may use it.
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
import {
  TEXT_BYTES,
  hostClose,
  hostDescriptor,
  hostStream,
  hostTransfer,
  textBuffer,
} from '../files/host_files';
import {
  am_eof,
  am_error,
  am_found,
  am_keys,
  am_not_owner,
  am_ok,
  am_true,
  am_undefined,
} from '../gen/atoms';
import {
  EVENT_IN,
  EVENT_OUT,
  FILE_READY,
  FILE_READ_STREAM,
  FILE_SIGNALS,
  FILE_TERMINAL_MODE,
  FILE_WATCH,
  FILE_WINDOW_SIZE,
  FILE_WRITE_STREAM,
  FILE_WRITE_TEXT,
  STREAMS_GSI,
  STREAM_EVENT_BYTES,
  STREAM_EVENT_DESCRIPTOR,
  STREAM_EVENT_EVENTS,
  WINDOW_BYTES,
  WINDOW_COLUMNS,
  WINDOW_ROWS,
  errorAtom,
} from '../gen/files';
import { H_FIRST, KIND_INTERRUPT, ownedResource } from '../hardware';
import { hAlloc } from '../heap';
import { tuple2 } from '../signals';
import { NIL, NONE, isBinary, isSmall, makeCons, smallOf, smallValue } from '../term';

const DESCRIPTOR_MAX: i64 = 0x7fff_ffff;
const EVENTS_AT_ONCE: u32 = 64;
const READ_BYTES_MAX: i64 = 1 << 20;
/** Bytes that one call writes at most: a receiver that is slow keeps the VM no longer. */
const WRITE_BYTES_MAX: u32 = 1 << 16;
const WORDS_MAX: u32 = 65536;

export function isDevice(handle: u64): bool {
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
/** A descriptor of the host, -1 for a term that is none. */
function descriptorOf(term: u64): i32 {
  if (!isSmall(term) || smallValue(term) < 0 || smallValue(term) > DESCRIPTOR_MAX) return -1;
  return smallValue(term) as i32;
}
function outcome(result: i64): u64 {
  return result < 0 ? tuple2(am_error, errorAtom(result)) : am_ok;
}
/** stream_watch(Handle, Descriptor, Events) -> ok | {error, Reason} */
// bif: vbeam_hw:stream_watch/3
export function streamWatch3(handle: u64, descriptor: u64, events: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  const stream = descriptorOf(descriptor);
  if (stream < 0 || !isSmall(events)) return badarg();
  const flags = (smallValue(events) as u32) & (EVENT_IN | EVENT_OUT);
  return outcome(hostStream(FILE_WATCH, stream, flags, textBuffer, TEXT_BYTES));
}
/** stream_ready(Handle) -> [{Descriptor, Events}] */
// bif: vbeam_hw:stream_ready/1
export function streamReady1(handle: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  const bytes = EVENTS_AT_ONCE * STREAM_EVENT_BYTES;
  const count = hostStream(FILE_READY, 0, 0, textBuffer, bytes);
  let list = NIL;
  for (let i: i64 = count; i > 0; i--) {
    const record = textBuffer + ((i - 1) as usize) * STREAM_EVENT_BYTES;
    const stream = smallOf(load<u64>(record, STREAM_EVENT_DESCRIPTOR) as i64);
    const event = tuple2(stream, smallOf(load<u32>(record, STREAM_EVENT_EVENTS) as i64));
    list = makeCons(hAlloc(2), event, list);
  }
  return list;
}
/** stream_read(Handle, Descriptor, Bytes) -> Binary | eof | {error, Reason} */
// bif: vbeam_hw:stream_read/3
export function streamRead3(handle: u64, descriptor: u64, size: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  const stream = descriptorOf(descriptor);
  if (stream < 0 || !isSmall(size)) return badarg();
  if (smallValue(size) < 1 || smallValue(size) > READ_BYTES_MAX) return badarg();
  const buffer = newBinary(smallValue(size) as u32);
  if (buffer == NONE) return NONE;
  const count = hostTransfer(FILE_READ_STREAM, stream, 0, binaryData(buffer), byteSize(buffer));
  if (count < 0) return tuple2(am_error, errorAtom(count));
  return count ? subBinary(buffer, 0, (count as u64) << 3) : am_eof;
}
/** stream_write(Handle, Descriptor, Binary) -> Written | {error, Reason} */
// bif: vbeam_hw:stream_write/3
export function streamWrite3(handle: u64, descriptor: u64, bytes: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  const stream = descriptorOf(descriptor);
  if (stream < 0 || !isBinary(bytes)) return badarg();
  const aligned = alignedBinary(bytes);
  if (aligned == NONE) return outOfMemory();
  const size = min(byteSize(aligned), WRITE_BYTES_MAX);
  const count = hostTransfer(FILE_WRITE_STREAM, stream, 0, binaryData(aligned), size);
  return count < 0 ? tuple2(am_error, errorAtom(count)) : smallOf(count);
}
/** stream_close(Handle, Descriptor) -> ok | {error, Reason} */
// bif: vbeam_hw:stream_close/2
export function streamClose2(handle: u64, descriptor: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  const stream = descriptorOf(descriptor);
  return stream < 0 ? badarg() : outcome(hostClose(stream));
}
/** signals(Handle, Set) -> Descriptor | {error, Reason} */
// bif: vbeam_hw:signals/2
export function signals2(handle: u64, set: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  if (!isSmall(set)) return badarg();
  const stream = hostDescriptor(FILE_SIGNALS, 0, smallValue(set), 0);
  return stream < 0 ? tuple2(am_error, errorAtom(stream)) : smallOf(stream);
}
/** window_size(Handle, Descriptor) -> {Columns, Rows} | {error, Reason} */
// bif: vbeam_hw:window_size/2
export function windowSize2(handle: u64, descriptor: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  const stream = descriptorOf(descriptor);
  if (stream < 0) return badarg();
  const result = hostStream(FILE_WINDOW_SIZE, stream, 0, textBuffer, WINDOW_BYTES);
  if (result < 0) return tuple2(am_error, errorAtom(result));
  const columns = smallOf(load<u16>(textBuffer, WINDOW_COLUMNS) as i64);
  return tuple2(columns, smallOf(load<u16>(textBuffer, WINDOW_ROWS) as i64));
}
/** terminal_mode(Handle, Descriptor, keys | found) -> ok | {error, Reason} */
// bif: vbeam_hw:terminal_mode/3
export function terminalMode3(handle: u64, descriptor: u64, mode: u64): u64 {
  if (!isDevice(handle)) return fail(CLASS_ERROR, am_not_owner);
  const stream = descriptorOf(descriptor);
  if (stream < 0 || (mode != am_keys && mode != am_found)) return badarg();
  const flags: u32 = mode == am_keys ? 1 : 0;
  return outcome(hostStream(FILE_TERMINAL_MODE, stream, flags, textBuffer, TEXT_BYTES));
}
/** emergency_write(Descriptor, Binary) -> true: for the time before the driver of the streams. */
// bif: vbeam_hw:emergency_write/2
export function emergencyWrite2(descriptor: u64, bytes: u64): u64 {
  if (!isSmall(descriptor) || smallValue(descriptor) < 1 || smallValue(descriptor) > 2)
    return badarg();
  if (!isAlignedBinary(bytes)) return badarg();
  const stream = smallValue(descriptor) as i32;
  const size = byteSize(bytes);
  for (let done: u32 = 0; done < size; ) {
    const count = hostTransfer(FILE_WRITE_TEXT, stream, 0, binaryData(bytes) + done, size - done);
    if (count <= 0) break;
    done += count as u32;
  }
  return am_true;
}

/**
 * Module vbeam_hw: the only way from Erlang to ports, device memory and interrupts. Handles are
 * references; a handle works only for the process that claimed it (vm/hardware.ts). A use outside
 * the claimed range is badarg, a foreign handle is error:not_owner.
 */
import { canSetAtomic, setAtomic } from './atomics';
import { CLASS_ERROR, badarg, fail, outOfMemory } from '../errors';
import { binaryData, binaryOf, bitOffset, byteSize, isAlignedBinary } from '../binary';
import {
  am_no_dma,
  am_no_messages,
  am_noproc,
  am_not_owner,
  am_ok,
  am_reserved,
  am_system_limit,
  am_taken,
  am_true,
} from '../gen/atoms';
import {
  debugWrite,
  interruptUnmask,
  mmioRead,
  mmioWrite,
  portIn16,
  portIn32,
  portIn8,
  portOut16,
  portOut32,
  portOut8,
} from '../host';
import {
  CLAIM_FULL,
  CLAIM_NO_MEMORY,
  CLAIM_REFUSED,
  CLAIM_TAKEN,
  H_COUNT,
  H_FIRST,
  H_KIND,
  H_NUMBER,
  H_VECTOR,
  KIND_DMA,
  KIND_INTERRUPT,
  KIND_MEMORY,
  KIND_MESSAGES,
  KIND_PARTITIONS,
  KIND_PORTS,
  claim,
  freeMessages,
  lend,
  ownResource,
  ownedResource,
  releaseResource,
} from '../hardware';
import { fitsU64, integerOfU64, lowBits } from '../bignum';
import { DMA_BYTES_MAX, allocateDma, dmaPhysical, freeDma, hasDma } from '../dma';
import { makeReference } from '../refs';
import { LINEAR_MESSAGE_ADDRESS, VECTOR_MESSAGE0, VECTOR_OF_GSI0 } from '../gen/layout';
import { livingProcess, tuple2, tuple4 } from '../signals';
import { NONE, isBinary, isInteger, isLocalPid, isSmall, smallOf, smallValue } from '../term';

const PORTS: i64 = 65536;
const INTERRUPT_LINES: i64 = (VECTOR_MESSAGE0 - VECTOR_OF_GSI0) as i64;
/** As many as a device can have by MSI. */
const MESSAGES_MAX: i64 = 32;

function notOwner(): u64 {
  return fail(CLASS_ERROR, am_not_owner);
}
/** A claim's outcome: 0 after an error, else the record. */
function claimed(kind: u32, first: i64, count: i64): usize {
  const record = claim(kind, first as u64, count as u64);
  if (record == CLAIM_TAKEN) fail(CLASS_ERROR, am_taken);
  else if (record == CLAIM_REFUSED) fail(CLASS_ERROR, am_reserved);
  else if (record == CLAIM_FULL) fail(CLASS_ERROR, am_system_limit);
  else if (record == CLAIM_NO_MEMORY) outOfMemory();
  else return record;
  return 0;
}
function small(t: u64): i64 {
  return isSmall(t) ? smallValue(t) : -1;
}

/** claim_ports(First, Count) -> Handle */
// bif: vbeam_hw:claim_ports/2
export function claimPorts2(first: u64, count: u64): u64 {
  const from = small(first);
  const ports = small(count);
  if (from < 0 || ports < 1 || from + ports > PORTS) return badarg();
  const record = claimed(KIND_PORTS, from, ports);
  return record ? makeReference(load<u64>(record, H_NUMBER)) : NONE;
}
/** claim_memory(PhysicalAddress, Bytes) -> Handle */
// bif: vbeam_hw:claim_memory/2
export function claimMemory2(first: u64, count: u64): u64 {
  if (small(first) < 0 || small(count) < 1) return badarg();
  const record = claimed(KIND_MEMORY, small(first), small(count));
  return record ? makeReference(load<u64>(record, H_NUMBER)) : NONE;
}
/**
 * claim_interrupt(Gsi) -> {Handle, Vector}: from now on {interrupt, Vector, Data} messages come;
 * acknowledge/1 after each.
 */
// bif: vbeam_hw:claim_interrupt/1
export function claimInterrupt1(line: u64): u64 {
  if (small(line) < 0 || small(line) >= INTERRUPT_LINES) return badarg();
  const record = claimed(KIND_INTERRUPT, small(line), 1);
  if (!record) return NONE;
  return tuple2(
    makeReference(load<u64>(record, H_NUMBER)),
    smallOf(load<u32>(record, H_VECTOR) as i64),
  );
}
/** claim_dma(Bytes) -> {Handle, PhysicalAddress}: zeroed memory that devices reach, on a page. */
// bif: vbeam_hw:claim_dma/1
export function claimDma1(count: u64): u64 {
  const bytes = small(count);
  if (bytes < 1 || bytes > (DMA_BYTES_MAX as i64)) return badarg();
  if (!hasDma()) return fail(CLASS_ERROR, am_no_dma);
  const at = allocateDma(bytes as u32);
  if (!at) return fail(CLASS_ERROR, am_system_limit);
  const record = ownResource(KIND_DMA, at as u64, bytes as u64);
  if (!record) {
    freeDma(at, bytes as u32);
    return outOfMemory();
  }
  return tuple2(makeReference(load<u64>(record, H_NUMBER)), integerOfU64(dmaPhysical(at)));
}
/** release(Handle) -> ok */
// bif: vbeam_hw:release/1
export function releaseHandle1(handle: u64): u64 {
  let record = deviceResource(handle);
  if (!record) record = ownedResource(handle, KIND_PARTITIONS);
  if (!record) return notOwner();
  releaseResource(record);
  return am_ok;
}
/** A claim of hardware of the running process, of whatever kind. */
function deviceResource(handle: u64): usize {
  let record = ownedResource(handle, KIND_PORTS);
  if (!record) record = ownedResource(handle, KIND_MEMORY);
  if (!record) record = ownedResource(handle, KIND_INTERRUPT);
  if (!record) record = ownedResource(handle, KIND_MESSAGES);
  if (!record) record = ownedResource(handle, KIND_DMA);
  return record;
}
/**
 * lend(Handle, Pid) -> ok: the claim is the other process's until it releases it or ends; then it
 * is the lender's again, or free when the lender has ended before.
 */
// bif: vbeam_hw:lend/2
export function lend2(handle: u64, pid: u64): u64 {
  if (!isLocalPid(pid)) return badarg();
  const record = deviceResource(handle);
  if (!record) return notOwner();
  const process = livingProcess(pid);
  if (!process) return fail(CLASS_ERROR, am_noproc);
  return lend(record, process) ? am_ok : notOwner();
}
/**
 * claim_messages(Count) -> {Handle, FirstVector, Address, Data}: vectors in a row for interrupts
 * that devices send by writing Data, plus a number below Count, to Address. Count is a power of two
 * up to 32.
 */
// bif: vbeam_hw:claim_messages/1
export function claimMessages1(count: u64): u64 {
  const vectors = small(count);
  if (vectors < 1 || vectors > MESSAGES_MAX || (vectors & (vectors - 1)) != 0) return badarg();
  const address = load<u32>(LINEAR_MESSAGE_ADDRESS);
  if (!address) return fail(CLASS_ERROR, am_no_messages);
  const first = freeMessages(vectors as u32);
  if (!first) return fail(CLASS_ERROR, am_system_limit);
  const record = claimed(KIND_MESSAGES, first as i64, vectors);
  if (!record) return NONE;
  const vector = smallOf(first as i64);
  const handle = makeReference(load<u64>(record, H_NUMBER));
  return tuple4(handle, vector, smallOf(address as i64), vector);
}
/**
 * acknowledge(Handle) -> ok: the device has been served, its line may interrupt again. Messages
 * always may.
 */
// bif: vbeam_hw:acknowledge/1
export function acknowledge1(handle: u64): u64 {
  if (ownedResource(handle, KIND_MESSAGES)) return am_ok;
  const record = ownedResource(handle, KIND_INTERRUPT);
  if (!record) return notOwner();
  interruptUnmask(load<u32>(record, H_VECTOR));
  return am_ok;
}

/** The port number of an access of `size` bytes at `offset`, -1 when it is outside the claim. */
function portOf(record: usize, offset: u64, size: i64): i64 {
  const at = small(offset);
  if (at < 0 || at + size > (load<u64>(record, H_COUNT) as i64)) return -1;
  return (load<u64>(record, H_FIRST) as i64) + at;
}
/** in(Handle, Offset, Bits) -> integer; Bits is 8, 16 or 32. */
// bif: vbeam_hw:in/3
export function in3(handle: u64, offset: u64, bits: u64): u64 {
  const record = ownedResource(handle, KIND_PORTS);
  if (!record) return notOwner();
  const width = small(bits);
  const port = portOf(record, offset, width >> 3) as i32;
  if (port < 0) return badarg();
  if (width == 8) return smallOf(portIn8(port) as i64);
  if (width == 16) return smallOf(portIn16(port) as i64);
  if (width == 32) return smallOf(portIn32(port) as i64);
  return badarg();
}
/** out(Handle, Offset, Bits, Value) -> ok */
// bif: vbeam_hw:out/4
export function out4(handle: u64, offset: u64, bits: u64, value: u64): u64 {
  const record = ownedResource(handle, KIND_PORTS);
  if (!record) return notOwner();
  const width = small(bits);
  const port = portOf(record, offset, width >> 3) as i32;
  const number = small(value);
  if (port < 0 || number < 0 || number > 0xffff_ffff) return badarg();
  if (width == 8) portOut8(port, number as u32);
  else if (width == 16) portOut16(port, number as u32);
  else if (width == 32) portOut32(port, number as u32);
  else return badarg();
  return am_ok;
}
/** out_bytes(Handle, Offset, Binary) -> ok: all bytes to one port (a FIFO); at most 64. */
// bif: vbeam_hw:out_bytes/3
export function outBytes3(handle: u64, offset: u64, bytes: u64): u64 {
  const record = ownedResource(handle, KIND_PORTS);
  if (!record) return notOwner();
  const port = portOf(record, offset, 1) as i32;
  if (port < 0 || !isBinary(bytes) || bitOffset(bytes) != 0 || byteSize(bytes) > 64)
    return badarg();
  const data = binaryData(bytes);
  for (let i: u32 = 0; i < byteSize(bytes); i++) portOut8(port, load<u8>(data + i));
  return am_ok;
}
/**
 * out_bytes(Handle, Offset, Binary, Atomics, Index, Value) -> ok: the same, and value Index of
 * Atomics is Value then. Nobody ends the driver between the two: whoever comes next knows what went
 * out.
 */
// bif: vbeam_hw:out_bytes/6
export function outBytes6(
  handle: u64,
  offset: u64,
  bytes: u64,
  atomics: u64,
  index: u64,
  value: u64,
): u64 {
  if (!canSetAtomic(atomics, index, value)) return badarg();
  const done = outBytes3(handle, offset, bytes);
  if (done == am_ok) setAtomic(atomics, index, value);
  return done;
}

/** A claim of device memory or of DMA memory, 0 when it is not the caller's. */
function memoryResource(handle: u64): usize {
  const record = ownedResource(handle, KIND_MEMORY);
  return record ? record : ownedResource(handle, KIND_DMA);
}
/** Where `bytes` bytes at `offset` of a piece of the arena are, -1 outside of it. */
function dmaRange(record: usize, offset: u64, bytes: i64): i64 {
  const at = small(offset);
  if (at < 0 || bytes < 0 || at + bytes > (load<u64>(record, H_COUNT) as i64)) return -1;
  return (load<u64>(record, H_FIRST) as i64) + at;
}
function loadSized(address: usize, bits: u64): u64 {
  const width = small(bits);
  if (width == 8) return load<u8>(address) as u64;
  if (width == 16) return load<u16>(address) as u64;
  if (width == 32) return load<u32>(address) as u64;
  return load<u64>(address);
}
function storeSized(address: usize, bits: u64, value: u64): void {
  const width = small(bits);
  if (width == 8) store<u8>(address, value as u8);
  else if (width == 16) store<u16>(address, value as u16);
  else if (width == 32) store<u32>(address, value as u32);
  else store<u64>(address, value);
}
function memoryAddress(record: usize, offset: u64, bytes: i64): i64 {
  const at = small(offset);
  if (at < 0 || (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)) return -1;
  if (at + bytes > (load<u64>(record, H_COUNT) as i64)) return -1;
  return (load<u64>(record, H_FIRST) as i64) + at;
}
/** read(Handle, Offset, Bits) -> integer: one access of device memory, or of DMA memory. */
// bif: vbeam_hw:read/3
export function readMemory3(handle: u64, offset: u64, bits: u64): u64 {
  const record = memoryResource(handle);
  if (!record) return notOwner();
  const address = memoryAddress(record, offset, small(bits) >> 3);
  if (address < 0) return badarg();
  if (load<u32>(record, H_KIND) == KIND_DMA) return integerOfU64(loadSized(address as usize, bits));
  return integerOfU64(mmioRead(address, (small(bits) >> 3) as u32) as u64);
}
/** write(Handle, Offset, Bits, Value) -> ok */
// bif: vbeam_hw:write/4
export function writeMemory4(handle: u64, offset: u64, bits: u64, value: u64): u64 {
  const record = memoryResource(handle);
  if (!record) return notOwner();
  const address = memoryAddress(record, offset, small(bits) >> 3);
  if (address < 0 || !isInteger(value) || !fitsU64(value)) return badarg();
  if (load<u32>(record, H_KIND) == KIND_DMA) {
    storeSized(address as usize, bits, lowBits(value));
    return am_ok;
  }
  mmioWrite(address, (small(bits) >> 3) as u32, lowBits(value) as i64);
  return am_ok;
}
/** read_bytes(Handle, Offset, Bytes) -> binary: a copy of DMA memory. */
// bif: vbeam_hw:read_bytes/3
export function readDma3(handle: u64, offset: u64, bytes: u64): u64 {
  const record = ownedResource(handle, KIND_DMA);
  if (!record) return notOwner();
  const address = dmaRange(record, offset, small(bytes));
  return address < 0 ? badarg() : binaryOf(address as usize, small(bytes) as u32);
}
/** write_bytes(Handle, Offset, Binary) -> ok: into DMA memory. */
// bif: vbeam_hw:write_bytes/3
export function writeDma3(handle: u64, offset: u64, bytes: u64): u64 {
  const record = ownedResource(handle, KIND_DMA);
  if (!record) return notOwner();
  if (!isAlignedBinary(bytes)) return badarg();
  const address = dmaRange(record, offset, byteSize(bytes) as i64);
  if (address < 0) return badarg();
  memory.copy(address as usize, binaryData(bytes), byteSize(bytes));
  return am_ok;
}
/**
 * emergency_write(Binary) -> true: text on the emergency console, for the time before and after the
 * serial driver.
 */
// bif: vbeam_hw:emergency_write/1
export function emergencyWrite1(bytes: u64): u64 {
  if (!isBinary(bytes) || bitOffset(bytes) != 0) return badarg();
  debugWrite(binaryData(bytes) as u32, byteSize(bytes));
  return am_true;
}

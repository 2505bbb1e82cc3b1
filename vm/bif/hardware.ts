/**
 * Module vbeam_hw: the only way from Erlang to ports, device memory and interrupts. Handles are
 * references; a handle works only for the process that claimed it (vm/hardware.ts). A use outside
 * the claimed range is badarg, a foreign handle is error:not_owner.
 */
import { CLASS_ERROR, badarg, fail, outOfMemory } from '../errors';
import { binaryData, bitOffset, byteSize } from '../binary';
import { am_not_owner, am_ok, am_reserved, am_taken, am_true } from '../gen/atoms';
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
  CLAIM_NO_MEMORY,
  CLAIM_REFUSED,
  CLAIM_TAKEN,
  H_COUNT,
  H_FIRST,
  H_NUMBER,
  H_VECTOR,
  KIND_INTERRUPT,
  KIND_MEMORY,
  KIND_PORTS,
  claim,
  ownedResource,
  releaseResource,
} from '../hardware';
import { integerOfU64 } from '../bignum';
import { makeReference } from '../refs';
import { tuple2 } from '../signals';
import { NONE, isBinary, isSmall, smallOf, smallValue } from '../term';

const PORTS: i64 = 65536;
const INTERRUPT_LINES: i64 = 128;

function notOwner(): u64 {
  return fail(CLASS_ERROR, am_not_owner);
}
/** A claim's outcome: 0 after an error, else the record. */
function claimed(kind: u32, first: i64, count: i64): usize {
  const record = claim(kind, first as u64, count as u64);
  if (record == CLAIM_TAKEN) fail(CLASS_ERROR, am_taken);
  else if (record == CLAIM_REFUSED) fail(CLASS_ERROR, am_reserved);
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
/** release(Handle) -> ok */
// bif: vbeam_hw:release/1
export function releaseHandle1(handle: u64): u64 {
  let record = ownedResource(handle, KIND_PORTS);
  if (!record) record = ownedResource(handle, KIND_MEMORY);
  if (!record) record = ownedResource(handle, KIND_INTERRUPT);
  if (!record) return notOwner();
  releaseResource(record);
  return am_ok;
}
/** acknowledge(Handle) -> ok: the device has been served, its line may interrupt again. */
// bif: vbeam_hw:acknowledge/1
export function acknowledge1(handle: u64): u64 {
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

function memoryAddress(record: usize, offset: u64, bytes: i64): i64 {
  const at = small(offset);
  if (at < 0 || (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)) return -1;
  if (at + bytes > (load<u64>(record, H_COUNT) as i64)) return -1;
  return (load<u64>(record, H_FIRST) as i64) + at;
}
/** read(Handle, Offset, Bits) -> integer: one access of device memory. */
// bif: vbeam_hw:read/3
export function readMemory3(handle: u64, offset: u64, bits: u64): u64 {
  const record = ownedResource(handle, KIND_MEMORY);
  if (!record) return notOwner();
  const address = memoryAddress(record, offset, small(bits) >> 3);
  if (address < 0) return badarg();
  return integerOfU64(mmioRead(address, (small(bits) >> 3) as u32) as u64);
}
/** write(Handle, Offset, Bits, Value) -> ok */
// bif: vbeam_hw:write/4
export function writeMemory4(handle: u64, offset: u64, bits: u64, value: u64): u64 {
  const record = ownedResource(handle, KIND_MEMORY);
  if (!record) return notOwner();
  const address = memoryAddress(record, offset, small(bits) >> 3);
  if (address < 0 || small(value) < 0) return badarg();
  mmioWrite(address, (small(bits) >> 3) as u32, small(value));
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

/**
 * Ports: the table from port identifier to record. A port's driver is a process; what the VM keeps
 * of a port is what processes may see of it: who is connected, links, monitors, name, counters. The
 * driver gets what is asked of the port as messages (vm/port_signals.ts, vm/bif/vbeam_port.ts).
 *
 *   +----+-----------+--------+------------+-------+-----+-----------------------------+
 *   | id | connected | driver | registered | state | ... | lists: links, monitors,     |
 *   |    |           |        | name       |       |     | requests, suspended senders |
 *   +----+-----------+--------+------------+-------+-----+-----------------------------+
 */
import { allocate, allocateZeroed, release } from './alloc';
import { releaseMessage } from './copy';
import { P_PORTS } from './gen/layout';
import { processOf } from './process';
import { TABLE_BYTES, chainOf, initTable, tableInsert, tableRemove } from './refs';
import { isLocalPort, portOf } from './term';

export const PORT_ID: u32 = 0;
/** The process that owns the port: input goes to it. */
export const PORT_CONNECTED: u32 = 8;
export const PORT_DRIVER: u32 = 16;
/** Registered name, or 0. */
export const PORT_NAME: u32 = 24;
/** Bytes that came from outside and that were written. */
export const PORT_INPUT: u32 = 32;
export const PORT_OUTPUT: u32 = 40;
/** What port_set_data has set, and the fragment that holds it unless it is immediate. */
export const PORT_DATA: u32 = 48;
export const PORT_DATA_FRAGMENT: u32 = 56;
export const PORT_STATE: u32 = 60;
export const PORT_LINKS: u32 = 64;
export const PORT_MONITORED_BY: u32 = 68;
/** Requests that the driver has not answered: {next, pid, number of the reference}. */
export const PORT_REQUESTS: u32 = 72;
/** Processes that wait until the driver is no longer busy: {next, pid}. */
export const PORT_SENDERS: u32 = 76;
export const PORT_BUSY: u32 = 80;
/** Text that port_info(Port, name) shows: address and bytes. */
export const PORT_TEXT: u32 = 84;
export const PORT_TEXT_BYTES: u32 = 88;
/** Next port of the same driver. */
const PORT_NEXT_OF_DRIVER: u32 = 92;
/** Neighbours in the list of all, oldest first. */
const PORT_NEXT: u32 = 96;
const PORT_PREVIOUS: u32 = 100;
const PORT_CHAIN: u32 = 104;
/** Number of the host's process behind it, or 0. */
export const PORT_OS_PID: u32 = 108;
export const PORT_BYTES: u32 = 112;

export const PORT_OPENING: u32 = 1;
export const PORT_OPEN: u32 = 2;

const REQUEST_PID: u32 = 8;
const REQUEST_NUMBER: u32 = 16;
const REQUEST_BYTES: u32 = 24;
const SENDER_BYTES: u32 = 16;

export const PORTS_MAX: u32 = 65536;

/** As many bits as a pid has. */
const NUMBER_MASK: u32 = 0x0fff_ffff;

const table: usize = memory.data(TABLE_BYTES, 8);
let nextNumber: u32 = 0;
let first: usize = 0;
let last: usize = 0;
export let portCount: u32 = 0;

export function initPorts(): void {
  initTable(table);
}

/** The record of a local port that exists, opened or not; else 0. */
export function portRecord(port: u64): usize {
  if (!isLocalPort(port)) return 0;
  let record = chainOf(table, port);
  while (record && load<u64>(record, PORT_ID) != port) record = load<u32>(record, PORT_CHAIN);
  return record;
}
/** The record of a port that has been opened, else 0. */
export function openPort(port: u64): usize {
  const record = portRecord(port);
  return record && load<u32>(record, PORT_STATE) == PORT_OPEN ? record : 0;
}
/** The port after `record` (0: the first), oldest first; 0 behind the last. */
export function nextPort(record: usize): usize {
  return record ? load<u32>(record, PORT_NEXT) : first;
}
/** The port before `record` (0: the last); 0 before the first. */
export function previousPort(record: usize): usize {
  return record ? load<u32>(record, PORT_PREVIOUS) : last;
}

export function nextPortNumber(): u32 {
  return nextNumber;
}
/** Ports are counted on from here. */
export function setNextPortNumber(number: u32): void {
  nextNumber = number & NUMBER_MASK;
}
/** The next number that no port has: there are more numbers than ports. */
function takeNumber(): u32 {
  while (portRecord(portOf(nextNumber))) setNextPortNumber(nextNumber + 1);
  const number = nextNumber;
  setNextPortNumber(number + 1);
  return number;
}

/** A port that is being opened by `driver` for `connected`; 0 when there is no memory. */
export function newPort(connected: u64, driver: usize, driverPid: u64): usize {
  if (portCount >= PORTS_MAX) return 0;
  const record = allocateZeroed(PORT_BYTES);
  if (!record) return 0;
  store<u64>(record, portOf(takeNumber()), PORT_ID);
  store<u64>(record, connected, PORT_CONNECTED);
  store<u32>(record, PORT_OPENING, PORT_STATE);
  store<u32>(record, last as u32, PORT_PREVIOUS);
  if (last) store<u32>(last, record as u32, PORT_NEXT);
  else first = record;
  last = record;
  tableInsert(table, record, PORT_ID, PORT_CHAIN);
  portCount++;
  setDriver(record, driver, driverPid);
  return record;
}

/** From now on `driver` stands behind the port. */
export function setDriver(record: usize, driver: usize, pid: u64): void {
  leaveDriver(record);
  store<u64>(record, pid, PORT_DRIVER);
  store<u32>(record, load<u32>(driver, P_PORTS), PORT_NEXT_OF_DRIVER);
  store<u32>(driver, record as u32, P_PORTS);
}
function leaveDriver(record: usize): void {
  const driver = processOf(load<u64>(record, PORT_DRIVER));
  if (!driver) return;
  let slot: usize = driver + P_PORTS;
  while (load<u32>(slot) && load<u32>(slot) != (record as u32))
    slot = (load<u32>(slot) as usize) + PORT_NEXT_OF_DRIVER;
  if (load<u32>(slot)) store<u32>(slot, load<u32>(record, PORT_NEXT_OF_DRIVER));
}

/** The text of port_info's name; false when there is no memory. */
export function setPortText(record: usize, from: usize, bytes: u32): bool {
  const text = allocate(bytes ? bytes : 1);
  if (!text) return false;
  memory.copy(text, from, bytes);
  store<u32>(record, text as u32, PORT_TEXT);
  store<u32>(record, bytes, PORT_TEXT_BYTES);
  return true;
}

/** The record alone: links, monitors, requests and name are gone already. */
export function freePort(record: usize): void {
  leaveDriver(record);
  tableRemove(table, record, PORT_ID, PORT_CHAIN);
  const next = load<u32>(record, PORT_NEXT) as usize;
  const previous = load<u32>(record, PORT_PREVIOUS) as usize;
  if (next) store<u32>(next, previous as u32, PORT_PREVIOUS);
  else last = previous;
  if (previous) store<u32>(previous, next as u32, PORT_NEXT);
  else first = next;
  setPortData(record, 0, 0);
  if (load<u32>(record, PORT_TEXT)) release(load<u32>(record, PORT_TEXT));
  release(record);
  portCount--;
}

/** Replace the data of a port; the fragment holds `term` unless it is immediate. */
export function setPortData(record: usize, term: u64, fragment: usize): void {
  const old = load<u32>(record, PORT_DATA_FRAGMENT) as usize;
  if (old) releaseMessage(old);
  store<u64>(record, term, PORT_DATA);
  store<u32>(record, fragment as u32, PORT_DATA_FRAGMENT);
}

// ---- requests that wait for an answer

/** Remember that `pid` waits for {Reference, Result}; false when there is no memory. */
export function addRequest(record: usize, pid: u64, number: u64): bool {
  const request = allocate(REQUEST_BYTES);
  if (!request) return false;
  store<u64>(request, pid, REQUEST_PID);
  store<u64>(request, number, REQUEST_NUMBER);
  store<u32>(request, load<u32>(record, PORT_REQUESTS));
  store<u32>(record, request as u32, PORT_REQUESTS);
  return true;
}

/** Number of the request that takeRequest or takeAnyRequest found. */
export let requestNumber: u64 = 0;

/** Remove the request with this number: who waits for its answer, 0 when there is none. */
export function takeRequest(record: usize, number: u64): u64 {
  let slot: usize = record + PORT_REQUESTS;
  while (load<u32>(slot)) {
    const request = load<u32>(slot) as usize;
    if (load<u64>(request, REQUEST_NUMBER) == number) return unlinkRequest(slot, request);
    slot = request;
  }
  return 0;
}
/** Remove any request; 0 when there is none left. */
export function takeAnyRequest(record: usize): u64 {
  const request = load<u32>(record, PORT_REQUESTS) as usize;
  return request ? unlinkRequest(record + PORT_REQUESTS, request) : 0;
}
function unlinkRequest(slot: usize, request: usize): u64 {
  const pid = load<u64>(request, REQUEST_PID);
  requestNumber = load<u64>(request, REQUEST_NUMBER);
  store<u32>(slot, load<u32>(request));
  release(request);
  return pid;
}

// ---- senders that wait while the driver is busy

export function addSender(record: usize, pid: u64): bool {
  const sender = allocate(SENDER_BYTES);
  if (!sender) return false;
  store<u64>(sender, pid, 8);
  store<u32>(sender, load<u32>(record, PORT_SENDERS));
  store<u32>(record, sender as u32, PORT_SENDERS);
  return true;
}
/** Remove a sender: its pid, 0 when there is none left. */
export function takeSender(record: usize): u64 {
  const sender = load<u32>(record, PORT_SENDERS) as usize;
  if (!sender) return 0;
  const pid = load<u64>(sender, 8);
  store<u32>(record, load<u32>(sender), PORT_SENDERS);
  release(sender);
  return pid;
}

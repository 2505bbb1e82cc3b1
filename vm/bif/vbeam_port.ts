/**
 * Module vbeam_port: what processes that drive ports tell the VM. Each function works for the
 * process that drives the port only and is false when the port is no longer there, or not its own:
 * a port may be closed at any moment. How a driver hears of its port: vm/port_signals.ts.
 */
import { badarg, exitPending, outOfMemory } from '../errors';
import { alignedBinary, binaryData, byteSize } from '../binary';
import { am_false, am_input, am_normal, am_output, am_true } from '../gen/atoms';
import { P_FLAGS, P_ID } from '../gen/layout';
import * as P from '../ports';
import * as S from '../port_signals';
import { FLAG_EXIT_PENDING } from '../process';
import { isLocalReference, referenceNumber } from '../refs';
import { addLink } from '../relations';
import { deliverFromPort, livingProcess, tuple2 } from '../signals';
import { current } from '../state';
import { NONE, isBinary, isSmall, smallValue } from '../term';
import { boolOf } from './types';

/** The record of a port that the running process drives, else 0. */
function driven(port: u64): usize {
  const record = P.portRecord(port);
  return record && load<u64>(record, P.PORT_DRIVER) == load<u64>(current, P_ID) ? record : 0;
}

/**
 * assign(Port, Driver, Name): the registry has found a driver; the port is open from now on, and
 * who asked for it gets it.
 */
// bif: vbeam_port:assign/3
export function assignPort3(port: u64, pid: u64, name: u64): u64 {
  if (!isBinary(name)) return badarg();
  const aligned = alignedBinary(name);
  if (aligned == NONE) return NONE;
  const record = driven(port);
  const driver = livingProcess(pid);
  if (!record || !driver || load<u32>(record, P.PORT_STATE) != P.PORT_OPENING) return am_false;
  if (!P.setPortText(record, binaryData(aligned), byteSize(aligned))) return outOfMemory();
  P.setDriver(record, driver, pid);
  store<u32>(record, P.PORT_OPEN, P.PORT_STATE);
  const connected = load<u64>(record, P.PORT_CONNECTED);
  if (!livingProcess(connected)) {
    // Who asked for it is gone.
    S.closePort(record, am_normal);
    return am_false;
  }
  if (!addLink(port, connected)) return outOfMemory();
  P.takeAnyRequest(record);
  return S.answerPid(connected, P.requestNumber, port) ? am_true : outOfMemory();
}

/** refuse(Port, Reason): there is no such driver, or it would not start. */
// bif: vbeam_port:refuse/2
export function refusePort2(port: u64, reason: u64): u64 {
  const record = driven(port);
  if (!record || load<u32>(record, P.PORT_STATE) != P.PORT_OPENING) return am_false;
  const pid = P.takeAnyRequest(record);
  const number = P.requestNumber;
  P.freePort(record);
  return !pid || S.answerPid(pid, number, reason) ? am_true : outOfMemory();
}

/** send(Port, Term): {Port, Term} to the connected process. */
// bif: vbeam_port:send/2
export function sendFromPort2(port: u64, term: u64): u64 {
  const record = driven(port);
  if (!record) return am_false;
  const owner = livingProcess(load<u64>(record, P.PORT_CONNECTED));
  return !owner || deliverFromPort(owner, tuple2(port, term)) ? am_true : outOfMemory();
}

/** answer(Port, Request, Result): the result of a command, control or call. */
// bif: vbeam_port:answer/3
export function answerRequest3(port: u64, request: u64, result: u64): u64 {
  const record = driven(port);
  if (!isLocalReference(request)) return badarg();
  if (!record) return am_false;
  return S.answerRequest(record, referenceNumber(request), result) ? am_true : outOfMemory();
}

/** count(Port, input | output, Bytes): what port_info tells. */
// bif: vbeam_port:count/3
export function countBytes3(port: u64, direction: u64, bytes: u64): u64 {
  if ((direction != am_input && direction != am_output) || !isSmall(bytes) || smallValue(bytes) < 0)
    return badarg();
  const record = driven(port);
  if (!record) return am_false;
  const field = record + (direction == am_input ? P.PORT_INPUT : P.PORT_OUTPUT);
  store<u64>(field, load<u64>(field) + (smallValue(bytes) as u64));
  return am_true;
}

/** os_pid(Port, Number): the host's process behind the port, for port_info. */
// bif: vbeam_port:os_pid/2
export function osPidOfPort2(port: u64, number: u64): u64 {
  if (!isSmall(number) || smallValue(number) < 1 || smallValue(number) > 0x7fff_ffff)
    return badarg();
  const record = driven(port);
  if (!record) return am_false;
  store<u32>(record, smallValue(number) as u32, P.PORT_OS_PID);
  return am_true;
}

/** busy(Port, Flag): who sends output to a busy port waits. */
// bif: vbeam_port:busy/2
export function busyPort2(port: u64, flag: u64): u64 {
  if (flag != am_true && flag != am_false) return badarg();
  const record = driven(port);
  if (!record) return am_false;
  if (flag == am_true) store<u32>(record, 1, P.PORT_BUSY);
  else S.driverReady(record);
  return am_true;
}

/** bad_signal(Port): a command that is no iodata. */
// bif: vbeam_port:bad_signal/1
export function badSignal1(port: u64): u64 {
  const record = driven(port);
  return boolOf(record != 0 && S.badSignal(record));
}

/** close(Port, Reason): the driver ends the port. */
// bif: vbeam_port:close/2
export function closePort2(port: u64, reason: u64): u64 {
  const record = driven(port);
  if (!record) return am_false;
  S.closePort(record, reason);
  return load<u32>(current, P_FLAGS) & FLAG_EXIT_PENDING ? exitPending() : am_true;
}

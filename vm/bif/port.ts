/**
 * The port functions of OTP's `erlang` and `erts_internal`. Those of erts_internal answer with a
 * value or with a reference, after which {Reference, Value} comes as a message: that is how a
 * port's driver, which is a process, answers. What is wrong is a value, too (badarg, badopt ...),
 * which erlang.erl raises.
 */
import { badarg, exitPending, outOfMemory } from '../errors';
import {
  am_badarg,
  am_badopt,
  am_badtype,
  am_call,
  am_connected,
  am_control,
  am_false,
  am_force,
  am_id,
  am_input,
  am_links,
  am_locking,
  am_memory,
  am_monitored_by,
  am_monitors,
  am_name,
  am_nosuspend,
  am_notsup,
  am_normal,
  am_open,
  am_os_pid,
  am_output,
  am_parallelism,
  am_port_level,
  am_queue_size,
  am_registered_name,
  am_true,
  am_undefined,
  am_vbeam_port_server,
} from '../gen/atoms';
import { P_FLAGS, P_ID } from '../gen/layout';
import { byteListOf } from '../char_list';
import { integerOfU64 } from '../bignum';
import { hAlloc } from '../heap';
import { importTerm } from '../import_term';
import { isPortHere, registeredHolder, registeredProcess } from '../names';
import * as P from '../ports';
import * as S from '../port_signals';
import { FLAG_EXIT_PENDING } from '../process';
import { R_ORIGIN, R_TARGET_NEXT, linkPeer, nextLink } from '../relations';
import { livingProcess, tuple2, tuple3, tuple4 } from '../signals';
import { budget, chargeReductions, current } from '../state';
import {
  NIL,
  NONE,
  head,
  isAtom,
  isList,
  isLocalPid,
  isLocalPort,
  isPort,
  isSmall,
  makeCons,
  pidNumber,
  smallOf,
  tail,
} from '../term';

/** Name of the process that finds drivers. */
const SERVER: u64 = am_vbeam_port_server;
/** port_info's id is the port's number in steps of this, as in OTP. */
const ID_STEP: i64 = 8;

function self(): u64 {
  return load<u64>(current, P_ID);
}
/** The record of an open port given by identifier or name, else 0. */
function portOf(port: u64): usize {
  return P.openPort(isAtom(port) ? registeredHolder(port) : port);
}
/** The result of a BIF after which the running process may have an exit signal to obey. */
function unlessExiting(value: u64): u64 {
  return load<u32>(current, P_FLAGS) & FLAG_EXIT_PENDING ? exitPending() : value;
}

// bif: erts_internal:open_port/2
export function openPort2(name: u64, settings: u64): u64 {
  const server = registeredProcess(SERVER);
  if (!server || !livingProcess(load<u64>(server, P_ID))) return am_badarg;
  const record = P.newPort(self(), server, load<u64>(server, P_ID));
  if (!record) return outOfMemory();
  const request = S.newRequest(record);
  if (request == NONE || !S.tellDriver(record, tuple3(am_open, name, settings))) {
    P.freePort(record);
    return outOfMemory();
  }
  return request;
}

// bif: erts_internal:port_command/3
export function portCommand3(port: u64, data: u64, options: u64): u64 {
  let mayFail = false;
  let force = false;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) {
    if (head(rest) == am_nosuspend) mayFail = true;
    else if (head(rest) == am_force) force = true;
    else return am_badopt;
  }
  if (rest != NIL) return am_badopt;
  const record = portOf(port);
  if (!record) return am_badarg;
  // No driver here goes on taking data while it is busy.
  if (force) return am_notsup;
  if (mayFail && load<u32>(record, P.PORT_BUSY)) return am_false;
  const request = S.newRequest(record);
  return request != NONE && S.sendCommand(record, request, data) ? request : outOfMemory();
}

/** The answer to control and call comes from the driver. */
function ask(port: u64, what: u64, operation: u64, data: u64): u64 {
  const record = portOf(port);
  if (!record || !isSmall(operation)) return am_badarg;
  const request = S.newRequest(record);
  if (request == NONE || !S.tellDriver(record, tuple4(what, request, operation, data)))
    return outOfMemory();
  return request;
}
// bif: erts_internal:port_control/3
export function portControl3(port: u64, operation: u64, data: u64): u64 {
  return ask(port, am_control, operation, data);
}
// bif: erts_internal:port_call/3
export function portCall3(port: u64, operation: u64, data: u64): u64 {
  return ask(port, am_call, operation, data);
}

// bif: erts_internal:port_close/1
export function portClose1(port: u64): u64 {
  const record = portOf(port);
  if (!record) return am_badarg;
  S.closePort(record, am_normal);
  // A driver that must not lag behind has a high priority, and ends its work now.
  chargeReductions(budget());
  return unlessExiting(am_true);
}

// bif: erts_internal:port_connect/2
export function portConnect2(port: u64, pid: u64): u64 {
  const record = portOf(port);
  if (!record || !isLocalPid(pid) || !livingProcess(pid)) return am_badarg;
  return S.connectPort(record, pid) ? am_true : outOfMemory();
}

// bif: erlang:ports/0
export function ports0(): u64 {
  let list = NIL;
  for (let record = P.previousPort(0); record; record = P.previousPort(record)) {
    if (load<u32>(record, P.PORT_STATE) == P.PORT_OPEN)
      list = makeCons(hAlloc(2), load<u64>(record, P.PORT_ID), list);
  }
  return list;
}

// bif: erlang:port_set_data/2
export function portSetData2(port: u64, data: u64): u64 {
  const record = portOf(port);
  if (!record) return badarg();
  return S.copyPortData(record, data) ? am_true : outOfMemory();
}
// bif: erlang:port_get_data/1
export function portGetData1(port: u64): u64 {
  const record = portOf(port);
  if (!record) return badarg();
  const data = load<u64>(record, P.PORT_DATA);
  return data ? importTerm(data) : am_undefined;
}

// ---- port_info

function linksOf(record: usize): u64 {
  const port = load<u64>(record, P.PORT_ID);
  let list = NIL;
  for (let link: usize = load<u32>(record, P.PORT_LINKS); link; link = nextLink(link, port))
    list = makeCons(hAlloc(2), linkPeer(link, port), list);
  return list;
}
function monitorsOf(record: usize): u64 {
  let list = NIL;
  let monitor: usize = load<u32>(record, P.PORT_MONITORED_BY);
  for (; monitor; monitor = load<u32>(monitor, R_TARGET_NEXT))
    list = makeCons(hAlloc(2), load<u64>(monitor, R_ORIGIN), list);
  return list;
}
/** The value of an item, NONE when there is no such item. */
function valueOf(record: usize, item: u64): u64 {
  if (item == am_registered_name) return load<u64>(record, P.PORT_NAME);
  if (item == am_name)
    return byteListOf(load<u32>(record, P.PORT_TEXT), load<u32>(record, P.PORT_TEXT_BYTES));
  if (item == am_links) return linksOf(record);
  if (item == am_id) return smallOf((pidNumber(load<u64>(record, P.PORT_ID)) as i64) * ID_STEP);
  if (item == am_connected) return load<u64>(record, P.PORT_CONNECTED);
  if (item == am_input) return integerOfU64(load<u64>(record, P.PORT_INPUT));
  if (item == am_output) return integerOfU64(load<u64>(record, P.PORT_OUTPUT));
  if (item == am_os_pid) {
    const number = load<u32>(record, P.PORT_OS_PID);
    return number ? smallOf(number as i64) : am_undefined;
  }
  if (item == am_monitors) return NIL;
  if (item == am_monitored_by) return monitorsOf(record);
  if (item == am_parallelism) return am_false;
  if (item == am_queue_size) return smallOf(0);
  if (item == am_memory)
    return smallOf((P.PORT_BYTES as i64) + (load<u32>(record, P.PORT_TEXT_BYTES) as i64));
  if (item == am_locking) return am_port_level;
  return NONE;
}

/** The items of port_info/1, last first; 0 behind them. */
function defaultItem(index: u32): u64 {
  if (index == 0) return am_os_pid;
  if (index == 1) return am_output;
  if (index == 2) return am_input;
  if (index == 3) return am_connected;
  if (index == 4) return am_id;
  if (index == 5) return am_links;
  return index == 6 ? am_name : 0;
}

// bif: erts_internal:port_info/1
export function portInfo1(port: u64): u64 {
  if (!isPortHere(port) && !isAtom(port)) return am_badarg;
  const record = portOf(port);
  if (!record) return am_undefined;
  let list = NIL;
  for (let i: u32 = 0; defaultItem(i); i++) {
    const value = valueOf(record, defaultItem(i));
    if (value == NONE) return NONE;
    list = makeCons(hAlloc(2), tuple2(defaultItem(i), value), list);
  }
  const name = load<u64>(record, P.PORT_NAME);
  return name ? makeCons(hAlloc(2), tuple2(am_registered_name, name), list) : list;
}
// bif: erts_internal:port_info/2
export function portInfo2(port: u64, item: u64): u64 {
  if (!isPortHere(port) && !isAtom(port)) return am_badtype;
  const record = portOf(port);
  if (!record) return isAtom(port) || isLocalPort(port) || isPort(port) ? am_undefined : am_badtype;
  if (item == am_registered_name && !load<u64>(record, P.PORT_NAME)) return NIL;
  const value = valueOf(record, item);
  return value == NONE ? am_badarg : tuple2(item, value);
}

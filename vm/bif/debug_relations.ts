/**
 * Links and monitors of a process or port as erts_debug:get_internal_state({link_list, _}) and
 * ({monitor_list, _}) show them: {erl_link, Type, Peer, State, Id} and
 * {erl_monitor, Type, Direction, Reference, Peer, Name}.
 */
import {
  am_erl_link,
  am_erl_monitor,
  am_linked,
  am_origin,
  am_port,
  am_process,
  am_target,
  am_undefined,
} from '../gen/atoms';
import { P_LINKS, P_MONITORED_BY, P_MONITORS } from '../gen/layout';
import { hAlloc } from '../heap';
import { PORT_LINKS, openPort } from '../ports';
import { makeReference } from '../refs';
import {
  R_KEY,
  R_NAME,
  R_ORIGIN,
  R_ORIGIN_NEXT,
  R_TARGET,
  R_TARGET_NEXT,
  linkPeer,
  nextLink,
} from '../relations';
import { livingProcess, tuple5 } from '../signals';
import { NIL, SUB_TUPLE, boxedOf, headerOf, isLocalPort, makeCons, smallOf } from '../term';

/** `undefined` when there is no such process or port. */
export function debugLinks(holder: u64): u64 {
  const process = livingProcess(holder);
  const port = process ? 0 : openPort(holder);
  if (!process && !port) return am_undefined;
  let record = load<u32>(process ? process + P_LINKS : port + PORT_LINKS) as usize;
  let list = NIL;
  for (; record; record = nextLink(record, holder)) {
    const peer = linkPeer(record, holder);
    const type = isLocalPort(holder) || isLocalPort(peer) ? am_port : am_process;
    const row = tuple5(am_erl_link, type, peer, am_linked, smallOf(record as i64));
    list = makeCons(hAlloc(2), row, list);
  }
  return list;
}

/** `undefined` when there is no such process. */
export function debugMonitors(holder: u64): u64 {
  const process = livingProcess(holder);
  if (!process) return am_undefined;
  let list = NIL;
  let record = load<u32>(process, P_MONITORED_BY) as usize;
  for (; record; record = load<u32>(record, R_TARGET_NEXT))
    list = makeCons(hAlloc(2), monitorRow(record, am_target, load<u64>(record, R_ORIGIN)), list);
  record = load<u32>(process, P_MONITORS) as usize;
  for (; record; record = load<u32>(record, R_ORIGIN_NEXT))
    list = makeCons(hAlloc(2), monitorRow(record, am_origin, load<u64>(record, R_TARGET)), list);
  return list;
}
function monitorRow(record: usize, direction: u64, peer: u64): u64 {
  const reference = makeReference(load<u64>(record, R_KEY));
  const name = load<u64>(record, R_NAME);
  const at = hAlloc(7);
  store<u64>(at, headerOf(SUB_TUPLE, 6));
  store<u64>(at, am_erl_monitor, 8);
  store<u64>(at, isLocalPort(load<u64>(record, R_TARGET)) ? am_port : am_process, 16);
  store<u64>(at, direction, 24);
  store<u64>(at, reference, 32);
  store<u64>(at, peer, 40);
  store<u64>(at, name ? name : NIL, 48);
  return boxedOf(at);
}

/**
 * What a node that is not alive answers about connections to other nodes, and the tags for tracing
 * by the operating system, which an emulator without such tracing does not have.
 */
import { badarg, notsup, outOfMemory } from '../errors';
import {
  am_badarg,
  am_error,
  am_erts_dflags,
  am_noconnection,
  am_reply_tag,
  am_spawn_reply,
  am_undefined,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { integerOfI64 } from '../bignum';
import { makeReference, newReferenceNumber } from '../refs';
import { deliver, tuple2, tuple4 } from '../signals';
import { current } from '../state';
import {
  NIL,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isAtom,
  isList,
  isTuple,
  smallOf,
  tail,
  tupleArity,
  tupleElement,
} from '../term';

// bif: erlang:setnode/2
export function erlangSetnode2(_name: u64, _creation: u64): u64 {
  return badarg();
}
// bif: erts_internal:create_dist_channel/3
export function createDistChannel3(_node: u64, _controller: u64, _data: u64): u64 {
  return am_badarg;
}
// bif: erts_internal:abort_pending_connection/2
export function abortPendingConnection2(_node: u64, _connection: u64): u64 {
  return badarg();
}
// bif: erts_internal:new_connection/1
export function newConnection1(node: u64): u64 {
  if (!isAtom(node)) return badarg();
  return tuple2(smallOf(1), makeReference(newReferenceNumber()));
}
/** The sets of capabilities of OTP 25's distribution protocol. */
// bif: erts_internal:get_dflags/0
export function getDflags0(): u64 {
  const at = hAlloc(7);
  store<u64>(at, headerOf(SUB_TUPLE, 6));
  store<u64>(at, am_erts_dflags, 8);
  store<u64>(at, integerOfI64(55966662588), 16);
  store<u64>(at, smallOf(17239956), 24);
  store<u64>(at, integerOfI64(55966662588), 32);
  store<u64>(at, smallOf(8396866), 40);
  store<u64>(at, smallOf(8192), 48);
  return boxedOf(at);
}

/** The tag that the options ask for in the reply. */
function replyTag(options: u64): u64 {
  for (let rest = options; isList(rest); rest = tail(rest)) {
    const option = head(rest);
    if (!isTuple(option) || tupleArity(option) != 2) continue;
    if (tupleElement(option, 1) == am_reply_tag) return tupleElement(option, 2);
  }
  return am_spawn_reply;
}
/** Nobody is connected: the reply says so at once. */
// bif: erts_internal:dist_spawn_request/4
export function distSpawnRequest4(node: u64, what: u64, options: u64, _kind: u64): u64 {
  if (!isAtom(node) || what == NIL) return badarg();
  const reference = makeReference(newReferenceNumber());
  const message = tuple4(replyTag(options), reference, am_error, am_noconnection);
  return deliver(current, message) ? reference : outOfMemory();
}

// bif: erlang:dist_ctrl_get_data/1
export function distCtrlGetData1(_handle: u64): u64 {
  return notsup();
}
// bif: erlang:dist_ctrl_get_data_notification/1
export function distCtrlGetDataNotification1(_handle: u64): u64 {
  return notsup();
}
// bif: erlang:dist_ctrl_get_opt/2
export function distCtrlGetOpt2(_handle: u64, _option: u64): u64 {
  return notsup();
}
// bif: erlang:dist_ctrl_input_handler/2
export function distCtrlInputHandler2(_handle: u64, _pid: u64): u64 {
  return notsup();
}
// bif: erlang:dist_ctrl_set_opt/3
export function distCtrlSetOpt3(_handle: u64, _option: u64, _value: u64): u64 {
  return notsup();
}
// bif: erlang:dist_ctrl_put_data/2
export function distCtrlPutData2(_handle: u64, _data: u64): u64 {
  return badarg();
}
// bif: erlang:dist_get_stat/1
export function distGetStat1(_handle: u64): u64 {
  return badarg();
}

// ---- tags

// bif: erlang:dt_append_vm_tag_data/1
export function dtAppendVmTagData1(data: u64): u64 {
  return data;
}
// bif: erlang:dt_prepend_vm_tag_data/1
export function dtPrependVmTagData1(data: u64): u64 {
  return data;
}
// bif: erlang:dt_get_tag/0
export function dtGetTag0(): u64 {
  return am_undefined;
}
// bif: erlang:dt_get_tag_data/0
export function dtGetTagData0(): u64 {
  return am_undefined;
}
// bif: erlang:dt_put_tag/1
export function dtPutTag1(_tag: u64): u64 {
  return am_undefined;
}

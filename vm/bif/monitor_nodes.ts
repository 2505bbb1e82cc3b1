/**
 * process_flag(monitor_nodes | {monitor_nodes, Options}, Boolean), on which
 * net_kernel:monitor_nodes/1,2 stands: how often the process has subscribed with the same options.
 * No other node ever comes or goes, so there is no news.
 */
import { badarg, outOfMemory } from '../errors';
import {
  am_all,
  am_connection_id,
  am_false,
  am_hidden,
  am_list,
  am_node_type,
  am_nodedown_reason,
  am_true,
  am_visible,
} from '../gen/atoms';
import { P_ID } from '../gen/layout';
import { mapGet, mapSize } from '../maps';
import { monitorNodes } from '../relations';
import { current } from '../state';
import { NIL, NONE, isMap, smallOf } from '../term';

const INFORMATION_MAP: u32 = 1;
const CONNECTION_ID: u32 = 2;
const VISIBLE: u32 = 4;
const HIDDEN: u32 = 8;
const DOWN_REASON: u32 = 16;

/** The options as a set, -1 when they are wrong. */
function optionSet(options: u64): i32 {
  if (options == NIL) return 0;
  if (!isMap(options)) return -1;
  const asList = mapGet(options, am_list);
  const connection = mapGet(options, am_connection_id);
  const type = mapGet(options, am_node_type);
  const reason = mapGet(options, am_nodedown_reason);
  if (asList != NONE && asList != am_true) return -1;
  if (connection != NONE && connection != am_true && connection != am_false) return -1;
  if (reason != NONE && reason != am_true && reason != am_false) return -1;
  if (type != NONE && type != am_visible && type != am_hidden && type != am_all) return -1;
  let known: u32 = 0;
  if (asList != NONE) known++;
  if (connection != NONE) known++;
  if (type != NONE) known++;
  if (reason != NONE) known++;
  if (known != mapSize(options)) return -1;
  let set: u32 = asList == am_true ? 0 : INFORMATION_MAP;
  if (connection == am_true) set |= CONNECTION_ID;
  if (type == am_visible || type == am_all) set |= VISIBLE;
  if (type == am_hidden || type == am_all) set |= HIDDEN;
  if (reason == am_true) set |= DOWN_REASON;
  return set as i32;
}

export function monitorNodes2(options: u64, value: u64): u64 {
  const set = optionSet(options);
  if (set < 0 || (value != am_true && value != am_false)) return badarg();
  const before = monitorNodes(current, load<u64>(current, P_ID), set, value == am_true);
  return before < 0 ? outOfMemory() : smallOf(before);
}
